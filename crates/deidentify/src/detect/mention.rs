//! Mentions in wiki mark-up and the user attributes of storage format: identifiers by construction.

use super::{Candidate, Detector};
use crate::Kind;
use crate::placeholders::Identity;
use crate::scan::Scan;

static USER: Detector = Detector::new("mention.user", Kind::Handle, 100, "It is a mention of a user.");
static MAILBOX: Detector =
    Detector::new("mention.mailbox", Kind::Email, 100, "It is a mention of a user by an e-mail address.");
static ACCOUNT: Detector = Detector::new("mention.account", Kind::AccountId, 100, "It is a mention of an account.");
static USER_ATTRIBUTE: Detector =
    Detector::new("mention.user-attribute", Kind::Handle, 100, "It is the user of a link in storage format.");
static ACCOUNT_ATTRIBUTE: Detector =
    Detector::new("mention.account-attribute", Kind::AccountId, 100, "It is the account of a link in storage format.");

const ATTRIBUTES: [(&str, &Detector); 5] = [
    ("ri:userkey=\"", &USER_ATTRIBUTE),
    ("ri:username=\"", &USER_ATTRIBUTE),
    ("data-username=\"", &USER_ATTRIBUTE),
    ("ri:account-id=\"", &ACCOUNT_ATTRIBUTE),
    ("data-account-id=\"", &ACCOUNT_ATTRIBUTE),
];

pub(crate) static NODE_ID: Detector =
    Detector::new("mention.node-id", Kind::AccountId, 100, "It is the account of a mention in a document.");
pub(crate) static NODE_TEXT: Detector =
    Detector::new("mention.node", Kind::Person, 100, "It is the text of a mention in a document.");

/// No user name is longer, in bytes; what has no end by then is no mention.
const LONGEST: usize = 255;

pub(crate) fn find(scan: &Scan<'_>, found: &mut Vec<Candidate>) {
    let text = scan.text;
    for tilde in memchr::memchr_iter(b'~', text.as_bytes()) {
        let Some(start) = tilde.checked_sub(1).filter(|start| text.as_bytes()[*start] == b'[') else { continue };
        let Some(name) = until(&text[start + 2..], ']') else {
            continue;
        };
        let end = start + 2 + name.len() + 1;
        let (detector, name) = match name.strip_prefix("accountid:") {
            Some(id) => (&ACCOUNT, id),
            None if name.contains('@') => (&MAILBOX, name),
            None => (&USER, name),
        };
        found.push(Candidate { start, end, detector, identity: Identity::Text(name.to_lowercase()) });
    }
    for word in scan.tied_words().filter(|word| word.after == b'=') {
        let Some(value) = text[word.end..].strip_prefix("=\"") else { continue };
        let start = text.len() - value.len();
        let hit = ATTRIBUTES.iter().find(|(attribute, _)| text[..start].ends_with(attribute));
        if let (Some((_, detector)), Some(name)) = (hit, until(value, '"')) {
            let identity = Identity::Text(name.to_lowercase());
            found.push(Candidate { start, end: start + name.len(), detector, identity });
        }
    }
}

/// The name in front of the first `close`, which must come soon and on the same line.
fn until(text: &str, close: char) -> Option<&str> {
    let ends = |b: u8| b == close as u8 || matches!(b, b'\n' | b'<' | b'>' | b'[');
    let end = text.bytes().take(LONGEST + 1).position(ends)?;
    let name = &text[..end];
    (text[end..].starts_with(close) && !name.trim().is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::texts;

    #[test]
    fn mentions_go_whole_and_attributes_keep_their_quotes() {
        assert_eq!(texts(find, "cc [~iokafor], thanks"), ["[~iokafor]"]);
        assert_eq!(texts(find, "[~ines okafor@x] [~a]"), ["[~ines okafor@x]", "[~a]"]);
        assert_eq!(texts(find, "[~accountid:712020:0f-1]"), ["[~accountid:712020:0f-1]"]);
        assert_eq!(texts(find, "<ri:user ri:account-id=\"5b10a\" /><ri:user ri:userkey=\"ff80\"/>"), ["5b10a", "ff80"]);
    }

    #[test]
    fn broken_mentions_stay() {
        for text in ["[~]", "[~ ]", "[~ines", "[~ines\n]", "[~", "[~[~[~", "ri:userkey=\"\"", "ri:userkey=\"x", "[~é"]
        {
            assert_eq!(texts(find, text), [""; 0], "{text}");
        }
        assert_eq!(texts(find, &format!("[~{}]", "a".repeat(300))), [""; 0]);
    }
}
