//! Account ids as Atlassian's cloud writes them: 24 hexadecimal digits, or a number and a UUID with a colon between.

use super::{Candidate, Detector, after, before, in_word};
use crate::Kind;
use crate::placeholders::Identity;
use crate::scan::Scan;

static HEX: Detector =
    Detector::new("account-id.hex", Kind::AccountId, 90, "It has the form of an account id: 24 hexadecimal digits.");
static UUID: Detector =
    Detector::new("account-id.uuid", Kind::AccountId, 90, "It has the form of an account id: a number and a UUID.");

const HEX_LEN: usize = 24;
const UUID_LEN: usize = 36;

pub(crate) fn find(scan: &Scan<'_>, found: &mut Vec<Candidate>) {
    let text = scan.text;
    let mut push = |start: usize, end: usize, detector| {
        if !in_word(before(text, start)) && !in_word(after(text, end)) {
            found.push(Candidate { start, end, detector, identity: Identity::Text(text[start..end].to_lowercase()) });
        }
    };
    for word in scan.numbers().map(|at| &scan.words[at]) {
        if is_hex_id(&text[word.start..word.end]) {
            push(word.start, word.end, &HEX);
        } else if let Some(end) = uuid_id_end(text, word.start, word.end) {
            push(word.start, end, &UUID);
        }
    }
    for word in scan.tied_words().filter(|word| word.after == b':') {
        if text[..word.end].ends_with("qm")
            && let Some(end) = uuid_id_end(text, word.end - 2, word.end)
        {
            push(word.end - 2, end, &UUID);
        }
    }
}

/// Whether the whole text is an account id.
pub(crate) fn is_account_id(text: &str) -> bool {
    let mut found = Vec::new();
    find(&Scan::new(text), &mut found);
    found.iter().any(|candidate| candidate.len() == text.len())
}

/// The ids begin with the time of their making, so for this century's accounts with 5, 6 or 7.
fn is_hex_id(word: &str) -> bool {
    word.len() == HEX_LEN
        && word.starts_with(['5', '6', '7'])
        && word.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

/// The end of `557058:` and a UUID; customers of a service desk have `qm:` and two of them.
fn uuid_id_end(text: &str, start: usize, prefix_end: usize) -> Option<usize> {
    let prefix = &text[start..prefix_end];
    let numbered = (5..=8).contains(&prefix.len()) && prefix.bytes().all(|b| b.is_ascii_digit());
    if numbered {
        after_uuid(text, prefix_end)
    } else if prefix == "qm" {
        after_uuid(text, after_uuid(text, prefix_end)?)
    } else {
        None
    }
}

/// The end of a colon and a UUID that stand at `at`.
fn after_uuid(text: &str, at: usize) -> Option<usize> {
    let uuid = text[at..].strip_prefix(':')?.as_bytes().get(..UUID_LEN)?;
    let fits = uuid.iter().enumerate().all(|(place, byte)| match place {
        8 | 13 | 18 | 23 => *byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    });
    fits.then_some(at + 1 + UUID_LEN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::texts;

    #[test]
    fn both_forms_are_found() {
        let uuid = "f58131cb-b67d-43c7-b30d-6b58d40bd077";
        for id in [
            "5b10ac8d82e05b22cc7d4ef5".to_owned(),
            format!("557058:{uuid}"),
            format!("712020:{uuid}"),
            format!("qm:{uuid}:{uuid}"),
        ] {
            let text = format!("owner={id}, next");
            assert_eq!(texts(find, &text), [id.as_str()]);
        }
    }

    #[test]
    fn other_ids_stay() {
        for text in [
            "f58131cb-b67d-43c7-b30d-6b58d40bd077",
            "9fceb02d0ae598e95dc970b74767f19372d61af8",
            "x5b10ac8d82e05b22cc7d4ef5",
            "5b10ac8d82e05b22cc7d4ef5_x",
            "5B10AC8D82E05B22CC7D4EF5",
            "557058:f58131cb",
            "557058:é",
            "qm:",
        ] {
            assert_eq!(texts(find, text), [""; 0], "{text}");
        }
    }
}
