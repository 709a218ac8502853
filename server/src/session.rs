//! Who is signed in, for how long, and the capabilities that handlers take as arguments.
//!
//! How long is decided here, by the clock that everything else goes by. The store only forgets what is over.

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use policy::Timestamp;
use serde::{Deserialize, Serialize};
use service::access::{self, OrgAdmin, Viewer};
use service::model::Account;
use tower_sessions::Session;

use crate::errors::PageError;
use crate::request_log;
use crate::router::AppState;

const MINUTE: i64 = 60_000_000;
/// A sign-in that nobody used for so many microseconds is over.
pub(crate) const LONGEST_IDLE: i64 = 120 * MINUTE;
/// However much it is used, it is over after so many.
const LONGEST: i64 = 12 * 60 * MINUTE;
/// Use is written down no more often than this: looking at pages should not keep the database writing.
const NOTED_EVERY: i64 = 5 * MINUTE;

/// The key under which the session store looks for the account as well.
const ACCOUNT: &str = "account";
const USE: &str = "use";

/// When a sign-in began, and when it was last seen in use.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
struct Use {
    began: i64,
    seen: i64,
}

impl Use {
    fn is_over(self, now: i64) -> bool {
        now >= self.seen.saturating_add(LONGEST_IDLE) || now >= self.began.saturating_add(LONGEST)
    }
}

/// Starts a session for an account under a new id, so that an id known before sign-in is worth nothing after it.
pub(crate) async fn begin(session: &Session, account: &Account, now: Timestamp) -> Result<(), PageError> {
    session.cycle_id().await?;
    session.insert(ACCOUNT, &account.id).await?;
    session.insert(USE, Use { began: now.micros(), seen: now.micros() }).await?;
    Ok(())
}

/// The account that a session is for, unless its time is over. Notes that it is in use.
async fn account_id(session: &Session, now: Timestamp) -> Result<Option<String>, PageError> {
    let now = now.micros();
    let Some(id) = session.get::<String>(ACCOUNT).await? else { return Ok(None) };
    let Some(used) = session.get::<Use>(USE).await?.filter(|used| !used.is_over(now)) else {
        end(session).await?;
        return Ok(None);
    };
    if now >= used.seen.saturating_add(NOTED_EVERY) {
        session.insert(USE, Use { seen: now, ..used }).await?;
    }
    Ok(Some(id))
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
        let Some(id) = account_id(&session, state.sluice.now()).await? else {
            return Ok(Self(None));
        };
        let account = state.sluice.store.account(&id).await?;
        if let Some(account) = &account {
            request_log::note_account(parts, account);
        }
        Ok(Self(account))
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
