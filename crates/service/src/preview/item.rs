//! The preview of one item: what the wash says of it, beside what was written.

use std::collections::BTreeSet;

use deidentify::{Deidentifier, Item, Text};
use policy::{Catalogue, Timestamp};

use super::{PreviewField, PreviewItem, PreviewValue, drafts, pairs};
use crate::model::{Knowledge, Snapshot};
use crate::terms::Wanted;
use crate::wash::{Outcome, Wash, Washed, engine};

/// Looks at items with what an organisation knows, and with terms that are tried.
pub(super) struct Previewer<'a> {
    catalogue: &'a Catalogue,
    snapshot: &'a Snapshot,
    engine: Deidentifier,
    /// Without the drafts, if there are any.
    before: Option<Deidentifier>,
    /// The terms that are never removed, folded.
    kept: BTreeSet<String>,
    at: Timestamp,
}

impl<'a> Previewer<'a> {
    pub(super) fn new(
        catalogue: &'a Catalogue,
        snapshot: &'a Snapshot,
        known: Option<&Knowledge>,
        tried: &[Wanted],
        at: Timestamp,
    ) -> Self {
        let terms = known.map(|known| known.terms.as_slice()).unwrap_or_default();
        let kept = drafts::dictionary(terms, tried).never;
        Self {
            catalogue,
            snapshot,
            engine: engine(known, tried),
            before: (!tried.is_empty()).then(|| engine(known, &[])),
            kept: kept.iter().map(|term| deidentify::term_key(term)).collect(),
            at,
        }
    }

    /// Whether a folded word is a term that is never removed.
    pub(super) fn keeps(&self, word: &str) -> bool {
        self.kept.contains(word)
    }

    pub(super) fn preview(&self, item: &Item) -> PreviewItem {
        let Self { catalogue, snapshot, engine, at, .. } = self;
        let washed = Wash { catalogue, snapshot, engine, at: *at }.item(item);
        let before = self.before.as_ref().map(|engine| findings(engine, &washed));
        let mut before = before.map(Vec::into_iter);
        let mut fields: Vec<PreviewField> = washed
            .fields
            .iter()
            .map(|field| PreviewField {
                path: field.path.to_owned(),
                name: field.name.to_string(),
                category: field.category,
                leaves: field.leaves,
                because: washed.because(field),
                values: Vec::new(),
            })
            .collect();
        for value in washed.values {
            let (text, format) = (value.text.into_owned(), value.format);
            let shown = match value.outcome {
                Outcome::Stays => PreviewValue { format, pairs: pairs::plain(&text, format, false), leaving: None },
                Outcome::LeavesAsWritten => {
                    PreviewValue { format, pairs: pairs::plain(&text, format, true), leaving: Some(text) }
                }
                Outcome::Leaves(done) => {
                    let before = before.as_mut().and_then(Iterator::next);
                    let pairs = pairs::pairs(&text, format, &done, before.as_ref());
                    PreviewValue { format, pairs, leaving: Some(done.text) }
                }
            };
            if let Some(field) = fields.get_mut(value.field) {
                field.values.push(shown);
            }
        }
        PreviewItem {
            app_name: crate::settings::app_name(self.catalogue, washed.app).to_owned(),
            key: washed.key.to_owned(),
            space: washed.space.to_owned(),
            fields,
            held_back: washed.held_back,
        }
    }
}

/// What another engine makes of the texts that leave. It may hold the item back; then there is nothing to compare with.
fn findings(engine: &Deidentifier, washed: &Washed<'_>) -> Vec<deidentify::Deidentified> {
    let texts: Vec<Text<'_>> = washed
        .values
        .iter()
        .filter(|value| matches!(value.outcome, Outcome::Leaves(_)))
        .map(|value| Text { text: &value.text, format: value.format })
        .collect();
    engine.item_with(&texts, washed.people).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use deidentify::{Export, item};
    use policy::{Edit, Kind, OrgState, Setting, Subscription};

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

    fn outgoing(previewer: &Previewer<'_>, item: Item) -> String {
        let washed = previewer.preview(&item);
        serde_json::to_string(&crate::preview::Outgoing::from(&washed)).unwrap()
    }

    #[test]
    fn an_item_leaves_the_same_by_itself_and_among_others() {
        let catalogue = Catalogue::built_in().unwrap();
        let at = catalogue.programme.in_force.plus_days(5);
        let snapshot = snapshot(at);
        let previewer = Previewer::new(&catalogue, &snapshot, None, &[], at);
        let alone = r#"{"id": "1", "key": "A-1", "fields": {"summary": "nightjar and skerrow looked at it",
            "reporter": {"name": "nightjar", "displayName": "Nightjar Quennell"}}}"#;
        let other = r#"{"id": "2", "key": "A-2", "fields": {"summary": "x", "reporter": {"name": "skerrow", "displayName": "Skerrow Ash"}}}"#;
        let file = format!("[{alone}, {other}]");
        let in_file = Export::read(file.as_bytes()).unwrap().items().next().unwrap().unwrap();
        let by_itself = outgoing(&previewer, item(alone).unwrap());
        assert_eq!(outgoing(&previewer, in_file), by_itself);
        assert!(by_itself.contains("and skerrow looked"), "whom only another item names is a word: {by_itself}");
        assert!(!by_itself.contains("nightjar"), "{by_itself}");
    }

    #[test]
    fn a_search_follows_the_organisation_and_its_own_fields() {
        let catalogue = Catalogue::built_in().unwrap();
        let at = catalogue.programme.in_force.plus_days(5);
        let snapshot = snapshot(at);
        let previewer = Previewer::new(&catalogue, &snapshot, None, &[], at);
        let search = r#"{"type": "search", "id": "s-1", "query": "leave of nightjar", "resultCount": 4,
            "results": [{"title": "Leave"}], "user": {"name": "nightjar", "displayName": "Nightjar Quennell"}}"#;
        let washed = previewer.preview(&item(search).unwrap());
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
