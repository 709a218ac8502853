//! What goes on behind the pages, for as long as the server runs: withdrawals, moves and other jobs of each region, and releases of
//! patterns, which are of all regions together.
//!
//! Every server works on every region, and a job has one worker at a time (see [`service::jobs`]). A region that cannot be
//! reached holds up no other, is said once in the log, and is caught up with when it is back.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use policy::Timestamp;
use service::Sluice;
use service::data_plane::Region;
use service::ingest::HOURS;
use service::jobs::{JobError, work_one};
use service::moves;
use service::releases::{ReleaseError, run};
use service::withdrawal::{WithdrawalError, reconcile_all};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;
use uuid::Uuid;

use crate::metrics::Metrics;

/// How often changed settings and waiting jobs are looked for: a withdrawal begins within this time of the change, whichever
/// server took the change.
const EVERY: Duration = Duration::from_secs(1);

/// Every so many looks are at everyone, changed or not: time alone ends retention, trials and exemptions.
const LOOKS_AT_EVERYONE: u64 = 60;

/// Works until it is told to stop, and then finishes the step that is under way.
///
/// Two things go on in each region, so that a long job keeps no withdrawal from beginning.
pub(crate) async fn run(sluice: Sluice, metrics: Arc<Metrics>, stop: watch::Receiver<bool>) {
    let mut regions = JoinSet::new();
    for region in sluice.regions.all() {
        let worker = |duty| Worker {
            duty,
            sluice: sluice.clone(),
            region: region.clone(),
            metrics: Arc::clone(&metrics),
            down: false,
            late: BTreeSet::new(),
        };
        regions.spawn(worker(Duty::Compare).run(stop.clone()));
        regions.spawn(worker(Duty::Jobs { name: Uuid::now_v7().to_string() }).run(stop.clone()));
    }
    regions.spawn(release(sluice, stop));
    while regions.join_next().await.is_some() {}
}

/// What a worker does in its region.
enum Duty {
    /// Compares what is held with what may be.
    Compare,
    /// Does jobs, under a name that is nobody else's.
    Jobs { name: String },
}

/// Makes releases: those that are due by the calendar, and those that someone asked for.
async fn release(sluice: Sluice, mut stop: watch::Receiver<bool>) {
    let name = Uuid::now_v7().to_string();
    let mut interval = tokio::time::interval(EVERY);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut down = false;
    for look in 1_u64.. {
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            _ = interval.tick() => {}
        }
        let is_due = async {
            // Not at the very start: whoever starts a server wants pages first.
            if look.is_multiple_of(LOOKS_AT_EVERYONE) {
                run::begin_if_due(&sluice).await?;
            }
            Ok::<bool, ReleaseError>(run::work_one(&sluice, &name).await?)
        };
        match is_due.await {
            Err(error) if !down => {
                tracing::error!(%error, "releases of patterns cannot be worked on; it is tried again and again");
                down = true;
            }
            Ok(_) => down = false,
            Err(_) => {}
        }
    }
}

struct Worker {
    duty: Duty,
    sluice: Sluice,
    region: Region,
    metrics: Arc<Metrics>,
    /// Whether the last look failed.
    down: bool,
    /// Withdrawals that were said to be late.
    late: BTreeSet<String>,
}

impl Worker {
    async fn run(mut self, mut stop: watch::Receiver<bool>) {
        let mut interval = tokio::time::interval(EVERY);
        interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
        for look in 0_u64.. {
            tokio::select! {
                _ = stop.wait_for(|stop| *stop) => return,
                _ = interval.tick() => {}
            }
            let done = match &self.duty {
                Duty::Compare => self.compare(look.is_multiple_of(LOOKS_AT_EVERYONE)).await,
                Duty::Jobs { name } => self.jobs(name, &stop).await,
            };
            self.tell(done);
        }
    }

    async fn jobs(&self, name: &str, stop: &watch::Receiver<bool>) -> Result<(), WorkError> {
        while !*stop.borrow() && work_one(&self.sluice, &self.region, name).await? {}
        Ok(())
    }

    async fn compare(&mut self, everyone: bool) -> Result<(), WorkError> {
        if everyone {
            moves::take_up(&self.sluice, &self.region).await.map_err(JobError::from)?;
        }
        let reconciled = reconcile_all(&self.sluice, &self.region, everyone).await;
        if everyone {
            self.alert().await?;
            let now = self.sluice.now();
            self.region
                .plane
                .forget_batches(Timestamp::from_micros(now.micros() - HOURS * 3_600_000_000))
                .await
                .map_err(JobError::from)?;
        }
        reconciled?;
        Ok(())
    }

    /// Says which withdrawals are late, each once, and how many there are.
    async fn alert(&mut self) -> Result<(), WorkError> {
        let now: Timestamp = self.sluice.now();
        let open = self.region.plane.open_withdrawals(None).await.map_err(JobError::from)?;
        let late: BTreeMap<String, String> = open
            .into_iter()
            .filter(|(_, withdrawal)| withdrawal.is_late(now))
            .map(|(org_id, withdrawal)| (withdrawal.id, org_id))
            .collect();
        self.metrics.late(&self.region.id, late.len());
        for (withdrawal, org) in late.iter().filter(|(id, _)| !self.late.contains(*id)) {
            tracing::warn!(region = self.region.id, org, withdrawal, "a withdrawal is late");
        }
        self.late = late.into_keys().collect();
        Ok(())
    }

    /// Says once that a region is down, and once that it is back.
    fn tell(&mut self, done: Result<(), WorkError>) {
        match (done, self.down) {
            (Err(error), false) => {
                tracing::error!(%error, region = self.region.id, "a region cannot be worked on; it is tried again and again");
                self.down = true;
            }
            (Ok(()), true) => {
                tracing::info!(region = self.region.id, "a region is worked on again");
                self.down = false;
            }
            _ => {}
        }
    }
}

#[derive(Debug, thiserror::Error)]
enum WorkError {
    #[error(transparent)]
    Job(#[from] JobError),
    #[error(transparent)]
    Withdrawal(#[from] WithdrawalError),
}
