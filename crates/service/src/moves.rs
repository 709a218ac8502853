//! An organisation moves to another region: what it contributed is sealed there anew, and the region it comes from is emptied
//! with a receipt.
//!
//! Where its contributions are kept is agreed between the organisation and whoever runs Sluice, so only the operator begins a
//! move, and both ends of it stand in the organisation's audit log. Meanwhile nothing is taken in. The work is a job of the
//! region it comes from, and begins at the top each time it is taken: every step finds what was done before. What may not
//! be kept any more is removed before it is copied, and no receipt is signed while a copy of it could stand elsewhere.

use audit::{Action, Draft, sha256};
use policy::Timestamp;
use thiserror::Error;
use uuid::Uuid;

use crate::Sluice;
use crate::access::{Operator, ReadsOrg as _, at_the_machine, by_itself, difference};
use crate::data_plane::{History, Place, Record, RecordFilter, Region, Standing};
use crate::ingest::{HOURS, IngestError};
use crate::jobs::{Lease, NewJob, Task};
use crate::model::OrgRef;
use crate::ports::StoreError;
use crate::vault::{self, VaultError};
use crate::withdrawal::{self, Withdrawal, WithdrawalError};

/// Records that are copied in one transaction.
const RECORDS_AT_ONCE: u32 = 500;

/// A move of an organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// Also of its job, and of the withdrawal that empties the source.
    pub id: String,
    pub org_id: String,
    pub source: String,
    pub target: String,
    pub begun_at: Timestamp,
    /// Since when the organisation is in the target.
    pub switched_at: Option<Timestamp>,
}

/// Why an organisation does not move. The text is for the terminal and the server's log.
#[derive(Debug, Error)]
pub enum MoveError {
    #[error("no database is set up for the region `{0}`; there is one for {1}")]
    NoRegion(String, String),
    #[error("the organisation is in the region `{0}` already; nothing was changed")]
    There(String),
    #[error("the organisation is moving to the region `{0}` already")]
    Moving(String),
    #[error(
        "the region `{0}` holds something of the organisation already, or its database or store of keys is that of the region the organisation is in; nothing was changed"
    )]
    NotEmpty(String),
    /// What was copied is not what stands in the source.
    #[error("the copy differs from what was copied")]
    Differs,
    #[error(transparent)]
    Region(#[from] IngestError),
    #[error(transparent)]
    Withdrawal(#[from] WithdrawalError),
    #[error(transparent)]
    Vault(#[from] VaultError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Begins a move, or goes on with the one that was begun. From now on the organisation's batches are refused until it is
/// there; a server that runs does the rest.
///
/// # Errors
/// When the organisation cannot move there, or one of the two regions cannot be reached: then nothing begins.
pub async fn begin(sluice: &Sluice, operator: &Operator, to: &str) -> Result<Move, MoveError> {
    let (org, now) = (operator.org(), sluice.now());
    let known = || sluice.regions.all().map(|region| region.id.as_str()).collect::<Vec<_>>().join(", ");
    let target = sluice.regions.get(to).ok_or_else(|| MoveError::NoRegion(to.to_owned(), known()))?;
    match sluice.store.open_move(&org.id).await? {
        Some(open) if open.target == to => {
            take_up(sluice, region(sluice, &open.source)?).await?;
            return Ok(open);
        }
        Some(open) => return Err(MoveError::Moving(open.target)),
        None => {}
    }
    let source = crate::regions::of(sluice, org).await?;
    if source.id == target.id {
        return Err(MoveError::There(to.to_owned()));
    }
    if !is_empty(target, org).await? {
        return Err(MoveError::NotEmpty(to.to_owned()));
    }
    let begun = Move {
        id: Uuid::now_v7().to_string(),
        org_id: org.id.clone(),
        source: source.id.clone(),
        target: target.id.clone(),
        begun_at: now,
        switched_at: None,
    };
    let entry = Draft {
        changes: vec![difference("region", Some(&begun.source), Some(&begun.target))],
        ..at_the_machine(now, Action::OrganisationMove, "organisation", &org.id)
    };
    if !sluice.store.begin_move(&begun, &entry).await? {
        return Err(MoveError::Moving(to.to_owned()));
    }
    take_up(sluice, source).await?;
    Ok(begun)
}

/// Whether a region has nothing of an organisation but what tells that it was there once.
async fn is_empty(region: &Region, org: &OrgRef) -> Result<bool, MoveError> {
    let keys = region.keys.keys(&org.id).await?;
    Ok(keys.iter().all(|key| key.destroyed_at.is_some())
        && region.plane.held(&org.id).await?.is_empty()
        && region.plane.history(&org.id).await?.is_empty())
}

/// Sees to it that every move away from a region has its job: whoever began one may have been stopped before it had.
///
/// # Errors
/// When the region or the control plane cannot be reached.
pub async fn take_up(sluice: &Sluice, source: &Region) -> Result<(), MoveError> {
    for open in sluice.store.open_moves(&source.id).await? {
        let total = source.plane.held(&open.org_id).await?.iter().map(|held| held.records).sum();
        let (id, subject, at) = (open.id, open.target, open.begun_at);
        let job = NewJob { id, task: Task::Move, subject, total, at, worker: None };
        source.plane.add_job(&open.org_id, &job).await?;
    }
    Ok(())
}

/// Does the work of a move. Whether it came to its end, and was not lost to another worker.
///
/// # Errors
/// When a region, its keys or the control plane cannot be reached: then nothing is lost, and it is tried again.
pub(crate) async fn work(sluice: &Sluice, org: &OrgRef, id: &str, lease: &Lease<'_>) -> Result<bool, MoveError> {
    let Some(open) = sluice.store.open_move(&org.id).await?.filter(|open| open.id == id) else { return Ok(true) };
    let (source, target) = (region(sluice, &open.source)?, region(sluice, &open.target)?);
    let moving = Moving { sluice, org, open: &open, source, target, lease };
    if open.switched_at.is_none() && !moving.bring().await? {
        return Ok(false);
    }
    moving.leave().await
}

fn region<'a>(sluice: &'a Sluice, id: &str) -> Result<&'a Region, MoveError> {
    sluice.regions.get(id).ok_or_else(|| IngestError::NoRegion(id.to_owned()).into())
}

struct Moving<'a> {
    sluice: &'a Sluice,
    org: &'a OrgRef,
    open: &'a Move,
    source: &'a Region,
    target: &'a Region,
    lease: &'a Lease<'a>,
}

impl Moving<'_> {
    /// Brings everything to the target and makes it the organisation's region.
    async fn bring(&self) -> Result<bool, MoveError> {
        let Self { sluice, org, source, target, lease, .. } = self;
        // A batch that was decided before the move began is not stored any more.
        let standing = source.plane.advance(&org.id, Standing::default()).await?;
        // Before the target is asked: what has to go does not wait for it.
        if self.withdraw().await?.is_none() {
            return Ok(false);
        }
        // A worker that had the job before writes nothing into the target any more.
        let claimed = target.plane.advance(&org.id, standing).await?;
        loop {
            let Some(open) = self.withdraw().await? else { return Ok(false) };
            let seen = source.plane.standing(&org.id).await?;
            if !self.copy(claimed).await? {
                return Ok(false);
            }
            // Only now: until here a copy of what was withdrawn could stand in the target.
            for withdrawal in &open {
                withdrawal::conclude(sluice, source, org, withdrawal).await?;
            }
            if !self.tell(claimed).await? || !self.verify().await? || !lease.keep().await? {
                return Ok(false);
            }
            // If anything was withdrawn or any setting changed meanwhile, all of this is looked at again.
            if source.plane.standing(&org.id).await? == seen && self.switch(seen.version).await? {
                return Ok(true);
            }
        }
    }

    /// Removes from the source what may not be kept any more; the withdrawals that have no receipt yet. None if the move
    /// was lost to another worker.
    async fn withdraw(&self) -> Result<Option<Vec<String>>, MoveError> {
        let Self { sluice, org, source, lease, .. } = self;
        withdrawal::compare(sluice, source, org).await?;
        let open: Vec<String> = withdrawal::open(source, org).await?.into_iter().map(|open| open.id).collect();
        for withdrawal in &open {
            if !withdrawal::remove(sluice, source, org, withdrawal, lease).await? {
                return Ok(None);
            }
        }
        Ok(Some(open))
    }

    /// Makes the target's records those of the source, each sealed anew.
    async fn copy(&self, claimed: Standing) -> Result<bool, MoveError> {
        let Self { sluice, org, source, target, lease, .. } = self;
        let master = sluice.master.as_ref();
        let key = vault::carry(source, target, master, &org.id, sluice.now()).await?;
        let keys = vault::all(source, master, &org.id).await?;
        let mut above: Option<(Timestamp, Place)> = None;
        loop {
            let records = page(source, org, above.as_ref()).await?;
            let last = after(&records);
            let anew = |record: Record| {
                let old = keys.get(&record.generation).ok_or(VaultError::Destroyed)?;
                let new = key.as_ref().ok_or(VaultError::Destroyed)?;
                let sealed = new.seal(&record.place, &old.open(&record.place, &record.sealed)?)?;
                Ok(Record { sealed, generation: new.generation, ..record })
            };
            let anew = records.into_iter().map(anew).collect::<Result<Vec<Record>, VaultError>>()?;
            let (from, to) = (borrowed(above.as_ref()), borrowed(last.as_ref()));
            if !target.plane.copy_records(&org.id, claimed, from, to, &anew).await? || !lease.keep().await? {
                return Ok(false);
            }
            if last.is_none() {
                return Ok(true);
            }
            above = last;
        }
    }

    /// Makes the target's history that of the source.
    async fn tell(&self, claimed: Standing) -> Result<bool, MoveError> {
        let Self { org, source, target, .. } = self;
        let history = source.plane.history(&org.id).await?;
        Ok(target.plane.keep_history(&org.id, claimed, &history).await?)
    }

    /// Reads both regions and compares them; what stands in the target opens with its key, and is what its digest says.
    async fn verify(&self) -> Result<bool, MoveError> {
        let Self { sluice, org, source, target, lease, .. } = self;
        let keys = vault::all(target, sluice.master.as_ref(), &org.id).await?;
        let mut above: Option<(Timestamp, Place)> = None;
        loop {
            let records = page(source, org, above.as_ref()).await?;
            let copies = page(target, org, above.as_ref()).await?;
            if records.len() != copies.len() {
                return Err(MoveError::Differs);
            }
            let last = after(&records);
            for (record, copy) in records.into_iter().zip(copies) {
                let key = keys.get(&copy.generation).ok_or(VaultError::Destroyed)?;
                let digest = key.digest(&key.open(&copy.place, &copy.sealed)?);
                let expected = Record { sealed: copy.sealed.clone(), generation: copy.generation, ..record };
                if copy != expected || digest != copy.digest {
                    return Err(MoveError::Differs);
                }
            }
            if !lease.keep().await? {
                return Ok(false);
            }
            if last.is_none() {
                break;
            }
            above = last;
        }
        let now = sluice.now();
        let told = lasting(source.plane.history(&org.id).await?, now);
        let same = lasting(target.plane.history(&org.id).await?, now) == told;
        if same { Ok(true) } else { Err(MoveError::Differs) }
    }

    /// Makes the target the organisation's region, if its settings are still those that the source has acted on.
    async fn switch(&self, version: i64) -> Result<bool, MoveError> {
        let Self { sluice, org, open, .. } = self;
        let now = sluice.now();
        let entry = Draft {
            changes: vec![difference("region", Some(&open.source), Some(&open.target))],
            ..by_itself(now, Action::OrganisationMoved, "organisation", &org.id)
        };
        Ok(sluice.store.switch_region(open, version, now, &entry).await?)
    }

    /// Empties the source: its keys are destroyed, its records removed, and the receipt of that is kept in the target.
    async fn leave(&self) -> Result<bool, MoveError> {
        let Self { sluice, org, open, source, target, lease } = self;
        if target.plane.withdrawal(&org.id, &open.id).await?.is_none() {
            if source.plane.withdrawal(&org.id, &open.id).await?.is_none()
                && !withdrawal::begin_moved(sluice, source, org, open).await?
            {
                return Ok(false);
            }
            if !withdrawal::remove(sluice, source, org, &open.id, lease).await? {
                return Ok(false);
            }
            let done: Withdrawal = withdrawal::conclude(sluice, source, org, &open.id).await?;
            target.plane.keep_withdrawal(&org.id, &done).await?;
        }
        // Jobs are looked for where the organisation is, so the move is told there too; whoever takes it finds it done.
        let (id, subject, at) = (open.id.clone(), open.target.clone(), open.begun_at);
        let told = NewJob { id, task: Task::Move, subject, total: 0, at, worker: None };
        target.plane.add_job(&org.id, &told).await?;
        source.plane.forget(&org.id, &open.id).await?;
        sluice.store.finish_move(&open.id, sluice.now()).await?;
        Ok(true)
    }
}

/// Of a history what neither region forgets while the two are compared, with the answers as hashes: two days of answers need not be
/// in memory.
fn lasting(mut history: History, now: Timestamp) -> History {
    let since = Timestamp::from_micros(now.micros() - (HOURS - 1) * 3_600_000_000);
    history.batches.retain(|batch| batch.stored_at >= since);
    history.heard.retain(|heard| heard.at >= since);
    for batch in &mut history.batches {
        batch.answer = sha256(batch.answer.as_bytes());
    }
    history
}

async fn page(region: &Region, org: &OrgRef, above: Option<&(Timestamp, Place)>) -> Result<Vec<Record>, StoreError> {
    region.plane.records(&org.id, &RecordFilter::default(), borrowed(above), RECORDS_AT_ONCE).await
}

/// The last of a page, if another page may follow.
fn after(records: &[Record]) -> Option<(Timestamp, Place)> {
    let is_full = u32::try_from(records.len()).is_ok_and(|records| records == RECORDS_AT_ONCE);
    records.last().filter(|_| is_full).map(|record| (record.stored_at, record.place.clone()))
}

fn borrowed(of: Option<&(Timestamp, Place)>) -> Option<(Timestamp, &Place)> {
    of.map(|(at, place)| (*at, place))
}
