//! The preview: what would leave of an item under an organisation's current settings, field by field.
//!
//! It runs the very steps of the data path: decide, classify, de-identify. An upload is worked on in memory and nothing of
//! it is stored or logged.

mod adf;
pub mod drafts;
pub mod held;
mod html;
mod item;
mod pairs;
pub mod scorecard;

use std::sync::Arc;

use language::{Language, t};

use crate::words;

pub use deidentify::Kind;
use deidentify::{Export, Format, ReadError};
use policy::{Catalogue, Category, Edit, Setting, Timestamp};
use serde::Serialize;
use thiserror::Error;
use tokio::sync::Semaphore;

use crate::Sluice;
use crate::access::{KnowsOrg, ReadsOrg, Viewer};
use crate::blocking::Stopped;
use crate::knowledge::{KnowledgeRefusal, knowledge};
use crate::model::{Knowledge, OrgRef, Snapshot};
use crate::ports::StoreError;
use crate::terms::Wanted;
pub use crate::wash::LeavingField;
use item::Previewer;
use scorecard::Scorecard;

/// The largest file that is taken, in bytes.
pub const MAX_BYTES: usize = 20 * 1024 * 1024;

/// Reading a large file takes a core for a while: no more than this many at once, and never on a thread that serves pages.
pub(crate) static WASHING: Semaphore = Semaphore::const_new(2);

/// Items on one page of the preview.
pub const ITEMS_SHOWN: usize = 10;

/// An item that ships with the product, for whoever has no export at hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sample {
    WorkItem,
    Page,
    ServiceRequest,
}

impl Sample {
    pub const ALL: [Self; 3] = [Self::WorkItem, Self::Page, Self::ServiceRequest];

    pub fn id(self) -> &'static str {
        match self {
            Self::WorkItem => "work-item",
            Self::Page => "page",
            Self::ServiceRequest => "service-request",
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::WorkItem => t!("A Jira work item"),
            Self::Page => t!("A Confluence page"),
            Self::ServiceRequest => t!("A service request"),
        }
    }

    pub fn parse(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sample| sample.id() == id)
    }

    fn bytes(self) -> &'static [u8] {
        match self {
            Self::WorkItem => include_bytes!("../samples/jira-work-item.json"),
            Self::Page => include_bytes!("../samples/confluence-page.json"),
            Self::ServiceRequest => include_bytes!("../samples/service-request.json"),
        }
    }
}

#[derive(Debug, Error)]
pub enum PreviewError {
    #[error("{}", t!("The file has more than {most} MB. Export fewer items at a time.", most = MAX_BYTES / 1024 / 1024))]
    TooLarge,
    #[error("{}", t!("The file cannot be read: {why}.", why = words::unreadable(.0)))]
    Unreadable(#[from] ReadError),
    #[error("{}", t!("The file holds no items."))]
    Empty,
    /// The file is not held any more; the drafts that were tried on it are.
    #[error("there is no such file")]
    Gone(Vec<Wanted>),
    #[error(transparent)]
    Refused(#[from] KnowledgeRefusal),
    #[error("there is no such organisation")]
    NotFound,
    #[error("the preview stopped: {0}")]
    Failed(String),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What is previewed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    Sample(Sample),
    /// A file that is held, by id and name.
    File {
        id: String,
        name: String,
    },
}

impl Source {
    pub fn name(&self) -> &str {
        match self {
            Self::Sample(sample) => sample.name(),
            Self::File { name, .. } => name,
        }
    }
}

/// How it is looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// As if the organisation's in-app data were on.
    pub as_if_on: bool,
    /// Of the first item shown, from 1.
    pub first: usize,
    /// The key of an item to go to.
    pub find: String,
}

/// Some items of a file as written and as they would leave.
#[derive(Clone, Debug)]
pub struct Preview {
    pub org: OrgRef,
    pub source: Source,
    pub look: Look,
    pub items: Vec<PreviewItem>,
    pub total: usize,
    /// Whether the item that was asked for is in the file.
    pub found: bool,
    /// The first day on which any of it would leave, if that is ahead.
    pub not_before: Option<Timestamp>,
    /// Terms that are tried and not saved.
    pub drafts: Vec<Wanted>,
    /// How many people and terms the wash knew; none for whoever may not use them.
    pub known: Option<Known>,
    /// What the text engine does not find yet.
    pub limits: Vec<&'static str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// Of the organisation's directory. The users that an item names are known in that item besides.
    pub people: usize,
    pub terms: usize,
}

impl From<&Knowledge> for Known {
    fn from(known: &Knowledge) -> Self {
        Self { people: known.people.len(), terms: known.terms.len() }
    }
}

#[derive(Clone, Debug)]
pub struct PreviewItem {
    pub key: String,
    pub app_name: String,
    pub space: String,
    /// In the order of the item.
    pub fields: Vec<PreviewField>,
    /// The rules that found something again in the output: then nothing of the item leaves.
    pub held_back: Option<Vec<&'static str>>,
}

impl PreviewItem {
    pub fn count(&self, category: Category, leaves: bool) -> usize {
        self.fields.iter().filter(|field| field.category == category && field.leaves == leaves).count()
    }

    /// What was found in it, in order.
    pub fn found(&self) -> impl Iterator<Item = &Found> {
        self.fields.iter().flat_map(PreviewField::found)
    }
}

/// One line of the dictionary as far as an item has it, with all its values.
#[derive(Clone, Debug)]
pub struct PreviewField {
    pub path: String,
    pub name: String,
    pub category: Category,
    pub leaves: bool,
    /// Why it leaves or stays, in a sentence.
    pub because: String,
    pub values: Vec<PreviewValue>,
}

impl PreviewField {
    /// What was found in it, in order.
    pub fn found(&self) -> impl Iterator<Item = &Found> {
        self.values.iter().flat_map(|value| &value.pairs).flat_map(|pair| &pair.written).filter_map(|part| match part {
            Part::Found(found) => Some(found),
            Part::Text(_) | Part::Freed(_) => None,
        })
    }
}

#[derive(Clone, Debug)]
pub struct PreviewValue {
    pub format: Format,
    pub pairs: Vec<Pair>,
    /// What would leave, exactly; none if the field stays.
    pub leaving: Option<String>,
}

/// A paragraph as written beside what leaves of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pair {
    pub written: Vec<Part>,
    /// Empty if the field stays.
    pub leaving: Vec<Leaving>,
}

impl Pair {
    /// Whether it leaves as it was written, with no draft having a say.
    pub fn is_same(&self) -> bool {
        self.written.iter().all(|part| matches!(part, Part::Text(_)))
    }
}

/// A stretch of the text as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    Text(String),
    /// A draft lets it through.
    Freed(String),
    Found(Found),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub text: String,
    pub kind: Kind,
    pub placeholder: String,
    pub detector: &'static str,
    pub evidence: String,
    /// How sure the rule is, in percent.
    pub score: u8,
    /// Found only because of a draft.
    pub drafted: bool,
}

/// A stretch of the text that leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Leaving {
    Text(String),
    /// A draft lets it through.
    Freed(String),
    Placeholder {
        text: String,
        kind: &'static str,
        drafted: bool,
    },
}

/// An item for a machine: what would leave and what stays.
#[derive(Clone, Debug, Serialize)]
pub struct Outgoing<'a> {
    /// Which item this is about. It does not leave.
    pub item: &'a str,
    pub leaves: Leaves<'a>,
    pub stays: Vec<StayingField<'a>>,
}

/// What would leave, as it would be kept: each list is a record.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Leaves<'a> {
    pub metadata: Vec<LeavingField<'a>>,
    pub in_app: Vec<LeavingField<'a>>,
}

#[derive(Clone, Debug, Serialize)]
pub struct StayingField<'a> {
    pub field: &'a str,
    pub category: Category,
    pub because: &'a str,
}

impl<'a> From<&'a PreviewItem> for Outgoing<'a> {
    fn from(item: &'a PreviewItem) -> Self {
        let leaving = |kind: policy::Kind| {
            let fields = item.fields.iter().filter(|field| field.leaves && field.category.kind() == Some(kind));
            let values = |field: &'a PreviewField| field.values.iter().filter_map(|value| value.leaving.as_deref());
            fields.map(|field| LeavingField { field: &field.path, values: values(field).collect() }).collect()
        };
        let staying = item.fields.iter().filter(|field| !field.leaves);
        Self {
            item: &item.key,
            leaves: Leaves { metadata: leaving(policy::Kind::Metadata), in_app: leaving(policy::Kind::InApp) },
            stays: staying
                .map(|field| StayingField { field: &field.path, category: field.category, because: &field.because })
                .collect(),
        }
    }
}

/// Previews a sample. An admin sees it with the organisation's people and terms, and may try terms on it.
///
/// # Errors
/// When the organisation is gone or the store fails.
pub async fn sample(
    sluice: &Sluice,
    viewer: &Viewer,
    sample: Sample,
    as_if_on: bool,
    drafts: Vec<Wanted>,
) -> Result<Preview, PreviewError> {
    let known = match viewer {
        Viewer::Admin(admin) => Some(knowledge(sluice, admin).await?),
        Viewer::Auditor(_) | Viewer::Support(_) => None,
    };
    let look = Look { as_if_on, first: 1, find: String::new() };
    let bytes = Arc::new(sample.bytes().to_vec());
    page(sluice, viewer, known, Source::Sample(sample), bytes, look, drafts).await
}

/// Some items of a file with what was found in them, and what the wash does to the whole file, for whoever sends the file
/// along each time: nothing of it is held. `tried` are terms that are not saved.
///
/// # Errors
/// A file that cannot be read or is empty, a term that cannot be one, and a failing store.
pub async fn findings(
    sluice: &Sluice,
    cap: &impl KnowsOrg,
    file: Arc<Vec<u8>>,
    look: Look,
    tried: Vec<Wanted>,
) -> Result<(Preview, Scorecard), PreviewError> {
    let known = knowledge(sluice, cap).await?;
    let drafts = tried.into_iter().try_fold(Vec::new(), |drafts, draft| drafts::with(&drafts, &known.terms, draft))?;
    let snapshot = snapshot(sluice, cap, look.as_if_on).await?;
    let source = Source::File { id: String::new(), name: String::new() };
    let preview = page(sluice, cap, Some(known.clone()), source, Arc::clone(&file), look, drafts.clone()).await?;
    let (catalogue, at) = (Arc::clone(sluice.catalogue()), sluice.shown_at());
    let score = washing(move || scorecard::of_file(&catalogue, &snapshot, &known, &drafts, &file, at)).await?;
    Ok((preview, score))
}

/// Some items of a file, in the order of the file.
async fn page(
    sluice: &Sluice,
    cap: &impl ReadsOrg,
    known: Option<Knowledge>,
    source: Source,
    bytes: Arc<Vec<u8>>,
    mut look: Look,
    drafts: Vec<Wanted>,
) -> Result<Preview, PreviewError> {
    let snapshot = snapshot(sluice, cap, look.as_if_on).await?;
    let in_force = sluice.catalogue().programme.in_force;
    let not_before = (sluice.now() < in_force).then_some(in_force);
    let (catalogue, at) = (Arc::clone(sluice.catalogue()), sluice.shown_at());
    washing(move || {
        let export = Export::read(&bytes)?;
        let total = export.len();
        if total == 0 {
            return Err(PreviewError::Empty);
        }
        let drafts = known.as_ref().map_or_else(Vec::new, |known| drafts::sensible(drafts, &known.terms));
        let mut found = true;
        if !look.find.trim().is_empty() {
            let wanted = look.find.trim();
            let place = export.items().position(|item| item.is_ok_and(|item| item.key.eq_ignore_ascii_case(wanted)));
            found = place.is_some();
            look.first = place.map_or(look.first, |place| place + 1);
        }
        look.first = look.first.clamp(1, total);
        let wash = Previewer::new(&catalogue, &snapshot, known.as_ref(), &drafts, at);
        let items = export
            .items()
            .skip(look.first - 1)
            .take(ITEMS_SHOWN)
            .map(|item| item.map(|item| wash.preview(&item)))
            .collect::<Result<Vec<_>, _>>()?;
        let counts = known.as_ref().map(Known::from);
        Ok(Preview {
            org: snapshot.org,
            source,
            look,
            items,
            total,
            found,
            not_before,
            drafts,
            known: counts,
            limits: words::limits().collect(),
        })
    })
    .await
}

/// One item under an organisation's settings, for whoever has both in hand.
pub(crate) fn previewed(
    catalogue: &Catalogue,
    snapshot: &Snapshot,
    known: Option<&Knowledge>,
    item: deidentify::Item,
    at: Timestamp,
) -> PreviewItem {
    Previewer::new(catalogue, snapshot, known, &[], at).preview(&item)
}

/// The same where no page waits for it.
///
/// # Errors
/// When the preview itself stops.
pub(crate) async fn looked_at(
    sluice: &Sluice,
    snapshot: Snapshot,
    known: Option<Knowledge>,
    item: deidentify::Item,
) -> Result<PreviewItem, PreviewError> {
    let (catalogue, at) = (Arc::clone(sluice.catalogue()), sluice.shown_at());
    washing(move || Ok(previewed(&catalogue, &snapshot, known.as_ref(), item, at))).await
}

/// The organisation as it is, or as if its in-app data were on. Nothing is changed by looking.
async fn snapshot(sluice: &Sluice, cap: &impl ReadsOrg, as_if_on: bool) -> Result<Snapshot, PreviewError> {
    let mut snapshot = sluice.store.snapshot(&cap.org().id).await?.ok_or(PreviewError::NotFound)?;
    if as_if_on {
        let turned_on = Edit { setting: Setting::Organisation(policy::Kind::InApp), on: Some(true) };
        snapshot.state = snapshot.state.with(&[turned_on], sluice.now());
    }
    Ok(snapshot)
}

/// Works on a file where no page waits for it, and on no more than two at once. What was begun is finished, also when the
/// request is given up.
async fn washing<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, PreviewError> + Send + 'static,
) -> Result<T, PreviewError> {
    let permit = WASHING.acquire().await.map_err(|error| PreviewError::Failed(error.to_string()))?;
    let language = Language::current();
    tokio::task::spawn_blocking(move || {
        let _permit = permit;
        language.scope(work)
    })
    .await
    .map_err(|error| PreviewError::Failed(Stopped::from(error).to_string()))?
}

/// How a whole file is written for a machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// One array.
    Json,
    /// One item a line.
    JsonLines,
}

impl Form {
    pub const ALL: [Self; 2] = [Self::Json, Self::JsonLines];

    /// As it stands in an address and at the end of a file's name.
    pub fn id(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::JsonLines => "jsonl",
        }
    }

    pub fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::JsonLines => "application/x-ndjson",
        }
    }

    pub fn parse(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|form| form.id() == id)
    }
}

/// Exactly what would leave of every item of a file and what stays, each as an [`Outgoing`]. Nothing of it is kept.
///
/// # Errors
/// A file that cannot be read, and a failing store.
pub async fn would_leave(
    sluice: &Sluice,
    cap: &impl KnowsOrg,
    file: Arc<Vec<u8>>,
    as_if_on: bool,
    form: Form,
) -> Result<Vec<u8>, PreviewError> {
    let snapshot = snapshot(sluice, cap, as_if_on).await?;
    let known = knowledge(sluice, cap).await?;
    let (catalogue, at) = (Arc::clone(sluice.catalogue()), sluice.shown_at());
    washing(move || {
        let export = Export::read(&file)?;
        let wash = Previewer::new(&catalogue, &snapshot, Some(&known), &[], at);
        let mut bytes = Vec::with_capacity(file.len());
        let (open, between, close): (&[u8], &[u8], &[u8]) = match form {
            Form::Json => (b"[\n", b",\n", b"\n]\n"),
            Form::JsonLines => (b"", b"\n", b"\n"),
        };
        bytes.extend_from_slice(open);
        for (at, item) in export.items().enumerate() {
            if at > 0 {
                bytes.extend_from_slice(between);
            }
            serde_json::to_writer(&mut bytes, &Outgoing::from(&wash.preview(&item?)))
                .map_err(|error| PreviewError::Failed(error.to_string()))?;
        }
        bytes.extend_from_slice(close);
        Ok(bytes)
    })
    .await
}

/// The same of a sample.
///
/// # Errors
/// When the organisation is gone or the store fails.
pub async fn sample_would_leave(
    sluice: &Sluice,
    cap: &impl KnowsOrg,
    sample: Sample,
    as_if_on: bool,
) -> Result<Vec<u8>, PreviewError> {
    would_leave(sluice, cap, Arc::new(sample.bytes().to_vec()), as_if_on, Form::Json).await
}

/// Previews every item of a file, one after the other, without keeping any.
///
/// # Errors
/// A file that cannot be read, a failing store, and whatever `each` returns.
pub async fn every_item<E: From<PreviewError>>(
    sluice: &Sluice,
    cap: &impl KnowsOrg,
    bytes: &[u8],
    mut each: impl FnMut(&PreviewItem) -> Result<(), E>,
) -> Result<(), E> {
    let snapshot = snapshot(sluice, cap, false).await?;
    let known = knowledge(sluice, cap).await.map_err(PreviewError::from)?;
    let export = Export::read(bytes).map_err(PreviewError::from)?;
    let wash = Previewer::new(sluice.catalogue(), &snapshot, Some(&known), &[], sluice.shown_at());
    for item in export.items() {
        each(&wash.preview(&item.map_err(PreviewError::from)?))?;
    }
    Ok(())
}
