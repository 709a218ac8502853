//! What a reader sees of HTML or of Confluence's storage format, by its place in the text.

use std::ops::Range;

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
