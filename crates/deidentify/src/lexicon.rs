//! What is known of single words in any organisation: names, ordinary words, places, things, and the words that announce an
//! identifier.
//!
//! The lists are checked in under `lists/` and `src/lexicon/`, folded; a word is looked up by its hash, once for each time it
//! stands in a text. Two words that share a 64-bit hash would share what is known of them; no two of the lists do (a test
//! sees to it).

use std::sync::LazyLock;

mod cues;

/// What is known of a word; several may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Known(u32);

impl Known {
    /// A given name somewhere.
    pub(crate) const GIVEN: u32 = 1;
    /// A family name somewhere.
    pub(crate) const FAMILY: u32 = 1 << 1;
    /// An ordinary English word.
    pub(crate) const WORD: u32 = 1 << 2;
    /// A product, a language, a month, a word of the trade: capitalised but nobody.
    pub(crate) const THING: u32 = 1 << 3;
    pub(crate) const PLACE: u32 = 1 << 4;
    /// An article, a pronoun, a preposition or the like in one of the main languages: no part of a name.
    pub(crate) const FUNCTION: u32 = 1 << 5;
    /// `van`, `de`, `bin`: may stand inside a name in small letters.
    pub(crate) const PARTICLE: u32 = 1 << 6;
    /// `Mr`, `Frau`, `Dr`: a name follows.
    pub(crate) const HONORIFIC: u32 = 1 << 7;
    /// `hi`, `cc`, `thanks`, `ping`, `by`: a name may follow.
    pub(crate) const BEFORE_NAME: u32 = 1 << 8;
    /// `said`, `asked`, `reported`: a name may stand in front.
    pub(crate) const AFTER_NAME: u32 = 1 << 9;
    /// `from`, `author`, `reporter`, `contact`: as a label with a colon, a person follows.
    pub(crate) const PERSON_LABEL: u32 = 1 << 10;
    /// `user`, `login`, `owner`, `chown`: a user name may follow.
    pub(crate) const USER_LABEL: u32 = 1 << 11;
    /// `password`, `token`, `apikey`: a secret may follow.
    pub(crate) const SECRET_LABEL: u32 = 1 << 12;
    /// `phone`, `tel`, `handy`: a phone number may follow.
    pub(crate) const PHONE_LABEL: u32 = 1 << 13;
    /// `ssn`, `pesel`, `passport`: a national id may follow.
    pub(crate) const ID_LABEL: u32 = 1 << 14;
    /// `street`, `avenue`, `rue`, `calle`: part of a street address.
    pub(crate) const STREET: u32 = 1 << 15;
    /// `ip`, `host`, `server`, `from`: an IP address may follow.
    pub(crate) const HOST_LABEL: u32 = 1 << 16;
    /// `version`, `sdk`, `release`: a version may follow.
    pub(crate) const VERSION_LABEL: u32 = 1 << 17;
    /// `card`, `visa`, `iban`: a payment number may follow.
    pub(crate) const PAYMENT_LABEL: u32 = 1 << 18;
    /// A function word of German, where every noun is capitalised.
    pub(crate) const GERMAN: u32 = 1 << 19;
    /// One of the given names that hardly anything else is called by.
    pub(crate) const COMMON_GIVEN: u32 = 1 << 20;

    /// A frequent given name that is an everyday word as well: Mark, Rose, Will.
    pub(crate) const AMBIGUOUS_GIVEN: u32 = 1 << 21;
    /// `hi`, `cc`, `thanks`: hardly anything but a name follows.
    pub(crate) const CLOSE: u32 = 1 << 22;

    /// `address`, `lives`, `located`: a place may follow.
    pub(crate) const ADDRESS_LABEL: u32 = 1 << 23;

    const CUES: u32 = Self::HONORIFIC
        | Self::BEFORE_NAME
        | Self::AFTER_NAME
        | Self::PERSON_LABEL
        | Self::USER_LABEL
        | Self::SECRET_LABEL
        | Self::PHONE_LABEL
        | Self::ID_LABEL
        | Self::STREET
        | Self::PAYMENT_LABEL;

    pub(crate) fn has(self, bits: u32) -> bool {
        self.0 & bits != 0
    }

    /// Whether the word announces something, so that detectors should look around it.
    pub(crate) fn is_cue(self) -> bool {
        self.has(Self::CUES)
    }

    /// What a possessive form keeps of the word itself: only that it is a given name.
    pub(crate) fn as_possessive(self) -> Self {
        if self.has(Self::WORD) { Self(0) } else { Self(self.0 & (Self::GIVEN | Self::COMMON_GIVEN)) }
    }

    pub(crate) fn is_name(self) -> bool {
        self.has(Self::GIVEN | Self::FAMILY)
    }

    /// Whether the word is an everyday one, so that alone it points at nobody.
    pub(crate) fn is_ordinary(self) -> bool {
        self.has(Self::WORD | Self::THING | Self::PLACE | Self::FUNCTION)
    }
}

/// The hash of no letters.
pub(crate) const SEED: u64 = 0x9E37_79B9_7F4A_7C15;

/// The hash after up to eight more bytes of a folded word, the first of them lowest.
#[inline]
pub(crate) const fn step(hash: u64, bytes: u64) -> u64 {
    let mixed = (hash ^ bytes).wrapping_mul(0xD6E8_FEB8_6659_FD93);
    mixed ^ (mixed >> 32)
}

/// Spreads a finished hash over all its bits.
#[inline]
pub(crate) const fn finish(hash: u64) -> u64 {
    let mixed = (hash ^ (hash >> 32)).wrapping_mul(0xD6E8_FEB8_6659_FD93);
    mixed ^ (mixed >> 29)
}

/// The hash of a folded word.
pub(crate) const fn hash(folded: &str) -> u64 {
    let bytes = folded.as_bytes();
    let mut hash = SEED;
    let mut at = 0;
    while at < bytes.len() {
        let mut eight = 0;
        let mut place = 0;
        while place < 8 && at + place < bytes.len() {
            eight |= (bytes[at + place] as u64) << (8 * place);
            place += 1;
        }
        hash = step(hash, eight);
        at += 8;
    }
    finish(hash)
}

/// The hash of a word in ASCII letters and digits, `text[start..end]`, as if it were folded.
#[inline]
pub(crate) fn hash_ascii(text: &[u8], start: usize, end: usize) -> u64 {
    // The bit that small letters and digits have and capitals lack.
    const SMALL: u64 = 0x2020_2020_2020_2020;
    let mut hash = SEED;
    let mut at = start;
    while at < end {
        let len = (end - at).min(8);
        let eight = match text[at..].first_chunk::<8>() {
            Some(eight) => (u64::from_le_bytes(*eight) | SMALL) & (u64::MAX >> (64 - 8 * len)),
            None => text[at..at + len].iter().rev().fold(0, |eight, b| eight << 8 | u64::from(*b | 0x20)),
        };
        hash = step(hash, eight);
        at += 8;
    }
    finish(hash)
}

/// Reads the lists now, so that no text waits for it.
pub(crate) fn prepare() {
    LazyLock::force(&TABLE);
}

/// Everything that is known of words.
#[inline]
pub(crate) fn table() -> &'static Table {
    &TABLE
}

/// Names, each behind `g` (given), `s` (family) or `b` (both).
const NAMES: &str = include_str!("../lists/names.txt");
const MORE_NAMES: &str = include_str!("../lists/more_names.txt");
const WORDS: &str = include_str!("../lists/words.txt");
const PLACES: &str = include_str!("../lists/places.txt");
const THINGS: &str = include_str!("../lists/things.txt");
const COMMON_GIVEN: &str = include_str!("../lists/common_given_names.txt");
const AMBIGUOUS_GIVEN: &str = include_str!("../lists/ambiguous_given_names.txt");

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut table = Table::new();
    for line in NAMES.lines().chain(MORE_NAMES.lines()) {
        let (kind, name) = line.split_at(1);
        let bits = match kind {
            "g" => Known::GIVEN,
            "s" => Known::FAMILY,
            _ => Known::GIVEN | Known::FAMILY,
        };
        table.add(name, bits);
    }
    for (list, bits) in [
        (WORDS, Known::WORD),
        (PLACES, Known::PLACE),
        (THINGS, Known::THING),
        (COMMON_GIVEN, Known::COMMON_GIVEN | Known::GIVEN),
        (AMBIGUOUS_GIVEN, Known::AMBIGUOUS_GIVEN | Known::GIVEN),
    ] {
        for word in list.lines() {
            table.add(word, bits);
        }
    }
    for (list, bits) in cues::ALL {
        for word in list.split_whitespace() {
            table.add(word, *bits);
        }
    }
    table
});

/// A fixed table of hashes, never more than half full.
pub(crate) struct Table {
    slots: Vec<(u32, Known)>,
}

const SLOTS: usize = 1 << 18;

impl Table {
    fn new() -> Self {
        Self { slots: vec![(0, Known(0)); SLOTS] }
    }

    /// The slot of a hash, or the free one where it belongs, and what the slot keeps of the hash.
    fn slot(&self, hash: u64) -> (usize, u32) {
        let mark = (hash >> 32) as u32;
        let mut at = hash as usize & (SLOTS - 1);
        while self.slots[at].1 != Known(0) && self.slots[at].0 != mark {
            at = (at + 1) & (SLOTS - 1);
        }
        (at, mark)
    }

    fn add(&mut self, word: &str, bits: u32) {
        let (at, mark) = self.slot(hash(word));
        self.slots[at] = (mark, Known(self.slots[at].1.0 | bits));
    }

    /// What is known of the word with this hash.
    #[inline]
    pub(crate) fn get(&self, hash: u64) -> Known {
        self.slots[self.slot(hash).0].1
    }
}

/// What is known of a folded word.
pub(crate) fn look_up(folded: &str) -> Known {
    let hash = if folded.is_ascii() { hash_ascii(folded.as_bytes(), 0, folded.len()) } else { hash(folded) };
    TABLE.get(hash)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::words::fold;

    fn every_word() -> impl Iterator<Item = &'static str> {
        let names = NAMES.lines().chain(MORE_NAMES.lines()).map(|line| &line[1..]);
        let lists = [WORDS, PLACES, THINGS, COMMON_GIVEN, AMBIGUOUS_GIVEN].into_iter().flat_map(str::lines);
        names.chain(lists).chain(cues::ALL.iter().flat_map(|(list, _)| list.split_whitespace()))
    }

    #[test]
    fn no_two_words_share_a_hash_and_all_are_folded() {
        let mut seen = HashMap::new();
        for word in every_word() {
            assert_eq!(fold(word), word);
            let hash = hash(word);
            let place = (hash as usize & (SLOTS - 1), hash >> 32);
            assert_eq!(*seen.entry(hash).or_insert(word), word, "{place:?}");
        }
        assert!(seen.len() * 2 < SLOTS, "{} words are too many for the table", seen.len());
    }

    #[test]
    fn the_lists_say_what_a_word_is() {
        assert!(look_up("maria").has(Known::GIVEN) && !look_up("maria").is_ordinary());
        assert!(look_up("grace").is_name() && look_up("grace").is_ordinary());
        assert!(look_up("jenkins").has(Known::FAMILY) && look_up("jenkins").has(Known::THING));
        assert!(look_up("password").has(Known::SECRET_LABEL) && look_up("cc").is_cue());
        assert_eq!(look_up("xqzzk"), Known(0));
    }
}
