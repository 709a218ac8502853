//! The terms of an organisation, ready to be looked for.

use std::ops::Range;

use crate::Kind;
use crate::detect::{Candidate, Detector};
use crate::dictionary::Dictionary;
use crate::phrases::Phrases;
use crate::placeholders::Identity;
use crate::scan::Scan;
use crate::words::fold;

static ALWAYS: Detector = Detector::new("term.always", Kind::Term, 100, "The organisation always removes this term.");

#[derive(Debug)]
pub(crate) struct Terms {
    phrases: Phrases<bool>,
    is_empty: bool,
}

impl Terms {
    pub(crate) fn new(dictionary: &Dictionary) -> Self {
        let mut phrases = Phrases::new(gap, dictionary.always.len() + dictionary.never.len());
        let terms =
            dictionary.never.iter().map(|term| (term, false)).chain(dictionary.always.iter().map(|term| (term, true)));
        for (term, remove) in terms {
            let scan = Scan::new(term);
            let words: Vec<(u64, u64)> =
                (0..scan.words.len()).map(|at| (u64::from(at > 0), scan.words[at].hash)).collect();
            phrases.insert(&words, remove, |_, later| later);
        }
        Self { phrases, is_empty: dictionary.always.is_empty() && dictionary.never.is_empty() }
    }

    /// Adds the terms that are always removed to `found`; returns where those stand that never are.
    pub(crate) fn find(&self, scan: &Scan<'_>, found: &mut Vec<Candidate>) -> Vec<Range<usize>> {
        let mut kept = Vec::new();
        if self.is_empty {
            return kept;
        }
        for first in 0..scan.words.len() {
            self.phrases.at(scan, first, |last, remove| {
                let (start, end) = (scan.words[first].start, scan.words[last].end);
                if *remove {
                    let identity = Identity::Text(fold(&scan.text[start..end]));
                    found.push(Candidate { start, end, detector: &ALWAYS, identity });
                } else {
                    kept.push(start..end);
                }
            });
        }
        kept
    }
}

/// The words of a term may be joined in any usual way: `Blue Falcon`, `blue-falcon`, `BLUE_FALCON`.
fn gap(gap: &str) -> Option<u64> {
    let light = |c: char| c.is_whitespace() || matches!(c, '-' | '_' | '.' | '\'' | '’' | '/' | '&');
    (gap.chars().take(4).count() <= 3 && gap.chars().all(light)).then_some(1)
}
