//! Ingest of made-up work items into SQLite beside de-identifying and sealing alone: the ratio is what the path around them costs.
//! `taskset -c 0 cargo bench -p store --bench ingest [ITEMS]` for one core; 200,000 without a number, which takes about a minute.

#![allow(clippy::print_stdout, reason = "a bench says what it measured")]

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};

use audit::SigningKey;
use deidentify::{Deidentifier, Dictionary, Directory, Item, Text, Value, item};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use policy::{Catalogue, Kind, Timestamp};
use service::Sluice;
use service::access::operator;
use service::data_plane::{Place, Region, Regions};
use service::ingest::{self, Arriving, Batch, MOST_ITEMS, body_hash};
use service::ports::Clock;
use service::vault::{self, MasterKey};
use store::{DataPlaneDatabase, Database, KeyDatabase};

const ITEMS: usize = 200_000;

/// That are made before they are sent, so that making them is not measured.
const ITEMS_IN_MEMORY: usize = 10_000;

/// As an import does: while one batch is written, the next one is washed.
const AT_ONCE: usize = 2;

/// A day on which contributions are in force.
const NOW: i64 = 1_790_000_000_000_000;

#[derive(Clone, Copy, Debug)]
struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(NOW)
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let items = std::env::args().find_map(|argument| argument.parse().ok()).unwrap_or(ITEMS);
    let folder = tempfile::tempdir()?;
    let url = |name: &str| format!("sqlite:{}", folder.path().join(name).display());
    let database = Database::open(&url("sluice.db"), Arc::new(Still)).await?;
    database.migrate().await?;
    let plane = DataPlaneDatabase::open(&url("eu.db"))?;
    let keys = KeyDatabase::open(&url("eu-keys.db"))?;
    let region = Region { id: "eu".to_owned(), plane: plane.plane, keys: keys.keys };
    let sluice = Sluice {
        store: Arc::clone(&database.control_plane),
        catalogues: service::Catalogues::built_in()?,
        clock: Arc::new(Still),
        uploads: Default::default(),
        signer: Arc::new(SigningKey::of_seed("sluice", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")?),
        regions: Regions(Arc::new(BTreeMap::from([("eu".to_owned(), region.clone())]))),
        master: Arc::new(MasterKey::parse(&MasterKey::generate()?)?),
        engines: Default::default(),
        reading: Default::default(),
    };
    service::demo::seed(&sluice).await?;
    let cap = operator(sluice.store.as_ref(), "free").await?;
    let org = sluice.store.organisation("free").await?.ok_or("no organisation")?;

    let engine = Deidentifier::new(&Directory::default(), &Dictionary::default());
    let key = vault::current(&region, sluice.master.as_ref(), &org.id, sluice.clock.now()).await?;
    let (mut alone, mut whole, mut stored) = (Duration::ZERO, Duration::ZERO, 0);
    let mut memories = Vec::new();
    for from in (0..items).step_by(ITEMS_IN_MEMORY) {
        let texts: Vec<String> = (from..(from + ITEMS_IN_MEMORY).min(items)).map(work_item).collect();
        let read: Vec<Item> = texts.iter().map(|text| item(text)).collect::<Result<_, _>>()?;

        let began = Instant::now();
        for item in &read {
            wash_and_seal(sluice.catalogue(), &engine, &key, item)?;
        }
        alone += began.elapsed();

        stored += read.len();
        let batches: Vec<Batch> = read.chunks(MOST_ITEMS).enumerate().map(|(at, some)| batch(from, at, some)).collect();
        drop((texts, read));
        let began = Instant::now();
        let sending = stream::iter(batches).map(|batch| ingest::batch(&sluice, &cap, batch)).buffered(AT_ONCE);
        sending.try_for_each(async |_| Ok(())).await?;
        whole += began.elapsed();
        memories.push(memory());
    }
    let rate = |time: Duration| stored as f64 / time.as_secs_f64();
    println!("de-identified and sealed alone {:>9.0} items/s", rate(alone));
    println!("ingested                       {:>9.0} items/s, {stored} items", rate(whole));
    println!("ratio                          {:>9.2}", whole.as_secs_f64() / alone.as_secs_f64());
    let (first, last) = (memories.first().unwrap_or(&0), memories.last().unwrap_or(&0));
    println!("memory                         {first:>9} MB after {ITEMS_IN_MEMORY} items, {last} MB at the end");
    let held: i64 = region.plane.held(&org.id).await?.iter().map(|held| held.records).sum();
    println!("records kept                   {held:>9}");
    Ok(())
}

fn batch(from: usize, at: usize, items: &[Item]) -> Batch {
    let key = format!("bench {from} {at}");
    Batch {
        body_hash: body_hash(key.as_bytes()),
        key: Some(key),
        arriving: items.iter().cloned().map(Arriving::Item).collect(),
        told_at: None,
        progress: None,
    }
}

/// What no ingest can do without: every text of an item that may leave de-identified, its content attributes computed, and what
/// leaves of each kind of data sealed. Nothing is decided, compared, counted or stored.
fn wash_and_seal(
    catalogue: &Catalogue,
    engine: &Deidentifier,
    key: &vault::DataKey,
    item: &Item,
) -> Result<(), Box<dyn Error>> {
    let (mut texts, mut kinds) = (Vec::new(), Vec::new());
    for leaf in &item.leaves {
        let kind = catalogue.field("jira", &leaf.path).and_then(|field| field.category.kind());
        if let (Some(kind), Value::Text(text)) = (kind, &leaf.value) {
            texts.push(Text { text, format: leaf.format });
            kinds.push(kind);
        }
    }
    let in_app: Vec<Text<'_>> =
        texts.iter().zip(&kinds).filter(|(_, kind)| **kind == Kind::InApp).map(|(text, _)| *text).collect();
    std::hint::black_box(deidentify::attributes(&in_app));
    let done = engine.item_with(&texts, &item.people)?;
    for kind in Kind::ALL {
        let of_kind = done.iter().zip(&kinds).filter(|(_, of)| **of == kind);
        let plain: Vec<&str> = of_kind.map(|(done, _)| done.text.as_str()).collect();
        let place = Place { item: key.item("jira", &item.id), part: String::new(), kind };
        std::hint::black_box(key.seal(&place, plain.join("\n").as_bytes())?);
    }
    Ok(())
}

/// A work item of about two kilobytes with people, addresses and a comment.
fn work_item(number: usize) -> String {
    const GIVEN: [&str; 6] = ["Ines", "Bram", "Zdravka", "Otto", "Femke", "Joris"];
    const FAMILY: [&str; 5] = ["Okafor", "Visser", "Quellin", "Lindholm", "Brennan"];
    let name = |shift: usize| {
        format!("{} {}", GIVEN[(number + shift) % GIVEN.len()], FAMILY[(number / 3 + shift) % FAMILY.len()])
    };
    let told = format!(
        "After the update of the mobile app the login page stays blank for {} when the session is older than a day. \
         Reproduced on build {} with a clean profile; the server answers 401 and the app does not ask again. ",
        name(1),
        number % 977
    );
    let description = told.repeat(5);
    let space = ["WEB", "APP", "OPS", "DATA"][number % 4];
    serde_json::json!({
        "id": number.to_string(),
        "key": format!("{space}-{number}"),
        "fields": {
            "summary": format!("Login error {} on iOS after the latest mobile update", number % 313),
            "description": format!("{description}Call {} on +49 30 5550 {:04} or write to user{number}@example.org.", name(0), number % 10_000),
            "issuetype": { "name": "Bug" },
            "priority": { "name": "High" },
            "status": { "name": "Waiting", "statusCategory": { "name": "In Progress" } },
            "created": "2026-09-01T10:00:00.000+0000",
            "project": { "key": space, "projectTypeKey": "software" },
            "reporter": { "accountId": format!("5b10ac8d82e05b22cc7d{:04x}", number % 4096), "displayName": name(0) },
            "comment": { "comments": [{
                "author": { "displayName": name(2) },
                "body": format!("{} saw it too, see 10.0.{}.{}.", name(1), number % 250, number % 200),
                "created": "2026-09-02T10:00:00.000+0000"
            }] }
        }
    })
    .to_string()
}

/// What this process takes now, in megabytes.
fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()).and_then(|kb| kb.parse::<u64>().ok()).unwrap_or_default()
        / 1024
}
