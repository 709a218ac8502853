//! What is particular to Postgres: how it is opened and how a transaction begins.

#[path = "accounts.rs"]
#[allow(clippy::duplicate_mod, reason = "the statements are written once and compiled against each database")]
mod accounts;
#[path = "administration.rs"]
#[allow(clippy::duplicate_mod, reason = "the statements are written once and compiled against each database")]
mod administration;
#[path = "audit.rs"]
#[allow(clippy::duplicate_mod, reason = "the statements are written once and compiled against each database")]
mod audit_log;
#[path = "control.rs"]
#[allow(clippy::duplicate_mod, reason = "the statements are written once and compiled against each database")]
mod control;
#[path = "identities.rs"]
#[allow(clippy::duplicate_mod, reason = "the statements are written once and compiled against each database")]
mod identities;
#[path = "keys.rs"]
#[allow(clippy::duplicate_mod, reason = "the statements are written once and compiled against each database")]
mod keys;
#[path = "reviews.rs"]
#[allow(clippy::duplicate_mod, reason = "the statements are written once and compiled against each database")]
mod reviews;
#[path = "sessions.rs"]
#[allow(clippy::duplicate_mod, reason = "the statements are written once and compiled against each database")]
mod sessions;

use std::time::Duration;

use sqlx::PgConnection as Connection;
use sqlx::PgPool as Pool;
use sqlx::Postgres as Kind;
use sqlx::migrate::Migrator;
use sqlx::postgres::PgPoolOptions;

use crate::OpenError;
pub(crate) use control::Control;
pub(crate) use sessions::Sessions;

pub(crate) static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations/postgres");

/// Changes of one organisation queue on its row, which each of them updates first.
const BEGIN_WRITE: &str = "BEGIN";
/// Every statement of a page sees the same moment.
const BEGIN_READ: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

const OLDEST: i32 = 14;

/// Postgres knows which index is the best.
fn by_index(_: &str) -> &'static str {
    ""
}

pub(crate) async fn open(url: &str) -> Result<Control, OpenError> {
    let failed = |source| OpenError::Connect { url: without_password(url), source };
    let pool = PgPoolOptions::new()
        .max_connections(16)
        .acquire_timeout(Duration::from_secs(10))
        .connect(url)
        .await
        .map_err(failed)?;
    let version: (i32,) =
        sqlx::query_as("SELECT current_setting('server_version_num')::int").fetch_one(&pool).await.map_err(failed)?;
    let found = version.0 / 10_000;
    if found < OLDEST {
        return Err(OpenError::TooOld { found, needed: OLDEST });
    }
    Ok(Control::new(pool.clone(), pool))
}

/// The URL for an error message. A password may stand before the host or among the options.
fn without_password(url: &str) -> String {
    let url = url.split('?').next().unwrap_or_default();
    match (url.split_once("://"), url.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, rest))) => format!("{scheme}://…@{rest}"),
        _ => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn an_error_does_not_show_the_password() {
        let shown = super::without_password("postgres://sluice:secret@db.example/sluice");
        assert_eq!(shown, "postgres://…@db.example/sluice");
        let shown = super::without_password("postgres://db.example/sluice?user=sluice&password=secret@x");
        assert_eq!(shown, "postgres://db.example/sluice");
        assert_eq!(super::without_password("postgres://db.example/sluice"), "postgres://db.example/sluice");
    }
}
