//! From what the detectors found to what is replaced: no overlaps, one hit for one name, places in the source.

use std::ops::Range;

use crate::detect::{Candidate, Detector};
use crate::placeholders::{self, Identity, Placeholders};
use crate::scan::{Scan, Shape};
use crate::view::View;
use crate::{Deidentified, Finding, Format, Kind, Text};

/// Something to replace, by its places in the source.
#[derive(Debug, Clone)]
pub(crate) struct Hit {
    /// In the order of the text; the first is where the placeholder goes, the others are behind mark-up.
    pieces: Vec<Range<usize>>,
    pub(crate) detector: &'static Detector,
    identity: Identity,
}

/// Makes hits of candidates. What stands wholly within a `kept` range is left alone, and so is every placeholder.
pub(crate) fn resolve(view: &View<'_>, scan: &Scan<'_>, mut found: Vec<Candidate>, kept: &[Range<usize>]) -> Vec<Hit> {
    let placeholders: Vec<(usize, usize)> = placeholders::find(scan.text).collect();
    found.retain(|candidate| {
        let before = placeholders.partition_point(|(_, end)| *end <= candidate.start);
        let untouched = placeholders.get(before).is_none_or(|(start, _)| *start >= candidate.end);
        // The kept ranges are in the order of their beginnings; the term around a candidate begins shortly before it.
        let upto = kept.partition_point(|range| range.start <= candidate.start);
        let wanted = candidate.detector.kind == Kind::Term
            || !kept[..upto].iter().rev().take(8).any(|range| candidate.end <= range.end);
        candidate.start < candidate.end && untouched && wanted
    });
    number_in_front(scan, &mut found);
    let apart = joined_names(scan, without_overlaps(found));
    let hits = apart.into_iter().map(|candidate| Hit {
        pieces: view.source(candidate.start..candidate.end),
        detector: candidate.detector,
        identity: candidate.identity,
    });
    hits.filter(|hit| !hit.pieces.is_empty()).collect()
}

/// Makes one of the candidates that overlap: it reaches over all of them, so that nothing found stays readable, and is what
/// the longest of them is; of equally long ones what the surest rule says.
fn without_overlaps(mut found: Vec<Candidate>) -> Vec<Candidate> {
    found.sort_by_key(|candidate| candidate.start);
    let mut apart: Vec<Candidate> = Vec::with_capacity(found.len());
    let mut longest = 0;
    for candidate in found {
        match apart.last_mut().filter(|last| candidate.start < last.end) {
            Some(last) => {
                last.end = last.end.max(candidate.end);
                let surer = candidate.len() == longest && candidate.detector.score > last.detector.score;
                if candidate.len() > longest || surer {
                    longest = candidate.len();
                    last.detector = candidate.detector;
                    last.identity = candidate.identity;
                }
            }
            None => {
                longest = candidate.len();
                apart.push(candidate);
            }
        }
    }
    apart
}

/// A number in front of an address or right behind it belongs to it: `0304 Rua Larga 468`.
fn number_in_front(scan: &Scan<'_>, found: &mut [Candidate]) {
    for candidate in found.iter_mut().filter(|candidate| candidate.detector.kind == Kind::Address) {
        let first = scan.words.partition_point(|word| word.start < candidate.start);
        if first < scan.words.len()
            && let Some(before) = first.checked_sub(1)
            && scan.words[before].shape.is_number()
            && scan.words[before].end - scan.words[before].start <= 6
            && scan.gap_before(first) == " "
        {
            candidate.start = scan.words[before].start;
        }
    }
}

/// Joins the parts of one name that were found by different rules: `Ines` of the directory and `Okafor` behind it.
fn joined_names(scan: &Scan<'_>, found: Vec<Candidate>) -> Vec<Candidate> {
    let mut joined: Vec<Candidate> = Vec::with_capacity(found.len());
    for candidate in found {
        match joined.last_mut() {
            Some(last) if belong_together(scan, last, &candidate) => {
                last.end = candidate.end;
                if let (Identity::Text(_), Identity::Person(_)) = (&last.identity, &candidate.identity) {
                    last.identity = candidate.identity;
                }
                if candidate.detector.score > last.detector.score {
                    last.detector = candidate.detector;
                }
            }
            _ => joined.push(candidate),
        }
    }
    joined
}

fn belong_together(scan: &Scan<'_>, one: &Candidate, other: &Candidate) -> bool {
    let names = one.detector.kind == Kind::Person && other.detector.kind == Kind::Person;
    if !names || !matches!(&scan.text[one.end..other.start], " " | "-" | ". ") {
        return false;
    }
    let single = |candidate: &Candidate| scan.words_in(candidate.start..candidate.end).len() == 1;
    let capital = scan.words_in(other.start..other.end).first().is_some_and(|word| word.shape.has(Shape::FIRST_UPPER));
    match (&one.identity, &other.identity) {
        (Identity::Person(one), Identity::Person(other)) => one == other,
        _ => capital && (single(one) || single(other)),
    }
}

/// A text with its hits replaced, and where each replacement stands.
pub(crate) struct Replaced {
    pub(crate) text: String,
    findings: Vec<Finding>,
    /// What was replaced in the source, and by what in the output; in order.
    edits: Vec<(Range<usize>, Range<usize>)>,
}

impl Replaced {
    pub(crate) fn new(given: Text<'_>, hits: &[Hit], placeholders: &mut Placeholders<'_>) -> Self {
        let source = given.text;
        let mut order: Vec<&Hit> = hits.iter().collect();
        order.sort_by_key(|hit| hit.pieces.first().map_or(0, |piece| piece.start));
        let mut pieces: Vec<(Range<usize>, Option<String>)> = Vec::new();
        let mut findings: Vec<Finding> = Vec::with_capacity(hits.len());
        for hit in order {
            let placeholder = placeholders.placeholder(hit.detector.kind, &hit.identity);
            let [first, rest @ ..] = &hit.pieces[..] else { continue };
            pieces.push((first.clone(), Some(placeholder.clone())));
            // Spaces between the pieces hold mark-up apart.
            let written = rest.iter().filter(|piece| !source[(*piece).clone()].trim().is_empty());
            pieces.extend(written.map(|piece| (piece.clone(), None)));
            // What stands in the mark-up within another finding is replaced, and is part of that finding.
            let start = first.start.max(findings.last().map_or(0, |last| last.end));
            let end = rest.last().unwrap_or(first).end;
            if start < end {
                let Detector { id, kind, evidence, score } = *hit.detector;
                findings.push(Finding { start, end, kind, detector: id, evidence, score, placeholder });
            }
        }
        pieces.sort_by_key(|(range, _)| range.start);
        let mut text = String::with_capacity(source.len());
        let mut edits = Vec::with_capacity(pieces.len());
        let mut copied = 0;
        for (range, placeholder) in pieces {
            let from = range.start.max(copied);
            if range.end <= from {
                continue;
            }
            text.push_str(&source[copied..from]);
            let at = text.len();
            match placeholder {
                Some(placeholder) => text.push_str(&placeholder),
                // The rest of a name that mark-up cuts in pieces. A text node of a document must not be empty.
                None if given.format == Format::Adf && text.ends_with('"') && source[range.end..].starts_with('"') => {
                    text.push(' ');
                }
                None => {}
            }
            edits.push((from..range.end, at..text.len()));
            copied = range.end;
        }
        text.push_str(&source[copied..]);
        Self { text, findings, edits }
    }

    /// A hit in the output as a hit in the source.
    pub(crate) fn in_source(&self, hit: &Hit) -> Hit {
        // What lies in a replacement stands for all that was replaced.
        let place = |at: usize, is_start: bool| {
            let before = self.edits.partition_point(|(_, output)| output.end <= at);
            let within = self.edits.get(before).filter(|(_, output)| output.start <= at);
            match (within, before.checked_sub(1).and_then(|last| self.edits.get(last))) {
                (Some((source, _)), _) => {
                    if is_start {
                        source.start
                    } else {
                        source.end
                    }
                }
                (None, Some((source, output))) => source.end + (at - output.end) + usize::from(!is_start),
                (None, None) => at + usize::from(!is_start),
            }
        };
        // One past the end lies behind the last byte, not behind a replacement that follows.
        let pieces = hit.pieces.iter().map(|piece| place(piece.start, true)..place(piece.end - 1, false));
        Hit { pieces: pieces.filter(|piece| piece.start < piece.end).collect(), ..hit.clone() }
    }

    pub(crate) fn into_deidentified(self) -> Deidentified {
        Deidentified { text: self.text, findings: self.findings }
    }
}
