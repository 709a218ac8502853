//! Which field of which app gives what. Data, from the catalogue: this crate knows no product.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::vocabulary::{Dimension, Vocabulary, group_of};

/// Where observations come from.
///
/// ```toml
/// [vocabulary.priority]
/// values = ["Highest", "High", "Medium", "Low", "Lowest"]
///
/// [app.jira]
/// fields = [
///   { field = "issuetype.name", gives = "type" },
///   { field = "summary", gives = "text" },
///   { field = "contentAttributes", gives = "length", after = "length: " },
/// ]
///
/// [app.jira-service-management]
/// like = "jira"
/// fields = [{ field = "sla.firstResponse.breached", gives = "sla" }]
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sources {
    /// The closed list of each dimension that is neither made here (duration, service level, points, readability) nor open (phrase, cause).
    #[serde(default)]
    pub vocabulary: BTreeMap<Dimension, Vocabulary>,
    /// By the app's id.
    #[serde(default)]
    pub app: BTreeMap<String, App>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct App {
    /// The app whose fields say what this one's own list leaves open.
    #[serde(default)]
    pub like: Option<String>,
    #[serde(default)]
    pub fields: Vec<Source>,
}

/// What one field gives. A field may stand in several.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The path in the field dictionary, as in a stored record.
    pub field: String,
    pub gives: Gives,
    /// Only values that begin with this count, without it.
    #[serde(default)]
    pub after: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Gives {
    Type,
    Status,
    Priority,
    /// Of a service level: yes, true or breached; no, false or met.
    Sla,
    /// A number of story points.
    Points,
    Length,
    /// A number from 0 to 100 at the beginning of the value.
    Readability,
    Complexity,
    Task,
    /// The date on which work began; with `Resolved` it gives the duration.
    Created,
    Resolved,
    /// A search or a prompt: as a whole if it is short, and its word pairs.
    Search,
    /// A name that people gave, such as a status: as a whole.
    Name,
    /// A text: word pairs, and causes after words such as "caused by".
    Text,
    /// A long text: causes only.
    Causes,
    /// A field that holds nothing but the cause.
    Cause,
}

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum InvalidSources {
    #[error("app `{app}` is like `{like}`, which is not an app with fields of its own")]
    UnknownApp { app: String, like: String },
    #[error("the values of `{0}` are not a list: leave its vocabulary out")]
    NoVocabulary(&'static str),
    #[error("`{field}` of `{app}` gives `{dimension}`, which has no vocabulary")]
    MissingVocabulary { app: String, field: String, dimension: &'static str },
    #[error("`{value}` stands twice in the vocabulary of `{dimension}`, or cannot be a value")]
    Value { dimension: &'static str, value: String },
    #[error("the alias `{alias}` of `{dimension}` stands for a value that is not on the list")]
    Alias { dimension: &'static str, alias: String },
}

impl Gives {
    /// The dimension whose vocabulary the field's values are looked up in.
    pub(crate) fn listed(self) -> Option<Dimension> {
        match self {
            Self::Type => Some(Dimension::Type),
            Self::Status => Some(Dimension::Status),
            Self::Priority => Some(Dimension::Priority),
            Self::Length => Some(Dimension::Length),
            Self::Complexity => Some(Dimension::Complexity),
            Self::Task => Some(Dimension::Task),
            _ => None,
        }
    }
}

impl Sources {
    /// # Errors
    /// The first fault: a dimension without its list, a value that stands twice, an app that is like none.
    pub fn check(&self) -> Result<(), InvalidSources> {
        for (dimension, vocabulary) in &self.vocabulary {
            check_vocabulary(*dimension, vocabulary)?;
        }
        for (id, app) in &self.app {
            if let Some(like) =
                app.like.as_ref().filter(|like| self.app.get(*like).is_none_or(|app| app.like.is_some()))
            {
                return Err(InvalidSources::UnknownApp { app: id.clone(), like: like.clone() });
            }
            let missing = |source: &&Source| {
                source.gives.listed().is_some_and(|dimension| !self.vocabulary.contains_key(&dimension))
            };
            if let Some(source) = app.fields.iter().find(missing) {
                let dimension = source.gives.listed().map_or("", Dimension::id);
                return Err(InvalidSources::MissingVocabulary {
                    app: id.clone(),
                    field: source.field.clone(),
                    dimension,
                });
            }
        }
        Ok(())
    }

    /// What a field of an app gives: its own list first, then that of the app it is like.
    pub(crate) fn of<'a>(&'a self, app: &str, field: &'a str) -> impl Iterator<Item = &'a Source> {
        let own = self.app.get(app);
        let like = own.and_then(|own| own.like.as_ref()).and_then(|like| self.app.get(like));
        let has = |app: &&App| app.fields.iter().any(|source| source.field == field);
        let listed = own.filter(has).or(like);
        listed.into_iter().flat_map(|app| &app.fields).filter(move |source| source.field == field)
    }
}

fn check_vocabulary(dimension: Dimension, vocabulary: &Vocabulary) -> Result<(), InvalidSources> {
    if !dimension.is_fixed() || !dimension.buckets().is_empty() {
        return Err(InvalidSources::NoVocabulary(dimension.id()));
    }
    let mut seen = BTreeSet::new();
    let names = vocabulary
        .groups
        .keys()
        .map(String::as_str)
        .chain(vocabulary.all())
        .chain(vocabulary.aliases.keys().map(String::as_str));
    for value in names {
        let plain =
            !value.trim().is_empty() && value.trim() == value && !value.contains(|c: char| c == '|' || c.is_control());
        if !plain || group_of(value).is_some() {
            return Err(InvalidSources::Value { dimension: dimension.id(), value: value.to_owned() });
        }
    }
    for value in vocabulary.all().chain(vocabulary.aliases.keys().map(String::as_str)) {
        if !seen.insert(value.to_lowercase()) {
            return Err(InvalidSources::Value { dimension: dimension.id(), value: value.to_owned() });
        }
    }
    match vocabulary.aliases.iter().find(|(_, value)| !vocabulary.all().any(|own| own == value.as_str())) {
        Some((alias, _)) => Err(InvalidSources::Alias { dimension: dimension.id(), alias: alias.clone() }),
        None => Ok(()),
    }
}
