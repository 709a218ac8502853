//! The rules of a release: how much one organisation can contribute, and from when on a cell shows.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::cell::Family;
use crate::tally::Count;

/// No release shows what fewer organisations share, whatever the catalogue says; demonstrations say so when they go below.
const FEWEST_ORGANISATIONS: u32 = 10;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rules {
    /// A cell shows from so many organisations on.
    pub k_organisations: u32,
    /// And from so many people on.
    pub k_people: u32,
    /// The largest organisation has at most this share of a cell's people, in percent.
    pub largest_share: u8,
    /// The two largest together.
    pub two_largest_share: u8,
    /// An organisation contributes to at most so many cells of each family of fixed vocabularies.
    pub fixed_cells: usize,
    /// And to so many of each family with phrases or causes.
    pub phrase_cells: usize,
    /// And with at most so many people to each cell.
    pub people_a_cell: u32,
    /// What is counted. The fewer, the less noise each of them takes.
    pub families: BTreeSet<Family>,
    /// Noise on every published number: epsilon of one release, in thousandths; none without it.
    pub epsilon_thousandths: Option<u32>,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            k_organisations: 20,
            k_people: 50,
            largest_share: 40,
            two_largest_share: 60,
            fixed_cells: 200,
            phrase_cells: 50_000,
            people_a_cell: 20,
            families: Family::ALL.into_iter().collect(),
            epsilon_thousandths: None,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum InvalidRules {
    #[error("k_organisations must be at least {FEWEST_ORGANISATIONS}, or 2 on a demonstration database")]
    Organisations,
    #[error("k_people must not be less than k_organisations")]
    People,
    #[error("a share is a percentage from 1 to 100, and two_largest_share is not less than largest_share")]
    Share,
    #[error("every limit on what an organisation contributes must be at least 1, and so must epsilon_thousandths")]
    Limit,
}

impl Rules {
    /// # Errors
    /// The first rule that cannot hold. `demonstration` allows thresholds that are too low for other people's data.
    pub fn check(&self, demonstration: bool) -> Result<(), InvalidRules> {
        let fewest = if demonstration { 2 } else { FEWEST_ORGANISATIONS };
        if self.k_organisations < fewest {
            return Err(InvalidRules::Organisations);
        }
        if self.k_people < self.k_organisations {
            return Err(InvalidRules::People);
        }
        let shares = 1..=100;
        if !shares.contains(&self.largest_share) || !(self.largest_share..=100).contains(&self.two_largest_share) {
            return Err(InvalidRules::Share);
        }
        if self.fixed_cells == 0
            || self.phrase_cells == 0
            || self.people_a_cell == 0
            || self.epsilon_thousandths == Some(0)
        {
            return Err(InvalidRules::Limit);
        }
        Ok(())
    }

    /// To how many cells of a family one organisation contributes at most.
    pub fn cells(&self, family: Family) -> usize {
        if family.is_fixed() { self.fixed_cells } else { self.phrase_cells }
    }

    /// Whether a cell may show: enough organisations, enough people, and no organisation or two that are most of it.
    pub fn passes(&self, count: &Count) -> bool {
        let share = |part: u64, percent: u8| part * 100 <= count.people * u64::from(percent);
        let largest = u64::from(count.largest);
        count.organisations >= self.k_organisations
            && count.people >= u64::from(self.k_people)
            && share(largest, self.largest_share)
            && share(largest + u64::from(count.second), self.two_largest_share)
    }
}
