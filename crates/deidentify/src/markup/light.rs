//! Plain text, wiki mark-up and Markdown: forms in which text is text, with a few signs around it.
//!
//! Only what could hide an identifier is read: escapes, character references, and signs for emphasis or colour that stand
//! between the parts of a name. Everything else is left for the detectors to see.

use memchr::memchr2;

use super::references;
use crate::view::{Builder, View};

/// What a person typed or pasted: references and escaped signs are read, nothing is skipped.
pub(super) fn plain(text: &str) -> View<'_> {
    match memchr2(b'&', b'\\', text.as_bytes()) {
        Some(_) => read(text, |_, _| None),
        None => View::verbatim(text),
    }
}

/// Signs for emphasis beside a word, and `{color:red}`, are skipped.
pub(super) fn wiki(text: &str) -> View<'_> {
    read(text, |text, at| match text.as_bytes()[at] {
        b'{' => macro_end(text, at),
        b'*' | b'_' | b'+' => emphasis_end(text, at, 1),
        _ => None,
    })
}

/// Signs for emphasis beside a word are skipped.
pub(super) fn markdown(text: &str) -> View<'_> {
    read(text, |text, at| match text.as_bytes()[at] {
        b'*' | b'_' | b'~' => emphasis_end(text, at, 3),
        _ => None,
    })
}

/// `skip` says where mark-up that begins at a place ends; it is asked at ASCII signs only.
fn read(text: &str, skip: fn(&str, usize) -> Option<usize>) -> View<'_> {
    let bytes = text.as_bytes();
    let is_sign = |b: u8| matches!(b, b'*' | b'_' | b'+' | b'~' | b'{');
    let mut view = Builder::new(text);
    let mut from = 0;
    let mut at = 0;
    while at < bytes.len() {
        let decoded = match bytes[at] {
            b'&' => references::character(&text[at..]),
            b'\\' => escaped(bytes, at).map(|c| (c, 2)),
            _ => None,
        };
        if let Some((c, len)) = decoded {
            view.verbatim(from..at);
            view.decoded(c, at..at + len);
            at += len;
            from = at;
        } else if let Some(end) = is_sign(bytes[at]).then(|| skip(text, at)).flatten() {
            view.verbatim(from..at);
            at = end;
            from = at;
        } else {
            at += 1;
        }
    }
    view.verbatim(from..at);
    view.finish()
}

/// The sign that a backslash makes literal. In front of a letter it is part of a path, doubled it is one of a quoted path.
fn escaped(bytes: &[u8], at: usize) -> Option<char> {
    match *bytes.get(at + 1)? {
        sign @ (b'@' | b'_' | b'-' | b'*' | b'+' | b'[' | b']' | b'~' | b'\\' | b'/') => Some(char::from(sign)),
        _ => None,
    }
}

/// The end of `{color}`, `{color:red}` or `{*}` and its like.
fn macro_end(text: &str, at: usize) -> Option<usize> {
    const LONGEST: usize = 32;
    let inside = &text.as_bytes()[at + 1..];
    let end = inside.iter().take(LONGEST).position(|b| *b == b'}')?;
    let inside = &inside[..end];
    (inside.starts_with(b"color") || matches!(inside, b"*" | b"_" | b"+")).then_some(at + 1 + end + 1)
}

/// The end of up to `most` equal signs that touch a word on exactly one side.
fn emphasis_end(text: &str, at: usize, most: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let sign = bytes[at];
    let len = bytes[at..].iter().take(most + 1).take_while(|b| **b == sign).count();
    if len > most {
        return None;
    }
    let is_word = |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_alphanumeric() || *b >= 128);
    let before = at.checked_sub(1).and_then(|before| bytes.get(before));
    (is_word(before) != is_word(bytes.get(at + len)) && before != Some(&sign)).then_some(at + len)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hides_an_identifier_is_read() {
        for (view, text, expected) in [
            (plain as fn(&str) -> View<'_>, r"box\@example.org", "box@example.org"),
            (plain, "box&#64;example&period;org", "box@example.org"),
            (plain, r"C:\Users\zoe", r"C:\Users\zoe"),
            (plain, r"C:\\Users\\zoe", r"C:\Users\zoe"),
            (plain, "Zo&euml; R&D", "Zoë R&D"),
            (wiki, "*Ines* _Okafor_ {color:#ff0000}Bram{color} a_b 2*3", "Ines Okafor Bram a_b 2*3"),
            (markdown, "**Ines** __Okafor__ `a_b` snake_case_name", "Ines Okafor `a_b` snake_case_name"),
            (wiki, "***** ---- {code}x{code}", "***** ---- {code}x{code}"),
        ] {
            assert_eq!(view(text).text, expected, "{text}");
        }
    }

    #[test]
    fn a_range_of_the_view_is_found_in_the_source() {
        let text = r"x *Ines* *Ok&auml;for* y";
        let view = wiki(text);
        let start = view.text.find("Ines").unwrap();
        let pieces = view.source(start..start + "Ines Okäfor".len());
        let texts: Vec<&str> = pieces.into_iter().map(|range| &text[range]).collect();
        assert_eq!(texts, ["Ines", " ", "Ok&auml;for"]);
    }
}
