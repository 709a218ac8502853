//! Passwords, keys and tokens: by a vendor's form, by the name in front of them, or as a part of a command.
//!
//! A value behind a name is taken only if it looks like a secret. What a program writes in its place (a variable, a call, a
//! template), words of a sentence and masks must stay: they hide nothing, and a reader needs them.

mod label;
mod token;
mod value;
mod vendors;

use super::{Candidate, Detector};
use crate::Kind;
use crate::lexicon::{self, Known};
use crate::placeholders::Identity;
use crate::scan::{Scan, Shape, Word};
use label::Strength;
use token::Hit;

static PASSWORD: Detector =
    Detector::new("secret.password", Kind::Secret, 90, "A word for a password stands in front of the value.");
static KEY: Detector =
    Detector::new("secret.key", Kind::Secret, 88, "A word for a key or token stands in front of the value.");
static RANDOM: Detector = Detector::new(
    "secret.labelled",
    Kind::Secret,
    80,
    "A word such as key or signature stands in front of a value that looks drawn at random.",
);
static AUTHORIZATION: Detector =
    Detector::new("secret.authorization", Kind::Secret, 95, "It is the credential of an authorization header.");
static COMMAND: Detector =
    Detector::new("secret.command", Kind::Secret, 90, "A command takes its password from this place.");
static LOGIN: Detector =
    Detector::new("secret.login", Kind::Secret, 80, "It stands behind a user name as a password does.");
static URL: Detector = Detector::new("secret.url", Kind::Secret, 90, "It is the password in front of a link's host.");

/// The longest value behind a name: in quotation marks, and without.
const LONGEST: usize = 1024;
const LONGEST_BARE: usize = 400;

pub(crate) fn find(scan: &Scan<'_>, found: &mut Vec<Candidate>) {
    let mut read_to = 0;
    for (at, word) in scan.words.iter().enumerate() {
        if word.start < read_to || !may_tell(word) {
            continue;
        }
        if let Some(hit) = token::at(scan.text, word).or_else(|| named(scan, at, word)) {
            // A webhook's scheme stands in front of the word that shows it.
            if hit.0 >= read_to {
                take(scan.text, hit, found);
            }
            read_to = hit.1;
        }
    }
    for colon in &scan.schemes {
        if let Some(hit) = in_url(scan.text, *colon) {
            take(scan.text, hit, found);
        }
    }
}

/// Whether a word may begin a secret or announce one: a token is long or goes on behind a sign, an option stands behind a dash,
/// and a name is known, in camel case or has its value behind a sign. Most words of a text do none of that.
fn may_tell(word: &Word) -> bool {
    const SHORTEST: usize = 12;
    const USE: u64 = lexicon::hash("use");
    let goes_on =
        matches!(word.after, b'-' | b'_' | b'.' | b'/' | b'+' | b'=' | b'%' | b'@' | b'~' | b':' | b'"' | b'\'' | b'>');
    goes_on
        || word.len() >= SHORTEST
        || word.before == b'-'
        || word.shape.has(Shape::INNER_UPPER)
        || word.known.has(Known::SECRET_LABEL | Known::USER_LABEL)
        || word.hash == USE
}

fn take(text: &str, (start, end, detector): Hit, found: &mut Vec<Candidate>) {
    if let Some(written) = text.get(start..end) {
        found.push(Candidate { start, end, detector, identity: Identity::Text(written.to_owned()) });
    }
}

/// The secret that the word at position `at` announces.
fn named(scan: &Scan<'_>, at: usize, word: &Word) -> Option<Hit> {
    let bytes = scan.text.as_bytes();
    if word.before == b'-'
        && let Some(hit) = option(scan, at)
    {
        return Some(hit);
    }
    let known = word.known.has(Known::SECRET_LABEL | Known::USER_LABEL);
    if !known && !label::may_name(bytes, word) {
        return match bytes.get(word.start..word.end) {
            Some(b"use") => mounted(scan, at),
            _ => None,
        };
    }
    if let Some(strength) = label::strength(scan, at) {
        return labelled(scan, at, strength);
    }
    const COMMANDS: [u64; 8] = [
        lexicon::hash("sudo"),
        lexicon::hash("login"),
        lexicon::hash("logins"),
        lexicon::hash("creds"),
        lexicon::hash("credentials"),
        lexicon::hash("account"),
        lexicon::hash("basic"),
        lexicon::hash("thin"),
    ];
    if !COMMANDS.contains(&word.hash) {
        return None;
    }
    match scan.word_text(at) {
        "sudo" => echoed(scan.text, word.start, word.end),
        "login" | "Login" | "logins" | "creds" | "Creds" | "credentials" | "account" => login(scan.text, word.end),
        "Basic" => authorization(scan.text, word.end),
        "thin" => oracle(scan.text, word.end),
        _ => None,
    }
}

fn labelled(scan: &Scan<'_>, at: usize, strength: Strength) -> Option<Hit> {
    let word = scan.words.get(at)?;
    let text = scan.text;
    if word.known.has(Known::SECRET_LABEL) {
        let name = scan.word_text(at);
        if name.eq_ignore_ascii_case("bearer") {
            return authorization(text, word.end);
        }
        if matches!(name, "credentials" | "Credentials")
            && let Some(hit) = login(text, word.end)
        {
            return Some(hit);
        }
    }
    let (start, bond) = connector(scan, at)?;
    let value = Value::read(text, start, bond)?;
    value.is_secret(strength).then_some((
        value.start,
        value.end,
        match strength {
            Strength::Password => &PASSWORD,
            Strength::Key => &KEY,
            Strength::Weak => &RANDOM,
        },
    ))
}

/// What binds a value to its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bond {
    /// `name=value`, `name: value`.
    Assigned,
    /// `"name", "value"`, `name "value"`: only a value in quotation marks.
    Listed,
    /// `<name>value</name>`
    Tag,
    /// `--name value`
    Flag,
    /// `name is value`, `name value`
    Said,
}

/// Where the value of the name that ends with the word at position `at` begins.
fn connector(scan: &Scan<'_>, at: usize) -> Option<(usize, Bond)> {
    let text = scan.text;
    let bytes = text.as_bytes();
    let word = scan.words.get(at)?;
    let mut here = word.end;
    let closed = matches!(bytes.get(here), Some(b'"' | b'\'' | b'`'));
    here += usize::from(closed);
    // A label in bold or in a table's head.
    here = value::run(bytes, here, 2, |b| matches!(b, b'*' | b']' | b')'));
    if bytes.get(here) == Some(&b'>') {
        return Some((here + 1, if starts_tag(bytes, word.start) { Bond::Tag } else { Bond::Said }));
    }
    let spaced = value::run(bytes, here, 8, |b| matches!(b, b' ' | b'\t'));
    let rest = text.get(spaced..)?;
    for sign in ["=>", ":=", "=", ":", "："] {
        if let Some(behind) = rest.strip_prefix(sign) {
            if behind.starts_with('=') || (sign == ":" && behind.starts_with(['/', ':'])) {
                return None;
            }
            let mut start = spaced + sign.len();
            if sign == ":" {
                start = behind_type(text, start);
            }
            return Some((blanks(bytes, start), Bond::Assigned));
        }
    }
    if closed && rest.starts_with(',') {
        return Some((blanks(bytes, spaced + 1), Bond::Listed));
    }
    if let Some(start) = attribute(text, here) {
        return Some((start, Bond::Assigned));
    }
    if spaced == here || closed {
        return None;
    }
    if rest.starts_with(['"', '\'']) {
        return Some((spaced, Bond::Listed));
    }
    if let Some(value) = rest.strip_prefix("--body ") {
        return Some((text.len() - value.len(), Bond::Assigned));
    }
    if is_option(bytes, word.start) {
        return Some((spaced, Bond::Flag));
    }
    Some((said(scan, at).unwrap_or(spaced), Bond::Said))
}

fn blanks(bytes: &[u8], at: usize) -> usize {
    value::run(bytes, at, 8, |b| matches!(b, b' ' | b'\t'))
}

/// Whether the name around `at` begins behind `<`.
fn starts_tag(bytes: &[u8], at: usize) -> bool {
    let head = bytes.get(at.saturating_sub(48)..at).unwrap_or_default();
    let name =
        head.iter().rev().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b':')).count();
    head.len().checked_sub(name + 1).and_then(|at| head.get(at)) == Some(&b'<')
}

/// Whether the name around `at` begins with a dash behind a space: `--client-secret`, `-storepass`.
fn is_option(bytes: &[u8], at: usize) -> bool {
    let head = bytes.get(at.saturating_sub(48)..at).unwrap_or_default();
    let name = head.iter().rev().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-')).count();
    let name = head.get(head.len() - name..).unwrap_or_default();
    name.starts_with(b"-")
}

/// `password: String = "x"`: the value stands behind the type.
fn behind_type(text: &str, at: usize) -> usize {
    let bytes = text.as_bytes();
    let kind = blanks(bytes, at);
    let end =
        value::run(bytes, kind, 32, |b| b.is_ascii_alphanumeric() || matches!(b, b'<' | b'>' | b'?' | b'&' | b'.'));
    let equals = blanks(bytes, end);
    let is_type =
        end > kind && equals > end && bytes.get(equals) == Some(&b'=') && bytes.get(equals + 1) != Some(&b'=');
    if is_type { equals + 1 } else { at }
}

/// `name="apiKey" value="x"`, `name: KEY` and on the next line `value: x`, `variable "key" { default = "x"`.
fn attribute(text: &str, at: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let start = value::run(bytes, at, 24, |b| b.is_ascii_whitespace() || matches!(b, b'{' | b',' | b'"' | b'\''));
    let rest = text.get(start..)?;
    let behind = rest.strip_prefix("value").or_else(|| rest.strip_prefix("default"))?;
    let behind = behind.trim_start_matches(['"', '\'']).trim_start_matches(' ').strip_prefix([':', '='])?;
    Some(blanks(bytes, text.len() - behind.len()))
}

/// The value of `password for the server is x`, with a few words between at the most.
fn said(scan: &Scan<'_>, at: usize) -> Option<usize> {
    const IS: &[&str] = &["is", "was", "are", "ist", "war", "lautet", "est", "es", "é", "è", "era", "jest", "to", "zu"];
    const BETWEEN: usize = 5;
    for next in at + 1..=at + BETWEEN {
        let word = scan.words.get(next)?;
        let gap = scan.gap_before(next);
        if gap.contains(['\n', '.', ';', '?', '!', '|']) {
            return None;
        }
        if IS.contains(&scan.word_text(next)) {
            let behind = scan.text.get(word.end..)?;
            let spaces = behind.len() - behind.trim_start_matches([' ', ':']).len();
            let line = scan.text.get(word.end..word.end + spaces)?;
            return (spaces > 0 && spaces < 4 && !line.contains('\n')).then_some(word.end + spaces);
        }
    }
    None
}

/// A value behind a name.
struct Value<'t> {
    start: usize,
    end: usize,
    written: &'t str,
    quoted: bool,
    bond: Bond,
}

impl<'t> Value<'t> {
    fn read(text: &'t str, at: usize, bond: Bond) -> Option<Self> {
        let bytes = text.as_bytes();
        let mut start = at;
        // `Authorization: "Bearer x"` is read where the scheme stands.
        let quote = bytes.get(start).copied().filter(|b| matches!(b, b'"' | b'\'' | b'`'));
        let quote_len = usize::from(quote.is_some());
        let inner = start + quote_len;
        if let Some(quote) = quote {
            let end = value::run(bytes, inner, LONGEST, |b| b != quote && b != b'\n' && b != b'\r');
            if bytes.get(end) == Some(&quote) {
                let written = text.get(inner..end)?;
                return (quote != b'`' || !written.contains(' ')).then_some(Self {
                    start: inner,
                    end,
                    written,
                    quoted: true,
                    bond,
                });
            }
            start = inner;
        } else if bond == Bond::Listed {
            return None;
        }
        // Wiki mark-up for a literal or bold value.
        if text.get(start..).is_some_and(|rest| rest.starts_with("{{") && !rest.starts_with("{{ "))
            && bond != Bond::Assigned
        {
            start += 2;
        }
        let in_tag = bond == Bond::Tag;
        let stops = |b: u8| {
            b == b'<' || b == b'"' || (!in_tag && (b.is_ascii_whitespace() || matches!(b, b'|' | b';' | b'`' | b'>')))
        };
        let end = value::run(bytes, start, LONGEST_BARE, |b| !stops(b));
        if end == start + LONGEST_BARE {
            return None;
        }
        let end = if bond == Bond::Assigned { before_next_field(bytes, start, end) } else { end };
        let written = trim(text.get(start..end)?, bond);
        let opening = written.len() - written.trim_start_matches(['(', '[']).len();
        let written = if bond == Bond::Said { written.get(opening..)? } else { written };
        let start = start + if bond == Bond::Said { opening } else { 0 };
        Some(Self { start, end: start + written.len(), written, quoted: false, bond })
    }

    fn is_secret(&self, strength: Strength) -> bool {
        let written = self.written;
        if written.len() < 3
            || written.len() >= LONGEST
            || value::is_stand_in(written)
            || written.contains(char::is_whitespace)
        {
            return false;
        }
        if is_placeholder(written) || is_link(written) {
            return false;
        }
        if strength != Strength::Password && !self.quoted && is_field(written) {
            return false;
        }
        let random = value::is_random(written);
        if !self.quoted && self.bond != Bond::Tag && value::is_code(written) && !random {
            return false;
        }
        match (strength, self.bond) {
            (Strength::Weak, _) => random,
            (Strength::Key, Bond::Said) => random,
            (Strength::Key, _) => {
                random
                    || (written.len() >= 8
                        && has_figure_and_letter(written)
                        && value::is_password_like(written)
                        && !is_plain_name(written))
            }
            (Strength::Password, Bond::Said) => {
                value::is_password_like(written) && !is_plain_name(written) && !value::is_code(written)
            }
            (Strength::Password, Bond::Listed) => value::is_password_like(written),
            (Strength::Password, _) => self.is_password(),
        }
    }

    /// A value that a password's name assigns: anything but a word of the language or of a program.
    fn is_password(&self) -> bool {
        let written = self.written;
        if value::is_notorious(written) {
            return true;
        }
        if value::is_words(written) {
            let turns = written
                .bytes()
                .zip(written.bytes().skip(1))
                .filter(|(a, b)| a.is_ascii_lowercase() && b.is_ascii_uppercase())
                .count();
            let single = !written.contains(['_', '-', '.', '/', ':', ',']);
            return single
                && written.len() >= 6
                && (turns >= 3
                    || !value::is_known_word(written)
                        && written.bytes().all(|b| b.is_ascii_lowercase())
                        && self.bond != Bond::Flag);
        }
        written.len() >= 4 && !is_figures_of_a_sentence(written, self.quoted)
    }
}

/// `TOKEN=x` behind `the key:`: the inner name tells more of the value.
fn is_field(written: &str) -> bool {
    written.split_once('=').is_some_and(|(name, value)| {
        !value.is_empty()
            && !value.starts_with('=')
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
    })
}

/// A short number behind `pass:` counts something.
fn is_figures_of_a_sentence(written: &str, quoted: bool) -> bool {
    !quoted && written.len() < 6 && written.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'/' | b'%'))
}

/// `[SECRET_1]`
fn is_placeholder(written: &str) -> bool {
    written.contains("[SECRET_")
}

fn is_link(written: &str) -> bool {
    written.contains("://")
        || written.starts_with(['/', '\\'])
        || written.starts_with("./")
        || written.starts_with("~/")
}

fn has_figure_and_letter(written: &str) -> bool {
    written.bytes().any(|b| b.is_ascii_digit()) && written.bytes().any(|b| b.is_ascii_alphabetic())
}

/// Words and numbers joined as in a name or a key of a cache: `user:17:profile`, `build-42`, `item_7`.
fn is_plain_name(written: &str) -> bool {
    written
        .split(['-', '_', ':', '.', '/'])
        .all(|part| part.bytes().all(|b| b.is_ascii_lowercase()) || part.bytes().all(|b| b.is_ascii_digit()))
        && written.contains(['-', '_', ':', '.', '/'])
}

/// Where a value ends that the next field of a query, a list or a header follows.
fn before_next_field(bytes: &[u8], start: usize, end: usize) -> usize {
    for at in start..end {
        let Some(b) = bytes.get(at) else { break };
        if !matches!(b, b'&' | b',') {
            continue;
        }
        let name = value::run(bytes, at + 1, 40, |b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'));
        let field = name > at + 1 && matches!(bytes.get(name), Some(b'=' | b':'));
        if field || (*b == b',' && at + 1 == end) {
            return at;
        }
    }
    end
}

/// Without the punctuation of the sentence or the brackets of the code around.
fn trim(written: &str, bond: Bond) -> &str {
    let mut written = written;
    if let Some(at) = written.find('\'') {
        written = written.get(..at).unwrap_or(written);
    }
    loop {
        let shorter = match written.as_bytes().last() {
            Some(b',' | b'"') => true,
            Some(b'.') => bond != Bond::Tag,
            Some(b':') => bond == Bond::Said,
            Some(b')') => !written.contains('('),
            Some(b']') => !written.contains('['),
            Some(b'}') => !written.contains('{'),
            _ => false,
        };
        if !shorter {
            return written;
        }
        written = written.get(..written.len() - 1).unwrap_or_default();
    }
}

/// The credential behind `Basic` or `Bearer`.
fn authorization(text: &str, end_of_scheme: usize) -> Option<Hit> {
    let bytes = text.as_bytes();
    let start = value::run(bytes, end_of_scheme, 4, |b| matches!(b, b' ' | b':' | b'=' | b'"' | b'\''));
    let token = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'~' | b'+' | b'/' | b'=');
    let end = value::run(bytes, start, 4096, token);
    let written = text.get(start..end)?.trim_end_matches('.');
    let telling =
        value::is_random(written) || (value::is_mixed(written.trim_end_matches('=').as_bytes())) || is_encoded(written);
    (start > end_of_scheme && written.len() >= 8 && telling).then_some((start, start + written.len(), &AUTHORIZATION))
}

/// A user and a password in base 64, with a colon between.
fn is_encoded(written: &str) -> bool {
    let mut bits = 0_u32;
    let mut held = 0_u32;
    let mut colon = false;
    for b in written.trim_end_matches('=').bytes() {
        let six = match b {
            b'A'..=b'Z' => b - b'A',
            b'a'..=b'z' => b - b'a' + 26,
            b'0'..=b'9' => b - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return false,
        };
        bits = (bits << 6 | u32::from(six)) & 0xFFFF;
        held += 6;
        if held >= 8 {
            held -= 8;
            let byte = (bits >> held) & 0xFF;
            if byte < 0x20 || byte == 0x7F {
                return false;
            }
            colon |= byte == u32::from(b':');
        }
    }
    colon
}

/// `-u user:password`, `-p password` and the like, for the commands that take them so.
fn option(scan: &Scan<'_>, at: usize) -> Option<Hit> {
    let text = scan.text;
    let bytes = text.as_bytes();
    let word = scan.words.get(at)?;
    let dash = word.start.checked_sub(1).filter(|dash| bytes.get(*dash) == Some(&b'-'))?;
    let next = bytes.get(word.end).copied().unwrap_or_default();
    if bytes.get(word.start) == Some(&b'p') && word.end - word.start > 4 && line_before(text, dash).contains("mysql") {
        return has_figure_and_letter(scan.word_text(at)).then_some((word.start + 1, word.end, &COMMAND));
    }
    if next != b' ' && next != b'=' {
        return None;
    }
    let value = Value::read(text, blanks(bytes, word.end + 1), Bond::Flag)?;
    match scan.word_text(at) {
        "u" | "user" => {
            let (user, password) = value.written.split_once(':')?;
            let plain = password.len() >= 3
                && !user.is_empty()
                && !value::is_stand_in(password)
                && !password.contains(['/', '$', ':']);
            plain.then_some((value.end - password.len(), value.end, &COMMAND))
        }
        "p" | "k" | "a" | "w" => {
            let line = line_before(text, dash);
            let takes = match scan.word_text(at) {
                "p" => ["login", "sshpass", "twine"].as_slice(),
                "k" => &["openssl"],
                "a" => &["redis-cli"],
                _ => &["ldap"],
            };
            let plain = value.written.len() >= 4
                && !value::is_stand_in(value.written)
                && !value.written.bytes().all(|b| b.is_ascii_digit())
                && !is_link(value.written);
            (takes.iter().any(|command| line.contains(command)) && plain).then_some((value.start, value.end, &COMMAND))
        }
        _ => None,
    }
}

/// `jdbc:oracle:thin:user/password@host`
fn oracle(text: &str, end: usize) -> Option<Hit> {
    let rest = text.get(end..)?.strip_prefix(':')?;
    let at = rest.bytes().take(128).position(|b| b == b'@' || b.is_ascii_whitespace())?;
    let (user, password) = rest.get(..at)?.split_once('/')?;
    let plain = rest.as_bytes().get(at) == Some(&b'@') && !user.is_empty() && !password.is_empty();
    let end = end + 1 + at;
    (plain && !value::is_stand_in(password)).then_some((end - password.len(), end, &COMMAND))
}

/// The line up to `at`, as far as a command reaches back.
fn line_before(text: &str, at: usize) -> &str {
    const REACH: usize = 120;
    let mut from = at.saturating_sub(REACH);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    text.get(from..at).unwrap_or_default().rsplit('\n').next().unwrap_or_default()
}

/// `echo password | sudo -S`
fn echoed(text: &str, start: usize, end: usize) -> Option<Hit> {
    let line = line_before(text, start).trim_end().strip_suffix('|')?.trim_end();
    let password = line.rsplit(' ').next()?.trim_matches(['"', '\'']);
    let echo = line.contains("echo ") && text.get(end..)?.trim_start().starts_with("-S");
    let at = line_before(text, start).rfind(password)? + start - line_before(text, start).len();
    (echo && password.len() >= 3 && !value::is_stand_in(password)).then_some((at, at + password.len(), &COMMAND))
}

/// `net use Z: \\server\share password /user:name`
fn mounted(scan: &Scan<'_>, at: usize) -> Option<Hit> {
    const REACH: usize = 160;
    let previous = at.checked_sub(1)?;
    if !scan.word_text(previous).eq_ignore_ascii_case("net") {
        return None;
    }
    let start = scan.words.get(at)?.end;
    let rest = scan.text.get(start..)?;
    let line = rest.lines().next()?;
    let user = line.get(..line.find(" /user:")?).filter(|head| head.len() <= REACH)?;
    let password = user.rsplit(' ').next()?;
    let end = start + user.len();
    let plain = password.len() >= 3 && !password.starts_with('\\') && !password.ends_with(':') && password != "*";
    (plain && !value::is_stand_in(password)).then_some((end - password.len(), end, &COMMAND))
}

/// `login: name / password`
fn login(text: &str, end: usize) -> Option<Hit> {
    let rest = text.get(end..)?.strip_prefix(':')?;
    let line = rest.trim_start_matches(' ');
    let bytes = text.as_bytes();
    let user = text.len() - line.len();
    let user_end = value::run(bytes, user, 64, |b| !b.is_ascii_whitespace() && !matches!(b, b'/' | b'<' | b'|' | b'"'));
    let slash = blanks(bytes, user_end);
    if user_end == user || bytes.get(slash) != Some(&b'/') {
        return None;
    }
    let value = Value::read(text, blanks(bytes, slash + 1), Bond::Said)?;
    (value::is_password_like(value.written) && !value.written.contains('/') && !value::is_stand_in(value.written))
        .then_some((value.start, value.end, &LOGIN))
}

/// The password of `scheme://user:password@host`.
fn in_url(text: &str, colon: usize) -> Option<Hit> {
    const REACH: usize = 256;
    let bytes = text.as_bytes();
    let start = colon + 3;
    let end = value::run(bytes, start, REACH, |b| {
        !b.is_ascii_whitespace() && !matches!(b, b'/' | b'<' | b'>' | b'"' | b'|' | b'?')
    });
    // A password may hold a question mark; a host may not.
    let end = if bytes.get(end) == Some(&b'?') {
        value::run(bytes, end, REACH, |b| !b.is_ascii_whitespace() && !matches!(b, b'/' | b'<' | b'>' | b'"' | b'|'))
    } else {
        end
    };
    let authority = text.get(start..end)?;
    let (userinfo, host) = authority.rsplit_once('@')?;
    let (_, password) = userinfo.split_once(':')?;
    let from = start + userinfo.len() - password.len();
    let plain = !password.is_empty()
        && !value::is_stand_in(password)
        && host.starts_with(|c: char| c.is_alphanumeric() || c == '[');
    plain.then_some((from, from + password.len(), &URL))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::texts;

    #[test]
    fn values_behind_a_name_are_found() {
        for (text, expected) in [
            ("password: blue12!", "blue12!"),
            ("\"api_key\": \"f00ba4f00ba7f00ba9f00bac\",", "f00ba4f00ba7f00ba9f00bac"),
            ("API_KEY=9ab8c7d6e5f4a3b2c1d0", "9ab8c7d6e5f4a3b2c1d0"),
            ("'secret' => 'a8s7d6f5g4h3'", "a8s7d6f5g4h3"),
            ("run --token a8s7d6f5g4h3j2k1 now", "a8s7d6f5g4h3j2k1"),
            ("<password>x9!kLm2</password>", "x9!kLm2"),
            ("<property name=\"apiKey\" value=\"q1w2e3r4t5y6u7i8\"/>", "q1w2e3r4t5y6u7i8"),
            ("- name: DB_PASSWORD\n  value: 'q1w2e3'", "q1w2e3"),
            ("val dbPassword: String = \"q1w2e3\"", "q1w2e3"),
            ("define('DB_PASSWORD', 'q1w2e3r4');", "q1w2e3r4"),
            ("The password for Ines is Green_lake7, change it.", "Green_lake7"),
            ("kennwort war Gelb66!", "Gelb66!"),
            ("mot de passe : Rouge66! (compte x)", "Rouge66!"),
            ("Server=a;Uid=b;Pwd=hunter66*;Encrypt=true", "hunter66*"),
            ("?user=app&password=40b202b3&ssl=true", "40b202b3"),
            ("password: changeme", "changeme"),
            ("Authorization: Basic dXNlcjpwYXNz", "dXNlcjpwYXNz"),
            ("\"Authorization\", \"Bearer aB3dE6gH9jK2mN5p\"", "aB3dE6gH9jK2mN5p"),
            ("curl -u ines:Green1! https://x.example", "Green1!"),
            ("sshpass -p 'Green1!' ssh x", "Green1!"),
            ("echo Green1! | sudo -S ls", "Green1!"),
            ("net use Z: \\\\srv\\share Green1! /user:x", "Green1!"),
            ("test login: ines / Green1!", "Green1!"),
            ("redis://:Green1?@cache:6379", "Green1?"),
            ("signature=\"aB3dE6gH9jK2mN5pQ8\"", "aB3dE6gH9jK2mN5pQ8"),
        ] {
            assert_eq!(texts(find, text), [expected], "{text}");
        }
    }

    #[test]
    fn words_code_and_stand_ins_stay() {
        for text in [
            "the password is required",
            "password was reset yesterday",
            "token expired 4850 ms ago",
            "key: value",
            "password: null",
            "password=${DB_PASSWORD}",
            "password: {{ vault_password }}",
            "String password = request.getParameter(\"password\");",
            "password = var.db_password",
            "const token = process.env.TOKEN;",
            "label.password=Password",
            "password.reset.title=Reset your password",
            "invalid password for user, attempt 57",
            "cache_key = \"user:67909:profile\"",
            "final String TOKEN_TYPE = \"Bearer\";",
            "if (password.length < 8)",
            "passwordEncoder = new Encoder(12);",
            "token: <your-token>",
            "password: ********",
            "api_key: YOUR_API_KEY",
            "private String secretKey;",
            "public String getPassword() { return password; }",
            "curl -u \"$USER:$PASS\" https://x.example",
            "mkdir -p some/path",
            "password: [SECRET_1]",
            "commit 44a9d6a697ebf3a0238706ac261ed4b01547f4cb",
            "Pass: 12, failed: 3",
            "https://example.org/a:b@c",
        ] {
            assert_eq!(texts(find, text), [""; 0], "{text}");
        }
    }

    #[test]
    fn one_thing_over_and_over_takes_no_time() {
        for part in
            ["password=", "eyJ", "-----BEGIN PRIVATE KEY-----", "ghp_", "sk-", "://:", "key ", "a", "0", "password is "]
        {
            let text = part.repeat(200_000 / part.len());
            texts(find, &text);
        }
    }
}
