//! What the use cases need from outside: the control plane's store and a clock.
//!
//! Repositories are reached through a capability only (see [`crate::access`]); the methods here take plain ids because
//! the use cases have checked by then who is asking.

use std::fmt;

use async_trait::async_trait;
use policy::{Setting, Timestamp};
use thiserror::Error;

use crate::knowledge::KnowledgeRefusal;
use crate::model::{
    Account, Change, Knowledge, KnowledgeChange, KnowledgeCounts, ListedPerson, NewChange, NewKnowledge, OrgRef, Role,
    Snapshot, Space, Term,
};

/// The time now. A port, so that a test can stand at any moment.
pub trait Clock: fmt::Debug + Send + Sync {
    fn now(&self) -> Timestamp;
}

/// The store failed. What it said is for the log only, never for a person.
#[derive(Debug, Error)]
#[error("the database did not do what was asked: {0}")]
pub struct StoreError(#[source] pub Box<dyn std::error::Error + Send + Sync>);

pub type StoreResult<T> = Result<T, StoreError>;

/// Decides, inside the transaction, what to write. `None` writes nothing.
pub type Decide<'a, E> = &'a (dyn Fn(&Snapshot) -> Result<Option<NewChange>, E> + Send + Sync);

/// Why a change was not written.
#[derive(Debug)]
pub enum ChangeError<E> {
    Refused(E),
    Store(StoreError),
}

impl<E> From<StoreError> for ChangeError<E> {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

#[async_trait]
pub trait Accounts: Send + Sync {
    /// The account of an e-mail address and its password hash.
    async fn account_by_email(&self, email: &str) -> StoreResult<Option<(Account, String)>>;

    async fn account(&self, id: &str) -> StoreResult<Option<Account>>;

    async fn all_accounts(&self) -> StoreResult<Vec<Account>>;

    /// The organisations in which an account has a role, by name.
    async fn organisations_of(&self, account_id: &str) -> StoreResult<Vec<(OrgRef, Role)>>;

    async fn all_organisations(&self) -> StoreResult<Vec<OrgRef>>;

    async fn organisation(&self, slug: &str) -> StoreResult<Option<OrgRef>>;
}

/// An organisation's settings and their history.
#[async_trait]
pub trait Settings: Send + Sync {
    /// Everything about an organisation, as of one moment.
    async fn snapshot(&self, org_id: &str) -> StoreResult<Option<Snapshot>>;

    /// The last changes, newest first: of one setting or of all, below a version if one is given.
    async fn changes(
        &self,
        org_id: &str,
        setting: Option<&Setting>,
        below: Option<i64>,
        limit: u32,
    ) -> StoreResult<Vec<Change>>;

    async fn change(&self, org_id: &str, change_id: &str) -> StoreResult<Option<Change>>;
}

/// The one way to write a setting.
///
/// Reads the organisation, lets `decide` look at it, and writes the change with its history, all in one transaction that
/// no other change of the same organisation can enter. Either everything is there afterwards or nothing.
#[async_trait]
pub trait ChangeSettings: Send + Sync {
    async fn apply(
        &self,
        org_id: &str,
        decide: Decide<'_, crate::settings::Refusal>,
    ) -> Result<Option<i64>, ChangeError<crate::settings::Refusal>>;
}

/// Decides, inside the transaction, what to write about the terms as they stand at a version. `None` writes nothing.
pub type DecideKnowledge<'a> =
    &'a (dyn Fn(i64, &[Term]) -> Result<Option<NewKnowledge>, KnowledgeRefusal> + Send + Sync);

/// What the wash of an organisation knows, and its history.
#[async_trait]
pub trait KeepKnowledge: Send + Sync {
    async fn knowledge_counts(&self, org_id: &str) -> StoreResult<KnowledgeCounts>;

    /// Everything, as of one moment.
    async fn knowledge(&self, org_id: &str) -> StoreResult<Knowledge>;

    /// In the order of their folded form.
    async fn terms(&self, org_id: &str) -> StoreResult<Vec<Term>>;

    /// Some people in the order of the directory: those whose folded text has `search` in it, after a source and place.
    async fn people(
        &self,
        org_id: &str,
        search: &str,
        after: Option<(&str, i64)>,
        limit: u32,
    ) -> StoreResult<Vec<ListedPerson>>;

    /// The last changes, newest first.
    async fn knowledge_changes(&self, org_id: &str, limit: u32) -> StoreResult<Vec<KnowledgeChange>>;

    /// The one way to write a term or a person: everything and its history in one transaction, or nothing. Returns the
    /// version that it became.
    async fn change_knowledge(
        &self,
        org_id: &str,
        decide: DecideKnowledge<'_>,
    ) -> Result<Option<i64>, ChangeError<KnowledgeRefusal>>;
}

/// What setting up an installation needs.
#[async_trait]
pub trait Installation: Send + Sync {
    /// Whether this database holds the demo organisations and nothing else.
    async fn is_demo(&self) -> StoreResult<bool>;

    async fn is_empty(&self) -> StoreResult<bool>;

    /// Writes everything of a demo in one transaction and marks the database as one.
    async fn install_demo(&self, demo: &Demo) -> StoreResult<()>;
}

/// Everything that a demo database holds.
#[derive(Debug, Default)]
pub struct Demo {
    pub accounts: Vec<(Account, String)>,
    pub organisations: Vec<DemoOrganisation>,
}

#[derive(Debug)]
pub struct DemoOrganisation {
    pub org: OrgRef,
    pub state: policy::OrgState,
    pub spaces: Vec<Space>,
    pub connector_names: Vec<(String, String)>,
    pub admins: Vec<String>,
    pub changes: Vec<NewChange>,
    pub knowledge: Vec<NewKnowledge>,
}

/// The control plane as the server holds it.
pub trait ControlPlane: Accounts + Settings + ChangeSettings + KeepKnowledge + Installation + fmt::Debug {}

impl<T: Accounts + Settings + ChangeSettings + KeepKnowledge + Installation + fmt::Debug> ControlPlane for T {}
