//! Walks a chain and says where it is broken.

use std::borrow::Cow;

use serde::Deserialize;
use thiserror::Error;

use crate::entry::parts;
use crate::sha256;

/// What the first entry of a chain carries as the hash before it.
pub const START: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// The last entry of a chain, which stands for all of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    pub sequence: i64,
    pub hash: String,
}

impl Head {
    /// Of a chain without entries.
    pub fn start() -> Self {
        Self { sequence: 0, hash: START.to_owned() }
    }
}

/// The first entry that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("entry {sequence}: {fault}")]
pub struct Broken {
    /// The number that the entry has, or would have.
    pub sequence: i64,
    pub fault: Fault,
}

/// What is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Fault {
    #[error("it cannot be read as an entry")]
    Unreadable,
    #[error("its content is not what was hashed when it was written")]
    Changed,
    #[error("entry {0} stands in its place: entries were dropped, put in or swapped")]
    OutOfOrder(i64),
    #[error("it does not follow from the entry before it")]
    Unlinked,
    #[error("it belongs to another log")]
    Foreign,
    #[error("the log ends before it, but {0} entries had been written")]
    CutOff(i64),
    #[error("it is not the entry that the signed checkpoint names: the log was written anew")]
    Rewritten,
}

/// What of an entry makes it a link. Everything else in it is covered by its hash.
#[derive(Deserialize)]
struct Link<'a> {
    #[serde(borrow)]
    previous: Cow<'a, str>,
    #[serde(borrow)]
    scope: Cow<'a, str>,
    sequence: i64,
}

/// Takes the lines of one log, in order.
#[derive(Debug)]
pub struct Chain {
    scope: String,
    head: Head,
    /// Heads that were known from elsewhere, by sequence, nearest last.
    known: Vec<Head>,
}

impl Chain {
    /// `known` are heads that the log is known to have had, for example from checkpoints.
    pub fn new(scope: &str, known: Vec<Head>) -> Self {
        Self::after(scope, Head::start(), known)
    }

    /// A part of a log, from the entry behind `head` on.
    pub fn after(scope: &str, head: Head, mut known: Vec<Head>) -> Self {
        known.sort_by_key(|head| std::cmp::Reverse(head.sequence));
        Self { scope: scope.to_owned(), head, known }
    }

    /// Checks the next line.
    ///
    /// # Errors
    /// What is wrong with it. The chain is of no use afterwards.
    pub fn next(&mut self, line: &str) -> Result<(), Broken> {
        let expected = self.head.sequence + 1;
        let broken = |fault| Err(Broken { sequence: expected, fault });
        let Some((body, hash)) = parts(line) else { return broken(Fault::Unreadable) };
        if sha256(body.as_bytes()) != hash {
            return broken(Fault::Changed);
        }
        let Ok(link) = serde_json::from_str::<Link<'_>>(body) else { return broken(Fault::Unreadable) };
        if link.scope != self.scope {
            return broken(Fault::Foreign);
        }
        if link.sequence != expected {
            return broken(Fault::OutOfOrder(link.sequence));
        }
        if link.previous != self.head.hash {
            return broken(Fault::Unlinked);
        }
        self.head.sequence = expected;
        hash.clone_into(&mut self.head.hash);
        while let Some(known) = self.known.pop_if(|known| known.sequence <= expected) {
            if known.sequence == expected && known.hash != self.head.hash {
                return broken(Fault::Rewritten);
            }
        }
        Ok(())
    }

    /// Ends the walk.
    ///
    /// # Errors
    /// [`Fault::CutOff`] if the log once had more entries than were given.
    pub fn end(self) -> Result<Head, Broken> {
        match self.known.first() {
            Some(longest) if longest.sequence > self.head.sequence => {
                Err(Broken { sequence: self.head.sequence + 1, fault: Fault::CutOff(longest.sequence) })
            }
            _ => Ok(self.head),
        }
    }

    pub fn head(&self) -> &Head {
        &self.head
    }
}
