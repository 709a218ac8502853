//! Which organisation belongs to which region. Compiled twice, like `control.rs`.

use async_trait::async_trait;
use service::model::OrgRef;
use service::ports::{Residency, Resident, StoreResult};

use super::control::Control;
use crate::store_error;

#[async_trait]
impl Residency for Control {
    async fn residence(&self, org_id: &str) -> StoreResult<Option<String>> {
        let row: Option<(String,)> = sqlx::query_as("SELECT region FROM organisations WHERE id = $1")
            .bind(org_id)
            .fetch_optional(&self.read)
            .await
            .map_err(store_error)?;
        Ok(row.map(|(region,)| region))
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

    async fn organisation_by_id(&self, org_id: &str) -> StoreResult<Option<OrgRef>> {
        let row: Option<(String, String, String)> =
            sqlx::query_as("SELECT id, slug, name FROM organisations WHERE id = $1")
                .bind(org_id)
                .fetch_optional(&self.read)
                .await
                .map_err(store_error)?;
        Ok(row.map(|(id, slug, name)| OrgRef { id, slug, name }))
    }
}
