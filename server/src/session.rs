//! Who is signed in, for how long, and the capabilities that handlers take as arguments.
//!
//! How long is decided here, by the clock that everything else goes by. The store only forgets what is over.

use audit::Interface;
use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::header;
use axum::http::request::Parts;
use policy::Timestamp;
use serde::{Deserialize, Serialize};
use service::access::{
    self, By, NoAccess, OrgAdmin, OrgAuditor, OrgMember, ReadsOrg, SESSION_DIGITS, SupportReview, Via, Viewer, Who,
};
use service::model::{Account, OrgRef, Role, StaffRole};
use service::support::{self, Support};
use tower_sessions::Session;

use crate::errors::PageError;
use crate::metrics::UNWRITTEN;
use crate::request_log::{self, REQUEST_ID};
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

/// When the person last showed who they are, in microseconds.
const PROVED: &str = "proved";
/// The key under which lists of sessions look for the browser.
const BROWSER: &str = "browser";

/// For so many microseconds nobody is asked for a password again.
const PROVED_FOR: i64 = 10 * 60_000_000;

/// Starts a session for an account under a new id, so that an id known before sign-in is worth nothing after it. `proved` is
/// when the person last showed who they are, if that is known.
pub(crate) async fn begin(
    session: &Session,
    account: &Account,
    now: Timestamp,
    browser: &str,
    proved: Option<Timestamp>,
) -> Result<(), PageError> {
    session.cycle_id().await?;
    session.insert(ACCOUNT, &account.id).await?;
    session.insert(USE, Use { began: now.micros(), seen: now.micros() }).await?;
    session.insert(BROWSER, browser).await?;
    match proved {
        Some(at) => prove(session, at).await?,
        // An earlier sign-in of this browser may have been somebody else's.
        None => drop(session.remove::<i64>(PROVED).await?),
    }
    // Now, so that it has its new id.
    session.save().await?;
    Ok(())
}

/// Notes when the person showed who they are.
pub(crate) async fn prove(session: &Session, at: Timestamp) -> Result<(), PageError> {
    session.insert(PROVED, at.micros()).await?;
    Ok(())
}

/// Whether the person showed a short while ago who they are.
pub(crate) async fn has_proved(session: &Session, now: Timestamp) -> Result<bool, PageError> {
    let proved = session.get::<i64>(PROVED).await?;
    Ok(proved.is_some_and(|proved| now.micros() < proved.saturating_add(PROVED_FOR)))
}

/// What is written down of whoever signs in.
#[derive(Clone, Debug)]
pub(crate) struct Arrival {
    /// The id of the request.
    pub(crate) request: String,
    pub(crate) browser: &'static str,
}

impl FromRequestParts<AppState> for Arrival {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, PageError> {
        let RequestId(request) = RequestId::from_request_parts(parts, state).await?;
        let user_agent = parts.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
        Ok(Self { request, browser: browser(user_agent.unwrap_or_default()) })
    }
}

/// The family of a browser, as it calls itself: enough for a person to know their own again. Empty for any other.
fn browser(user_agent: &str) -> &'static str {
    // Most name others beside themselves, so the more particular ones are asked for first.
    let names = [
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("FxiOS/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("CriOS/", "Chrome"),
        ("Safari/", "Safari"),
    ];
    names.into_iter().find(|(sign, _)| user_agent.contains(sign)).map_or("", |(_, name)| name)
}

/// What the page's script says when it looks again by itself: nobody uses the session then.
const BY_ITSELF: &str = "x-by-itself";

/// The account that a session is for, unless its time is over. Notes that it is in use, if somebody uses it.
async fn account_id(session: &Session, now: Timestamp, used: bool) -> Result<Option<String>, PageError> {
    let now = now.micros();
    let Some(id) = session.get::<String>(ACCOUNT).await? else { return Ok(None) };
    let Some(last) = session.get::<Use>(USE).await?.filter(|last| !last.is_over(now)) else {
        end(session).await?;
        return Ok(None);
    };
    if used && now >= last.seen.saturating_add(NOTED_EVERY) {
        session.insert(USE, Use { seen: now, ..last }).await?;
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
        // Once for a request: whose language it is in asks first.
        if let Some(found) = parts.extensions.get::<Self>() {
            return Ok(found.clone());
        }
        let session = Session::from_request_parts(parts, state)
            .await
            .map_err(|(_, what)| PageError::Internal(what.to_owned()))?;
        let Some(id) = account_id(&session, state.sluice.now(), !parts.headers.contains_key(BY_ITSELF)).await? else {
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

/// What stands in the link of an invitation.
#[derive(Clone)]
pub(crate) struct InvitationToken(pub(crate) String);

impl std::fmt::Debug for InvitationToken {
    /// Whoever has it may accept, so it stands in no log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("InvitationToken")
    }
}

impl FromRequestParts<AppState> for InvitationToken {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, PageError> {
        Ok(Self(path_part(parts, state, "token").await?))
    }
}

/// The origin under which people reach this site, for a link that is handed over.
#[derive(Clone, Debug)]
pub(crate) struct OwnOrigin(pub(crate) String);

impl FromRequestParts<AppState> for OwnOrigin {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, PageError> {
        if let Some(origin) = &state.origin {
            return Ok(Self(origin.to_string()));
        }
        let host = parts.headers.get(header::HOST).and_then(|host| host.to_str().ok());
        Ok(Self(format!("http://{}", host.unwrap_or_default())))
    }
}

/// A role that does not reach far enough is told so, and the organisation sees that it was tried.
async fn refused<T>(
    state: &AppState,
    parts: &Parts,
    who: &Who,
    capability: Result<T, NoAccess>,
) -> Result<T, PageError> {
    if let Err(NoAccess::Forbidden { org, .. }) = &capability
        && !service::audit_log::denied(&state.sluice, who, org, parts.uri.path()).await?
    {
        state.metrics.count(UNWRITTEN, "page");
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

/// The organisation in the path and the role in it, none for support: enough to lead on, and to nothing else.
#[derive(Clone, Debug)]
pub(crate) struct Entering(pub(crate) OrgRef, pub(crate) Option<Role>);

impl FromRequestParts<AppState> for Entering {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, PageError> {
        let SignedIn(who) = SignedIn::from_request_parts(parts, state).await?;
        if who.account.staff.is_some() {
            let Looking(viewer) = Looking::from_request_parts(parts, state).await?;
            return Ok(Self(viewer.org().clone(), None));
        }
        let slug = slug(parts, state).await?;
        let orgs = service::overview::organisations(&state.sluice, &who.account).await?;
        let (org, role) = orgs.into_iter().find(|(org, _)| org.slug == slug).ok_or(PageError::NotFound)?;
        Ok(Self(org, Some(role)))
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

/// The capability of support that reviews the organisation in the path.
#[derive(Clone, Debug)]
pub(crate) struct Reviewing(pub(crate) SupportReview);

impl FromRequestParts<AppState> for Reviewing {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, PageError> {
        let SignedIn(who) = SignedIn::from_request_parts(parts, state).await?;
        if who.account.staff != Some(StaffRole::Support) {
            return Err(PageError::NotFound);
        }
        match Looking::from_request_parts(parts, state).await? {
            Looking(Viewer::Support(review)) => Ok(Self(review)),
            Looking(_) => Err(PageError::NotFound),
        }
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

#[cfg(test)]
mod tests {
    use super::browser;

    #[test]
    fn a_browser_is_known_by_its_own_name() {
        let chrome =
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/148.0.0.0 Safari/537.36";
        for (user_agent, name) in [
            (chrome, "Chrome"),
            (&format!("{chrome} Edg/148.0.0.0"), "Edge"),
            (&format!("{chrome} OPR/130.0.0.0"), "Opera"),
            ("Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0", "Firefox"),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15",
                "Safari",
            ),
            // The page says that it is another one.
            ("curl/8.5.0", ""),
            ("", ""),
        ] {
            assert_eq!(browser(user_agent), name, "{user_agent}");
        }
    }
}
