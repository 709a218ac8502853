//! One flipped bit in the file of an SQLite database: either the log is found broken, or it still says what it said.

use std::sync::Arc;

use service::audit_log::verify_log;
use store::Database;
use tempfile::TempDir;

use crate::console::{Console, setting};
use crate::database::{FakeClock, sqlite_url};

/// Flips in places that are nobody's entry (indexes, other tables, free space) are many; those in entries are all found.
const FLIPS: usize = 250;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_flipped_bit_of_a_file_changes_a_log_unseen() {
    let folder = TempDir::new().unwrap();
    let console = Console::demo(&sqlite_url(&folder)).await;
    let admin = console.admin("large").await;
    for turn in 0..12 {
        console.set(&admin, [Some(false), None][turn % 2], &setting("space:jira/HR")).await.unwrap();
    }
    let org = console.org("large").await;
    let log = console.log("large").await;
    // No stale copy of a row is left, so that what is found in the file is the row.
    console.database.execute_raw("VACUUM").await.unwrap();
    console.database.close().await;
    let whole = std::fs::read(folder.path().join("sluice.db")).unwrap();

    let bodies: Vec<(usize, usize)> = log
        .lines()
        .map(|line| {
            let body = line.strip_prefix("{\"entry\":").unwrap().rsplit_once(",\"hash\"").unwrap().0.as_bytes();
            (whole.windows(body.len()).position(|window| window == body).unwrap(), body.len())
        })
        .collect();
    let inside = |at: usize| bodies.iter().any(|(start, len)| (*start..start + len).contains(&at));
    let (mut found, mut in_entries) = (0, 0);
    // The steps are prime, so that the places are spread over the file and over each entry.
    for flip in 0..FLIPS {
        let at = if flip % 2 == 0 {
            let (start, len) = bodies[flip / 2 % bodies.len()];
            start + flip * 7_919 % len
        } else {
            flip * 104_729 % whole.len()
        };
        let mut bent = whole.clone();
        bent[at] ^= 1 << (flip % 8);
        let copy = TempDir::new().unwrap();
        std::fs::write(copy.path().join("sluice.db"), bent).unwrap();
        in_entries += usize::from(inside(at));
        let Ok(database) = Database::open(&sqlite_url(&copy), Arc::new(FakeClock::default())).await else {
            found += 1;
            continue;
        };
        let sluice = service::Sluice { store: Arc::clone(&database.control_plane), ..console.sluice.clone() };
        let verified = verify_log(&sluice, &org.id, Vec::new()).await;
        if verified.is_ok_and(|verified| verified.outcome.is_ok()) {
            assert!(!inside(at), "byte {at} of the file is in an entry");
            let now = sluice.store.audit_lines(&org.id, 0, u32::MAX).await.unwrap();
            assert_eq!(now, log, "byte {at}");
        } else {
            found += 1;
        }
        database.close().await;
    }
    assert!(in_entries >= FLIPS / 2 && found >= in_entries, "{found} of {in_entries}");
}
