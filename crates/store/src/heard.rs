//! The statements about what the messages of a source, and the deletions of a program, have told so far. Compiled twice, like
//! `control.rs`. Each that writes is called in a transaction that holds the organisation's lock.

use std::collections::BTreeMap;

use policy::Timestamp;
use service::data_plane::{EVERY_PART, Heard, Told};
use service::ports::StoreResult;
use sqlx::QueryBuilder;

use super::{Connection, Kind, Pool};
use crate::store_error;

/// Each has five values; a database takes some ten thousand in a statement.
const ROWS_AT_ONCE: usize = 2_000;

/// Whether something later was heard of what is told. What removes is never outdated.
pub(super) async fn is_outdated(connection: &mut Connection, org_id: &str, told: &[Told]) -> StoreResult<bool> {
    for Told { heard: Heard { item, part, space, at }, within, .. } in told.iter().filter(|told| !told.removes) {
        // What says something of every part is also overtaken by what was heard of one; and everything by the end of its space, and
        // by what was heard in another space: there the item has been since, and is decided otherwise. A space that is not known
        // is no other one.
        let (later,): (i64,) = sqlx::query_as(
            "SELECT COUNT(*) FROM heard WHERE org_id = $1 AND item IN ($2, $7) AND at > $3 \
             AND (item = $7 OR $4 = $5 OR part IN ($4, $5) OR space NOT IN ('', $6))",
        )
        .bind(org_id)
        .bind(item)
        .bind(at.micros())
        .bind(part)
        .bind(EVERY_PART)
        .bind(space)
        .bind(within)
        .fetch_one(&mut *connection)
        .await
        .map_err(store_error)?;
        if later > 0 {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Keeps the latest of each, of one moment the last.
pub(super) async fn keep(
    connection: &mut Connection,
    org_id: &str,
    heard: impl IntoIterator<Item = &Heard>,
) -> StoreResult<()> {
    // In one statement a row is written once.
    let mut latest: BTreeMap<(&str, &str), &Heard> = BTreeMap::new();
    for heard in heard {
        let known = latest.entry((&heard.item, &heard.part)).or_insert(heard);
        if known.at <= heard.at {
            *known = heard;
        }
    }
    let latest: Vec<&Heard> = latest.into_values().collect();
    for some in latest.chunks(ROWS_AT_ONCE) {
        let mut insert: QueryBuilder<Kind> = QueryBuilder::new("INSERT INTO heard (org_id, item, part, space, at) ");
        insert.push_values(some, |mut row, heard| {
            row.push_bind(org_id).push_bind(&heard.item).push_bind(&heard.part).push_bind(&heard.space);
            row.push_bind(heard.at.micros());
        });
        insert.push(
            " ON CONFLICT (org_id, item, part) DO UPDATE SET at = excluded.at, space = excluded.space \
             WHERE heard.at <= excluded.at",
        );
        insert.build().persistent(false).execute(&mut *connection).await.map_err(store_error)?;
    }
    Ok(())
}

/// In the order of their keys.
pub(super) async fn read(pool: &Pool, org_id: &str) -> StoreResult<Vec<Heard>> {
    let rows: Vec<(String, String, String, i64)> =
        sqlx::query_as("SELECT item, part, space, at FROM heard WHERE org_id = $1 ORDER BY item, part")
            .bind(org_id)
            .fetch_all(pool)
            .await
            .map_err(store_error)?;
    let heard = |(item, part, space, at)| Heard { item, part, space, at: Timestamp::from_micros(at) };
    Ok(rows.into_iter().map(heard).collect())
}
