//! The ledger's statements: what was contributed and removed, in sums. Compiled twice, like `control.rs`.

use std::collections::BTreeMap;

use service::data_plane::{FoundLine, Group, LedgerLine, NewRecord};
use service::ports::StoreResult;
use sqlx::QueryBuilder;

use super::{Connection, Kind, Pool};
use crate::{parsed, store_error};

/// Each line has nine values; a database takes some ten thousand in a statement.
const LINES_AT_ONCE: usize = 1_000;

/// What a transaction adds to a day.
#[derive(Debug, Default)]
pub(super) struct Sums {
    lines: BTreeMap<(Group, i64), Line>,
    /// By app, space, version and kind of personal data.
    found: BTreeMap<(String, String, i64, String), i64>,
}

#[derive(Debug, Default)]
struct Line {
    items: i64,
    fields: i64,
    removed: i64,
}

impl Sums {
    pub(super) fn put(&mut self, record: &NewRecord, version: i64) {
        let NewRecord { place, app, space, .. } = record;
        let group = Group { app: app.clone(), space: space.clone(), kind: place.kind };
        let line = self.lines.entry((group, version)).or_default();
        line.items += 1;
        line.fields += record.fields;
        for (kind, times) in &record.found {
            *self.found.entry((app.clone(), space.clone(), version, kind.clone())).or_default() += times;
        }
    }

    /// `version` is the one under which the records had been contributed.
    pub(super) fn remove(&mut self, group: Group, version: i64, records: i64) {
        self.lines.entry((group, version)).or_default().removed += records;
    }

    pub(super) async fn write(self, connection: &mut Connection, org_id: &str, day: &str) -> StoreResult<()> {
        let line = |((group, version), Line { items, fields, removed })| LedgerLine {
            day: day.to_owned(),
            group,
            version,
            items,
            fields,
            removed,
        };
        let found = |((app, space, version, kind), count)| {
            let day = day.to_owned();
            FoundLine { day, app, space, version, kind, count }
        };
        let lines: Vec<LedgerLine> = self.lines.into_iter().map(line).collect();
        let found: Vec<FoundLine> = self.found.into_iter().map(found).collect();
        add(connection, org_id, &lines, &found).await
    }
}

/// Adds lines to those that are there.
pub(super) async fn add(
    connection: &mut Connection,
    org_id: &str,
    lines: &[LedgerLine],
    found: &[FoundLine],
) -> StoreResult<()> {
    for some in lines.chunks(LINES_AT_ONCE) {
        let mut insert: QueryBuilder<Kind> =
            QueryBuilder::new("INSERT INTO ledger (org_id, day, app, space, kind, version, items, fields, removed) ");
        insert.push_values(some, |mut row, line| {
            row.push_bind(org_id).push_bind(&line.day).push_bind(&line.group.app).push_bind(&line.group.space);
            row.push_bind(line.group.kind.id()).push_bind(line.version);
            row.push_bind(line.items).push_bind(line.fields).push_bind(line.removed);
        });
        insert.push(
            " ON CONFLICT (org_id, day, app, space, kind, version) DO UPDATE SET \
             items = ledger.items + excluded.items, fields = ledger.fields + excluded.fields, \
             removed = ledger.removed + excluded.removed",
        );
        insert.build().persistent(false).execute(&mut *connection).await.map_err(store_error)?;
    }
    for some in found.chunks(LINES_AT_ONCE) {
        let mut insert: QueryBuilder<Kind> =
            QueryBuilder::new("INSERT INTO ledger_found (org_id, day, app, space, version, kind, times) ");
        insert.push_values(some, |mut row, line| {
            row.push_bind(org_id).push_bind(&line.day).push_bind(&line.app).push_bind(&line.space);
            row.push_bind(line.version).push_bind(&line.kind).push_bind(line.count);
        });
        insert.push(
            " ON CONFLICT (org_id, day, app, space, version, kind) DO UPDATE SET \
             times = ledger_found.times + excluded.times",
        );
        insert.build().persistent(false).execute(&mut *connection).await.map_err(store_error)?;
    }
    Ok(())
}

type LineRow = (String, String, String, String, i64, i64, i64, i64);

pub(super) async fn lines(pool: &Pool, org_id: &str, from: &str, to: &str) -> StoreResult<Vec<LedgerLine>> {
    let rows: Vec<LineRow> = sqlx::query_as(
        "SELECT day, app, space, kind, version, items, fields, removed FROM ledger \
         WHERE org_id = $1 AND day BETWEEN $2 AND $3 ORDER BY day, app, space, kind, version",
    )
    .bind(org_id)
    .bind(from)
    .bind(to)
    .fetch_all(pool)
    .await
    .map_err(store_error)?;
    rows.into_iter()
        .map(|(day, app, space, kind, version, items, fields, removed)| {
            let group = Group { app, space, kind: parsed("kind", &kind)? };
            Ok(LedgerLine { day, group, version, items, fields, removed })
        })
        .collect()
}

pub(super) async fn found(pool: &Pool, org_id: &str, from: &str, to: &str) -> StoreResult<Vec<FoundLine>> {
    let rows: Vec<(String, String, String, i64, String, i64)> = sqlx::query_as(
        "SELECT day, app, space, version, kind, times FROM ledger_found \
         WHERE org_id = $1 AND day BETWEEN $2 AND $3 ORDER BY day, app, space, version, kind",
    )
    .bind(org_id)
    .bind(from)
    .bind(to)
    .fetch_all(pool)
    .await
    .map_err(store_error)?;
    let line = |(day, app, space, version, kind, count)| FoundLine { day, app, space, version, kind, count };
    Ok(rows.into_iter().map(line).collect())
}
