//! The texts to measure on: files given, or the comments of this folder.

use std::error::Error;
use std::fs;
use std::ops::Range;
use std::path::Path;

use deidentify::Person;
use serde::Deserialize;

#[derive(Debug, Deserialize)]
pub struct Gold {
    pub text: String,
    pub spans: Vec<Span>,
}

/// Offsets count code points.
#[derive(Debug, Deserialize)]
pub struct Span {
    pub start: usize,
    pub end: usize,
    pub label: String,
}

impl Span {
    pub fn chars(&self) -> Range<usize> {
        self.start..self.end
    }
}

#[derive(Deserialize)]
struct Text {
    text: String,
}

#[derive(Deserialize)]
struct User {
    display_name: Option<String>,
    username: Option<String>,
    email: Option<String>,
}

fn lines<T: for<'de> Deserialize<'de>>(path: &Path) -> Result<Vec<T>, Box<dyn Error>> {
    let file = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let lines = file.lines().filter(|line| !line.trim().is_empty());
    Ok(lines.map(serde_json::from_str).collect::<Result<_, _>>()?)
}

pub fn texts(path: &Path) -> Result<Vec<String>, Box<dyn Error>> {
    Ok(lines::<Text>(path)?.into_iter().map(|line| line.text).collect())
}

pub fn gold(path: &Path) -> Result<Vec<Gold>, Box<dyn Error>> {
    lines(path)
}

pub fn people(path: &Path) -> Result<Vec<Person>, Box<dyn Error>> {
    let list = |value: Option<String>| value.into_iter().collect();
    let users = lines::<User>(path)?.into_iter();
    Ok(users
        .map(|user| Person {
            names: list(user.display_name),
            handles: list(user.username),
            emails: list(user.email),
            ..Person::default()
        })
        .collect())
}

/// The comments of this folder, one a line: `\n` and `\t` are written out, and `<<PERSON Ines Okafor>>` marks a span.
pub fn comments() -> Vec<Gold> {
    include_str!("../comments.txt")
        .lines()
        .map(|line| comment(&line.replace("\\n", "\n").replace("\\t", "\t")))
        .collect()
}

fn comment(mut line: &str) -> Gold {
    let mut gold = Gold { text: String::new(), spans: Vec::new() };
    while let Some(mark) = line.find("<<").map(|at| if line[at..].starts_with("<<<") { at + 1 } else { at }) {
        let Some((label, rest)) = line[mark + 2..].split_once(' ') else { break };
        let Some((inside, rest)) = rest.split_once(">>") else { break };
        gold.text += &line[..mark];
        let start = gold.text.chars().count();
        gold.text += inside;
        gold.spans.push(Span { start, end: start + inside.chars().count(), label: label.to_owned() });
        line = rest;
    }
    gold.text += line;
    gold
}

/// Texts from all over the set that together have at most so many bytes.
pub fn sample<T>(set: &[T], text: impl Fn(&T) -> &str, most: usize) -> Vec<&T> {
    let bytes: usize = set.iter().map(|one| text(one).len()).sum();
    let step = bytes.div_ceil(most.max(1)).max(1);
    let mut left = most;
    let spread = set.iter().step_by(step);
    spread
        .filter(|one| {
            let fits = text(one).len() <= left;
            left -= if fits { text(one).len() } else { 0 };
            fits
        })
        .collect()
}
