//! Hardware addresses of network cards: six bytes in hexadecimal with colons or hyphens, or three pairs with dots.
//!
//! Longer runs are fingerprints and dumps, and pairs of digits are times and dates: none of them may be taken.

use super::{Candidate, Detector};
use crate::Kind;
use crate::lexicon::Known;
use crate::placeholders::Identity;
use crate::scan::{Scan, Word};

static MAC: Detector = Detector::new("mac.bytes", Kind::Mac, 92, "It is written as a hardware address is.");

pub(crate) fn find(scan: &Scan<'_>, found: &mut Vec<Candidate>) {
    let mut read_to = 0;
    for at in scan.tied.iter().copied() {
        let word = &scan.words[at];
        let groups = match (word.after, word.len()) {
            (b':' | b'-', 2) => 6,
            (b'.', 4) => 3,
            _ => continue,
        };
        if word.start < read_to {
            continue;
        }
        let Some(end) = joined(scan, at, groups) else { continue };
        if is_apart(scan.text, word.start, end) {
            let written = scan.text.get(word.start..end).unwrap_or_default();
            if is_address(scan, at, written) {
                let normal = written.chars().filter(char::is_ascii_hexdigit).map(|c| c.to_ascii_lowercase()).collect();
                found.push(Candidate { start: word.start, end, detector: &MAC, identity: Identity::Text(normal) });
                read_to = end;
            }
        }
    }
}

/// Where so many groups of hexadecimal digits end, all of one length and with one sign between.
fn joined(scan: &Scan<'_>, at: usize, groups: usize) -> Option<usize> {
    let words = scan.words.get(at..at + groups)?;
    let bytes = scan.text.as_bytes();
    let first = words.first()?;
    let len = first.end - first.start;
    let sign = bytes.get(first.end)?;
    let same = |word: &Word| {
        word.end - word.start == len
            && bytes.get(word.start..word.end).is_some_and(|group| group.iter().all(u8::is_ascii_hexdigit))
    };
    let signs = words
        .windows(2)
        .all(|pair| matches!(pair, [one, two] if two.start == one.end + 1 && bytes.get(one.end) == Some(sign)));
    (words.iter().all(same) && signs).then_some(words.last()?.end)
}

/// Whether the run of groups does not go on to either side.
fn is_apart(text: &str, start: usize, end: usize) -> bool {
    let bytes = text.as_bytes();
    let before = start.checked_sub(1).and_then(|at| bytes.get(at));
    let beyond = bytes.get(end + 1).is_some_and(u8::is_ascii_alphanumeric);
    let goes_on = |b: &u8| matches!(b, b':' | b'-' | b'.');
    let in_word = |b: &u8| *b == b'_' || b.is_ascii_alphanumeric();
    let from_before = before.is_some_and(|b| {
        in_word(b) || (goes_on(b) && start >= 2 && bytes.get(start - 2).is_some_and(u8::is_ascii_hexdigit))
    });
    let into_after = bytes.get(end).is_some_and(|b| in_word(b) || (goes_on(b) && beyond));
    !from_before && !into_after
}

/// Whether this is no time, no date, and not the address of nobody or everybody.
fn is_address(scan: &Scan<'_>, at: usize, written: &str) -> bool {
    let letters = written.bytes().any(|b| b.is_ascii_alphabetic());
    let figures = written.bytes().any(|b| b.is_ascii_digit());
    let mut groups = written.split([':', '-', '.']);
    let first = groups.next();
    let all_same = groups.all(|group| Some(group) == first);
    let is_late = written.split([':', '-']).any(|group| group.len() == 2 && group >= "60");
    let named = (at.saturating_sub(4)..at).any(|word| {
        scan.words.get(word).is_some_and(|read| read.known.has(Known::HOST_LABEL)) || {
            let word = scan.word_text(word);
            ["mac", "ether", "hwaddr", "bssid"].iter().any(|name| word.eq_ignore_ascii_case(name))
        }
    });
    let dotted = written.contains('.');
    !all_same && (named || if dotted { letters && figures } else { letters || (is_late && written.contains(':')) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::texts;

    #[test]
    fn addresses_are_found() {
        for (text, expected) in [
            ("MAC is 00:1B:44:11:3A:B7,", "00:1B:44:11:3A:B7"),
            ("at 00-1b-44-11-3a-b7 [ether]", "00-1b-44-11-3a-b7"),
            ("interface 001b.4411.3ab7", "001b.4411.3ab7"),
            ("ether 10:20:30:40:50:12", "10:20:30:40:50:12"),
            ("(00:1b:44:11:3a:b7)", "00:1b:44:11:3a:b7"),
        ] {
            assert_eq!(texts(find, text), [expected], "{text}");
        }
    }

    #[test]
    fn times_dumps_and_fingerprints_stay() {
        for text in [
            "12:30:45",
            "20-12-05-10-30-22",
            "00:1b:44:11:3a:b7:99",
            "2001:db8:aa:bb:cc:dd:ee:ff",
            "aa:bb:cc:dd:ee",
            "ff:ff:ff:ff:ff:ff",
            "00:00:00:00:00:00",
            "1000.2000.3000",
            "550e8400-e29b-41d4-a716-446655440000",
            "x00:1b:44:11:3a:b7",
        ] {
            assert_eq!(texts(find, text), [""; 0], "{text}");
        }
    }

    #[test]
    fn spellings_of_one_address_are_one() {
        let mut found = Vec::new();
        find(&Scan::new("00:1B:44:11:3A:B7 and 001b.4411.3ab7"), &mut found);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].identity, found[1].identity);
    }
}
