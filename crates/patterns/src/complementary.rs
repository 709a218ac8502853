//! Complementary suppression: hides more, until no hidden cell can be worked out from totals and the cells that stay.
//!
//! Totals are taken as sums of their cells. Organisations and people are counted once in a total and so are fewer than the
//! sum, which makes the real thing harder to work out, never easier.
//!
//! The lines with what is hidden in them are a system of linear equations. A hidden cell can be worked out exactly when the
//! reduced system has a row with this one cell and nothing else in it; that covers the row with one hidden cell as well as what
//! follows only from several rows, columns and groups together.

use std::cmp::Reverse;

/// A total and the cells that add up to it, by their places in the list of cells.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) total: usize,
    pub(crate) members: Vec<usize>,
}

/// What is known of a cell here.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    /// By place: whether it is hidden.
    pub(crate) hidden: Vec<bool>,
    /// By place: the smaller, the sooner it is hidden for another's sake.
    pub(crate) people: Vec<u64>,
}

/// A prime so large that no small system vanishes in it by chance.
const PRIME: u64 = (1 << 61) - 1;

/// Hides more cells until none that is hidden can be worked out, and no cell more than that needs; says how many. Earlier lines
/// choose first: what a short line needs often serves the longer ones that cross it.
pub(crate) fn hide(table: &mut Table, lines: &[Line]) -> u64 {
    let mut more = Vec::new();
    loop {
        let mut touched = vec![false; lines.len()];
        let before = more.len();
        for cell in derivable(&table.hidden, lines) {
            let around: Vec<usize> = (0..lines.len()).filter(|line| lines[*line].has(cell)).collect();
            if around.iter().any(|line| touched[*line]) {
                continue;
            }
            let hidden = |line: usize| lines[line].cells().filter(|other| table.hidden[*other]).count();
            let alone = around.iter().copied().filter(|line| hidden(*line) == 1);
            // A cell can follow from lines that it is not in.
            let unclear = (0..lines.len()).filter(|line| hidden(*line) > 0);
            let mut choose = alone.chain(around.iter().copied()).chain(unclear);
            if let Some(victim) = choose.find_map(|line| next(&lines[line], table)) {
                table.hidden[victim] = true;
                more.push(victim);
                (0..lines.len()).filter(|line| lines[*line].has(victim)).for_each(|line| touched[line] = true);
            }
        }
        if more.len() == before {
            break;
        }
    }
    // What was hidden early may no longer be needed: the largest come back first.
    more.sort_by_key(|cell| (Reverse(table.people[*cell]), *cell));
    more.retain(|cell| {
        table.hidden[*cell] = false;
        let is_needed = !derivable(&table.hidden, lines).is_empty();
        table.hidden[*cell] = is_needed;
        is_needed
    });
    more.len() as u64
}

/// What is hidden next of a line: the smallest of its cells, and the total when no cell is left.
fn next(line: &Line, table: &Table) -> Option<usize> {
    let shows = |cell: &usize| !table.hidden[*cell];
    let smallest = line.members.iter().copied().filter(shows).min_by_key(|cell| (table.people[*cell], *cell));
    smallest.or(Some(line.total).filter(shows))
}

impl Line {
    fn cells(&self) -> impl Iterator<Item = usize> {
        self.members.iter().copied().chain([self.total])
    }

    fn has(&self, cell: usize) -> bool {
        self.cells().any(|own| own == cell)
    }
}

/// The hidden cells that can be worked out.
pub(crate) fn derivable(hidden: &[bool], lines: &[Line]) -> Vec<usize> {
    let unknown: Vec<usize> = (0..hidden.len()).filter(|cell| hidden[*cell]).collect();
    let mut rows: Vec<Vec<u64>> = lines
        .iter()
        .filter(|line| line.cells().any(|cell| hidden[cell]))
        .map(|line| {
            let factor = |cell: &usize| match (line.members.contains(cell), *cell == line.total) {
                (true, _) => 1,
                (false, true) => PRIME - 1,
                (false, false) => 0,
            };
            unknown.iter().map(factor).collect()
        })
        .collect();
    reduce(&mut rows, unknown.len());
    let single = rows.iter().filter_map(|row| {
        let mut factors = row.iter().enumerate().filter(|(_, factor)| **factor != 0);
        let (at, _) = factors.next()?;
        factors.next().is_none().then(|| unknown[at])
    });
    let mut found: Vec<usize> = single.collect();
    found.sort_unstable();
    found
}

/// Brings a system into reduced row echelon form.
fn reduce(rows: &mut [Vec<u64>], columns: usize) {
    let mut done = 0;
    for column in 0..columns {
        let Some(pivot) = (done..rows.len()).find(|row| rows[*row][column] != 0) else { continue };
        rows.swap(done, pivot);
        let inverse = power(rows[done][column], PRIME - 2);
        rows[done].iter_mut().for_each(|factor| *factor = times(*factor, inverse));
        let own = rows[done].clone();
        for (at, row) in rows.iter_mut().enumerate() {
            let factor = row[column];
            if at != done && factor != 0 {
                for (here, above) in row.iter_mut().zip(&own).filter(|(_, above)| **above != 0) {
                    *here = (*here + PRIME - times(*above, factor)) % PRIME;
                }
            }
        }
        done += 1;
    }
}

fn times(one: u64, other: u64) -> u64 {
    (u128::from(one) * u128::from(other) % u128::from(PRIME)) as u64
}

fn power(mut base: u64, mut exponent: u64) -> u64 {
    let mut result = 1;
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = times(result, base);
        }
        base = times(base, base);
        exponent >>= 1;
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A table of so many rows and columns: cells first, then the totals of rows, then of columns.
    fn lines(rows: usize, columns: usize) -> Vec<Line> {
        let row = |row: usize| Line {
            total: rows * columns + row,
            members: (0..columns).map(|column| row * columns + column).collect(),
        };
        let column = |column: usize| Line {
            total: rows * columns + rows + column,
            members: (0..rows).map(|row| row * columns + column).collect(),
        };
        (0..rows).map(row).chain((0..columns).map(column)).collect()
    }

    fn table(rows: usize, columns: usize, hidden: &[usize]) -> Table {
        let cells = rows * columns + rows + columns;
        Table { hidden: (0..cells).map(|cell| hidden.contains(&cell)).collect(), people: (0..cells as u64).collect() }
    }

    #[test]
    fn one_hidden_cell_takes_the_smallest_of_its_row_and_of_its_column_with_it() {
        let lines = lines(3, 3);
        let mut table = table(3, 3, &[4]);
        assert_eq!(derivable(&table.hidden, &lines), [4]);
        assert_eq!(hide(&mut table, &lines), 3);
        let hidden: Vec<usize> = (0..table.hidden.len()).filter(|cell| table.hidden[*cell]).collect();
        assert_eq!(hidden, [0, 1, 3, 4]);
        assert!(derivable(&table.hidden, &lines).is_empty());
    }

    #[test]
    fn two_in_each_line_are_not_enough_when_a_bridge_joins_two_blocks() {
        // Two blocks of four hidden cells, and one cell that joins them: every line has two or more, and yet it follows.
        let blocks = [0, 1, 4, 5, 10, 11, 14, 15];
        let bridged: Vec<usize> = blocks.into_iter().chain([2]).collect();
        let lines = lines(4, 4);
        assert!(derivable(&table(4, 4, &blocks).hidden, &lines).is_empty());
        assert_eq!(derivable(&table(4, 4, &bridged).hidden, &lines), [2]);
        let mut table = table(4, 4, &bridged);
        assert!(hide(&mut table, &lines) > 0);
        assert!(derivable(&table.hidden, &lines).is_empty());
    }

    #[test]
    fn a_row_of_one_cell_loses_its_total() {
        let lines = [Line { total: 1, members: vec![0] }];
        let mut table = Table { hidden: vec![true, false], people: vec![3, 3] };
        assert_eq!(hide(&mut table, &lines), 1);
        assert_eq!(table.hidden, [true, true]);
    }

    #[test]
    fn nothing_is_hidden_that_need_not_be() {
        let lines = lines(4, 4);
        let mut table = table(4, 4, &[0, 5, 10]);
        hide(&mut table, &lines);
        for cell in (0..table.hidden.len()).filter(|cell| table.hidden[*cell] && ![0, 5, 10].contains(cell)) {
            let mut fewer = table.hidden.clone();
            fewer[cell] = false;
            assert!(!derivable(&fewer, &lines).is_empty(), "{cell} could show");
        }
    }

    proptest! {
        #[test]
        fn nothing_follows_once_enough_is_hidden(
            rows in 1..6_usize,
            columns in 1..6_usize,
            seed in prop::collection::vec(any::<bool>(), 60),
            people in prop::collection::vec(0..500_u64, 60),
        ) {
            let lines = lines(rows, columns);
            let cells = rows * columns + rows + columns;
            let mut table = Table { hidden: seed[..cells].to_vec(), people: people[..cells].to_vec() };
            let before = table.hidden.clone();
            hide(&mut table, &lines);
            prop_assert!(derivable(&table.hidden, &lines).is_empty());
            prop_assert!(before.iter().zip(&table.hidden).all(|(before, now)| *now || !before));
            for line in &lines {
                let hidden = line.cells().filter(|cell| table.hidden[*cell]).count();
                prop_assert_ne!(hidden, 1, "{:?}", line);
            }
        }

        /// The same answer as peeling, the plain way, wherever peeling gets.
        #[test]
        fn whatever_peels_off_is_derivable(
            rows in 1..5_usize,
            columns in 1..5_usize,
            seed in prop::collection::vec(any::<bool>(), 40),
        ) {
            let lines = lines(rows, columns);
            let cells = rows * columns + rows + columns;
            let hidden = &seed[..cells];
            let found = derivable(hidden, &lines);
            let mut left = hidden.to_vec();
            while let Some(cell) = lines.iter().find_map(|line| {
                let mut unknown = line.cells().filter(|cell| left[*cell]);
                let first = unknown.next()?;
                unknown.next().is_none().then_some(first)
            }) {
                prop_assert!(found.contains(&cell));
                left[cell] = false;
            }
        }
    }
}
