//! What would be different without one organisation.

use serde::{Deserialize, Serialize};

use crate::part::Part;
use crate::release::Published;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Impact {
    /// Published cells.
    pub published: u64,
    /// Those that the organisation takes part in. What else it contributed to is not published.
    pub takes_part: u64,
    /// Without it, no number of organisations would be lower by more than this: one, by construction.
    pub organisations_at_most: u64,
    /// And no number of people by more than this.
    pub people_at_most: u64,
    /// The most people that it has in any one published cell.
    pub people: u64,
    /// Published cells that would have too few organisations or people without it.
    pub would_fall: u64,
}

/// What would be different without the organisation whose part this is. Its part must be of the same period.
pub fn impact(published: &Published, part: &Part) -> Impact {
    let rules = &published.rules;
    let own = part.cells.iter().filter_map(|cell| Some((cell, published.numbers(&cell.id)?)));
    let mut impact = Impact {
        published: published.len() as u64,
        organisations_at_most: 1,
        people_at_most: rules.people_a_cell.into(),
        ..Impact::default()
    };
    for (cell, numbers) in own {
        let people = u64::from(cell.people);
        impact.takes_part += 1;
        impact.people = impact.people.max(people);
        let falls = numbers.organisations <= rules.k_organisations.into()
            || numbers.people < u64::from(rules.k_people) + people;
        impact.would_fall += u64::from(falls);
    }
    impact
}
