//! The sum over organisations, by keyed digest: no clear text, and no organisation by itself.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::key::Digest;
use crate::part::Part;
use crate::rules::Rules;

/// What is known of a cell over many organisations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    pub organisations: u32,
    /// After clamping.
    pub people: u64,
    /// The people of the organisation with the most, and of the next.
    pub largest: u32,
    pub second: u32,
}

impl Count {
    fn one(people: u32) -> Self {
        Self { organisations: 1, people: u64::from(people), largest: people, second: 0 }
    }

    fn merge(&mut self, other: &Self) {
        self.organisations += other.organisations;
        self.people += other.people;
        let second = self.second.max(other.second).max(self.largest.min(other.largest));
        self.largest = self.largest.max(other.largest);
        self.second = second;
    }
}

/// Counts by digest. Each organisation is added once; tallies of different organisations merge in any order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    organisations: u32,
    counts: HashMap<Digest, Count>,
}

impl Tally {
    /// Takes what one organisation contributes: digests with people.
    pub fn add(&mut self, part: impl IntoIterator<Item = (Digest, u32)>) {
        self.organisations += 1;
        for (digest, people) in part {
            self.counts.entry(digest).or_default().merge(&Count::one(people));
        }
    }

    pub fn add_part(&mut self, part: &Part) {
        self.add(part.cells.iter().map(|cell| (cell.digest, cell.people)));
    }

    /// Takes the tally of other organisations, such as another region's.
    pub fn merge(&mut self, other: Self) {
        self.organisations += other.organisations;
        for (digest, count) in other.counts {
            self.counts.entry(digest).or_default().merge(&count);
        }
    }

    /// Organisations that were added.
    pub fn organisations(&self) -> u32 {
        self.organisations
    }

    /// Cells, published or not.
    pub fn len(&self) -> usize {
        self.counts.len()
    }

    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    pub fn get(&self, digest: &Digest) -> Option<&Count> {
        self.counts.get(digest)
    }

    /// In no order.
    pub fn iter(&self) -> impl Iterator<Item = (&Digest, &Count)> {
        self.counts.iter()
    }

    /// A tally that was stored count by count ([`iter`](Self::iter)).
    pub fn of(organisations: u32, counts: impl IntoIterator<Item = (Digest, Count)>) -> Self {
        Self { organisations, counts: counts.into_iter().collect() }
    }

    /// The digests that passed the thresholds, in order: only these are asked for their clear text.
    pub fn wanted(&self, rules: &Rules) -> Vec<Digest> {
        let mut wanted: Vec<Digest> =
            self.counts.iter().filter(|(_, count)| rules.passes(count)).map(|(digest, _)| *digest).collect();
        wanted.sort_unstable();
        wanted
    }
}
