//! The kinds of personal data that are found, and how each is written and named.

use serde::{Deserialize, Serialize};

/// A kind of personal data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    Person,
    Handle,
    Email,
    Phone,
    AccountId,
    Address,
    Url,
    Ip,
    Mac,
    Secret,
    CreditCard,
    Iban,
    NationalId,
    Term,
}

/// How one kind is written.
struct Spelling {
    kind: Kind,
    id: &'static str,
    word: &'static str,
    letter: char,
    name: &'static str,
}

const fn spelling(kind: Kind, id: &'static str, word: &'static str, letter: char, name: &'static str) -> Spelling {
    Spelling { kind, id, word, letter, name }
}

/// In the order of the kinds.
const SPELLINGS: [Spelling; 14] = [
    spelling(Kind::Person, "person", "PERSON", 'P', "person name"),
    spelling(Kind::Handle, "handle", "HANDLE", '@', "user name"),
    spelling(Kind::Email, "email", "EMAIL", 'E', "e-mail address"),
    spelling(Kind::Phone, "phone", "PHONE", 'T', "phone number"),
    spelling(Kind::AccountId, "account-id", "ACCOUNT_ID", 'A', "account id"),
    spelling(Kind::Address, "address", "ADDRESS", 'H', "street address"),
    spelling(Kind::Url, "url", "URL", 'U', "link to a person"),
    spelling(Kind::Ip, "ip", "IP", 'I', "IP address"),
    spelling(Kind::Mac, "mac", "MAC", 'M', "hardware address"),
    spelling(Kind::Secret, "secret", "SECRET", 'S', "password or key"),
    spelling(Kind::CreditCard, "credit-card", "CREDIT_CARD", 'C', "card number"),
    spelling(Kind::Iban, "iban", "IBAN", 'B', "bank account"),
    spelling(Kind::NationalId, "national-id", "NATIONAL_ID", 'N', "national id"),
    spelling(Kind::Term, "term", "TERM", 'X', "term of the organisation"),
];

impl Kind {
    /// Every kind, in the order in which a page lists them.
    pub const ALL: [Kind; 14] = {
        let mut all = [Kind::Person; 14];
        let mut at = 0;
        while at < all.len() {
            all[at] = SPELLINGS[at].kind;
            at += 1;
        }
        all
    };

    fn spelling(self) -> &'static Spelling {
        &SPELLINGS[self as usize]
    }

    /// A stable name for machines and style sheets: `account-id`.
    pub fn id(self) -> &'static str {
        self.spelling().id
    }

    /// The word inside a placeholder, `PERSON` in `[PERSON_1]`, and the label of a span.
    pub fn word(self) -> &'static str {
        self.spelling().word
    }

    /// One character that marks the kind where colour must not be the only sign.
    pub fn letter(self) -> char {
        self.spelling().letter
    }

    /// The kind in words, singular, for a sentence or a legend.
    pub fn name(self) -> &'static str {
        self.spelling().name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_letters_tell_kinds_apart() {
        for (index, one) in Kind::ALL.iter().enumerate() {
            assert_eq!(SPELLINGS[index].kind as usize, index);
            for other in &Kind::ALL[index + 1..] {
                assert_ne!(one.word(), other.word());
                assert_ne!(one.letter(), other.letter());
                assert_ne!(one.name(), other.name());
            }
        }
    }

    #[test]
    fn kinds_are_stored_under_their_id() {
        for kind in Kind::ALL {
            assert_eq!(serde_json::to_string(&kind).unwrap(), format!("\"{}\"", kind.id()));
        }
    }
}
