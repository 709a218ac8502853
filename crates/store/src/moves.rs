//! The statements of an organisation that moves into a region or out of it. Compiled twice, like `control.rs`. Each that
//! writes is called in a transaction that holds the organisation's lock.

use policy::Timestamp;
use service::data_plane::{KeptBatch, Place, Record};
use service::ports::StoreResult;
use sqlx::QueryBuilder;

use super::{Connection, Kind, Pool, parts};
use crate::store_error;

/// Each record has fourteen values, a batch five; a database takes some ten thousand in a statement.
const ROWS_AT_ONCE: usize = 500;

/// Replaces the records between two.
pub(super) async fn copy_records(
    connection: &mut Connection,
    org_id: &str,
    epoch: i64,
    above: Option<(Timestamp, &Place)>,
    down_to: Option<(Timestamp, &Place)>,
    records: &[Record],
) -> StoreResult<()> {
    let mut delete: QueryBuilder<Kind> = QueryBuilder::new("DELETE FROM records WHERE org_id = ");
    delete.push_bind(org_id);
    for (sign, end) in [(" < ", above), (" >= ", down_to)] {
        if let Some((at, place)) = end {
            delete.push(" AND (stored_at, item, part, kind)").push(sign).push("(").push_bind(at.micros());
            for value in [place.item.as_str(), &place.part, place.kind.id()] {
                delete.push(", ").push_bind(value);
            }
            delete.push(")");
        }
    }
    delete.build().persistent(false).execute(&mut *connection).await.map_err(store_error)?;
    for some in records.chunks(ROWS_AT_ONCE) {
        let mut insert: QueryBuilder<Kind> = QueryBuilder::new(
            "INSERT INTO records (org_id, item, part, kind, app, space, author, generation, digest, version, catalogue, \
             epoch, stored_at, sealed) ",
        );
        insert.push_values(some, |mut row, record| {
            row.push_bind(org_id).push_bind(&record.place.item).push_bind(&record.place.part);
            row.push_bind(record.place.kind.id()).push_bind(&record.app).push_bind(&record.space);
            row.push_bind(&record.author)
                .push_bind(record.generation)
                .push_bind(&record.digest)
                .push_bind(record.version);
            row.push_bind(&record.catalogue).push_bind(epoch);
            row.push_bind(record.stored_at.micros()).push_bind(&record.sealed);
        });
        insert.build().persistent(false).execute(&mut *connection).await.map_err(store_error)?;
    }
    Ok(())
}

/// In the order of their keys.
pub(super) async fn batches(pool: &Pool, org_id: &str) -> StoreResult<Vec<KeptBatch>> {
    let rows: Vec<(String, String, String, i64)> =
        sqlx::query_as("SELECT key, body_hash, answer, stored_at FROM batches WHERE org_id = $1 ORDER BY key")
            .bind(org_id)
            .fetch_all(pool)
            .await
            .map_err(store_error)?;
    let batch = |(key, body_hash, answer, stored_at)| KeptBatch {
        key,
        body_hash,
        answer,
        stored_at: Timestamp::from_micros(stored_at),
    };
    Ok(rows.into_iter().map(batch).collect())
}

pub(super) async fn keep_batches(connection: &mut Connection, org_id: &str, batches: &[KeptBatch]) -> StoreResult<()> {
    for some in batches.chunks(ROWS_AT_ONCE) {
        let mut insert: QueryBuilder<Kind> =
            QueryBuilder::new("INSERT INTO batches (org_id, key, body_hash, answer, stored_at) ");
        insert.push_values(some, |mut row, batch| {
            row.push_bind(org_id).push_bind(&batch.key).push_bind(&batch.body_hash);
            row.push_bind(&batch.answer).push_bind(batch.stored_at.micros());
        });
        insert.build().persistent(false).execute(&mut *connection).await.map_err(store_error)?;
    }
    Ok(())
}

/// Deletes everything of an organisation but its records, its jobs and its standing; also what it adds to patterns, which is computed
/// again wherever it is.
pub(super) async fn forget_history(connection: &mut Connection, org_id: &str) -> StoreResult<()> {
    for statement in [
        "DELETE FROM ledger WHERE org_id = $1",
        "DELETE FROM ledger_found WHERE org_id = $1",
        "DELETE FROM batches WHERE org_id = $1",
        "DELETE FROM heard WHERE org_id = $1",
        "DELETE FROM withdrawal_groups WHERE org_id = $1",
        "DELETE FROM withdrawals WHERE org_id = $1",
    ] {
        sqlx::query(statement).bind(org_id).execute(&mut *connection).await.map_err(store_error)?;
    }
    parts::forget(connection, org_id).await
}

pub(super) async fn forget_jobs(connection: &mut Connection, org_id: &str, but: &str) -> StoreResult<()> {
    sqlx::query("DELETE FROM jobs WHERE org_id = $1 AND id <> $2")
        .bind(org_id)
        .bind(but)
        .execute(connection)
        .await
        .map_err(store_error)?;
    Ok(())
}
