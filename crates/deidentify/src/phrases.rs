//! Phrases of one or more words and what each stands for, kept so that a text is searched for all of them at once.
//!
//! A phrase is looked up by one hash over its words and what stands between them. Searching costs nothing at a word that
//! begins no phrase, and one look-up a word otherwise, however many phrases there are.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use crate::lexicon::finish;
use crate::scan::Scan;

/// No phrase has more words; in scripts without spaces each character is one.
pub(crate) const MOST_WORDS: usize = 100;

/// What may stand between two words: the code of a gap, none if the words cannot belong together.
pub(crate) type Gap = fn(&str) -> Option<u64>;

#[derive(Debug)]
pub(crate) struct Phrases<M> {
    entries: HashMap<u64, Entry<M>, BuildHasherDefault<Hashed>>,
    firsts: Firsts,
    gap: Gap,
}

/// The words with which phrases begin, one bit for each by the low bits of its hash: most words of a text begin no phrase.
#[derive(Debug)]
pub(crate) struct Firsts(Vec<u64>);

impl Firsts {
    /// `expected` is about how many phrases there will be.
    pub(crate) fn new(expected: usize) -> Self {
        let bits = (expected * 16).next_power_of_two().clamp(1 << 10, 1 << 20);
        Self(vec![0; bits / 64])
    }

    fn place(&self, hash: u64) -> (usize, u64) {
        let bit = hash as usize & (self.0.len() * 64 - 1);
        (bit / 64, 1 << (bit % 64))
    }

    pub(crate) fn add(&mut self, hash: u64) {
        let (slot, bit) = self.place(hash);
        self.0[slot] |= bit;
    }

    /// Whether a phrase may begin with the word of this hash.
    #[inline]
    pub(crate) fn may_have(&self, hash: u64) -> bool {
        let (slot, bit) = self.place(hash);
        self.0[slot] & bit != 0
    }
}

#[derive(Debug)]
struct Entry<M> {
    meaning: Option<M>,
    continues: bool,
}

impl<M> Phrases<M> {
    /// `expected` is about how many phrases will be inserted.
    pub(crate) fn new(gap: Gap, expected: usize) -> Self {
        Self { entries: HashMap::default(), firsts: Firsts::new(expected), gap }
    }

    /// Adds a phrase: each word's hash and the code of the gap in front of it. `join` makes one meaning of an earlier one and
    /// this one.
    pub(crate) fn insert(&mut self, words: &[(u64, u64)], meaning: M, join: impl FnOnce(M, M) -> M) {
        let [(_, first), ..] = words else { return };
        if words.len() > MOST_WORDS {
            return;
        }
        self.firsts.add(*first);
        let mut key = *first;
        for (gap, word) in &words[1..] {
            self.entries.entry(key).or_insert(Entry { meaning: None, continues: false }).continues = true;
            key = extend(key, *gap, *word);
        }
        let entry = self.entries.entry(key).or_insert(Entry { meaning: None, continues: false });
        entry.meaning = Some(match entry.meaning.take() {
            None => meaning,
            Some(earlier) => join(earlier, meaning),
        });
    }

    /// The meaning of exactly this phrase.
    pub(crate) fn meaning(&self, words: &[(u64, u64)]) -> Option<&M> {
        let [(_, first), rest @ ..] = words else { return None };
        let key = rest.iter().fold(*first, |key, (gap, word)| extend(key, *gap, *word));
        self.entries.get(&key)?.meaning.as_ref()
    }

    /// Calls `accept` with each phrase that begins at a word, from the shortest: the position of its last word and what it
    /// means.
    #[inline]
    pub(crate) fn at<'m>(&'m self, scan: &Scan<'_>, word: usize, mut accept: impl FnMut(usize, &'m M)) {
        let mut key = scan.words[word].hash;
        if !self.firsts.may_have(key) {
            return;
        }
        let mut last = word;
        while let Some(entry) = self.entries.get(&key) {
            if let Some(meaning) = &entry.meaning {
                accept(last, meaning);
            }
            if !entry.continues || last + 1 >= scan.words.len() {
                return;
            }
            let Some(gap) = (self.gap)(scan.gap_after(last)) else { return };
            last += 1;
            key = extend(key, gap, scan.words[last].hash);
        }
    }
}

/// The hash of a phrase with one more word.
fn extend(key: u64, gap: u64, word: u64) -> u64 {
    finish(key.rotate_left(21) ^ gap.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ word)
}

/// The keys are hashes already.
#[derive(Default)]
struct Hashed(u64);

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |hash, byte| crate::lexicon::step(hash, u64::from(*byte)));
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = value;
    }
}

/// The code of a gap that must stand exactly so.
pub(crate) fn exactly(gap: &str) -> Option<u64> {
    (gap.len() <= 4).then(|| crate::lexicon::hash(gap))
}

/// The words of an id and what stands between them, for a phrase with exact gaps.
pub(crate) fn exact_words(id: &str) -> Vec<(u64, u64)> {
    words_and_gaps(&Scan::of_words(id))
}

/// As `exact_words`, of an id that is read.
pub(crate) fn words_and_gaps(scan: &Scan<'_>) -> Vec<(u64, u64)> {
    (0..scan.words.len())
        .map(|word| {
            (if word == 0 { 0 } else { exactly(scan.gap_before(word)).unwrap_or_default() }, scan.words[word].hash)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_are_found_from_the_shortest() {
        let mut phrases = Phrases::new(exactly, 4);
        for (id, meaning) in [("a.b", 1), ("a.b-c", 2), ("x", 3), ("q..................r", 4)] {
            phrases.insert(&exact_words(id), meaning, |_, later| later);
        }
        let scan = Scan::new("A.B-C a_b x");
        let mut found = Vec::new();
        for word in 0..scan.words.len() {
            phrases.at(&scan, word, |last, meaning| found.push((word, last, *meaning)));
        }
        assert_eq!(found, [(0, 1, 1), (0, 2, 2), (5, 5, 3)]);
        assert_eq!(phrases.meaning(&exact_words("a.b")), Some(&1));
        assert_eq!(phrases.meaning(&exact_words("a")), None);
    }
}
