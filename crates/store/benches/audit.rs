//! A log of a million entries in SQLite: verifying it beside bare SHA-256, and the first page of each documented search.
//! `cargo bench -p store`. It takes some minutes to write the log; the ratio is what to compare between machines.

#![allow(clippy::print_stdout, reason = "a bench says what it measured")]

use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};

use audit::{Action, ActorKind, Outcome, SigningKey, sha256};
use policy::Timestamp;
use service::Sluice;
use service::access::{OrgAuditor, Via, Who, org_admin};
use service::audit_log::{search, verify_log};
use service::ports::Clock;
use store::Database;

const ENTRIES: usize = 1_000_000;
const AT_ONCE: usize = 10_000;
const START: i64 = 1_780_000_000_000_000;
const SECOND: i64 = 1_000_000;

#[derive(Clone, Copy, Debug)]
struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(START)
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let url = format!("sqlite:{}", folder.path().join("sluice.db").display());
    let database = Database::open(&url, Arc::new(Still)).await?;
    database.migrate().await?;
    let sluice = Sluice {
        store: Arc::clone(&database.control_plane),
        catalogues: service::Catalogues::built_in()?,
        clock: Arc::new(Still),
        uploads: Default::default(),
        signer: Arc::new(SigningKey::of_seed("sluice", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")?),
        regions: Default::default(),
        master: Arc::new(service::vault::MasterKey::parse("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")?),
        engines: Default::default(),
        reading: Default::default(),
    };
    service::demo::seed(&sluice).await?;
    let account = sluice.store.account_by_email("sanne.de.wit@large.example").await?.ok_or("no account")?.0;
    let who = Who { account, via: Via::command_line() };
    let auditor = OrgAuditor::from(org_admin(sluice.store.as_ref(), who.clone(), "large").await?);
    let org = sluice.store.organisation("large").await?.ok_or("no organisation")?;

    let began = Instant::now();
    for from in (0..ENTRIES).step_by(AT_ONCE) {
        let entry = |number: usize| {
            let action = Action::ALL[number % Action::ALL.len()];
            let at = Timestamp::from_micros(START + i64::try_from(number).unwrap_or_default() * SECOND);
            let mut entry = who.did(at, action, "settings", &format!("change-{}", number % 1_000));
            entry.request = format!("9c1a4f0e-7d53-4a7b-9c1d-{number:012}");
            if !number.is_multiple_of(3) {
                entry.actor.id = format!("account-{}", number % 40);
                entry.actor.kind = ActorKind::Person;
            }
            if number.is_multiple_of(200_000) {
                entry.outcome = Outcome::Denied;
            }
            (org.id.clone(), entry)
        };
        sluice.store.append(&(from..from + AT_ONCE).map(entry).collect::<Vec<_>>()).await?;
    }
    println!("written in {:.0} s", began.elapsed().as_secs_f64());

    let mut bytes = Duration::ZERO;
    let mut after = 0;
    loop {
        let lines = sluice.store.audit_lines(&org.id, after, 1_000).await?;
        if lines.is_empty() {
            break;
        }
        let hashing = Instant::now();
        for line in lines.lines() {
            std::hint::black_box(sha256(line.as_bytes()));
            after += 1;
        }
        bytes += hashing.elapsed();
    }
    let verifying = Instant::now();
    let head = verify_log(&sluice, &org.id, Vec::new()).await?.outcome?;
    let verified = verifying.elapsed();
    let rate = |time: Duration| ENTRIES as f64 / time.as_secs_f64();
    println!("bare SHA-256            {:>10.0} entries/s", rate(bytes));
    println!("verified from database  {:>10.0} entries/s, {} entries", rate(verified), head.sequence);
    println!("ratio                   {:>10.2}", verified.as_secs_f64() / bytes.as_secs_f64());

    for query in [
        "",
        "actor:Sanne",
        "actor:support",
        "actor:system",
        "action:settings",
        "action:support",
        "action:key.revoke actor:Sanne",
        "resource:settings",
        "resource:settings:change-7",
        "resource:space:jira/WEB",
        "result:denied",
        "result:failed",
        "result:denied actor:person action:audit",
        "after:2026-06-01 before:2026-06-02",
        "before:2026-05-29 action:role.change",
        "resource:settings result:failed",
        "actor:person result:failed after:2026-05-29",
    ] {
        let asked = Instant::now();
        let found = search(&sluice, &auditor, query, i64::MAX, 50).await?.map_err(|faults| faults.join(" "))?;
        println!("{:>8.1} ms  {:>3} rows  {query}", asked.elapsed().as_secs_f64() * 1_000.0, found.rows.len());
    }
    Ok(())
}
