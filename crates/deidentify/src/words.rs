//! Splits text into words, folds them so that spellings compare equal, and knows the words that are too common to be a name.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::LazyLock;

/// Ordinary words that also stand in people's names and user names, one a line, folded. Taken alone such a word is no sign of
/// a person.
static COMMON: LazyLock<HashSet<&str>> = LazyLock::new(|| include_str!("common_words.txt").lines().collect());

/// Whether a folded word is too ordinary to point at a person by itself.
pub(crate) fn is_common(folded: &str) -> bool {
    COMMON.contains(folded)
}

/// Whether `c` belongs to a script that writes names without spaces around them, so that each character counts as a word.
pub(crate) fn stands_alone(c: char) -> bool {
    matches!(c,
        '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7AF}'
        | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{2FA1F}')
}

/// Characters without width or meaning of their own: they must not hide a name, so they count as part of the word around them.
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{00AD}' | '\u{0300}'..='\u{036F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{2069}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}')
}

/// The next character of a text and its bytes. A character reference of HTML such as `&eacute;` is one character, since
/// storage format writes letters and spaces so.
fn next_char(text: &str) -> Option<(char, usize)> {
    let first = text.chars().next()?;
    let reference = if first == '&' { character_reference(text) } else { None };
    Some(reference.unwrap_or((first, first.len_utf8())))
}

fn character_reference(text: &str) -> Option<(char, usize)> {
    const LONGEST: usize = 10;
    let end = text.bytes().take(LONGEST).position(|b| b == b';')?;
    let name = &text[1..end];
    let c = if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16),
            None => number.parse(),
        };
        char::from_u32(code.ok()?)?
    } else {
        match name {
            "nbsp" | "ensp" | "emsp" | "thinsp" => ' ',
            "apos" | "lsquo" | "rsquo" => '\'',
            "quot" | "ldquo" | "rdquo" => '"',
            "ndash" | "mdash" => '-',
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "shy" => '\u{AD}',
            "zwj" | "zwnj" => '\u{200B}',
            "aelig" | "AElig" => 'æ',
            "oelig" | "OElig" => 'œ',
            "szlig" => 'ß',
            "eth" | "ETH" => 'ð',
            "thorn" | "THORN" => 'þ',
            _ => accented(name)?,
        }
    };
    Some((c, end + 1))
}

/// The letter of a reference to an accented letter, without the accent: `e` of `eacute`.
fn accented(name: &str) -> Option<char> {
    let letter = name.chars().next().filter(char::is_ascii_alphabetic)?;
    let accent = matches!(
        &name[1..],
        "acute"
            | "breve"
            | "caron"
            | "cedil"
            | "circ"
            | "dblac"
            | "dot"
            | "grave"
            | "macr"
            | "ogon"
            | "ring"
            | "slash"
            | "strok"
            | "tilde"
            | "uml"
    );
    accent.then_some(letter)
}

/// Byte ranges of the words of a text, in order: runs of letters and digits, in some scripts single characters.
#[derive(Clone)]
pub(crate) struct Words<'t> {
    text: &'t str,
    at: usize,
}

pub(crate) fn words(text: &str) -> Words<'_> {
    Words { text, at: 0 }
}

impl Iterator for Words<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        let (mut start, mut end) = (self.at, self.at);
        let mut at = self.at;
        while let Some((c, len)) = next_char(&self.text[at..]) {
            let begun = end > start;
            if c.is_alphanumeric() {
                let alone = stands_alone(c);
                if begun && alone {
                    break;
                }
                if !begun {
                    start = at;
                }
                end = at + len;
                if alone {
                    break;
                }
            } else if begun && matches!(c, '\u{0300}'..='\u{036F}') {
                end = at + len;
            } else if begun && !is_invisible(c) {
                break;
            }
            at += len;
        }
        self.at = end;
        (end > start).then_some(start..end)
    }
}

/// Writes the folded form of a word to the end of `out`: lower case, without accents and invisible characters.
pub(crate) fn fold_into(word: &str, out: &mut String) {
    let mut rest = word;
    while let Some((c, len)) = next_char(rest) {
        rest = &rest[len..];
        if c.is_ascii() {
            out.push(c.to_ascii_lowercase());
        } else if !is_invisible(c) {
            for lower in c.to_lowercase().filter(|c| !is_invisible(*c)) {
                match without_accent(lower) {
                    Some(plain) => out.push_str(plain),
                    None => out.push(lower),
                }
            }
        }
    }
}

pub(crate) fn folded_words(text: &str) -> Vec<String> {
    words(text).map(|range| fold(&text[range])).collect()
}

/// Whether every character of what stands between two words fits, and there are at most `most` of them.
pub(crate) fn consists_of(gap: &str, most: usize, fits: fn(char) -> bool) -> bool {
    let mut rest = gap;
    for _ in 0..most {
        match next_char(rest) {
            None => return true,
            Some((c, len)) if fits(c) => rest = &rest[len..],
            Some(_) => return false,
        }
    }
    rest.is_empty()
}

pub(crate) fn fold(word: &str) -> String {
    let mut folded = String::with_capacity(word.len());
    fold_into(word, &mut folded);
    folded
}

/// The plain Latin spelling of a small accented letter.
pub(crate) fn without_accent(c: char) -> Option<&'static str> {
    Some(match c {
        'à'..='å' | 'ā' | 'ă' | 'ą' | 'ǎ' | 'ạ'..='ặ' => "a",
        'æ' => "ae",
        'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => "c",
        'ð' | 'ď' | 'đ' => "d",
        'è'..='ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' | 'ẹ'..='ệ' => "e",
        'ĝ' | 'ğ' | 'ġ' | 'ģ' => "g",
        'ĥ' | 'ħ' => "h",
        'ì'..='ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ı' | 'ỉ'..='ị' => "i",
        'ĵ' => "j",
        'ķ' => "k",
        'ĺ' | 'ļ' | 'ľ' | 'ŀ' | 'ł' => "l",
        'ñ' | 'ń' | 'ņ' | 'ň' => "n",
        'ò'..='ö' | 'ø' | 'ō' | 'ŏ' | 'ő' | 'ơ' | 'ọ'..='ợ' => "o",
        'œ' => "oe",
        'ŕ' | 'ŗ' | 'ř' => "r",
        'ś' | 'ŝ' | 'ş' | 'š' | 'ș' => "s",
        'ß' => "ss",
        'ţ' | 'ť' | 'ŧ' | 'ț' => "t",
        'þ' => "th",
        'ù'..='ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' | 'ư' | 'ụ'..='ự' => "u",
        'ŵ' => "w",
        'ý' | 'ÿ' | 'ŷ' | 'ỳ'..='ỹ' => "y",
        'ź' | 'ż' | 'ž' => "z",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> Vec<&str> {
        words(text).map(|range| &text[range]).collect()
    }

    #[test]
    fn words_end_at_punctuation_and_underscores() {
        assert_eq!(split("Zoë's (e-mail) a_b, 3.4!"), ["Zoë", "s", "e", "mail", "a", "b", "3", "4"]);
        assert_eq!(split(""), [""; 0]);
        assert_eq!(split("—"), [""; 0]);
    }

    #[test]
    fn character_references_are_characters() {
        assert_eq!(
            split("Zo&euml;&rsquo;s &Eacute;va&nbsp;K&#246;nig &amp; &x; R&D;"),
            ["Zo&euml;", "s", "&Eacute;va", "K&#246;nig", "x", "R", "D"]
        );
        for (one, other) in [
            ("Zo&euml;", "zoe"),
            ("&Eacute;VA", "eva"),
            ("K&#246;nig", "konig"),
            ("K&#xF6;nig", "konig"),
            ("Stra&szlig;", "strass"),
        ] {
            assert_eq!(fold(one), other);
        }
        assert_eq!(split("&#9999999999;&;&#x;&"), ["9999999999", "x"]);
    }

    #[test]
    fn scripts_without_spaces_give_single_characters() {
        assert_eq!(split("请问李华ok"), ["请", "问", "李", "华", "ok"]);
        assert_eq!(split("ok李"), ["ok", "李"]);
    }

    #[test]
    fn invisible_characters_neither_split_a_word_nor_count() {
        let hidden = "\u{202E}Ma\u{200B}rta\u{202C}";
        assert_eq!(split(hidden), ["Ma\u{200B}rta"]);
        assert_eq!(fold("Ma\u{200B}rta"), "marta");
    }

    #[test]
    fn folding_makes_spellings_equal() {
        for (one, other) in
            [("Zoë", "ZOE"), ("Łukasz", "lukasz"), ("Strauß", "STRAUSS"), ("İpek", "ipek"), ("Nguyễn", "nguyen")]
        {
            assert_eq!(fold(one), fold(other));
        }
        assert_eq!(fold("Zoe\u{308}"), "zoe");
        assert_ne!(fold("Ola"), fold("Olaf"));
    }

    #[test]
    fn the_common_words_are_folded_sorted_and_different() {
        let lines: Vec<&str> = include_str!("common_words.txt").lines().collect();
        assert!(lines.is_sorted_by(|one, other| one < other), "sort -u common_words.txt");
        for line in lines {
            assert_eq!(fold(line), line);
            assert_eq!(split(line), [line]);
        }
    }
}
