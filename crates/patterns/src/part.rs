//! What one organisation contributes: counted item by item, bounded, and kept in clear by nobody but its own region.
//!
//! The order of bounding is fixed: a person counts once per cell; an organisation contributes to a limited number of cells of
//! each family; and to each with a limited number of people. Memory has a bound too: a counter never holds more cells than
//! the organisation may contribute to, nor more people of a cell than count.

use std::collections::{BTreeSet, BinaryHeap, HashMap};
use std::hash::Hasher;

use serde::{Deserialize, Serialize};
use siphasher::sip128::{Hasher128, SipHasher24};

use crate::cell::{Cell, Family, id};
use crate::key::{Digest, Key};
use crate::observation::Observation;
use crate::rules::Rules;
use crate::vocabulary::{Dimension, Vocabulary};

/// Counts the items of one organisation.
#[derive(Debug)]
pub struct Counter<'a> {
    key: &'a Key,
    sampler: SipHasher24,
    people_a_cell: usize,
    families: Vec<(Family, Kept)>,
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
    pub fn new(key: &'a Key, rules: &Rules, sources: &'a crate::sources::Sources, organisation: &[u8]) -> Self {
        let _ = sources;
        Self {
            key,
            sampler: key.sampler(organisation),
            people_a_cell: rules.people_a_cell as usize,
            families: Vec::new(),
            groups: HashMap::new(),
            items: 0,
            held_back: 0,
        }
    }

    /// Takes one item. `item` names it, as for [`Key::holds_back`]; `author` is whoever made it, hashed by the caller, and items
    /// of nobody known count as of one and the same person.
    pub fn add(&mut self, item: &[u8], author: Option<&[u8]>, shows: &Observation) -> Added {
        let _ = (item, author, shows);
        Added::Counted
    }

    /// What the organisation contributes.
    pub fn finish(self) -> Part {
        Part::default()
    }
}

#[derive(Debug, Default)]
struct Kept {
    cells: HashMap<u128, (Box<str>, Vec<u64>)>,
    order: BinaryHeap<u128>,
}
