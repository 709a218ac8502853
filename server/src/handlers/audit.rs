//! The audit log and the evidence: reading, verifying, taking away.

use app::document::Place;
use app::pages;
use axum::extract::{OriginalUri, State};
use axum::response::Response;
use language::t;
use service::access::{OrgAuditor, ReadsOrg};
use service::audit_log::{self, Form, Verified};
use service::evidence::{self, PackError, asked_time};

use crate::download::{attachment, in_pieces};
use crate::errors::PageError;
use crate::forms::Fields;
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
    shell.page(Some(auditor.account()), Some(auditor.org()), t!("Audit log"), Place::Audit, body).await
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

pub(crate) async fn checkpoint(
    State(state): State<AppState>,
    Auditor(auditor): Auditor,
) -> Result<Response, PageError> {
    let note = audit_log::checkpoint(&state.sluice, &auditor).await?;
    let name = format!("{}-checkpoint.txt", auditor.org().slug);
    attachment("text/plain; charset=utf-8", &name, note.to_string())
}

pub(crate) async fn export(
    State(state): State<AppState>,
    Auditor(auditor): Auditor,
    OriginalUri(uri): OriginalUri,
) -> Result<Response, PageError> {
    let form = Fields::of_query(&uri).get("form").and_then(Form::parse);
    let form = form.ok_or_else(|| {
        let forms = Form::ALL.map(Form::id).join(", ");
        PageError::BadRequest(t!("Choose the form of the export, one of these: {forms}.", forms))
    })?;
    let task = state.limits.long_task(&auditor.org().id)?;
    let export = audit_log::export(&state.sluice, &auditor, form).await?;
    let name = format!("{}-audit.{}", auditor.org().slug, form.id());
    attachment(form.media_type(), &name, in_pieces(export, task))
}

pub(crate) async fn evidence(
    State(state): State<AppState>,
    Auditor(auditor): Auditor,
    OriginalUri(uri): OriginalUri,
    shell: Shell,
) -> Result<Response, PageError> {
    let asked = Fields::of_query(&uri).text("on");
    let (at, fault) = match asked_time(&state.sluice, &asked) {
        Ok(at) => (at, None),
        Err(fault) => (state.sluice.now(), Some(fault)),
    };
    let model = evidence::state_on(&state.sluice, &auditor, at).await?;
    let body = || pages::evidence::evidence(model, asked, fault);
    shell.page(Some(auditor.account()), Some(auditor.org()), t!("Evidence"), Place::Evidence, body).await
}

pub(crate) async fn pack(
    State(state): State<AppState>,
    Auditor(auditor): Auditor,
    OriginalUri(uri): OriginalUri,
) -> Result<Response, PageError> {
    let at = asked_time(&state.sluice, &Fields::of_query(&uri).text("on")).map_err(PageError::BadRequest)?;
    let _task = state.limits.long_task(&auditor.org().id)?;
    let pack = evidence::export(&state.sluice, &auditor, at, pages::evidence::report).await;
    let pack = pack.map_err(|error| match error {
        PackError::Settings(error) => error.into(),
        PackError::Failed(what) => PageError::Internal(what),
    })?;
    let day = at.min(state.sluice.now()).rfc3339();
    let day = day.get(.."2026-09-30".len()).unwrap_or_default();
    attachment("application/zip", &format!("{}-evidence-{day}.zip", auditor.org().slug), pack)
}
