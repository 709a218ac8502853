//! What the use cases are about: accounts, organisations, settings and their changes, as the ports hand them over.

use std::collections::BTreeMap;

use audit::{Action, Draft};
use deidentify::Person;
use language::{Language, t};
use policy::{Chosen, OrgState, Setting, Timestamp};

use crate::access::{Who, difference};
use crate::terms::list_name;

/// A person who can sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    pub id: String,
    pub email: String,
    pub name: String,
    /// Set for the vendor's own people.
    pub staff: Option<StaffRole>,
    /// What was chosen; without a choice it is as the browser says.
    pub language: Option<Language>,
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
            Self::Support => t!("Support"),
            Self::Operator => t!("Operator"),
        }
    }
}

/// What an account may do in an organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Decides.
    Admin,
    /// Reads everything that shows what was decided, and takes evidence away.
    Auditor,
    /// Sees whether a space contributes.
    Member,
}

impl Role {
    pub const ALL: [Self; 3] = [Self::Admin, Self::Auditor, Self::Member];

    pub fn id(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Auditor => "auditor",
            Self::Member => "member",
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Admin => t!("Admin"),
            Self::Auditor => t!("Auditor"),
            Self::Member => t!("Member"),
        }
    }

    pub fn parse(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.id() == id)
    }
}

/// One look of the vendor's support at an organisation: for what, how long, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Review {
    pub id: String,
    pub account_id: String,
    /// The name of the account.
    pub by: String,
    pub purpose: Purpose,
    /// The number of the case at the vendor's desk.
    pub case: String,
    pub asked_at: Timestamp,
    /// When an admin allowed it, or when it began where nobody has to.
    pub starts_at: Option<Timestamp>,
    /// When its time is over; set with the start.
    pub ends_at: Option<Timestamp>,
    /// When it was ended before its time, or refused.
    pub ended_at: Option<Timestamp>,
    /// The account that ended or refused it.
    pub ended_by: Option<String>,
}

/// Why support looks at an organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    Question,
    Incident,
    Billing,
    Rights,
}

impl Purpose {
    pub const ALL: [Self; 4] = [Self::Question, Self::Incident, Self::Billing, Self::Rights];

    pub fn id(self) -> &'static str {
        match self {
            Self::Question => "question",
            Self::Incident => "incident",
            Self::Billing => "billing",
            Self::Rights => "rights",
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Question => t!("The organisation asked us a question"),
            Self::Incident => t!("We look into a fault"),
            Self::Billing => t!("A plan or subscription has to be checked"),
            Self::Rights => t!("A person asked about their data"),
        }
    }

    pub fn parse(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.id() == id)
    }
}

impl Review {
    /// Whether it is open at a time: begun, not ended, and its time not over.
    pub fn is_running(&self, now: Timestamp) -> bool {
        self.ended_at.is_none()
            && self.starts_at.is_some_and(|start| start <= now)
            && self.ends_at.is_some_and(|end| now < end)
    }

    /// Whether an admin has still to allow it.
    pub fn is_asked(&self) -> bool {
        self.starts_at.is_none() && self.ended_at.is_none()
    }

    /// Whether something can still come of it: it is asked for, or it is running.
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.is_asked() || self.is_running(now)
    }
}

/// A person with a role in an organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    pub account: Account,
    pub role: Role,
    /// The last sign-in that the organisation's audit log knows of.
    pub signed_in_at: Option<Timestamp>,
    /// Browsers that are signed in.
    pub sessions: u64,
}

/// An invitation that nobody has accepted yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    pub id: String,
    /// In small letters, as accounts have it.
    pub email: String,
    pub role: Role,
    /// The name of the account.
    pub invited_by: String,
    pub expires_at: Timestamp,
}

/// A browser that is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenSession {
    /// The first digits of the hash of its id, as in the audit log.
    pub digits: String,
    pub begun_at: Timestamp,
    pub seen_at: Timestamp,
    /// `Firefox`, as it called itself at sign-in.
    pub browser: Option<String>,
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
    pub by: Who,
    pub at: Timestamp,
    pub reason: String,
    /// The change that this one takes back.
    pub reverts: Option<String>,
    pub items: Vec<NewItem>,
}

impl NewChange {
    /// What the audit log says of it.
    pub fn entry(&self) -> Draft {
        let value = |chosen: Option<Chosen>| chosen.map(|chosen| if chosen.on { "on" } else { "off" });
        Draft {
            changes: self
                .items
                .iter()
                .map(|item| difference(&item.setting, value(item.old), value(item.new)))
                .collect(),
            reason: (!self.reason.is_empty()).then(|| self.reason.clone()),
            reverts: self.reverts.clone(),
            ..self.by.did(self.at, Action::SettingsChange, "settings", &self.id)
        }
    }
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
    pub by: Who,
    pub at: Timestamp,
    pub terms: Vec<NewTerm>,
    pub people: Option<NewPeople>,
}

impl NewKnowledge {
    /// What the audit log says of it: terms in full, of people only how many.
    pub fn entry(&self) -> Draft {
        let list = |removed: Option<bool>| removed.map(|removed| Language::English.scope(|| list_name(removed)));
        let (action, kind, changes) = match &self.people {
            None => {
                let change = |term: &NewTerm| difference(&term.term, list(term.old), list(term.new));
                (Action::TermsChange, "terms", self.terms.iter().map(change).collect())
            }
            Some(people) => {
                let PeopleDifference { added, changed, removed } = people.difference;
                let count = |what, count: u64| difference(what, None, Some(&count.to_string()));
                let changes = vec![count("added", added), count("changed", changed), count("removed", removed)];
                let action = if people.people.is_empty() { Action::PeopleDelete } else { Action::PeopleImport };
                (action, "people", changes)
            }
        };
        Draft { changes, ..self.by.did(self.at, action, kind, "") }
    }
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
