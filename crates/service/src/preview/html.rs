//! What a reader sees of HTML or of Confluence's storage format, by its place in the text.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization as _;

use super::pairs::marked_in;

/// Elements that begin or end a line.
const BLOCKS: [&str; 24] = [
    "p",
    "div",
    "br",
    "hr",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "ul",
    "ol",
    "li",
    "table",
    "tr",
    "td",
    "th",
    "pre",
    "blockquote",
    "section",
    "dt",
    "dd",
    "ac:structured-macro",
    "ac:task",
];

/// The text between the tags, in order, and of the tags what is `marked`; none is where a line ends.
pub(super) fn stretches(html: &str, marked: &[Range<usize>]) -> Vec<Option<Range<usize>>> {
    let mut stretches = Vec::new();
    let mut at = 0;
    while at < html.len() {
        let rest = &html[at..];
        let opens =
            rest.starts_with('<') && rest[1..].starts_with(|c: char| c.is_ascii_alphabetic() || "/!".contains(c));
        if !opens {
            // A sign that opens no tag is text.
            let from = rest.chars().next().map_or(1, char::len_utf8);
            let end = rest[from..].find('<').map_or(html.len(), |found| at + from + found);
            stretches.push(Some(at..end));
            at = end;
            continue;
        }
        let end = rest.find('>').map_or(html.len(), |close| at + close + 1);
        let name = rest[1..].trim_start_matches('/');
        let name = name.split(|c: char| c.is_whitespace() || "/>".contains(c)).next().unwrap_or_default();
        if BLOCKS.iter().any(|block| block.eq_ignore_ascii_case(name)) {
            stretches.push(None);
        }
        stretches.extend(marked_in(marked, &(at..end)).map(Some));
        at = end;
    }
    stretches
}

/// A text with its character references written out, as far as people write them.
pub(super) fn decoded(part: &str) -> String {
    let mut output = String::with_capacity(part.len());
    let mut rest = part;
    while let Some(open) = rest.find('&') {
        let (before, from) = rest.split_at(open);
        output.push_str(before);
        let end = from.bytes().take(12).position(|byte| byte == b';');
        match end.and_then(|end| Some((end, character(&from[1..end])?))) {
            Some((end, character)) => {
                output.push(character);
                rest = &from[end + 1..];
            }
            None => {
                output.push('&');
                rest = &from[1..];
            }
        }
    }
    output.push_str(rest);
    output
}

/// The character of a reference without its `&` and `;`.
fn character(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let hexadecimal = number.strip_prefix(['x', 'X']);
        let code = hexadecimal.map_or_else(|| number.parse().ok(), |digits| u32::from_str_radix(digits, 16).ok())?;
        return char::from_u32(code).filter(|c| !c.is_control());
    }
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        "ldquo" => '“',
        "rdquo" => '”',
        "lsquo" => '‘',
        "rsquo" => '’',
        "ndash" => '–',
        "mdash" => '—',
        "hellip" => '…',
        "szlig" => 'ß',
        _ => return accented(name),
    })
}

/// `iacute` as `í`: a letter and its accent.
fn accented(name: &str) -> Option<char> {
    let letter = name.chars().next().filter(char::is_ascii_alphabetic)?;
    let accent = match &name[1..] {
        "acute" => '\u{301}',
        "grave" => '\u{300}',
        "circ" => '\u{302}',
        "tilde" => '\u{303}',
        "uml" => '\u{308}',
        "ring" => '\u{30a}',
        "cedil" => '\u{327}',
        _ => return None,
    };
    let mut composed = [letter, accent].into_iter().nfc();
    let first = composed.next();
    first.filter(|_| composed.next().is_none())
}
