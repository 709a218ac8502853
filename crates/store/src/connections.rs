//! The connections to the database of a region. Compiled twice, like `control.rs`.
//!
//! A region that is down must not keep the server from starting, and must come back by itself: so the database is opened and
//! brought up to date by whoever needs it first, and again by the next one as long as that fails.

use std::sync::{Arc, OnceLock};
use std::time::Instant;

use service::ports::{StoreError, StoreResult};
use sqlx::migrate::Migrator;
use tokio::sync::Mutex;

use super::{Pool, Pools, check_url, connect_region};
use crate::{OpenError, store_error};

#[derive(Clone, Debug)]
pub(crate) struct Connections(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    url: String,
    migrations: &'static Migrator,
    opened: OnceLock<Pools>,
    /// Held while someone tries to open it: when the last try failed, and why.
    failed: Mutex<Option<(Instant, Arc<OpenError>)>>,
}

impl Connections {
    /// Does not ask the database anything yet.
    pub(crate) fn new(url: &str, migrations: &'static Migrator) -> Result<Self, OpenError> {
        check_url(url)?;
        let (opened, failed) = (OnceLock::new(), Mutex::new(None));
        Ok(Self(Arc::new(Inner { url: url.to_owned(), migrations, opened, failed })))
    }

    pub(crate) async fn read(&self) -> StoreResult<&Pool> {
        Ok(&self.pools().await?.read)
    }

    pub(crate) async fn write(&self) -> StoreResult<&Pool> {
        Ok(&self.pools().await?.write)
    }

    async fn pools(&self) -> StoreResult<&Pools> {
        let Inner { url, migrations, opened, failed } = &*self.0;
        if let Some(pools) = opened.get() {
            return Ok(pools);
        }
        let asked = Instant::now();
        let mut failed = failed.lock().await;
        if let Some(pools) = opened.get() {
            return Ok(pools);
        }
        // Who waited for a try that failed is told so, instead of trying for as long again after everyone before them.
        if let Some((at, error)) = &*failed
            && *at >= asked
        {
            return Err(StoreError(Box::new(Arc::clone(error))));
        }
        match open(url, migrations).await {
            Ok(pools) => Ok(opened.get_or_init(|| pools)),
            Err(error) => {
                let error = Arc::new(error);
                *failed = Some((Instant::now(), Arc::clone(&error)));
                Err(StoreError(Box::new(error)))
            }
        }
    }

    /// Whether the database answers.
    pub(crate) async fn reach(&self) -> StoreResult<()> {
        sqlx::query("SELECT 1").execute(self.read().await?).await.map_err(store_error)?;
        Ok(())
    }

    /// Finishes what is being written and closes every connection, if there are any.
    pub(crate) async fn close(&self) {
        if let Some(pools) = self.0.opened.get() {
            pools.close().await;
        }
    }

    pub(crate) async fn execute_raw(&self, sql: &'static str) -> StoreResult<()> {
        sqlx::raw_sql(sql).execute(self.write().await?).await.map_err(store_error)?;
        Ok(())
    }
}

async fn open(url: &str, migrations: &Migrator) -> Result<Pools, OpenError> {
    let pools = connect_region(url).await?;
    let migrated = migrations.run(&pools.write).await;
    // A connection that failed holds a lock that every later try would wait for: it must not stay open.
    if let Err(error) = migrated {
        pools.close().await;
        return Err(error.into());
    }
    Ok(pools)
}
