//! Sequences of words and what they stand for, kept so that a text is searched for all of them at once.
//!
//! Sequences share their beginnings: each step is what separates a word from the one before, and the word, folded. Searching
//! costs a few look-ups a word however many sequences there are.

use std::collections::HashMap;
use std::ops::Range;

use crate::detect::{Candidate, Detector};
use crate::placeholders::Identity;
use crate::words::{Words, fold_into, folded_words, words};

/// No sequence is longer.
pub(crate) const MOST_WORDS: usize = 6;

/// What stands between two words, as a step writes it; none if the words cannot belong together.
pub(crate) type Gap = fn(&str) -> Option<&str>;

/// What a sequence of words stands for.
#[derive(Debug, Clone)]
pub(crate) struct Meaning {
    pub(crate) detector: &'static Detector,
    /// The person; none when several people share the words.
    pub(crate) person: Option<usize>,
    /// Written small these words are ordinary ones.
    pub(crate) capitalised: bool,
}

#[derive(Debug)]
pub(crate) struct Sequences {
    /// The first is the beginning of every sequence.
    nodes: Vec<Node>,
    gap: Gap,
}

#[derive(Debug, Default)]
struct Node {
    next: HashMap<String, usize>,
    meaning: Option<Meaning>,
}

impl Sequences {
    pub(crate) fn new(gap: Gap) -> Self {
        Self { nodes: vec![Node::default()], gap }
    }

    /// The words keep the meaning that accepts more; two people who share them leave it without a person.
    pub(crate) fn insert(&mut self, steps: impl IntoIterator<Item = String>, meaning: Meaning) {
        let mut at = 0;
        for step in steps {
            let fresh = self.nodes.len();
            at = *self.nodes[at].next.entry(step).or_insert(fresh);
            if at == fresh {
                self.nodes.push(Node::default());
            }
        }
        let slot = &mut self.nodes[at].meaning;
        *slot = Some(match slot.take() {
            None => meaning,
            Some(other) => {
                let person = other.person.filter(|person| Some(*person) == meaning.person);
                let wider = if other.capitalised && !meaning.capitalised { meaning } else { other };
                Meaning { person, ..wider }
            }
        });
    }

    pub(crate) fn meaning(&self, steps: &[String]) -> Option<&Meaning> {
        let end = steps.iter().try_fold(0, |node: usize, step| self.nodes[node].next.get(step).copied())?;
        self.nodes[end].meaning.as_ref()
    }

    /// Adds the sequences in `text` to `found`, from left to right the longest of each.
    pub(crate) fn find(&self, text: &str, found: &mut Vec<Candidate>) {
        let mut rest = words(text);
        let mut folded = String::new();
        let mut last_end = 0;
        while let Some(first) = rest.next() {
            if first.start < last_end {
                continue;
            }
            folded.clear();
            fold_into(&text[first.clone()], &mut folded);
            if let Some(node) = self.nodes[0].next.get(&folded)
                && let Some(candidate) = self.longest(text, *node, first, rest.clone())
            {
                last_end = candidate.end;
                found.push(candidate);
            }
        }
    }

    /// The longest sequence that begins with the word `first`, to which `node` belongs, and goes on in `rest`.
    fn longest(&self, text: &str, node: usize, first: Range<usize>, rest: Words<'_>) -> Option<Candidate> {
        let mut node = &self.nodes[node];
        let mut end = first.end;
        let mut capitalised = is_capitalised(&text[first.clone()]);
        let mut best = None;
        let mut step = String::new();
        for word in rest.map(Some).chain([None]) {
            if let Some(meaning) = node.meaning.as_ref()
                && (capitalised || !meaning.capitalised)
                && stands_free(text, first.start, end)
            {
                best = Some((meaning, end));
            }
            let Some(word) = word.filter(|word| !is_possessive(&text[end..word.end])) else {
                break;
            };
            let Some(gap) = (self.gap)(&text[end..word.start]) else {
                break;
            };
            step.clear();
            step.push_str(gap);
            fold_into(&text[word.clone()], &mut step);
            let Some(next) = node.next.get(&step) else { break };
            node = &self.nodes[*next];
            capitalised &= is_capitalised(&text[word.clone()]);
            end = word.end;
        }
        let (meaning, end) = best?;
        let identity = match meaning.person {
            Some(person) => Identity::Person(person),
            None => Identity::Text(folded_words(&text[first.start..end]).join(" ")),
        };
        Some(Candidate { start: first.start, end, detector: meaning.detector, identity })
    }
}

/// The `'s` after a name is not the initial of another name.
fn is_possessive(rest: &str) -> bool {
    matches!(rest, "'s" | "’s" | "'S" | "’S")
}

/// A word of one letter is an initial or a particle and may be small; scripts without capitals always pass.
fn is_capitalised(word: &str) -> bool {
    let mut letters = word.chars();
    let small = letters.next().is_some_and(char::is_lowercase);
    !small || letters.next().is_none()
}

/// `Don't` does not speak of Don, nor `Can't` of Can.
fn is_contraction(text: &str) -> bool {
    let beginning = text.get(..3).unwrap_or_default().to_ascii_lowercase();
    let rest = text.get(3..).unwrap_or_default();
    let rest = rest.strip_prefix(['\'', '’']).and_then(|rest| rest.strip_prefix(['t', 'T']));
    matches!(beginning.as_str(), "can" | "don" | "won")
        && rest.is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
}

/// Whether the words are not the middle of a name in code such as `first_ines_last`; `_Ines_` is Ines in italics.
fn stands_free(text: &str, start: usize, end: usize) -> bool {
    let joins =
        |near: Option<char>, beyond: Option<char>| near == Some('_') && beyond.is_some_and(char::is_alphanumeric);
    let mut before = text[..start].chars().rev();
    let mut after = text[end..].chars();
    !joins(before.next(), before.next()) && !joins(after.next(), after.next()) && !is_contraction(&text[start..])
}
