//! What the wash does to a whole file, in numbers.

use std::collections::HashMap;
use std::time::Instant;

use deidentify::{Export, Kind, Text, term_key, unknown_words};
use policy::{Catalogue, Timestamp};

use super::item::Previewer;
use super::{Found, Known, Part, PreviewError, PreviewItem};
use crate::model::{Knowledge, Snapshot};
use crate::terms::Wanted;

/// Words and items that are named.
const NAMED: usize = 20;

/// Different words that are counted. A file with more has enough to look at.
const MOST_WORDS: usize = 50_000;

/// What a scorecard was computed for: with any of it different it is another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScoreKey {
    pub as_if_on: bool,
    pub day: String,
    pub settings: i64,
    pub knowledge: i64,
    pub drafts: Vec<Wanted>,
}

#[derive(Clone, Debug)]
pub struct Scorecard {
    pub items: usize,
    /// Items of which anything would leave.
    pub leaving: usize,
    /// Items whose text would leave, not their metadata alone.
    pub with_text: usize,
    /// Keys of items that the proof pass holds back, with the rules that found something again.
    pub held_back: Vec<(String, Vec<&'static str>)>,
    pub held_back_count: usize,
    /// Every kind that was found, most frequent first.
    pub kinds: Vec<(Kind, usize)>,
    pub words: usize,
    pub words_removed: usize,
    pub known: Known,
    /// Capitalised words that no list knows and that would leave, most frequent first, and how many different ones there are.
    pub unknown: Vec<(String, usize)>,
    pub unknown_count: usize,
    pub bytes: usize,
    pub milliseconds: u64,
}

impl Scorecard {
    pub fn found(&self) -> usize {
        self.kinds.iter().map(|(_, count)| count).sum()
    }

    /// Of the words in the texts of in-app data that leave, in thousandths.
    pub fn share_removed(&self) -> usize {
        (self.words_removed * 1_000).checked_div(self.words).unwrap_or_default()
    }
}

pub(super) fn of_file(
    catalogue: &Catalogue,
    snapshot: &Snapshot,
    known: &Knowledge,
    drafts: &[Wanted],
    file: &[u8],
    at: Timestamp,
) -> Result<Scorecard, PreviewError> {
    let export = Export::read(file)?;
    let wash = Previewer::new(catalogue, snapshot, Some(known), drafts, at);
    let started = Instant::now();
    let mut score = Scorecard {
        items: 0,
        leaving: 0,
        with_text: 0,
        held_back: Vec::new(),
        held_back_count: 0,
        kinds: Vec::new(),
        words: 0,
        words_removed: 0,
        known: known.into(),
        unknown: Vec::new(),
        unknown_count: 0,
        bytes: file.len(),
        milliseconds: 0,
    };
    let mut kinds: HashMap<Kind, usize> = HashMap::new();
    let mut unknown: HashMap<String, (String, usize)> = HashMap::new();
    for item in export.items() {
        add(&mut score, &mut kinds, &mut unknown, wash.preview(&item?));
    }
    // A word that an admin keeps is known.
    unknown.retain(|word, _| !wash.keeps(word));
    score.kinds = kinds.into_iter().collect();
    score.kinds.sort_by_key(|(kind, count)| (std::cmp::Reverse(*count), *kind));
    score.unknown_count = unknown.len();
    score.unknown = unknown.into_values().collect();
    score.unknown.sort_by(|a, b| (b.1, &a.0).cmp(&(a.1, &b.0)));
    score.unknown.truncate(NAMED);
    score.milliseconds = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    Ok(score)
}

fn add(
    score: &mut Scorecard,
    kinds: &mut HashMap<Kind, usize>,
    unknown: &mut HashMap<String, (String, usize)>,
    item: PreviewItem,
) {
    score.items += 1;
    score.leaving += usize::from(item.fields.iter().any(|field| field.leaves));
    score.with_text += usize::from(item.count(policy::Category::InApp, true) > 0);
    for found in item.found() {
        *kinds.entry(found.kind).or_default() += 1;
    }
    let texts = item.fields.iter().filter(|field| field.leaves && field.category == policy::Category::InApp);
    for value in texts.flat_map(|field| &field.values) {
        for part in value.pairs.iter().flat_map(|pair| &pair.written) {
            let (Part::Text(text) | Part::Freed(text) | Part::Found(Found { text, .. })) = part;
            let words = text.split_whitespace().count();
            score.words += words;
            score.words_removed += if matches!(part, Part::Found(_)) { words } else { 0 };
        }
        let Some(text) = &value.leaving else { continue };
        for word in unknown_words(Text { text, format: value.format }) {
            let key = term_key(&word);
            if unknown.len() < MOST_WORDS || unknown.contains_key(&key) {
                unknown.entry(key).or_insert((word, 0)).1 += 1;
            }
        }
    }
    if let Some(detectors) = item.held_back {
        score.held_back_count += 1;
        if score.held_back.len() < NAMED {
            score.held_back.push((item.key, detectors));
        }
    }
}
