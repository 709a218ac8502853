//! Where a name stands: how strongly the words and signs around a word say that it names a person.

use crate::lexicon::Known;
use crate::scan::{Scan, Shape};

/// How strongly a place expects a name, from 0.
pub(crate) type Strength = u8;

/// A place where names may stand as well as much else: after `with`.
pub(crate) const WEAK: Strength = 1;
/// A place where names stand among other words: after `by`, in front of `said`.
pub(crate) const FAIR: Strength = 2;
/// A place where hardly anything but a name stands: after `cc`, in a salutation.
pub(crate) const STRONG: Strength = 3;
/// A place that says that a person is named: after `Mr`, behind `Author:`.
pub(crate) const CERTAIN: Strength = 4;

/// How strongly the words `first..=last` stand where a name stands.
pub(crate) fn name_expected(scan: &Scan<'_>, first: usize, last: usize) -> Strength {
    before(scan, first).max(after(scan, last))
}

fn before(scan: &Scan<'_>, first: usize) -> Strength {
    let Some(previous) = first.checked_sub(1) else { return 0 };
    let gap = scan.gap_before(first);
    if gap.len() > 8 {
        return 0;
    }
    let mut word = &scan.words[previous];
    // `Approver 1: X`
    if word.shape.is_number() && gap.starts_with(':') && previous > 0 && scan.gap_before(previous) == " " {
        word = &scan.words[previous - 1];
    }
    if gap.contains('\n') {
        return if closes_letter(scan, previous, gap) { STRONG } else { 0 };
    }
    if word.known.has(Known::HONORIFIC) && matches!(gap, " " | ". " | ".") {
        // Some titles are everyday words when written small.
        return if word.shape.has(Shape::FIRST_UPPER) { CERTAIN } else { FAIR };
    }
    if word.known.has(Known::PERSON_LABEL) && labels(gap) {
        let certain = word.shape.has(Shape::LINE | Shape::FIRST_UPPER) || gap.contains(['"', '=']);
        return if certain { CERTAIN } else { STRONG };
    }
    if gap.ends_with('@') {
        return STRONG;
    }
    if word.known.has(Known::CLOSE) {
        match gap {
            " " | ", " | ": " | " - " | "  " => return STRONG,
            // A new sentence may begin with anything.
            ". " | "! " => return WEAK,
            _ => {}
        }
    }
    if gap != " " && gap != ", " && gap != "  " {
        return 0;
    }
    // `assigned to X`, `thanks to X`, `talked to X`.
    if gap == " " && scan.word_text(previous).eq_ignore_ascii_case("to") {
        let verb = previous.checked_sub(1).map(|at| &scan.words[at]);
        return match verb {
            Some(verb) if verb.known.has(Known::CLOSE) => STRONG,
            Some(verb) if verb.known.has(Known::BEFORE_NAME) => FAIR,
            _ => WEAK,
        };
    }
    // `my name is X`, `everyone calls me X`
    let named = |first: &[&str], second: &[&str]| {
        first.contains(&scan.word_text(previous)) && previous > 0 && second.contains(&scan.word_text(previous - 1))
    };
    if gap == " "
        && (named(&["is", "was"], &["name", "Name", "names"])
            || named(&["me", "him", "her"], &["call", "calls", "called", "named"]))
    {
        return STRONG;
    }
    if word.known.has(Known::BEFORE_NAME) {
        let everyday = word.known.has(Known::FUNCTION) && !scan.word_text(previous).eq_ignore_ascii_case("by");
        return if everyday { WEAK } else { FAIR };
    }
    0
}

/// What stands between a label and its value: `: `, `=`, `": "`, `">`.
fn labels(gap: &str) -> bool {
    let gap = gap.trim_start_matches(['*', '_', '"', '\'', ']', ')', ' ']);
    gap.starts_with([':', '='])
}

/// Whether the lines before end a letter: a closing word in a line of its own, or two hyphens.
fn closes_letter(scan: &Scan<'_>, last: usize, gap: &str) -> bool {
    if gap.contains("\n--\n") || gap.contains("\n-- \n") {
        return true;
    }
    let word = &scan.words[last];
    let short = (last.saturating_sub(2)..=last).any(|at| scan.words[at].shape.has(Shape::LINE));
    let closing = (last.saturating_sub(2)..=last).any(|at| scan.words[at].known.has(Known::CLOSE));
    short && closing && !gap.contains(['.', ':', '?']) && !word.shape.has(Shape::DIGIT)
}

/// How strongly what follows says that a person is named.
pub(crate) fn after(scan: &Scan<'_>, last: usize) -> Strength {
    let gap = scan.gap_after(last);
    let Some(next) = scan.words.get(last + 1) else { return 0 };
    // `Ines's report`
    if matches!(gap, "'" | "’") && scan.word_text(last + 1) == "s" {
        return FAIR;
    }
    if scan.words[last].shape.has(Shape::LINE) {
        match gap {
            // `Ines - done`
            " - " | " – " => return FAIR,
            // `Ines, could you`
            ", " | ": " => return WEAK,
            _ => {}
        }
    }
    if gap == " " && next.shape.is_lower() && (next.known.has(Known::AFTER_NAME) || scan.word_text(last + 1) == "here")
    {
        let everyday = next.known.has(Known::FUNCTION) && scan.word_text(last + 1) != "here";
        return if everyday { WEAK } else { FAIR };
    }
    if gap.starts_with(" <") && gap.len() <= 3 {
        return STRONG;
    }
    // `Ines and Bram`
    let joins = ["and", "und", "et", "y", "e", "en"].iter().any(|and| scan.word_text(last + 1) == *and) && gap == " ";
    let other = scan.words.get(last + 2).filter(|_| joins && scan.gap_after(last + 1) == " ");
    if other
        .is_some_and(|other| other.shape.begins_with_capital() && other.known.is_name() && !other.known.is_ordinary())
    {
        return FAIR;
    }
    0
}

/// What hardly anything but a person does, behind a name.
const ACTS: &[&str] = &[
    "said",
    "says",
    "asked",
    "asks",
    "told",
    "wrote",
    "writes",
    "replied",
    "mentioned",
    "thinks",
    "thought",
    "lives",
    "lived",
    "began",
    "agreed",
    "confirmed",
    "suggested",
    "noticed",
    "shouted",
    "laughed",
    "flew",
    "joined",
    "left",
    "reviewed",
    "approved",
    "sagte",
    "meint",
    "dit",
    "dijo",
];

/// Whether the word behind says what only a person does, or the word in front what is only said of one.
pub(crate) fn person_acts(scan: &Scan<'_>, at: usize) -> bool {
    let next = scan.gap_after(at) == " " && at + 1 < scan.words.len() && ACTS.contains(&scan.word_text(at + 1));
    let before = at > 0
        && scan.gap_before(at) == " "
        && ["says", "said", "asked", "told", "named", "called", "contacted", "emailed"]
            .contains(&scan.word_text(at - 1));
    next || before
}

/// How strongly a name just before, that ends at `end`, makes one expected here: `Ines and Bram`, `Ines, Bram`.
pub(crate) fn continues_list(scan: &Scan<'_>, end: usize, first: usize) -> Strength {
    let Some(between) = scan.text.get(end..scan.words[first].start).filter(|between| between.len() <= 8) else {
        return 0;
    };
    match between.trim_matches(' ') {
        "and" | "und" | "et" | "y" | "e" | "i" | "en" | "och" | "og" | "or" | "oder" | "ou" | "o" | "&" | "+" | "/"
        | ", and" | "→" | "->" => FAIR,
        "," | ";" => WEAK,
        _ => 0,
    }
}

/// Whether the words are tied to program text: part of a path, a call, a qualified name, an assignment.
pub(crate) fn in_code(scan: &Scan<'_>, first: usize, last: usize) -> bool {
    let before = &scan.text.as_bytes()[..scan.words[first].start];
    let after = &scan.text.as_bytes()[scan.words[last].end..];
    let tied_before = matches!(before, [.., b'.' | b'/' | b'\\' | b'$' | b'#' | b'=' | b'&' | b'%'])
        || before.ends_with(b"::")
        || before.ends_with(b"->")
        || before.ends_with(b"--");
    let tied_after = match after {
        [b'/' | b'\\' | b'(' | b'=' | b'$' | b'[', ..] => true,
        [b'.' | b'-' | b':', next, ..] => next.is_ascii_alphanumeric() || *next == b':',
        _ => false,
    };
    tied_before || tied_after
}

/// Endings of program files, which are often called like a class and a class like a person.
const FILE_ENDINGS: &[&str] = &[
    "class", "cpp", "cs", "css", "go", "h", "hpp", "htm", "html", "java", "js", "json", "jsp", "jsx", "m", "php", "py",
    "rb", "rs", "scala", "swift", "ts", "tsx", "xml", "yaml", "yml",
];

/// Whether the words are part of a longer identifier: `com.acme.Martin`, `Martin.java`, `martin_id`, `Martin()`.
pub(crate) fn in_identifier(scan: &Scan<'_>, first: usize, last: usize) -> bool {
    let before = &scan.text.as_bytes()[..scan.words[first].start];
    let after = &scan.text.as_bytes()[scan.words[last].end..];
    let tied_before = match before {
        [.., previous, b'.'] => previous.is_ascii_alphanumeric(),
        [.., b'$' | b'#'] => true,
        _ => false,
    };
    let next = scan.words.get(last + 1);
    let tied_after = match after {
        [b'(', next, ..] => *next == b')' || next.is_ascii_alphanumeric(),
        // The ending of a file, or one more link of a chain; a sentence may lack its space.
        [b'.', letter, ..] if letter.is_ascii_alphanumeric() => {
            let ending = next.is_some_and(|_| FILE_ENDINGS.contains(&scan.word_text(last + 1)));
            ending || scan.gap_after(last + 1).starts_with(['.', '('])
        }
        _ => false,
    };
    tied_before || tied_after
}
