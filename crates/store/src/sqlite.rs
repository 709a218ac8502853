//! What is particular to SQLite: how it is opened and how a transaction begins.

#[path = "accounts.rs"]
mod accounts;
#[path = "administration.rs"]
mod administration;
#[path = "audit.rs"]
pub(crate) mod audit_log;
#[path = "batch.rs"]
mod batch;
#[path = "connections.rs"]
mod connections;
#[path = "control.rs"]
mod control;
#[path = "data_plane.rs"]
mod data_plane;
#[path = "heard.rs"]
mod heard;
#[path = "identities.rs"]
mod identities;
#[path = "jobs.rs"]
mod jobs;
#[path = "key_store.rs"]
mod key_store;
#[path = "keys.rs"]
mod keys;
#[path = "ledger.rs"]
mod ledger;
#[path = "moves.rs"]
mod moves;
#[path = "parts.rs"]
#[allow(clippy::duplicate_mod, reason = "the statements are written once and compiled against each database")]
mod parts;
#[path = "releases.rs"]
#[allow(clippy::duplicate_mod, reason = "the statements are written once and compiled against each database")]
mod releases;
#[path = "residency.rs"]
mod residency;
#[path = "reviews.rs"]
mod reviews;
#[path = "sessions.rs"]
mod sessions;
#[path = "webhooks.rs"]
mod webhooks;
#[path = "withdrawals.rs"]
mod withdrawals;

use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::os::unix::fs::OpenOptionsExt as _;
use std::str::FromStr;
use std::sync::LazyLock;
use std::time::Duration;

use sqlx::Connection as _;
use sqlx::Sqlite as Kind;
use sqlx::SqliteConnection as Connection;
use sqlx::SqlitePool as Pool;
use sqlx::migrate::Migrator;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

use crate::{OpenError, Pools as AnyPools, named};
pub(crate) use connections::Connections;
pub(crate) use control::Control;
pub(crate) use data_plane::Plane;
pub(crate) use key_store::Keys;
pub(crate) use sessions::Sessions;

/// What people call it.
pub(crate) const ENGINE: &str = "SQLite";

pub(crate) static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations/sqlite");
pub(crate) static DATA_MIGRATIONS: LazyLock<Migrator> =
    LazyLock::new(|| named("_sluice_data_migrations", sqlx::migrate!("../../migrations/data/sqlite")));
pub(crate) static KEY_MIGRATIONS: LazyLock<Migrator> =
    LazyLock::new(|| named("_sluice_key_migrations", sqlx::migrate!("../../migrations/keys/sqlite")));

type Pools = AnyPools<Kind>;

/// Takes the write lock at once: a read transaction that upgrades later would fail instead of waiting.
const BEGIN_WRITE: &str = "BEGIN IMMEDIATE";
const BEGIN_READ: &str = "BEGIN";
/// Whoever leases a job is alone in the database anyway.
const LOCK_FREE_ROW: &str = "";

/// Which index a statement reads. Left to itself SQLite prefers an order to a condition, and walks a whole log for a few rows.
fn by_index(name: &str) -> String {
    format!(" INDEXED BY {name}")
}

pub(crate) async fn open(url: &str) -> Result<Control, OpenError> {
    let Pools { read, write } = connect(url, options(url)?).await?;
    Ok(Control::new(read, write))
}

/// The database of a region. What is deleted in it is overwritten where it stood, in the file as soon as the log that SQLite writes
/// ahead goes there, which is at the latest when a withdrawal is finished. Where a page was divided a copy may stay until its space
/// is needed; it is sealed, and nobody reads it once its key is destroyed.
///
/// Items are called by hashes, so a batch changes pages all over the file: they fit into memory until it is committed, and
/// go from the log to the file once for many batches. A page has room for a few sealed records.
async fn connect_region(url: &str) -> Result<Pools, OpenError> {
    let options = options(url)?
        .pragma("secure_delete", "ON")
        // In kilobytes, for each connection.
        .pragma("cache_size", "-16384")
        // In pages.
        .page_size(8192)
        // What a statement may have to take back is as much as it changes, and is wanted for no longer than it runs.
        .pragma("temp_store", "MEMORY")
        .pragma("wal_autocheckpoint", "4096");
    connect(url, options).await
}

fn check_url(url: &str) -> Result<(), OpenError> {
    options(url).map(|_| ())
}

fn failed(url: &str) -> impl Fn(sqlx::Error) -> OpenError {
    move |source| OpenError::Connect { url: url.to_owned(), source }
}

fn options(url: &str) -> Result<SqliteConnectOptions, OpenError> {
    Ok(SqliteConnectOptions::from_str(url)
        .map_err(failed(url))?
        .foreign_keys(true)
        .journal_mode(SqliteJournalMode::Wal)
        // An acknowledged change survives a power cut.
        .synchronous(SqliteSynchronous::Full)
        // The rows of a page cross from SQLite's thread to ours in one go instead of fifty at a time.
        .row_buffer_size(1_024)
        .busy_timeout(Duration::from_secs(5)))
}

async fn connect(url: &str, options: SqliteConnectOptions) -> Result<Pools, OpenError> {
    let failed = failed(url);
    if let Some(folder) = options.get_filename().parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(|error| failed(sqlx::Error::Io(error)))?;
    }
    // SQLite gives what it keeps beside the file the same mode.
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(options.get_filename()) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(failed(sqlx::Error::Io(error))),
        _ => {}
    }
    // SQLite has one writer at a time whatever we do; one connection makes them queue here instead of there.
    let write = SqlitePoolOptions::new()
        .max_connections(1)
        // Some faults, such as a full disk, make SQLite end a transaction by itself, which sqlx does not notice: the
        // connection would refuse every later change. It is replaced instead.
        .before_acquire(|connection, _| Box::pin(async move { Ok(!connection.is_in_transaction()) }))
        .connect_with(options.clone())
        .await
        .map_err(&failed)?;
    let readers = std::thread::available_parallelism().map_or(2, |cores| u32::try_from(cores.get()).unwrap_or(2));
    let read = SqlitePoolOptions::new().max_connections(readers.max(2)).connect_with(options).await.map_err(failed)?;
    Ok(Pools { read, write })
}

/// Takes what was overwritten out of the files: until then it also stands in the log that SQLite writes ahead, and where a
/// page was divided a copy may stand in the free space of one half, which no overwriting reaches. So the file is written
/// anew and the log is emptied.
async fn forget_overwritten(write: &Pool) -> Result<(), sqlx::Error> {
    let mut connection = write.acquire().await?;
    // What it takes in between is as large as the file.
    for statement in ["PRAGMA temp_store = FILE", "VACUUM", "PRAGMA temp_store = MEMORY"] {
        sqlx::query(statement).execute(&mut *connection).await?;
    }
    drop(connection);
    empty_log(write).await
}

/// Brings what the log has into the file, where it overwrites what was deleted, and empties the log.
async fn empty_log(write: &Pool) -> Result<(), sqlx::Error> {
    let (busy, _, _): (i64, i64, i64) = sqlx::query_as("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(write).await?;
    if busy == 0 { Ok(()) } else { Err(sqlx::Error::Protocol("the log cannot be emptied while it is read".to_owned())) }
}
