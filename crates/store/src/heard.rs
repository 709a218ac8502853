//! The statements about what the messages of a source have told so far. Compiled twice, like `control.rs`. Each that writes is
//! called in a transaction that holds the organisation's lock.

use policy::Timestamp;
use service::data_plane::{EVERY_PART, Heard, Told};
use service::ports::StoreResult;
use sqlx::QueryBuilder;

use super::{Connection, Kind, Pool};
use crate::store_error;

/// Each has four values; a database takes some ten thousand in a statement.
const ROWS_AT_ONCE: usize = 2_000;

/// Whether something later was heard of what a message tells of. What removes is never outdated.
pub(super) async fn is_outdated(connection: &mut Connection, org_id: &str, told: &Told) -> StoreResult<bool> {
    if told.removes {
        return Ok(false);
    }
    let Heard { item, part, at } = &told.heard;
    // What says something of every part is also overtaken by what was heard of one.
    let (later,): (i64,) = sqlx::query_as(
        "SELECT COUNT(*) FROM heard WHERE org_id = $1 AND item = $2 AND at > $3 AND ($4 = $5 OR part IN ($4, $5))",
    )
    .bind(org_id)
    .bind(item)
    .bind(at.micros())
    .bind(part)
    .bind(EVERY_PART)
    .fetch_one(connection)
    .await
    .map_err(store_error)?;
    Ok(later > 0)
}

/// Keeps the latest of each.
pub(super) async fn keep(connection: &mut Connection, org_id: &str, heard: &[Heard]) -> StoreResult<()> {
    for some in heard.chunks(ROWS_AT_ONCE) {
        let mut insert: QueryBuilder<Kind> = QueryBuilder::new("INSERT INTO heard (org_id, item, part, at) ");
        insert.push_values(some, |mut row, heard| {
            row.push_bind(org_id).push_bind(&heard.item).push_bind(&heard.part).push_bind(heard.at.micros());
        });
        insert.push(" ON CONFLICT (org_id, item, part) DO UPDATE SET at = excluded.at WHERE heard.at < excluded.at");
        insert.build().persistent(false).execute(&mut *connection).await.map_err(store_error)?;
    }
    Ok(())
}

/// In the order of their keys.
pub(super) async fn read(pool: &Pool, org_id: &str) -> StoreResult<Vec<Heard>> {
    let rows: Vec<(String, String, i64)> =
        sqlx::query_as("SELECT item, part, at FROM heard WHERE org_id = $1 ORDER BY item, part")
            .bind(org_id)
            .fetch_all(pool)
            .await
            .map_err(store_error)?;
    let heard = |(item, part, at)| Heard { item, part, at: Timestamp::from_micros(at) };
    Ok(rows.into_iter().map(heard).collect())
}
