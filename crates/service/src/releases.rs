//! Releases: the patterns that many organisations share, as they were published, each with a report of what was not.
//!
//! A release is made by a run ([`run`]) and never changed. Nothing of any one organisation stands in it, so whoever may look
//! at pages may look at it; which organisations it was computed with is known to their own receipts only.

mod part;
pub mod run;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

pub use patterns::{Dimension, Score, group_of};
use patterns::{Measure, Published, Report, Rules};
use policy::Timestamp;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::Sluice;
use crate::ports::{KeptRelease, StoreError};
pub(crate) use part::open as open_part;
use run::Run;

/// Releases on one page of the list.
pub const MOST: u32 = 50;

#[derive(Debug, Error)]
pub enum ReleaseError {
    #[error("there is no such release")]
    NotFound,
    #[error("a release cannot be read")]
    Unreadable,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A release without its cells: what a list, a report and the foot of every suggestion show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseView {
    /// From 1; the highest is the current one.
    pub version: i64,
    /// `2026-11`, or `2026-Q4`.
    pub period: String,
    pub made_at: Timestamp,
    /// The version of the catalogue.
    pub catalogue: String,
    /// It was made on the demo's database with thresholds that are too low for real people. Wherever the release or anything
    /// from it is shown, this has to be said.
    pub demonstration: bool,
    /// The thresholds and limits that held.
    pub rules: Rules,
    /// Organisations that it was computed with.
    pub organisations: u32,
    pub report: Report,
    /// How often suggestions from it are right on the items that were held back, beside always saying the most common value.
    pub measure: Measure,
    /// Organisations that it was computed with and that took something back since. The next release is without that.
    pub withdrawn_since: i64,
}

/// What the page of releases shows.
#[derive(Clone, Debug)]
pub struct ReleasesPage {
    pub now: Timestamp,
    /// Newest first.
    pub releases: Vec<ReleaseView>,
    /// The run that is under way, or the last one.
    pub run: Option<Run>,
}

/// A release with its cells.
#[derive(Debug)]
pub struct Current {
    pub view: ReleaseView,
    pub published: Published,
}

/// The current release, read once and kept in memory: it never changes, and every suggestion needs all of it.
#[derive(Clone, Default)]
pub struct Reading(Arc<Mutex<Option<Arc<Current>>>>);

impl fmt::Debug for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Reading")
    }
}

/// What stands of a release beside its report, its measure and its cells.
#[derive(Debug, Deserialize, Serialize)]
struct Head {
    demonstration: bool,
    rules: Rules,
    organisations: u32,
    within: serde_json::Value,
}

/// Releases, newest first, below a version if one is given, and the last run.
///
/// # Errors
/// When the store fails.
pub async fn page(sluice: &Sluice, below: Option<i64>, limit: u32) -> Result<ReleasesPage, ReleaseError> {
    let kept = sluice.store.releases(below, limit.min(MOST)).await?;
    let releases = kept.into_iter().map(view).collect::<Result<_, _>>()?;
    let run = sluice.store.runs(1).await?.pop();
    Ok(ReleasesPage { now: sluice.now(), releases, run })
}

/// One release with its cells, whatever its age.
///
/// # Errors
/// [`ReleaseError::NotFound`] if there is none of this version.
pub async fn release(sluice: &Sluice, version: i64) -> Result<Arc<Current>, ReleaseError> {
    let kept = sluice.store.release(version).await?.ok_or(ReleaseError::NotFound)?;
    read(sluice, kept).await
}

/// The release from which suggestions are made now; none before the first.
///
/// # Errors
/// When the store fails.
pub async fn current(sluice: &Sluice) -> Result<Option<Arc<Current>>, ReleaseError> {
    match sluice.store.releases(None, 1).await?.pop() {
        Some(newest) => read(sluice, newest).await.map(Some),
        None => Ok(None),
    }
}

async fn read(sluice: &Sluice, kept: KeptRelease) -> Result<Arc<Current>, ReleaseError> {
    let same =
        |known: &&Arc<Current>| (known.view.version, known.view.withdrawn_since) == (kept.version, kept.withdrawn);
    if let Some(known) = sluice.reading.0.lock().unwrap_or_else(PoisonError::into_inner).as_ref().filter(same) {
        return Ok(Arc::clone(known));
    }
    let head: Head = serde_json::from_str(&kept.head).map_err(|_| ReleaseError::Unreadable)?;
    let cells = sluice.store.release_cells(kept.version).await?;
    let cells: serde_json::Map<String, serde_json::Value> = cells
        .into_iter()
        .map(|cell| (cell.id, serde_json::json!({ "organisations": cell.organisations, "people": cell.people })))
        .collect();
    let published = serde_json::json!({
        "rules": head.rules, "organisations": head.organisations, "within": head.within, "cells": cells,
    });
    let published = serde_json::from_value(published).map_err(|_| ReleaseError::Unreadable)?;
    let is_newest = sluice.store.releases(None, 1).await?.first().is_some_and(|newest| newest.version == kept.version);
    let current = Arc::new(Current { view: view(kept)?, published });
    if is_newest {
        *sluice.reading.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&current));
    }
    Ok(current)
}

fn view(kept: KeptRelease) -> Result<ReleaseView, ReleaseError> {
    let unreadable = |_| ReleaseError::Unreadable;
    let head: Head = serde_json::from_str(&kept.head).map_err(unreadable)?;
    Ok(ReleaseView {
        version: kept.version,
        period: kept.period,
        made_at: kept.made_at,
        catalogue: kept.catalogue,
        demonstration: head.demonstration,
        rules: head.rules,
        organisations: head.organisations,
        report: serde_json::from_str(&kept.report).map_err(unreadable)?,
        measure: serde_json::from_str(&kept.measure).map_err(unreadable)?,
        withdrawn_since: kept.withdrawn,
    })
}

/// The rules that hold here, and whether they are those of a demonstration.
pub(crate) async fn rules(sluice: &Sluice) -> Result<(Rules, bool), StoreError> {
    let (patterns, demonstration) = (&sluice.catalogue().patterns, sluice.store.is_demo().await?);
    let rules = if demonstration { &patterns.demo } else { &patterns.rules };
    Ok((rules.clone(), demonstration))
}
