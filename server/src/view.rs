//! Puts a page into its frame: who is signed in, which organisation, which colours.

use app::document::{Frame, Place, Theme, render};
use app::pages::problem::{Problem, not_found, problem};
use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use language::t;
use leptos::prelude::AnyView;
use service::model::{Account, OrgRef, StaffRole};
use service::overview::organisations;

use crate::errors::{ErrorPage, PageError};
use crate::guard::ScriptNonce;
use crate::request_log::REQUEST_ID;
use crate::router::AppState;
use crate::session::MaybeAccount;

pub(crate) const THEME_COOKIE: &str = "sluice-theme";

/// What a page needs of its request besides its model.
#[derive(Clone, Debug)]
pub(crate) struct Shell {
    state: AppState,
    nonce: String,
    theme: Theme,
    here: String,
}

impl FromRequestParts<AppState> for Shell {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, PageError> {
        Ok(Self {
            state: state.clone(),
            nonce: parts.extensions.get::<ScriptNonce>().map(|nonce| nonce.0.clone()).unwrap_or_default(),
            theme: theme(&parts.headers),
            here: parts.uri.path_and_query().map(ToString::to_string).unwrap_or_default(),
        })
    }
}

fn theme(headers: &HeaderMap) -> Theme {
    cookie(headers, THEME_COOKIE).and_then(Theme::parse).unwrap_or_default()
}

/// What the browser keeps under a name.
pub(crate) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|cookies| cookies.to_str().ok())
        .flat_map(|cookies| cookies.split(';'))
        .filter_map(|cookie| cookie.trim().split_once('='))
        .find(|(of, _)| *of == name)
        .map(|(_, value)| value)
}

impl Shell {
    /// A page of an organisation, or of none.
    pub(crate) async fn page(
        self,
        account: Option<&Account>,
        org: Option<&OrgRef>,
        title: &str,
        place: Place,
        body: impl FnOnce() -> AnyView,
    ) -> Result<Response, PageError> {
        self.with_status(StatusCode::OK, account, org, title, place, body).await
    }

    pub(crate) async fn with_status(
        self,
        status: StatusCode,
        account: Option<&Account>,
        org: Option<&OrgRef>,
        title: &str,
        place: Place,
        body: impl FnOnce() -> AnyView,
    ) -> Result<Response, PageError> {
        let signed_in = match account {
            Some(account) => Some((account.clone(), organisations(&self.state.sluice, account).await?)),
            None => None,
        };
        let (mut role, mut review) = (None, None);
        if let (Some((account, orgs)), Some(org)) = (&signed_in, org) {
            role = orgs.iter().find(|(of, _)| of.id == org.id).map(|(_, role)| *role);
            if account.staff == Some(StaffRole::Support) {
                let now = self.state.sluice.now();
                let running = self.state.sluice.store.running_review(&org.id, &account.id, now).await?;
                review = running.map(|review| (review, now));
            }
        }
        let frame = Frame {
            role,
            review,
            nonce: self.nonce,
            assets: self.state.assets.clone(),
            theme: self.theme,
            here: self.here,
            signed_in,
            org: org.cloned(),
            demo: self.state.sluice.store.is_demo().await?,
        };
        Ok((status, Html(render(frame, title, place, body))).into_response())
    }
}

/// Gives a failed request its page. The answer keeps its status; what failed is told in the frame of whoever is signed in.
pub(crate) async fn show_errors(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let request_id = parts.headers.get(REQUEST_ID).and_then(|id| id.to_str().ok()).map(str::to_owned);
    let shell = Shell::from_request_parts(&mut parts, &state).await;
    let mut for_account = parts.clone();
    let changing = parts.method != Method::GET;
    let response = next.run(Request::from_parts(parts, body)).await;
    let Some(page) = response.extensions().get::<ErrorPage>().cloned() else {
        return response;
    };
    let Ok(shell) = shell else { return response };
    let account = MaybeAccount::from_request_parts(&mut for_account, &state).await.ok().and_then(|maybe| maybe.0);
    let next_step = match (&account, organisation_of(&shell.here)) {
        // Not for what was not found: the organisation itself may be what this account must not know of.
        (Some(_), Some(slug)) if page.status != StatusCode::NOT_FOUND => {
            (app::urls::organisation(slug), t!("Back to the organisation").to_owned())
        }
        (Some(_), _) => (app::urls::ORGANISATIONS.to_owned(), t!("Go to your organisations").to_owned()),
        (None, _) => (app::urls::SIGN_IN.to_owned(), t!("Sign in").to_owned()),
    };
    let body = {
        let page = page.clone();
        move || {
            if page.status == StatusCode::NOT_FOUND {
                return not_found(next_step);
            }
            let heading = if changing { t!("Nothing was saved") } else { t!("This cannot be shown") };
            problem(Problem { title: page.title.to_owned(), heading, what: page.what, next: next_step, request_id })
        }
    };
    let shown = shell.with_status(page.status, account.as_ref(), None, page.title, Place::Elsewhere, body).await;
    let Ok(mut shown) = shown else { return response };
    if let Some(retry) = response.headers().get(header::RETRY_AFTER) {
        shown.headers_mut().insert(header::RETRY_AFTER, retry.clone());
    }
    shown
}

/// The slug in a path below `/orgs/`.
fn organisation_of(path: &str) -> Option<&str> {
    path.strip_prefix("/orgs/")?.split(['/', '?']).next().filter(|slug| !slug.is_empty())
}
