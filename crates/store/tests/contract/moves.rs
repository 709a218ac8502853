//! An organisation moves to another region: everything arrives, nothing is left, and at no moment is anything lost, kept too
//! long or kept twice.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use policy::{Kind, Setting, Timestamp};
use service::access::ReadsOrg as _;
use service::data_plane::{History, Place, Record, RecordFilter, Region, Regions, Standing};
use service::ingest::{Arriving, HOURS, IngestError, ItemOutcome};
use service::jobs::{JobState, Task, renew_key, work_one};
use service::ledger::{self, Period};
use service::moves::{self, MoveError};
use service::releases::run;
use service::settings::change::{Confirmation, Wish, apply_review};
use service::vault::{self, VaultError};
use service::withdrawal::Cause;
use service::withdrawal::receipt::{self, Receipt};
use service::withdrawal::reconcile_all;
use store::{DataPlaneDatabase, KeyDatabase};

use crate::console::{Console, setting};
use crate::data_path::{arriving, machine, opened, send, work_item};
use crate::webhooks::{issue, made, say, told};

const ORG: &str = "enterprise";

/// The demo with two regions, each in a database of its own.
async fn two_regions(url: &str) -> Console {
    let mut console = Console::demo(url).await;
    if url.starts_with("postgres") {
        let other = format!("{url}_us");
        let name = other.rsplit_once('/').unwrap().1;
        console.database.execute_raw(format!("CREATE DATABASE {name}").leak()).await.unwrap();
        with(&mut console, at("us", &other));
    }
    let admin = console.admin(ORG).await;
    for kind in Kind::ALL {
        let wish = Wish::Set { to: Some(true), settings: vec![Setting::Organisation(kind)] };
        let (reason, name) = ("The contract says so.".to_owned(), admin.org().name.clone());
        let confirmation = Confirmation { version: console.snapshot(ORG).await.version, reason, name, proved: true };
        apply_review(&console.sluice, &admin, &wish, &confirmation).await.unwrap();
    }
    console
}

/// Takes away what the test's own clean-up does not know of.
async fn close(console: &Console, url: &str) {
    if url.starts_with("postgres") {
        let name = url.rsplit_once('/').unwrap().1;
        console.database.execute_raw(format!("DROP DATABASE {name}_us WITH (FORCE)").leak()).await.unwrap();
    }
}

fn at(id: &str, url: &str) -> Region {
    Region {
        id: id.to_owned(),
        plane: DataPlaneDatabase::open(url).unwrap().plane,
        keys: KeyDatabase::open(url).unwrap().keys,
    }
}

fn with(console: &mut Console, region: Region) {
    let mut regions: BTreeMap<String, Region> = (*console.sluice.regions.0).clone();
    regions.insert(region.id.clone(), region);
    console.sluice.regions = Regions(Arc::new(regions));
}

fn region<'a>(console: &'a Console, id: &str) -> &'a Region {
    console.sluice.regions.get(id).unwrap()
}

async fn seed(console: &Console) {
    let many: Vec<String> = (1..=300).map(|number| work_item(number, "WEB", "Login fails")).collect();
    send(console, ORG, "one", arriving(&many)).await.unwrap();
    console.clock.pass_minutes(60 * 24);
    let more: Vec<String> = (290..=320).map(|number| work_item(number, "OPS", "Disk is full")).collect();
    send(console, ORG, "two", arriving(&more)).await.unwrap();
    // A space that is excluded leaves a withdrawal with its receipt behind.
    send(console, ORG, "three", arriving(&[work_item(500, "HR", "Quiet")])).await.unwrap();
    console.set(&console.admin(ORG).await, Some(false), &setting("space:jira/HR")).await.unwrap();
    settle(console).await;
}

/// Both regions do what is due, as a server does.
async fn settle(console: &Console) {
    for id in ["eu", "us"] {
        let region = region(console, id);
        moves::take_up(&console.sluice, region).await.unwrap();
        reconcile_all(&console.sluice, region, true).await.unwrap();
        while work_one(&console.sluice, region, "worker").await.unwrap() {}
    }
}

/// A worker that is killed has its job for a while.
fn wait(console: &Console) {
    console.clock.pass_minutes(2);
}

async fn records(console: &Console, id: &str) -> Vec<Record> {
    let org = console.org(ORG).await;
    region(console, id).plane.records(&org.id, &RecordFilter::default(), None, 10_000).await.unwrap()
}

async fn history(console: &Console, id: &str) -> History {
    region(console, id).plane.history(&console.org(ORG).await.id).await.unwrap()
}

async fn csv(console: &Console) -> String {
    let period = Period::parse("2026-01-01", "2026-12-31", console.sluice.now()).unwrap();
    ledger::read(&console.sluice, &machine(console, ORG).await, period).await.unwrap().csv()
}

/// Everything of a region but what is sealed, which differs by the key.
fn plain(records: Vec<Record>) -> Vec<Record> {
    records.into_iter().map(|record| Record { sealed: Vec::new(), generation: 0, ..record }).collect()
}

async fn residence(console: &Console) -> String {
    console.sluice.store.residence(&console.org(ORG).await.id).await.unwrap().unwrap()
}

async fn count(console: &Console, action: &str) -> usize {
    console.log(ORG).await.matches(&format!("\"action\":\"{action}\"")).count()
}

/// Nothing is left in the source but what says that it was there, and the receipt of that holds.
async fn is_moved(console: &Console) -> Receipt {
    let org = console.org(ORG).await;
    assert_eq!(residence(console).await, "us");
    assert!(records(console, "eu").await.is_empty());
    assert!(history(console, "eu").await.is_empty());
    let source = region(console, "eu");
    assert!(source.keys.keys(&org.id).await.unwrap().iter().all(|key| key.wrapped.is_none()));
    assert!(source.plane.jobs(&org.id, 10).await.unwrap().iter().all(|job| job.state == JobState::Done));
    let told = region(console, "us").plane.jobs(&org.id, 10).await.unwrap();
    assert_eq!(told.iter().filter(|job| job.task == Task::Move).count(), 1, "{told:?}");
    assert!(console.sluice.store.open_move(&org.id).await.unwrap().is_none());
    assert_eq!((count(console, "organisation.move").await, count(console, "organisation.moved").await), (1, 1));
    let receipts = history(console, "us").await.withdrawals.len();
    assert_eq!(count(console, "data.withdraw").await, receipts, "each has its line, and none has two");
    let moved: Vec<Receipt> = history(console, "us")
        .await
        .withdrawals
        .iter()
        .map(|kept| receipt::check(kept.receipt.as_deref().unwrap(), console.sluice.signer.public()).unwrap())
        .filter(|receipt| receipt.cause == "moved")
        .collect();
    let [receipt] = &moved[..] else { panic!("{moved:?}") };
    assert_eq!((receipt.region.as_str(), receipt.records_left), ("eu", 0));
    receipt.clone()
}

pub(crate) async fn a_move_takes_everything_along(url: String) {
    let console = two_regions(&url).await;
    seed(&console).await;
    let org = console.org(ORG).await;
    run::begin(&console.sluice).await.unwrap();
    assert!(run::work_one(&console.sluice, "worker").await.unwrap());
    assert_eq!(console.sluice.store.releases_with(&org.id).await.unwrap(), [1]);
    let hook = made(&console, &console.admin(ORG).await).await;
    let changed = |ago: i64| {
        let at = console.sluice.now().micros() / 1_000 - ago;
        told(at, "jira:issue_updated", &format!("\"issue\": {}", issue(1_000, 0)))
    };
    let told_first = changed(1);
    let answer = say(&console, ORG, &hook, &told_first).await.unwrap().unwrap();
    let (before, told, ledger) = (records(&console, "eu").await, history(&console, "eu").await, csv(&console).await);
    assert!(before.len() > 600 && told.withdrawals.len() == 1, "{}", before.len());
    assert_eq!((told.batches.len(), told.heard.len()), (4, 1));
    let master = console.sluice.master.as_ref();
    let old = vault::all(region(&console, "eu"), master, &org.id).await.unwrap().remove(&1).unwrap();
    let mut texts: Vec<Vec<u8>> = before.iter().map(|of| old.open(&of.place, &of.sealed).unwrap()).collect();

    let operator = machine(&console, ORG).await;
    let begun = moves::begin(&console.sluice, &operator, "us").await.unwrap();
    assert_eq!(moves::begin(&console.sluice, &operator, "us").await.unwrap(), begun, "it goes on with it");
    assert!(matches!(
        moves::begin(&console.sluice, &operator, "au").await,
        Err(MoveError::NoRegion(..) | MoveError::Moving(_))
    ));
    let refused = send(&console, ORG, "meanwhile", arriving(&[work_item(1, "WEB", "Changed")])).await;
    assert!(matches!(refused, Err(IngestError::Moving)), "{refused:?}");
    assert!(renew_key(&console.sluice, &operator).await.is_err());
    settle(&console).await;

    let receipt = is_moved(&console).await;
    assert_eq!(receipt.records_removed, i64::try_from(before.len()).unwrap());
    assert_eq!(receipt.keys_destroyed, [1]);
    assert!(receipt.patterns_affected.is_empty(), "nothing was taken back from anyone");
    assert_eq!(console.sluice.store.releases(None, 1).await.unwrap()[0].withdrawn, 0);
    assert_eq!(csv(&console).await, ledger);
    let kept = history(&console, "us").await;
    assert_eq!((&kept.found, &kept.batches, &kept.heard), (&told.found, &told.batches, &told.heard));
    assert!(kept.withdrawals.contains(&told.withdrawals[0]), "former receipts stay within reach");
    let after = records(&console, "us").await;
    assert_eq!(plain(after.clone()), plain(before.clone()));
    let new = vault::all(region(&console, "us"), master, &org.id).await.unwrap().remove(&2).unwrap();
    let mut now: Vec<Vec<u8>> = after.iter().map(|of| new.open(&of.place, &of.sealed).unwrap()).collect();
    texts.sort();
    now.sort();
    assert_eq!(now, texts);
    assert!(before.iter().all(|of| matches!(new.open(&of.place, &of.sealed), Err(VaultError::Sealed))));

    // What is there is found again: a repetition, a change and a deletion by the source's id.
    let one = work_item(1, "WEB", "Login fails");
    send(&console, ORG, "one more", arriving(std::slice::from_ref(&one))).await.unwrap();
    assert_eq!(csv(&console).await, ledger, "the same again changes nothing");
    assert_eq!(say(&console, ORG, &hook, &told_first).await.unwrap(), Some(answer));
    let late = say(&console, ORG, &hook, &changed(2)).await.unwrap().unwrap();
    assert_eq!(late.items[0].outcome, ItemOutcome::Outdated, "what was heard came along");
    let gone = Arriving::Gone { app: "jira".to_owned(), id: "2".to_owned() };
    send(&console, ORG, "gone", vec![gone]).await.unwrap();
    assert_eq!(records(&console, "us").await.len(), after.len() - 2);
    assert_eq!(opened(&console, ORG).await.len(), 50);
    // An admin's change is acted on where the data is now.
    console.set(&console.admin(ORG).await, Some(false), &setting("space:jira/OPS")).await.unwrap();
    settle(&console).await;
    let open = region(&console, "us").plane.open_withdrawals(None).await.unwrap();
    assert!(open.is_empty());
    assert_eq!(history(&console, "us").await.withdrawals.len(), 3);
    close(&console, &url).await;
}

pub(crate) async fn an_organisation_moves_away_and_back(url: String) {
    let console = two_regions(&url).await;
    seed(&console).await;
    let (before, ledger) = (plain(records(&console, "eu").await), csv(&console).await);
    let operator = machine(&console, ORG).await;
    assert!(matches!(moves::begin(&console.sluice, &operator, "eu").await, Err(MoveError::There(_))));
    assert!(matches!(moves::begin(&console.sluice, &operator, "moon").await, Err(MoveError::NoRegion(..))));
    for to in ["us", "eu"] {
        moves::begin(&console.sluice, &operator, to).await.unwrap();
        settle(&console).await;
        settle(&console).await;
        assert_eq!(residence(&console).await, to);
        assert_eq!(csv(&console).await, ledger);
    }
    assert_eq!(plain(records(&console, "eu").await), before);
    assert!(records(&console, "us").await.is_empty());
    assert_eq!(history(&console, "eu").await.withdrawals.len(), 3);
    send(&console, ORG, "back", arriving(&[work_item(1, "WEB", "Login fails")])).await.unwrap();
    assert_eq!(csv(&console).await, ledger);
    close(&console, &url).await;
}

/// A region whose database is that of the other one would be emptied of what it had just taken over.
pub(crate) async fn a_region_that_is_not_empty_is_moved_into_by_nobody(url: String) {
    let mut console = two_regions(&url).await;
    seed(&console).await;
    let (us, eu) = (region(&console, "us").clone(), region(&console, "eu").clone());
    let operator = machine(&console, ORG).await;
    for (plane, keys) in [(&eu.plane, &us.keys), (&us.plane, &eu.keys)] {
        with(&mut console, Region { id: "us".to_owned(), plane: Arc::clone(plane), keys: Arc::clone(keys) });
        assert!(matches!(moves::begin(&console.sluice, &operator, "us").await, Err(MoveError::NotEmpty(_))));
    }
    assert!(console.sluice.store.open_move(&console.org(ORG).await.id).await.unwrap().is_none());
    send(&console, ORG, "after", arriving(&[work_item(1, "WEB", "Changed")])).await.unwrap();
    close(&console, &url).await;
}

/// Runs something until it has waited so often, and drops it there: a kill at any moment at which it waits for anything.
pub(crate) async fn until<T>(work: impl Future<Output = T>, waits: usize) -> Option<T> {
    let mut work = pin!(work);
    let mut left = waits;
    std::future::poll_fn(|context| match work.as_mut().poll(context) {
        Poll::Ready(done) => Poll::Ready(Some(done)),
        Poll::Pending if left == 0 => Poll::Ready(None),
        Poll::Pending => {
            left -= 1;
            Poll::Pending
        }
    })
    .await
}

/// Killed again and again, each time a little later, a move comes to its end with nothing lost and nothing twice.
pub(crate) async fn a_move_that_is_killed_anywhere_goes_on(url: String) {
    let console = two_regions(&url).await;
    seed(&console).await;
    let (before, ledger) = (plain(records(&console, "eu").await), csv(&console).await);
    let operator = machine(&console, ORG).await;
    let mut kills = 0;
    // Also before it has its job.
    let mut waits = 0;
    while until(moves::begin(&console.sluice, &operator, "us"), waits).await.is_none() {
        (kills, waits) = (kills + 1, waits + 3);
    }
    let source = region(&console, "eu");
    let worker = |kills: usize| format!("worker {kills}");
    let mut waits = 0;
    while console.sluice.store.open_move(&console.org(ORG).await.id).await.unwrap().is_some() {
        moves::take_up(&console.sluice, source).await.unwrap();
        until(work_one(&console.sluice, source, &worker(kills)), waits).await.transpose().unwrap();
        (kills, waits) = (kills + 1, waits + 1 + waits / 6);
        wait(&console);
        let live = residence(&console).await;
        assert!(plain(records(&console, &live).await) == before, "after {waits} waits everything is in {live}");
        assert_eq!(csv(&console).await, ledger, "after {waits} waits");
    }
    assert!(kills > 30, "only {kills} kills");
    settle(&console).await;
    is_moved(&console).await;
    close(&console, &url).await;
}

pub(crate) async fn a_target_that_is_down_is_waited_for(url: String) {
    let mut console = two_regions(&url).await;
    seed(&console).await;
    let operator = machine(&console, ORG).await;
    let up = region(&console, "us").clone();
    let down = at("us", "sqlite:/dev/null/us.db");
    with(&mut console, down.clone());
    assert!(moves::begin(&console.sluice, &operator, "us").await.is_err(), "nothing begins that cannot go on");
    send(&console, ORG, "still", arriving(&[work_item(1, "WEB", "Changed")])).await.unwrap();
    let ledger = csv(&console).await;

    with(&mut console, up.clone());
    moves::begin(&console.sluice, &operator, "us").await.unwrap();
    with(&mut console, down);
    let source = region(&console, "eu").clone();
    for _ in 0..40 {
        while work_one(&console.sluice, &source, "worker").await.unwrap() {}
        wait(&console);
    }
    assert_eq!((residence(&console).await.as_str(), csv(&console).await), ("eu", ledger.clone()));
    assert!(matches!(send(&console, ORG, "no", arriving(&[work_item(9, "WEB", "x")])).await, Err(IngestError::Moving)));
    // What is taken back goes at once; its receipt has to wait until no copy of it can be anywhere.
    console.set(&console.admin(ORG).await, Some(false), &setting("space:jira/OPS")).await.unwrap();
    while work_one(&console.sluice, &source, "worker").await.unwrap() {}
    let held = source.plane.held(&console.org(ORG).await.id).await.unwrap();
    assert!(held.iter().all(|held| held.group.space != "OPS" || held.group.kind == Kind::Metadata), "{held:?}");
    assert_eq!(source.plane.open_withdrawals(None).await.unwrap().len(), 1);

    with(&mut console, up);
    wait(&console);
    settle(&console).await;
    is_moved(&console).await;
    assert_eq!(history(&console, "us").await.withdrawals.len(), 3);
    close(&console, &url).await;
}

pub(crate) async fn what_is_taken_back_early_in_a_move_is_gone(url: String) {
    taken_back(&url, false, false).await;
}

pub(crate) async fn what_is_taken_back_late_in_a_move_is_gone(url: String) {
    taken_back(&url, true, false).await;
}

pub(crate) async fn when_everything_is_taken_back_in_a_move_no_key_is_left(url: String) {
    taken_back(&url, true, true).await;
}

/// A move is killed before or after copies stand in the target, and an admin takes something back before it goes on: it is gone from both regions in
/// the end, with a receipt.
async fn taken_back(url: &str, copied: bool, whole: bool) {
    let console = two_regions(url).await;
    seed(&console).await;
    let org = console.org(ORG).await;
    let (source, target) = (region(&console, "eu"), region(&console, "us"));
    moves::begin(&console.sluice, &machine(&console, ORG).await, "us").await.unwrap();
    if copied {
        // It goes on only while nothing stands there, so it is always killed as early as that.
        let mut work = pin!(work_one(&console.sluice, source, "killed"));
        while target.plane.held(&org.id).await.unwrap().is_empty() {
            let polled = std::future::poll_fn(|context| Poll::Ready(work.as_mut().poll(context).is_ready())).await;
            assert!(!polled, "the move is over");
        }
    } else {
        until(work_one(&console.sluice, source, "killed"), 12).await;
    }
    wait(&console);
    assert_eq!(residence(&console).await, "eu", "it was killed too late to be of use");
    assert_eq!(!records(&console, "us").await.is_empty(), copied, "copies stand in the target already");
    let admin = console.admin(ORG).await;
    if whole {
        for kind in Kind::ALL {
            console.set(&admin, Some(false), &Setting::Organisation(kind)).await.unwrap();
        }
    } else {
        console.set(&admin, Some(false), &setting("space:jira/WEB")).await.unwrap();
    }
    settle(&console).await;
    let left = records(&console, "us").await;
    assert!(left.iter().all(|of| !whole && (of.space != "WEB" || of.place.kind == Kind::Metadata)), "{}", left.len());
    assert_eq!(left.is_empty(), whole);
    let keys = target.keys.keys(&org.id).await.unwrap();
    assert_eq!(keys.iter().any(|key| key.wrapped.is_some()), !whole, "{keys:?}");
    let kept = history(&console, "us").await;
    let receipts = kept.withdrawals.iter().filter(|kept| kept.cause == Cause::Setting).count();
    assert_eq!(receipts, 2, "that of before the move, and this one");
    is_moved(&console).await;
    close(&console, url).await;
}

/// Whatever was decided before a move began is stored before it or refused, and never left behind.
pub(crate) async fn batches_and_a_move_at_once_lose_nothing(url: String) {
    let console = two_regions(&url).await;
    seed(&console).await;
    let senders = (0..4).map(|sender| {
        let console = console.clone();
        tokio::spawn(async move {
            let mut acknowledged = Vec::new();
            for turn in 0..12 {
                let id = 1_000 + sender * 100 + turn;
                let sent = arriving(&[work_item(id, "WEB", "At once")]);
                match send(&console, ORG, &format!("at once {id}"), sent).await {
                    Ok(_) => acknowledged.push(id),
                    Err(IngestError::Moving | IngestError::Overtaken) => {}
                    Err(error) => panic!("{error}"),
                }
            }
            acknowledged
        })
    });
    let senders: Vec<_> = senders.collect();
    tokio::time::sleep(std::time::Duration::from_millis(40)).await;
    moves::begin(&console.sluice, &machine(&console, ORG).await, "us").await.unwrap();
    settle(&console).await;
    let mut acknowledged = Vec::new();
    for sender in senders {
        acknowledged.extend(sender.await.unwrap());
    }
    is_moved(&console).await;
    let keys = vault::all(region(&console, "us"), console.sluice.master.as_ref(), &console.org(ORG).await.id).await;
    let key = keys.unwrap().into_values().next_back().unwrap();
    let there = records(&console, "us").await;
    for id in acknowledged {
        let item = key.item("jira", &id.to_string());
        assert_eq!(there.iter().filter(|record| record.place.item == item).count(), 2, "{id}");
    }
    let held: i64 = i64::try_from(there.len()).unwrap();
    let counted: i64 = history(&console, "us").await.ledger.iter().map(|line| line.items - line.removed).sum();
    assert_eq!(held, counted);
    close(&console, &url).await;
}

/// A region forgets answers every minute, also those of an organisation that moves.
pub(crate) async fn what_expires_during_a_move_does_not_stop_it(url: String) {
    let console = two_regions(&url).await;
    seed(&console).await;
    // The first batch is older than an answer is kept.
    wait(&console);
    moves::begin(&console.sluice, &machine(&console, ORG).await, "us").await.unwrap();
    let (source, target) = (region(&console, "eu"), region(&console, "us"));
    let expired = Timestamp::from_micros(console.sluice.now().micros() - HOURS * 3_600_000_000);
    let forget = async || loop {
        target.plane.forget_batches(expired).await.unwrap();
        tokio::task::yield_now().await;
    };
    tokio::select! {
        worked = work_one(&console.sluice, source, "worker") => assert!(worked.unwrap()),
        () = forget() => {}
    }
    is_moved(&console).await;
    assert_eq!(history(&console, "us").await.batches.len(), 2);
    close(&console, &url).await;
}

/// A move looks again only at what has no receipt, so the line of the audit log comes first.
pub(crate) async fn no_receipt_is_kept_without_its_line(url: String) {
    let console = two_regions(&url).await;
    seed(&console).await;
    let source = region(&console, "eu");
    moves::begin(&console.sluice, &machine(&console, ORG).await, "us").await.unwrap();
    console.set(&console.admin(ORG).await, Some(false), &setting("space:jira/OPS")).await.unwrap();
    console.database.execute_raw("ALTER TABLE audit_resources RENAME TO elsewhere").await.unwrap();
    assert!(work_one(&console.sluice, source, "worker").await.unwrap());
    let open = source.plane.open_withdrawals(None).await.unwrap();
    assert!(open.len() == 1 && open[0].1.receipt.is_none(), "{open:?}");
    assert_eq!(source.plane.left_to_withdraw(&open[0].0, &open[0].1.id).await.unwrap(), 0, "it came as far as that");
    console.database.execute_raw("ALTER TABLE elsewhere RENAME TO audit_resources").await.unwrap();
    wait(&console);
    settle(&console).await;
    is_moved(&console).await;
    close(&console, &url).await;
}

/// Copies are written by the worker that came last, and by nobody else.
pub(crate) async fn copies_stand_between_two_records(url: String) {
    let plane = DataPlaneDatabase::open(&url).unwrap().plane;
    let (org, kind) = ("org-a", Kind::InApp);
    let copy = |minute: i64, item: &str| Record {
        place: Place { item: item.to_owned(), part: String::new(), kind },
        app: "jira".to_owned(),
        author: "a hash".to_owned(),
        space: "WEB".to_owned(),
        sealed: b"sealed".to_vec(),
        generation: 3,
        digest: item.to_owned(),
        version: 5,
        catalogue: "2026-08".to_owned(),
        stored_at: Timestamp::from_micros(minute * 60_000_000),
    };
    let read = async || plane.records(org, &RecordFilter::default(), None, 100).await.unwrap();
    let seen = plane.advance(org, Standing { version: 9, epoch: 4 }).await.unwrap();
    assert_eq!((seen.version, seen.epoch), (9, 5));
    let newest_first = [copy(3, "c"), copy(3, "b"), copy(2, "x"), copy(1, "a")];
    assert!(plane.copy_records(org, seen, None, None, &newest_first).await.unwrap());
    assert_eq!(read().await, newest_first);
    // Between two of them, the upper one not included.
    let (upper, lower) =
        ((newest_first[0].stored_at, &newest_first[0].place), (newest_first[2].stored_at, &newest_first[2].place));
    assert!(plane.copy_records(org, seen, Some(upper), Some(lower), &[copy(2, "y")]).await.unwrap());
    let now = [copy(3, "c"), copy(2, "y"), copy(1, "a")];
    assert_eq!(read().await, now);
    let later = plane.advance(org, Standing::default()).await.unwrap();
    assert!(!plane.copy_records(org, seen, None, None, &[]).await.unwrap());
    assert!(!plane.keep_history(org, seen, &History::default()).await.unwrap());
    assert_eq!(read().await, now);
    assert!(plane.history(org).await.unwrap().is_empty(), "copies are counted nowhere");
    assert_eq!((later.version, later.epoch), (9, 6));
}
