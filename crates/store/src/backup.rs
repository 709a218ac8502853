//! Backup and restore of an SQLite database, and the lock that keeps a restore and a server apart. Never overwrites a file,
//! and never puts one in place that it has not read through. Postgres has tools of its own, which the errors name.

use std::ffi::OsString;
use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::str::FromStr as _;
use std::time::Duration;

use audit::Action;
use policy::Timestamp;
use service::administration::saved;
use service::ports::StoreError;
use sqlx::migrate::Migrate as _;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode};
use sqlx::{ConnectOptions as _, Connection as _, SqliteConnection};
use thiserror::Error;

use crate::sqlite::MIGRATIONS;
use crate::sqlite::audit_log::append;
use crate::store_error;

/// Why there is no backup, or why nothing was restored. The text is for the operator's terminal.
#[derive(Debug, Error)]
pub enum BackupError {
    #[error("Sluice does not back up Postgres. Use: pg_dump --format=custom --file={} \"$SLUICE_DATABASE_URL\"", .0.display())]
    BackupOfPostgres(PathBuf),
    #[error(
        "Sluice does not restore Postgres. Stop the server and use: pg_restore --clean --if-exists --no-owner --dbname=\"$SLUICE_DATABASE_URL\" {}",
        .0.display()
    )]
    RestoreOfPostgres(PathBuf),
    #[error("there is no database {}", .0.display())]
    NoDatabase(PathBuf),
    #[error("{} is there already; nothing was written", .0.display())]
    Exists(PathBuf),
    #[error("{} is not whole: {found}", file.display())]
    Broken { file: PathBuf, found: String },
    #[error("{} is not a database of Sluice", .0.display())]
    Foreign(PathBuf),
    #[error("{} was written by another version of Sluice; use that version or a newer one", .0.display())]
    OtherVersion(PathBuf),
    #[error(
        "{} has changes beside it that it does not hold yet: it is the database of a running server, or of one that was killed. Use a file that `sluice backup` wrote",
        .0.display()
    )]
    Live(PathBuf),
    #[error("{} holds a database already; with --replace it is kept beside the restored one", .0.display())]
    WouldReplace(PathBuf),
    #[error("{} is in use: stop the server first. Nothing was changed", .0.display())]
    InUse(PathBuf),
    #[error("{} is being restored at this moment; start again when that is done", .0.display())]
    BeingRestored(PathBuf),
    #[error("the audit log of {} cannot be written, though all else was: {error}", file.display())]
    Unlogged { file: PathBuf, error: StoreError },
    #[error("{}: {error}", file.display())]
    File { file: PathBuf, error: io::Error },
    #[error("{}: {error}", file.display())]
    Sqlite { file: PathBuf, error: sqlx::Error },
}

fn on(file: &Path) -> impl Fn(io::Error) -> BackupError {
    move |error| BackupError::File { file: file.to_owned(), error }
}

fn sqlite_on(file: &Path) -> impl Fn(sqlx::Error) -> BackupError {
    move |error| match error {
        sqlx::Error::Database(error) if error.code().is_some_and(|code| code == "26") => {
            BackupError::Foreign(file.to_owned())
        }
        error => BackupError::Sqlite { file: file.to_owned(), error },
    }
}

/// The file of an SQLite database; none for any other.
fn sqlite_file(url: &str) -> Option<PathBuf> {
    let options = url.starts_with("sqlite:").then(|| SqliteConnectOptions::from_str(url).ok()).flatten()?;
    Some(options.get_filename().to_owned())
}

/// The path of a file with something after its name: `data/sluice.db-wal`.
fn beside(file: &Path, suffix: &str) -> PathBuf {
    let mut path = OsString::from(file);
    path.push(suffix);
    PathBuf::from(path)
}

/// A file that was not there before, and that only its owner can read.
fn new_file(path: &Path) -> Result<File, BackupError> {
    let opened = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    opened.map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => BackupError::Exists(path.to_owned()),
        _ => on(path)(error),
    })
}

/// Opens the lock of a database. A file of its own, because closing the database's would take SQLite's own locks away.
fn lock_file(database: &Path) -> Result<File, BackupError> {
    let path = beside(database, ".lock");
    let opened = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&path);
    opened.map_err(on(&path))
}

/// Says that a database is in use for as long as the value lives, so that nobody restores it meanwhile.
///
/// # Errors
/// When it is being restored at this moment.
pub fn hold(url: &str) -> Result<Option<File>, BackupError> {
    let Some(database) = sqlite_file(url) else { return Ok(None) };
    let lock = lock_file(&database)?;
    match lock.try_lock_shared() {
        Ok(()) => Ok(Some(lock)),
        Err(TryLockError::WouldBlock) => Err(BackupError::BeingRestored(database)),
        Err(TryLockError::Error(error)) => Err(on(&database)(error)),
    }
}

/// Writes everything that a database holds at this moment into a new file, also while a server changes it, and reads the
/// file through. Then the database's own audit log says so.
///
/// # Errors
/// Whatever stopped it; there is no new file then, unless the log alone failed.
pub async fn backup(url: &str, to: &Path, now: Timestamp) -> Result<(), BackupError> {
    let database = sqlite_file(url).ok_or_else(|| BackupError::BackupOfPostgres(to.to_owned()))?;
    if !database.exists() {
        return Err(BackupError::NoDatabase(database));
    }
    // Taken first, so that the finished copy overwrites nothing when it gets its name.
    new_file(to)?;
    let partial = beside(to, ".partial");
    let written = write_copy(&database, &partial).await.and_then(|()| std::fs::rename(&partial, to).map_err(on(to)));
    if written.is_err() {
        let _ = std::fs::remove_file(to);
    }
    written?;
    let mut connection = open(&database, |options| options.busy_timeout(Duration::from_secs(30))).await?;
    let logged = log(&mut connection, Action::InstallationBackup, now).await;
    logged.map_err(|error| BackupError::Unlogged { file: to.to_owned(), error })?;
    connection.close().await.map_err(sqlite_on(&database))
}

/// Writes to the installation's log what was done with it. A database from before there was a log has nowhere to say it.
async fn log(connection: &mut SqliteConnection, action: Action, now: Timestamp) -> Result<(), StoreError> {
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await.map_err(store_error)?;
    let kept = "SELECT COUNT(*) FROM sqlite_master WHERE name IN ('audit_heads', 'audit_entries', 'audit_resources')";
    let tables: i64 = sqlx::query_scalar(kept).fetch_one(&mut *transaction).await.map_err(store_error)?;
    if tables == 3 {
        let (scope, entry) = saved(action, now);
        append(&mut transaction, scope, &entry).await?;
    }
    transaction.commit().await.map_err(store_error)
}

async fn write_copy(database: &Path, copy: &Path) -> Result<(), BackupError> {
    new_file(copy)?;
    let written = async {
        let mut connection = open(database, |options| options.busy_timeout(Duration::from_secs(30))).await?;
        // One read transaction: a whole picture of one moment, whatever is written meanwhile.
        let vacuumed = sqlx::query("VACUUM INTO $1").bind(copy.to_string_lossy()).execute(&mut connection).await;
        vacuumed.map_err(sqlite_on(database))?;
        connection.close().await.map_err(sqlite_on(database))?;
        let mut copied = open_alone(copy).await?;
        read_through(copy, &mut copied).await?;
        copied.close().await.map_err(sqlite_on(copy))?;
        File::open(copy).and_then(|copy| copy.sync_all()).map_err(on(copy))
    };
    let written = written.await;
    if written.is_err() {
        let _ = std::fs::remove_file(copy);
    }
    written
}

/// Puts a backup in the place of a database. Everyone has to sign in again: who signed out since must not be signed in.
/// Returns where the former database is kept, if there was one.
///
/// # Errors
/// Whatever stopped it; the database is as it was then.
pub async fn restore(url: &str, from: &Path, replace: bool, now: Timestamp) -> Result<Option<PathBuf>, BackupError> {
    let database = sqlite_file(url).ok_or_else(|| BackupError::RestoreOfPostgres(from.to_owned()))?;
    let size = |file: &Path| std::fs::metadata(file).map_or(0, |data| data.len());
    if size(&beside(from, "-wal")) > 0 {
        return Err(BackupError::Live(from.to_owned()));
    }
    let mut backup = File::open(from).map_err(on(from))?;
    if let Some(folder) = database.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(on(folder))?;
    }
    let lock = lock_file(&database)?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(BackupError::InUse(database)),
        Err(TryLockError::Error(error)) => return Err(on(&database)(error)),
    }
    let former = size(&database) > 0;
    if former && !replace {
        return Err(BackupError::WouldReplace(database));
    }
    if former {
        nobody_else_has(&database).await?;
    }

    let fresh = beside(&database, ".restoring");
    // Left behind by a restore that was killed; the lock says that no other is at work.
    let _ = std::fs::remove_file(&fresh);
    let copied = async {
        let mut copy = new_file(&fresh)?;
        io::copy(&mut backup, &mut copy).map_err(on(&fresh))?;
        let mut connection = open_alone(&fresh).await?;
        read_through(from, &mut connection).await?;
        sqlx::query("DELETE FROM sessions").execute(&mut connection).await.map_err(sqlite_on(&fresh))?;
        let logged = log(&mut connection, Action::InstallationRestore, now).await;
        logged.map_err(|error| BackupError::Unlogged { file: fresh.clone(), error })?;
        connection.close().await.map_err(sqlite_on(&fresh))?;
        copy.sync_all().map_err(on(&fresh))
    };
    let put = match copied.await {
        Ok(()) => put_in_place(&fresh, &database, former, now),
        Err(error) => Err(error),
    };
    if put.is_err() {
        let _ = std::fs::remove_file(&fresh);
    }
    put
}

/// At each moment of this there is a whole database at the path: the former one or the restored one.
fn put_in_place(fresh: &Path, database: &Path, former: bool, now: Timestamp) -> Result<Option<PathBuf>, BackupError> {
    let kept = former.then(|| beside(database, &format!(".before-{}", now.rfc3339().replace(':', ""))));
    if let Some(kept) = &kept {
        std::fs::hard_link(database, kept).map_err(on(kept))?;
        // What a killed server had not moved into its database belongs to that one, and must not meet the other.
        for suffix in ["-wal", "-shm"] {
            match std::fs::rename(beside(database, suffix), beside(kept, suffix)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(on(kept)(error)),
                _ => {}
            }
        }
    }
    std::fs::rename(fresh, database).map_err(on(database))?;
    if let Some(folder) = database.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(on(folder))?;
    }
    Ok(kept)
}

/// Leaving the journal mode of a server is granted to the only one who has the database open. A broken database grants
/// nothing and is replaced all the same.
async fn nobody_else_has(database: &Path) -> Result<(), BackupError> {
    let alone = |options: SqliteConnectOptions| {
        options.journal_mode(SqliteJournalMode::Delete).busy_timeout(Duration::from_secs(1))
    };
    match open(database, alone).await {
        Ok(connection) => connection.close().await.map_err(sqlite_on(database)),
        Err(BackupError::Sqlite { error: sqlx::Error::Database(error), .. })
            if error.code().is_some_and(|code| code == "5") =>
        {
            Err(BackupError::InUse(database.to_owned()))
        }
        Err(_) => Ok(()),
    }
}

async fn open(
    file: &Path,
    adjust: impl FnOnce(SqliteConnectOptions) -> SqliteConnectOptions,
) -> Result<SqliteConnection, BackupError> {
    adjust(SqliteConnectOptions::new().filename(file)).connect().await.map_err(sqlite_on(file))
}

/// A file that nobody else knows of: everything in it, nothing beside it.
async fn open_alone(file: &Path) -> Result<SqliteConnection, BackupError> {
    open(file, |options| options.journal_mode(SqliteJournalMode::Delete)).await
}

/// Whether a database is whole and one that this version can read.
async fn read_through(file: &Path, connection: &mut SqliteConnection) -> Result<(), BackupError> {
    let broken = |found: String| BackupError::Broken { file: file.to_owned(), found };
    let found: Result<Vec<String>, _> =
        sqlx::query_scalar("PRAGMA integrity_check(1)").fetch_all(&mut *connection).await;
    match found {
        Ok(found) if found == ["ok"] => {}
        Ok(found) => return Err(broken(found.concat())),
        Err(error) => return Err(broken(error.to_string())),
    }
    let dangling =
        sqlx::query("PRAGMA foreign_key_check").fetch_all(&mut *connection).await.map_err(sqlite_on(file))?;
    if !dangling.is_empty() {
        return Err(broken(format!("{} rows refer to rows that are not there", dangling.len())));
    }
    let applied = connection.list_applied_migrations(&MIGRATIONS.table_name).await;
    let applied = applied.map_err(|_| BackupError::Foreign(file.to_owned()))?;
    if applied.is_empty() {
        return Err(BackupError::Foreign(file.to_owned()));
    }
    let known = |of: &sqlx::migrate::AppliedMigration| {
        MIGRATIONS.iter().any(|migration| migration.version == of.version && migration.checksum == of.checksum)
    };
    if applied.iter().all(known) { Ok(()) } else { Err(BackupError::OtherVersion(file.to_owned())) }
}
