//! Sessions: what tower-sessions asks of a store, with a hash of the session id as the key. Compiled twice, like
//! `control.rs`.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use policy::Timestamp;
use service::ports::{Clock, StoreResult};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use tower_sessions_core::session::{Id, Record};
use tower_sessions_core::session_store::{Error, Result};
use tower_sessions_core::{ExpiredDeletion, SessionStore};

use super::Pool;
use super::control::Control;
use crate::store_error;

/// Where the handlers put the account's id in a session's data; kept in a column of its own, so that an account's
/// sessions can be found and ended.
const ACCOUNT: &str = "account";

#[derive(Clone, Debug)]
pub struct Sessions {
    read: Pool,
    write: Pool,
    clock: Arc<dyn Clock>,
}

impl Sessions {
    pub(crate) fn new(control: &Control, clock: Arc<dyn Clock>) -> Self {
        Self { read: control.read.clone(), write: control.write.clone(), clock }
    }
}

impl Sessions {
    /// How many browsers are signed in.
    pub(crate) async fn count(&self) -> StoreResult<i64> {
        sqlx::query_scalar("SELECT COUNT(*) FROM sessions WHERE account_id IS NOT NULL AND expires_at > $1")
            .bind(self.clock.now().micros())
            .fetch_one(&self.read)
            .await
            .map_err(store_error)
    }
}

fn hashed(id: &Id) -> String {
    Sha256::digest(id.0.to_be_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn backend(error: sqlx::Error) -> Error {
    Error::Backend(error.to_string())
}

fn micros(moment: OffsetDateTime) -> i64 {
    i64::try_from(moment.unix_timestamp_nanos() / 1_000).unwrap_or(i64::MAX)
}

#[async_trait]
impl SessionStore for Sessions {
    async fn create(&self, record: &mut Record) -> Result<()> {
        let account = record.data.get(ACCOUNT).and_then(|value| value.as_str());
        let data = serde_json::to_string(&record.data).map_err(|error| Error::Encode(error.to_string()))?;
        let now = self.clock.now().micros();
        // A taken id is never overwritten: that would hand one person another's session.
        loop {
            let inserted = sqlx::query(
                "INSERT INTO sessions (id_hash, account_id, data, created_at, seen_at, expires_at) \
                 VALUES ($1, $2, $3, $4, $4, $5) ON CONFLICT (id_hash) DO NOTHING",
            )
            .bind(hashed(&record.id))
            .bind(account)
            .bind(&data)
            .bind(now)
            .bind(micros(record.expiry_date))
            .execute(&self.write)
            .await
            .map_err(backend)?;
            if inserted.rows_affected() == 1 {
                return Ok(());
            }
            record.id = Id::default();
        }
    }

    async fn save(&self, record: &Record) -> Result<()> {
        let account = record.data.get(ACCOUNT).and_then(|value| value.as_str());
        let data = serde_json::to_string(&record.data).map_err(|error| Error::Encode(error.to_string()))?;
        // Only what is there is saved: a session that was ended meanwhile stays ended.
        sqlx::query("UPDATE sessions SET account_id = $2, data = $3, seen_at = $4, expires_at = $5 WHERE id_hash = $1")
            .bind(hashed(&record.id))
            .bind(account)
            .bind(data)
            .bind(self.clock.now().micros())
            .bind(micros(record.expiry_date))
            .execute(&self.write)
            .await
            .map_err(backend)?;
        Ok(())
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let row: Option<(String, i64)> =
            sqlx::query_as("SELECT data, expires_at FROM sessions WHERE id_hash = $1 AND expires_at > $2")
                .bind(hashed(id))
                .bind(self.clock.now().micros())
                .fetch_optional(&self.read)
                .await
                .map_err(backend)?;
        let Some((data, expires)) = row else { return Ok(None) };
        let data: HashMap<String, serde_json::Value> =
            serde_json::from_str(&data).map_err(|error| Error::Decode(error.to_string()))?;
        let expiry_date = OffsetDateTime::from_unix_timestamp_nanos(i128::from(expires) * 1_000)
            .map_err(|error| Error::Decode(error.to_string()))?;
        Ok(Some(Record { id: *id, data, expiry_date }))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        sqlx::query("DELETE FROM sessions WHERE id_hash = $1")
            .bind(hashed(id))
            .execute(&self.write)
            .await
            .map_err(backend)?;
        Ok(())
    }
}

#[async_trait]
impl ExpiredDeletion for Sessions {
    async fn delete_expired(&self) -> Result<()> {
        let now: Timestamp = self.clock.now();
        sqlx::query("DELETE FROM sessions WHERE expires_at <= $1")
            .bind(now.micros())
            .execute(&self.write)
            .await
            .map_err(backend)?;
        Ok(())
    }
}
