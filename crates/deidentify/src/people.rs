//! Finds people whom no directory knows, by the words around a name and by lists of names.
//!
//! Words that begin with a capital and stand together are looked at as one run. What the run is made of and where it stands
//! decide: a title in front needs no more; a listed given name with another word behind it neither; a word that is nothing
//! but capitalised needs a place where hardly anything but a name stands. This weighs, it does not know: its scores are the
//! lowest of all.

use std::collections::HashMap;

use crate::cues::{self, CERTAIN, FAIR, STRONG, WEAK};
use crate::detect::{Candidate, Detector};
use crate::lexicon::Known;
use crate::placeholders::{self, Identity};
use crate::scan::{Scan, Shape, Word};
use crate::words::fold;
use crate::{Kind, Text, markup};

static TITLE: Detector = Detector::new(
    "name.announced",
    Kind::Person,
    90,
    "A title or a label such as \"Author:\" in front says that a person is named.",
);
static CUE: Detector = Detector::new(
    "name.cue",
    Kind::Person,
    75,
    "It stands where a person is named, such as after \"thanks\" or \"cc\".",
);
static LISTED: Detector =
    Detector::new("name.listed", Kind::Person, 80, "A given name and a family name stand together.");
static GIVEN: Detector = Detector::new("name.given", Kind::Person, 65, "It is a common given name.");
static PLACE: Detector =
    Detector::new("name.context", Kind::Person, 60, "It is a name in some country, and the words around fit a person.");
static HONORIFIC: Detector = Detector::new(
    "name.honorific",
    Kind::Person,
    85,
    "A form of address behind it, such as \"-san\", says that a person is named.",
);

static SHAPE: Detector =
    Detector::new("name.shape", Kind::Person, 50, "Two words that no list knows stand together, both capitalised.");
static SPEAKER: Detector =
    Detector::new("name.speaker", Kind::Person, 75, "It stands where the lines of a chat say who speaks.");
static SPEAKER_HANDLE: Detector =
    Detector::new("handle.speaker", Kind::Handle, 75, "It stands where the lines of a chat say who speaks.");
static ASIAN: Detector =
    Detector::new("name.asian", Kind::Person, 60, "It begins with a common family name and has the length of a name.");

/// No run of names is longer.
const LONGEST: usize = 6;

/// What a word of a run may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// A given name that is no everyday word.
    Given,
    /// A family name that is no everyday word.
    Family,
    /// A name that is an everyday word as well.
    Ambiguous,
    /// On no list.
    Unknown,
    /// One capital letter.
    Initial,
    /// `van`, `de`.
    Particle,
}

/// Adds the people whom the text itself shows.
pub(crate) fn find(scan: &Scan<'_>, found: &mut Vec<Candidate>) {
    let mut reader = Reader { scan, german: is_german(scan), last_end: 0, found };
    let mut next = 0;
    let mut asian = false;
    while next < scan.words.len() {
        let word = &scan.words[next];
        if word.shape.begins_with_capital() {
            let end = run_end(scan, next);
            reader.split(next, end);
            next = end;
        } else {
            asian |= word.shape.has(Shape::OTHER);
            if word.shape.is_lower() && (word.known.is_name() || word.known == Known::default()) {
                reader.small(next);
            }
            next += 1;
        }
    }
    addressed(scan, found);
    speakers(scan, found);
    if asian {
        asian_names(scan, found);
    }
}

/// Reads a text run by run and remembers where the last name ended.
struct Reader<'r, 't> {
    scan: &'r Scan<'t>,
    german: bool,
    last_end: usize,
    found: &'r mut Vec<Candidate>,
}

/// Capitalised words that no list knows and that stand inside a sentence, as a reader sees them: where a person may have been
/// missed.
pub fn unknown_words(text: Text<'_>) -> Vec<String> {
    let view = markup::view(text.text, text.format);
    let scan = Scan::new(&view.text);
    let placeholders: Vec<(usize, usize)> = placeholders::find(&view.text).collect();
    let hidden = |word: &Word| {
        let before = placeholders.partition_point(|(_, end)| *end <= word.start);
        placeholders.get(before).is_some_and(|(start, _)| *start < word.end)
    };
    let unknown = |word: &&Word| {
        word.shape.is_capitalised()
            && !word.shape.has(Shape::SENTENCE)
            && word.known == Known::default()
            && word.end - word.start > 2
            && !hidden(word)
    };
    scan.words.iter().filter(unknown).map(|word| scan.text[word.start..word.end].to_owned()).collect()
}

/// In German every noun is capitalised, so a capital says nothing.
fn is_german(scan: &Scan<'_>) -> bool {
    let german = scan.words.iter().filter(|word| word.known.has(Known::GERMAN)).count();
    german >= 2 && german * 12 >= scan.words.len()
}

/// Where the capitalised words that begin at `first` end.
fn run_end(scan: &Scan<'_>, first: usize) -> usize {
    let mut end = first + 1;
    while end < scan.words.len() && end - first < LONGEST {
        let word = &scan.words[end];
        let gap = scan.gap_before(end);
        let previous = &scan.words[end - 1];
        let joined = match gap {
            " " | "-" | "\u{A0}" => true,
            ". " | "." => previous.shape.has(Shape::SINGLE) || previous.known.has(Known::HONORIFIC),
            "'" | "’" => previous.shape.has(Shape::SINGLE),
            _ => false,
        };
        if !joined {
            break;
        }
        if word.shape.begins_with_capital() {
            end += 1;
            continue;
        }
        // A particle, or two, if a capital follows.
        let particles = scan.words[end..]
            .iter()
            .take(2)
            .take_while(|word| word.known.has(Known::PARTICLE) && word.shape.is_lower())
            .count();
        let after = end + particles;
        let capital = scan.words.get(after).is_some_and(|word| word.shape.begins_with_capital());
        let spaced = (end..after).all(|word| scan.gap_after(word) == " ");
        if particles == 0 || !capital || !spaced {
            break;
        }
        end = after + 1;
    }
    end
}

fn part(word: &Word) -> Option<Part> {
    let known = word.known;
    if word.shape.has(Shape::SINGLE) {
        return word.shape.has(Shape::UPPER).then_some(Part::Initial);
    }
    if word.shape.is_lower() {
        return known.has(Known::PARTICLE).then_some(Part::Particle);
    }
    if known.has(Known::COMMON_GIVEN) && !known.has(Known::THING) {
        return Some(Part::Given);
    }
    if known.has(Known::FUNCTION | Known::HONORIFIC) {
        return None;
    }
    if known.is_name() {
        return Some(match (known.is_ordinary(), known.has(Known::GIVEN)) {
            (true, _) => Part::Ambiguous,
            (false, true) => Part::Given,
            (false, false) => Part::Family,
        });
    }
    // `FooBar` is a class, a word of the language is a word.
    let unknown = !known.is_ordinary() && !known.is_cue() && (word.shape.is_capitalised() || word.shape.is_shouted());
    unknown.then_some(Part::Unknown)
}

impl Reader<'_, '_> {
    /// Cuts a run at the words that are part of no name and judges what is left.
    fn split(&mut self, first: usize, end: usize) {
        let mut from = first;
        for at in first..=end {
            let part = (at < end).then(|| part(&self.scan.words[at])).flatten();
            if part.is_none() {
                self.judge(from, at);
                from = at + 1;
            }
        }
    }

    /// Decides whether the words `from..to` are a person.
    fn judge(&mut self, mut from: usize, mut to: usize) {
        let scan = self.scan;
        let is_particle = |at: usize| part(&scan.words[at]) == Some(Part::Particle);
        // A particle ends nothing, and an initial alone is a letter.
        while to > from && is_particle(to - 1) {
            to -= 1;
        }
        while from < to && is_particle(from) {
            from += 1;
        }
        if from >= to || (from..to).all(|at| part(&scan.words[at]) == Some(Part::Initial)) {
            return;
        }
        if cues::in_code(scan, from, to - 1)
            || cues::in_identifier(scan, from, to - 1)
            || numbered(scan, to - 1)
            || is_company(scan, to - 1)
        {
            return;
        }
        let expected = |from: usize, to: usize| {
            cues::name_expected(scan, from, to - 1).max(cues::continues_list(scan, self.last_end, from))
        };
        if let Some(detector) = verdict(scan, from, to, expected(from, to), self.german) {
            self.push(from, to, detector);
            return;
        }
        // Together they are no name; the listed ones among them may be: `Katrins Rechner`.
        let listed = |at: &usize| matches!(part(&scan.words[*at]), Some(Part::Given | Part::Family));
        if let (Some(first), Some(last)) = ((from..to).find(listed), (from..to).rev().find(listed))
            && (first, last + 1) != (from, to)
            && let Some(detector) = verdict(scan, first, last + 1, expected(first, last + 1), self.german)
        {
            self.push(first, last + 1, detector);
        }
    }

    /// A name in small letters where hardly anything but a name stands.
    fn small(&mut self, at: usize) {
        let scan = self.scan;
        let word = &scan.words[at];
        if word.end - word.start < 3
            || word.known.has(Known::THING | Known::PARTICLE | Known::WORD | Known::PLACE)
            || cues::in_code(scan, at, at)
            || cues::in_identifier(scan, at, at)
        {
            return;
        }
        let family = scan.words.get(at + 1).filter(|next| {
            scan.gap_after(at) == " "
                && next.shape.is_lower()
                && next.known.has(Known::FAMILY)
                && !next.known.is_ordinary()
                && !next.known.is_cue()
        });
        let expected = cues::name_expected(scan, at, at).max(cues::continues_list(scan, self.last_end, at));
        let accepted = if word.known.has(Known::COMMON_GIVEN) {
            family.is_some() || expected >= FAIR
        } else if at > 0 && scan.words[at - 1].known.has(Known::HONORIFIC) && scan.gap_before(at) == ". " {
            true
        } else if word.known.has(Known::GIVEN) {
            expected >= STRONG || (family.is_some() && (expected >= WEAK || word.end - word.start > 3))
        } else {
            // On no list: only a word for people in front makes it one.
            expected >= STRONG
                && at > 0
                && scan.words[at - 1].known.has(Known::CLOSE)
                && matches!(scan.gap_before(at), " " | " @")
                && !self.german
        };
        if accepted {
            self.push(at, at + 1 + usize::from(family.is_some()), &CUE);
        }
    }

    fn push(&mut self, from: usize, to: usize, detector: &'static Detector) {
        push(self.scan, from, to, detector, self.found);
        self.last_end = self.scan.words[to - 1].end;
    }
}

fn verdict(
    scan: &Scan<'_>,
    from: usize,
    to: usize,
    expected: cues::Strength,
    german: bool,
) -> Option<&'static Detector> {
    let words = &scan.words[from..to];
    let parts: Vec<Part> = words.iter().filter_map(part).collect();
    let shouted = words.iter().any(|word| word.shape.is_shouted());
    let count = |wanted: Part| parts.iter().filter(|part| **part == wanted).count();
    let names = count(Part::Given) + count(Part::Family);
    let trusted_unknown = count(Part::Unknown) > 0 && !german && !shouted;
    let (first, last) = (&words[0].known, &words[words.len() - 1].known);
    let thing = words.len() == 1 && first.has(Known::THING | Known::PLACE);
    if expected >= CERTAIN && (names > 0 || (!shouted && !thing)) {
        return Some(&TITLE);
    }
    if expected >= STRONG && !thing && (names + count(Part::Ambiguous) > 0 || (trusted_unknown && parts.len() <= 3)) {
        return Some(&CUE);
    }
    if parts.len() > 1 {
        // `Janka M. Szasz`: a letter between two capitalised words is a middle name.
        if parts.len() == 3 && parts[1] == Part::Initial && !shouted && !german && parts[2] != Part::Initial {
            return Some(&LISTED);
        }
        if parts.iter().all(|part| *part == Part::Unknown) {
            let begins = words[0].shape.has(Shape::SENTENCE);
            let shown = expected >= FAIR || (parts.len() == 2 && (expected >= WEAK || !begins));
            return (trusted_unknown && shown).then_some(&SHAPE);
        }
        let listed = match (parts[0], parts[parts.len() - 1]) {
            (Part::Given, Part::Unknown) => !german,
            (Part::Given, Part::Ambiguous) => !shouted || expected >= WEAK,
            (Part::Given, _) | (Part::Family, Part::Given) => true,
            (Part::Ambiguous, Part::Family) => first.has(Known::GIVEN) || expected >= FAIR,
            (Part::Ambiguous, Part::Given) => expected >= WEAK || first.has(Known::GIVEN),
            (Part::Initial, Part::Given | Part::Family) => scan.gap_after(from).starts_with('.'),
            (Part::Initial, Part::Unknown) => scan.gap_after(from) == ". " && trusted_unknown,
            (Part::Unknown, Part::Family) => trusted_unknown,
            (Part::Family, Part::Family | Part::Initial) => !shouted,
            (Part::Family, Part::Unknown) => {
                trusted_unknown && (expected >= WEAK || !words[0].shape.has(Shape::SENTENCE))
            }
            (Part::Unknown, Part::Given) => trusted_unknown,
            (Part::Ambiguous, Part::Ambiguous) => {
                let given = first.has(Known::AMBIGUOUS_GIVEN) || (first.has(Known::GIVEN) && expected >= FAIR);
                given && last.has(Known::FAMILY) && !shouted && !last.has(Known::THING)
            }
            (Part::Ambiguous, Part::Unknown) => first.has(Known::GIVEN) && trusted_unknown && expected >= WEAK,
            _ => false,
        };
        return listed.then_some(&LISTED);
    }
    let word = &words[0];
    let begins = word.shape.has(Shape::SENTENCE);
    let letters = scan.text[word.start..word.end].chars().count();
    match parts[0] {
        Part::Given if first.has(Known::COMMON_GIVEN) => {
            (!shouted || letters > 4 || expected >= FAIR).then_some(&GIVEN)
        }
        Part::Given => ((!shouted && (!begins || letters >= 4)) || expected >= FAIR).then_some(&PLACE),
        Part::Family => {
            (expected >= FAIR || (!begins && !shouted && (expected >= WEAK || letters > 4))).then_some(&PLACE)
        }
        Part::Ambiguous => {
            let likely = first.has(Known::AMBIGUOUS_GIVEN) && !first.has(Known::THING | Known::PLACE);
            let shown = cues::after(scan, from) >= FAIR || (expected >= FAIR && !begins);
            (likely && shown && !shouted).then_some(&PLACE)
        }
        Part::Unknown => {
            (trusted_unknown && letters > 2 && expected >= FAIR && cues::person_acts(scan, from)).then_some(&PLACE)
        }
        _ => None,
    }
}

/// A form of company behind the words: `Okafor Ltd` employs people and is none.
fn is_company(scan: &Scan<'_>, last: usize) -> bool {
    const FORMS: &[&str] = &[
        "Inc",
        "Ltd",
        "LLC",
        "GmbH",
        "Corp",
        "PLC",
        "AG",
        "BV",
        "AB",
        "Oy",
        "KG",
        "Foundation",
        "University",
        "Institute",
        "Bank",
        "Group",
    ];
    let next = (last + 1 < scan.words.len()).then(|| scan.word_text(last + 1));
    matches!(scan.gap_after(last), " " | ", ") && next.is_some_and(|next| FORMS.contains(&next))
}

/// A version behind the word: `Jackson 2.9` is a library.
fn numbered(scan: &Scan<'_>, last: usize) -> bool {
    let next = scan.words.get(last + 1);
    matches!(scan.gap_after(last), " " | " v" | "-" | " (")
        && next.is_some_and(|next| next.shape.is_number() && scan.gap_after(last + 1).starts_with('.'))
}

/// Whoever speaks in a chat that was pasted: `maria: hi`, `[14:53] Maria Silva: hi`, `<maria> hi`.
fn speakers(scan: &Scan<'_>, found: &mut Vec<Candidate>) {
    let mut heads: Vec<Head> = Vec::new();
    let lines = (0..scan.words.len()).filter(|at| scan.words[*at].shape.has(Shape::LINE));
    heads.extend(lines.filter_map(|at| head(scan, at)));
    if heads.is_empty() {
        return;
    }
    let mut spoken: HashMap<u64, usize> = HashMap::new();
    for head in &heads {
        *spoken.entry(scan.words[head.from].hash).or_default() += 1;
    }
    for Head { from, to, certain } in heads {
        let words = &scan.words[from..to];
        let repeated = spoken.get(&words[0].hash).is_some_and(|times| *times > 1);
        let listed = words[0].known.has(Known::GIVEN) && !words[0].known.is_ordinary();
        let ordinary = words.iter().all(|word| word.known.is_ordinary() || word.known.is_cue());
        let label = words[0].known.is_cue() || words[0].known.has(Known::THING);
        let ambiguous = words[0].known.has(Known::AMBIGUOUS_GIVEN) && repeated;
        if (!ordinary && !label && (certain || repeated || listed))
            || (ambiguous && (certain || words[0].shape.is_lower()))
        {
            let dotted = (from + 1..to).any(|at| matches!(scan.gap_before(at), "." | "_"));
            let numbered = words.iter().any(|word| word.shape.has(Shape::DIGIT));
            let is_name = words.iter().any(|word| word.known.is_name() || word.shape.begins_with_capital());
            let is_handle = dotted || ((to - from == 1 || numbered) && !is_name);
            push(scan, from, to, if is_handle { &SPEAKER_HANDLE } else { &SPEAKER }, found);
        }
    }
}

/// Who speaks a line of a chat.
struct Head {
    from: usize,
    to: usize,
    /// A time in front or angle brackets around say that it is one.
    certain: bool,
}

fn head(scan: &Scan<'_>, line: usize) -> Option<Head> {
    const MOST_NUMBERS: usize = 7;
    let mut from = line;
    while from - line < MOST_NUMBERS && scan.words.get(from)?.shape.is_number() && scan.gap_after(from).len() <= 3 {
        from += 1;
    }
    let first = scan.words.get(from)?;
    let timed = from - line >= 2;
    let bracket = scan.gap_before(from).trim_end().ends_with('<');
    let mut to = from + 1;
    let joined = |gap: &str| matches!(gap, " " | "." | "_" | "-");
    while to - from < 4 && to < scan.words.len() && joined(scan.gap_before(to)) {
        to += 1;
    }
    let last = scan.words.get(to - 1)?;
    let ended = scan.gap_after(to - 1).starts_with(if bracket { "> " } else { ": " })
        || scan.gap_after(to - 1).starts_with(":\"");
    let certain = timed || bracket;
    let short = !last.shape.has(Shape::SINGLE) && (certain || to - from <= 2);
    if !ended || !short || first.shape.has(Shape::FIRST_DIGIT) {
        return None;
    }
    // A line of a configuration or a program has a name in front of a colon as well.
    let rest = &scan.text[last.end..];
    let rest = &rest[..memchr::memchr(b'\n', rest.as_bytes()).unwrap_or(rest.len())];
    let said = rest.trim_start_matches([':', '>', ' ']);
    let quoted = said.starts_with(['"', '“']) && first.shape.has(Shape::FIRST_UPPER);
    let says = (quoted || said.starts_with(char::is_alphabetic)) && !rest.trim_end().ends_with([',', ';', '{', '(']);
    let joined_word = first.shape.has(Shape::INNER_UPPER) && scan.words[from].shape.has(Shape::LOWER);
    (certain || (says && !joined_word)).then_some(Head { from, to, certain })
}

/// Names in front of `-san`, `さん`, `님` and their like.
fn addressed(scan: &Scan<'_>, found: &mut Vec<Candidate>) {
    const ROMAN: &[&str] = &["san", "sama", "kun", "chan", "sensei", "senpai", "ssi", "nim"];
    const SIGNS: &[(&str, usize)] =
        &[("さん", 3), ("様", 4), ("氏", 3), ("くん", 3), ("ちゃん", 3), ("先生", 3), ("씨", 3), ("님", 3)];
    for (at, word) in scan.words.iter().enumerate() {
        if at > 0
            && word.end - word.start <= 6
            && scan.gap_before(at) == "-"
            && ROMAN.iter().any(|sign| scan.word_text(at).eq_ignore_ascii_case(sign))
        {
            let from = at - 1;
            if scan.words[from].shape.begins_with_capital() {
                push(scan, from, at, &HONORIFIC, found);
            }
        } else if word.shape.has(Shape::OTHER) {
            let rest = &scan.text[word.start..];
            let Some((_, most)) = SIGNS.iter().find(|(sign, _)| rest.starts_with(sign)) else { continue };
            let mut from = at;
            // A family name is one to three characters, with the given name at most four.
            while from > 0
                && at - from < *most
                && scan.words[from - 1].shape.has(Shape::OTHER)
                && scan.gap_before(from).is_empty()
                && !is_kana(scan.word_text(from - 1))
            {
                from -= 1;
            }
            if from < at {
                push(scan, from, at, &HONORIFIC, found);
            }
        }
    }
}

/// Family names with which most Chinese, Korean and Japanese names begin.
const ASIAN_FAMILIES: &[&str] = &[
    "王",
    "李",
    "张",
    "張",
    "刘",
    "劉",
    "陈",
    "陳",
    "杨",
    "楊",
    "赵",
    "趙",
    "黄",
    "黃",
    "周",
    "吴",
    "吳",
    "徐",
    "孙",
    "孫",
    "胡",
    "朱",
    "高",
    "林",
    "何",
    "郭",
    "马",
    "馬",
    "罗",
    "羅",
    "梁",
    "宋",
    "郑",
    "鄭",
    "谢",
    "謝",
    "韩",
    "韓",
    "唐",
    "冯",
    "馮",
    "于",
    "董",
    "萧",
    "程",
    "曹",
    "袁",
    "邓",
    "鄧",
    "许",
    "許",
    "傅",
    "沈",
    "曾",
    "彭",
    "吕",
    "김",
    "이",
    "박",
    "최",
    "정",
    "강",
    "조",
    "윤",
    "장",
    "임",
    "한",
    "오",
    "서",
    "신",
    "권",
    "황",
    "안",
    "송",
    "류",
    "홍",
    "佐藤",
    "鈴木",
    "高橋",
    "田中",
    "伊藤",
    "渡辺",
    "山本",
    "中村",
    "小林",
    "加藤",
    "吉田",
    "山田",
    "佐々木",
    "山口",
    "松本",
    "井上",
    "木村",
];

/// Whole names in scripts without spaces: two to four characters between others, with a common family name in front.
fn asian_names(scan: &Scan<'_>, found: &mut Vec<Candidate>) {
    let mut from = 0;
    while from < scan.words.len() {
        let mut to = from + 1;
        if !scan.words[from].shape.has(Shape::OTHER) {
            from = to;
            continue;
        }
        while to < scan.words.len() && scan.words[to].shape.has(Shape::OTHER) && scan.gap_before(to).is_empty() {
            to += 1;
        }
        let text = &scan.text[scan.words[from].start..scan.words[to - 1].end];
        let family = ASIAN_FAMILIES.iter().find(|family| text.starts_with(**family));
        // A family's sign twice is a word, as in 谢谢 (thanks).
        let fits = family
            .is_some_and(|family| text.strip_prefix(family).is_some_and(|given| !given.is_empty() && given != *family))
            && (2..=4).contains(&(to - from));
        let latin_or_end = |gap: &str| !gap.is_empty() || from == 0;
        if fits && latin_or_end(scan.gap_before(from)) {
            push(scan, from, to, &ASIAN, found);
        }
        from = to;
    }
}

/// Small words of Japanese are written in kana, names hardly ever are.
fn is_kana(text: &str) -> bool {
    text.chars().all(|c| matches!(c, '\u{3040}'..='\u{309F}'))
}

fn push(scan: &Scan<'_>, from: usize, to: usize, detector: &'static Detector, found: &mut Vec<Candidate>) {
    let (start, end) = (scan.words[from].start, scan.words[to - 1].end);
    found.push(Candidate { start, end, detector, identity: Identity::Text(fold(&scan.text[start..end])) });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Format;
    use crate::detect::texts;

    #[test]
    fn people_are_found_by_what_stands_around_them() {
        for (text, expected) in [
            ("thanks Zdravkovelja, merged", &["Zdravkovelja"][..]),
            ("cc Mira, please", &["Mira"]),
            ("assigned to Ingrid", &["Ingrid"]),
            ("Mr. Xqworth called", &["Xqworth"]),
            ("Reviewed-by: Qzenko Baltvar", &["Qzenko Baltvar"]),
            ("Reporter: Okonkwo-Lund", &["Okonkwo-Lund"]),
            ("please ask Maria Lindqvist about it", &["Maria Lindqvist"]),
            ("I met Janka M. Szaszvari there", &["Janka M. Szaszvari"]),
            ("Ludwig van der Heide wrote it", &["Ludwig van der Heide"]),
            ("Mark Stone said so", &["Mark Stone"]),
            ("thanks maria, merged", &["maria"]),
            ("Best regards,\nKatarzyna", &["Katarzyna"]),
            ("my name is Qzenko", &["Qzenko"]),
            ("could Tanaka-san check?", &["Tanaka"]),
            ("田中さんに確認", &["田中"]),
            ("请联系 王小明 谢谢", &["王小明"]),
            ("[10:32] Petra: hi\n[10:33] Petra: again", &["Petra", "Petra"]),
            ("Das liegt auf Katrins Rechner", &["Katrins"]),
        ] {
            assert_eq!(texts(find, text), expected, "{text}");
        }
    }

    #[test]
    fn words_of_the_trade_stay() {
        for text in [
            "Jenkins 2.4 runs on Debian",
            "Jackson 2.9 cannot parse it",
            "call Martin.parse() in com.acme.Martin",
            "The Mark button and the Page view",
            "will hope for grace in May",
            "Kotlin, Kafka, Cassandra and Gradle",
            "Okafor Ltd sent an invoice",
            "Die Datei liegt auf dem Server und die Anwendung ist geschlossen",
            "backgroundColor: 'red',\nbackgroundColor: 'blue',",
            "Note: see below\nNote: again",
        ] {
            assert_eq!(texts(find, text), [""; 0], "{text}");
        }
    }

    #[test]
    fn words_that_no_list_knows_are_pointed_at() {
        let words = |text, format| unknown_words(Text { text, format });
        assert_eq!(words("the Qzenkovar of [PERSON_1] and Berlin", Format::Text), ["Qzenkovar"]);
        assert_eq!(words("<p>the Qz&auml;nkovar</p>", Format::Html), ["Qzänkovar"]);
        assert_eq!(words(r#"{"type":"text","text":"a\nthe Qzenkovar"}"#, Format::Adf), ["Qzenkovar"]);
    }
}
