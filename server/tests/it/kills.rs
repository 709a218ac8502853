//! Servers that are killed while programs send batches to them and withdrawals run: what was acknowledged is there once,
//! receipts are for what is gone, and what was written is in no file.

use std::collections::BTreeMap;
use std::fs::File;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use policy::{Kind, Setting};
use serde_json::Value;
use service::Sluice;
use service::access::OrgAdmin;
use service::data_plane::{Record, RecordFilter, Region};
use service::jobs::JobState;
use service::settings::change::{Confirmation, Wish, apply_review, change};
use service::vault;
use service::withdrawal::receipt;
use tempfile::TempDir;

use crate::crash::{Server, header, raw, sluice};
use crate::data_path::{
    ITEMS, ORG, PLANTED, batch, demo, files_of, has, keyed, kills, printed, some_of, switch, work_item,
};
use crate::database::{on_postgres, on_sqlite};
use crate::site::Site;

const ITEMS_IN_BATCH: usize = 20;
const SENDERS: usize = 3;

/// What a sender has to send, and what it was told of it.
#[derive(Clone, Debug)]
struct Sent {
    key: String,
    body: String,
    answer: Option<String>,
}

/// A place where servers run: its folder, its database, and a key for programs.
struct Place {
    folder: TempDir,
    url: String,
    sluice: Sluice,
    org_id: String,
    admin: OrgAdmin,
    key: String,
}

impl Place {
    async fn new(url: &str) -> Self {
        let folder = demo(url);
        let mut create = sluice(folder.path(), url, "key");
        create.args(["create", "--org", ORG, "--name", "Sender", "--scope", "ingest", "--days", "2"]);
        let key = printed(&mut create).trim().to_owned();
        let site = Site::open(url, false).await;
        let system = Sluice { clock: Arc::new(server::clock::SystemClock), ..site.sluice.clone() };
        let admin = site.org_admin(ORG).await;
        switch(&system, &admin, true).await;
        let org_id = site.snapshot(ORG).await.org.id;
        Self { folder, url: url.to_owned(), sluice: system, org_id, admin, key }
    }

    fn region(&self) -> &Region {
        self.sluice.regions.get("eu").unwrap()
    }

    fn serve(&self, log: &str) -> Server {
        let mut serve = sluice(self.folder.path(), &self.url, "serve");
        keyed(&mut serve);
        let log = File::options().create(true).append(true).open(self.folder.path().join(log)).unwrap();
        Server::of(serve.env("SLUICE_LOG", "debug").env("TMPDIR", self.folder.path()).stderr(Stdio::from(log)))
    }

    /// Sends a batch; its answer, if it was stored.
    fn send(&self, addr: SocketAddr, sent: &Sent) -> Option<String> {
        let Sent { key, body, .. } = sent;
        let answer = raw(
            addr,
            &format!(
                "POST {ITEMS} HTTP/1.1\r\nHost: {addr}\r\nConnection: close\r\nAuthorization: Bearer {}\r\n\
                 Idempotency-Key: {key}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
                self.key,
                body.len()
            ),
        )?;
        let said = answer.split_once("\r\n\r\n")?.1.to_owned();
        let whole = header(&answer, "content-length").is_some_and(|length| length == said.len().to_string());
        // A server that is overtaken by settings or whose database is busy says so; anything else is a fault.
        assert!(["HTTP/1.1 200", "HTTP/1.1 503"].iter().any(|status| answer.starts_with(status)), "{answer}");
        (whole && answer.starts_with("HTTP/1.1 200")).then_some(said)
    }

    /// Everyone sends what is not acknowledged, to whichever server answers, until all is or no server is left.
    fn send_all(&self, sent: &mut [Sent], to: &[SocketAddr], acknowledged: &AtomicUsize) {
        let some = sent.len().div_ceil(SENDERS).max(1);
        std::thread::scope(|scope| {
            for (sender, own) in sent.chunks_mut(some).enumerate() {
                scope.spawn(move || {
                    for one in own.iter_mut().filter(|one| one.answer.is_none()) {
                        let turns = to.iter().cycle().skip(sender).take(to.len() * 2);
                        one.answer = turns.map(|addr| self.send(*addr, one)).find_map(|answer| answer);
                        if one.answer.is_none() {
                            return;
                        }
                        acknowledged.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
        });
    }

    /// Excludes a space or takes it in again.
    async fn set_space(&self, space: &str, on: bool) {
        let wish =
            Wish::Set { to: Some(on), settings: vec![format!("space:jira/{space}").parse::<Setting>().unwrap()] };
        if !on {
            change(&self.sluice, &self.admin, &wish, i64::MAX).await.unwrap();
            return;
        }
        let version = self.sluice.store.snapshot(&self.org_id).await.unwrap().unwrap().version;
        let (reason, name) = ("They asked for it.".to_owned(), String::new());
        apply_review(&self.sluice, &self.admin, &wish, &Confirmation { version, reason, name, proved: true })
            .await
            .unwrap();
    }

    async fn records(&self) -> Vec<Record> {
        self.region().plane.records(&self.org_id, &RecordFilter::default(), None, 1_000_000).await.unwrap()
    }

    /// What must hold at any moment.
    async fn check(&self) {
        for withdrawal in self.region().plane.withdrawals(&self.org_id, 10_000).await.unwrap() {
            if let Some(note) = &withdrawal.receipt {
                let left = self.region().plane.left_to_withdraw(&self.org_id, &withdrawal.id).await.unwrap();
                assert_eq!(left, 0, "a receipt, and something is left");
                let receipt = receipt::check(note, self.sluice.signer.public()).unwrap();
                assert_eq!((receipt.records_left, receipt.records_removed), (0, withdrawal.removed));
            }
        }
        let everything = files_of(self.folder.path());
        for planted in PLANTED.into_iter().chain(["Login fails", "th time"]) {
            assert!(!has(&everything, planted), "{planted} is in a file");
        }
    }

    /// Waits until a server that runs has nothing more to do. A receipt stands before the log tells of it, so a withdrawal that
    /// is finished is not enough: its job has to be. That of a server that was killed is taken over after its lease.
    async fn settled(&self) {
        let (plane, began) = (&self.region().plane, Instant::now());
        loop {
            let version = self.sluice.store.snapshot(&self.org_id).await.unwrap().unwrap().version;
            let acted_on = plane.standing(&self.org_id).await.unwrap().version == version;
            let jobs = plane.jobs(&self.org_id, 10_000).await.unwrap();
            if acted_on && jobs.iter().all(|job| job.state == JobState::Done) {
                assert!(
                    plane.open_withdrawals(Some(&self.org_id)).await.unwrap().is_empty(),
                    "no job for a withdrawal"
                );
                return;
            }
            assert!(began.elapsed() < Duration::from_secs(150), "a job does not end");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Every item is there once, as far as it may be; every sum fits; every withdrawal has one receipt and one line in the log.
    async fn counts(&self, items: &BTreeMap<usize, bool>) {
        assert!(has(&files_of(self.folder.path()), "/api/v1/orgs"), "a search of the files finds what is there");
        let all = self.records().await;
        let keys = vault::all(self.region(), self.sluice.master.as_ref(), &self.org_id).await.unwrap();
        let key = keys.values().next_back().unwrap();
        let mut expected: Vec<(String, Kind)> = Vec::new();
        for (id, stays) in items {
            let item = key.item("jira", &id.to_string());
            expected.push((item.clone(), Kind::Metadata));
            expected.extend(stays.then_some((item, Kind::InApp)));
        }
        expected.sort();
        let mut there: Vec<_> = all.iter().map(|record| (record.place.item.clone(), record.place.kind)).collect();
        there.sort();
        assert!(there == expected, "{} stand of {}", there.len(), expected.len());
        assert!(all.iter().all(|record| keys[&record.generation].open(&record.place, &record.sealed).is_ok()));

        let plane = &self.region().plane;
        let ledger = plane.ledger(&self.org_id, "2000-01-01", "9999-12-31").await.unwrap();
        let (put, removed) = ledger.iter().fold((0, 0), |sum, line| (sum.0 + line.items, sum.1 + line.removed));
        assert_eq!(put - removed, i64::try_from(all.len()).unwrap(), "nothing is counted twice");
        let withdrawals = plane.withdrawals(&self.org_id, 10_000).await.unwrap();
        assert_eq!(removed, withdrawals.iter().map(|withdrawal| withdrawal.removed).sum::<i64>());
        let log = self.sluice.store.audit_lines(&self.org_id, 0, u32::MAX).await.unwrap();
        for withdrawal in &withdrawals {
            let lines = log.lines().filter(|line| line.contains("data.withdraw") && line.contains(&withdrawal.id));
            assert_eq!((withdrawal.receipt.is_some(), lines.count()), (true, 1), "{}", withdrawal.id);
        }
    }
}

/// Batches of items of two spaces, from a number on.
fn batches(from: usize, count: usize) -> Vec<Sent> {
    let one = |number: usize| {
        let items = (0..ITEMS_IN_BATCH).map(|at| {
            let id = from + number * ITEMS_IN_BATCH + at;
            let mut item = work_item(id);
            item["fields"]["project"]["key"] = Value::from(space_of(id));
            item
        });
        Sent { key: format!("batch-{from}-{number}"), body: batch(items), answer: None }
    };
    (0..count).map(one).collect()
}

fn space_of(id: usize) -> &'static str {
    if id.is_multiple_of(2) { "WEB" } else { "OPS" }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_killed_loses_and_doubles_nothing_on_sqlite() {
    on_sqlite(a_server_that_is_killed_loses_and_doubles_nothing).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_killed_loses_and_doubles_nothing_on_postgres() {
    on_postgres(a_server_that_is_killed_loses_and_doubles_nothing).await;
}

const BATCHES: usize = 12;

/// Rounds of batches and a space that is excluded among them; the server is killed at any moment, started again, and sent
/// again what it did not acknowledge.
async fn a_server_that_is_killed_loses_and_doubles_nothing(url: String) {
    let place = Place::new(&url).await;
    // Whether an item's in-app data stays.
    let mut items = BTreeMap::new();
    let (mut killed, mut whole) = (0, Duration::from_secs(2));
    for round in 0.. {
        if killed >= kills() {
            break;
        }
        place.set_space("OPS", true).await;
        let from = 1 + round * BATCHES * ITEMS_IN_BATCH;
        let mut sent = batches(from, BATCHES);
        let mut excluded = false;
        while sent.iter().any(|one| one.answer.is_none()) {
            let server = place.serve("log.txt");
            let addrs = [server.addr];
            let acknowledged = AtomicUsize::new(0);
            let began = Instant::now();
            let killer = std::thread::spawn(move || {
                std::thread::sleep(some_of(whole));
                drop(server);
            });
            tokio::task::block_in_place(|| place.send_all(&mut sent, &addrs, &acknowledged));
            if round == 0 && sent.iter().all(|one| one.answer.is_some()) {
                whole = began.elapsed().max(Duration::from_millis(500));
            }
            if !excluded && sent.iter().any(|one| one.answer.is_some()) {
                place.set_space("OPS", false).await;
                excluded = true;
            }
            killer.join().unwrap();
            killed += 1;
            place.check().await;
        }
        items.extend((from..from + BATCHES * ITEMS_IN_BATCH).map(|id| (id, space_of(id) == "WEB")));
        // Killed once more while what is excluded goes.
        let server = place.serve("log.txt");
        tokio::time::sleep(some_of(Duration::from_millis(1_500))).await;
        drop(server);
        killed += 1;
        place.check().await;
        let server = place.serve("log.txt");
        for one in &sent {
            assert_eq!(place.send(server.addr, one), one.answer, "what comes again is answered as before");
        }
        place.settled().await;
        drop(server);
        place.counts(&items).await;
        place.check().await;
    }
}

/// Two servers share a database, programs and jobs; one is killed in the middle, the other finishes.
#[tokio::test(flavor = "multi_thread")]
async fn of_two_servers_one_finishes_on_postgres() {
    on_postgres(of_two_servers_one_finishes).await;
}

const OF_BOTH: usize = 40;

async fn of_two_servers_one_finishes(url: String) {
    let place = Place::new(&url).await;
    let (one, other) = (place.serve("one.txt"), place.serve("other.txt"));
    let addrs = [one.addr, other.addr];
    let mut sent = batches(1, OF_BOTH);
    let acknowledged = AtomicUsize::new(0);
    // A new key is a job of many steps.
    let mut renew = sluice(place.folder.path(), &place.url, "data-key");
    keyed(renew.args(["renew", "--org", ORG]));
    let (first, second) = sent.split_at_mut(OF_BOTH / 4);
    tokio::task::block_in_place(|| place.send_all(first, &addrs, &acknowledged));
    assert_eq!(acknowledged.load(Ordering::Relaxed), OF_BOTH / 4);
    printed(&mut renew);
    place.set_space("OPS", false).await;
    tokio::task::block_in_place(|| {
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while acknowledged.load(Ordering::Relaxed) < OF_BOTH / 2 {
                    std::thread::sleep(Duration::from_millis(1));
                }
                drop(one);
            });
            place.send_all(second, &addrs, &acknowledged);
        });
    });
    assert!(sent.iter().all(|one| one.answer.is_some()), "the other one takes what the first one did not");
    place.set_space("MOBILE", false).await;
    place.settled().await;
    let items = (1..=OF_BOTH * ITEMS_IN_BATCH).map(|id| (id, space_of(id) == "WEB")).collect();
    place.counts(&items).await;
    place.check().await;
    for log in ["one.txt", "other.txt"] {
        assert!(batches_in(&place.folder.path().join(log)) > 0, "{log} took a part");
    }
    drop(other);
}

/// How many batches a server's log tells of.
fn batches_in(log: &Path) -> usize {
    std::fs::read_to_string(log).unwrap().lines().filter(|line| line.contains("a batch was stored")).count()
}
