//! The settings of an organisation: showing them, explaining them, changing them.

pub mod all;
pub mod change;
pub mod clocks;
pub mod history;
pub mod page;
pub mod picker;
pub mod rows;
pub mod spaces;
pub mod summary;
pub mod why;

use language::t;
use policy::{Catalogue, Setting};
use thiserror::Error;

use crate::model::Snapshot;
use crate::ports::{ChangeError, StoreError};
use crate::words;

/// Why a change was not made. Each text says what is wrong and what to do, for a person to read.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Refusal {
    #[error("{}", t!("Nothing was chosen. Choose at least one app, space or connector."))]
    NothingChosen,
    #[error("{}", t!("{count} were chosen, and {limit} can be changed at once. Choose fewer, or choose the whole app.", count = language::count(*.count), limit = language::count(*.limit)))]
    TooMany { count: usize, limit: usize },
    #[error("{}", t!("There is no setting for {what} in this organisation. It may have been removed; load the page again.", what = .0))]
    Unknown(String),
    #[error("{0}")]
    Locked(String),
    #[error("{}", t!("This makes data start to leave, so it has to be reviewed first."))]
    NeedsReview,
    #[error("{}", t!("Someone else changed this in the meantime."))]
    Conflict(Vec<Difference>),
    #[error("{}", t!("The settings changed while you were reviewing. Nothing was saved: look at the review again and confirm it."))]
    Moved,
    #[error("{}", t!("Say why, in a few words. The reason is kept in the history."))]
    ReasonMissing,
    #[error("{}", t!("The reason has {count} characters; {limit} fit. Shorten it.", count, limit))]
    ReasonTooLong { count: usize, limit: usize },
    #[error("{}", t!("Type the organisation's name, {name}, to confirm.", name = .0))]
    NameMissing(String),
    #[error("{}", t!("Type your password to confirm that it is you."))]
    PasswordMissing,
    #[error("{}", t!("That is not your password."))]
    PasswordWrong,
    #[error("{}", t!("Your password was not checked, because too many were typed at this moment. Wait a minute and confirm again."))]
    PasswordUnchecked,
    #[error("{0}")]
    CannotUndo(String),
}

/// A setting that two people changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    pub setting: Setting,
    pub label: String,
    pub theirs: Option<bool>,
    pub yours: Option<bool>,
}

/// A refusal or a failing store.
#[derive(Debug, Error)]
pub enum SettingsError {
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error("there is no such organisation, change or setting")]
    NotFound,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<ChangeError<Refusal>> for SettingsError {
    fn from(error: ChangeError<Refusal>) -> Self {
        match error {
            ChangeError::Refused(refusal) => Self::Refused(refusal),
            ChangeError::Store(error) => Self::Store(error),
        }
    }
}

/// What people call a setting where several apps meet: as [`label`], with the app before a space: `Jira › Website (WEB)`.
pub fn full_label(catalogue: &Catalogue, snapshot: &Snapshot, setting: &Setting) -> String {
    let label = label(catalogue, snapshot, setting);
    match setting {
        Setting::Space { app, .. } => format!("{} › {label}", app_name(catalogue, app)),
        _ => label,
    }
}

/// What people call a setting: `In-app data`, `Jira`, `Human Resources (HR)`, `Drive`.
pub fn label(catalogue: &Catalogue, snapshot: &Snapshot, setting: &Setting) -> String {
    match setting {
        Setting::Organisation(kind) => words::kind(*kind).to_owned(),
        Setting::App(app) => app_name(catalogue, app).to_owned(),
        Setting::Space { app, key } => snapshot
            .spaces
            .binary_search_by(|space| (space.app.as_str(), space.key.as_str()).cmp(&(app.as_str(), key.as_str())))
            .ok()
            .and_then(|at| snapshot.spaces.get(at))
            .map_or_else(|| key.clone(), |space| format!("{} ({})", space.name, space.key)),
        Setting::Connector(id) => snapshot.connector_names.get(id).unwrap_or(id).clone(),
    }
}

pub fn app_name<'a>(catalogue: &'a Catalogue, app: &'a str) -> &'a str {
    let platform_app = || catalogue.platform_app(app).map(|app| app.name.as_str());
    catalogue.app(app).map(|app| app.name.as_str()).or_else(platform_app).unwrap_or(app)
}

/// `On`, `Off` or, without an entry, `Not set`.
pub fn value_name(on: Option<bool>) -> &'static str {
    on.map_or_else(|| t!("Not set"), words::on_off)
}
