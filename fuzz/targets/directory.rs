//! Any few people and a text that names them: no full name survives, except in small letters, where `grace winter` may be
//! two words of everyday.
//!
//! Lines of `name;user name;e-mail` up to an empty line, then the text. In it `#3` stands for the name of the third person,
//! `&3` for the same in small letters and `$3` in capitals.
#![no_main]

use deidentify::{Deidentifier, Dictionary, Directory, Format};
use fuzz::{check, person};

libfuzzer_sys::fuzz_target!(|input: &str| {
    let Some((people, text)) = input.split_once("\n\n") else { return };
    let people: Vec<[&str; 3]> = people
        .lines()
        .take(8)
        .map(|line| {
            let mut parts = line.splitn(3, ';').map(str::trim);
            [(); 3].map(|()| parts.next().unwrap_or_default())
        })
        .collect();
    if people.is_empty() {
        return;
    }
    let mut written = String::new();
    let mut named = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['#', '&', '$']) {
        written += &rest[..at];
        let (mark, behind) = rest[at..].split_at(1);
        rest = behind;
        let Some(number) = behind.chars().next().and_then(|digit| digit.to_digit(10)) else {
            written += mark;
            continue;
        };
        rest = &behind[1..];
        let name = people[number as usize % people.len()][0];
        let name = match mark {
            "#" => name.to_owned(),
            "&" => name.to_lowercase(),
            _ => name.to_uppercase(),
        };
        written += &name;
        if mark != "&" {
            named.push(name);
        }
    }
    written += rest;

    let directory: Directory = people.iter().map(|[name, handle, email]| person(name, handle, email)).collect();
    let engine = Deidentifier::new(&directory, &Dictionary::default());
    let Some(done) = check(&engine, &written, Format::Text) else { return };
    for name in named.iter().filter(|name| is_full(name)) {
        assert!(!stands_in(name, &done.text), "{name:?} survives in {:?} of {written:?}", done.text);
    }
});

/// Two words or more, each of five letters or more, the first a capital.
fn is_full(name: &str) -> bool {
    let capital = |word: &str| word.starts_with(char::is_uppercase);
    let words = || name.split(' ');
    words().count() > 1
        && words().all(|word| word.chars().count() >= 5 && word.chars().all(char::is_alphabetic) && capital(word))
}

/// Whether a name stands in a text by itself and not within longer words.
fn stands_in(name: &str, text: &str) -> bool {
    let part_of_word = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(name)
        .any(|(at, _)| !text[..at].ends_with(part_of_word) && !text[at + name.len()..].starts_with(part_of_word))
}
