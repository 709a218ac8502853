//! What organisations add to patterns, sealed. Compiled twice, like `control.rs`.

use std::collections::BTreeMap;

use service::data_plane::{KeptPart, Mark};
use service::ports::StoreResult;
use sqlx::QueryBuilder;

use super::{Connection, Kind, Pool};
use crate::store_error;

/// What stands of one organisation or of all.
pub(super) async fn marks(pool: &Pool, org_id: Option<&str>) -> StoreResult<BTreeMap<String, Mark>> {
    let mut select: QueryBuilder<Kind> = QueryBuilder::new(
        "SELECT t.org_id, t.epoch, CAST(COALESCE(l.items, 0) AS BIGINT), CAST(COALESCE(l.removed, 0) AS BIGINT) \
         FROM tenants t LEFT JOIN (SELECT org_id, SUM(items) AS items, SUM(removed) AS removed FROM ledger",
    );
    if let Some(org_id) = org_id {
        select.push(" WHERE org_id = ").push_bind(org_id);
    }
    select.push(" GROUP BY org_id) l ON l.org_id = t.org_id");
    if let Some(org_id) = org_id {
        select.push(" WHERE t.org_id = ").push_bind(org_id);
    }
    let rows: Vec<(String, i64, i64, i64)> = select.build_query_as().fetch_all(pool).await.map_err(store_error)?;
    Ok(rows.into_iter().map(|(org_id, epoch, stored, removed)| (org_id, Mark { epoch, stored, removed })).collect())
}

type Row = (String, i64, i64, i64, i64, i64, Vec<u8>);

pub(super) async fn read(pool: &Pool, org_id: &str, period: &str) -> StoreResult<Option<KeptPart>> {
    let row: Option<Row> = sqlx::query_as(
        "SELECT rules, epoch, stored, removed, records, generation, sealed FROM pattern_parts \
         WHERE org_id = $1 AND period = $2",
    )
    .bind(org_id)
    .bind(period)
    .fetch_optional(pool)
    .await
    .map_err(store_error)?;
    Ok(row.map(|(rules, epoch, stored, removed, records, generation, sealed)| KeptPart {
        period: period.to_owned(),
        rules,
        mark: Mark { epoch, stored, removed },
        records,
        generation,
        sealed,
    }))
}

pub(super) async fn add(connection: &mut Connection, org_id: &str, part: &KeptPart) -> StoreResult<()> {
    sqlx::query(
        "INSERT INTO pattern_parts (org_id, period, rules, epoch, stored, removed, records, generation, sealed) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(org_id)
    .bind(&part.period)
    .bind(&part.rules)
    .bind(part.mark.epoch)
    .bind(part.mark.stored)
    .bind(part.mark.removed)
    .bind(part.records)
    .bind(part.generation)
    .bind(&part.sealed)
    .execute(connection)
    .await
    .map_err(store_error)?;
    Ok(())
}

/// Of an organisation, whatever the period.
pub(super) async fn forget(connection: &mut Connection, org_id: &str) -> StoreResult<()> {
    sqlx::query("DELETE FROM pattern_parts WHERE org_id = $1")
        .bind(org_id)
        .execute(connection)
        .await
        .map_err(store_error)?;
    Ok(())
}
