//! In which language somebody is answered: as their account chose, as this browser chose, as the browser asks, in English.

use axum::extract::{FromRequestParts as _, Request, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use language::Language;

use crate::router::AppState;
use crate::session::MaybeAccount;
use crate::view::cookie;

pub(crate) const LANGUAGE_COOKIE: &str = "sluice-language";

/// Around every page. It looks up who is signed in; what comes after it takes that from the request.
pub(crate) async fn of_pages(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    // If it fails, it fails again where it can be told.
    let found = MaybeAccount::from_request_parts(&mut parts, &state).await;
    let chosen = found.as_ref().ok().and_then(|found| found.0.as_ref()?.language);
    let language = chosen.or_else(|| of_browser(&parts.headers)).unwrap_or_default();
    if let Ok(found) = found {
        parts.extensions.insert(found);
    }
    in_language(language, Request::from_parts(parts, body), next).await
}

/// Around the API: as the program asks. Codes are the same in every language.
pub(crate) async fn of_api(request: Request, next: Next) -> Response {
    let language = asked(request.headers()).unwrap_or_default();
    in_language(language, request, next).await
}

async fn in_language(language: Language, request: Request, next: Next) -> Response {
    let mut response = language.within(next.run(request)).await;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(language.id()));
    headers.append(header::VARY, HeaderValue::from_static("accept-language, cookie"));
    response
}

fn of_browser(headers: &HeaderMap) -> Option<Language> {
    cookie(headers, LANGUAGE_COOKIE).and_then(Language::parse).or_else(|| asked(headers))
}

fn asked(headers: &HeaderMap) -> Option<Language> {
    headers.get(header::ACCEPT_LANGUAGE).and_then(|asked| asked.to_str().ok()).and_then(Language::preferred)
}
