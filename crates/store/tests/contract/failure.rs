//! What is left of a change that fails: nothing, wherever it fails; and the next one works.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use policy::Chosen;
use service::model::{NewChange, NewItem};
use service::ports::ChangeError;
use service::settings::SettingsError;
use service::settings::change::{Outcome, Wish, change};

use crate::console::{Console, setting};

const HR: &str = "space:jira/HR";
const MOBILE: &str = "space:jira/MOBILE";

/// Each statement of a change that turns off `HR`, which has no entry, and `MOBILE`, which has one.
const STATEMENTS: [(&str, &str); 11] = [
    ("BEFORE UPDATE ON organisations", "NEW.slug = 'large'"),
    ("AFTER UPDATE ON organisations", "NEW.slug = 'large'"),
    ("BEFORE INSERT ON changes", "NEW.version > 0"),
    ("AFTER INSERT ON changes", "NEW.version > 0"),
    ("AFTER INSERT ON change_items", "NEW.setting = 'space:jira/HR'"),
    ("AFTER INSERT ON settings", "NEW.setting = 'space:jira/HR'"),
    ("AFTER INSERT ON change_items", "NEW.setting = 'space:jira/MOBILE'"),
    ("AFTER UPDATE ON settings", "NEW.setting = 'space:jira/MOBILE'"),
    ("BEFORE INSERT ON audit_entries", "NEW.sequence > 0"),
    ("AFTER UPDATE ON audit_heads", "NEW.sequence > 0"),
    ("AFTER INSERT ON audit_resources", "NEW.resource = 'space:jira/HR'"),
];

/// How a statement fails. The last one is found out only when the transaction is to be committed.
const SQLITE_FAULTS: [&str; 3] = [
    "SELECT RAISE(ABORT, 'broken for the test')",
    // As when the disk is full: the database ends the transaction by itself.
    "SELECT RAISE(ROLLBACK, 'broken for the test')",
    "INSERT INTO fault_at_commit VALUES (1)",
];
const POSTGRES_FAULTS: [&str; 2] = ["RAISE EXCEPTION 'broken for the test'", "INSERT INTO fault_at_commit VALUES (1)"];

pub(crate) async fn a_change_that_fails_anywhere_leaves_nothing(url: String) {
    let console = Console::demo(&url).await;
    let postgres = url.starts_with("postgres");
    let run = async |sql: String| console.database.execute_raw(sql.leak()).await.unwrap();
    run("CREATE TABLE fault (id BIGINT PRIMARY KEY); \
         CREATE TABLE fault_at_commit (id BIGINT REFERENCES fault (id) DEFERRABLE INITIALLY DEFERRED)"
        .to_owned())
    .await;
    let admin = console.admin("large").await;
    let wish = Wish::Set { to: Some(false), settings: vec![setting(HR), setting(MOBILE)] };

    for fault in if postgres { &POSTGRES_FAULTS[..] } else { &SQLITE_FAULTS } {
        for (statement, rows) in STATEMENTS {
            if postgres {
                run(format!(
                    "CREATE FUNCTION fault() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {fault}; RETURN NEW; END $$; \
                     CREATE TRIGGER fault {statement} FOR EACH ROW WHEN ({rows}) EXECUTE FUNCTION fault()"
                ))
                .await;
            } else {
                run(format!("CREATE TRIGGER fault {statement} WHEN {rows} BEGIN {fault}; END")).await;
            }
            let before = console.everything_and_log("large").await;
            for _ in 0..2 {
                let outcome = change(&console.sluice, &admin, &wish, i64::MAX).await;
                assert!(matches!(outcome, Err(SettingsError::Store(_))), "{fault}, {statement}: {outcome:?}");
                assert_eq!(console.everything_and_log("large").await, before, "{fault}, {statement}");
            }
            run(if postgres { "DROP FUNCTION fault CASCADE" } else { "DROP TRIGGER fault" }.to_owned()).await;

            let other = setting("space:jira/OPS");
            let to = if console.snapshot("large").await.state.chosen(&other).is_some() { None } else { Some(false) };
            let outcome = console.set(&admin, to, &other).await;
            assert!(matches!(outcome, Ok(Outcome::Changed { .. })), "after {fault}, {statement}: {outcome:?}");
        }
    }

    change(&console.sluice, &admin, &wish, i64::MAX).await.unwrap();
    let last = console.history("large").await.pop().unwrap();
    assert_eq!(last.items.len(), 2);
}

pub(crate) async fn a_change_that_cannot_be_written_leaves_nothing(url: String) {
    let console = Console::demo(&url).await;
    let before = console.everything_and_log("large").await;
    let org = console.org("large").await;
    let by = console.admin("large").await.who().clone();
    let taken = console.history("large").await[0].id.clone();
    let other = console.history("enterprise").await[0].id.clone();
    let at = console.sluice.now();
    let item = |of: &str| NewItem { setting: setting(of), old: None, new: Some(Chosen { on: false, at }) };
    let new = |id: &str| NewChange {
        id: id.to_owned(),
        by: by.clone(),
        at,
        reason: String::new(),
        reverts: None,
        items: vec![item(HR)],
    };
    let mut nobody = by.clone();
    nobody.account.id = "nobody".to_owned();
    let cases = [
        ("an id that is taken", new(&taken)),
        ("an id that another organisation took", new(&other)),
        ("an account that does not exist", NewChange { by: nobody, ..new("c-1") }),
        ("takes back what does not exist", NewChange { reverts: Some("nothing".to_owned()), ..new("c-2") }),
        ("the same setting twice", NewChange { items: vec![item(HR), item(HR)], ..new("c-3") }),
    ];
    for (what, new) in cases {
        let outcome = console.sluice.store.apply(&org.id, &|_| Ok(Some(new.clone()))).await;
        assert!(matches!(outcome, Err(ChangeError::Store(_))), "{what}: {outcome:?}");
        assert_eq!(console.everything_and_log("large").await, before, "{what}");
    }
    assert_eq!(console.sluice.store.apply(&org.id, &|_| Ok(Some(new("c-1")))).await.unwrap(), Some(3));
}

pub(crate) async fn a_decision_that_panics_leaves_nothing(url: String) {
    let console = Console::demo(&url).await;
    let before = console.everything_and_log("large").await;
    let org = console.org("large").await;
    for _ in 0..3 {
        let (sluice, id) = (console.sluice.clone(), org.id.clone());
        let panicked = tokio::spawn(async move {
            let _ = sluice.store.apply(&id, &|_| std::panic::resume_unwind(Box::new("for the test"))).await;
        });
        assert!(panicked.await.is_err_and(|error| error.is_panic()));
        assert_eq!(console.everything_and_log("large").await, before);
    }
    let admin = console.admin("large").await;
    console.set(&admin, Some(false), &setting(HR)).await.unwrap();
    assert_eq!(console.history("large").await.len(), 3);
}

const TURNS: u32 = 120;

/// A request that is given up drops its use case in the middle of whatever it awaits.
pub(crate) async fn an_abandoned_change_is_whole_or_absent(url: String) {
    let console = Console::demo(&url).await;
    let admin = console.admin("large").await;
    let started = Instant::now();
    for to in [Some(false), None, Some(false), None] {
        console.set(&admin, to, &setting(HR)).await.unwrap();
    }
    let one_change = started.elapsed() / 4;
    let already = console.history("large").await.len();
    let finished = Arc::new(AtomicUsize::new(0));
    for turn in 0..TURNS {
        let (console, admin, finished) = (console.clone(), admin.clone(), Arc::clone(&finished));
        let writing = tokio::spawn(async move {
            let to = if turn % 2 == 0 { Some(false) } else { None };
            if matches!(console.set(&admin, to, &setting(HR)).await, Ok(Outcome::Changed { .. })) {
                finished.fetch_add(1, Ordering::Relaxed);
            }
        });
        // Given up at once, a little later, and so on until well after a change is done; then from the start.
        tokio::time::sleep(one_change * (turn % 30) / 6).await;
        writing.abort();
        let _ = writing.await;
    }
    let written = console.history("large").await.len() - already;
    let finished = finished.load(Ordering::Relaxed);
    assert!(written >= finished, "{finished} were acknowledged and {written} are there");
    assert!((1..TURNS as usize).contains(&finished), "{finished} of {TURNS} were finished: the times are no test");
    // Nothing is left locked.
    let ops = setting("space:jira/OPS");
    assert!(matches!(console.set(&admin, Some(false), &ops).await, Ok(Outcome::Changed { .. })));
}
