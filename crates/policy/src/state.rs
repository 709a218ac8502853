//! What an organisation is and what its admins chose: everything that a decision reads besides the catalogue.
//!
//! The settings are one map from a setting to what was chosen for it, so the order of edits cannot matter and no target
//! can be on the include list and on the exclude list at once: the include list is the entries that are on, the exclude
//! list the entries that are off.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::Timestamp;

/// The two kinds of data that are decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    Metadata,
    InApp,
}

impl Kind {
    pub const ALL: [Self; 2] = [Self::Metadata, Self::InApp];

    pub fn id(self) -> &'static str {
        match self {
            Self::Metadata => "metadata",
            Self::InApp => "in-app",
        }
    }
}

impl FromStr for Kind {
    type Err = ParseSettingError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|kind| kind.id() == text).ok_or_else(|| ParseSettingError(text.to_owned()))
    }
}

/// Whose data a decision is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Target {
    /// The organisation itself: content outside every app and space.
    Organisation,
    PlatformApp(String),
    App(String),
    Space {
        app: String,
        key: String,
    },
    Connector(String),
}

/// `organisation`, `platform:rovo`, and for the rest the form of their setting.
impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Organisation => f.write_str("organisation"),
            Self::PlatformApp(id) => write!(f, "platform:{id}"),
            _ => Setting::entry_for(self).map_or(Ok(()), |setting| setting.fmt(f)),
        }
    }
}

impl FromStr for Target {
    type Err = ParseSettingError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "organisation" {
            return Ok(Self::Organisation);
        }
        if let Some(id) = text.strip_prefix("platform:") {
            return Ok(Self::PlatformApp(id.to_owned()));
        }
        Setting::from_str(text).map(|setting| setting.target())
    }
}

/// Something an admin can choose.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Setting {
    /// The organisation's switch for one kind.
    Organisation(Kind),
    /// An entry for in-app data of a whole app.
    App(String),
    Space {
        app: String,
        key: String,
    },
    Connector(String),
}

impl Setting {
    pub fn kind(&self) -> Kind {
        match self {
            Self::Organisation(kind) => *kind,
            _ => Kind::InApp,
        }
    }

    pub fn target(&self) -> Target {
        match self {
            Self::Organisation(_) => Target::Organisation,
            Self::App(app) => Target::App(app.clone()),
            Self::Space { app, key } => Target::Space { app: app.clone(), key: key.clone() },
            Self::Connector(id) => Target::Connector(id.clone()),
        }
    }

    /// The entry that would decide about a target alone; none for what has no switch of its own.
    pub fn entry_for(target: &Target) -> Option<Self> {
        match target {
            Target::Organisation | Target::PlatformApp(_) => None,
            Target::App(app) => Some(Self::App(app.clone())),
            Target::Space { app, key } => Some(Self::Space { app: app.clone(), key: key.clone() }),
            Target::Connector(id) => Some(Self::Connector(id.clone())),
        }
    }
}

/// `metadata`, `in-app`, `app:jira`, `space:jira/HR`, `connector:drive`: the form in URLs, forms and the database.
impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Organisation(kind) => f.write_str(kind.id()),
            Self::App(app) => write!(f, "app:{app}"),
            Self::Space { app, key } => write!(f, "space:{app}/{key}"),
            Self::Connector(id) => write!(f, "connector:{id}"),
        }
    }
}

/// A text that names no setting.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("`{0}` names no setting")]
pub struct ParseSettingError(pub String);

impl FromStr for Setting {
    type Err = ParseSettingError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || ParseSettingError(text.chars().take(80).collect());
        if let Ok(kind) = text.parse() {
            return Ok(Self::Organisation(kind));
        }
        let (what, name) = text.split_once(':').filter(|(_, name)| !name.is_empty()).ok_or_else(wrong)?;
        match what {
            "app" => Ok(Self::App(name.to_owned())),
            "connector" => Ok(Self::Connector(name.to_owned())),
            "space" => name
                .split_once('/')
                .filter(|(app, key)| !app.is_empty() && !key.is_empty())
                .map(|(app, key)| Self::Space { app: app.to_owned(), key: key.to_owned() })
                .ok_or_else(wrong),
            _ => Err(wrong()),
        }
    }
}

/// What was chosen for a setting, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chosen {
    pub on: bool,
    pub at: Timestamp,
}

/// A wish for one setting: on, off, or no entry any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    pub setting: Setting,
    pub on: Option<bool>,
}

/// A plan for one app over a time. `until` is exclusive; a subscription without it goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    pub app: String,
    pub plan: String,
    pub trial: bool,
    pub from: Timestamp,
    pub until: Option<Timestamp>,
}

impl Subscription {
    pub fn active(&self, at: Timestamp) -> bool {
        within(self.from, self.until, at)
    }
}

/// An exemption over a time. `until` is exclusive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExemptionPeriod {
    pub exemption: String,
    pub from: Timestamp,
    pub until: Option<Timestamp>,
}

impl ExemptionPeriod {
    pub fn active(&self, at: Timestamp) -> bool {
        within(self.from, self.until, at)
    }
}

fn within(from: Timestamp, until: Option<Timestamp>, at: Timestamp) -> bool {
    from <= at && until.is_none_or(|until| at < until)
}

/// A connector that the organisation set up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connector {
    pub kind: String,
    pub added: Timestamp,
}

/// An organisation as the decision sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrgState {
    pub created: Timestamp,
    pub subscriptions: Vec<Subscription>,
    pub exemptions: Vec<ExemptionPeriod>,
    /// By id.
    pub connectors: BTreeMap<String, Connector>,
    pub settings: BTreeMap<Setting, Chosen>,
}

impl OrgState {
    pub fn chosen(&self, setting: &Setting) -> Option<Chosen> {
        self.settings.get(setting).copied()
    }

    /// The state after some edits made at one time.
    #[must_use]
    pub fn with(&self, edits: &[Edit], at: Timestamp) -> Self {
        let mut after = self.clone();
        for edit in edits {
            match edit.on {
                Some(on) => after.settings.insert(edit.setting.clone(), Chosen { on, at }),
                None => after.settings.remove(&edit.setting),
            };
        }
        after
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_reads_back_as_it_was_written() {
        for text in ["metadata", "in-app", "app:jira", "space:jira/HR", "space:confluence/~a/b", "connector:drive"] {
            assert_eq!(text.parse::<Setting>().unwrap().to_string(), text);
        }
        for text in ["organisation", "platform:rovo", "app:jira", "space:jira/HR", "connector:drive"] {
            assert_eq!(text.parse::<Target>().unwrap().to_string(), text);
        }
        for text in ["", "org", "app:", "space:jira", "space:/HR", "space:jira/", "user:maya"] {
            assert!(text.parse::<Setting>().is_err(), "{text:?} should name no setting");
        }
    }
}
