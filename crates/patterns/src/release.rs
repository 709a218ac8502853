//! From a tally to what is published, with a report of what is not.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::cell::{Cell, Family, id};
use crate::complementary::{self, Line, Table};
use crate::key::Key;
use crate::noise::{Laplace, Noise, Overspent};
use crate::rules::Rules;
use crate::sources::Sources;
use crate::tally::{Count, Tally};
use crate::vocabulary::{Dimension, OTHER, group_value};

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
/// The number of organisations that took part stands in the release as it is: taking part is no secret here.
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
    let closed = Closed::of(rules, sources, key, tally);
    let (hidden, complementary) = closed.hidden(rules);
    let mut cells: BTreeMap<String, Count> = closed.showing(&hidden).collect();
    for cell in revealed {
        let id = cell.to_string();
        let count = tally.get(&key.digest(&id)).filter(|count| rules.passes(count));
        if let Some(count) = count.filter(|_| !cell.family.is_fixed() && rules.families.contains(&cell.family)) {
            cells.insert(id, *count);
        }
    }
    let exact = |count: Count| Numbers { organisations: count.organisations.into(), people: count.people };
    let (shown, within, epsilon_spent) = match (rules.epsilon_thousandths, noise) {
        (None, _) => (cells.iter().map(|(id, count)| (id.clone(), exact(*count))).collect(), Numbers::default(), 0),
        (Some(_), None) => return Err(ReleaseError::NoNoise),
        (Some(epsilon), Some(noise)) => {
            noise.budget.spend(epsilon)?;
            let (shown, within) = closed.with_noise(rules, epsilon, &cells, noise.bits);
            (shown, within, epsilon)
        }
    };
    let published = Published { rules: rules.clone(), organisations: tally.organisations(), within, cells: shown };
    cells.retain(|id, _| published.cells.contains_key(id));
    let folded = closed.folded(&hidden, &published);
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
    let report = |family: &Family| {
        let shows = published.of(*family).count() as u64;
        let all = closed.cells.iter().filter(|cell| cell.family == *family).count() as u64;
        FamilyReport { family: *family, published: shows, hidden: family.is_fixed().then(|| all - shows) }
    };
    rules.families.iter().map(report).collect()
}

/// The cells of fixed vocabularies that anybody contributed to. Their lists are known, so it is known which cells are hidden.
struct Closed {
    cells: Vec<ClosedCell>,
    lines: Vec<Line>,
    /// How many cells of a family there can be at most.
    most: BTreeMap<Family, usize>,
}

struct ClosedCell {
    id: String,
    family: Family,
    count: Count,
    /// The ids of the groups that it is counted in.
    groups: Vec<String>,
}

/// The values of a dimension, the groups last.
struct Domain {
    leaves: Vec<String>,
    groups: BTreeMap<String, Vec<String>>,
}

impl Domain {
    fn of(dimension: Dimension, sources: &Sources) -> Self {
        match sources.vocabulary.get(&dimension) {
            Some(vocabulary) => Self {
                leaves: vocabulary.all().chain([OTHER]).map(str::to_owned).collect(),
                groups: vocabulary.groups.iter().map(|(name, values)| (group_value(name), values.clone())).collect(),
            },
            None => Self {
                leaves: dimension.buckets().iter().copied().map(str::to_owned).collect(),
                groups: BTreeMap::new(),
            },
        }
    }

    fn all(&self) -> impl Iterator<Item = &str> {
        self.leaves.iter().chain(self.groups.keys()).map(String::as_str)
    }

    fn group(&self, value: &str) -> Option<&str> {
        let has = |values: &Vec<String>| values.iter().any(|own| own == value);
        self.groups.iter().find(|(_, values)| has(values)).map(|(group, _)| group.as_str())
    }
}

impl Closed {
    fn of(rules: &Rules, sources: &Sources, key: &Key, tally: &Tally) -> Self {
        let fixed = Dimension::ALL.into_iter().filter(|dimension| dimension.is_fixed());
        let domains: HashMap<Dimension, Domain> =
            fixed.map(|dimension| (dimension, Domain::of(dimension, sources))).collect();
        let mut closed = Self { cells: Vec::new(), lines: Vec::new(), most: BTreeMap::new() };
        let mut places = HashMap::new();
        let mut totals: Vec<(String, Vec<String>, bool)> = Vec::new();
        for family in rules.families.iter().copied().filter(|family| family.is_fixed()) {
            let own: Vec<&Domain> = family.dimensions().filter_map(|dimension| domains.get(&dimension)).collect();
            let dimensions: Vec<Dimension> = family.dimensions().collect();
            let before = closed.most.entry(family).or_default();
            let mut take = |values: &[&str], groups: Vec<String>| {
                *before += 1;
                let id = id(family, values);
                if let Some(count) = tally.get(&key.digest(&id)) {
                    places.insert(id.clone(), closed.cells.len());
                    closed.cells.push(ClosedCell { id, family, count: *count, groups });
                }
            };
            match (own.as_slice(), dimensions.as_slice()) {
                ([only], [_]) => {
                    for value in only.all() {
                        take(&[value], only.group(value).map(|group| id(family, &[group])).into_iter().collect());
                    }
                    let of_group = |(group, values): (&String, &Vec<String>)| {
                        (id(family, &[group]), values.iter().map(|value| id(family, &[value])).collect(), true)
                    };
                    totals.extend(only.groups.iter().map(of_group));
                }
                ([first, second], [of_first, of_second]) => {
                    for (one, other) in first.all().flat_map(|one| second.all().map(move |other| (one, other))) {
                        let (wider, other_wider) = (first.group(one), second.group(other));
                        let groups = [
                            wider.map(|wider| [wider, other]),
                            other_wider.map(|wider| [one, wider]),
                            wider.zip(other_wider).map(|(wider, other_wider)| [wider, other_wider]),
                        ];
                        take(&[one, other], groups.iter().flatten().map(|values| id(family, values)).collect());
                    }
                    let cell = |one: &str, other: &str| id(family, &[one, other]);
                    for one in first.all() {
                        let row = second.leaves.iter().map(|other| cell(one, other)).collect();
                        totals.push((id(Family::one(*of_first), &[one]), row, false));
                        for (group, values) in &second.groups {
                            totals.push((
                                cell(one, group),
                                values.iter().map(|other| cell(one, other)).collect(),
                                true,
                            ));
                        }
                    }
                    for other in second.all() {
                        let column = first.leaves.iter().map(|one| cell(one, other)).collect();
                        totals.push((id(Family::one(*of_second), &[other]), column, false));
                        for (group, values) in &first.groups {
                            totals.push((
                                cell(group, other),
                                values.iter().map(|one| cell(one, other)).collect(),
                                true,
                            ));
                        }
                    }
                }
                _ => take(&[], Vec::new()),
            }
        }
        let line = |(total, members, is_group): (String, Vec<String>, bool)| {
            let members: Vec<usize> = members.iter().filter_map(|id| places.get(id).copied()).collect();
            Some(Line { total: *places.get(&total)?, members, is_group }).filter(|line| !line.members.is_empty())
        };
        closed.lines = totals.into_iter().filter_map(line).collect();
        closed
    }

    /// By place whether a cell is hidden, and how many are for another's sake.
    fn hidden(&self, rules: &Rules) -> (Vec<bool>, u64) {
        let mut table = Table {
            hidden: self.cells.iter().map(|cell| !rules.passes(&cell.count)).collect(),
            people: self.cells.iter().map(|cell| cell.count.people).collect(),
        };
        let complementary = complementary::hide(&mut table, &self.lines);
        (table.hidden, complementary)
    }

    fn showing(&self, hidden: &[bool]) -> impl Iterator<Item = (String, Count)> {
        let shows = self.cells.iter().zip(hidden).filter(|(_, hidden)| !**hidden);
        shows.map(|(cell, _)| (cell.id.clone(), cell.count))
    }

    /// Hidden cells that a published group counts.
    fn folded(&self, hidden: &[bool], published: &Published) -> u64 {
        let is_in_group = |cell: &ClosedCell| cell.groups.iter().any(|group| published.cells.contains_key(group));
        self.cells.iter().zip(hidden).filter(|(cell, hidden)| **hidden && is_in_group(cell)).count() as u64
    }

    /// Half of epsilon goes to the numbers of organisations, half to those of people. One organisation is in all cells that it
    /// contributes to at once, so the noise on each is as wide as their number asks.
    fn with_noise(
        &self,
        rules: &Rules,
        epsilon: u32,
        cells: &BTreeMap<String, Count>,
        bits: &mut dyn FnMut() -> u64,
    ) -> (BTreeMap<String, Numbers>, Numbers) {
        let most =
            |family: &Family| rules.cells(*family).min(self.most.get(family).copied().unwrap_or(usize::MAX)) as u64;
        let touched: u64 = rules.families.iter().map(most).sum();
        let open: u64 = rules.families.iter().filter(|family| !family.is_fixed()).map(most).sum();
        let of_organisations = Laplace::new(2 * touched, epsilon);
        let of_people = Laplace::new(2 * touched * u64::from(rules.people_a_cell), epsilon);
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
}
