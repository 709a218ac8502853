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
#[path = "batch.rs"]
#[allow(clippy::duplicate_mod, reason = "the statements are written once and compiled against each database")]
mod batch;
#[path = "connections.rs"]
#[allow(clippy::duplicate_mod, reason = "the statements are written once and compiled against each database")]
mod connections;
#[path = "control.rs"]
#[allow(clippy::duplicate_mod, reason = "the statements are written once and compiled against each database")]
mod control;
#[path = "data_plane.rs"]
#[allow(clippy::duplicate_mod, reason = "the statements are written once and compiled against each database")]
mod data_plane;
#[path = "heard.rs"]
#[allow(clippy::duplicate_mod, reason = "the statements are written once and compiled against each database")]
mod heard;
#[path = "identities.rs"]
#[allow(clippy::duplicate_mod, reason = "the statements are written once and compiled against each database")]
mod identities;
#[path = "jobs.rs"]
#[allow(clippy::duplicate_mod, reason = "the statements are written once and compiled against each database")]
mod jobs;
#[path = "key_store.rs"]
#[allow(clippy::duplicate_mod, reason = "the statements are written once and compiled against each database")]
mod key_store;
#[path = "keys.rs"]
#[allow(clippy::duplicate_mod, reason = "the statements are written once and compiled against each database")]
mod keys;
#[path = "ledger.rs"]
#[allow(clippy::duplicate_mod, reason = "the statements are written once and compiled against each database")]
mod ledger;
#[path = "moves.rs"]
#[allow(clippy::duplicate_mod, reason = "the statements are written once and compiled against each database")]
mod moves;
#[path = "parts.rs"]
#[allow(clippy::duplicate_mod, reason = "the statements are written once and compiled against each database")]
mod parts;
#[path = "releases.rs"]
#[allow(clippy::duplicate_mod, reason = "the statements are written once and compiled against each database")]
mod releases;
#[path = "residency.rs"]
#[allow(clippy::duplicate_mod, reason = "the statements are written once and compiled against each database")]
mod residency;
#[path = "reviews.rs"]
#[allow(clippy::duplicate_mod, reason = "the statements are written once and compiled against each database")]
mod reviews;
#[path = "sessions.rs"]
#[allow(clippy::duplicate_mod, reason = "the statements are written once and compiled against each database")]
mod sessions;
#[path = "webhooks.rs"]
#[allow(clippy::duplicate_mod, reason = "the statements are written once and compiled against each database")]
mod webhooks;
#[path = "withdrawals.rs"]
#[allow(clippy::duplicate_mod, reason = "the statements are written once and compiled against each database")]
mod withdrawals;

use std::str::FromStr as _;
use std::sync::LazyLock;
use std::time::Duration;

use sqlx::PgConnection as Connection;
use sqlx::PgPool as Pool;
use sqlx::Postgres as Kind;
use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::{OpenError, Pools as AnyPools, named};
pub(crate) use connections::Connections;
pub(crate) use control::Control;
pub(crate) use data_plane::Plane;
pub(crate) use key_store::Keys;
pub(crate) use sessions::Sessions;

/// What people call it.
pub(crate) const ENGINE: &str = "PostgreSQL";

pub(crate) static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations/postgres");
pub(crate) static DATA_MIGRATIONS: LazyLock<Migrator> =
    LazyLock::new(|| named("_sluice_data_migrations", sqlx::migrate!("../../migrations/data/postgres")));
pub(crate) static KEY_MIGRATIONS: LazyLock<Migrator> =
    LazyLock::new(|| named("_sluice_key_migrations", sqlx::migrate!("../../migrations/keys/postgres")));

type Pools = AnyPools<Kind>;

/// Changes of one organisation queue on its row, which each of them updates first.
const BEGIN_WRITE: &str = "BEGIN";
/// Every statement of a page sees the same moment.
const BEGIN_READ: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
/// Two who lease a job at once get different ones, and neither waits.
const LOCK_FREE_ROW: &str = " FOR UPDATE SKIP LOCKED";

const OLDEST: i32 = 14;

/// Postgres knows which index is the best.
fn by_index(_: &str) -> &'static str {
    ""
}

pub(crate) async fn open(url: &str) -> Result<Control, OpenError> {
    let pool = connect(url, Duration::from_secs(10)).await?;
    Ok(Control::new(pool.clone(), pool))
}

/// The database of a region. Who waits for it is answering a request meanwhile.
async fn connect_region(url: &str) -> Result<Pools, OpenError> {
    let pool = connect(url, Duration::from_secs(5)).await?;
    Ok(Pools { read: pool.clone(), write: pool })
}

fn check_url(url: &str) -> Result<(), OpenError> {
    PgConnectOptions::from_str(url).map(|_| ()).map_err(failed(url))
}

fn failed(url: &str) -> impl Fn(sqlx::Error) -> OpenError {
    move |source| OpenError::Connect { url: without_password(url), source }
}

/// `patience` is how long anyone waits for a connection.
async fn connect(url: &str, patience: Duration) -> Result<Pool, OpenError> {
    let failed = failed(url);
    let pool = PgPoolOptions::new()
        .max_connections(16)
        .acquire_timeout(patience)
        // Who is dropped while a transaction begins leaves it open on the connection, which sqlx does not notice: what the next
        // one writes without a transaction would be acknowledged and never committed. This ends it, says nothing where there is
        // none, and shows as well as a ping does that the server is there.
        .test_before_acquire(false)
        .before_acquire(|connection, _| {
            Box::pin(async move {
                sqlx::raw_sql("BEGIN; ROLLBACK").execute(connection).await?;
                Ok(true)
            })
        })
        .connect(url)
        .await
        .map_err(&failed)?;
    let version: (i32,) =
        sqlx::query_as("SELECT current_setting('server_version_num')::int").fetch_one(&pool).await.map_err(&failed)?;
    let found = version.0 / 10_000;
    if found < OLDEST {
        return Err(OpenError::TooOld { found, needed: OLDEST });
    }
    Ok(pool)
}

/// Postgres overwrites nothing: what was in a row stays in its files until they are cleaned, and in its log and the backups
/// until those are given up. What keeps it unreadable there is the master key.
async fn forget_overwritten(_: &Pool) -> Result<(), sqlx::Error> {
    Ok(())
}

/// See [`forget_overwritten`].
async fn empty_log(_: &Pool) -> Result<(), sqlx::Error> {
    Ok(())
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
