//! Work that goes on behind the pages: withdrawals, new keys, moves, and imports from the command line.
//!
//! A job stands in the database of the region whose data it is about. Whoever takes it has it for a while; if nothing is heard
//! of them until then, another worker goes on. Every step of a job can be done twice without harm, so it does not matter
//! if both do.

use std::collections::BTreeMap;
use std::time::Duration;

use audit::{Action, Draft};
use language::t;
use policy::Timestamp;
use thiserror::Error;
use uuid::Uuid;

use crate::Sluice;
use crate::access::{Operator, ReadsOrg as _, at_the_machine, difference};
use crate::data_plane::{Record, Region, Standing};
use crate::ingest::IngestError;
use crate::model::OrgRef;
use crate::moves::{self, MoveError};
use crate::ports::StoreError;
use crate::vault::{self, DataKey, VaultError};
use crate::withdrawal::{self, WithdrawalError};

/// How long a worker has a job before another one may take it. Each step of a job takes a small part of this.
const LEASE: Duration = Duration::from_secs(30);

/// How often a job is tried, unless it removes something. With the waits in between that is about a day.
const MOST_ATTEMPTS: i64 = 30;

/// The wait after the first failure; it doubles with each, up to the longest.
const FIRST_WAIT: Duration = Duration::from_secs(5);
const LONGEST_WAIT: Duration = Duration::from_secs(3_600);

/// While an organisation moves nothing is taken in, so that is tried for ever, and never after a long wait.
const LONGEST_WAIT_OF_A_MOVE: Duration = Duration::from_secs(60);

/// Records that are sealed anew in one transaction.
const RECORDS_AT_ONCE: u32 = 500;

/// What a job is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// Remove what a withdrawal is about; the job has its id.
    Withdraw,
    /// Seal every record of the organisation under its newest key.
    Rotate,
    /// Bring the organisation to another region; the job has the id of the move.
    Move,
    /// Read a file; a process at the command line does it.
    Ingest,
}

impl Task {
    pub const ALL: [Self; 4] = [Self::Withdraw, Self::Rotate, Self::Move, Self::Ingest];

    pub fn id(self) -> &'static str {
        match self {
            Self::Withdraw => "withdraw",
            Self::Rotate => "rotate",
            Self::Move => "move",
            Self::Ingest => "ingest",
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Withdraw => t!("Removal"),
            Self::Rotate => t!("New key"),
            Self::Move => t!("Move"),
            Self::Ingest => t!("Import"),
        }
    }

    pub fn parse(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|task| task.id() == id)
    }
}

/// Where a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobState {
    Waiting,
    Running,
    Done,
    /// It was tried as often as it is tried, or cannot succeed.
    GivenUp,
}

impl JobState {
    pub const ALL: [Self; 4] = [Self::Waiting, Self::Running, Self::Done, Self::GivenUp];

    pub fn id(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Done => "done",
            Self::GivenUp => "given-up",
        }
    }

    pub fn parse(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.id() == id)
    }
}

/// A job that is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewJob {
    /// Of a withdrawal's job the id of the withdrawal.
    pub id: String,
    pub task: Task,
    /// What it is about, in the task's own words: the name of a file, a region.
    pub subject: String,
    /// Records or items that it has to do with; 0 if that is not known.
    pub total: i64,
    pub at: Timestamp,
    /// The worker that does it already and until when it has it; none for whoever comes first.
    pub worker: Option<(String, Timestamp)>,
}

/// A job as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    pub id: String,
    pub task: Task,
    pub subject: String,
    pub state: JobState,
    pub done: i64,
    pub total: i64,
    /// How often it was taken.
    pub attempts: i64,
    pub created_at: Timestamp,
    /// When it is due.
    pub due_at: Timestamp,
    /// When anything was last heard of it.
    pub seen_at: Timestamp,
    pub finished_at: Option<Timestamp>,
}

#[derive(Debug, Error)]
pub enum JobError {
    #[error(transparent)]
    Withdrawal(#[from] WithdrawalError),
    #[error(transparent)]
    Move(#[from] MoveError),
    #[error(transparent)]
    Region(#[from] IngestError),
    #[error(transparent)]
    Vault(#[from] VaultError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Takes the first job that is due in a region and does it, under the name of a worker that is nobody else's. Whether there
/// was one.
///
/// # Errors
/// When the region or the control plane cannot be reached. A job that fails is put back and tried again later.
pub async fn work_one(sluice: &Sluice, region: &Region, worker: &str) -> Result<bool, JobError> {
    let now = sluice.now();
    let Some((org_id, job)) = region.plane.lease_job(worker, now, now.plus(LEASE)).await? else { return Ok(false) };
    let outcome = match sluice.store.organisation_by_id(&org_id).await? {
        Some(org) => do_it(sluice, region, &org, &job, worker).await,
        // Nothing is left to do for an organisation that is gone.
        None => Ok(Outcome::Done),
    };
    let now = sluice.now();
    match outcome {
        Ok(Outcome::Done) => region.plane.finish_job(&org_id, &job.id, worker, now).await?,
        Ok(Outcome::Lost) => {}
        Ok(Outcome::NotYet) => {
            let again = Some(now.plus(FIRST_WAIT));
            region.plane.fail_job(&org_id, &job.id, worker, now, again).await?;
        }
        Err(error) => {
            tracing::warn!(%error, job = job.id, task = job.task.id(), attempts = job.attempts, "a job failed");
            let again = match job.task {
                Task::Move => Some(wait(job.attempts).min(LONGEST_WAIT_OF_A_MOVE)),
                // What has to go is not given up on: the clock is a promise.
                Task::Withdraw => Some(wait(job.attempts)),
                Task::Rotate | Task::Ingest => (job.attempts < MOST_ATTEMPTS).then(|| wait(job.attempts)),
            };
            let again = again.map(|wait| now.plus(wait));
            region.plane.fail_job(&org_id, &job.id, worker, now, again).await?;
        }
    }
    Ok(true)
}

/// The wait after a number of attempts.
pub(crate) fn wait(attempts: i64) -> Duration {
    let doubled = u32::try_from(attempts - 1).map_or(u32::MAX, |times| 2_u32.saturating_pow(times));
    FIRST_WAIT.saturating_mul(doubled).min(LONGEST_WAIT)
}

/// What became of a job.
enum Outcome {
    Done,
    /// Another worker has it by now.
    Lost,
    /// Something else has to be done first.
    NotYet,
}

async fn do_it(sluice: &Sluice, region: &Region, org: &OrgRef, job: &Job, worker: &str) -> Result<Outcome, JobError> {
    // The move does what is open, and in its own order.
    if job.task != Task::Move && !sluice.store.settled(&org.id, &region.id).await? {
        return Ok(Outcome::NotYet);
    }
    let lease = Lease { sluice, region, org, job: &job.id, worker };
    let done = match job.task {
        Task::Withdraw => withdrawal::work(sluice, region, org, &job.id, &lease).await?,
        Task::Rotate => rotate(sluice, region, org, &lease).await?,
        Task::Move => moves::work(sluice, org, &job.id, &lease).await?,
        // It belongs to the process that reads the file.
        Task::Ingest => true,
    };
    Ok(if done { Outcome::Done } else { Outcome::Lost })
}

/// A worker's hold on a job.
#[derive(Debug)]
pub(crate) struct Lease<'a> {
    sluice: &'a Sluice,
    region: &'a Region,
    org: &'a OrgRef,
    job: &'a str,
    worker: &'a str,
}

impl Lease<'_> {
    /// Holds it for longer. False if another worker has it by now.
    pub(crate) async fn keep(&self) -> Result<bool, StoreError> {
        let Self { sluice, region, org, job, worker } = self;
        let now = sluice.now();
        region.plane.keep_job(&org.id, job, worker, now, now.plus(LEASE)).await
    }
}

/// Makes a new key for an organisation and has everything sealed with it, in a job. From now on nothing is sealed with the
/// old one.
///
/// # Errors
/// When the organisation's region, its keys or the master key cannot be reached.
pub async fn renew_key(sluice: &Sluice, operator: &Operator) -> Result<i64, JobError> {
    let (org, now) = (operator.org(), sluice.now());
    let region = crate::regions::of(sluice, org).await?;
    crate::regions::settled(sluice, org, region).await?;
    let key = vault::renew(region, sluice.master.as_ref(), &org.id, now).await?;
    let total = region.plane.held(&org.id).await?.iter().map(|held| held.records).sum();
    let id = Uuid::now_v7().to_string();
    let entry = Draft {
        changes: vec![difference("generation", None, Some(&key.generation.to_string()))],
        ..at_the_machine(now, Action::DataKey, "key", &id)
    };
    sluice.store.append(&[(org.id.clone(), entry)]).await?;
    let subject = format!("generation {}", key.generation);
    let job = NewJob { id, task: Task::Rotate, subject, total, at: now, worker: None };
    region.plane.add_job(&org.id, &job).await?;
    Ok(key.generation)
}

/// Seals every record with the newest key, and destroys the older ones when nothing needs them.
async fn rotate(sluice: &Sluice, region: &Region, org: &OrgRef, lease: &Lease<'_>) -> Result<bool, JobError> {
    let newest = vault::current(region, sluice.master.as_ref(), &org.id, sluice.now()).await?;
    // A batch that took an older key before is sealed again with this one, and not stored under a key that is about to go.
    region.plane.advance(&org.id, Standing::default()).await?;
    let keys = vault::all(region, sluice.master.as_ref(), &org.id).await?;
    // A key goes when a whole round found nothing that needs it.
    loop {
        match seal_anew(region, org, &keys, &newest, lease).await? {
            Some(0) => break,
            Some(_) => {}
            None => return Ok(false),
        }
    }
    region.keys.destroy_keys(&org.id, newest.generation - 1, sluice.now()).await?;
    Ok(true)
}

/// Seals with the newest key what an older one sealed. How many records; none if another worker has the job by now.
async fn seal_anew(
    region: &Region,
    org: &OrgRef,
    keys: &BTreeMap<i64, DataKey>,
    newest: &DataKey,
    lease: &Lease<'_>,
) -> Result<Option<usize>, JobError> {
    let (mut after, mut count) = (None, 0);
    loop {
        let records = region.plane.records_by_place(&org.id, after.as_ref(), RECORDS_AT_ONCE).await?;
        let Some(last) = records.last() else { return Ok(Some(count)) };
        after = Some(last.place.clone());
        let mut sealed: Vec<(Record, Vec<u8>, i64)> = Vec::new();
        for record in records.into_iter().filter(|record| record.generation < newest.generation) {
            let key = keys.get(&record.generation).ok_or(VaultError::Destroyed)?;
            let plain = key.open(&record.place, &record.sealed)?;
            let anew = newest.seal(&record.place, &plain)?;
            sealed.push((record, anew, newest.generation));
        }
        count += sealed.len();
        // A round that finds nothing takes no lock.
        if !sealed.is_empty() {
            region.plane.reseal(&org.id, &sealed).await?;
        }
        if !lease.keep().await? {
            return Ok(None);
        }
    }
}
