//! Phrases and causes of a text, folded so that what many people write alike is the same phrase.
//!
//! A phrase never spans a placeholder, a mark-up tag or the end of a clause, and never holds a word that looks like an
//! identifier: such words part phrases instead. Folding is kept simple: lower case, no stop words, no English plural.

use std::collections::BTreeSet;

/// Longer texts have more pairs; a text says what it is about at its beginning.
const MOST_PAIRS: usize = 12;
const MOST_WORDS_OF_A_NAME: usize = 5;
const MOST_WORDS_OF_A_CAUSE: usize = 3;
const MOST_CAUSES: usize = 4;
/// In letters. Shorter ones say nothing, longer ones are no words.
const WORD: std::ops::RangeInclusive<usize> = 2..=24;
/// A word with more digits is a number of something: of an order, a build, an account.
const MOST_DIGITS: usize = 2;
const LONGEST_TAG: usize = 300;

/// Nothing hangs on them, not even where a cause ends. In order.
const ARTICLES: &[&str] = &[
    "a", "an", "das", "dem", "den", "der", "des", "die", "ein", "eine", "einem", "einen", "einer", "eines", "our",
    "some", "the", "their", "this", "unser", "unsere", "your",
];

/// In order.
const STOP_WORDS: &[&str] = &[
    "aber",
    "about",
    "add",
    "after",
    "again",
    "all",
    "als",
    "also",
    "am",
    "and",
    "any",
    "are",
    "as",
    "at",
    "auch",
    "auf",
    "aus",
    "be",
    "because",
    "been",
    "before",
    "behoben",
    "bei",
    "beim",
    "bis",
    "but",
    "by",
    "can",
    "cannot",
    "caused",
    "could",
    "da",
    "dass",
    "did",
    "didn",
    "do",
    "does",
    "doesn",
    "don",
    "due",
    "durch",
    "es",
    "etc",
    "fixed",
    "for",
    "from",
    "für",
    "get",
    "had",
    "has",
    "hasn",
    "hat",
    "have",
    "he",
    "her",
    "hier",
    "his",
    "how",
    "ich",
    "if",
    "ihr",
    "im",
    "in",
    "into",
    "is",
    "isn",
    "ist",
    "it",
    "its",
    "kann",
    "kein",
    "keine",
    "may",
    "me",
    "mehr",
    "mein",
    "mit",
    "more",
    "most",
    "must",
    "my",
    "nach",
    "nicht",
    "no",
    "noch",
    "not",
    "nur",
    "ob",
    "oder",
    "of",
    "ohne",
    "on",
    "only",
    "or",
    "other",
    "out",
    "over",
    "please",
    "seit",
    "she",
    "should",
    "sich",
    "sie",
    "sind",
    "so",
    "still",
    "such",
    "than",
    "that",
    "them",
    "then",
    "there",
    "these",
    "they",
    "those",
    "to",
    "too",
    "um",
    "und",
    "under",
    "until",
    "up",
    "upon",
    "us",
    "verursacht",
    "very",
    "via",
    "vom",
    "von",
    "vor",
    "war",
    "was",
    "wasn",
    "we",
    "wegen",
    "wenn",
    "were",
    "what",
    "when",
    "where",
    "which",
    "while",
    "who",
    "why",
    "wie",
    "will",
    "wir",
    "wird",
    "with",
    "won",
    "would",
    "you",
    "zu",
    "zum",
    "zur",
];

/// What a text says before it names a cause.
const CUES: &[&[&str]] = &[
    &["because", "of"],
    &["caused", "by"],
    &["due", "to"],
    &["fixed", "by"],
    &["root", "cause", "is"],
    &["root", "cause", "was"],
    &["root", "cause"],
    &["aufgrund", "von"],
    &["aufgrund"],
    &["behoben", "durch"],
    &["grund", "war"],
    &["ursache", "ist"],
    &["ursache", "war"],
    &["ursache"],
    &["verursacht", "durch"],
    &["wegen"],
];

#[derive(Debug, PartialEq, Eq)]
enum Token {
    /// In lower case.
    Word(String),
    Article,
    Stop(String),
    /// The end of a clause, or something that is no word of a phrase.
    Break,
    /// A colon: a break that may stand between a cue and its cause.
    Colon,
}

/// Adds the pairs of neighbouring words of a text.
pub(crate) fn pairs(text: &str, into: &mut BTreeSet<String>) {
    let mut last: Option<String> = None;
    let mut left = MOST_PAIRS;
    for token in tokens(text) {
        match token {
            Token::Word(word) => {
                let word = singular(word);
                if let Some(last) = last.as_ref().filter(|last| **last != word) {
                    into.insert(format!("{last} {word}"));
                    left -= 1;
                    if left == 0 {
                        return;
                    }
                }
                last = Some(word);
            }
            Token::Break | Token::Colon => last = None,
            Token::Article | Token::Stop(_) => {}
        }
    }
}

/// A short text as one phrase; none if it is long or has something in it that is no word of a phrase.
pub(crate) fn whole(text: &str) -> Option<String> {
    let text = text.trim().trim_end_matches(['.', '?', '!', ':']);
    let mut words = Vec::new();
    for token in tokens(text) {
        match token {
            Token::Word(word) => words.push(singular(word)),
            Token::Break | Token::Colon => return None,
            Token::Article | Token::Stop(_) => {}
        }
    }
    (1..=MOST_WORDS_OF_A_NAME).contains(&words.len()).then(|| words.join(" "))
}

/// Adds what a text names as causes.
pub(crate) fn causes(text: &str, into: &mut BTreeSet<String>) {
    let tokens = tokens(text);
    let mut at = 0;
    let mut left = MOST_CAUSES;
    while left > 0 && at < tokens.len() {
        let rest = &tokens[at..];
        let Some(cue) = CUES.iter().find(|cue| says(rest, cue)) else {
            at += 1;
            continue;
        };
        at += cue.len();
        if let Some(cause) = cause(&tokens[at..]) {
            into.insert(cause);
            left -= 1;
        }
    }
}

/// The cause that a field holds which holds nothing else.
pub(crate) fn stated_cause(text: &str) -> Option<String> {
    cause(&tokens(text))
}

/// The words up to where a clause goes on with something else.
fn cause(tokens: &[Token]) -> Option<String> {
    let begins = tokens.iter().position(|token| !matches!(token, Token::Colon | Token::Article))?;
    let mut words = Vec::new();
    for token in &tokens[begins..] {
        match token {
            Token::Word(word) => words.push(singular(word.clone())),
            Token::Article => continue,
            Token::Stop(_) | Token::Break | Token::Colon => break,
        }
        if words.len() == MOST_WORDS_OF_A_CAUSE {
            break;
        }
    }
    (!words.is_empty()).then(|| words.join(" "))
}

fn says(tokens: &[Token], cue: &[&str]) -> bool {
    let word = |token: &Token, cue: &str| matches!(token, Token::Word(word) | Token::Stop(word) if word == cue);
    tokens.len() >= cue.len() && tokens.iter().zip(cue).all(|(token, cue)| word(token, cue))
}

fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let taken = if first.is_alphanumeric() {
            let end = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
            tokens.push(token(&rest[..end]));
            end + genitive(&rest[end..])
        } else if let Some(end) = placeholder(rest).or_else(|| tag(rest)) {
            tokens.push(Token::Break);
            end
        } else {
            match first {
                '-' | '_' | '/' | '&' | '+' => {}
                ':' => tokens.push(Token::Colon),
                '\n' => tokens.push(Token::Break),
                _ if first.is_whitespace() => {}
                _ => tokens.push(Token::Break),
            }
            first.len_utf8()
        };
        rest = &rest[taken..];
    }
    tokens
}

fn token(written: &str) -> Token {
    let word = written.to_lowercase();
    let digits = word.chars().filter(char::is_ascii_digit).count();
    let letters = word.chars().count();
    if ARTICLES.binary_search(&word.as_str()).is_ok() {
        Token::Article
    } else if STOP_WORDS.binary_search(&word.as_str()).is_ok() || letters < *WORD.start() && digits == 0 {
        Token::Stop(word)
    } else if !WORD.contains(&letters) || digits == letters || digits > MOST_DIGITS {
        Token::Break
    } else {
        Token::Word(word)
    }
}

/// How long the rest of a word behind an apostrophe is.
fn genitive(rest: &str) -> usize {
    let Some(behind) = rest.strip_prefix(['\'', '’']) else { return 0 };
    let letters = behind.find(|c: char| !c.is_alphanumeric()).unwrap_or(behind.len());
    if letters == 0 { 0 } else { rest.len() - behind.len() + letters }
}

/// Where a placeholder such as `[PERSON_1]` ends.
fn placeholder(text: &str) -> Option<usize> {
    let inside = text.strip_prefix('[')?;
    let end = inside.find(|c: char| !c.is_ascii_alphanumeric() && c != '_')?;
    let name = &inside[..end];
    let is_one =
        inside[end..].starts_with(']') && name.starts_with(|c: char| c.is_ascii_uppercase()) && name.contains('_');
    is_one.then_some(end + 2)
}

/// Where a tag such as `<p>` ends.
fn tag(text: &str) -> Option<usize> {
    let inside = text.strip_prefix('<')?;
    inside.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/').then_some(())?;
    let end = inside.find(['>', '\n'])?;
    (end <= LONGEST_TAG && inside[end..].starts_with('>')).then_some(end + 2)
}

/// Without the s of an English plural. What it does to other words it does to all of them alike.
fn singular(mut word: String) -> String {
    let ending = |endings: &[&str]| endings.iter().any(|ending| word.ends_with(ending));
    let cut = match word.len() {
        0..=3 => 0,
        _ if !word.is_ascii() || ending(&["ss", "us", "is", "ios", "as"]) => 0,
        _ if ending(&["sses", "shes", "ches", "xes"]) => 2,
        5.. if ending(&["ies"]) => {
            word.truncate(word.len() - 3);
            word.push('y');
            0
        }
        _ if ending(&["s"]) => 1,
        _ => 0,
    };
    word.truncate(word.len() - cut);
    word
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs_of(text: &str) -> Vec<String> {
        let mut into = BTreeSet::new();
        pairs(text, &mut into);
        into.into_iter().collect()
    }

    fn causes_of(text: &str) -> Vec<String> {
        let mut into = BTreeSet::new();
        causes(text, &mut into);
        into.into_iter().collect()
    }

    #[test]
    fn pairs_skip_stop_words_and_fold_plurals() {
        assert_eq!(
            pairs_of("Fix login errors on iOS after the latest mobile update"),
            ["error ios", "fix login", "ios latest", "latest mobile", "login error", "mobile update"]
        );
        assert_eq!(pairs_of("Der Anmeldefehler auf dem Telefon"), ["anmeldefehler telefon"]);
        assert_eq!(pairs_of("queries, crashes & user’s proxies"), ["crash user", "user proxy"]);
    }

    #[test]
    fn word_lists_are_in_order() {
        assert!(ARTICLES.is_sorted() && STOP_WORDS.is_sorted());
    }

    #[test]
    fn nothing_spans_a_placeholder_a_tag_or_an_identifier() {
        assert_eq!(pairs_of("login [PERSON_1] error"), Vec::<String>::new());
        assert_eq!(pairs_of("login [[ACCOUNT_ID_12]] error page"), ["error page"]);
        assert_eq!(pairs_of("login error<br/>page load"), ["login error", "page load"]);
        assert_eq!(pairs_of("order 4711 lost"), Vec::<String>::new());
        assert_eq!(pairs_of("order AB12345 lost"), Vec::<String>::new());
        assert_eq!(pairs_of("login error. Page load (slow query)"), ["login error", "page load", "slow query"]);
        assert!(pairs_of("[PERSON_1] [EMAIL_2] [IP_3]").is_empty());
    }

    #[test]
    fn a_text_gives_so_many_pairs_and_no_more() {
        let words: Vec<String> = (0..60).map(|n| format!("word{}", char::from(b'a' + n % 26))).collect();
        assert_eq!(pairs_of(&words.join(" ")).len(), MOST_PAIRS);
    }

    #[test]
    fn a_name_is_one_phrase() {
        assert_eq!(whole("Waiting for vendor").as_deref(), Some("waiting vendor"));
        assert_eq!(whole("parental leave policies?").as_deref(), Some("parental leave policy"));
        assert_eq!(whole("[PERSON_1]"), None);
        assert_eq!(whole("Waiting for [PERSON_1]"), None);
        assert_eq!(whole("one two three four five six seven"), None);
        assert_eq!(whole("42"), None);
        assert_eq!(whole(""), None);
    }

    #[test]
    fn a_cause_stands_behind_its_cue() {
        assert_eq!(causes_of("It was caused by an expired certificate in the load balancer."), ["expired certificate"]);
        assert_eq!(causes_of("Root cause: stale cache entries"), ["stale cache entry"]);
        assert_eq!(causes_of("Root cause was a missing index, fixed by new index"), ["missing index", "new index"]);
        assert_eq!(causes_of("Ausfall wegen einer abgelaufenen Lizenz"), ["abgelaufenen lizenz"]);
        assert_eq!(causes_of("fixed by [PERSON_1]"), Vec::<String>::new());
        assert_eq!(causes_of("because it is so"), Vec::<String>::new());
        assert_eq!(stated_cause("The expired certificate").as_deref(), Some("expired certificate"));
        assert_eq!(stated_cause("[PERSON_1]"), None);
    }
}
