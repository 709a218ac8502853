//! How things stood on a date, and a pack of evidence that an auditor takes away and checks elsewhere.
//!
//! The state on a date is the state now with every later change taken back, decided by the same function at that time. A pack
//! is a ZIP file whose list of hashes is signed; [`check`] needs nothing but the file and the public key.

mod archive;
mod pack;

use std::collections::BTreeSet;

use language::t;
use policy::{Kind, Setting, Timestamp};

use crate::Sluice;
use crate::access::ReadsOrg;
use crate::model::{Change, OrgRef, Snapshot};
use crate::settings::clocks::taken_back;
use crate::settings::rows::row;
use crate::settings::{SettingsError, full_label, summary};

pub use archive::ArchiveError;
pub use pack::{Checked, PackError, PackFault, check, export};

/// Changes that are read at once.
const CHANGES_AT_ONCE: u32 = 500;

/// How an organisation stood at a time.
#[derive(Clone, Debug)]
pub struct StateOn {
    pub org: OrgRef,
    pub at: Timestamp,
    /// Of the settings: counts their changes.
    pub version: i64,
    pub plan: String,
    pub subscriptions: Vec<SubscriptionOn>,
    /// What left, in a sentence.
    pub sentence: String,
    pub decisions: Vec<DecisionOn>,
    /// Changes until then, newest first.
    pub changes: Vec<ChangeOn>,
    pub catalogue: String,
}

#[derive(Clone, Debug)]
pub struct SubscriptionOn {
    pub app: String,
    pub plan: String,
    pub trial: bool,
    pub from: Timestamp,
    pub until: Option<Timestamp>,
}

/// A line of the decision table.
#[derive(Clone, Debug)]
pub struct DecisionOn {
    pub setting: Setting,
    pub label: String,
    pub kind: Kind,
    pub contributes: bool,
    /// What an admin had chosen, and when.
    pub chosen: Option<(bool, Timestamp)>,
    pub because: String,
}

#[derive(Clone, Debug)]
pub struct ChangeOn {
    pub id: String,
    pub version: i64,
    pub who: String,
    pub at: Timestamp,
    pub reason: String,
    pub reverts: Option<String>,
    /// What was changed, from, to.
    pub items: Vec<(String, Option<bool>, Option<bool>)>,
}

/// The time that was asked for: the end of a day, or an exact time; without either, now.
///
/// # Errors
/// What is wrong with it, in a sentence.
pub fn asked_time(sluice: &Sluice, text: &str) -> Result<Timestamp, String> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(sluice.now());
    }
    Timestamp::parse_as_of(text)
        .ok_or_else(|| t!("“{text}” is no day. Write it as 2026-09-30, or with a time as 2026-09-30T12:00:00Z.", text))
}

/// How things stood at a time: the settings, the plan and every decision that differs from its surroundings.
///
/// # Errors
/// When the organisation is gone or the store fails.
pub async fn state_on(sluice: &Sluice, cap: &impl ReadsOrg, at: Timestamp) -> Result<StateOn, SettingsError> {
    Ok(Rewound::to(sluice, cap, at).await?.told(sluice))
}

/// An organisation as it was at a time.
struct Rewound {
    at: Timestamp,
    snapshot: Snapshot,
    /// Until then, newest first.
    changes: Vec<Change>,
}

impl Rewound {
    /// Takes back every change after `at`.
    async fn to(sluice: &Sluice, cap: &impl ReadsOrg, at: Timestamp) -> Result<Self, SettingsError> {
        let at = at.min(sluice.now());
        let mut snapshot = sluice.store.snapshot(&cap.org().id).await?.ok_or(SettingsError::NotFound)?;
        let mut until_then: Vec<Change> = Vec::new();
        let mut below = snapshot.version + 1;
        loop {
            let changes = sluice.store.changes(&snapshot.org.id, None, Some(below), CHANGES_AT_ONCE).await?;
            let Some(last) = changes.last() else { break };
            below = last.version;
            for change in changes {
                if change.at <= at {
                    until_then.push(change);
                    continue;
                }
                snapshot.state = taken_back(&snapshot.state, &change);
            }
        }
        snapshot.version = until_then.first().map_or(0, |change| change.version);
        snapshot.state.connectors.retain(|_, connector| connector.added <= at);
        snapshot.state.subscriptions.retain(|subscription| subscription.from <= at);
        snapshot.state.exemptions.retain(|period| period.from <= at);
        Ok(Self { at, snapshot, changes: until_then })
    }

    /// The same in the language that is spoken.
    fn told(&self, sluice: &Sluice) -> StateOn {
        let Self { at, snapshot, changes } = self;
        let (at, state, catalogue) = (*at, &snapshot.state, sluice.catalogue());
        let standing = policy::standing(catalogue, state, at);
        let mut shown: BTreeSet<Setting> = state.settings.keys().cloned().collect();
        shown.extend(Kind::ALL.map(Setting::Organisation));
        shown.extend(catalogue.apps.iter().map(|app| Setting::App(app.id.clone())));
        shown.extend(state.connectors.keys().cloned().map(Setting::Connector));
        let decision = |setting: Setting| {
            let row = row(catalogue, snapshot, &setting, at);
            DecisionOn {
                label: full_label(catalogue, snapshot, &setting),
                kind: setting.kind(),
                contributes: row.on,
                chosen: state.chosen(&setting).map(|chosen| (chosen.on, chosen.at)),
                because: row.because,
                setting,
            }
        };
        let subscriptions = state.subscriptions.iter().filter(|subscription| subscription.active(at));
        StateOn {
            at,
            version: snapshot.version,
            plan: crate::overview::plan_name(catalogue, &standing),
            subscriptions: subscriptions
                .map(|subscription| SubscriptionOn {
                    app: crate::settings::app_name(catalogue, &subscription.app).to_owned(),
                    plan: catalogue.plan(&subscription.plan).map_or(&subscription.plan, |plan| &plan.name).clone(),
                    trial: subscription.trial,
                    from: subscription.from,
                    until: subscription.until,
                })
                .collect(),
            sentence: summary::sentence_on(catalogue, snapshot, at),
            decisions: shown.into_iter().map(decision).collect(),
            changes: changes.iter().map(|change| change_on(sluice, snapshot, change)).collect(),
            catalogue: catalogue.version.clone(),
            org: snapshot.org.clone(),
        }
    }
}

fn change_on(sluice: &Sluice, snapshot: &Snapshot, change: &Change) -> ChangeOn {
    let on = |chosen: Option<policy::Chosen>| chosen.map(|chosen| chosen.on);
    let items = change.items.iter();
    ChangeOn {
        items: items
            .map(|item| (full_label(sluice.catalogue(), snapshot, &item.setting), on(item.old), on(item.new)))
            .collect(),
        id: change.id.clone(),
        version: change.version,
        who: change.account_name.clone(),
        at: change.at,
        reason: change.reason.clone(),
        reverts: change.reverts.clone(),
    }
}
