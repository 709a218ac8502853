//! Support's desk, and what an organisation sees and says of it.

use app::document::Place;
use app::pages::support::{
    Knock, access as show_access, desk as show_desk, door as show_door, summary as show_summary,
};
use app::urls;
use axum::extract::{OriginalUri, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use language::t;
use service::access::{OrgAdmin, ReadsOrg, Viewer};
use service::model::Purpose;
use service::support::{self, SupportError};

use crate::errors::PageError;
use crate::forms::Fields;
use crate::router::AppState;
use crate::session::{Admin, Inside, Reviewing, SupportDesk};
use crate::view::Shell;

pub(crate) async fn desk(
    State(state): State<AppState>,
    SupportDesk(support): SupportDesk,
    OriginalUri(uri): OriginalUri,
    shell: Shell,
) -> Result<Response, PageError> {
    let query = Fields::of_query(&uri).text("q");
    let found = support::search(&state.sluice, &support, &query).await?;
    let account = support.who().account.clone();
    shell.page(Some(&account), None, t!("Support"), Place::SupportDesk, || show_desk(query, found)).await
}

pub(crate) async fn door(
    State(state): State<AppState>,
    SupportDesk(support): SupportDesk,
    Path(slug): Path<String>,
    shell: Shell,
) -> Result<Response, PageError> {
    knocked(&state, &support, &slug, shell, StatusCode::OK, Knock::default()).await
}

async fn knocked(
    state: &AppState,
    support: &support::Support,
    slug: &str,
    shell: Shell,
    status: StatusCode,
    knock: Knock,
) -> Result<Response, PageError> {
    let entry = support::entry(&state.sluice, support, slug).await?;
    let account = support.who().account.clone();
    shell
        .with_status(status, Some(&account), None, t!("of support" | "Review"), Place::SupportDesk, || {
            show_door(entry, knock)
        })
        .await
}

pub(crate) async fn enter(
    State(state): State<AppState>,
    SupportDesk(support): SupportDesk,
    Path(slug): Path<String>,
    shell: Shell,
    fields: Fields,
) -> Result<Response, PageError> {
    let purpose = fields.get("purpose").and_then(Purpose::parse);
    let case = fields.text("case");
    match support::enter(&state.sluice, &support, &slug, purpose, &case).await {
        Ok(review) if review.is_asked() => Ok(Redirect::to(&urls::support_entry(&slug)).into_response()),
        Ok(_) => Ok(Redirect::to(&urls::support_summary(&slug)).into_response()),
        Err(SupportError::Refused(refusal)) => {
            let knock = Knock { purpose, case, refused: Some(refusal.to_string()) };
            knocked(&state, &support, &slug, shell, StatusCode::UNPROCESSABLE_ENTITY, knock).await
        }
        Err(error) => Err(error.into()),
    }
}

/// An organisation at a glance; for its own people there is no such page.
pub(crate) async fn summary(
    State(state): State<AppState>,
    Reviewing(review): Reviewing,
    shell: Shell,
) -> Result<Response, PageError> {
    let model = support::summary(&state.sluice, &review).await?;
    let body = || show_summary(model);
    shell.page(Some(&review.who().account), Some(review.org()), t!("of support" | "Review"), Place::Support, body).await
}

/// Ends the review that this account has open, if any: leaving twice is no error.
pub(crate) async fn leave(
    State(state): State<AppState>,
    SupportDesk(support): SupportDesk,
    Path(slug): Path<String>,
) -> Result<Response, PageError> {
    support::leave(&state.sluice, &support, &slug).await?;
    Ok(Redirect::to(urls::SUPPORT).into_response())
}

/// Admins decide here; auditors read.
pub(crate) async fn access(
    State(state): State<AppState>,
    Inside(viewer): Inside,
    shell: Shell,
) -> Result<Response, PageError> {
    let can_change = viewer.can_change();
    let auditor = match viewer {
        Viewer::Admin(admin) => admin.into(),
        Viewer::Auditor(auditor) => auditor,
        Viewer::Support(_) => return Err(PageError::NotFound),
    };
    let model = support::access(&state.sluice, &auditor).await?;
    let body = || show_access(model, can_change);
    shell.page(Some(auditor.account()), Some(auditor.org()), t!("Support access"), Place::SupportAccess, body).await
}

pub(crate) async fn rule(
    State(state): State<AppState>,
    Admin(admin): Admin,
    fields: Fields,
) -> Result<Response, PageError> {
    let must = match fields.get("ask") {
        Some("yes") => true,
        Some("no") => false,
        _ => return Err(PageError::BadRequest(t!("The form does not say whether support has to ask.").to_owned())),
    };
    support::set_must_ask(&state.sluice, &admin, must).await?;
    Ok(back(&admin))
}

pub(crate) async fn answer(
    State(state): State<AppState>,
    Admin(admin): Admin,
    fields: Fields,
) -> Result<Response, PageError> {
    let review = fields.text("review");
    match fields.get("do") {
        Some("allow") => support::approve(&state.sluice, &admin, &review).await?,
        Some("stop") => support::stop(&state.sluice, &admin, &review).await?,
        _ => return Err(PageError::BadRequest(t!("The form does not say what to do.").to_owned())),
    }
    Ok(back(&admin))
}

fn back(admin: &OrgAdmin) -> Response {
    Redirect::to(&urls::support_access(&admin.org().slug)).into_response()
}
