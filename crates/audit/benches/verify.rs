//! Verifying a log beside bare SHA-256 over the same bytes, in one run: `cargo bench -p audit`. The ratio is what to compare
//! between machines.

#![allow(clippy::print_stdout, reason = "a bench says what it measured")]

use std::time::{Duration, Instant};

use audit::{Action, Actor, ActorKind, Chain, Difference, Draft, Head, Interface, Outcome, Resource, sha256};

const ENTRIES: u32 = 1_000_000;
const ROUNDS: usize = 5;
const SCOPE: &str = "01a201c1-0b33-710b-bd1c-75fd6bd4a626";

fn draft(number: u32) -> Draft {
    Draft {
        at: 1_780_000_000_000_000 + i64::from(number),
        actor: Actor { id: SCOPE.to_owned(), kind: ActorKind::Person, session: Some("0a1b2c3d4e5f".to_owned()) },
        on_behalf_of: None,
        interface: Interface::Web,
        request: format!("9c1a4f0e-7d53-4a7b-9c1d-{number:012}"),
        action: Action::SettingsChange,
        resource: Resource { id: format!("01a201c1-0b33-710b-bd1c-{number:012}"), kind: "settings".to_owned() },
        changes: vec![Difference {
            what: "space:jira/WEB".to_owned(),
            old: Some("off".to_owned()),
            new: Some("on".to_owned()),
        }],
        outcome: Outcome::Done,
        because: None,
        reason: Some("Agreed in the data council on the engineering spaces.".to_owned()),
        reverts: None,
    }
}

fn fastest(mut work: impl FnMut()) -> Duration {
    let timed = (0..ROUNDS).map(|_| {
        let began = Instant::now();
        work();
        began.elapsed()
    });
    timed.min().unwrap_or_default()
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut head = Head::start();
    let mut lines = Vec::new();
    let mut bytes = 0;
    for number in 0..ENTRIES {
        let sealed = draft(number).seal(SCOPE, &head)?;
        head = sealed.head();
        bytes += sealed.body.len();
        lines.push(sealed.line());
    }
    let bare = fastest(|| {
        for line in &lines {
            std::hint::black_box(sha256(std::hint::black_box(line.as_bytes())));
        }
    });
    let mut broken = None;
    let walk = fastest(|| {
        let mut chain = Chain::new(SCOPE, vec![head.clone()]);
        let walked = lines.iter().try_for_each(|line| chain.next(line)).and_then(|()| chain.end());
        broken = walked.err();
    });
    if let Some(broken) = broken {
        return Err(broken.into());
    }
    let rate = |time: Duration| f64::from(ENTRIES) / time.as_secs_f64();
    println!("{ENTRIES} entries of {} bytes on average", bytes / lines.len());
    println!("bare SHA-256  {:>10.0} entries/s", rate(bare));
    println!("verified      {:>10.0} entries/s", rate(walk));
    println!("ratio         {:>10.2}", walk.as_secs_f64() / bare.as_secs_f64());
    Ok(())
}
