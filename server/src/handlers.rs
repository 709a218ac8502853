//! The handlers: take a capability, call a use case, show its model. Ten to twenty lines each.

pub(crate) mod account;
pub(crate) mod api;
pub(crate) mod audit;
pub(crate) mod keys;
pub(crate) mod ledger;
pub(crate) mod members;
pub(crate) mod oidc;
pub(crate) mod patterns;
pub(crate) mod people;
pub(crate) mod preferences;
pub(crate) mod preview;
pub(crate) mod safeguards;
pub(crate) mod settings;
pub(crate) mod sign_in;
pub(crate) mod support;
pub(crate) mod terms;
pub(crate) mod uploads;
pub(crate) mod webhooks;

use app::document::Place;
use app::{pages, urls};
use axum::extract::{OriginalUri, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use language::t;
use service::model::{OrgRef, Role, StaffRole};
use service::overview::{OverviewQuery, OverviewSort, count_removals, overview};

use crate::errors::PageError;
use crate::forms::Fields;
use crate::router::AppState;
use crate::session::{Entering, SignedIn};
use crate::view::Shell;

/// Someone with one organisation goes straight to it.
pub(crate) async fn home(State(state): State<AppState>, SignedIn(who): SignedIn) -> Result<Redirect, PageError> {
    let account = who.account;
    if account.staff == Some(StaffRole::Support) {
        return Ok(Redirect::to(urls::SUPPORT));
    }
    let orgs = service::overview::organisations(&state.sluice, &account).await?;
    Ok(match orgs.as_slice() {
        [(only, role)] => Redirect::to(&start(only, Some(*role))),
        _ => Redirect::to(urls::ORGANISATIONS),
    })
}

pub(crate) async fn organisations(
    State(state): State<AppState>,
    SignedIn(who): SignedIn,
    OriginalUri(uri): OriginalUri,
    shell: Shell,
) -> Result<Response, PageError> {
    let account = who.account;
    let query = Fields::of_query(&uri);
    let query = OverviewQuery {
        search: query.text("q"),
        only_waiting: query.get("waiting").is_some(),
        sort: OverviewSort::parse(&query.text("sort")),
    };
    let mut overview = overview(&state.sluice, &account, query).await?;
    count_removals(&state.sluice, &mut overview).await;
    let operator = account.staff == Some(StaffRole::Operator);
    let body = || pages::organisations::organisations(overview, operator);
    shell.page(Some(&account), None, t!("Organisations"), Place::Overview, body).await
}

/// Leads on to what the role sees.
pub(crate) async fn organisation(Entering(org, role): Entering) -> Redirect {
    Redirect::to(&start(&org, role))
}

/// Where a role begins.
fn start(org: &OrgRef, role: Option<Role>) -> String {
    if role == Some(Role::Member) { urls::spaces(&org.slug) } else { urls::settings(&org.slug) }
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
