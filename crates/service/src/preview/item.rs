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

    pub(super) fn preview(&self, item: Item) -> PreviewItem {
        let Self { catalogue, snapshot, engine, at, .. } = self;
        let washed = Wash { catalogue, snapshot, engine, at: *at }.item(item);
        let before = self.before.as_ref().map(|engine| findings(engine, &washed));
        let mut before = before.map(Vec::into_iter);
        let mut fields: Vec<PreviewField> = washed
            .fields
            .into_iter()
            .map(|field| PreviewField {
                path: field.path,
                name: field.name,
                category: field.category,
                leaves: field.leaves,
                because: field.because,
                values: Vec::new(),
            })
            .collect();
        for value in washed.values {
            let (text, format) = (value.text, value.format);
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
            app_name: crate::settings::app_name(self.catalogue, &washed.app).to_owned(),
            key: washed.key,
            space: washed.space,
            fields,
            held_back: washed.held_back,
        }
    }
}

/// What another engine makes of the texts that leave. It may hold the item back; then there is nothing to compare with.
fn findings(engine: &Deidentifier, washed: &Washed) -> Vec<deidentify::Deidentified> {
    let texts: Vec<Text<'_>> = washed
        .values
        .iter()
        .filter(|value| matches!(value.outcome, Outcome::Leaves(_)))
        .map(|value| Text { text: &value.text, format: value.format })
        .collect();
    engine.item_with(&texts, &washed.people).unwrap_or_default()
}
