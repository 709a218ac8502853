//! The ledger, removals with their receipts, and jobs over the API.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use policy::Timestamp;
use serde::{Deserialize, Serialize};
use service::jobs::Job;
use service::ledger::{self, ByKind, Ledger, Period};
use service::removal::{self, Removal};
use utoipa::{IntoParams, ToSchema};

use super::caller::{OfOrg, Reads};
use super::document::NoBody;
use super::input::{Query, optional_text};
use super::problem::{Code, Problem};
use crate::router::AppState;

/// Which days, both included, UTC; the last 30 if both are left out. A period has at most 366.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct LedgerQuery {
    /// The first day.
    #[serde(default, deserialize_with = "optional_text")]
    #[param(example = "2026-09-01")]
    from: Option<String>,
    /// The last day; today if it is left out.
    #[serde(default, deserialize_with = "optional_text")]
    #[param(example = "2026-09-30")]
    to: Option<String>,
}

impl LedgerQuery {
    fn period(&self, now: Timestamp) -> Result<Period, Problem> {
        let text = |day: &Option<String>| day.clone().unwrap_or_default();
        let (from, to) = (text(&self.from), text(&self.to));
        Period::parse(&from, &to, now).map_err(|fault| Problem::invalid(fault.field, fault.why))
    }
}

/// What was contributed and removed in some days, and what is kept now.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LedgerAnswer {
    #[schema(format = Date)]
    from: String,
    #[schema(format = Date)]
    to: String,
    /// Where it is: `eu`.
    region: String,
    /// Records that were stored, new or changed. An item has one of its metadata and one of its in-app data.
    contributed: Records,
    /// Fields in them.
    fields: i64,
    /// Records that were removed.
    removed: i64,
    /// Records that stand now, whenever they were contributed.
    kept: Records,
    key: LedgerKey,
    /// By day, app, space, kind and settings.
    lines: Vec<LedgerLine>,
    /// How often personal data was found and replaced.
    found: Vec<LedgerFound>,
}

/// Records of each kind of data.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Records {
    metadata: i64,
    in_app: i64,
}

impl From<ByKind> for Records {
    fn from(ByKind { metadata, in_app }: ByKind) -> Self {
        Self { metadata, in_app }
    }
}

/// The key under which it is encrypted.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LedgerKey {
    algorithm: &'static str,
    /// Counts the organisation's keys in its region; null where the next contribution makes one.
    generation: Option<i64>,
    /// Since when it seals.
    #[schema(format = DateTime)]
    since: Option<String>,
    /// Earlier keys that were destroyed.
    destroyed: usize,
}

/// A line of the ledger.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LedgerLine {
    #[schema(format = Date)]
    day: String,
    app: String,
    /// Empty for what has no spaces.
    space: String,
    /// `metadata` or `in-app`.
    kind: &'static str,
    /// The number of the last change of settings when it was contributed.
    settings_version: i64,
    contributed: i64,
    fields: i64,
    /// Records contributed under these settings, on whatever day, that were removed on this one.
    removed: i64,
}

/// How often a kind of personal data was found in what was contributed of a space on a day.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LedgerFound {
    #[schema(format = Date)]
    day: String,
    app: String,
    space: String,
    settings_version: i64,
    /// `person`, `email`…
    kind: String,
    count: i64,
}

impl From<Ledger> for LedgerAnswer {
    fn from(ledger: Ledger) -> Self {
        let line = |line: service::data_plane::LedgerLine| LedgerLine {
            day: line.day,
            app: line.group.app,
            space: line.group.space,
            kind: line.group.kind.id(),
            settings_version: line.version,
            contributed: line.items,
            fields: line.fields,
            removed: line.removed,
        };
        let found = |line: service::data_plane::FoundLine| LedgerFound {
            day: line.day,
            app: line.app,
            space: line.space,
            settings_version: line.version,
            kind: line.kind,
            count: line.count,
        };
        let key = ledger.key;
        Self {
            from: ledger.period.from.day(),
            to: ledger.period.to.day(),
            region: ledger.region,
            contributed: ledger.total.contributed.into(),
            fields: ledger.total.fields,
            removed: ledger.total.removed,
            kept: ledger.total.kept.into(),
            key: LedgerKey {
                algorithm: key.algorithm,
                generation: key.current.map(|(generation, _)| generation),
                since: key.current.map(|(_, since)| since.rfc3339()),
                destroyed: key.destroyed,
            },
            lines: ledger.lines.into_iter().map(line).collect(),
            found: ledger.found_lines.into_iter().map(found).collect(),
        }
    }
}

/// The ledger as the page hands it out: the very answer of the API.
pub(crate) fn ledger_document(ledger: Ledger) -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(&LedgerAnswer::from(ledger))
}

/// Read the ledger
///
/// What was contributed and removed in a period, line by line, with its sums; the region, the key, and what is kept now.
#[utoipa::path(get, path = "/orgs/{org}/ledger", tag = "Ledger", operation_id = "readLedger",
    params(OfOrg, LedgerQuery),
    responses((status = 200, description = "The ledger.", body = LedgerAnswer), NoBody))]
pub(crate) async fn ledger(
    State(state): State<AppState>,
    Reads(reader): Reads,
    Query(query): Query<LedgerQuery>,
) -> Result<Json<LedgerAnswer>, Problem> {
    let period = query.period(state.sluice.now())?;
    Ok(Json(ledger::read(&state.sluice, &reader, period).await?.into()))
}

/// Read the ledger for a spreadsheet
///
/// The same lines as CSV.
#[utoipa::path(get, path = "/orgs/{org}/ledger/csv", tag = "Ledger", operation_id = "readLedgerAsCsv",
    params(OfOrg, LedgerQuery),
    responses((status = 200, description = "The lines.", body = String, content_type = "text/csv"), NoBody))]
pub(crate) async fn csv(
    State(state): State<AppState>,
    Reads(reader): Reads,
    Query(query): Query<LedgerQuery>,
) -> Result<Response, Problem> {
    let period = query.period(state.sluice.now())?;
    let csv = ledger::read(&state.sluice, &reader, period).await?.csv();
    Ok(([(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"))], csv).into_response())
}

/// The last 100 removals, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Removals {
    removals: Vec<RemovalAnswer>,
}

/// Something that is taken back.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RemovalAnswer {
    id: String,
    /// `setting`, `rule` or `retention`.
    cause: &'static str,
    because: String,
    /// The number of the change of settings that it follows from; null if from none.
    change: Option<i64>,
    /// Everything of the organisation is meant.
    whole: bool,
    /// When it ceased to contribute.
    #[schema(format = DateTime)]
    since: String,
    /// By when the in-app data has to be gone.
    #[schema(format = DateTime)]
    due_in_app: String,
    /// By when the rest has to be gone.
    #[schema(format = DateTime)]
    due: String,
    /// Records that stood when it began, and that were removed since.
    total: i64,
    removed: i64,
    /// What is still there should be gone by now.
    late: bool,
    #[schema(format = DateTime)]
    finished_at: Option<String>,
    /// Generations of the organisation's key that were destroyed with it.
    keys_destroyed: Vec<i64>,
    groups: Vec<RemovalGroup>,
}

/// Records of one app, space and kind.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RemovalGroup {
    app: String,
    space: String,
    kind: &'static str,
    total: i64,
    removed: i64,
}

/// List removals
///
/// What is being taken back and what was, newest first, each with its clocks and how far it is.
#[utoipa::path(get, path = "/orgs/{org}/removals", tag = "Ledger", operation_id = "listRemovals",
    params(OfOrg),
    responses((status = 200, description = "The removals.", body = Removals), NoBody))]
pub(crate) async fn removals(State(state): State<AppState>, Reads(reader): Reads) -> Result<Json<Removals>, Problem> {
    let now = state.sluice.now();
    let answer = |Removal { withdrawal, keys_destroyed, .. }: Removal| RemovalAnswer {
        late: withdrawal.is_late(now),
        id: withdrawal.id,
        cause: withdrawal.cause.id(),
        because: withdrawal.because,
        change: (withdrawal.version > 0).then_some(withdrawal.version),
        whole: withdrawal.whole,
        since: withdrawal.since.rfc3339(),
        due_in_app: withdrawal.due_in_app.rfc3339(),
        due: withdrawal.due.rfc3339(),
        total: withdrawal.total,
        removed: withdrawal.removed,
        finished_at: withdrawal.finished_at.map(Timestamp::rfc3339),
        keys_destroyed,
        groups: withdrawal
            .groups
            .into_iter()
            .map(|of| RemovalGroup {
                app: of.group.app,
                space: of.group.space,
                kind: of.group.kind.id(),
                total: of.total,
                removed: of.removed,
            })
            .collect(),
    };
    let work = removal::read(&state.sluice, &reader).await?;
    Ok(Json(Removals { removals: work.removals.into_iter().map(answer).collect() }))
}

/// Take the receipt of a removal
///
/// A signed note that says what was removed, how much, when and why, and that nothing was left. `sluice verify-receipt` checks
/// it on any machine.
#[utoipa::path(get, path = "/orgs/{org}/removals/{id}/receipt", tag = "Ledger", operation_id = "takeReceipt",
    params(OfOrg, ("id" = String, Path, description = "Of a removal that is finished.")),
    responses((status = 200, description = "The receipt.", body = String, content_type = "text/plain"), NoBody))]
pub(crate) async fn receipt(
    State(state): State<AppState>,
    Reads(reader): Reads,
    Path((_, id)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let receipt = removal::receipt(&state.sluice, &reader, &id).await?.ok_or_else(|| Problem::of(Code::NotFound))?;
    Ok(([(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"))], receipt).into_response())
}

/// The last jobs, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Jobs {
    jobs: Vec<JobAnswer>,
}

/// Work that goes on behind the pages.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct JobAnswer {
    /// Of a removal's job the id of the removal.
    id: String,
    /// `withdraw`, `rotate` or `ingest`.
    task: &'static str,
    /// What it is about.
    subject: String,
    /// `waiting`, `running`, `done` or `given-up`.
    state: &'static str,
    /// Records or items that are done, and how many there are; 0 if that is not known.
    done: i64,
    total: i64,
    /// How often it was tried.
    attempts: i64,
    #[schema(format = DateTime)]
    created_at: String,
    /// When anything was last heard of it.
    #[schema(format = DateTime)]
    seen_at: String,
    #[schema(format = DateTime)]
    finished_at: Option<String>,
}

impl From<Job> for JobAnswer {
    fn from(job: Job) -> Self {
        Self {
            id: job.id,
            task: job.task.id(),
            subject: job.subject,
            state: job.state.id(),
            done: job.done,
            total: job.total,
            attempts: job.attempts,
            created_at: job.created_at.rfc3339(),
            seen_at: job.seen_at.rfc3339(),
            finished_at: job.finished_at.map(Timestamp::rfc3339),
        }
    }
}

/// List jobs
///
/// Removals, imports and new keys of the organisation, newest first, with how far each is.
#[utoipa::path(get, path = "/orgs/{org}/jobs", tag = "Ledger", operation_id = "listJobs",
    params(OfOrg),
    responses((status = 200, description = "The jobs.", body = Jobs), NoBody))]
pub(crate) async fn jobs(State(state): State<AppState>, Reads(reader): Reads) -> Result<Json<Jobs>, Problem> {
    let work = removal::read(&state.sluice, &reader).await?;
    Ok(Json(Jobs { jobs: work.jobs.into_iter().map(JobAnswer::from).collect() }))
}
