//! Addresses that are written line by line, whatever the street is called: the line around a flat or a suite, the number in
//! front of a street, the post code under it, and the addresses of military post.
//!
//! It starts from the few words that only stand in such blocks; a line without any of them is never taken.

use super::{Candidate, Detector};
use crate::Kind;
use crate::lexicon::Known;
use crate::placeholders::Identity;
use crate::scan::{Scan, Shape};
use crate::words::fold;

static BLOCK: Detector =
    Detector::new("address.block", Kind::Address, 75, "It is a line of an address around a flat or suite number.");
static ANNOUNCED: Detector =
    Detector::new("address.announced", Kind::Address, 70, "The words in front say that an address follows.");
static MILITARY: Detector = Detector::new("address.military", Kind::Address, 95, "It is an address of military post.");

/// Lines under the flat that are looked at for a post code.
const LINES_BELOW: usize = 3;
/// The most words of a street's line.
const LONGEST_LINE: usize = 8;

pub(crate) fn find(scan: &Scan<'_>, found: &mut Vec<Candidate>) {
    for at in scan.numbers().filter(|at| *at > 0) {
        announced(scan, at, found);
        let before = scan.word_text(at - 1);
        if !matches!(scan.gap_before(at), " " | ". " | " #" | " no. ") {
            continue;
        }
        if ["suite", "apt", "apartment", "flat"].iter().any(|unit| before.eq_ignore_ascii_case(unit)) {
            block(scan, at, found);
        } else if ["APO", "FPO", "DPO"]
            .iter()
            .any(|office| at > 1 && scan.word_text(at - 2).eq_ignore_ascii_case(office))
        {
            military(scan, at, found);
        }
    }
}

/// A street whose kind no list knows, where the words before say that an address follows: `lives at 255 Hersnapvej 18`.
fn announced(scan: &Scan<'_>, number: usize, found: &mut Vec<Candidate>) {
    const REACH: usize = 5;
    let short = |at: usize| scan.words[at].shape.is_number() && scan.words[at].end - scan.words[at].start <= 5;
    if !short(number)
        || !scan.words[number.saturating_sub(REACH)..number].iter().any(|word| word.known.has(Known::ADDRESS_LABEL))
    {
        return;
    }
    let mut last = number;
    let mut street = false;
    while last + 1 < scan.words.len()
        && last - number < LONGEST_LINE
        && matches!(scan.gap_after(last), " " | "-" | "'" | "’" | ". ")
    {
        last += 1;
        let word = &scan.words[last];
        if short(last) && street {
            push(scan, number, last, &ANNOUNCED, found);
            return;
        }
        if word.shape.has(Shape::DIGIT) && !short(last) {
            return;
        }
        street |= word.end - word.start >= 4 && !word.known.has(Known::FUNCTION) && !word.shape.is_number();
    }
}

fn push(scan: &Scan<'_>, from: usize, to: usize, detector: &'static Detector, found: &mut Vec<Candidate>) {
    let (start, end) = (scan.words[from].start, scan.words[to].end);
    found.push(Candidate { start, end, detector, identity: Identity::Text(fold(&scan.text[start..end])) });
}

/// `unit` is the number of a flat. The street stands before it, in the same line or the one above.
fn block(scan: &Scan<'_>, unit: usize, found: &mut Vec<Candidate>) {
    let mut first = unit - 1;
    let own_line = scan.words[first].shape.has(Shape::LINE);
    // To the number that begins the street's line, over words only.
    let mut number = None;
    for _ in 0..LONGEST_LINE {
        let Some(previous) = first.checked_sub(1) else { break };
        let gap = scan.gap_before(first);
        let joins = gap.len() <= 6
            && !gap.contains(['.', ':', '?', '!', ';'])
            && gap.matches('\n').count() <= usize::from(own_line && number.is_none() && first == unit - 1);
        if !joins {
            break;
        }
        first = previous;
        if scan.words[first].shape.has(Shape::FIRST_DIGIT) {
            number = Some(first);
        }
    }
    // In the middle of a line without a house number it is a suite of something else.
    if number.is_none() && !own_line {
        return;
    }
    push(scan, number.unwrap_or(unit - 1), unit, &BLOCK, found);
    post_code(scan, unit, found);
}

/// The number that ends one of the lines below: `Maribor`, then `Slovenia 82709`.
fn post_code(scan: &Scan<'_>, unit: usize, found: &mut Vec<Candidate>) {
    let mut lines = 0;
    for at in unit + 1..scan.words.len().min(unit + 12) {
        let word = &scan.words[at];
        lines += usize::from(word.shape.has(Shape::LINE));
        let gap = scan.gap_before(at);
        if lines > LINES_BELOW || gap.contains(['.', ':', '!']) || gap.len() > 8 {
            return;
        }
        let digits = word.end - word.start;
        let ends = scan.gap_after(at).contains('\n') || at + 1 == scan.words.len();
        if word.shape.is_number() && (4..=6).contains(&digits) && (ends || lines == 0) {
            push(scan, at, at, &BLOCK, found);
            return;
        }
        if !word.shape.begins_with_capital() && !word.shape.has(Shape::LOWER) {
            return;
        }
    }
}

/// `PSC 2581, Box 0041` or `Unit 0822 Box 8858` or a ship, and under it `APO AP 32376`.
fn military(scan: &Scan<'_>, code: usize, found: &mut Vec<Candidate>) {
    let office = code - 2;
    let mut first = office;
    while let Some(previous) = first.checked_sub(1).filter(|previous| office - previous <= 5) {
        let gap = scan.gap_before(first);
        if gap.len() > 4 || gap.contains(['.', ':']) || (first != office && gap.contains('\n')) {
            break;
        }
        first = previous;
        if is_post(scan.word_text(first)) {
            break;
        }
    }
    let begins = is_post(scan.word_text(first));
    push(scan, if begins { first } else { office }, code, &MILITARY, found);
}

/// How the first line of an address of military post begins.
fn is_post(word: &str) -> bool {
    ["PSC", "CMR", "Unit", "USS", "USNS", "USNV", "USCGC"].iter().any(|post| word.eq_ignore_ascii_case(post))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::texts;

    #[test]
    fn blocks_are_taken_line_by_line() {
        assert_eq!(
            texts(find, "Bram\n4923 Parmova 109\n Suite 380\n Maribor\n Slovenia 82709\nok"),
            ["4923 Parmova 109\n Suite 380", "82709"]
        );
        assert_eq!(
            texts(find, "at 0605 Penteli 210 Apt. 999\nDelmas, MP 35739"),
            ["0605 Penteli 210 Apt. 999", "35739"]
        );
        assert_eq!(texts(find, "It is PSC 2581, Box 0041\nAPO AP 32376."), ["PSC 2581, Box 0041\nAPO AP 32376"]);
        assert_eq!(texts(find, "Bram lives at 255 Hersnapvej 18, Lund"), ["255 Hersnapvej 18"]);
        assert_eq!(texts(find, "Unit 1293 Box 4311\nDPO AE 01708"), ["Unit 1293 Box 4311\nDPO AE 01708"]);
    }

    #[test]
    fn suites_of_tests_are_no_addresses() {
        for text in ["the test suite 3 fails", "Suite: 12 passed", "apt install 5"] {
            assert_eq!(texts(find, text), [""; 0], "{text}");
        }
    }
}
