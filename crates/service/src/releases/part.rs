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

use super::run::{Hold, RunError};
use crate::Sluice;
use crate::access::{by_itself, difference};
use crate::data_plane::{KeptPart, Record, Region};
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
    fn sources(&self) -> &Sources {
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
    let keys = vault::all(region, sluice.master.as_ref(), org_id).await?;
    let Some(key) = keys.get(&kept.generation) else { return Ok(None) };
    let plain = key.open_part(period, &kept.sealed)?;
    serde_json::from_slice(&plain).map(Some).map_err(|_| VaultError::Sealed)
}

/// Whether what is kept of an organisation is what its records say now, and can be read.
async fn is_current(
    region: &Region,
    org_id: &str,
    period: &str,
    counting: &Counting,
    keys: &BTreeMap<i64, DataKey>,
) -> Result<bool, RunError> {
    let Some(kept) = region.plane.part(org_id, period).await? else { return Ok(false) };
    let opens = keys.contains_key(&kept.generation);
    Ok(opens && kept.rules == counting.hash && kept.mark == region.plane.mark(org_id).await?)
}

/// Counts an organisation and keeps its part, unless what is kept is current. False if another worker has the run by now.
pub(super) async fn bring_up_to_date(
    sluice: &Sluice,
    region: &Region,
    org: &OrgRef,
    counting: &Counting,
    hold: &mut Hold<'_>,
) -> Result<bool, RunError> {
    log(sluice, org, hold).await?;
    let keys = vault::all(region, sluice.master.as_ref(), &org.id).await?;
    // Where there is none, everything is about to be removed.
    let Some((&newest, _)) = keys.last_key_value() else { return Err(RunError::Overtaken) };
    if is_current(region, &org.id, hold.period(), counting, &keys).await? {
        return Ok(true);
    }
    // Read before the records: what changes while they are read is seen by the next look at the mark.
    let mark = region.plane.mark(&org.id).await?;
    let (pages, waiting) = mpsc::channel(PAGES_AHEAD);
    let keys = Arc::new(keys);
    let (counting_of, org_id, keys_of) = (counting.clone(), org.id.clone(), Arc::clone(&keys));
    let counted = tokio::task::spawn_blocking(move || count(&counting_of, &org_id, &keys_of, waiting));
    let Some(records) = read(region, &org.id, &pages, hold).await? else { return Ok(false) };
    drop(pages);
    let own = counted.await.map_err(|error| RunError::Failed(error.to_string()))??;
    let plain = serde_json::to_vec(&own).map_err(|_| VaultError::Sealed)?;
    let key = keys.get(&newest).ok_or(VaultError::Destroyed)?;
    let part = KeptPart {
        period: hold.period().to_owned(),
        rules: counting.hash.clone(),
        mark,
        records,
        generation: newest,
        sealed: key.seal_part(hold.period(), &plain)?,
    };
    // If a withdrawal began meanwhile it is not kept, and the next look finds that it is not there.
    region.plane.keep_part(&org.id, &part).await?;
    Ok(true)
}

/// Reads every record, page by page, and hands it on. How many; none if another worker has the run by now.
async fn read(
    region: &Region,
    org_id: &str,
    pages: &mpsc::Sender<Vec<Record>>,
    hold: &mut Hold<'_>,
) -> Result<Option<i64>, RunError> {
    let mut records = 0;
    let mut after = None;
    loop {
        let page = region.plane.records_by_place(org_id, after.as_ref(), RECORDS_AT_ONCE).await?;
        let Some(last) = page.last() else { return Ok(Some(records)) };
        after = Some(last.place.clone());
        records += i64::try_from(page.len()).unwrap_or(i64::MAX);
        // Whoever counts has stopped: its error says why.
        if pages.send(page).await.is_err() {
            return Ok(Some(records));
        }
        if !hold.keep().await? {
            return Ok(None);
        }
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
            if record.place.item != item.name {
                take(&item);
                item = Gathered { name: record.place.item.clone(), app: record.app.clone(), ..Gathered::default() };
            }
            let key = keys.get(&record.generation).ok_or(VaultError::Destroyed)?;
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
    let purpose = sluice.catalogue().purpose(&patterns.purpose).ok_or(RunError::NoPurpose)?;
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
