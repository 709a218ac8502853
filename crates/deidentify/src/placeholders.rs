//! Numbers the placeholders of one item.

use std::collections::HashMap;

use crate::Kind;

/// Whom or what a finding means, whatever its spelling.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Identity {
    /// A person of the directory, by position.
    Person(usize),
    /// Anything else, in a normal form: an address in lower case, the digits of a phone number.
    Text(String),
}

/// The placeholder numbers given out so far in one item. Start a new one for each item: numbers must not link items.
///
/// A name, a user name and an account id share one sequence, so `[PERSON_2]` and `[HANDLE_2]` are the same person wherever
/// the file shows that they are. Each other kind counts for itself. Use it with one [`Deidentifier`](crate::Deidentifier) only.
#[derive(Debug, Default)]
pub struct Placeholders {
    numbers: HashMap<(Kind, Identity), u32>,
    counts: HashMap<Kind, u32>,
}

impl Placeholders {
    pub fn new() -> Self {
        Self::default()
    }

    /// The placeholder of `identity`, the same one each time it is asked for.
    pub(crate) fn placeholder(&mut self, kind: Kind, identity: &Identity) -> String {
        let sequence = match kind {
            Kind::Person | Kind::Handle | Kind::AccountId => Kind::Person,
            other => other,
        };
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
        let digits = Kind::ALL.iter().find_map(|kind| inside.strip_prefix(kind.word())?.strip_prefix('_'))?;
        let rest = digits.trim_start_matches(|c: char| c.is_ascii_digit());
        (rest.len() < digits.len() && rest.starts_with(']')).then(|| (start, text.len() - rest.len() + 1))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_identity_has_one_number_and_people_share_a_sequence() {
        let mut numbers = Placeholders::new();
        let (ada, box_) = (Identity::Person(0), Identity::Text("box@example.org".into()));
        assert_eq!(numbers.placeholder(Kind::Email, &box_), "[EMAIL_1]");
        assert_eq!(numbers.placeholder(Kind::Handle, &Identity::Text("zed".into())), "[HANDLE_1]");
        assert_eq!(numbers.placeholder(Kind::Person, &ada), "[PERSON_2]");
        assert_eq!(numbers.placeholder(Kind::Handle, &ada), "[HANDLE_2]");
        assert_eq!(numbers.placeholder(Kind::Email, &box_), "[EMAIL_1]");
    }

    #[test]
    fn placeholders_are_recognised_and_nothing_else() {
        let text = "[PERSON_1] [PERSON_] [[ACCOUNT_ID_12]] [person_1] [IP_3 [URL_4]";
        let found: Vec<&str> = find(text).map(|(start, end)| &text[start..end]).collect();
        assert_eq!(found, ["[PERSON_1]", "[ACCOUNT_ID_12]", "[URL_4]"]);
    }
}
