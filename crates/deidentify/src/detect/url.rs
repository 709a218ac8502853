//! Links that carry a user: credentials in the address, personal spaces, profile pages.
//!
//! Such a link is taken whole, so that nothing of the person stays in another part of it. `mailto:` is left to the e-mail
//! detector, which keeps the link valid.

use super::{Candidate, Detector};
use crate::Kind;
use crate::placeholders::Identity;
use crate::scan::Scan;
use crate::words::{fold, is_common};

static CREDENTIALS: Detector =
    Detector::new("url.credentials", Kind::Url, 95, "The link holds a user name in front of its host.");
static PERSON: Detector = Detector::new("url.person", Kind::Url, 90, "The link leads to a person's own page.");

/// Path segments that a person's name or id follows.
const BEFORE_A_PERSON: &[&str] = &["people", "user", "users", "profile", "profiles", "in"];

/// Hosts whose pages are those of persons, by the first part of the path.
const OF_PERSONS: &[&str] =
    &["facebook.com", "gist.github.com", "instagram.com", "keybase.io", "medium.com", "t.me", "twitter.com", "x.com"];

/// Query fields whose value is a person; `name` only on a profile page.
const PERSON_FIELDS: &[&str] =
    &["accountid", "assignee", "author", "creator", "login", "reporter", "user", "userid", "userkey", "username"];

pub(crate) fn find(scan: &Scan<'_>, found: &mut Vec<Candidate>) {
    let text = scan.text;
    let mut read_to = 0;
    for colon in scan.schemes.iter().copied() {
        if colon < read_to {
            continue;
        }
        let scheme = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
        let before = &text[read_to..colon];
        let start = colon - (before.len() - before.trim_end_matches(scheme).len());
        let end = colon + 3 + length(&text[colon + 3..]);
        read_to = end;
        let detector =
            match (start < colon).then(|| carries_person(&text[start..colon], &text[colon + 3..end])).flatten() {
                Some(detector) => detector,
                None => continue,
            };
        found.push(Candidate { start, end, detector, identity: Identity::Text(text[start..end].to_owned()) });
    }
}

/// How many bytes of `text` belong to the link: up to white space, mark-up or the punctuation of the sentence around it.
fn length(text: &str) -> usize {
    let stops = |c: char| {
        c.is_whitespace()
            || c.is_control()
            || matches!(c, '<' | '>' | '"' | '[' | ']' | '{' | '}' | '|' | '\\' | '^' | '`')
    };
    let run = &text[..text.find(stops).unwrap_or(text.len())];
    let mark_up = ["&quot;", "&apos;", "&#39;", "&lt;", "&gt;", "&nbsp;"];
    let end = memchr::memchr_iter(b'&', run.as_bytes())
        .find(|at| mark_up.iter().any(|reference| run[*at..].starts_with(reference)));
    let run = &run[..end.unwrap_or(run.len())];
    let run = run.trim_end_matches(['.', ',', ';', ':', '!', '?', '*', '_', '\'']);
    // A closing parenthesis belongs to the sentence unless the link opened it.
    match run.strip_suffix(')') {
        Some(inner) if !inner.contains('(') => inner.len(),
        _ => run.len(),
    }
}

/// `rest` is what follows the scheme of a link. A file's path is no page: home folders have a detector of their own.
fn carries_person(scheme: &str, rest: &str) -> Option<&'static Detector> {
    if scheme.eq_ignore_ascii_case("file") {
        return None;
    }
    let authority_end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, rest) = rest.split_at(authority_end);
    if authority.split_once('@').is_some_and(|(user, _)| !user.is_empty() && user != "git") {
        return Some(&CREDENTIALS);
    }
    let host = authority.rsplit('@').next().unwrap_or(authority).trim_start_matches("www.");
    let page = rest.trim_start_matches('/').split(['/', '?', '#']).next().unwrap_or_default();
    if is_one_of(host, OF_PERSONS) && names_someone(page.trim_start_matches('@')) {
        return Some(&PERSON);
    }
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let in_path = path.split('/').zip(path.split('/').skip(1)).any(|(first, second)| {
        let introduces = is_one_of(first, BEFORE_A_PERSON);
        let introduced = introduces && (first != "in" || authority.ends_with("linkedin.com"));
        is_personal(second) || (introduced && names_someone(second))
    });
    let on_profile = !query.is_empty() && path.to_ascii_lowercase().contains("profile");
    let in_query = query.split('#').next().unwrap_or_default().split('&').any(|field| {
        let (name, value) = field.strip_prefix("amp;").unwrap_or(field).split_once('=').unwrap_or((field, ""));
        (is_one_of(name, PERSON_FIELDS) || (on_profile && name.eq_ignore_ascii_case("name"))) && names_someone(value)
    });
    (in_path || in_query).then_some(&PERSON)
}

fn is_one_of(written: &str, words: &[&str]) -> bool {
    words.iter().any(|word| written.eq_ignore_ascii_case(word))
}

/// A personal space or home page: `~iokafor`, also with the tilde encoded.
fn is_personal(segment: &str) -> bool {
    segment
        .strip_prefix('~')
        .or_else(|| segment.strip_prefix("%7E"))
        .or_else(|| segment.strip_prefix("%7e"))
        .is_some_and(names_someone)
}

/// Tells a person from a page of the program itself (`/users/login`) and from a template's variable (`/users/:id`).
fn names_someone(segment: &str) -> bool {
    let folded = fold(segment);
    let ordinary =
        folded.split(['_', '-', '.']).all(|word| is_common(word) || (word.len() < 3 && word.len() < folded.len()));
    folded.starts_with(char::is_alphanumeric) && folded.len() > 1 && !ordinary
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::texts;

    #[test]
    fn links_to_people_go_whole() {
        for (text, expected) in [
            (
                "see https://jira.example.org/secure/ViewProfile.jspa?name=iokafor.",
                "https://jira.example.org/secure/ViewProfile.jspa?name=iokafor",
            ),
            ("[profile|https://wiki.example.org/display/~iokafor|x]", "https://wiki.example.org/display/~iokafor"),
            ("<a href=\"https://x.example/people/712020:ab?ref=1\">", "https://x.example/people/712020:ab?ref=1"),
            ("(ftp://ines:pass@files.example.org/a)", "ftp://ines:pass@files.example.org/a"),
            (
                "https://x.example/issues/?a=1&amp;assignee=bvisser",
                "https://x.example/issues/?a=1&amp;assignee=bvisser",
            ),
            ("https://www.linkedin.com/in/ines-okafor", "https://www.linkedin.com/in/ines-okafor"),
            ("https://x.example/%7Eines", "https://x.example/%7Eines"),
            ("&lt;https://x.example/~ines&gt;", "https://x.example/~ines"),
        ] {
            assert_eq!(texts(find, text), [expected], "{text}");
        }
    }

    #[test]
    fn other_links_stay() {
        for text in [
            "https://example.org/browse/APP-12",
            "file:///data/user/17/app",
            "https://example.org/users/login",
            "https://example.org/users/sign-in/in/x",
            "https://example.org/api/user/:id",
            "https://example.org/search?name=iokafor",
            "ssh://git@host.example/repository.git",
            "https://example.org/@scope",
            "://ines@host",
            "https://",
            "://://://",
        ] {
            assert_eq!(texts(find, text), [""; 0], "{text}");
        }
    }
}
