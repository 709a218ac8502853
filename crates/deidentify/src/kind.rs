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
    Ip,
    Url,
    AccountId,
}

impl Kind {
    /// Every kind, in the order in which a page lists them.
    pub const ALL: [Kind; 7] =
        [Kind::Person, Kind::Handle, Kind::Email, Kind::Phone, Kind::Ip, Kind::Url, Kind::AccountId];

    /// A stable name for machines and style sheets: `account-id`.
    pub fn id(self) -> &'static str {
        match self {
            Kind::Person => "person",
            Kind::Handle => "handle",
            Kind::Email => "email",
            Kind::Phone => "phone",
            Kind::Ip => "ip",
            Kind::Url => "url",
            Kind::AccountId => "account-id",
        }
    }

    /// The word inside a placeholder: `PERSON` in `[PERSON_1]`.
    pub fn placeholder_word(self) -> &'static str {
        match self {
            Kind::Person => "PERSON",
            Kind::Handle => "HANDLE",
            Kind::Email => "EMAIL",
            Kind::Phone => "PHONE",
            Kind::Ip => "IP",
            Kind::Url => "URL",
            Kind::AccountId => "ACCOUNT_ID",
        }
    }

    /// One character that marks the kind where colour must not be the only sign.
    pub fn letter(self) -> char {
        match self {
            Kind::Person => 'P',
            Kind::Handle => '@',
            Kind::Email => 'E',
            Kind::Phone => 'T',
            Kind::Ip => 'I',
            Kind::Url => 'U',
            Kind::AccountId => 'A',
        }
    }

    /// The kind in words, singular, for a sentence or a legend.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Person => "person name",
            Kind::Handle => "user name",
            Kind::Email => "e-mail address",
            Kind::Phone => "phone number",
            Kind::Ip => "IP address",
            Kind::Url => "link to a person",
            Kind::AccountId => "account id",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_letters_tell_kinds_apart() {
        for (index, one) in Kind::ALL.iter().enumerate() {
            for other in &Kind::ALL[index + 1..] {
                assert_ne!(one.placeholder_word(), other.placeholder_word());
                assert_ne!(one.letter(), other.letter());
                assert_ne!(one.name(), other.name());
            }
        }
    }

    #[test]
    fn kinds_are_stored_in_kebab_case() {
        assert_eq!(serde_json::to_string(&Kind::AccountId).unwrap(), "\"account-id\"");
    }
}
