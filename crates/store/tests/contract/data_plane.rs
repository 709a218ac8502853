//! A region's data: batches that are stored whole or not at all, and withdrawals that remove what they are about.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use policy::{Kind, Timestamp};
use service::data_plane::{
    Counted, DataPlane, EVERY_PART, Effect, Group, Heard, KeptPart, Mark, NewBatch, NewRecord, Place, Record,
    RecordFilter, Standing, Stored, Told, Write,
};
use service::jobs::{Job, JobState, NewJob, Task};
use service::withdrawal::{Cause, Withdrawal, WithdrawnGroup};
use store::{DataPlaneDatabase, Database, KeyDatabase};

use crate::database::FakeClock;
use crate::key_store::in_files;
use crate::moves::until;

const ORG: &str = "org-a";
const OTHER: &str = "org-b";
const DAY: &str = "2026-11-21";
const NEW: Standing = Standing { version: 0, epoch: 0 };

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros(1_795_000_000_000_000 + seconds * 1_000_000)
}

fn place(item: &str, part: &str, kind: Kind) -> Place {
    Place { item: item.to_owned(), part: part.to_owned(), kind }
}

fn new(item: &str, part: &str, space: &str, content: &str) -> NewRecord {
    NewRecord {
        place: place(item, part, Kind::InApp),
        app: "jira".to_owned(),
        space: space.to_owned(),
        author: String::new(),
        sealed: format!("sealed {content}").into_bytes(),
        generation: 1,
        digest: content.to_owned(),
        fields: 2,
        found: BTreeMap::from([("email".to_owned(), 3)]),
    }
}

fn put(item: &str, space: &str, content: &str) -> Write {
    Write::Put(new(item, "", space, content))
}

fn batch<'a>(key: &'a str, seen: Standing, writes: &'a [Write]) -> NewBatch<'a> {
    NewBatch {
        key: Some(key),
        body_hash: key,
        answer: "the answer",
        seen,
        version: 7,
        catalogue: "2026-08",
        at: at(0),
        day: DAY,
        writes,
        told: &[],
        progress: None,
    }
}

async fn store(plane: &dyn DataPlane, key: &str, seen: Standing, writes: &[Write]) -> Effect {
    done(plane.store_batch(ORG, &batch(key, seen, writes)).await.unwrap())
}

fn done(stored: Stored) -> Effect {
    match stored {
        Stored::Done(effect) => effect,
        other => panic!("{other:?}"),
    }
}

fn effect(put: i64, same: i64, removed: i64) -> Effect {
    Effect { put, same, removed }
}

async fn all(plane: &dyn DataPlane, org: &str) -> Vec<Record> {
    plane.records(org, &RecordFilter::default(), None, 10_000).await.unwrap()
}

/// Which content stands at which item and part.
async fn contents(plane: &dyn DataPlane) -> BTreeSet<(String, String, String)> {
    all(plane, ORG).await.into_iter().map(|record| (record.place.item, record.place.part, record.digest)).collect()
}

fn triples(of: &[(&str, &str, &str)]) -> BTreeSet<(String, String, String)> {
    of.iter().map(|(item, part, content)| ((*item).into(), (*part).into(), (*content).into())).collect()
}

/// Space, version, items, fields and removed of each line.
async fn ledger(plane: &dyn DataPlane) -> Vec<(String, i64, i64, i64, i64)> {
    let lines = plane.ledger(ORG, "2026-01-01", "2026-12-31").await.unwrap();
    lines.into_iter().map(|line| (line.group.space, line.version, line.items, line.fields, line.removed)).collect()
}

fn group(space: &str) -> Group {
    Group { app: "jira".to_owned(), space: space.to_owned(), kind: Kind::InApp }
}

fn withdrawal(id: &str, groups: &[&str]) -> (Withdrawal, NewJob) {
    let groups = groups.iter().map(|space| WithdrawnGroup { group: group(space), total: 5, removed: 0 });
    let withdrawal = Withdrawal {
        id: id.to_owned(),
        cause: Cause::Setting,
        because: "Excluded by an admin.".to_owned(),
        version: 8,
        epoch: 0,
        whole: false,
        groups: groups.collect(),
        stored_before: None,
        key_generation: 0,
        since: at(0),
        due_in_app: at(10),
        due: at(100),
        total: 5,
        removed: 0,
        finished_at: None,
        receipt: None,
    };
    (withdrawal, job(id, Task::Withdraw))
}

fn job(id: &str, task: Task) -> NewJob {
    NewJob { id: id.to_owned(), task, subject: "something".to_owned(), total: 5, at: at(0), worker: None }
}

async fn open(url: &str) -> DataPlaneDatabase {
    DataPlaneDatabase::open(url).unwrap()
}

pub(crate) async fn a_batch_is_stored_once(url: String) {
    let plane = open(&url).await.plane;
    assert_eq!(plane.standing(ORG).await.unwrap(), NEW);
    assert!(plane.standings().await.unwrap().is_empty());
    let writes = [put("i1", "WEB", "a"), put("i2", "WEB", "b")];
    assert_eq!(store(&*plane, "k", NEW, &writes).await, effect(2, 0, 0));
    let again = plane.store_batch(ORG, &batch("k", NEW, &writes)).await.unwrap();
    assert_eq!(again, Stored::Before("the answer".to_owned()));
    let another = NewBatch { body_hash: "another", ..batch("k", NEW, &writes) };
    assert_eq!(plane.store_batch(ORG, &another).await.unwrap(), Stored::Another);
    assert_eq!(plane.batch(ORG, "k").await.unwrap(), Some(("k".to_owned(), "the answer".to_owned())));
    assert_eq!(plane.batch(OTHER, "k").await.unwrap(), None);
    assert_eq!(ledger(&*plane).await, [("WEB".to_owned(), 7, 2, 4, 0)]);
    assert_eq!(plane.standings().await.unwrap(), BTreeMap::from([(ORG.to_owned(), NEW)]));

    let record = &all(&*plane, ORG).await[0];
    let expected = Record {
        place: place("i2", "", Kind::InApp),
        app: "jira".to_owned(),
        space: "WEB".to_owned(),
        author: String::new(),
        sealed: b"sealed b".to_vec(),
        generation: 1,
        digest: "b".to_owned(),
        version: 7,
        catalogue: "2026-08".to_owned(),
        stored_at: at(0),
    };
    assert_eq!(*record, expected);
    // The key is another organisation's own.
    assert_eq!(done(plane.store_batch(OTHER, &batch("k", NEW, &writes)).await.unwrap()), effect(2, 0, 0));

    plane.forget_batches(at(0)).await.unwrap();
    assert!(plane.batch(ORG, "k").await.unwrap().is_some());
    plane.forget_batches(at(1)).await.unwrap();
    assert!(plane.batch(ORG, "k").await.unwrap().is_none());
    // Before what was forgotten is known again, the standing is looked at.
    assert!(plane.begin_withdrawals(ORG, NEW, &plane.held(ORG).await.unwrap(), 3, &[]).await.unwrap());
    assert_eq!(plane.store_batch(ORG, &batch("k", NEW, &writes)).await.unwrap(), Stored::Overtaken);
    assert_eq!(plane.batch(ORG, "k").await.unwrap(), None);
}

pub(crate) async fn writes_are_done_in_their_order(url: String) {
    let plane = &*open(&url).await.plane;
    let part = |part: &str, content: &str| Write::Put(new("i1", part, "WEB", content));
    let first = [put("i1", "WEB", "a"), part("c1", "x"), part("c2", "y"), put("i2", "WEB", "a"), put("i3", "OPS", "a")];
    assert_eq!(store(plane, "1", NEW, &first).await, effect(5, 0, 0));
    // The same, something changed, something twice, and something that was never stored in between.
    let second = [
        put("i2", "WEB", "a"),
        put("i1", "WEB", "old"),
        put("i1", "WEB", "b"),
        put("i9", "WEB", "z"),
        Write::Remove(place("i9", "", Kind::InApp)),
        Write::Remove(place("i8", "", Kind::InApp)),
        Write::RemoveParts("i1".to_owned()),
        part("c2", "y"),
    ];
    assert_eq!(store(plane, "2", NEW, &second).await, effect(1, 2, 1));
    let standing = [("i1", "", "b"), ("i1", "c2", "y"), ("i2", "", "a"), ("i3", "", "a")];
    assert_eq!(contents(plane).await, triples(&standing));
    // Another generation of the key is stored again, and a record that moves leaves one space for another.
    let resealed = Write::Put(NewRecord { generation: 2, ..new("i2", "", "WEB", "a") });
    assert_eq!(store(plane, "3", NEW, &[resealed, put("i3", "WEB", "a")]).await, effect(2, 0, 1));
    assert_eq!(ledger(plane).await, [("OPS".to_owned(), 7, 1, 2, 1), ("WEB".to_owned(), 7, 7, 14, 1)]);
    let found = plane.ledger_found(ORG, DAY, DAY).await.unwrap();
    let found: Vec<_> = found.iter().map(|line| (&*line.space, &*line.kind, line.count)).collect();
    assert_eq!(found, [("OPS", "email", 3), ("WEB", "email", 21)]);
    assert!(plane.ledger(ORG, "2026-11-22", "2026-12-31").await.unwrap().is_empty());

    // A whole space goes, and what comes after it stays; what is removed is counted where it had been contributed.
    let fourth = [
        put("i4", "WEB", "new"),
        Write::RemoveSpace { app: "jira".to_owned(), space: "WEB".to_owned() },
        put("i5", "WEB", "new"),
    ];
    let fourth = NewBatch { version: 8, day: "2026-11-22", ..batch("4", NEW, &fourth) };
    assert_eq!(done(plane.store_batch(ORG, &fourth).await.unwrap()), effect(2, 0, 5));
    assert_eq!(contents(plane).await, triples(&[("i5", "", "new")]));
    let removed: Vec<_> = plane.ledger(ORG, "2026-11-22", "2026-11-22").await.unwrap();
    let removed: Vec<_> = removed.iter().map(|line| (line.version, line.items, line.removed)).collect();
    assert_eq!(removed, [(7, 0, 4), (8, 2, 1)]);
    assert_eq!(store(plane, "5", NEW, &[Write::RemoveItem("i5".to_owned())]).await, effect(0, 0, 1));
    assert!(plane.held(ORG).await.unwrap().is_empty());
}

/// Random writes leave what the same writes leave in a map, whether they come in one batch or in several.
pub(crate) async fn random_writes_end_as_in_a_map(url: String) {
    let plane = &*open(&url).await.plane;
    let mut seed = 0x5DEE_CE66_D1CE_4E5B_u64;
    let mut any = |below: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    let mut model: BTreeMap<(String, String), (String, String)> = BTreeMap::new();
    let mut sum = Effect::default();
    for turn in 0..40 {
        let mut writes = Vec::new();
        for _ in 0..any(30) {
            let (item, space) = (format!("i{}", any(8)), format!("S{}", any(3)));
            let part = ["", "c1", "c2"][any(3) as usize].to_owned();
            match any(13) {
                0 => {
                    model.retain(|(of, _), _| *of != item);
                    writes.push(Write::RemoveItem(item));
                }
                1 => {
                    model.retain(|(of, part), _| *of != item || part.is_empty());
                    writes.push(Write::RemoveParts(item));
                }
                2 => {
                    model.retain(|_, (of, _)| *of != space);
                    writes.push(Write::RemoveSpace { app: "jira".to_owned(), space });
                }
                3 => {
                    model.retain(|(of, part), (at, _)| *of != item || part.is_empty() || *at == space);
                    writes.push(Write::RemovePartsElsewhere { item, app: "jira".to_owned(), space });
                }
                4 => {
                    model.remove(&(item.clone(), part.clone()));
                    writes.push(Write::Remove(place(&item, &part, Kind::InApp)));
                }
                _ => {
                    let content = any(4).to_string();
                    writes.push(Write::Put(new(&item, &part, &space, &content)));
                    model.insert((item, part), (space, content));
                }
            }
        }
        let effect = store(plane, &turn.to_string(), NEW, &writes).await;
        (sum.put, sum.removed) = (sum.put + effect.put, sum.removed + effect.removed);
        let stands = all(plane, ORG).await.into_iter();
        let stands: BTreeMap<_, _> =
            stands.map(|record| ((record.place.item, record.place.part), (record.space, record.digest))).collect();
        assert_eq!(stands, model, "turn {turn}: {writes:?}");
        let lines = ledger(plane).await;
        let totals = lines.iter().fold((0, 0), |sum, line| (sum.0 + line.2, sum.1 + line.4));
        assert_eq!(totals, (sum.put, sum.removed), "turn {turn}");
    }
    assert!(sum.put > 100 && sum.removed > 50, "{sum:?}");
}

pub(crate) async fn a_large_batch_is_stored_as_it_is(url: String) {
    let plane = &*open(&url).await.plane;
    let writes: Vec<Write> = (0..2_300).map(|item| put(&format!("i{item:05}"), "WEB", "a")).collect();
    assert_eq!(store(plane, "1", NEW, &writes).await, effect(2_300, 0, 0));
    assert_eq!(store(plane, "2", NEW, &writes).await, effect(0, 2_300, 0));
    let items: Vec<Write> = (0..2_200).map(|item| Write::RemoveItem(format!("i{item:05}"))).collect();
    assert_eq!(store(plane, "3", NEW, &items).await, effect(0, 0, 2_200));
    assert_eq!(all(plane, ORG).await.len(), 100);
}

/// Wherever a batch fails, nothing of it is there; and it can be stored afterwards.
pub(crate) async fn a_batch_that_fails_anywhere_leaves_nothing(url: String) {
    let database = open(&url).await;
    let (plane, postgres) = (&*database.plane, url.starts_with("postgres"));
    let run = async |sql: String| database.execute_raw(sql.leak()).await.unwrap();
    plane.add_job(ORG, &job("j", Task::Ingest)).await.unwrap();
    store(plane, "first", NEW, &[put("i1", "WEB", "a"), put("i2", "WEB", "a"), put("i3", "OPS", "a")]).await;
    let writes = [
        Write::RemoveSpace { app: "jira".to_owned(), space: "OPS".to_owned() },
        put("i1", "WEB", "b"),
        Write::RemoveItem("i2".to_owned()),
        put("i4", "WEB", "a"),
    ];
    let told = told("i1", "", 1, false);
    let failing = NewBatch {
        day: "2026-11-22",
        told: std::slice::from_ref(&told),
        progress: Some(("j", 4)),
        ..batch("k", NEW, &writes)
    };
    let everything = async || {
        let (history, job) = (plane.history(ORG).await.unwrap(), plane.job(ORG, "j").await.unwrap());
        (all(plane, ORG).await, history, plane.batch(ORG, "k").await.unwrap(), job)
    };
    let before = everything().await;
    for statement in [
        "AFTER INSERT ON records",
        "AFTER UPDATE ON records",
        "AFTER DELETE ON records",
        "AFTER INSERT ON ledger",
        "AFTER INSERT ON ledger_found",
        "AFTER INSERT ON batches",
        "AFTER INSERT ON heard",
        "AFTER UPDATE ON jobs",
    ] {
        run(if postgres {
            format!(
                "CREATE FUNCTION fault() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'broken'; END $$; \
                 CREATE TRIGGER fault {statement} FOR EACH ROW EXECUTE FUNCTION fault()"
            )
        } else {
            format!("CREATE TRIGGER fault {statement} BEGIN SELECT RAISE(ROLLBACK, 'broken'); END")
        })
        .await;
        assert!(plane.store_batch(ORG, &failing).await.is_err(), "{statement}");
        assert_eq!(everything().await, before, "{statement}");
        run(if postgres { "DROP FUNCTION fault CASCADE" } else { "DROP TRIGGER fault" }.to_owned()).await;
    }
    assert_eq!(done(plane.store_batch(ORG, &failing).await.unwrap()), effect(2, 0, 2));
    assert_eq!(plane.job(ORG, "j").await.unwrap().unwrap().done, 4);
    assert_eq!(plane.history(ORG).await.unwrap().heard, [told.heard]);
}

pub(crate) async fn records_are_listed_newest_first(url: String) {
    let plane = &*open(&url).await.plane;
    for (turn, space) in ["WEB", "OPS", "WEB"].into_iter().enumerate() {
        let writes: Vec<Write> = (0..10)
            .flat_map(|item| {
                let record = new(&format!("i{turn}{item}"), "", space, "a");
                let meta = NewRecord { place: place(&record.place.item, "", Kind::Metadata), ..record.clone() };
                [Write::Put(record), Write::Put(meta)]
            })
            .collect();
        let key = turn.to_string();
        let new = NewBatch { at: at(turn as i64), ..batch(&key, NEW, &writes) };
        plane.store_batch(ORG, &new).await.unwrap();
        plane.store_batch(OTHER, &new).await.unwrap();
    }
    let newest = all(plane, ORG).await;
    assert_eq!(newest.len(), 60);
    let order = |record: &Record| (record.stored_at, record.place.clone());
    assert!(newest.is_sorted_by(|a, b| {
        let ids = |record: &Record| (record.stored_at, record.place.item.clone(), record.place.kind.id());
        ids(a) > ids(b)
    }));
    let own = |value: &str| Some(value.to_owned());
    let filters = [
        RecordFilter::default(),
        RecordFilter { app: own("jira"), ..RecordFilter::default() },
        RecordFilter { app: own("jira"), space: own("WEB"), ..RecordFilter::default() },
        RecordFilter { app: own("jira"), space: own("WEB"), kind: Some(Kind::Metadata), ..RecordFilter::default() },
        RecordFilter { kind: Some(Kind::InApp), ..RecordFilter::default() },
        RecordFilter { space: own("OPS"), ..RecordFilter::default() },
        RecordFilter { item: own("i13"), ..RecordFilter::default() },
        RecordFilter { app: own("wiki"), ..RecordFilter::default() },
    ];
    for filter in filters {
        let meant: Vec<Record> = newest
            .iter()
            .filter(|record| {
                filter.app.as_ref().is_none_or(|app| *app == record.app)
                    && filter.space.as_ref().is_none_or(|space| *space == record.space)
                    && filter.item.as_ref().is_none_or(|item| *item == record.place.item)
                    && filter.kind.is_none_or(|kind| kind == record.place.kind)
            })
            .cloned()
            .collect();
        let mut paged: Vec<Record> = Vec::new();
        loop {
            let last = paged.last().map(order);
            let below = last.as_ref().map(|(at, place)| (*at, place));
            let page = plane.records(ORG, &filter, below, 7).await.unwrap();
            if page.is_empty() {
                break;
            }
            paged.extend(page);
        }
        assert_eq!(paged, meant, "{filter:?}");
    }
    let held = plane.held(ORG).await.unwrap();
    let counts: Vec<_> = held.iter().map(|held| (&*held.group.space, held.group.kind.id(), held.records)).collect();
    assert_eq!(
        counts,
        [("OPS", "in-app", 10), ("OPS", "metadata", 10), ("WEB", "in-app", 20), ("WEB", "metadata", 20)]
    );
    assert_eq!((held[0].oldest, held[2].oldest), (at(1), at(0)));
}

async fn seed(plane: &dyn DataPlane) {
    let writes: Vec<Write> =
        (0..5).flat_map(|item| [put(&format!("w{item}"), "WEB", "a"), put(&format!("o{item}"), "OPS", "a")]).collect();
    for org in [ORG, OTHER] {
        plane.store_batch(org, &batch("seed", NEW, &writes)).await.unwrap();
    }
}

pub(crate) async fn a_withdrawal_takes_its_groups_and_no_more(url: String) {
    let plane = &*open(&url).await.plane;
    seed(plane).await;
    let (asked, work) = withdrawal("w1", &["WEB"]);
    let held = plane.held(ORG).await.unwrap();
    assert!(
        !plane
            .begin_withdrawals(ORG, Standing { version: 1, epoch: 0 }, &held, 8, &[(asked.clone(), work.clone())])
            .await
            .unwrap()
    );
    assert!(plane.withdrawals(ORG, 10).await.unwrap().is_empty());
    assert!(
        plane
            .begin_withdrawals(ORG, NEW, &plane.held(ORG).await.unwrap(), 8, &[(asked.clone(), work.clone())])
            .await
            .unwrap()
    );
    let now = Standing { version: 8, epoch: 1 };
    assert_eq!(plane.standing(ORG).await.unwrap(), now);
    assert_eq!(plane.standing(OTHER).await.unwrap(), NEW);
    let begun = Withdrawal { epoch: 1, ..asked };
    assert_eq!(plane.withdrawals(ORG, 10).await.unwrap(), std::slice::from_ref(&begun));
    assert_eq!(plane.withdrawal(ORG, "w1").await.unwrap(), Some(begun.clone()));
    assert_eq!(plane.open_withdrawals(None).await.unwrap(), [(ORG.to_owned(), begun.clone())]);
    assert_eq!(plane.open_withdrawals(Some(ORG)).await.unwrap(), [(ORG.to_owned(), begun)]);
    assert!(plane.open_withdrawals(Some(OTHER)).await.unwrap().is_empty());
    assert_eq!(plane.withdrawal(OTHER, "w1").await.unwrap(), None);
    assert_eq!(plane.job(ORG, "w1").await.unwrap().unwrap().state, JobState::Waiting);

    // What was decided before it began is not stored after it; what is contributed after it, anew or again, stays.
    let late = [put("w9", "WEB", "late")];
    assert_eq!(plane.store_batch(ORG, &batch("late", NEW, &late)).await.unwrap(), Stored::Overtaken);
    assert_eq!(store(plane, "after", now, &[put("w7", "WEB", "new"), put("w0", "WEB", "a")]).await, effect(1, 1, 0));
    assert_eq!(plane.left_to_withdraw(ORG, "w1").await.unwrap(), 4);
    assert_eq!(
        (plane.left_to_withdraw(OTHER, "w1").await.unwrap(), plane.withdraw_some(OTHER, "w1", DAY, 9).await.unwrap()),
        (0, 0)
    );
    let mut removed = Vec::new();
    for _ in 0..3 {
        removed.push(plane.withdraw_some(ORG, "w1", "2026-11-23", 3).await.unwrap());
    }
    assert_eq!(removed, [3, 1, 0]);
    assert_eq!(plane.left_to_withdraw(ORG, "w1").await.unwrap(), 0);
    let web = RecordFilter { app: Some("jira".into()), space: Some("WEB".into()), ..RecordFilter::default() };
    let left = plane.records(ORG, &web, None, 10).await.unwrap();
    let left: BTreeSet<_> = left.iter().map(|record| record.place.item.as_str()).collect();
    assert_eq!((left, all(plane, ORG).await.len()), (BTreeSet::from(["w0", "w7"]), 7));
    assert_eq!(all(plane, OTHER).await.len(), 10);
    let day = plane.ledger(ORG, "2026-11-23", "2026-11-23").await.unwrap();
    assert_eq!((day.len(), &day[0].group, day[0].version, day[0].items, day[0].removed), (1, &group("WEB"), 7, 0, 4));
    let counted = plane.withdrawal(ORG, "w1").await.unwrap().unwrap();
    assert_eq!((counted.removed, counted.groups[0].total, counted.groups[0].removed), (4, 5, 4));
    assert_eq!(plane.job(ORG, "w1").await.unwrap().unwrap().done, 4);

    assert!(!plane.finish_withdrawal(OTHER, "w1", at(5), "forged").await.unwrap());
    assert!(plane.finish_withdrawal(ORG, "w1", at(5), "receipt").await.unwrap());
    assert!(!plane.finish_withdrawal(ORG, "w1", at(6), "another").await.unwrap());
    let finished = plane.withdrawal(ORG, "w1").await.unwrap().unwrap();
    assert_eq!((finished.receipt.as_deref(), finished.finished_at), (Some("receipt"), Some(at(5))));
    assert!(plane.open_withdrawals(None).await.unwrap().is_empty());
}

/// When a withdrawal is finished, its records are overwritten in the file, and the log that SQLite writes ahead has them no more.
pub(crate) async fn what_is_withdrawn_is_in_no_log(url: String) {
    let plane = &*open(&url).await.plane;
    store(plane, "one", NEW, &[put("w1", "WEB", "by a heron on the gate")]).await;
    let is_there =
        || url.strip_prefix("sqlite:").map(|file| in_files(Path::new(file), &[b"sealed by a heron".to_vec()]));
    assert_ne!(is_there(), Some(0), "it is found as long as it is there");
    let begun = withdrawal("w1", &["WEB"]);
    assert!(plane.begin_withdrawals(ORG, NEW, &plane.held(ORG).await.unwrap(), 8, &[begun]).await.unwrap());
    assert_eq!(plane.withdraw_some(ORG, "w1", DAY, 3).await.unwrap(), 1);
    assert_ne!(is_there(), Some(0), "the log has it still");
    assert!(plane.finish_withdrawal(ORG, "w1", at(5), "receipt").await.unwrap());
    assert_eq!(is_there().unwrap_or_default(), 0);
}

pub(crate) async fn a_withdrawal_can_be_of_everything_or_of_what_is_old(url: String) {
    let plane = &*open(&url).await.plane;
    seed(plane).await;
    let fresh = [put("w8", "WEB", "new"), put("o8", "OPS", "new")];
    done(plane.store_batch(ORG, &NewBatch { at: at(50), ..batch("fresh", NEW, &fresh) }).await.unwrap());
    let (old, old_job) = withdrawal("old", &["OPS"]);
    let old = Withdrawal { cause: Cause::Retention, stored_before: Some(at(50)), due_in_app: at(5), ..old };
    let (mut whole, whole_job) = withdrawal("whole", &["WEB"]);
    whole.whole = true;
    let both = [(whole, whole_job), (old, old_job)];
    assert!(plane.begin_withdrawals(ORG, NEW, &plane.held(ORG).await.unwrap(), 9, &both).await.unwrap());
    assert_eq!(plane.standing(ORG).await.unwrap(), Standing { version: 9, epoch: 1 }, "both in one epoch");
    let open: Vec<String> = plane.open_withdrawals(None).await.unwrap().into_iter().map(|(_, open)| open.id).collect();
    assert_eq!(open, ["old", "whole"], "the next one due first");
    assert_eq!(plane.withdrawals(ORG, 1).await.unwrap().len(), 1);

    assert_eq!(plane.left_to_withdraw(ORG, "old").await.unwrap(), 5);
    assert_eq!(plane.withdraw_some(ORG, "old", DAY, 100).await.unwrap(), 5);
    assert_eq!(all(plane, ORG).await.len(), 7);
    assert_eq!(plane.left_to_withdraw(ORG, "whole").await.unwrap(), 7);
    assert_eq!(plane.withdraw_some(ORG, "whole", DAY, 100).await.unwrap(), 7);
    assert!(plane.held(ORG).await.unwrap().is_empty());
    let groups = plane.withdrawal(ORG, "whole").await.unwrap().unwrap().groups;
    let groups: Vec<_> = groups.iter().map(|of| (&*of.group.space, of.total, of.removed)).collect();
    assert_eq!(groups, [("OPS", 0, 1), ("WEB", 5, 6)]);
    assert_eq!(all(plane, OTHER).await.len(), 10);
}

/// A removal that cannot be counted did not happen.
pub(crate) async fn a_removal_is_counted_or_not_done(url: String) {
    let database = open(&url).await;
    let plane = &*database.plane;
    seed(plane).await;
    assert!(
        plane
            .begin_withdrawals(ORG, NEW, &plane.held(ORG).await.unwrap(), 8, &[withdrawal("w1", &["WEB"])])
            .await
            .unwrap()
    );
    for table in ["ledger", "withdrawal_groups", "jobs"] {
        database.execute_raw(format!("ALTER TABLE {table} RENAME TO elsewhere").leak()).await.unwrap();
        let outcome = plane.withdraw_some(ORG, "w1", "2026-11-23", 3).await;
        database.execute_raw(format!("ALTER TABLE elsewhere RENAME TO {table}").leak()).await.unwrap();
        assert!(outcome.is_err(), "{table}");
        assert_eq!(all(plane, ORG).await.len(), 10, "{table}");
        assert_eq!(plane.withdrawal(ORG, "w1").await.unwrap().unwrap().removed, 0, "{table}");
    }
    assert_eq!(plane.withdraw_some(ORG, "w1", "2026-11-23", 3).await.unwrap(), 3);
}

/// A batch between looking and beginning: what it stored may be allowed, so nothing begins before it was looked at.
pub(crate) async fn nothing_is_withdrawn_that_was_not_seen(url: String) {
    let plane = &*open(&url).await.plane;
    seed(plane).await;
    let held = plane.held(ORG).await.unwrap();
    store(plane, "meanwhile", NEW, &[put("late", "LATE", "x")]).await;
    let whole = |id| {
        let (asked, job) = withdrawal(id, &["WEB"]);
        (Withdrawal { whole: true, ..asked }, job)
    };
    assert!(!plane.begin_withdrawals(ORG, NEW, &held, 8, &[whole("w1")]).await.unwrap());
    assert_eq!(plane.standing(ORG).await.unwrap(), NEW);
    // More of what was seen is no reason to wait.
    let held = plane.held(ORG).await.unwrap();
    store(plane, "more", NEW, &[put("later", "LATE", "x")]).await;
    assert!(plane.begin_withdrawals(ORG, NEW, &held, 8, &[whole("w2")]).await.unwrap());
}

pub(crate) async fn a_new_epoch_has_everything_decided_again(url: String) {
    let plane = &*open(&url).await.plane;
    seed(plane).await;
    plane.advance(ORG, NEW).await.unwrap();
    let late = [put("late", "WEB", "x")];
    assert_eq!(plane.store_batch(ORG, &batch("late", NEW, &late)).await.unwrap(), Stored::Overtaken);
    let now = Standing { epoch: NEW.epoch + 1, ..NEW };
    assert_eq!((plane.standing(ORG).await.unwrap(), plane.standing(OTHER).await.unwrap()), (now, NEW));
    assert_eq!(store(plane, "again", now, &late).await.put, 1);
}

pub(crate) async fn a_batch_without_a_key_is_not_remembered(url: String) {
    let database = open(&url).await;
    let plane = &*database.plane;
    for _ in 0..2 {
        let writes = [put("one", "WEB", "x")];
        done(plane.store_batch(ORG, &NewBatch { key: None, ..batch("", Standing::default(), &writes) }).await.unwrap());
    }
    assert_eq!(plane.held(ORG).await.unwrap()[0].records, 1);
}

fn told(item: &str, part: &str, seconds: i64, removes: bool) -> Told {
    told_in("WEB", item, part, seconds, removes)
}

fn told_in(space: &str, item: &str, part: &str, seconds: i64, removes: bool) -> Told {
    let within = format!("space {space}");
    let (item, part, space) = (item.to_owned(), part.to_owned(), space.to_owned());
    Told { heard: Heard { item, part, space, at: at(seconds) }, within, removes }
}

pub(crate) async fn what_is_told_late_is_not_stored(url: String) {
    let plane = &*open(&url).await.plane;
    // What is told of all of an item is also told of each part, and the other way round; of the item itself it is not.
    for (turn, (part, seconds, stored)) in [
        ("", 10, true),
        ("", 9, false),
        ("", 10, true),
        ("c1", 5, true),
        ("c1", 4, false),
        (EVERY_PART, 9, false),
        (EVERY_PART, 12, true),
        ("", 11, false),
        ("c1", 11, false),
        ("c2", 11, false),
        ("c2", 13, true),
        (EVERY_PART, 12, false),
        ("", 12, true),
        ("c1", 12, true),
    ]
    .into_iter()
    .enumerate()
    {
        let key = turn.to_string();
        let (told, writes) = (told("i1", part, seconds, false), [Write::Put(new("i1", part, "WEB", &key))]);
        let new = NewBatch { told: std::slice::from_ref(&told), ..batch(&key, NEW, &writes) };
        let before = contents(plane).await;
        let outcome = plane.store_batch(ORG, &new).await.unwrap();
        assert_eq!(!matches!(outcome, Stored::Outdated), stored, "{turn}: {part} {seconds} {outcome:?}");
        assert_eq!(contents(plane).await == before, !stored, "{turn}");
        assert_eq!(plane.batch(ORG, &key).await.unwrap().is_some(), stored, "{turn}");
        if stored {
            assert_eq!(plane.store_batch(ORG, &new).await.unwrap(), Stored::Before("the answer".to_owned()));
        } else {
            assert_eq!(plane.store_batch(ORG, &new).await.unwrap(), Stored::Outdated);
        }
    }
    // Another item and another organisation are others; what is no message is taken whenever it comes.
    for (org, item, told) in
        [(ORG, "i2", Some(told("i2", "", 1, false))), (OTHER, "i1", Some(told("i1", "", 1, false))), (ORG, "i1", None)]
    {
        let (key, writes) = (format!("{org} {item}"), [put(item, "WEB", "other")]);
        done(plane.store_batch(org, &NewBatch { told: told.as_slice(), ..batch(&key, NEW, &writes) }).await.unwrap());
    }
    // What is heard of the item in another space takes along what is told of before: there it was decided otherwise.
    for (item, space, part, seconds, stored) in [
        ("i3", "WEB", "", 10, true),
        ("i3", "HR", "", 20, true),
        ("i3", "WEB", "c1", 15, false),
        ("i3", "HR", "c1", 15, true),
        ("i4", "HR", "c1", 20, true),
        ("i4", "WEB", "", 10, false),
        ("i4", "HR", "", 10, true),
        ("i4", "WEB", "", 20, true),
        ("i4", "HR", "", 19, false),
        // Of what was told before it was known where.
        ("i5", "", "", 20, true),
        ("i5", "WEB", "c1", 19, true),
        ("i5", "WEB", "", 19, false),
    ] {
        let told = [told_in(space, item, part, seconds, false)];
        let (key, writes) = (format!("{item} {space} {part} {seconds}"), [Write::Put(new(item, part, space, "x"))]);
        let outcome = plane.store_batch(ORG, &NewBatch { told: &told, ..batch(&key, NEW, &writes) }).await.unwrap();
        assert_eq!(!matches!(outcome, Stored::Outdated), stored, "{key}");
    }
    // The end of a space is the end of all that is told of it before.
    let end = [told_in("", "space OPS", EVERY_PART, 10, true)];
    let writes = [Write::RemoveSpace { app: "jira".to_owned(), space: "OPS".to_owned() }];
    done(plane.store_batch(ORG, &NewBatch { told: &end, ..batch("end", NEW, &writes) }).await.unwrap());
    for (seconds, stored) in [(9, false), (10, true)] {
        let told = [told_in("OPS", "i6", "", seconds, false)];
        let (key, writes) = (format!("after the end {seconds}"), [Write::Put(new("i6", "", "OPS", "x"))]);
        let outcome = plane.store_batch(ORG, &NewBatch { told: &told, ..batch(&key, NEW, &writes) }).await.unwrap();
        assert_eq!(!matches!(outcome, Stored::Outdated), stored, "{key}");
    }
    let away: Vec<Write> = ["i3", "i4", "i5", "i6"].map(|item| Write::RemoveItem(item.to_owned())).into();
    let told_away = ["i3", "i4", "i5", "i6"].map(|item| told(item, EVERY_PART, 1, true));
    done(plane.store_batch(ORG, &NewBatch { told: &told_away, ..batch("away", NEW, &away) }).await.unwrap());
    // A removal is done however late it comes, and makes nothing later unheard.
    let (late, writes) = (told("i1", EVERY_PART, 1, true), [Write::RemoveItem("i1".to_owned())]);
    let removed = done(
        plane
            .store_batch(ORG, &NewBatch { told: std::slice::from_ref(&late), ..batch("r", NEW, &writes) })
            .await
            .unwrap(),
    );
    assert_eq!(removed.removed, 4);
    let heard = async || {
        let heard = plane.history(ORG).await.unwrap().heard;
        let heard = heard.into_iter().filter(|heard| ["i1", "i2"].contains(&heard.item.as_str()));
        heard.map(|heard| (heard.item, heard.part, heard.at)).collect::<Vec<_>>()
    };
    let row = |item: &str, part: &str, seconds: i64| (item.to_owned(), part.to_owned(), at(seconds));
    let all =
        [row("i1", "", 12), row("i1", EVERY_PART, 12), row("i1", "c1", 12), row("i1", "c2", 13), row("i2", "", 1)];
    assert_eq!(heard().await, all);
    plane.forget_batches(at(12)).await.unwrap();
    assert_eq!(heard().await, all[..4]);
    plane.forget_batches(at(13)).await.unwrap();
    assert_eq!(heard().await, all[3..4]);
}

/// What an organisation leaves behind when it moves, but for its records.
pub(crate) async fn what_is_forgotten_is_gone(url: String) {
    let plane = &*open(&url).await.plane;
    let (told, writes) = (told("i1", "", 1, false), [put("i1", "WEB", "a")]);
    for org in [ORG, OTHER] {
        done(
            plane
                .store_batch(org, &NewBatch { told: std::slice::from_ref(&told), ..batch("k", NEW, &writes) })
                .await
                .unwrap(),
        );
        let part = KeptPart {
            period: "2026-11".to_owned(),
            counted: Counted { rules: "rules".to_owned(), mark: Mark::default(), generation: 1 },
            records: 1,
            sealed: b"sealed".to_vec(),
        };
        assert!(plane.keep_part(org, &part).await.unwrap());
        plane.add_job(org, &job("j", Task::Rotate)).await.unwrap();
        plane.add_job(org, &job("move", Task::Move)).await.unwrap();
    }
    plane.forget(ORG, "move").await.unwrap();
    assert!(plane.history(ORG).await.unwrap().is_empty());
    assert!(plane.part(ORG, "2026-11").await.unwrap().is_none());
    let jobs = plane.jobs(ORG, 10).await.unwrap();
    assert_eq!(jobs.iter().map(|job| job.id.as_str()).collect::<Vec<_>>(), ["move"]);
    let theirs = plane.history(OTHER).await.unwrap();
    assert_eq!((theirs.batches.len(), theirs.heard.len(), plane.jobs(OTHER, 10).await.unwrap().len()), (1, 1, 2));
    assert!(plane.part(OTHER, "2026-11").await.unwrap().is_some());
}

pub(crate) async fn records_are_sealed_again_only_as_they_were_read(url: String) {
    let plane = &*open(&url).await.plane;
    seed(plane).await;
    let read = all(plane, ORG).await;
    assert_eq!(read.len(), 10);
    // Meanwhile one changes and one goes.
    store(plane, "meanwhile", NEW, &[put("w0", "WEB", "b"), Write::RemoveItem("w1".to_owned())]).await;
    let anew: Vec<_> = read.into_iter().map(|record| (record, b"sealed again".to_vec(), 2)).collect();
    assert_eq!(plane.reseal(ORG, &anew).await.unwrap(), 8);
    assert_eq!(plane.reseal(ORG, &anew).await.unwrap(), 0);
    let (anew, left): (Vec<_>, Vec<_>) = all(plane, ORG).await.into_iter().partition(|record| record.generation == 2);
    assert_eq!(left.iter().map(|record| record.digest.as_str()).collect::<Vec<_>>(), ["b"]);
    assert!(anew.len() == 8 && anew.iter().all(|record| record.sealed == b"sealed again"));
    assert!(all(plane, OTHER).await.iter().all(|record| record.generation == 1));
}

pub(crate) async fn a_job_has_one_worker_at_a_time(url: String) {
    let plane = open(&url).await.plane;
    let lease = async |worker: &str, now: i64| plane.lease_job(worker, at(now), at(now + 60)).await.unwrap();
    assert_eq!(lease("a", 0).await, None);
    let import = NewJob { worker: Some(("cli".to_owned(), at(10))), ..job("import", Task::Ingest) };
    plane.add_job(ORG, &import).await.unwrap();
    plane.add_job(ORG, &job("j1", Task::Rotate)).await.unwrap();
    plane.add_job(OTHER, &NewJob { at: at(1), ..job("j1", Task::Rotate) }).await.unwrap();
    plane.add_job(ORG, &NewJob { total: 99, ..job("j1", Task::Rotate) }).await.unwrap();
    let get = async |org: &str, id: &str| plane.job(org, id).await.unwrap().unwrap();
    assert_eq!(get(ORG, "j1").await.total, 5, "it was there");
    let (import, at_first) = (get(ORG, "import").await, get(ORG, "j1").await);
    assert_eq!((import.state, import.attempts), (JobState::Running, 1));
    assert_eq!((at_first.state, at_first.attempts, at_first.due_at), (JobState::Waiting, 0, at(0)));

    let leased = lease("a", 0).await.unwrap();
    assert_eq!((&*leased.0, &*leased.1.id, leased.1.state, leased.1.attempts), (ORG, "j1", JobState::Running, 1));
    assert_eq!(lease("b", 0).await, None, "the other is not due");
    assert_eq!(lease("b", 1).await.unwrap().0, OTHER);
    assert!(plane.keep_job(ORG, "j1", "a", at(30), at(90)).await.unwrap());
    assert_eq!(get(ORG, "j1").await.seen_at, at(30));
    assert!(!plane.keep_job(OTHER, "j1", "a", at(30), at(90)).await.unwrap());
    let ids = |jobs: Vec<Job>| jobs.into_iter().map(|job| job.id).collect::<Vec<_>>();
    assert_eq!(ids(plane.jobs(ORG, 10).await.unwrap()), ["j1", "import"]);

    // Nothing is heard of one of them, then of the other; the import is nobody else's however late it is.
    assert_eq!(lease("c", 80).await.unwrap().0, OTHER);
    let again = lease("c", 200).await.unwrap();
    assert_eq!((&*again.0, again.1.attempts), (ORG, 2));
    assert!(!plane.keep_job(ORG, "j1", "a", at(201), at(300)).await.unwrap());
    plane.finish_job(ORG, "j1", "a", at(201)).await.unwrap();
    plane.fail_job(ORG, "j1", "a", at(201), None).await.unwrap();
    assert_eq!(get(ORG, "j1").await.state, JobState::Running);

    plane.fail_job(ORG, "j1", "c", at(202), Some(at(1_000))).await.unwrap();
    plane.fail_job(OTHER, "j1", "c", at(202), None).await.unwrap();
    let given_up = get(OTHER, "j1").await;
    assert_eq!((given_up.state, given_up.finished_at), (JobState::GivenUp, Some(at(202))));
    assert_eq!(lease("c", 999).await, None);
    assert_eq!(lease("d", 1_000).await.unwrap().1.attempts, 3);
    plane.finish_job(ORG, "j1", "d", at(1_001)).await.unwrap();
    let finished = get(ORG, "j1").await;
    assert_eq!((finished.state, finished.finished_at), (JobState::Done, Some(at(1_001))));
    assert_eq!(lease("d", 9_999).await, None);
    plane.finish_job(ORG, "import", "cli", at(10_000)).await.unwrap();
    assert_eq!(get(ORG, "import").await.state, JobState::Done);
}

pub(crate) async fn workers_at_once_get_different_jobs(url: String) {
    let plane = open(&url).await.plane;
    for number in 0..12 {
        plane.add_job(ORG, &job(&format!("j{number}"), Task::Rotate)).await.unwrap();
    }
    let workers = (0..4).map(|worker| {
        let plane = Arc::clone(&plane);
        tokio::spawn(async move {
            let mut mine = Vec::new();
            for _ in 0..3 {
                mine.push(plane.lease_job(&format!("worker {worker}"), at(0), at(60)).await.unwrap().unwrap().1.id);
            }
            mine
        })
    });
    let mut leased = Vec::new();
    for worker in workers.collect::<Vec<_>>() {
        leased.extend(worker.await.unwrap());
    }
    assert_eq!((leased.len(), leased.into_iter().collect::<BTreeSet<_>>().len()), (12, 12));
    assert_eq!(plane.lease_job("late", at(0), at(60)).await.unwrap(), None);
}

/// Batches of one organisation at once, some under the same key, and a withdrawal among them.
pub(crate) async fn writers_at_once_lose_nothing(url: String) {
    let plane = open(&url).await.plane;
    let writers = (0..8).map(|writer| {
        let plane = Arc::clone(&plane);
        tokio::spawn(async move {
            let mut effects = Vec::new();
            for turn in 0..10 {
                let writes = [put(&format!("i{writer}-{turn}"), "WEB", "a"), put("shared", "WEB", &turn.to_string())];
                // Two writers share each key, and send the same under it.
                let (key, writes) = (format!("{}-{turn}", writer / 2), &writes[1..]);
                match plane.store_batch(ORG, &batch(&key, NEW, writes)).await.unwrap() {
                    Stored::Done(effect) => effects.push(effect),
                    Stored::Before(_) => {}
                    other => panic!("{other:?}"),
                }
            }
            effects
        })
    });
    let mut effects = Vec::new();
    for writer in writers.collect::<Vec<_>>() {
        effects.extend(writer.await.unwrap());
    }
    assert_eq!(effects.len(), 40, "each key was stored once");
    let put: i64 = effects.iter().map(|effect| effect.put).sum();
    assert_eq!(ledger(&*plane).await, [("WEB".to_owned(), 7, put, 2 * put, 0)]);
    assert_eq!(all(&*plane, ORG).await.len(), 1);

    let beginners = (0..6).map(|number| {
        let plane = Arc::clone(&plane);
        tokio::spawn(async move {
            let one = withdrawal(&format!("w{number}"), &["WEB"]);
            plane.begin_withdrawals(ORG, NEW, &plane.held(ORG).await.unwrap(), 8, &[one]).await.unwrap()
        })
    });
    let mut began = 0;
    for beginner in beginners.collect::<Vec<_>>() {
        began += i64::from(beginner.await.unwrap());
    }
    assert_eq!((began, plane.withdrawals(ORG, 10).await.unwrap().len()), (1, 1));
}

/// Whoever is dropped while a transaction begins takes nothing along that somebody else writes afterwards.
pub(crate) async fn an_abandoned_transaction_swallows_nothing(url: String) {
    let plane = open(&url).await.plane;
    plane.standing(ORG).await.unwrap();
    for waits in 0..12 {
        until(plane.begin_withdrawals(ORG, NEW, &[], 1, &[]), waits).await;
        until(plane.withdrawals(ORG, 1), waits).await;
        // Its connection is another's as soon as it is back; each connection has its turn.
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        for turn in 0..16 {
            plane.add_job(ORG, &job(&format!("j{waits}-{turn}"), Task::Rotate)).await.unwrap();
        }
    }
    let elsewhere = open(&url).await.plane;
    assert_eq!(elsewhere.jobs(ORG, 1_000).await.unwrap().len(), 12 * 16);
}

/// Everything can be in one database, and a region that is away is there again when it is back.
pub(crate) async fn a_region_comes_back_by_itself(url: String) {
    assert!(DataPlaneDatabase::open("mysql://somewhere/else").is_err());
    let clock = Arc::new(FakeClock::default());
    let control = Database::open(&url, clock).await.unwrap();
    control.migrate().await.unwrap();
    let (data, keys) = (DataPlaneDatabase::open(&url).unwrap(), KeyDatabase::open(&url).unwrap());
    let (one, other) = tokio::join!(data.reach(), data.plane.standing(ORG));
    assert!(one.is_ok() && other.is_ok());
    keys.reach().await.unwrap();
    assert!(control.is_current().await);
    assert!(keys.keys.add_key(ORG, 1, b"wrapped", at(0)).await.unwrap());
    seed(&*data.plane).await;
    data.close().await;
    keys.close().await;
    let again = DataPlaneDatabase::open(&url).unwrap();
    assert_eq!(all(&*again.plane, ORG).await.len(), 10);

    if let Some(file) = url.strip_prefix("sqlite:") {
        let folder = PathBuf::from(file).with_file_name("region");
        std::fs::write(&folder, "in the way").unwrap();
        let away = DataPlaneDatabase::open(&format!("sqlite:{}", folder.join("eu.db").display())).unwrap();
        assert!(away.plane.standing(ORG).await.is_err());
        assert!(away.reach().await.is_err());
        std::fs::remove_file(&folder).unwrap();
        seed(&*away.plane).await;
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(folder.join("eu.db")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    } else {
        let later = format!("{url}_later");
        let name = later.rsplit_once('/').unwrap().1;
        let away = DataPlaneDatabase::open(&later).unwrap();
        assert!(away.plane.standing(ORG).await.is_err());
        let (one, other) = tokio::join!(away.reach(), away.plane.standing(ORG));
        assert!(one.is_err() && other.is_err());
        control.execute_raw(format!("CREATE DATABASE {name}").leak()).await.unwrap();
        seed(&*away.plane).await;
        away.close().await;
        control.execute_raw(format!("DROP DATABASE {name} WITH (FORCE)").leak()).await.unwrap();
    }
}
