//! What one organisation contributes: counted item by item, bounded, and kept in clear by nobody but its own region.
//!
//! The order of bounding is fixed: a person counts once per cell; an organisation contributes to a limited number of cells of
//! each family; and to each with a limited number of people. Memory has a bound too: a counter never holds more cells than
//! the organisation may contribute to, nor more people of a cell than count.

use std::collections::BinaryHeap;
use std::collections::hash_map::{Entry, HashMap};
use std::hash::Hasher;

use serde::{Deserialize, Serialize};
use siphasher::sip128::{Hasher128, SipHasher24};

use crate::cell::{Cell, Family, id};
use crate::key::{Digest, Key};
use crate::observation::Observation;
use crate::rules::Rules;
use crate::sources::Sources;
use crate::vocabulary::{Dimension, group_value};

/// Counts the items of one organisation.
#[derive(Debug)]
pub struct Counter<'a> {
    key: &'a Key,
    /// Keyed for this organisation.
    sampler: SipHasher24,
    people_a_cell: usize,
    families: Vec<(Family, Kept)>,
    /// The group that a value rolls up to.
    groups: HashMap<(Dimension, &'a str), String>,
    items: u64,
    held_back: u64,
}

/// What became of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added {
    Counted,
    /// It is one of the tenth that is kept out for measuring: give it to [`Measure`](crate::Measure).
    HeldBack,
}

/// What an organisation contributes to a period. It holds clear text below the threshold, so it must be sealed wherever it is
/// stored, and destroyed with the period.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Items counted.
    pub items: u64,
    pub held_back: u64,
    /// In the order of their digests.
    pub cells: Vec<PartCell>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartCell {
    /// The id of the cell, in clear.
    pub id: String,
    pub digest: Digest,
    /// Clamped.
    pub people: u32,
}

impl Part {
    /// The clear text of those cells whose digests passed (in order, as [`Tally::wanted`](crate::Tally::wanted) gives them).
    pub fn reveal(&self, wanted: &[Digest]) -> impl Iterator<Item = Cell> {
        let passed = |cell: &&PartCell| wanted.binary_search(&cell.digest).is_ok();
        self.cells.iter().filter(passed).filter_map(|cell| cell.id.parse().ok())
    }
}

impl<'a> Counter<'a> {
    /// `organisation` is whatever names the organisation; it goes into nothing but the choice of cells when there are too many.
    pub fn new(key: &'a Key, rules: &Rules, sources: &'a Sources, organisation: &[u8]) -> Self {
        let groups = sources.vocabulary.iter().flat_map(|(dimension, vocabulary)| {
            let groups = vocabulary.groups.iter();
            groups.flat_map(|(group, values)| {
                values.iter().map(|value| ((*dimension, value.as_str()), group_value(group)))
            })
        });
        Self {
            key,
            sampler: key.sampler(organisation),
            people_a_cell: rules.people_a_cell as usize,
            families: rules.families.iter().map(|family| (*family, Kept::at_most(rules.cells(*family)))).collect(),
            groups: groups.collect(),
            items: 0,
            held_back: 0,
        }
    }

    /// Takes one item. `item` names it, as for [`Key::holds_back`]; `author` is whoever made it, hashed by the caller, and items
    /// of nobody known count as of one and the same person.
    pub fn add(&mut self, item: &[u8], author: Option<&[u8]>, shows: &Observation) -> Added {
        if self.key.holds_back(item) {
            self.held_back += 1;
            return Added::HeldBack;
        }
        self.items += 1;
        let Self { sampler, people_a_cell, families, groups, .. } = self;
        let person = author.map_or(0, |author| hashed(sampler, &[author]) as u64);
        let values = Values::of(shows, groups, sampler);
        for (family, kept) in families {
            let mut dimensions = family.dimensions();
            let rolls_up = family.is_fixed();
            match (dimensions.next(), dimensions.next()) {
                (None, _) => {
                    kept.add(hashed(sampler, &[b"all"]), person, *people_a_cell, || id(*family, &[]));
                }
                (Some(only), None) => {
                    for (value, hash) in values.of_dimension(only, rolls_up) {
                        kept.add(*hash, person, *people_a_cell, || id(*family, &[value]));
                    }
                }
                (Some(first), Some(second)) => {
                    for (value, hash) in values.of_dimension(first, rolls_up) {
                        for (other, other_hash) in values.of_dimension(second, rolls_up) {
                            if second == Dimension::Cause && overlap(value, other) {
                                continue;
                            }
                            let both = hashed(sampler, &[&hash.to_le_bytes(), &other_hash.to_le_bytes()]);
                            kept.add(both, person, *people_a_cell, || id(*family, &[value, other]));
                        }
                    }
                }
            }
        }
        Added::Counted
    }

    /// What the organisation contributes.
    pub fn finish(self) -> Part {
        let cells = self.families.into_iter().flat_map(|(_, kept)| kept.cells.into_values());
        let mut cells: Vec<PartCell> = cells
            .map(|(id, people)| {
                let digest = self.key.digest(&id);
                PartCell { id: id.into(), digest, people: u32::try_from(people.len()).unwrap_or(u32::MAX) }
            })
            .collect();
        cells.sort_unstable_by_key(|cell| cell.digest);
        Part { items: self.items, held_back: self.held_back, cells }
    }
}

/// A phrase that says the cause itself explains nothing.
fn overlap(phrase: &str, cause: &str) -> bool {
    phrase.contains(cause) || cause.contains(phrase)
}

/// What an item shows, each value with its hash; the group of a value stands behind it.
struct Values<'v>([Vec<(&'v str, u128)>; Dimension::ALL.len()]);

impl<'v> Values<'v> {
    fn of(shows: &'v Observation, groups: &'v HashMap<(Dimension, &str), String>, sampler: &SipHasher24) -> Self {
        let mut values = [const { Vec::new() }; Dimension::ALL.len()];
        let mut put = |dimension: Dimension, value: &'v str| {
            let hash = place(sampler, dimension, value);
            if let Some(own) = values.get_mut(dimension as usize) {
                own.push((value, hash));
            }
        };
        for (dimension, value) in &shows.values {
            put(*dimension, value);
            if let Some(group) = groups.get(&(*dimension, value.as_str())) {
                put(*dimension, group);
            }
        }
        shows.phrases.iter().for_each(|phrase| put(Dimension::Phrase, phrase));
        shows.causes.iter().for_each(|cause| put(Dimension::Cause, cause));
        Self(values)
    }

    fn of_dimension(&self, dimension: Dimension, with_groups: bool) -> &[(&'v str, u128)] {
        let own = self.0.get(dimension as usize).map(Vec::as_slice).unwrap_or_default();
        let count = if dimension.is_fixed() && !with_groups { own.len().min(1) } else { own.len() };
        &own[..count]
    }
}

/// Where a value stands among those of its dimension, of an organisation that has more than it may contribute.
pub(crate) fn place(sampler: &SipHasher24, dimension: Dimension, value: &str) -> u128 {
    hashed(sampler, &[dimension.id().as_bytes(), b"=", value.as_bytes()])
}

fn hashed(sampler: &SipHasher24, parts: &[&[u8]]) -> u128 {
    let mut hasher = *sampler;
    parts.iter().for_each(|part| hasher.write(part));
    hasher.finish128().as_u128()
}

/// The cells of one family. Of more than the limit it keeps those with the lowest keyed hashes, which is a fair sample
/// whatever the order of the items is: a cell that is pushed out cannot come back, and one that stays was there from the start.
#[derive(Debug)]
struct Kept {
    limit: usize,
    /// By keyed hash: the id, and the people.
    cells: HashMap<u128, (Box<str>, Vec<u64>)>,
    hashes: BinaryHeap<u128>,
}

impl Kept {
    fn at_most(limit: usize) -> Self {
        Self { limit, cells: HashMap::new(), hashes: BinaryHeap::new() }
    }

    fn add(&mut self, hash: u128, person: u64, most_people: usize, id: impl FnOnce() -> String) {
        let is_full = self.cells.len() >= self.limit;
        match self.cells.entry(hash) {
            Entry::Occupied(mut kept) => {
                let (_, people) = kept.get_mut();
                if people.len() < most_people && !people.contains(&person) {
                    people.push(person);
                }
                return;
            }
            Entry::Vacant(_) if is_full && self.hashes.peek().is_none_or(|highest| hash > *highest) => return,
            Entry::Vacant(room) => {
                room.insert((id().into(), vec![person]));
            }
        }
        self.hashes.push(hash);
        if is_full && let Some(highest) = self.hashes.pop() {
            self.cells.remove(&highest);
        }
    }
}
