//! A release from end to end on SQLite: made-up organisations are sealed and stored, the run makes its release, and what it published is
//! compared with a recount by SQL over a plain table that is written beside.
//! `cargo bench -p store --bench release [ITEMS]`; 100,000 without a number. Of 300 organisations.

#![allow(clippy::print_stdout, reason = "a bench says what it measured")]

#[path = "../../../bench/organisations.rs"]
#[allow(dead_code, reason = "other benches send what this one does not")]
mod organisations;

use std::collections::{BTreeMap, HashMap};
use std::error::Error;
use std::sync::Arc;
use std::time::Instant;

use audit::SigningKey;
use organisations::{WorkItem, World};
use patterns::{Cell, Dimension, Family, Key, observe};
use policy::{Catalogue, Category, Kind, Timestamp};
use service::Sluice;
use service::administration::create_organisation;
use service::data_plane::{NewBatch, NewRecord, Place, Region, Regions, Stored, Write};
use service::ports::Clock;
use service::releases::{current, run};
use service::vault::{self, DataKey, MasterKey, WrapKeys as _};
use sqlx::{Connection as _, SqliteConnection};
use store::{DataPlaneDatabase, Database, KeyDatabase};

const ORGANISATIONS: u32 = 300;
const ITEMS: u32 = 100_000;
const ITEMS_AT_ONCE: usize = 1_000;

/// A day on which contributions are in force.
const NOW: i64 = 1_795_000_000_000_000;

const SECRET: [u8; 32] = [7; 32];

#[derive(Clone, Copy, Debug)]
struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(NOW)
    }
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<(), Box<dyn Error>> {
    let items = std::env::args().find_map(|argument| argument.parse().ok()).unwrap_or(ITEMS);
    let world = World { organisations: ORGANISATIONS, items };
    let folder = tempfile::tempdir()?;
    let url = |name: &str| format!("sqlite:{}", folder.path().join(name).display());
    let database = Database::open(&url("sluice.db"), Arc::new(Still)).await?;
    database.migrate().await?;
    let mut regions = BTreeMap::new();
    for id in ["eu", "us"] {
        let plane = DataPlaneDatabase::open(&url(&format!("{id}.db")))?.plane;
        let keys = KeyDatabase::open(&url(&format!("{id}-keys.db")))?.keys;
        regions.insert(id.to_owned(), Region { id: id.to_owned(), plane, keys });
    }
    let master = Arc::new(MasterKey::parse(&MasterKey::generate()?)?);
    let sluice = Sluice {
        store: Arc::clone(&database.control_plane),
        catalogues: service::Catalogues::built_in()?,
        clock: Arc::new(Still),
        uploads: Default::default(),
        signer: Arc::new(SigningKey::of_seed("sluice", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")?),
        regions: Regions(Arc::new(regions)),
        master: Arc::clone(&master) as _,
        engines: Default::default(),
        reading: Default::default(),
    };
    let period = run::period(&sluice);
    let wrapped = master.wrap(&SECRET, &format!("sluice patterns 1\0{period}")).await?;
    sluice.store.add_pattern_key(&period, &wrapped, sluice.now()).await?;
    let key = Key::new(&SECRET);

    let mut plain = SqliteConnection::connect(&format!("{}?mode=rwc", url("plain.db"))).await?;
    sqlx::raw_sql(
        "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; CREATE TABLE shows (org, author, family, value, place)",
    )
    .execute(&mut plain)
    .await?;

    let began = Instant::now();
    for number in 0..world.organisations {
        let region = if number % 2 == 0 { "eu" } else { "us" };
        let (slug, app) = (format!("org-{number}"), [("jira".to_owned(), "standard".to_owned())]);
        let org = create_organisation(&sluice, database.administration.as_ref(), &slug, &slug, region, &app).await?;
        let region = sluice.regions.get(region).ok_or("no region")?;
        let data_key = vault::current(region, master.as_ref(), &org.id, sluice.now()).await?;
        let all: Vec<WorkItem> = world.items(number).collect();
        for (batch, some) in all.chunks(ITEMS_AT_ONCE).enumerate() {
            store(&sluice, region, &data_key, &org.id, batch, some).await?;
            write_plain(sluice.catalogue(), &key, &data_key, &org.id, some, &mut plain).await?;
        }
    }
    println!(
        "{items} items of {ORGANISATIONS} organisations sealed and stored in {:.1} s",
        began.elapsed().as_secs_f64()
    );

    let before = memory();
    let began = Instant::now();
    run::begin(&sluice).await?;
    run::work_one(&sluice, "bench").await?;
    let took = began.elapsed().as_secs_f64();
    println!("released in {took:.1} s; {before} MB before, {} MB at most", peak());

    let release = current(&sluice).await?.ok_or("nothing was released")?;
    println!("{:?}", release.view.report);
    println!("{:?}", release.view.measure);
    let size: u64 =
        ["eu.db", "us.db"].iter().filter_map(|name| folder.path().join(name).metadata().ok()).map(|of| of.len()).sum();
    println!("{} MB of data in the regions, parts included", size >> 20);

    let mut wrong = 0;
    for family in [
        Family::one(Dimension::Type),
        Family::two(Dimension::Type, Dimension::Priority),
        Family::one(Dimension::Phrase),
        Family::one(Dimension::Cause),
    ] {
        let rules = &sluice.catalogue().patterns.rules;
        let cells = if family.is_fixed() { rules.fixed_cells } else { rules.phrase_cells };
        let counted = recount(&mut plain, family, cells).await?;
        let shown = release
            .published
            .of(family)
            .filter(|cell| cell.cell.values.iter().all(|value| patterns::group_of(value).is_none()));
        let shown: HashMap<String, (u64, u64)> =
            shown.map(|cell| (cell.cell.values.join("|"), (cell.organisations, cell.people))).collect();
        let differ = shown.iter().filter(|(value, count)| counted.get(*value) != Some(*count)).count();
        let hidden = counted.keys().filter(|value| !shown.contains_key(*value)).count();
        println!("{family}: {} published, {differ} differ from SQL; {hidden} pass by SQL and are hidden", shown.len());
        wrong += differ;
    }
    println!("everything: {:?}", release.published.get(&Cell::everything()));
    if wrong == 0 { Ok(()) } else { Err(format!("{wrong} published numbers are not those of SQL").into()) }
}

/// A batch as it is stored, without the wash: there is nobody in the texts.
async fn store(
    sluice: &Sluice,
    region: &Region,
    key: &DataKey,
    org_id: &str,
    number: usize,
    some: &[WorkItem],
) -> Result<(), Box<dyn Error>> {
    let mut writes = Vec::with_capacity(some.len() * 2);
    for item in some {
        for kind in Kind::ALL {
            let is = |field: &str| sluice.catalogue().field("jira", field).map(|field| field.category);
            let wanted = if kind == Kind::Metadata { Category::Metadata } else { Category::InApp };
            let fields: Vec<serde_json::Value> = item
                .fields()
                .into_iter()
                .filter(|(field, _)| is(field) == Some(wanted))
                .map(|(field, value)| serde_json::json!({ "field": field, "values": [value] }))
                .collect();
            let plain = serde_json::to_vec(&fields)?;
            let place = Place { item: key.item("jira", &item.id), part: String::new(), kind };
            writes.push(Write::Put(NewRecord {
                sealed: key.seal(&place, &plain)?,
                place,
                app: "jira".to_owned(),
                space: "WEB".to_owned(),
                author: key.person(&item.author.to_string()),
                generation: key.generation,
                digest: key.digest(&plain),
                fields: i64::try_from(fields.len())?,
                found: BTreeMap::new(),
            }));
        }
    }
    let (seen, name) = (region.plane.standing(org_id).await?, number.to_string());
    let batch = NewBatch {
        key: Some(&name),
        body_hash: &name,
        answer: "",
        seen,
        version: 0,
        catalogue: &sluice.catalogue().version,
        at: sluice.now(),
        day: "2026-11-22",
        writes: &writes,
        told: &[],
        progress: None,
    };
    match region.plane.store_batch(org_id, &batch).await? {
        Stored::Done(_) => Ok(()),
        other => Err(format!("{other:?}").into()),
    }
}

/// What each item shows, a row each, for the recount; without what is held back.
async fn write_plain(
    catalogue: &Catalogue,
    key: &Key,
    data_key: &DataKey,
    org_id: &str,
    some: &[WorkItem],
    plain: &mut SqliteConnection,
) -> Result<(), Box<dyn Error>> {
    let mut rows = Vec::new();
    for item in some.iter().filter(|item| !key.holds_back(data_key.item("jira", &item.id).as_bytes())) {
        let fields = item.fields();
        let shows =
            observe(&catalogue.patterns.sources, "jira", fields.iter().map(|(field, value)| (*field, value.as_str())));
        let kind = shows.values.get(&Dimension::Type);
        let priority = shows.values.get(&Dimension::Priority);
        let mut add = |family, value: String, dimension: Option<Dimension>| {
            let place = |dimension| key.place(org_id.as_bytes(), dimension, &value).to_be_bytes().to_vec();
            rows.push((item.author, family, dimension.map(place), value));
        };
        // Of fixed values there are fewer than an organisation may add to.
        kind.into_iter().for_each(|kind| add("type", kind.clone(), None));
        let both = kind.zip(priority).map(|(kind, priority)| format!("{kind}|{priority}"));
        both.into_iter().for_each(|both| add("type+priority", both, None));
        shows.phrases.into_iter().for_each(|phrase| add("phrase", phrase, Some(Dimension::Phrase)));
        shows.causes.into_iter().for_each(|cause| add("cause", cause, Some(Dimension::Cause)));
    }
    for some in rows.chunks(5_000) {
        let mut insert = sqlx::QueryBuilder::<sqlx::Sqlite>::new("INSERT INTO shows ");
        insert.push_values(some, |mut row, (author, family, place, value)| {
            row.push_bind(org_id).push_bind(i64::from(*author)).push_bind(*family).push_bind(value).push_bind(place);
        });
        insert.build().persistent(false).execute(&mut *plain).await?;
    }
    Ok(())
}

/// What passes the thresholds of the built-in catalogue, by SQL, where each organisation adds to so many cells at most.
async fn recount(
    plain: &mut SqliteConnection,
    family: Family,
    cells: usize,
) -> Result<HashMap<String, (u64, u64)>, Box<dyn Error>> {
    let rows: Vec<(String, i64, i64)> = sqlx::query_as(
        "WITH seen AS (SELECT DISTINCT org, value, place FROM shows WHERE family = $1), \
         placed AS (SELECT org, value, ROW_NUMBER() OVER (PARTITION BY org ORDER BY place) AS place FROM seen), \
         counted AS (SELECT org, value, COUNT(DISTINCT author) AS people FROM shows WHERE family = $1 GROUP BY org, value), \
         each AS (SELECT org, value, MIN(people, 20) AS people FROM counted JOIN placed USING (org, value) \
                  WHERE placed.place <= $2), \
         ranked AS (SELECT *, ROW_NUMBER() OVER (PARTITION BY value ORDER BY people DESC) AS place FROM each) \
         SELECT value, COUNT(*), SUM(people) FROM ranked GROUP BY value HAVING COUNT(*) >= 20 AND SUM(people) >= 50 \
         AND SUM(people) FILTER (WHERE place = 1) * 100 <= SUM(people) * 40 \
         AND SUM(people) FILTER (WHERE place <= 2) * 100 <= SUM(people) * 60",
    )
    .bind(family.to_string())
    .bind(i64::try_from(cells)?)
    .fetch_all(plain)
    .await?;
    rows.into_iter()
        .map(|(value, organisations, people)| Ok((value, (u64::try_from(organisations)?, u64::try_from(people)?))))
        .collect()
}

/// Of this process, in megabytes.
fn memory() -> u64 {
    status("VmRSS:")
}

/// The most that it ever was.
fn peak() -> u64 {
    status("VmHWM:")
}

fn status(what: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(what)).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap_or_default() >> 10
}
