//! Releases: what many share is published and nothing else, whatever happens on the way.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use audit::{Action, Draft};
use patterns::{Cell, Dimension, Family, Key, Published};
use policy::{Kind, Setting};
use service::access::{OrgAuditor, operator};
use service::contributed::KeptField;
use service::data_plane::{Region, Regions};
use service::demo;
use service::impact::{TakesPart, impact};
use service::ingest::{Arriving, Batch, batch, body_hash};
use service::jobs::{JobState, work_one};
use service::ports::NewRelease;
use service::releases::run::{self, Run};
use service::releases::{self, Current};
use service::suggestions::suggest;
use service::vault;
use service::withdrawal::{receipt, reconcile_all};
use service::{Sluice, contributed};
use store::DataPlaneDatabase;

use crate::console::Console;

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
    let release = NewRelease {
        version: 2,
        period: run.period.clone(),
        at: now,
        catalogue: String::new(),
        head: "{}".to_owned(),
        report: "{}".to_owned(),
        measure: "{}".to_owned(),
        cells: Vec::new(),
        organisations: Vec::new(),
    };
    let entry = Draft::new(
        now.micros(),
        audit::Actor::nobody(audit::ActorKind::System),
        audit::Interface::Job,
        Action::ReleasePublish,
        "release",
        "2",
    );
    assert!(!store.publish(&run.id, "killed", &release, &entry).await.unwrap());
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

    console.clock.pass_minutes(60 * 24 * 20);
    assert!(run::begin_if_due(&console.sluice).await.unwrap());
    assert_eq!(console.sluice.store.pattern_key("2026-11").await.unwrap(), Some(None), "dropped");
    assert!(run::work_one(&console.sluice, "worker").await.unwrap());
    assert_eq!(current(&console).await.view.period, "2026-12");
    assert!(plane.part(&org.id, "2026-11").await.unwrap().is_none());
    assert!(plane.part(&org.id, "2026-12").await.unwrap().is_some());
    assert!(current(&console).await.published.get(&Cell::everything()).is_none());
}
