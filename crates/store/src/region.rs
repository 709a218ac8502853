//! The two databases of a region: its data, and apart from it the keys.
//!
//! Neither is reached before it is needed, so that a region that is down stops nothing but itself; see `connections.rs`.

use std::sync::Arc;

use service::data_plane::{DataPlane, KeyStore};
use service::ports::StoreResult;
use sqlx::migrate::Migrator;

use crate::{OpenError, postgres, sqlite};

/// Where a region keeps the data of its organisations.
#[derive(Clone, Debug)]
pub struct DataPlaneDatabase {
    pub plane: Arc<dyn DataPlane>,
    handle: Handle,
}

/// Where a region keeps the keys of its organisations.
#[derive(Clone, Debug)]
pub struct KeyDatabase {
    pub keys: Arc<dyn KeyStore>,
    handle: Handle,
}

#[derive(Clone, Debug)]
enum Handle {
    Sqlite(sqlite::Connections),
    Postgres(postgres::Connections),
}

macro_rules! delegate {
    ($handle:expr, $connections:ident => $call:expr) => {
        match &$handle {
            Handle::Sqlite($connections) => $call.await,
            Handle::Postgres($connections) => $call.await,
        }
    };
}

impl DataPlaneDatabase {
    /// The database of a URL: `sqlite:data/eu.db` (made when it is first used) or `postgres://user@host/name`, which may be
    /// the control plane's.
    ///
    /// # Errors
    /// A URL that names no database. Whether it can be reached is found out when it is used.
    pub fn open(url: &str) -> Result<Self, OpenError> {
        let handle = Handle::new(url, &sqlite::DATA_MIGRATIONS, &postgres::DATA_MIGRATIONS)?;
        let plane: Arc<dyn DataPlane> = match &handle {
            Handle::Sqlite(connections) => Arc::new(sqlite::Plane::new(connections.clone())),
            Handle::Postgres(connections) => Arc::new(postgres::Plane::new(connections.clone())),
        };
        Ok(Self { plane, handle })
    }

    /// Whether the database answers and is up to date.
    ///
    /// # Errors
    /// What the database said.
    pub async fn reach(&self) -> StoreResult<()> {
        self.handle.reach().await
    }

    /// Finishes what is being written and closes every connection.
    pub async fn close(&self) {
        delegate!(self.handle, connections => connections.close());
    }

    /// Runs statements as they are. For the contract suite, which breaks a table to see what becomes of a batch.
    ///
    /// # Errors
    /// What the database said.
    #[doc(hidden)]
    pub async fn execute_raw(&self, sql: &'static str) -> StoreResult<()> {
        delegate!(self.handle, connections => connections.execute_raw(sql))
    }
}

impl KeyDatabase {
    /// The database of a URL: `sqlite:data/eu-keys.db` (made when it is first used) or `postgres://user@host/name`, which
    /// may be the data's.
    ///
    /// # Errors
    /// A URL that names no database. Whether it can be reached is found out when it is used.
    pub fn open(url: &str) -> Result<Self, OpenError> {
        let handle = Handle::new(url, &sqlite::KEY_MIGRATIONS, &postgres::KEY_MIGRATIONS)?;
        let keys: Arc<dyn KeyStore> = match &handle {
            Handle::Sqlite(connections) => Arc::new(sqlite::Keys::new(connections.clone())),
            Handle::Postgres(connections) => Arc::new(postgres::Keys::new(connections.clone())),
        };
        Ok(Self { keys, handle })
    }

    /// Whether the database answers and is up to date.
    ///
    /// # Errors
    /// What the database said.
    pub async fn reach(&self) -> StoreResult<()> {
        self.handle.reach().await
    }

    /// Finishes what is being written and closes every connection.
    pub async fn close(&self) {
        delegate!(self.handle, connections => connections.close());
    }
}

impl Handle {
    fn new(url: &str, on_sqlite: &'static Migrator, on_postgres: &'static Migrator) -> Result<Self, OpenError> {
        match url.split(':').next().unwrap_or_default() {
            "sqlite" => Ok(Self::Sqlite(sqlite::Connections::new(url, on_sqlite)?)),
            "postgres" | "postgresql" => Ok(Self::Postgres(postgres::Connections::new(url, on_postgres)?)),
            _ => Err(OpenError::UnknownSchemeOfRegion),
        }
    }

    async fn reach(&self) -> StoreResult<()> {
        delegate!(self, connections => connections.reach())
    }
}
