//! One line in the log and one count for each finished request: its id, who asked (what they are, not who they are), the
//! route, the status and the time it took. Never the path, a query, a form, an address or a name.

use std::sync::{Arc, OnceLock};
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::Response;
use service::model::{Account, StaffRole};
use tracing::Instrument as _;

use crate::metrics::Metrics;

pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What a request turns out to come from. Filled in by whatever finds out, for the line in the log.
#[derive(Clone, Debug, Default)]
struct Caller(Arc<OnceLock<&'static str>>);

/// Notes that an account asked.
pub(crate) fn note_account(parts: &Parts, account: &Account) {
    note(parts, account.staff.map_or("customer", StaffRole::id));
}

/// Notes what asked: `customer`, `support`, `operator`, `key`, `webhook`.
pub(crate) fn note(parts: &Parts, what: &'static str) {
    if let Some(Caller(caller)) = parts.extensions.get() {
        // A second look at the same session finds the same account.
        let _ = caller.set(what);
    }
}

/// Gives a request its id, and tells of it when it is done.
pub(crate) async fn tell(State(metrics): State<Arc<Metrics>>, mut request: Request, next: Next) -> Response {
    let id = uuid::Uuid::new_v4().to_string();
    // Whatever a client calls its request, the log has our name for it.
    let header = HeaderValue::try_from(&id).ok();
    if let Some(header) = &header {
        request.headers_mut().insert(REQUEST_ID, header.clone());
    }
    let caller = Caller::default();
    request.extensions_mut().insert(caller.clone());
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned();
    let method = known(request.method());
    let began = Instant::now();

    let span = tracing::info_span!("request", id);
    let mut response = next.run(request).instrument(span.clone()).await;

    let took = began.elapsed();
    let status = response.status();
    metrics.request(&route, method, status, took);
    let from = caller.0.get().copied().unwrap_or("none");
    let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    span.in_scope(|| tracing::info!(from, method, route, status = status.as_u16(), ms, "done"));
    if let Some(header) = header {
        response.headers_mut().insert(REQUEST_ID, header);
    }
    response
}

/// A client can make up methods; what is counted and logged cannot be made up.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}
