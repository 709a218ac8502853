//! Finds known people in a text, by their names, user names and account ids in every usual spelling.
//!
//! The people are those of a directory, those whom one item names as its users, or those whom its texts have shown to be people. Here it is decided which words point
//! at a known person: more than one word of a name does, in any order and spelling; a part of a name does if it is no
//! everyday word or stands where a name stands; a user name does if it cannot be an everyday word.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::detect::{Candidate, Detector};
use crate::lexicon::{self, Known, look_up};
use crate::phrases::{Firsts, MOST_WORDS, Phrases, exact_words, exactly, words_and_gaps};
use crate::placeholders::Identity;
use crate::scan::{Scan, Shape};
use crate::words::{fold, folded_words};
use crate::{Kind, Person, cues};

/// The rules of one source of people.
#[derive(Debug)]
struct Source {
    full: Detector,
    part: Detector,
    handle: Detector,
    derived: Detector,
    account_id: Detector,
}

/// People whom the organisation knows.
static DIRECTORY: Source = Source {
    full: Detector::new("name.full", Kind::Person, 98, "It is the name of a person in the directory."),
    part: Detector::new("name.part", Kind::Person, 90, "It is part of the name of a person in the directory."),
    handle: Detector::new("handle.known", Kind::Handle, 95, "It is the user name of a person in the directory."),
    derived: Detector::new(
        "handle.derived",
        Kind::Handle,
        85,
        "It is how a person in the directory would be called as a user.",
    ),
    account_id: Detector::new(
        "account-id.known",
        Kind::AccountId,
        99,
        "It is the account id of a person in the directory.",
    ),
};

/// People whom the item itself names as its users: who wrote it, who works on it.
static USERS: Source = Source {
    full: Detector::new("name.user", Kind::Person, 98, "It is the name of a user of this item."),
    part: Detector::new("name.user-part", Kind::Person, 90, "It is part of the name of a user of this item."),
    handle: Detector::new("handle.user", Kind::Handle, 95, "It is the user name of a user of this item."),
    derived: Detector::new("handle.user-derived", Kind::Handle, 85, "It is how a user of this item would be called."),
    account_id: Detector::new("account-id.user", Kind::AccountId, 99, "It is the account id of a user of this item."),
};

/// People whom another place of the same item shows to be people.
static ITEM: Source = Source {
    full: Detector::new("name.repeated", Kind::Person, 65, "Another place of the item shows it to be a person."),
    part: Detector::new("name.repeated-part", Kind::Person, 60, "It is part of the name of a person in the same item."),
    handle: Detector::new("handle.repeated", Kind::Handle, 65, "Another place of the item shows it to be a user name."),
    derived: Detector::new(
        "handle.from-name",
        Kind::Handle,
        60,
        "It is how a person in the same item would be called as a user.",
    ),
    account_id: Detector::new(
        "account-id.repeated",
        Kind::AccountId,
        65,
        "Another place of the item shows it to be an account id.",
    ),
};

/// How a phrase must stand in the text to mean the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Needs {
    /// Nothing: it can hardly mean anything else.
    Nothing,
    /// Capitals: written small it means something else.
    Capitals,
    /// Capitals, or small letters behind a word that names follow.
    CapitalsOrCue,
    /// Capitals and a place where a name stands.
    CapitalsAndCue,
}

#[derive(Debug, Clone, Copy)]
struct Meaning {
    detector: &'static Detector,
    /// None when several people share the words.
    person: Option<usize>,
    needs: Needs,
}

/// Nicknames of given names, English only.
static NICKNAMES: LazyLock<HashMap<&str, Vec<&str>>> = LazyLock::new(|| {
    let lines = include_str!("../lists/nicknames.txt").lines();
    lines.filter_map(|line| line.split_once(' ')).map(|(name, short)| (name, short.split(' ').collect())).collect()
});

/// Known people, ready to be looked for.
#[derive(Debug)]
pub(crate) struct Names {
    source: &'static Source,
    names: Phrases<Meaning>,
    ids: Phrases<Meaning>,
    /// Of both.
    firsts: Firsts,
    /// User names and account ids in lower case, also those that are too short or too ordinary to be looked for.
    by_id: HashMap<String, usize>,
    /// Who each person is.
    identities: Vec<Identity>,
    /// Whether a system says that they are people, and not a text.
    given: bool,
}

impl Names {
    /// The people of an organisation's directory.
    pub(crate) fn of_directory(people: &[Person]) -> Self {
        Self::new(people, &DIRECTORY, (0..people.len()).map(Identity::Person).collect(), true)
    }

    /// The people whom one item names as its users. Whom the directory knows is the same person here.
    pub(crate) fn of_users(people: &[Person], directory: &Self) -> Self {
        let people: Vec<Person> = people.iter().filter(|person| !directory.knows(person)).cloned().collect();
        let identity = |person: &Person| {
            let known = person.account_ids.iter().chain(&person.handles).find_map(|id| directory.identity(id));
            known.unwrap_or_else(|| Identity::Text(stable_name(person)))
        };
        let identities = people.iter().map(identity).collect();
        Self::new(&people, &USERS, identities, true)
    }

    /// Whether nothing of what a person is called is new.
    fn knows(&self, person: &Person) -> bool {
        let called = person.account_ids.iter().chain(&person.handles).chain(&person.names).chain(&person.emails);
        !self.identities.is_empty() && called.into_iter().all(|called| self.identity(called).is_some())
    }

    /// The people whom one item shows.
    pub(crate) fn of_item(people: &[Person]) -> Self {
        Self::new(people, &ITEM, people.iter().map(|person| Identity::Text(stable_name(person))).collect(), false)
    }

    fn new(people: &[Person], source: &'static Source, identities: Vec<Identity>, given: bool) -> Self {
        let expected = people.len() * 12;
        let mut names = Self {
            source,
            names: Phrases::new(name_gap, expected),
            ids: Phrases::new(exactly, expected),
            firsts: Firsts::new(expected),
            by_id: HashMap::new(),
            identities,
            given,
        };
        for (at, person) in people.iter().enumerate() {
            for name in &person.names {
                names.add_name(at, name);
            }
            for handle in &person.handles {
                names.add_id(at, &source.handle, handle);
            }
            for email in &person.emails {
                if let Some((local, _)) = email.split_once('@') {
                    names.add_id(at, &source.handle, local);
                }
            }
            for account_id in &person.account_ids {
                names.add_id(at, &source.account_id, account_id);
            }
            for id in person.handles.iter().chain(&person.account_ids) {
                names.by_id.insert(id.to_lowercase(), at);
            }
        }
        names
    }

    fn add_name(&mut self, person: usize, display: &str) {
        let name = without_brackets(display);
        // An address is found by its form; its parts are no names.
        if name.contains('@') {
            return;
        }
        let name = match name.split_once(',') {
            Some((last, first)) if !first.trim().is_empty() => format!("{first} {last}"),
            _ => name,
        };
        for spelled in spellings(&name) {
            // `Anne-Marie O'Neill` has two chunks of two words each.
            let chunks: Vec<Vec<String>> =
                spelled.split_whitespace().map(folded_words).filter(|chunk| !chunk.is_empty()).collect();
            self.add_chunks(person, &chunks, &spelled);
        }
    }

    fn add_chunks(&mut self, person: usize, chunks: &[Vec<String>], name: &str) {
        let full = &self.source.full;
        let particles = chunks.iter().filter(|chunk| !is_particle(chunk)).count();
        match chunks {
            [] => return,
            [only] if only.len() == 1 => {
                self.add_part(person, only);
                // A display name of one word that is no name may be a nickname.
                if self.given && !look_up(&only[0]).is_name() {
                    self.add_id(person, &self.source.handle, name.trim());
                }
                return;
            }
            [_] => self.add_full(person, full, &[&chunks.concat()]),
            [first, .., last] => {
                let whole = chunks.concat();
                self.add_full(person, full, &[&whole]);
                self.add_full(person, full, &[&[&first[..], last].concat()]);
                // `Okafor, Ines`, `Okafor Ines`, and `van den Berg, Łukasz`.
                for rest in 1..chunks.len() {
                    let (given, family) = chunks.split_at(rest);
                    self.add_full(person, full, &[&family.concat(), &given.concat()]);
                    self.add_full(person, full, &[&family.concat(), first]);
                }
                self.add_full(person, full, &[&[&last[..], first].concat()]);
                self.add_initials(person, first, last);
                if particles > 1 {
                    self.add_derived(person, first, last);
                }
                for short in NICKNAMES.get(first.concat().as_str()).into_iter().flatten() {
                    let short = vec![(*short).to_owned()];
                    self.add_full(person, full, &[&[&short[..], last].concat()]);
                    self.add_part(person, &short);
                }
            }
        }
        for chunk in chunks.iter().filter(|chunk| chunk.len() <= MOST_WORDS && !is_particle(chunk)) {
            for word in chunk {
                self.add_part(person, std::slice::from_ref(word));
            }
            if chunk.len() > 1 {
                self.add_part(person, chunk);
            }
        }
    }

    /// `I. Okafor` and `Ines O.`
    fn add_initials(&mut self, person: usize, first: &[String], last: &[String]) {
        let initial =
            |chunk: &[String]| chunk.first().and_then(|word| word.chars().next()).map(|c| vec![c.to_string()]);
        let (Some(given), Some(family)) = (initial(first), initial(last)) else { return };
        for groups in [[&given[..], last], [first, &family[..]], [last, &given[..]]] {
            let meaning = Meaning { detector: &self.source.full, person: Some(person), needs: Needs::Capitals };
            self.insert_name(&phrase(&[&groups.concat()]), meaning);
        }
        let meaning = Meaning { detector: &self.source.full, person: Some(person), needs: Needs::Capitals };
        self.insert_name(&phrase(&[last, &given]), meaning);
    }

    /// `iokafor`, `ineso`, `okafori`, `inesokafor`: what a person of this name is called as a user.
    fn add_derived(&mut self, person: usize, first: &[String], last: &[String]) {
        let (first, last) = (first.concat(), last.concat());
        let (Some(f), Some(l)) = (first.chars().next(), last.chars().next()) else { return };
        if !(first.is_ascii() && last.is_ascii()) || last.len() < 2 || first.len() < 2 {
            return;
        }
        for made in [
            format!("{f}{last}"),
            format!("{first}{l}"),
            format!("{last}{f}"),
            format!("{first}{last}"),
            format!("{last}{first}"),
        ] {
            // Five letters that are no word at all mean nothing else.
            if made.len() >= 5 && look_up(&made) == Known::default() {
                let meaning = Meaning { detector: &self.source.derived, person: Some(person), needs: Needs::Nothing };
                self.insert_id(&exact_words(&made), meaning);
            }
        }
    }

    /// `groups` have a comma between them.
    fn add_full(&mut self, person: usize, detector: &'static Detector, groups: &[&[String]]) {
        let words = groups.iter().copied().flatten();
        let ordinary = words.clone().all(|word| look_up(word).is_ordinary() || word.chars().count() < 2);
        let needs = if ordinary { Needs::Capitals } else { Needs::Nothing };
        let meaning = Meaning { detector, person: Some(person), needs };
        self.insert_name(&phrase(groups), meaning);
    }

    /// One word of a name, or the words of a name with a hyphen.
    fn add_part(&mut self, person: usize, part: &[String]) {
        let letters: usize = part.iter().map(|word| word.chars().count()).sum();
        if letters < 2 || !part.iter().all(|word| word.chars().all(char::is_alphabetic)) {
            return;
        }
        let known = |word: &String| look_up(word);
        if part.iter().all(|word| known(word).has(Known::FUNCTION)) {
            return;
        }
        let ordinary = part.iter().all(|word| known(word).is_ordinary() || word.chars().count() < 2);
        let needs = if ordinary || letters < 3 {
            Needs::CapitalsAndCue
        } else if part
            .iter()
            .any(|word| known(word).has(Known::COMMON_GIVEN) || (letters >= 4 && known(word).is_name()))
        {
            Needs::Nothing
        } else {
            Needs::CapitalsOrCue
        };
        let meaning = Meaning { detector: &self.source.part, person: Some(person), needs };
        self.insert_name(&phrase(&[part]), meaning);
    }

    fn add_id(&mut self, person: usize, detector: &'static Detector, id: &str) {
        let words = exact_words(id);
        if words.is_empty() || words.len() > MOST_WORDS {
            return;
        }
        if !is_telling(id) {
            // A short or an ordinary user name may still be a name.
            if let [only] = &folded_words(id)[..]
                && only.chars().all(char::is_alphabetic)
                && look_up(only).has(Known::COMMON_GIVEN)
            {
                self.add_part(person, std::slice::from_ref(only));
            }
            return;
        }
        self.insert_id(&words, Meaning { detector, person: Some(person), needs: Needs::Nothing });
    }

    fn insert_name(&mut self, words: &[(u64, u64)], meaning: Meaning) {
        if let Some((_, first)) = words.first() {
            self.firsts.add(*first);
        }
        self.names.insert(words, meaning, join);
    }

    fn insert_id(&mut self, words: &[(u64, u64)], meaning: Meaning) {
        if let Some((_, first)) = words.first() {
            self.firsts.add(*first);
        }
        self.ids.insert(words, meaning, join);
    }

    /// Whom a user name, an account id or a name means, if it means exactly one person.
    pub(crate) fn identity(&self, called: &str) -> Option<Identity> {
        if self.identities.is_empty() {
            return None;
        }
        let called = called.trim_start_matches('@');
        let by_words = || {
            let scan = Scan::of_words(called);
            if !self.firsts.may_have(scan.words.first()?.hash) {
                return None;
            }
            let name: Vec<(u64, u64)> = scan.words.iter().map(|word| (1, word.hash)).collect();
            let by_id = self.ids.meaning(&words_and_gaps(&scan)).and_then(|meaning| meaning.person);
            by_id.or_else(|| self.names.meaning(&name)?.person)
        };
        let person = self.by_id.get(called).copied().or_else(by_words)?;
        self.identities.get(person).cloned()
    }

    /// Adds the known people of a text to `found`.
    pub(crate) fn find(&self, scan: &Scan<'_>, found: &mut Vec<Candidate>) {
        if self.identities.is_empty() {
            return;
        }
        for word in 0..scan.words.len() {
            if self.firsts.may_have(scan.words[word].hash) {
                self.ids.at(scan, word, |last, meaning| self.accept_id(scan, word, last, meaning, found));
                self.names.at(scan, word, |last, meaning| self.accept_name(scan, word, last, meaning, found));
            }
        }
    }

    fn accept_id(&self, scan: &Scan<'_>, first: usize, last: usize, meaning: &Meaning, found: &mut Vec<Candidate>) {
        let (start, end) = (scan.words[first].start, scan.words[last].end);
        if !glued(scan.text, start, end) {
            found.push(self.candidate(scan, start, end, meaning));
        }
    }

    fn accept_name(&self, scan: &Scan<'_>, first: usize, last: usize, meaning: &Meaning, found: &mut Vec<Candidate>) {
        let words = &scan.words[first..=last];
        let (start, end) = (words[0].start, words[words.len() - 1].end);
        let capitals = words
            .iter()
            .all(|word| word.shape.has(Shape::FIRST_UPPER | Shape::OTHER) || word.known.has(Known::PARTICLE));
        let single = first == last;
        let accepted = match meaning.needs {
            // A name in small letters joined by dots is a user name; a single one must stand free.
            Needs::Nothing => capitals || !single || !cues::in_code(scan, first, last),
            Needs::Capitals => capitals,
            Needs::CapitalsOrCue => capitals || cues::name_expected(scan, first, last) >= cues::STRONG,
            Needs::CapitalsAndCue => {
                capitals && !words[0].shape.is_shouted() && cues::name_expected(scan, first, last) >= cues::FAIR
            }
        };
        let hidden = if single {
            glued(scan.text, start, end) || cues::in_identifier(scan, first, last)
        } else {
            glued(scan.text, start, end)
        };
        if accepted && !hidden {
            // `ines.okafor` is what a user is called.
            let is_handle = !single && !capitals && matches!(scan.gap_after(first), "." | "_");
            let detector = if is_handle { &self.source.derived } else { meaning.detector };
            found.push(self.candidate(scan, start, end, &Meaning { detector, ..*meaning }));
        }
    }

    fn candidate(&self, scan: &Scan<'_>, start: usize, end: usize, meaning: &Meaning) -> Candidate {
        let identity = meaning.person.and_then(|person| self.identities.get(person).cloned());
        let identity = identity.unwrap_or_else(|| Identity::Text(fold(&scan.text[start..end])));
        Candidate { start, end, detector: meaning.detector, identity }
    }
}

/// What a person is called wherever a spelling must not matter.
pub(crate) fn stable_name(person: &Person) -> String {
    let called = person.account_ids.iter().chain(&person.handles).chain(&person.names).chain(&person.emails);
    called.map(|called| folded_words(called).join(" ")).next().unwrap_or_default()
}

/// Two phrases that are the same words: the meaning that asks less holds, and it points at a person only if both do.
fn join(earlier: Meaning, later: Meaning) -> Meaning {
    let person = earlier.person.filter(|person| Some(*person) == later.person);
    let wider = if later.needs < earlier.needs { later } else { earlier };
    Meaning { person, ..wider }
}

/// Whether a word goes on before or behind a range, with an underscore or a digit, so that the range is part of another word.
fn glued(text: &str, start: usize, end: usize) -> bool {
    let goes_on = |c: Option<char>| c.is_some_and(|c| c == '_' || c.is_ascii_digit());
    goes_on(text[..start].chars().next_back()) || goes_on(text[end..].chars().next())
}

/// Between the words of a name: a space for everything that people put there, a comma after a last name.
fn name_gap(gap: &str) -> Option<u64> {
    const SPACE: u64 = 1;
    const COMMA: u64 = 2;
    let (rest, code) = match gap.strip_prefix(',') {
        Some(rest) => (rest, COMMA),
        None => (gap, SPACE),
    };
    if rest == " " {
        return Some(code);
    }
    // One sign, and spaces around it, but no empty line.
    let (mut lines, mut signs) = (0, 0);
    let is_light = |c: char| {
        lines += usize::from(c == '\n');
        signs += usize::from(!c.is_whitespace());
        c.is_whitespace() || matches!(c, '-' | '.' | '_' | '\'' | '’' | '‐' | '‑' | '·' | '・')
    };
    let light = rest.len() <= 12 && rest.chars().all(is_light);
    let sentence_ends = lines > 0 && rest.contains('.');
    (light && lines < 2 && signs < 2 && !sentence_ends).then_some(code)
}

/// The words of groups with a comma between the groups, as the text's own words would be looked up.
fn phrase(groups: &[&[String]]) -> Vec<(u64, u64)> {
    let mut words = Vec::new();
    for group in groups {
        for (at, word) in group.iter().enumerate() {
            let gap = match at {
                0 if words.is_empty() => 0,
                0 => 2,
                _ => 1,
            };
            words.push((gap, lexicon::hash(word)));
        }
    }
    words
}

/// A name as it is written, and with the letters that stand for an umlaut or a slashed letter: `Jörg`, `Joerg`.
fn spellings(name: &str) -> Vec<String> {
    let mut wide = String::new();
    for c in name.chars() {
        match c {
            'ä' | 'æ' => wide.push_str("ae"),
            'ö' | 'ø' => wide.push_str("oe"),
            'ü' => wide.push_str("ue"),
            'å' => wide.push_str("aa"),
            'Ä' | 'Æ' => wide.push_str("Ae"),
            'Ö' | 'Ø' => wide.push_str("Oe"),
            'Ü' => wide.push_str("Ue"),
            'Å' => wide.push_str("Aa"),
            _ => wide.push(c),
        }
    }
    if wide == name { vec![wide] } else { vec![name.to_owned(), wide] }
}

/// A display name without what stands in brackets, such as a company or a state.
fn without_brackets(name: &str) -> String {
    let mut depth = 0_usize;
    let mut outside = String::new();
    for c in name.chars() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ if depth == 0 => outside.push(c),
            _ => {}
        }
    }
    outside
}

/// `van`, `de`: a word that stands inside names of many people.
fn is_particle(chunk: &[String]) -> bool {
    chunk.iter().all(|word| look_up(word).has(Known::PARTICLE))
}

/// Whether a user name or an id cannot be an ordinary word, so that it may be looked for everywhere.
fn is_telling(id: &str) -> bool {
    let words = folded_words(id);
    let characters = || words.iter().flat_map(|word| word.chars());
    let letters = characters().filter(|c| c.is_alphabetic()).count();
    let count = characters().count();
    let ordinary = words.iter().all(|word| {
        let stem = word.trim_end_matches(|c: char| c.is_ascii_digit());
        stem.chars().count() < 2 || look_up(stem).is_ordinary()
    });
    let composed = words.len() > 1 || letters < count;
    let long_enough = if composed { count >= 4 && letters >= 2 } else { letters >= 4 };
    long_enough && !ordinary && words.len() <= MOST_WORDS
}
