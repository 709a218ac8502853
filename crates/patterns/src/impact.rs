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

/// What would be different without the organisation whose part this is.
pub fn impact(published: &Published, part: &Part) -> Impact {
    let _ = (published, part);
    Impact::default()
}
