//! The statements about whom a provider of sign-in vouches for. Compiled twice, like `control.rs`. Each change is in one
//! transaction with its entries of the audit log.

use async_trait::async_trait;
use audit::Draft;
use policy::Timestamp;
use service::identities::Identity;
use service::model::Account;
use service::ports::{Identities, StoreResult, WhichSessions};

use super::BEGIN_WRITE;
use super::accounts::{append_all, end};
use super::control::{AccountRow, Control, account};
use crate::store_error;

#[async_trait]
impl Identities for Control {
    async fn account_by_identity(&self, identity: &Identity) -> StoreResult<Option<Account>> {
        let row: Option<AccountRow> = sqlx::query_as(
            "SELECT a.id, a.email, a.name, a.staff_role, a.language FROM identities i JOIN accounts a ON a.id = i.account_id \
             WHERE i.issuer = $1 AND i.subject = $2",
        )
        .bind(&identity.issuer)
        .bind(&identity.subject)
        .fetch_optional(&self.read)
        .await
        .map_err(store_error)?;
        row.map(account).transpose()
    }

    async fn link_identity(
        &self,
        identity: &Identity,
        account_id: &str,
        at: Timestamp,
        entries: &[(String, Draft)],
    ) -> StoreResult<bool> {
        let mut transaction = self.write.begin_with(BEGIN_WRITE).await.map_err(store_error)?;
        let linked = sqlx::query(
            "INSERT INTO identities (issuer, subject, account_id, linked_at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT DO NOTHING",
        )
        .bind(&identity.issuer)
        .bind(&identity.subject)
        .bind(account_id)
        .bind(at.micros())
        .execute(&mut *transaction)
        .await
        .map_err(store_error)?;
        if linked.rows_affected() == 0 {
            return Ok(false);
        }
        append_all(&mut transaction, entries).await?;
        transaction.commit().await.map_err(store_error)?;
        Ok(true)
    }

    async fn unlink_identities(&self, account_id: &str, entries: &[(String, Draft)]) -> StoreResult<bool> {
        let mut transaction = self.write.begin_with(BEGIN_WRITE).await.map_err(store_error)?;
        let unlinked = sqlx::query("DELETE FROM identities WHERE account_id = $1")
            .bind(account_id)
            .execute(&mut *transaction)
            .await
            .map_err(store_error)?;
        if unlinked.rows_affected() == 0 {
            return Ok(false);
        }
        end(&mut transaction, account_id, &WhichSessions::All).await?;
        append_all(&mut transaction, entries).await?;
        transaction.commit().await.map_err(store_error)?;
        Ok(true)
    }
}
