//! What organisations add to patterns, sealed. Compiled twice, like `control.rs`.

use std::collections::{BTreeMap, BTreeSet};

use service::data_plane::{Counted, KeptPart, Mark};
use service::ports::StoreResult;

use super::{Connection, Pool};
use crate::store_error;

pub(super) async fn contributors(pool: &Pool) -> StoreResult<BTreeSet<String>> {
    let select = "SELECT org_id FROM tenants t WHERE EXISTS (SELECT 1 FROM records r WHERE r.org_id = t.org_id)";
    let rows: Vec<(String,)> = sqlx::query_as(select).fetch_all(pool).await.map_err(store_error)?;
    Ok(rows.into_iter().map(|(org_id,)| org_id).collect())
}

/// What stands of an organisation.
pub(super) async fn mark(pool: &Pool, org_id: &str) -> StoreResult<Mark> {
    let row: Option<(i64, i64, i64)> = sqlx::query_as(
        "SELECT t.epoch, CAST(COALESCE(SUM(l.items), 0) AS BIGINT), CAST(COALESCE(SUM(l.removed), 0) AS BIGINT) \
         FROM tenants t LEFT JOIN ledger l ON l.org_id = t.org_id WHERE t.org_id = $1 GROUP BY t.org_id, t.epoch",
    )
    .bind(org_id)
    .fetch_optional(pool)
    .await
    .map_err(store_error)?;
    Ok(row.map(|(epoch, stored, removed)| Mark { epoch, stored, removed }).unwrap_or_default())
}

type Row = (String, i64, i64, i64, i64, i64, Vec<u8>);

pub(super) async fn read(pool: &Pool, org_id: &str, period: &str) -> StoreResult<Option<KeptPart>> {
    let row: Option<Row> = sqlx::query_as(
        "SELECT rules, epoch, stored, removed, generation, records, sealed FROM pattern_parts \
         WHERE org_id = $1 AND period = $2",
    )
    .bind(org_id)
    .bind(period)
    .fetch_optional(pool)
    .await
    .map_err(store_error)?;
    Ok(row.map(|(rules, epoch, stored, removed, generation, records, sealed)| KeptPart {
        period: period.to_owned(),
        counted: Counted { rules, mark: Mark { epoch, stored, removed }, generation },
        records,
        sealed,
    }))
}

/// Of all organisations, without what is sealed.
pub(super) async fn counted(pool: &Pool, period: &str) -> StoreResult<BTreeMap<String, Counted>> {
    let rows: Vec<(String, String, i64, i64, i64, i64)> =
        sqlx::query_as("SELECT org_id, rules, epoch, stored, removed, generation FROM pattern_parts WHERE period = $1")
            .bind(period)
            .fetch_all(pool)
            .await
            .map_err(store_error)?;
    let counted = |(org_id, rules, epoch, stored, removed, generation)| {
        (org_id, Counted { rules, mark: Mark { epoch, stored, removed }, generation })
    };
    Ok(rows.into_iter().map(counted).collect())
}

pub(super) async fn add(connection: &mut Connection, org_id: &str, part: &KeptPart) -> StoreResult<()> {
    sqlx::query(
        "INSERT INTO pattern_parts (org_id, period, rules, epoch, stored, removed, records, generation, sealed) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(org_id)
    .bind(&part.period)
    .bind(&part.counted.rules)
    .bind(part.counted.mark.epoch)
    .bind(part.counted.mark.stored)
    .bind(part.counted.mark.removed)
    .bind(part.records)
    .bind(part.counted.generation)
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
