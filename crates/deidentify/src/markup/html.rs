//! HTML and Confluence's storage format.
//!
//! Tags are skipped; those that end a block end a line. The values of attributes are read as lines behind the text, because
//! links and user references hold identifiers that nobody sees.

use std::ops::Range;

use memchr::{memchr, memchr3, memmem};

use super::references;
use crate::detect::{Candidate, mention};
use crate::placeholders::Identity;
use crate::view::{Builder, View};

/// Tags inside a line. Any other tag begins a new one.
const INLINE: &[&str] = &[
    "a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "del", "em", "font", "i", "ins", "kbd", "mark", "q", "s", "samp",
    "small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr",
];

pub(super) fn view(text: &str) -> View<'_> {
    let mut view = Builder::new(text);
    let mut attributes = Vec::new();
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let next = memchr(b'<', &bytes[at..]).map_or(bytes.len(), |offset| at + offset);
        read_text(&mut view, text, at..next);
        at = next;
        let rest = &bytes[at..];
        if rest.starts_with(b"<!--") {
            // What a comment says is hidden but leaves with the text.
            let end = memmem::find(rest, b"-->").map_or(bytes.len(), |end| at + end);
            view.line_break();
            read_text(&mut view, text, (at + 4).min(end)..end);
            view.line_break();
            at = (end + 3).min(bytes.len());
        } else if rest.starts_with(b"<![CDATA[") {
            let end = memmem::find(rest, b"]]>").map_or(bytes.len(), |end| at + end);
            view.verbatim(at + 9..end.max(at + 9));
            at = (end + 3).min(bytes.len()).max(at + 9);
        } else if rest.len() > 1 && (rest[1].is_ascii_alphabetic() || matches!(rest[1], b'/' | b'!' | b'?')) {
            let end = tag_end(bytes, at);
            if !is_inline(&text[at..end]) {
                view.line_break();
            }
            attribute_values(text, at..end, &mut attributes);
            at = end;
        } else if !rest.is_empty() {
            view.verbatim(at..at + 1);
            at += 1;
        }
    }
    for (name, value) in attributes {
        view.line_break();
        let start = view.len();
        read_text(&mut view, text, value.clone());
        let end = view.len();
        if let Some(detector) = mention::attribute(&text[name]) {
            let identity = Identity::Text(view.built(start).to_lowercase());
            if start < end {
                view.give(Candidate { start, end, detector, identity });
            }
        }
    }
    view.finish()
}

/// Adds text whose references are read.
fn read_text(view: &mut Builder<'_>, text: &str, range: Range<usize>) {
    let mut from = range.start;
    let mut at = range.start;
    while let Some(offset) = memchr(b'&', &text.as_bytes()[at..range.end]) {
        at += offset;
        match references::character(&text[at..range.end]) {
            Some((c, len)) => {
                view.verbatim(from..at);
                view.decoded(c, at..at + len);
                at += len;
                from = at;
            }
            None => at += 1,
        }
    }
    view.verbatim(from..range.end);
}

/// Where the tag that begins at `at` ends, quoted values read over. A tag without an end reaches to the next one.
fn tag_end(bytes: &[u8], at: usize) -> usize {
    let mut from = at + 1;
    while let Some(offset) = memchr3(b'>', b'"', b'<', &bytes[from..]) {
        let found = from + offset;
        match bytes[found] {
            b'>' => return found + 1,
            b'<' => return found,
            _ => match memchr(b'"', &bytes[found + 1..]) {
                Some(close) => from = found + 1 + close + 1,
                // A quotation without an end is none.
                None => return memchr(b'>', &bytes[found..]).map_or(bytes.len(), |end| found + end + 1),
            },
        }
    }
    bytes.len()
}

fn is_inline(tag: &str) -> bool {
    let name = tag.trim_start_matches(['<', '/']);
    let end = name.find(|c: char| !c.is_ascii_alphanumeric() && c != ':' && c != '-').unwrap_or(name.len());
    INLINE.iter().any(|inline| name[..end].eq_ignore_ascii_case(inline))
}

/// Adds the name and the value of each quoted attribute of a tag.
fn attribute_values(text: &str, tag: Range<usize>, found: &mut Vec<(Range<usize>, Range<usize>)>) {
    let bytes = &text.as_bytes()[..tag.end];
    let mut at = tag.start;
    while let Some(offset) = memchr(b'=', &bytes[at..]) {
        let equals = at + offset;
        at = equals + 1;
        let Some(quote @ (b'"' | b'\'')) = bytes.get(at).copied() else { continue };
        let Some(len) = memchr(quote, &bytes[at + 1..]) else { break };
        let value = at + 1..at + 1 + len;
        at = value.end + 1;
        let name_len = bytes[..equals].iter().rev().take(64).take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b':' | b'-')).count();
        found.push((equals - name_len..equals, value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_skipped_and_blocks_end_lines() {
        let text = "<p>In<b>es</b> &amp; <em>Br&acirc;m</em></p><p>a < b</p><!-- Zo&euml; --><ac:link><ri:user ri:account-id=\"5b10\"/></ac:link>";
        assert_eq!(view(text).text, "Ines & Brâm\na < b\n Zoë \n5b10");
    }

    #[test]
    fn broken_mark_up_loses_no_text() {
        for text in ["<", "<p", "<p a=\"x", "<a href='x>y", "a<b>c<", "<!--", "<!-- x", "<![CDATA[", "<![CDATA[x", "<b <i>x", "</", "<é>"] {
            let seen = view(text).text.into_owned();
            for c in text.chars().filter(|c| "xyc".contains(*c)) {
                assert!(seen.contains(c) || text.contains(&format!("<{c}")), "{text}: {seen}");
            }
        }
    }
}
