//! What one organisation adds to a release: read, counted and sealed again in its own region.
//!
//! This holds clear text that is below every threshold. It is in memory while one organisation is counted, and stands sealed
//! under that organisation's key; from here only digests and counts go on.

use std::collections::BTreeMap;
use std::sync::Arc;

use audit::{Action, Draft};
use language::kept;
use patterns::{Added, Counter, Key, Observation, Part, Rules, Sources, observe};
use policy::Catalogue;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;

use super::run::{Contributor, Hold, Obstacle, RunError};
use crate::Sluice;
use crate::access::{by_itself, difference};
use crate::blocking::Stopped;
use crate::data_plane::{Counted, KeptPart, Record, Region};
use crate::model::OrgRef;
use crate::ports::AuditFilter;
use crate::vault::{self, DataKey, VaultError};
use crate::wash::KeptField;

/// Records that are read at once.
const RECORDS_AT_ONCE: u32 = 1_000;

/// Pages that wait to be counted while the next is read.
const PAGES_AHEAD: usize = 2;

/// Held-back items that are kept of one organisation. They come in the order of a hash, so these are any of them.
const MOST_HELD_BACK: usize = 2_000;

/// What is kept, sealed.
#[derive(Debug, Default, Deserialize, Serialize)]
pub(crate) struct Own {
    pub(crate) part: Part,
    /// Items that were not counted, to measure with.
    pub(crate) held_back: Vec<Observation>,
}

/// What every part of a run is counted with.
#[derive(Clone, Debug)]
pub(super) struct Counting {
    pub(super) catalogue: Arc<Catalogue>,
    pub(super) rules: Arc<Rules>,
    pub(super) key: Arc<Key>,
    /// A hash of all that.
    pub(super) hash: String,
}

impl Counting {
    pub(super) fn sources(&self) -> &Sources {
        &self.catalogue.patterns.sources
    }
}

/// What is kept of an organisation for a period; none if nothing is, or its key is gone.
///
/// # Errors
/// When the region or its keys cannot be reached.
pub(crate) async fn open(
    sluice: &Sluice,
    region: &Region,
    org_id: &str,
    period: &str,
) -> Result<Option<Own>, VaultError> {
    let Some(kept) = region.plane.part(org_id, period).await? else { return Ok(None) };
    let mut keys = vault::all(region, sluice.master.as_ref(), org_id).await?;
    let Some(key) = keys.remove(&kept.counted.generation) else { return Ok(None) };
    let opening = tokio::task::spawn_blocking(move || {
        let plain = key.open_part(&kept.period, &kept.sealed)?;
        serde_json::from_slice(&plain).map_err(|_| VaultError::Sealed)
    });
    opening.await.map_err(|_| VaultError::Sealed)?.map(Some)
}

/// Counts an organisation and keeps its part, unless what is kept is what its records say now, and can be read.
///
/// # Errors
/// [`RunError::Overtaken`] if it takes something back.
pub(super) async fn bring_up_to_date(
    sluice: &Sluice,
    Contributor { org, region, kept }: &Contributor<'_>,
    counting: &Counting,
    hold: &mut Hold<'_>,
) -> Result<(), RunError> {
    log(sluice, org, hold).await?;
    let keys = vault::all(region, sluice.master.as_ref(), &org.id).await?;
    // Where there is none, everything is about to be removed.
    let Some((&newest, _)) = keys.last_key_value() else { return Err(RunError::Overtaken) };
    // Read before the records: what changes while they are read is seen by the next look at the mark.
    let mark = region.plane.mark(&org.id).await?;
    let is_current =
        |kept: &Counted| keys.contains_key(&kept.generation) && kept.rules == counting.hash && kept.mark == mark;
    if kept.as_ref().is_some_and(is_current) {
        return Ok(());
    }
    // Asked after the mark was read, whose epoch may be that of a withdrawal: then what has to go may still stand.
    if !region.plane.open_withdrawals(Some(&org.id)).await?.is_empty() {
        return Err(RunError::Overtaken);
    }
    let (pages, waiting) = mpsc::channel(PAGES_AHEAD);
    let keys = Arc::new(keys);
    let (counting_of, org_id, keys_of) = (counting.clone(), org.id.clone(), Arc::clone(&keys));
    let counted = tokio::task::spawn_blocking(move || count(&counting_of, &org_id, &keys_of, waiting));
    let records = read(region, &org.id, pages, hold).await?;
    let own = counted.await.map_err(Stopped::from)??;
    let plain = serde_json::to_vec(&own).map_err(|_| VaultError::Sealed)?;
    let key = keys.get(&newest).ok_or(VaultError::Destroyed)?;
    let part = KeptPart {
        period: hold.period().to_owned(),
        counted: Counted { rules: counting.hash.clone(), mark, generation: newest },
        records,
        sealed: key.seal_part(hold.period(), &plain)?,
    };
    if region.plane.keep_part(&org.id, &part).await? { Ok(()) } else { Err(RunError::Overtaken) }
}

/// Reads every record, page by page, and hands it on. How many.
async fn read(
    region: &Region,
    org_id: &str,
    pages: mpsc::Sender<Vec<Record>>,
    hold: &mut Hold<'_>,
) -> Result<i64, RunError> {
    let mut records = 0;
    let mut after = None;
    loop {
        let page = region.plane.records_by_place(org_id, after.as_ref(), RECORDS_AT_ONCE).await?;
        let Some(last) = page.last() else { return Ok(records) };
        after = Some(last.place.clone());
        records += i64::try_from(page.len()).unwrap_or(i64::MAX);
        // Whoever counts has stopped: its error says why.
        if pages.send(page).await.is_err() {
            return Ok(records);
        }
        hold.keep().await?;
    }
}

/// Opens records, puts those of an item together, and counts the item.
fn count(
    counting: &Counting,
    org_id: &str,
    keys: &BTreeMap<i64, DataKey>,
    mut pages: mpsc::Receiver<Vec<Record>>,
) -> Result<Own, RunError> {
    let mut counter = Counter::new(&counting.key, &counting.rules, counting.sources(), org_id.as_bytes());
    let mut held_back = Vec::new();
    let mut item = Gathered::default();
    let mut take = |item: &Gathered| {
        if item.name.is_empty() {
            return;
        }
        let shows = shows(counting.sources(), &item.app, &item.fields);
        let author = Some(item.author.as_bytes()).filter(|author| !author.is_empty());
        let added = counter.add(item.name.as_bytes(), author, &shows);
        if added == Added::HeldBack && held_back.len() < MOST_HELD_BACK {
            held_back.push(shows);
        }
    };
    while let Some(page) = pages.blocking_recv() {
        for record in page {
            let Some(key) = keys.get(&record.generation) else {
                if keys.last_key_value().is_none_or(|(newest, _)| *newest < record.generation) {
                    // A new key was made since they were read.
                    return Err(RunError::Overtaken);
                }
                // What a destroyed key sealed was withdrawn; a copy that was brought back can still hold it.
                continue;
            };
            if record.place.item != item.name {
                take(&item);
                item = Gathered { name: record.place.item.clone(), app: record.app.clone(), ..Gathered::default() };
            }
            let plain = key.open(&record.place, &record.sealed)?;
            let fields: Vec<KeptField> = serde_json::from_slice(&plain).map_err(|_| VaultError::Sealed)?;
            item.fields.extend(fields);
            // A comment that came by itself says nothing of who wrote the item.
            if item.author.is_empty() && record.place.part.is_empty() {
                item.author = record.author;
            }
        }
    }
    take(&item);
    Ok(Own { part: counter.finish(), held_back })
}

/// The records of one item.
#[derive(Debug, Default)]
struct Gathered {
    name: String,
    app: String,
    author: String,
    fields: Vec<KeptField>,
}

/// What fields that were kept show.
fn shows(sources: &Sources, app: &str, fields: &[KeptField]) -> Observation {
    let pairs = fields.iter().flat_map(|field| field.values.iter().map(|value| (field.field.as_str(), value.as_str())));
    observe(sources, app, pairs)
}

/// Says in the organisation's log, once a release, that its data is read for patterns. If it cannot be said, nothing is read.
async fn log(sluice: &Sluice, org: &OrgRef, hold: &Hold<'_>) -> Result<(), RunError> {
    let patterns = &sluice.catalogue().patterns;
    let purpose = sluice.catalogue().purpose(&patterns.purpose).ok_or(Obstacle::NoPurpose)?;
    let filter = AuditFilter {
        resource: Some(format!("purpose:{}", purpose.id)),
        actions: vec![Action::DataRead],
        from: Some(hold.run.made_at),
        ..AuditFilter::default()
    };
    let known = sluice.store.audit_search(&org.id, &filter, i64::MAX, KNOWN).await?;
    if known.iter().any(|sealed| sealed.body.contains(&hold.run.id)) {
        return Ok(());
    }
    let entry = Draft {
        changes: vec![difference("release", None, Some(&hold.run.period))],
        reason: Some(purpose.name.clone()),
        because: Some(kept!("Pattern release").to_owned()),
        request: hold.run.id.clone(),
        ..by_itself(sluice.now(), Action::DataRead, "purpose", &purpose.id)
    };
    Ok(sluice.store.append(&[(org.id.clone(), entry)]).await?)
}

/// Readings for the same purpose since the run began: more than a run and a few people make are not looked through.
const KNOWN: u32 = 50;
