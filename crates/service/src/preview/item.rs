//! The wash of one item: what each field is, whether it leaves, and what of its text does.

use std::collections::BTreeSet;

use deidentify::{Deidentifier, Directory, Export, Format, Item, Leaf, ProofFailed, Text, Value};
use policy::{Catalogue, Category, Decision, Kind, Target, Timestamp, decide};

use super::{Known, PreviewError, PreviewField, PreviewItem, PreviewValue, drafts, pairs};
use crate::model::{Knowledge, Snapshot};
use crate::settings::rows::reason_text;
use crate::terms::Wanted;

/// What is said of a field that the proof pass holds back.
const HELD_BACK: &str =
    "The proof pass found something again in what would leave of this item, so nothing of it leaves.";

/// The wash for one organisation and one file: the settings that hold, the people that the file names, and what the
/// organisation knows.
pub(super) struct Wash<'a> {
    catalogue: &'a Catalogue,
    snapshot: &'a Snapshot,
    deidentifier: Deidentifier,
    /// Without the drafts, if there are any.
    before: Option<Deidentifier>,
    people: usize,
    /// The terms that are never removed, folded.
    kept: BTreeSet<String>,
    at: Timestamp,
}

impl<'a> Wash<'a> {
    pub(super) fn new(
        catalogue: &'a Catalogue,
        snapshot: &'a Snapshot,
        known: Option<&Knowledge>,
        tried: &[Wanted],
        export: &Export<'_>,
        at: Timestamp,
    ) -> Result<Self, PreviewError> {
        let of_file = export.people()?;
        let stored = known.map(|known| known.people.as_slice()).unwrap_or_default();
        let directory: Directory = stored.iter().chain(of_file.people()).cloned().collect();
        let terms = known.map(|known| known.terms.as_slice()).unwrap_or_default();
        let with = |tried: &[Wanted]| Deidentifier::new(&directory, &drafts::dictionary(terms, tried));
        Ok(Self {
            catalogue,
            snapshot,
            deidentifier: with(tried),
            before: (!tried.is_empty()).then(|| with(&[])),
            people: directory.len(),
            kept: drafts::dictionary(terms, tried).never.iter().map(|term| deidentify::term_key(term)).collect(),
            at,
        })
    }

    /// Whether a folded word is a term that is never removed.
    pub(super) fn keeps(&self, word: &str) -> bool {
        self.kept.contains(word)
    }

    pub(super) fn known(&self, known: &Knowledge) -> Known {
        Known { directory: known.people.len(), people: self.people, terms: known.terms.len() }
    }

    pub(super) fn preview(&self, mut item: Item) -> PreviewItem {
        let app = self.app_of(&item);
        let attributes = self.attributes(app, &item.leaves);
        item.leaves.extend(attributes);
        let target = Target::Space { app: app.to_owned(), key: item.space.clone() };
        let decisions = Kind::ALL.map(|kind| decide(self.catalogue, &self.snapshot.state, &target, kind, self.at));
        let mut fields: Vec<PreviewField> = Vec::new();
        // Which field each value of the item belongs to.
        let places: Vec<usize> = item
            .leaves
            .iter()
            .map(|leaf| {
                let classified = self.classify(app, &leaf.path);
                fields.iter().position(|field| field.path == classified.path).unwrap_or_else(|| {
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
                })
            })
            .collect();
        let washed = self.wash(&item.leaves, &places, &fields);
        let held_back = match washed {
            Ok(values) => {
                for (value, place) in values.into_iter().zip(&places) {
                    if let Some(field) = fields.get_mut(*place) {
                        field.values.push(value);
                    }
                }
                None
            }
            Err(ProofFailed { detectors }) => {
                for field in fields.iter_mut().filter(|field| field.leaves) {
                    field.leaves = false;
                    HELD_BACK.clone_into(&mut field.because);
                }
                for (leaf, place) in item.leaves.iter().zip(&places) {
                    if let Some(field) = fields.get_mut(*place) {
                        field.values.push(stays(&shown(&leaf.value), leaf.format));
                    }
                }
                Some(detectors)
            }
        };
        PreviewItem {
            app_name: crate::settings::app_name(self.catalogue, app).to_owned(),
            key: item.key,
            space: item.space,
            fields,
            held_back,
        }
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

    /// What becomes of each value. Every text that may leave is washed together with the others of the item, so that a name
    /// that one of them shows to be a name is found in all.
    fn wash(
        &self,
        leaves: &[Leaf],
        places: &[usize],
        fields: &[PreviewField],
    ) -> Result<Vec<PreviewValue>, ProofFailed> {
        let field = |at: usize| places.get(at).and_then(|place| fields.get(*place));
        let is_washed = |at: usize, leaf: &Leaf| field(at).is_some_and(|field| field.leaves && has_room(field, leaf));
        let texts: Vec<String> = leaves.iter().map(|leaf| shown(&leaf.value)).collect();
        let washed: Vec<Text<'_>> = leaves
            .iter()
            .zip(&texts)
            .enumerate()
            .filter(|(at, (leaf, _))| is_washed(*at, leaf))
            .map(|(_, (leaf, text))| Text { text, format: leaf.format })
            .collect();
        let mut done = self.deidentifier.item(&washed)?.into_iter();
        // Without the drafts the item may be held back; then there is nothing to compare with.
        let mut before = self.before.as_ref().and_then(|engine| engine.item(&washed).ok()).map(Vec::into_iter);
        Ok(leaves
            .iter()
            .zip(&texts)
            .enumerate()
            .map(|(at, (leaf, text))| {
                if !field(at).is_some_and(|field| field.leaves) {
                    return stays(text, leaf.format);
                }
                if !is_washed(at, leaf) {
                    let pairs = pairs::plain(text, leaf.format, true);
                    return PreviewValue { format: leaf.format, pairs, leaving: Some(text.clone()) };
                }
                let before = before.as_mut().and_then(Iterator::next);
                match done.next() {
                    Some(done) => PreviewValue {
                        format: leaf.format,
                        pairs: pairs::pairs(text, leaf.format, &done, before.as_ref()),
                        leaving: Some(done.text),
                    },
                    None => stays(text, leaf.format),
                }
            })
            .collect())
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
}

/// A number or a date has no room for a name, and its digits are not a phone number.
fn has_room(field: &PreviewField, leaf: &Leaf) -> bool {
    field.category != Category::Metadata || matches!(leaf.value, Value::Text(_))
}

fn shown(value: &Value) -> String {
    match value {
        Value::Text(text) | Value::Number(text) => text.clone(),
        Value::Bool(yes) => if *yes { "Yes" } else { "No" }.to_owned(),
    }
}

fn stays(text: &str, format: Format) -> PreviewValue {
    PreviewValue { format, pairs: pairs::plain(text, format, false), leaving: None }
}

struct Classified {
    path: String,
    name: String,
    category: Category,
    why: String,
}
