//! What the use cases are about: accounts, organisations, settings and their changes, as the ports hand them over.

use std::collections::BTreeMap;

use deidentify::Person;
use policy::{Chosen, OrgState, Setting, Timestamp};

/// A person who can sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    pub id: String,
    pub email: String,
    pub name: String,
    /// Set for the vendor's own people.
    pub staff: Option<StaffRole>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StaffRole {
    Support,
    Operator,
}

impl StaffRole {
    pub fn id(self) -> &'static str {
        match self {
            Self::Support => "support",
            Self::Operator => "operator",
        }
    }

    pub fn parse(id: &str) -> Option<Self> {
        [Self::Support, Self::Operator].into_iter().find(|role| role.id() == id)
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Support => "Support",
            Self::Operator => "Operator",
        }
    }
}

/// What an account may do in an organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Admin,
}

impl Role {
    pub fn id(self) -> &'static str {
        match self {
            Self::Admin => "admin",
        }
    }

    pub fn parse(id: &str) -> Option<Self> {
        (id == Self::Admin.id()).then_some(Self::Admin)
    }
}

/// Which organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrgRef {
    pub id: String,
    pub slug: String,
    pub name: String,
}

/// An organisation with all that a decision and the settings page need, read at one moment.
#[derive(Clone, Debug)]
pub struct Snapshot {
    pub org: OrgRef,
    /// Counts the changes of its settings.
    pub version: i64,
    pub state: OrgState,
    /// The version at which each setting last changed, settings that were removed included.
    pub changed_at: BTreeMap<Setting, i64>,
    /// In the order of app, then key.
    pub spaces: Vec<Space>,
    /// Connector id to its name.
    pub connector_names: BTreeMap<String, String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Space {
    pub app: String,
    pub key: String,
    pub name: String,
}

/// A change that was decided on and is to be written.
#[derive(Clone, Debug)]
pub struct NewChange {
    pub id: String,
    pub account_id: String,
    pub at: Timestamp,
    pub reason: String,
    /// The change that this one takes back.
    pub reverts: Option<String>,
    pub items: Vec<NewItem>,
}

#[derive(Clone, Debug)]
pub struct NewItem {
    pub setting: Setting,
    pub old: Option<Chosen>,
    /// `at` is the change's own time, except when an undo restores what was chosen earlier.
    pub new: Option<Chosen>,
}

/// A change as it stands in the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub id: String,
    pub version: i64,
    pub account_id: String,
    pub account_name: String,
    pub at: Timestamp,
    pub reason: String,
    pub reverts: Option<String>,
    pub items: Vec<ChangeItem>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeItem {
    pub setting: Setting,
    pub old: Option<Chosen>,
    pub new: Option<Chosen>,
}

/// A term of an organisation's dictionary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// As it was typed.
    pub term: String,
    /// How it is compared: see [`deidentify::term_key`].
    pub folded: String,
    /// Always removed; otherwise never.
    pub removed: bool,
    pub added_at: Timestamp,
    /// The name of the account.
    pub added_by: String,
}

/// Everything that the wash of an organisation knows, read at one moment.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Knowledge {
    /// Counts the changes of terms and people.
    pub version: i64,
    /// In the order of their folded form.
    pub terms: Vec<Term>,
    /// In the order of the directory.
    pub people: Vec<Person>,
}

impl std::fmt::Debug for Knowledge {
    /// Shows nobody.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (terms, people) = (self.terms.len(), self.people.len());
        f.debug_struct("Knowledge")
            .field("version", &self.version)
            .field("terms", &terms)
            .field("people", &people)
            .finish()
    }
}

/// How much that is: what everyone may see who may look at the organisation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnowledgeCounts {
    pub version: i64,
    pub removed_terms: u64,
    pub kept_terms: u64,
    pub sources: Vec<PeopleSource>,
}

impl KnowledgeCounts {
    pub fn people(&self) -> u64 {
        self.sources.iter().map(|source| source.people).sum()
    }
}

/// Where people of the directory came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeopleSource {
    pub source: String,
    pub people: u64,
    pub imported_at: Timestamp,
    /// The name of the account.
    pub imported_by: String,
}

/// A person of the directory and their place in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedPerson {
    pub source: String,
    pub place: i64,
    pub person: Person,
}

/// A change of terms or people that was decided on and is to be written.
#[derive(Clone, Debug)]
pub struct NewKnowledge {
    pub account_id: String,
    pub at: Timestamp,
    pub terms: Vec<NewTerm>,
    pub people: Option<NewPeople>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewTerm {
    pub term: String,
    pub folded: String,
    /// Always removed, never removed, or not in the dictionary.
    pub old: Option<bool>,
    pub new: Option<bool>,
}

/// People who take the place of all that their source had.
#[derive(Clone, Debug)]
pub struct NewPeople {
    pub source: String,
    /// Each with its folded text, in the order of the list.
    pub people: Vec<(Person, String)>,
    pub difference: PeopleDifference,
}

/// How many came, changed and went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PeopleDifference {
    pub added: u64,
    pub changed: u64,
    pub removed: u64,
}

/// A change of terms or people as it stands in the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnowledgeChange {
    pub version: i64,
    pub account_name: String,
    pub at: Timestamp,
    pub terms: Vec<NewTerm>,
    pub people: PeopleDifference,
}
