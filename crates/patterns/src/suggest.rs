//! Suggestions for a new item, from what is published and nothing else.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::cell::{Family, id};
use crate::observation::Observation;
use crate::release::{Numbers, Published};
use crate::vocabulary::{Dimension, OTHER, group_of};

/// At most so many of each.
const MOST: usize = 3;
const MOST_PHRASES: usize = 6;
/// Evidence that makes a value less than so many times as common says nothing for it. In hundredths.
const LEAST_LIFT: u32 = 110;

/// What is suggested for one item. Each field of the item that is known already is used and not suggested again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suggestions {
    /// Best first; at most three.
    pub types: Result<Vec<Suggestion>, Abstained>,
    pub priorities: Result<Vec<Suggestion>, Abstained>,
    /// Ranges such as `3 to 7 days`.
    pub durations: Result<Vec<Suggestion>, Abstained>,
    pub causes: Result<Vec<Suggestion>, Abstained>,
    /// Phrases of the item that many organisations share, and phrases like them; the most common first.
    pub phrases: Result<Vec<Suggestion>, Abstained>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suggestion {
    pub value: String,
    /// Organisations in which people had the evidence with this value, never which.
    pub support: u64,
    /// Of 1,000 people who had the evidence, so many had it with this value. Who had it with several values counts for each, as if
    /// they were as many people; what is hidden counts for none. The values of a field are at most 1,000 together.
    pub confidence: u16,
    /// How many times as large that share is as it is of all people, in hundredths.
    pub lift: u32,
    /// Which value of the item says so, the same for every value of a field. Of a phrase: which of the item's it is like, and
    /// none for a phrase of the item itself; its confidence is then how many of 1,000 people use it, and its lift 100.
    pub evidence: Option<Evidence>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    pub dimension: Dimension,
    pub value: String,
}

/// Why nothing is suggested.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Abstained {
    /// The item says what it is.
    Known,
    /// Nothing that the item shows is common to enough organisations.
    TooFewOrganisations,
    /// What is known speaks for no value more than for any other.
    NothingStandsOut,
}

/// What the published patterns suggest for an item.
pub fn suggest(published: &Published, item: &Observation) -> Suggestions {
    let unless = |known: bool, target| if known { Err(Abstained::Known) } else { ranked(published, item, target) };
    let known = |target| item.values.contains_key(&target);
    Suggestions {
        types: unless(known(Dimension::Type), Dimension::Type),
        priorities: unless(known(Dimension::Priority), Dimension::Priority),
        durations: unless(known(Dimension::Duration), Dimension::Duration),
        causes: unless(!item.causes.is_empty(), Dimension::Cause),
        phrases: phrases(published, item),
    }
}

/// What one value of the item says of the values of a dimension.
struct Witness<'a> {
    dimension: Dimension,
    value: &'a str,
    says: Answers,
}

/// The published values of a dimension, among people who have something in common.
struct Answers {
    /// Without [`OTHER`] and without groups, which tell nobody anything.
    numbers: BTreeMap<String, Numbers>,
    /// Those people, as far as it is published.
    asked: u64,
    /// The whole that shares are of: who has several values counts for each, and who has a hidden one counts as well.
    people: u64,
}

impl Answers {
    fn of(asked: Numbers, answers: impl Iterator<Item = (String, Numbers)>) -> Option<Self> {
        let mut numbers: BTreeMap<String, Numbers> = answers.filter(|(answer, _)| group_of(answer).is_none()).collect();
        let answered = numbers.values().map(|numbers| numbers.people).sum();
        numbers.remove(OTHER);
        let (asked, people) = (asked.people, asked.people.max(answered));
        (people > 0 && !numbers.is_empty()).then_some(Self { numbers, asked, people })
    }

    /// To rank with: what hides below the threshold counts as half of the smallest that shows.
    fn share(&self, value: &str) -> f64 {
        let all = self.numbers.values().map(|numbers| numbers.people);
        let people = match self.numbers.get(value) {
            Some(numbers) => numbers.people as f64,
            None => all.min().unwrap_or_default() as f64 / 2.0,
        };
        (people / self.people as f64).max(f64::MIN_POSITIVE)
    }

    fn is_most_common(&self, value: &str) -> bool {
        let people = |numbers: &Numbers| numbers.people;
        self.numbers.get(value).map(people) >= self.numbers.values().map(people).max()
    }
}

impl Witness<'_> {
    /// What it says for a value, beside what is common; none if that is too little, or not published.
    fn suggestion(&self, common: &Answers, value: &str) -> Option<Suggestion> {
        let numbers = self.says.numbers.get(value)?;
        let lift = (self.says.share(value) / common.share(value) * 100.0).round() as u32;
        (lift >= LEAST_LIFT).then(|| Suggestion {
            value: value.to_owned(),
            support: numbers.organisations,
            // Never rounded up: together they are no more than the whole.
            confidence: (numbers.people * 1000 / self.says.people) as u16,
            lift,
            evidence: Some(Evidence { dimension: self.dimension, value: self.value.to_owned() }),
        })
    }
}

/// The values of a dimension, most likely first: how common each is by itself, times how much more common the values of the
/// item make it on average (the geometric mean of their lifts).
///
/// The figures are those of one witness, so that they are shares of the same people: of those that speak for the most likely
/// value, one with which it is the most common if there is any, and then the one that most people are behind. Further values are
/// suggested if it speaks for them too.
pub(crate) fn ranked(
    published: &Published,
    item: &Observation,
    target: Dimension,
) -> Result<Vec<Suggestion>, Abstained> {
    let beginning = format!("{}=", Family::one(target));
    let all = published.beginning(&beginning).map(|(cell, numbers)| (cell[beginning.len()..].to_owned(), numbers));
    let everyone = published.numbers(&id(Family::EVERYTHING, &[])).unwrap_or_default();
    let common = Answers::of(everyone, all).ok_or(Abstained::TooFewOrganisations)?;
    let shown = values(item).filter(|(dimension, _)| *dimension != target);
    let witnesses: Vec<Witness<'_>> =
        shown.filter_map(|(dimension, value)| witness(published, dimension, value, target)).collect();
    let score = |candidate: &str| {
        let base = common.share(candidate).ln();
        // Values of one item say much the same: they are heard together, not one after the other, or what is rare but told
        // apart by every one of them would beat what is likely.
        let told: f64 = witnesses.iter().map(|witness| witness.says.share(candidate).ln() - base).sum();
        base + told / witnesses.len().max(1) as f64
    };
    let is_told = |candidate: &&String| witnesses.iter().any(|witness| witness.says.numbers.contains_key(*candidate));
    let mut scored: Vec<(f64, &String)> =
        common.numbers.keys().filter(is_told).map(|candidate| (score(candidate), candidate)).collect();
    scored.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    let (_, best) = scored.first().ok_or(Abstained::TooFewOrganisations)?;
    let speaking = witnesses.iter().filter(|witness| witness.suggestion(&common, best).is_some());
    let witness = speaking
        .max_by_key(|witness| (witness.says.is_most_common(best), witness.says.asked))
        .ok_or(Abstained::NothingStandsOut)?;
    Ok(scored.iter().filter_map(|(_, candidate)| witness.suggestion(&common, candidate)).take(MOST).collect())
}

fn values(item: &Observation) -> impl Iterator<Item = (Dimension, &str)> {
    let fixed = item.values.iter().map(|(dimension, value)| (*dimension, value.as_str()));
    fixed.chain(item.phrases.iter().map(|phrase| (Dimension::Phrase, phrase.as_str())))
}

/// None if too few organisations share the value, or nothing of the dimension with it.
fn witness<'a>(published: &Published, dimension: Dimension, value: &'a str, target: Dimension) -> Option<Witness<'a>> {
    let asked = published.numbers(&id(Family::one(dimension), &[value]))?;
    let (first, second) = (Family::two(dimension, target), Family::two(target, dimension));
    let says = if published.rules.families.contains(&first) {
        let beginning = format!("{}|", id(first, &[value]));
        let answers = published.beginning(&beginning);
        Answers::of(asked, answers.map(|(cell, numbers)| (cell[beginning.len()..].to_owned(), numbers)))
    } else {
        let ending = format!("|{value}");
        let with_it = |(cell, numbers): (&str, Numbers)| {
            let answer = cell.strip_suffix(&ending)?.split_once('=')?.1;
            Some((answer.to_owned(), numbers))
        };
        Answers::of(asked, published.beginning(&format!("{second}=")).filter_map(with_it))
    };
    Some(Witness { dimension, value, says: says? })
}

/// The item's own phrases that are published, then published phrases that share a word with one of the item's.
fn phrases(published: &Published, item: &Observation) -> Result<Vec<Suggestion>, Abstained> {
    let everything = published.numbers(&id(Family::EVERYTHING, &[])).ok_or(Abstained::TooFewOrganisations)?;
    let beginning = format!("{}=", Family::one(Dimension::Phrase));
    let words: BTreeSet<&str> = item.phrases.iter().flat_map(|phrase| phrase.split(' ')).collect();
    let like = |phrase: &str| {
        let shared = phrase.split(' ').find(|word| words.contains(word))?;
        item.phrases.iter().find(|own| own.split(' ').any(|word| word == shared))
    };
    let mut found: Vec<(bool, Suggestion)> = Vec::new();
    for (cell, numbers) in published.beginning(&beginning) {
        let phrase = &cell[beginning.len()..];
        let is_own = item.phrases.contains(phrase);
        let evidence = like(phrase).filter(|_| !is_own);
        if !is_own && evidence.is_none() {
            continue;
        }
        let share = (numbers.people as f64 / everything.people.max(1) as f64).min(1.0);
        let suggestion = Suggestion {
            value: phrase.to_owned(),
            support: numbers.organisations,
            confidence: (share * 1000.0).round() as u16,
            lift: 100,
            evidence: evidence.map(|own| Evidence { dimension: Dimension::Phrase, value: own.clone() }),
        };
        found.push((is_own, suggestion));
    }
    found.sort_by_key(|(is_own, suggestion)| Reverse((*is_own, suggestion.support)));
    let found: Vec<Suggestion> = found.into_iter().map(|(_, suggestion)| suggestion).take(MOST_PHRASES).collect();
    if found.is_empty() { Err(Abstained::TooFewOrganisations) } else { Ok(found) }
}
