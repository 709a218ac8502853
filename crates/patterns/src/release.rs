//! From a tally to what is published, with a report of what is not.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::cell::{Cell, Family};
use crate::closed::Closed;
use crate::key::Key;
use crate::noise::{Laplace, Noise, Overspent};
use crate::rules::Rules;
use crate::sources::Sources;
use crate::tally::{Count, Tally};

/// The chance that noise lets a phrase of a single organisation through.
const DELTA: f64 = 1e-6;

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
        self.beginning(&beginning)
            .filter_map(|(id, numbers)| published_cell(id, numbers))
            .collect::<Vec<_>>()
            .into_iter()
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
/// The thresholds look at what was counted, before any noise. The number of organisations that took part and the report take no
/// noise: how many take part is no secret here, and the report says what was done, not what was found.
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
    let (closed, complementary) = Closed::of(rules, sources, key, tally);
    let mut cells: BTreeMap<String, Count> = closed.showing().collect();
    for cell in revealed {
        let id = cell.to_string();
        let count = tally.get(&key.digest(&id)).filter(|count| rules.passes(count));
        if let Some(count) = count.filter(|_| !cell.family.is_fixed() && rules.families.contains(&cell.family)) {
            cells.insert(id, *count);
        }
    }
    let exact = |count: &Count| Numbers { organisations: count.organisations.into(), people: count.people };
    let (shown, within, epsilon_spent) = match (rules.epsilon_thousandths, noise) {
        (None, _) => (cells.iter().map(|(id, count)| (id.clone(), exact(count))).collect(), Numbers::default(), 0),
        (Some(_), None) => return Err(ReleaseError::NoNoise),
        (Some(epsilon), Some(noise)) => {
            noise.budget.spend(epsilon)?;
            let (shown, within) = with_noise(rules, &closed, epsilon, &cells, noise.bits);
            (shown, within, epsilon)
        }
    };
    let published = Published { rules: rules.clone(), organisations: tally.organisations(), within, cells: shown };
    cells.retain(|id, _| published.cells.contains_key(id));
    let folded = closed.folded();
    let report = Report {
        organisations: tally.organisations(),
        cells: tally.len() as u64,
        published: cells.len() as u64,
        folded,
        suppressed: (tally.len() - cells.len()) as u64 - folded,
        complementary,
        contributions: tally.iter().map(|(_, count)| count.people).sum(),
        contributions_published: cells.values().map(|count| count.people).sum(),
        families: families(rules, &closed, &published),
        epsilon_spent,
    };
    Ok(Release { published, report })
}

fn families(rules: &Rules, closed: &Closed, published: &Published) -> Vec<FamilyReport> {
    let report = |family: &Family| FamilyReport {
        family: *family,
        published: published.of(*family).count() as u64,
        hidden: family.is_fixed().then(|| closed.hidden(*family)),
    };
    rules.families.iter().map(report).collect()
}

/// Half of epsilon goes to the numbers of organisations, half to those of people. One organisation is in all cells that it
/// contributes to at once, so the noise on each is as wide as their number asks.
fn with_noise(
    rules: &Rules,
    closed: &Closed,
    epsilon: u32,
    cells: &BTreeMap<String, Count>,
    bits: &mut dyn FnMut() -> u64,
) -> (BTreeMap<String, Numbers>, Numbers) {
    let (fixed, open): (Vec<Family>, Vec<Family>) = rules.families.iter().partition(|family| family.is_fixed());
    let touched = |families: &[Family]| -> u64 { families.iter().map(|family| closed.touched(rules, *family)).sum() };
    let (all, open) = (touched(&fixed) + touched(&open), touched(&open));
    let of_organisations = Laplace::new(2 * all, epsilon);
    let of_people = Laplace::new(2 * all * u64::from(rules.people_a_cell), epsilon);
    let (Some(of_organisations), Some(of_people)) = (of_organisations, of_people) else {
        return (BTreeMap::new(), Numbers::default());
    };
    // A fixed vocabulary has no cell that one organisation made. A phrase must show more than noise makes of one.
    let least = 1.0 + of_organisations.scale() * (open as f64 / (2.0 * DELTA)).ln().max(0.0);
    let mut shown = BTreeMap::new();
    for (id, count) in cells {
        let organisations = of_organisations.on(count.organisations.into(), bits);
        let people = of_people.on(count.people, bits);
        let is_fixed = id.parse::<Cell>().is_ok_and(|cell| cell.family.is_fixed());
        if is_fixed || organisations as f64 >= least {
            shown.insert(id.clone(), Numbers { organisations, people });
        }
    }
    (shown, Numbers { organisations: of_organisations.within(), people: of_people.within() })
}
