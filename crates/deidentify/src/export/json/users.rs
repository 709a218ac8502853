//! Finds the users whom an item's JSON shows, wherever it does so.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

use super::{DEEPEST, TOO_DEEP};
use crate::Person;
use crate::directory::Records;
use crate::export::{MOST_PEOPLE, TOO_MANY_PEOPLE};

/// The users of an item while they are looked for.
#[derive(Default)]
pub(super) struct UserWalk {
    pub(super) records: Records,
    /// Why the walk was broken off.
    pub(super) refused: &'static str,
}

/// Looks for users in one value and everything in it; gives the value itself if it is a text that a user may have.
pub(super) struct Users<'w, 'm> {
    pub(super) walk: &'w mut UserWalk,
    pub(super) depth: usize,
    /// The member whose value this is; empty in a list.
    pub(super) member: &'m str,
}

/// The members of one object, as far as they can be those of a user.
#[derive(Default)]
struct UserMembers {
    person: Person,
    /// `name` and `key` are a user's only beside something that only users have.
    name_and_key: Vec<String>,
    is_app: bool,
    id: Option<String>,
    text: Option<String>,
}

impl UserMembers {
    fn is_wanted(member: &str) -> bool {
        matches!(
            member,
            "displayName"
                | "publicName"
                | "name"
                | "key"
                | "username"
                | "userKey"
                | "accountId"
                | "emailAddress"
                | "email"
                | "accountType"
                | "id"
                | "text"
        )
    }

    fn add(&mut self, member: &str, value: String) {
        match member {
            "displayName" | "publicName" => self.person.names.push(value),
            "username" | "userKey" => self.person.handles.push(value),
            "accountId" => self.person.account_ids.push(value),
            "emailAddress" | "email" => self.person.emails.push(value),
            "name" | "key" => self.name_and_key.push(value),
            "accountType" => self.is_app = value == "app",
            "id" => self.id = Some(value),
            "text" => self.text = Some(value),
            _ => {}
        }
    }

    fn into_person(mut self, may_mention: bool) -> Option<Person> {
        if self.is_app {
            return None;
        }
        if self.person != Person::default() {
            self.person.handles.append(&mut self.name_and_key);
            return Some(self.person);
        }
        // A mention in a rich text: `{"type": "mention", "attrs": {"id": …, "text": "@Ines Okafor"}}`.
        let (id, text) = self.id.zip(self.text).filter(|_| may_mention)?;
        let name = text.strip_prefix('@')?.to_owned();
        Some(Person { names: vec![name], account_ids: vec![id], ..Person::default() })
    }
}

impl<'de> DeserializeSeed<'de> for Users<'_, '_> {
    type Value = Option<String>;

    fn deserialize<D: Deserializer<'de>>(self, value: D) -> Result<Option<String>, D::Error> {
        value.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Users<'_, '_> {
    type Value = Option<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Option<String>, E> {
        Ok(None)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Option<String>, E> {
        Ok(None)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Option<String>, E> {
        Ok(None)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Option<String>, E> {
        Ok(None)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Option<String>, E> {
        Ok(None)
    }

    fn visit_str<E>(self, value: &str) -> Result<Option<String>, E> {
        Ok(UserMembers::is_wanted(self.member).then(|| value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Option<String>, A::Error> {
        let Users { walk, depth, .. } = self;
        if depth >= DEEPEST {
            walk.refused = TOO_DEEP;
            return Err(A::Error::custom(TOO_DEEP));
        }
        while list.next_element_seed(Users { walk, depth: depth + 1, member: "" })?.is_some() {}
        Ok(None)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Option<String>, A::Error> {
        let Users { walk, depth, member: own } = self;
        if depth >= DEEPEST {
            walk.refused = TOO_DEEP;
            return Err(A::Error::custom(TOO_DEEP));
        }
        let mut members = UserMembers::default();
        while let Some(member) = map.next_key::<Cow<'de, str>>()? {
            if let Some(value) = map.next_value_seed(Users { walk, depth: depth + 1, member: &member })? {
                members.add(&member, value);
            }
        }
        if let Some(person) = members.into_person(own == "attrs") {
            walk.records.add(person);
        }
        if walk.records.len() > MOST_PEOPLE {
            walk.refused = TOO_MANY_PEOPLE;
            return Err(A::Error::custom(TOO_MANY_PEOPLE));
        }
        Ok(None)
    }
}
