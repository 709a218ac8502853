//! What every request passes: where a form may come from, and the headers of every answer.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::errors::PageError;
use crate::router::AppState;

/// The random value that this answer's own script carries.
#[derive(Clone, Debug)]
pub(crate) struct ScriptNonce(pub(crate) String);

/// Refuses a change that another site's page sent.
///
/// A browser says where a request comes from in `Sec-Fetch-Site`, older ones in `Origin`. A request that says neither
/// comes from no browser we know and is refused: there is no cookie to abuse, but also no reason to guess.
pub(crate) async fn same_origin(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let safe = matches!(*request.method(), Method::GET | Method::HEAD);
    if safe || from_own_page(request.headers(), state.origin.as_deref()) {
        return next.run(request).await;
    }
    tracing::warn!("a change from another origin was refused");
    PageError::ForeignOrigin.into_response()
}

fn from_own_page(headers: &HeaderMap, origin: Option<&str>) -> bool {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text(HeaderName::from_static("sec-fetch-site")) {
        return site == "same-origin";
    }
    let Some(from) = text(header::ORIGIN) else { return false };
    match origin {
        Some(origin) => from == origin,
        None => text(header::HOST).is_some_and(|host| from == format!("http://{host}")),
    }
}

/// Headers of every answer.
pub(crate) async fn security_headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=(), payment=()"),
        (header::X_FRAME_OPTIONS, "DENY"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Headers of a page: never kept by a cache, and only our own scripts and styles.
pub(crate) async fn page_headers(mut request: Request, next: Next) -> Response {
    // 122 random bits, new for each answer.
    let nonce = uuid::Uuid::new_v4().simple().to_string();
    request.extensions_mut().insert(ScriptNonce(nonce.clone()));
    let mut response = next.run(request).await;
    let policy = format!(
        "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; \
         connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    );
    let headers = response.headers_mut();
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(headers: &[(&'static str, &'static str)], origin: Option<&str>) -> bool {
        let headers = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect();
        from_own_page(&headers, origin)
    }

    #[test]
    fn only_our_own_pages_may_change_something() {
        assert!(allowed(&[("sec-fetch-site", "same-origin")], None));
        for site in ["cross-site", "same-site", "none"] {
            assert!(!allowed(&[("sec-fetch-site", site)], None), "{site}");
        }
        let here = ("host", "127.0.0.1:3000");
        assert!(allowed(&[here, ("origin", "http://127.0.0.1:3000")], None));
        assert!(!allowed(&[here, ("origin", "http://evil.example")], None));
        assert!(!allowed(&[here, ("origin", "null")], None));
        assert!(!allowed(&[here], None), "a request that says nothing is refused");
        assert!(allowed(&[here, ("origin", "https://sluice.example")], Some("https://sluice.example")));
        assert!(!allowed(&[here, ("origin", "http://127.0.0.1:3000")], Some("https://sluice.example")));
    }
}
