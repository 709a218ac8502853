//! The wash of one item: what each field is, whether it leaves, and what of its text does.

use std::collections::BTreeSet;

use deidentify::{Deidentifier, Directory, Format, Item, Leaf, Person, ProofFailed, Text, Value};
use policy::{Catalogue, Category, Decision, Kind, Timestamp, decide};

use super::{PreviewField, PreviewItem, PreviewValue, drafts, pairs};
use crate::model::{Knowledge, Snapshot};
use crate::settings::rows::reason_text;
use crate::target::target_of;
use crate::terms::Wanted;

/// What is said of a field that the proof pass holds back.
const HELD_BACK: &str =
    "The proof pass found something again in what would leave of this item, so nothing of it leaves.";

/// The wash for one organisation: the settings that hold and what the organisation knows. Of the people whom a file names,
/// those of an item have a part in its own wash only, so that it leaves the same from every file and by itself.
pub(super) struct Wash<'a> {
    catalogue: &'a Catalogue,
    snapshot: &'a Snapshot,
    deidentifier: Deidentifier,
    /// Without the drafts, if there are any.
    before: Option<Deidentifier>,
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
        at: Timestamp,
    ) -> Self {
        let people = known.map(|known| known.people.as_slice()).unwrap_or_default();
        let directory: Directory = people.iter().cloned().collect();
        let terms = known.map(|known| known.terms.as_slice()).unwrap_or_default();
        let with = |tried: &[Wanted]| Deidentifier::new(&directory, &drafts::dictionary(terms, tried));
        Self {
            catalogue,
            snapshot,
            deidentifier: with(tried),
            before: (!tried.is_empty()).then(|| with(&[])),
            kept: drafts::dictionary(terms, tried).never.iter().map(|term| deidentify::term_key(term)).collect(),
            at,
        }
    }

    /// Whether a folded word is a term that is never removed.
    pub(super) fn keeps(&self, word: &str) -> bool {
        self.kept.contains(word)
    }

    pub(super) fn preview(&self, mut item: Item) -> PreviewItem {
        let (app, target) = target_of(&item);
        let attributes = self.attributes(app, &item.leaves);
        item.leaves.extend(attributes);
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
        let washed = self.wash(&item.leaves, &item.people, &places, &fields);
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
        people: &[Person],
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
        let mut done = self.deidentifier.item_with(&washed, people)?.into_iter();
        // Without the drafts the item may be held back; then there is nothing to compare with.
        let mut before =
            self.before.as_ref().and_then(|engine| engine.item_with(&washed, people).ok()).map(Vec::into_iter);
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use deidentify::{Export, item};
    use policy::{Edit, OrgState, Setting, Subscription};

    use super::*;
    use crate::model::OrgRef;

    fn snapshot(at: Timestamp) -> Snapshot {
        let free = |app: &str| Subscription {
            app: app.to_owned(),
            plan: "free".to_owned(),
            trial: false,
            from: at.plus_days(-300),
            until: None,
        };
        let state = OrgState {
            created: at.plus_days(-300),
            subscriptions: vec![free("jira"), free("confluence")],
            exemptions: Vec::new(),
            connectors: BTreeMap::new(),
            settings: BTreeMap::new(),
        };
        let on = Edit { setting: Setting::Organisation(Kind::InApp), on: Some(true) };
        Snapshot {
            org: OrgRef { id: "1".to_owned(), slug: "acme".to_owned(), name: "Acme".to_owned() },
            version: 1,
            state: state.with(&[on], at.plus_days(-100)),
            changed_at: BTreeMap::new(),
            spaces: Vec::new(),
            connector_names: BTreeMap::new(),
        }
    }

    fn outgoing(wash: &Wash<'_>, item: Item) -> String {
        let washed = wash.preview(item);
        serde_json::to_string(&crate::preview::Outgoing::from(&washed)).unwrap()
    }

    #[test]
    fn an_item_leaves_the_same_by_itself_and_among_others() {
        let catalogue = Catalogue::built_in().unwrap();
        let at = catalogue.programme.in_force.plus_days(5);
        let snapshot = snapshot(at);
        let wash = Wash::new(&catalogue, &snapshot, None, &[], at);
        let alone = r#"{"id": "1", "key": "A-1", "fields": {"summary": "nightjar and skerrow looked at it",
            "reporter": {"name": "nightjar", "displayName": "Nightjar Quennell"}}}"#;
        let other = r#"{"id": "2", "key": "A-2", "fields": {"summary": "x", "reporter": {"name": "skerrow", "displayName": "Skerrow Ash"}}}"#;
        let file = format!("[{alone}, {other}]");
        let in_file = Export::read(file.as_bytes()).unwrap().items().next().unwrap().unwrap();
        let by_itself = outgoing(&wash, item(alone).unwrap());
        assert_eq!(outgoing(&wash, in_file), by_itself);
        assert!(by_itself.contains("and skerrow looked"), "whom only another item names is a word: {by_itself}");
        assert!(!by_itself.contains("nightjar"), "{by_itself}");
    }

    #[test]
    fn a_search_follows_the_organisation_and_its_own_fields() {
        let catalogue = Catalogue::built_in().unwrap();
        let at = catalogue.programme.in_force.plus_days(5);
        let snapshot = snapshot(at);
        let wash = Wash::new(&catalogue, &snapshot, None, &[], at);
        let search = r#"{"type": "search", "id": "s-1", "query": "leave of nightjar", "resultCount": 4,
            "results": [{"title": "Leave"}], "user": {"name": "nightjar", "displayName": "Nightjar Quennell"}}"#;
        let washed = wash.preview(item(search).unwrap());
        assert_eq!(washed.app_name, "Rovo");
        let leaves: Vec<(&str, &str)> = washed
            .fields
            .iter()
            .filter(|field| field.leaves && field.path != "contentAttributes")
            .flat_map(|field| field.values.iter().map(|value| (&*field.path, value.leaving.as_deref().unwrap())))
            .collect();
        let [("type", "search"), ("query", query), ("resultCount", "4")] = leaves[..] else { panic!("{leaves:?}") };
        assert!(query.starts_with("leave of [") && !query.contains("nightjar"), "{query}");
    }
}
