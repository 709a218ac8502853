//! Postal addresses: a street line of one of the main countries, and the unit, postcode, city and country that follow it.
//!
//! A number beside a word is an address only if the word is a street's in a language that writes it on that side, and names
//! are capitalised. `5 places`, `3 ways` and `Drive C` must stay.

use super::{Candidate, Detector, in_word};
use crate::Kind;
use crate::lexicon::Known;
use crate::placeholders::Identity;
use crate::scan::{Scan, Shape, Word};
use crate::words::fold;

static STREET: Detector =
    Detector::new("address.street", Kind::Address, 85, "It is a street with the number of a house.");
static POST_BOX: Detector = Detector::new("address.post-box", Kind::Address, 85, "It is the number of a post box.");

/// Streets whose word stands last and behind the number: `12 Main Street`.
const ENGLISH: &[&str] = &[
    "street",
    "st",
    "avenue",
    "ave",
    "road",
    "rd",
    "boulevard",
    "blvd",
    "lane",
    "ln",
    "drive",
    "dr",
    "court",
    "ct",
    "place",
    "pl",
    "square",
    "sq",
    "terrace",
    "way",
    "highway",
    "hwy",
    "parkway",
    "pkwy",
    "circle",
    "cir",
    "crescent",
    "close",
    "row",
    "mews",
    "gardens",
    "grove",
    "hill",
    "walk",
    "trail",
    "alley",
    "loop",
    "plaza",
    "quay",
    "wharf",
    "parade",
    "rise",
    "view",
    "heights",
    "ridge",
    "cres",
    "ter",
];

/// Streets whose word stands first and behind the number: `12 rue de la Paix`.
const FRENCH: &[&str] = &[
    "rue",
    "avenue",
    "boulevard",
    "bd",
    "av",
    "place",
    "quai",
    "impasse",
    "allee",
    "chemin",
    "cours",
    "route",
    "square",
    "passage",
    "faubourg",
    "chaussee",
    "sentier",
    "villa",
];

/// Streets whose word stands first and in front of the number: `Via Roma 10`.
const SOUTHERN: &[&str] = &[
    "calle", "avenida", "avda", "paseo", "plaza", "carrera", "camino", "ronda", "travesia", "glorieta", "via", "viale",
    "piazza", "corso", "vicolo", "largo", "strada", "piazzale", "rua", "travessa", "alameda", "praca", "rodovia",
    "estrada", "av", "ul", "ulica", "al", "aleja", "aleje", "pl", "plac", "os", "osiedle", "c", "laan", "rue",
    "avenue",
];

/// Ends of street names that are one word: `Lindenstraße 12`, `Kerkstraat 12`, `Storgatan 4`.
const ENDS: &[&str] = &[
    "strasse", "str", "weg", "platz", "allee", "gasse", "ring", "ufer", "damm", "markt", "straat", "laan", "plein",
    "gracht", "kade", "dijk", "gatan", "vagen", "gata", "veien", "vej", "gade", "katu", "tie", "alle", "steig",
    "chaussee", "straede", "haven",
];

/// Words in front of an address.
const CUES: &[&str] = &[
    "address",
    "adresse",
    "anschrift",
    "wohnhaft",
    "adres",
    "direccion",
    "domicilio",
    "indirizzo",
    "endereco",
    "residente",
    "location",
    "lives",
    "wohnt",
    "woont",
    "habite",
    "demeurant",
    "vive",
    "moro",
    "resident",
    "ship",
    "office",
    "born",
    "street",
    "at",
    "from",
    "near",
    "visit",
    "auf",
    "subject",
    "kunde",
    "opened",
    "is",
];

pub(crate) fn find(scan: &Scan<'_>, found: &mut Vec<Candidate>) {
    let mut read_to = 0;
    for at in scan.numbers() {
        let word = &scan.words[at];
        if word.start < read_to || word.end - word.start > 7 || in_word(super::before(scan.text, word.start)) {
            continue;
        }
        // A decimal or a version is no house.
        if word.after == b'.'
            && scan.gap_after(at) == "."
            && scan.words.get(at + 1).is_some_and(|next| next.shape.has(Shape::FIRST_DIGIT))
        {
            continue;
        }
        if let Some((first, last, detector)) = line(scan, at) {
            let (Some(head), last) = (scan.words.get(first), tail(scan, last)) else { continue };
            let start = head.start;
            let end = end_of(scan, last);
            if start >= read_to {
                let normal = fold(scan.text.get(start..end).unwrap_or_default());
                found.push(Candidate { start, end, detector, identity: Identity::Text(normal) });
                read_to = end;
            }
        }
    }
}

/// The first and the last word of the street line around a number.
fn line(scan: &Scan<'_>, at: usize) -> Option<(usize, usize, &'static Detector)> {
    if let Some(first) = post_box(scan, at) {
        return Some((first, at, &POST_BOX));
    }
    if let Some(last) = number_first(scan, at) {
        return Some((unit_before(scan, at), last, &STREET));
    }
    name_first(scan, at).map(|first| (first, suffix(scan, at), &STREET))
}

fn end_of(scan: &Scan<'_>, last: usize) -> usize {
    scan.words.get(last).map_or(scan.text.len(), |word| word.end)
}

fn is_one_of(scan: &Scan<'_>, at: usize, words: &[&str]) -> bool {
    let written = scan.word_text(at);
    if written.is_ascii() {
        return words.iter().any(|word| written.eq_ignore_ascii_case(word));
    }
    words.contains(&fold(written).as_str())
}

fn get<'s>(scan: &'s Scan<'_>, at: usize) -> Option<&'s Word> {
    scan.words.get(at)
}

/// `PO Box 123`, `P.O. Box 123`, `Postfach 123`
fn post_box(scan: &Scan<'_>, at: usize) -> Option<usize> {
    let previous = at.checked_sub(1)?;
    if scan.gap_before(at) != " " || !get(scan, previous)?.known.has(Known::STREET) {
        return None;
    }
    if is_one_of(scan, previous, &["postfach", "pobox"]) {
        return Some(previous);
    }
    let before = previous.checked_sub(1)?;
    if !is_one_of(scan, previous, &["box"]) {
        return None;
    }
    if is_one_of(scan, before, &["po", "post"]) {
        return Some(before);
    }
    // `Unit 4719 Box 7394`, `PSC 0413, Box 8144`: of the forces.
    if let Some(unit) = before.checked_sub(1).filter(|unit| is_one_of(scan, *unit, &["unit", "psc"]))
        && get(scan, before)?.shape.is_number()
    {
        return Some(unit);
    }
    let first = before.checked_sub(1)?;
    (is_one_of(scan, before, &["o"]) && is_one_of(scan, first, &["p"]) && scan.gap_before(before).starts_with('.'))
        .then_some(first)
}

/// The last word of `12 Main Street` or `12 bis, rue de la Paix`, where `at` is the number.
fn number_first(scan: &Scan<'_>, at: usize) -> Option<usize> {
    const REACH: usize = 6;
    let number = get(scan, at)?;
    let digits = scan.word_text(at).bytes().take_while(u8::is_ascii_digit).count();
    if digits > 6 || number.end - number.start - digits > 1 {
        return None;
    }
    let mut next = at + 1;
    if is_one_of(scan, next.min(scan.words.len() - 1), &["bis", "ter", "quater"]) {
        next += 1;
    }
    if matches!(scan.words.get(next).map(|_| scan.gap_before(next)), Some(" " | ", "))
        && get(scan, next)?.known.has(Known::STREET | Known::FUNCTION | Known::WORD)
        && is_one_of(scan, next, FRENCH)
        && let Some(last) = french_name(scan, next)
    {
        return Some(last);
    }
    let mut last = None;
    for here in at + 1..=at + REACH {
        let Some(word) = get(scan, here) else { break };
        let gap = scan.gap_before(here);
        let abbreviated =
            matches!(gap, ". ") && here > at + 1 && get(scan, here - 1).is_some_and(|word| word.end - word.start <= 2);
        if gap != " " && !abbreviated && !(gap == "'" && here > at + 1) {
            break;
        }
        let capital = word.shape.has(Shape::FIRST_UPPER);
        let ordinal = word.shape.has(Shape::FIRST_DIGIT) && !word.shape.is_number() && word.end - word.start <= 5;
        let possessive = gap == "'";
        if !(capital || ordinal || possessive || (here > at + 1 && is_one_of(scan, here, &["of", "the"]))) {
            break;
        }
        let street = capital && word.known.has(Known::STREET) && is_one_of(scan, here, ENGLISH);
        if street && here > at + 1 {
            last = Some(here);
        } else if last.is_some() {
            // Only a direction may follow the street's word.
            if is_direction(scan, here) {
                last = Some(here);
            }
            break;
        }
    }
    last
}

fn is_direction(scan: &Scan<'_>, at: usize) -> bool {
    matches!(
        scan.word_text(at),
        "N" | "S" | "E" | "W" | "NE" | "NW" | "SE" | "SW" | "North" | "South" | "East" | "West"
    )
}

/// The last word of the name behind `rue` at `at`.
fn french_name(scan: &Scan<'_>, at: usize) -> Option<usize> {
    const REACH: usize = 6;
    let mut last = None;
    for here in at + 1..=at + REACH {
        let Some(word) = get(scan, here) else { break };
        if !matches!(scan.gap_before(here), " " | "-" | "'" | "’") {
            break;
        }
        if word.shape.has(Shape::FIRST_UPPER) {
            last = Some(here);
        } else if !(is_particle(scan, here)
            || (word.shape.has(Shape::FIRST_DIGIT) && last.is_none() && word.end - word.start <= 2))
        {
            break;
        }
    }
    last
}

fn is_particle(scan: &Scan<'_>, at: usize) -> bool {
    const PARTICLES: &[&str] = &[
        "de", "la", "le", "les", "des", "du", "d", "l", "del", "della", "delle", "dei", "degli", "di", "do", "da",
        "dos", "das", "los", "las", "y", "e", "den", "der", "dem", "van", "het", "ten",
    ];
    PARTICLES.contains(&scan.word_text(at))
}

/// `Flat 31, 153 Albert Avenue`: where the line begins.
fn unit_before(scan: &Scan<'_>, at: usize) -> usize {
    let unit = at.checked_sub(2).filter(|unit| {
        scan.gap_before(at) == ", "
            && is_one_of(scan, *unit, UNITS)
            && get(scan, at - 1).is_some_and(|word| word.end - word.start <= 4)
    });
    unit.unwrap_or(at)
}

/// The first word of `Lindenstraße 12` or `Via Roma, 10`, where `at` is the number.
fn name_first(scan: &Scan<'_>, at: usize) -> Option<usize> {
    const REACH: usize = 6;
    let number = get(scan, at)?;
    let digits = scan.word_text(at).bytes().take_while(u8::is_ascii_digit).count();
    let previous = at.checked_sub(1)?;
    if digits > 4
        || number.end - number.start - digits > 1
        || !matches!(scan.gap_before(at), " " | ", " | ". " | ", n. " | " n. " | ", nº ")
    {
        return None;
    }
    // A street in one word, alone or at the end of a name with hyphens.
    let last = get(scan, previous)?;
    let dotted = scan.gap_before(at) == ". ";
    if last.shape.has(Shape::FIRST_UPPER) && last.shape.has(Shape::LOWER) && scan.gap_before(at) != ", " {
        let folded = fold(scan.word_text(previous));
        let ends = ENDS
            .iter()
            .any(|end| folded.ends_with(end) && (folded.len() > end.len() + 2 || last.known.has(Known::STREET)));
        let whole = ENDS.contains(&folded.as_str());
        if ends && (!dotted || folded.ends_with("str")) {
            let mut first = previous;
            while first > 0
                && previous - first < 4
                && (scan.gap_before(first) == "-" || (whole && first == previous && scan.gap_before(first) == " "))
                && get(scan, first - 1).is_some_and(|word| word.shape.has(Shape::FIRST_UPPER))
            {
                first -= 1;
            }
            if whole
                && let Some(preposition) =
                    first.checked_sub(1).filter(|before| is_preposition(scan, *before) && scan.gap_before(first) == " ")
            {
                first = preposition;
            }
            if (!whole || first < previous) && (!last.known.has(Known::WORD) || whole) {
                return Some(first);
            }
        }
    }
    if dotted {
        return None;
    }
    // A street's word, then its name.
    for first in (at.saturating_sub(REACH)..at).rev() {
        let word = get(scan, first)?;
        let gap = scan.gap_after(first);
        if first < previous && !matches!(gap, " " | ". " | "-" | "'" | "’" | "." | "/ " | "/") {
            break;
        }
        let begins = first < previous
            && word.end - word.start <= 9
            && (word.shape.has(Shape::FIRST_UPPER)
                || matches!(scan.word_text(first), "ul" | "al" | "pl" | "os" | "via" | "calle" | "rua"))
            && is_one_of(scan, first, SOUTHERN)
            && (gap != " " || !is_one_of(scan, first, &["c", "os", "al", "pl"]))
            && (!gap.starts_with('/') || is_one_of(scan, first, &["c"]));
        if begins {
            return Some(first);
        }
        if first < previous && is_preposition(scan, first) && (announced(scan, first) || postcode_follows(scan, at)) {
            return Some(first);
        }
        if !(word.shape.has(Shape::FIRST_UPPER) || is_particle(scan, first)) {
            break;
        }
    }
    // Any name, if a postcode follows: `Lange Voorhout 207 bis, 6518 BR Utrecht`.
    let mut first = previous;
    while first > 0
        && previous - first < 4
        && matches!(scan.gap_before(first), " " | "-")
        && get(scan, first - 1).is_some_and(|word| word.shape.is_capitalised() || is_particle(scan, first - 1))
    {
        first -= 1;
    }
    let name = last.shape.is_capitalised() && get(scan, first).is_some_and(|word| word.shape.has(Shape::FIRST_UPPER));
    if !name || scan.gap_before(at) != " " || !(postcode_follows(scan, at) || unit_follows(scan, at)) {
        return None;
    }
    // `6750 Rosental 25 Apt. 864`: a number in front counts, too.
    let numbered = first.checked_sub(1).filter(|before| {
        get(scan, *before).is_some_and(|word| word.shape.is_number()) && scan.gap_before(first) == " "
    });
    Some(numbered.unwrap_or(first))
}

/// `Am`, `Unter den`, `An der`: how the names of German streets and squares begin.
fn is_preposition(scan: &Scan<'_>, at: usize) -> bool {
    matches!(
        scan.word_text(at),
        "Am" | "Im" | "An" | "Auf" | "Unter" | "Zum" | "Zur" | "Hinter" | "Vor" | "Lange" | "Laan"
    )
}

/// Whether a word for an address stands shortly before.
fn announced(scan: &Scan<'_>, at: usize) -> bool {
    (at.saturating_sub(5)..at).any(|word| is_one_of(scan, word, CUES))
        || scan.gap_before(at).ends_with(['"', '\'', '\n'])
}

/// Whether the number of a house is followed by a postcode and a city.
fn postcode_follows(scan: &Scan<'_>, at: usize) -> bool {
    let next = suffix(scan, at) + 1;
    get(scan, next).is_some()
        && matches!(scan.gap_before(next), ", " | "\n" | ",\n")
        && postcode_and_city(scan, next).is_some()
}

/// Whether the number of a house is followed by a flat's: `25 Apt. 864`.
fn unit_follows(scan: &Scan<'_>, at: usize) -> bool {
    get(scan, at + 1).is_some()
        && matches!(scan.gap_before(at + 1).trim_matches([' ', ',', '>', '?']), "" | "\n")
        && is_one_of(scan, at + 1, &["apt", "suite", "apartment", "flat", "unit"])
        && get(scan, at + 2).is_some_and(|word| word.shape.has(Shape::FIRST_DIGIT))
}

/// The last word of a house's number: `12 bis`, `52-II`, `5/7`, `24 m. 4`, `197 2º B`.
fn suffix(scan: &Scan<'_>, at: usize) -> usize {
    let next = at + 1;
    let Some(word) = get(scan, next) else { return at };
    let short = word.end - word.start <= 4;
    match scan.gap_before(next) {
        "/" | "-" if short && (word.shape.has(Shape::FIRST_DIGIT) || is_roman(scan, next)) => next,
        " " if is_one_of(scan, next, &["bis", "ter", "hs"]) => next,
        " " if is_one_of(scan, next, &["m", "lok"])
            && get(scan, next + 1).is_some_and(|word| word.shape.is_number()) =>
        {
            next + 1
        }
        " " if word.shape.has(Shape::SINGLE) && scan.word_text(next).bytes().all(|b| b.is_ascii_uppercase()) => next,
        _ => at,
    }
}

/// `2º`, `4ºA`
fn is_floor(scan: &Scan<'_>, at: usize) -> bool {
    get(scan, at).is_some_and(|word| word.shape.has(Shape::FIRST_DIGIT) && word.end - word.start <= 5)
        && scan.word_text(at).contains(['º', 'ª'])
}

/// The last word of a floor: `2º B`, `3º izq`.
fn floor(scan: &Scan<'_>, at: usize) -> usize {
    let door = get(scan, at + 1).is_some_and(|word| word.shape.has(Shape::SINGLE) && word.shape.has(Shape::UPPER))
        || (get(scan, at + 1).is_some() && is_one_of(scan, at + 1, &["izq", "dcha", "izda", "ctr"]));
    at + usize::from(door && matches!(scan.gap_after(at), " " | "-"))
}

fn is_roman(scan: &Scan<'_>, at: usize) -> bool {
    scan.word_text(at).bytes().all(|b| matches!(b, b'I' | b'V' | b'X'))
}

const UNITS: &[&str] = &[
    "apt",
    "apartment",
    "suite",
    "ste",
    "unit",
    "flat",
    "floor",
    "room",
    "apto",
    "apartamento",
    "piso",
    "lok",
    "bldg",
    "building",
    "box",
    "app",
    "etage",
    "appt",
];

/// The last word of what follows a street line: unit, quarter, city, postcode, region, country.
fn tail(scan: &Scan<'_>, last: usize) -> usize {
    const PARTS: usize = 6;
    let mut last = last;
    for _ in 0..PARTS {
        match part(scan, last + 1) {
            Some(next) => last = next,
            None => break,
        }
    }
    last
}

/// The last word of one part that begins at `at`.
fn part(scan: &Scan<'_>, at: usize) -> Option<usize> {
    let word = get(scan, at)?;
    let gap = scan.gap_before(at);
    let trimmed = gap.trim_start_matches(['°', '.']);
    let line = trimmed.trim_matches([' ', ',', '>', '\t', '\r']) == "\n" && trimmed.len() <= 10;
    if !(line || matches!(trimmed, "" | " " | ", " | " - " | ". " | " #" | ", #" | ","))
        || (trimmed.is_empty() && gap.is_empty())
    {
        return None;
    }
    let sign = gap.ends_with('#');
    if sign && word.shape.has(Shape::FIRST_DIGIT) {
        return Some(at);
    }
    if is_floor(scan, at) {
        return Some(floor(scan, at));
    }
    if is_one_of(scan, at, UNITS)
        && get(scan, at + 1).is_some_and(|word| word.end - word.start <= 5)
        && matches!(scan.gap_after(at), " " | ". " | " #")
    {
        return Some(at + 1);
    }
    if let Some(last) = postcode_and_city(scan, at) {
        return Some(last);
    }
    if let Some(last) = region_and_postcode(scan, at) {
        return Some(last);
    }
    // `Centro` between the number and the city.
    if gap == " - " && word.shape.is_capitalised() && matches!(scan.gap_after(at), ", " | "\n" | "") {
        return Some(at);
    }
    city(scan, at)
}

/// `10969 Berlin`, `1017 AB Amsterdam`, `80-592 Gdańsk`, `01411-834`
fn postcode_and_city(scan: &Scan<'_>, at: usize) -> Option<usize> {
    let word = get(scan, at)?;
    let len = word.end - word.start;
    if !word.shape.is_number() || !matches!(len, 2 | 4 | 5) {
        return None;
    }
    let mut last = at;
    let joined = scan.gap_after(at) == "-"
        && get(scan, at + 1).is_some_and(|next| next.shape.is_number() && matches!(next.end - next.start, 3 | 4));
    if joined {
        last = at + 1;
    } else if len == 2 {
        return None;
    }
    let letters = get(scan, last + 1).is_some_and(|next| next.end - next.start == 2 && next.shape.is_shouted())
        && scan.gap_after(last) == " ";
    if len == 4 && letters {
        last += 1;
    }
    let named = names(scan, last + 1, 3).filter(|_| scan.gap_after(last) == " ");
    match named {
        Some(city) => Some(city),
        None if joined || len == 5 && matches!(scan.gap_before(at), " ") => Some(last),
        None => None,
    }
}

/// `IL 62701`, `SW1A 3FS`, `SP, 01411-834`, `WA 6008`, `A1A 1A1`
fn region_and_postcode(scan: &Scan<'_>, at: usize) -> Option<usize> {
    let word = get(scan, at)?;
    let next = get(scan, at + 1);
    let len = word.end - word.start;
    if is_one_of(scan, at, &["apo", "dpo", "fpo"]) && get(scan, at + 2).is_some_and(|word| word.shape.is_number()) {
        return Some(at + 2);
    }
    let region = matches!(len, 2 | 3) && word.shape.is_shouted();
    if region
        && let Some(next) = next
        && matches!(scan.gap_after(at), " " | ", ")
        && next.shape.is_number()
        && matches!(next.end - next.start, 4 | 5)
    {
        let more = scan.gap_after(at + 1) == "-" && get(scan, at + 2).is_some_and(|word| word.shape.is_number());
        return Some(at + 1 + usize::from(more));
    }
    let outward = (2..=4).contains(&len)
        && word.shape.has(Shape::FIRST_UPPER)
        && word.shape.has(Shape::DIGIT)
        && !word.shape.has(Shape::LOWER);
    let inward = next.is_some_and(|next| {
        next.end - next.start == 3 && next.shape.has(Shape::FIRST_DIGIT) && next.shape.has(Shape::UPPER)
    });
    (outward && inward && scan.gap_after(at) == " ").then_some(at + 1)
}

/// One to `most` capitalised words in a row: the last of them.
fn names(scan: &Scan<'_>, at: usize, most: usize) -> Option<usize> {
    let mut last = None;
    for here in at..at + most {
        let Some(word) = get(scan, here) else { break };
        if here > at && !matches!(scan.gap_before(here), " " | "-") {
            break;
        }
        let little = here > at && is_particle(scan, here);
        if word.shape.has(Shape::FIRST_UPPER) && !word.shape.has(Shape::DIGIT) {
            last = Some(here);
        } else if !little {
            break;
        }
    }
    last
}

/// A city or a country: known, or with a region or postcode behind it.
fn city(scan: &Scan<'_>, at: usize) -> Option<usize> {
    if scan.gap_before(at) == " " {
        return None;
    }
    let mut last = names(scan, at, 3)?;
    // `London SW1A 3FS`: the postcode is no part of the name.
    while last > at && region_and_postcode(scan, last).is_some() {
        last -= 1;
    }
    let next = last + 1;
    let gap = scan.gap_after(last);
    let followed = get(scan, next).is_some()
        && (matches!(gap, ", " | " ")
            && (region_and_postcode(scan, next).is_some() || postcode_and_city(scan, next).is_some())
            || gap == " - "
                && get(scan, next).is_some_and(|word| word.shape.is_shouted() && word.end - word.start == 2));
    if followed && gap == " - " {
        // `São Paulo - SP, 01411-834`
        return Some(region_and_postcode(scan, next).unwrap_or_else(|| {
            if scan.gap_after(next) == ", " { postcode_and_city(scan, next + 1).unwrap_or(next) } else { next }
        }));
    }
    let known = (at..=last).any(|word| get(scan, word).is_some_and(|word| word.known.has(Known::PLACE)));
    (followed || known).then_some(last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::texts;

    #[test]
    fn addresses_are_found_whole() {
        for (text, expected) in [
            ("to 1600 Main Street, Apt 4, Springfield, IL 62701.", "1600 Main Street, Apt 4, Springfield, IL 62701"),
            ("at 221B Baker St", "221B Baker St"),
            ("(5696 E. Mulberry Dr, Columbus, OH 43246)", "5696 E. Mulberry Dr, Columbus, OH 43246"),
            ("7141 SW 5th Way", "7141 SW 5th Way"),
            ("12 Victoria Gardens, London SW1A 3FS|", "12 Victoria Gardens, London SW1A 3FS"),
            ("PO Box 123", "PO Box 123"),
            ("Lindenstraße 12, 10969 Berlin", "Lindenstraße 12, 10969 Berlin"),
            ("Hauptstr. 5a", "Hauptstr. 5a"),
            ("Friedrich-Ebert-Straße 122, 04066 Leipzig, IBAN", "Friedrich-Ebert-Straße 122, 04066 Leipzig"),
            ("wohnhaft Am Alten Markt 13b, 50525 Köln", "Am Alten Markt 13b, 50525 Köln"),
            ("habite 12 rue de la Paix, 75002 Paris, n°", "12 rue de la Paix, 75002 Paris"),
            ("15 bis, place des Lilas, 69083 Lyon", "15 bis, place des Lilas, 69083 Lyon"),
            ("en Calle Mayor 5, 2º B, 28013 Madrid", "Calle Mayor 5, 2º B, 28013 Madrid"),
            ("Via Roma 10, 00184 Roma", "Via Roma 10, 00184 Roma"),
            (
                "Rua das Flores, 65 - Centro, Curitiba - PR, 80898-841",
                "Rua das Flores, 65 - Centro, Curitiba - PR, 80898-841",
            ),
            ("op Kerkstraat 12, 1017 AB Amsterdam", "Kerkstraat 12, 1017 AB Amsterdam"),
            ("ul. Długa 5/7, 80-592 Gdańsk", "ul. Długa 5/7, 80-592 Gdańsk"),
            ("Storgatan 4", "Storgatan 4"),
        ] {
            assert_eq!(texts(find, text), [expected], "{text}");
        }
    }

    #[test]
    fn other_numbers_and_words_stay() {
        for text in [
            "5 places",
            "3 ways",
            "Drive C",
            "2 road tests",
            "in 3 Easy Steps",
            "Step 3. Open the Court",
            "Version 12",
            "5 Users",
            "Am Montag 12 Uhr",
            "the way 12 users",
            "12 a.m.",
            "Ring 0",
            "Markt 5",
            "2 Way binding",
            "4 Drives",
            "Via 3 steps",
            "call 12 People on Drive 2",
        ] {
            assert_eq!(texts(find, text), [""; 0], "{text}");
        }
    }

    #[test]
    fn one_thing_over_and_over_takes_no_time() {
        for part in ["1 ", "1 A ", "1 Main Street, ", "A-", "Via Roma 1, ", "rue "] {
            texts(find, &part.repeat(200_000 / part.len()));
        }
    }
}
