//! The dictionary: showing it, adding to it, deleting from it.

use app::document::Place;
use app::pages::terms::{Refused, Said, terms as show};
use app::urls;
use axum::extract::{OriginalUri, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use language::{t, tn};
use service::access::{ReadsOrg, Viewer};
use service::knowledge::{KnowledgeError, KnowledgeRefusal};
use service::terms::{self, Wanted};

use crate::errors::PageError;
use crate::forms::Fields;
use crate::router::AppState;
use crate::session::{Admin, Inside};
use crate::view::Shell;

pub(crate) async fn page(
    State(state): State<AppState>,
    Inside(viewer): Inside,
    OriginalUri(uri): OriginalUri,
    shell: Shell,
) -> Result<Response, PageError> {
    let query = Fields::of_query(&uri);
    let count = |name: &str| query.number::<usize>(name);
    let done = match (count("added"), count("already"), count("deleted")) {
        (Some(added), Some(already), _) if already > 0 => {
            let added = tn!(added, "Added: {added} term.", "Added: {added} terms.");
            let already = t!("{already} stood there already.", already = language::count(already));
            Some(format!("{added} {already}"))
        }
        (Some(added), _, _) => Some(tn!(added, "Added: {added} term.", "Added: {added} terms.")),
        (_, _, Some(deleted)) => Some(tn!(deleted, "Deleted: {deleted} term.", "Deleted: {deleted} terms.")),
        _ => None,
    };
    answer(&state, &viewer, shell, StatusCode::OK, Said { done, refused: None }).await
}

async fn answer(
    state: &AppState,
    viewer: &Viewer,
    shell: Shell,
    status: StatusCode,
    said: Said,
) -> Result<Response, PageError> {
    let model = terms::terms_page(&state.sluice, viewer).await?;
    let body = || show(model, said);
    shell.with_status(status, Some(viewer.account()), Some(viewer.org()), t!("Terms"), Place::Terms, body).await
}

/// The sentences of a refusal.
pub(crate) fn faults(refusal: KnowledgeRefusal) -> Vec<String> {
    match refusal {
        KnowledgeRefusal::Terms(faults) | KnowledgeRefusal::File(faults) => faults,
        other => vec![other.to_string()],
    }
}

pub(crate) async fn add(
    State(state): State<AppState>,
    Admin(admin): Admin,
    shell: Shell,
    fields: Fields,
) -> Result<Response, PageError> {
    let removed = match fields.get("list") {
        Some("removed") => true,
        Some("kept") => false,
        _ => return Err(PageError::BadRequest(t!("The form does not say to which list the terms belong.").to_owned())),
    };
    let typed = fields.text("terms");
    match terms::add(&state.sluice, &admin, removed, &typed).await {
        Ok(written) => {
            let pairs = [("added", written.changed.to_string()), ("already", written.unchanged.to_string())];
            Ok(Redirect::to(&urls::with_query(&urls::terms(&admin.org().slug), &pairs)).into_response())
        }
        Err(KnowledgeError::Refused(refusal)) => {
            let refused = Some(Refused { faults: faults(refusal), removed, typed });
            let viewer = Viewer::Admin(admin);
            answer(&state, &viewer, shell, StatusCode::UNPROCESSABLE_ENTITY, Said { done: None, refused }).await
        }
        Err(error) => Err(error.into()),
    }
}

pub(crate) async fn delete(
    State(state): State<AppState>,
    Admin(admin): Admin,
    fields: Fields,
) -> Result<Response, PageError> {
    let wanted: Vec<Wanted> = fields.all("term").map(|term| Wanted { term: terms::tidy(term), to: None }).collect();
    let written = terms::set(&state.sluice, &admin, &wanted).await?;
    let pairs = [("deleted", written.changed.to_string())];
    Ok(Redirect::to(&urls::with_query(&urls::terms(&admin.org().slug), &pairs)).into_response())
}
