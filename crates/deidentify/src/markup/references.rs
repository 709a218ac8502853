//! Character references of HTML and XML, and which character each stands for.

/// A stretch of HTML without its character references, as a reader sees it.
pub fn decoded(part: &str) -> String {
    let mut read = String::with_capacity(part.len());
    let mut rest = part;
    while let Some(at) = rest.find('&') {
        read.push_str(&rest[..at]);
        let (c, len) = character(&rest[at..]).unwrap_or(('&', 1));
        read.push(c);
        rest = &rest[at + len..];
    }
    read.push_str(rest);
    read
}

/// The longest reference, in bytes.
const LONGEST: usize = 10;

/// The character that the reference at the beginning of `text` stands for, and how long the reference is. `text` begins with
/// `&`.
pub(super) fn character(text: &str) -> Option<(char, usize)> {
    let end = text.bytes().take(LONGEST).position(|b| b == b';')?;
    let name = text.get(1..end)?;
    let c = match name.strip_prefix('#') {
        Some(number) => {
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => number.parse(),
            };
            char::from_u32(code.ok()?).filter(|c| *c != '\0')?
        }
        None => named(name)?,
    };
    Some((c, end + 1))
}

fn named(name: &str) -> Option<char> {
    Some(match name {
        "nbsp" | "ensp" | "emsp" | "thinsp" => ' ',
        "apos" => '\'',
        "lsquo" => '‘',
        "rsquo" => '’',
        "quot" => '"',
        "ldquo" => '“',
        "rdquo" => '”',
        "ndash" => '–',
        "mdash" => '—',
        "hellip" => '…',
        "bull" => '•',
        "middot" => '·',
        "laquo" => '«',
        "raquo" => '»',
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "commat" => '@',
        "period" => '.',
        "lowbar" => '_',
        "sol" => '/',
        "colon" => ':',
        "shy" => '\u{AD}',
        "zwj" | "zwnj" => '\u{200B}',
        "aelig" => 'æ',
        "AElig" => 'Æ',
        "oelig" => 'œ',
        "OElig" => 'Œ',
        "szlig" => 'ß',
        "eth" => 'ð',
        "ETH" => 'Ð',
        "thorn" => 'þ',
        "THORN" => 'Þ',
        _ => return accented(name),
    })
}

/// The letter of a reference such as `eacute`.
fn accented(name: &str) -> Option<char> {
    let letter = name.chars().next().filter(char::is_ascii_alphabetic)?;
    let letters = match &name[1..] {
        "acute" => "áÁćĆéÉíÍĺĹńŃóÓŕŔśŚúÚýÝźŹ",
        "breve" => "ăĂğĞŭŬ",
        "caron" => "čČďĎěĚľĽňŇřŘšŠťŤžŽ",
        "cedil" => "çÇģĢķĶļĻņŅŗŖşŞţŢ",
        "circ" => "âÂĉĈêÊĝĜĥĤîÎĵĴôÔŝŜûÛŵŴŷŶ",
        "dblac" => "őŐűŰ",
        "dot" => "żŻ",
        "grave" => "àÀèÈìÌòÒùÙ",
        "macr" => "āĀēĒīĪōŌūŪ",
        "ogon" => "ąĄęĘįĮųŲ",
        "ring" => "åÅůŮ",
        "slash" => "øØ",
        "strok" => "đĐłŁ",
        "tilde" => "ãÃñÑõÕĩĨũŨ",
        "uml" => "äÄëËïÏöÖüÜÿŸ",
        _ => return None,
    };
    letters.chars().find(|c| {
        let lower = c.to_lowercase().next().unwrap_or(*c);
        c.is_uppercase() == letter.is_ascii_uppercase()
            && crate::words::without_accent(lower) == Some(letter.to_ascii_lowercase().encode_utf8(&mut [0; 4]))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_their_characters() {
        for (text, expected) in [
            ("&eacute;x", Some(('é', 8))),
            ("&Uuml;", Some(('Ü', 6))),
            ("&Lstrok;", Some(('Ł', 8))),
            ("&#64;", Some(('@', 5))),
            ("&#x40;", Some(('@', 6))),
            ("&#46;", Some(('.', 5))),
            ("&nbsp;", Some((' ', 6))),
            ("&;", None),
            ("&#;", None),
            ("&#0;", None),
            ("&#x110000;", None),
            ("&zacute", None),
            ("&nothing;", None),
            ("&é;", None),
            ("&", None),
        ] {
            assert_eq!(character(text), expected, "{text}");
        }
    }
}
