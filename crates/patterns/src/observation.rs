//! What one item shows.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use time::{Date, Month};

use crate::phrase;
use crate::sources::{Gives, Sources};
use crate::vocabulary::{BREACHED, Dimension, MET, OTHER, duration_bucket, points_bucket, readability_bucket};

/// An item that shows more is a list or a log.
const MOST_PHRASES: usize = 24;
const MOST_CAUSES: usize = 4;

/// What one item shows: nothing in it was not in a field that leaves.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Observation {
    /// Of fixed vocabularies; at most one value each.
    pub values: BTreeMap<Dimension, String>,
    /// Folded: lower case, no stop words, no placeholders.
    pub phrases: BTreeSet<String>,
    /// Folded like phrases.
    pub causes: BTreeSet<String>,
}

/// What an item shows, from the fields of its records: `fields` are pairs of a path of the field dictionary and a value as it
/// leaves, of the metadata and of the in-app record one after the other; `app` is the kind of item. Fields that `sources` does
/// not list show nothing.
pub fn observe<'a>(sources: &Sources, app: &str, fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> Observation {
    let mut shows = Observation::default();
    let (mut created, mut resolved) = (None, None);
    for (field, written) in fields {
        for source in sources.of(app, field) {
            let Some(value) = written.strip_prefix(source.after.as_deref().unwrap_or_default()) else { continue };
            match source.gives {
                Gives::Created => created = created.or_else(|| seconds(value)),
                Gives::Resolved => resolved = resolved.or_else(|| seconds(value)),
                gives => shows.take(sources, gives, value),
            }
        }
    }
    let took = created.zip(resolved).and_then(|(created, resolved)| duration_bucket(resolved - created));
    shows.set(Dimension::Duration, took);
    shows
}

impl Observation {
    fn take(&mut self, sources: &Sources, gives: Gives, value: &str) {
        match gives {
            Gives::Type | Gives::Status | Gives::Priority | Gives::Length | Gives::Complexity | Gives::Task => {
                self.look_up(sources, gives, value);
            }
            Gives::Sla => match value.trim().to_lowercase().as_str() {
                // Of several service levels one that was missed is what counts.
                "yes" | "true" | "breached" => {
                    self.values.insert(Dimension::Sla, BREACHED.to_owned());
                }
                "no" | "false" | "met" => self.set(Dimension::Sla, Some(MET)),
                _ => {}
            },
            Gives::Points => self.set(Dimension::Points, number(value).and_then(points_bucket)),
            Gives::Readability => self.set(Dimension::Readability, number(value).and_then(readability_bucket)),
            Gives::Search => {
                self.phrase(phrase::whole(value));
                self.pairs(value);
            }
            Gives::Name => self.phrase(phrase::whole(value)),
            Gives::Text => {
                self.pairs(value);
                phrase::causes(value, &mut self.causes);
            }
            Gives::Causes => phrase::causes(value, &mut self.causes),
            Gives::Cause => self.causes.extend(phrase::stated_cause(value)),
            Gives::Created | Gives::Resolved => {}
        }
        while self.causes.len() > MOST_CAUSES {
            self.causes.pop_last();
        }
    }

    /// A label that is not on the list is a name that people gave.
    fn look_up(&mut self, sources: &Sources, gives: Gives, written: &str) {
        let Some(dimension) = gives.listed() else { return };
        let Some(vocabulary) = sources.vocabulary.get(&dimension) else { return };
        let value = vocabulary.value(written);
        if value == OTHER {
            self.phrase(phrase::whole(written));
        }
        self.set(dimension, Some(value));
    }

    /// The first value counts.
    fn set(&mut self, dimension: Dimension, value: Option<&str>) {
        if let Some(value) = value {
            self.values.entry(dimension).or_insert_with(|| value.to_owned());
        }
    }

    fn phrase(&mut self, phrase: Option<String>) {
        if self.phrases.len() < MOST_PHRASES {
            self.phrases.extend(phrase);
        }
    }

    fn pairs(&mut self, text: &str) {
        let mut pairs = BTreeSet::new();
        phrase::pairs(text, &mut pairs);
        let room = MOST_PHRASES.saturating_sub(self.phrases.len());
        self.phrases.extend(pairs.into_iter().take(room));
    }
}

/// The number that a value begins with.
fn number(value: &str) -> Option<f64> {
    let value = value.trim();
    let end = value.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(value.len());
    value[..end].parse().ok()
}

/// Seconds since 1970 of a date, or of a date and time as exports write them (`2026-09-01T10:00:00.000+0200`), which is UTC
/// without an offset.
fn seconds(written: &str) -> Option<i64> {
    let written = written.trim();
    let (date, time) = written.split_once(['T', ' ']).unwrap_or((written, ""));
    let mut parts = date.splitn(3, '-');
    let year = parts.next()?.parse().ok()?;
    let month: u8 = parts.next()?.parse().ok()?;
    let day = parts.next()?.parse().ok()?;
    let date = Date::from_calendar_date(year, Month::try_from(month).ok()?, day).ok()?;
    let days = i64::from(date.to_julian_day() - time::OffsetDateTime::UNIX_EPOCH.date().to_julian_day());
    let clock_ends = time.find(['Z', '+', '-', '.']).unwrap_or(time.len());
    let offset = time.rfind(['+', '-']).map_or("", |at| &time[at..]);
    Some(days * 86_400 + hours_and_so_on(&time[..clock_ends])? - offset_seconds(offset)?)
}

/// `10:00:00`, or nothing.
fn hours_and_so_on(clock: &str) -> Option<i64> {
    if clock.is_empty() {
        return Some(0);
    }
    let mut seconds = 0;
    // Midnight may be 24:00, and a leap second is a sixtieth.
    for (part, (unit, most)) in clock.splitn(3, ':').zip([(3600, 24), (60, 59), (1, 60)]) {
        let part: i64 = part.parse().ok().filter(|part| (0..=most).contains(part))?;
        seconds += part * unit;
    }
    Some(seconds)
}

/// `+0200` or `+02:00`, or nothing.
fn offset_seconds(offset: &str) -> Option<i64> {
    if offset.is_empty() {
        return Some(0);
    }
    let digits: String = offset.chars().filter(char::is_ascii_digit).collect();
    let number: i64 = digits.get(..4)?.parse().ok()?;
    let seconds = number / 100 * 3600 + number % 100 * 60;
    Some(if offset.starts_with('-') { -seconds } else { seconds })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources() -> Sources {
        let sources: Sources = toml::from_str(
            r#"
            [vocabulary.type]
            values = ["Task"]
            groups = { Defects = ["Bug", "Incident"] }
            aliases = { Fehler = "Bug" }
            [vocabulary.length]
            values = ["line", "paragraph"]
            [app.jira]
            fields = [
              { field = "issuetype.name", gives = "type" },
              { field = "summary", gives = "text" },
              { field = "created", gives = "created" },
              { field = "resolutiondate", gives = "resolved" },
              { field = "points", gives = "points" },
              { field = "contentAttributes", gives = "length", after = "length: " },
              { field = "contentAttributes", gives = "readability", after = "readability " },
              { field = "status.name", gives = "name" },
              { field = "customfield_10050", gives = "cause" },
            ]
            [app.requests]
            like = "jira"
            fields = [{ field = "sla.breached", gives = "sla" }]
            "#,
        )
        .unwrap();
        sources.check().unwrap();
        sources
    }

    #[test]
    fn an_item_shows_what_its_sources_say() {
        let fields = [
            ("issuetype.name", "fehler"),
            ("summary", "Login error caused by expired certificates"),
            ("created", "2026-09-01T10:00:00.000+0200"),
            ("resolutiondate", "2026-09-03T07:59:59Z"),
            ("points", "3.0"),
            ("contentAttributes", "length: line"),
            ("contentAttributes", "readability 60 of 100"),
            ("status.name", "Waiting for vendor"),
            ("customfield_10050", "Missing index"),
            ("sla.breached", "Yes"),
            ("assignee", "Ines Okafor"),
        ];
        let shows = observe(&sources(), "requests", fields);
        let values: Vec<(&str, &str)> = shows.values.iter().map(|(of, value)| (of.id(), value.as_str())).collect();
        assert_eq!(
            values,
            [
                ("type", "Bug"),
                ("duration", "1 to 3 days"),
                ("sla", "Breached"),
                ("points", "2 to 3"),
                ("length", "line"),
                ("readability", "Plain (50 to 69)")
            ]
        );
        let phrases: Vec<&str> = shows.phrases.iter().map(String::as_str).collect();
        assert_eq!(phrases, ["error expired", "expired certificate", "login error", "waiting vendor"]);
        assert_eq!(shows.causes.iter().collect::<Vec<_>>(), ["expired certificate", "missing index"]);
    }

    #[test]
    fn a_label_that_is_not_listed_is_other_and_a_phrase() {
        let shows = observe(&sources(), "jira", [("issuetype.name", "Repair tickets")]);
        assert_eq!(shows.values[&Dimension::Type], OTHER);
        assert!(shows.phrases.contains("repair ticket"));
    }

    #[test]
    fn dates_of_exports_are_read() {
        assert_eq!(seconds("1970-01-02"), Some(86_400));
        assert_eq!(seconds("1970-01-01T01:00:00.000+0100"), Some(0));
        assert_eq!(seconds("1970-01-01T00:30:01-00:30"), Some(3601));
        assert_eq!(seconds("1970-01-01 00:01"), Some(60));
        assert_eq!(seconds("1970-01-01T24:00:60"), Some(86_460));
        for wrong in ["", "soon", "2026-13-01", "2026-02-30", "2026-01-01T1a:00", "2026-01-01T10:00:00+1"] {
            assert_eq!(seconds(wrong), None, "{wrong}");
        }
        for beyond in ["9223372036854775807", "25", "10:60", "10:00:9223372036854775807", "10:9223372036854775807:00"] {
            assert_eq!(seconds(&format!("2026-01-01T{beyond}")), None, "{beyond}");
        }
    }

    #[test]
    fn wrong_sources_say_what_is_wrong() {
        let wrong = |text: &str| toml::from_str::<Sources>(text).unwrap().check().unwrap_err().to_string();
        assert!(wrong("[app.a]\nlike = \"b\"").contains('b'));
        assert!(wrong("[vocabulary.duration]").contains("duration"));
        assert!(wrong("[app.a]\nfields = [{ field = \"x\", gives = \"type\" }]").contains("vocabulary"));
        assert!(wrong("[vocabulary.type]\nvalues = [\"Bug\", \"bug\"]").contains("bug"));
        assert!(wrong("[vocabulary.type]\nvalues = [\"a|b\"]").contains("a|b"));
        assert!(wrong("[vocabulary.type]\naliases = { a = \"b\" }").contains('a'));
    }
}
