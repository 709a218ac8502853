//! The statements of releases and of the work that makes them. Compiled twice, like `control.rs`. There is none that changes or
//! deletes what was published.

use async_trait::async_trait;
use audit::Draft;
use policy::Timestamp;
use service::audit_log::INSTALLATION;
use service::jobs::JobState;
use service::ports::{KeepReleases, KeptCell, KeptRelease, NewRelease, StoreResult};
use service::releases::run::{NewRun, Progress, Run, Step};
use sqlx::QueryBuilder;

use super::audit_log::append;
use super::control::Control;
use super::{BEGIN_WRITE, Kind, LOCK_FREE_ROW};
use crate::{store_error, unreadable};

/// Each cell has four values; a database takes some ten thousand in a statement.
const ROWS_AT_ONCE: usize = 1_000;

const RUN: &str =
    "id, period, state, step, done, total, waits_for, attempts, made_at, due_at, seen_at, finished_at, version";

#[derive(Debug, sqlx::FromRow)]
struct RunRow {
    id: String,
    period: String,
    state: String,
    step: String,
    done: i64,
    total: i64,
    waits_for: String,
    attempts: i64,
    made_at: i64,
    due_at: i64,
    seen_at: i64,
    finished_at: Option<i64>,
    version: Option<i64>,
}

fn run(row: RunRow) -> StoreResult<Run> {
    Ok(Run {
        id: row.id,
        period: row.period,
        state: JobState::parse(&row.state).ok_or_else(|| unreadable("state of a run", &row.state))?,
        progress: Progress {
            step: Step::parse(&row.step).ok_or_else(|| unreadable("step of a run", &row.step))?,
            done: row.done,
            total: row.total,
            waits_for: row.waits_for.split_terminator(',').map(str::to_owned).collect(),
        },
        attempts: row.attempts,
        made_at: Timestamp::from_micros(row.made_at),
        due_at: Timestamp::from_micros(row.due_at),
        seen_at: Timestamp::from_micros(row.seen_at),
        finished_at: row.finished_at.map(Timestamp::from_micros),
        version: row.version,
    })
}

const RELEASE: &str = "SELECT version, period, made_at, catalogue, head, report, measure, \
     (SELECT COUNT(*) FROM release_withdrawals w WHERE w.version = releases.version) FROM releases";

type ReleaseRow = (i64, String, i64, String, String, String, String, i64);

fn release(row: ReleaseRow) -> KeptRelease {
    let (version, period, made_at, catalogue, head, report, measure, withdrawn) = row;
    let made_at = Timestamp::from_micros(made_at);
    KeptRelease { version, period, made_at, catalogue, head, report, measure, withdrawn }
}

#[async_trait]
impl KeepReleases for Control {
    async fn pattern_key(&self, period: &str) -> StoreResult<Option<Option<Vec<u8>>>> {
        let row: Option<(Option<Vec<u8>>,)> = sqlx::query_as("SELECT wrapped FROM pattern_keys WHERE period = $1")
            .bind(period)
            .fetch_optional(&self.read)
            .await
            .map_err(store_error)?;
        Ok(row.map(|(wrapped,)| wrapped))
    }

    async fn add_pattern_key(&self, period: &str, wrapped: &[u8], at: Timestamp) -> StoreResult<()> {
        sqlx::query("INSERT INTO pattern_keys (period, wrapped, made_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING")
            .bind(period)
            .bind(wrapped)
            .bind(at.micros())
            .execute(&self.write)
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn pattern_periods(&self) -> StoreResult<Vec<String>> {
        sqlx::query_scalar("SELECT period FROM pattern_keys WHERE wrapped IS NOT NULL ORDER BY period")
            .fetch_all(&self.read)
            .await
            .map_err(store_error)
    }

    async fn drop_pattern_key(&self, period: &str, at: Timestamp) -> StoreResult<()> {
        sqlx::query(
            "UPDATE pattern_keys SET wrapped = NULL, dropped_at = $2 WHERE period = $1 AND wrapped IS NOT NULL",
        )
        .bind(period)
        .bind(at.micros())
        .execute(&self.write)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn add_run(&self, new: &NewRun) -> StoreResult<bool> {
        let added = sqlx::query(
            "INSERT INTO release_runs (id, turn, period, state, step, done, total, waits_for, attempts, made_at, due_at, \
             seen_at) VALUES ($1, 'open', $2, $3, $4, 0, 0, '', 0, $5, $5, $5) ON CONFLICT DO NOTHING",
        )
        .bind(&new.id)
        .bind(&new.period)
        .bind(JobState::Waiting.id())
        .bind(Step::Reading.id())
        .bind(new.at.micros())
        .execute(&self.write)
        .await
        .map_err(store_error)?;
        Ok(added.rows_affected() == 1)
    }

    async fn lease_run(&self, worker: &str, now: Timestamp, until: Timestamp) -> StoreResult<Option<Run>> {
        let lease = format!(
            "UPDATE release_runs SET state = 'running', step = $4, worker = $1, leased_until = $3, \
             attempts = attempts + 1, seen_at = $2 WHERE id = (\
                 SELECT id FROM release_runs WHERE turn = 'open' AND due_at <= $2 \
                 AND (state = 'waiting' OR leased_until < $2) LIMIT 1{LOCK_FREE_ROW}) RETURNING {RUN}"
        );
        let row: Option<RunRow> = sqlx::query_as(sqlx::AssertSqlSafe(lease))
            .bind(worker)
            .bind(now.micros())
            .bind(until.micros())
            .bind(Step::Reading.id())
            .fetch_optional(&self.write)
            .await
            .map_err(store_error)?;
        row.map(run).transpose()
    }

    async fn keep_run(
        &self,
        id: &str,
        worker: &str,
        now: Timestamp,
        until: Timestamp,
        progress: &Progress,
    ) -> StoreResult<bool> {
        let kept = sqlx::query(
            "UPDATE release_runs SET leased_until = $4, seen_at = $3, step = $5, done = $6, total = $7, waits_for = $8 \
             WHERE id = $1 AND worker = $2 AND state = 'running'",
        )
        .bind(id)
        .bind(worker)
        .bind(now.micros())
        .bind(until.micros())
        .bind(progress.step.id())
        .bind(progress.done)
        .bind(progress.total)
        .bind(progress.waits_for.join(","))
        .execute(&self.write)
        .await
        .map_err(store_error)?;
        Ok(kept.rows_affected() == 1)
    }

    async fn put_run_back(&self, id: &str, worker: &str, now: Timestamp, again: Timestamp) -> StoreResult<()> {
        sqlx::query(
            "UPDATE release_runs SET state = 'waiting', seen_at = $3, due_at = $4, worker = NULL, leased_until = NULL \
             WHERE id = $1 AND worker = $2 AND state = 'running'",
        )
        .bind(id)
        .bind(worker)
        .bind(now.micros())
        .bind(again.micros())
        .execute(&self.write)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn close_run(&self, id: &str, worker: Option<&str>, at: Timestamp) -> StoreResult<bool> {
        let closed = sqlx::query(
            "UPDATE release_runs SET state = 'given-up', turn = NULL, finished_at = $3, seen_at = $3, worker = NULL, \
             leased_until = NULL WHERE id = $1 AND turn = 'open' AND (CAST($2 AS TEXT) IS NULL OR worker = $2)",
        )
        .bind(id)
        .bind(worker)
        .bind(at.micros())
        .execute(&self.write)
        .await
        .map_err(store_error)?;
        Ok(closed.rows_affected() == 1)
    }

    async fn runs(&self, limit: u32) -> StoreResult<Vec<Run>> {
        let select = format!("SELECT {RUN} FROM release_runs ORDER BY made_at DESC, id DESC LIMIT $1");
        let rows: Vec<RunRow> = sqlx::query_as(sqlx::AssertSqlSafe(select))
            .bind(i64::from(limit))
            .fetch_all(&self.read)
            .await
            .map_err(store_error)?;
        rows.into_iter().map(run).collect()
    }

    async fn publish(&self, run: &str, worker: &str, new: &NewRelease, entry: &Draft) -> StoreResult<bool> {
        let mut transaction = self.write.begin_with(BEGIN_WRITE).await.map_err(store_error)?;
        // Whoever lost the run publishes nothing, so it is done once.
        let finished = sqlx::query(
            "UPDATE release_runs SET state = 'done', turn = NULL, version = $3, finished_at = $4, seen_at = $4, \
             worker = NULL, leased_until = NULL WHERE id = $1 AND worker = $2 AND state = 'running'",
        )
        .bind(run)
        .bind(worker)
        .bind(new.version)
        .bind(new.at.micros())
        .execute(&mut *transaction)
        .await
        .map_err(store_error)?;
        if finished.rows_affected() == 0 {
            return Ok(false);
        }
        sqlx::query(
            "INSERT INTO releases (version, period, made_at, catalogue, head, report, measure) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(new.version)
        .bind(&new.period)
        .bind(new.at.micros())
        .bind(&new.catalogue)
        .bind(&new.head)
        .bind(&new.report)
        .bind(&new.measure)
        .execute(&mut *transaction)
        .await
        .map_err(store_error)?;
        for some in new.cells.chunks(ROWS_AT_ONCE) {
            let mut insert: QueryBuilder<Kind> =
                QueryBuilder::new("INSERT INTO release_cells (version, cell, organisations, people) ");
            insert.push_values(some, |mut row, KeptCell { id, organisations, people }| {
                row.push_bind(new.version).push_bind(id).push_bind(organisations).push_bind(people);
            });
            insert.build().persistent(false).execute(&mut *transaction).await.map_err(store_error)?;
        }
        for some in new.organisations.chunks(ROWS_AT_ONCE) {
            let mut insert: QueryBuilder<Kind> = QueryBuilder::new("INSERT INTO release_parts (version, org_id) ");
            insert.push_values(some, |mut row, org_id| {
                row.push_bind(new.version).push_bind(org_id);
            });
            insert.build().persistent(false).execute(&mut *transaction).await.map_err(store_error)?;
        }
        append(&mut transaction, INSTALLATION, entry).await?;
        transaction.commit().await.map_err(store_error)?;
        Ok(true)
    }

    async fn releases(&self, below: Option<i64>, limit: u32) -> StoreResult<Vec<KeptRelease>> {
        let select = format!("{RELEASE} WHERE version < $1 ORDER BY version DESC LIMIT $2");
        let rows: Vec<ReleaseRow> = sqlx::query_as(sqlx::AssertSqlSafe(select))
            .bind(below.unwrap_or(i64::MAX))
            .bind(i64::from(limit))
            .fetch_all(&self.read)
            .await
            .map_err(store_error)?;
        Ok(rows.into_iter().map(release).collect())
    }

    async fn release(&self, version: i64) -> StoreResult<Option<KeptRelease>> {
        let row: Option<ReleaseRow> = sqlx::query_as(sqlx::AssertSqlSafe(format!("{RELEASE} WHERE version = $1")))
            .bind(version)
            .fetch_optional(&self.read)
            .await
            .map_err(store_error)?;
        Ok(row.map(release))
    }

    async fn release_cells(&self, version: i64) -> StoreResult<Vec<KeptCell>> {
        let select = "SELECT cell, organisations, people FROM release_cells WHERE version = $1 ORDER BY cell";
        let rows: Vec<(String, i64, i64)> =
            sqlx::query_as(select).bind(version).fetch_all(&self.read).await.map_err(store_error)?;
        let cell = |(id, organisations, people)| KeptCell { id, organisations, people };
        Ok(rows.into_iter().map(cell).collect())
    }

    async fn releases_with(&self, org_id: &str) -> StoreResult<Vec<i64>> {
        let rows: Vec<(i64,)> = sqlx::query_as("SELECT version FROM release_parts WHERE org_id = $1 ORDER BY version")
            .bind(org_id)
            .fetch_all(&self.read)
            .await
            .map_err(store_error)?;
        Ok(rows.into_iter().map(|(version,)| version).collect())
    }

    async fn note_withdrawal(&self, org_id: &str, at: Timestamp) -> StoreResult<Vec<i64>> {
        let mut transaction = self.write.begin_with(BEGIN_WRITE).await.map_err(store_error)?;
        sqlx::query(
            "INSERT INTO release_withdrawals (version, org_id, withdrawn_at) \
             SELECT version, org_id, CAST($2 AS BIGINT) FROM release_parts WHERE org_id = $1 ON CONFLICT DO NOTHING",
        )
        .bind(org_id)
        .bind(at.micros())
        .execute(&mut *transaction)
        .await
        .map_err(store_error)?;
        // What is noted, and not what is published by now: the two are told as one.
        let rows: Vec<(i64,)> = sqlx::query_as(
            "SELECT p.version FROM release_parts p JOIN release_withdrawals w ON w.version = p.version AND w.org_id = p.org_id \
             WHERE p.org_id = $1 ORDER BY p.version",
        )
        .bind(org_id)
        .fetch_all(&mut *transaction)
        .await
        .map_err(store_error)?;
        transaction.commit().await.map_err(store_error)?;
        Ok(rows.into_iter().map(|(version,)| version).collect())
    }
}
