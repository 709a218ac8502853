//! The run that makes a release: every organisation is counted in its own region, digests and counts are added up, and what passed
//! the thresholds is published in one transaction.
//!
//! A run stands in the control plane and has one worker at a time. Whoever takes it over finds the parts that were counted,
//! sealed, in the regions, and goes on. A region that cannot be reached makes the run wait: a release that left it out in silence
//! would be wrong. Nothing below a threshold is written anywhere in clear.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use audit::{Action, Draft, sha256};
use patterns::{Budget, Cell, Digest, Key, Measure, Noise, Published, Release, Rules, Tally};
use policy::{PatternPeriod, Timestamp};
use thiserror::Error;
use uuid::Uuid;

use super::part::{self, Counting};
use super::{Head, ReleaseError, rules};
use crate::Sluice;
use crate::access::{by_itself, difference};
use crate::data_plane::Region;
use crate::jobs::{JobState, wait};
use crate::model::OrgRef;
use crate::ports::{KeptCell, NewRelease, StoreError};
use crate::vault::{self, VaultError};

/// How long a worker has a run before another one may take it.
const LEASE: Duration = Duration::from_secs(60);

/// How often it says that it is still there.
const KEEP_EVERY: Duration = Duration::from_secs(5);

/// A run is looked at again after this while a region is down.
const REGION_WAIT: Duration = Duration::from_secs(30);

/// Withdrawals may begin again and again while a release is made, but not for ever.
const TRIES: usize = 5;

/// How the rules are told apart: another number makes every part be counted again.
const COUNTED_AS: u32 = 1;

/// A run that is to begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRun {
    pub id: String,
    pub period: String,
    pub at: Timestamp,
}

/// A run as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    pub id: String,
    pub period: String,
    pub state: JobState,
    pub progress: Progress,
    pub attempts: i64,
    pub made_at: Timestamp,
    pub due_at: Timestamp,
    pub seen_at: Timestamp,
    pub finished_at: Option<Timestamp>,
    /// What it published.
    pub version: Option<i64>,
}

/// How far a run is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    pub step: Step,
    /// Organisations.
    pub done: i64,
    pub total: i64,
    /// The ids of regions that it waits for.
    pub waits_for: Vec<String>,
}

/// What a run is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// What each organisation contributed is read and counted in its region.
    Reading,
    /// Digests and counts are added up.
    Adding,
    /// What passed is named by the regions.
    Revealing,
    /// Suggestions are tried on items that were held back.
    Measuring,
}

impl Step {
    pub const ALL: [Self; 4] = [Self::Reading, Self::Adding, Self::Revealing, Self::Measuring];

    pub fn id(self) -> &'static str {
        match self {
            Self::Reading => "reading",
            Self::Adding => "adding",
            Self::Revealing => "revealing",
            Self::Measuring => "measuring",
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Reading => "Reading what was contributed",
            Self::Adding => "Adding up",
            Self::Revealing => "Naming what many share",
            Self::Measuring => "Measuring suggestions",
        }
    }

    pub fn parse(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.id() == id)
    }
}

#[derive(Debug, Error)]
pub enum RunError {
    #[error("the regions {} cannot be reached", .0.join(", "))]
    Down(Vec<String>),
    #[error("the catalogue names no purpose for patterns")]
    NoPurpose,
    #[error("the key of the period is dropped: the period is over")]
    Over,
    #[error("withdrawals began again and again meanwhile")]
    Overtaken,
    #[error("counting stopped: {0}")]
    Failed(String),
    #[error(transparent)]
    Publish(#[from] patterns::ReleaseError),
    #[error(transparent)]
    Release(#[from] ReleaseError),
    #[error(transparent)]
    Vault(#[from] VaultError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A worker's hold on a run.
#[derive(Debug)]
pub(super) struct Hold<'a> {
    sluice: &'a Sluice,
    pub(super) run: &'a Run,
    worker: &'a str,
    progress: Progress,
    kept_at: Instant,
}

impl Hold<'_> {
    pub(super) fn period(&self) -> &str {
        &self.run.period
    }

    /// Holds it for longer, every few seconds. False if another worker has it by now.
    pub(super) async fn keep(&mut self) -> Result<bool, StoreError> {
        if self.kept_at.elapsed() < KEEP_EVERY { Ok(true) } else { self.tell().await }
    }

    /// Says how far it is, and holds it for longer.
    async fn tell(&mut self) -> Result<bool, StoreError> {
        self.kept_at = Instant::now();
        let now = self.sluice.now();
        self.sluice.store.keep_run(&self.run.id, self.worker, now, now.plus(LEASE), &self.progress).await
    }

    async fn at(&mut self, step: Step, done: usize, total: usize) -> Result<bool, StoreError> {
        let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        let new_step = self.progress.step != step || done == total;
        self.progress = Progress { step, done: number(done), total: number(total), waits_for: Vec::new() };
        if new_step { self.tell().await } else { self.keep().await }
    }
}

/// The period that it is now.
pub fn period(sluice: &Sluice) -> String {
    let period: PatternPeriod = sluice.catalogue().patterns.period;
    period.of(sluice.now())
}

/// Begins a run of the period that it is now. False if one is not finished; then that one goes on.
///
/// # Errors
/// When the store fails.
pub async fn begin(sluice: &Sluice) -> Result<bool, StoreError> {
    let new = NewRun { id: Uuid::now_v7().to_string(), period: period(sluice), at: sluice.now() };
    sluice.store.add_run(&new).await
}

/// Begins what is due by the calendar: the first run of a period, once anything was ever contributed. When a period is over, its key
/// is dropped. Whether a run began.
///
/// # Errors
/// When the store fails.
pub async fn begin_if_due(sluice: &Sluice) -> Result<bool, StoreError> {
    let now = sluice.now();
    if sluice.store.runs(1).await?.first().is_some_and(|run| run.finished_at.is_none()) {
        return Ok(false);
    }
    let period = period(sluice);
    sluice.store.drop_pattern_keys(&period, now).await?;
    let made = sluice.store.releases(None, 1).await?.first().is_some_and(|release| release.period == period);
    let in_force = now >= sluice.catalogue().programme.in_force;
    if made || !in_force || sluice.catalogue().patterns.sources.app.is_empty() {
        return Ok(false);
    }
    for region in sluice.regions.all() {
        if region.plane.marks().await.is_ok_and(|marks| marks.values().any(|mark| mark.stored > mark.removed)) {
            return begin(sluice).await;
        }
    }
    Ok(false)
}

/// Takes the open run if it is due and free, and works on it, under the name of a worker that is nobody else's. Whether there was
/// one.
///
/// # Errors
/// When the control plane cannot be reached. A run that fails is put back and tried again later.
pub async fn work_one(sluice: &Sluice, worker: &str) -> Result<bool, StoreError> {
    let now = sluice.now();
    // A look is cheaper than a lease, and there is hardly ever a run.
    if sluice.store.runs(1).await?.first().is_none_or(|run| run.finished_at.is_some() || run.due_at > now) {
        return Ok(false);
    }
    let Some(run) = sluice.store.lease_run(worker, now, now.plus(LEASE)).await? else { return Ok(false) };
    let progress = Progress { step: Step::Reading, ..run.progress.clone() };
    let mut hold = Hold { sluice, run: &run, worker, progress, kept_at: Instant::now() };
    if let Err(error) = make(sluice, &mut hold).await {
        let mut again = wait(run.attempts);
        if let RunError::Down(regions) = &error {
            again = REGION_WAIT;
            hold.progress.waits_for.clone_from(regions);
            hold.tell().await?;
        }
        tracing::warn!(%error, run = run.id, attempts = run.attempts, "a release was not made; it is tried again");
        let now = sluice.now();
        sluice.store.put_run_back(&run.id, worker, now, now.plus(again)).await?;
    }
    Ok(true)
}

/// An organisation that contributed, and where.
struct Contributor<'a> {
    org: OrgRef,
    region: &'a Region,
}

/// Makes the release of a run; does nothing more when another worker has the run.
async fn make(sluice: &Sluice, hold: &mut Hold<'_>) -> Result<(), RunError> {
    let (rules, demonstration) = rules(sluice).await?;
    let key = pattern_key(sluice, hold.period()).await?;
    let counting = counting(sluice, &rules, &key, hold.period());
    for _ in 0..TRIES {
        let all = contributors(sluice).await?;
        for (done, Contributor { org, region }) in all.iter().enumerate() {
            if !hold.at(Step::Reading, done, all.len()).await? {
                return Ok(());
            }
            if !part::bring_up_to_date(sluice, region, org, &counting, hold).await? {
                return Ok(());
            }
        }
        let Some(tally) = add_up(sluice, &all, hold).await? else { continue };
        let wanted = tally.wanted(&rules);
        let Some(revealed) = reveal(sluice, &all, &wanted, hold).await? else { continue };
        let mut bits = || vault::random::<8>().map(u64::from_le_bytes).unwrap_or_default();
        let mut budget = budget(sluice).await?;
        let noise = rules.epsilon_thousandths.map(|_| Noise { budget: &mut budget, bits: &mut bits });
        let sources = &sluice.catalogue().patterns.sources;
        let made = patterns::release(&rules, sources, &key, &tally, revealed, noise)?;
        let Some(measure) = measure(sluice, &all, &made.published, hold).await? else { continue };
        if !still_stands(&all, hold.period(), &counting).await? {
            continue;
        }
        return publish(sluice, hold, &all, &made, &measure, demonstration).await;
    }
    Err(RunError::Overtaken)
}

fn counting(sluice: &Sluice, rules: &Rules, key: &Key, period: &str) -> Counting {
    let sources = &sluice.catalogue().patterns.sources;
    Counting {
        catalogue: Arc::clone(sluice.catalogue()),
        rules: Arc::new(rules.clone()),
        key: Arc::new(key.clone()),
        hash: sha256(format!("{COUNTED_AS}\0{period}\0{rules:?}\0{sources:?}").as_bytes()),
    }
}

/// Everyone of whom anything stands, in the region where they are.
///
/// # Errors
/// [`RunError::Down`] if a region cannot be reached.
async fn contributors(sluice: &Sluice) -> Result<Vec<Contributor<'_>>, RunError> {
    let mut all = Vec::new();
    let mut down = Vec::new();
    for region in sluice.regions.all() {
        let Ok(marks) = region.plane.marks().await else {
            down.push(region.id.clone());
            continue;
        };
        let stands = |id: &str| marks.get(id).is_some_and(|mark| mark.stored > mark.removed);
        let residents = sluice.store.residents(&region.id).await?.into_iter();
        all.extend(residents.filter(|of| stands(&of.org.id)).map(|of| Contributor { org: of.org, region }));
    }
    if down.is_empty() { Ok(all) } else { Err(RunError::Down(down)) }
}

/// The sum over all organisations, region by region. None if a part is gone: a withdrawal began.
async fn add_up(sluice: &Sluice, all: &[Contributor<'_>], hold: &mut Hold<'_>) -> Result<Option<Tally>, RunError> {
    let mut regions: BTreeMap<&str, Tally> = BTreeMap::new();
    for (done, Contributor { org, region }) in all.iter().enumerate() {
        hold.at(Step::Adding, done, all.len()).await?;
        let Some(own) = part::open(sluice, region, &org.id, hold.period()).await? else { return Ok(None) };
        regions.entry(&region.id).or_default().add_part(&own.part);
    }
    let mut sum = Tally::default();
    for tally in regions.into_values() {
        sum.merge(tally);
    }
    Ok(Some(sum))
}

/// The clear text of what passed, each once.
async fn reveal(
    sluice: &Sluice,
    all: &[Contributor<'_>],
    wanted: &[Digest],
    hold: &mut Hold<'_>,
) -> Result<Option<Vec<Cell>>, RunError> {
    let mut missing: HashSet<Digest> = wanted.iter().copied().collect();
    let mut revealed = Vec::with_capacity(wanted.len());
    for (done, Contributor { org, region }) in all.iter().enumerate() {
        if missing.is_empty() {
            break;
        }
        hold.at(Step::Revealing, done, all.len()).await?;
        let Some(own) = part::open(sluice, region, &org.id, hold.period()).await? else { return Ok(None) };
        let asked: BTreeSet<Digest> =
            own.part.cells.iter().map(|cell| cell.digest).filter(|digest| missing.contains(digest)).collect();
        let asked: Vec<Digest> = asked.into_iter().collect();
        revealed.extend(own.part.reveal(&asked));
        for digest in asked {
            missing.remove(&digest);
        }
    }
    Ok(Some(revealed))
}

/// How good suggestions from what is to be published are, on the items that were held back.
async fn measure(
    sluice: &Sluice,
    all: &[Contributor<'_>],
    published: &Published,
    hold: &mut Hold<'_>,
) -> Result<Option<Measure>, RunError> {
    let published = Arc::new(published.clone());
    let mut sum = Measure::default();
    for (done, Contributor { org, region }) in all.iter().enumerate() {
        hold.at(Step::Measuring, done, all.len()).await?;
        let Some(own) = part::open(sluice, region, &org.id, hold.period()).await? else { return Ok(None) };
        let published = Arc::clone(&published);
        let measured = tokio::task::spawn_blocking(move || {
            let mut measure = Measure::default();
            for item in &own.held_back {
                measure.add(&published, item);
            }
            measure
        });
        sum.merge(&measured.await.map_err(|error| RunError::Failed(error.to_string()))?);
    }
    Ok(Some(sum))
}

/// Whether no withdrawal began since the parts were counted. What was stored since is for the next release.
async fn still_stands(all: &[Contributor<'_>], period: &str, counting: &Counting) -> Result<bool, RunError> {
    for Contributor { org, region } in all {
        let Some(kept) = region.plane.part(&org.id, period).await? else { return Ok(false) };
        let mark = region.plane.mark(&org.id).await?;
        if kept.rules != counting.hash || (kept.mark.epoch, kept.mark.removed) != (mark.epoch, mark.removed) {
            return Ok(false);
        }
    }
    Ok(true)
}

async fn publish(
    sluice: &Sluice,
    hold: &Hold<'_>,
    all: &[Contributor<'_>],
    Release { published, report }: &Release,
    measure: &Measure,
    demonstration: bool,
) -> Result<(), RunError> {
    let now = sluice.now();
    let version = sluice.store.releases(None, 1).await?.first().map_or(1, |last| last.version + 1);
    let json = |value: Result<String, serde_json::Error>| value.map_err(|error| RunError::Failed(error.to_string()));
    let within = serde_json::to_value(published.within).map_err(|error| RunError::Failed(error.to_string()))?;
    let (rules, organisations) = (published.rules.clone(), published.organisations);
    let head = Head { demonstration, rules, organisations, within };
    let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    let cell = |cell: patterns::PublishedCell| KeptCell {
        id: cell.cell.to_string(),
        organisations: number(cell.organisations),
        people: number(cell.people),
    };
    let new = NewRelease {
        version,
        period: hold.period().to_owned(),
        at: now,
        catalogue: sluice.catalogue().version.clone(),
        head: json(serde_json::to_string(&head))?,
        report: json(serde_json::to_string(report))?,
        measure: json(serde_json::to_string(measure))?,
        cells: published.iter().map(cell).collect(),
        organisations: all.iter().map(|of| of.org.id.clone()).collect(),
    };
    let entry = Draft {
        changes: vec![
            difference("period", None, Some(hold.period())),
            difference("organisations", None, Some(&organisations.to_string())),
            difference("cells", None, Some(&new.cells.len().to_string())),
        ],
        ..by_itself(now, Action::ReleasePublish, "release", &version.to_string())
    };
    if sluice.store.publish(&hold.run.id, hold.worker, &new, &entry).await? {
        tracing::info!(
            version,
            period = hold.period(),
            organisations,
            cells = new.cells.len(),
            "patterns were released"
        );
        for region in sluice.regions.all() {
            region.plane.forget_parts(hold.period()).await?;
        }
    }
    Ok(())
}

/// The key of a period; it is made when it is first needed.
async fn pattern_key(sluice: &Sluice, period: &str) -> Result<Key, RunError> {
    let bound_to = format!("sluice patterns 1\0{period}");
    loop {
        match sluice.store.pattern_key(period).await? {
            Some(Some(wrapped)) => {
                let secret = sluice.master.unwrap(&wrapped, &bound_to).await?;
                let secret: &[u8; 32] = secret.as_slice().try_into().map_err(|_| VaultError::NotAKey)?;
                return Ok(Key::new(secret));
            }
            Some(None) => return Err(RunError::Over),
            None => {
                let wrapped = sluice.master.wrap(&vault::random::<32>()?, &bound_to).await?;
                sluice.store.add_pattern_key(period, &wrapped, sluice.now()).await?;
            }
        }
    }
}

/// What is left of the calendar year's noise.
async fn budget(sluice: &Sluice) -> Result<Budget, RunError> {
    let year = |at: Timestamp| at.day().get(..4).unwrap_or_default().to_owned();
    let this = year(sluice.now());
    let mut budget = Budget::new(sluice.catalogue().patterns.yearly_epsilon_thousandths);
    let mut below = None;
    loop {
        let some = super::page(sluice, below, super::MOST).await?.releases;
        let Some(last) = some.last() else { return Ok(budget) };
        let goes_on = year(last.made_at) == this;
        below = Some(last.version);
        budget.spent +=
            some.iter().filter(|release| year(release.made_at) == this).map(|of| of.report.epsilon_spent).sum::<u32>();
        if !goes_on {
            return Ok(budget);
        }
    }
}
