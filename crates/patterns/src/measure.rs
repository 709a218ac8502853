//! How often suggestions are right on items that were held back, beside always saying the most common value.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::cell::{Family, id};
use crate::observation::Observation;
use crate::release::Published;
use crate::suggest::{Suggestion, ranked};
use crate::vocabulary::Dimension;

/// Counts only, so that what regions measured adds up ([`merge`](Self::merge)).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measure {
    pub types: Score,
    pub priorities: Score,
    pub durations: Score,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Score {
    /// Held-back items that have a value.
    pub items: u64,
    /// Those for which something was suggested.
    pub suggested: u64,
    /// Those whose first suggestion was the value.
    pub right: u64,
    /// Of those for which something was suggested: how often the most common value was the value. It is the most common one of
    /// these very items, so no rule that always says the same does better.
    pub baseline_right: u64,
    /// The same of all items.
    pub baseline_right_of_all: u64,
    /// How often each value came: of fixed vocabularies, and only values that are published.
    #[serde(default)]
    values: BTreeMap<String, Seen>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Seen {
    items: u64,
    suggested: u64,
}

impl Score {
    /// Right of those suggested, in thousandths; none without any.
    pub fn right_share(&self) -> Option<u16> {
        share(self.right, self.suggested)
    }

    /// The baseline on the same items, in thousandths.
    pub fn baseline_share(&self) -> Option<u16> {
        share(self.baseline_right, self.suggested)
    }
}

fn share(part: u64, of: u64) -> Option<u16> {
    u16::try_from((part * 1000).checked_div(of)?).ok()
}

impl Measure {
    /// Tries one held-back item as if it were new: each of its values is hidden in turn and suggested from what is known of an
    /// item when it is made.
    pub fn add(&mut self, published: &Published, item: &Observation) {
        for (target, score) in [
            (Dimension::Type, &mut self.types),
            (Dimension::Priority, &mut self.priorities),
            (Dimension::Duration, &mut self.durations),
        ] {
            let Some(value) = item.values.get(&target) else { continue };
            let suggested = ranked(published, &new(item, target), target);
            let is_published = published.numbers(&id(Family::one(target), &[value])).is_some();
            score.add(value, is_published, suggested.ok().and_then(|all| all.into_iter().next()));
        }
    }

    /// Takes what was measured on other items.
    pub fn merge(&mut self, other: &Self) {
        self.types.merge(&other.types);
        self.priorities.merge(&other.priorities);
        self.durations.merge(&other.durations);
    }
}

impl Score {
    fn add(&mut self, value: &str, is_published: bool, suggested: Option<Suggestion>) {
        self.items += 1;
        self.suggested += u64::from(suggested.is_some());
        self.right += u64::from(suggested.as_ref().is_some_and(|suggested| suggested.value == value));
        if is_published {
            self.see(value, Seen { items: 1, suggested: u64::from(suggested.is_some()) });
        }
    }

    fn merge(&mut self, other: &Self) {
        self.items += other.items;
        self.suggested += other.suggested;
        self.right += other.right;
        for (value, seen) in &other.values {
            self.see(value, *seen);
        }
    }

    fn see(&mut self, value: &str, more: Seen) {
        let seen = self.values.entry(value.to_owned()).or_default();
        seen.items += more.items;
        seen.suggested += more.suggested;
        self.baseline_right = self.baseline_right.max(seen.suggested);
        self.baseline_right_of_all = self.baseline_right_of_all.max(seen.items);
    }
}

/// What is known of an item when it is made, without the value that is asked for.
fn new(item: &Observation, hidden: Dimension) -> Observation {
    let is_known = |dimension: &Dimension| {
        *dimension != hidden && !matches!(dimension, Dimension::Status | Dimension::Duration | Dimension::Sla)
    };
    let values = item.values.iter().filter(|(dimension, _)| is_known(dimension));
    Observation {
        values: values.map(|(dimension, value)| (*dimension, value.clone())).collect(),
        phrases: item.phrases.clone(),
        causes: item.causes.clone(),
    }
}
