//! Content attributes: what is computed from a text instead of handing it on.
//!
//! Each is a number or one of a few classes, so coarse that nothing of the text can be read back. What the text feels like is
//! none of them.

use std::collections::HashSet;
use std::sync::LazyLock;

use serde::Serialize;

use crate::lexicon::{self, Known};
use crate::scan::{Scan, Shape};
use crate::{Text, markup};

/// What is known of one text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Attributes {
    pub length: Length,
    /// Flesch reading ease for English text, from 0 (hard) to 100 (easy), in steps of ten; none for texts of fewer than ten
    /// words or in other languages.
    pub readability: Option<u8>,
    pub complexity: Complexity,
    pub task: Task,
}

/// How long a text is, in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Length {
    /// Fewer than 10.
    Line,
    /// Fewer than 50.
    Paragraph,
    /// Fewer than 300.
    Page,
    /// 300 or more.
    Document,
}

impl Length {
    /// The class in one word.
    pub fn id(self) -> &'static str {
        match self {
            Self::Line => "line",
            Self::Paragraph => "paragraph",
            Self::Page => "page",
            Self::Document => "document",
        }
    }
}

/// How many things a text touches: lists, code, numbers, long sentences.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Complexity {
    Low,
    Medium,
    High,
}

impl Complexity {
    /// The class in one word.
    pub fn id(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// What kind of work a text speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Task {
    Defect,
    Feature,
    Question,
    Access,
    Documentation,
    Change,
    Other,
}

impl Task {
    /// The class in one word.
    pub fn id(self) -> &'static str {
        match self {
            Self::Defect => "defect",
            Self::Feature => "feature",
            Self::Question => "question",
            Self::Access => "access",
            Self::Documentation => "documentation",
            Self::Change => "change",
            Self::Other => "other",
        }
    }
}

/// The words that speak for each kind of work, folded.
const SIGNS: &[(Task, &str)] = &[
    (
        Task::Defect,
        "bug error errors fail fails failed failing failure crash crashes crashed exception broken wrong incorrect issue fix fixed regression leak hang \
         hangs freeze freezes stacktrace reproduce reproduced steps fehler defekt erreur",
    ),
    (
        Task::Feature,
        "add support feature allow able enable option implement new request improve improvement enhancement would like want extend provide",
    ),
    (Task::Question, "how why what when where question help anyone possible wondering understand explain advice"),
    (
        Task::Access,
        "access permission permissions login account password reset grant granted role invite locked credentials license vpn laptop onboarding",
    ),
    (
        Task::Documentation,
        "document documentation docs readme guide manual tutorial page article translate translation describe typo wiki",
    ),
    (
        Task::Change,
        "deploy deployment release upgrade migrate migration update rollout rollback maintenance schedule configure configuration",
    ),
];

/// Where in the signs each word stands, in the order of the words' hashes.
static SIGNS_BY_HASH: LazyLock<Vec<(u64, usize)>> = LazyLock::new(|| {
    let signs = SIGNS.iter().enumerate();
    let words = signs.flat_map(|(at, (_, words))| words.split_whitespace().map(move |word| (lexicon::hash(word), at)));
    let mut words: Vec<_> = words.collect();
    words.sort_unstable();
    words
});

/// Computes the attributes of what a person reads in some texts, taken together.
pub fn attributes(texts: &[Text<'_>]) -> Attributes {
    let mut read = String::new();
    for text in texts {
        read.push_str(&markup::view(text.text, text.format).text);
        read.push_str("\n\n");
    }
    let scan = Scan::new(&read);
    let words = scan.words.len();
    let length = match words {
        0..10 => Length::Line,
        10..50 => Length::Paragraph,
        50..300 => Length::Page,
        _ => Length::Document,
    };
    Attributes { length, readability: readability(&scan), complexity: complexity(&scan), task: task(&scan) }
}

/// How much of what two texts speak about is the same, from 0 to 100 in steps of five: the share of their less common words
/// that stand in both.
pub fn similarity(one: &str, other: &str) -> u8 {
    let telling = |text: &str| -> HashSet<u64> {
        let scan = Scan::new(text);
        let words = scan.words.iter().filter(|word| !word.known.has(Known::FUNCTION) && word.end - word.start > 2);
        words.map(|word| word.hash).collect()
    };
    let (one, other) = (telling(one), telling(other));
    let (shared, all) = (one.intersection(&other).count(), one.union(&other).count());
    (shared * 20).checked_div(all).map_or(0, |steps| steps as u8 * 5)
}

fn sentences(scan: &Scan<'_>) -> usize {
    scan.words.iter().filter(|word| word.shape.has(Shape::SENTENCE)).count().max(1)
}

fn readability(scan: &Scan<'_>) -> Option<u8> {
    let words: Vec<_> = scan.words.iter().filter(|word| word.shape.has(Shape::LOWER)).collect();
    let english = words.iter().filter(|word| word.known.has(Known::WORD)).count();
    if words.len() < 10 || english * 2 < words.len() {
        return None;
    }
    let syllables: usize = words.iter().map(|word| syllables(&scan.text[word.start..word.end])).sum();
    let (count, sentences) = (words.len() as f64, sentences(scan) as f64);
    let ease = 206.835 - 1.015 * count / sentences - 84.6 * syllables as f64 / count;
    Some((ease.clamp(0.0, 100.0) / 10.0).round() as u8 * 10)
}

/// Runs of vowels, without a silent e at the end; at least one.
fn syllables(word: &str) -> usize {
    let is_vowel = |c: char| matches!(c.to_ascii_lowercase(), 'a' | 'e' | 'i' | 'o' | 'u' | 'y');
    let mut count = 0;
    let mut in_vowels = false;
    for c in word.chars() {
        count += usize::from(is_vowel(c) && !in_vowels);
        in_vowels = is_vowel(c);
    }
    if word.ends_with('e') && count > 1 {
        count -= 1;
    }
    count.max(1)
}

fn complexity(scan: &Scan<'_>) -> Complexity {
    let words = scan.words.len().max(1);
    let lines = scan.text.lines().count();
    let figures = scan.words.iter().filter(|word| word.shape.has(Shape::DIGIT | Shape::INNER_UPPER)).count();
    let long_sentences = words / sentences(scan) > 20;
    let code = ["{code", "```", "<pre", "{noformat"].iter().any(|sign| scan.text.contains(sign));
    let signs = [words > 150, words > 500, lines > 15, figures * 5 > words, long_sentences, code];
    match signs.iter().filter(|sign| **sign).count() {
        0 => Complexity::Low,
        1 | 2 => Complexity::Medium,
        _ => Complexity::High,
    }
}

fn task(scan: &Scan<'_>) -> Task {
    let mut counts = [0_usize; SIGNS.len()];
    for word in &scan.words {
        if let Ok(at) = SIGNS_BY_HASH.binary_search_by_key(&word.hash, |(hash, _)| *hash) {
            counts[SIGNS_BY_HASH[at].1] += 1;
        }
    }
    // Of equals the one that stands first.
    let most = counts.iter().copied().max().unwrap_or_default();
    let first = counts.iter().position(|count| *count == most);
    first.filter(|_| most > 0).and_then(|at| SIGNS.get(at)).map_or(Task::Other, |(task, _)| *task)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Format;

    fn attributes(text: &str) -> Attributes {
        super::attributes(&[Text { text, format: Format::Text }])
    }

    #[test]
    fn work_is_told_by_its_words() {
        for (text, expected) in [
            ("The app crashes with an exception after the update", Task::Defect),
            ("Please add support for dark mode, users would like it", Task::Feature),
            ("How can I understand what the flag does?", Task::Question),
            ("Please grant access to my account", Task::Access),
            ("Plan the rollout and the rollback of the migration", Task::Change),
            ("", Task::Other),
        ] {
            assert_eq!(attributes(text).task, expected, "{text}");
        }
    }

    #[test]
    fn easy_and_hard_texts_differ() {
        let easy = "The cat sat on the mat. The dog ran to the door. It was a good day for all of us.";
        let hard = "Notwithstanding organisational considerations, comprehensive infrastructural modernisation necessitates \
                    interdepartmental collaboration and considerable administrative responsibility";
        let (easy, hard) = (attributes(easy), attributes(hard));
        assert!(easy.readability.unwrap() >= 80 && hard.readability.unwrap() <= 20, "{easy:?} {hard:?}");
        assert_eq!(attributes("too short").readability, None);
        assert_eq!((easy.length, easy.complexity), (Length::Paragraph, Complexity::Low));
    }

    #[test]
    fn similarity_is_of_words() {
        assert_eq!(similarity("login fails on the phone", "Login fails on a PHONE"), 100);
        assert_eq!(similarity("login fails", "invoice printed"), 0);
        assert_eq!(similarity("", ""), 0);
    }
}
