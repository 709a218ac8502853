//! Contributed data is read for a purpose, by somebody, and the organisation sees that it was.
//!
//! This is the one way on which somebody sees what a region keeps. The entry in the organisation's audit log is written before
//! anything is opened; if that fails, nothing is. Two others open records and show them to nobody: a release counts them, with an
//! entry of its own (see `crate::releases`), and a new key or a move seals them again.

use audit::{Action, Draft};
use language::{Language, t};
use thiserror::Error;

use crate::Sluice;
use crate::access::{OpensRecords, difference};
use crate::data_plane::{Place, Record, RecordFilter};
use crate::ingest::IngestError;
use crate::ports::StoreError;
use crate::vault::{self, VaultError};
pub use crate::wash::KeptField;
use policy::Timestamp;

/// Records that are opened at once.
pub const MOST: u32 = 50;

#[derive(Debug, Error)]
pub enum ContributedError {
    #[error("{}", t!("Choose what it is read for."))]
    NoPurpose,
    #[error(transparent)]
    Region(#[from] IngestError),
    #[error(transparent)]
    Vault(#[from] VaultError),
    #[error("a record cannot be read")]
    Unreadable,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A record as it was contributed.
#[derive(Clone, Debug)]
pub struct Opened {
    pub record: Record,
    /// In the order of the item.
    pub fields: Vec<KeptField>,
}

/// Opens the newest records, or those after one that was seen.
///
/// # Errors
/// Without a purpose of the catalogue, when the region or its keys cannot be reached, and when the log cannot be written.
pub async fn records(
    sluice: &Sluice,
    reader: &impl OpensRecords,
    purpose: &str,
    filter: &RecordFilter,
    below: Option<(Timestamp, &Place)>,
    limit: u32,
) -> Result<Vec<Opened>, ContributedError> {
    // Its name goes into the audit log, which is in English whoever asks.
    let catalogue = Language::English.scope(|| sluice.catalogue());
    let purpose = catalogue.purpose(purpose).ok_or(ContributedError::NoPurpose)?;
    let org = reader.org();
    let region = crate::regions::of(sluice, org).await?;
    let keys = vault::all(region, sluice.master.as_ref(), &org.id).await?;
    let mut records = region.plane.records(&org.id, filter, below, limit.min(MOST)).await?;
    // What is being withdrawn loses its key first.
    records.retain(|record| keys.contains_key(&record.generation));
    let entry = Draft {
        changes: vec![difference("records", None, Some(&records.len().to_string()))],
        reason: Some(purpose.name.clone()),
        ..reader.did(sluice.now(), Action::DataRead, "purpose", &purpose.id)
    };
    sluice.store.append(&[(org.id.clone(), entry)]).await?;
    let open = |record: Record| {
        let key = keys.get(&record.generation).ok_or(VaultError::Destroyed)?;
        let plain = key.open(&record.place, &record.sealed)?;
        let fields = serde_json::from_slice(&plain).map_err(|_| ContributedError::Unreadable)?;
        Ok(Opened { record, fields })
    };
    records.into_iter().map(open).collect()
}
