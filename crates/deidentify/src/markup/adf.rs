//! Atlassian Document Format: a document as JSON.
//!
//! The JSON is read leniently, string by string, so that a broken or a foreign document is washed as well: every text value
//! is part of the view, only names of members and the types of nodes are not. Text nodes that stand side by side are one
//! line; a mention is an identifier by construction, its id and its text both.

use std::ops::Range;

use memchr::memchr2;

use super::light;
use crate::detect::{Candidate, mention};
use crate::placeholders::Identity;
use crate::view::{Builder, View};

/// Members whose value names a part of the format and never a person.
const STRUCTURAL: &[&str] = &["type", "layout", "accessLevel", "userType", "localId", "version"];

/// A container that is open.
#[derive(Default)]
struct Open {
    is_list: bool,
    /// The member that is being read.
    member: Range<usize>,
    is_mention: bool,
    /// Texts in the view that become identifiers if this turns out to be a mention: their place, and whether they are an id.
    named: Vec<(Range<usize>, bool)>,
    /// Number of the list that holds this container.
    list: usize,
}

pub(super) fn view(text: &str) -> View<'_> {
    // What does not even begin like JSON is a text that somebody took for a document.
    if !text.trim_start().starts_with(['{', '[', '"']) {
        return light::plain(text);
    }
    let bytes = text.as_bytes();
    let mut view = Builder::new(text);
    let mut open: Vec<Open> = Vec::new();
    let mut lists = 0;
    let mut line_of = 0;
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'{' | b'[' => {
                let is_list = bytes[at] == b'[';
                lists += usize::from(is_list);
                let list = if is_list { lists } else { open.last().map_or(0, |outer| outer.list) };
                open.push(Open { is_list, list, ..Open::default() });
                at += 1;
            }
            b'}' | b']' => {
                if let Some(done) = open.pop() {
                    close(&mut view, done, open.last_mut(), text);
                }
                at += 1;
            }
            b'"' => {
                let (inside, end) = string(bytes, at);
                let after = bytes[end..]
                    .iter()
                    .position(|b| !b.is_ascii_whitespace())
                    .map_or(bytes.len(), |offset| end + offset);
                let is_member = bytes.get(after) == Some(&b':') && open.last().is_some_and(|inner| !inner.is_list);
                if let (true, Some(inner)) = (is_member, open.last_mut()) {
                    inner.member = inside;
                    at = after + 1;
                    continue;
                }
                let member = open.last().map_or("", |inner| &text[inner.member.clone()]);
                if member == "type" {
                    if let Some(inner) = open.last_mut() {
                        inner.is_mention |= &text[inside.clone()] == "mention";
                    }
                    if &text[inside] == "hardBreak" {
                        view.line_break();
                    }
                } else if !STRUCTURAL.contains(&member) {
                    // A text node of the same paragraph goes on in the line of the one before.
                    let list = open.last().map_or(0, |inner| inner.list);
                    let in_line = member == "text" && list != 0 && list == line_of;
                    if !in_line {
                        view.block_break();
                    }
                    line_of = if member == "text" { list } else { 0 };
                    let start = view.len();
                    read_string(&mut view, text, inside);
                    let (is_text, is_id) = (member == "text", member == "id");
                    let range = start..view.len();
                    if let (true, Some(inner)) = ((is_text || is_id) && !range.is_empty(), open.last_mut()) {
                        inner.named.push((range, is_id));
                    }
                }
                at = end;
            }
            // Between the strings only numbers, literals and punctuation stand; anything else is broken JSON and is read.
            b if b.is_ascii_whitespace() || matches!(b, b',' | b':' | b'-' | b'+' | b'.' | b'0'..=b'9') => {
                if b.is_ascii_digit() {
                    let len = bytes[at..].iter().take_while(|b| b.is_ascii_digit()).count();
                    // A number may be a phone number that someone keeps in a field.
                    if len > 6 {
                        view.block_break();
                        view.verbatim(at..at + len);
                        view.block_break();
                    }
                    at += len;
                } else {
                    at += 1;
                }
            }
            _ => {
                let end = bytes[at..]
                    .iter()
                    .position(|b| matches!(b, b'"' | b'{' | b'}' | b'[' | b']'))
                    .map_or(bytes.len(), |offset| at + offset);
                let stray = &text[at..end];
                if !["true", "false", "null"].iter().any(|literal| stray.starts_with(literal)) {
                    view.block_break();
                    view.verbatim(at..end);
                    view.block_break();
                    at = end;
                } else {
                    at += bytes[at..end].iter().take_while(|b| b.is_ascii_alphabetic()).count().max(1);
                }
            }
        }
    }
    view.finish()
}

/// Passes on what an inner container named, and makes it identifiers where a mention ends.
fn close(view: &mut Builder<'_>, done: Open, outer: Option<&mut Open>, text: &str) {
    let called_so = done.named.iter().any(|(range, is_id)| !is_id && view.built(range.start).starts_with('@'));
    let in_attributes = outer.as_deref().is_some_and(|outer| &text[outer.member.clone()] == "attrs");
    if done.is_mention || (called_so && in_attributes) {
        for (range, is_id) in done.named {
            let detector = if is_id { &mention::NODE_ID } else { &mention::NODE_TEXT };
            let called = view.built(range.start);
            let called = called.get(..range.len()).unwrap_or(called).trim_start_matches('@').to_lowercase();
            view.give(Candidate { start: range.start, end: range.end, detector, identity: Identity::Text(called) });
        }
    } else if let (true, Some(outer)) = (in_attributes, outer) {
        outer.named.extend(done.named);
    }
}

/// What stands between the quotes that open at `at`, and where the string ends. One that is cut off reaches to the end.
fn string(bytes: &[u8], at: usize) -> (Range<usize>, usize) {
    let start = at + 1;
    let mut from = start;
    while let Some(offset) = memchr2(b'"', b'\\', &bytes[from..]) {
        let found = from + offset;
        if bytes[found] == b'"' {
            return (start..found, found + 1);
        }
        // Past the escaped character, which may be more than one byte long in a broken document.
        from = found + 1 + bytes.get(found + 1).map_or(0, |byte| usize::from(byte.is_ascii()));
        if from >= bytes.len() {
            break;
        }
    }
    (start..bytes.len(), bytes.len())
}

/// Adds the inside of a string with its escapes read.
fn read_string(view: &mut Builder<'_>, text: &str, inside: Range<usize>) {
    let bytes = text.as_bytes();
    let mut from = inside.start;
    let mut at = inside.start;
    while let Some(offset) = memchr::memchr(b'\\', &bytes[at..inside.end]) {
        at += offset;
        match escape(&text[at..inside.end]) {
            Some((c, len)) => {
                view.verbatim(from..at);
                view.decoded(c, at..at + len);
                at += len;
                from = at;
            }
            None => at += 1,
        }
    }
    view.verbatim(from..inside.end);
}

/// The character of the escape with which `text` begins, and the length of the escape.
fn escape(text: &str) -> Option<(char, usize)> {
    let bytes = text.as_bytes();
    Some(match bytes.get(1)? {
        b'n' => ('\n', 2),
        b'r' => ('\r', 2),
        b't' => ('\t', 2),
        b'b' | b'f' => (' ', 2),
        b'"' => ('"', 2),
        b'\\' => ('\\', 2),
        b'/' => ('/', 2),
        b'u' => {
            let unit = |from: usize| u16::from_str_radix(text.get(from..from + 4)?, 16).ok();
            let first = unit(2)?;
            match char::from_u32(u32::from(first)) {
                Some(c) => (c, 6),
                None => {
                    let second = (text.get(6..8)? == "\\u").then(|| unit(8)).flatten()?;
                    (char::decode_utf16([first, second]).next()?.ok()?, 12)
                }
            }
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = r#"{"version":1,"type":"doc","content":[{"type":"paragraph","content":[
        {"type":"text","text":"Ask In"},{"type":"text","text":"es","marks":[{"type":"strong"}]},{"type":"text","text":" or "},
        {"type":"mention","attrs":{"id":"5b10","text":"@Bram Visser","accessLevel":""}}]},
        {"type":"paragraph","content":[{"type":"text","text":"Zo\u00eb \"x\"\nend \ud83d\ude00"}]}]}"#;

    #[test]
    fn text_nodes_of_a_paragraph_are_one_line() {
        let view = view(DOCUMENT);
        assert_eq!(view.text, "Ask Ines or \n\n5b10\n\n@Bram Visser\n\nZoë \"x\"\nend 😀");
        let given: Vec<&str> = view.given.iter().map(|candidate| &view.text[candidate.start..candidate.end]).collect();
        assert_eq!(given, ["5b10", "@Bram Visser"]);
    }

    #[test]
    fn broken_documents_are_read_to_the_end() {
        for (text, seen) in [
            ("{\"text\":\"Ines", "Ines"),
            ("{\"text\":\"Ines\\", "Ines\\"),
            ("Ines said", "Ines said"),
            ("{\"a\":Ines}", "Ines\n\n"),
            ("[\"Ines\", 491755501234, true", "Ines\n\n491755501234\n\n"),
            ("]]}}\"Ines\"", "]]}}\"Ines\""),
            ("{\"text\":\"\\ud83d Ines\"}", "\\ud83d Ines"),
        ] {
            assert_eq!(view(text).text, seen, "{text}");
        }
    }
}
