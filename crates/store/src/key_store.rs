//! The statements of the keys under which a region's data is encrypted. Compiled twice, like `control.rs`.

use std::collections::BTreeSet;

use async_trait::async_trait;
use policy::Timestamp;
use service::data_plane::{KeptKey, KeyStore};
use service::ports::StoreResult;

use super::connections::Connections;
use super::{BEGIN_WRITE, ENGINE, forget_overwritten};
use crate::store_error;

#[derive(Clone, Debug)]
pub(crate) struct Keys {
    database: Connections,
}

impl Keys {
    pub(crate) fn new(database: Connections) -> Self {
        Self { database }
    }
}

#[derive(Debug, sqlx::FromRow)]
struct KeyRow {
    org_id: String,
    generation: i64,
    wrapped: Option<Vec<u8>>,
    made_at: i64,
    retired_at: Option<i64>,
    destroyed_at: Option<i64>,
}

impl KeyRow {
    fn key(self) -> (String, KeptKey) {
        let key = KeptKey {
            generation: self.generation,
            wrapped: self.wrapped,
            made_at: Timestamp::from_micros(self.made_at),
            retired_at: self.retired_at.map(Timestamp::from_micros),
            destroyed_at: self.destroyed_at.map(Timestamp::from_micros),
        };
        (self.org_id, key)
    }
}

#[async_trait]
impl KeyStore for Keys {
    fn engine(&self) -> &'static str {
        ENGINE
    }

    async fn reach(&self) -> StoreResult<()> {
        self.database.reach().await
    }

    async fn keys(&self, org_id: &str) -> StoreResult<Vec<KeptKey>> {
        let rows: Vec<KeyRow> = sqlx::query_as(
            "SELECT org_id, generation, wrapped, made_at, retired_at, destroyed_at FROM data_keys \
             WHERE org_id = $1 ORDER BY generation",
        )
        .bind(org_id)
        .fetch_all(self.database.read().await?)
        .await
        .map_err(store_error)?;
        Ok(rows.into_iter().map(|row| row.key().1).collect())
    }

    async fn any_key(&self) -> StoreResult<Option<(String, KeptKey)>> {
        let row: Option<KeyRow> = sqlx::query_as(
            "SELECT org_id, generation, wrapped, made_at, retired_at, destroyed_at FROM data_keys \
             WHERE destroyed_at IS NULL LIMIT 1",
        )
        .fetch_optional(self.database.read().await?)
        .await
        .map_err(store_error)?;
        Ok(row.map(KeyRow::key))
    }

    async fn holders(&self) -> StoreResult<BTreeSet<String>> {
        let rows: Vec<(String,)> = sqlx::query_as("SELECT DISTINCT org_id FROM data_keys WHERE destroyed_at IS NULL")
            .fetch_all(self.database.read().await?)
            .await
            .map_err(store_error)?;
        Ok(rows.into_iter().map(|(org_id,)| org_id).collect())
    }

    async fn add_key(&self, org_id: &str, generation: i64, wrapped: &[u8], at: Timestamp) -> StoreResult<bool> {
        let mut transaction = self.database.write().await?.begin_with(BEGIN_WRITE).await.map_err(store_error)?;
        let added = sqlx::query(
            "INSERT INTO data_keys (org_id, generation, wrapped, made_at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (org_id, generation) DO NOTHING",
        )
        .bind(org_id)
        .bind(generation)
        .bind(wrapped)
        .bind(at.micros())
        .execute(&mut *transaction)
        .await
        .map_err(store_error)?
        .rows_affected();
        sqlx::query(
            "UPDATE data_keys SET retired_at = $3 WHERE org_id = $1 AND generation < $2 AND retired_at IS NULL",
        )
        .bind(org_id)
        .bind(generation)
        .bind(at.micros())
        .execute(&mut *transaction)
        .await
        .map_err(store_error)?;
        transaction.commit().await.map_err(store_error)?;
        Ok(added == 1)
    }

    async fn retire_keys(&self, org_id: &str, up_to: i64, at: Timestamp) -> StoreResult<()> {
        sqlx::query(
            "UPDATE data_keys SET retired_at = $3 WHERE org_id = $1 AND generation <= $2 AND retired_at IS NULL",
        )
        .bind(org_id)
        .bind(up_to)
        .bind(at.micros())
        .execute(self.database.write().await?)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn destroy_keys(&self, org_id: &str, up_to: i64, at: Timestamp) -> StoreResult<Vec<i64>> {
        let write = self.database.write().await?;
        let mut destroyed: Vec<i64> = sqlx::query_scalar(
            "UPDATE data_keys SET wrapped = NULL, destroyed_at = $3, retired_at = COALESCE(retired_at, $3) \
             WHERE org_id = $1 AND generation <= $2 AND destroyed_at IS NULL RETURNING generation",
        )
        .bind(org_id)
        .bind(up_to)
        .bind(at.micros())
        .fetch_all(write)
        .await
        .map_err(store_error)?;
        // Even if all of them were destroyed before: whoever did may have failed here.
        forget_overwritten(write).await.map_err(store_error)?;
        destroyed.sort_unstable();
        Ok(destroyed)
    }
}
