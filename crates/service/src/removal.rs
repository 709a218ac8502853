//! What is being taken back, how far that is, and the receipts of what was; and the other work that goes on in a region.
//!
//! Nothing here removes anything: see [`crate::withdrawal`].

use std::collections::BTreeMap;
use std::time::Duration;

use policy::{Catalogue, Kind, Timestamp};

use crate::Sluice;
use crate::access::{ReadsOrg, Viewer};
use crate::data_plane::KeptKey;
use crate::jobs::{Job, JobState, Task};
use crate::ledger::{LedgerError, cannot_reach, group_name, region, region_name};
use crate::model::{OrgRef, Snapshot};
use crate::ports::StoreError;
use crate::withdrawal::Withdrawal;

/// Removals on the page and in an answer of the API; what is not finished comes first.
pub const SHOWN: u32 = 100;

/// An import of which nothing was heard for so long, in microseconds, does not move.
const SILENT_AFTER: i64 = 60_000_000;

/// Jobs that are listed.
const JOBS_SHOWN: u32 = 25;

/// What the page shows.
#[derive(Clone, Debug)]
pub struct RemovalPage {
    pub org: OrgRef,
    pub now: Timestamp,
    /// The region's name.
    pub region: String,
    /// None if the region cannot be reached.
    pub work: Option<Work>,
    /// Whether the page looks again by itself. Not for support, each of whose looks leaves a line in the audit log.
    pub follows: bool,
}

/// The removals of an organisation and the jobs of its region: what is not finished first, then the newest.
#[derive(Clone, Debug, Default)]
pub struct Work {
    pub removals: Vec<Removal>,
    pub jobs: Vec<Job>,
}

impl Work {
    /// Whether anything moves by itself just now, so that looking again is of use.
    pub fn moves(&self, now: Timestamp) -> bool {
        self.jobs.iter().any(|job| match job.state {
            // Nobody takes over an import whose process died: it stands as running until somebody goes on with it.
            JobState::Running if job.task == Task::Ingest => now.micros() - job.seen_at.micros() < SILENT_AFTER,
            JobState::Waiting | JobState::Running => true,
            JobState::Done | JobState::GivenUp => false,
        })
    }

    pub fn open(&self) -> impl Iterator<Item = &Removal> {
        self.removals.iter().filter(|removal| removal.withdrawal.finished_at.is_none())
    }
}

/// Something that is taken back, in words.
#[derive(Clone, Debug)]
pub struct Removal {
    pub withdrawal: Withdrawal,
    /// What, in words, with how much of it there was and how much is gone.
    pub groups: Vec<RemovedGroup>,
    /// What has to be gone by when; the same day only once.
    pub clocks: Vec<Clock>,
    /// Generations of the organisation's key that were destroyed with it.
    pub keys_destroyed: Vec<i64>,
    /// The job that does it.
    pub job: Option<JobState>,
}

#[derive(Clone, Debug)]
pub struct RemovedGroup {
    pub name: String,
    pub total: i64,
    pub removed: i64,
}

/// By when a kind of data has to be gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clock {
    pub kind: Kind,
    pub due: Timestamp,
    /// Whether it is gone.
    pub kept: bool,
}

/// The removals and jobs of an organisation, with a page's surroundings.
///
/// # Errors
/// When the organisation is gone or the control plane fails. A region that cannot be reached is no error of the page.
pub async fn page(sluice: &Sluice, viewer: &Viewer) -> Result<RemovalPage, LedgerError> {
    let (org, now) = (viewer.org().clone(), sluice.now());
    let region = region_name(sluice, &org).await?;
    let work = match read(sluice, viewer).await {
        Ok(work) => Some(work),
        Err(error @ LedgerError::Unreachable { .. }) => {
            tracing::warn!(%error, "removals cannot be shown");
            None
        }
        Err(error) => return Err(error),
    };
    let follows = viewer.review().is_none() && work.as_ref().is_some_and(|work| work.moves(now));
    Ok(RemovalPage { org, now, region, work, follows })
}

/// The removals and jobs of an organisation.
///
/// # Errors
/// When the organisation is gone, its region cannot be reached, or the control plane fails.
pub async fn read(sluice: &Sluice, cap: &impl ReadsOrg) -> Result<Work, LedgerError> {
    let org = cap.org();
    let snapshot = sluice.store.snapshot(&org.id).await?.ok_or(LedgerError::NotFound)?;
    let region = region(sluice, org).await?;
    let unreachable = |error: StoreError| cannot_reach(sluice, &region.id, &error);
    let withdrawals = region.plane.withdrawals(&org.id, SHOWN).await.map_err(unreachable)?;
    let jobs = region.plane.jobs(&org.id, JOBS_SHOWN).await.map_err(unreachable)?;
    let keys = region.keys.keys(&org.id).await.map_err(unreachable)?;
    let told = |withdrawal| told(sluice.catalogue(), &snapshot, &keys, &jobs, withdrawal);
    Ok(Work { removals: withdrawals.into_iter().map(told).collect(), jobs })
}

/// A region that does not answer by then is not waited for where a page is about something else.
const LONGEST_WAIT: Duration = Duration::from_millis(500);

/// How many removals are under way, by id of the organisation, as far as the regions answer at once: of one organisation or of
/// all.
pub(crate) async fn under_way(sluice: &Sluice, org_id: Option<&str>) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for region in sluice.regions.all() {
        match tokio::time::timeout(LONGEST_WAIT, region.plane.open_withdrawals(org_id)).await {
            Ok(Ok(open)) => open.into_iter().for_each(|(org, _)| *counts.entry(org).or_default() += 1),
            Ok(Err(error)) => tracing::warn!(%error, region = region.id, "removals cannot be counted"),
            Err(_) => tracing::warn!(region = region.id, "removals cannot be counted: the region does not answer"),
        }
    }
    counts
}

/// The receipt of a removal that is finished, as it was signed; none if there is no such removal or it goes on.
///
/// # Errors
/// When the region cannot be reached, or the control plane fails.
pub async fn receipt(sluice: &Sluice, cap: &impl ReadsOrg, id: &str) -> Result<Option<String>, LedgerError> {
    let org = cap.org();
    let region = region(sluice, org).await?;
    let found = region.plane.withdrawal(&org.id, id).await;
    let found = found.map_err(|error| cannot_reach(sluice, &region.id, &error))?;
    Ok(found.and_then(|withdrawal| withdrawal.receipt))
}

fn told(catalogue: &Catalogue, snapshot: &Snapshot, keys: &[KeptKey], jobs: &[Job], withdrawal: Withdrawal) -> Removal {
    let groups = withdrawal.groups.iter();
    let job = jobs.iter().find(|job| job.task == Task::Withdraw && job.id == withdrawal.id);
    Removal {
        groups: groups
            .map(|of| RemovedGroup {
                name: group_name(catalogue, snapshot, &of.group),
                total: of.total,
                removed: of.removed,
            })
            .collect(),
        clocks: clocks(&withdrawal),
        keys_destroyed: withdrawal.keys_destroyed(keys),
        job: job.map(|job| job.state),
        withdrawal,
    }
}

/// The clocks of the kinds that it is about; of everything, both.
fn clocks(withdrawal: &Withdrawal) -> Vec<Clock> {
    let of = |kind| withdrawal.groups.iter().filter(move |of| of.group.kind == kind);
    let clock = |kind, due| {
        let left: i64 = of(kind).map(|of| of.total - of.removed).sum();
        let kept = withdrawal.finished_at.is_some() || left <= 0;
        of(kind).next().is_some().then_some(Clock { kind, due, kept })
    };
    let in_app = clock(Kind::InApp, withdrawal.due_in_app);
    let metadata = clock(Kind::Metadata, withdrawal.due);
    in_app.into_iter().chain(metadata).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data_plane::Group;
    use crate::withdrawal::{Cause, WithdrawnGroup};

    fn group(kind: Kind, total: i64, removed: i64) -> WithdrawnGroup {
        WithdrawnGroup { group: Group { app: "jira".into(), space: "WEB".into(), kind }, total, removed }
    }

    fn withdrawal(groups: Vec<WithdrawnGroup>) -> Withdrawal {
        let since = Timestamp::parse("2026-11-01").unwrap();
        Withdrawal {
            id: "w".into(),
            cause: Cause::Setting,
            because: "Off.".into(),
            version: 1,
            epoch: 1,
            whole: false,
            groups,
            stored_before: None,
            key_generation: 0,
            since,
            due_in_app: since.plus_days(30),
            due: since.plus_days(90),
            total: 0,
            removed: 0,
            finished_at: None,
            receipt: None,
        }
    }

    #[test]
    fn a_clock_is_kept_when_nothing_of_its_kind_is_left() {
        let both = withdrawal(vec![group(Kind::InApp, 4, 4), group(Kind::Metadata, 4, 1)]);
        let kept: Vec<(Kind, bool)> = clocks(&both).iter().map(|clock| (clock.kind, clock.kept)).collect();
        assert_eq!(kept, [(Kind::InApp, true), (Kind::Metadata, false)]);
        let one = withdrawal(vec![group(Kind::Metadata, 4, 1)]);
        assert_eq!(clocks(&one).len(), 1);
        assert_eq!(clocks(&one)[0].due, one.due);
        let done = Withdrawal { finished_at: Some(one.since), ..both };
        assert!(clocks(&done).iter().all(|clock| clock.kept));
    }
}
