//! Releases: what many share is published and nothing else, whatever happens on the way.

use std::collections::{BTreeMap, BTreeSet};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use audit::{Action, Draft};
use patterns::{Cell, Dimension, Family, Key, Overspent, Published};
use policy::{Catalogue, Kind, Setting, Translation};
use service::access::{OrgAuditor, operator};
use service::contributed::KeptField;
use service::data_plane::{Region, Regions};
use service::demo;
use service::impact::{TakesPart, impact};
use service::ingest::Arriving::Gone;
use service::ingest::{Arriving, Batch, batch, body_hash};
use service::jobs::{JobState, NewJob, Task, work_one};
use service::model::OrgRef;
use service::ports::NewRelease;
use service::releases::run::{self, Obstacle, Progress, Run, Step};
use service::releases::{self, Current};
use service::suggestions::suggest;
use service::vault;
use service::withdrawal::receipt::{self, Receipt};
use service::withdrawal::{Cause, Withdrawal, WithdrawnGroup, reconcile_all};
use service::{Catalogues, Sluice, contributed};
use store::DataPlaneDatabase;

use crate::console::Console;
use crate::moves::until;

/// The demo with everything that it contributed, and its first release.
async fn released(url: &str) -> Console {
    let console = Console::demo(url).await;
    demo::contribute(&console.sluice).await.unwrap();
    console
}

async fn current(console: &Console) -> Arc<Current> {
    releases::current(&console.sluice).await.unwrap().unwrap()
}

async fn last_run(sluice: &Sluice) -> Run {
    sluice.store.runs(1).await.unwrap().pop().unwrap()
}

/// One work item that an organisation sends.
async fn send(console: &Console, slug: &str, ids: std::ops::Range<u32>, label: &str) {
    let cap = operator(console.sluice.store.as_ref(), slug).await.unwrap();
    let item = |id: u32| {
        let fields = serde_json::json!({
            "summary": format!("The {label} stands still"), "project": { "key": "WEB" }, "labels": [label],
            "issuetype": { "name": label }, "status": { "name": label }, "reporter": { "accountId": format!("5f{id:022x}") },
        });
        serde_json::json!({ "id": id.to_string(), "key": format!("WEB-{id}"), "fields": fields }).to_string()
    };
    let texts: Vec<String> = ids.map(item).collect();
    let arriving = texts.iter().map(|text| Arriving::Item(deidentify::item(text).unwrap())).collect();
    let body_hash = body_hash(texts.concat().as_bytes());
    batch(
        &console.sluice,
        &cap,
        Batch { key: Some(body_hash.clone()), body_hash, arriving, told_at: None, progress: None },
    )
    .await
    .unwrap();
}

/// Organisations and people of each value of a field, counted one by one, without those that are held back.
async fn recount(console: &Console, key: &Key, field: &str) -> BTreeMap<String, (u64, u64)> {
    let mut counts: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    for region in console.sluice.regions.all() {
        for resident in console.sluice.store.residents(&region.id).await.unwrap() {
            let keys = vault::all(region, console.sluice.master.as_ref(), &resident.org.id).await.unwrap();
            let records = region.plane.records_by_place(&resident.org.id, None, 10_000).await.unwrap();
            let mut people: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
            for record in records.into_iter().filter(|record| !key.holds_back(record.place.item.as_bytes())) {
                let plain = keys[&record.generation].open(&record.place, &record.sealed).unwrap();
                let fields: Vec<KeptField> = serde_json::from_slice(&plain).unwrap();
                for value in fields.into_iter().filter(|of| of.field == field).flat_map(|of| of.values) {
                    people.entry(value).or_default().insert(record.author.clone());
                }
            }
            for (value, people) in people {
                let count = counts.entry(value).or_default();
                *count = (count.0 + 1, count.1 + people.len().min(20) as u64);
            }
        }
    }
    counts
}

async fn key_of(console: &Console, period: &str) -> Key {
    let wrapped = console.sluice.store.pattern_key(period).await.unwrap().unwrap().unwrap();
    let secret = console.sluice.master.unwrap(&wrapped, &format!("sluice patterns 1\0{period}")).await.unwrap();
    Key::new(&secret.try_into().unwrap())
}

fn numbers(published: &Published, family: Family) -> BTreeMap<String, (u64, u64)> {
    let cells = published.of(family).filter(|cell| patterns::group_of(&cell.cell.values[0]).is_none());
    cells.map(|cell| (cell.cell.values[0].clone(), (cell.organisations, cell.people))).collect()
}

pub(crate) async fn the_demo_shows_what_many_share(url: String) {
    let console = released(&url).await;
    let current = current(&console).await;
    let view = &current.view;
    assert_eq!((view.version, view.demonstration, view.withdrawn_since), (1, true, 0));
    assert_eq!((view.rules.k_organisations, view.rules.k_people), (5, 8));
    assert_eq!(view.period, "2026-11");
    let regions = if url.starts_with("sqlite:") { 3 } else { 1 };
    assert_eq!(console.sluice.regions.all().count(), regions);
    assert_eq!(view.organisations, 31, "28 neighbours and three of the demo's own");

    // A published number is what a loop over every record counts.
    let key = key_of(&console, "2026-11").await;
    for (field, dimension) in [("issuetype.name", Dimension::Type), ("priority.name", Dimension::Priority)] {
        let counted = recount(&console, &key, field).await;
        let shown = numbers(&current.published, Family::one(dimension));
        let fixed: Vec<_> = current.published.iter().filter(|cell| cell.cell.family.is_fixed()).collect();
        assert!(!shown.is_empty(), "{field}: {:?} {fixed:?}", view.report);
        for (value, count) in &shown {
            assert_eq!(counted.get(value), Some(count), "{field} {value}");
        }
        let hidden = counted.iter().filter(|(value, _)| !shown.contains_key(*value));
        for (value, (organisations, people)) in hidden {
            assert!(*organisations < 5 || *people < 8 || view.report.complementary > 0, "{value} should be shown");
        }
    }
    for cell in current.published.iter() {
        assert!(cell.organisations >= 5 && cell.people >= 8, "{cell:?}");
    }

    // One label of one organisation is on all of its items, and nowhere in clear but sealed.
    assert!(current.published.iter().all(|cell| !cell.cell.to_string().contains("zephyr")));
    nowhere(&url, &console, "zephyr").await;

    let admin = console.admin("free").await;
    let new = r#"{"key": "NEW-1", "fields": {"summary": "Fix login error on iOS after the latest mobile update", "customfield_10016": 3}}"#;
    let suggested = suggest(&console.sluice, &admin, deidentify::item(new).unwrap()).await.unwrap();
    assert_eq!(suggested.shows.values[&Dimension::Points], "2 to 3");
    let suggestions = suggested.suggestions.unwrap();
    for field in [&suggestions.types, &suggestions.priorities, &suggestions.durations, &suggestions.causes] {
        let found = field.as_ref().unwrap();
        assert!(found.iter().map(|one| one.confidence).sum::<u16>() <= 1000, "{found:?}");
        assert!(found.iter().all(|one| one.evidence == found[0].evidence), "{found:?}");
        assert!(found[0].support >= 5 && found[0].confidence >= 400, "{found:?}");
        assert!(found.iter().all(|one| one.confidence <= found[0].confidence), "{found:?}");
    }
    let first = |of: Result<Vec<patterns::Suggestion>, patterns::Abstained>| of.unwrap()[0].clone();
    assert_eq!(first(suggestions.types).value, "Bug");
    assert_eq!(first(suggestions.priorities).value, "High");
    let cause = first(suggestions.causes);
    assert!(cause.value == "expired token" && cause.support >= 5, "{cause:?}");
    assert!(suggestions.durations.is_ok() && !first(suggestions.phrases).value.is_empty());
    let measure = &view.measure;
    assert!(measure.types.items > 50, "{measure:?}");
    assert!(measure.types.right_share() > measure.types.baseline_share(), "{measure:?}");

    // The organisation's log says once what its data was read for.
    let log = console.log("large").await;
    assert_eq!(log.matches("Pattern release").count(), 1);
    let log = console.sluice.store.audit_lines("installation", 0, 1_000).await.unwrap();
    assert_eq!(log.matches("release.publish").count(), 1);

    let TakesPart::Yes(own) = impact(&console.sluice, &auditor(&console, "large").await).await.unwrap().part else {
        panic!("the organisation takes part")
    };
    assert!(own.takes_part > 0 && own.organisations_at_most == 1 && own.people_at_most <= 20, "{own:?}");
    let none = impact(&console.sluice, &auditor(&console, "exempt").await).await.unwrap();
    assert_eq!(none.part, TakesPart::No);
}

async fn auditor(console: &Console, slug: &str) -> OrgAuditor {
    console.admin(slug).await.into()
}

/// That a text stands in no file of an SQLite installation, and in no table of either that anyone can read without a key.
async fn nowhere(url: &str, console: &Console, text: &str) {
    if let Some(file) = url.strip_prefix("sqlite:") {
        let folder = std::path::Path::new(file).parent().unwrap();
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let bytes = std::fs::read(&path).unwrap();
            let found = bytes.windows(text.len()).any(|window| window.eq_ignore_ascii_case(text.as_bytes()));
            assert!(!found, "{text} stands in {}", path.display());
        }
    }
    for release in console.sluice.store.releases(None, 10).await.unwrap() {
        assert!(!format!("{release:?}").contains(text));
        let cells = console.sluice.store.release_cells(release.version).await.unwrap();
        assert!(cells.iter().all(|cell| !cell.id.contains(text)));
    }
}

pub(crate) async fn what_was_taken_back_is_not_in_the_next_release(url: String) {
    let console = released(&url).await;
    let before = current(&console).await;
    let region = console.region();
    let org = console.org("standard").await;
    assert!(region.plane.part(&org.id, "2026-11").await.unwrap().is_some());

    let admin = console.admin("standard").await;
    console.clock.pass_minutes(60);
    console.set(&admin, Some(false), &Setting::Organisation(Kind::InApp)).await.unwrap();
    reconcile_all(&console.sluice, region, true).await.unwrap();
    assert!(region.plane.part(&org.id, "2026-11").await.unwrap().is_none(), "it goes when the withdrawal begins");
    let own = impact(&console.sluice, &auditor(&console, "standard").await).await.unwrap();
    assert_eq!((own.part, own.versions), (TakesPart::Forgotten, vec![1]));
    // While it is being taken back, the organisation is left out.
    assert!(run::begin(&console.sluice).await.unwrap());
    assert!(run::work_one(&console.sluice, "worker").await.unwrap());
    assert_eq!(current(&console).await.view.organisations, 30);
    assert!(region.plane.part(&org.id, "2026-11").await.unwrap().is_none());
    while work_one(&console.sluice, region, "worker").await.unwrap() {}
    let withdrawals = region.plane.withdrawals(&org.id, 10).await.unwrap();
    let newest = receipt::check(withdrawals[0].receipt.as_deref().unwrap(), console.sluice.signer.public()).unwrap();
    assert_eq!(newest.patterns_affected, ["1"]);
    let first = receipt::check(withdrawals[1].receipt.as_deref().unwrap(), console.sluice.signer.public()).unwrap();
    assert!(first.patterns_affected.is_empty(), "the demo took something back before there was a release");
    assert_eq!(releases::release(&console.sluice, 1).await.unwrap().view.withdrawn_since, 1);
    let own = impact(&console.sluice, &auditor(&console, "standard").await).await.unwrap();
    assert_eq!((own.part, own.versions), (TakesPart::No, vec![1]));

    let untouched = console.org("large").await;
    let part = console.region().plane.part(&untouched.id, "2026-11").await.unwrap().unwrap();
    assert!(run::begin(&console.sluice).await.unwrap());
    assert!(run::work_one(&console.sluice, "worker").await.unwrap());
    let after = current(&console).await;
    assert_eq!((after.view.version, after.view.withdrawn_since), (3, 0));
    let same = console.region().plane.part(&untouched.id, "2026-11").await.unwrap().unwrap();
    assert_eq!(part, same, "whoever changed nothing is not counted again");

    // Only its metadata is in it, so what many say in texts has at most one organisation less, and nothing else moved.
    let mut moved = 0;
    for cell in before.published.iter() {
        let Some(now) = after.published.get(&cell.cell) else { continue };
        assert!(cell.organisations - now.organisations <= 1 && cell.people - now.people <= 20, "{cell:?} {now:?}");
        moved += u64::from(cell.organisations != now.organisations);
    }
    for cell in after.published.iter() {
        assert!(before.published.get(&cell.cell).is_some(), "less data shows nothing new: {cell:?}");
    }
    assert!(moved > 0, "it had been in some");
    // The old one stands as it was.
    let old = releases::release(&console.sluice, 1).await.unwrap();
    assert_eq!(old.published, before.published);
    assert!(matches!(
        impact(&console.sluice, &auditor(&console, "standard").await).await.unwrap().part,
        TakesPart::Yes(_)
    ));
}

pub(crate) async fn a_region_that_is_down_is_waited_for(url: String) {
    let console = Console::demo(&url).await;
    send(&console, "free", 0..3, "windlass").await;
    let broken = DataPlaneDatabase::open("sqlite:/dev/null/in/the/way.db").unwrap().plane;
    let whole: BTreeMap<String, Region> = console.sluice.regions.0.as_ref().clone();
    let eu = whole["eu"].clone();
    let mut without = whole.clone();
    without.insert("moon".to_owned(), Region { id: "moon".to_owned(), plane: broken, keys: eu.keys.clone() });
    let down = Sluice { regions: Regions(Arc::new(without)), ..console.sluice.clone() };
    assert!(run::begin(&down).await.unwrap());
    assert!(!run::begin(&down).await.unwrap(), "one at a time");
    assert!(run::work_one(&down, "worker").await.unwrap());
    let run = last_run(&down).await;
    assert_eq!((run.state, run.progress.waits_for.as_slice()), (JobState::Waiting, &["moon".to_owned()][..]));
    assert!(releases::current(&down).await.unwrap().is_none());
    assert!(!run::work_one(&console.sluice, "worker").await.unwrap(), "not before it is due again");
    console.clock.pass_minutes(1);
    assert!(run::work_one(&console.sluice, "worker").await.unwrap());
    let run = last_run(&console.sluice).await;
    assert_eq!((run.state, run.version, run.progress.waits_for.len()), (JobState::Done, Some(1), 0));
    let current = current(&console).await;
    assert_eq!(
        (current.view.organisations, current.published.len()),
        (1, 0),
        "one organisation shares nothing with anyone"
    );
    nowhere(&url, &console, "windlass").await;
    let admin = console.admin("free").await;
    let opened =
        contributed::records(&console.sluice, &admin, "own-review", &Default::default(), None, 50).await.unwrap();
    assert!(format!("{opened:?}").contains("windlass"), "it is there, sealed");
}

/// Publishes something empty, as a worker that has or had a run.
async fn publish(console: &Console, run: &Run, worker: &str, version: i64, organisations: Vec<String>) -> bool {
    let now = console.sluice.now();
    let release = NewRelease {
        version,
        period: run.period.clone(),
        at: now,
        catalogue: String::new(),
        head: "{}".to_owned(),
        report: "{}".to_owned(),
        measure: "{}".to_owned(),
        cells: Vec::new(),
        organisations,
    };
    let (nobody, by) = (audit::Actor::nobody(audit::ActorKind::System), audit::Interface::Job);
    let entry = Draft::new(now.micros(), nobody, by, Action::ReleasePublish, "release", &version.to_string());
    console.sluice.store.publish(&run.id, worker, &release, &entry).await.unwrap()
}

pub(crate) async fn a_run_that_is_cut_off_publishes_once(url: String) {
    let console = Console::demo(&url).await;
    send(&console, "free", 0..3, "windlass").await;
    let store = &console.sluice.store;
    run::begin(&console.sluice).await.unwrap();
    let now = console.sluice.now();
    let until = now.plus(Duration::from_secs(60));
    let run = store.lease_run("killed", now, until).await.unwrap().unwrap();
    assert!(!run::work_one(&console.sluice, "other").await.unwrap(), "it may still be at it");
    console.clock.pass_minutes(2);
    let (one, two) = tokio::join!(run::work_one(&console.sluice, "one"), run::work_one(&console.sluice, "two"));
    assert!(one.unwrap() | two.unwrap());
    assert_eq!(store.releases(None, 10).await.unwrap().len(), 1);

    // Whoever was thought dead and is not publishes nothing.
    assert!(!publish(&console, &run, "killed", 2, Vec::new()).await);
    assert_eq!(store.releases(None, 10).await.unwrap().len(), 1);

    // What was published stays.
    send(&console, "standard", 0..3, "windlass").await;
    for statement in [
        "UPDATE releases SET period = 'x'",
        "DELETE FROM releases",
        "UPDATE release_parts SET org_id = 'x'",
        "DELETE FROM release_parts",
        "INSERT INTO release_cells (version, cell, organisations, people) VALUES (9, 'all', 1, 1)",
    ] {
        assert!(console.database.execute_raw(statement).await.is_err(), "{statement}");
    }
}

pub(crate) async fn a_period_that_is_over_leaves_no_key(url: String) {
    let console = Console::demo(&url).await;
    assert!(!run::begin_if_due(&console.sluice).await.unwrap(), "nothing was ever contributed");
    send(&console, "free", 0..3, "windlass").await;
    assert!(run::begin_if_due(&console.sluice).await.unwrap());
    assert!(run::work_one(&console.sluice, "worker").await.unwrap());
    assert!(!run::begin_if_due(&console.sluice).await.unwrap(), "once a period");
    let org = console.org("free").await;
    let plane = &console.region().plane;
    assert!(plane.part(&org.id, "2026-11").await.unwrap().is_some());
    assert!(console.sluice.store.pattern_key("2026-11").await.unwrap().unwrap().is_some());

    // A run of a period that is over is in nobody's way.
    assert!(run::begin(&console.sluice).await.unwrap());
    console.clock.pass_minutes(60 * 24 * 20);
    assert!(run::begin_if_due(&console.sluice).await.unwrap());
    let [new, old] = &console.sluice.store.runs(2).await.unwrap()[..] else { panic!("two runs") };
    assert_eq!((new.period.as_str(), new.state, new.finished_at), ("2026-12", JobState::Waiting, None));
    assert_eq!((old.period.as_str(), old.state, old.version), ("2026-11", JobState::GivenUp, None));
    assert!(old.finished_at.is_some());
    assert_eq!(run::obstacle(&console.sluice, "2026-11").await.unwrap(), Some(Obstacle::Over));
    assert_eq!(console.sluice.store.pattern_key("2026-11").await.unwrap(), Some(None), "dropped");
    assert!(plane.part(&org.id, "2026-11").await.unwrap().is_none(), "before there is another release");
    assert!(run::work_one(&console.sluice, "worker").await.unwrap());
    assert_eq!(current(&console).await.view.period, "2026-12");
    assert!(plane.part(&org.id, "2026-12").await.unwrap().is_some());
    assert!(current(&console).await.published.get(&Cell::everything()).is_none());
}

/// Of two servers one may have the new period while the other has the old one still, or have no right clock at all.
pub(crate) async fn a_clock_that_is_ahead_ends_no_period(url: String) {
    let console = Console::demo(&url).await;
    send(&console, "free", 0..3, "windlass").await;
    let key = async |period: &str| console.sluice.store.pattern_key(period).await.unwrap();
    const AHEAD: i64 = 60 * 24 * 20;
    console.clock.pass_minutes(AHEAD);
    assert!(run::begin(&console.sluice).await.unwrap());
    assert!(run::work_one(&console.sluice, "worker").await.unwrap());
    assert!(run::begin(&console.sluice).await.unwrap());
    console.clock.pass_minutes(-AHEAD);
    assert!(!run::begin_if_due(&console.sluice).await.unwrap(), "a run of December is open");
    let [open, _] = &console.sluice.store.runs(2).await.unwrap()[..] else { panic!("two runs") };
    assert_eq!((open.period.as_str(), open.finished_at), ("2026-12", None));
    assert!(key("2026-12").await.unwrap().is_some());
    let org = console.org("free").await;
    assert!(console.region().plane.part(&org.id, "2026-12").await.unwrap().is_some());
    assert_eq!(run::obstacle(&console.sluice, "2026-12").await.unwrap(), None);

    // A key that is dropped before its time: there is no release of that period, and no run of it every minute.
    console.clock.pass_minutes(AHEAD);
    assert!(run::work_one(&console.sluice, "worker").await.unwrap());
    console.sluice.store.drop_pattern_key("2026-12", console.sluice.now()).await.unwrap();
    assert_eq!(run::obstacle(&console.sluice, "2026-12").await.unwrap(), Some(Obstacle::Over));
    assert!(run::begin(&console.sluice).await.unwrap());
    assert!(run::work_one(&console.sluice, "worker").await.unwrap());
    assert_eq!(last_run(&console.sluice).await.state, JobState::GivenUp);
    for _ in 0..3 {
        console.clock.pass_minutes(1);
        assert!(!run::begin_if_due(&console.sluice).await.unwrap());
    }
}

/// A record that is replaced was stored twice and is removed once: who took everything back is in nobody's way for that.
pub(crate) async fn whoever_took_everything_back_is_left_out(url: String) {
    let console = Console::demo(&url).await;
    let (org, region) = (console.org("enterprise").await, console.region());
    send(&console, "standard", 0..3, "windlass").await;
    send(&console, "enterprise", 0..3, "windlass").await;
    send(&console, "enterprise", 0..3, "capstan").await;
    let admin = console.admin("enterprise").await;
    for kind in Kind::ALL {
        console.set(&admin, Some(false), &Setting::Organisation(kind)).await.unwrap();
    }
    reconcile_all(&console.sluice, region, true).await.unwrap();
    while work_one(&console.sluice, region, "worker").await.unwrap() {}
    let mark = region.plane.mark(&org.id).await.unwrap();
    assert!(region.plane.held(&org.id).await.unwrap().is_empty());
    assert!(mark.stored > mark.removed && mark.removed > 0, "the test must be able to fail: {mark:?}");
    assert_eq!(region.plane.contributors().await.unwrap(), BTreeSet::from([console.org("standard").await.id]));

    assert!(run::begin_if_due(&console.sluice).await.unwrap());
    assert!(run::work_one(&console.sluice, "worker").await.unwrap());
    assert_eq!(current(&console).await.view.organisations, 1);
    assert!(console.sluice.store.releases_with(&org.id).await.unwrap().is_empty());
}

/// A copy of a region's data that was brought back can hold what was sealed with keys that are destroyed: nobody reads that, and it
/// keeps nobody from the next release.
pub(crate) async fn what_no_key_opens_any_more_is_left_out(url: String) {
    let console = Console::demo(&url).await;
    let region = console.region();
    let now = console.sluice.clock.now();
    for (slug, generation) in [("standard", 0), ("free", 1), ("enterprise", 1)] {
        send(&console, slug, 0..3, "windlass").await;
        let org = console.org(slug).await;
        region.keys.destroy_keys(&org.id, generation, now).await.unwrap();
    }
    // Of one of them there is something new, under a key that is there.
    send(&console, "enterprise", 3..5, "capstan").await;
    assert!(run::begin_if_due(&console.sluice).await.unwrap());
    assert!(run::work_one(&console.sluice, "worker").await.unwrap());
    assert_eq!(current(&console).await.view.organisations, 2);
    let records = async |slug: &str| {
        let org = console.org(slug).await;
        region.plane.part(&org.id, &last_run(&console.sluice).await.period).await.unwrap().map(|part| part.records)
    };
    assert!(records("standard").await.is_some() && records("free").await.is_none());
    assert!(records("enterprise").await.is_some());
}

/// Works on the open run until it is at a step and has waited so often since; then something else is done, and the run goes on to
/// its end.
async fn meanwhile(console: &Console, at: Step, waits: usize, other: impl Future<Output = ()>) {
    let mut work = pin!(run::work_one(&console.sluice, "worker"));
    let mut other = pin!(other);
    loop {
        if until(work.as_mut(), 0).await.is_some() {
            return other.await;
        }
        let run = last_run(&console.sluice).await;
        if run.state == JobState::Running && run.progress.step == at {
            break;
        }
    }
    if until(work.as_mut(), waits).await.is_some() {
        return other.await;
    }
    // What stands still in the middle of a transaction is waited for by everyone: then both go on.
    if tokio::time::timeout(Duration::from_millis(300), other.as_mut()).await.is_ok() {
        work.await.unwrap();
    } else {
        tokio::join!(work, other).0.unwrap();
    }
}

pub(crate) async fn what_is_deleted_while_a_release_is_made_does_not_stop_it(url: String) {
    let console = Console::demo(&url).await;
    send(&console, "standard", 0..3, "windlass").await;
    let org = console.org("standard").await;
    for (number, step) in [Step::Adding, Step::Measuring, Step::Publishing].into_iter().enumerate() {
        assert!(run::begin(&console.sluice).await.unwrap());
        let delete = async {
            let cap = operator(console.sluice.store.as_ref(), "standard").await.unwrap();
            let arriving = vec![Gone { app: "jira".to_owned(), id: number.to_string() }];
            let body_hash = body_hash(number.to_string().as_bytes());
            batch(&console.sluice, &cap, Batch { key: None, body_hash, arriving, told_at: None, progress: None })
                .await
                .unwrap();
        };
        let before = console.region().plane.mark(&org.id).await.unwrap();
        meanwhile(&console, step, 1, delete).await;
        let mark = console.region().plane.mark(&org.id).await.unwrap();
        assert!(mark.removed > before.removed && mark.epoch == before.epoch, "{mark:?}");
        let run = last_run(&console.sluice).await;
        assert_eq!((run.state, run.attempts), (JobState::Done, 1), "{step:?}");
    }
}

/// Everything that stands of an organisation is taken back, as far as that goes now.
async fn take_back(console: &Console, org: &OrgRef) {
    let (plane, now) = (&console.region().plane, console.sluice.now());
    let held = plane.held(&org.id).await.unwrap();
    let seen = plane.standing(&org.id).await.unwrap();
    let id = format!("taken back {}", seen.epoch);
    let group = |held: &service::data_plane::Held| WithdrawnGroup {
        group: held.group.clone(),
        total: held.records,
        removed: 0,
    };
    let withdrawal = Withdrawal {
        id: id.clone(),
        cause: Cause::Setting,
        because: "The test wants it.".to_owned(),
        version: 0,
        epoch: 0,
        whole: false,
        groups: held.iter().map(group).collect(),
        stored_before: None,
        key_generation: 0,
        since: now,
        due_in_app: now,
        due: now,
        total: 0,
        removed: 0,
        finished_at: None,
        receipt: None,
    };
    let job = NewJob { id, task: Task::Withdraw, subject: String::new(), total: 0, at: now, worker: None };
    assert!(plane.begin_withdrawals(&org.id, seen, &held, seen.version, &[(withdrawal, job)]).await.unwrap());
    while work_one(&console.sluice, console.region(), "jobs").await.unwrap() {}
}

/// Of the newest withdrawal, which may have none yet.
async fn newest_receipt(console: &Console, org: &OrgRef) -> Option<Receipt> {
    let withdrawals = console.region().plane.withdrawals(&org.id, 1).await.unwrap();
    let note = withdrawals[0].receipt.as_deref()?;
    Some(receipt::check(note, console.sluice.signer.public()).unwrap())
}

/// Whenever something is taken back while a release is made, its receipt names the release if, and only if, it was computed with it.
pub(crate) async fn a_receipt_names_every_release_that_it_is_about(url: String) {
    let console = Console::demo(&url).await;
    send(&console, "standard", 0..3, "windlass").await;
    let org = console.org("free").await;
    let (mut with, mut without) = (0, 0);
    let moments = [(Step::Reading, 0..3), (Step::Measuring, 0..5), (Step::Publishing, 0..7)];
    for (step, waits) in moments.into_iter().flat_map(|(step, waits)| waits.map(move |waits| (step, waits))) {
        send(&console, "free", 0..3, "windlass").await;
        assert!(run::begin(&console.sluice).await.unwrap());
        meanwhile(&console, step, waits, take_back(&console, &org)).await;
        // A job that was put back, and a run that was, come again.
        console.clock.pass_minutes(2);
        run::work_one(&console.sluice, "worker").await.unwrap();
        while work_one(&console.sluice, console.region(), "jobs").await.unwrap() {}
        let run = last_run(&console.sluice).await;
        assert_eq!(run.state, JobState::Done, "{step:?} {waits}");
        let versions = console.sluice.store.releases_with(&org.id).await.unwrap();
        let named: Vec<String> = versions.iter().map(i64::to_string).collect();
        assert_eq!(newest_receipt(&console, &org).await.unwrap().patterns_affected, named, "{step:?} {waits}");
        let is_in = versions.last() == run.version.as_ref();
        (with, without) = (with + u32::from(is_in), without + u32::from(!is_in));
    }
    assert!(without > 0, "it was never in time to be left out: {with}");
}

/// While a release is being published nobody says which releases an organisation is in.
pub(crate) async fn no_receipt_is_signed_while_a_release_is_published(url: String) {
    let console = Console::demo(&url).await;
    send(&console, "free", 0..3, "windlass").await;
    let (org, store) = (console.org("free").await, &console.sluice.store);
    run::begin(&console.sluice).await.unwrap();
    let now = console.sluice.now();
    let until = now.plus(Duration::from_secs(60));
    let run = store.lease_run("worker", now, until).await.unwrap().unwrap();
    let publishing = Progress { step: Step::Publishing, ..run.progress.clone() };
    assert!(store.keep_run(&run.id, "worker", now, until, &publishing).await.unwrap());
    take_back(&console, &org).await;
    assert!(newest_receipt(&console, &org).await.is_none());
    assert!(console.region().plane.held(&org.id).await.unwrap().is_empty(), "what has to go does not wait");
    assert!(publish(&console, &run, "worker", 1, vec![org.id.clone()]).await);
    console.clock.pass_minutes(1);
    while work_one(&console.sluice, console.region(), "jobs").await.unwrap() {}
    assert_eq!(newest_receipt(&console, &org).await.unwrap().patterns_affected, ["1"]);
    assert_eq!(store.releases(None, 1).await.unwrap()[0].withdrawn, 1);

    // A run that is taken over is not being published any more.
    send(&console, "free", 0..3, "windlass").await;
    run::begin(&console.sluice).await.unwrap();
    let now = console.sluice.now();
    let run = store.lease_run("killed", now, now).await.unwrap().unwrap();
    assert!(store.keep_run(&run.id, "killed", now, now, &publishing).await.unwrap());
    console.clock.pass_minutes(1);
    let now = console.sluice.now();
    let again = store.lease_run("worker", now, now.plus(Duration::from_secs(60))).await.unwrap().unwrap();
    assert_eq!((again.id, again.progress.step), (run.id, Step::Reading));
    take_back(&console, &org).await;
    assert_eq!(newest_receipt(&console, &org).await.unwrap().patterns_affected, ["1"]);
}

/// With noise on, a release says what it cost, its numbers are not those that were counted, and the year's budget is not overspent.
pub(crate) async fn noise_is_spent_from_the_years_budget(url: String) {
    let console = released(&url).await;
    let exact = current(&console).await;
    let mut catalogue = Catalogue::built_in().unwrap();
    let few = [Family::EVERYTHING, Family::one(Dimension::Type), Family::one(Dimension::Priority)];
    catalogue.patterns.demo.families = BTreeSet::from(few);
    catalogue.patterns.demo.epsilon_thousandths = Some(1_000);
    catalogue.patterns.yearly_epsilon_thousandths = 1_500;
    let catalogues = Catalogues::new(catalogue, &Translation::built_in().unwrap());
    let noisy = Sluice { catalogues, ..console.sluice.clone() };
    assert!(run::begin(&noisy).await.unwrap());
    assert!(run::work_one(&noisy, "worker").await.unwrap());
    let made = current(&console).await;
    assert_eq!((made.view.version, made.view.report.epsilon_spent), (2, 1_000));
    assert_eq!((exact.view.report.epsilon_spent, exact.view.organisations), (0, made.view.organisations));
    assert!(made.published.within.organisations > 0 && made.published.within.people > 0);
    let both = made.published.iter().filter_map(|cell| {
        let known = exact.published.get(&cell.cell)?;
        Some((known.organisations != cell.organisations, known.people != cell.people))
    });
    let both: Vec<(bool, bool)> = both.collect();
    assert!(both.len() > 3 && both.iter().any(|of| of.0) && both.iter().any(|of| of.1), "{both:?}");

    // The second one of the year costs more than is left: it is ended, and not tried for ever.
    let overspent = Some(Obstacle::Overspent(Overspent { cost: 1_000, left: 500 }));
    assert_eq!(run::obstacle(&noisy, "2026-11").await.unwrap(), overspent);
    assert!(run::begin(&noisy).await.unwrap());
    assert!(run::work_one(&noisy, "worker").await.unwrap());
    let ended = last_run(&noisy).await;
    assert_eq!((ended.state, ended.version, ended.attempts), (JobState::GivenUp, None, 1));
    assert!(ended.finished_at.is_some());
    assert_eq!(console.sluice.store.releases(None, 10).await.unwrap().len(), 2);
    // Nor does it stand in the way of what can be made.
    assert!(run::begin(&console.sluice).await.unwrap());
    assert!(run::work_one(&console.sluice, "worker").await.unwrap());
    assert_eq!(current(&console).await.view.version, 3);

    // By itself it is tried once in a period, and again when there is a new year.
    console.clock.pass_minutes(60 * 24 * 20);
    assert!(run::begin_if_due(&noisy).await.unwrap());
    assert!(run::work_one(&noisy, "worker").await.unwrap());
    assert_eq!(last_run(&noisy).await.state, JobState::GivenUp);
    assert!(!run::begin_if_due(&noisy).await.unwrap());
    console.clock.pass_minutes(60 * 24 * 31);
    assert!(run::begin_if_due(&noisy).await.unwrap());
    assert!(run::work_one(&noisy, "worker").await.unwrap());
    assert_eq!((current(&console).await.view.version, last_run(&noisy).await.version), (4, Some(4)));
}
