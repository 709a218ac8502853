//! The directory: showing it, importing it from a file, deleting it.

use app::document::Place;
use app::{pages, urls};
use axum::extract::multipart::MultipartRejection;
use axum::extract::{Multipart, OriginalUri, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use language::{count, t, tn};
use service::access::{OrgAdmin, ReadsOrg, Viewer};
use service::knowledge::{KnowledgeError, KnowledgeRefusal};
use service::people;

use crate::errors::PageError;
use crate::forms::{Fields, file};
use crate::handlers::terms::faults;
use crate::router::AppState;
use crate::session::{Admin, Inside, UploadId};
use crate::view::Shell;

pub(crate) async fn page(
    State(state): State<AppState>,
    Inside(viewer): Inside,
    OriginalUri(uri): OriginalUri,
    shell: Shell,
) -> Result<Response, PageError> {
    let query = Fields::of_query(&uri);
    let after = query.get("after").and_then(|after| after.split_once(':'));
    let after = after.and_then(|(source, place)| Some((source.to_owned(), place.parse().ok()?)));
    let done = match (query.number::<u64>("new"), query.number::<u64>("changed"), query.number::<u64>("gone")) {
        (Some(new), Some(changed), Some(gone)) => Some(t!(
            "The directory was replaced: {new} new, {changed} changed, {gone} gone.",
            new = count(new),
            changed = count(changed),
            gone = count(gone)
        )),
        (None, None, Some(gone)) => Some(tn!(gone, "Deleted: {gone} person.", "Deleted: {gone} people.")),
        _ => None,
    };
    let model = people::people_page(&state.sluice, &viewer, &query.text("q"), after).await?;
    let body = || pages::people::people(model, done, Vec::new());
    shell.page(Some(viewer.account()), Some(viewer.org()), t!("People"), Place::People, body).await
}

/// The page of the people with what is wrong with a form of it.
async fn refused(
    state: &AppState,
    admin: OrgAdmin,
    shell: Shell,
    refusal: KnowledgeRefusal,
) -> Result<Response, PageError> {
    let viewer = Viewer::Admin(admin);
    let model = people::people_page(&state.sluice, &viewer, "", None).await?;
    let body = || pages::people::people(model, None, faults(refusal));
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    shell.with_status(status, Some(viewer.account()), Some(viewer.org()), t!("People"), Place::People, body).await
}

pub(crate) async fn upload(
    State(state): State<AppState>,
    Admin(admin): Admin,
    shell: Shell,
    multipart: Result<Multipart, MultipartRejection>,
) -> Result<Response, PageError> {
    let held = match file(multipart).await? {
        Some(sent) => people::hold(&state.sluice, &admin, sent.name, sent.bytes).await,
        None => Err(people::too_large().into()),
    };
    match held {
        Ok(id) => Ok(Redirect::to(&urls::import(&admin.org().slug, &id)).into_response()),
        Err(KnowledgeError::Refused(refusal)) => refused(&state, admin, shell, refusal).await,
        Err(error) => Err(error.into()),
    }
}

pub(crate) async fn summary(
    State(state): State<AppState>,
    Admin(admin): Admin,
    UploadId(id): UploadId,
    shell: Shell,
) -> Result<Response, PageError> {
    show_summary(&state, &admin, shell, &id, None).await
}

async fn show_summary(
    state: &AppState,
    admin: &OrgAdmin,
    shell: Shell,
    id: &str,
    problem: Option<String>,
) -> Result<Response, PageError> {
    let (account, org) = (Some(admin.account()), Some(admin.org()));
    match people::summary(&state.sluice, admin, id).await {
        Ok(summary) => {
            let status = if problem.is_some() { StatusCode::CONFLICT } else { StatusCode::OK };
            let body = || pages::people::import(id, &summary, problem);
            shell.with_status(status, account, org, t!("Review the import"), Place::People, body).await
        }
        Err(KnowledgeError::Gone) => {
            let body = || pages::people::import_gone(&admin.org().slug);
            shell.with_status(StatusCode::NOT_FOUND, account, org, t!("Review the import"), Place::People, body).await
        }
        Err(error) => Err(error.into()),
    }
}

pub(crate) async fn import(
    State(state): State<AppState>,
    Admin(admin): Admin,
    UploadId(id): UploadId,
    shell: Shell,
    fields: Fields,
) -> Result<Response, PageError> {
    match people::confirm(&state.sluice, &admin, &id, fields.version()?).await {
        Ok(difference) => {
            let pairs = [
                ("new", difference.added.to_string()),
                ("changed", difference.changed.to_string()),
                ("gone", difference.removed.to_string()),
            ];
            Ok(Redirect::to(&urls::with_query(&urls::people(&admin.org().slug), &pairs)).into_response())
        }
        Err(KnowledgeError::Refused(refusal)) => {
            show_summary(&state, &admin, shell, &id, Some(refusal.to_string())).await
        }
        Err(KnowledgeError::Gone) => show_summary(&state, &admin, shell, &id, None).await,
        Err(error) => Err(error.into()),
    }
}

pub(crate) async fn discard(
    State(state): State<AppState>,
    Admin(admin): Admin,
    UploadId(id): UploadId,
) -> Result<Response, PageError> {
    people::discard(&state.sluice, &admin, &id);
    Ok(Redirect::to(&urls::people(&admin.org().slug)).into_response())
}

pub(crate) async fn delete(
    State(state): State<AppState>,
    Admin(admin): Admin,
    shell: Shell,
    fields: Fields,
) -> Result<Response, PageError> {
    match people::delete_all(&state.sluice, &admin, fields.get("sure") == Some("yes")).await {
        Ok(difference) => {
            let pairs = [("gone", difference.removed.to_string())];
            Ok(Redirect::to(&urls::with_query(&urls::people(&admin.org().slug), &pairs)).into_response())
        }
        Err(KnowledgeError::Refused(refusal)) => refused(&state, admin, shell, refusal).await,
        Err(error) => Err(error.into()),
    }
}
