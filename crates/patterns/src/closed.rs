//! The cells of fixed vocabularies: their lists are known, so it is known which of them are hidden, and what they add up to.

use std::collections::{BTreeMap, HashMap};

use crate::cell::{Cell, Family};
use crate::complementary::{self, Line, Table};
use crate::key::Key;
use crate::rules::Rules;
use crate::sources::Sources;
use crate::tally::{Count, Tally};
use crate::vocabulary::{Dimension, OTHER, group_value};

/// Those that anybody contributed to.
pub(crate) struct Closed {
    cells: Vec<ClosedCell>,
    /// How many cells of a family there can be at most.
    most: BTreeMap<Family, usize>,
}

struct ClosedCell {
    cell: Cell,
    count: Count,
    /// The groups that it is counted in.
    groups: Vec<Cell>,
    hidden: bool,
}

/// The values of a dimension.
struct Domain {
    leaves: Vec<String>,
    /// By the group's value.
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

    fn all(&self) -> impl Iterator<Item = &String> {
        self.leaves.iter().chain(self.groups.keys())
    }

    fn group(&self, value: &String) -> Option<&String> {
        self.groups.iter().find(|(_, values)| values.contains(value)).map(|(group, _)| group)
    }
}

impl Closed {
    /// With everything hidden that does not pass, and everything that would give it back. The second is how many those are.
    pub(crate) fn of(rules: &Rules, sources: &Sources, key: &Key, tally: &Tally) -> (Self, u64) {
        let fixed = Dimension::ALL.into_iter().filter(|dimension| dimension.is_fixed());
        let domains: BTreeMap<Dimension, Domain> =
            fixed.map(|dimension| (dimension, Domain::of(dimension, sources))).collect();
        let mut closed = Self { cells: Vec::new(), most: BTreeMap::new() };
        for family in rules.families.iter().copied().filter(|family| family.is_fixed()) {
            let own: Vec<&Domain> = family.dimensions().filter_map(|dimension| domains.get(&dimension)).collect();
            let all = combinations(family, &own);
            closed.most.insert(family, all.len());
            for cell in all {
                if let Some(count) = tally.get(&key.digest(&cell.to_string())) {
                    let groups = wider(&cell, &own);
                    closed.cells.push(ClosedCell { cell, count: *count, groups, hidden: !rules.passes(count) });
                }
            }
        }
        let lines = closed.lines(rules, &domains);
        let mut table = Table {
            hidden: closed.cells.iter().map(|cell| cell.hidden).collect(),
            people: closed.cells.iter().map(|cell| cell.count.people).collect(),
        };
        let complementary = complementary::hide(&mut table, &lines);
        for (cell, hidden) in closed.cells.iter_mut().zip(table.hidden) {
            cell.hidden = hidden;
        }
        (closed, complementary)
    }

    /// What adds up to what: members to their groups, then rows and columns to their margins.
    fn lines(&self, rules: &Rules, domains: &BTreeMap<Dimension, Domain>) -> Vec<Line> {
        let places: HashMap<&Cell, usize> = self.cells.iter().enumerate().map(|(at, own)| (&own.cell, at)).collect();
        let line = |total: &Cell, members: Vec<Cell>| {
            let members: Vec<usize> = members.iter().filter_map(|cell| places.get(cell).copied()).collect();
            Some(Line { total: *places.get(total)?, members }).filter(|line| !line.members.is_empty())
        };
        let mut lines = Vec::new();
        for ClosedCell { cell, .. } in &self.cells {
            for (at, dimension) in cell.family.dimensions().enumerate() {
                let members = domains.get(&dimension).and_then(|domain| domain.groups.get(&cell.values[at]));
                let members = members.map(|members| members.iter().map(|value| with(cell, at, value)).collect());
                lines.extend(members.and_then(|members| line(cell, members)));
            }
        }
        for family in rules.families.iter().copied().filter(|family| family.is_fixed()) {
            let dimensions: Vec<Dimension> = family.dimensions().collect();
            let [first, second] = dimensions[..] else { continue };
            let (Some(rows), Some(columns)) = (domains.get(&first), domains.get(&second)) else { continue };
            let cell = |row: &String, column: &String| Cell { family, values: vec![row.clone(), column.clone()] };
            for row in rows.all() {
                let total = Cell { family: Family::one(first), values: vec![row.clone()] };
                lines.extend(line(&total, columns.leaves.iter().map(|column| cell(row, column)).collect()));
            }
            for column in columns.all() {
                let total = Cell { family: Family::one(second), values: vec![column.clone()] };
                lines.extend(line(&total, rows.leaves.iter().map(|row| cell(row, column)).collect()));
            }
        }
        lines
    }

    /// The cells that show.
    pub(crate) fn showing(&self) -> impl Iterator<Item = (String, Count)> {
        self.cells.iter().filter(|own| !own.hidden).map(|own| (own.cell.to_string(), own.count))
    }

    /// Hidden cells that a group which shows counts.
    pub(crate) fn folded(&self) -> u64 {
        let shows: Vec<&Cell> = self.cells.iter().filter(|own| !own.hidden).map(|own| &own.cell).collect();
        let is_in_one = |own: &&ClosedCell| own.hidden && own.groups.iter().any(|group| shows.contains(&group));
        self.cells.iter().filter(is_in_one).count() as u64
    }

    /// Hidden cells of a family.
    pub(crate) fn hidden(&self, family: Family) -> u64 {
        self.cells.iter().filter(|own| own.hidden && own.cell.family == family).count() as u64
    }

    /// How many cells of a family one organisation contributes to at most.
    pub(crate) fn touched(&self, rules: &Rules, family: Family) -> u64 {
        rules.cells(family).min(self.most.get(&family).copied().unwrap_or(usize::MAX)) as u64
    }
}

fn combinations(family: Family, own: &[&Domain]) -> Vec<Cell> {
    let mut all = vec![Vec::new()];
    for domain in own {
        let longer = |values: &Vec<String>| -> Vec<Vec<String>> {
            domain.all().map(|value| [values.as_slice(), std::slice::from_ref(value)].concat()).collect()
        };
        all = all.iter().flat_map(longer).collect();
    }
    all.into_iter().map(|values| Cell { family, values }).collect()
}

/// The same cell with groups in place of one or more of its values.
fn wider(cell: &Cell, own: &[&Domain]) -> Vec<Cell> {
    let mut all = vec![cell.clone()];
    for (at, domain) in own.iter().enumerate() {
        if let Some(group) = domain.group(&cell.values[at]) {
            let wider: Vec<Cell> = all.iter().map(|cell| with(cell, at, group)).collect();
            all.extend(wider);
        }
    }
    all.split_off(1)
}

fn with(cell: &Cell, at: usize, value: &str) -> Cell {
    let mut cell = cell.clone();
    value.clone_into(&mut cell.values[at]);
    cell
}
