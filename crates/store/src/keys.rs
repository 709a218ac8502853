//! The statements about API keys and about requests that must not be done twice. Compiled twice, like `control.rs`.

use async_trait::async_trait;
use audit::Draft;
use policy::Timestamp;
use service::keys::{ApiKey, Scope, scope_list};
use service::ports::{ApiKeys, Requests, StoreResult};
use service::requests::{Answer, Begun};

use super::audit_log::append;
use super::control::Control;
use super::{BEGIN_WRITE, Connection};
use crate::{store_error, unreadable};

type KeyRow = (String, String, String, String, String, String, i64, i64, Option<i64>, Option<i64>);

const KEYS: &str = "SELECT k.id, k.org_id, k.name, k.scopes, k.created_by, a.name, k.created_at, k.expires_at, \
     k.revoked_at, k.last_used_at FROM api_keys k JOIN accounts a ON a.id = k.created_by";

fn key(row: KeyRow) -> StoreResult<ApiKey> {
    let (id, org_id, name, scopes, created_by, creator, created_at, expires_at, revoked_at, last_used_at) = row;
    let scope = |id: &str| Scope::parse(id).ok_or_else(|| unreadable("scope", id));
    Ok(ApiKey {
        scopes: scopes.split(' ').map(scope).collect::<StoreResult<_>>()?,
        created_at: Timestamp::from_micros(created_at),
        expires_at: Timestamp::from_micros(expires_at),
        revoked_at: revoked_at.map(Timestamp::from_micros),
        last_used_at: last_used_at.map(Timestamp::from_micros),
        id,
        org_id,
        name,
        created_by,
        creator,
    })
}

/// Whether there was one to revoke.
pub(super) async fn close(connection: &mut Connection, org_id: &str, id: &str, at: Timestamp) -> StoreResult<bool> {
    let closed =
        sqlx::query("UPDATE api_keys SET revoked_at = $3 WHERE org_id = $1 AND id = $2 AND revoked_at IS NULL")
            .bind(org_id)
            .bind(id)
            .bind(at.micros())
            .execute(connection)
            .await
            .map_err(store_error)?;
    Ok(closed.rows_affected() == 1)
}

#[async_trait]
impl ApiKeys for Control {
    async fn api_keys(&self, org_id: &str) -> StoreResult<Vec<ApiKey>> {
        let statement = format!("{KEYS} WHERE k.org_id = $1 ORDER BY k.created_at DESC, k.id DESC");
        let rows: Vec<KeyRow> = sqlx::query_as(sqlx::AssertSqlSafe(statement))
            .bind(org_id)
            .fetch_all(&self.read)
            .await
            .map_err(store_error)?;
        rows.into_iter().map(key).collect()
    }

    async fn api_key_by_hash(&self, hash: &str) -> StoreResult<Option<ApiKey>> {
        let row: Option<KeyRow> = sqlx::query_as(sqlx::AssertSqlSafe(format!("{KEYS} WHERE k.hash = $1")))
            .bind(hash)
            .fetch_optional(&self.read)
            .await
            .map_err(store_error)?;
        row.map(key).transpose()
    }

    async fn add_api_key(&self, key: &ApiKey, hash: &str, entry: &Draft) -> StoreResult<()> {
        let mut transaction = self.write.begin_with(BEGIN_WRITE).await.map_err(store_error)?;
        sqlx::query(
            "INSERT INTO api_keys (id, org_id, name, scopes, hash, created_by, created_at, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(&key.id)
        .bind(&key.org_id)
        .bind(&key.name)
        .bind(scope_list(&key.scopes))
        .bind(hash)
        .bind(&key.created_by)
        .bind(key.created_at.micros())
        .bind(key.expires_at.micros())
        .execute(&mut *transaction)
        .await
        .map_err(store_error)?;
        append(&mut transaction, &key.org_id, entry).await?;
        transaction.commit().await.map_err(store_error)
    }

    async fn revoke_api_key(&self, org_id: &str, id: &str, at: Timestamp, entry: &Draft) -> StoreResult<bool> {
        let mut transaction = self.write.begin_with(BEGIN_WRITE).await.map_err(store_error)?;
        if !close(&mut transaction, org_id, id, at).await? {
            return Ok(false);
        }
        append(&mut transaction, org_id, entry).await?;
        transaction.commit().await.map_err(store_error)?;
        Ok(true)
    }

    async fn api_key_used(&self, id: &str, at: Timestamp) -> StoreResult<()> {
        sqlx::query("UPDATE api_keys SET last_used_at = $2 WHERE id = $1")
            .bind(id)
            .bind(at.micros())
            .execute(&self.write)
            .await
            .map_err(store_error)?;
        Ok(())
    }
}

#[async_trait]
impl Requests for Control {
    async fn begin_request(&self, id: &str, body_hash: &str, now: Timestamp, oldest: Timestamp) -> StoreResult<Begun> {
        let mut transaction = self.write.begin_with(BEGIN_WRITE).await.map_err(store_error)?;
        sqlx::query("DELETE FROM api_requests WHERE started_at < $1")
            .bind(oldest.micros())
            .execute(&mut *transaction)
            .await
            .map_err(store_error)?;
        let begun = sqlx::query(
            "INSERT INTO api_requests (id, body_hash, started_at) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING",
        )
        .bind(id)
        .bind(body_hash)
        .bind(now.micros())
        .execute(&mut *transaction)
        .await
        .map_err(store_error)?;
        if begun.rows_affected() == 1 {
            transaction.commit().await.map_err(store_error)?;
            return Ok(Begun::New);
        }
        let (known_hash, status, etag, body): (String, Option<i64>, Option<String>, Option<String>) =
            sqlx::query_as("SELECT body_hash, status, etag, body FROM api_requests WHERE id = $1")
                .bind(id)
                .fetch_one(&mut *transaction)
                .await
                .map_err(store_error)?;
        transaction.commit().await.map_err(store_error)?;
        if known_hash != body_hash {
            return Ok(Begun::Another);
        }
        let Some(status) = status else { return Ok(Begun::Unanswered) };
        let status = u16::try_from(status).map_err(|_| unreadable("status", &status.to_string()))?;
        Ok(Begun::Answered(Answer { status, etag, body: body.unwrap_or_default() }))
    }

    async fn answer_request(&self, id: &str, answer: &Answer) -> StoreResult<()> {
        sqlx::query("UPDATE api_requests SET status = $2, etag = $3, body = $4 WHERE id = $1")
            .bind(id)
            .bind(i64::from(answer.status))
            .bind(&answer.etag)
            .bind(&answer.body)
            .execute(&self.write)
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn forget_request(&self, id: &str) -> StoreResult<()> {
        sqlx::query("DELETE FROM api_requests WHERE id = $1")
            .bind(id)
            .execute(&self.write)
            .await
            .map_err(store_error)?;
        Ok(())
    }
}
