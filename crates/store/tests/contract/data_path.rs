//! The data path from arrival to receipt, through the use cases: what is kept, what is taken back, and what shows it.

use deidentify::item;
use policy::{Kind, Setting};
use service::access::{Operator, operator};
use service::contributed::{self, ContributedError, Opened};
use service::data_plane::{RecordFilter, Region};
use service::ingest::{Answer, Arriving, Batch, IngestError, ItemOutcome, batch, body_hash};
use service::jobs::{renew_key, work_one};
use service::preview::{self, Outgoing, PreviewError};
use service::vault::{self, VaultError};
use service::withdrawal::receipt::{self, Receipt};
use service::withdrawal::{Withdrawal, reconcile_all};

use crate::console::{Console, setting};

const PURPOSE: &str = "own-review";

pub(crate) fn work_item(number: u32, space: &str, summary: &str) -> String {
    serde_json::json!({
        "id": number.to_string(),
        "key": format!("{space}-{number}"),
        "fields": {
            "summary": summary,
            "description": format!("Ines Okafor wrote to zed{number}@example.org about it."),
            "issuetype": { "name": "Bug" },
            "priority": { "name": "High" },
            "project": { "key": space, "projectTypeKey": "software" },
            "reporter": { "displayName": "Ines Okafor", "accountId": "5b10ac8d82e05b22cc7d4ef5" },
        }
    })
    .to_string()
}

pub(crate) fn arriving(texts: &[String]) -> Vec<Arriving> {
    texts.iter().map(|text| Arriving::Item(item(text).unwrap())).collect()
}

pub(crate) async fn send(
    console: &Console,
    slug: &str,
    key: &str,
    arriving: Vec<Arriving>,
) -> Result<Answer, IngestError> {
    let cap = operator(console.sluice.store.as_ref(), slug).await.unwrap();
    let body_hash = body_hash(format!("{arriving:?}").as_bytes());
    batch(
        &console.sluice,
        &cap,
        Batch { key: Some(key.to_owned()), body_hash, arriving, told_at: None, progress: None },
    )
    .await
}

pub(crate) async fn machine(console: &Console, slug: &str) -> Operator {
    operator(console.sluice.store.as_ref(), slug).await.unwrap()
}

pub(crate) async fn opened(console: &Console, slug: &str) -> Vec<Opened> {
    let cap = machine(console, slug).await;
    contributed::records(&console.sluice, &cap, PURPOSE, &RecordFilter::default(), None, 50).await.unwrap()
}

/// Everything that is to be done is done.
async fn settle(console: &Console) {
    let region = console.region();
    reconcile_all(&console.sluice, region, true).await.unwrap();
    while work_one(&console.sluice, region, "worker").await.unwrap() {}
}

async fn withdrawals(console: &Console, slug: &str) -> Vec<(Withdrawal, Receipt)> {
    let org = console.org(slug).await;
    let all = console.region().plane.withdrawals(&org.id, 50).await.unwrap();
    let public = console.sluice.signer.public();
    all.into_iter()
        .map(|withdrawal| {
            let receipt = receipt::check(withdrawal.receipt.as_deref().unwrap(), public).unwrap();
            (withdrawal, receipt)
        })
        .collect()
}

async fn kept(region: &Region, org_id: &str) -> Vec<(String, Kind, i64)> {
    let held = region.plane.held(org_id).await.unwrap();
    held.into_iter().map(|held| (held.group.space, held.group.kind, held.records)).collect()
}

pub(crate) async fn what_is_kept_is_what_the_preview_shows(url: String) {
    let console = Console::demo(&url).await;
    let texts = [work_item(1, "WEB", "Login fails for Ines"), work_item(2, "OPS", "Disk full on 10.0.4.17")];
    let answer = send(&console, "free", "one", arriving(&texts)).await.unwrap();
    assert_eq!(answer.items.iter().map(|item| item.outcome).collect::<Vec<_>>(), [ItemOutcome::Contributed; 2]);
    assert_eq!(answer.items[0].item, "WEB-1");
    assert_eq!(answer.items[0].found["email"], 1);
    assert_eq!(answer.decisions.len(), 2, "each reason once: {:?}", answer.decisions);

    let mut shown = Vec::new();
    let cap = machine(&console, "free").await;
    let file = format!("[{}]", texts.join(","));
    let each = |item: &preview::PreviewItem| -> Result<(), PreviewError> {
        let outgoing = Outgoing::from(item);
        shown.push(serde_json::to_string(&outgoing.leaves.metadata).unwrap());
        shown.push(serde_json::to_string(&outgoing.leaves.in_app).unwrap());
        Ok(())
    };
    preview::every_item(&console.sluice, &cap, file.as_bytes(), each).await.unwrap();

    let org = console.org("free").await;
    let region = console.region();
    let key = vault::all(region, console.sluice.master.as_ref(), &org.id).await.unwrap().remove(&1).unwrap();
    let records = region.plane.records(&org.id, &RecordFilter::default(), None, 50).await.unwrap();
    let mut stored: Vec<String> = records
        .iter()
        .map(|record| String::from_utf8(key.open(&record.place, &record.sealed).unwrap()).unwrap())
        .collect();
    stored.sort();
    shown.sort();
    assert_eq!(stored, shown, "byte for byte");
    assert!(stored.iter().all(|text| !text.contains("Okafor") && !text.contains("example.org")), "{stored:?}");

    let today = console.sluice.now().day();
    let lines = region.plane.ledger(&org.id, &today, &today).await.unwrap();
    assert_eq!(lines.iter().map(|line| line.items).sum::<i64>(), 4);
    let found = region.plane.ledger_found(&org.id, &today, &today).await.unwrap();
    let told: i64 = answer.items.iter().flat_map(|item| item.found.values()).sum();
    assert_eq!(found.iter().map(|line| line.count).sum::<i64>(), told);
}

pub(crate) async fn a_batch_is_done_once(url: String) {
    let console = Console::demo(&url).await;
    let one = arriving(&[work_item(1, "WEB", "Login fails")]);
    let answer = send(&console, "free", "one", one.clone()).await.unwrap();
    assert_eq!(send(&console, "free", "one", one.clone()).await.unwrap(), answer);
    let other = arriving(&[work_item(2, "WEB", "Another")]);
    assert!(matches!(send(&console, "free", "one", other).await, Err(IngestError::AnotherBatch)));
    // The same item under another key changes nothing either.
    send(&console, "free", "two", one).await.unwrap();
    let (org, today) = (console.org("free").await, console.sluice.now().day());
    let lines = console.region().plane.ledger(&org.id, &today, &today).await.unwrap();
    assert_eq!(lines.iter().map(|line| line.items).sum::<i64>(), 2);
    assert_eq!(opened(&console, "free").await.len(), 2);
}

pub(crate) async fn what_changes_takes_the_place_of_what_was(url: String) {
    let console = Console::demo(&url).await;
    let text = |summary: &str| arriving(&[work_item(1, "WEB", summary)]);
    send(&console, "free", "1", text("Before")).await.unwrap();
    send(&console, "free", "2", text("After")).await.unwrap();
    let values: Vec<String> = opened(&console, "free")
        .await
        .into_iter()
        .flat_map(|opened| opened.fields)
        .filter(|field| field.field == "summary")
        .flat_map(|field| field.values)
        .collect();
    assert_eq!(values, ["After"]);
    let gone = Arriving::Gone { app: "jira".to_owned(), id: "1".to_owned() };
    let answer = send(&console, "free", "3", vec![gone]).await.unwrap();
    assert_eq!(answer.items[0].outcome, ItemOutcome::Removed);
    assert!(opened(&console, "free").await.is_empty());
    send(&console, "free", "4", arriving(&[work_item(2, "WEB", "x"), work_item(3, "OPS", "y")])).await.unwrap();
    let gone = Arriving::SpaceGone { app: "jira".to_owned(), space: "WEB".to_owned() };
    send(&console, "free", "5", vec![gone]).await.unwrap();
    let left = kept(console.region(), &console.org("free").await.id).await;
    assert!(left.iter().all(|(space, ..)| space == "OPS") && left.len() == 2, "{left:?}");
}

pub(crate) async fn turning_off_takes_back_what_left(url: String) {
    let console = Console::demo(&url).await;
    send(&console, "free", "1", arriving(&[work_item(1, "WEB", "x"), work_item(2, "OPS", "y")])).await.unwrap();
    settle(&console).await;
    assert!(withdrawals(&console, "free").await.is_empty(), "nothing has to go while it may stay");

    let admin = console.admin("free").await;
    console.clock.pass_minutes(60);
    console.set(&admin, Some(false), &Setting::Organisation(Kind::InApp)).await.unwrap();
    let changed_at = console.sluice.now();
    console.clock.pass_minutes(5);
    settle(&console).await;
    let all = withdrawals(&console, "free").await;
    let [(withdrawal, receipt)] = &all[..] else { panic!("{all:?}") };
    assert_eq!((withdrawal.since, withdrawal.due_in_app), (changed_at, changed_at.plus_days(30)));
    assert_eq!((withdrawal.total, withdrawal.removed, withdrawal.whole), (2, 2, false));
    assert_eq!(receipt.change, Some(console.snapshot("free").await.version));
    assert_eq!((receipt.records_removed, receipt.records_left), (2, 0));
    assert!(receipt.removed.iter().all(|removed| removed.kind == "in-app" && removed.records == 1));
    assert!(receipt.keys_destroyed.is_empty(), "metadata stays, and needs its key");
    let org = console.org("free").await;
    let left = kept(console.region(), &org.id).await;
    assert!(left.iter().all(|(_, kind, _)| *kind == Kind::Metadata) && left.len() == 2, "{left:?}");
    assert!(console.log("free").await.contains("data.withdraw"));

    // Again is no second time.
    settle(&console).await;
    assert_eq!(withdrawals(&console, "free").await.len(), 1);
    // What comes now is metadata only, and says why.
    let answer = send(&console, "free", "2", arriving(&[work_item(3, "WEB", "z")])).await.unwrap();
    assert_eq!(answer.items[0].outcome, ItemOutcome::Partly);
    let off = answer.decisions.iter().find(|decision| decision.kind == "in-app").unwrap();
    assert!(!off.contributes && !off.because.is_empty());
    // A forged receipt is none.
    let note = withdrawal.receipt.clone().unwrap().replace("\"records_removed\": 2", "\"records_removed\": 9");
    assert!(receipt::check(&note, console.sluice.signer.public()).is_err());
}

pub(crate) async fn when_nothing_is_to_stay_the_key_goes_too(url: String) {
    let console = Console::demo(&url).await;
    let admin = console.admin("enterprise").await;
    console.set(&admin, Some(false), &Setting::Organisation(Kind::InApp)).await.unwrap();
    send(&console, "enterprise", "1", arriving(&[work_item(1, "WEB", "x")])).await.unwrap();
    let org = console.org("enterprise").await;
    let region = console.region();
    let before = region.plane.records(&org.id, &RecordFilter::default(), None, 50).await.unwrap();
    let [record] = &before[..] else { panic!("{before:?}") };
    let old_key = vault::all(region, console.sluice.master.as_ref(), &org.id).await.unwrap().remove(&1).unwrap();
    assert!(old_key.open(&record.place, &record.sealed).is_ok());

    console.set(&admin, Some(false), &Setting::Organisation(Kind::Metadata)).await.unwrap();
    settle(&console).await;
    let all = withdrawals(&console, "enterprise").await;
    let [(withdrawal, receipt)] = &all[..] else { panic!("{all:?}") };
    assert!(withdrawal.whole);
    assert_eq!((receipt.records_left, &receipt.keys_destroyed[..]), (0, &[1][..]));
    assert!(kept(region, &org.id).await.is_empty());
    // A copy of the record from before is of no use: there is no key.
    assert!(vault::all(region, console.sluice.master.as_ref(), &org.id).await.unwrap().is_empty());
    assert!(region.keys.keys(&org.id).await.unwrap()[0].wrapped.is_none());
    let new_key = vault::current(region, console.sluice.master.as_ref(), &org.id, console.sluice.now()).await.unwrap();
    assert_eq!(new_key.generation, 2);
    assert!(matches!(new_key.open(&record.place, &record.sealed), Err(VaultError::Sealed)));
}

pub(crate) async fn an_excluded_space_goes_and_the_others_stay(url: String) {
    let console = Console::demo(&url).await;
    let admin = console.admin("free").await;
    let space = console.snapshot("free").await.spaces.into_iter().find(|space| space.app == "jira").unwrap().key;
    send(&console, "free", "1", arriving(&[work_item(1, &space, "x"), work_item(2, "OTHER", "y")])).await.unwrap();
    console.set(&admin, Some(false), &setting(&format!("space:jira/{space}"))).await.unwrap();
    settle(&console).await;
    let left = kept(console.region(), &console.org("free").await.id).await;
    let expected =
        |(of, kind, _): &(String, Kind, i64)| *kind == Kind::Metadata || (*of == "OTHER" && *kind == Kind::InApp);
    assert!(left.iter().all(expected) && left.len() == 3, "{left:?}");
    // An item that moves into it takes its text along out of the store.
    send(&console, "free", "2", arriving(&[work_item(2, &space, "y")])).await.unwrap();
    let left = kept(console.region(), &console.org("free").await.id).await;
    assert!(left.iter().all(|(_, kind, _)| *kind == Kind::Metadata), "{left:?}");
}

pub(crate) async fn a_new_key_seals_everything_anew(url: String) {
    let console = Console::demo(&url).await;
    send(&console, "free", "1", arriving(&[work_item(1, "WEB", "x"), work_item(2, "OPS", "y")])).await.unwrap();
    let cap = machine(&console, "free").await;
    assert_eq!(renew_key(&console.sluice, &cap).await.unwrap(), 2);
    settle(&console).await;
    let all = opened(&console, "free").await;
    assert_eq!(all.len(), 4);
    assert!(all.iter().all(|opened| opened.record.generation == 2));
    let org = console.org("free").await;
    let keys = console.region().keys.keys(&org.id).await.unwrap();
    assert!(keys[0].destroyed_at.is_some() && keys[1].destroyed_at.is_none());
    // An item that comes again is the same item.
    send(&console, "free", "2", arriving(&[work_item(1, "WEB", "changed")])).await.unwrap();
    assert_eq!(opened(&console, "free").await.len(), 4);
}

pub(crate) async fn contributed_data_is_read_for_a_purpose(url: String) {
    let console = Console::demo(&url).await;
    send(&console, "free", "1", arriving(&[work_item(1, "WEB", "x")])).await.unwrap();
    let cap = machine(&console, "free").await;
    let none = contributed::records(&console.sluice, &cap, "curiosity", &RecordFilter::default(), None, 50).await;
    assert!(matches!(none, Err(ContributedError::NoPurpose)));
    assert!(!console.log("free").await.contains("data.read"));
    assert_eq!(opened(&console, "free").await.len(), 2);
    let log = console.log("free").await;
    assert!(log.contains("data.read") && log.contains(PURPOSE), "{log}");
}
