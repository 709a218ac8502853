//! What the demo organisations have contributed: made-up work items, sent on past days through the gate that every item passes.
//!
//! No row is written past it. The clock stands on each of those days, the items are decided, washed, sealed and counted as any
//! others, and what was taken back was taken back by a change of settings and the job that follows from it.

use std::sync::Arc;

use deidentify::Export;
use policy::{Setting, Timestamp};
use serde_json::{Value, json};

use super::{SeedError, failed, neighbours, seeded};
use crate::Sluice;
use crate::access::{ReadsOrg as _, operator, org_admin};
use crate::ingest::{Arriving, Batch, batch, body_hash};
use crate::jobs::work_one;
use crate::ports::Clock;
use crate::releases::run;
use crate::settings::change::{Wish, change};
use crate::withdrawal::reconcile;

/// Organisations that have contributed.
const CONTRIBUTING: [&str; 3] = ["large", "standard", "free"];

/// On how many days before today.
const DAYS_AGO: [i64; 12] = [28, 27, 24, 22, 20, 17, 14, 13, 9, 6, 3, 1];

/// When the others contributed. After it the first release is made.
const NEIGHBOURS_DAYS_AGO: i64 = 2;

/// The organisation that took something back, so many days ago.
const TOOK_BACK: (&str, i64) = ("standard", 8);

const SPACES: [(&str, usize); 5] = [("WEB", 3), ("MOBILE", 2), ("OPS", 2), ("API", 1), ("HR", 1)];

#[derive(Debug)]
struct Standing(Timestamp);

impl Clock for Standing {
    fn now(&self) -> Timestamp {
        self.0
    }
}

/// Sends the demo's items and takes some of them back. Before the programme is in force nothing was contributed.
///
/// # Errors
/// When a region of the demo's organisations cannot be reached, or a store fails.
pub async fn contribute(sluice: &Sluice) -> Result<(), SeedError> {
    let today = Timestamp::parse(&sluice.now().day()).unwrap_or_else(|| sluice.now());
    let on = |days_ago: i64, hour: u64| {
        let at = today.plus_days(-days_ago).plus(std::time::Duration::from_secs(hour * 3_600));
        Sluice { clock: Arc::new(Standing(at)), ..sluice.clone() }
    };
    let in_force = |days_ago: i64| today.plus_days(-days_ago) >= sluice.catalogue().programme.in_force;
    let (taker, days_ago) = TOOK_BACK;
    for day in DAYS_AGO.into_iter().filter(|day| in_force(*day) && *day > days_ago) {
        contribute_on(&on(day, 9), day).await?;
    }
    if in_force(days_ago) {
        take_back(&on(days_ago, 10), taker).await?;
    }
    for day in DAYS_AGO.into_iter().filter(|day| in_force(*day) && *day < days_ago) {
        contribute_on(&on(day, 9), day).await?;
    }
    if in_force(NEIGHBOURS_DAYS_AGO) {
        neighbours::settle(sluice).await?;
        neighbours::contribute(&on(NEIGHBOURS_DAYS_AGO, 9)).await?;
        run::begin(sluice).await?;
        run::work_one(sluice, "demo").await?;
    }
    Ok(())
}

async fn contribute_on(sluice: &Sluice, day: i64) -> Result<(), SeedError> {
    for (at, slug) in CONTRIBUTING.into_iter().enumerate() {
        let operator = operator(sluice.store.as_ref(), slug).await.map_err(failed)?;
        let issues: Vec<Value> = issues(day, at).collect();
        let file = serde_json::to_vec(&json!({ "issues": issues })).map_err(failed)?;
        let items = Export::read(&file).map_err(failed)?.items().collect::<Result<Vec<_>, _>>().map_err(failed)?;
        let new = Batch {
            key: Some(format!("demo-{day}")),
            body_hash: body_hash(&file),
            arriving: items.into_iter().map(Arriving::Item).collect(),
            told_at: None,
            progress: None,
        };
        batch(sluice, &operator, new).await.map_err(failed)?;
    }
    Ok(())
}

/// An admin excludes a space, and what it had contributed is removed at once.
async fn take_back(sluice: &Sluice, slug: &str) -> Result<(), SeedError> {
    let accounts = sluice.store.all_accounts().await?;
    let account = accounts.iter().find(|account| account.email.ends_with(&format!("@{slug}.example")));
    let Some(account) = account else { return Ok(()) };
    let admin = org_admin(sluice.store.as_ref(), seeded(account), slug).await.map_err(failed)?;
    let hr = Setting::Space { app: "jira".to_owned(), key: "HR".to_owned() };
    change(sluice, &admin, &Wish::Set { to: Some(false), settings: vec![hr] }, i64::MAX).await.map_err(failed)?;
    let region = crate::regions::of(sluice, admin.org()).await.map_err(failed)?;
    reconcile(sluice, region, admin.org()).await.map_err(failed)?;
    while work_one(sluice, region, "demo").await.map_err(failed)? {}
    Ok(())
}

/// The items of a day: more of some spaces than of others, and other ones in each organisation.
fn issues(day: i64, org: usize) -> impl Iterator<Item = Value> {
    let turn = usize::try_from(day).unwrap_or_default() * 3 + org;
    let each = SPACES
        .into_iter()
        .flat_map(move |(space, share)| (0..(turn + share) % (share + 2)).map(move |one| (space, one)));
    each.enumerate().map(move |(at, (space, one))| {
        let number = day * 40 + i64::try_from(at).unwrap_or_default();
        let pick = turn + at + one;
        let (name, address) = PEOPLE.get(pick % PEOPLE.len()).copied().unwrap_or(("Ana Reis", "ana.reis@quay.example"));
        let what = WORK.get(pick % WORK.len()).copied().unwrap_or_default();
        let text = format!(
            "{what} {name} saw it first and can be reached at {address} or +31 20 555 {:04}. It came from 192.0.2.{}.",
            1_000 + pick % 9_000,
            pick % 250 + 1
        );
        json!({
            "id": format!("{}", 40_000 + number),
            "key": format!("{space}-{number}"),
            "fields": {
                "summary": what,
                "description": text,
                "project": { "key": space },
                "issuetype": { "name": if pick.is_multiple_of(3) { "Bug" } else { "Task" } },
                "priority": { "name": if pick.is_multiple_of(4) { "High" } else { "Medium" } },
                "status": { "name": "Done", "statusCategory": { "key": "done" } },
                "reporter": { "displayName": name, "emailAddress": address },
            },
        })
    })
}

/// People who are in no directory.
const PEOPLE: &[(&str, &str)] = &[
    ("Ana Reis", "ana.reis@quay.example"),
    ("Bram Oosting", "b.oosting@lock.example"),
    ("Cosima Vogt", "cosima@weir.example"),
    ("Dragan Petrov", "d.petrov@sluice.example"),
    ("Efua Mensah", "efua.mensah@harbour.example"),
];

const WORK: &[&str] = &[
    "The label printer at gate 4 skips every tenth label.",
    "Search finds an order by its old number only.",
    "The nightly import stops when a file is empty.",
    "Customers are asked twice for their address.",
    "The timetable shows yesterday's departures after midnight.",
    "A pallet that was scanned twice is counted twice.",
    "The invoice has the wrong currency after a refund.",
];
