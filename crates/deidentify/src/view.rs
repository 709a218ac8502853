//! What a reader sees of a text, and where each piece of it stands in the text as written.
//!
//! Detectors read the view; replacements are made in the source. Mark-up between the pieces is never changed, so what comes
//! back is as valid as what was given.

use std::borrow::Cow;
use std::ops::Range;

use crate::detect::Candidate;

/// A stretch of the view that stands in the source without mark-up inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Piece {
    view: usize,
    view_len: usize,
    source: usize,
    source_len: usize,
}

/// A text as it is read.
#[derive(Debug)]
pub(crate) struct View<'t> {
    pub(crate) text: Cow<'t, str>,
    /// In the order of the view; none if the view is the source.
    pieces: Vec<Piece>,
    /// What the structure itself says is an identifier.
    pub(crate) given: Vec<Candidate>,
}

impl<'t> View<'t> {
    /// A text that is read as it is written.
    pub(crate) fn verbatim(text: &'t str) -> Self {
        Self { text: Cow::Borrowed(text), pieces: Vec::new(), given: Vec::new() }
    }

    /// The ranges of the source that a range of the view stands for, in the order of the view. A character that the source
    /// writes as a reference or an escape is always covered whole.
    pub(crate) fn source(&self, range: Range<usize>) -> Vec<Range<usize>> {
        if matches!(self.text, Cow::Borrowed(_)) {
            return vec![range];
        }
        let first = self.pieces.partition_point(|piece| piece.view + piece.view_len <= range.start);
        let mut ranges: Vec<Range<usize>> = Vec::new();
        for piece in self.pieces[first..].iter().take_while(|piece| piece.view < range.end) {
            let covered = if piece.view_len == piece.source_len {
                let from = range.start.saturating_sub(piece.view);
                let to = (range.end - piece.view).min(piece.view_len);
                piece.source + from..piece.source + to
            } else {
                piece.source..piece.source + piece.source_len
            };
            match ranges.last_mut().filter(|last| last.end == covered.start) {
                Some(last) => last.end = covered.end,
                None => ranges.push(covered),
            }
        }
        ranges
    }
}

/// Builds a view piece by piece.
#[derive(Debug)]
pub(crate) struct Builder<'t> {
    source: &'t str,
    text: String,
    pieces: Vec<Piece>,
    given: Vec<Candidate>,
}

impl<'t> Builder<'t> {
    pub(crate) fn new(source: &'t str) -> Self {
        Self { source, text: String::with_capacity(source.len()), pieces: Vec::new(), given: Vec::new() }
    }

    /// How much of the view is built.
    pub(crate) fn len(&self) -> usize {
        self.text.len()
    }

    /// Text that stands in the source as it is.
    pub(crate) fn verbatim(&mut self, source: Range<usize>) {
        if source.is_empty() {
            return;
        }
        let len = source.len();
        let next = Piece { view: self.text.len(), view_len: len, source: source.start, source_len: len };
        self.text.push_str(&self.source[source]);
        match self.pieces.last_mut() {
            Some(last)
                if last.view_len == last.source_len
                    && last.source + last.source_len == next.source
                    && last.view + last.view_len == next.view =>
            {
                last.view_len += len;
                last.source_len += len;
            }
            _ => self.pieces.push(next),
        }
    }

    /// A character that the source writes otherwise.
    pub(crate) fn decoded(&mut self, c: char, source: Range<usize>) {
        let view = self.text.len();
        self.text.push(c);
        // The lengths differ, which is how a piece says that it is covered whole; an escape of as many bytes is cut nowhere
        // either, since a range never cuts a character.
        self.pieces.push(Piece { view, view_len: c.len_utf8(), source: source.start, source_len: source.len() });
    }

    /// Ends a line of the view where the source has only mark-up.
    pub(crate) fn line_break(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with('\n') {
            self.text.push('\n');
        }
    }

    /// Ends a paragraph of the view: nothing on its two sides belongs together.
    pub(crate) fn block_break(&mut self) {
        self.line_break();
        if !self.text.is_empty() && !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
    }

    /// The structure says that what was built since `from` is an identifier.
    pub(crate) fn give(&mut self, candidate: Candidate) {
        self.given.push(candidate);
    }

    pub(crate) fn built(&self, from: usize) -> &str {
        &self.text[from..]
    }

    pub(crate) fn finish(self) -> View<'t> {
        View { text: Cow::Owned(self.text), pieces: self.pieces, given: self.given }
    }
}
