//! The receipt of a withdrawal: a signed note that says what was removed, how much, when, and why.
//!
//! It is JSON under the installation's signature, and holds nothing of what was contributed. [`check`] needs the note and the
//! public key alone.

use audit::{NoteError, PublicKey};
use policy::Timestamp;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{Cause, Withdrawal, WithdrawalError};
use crate::Sluice;
use crate::data_plane::Region;
use crate::jobs::JobState;
use crate::model::OrgRef;
use crate::releases::run::Step;

/// What the first line of every receipt says.
const TITLE: &str = "Sluice receipt of removal 1";

/// What a receipt says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct Receipt {
    /// The id of the withdrawal.
    pub withdrawal: String,
    pub organisation: Organisation,
    pub region: String,
    /// `setting`, `rule`, `retention` or `moved`.
    pub cause: String,
    pub because: String,
    /// The number of the change of settings, if it followed from one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<i64>,
    /// When it ceased to contribute, by when it had to be gone, and when it was.
    pub since: String,
    pub due: String,
    pub removed_at: String,
    /// Records in all, and those of each app, space and kind.
    pub records_removed: i64,
    pub removed: Vec<Removed>,
    /// Records that were left, by a query after the last one was deleted.
    pub records_left: i64,
    /// Generations of the organisation's key that were destroyed: nothing that they sealed can be read any more, in no copy.
    pub keys_destroyed: Vec<i64>,
    /// Versions of the patterns that were computed with data of the organisation. They stand; the next one is without this. None
    /// of a move, which takes nothing back.
    pub patterns_affected: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Organisation {
    pub id: String,
    pub slug: String,
    pub name: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Removed {
    pub app: String,
    pub space: String,
    pub kind: String,
    pub records: i64,
}

/// What is wrong with a receipt.
#[derive(Debug, Error)]
pub enum ReceiptFault {
    #[error(transparent)]
    Note(#[from] NoteError),
    #[error("the note is signed, but it is no receipt")]
    NotAReceipt,
}

/// Reads a receipt whose signature holds.
///
/// # Errors
/// Why it cannot be relied on.
pub fn check(note: &str, key: &PublicKey) -> Result<Receipt, ReceiptFault> {
    let text = key.verify(note)?;
    let body = text.strip_prefix(TITLE).and_then(|rest| rest.strip_prefix('\n')).ok_or(ReceiptFault::NotAReceipt)?;
    serde_json::from_str(body).map_err(|_| ReceiptFault::NotAReceipt)
}

pub(super) async fn sign(
    sluice: &Sluice,
    region: &Region,
    org: &OrgRef,
    done: &Withdrawal,
    at: Timestamp,
) -> Result<String, WithdrawalError> {
    let left = region.plane.left_to_withdraw(&org.id, &done.id).await?;
    if left > 0 {
        return Err(WithdrawalError::Receipt(format!("{left} records are left")));
    }
    let keys = region.keys.keys(&org.id).await?;
    let releases = if done.cause == Cause::Moved { Vec::new() } else { releases(sluice, org, at).await? };
    let receipt = Receipt {
        withdrawal: done.id.clone(),
        organisation: Organisation { id: org.id.clone(), slug: org.slug.clone(), name: org.name.clone() },
        region: region.id.clone(),
        cause: done.cause.id().to_owned(),
        because: done.because.clone(),
        change: (done.version > 0).then_some(done.version),
        since: done.since.rfc3339(),
        due: done.due_in_app.min(done.due).rfc3339(),
        removed_at: at.rfc3339(),
        records_removed: done.removed,
        removed: done
            .groups
            .iter()
            .map(|of| Removed {
                app: of.group.app.clone(),
                space: of.group.space.clone(),
                kind: of.group.kind.id().to_owned(),
                records: of.removed,
            })
            .collect(),
        records_left: left,
        keys_destroyed: done.keys_destroyed(&keys),
        patterns_affected: releases.iter().map(i64::to_string).collect(),
    };
    let body = serde_json::to_string_pretty(&receipt).map_err(|error| WithdrawalError::Receipt(error.to_string()))?;
    Ok(sluice.signer.sign(&format!("{TITLE}\n{body}\n")).to_string())
}

/// The releases that have in them what was removed. Whoever publishes says so before it looks whether a withdrawal began: so a
/// release of which nothing is said here either stands already, or will be without this.
///
/// # Errors
/// While one is being published. The job of the withdrawal comes back.
async fn releases(sluice: &Sluice, org: &OrgRef, at: Timestamp) -> Result<Vec<i64>, WithdrawalError> {
    let run = sluice.store.runs(1).await?.pop();
    if run.is_some_and(|run| run.state == JobState::Running && run.progress.step == Step::Publishing) {
        return Err(WithdrawalError::Receipt("a release is being published".to_owned()));
    }
    Ok(sluice.store.note_withdrawal(&org.id, at).await?)
}
