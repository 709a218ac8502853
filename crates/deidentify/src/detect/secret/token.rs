//! Secrets that show themselves by their form: vendors' tokens, signed tokens, blocks of a private key.

use super::value::{is_mixed, run};
use super::vendors;
use crate::Kind;
use crate::detect::{Detector, in_word};
use crate::scan::{Shape, Word};

static JWT: Detector = Detector::new("secret.jwt", Kind::Secret, 95, "It is a signed token of three parts.");
static PRIVATE_KEY: Detector =
    Detector::new("secret.private-key", Kind::Secret, 98, "It is a block that holds a private key.");
static TWILIO: Detector = Detector::new("secret.twilio-key", Kind::Secret, 90, "It has the form of a Twilio key.");
static MAILCHIMP: Detector =
    Detector::new("secret.mailchimp-key", Kind::Secret, 95, "It has the form of a Mailchimp key.");
static TELEGRAM: Detector =
    Detector::new("secret.telegram-token", Kind::Secret, 95, "It has the form of a Telegram bot's token.");
static DISCORD: Detector =
    Detector::new("secret.discord-token", Kind::Secret, 95, "It has the form of a Discord bot's token.");
static AZURE: Detector =
    Detector::new("secret.azure-secret", Kind::Secret, 95, "It has the form of a client secret of Azure.");
static RANDOM: Detector =
    Detector::new("secret.random", Kind::Secret, 60, "It is a long string that looks drawn at random.");

/// A secret: where it begins and ends, and by which rule.
pub(super) type Hit = (usize, usize, &'static Detector);

/// The secret that begins with `word`.
pub(super) fn at(text: &str, word: &Word) -> Option<Hit> {
    let bytes = text.as_bytes();
    let rest = bytes.get(word.start..)?;
    let len = word.end - word.start;
    if let Some((detector, len)) = vendors::read(rest) {
        return stands_alone(text, word.start, word.start + len)
            .then(|| (with_scheme(text, detector, word.start), word.start + len, detector));
    }
    if rest.starts_with(b"eyJ") {
        return jwt(text, word.start);
    }
    if rest.starts_with(b"BEGIN ") {
        return private_key(text, word.start);
    }
    match len {
        5 if rest.get(4..6) == Some(b"Q~") => azure(text, word.start),
        8..=10 if rest.get(len..len + 3) == Some(b":AA") && word.shape.is_number() => telegram(text, word),
        11..=13 if rest.starts_with(b"bot") && rest.get(len..len + 3) == Some(b":AA") => telegram(text, word),
        20.. if word.shape.has(Shape::DIGIT) => long(text, word),
        _ => None,
    }
}

/// Whether no further letters hang on to a token: else it is part of something longer.
fn stands_alone(text: &str, start: usize, end: usize) -> bool {
    let bytes = text.as_bytes();
    let before = start.checked_sub(1).and_then(|at| bytes.get(at));
    !before.is_some_and(|b| matches!(b, b'_' | b'-')) && !in_word(text.get(end..).and_then(|rest| rest.chars().next()))
}

/// A webhook begins with its scheme, a token of Terraform with a first part of its own.
fn with_scheme(text: &str, detector: &Detector, start: usize) -> usize {
    let before = text.get(..start).unwrap_or_default();
    match detector.id {
        "secret.webhook" => {
            let host =
                before.bytes().rev().take(80).take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.'));
            let host = start - host.count();
            let scheme = "https://";
            host - scheme.len() * usize::from(before.get(..host).is_some_and(|before| before.ends_with(scheme)))
        }
        "secret.terraform-token" => {
            let first = before.strip_suffix('.').unwrap_or_default();
            let len = first.bytes().rev().take(20).take_while(u8::is_ascii_alphanumeric).count();
            if len == 14 { start - 15 } else { start }
        }
        _ => start,
    }
}

fn jwt(text: &str, start: usize) -> Option<Hit> {
    const HEADER: usize = 2048;
    let bytes = text.as_bytes();
    let url = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    if start.checked_sub(1).and_then(|at| bytes.get(at)).is_some_and(|b| matches!(b, b'-' | b'_' | b'.')) {
        return None;
    }
    let header = run(bytes, start, HEADER, url);
    if header - start < 12 || bytes.get(header..header + 4) != Some(b".eyJ") {
        return None;
    }
    let payload = run(bytes, header + 1, usize::MAX, url);
    let end = if bytes.get(payload) == Some(&b'.') { run(bytes, payload + 1, usize::MAX, url) } else { payload };
    Some((start, end, &JWT))
}

/// From the opening dashes to the closing ones, or as far as lines of the key follow.
fn private_key(text: &str, begin: usize) -> Option<Hit> {
    const LABEL: usize = 48;
    let start = begin.checked_sub(5).filter(|start| text.get(*start..begin) == Some("-----"))?;
    let bytes = text.as_bytes();
    let label = run(bytes, begin, LABEL, |b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b' ');
    let title = text.get(begin..label)?;
    if !title.contains("PRIVATE KEY") || bytes.get(label..label + 5) != Some(b"-----") {
        return None;
    }
    let dashes = label + 5;
    let body = memchr::memmem::find(bytes.get(dashes..)?, b"-----").map(|at| dashes + at);
    if let Some(footer) = body
        && bytes.get(footer + 5..footer + 9) == Some(b"END ")
    {
        let label = run(bytes, footer + 5, LABEL, |b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b' ');
        let end = if bytes.get(label..label + 5) == Some(b"-----") { label + 5 } else { label };
        return Some((start, end, &PRIVATE_KEY));
    }
    let of_key = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=' | b'\n' | b'\r' | b'\\');
    let mut end = run(bytes, dashes, usize::MAX, of_key);
    while end > dashes && bytes.get(end - 1).is_some_and(u8::is_ascii_whitespace) {
        end -= 1;
    }
    // Without a first long line there is a title only.
    (end > dashes + 20).then_some((start, end, &PRIVATE_KEY))
}

fn azure(text: &str, start: usize) -> Option<Hit> {
    let bytes = text.as_bytes();
    let mut end = run(bytes, start, 48, |b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'~'));
    if end - start > 40 {
        end -= usize::from(bytes.get(end - 1) == Some(&b'.'));
    }
    (36..=40).contains(&(end - start)).then_some((start, end, &AZURE))
}

fn telegram(text: &str, word: &Word) -> Option<Hit> {
    let url = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    let end = run(text.as_bytes(), word.end + 1, 60, url);
    let bot = 3 * usize::from(text.get(word.start..).is_some_and(|rest| rest.starts_with("bot")));
    (30..=40).contains(&(end - word.end - 1)).then_some((word.start + bot, end, &TELEGRAM))
}

/// A word of twenty letters and digits or more.
fn long(text: &str, word: &Word) -> Option<Hit> {
    const LONGEST: usize = 128;
    let bytes = text.as_bytes();
    let written = bytes.get(word.start..word.end)?;
    if written.len() > LONGEST || in_word(text.get(..word.start)?.chars().next_back()) {
        return None;
    }
    let is_hex = |part: &[u8]| part.iter().all(u8::is_ascii_hexdigit);
    if written.len() == 34 && written.starts_with(b"SK") && is_hex(&written[2..]) {
        return Some((word.start, word.end, &TWILIO));
    }
    if written.len() == 32 && bytes.get(word.end..word.end + 3) == Some(b"-us") && is_hex(written) {
        let end = run(bytes, word.end + 3, 3, |b| b.is_ascii_digit());
        return (end > word.end + 3).then_some((word.start, end, &MAILCHIMP));
    }
    if matches!(written[0], b'M' | b'N' | b'O') && (23..=28).contains(&written.len()) {
        let url = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
        let middle = run(bytes, word.end + 1, 8, url);
        let end = run(bytes, middle + 1, 60, url);
        let dots = bytes.get(word.end) == Some(&b'.') && bytes.get(middle) == Some(&b'.');
        if dots && middle - word.end == 7 && end > middle + 26 {
            return Some((word.start, end, &DISCORD));
        }
    }
    let open = word.start.checked_sub(1).and_then(|at| bytes.get(at));
    let close = bytes.get(word.end);
    // Only where nothing joins it to a path, a link or an encoded picture.
    let apart = open.is_none_or(|b| b.is_ascii_whitespace() || matches!(b, b'"' | b'\'' | b'`' | b'(' | b'[' | b'>'))
        && close.is_none_or(|b| {
            b.is_ascii_whitespace() || matches!(b, b'"' | b'\'' | b'`' | b')' | b']' | b'<' | b',' | b';')
        });
    (apart && is_mixed(written)).then_some((word.start, word.end, &RANDOM))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::Scan;

    fn hits(text: &str) -> Vec<&str> {
        let scan = Scan::new(text);
        scan.words.iter().filter_map(|word| at(text, word)).map(|(start, end, _)| &text[start..end]).collect()
    }

    #[test]
    fn tokens_are_whole() {
        let jwt = format!("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.{}", "Ab3_-".repeat(8));
        let key = format!("-----BEGIN EC PRIVATE KEY-----\n{}\n-----END EC PRIVATE KEY-----", "aB1+".repeat(16));
        for token in [
            "AKIA2QW3ER4TY5UI6OP7",
            "ghp_1aB2cD3eF4gH5iJ6kL7mN8oP9qR0sT1uV2wX",
            "glpat-aB3_dE6-gH9jK2mN5pQ8",
            "xoxb-123456789012-abcDEF123456",
            "https://hooks.slack.com/services/T0AAAA1B2/B0CCCC3D4/e5F6g7H8i9J0k1L2m3N4",
            "key-0123456789abcdef0123456789abcdef",
            "0123456789abcdef0123456789abcdef-us12",
            "SK0123456789abcdef0123456789abcdef",
            "8123456789:AAF1aB2cD3eF4gH5iJ6kL7mN8oP9qR0sT1u",
            "Xy18Q~0aB2cD3eF4gH5iJ6kL7mN8oP9qR0sT1uV",
            "a1B2c3D4e5F6g7.atlasv1.a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8s9T0a1B2c3D4e5F6g7H8i9J0",
            jwt.as_str(),
            key.as_str(),
        ] {
            let text = format!("see <b>{token}</b>, or \"{token}\".");
            assert_eq!(hits(&text), [token, token], "{text}");
        }
    }

    #[test]
    fn other_long_words_stay() {
        for text in [
            "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            "sk-learn-estimator-with-a-very-long-name-indeed",
            "secret_access_key_of_the_service",
            "3f2504e04f8911d39a0c0305e82c3301",
            "3f2504e0-4f89-11d3-9a0c-0305e82c3301",
            "AbstractHttp2ServerConnection2Factory",
            "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA\n-----END PUBLIC KEY-----",
            "-----BEGIN PRIVATE KEY-----",
            "eyJhbGciOiJIUzI1NiJ9",
            "path/to/aB3dE6gH9jK2mN5pQ8rT1u/x",
            "pattern",
            "v1.0-0",
        ] {
            assert_eq!(hits(text), [""; 0], "{text}");
        }
    }
}
