//! Phone numbers, only where a sign says so: a leading `+` or `00`, an area code in parentheses, or a word such as "phone"
//! in front. Digits alone are ids, versions, times and sizes far more often.

use super::{Candidate, Detector, after, before, in_word, words_before};
use crate::Kind;
use crate::placeholders::Identity;
use crate::scan::Scan;

static INTERNATIONAL: Detector =
    Detector::new("phone.international", Kind::Phone, 90, "It is a number with an international prefix.");
static AREA_CODE: Detector =
    Detector::new("phone.area-code", Kind::Phone, 90, "It is a number with an area code in parentheses.");
static CUE: Detector = Detector::new("phone.cue", Kind::Phone, 90, "A word for a phone stands in front of the number.");

/// Words that announce a phone number, folded.
const CUES: &[&str] = &[
    "call",
    "cell",
    "cellphone",
    "dial",
    "fax",
    "handy",
    "helpline",
    "hotline",
    "mob",
    "mobil",
    "mobile",
    "movil",
    "phone",
    "ring",
    "sms",
    "tel",
    "telefon",
    "telefono",
    "telephone",
    "whatsapp",
];

/// Words that may stand between such a word and the number.
const FILLERS: &[&str] = &[
    "at", "back", "her", "him", "is", "line", "me", "my", "no", "nr", "number", "on", "or", "our", "the", "them", "us",
];

const LONGEST: usize = 15;

pub(crate) fn find(scan: &Scan<'_>, found: &mut Vec<Candidate>) {
    let text = scan.text;
    let mut at = 0;
    while let Some(offset) = text[at..].find(|c: char| c.is_ascii_digit() || matches!(c, '+' | '(')) {
        let start = at + offset;
        let run = text[start..].bytes().take_while(u8::is_ascii_digit).count().max(1);
        at = start + run;
        if in_word(before(text, start)) || matches!(before(text, start), Some('+' | '.' | ')')) {
            continue;
        }
        let number = Number::read(&text[start..]);
        if let Some(detector) = number.detector(text, start) {
            let end = start + number.len;
            found.push(Candidate { start, end, detector, identity: Identity::Text(number.normal(&text[start..end])) });
            at = end;
        }
    }
}

/// A stretch of digits in groups, as people write a phone number.
struct Number {
    /// Bytes of the stretch.
    len: usize,
    digits: usize,
    /// How many digits each group has.
    groups: Vec<usize>,
    dots_only: bool,
    /// Some letter or further number hangs on to the last digit.
    runs_on: bool,
}

impl Number {
    /// Reads groups of digits from the beginning of `text` for as long as they can be one number.
    fn read(text: &str) -> Number {
        let mut number = Number { len: 0, digits: 0, groups: Vec::new(), dots_only: true, runs_on: false };
        let mut at = 0;
        loop {
            let opened = text[at..].starts_with('(');
            at += usize::from(opened);
            if number.groups.is_empty() && text[at..].starts_with('+') {
                at += 1;
            }
            let group = text[at..].bytes().take_while(u8::is_ascii_digit).count();
            if group == 0 || number.digits + group > LONGEST {
                break;
            }
            at += group;
            if opened {
                if !text[at..].starts_with(')') {
                    break;
                }
                at += 1;
            }
            number.len = at;
            number.digits += group;
            number.groups.push(group);
            let gap: usize = text[at..].chars().take(2).take_while(|c| is_gap(*c)).map(char::len_utf8).sum();
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

    /// Bytes of an extension that follows directly, `x12`.
    fn extension(&self, text: &str) -> Option<usize> {
        let rest = text[self.len..].strip_prefix('x')?;
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        (1..=6).contains(&digits).then_some(digits + 1)
    }

    fn detector(&self, text: &str, start: usize) -> Option<&'static Detector> {
        let written = &text[start..start + self.len];
        if self.runs_on || self.digits < 7 {
            return None;
        }
        if let Some(rest) = written.trim_start_matches('(').strip_prefix('+') {
            return (self.digits >= 8 && !rest.starts_with('0')).then_some(&INTERNATIONAL);
        }
        // Bytes in a memory dump also begin with 00, but as a group of its own.
        if written.starts_with("00")
            && !written.starts_with("000")
            && self.digits >= 10
            && self.groups.len() > 1
            && self.groups[0] > 2
            && !self.dots_only
        {
            return Some(&INTERNATIONAL);
        }
        if written.starts_with('(') && self.digits >= 9 && self.groups.len() > 1 && (2..=5).contains(&self.groups[0]) {
            return Some(&AREA_CODE);
        }
        let is_version = self.dots_only && self.groups.contains(&1);
        let is_clock = after(text, start + self.len) == Some(':');
        (!is_version && !is_clock && !is_date(written) && announced(text, start)).then_some(&CUE)
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
    let digits: Vec<u32> = written.chars().filter_map(|c| c.to_digit(10)).take(8).collect();
    let [a, b, c, d, e, f, g, h] = digits[..] else {
        return false;
    };
    let two = |tens: u32, ones: u32| tens * 10 + ones;
    let is_year = |century: u32| century == 19 || century == 20;
    let is_day = |month: u32, day: u32| (1..=12).contains(&month) && (1..=31).contains(&day);
    (is_year(two(a, b)) && is_day(two(e, f), two(g, h)))
        || (is_year(two(e, f)) && (is_day(two(c, d), two(a, b)) || is_day(two(a, b), two(c, d))))
}

/// Whether a word for a phone stands in front, with nothing but fillers between.
fn announced(text: &str, at: usize) -> bool {
    for word in words_before(text, at).take(5) {
        if CUES.contains(&word.as_str()) {
            return true;
        }
        if !FILLERS.contains(&word.as_str()) {
            return false;
        }
    }
    false
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
