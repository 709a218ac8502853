//! Which organisation belongs to which region, and which one moves. Compiled twice, like `control.rs`.

use async_trait::async_trait;
use audit::Draft;
use policy::Timestamp;
use service::model::OrgRef;
use service::moves::Move;
use service::ports::{Residency, Resident, StoreResult};

use super::BEGIN_WRITE;
use super::audit_log::append;
use super::control::{Control, lock_organisation};
use crate::store_error;

type MoveRow = (String, String, String, String, i64, Option<i64>);

const MOVE: &str = "SELECT id, org_id, source, target, begun_at, switched_at FROM moves WHERE finished_at IS NULL";

fn read((id, org_id, source, target, begun_at, switched_at): MoveRow) -> Move {
    let (begun_at, switched_at) = (Timestamp::from_micros(begun_at), switched_at.map(Timestamp::from_micros));
    Move { id, org_id, source, target, begun_at, switched_at }
}

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

    async fn settled(&self, org_id: &str, region: &str) -> StoreResult<bool> {
        sqlx::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM organisations o WHERE o.id = $1 AND o.region = $2 AND NOT EXISTS \
             (SELECT 1 FROM moves m WHERE m.org_id = o.id AND m.source = o.region AND m.finished_at IS NULL))",
        )
        .bind(org_id)
        .bind(region)
        .fetch_one(&self.read)
        .await
        .map_err(store_error)
    }

    async fn open_move(&self, org_id: &str) -> StoreResult<Option<Move>> {
        let open = format!("{MOVE} AND org_id = $1");
        let row: Option<MoveRow> = sqlx::query_as(sqlx::AssertSqlSafe(open))
            .bind(org_id)
            .fetch_optional(&self.read)
            .await
            .map_err(store_error)?;
        Ok(row.map(read))
    }

    async fn open_moves(&self, source: &str) -> StoreResult<Vec<Move>> {
        let open = format!("{MOVE} AND source = $1 ORDER BY id");
        let rows: Vec<MoveRow> =
            sqlx::query_as(sqlx::AssertSqlSafe(open)).bind(source).fetch_all(&self.read).await.map_err(store_error)?;
        Ok(rows.into_iter().map(read).collect())
    }

    async fn begin_move(&self, new: &Move, entry: &Draft) -> StoreResult<bool> {
        let mut transaction = self.write.begin_with(BEGIN_WRITE).await.map_err(store_error)?;
        lock_organisation(&mut transaction, &new.org_id).await?;
        let begun = sqlx::query(
            "INSERT INTO moves (id, org_id, source, target, begun_at) \
             SELECT $1, id, region, $4, $5 FROM organisations WHERE id = $2 AND region = $3 ON CONFLICT DO NOTHING",
        )
        .bind(&new.id)
        .bind(&new.org_id)
        .bind(&new.source)
        .bind(&new.target)
        .bind(new.begun_at.micros())
        .execute(&mut *transaction)
        .await
        .map_err(store_error)?;
        if begun.rows_affected() == 0 {
            return Ok(false);
        }
        append(&mut transaction, &new.org_id, entry).await?;
        transaction.commit().await.map_err(store_error)?;
        Ok(true)
    }

    async fn switch_region(&self, open: &Move, version: i64, at: Timestamp, entry: &Draft) -> StoreResult<bool> {
        let mut transaction = self.write.begin_with(BEGIN_WRITE).await.map_err(store_error)?;
        let switched =
            sqlx::query("UPDATE organisations SET region = $3 WHERE id = $1 AND region = $2 AND version = $4")
                .bind(&open.org_id)
                .bind(&open.source)
                .bind(&open.target)
                .bind(version)
                .execute(&mut *transaction)
                .await
                .map_err(store_error)?;
        if switched.rows_affected() == 0 {
            return Ok(false);
        }
        sqlx::query("UPDATE moves SET switched_at = $2 WHERE id = $1")
            .bind(&open.id)
            .bind(at.micros())
            .execute(&mut *transaction)
            .await
            .map_err(store_error)?;
        append(&mut transaction, &open.org_id, entry).await?;
        transaction.commit().await.map_err(store_error)?;
        Ok(true)
    }

    async fn finish_move(&self, id: &str, at: Timestamp) -> StoreResult<()> {
        sqlx::query("UPDATE moves SET finished_at = $2 WHERE id = $1 AND finished_at IS NULL")
            .bind(id)
            .bind(at.micros())
            .execute(&self.write)
            .await
            .map_err(store_error)?;
        Ok(())
    }
}
