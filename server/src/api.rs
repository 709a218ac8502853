//! The API for programs, under `/api/v1`: the very use cases of the pages, with JSON in and out.
//!
//! It stands beside the pages, not among them: nothing here reads a cookie or a session, so the pages' guard against forms
//! of other sites is not needed, and a browser that is signed in can do nothing here without a key. Nothing is decided
//! here, and no operation exists that the document does not describe: routes and document come from one list.

mod access;
mod audit;
mod caller;
mod document;
mod input;
mod items;
mod knowledge;
mod ledger;
mod me;
mod preview;
mod problem;
mod reference;
mod repeat;
mod settings;
mod webhooks;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderValue, header};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
use service::ingest::MOST_BYTES;
use service::people;
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use problem::{Code, Problem, answer_problems, panicked};

use crate::reader::of_api;
use crate::router::AppState;
pub(crate) use document::document;
pub use document::text as document_text;
pub(crate) use ledger::ledger_document;
pub(crate) use reference::reference;
#[cfg(test)]
pub(crate) use webhooks::PATH as WEBHOOKS;

/// Where the API is.
pub(crate) const BASE: &str = "/api/v1";

/// Of a change, in bytes.
const LARGEST_CHANGE: usize = 256 * 1024;
/// Of an export to preview.
const LARGEST_EXPORT: usize = 5 * 1024 * 1024;

/// Every operation with what the document says of it. `within` wraps those that change something.
///
/// A key must not widen its own power: what makes keys or webhooks, gives roles, invites or lets support in is no operation, on
/// purpose.
fn operations(within: impl Fn(OpenApiRouter<AppState>) -> OpenApiRouter<AppState>) -> OpenApiRouter<AppState> {
    let changing = OpenApiRouter::new()
        .routes(routes!(settings::change))
        .routes(routes!(settings::undo))
        .routes(routes!(settings::revert))
        .routes(routes!(knowledge::add_terms))
        .routes(routes!(knowledge::delete_people))
        .routes(routes!(access::revoke_key))
        .routes(routes!(access::revoke_webhook))
        .routes(routes!(access::withdraw_invitation))
        .routes(routes!(access::end_sessions))
        .routes(routes!(access::end_look))
        .routes(routes!(access::make_support_ask));
    let reading = OpenApiRouter::new()
        .routes(routes!(me::me))
        .routes(routes!(settings::all))
        .routes(routes!(settings::spaces))
        .routes(routes!(settings::impact))
        .routes(routes!(settings::decisions))
        .routes(routes!(settings::history))
        .routes(routes!(settings::state))
        .routes(routes!(settings::clocks))
        .routes(routes!(preview::sample))
        .routes(routes!(knowledge::terms))
        .routes(routes!(knowledge::people))
        .routes(routes!(knowledge::list_people))
        .routes(routes!(knowledge::history))
        .routes(routes!(access::keys))
        .routes(routes!(access::webhooks))
        .routes(routes!(access::roles))
        .routes(routes!(access::invitations))
        .routes(routes!(access::looks))
        .routes(routes!(ledger::ledger))
        .routes(routes!(ledger::csv))
        .routes(routes!(ledger::removals))
        .routes(routes!(ledger::receipt))
        .routes(routes!(ledger::jobs))
        .routes(routes!(audit::entries))
        .routes(routes!(audit::lines))
        .routes(routes!(audit::csv))
        .routes(routes!(audit::verify))
        .routes(routes!(audit::checkpoint))
        .routes(routes!(audit::evidence));
    let of_export = OpenApiRouter::new().routes(routes!(preview::export)).routes(routes!(preview::findings));
    let of_items = OpenApiRouter::new().routes(routes!(items::send));
    let of_people = OpenApiRouter::new().routes(routes!(knowledge::try_import));
    let importing = OpenApiRouter::new().routes(routes!(knowledge::import));
    let at_most = |router: OpenApiRouter<AppState>, bytes| router.layer(DefaultBodyLimit::max(bytes));
    at_most(reading.merge(within(changing)), LARGEST_CHANGE)
        .merge(at_most(of_export, LARGEST_EXPORT))
        .merge(at_most(of_items, MOST_BYTES))
        .merge(at_most(of_people.merge(within(importing)), people::MAX_BYTES))
}

/// The whole of it.
pub(crate) fn router(state: &AppState) -> Router<AppState> {
    let once = from_fn_with_state(state.clone(), repeat::once);
    let (operations, _): (Router<AppState>, OpenApi) =
        operations(|changing| changing.route_layer(once.clone())).split_for_parts();
    let policy = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
    let layers = ServiceBuilder::new()
        .layer(SetResponseHeaderLayer::if_not_present(header::CACHE_CONTROL, HeaderValue::from_static("no-store")))
        .layer(SetResponseHeaderLayer::overriding(header::CONTENT_SECURITY_POLICY, policy))
        .layer(CompressionLayer::new())
        .layer(from_fn(of_api))
        .layer(from_fn(answer_problems))
        .layer(CatchPanicLayer::custom(panicked));
    let api = operations
        .route_layer(from_fn_with_state(state.clone(), caller::authenticate))
        .route("/openapi.json", get(document::answer))
        .fallback(nothing_here)
        .method_not_allowed_fallback(not_so)
        .layer(layers.clone());
    // Beside the operations: no key opens it, and no document of theirs describes it.
    let receive = post(webhooks::receive).fallback(not_so).layer(DefaultBodyLimit::max(MOST_BYTES)).layer(layers);
    Router::new().nest(BASE, api).route(webhooks::PATH, receive)
}

async fn nothing_here() -> Problem {
    Problem::of(Code::NotFound)
}

async fn not_so() -> Problem {
    Problem::of(Code::MethodNotAllowed)
}
