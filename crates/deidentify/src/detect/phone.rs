//! Phone numbers: with an international prefix, an area code in parentheses, in the groups of a country, or with a word such
//! as "phone" beside them. Digits alone are ids, versions, times and sizes far more often, and must stay.

use super::{Candidate, Detector, after, before, in_word};
use crate::Kind;
use crate::lexicon::Known;
use crate::placeholders::Identity;
use crate::scan::{Scan, Word};

static INTERNATIONAL: Detector =
    Detector::new("phone.international", Kind::Phone, 90, "It is a number with an international prefix.");
static AREA_CODE: Detector =
    Detector::new("phone.area-code", Kind::Phone, 90, "It is a number with an area code in parentheses.");
static NATIONAL: Detector =
    Detector::new("phone.national", Kind::Phone, 80, "Its groups of digits are those of a phone number.");
static CUE: Detector = Detector::new("phone.cue", Kind::Phone, 88, "A word for a phone stands beside the number.");

/// The digits of a number.
const FEWEST: usize = 7;
const LONGEST: usize = 15;

pub(crate) fn find(scan: &Scan<'_>, found: &mut Vec<Candidate>) {
    let text = scan.text;
    let mut read_to = 0;
    for at in scan.numbers() {
        let word = &scan.words[at];
        if word.before == b'.' || !may_begin(text, word) {
            continue;
        }
        let head = text.get(..word.start).unwrap_or_default();
        // A parenthesis may hold the area code or the whole number.
        let openings: &[&str] = match word.before {
            b'+' => &["(+", "+"],
            b'(' => &["(", ""],
            _ => &[""],
        };
        for opening in openings.iter().filter(|opening| head.ends_with(**opening)) {
            let start = word.start - opening.len();
            if start < read_to || is_joined(text, start) || (opening.is_empty() && word.before == b'+') {
                continue;
            }
            let number = Number::read(text.get(start..).unwrap_or_default());
            if let Some(detector) = number.detector(scan, at, start) {
                let end = start + number.len;
                let written = text.get(start..end).unwrap_or_default();
                found.push(Candidate { start, end, detector, identity: Identity::Text(number.normal(written)) });
                read_to = end;
                break;
            }
        }
    }
}

/// Whether there are enough digits for a number up to the next letter: hardly any number of a text has them.
fn may_begin(text: &str, word: &Word) -> bool {
    let belongs = |b: &&u8| matches!(b, b'0'..=b'9' | b' ' | b'-' | b'.' | b'/' | b'(' | b')' | b'+' | 128..);
    let run = text.as_bytes()[word.start..].iter().take_while(belongs);
    run.filter(|b| b.is_ascii_digit()).take(FEWEST).count() == FEWEST
}

/// Whether a number at `start` is the rest of something longer.
fn is_joined(text: &str, start: usize) -> bool {
    let last = before(text, start);
    let behind = last.map_or(start, |c| start - c.len_utf8());
    in_word(last)
        || matches!(last, Some('+' | '.' | ')' | '#' | '$' | '€' | '£'))
        || (matches!(last, Some('-' | ',' | '/' | ':'))
            && before(text, behind).is_some_and(|c| {
                c.is_ascii_digit() || (last != Some(':') && last != Some(',') && c.is_alphabetic() && last == Some('-'))
            }))
}

/// A stretch of digits in groups, as people write a phone number.
struct Number {
    /// Bytes of the stretch.
    len: usize,
    digits: usize,
    /// How many digits each group has, and how many groups there are.
    sizes: [usize; LONGEST],
    count: usize,
    dots_only: bool,
    /// Some letter or further number hangs on to the last digit.
    runs_on: bool,
}

impl Number {
    /// Reads groups of digits from the beginning of `text` for as long as they can be one number.
    fn read(text: &str) -> Number {
        let mut number = Number { len: 0, digits: 0, sizes: [0; LONGEST], count: 0, dots_only: true, runs_on: false };
        let bytes = text.as_bytes();
        let mut at = 0;
        loop {
            let opened = bytes.get(at) == Some(&b'(');
            at += usize::from(opened);
            if number.count == 0 && bytes.get(at) == Some(&b'+') {
                at += 1;
            }
            let group = bytes[at..].iter().take_while(|b| b.is_ascii_digit()).count();
            if group == 0 || number.digits + group > LONGEST {
                break;
            }
            at += group;
            if opened {
                if bytes.get(at) != Some(&b')') {
                    break;
                }
                at += 1;
            }
            number.len = at;
            number.digits += group;
            number.sizes[number.count] = group;
            number.count += 1;
            let follows = bytes.get(at);
            if !matches!(follows, Some(b' ' | b'-' | b'.' | b'/' | b'(' | 128..)) && !opened {
                break;
            }
            // As nearly always, one sign and the next group.
            if let (Some(sign @ (b' ' | b'-' | b'.' | b'/')), Some(b'0'..=b'9')) = (follows, bytes.get(at + 1)) {
                number.dots_only &= *sign == b'.';
                at += 1;
                continue;
            }
            let spaced_slash = number.count == 1 && [" / ", " - "].into_iter().any(|gap| text[at..].starts_with(gap));
            let most = if spaced_slash { 3 } else { 2 };
            let gap: usize = text[at..].chars().take(most).take_while(|c| is_gap(*c)).map(char::len_utf8).sum();
            let next = after(text, at + gap);
            if !next.is_some_and(|c| c.is_ascii_digit() || c == '(') || (gap == 0 && !opened && next != Some('(')) {
                break;
            }
            number.dots_only &= &text[at..at + gap] == ".";
            at += gap;
        }
        number.runs_on = in_word(after(text, number.len)) && number.extension(text).is_none();
        if let Some(extension) = number.extension(text) {
            number.len += extension;
        }
        number
    }

    fn groups(&self) -> &[usize] {
        &self.sizes[..self.count]
    }

    /// Bytes of an extension that follows directly, `x12`.
    fn extension(&self, text: &str) -> Option<usize> {
        let rest = text[self.len..].strip_prefix('x')?;
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        (1..=6).contains(&digits).then_some(digits + 1)
    }

    fn detector(&self, scan: &Scan<'_>, at: usize, start: usize) -> Option<&'static Detector> {
        let text = scan.text;
        let written = text.get(start..start + self.len)?;
        if self.runs_on || self.digits < FEWEST {
            return None;
        }
        if let Some(rest) = written.trim_start_matches('(').strip_prefix('+') {
            return (self.digits >= 8 && !rest.starts_with('0')).then_some(&INTERNATIONAL);
        }
        let first = *self.groups().first()?;
        // Bytes in a memory dump also begin with 00, but as a group of its own.
        if written.starts_with("00")
            && !written.starts_with("000")
            && self.digits >= 10
            && self.count > 1
            && first > 2
            && !self.dots_only
        {
            return Some(&INTERNATIONAL);
        }
        let is_clock = matches!(after(text, start + self.len), Some(':'))
            && text.get(start + self.len + 1..).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        // A day begins with two digits or a year.
        let dated = first != 3 && is_date(written);
        if is_clock || dated || self.goes_on(text, start) {
            return None;
        }
        if written.starts_with('(') && self.digits >= 9 && self.count > 1 && (2..=5).contains(&first) {
            return Some(&AREA_CODE);
        }
        let said = Said::around(scan, at, start + self.len);
        if said == Said::Other {
            return None;
        }
        if said == Said::Beside && !(self.dots_only && self.groups().contains(&1)) {
            return Some(&CUE);
        }
        if self.is_north_american(written) || self.is_national(written) {
            return Some(&NATIONAL);
        }
        let grouped = self.count >= 2 && self.groups().iter().all(|group| (2..=7).contains(group));
        (said == Said::OnTheLine && grouped && (9..=12).contains(&self.digits) && !self.dots_only).then_some(&CUE)
    }

    /// Whether more figures follow directly, as in a decimal, an address of a network or a date.
    fn goes_on(&self, text: &str, start: usize) -> bool {
        let rest = text.get(start + self.len..).unwrap_or_default();
        rest.starts_with(['.', '-', '/', ',', '_'])
            && rest.get(1..).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    }

    /// `ddd-ddd-dddd`, with one sign throughout, also behind the 1 of the country; area and exchange begin with 2 to 9.
    fn is_north_american(&self, written: &str) -> bool {
        let groups = match self.groups() {
            [1, rest @ ..] if written.starts_with('1') => rest,
            groups => groups,
        };
        if groups != [3, 3, 4] {
            return false;
        }
        let skip = self.count - groups.len();
        let parts: Vec<&str> = written.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty()).collect();
        let begins =
            |at: usize| parts.get(skip + at).is_some_and(|part| part.starts_with(|c: char| ('2'..='9').contains(&c)));
        let signs: Vec<char> = written.chars().filter(|c| is_gap(*c)).collect();
        let same = signs.windows(2).all(|pair| matches!(pair, [one, two] if one == two));
        begins(0) && (begins(1) || signs.contains(&'-')) && same && !signs.contains(&'/')
    }

    /// A number that begins with the 0 of its country's trunk line, in groups.
    fn is_national(&self, written: &str) -> bool {
        let groups = self.groups();
        let Some(first) = groups.first() else { return false };
        let trunk = written.starts_with('0') && !written.starts_with("00") && (2..=5).contains(first);
        let pairs = groups == [2, 2, 2, 2, 2];
        let hyphens = written.bytes().filter(|b| *b == b'-').count();
        trunk
            && (9..=12).contains(&self.digits)
            && (2..=5).contains(&groups.len())
            && (pairs || !self.dots_only)
            && (pairs || hyphens < 3)
            && groups.iter().skip(1).all(|group| *group >= 2)
            && groups != [2, 2, 4]
            && !matches!(groups, [2, 2, 4, ..] | [4, 2, 2, ..])
    }

    /// The digits, with `+` for every way to write an international prefix.
    fn normal(&self, written: &str) -> String {
        let digits: String = written.chars().filter(char::is_ascii_digit).collect();
        match digits.strip_prefix("00") {
            Some(rest) => format!("+{rest}"),
            None if written.contains('+') => format!("+{digits}"),
            None => digits,
        }
    }
}

fn is_gap(c: char) -> bool {
    matches!(c, ' ' | '-' | '.' | '/' | '\u{A0}' | '\u{2009}' | '\u{2010}' | '\u{2011}' | '\u{202F}')
}

/// Whether the digits begin as a day or a build of that day does: `2026-08-17`, `17.08.2026`, `20260817`.
fn is_date(written: &str) -> bool {
    let mut digits = written.bytes().filter(u8::is_ascii_digit).map(|b| u32::from(b - b'0'));
    let mut first = [0; 8];
    for place in &mut first {
        match digits.next() {
            Some(digit) => *place = digit,
            None => return false,
        }
    }
    let [a, b, c, d, e, f, g, h] = first;
    let two = |tens: u32, ones: u32| tens * 10 + ones;
    let is_year = |century: u32| century == 19 || century == 20;
    let is_day = |month: u32, day: u32| (1..=12).contains(&month) && (1..=31).contains(&day);
    (is_year(two(a, b)) && is_day(two(e, f), two(g, h)))
        || (is_year(two(e, f)) && (is_day(two(c, d), two(a, b)) || is_day(two(a, b), two(c, d))))
}

/// What the words around a number say of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    /// A word for a phone, with nothing but little words between.
    Beside,
    /// A word for a phone earlier on the line.
    OnTheLine,
    /// That it is something else: a card, an id, a version.
    Other,
    Nothing,
}

impl Said {
    fn around(scan: &Scan<'_>, at: usize, end: usize) -> Self {
        const REACH: usize = 9;
        const FILLERS: &[&str] = &[
            "number",
            "no",
            "nr",
            "back",
            "line",
            "me",
            "us",
            "him",
            "her",
            "them",
            "is",
            "at",
            "on",
            "or",
            "our",
            "my",
            "the",
            "messages",
            "to",
            "personal",
            "work",
            "home",
            "numero",
            "número",
            "al",
            "au",
            "unter",
            "op",
            "haar",
            "hem",
            "ist",
            "est",
            "es",
            "registered",
        ];
        if Self::follows(scan, at, end) {
            return Self::Beside;
        }
        let mut beside = true;
        let mut numbered = false;
        for previous in (at.saturating_sub(REACH)..at).rev() {
            let Some(word) = scan.words.get(previous) else { break };
            let gap = scan.gap_after(previous);
            let new_line = gap.contains('\n');
            // `call+ 9538616` is a place in a program.
            if gap.contains('+') || new_line && !(beside && previous + 1 == at) {
                break;
            }
            // The groups of other numbers say nothing.
            if word.shape.is_number() {
                if new_line {
                    break;
                }
                beside = false;
                continue;
            }
            let written = scan.word_text(previous);
            let is_number = ["number", "nummer", "numero", "numerem", "numer"]
                .iter()
                .any(|name| written.eq_ignore_ascii_case(name));
            numbered |= is_number && !new_line;
            if !is_number && word.known.has(Known::PHONE_LABEL) || is_one_letter_label(scan, previous, gap) {
                // `mobile` and `reach` are ordinary words as well: only the line's own label counts across words.
                if beside {
                    return Self::Beside;
                }
                return if new_line { Self::Nothing } else { Self::OnTheLine };
            }
            if new_line {
                break;
            }
            if beside && (word.known.has(Known::PAYMENT_LABEL | Known::ID_LABEL) || is_other(scan.word_text(previous)))
            {
                return Self::Other;
            }
            let filler =
                is_number || FILLERS.iter().any(|filler| scan.word_text(previous).eq_ignore_ascii_case(filler));
            beside &= filler && !gap.contains([';', '|', '?', '!']);
        }
        if numbered { Self::OnTheLine } else { Self::Nothing }
    }

    /// `555 0143 office`, `555 0143-Fax`
    fn follows(scan: &Scan<'_>, at: usize, end: usize) -> bool {
        let Some(within) = scan.words[at..].iter().position(|word| word.start >= end) else { return false };
        let next = at + within;
        let word = &scan.words[next];
        let gap = scan.text.get(end..word.start).unwrap_or_default();
        matches!(gap, " " | "-" | " (")
            && ["office", "fax", "mobile", "cell", "desk", "landline", "mobil"]
                .iter()
                .any(|label| scan.word_text(next).eq_ignore_ascii_case(label))
    }
}

/// `T: `, `M: `, and 电话.
fn is_one_letter_label(scan: &Scan<'_>, at: usize, gap: &str) -> bool {
    let word = scan.word_text(at);
    let letter = matches!(word, "T" | "M" | "P" | "F" | "t" | "m" | "Ph" | "ph") && gap.starts_with([':', '.']);
    letter || matches!(word, "话" | "話" | "机" | "전화" | "화")
}

/// Words before numbers that are none of a phone's.
fn is_other(word: &str) -> bool {
    const WORDS: &[&str] = &[
        "order",
        "invoice",
        "serial",
        "ticket",
        "part",
        "issue",
        "case",
        "version",
        "build",
        "ref",
        "reference",
        "isbn",
        "id",
        "port",
        "line",
        "row",
        "error",
        "code",
        "pin",
        "commit",
        "revision",
        "rev",
        "account",
        "iban",
        "card",
    ];
    WORDS.iter().any(|other| word.eq_ignore_ascii_case(other))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::texts;

    #[test]
    fn numbers_with_a_sign_are_found() {
        for (text, expected) in [
            ("Reach Ines: +49 30 5550 1234.", "+49 30 5550 1234"),
            ("(+44) 20 7946 0018", "(+44) 20 7946 0018"),
            ("+1-202-555-0143x12", "+1-202-555-0143x12"),
            ("+442079460018", "+442079460018"),
            ("0049 30 55501234", "0049 30 55501234"),
            ("+49 (0)30 5550-1234", "+49 (0)30 5550-1234"),
            ("(202) 555-0143", "(202) 555-0143"),
            ("phone: 202-555-0143", "202-555-0143"),
            ("call me on 020 7946 0018", "020 7946 0018"),
            ("Tel. 06.12.34.56.78", "06.12.34.56.78"),
            ("Tel:03055501234", "03055501234"),
            ("Phone:\n60-56-85-91", "60-56-85-91"),
        ] {
            assert_eq!(texts(find, text), [expected], "{text}");
        }
    }

    #[test]
    fn a_further_number_does_not_make_one_too_long() {
        assert_eq!(texts(find, "+49 151 555012 2012"), ["+49 151 555012 2012"]);
        assert_eq!(texts(find, "+49 151 55501234 2012"), ["+49 151 55501234"]);
    }

    #[test]
    fn ids_versions_and_times_stay() {
        for text in [
            "2026-08-17T11:59:00.000+0000",
            "version 3.1.0.20260817",
            "build 20260817115900",
            "APP-1234567",
            "1234567890123",
            "mobile 2026-08-17 11:59",
            "mobile 3.2.0.20131218",
            "0x00123456789",
            "00 12 34 56 78 90 12",
            "00000000-0000-4000",
            "f(12345) 67890123",
            "call 12:34",
            "card number 4000 1234 5678",
            "+0100",
            "C+12345678",
            "1+23456789",
            "(2026) 5",
            "+1 2 3",
            "phone 17.08.2026",
            "call 5550143abc",
        ] {
            assert_eq!(texts(find, text), [""; 0], "{text}");
        }
    }

    #[test]
    fn spellings_of_one_number_are_one() {
        let mut found = Vec::new();
        find(&Scan::new("+49 30 5550 1234 or 0049 30 5550-1234"), &mut found);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].identity, found[1].identity);
    }
}
