//! A release of made-up organisations, from their items to what is published, beside bare SHA-256 over the same items:
//! `cargo bench -p patterns -- [ORGANISATIONS ITEMS]`; 300 and 2,000,000 without numbers. The ratio is what to compare
//! between machines. Then everything is counted again the plain way, with text and sets, and must come out the same.

#![allow(clippy::print_stdout, reason = "a bench says what it measured")]

use std::collections::{BTreeSet, HashMap, HashSet};
use std::error::Error;
use std::fs::File;
use std::io::{BufReader, BufWriter};
use std::path::Path;
use std::time::{Duration, Instant};

use patterns::{
    Cell, Counter, Dimension, Family, Key, Measure, Observation, Part, Published, Rules, Score, Sources, Tally, impact,
    observe, release,
};
use sha2::{Digest, Sha256};

#[path = "../../../bench/organisations.rs"]
#[allow(dead_code, reason = "the ingest bench uses the rest")]
mod organisations;

use organisations::World;

/// Items are taken in such batches, so that making them up is timed apart.
const BATCH: usize = 10_000;

fn main() -> Result<(), Box<dyn Error>> {
    let numbers: Vec<u32> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    let (organisations, items) = match numbers[..] {
        [organisations, items, ..] => (organisations, items),
        _ => (300, 2_000_000),
    };
    let world = World { organisations, items };
    let sources: Sources = toml::from_str(include_str!("../tests/sources.toml"))?;
    let (rules, key) = (Rules::default(), Key::new(&[7; 32]));
    let folder = tempfile::tempdir()?;
    let file = |organisation: u32| folder.path().join(organisation.to_string());

    let mut timed = Timed::default();
    let mut tally = Tally::default();
    let mut most_cells = 0;
    for organisation in 0..organisations {
        let part = count(&world, organisation, &rules, &sources, &key, &mut timed)?;
        most_cells = most_cells.max(part.cells.len());
        let began = Instant::now();
        tally.add_part(&part);
        timed.adding += began.elapsed();
        // Sealed in the region in real life, and not in memory here either.
        serde_json::to_writer(BufWriter::new(File::create(file(organisation))?), &part)?;
    }
    let began = Instant::now();
    let wanted = tally.wanted(&rules);
    let mut revealed = BTreeSet::new();
    for organisation in 0..organisations {
        revealed.extend(read(&file(organisation))?.reveal(&wanted));
    }
    timed.revealing = began.elapsed();
    let began = Instant::now();
    let released = release(&rules, &sources, &key, &tally, revealed, None)?;
    timed.releasing = began.elapsed();
    let memory = most_memory();

    let report = &released.report;
    let each = |time: Duration| time.as_secs_f64() * 1e6 / f64::from(items);
    println!("{organisations} organisations, {items} items; the largest part has {most_cells} cells");
    for (what, time) in [
        ("bare SHA-256", timed.bare),
        ("observing", timed.observing),
        ("counting", timed.counting),
        ("adding to the tally", timed.adding),
        ("asking for clear text", timed.revealing),
        ("releasing", timed.releasing),
    ] {
        println!("{what:<22} {:>8.2} s {:>8.2} µs an item", time.as_secs_f64(), each(time));
    }
    let counting = timed.counting + timed.adding + timed.revealing + timed.releasing;
    let ratio = |time: Duration| time.as_secs_f64() / timed.bare.as_secs_f64();
    println!(
        "ratio to SHA-256       {:>8.1} without observing, {:.1} with it",
        ratio(counting),
        ratio(counting + timed.observing)
    );
    println!("memory                 {memory:>8} MB at most");
    println!(
        "cells                  {:>8} published {} folded {} suppressed {} (complementary {})",
        report.cells, report.published, report.folded, report.suppressed, report.complementary
    );
    println!(
        "contributions shown    {:>8.1} %",
        100.0 * report.contributions_published as f64 / report.contributions as f64
    );

    let first = impact(&released.published, &read(&file(0))?);
    println!(
        "without the largest    {:>8} published cells differ, by at most {} organisation and {} people; {} would fall",
        first.takes_part, first.organisations_at_most, first.people, first.would_fall
    );
    drop(tally);
    suggestions(&world, &sources, &key, &released.published);
    recount(&world, &rules, &sources, &key, &released.published, report.complementary)
}

#[derive(Default)]
struct Timed {
    bare: Duration,
    observing: Duration,
    counting: Duration,
    adding: Duration,
    revealing: Duration,
    releasing: Duration,
}

fn count(
    world: &World,
    organisation: u32,
    rules: &Rules,
    sources: &Sources,
    key: &Key,
    timed: &mut Timed,
) -> Result<Part, Box<dyn Error>> {
    let mut counter = Counter::new(key, rules, sources, &organisation.to_le_bytes());
    let mut items = world.items(organisation);
    loop {
        let batch: Vec<_> = items.by_ref().take(BATCH).map(|item| (item.fields(), item)).collect();
        if batch.is_empty() {
            break;
        }
        let texts = batch.iter().map(|(fields, _)| serde_json::to_vec(fields)).collect::<Result<Vec<_>, _>>()?;
        let began = Instant::now();
        for text in &texts {
            std::hint::black_box(Sha256::digest(std::hint::black_box(text)));
        }
        timed.bare += began.elapsed();
        let began = Instant::now();
        let shown: Vec<Observation> = batch.iter().map(|(fields, _)| shows(sources, fields)).collect();
        timed.observing += began.elapsed();
        let began = Instant::now();
        for ((_, item), shows) in batch.iter().zip(&shown) {
            counter.add(item.id.as_bytes(), Some(&item.author.to_le_bytes()), shows);
        }
        timed.counting += began.elapsed();
    }
    let began = Instant::now();
    let part = counter.finish();
    timed.counting += began.elapsed();
    Ok(part)
}

fn shows(sources: &Sources, fields: &[(&'static str, String)]) -> Observation {
    observe(sources, "jira", fields.iter().map(|(field, value)| (*field, value.as_str())))
}

fn read(path: &Path) -> Result<Part, Box<dyn Error>> {
    Ok(serde_json::from_reader(BufReader::new(File::open(path)?))?)
}

/// Held-back items of every tenth organisation: how often the first suggestion is right.
fn suggestions(world: &World, sources: &Sources, key: &Key, published: &Published) {
    let mut measure = Measure::default();
    let began = Instant::now();
    for organisation in (0..world.organisations).step_by(10) {
        for item in world.items(organisation).filter(|item| key.holds_back(item.id.as_bytes())) {
            measure.add(published, &shows(sources, &item.fields()));
        }
    }
    println!("held-back items        {:>8} measured in {:.1} s", measure.types.items, began.elapsed().as_secs_f64());
    let line = |what: &str, score: &Score| {
        let percent = |share: Option<u16>| f64::from(share.unwrap_or_default()) / 10.0;
        let said = 100.0 * score.suggested as f64 / score.items.max(1) as f64;
        println!(
            "{what:<22} {:>8.1} % right where something is said ({said:.1} %); the most common value {:.1} %",
            percent(score.right_share()),
            percent(score.baseline_share())
        );
    };
    line("types", &measure.types);
    line("priorities", &measure.priorities);
    line("durations", &measure.durations);
}

/// What a plain recount keeps of a cell. It knows no limit on the cells of an organisation: if one had more than it may
/// contribute to, the numbers would differ.
#[derive(Default)]
struct Plain {
    organisations: u64,
    people: u64,
    largest: [u64; 2],
}

fn recount(
    world: &World,
    rules: &Rules,
    sources: &Sources,
    key: &Key,
    published: &Published,
    complementary: u64,
) -> Result<(), Box<dyn Error>> {
    let began = Instant::now();
    let mut all: HashMap<String, Plain> = HashMap::new();
    for organisation in 0..world.organisations {
        let mut own: HashMap<String, HashSet<u32>> = HashMap::new();
        for item in world.items(organisation).filter(|item| !key.holds_back(item.id.as_bytes())) {
            for cell in cells(sources, rules, &shows(sources, &item.fields())) {
                own.entry(cell).or_default().insert(item.author);
            }
        }
        for (cell, people) in own {
            let people = (people.len() as u64).min(rules.people_a_cell.into());
            let plain = all.entry(cell).or_default();
            plain.organisations += 1;
            plain.people += people;
            if people > plain.largest[1] {
                plain.largest[1] = people;
                plain.largest.sort_by(|one, other| other.cmp(one));
            }
        }
    }
    let passes = |plain: &Plain| {
        plain.organisations >= rules.k_organisations.into()
            && plain.people >= rules.k_people.into()
            && plain.largest[0] * 100 <= plain.people * u64::from(rules.largest_share)
            && (plain.largest[0] + plain.largest[1]) * 100 <= plain.people * u64::from(rules.two_largest_share)
    };
    let mut missing = 0;
    for (cell, plain) in all.iter().filter(|(_, plain)| passes(plain)) {
        match published.get(&cell.parse::<Cell>()?) {
            Some(numbers) if (numbers.organisations, numbers.people) == (plain.organisations, plain.people) => {}
            Some(numbers) => return Err(format!("{cell}: {numbers:?} is published").into()),
            None => missing += 1,
        }
    }
    if missing != complementary
        || all.values().filter(|plain| passes(plain)).count() as u64 != published.len() as u64 + missing
    {
        return Err(format!("{missing} cells are missing, {complementary} of them with a reason").into());
    }
    println!(
        "recount                {:>8} cells, the same numbers, in {:.0} s",
        all.len(),
        began.elapsed().as_secs_f64()
    );
    Ok(())
}

/// The cells of an item, from nothing but the words for them.
fn cells(sources: &Sources, rules: &Rules, shows: &Observation) -> Vec<String> {
    let of = |dimension: Dimension, with_groups: bool| -> Vec<String> {
        match dimension {
            Dimension::Phrase => shows.phrases.iter().cloned().collect(),
            Dimension::Cause => shows.causes.iter().cloned().collect(),
            _ => {
                let Some(value) = shows.values.get(&dimension) else { return Vec::new() };
                let groups = sources.vocabulary.get(&dimension).into_iter().flat_map(|vocabulary| &vocabulary.groups);
                let own = groups.filter(|(_, values)| with_groups && values.contains(value));
                own.map(|(group, _)| format!("* {group}")).chain([value.clone()]).collect()
            }
        }
    };
    let mut cells = Vec::new();
    for family in &rules.families {
        let dimensions: Vec<Dimension> = family.dimensions().collect();
        match dimensions[..] {
            [only] => cells.extend(of(only, true).iter().map(|value| format!("{family}={value}"))),
            [first, second] => {
                for one in of(first, family.is_fixed()) {
                    for other in of(second, family.is_fixed()) {
                        let says_it_itself =
                            second == Dimension::Cause && (one.contains(&other) || other.contains(&one));
                        if !says_it_itself {
                            cells.push(format!("{family}={one}|{other}"));
                        }
                    }
                }
            }
            _ => cells.push(Family::EVERYTHING.to_string()),
        }
    }
    cells
}

/// The most that this process has taken, in megabytes.
fn most_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()).and_then(|kb| kb.parse::<u64>().ok()).unwrap_or_default()
        / 1024
}
