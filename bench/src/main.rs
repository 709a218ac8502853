//! Measures our engine beside other tools in one run: speed, and on marked texts recall, leak and over-redaction.

mod engines;
mod people;
mod score;
mod sets;

use std::error::Error;
use std::hint::black_box;
use std::path::PathBuf;

use cpu_time::ThreadTime;
use deidentify::Directory;

use crate::engines::{DatafogCore, Engine, Ours, RedactCore};
use crate::score::{KINDS, Score};
use crate::sets::Gold;

/// A directory as an organisation of some size has it.
const PEOPLE: usize = 5_000;

/// The engines take turns, so that whatever else the machine does meets all of them; the best turn of each counts.
const TURNS: usize = 5;

/// CPU seconds that a turn takes at least.
const LEAST: f64 = 1.0;

/// Bytes that Presidio gets of each set: it needs a minute and more for them.
const FOR_PRESIDIO: usize = 60_000;

const USAGE: &str = "bench [--texts FILE.jsonl] [--gold FILE.jsonl] [--directory FILE.jsonl] [--presidio PYTHON]";

struct Row {
    name: String,
    /// Megabytes a CPU second.
    speed: f64,
    score: Score,
}

#[derive(Default)]
struct Arguments {
    texts: Option<PathBuf>,
    gold: Option<PathBuf>,
    directory: Option<PathBuf>,
    presidio: Option<PathBuf>,
}

fn arguments() -> Option<Arguments> {
    let mut read = Arguments::default();
    let mut given = std::env::args().skip(1);
    while let Some(name) = given.next() {
        let value = match name.as_str() {
            "--texts" => &mut read.texts,
            "--gold" => &mut read.gold,
            "--directory" => &mut read.directory,
            "--presidio" => &mut read.presidio,
            _ => return None,
        };
        *value = Some(given.next()?.into());
    }
    Some(read)
}

fn main() -> Result<(), Box<dyn Error>> {
    let given = arguments().ok_or(USAGE)?;
    let gold = match &given.gold {
        Some(path) => sets::gold(path)?,
        None => sets::comments(),
    };
    let texts = match &given.texts {
        Some(path) => sets::texts(path)?,
        None => gold.iter().map(|gold| gold.text.clone()).collect(),
    };
    let mut known = match &given.directory {
        Some(path) => sets::people(path)?,
        None if given.gold.is_none() => half_of_the_named(&gold),
        None => Vec::new(),
    };
    known.extend(people::made_up(known.len()..PEOPLE));
    let directory: Directory = known.into_iter().collect();

    let before = ThreadTime::now();
    let with_directory = Ours::new(&directory);
    println!("Our engine is ready for {} people after {:.2} CPU seconds.", directory.len(), seconds(before));
    let engines: [&dyn Engine; 4] =
        [&with_directory, &Ours::new(&Directory::default()), &RedactCore::new(), &DatafogCore::new()];
    let mut rows: Vec<Row> = engines.into_iter().map(|engine| recall(engine, &gold)).collect();
    for _ in 0..TURNS {
        for (engine, row) in engines.into_iter().zip(&mut rows) {
            row.speed = row.speed.max(speed(engine, &texts));
        }
    }
    if let Some(python) = &given.presidio {
        rows.push(presidio(python, &texts, &gold)?);
    }
    let bytes = |texts: &mut dyn Iterator<Item = &String>| texts.map(String::len).sum::<usize>() as f64 / 1e3;
    println!(
        "Speed on {} texts, {:.0} kB; recall on {} marked texts, {:.0} kB.",
        texts.len(),
        bytes(&mut texts.iter()),
        gold.len(),
        bytes(&mut gold.iter().map(|gold| &gold.text)),
    );
    if given.presidio.is_some() {
        println!("Presidio gets {} kB of each, taken from all over the set.", FOR_PRESIDIO / 1000);
    }
    for engine in engines.iter().filter(|engine| engine.refused() > 0) {
        println!("{} held back {} marked texts; they count as leaked.", engine.name(), engine.refused());
    }
    print_table(&rows);
    Ok(())
}

/// Every second person whom the comments call by a full name.
fn half_of_the_named(gold: &[Gold]) -> Vec<deidentify::Person> {
    let mut names: Vec<String> = Vec::new();
    for gold in gold {
        for span in gold.spans.iter().filter(|span| span.label == "PERSON") {
            let name: String = gold.text.chars().skip(span.start).take(span.end - span.start).collect();
            if name.contains(' ') && !name.contains('.') && !names.contains(&name) {
                names.push(name);
            }
        }
    }
    names.iter().step_by(2).enumerate().map(|(at, name)| people::known(name, at)).collect()
}

fn seconds(since: ThreadTime) -> f64 {
    since.elapsed().as_secs_f64()
}

fn speed(engine: &dyn Engine, texts: &[String]) -> f64 {
    let (mut bytes, mut spent) = (0, 0.0);
    while spent < LEAST && !texts.is_empty() {
        let before = ThreadTime::now();
        for text in texts {
            black_box(engine.wash(black_box(text)));
            bytes += text.len();
        }
        spent += seconds(before);
    }
    bytes as f64 / 1e6 / spent
}

fn recall(engine: &dyn Engine, gold: &[Gold]) -> Row {
    let mut score = Score::default();
    for gold in gold {
        let chars = |at: usize| gold.text[..at].chars().count();
        let found: Vec<_> = engine.find(&gold.text).iter().map(|found| chars(found.start)..chars(found.end)).collect();
        score.add(gold, &found);
    }
    Row { name: engine.name(), speed: 0.0, score }
}

fn presidio(python: &std::path::Path, texts: &[String], gold: &[Gold]) -> Result<Row, Box<dyn Error>> {
    let for_speed = sets::sample(texts, String::as_str, FOR_PRESIDIO);
    let for_recall = sets::sample(gold, |gold| &gold.text, FOR_PRESIDIO);
    let asked: Vec<&str> =
        for_speed.iter().map(|text| text.as_str()).chain(for_recall.iter().map(|gold| gold.text.as_str())).collect();
    let (name, answers) = engines::presidio(python, &asked)?;
    let (of_speed, of_recall) = answers.split_at(for_speed.len());
    let bytes: usize = for_speed.iter().map(|text| text.len()).sum();
    let spent: f64 = of_speed.iter().map(|answer| answer.seconds).sum();
    let mut score = Score::default();
    for (gold, answer) in for_recall.into_iter().zip(of_recall) {
        let found: Vec<_> = answer.spans.iter().map(|&(start, end)| start..end).collect();
        score.add(gold, &found);
    }
    Ok(Row { name, speed: bytes as f64 / 1e6 / spent, score })
}

/// Shares in percent; `ours : it` says how many times as fast our engine with a directory is.
fn print_table(rows: &[Row]) {
    let ours = rows.first().map_or(0.0, |row| row.speed);
    let share = |value: Option<f64>| value.map_or("-".into(), |value| format!("{value:.1}"));
    println!("\n| engine | MB per CPU s | ours : it | {} | leak | over |", KINDS.join(" | "));
    println!("|---|{}", "--:|".repeat(KINDS.len() + 4));
    for row in rows {
        let recall: Vec<String> = KINDS.iter().map(|kind| share(row.score.recall(kind))).collect();
        let speed = if row.speed < 1.0 { format!("{:.4}", row.speed) } else { format!("{:.1}", row.speed) };
        let ratio = ours / row.speed;
        let ratio = if ratio < 10.0 { format!("{ratio:.2}") } else { format!("{ratio:.0}") };
        let (leak, over) = (share(row.score.leak()), share(row.score.over()));
        println!("| {} | {speed} | {ratio} | {} | {leak} | {over} |", row.name, recall.join(" | "));
    }
}
