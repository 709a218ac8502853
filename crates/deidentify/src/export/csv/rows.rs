//! The rows of a CSV text, read strictly.
//!
//! A reader that forgives a stray quotation mark may put one row's text into another row, and so under another project's
//! settings: here that is an error with its place.

use std::borrow::Cow;

use memchr::{memchr, memchr_iter, memchr2};

use crate::export::ReadError;

const MOST_COLUMNS: usize = 10_000;

/// The separator that the headings use: a comma, a semicolon or a tab, whichever is most frequent outside quotation marks.
fn delimiter(text: &str) -> u8 {
    let mut quoted = false;
    let mut counts = [(b'\t', 0), (b';', 0), (b',', 0)];
    for byte in text.trim_start().bytes() {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' if !quoted => break,
            _ if quoted => {}
            _ => counts.iter_mut().filter(|(own, _)| *own == byte).for_each(|(_, count)| *count += 1),
        }
    }
    // Of equal counts the last one is taken: the comma.
    counts.into_iter().max_by_key(|(_, count)| *count).map_or(b',', |(own, _)| own)
}

/// The rows of a CSV text. Blank lines are passed over; after an error there are no more rows.
#[derive(Clone)]
pub(super) struct Rows<'a> {
    text: &'a str,
    at: usize,
    /// Line of `at`, from 1.
    line: u64,
    delimiter: u8,
}

pub(super) struct Row<'a> {
    /// Where it begins, from 1.
    pub(super) line: u64,
    pub(super) cells: Vec<Cow<'a, str>>,
}

impl<'a> Iterator for Rows<'a> {
    type Item = Result<Row<'a>, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.is_at_end() && self.takes_line_end() {}
        if self.is_at_end() {
            return None;
        }
        let row = self.row();
        if row.is_err() {
            self.at = self.text.len();
        }
        Some(row)
    }
}

impl<'a> Rows<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0, line: 1, delimiter: delimiter(text) }
    }

    fn is_at_end(&self) -> bool {
        self.at == self.text.len()
    }

    fn row(&mut self) -> Result<Row<'a>, ReadError> {
        let mut row = Row { line: self.line, cells: Vec::new() };
        loop {
            if row.cells.len() == MOST_COLUMNS {
                return Err(self.refuse(self.at, "the row has too many cells"));
            }
            row.cells.push(self.cell()?);
            if self.text.as_bytes().get(self.at) == Some(&self.delimiter) {
                self.at += 1;
            } else if self.is_at_end() || self.takes_line_end() {
                return Ok(row);
            } else {
                return Err(self.refuse(
                    self.at,
                    "the cell goes on after its closing quotation mark; inside a cell it must be doubled",
                ));
            }
        }
    }

    /// Reads up to the delimiter or the end of the line.
    fn cell(&mut self) -> Result<Cow<'a, str>, ReadError> {
        let rest = &self.text[self.at..];
        let Some(quoted) = rest.strip_prefix('"') else {
            let len = memchr2(self.delimiter, b'\n', rest.as_bytes()).unwrap_or(rest.len());
            let cell = if rest[len..].starts_with('\n') { rest[..len].trim_end_matches('\r') } else { &rest[..len] };
            self.at += cell.len();
            return Ok(Cow::Borrowed(cell));
        };
        let mut len = 0;
        let mut doubled = false;
        loop {
            len += memchr(b'"', &quoted.as_bytes()[len..])
                .ok_or_else(|| self.refuse(self.at, "a quotation mark is opened here and never closed"))?;
            if !quoted[len + 1..].starts_with('"') {
                break;
            }
            doubled = true;
            len += 2;
        }
        let cell = &quoted[..len];
        self.at += len + 2;
        self.line += memchr_iter(b'\n', cell.as_bytes()).count() as u64;
        Ok(if doubled { Cow::Owned(cell.replace("\"\"", "\"")) } else { Cow::Borrowed(cell) })
    }

    /// Steps over a line end, if one stands here.
    fn takes_line_end(&mut self) -> bool {
        let rest = &self.text[self.at..];
        let end = rest.trim_start_matches('\r');
        let found = end.starts_with('\n');
        if found {
            self.at += rest.len() - end.len() + 1;
            self.line += 1;
        }
        found
    }

    fn refuse(&self, at: usize, what: &str) -> ReadError {
        ReadError::at(self.text, at, what)
    }
}
