//! A file of items is read in at the command line, in batches, and goes on where it stopped if it is cut off.
//!
//! What is written is in the process's memory only. The import stands as a job in the organisation's region, so the console
//! shows how far it is.

use std::collections::BTreeMap;
use std::time::Duration;

use audit::{Action, sha256};
use deidentify::{Export, Item, ReadError};
use futures_util::{StreamExt as _, stream};
use policy::Timestamp;
use thiserror::Error;
use uuid::Uuid;

use crate::Sluice;
use crate::access::{Operator, ReadsOrg as _, at_the_machine, difference};
use crate::data_plane::Region;
use crate::ingest::{self, Answer, Arriving, Batch, IngestError, ItemOutcome, MOST_ITEMS};
use crate::jobs::{JobState, NewJob, Task};
use crate::ports::StoreError;

/// Without a word for so long, nobody is at it any more.
const LEASE: Duration = Duration::from_secs(300);

/// Jobs among which one that was cut off is looked for.
const LAST_ONES: u32 = 200;

/// While one batch is being written, the next one is washed.
const BATCHES_AT_ONCE: usize = 2;

/// Of the hash of the file, in the id of its job.
const HASH_DIGITS: usize = 32;

#[derive(Debug, Error)]
pub enum ImportError {
    #[error(transparent)]
    Unreadable(#[from] ReadError),
    #[error(transparent)]
    Ingest(#[from] IngestError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What became of the items of a file so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// In the whole file.
    pub total: usize,
    pub items: usize,
    pub contributed: usize,
    pub partly: usize,
    pub not: usize,
    pub held_back: usize,
    pub fields: i64,
    /// How often each kind of personal data was found and replaced.
    pub found: BTreeMap<String, i64>,
    /// Nothing is stored before this day.
    pub not_before: Option<String>,
    pub region: String,
}

impl Imported {
    fn count(&mut self, answer: Answer) {
        self.region = answer.region;
        self.not_before = answer.not_before;
        for item in answer.items {
            self.items += 1;
            self.held_back += usize::from(item.held_back);
            self.fields += item.fields;
            match item.outcome {
                ItemOutcome::Contributed => self.contributed += 1,
                ItemOutcome::Partly => self.partly += 1,
                ItemOutcome::Not | ItemOutcome::Removed | ItemOutcome::Outdated => self.not += 1,
            }
            for (kind, count) in item.found {
                *self.found.entry(kind).or_default() += count;
            }
        }
    }
}

/// Reads a file in. `name` is what the console calls it; `each` is told how far it is after each batch.
///
/// # Errors
/// What is wrong with the file, or why the region does not take it. What was stored stays, and the same file again goes on
/// from there.
pub async fn import(
    sluice: &Sluice,
    operator: &Operator,
    name: &str,
    file: &[u8],
    mut each: impl FnMut(&Imported),
) -> Result<Imported, ImportError> {
    let org = operator.org();
    let region = crate::regions::of(sluice, org).await?;
    let export = Export::read(file)?;
    let job = begin(sluice, operator, region, name, file, export.len()).await?;
    let mut imported = Imported { total: export.len(), ..Imported::default() };
    let mut items = export.items();
    let batches = (0..).map_while(|number| {
        let some = items.by_ref().take(MOST_ITEMS).collect::<Result<Vec<Item>, ReadError>>();
        some.map(|some| (!some.is_empty()).then(|| of_file(&job, number, some))).transpose()
    });
    let mut answers = stream::iter(batches)
        .map(async |batch| Ok::<_, ImportError>(ingest::batch(sluice, operator, batch?).await?))
        .buffered(BATCHES_AT_ONCE);
    while let Some(answer) = answers.next().await {
        imported.count(answer?);
        each(&imported);
    }
    drop(answers);
    region.plane.finish_job(&org.id, &job, &job, sluice.now()).await?;
    Ok(imported)
}

/// A batch of the items of a file. The job names the file, so its number says what is in it.
fn of_file(job: &str, number: usize, items: Vec<Item>) -> Batch {
    let key = format!("{job}-{number}");
    let done = i64::try_from(number * MOST_ITEMS + items.len()).unwrap_or(i64::MAX);
    Batch {
        body_hash: sha256(key.as_bytes()),
        key: Some(key),
        arriving: items.into_iter().map(Arriving::Item).collect(),
        told_at: None,
        progress: Some((job.to_owned(), done)),
    }
}

/// The job of an import of this file that was cut off under the settings as they are, or a new one. It is its own worker, so
/// that whoever goes on with it may.
async fn begin(
    sluice: &Sluice,
    operator: &Operator,
    region: &Region,
    name: &str,
    file: &[u8],
    total: usize,
) -> Result<String, ImportError> {
    let (org, now): (_, Timestamp) = (operator.org(), sluice.now());
    let snapshot = sluice.store.snapshot(&org.id).await?.ok_or(IngestError::NotFound)?;
    let hash = sha256(file);
    let of_file = format!("{}-{}-", hash.get(..HASH_DIGITS).unwrap_or(&hash), snapshot.version);
    let jobs = region.plane.jobs(&org.id, LAST_ONES).await?;
    let cut_off = jobs.into_iter().find(|job| job.state == JobState::Running && job.id.starts_with(&of_file));
    if let Some(job) = cut_off {
        return Ok(job.id);
    }
    let id = format!("{of_file}{}", Uuid::now_v7().simple());
    let changes = vec![difference("items", None, Some(&total.to_string()))];
    let entry = audit::Draft { changes, ..at_the_machine(now, Action::DataImport, "import", &id) };
    sluice.store.append(&[(org.id.clone(), entry)]).await?;
    let job = NewJob {
        id: id.clone(),
        task: Task::Ingest,
        subject: name.to_owned(),
        total: i64::try_from(total).unwrap_or(i64::MAX),
        at: now,
        worker: Some((id.clone(), now.plus(LEASE))),
    };
    region.plane.add_job(&org.id, &job).await?;
    Ok(id)
}
