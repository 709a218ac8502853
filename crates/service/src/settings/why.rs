//! Why something contributes or does not: every rule that was asked, in words.

use policy::{Catalogue, Kind, OrgState, Setting, Target, Timestamp, decide};
use serde::Serialize;

use crate::Sluice;
use crate::access::ReadsOrg;
use crate::model::Snapshot;
use crate::settings::{SettingsError, app_name, label};
use crate::words;

/// A decision with its chain of rules, in the form that the page and the command line show.
#[derive(Clone, Debug, Serialize)]
pub struct Why {
    pub kind: Kind,
    pub contributes: bool,
    pub because: Vec<Step>,
}

#[derive(Clone, Debug, Serialize)]
pub struct Step {
    /// The rule's stable name.
    pub rule: &'static str,
    pub question: &'static str,
    pub answer: String,
    /// The rule that decided; the ones before it had nothing to say.
    pub decides: bool,
}

/// A target, what people call it, and the decision about each kind.
#[derive(Clone, Debug)]
pub struct Explanation {
    pub target: Target,
    pub label: String,
    pub setting: Option<Setting>,
    pub at: Timestamp,
    pub decisions: Vec<Why>,
}

/// Explains one target of an organisation at a time.
///
/// # Errors
/// [`SettingsError::NotFound`] if the organisation has no such space or connector.
pub async fn explain(
    sluice: &Sluice,
    cap: &impl ReadsOrg,
    target: &Target,
    at: Timestamp,
) -> Result<Explanation, SettingsError> {
    let snapshot = sluice.store.snapshot(&cap.org().id).await?.ok_or(SettingsError::NotFound)?;
    let label = target_label(sluice.catalogue(), &snapshot, target).ok_or(SettingsError::NotFound)?;
    Ok(Explanation {
        label,
        setting: Setting::entry_for(target),
        at,
        decisions: Kind::ALL
            .into_iter()
            .map(|kind| why(sluice.catalogue(), &snapshot.state, target, kind, at))
            .collect(),
        target: target.clone(),
    })
}

/// The decision about one target, with its reasons in words.
pub(crate) fn why(catalogue: &Catalogue, state: &OrgState, target: &Target, kind: Kind, at: Timestamp) -> Why {
    let decision = decide(catalogue, state, target, kind, at);
    let last = decision.because.len().saturating_sub(1);
    let because = decision
        .because
        .iter()
        .enumerate()
        .map(|(place, reason)| Step {
            rule: reason.rule().id(),
            question: words::question(reason.rule()),
            answer: words::reason(reason, catalogue, kind),
            decides: place == last,
        })
        .collect();
    Why { kind, contributes: decision.contributes, because }
}

/// What people call a target; none if the organisation has no such thing.
fn target_label(catalogue: &Catalogue, snapshot: &Snapshot, target: &Target) -> Option<String> {
    match target {
        Target::Organisation => Some(snapshot.org.name.clone()),
        Target::PlatformApp(id) => catalogue.platform_app(id).map(|app| app.name.clone()),
        Target::App(id) => catalogue.app(id).map(|_| app_name(catalogue, id).to_owned()),
        Target::Space { app, key } => snapshot
            .spaces
            .iter()
            .any(|space| space.app == *app && space.key == *key)
            .then(|| label(catalogue, snapshot, &Setting::Space { app: app.clone(), key: key.clone() })),
        Target::Connector(id) => snapshot.connector_names.get(id).cloned(),
    }
}
