//! Releases: what many share is published and nothing else, whatever happens on the way.

use std::collections::{BTreeMap, BTreeSet};

use service::demo;
use service::releases::{self, run};

use crate::console::Console;

/// The demo with everything that it contributed, and its first release.
async fn released(url: &str) -> Console {
    let console = Console::demo(url).await;
    demo::contribute(&console.sluice).await.unwrap();
    console
}

pub(crate) async fn the_demo_has_patterns(url: String) {
    let console = released(&url).await;
    let current = releases::current(&console.sluice).await.unwrap().unwrap();
    eprintln!("{:#?}", current.view);
    for cell in current.published.iter() {
        eprintln!("{} {} {}", cell.cell, cell.organisations, cell.people);
    }
    assert_eq!((current.view.version, current.view.demonstration), (1, true));
}
