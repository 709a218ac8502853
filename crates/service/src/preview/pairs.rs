//! A text as written beside what leaves of it, paragraph by paragraph.

use std::ops::Range;

use deidentify::{Deidentified, Finding, Format};

use super::{Found, Leaving, Pair, Part};
use super::{adf, html};
use crate::words;

/// A stretch of the text that was given.
enum Piece<'f> {
    Plain,
    /// Would be replaced, if a draft did not let it through.
    Freed,
    /// Replaced; `drafted` if only because of a draft.
    Found {
        finding: &'f Finding,
        drafted: bool,
    },
}

/// Pairs of a text that leaves: `done` is what became of it, `before` what would without the drafts, if there are any.
pub(super) fn pairs(text: &str, format: Format, done: &Deidentified, before: Option<&Deidentified>) -> Vec<Pair> {
    let pieces = pieces(text, &done.findings, before.map(|before| before.findings.as_slice()));
    let marked = pieces.iter().filter(|(_, piece)| !matches!(piece, Piece::Plain)).map(|(range, _)| range.clone());
    let marked: Vec<Range<usize>> = marked.collect();
    let mut sheet = Sheet::default();
    for stretch in stretches(text, format, &marked) {
        let Some(run) = stretch else {
            sheet.pairs.push(Pair::default());
            continue;
        };
        for (range, piece) in &pieces {
            let range = range.start.max(run.start)..range.end.min(run.end);
            if range.start < range.end {
                sheet.add(&decoded(&text[range], format), piece);
            }
        }
    }
    let mut pairs = sheet.pairs;
    pairs.retain(|pair| !pair.is_blank());
    if rebuilt(text, &done.findings) != done.text {
        aligned_by_line(&mut pairs, &shown(&done.text, format));
    }
    pairs
}

/// The pairs while they are put together.
struct Sheet {
    pairs: Vec<Pair>,
    /// Where the finding that was added last begins: mark-up may stand within it.
    last: Option<usize>,
}

impl Default for Sheet {
    fn default() -> Self {
        Self { pairs: vec![Pair::default()], last: None }
    }
}

impl Sheet {
    fn add(&mut self, part: &str, piece: &Piece<'_>) {
        let Some(pair) = self.pairs.last_mut() else { return };
        match piece {
            Piece::Found { finding, .. } if self.last == Some(finding.start) => {
                if let Some(Part::Found(found)) = pair.written.last_mut() {
                    found.text.push_str(part);
                }
            }
            Piece::Found { finding, drafted } => {
                self.last = Some(finding.start);
                pair.written.push(Part::Found(found(part, finding, *drafted)));
                let text = finding.placeholder.clone();
                pair.leaving.push(Leaving::Placeholder { text, kind: finding.kind.id(), drafted: *drafted });
            }
            Piece::Plain | Piece::Freed => {
                let freed = matches!(piece, Piece::Freed);
                for (at, line) in part.split('\n').enumerate() {
                    if at > 0 {
                        self.pairs.push(Pair::default());
                    }
                    let line = line.trim_end_matches('\r');
                    if let Some(pair) = self.pairs.last_mut().filter(|_| !line.is_empty()) {
                        pair.push(line, freed);
                    }
                }
            }
        }
    }
}

/// What a reader sees of a text, in order, and of its mark-up what is `marked`; none is where a paragraph ends.
fn stretches(text: &str, format: Format, marked: &[Range<usize>]) -> Vec<Option<Range<usize>>> {
    match format {
        Format::Adf => adf::stretches(text, marked),
        Format::Html => html::stretches(text, marked),
        Format::Text | Format::Wiki | Format::Markdown => vec![Some(0..text.len())],
    }
}

/// A stretch as a reader sees it.
fn decoded(part: &str, format: Format) -> String {
    match format {
        Format::Adf => adf::decoded(part),
        Format::Html => deidentify::decoded_references(part),
        Format::Text | Format::Wiki | Format::Markdown => part.to_owned(),
    }
}

/// A whole text as a reader sees it.
fn shown(text: &str, format: Format) -> String {
    let part = |stretch: Option<Range<usize>>| match stretch {
        Some(run) => decoded(&text[run], format),
        None => "\n".to_owned(),
    };
    stretches(text, format, &[]).into_iter().map(part).collect()
}

/// The parts of a stretch that are marked.
pub(super) fn marked_in(marked: &[Range<usize>], stretch: &Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let from = marked.partition_point(|range| range.end <= stretch.start);
    let within = marked[from..].iter().take_while(|range| range.start < stretch.end);
    within.map(|range| range.start.max(stretch.start)..range.end.min(stretch.end))
}

/// A text that stays, or in which nothing is looked for.
pub(super) fn plain(text: &str, format: Format, leaves: bool) -> Vec<Pair> {
    let text = &shown(text, format);
    let pair = |line: &str| Pair {
        written: vec![Part::Text(line.to_owned())],
        leaving: if leaves { vec![Leaving::Text(line.to_owned())] } else { Vec::new() },
    };
    text.lines().filter(|line| !line.trim().is_empty()).map(pair).collect()
}

/// The text in stretches, in order and without gaps.
fn pieces<'f>(text: &str, findings: &'f [Finding], before: Option<&[Finding]>) -> Vec<(Range<usize>, Piece<'f>)> {
    let overlaps = |a: &Finding, b: &Finding| a.start < b.end && b.start < a.end;
    let mut marks: Vec<(Range<usize>, Piece<'f>)> = findings
        .iter()
        .map(|finding| {
            let drafted = before.is_some_and(|before| !before.iter().any(|other| overlaps(finding, other)));
            (finding.start..finding.end, Piece::Found { finding, drafted })
        })
        .collect();
    let freed = before.unwrap_or_default().iter().filter(|old| !findings.iter().any(|new| overlaps(old, new)));
    marks.extend(freed.map(|old| (old.start..old.end, Piece::Freed)));
    marks.sort_by_key(|(range, _)| range.start);

    let mut pieces = Vec::with_capacity(marks.len() * 2 + 1);
    let mut from = 0;
    for (range, piece) in marks {
        if from < range.start {
            pieces.push((from..range.start, Piece::Plain));
        }
        from = range.end;
        pieces.push((range, piece));
    }
    if from < text.len() {
        pieces.push((from..text.len(), Piece::Plain));
    }
    pieces
}

fn found(text: &str, finding: &Finding, drafted: bool) -> Found {
    Found {
        text: text.to_owned(),
        kind: finding.kind,
        placeholder: finding.placeholder.clone(),
        detector: finding.detector,
        evidence: words::evidence(finding.evidence).to_owned(),
        score: finding.score,
        drafted,
    }
}

/// The output as it is when each finding is replaced where it stands.
fn rebuilt(text: &str, findings: &[Finding]) -> String {
    let mut output = String::with_capacity(text.len());
    let mut from = 0;
    for finding in findings {
        output.push_str(&text[from..finding.start]);
        output.push_str(&finding.placeholder);
        from = finding.end;
    }
    output.push_str(&text[from..]);
    output
}

/// Puts the real output beside the text where mark-up stands inside a finding: line by line if there are as many, else as one.
fn aligned_by_line(pairs: &mut Vec<Pair>, output: &str) {
    let lines: Vec<&str> = output.lines().filter(|line| !line.trim().is_empty()).collect();
    if lines.len() == pairs.len() {
        for (pair, line) in pairs.iter_mut().zip(lines) {
            pair.leaving = vec![Leaving::Text(line.to_owned())];
        }
        return;
    }
    let mut written = Vec::new();
    for pair in pairs.drain(..) {
        if !written.is_empty() {
            written.push(Part::Text("\n".to_owned()));
        }
        written.extend(pair.written);
    }
    pairs.push(Pair { written, leaving: vec![Leaving::Text(output.to_owned())] });
}

impl Pair {
    fn push(&mut self, line: &str, freed: bool) {
        let text = line.to_owned();
        if freed {
            self.written.push(Part::Freed(text.clone()));
            self.leaving.push(Leaving::Freed(text));
        } else {
            self.written.push(Part::Text(text.clone()));
            self.leaving.push(Leaving::Text(text));
        }
    }

    fn is_blank(&self) -> bool {
        self.written.iter().all(|part| matches!(part, Part::Text(text) if text.trim().is_empty()))
    }
}

#[cfg(test)]
mod tests {
    use deidentify::Kind;

    use super::*;

    fn finding(text: &str, of: &str) -> Finding {
        let start = text.find(of).unwrap();
        Finding {
            start,
            end: start + of.len(),
            kind: Kind::Person,
            detector: "test",
            evidence: "Because.",
            score: 90,
            placeholder: "[PERSON_1]".to_owned(),
        }
    }

    fn done(text: &str, found: &[&str]) -> Deidentified {
        let findings: Vec<Finding> = found.iter().map(|of| finding(text, of)).collect();
        Deidentified { text: rebuilt(text, &findings), findings }
    }

    /// Each pair as `written | leaving`.
    fn told(pairs: &[Pair]) -> Vec<String> {
        let written = |part: &Part| match part {
            Part::Text(text) => text.clone(),
            Part::Freed(text) => format!("-{text}-"),
            Part::Found(found) => format!("{}{}", if found.drafted { "+" } else { "*" }, found.text),
        };
        let leaving = |part: &Leaving| match part {
            Leaving::Text(text) => text.clone(),
            Leaving::Freed(text) => format!("-{text}-"),
            Leaving::Placeholder { text, drafted, .. } => format!("{}{text}", if *drafted { "+" } else { "" }),
        };
        let side = |parts: Vec<String>| parts.concat();
        pairs
            .iter()
            .map(|pair| {
                let (w, l) = (pair.written.iter().map(written).collect(), pair.leaving.iter().map(leaving).collect());
                format!("{} | {}", side(w), side(l))
            })
            .collect()
    }

    #[test]
    fn paragraphs_stand_side_by_side() {
        let text = "Ask Ines.\r\n\nThen Bram\nor nobody\n";
        let told = told(&pairs(text, Format::Text, &done(text, &["Ines", "Bram"]), None));
        assert_eq!(told, ["Ask *Ines. | Ask [PERSON_1].", "Then *Bram | Then [PERSON_1]", "or nobody | or nobody"]);
    }

    #[test]
    fn what_a_draft_changes_is_marked() {
        let text = "Ask Jackson about Falcon and Ines";
        let (before, after) = (done(text, &["Jackson", "Ines"]), done(text, &["Falcon", "Ines"]));
        let told = told(&pairs(text, Format::Text, &after, Some(&before)));
        assert_eq!(told, ["Ask -Jackson- about +Falcon and *Ines | Ask -Jackson- about +[PERSON_1] and [PERSON_1]"]);
    }

    #[test]
    fn a_document_is_shown_as_people_read_it() {
        let text = r#"{"type":"doc","content":[
            {"type":"heading","content":[{"type":"text","text":"Why \"now\""}]},
            {"type":"paragraph","content":[{"type":"text","text":"Ask "},{"type":"mention","attrs":{"id":"5b1","text":"@Ines"}},
             {"type":"text","text":" or Ines "},{"type":"text","text":"Okafor","marks":[{"type":"strong"}]},{"type":"hardBreak"},
             {"type":"text","text":"soon\u00e9"}]}]}"#;
        let mut split = finding(text, r#"Ines "},{"type":"text","text":"Okafor"#);
        split.placeholder = "[PERSON_2]".to_owned();
        let findings = vec![finding(text, "5b1"), finding(text, "@Ines"), split];
        let after = Deidentified { text: rebuilt(text, &findings), findings };
        let expected = [
            "Why \"now\" | Why \"now\"",
            "Ask *5b1*@Ines or *Ines Okafor | Ask [PERSON_1][PERSON_1] or [PERSON_2]",
            "sooné | sooné",
        ];
        assert_eq!(told(&pairs(text, Format::Adf, &after, None)), expected);
    }

    #[test]
    fn a_page_is_shown_as_people_read_it() {
        let text = "<h2>Who &amp; how</h2><p>Ask <strong>Joaqu&iacute;n</strong> or \
                    <a href=\"mailto:jo@a.example\">him</a>&hellip;</p><ul><li>one</li><li>two</li></ul>";
        let after = done(text, &["Joaqu&iacute;n", "jo@a.example"]);
        let expected = [
            "Who & how | Who & how",
            "Ask *Joaquín or *jo@a.examplehim… | Ask [PERSON_1] or [PERSON_1]him…",
            "one | one",
            "two | two",
        ];
        assert_eq!(told(&pairs(text, Format::Html, &after, None)), expected);
        for odd in ["<p", "a < b", "<", "<<>>", "&", "&#xfffffff;", "<p>x", "</p></p>", "a<!-- b > c --> d"] {
            let _ = pairs(odd, Format::Html, &done(odd, &[]), None);
        }
    }

    #[test]
    fn an_output_with_mark_up_inside_a_finding_is_shown_as_it_is() {
        let text = "one\n<b>Ines</b> Okafor\n";
        let mut after = done(text, &["<b>Ines</b> Okafor"]);
        after.text = "one\n<b>[PERSON_1]</b>\n".to_owned();
        assert_eq!(
            told(&pairs(text, Format::Text, &after, None)),
            ["one | one", "*<b>Ines</b> Okafor | <b>[PERSON_1]</b>"]
        );
        after.text = "all in one line [PERSON_1]".to_owned();
        assert_eq!(
            told(&pairs(text, Format::Text, &after, None)),
            ["one\n*<b>Ines</b> Okafor | all in one line [PERSON_1]"]
        );
    }
}
