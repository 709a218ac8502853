//! What the wash of an organisation knows: its directory of people and its dictionary of terms, and who changed them.
//!
//! Only [`KnowsOrg`] opens it: an organisation's admins and the machine's operator. Everyone else who may look at an
//! organisation sees [`KnowledgeCounts`].

use deidentify::Dictionary;
use language::t;
use thiserror::Error;

use crate::Sluice;
use crate::access::{KnowsOrg, OrgAdmin, ReadsOrg};
use crate::model::{Knowledge, KnowledgeChange, KnowledgeCounts, NewKnowledge, Term};
use crate::ports::{ChangeError, StoreError};

/// Changes that a page shows.
const CHANGES_SHOWN: u32 = 20;

/// Why terms or people were not changed. Each text says what is wrong and what to do, for a person to read.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum KnowledgeRefusal {
    #[error("{}", t!("No term was typed. Write at least one, each on a line of its own."))]
    NothingTyped,
    /// A sentence for each term that cannot be taken.
    #[error("{}", .0.join(" "))]
    Terms(Vec<String>),
    #[error("{}", t!("That would make {count} terms, and {limit} fit. Delete terms that no longer matter, or add people to the directory instead.", count = language::count(*.count), limit = language::count(*.limit)))]
    TooManyTerms { count: usize, limit: usize },
    /// What is wrong with a file of people, a sentence each.
    #[error("{}", .0.join(" "))]
    File(Vec<String>),
    #[error("{}", t!("The directory or the terms changed while you were looking. Look at the summary again and confirm it."))]
    Moved,
    #[error("{}", t!("Tick the box to confirm that everyone is to be deleted from the directory."))]
    NotConfirmed,
}

/// A refusal or a failing store.
#[derive(Debug, Error)]
pub enum KnowledgeError {
    #[error(transparent)]
    Refused(#[from] KnowledgeRefusal),
    /// A file that was held is not there any more.
    #[error("there is no such file")]
    Gone,
    #[error("reading the file stopped: {0}")]
    Failed(String),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<ChangeError<KnowledgeRefusal>> for KnowledgeError {
    fn from(error: ChangeError<KnowledgeRefusal>) -> Self {
        match error {
            ChangeError::Refused(refusal) => Self::Refused(refusal),
            ChangeError::Store(error) => Self::Store(error),
        }
    }
}

impl Knowledge {
    /// The terms as the engine takes them.
    pub fn dictionary(&self) -> Dictionary {
        dictionary(&self.terms)
    }
}

pub(crate) fn dictionary(terms: &[Term]) -> Dictionary {
    let of = |removed| terms.iter().filter(|term| term.removed == removed).map(|term| term.term.clone()).collect();
    Dictionary { always: of(true), never: of(false) }
}

/// How many terms and people there are.
///
/// # Errors
/// When the store fails.
pub async fn counts(sluice: &Sluice, cap: &impl ReadsOrg) -> Result<KnowledgeCounts, StoreError> {
    sluice.store.knowledge_counts(&cap.org().id).await
}

/// Everything, for the wash.
///
/// # Errors
/// When the store fails.
pub async fn knowledge(sluice: &Sluice, cap: &impl KnowsOrg) -> Result<Knowledge, StoreError> {
    sluice.store.knowledge(&cap.org().id).await
}

/// The last changes, newest first.
///
/// # Errors
/// When the store fails.
pub async fn changes(sluice: &Sluice, cap: &impl KnowsOrg) -> Result<Vec<KnowledgeChange>, StoreError> {
    sluice.store.knowledge_changes(&cap.org().id, CHANGES_SHOWN).await
}

pub(crate) async fn write(
    sluice: &Sluice,
    admin: &OrgAdmin,
    decide: impl Fn(i64, &[Term]) -> Result<Option<NewKnowledge>, KnowledgeRefusal> + Send + Sync,
) -> Result<Option<i64>, KnowledgeError> {
    Ok(sluice.store.change_knowledge(&admin.org().id, &decide).await?)
}
