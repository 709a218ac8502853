//! The statements about webhooks. Compiled twice, like `control.rs`. A change is in one transaction with its entry of the audit
//! log.

use async_trait::async_trait;
use audit::Draft;
use policy::Timestamp;
use service::hooks::Webhook;
use service::ports::{StoreResult, Webhooks};

use super::audit_log::append;
use super::control::Control;
use super::{BEGIN_WRITE, Connection};
use crate::{store_error, unreadable};

type WebhookRow = (String, String, String, String, String, i64, Option<i64>, Option<i64>, Option<Vec<u8>>);

const WEBHOOKS: &str = "SELECT w.id, w.org_id, w.name, w.created_by, a.name, w.created_at, w.revoked_at, w.last_used_at, \
     w.secret FROM webhooks w JOIN accounts a ON a.id = w.created_by";

/// A webhook and its secret.
fn webhook(row: WebhookRow) -> (Webhook, Option<Vec<u8>>) {
    let (id, org_id, name, created_by, creator, created_at, revoked_at, last_used_at, secret) = row;
    let webhook = Webhook {
        created_at: Timestamp::from_micros(created_at),
        revoked_at: revoked_at.map(Timestamp::from_micros),
        last_used_at: last_used_at.map(Timestamp::from_micros),
        id,
        org_id,
        name,
        created_by,
        creator,
    };
    (webhook, secret)
}

/// Whether there was one to revoke.
pub(super) async fn close(connection: &mut Connection, org_id: &str, id: &str, at: Timestamp) -> StoreResult<bool> {
    let closed = sqlx::query(
        "UPDATE webhooks SET revoked_at = $3, secret = NULL WHERE org_id = $1 AND id = $2 AND revoked_at IS NULL",
    )
    .bind(org_id)
    .bind(id)
    .bind(at.micros())
    .execute(connection)
    .await
    .map_err(store_error)?;
    Ok(closed.rows_affected() == 1)
}

#[async_trait]
impl Webhooks for Control {
    async fn webhooks(&self, org_id: &str) -> StoreResult<Vec<Webhook>> {
        let statement = format!("{WEBHOOKS} WHERE w.org_id = $1 ORDER BY w.created_at DESC, w.id DESC");
        let rows: Vec<WebhookRow> = sqlx::query_as(sqlx::AssertSqlSafe(statement))
            .bind(org_id)
            .fetch_all(&self.read)
            .await
            .map_err(store_error)?;
        Ok(rows.into_iter().map(|row| webhook(row).0).collect())
    }

    async fn webhook(&self, id: &str) -> StoreResult<Option<(Webhook, Vec<u8>)>> {
        let statement = format!("{WEBHOOKS} WHERE w.id = $1 AND w.revoked_at IS NULL");
        let row: Option<WebhookRow> = sqlx::query_as(sqlx::AssertSqlSafe(statement))
            .bind(id)
            .fetch_optional(&self.read)
            .await
            .map_err(store_error)?;
        let Some((webhook, secret)) = row.map(webhook) else { return Ok(None) };
        let secret = secret.ok_or_else(|| unreadable("secret of the webhook", &webhook.id))?;
        Ok(Some((webhook, secret)))
    }

    async fn add_webhook(&self, webhook: &Webhook, secret: &[u8], entry: &Draft) -> StoreResult<()> {
        let mut transaction = self.write.begin_with(BEGIN_WRITE).await.map_err(store_error)?;
        sqlx::query(
            "INSERT INTO webhooks (id, org_id, name, secret, created_by, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(&webhook.id)
        .bind(&webhook.org_id)
        .bind(&webhook.name)
        .bind(secret)
        .bind(&webhook.created_by)
        .bind(webhook.created_at.micros())
        .execute(&mut *transaction)
        .await
        .map_err(store_error)?;
        append(&mut transaction, &webhook.org_id, entry).await?;
        transaction.commit().await.map_err(store_error)
    }

    async fn revoke_webhook(&self, org_id: &str, id: &str, at: Timestamp, entry: &Draft) -> StoreResult<bool> {
        let mut transaction = self.write.begin_with(BEGIN_WRITE).await.map_err(store_error)?;
        if !close(&mut transaction, org_id, id, at).await? {
            return Ok(false);
        }
        append(&mut transaction, org_id, entry).await?;
        transaction.commit().await.map_err(store_error)?;
        Ok(true)
    }

    async fn webhook_used(&self, id: &str, at: Timestamp) -> StoreResult<()> {
        sqlx::query("UPDATE webhooks SET last_used_at = $2 WHERE id = $1")
            .bind(id)
            .bind(at.micros())
            .execute(&self.write)
            .await
            .map_err(store_error)?;
        Ok(())
    }
}
