//! Accounts and organisations as the command line writes them. Compiled twice, like `control.rs`.

use async_trait::async_trait;
use audit::Draft;
use policy::{Subscription, Timestamp};
use service::administration::Administration;
use service::model::{Account, OrgRef, Role, StaffRole};
use service::ports::StoreResult;

use super::BEGIN_WRITE;
use super::audit_log::append;
use super::control::{Control, add_member, add_subscription};
use crate::store_error;

#[async_trait]
impl Administration for Control {
    async fn add_account(
        &self,
        account: &Account,
        password_hash: &str,
        member: Option<(&OrgRef, Role)>,
        (scope, entry): (&str, &Draft),
    ) -> StoreResult<bool> {
        let mut transaction = self.write.begin_with(BEGIN_WRITE).await.map_err(store_error)?;
        let added = sqlx::query(
            "INSERT INTO accounts (id, email, name, password_hash, staff_role) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (email) DO NOTHING",
        )
        .bind(&account.id)
        .bind(&account.email)
        .bind(&account.name)
        .bind(password_hash)
        .bind(account.staff.map(StaffRole::id))
        .execute(&mut *transaction)
        .await
        .map_err(store_error)?;
        if added.rows_affected() == 0 {
            return Ok(false);
        }
        if let Some((org, role)) = member {
            add_member(&mut transaction, &account.id, &org.id, role).await.map_err(store_error)?;
        }
        append(&mut transaction, scope, entry).await?;
        transaction.commit().await.map_err(store_error)?;
        Ok(true)
    }

    async fn add_organisation(
        &self,
        org: &OrgRef,
        region: &str,
        created: Timestamp,
        subscriptions: &[Subscription],
        (scope, entry): (&str, &Draft),
    ) -> StoreResult<bool> {
        let mut transaction = self.write.begin_with(BEGIN_WRITE).await.map_err(store_error)?;
        let added = sqlx::query(
            "INSERT INTO organisations (id, slug, name, created_at, region) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (slug) DO NOTHING",
        )
        .bind(&org.id)
        .bind(&org.slug)
        .bind(&org.name)
        .bind(created.micros())
        .bind(region)
        .execute(&mut *transaction)
        .await
        .map_err(store_error)?;
        if added.rows_affected() == 0 {
            return Ok(false);
        }
        for subscription in subscriptions {
            add_subscription(&mut transaction, &org.id, subscription).await.map_err(store_error)?;
        }
        append(&mut transaction, scope, entry).await?;
        transaction.commit().await.map_err(store_error)?;
        Ok(true)
    }
}
