//! User names that show themselves by where they stand: after an `@`, as the name of a home folder, behind a label such as
//! `assignee =`, in front of a host; or by their form, such as `first.last` and `flast`.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::{Candidate, Detector, before, in_word};
use crate::Kind;
use crate::lexicon::{self, Known};
use crate::placeholders::Identity;
use crate::scan::{Scan, Shape, Word};
use crate::words::{fold, is_common};

static AT: Detector = Detector::new("handle.at", Kind::Handle, 90, "It is a user name after an @.");
static HOME: Detector =
    Detector::new("handle.home-folder", Kind::Handle, 90, "It is the name of a person's home folder.");
static LABEL: Detector = Detector::new(
    "handle.label",
    Kind::Handle,
    85,
    "A word such as \"user\" or \"assignee\" in front says that it is a user name.",
);
static LOGIN: Detector =
    Detector::new("handle.login", Kind::Handle, 85, "It stands in front of a host or behind the option for a user.");
static DOTTED: Detector =
    Detector::new("handle.first-last", Kind::Handle, 75, "It is made of a given name and a family name.");
static MADE: Detector = Detector::new(
    "handle.made-of-name",
    Kind::Handle,
    60,
    "It is made like a user name: an initial and a name, or a name and a number.",
);

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

/// Folders of home folders, with what stands in front of them and behind.
const HOMES: &[(&str, &str, &str)] = &[
    ("/", "home", "/"),
    ("/", "Users", "/"),
    ("\\", "Users", "\\"),
    ("/var/", "mail", "/"),
    ("Documents and ", "Settings", "\\"),
];

static DASH: LazyLock<Finder> = LazyLock::new(|| Finder::new(" - "));

/// Accounts of a system and not of a person.
const SYSTEM: &[&str] = &[
    "root",
    "admin",
    "administrator",
    "git",
    "svn",
    "hg",
    "www",
    "postgres",
    "mysql",
    "oracle",
    "jenkins",
    "nobody",
    "daemon",
    "ubuntu",
    "vagrant",
    "ec2-user",
    "centos",
    "deploy",
    "deployer",
    "guest",
    "test",
    "tester",
    "user",
    "username",
    "anonymous",
    "system",
    "service",
    "build",
    "builder",
    "ci",
    "bot",
    "null",
    "none",
    "undefined",
    "localhost",
    "currentuser",
    "unassigned",
    "me",
    "you",
    "public",
    "shared",
    "default",
    "all",
    "here",
    "channel",
    "everyone",
    "team",
];

pub(crate) fn find(scan: &Scan<'_>, found: &mut Vec<Candidate>) {
    after_at(scan, found);
    for cue in scan.cues.iter().copied() {
        let word = &scan.words[cue];
        if word.known.has(Known::USER_LABEL) {
            labelled(scan, cue, found);
            option(scan.text, word, found);
        } else if word.after == b' ' && scan.text[..word.end].ends_with(" from") {
            // `from xkqv/fix-login`
            login(scan.text, word.end + 1, |rest| rest.starts_with('/') && !rest.starts_with("//"), found);
        }
    }
    for word in scan.tied_words() {
        beside(scan.text, word, found);
    }
    for word in &scan.words {
        behind(scan.text, word, found);
    }
    in_access_logs(scan.text, found);
    shaped(scan, found);
}

fn push(text: &str, start: usize, end: usize, detector: &'static Detector, found: &mut Vec<Candidate>) {
    let called = text[start..end].trim_start_matches('@').to_lowercase();
    found.push(Candidate { start, end, detector, identity: Identity::Text(called) });
}

fn after_at(scan: &Scan<'_>, found: &mut Vec<Candidate>) {
    let text = scan.text;
    let mut previous_end = 0;
    for at in scan.ats.iter().copied() {
        // `@ines@bram` names two people; `ines@bram` is something else.
        let opens = at == previous_end
            || !(in_word(before(text, at))
                || matches!(before(text, at), Some('.' | '/' | '[' | ']' | '@' | '#' | '\\')));
        let name = name_at(&text[at + 1..]);
        let end = at + 1 + name.len();
        if opens {
            // What follows tells a package scope, a call and a path in XML from a person.
            if !is_program_word(name) && !text[end..].starts_with(['/', '(', '=', '{', '"']) {
                push(text, at, end, &AT, found);
                previous_end = end;
            }
        } else if let Some(start) = login_before(text, at, &text[end..]) {
            push(text, start, at, &LOGIN, found);
        }
    }
}

/// Where the user of `ines@build-7:~$` or `ssh ines@10.0.0.4` begins. With a domain behind it is an e-mail address.
fn login_before(text: &str, at: usize, rest: &str) -> Option<usize> {
    const LONGEST: usize = 40;
    let name_len: usize = text[..at]
        .chars()
        .rev()
        .take(LONGEST)
        .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'))
        .map(char::len_utf8)
        .sum();
    let start = at - name_len;
    let name = text[start..at].trim_start_matches(['.', '-', '_']);
    let start = at - name.len();
    let commanded =
        ["ssh ", "scp ", "sftp ", "rsync ", "login "].iter().any(|command| text[..start].ends_with(command));
    let prompts = rest.starts_with([':', ' '])
        && (rest.starts_with(":~")
            || rest.starts_with(":/")
            || rest.starts_with(":")
            || rest.starts_with(" ~")
            || rest.starts_with(" %")
            || rest.starts_with(" $"));
    let fits = name.starts_with(|c: char| c.is_ascii_alphabetic()) && !is_system(name);
    ((commanded || prompts) && fits && !text[..start].ends_with(['/', '@', ':'])).then_some(start)
}

/// The user name in `/home/xkqv`, where `word` is the folder in front.
fn home_folder(text: &str, word: &Word, found: &mut Vec<Candidate>) {
    let (head, folder, rest) = (&text[..word.start], &text[word.start..word.end], &text[word.end..]);
    let is_home = |(front, home, behind): &&(&str, &str, &str)| {
        folder == *home && head.ends_with(front) && rest.starts_with(behind)
    };
    let Some((front, ..)) = HOMES.iter().find(is_home) else { return };
    let start = word.end + 1;
    let name = name_at(&text[start..]);
    if !in_word(before(text, word.start - front.len())) && !is_program_word(name) && !is_system(name) {
        push(text, start, start + name.len(), &HOME, found);
    }
}

/// User names behind `assignee = `, `user: `, `"username": "`, `assignee in (`, `TODO(`, and the list that may follow.
fn labelled(scan: &Scan<'_>, cue: usize, found: &mut Vec<Candidate>) {
    let text = scan.text;
    let word = &scan.words[cue];
    let rest = &text[word.end..];
    let window = &rest[..rest.char_indices().nth(16).map_or(rest.len(), |(end, _)| end)];
    let signs = window.len() - window.trim_start_matches(['"', '\'', ' ', ':', '=', '(', '>', '*', '\t', '!']).len();
    let gap = &window[..signs];
    let (skip, certain) = if gap.contains([':', '=']) || gap == "(" || gap.contains('>') {
        (signs, true)
    } else if let Some(list) = window[signs..].strip_prefix("in (").or_else(|| window[signs..].strip_prefix("IN (")) {
        (window.len() - list.len(), true)
    } else if matches!(gap, " " | " \"" | " '" | " \t") {
        (signs, false)
    } else {
        return;
    };
    if gap.contains('\n') {
        return;
    }
    let mut start = word.end + skip;
    // A list of them, as long as each looks like one.
    for _ in 0..50 {
        let name = name_at(&text[start..]);
        let end = start + name.len();
        if !may_be_user(scan, start, name, certain, word) {
            break;
        }
        push(text, start, end, &LABEL, found);
        let Some(next) = text[end..].strip_prefix(", ").filter(|_| certain) else { break };
        start = text.len() - next.len();
    }
}

/// Whether what stands behind a label may be a user name: no everyday word, no number, no value of a program.
fn may_be_user(scan: &Scan<'_>, start: usize, name: &str, certain: bool, label: &Word) -> bool {
    if name.chars().count() < 2 || is_system(name) || is_program_word(name) {
        return false;
    }
    let words = scan.words_in(start..start + name.len());
    let after = &scan.text[start + name.len()..];
    // A call, a template, a path or an address is something else.
    if after.starts_with(['(', '[', '{', '/', '\\', '$', '@']) || after.starts_with("::") {
        return false;
    }
    let [first, ..] = words else { return false };
    let single = words.len() == 1;
    let telling = name.contains(|c: char| c.is_ascii_digit())
        || (words.len() > 1 && words.iter().any(|word| word.known.is_name() || word.known == Known::default()));
    if certain {
        // A capital in front is a person's name, which is looked at elsewhere.
        return (telling || (single && !first.known.is_ordinary() && !first.known.is_cue()))
            && !(single && first.shape.is_capitalised() && first.known.is_name());
    }
    let unknown = single
        && (first.shape.is_lower() || first.shape.is_shouted())
        && (first.known == Known::default() || made_of_name(scan.text, first));
    let direct = !label.known.has(Known::PERSON_LABEL);
    direct
        && (unknown
            || (telling
                && !first.shape.has(Shape::FIRST_DIGIT)
                && words.iter().all(|word| !word.known.is_cue() || word.known.is_name())))
}

/// User names that a sign ties to a folder, to the rights of a file, to a domain.
fn beside(text: &str, word: &Word, found: &mut Vec<Candidate>) {
    match word.after {
        b'/' => home_folder(text, word, found),
        b'\\' => {
            home_folder(text, word, found);
            domain(text, word, found);
        }
        b'-' => rights(text, word, found),
        b'=' => uid(text, word, found),
        _ => {}
    }
}

/// User names behind a word that announces none elsewhere: `Accepted publickey for xkqv`, `-u xkqv`.
fn behind(text: &str, word: &Word, found: &mut Vec<Candidate>) {
    const FOR: u64 = lexicon::hash("for");
    const U: u64 = lexicon::hash("u");
    if word.hash == FOR {
        let head = &text[..word.end];
        if word.after == b' ' && (head.ends_with("publickey for") || head.ends_with("password for")) {
            login(text, word.end + 1, |_| true, found);
        }
    } else if word.hash == U && word.before == b'-' {
        option(text, word, found);
    }
}

/// The user name that `text` has at `start`, if what follows it fits.
fn login(text: &str, start: usize, follows: fn(&str) -> bool, found: &mut Vec<Candidate>) {
    let name = name_at(&text[start..]);
    let end = start + name.len();
    if name.len() > 1 && follows(&text[end..]) && !is_system(name) && !is_program_word(name) {
        push(text, start, end, &LOGIN, found);
    }
}

/// The user name behind the option or the command that `word` ends: `-u xkqv`, `--user=xkqv`, `chown -R xkqv`.
fn option(text: &str, word: &Word, found: &mut Vec<Candidate>) {
    const ENDS: &[&str] = &[
        " -u ",
        " --user ",
        " --username ",
        " --user=",
        " --username=",
        " -U ",
        "/user:",
        "chown ",
        "session opened for user ",
        "invalid user ",
    ];
    let Some(head) = text.get(..word.end + 1) else { return };
    if text[word.end..].starts_with(" -R ") && matches!(&text[word.start..word.end], "chown" | "CHOWN") {
        login(text, word.end + 4, |_| true, found);
    } else if ENDS.iter().any(|end| head.ends_with(end)) {
        login(text, word.end + 1, |_| true, found);
    }
}

/// `uid=186(xkqv)`
fn uid(text: &str, word: &Word, found: &mut Vec<Candidate>) {
    if !text[..word.end].ends_with("uid") {
        return;
    }
    let number = word.end + 1;
    let digits = text[number..].bytes().take_while(u8::is_ascii_digit).count();
    if text[number + digits..].starts_with('(') {
        login(text, number + digits + 1, |rest| rest.starts_with(')'), found);
    }
}

/// `-rw-r--r-- 1 xkqv staff`: the rights of a file, how many names it has, and whose it is; `word` is one of the rights.
fn rights(text: &str, word: &Word, found: &mut Vec<Candidate>) {
    const MOST: usize = 12;
    if !text[..word.end].ends_with('r') {
        return;
    }
    let right = |b: &u8| matches!(b, b'r' | b'w' | b'x' | b'-' | b's' | b't' | b'+' | b'.' | b'@');
    let len = text[word.end - 1..].bytes().take(MOST).take_while(right).count();
    if len == MOST {
        return;
    }
    let rest = &text[word.end - 1 + len..];
    let count = rest.trim_start_matches(' ').trim_start_matches(|c: char| c.is_ascii_digit());
    if rest.len() > count.len() + 1 && count.starts_with(' ') {
        login(text, text.len() - count.trim_start_matches(' ').len(), |rest| rest.starts_with(' '), found);
    }
}

/// `CORP\\xkqv`, where `word` is the domain.
fn domain(text: &str, word: &Word, found: &mut Vec<Candidate>) {
    let len = text[..word.end].bytes().rev().take(16).take_while(u8::is_ascii_uppercase).count();
    let outside = before(text, word.end - len);
    if len > 2 && !in_word(outside) && outside != Some('\\') {
        login(text, word.end + 1, |rest| !rest.starts_with(['\\', '.']), found);
    }
}

/// `10.0.0.4 - xkqv [12/Nov/2019`
fn in_access_logs(text: &str, found: &mut Vec<Candidate>) {
    if memchr::memchr(b'[', text.as_bytes()).is_some() {
        for at in DASH.find_iter(text.as_bytes()) {
            login(text, at + 3, |rest| rest.starts_with(" ["), found);
        }
    }
}

/// User names anywhere, by their form.
fn shaped(scan: &Scan<'_>, found: &mut Vec<Candidate>) {
    let mut at = 0;
    while at < scan.words.len() {
        let word = &scan.words[at];
        let free = |start: usize, end: usize| {
            let bytes = scan.text.as_bytes();
            let tied = |b: Option<&u8>| b.is_some_and(|b| matches!(b, b'_' | b'.' | b'$' | b'#'));
            let next_tied = tied(bytes.get(end)) && bytes.get(end + 1).is_some_and(u8::is_ascii_alphanumeric);
            !(start > 0 && tied(bytes.get(start - 1))) && !next_tied && bytes.get(end) != Some(&b'(')
        };
        // `ines.okafor`, `ines_okafor`
        if let Some(next) = scan.words.get(at + 1)
            && matches!(word.after, b'.' | b'_')
            && next.start == word.end + 1
            && next.shape.has(Shape::LOWER | Shape::UPPER)
            && word.shape.has(Shape::FIRST_UPPER) == next.shape.has(Shape::FIRST_UPPER)
            && !word.shape.has(Shape::DIGIT)
            && is_first_last(scan.text, word, next)
            && free(word.start, next.end)
        {
            push(scan.text, word.start, next.end, &DOTTED, found);
            at += 2;
            continue;
        }
        if word.shape.has(Shape::LOWER)
            && !word.shape.has(Shape::UPPER | Shape::OTHER | Shape::FIRST_DIGIT)
            && word.known == Known::default()
            && made_of_name(scan.text, word)
            && free(word.start, word.end)
        {
            push(scan.text, word.start, word.end, &MADE, found);
        }
        at += 1;
    }
}

/// Whether two words are a given and a family name, and not the parts of a file name or of a program.
fn is_first_last(text: &str, first: &Word, last: &Word) -> bool {
    let stem = text[last.start..last.end].trim_end_matches(|c: char| c.is_ascii_digit());
    let last_known = if stem.len() == last.end - last.start { last.known } else { lexicon::look_up(&fold(stem)) };
    let strong = |known: Known| known.is_name() && !known.is_ordinary();
    let fits = |known: Known, len: usize| {
        len > 2 && (known == Known::default() || (known.is_name() && !known.has(Known::THING)))
    };
    let (first_len, last_len) = (first.end - first.start, stem.len());
    (strong(first.known)
        || strong(last_known)
        || first.known.has(Known::AMBIGUOUS_GIVEN) && last_known == Known::default())
        && fits(first.known, first_len)
        && fits(last_known, last_len)
}

/// `iokafor`, `ineso`, `inesokafor`, `okafor42`: an everyday word must not be what is left.
fn made_of_name(text: &str, word: &Word) -> bool {
    const SHORTEST: usize = 5;
    const LONGEST: usize = 24;
    let written = &text[word.start..word.end];
    if !written.is_ascii() || !(SHORTEST..=LONGEST).contains(&written.len()) {
        return false;
    }
    let folded = written.to_ascii_lowercase();
    let stem = folded.trim_end_matches(|c: char| c.is_ascii_digit());
    let numbered = stem.len() < folded.len();
    if numbered && folded.len() - stem.len() > 4 || stem.len() < 4 || stem.contains(|c: char| c.is_ascii_digit()) {
        return false;
    }
    let bare = |known: Known| !known.is_ordinary() && known.is_name();
    let given = |known: Known| !known.is_ordinary() && known.has(Known::COMMON_GIVEN);
    let whole_stem = if numbered { lexicon::look_up(stem) } else { word.known };
    if whole_stem != Known::default() {
        return numbered && bare(whole_stem);
    }
    let len = stem.len();
    let behind_initial = lexicon::look_up(&stem[1..]);
    if bare(behind_initial) && (len >= 6 || len == 5 && (numbered || behind_initial.has(Known::FAMILY))) {
        return true;
    }
    if len < 5 {
        return false;
    }
    let before_initial = lexicon::look_up(&stem[..len - 1]);
    if given(before_initial) || len >= 7 && bare(before_initial) && before_initial.has(Known::FAMILY) {
        return true;
    }
    len >= 8 && (3..len - 2).any(|cut| given(lexicon::look_up(&stem[..cut])) && bare(lexicon::look_up(&stem[cut..])))
}

/// The user name with which `text` begins, or nothing: it begins with a letter and does not end in punctuation.
fn name_at(text: &str) -> &str {
    const LONGEST: usize = 64;
    if !text.starts_with(char::is_alphabetic) {
        return "";
    }
    let mut end = 0;
    for (at, c) in text.char_indices().take(LONGEST) {
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

fn is_system(name: &str) -> bool {
    SYSTEM.iter().any(|system| name.eq_ignore_ascii_case(system))
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
            ("/var/mail/xk42", "xk42"),
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

    #[test]
    fn labels_announce_user_names() {
        for (text, expected) in [
            ("assignee = xkqv AND x", &["xkqv"][..]),
            ("assignee in (xkqv, iok2, currentUser())", &["xkqv", "iok2"]),
            (r#"{"username": "xkqv", "active": true}"#, &["xkqv"]),
            ("login user=xkqv ip=10.0.0.1", &["xkqv"]),
            ("chown -R x /opt; user xkqv got a 403", &["xkqv"]),
            ("curl -u xkqv:secret", &["xkqv"]),
            ("xkqv@build-7:~$ ls", &["xkqv"]),
            ("ssh xkqv@10.0.0.4", &["xkqv"]),
        ] {
            assert_eq!(texts(find, text), expected, "{text}");
        }
        for text in [
            "user: admin",
            "user = getUser()",
            "the user clicks",
            "User Story",
            "username: ${USER}",
            "root@host:~#",
            "user_id = 7",
        ] {
            assert_eq!(texts(find, text), [""; 0], "{text}");
        }
    }

    #[test]
    fn user_names_made_of_names_are_found() {
        assert_eq!(
            texts(find, "ask maria.silva or msilva, silvam42, mariasilva"),
            ["maria.silva", "msilva", "silvam42", "mariasilva"]
        );
        for text in ["Martin.java", "com.martin.core", "foo.bar", "martin_id()", "xserver", "unused", "substring"] {
            assert_eq!(texts(find, text), [""; 0], "{text}");
        }
    }
}
