//! What the data path needs from outside: for each region a database of contributed data, and a store of the keys under which
//! that data is encrypted.
//!
//! Nothing here can hold a text that was not de-identified and sealed before: a record is bytes. What stands beside it in the
//! clear (app, space, kind, times, counts, and keyed hashes of the item and its author) tells nobody what was written. The control
//! plane never holds any of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use policy::{Kind, Timestamp};

use crate::jobs::{Job, NewJob};
use crate::ports::StoreResult;
use crate::withdrawal::Withdrawal;

/// One region: where the data of its organisations is kept, and where their keys are.
#[derive(Clone, Debug)]
pub struct Region {
    /// As the catalogue has it: `eu`.
    pub id: String,
    pub plane: Arc<dyn DataPlane>,
    pub keys: Arc<dyn KeyStore>,
}

/// The regions that this installation has a store for, by id.
#[derive(Clone, Debug, Default)]
pub struct Regions(pub Arc<BTreeMap<String, Region>>);

impl Regions {
    pub fn get(&self, id: &str) -> Option<&Region> {
        self.0.get(id)
    }

    pub fn all(&self) -> impl Iterator<Item = &Region> {
        self.0.values()
    }
}

/// How far a region has come with an organisation.
///
/// A batch is decided with what stood here before, and is stored only if it still does: so nothing that was decided before
/// a withdrawal began is stored after it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// The number of the last change of settings that the region has acted on.
    pub version: i64,
    /// Grows whenever a withdrawal, a new key or a move makes what was decided before worthless. Each record carries the number
    /// under which it was stored.
    pub epoch: i64,
}

/// Records of one app, space and kind. The space is empty for what has none.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Group {
    pub app: String,
    pub space: String,
    pub kind: Kind,
}

/// A group as it stands in the region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    pub group: Group,
    pub records: i64,
    /// The highest of its records.
    pub epoch: i64,
    /// When the oldest of its records was stored.
    pub oldest: Timestamp,
}

/// Which record: hashes under the organisation's key, so that nobody else can tell which item of the source it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    pub item: String,
    /// A comment that came without its item; empty for an item as a whole.
    pub part: String,
    pub kind: Kind,
}

/// A record that is to be stored.
#[derive(Clone, Debug)]
pub struct NewRecord {
    pub place: Place,
    pub app: String,
    pub space: String,
    /// A hash of the author of the item under the organisation's key; empty if the item names none.
    pub author: String,
    /// What was contributed, encrypted.
    pub sealed: Vec<u8>,
    /// The generation of the key that sealed it.
    pub generation: i64,
    /// A keyed hash of what was sealed: the same content again changes nothing.
    pub digest: String,
    pub fields: i64,
    /// How often each kind of personal data was found in it.
    pub found: BTreeMap<String, i64>,
}

/// Stands in the place of a part for all of an item: itself and its parts.
pub const EVERY_PART: &str = "*";

/// What was last told of an item or a part of it, or that a space is gone. Its names are those of a [`Place`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// A space has a name here as well.
    pub item: String,
    /// Empty for the item itself, [`EVERY_PART`] for all of it.
    pub part: String,
    /// Where the item is; empty if it is gone.
    pub space: String,
    /// When it happened at its source. A removal counts as a microsecond later: it wins against what is told of the same moment.
    pub at: Timestamp,
}

/// What is told of an item or a part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    pub heard: Heard,
    /// What the space is called in which it is.
    pub within: String,
    /// That it is gone. This is for good, because no source uses an id again, so it is done however late it comes.
    pub removes: bool,
}

/// What a batch wants done, in this order: a later one of the same place wins, and what stood there in between was never
/// stored.
#[derive(Clone, Debug)]
pub enum Write {
    Put(NewRecord),
    /// One record.
    Remove(Place),
    /// Everything of an item, its parts included.
    RemoveItem(String),
    /// What stands of an item besides the item as a whole.
    RemoveParts(String),
    /// The same, but for what stands in one space: there the item is now.
    RemovePartsElsewhere {
        item: String,
        app: String,
        space: String,
    },
    /// Everything of a space.
    RemoveSpace {
        app: String,
        space: String,
    },
}

/// A batch whose items were decided, de-identified and sealed. It is stored whole or not at all.
#[derive(Debug)]
pub struct NewBatch<'a> {
    /// Under which its sender may send it again.
    pub key: Option<&'a str>,
    /// SHA-256 of what was sent.
    pub body_hash: &'a str,
    /// What its sender is told, now and when it comes again.
    pub answer: &'a str,
    /// What was read before anything was decided.
    pub seen: Standing,
    /// The settings under which it was decided.
    pub version: i64,
    pub catalogue: &'a str,
    pub at: Timestamp,
    /// Of `at`, UTC: `2026-08-17`.
    pub day: &'a str,
    pub writes: &'a [Write],
    /// What it tells, with the time at which that happened: it is not stored if something later was heard.
    pub told: &'a [Told],
    /// The job whose progress this is, and how many of its items are then done.
    pub progress: Option<(&'a str, i64)>,
}

/// What became of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stored {
    Done(Effect),
    /// It was stored before; its answer.
    Before(String),
    /// Another batch was stored under this key.
    Another,
    /// The standing is another by now: it has to be decided again.
    Overtaken,
    /// Something later was heard of what it tells.
    Outdated,
}

/// What a batch changed, in records. One that moves to another space is removed there and put here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Effect {
    pub put: i64,
    /// The same content stood there already, sealed by the same key. It is left as it is, but no withdrawal that began before
    /// the batch takes it.
    pub same: i64,
    pub removed: i64,
}

/// A record as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    pub place: Place,
    pub app: String,
    pub space: String,
    /// As [`NewRecord::author`].
    pub author: String,
    pub sealed: Vec<u8>,
    pub generation: i64,
    pub digest: String,
    /// The settings and the catalogue under which it was contributed.
    pub version: i64,
    pub catalogue: String,
    pub stored_at: Timestamp,
}

/// Which records are read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecordFilter {
    pub app: Option<String>,
    pub space: Option<String>,
    pub kind: Option<Kind>,
    pub item: Option<String>,
}

/// A line of the ledger: what was contributed under one version of the settings, and what of that was removed, on one day
/// in one space.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerLine {
    pub day: String,
    pub group: Group,
    pub version: i64,
    /// Records that were stored, new or changed.
    pub items: i64,
    pub fields: i64,
    /// Records that had been contributed under this version, on whatever day, and were removed on this one.
    pub removed: i64,
}

/// How often a kind of personal data was found on a day in what was contributed of one space.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundLine {
    pub day: String,
    pub app: String,
    pub space: String,
    pub version: i64,
    /// As [`deidentify::Kind::id`] has it.
    pub kind: String,
    pub count: i64,
}

/// What stands of an organisation, by numbers that only ever grow: as long as they are the same, nothing was stored or removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mark {
    pub epoch: i64,
    /// Records that were ever stored, and removed.
    pub stored: i64,
    pub removed: i64,
}

/// What an organisation adds to the patterns of a period, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptPart {
    /// `2026-11`, or `2026-Q4`.
    pub period: String,
    pub counted: Counted,
    /// Records that were read for it.
    pub records: i64,
    pub sealed: Vec<u8>,
}

/// How a part was counted: as long as all of this holds it need not be counted again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// A hash of the rules by which it was computed.
    pub rules: String,
    /// What stood when it was computed.
    pub mark: Mark,
    /// The generation of the key that sealed it.
    pub generation: i64,
}

/// The answer to a batch, for a sender who sends it again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptBatch {
    pub key: String,
    pub body_hash: String,
    pub answer: String,
    pub stored_at: Timestamp,
}

/// What a region tells of an organisation besides its records: everything that has to come along when it moves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    pub ledger: Vec<LedgerLine>,
    pub found: Vec<FoundLine>,
    pub batches: Vec<KeptBatch>,
    pub heard: Vec<Heard>,
    /// Those with a receipt.
    pub withdrawals: Vec<Withdrawal>,
}

impl History {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// The database of one region. Every method is about one organisation by id, or says that it is not.
#[async_trait]
pub trait DataPlane: Send + Sync + fmt::Debug {
    /// What people call the kind of database: `SQLite`.
    fn engine(&self) -> &'static str;

    /// Whether the database answers.
    async fn reach(&self) -> StoreResult<()>;

    /// All zero for an organisation that nothing is known of.
    async fn standing(&self, org_id: &str) -> StoreResult<Standing>;

    /// Of all organisations that anything is known of, by id.
    async fn standings(&self) -> StoreResult<BTreeMap<String, Standing>>;

    /// Hash and answer of a batch that was stored under a key.
    async fn batch(&self, org_id: &str, key: &str) -> StoreResult<Option<(String, String)>>;

    /// Stores a batch with its lines of the ledger in one transaction that no other batch and no withdrawal of the same
    /// organisation can enter.
    async fn store_batch(&self, org_id: &str, batch: &NewBatch<'_>) -> StoreResult<Stored>;

    /// Forgets the answers of batches that were stored before a time, and what was told to have happened before it.
    async fn forget_batches(&self, before: Timestamp) -> StoreResult<()>;

    /// Every group of which a record stands.
    async fn held(&self, org_id: &str) -> StoreResult<Vec<Held>>;

    /// Some records, newest first, after the record at `below` if one is given: (time, place) of the last one seen.
    async fn records(
        &self,
        org_id: &str,
        filter: &RecordFilter,
        below: Option<(Timestamp, &Place)>,
        limit: u32,
    ) -> StoreResult<Vec<Record>>;

    /// Some records in the order of their places, so that what stands of one item comes together; after a place if one is given.
    async fn records_by_place(&self, org_id: &str, after: Option<&Place>, limit: u32) -> StoreResult<Vec<Record>>;

    /// The organisations of which any record stands.
    async fn contributors(&self) -> StoreResult<BTreeSet<String>>;

    async fn mark(&self, org_id: &str) -> StoreResult<Mark>;

    /// What an organisation adds to the patterns of a period.
    async fn part(&self, org_id: &str, period: &str) -> StoreResult<Option<KeptPart>>;

    /// How the parts of a period were counted, by organisation, without what is in them.
    async fn parts(&self, period: &str) -> StoreResult<BTreeMap<String, Counted>>;

    /// Keeps it in the place of what was kept of the organisation, if no withdrawal began since its mark. False if one did.
    async fn keep_part(&self, org_id: &str, part: &KeptPart) -> StoreResult<bool>;

    /// Forgets what was kept of every period but these; how many.
    async fn forget_parts(&self, but: &[String]) -> StoreResult<u64>;

    /// Lines of the ledger between two days, both included, in the order of day, app, space, kind, version.
    async fn ledger(&self, org_id: &str, from: &str, to: &str) -> StoreResult<Vec<LedgerLine>>;

    async fn ledger_found(&self, org_id: &str, from: &str, to: &str) -> StoreResult<Vec<FoundLine>>;

    /// Notes that the region has acted on a version of the settings, and begins withdrawals, each with its job, if the
    /// standing is still what was seen and no group stands that is not among those held: a batch may have come between. The
    /// epoch grows by one if there is any withdrawal, and each has the new one, whatever it came with; and what the organisation
    /// adds to patterns is forgotten, because it was computed with what has to go. False if it was not.
    async fn begin_withdrawals(
        &self,
        org_id: &str,
        seen: Standing,
        held: &[Held],
        version: i64,
        withdrawals: &[(Withdrawal, NewJob)],
    ) -> StoreResult<bool>;

    /// What is not finished first, then the newest.
    async fn withdrawals(&self, org_id: &str, limit: u32) -> StoreResult<Vec<Withdrawal>>;

    /// Those that are not finished, of one organisation or of all, the next one due first.
    async fn open_withdrawals(&self, org_id: Option<&str>) -> StoreResult<Vec<(String, Withdrawal)>>;

    async fn withdrawal(&self, org_id: &str, id: &str) -> StoreResult<Option<Withdrawal>>;

    /// Deletes some records that a withdrawal is about, counts them in it, in the ledger of `day` and in the progress of its
    /// job, all in one transaction; how many. It is counted in its group too (of a whole withdrawal a group that is not listed
    /// is added). What is deleted: the records of its groups (every group, if it is whole) whose epoch is below its own and which were stored before `stored_before`, if that is set.
    async fn withdraw_some(&self, org_id: &str, id: &str, day: &str, limit: u32) -> StoreResult<i64>;

    /// How many records stand that a withdrawal is about.
    async fn left_to_withdraw(&self, org_id: &str, id: &str) -> StoreResult<i64>;

    /// Keeps the receipt of a withdrawal that has none. False if it has one.
    async fn finish_withdrawal(&self, org_id: &str, id: &str, at: Timestamp, receipt: &str) -> StoreResult<bool>;

    /// Replaces the bytes of records under a new generation of the key, each if it is still as it was read. How many were.
    async fn reseal(&self, org_id: &str, records: &[(Record, Vec<u8>, i64)]) -> StoreResult<i64>;

    /// Begins a new epoch without a withdrawal: what was decided before is not stored after it. The standing that there is
    /// then, which is above `beyond` as well.
    async fn advance(&self, org_id: &str, beyond: Standing) -> StoreResult<Standing>;

    /// Makes the records of an organisation between two, in the order of [`DataPlane::records`] (after `above`, down to and
    /// with `down_to`; without them, from the first and to the last), be these and no others, if the standing is still what was seen. It
    /// is counted nowhere: they were counted where they come from. False if the standing is another.
    async fn copy_records(
        &self,
        org_id: &str,
        seen: Standing,
        above: Option<(Timestamp, &Place)>,
        down_to: Option<(Timestamp, &Place)>,
        records: &[Record],
    ) -> StoreResult<bool>;

    async fn history(&self, org_id: &str) -> StoreResult<History>;

    /// Takes over the history of another region in the place of what stood here, if the standing is still what was seen.
    /// False if it is another.
    async fn keep_history(&self, org_id: &str, seen: Standing, history: &History) -> StoreResult<bool>;

    /// Keeps a withdrawal that another region has finished, unless it is here already.
    async fn keep_withdrawal(&self, org_id: &str, withdrawal: &Withdrawal) -> StoreResult<()>;

    /// Forgets the history of an organisation, what it adds to patterns, and its jobs but for one. Its standing stays, so that nothing that was decided before
    /// is stored afterwards.
    async fn forget(&self, org_id: &str, but_job: &str) -> StoreResult<()>;

    /// Adds a job unless one with its id is there.
    async fn add_job(&self, org_id: &str, job: &NewJob) -> StoreResult<()>;

    /// Takes a job that waits, or one whose worker has not been heard of since its lease ran out: the first due one, of any
    /// organisation. It is the worker's until `until`. An import is never taken: it is of the process that reads the file.
    async fn lease_job(&self, worker: &str, now: Timestamp, until: Timestamp) -> StoreResult<Option<(String, Job)>>;

    /// Keeps a job for longer. False if it is another worker's by now.
    async fn keep_job(
        &self,
        org_id: &str,
        id: &str,
        worker: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> StoreResult<bool>;

    /// Ends a job. Does nothing if it is another worker's by now.
    async fn finish_job(&self, org_id: &str, id: &str, worker: &str, at: Timestamp) -> StoreResult<()>;

    /// Puts a job back until `again`, or gives it up without one. Does nothing if it is another worker's by now.
    async fn fail_job(
        &self,
        org_id: &str,
        id: &str,
        worker: &str,
        at: Timestamp,
        again: Option<Timestamp>,
    ) -> StoreResult<()>;

    /// Newest first.
    async fn jobs(&self, org_id: &str, limit: u32) -> StoreResult<Vec<Job>>;

    async fn job(&self, org_id: &str, id: &str) -> StoreResult<Option<Job>>;
}

/// A key as it is kept: encrypted under the master key, which is never in a database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptKey {
    /// From 1.
    pub generation: i64,
    /// None once it is destroyed.
    pub wrapped: Option<Vec<u8>>,
    pub made_at: Timestamp,
    /// Since when nothing new is sealed with it.
    pub retired_at: Option<Timestamp>,
    pub destroyed_at: Option<Timestamp>,
}

/// The keys of a region's organisations. Kept apart from the data, so that a copy of the data is not a copy of the keys.
#[async_trait]
pub trait KeyStore: Send + Sync + fmt::Debug {
    /// What people call the kind of database: `SQLite`.
    fn engine(&self) -> &'static str;

    /// Whether the database answers.
    async fn reach(&self) -> StoreResult<()>;

    /// In the order of their generation, destroyed ones included.
    async fn keys(&self, org_id: &str) -> StoreResult<Vec<KeptKey>>;

    /// Any key that was not destroyed, with whose it is; none if there is none.
    async fn any_key(&self) -> StoreResult<Option<(String, KeptKey)>>;

    /// The ids of organisations that have a key that was not destroyed.
    async fn holders(&self) -> StoreResult<BTreeSet<String>>;

    /// Adds the next generation and retires those before it. False if there is one of this number.
    async fn add_key(&self, org_id: &str, generation: i64, wrapped: &[u8], at: Timestamp) -> StoreResult<bool>;

    /// Retires every generation up to one: the next batch makes a new key.
    async fn retire_keys(&self, org_id: &str, up_to: i64, at: Timestamp) -> StoreResult<()>;

    /// Overwrites every generation up to one for good; which ones had not been destroyed before.
    async fn destroy_keys(&self, org_id: &str, up_to: i64, at: Timestamp) -> StoreResult<Vec<i64>>;
}
