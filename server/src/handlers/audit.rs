//! The audit log and the evidence: reading, verifying, taking away.

use app::document::Place;
use app::pages;
use axum::body::{Body, Bytes};
use axum::extract::{OriginalUri, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use futures_util::Stream;
use policy::Timestamp;
use service::access::{OrgAuditor, ReadsOrg};
use service::audit_log::{self, Export, Form, Verified};
use service::evidence::{self, PackError};

use crate::errors::PageError;
use crate::forms::Fields;
use crate::limits::LongTask;
use crate::router::AppState;
use crate::session::Auditor;
use crate::view::Shell;

pub(crate) async fn page(
    State(state): State<AppState>,
    Auditor(auditor): Auditor,
    OriginalUri(uri): OriginalUri,
    shell: Shell,
) -> Result<Response, PageError> {
    let query = Fields::of_query(&uri);
    show(&state, &auditor, shell, &query.text("q"), query.number("below"), None).await
}

async fn show(
    state: &AppState,
    auditor: &OrgAuditor,
    shell: Shell,
    query: &str,
    below: Option<i64>,
    verified: Option<Verified>,
) -> Result<Response, PageError> {
    let model = audit_log::page(&state.sluice, auditor, query, below).await?;
    let body = || pages::audit::audit(model, verified);
    shell.page(Some(auditor.account()), Some(auditor.org()), "Audit log", Place::Audit, body).await
}

pub(crate) async fn verify(
    State(state): State<AppState>,
    Auditor(auditor): Auditor,
    shell: Shell,
) -> Result<Response, PageError> {
    let _task = state.limits.long_task(&auditor.org().id)?;
    let verified = audit_log::verify(&state.sluice, &auditor).await?;
    show(&state, &auditor, shell, "", None, Some(verified)).await
}

/// A file to keep. Its name has the organisation's slug, which has plain letters only.
fn attachment(kind: &'static str, name: &str, body: Body) -> Result<Response, PageError> {
    let disposition = HeaderValue::from_str(&format!("attachment; filename=\"{name}\""))
        .map_err(|error| PageError::Internal(error.to_string()))?;
    let headers = [(header::CONTENT_TYPE, HeaderValue::from_static(kind)), (header::CONTENT_DISPOSITION, disposition)];
    Ok((headers, body).into_response())
}

pub(crate) async fn checkpoint(
    State(state): State<AppState>,
    Auditor(auditor): Auditor,
) -> Result<Response, PageError> {
    let note = audit_log::checkpoint(&state.sluice, &auditor).await?;
    let name = format!("{}-checkpoint.txt", auditor.org().slug);
    attachment("text/plain; charset=utf-8", &name, Body::from(note.to_string()))
}

pub(crate) async fn export(
    State(state): State<AppState>,
    Auditor(auditor): Auditor,
    OriginalUri(uri): OriginalUri,
) -> Result<Response, PageError> {
    let form = Fields::of_query(&uri).get("form").and_then(Form::parse);
    let form = form.ok_or_else(|| PageError::BadRequest("Choose the form of the export: jsonl or csv.".to_owned()))?;
    let (kind, ending) = match form {
        Form::Lines => ("application/x-ndjson", "jsonl"),
        Form::Csv => ("text/csv; charset=utf-8", "csv"),
    };
    let task = state.limits.long_task(&auditor.org().id)?;
    let export = audit_log::export(&state.sluice, &auditor, form).await?;
    attachment(kind, &format!("{}-audit.{ending}", auditor.org().slug), Body::from_stream(pieces(export, task)))
}

/// A log may be longer than memory. If it breaks off, the connection does as well: half a file never looks whole.
pub(crate) fn pieces(export: Export, task: LongTask) -> impl Stream<Item = std::io::Result<Bytes>> {
    futures_util::stream::try_unfold((export, task), |(mut export, task)| async move {
        let piece = export.next().await.map_err(|error| {
            tracing::error!(%error, "an export broke off");
            std::io::Error::other("the export broke off")
        })?;
        Ok(piece.map(|piece| (Bytes::from(piece), (export, task))))
    })
}

/// The time that a person asked for: the end of a day, or an exact time; without either, now.
pub(crate) fn asked_time(state: &AppState, text: &str) -> Result<Timestamp, String> {
    if text.trim().is_empty() {
        return Ok(state.sluice.now());
    }
    Timestamp::parse_as_of(text).ok_or_else(|| {
        let text = text.trim();
        format!("“{text}” is no day. Write it as 2026-09-30, or with a time as 2026-09-30T12:00:00Z.")
    })
}

pub(crate) async fn evidence(
    State(state): State<AppState>,
    Auditor(auditor): Auditor,
    OriginalUri(uri): OriginalUri,
    shell: Shell,
) -> Result<Response, PageError> {
    let asked = Fields::of_query(&uri).text("on");
    let (at, fault) = match asked_time(&state, &asked) {
        Ok(at) => (at, None),
        Err(fault) => (state.sluice.now(), Some(fault)),
    };
    let model = evidence::state_on(&state.sluice, &auditor, at).await?;
    let body = || pages::evidence::evidence(model, asked, fault);
    shell.page(Some(auditor.account()), Some(auditor.org()), "Evidence", Place::Evidence, body).await
}

pub(crate) async fn pack(
    State(state): State<AppState>,
    Auditor(auditor): Auditor,
    OriginalUri(uri): OriginalUri,
) -> Result<Response, PageError> {
    let at = asked_time(&state, &Fields::of_query(&uri).text("on")).map_err(PageError::BadRequest)?;
    let _task = state.limits.long_task(&auditor.org().id)?;
    let pack = evidence::export(&state.sluice, &auditor, at, pages::evidence::report).await;
    let pack = pack.map_err(|error| match error {
        PackError::Settings(error) => error.into(),
        PackError::Failed(what) => PageError::Internal(what),
    })?;
    let day = at.min(state.sluice.now()).rfc3339();
    let day = day.get(.."2026-09-30".len()).unwrap_or_default();
    attachment("application/zip", &format!("{}-evidence-{day}.zip", auditor.org().slug), Body::from(pack))
}
