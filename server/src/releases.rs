//! `sluice release`: makes a release of patterns, or goes on with the one that is under way, and says how far it is.

#![allow(clippy::print_stdout, reason = "a command's answer goes to standard output")]

use std::time::Duration;

use patterns::Score;
use service::Sluice;
use service::ports::StoreError;
use service::releases::run::{self, Obstacle, Run};
use service::releases::{self, ReleaseError, ReleaseView};
use thiserror::Error;
use uuid::Uuid;

/// How often it is said how far it is.
const EVERY: Duration = Duration::from_secs(1);

/// # Errors
/// Why none was made.
pub(crate) async fn release(sluice: &Sluice) -> Result<(), NoRelease> {
    if !run::begin(sluice).await? {
        println!("A release is under way already; this goes on with it.");
    }
    let worker = Uuid::now_v7().to_string();
    let telling = tokio::spawn(tell(sluice.clone()));
    let outcome = work(sluice, &worker).await;
    telling.abort();
    let run = outcome?;
    match run.version {
        Some(version) => print!("{}", said(&releases::release(sluice, version).await?.view)),
        None => {
            return Err(NoRelease::Ended { obstacle: run::obstacle(sluice, &run.period).await?, period: run.period });
        }
    }
    Ok(())
}

/// Why there is none. The text is for the terminal.
#[derive(Debug, Error)]
pub enum NoRelease {
    #[error("no release of {period} was made: {}", obstacle.map_or_else(|| "the run was ended".to_owned(), |of| of.to_string()))]
    Ended { period: String, obstacle: Option<Obstacle> },
    #[error(transparent)]
    Release(#[from] ReleaseError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Works until the run is finished, by this process or by a server that has it.
async fn work(sluice: &Sluice, worker: &str) -> Result<Run, StoreError> {
    loop {
        run::work_one(sluice, worker).await?;
        match sluice.store.runs(1).await?.pop() {
            Some(run) if run.finished_at.is_some() => return Ok(run),
            _ => tokio::time::sleep(EVERY).await,
        }
    }
}

async fn tell(sluice: Sluice) {
    let mut last = String::new();
    loop {
        tokio::time::sleep(EVERY).await;
        let Ok(Some(run)) = sluice.store.runs(1).await.map(|mut runs| runs.pop()) else { continue };
        let line = match run.progress.waits_for.as_slice() {
            [] => {
                format!("{}: {} of {} organisations", run.progress.step.name(), run.progress.done, run.progress.total)
            }
            regions => format!("Waiting for {}: a release is of all regions or none.", regions.join(", ")),
        };
        if line != last {
            println!("{line}");
            last = line;
        }
    }
}

fn said(release: &ReleaseView) -> String {
    let ReleaseView { version, period, organisations, report, rules, measure, .. } = release;
    let demonstration = if release.demonstration { " These are thresholds of a demonstration." } else { "" };
    format!(
        "Release {version} of {period}: {} of {} cells of {organisations} organisations are published; a cell has at least \
         {} organisations and {} people.{demonstration}\n\
         How often a suggestion is right, on items that were held back:\n{}{}{}",
        report.published,
        report.cells,
        rules.k_organisations,
        rules.k_people,
        right("Type", &measure.types),
        right("Priority", &measure.priorities),
        right("Time to resolve", &measure.durations),
    )
}

/// A line of the table that the page of patterns has too.
fn right(name: &str, score: &Score) -> String {
    let per_cent = |thousandths: Option<u16>| {
        thousandths.map_or("nothing suggested".to_owned(), |share| format!("{} %", (share + 5) / 10))
    };
    format!(
        "  {name:<16}{:>5}; always the most common value {:>5}; suggested for {} of {} items\n",
        per_cent(score.right_share()),
        per_cent(score.baseline_share()),
        score.suggested,
        score.items
    )
}
