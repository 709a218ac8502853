//! Storing 200 batches of 1,000 items in SQLite, two records of 600 bytes each, and taking everything back.
//! `cargo bench -p store --bench data_plane`; with `--profile dev` it shows whether something is out of all proportion.

#![allow(clippy::print_stdout, reason = "a bench says what it measured")]

use std::collections::BTreeMap;
use std::error::Error;
use std::time::Instant;

use policy::{Kind, Timestamp};
use service::data_plane::{NewBatch, NewRecord, Place, RecordFilter, Standing, Stored, Write};
use service::jobs::{NewJob, Task};
use service::withdrawal::{Cause, Withdrawal};
use store::DataPlaneDatabase;

const BATCHES: usize = 200;
const ITEMS: usize = 1_000;
const ORG: &str = "01989f3e-0000-7000-8000-000000000001";

/// As a hash looks: neighbours in time are nowhere near each other.
fn hash(number: usize) -> String {
    let mixed = (number as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    format!("{mixed:016x}{:016x}{number:032x}", mixed.rotate_left(31))
}

fn writes(batch: usize) -> Vec<Write> {
    let record = |item: usize, kind: Kind| {
        Write::Put(NewRecord {
            place: Place { item: hash(item), part: String::new(), kind },
            app: "jira".to_owned(),
            space: format!("SPACE{}", item % 40),
            author: String::new(),
            sealed: hash(item).into_bytes().repeat(10)[..600].to_vec(),
            generation: 1,
            digest: hash(item + 1),
            fields: 6,
            found: BTreeMap::from([("email".to_owned(), 2), ("name".to_owned(), 3)]),
        })
    };
    let items = batch * ITEMS..(batch + 1) * ITEMS;
    items.flat_map(|item| Kind::ALL.map(|kind| record(item, kind))).collect()
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("region.db");
    let plane = DataPlaneDatabase::open(&format!("sqlite:{}", file.display()))?.plane;
    let at = |batch: usize| Timestamp::from_micros(1_795_000_000_000_000 + i64::try_from(batch).unwrap_or_default());
    let records = (BATCHES * ITEMS * 2) as f64;
    let said = |what: &str, began: Instant| {
        let seconds = began.elapsed().as_secs_f64();
        println!("{what:<12} {:>8.0} records/s  {seconds:>6.1} s", records / seconds);
    };
    for round in ["stored", "the same"] {
        let began = Instant::now();
        for batch in 0..BATCHES {
            let (key, writes) = (format!("{round} {batch}"), writes(batch));
            let new = NewBatch {
                key: Some(&key),
                body_hash: "hash",
                answer: "answer",
                seen: Standing::default(),
                version: 1,
                catalogue: "2026-08",
                at: at(batch),
                day: "2026-11-21",
                writes: &writes,
                told: &[],
                progress: None,
            };
            match plane.store_batch(ORG, &new).await? {
                Stored::Done(_) => {}
                other => return Err(format!("{other:?}").into()),
            }
        }
        said(round, began);
    }
    println!("the file has {} MB", std::fs::metadata(&file)?.len() / 1_000_000);
    let filter = RecordFilter { app: Some("jira".to_owned()), space: Some("SPACE7".to_owned()), ..Default::default() };
    for (what, filter) in [("newest 50", RecordFilter::default()), ("of a space", filter)] {
        let began = Instant::now();
        let found = plane.records(ORG, &filter, None, 50).await?;
        println!("{what:<12} {:>8.1} ms, {} rows", began.elapsed().as_secs_f64() * 1_000.0, found.len());
    }
    let began = Instant::now();
    let groups = plane.held(ORG).await?.len();
    println!("held         {:>8.1} ms, {groups} groups", began.elapsed().as_secs_f64() * 1_000.0);

    let withdrawal = Withdrawal {
        id: "w".to_owned(),
        cause: Cause::Setting,
        because: "For the bench.".to_owned(),
        version: 2,
        epoch: 0,
        whole: true,
        groups: Vec::new(),
        stored_before: None,
        key_generation: 0,
        since: at(0),
        due_in_app: at(0),
        due: at(0),
        total: 0,
        removed: 0,
        finished_at: None,
        receipt: None,
    };
    let job =
        NewJob { id: "w".to_owned(), task: Task::Withdraw, subject: String::new(), total: 0, at: at(0), worker: None };
    plane.begin_withdrawals(ORG, Standing::default(), &plane.held(ORG).await?, 2, &[(withdrawal, job)]).await?;
    let began = Instant::now();
    while plane.withdraw_some(ORG, "w", "2026-11-21", 1_000).await? > 0 {}
    said("withdrawn", began);
    Ok(())
}
