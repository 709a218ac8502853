//! `docs/ASVS.md` says what is met and which test shows it. A test or a file that it names has to be there.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// Every row of its tables: id, level, what is asked, state, where, tests.
fn rows(text: &str) -> Vec<[String; 6]> {
    let lines =
        text.lines().filter(|line| line.starts_with("| ") && line.as_bytes().get(2).is_some_and(u8::is_ascii_digit));
    lines
        .map(|line| {
            let cells: Vec<String> = line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect();
            cells.try_into().unwrap_or_else(|cells| panic!("a row has six cells: {cells:?}"))
        })
        .collect()
}

/// What stands between backticks.
fn quoted(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

fn source_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && !["target", "node_modules", ".git"].contains(&name.as_str()) {
            source_files(&path, found);
        } else if name.ends_with(".rs") && !path.is_symlink() {
            found.push(path);
        }
    }
}

/// The names of all functions that could be a test.
fn functions() -> BTreeSet<String> {
    let mut files = Vec::new();
    for folder in ["app", "crates", "server"] {
        source_files(&Path::new(ROOT).join(folder), &mut files);
    }
    let mut names = BTreeSet::new();
    for file in files {
        let text = std::fs::read_to_string(file).unwrap();
        for after in text.split("fn ").skip(1) {
            if let Some((name, _)) = after.split_once('(') {
                names.insert(name.to_owned());
            }
        }
    }
    names
}

fn wrong_with(rows: &[[String; 6]], functions: &BTreeSet<String>) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut ids = BTreeSet::new();
    for [id, level, asked, state, place, tests] in rows {
        if !ids.insert(id) {
            wrong.push(format!("{id} stands there twice"));
        }
        if !["1", "2", "3"].contains(&level.as_str()) || asked.is_empty() {
            wrong.push(format!("{id} has no level or asks nothing"));
        }
        match state.split(':').next().unwrap_or_default() {
            "met" if quoted(tests).is_empty() => wrong.push(format!("{id} is met and no test shows it")),
            "met" | "documented" if quoted(place).is_empty() => wrong.push(format!("{id} is nowhere")),
            "met" | "documented" => {}
            "partly" | "not" | "n/a" if state.contains(": ") => {}
            _ => wrong.push(format!("{id} does not say why it is {state}")),
        }
        for file in quoted(place) {
            if !Path::new(ROOT).join(file).exists() {
                wrong.push(format!("{id} names {file}, which is not there"));
            }
        }
        for test in quoted(tests) {
            if !functions.contains(test) {
                wrong.push(format!("{id} names the test {test}, which is not there"));
            }
        }
    }
    wrong
}

#[test]
fn every_test_that_the_table_names_is_there() {
    let text = std::fs::read_to_string(Path::new(ROOT).join("docs/ASVS.md")).unwrap();
    let rows = rows(&text);
    assert!(rows.len() > 100, "{} rows were read", rows.len());
    let wrong = wrong_with(&rows, &functions());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_threat_has_a_test_that_is_there() {
    let text = std::fs::read_to_string(Path::new(ROOT).join("docs/threat-model.md")).unwrap();
    let functions = functions();
    let threats: Vec<&str> =
        text.lines().filter(|line| line.starts_with("| ") && line.matches('|').count() == 6).collect();
    assert!(threats.len() > 20, "{} threats were read", threats.len());
    for threat in threats {
        let tests = threat.trim_end_matches('|').rsplit('|').next().unwrap();
        for test in quoted(tests) {
            assert!(functions.contains(test), "{test} is not there: {threat}");
        }
    }
}

#[test]
fn a_wrong_row_is_found() {
    let functions = BTreeSet::from(["a_test".to_owned()]);
    let wrong = |line: &str| wrong_with(&rows(line), &functions).len();
    assert_eq!(wrong("| 1.1.1 | 2 | x | met | `server` | `a_test` |"), 0);
    assert_eq!(wrong("| 1.1.1 | 2 | x | not: because | | |"), 0);
    for line in [
        "| 1.1.1 | 2 | x | met | `server` | |",
        "| 1.1.1 | 2 | x | met | `server` | `no_test` |",
        "| 1.1.1 | 2 | x | met | `nowhere.rs` | `a_test` |",
        "| 1.1.1 | 2 | x | met | | `a_test` |",
        "| 1.1.1 | 2 | x | n/a | | |",
        "| 1.1.1 | 2 | x | perhaps: not | | |",
        "| 1.1.1 | 4 | x | met | `server` | `a_test` |",
    ] {
        assert_eq!(wrong(line), 1, "{line}");
    }
}
