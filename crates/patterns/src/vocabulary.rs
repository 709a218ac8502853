//! Dimensions, and the closed lists that their values come from.
//!
//! A fixed vocabulary has no value that an organisation made up: what is not on the list counts as [`OTHER`], and the
//! label itself counts as a phrase, under the rules for phrases. Values roll up in groups, whatever is published: a group
//! holds all its values, those that show as well as those that are too rare to. A rest that held only the hidden ones would
//! jump by dozens of organisations when one of them leaves and a value falls below its threshold.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The value of whatever is not on the list of a vocabulary.
pub const OTHER: &str = "Other";

pub(crate) const MET: &str = "Met";
pub(crate) const BREACHED: &str = "Breached";

/// What a value says something about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Dimension {
    Type,
    Status,
    Priority,
    Duration,
    Sla,
    Points,
    Length,
    Readability,
    Complexity,
    Task,
    /// Two words that stand together, a search, or a name that people gave.
    Phrase,
    /// What a text names as the cause.
    Cause,
}

impl Dimension {
    pub const ALL: [Self; 12] = [
        Self::Type,
        Self::Status,
        Self::Priority,
        Self::Duration,
        Self::Sla,
        Self::Points,
        Self::Length,
        Self::Readability,
        Self::Complexity,
        Self::Task,
        Self::Phrase,
        Self::Cause,
    ];

    /// As in configuration and in a cell's id.
    pub fn id(self) -> &'static str {
        match self {
            Self::Type => "type",
            Self::Status => "status",
            Self::Priority => "priority",
            Self::Duration => "duration",
            Self::Sla => "sla",
            Self::Points => "points",
            Self::Length => "length",
            Self::Readability => "readability",
            Self::Complexity => "complexity",
            Self::Task => "task",
            Self::Phrase => "phrase",
            Self::Cause => "cause",
        }
    }

    /// Whether its values come from a closed list.
    pub fn is_fixed(self) -> bool {
        !matches!(self, Self::Phrase | Self::Cause)
    }

    /// The values of a dimension whose values this crate makes itself, from the smallest to the largest.
    pub fn buckets(self) -> &'static [&'static str] {
        match self {
            Self::Duration => &DURATIONS,
            Self::Points => &POINTS,
            Self::Readability => &READABILITY,
            Self::Sla => &[MET, BREACHED],
            _ => &[],
        }
    }
}

const DURATIONS: [&str; 7] =
    ["Under 1 day", "1 to 3 days", "3 to 7 days", "1 to 2 weeks", "2 to 4 weeks", "1 to 3 months", "Over 3 months"];
const DURATION_DAYS: [i64; 6] = [1, 3, 7, 14, 28, 91];

const POINTS: [&str; 6] = ["Up to 1", "2 to 3", "4 to 5", "6 to 8", "9 to 13", "Over 13"];
const POINTS_UP_TO: [f64; 5] = [1.0, 3.0, 5.0, 8.0, 13.0];

const READABILITY: [&str; 4] = ["Very hard (under 30)", "Hard (30 to 49)", "Plain (50 to 69)", "Easy (70 and more)"];
const READABILITY_UNDER: [f64; 3] = [30.0, 50.0, 70.0];

/// The bucket of a duration; none for a negative one.
pub(crate) fn duration_bucket(seconds: i64) -> Option<&'static str> {
    (seconds >= 0).then(|| DURATIONS[DURATION_DAYS.iter().filter(|days| seconds >= **days * 86_400).count()])
}

/// The bucket of a number of story points; none for a negative one.
pub(crate) fn points_bucket(points: f64) -> Option<&'static str> {
    (points >= 0.0).then(|| POINTS[POINTS_UP_TO.iter().filter(|most| points > **most).count()])
}

pub(crate) fn readability_bucket(ease: f64) -> Option<&'static str> {
    ease.is_finite().then(|| READABILITY[READABILITY_UNDER.iter().filter(|least| ease >= **least).count()])
}

/// A closed list of values, each in one group or in none.
///
/// ```toml
/// [type]
/// values = ["Epic", "Idea"]
/// [type.groups]
/// Defects = ["Bug", "Incident"]
/// [type.aliases]
/// Fehler = "Bug"
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vocabulary {
    /// Values that roll up in no group.
    #[serde(default)]
    pub values: Vec<String>,
    #[serde(default)]
    pub groups: BTreeMap<String, Vec<String>>,
    /// Another word, such as one in another language, and the value that it stands for.
    #[serde(default)]
    pub aliases: BTreeMap<String, String>,
}

impl Vocabulary {
    /// The value as the list spells it, or [`OTHER`].
    pub fn value(&self, written: &str) -> &str {
        let written = written.trim();
        let folded: Vec<char> = written.chars().flat_map(char::to_lowercase).collect();
        let same = |value: &&str| value.chars().flat_map(char::to_lowercase).eq(folded.iter().copied());
        let alias = || self.aliases.iter().find(|(alias, _)| same(&alias.as_str())).map(|(_, value)| value.as_str());
        self.all().find(same).or_else(alias).unwrap_or(OTHER)
    }

    /// All values, without the groups and [`OTHER`].
    pub fn all(&self) -> impl Iterator<Item = &str> {
        self.groups.values().flatten().chain(&self.values).map(String::as_str)
    }
}

/// The value that a group has in a cell, such as `* Defects`.
pub(crate) fn group_value(name: &str) -> String {
    format!("* {name}")
}

/// The name of the group if a cell's value is a group (`* Defects`): all values of the group taken together.
pub fn group_of(value: &str) -> Option<&str> {
    value.strip_prefix("* ")
}
