//! The ports of Sluice over SQLite and Postgres.
//!
//! The statements are written once, in `control.rs`, `data_plane.rs` and their neighbours, and compiled against each database: what differs
//! between the two (how to open one, how a transaction begins) stands in `sqlite.rs` and `postgres.rs`. Nothing here
//! decides anything, and no database error leaves as text for a person.

pub mod backup;
mod postgres;
mod region;
mod sqlite;

pub use region::{DataPlaneDatabase, KeyDatabase};

use std::str::FromStr;
use std::sync::Arc;

use service::administration::Administration;
use service::ports::{Clock, ControlPlane, StoreError, StoreResult};
use sqlx::migrate::Migrator;
use thiserror::Error;
use tower_sessions_core::session::{Id, Record};
use tower_sessions_core::session_store;
use tower_sessions_core::{ExpiredDeletion, SessionStore};

/// Why a database could not be opened. The text is for the operator's terminal.
#[derive(Debug, Error)]
pub enum OpenError {
    // Without what it is: it may be a password that was put in the wrong place.
    #[error("database_url (SLUICE_DATABASE_URL) has to start with sqlite: or postgres:")]
    UnknownScheme,
    #[error("the URL of a region's database has to start with sqlite: or postgres:")]
    UnknownSchemeOfRegion,
    #[error("cannot open the database {url}: {source}")]
    Connect { url: String, source: sqlx::Error },
    #[error("this is Postgres {found}; Sluice needs {needed} or newer")]
    TooOld { found: i32, needed: i32 },
    #[error("cannot bring the database up to date: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
}

/// An open database.
#[derive(Clone, Debug)]
pub struct Database {
    pub control_plane: Arc<dyn ControlPlane>,
    pub administration: Arc<dyn Administration>,
    pub sessions: Sessions,
    handle: Handle,
}

#[derive(Clone, Debug)]
enum Handle {
    Sqlite(sqlite::Control),
    Postgres(postgres::Control),
}

impl Database {
    /// Opens the database of a URL: `sqlite:data/sluice.db` (made if missing) or `postgres://user@host/name`.
    ///
    /// # Errors
    /// An unknown scheme, or what the database said.
    pub async fn open(url: &str, clock: Arc<dyn Clock>) -> Result<Self, OpenError> {
        let scheme = url.split(':').next().unwrap_or_default();
        match scheme {
            "sqlite" => {
                let control = sqlite::open(url).await?;
                Ok(Self {
                    sessions: Sessions::Sqlite(sqlite::Sessions::new(&control, clock)),
                    control_plane: Arc::new(control.clone()),
                    administration: Arc::new(control.clone()),
                    handle: Handle::Sqlite(control),
                })
            }
            "postgres" | "postgresql" => {
                let control = postgres::open(url).await?;
                Ok(Self {
                    sessions: Sessions::Postgres(postgres::Sessions::new(&control, clock)),
                    control_plane: Arc::new(control.clone()),
                    administration: Arc::new(control.clone()),
                    handle: Handle::Postgres(control),
                })
            }
            _ => Err(OpenError::UnknownScheme),
        }
    }

    /// Applies the migrations that are missing.
    ///
    /// # Errors
    /// A migration that failed or was altered after it had been applied.
    pub async fn migrate(&self) -> Result<(), OpenError> {
        match &self.handle {
            Handle::Sqlite(control) => control.migrate(&sqlite::MIGRATIONS).await,
            Handle::Postgres(control) => control.migrate(&postgres::MIGRATIONS).await,
        }
        .map_err(OpenError::from)
    }

    /// Whether every migration of this build has been applied.
    pub async fn is_current(&self) -> bool {
        match &self.handle {
            Handle::Sqlite(control) => control.is_current(&sqlite::MIGRATIONS).await,
            Handle::Postgres(control) => control.is_current(&postgres::MIGRATIONS).await,
        }
    }

    /// What people call the kind of database: `SQLite`.
    pub fn engine(&self) -> &'static str {
        match &self.handle {
            Handle::Sqlite(_) => sqlite::ENGINE,
            Handle::Postgres(_) => postgres::ENGINE,
        }
    }

    /// Finishes what is being written and closes every connection.
    pub async fn close(&self) {
        match &self.handle {
            Handle::Sqlite(control) => control.close().await,
            Handle::Postgres(control) => control.close().await,
        }
    }

    /// Runs statements as they are. For the contract suite, which breaks a table to see what becomes of a change.
    ///
    /// # Errors
    /// What the database said.
    #[doc(hidden)]
    pub async fn execute_raw(&self, sql: &'static str) -> Result<(), StoreError> {
        match &self.handle {
            Handle::Sqlite(control) => control.execute_raw(sql).await,
            Handle::Postgres(control) => control.execute_raw(sql).await,
        }
    }
}

/// Sessions in the same database. Keeps a hash of each session id, so that the table alone signs nobody in.
#[derive(Clone, Debug)]
pub enum Sessions {
    Sqlite(sqlite::Sessions),
    Postgres(postgres::Sessions),
}

macro_rules! delegate {
    ($self:ident, $sessions:ident => $call:expr) => {
        match $self {
            Sessions::Sqlite($sessions) => $call.await,
            Sessions::Postgres($sessions) => $call.await,
        }
    };
}

impl Sessions {
    /// How many browsers are signed in.
    ///
    /// # Errors
    /// What the database said.
    pub async fn count(&self) -> StoreResult<i64> {
        delegate!(self, sessions => sessions.count())
    }
}

#[async_trait::async_trait]
impl SessionStore for Sessions {
    async fn create(&self, record: &mut Record) -> session_store::Result<()> {
        delegate!(self, sessions => sessions.create(record))
    }

    async fn save(&self, record: &Record) -> session_store::Result<()> {
        delegate!(self, sessions => sessions.save(record))
    }

    async fn load(&self, id: &Id) -> session_store::Result<Option<Record>> {
        delegate!(self, sessions => sessions.load(id))
    }

    async fn delete(&self, id: &Id) -> session_store::Result<()> {
        delegate!(self, sessions => sessions.delete(id))
    }
}

#[async_trait::async_trait]
impl ExpiredDeletion for Sessions {
    async fn delete_expired(&self) -> session_store::Result<()> {
        delegate!(self, sessions => sessions.delete_expired())
    }
}

/// Where SQLite has one writer, and where Postgres has the same pool twice.
#[derive(Debug)]
struct Pools<Kind: sqlx::Database> {
    read: sqlx::Pool<Kind>,
    write: sqlx::Pool<Kind>,
}

impl<Kind: sqlx::Database> Pools<Kind> {
    async fn close(&self) {
        self.read.close().await;
        self.write.close().await;
    }
}

/// Migrations that keep account of themselves in a table of their own, so that one database can hold several sets.
fn named(table: &'static str, mut migrations: Migrator) -> Migrator {
    migrations.dangerous_set_table_name(table);
    migrations
}

fn store_error(error: sqlx::Error) -> StoreError {
    StoreError(Box::new(error))
}

/// A value in the database that no version of Sluice writes.
#[derive(Debug, Error)]
#[error("the database holds a {what} that cannot be read: {value}")]
struct Unreadable {
    what: &'static str,
    value: String,
}

fn unreadable(what: &'static str, value: &str) -> StoreError {
    StoreError(Box::new(Unreadable { what, value: value.to_owned() }))
}

fn parsed<T: FromStr>(what: &'static str, value: &str) -> StoreResult<T> {
    value.parse().map_err(|_| unreadable(what, value))
}

#[cfg(test)]
mod tests {
    use super::{postgres, sqlite};

    #[test]
    fn both_databases_have_the_same_migrations() {
        let names = |migrations: &sqlx::migrate::Migrator| -> Vec<_> {
            migrations.iter().map(|migration| (migration.version, migration.description.to_string())).collect()
        };
        let sets = [
            ("../../migrations/sqlite", &sqlite::MIGRATIONS, &postgres::MIGRATIONS),
            ("../../migrations/data/sqlite", &*sqlite::DATA_MIGRATIONS, &*postgres::DATA_MIGRATIONS),
            ("../../migrations/keys/sqlite", &*sqlite::KEY_MIGRATIONS, &*postgres::KEY_MIGRATIONS),
        ];
        for (folder, on_sqlite, on_postgres) in sets {
            assert_eq!(names(on_sqlite), names(on_postgres));
            let in_folder = std::fs::read_dir(folder).unwrap().count();
            assert_eq!(on_sqlite.iter().count(), in_folder, "a migration in {folder} is not embedded: build again");
        }
    }
}
