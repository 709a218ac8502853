//! Numbers the placeholders of one item.

use std::collections::HashMap;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::Kind;

/// Whom or what a finding means, whatever its spelling.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Identity {
    /// A person of the directory, by position.
    Person(usize),
    /// Anything else, in a normal form: an address in lower case, the digits of a phone number.
    Text(String),
}

const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Digits of a placeholder's number.
const MOST_DIGITS: usize = 6;

/// 96 bits at five a letter.
const TOKEN_LEN: usize = 20;

/// A key for tokens that stay the same in all items of one organisation for as long as the key is kept. Without the key a token
/// tells nothing, and nothing leads back from a token to what it stands for.
#[derive(Clone)]
pub struct TokenKey {
    keyed: Hmac<Sha256>,
}

impl std::fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TokenKey")
    }
}

impl TokenKey {
    /// `secret` belongs to one organisation and one period; it is never shown or stored here.
    pub fn new(secret: &[u8; 32], organisation: &str) -> Self {
        // A shorter key is a whole block's, filled with zeros.
        let mut block = [0; 64];
        block[..secret.len()].copy_from_slice(secret);
        let mut keyed = Hmac::<Sha256>::new(&block.into());
        keyed.update(b"sluice token 1\0");
        keyed.update(organisation.as_bytes());
        keyed.update(b"\0");
        Self { keyed }
    }

    /// 96 bits of the keyed hash, in letters and digits that are hard to confuse.
    fn token(&self, kind: Kind, normal: &str) -> String {
        let mut keyed = self.keyed.clone();
        keyed.update(kind.id().as_bytes());
        keyed.update(b"\0");
        keyed.update(normal.as_bytes());
        let digest = keyed.finalize().into_bytes();
        let (mut bits, mut held) = (0_u32, 0);
        let mut token = String::with_capacity(20);
        for byte in digest.iter().take(12) {
            bits = (bits << 8 | u32::from(*byte)) & 0xFFFF;
            held += 8;
            while held >= 5 {
                held -= 5;
                token.push(char::from(LETTERS[(bits >> held & 31) as usize]));
            }
        }
        token.push(char::from(LETTERS[(bits << (5 - held) & 31) as usize]));
        token
    }
}

/// The placeholders given out so far in one item: numbers, which must not link items, or keyed tokens, which may.
///
/// A name, a user name and an account id share one sequence, so `[PERSON_2]` and `[HANDLE_2]` are the same person wherever
/// the item shows that they are. Each other kind counts for itself.
#[derive(Debug)]
pub(crate) struct Placeholders<'k> {
    numbers: HashMap<(Kind, Identity), u32>,
    counts: HashMap<Kind, u32>,
    tokens: Option<&'k TokenKey>,
    /// What each person of the directory is called wherever a spelling must not matter.
    people: &'k [String],
}

impl<'k> Placeholders<'k> {
    pub(crate) fn new(tokens: Option<&'k TokenKey>, people: &'k [String]) -> Self {
        Self { numbers: HashMap::new(), counts: HashMap::new(), tokens, people }
    }

    /// The placeholder of `identity`, the same one each time it is asked for.
    pub(crate) fn placeholder(&mut self, kind: Kind, identity: &Identity) -> String {
        let sequence = match kind {
            Kind::Person | Kind::Handle | Kind::AccountId => Kind::Person,
            other => other,
        };
        if let Some(key) = self.tokens {
            let normal = match identity {
                Identity::Person(person) => self.people.get(*person).map_or("", String::as_str),
                Identity::Text(text) => text,
            };
            return format!("[{}_{}]", kind.word(), key.token(sequence, normal));
        }
        let number = *self.numbers.entry((sequence, identity.clone())).or_insert_with(|| {
            let count = self.counts.entry(sequence).or_default();
            *count += 1;
            *count
        });
        format!("[{}_{number}]", kind.word())
    }
}

/// Byte ranges of the placeholders that already stand in `text`, in order.
pub(crate) fn find(text: &str) -> impl Iterator<Item = (usize, usize)> {
    memchr::memchr_iter(b'[', text.as_bytes()).filter_map(|start| {
        let inside = &text[start + 1..];
        let number = Kind::ALL.iter().find_map(|kind| inside.strip_prefix(kind.word())?.strip_prefix('_'))?;
        let len = number.bytes().take(TOKEN_LEN + 1).position(|b| b == b']')?;
        let number = &number.as_bytes()[..len];
        // No item has a million people; a longer number is somebody's.
        let numbered = (1..=MOST_DIGITS).contains(&len) && number.iter().all(u8::is_ascii_digit);
        let token = len == TOKEN_LEN && number.iter().all(|b| LETTERS.contains(b));
        (numbered || token).then(|| (start, text.len() - inside.len() + inside.find(']').unwrap_or_default() + 1))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_identity_has_one_number_and_people_share_a_sequence() {
        let mut numbers = Placeholders::new(None, &[]);
        let (ada, box_) = (Identity::Person(0), Identity::Text("box@example.org".into()));
        assert_eq!(numbers.placeholder(Kind::Email, &box_), "[EMAIL_1]");
        assert_eq!(numbers.placeholder(Kind::Handle, &Identity::Text("zed".into())), "[HANDLE_1]");
        assert_eq!(numbers.placeholder(Kind::Person, &ada), "[PERSON_2]");
        assert_eq!(numbers.placeholder(Kind::Handle, &ada), "[HANDLE_2]");
        assert_eq!(numbers.placeholder(Kind::Email, &box_), "[EMAIL_1]");
    }

    #[test]
    fn placeholders_are_recognised_and_nothing_else() {
        let text = "[PERSON_1] [PERSON_] [[ACCOUNT_ID_12]] [person_1] [IP_3 [URL_4] [PHONE_49301234567]";
        let found: Vec<&str> = find(text).map(|(start, end)| &text[start..end]).collect();
        assert_eq!(found, ["[PERSON_1]", "[ACCOUNT_ID_12]", "[URL_4]"]);
    }
}
