//! The statements of a region's data. Compiled twice, like `control.rs`. Every transaction that writes records takes the
//! organisation's lock first.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use policy::Timestamp;
use service::data_plane::{
    Counted, DataPlane, FoundLine, Group, Held, History, KeptPart, LedgerLine, Mark, NewBatch, Place, Record,
    RecordFilter, Standing, Stored,
};
use service::jobs::{Job, NewJob};
use service::ports::StoreResult;
use service::withdrawal::Withdrawal;
use sqlx::QueryBuilder;

use super::batch::Storing;
use super::connections::Connections;
use super::jobs::Outcome;
use super::withdrawals::Which;
use super::{
    BEGIN_READ, BEGIN_WRITE, Connection, ENGINE, Kind, by_index, empty_log, heard, jobs, ledger, moves, parts,
    withdrawals,
};
use crate::{parsed, store_error};

/// Each record has six values when it is sealed again; a database takes some ten thousand in a statement.
const RECORDS_AT_ONCE: usize = 1_000;

#[derive(Clone, Debug)]
pub(crate) struct Plane {
    database: Connections,
}

impl Plane {
    pub(crate) fn new(database: Connections) -> Self {
        Self { database }
    }
}

#[derive(Debug, sqlx::FromRow)]
struct RecordRow {
    item: String,
    part: String,
    kind: String,
    app: String,
    space: String,
    author: String,
    sealed: Vec<u8>,
    generation: i64,
    digest: String,
    version: i64,
    catalogue: String,
    stored_at: i64,
}

const RECORD: &str = "SELECT item, part, kind, app, space, author, sealed, generation, digest, version, catalogue, stored_at FROM records";

fn record(row: RecordRow) -> StoreResult<Record> {
    Ok(Record {
        place: Place { item: row.item, part: row.part, kind: parsed("kind", &row.kind)? },
        app: row.app,
        space: row.space,
        author: row.author,
        sealed: row.sealed,
        generation: row.generation,
        digest: row.digest,
        version: row.version,
        catalogue: row.catalogue,
        stored_at: Timestamp::from_micros(row.stored_at),
    })
}

/// Locks an organisation until the transaction ends, whether anything was known of it or not, and reads how far it is.
async fn lock(connection: &mut Connection, org_id: &str) -> StoreResult<Standing> {
    let (version, epoch) = sqlx::query_as(
        "INSERT INTO tenants (org_id, version, epoch) VALUES ($1, 0, 0) \
         ON CONFLICT (org_id) DO UPDATE SET org_id = excluded.org_id RETURNING version, epoch",
    )
    .bind(org_id)
    .fetch_one(connection)
    .await
    .map_err(store_error)?;
    Ok(Standing { version, epoch })
}

/// Of an organisation that is locked.
async fn set(connection: &mut Connection, org_id: &str, standing: Standing) -> StoreResult<()> {
    sqlx::query("UPDATE tenants SET version = $2, epoch = $3 WHERE org_id = $1")
        .bind(org_id)
        .bind(standing.version)
        .bind(standing.epoch)
        .execute(connection)
        .await
        .map_err(store_error)?;
    Ok(())
}

async fn batch(connection: &mut Connection, org_id: &str, key: &str) -> StoreResult<Option<(String, String)>> {
    sqlx::query_as("SELECT body_hash, answer FROM batches WHERE org_id = $1 AND key = $2")
        .bind(org_id)
        .bind(key)
        .fetch_optional(connection)
        .await
        .map_err(store_error)
}

/// Whether a group stands that is not among those held.
async fn anything_beside(connection: &mut Connection, org_id: &str, held: &[Held]) -> StoreResult<bool> {
    let groups: Vec<(String, String, String)> =
        sqlx::query_as("SELECT DISTINCT app, space, kind FROM records WHERE org_id = $1")
            .bind(org_id)
            .fetch_all(connection)
            .await
            .map_err(store_error)?;
    let is_held = |(app, space, kind): &(String, String, String)| {
        held.iter().any(|Held { group, .. }| (&group.app, &group.space, group.kind.id()) == (app, space, kind))
    };
    Ok(!groups.iter().all(is_held))
}

#[async_trait]
impl DataPlane for Plane {
    fn engine(&self) -> &'static str {
        ENGINE
    }

    async fn reach(&self) -> StoreResult<()> {
        self.database.reach().await
    }

    async fn standing(&self, org_id: &str) -> StoreResult<Standing> {
        let row: Option<(i64, i64)> = sqlx::query_as("SELECT version, epoch FROM tenants WHERE org_id = $1")
            .bind(org_id)
            .fetch_optional(self.database.read().await?)
            .await
            .map_err(store_error)?;
        Ok(row.map(|(version, epoch)| Standing { version, epoch }).unwrap_or_default())
    }

    async fn standings(&self) -> StoreResult<BTreeMap<String, Standing>> {
        let rows: Vec<(String, i64, i64)> = sqlx::query_as("SELECT org_id, version, epoch FROM tenants")
            .fetch_all(self.database.read().await?)
            .await
            .map_err(store_error)?;
        Ok(rows.into_iter().map(|(org_id, version, epoch)| (org_id, Standing { version, epoch })).collect())
    }

    async fn batch(&self, org_id: &str, key: &str) -> StoreResult<Option<(String, String)>> {
        let mut connection = self.database.read().await?.acquire().await.map_err(store_error)?;
        batch(&mut connection, org_id, key).await
    }

    async fn store_batch(&self, org_id: &str, new: &NewBatch<'_>) -> StoreResult<Stored> {
        let mut transaction = self.database.write().await?.begin_with(BEGIN_WRITE).await.map_err(store_error)?;
        let standing = lock(&mut transaction, org_id).await?;
        let before = match new.key {
            Some(key) => batch(&mut transaction, org_id, key).await?,
            None => None,
        };
        let known = match before {
            Some((body_hash, answer)) if body_hash == new.body_hash => Some(Stored::Before(answer)),
            Some(_) => Some(Stored::Another),
            None if standing != new.seen => Some(Stored::Overtaken),
            None if heard::is_outdated(&mut transaction, org_id, new.told).await? => Some(Stored::Outdated),
            None => None,
        };
        if let Some(known) = known {
            transaction.rollback().await.map_err(store_error)?;
            return Ok(known);
        }
        let effect = Storing::new(&mut transaction, org_id, standing.epoch, new).run().await?;
        transaction.commit().await.map_err(store_error)?;
        Ok(Stored::Done(effect))
    }

    async fn forget_batches(&self, before: Timestamp) -> StoreResult<()> {
        for statement in ["DELETE FROM batches WHERE stored_at < $1", "DELETE FROM heard WHERE at < $1"] {
            sqlx::query(statement)
                .bind(before.micros())
                .execute(self.database.write().await?)
                .await
                .map_err(store_error)?;
        }
        Ok(())
    }

    async fn held(&self, org_id: &str) -> StoreResult<Vec<Held>> {
        let rows: Vec<(String, String, String, i64, i64, i64)> = sqlx::query_as(
            "SELECT app, space, kind, COUNT(*), MAX(epoch), MIN(stored_at) FROM records \
             WHERE org_id = $1 GROUP BY app, space, kind ORDER BY app, space, kind",
        )
        .bind(org_id)
        .fetch_all(self.database.read().await?)
        .await
        .map_err(store_error)?;
        rows.into_iter()
            .map(|(app, space, kind, records, epoch, oldest)| {
                let group = Group { app, space, kind: parsed("kind", &kind)? };
                Ok(Held { group, records, epoch, oldest: Timestamp::from_micros(oldest) })
            })
            .collect()
    }

    async fn records(
        &self,
        org_id: &str,
        filter: &RecordFilter,
        below: Option<(Timestamp, &Place)>,
        limit: u32,
    ) -> StoreResult<Vec<Record>> {
        let mut select: QueryBuilder<Kind> = QueryBuilder::new(RECORD);
        select.push(by_index(match (&filter.item, &filter.app) {
            // Of its key.
            (Some(_), _) => "sqlite_autoindex_records_1",
            (None, Some(_)) => "records_by_group",
            (None, None) => "records_by_time",
        }));
        select.push(" WHERE org_id = ").push_bind(org_id);
        let kind = filter.kind.map(|kind| kind.id().to_owned());
        let conditions = [("item", &filter.item), ("app", &filter.app), ("space", &filter.space), ("kind", &kind)];
        for (column, value) in conditions {
            if let Some(value) = value {
                select.push(" AND ").push(column).push(" = ").push_bind(value.clone());
            }
        }
        if let Some((at, place)) = below {
            select.push(" AND (stored_at, item, part, kind) < (").push_bind(at.micros());
            for value in [place.item.as_str(), &place.part, place.kind.id()] {
                select.push(", ").push_bind(value);
            }
            select.push(")");
        }
        select.push(" ORDER BY stored_at DESC, item DESC, part DESC, kind DESC LIMIT ").push_bind(i64::from(limit));
        let rows: Vec<RecordRow> =
            select.build_query_as().fetch_all(self.database.read().await?).await.map_err(store_error)?;
        rows.into_iter().map(record).collect()
    }

    async fn records_by_place(&self, org_id: &str, after: Option<&Place>, limit: u32) -> StoreResult<Vec<Record>> {
        let mut select: QueryBuilder<Kind> = QueryBuilder::new(RECORD);
        // Of its key.
        select.push(by_index("sqlite_autoindex_records_1")).push(" WHERE org_id = ").push_bind(org_id);
        if let Some(Place { item, part, kind }) = after {
            select.push(" AND (item, part, kind) > (").push_bind(item).push(", ").push_bind(part);
            select.push(", ").push_bind(kind.id()).push(")");
        }
        select.push(" ORDER BY item, part, kind LIMIT ").push_bind(i64::from(limit));
        let rows: Vec<RecordRow> =
            select.build_query_as().fetch_all(self.database.read().await?).await.map_err(store_error)?;
        rows.into_iter().map(record).collect()
    }

    async fn contributors(&self) -> StoreResult<BTreeSet<String>> {
        parts::contributors(self.database.read().await?).await
    }

    async fn mark(&self, org_id: &str) -> StoreResult<Mark> {
        parts::mark(self.database.read().await?, org_id).await
    }

    async fn part(&self, org_id: &str, period: &str) -> StoreResult<Option<KeptPart>> {
        parts::read(self.database.read().await?, org_id, period).await
    }

    async fn parts(&self, period: &str) -> StoreResult<BTreeMap<String, Counted>> {
        parts::counted(self.database.read().await?, period).await
    }

    async fn keep_part(&self, org_id: &str, part: &KeptPart) -> StoreResult<bool> {
        let mut transaction = self.database.write().await?.begin_with(BEGIN_WRITE).await.map_err(store_error)?;
        if lock(&mut transaction, org_id).await?.epoch != part.counted.mark.epoch {
            transaction.rollback().await.map_err(store_error)?;
            return Ok(false);
        }
        parts::forget(&mut transaction, org_id).await?;
        parts::add(&mut transaction, org_id, part).await?;
        transaction.commit().await.map_err(store_error)?;
        Ok(true)
    }

    async fn forget_parts(&self, but: &[String]) -> StoreResult<u64> {
        let mut delete: QueryBuilder<Kind> = QueryBuilder::new("DELETE FROM pattern_parts");
        if !but.is_empty() {
            delete.push(" WHERE period NOT IN (");
            let mut list = delete.separated(", ");
            for period in but {
                list.push_bind(period);
            }
            delete.push(")");
        }
        let forgotten = delete.build().execute(self.database.write().await?).await.map_err(store_error)?;
        Ok(forgotten.rows_affected())
    }

    async fn ledger(&self, org_id: &str, from: &str, to: &str) -> StoreResult<Vec<LedgerLine>> {
        ledger::lines(self.database.read().await?, org_id, from, to).await
    }

    async fn ledger_found(&self, org_id: &str, from: &str, to: &str) -> StoreResult<Vec<FoundLine>> {
        ledger::found(self.database.read().await?, org_id, from, to).await
    }

    async fn begin_withdrawals(
        &self,
        org_id: &str,
        seen: Standing,
        held: &[Held],
        version: i64,
        withdrawals: &[(Withdrawal, NewJob)],
    ) -> StoreResult<bool> {
        let mut transaction = self.database.write().await?.begin_with(BEGIN_WRITE).await.map_err(store_error)?;
        let overtaken = lock(&mut transaction, org_id).await? != seen;
        if overtaken || anything_beside(&mut transaction, org_id, held).await? {
            transaction.rollback().await.map_err(store_error)?;
            return Ok(false);
        }
        let epoch = seen.epoch + i64::from(!withdrawals.is_empty());
        set(&mut transaction, org_id, Standing { version, epoch }).await?;
        if !withdrawals.is_empty() {
            parts::forget(&mut transaction, org_id).await?;
        }
        for (withdrawal, job) in withdrawals {
            withdrawals::begin(&mut transaction, org_id, epoch, withdrawal).await?;
            jobs::add(&mut transaction, org_id, job).await?;
        }
        transaction.commit().await.map_err(store_error)?;
        Ok(true)
    }

    async fn withdrawals(&self, org_id: &str, limit: u32) -> StoreResult<Vec<Withdrawal>> {
        let found = self.read_withdrawals(Which::Newest { org_id, limit }).await?;
        Ok(found.into_iter().map(|(_, withdrawal)| withdrawal).collect())
    }

    async fn open_withdrawals(&self, org_id: Option<&str>) -> StoreResult<Vec<(String, Withdrawal)>> {
        self.read_withdrawals(Which::Open { org_id }).await
    }

    async fn withdrawal(&self, org_id: &str, id: &str) -> StoreResult<Option<Withdrawal>> {
        Ok(self.read_withdrawals(Which::One { org_id, id }).await?.pop().map(|(_, withdrawal)| withdrawal))
    }

    async fn withdraw_some(&self, org_id: &str, id: &str, day: &str, limit: u32) -> StoreResult<i64> {
        let mut transaction = self.database.write().await?.begin_with(BEGIN_WRITE).await.map_err(store_error)?;
        lock(&mut transaction, org_id).await?;
        let removed = withdrawals::withdraw_some(&mut transaction, org_id, id, day, limit).await?;
        transaction.commit().await.map_err(store_error)?;
        Ok(removed)
    }

    async fn left_to_withdraw(&self, org_id: &str, id: &str) -> StoreResult<i64> {
        let mut connection = self.database.read().await?.acquire().await.map_err(store_error)?;
        withdrawals::left(&mut connection, org_id, id).await
    }

    async fn finish_withdrawal(&self, org_id: &str, id: &str, at: Timestamp, receipt: &str) -> StoreResult<bool> {
        let write = self.database.write().await?;
        // The receipt says that it is gone: it is overwritten in the file first, and no log has it any more.
        empty_log(write).await.map_err(store_error)?;
        let finished = sqlx::query(
            "UPDATE withdrawals SET finished_at = $3, receipt = $4 WHERE org_id = $1 AND id = $2 AND receipt IS NULL",
        )
        .bind(org_id)
        .bind(id)
        .bind(at.micros())
        .bind(receipt)
        .execute(write)
        .await
        .map_err(store_error)?;
        Ok(finished.rows_affected() == 1)
    }

    async fn reseal(&self, org_id: &str, records: &[(Record, Vec<u8>, i64)]) -> StoreResult<i64> {
        let mut transaction = self.database.write().await?.begin_with(BEGIN_WRITE).await.map_err(store_error)?;
        lock(&mut transaction, org_id).await?;
        let mut resealed = 0;
        for some in records.chunks(RECORDS_AT_ONCE) {
            let mut update: QueryBuilder<Kind> =
                QueryBuilder::new("UPDATE records SET sealed = v.column1, generation = v.column2 FROM (");
            update.push_values(some, |mut row, (read, sealed, generation)| {
                row.push_bind(sealed).push_bind(generation);
                row.push_bind(&read.place.item).push_bind(&read.place.part).push_bind(read.place.kind.id());
                row.push_bind(read.generation).push_bind(&read.digest).push_bind(read.stored_at.micros());
            });
            update.push(") AS v WHERE org_id = ").push_bind(org_id);
            update.push(
                " AND item = v.column3 AND part = v.column4 AND kind = v.column5 \
                 AND records.generation = v.column6 AND digest = v.column7 AND stored_at = v.column8",
            );
            let updated = update.build().persistent(false).execute(&mut *transaction).await.map_err(store_error)?;
            resealed += i64::try_from(updated.rows_affected()).unwrap_or(i64::MAX);
        }
        transaction.commit().await.map_err(store_error)?;
        Ok(resealed)
    }

    async fn advance(&self, org_id: &str, beyond: Standing) -> StoreResult<Standing> {
        let mut transaction = self.database.write().await?.begin_with(BEGIN_WRITE).await.map_err(store_error)?;
        let own = lock(&mut transaction, org_id).await?;
        let standing = Standing { version: own.version.max(beyond.version), epoch: own.epoch.max(beyond.epoch) + 1 };
        set(&mut transaction, org_id, standing).await?;
        transaction.commit().await.map_err(store_error)?;
        Ok(standing)
    }

    async fn copy_records(
        &self,
        org_id: &str,
        seen: Standing,
        above: Option<(Timestamp, &Place)>,
        down_to: Option<(Timestamp, &Place)>,
        records: &[Record],
    ) -> StoreResult<bool> {
        let mut transaction = self.database.write().await?.begin_with(BEGIN_WRITE).await.map_err(store_error)?;
        if lock(&mut transaction, org_id).await? != seen {
            transaction.rollback().await.map_err(store_error)?;
            return Ok(false);
        }
        moves::copy_records(&mut transaction, org_id, seen.epoch, above, down_to, records).await?;
        transaction.commit().await.map_err(store_error)?;
        Ok(true)
    }

    async fn history(&self, org_id: &str) -> StoreResult<History> {
        let (first, last) = ("0000-01-01", "9999-12-31");
        let withdrawals = self.withdrawals(org_id, u32::MAX).await?;
        Ok(History {
            ledger: self.ledger(org_id, first, last).await?,
            found: self.ledger_found(org_id, first, last).await?,
            batches: moves::batches(self.database.read().await?, org_id).await?,
            heard: heard::read(self.database.read().await?, org_id).await?,
            withdrawals: withdrawals.into_iter().filter(|withdrawal| withdrawal.receipt.is_some()).collect(),
        })
    }

    async fn keep_history(&self, org_id: &str, seen: Standing, history: &History) -> StoreResult<bool> {
        let mut transaction = self.database.write().await?.begin_with(BEGIN_WRITE).await.map_err(store_error)?;
        if lock(&mut transaction, org_id).await? != seen {
            transaction.rollback().await.map_err(store_error)?;
            return Ok(false);
        }
        moves::forget_history(&mut transaction, org_id).await?;
        ledger::add(&mut transaction, org_id, &history.ledger, &history.found).await?;
        moves::keep_batches(&mut transaction, org_id, &history.batches).await?;
        heard::keep(&mut transaction, org_id, &history.heard).await?;
        for withdrawal in &history.withdrawals {
            withdrawals::begin(&mut transaction, org_id, withdrawal.epoch, withdrawal).await?;
        }
        transaction.commit().await.map_err(store_error)?;
        Ok(true)
    }

    async fn keep_withdrawal(&self, org_id: &str, withdrawal: &Withdrawal) -> StoreResult<()> {
        let mut transaction = self.database.write().await?.begin_with(BEGIN_WRITE).await.map_err(store_error)?;
        lock(&mut transaction, org_id).await?;
        let which = Which::One { org_id, id: &withdrawal.id };
        if withdrawals::read(&mut transaction, which).await?.is_empty() {
            withdrawals::begin(&mut transaction, org_id, withdrawal.epoch, withdrawal).await?;
        }
        transaction.commit().await.map_err(store_error)?;
        Ok(())
    }

    async fn forget(&self, org_id: &str, but_job: &str) -> StoreResult<()> {
        let mut transaction = self.database.write().await?.begin_with(BEGIN_WRITE).await.map_err(store_error)?;
        lock(&mut transaction, org_id).await?;
        moves::forget_history(&mut transaction, org_id).await?;
        moves::forget_jobs(&mut transaction, org_id, but_job).await?;
        transaction.commit().await.map_err(store_error)?;
        Ok(())
    }

    async fn add_job(&self, org_id: &str, job: &NewJob) -> StoreResult<()> {
        let mut connection = self.database.write().await?.acquire().await.map_err(store_error)?;
        jobs::add(&mut connection, org_id, job).await
    }

    async fn lease_job(&self, worker: &str, now: Timestamp, until: Timestamp) -> StoreResult<Option<(String, Job)>> {
        jobs::lease(self.database.write().await?, worker, now, until).await
    }

    async fn keep_job(
        &self,
        org_id: &str,
        id: &str,
        worker: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> StoreResult<bool> {
        jobs::keep(self.database.write().await?, org_id, id, worker, now, until).await
    }

    async fn finish_job(&self, org_id: &str, id: &str, worker: &str, at: Timestamp) -> StoreResult<()> {
        jobs::let_go(self.database.write().await?, org_id, id, worker, at, Outcome::Done).await
    }

    async fn fail_job(
        &self,
        org_id: &str,
        id: &str,
        worker: &str,
        at: Timestamp,
        again: Option<Timestamp>,
    ) -> StoreResult<()> {
        let outcome = again.map_or(Outcome::GivenUp, Outcome::Again);
        jobs::let_go(self.database.write().await?, org_id, id, worker, at, outcome).await
    }

    async fn jobs(&self, org_id: &str, limit: u32) -> StoreResult<Vec<Job>> {
        jobs::read(self.database.read().await?, org_id, None, limit).await
    }

    async fn job(&self, org_id: &str, id: &str) -> StoreResult<Option<Job>> {
        Ok(jobs::read(self.database.read().await?, org_id, Some(id), 1).await?.pop())
    }
}

impl Plane {
    async fn read_withdrawals(&self, which: Which<'_>) -> StoreResult<Vec<(String, Withdrawal)>> {
        let mut transaction = self.database.read().await?.begin_with(BEGIN_READ).await.map_err(store_error)?;
        let found = withdrawals::read(&mut transaction, which).await?;
        transaction.rollback().await.map_err(store_error)?;
        Ok(found)
    }
}
