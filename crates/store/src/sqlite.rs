//! What is particular to SQLite: how it is opened and how a transaction begins.

#[path = "accounts.rs"]
mod accounts;
#[path = "administration.rs"]
mod administration;
#[path = "audit.rs"]
pub(crate) mod audit_log;
#[path = "control.rs"]
mod control;
#[path = "identities.rs"]
mod identities;
#[path = "keys.rs"]
mod keys;
#[path = "reviews.rs"]
mod reviews;
#[path = "sessions.rs"]
mod sessions;

use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::os::unix::fs::OpenOptionsExt as _;
use std::str::FromStr;
use std::time::Duration;

use sqlx::Connection as _;
use sqlx::Sqlite as Kind;
use sqlx::SqliteConnection as Connection;
use sqlx::SqlitePool as Pool;
use sqlx::migrate::Migrator;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

use crate::OpenError;
pub(crate) use control::Control;
pub(crate) use sessions::Sessions;

pub(crate) static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations/sqlite");

/// Takes the write lock at once: a read transaction that upgrades later would fail instead of waiting.
const BEGIN_WRITE: &str = "BEGIN IMMEDIATE";
const BEGIN_READ: &str = "BEGIN";

/// Which index a statement reads. Left to itself SQLite prefers an order to a condition, and walks a whole log for a few rows.
fn by_index(name: &str) -> String {
    format!(" INDEXED BY {name}")
}

pub(crate) async fn open(url: &str) -> Result<Control, OpenError> {
    let failed = |source| OpenError::Connect { url: url.to_owned(), source };
    let options = SqliteConnectOptions::from_str(url)
        .map_err(failed)?
        .foreign_keys(true)
        .journal_mode(SqliteJournalMode::Wal)
        // An acknowledged change survives a power cut.
        .synchronous(SqliteSynchronous::Full)
        // The rows of a page cross from SQLite's thread to ours in one go instead of fifty at a time.
        .row_buffer_size(1_024)
        .busy_timeout(Duration::from_secs(5));
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
        .map_err(failed)?;
    let readers = std::thread::available_parallelism().map_or(2, |cores| u32::try_from(cores.get()).unwrap_or(2));
    let read = SqlitePoolOptions::new().max_connections(readers.max(2)).connect_with(options).await.map_err(failed)?;
    Ok(Control::new(read, write))
}
