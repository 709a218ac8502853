//! Splits text into words and folds them so that spellings compare equal.

use std::ops::Range;

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
        while let Some(c) = self.text[at..].chars().next() {
            let len = c.len_utf8();
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

/// The folded form of a word: lower case, without accents and invisible characters.
pub(crate) fn fold(word: &str) -> String {
    let mut folded = String::with_capacity(word.len());
    for c in word.chars() {
        if c.is_ascii() {
            folded.push(c.to_ascii_lowercase());
        } else if !is_invisible(c) {
            for lower in c.to_lowercase().filter(|c| !is_invisible(*c)) {
                match without_accent(lower) {
                    Some(plain) => folded.push_str(plain),
                    None => folded.push(lower),
                }
            }
        }
    }
    folded
}

pub(crate) fn folded_words(text: &str) -> Vec<String> {
    words(text).map(|range| fold(&text[range])).collect()
}

/// Whether a folded word is an everyday one, so that alone it points at nobody.
pub(crate) fn is_common(folded: &str) -> bool {
    crate::lexicon::look_up(folded).is_ordinary()
}

/// The plain spelling of a small accented letter.
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
        'ά' => "α",
        'έ' => "ε",
        'ή' => "η",
        'ί' | 'ϊ' | 'ΐ' => "ι",
        'ό' => "ο",
        'ύ' | 'ϋ' | 'ΰ' => "υ",
        'ώ' => "ω",
        'ς' => "σ",
        'й' => "и",
        'ё' => "е",
        'ї' => "і",
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
}
