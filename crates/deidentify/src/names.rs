//! Finds the people of a directory in a text, by their names, user names and account ids.
//!
//! Here it is decided which sequences of words point at a person. A name of more than one word does; a part of a name does if
//! it is no common word and capitalised; a user name does if it cannot be an ordinary word.

use std::collections::HashMap;

use crate::detect::{Candidate, Detector};
use crate::sequences::{MOST_WORDS, Meaning, Sequences};
use crate::words::{consists_of, fold, folded_words, is_common, words};
use crate::{Directory, Kind};

static FULL_NAME: Detector = Detector::new("name.full", Kind::Person, 90, "It is the name of a person in this file.");
static REVERSED_NAME: Detector =
    Detector::new("name.reversed", Kind::Person, 90, "It is the name of a person in this file, last name first.");
static NAME_PART: Detector =
    Detector::new("name.part", Kind::Person, 90, "It is part of the name of a person in this file.");
static HANDLE: Detector =
    Detector::new("handle.known", Kind::Handle, 90, "It is the user name of a person in this file.");

static ACCOUNT_ID: Detector =
    Detector::new("account-id.known", Kind::AccountId, 90, "It is the account id of a person in this file.");

/// The names, user names and account ids of a directory, ready to be looked for.
#[derive(Debug)]
pub(crate) struct Names {
    names: Sequences,
    ids: Sequences,
    /// User names and account ids in lower case, also those that are too short or too ordinary to be looked for.
    by_id: HashMap<String, usize>,
}

impl Names {
    pub(crate) fn new(directory: &Directory) -> Self {
        let mut names = Self { names: Sequences::new(name_gap), ids: Sequences::new(id_gap), by_id: HashMap::new() };
        for (at, person) in directory.people().iter().enumerate() {
            for name in &person.names {
                names.add_name(at, name);
            }
            for handle in &person.handles {
                names.add_id(at, &HANDLE, handle);
            }
            for account_id in &person.account_ids {
                names.add_id(at, &ACCOUNT_ID, account_id);
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
            Some((last, first)) => format!("{first} {last}"),
            None => name,
        };
        // `Anne-Marie O'Neill` has two chunks of two words each.
        let chunks: Vec<Vec<String>> =
            name.split_whitespace().map(folded_words).filter(|chunk| !chunk.is_empty()).collect();
        let whole = chunks.concat();
        if let [_] = whole[..] {
            self.add_id(person, &HANDLE, &name);
        } else if whole.len() <= MOST_WORDS {
            self.add_words(person, &FULL_NAME, &[&whole]);
            if let [first, middle @ .., last] = &chunks[..] {
                self.add_words(person, &REVERSED_NAME, &[&chunks[1..].concat(), first]);
                if !middle.is_empty() {
                    self.add_words(person, &REVERSED_NAME, &[last, &chunks[..chunks.len() - 1].concat()]);
                    self.add_words(person, &FULL_NAME, &[&[&first[..], last].concat()]);
                }
            }
        }
        for chunk in chunks.iter().filter(|chunk| chunk.len() <= MOST_WORDS) {
            let single = chunk.chunks(1).filter(|word| may_stand_alone(&word[0]));
            let joined = (chunk.len() > 1).then_some(&chunk[..]);
            for part in single.chain(joined).filter(|part| !part.iter().all(|word| is_common(word))) {
                self.add_words(person, &NAME_PART, &[part]);
            }
        }
    }

    /// `groups` have a comma between them.
    fn add_words(&mut self, person: usize, detector: &'static Detector, groups: &[&[String]]) {
        let ordinary = groups.iter().copied().flatten().all(|word| is_common(word));
        let capitalised = ordinary || *detector == NAME_PART;
        self.names.insert(steps(groups), Meaning { detector, person: Some(person), capitalised });
    }

    fn add_id(&mut self, person: usize, detector: &'static Detector, id: &str) {
        if !is_telling(id) {
            return;
        }
        let mut end = None;
        let steps = words(id).map(|range| {
            let gap = end.map_or("", |end| &id[end..range.start]);
            end = Some(range.end);
            format!("{gap}{}", fold(&id[range]))
        });
        self.ids.insert(steps, Meaning { detector, person: Some(person), capitalised: false });
    }

    /// The person whom a user name, an account id or a name means, if it means exactly one.
    pub(crate) fn person(&self, called: &str) -> Option<usize> {
        let by_name = || {
            let chunk = folded_words(called);
            self.names.meaning(&steps(&[&chunk]))?.person
        };
        self.by_id.get(called).copied().or_else(by_name)
    }

    /// Adds the names, user names and account ids in `text` to `found`.
    pub(crate) fn find(&self, text: &str, found: &mut Vec<Candidate>) {
        self.names.find(text, found);
        self.ids.find(text, found);
    }
}

/// Between the words of a name: a space for everything that people put there, a comma after a last name.
fn name_gap(gap: &str) -> Option<&'static str> {
    let is_light: fn(char) -> bool =
        |c| c.is_whitespace() || matches!(c, '-' | '.' | '_' | '\'' | '’' | '‐' | '‑' | '·' | '・');
    let (rest, step) = match gap.strip_prefix(',') {
        Some(rest) => (rest, ","),
        None => (gap, " "),
    };
    consists_of(rest, 3, is_light).then_some(step)
}

/// Between the words of a user name or an id: exactly what stands in it.
fn id_gap(gap: &str) -> Option<&str> {
    (gap.len() <= 4).then_some(gap)
}

/// The steps of groups of words with a comma between the groups.
fn steps(groups: &[&[String]]) -> Vec<String> {
    let mut steps = Vec::new();
    for group in groups {
        for (at, word) in group.iter().enumerate() {
            let gap = match at {
                0 if steps.is_empty() => "",
                0 => ",",
                _ => " ",
            };
            steps.push(format!("{gap}{word}"));
        }
    }
    steps
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

/// Whether one word of a name is long enough to be looked for without the others.
fn may_stand_alone(word: &str) -> bool {
    word.chars().count() >= 3 && word.chars().all(char::is_alphabetic)
}

/// Whether a user name or an id cannot be an ordinary word, so that it may be looked for everywhere.
fn is_telling(id: &str) -> bool {
    let words = folded_words(id);
    let letters = words.iter().flat_map(|word| word.chars()).filter(|c| c.is_alphabetic()).count();
    let characters = words.iter().flat_map(|word| word.chars()).count();
    let ordinary = words.iter().all(|word| is_common(word.trim_end_matches(|c: char| c.is_ascii_digit())));
    let composed = words.len() > 1 || letters < characters;
    let long_enough = if composed { characters >= 4 && letters >= 2 } else { letters >= 6 };
    long_enough && !ordinary && words.len() <= MOST_WORDS
}

#[cfg(test)]
mod tests {
    use std::ops::Range;

    use super::*;
    use crate::Person;

    fn person(name: &str, handle: &str) -> Person {
        Person { names: vec![name.into()], handles: vec![handle.into()], ..Person::default() }
    }

    fn people() -> Names {
        let directory = [
            person("Ines Okafor", "iokafor"),
            person("Visser, Bram (Acme)", "bram.visser"),
            person("Anne-Marie O'Neill", "amo"),
            person("Łukasz van den Berg", "luk42"),
            person("Grace Page", "test_user"),
            person("李华", "lihua"),
            person("Ines Duarte", "release"),
            person("zed", "zed"),
            person("nightjar", "n1"),
            person("Don S", "don"),
        ];
        Names::new(&directory.into_iter().collect())
    }

    /// The pieces of `text` that are found, each once and without what stands inside another.
    fn found<'t>(names: &Names, text: &'t str) -> Vec<&'t str> {
        let mut found = Vec::new();
        names.find(text, &mut found);
        let mut ranges: Vec<_> = found.iter().map(|candidate| candidate.start..candidate.end).collect();
        ranges.sort_by_key(|range| range.start);
        ranges.dedup();
        let outer = |range: &Range<usize>| {
            !found.iter().any(|other| other.start <= range.start && range.end <= other.end && other.len() > range.len())
        };
        ranges.iter().filter(|range| outer(range)).map(|range| &text[range.clone()]).collect()
    }

    #[test]
    fn people_are_found_however_they_are_written() {
        let names = people();
        for (text, expected) in [
            ("Ask Ines Okafor's team", &["Ines Okafor"][..]),
            ("ask INES  OKAFOR", &["INES  OKAFOR"]),
            ("ines okafor said", &["ines okafor"]),
            ("Okafor, Ines", &["Okafor, Ines"]),
            ("see ines.okafor", &["ines.okafor"]),
            ("Visser, Bram and Bram Visser", &["Visser, Bram", "Bram Visser"]),
            ("*Okafor* _Ines_", &["Okafor", "Ines"]),
            ("thanks Bram\nVisser", &["Bram\nVisser"]),
            ("O’Neill; Anne-Marie; Marie", &["O’Neill", "Anne-Marie", "Marie"]),
            ("Lukasz van den Berg, Lukasz Berg", &["Lukasz van den Berg", "Lukasz Berg"]),
            ("van den Berg, Łukasz", &["van den Berg, Łukasz"]),
            ("Grace Page", &["Grace Page"]),
            ("请问李华好吗", &["李华"]),
            ("iokafor, IOKAFOR: bram.visser's luk42", &["iokafor", "IOKAFOR", "bram.visser", "luk42"]),
            ("In\u{200B}es", &["In\u{200B}es"]),
            ("<b>Ines</b>", &["Ines"]),
            ("by Nightjar or nightjar", &["Nightjar", "nightjar"]),
            (
                "Brâm&nbsp;Visser &amp; &#321;ukasz, O&rsquo;Neill",
                &["Brâm&nbsp;Visser", "&#321;ukasz", "O&rsquo;Neill"],
            ),
            ("Don's and Ines's", &["Don", "Ines"]),
        ] {
            assert_eq!(found(&names, text), expected, "{text}");
        }
    }

    #[test]
    fn ordinary_words_and_program_text_stay() {
        let names = people();
        for text in [
            "ines",
            "the grace page",
            "Grace period, Page two",
            "release 4",
            "test_user",
            "inesokafor",
            "Inesx",
            "first_Ines_last",
            "bram_visser_2",
            "van",
            "amo",
            "zed",
            "bram,,visser",
            "李",
            "Acme",
            "luk423",
            "Don't, don’t, Don’t",
        ] {
            assert_eq!(found(&names, text), [""; 0], "{text}");
        }
    }

    #[test]
    fn a_name_that_two_people_share_means_neither() {
        let names = people();
        assert_eq!(names.person("iokafor"), Some(0));
        assert_eq!(names.person("amo"), Some(2));
        assert_eq!(names.person("Okafor"), Some(0));
        assert_eq!(names.person("ines"), None);
        assert_eq!(names.person("nobody"), None);
    }
}
