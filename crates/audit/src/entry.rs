//! One entry: who did what to what, from where, with what outcome.
//!
//! It names people by the id of their account only, so that an account can be erased without breaking a chain. It never
//! holds a password, a key, an address of the network, or anything of an organisation's content.

use serde::{Deserialize, Serialize};

use crate::{Action, Head, sha256};

/// What is known of an entry before it has its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// Microseconds since 1970 UTC.
    pub at: i64,
    pub actor: Actor,
    /// The account on whose behalf a key, a job or the command line acted.
    pub on_behalf_of: Option<String>,
    pub interface: Interface,
    /// The id of the request, as its answer and the server's log have it.
    pub request: String,
    pub action: Action,
    pub resource: Resource,
    pub changes: Vec<Difference>,
    pub outcome: Outcome,
    /// Why it was denied or failed, or what made it follow from something else.
    pub because: Option<String>,
    /// Why it was done, as its author wrote.
    pub reason: Option<String>,
    /// The change that it takes back.
    pub reverts: Option<String>,
}

/// An entry in its place. The fields stand in the order of their names, which is the order of canonical JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    pub action: Action,
    pub actor: Actor,
    pub at: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Difference>,
    pub interface: Interface,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_behalf_of: Option<String>,
    pub outcome: Outcome,
    pub previous: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    pub request: String,
    pub resource: Resource,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reverts: Option<String>,
    pub scope: String,
    pub sequence: i64,
}

/// Who did it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Actor {
    /// Of the account or the key; empty for whoever is at the machine, and for nobody known.
    pub id: String,
    pub kind: ActorKind,
    /// The first digits of the hash of the session, enough to tell sessions apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $word:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        pub enum $name {
            $(#[serde(rename = $word)] $variant,)*
        }

        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            pub fn id(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            pub fn parse(id: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.id() == id)
            }
        }
    };
}

words! {
    /// What kind of actor.
    ActorKind {
        Person = "person",
        Support = "support",
        Operator = "operator",
        Key = "key",
        System = "system",
        Unknown = "unknown",
    }
}

words! {
    /// Through what it was done.
    Interface { Web = "web", Api = "api", Cli = "cli", Job = "job" }
}

words! {
    /// What became of it.
    Outcome { Done = "done", Denied = "denied", Failed = "failed" }
}

/// What it was done to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resource {
    pub id: String,
    /// `settings`, `account`, `key`, `page`…
    pub kind: String,
}

/// One value before and after; absent where there was or is none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Difference {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old: Option<String>,
    pub what: String,
}

/// An entry as it is kept: the very bytes that were hashed, and their hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    pub sequence: i64,
    pub body: String,
    pub hash: String,
}

const LINE_START: &str = "{\"entry\":";
const LINE_MIDDLE: &str = ",\"hash\":\"";
const LINE_END: &str = "\"}";
const HASH_LEN: usize = 64;

impl Actor {
    /// Somebody of whom no account is known.
    pub fn nobody(kind: ActorKind) -> Self {
        Self { id: String::new(), kind, session: None }
    }
}

impl Draft {
    /// What was done by someone, on nobody's behalf and without a request; whoever knows more fills it in.
    pub fn new(at: i64, actor: Actor, interface: Interface, action: Action, kind: &str, id: &str) -> Self {
        Self {
            at,
            actor,
            on_behalf_of: None,
            interface,
            request: String::new(),
            action,
            resource: Resource { id: id.to_owned(), kind: kind.to_owned() },
            changes: Vec::new(),
            outcome: Outcome::Done,
            because: None,
            reason: None,
            reverts: None,
        }
    }

    /// Puts the entry behind the head of its chain.
    ///
    /// # Errors
    /// Never for what this type can hold; serialising is fallible by its signature.
    pub fn seal(&self, scope: &str, head: &Head) -> Result<Sealed, serde_json::Error> {
        let draft = self.clone();
        let sequence = head.sequence + 1;
        let entry = Entry {
            action: draft.action,
            actor: draft.actor,
            at: draft.at,
            because: draft.because,
            changes: draft.changes,
            interface: draft.interface,
            on_behalf_of: draft.on_behalf_of,
            outcome: draft.outcome,
            previous: head.hash.clone(),
            reason: draft.reason,
            request: draft.request,
            resource: draft.resource,
            reverts: draft.reverts,
            scope: scope.to_owned(),
            sequence,
        };
        let body = serde_json::to_string(&entry)?;
        let hash = sha256(body.as_bytes());
        Ok(Sealed { sequence, body, hash })
    }
}

impl Sealed {
    /// The line of an export: canonical JSON as well.
    pub fn line(&self) -> String {
        [LINE_START, &self.body, LINE_MIDDLE, &self.hash, LINE_END].concat()
    }

    pub fn head(&self) -> Head {
        Head { sequence: self.sequence, hash: self.hash.clone() }
    }
}

/// The body and the hash of an exported line, as written.
pub(crate) fn parts(line: &str) -> Option<(&str, &str)> {
    let inside = line.strip_prefix(LINE_START)?.strip_suffix(LINE_END)?;
    let (rest, hash) = inside.split_at_checked(inside.len().checked_sub(HASH_LEN)?)?;
    Some((rest.strip_suffix(LINE_MIDDLE)?, hash))
}

impl Entry {
    /// Reads an exported line. It does not say whether the entry is genuine: that takes the whole chain.
    ///
    /// # Errors
    /// A line that is none of ours.
    pub fn of_line(line: &str) -> Result<(Self, String), serde_json::Error> {
        let (body, hash) = parts(line).ok_or_else(|| serde::de::Error::custom("this is no line of an audit log"))?;
        Ok((serde_json::from_str(body)?, hash.to_owned()))
    }
}
