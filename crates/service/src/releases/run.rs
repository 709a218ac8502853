//! The run that makes a release: every organisation is counted in its own region, digests and counts are added up, and what passed
//! the thresholds is published in one transaction.
//!
//! A run stands in the control plane and has one worker at a time. Whoever takes it over finds the parts that were counted,
//! sealed, in the regions, and goes on. A region that cannot be reached makes the run wait: a release that left it out in silence
//! would be wrong. Nothing below a threshold is written anywhere in clear.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use audit::{Action, Draft, sha256};
use patterns::{Budget, Cell, Digest, Key, Measure, Noise, Overspent, Published, Release, Rules, Tally};
use policy::{PatternPeriod, Timestamp};
use thiserror::Error;
use uuid::Uuid;

use super::part::{self, Counting, Own};
use super::{Head, ReleaseError, rules};
use crate::Sluice;
use crate::access::{by_itself, difference};
use crate::blocking::Stopped;
use crate::data_plane::{Counted, Region};
use crate::jobs::{JobState, wait};
use crate::model::OrgRef;
use crate::ports::{KeptCell, NewRelease, StoreError};
use crate::vault::{self, VaultError};
use crate::withdrawal::{WithdrawalError, reconcile_all};

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
    /// What it published; none if it ended because it could not, for which there is an [`obstacle`].
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
    /// It is looked whether everything still stands, and then written. Meanwhile no receipt is signed that says which releases an
    /// organisation is in.
    Publishing,
}

impl Step {
    pub const ALL: [Self; 5] = [Self::Reading, Self::Adding, Self::Revealing, Self::Measuring, Self::Publishing];

    pub fn id(self) -> &'static str {
        match self {
            Self::Reading => "reading",
            Self::Adding => "adding",
            Self::Revealing => "revealing",
            Self::Measuring => "measuring",
            Self::Publishing => "publishing",
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Reading => "Reading what was contributed",
            Self::Adding => "Adding up",
            Self::Revealing => "Naming what many share",
            Self::Measuring => "Measuring suggestions",
            Self::Publishing => "Publishing",
        }
    }

    pub fn parse(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.id() == id)
    }
}

/// Why no release of a period can be made, however often it is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Obstacle {
    #[error("the catalogue names no purpose for patterns")]
    NoPurpose,
    #[error("its period is over, and with it the key of the period")]
    Over,
    #[error(transparent)]
    Overspent(#[from] Overspent),
}

#[derive(Debug, Error)]
pub enum RunError {
    #[error("the regions {} cannot be reached", .0.join(", "))]
    Down(Vec<String>),
    #[error(transparent)]
    Hopeless(#[from] Obstacle),
    #[error("withdrawals began again and again meanwhile")]
    Overtaken,
    #[error("another worker has the run by now")]
    Lost,
    #[error("counting stopped: {0}")]
    Stopped(#[from] Stopped),
    #[error("the release cannot be written: {0}")]
    Json(#[from] serde_json::Error),
    #[error(transparent)]
    Publish(#[from] patterns::ReleaseError),
    #[error(transparent)]
    Release(#[from] ReleaseError),
    #[error(transparent)]
    Withdrawal(#[from] WithdrawalError),
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

    /// Holds it for longer, every few seconds.
    ///
    /// # Errors
    /// [`RunError::Lost`] if another worker has it by now.
    pub(super) async fn keep(&mut self) -> Result<(), RunError> {
        if self.kept_at.elapsed() < KEEP_EVERY { Ok(()) } else { self.tell().await }
    }

    /// Says how far it is, and holds it for longer.
    async fn tell(&mut self) -> Result<(), RunError> {
        self.kept_at = Instant::now();
        let now = self.sluice.now();
        let kept = self.sluice.store.keep_run(&self.run.id, self.worker, now, now.plus(LEASE), &self.progress).await?;
        if kept { Ok(()) } else { Err(RunError::Lost) }
    }

    /// A new step is written before anything of it is done.
    async fn at(&mut self, step: Step, done: usize, total: usize) -> Result<(), RunError> {
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
    end_what_is_over(sluice).await?;
    sluice.store.add_run(&new).await
}

/// Begins what is due by the calendar: the first run of a period, once anything was ever contributed. What is left of a period that
/// is over goes. Whether a run began.
///
/// # Errors
/// When the store fails.
pub async fn begin_if_due(sluice: &Sluice) -> Result<bool, ReleaseError> {
    let period = period(sluice);
    end_what_is_over(sluice).await?;
    let last = sluice.store.runs(1).await?.pop();
    if last.as_ref().is_some_and(|run| run.finished_at.is_none()) {
        return Ok(false);
    }
    let made = sluice.store.releases(None, 1).await?.first().is_some_and(|release| release.period == period);
    let in_force = sluice.now() >= sluice.catalogue().programme.in_force;
    if made || !in_force || sluice.catalogue().patterns.sources.app.is_empty() {
        return Ok(false);
    }
    // It was tried, and what was in its way still is.
    let tried = last.is_some_and(|run| run.period == period && run.state == JobState::GivenUp);
    if tried && obstacle(sluice, &period).await?.is_some() {
        return Ok(false);
    }
    for region in sluice.regions.all() {
        if region.plane.contributors().await.is_ok_and(|all| !all.is_empty()) {
            return Ok(begin(sluice).await?);
        }
    }
    Ok(false)
}

/// Ends every period that is over: a run of it that is open publishes nothing any more, its key is dropped, and what organisations
/// had added to it is forgotten. A period that has not begun yet is that of a server whose clock is ahead, and stays.
async fn end_what_is_over(sluice: &Sluice) -> Result<(), StoreError> {
    let now = sluice.now();
    let is_over = |period: &str| PatternPeriod::is_over(period, now);
    if let Some(run) = sluice.store.runs(1).await?.pop().filter(|run| run.finished_at.is_none() && is_over(&run.period))
        && sluice.store.close_run(&run.id, None, now).await?
    {
        tracing::warn!(run = run.id, period = run.period, "a release was not made: its period is over");
    }
    let (over, others): (Vec<String>, Vec<String>) =
        sluice.store.pattern_periods().await?.into_iter().partition(|period| is_over(period));
    for period in over {
        sluice.store.drop_pattern_key(&period, now).await?;
    }
    for region in sluice.regions.all() {
        // Without its key a part is worth nothing. Of a region that is down now it is forgotten at a later look.
        if let Err(error) = region.plane.forget_parts(&others).await {
            tracing::debug!(%error, region = region.id, "parts of a period that is over are not forgotten yet");
        }
    }
    Ok(())
}

/// Why no release of a period can be made now; none if one can.
///
/// # Errors
/// When the store fails.
pub async fn obstacle(sluice: &Sluice, of: &str) -> Result<Option<Obstacle>, ReleaseError> {
    if PatternPeriod::is_over(of, sluice.now()) || sluice.store.pattern_key(of).await? == Some(None) {
        return Ok(Some(Obstacle::Over));
    }
    if sluice.catalogue().purpose(&sluice.catalogue().patterns.purpose).is_none() {
        return Ok(Some(Obstacle::NoPurpose));
    }
    let (rules, _) = rules(sluice).await?;
    let cost = rules.epsilon_thousandths.unwrap_or_default();
    Ok(budget(sluice).await?.spend(cost).err().map(Obstacle::Overspent))
}

/// Takes the open run if it is due and free, and works on it, under the name of a worker that is nobody else's. Whether there was
/// one.
///
/// # Errors
/// When the control plane cannot be reached. A run that fails is put back and tried again later; one that cannot succeed ends.
pub async fn work_one(sluice: &Sluice, worker: &str) -> Result<bool, StoreError> {
    let now = sluice.now();
    // A look is cheaper than a lease, and there is hardly ever a run.
    if sluice.store.runs(1).await?.first().is_none_or(|run| run.finished_at.is_some() || run.due_at > now) {
        return Ok(false);
    }
    let Some(run) = sluice.store.lease_run(worker, now, now.plus(LEASE)).await? else { return Ok(false) };
    let mut hold = Hold { sluice, run: &run, worker, progress: run.progress.clone(), kept_at: Instant::now() };
    match make(sluice, &mut hold).await {
        Ok(()) | Err(RunError::Lost) => {}
        Err(RunError::Hopeless(obstacle)) => {
            tracing::warn!(%obstacle, run = run.id, period = run.period, "a release was not made");
            sluice.store.close_run(&run.id, Some(worker), sluice.now()).await?;
        }
        Err(error) => {
            let mut again = wait(run.attempts);
            if let RunError::Down(regions) = &error {
                again = REGION_WAIT;
                hold.progress.waits_for.clone_from(regions);
                // If it is lost, putting it back does nothing either.
                hold.tell().await.ok();
            }
            tracing::warn!(%error, run = run.id, attempts = run.attempts, "a release was not made; it is tried again");
            let now = sluice.now();
            sluice.store.put_run_back(&run.id, worker, now, now.plus(again)).await?;
        }
    }
    Ok(true)
}

/// An organisation that contributed, and where.
pub(super) struct Contributor<'a> {
    pub(super) org: OrgRef,
    pub(super) region: &'a Region,
    /// How its part was counted, if there is one.
    pub(super) kept: Option<Counted>,
}

/// Makes the release of a run.
async fn make(sluice: &Sluice, hold: &mut Hold<'_>) -> Result<(), RunError> {
    // Before anything is read in vain.
    if let Some(obstacle) = obstacle(sluice, hold.period()).await? {
        return Err(obstacle.into());
    }
    let (rules, demonstration) = rules(sluice).await?;
    let key = pattern_key(sluice, hold.period()).await?;
    let counting = counting(sluice, &rules, &key, hold.period());
    for _ in 0..TRIES {
        match attempt(sluice, hold, &counting, demonstration).await {
            Err(RunError::Overtaken) => {}
            outcome => return outcome,
        }
    }
    Err(RunError::Overtaken)
}

async fn attempt(
    sluice: &Sluice,
    hold: &mut Hold<'_>,
    counting: &Counting,
    demonstration: bool,
) -> Result<(), RunError> {
    let all = contributors(sluice, hold.period()).await?;
    for (done, contributor) in all.iter().enumerate() {
        hold.at(Step::Reading, done, all.len()).await?;
        part::bring_up_to_date(sluice, contributor, counting, hold).await?;
    }
    let rules = &counting.rules;
    let tally = add_up(sluice, &all, hold).await?;
    let revealed = reveal(sluice, &all, &tally.wanted(rules), hold).await?;
    let mut bits = || vault::random::<8>().map(u64::from_le_bytes).unwrap_or_default();
    let mut budget = budget(sluice).await?;
    let noise = rules.epsilon_thousandths.map(|_| Noise { budget: &mut budget, bits: &mut bits });
    let made = patterns::release(rules, counting.sources(), &counting.key, &tally, revealed, noise)?;
    let measure = measure(sluice, &all, &made.published, hold).await?;
    // Said before it is looked: a withdrawal that begins after the look waits with its receipt until it is written.
    hold.at(Step::Publishing, 0, all.len()).await?;
    still_stands(&all, hold.period(), counting).await?;
    publish(sluice, hold, &all, &made, &measure, demonstration).await
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

/// Everyone of whom anything stands that may stay, in the region where they are. Who takes something back just now is left out until
/// that is done: nothing that has to go is counted once more.
///
/// # Errors
/// [`RunError::Down`] if a region cannot be reached.
async fn contributors<'a>(sluice: &'a Sluice, period: &str) -> Result<Vec<Contributor<'a>>, RunError> {
    let mut all = Vec::new();
    let mut down = Vec::new();
    for region in sluice.regions.all() {
        // Asked before the records: whose first key is made in between is for the next release.
        let (Ok(()), Ok(holders)) = (region.plane.reach().await, region.keys.holders().await) else {
            down.push(region.id.clone());
            continue;
        };
        // A server does this all the time; at the command line there may be none.
        reconcile_all(sluice, region, true).await?;
        let open: BTreeSet<String> = region.plane.open_withdrawals(None).await?.into_iter().map(|(id, _)| id).collect();
        // After that: whose withdrawal ended in between has nothing that stands and had to go.
        let standing = region.plane.contributors().await?;
        let mut kept = region.plane.parts(period).await?;
        let residents = sluice.store.residents(&region.id).await?.into_iter().map(|resident| resident.org);
        // A copy that was brought back can hold records of somebody whose keys are destroyed. Nobody reads them.
        let can_be_read = |org: &OrgRef| standing.contains(&org.id) && holders.contains(&org.id);
        let stays = residents.filter(|org| can_be_read(org) && !open.contains(&org.id));
        all.extend(stays.map(|org| Contributor { kept: kept.remove(&org.id), org, region }));
    }
    if down.is_empty() { Ok(all) } else { Err(RunError::Down(down)) }
}

/// The sum over all organisations.
async fn add_up(sluice: &Sluice, all: &[Contributor<'_>], hold: &mut Hold<'_>) -> Result<Tally, RunError> {
    let mut sum = Tally::default();
    for (done, contributor) in all.iter().enumerate() {
        hold.at(Step::Adding, done, all.len()).await?;
        sum.add_part(&own(sluice, contributor, hold).await?.part);
    }
    Ok(sum)
}

/// The clear text of what passed, each once.
async fn reveal(
    sluice: &Sluice,
    all: &[Contributor<'_>],
    wanted: &[Digest],
    hold: &mut Hold<'_>,
) -> Result<Vec<Cell>, RunError> {
    let mut missing: HashSet<Digest> = wanted.iter().copied().collect();
    let mut revealed = Vec::with_capacity(wanted.len());
    for (done, contributor) in all.iter().enumerate() {
        if missing.is_empty() {
            break;
        }
        hold.at(Step::Revealing, done, all.len()).await?;
        let Own { part, .. } = own(sluice, contributor, hold).await?;
        let asked: BTreeSet<Digest> =
            part.cells.iter().map(|cell| cell.digest).filter(|digest| missing.contains(digest)).collect();
        let asked: Vec<Digest> = asked.into_iter().collect();
        revealed.extend(part.reveal(&asked));
        for digest in asked {
            missing.remove(&digest);
        }
    }
    Ok(revealed)
}

/// How good suggestions from what is to be published are, on the items that were held back.
async fn measure(
    sluice: &Sluice,
    all: &[Contributor<'_>],
    published: &Published,
    hold: &mut Hold<'_>,
) -> Result<Measure, RunError> {
    let published = Arc::new(published.clone());
    let mut sum = Measure::default();
    for (done, contributor) in all.iter().enumerate() {
        hold.at(Step::Measuring, done, all.len()).await?;
        let Own { held_back, .. } = own(sluice, contributor, hold).await?;
        let published = Arc::clone(&published);
        let measured = tokio::task::spawn_blocking(move || {
            let mut measure = Measure::default();
            for item in &held_back {
                measure.add(&published, item);
            }
            measure
        });
        sum.merge(&measured.await.map_err(Stopped::from)?);
    }
    Ok(sum)
}

/// What an organisation adds, as it was counted. If it is gone, a withdrawal began.
async fn own(
    sluice: &Sluice,
    Contributor { org, region, .. }: &Contributor<'_>,
    hold: &Hold<'_>,
) -> Result<Own, RunError> {
    part::open(sluice, region, &org.id, hold.period()).await?.ok_or(RunError::Overtaken)
}

/// That no withdrawal began since the parts were counted. What was stored since, or deleted in the source, is for the next release.
///
/// # Errors
/// [`RunError::Overtaken`] if one did.
async fn still_stands(all: &[Contributor<'_>], period: &str, counting: &Counting) -> Result<(), RunError> {
    // They come region by region.
    for some in all.chunk_by(|one, next| one.region.id == next.region.id) {
        let Some(Contributor { region, .. }) = some.first() else { continue };
        let (parts, standings) = (region.plane.parts(period).await?, region.plane.standings().await?);
        let stands = |org: &OrgRef| {
            let (part, standing) = parts.get(&org.id).zip(standings.get(&org.id))?;
            (part.rules == counting.hash && part.mark.epoch == standing.epoch).then_some(())
        };
        some.iter().try_for_each(|of| stands(&of.org)).ok_or(RunError::Overtaken)?;
    }
    Ok(())
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
    let within = serde_json::to_value(published.within)?;
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
        head: serde_json::to_string(&head)?,
        report: serde_json::to_string(report)?,
        measure: serde_json::to_string(measure)?,
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
            Some(None) => return Err(Obstacle::Over.into()),
            None => {
                let wrapped = sluice.master.wrap(&vault::random::<32>()?, &bound_to).await?;
                sluice.store.add_pattern_key(period, &wrapped, sluice.now()).await?;
            }
        }
    }
}

/// What is left of the calendar year's noise.
async fn budget(sluice: &Sluice) -> Result<Budget, ReleaseError> {
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
