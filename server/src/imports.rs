//! `sluice ingest`: files of items, read in from the machine that runs Sluice.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command's answer goes to the terminal")]

use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;
use service::Sluice;
use service::access::Operator;
use service::imports::{Imported, import};

use crate::commands::CommandError;

#[derive(Args, Debug)]
pub(crate) struct IngestArgs {
    /// The organisation's slug.
    #[arg(long)]
    org: String,
    /// The same as a file without it.
    #[arg(long, value_name = "FILE")]
    jira: Vec<PathBuf>,
    /// Answers of a product's REST API (JSON), CSV exports of Jira, XML exports of a Confluence space (ZIP).
    #[arg(value_name = "FILE", required_unless_present = "jira")]
    files: Vec<PathBuf>,
}

impl IngestArgs {
    pub(crate) fn org(&self) -> &str {
        &self.org
    }
}

/// Reads the files in, one after the other.
///
/// # Errors
/// The first file that cannot be read or that the region does not take.
pub(crate) async fn ingest(sluice: &Sluice, operator: &Operator, args: &IngestArgs) -> Result<(), CommandError> {
    for file in args.jira.iter().chain(&args.files) {
        let bytes = std::fs::read(file).map_err(|error| CommandError::File { file: file.clone(), error })?;
        let began = Instant::now();
        let each = |done: &Imported| eprintln!("{}: {} of {}", file.display(), done.items, done.total);
        let done = import(sluice, operator, &name(file), &bytes, each).await;
        let done = done.map_err(|error| CommandError::Import { file: file.clone(), error })?;
        show(file, &done, began);
    }
    Ok(())
}

/// What the console calls a file: not where it is.
fn name(file: &Path) -> String {
    file.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn show(file: &Path, done: &Imported, began: Instant) {
    let seconds = began.elapsed().as_secs_f64();
    println!("{}: {} items, into the region {}", file.display(), done.items, done.region);
    println!("  contributed {}, partly {}, not {}", done.contributed, done.partly, done.not);
    if let Some(day) = &done.not_before {
        println!("  Nothing is stored before {day}.");
    }
    if done.held_back > 0 {
        println!("  held back by the proof pass {}", done.held_back);
    }
    for (kind, count) in &done.found {
        println!("  found and replaced  {kind:<20} {count}");
    }
    println!(
        "  {seconds:.1} s, {:.0} items/s",
        f64::from(u32::try_from(done.items).unwrap_or(u32::MAX)) / seconds.max(0.001)
    );
}
