//! The one list of routes and the one list of middleware.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{StatusCode, header};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{MethodRouter, get, post};
use leptos::config::LeptosOptions;
use service::Sluice;
use service::people;
use service::preview::MAX_BYTES;
use service::sign_in::Passwords;
use store::{Database, Sessions};
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::services::ServeDir;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::TimeoutLayer;
use tower_sessions::cookie::SameSite;
use tower_sessions::cookie::time::Duration as CookieDuration;
use tower_sessions::{Expiry, SessionManagerLayer};

use crate::address::Proxies;
use crate::limits::{self, Limits};
use crate::metrics::Metrics;
use crate::oidc;
use crate::{api, errors, guard, handlers, reader, request_log, session, view};

/// A rendering or a use case that takes longer is given up; nothing should take a tenth of it.
const LONGEST_REQUEST: Duration = Duration::from_secs(30);

/// A body of which nothing more comes for so long is given up.
const LONGEST_SILENCE: Duration = Duration::from_secs(10);

/// Forms are small; only the preview and the directory take a file.
const LARGEST_FORM: usize = 256 * 1024;

/// What every handler can reach.
#[derive(Clone, Debug)]
pub struct AppState {
    pub sluice: Sluice,
    pub database: Database,
    pub passwords: Passwords,
    /// To which sign-in can be handed as well, if anyone.
    pub oidc: Option<Arc<oidc::Provider>>,
    pub assets: LeptosOptions,
    /// The origins that a form may come from; none means the address that the request was sent to.
    pub origin: Option<Arc<str>>,
    pub proxies: Arc<Proxies>,
    pub limits: Arc<Limits>,
    pub metrics: Arc<Metrics>,
}

/// Every route.
pub fn routes() -> Vec<(&'static str, MethodRouter<AppState>)> {
    vec![
        ("/", get(handlers::home)),
        ("/healthz", get(handlers::healthy)),
        ("/readyz", get(handlers::ready)),
        ("/sign-in", get(handlers::sign_in::page).post(handlers::sign_in::submit)),
        ("/sign-in/demo", post(handlers::sign_in::demo)),
        ("/sign-in/oidc", post(handlers::oidc::begin)),
        ("/sign-in/oidc/again", post(handlers::oidc::again)),
        (oidc::CALLBACK, get(handlers::oidc::callback)),
        ("/sign-out", post(handlers::sign_in::sign_out)),
        ("/preferences/theme", post(handlers::preferences::theme)),
        ("/preferences/language", post(handlers::preferences::language)),
        ("/account", get(handlers::account::page)),
        ("/account/password", post(handlers::account::change_password)),
        ("/account/sessions/end", post(handlers::account::end_sessions)),
        ("/invitations/{token}", get(handlers::members::invitation).post(handlers::members::accept)),
        ("/api", get(handlers::api::page)),
        ("/api/actions", get(handlers::api::actions)),
        ("/orgs", get(handlers::organisations)),
        ("/orgs/{org}", get(handlers::organisation)),
        ("/orgs/{org}/spaces", get(handlers::members::spaces)),
        ("/orgs/{org}/security/access", get(handlers::members::page)),
        ("/orgs/{org}/security/access/role", post(handlers::members::change_role)),
        ("/orgs/{org}/security/access/sessions", post(handlers::members::end_sessions)),
        ("/orgs/{org}/security/access/invitations", post(handlers::members::invite)),
        ("/orgs/{org}/security/access/invitations/withdraw", post(handlers::members::withdraw)),
        ("/orgs/{org}/security/data-contribution", get(handlers::settings::page)),
        ("/orgs/{org}/security/data-contribution/change", post(handlers::settings::change)),
        ("/orgs/{org}/security/data-contribution/undo", post(handlers::settings::undo)),
        (
            "/orgs/{org}/security/data-contribution/review",
            get(handlers::settings::review).post(handlers::settings::confirm),
        ),
        ("/orgs/{org}/security/data-contribution/add", get(handlers::settings::picker)),
        ("/orgs/{org}/security/data-contribution/history", get(handlers::settings::history)),
        ("/orgs/{org}/security/data-contribution/why", get(handlers::settings::why)),
        ("/orgs/{org}/security/data-types", get(handlers::settings::data_types)),
        (
            "/orgs/{org}/security/preview",
            get(handlers::preview::page)
                .post(handlers::preview::upload)
                .layer(DefaultBodyLimit::max(MAX_BYTES + LARGEST_FORM)),
        ),
        ("/orgs/{org}/security/preview/drafts", post(handlers::preview::drafts)),
        ("/orgs/{org}/security/preview/uploads/{upload}", get(handlers::uploads::items)),
        ("/orgs/{org}/security/preview/uploads/{upload}/discard", post(handlers::uploads::discard)),
        ("/orgs/{org}/security/preview/uploads/{upload}/scorecard", get(handlers::uploads::scorecard)),
        ("/orgs/{org}/security/preview/uploads/{upload}/download", get(handlers::uploads::download)),
        ("/orgs/{org}/security/terms", get(handlers::terms::page).post(handlers::terms::add)),
        ("/orgs/{org}/security/terms/delete", post(handlers::terms::delete)),
        (
            "/orgs/{org}/security/people",
            get(handlers::people::page)
                .post(handlers::people::upload)
                .layer(DefaultBodyLimit::max(people::MAX_BYTES + LARGEST_FORM)),
        ),
        ("/orgs/{org}/security/audit", get(handlers::audit::page)),
        ("/orgs/{org}/security/audit/verify", post(handlers::audit::verify)),
        ("/orgs/{org}/security/audit/checkpoint", get(handlers::audit::checkpoint)),
        ("/orgs/{org}/security/audit/export", get(handlers::audit::export)),
        ("/orgs/{org}/security/evidence", get(handlers::audit::evidence)),
        ("/orgs/{org}/security/evidence/pack", get(handlers::audit::pack)),
        ("/orgs/{org}/security/support", get(handlers::support::access)),
        ("/orgs/{org}/security/support/rule", post(handlers::support::rule)),
        ("/orgs/{org}/security/support/answer", post(handlers::support::answer)),
        ("/orgs/{org}/ledger", get(handlers::ledger::page)),
        ("/orgs/{org}/ledger/export", get(handlers::ledger::export)),
        ("/orgs/{org}/ledger/records", post(handlers::ledger::records)),
        ("/orgs/{org}/removal", get(handlers::ledger::removal_page)),
        ("/orgs/{org}/removal/{id}/receipt", get(handlers::ledger::receipt)),
        ("/orgs/{org}/review", get(handlers::support::summary)),
        ("/support", get(handlers::support::desk)),
        ("/support/orgs/{org}", get(handlers::support::door).post(handlers::support::enter)),
        ("/support/orgs/{org}/leave", post(handlers::support::leave)),
        ("/orgs/{org}/security/people/delete", post(handlers::people::delete)),
        ("/orgs/{org}/security/people/imports/{upload}", get(handlers::people::summary).post(handlers::people::import)),
        ("/orgs/{org}/security/keys", get(handlers::keys::page).post(handlers::keys::create)),
        ("/orgs/{org}/security/keys/revoke", post(handlers::keys::revoke)),
        ("/orgs/{org}/security/keys/webhooks", post(handlers::webhooks::create)),
        ("/orgs/{org}/security/keys/webhooks/revoke", post(handlers::webhooks::revoke)),
        ("/orgs/{org}/security/people/imports/{upload}/discard", post(handlers::people::discard)),
    ]
}

/// The whole HTTP side.
pub fn router(state: AppState, secure: bool) -> Router {
    let site = ServiceBuilder::new()
        .layer(SetResponseHeaderLayer::if_not_present(
            header::CACHE_CONTROL,
            header::HeaderValue::from_static("no-cache"),
        ))
        .service(
            ServeDir::new(state.assets.site_root.as_ref())
                .precompressed_br()
                .precompressed_gzip()
                .append_index_html_on_directories(false),
        );

    let api = api::router(&state).with_state(state.clone());
    let pages = routes()
        .into_iter()
        .fold(Router::new(), |router, (path, methods)| router.route(path, methods))
        .fallback(handlers::not_found)
        .method_not_allowed_fallback(handlers::not_found)
        .layer(DefaultBodyLimit::max(LARGEST_FORM))
        .layer(from_fn_with_state(LONGEST_SILENCE, guard::no_silence))
        .layer(from_fn_with_state(state.clone(), guard::same_origin))
        .layer(from_fn_with_state(state.clone(), limits::changes))
        .layer(from_fn_with_state(state.clone(), view::show_errors))
        .layer(from_fn_with_state(state.clone(), reader::of_pages))
        .layer(session_layer(state.database.sessions.clone(), secure))
        .layer(from_fn(guard::page_headers))
        .layer(CompressionLayer::new())
        .with_state(state.clone());

    let hsts = secure.then(|| {
        let a_year = header::HeaderValue::from_static("max-age=31536000; includeSubDomains");
        SetResponseHeaderLayer::if_not_present(header::STRICT_TRANSPORT_SECURITY, a_year)
    });
    // Outermost first. In two builders: one would make a type that takes minutes to compile.
    let outer = ServiceBuilder::new()
        .layer(from_fn_with_state(Arc::clone(&state.metrics), request_log::tell))
        .option_layer(hsts)
        .layer(from_fn(guard::security_headers))
        .layer(from_fn_with_state(state, guard::known_host))
        .layer(CatchPanicLayer::custom(errors::panicked));
    let inner =
        ServiceBuilder::new().layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, LONGEST_REQUEST));

    Router::new()
        .route_service("/pkg/{*file}", site.clone())
        .route_service("/favicon.svg", site)
        .merge(api)
        .merge(pages)
        .layer(inner)
        .layer(outer)
}

fn session_layer(sessions: Sessions, secure: bool) -> SessionManagerLayer<Sessions> {
    SessionManagerLayer::new(sessions)
        // The prefix makes the browser itself refuse the cookie from anywhere but this host, over TLS.
        .with_name(if secure { "__Host-sluice" } else { "sluice" })
        .with_secure(secure)
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_path("/")
        .with_expiry(Expiry::OnInactivity(CookieDuration::microseconds(session::LONGEST_IDLE)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_address_that_pages_link_to_is_a_route() {
        use app::urls;
        let org = "{org}";
        let linked = [
            urls::organisation(org),
            urls::spaces(org),
            urls::members(org),
            urls::change_role(org),
            urls::end_sessions_of(org),
            urls::invite(org),
            urls::withdraw_invitation(org),
            urls::invitation("{token}"),
            urls::ACCOUNT.to_owned(),
            urls::PASSWORD.to_owned(),
            urls::END_SESSIONS.to_owned(),
            urls::settings(org),
            urls::change(org),
            urls::undo(org),
            urls::review(org),
            urls::picker(org),
            urls::history(org),
            urls::preview(org),
            urls::drafts(org),
            urls::upload(org, "{upload}"),
            urls::discard_upload(org, "{upload}"),
            urls::scorecard(org, "{upload}"),
            urls::download(org, "{upload}"),
            urls::terms(org),
            urls::delete_terms(org),
            urls::people(org),
            urls::delete_people(org),
            urls::import(org, "{upload}"),
            urls::discard_import(org, "{upload}"),
            urls::data_types(org),
            urls::keys(org),
            urls::revoke_key(org),
            urls::webhooks(org),
            urls::revoke_webhook(org),
            urls::SIGN_IN.to_owned(),
            urls::SIGN_IN_DEMO.to_owned(),
            urls::SIGN_IN_OIDC.to_owned(),
            urls::SIGN_IN_AGAIN.to_owned(),
            urls::SIGN_OUT.to_owned(),
            urls::ORGANISATIONS.to_owned(),
            urls::audit(org),
            urls::audit_verify(org),
            urls::audit_checkpoint(org),
            urls::audit_export(org),
            urls::ledger(org),
            urls::ledger_export(org),
            urls::ledger_records(org),
            urls::removal(org),
            urls::receipt(org, "{id}"),
            urls::evidence(org),
            urls::evidence_pack(org),
            urls::support_access(org),
            urls::support_rule(org),
            urls::support_answer(org),
            urls::SUPPORT.to_owned(),
            urls::support_entry(org),
            urls::support_leave(org),
            urls::support_summary(org),
            urls::THEME.to_owned(),
            urls::LANGUAGE.to_owned(),
            urls::API.to_owned(),
            urls::ACTIONS.to_owned(),
        ];
        let routes: Vec<_> = routes().into_iter().map(|(path, _)| path).collect();
        for address in linked {
            assert!(routes.contains(&address.as_str()), "{address} is linked to but is no route");
        }
        assert_eq!(urls::webhook(org, "{webhook}"), api::WEBHOOKS);
        let why = urls::why(org, &policy::Target::Organisation);
        assert!(routes.iter().any(|route| why.starts_with(route) && route.ends_with("/why")));
    }
}
