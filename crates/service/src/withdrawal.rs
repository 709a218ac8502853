//! Withdrawal: what may not be kept any more is removed, and a receipt shows it.
//!
//! There is no list of what has to go: what a region holds is compared with what may contribute now ([`reconcile`]), so a
//! setting, an exemption, a plan and the end of the retention time all lead here by the same decision, and a region that
//! could not be reached catches up by itself. A receipt is never made before a query has shown that nothing is left.

pub mod receipt;

use audit::{Action, Draft};
use language::Language;
use policy::{Kind, OrgState, Target, Timestamp, decide};
use thiserror::Error;
use uuid::Uuid;

use crate::Sluice;
use crate::access::{by_itself, difference};
use crate::data_plane::{Group, Held, KeptKey, Region, Standing};
use crate::jobs::{Lease, NewJob, Task};
use crate::model::{Change, OrgRef, Snapshot};
use crate::moves::Move;
use crate::ports::{Resident, StoreError};
use crate::settings::clocks::taken_back;
use crate::settings::rows::reason_text;

/// Changes that are read at once.
const CHANGES_AT_ONCE: u32 = 100;

/// Records that are deleted in one transaction: batches of the organisation wait for it.
const RECORDS_AT_ONCE: u32 = 2_000;

#[derive(Debug, Error)]
pub enum WithdrawalError {
    #[error("there is no such organisation or withdrawal")]
    NotFound,
    #[error("the receipt cannot be written: {0}")]
    Receipt(String),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why data is withdrawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// An admin turned something off or excluded it.
    Setting,
    /// An exemption, a plan or a subscription ended it.
    Rule,
    /// It was kept as long as the catalogue allows.
    Retention,
    /// The organisation is in another region now.
    Moved,
}

impl Cause {
    pub const ALL: [Self; 4] = [Self::Setting, Self::Rule, Self::Retention, Self::Moved];

    pub fn id(self) -> &'static str {
        match self {
            Self::Setting => "setting",
            Self::Rule => "rule",
            Self::Retention => "retention",
            Self::Moved => "moved",
        }
    }

    pub fn parse(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cause| cause.id() == id)
    }
}

/// Records of one group that a withdrawal is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WithdrawnGroup {
    pub group: Group,
    /// Records that stood when it began, and that were removed since.
    pub total: i64,
    pub removed: i64,
}

/// Something that is taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withdrawal {
    pub id: String,
    pub cause: Cause,
    /// Why, in a sentence.
    pub because: String,
    /// The number of the change of settings that it follows from; 0 if from none.
    pub version: i64,
    /// Records of this epoch and above are not meant.
    pub epoch: i64,
    /// Everything of the organisation is meant, also of groups that are not listed.
    pub whole: bool,
    /// What is meant, or what stood there when it began, with what was removed of each. A receipt names them.
    pub groups: Vec<WithdrawnGroup>,
    /// Only records that were stored before this time.
    pub stored_before: Option<Timestamp>,
    /// The keys up to this generation are destroyed, because nothing that they sealed is to stay; 0 if none is.
    pub key_generation: i64,
    /// When it ceased to contribute. The clocks count from here.
    pub since: Timestamp,
    /// When the in-app data, and when the rest has to be gone.
    pub due_in_app: Timestamp,
    pub due: Timestamp,
    /// Records that it was about when it began, and that were removed.
    pub total: i64,
    pub removed: i64,
    pub finished_at: Option<Timestamp>,
    /// A signed note.
    pub receipt: Option<String>,
}

impl Withdrawal {
    /// Whether a group as it stands is about to be removed by this.
    fn covers(&self, held: &Held) -> bool {
        let meant = self.whole || self.groups.iter().any(|of| of.group == held.group);
        meant && held.epoch < self.epoch && self.stored_before.is_none()
    }

    /// The generations of the organisation's key that were destroyed with it, and not before it.
    pub(crate) fn keys_destroyed(&self, keys: &[KeptKey]) -> Vec<i64> {
        let with_it = |key: &&KeptKey| {
            key.generation <= self.key_generation && key.destroyed_at.is_some_and(|destroyed| destroyed >= self.since)
        };
        keys.iter().filter(with_it).map(|key| key.generation).collect()
    }

    /// Whether its time is over and it is not finished.
    pub fn is_late(&self, now: Timestamp) -> bool {
        self.finished_at.is_none() && self.next_due() <= now
    }

    /// By when something of it has to be gone.
    pub fn next_due(&self) -> Timestamp {
        let in_app = self.groups.iter().any(|of| of.group.kind == Kind::InApp && of.removed < of.total);
        if in_app { self.due_in_app } else { self.due }
    }
}

/// Compares what a region holds of an organisation with what it may hold now, and begins the withdrawal of the rest.
///
/// It can be called at any time and as often as one likes: what is being withdrawn already is not begun again, and an
/// organisation that moves away is left to its move. Returns whether anything began.
///
/// # Errors
/// When the organisation is gone, or a store fails.
pub async fn reconcile(sluice: &Sluice, region: &Region, org: &OrgRef) -> Result<bool, WithdrawalError> {
    let seen = region.plane.standing(&org.id).await?;
    // Asked after the standing was read: a move that begins later makes it another.
    if !sluice.store.settled(&org.id, &region.id).await? {
        return Ok(false);
    }
    begin(sluice, region, org, seen).await
}

/// The same for the move that an organisation is left to.
pub(crate) async fn compare(sluice: &Sluice, region: &Region, org: &OrgRef) -> Result<bool, WithdrawalError> {
    let seen = region.plane.standing(&org.id).await?;
    begin(sluice, region, org, seen).await
}

/// Those that are not finished.
pub(crate) async fn open(region: &Region, org: &OrgRef) -> Result<Vec<Withdrawal>, StoreError> {
    let open = region.plane.open_withdrawals(Some(&org.id)).await?;
    Ok(open.into_iter().map(|(_, withdrawal)| withdrawal).collect())
}

async fn begin(sluice: &Sluice, region: &Region, org: &OrgRef, seen: Standing) -> Result<bool, WithdrawalError> {
    let snapshot = sluice.store.snapshot(&org.id).await?.ok_or(WithdrawalError::NotFound)?;
    let now = sluice.now();
    let open = open(region, org).await?;
    let held = region.plane.held(&org.id).await?;
    let standing: Vec<&Held> = held.iter().filter(|held| !open.iter().any(|open| open.covers(held))).collect();
    let mut begun = Vec::new();
    for stop in stopped(sluice, &snapshot, seen, &standing).await? {
        begun.push(stop.begin(sluice, seen, &standing, now));
    }
    let keeps_everything = begun.is_empty();
    if let Some(too_old) = too_old(sluice, seen, &standing, &open, now).filter(|_| keeps_everything) {
        begun.push(too_old);
    }
    if begun.is_empty() && seen.version == snapshot.version {
        return Ok(false);
    }
    let any = !begun.is_empty();
    let began = write(sluice, region, org, seen, &held, snapshot.version, begun).await?;
    Ok(any && began)
}

/// Begins the withdrawal of everything from a region that an organisation has left. The job of the move does its work. False
/// if another worker was faster.
pub(crate) async fn begin_moved(
    sluice: &Sluice,
    region: &Region,
    org: &OrgRef,
    moved: &Move,
) -> Result<bool, WithdrawalError> {
    let (seen, now) = (region.plane.standing(&org.id).await?, sluice.now());
    let held = region.plane.held(&org.id).await?;
    let name = sluice.catalogue().region(&moved.target).map_or(moved.target.as_str(), |target| target.name.as_str());
    let because = format!("The organisation was moved to the region {name}, with everything that it contributes.");
    let groups = held.iter().map(|held| held.group.clone()).collect();
    let stop = Stop { cause: Cause::Moved, because, version: 0, since: moved.switched_at.unwrap_or(now), groups };
    let withdrawal = stop.begin(sluice, seen, &held.iter().collect::<Vec<_>>(), now);
    let whole = Withdrawal { id: moved.id.clone(), whole: true, ..withdrawal };
    write(sluice, region, org, seen, &held, seen.version, vec![whole]).await
}

/// Writes withdrawals that begin, each with its job, unless the standing is not what was seen.
async fn write(
    sluice: &Sluice,
    region: &Region,
    org: &OrgRef,
    seen: Standing,
    held: &[Held],
    version: i64,
    mut begun: Vec<Withdrawal>,
) -> Result<bool, WithdrawalError> {
    let now = sluice.now();
    if begun.iter().any(|withdrawal| withdrawal.whole) {
        // First, so that nothing new is sealed with a key that is about to be destroyed.
        let newest = region.keys.keys(&org.id).await?.last().map_or(0, |key| key.generation);
        region.keys.retire_keys(&org.id, newest, now).await?;
        for withdrawal in begun.iter_mut().filter(|withdrawal| withdrawal.whole) {
            withdrawal.key_generation = newest;
        }
    }
    let with_jobs: Vec<(Withdrawal, NewJob)> = begun
        .into_iter()
        .map(|withdrawal| {
            let job = NewJob {
                id: withdrawal.id.clone(),
                task: Task::Withdraw,
                subject: withdrawal.because.clone(),
                total: withdrawal.total,
                at: now,
                worker: None,
            };
            (withdrawal, job)
        })
        .collect();
    Ok(region.plane.begin_withdrawals(&org.id, seen, held, version, &with_jobs).await?)
}

/// What ceased to contribute at one moment for one reason.
struct Stop {
    cause: Cause,
    because: String,
    version: i64,
    since: Timestamp,
    groups: Vec<Group>,
}

impl Stop {
    fn begin(self, sluice: &Sluice, seen: Standing, standing: &[&Held], now: Timestamp) -> Withdrawal {
        let Self { cause, because, version, since, groups } = self;
        let whole = groups.len() == standing.len();
        let of = |group: &Group| standing.iter().find(|held| held.group == *group).map_or(0, |held| held.records);
        let groups: Vec<WithdrawnGroup> =
            groups.into_iter().map(|group| WithdrawnGroup { total: of(&group), group, removed: 0 }).collect();
        let due = |kind| due(sluice, since, kind).max(now);
        Withdrawal {
            id: Uuid::now_v7().to_string(),
            cause,
            because,
            version,
            epoch: seen.epoch + 1,
            whole,
            stored_before: None,
            key_generation: 0,
            since,
            due_in_app: due(Kind::InApp),
            due: due(Kind::Metadata),
            total: groups.iter().map(|of| of.total).sum(),
            groups,
            removed: 0,
            finished_at: None,
            receipt: None,
        }
    }
}

/// By when data of a kind that ceased to contribute has to be gone: the first of the catalogue's clocks for it.
fn due(sluice: &Sluice, since: Timestamp, kind: Kind) -> Timestamp {
    let clocks = sluice.catalogue().clocks.iter().filter(|clock| clock.kinds.contains(&kind));
    since.plus_days(clocks.map(|clock| i64::from(clock.days)).min().unwrap_or_default())
}

/// What of that which stands may not any more, by the change that ended it.
async fn stopped(
    sluice: &Sluice,
    snapshot: &Snapshot,
    seen: Standing,
    standing: &[&Held],
) -> Result<Vec<Stop>, WithdrawalError> {
    let (catalogue, now) = (sluice.catalogue(), sluice.now());
    let gone: Vec<&Group> = standing
        .iter()
        .map(|held| &held.group)
        .filter(|group| !decide(catalogue, &snapshot.state, &target(catalogue, group), group.kind, now).contributes)
        .collect();
    if gone.is_empty() {
        return Ok(Vec::new());
    }
    let mut changes = Vec::new();
    let mut below = None;
    loop {
        let some = sluice.store.changes(&snapshot.org.id, None, below, CHANGES_AT_ONCE).await?;
        let Some(last) = some.last().map(|change| change.version) else { break };
        changes.extend(some.into_iter().filter(|change| change.version > seen.version));
        if last <= seen.version + 1 {
            break;
        }
        below = Some(last);
    }
    let mut stops: Vec<Stop> = Vec::new();
    for group in gone {
        // Its reason is kept and signed, so it is in English whoever asks.
        let stop = Language::English.scope(|| ended_by(sluice, snapshot, &changes, group));
        match stops.iter_mut().find(|known| known.version == stop.version && known.because == stop.because) {
            Some(known) => known.groups.extend(stop.groups),
            None => stops.push(stop),
        }
    }
    if stops.iter().map(|stop| stop.groups.len()).sum::<usize>() == standing.len()
        && let Some(first) = stops.iter().map(|stop| stop.since).min()
    {
        // Nothing is to stay: one withdrawal of everything, on the earliest clock.
        let last = stops.iter().enumerate().max_by_key(|(_, stop)| stop.version).map_or(0, |(at, _)| at);
        let groups = stops.iter().flat_map(|stop| stop.groups.clone()).collect();
        let last = stops.swap_remove(last);
        return Ok(vec![Stop { since: first, groups, ..last }]);
    }
    Ok(stops)
}

/// The newest change that ended what a group contributed; if it was none, it ended by itself. The change is named by its number
/// only: who made it stands in the history, and not in what is signed and kept.
fn ended_by(sluice: &Sluice, snapshot: &Snapshot, changes: &[Change], group: &Group) -> Stop {
    let (catalogue, now) = (sluice.catalogue(), sluice.now());
    let target = target(catalogue, group);
    let contributes = |state: &OrgState, at| decide(catalogue, state, &target, group.kind, at).contributes;
    let because = reason_text(catalogue, &decide(catalogue, &snapshot.state, &target, group.kind, now), group.kind);
    let mut state = snapshot.state.clone();
    for change in changes {
        let before = taken_back(&state, change);
        if contributes(&before, change.at) && !contributes(&state, change.at) {
            let (cause, version, since) = (Cause::Setting, change.version, change.at);
            return Stop { cause, because, version, since, groups: vec![group.clone()] };
        }
        state = before;
    }
    Stop { cause: Cause::Rule, because, version: 0, since: now, groups: vec![group.clone()] }
}

/// Whose data a group is.
fn target(catalogue: &policy::Catalogue, group: &Group) -> Target {
    if catalogue.platform_apps.iter().any(|app| app.id == group.app) {
        return Target::PlatformApp(group.app.clone());
    }
    Target::Space { app: group.app.clone(), key: group.space.clone() }
}

/// What was kept as long as the catalogue allows.
fn too_old(
    sluice: &Sluice,
    seen: Standing,
    standing: &[&Held],
    open: &[Withdrawal],
    now: Timestamp,
) -> Option<Withdrawal> {
    let years = i64::from(sluice.catalogue().programme.retention_years);
    let before = now.plus_days(-years * 365);
    let running = open.iter().any(|withdrawal| withdrawal.stored_before.is_some());
    let old: Vec<Group> = standing.iter().filter(|held| held.oldest < before).map(|held| held.group.clone()).collect();
    if old.is_empty() || running {
        return None;
    }
    let because = format!("It was kept for {years} years, the longest that the catalogue allows.");
    let stop = Stop { cause: Cause::Retention, because, version: 0, since: now, groups: old };
    // Newer records of the same groups stay, and so does the key.
    Some(Withdrawal { stored_before: Some(before), whole: false, ..stop.begin(sluice, seen, standing, now) })
}

/// Compares what a region holds with what it may hold, of everyone in it or of those whose settings changed since it last did.
/// How many withdrawals began; an organisation that fails does not keep the others waiting.
///
/// # Errors
/// When the region or the control plane cannot be reached, and the last failure of an organisation.
pub async fn reconcile_all(sluice: &Sluice, region: &Region, everyone: bool) -> Result<usize, WithdrawalError> {
    let standings = region.plane.standings().await?;
    let mut began = 0;
    let mut failed = None;
    for Resident { org, version } in sluice.store.residents(&region.id).await? {
        let changed = match standings.get(&org.id) {
            Some(standing) => everyone || standing.version != version,
            // Nothing of it has ever been stored.
            None => false,
        };
        if changed {
            match reconcile(sluice, region, &org).await {
                Ok(any) => began += usize::from(any),
                Err(error) => failed = Some(error),
            }
        }
    }
    failed.map_or(Ok(began), Err)
}

/// Does the work of a withdrawal. Each step can be done again without harm; a worker that lost its lease stops. Whether it
/// came to its end.
///
/// # Errors
/// When a store fails; what was removed stays removed.
pub(crate) async fn work(
    sluice: &Sluice,
    region: &Region,
    org: &OrgRef,
    id: &str,
    lease: &Lease<'_>,
) -> Result<bool, WithdrawalError> {
    let removed = remove(sluice, region, org, id, lease).await?;
    if removed {
        conclude(sluice, region, org, id).await?;
    }
    Ok(removed)
}

/// Destroys keys where nothing is to stay, and deletes. False if another worker has the job by now.
pub(crate) async fn remove(
    sluice: &Sluice,
    region: &Region,
    org: &OrgRef,
    id: &str,
    lease: &Lease<'_>,
) -> Result<bool, WithdrawalError> {
    let withdrawal = region.plane.withdrawal(&org.id, id).await?.ok_or(WithdrawalError::NotFound)?;
    if withdrawal.key_generation > 0 {
        region.keys.destroy_keys(&org.id, withdrawal.key_generation, sluice.now()).await?;
    }
    loop {
        let day = sluice.now().day();
        let removed = region.plane.withdraw_some(&org.id, id, &day, RECORDS_AT_ONCE).await?;
        if removed == 0 && region.plane.left_to_withdraw(&org.id, id).await? == 0 {
            return Ok(true);
        }
        if !lease.keep().await? {
            return Ok(false);
        }
    }
}

/// Makes the receipt when a query shows that nothing is left. The log says so before the receipt is kept: what has its receipt is
/// not looked at again. The withdrawal as it is then.
pub(crate) async fn conclude(
    sluice: &Sluice,
    region: &Region,
    org: &OrgRef,
    id: &str,
) -> Result<Withdrawal, WithdrawalError> {
    let read = async || region.plane.withdrawal(&org.id, id).await?.ok_or(WithdrawalError::NotFound);
    let (done, now) = (read().await?, sluice.now());
    let receipt = receipt::sign(sluice, region, org, &done, now).await?;
    log(sluice, org, &done, now).await?;
    region.plane.finish_withdrawal(&org.id, id, now, &receipt).await?;
    read().await
}

/// Says in the organisation's audit log that it was done, once.
async fn log(sluice: &Sluice, org: &OrgRef, done: &Withdrawal, now: Timestamp) -> Result<(), WithdrawalError> {
    let entry = Draft {
        changes: vec![difference("records", Some(&done.removed.to_string()), Some("0"))],
        because: Some(done.because.clone()),
        ..by_itself(now, Action::DataWithdraw, "withdrawal", &done.id)
    };
    sluice.store.append_once(&org.id, &entry).await?;
    Ok(())
}
