//! How often suggestions are right on items that were held back, beside always saying the most common value.

use serde::{Deserialize, Serialize};

use crate::cell::Family;
use crate::observation::Observation;
use crate::release::Published;
use crate::suggest::{Suggestion, ranked};
use crate::vocabulary::{Dimension, group_of};

/// Counts only, so that what regions measured adds up ([`merge`](Self::merge)).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measure {
    pub types: Score,
    pub priorities: Score,
    pub durations: Score,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Score {
    /// Held-back items that have a value.
    pub items: u64,
    /// Those for which something was suggested.
    pub suggested: u64,
    /// Those whose first suggestion was the value.
    pub right: u64,
    /// Of those for which something was suggested: how often the most common value was the value.
    pub baseline_right: u64,
    /// Of all items: how often the most common value was the value.
    pub baseline_right_of_all: u64,
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
            score.add(value, suggested.ok().and_then(|all| all.into_iter().next()), most_common(published, target));
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
    fn add(&mut self, value: &str, suggested: Option<Suggestion>, most_common: Option<String>) {
        let baseline_is_right = most_common.as_deref() == Some(value);
        self.items += 1;
        self.baseline_right_of_all += u64::from(baseline_is_right);
        if let Some(suggested) = suggested {
            self.suggested += 1;
            self.right += u64::from(suggested.value == value);
            self.baseline_right += u64::from(baseline_is_right);
        }
    }

    fn merge(&mut self, other: &Self) {
        self.items += other.items;
        self.suggested += other.suggested;
        self.right += other.right;
        self.baseline_right += other.baseline_right;
        self.baseline_right_of_all += other.baseline_right_of_all;
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

fn most_common(published: &Published, target: Dimension) -> Option<String> {
    let cells = published.of(Family::one(target));
    let values = cells.filter_map(|cell| Some((cell.people, cell.cell.value(target)?.to_owned())));
    values.filter(|(_, value)| group_of(value).is_none()).max_by_key(|(people, _)| *people).map(|(_, value)| value)
}
