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
pub(crate) struct Washed {
    pub key: String,
    /// The id of its app.
    pub app: String,
    pub space: String,
    /// The users that the item names.
    pub people: Vec<Person>,
    /// For metadata and for in-app data.
    pub verdicts: [Verdict; 2],
    /// In the order of the item.
    pub fields: Vec<WashedField>,
    /// In the order of the item.
    pub values: Vec<WashedValue>,
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
pub(crate) struct WashedValue {
    /// Which of the fields it belongs to.
    pub field: usize,
    /// As written.
    pub text: String,
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

impl WashedValue {
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

impl Washed {
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
    pub(crate) fn item(&self, mut item: Item) -> Washed {
        let (app, target) = target_of(&item);
        let attributes = self.attributes(app, &item.leaves);
        item.leaves.extend(attributes);
        let decisions = Kind::ALL.map(|kind| decide(self.catalogue, &self.snapshot.state, &target, kind, self.at));
        let verdicts = Kind::ALL.map(|kind| {
            let decision = &decisions[usize::from(kind == Kind::InApp)];
            Verdict { contributes: decision.contributes, because: reason_text(self.catalogue, decision, kind) }
        });
        let mut fields: Vec<WashedField> = Vec::new();
        let mut values: Vec<WashedValue> = Vec::with_capacity(item.leaves.len());
        for leaf in &item.leaves {
            let classified = self.classify(app, &leaf.path);
            let field = fields.iter().position(|field| field.path == classified.path).unwrap_or_else(|| {
                let (leaves, because) = verdict(&classified, &verdicts);
                let Classified { path, name, category, .. } = classified;
                let (path, name) = (path.to_owned(), name.into_owned());
                fields.push(WashedField { path, name, category, leaves, because });
                fields.len() - 1
            });
            values.push(WashedValue { field, text: shown(&leaf.value), format: leaf.format, outcome: Outcome::Stays });
        }
        let mut washed = Washed {
            key: item.key,
            app: app.to_owned(),
            space: item.space,
            people: item.people,
            verdicts,
            fields,
            values,
            held_back: None,
        };
        if let Err(ProofFailed { detectors }) = self.deidentify(&item.leaves, &mut washed) {
            for field in washed.fields.iter_mut().filter(|field| field.leaves) {
                field.leaves = false;
                t!("The proof pass found something again in what would leave of this item, so nothing of it leaves.")
                    .clone_into(&mut field.because);
            }
            washed.held_back = Some(detectors);
        }
        washed
    }

    /// Says of each value what becomes of it. Every text that may leave is washed together with the others of the item, so
    /// that a name that one of them shows to be a name is found in all.
    fn deidentify(&self, leaves: &[Leaf], washed: &mut Washed) -> Result<(), ProofFailed> {
        let Washed { fields, values, people, .. } = washed;
        let may_leave: Vec<bool> =
            values.iter().map(|value| fields.get(value.field).is_some_and(|field| field.leaves)).collect();
        let is_washed: Vec<bool> = values
            .iter()
            .zip(leaves)
            .zip(&may_leave)
            .map(|((value, leaf), may)| *may && fields.get(value.field).is_some_and(|field| has_room(field, leaf)))
            .collect();
        let texts: Vec<Text<'_>> = values
            .iter()
            .zip(&is_washed)
            .filter(|(_, washed)| **washed)
            .map(|(value, _)| Text { text: &value.text, format: value.format })
            .collect();
        let mut done = self.engine.item_with(&texts, people)?.into_iter();
        for ((value, may_leave), is_washed) in values.iter_mut().zip(may_leave).zip(is_washed) {
            value.outcome = match (may_leave, is_washed) {
                (false, _) => Outcome::Stays,
                (true, false) => Outcome::LeavesAsWritten,
                (true, true) => done.next().map_or(Outcome::Stays, Outcome::Leaves),
            };
        }
        Ok(())
    }

    /// The content attributes of an item, computed from its in-app texts; none without any.
    fn attributes(&self, app: &str, leaves: &[Leaf]) -> Vec<Leaf> {
        let in_app = |leaf: &&Leaf| self.classify(app, &leaf.path).category == Category::InApp;
        let texts: Vec<Text<'_>> = leaves
            .iter()
            .filter(in_app)
            .filter_map(|leaf| match &leaf.value {
                Value::Text(text) => Some(Text { text, format: leaf.format }),
                _ => None,
            })
            .collect();
        if texts.is_empty() {
            return Vec::new();
        }
        let computed = deidentify::attributes(&texts);
        let readability = computed.readability.map(|ease| format!("readability {ease} of 100"));
        let values = [
            Some(format!("length: {}", computed.length.id())),
            readability,
            Some(format!("complexity: {}", computed.complexity.id())),
            Some(format!("kind of task: {}", computed.task.id())),
        ];
        let leaf =
            |value| Leaf { path: "contentAttributes".to_owned(), value: Value::Text(value), format: Format::Text };
        values.into_iter().flatten().map(leaf).collect()
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

/// A number or a date has no room for a name, and its digits are not a phone number.
fn has_room(field: &WashedField, leaf: &Leaf) -> bool {
    field.category != Category::Metadata || matches!(leaf.value, Value::Text(_))
}

fn shown(value: &Value) -> String {
    match value {
        Value::Text(text) | Value::Number(text) => text.clone(),
        Value::Bool(yes) => if *yes { "Yes" } else { "No" }.to_owned(),
    }
}
