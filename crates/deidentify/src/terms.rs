//! The terms of an organisation, ready to be looked for.

use std::ops::Range;

use crate::Kind;
use crate::detect::{Candidate, Detector};
use crate::dictionary::Dictionary;
use crate::phrases::Phrases;
use crate::placeholders::Identity;
use crate::scan::Scan;
use crate::words::{fold, folded_words};

static ALWAYS: Detector = Detector::new("term.always", Kind::Term, 100, "The organisation always removes this term.");

/// How a term is compared: its words folded, one space between. Two terms that compare equal are one.
pub fn term_key(term: &str) -> String {
    folded_words(term).join(" ")
}

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

#[cfg(test)]
mod tests {
    use super::*;

    fn removed(term: &str, text: &str) -> bool {
        let dictionary = Dictionary { always: vec![term.to_owned()], never: Vec::new() };
        let mut found = Vec::new();
        Terms::new(&dictionary).find(&Scan::new(text), &mut found);
        !found.is_empty()
    }

    #[test]
    fn a_term_is_found_however_it_is_joined_and_however_long_it_is() {
        assert!(removed("Blue Falcon", "the BLUE_FALCON-launch") && removed("blue-falcon", "Blue Fálcon"));
        assert!(!removed("Blue Falcon", "blue, then falcon") && !removed("Falcon", "Falconer"));
        let long = "one two three four five six seven eight nine ten";
        assert!(
            removed(long, &format!("x {long} y"))
                && removed("社内限定計画十二三四五六", "は社内限定計画十二三四五六です")
        );
    }

    #[test]
    fn what_compares_equal_is_one_term() {
        assert_eq!(term_key(" Blue-Fálcon "), "blue falcon");
        assert_eq!(term_key("++"), "");
    }
}
