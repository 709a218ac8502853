//! What a value looks like: a password, a key drawn at random, or only a word, a piece of code or a stand-in.

use crate::lexicon::{self, Known};

/// Where the run of bytes that satisfy `belongs` ends, from `start`, looking at `most` bytes at the most.
pub(super) fn run(bytes: &[u8], start: usize, most: usize, belongs: impl Fn(u8) -> bool) -> usize {
    let rest = bytes.get(start..).unwrap_or_default();
    start + rest.iter().take(most).take_while(|b| belongs(**b)).count()
}

/// How the characters of a value are spread.
#[derive(Default)]
struct Make {
    digits: usize,
    lower: usize,
    upper: usize,
    signs: usize,
    wide: usize,
    /// How often a letter follows a digit, a small letter a capital or the other way round.
    turns: usize,
    distinct: usize,
}

impl Make {
    fn of(value: &[u8]) -> Self {
        let mut make = Self::default();
        let mut seen = [false; 256];
        let mut last = 0_u8;
        for b in value {
            let class = match b {
                b'0'..=b'9' => 1,
                b'a'..=b'z' => 2,
                b'A'..=b'Z' => 3,
                128.. => 4,
                _ => 0,
            };
            *match class {
                1 => &mut make.digits,
                2 => &mut make.lower,
                3 => &mut make.upper,
                4 => &mut make.wide,
                _ => &mut make.signs,
            } += 1;
            make.turns += usize::from(last != class && last != 0 && class != 0);
            last = class;
            make.distinct += usize::from(!std::mem::replace(&mut seen[usize::from(*b)], true));
        }
        make
    }

    fn letters(&self) -> usize {
        self.lower + self.upper + self.wide
    }
}

/// Small letters, capitals and digits without the order that a name or a word has.
pub(super) fn is_mixed(value: &[u8]) -> bool {
    let make = Make::of(value);
    let len = value.len();
    make.digits >= 2 && make.lower >= 3 && make.upper >= 3 && make.turns * 3 >= len && make.distinct * 2 >= len.min(40)
}

/// A key that nobody thought up: long, letters and digits mixed. Hexadecimal counts.
pub(super) fn is_random(value: &str) -> bool {
    let bytes = value.as_bytes();
    let make = Make::of(bytes);
    let joined =
        |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'+' | b'/' | b'=' | b'.' | b'~' | b'%');
    bytes.len() >= 16
        && bytes.iter().all(joined)
        && make.digits >= 2
        && make.letters() >= 2
        && make.distinct >= 8
        && make.turns >= 4
        && make.turns * 6 >= bytes.len()
}

/// Whether somebody could have thought this up as a password, going by its characters only: letters with figures or signs.
pub(super) fn is_password_like(value: &str) -> bool {
    let make = Make::of(value.as_bytes());
    let strange = make.digits > 0 || inner_sign(value) || (make.turns >= 3 && make.upper >= 2);
    value.len() >= 6 && make.letters() >= 2 && strange && make.distinct >= 4 && !is_ordinal_or_size(value)
}

/// A sign that is not there to join two words or to end a sentence.
fn inner_sign(value: &str) -> bool {
    value.bytes().any(|b| matches!(b, b'!' | b'@' | b'#' | b'$' | b'%' | b'^' | b'&' | b'*' | b'+' | b'?' | b'~'))
}

/// `2nd`, `30min`, `v1.2.3`, `1.5.0-rc1`: figures with a short word.
fn is_ordinal_or_size(value: &str) -> bool {
    let make = Make::of(value.as_bytes());
    make.signs + make.digits + 3 >= value.len()
        && make.upper == 0
        && value.starts_with(|c: char| c.is_ascii_digit() || c == 'v')
        || make.signs + make.digits >= value.len()
}

/// Whether a value only stands for another: a variable, a template, a mask, a word such as `null`.
pub(super) fn is_stand_in(value: &str) -> bool {
    const WORDS: &[&str] = &[
        "null",
        "nil",
        "none",
        "true",
        "false",
        "undefined",
        "yes",
        "no",
        "string",
        "str",
        "text",
        "int",
        "bool",
        "boolean",
        "number",
        "object",
        "any",
        "required",
        "optional",
        "empty",
        "redacted",
        "hidden",
        "masked",
        "removed",
        "unknown",
        "missing",
        "invalid",
        "value",
        "default",
        "n/a",
        "tbd",
        "todo",
        "blank",
        "basic",
        "bearer",
        "digest",
        "unset",
        "encrypted",
        "filtered",
        "yourpassword",
        "yourtoken",
        "password",
        "secret",
        "token",
        "apikey",
    ];
    let lower = value.to_ascii_lowercase();
    let bytes = value.as_bytes();
    let Some(first) = bytes.first() else { return true };
    bytes.iter().all(|b| b == first)
        || bytes.iter().filter(|b| matches!(b, b'*' | b'.' | b'x' | b'X' | b'-' | b'#')).count() * 5 > bytes.len() * 4
        || WORDS.contains(&lower.as_str())
        || is_reference(value)
        || [
            "your", "my-", "my_", "example", "some-", "some_", "insert", "replace", "enter", "<", "{", "[", "!vault",
            "***",
        ]
        .iter()
        .any(|start| lower.starts_with(start))
            && !bytes.iter().any(u8::is_ascii_digit)
        || lower.starts_with("xxxx")
}

/// `${X}`, `$X`, `$(command)`, `{{x}}`, `%s`, `%(name)s`, `%NAME%`, `#{x}`, `@{x}`, `<your token>`, a command in backticks.
fn is_reference(value: &str) -> bool {
    let name = |rest: &str| {
        !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
    };
    let word =
        |rest: &str| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_alphabetic() || matches!(b, b'_' | b'.'));
    ["${", "$(", "{{", "#{", "@{", "%{", "%(", "<%", "{%", "`", "[[", "$["].iter().any(|open| value.contains(open))
        || value.strip_prefix('$').is_some_and(|rest| name(rest) || word(rest))
        || value.strip_prefix('%').and_then(|rest| rest.strip_suffix('%')).is_some_and(name)
        || (value.starts_with('<') && value.ends_with('>'))
        || (value.starts_with('{') && value.ends_with('}'))
        || (value.starts_with('[') && value.ends_with(']'))
        || matches!(value, "%s" | "%d" | "%@" | "%v" | "?" | "...")
}

/// `request.token`, `getPassword()`, `os.environ['X']`, `PasswordType`: what a program writes in place of a value.
pub(super) fn is_code(value: &str) -> bool {
    let call = value.split_once(['(', '[']).is_some_and(|(name, _)| {
        !name.is_empty()
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b':' | b'$' | b'>' | b'-'))
    });
    let mut dotted = value.split(['.', ':']).peekable();
    let member = value.contains(['.', ':'])
        && dotted.all(|part| {
            part.is_empty()
                || (part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'$')) && is_name(part))
        });
    call || member
        || value.contains("->")
        || value.starts_with(['&', '@']) && value.bytes().skip(1).all(|b| b.is_ascii_alphabetic())
}

/// A part of a name in code, without figures.
fn is_name(part: &str) -> bool {
    part.bytes().all(|b| !b.is_ascii_digit())
}

/// Words joined as a name in code joins them, without figures: `client_credentials`, `PasswordEncoder`, `db-password`.
pub(super) fn is_words(value: &str) -> bool {
    value.bytes().all(|b| b.is_ascii_alphabetic() || matches!(b, b'_' | b'-' | b'.' | b'/' | b':' | b',' | b'\''))
        || !value.is_ascii() && value.chars().all(|c| c.is_alphabetic() || matches!(c, '-' | '\'' | '.' | ','))
}

/// A word that people use as a password though it is one.
pub(super) fn is_notorious(value: &str) -> bool {
    const WORDS: &[&str] = &[
        "admin",
        "administrator",
        "changeit",
        "changeme",
        "change_me",
        "guest",
        "letmein",
        "master",
        "oracle",
        "postgres",
        "qwerty",
        "qwertz",
        "azerty",
        "root",
        "test",
        "tester",
        "toor",
        "welcome",
        "manager",
        "system",
        "tiger",
        "scott",
        "demo",
        "dragon",
        "monkey",
        "iloveyou",
        "sunshine",
        "princess",
        "football",
        "baseball",
        "superman",
        "batman",
        "trustno1",
        "hunter",
        "minioadmin",
        "rabbitmq",
        "guest123",
    ];
    WORDS.iter().any(|word| value.eq_ignore_ascii_case(word))
}

/// A single word that a dictionary or this engine's own lists hold.
pub(super) fn is_known_word(value: &str) -> bool {
    let known = lexicon::look_up(&crate::words::fold(value));
    known.is_cue() || known.has(Known::WORD | Known::THING | Known::FUNCTION | Known::PLACE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stand_ins_and_code_are_no_values() {
        for value in [
            "null",
            "${DB_PASS}",
            "$TOKEN",
            "$(pass show db)",
            "{{ token }}",
            "%s",
            "%(password)s",
            "%PASS%",
            "xxxxxxxx",
            "********",
            "<your-token>",
            "YOUR_API_KEY",
            "",
            "....",
            "[SECRET_1]",
        ] {
            assert!(is_stand_in(value), "{value}");
        }
        for value in ["hunter2!", "Winter%19", "a$b3c4d5", "x7-l0Kc9", "change1me"] {
            assert!(!is_stand_in(value), "{value}");
        }
        for value in ["request.token", "getPassword()", "os.environ['X']", "Config::get", "var.db_password", "f(x)"] {
            assert!(is_code(value), "{value}");
        }
        for value in ["Pa55word.lamp38", "n!1wf#84", "o0abpFYx"] {
            assert!(!is_code(value), "{value}");
        }
    }

    #[test]
    fn random_strings_are_told_from_names() {
        for value in ["3f2504e04f8911d39a0c0305e82c3301", "aB3dE6gH9jK2mN5pQ8", "k5qxm/ARrcz+narzQ8wBVZI2JG="] {
            assert!(is_random(value), "{value}");
        }
        for value in ["user-profile-name-2", "client_credentials", "short1", "2024-05-11T10:11:12"] {
            assert!(!is_random(value), "{value}");
        }
        assert!(is_password_like("spring12!") && is_password_like("Blue_river66"));
        assert!(!is_password_like("required") && !is_password_like("30min") && !is_password_like("1.2.3"));
    }
}
