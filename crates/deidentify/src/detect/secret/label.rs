//! Names under which secrets stand: `password`, `api_key`, `dbPassword`, `AWS_SECRET_ACCESS_KEY`.

use crate::lexicon::{self, Known};
use crate::scan::{Scan, Shape, Word};

/// How much a name says of the value behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Strength {
    /// `key`, `session`, `signature`: the value must look drawn at random.
    Weak,
    /// `token`, `secret`, `api key`: the value must look made by a machine or well chosen.
    Key,
    /// `password`: whatever is not plainly something else.
    Password,
}

/// Ends of names in which nothing separates the words.
const ENDS: &[(&str, Strength)] = &[
    ("password", Strength::Password),
    ("passwd", Strength::Password),
    ("passphrase", Strength::Password),
    ("passcode", Strength::Password),
    ("passwort", Strength::Password),
    ("kennwort", Strength::Password),
    ("userpass", Strength::Password),
    ("storepass", Strength::Password),
    ("keypass", Strength::Password),
    ("dbpass", Strength::Password),
    ("pwd", Strength::Password),
    ("psk", Strength::Password),
    ("secret", Strength::Key),
    ("token", Strength::Key),
    ("apikey", Strength::Key),
    ("accesskey", Strength::Key),
    ("secretkey", Strength::Key),
    ("privatekey", Strength::Key),
    ("accountkey", Strength::Key),
    ("sessid", Strength::Key),
    ("sessionid", Strength::Key),
];

/// The last part of a name in camel case, or of one joined with `_`, `-` or dots, and single words.
const PARTS: &[(&str, Strength)] = &[
    ("password", Strength::Password),
    ("passwords", Strength::Password),
    ("passwd", Strength::Password),
    ("passphrase", Strength::Password),
    ("passcode", Strength::Password),
    ("pass", Strength::Password),
    ("pwd", Strength::Password),
    ("pw", Strength::Password),
    ("psk", Strength::Password),
    ("passwort", Strength::Password),
    ("kennwort", Strength::Password),
    ("motdepasse", Strength::Password),
    ("passe", Strength::Password),
    ("contrasena", Strength::Password),
    ("clave", Strength::Password),
    ("senha", Strength::Password),
    ("wachtwoord", Strength::Password),
    ("haslo", Strength::Password),
    ("parola", Strength::Password),
    ("losenord", Strength::Password),
    ("adgangskode", Strength::Password),
    ("passord", Strength::Password),
    ("salasana", Strength::Password),
    ("heslo", Strength::Password),
    ("jelszo", Strength::Password),
    ("sifre", Strength::Password),
    ("parool", Strength::Password),
    ("secret", Strength::Key),
    ("secrets", Strength::Key),
    ("token", Strength::Key),
    ("tokens", Strength::Key),
    ("apikey", Strength::Key),
    ("apitoken", Strength::Key),
    ("authtoken", Strength::Key),
    ("accesstoken", Strength::Key),
    ("accesskey", Strength::Key),
    ("secretkey", Strength::Key),
    ("clientsecret", Strength::Key),
    ("masterkey", Strength::Key),
    ("encryptionkey", Strength::Key),
    ("licensekey", Strength::Key),
    ("bearer", Strength::Key),
    ("credential", Strength::Key),
    ("credentials", Strength::Key),
    ("sessionid", Strength::Key),
    ("jsessionid", Strength::Key),
    ("phpsessid", Strength::Key),
    ("auth", Strength::Weak),
    ("authorization", Strength::Weak),
    ("key", Strength::Weak),
    ("keys", Strength::Weak),
    ("signature", Strength::Weak),
    ("sig", Strength::Weak),
    ("cookie", Strength::Weak),
    ("salt", Strength::Weak),
    ("sas", Strength::Weak),
];

/// Words that make a key or an id a secret one when they stand in front of it.
const BEFORE_KEY: &[&str] = &[
    "access",
    "account",
    "admin",
    "api",
    "app",
    "auth",
    "client",
    "encryption",
    "license",
    "master",
    "private",
    "secret",
    "service",
    "shared",
    "signing",
    "storage",
    "deploy",
    "integration",
];

/// Words that make it none.
const NO_SECRET: &[&str] = &[
    "public",
    "pub",
    "primary",
    "crashreporter",
    "foreign",
    "cache",
    "partition",
    "sort",
    "row",
    "index",
    "message",
    "issue",
    "project",
    "registry",
    "unique",
    "hot",
    "shortcut",
];

/// What the word at position `at` says as the name of a value; nothing unless it ends the name.
pub(super) fn strength(scan: &Scan<'_>, at: usize) -> Option<Strength> {
    let word = scan.words.get(at)?;
    let bytes = scan.text.as_bytes();
    let next = bytes.get(word.end).copied().unwrap_or(b' ');
    let known = word.known.has(Known::SECRET_LABEL);
    if !(known || may_name(bytes, word)) {
        return None;
    }
    let camel = word.shape.has(Shape::INNER_UPPER) && word.shape.has(Shape::LOWER);
    // `password.reset` and `TOKEN_TYPE` name something else.
    if matches!(next, b'_' | b'-' | b'.') && bytes.get(word.end + 1).is_some_and(u8::is_ascii_alphanumeric) {
        return None;
    }
    let written = scan.word_text(at);
    let found = if known {
        part(word.hash)
    } else if camel {
        part(lexicon::hash(&last_hump(written).to_ascii_lowercase())).or_else(|| end(written))
    } else {
        end(written)
    }?;
    qualified(scan, at, written, found)
}

/// Whether a word that the lexicon does not know can end with the word for a secret: one in camel case, or one with the sign
/// of a value behind it.
pub(super) fn may_name(bytes: &[u8], word: &Word) -> bool {
    let len = word.end - word.start;
    if !(3..=64).contains(&len) {
        return false;
    }
    let last = bytes.get(word.end - 1).map_or(0, |b| b | 0x20);
    matches!(last, b'd' | b'e' | b't' | b'n' | b'y' | b's' | b'h')
        && (word.shape.has(Shape::INNER_UPPER)
            || matches!(bytes.get(word.end), Some(b'=' | b':' | b'"' | b'\'' | b'>'))
            || (bytes.get(word.end) == Some(&b' ') && before(bytes, word.start) == Some(b'-')))
}

fn before(bytes: &[u8], at: usize) -> Option<u8> {
    bytes.get(at.checked_sub(1)?).copied()
}

/// The hashes of the parts, in their order.
const HASHES: [u64; PARTS.len()] = {
    let mut hashes = [0; PARTS.len()];
    let mut at = 0;
    while at < PARTS.len() {
        hashes[at] = lexicon::hash(PARTS[at].0);
        at += 1;
    }
    hashes
};

fn part(hash: u64) -> Option<Strength> {
    HASHES.iter().position(|part| *part == hash).map(|at| PARTS[at].1)
}

fn end(written: &str) -> Option<Strength> {
    let written = written.as_bytes();
    let last = written.last().map(u8::to_ascii_lowercase);
    let ends = |name: &[u8]| {
        name.last().copied() == last
            && written.len().checked_sub(name.len()).is_some_and(|at| written[at..].eq_ignore_ascii_case(name))
    };
    ENDS.iter().find(|(name, _)| ends(name.as_bytes())).map(|(_, strength)| *strength)
}

/// `Key` of `awsSecretKey`, `ID` of `userID`.
fn last_hump(written: &str) -> &str {
    let bytes = written.as_bytes();
    let start = (1..bytes.len()).rev().find(|at| {
        bytes.get(*at).is_some_and(u8::is_ascii_uppercase)
            && bytes.get(*at - 1).is_some_and(|b| !b.is_ascii_uppercase())
    });
    start.and_then(|start| written.get(start..)).unwrap_or(written)
}

/// A weak name beside the word that makes it a strong one, or nothing beside one that makes it harmless.
fn qualified(scan: &Scan<'_>, at: usize, written: &str, found: Strength) -> Option<Strength> {
    let mut near = String::new();
    if let Some(previous) = at.checked_sub(1)
        && matches!(scan.gap_before(at), "_" | "-" | "." | " ")
    {
        near = scan.word_text(previous).to_ascii_lowercase();
    }
    let lower = written.to_ascii_lowercase();
    let stem = lower.strip_suffix("key").unwrap_or_default();
    let names = |list: &[&str]| list.iter().any(|word| near == *word || (!stem.is_empty() && stem.ends_with(word)));
    if found != Strength::Password && names(NO_SECRET) {
        return None;
    }
    Some(if found == Strength::Weak && lower.ends_with("key") && names(BEFORE_KEY) { Strength::Key } else { found })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strongest(text: &str) -> Option<Strength> {
        let scan = Scan::new(text);
        (0..scan.words.len()).filter_map(|at| strength(&scan, at)).max()
    }

    #[test]
    fn names_are_known_in_any_spelling() {
        for (name, expected) in [
            ("password: ", Some(Strength::Password)),
            ("dbPassword = ", Some(Strength::Password)),
            ("PGPASSWORD=", Some(Strength::Password)),
            ("mot de passe : ", Some(Strength::Password)),
            ("Contraseña: ", Some(Strength::Password)),
            ("AWS_SECRET_ACCESS_KEY=", Some(Strength::Key)),
            ("xApiKey=", Some(Strength::Key)),
            ("client-secret: ", Some(Strength::Key)),
            ("some_key=", Some(Strength::Weak)),
            ("public_key=", None),
            ("primaryKey=", None),
            ("password.reset.title=", None),
            ("keyboard=", None),
            ("compass=", None),
            ("passwordEncoder = ", None),
        ] {
            assert_eq!(strongest(name), expected, "{name}");
        }
    }
}
