//! The ledger and what is being taken back: looking, taking away, and opening the newest records.

use app::document::Place;
use app::pages;
use axum::extract::{OriginalUri, Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use language::t;
use service::access::ReadsOrg as _;
use service::contributed::{self, ContributedError};
use service::data_plane::RecordFilter;
use service::ledger::{self, Period};
use service::removal;

use crate::api::ledger_document;
use crate::download::attachment;
use crate::errors::PageError;
use crate::forms::Fields;
use crate::router::AppState;
use crate::session::{Admin, Looking};
use crate::view::Shell;

/// Records that are opened at a time.
const OPENED: u32 = 10;

pub(crate) async fn page(
    State(state): State<AppState>,
    Looking(viewer): Looking,
    OriginalUri(uri): OriginalUri,
    shell: Shell,
) -> Result<Response, PageError> {
    let query = Fields::of_query(&uri);
    let model = ledger::page(&state.sluice, &viewer, &query.text("from"), &query.text("to")).await?;
    let body = || pages::ledger::ledger(model, &state.sluice.catalogue().purposes);
    shell.page(Some(viewer.account()), Some(viewer.org()), t!("Ledger"), Place::Ledger, body).await
}

/// The lines of a period to keep, as CSV or JSON.
pub(crate) async fn export(
    State(state): State<AppState>,
    Looking(viewer): Looking,
    OriginalUri(uri): OriginalUri,
) -> Result<Response, PageError> {
    let query = Fields::of_query(&uri);
    let period = Period::parse(&query.text("from"), &query.text("to"), state.sluice.now());
    let period = period.map_err(|fault| PageError::BadRequest(fault.why))?;
    let csv = match query.get("form") {
        Some("csv") => true,
        Some("json") => false,
        _ => return Err(PageError::BadRequest(t!("Choose the form of the export: csv or json.").to_owned())),
    };
    let ledger = ledger::read(&state.sluice, &viewer, period).await?;
    let name = format!("{}-ledger-{}", viewer.org().slug, period.to.day());
    if csv {
        return attachment("text/csv; charset=utf-8", &format!("{name}.csv"), ledger.csv());
    }
    let document = ledger_document(ledger).map_err(|error| PageError::Internal(error.to_string()))?;
    attachment("application/json", &format!("{name}.json"), document)
}

/// Opens the newest records for a purpose. It posts, because the audit log says so first.
pub(crate) async fn records(
    State(state): State<AppState>,
    Admin(admin): Admin,
    shell: Shell,
    fields: Fields,
) -> Result<Response, PageError> {
    let purpose = fields.text("purpose");
    let opened = contributed::records(&state.sluice, &admin, &purpose, &RecordFilter::default(), None, OPENED).await;
    let (status, opened) = match opened {
        Ok(opened) => (StatusCode::OK, Ok(opened)),
        Err(error @ ContributedError::NoPurpose) => (StatusCode::UNPROCESSABLE_ENTITY, Err(error.to_string())),
        Err(error) => return Err(error.into()),
    };
    let purposes = &state.sluice.catalogue().purposes;
    let body = || pages::ledger::records(&admin.org().slug, purposes, &purpose, opened);
    shell
        .with_status(status, Some(admin.account()), Some(admin.org()), t!("Last contribution"), Place::Ledger, body)
        .await
}

pub(crate) async fn removal_page(
    State(state): State<AppState>,
    Looking(viewer): Looking,
    shell: Shell,
) -> Result<Response, PageError> {
    let model = removal::page(&state.sluice, &viewer).await?;
    let body = || pages::removal::removal(model);
    shell.page(Some(viewer.account()), Some(viewer.org()), t!("Removal"), Place::Removal, body).await
}

pub(crate) async fn receipt(
    State(state): State<AppState>,
    Looking(viewer): Looking,
    Path((_, id)): Path<(String, String)>,
) -> Result<Response, PageError> {
    let receipt = removal::receipt(&state.sluice, &viewer, &id).await?.ok_or(PageError::NotFound)?;
    attachment("text/plain; charset=utf-8", &format!("{}-receipt.txt", viewer.org().slug), receipt)
}
