//! The audit log and the evidence over the API.

use audit::{Action, ActorKind, Entry, Interface, Outcome};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use service::access::{OrgAuditor, ReadsOrg as _};
use service::audit_log::{self, AuditRow, Form, Verified};
use service::evidence::{self, PackError, asked_time};
use utoipa::{IntoParams, ToSchema};

use super::caller::{Audits, OfOrg};
use super::document::NoBody;
use super::input::{Cursor, Query, limit, optional_text};
use super::problem::{Problem, internal};
use crate::download::in_pieces;
use crate::router::AppState;

const ENTRIES: Cursor = Cursor("audit");

/// Which entries.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AuditQuery {
    /// A search as on the page: `actor:`, `action:`, `resource:`, `result:`, `after:` and `before:`, with spaces between.
    #[serde(default, deserialize_with = "optional_text")]
    #[param(example = "action:settings after:2026-08-17")]
    q: Option<String>,
    /// The `next` of the page before.
    #[serde(default, deserialize_with = "optional_text")]
    cursor: Option<String>,
    /// How many on a page; 25 if it is left out.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
}

/// A page of the log, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuditEntries {
    entries: Vec<SealedEntry>,
    /// The `cursor` of the next page; null on the last one.
    next: Option<String>,
}

/// An entry and its hash: SHA-256 of the entry as canonical JSON.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SealedEntry {
    entry: LoggedEntry,
    hash: String,
}

/// An entry of the audit log, as it was written. It names people and keys by id.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LoggedEntry {
    /// `settings.change`, `session.sign-in`…
    #[schema(value_type = String)]
    action: Action,
    actor: LoggedActor,
    /// Microseconds since 1970 UTC.
    at: i64,
    /// Why it was denied or failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    because: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    changes: Vec<LoggedDifference>,
    /// `web`, `api`, `cli` or `job`.
    #[schema(value_type = String)]
    interface: Interface,
    /// The account on whose behalf a key or the command line acted.
    #[serde(skip_serializing_if = "Option::is_none")]
    on_behalf_of: Option<String>,
    /// `done`, `denied` or `failed`.
    #[schema(value_type = String)]
    outcome: Outcome,
    /// The hash of the entry before.
    previous: String,
    /// Why it was done, as its author wrote.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// The id of the request.
    request: String,
    resource: LoggedResource,
    /// The change that it takes back.
    #[serde(skip_serializing_if = "Option::is_none")]
    reverts: Option<String>,
    /// Whose log it is: the organisation's id.
    scope: String,
    /// Counts the entries of the log from 1.
    sequence: i64,
}

/// Who did it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LoggedActor {
    /// Of the account or the key.
    id: String,
    /// `person`, `support`, `operator`, `key`, `system` or `unknown`.
    #[schema(value_type = String)]
    kind: ActorKind,
    /// The first digits of the hash of the session.
    #[serde(skip_serializing_if = "Option::is_none")]
    session: Option<String>,
}

/// What it was done to.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LoggedResource {
    id: String,
    kind: String,
}

/// One value before and after; absent where there was or is none.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LoggedDifference {
    #[serde(skip_serializing_if = "Option::is_none")]
    new: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    old: Option<String>,
    what: String,
}

impl From<Entry> for LoggedEntry {
    fn from(entry: Entry) -> Self {
        let difference = |of: audit::Difference| LoggedDifference { new: of.new, old: of.old, what: of.what };
        let audit::Actor { id, kind, session } = entry.actor;
        Self {
            action: entry.action,
            actor: LoggedActor { id, kind, session },
            at: entry.at,
            because: entry.because,
            changes: entry.changes.into_iter().map(difference).collect(),
            interface: entry.interface,
            on_behalf_of: entry.on_behalf_of,
            outcome: entry.outcome,
            previous: entry.previous,
            reason: entry.reason,
            request: entry.request,
            resource: LoggedResource { id: entry.resource.id, kind: entry.resource.kind },
            reverts: entry.reverts,
            scope: entry.scope,
            sequence: entry.sequence,
        }
    }
}

/// Search the audit log
///
/// Entries as they were written, newest first, each with its hash.
#[utoipa::path(get, path = "/orgs/{org}/audit", tag = "Audit log", operation_id = "searchAudit",
    params(OfOrg, AuditQuery),
    responses((status = 200, description = "A page of the log.", body = AuditEntries), NoBody))]
pub(crate) async fn entries(
    State(state): State<AppState>,
    Audits(auditor): Audits,
    Query(query): Query<AuditQuery>,
) -> Result<Json<AuditEntries>, Problem> {
    let below = ENTRIES.read(query.cursor.as_deref())?.unwrap_or(i64::MAX);
    let limit = limit(query.limit)?;
    let asked = query.q.unwrap_or_default();
    let found = audit_log::search(&state.sluice, &auditor, &asked, below, limit)
        .await?
        .map_err(|faults| Problem::invalid("q", faults.join(" ")))?;
    let sealed = |row: AuditRow| SealedEntry { entry: row.entry.into(), hash: row.hash };
    Ok(Json(AuditEntries {
        entries: found.rows.into_iter().map(sealed).collect(),
        next: found.older.map(|sequence| ENTRIES.write(&sequence)),
    }))
}

/// Export the audit log
///
/// The whole log as JSON Lines, oldest first: the very lines that were hashed, which `sluice verify-audit --file` checks.
/// That it was exported stands in the log.
#[utoipa::path(get, path = "/orgs/{org}/audit/lines", tag = "Audit log", operation_id = "exportAudit",
    params(OfOrg),
    responses(
        (status = 200, description = "The log.", body = String, content_type = "application/x-ndjson"),
        NoBody,
    ))]
pub(crate) async fn lines(State(state): State<AppState>, Audits(auditor): Audits) -> Result<Response, Problem> {
    export(&state, &auditor, Form::Lines).await
}

/// Export the audit log for a spreadsheet
///
/// The same as CSV, which cannot be verified. That it was exported stands in the log.
#[utoipa::path(get, path = "/orgs/{org}/audit/csv", tag = "Audit log", operation_id = "exportAuditAsCsv",
    params(OfOrg),
    responses((status = 200, description = "The log.", body = String, content_type = "text/csv"), NoBody))]
pub(crate) async fn csv(State(state): State<AppState>, Audits(auditor): Audits) -> Result<Response, Problem> {
    export(&state, &auditor, Form::Csv).await
}

async fn export(state: &AppState, auditor: &OrgAuditor, form: Form) -> Result<Response, Problem> {
    let task = state.limits.long_task(&auditor.org().id)?;
    let export = audit_log::export(&state.sluice, auditor, form).await?;
    Ok(([(header::CONTENT_TYPE, form.media_type())], in_pieces(export, task)).into_response())
}

/// What verifying found.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Verification {
    #[schema(format = DateTime)]
    at: String,
    /// Every entry is as it was written.
    whole: bool,
    /// The end of a log that is whole.
    head: Option<LogHead>,
    /// The first entry that is not as it was written.
    broken: Option<BrokenEntry>,
}

/// The end of a log.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LogHead {
    /// How many entries there are.
    sequence: i64,
    /// Of the last one.
    hash: String,
}

/// An entry that is not as it was written.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BrokenEntry {
    /// The number that it has, or would have.
    sequence: i64,
    /// What is wrong with it.
    fault: String,
}

/// Verify the audit log
///
/// Walks the whole log now. That it was verified stands in the log, with what was found.
#[utoipa::path(post, path = "/orgs/{org}/audit/verify", tag = "Audit log", operation_id = "verifyAudit",
    params(OfOrg),
    responses((status = 200, description = "What was found.", body = Verification), NoBody))]
pub(crate) async fn verify(
    State(state): State<AppState>,
    Audits(auditor): Audits,
) -> Result<Json<Verification>, Problem> {
    let _task = state.limits.long_task(&auditor.org().id)?;
    let Verified { at, outcome } = audit_log::verify(&state.sluice, &auditor).await?;
    let (head, broken) = match outcome {
        Ok(head) => (Some(LogHead { sequence: head.sequence, hash: head.hash }), None),
        Err(broken) => (None, Some(BrokenEntry { sequence: broken.sequence, fault: broken.fault.to_string() })),
    };
    Ok(Json(Verification { at: at.rfc3339(), whole: head.is_some(), head, broken }))
}

/// Take a checkpoint
///
/// The end of the log as a signed note, to be kept elsewhere: it shows even a log that was written anew as a whole. That it
/// was taken stands in the log.
#[utoipa::path(get, path = "/orgs/{org}/audit/checkpoint", tag = "Audit log", operation_id = "takeCheckpoint",
    params(OfOrg),
    responses((status = 200, description = "The note.", body = String, content_type = "text/plain"), NoBody))]
pub(crate) async fn checkpoint(State(state): State<AppState>, Audits(auditor): Audits) -> Result<String, Problem> {
    Ok(audit_log::checkpoint(&state.sluice, &auditor).await?.to_string())
}

/// Which moment.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct EvidenceQuery {
    /// A day, which means its end, or an exact time; now if it is left out.
    #[serde(default, deserialize_with = "optional_text")]
    #[param(example = "2026-09-30")]
    on: Option<String>,
}

/// Take an evidence pack
///
/// How things stood at a time: settings, plan, every decision with its reason, changes, and the audit log with a signed
/// checkpoint, in a ZIP file that `sluice verify-evidence` checks on any machine. That it was taken stands in the log.
#[utoipa::path(get, path = "/orgs/{org}/evidence/pack", tag = "Audit log", operation_id = "takeEvidence",
    params(OfOrg, EvidenceQuery),
    responses(
        (status = 200, description = "The pack.", body = [u8], content_type = "application/zip"),
        NoBody,
    ))]
pub(crate) async fn evidence(
    State(state): State<AppState>,
    Audits(auditor): Audits,
    Query(query): Query<EvidenceQuery>,
) -> Result<Response, Problem> {
    let at = asked_time(&state.sluice, &query.on.unwrap_or_default()).map_err(|fault| Problem::invalid("on", fault))?;
    let _task = state.limits.long_task(&auditor.org().id)?;
    let pack = evidence::export(&state.sluice, &auditor, at, app::pages::evidence::report).await;
    let pack = pack.map_err(|error| match error {
        PackError::Settings(error) => error.into(),
        PackError::Failed(_) => internal(&error),
    })?;
    Ok(([(header::CONTENT_TYPE, HeaderValue::from_static("application/zip"))], pack).into_response())
}
