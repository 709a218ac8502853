//! Suggestions for a new item, from what is published and nothing else.

use serde::{Deserialize, Serialize};

use crate::observation::Observation;
use crate::release::Published;
use crate::vocabulary::Dimension;

/// What is suggested for one item. Each field of the item that is known already is used and not suggested again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suggestions {
    /// Best first; at most three.
    pub types: Result<Vec<Suggestion>, Abstained>,
    pub priorities: Result<Vec<Suggestion>, Abstained>,
    /// Ranges such as `3 to 7 days`.
    pub durations: Result<Vec<Suggestion>, Abstained>,
    pub causes: Result<Vec<Suggestion>, Abstained>,
    /// Phrases of the item that many organisations share, and phrases like them; the most common first.
    pub phrases: Result<Vec<Suggestion>, Abstained>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suggestion {
    pub value: String,
    /// Organisations behind the strongest evidence, never which.
    pub support: u64,
    /// Of 1,000 people who have worked on what the evidence says, so many did with this value.
    pub confidence: u16,
    /// How many times as common this is with the evidence as without it, in hundredths.
    pub lift: u32,
    /// The strongest evidence: which value of the item says so. None for a phrase that is merely shared.
    pub evidence: Option<Evidence>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    pub dimension: Dimension,
    pub value: String,
}

/// Why nothing is suggested.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Abstained {
    /// The item says what it is.
    Known,
    /// Nothing that the item shows is common to enough organisations.
    TooFewOrganisations,
    /// What is known speaks for no value more than for any other.
    NothingStandsOut,
}

/// What the published patterns suggest for an item.
pub fn suggest(published: &Published, item: &Observation) -> Suggestions {
    let _ = (published, item);
    Suggestions {
        types: Err(Abstained::TooFewOrganisations),
        priorities: Err(Abstained::TooFewOrganisations),
        durations: Err(Abstained::TooFewOrganisations),
        causes: Err(Abstained::TooFewOrganisations),
        phrases: Err(Abstained::TooFewOrganisations),
    }
}
