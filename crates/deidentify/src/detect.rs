//! The detectors: each looks for one form of identifier in a text and knows nothing of the others.
//!
//! A detector must be linear in the text whatever the text is, must give character boundaries, and must not eat the mark-up
//! around an identifier (`<`, `>`, `"`, `]`, `|`), so that wiki text and storage format stay valid.

pub(crate) mod account_id;
pub(crate) mod address;
pub(crate) mod address_block;
pub(crate) mod email;
pub(crate) mod handle;
pub(crate) mod ip;
pub(crate) mod mac;
pub(crate) mod mention;
pub(crate) mod national_id;
pub(crate) mod payment;
pub(crate) mod phone;
pub(crate) mod secret;
pub(crate) mod url;

use crate::Kind;
use crate::placeholders::Identity;
use crate::scan::Scan;

/// A rule by which something is taken for personal data.
#[derive(Debug, PartialEq, Eq)]
pub struct Detector {
    /// Stable, with the kind of evidence behind a dot: `phone.cue`.
    pub(crate) id: &'static str,
    pub(crate) kind: Kind,
    /// One sentence for a person.
    pub(crate) evidence: &'static str,
    /// How sure the rule is, in percent.
    pub(crate) score: u8,
}

/// What one detector found; several may overlap.
#[derive(Debug, Clone)]
pub(crate) struct Candidate {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) detector: &'static Detector,
    pub(crate) identity: Identity,
}

impl Detector {
    pub const fn new(id: &'static str, kind: Kind, score: u8, evidence: &'static str) -> Self {
        Self { id, kind, evidence, score }
    }
}

impl Candidate {
    pub(crate) fn len(&self) -> usize {
        self.end - self.start
    }
}

/// Every identifier that shows itself by its form, in no order.
pub(crate) fn find(scan: &Scan<'_>) -> Vec<Candidate> {
    let mut found = Vec::new();
    mention::find(scan, &mut found);
    email::find(scan, &mut found);
    url::find(scan, &mut found);
    account_id::find(scan, &mut found);
    phone::find(scan, &mut found);
    ip::find(scan, &mut found);
    handle::find(scan, &mut found);
    secret::find(scan, &mut found);
    payment::find(scan, &mut found);
    address::find(scan, &mut found);
    address_block::find(scan, &mut found);
    mac::find(scan, &mut found);
    national_id::find(scan, &mut found);
    found
}

/// The character that ends just before `at`.
#[inline]
fn before(text: &str, at: usize) -> Option<char> {
    match *text.as_bytes().get(at.checked_sub(1)?)? {
        byte if byte.is_ascii() => Some(char::from(byte)),
        _ => text[..at].chars().next_back(),
    }
}

/// The character that starts at `at`.
#[inline]
fn after(text: &str, at: usize) -> Option<char> {
    match *text.as_bytes().get(at)? {
        byte if byte.is_ascii() => Some(char::from(byte)),
        _ => text[at..].chars().next(),
    }
}

/// Whether `c` continues a word, so that an identifier cannot begin or end beside it.
fn in_word(c: Option<char>) -> bool {
    c.is_some_and(|c| c == '_' || c.is_alphanumeric())
}

/// What a detector finds in a text, without what stands inside another find.
#[cfg(test)]
pub(crate) fn texts(find: fn(&Scan<'_>, &mut Vec<Candidate>), text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    find(&Scan::new(text), &mut found);
    found.sort_by_key(|candidate| (candidate.start, std::cmp::Reverse(candidate.end)));
    let mut end = 0;
    found.retain(|candidate| {
        let reaches_on = candidate.end > end;
        end = end.max(candidate.end);
        reaches_on
    });
    found.iter().map(|candidate| &text[candidate.start..candidate.end]).collect()
}
