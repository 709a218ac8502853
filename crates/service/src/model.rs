//! What the use cases are about: accounts, organisations, settings and their changes, as the ports hand them over.

use std::collections::BTreeMap;

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
