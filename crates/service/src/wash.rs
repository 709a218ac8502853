//! The wash of one item: decide, classify, de-identify.
//!
//! This is the one code that says what of an item leaves. The preview shows what it says, and the data path stores what it
//! says, so they cannot differ. It does no I/O and keeps nothing.

use std::borrow::Cow;
use std::sync::Arc;

use deidentify::{Deidentified, Deidentifier, Directory, Format, Item, Leaf, Person, ProofFailed, Text, Value};
use language::t;
use policy::{Catalogue, Category, Kind, Target, Timestamp, decide};
use serde::{Deserialize, Serialize};

use crate::model::{Knowledge, Snapshot};
use crate::preview::drafts;
use crate::settings::rows::reason_text;
use crate::target::target_of;
use crate::terms::Wanted;

/// The field of the dictionary under which the content attributes stand.
const ATTRIBUTES: &str = "contentAttributes";

/// The engine of an organisation that knows what it knows, with some terms that are only tried.
pub(crate) fn engine(known: Option<&Knowledge>, tried: &[Wanted]) -> Deidentifier {
    let people = known.map(|known| known.people.as_slice()).unwrap_or_default();
    let terms = known.map(|known| known.terms.as_slice()).unwrap_or_default();
    let directory: Directory = people.iter().cloned().collect();
    Deidentifier::new(&directory, &drafts::dictionary(terms, tried))
}

/// The rules that hold for one organisation at one moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wash<'a> {
    pub catalogue: &'a Catalogue,
    pub snapshot: &'a Snapshot,
    pub engine: &'a Deidentifier,
    pub at: Timestamp,
}

/// What is decided for everything of one target: of metadata and of in-app data.
pub(crate) type Verdicts = Arc<[Verdict; 2]>;

/// An item of which is known what leaves.
#[derive(Debug)]
pub(crate) struct Washed<'w> {
    pub key: &'w str,
    /// The id of its app.
    pub app: &'static str,
    pub space: &'w str,
    /// The users that the item names.
    pub people: &'w [Person],
    pub verdicts: Verdicts,
    /// In the order of the item.
    pub fields: Vec<WashedField<'w>>,
    /// In the order of the item.
    pub values: Vec<WashedValue<'w>>,
    /// The rules that found something again in the output: then nothing of the item leaves.
    pub held_back: Option<Vec<&'static str>>,
}

/// Whether an item contributes one kind of data, and the sentence that says why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub contributes: bool,
    pub because: String,
}

/// One line of the dictionary as far as an item has it.
#[derive(Debug)]
pub(crate) struct WashedField<'w> {
    pub path: &'w str,
    pub name: Cow<'w, str>,
    pub category: Category,
    pub leaves: bool,
    /// What its category comes from, in a sentence.
    why: &'w str,
}

#[derive(Debug)]
pub(crate) struct WashedValue<'w> {
    /// Which of the fields it belongs to.
    pub field: usize,
    /// As written.
    pub text: Cow<'w, str>,
    pub format: Format,
    pub outcome: Outcome,
}

/// What becomes of a value.
#[derive(Debug)]
pub(crate) enum Outcome {
    Stays,
    /// A number, a date or a yes or no has no room for a name.
    LeavesAsWritten,
    Leaves(Deidentified),
}

impl WashedValue<'_> {
    /// What leaves of it, exactly.
    pub(crate) fn leaving(&self) -> Option<&str> {
        match &self.outcome {
            Outcome::Stays => None,
            Outcome::LeavesAsWritten => Some(&self.text),
            Outcome::Leaves(done) => Some(&done.text),
        }
    }
}

/// A field as it leaves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LeavingField<'a> {
    pub field: &'a str,
    pub values: Vec<&'a str>,
}

/// A field of a record that was kept.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct KeptField {
    pub field: String,
    pub values: Vec<String>,
}

impl Washed<'_> {
    /// Why a field leaves or stays, in a sentence.
    pub(crate) fn because(&self, field: &WashedField<'_>) -> String {
        let Some(kind) = field.category.kind() else { return field.why.to_owned() };
        let Verdict { contributes, because } = verdict(&self.verdicts, kind);
        if *contributes && self.held_back.is_some() {
            return t!(
                "The proof pass found something again in what would leave of this item, so nothing of it leaves."
            )
            .to_owned();
        }
        format!("{} {because}", field.why)
    }

    /// What leaves of one kind.
    pub(crate) fn leaving(&self, kind: Kind) -> Vec<LeavingField<'_>> {
        let of_kind = |(_, field): &(usize, &WashedField<'_>)| field.leaves && field.category.kind() == Some(kind);
        let fields = self.fields.iter().enumerate().filter(of_kind);
        fields
            .map(|(at, field)| {
                let own = self.values.iter().filter(|value| value.field == at);
                LeavingField { field: field.path, values: own.filter_map(WashedValue::leaving).collect() }
            })
            .collect()
    }
}

impl<'a> Wash<'a> {
    pub(crate) fn item<'w>(&self, item: &'w Item) -> Washed<'w>
    where
        'a: 'w,
    {
        self.decided(item, self.verdicts(&target_of(item).1))
    }

    /// What is decided for a target, which is the same for all of its items.
    pub(crate) fn verdicts(&self, target: &Target) -> Verdicts {
        Arc::new(Kind::ALL.map(|kind| {
            let decision = decide(self.catalogue, &self.snapshot.state, target, kind, self.at);
            Verdict { contributes: decision.contributes, because: reason_text(self.catalogue, &decision, kind) }
        }))
    }

    /// An item of a target for which this was decided.
    pub(crate) fn decided<'w>(&self, item: &'w Item, verdicts: Verdicts) -> Washed<'w>
    where
        'a: 'w,
    {
        let (app, _) = target_of(item);
        let (people, key, space) = (&item.people[..], &item.key[..], &item.space[..]);
        let mut fields: Vec<WashedField<'w>> = Vec::new();
        let mut values: Vec<WashedValue<'w>> = Vec::with_capacity(item.leaves.len());
        // A number or a date of metadata has no room for a name, and its digits are not a phone number.
        let mut to_wash: Vec<bool> = Vec::with_capacity(item.leaves.len());
        let mut in_app: Vec<Text<'w>> = Vec::new();
        let mut add = |classified: Classified<'w>, text: Cow<'w, str>, format: Format, is_text: bool| {
            let Classified { path, name, category, why } = classified;
            let field = fields.iter().position(|field| field.path == path).unwrap_or_else(|| {
                let leaves = category.kind().is_some_and(|kind| verdict(&verdicts, kind).contributes);
                fields.push(WashedField { path, name, category, leaves, why });
                fields.len() - 1
            });
            let leaves = fields.get(field).is_some_and(|field| field.leaves);
            let is_washed = leaves && (is_text || category != Category::Metadata);
            to_wash.push(is_washed);
            // What is to be washed stays until it was.
            let outcome = if leaves && !is_washed { Outcome::LeavesAsWritten } else { Outcome::Stays };
            values.push(WashedValue { field, text, format, outcome });
        };
        for Leaf { path, value, format } in &item.leaves {
            let classified = self.classify(app, path);
            if let (Category::InApp, Value::Text(text)) = (classified.category, value) {
                in_app.push(Text { text, format: *format });
            }
            add(classified, shown(value), *format, matches!(value, Value::Text(_)));
        }
        // Of a few classes each: no room for a name either.
        for attribute in attributes(&in_app) {
            add(self.classify(app, ATTRIBUTES), Cow::Owned(attribute), Format::Text, false);
        }
        let held_back = self.deidentify(&mut values, &to_wash, people).err().map(|ProofFailed { detectors }| detectors);
        if held_back.is_some() {
            fields.iter_mut().for_each(|field| field.leaves = false);
            values.iter_mut().for_each(|value| value.outcome = Outcome::Stays);
        }
        Washed { key, app, space, people, verdicts, fields, values, held_back }
    }

    /// Washes every text that is to be washed together with the others of the item, so that a name that one of them shows to
    /// be a name is found in all.
    fn deidentify(
        &self,
        values: &mut [WashedValue<'_>],
        to_wash: &[bool],
        people: &[Person],
    ) -> Result<(), ProofFailed> {
        let texts = values.iter().zip(to_wash).filter(|(_, to_wash)| **to_wash);
        let texts: Vec<Text<'_>> = texts.map(|(value, _)| Text { text: &value.text, format: value.format }).collect();
        let done = self.engine.item_with(&texts, people)?;
        let texts = values.iter_mut().zip(to_wash).filter(|(_, to_wash)| **to_wash);
        for ((value, _), done) in texts.zip(done) {
            value.outcome = Outcome::Leaves(done);
        }
        Ok(())
    }

    fn classify<'w>(&self, app: &str, path: &'w str) -> Classified<'w>
    where
        'a: 'w,
    {
        let catalogue: &'a Catalogue = self.catalogue;
        if let Some(field) = catalogue.field(app, path) {
            return Classified {
                path: &field.path,
                name: Cow::Borrowed(&field.name),
                category: field.category,
                why: &field.why,
            };
        }
        let top = path.split('.').next().unwrap_or(path);
        if top.starts_with("customfield") {
            return Classified {
                path: top,
                name: t!("Custom field {id}", id = top.trim_start_matches("customfield").trim_matches('_')).into(),
                category: Category::InApp,
                why: t!("A custom field that is not listed is in-app data."),
            };
        }
        Classified { path, name: path.into(), category: Category::Never, why: t!("It is not in the field dictionary.") }
    }
}

struct Classified<'a> {
    path: &'a str,
    name: Cow<'a, str>,
    category: Category,
    why: &'a str,
}

fn verdict(verdicts: &[Verdict; 2], kind: Kind) -> &Verdict {
    &verdicts[usize::from(kind == Kind::InApp)]
}

/// The content attributes of an item, computed from its in-app texts; none without any.
fn attributes(texts: &[Text<'_>]) -> Vec<String> {
    if texts.is_empty() {
        return Vec::new();
    }
    let computed = deidentify::attributes(texts);
    let readability = computed.readability.map(|ease| format!("readability {ease} of 100"));
    let values = [
        Some(format!("length: {}", computed.length.id())),
        readability,
        Some(format!("complexity: {}", computed.complexity.id())),
        Some(format!("kind of task: {}", computed.task.id())),
    ];
    values.into_iter().flatten().collect()
}

fn shown(value: &Value) -> Cow<'_, str> {
    match value {
        Value::Text(text) | Value::Number(text) => Cow::Borrowed(text),
        Value::Bool(yes) => Cow::Borrowed(if *yes { "Yes" } else { "No" }),
    }
}
