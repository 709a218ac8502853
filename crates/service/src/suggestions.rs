//! Suggestions for a new work item, from the current release and nothing else.
//!
//! The item is washed in memory as every item is and forgotten; nothing of it is stored, counted or logged. What an organisation
//! contributes has no part in what it is told: whoever asks about the same item is told the same.

use std::collections::BTreeMap;
use std::sync::Arc;

use deidentify::Item;
use patterns::{Observation, Suggestions, observe, suggest as suggest_from};
use policy::{Catalogue, Kind, OrgState, Plan, Subscription, Target, Timestamp};
use thiserror::Error;

use crate::Sluice;
use crate::access::KnowsOrg;
use crate::blocking::Stopped;
use crate::model::{OrgRef, Snapshot};
use crate::ports::StoreError;
use crate::preview::WASHING;
use crate::releases::{self, ReleaseError, ReleaseView};
use crate::target::target_of;
use crate::wash::{LeavingField, Wash};

#[derive(Debug, Error)]
pub enum SuggestionError {
    #[error("washing stopped: {0}")]
    Stopped(#[from] Stopped),
    #[error(transparent)]
    Release(#[from] ReleaseError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What is suggested for an item, and from what.
#[derive(Clone, Debug)]
pub struct Suggested {
    /// None before the first release: then there is nothing to suggest from.
    pub release: Option<ReleaseView>,
    /// What of the item was looked at: nothing else was.
    pub shows: Observation,
    /// For each of type, priority, duration and root cause up to three values, best first, or why there is none; and the
    /// phrases of the item that many organisations share. None before the first release.
    pub suggestions: Option<Suggestions>,
}

/// What the current release suggests for an item, washed with what the organisation knows of its people and terms. Fields that
/// the item has are used and not suggested.
///
/// # Errors
/// When the store fails.
pub async fn suggest(sluice: &Sluice, cap: &impl KnowsOrg, item: Item) -> Result<Suggested, SuggestionError> {
    let engine = sluice.engines.of(sluice, cap.org()).await?;
    let permit = WASHING.acquire().await.map_err(|_| Stopped::Cancelled)?;
    let (catalogue, at) = (Arc::clone(sluice.catalogue()), sluice.shown_at());
    let washing = tokio::task::spawn_blocking(move || {
        let _permit = permit;
        shown(&catalogue, &engine, &item, at)
    });
    let shows = washing.await.map_err(Stopped::from)?;
    from_current(sluice, shows).await
}

/// The same for what would leave of an item of an app, as a preview has it: pairs of a field and a value.
///
/// # Errors
/// When the store fails.
pub async fn suggest_for<'a>(
    sluice: &Sluice,
    app: &str,
    leaving: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Result<Suggested, SuggestionError> {
    let shows = observe(&sluice.catalogue().patterns.sources, app, leaving);
    from_current(sluice, shows).await
}

async fn from_current(sluice: &Sluice, shows: Observation) -> Result<Suggested, SuggestionError> {
    let current = releases::current(sluice).await?;
    let suggestions = current.as_ref().map(|current| suggest_from(&current.published, &shows));
    Ok(Suggested { release: current.map(|current| current.view.clone()), shows, suggestions })
}

/// What an item shows when everything of it that may ever leave is washed.
fn shown(catalogue: &Catalogue, engine: &deidentify::Deidentifier, item: &Item, at: Timestamp) -> Observation {
    let (app, target) = target_of(item);
    let snapshot = contributing(catalogue, &target, at);
    let washed = Wash { catalogue, snapshot: &snapshot, engine, at }.item(item);
    let leaving: Vec<LeavingField<'_>> = Kind::ALL.into_iter().flat_map(|kind| washed.leaving(kind)).collect();
    let pairs = leaving.iter().flat_map(|field| field.values.iter().map(|value| (field.field, *value)));
    observe(&catalogue.patterns.sources, app, pairs)
}

/// An organisation that contributes what may be contributed: what is read for a suggestion depends on no settings.
fn contributing(catalogue: &Catalogue, target: &Target, at: Timestamp) -> Snapshot {
    let on = |plan: &&Plan| Kind::ALL.into_iter().all(|kind| plan.rule(kind).default_on);
    let plan = catalogue.plans.iter().find(on).or(catalogue.plans.first());
    let app = match target {
        Target::Space { app, .. } => Some(app.as_str()),
        _ => catalogue.apps.first().map(|app| app.id.as_str()),
    };
    let from = catalogue.programme.announced.plus_days(-1).min(at);
    let subscription = |(plan, app): (&Plan, &str)| Subscription {
        app: app.to_owned(),
        plan: plan.id.clone(),
        trial: false,
        from,
        until: None,
    };
    Snapshot {
        org: OrgRef { id: String::new(), slug: String::new(), name: String::new() },
        version: 0,
        state: OrgState {
            created: from,
            subscriptions: plan.zip(app).map(subscription).into_iter().collect(),
            exemptions: Vec::new(),
            connectors: BTreeMap::new(),
            settings: BTreeMap::new(),
        },
        changed_at: BTreeMap::new(),
        spaces: Vec::new(),
        connector_names: BTreeMap::new(),
    }
}
