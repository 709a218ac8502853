//! The statements of withdrawals. Compiled twice, like `control.rs`.

use std::collections::BTreeMap;

use policy::Timestamp;
use service::data_plane::Group;
use service::ports::StoreResult;
use service::withdrawal::{Cause, Withdrawal, WithdrawnGroup};
use sqlx::QueryBuilder;

use super::ledger::Sums;
use super::{Connection, Kind};
use crate::{parsed, store_error, unreadable};

/// Each group has seven values; a database takes some ten thousand in a statement.
const GROUPS_AT_ONCE: usize = 1_000;

/// A withdrawal that is of some groups, and one that is of everything: which records it is about. `$1` is the organisation
/// and `$2` the withdrawal. SQLite joins in the order of a CROSS JOIN, so each walks an index: a small group of a large
/// organisation is found at once.
const OF_GROUPS: &str = "FROM withdrawals w CROSS JOIN withdrawal_groups g CROSS JOIN records r \
     WHERE w.org_id = $1 AND w.id = $2 AND NOT w.whole AND g.org_id = w.org_id AND g.id = w.id \
     AND r.org_id = g.org_id AND r.app = g.app AND r.space = g.space AND r.kind = g.kind \
     AND r.stored_at < COALESCE(w.stored_before, 9223372036854775807) AND r.epoch < w.epoch";
const OF_EVERYTHING: &str = "FROM withdrawals w CROSS JOIN records r \
     WHERE w.org_id = $1 AND w.id = $2 AND w.whole AND r.org_id = w.org_id \
     AND r.stored_at < COALESCE(w.stored_before, 9223372036854775807) AND r.epoch < w.epoch";

const COLUMNS: &str = "org_id, id, cause, because, version, epoch, whole, stored_before, key_generation, since, \
     due_in_app, due, total, removed, finished_at, receipt";

#[derive(Debug, sqlx::FromRow)]
struct Row {
    org_id: String,
    id: String,
    cause: String,
    because: String,
    version: i64,
    epoch: i64,
    whole: bool,
    stored_before: Option<i64>,
    key_generation: i64,
    since: i64,
    due_in_app: i64,
    due: i64,
    total: i64,
    removed: i64,
    finished_at: Option<i64>,
    receipt: Option<String>,
}

/// Which withdrawals are read.
#[derive(Clone, Copy, Debug)]
pub(super) enum Which<'a> {
    One { org_id: &'a str, id: &'a str },
    Newest { org_id: &'a str, limit: u32 },
    Open { org_id: Option<&'a str> },
}

impl Which<'_> {
    /// The same withdrawals for both of its statements: their rows, and the groups of them.
    fn push(self, query: &mut QueryBuilder<Kind>) {
        match self {
            Self::One { org_id, id } => {
                query.push("org_id = ").push_bind(org_id).push(" AND id = ").push_bind(id);
            }
            Self::Newest { org_id, limit } => {
                query
                    .push("org_id = ")
                    .push_bind(org_id)
                    .push(" ORDER BY CASE WHEN receipt IS NULL THEN 0 ELSE 1 END, epoch DESC, id DESC LIMIT ");
                query.push_bind(i64::from(limit));
            }
            Self::Open { org_id } => {
                query.push("receipt IS NULL");
                if let Some(org_id) = org_id {
                    query.push(" AND org_id = ").push_bind(org_id);
                }
                query.push(" ORDER BY due_in_app, due, org_id, id");
            }
        }
    }
}

/// Withdrawals with their organisations. On a connection that sees one moment.
pub(super) async fn read(connection: &mut Connection, which: Which<'_>) -> StoreResult<Vec<(String, Withdrawal)>> {
    let mut select: QueryBuilder<Kind> = QueryBuilder::new(format!("SELECT {COLUMNS} FROM withdrawals WHERE "));
    which.push(&mut select);
    let rows: Vec<Row> = select.build_query_as().fetch_all(&mut *connection).await.map_err(store_error)?;

    let mut select: QueryBuilder<Kind> = QueryBuilder::new(
        "SELECT g.org_id, g.id, g.app, g.space, g.kind, g.total, g.removed FROM (SELECT org_id, id FROM withdrawals WHERE ",
    );
    which.push(&mut select);
    select.push(") w JOIN withdrawal_groups g ON g.org_id = w.org_id AND g.id = w.id ORDER BY g.app, g.space, g.kind");
    let lines: Vec<(String, String, String, String, String, i64, i64)> =
        select.build_query_as().fetch_all(&mut *connection).await.map_err(store_error)?;
    let mut groups: BTreeMap<(String, String), Vec<WithdrawnGroup>> = BTreeMap::new();
    for (org_id, id, app, space, kind, total, removed) in lines {
        let group = Group { app, space, kind: parsed("kind", &kind)? };
        groups.entry((org_id, id)).or_default().push(WithdrawnGroup { group, total, removed });
    }
    rows.into_iter()
        .map(|row| {
            let key = (row.org_id, row.id);
            let groups = groups.remove(&key).unwrap_or_default();
            let (org_id, id) = key;
            let withdrawal = Withdrawal {
                id,
                cause: Cause::parse(&row.cause).ok_or_else(|| unreadable("cause", &row.cause))?,
                because: row.because,
                version: row.version,
                epoch: row.epoch,
                whole: row.whole,
                groups,
                stored_before: row.stored_before.map(Timestamp::from_micros),
                key_generation: row.key_generation,
                since: Timestamp::from_micros(row.since),
                due_in_app: Timestamp::from_micros(row.due_in_app),
                due: Timestamp::from_micros(row.due),
                total: row.total,
                removed: row.removed,
                finished_at: row.finished_at.map(Timestamp::from_micros),
                receipt: row.receipt,
            };
            Ok((org_id, withdrawal))
        })
        .collect()
}

/// Writes a withdrawal that begins now, under the epoch that began with it.
pub(super) async fn begin(connection: &mut Connection, org_id: &str, epoch: i64, new: &Withdrawal) -> StoreResult<()> {
    let mut insert: QueryBuilder<Kind> = QueryBuilder::new(format!("INSERT INTO withdrawals ({COLUMNS}) "));
    insert.push_values([new], |mut row, new| {
        row.push_bind(org_id).push_bind(&new.id).push_bind(new.cause.id()).push_bind(&new.because);
        row.push_bind(new.version).push_bind(epoch).push_bind(new.whole);
        row.push_bind(new.stored_before.map(Timestamp::micros)).push_bind(new.key_generation);
        row.push_bind(new.since.micros()).push_bind(new.due_in_app.micros()).push_bind(new.due.micros());
        row.push_bind(new.total).push_bind(new.removed);
        row.push_bind(new.finished_at.map(Timestamp::micros)).push_bind(&new.receipt);
    });
    insert.build().execute(&mut *connection).await.map_err(store_error)?;
    add_to_groups(connection, org_id, &new.id, &new.groups).await
}

/// Counts in the groups of a withdrawal. One that is whole may meet a group that stood nowhere when it was counted.
async fn add_to_groups(
    connection: &mut Connection,
    org_id: &str,
    id: &str,
    groups: &[WithdrawnGroup],
) -> StoreResult<()> {
    for some in groups.chunks(GROUPS_AT_ONCE) {
        let mut insert: QueryBuilder<Kind> =
            QueryBuilder::new("INSERT INTO withdrawal_groups (org_id, id, app, space, kind, total, removed) ");
        insert.push_values(some, |mut row, WithdrawnGroup { group, total, removed }| {
            row.push_bind(org_id).push_bind(id).push_bind(&group.app).push_bind(&group.space);
            row.push_bind(group.kind.id()).push_bind(total).push_bind(removed);
        });
        insert.push(
            " ON CONFLICT (org_id, id, app, space, kind) DO UPDATE SET total = withdrawal_groups.total + excluded.total, \
             removed = withdrawal_groups.removed + excluded.removed",
        );
        insert.build().persistent(false).execute(&mut *connection).await.map_err(store_error)?;
    }
    Ok(())
}

/// Deletes some records and counts them. In a transaction that holds the organisation's lock.
pub(super) async fn withdraw_some(
    connection: &mut Connection,
    org_id: &str,
    id: &str,
    day: &str,
    limit: u32,
) -> StoreResult<i64> {
    let Some(about) = about(connection, org_id, id).await? else { return Ok(0) };
    let delete = format!(
        "DELETE FROM records WHERE org_id = $1 AND (item, part, kind) IN (SELECT r.item, r.part, r.kind {about} LIMIT $3) \
         RETURNING app, space, kind, version"
    );
    let removed: Vec<(String, String, String, i64)> = sqlx::query_as(sqlx::AssertSqlSafe(delete))
        .bind(org_id)
        .bind(id)
        .bind(i64::from(limit))
        .fetch_all(&mut *connection)
        .await
        .map_err(store_error)?;
    let count = i64::try_from(removed.len()).unwrap_or(i64::MAX);
    let mut sums = Sums::default();
    let mut by_group: BTreeMap<Group, i64> = BTreeMap::new();
    for (app, space, kind, version) in removed {
        let group = Group { app, space, kind: parsed("kind", &kind)? };
        sums.remove(group.clone(), version, 1);
        *by_group.entry(group).or_default() += 1;
    }
    if count > 0 {
        sums.write(connection, org_id, day).await?;
        let groups = by_group.into_iter().map(|(group, removed)| WithdrawnGroup { group, total: 0, removed });
        add_to_groups(connection, org_id, id, &groups.collect::<Vec<_>>()).await?;
        for counted in [
            "UPDATE withdrawals SET removed = removed + $3 WHERE org_id = $1 AND id = $2",
            "UPDATE jobs SET done = done + $3 WHERE org_id = $1 AND id = $2",
        ] {
            sqlx::query(counted)
                .bind(org_id)
                .bind(id)
                .bind(count)
                .execute(&mut *connection)
                .await
                .map_err(store_error)?;
        }
    }
    Ok(count)
}

pub(super) async fn left(connection: &mut Connection, org_id: &str, id: &str) -> StoreResult<i64> {
    let Some(about) = about(connection, org_id, id).await? else { return Ok(0) };
    sqlx::query_scalar(sqlx::AssertSqlSafe(format!("SELECT COUNT(*) {about}")))
        .bind(org_id)
        .bind(id)
        .fetch_one(connection)
        .await
        .map_err(store_error)
}

/// How the records of a withdrawal are found.
async fn about(connection: &mut Connection, org_id: &str, id: &str) -> StoreResult<Option<&'static str>> {
    let whole: Option<bool> = sqlx::query_scalar("SELECT whole FROM withdrawals WHERE org_id = $1 AND id = $2")
        .bind(org_id)
        .bind(id)
        .fetch_optional(connection)
        .await
        .map_err(store_error)?;
    Ok(whole.map(|whole| if whole { OF_EVERYTHING } else { OF_GROUPS }))
}
