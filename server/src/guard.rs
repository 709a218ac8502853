//! What every request passes: which host it asks for, where it may come from, how long it may be silent; and the headers
//! of every answer.

use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tower_http::timeout::TimeoutBody;

use crate::errors::PageError;
use crate::router::AppState;

/// The random value that this answer's own script carries.
#[derive(Clone, Debug)]
pub(crate) struct ScriptNonce(pub(crate) String);

/// What a machine asks by whatever address it knows.
const PROBES: [&str; 2] = ["/healthz", "/readyz"];

/// Refuses a request for another host than the configured one: a name that somebody points at this machine is not ours,
/// and must not get pages that a browser would then keep as that name's own.
pub(crate) async fn known_host(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let Some(origin) = state.origin.as_deref() else { return next.run(request).await };
    let known = {
        let written = text(request.headers(), header::HOST);
        let in_target = request.uri().authority().map(|authority| authority.as_str());
        written.is_some() && written.into_iter().chain(in_target).all(|host| is_host_of(host, origin))
    };
    if known || PROBES.contains(&request.uri().path()) {
        return next.run(request).await;
    }
    (StatusCode::MISDIRECTED_REQUEST, format!("Sluice is not at this address. Open {origin}")).into_response()
}

fn is_host_of(host: &str, origin: &str) -> bool {
    let (scheme, authority) = origin.split_once("://").unwrap_or_default();
    let usual_port = if scheme == "https" { ":443" } else { ":80" };
    let bare = |host: &str| host.strip_suffix(usual_port).unwrap_or(host).to_ascii_lowercase();
    bare(host) == bare(authority)
}

/// Gives up on a body that stops coming.
pub(crate) async fn no_silence(State(longest): State<Duration>, request: Request, next: Next) -> Response {
    next.run(request.map(|body| Body::new(TimeoutBody::new(longest, body)))).await
}

/// Refuses what another site's page asks for: every change, and every page that it would show inside itself or read.
///
/// A request with a key is the one exception: no browser adds a key by itself, so no other site can abuse it.
pub(crate) async fn same_origin(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let allowed = match request.method().is_safe() {
        true => may_be_shown(request.headers()),
        false => from_own_page(request.headers(), state.origin.as_deref()),
    };
    if allowed || bears_a_key(&request) {
        return next.run(request).await;
    }
    tracing::warn!("a request from another origin was refused");
    PageError::ForeignOrigin.into_response()
}

/// Whether a request to the interface for programs brings its own key, and so does not rest on a cookie.
fn bears_a_key(request: &Request) -> bool {
    request.uri().path().starts_with("/api/") && request.headers().contains_key(header::AUTHORIZATION)
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// Whether a page may be shown to whoever asks: to our own pages, to someone who typed the address, and to someone who
/// followed a link elsewhere. A browser that says nothing is an old one, or no browser.
fn may_be_shown(headers: &HeaderMap) -> bool {
    let says = |name, value| text(headers, HeaderName::from_static(name)) == Some(value);
    match text(headers, HeaderName::from_static("sec-fetch-site")) {
        None | Some("same-origin" | "none") => true,
        Some(_) => says("sec-fetch-mode", "navigate") && says("sec-fetch-dest", "document"),
    }
}

/// Whether one of our own pages sent a change.
///
/// A browser says where a request comes from in `Sec-Fetch-Site`, older ones in `Origin` or `Referer`. A request that says
/// nothing comes from no browser we know and is refused: there is no cookie to abuse, but also no reason to guess.
fn from_own_page(headers: &HeaderMap, origin: Option<&str>) -> bool {
    if let Some(site) = text(headers, HeaderName::from_static("sec-fetch-site")) {
        return site == "same-origin";
    }
    let here = match origin {
        Some(origin) => Some(origin.to_owned()),
        None => text(headers, header::HOST).map(|host| format!("http://{host}")),
    };
    let Some(here) = here else { return false };
    match text(headers, header::ORIGIN) {
        Some(from) => from == here,
        None => text(headers, header::REFERER)
            .and_then(|page| page.strip_prefix(&here))
            .is_some_and(|path| path.starts_with('/')),
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
    // A page has its own of these; what is no page is never a document of its own.
    for (name, value) in [
        (header::CACHE_CONTROL, "no-store"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; base-uri 'none'; frame-ancestors 'none'"),
    ] {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
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
    use std::convert::Infallible;
    use std::pin::Pin;
    use std::task::{Context, Poll};

    use axum::Router;
    use axum::body::{Bytes, HttpBody};
    use axum::middleware::from_fn_with_state;
    use axum::routing::post;
    use hyper::body::Frame;
    use tower::ServiceExt as _;

    use super::*;

    #[tokio::test]
    async fn a_body_that_stops_coming_is_given_up() {
        let echo = post(|body: Result<String, axum::extract::rejection::StringRejection>| async move {
            body.is_ok().to_string()
        });
        let router = Router::new().route("/", echo).layer(from_fn_with_state(Duration::from_millis(50), no_silence));
        let answer = router.oneshot(Request::post("/").body(Body::new(Stuck)).unwrap()).await.unwrap();
        let answer = axum::body::to_bytes(answer.into_body(), 100).await.unwrap();
        assert_eq!(answer, "false", "the handler is told instead of waiting for ever");
    }

    /// A body that never comes.
    struct Stuck;

    impl HttpBody for Stuck {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            Poll::Pending
        }
    }

    #[test]
    fn a_host_is_the_same_with_its_usual_port() {
        for (host, origin, same) in [
            ("sluice.example", "https://sluice.example", true),
            ("SLUICE.example:443", "https://sluice.example", true),
            ("sluice.example", "https://sluice.example:443", true),
            ("sluice.example:80", "http://sluice.example", true),
            ("sluice.example:80", "https://sluice.example", false),
            ("sluice.example:8443", "https://sluice.example", false),
            ("evil.sluice.example", "https://sluice.example", false),
            ("sluice.example.evil.example", "https://sluice.example", false),
            ("", "https://sluice.example", false),
        ] {
            assert_eq!(is_host_of(host, origin), same, "{host} for {origin}");
        }
    }

    #[test]
    fn a_page_is_shown_to_whoever_follows_a_link_and_in_no_other_site() {
        let shown = |headers: &[(&'static str, &'static str)]| may_be_shown(&map(headers));
        let site = |value| ("sec-fetch-site", value);
        let (navigate, document) = (("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document"));
        assert!(shown(&[]) && shown(&[site("none")]) && shown(&[site("same-origin"), ("sec-fetch-mode", "cors")]));
        for other in ["cross-site", "same-site"] {
            assert!(shown(&[site(other), navigate, document]), "a link on another site");
            for inside in ["iframe", "frame", "embed", "object", "empty", "image", "script"] {
                assert!(!shown(&[site(other), navigate, ("sec-fetch-dest", inside)]), "{inside}");
            }
            assert!(!shown(&[site(other), ("sec-fetch-mode", "no-cors"), document]));
            assert!(!shown(&[site(other)]));
        }
    }

    #[test]
    fn only_a_key_for_the_api_needs_no_origin() {
        let request =
            |path: &str, header: &str| Request::post(path).header(header, "Bearer k").body(Body::empty()).unwrap();
        assert!(bears_a_key(&request("/api/v1/decide", "authorization")));
        assert!(!bears_a_key(&request("/api/v1/decide", "cookie")));
        assert!(!bears_a_key(&request("/orgs/large", "authorization")));
        assert!(!bears_a_key(&request("/apis", "authorization")));
    }

    fn map(headers: &[(&'static str, &'static str)]) -> HeaderMap {
        let header = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        headers.iter().map(header).collect()
    }

    fn allowed(headers: &[(&'static str, &'static str)], origin: Option<&str>) -> bool {
        from_own_page(&map(headers), origin)
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
        assert!(allowed(&[here, ("referer", "http://127.0.0.1:3000/orgs")], None));
        assert!(!allowed(&[here, ("referer", "http://127.0.0.1:30001/orgs")], None));
        assert!(!allowed(&[here, ("referer", "http://127.0.0.1:3000/"), ("origin", "null")], None));
        assert!(allowed(&[here, ("origin", "https://sluice.example")], Some("https://sluice.example")));
        assert!(!allowed(&[here, ("origin", "http://127.0.0.1:3000")], Some("https://sluice.example")));
    }
}
