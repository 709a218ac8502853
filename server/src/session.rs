//! Who is signed in, and the capabilities that handlers take as arguments.

use audit::Interface;
use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use service::access::{self, By, NoAccess, OrgAdmin, OrgAuditor, OrgMember, Via, Viewer, Who};
use service::model::Account;
use service::support::{self, Support};
use tower_sessions::Session;
use tower_sessions::cookie::time::Duration;

use crate::errors::PageError;
use crate::router::{AppState, REQUEST_ID};

/// How long a sign-in lasts.
pub(crate) const LIFETIME: Duration = Duration::hours(12);

/// Of the hash of a session's id, in the audit log and in lists: enough to tell sessions apart, and of no use otherwise.
pub(crate) const SESSION_DIGITS: usize = 12;

/// The key under which the session store looks for the account as well.
const ACCOUNT: &str = "account";

/// Starts a session for an account under a new id, so that an id known before sign-in is worth nothing after it.
pub(crate) async fn begin(session: &Session, account: &Account) -> Result<(), PageError> {
    session.cycle_id().await?;
    session.insert(ACCOUNT, &account.id).await?;
    // Now, so that it has its new id.
    session.save().await?;
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
pub(crate) struct SignedIn(pub(crate) Who);

impl FromRequestParts<AppState> for SignedIn {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, PageError> {
        let MaybeAccount(account) = MaybeAccount::from_request_parts(parts, state).await?;
        let account = account.ok_or_else(|| PageError::SignedOut { next: next_after_sign_in(parts) })?;
        let session = Session::from_request_parts(parts, state)
            .await
            .map_err(|(_, what)| PageError::Internal(what.to_owned()))?;
        let RequestId(request) = RequestId::from_request_parts(parts, state).await?;
        Ok(Self(Who { account, via: via_web(request, &session) }))
    }
}

/// The id of this request, as its answer and the log have it.
#[derive(Clone, Debug)]
pub(crate) struct RequestId(pub(crate) String);

impl FromRequestParts<AppState> for RequestId {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, PageError> {
        let id = parts.headers.get(REQUEST_ID).and_then(|id| id.to_str().ok());
        Ok(Self(id.unwrap_or_default().to_owned()))
    }
}

/// How the audit log names a request and its session.
pub(crate) fn via_web(request: String, session: &Session) -> Via {
    let id = session.id().map(|id| audit::sha256(&id.0.to_be_bytes())).unwrap_or_default();
    let session = id.get(..SESSION_DIGITS).unwrap_or_default().to_owned();
    Via { interface: Interface::Web, request, by: By::Session(session) }
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

/// A role that does not reach far enough is told so, and the organisation sees that it was tried.
async fn refused<T>(
    state: &AppState,
    parts: &Parts,
    who: &Who,
    capability: Result<T, NoAccess>,
) -> Result<T, PageError> {
    if let Err(NoAccess::Forbidden { org, .. }) = &capability {
        service::audit_log::denied(&state.sluice, who, org, parts.uri.path()).await?;
    }
    Ok(capability?)
}

/// The capability to change the organisation in the path.
#[derive(Clone, Debug)]
pub(crate) struct Admin(pub(crate) OrgAdmin);

impl FromRequestParts<AppState> for Admin {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, PageError> {
        let SignedIn(who) = SignedIn::from_request_parts(parts, state).await?;
        let slug = slug(parts, state).await?;
        let admin = access::org_admin(state.sluice.store.as_ref(), who.clone(), &slug).await;
        Ok(Self(refused(state, parts, &who, admin).await?))
    }
}

/// The capability to audit the organisation in the path.
#[derive(Clone, Debug)]
pub(crate) struct Auditor(pub(crate) OrgAuditor);

impl FromRequestParts<AppState> for Auditor {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, PageError> {
        let SignedIn(who) = SignedIn::from_request_parts(parts, state).await?;
        let slug = slug(parts, state).await?;
        let auditor = access::org_auditor(state.sluice.store.as_ref(), who.clone(), &slug).await;
        Ok(Self(refused(state, parts, &who, auditor).await?))
    }
}

/// The capability to ask about a space of the organisation in the path.
#[derive(Clone, Debug)]
pub(crate) struct Member(pub(crate) OrgMember);

impl FromRequestParts<AppState> for Member {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, PageError> {
        let SignedIn(who) = SignedIn::from_request_parts(parts, state).await?;
        let slug = slug(parts, state).await?;
        Ok(Self(access::org_member(state.sluice.store.as_ref(), who, &slug).await?))
    }
}

/// The capability to look at the organisation in the path. Support leaves a line in the organisation's audit log for each
/// page, before it is made.
#[derive(Clone, Debug)]
pub(crate) struct Looking(pub(crate) Viewer);

impl FromRequestParts<AppState> for Looking {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, PageError> {
        let SignedIn(who) = SignedIn::from_request_parts(parts, state).await?;
        let slug = slug(parts, state).await?;
        let viewer = access::viewer(state.sluice.store.as_ref(), who.clone(), &slug, state.sluice.now()).await;
        let viewer = refused(state, parts, &who, viewer).await?;
        if let Viewer::Support(review) = &viewer {
            support::looked(&state.sluice, review, parts.uri.path()).await?;
        }
        Ok(Self(viewer))
    }
}

/// The capability to look at what the organisation keeps for itself: its admins and auditors, and not support, whatever it
/// reviews.
#[derive(Clone, Debug)]
pub(crate) struct Inside(pub(crate) Viewer);

impl FromRequestParts<AppState> for Inside {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, PageError> {
        let SignedIn(who) = SignedIn::from_request_parts(parts, state).await?;
        if who.account.staff.is_some() {
            return Err(PageError::NotFound);
        }
        let Looking(viewer) = Looking::from_request_parts(parts, state).await?;
        Ok(Self(viewer))
    }
}

/// The capability to look for organisations and ask to review one: the vendor's support.
#[derive(Clone, Debug)]
pub(crate) struct SupportDesk(pub(crate) Support);

impl FromRequestParts<AppState> for SupportDesk {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, PageError> {
        let SignedIn(who) = SignedIn::from_request_parts(parts, state).await?;
        Support::of(who).map(Self).ok_or(PageError::NotFound)
    }
}
