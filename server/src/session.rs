//! Who is signed in, and the capabilities that handlers take as arguments.

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use service::access::{self, OrgAdmin, Viewer};
use service::model::Account;
use tower_sessions::Session;
use tower_sessions::cookie::time::Duration;

use crate::errors::PageError;
use crate::router::AppState;

/// How long a sign-in lasts.
pub(crate) const LIFETIME: Duration = Duration::hours(12);

/// The key under which the session store looks for the account as well.
const ACCOUNT: &str = "account";

/// Starts a session for an account under a new id, so that an id known before sign-in is worth nothing after it.
pub(crate) async fn begin(session: &Session, account: &Account) -> Result<(), PageError> {
    session.cycle_id().await?;
    session.insert(ACCOUNT, &account.id).await?;
    Ok(())
}

/// Ends the session on the server.
pub(crate) async fn end(session: &Session) -> Result<(), PageError> {
    session.flush().await?;
    Ok(())
}

/// Whoever is signed in, if anyone.
#[derive(Clone, Debug)]
pub(crate) struct MaybeAccount(pub(crate) Option<Account>);

impl FromRequestParts<AppState> for MaybeAccount {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, PageError> {
        let session = Session::from_request_parts(parts, state)
            .await
            .map_err(|(_, what)| PageError::Internal(what.to_owned()))?;
        let Some(id) = session.get::<String>(ACCOUNT).await? else {
            return Ok(Self(None));
        };
        Ok(Self(state.sluice.store.account(&id).await?))
    }
}

/// Whoever is signed in; without anyone the answer is the sign-in page, which leads back.
#[derive(Clone, Debug)]
pub(crate) struct SignedIn(pub(crate) Account);

impl FromRequestParts<AppState> for SignedIn {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, PageError> {
        let MaybeAccount(account) = MaybeAccount::from_request_parts(parts, state).await?;
        account.map(Self).ok_or_else(|| PageError::SignedOut { next: next_after_sign_in(parts) })
    }
}

/// A page can be come back to; a change cannot be repeated by signing in.
fn next_after_sign_in(parts: &Parts) -> String {
    if parts.method == axum::http::Method::GET {
        parts.uri.path_and_query().map(ToString::to_string).unwrap_or_default()
    } else {
        String::new()
    }
}

/// A part of the path by its name in the route.
async fn path_part(parts: &mut Parts, state: &AppState, name: &str) -> Result<String, PageError> {
    let params = RawPathParams::from_request_parts(parts, state).await.map_err(|_| PageError::NotFound)?;
    let part = params.iter().find(|(of, _)| *of == name).map(|(_, part)| part.to_owned());
    part.filter(|part| !part.contains('\0')).ok_or(PageError::NotFound)
}

async fn slug(parts: &mut Parts, state: &AppState) -> Result<String, PageError> {
    path_part(parts, state, "org").await
}

/// The id of a held file in the path. Whether there is such a file is asked with the capability in hand.
#[derive(Clone, Debug)]
pub(crate) struct UploadId(pub(crate) String);

impl FromRequestParts<AppState> for UploadId {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, PageError> {
        Ok(Self(path_part(parts, state, "upload").await?))
    }
}

/// The capability to change the organisation in the path.
#[derive(Clone, Debug)]
pub(crate) struct Admin(pub(crate) OrgAdmin);

impl FromRequestParts<AppState> for Admin {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, PageError> {
        let SignedIn(account) = SignedIn::from_request_parts(parts, state).await?;
        let slug = slug(parts, state).await?;
        Ok(Self(access::org_admin(state.sluice.store.as_ref(), account, &slug).await?))
    }
}

/// The capability to look at the organisation in the path.
#[derive(Clone, Debug)]
pub(crate) struct Looking(pub(crate) Viewer);

impl FromRequestParts<AppState> for Looking {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, PageError> {
        let SignedIn(account) = SignedIn::from_request_parts(parts, state).await?;
        let slug = slug(parts, state).await?;
        Ok(Self(access::viewer(state.sluice.store.as_ref(), account, &slug).await?))
    }
}
