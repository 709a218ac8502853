//! The wash of one item: decide, classify, de-identify.
//!
//! This is the one code that says what of an item leaves. The preview shows what it says, and the data path stores what it
//! says, so they cannot differ. It does no I/O and keeps nothing.

use std::borrow::Cow;

use deidentify::{Deidentified, Deidentifier, Directory, Format, Item, Leaf, Person, ProofFailed, Text, Value};
use language::t;
use policy::{Catalogue, Category, Kind, Timestamp, decide};
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

/// An item of which is known what leaves.
#[derive(Debug)]
pub(crate) struct Washed<'i> {
    pub key: &'i str,
    /// The id of its app.
    pub app: &'static str,
    pub space: &'i str,
    /// The users that the item names.
    pub people: &'i [Person],
    /// For metadata and for in-app data.
    pub verdicts: [Verdict; 2],
    /// In the order of the item.
    pub fields: Vec<WashedField>,
    /// In the order of the item.
    pub values: Vec<WashedValue<'i>>,
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
pub(crate) struct WashedField {
    pub path: String,
    pub name: String,
    pub category: Category,
    pub leaves: bool,
    /// Why it leaves or stays, in a sentence.
    pub because: String,
}

#[derive(Debug)]
pub(crate) struct WashedValue<'i> {
    /// Which of the fields it belongs to.
    pub field: usize,
    /// As written.
    pub text: Cow<'i, str>,
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
    /// What leaves of one kind.
    pub(crate) fn leaving(&self, kind: Kind) -> Vec<LeavingField<'_>> {
        let of_kind = |(_, field): &(usize, &WashedField)| field.leaves && field.category.kind() == Some(kind);
        let fields = self.fields.iter().enumerate().filter(of_kind);
        fields
            .map(|(at, field)| {
                let own = self.values.iter().filter(|value| value.field == at);
                LeavingField { field: &field.path, values: own.filter_map(WashedValue::leaving).collect() }
            })
            .collect()
    }
}

impl Wash<'_> {
    pub(crate) fn item<'i>(&self, item: &'i Item) -> Washed<'i> {
        let (app, target) = target_of(item);
        let decisions = Kind::ALL.map(|kind| decide(self.catalogue, &self.snapshot.state, &target, kind, self.at));
        let verdicts = Kind::ALL.map(|kind| {
            let decision = &decisions[usize::from(kind == Kind::InApp)];
            Verdict { contributes: decision.contributes, because: reason_text(self.catalogue, decision, kind) }
        });
        let (people, key, space) = (&item.people[..], &item.key[..], &item.space[..]);
        let mut fields: Vec<WashedField> = Vec::new();
        let mut values: Vec<WashedValue<'i>> = Vec::with_capacity(item.leaves.len());
        // What is washed; a number or a date of metadata has no room for a name, and its digits are not a phone number.
        let mut washed: Vec<bool> = Vec::with_capacity(item.leaves.len());
        let mut in_app: Vec<Text<'i>> = Vec::new();
        let mut add = |classified: Classified<'_>, text: Cow<'i, str>, format: Format, is_text: bool| {
            let category = classified.category;
            let field = fields.iter().position(|field| field.path == classified.path).unwrap_or_else(|| {
                let (leaves, because) = verdict(&classified, &verdicts);
                let Classified { path, name, category, .. } = classified;
                let (path, name) = (path.to_owned(), name.into_owned());
                fields.push(WashedField { path, name, category, leaves, because });
                fields.len() - 1
            });
            let leaves = fields.get(field).is_some_and(|field| field.leaves);
            washed.push(leaves && (is_text || category != Category::Metadata));
            let outcome = if leaves { Outcome::LeavesAsWritten } else { Outcome::Stays };
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
        let held_back = self.deidentify(&mut values, &washed, people).err().map(|ProofFailed { detectors }| detectors);
        if held_back.is_some() {
            for field in fields.iter_mut().filter(|field| field.leaves) {
                field.leaves = false;
                t!("The proof pass found something again in what would leave of this item, so nothing of it leaves.")
                    .clone_into(&mut field.because);
            }
            values.iter_mut().for_each(|value| value.outcome = Outcome::Stays);
        }
        Washed { key, app, space, people, verdicts, fields, values, held_back }
    }

    /// Washes every text that is to be washed together with the others of the item, so that a name that one of them shows to
    /// be a name is found in all.
    fn deidentify(
        &self,
        values: &mut [WashedValue<'_>],
        washed: &[bool],
        people: &[Person],
    ) -> Result<(), ProofFailed> {
        let is_washed = |(value, washed): (_, &bool)| washed.then_some(value);
        let texts: Vec<Text<'_>> = values
            .iter()
            .zip(washed)
            .filter_map(is_washed)
            .map(|value| Text { text: &value.text, format: value.format })
            .collect();
        let done = self.engine.item_with(&texts, people)?;
        for (value, done) in
            values.iter_mut().zip(washed).filter_map(|(value, washed)| washed.then_some(value)).zip(done)
        {
            value.outcome = Outcome::Leaves(done);
        }
        Ok(())
    }

    fn classify<'p>(&'p self, app: &str, path: &'p str) -> Classified<'p> {
        if let Some(field) = self.catalogue.field(app, path) {
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

/// Whether a field leaves, and the sentence that says why.
fn verdict(field: &Classified<'_>, verdicts: &[Verdict; 2]) -> (bool, String) {
    let Some(kind) = field.category.kind() else {
        return (false, field.why.to_owned());
    };
    let Verdict { contributes, because } = &verdicts[usize::from(kind == Kind::InApp)];
    (*contributes, format!("{} {because}", field.why))
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
