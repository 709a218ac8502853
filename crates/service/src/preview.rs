//! The preview: what would leave of an item under an organisation's current settings, field by field.
//!
//! It runs the very steps of the data path: decide, classify, de-identify. An upload is worked on in memory and nothing of
//! it is stored or logged.

use std::sync::Arc;

use deidentify::{Deidentified, Deidentifier, Export, Item, LIMITS, Leaf, Placeholders, ReadError, Value};
use policy::{Catalogue, Category, Decision, Edit, Kind, Setting, Target, Timestamp, decide};
use serde::Serialize;
use thiserror::Error;
use tokio::sync::Semaphore;

use crate::Sluice;
use crate::access::ReadsOrg;
use crate::model::{OrgRef, Snapshot};
use crate::ports::StoreError;
use crate::settings::rows::reason_text;

/// The largest file that is taken, in bytes.
pub const MAX_BYTES: usize = 20 * 1024 * 1024;

/// Reading a large file takes a core for a while: no more than this many at once, and never on a thread that serves pages.
static WASHING: Semaphore = Semaphore::const_new(2);

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
            Self::WorkItem => "A Jira work item",
            Self::Page => "A Confluence page",
            Self::ServiceRequest => "A service request",
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
    #[error("The file has more than {} MB. Export fewer items at a time.", MAX_BYTES / 1024 / 1024)]
    TooLarge,
    #[error("The file cannot be read: {0}.")]
    Unreadable(#[from] ReadError),
    #[error("The file holds no items.")]
    Empty,
    #[error("there is no such organisation")]
    NotFound,
    #[error("the preview stopped: {0}")]
    Failed(String),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Some items of a file as written and as they would leave.
#[derive(Clone, Debug)]
pub struct Preview {
    pub org: OrgRef,
    pub source: String,
    pub items: Vec<PreviewItem>,
    /// Of the first item shown, from 1.
    pub first: usize,
    pub total: usize,
    /// The first day on which any of it would leave, if that is ahead.
    pub not_before: Option<Timestamp>,
    /// Shown as if the organisation's in-app data were on.
    pub as_if_on: bool,
    /// What the text engine does not find yet.
    pub limits: &'static [&'static str],
}

#[derive(Clone, Debug)]
pub struct PreviewItem {
    pub key: String,
    pub app_name: String,
    pub space: String,
    /// In the order of the item.
    pub fields: Vec<PreviewField>,
}

impl PreviewItem {
    pub fn count(&self, category: Category, leaves: bool) -> usize {
        self.fields.iter().filter(|field| field.category == category && field.leaves == leaves).count()
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

#[derive(Clone, Debug)]
pub struct PreviewValue {
    /// The value as written, in parts, with what was found marked.
    pub written: Vec<Part>,
    /// What would leave; none if the field stays.
    pub leaving: Option<String>,
}

/// A stretch of text, and what was found in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    pub text: String,
    pub found: Option<Found>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// A stable name of the kind: `person`, `email`.
    pub kind: &'static str,
    pub kind_name: &'static str,
    pub letter: char,
    pub placeholder: String,
    pub detector: &'static str,
    pub evidence: String,
}

/// An item for a machine: what would leave and what stays.
#[derive(Clone, Debug, Serialize)]
pub struct Outgoing<'a> {
    /// Which item this is about. It does not leave.
    pub item: &'a str,
    pub leaves: Vec<OutgoingField<'a>>,
    pub stays: Vec<StayingField<'a>>,
}

#[derive(Clone, Debug, Serialize)]
pub struct OutgoingField<'a> {
    pub field: &'a str,
    pub category: Category,
    pub values: Vec<&'a str>,
}

#[derive(Clone, Debug, Serialize)]
pub struct StayingField<'a> {
    pub field: &'a str,
    pub category: Category,
    pub because: &'a str,
}

impl<'a> From<&'a PreviewItem> for Outgoing<'a> {
    fn from(item: &'a PreviewItem) -> Self {
        let (leaving, staying): (Vec<_>, Vec<_>) = item.fields.iter().partition(|field| field.leaves);
        Self {
            item: &item.key,
            leaves: leaving
                .into_iter()
                .map(|field| OutgoingField {
                    field: &field.path,
                    category: field.category,
                    values: field.values.iter().filter_map(|value| value.leaving.as_deref()).collect(),
                })
                .collect(),
            stays: staying
                .into_iter()
                .map(|field| StayingField { field: &field.path, category: field.category, because: &field.because })
                .collect(),
        }
    }
}

/// Previews a sample.
///
/// # Errors
/// When the organisation is gone or the store fails.
pub async fn sample(
    sluice: &Sluice,
    cap: &impl ReadsOrg,
    sample: Sample,
    as_if_on: bool,
) -> Result<Preview, PreviewError> {
    upload(sluice, cap, sample.name().to_owned(), sample.bytes().to_vec(), 1, as_if_on).await
}

/// Previews some items of a file, from the item at place `first` (from 1). `as_if_on` shows what would leave if in-app data
/// were turned on for the organisation; nothing is changed by looking.
///
/// # Errors
/// A file that is too large, cannot be read, or is empty: with the place and what is wrong there.
pub async fn upload(
    sluice: &Sluice,
    cap: &impl ReadsOrg,
    source: String,
    bytes: Vec<u8>,
    first: usize,
    as_if_on: bool,
) -> Result<Preview, PreviewError> {
    if bytes.len() > MAX_BYTES {
        return Err(PreviewError::TooLarge);
    }
    let mut snapshot = sluice.store.snapshot(&cap.org().id).await?.ok_or(PreviewError::NotFound)?;
    if as_if_on {
        let turned_on = Edit { setting: Setting::Organisation(Kind::InApp), on: Some(true) };
        snapshot.state = snapshot.state.with(&[turned_on], sluice.now());
    }
    let _permit = WASHING.acquire().await.map_err(|error| PreviewError::Failed(error.to_string()))?;
    let in_force = sluice.catalogue.programme.in_force;
    let not_before = (sluice.now() < in_force).then_some(in_force);
    let (catalogue, at) = (Arc::clone(&sluice.catalogue), sluice.shown_at());
    tokio::task::spawn_blocking(move || {
        let export = Export::read(&bytes)?;
        if export.is_empty() {
            return Err(PreviewError::Empty);
        }
        let total = export.len();
        let first = first.clamp(1, total);
        let wash = Wash::new(&catalogue, &snapshot, &export, at)?;
        let items = export
            .items()
            .skip(first - 1)
            .take(ITEMS_SHOWN)
            .map(|item| item.map(|item| wash.preview(item)))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Preview { org: snapshot.org, source, items, first, total, not_before, as_if_on, limits: LIMITS })
    })
    .await
    .map_err(|error| PreviewError::Failed(error.to_string()))?
}

/// Previews every item of a file, one after the other, without keeping any.
///
/// # Errors
/// As [`upload`], and whatever `each` returns.
pub async fn every_item<E: From<PreviewError>>(
    sluice: &Sluice,
    cap: &impl ReadsOrg,
    bytes: &[u8],
    mut each: impl FnMut(&PreviewItem) -> Result<(), E>,
) -> Result<(), E> {
    let snapshot =
        sluice.store.snapshot(&cap.org().id).await.map_err(PreviewError::from)?.ok_or(PreviewError::NotFound)?;
    let export = Export::read(bytes).map_err(PreviewError::from)?;
    let wash = Wash::new(&sluice.catalogue, &snapshot, &export, sluice.shown_at())?;
    for item in export.items() {
        each(&wash.preview(item.map_err(PreviewError::from)?))?;
    }
    Ok(())
}

/// The wash for one organisation and one file: the settings that hold, and the people that the file names.
struct Wash<'a> {
    catalogue: &'a Catalogue,
    snapshot: &'a Snapshot,
    deidentifier: Deidentifier,
    at: Timestamp,
}

impl<'a> Wash<'a> {
    fn new(
        catalogue: &'a Catalogue,
        snapshot: &'a Snapshot,
        export: &Export<'_>,
        at: Timestamp,
    ) -> Result<Self, PreviewError> {
        Ok(Self {
            catalogue,
            snapshot,
            deidentifier: Deidentifier::new(&export.people()?, &deidentify::Dictionary::default()),
            at,
        })
    }

    fn preview(&self, item: Item) -> PreviewItem {
        let app = self.app_of(&item);
        let target = Target::Space { app: app.to_owned(), key: item.space.clone() };
        let decisions = Kind::ALL.map(|kind| decide(self.catalogue, &self.snapshot.state, &target, kind, self.at));
        let mut numbers = Placeholders::new();
        let mut fields: Vec<PreviewField> = Vec::new();
        for leaf in &item.leaves {
            let classified = self.classify(app, &leaf.path);
            let at = fields.iter().position(|field| field.path == classified.path).unwrap_or_else(|| {
                let (leaves, because) = self.verdict(&classified, &decisions);
                fields.push(PreviewField {
                    path: classified.path,
                    name: classified.name,
                    category: classified.category,
                    leaves,
                    because,
                    values: Vec::new(),
                });
                fields.len() - 1
            });
            if let Some(field) = fields.get_mut(at) {
                let value = self.value(leaf, field, &mut numbers);
                field.values.push(value);
            }
        }
        PreviewItem {
            app_name: crate::settings::app_name(self.catalogue, app).to_owned(),
            key: item.key,
            space: item.space,
            fields,
        }
    }

    /// A request is exported in the shape of a work item; its space says that it is one.
    fn app_of(&self, item: &Item) -> &'static str {
        match item.app {
            deidentify::App::Confluence => "confluence",
            deidentify::App::Jira => {
                let service_desk = item.leaves.iter().any(|leaf| {
                    leaf.path == "project.projectTypeKey"
                        && matches!(&leaf.value, Value::Text(text) if text == "service_desk")
                });
                if service_desk { "jira-service-management" } else { "jira" }
            }
        }
    }

    fn classify(&self, app: &str, path: &str) -> Classified {
        if let Some(field) = self.catalogue.field(app, path) {
            return Classified {
                path: field.path.clone(),
                name: field.name.clone(),
                category: field.category,
                why: field.why.clone(),
            };
        }
        let top = path.split('.').next().unwrap_or(path);
        if top.starts_with("customfield") {
            return Classified {
                path: top.to_owned(),
                name: format!("Custom field {}", top.trim_start_matches("customfield").trim_matches('_')),
                category: Category::InApp,
                why: "A custom field that is not listed is in-app data.".to_owned(),
            };
        }
        Classified {
            path: path.to_owned(),
            name: path.to_owned(),
            category: Category::Never,
            why: "It is not in the field dictionary.".to_owned(),
        }
    }

    /// Whether a field leaves, and the sentence that says why.
    fn verdict(&self, field: &Classified, decisions: &[Decision<'_>; 2]) -> (bool, String) {
        let Some(kind) = field.category.kind() else {
            return (false, field.why.clone());
        };
        let decision = &decisions[usize::from(kind == Kind::InApp)];
        let reason = reason_text(self.catalogue, decision, kind);
        (decision.contributes, format!("{} {reason}", field.why))
    }

    fn value(&self, leaf: &Leaf, field: &PreviewField, numbers: &mut Placeholders) -> PreviewValue {
        let text = match &leaf.value {
            Value::Text(text) | Value::Number(text) => text.clone(),
            Value::Bool(yes) => if *yes { "Yes" } else { "No" }.to_owned(),
        };
        if !field.leaves {
            return PreviewValue { written: vec![Part { text, found: None }], leaving: None };
        }
        // A number or a date has no room for a name, and its digits are not a phone number.
        if field.category == Category::Metadata && !matches!(leaf.value, Value::Text(_)) {
            return PreviewValue { written: vec![Part { text: text.clone(), found: None }], leaving: Some(text) };
        }
        let Deidentified { text: leaving, findings } = self.deidentifier.run(&text, numbers);
        let mut written = Vec::with_capacity(findings.len() * 2 + 1);
        let mut from = 0;
        for finding in findings {
            if finding.start > from {
                written.push(Part { text: text[from..finding.start].to_owned(), found: None });
            }
            written.push(Part {
                text: text[finding.start..finding.end].to_owned(),
                found: Some(Found {
                    kind: finding.kind.id(),
                    kind_name: finding.kind.name(),
                    letter: finding.kind.letter(),
                    placeholder: finding.placeholder,
                    detector: finding.detector,
                    evidence: finding.evidence.to_owned(),
                }),
            });
            from = finding.end;
        }
        if from < text.len() {
            written.push(Part { text: text[from..].to_owned(), found: None });
        }
        PreviewValue { written, leaving: Some(leaving) }
    }
}

struct Classified {
    path: String,
    name: String,
    category: Category,
    why: String,
}
