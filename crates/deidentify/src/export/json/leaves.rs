//! Turns one item's JSON into leaves.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::{DEEPEST, TOO_DEEP};
use crate::Format;
use crate::export::{Leaf, MOST_LEAVES, Value};

/// Bytes of a field's name that is shown, and of a path.
const LONGEST_NAME: usize = 64;
const LONGEST_PATH: usize = 512;

/// The values of one item while they are read.
#[derive(Default)]
pub(super) struct LeafWalk {
    /// Where the value that is read stands.
    pub(super) path: String,
    pub(super) leaves: Vec<Leaf>,
    /// Why the walk was broken off.
    pub(super) refused: &'static str,
}

/// Reads one value and everything in it.
pub(super) struct Leaves<'w> {
    pub(super) walk: &'w mut LeafWalk,
    pub(super) depth: usize,
}

impl Leaves<'_> {
    fn push<E: serde::de::Error>(self, value: Value) -> Result<(), E> {
        let format = format_at(&self.walk.path);
        self.push_as(value, format)
    }

    fn push_as<E: serde::de::Error>(self, value: Value, format: Format) -> Result<(), E> {
        if self.walk.leaves.len() >= MOST_LEAVES {
            return self.refuse("the item holds too many values");
        }
        self.walk.leaves.push(Leaf { path: self.walk.path.clone(), value, format });
        Ok(())
    }

    fn refuse<T, E: serde::de::Error>(self, why: &'static str) -> Result<T, E> {
        self.walk.refused = why;
        Err(E::custom(why))
    }

    fn below(&mut self) -> Leaves<'_> {
        Leaves { walk: self.walk, depth: self.depth + 1 }
    }

    fn is_too_deep(&self) -> bool {
        self.depth >= DEEPEST || self.walk.path.len() > LONGEST_PATH
    }
}

impl<'de> DeserializeSeed<'de> for Leaves<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, value: D) -> Result<(), D::Error> {
        value.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Leaves<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<(), E> {
        self.push(Value::Bool(value))
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<(), E> {
        self.push(Value::Number(value.to_string()))
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<(), E> {
        self.push(Value::Number(value.to_string()))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<(), E> {
        match serde_json::Number::from_f64(value) {
            Some(number) => self.push(Value::Number(number.to_string())),
            None => Ok(()),
        }
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<(), E> {
        if value.is_empty() { Ok(()) } else { self.push(Value::Text(value.to_owned())) }
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<(), A::Error> {
        if self.is_too_deep() {
            return self.refuse(TOO_DEEP);
        }
        while list.next_element_seed(self.below())?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        if self.is_too_deep() {
            return self.refuse(TOO_DEEP);
        }
        let len = self.walk.path.len();
        while let Some(name) = map.next_key::<Cow<'de, str>>()? {
            if len > 0 {
                self.walk.path.push('.');
            }
            self.walk.path.push_str(shown_name(&name));
            // A document is one value, whatever stands in it: its texts belong together.
            let value: &'de RawValue = map.next_value()?;
            if is_document(value.get()) {
                self.below().push_as(Value::Text(value.get().to_owned()), Format::Adf)?;
            } else {
                let mut inner = serde_json::Deserializer::from_str(value.get());
                self.below().deserialize(&mut inner).map_err(A::Error::custom)?;
            }
            self.walk.path.truncate(len);
        }
        Ok(())
    }
}

/// The form of a text, by where it stands in a page.
fn format_at(path: &str) -> Format {
    if path.ends_with("atlas_doc_format.value") {
        Format::Adf
    } else if [".storage.value", ".view.value", ".export_view.value"].iter().any(|end| path.ends_with(end)) {
        Format::Html
    } else {
        Format::Text
    }
}

/// Whether a value is a document in Atlassian Document Format.
fn is_document(json: &str) -> bool {
    #[derive(Deserialize)]
    struct Head<'a> {
        #[serde(borrow, rename = "type")]
        kind: Option<&'a RawValue>,
        content: Option<IgnoredAny>,
    }
    let head = |json| serde_json::from_str::<Head<'_>>(json).ok();
    json.starts_with('{')
        && head(json)
            .is_some_and(|head| head.content.is_some() && head.kind.is_some_and(|kind| kind.get() == "\"doc\""))
}

/// A field's name as a path shows it.
fn shown_name(name: &str) -> &str {
    let is_plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
    if is_plain && (1..=LONGEST_NAME).contains(&name.len()) { name } else { "*" }
}
