//! Decisions per second over an organisation of 400 spaces, beside the least that a decision can cost: one lookup in the
//! settings. `cargo bench -p policy`. The ratio is what to compare between machines.

#![allow(clippy::print_stdout, reason = "a bench says what it measured")]

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::Instant;

use policy::{Catalogue, Chosen, Inventory, Kind, OrgState, Setting, Subscription, Target, Timestamp, decide};

const ROUNDS: u32 = 2_000;

fn main() {
    let (Ok(catalogue), Some(start), Some(at)) =
        (Catalogue::built_in(), Timestamp::parse("2025-01-01"), Timestamp::parse("2026-11-01"))
    else {
        return;
    };
    let spaces: Vec<_> = (0..400).map(|number| ("jira".to_owned(), format!("SPACE{number}"))).collect();
    let settings: BTreeMap<_, _> = spaces
        .iter()
        .step_by(4)
        .map(|(app, key)| (Setting::Space { app: app.clone(), key: key.clone() }, Chosen { on: true, at: start }))
        .collect();
    let subscription = |plan: &str, trial: bool| Subscription {
        app: "jira".to_owned(),
        plan: plan.to_owned(),
        trial,
        from: start,
        until: trial.then_some(at),
    };
    let state = OrgState {
        created: start,
        subscriptions: vec![subscription("standard", false), subscription("enterprise", true)],
        exemptions: Vec::new(),
        connectors: BTreeMap::new(),
        settings,
    };
    let targets: Vec<Target> = Inventory { spaces }
        .targets(&catalogue, &state)
        .into_iter()
        .filter(|target| matches!(target, Target::Space { .. }))
        .collect();
    let keys: Vec<_> = targets.iter().filter_map(Setting::entry_for).collect();

    let decided = Instant::now();
    for _ in 0..ROUNDS {
        for target in &targets {
            black_box(decide(&catalogue, &state, black_box(target), Kind::InApp, at));
        }
    }
    let decided = decided.elapsed().as_secs_f64();

    let looked_up = Instant::now();
    for _ in 0..ROUNDS {
        for key in &keys {
            black_box(state.chosen(black_box(key)));
        }
    }
    let looked_up = looked_up.elapsed().as_secs_f64();

    let count = f64::from(ROUNDS) * targets.len() as f64;
    println!("decisions with reasons   {:>12.0} a second", count / decided);
    println!("bare lookups             {:>12.0} a second", count / looked_up);
    println!("a decision costs as much as {:.1} lookups", decided / looked_up);
}
