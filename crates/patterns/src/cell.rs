//! Families and cells: what is counted.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;

use crate::vocabulary::Dimension;

/// Cells of the same dimensions: none (everything), one or two.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Family {
    first: Option<Dimension>,
    second: Option<Dimension>,
}

impl Family {
    /// One cell that every item is in.
    pub const EVERYTHING: Self = Self { first: None, second: None };

    /// All that are counted unless the rules say otherwise.
    pub const ALL: [Self; 24] = {
        use Dimension::{
            Cause, Complexity, Duration, Length, Phrase, Points, Priority, Readability, Sla, Status, Task, Type,
        };
        [
            Self::EVERYTHING,
            Self::one(Type),
            Self::one(Status),
            Self::one(Priority),
            Self::one(Duration),
            Self::one(Sla),
            Self::one(Points),
            Self::one(Length),
            Self::one(Readability),
            Self::one(Complexity),
            Self::one(Task),
            Self::two(Type, Status),
            Self::two(Type, Priority),
            Self::two(Type, Duration),
            Self::two(Type, Points),
            Self::two(Priority, Duration),
            Self::two(Priority, Sla),
            Self::two(Task, Duration),
            Self::one(Phrase),
            Self::two(Phrase, Type),
            Self::two(Phrase, Priority),
            Self::two(Phrase, Duration),
            Self::two(Phrase, Cause),
            Self::one(Cause),
        ]
    };

    pub const fn one(dimension: Dimension) -> Self {
        Self { first: Some(dimension), second: None }
    }

    pub const fn two(first: Dimension, second: Dimension) -> Self {
        Self { first: Some(first), second: Some(second) }
    }

    pub fn dimensions(self) -> impl Iterator<Item = Dimension> + Clone {
        self.first.into_iter().chain(self.second)
    }

    /// Whether all its values come from closed lists.
    pub fn is_fixed(self) -> bool {
        self.dimensions().all(Dimension::is_fixed)
    }
}

/// `type+priority`; `all` for the family of everything.
impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.first, self.second) {
            (None, _) => f.write_str("all"),
            (Some(first), None) => f.write_str(first.id()),
            (Some(first), Some(second)) => write!(f, "{}+{}", first.id(), second.id()),
        }
    }
}

impl fmt::Debug for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Not the id of a family that is counted, or of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("not the id of a cell or of a family")]
pub struct NotACell;

impl FromStr for Family {
    type Err = NotACell;

    fn from_str(id: &str) -> Result<Self, NotACell> {
        Self::ALL.into_iter().find(|family| family.to_string() == id).ok_or(NotACell)
    }
}

/// A family with a value for each of its dimensions. Its id, such as `phrase+type=login error|Bug`, is the same for ever and is
/// what digests are made of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cell {
    pub family: Family,
    /// One for each dimension of the family, in its order. A value holds neither `|` nor control characters.
    pub values: Vec<String>,
}

impl Cell {
    pub fn new<const N: usize>(family: Family, values: [&str; N]) -> Self {
        Self { family, values: values.map(str::to_owned).to_vec() }
    }

    pub fn everything() -> Self {
        Self { family: Family::EVERYTHING, values: Vec::new() }
    }

    /// The value of a dimension.
    pub fn value(&self, dimension: Dimension) -> Option<&str> {
        let at = self.family.dimensions().position(|own| own == dimension)?;
        self.values.get(at).map(String::as_str)
    }
}

/// The id of a cell from its parts, without making the cell.
pub(crate) fn id(family: Family, values: &[&str]) -> String {
    if values.is_empty() { family.to_string() } else { format!("{family}={}", values.join("|")) }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let values: Vec<&str> = self.values.iter().map(String::as_str).collect();
        f.write_str(&id(self.family, &values))
    }
}

impl FromStr for Cell {
    type Err = NotACell;

    fn from_str(id: &str) -> Result<Self, NotACell> {
        let (family, values) = match id.split_once('=') {
            None => (id, Vec::new()),
            Some((family, values)) => (family, values.split('|').map(str::to_owned).collect()),
        };
        let family: Family = family.parse()?;
        let fits = family.dimensions().count() == values.len() && values.iter().all(|value| !value.is_empty());
        if fits { Ok(Self { family, values }) } else { Err(NotACell) }
    }
}

macro_rules! as_its_id {
    ($($kind:ty),*) => {$(
        impl Serialize for $kind {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $kind {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let id = std::borrow::Cow::<str>::deserialize(deserializer)?;
                id.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}

as_its_id!(Family, Cell);
