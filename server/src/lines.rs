//! `sluice deidentify`: texts in, one JSON object a line, and the same texts without personal data out, in the same order.
//!
//! Memory does not grow with the input: lines are read in batches, each worker holds at most a few, and nothing is kept. What
//! is wrong with a line is told by its number and never by what stands in it.

use std::borrow::Cow;
use std::io::{self, BufRead, Read as _, Write};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use deidentify::{Deidentifier, Directory, Finding, Format, Person, Text};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use thiserror::Error;

/// A batch ends with the line that makes it this long, in bytes.
const BATCH: usize = 256 * 1024;
/// No line may be longer, in bytes.
const LONGEST_LINE: u64 = 64 * 1024 * 1024;
/// Batches that wait in front of a worker or behind it.
const WAITING: usize = 2;

#[derive(Debug, Error)]
pub enum LinesError {
    #[error("line {line}: {what}")]
    Line { line: u64, what: &'static str },
    #[error("directory, line {line}: {what}")]
    Directory { line: u64, what: &'static str },
    #[error("{0} line(s) could not be read and were skipped")]
    Skipped(u64),
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// What one run does.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    pub format: Format,
    /// Worker threads, at least one.
    pub jobs: usize,
    /// Skip a line that cannot be read, and say so.
    pub keep_going: bool,
}

/// Reads a directory: one `{"username", "display_name", "email"}` a line, each member but one may be missing.
///
/// # Errors
/// A line that is no such object, by its number.
pub fn directory(input: impl BufRead) -> Result<Directory, LinesError> {
    #[derive(Deserialize)]
    struct Entry {
        username: Option<String>,
        display_name: Option<String>,
        email: Option<String>,
    }
    let mut people = Vec::new();
    for (line, text) in (1..).zip(input.lines()) {
        let text = text.map_err(|error| match error.kind() {
            io::ErrorKind::InvalidData => LinesError::Directory { line, what: "it is not UTF-8" },
            _ => LinesError::Io(error),
        })?;
        if text.trim().is_empty() {
            continue;
        }
        let what = "expected {\"username\", \"display_name\", \"email\"}";
        let entry: Entry = serde_json::from_str(&text).map_err(|_| LinesError::Directory { line, what })?;
        let list = |value: Option<String>| value.into_iter().filter(|value| !value.trim().is_empty()).collect();
        people.push(Person {
            handles: list(entry.username),
            names: list(entry.display_name),
            emails: list(entry.email),
            account_ids: Vec::new(),
        });
    }
    Ok(people.into_iter().collect())
}

/// De-identifies every line of `input` into `output`. What is skipped is told on `problems`.
///
/// # Errors
/// The first line that cannot be read, after everything before it was written; with `keep_going` how many were skipped.
pub fn run(
    engine: &Deidentifier,
    options: Options,
    input: impl BufRead + Send,
    mut output: impl Write,
    mut problems: impl Write,
) -> Result<(), LinesError> {
    let jobs = options.jobs.max(1);
    thread::scope(|scope| {
        let mut to_workers: Vec<SyncSender<Batch>> = Vec::with_capacity(jobs);
        let mut from_workers: Vec<Receiver<Vec<Done>>> = Vec::with_capacity(jobs);
        for _ in 0..jobs {
            let (to_worker, batches) = sync_channel::<Batch>(WAITING);
            let (to_writer, done) = sync_channel(WAITING);
            to_workers.push(to_worker);
            from_workers.push(done);
            scope.spawn(move || {
                for batch in batches {
                    if to_writer.send(batch.work(engine, options.format)).is_err() {
                        break;
                    }
                }
            });
        }
        let reader = scope.spawn(move || read(input, &to_workers));
        let skipped = write(&from_workers, options.keep_going, &mut output, &mut problems);
        // A worker that cannot deliver stops, and with it the reader.
        drop(from_workers);
        let read = reader.join().unwrap_or_else(|_| Err(io::Error::other("the reader stopped")));
        let skipped = skipped?;
        read?;
        if skipped > 0 { Err(LinesError::Skipped(skipped)) } else { Ok(()) }
    })
}

/// Some lines of the input as they were read.
struct Batch {
    /// Number of the first line, from 1.
    first: u64,
    bytes: Vec<u8>,
}

/// What became of a batch, in the order of its lines.
enum Done {
    Written(Vec<u8>),
    Broken { line: u64, what: &'static str },
}

/// Deals batches out to the workers in turn, until the input ends or nobody takes them.
fn read(mut input: impl BufRead, workers: &[SyncSender<Batch>]) -> io::Result<()> {
    let mut first = 1;
    for worker in workers.iter().cycle() {
        let mut batch = Batch { first, bytes: Vec::with_capacity(BATCH + BATCH / 4) };
        let mut ended = false;
        while batch.bytes.len() < BATCH {
            let mut line = (&mut input).take(LONGEST_LINE + 1);
            let read = line.read_until(b'\n', &mut batch.bytes)? as u64;
            if read == 0 {
                ended = true;
                break;
            }
            first += 1;
            if read > LONGEST_LINE {
                // What is left of it is read over, so that the next line is read as one; the worker tells what is wrong.
                io::copy(&mut Rest(&mut input), &mut io::sink())?;
                batch.bytes.push(b'\n');
            }
        }
        if !batch.bytes.is_empty() && worker.send(batch).is_err() || ended {
            break;
        }
    }
    Ok(())
}

/// The rest of a line.
struct Rest<'r, R>(&'r mut R);

impl<R: BufRead> io::Read for Rest<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let available = self.0.fill_buf()?;
        let upto = available.iter().position(|byte| *byte == b'\n');
        let len = upto.unwrap_or(available.len()).min(buffer.len());
        buffer[..len].copy_from_slice(&available[..len]);
        let ended = upto == Some(len);
        self.0.consume(if ended && len == 0 { 1 } else { len });
        Ok(len)
    }
}

/// Writes batch after batch in the order in which they were dealt out; returns how many lines were skipped.
fn write(
    workers: &[Receiver<Vec<Done>>],
    keep_going: bool,
    output: &mut impl Write,
    problems: &mut impl Write,
) -> Result<u64, LinesError> {
    let mut skipped = 0;
    for worker in workers.iter().cycle() {
        let Ok(batch) = worker.recv() else { break };
        for done in batch {
            match done {
                Done::Written(lines) => output.write_all(&lines)?,
                Done::Broken { line, what } if keep_going => {
                    skipped += 1;
                    writeln!(problems, "line {line}: {what}; skipped")?;
                }
                Done::Broken { line, what } => {
                    output.flush()?;
                    return Err(LinesError::Line { line, what });
                }
            }
        }
    }
    output.flush()?;
    Ok(skipped)
}

/// A line of the input.
#[derive(Deserialize)]
struct Line<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    /// A string; of the ADF format also the document itself.
    #[serde(borrow)]
    text: &'a RawValue,
}

/// A line of the output. Places are Unicode code points of the given text, the end exclusive.
#[derive(Serialize)]
struct Answer<'a> {
    id: Option<&'a RawValue>,
    spans: Vec<Span>,
    /// None if the proof pass held the text back.
    redacted: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    held_back_by: Vec<&'static str>,
}

#[derive(Serialize)]
struct Span {
    start: usize,
    end: usize,
    label: &'static str,
    detector: &'static str,
    score: f32,
}

impl Batch {
    fn work(self, engine: &Deidentifier, format: Format) -> Vec<Done> {
        let mut done = Vec::new();
        let mut written = Vec::with_capacity(self.bytes.len() * 5 / 4);
        let lines = self.bytes.split(|byte| *byte == b'\n');
        for (number, bytes) in (self.first..).zip(lines) {
            if bytes.trim_ascii().is_empty() {
                continue;
            }
            if let Err(what) = answer(engine, format, bytes, &mut written) {
                done.push(Done::Written(std::mem::take(&mut written)));
                done.push(Done::Broken { line: number, what });
            }
        }
        done.push(Done::Written(written));
        done
    }
}

/// Writes the answer to one line.
fn answer(engine: &Deidentifier, format: Format, line: &[u8], written: &mut Vec<u8>) -> Result<(), &'static str> {
    if line.len() as u64 > LONGEST_LINE {
        return Err("it has more than 64 MB");
    }
    let line = std::str::from_utf8(line).map_err(|_| "it is not UTF-8")?;
    let line: Line<'_> = serde_json::from_str(line).map_err(|_| "expected {\"id\", \"text\"}")?;
    let text: Cow<'_, str> = match line.text.get() {
        document if format == Format::Adf && document.starts_with('{') => Cow::Borrowed(document),
        string => serde_json::from_str::<Unescaped<'_>>(string).map_err(|_| "\"text\" is not a string")?.0,
    };
    let (done, held_back_by) = match engine.item(&[Text { text: &text, format }]) {
        Ok(mut done) => (done.pop(), Vec::new()),
        Err(failed) => (None, failed.detectors),
    };
    let (spans, redacted) = match done {
        Some(done) => (spans(&text, &done.findings), Some(done.text)),
        None => (Vec::new(), None),
    };
    let start = written.len();
    if serde_json::to_writer(&mut *written, &Answer { id: line.id, spans, redacted, held_back_by }).is_err() {
        written.truncate(start);
        return Err("the answer cannot be written");
    }
    written.push(b'\n');
    Ok(())
}

/// A string, borrowed where it has no escapes.
#[derive(Deserialize)]
struct Unescaped<'a>(#[serde(borrow)] Cow<'a, str>);

fn spans(text: &str, findings: &[Finding]) -> Vec<Span> {
    let mut counted = 0;
    let mut points = 0;
    let mut place = |at: usize| {
        points += text[counted..at].chars().count();
        counted = at;
        points
    };
    let mut spans = Vec::with_capacity(findings.len());
    for finding in findings {
        let (start, end) = (place(finding.start), place(finding.end));
        // A link is found only for the user or the credentials in it.
        let label = if finding.kind == deidentify::Kind::Url { "URL_USER" } else { finding.kind.word() };
        spans.push(Span { start, end, label, detector: finding.detector, score: f32::from(finding.score) / 100.0 });
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;
    use deidentify::Dictionary;

    fn engine() -> Deidentifier {
        let people = directory(&br#"{"username": "iokafor", "display_name": "Ines Okafor"}"#[..]).unwrap();
        Deidentifier::new(&people, &Dictionary::default())
    }

    fn run_on(input: &str, jobs: usize, keep_going: bool) -> (Result<(), LinesError>, String, String) {
        let (mut output, mut problems) = (Vec::new(), Vec::new());
        let options = Options { format: Format::Text, jobs, keep_going };
        let done = run(&engine(), options, input.as_bytes(), &mut output, &mut problems);
        (done, String::from_utf8(output).unwrap(), String::from_utf8(problems).unwrap())
    }

    #[test]
    fn places_are_code_points() {
        let (done, output, _) = run_on("{\"id\": 7, \"text\": \"é😀 ask Ines Okafor\"}\n", 1, false);
        done.unwrap();
        assert_eq!(
            output,
            "{\"id\":7,\"spans\":[{\"start\":7,\"end\":18,\"label\":\"PERSON\",\"detector\":\"name.full\",\"score\":0.98}],\"redacted\":\"é😀 ask [PERSON_1]\"}\n"
        );
    }

    #[test]
    fn the_order_stays_whatever_the_number_of_jobs() {
        let line = |n: usize| format!("{{\"id\": {n}, \"text\": \"{}\"}}\n", "cc Ines Okafor. ".repeat(n % 200));
        let input: String = (0..400).map(line).collect();
        let (done, one, _) = run_on(&input, 1, false);
        done.unwrap();
        assert_eq!(one.lines().count(), 400);
        assert!(!one.contains("Okafor"));
        let (done, four, _) = run_on(&input, 4, false);
        done.unwrap();
        assert!(one == four);
    }

    #[test]
    fn a_broken_line_is_told_by_its_number() {
        let input = "{\"id\": 1, \"text\": \"a\"}\n\n{\"text\": 3}\nnot json\n{\"id\": 2, \"text\": \"b\"}";
        let (done, output, _) = run_on(input, 2, false);
        assert_eq!(done.unwrap_err().to_string(), "line 3: \"text\" is not a string");
        assert_eq!(output.lines().count(), 1);
        let (done, output, problems) = run_on(input, 2, true);
        assert_eq!(done.unwrap_err().to_string(), "2 line(s) could not be read and were skipped");
        assert_eq!(output.lines().count(), 2);
        assert_eq!(
            problems,
            "line 3: \"text\" is not a string; skipped\nline 4: expected {\"id\", \"text\"}; skipped\n"
        );
    }

    #[test]
    fn a_broken_directory_is_told_by_its_line() {
        let error = directory(&b"{\"username\": \"a\"}\n[1]"[..]).unwrap_err();
        assert_eq!(error.to_string(), "directory, line 2: expected {\"username\", \"display_name\", \"email\"}");
    }
}
