//! Which organisation belongs to which region. Compiled twice, like `control.rs`.

use async_trait::async_trait;
use audit::Draft;
use service::model::OrgRef;
use service::ports::{Residence, Residency, Resident, StoreResult};

use super::BEGIN_WRITE;
use super::audit_log::append;
use super::control::Control;
use crate::store_error;

#[async_trait]
impl Residency for Control {
    async fn residence(&self, org_id: &str) -> StoreResult<Option<Residence>> {
        let row: Option<(String, Option<String>)> =
            sqlx::query_as("SELECT region, moving_to FROM organisations WHERE id = $1")
                .bind(org_id)
                .fetch_optional(&self.read)
                .await
                .map_err(store_error)?;
        Ok(row.map(|(region, moving_to)| Residence { region, moving_to }))
    }

    async fn residents(&self, region: &str) -> StoreResult<Vec<Resident>> {
        let rows: Vec<(String, String, String, i64)> =
            sqlx::query_as("SELECT id, slug, name, version FROM organisations WHERE region = $1 ORDER BY id")
                .bind(region)
                .fetch_all(&self.read)
                .await
                .map_err(store_error)?;
        let resident = |(id, slug, name, version)| Resident { org: OrgRef { id, slug, name }, version };
        Ok(rows.into_iter().map(resident).collect())
    }

    async fn begin_move(&self, org_id: &str, to: &str, entry: &Draft) -> StoreResult<bool> {
        let statement = "UPDATE organisations SET moving_to = $2 WHERE id = $1 AND moving_to IS NULL AND region <> $2";
        self.moves(statement, org_id, to, entry).await
    }

    async fn finish_move(&self, org_id: &str, to: &str, entry: &Draft) -> StoreResult<bool> {
        let statement = "UPDATE organisations SET region = $2, moving_to = NULL WHERE id = $1 AND moving_to = $2";
        self.moves(statement, org_id, to, entry).await
    }
}

impl Control {
    async fn moves(&self, statement: &'static str, org_id: &str, to: &str, entry: &Draft) -> StoreResult<bool> {
        let mut transaction = self.write.begin_with(BEGIN_WRITE).await.map_err(store_error)?;
        let moved =
            sqlx::query(statement).bind(org_id).bind(to).execute(&mut *transaction).await.map_err(store_error)?;
        if moved.rows_affected() == 0 {
            transaction.rollback().await.map_err(store_error)?;
            return Ok(false);
        }
        append(&mut transaction, org_id, entry).await?;
        transaction.commit().await.map_err(store_error)?;
        Ok(true)
    }
}
