//! Who calls: the key of a request, and the capabilities that handlers take as arguments.
//!
//! Only the header `Authorization` is read. No cookie ever counts here, so no page of another site can use what a browser
//! would send along.

use axum::extract::{FromRequestParts, OriginalUri, Path, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use language::t;
use serde::Deserialize;
use service::access::{KeyHolder, NoScope, OrgAdmin, OrgAuditor, OrgIngester, OrgPreviewer, OrgReader, key_holder};
use service::keys::{self, Secret};
use utoipa::IntoParams;

use super::problem::{Code, Problem, request_id};
use crate::address::Client;
use crate::metrics::{RATE_LIMITED, UNWRITTEN};
use crate::request_log::note;
use crate::router::AppState;

/// Lets a request in that carries a key which is worth something.
pub(crate) async fn authenticate(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let Ok(client) = Client::from_request_parts(&mut parts, &state).await;
    match holder(&state, client, &parts.headers).await {
        Ok(holder) => {
            note(&parts, "key");
            parts.extensions.insert(Caller(holder));
            next.run(Request::from_parts(parts, body)).await
        }
        Err(problem) => problem.into_response(),
    }
}

async fn holder(state: &AppState, client: Client, headers: &HeaderMap) -> Result<KeyHolder, Problem> {
    let (store, now) = (state.sluice.store.as_ref(), state.sluice.now());
    let found = match bearer(headers).and_then(Secret::parse) {
        Some(secret) => key_holder(store, &secret, &request_id(headers), now).await?,
        None => None,
    };
    let too_many = |what: &str, retry| {
        state.metrics.count(RATE_LIMITED, "api");
        Problem::too_many(what, retry)
    };
    let Some(holder) = found else {
        let refused = state.limits.refused(client, now);
        refused.map_err(|retry| too_many(t!("Too many requests without a key that works came from here."), retry))?;
        return Err(Problem::of(Code::Unauthenticated));
    };
    let taken = state.limits.request(&holder.key().id, now);
    taken.map_err(|retry| too_many(t!("The key was used too often."), retry))?;
    keys::used(&state.sluice, &holder).await;
    Ok(holder)
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, key) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| key.trim())
}

/// Whoever calls, whatever the key may do.
#[derive(Clone, Debug)]
pub(crate) struct Caller(pub(crate) KeyHolder);

impl FromRequestParts<AppState> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Problem> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| Problem::of(Code::Unauthenticated))
    }
}

macro_rules! capabilities {
    ($($(#[$doc:meta])* $name:ident($capability:ident) = $method:ident;)*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Debug)]
            pub(crate) struct $name(pub(crate) $capability);

            impl FromRequestParts<AppState> for $name {
                type Rejection = Problem;

                async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
                    let Caller(holder) = Caller::from_request_parts(parts, state).await?;
                    let path = Path::<OfOrg>::from_request_parts(parts, state).await;
                    let Path(OfOrg { org }) = path.map_err(|_| Problem::of(Code::NotFound))?;
                    match holder.$method(&org) {
                        Ok(capability) => Ok(Self(capability)),
                        Err(error) => Err(refused(state, parts, &holder, error).await),
                    }
                }
            }
        )*
    };
}

capabilities! {
    /// A key with the scope read, for its own organisation.
    Reads(OrgReader) = reader;
    /// A key with the scope write.
    Writes(OrgAdmin) = admin;
    /// A key with the scope preview.
    Previews(OrgPreviewer) = previewer;
    /// A key with the scope ingest.
    Ingests(OrgIngester) = ingester;
    /// A key with the scope audit.
    Audits(OrgAuditor) = auditor;
}

/// A key with the scope preview, where the address names no organisation: for its own.
#[derive(Clone, Debug)]
pub(crate) struct PreviewsOwn(pub(crate) OrgPreviewer);

impl FromRequestParts<AppState> for PreviewsOwn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let Caller(holder) = Caller::from_request_parts(parts, state).await?;
        match holder.previewer(&holder.org().slug) {
            Ok(capability) => Ok(Self(capability)),
            Err(error) => Err(refused(state, parts, &holder, error).await),
        }
    }
}

/// The part of every address that names an organisation.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct OfOrg {
    /// The organisation of the key, as it stands in addresses.
    org: String,
}

/// The organisation sees what its keys were tried for.
async fn refused(state: &AppState, parts: &Parts, holder: &KeyHolder, error: NoScope) -> Problem {
    if let NoScope::Missing(scope) = error {
        let path = parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |OriginalUri(uri)| uri).path();
        match keys::denied(&state.sluice, holder, scope, path).await {
            Ok(true) => {}
            Ok(false) => state.metrics.count(UNWRITTEN, "api"),
            Err(error) => return error.into(),
        }
    }
    error.into()
}
