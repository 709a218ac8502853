//! The engines that are compared, each as its own documentation says to use it.

use std::error::Error;
use std::io::{BufRead, BufReader, Write};
use std::ops::Range;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use datafog_core::{ScanAndTransformConfig, TransformationConfig, TransformationStrategy};
use deidentify::{Deidentifier, Dictionary, Directory, Format, Text};
use redact_core::{AnalyzerEngine, AnonymizerConfig};
use serde::Deserialize;

pub trait Engine {
    fn name(&self) -> String;

    /// Finds and replaces; the length of what comes out.
    fn wash(&self, text: &str) -> usize;

    /// Byte ranges of what is found.
    fn find(&self, text: &str) -> Vec<Range<usize>>;

    /// How many texts it gave no answer to.
    fn refused(&self) -> usize {
        0
    }
}

pub struct Ours {
    engine: Deidentifier,
    people: usize,
    held_back: AtomicUsize,
}

impl Ours {
    pub fn new(directory: &Directory) -> Self {
        let engine = Deidentifier::new(directory, &Dictionary::default());
        Self { engine, people: directory.len(), held_back: AtomicUsize::new(0) }
    }
}

impl Engine for Ours {
    fn name(&self) -> String {
        match self.people {
            0 => "ours, no directory".into(),
            people => format!("ours, {people} people"),
        }
    }

    fn wash(&self, text: &str) -> usize {
        self.engine.item(&[Text { text, format: Format::Text }]).map_or(0, |done| done[0].text.len())
    }

    /// A text that is held back leaves nothing and counts as nothing found.
    fn find(&self, text: &str) -> Vec<Range<usize>> {
        match self.engine.item(&[Text { text, format: Format::Text }]) {
            Ok(done) => done[0].findings.iter().map(|finding| finding.start..finding.end).collect(),
            Err(_) => {
                self.held_back.fetch_add(1, Ordering::Relaxed);
                Vec::new()
            }
        }
    }

    fn refused(&self) -> usize {
        self.held_back.load(Ordering::Relaxed)
    }
}

pub struct RedactCore {
    engine: AnalyzerEngine,
    config: AnonymizerConfig,
}

impl RedactCore {
    pub fn new() -> Self {
        Self { engine: AnalyzerEngine::new(), config: AnonymizerConfig::default() }
    }
}

impl Engine for RedactCore {
    fn name(&self) -> String {
        "redact-core 0.12".into()
    }

    fn wash(&self, text: &str) -> usize {
        self.engine.anonymize(text, None, &self.config).map_or(0, |done| done.text.len())
    }

    fn find(&self, text: &str) -> Vec<Range<usize>> {
        let found = self.engine.analyze(text, None).map(|done| done.detected_entities).unwrap_or_default();
        found.iter().map(|entity| entity.start..entity.end).collect()
    }
}

pub struct DatafogCore {
    config: ScanAndTransformConfig,
}

impl DatafogCore {
    pub fn new() -> Self {
        let config = ScanAndTransformConfig::new(TransformationConfig::new(TransformationStrategy::Redact));
        Self { config }
    }
}

impl Engine for DatafogCore {
    fn name(&self) -> String {
        "datafog-core 1.0".into()
    }

    fn wash(&self, text: &str) -> usize {
        datafog_core::scan_and_transform(text, &self.config).map_or(0, |done| done.text.len())
    }

    fn find(&self, text: &str) -> Vec<Range<usize>> {
        let found = datafog_core::scan(text);
        found.iter().map(|finding| finding.byte_range.start..finding.byte_range.end).collect()
    }
}

/// What Presidio finds in one text, in code points, and the CPU seconds that it took.
#[derive(Debug, Deserialize)]
pub struct Answer {
    pub seconds: f64,
    pub spans: Vec<(usize, usize)>,
}

/// Asks Presidio by way of `presidio.py`; the answers stand in the order of the texts. The first line names the model.
pub fn presidio(python: &Path, texts: &[&str]) -> Result<(String, Vec<Answer>), Box<dyn Error>> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/presidio.py");
    let mut child = Command::new(python).arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let mut questions = child.stdin.take().ok_or("no way to ask")?;
    let mut answers = BufReader::new(child.stdout.take().ok_or("no way to answer")?).lines();
    let asked = texts.iter().map(serde_json::to_string).collect::<Result<Vec<_>, _>>()?.join("\n");
    let writer = thread::spawn(move || questions.write_all(asked.as_bytes()));
    let name = answers.next().ok_or("Presidio did not start")??;
    let answers =
        answers.map(|line| Ok(serde_json::from_str(&line?)?)).collect::<Result<Vec<Answer>, Box<dyn Error>>>()?;
    writer.join().map_err(|_| "asking failed")??;
    if !child.wait()?.success() || answers.len() != texts.len() {
        return Err("Presidio stopped early".into());
    }
    Ok((name, answers))
}
