//! What a reader sees of an Atlassian document, by its place in the JSON that it is written in.

use std::ops::Range;

use super::pairs::marked_in;

/// Nodes that begin on a line of their own.
const BLOCKS: [&str; 16] = [
    "paragraph",
    "heading",
    "codeBlock",
    "blockquote",
    "panel",
    "listItem",
    "taskItem",
    "decisionItem",
    "tableRow",
    "tableCell",
    "tableHeader",
    "rule",
    "mediaSingle",
    "expand",
    "blockCard",
    "hardBreak",
];

/// The texts of a document in order, and whatever else is `marked`; none is where a line ends.
///
/// It reads strings and the keys in front of them and nothing else of JSON, so that any text at all comes to an end.
pub(super) fn stretches(json: &str, marked: &[Range<usize>]) -> Vec<Option<Range<usize>>> {
    let bytes = json.as_bytes();
    let mut stretches = Vec::new();
    let mut key = "";
    let mut at = 0;
    while let Some(open) = json[at..].find('"').map(|found| at + found) {
        let start = open + 1;
        let mut end = start;
        while end < bytes.len() && bytes[end] != b'"' {
            end += if bytes[end] == b'\\' { 2 } else { 1 };
        }
        if end >= bytes.len() {
            break;
        }
        at = end + 1;
        let string = &json[start..end];
        if json[at..].trim_start().starts_with(':') {
            key = string;
            continue;
        }
        let is_block = key == "type" && BLOCKS.contains(&string);
        if is_block {
            stretches.push(None);
        } else if key == "text" || key != "type" && marked_in(marked, &(start..end)).next().is_some() {
            stretches.push(Some(start..end));
        }
    }
    stretches
}

/// A part of a JSON string without its escapes.
pub(super) fn decoded(part: &str) -> String {
    serde_json::from_str(&format!("\"{part}\"")).unwrap_or_else(|_| part.to_owned())
}
