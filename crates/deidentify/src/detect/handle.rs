//! User names that show themselves by where they stand: after an `@`, or as the name of a home folder.

use memchr::{memchr_iter, memmem};

use super::{Candidate, Detector, before, in_word};
use crate::Kind;
use crate::placeholders::Identity;
use crate::scan::Scan;
use crate::words::{fold, is_common};

static AT: Detector = Detector::new("handle.at", Kind::Handle, 90, "It is a user name after an @.");
static HOME: Detector =
    Detector::new("handle.home-folder", Kind::Handle, 90, "It is the name of a person's home folder.");

/// Words that follow an `@` in program text, style sheets and comments for documentation tools, folded, besides common words.
const KEYWORDS: &[&str] = &[
    "aftereach",
    "autoreleasepool",
    "autowired",
    "availability",
    "beforeeach",
    "inheritdoc",
    "keyframes",
    "nonnull",
    "notnull",
    "nullable",
    "suppresswarnings",
    "synchronized",
    "synthesize",
    "typedef",
];

const HOMES: &[&str] = &["/home/", "/Users/", "\\Users\\"];

pub(crate) fn find(scan: &Scan<'_>, found: &mut Vec<Candidate>) {
    let text = scan.text;
    let mut previous_end = 0;
    for at in memchr_iter(b'@', text.as_bytes()) {
        // `@ines@bram` names two people; `ines@bram` is something else.
        let opens = at == previous_end
            || !(in_word(before(text, at)) || matches!(before(text, at), Some('.' | '/' | '[' | '@' | '\\')));
        let name = name_at(&text[at + 1..]);
        let end = at + 1 + name.len();
        // What follows tells a package scope, a call and a path in XML from a person.
        if opens && !is_program_word(name) && !text[end..].starts_with(['/', '(', '=', '{', '"']) {
            found.push(Candidate { start: at, end, detector: &AT, identity: Identity::Text(name.to_lowercase()) });
            previous_end = end;
        }
    }
    for home in HOMES {
        for at in memmem::find_iter(text.as_bytes(), home) {
            let after = &text[at + home.len()..];
            // A path inside program text doubles its backslashes.
            let folder = after.strip_prefix('\\').unwrap_or(after);
            let name = name_at(folder);
            let start = text.len() - folder.len();
            if !in_word(before(text, at)) && !is_program_word(name) {
                let identity = Identity::Text(name.to_lowercase());
                found.push(Candidate { start, end: start + name.len(), detector: &HOME, identity });
            }
        }
    }
}

/// The user name with which `text` begins, or nothing: it begins with a letter and does not end in punctuation.
fn name_at(text: &str) -> &str {
    if !text.starts_with(char::is_alphabetic) {
        return "";
    }
    let mut end = 0;
    for (at, c) in text.char_indices() {
        match c {
            _ if c.is_alphanumeric() => end = at + c.len_utf8(),
            '_' => {}
            // One dot or hyphen may stand inside, more are punctuation.
            '.' | '-' if at == end => {}
            _ => break,
        }
    }
    &text[..end]
}

fn is_program_word(name: &str) -> bool {
    let folded = fold(name);
    name.len() < 2 || is_common(&folded) || KEYWORDS.contains(&folded.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::texts;

    #[test]
    fn names_after_an_at_sign_are_found() {
        assert_eq!(texts(find, "@ines.okafor, ask @Bram-V (@zoë_k)."), ["@ines.okafor", "@Bram-V", "@zoë_k"]);
        assert_eq!(texts(find, "@ines@bram@carl"), ["@ines", "@bram", "@carl"]);
        assert_eq!(texts(find, "@ines...now, @bram__v. @carl--"), ["@ines", "@bram__v", "@carl"]);
    }

    #[test]
    fn program_text_keeps_its_at_signs() {
        for text in [
            "@Override",
            "@import url",
            "@property (nonatomic)",
            "@\"text\"",
            "@angular/core",
            "//a[@href='x']",
            "@Named(\"x\")",
            "icon@2x.png",
            "a@b",
            "@",
            "@2x",
            "@x",
            "x.@y",
        ] {
            assert_eq!(texts(find, text), [""; 0], "{text}");
        }
    }

    #[test]
    fn home_folders_are_found_on_each_system() {
        for (text, expected) in [
            ("at /Users/iokafor/Library/x", "iokafor"),
            ("file:///home/bram.v/.gradle", "bram.v"),
            (r"C:\Users\Zoe\AppData", "Zoe"),
            (r#""C:\\Users\\zoe""#, "zoe"),
        ] {
            assert_eq!(texts(find, text), [expected], "{text}");
        }
        for text in [
            "/home/user/x",
            "https://example.org/home/index.html",
            "/Users/Shared/x",
            "/home/$USER",
            "/Users/",
            "/home/",
        ] {
            assert_eq!(texts(find, text), [""; 0], "{text}");
        }
    }
}
