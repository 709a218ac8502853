//! How much of the marked text an engine covers. Only letters and digits count, and any kind of finding covers them.

use std::collections::HashMap;
use std::ops::Range;

use crate::sets::Gold;

pub const KINDS: [&str; 6] = ["PERSON", "HANDLE", "EMAIL", "PHONE", "IP", "SECRET"];

/// What is marked in some sets and identifies nobody by itself.
const NOBODY: [&str; 4] = ["URL", "MAC", "ORG", "LOCATION"];

#[derive(Debug, Default)]
pub struct Score {
    by_label: HashMap<String, Share>,
    identifiers: Share,
    other_words: Share,
}

#[derive(Debug, Default, Clone, Copy)]
struct Share {
    covered: usize,
    all: usize,
}

impl Share {
    fn add(&mut self, covered: bool) {
        self.covered += usize::from(covered);
        self.all += 1;
    }

    fn percent(self) -> Option<f64> {
        (self.all > 0).then(|| 100.0 * self.covered as f64 / self.all as f64)
    }
}

impl Score {
    /// `found` counts code points, as the marks do.
    pub fn add(&mut self, gold: &Gold, found: &[Range<usize>]) {
        let chars: Vec<char> = gold.text.chars().collect();
        let mut covered = vec![false; chars.len()];
        for range in found {
            covered[range.start.min(chars.len())..range.end.min(chars.len())].fill(true);
        }
        let mut marked = vec![false; chars.len()];
        for span in &gold.spans {
            marked[span.chars()].fill(true);
            if span.label.starts_with("IGNORE") {
                continue;
            }
            let of_label = self.by_label.entry(span.label.clone()).or_default();
            for at in span.chars().filter(|&at| chars[at].is_alphanumeric()) {
                of_label.add(covered[at]);
                if !NOBODY.contains(&span.label.as_str()) {
                    self.identifiers.add(covered[at]);
                }
            }
        }
        let mut at = 0;
        for word in chars.chunk_by(|&a, &b| in_word(a) == in_word(b)) {
            let range = at..at + word.len();
            at = range.end;
            if in_word(word[0]) && !marked[range.clone()].contains(&true) {
                self.other_words.add(covered[range].contains(&true));
            }
        }
    }

    /// Share of a kind's characters that are covered, in percent.
    pub fn recall(&self, label: &str) -> Option<f64> {
        self.by_label.get(label).copied().unwrap_or_default().percent()
    }

    /// Share of all identifiers' characters that stay.
    pub fn leak(&self) -> Option<f64> {
        self.identifiers.percent().map(|covered| 100.0 - covered)
    }

    /// Share of the other words that are covered at least in part.
    pub fn over(&self) -> Option<f64> {
        self.other_words.percent()
    }
}

fn in_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}
