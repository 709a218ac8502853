//! The handlers: take a capability, call a use case, show its model. Ten to twenty lines each.

pub(crate) mod api;
pub(crate) mod audit;
pub(crate) mod keys;
pub(crate) mod people;
pub(crate) mod preferences;
pub(crate) mod preview;
pub(crate) mod settings;
pub(crate) mod sign_in;
pub(crate) mod support;
pub(crate) mod terms;
pub(crate) mod uploads;

use app::document::Place;
use app::{pages, urls};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use service::access::ReadsOrg;
use service::model::StaffRole;
use service::overview::overview;

use crate::errors::PageError;
use crate::router::AppState;
use crate::session::{Looking, SignedIn};
use crate::view::Shell;

/// Someone with one organisation goes straight to its settings.
pub(crate) async fn home(State(state): State<AppState>, SignedIn(who): SignedIn) -> Result<Redirect, PageError> {
    let account = who.account;
    if account.staff == Some(StaffRole::Support) {
        return Ok(Redirect::to(urls::SUPPORT));
    }
    let orgs = service::overview::organisations(&state.sluice, &account).await?;
    Ok(match orgs.as_slice() {
        [only] => Redirect::to(&urls::settings(&only.slug)),
        _ => Redirect::to(urls::ORGANISATIONS),
    })
}

pub(crate) async fn organisations(
    State(state): State<AppState>,
    SignedIn(who): SignedIn,
    shell: Shell,
) -> Result<Response, PageError> {
    let account = who.account;
    let rows = overview(&state.sluice, &account).await?;
    let operator = account.staff == Some(StaffRole::Operator);
    let body = || pages::organisations::organisations(rows, operator);
    shell.page(Some(&account), None, "Organisations", Place::Overview, body).await
}

pub(crate) async fn organisation(Looking(viewer): Looking) -> Redirect {
    Redirect::to(&urls::settings(&viewer.org().slug))
}

/// The process is alive.
pub(crate) async fn healthy() -> &'static str {
    "ok"
}

/// The database answers and is up to date.
pub(crate) async fn ready(State(state): State<AppState>) -> Response {
    if state.database.is_current().await {
        "ok".into_response()
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer or is not up to date").into_response()
    }
}

pub(crate) async fn not_found() -> PageError {
    PageError::NotFound
}
