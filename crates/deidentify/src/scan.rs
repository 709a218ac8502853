//! Reads a text once: its words, what the lexicon knows of them, and where the signs stand that detectors look for.
//!
//! This is the only pass over every byte; a detector starts from the words and signs collected here, so that its cost follows
//! what it looks for and not the length of the text.

use std::ops::Range;

use crate::lexicon::{self, Known};
use crate::words::{fold, is_invisible, stands_alone};

/// A run of letters and digits; in scripts without spaces a single character.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Word {
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// Of the folded word: equal for `Zoë`, `ZOE` and `zoe`.
    pub(crate) hash: u64,
    pub(crate) known: Known,
    pub(crate) shape: Shape,
    /// The bytes that touch the word, 0 at the ends of the text: most detectors need to look no further.
    pub(crate) before: u8,
    pub(crate) after: u8,
}

impl Word {
    /// Its length in bytes.
    pub(crate) fn len(&self) -> usize {
        self.end - self.start
    }
}

/// How a word is written, and whether it begins something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Shape(u16);

impl Shape {
    pub(crate) const LOWER: u16 = 1;
    pub(crate) const UPPER: u16 = 2;
    pub(crate) const DIGIT: u16 = 4;
    /// A letter of a script without case.
    pub(crate) const OTHER: u16 = 8;
    pub(crate) const FIRST_UPPER: u16 = 16;
    pub(crate) const FIRST_DIGIT: u16 = 32;
    /// A capital after the first character.
    pub(crate) const INNER_UPPER: u16 = 64;
    /// The first word of a line.
    pub(crate) const LINE: u16 = 128;
    /// The first word of a sentence, a line or a quotation.
    pub(crate) const SENTENCE: u16 = 256;
    /// Only one character.
    pub(crate) const SINGLE: u16 = 512;

    pub(crate) fn has(self, bits: u16) -> bool {
        self.0 & bits != 0
    }

    /// `Capital`: one capital, then small letters only.
    pub(crate) fn is_capitalised(self) -> bool {
        self.0 & (Self::FIRST_UPPER | Self::LOWER | Self::INNER_UPPER | Self::DIGIT) == Self::FIRST_UPPER | Self::LOWER
    }

    /// `SHOUTED`, at least two letters.
    pub(crate) fn is_shouted(self) -> bool {
        self.0 & (Self::INNER_UPPER | Self::LOWER | Self::DIGIT) == Self::INNER_UPPER
    }

    /// `McAdam`, `DeVries`: a capital inside and small letters after it, no digits.
    pub(crate) fn is_mixed(self) -> bool {
        self.0 & (Self::INNER_UPPER | Self::LOWER | Self::DIGIT | Self::FIRST_UPPER)
            == Self::INNER_UPPER | Self::LOWER | Self::FIRST_UPPER
    }

    /// Letters only, the first a capital.
    pub(crate) fn begins_with_capital(self) -> bool {
        self.has(Self::FIRST_UPPER) && !self.has(Self::DIGIT)
    }

    /// Small letters only.
    pub(crate) fn is_lower(self) -> bool {
        self.0 & (Self::LOWER | Self::UPPER | Self::DIGIT | Self::OTHER) == Self::LOWER
    }

    /// Digits only.
    pub(crate) fn is_number(self) -> bool {
        self.0 & (Self::LOWER | Self::UPPER | Self::DIGIT | Self::OTHER) == Self::DIGIT
    }
}

/// A text, read.
#[derive(Debug)]
pub(crate) struct Scan<'t> {
    pub(crate) text: &'t str,
    pub(crate) words: Vec<Word>,
    /// Where each `@` stands.
    pub(crate) ats: Vec<usize>,
    /// Where each `:` of a `://` stands.
    pub(crate) schemes: Vec<usize>,
    /// Words with a digit, by position in `words`.
    pub(crate) figures: Vec<usize>,
    /// Words that no white space or punctuation of a sentence follows, but a sign that may tie them to something.
    pub(crate) tied: Vec<usize>,
    /// Words that the lexicon knows as a cue of some kind, by position in `words`.
    pub(crate) cues: Vec<usize>,
}

/// What a byte does to the reading.
const SEPARATOR: u8 = 0;
const SMALL: u8 = 1;
const CAPITAL: u8 = 2;
const FIGURE: u8 = 3;
const WIDE: u8 = 4;
const NEWLINE: u8 = 5;
const STOP: u8 = 6;
const AT: u8 = 7;
const COLON: u8 = 8;
const SPACE: u8 = 9;

const CLASSES: [u8; 256] = {
    let mut classes = [SEPARATOR; 256];
    let mut at = 0;
    while at < 256 {
        classes[at] = match at as u8 {
            b'a'..=b'z' => SMALL,
            b'A'..=b'Z' => CAPITAL,
            b'0'..=b'9' => FIGURE,
            128..=255 => WIDE,
            b'\n' | b'\r' => NEWLINE,
            b'.' | b'!' | b'?' | b'*' | b'#' | b'"' | b'|' | b'>' | b'{' | b'}' => STOP,
            b'@' => AT,
            b':' => COLON,
            b' ' | b'\t' => SPACE,
            _ => SEPARATOR,
        };
        at += 1;
    }
    classes
};

/// The signs behind a word that tie it to something, unlike white space and the punctuation that every sentence has.
const TIES: [bool; 256] = {
    let mut ties = [false; 256];
    let mut at = 33;
    while at < 128 {
        ties[at] = !matches!(at as u8, b',' | b'!' | b'?' | b';');
        at += 1;
    }
    ties
};

/// What an ASCII letter or digit says of a word that begins with it, and what one further inside does; nothing else says
/// anything.
const FIRST: [u16; 256] = shapes(Shape::UPPER | Shape::FIRST_UPPER, Shape::DIGIT | Shape::FIRST_DIGIT);
const INNER: [u16; 256] = shapes(Shape::UPPER | Shape::INNER_UPPER, Shape::DIGIT);

const fn shapes(capital: u16, figure: u16) -> [u16; 256] {
    let mut shapes = [0; 256];
    let mut at = 0;
    while at < 256 {
        shapes[at] = match CLASSES[at] {
            SMALL => Shape::LOWER,
            CAPITAL => capital,
            FIGURE => figure,
            _ => 0,
        };
        at += 1;
    }
    shapes
}

impl<'t> Scan<'t> {
    /// Reads `text`. Linear, whatever the text is.
    pub(crate) fn new(text: &'t str) -> Self {
        let mut scan = Self::of_words(text);
        scan.look_up();
        scan
    }

    /// Reads only which words there are, and nothing of what the lexicon knows of them.
    pub(crate) fn of_words(text: &'t str) -> Self {
        let mut scan = Self {
            text,
            words: Vec::with_capacity(text.len() / 5),
            ats: Vec::new(),
            schemes: Vec::new(),
            figures: Vec::new(),
            tied: Vec::new(),
            cues: Vec::new(),
        };
        scan.read();
        scan
    }

    fn read(&mut self) {
        let bytes = self.text.as_bytes();
        let mut at = 0;
        let mut begins = Shape::LINE | Shape::SENTENCE;
        while at < bytes.len() {
            match CLASSES[usize::from(bytes[at])] {
                SMALL | CAPITAL | FIGURE => {
                    at = self.word(at, begins);
                    begins = 0;
                    continue;
                }
                WIDE => {
                    let Some(c) = self.text[at..].chars().next() else { break };
                    if c.is_alphanumeric() {
                        at = self.word(at, begins);
                        begins = 0;
                    } else {
                        if matches!(c, '\u{2022}' | '\u{201C}' | '\u{201E}' | '\u{00AB}' | '\u{3002}' | '\u{2013}') {
                            begins |= Shape::SENTENCE;
                        }
                        at += c.len_utf8();
                    }
                    continue;
                }
                NEWLINE => begins = Shape::LINE | Shape::SENTENCE,
                STOP => begins |= Shape::SENTENCE,
                AT => self.ats.push(at),
                COLON => {
                    begins |= Shape::SENTENCE;
                    if bytes[at + 1..].starts_with(b"//") {
                        self.schemes.push(at);
                    }
                }
                _ => {}
            }
            at += 1;
        }
    }

    /// Reads the word at `start` and returns where it ends.
    #[inline]
    fn word(&mut self, start: usize, begins: u16) -> usize {
        let bytes = self.text.as_bytes();
        let mut shape = begins | FIRST[usize::from(bytes[start])];
        let mut end = start + 1;
        while let Some(byte) = bytes.get(end) {
            let says = INNER[usize::from(*byte)];
            if says == 0 {
                if *byte >= 128 {
                    return self.wide_word(start, begins);
                }
                break;
            }
            shape |= says;
            end += 1;
        }
        self.push(start, end, lexicon::hash_ascii(bytes, start, end), shape, end - start);
        end
    }

    /// Reads a word with characters outside ASCII in it or behind it.
    fn wide_word(&mut self, start: usize, begins: u16) -> usize {
        let mut shape = begins;
        let mut end = start;
        let mut letters = 0_usize;
        for (at, c) in self.text[start..].char_indices() {
            let at = start + at;
            if is_invisible(c) {
                // Part of the word only if more of it follows.
                if matches!(c, '\u{0300}'..='\u{036F}') {
                    end = at + c.len_utf8();
                }
                continue;
            }
            let alone = stands_alone(c);
            if !c.is_alphanumeric() || (alone && letters > 0) {
                break;
            }
            shape |= if c.is_uppercase() {
                Shape::UPPER | if letters == 0 { Shape::FIRST_UPPER } else { Shape::INNER_UPPER }
            } else if c.is_lowercase() {
                Shape::LOWER
            } else if c.is_ascii_digit() {
                Shape::DIGIT | if letters == 0 { Shape::FIRST_DIGIT } else { 0 }
            } else {
                Shape::OTHER
            };
            letters += 1;
            end = at + c.len_utf8();
            if alone {
                break;
            }
        }
        self.push(start, end, lexicon::hash(&fold(&self.text[start..end])), shape, letters);
        end
    }

    #[inline]
    fn push(&mut self, start: usize, end: usize, hash: u64, shape: u16, letters: usize) {
        let bytes = self.text.as_bytes();
        self.words.push(Word {
            start,
            end,
            hash,
            known: Known::default(),
            shape: Shape(if letters == 1 { shape | Shape::SINGLE } else { shape }),
            before: if start == 0 { 0 } else { bytes[start - 1] },
            after: bytes.get(end).copied().unwrap_or(0),
        });
    }

    /// Looks up what is known of all words, apart from reading them: the lexicon is larger than the processor's cache, and so
    /// no look-up has to wait for another.
    fn look_up(&mut self) {
        let lexicon = lexicon::table();
        for word in &mut self.words {
            if !word.shape.has(Shape::DIGIT) {
                word.known = lexicon.get(word.hash);
            }
        }
        self.cues.reserve(self.words.len() / 4);
        self.tied.reserve(self.words.len() / 4);
        let bytes = self.text.as_bytes();
        for (at, word) in self.words.iter_mut().enumerate() {
            if word.shape.has(Shape::DIGIT) {
                self.figures.push(at);
            }
            if TIES[usize::from(word.after)] {
                self.tied.push(at);
            }
            if word.known.is_cue() {
                self.cues.push(at);
            }
            // `Håkans`, `Ankes`: a name with the ending of a possessive.
            if word.known == Known::default() && word.shape.has(Shape::FIRST_UPPER) && bytes[word.end - 1] == b's' {
                let stem = &self.text[word.start..word.end - 1];
                if stem.chars().filter(|c| !is_invisible(*c)).count() > 2 {
                    word.known = lexicon.get(lexicon::hash(&fold(stem))).as_possessive();
                }
            }
        }
    }

    /// Words that begin with a digit, by position in `words`.
    pub(crate) fn numbers(&self) -> impl Iterator<Item = usize> {
        self.figures.iter().copied().filter(|at| self.words[*at].shape.has(Shape::FIRST_DIGIT))
    }

    /// Words with a sign directly behind them that may tie them to something.
    pub(crate) fn tied_words(&self) -> impl Iterator<Item = &Word> {
        self.tied.iter().map(|at| &self.words[*at])
    }

    pub(crate) fn word_text(&self, word: usize) -> &'t str {
        &self.text[self.words[word].start..self.words[word].end]
    }

    /// What stands between a word and the one before it; the beginning of the text for the first.
    #[inline]
    pub(crate) fn gap_before(&self, word: usize) -> &'t str {
        let from = if word == 0 { 0 } else { self.words[word - 1].end };
        &self.text[from..self.words[word].start]
    }

    /// What stands between a word and the next; the end of the text for the last.
    #[inline]
    pub(crate) fn gap_after(&self, word: usize) -> &'t str {
        let to = self.words.get(word + 1).map_or(self.text.len(), |next| next.start);
        &self.text[self.words[word].end..to]
    }

    /// The words that touch a range of bytes.
    pub(crate) fn words_in(&self, range: Range<usize>) -> &[Word] {
        let first = self.words.partition_point(|word| word.end <= range.start);
        let last = self.words.partition_point(|word| word.start < range.end);
        &self.words[first..last.max(first)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::words;

    #[test]
    fn words_and_hashes_are_those_of_the_folded_text() {
        let text = "Zoë's (e-mail) a_b, 3.4! 请问李华ok Łukasz In\u{200B}es Zoe\u{308} STRAUẞ x\u{200B} 9Lives";
        let scan = Scan::new(text);
        let ranges: Vec<_> = scan.words.iter().map(|word| word.start..word.end).collect();
        assert_eq!(ranges, words(text).collect::<Vec<_>>());
        for word in &scan.words {
            assert_eq!(word.hash, lexicon::hash(&fold(&text[word.start..word.end])));
        }
    }

    #[test]
    fn shapes_tell_how_a_word_is_written() {
        let scan = Scan::new("Ines OKAFOR mcAdam McAdam A x9 9 Élan");
        let is = |test: fn(Shape) -> bool| -> Vec<usize> {
            (0..scan.words.len()).filter(|at| test(scan.words[*at].shape)).collect()
        };
        assert_eq!(is(Shape::is_capitalised), [0, 7]);
        assert_eq!(is(Shape::is_shouted), [1]);
        assert_eq!(is(Shape::is_mixed), [3]);
        assert_eq!(is(Shape::is_number), [6]);
        assert_eq!(scan.figures, [5, 6]);
        assert_eq!(scan.numbers().collect::<Vec<_>>(), [6]);
    }

    #[test]
    fn signs_and_beginnings_are_noted() {
        let scan = Scan::new("See a@b or http://x. Then\nnext");
        assert_eq!((scan.ats.as_slice(), scan.schemes.as_slice()), (&[5][..], &[15][..]));
        let begins: Vec<&str> = (0..scan.words.len())
            .filter(|at| scan.words[*at].shape.has(Shape::SENTENCE))
            .map(|at| scan.word_text(at))
            .collect();
        assert_eq!(begins, ["See", "x", "Then", "next"]);
    }
}
