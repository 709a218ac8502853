//! HTML and Confluence's storage format.
//!
//! Tags are skipped; those that end a block end a paragraph. What stands in a tag is read as a paragraph behind the text,
//! because links and user references hold identifiers that nobody sees.

use std::ops::Range;

use memchr::{memchr, memchr3, memmem};

use super::references;
use crate::view::{Builder, View};

/// Tags inside a line. Any other tag begins a new one.
const INLINE: &[&str] = &[
    "a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "del", "em", "font", "i", "ins", "kbd", "mark", "q", "s",
    "samp", "small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr",
];

pub(super) fn view(text: &str) -> View<'_> {
    let mut view = Builder::new(text);
    let mut tags = Vec::new();
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
            view.block_break();
            read_text(&mut view, text, (at + 4).min(end)..end);
            view.block_break();
            at = (end + 3).min(bytes.len());
        } else if rest.starts_with(b"<![CDATA[") {
            let end = memmem::find(rest, b"]]>").map_or(bytes.len(), |end| at + end);
            view.verbatim(at + 9..end.max(at + 9));
            at = (end + 3).min(bytes.len()).max(at + 9);
        } else if let Some(end) = tag_end(bytes, at) {
            let inside = at + 1..end - 1;
            match name_of(&text[inside.clone()]) {
                "br" => view.line_break(),
                name if !INLINE.contains(&name) => view.block_break(),
                _ => {}
            }
            // A tag with nothing but its name says nothing.
            if bytes[inside.clone()].iter().any(|b| b.is_ascii_whitespace() || b.is_ascii_uppercase()) {
                tags.push(inside);
            }
            at = end;
        } else if !rest.is_empty() {
            view.verbatim(at..at + 1);
            at += 1;
        }
    }
    for tag in tags {
        view.block_break();
        read_text(&mut view, text, tag);
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

/// Where the tag that begins at `at` ends, quoted values read over; none if this is no tag or has no end.
fn tag_end(bytes: &[u8], at: usize) -> Option<usize> {
    if !bytes.get(at + 1).is_some_and(|b| b.is_ascii_alphabetic() || matches!(b, b'/' | b'!' | b'?')) {
        return None;
    }
    let mut from = at + 1;
    loop {
        let found = from + memchr3(b'>', b'"', b'<', &bytes[from..])?;
        match bytes[found] {
            b'>' => return Some(found + 1),
            b'<' => return None,
            _ => from = found + 1 + memchr(b'"', &bytes[found + 1..])? + 1,
        }
    }
}

/// The name of a tag, given what stands between its brackets.
fn name_of(tag: &str) -> &str {
    let name = tag.trim_start_matches('/');
    &name[..name.find(|c: char| !c.is_ascii_alphanumeric() && c != ':' && c != '-').unwrap_or(name.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_skipped_and_blocks_end_lines() {
        let text = "<p>In<b>es</b> &amp; <em>Br&acirc;m</em></p><p>a < b</p><!-- Zo&euml; --><ac:link><ri:user ri:account-id=\"5b10\"/></ac:link>";
        assert_eq!(view(text).text, "Ines & Brâm\n\na < b\n\n Zoë \n\nri:user ri:account-id=\"5b10\"/");
    }

    #[test]
    fn broken_mark_up_loses_no_text() {
        for text in [
            "<",
            "<p",
            "<p a=\"x",
            "<a href='x>y",
            "a<b>c<",
            "<!--",
            "<!-- x",
            "<![CDATA[",
            "<![CDATA[x",
            "<b <i>x",
            "</",
            "<é>",
            "<Xavier>",
        ] {
            let seen = view(text).text.into_owned();
            for c in text.chars().filter(|c| "xycX".contains(*c)) {
                assert!(seen.contains(c), "{text}: {seen}");
            }
        }
    }

    #[test]
    fn tags_without_an_end_take_no_time() {
        let text = "<a \"".repeat(200_000);
        assert_eq!(view(&text).text.len(), text.len());
    }
}
