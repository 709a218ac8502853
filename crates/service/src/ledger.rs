//! The ledger: what was contributed and removed, in sums, and where it is.
//!
//! It is read from the organisation's own region. If that cannot be reached, the page says so; nothing stands in for it, and
//! no sum is ever shown that was not counted in the transaction which stored or removed the records.

use std::collections::BTreeMap;

use language::{count, t};
use policy::{Catalogue, Kind, Setting, Timestamp};
use serde::Serialize;
use thiserror::Error;

use crate::Sluice;
use crate::access::{OrgAuditor, ReadsOrg, Viewer};
use crate::audit_log::{self, AuditRow, csv_cell};
use crate::data_plane::{FoundLine, Group, Held, KeptKey, LedgerLine, Region};
use crate::ingest::IngestError;
use crate::model::{OrgRef, Snapshot};
use crate::ports::StoreError;
use crate::settings::{app_name, full_label};
use crate::{vault, words};

/// Days of a period that nobody chose.
pub const DAYS: i64 = 30;

/// Days of the longest period.
pub const MOST_DAYS: i64 = 366;

/// Accesses that the page lists.
const READS_SHOWN: u32 = 5;

#[derive(Debug, Error)]
pub enum LedgerError {
    #[error("there is no such organisation")]
    NotFound,
    /// The organisation's region does not answer, or no store is set up for it.
    #[error("the region {region} cannot be reached: {why}")]
    Unreachable { region: String, why: String },
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What is wrong with the days that were asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeriodFault {
    /// `from` or `to`.
    pub field: &'static str,
    /// In a sentence that says what to do.
    pub why: String,
}

/// Some days, both included, each by its first moment, UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    pub from: Timestamp,
    pub to: Timestamp,
}

impl Period {
    /// The last so many days, today included.
    pub fn last(days: i64, now: Timestamp) -> Self {
        let to = start_of_day(now);
        Self { from: to.plus_days(1 - days), to }
    }

    /// Reads two days; one that is left out is as in the last [`DAYS`] days.
    ///
    /// # Errors
    /// What is wrong with them, for a person to read.
    pub fn parse(from: &str, to: &str, now: Timestamp) -> Result<Self, PeriodFault> {
        let fault = |field, why| PeriodFault { field, why };
        let day = |field, text: &str| match text.trim() {
            "" => Ok(None),
            text => match Timestamp::parse(text) {
                Some(moment) => Ok(Some(start_of_day(moment))),
                None => Err(fault(field, t!("“{text}” is no day. Write it as 2026-09-30.", text))),
            },
        };
        let (from, to) = (day("from", from)?, day("to", to)?);
        let to = to.unwrap_or_else(|| start_of_day(now));
        let period = Self { from: from.unwrap_or_else(|| to.plus_days(1 - DAYS)), to };
        match period.days() {
            ..1 => Err(fault("from", t!("The first day is after the last one.").to_owned())),
            1..=MOST_DAYS => Ok(period),
            days => Err(fault(
                "from",
                t!(
                    "This period has {days} days; {most} fit. Choose a shorter one.",
                    days = count(days),
                    most = MOST_DAYS
                ),
            )),
        }
    }

    pub fn days(self) -> i64 {
        self.to.plus_days(1).days_since(self.from)
    }

    fn each_day(self) -> impl Iterator<Item = Timestamp> {
        (0..self.days()).map(move |day| self.from.plus_days(day))
    }
}

fn start_of_day(moment: Timestamp) -> Timestamp {
    Timestamp::parse(&moment.day()).unwrap_or(moment)
}

/// Records of each kind of data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ByKind {
    pub metadata: i64,
    pub in_app: i64,
}

impl ByKind {
    pub fn total(self) -> i64 {
        self.metadata + self.in_app
    }

    fn add(&mut self, kind: Kind, records: i64) {
        match kind {
            Kind::Metadata => self.metadata += records,
            Kind::InApp => self.in_app += records,
        }
    }
}

/// What a part of the data adds up to: an app, a space, a day, a version of the settings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// Records that were stored, new or changed.
    pub contributed: ByKind,
    pub fields: i64,
    pub removed: i64,
    /// Records that stand now; of a day or a version nothing is known of that.
    pub kept: ByKind,
}

impl Sum {
    fn line(&mut self, line: &LedgerLine) {
        self.contributed.add(line.group.kind, line.items);
        self.fields += line.fields;
        self.removed += line.removed;
    }

    fn held(&mut self, held: &Held) {
        self.kept.add(held.group.kind, held.records);
    }
}

/// An app or a space with its sum.
#[derive(Clone, Debug)]
pub struct Part {
    pub app: String,
    /// Empty for an app as a whole, and for what has no spaces.
    pub space: String,
    pub name: String,
    pub sum: Sum,
}

/// The key under which an organisation's data is encrypted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyState {
    pub algorithm: &'static str,
    /// The one that seals now, and since when; none where the next contribution makes one.
    pub current: Option<(i64, Timestamp)>,
    /// How many were destroyed: what they had sealed can be read by nobody.
    pub destroyed: usize,
}

impl KeyState {
    pub(crate) fn of(keys: &[KeptKey]) -> Self {
        let current = keys.iter().rev().find(|key| key.retired_at.is_none() && key.destroyed_at.is_none());
        Self {
            algorithm: vault::ALGORITHM,
            current: current.map(|key| (key.generation, key.made_at)),
            destroyed: keys.iter().filter(|key| key.destroyed_at.is_some()).count(),
        }
    }
}

/// The ledger of a period.
#[derive(Clone, Debug)]
pub struct Ledger {
    pub period: Period,
    /// The region's id.
    pub region: String,
    pub total: Sum,
    /// Every day of the period.
    pub by_day: Vec<(Timestamp, Sum)>,
    /// By what was contributed, most first; then by what is kept.
    pub by_app: Vec<Part>,
    pub by_space: Vec<Part>,
    /// By the number of the change of settings, newest first.
    pub by_version: Vec<(i64, Sum)>,
    /// Personal data that was found and replaced, most first.
    pub found: Vec<(deidentify::Kind, i64)>,
    pub key: KeyState,
    /// What all of this was added up from.
    pub lines: Vec<LedgerLine>,
    pub found_lines: Vec<FoundLine>,
}

/// What the page shows.
#[derive(Clone, Debug)]
pub struct LedgerPage {
    pub org: OrgRef,
    pub now: Timestamp,
    pub period: Period,
    /// What is wrong with the days that were asked for; the period is then the usual one.
    pub fault: Option<String>,
    /// The region's name.
    pub region: String,
    /// The name of the region that the organisation is moving to.
    pub moving_to: Option<String>,
    /// None if the region cannot be reached.
    pub ledger: Option<Ledger>,
    /// From when anything is contributed, if that is ahead.
    pub not_before: Option<Timestamp>,
    /// The last times that contributed data was read, newest first; none for whoever does not see the audit log.
    pub reads: Option<Vec<AuditRow>>,
    /// Whether the newest records can be opened by whoever looks.
    pub may_open: bool,
    /// Whether anything is rendered that can be typed into; for support nothing is.
    pub can_search: bool,
    /// Whether whoever looks makes the keys that work is sent with.
    pub may_send: bool,
}

/// The page of a period.
///
/// # Errors
/// When the organisation is gone or the control plane fails. A region that cannot be reached is no error of the page.
pub async fn page(sluice: &Sluice, viewer: &Viewer, from: &str, to: &str) -> Result<LedgerPage, LedgerError> {
    let (org, now) = (viewer.org().clone(), sluice.now());
    let (period, fault) = match Period::parse(from, to, now) {
        Ok(period) => (period, None),
        Err(fault) => (Period::last(DAYS, now), Some(fault.why)),
    };
    let region = region_name(sluice, &org).await?;
    let open = sluice.store.open_move(&org.id).await?.filter(|open| open.switched_at.is_none());
    let ledger = match read(sluice, viewer, period).await {
        Ok(ledger) => Some(ledger),
        Err(error @ LedgerError::Unreachable { .. }) => {
            tracing::warn!(%error, "the ledger cannot be shown");
            None
        }
        Err(error) => return Err(error),
    };
    let auditor: Option<OrgAuditor> = match viewer {
        Viewer::Admin(admin) => Some(admin.clone().into()),
        Viewer::Auditor(auditor) => Some(auditor.clone()),
        Viewer::Support(_) => None,
    };
    let reads = match auditor {
        Some(auditor) => {
            let found = audit_log::search(sluice, &auditor, "action:data.read", i64::MAX, READS_SHOWN).await?;
            Some(found.map(|found| found.rows).unwrap_or_default())
        }
        None => None,
    };
    let in_force = sluice.catalogue().programme.in_force;
    Ok(LedgerPage {
        not_before: (now < in_force).then_some(in_force),
        may_open: viewer.can_change() && ledger.as_ref().is_some_and(|ledger| ledger.total.kept.total() > 0),
        can_search: viewer.review().is_none(),
        may_send: viewer.can_change(),
        org,
        now,
        period,
        fault,
        region,
        moving_to: open.map(|open| named(sluice, open.target)),
        ledger,
        reads,
    })
}

/// The ledger of a period.
///
/// # Errors
/// When the organisation is gone, its region cannot be reached, or the control plane fails.
pub async fn read(sluice: &Sluice, cap: &impl ReadsOrg, period: Period) -> Result<Ledger, LedgerError> {
    let org = cap.org();
    let snapshot = sluice.store.snapshot(&org.id).await?.ok_or(LedgerError::NotFound)?;
    let region = region(sluice, org).await?;
    let unreachable = |error: StoreError| cannot_reach(sluice, &region.id, &error);
    let (from, to) = (period.from.day(), period.to.day());
    let lines = region.plane.ledger(&org.id, &from, &to).await.map_err(unreachable)?;
    let found_lines = region.plane.ledger_found(&org.id, &from, &to).await.map_err(unreachable)?;
    let held = region.plane.held(&org.id).await.map_err(unreachable)?;
    let keys = region.keys.keys(&org.id).await.map_err(unreachable)?;
    let key = KeyState::of(&keys);
    let read = Read { region: region.id.clone(), period, lines, found_lines, held, key };
    Ok(read.summed(sluice.catalogue(), &snapshot))
}

/// The region of an organisation.
pub(crate) async fn region<'a>(sluice: &'a Sluice, org: &OrgRef) -> Result<&'a Region, LedgerError> {
    crate::regions::of(sluice, org).await.map_err(|error| match error {
        IngestError::NotFound => LedgerError::NotFound,
        IngestError::Store(error) => LedgerError::Store(error),
        IngestError::NoRegion(id) => cannot_reach(sluice, &id, &"no store is set up for it"),
        other => cannot_reach(sluice, "", &other),
    })
}

pub(crate) fn cannot_reach(sluice: &Sluice, region: &str, why: &dyn std::fmt::Display) -> LedgerError {
    let name = sluice.catalogue().region(region).map_or(region, |region| &region.name);
    LedgerError::Unreachable { region: name.to_owned(), why: why.to_string() }
}

/// What people call the region of an organisation.
pub(crate) async fn region_name(sluice: &Sluice, org: &OrgRef) -> Result<String, LedgerError> {
    let id = sluice.store.residence(&org.id).await?.ok_or(LedgerError::NotFound)?;
    Ok(named(sluice, id))
}

fn named(sluice: &Sluice, region: String) -> String {
    sluice.catalogue().region(&region).map_or(region.clone(), |region| region.name.clone())
}

/// What a region said.
struct Read {
    region: String,
    period: Period,
    lines: Vec<LedgerLine>,
    found_lines: Vec<FoundLine>,
    held: Vec<Held>,
    key: KeyState,
}

impl Read {
    fn summed(self, catalogue: &Catalogue, snapshot: &Snapshot) -> Ledger {
        let Self { region, period, lines, found_lines, held, key } = self;
        let mut total = Sum::default();
        let mut days: BTreeMap<String, Sum> = BTreeMap::new();
        let mut apps: BTreeMap<&str, Sum> = BTreeMap::new();
        let mut spaces: BTreeMap<(&str, &str), Sum> = BTreeMap::new();
        let mut versions: BTreeMap<i64, Sum> = BTreeMap::new();
        for line in &lines {
            total.line(line);
            days.entry(line.day.clone()).or_default().line(line);
            apps.entry(&line.group.app).or_default().line(line);
            spaces.entry((&line.group.app, &line.group.space)).or_default().line(line);
            versions.entry(line.version).or_default().line(line);
        }
        for held in &held {
            total.held(held);
            apps.entry(&held.group.app).or_default().held(held);
            spaces.entry((&held.group.app, &held.group.space)).or_default().held(held);
        }
        let mut kinds: BTreeMap<&str, i64> = BTreeMap::new();
        for line in &found_lines {
            *kinds.entry(&line.kind).or_default() += line.count;
        }
        let found = deidentify::Kind::ALL.into_iter().filter_map(|kind| Some((kind, *kinds.get(kind.id())?)));
        let mut found: Vec<_> = found.filter(|(_, count)| *count > 0).collect();
        found.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let part = |app: &str, space: &str, name: String, sum| Part {
            app: app.to_owned(),
            space: space.to_owned(),
            name,
            sum,
        };
        let of_app = apps.into_iter().map(|(app, sum)| part(app, "", app_name(catalogue, app).to_owned(), sum));
        let of_space = spaces
            .into_iter()
            .map(|((app, space), sum)| part(app, space, place_name(catalogue, snapshot, app, space), sum));
        Ledger {
            by_day: period.each_day().map(|day| (day, days.remove(&day.day()).unwrap_or_default())).collect(),
            by_app: most_first(of_app.collect()),
            by_space: most_first(of_space.collect()),
            by_version: versions.into_iter().rev().collect(),
            region,
            period,
            total,
            found,
            key,
            lines,
            found_lines,
        }
    }
}

fn most_first(mut parts: Vec<Part>) -> Vec<Part> {
    parts.sort_by_key(|part| std::cmp::Reverse((part.sum.contributed.total(), part.sum.kept.total())));
    parts
}

/// What people call a space, or what has no spaces: `Jira › Website (WEB)`, `Rovo`.
pub(crate) fn place_name(catalogue: &Catalogue, snapshot: &Snapshot, app: &str, space: &str) -> String {
    if space.is_empty() {
        return app_name(catalogue, app).to_owned();
    }
    full_label(catalogue, snapshot, &Setting::Space { app: app.to_owned(), key: space.to_owned() })
}

/// What people call a group: `Jira › Website (WEB), in-app data`.
pub(crate) fn group_name(catalogue: &Catalogue, snapshot: &Snapshot, group: &Group) -> String {
    format!("{}, {}", place_name(catalogue, snapshot, &group.app, &group.space), words::kind_within(group.kind))
}

const CSV_HEAD: &str = "day,app,space,kind,settings version,contributed,fields,removed\r\n";

impl Ledger {
    /// Every line, for a spreadsheet.
    pub fn csv(&self) -> String {
        let mut csv = CSV_HEAD.to_owned();
        for line in &self.lines {
            let text = [&line.day, &line.group.app, &line.group.space, line.group.kind.id()].map(csv_cell).join(",");
            let LedgerLine { version, items, fields, removed, .. } = line;
            csv.push_str(&format!("{text},{version},{items},{fields},{removed}\r\n"));
        }
        csv
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    #[test]
    fn a_period_is_whole_days() {
        let now = at("2026-11-21T10:00:00Z");
        let usual = Period::parse("", " ", now).unwrap();
        assert_eq!((usual.from.day(), usual.to.day(), usual.days()), ("2026-10-23".into(), "2026-11-21".into(), 30));
        assert_eq!(usual, Period::last(DAYS, now));
        let day = Period::parse("2026-11-20T23:00:00Z", "2026-11-20", now).unwrap();
        assert_eq!((day.from, day.days()), (at("2026-11-20"), 1));
        assert_eq!(Period::parse("", "2026-09-30", now).unwrap().from.day(), "2026-09-01");
    }

    #[test]
    fn a_period_that_makes_no_sense_says_why() {
        let now = at("2026-11-21");
        assert!(Period::parse("yesterday", "", now).unwrap_err().why.contains("“yesterday” is no day"));
        assert_eq!(Period::parse("2026-11-22", "", now).unwrap_err().why, "The first day is after the last one.");
        assert_eq!(Period::parse("2026-09-01", "nonsense", now).unwrap_err().field, "to");
        assert!(Period::parse("2024-01-01", "", now).unwrap_err().why.contains("366 fit"));
        assert_eq!(Period::parse("2025-11-21", "2026-11-21", now).unwrap().days(), 366);
        assert!(Period::parse("0001-01-01", "9999-12-31", now).is_err());
    }
}
