//! National identity, tax and insurance numbers, by their check digits and by the words in front of them.
//!
//! A number that is written as only one country writes it needs no word in front; a plain run of digits needs the country's
//! own word for it, shortly before on the same line. Digits alone must never be taken.

use std::cell::LazyCell;

use super::payment::luhn;
use super::{Candidate, Detector, in_word};
use crate::Kind;
use crate::lexicon::Known;
use crate::placeholders::Identity;
use crate::scan::{Scan, Shape};
use crate::words::fold;

static CHECKED: Detector = Detector::new(
    "national-id.checked",
    Kind::NationalId,
    94,
    "It is written as a national id is and its check digit is right.",
);
static SSN: Detector =
    Detector::new("national-id.ssn", Kind::NationalId, 90, "It is written as a US social security number is.");
static LABELLED: Detector =
    Detector::new("national-id.labelled", Kind::NationalId, 92, "The name of a national id stands in front of it.");
static DOCUMENT: Detector = Detector::new(
    "national-id.document",
    Kind::NationalId,
    88,
    "A word for a passport or a licence stands in front of it.",
);

pub(crate) fn find(scan: &Scan<'_>, found: &mut Vec<Candidate>) {
    let mut read_to = 0;
    let mut run = Run::default();
    let labelled = scan.cues.iter().any(|cue| scan.words[*cue].known.has(Known::ID_LABEL));
    // Each word with figures, and the letters in front of it.
    let starts = scan.figures.iter().flat_map(|at| [at.checked_sub(1).filter(|at| is_series(scan, *at)), Some(*at)]);
    for at in starts.flatten() {
        let word = &scan.words[at];
        if word.start < read_to || !has_figures(scan, at) || in_word(super::before(scan.text, word.start)) {
            continue;
        }
        let joined_before = joins_before(scan, at);
        if joined_before && !labelled {
            continue;
        }
        run.read(scan, at);
        if let Some((number, detector)) = identify(scan, at, &run, joined_before) {
            read_to = number.end;
            let identity = Identity::Text(number.compact.to_owned());
            found.push(Candidate { start: word.start, end: number.end, detector, identity });
        }
    }
}

/// Whether a short word in capitals stands in front of a number, as in `AB 12 34 56 C`.
fn is_series(scan: &Scan<'_>, at: usize) -> bool {
    let word = &scan.words[at];
    word.len() <= 2
        && word.shape.has(Shape::UPPER)
        && !word.shape.has(Shape::DIGIT)
        && scan.gap_after(at) == " "
        && scan.words.get(at + 1).is_some_and(|next| next.shape.has(Shape::FIRST_DIGIT))
}

/// How many groups an id may have at the most.
const GROUPS: usize = 8;

/// Whether enough characters follow each other for an id, without reading them.
fn has_figures(scan: &Scan<'_>, at: usize) -> bool {
    const FEWEST: usize = 7;
    let mut characters = 0;
    let mut end = 0;
    for word in scan.words.iter().skip(at).take(GROUPS) {
        if characters > 0 && (word.start > end + 2 || !word.shape.has(Shape::DIGIT | Shape::SINGLE)) {
            break;
        }
        characters += word.end - word.start;
        end = word.end;
        if characters >= FEWEST {
            return word.end - word.start <= LONGEST;
        }
    }
    false
}

/// The most letters and digits of an id.
const LONGEST: usize = 20;

/// Letters and digits in groups from one word on, with every place where they could end.
#[derive(Default)]
struct Run {
    compact: String,
    shape: String,
    /// In the text, in `compact` and in `shape`.
    ends: Vec<(usize, usize, usize)>,
}

impl Run {
    fn read(&mut self, scan: &Scan<'_>, at: usize) {
        self.compact.clear();
        self.shape.clear();
        self.ends.clear();
        for (offset, word) in scan.words.iter().skip(at).take(GROUPS).enumerate() {
            let group = at + offset;
            let written = scan.word_text(group);
            if !written.is_ascii() || self.compact.len() + written.len() > LONGEST {
                return;
            }
            if offset > 0 {
                let gap = scan.gap_before(group);
                if !matches!(gap, " " | "-" | "." | "/" | "+" | "(" | "\u{A0}") {
                    return;
                }
                self.shape.push_str(if gap == "\u{A0}" { " " } else { gap });
            }
            for b in written.bytes() {
                self.compact.push(char::from(b.to_ascii_uppercase()));
                self.shape.push(if b.is_ascii_digit() { '9' } else { 'A' });
            }
            self.ends.push((word.end, self.compact.len(), self.shape.len()));
        }
    }

    fn number(&self, (end, compact, shape): (usize, usize, usize)) -> Option<Number<'_>> {
        Some(Number { end, compact: self.compact.get(..compact)?, shape: self.shape.get(..shape)? })
    }
}

/// One reading of a run.
#[derive(Debug, Clone, Copy)]
struct Number<'r> {
    end: usize,
    /// Without the signs between, in capitals.
    compact: &'r str,
    /// With every letter as `A` and every digit as `9`: `999-99-9999`.
    shape: &'r str,
}

impl Number<'_> {
    fn digits(&self) -> Vec<u32> {
        self.compact.chars().filter_map(|c| c.to_digit(10)).collect()
    }
}

/// The longest reading of the groups from the word at `at` that is an id.
fn identify<'r>(
    scan: &Scan<'_>,
    at: usize,
    run: &'r Run,
    joined_before: bool,
) -> Option<(Number<'r>, &'static Detector)> {
    let mut label = None;
    for ends in run.ends.iter().rev() {
        let number = run.number(*ends)?;
        if !(6..=18).contains(&number.compact.len()) || joins_after(scan.text, number.end) {
            continue;
        }
        if !joined_before && let Some(detector) = by_shape(number) {
            return Some((number, detector));
        }
        let label = label.get_or_insert_with(|| Label::before(scan, at));
        if let Some(detector) = label.detector(number) {
            return Some((number, detector));
        }
    }
    None
}

/// Whether the number goes on to the left: `1.234-56`.
fn joins_before(scan: &Scan<'_>, at: usize) -> bool {
    let Some(previous) = at.checked_sub(1).and_then(|at| scan.words.get(at)) else { return false };
    previous.shape.has(Shape::DIGIT) && matches!(scan.gap_before(at), "-" | "." | "/" | ":" | "," | "+")
        || matches!(scan.gap_before(at), "-" | "_" | "#" | "+")
}

fn joins_after(text: &str, end: usize) -> bool {
    let mut after = text.get(end..).unwrap_or_default().chars();
    let next = after.next();
    in_word(next) || (matches!(next, Some('-' | '.' | ':' | '/')) && after.next().is_some_and(|c| c.is_ascii_digit()))
}

/// An id that shows itself by the way it is written.
fn by_shape(number: Number<'_>) -> Option<&'static Detector> {
    let digits = LazyCell::new(|| number.digits());
    let text = number.compact;
    let right = match number.shape {
        "999999999999999999" | "99999999999999999A" => chinese(text),
        "999-99-9999" => return is_ssn(&digits).then_some(&SSN),
        "999.999.999-99" => cpf(&digits),
        "99.999.999/9999-99" => cnpj(&digits),
        "999.9999.9999.99" => ahv(&digits),
        "999999-9999" | "999999+9999" => is_day_first_or_year_first(&digits) && luhn_of(&digits),
        "99999999-9999" => {
            is_date(digits.get(2..8)?, true) && matches!(digits.first(), Some(1 | 2)) && luhn_of(digits.get(2..)?)
        }
        "999999-999A" | "999999A999A" | "999999A9999" | "999999+999A" => hetu(text),
        "999999/9999" => digits_value(&digits).is_multiple_of(11) && is_czech_date(&digits),
        "999999-9999999" => rrn(&digits),
        "99.999.999-9" | "9.999.999-9" | "99.999.999-A" | "9.999.999-A" => rut(text),
        "99.99.99-999.99" => bsn_belgium(&digits),
        "999-9999-9999999-9" => digits.starts_with(&[7, 8, 4]),
        "99999999A" | "99999999-A" | "99.999.999-A " => nif_spain(text),
        "A9999999A" | "A-9999999-A" | "A9999999-A" | "A-9999999A" => nie(text) || nric(text),
        "AA999999A" | "AA 99 99 99 A" | "AA 999999 A" | "AA-99-99-99-A" | "AA 99 99 99A" | "AA99 9999A" => nino(text),
        "AAAAAA99A99A999A" | "AAA AAA 99A99 A999A" => codice_fiscale(text),
        "AAAA999999AAAAAAA9" | "AAAA999999AAAAAA99" => curp(text),
        "9 99 99 99 999 999 99" | "9 99 99 99 999 999" => nir(text),
        _ => codice_fiscale_with_letters(number) || nir_of_corsica(number),
    };
    right.then_some(&CHECKED)
}

/// What the words in front of a number call it.
struct Label {
    names: Vec<String>,
}

impl Label {
    fn before(scan: &Scan<'_>, at: usize) -> Self {
        const REACH: usize = 6;
        let mut names = Vec::new();
        for word in (at.saturating_sub(REACH)..at).rev() {
            let gap = scan.gap_after(word);
            if gap.contains(['\n', ';', '|']) && !(word + 1 == at && gap.contains("</")) {
                break;
            }
            let Some(read) = scan.words.get(word) else { break };
            // Another number, or another sentence, stands between.
            if read.shape.is_number() || gap.contains(". ") && read.end - read.start > 3 {
                break;
            }
            if read.known.has(Known::ID_LABEL) {
                names.push(fold(scan.word_text(word)));
            }
        }
        Self { names }
    }

    fn says(&self, words: &[&str]) -> bool {
        self.names.iter().any(|name| words.contains(&name.as_str()))
    }

    /// What a number is behind this label, if it can be.
    fn detector(&self, number: Number<'_>) -> Option<&'static Detector> {
        if self.names.is_empty() {
            return None;
        }
        let digits = number.digits();
        let text = number.compact;
        let numeric = digits.len() == text.len();
        let called = match digits.len() {
            _ if !numeric => {
                self.says(&["nino", "insurance", "ni"]) && nino(text)
                    || self.says(&["nif", "nie", "dni", "cif"])
                        && matches!(text.len(), 8..=9)
                        && (nif_spain(text) || nie(text) || digits.len() >= 7)
                    || self.says(&["pan"]) && number.shape == "AAAAA9999A"
                    || self.says(&["fiscale", "codice", "cf"]) && text.len() == 16
                    || self.says(&["nric", "fin"]) && nric(text)
                    || self.says(&["hkid"]) && matches!(text.len(), 8..=9)
                    || self.says(&["hetu", "henkilotunnus"]) && hetu(text)
                    || self.says(&["curp", "rfc"]) && matches!(text.len(), 12..=13 | 18)
                    || self.says(&["rut"]) && rut(text)
            }
            8 if self.says(&["rut"]) => rut(text),
            8 => self.says(&["dni", "cpr"]) && number.shape.contains('.'),
            9 => {
                self.says(&["ssn", "social", "security", "itin"])
                    || self.says(&["bsn", "burgerservicenummer", "sofi", "zehut"])
                    || self.says(&["rut"]) && rut(text)
                    || self.says(&["nif", "contribuinte"])
                    || self.says(&["tfn"])
                    || self.says(&["sin", "insurance"]) && luhn_of(&digits)
                    || self.says(&["ein", "tin", "tax"]) && number.shape == "99-9999999"
                    || self.says(&["rodne", "cislo"])
            }
            10 => {
                self.says(&["nhs"])
                    || self.says(&[
                        "personnummer",
                        "cpr",
                        "egn",
                        "svnr",
                        "sozialversicherungsnummer",
                        "rodne",
                        "cislo",
                        "nip",
                    ])
                    || self.says(&["medicare"])
            }
            11 => {
                self.says(&[
                    "pesel",
                    "cpf",
                    "steuer",
                    "steuerid",
                    "steueridentifikationsnummer",
                    "identifikationsnummer",
                    "idnr",
                    "fodselsnummer",
                    "personnummer",
                    "rrn",
                    "oib",
                    "tckn",
                    "kimlik",
                    "rijksregisternummer",
                ]) || self.says(&["tc", "id", "tax", "identity", "nin", "abn"])
                    && (tckn(&digits) || pesel(&digits) || steuer_id(&digits) || fodselsnummer(&digits))
                    || self.says(&["insee", "national", "national", "registre"]) && bsn_belgium(&digits)
            }
            12 => self.says(&["aadhaar", "aadhar", "uid"]) || self.says(&["personnummer", "mykad"]),
            13 => {
                self.says(&["cnp", "jmbg", "rrn", "ahv", "avs", "resident", "emirates"])
                    || self.says(&["id", "identity", "identification", "citizen"]) && south_african(&digits)
                    || self.says(&["securite", "sociale", "nir", "insee"])
            }
            14 => self.says(&["cnpj"]),
            15 => self.says(&["nir", "insee", "securite", "sociale", "emirates", "social", "security", "secu"]),
            _ => false,
        };
        if called {
            return Some(&LABELLED);
        }
        let licence = self.says(&["licence", "license"]) && self.says(&["driver", "drivers", "driving"]);
        let document = licence
            || self.says(&[
                "passport",
                "passeport",
                "pasaporte",
                "passaporto",
                "reisepass",
                "paspoort",
                "paszport",
                "passaporte",
                "fuhrerschein",
                "ausweis",
                "personalausweis",
            ]);
        let letters = text.len() - digits.len();
        let one_group =
            !number.shape.contains(' ') && number.shape.bytes().filter(|b| matches!(b, b'.' | b'/')).count() == 0;
        (document
            && digits.len() >= 5
            && (6..=18).contains(&text.len())
            && letters <= 6
            && one_group
            && !is_date(digits.get(2..8).unwrap_or_default(), true))
        .then_some(&DOCUMENT)
    }
}

fn weighted(digits: &[u32], weights: &[u32]) -> u32 {
    digits.iter().zip(weights).map(|(digit, weight)| digit * weight).sum()
}

fn digits_value(digits: &[u32]) -> u64 {
    digits.iter().fold(0, |value, digit| value * 10 + u64::from(*digit))
}

fn luhn_of(digits: &[u32]) -> bool {
    luhn(digits.iter().map(|digit| b'0' + *digit as u8))
}

fn is_repeated(digits: &[u32]) -> bool {
    digits.windows(2).all(|pair| matches!(pair, [one, two] if one == two))
}

/// Two digits each: year, month, day, or day, month, year.
fn is_date(digits: &[u32], year_first: bool) -> bool {
    let [a, b, c, d, e, f, ..] = *digits else { return false };
    let day = if year_first { e * 10 + f } else { a * 10 + b };
    let month = c * 10 + d;
    (1..=12).contains(&month) && (1..=31).contains(&day)
}

fn is_day_first_or_year_first(digits: &[u32]) -> bool {
    is_date(digits, true) || is_date(digits, false)
}

fn is_ssn(digits: &[u32]) -> bool {
    let [a, b, c, d, e, rest @ ..] = digits else { return false };
    let area = a * 100 + b * 10 + c;
    let group = d * 10 + e;
    let itin = area >= 900 && matches!(group, 50..=65 | 70..=88 | 90..=92 | 94..=99);
    (area != 0 && area != 666 && area < 900 && group != 0 || itin) && rest.iter().any(|digit| *digit != 0)
}

fn nino(text: &str) -> bool {
    let [one, two, digits @ .., last] = text.as_bytes() else { return false };
    let refused = |b: &u8| matches!(b, b'D' | b'F' | b'I' | b'Q' | b'U' | b'V');
    let prefix = [*one, *two];
    !refused(one)
        && !refused(two)
        && one.is_ascii_uppercase()
        && two.is_ascii_uppercase()
        && *two != b'O'
        && ![*b"BG", *b"GB", *b"NK", *b"KN", *b"TN", *b"NT", *b"ZZ"].contains(&prefix)
        && digits.len() == 6
        && digits.iter().all(u8::is_ascii_digit)
        && matches!(last, b'A'..=b'D')
}

fn cpf(digits: &[u32]) -> bool {
    let check = |len: u32| {
        let sum: u32 = digits.iter().zip((2..=len + 1).rev()).map(|(digit, weight)| digit * weight).sum();
        sum * 10 % 11 % 10
    };
    digits.len() == 11 && !is_repeated(digits) && digits.get(9) == Some(&check(9)) && digits.get(10) == Some(&check(10))
}

fn cnpj(digits: &[u32]) -> bool {
    const WEIGHTS: [u32; 13] = [6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2];
    let check = |weights: &[u32]| match weighted(digits, weights) % 11 {
        0 | 1 => 0,
        rest => 11 - rest,
    };
    digits.len() == 14
        && !is_repeated(digits)
        && digits.get(12) == Some(&check(&WEIGHTS[1..]))
        && digits.get(13) == Some(&check(&WEIGHTS))
}

/// Swiss: 756, then as on a bar code.
fn ahv(digits: &[u32]) -> bool {
    let sum: u32 = digits.iter().zip([1, 3].into_iter().cycle()).map(|(digit, weight)| digit * weight).sum();
    digits.len() == 13 && digits.starts_with(&[7, 5, 6]) && sum.is_multiple_of(10)
}

fn hetu(text: &str) -> bool {
    const CHECKS: &[u8; 31] = b"0123456789ABCDEFHJKLMNPRSTUVWXY";
    let digits: Vec<u32> = text.chars().take(text.len().saturating_sub(1)).filter_map(|c| c.to_digit(10)).collect();
    let check = CHECKS.get((digits_value(&digits) % 31) as usize);
    digits.len() == 9 && is_date(&digits, false) && text.as_bytes().last() == check
}

/// The month of a woman is greater by 50, and by 20 more where a day ran out of numbers.
fn is_czech_date(digits: &[u32]) -> bool {
    let [_, _, c, d, e, f, ..] = *digits else { return false };
    matches!((c * 10 + d) % 50, 1..=12 | 21..=32) && (1..=31).contains(&(e * 10 + f))
}

fn rrn(digits: &[u32]) -> bool {
    const WEIGHTS: [u32; 12] = [2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5];
    let check = (11 - weighted(digits, &WEIGHTS) % 11) % 10;
    is_date(digits, true) && matches!(digits.get(6), Some(1..=8)) && digits.get(12) == Some(&check)
}

fn rut(text: &str) -> bool {
    let Some((number, check)) = text.split_at_checked(text.len().saturating_sub(1)) else { return false };
    let sum: u32 = number
        .chars()
        .rev()
        .filter_map(|c| c.to_digit(10))
        .zip([2, 3, 4, 5, 6, 7].into_iter().cycle())
        .map(|(digit, weight)| digit * weight)
        .sum();
    let right = match 11 - sum % 11 {
        11 => "0".to_owned(),
        10 => "K".to_owned(),
        digit => digit.to_string(),
    };
    (7..=8).contains(&number.len()) && check == right
}

fn bsn_belgium(digits: &[u32]) -> bool {
    let (Some(number), Some(check)) = (digits.get(..9), digits.get(9..11)) else { return false };
    let number = digits_value(number);
    let check = digits_value(check);
    is_date(digits, true) && (97 - number % 97 == check || 97 - (number + 2_000_000_000) % 97 == check)
}

const NIF_LETTERS: &[u8; 23] = b"TRWAGMYFPDXBNJZSQVHLCKE";

fn nif_spain(text: &str) -> bool {
    let Some((number, letter)) = text.split_at_checked(text.len().saturating_sub(1)) else { return false };
    let value: Option<usize> = number.parse().ok();
    number.len() == 8 && value.and_then(|value| NIF_LETTERS.get(value % 23)) == letter.as_bytes().first()
}

fn nie(text: &str) -> bool {
    let first = match text.as_bytes().first() {
        Some(b'X') => '0',
        Some(b'Y') => '1',
        Some(b'Z') => '2',
        _ => return false,
    };
    text.get(1..).is_some_and(|rest| nif_spain(&format!("{first}{rest}")))
}

/// Chinese: place, birthday, number, and a check by 11.
fn chinese(text: &str) -> bool {
    let value = |c: char| if c == 'X' { 10 } else { c.to_digit(10).unwrap_or(0) };
    let sum =
        text.chars().map(value).zip((0..18).rev()).fold(0, |sum, (digit, power)| (sum + digit * (1 << power)) % 11);
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(10)).collect();
    sum == 1
        && digits.get(8..14).is_some_and(|date| is_date(date, true))
        && matches!(digits.get(6..8), Some([1, 9] | [2, 0]))
}

/// Singapore.
fn nric(text: &str) -> bool {
    let [series, number @ .., check] = text.as_bytes() else { return false };
    let digits: Vec<u32> = number.iter().filter(|b| b.is_ascii_digit()).map(|b| u32::from(b - b'0')).collect();
    let (offset, letters): (u32, &[u8; 11]) = match series {
        b'S' => (0, b"JZIHGFEDCBA"),
        b'T' => (4, b"JZIHGFEDCBA"),
        b'F' => (0, b"XWUTRQPNMLK"),
        b'G' => (4, b"XWUTRQPNMLK"),
        b'M' => (3, b"XWUTRQPNJLK"),
        _ => return false,
    };
    let sum = (offset + weighted(&digits, &[2, 7, 6, 5, 4, 3, 2])) % 11;
    let at = if *series == b'M' { 10 - sum } else { sum };
    digits.len() == 7 && letters.get(at as usize) == Some(check)
}

fn codice_fiscale(text: &str) -> bool {
    const ODD: [u32; 26] =
        [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];
    let [rest @ .., check] = text.as_bytes() else { return false };
    let sum: u32 = rest
        .iter()
        .enumerate()
        .map(|(at, b)| {
            let value = if b.is_ascii_digit() { b - b'0' } else { b.wrapping_sub(b'A') };
            if at % 2 == 0 { ODD.get(usize::from(value)).copied().unwrap_or(0) } else { u32::from(value) }
        })
        .sum();
    rest.len() == 15 && u32::from(check.wrapping_sub(b'A')) == sum % 26
}

/// Letters take the place of digits where two people would have one code.
fn codice_fiscale_with_letters(number: Number<'_>) -> bool {
    let shape = number.shape.as_bytes();
    shape.len() == 16
        && shape.get(..6) == Some(b"AAAAAA")
        && shape.get(8) == Some(&b'A')
        && shape.last() == Some(&b'A')
        && number.digits().len() >= 4
        && codice_fiscale(number.compact)
}

fn curp(text: &str) -> bool {
    let value = |c: char| "0123456789ABCDEFGHIJKLMN#OPQRSTUVWXYZ".chars().position(|other| other == c).unwrap_or(0);
    let sum: usize = text.chars().take(17).zip((2..=18).rev()).map(|(c, weight)| value(c) * weight).sum();
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(10)).collect();
    let sex = matches!(text.as_bytes().get(10), Some(b'H' | b'M' | b'X'));
    sex && is_date(&digits, true) && digits.last() == Some(&(((10 - sum % 10) % 10) as u32))
}

/// French: sex, year, month, place, number, and what is left of them by 97.
fn nir(text: &str) -> bool {
    let (Some(number), key) = (text.get(..13), text.get(13..)) else { return false };
    let plain = number.replace("2A", "19").replace("2B", "18");
    let month: u32 = number.get(3..5).and_then(|month| month.parse().ok()).unwrap_or(0);
    let Ok(value) = plain.parse::<u64>() else { return false };
    let keyed = match key.and_then(|key| key.parse::<u64>().ok()) {
        Some(key) => 97 - value % 97 == key,
        None => true,
    };
    matches!(number.as_bytes().first(), Some(b'1' | b'2' | b'7' | b'8')) && (1..=50).contains(&month) && keyed
}

fn nir_of_corsica(number: Number<'_>) -> bool {
    number.shape == "999999A99999999" && nir(number.compact)
}

/// Polish.
fn pesel(digits: &[u32]) -> bool {
    let sum = weighted(digits, &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]);
    digits.len() == 11
        && sum.is_multiple_of(10)
        && matches!(digits.get(4..6), Some([tens, ones]) if (1..=31).contains(&(tens * 10 + ones)))
}

/// German.
fn steuer_id(digits: &[u32]) -> bool {
    let product = digits.iter().take(10).fold(10, |product, digit| {
        let sum = (digit + product) % 10;
        (if sum == 0 { 10 } else { sum }) * 2 % 11
    });
    digits.len() == 11 && digits.first() != Some(&0) && digits.get(10) == Some(&((11 - product) % 10))
}

/// Norwegian.
fn fodselsnummer(digits: &[u32]) -> bool {
    let one = weighted(digits, &[3, 7, 6, 1, 8, 9, 4, 5, 2, 1]);
    let two = weighted(digits, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1]);
    digits.len() == 11 && one.is_multiple_of(11) && two.is_multiple_of(11)
}

/// Turkish.
fn tckn(digits: &[u32]) -> bool {
    let [a, b, c, d, e, f, g, h, i, j, k] = *digits else { return false };
    let odd = a + c + e + g + i;
    let even = b + d + f + h;
    a != 0 && (odd * 7 + 10 * 9 - even) % 10 == j && (odd + even + j) % 10 == k
}

fn south_african(digits: &[u32]) -> bool {
    is_date(digits, true) && luhn_of(digits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::texts;

    #[test]
    fn ids_that_show_themselves_are_found() {
        for (text, expected) in [
            ("tried 219-09-9998 twice", "219-09-9998"),
            ("912-70-1234", "912-70-1234"),
            ("529.982.247-25", "529.982.247-25"),
            ("11.222.333/0001-81", "11.222.333/0001-81"),
            ("756.9217.0769.85", "756.9217.0769.85"),
            ("811218-9876", "811218-9876"),
            ("19811218-9876", "19811218-9876"),
            ("131052-308T", "131052-308T"),
            ("736028/5163", "736028/5163"),
            ("12.345.678-5", "12.345.678-5"),
            ("85.07.30-033.28", "85.07.30-033.28"),
            ("12345678Z", "12345678Z"),
            ("X1234567L", "X1234567L"),
            ("S1234567D", "S1234567D"),
            ("AB 12 34 56 C", "AB 12 34 56 C"),
            ("ab123456c", "ab123456c"),
            ("RSSMRA85T10A562S", "RSSMRA85T10A562S"),
            ("2 55 08 14 168 025 38", "2 55 08 14 168 025 38"),
        ] {
            assert_eq!(texts(find, text), [expected], "{text}");
        }
    }

    #[test]
    fn ids_with_their_name_are_found() {
        for (text, expected) in [
            ("SSN: 219099998", "219099998"),
            ("NHS number 943 476 5919,", "943 476 5919"),
            ("PESEL 44051401359", "44051401359"),
            ("(BSN 111222333)", "111222333"),
            ("Steuer-ID 86 095 742 719", "86 095 742 719"),
            ("n° de sécurité sociale 255081416802538", "255081416802538"),
            ("TC Kimlik No 10000000146 ile", "10000000146"),
            ("Aadhaar: 4991 1866 5246", "4991 1866 5246"),
            ("SIN 046 454 286", "046 454 286"),
            ("TFN is 123 456 782", "123 456 782"),
            ("SA ID number is 8001015009087", "8001015009087"),
            ("NIF 123456789", "123456789"),
            ("fødselsnummer 01010012356", "01010012356"),
            ("passport no. C01X00T47", "C01X00T47"),
            ("driver's license D1234567", "D1234567"),
            ("PAN: ABCPE1234F", "ABCPE1234F"),
        ] {
            assert_eq!(texts(find, text), [expected], "{text}");
        }
    }

    #[test]
    fn other_numbers_stay() {
        for text in [
            "000-12-3456",
            "666-12-3456",
            "219-09-9998-1",
            "529.982.247-26",
            "123456789",
            "44051401359",
            "build 943 476 5919",
            "id 123456789",
            "2026-08-17",
            "811218-9877",
            "12345678A",
            "APP-1234567",
            "passport module ok",
            "license 2.0",
            "sin 123456789",
            "1.8.0.1",
            "12:30:45",
        ] {
            assert_eq!(texts(find, text), [""; 0], "{text}");
        }
    }

    #[test]
    fn one_thing_over_and_over_takes_no_time() {
        for part in ["1", "1 ", "1-", "ssn 1", "A1 ", "passport "] {
            texts(find, &part.repeat(200_000 / part.len()));
        }
    }
}
