//! Card numbers and bank accounts, by their check digits.
//!
//! A number is taken only whole: no part of a longer run of digits, of a decimal or of an id may count, and what lacks a right
//! check digit is none.

use super::{Candidate, Detector, in_word};
use crate::Kind;
use crate::lexicon::Known;
use crate::placeholders::Identity;
use crate::scan::{Scan, Shape, Word};

static CARD: Detector = Detector::new(
    "payment.card",
    Kind::CreditCard,
    96,
    "It has the length, the issuer and the check digit of a card number.",
);
static IBAN: Detector =
    Detector::new("payment.iban", Kind::Iban, 98, "It has the length and the check digits of a bank account.");

pub(crate) fn find(scan: &Scan<'_>, found: &mut Vec<Candidate>) {
    let mut read_to = 0;
    for at in scan.numbers() {
        let word = &scan.words[at];
        if word.start >= read_to
            && let Some((end, digits)) = card(scan, at, word)
        {
            found.push(Candidate { start: word.start, end, detector: &CARD, identity: Identity::Text(digits) });
            read_to = end;
        }
    }
    let mut read_to = 0;
    for word in scan.figures.iter().map(|at| &scan.words[*at]) {
        if word.start >= read_to
            && word.len() >= 4
            && !word.shape.has(Shape::FIRST_DIGIT)
            && let Some((end, account)) = iban(scan.text, word)
        {
            found.push(Candidate { start: word.start, end, detector: &IBAN, identity: Identity::Text(account) });
            read_to = end;
        }
    }
}

/// The card number that begins with a word of digits, and where it ends.
fn card(scan: &Scan<'_>, at: usize, word: &Word) -> Option<(usize, String)> {
    const GROUPS: &[&[usize]] =
        &[&[4, 4, 4, 4], &[4, 6, 5], &[4, 6, 4], &[4, 4, 4, 4, 3], &[6, 13], &[4, 4, 4, 3], &[4, 4, 5], &[4, 4, 4, 1]];
    let len = word.end - word.start;
    if !word.shape.is_number() || !matches!(len, 4 | 6 | 12..=19) || joins_before(scan.text, word.start) {
        return None;
    }
    let (end, digits) = if len >= 12 {
        (word.end, scan.word_text(at).to_owned())
    } else {
        if !scan.words.get(at + 1)?.shape.is_number() {
            return None;
        }
        let count = GROUPS.iter().filter_map(|groups| grouped(scan, at, groups)).max()?;
        let words = scan.words.get(at..at + count)?;
        (words.last()?.end, words.iter().map(|word| &scan.text[word.start..word.end]).collect())
    };
    if joins_after(scan.text, end) || !luhn(digits.bytes()) || digits.bytes().all(|b| b == b'0') {
        return None;
    }
    let usual = matches!(digits.len(), 15 | 16) && is_issued(&digits);
    let plausible = digits.len() <= 19 && matches!(digits.as_bytes().first(), Some(b'2'..=b'6' | b'1'));
    (usual || (plausible && announced(scan, at))).then_some((end, digits))
}

/// How many groups there are, if digits in groups of these lengths stand with the same single space or hyphen between.
fn grouped(scan: &Scan<'_>, at: usize, groups: &[usize]) -> Option<usize> {
    for (offset, len) in groups.iter().enumerate() {
        let word = scan.words.get(at + offset)?;
        let joined = offset == 0
            || (matches!(scan.gap_before(at + offset), " " | "-" | "\u{A0}" | ".")
                && scan.gap_before(at + offset) == scan.gap_before(at + 1));
        if !joined || !word.shape.is_number() || word.end - word.start != *len {
            return None;
        }
    }
    Some(groups.len())
}

/// Whether the number is the rest of something longer: `x-4111`, `1.4111`, `/4111`.
fn joins_before(text: &str, start: usize) -> bool {
    let mut before = text.get(..start).unwrap_or_default().chars().rev();
    let last = before.next();
    in_word(last)
        || (matches!(last, Some('-' | '.' | '/' | '#')) && before.next().is_some_and(char::is_alphanumeric))
        || last == Some('+')
}

fn joins_after(text: &str, end: usize) -> bool {
    let mut after = text.get(end..).unwrap_or_default().chars();
    let next = after.next();
    in_word(next) || (matches!(next, Some('-' | '.' | ':' | '/')) && after.next().is_some_and(char::is_alphanumeric))
}

/// The ranges of the card schemes.
fn is_issued(digits: &str) -> bool {
    let head = |len: usize| digits.get(..len).and_then(|head| head.parse::<u32>().ok()).unwrap_or(0);
    match digits.len() {
        15 => matches!(head(2), 34 | 37) || matches!(head(4), 1800 | 2131),
        _ => {
            head(1) == 4
                || (51..=55).contains(&head(2))
                || (2221..=2720).contains(&head(4))
                || head(4) == 6011
                || matches!(head(2), 35 | 36 | 38 | 39 | 50 | 56..=65)
                || (644..=649).contains(&head(3))
        }
    }
}

/// Whether a word for a card stands shortly before, on the same line.
fn announced(scan: &Scan<'_>, at: usize) -> bool {
    const REACH: usize = 6;
    for word in (at.saturating_sub(REACH)..at).rev() {
        if scan.gap_after(word).contains('\n') {
            return false;
        }
        if scan.words.get(word).is_some_and(|word| word.known.has(Known::PAYMENT_LABEL)) {
            return true;
        }
    }
    false
}

/// Whether the last digit checks the others by doubling every second.
pub(super) fn luhn(digits: impl DoubleEndedIterator<Item = u8>) -> bool {
    let sum: u32 = digits
        .rev()
        .enumerate()
        .map(|(at, b)| {
            let digit = u32::from(b.wrapping_sub(b'0'));
            let doubled = digit * (1 + at as u32 % 2);
            doubled / 10 + doubled % 10
        })
        .sum();
    sum.is_multiple_of(10)
}

/// How long an account is in each country.
#[rustfmt::skip]
const LENGTHS: &[(&[u8; 2], usize)] = &[
    (b"AD", 24), (b"AE", 23), (b"AL", 28), (b"AT", 20), (b"AZ", 28), (b"BA", 20), (b"BE", 16), (b"BG", 22), (b"BH", 22),
    (b"BI", 27), (b"BR", 29), (b"BY", 28), (b"CH", 21), (b"CR", 22), (b"CY", 28), (b"CZ", 24), (b"DE", 22), (b"DJ", 27),
    (b"DK", 18), (b"DO", 28), (b"EE", 20), (b"EG", 29), (b"ES", 24), (b"FI", 18), (b"FK", 18), (b"FO", 18), (b"FR", 27),
    (b"GB", 22), (b"GE", 22), (b"GI", 23), (b"GL", 18), (b"GR", 27), (b"GT", 28), (b"HN", 28), (b"HR", 21), (b"HU", 28),
    (b"IE", 22), (b"IL", 23), (b"IQ", 23), (b"IS", 26), (b"IT", 27), (b"JO", 30), (b"KW", 30), (b"KZ", 20), (b"LB", 28),
    (b"LC", 32), (b"LI", 21), (b"LT", 20), (b"LU", 20), (b"LV", 21), (b"LY", 25), (b"MC", 27), (b"MD", 24), (b"ME", 22),
    (b"MK", 19), (b"MN", 20), (b"MR", 27), (b"MT", 31), (b"MU", 30), (b"NI", 28), (b"NL", 18), (b"NO", 15), (b"OM", 23),
    (b"PK", 24), (b"PL", 28), (b"PS", 29), (b"PT", 25), (b"QA", 29), (b"RO", 24), (b"RS", 22), (b"RU", 33), (b"SA", 24),
    (b"SC", 31), (b"SD", 18), (b"SE", 24), (b"SI", 19), (b"SK", 24), (b"SM", 27), (b"SO", 23), (b"ST", 25), (b"SV", 28),
    (b"TL", 23), (b"TN", 24), (b"TR", 26), (b"UA", 29), (b"VA", 22), (b"VG", 24), (b"XK", 20), (b"YE", 30), (b"DZ", 26),
    (b"AO", 25), (b"BF", 28), (b"BJ", 28), (b"CF", 27), (b"CG", 27), (b"CI", 28), (b"CM", 27), (b"CV", 25), (b"GA", 27),
    (b"GQ", 27), (b"GW", 25), (b"IR", 26), (b"KM", 27), (b"MA", 28), (b"MG", 27), (b"ML", 28), (b"MZ", 25), (b"NE", 28),
    (b"SN", 28), (b"TD", 27), (b"TG", 28),
];

/// The account that begins with a word of two letters and two digits, and where it ends.
fn iban(text: &str, word: &Word) -> Option<(usize, String)> {
    let bytes = text.as_bytes();
    let [one, two, three, four] = *bytes.get(word.start..word.start + 4)? else { return None };
    if !(one.is_ascii_alphabetic() && two.is_ascii_alphabetic() && three.is_ascii_digit() && four.is_ascii_digit()) {
        return None;
    }
    let country = [one.to_ascii_uppercase(), two.to_ascii_uppercase()];
    let (_, len) = LENGTHS.iter().find(|(code, _)| **code == country)?;
    let mut before = text.get(..word.start)?.chars().rev();
    let last = before.next();
    // A part of an id in groups, such as a UUID.
    if in_word(last) || (last == Some('-') && before.next().is_some_and(char::is_alphanumeric)) {
        return None;
    }
    let mut account = String::with_capacity(*len);
    let mut at = word.start;
    while account.len() < *len {
        let b = *bytes.get(at)?;
        if b.is_ascii_alphanumeric() {
            account.push(char::from(b.to_ascii_uppercase()));
            at += 1;
        } else {
            // One sign between two groups.
            let sign =
                if matches!(b, b' ' | b'-') { 1 } else { 2 * usize::from(text.get(at..at + 2) == Some("\u{A0}")) };
            if sign == 0 || !bytes.get(at + sign)?.is_ascii_alphanumeric() {
                return None;
            }
            at += sign;
        }
    }
    (!in_word(text.get(at..)?.chars().next()) && checks_out(&account)).then_some((at, account))
}

/// The remainder by 97 of the account with its head moved to its end and letters as numbers.
fn checks_out(account: &str) -> bool {
    let (head, rest) = account.split_at_checked(4).unwrap_or_default();
    let remainder = rest.bytes().chain(head.bytes()).fold(0_u32, |sum, b| match b {
        b'0'..=b'9' => (sum * 10 + u32::from(b - b'0')) % 97,
        _ => (sum * 100 + u32::from(b.wrapping_sub(b'A')) + 10) % 97,
    });
    remainder == 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::texts;

    #[test]
    fn cards_and_accounts_are_found() {
        for (text, expected) in [
            ("card 4111111111111111.", "4111111111111111"),
            ("(4111 1111 1111 1111)", "4111 1111 1111 1111"),
            ("\"4111-1111-1111-1111\"", "4111-1111-1111-1111"),
            ("3782 822463 10005", "3782 822463 10005"),
            ("my card is 30569309025904", "30569309025904"),
            ("6011111111111117 / 12/28", "6011111111111117"),
            ("IBAN DE89 3704 0044 0532 0130 00, please", "DE89 3704 0044 0532 0130 00"),
            ("gb29nwbk60161331926819", "gb29nwbk60161331926819"),
            ("NL91-ABNA-0417-1643-00", "NL91-ABNA-0417-1643-00"),
            ("|NO9386011117947|", "NO9386011117947"),
        ] {
            assert_eq!(texts(find, text), [expected], "{text}");
        }
    }

    #[test]
    fn other_numbers_stay() {
        for text in [
            "4111111111111112",
            "14111111111111111",
            "0.4111111111111111",
            "4111111111111111.5",
            "id-4111111111111111",
            "1408718745123",
            "0000000000000000",
            "DE89 3704 0044 0532 0130 01",
            "DE89 3704 0044",
            "commit de89370400440532013000ab",
            "xDE89370400440532013000",
        ] {
            let found = texts(find, text);
            assert_eq!(found, [""; 0], "{text}");
        }
    }

    #[test]
    fn spellings_of_one_number_are_one() {
        let mut found = Vec::new();
        find(&Scan::new("4111111111111111 4111-1111-1111-1111"), &mut found);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].identity, found[1].identity);
    }
}
