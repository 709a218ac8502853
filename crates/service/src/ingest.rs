//! Work arrives: what it contributes is decided, de-identified, sealed and stored, and the rest is forgotten.
//!
//! A batch is one transaction of the region: whole or not at all, and done once however often it is sent. What was written
//! is in memory only, between the arrival and the seal; no error, log line or answer repeats any of it. If the region
//! cannot be reached the batch is refused: it goes nowhere else.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use audit::sha256;
use deidentify::{Deidentifier, Item};
use language::{Language, t};
use policy::{Kind, Target, Timestamp};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use tokio::sync::Semaphore;

use crate::Sluice;
use crate::access::IngestsOrg;
use crate::blocking::Stopped;
use crate::data_plane::{EVERY_PART, Effect, Heard, NewBatch, NewRecord, Place, Stored, Told, Write};
use crate::model::{OrgRef, Snapshot};
use crate::ports::StoreError;
use crate::target::{author_of, target_of};
use crate::vault::{self, DataKey, VaultError};
use crate::wash::{Outcome, Verdict, Verdicts, Wash, Washed, WashedValue, engine};

/// A removal counts as so much later than it is told: it wins against what is told of the same moment.
const A_MOMENT: Duration = Duration::from_micros(1);

/// Items in one batch.
pub const MOST_ITEMS: usize = 1_000;

/// What a batch may take, in bytes.
pub const MOST_BYTES: usize = 10 * 1024 * 1024;

/// Of the key under which a batch may come again.
pub const LONGEST_KEY: usize = 200;

/// How long the answer of a batch is kept.
pub const HOURS: i64 = 24;

/// A batch that is overtaken by a withdrawal is decided again, but not for ever.
const TRIES: usize = 5;

/// Engines that are kept: making one out of a large directory costs as much as washing hundreds of items.
const ENGINES: usize = 8;

/// Washing takes a core for a while: one batch at a time, so that pages have the others.
static WASHING: Semaphore = Semaphore::const_new(1);

/// Something that arrives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arriving {
    /// An item as it is now. It takes the place of what was stored of it.
    Item(Item),
    /// The same without its comments: those that are stored stay, unless it went to another space.
    WithoutComments(Item),
    /// A comment that came without its item, by the ids of both.
    Comment {
        app: String,
        space: String,
        item: String,
        id: String,
        /// It was not there before.
        is_new: bool,
        /// The item with nothing but this comment; none if it was deleted.
        comment: Option<Item>,
    },
    /// The item is gone at its source.
    Gone { app: String, id: String },
    /// The space is gone at its source.
    SpaceGone { app: String, space: String },
}

impl Arriving {
    /// What a message tells with it, or a program that says that it is gone.
    fn told(&self, key: &DataKey, at: Timestamp) -> Told {
        let (app, space, id, part, removes) = match self {
            Self::Item(item) => (target_of(item).0, item.space.as_str(), &item.id, EVERY_PART.to_owned(), false),
            Self::WithoutComments(item) => (target_of(item).0, item.space.as_str(), &item.id, String::new(), false),
            Self::Comment { app, space, item, id, comment, .. } => {
                (app.as_str(), space.as_str(), item, key.part(app, id), comment.is_none())
            }
            Self::Gone { app, id } => (app.as_str(), "", id, EVERY_PART.to_owned(), true),
            Self::SpaceGone { app, space } => {
                let (item, part, at) = (key.space(app, space), EVERY_PART.to_owned(), at.plus(A_MOMENT));
                let heard = Heard { item, part, space: String::new(), at };
                return Told { heard, within: String::new(), removes: true };
            }
        };
        let at = if removes { at.plus(A_MOMENT) } else { at };
        let heard = Heard { item: key.item(app, id), part, space: space.to_owned(), at };
        Told { heard, within: key.space(app, space), removes }
    }
}

/// Some arrivals under a key of their sender.
#[derive(Debug)]
pub struct Batch {
    /// Under which it may come again; without one it is not remembered.
    pub key: Option<String>,
    /// SHA-256 of the batch as it was sent.
    pub body_hash: String,
    pub arriving: Vec<Arriving>,
    /// When that happened at its source, if this is a message of it: then what was told of later is not overwritten.
    pub told_at: Option<Timestamp>,
    /// The job that counts this, and how many of its items are done with it.
    pub progress: Option<(String, i64)>,
}

/// What became of a batch. It says nothing of what was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The version of the settings under which it was decided.
    pub settings_version: i64,
    pub region: String,
    /// Nothing is stored before this day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<String>,
    /// Why items contribute or not: each sentence once.
    pub decisions: Vec<KindDecision>,
    /// In the order in which they came.
    pub items: Vec<ItemAnswer>,
}

/// Whether one kind of data contributes, and why.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct KindDecision {
    /// `metadata` or `in-app`.
    pub kind: String,
    pub contributes: bool,
    pub because: String,
}

/// What became of one item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemAnswer {
    /// As its sender calls it.
    pub item: String,
    pub outcome: ItemOutcome,
    /// The decisions for metadata and for in-app data, as places in the list of decisions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub decisions: Vec<usize>,
    /// Fields that were stored.
    pub fields: i64,
    /// How often each kind of personal data was found and replaced.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub found: BTreeMap<String, i64>,
    /// The proof pass held the item back.
    #[serde(default, skip_serializing_if = "is_false")]
    pub held_back: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ItemOutcome {
    /// Metadata and in-app data.
    Contributed,
    /// One of the two.
    Partly,
    Not,
    /// What was stored of it is removed.
    Removed,
    /// Nothing was done: something later was told of it before.
    Outdated,
}

impl Answer {
    /// Of what was decided, nothing was done.
    fn outdated(self) -> Self {
        let item = |ItemAnswer { item, .. }| ItemAnswer { outcome: ItemOutcome::Outdated, ..removed(&item) };
        Self { decisions: Vec::new(), items: self.items.into_iter().map(item).collect(), ..self }
    }
}

#[derive(Debug, Error)]
pub enum IngestError {
    #[error("{}", t!("A batch has at most {most} items; this one has {count}. Send the rest in another one.", most = MOST_ITEMS, count = .0))]
    TooMany(usize),
    #[error("{}", t!("Another batch was sent under this key. Use a new key for each batch."))]
    AnotherBatch,
    #[error("there is no such organisation")]
    NotFound,
    /// No store is set up for the organisation's region.
    #[error("no store is set up for the region {0}")]
    NoRegion(String),
    #[error("the organisation is moving to another region")]
    Moving,
    /// Settings changed again and again while it was decided.
    #[error("the settings changed again and again meanwhile")]
    Overtaken,
    #[error("washing stopped: {0}")]
    Failed(String),
    #[error(transparent)]
    Vault(#[from] VaultError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Engines that are ready, at most one for an organisation; the one that was made last stands last.
#[derive(Clone, Default)]
pub struct Engines(Arc<Mutex<Vec<Ready>>>);

struct Ready {
    org_id: String,
    /// Of what the organisation knows.
    version: i64,
    engine: Arc<Deidentifier>,
}

impl fmt::Debug for Engines {
    /// Shows nobody.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Engines")
    }
}

impl Engines {
    pub(crate) async fn of(&self, sluice: &Sluice, org: &OrgRef) -> Result<Arc<Deidentifier>, StoreError> {
        let version = sluice.store.knowledge_counts(&org.id).await?.version;
        let own = |engines: &[Ready]| {
            let own = engines.iter().find(|ready| ready.org_id == org.id && ready.version == version);
            own.map(|ready| Arc::clone(&ready.engine))
        };
        if let Some(engine) = own(&self.0.lock().unwrap_or_else(PoisonError::into_inner)) {
            return Ok(engine);
        }
        let known = sluice.store.knowledge(&org.id).await?;
        let made = Arc::new(engine(Some(&known), &[]));
        let mut engines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        engines.retain(|ready| ready.org_id != org.id);
        if engines.len() >= ENGINES {
            engines.remove(0);
        }
        engines.push(Ready { org_id: org.id.clone(), version: known.version, engine: Arc::clone(&made) });
        Ok(made)
    }
}

/// Takes a batch.
///
/// # Errors
/// See [`IngestError`]. Nothing of the batch is stored then.
pub async fn batch(sluice: &Sluice, cap: &impl IngestsOrg, batch: Batch) -> Result<Answer, IngestError> {
    if batch.arriving.len() > MOST_ITEMS {
        return Err(IngestError::TooMany(batch.arriving.len()));
    }
    let org = cap.org();
    let region = crate::regions::of(sluice, org).await?;
    let body_hash = batch.body_hash.clone();
    if let Some(key) = &batch.key {
        match region.plane.batch(&org.id, key).await? {
            Some((hash, answer)) if hash == body_hash => return before(&answer),
            Some(_) => return Err(IngestError::AnotherBatch),
            None => {}
        }
    }
    let arriving = Arc::new(batch.arriving);
    for _ in 0..TRIES {
        // In this order: what is read later is never older than the standing that the store compares.
        let seen = region.plane.standing(&org.id).await?;
        crate::regions::settled(sluice, org, region).await?;
        let snapshot = sluice.store.snapshot(&org.id).await?.ok_or(IngestError::NotFound)?;
        let key = vault::current(region, sluice.master.as_ref(), &org.id, sluice.now()).await?;
        let engine = sluice.engines.of(sluice, org).await?;
        let at = sluice.now();
        // What a program says is gone stays gone for the messages of before.
        let is_gone = |of: &Arriving| matches!(of, Arriving::Gone { .. } | Arriving::SpaceGone { .. });
        let tells = arriving.iter().filter(|of| batch.told_at.is_some() || is_gone(of));
        let told: Vec<Told> = tells.map(|of| of.told(&key, batch.told_at.unwrap_or(at))).collect();
        // What a batch is answered is kept, so it is told in English.
        let (version, catalogue) = (snapshot.version, Language::English.scope(|| Arc::clone(sluice.catalogue())));
        let work = Work { region: region.id.clone(), snapshot, key, engine, catalogue, at };
        let (answer, writes) = washing(work, Arc::clone(&arriving)).await?;
        let said = serde_json::to_string(&answer).map_err(|error| IngestError::Failed(error.to_string()))?;
        let new = NewBatch {
            key: batch.key.as_deref(),
            body_hash: &body_hash,
            answer: &said,
            seen,
            version,
            catalogue: &sluice.catalogue().version,
            at,
            day: &at.day(),
            writes: &writes,
            told: &told,
            progress: batch.progress.as_ref().map(|(job, done)| (job.as_str(), *done)),
        };
        match region.plane.store_batch(&org.id, &new).await? {
            Stored::Done(Effect { put, same, removed }) => {
                tracing::debug!(put, same, removed, "a batch was stored");
                return Ok(answer);
            }
            Stored::Before(answer) => return before(&answer),
            Stored::Another => return Err(IngestError::AnotherBatch),
            Stored::Outdated => return Ok(answer.outdated()),
            Stored::Overtaken => {}
        }
    }
    Err(IngestError::Overtaken)
}

/// SHA-256 of a body, in hex.
pub fn body_hash(body: &[u8]) -> String {
    sha256(body)
}

fn before(answer: &str) -> Result<Answer, IngestError> {
    serde_json::from_str(answer).map_err(|error| IngestError::Failed(error.to_string()))
}

/// What a batch is decided with.
struct Work {
    region: String,
    snapshot: Snapshot,
    key: DataKey,
    engine: Arc<Deidentifier>,
    catalogue: Arc<policy::Catalogue>,
    at: Timestamp,
}

/// Washes and seals where no page waits for it.
async fn washing(work: Work, arriving: Arc<Vec<Arriving>>) -> Result<(Answer, Vec<Write>), IngestError> {
    let permit = WASHING.acquire().await.map_err(|error| IngestError::Failed(error.to_string()))?;
    let done = tokio::task::spawn_blocking(move || {
        let _permit = permit;
        work.all(&arriving)
    });
    Ok(done.await.map_err(|error| IngestError::Failed(Stopped::from(error).to_string()))??)
}

impl Work {
    fn all(&self, arriving: &[Arriving]) -> Result<(Answer, Vec<Write>), VaultError> {
        let in_force = self.catalogue.programme.in_force;
        let mut washing = Washing {
            work: self,
            wash: Wash { catalogue: &self.catalogue, snapshot: &self.snapshot, engine: &self.engine, at: self.at },
            verdicts: BTreeMap::new(),
            decisions: Vec::new(),
            writes: Vec::with_capacity(arriving.len() * 3),
        };
        let items = arriving.iter().map(|arriving| washing.arrived(arriving)).collect::<Result<_, _>>()?;
        let answer = Answer {
            settings_version: self.snapshot.version,
            region: self.region.clone(),
            not_before: (self.at < in_force).then(|| in_force.day()),
            decisions: washing.decisions,
            items,
        };
        Ok((answer, washing.writes))
    }

    /// Who wrote it, as a hash; empty if it is not said.
    fn author(&self, item: &Item) -> String {
        author_of(item).map(|author| self.key.person(author)).unwrap_or_default()
    }
}

/// What is kept of an item.
#[derive(Default)]
struct Kept {
    /// Of metadata and of in-app data.
    fields: [i64; 2],
    /// How often each kind of personal data was found and replaced.
    found: BTreeMap<String, i64>,
}

/// A batch on its way.
struct Washing<'a> {
    work: &'a Work,
    wash: Wash<'a>,
    /// What was decided so far: many items are of few targets.
    verdicts: BTreeMap<Target, Verdicts>,
    /// What the items are answered.
    decisions: Vec<KindDecision>,
    writes: Vec<Write>,
}

impl<'a> Washing<'a> {
    fn arrived(&mut self, arriving: &Arriving) -> Result<ItemAnswer, VaultError> {
        let key = &self.work.key;
        match arriving {
            Arriving::Item(item) => self.whole(item, true),
            Arriving::WithoutComments(item) => self.whole(item, false),
            Arriving::Comment { app, item, id, is_new, comment, .. } => {
                let (name, part) = (key.item(app, item), key.part(app, id));
                if !is_new {
                    // What is stored of the item may hold the comment as it was. Its texts are not kept until the item comes
                    // as a whole again.
                    let place = Place { item: name.clone(), part: String::new(), kind: Kind::InApp };
                    self.writes.push(Write::Remove(place));
                }
                self.comment(name, part, id, comment.as_ref())
            }
            Arriving::Gone { app, id } => {
                self.writes.push(Write::RemoveItem(key.item(app, id)));
                Ok(removed(id))
            }
            Arriving::SpaceGone { app, space } => {
                self.writes.push(Write::RemoveSpace { app: app.clone(), space: space.clone() });
                Ok(removed(space))
            }
        }
    }

    /// An item takes the place of everything that was known of it; without its comments, of everything but those.
    fn whole(&mut self, item: &Item, has_comments: bool) -> Result<ItemAnswer, VaultError> {
        let washed = self.washed(item);
        let name = self.work.key.item(washed.app, &item.id);
        self.writes.push(if has_comments {
            Write::RemoveParts(name.clone())
        } else {
            let (app, space) = (washed.app.to_owned(), washed.space.to_owned());
            Write::RemovePartsElsewhere { item: name.clone(), app, space }
        });
        let kept = self.keep(&washed, &name, "", &self.work.author(item))?;
        Ok(self.said(&item.key, &washed, kept))
    }

    /// A comment by itself stands beside its item.
    fn comment(
        &mut self,
        name: String,
        part: String,
        id: &str,
        comment: Option<&Item>,
    ) -> Result<ItemAnswer, VaultError> {
        let Some(comment) = comment else {
            for kind in Kind::ALL {
                self.writes.push(Write::Remove(Place { item: name.clone(), part: part.clone(), kind }));
            }
            return Ok(removed(id));
        };
        let washed = self.washed(comment);
        let kept = self.keep(&washed, &name, &part, &self.work.author(comment))?;
        Ok(self.said(id, &washed, kept))
    }

    fn washed<'i>(&mut self, item: &'i Item) -> Washed<'i>
    where
        'a: 'i,
    {
        let wash = self.wash;
        let target = target_of(item).1;
        let verdicts = match self.verdicts.get(&target) {
            Some(known) => Verdicts::clone(known),
            None => {
                let new = wash.verdicts(&target);
                self.verdicts.insert(target, Verdicts::clone(&new));
                new
            }
        };
        wash.decided(item, verdicts)
    }

    /// One record for each kind that leaves; what does not leave any more is removed.
    fn keep(&mut self, washed: &Washed<'_>, item: &str, part: &str, author: &str) -> Result<Kept, VaultError> {
        let key = &self.work.key;
        let mut kept = Kept::default();
        for (kind, count) in Kind::ALL.into_iter().zip(&mut kept.fields) {
            let place = Place { item: item.to_owned(), part: part.to_owned(), kind };
            let leaving = washed.leaving(kind);
            if leaving.is_empty() {
                self.writes.push(Write::Remove(place));
                continue;
            }
            *count = i64::try_from(leaving.len()).unwrap_or(i64::MAX);
            let plain = serde_json::to_vec(&leaving).map_err(|_| VaultError::Sealed)?;
            let found = found(washed, kind);
            for (kind, count) in &found {
                *kept.found.entry(kind.clone()).or_default() += count;
            }
            self.writes.push(Write::Put(NewRecord {
                sealed: key.seal(&place, &plain)?,
                generation: key.generation,
                digest: key.digest(&plain),
                app: washed.app.to_owned(),
                space: washed.space.to_owned(),
                author: author.to_owned(),
                fields: *count,
                found,
                place,
            }));
        }
        Ok(kept)
    }

    fn said(&mut self, item: &str, washed: &Washed<'_>, kept: Kept) -> ItemAnswer {
        let outcome = match kept.fields {
            [0, 0] => ItemOutcome::Not,
            [0, _] | [_, 0] => ItemOutcome::Partly,
            _ => ItemOutcome::Contributed,
        };
        let decisions = &mut self.decisions;
        let places = Kind::ALL.into_iter().zip(&*washed.verdicts).map(|(kind, Verdict { contributes, because })| {
            let known = |known: &KindDecision| {
                known.kind == kind.id() && known.contributes == *contributes && known.because == *because
            };
            decisions.iter().position(known).unwrap_or_else(|| {
                let (kind, because) = (kind.id().to_owned(), because.clone());
                decisions.push(KindDecision { kind, contributes: *contributes, because });
                decisions.len() - 1
            })
        });
        ItemAnswer {
            item: item.to_owned(),
            outcome,
            decisions: places.collect(),
            fields: kept.fields.into_iter().sum(),
            found: kept.found,
            held_back: washed.held_back.is_some(),
        }
    }
}

fn removed(item: &str) -> ItemAnswer {
    ItemAnswer {
        item: item.to_owned(),
        outcome: ItemOutcome::Removed,
        decisions: Vec::new(),
        fields: 0,
        found: BTreeMap::new(),
        held_back: false,
    }
}

/// How often each kind of personal data was found in what leaves of one kind of data.
fn found(washed: &Washed<'_>, kind: Kind) -> BTreeMap<String, i64> {
    let mut counts: BTreeMap<&str, i64> = BTreeMap::new();
    let is_of_kind = |value: &&WashedValue<'_>| {
        washed.fields.get(value.field).is_some_and(|field| field.category.kind() == Some(kind))
    };
    for value in washed.values.iter().filter(is_of_kind) {
        if let Outcome::Leaves(done) = &value.outcome {
            for finding in &done.findings {
                *counts.entry(finding.kind.id()).or_default() += 1;
            }
        }
    }
    counts.into_iter().map(|(kind, count)| (kind.to_owned(), count)).collect()
}
