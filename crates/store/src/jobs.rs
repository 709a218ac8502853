//! The statements of jobs. Compiled twice, like `control.rs`.

use policy::Timestamp;
use service::jobs::{Job, JobState, NewJob, Task};
use service::ports::StoreResult;

use super::{Connection, Kind, LOCK_FREE_ROW, Pool};
use crate::{store_error, unreadable};

const COLUMNS: &str =
    "org_id, id, task, subject, state, done, total, attempts, created_at, due_at, seen_at, finished_at";

#[derive(Debug, sqlx::FromRow)]
struct Row {
    org_id: String,
    id: String,
    task: String,
    subject: String,
    state: String,
    done: i64,
    total: i64,
    attempts: i64,
    created_at: i64,
    due_at: i64,
    seen_at: i64,
    finished_at: Option<i64>,
}

fn job(row: Row) -> StoreResult<(String, Job)> {
    let job = Job {
        id: row.id,
        task: Task::parse(&row.task).ok_or_else(|| unreadable("task", &row.task))?,
        subject: row.subject,
        state: JobState::parse(&row.state).ok_or_else(|| unreadable("state of a job", &row.state))?,
        done: row.done,
        total: row.total,
        attempts: row.attempts,
        created_at: Timestamp::from_micros(row.created_at),
        due_at: Timestamp::from_micros(row.due_at),
        seen_at: Timestamp::from_micros(row.seen_at),
        finished_at: row.finished_at.map(Timestamp::from_micros),
    };
    Ok((row.org_id, job))
}

pub(super) async fn add(connection: &mut Connection, org_id: &str, new: &NewJob) -> StoreResult<()> {
    let (state, attempts) = if new.worker.is_some() { (JobState::Running, 1_i64) } else { (JobState::Waiting, 0) };
    let (worker, until) = new.worker.as_ref().map(|(worker, until)| (worker, until.micros())).unzip();
    sqlx::query(
        "INSERT INTO jobs (org_id, id, task, subject, state, done, total, attempts, created_at, due_at, seen_at, worker, \
         leased_until) VALUES ($1, $2, $3, $4, $5, 0, $6, $7, $8, $8, $8, $9, $10) ON CONFLICT (org_id, id) DO NOTHING",
    )
    .bind(org_id)
    .bind(&new.id)
    .bind(new.task.id())
    .bind(&new.subject)
    .bind(state.id())
    .bind(new.total)
    .bind(attempts)
    .bind(new.at.micros())
    .bind(worker)
    .bind(until)
    .execute(connection)
    .await
    .map_err(store_error)?;
    Ok(())
}

pub(super) async fn lease(
    pool: &Pool,
    worker: &str,
    now: Timestamp,
    until: Timestamp,
) -> StoreResult<Option<(String, Job)>> {
    let lease = format!(
        "UPDATE jobs SET state = 'running', worker = $1, leased_until = $3, attempts = attempts + 1, seen_at = $2 \
         WHERE (org_id, id) = (\
             SELECT org_id, id FROM jobs WHERE state IN ('waiting', 'running') AND due_at <= $2 AND task <> 'ingest' \
             AND (state = 'waiting' OR leased_until < $2) ORDER BY due_at, org_id, id LIMIT 1{LOCK_FREE_ROW}) \
         RETURNING {COLUMNS}"
    );
    let row: Option<Row> = sqlx::query_as(sqlx::AssertSqlSafe(lease))
        .bind(worker)
        .bind(now.micros())
        .bind(until.micros())
        .fetch_optional(pool)
        .await
        .map_err(store_error)?;
    row.map(job).transpose()
}

pub(super) async fn keep(
    pool: &Pool,
    org_id: &str,
    id: &str,
    worker: &str,
    now: Timestamp,
    until: Timestamp,
) -> StoreResult<bool> {
    let kept = sqlx::query(
        "UPDATE jobs SET leased_until = $5, seen_at = $4 \
         WHERE org_id = $1 AND id = $2 AND worker = $3 AND state = 'running'",
    )
    .bind(org_id)
    .bind(id)
    .bind(worker)
    .bind(now.micros())
    .bind(until.micros())
    .execute(pool)
    .await
    .map_err(store_error)?;
    Ok(kept.rows_affected() == 1)
}

/// What becomes of a job whose worker lets it go.
#[derive(Clone, Copy, Debug)]
pub(super) enum Outcome {
    Done,
    Again(Timestamp),
    GivenUp,
}

pub(super) async fn let_go(
    pool: &Pool,
    org_id: &str,
    id: &str,
    worker: &str,
    at: Timestamp,
    outcome: Outcome,
) -> StoreResult<()> {
    let (state, again) = match outcome {
        Outcome::Done => (JobState::Done, None),
        Outcome::Again(again) => (JobState::Waiting, Some(again.micros())),
        Outcome::GivenUp => (JobState::GivenUp, None),
    };
    sqlx::query(
        "UPDATE jobs SET state = $4, seen_at = $5, due_at = COALESCE($6, due_at), finished_at = $7, worker = NULL, \
         leased_until = NULL WHERE org_id = $1 AND id = $2 AND worker = $3 AND state = 'running'",
    )
    .bind(org_id)
    .bind(id)
    .bind(worker)
    .bind(state.id())
    .bind(at.micros())
    .bind(again)
    .bind(again.is_none().then_some(at.micros()))
    .execute(pool)
    .await
    .map_err(store_error)?;
    Ok(())
}

/// Of one id, or of all: what is not done first, then the newest.
pub(super) async fn read(pool: &Pool, org_id: &str, id: Option<&str>, limit: u32) -> StoreResult<Vec<Job>> {
    let mut select: sqlx::QueryBuilder<Kind> =
        sqlx::QueryBuilder::new(format!("SELECT {COLUMNS} FROM jobs WHERE org_id = "));
    select.push_bind(org_id);
    if let Some(id) = id {
        select.push(" AND id = ").push_bind(id);
    }
    select
        .push(" ORDER BY CASE state WHEN 'done' THEN 1 ELSE 0 END, created_at DESC, id DESC LIMIT ")
        .push_bind(i64::from(limit));
    let rows: Vec<Row> = select.build_query_as().fetch_all(pool).await.map_err(store_error)?;
    rows.into_iter().map(|row| Ok(job(row)?.1)).collect()
}
