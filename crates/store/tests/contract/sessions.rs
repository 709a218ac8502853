//! Sessions: kept as long as they should be and no longer, and never under the id that a browser holds.

use std::collections::HashMap;

use policy::Timestamp;
use serde_json::json;
use time::OffsetDateTime;
use tower_sessions_core::session::{Id, Record};
use tower_sessions_core::{ExpiredDeletion as _, SessionStore as _};

use crate::console::Console;

const HOUR: i64 = 60;

fn record(console: &Console, minutes: i64, data: &[(&str, serde_json::Value)]) -> Record {
    let expires = console.sluice.now().micros() + minutes * 60_000_000;
    Record {
        id: Id::default(),
        data: data.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
        expiry_date: OffsetDateTime::from_unix_timestamp_nanos(i128::from(expires) * 1_000).unwrap(),
    }
}

pub(crate) async fn a_session_is_kept_until_it_is_deleted(url: String) {
    let console = Console::demo(&url).await;
    let sessions = &console.database.sessions;
    let account = console.admin("large").await.account().id.clone();
    let mut kept = record(&console, HOUR, &[("account", json!(account)), ("other", json!({"a": ["é", 1, null]}))]);
    let mut nameless = record(&console, HOUR, &[]);
    sessions.create(&mut kept).await.unwrap();
    sessions.create(&mut nameless).await.unwrap();
    assert_eq!(sessions.count().await.unwrap(), 1, "whoever is not signed in is not counted");
    assert_eq!(sessions.load(&kept.id).await.unwrap(), Some(kept.clone()));
    assert_eq!(sessions.load(&nameless.id).await.unwrap(), Some(nameless.clone()));
    assert_eq!(sessions.load(&Id::default()).await.unwrap(), None);

    kept.data = HashMap::from([("seen".to_owned(), json!(true))]);
    kept.expiry_date += time::Duration::hours(1);
    sessions.save(&kept).await.unwrap();
    assert_eq!(sessions.load(&kept.id).await.unwrap(), Some(kept.clone()));
    assert_eq!(sessions.load(&nameless.id).await.unwrap(), Some(nameless.clone()));

    for _ in 0..2 {
        sessions.delete(&kept.id).await.unwrap();
        assert_eq!(sessions.load(&kept.id).await.unwrap(), None);
    }
    assert_eq!(sessions.load(&nameless.id).await.unwrap(), Some(nameless));
}

pub(crate) async fn a_session_ends_on_time(url: String) {
    let console = Console::empty(&url).await;
    let sessions = &console.database.sessions;
    let start = console.sluice.now();
    let [mut short, mut long] = [1, 2].map(|hours| record(&console, hours * HOUR, &[]));
    sessions.create(&mut short).await.unwrap();
    sessions.create(&mut long).await.unwrap();

    let hour = HOUR * 60_000_000;
    for (micros, alive) in [
        (0, [true, true]),
        (hour - 1, [true, true]),
        (hour, [false, true]),
        (2 * hour - 1, [false, true]),
        (2 * hour, [false, false]),
    ] {
        console.clock.set(Timestamp::from_micros(start.micros() + micros));
        let loaded = [sessions.load(&short.id).await.unwrap(), sessions.load(&long.id).await.unwrap()];
        assert_eq!(loaded.map(|record| record.is_some()), alive, "after {micros} µs");
    }

    // Sweeping takes what has ended and nothing else: seen by turning the clock back.
    for (micros, left) in [(hour - 1, [true, true]), (hour, [false, true]), (2 * hour, [false, false])] {
        console.clock.set(Timestamp::from_micros(start.micros() + micros));
        sessions.delete_expired().await.unwrap();
        console.clock.set(start);
        let loaded = [sessions.load(&short.id).await.unwrap(), sessions.load(&long.id).await.unwrap()];
        assert_eq!(loaded.map(|record| record.is_some()), left, "swept after {micros} µs");
    }
}

pub(crate) async fn a_taken_id_is_not_given_twice(url: String) {
    let console = Console::empty(&url).await;
    let sessions = &console.database.sessions;
    let mut first = record(&console, HOUR, &[("of", json!("Noor"))]);
    sessions.create(&mut first).await.unwrap();
    let mut second = Record { id: first.id, ..record(&console, HOUR, &[("of", json!("Liam"))]) };
    sessions.create(&mut second).await.unwrap();
    assert_ne!(first.id, second.id);
    assert_eq!(sessions.load(&first.id).await.unwrap(), Some(first));
    assert_eq!(sessions.load(&second.id).await.unwrap(), Some(second));
}

/// Whoever signs out in one tab while another request is under way stays signed out when that one is done.
pub(crate) async fn an_ended_session_stays_ended(url: String) {
    let console = Console::empty(&url).await;
    let sessions = &console.database.sessions;
    let mut ended = record(&console, HOUR, &[]);
    sessions.create(&mut ended).await.unwrap();
    sessions.delete(&ended.id).await.unwrap();
    sessions.save(&ended).await.unwrap();
    assert_eq!(sessions.load(&ended.id).await.unwrap(), None);
}

pub(crate) async fn the_id_itself_is_not_kept(url: String) {
    let console = Console::demo(&url).await;
    let account = console.admin("large").await.account().id.clone();
    let mut kept = record(&console, HOUR, &[("account", json!(account))]);
    console.database.sessions.create(&mut kept).await.unwrap();
    console.database.sessions.save(&kept).await.unwrap();

    const EVERY_COLUMN: &str = "SELECT id_hash || ' ' || account_id || ' ' || data || ' ' || created_at || ' ' || seen_at \
                                || ' ' || expires_at FROM sessions";
    let rows: Vec<String> = if url.starts_with("postgres") {
        let pool = sqlx::PgPool::connect(&url).await.unwrap();
        sqlx::query_scalar(EVERY_COLUMN).fetch_all(&pool).await.unwrap()
    } else {
        let pool = sqlx::SqlitePool::connect(&url).await.unwrap();
        sqlx::query_scalar(EVERY_COLUMN).fetch_all(&pool).await.unwrap()
    };
    let [row] = &rows[..] else { panic!("one session was kept: {rows:?}") };
    let hash = row.split(' ').next().unwrap();
    assert!(hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()), "{row}");
    assert!(row.contains(&account), "an account's sessions can be found: {row}");
    let id = kept.id.0;
    for form in [
        kept.id.to_string(),
        id.to_string(),
        format!("{id:x}"),
        format!("{id:032x}"),
        format!("{:032x}", id.swap_bytes()),
    ] {
        assert!(!row.to_lowercase().contains(&form.to_lowercase()), "{form} stands in {row}");
    }
}
