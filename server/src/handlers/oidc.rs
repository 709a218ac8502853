//! Signing in through the provider, and showing again who one is. One goes there from a form here and comes back to the
//! callback.

use app::document::Place;
use app::pages::sign_in::{Offered, going};
use app::urls;
use axum::extract::{OriginalUri, State};
use axum::http::{HeaderName, HeaderValue};
use axum::response::{IntoResponse, Redirect, Response};
use language::{kept, t};
use serde::{Deserialize, Serialize};
use service::access::Via;
use service::audit_log;
use service::identities::{IdentityError, Vouched, account_of};
use service::model::Account;
use tower_sessions::Session;

use crate::address::Client;
use crate::errors::PageError;
use crate::forms::{Fields, is_path_below};
use crate::handlers::sign_in;
use crate::metrics::{RATE_LIMITED, SIGN_INS};
use crate::oidc::{OidcError, Provider, Question};
use crate::router::AppState;
use crate::session::{self, Arrival, MaybeAccount, SignedIn};
use crate::view::Shell;

/// The key in the session of whoever is at the provider. The cookie of the session is `SameSite=Lax`, so it comes along when
/// the provider sends somebody back; the answer comes in the address and not in a form, with which it would not.
const ERRAND: &str = "oidc";

/// Longer ways back are not kept for visitors.
const LONGEST_BACK: usize = 16 * 1024;

/// What somebody is at the provider for.
#[derive(Deserialize, Serialize)]
struct Errand {
    question: Question,
    way: Way,
}

#[derive(Deserialize, Serialize)]
struct Way {
    /// To show again who they are; otherwise to sign in.
    again: bool,
    /// Where to go afterwards.
    back: String,
}

/// Why somebody came back with nothing. It stands in an address by its id, because that of the callback has a code in it
/// which should stay in no history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trouble {
    Cancelled,
    Unreachable,
    Over,
    NotBelieved,
    NotVerified,
    NoAccount,
    SomeoneElses,
    SomeoneElse,
    NotAgain,
}

impl Trouble {
    const ALL: [Self; 9] = [
        Self::Cancelled,
        Self::Unreachable,
        Self::Over,
        Self::NotBelieved,
        Self::NotVerified,
        Self::NoAccount,
        Self::SomeoneElses,
        Self::SomeoneElse,
        Self::NotAgain,
    ];

    fn id(self) -> &'static str {
        match self {
            Self::Cancelled => "cancelled",
            Self::Unreachable => "unreachable",
            Self::Over => "over",
            Self::NotBelieved => "not-believed",
            Self::NotVerified => "not-verified",
            Self::NoAccount => "no-account",
            Self::SomeoneElses => "someone-elses",
            Self::SomeoneElse => "someone-else",
            Self::NotAgain => "not-again",
        }
    }

    /// What is wrong and what to do.
    fn says(self, provider: &str) -> String {
        match self {
            Self::Cancelled => {
                t!("{provider} says that you stopped there. Start again, or use your password.", provider)
            }
            Self::Unreachable => {
                t!("{provider} cannot be reached just now. Try again in a minute, or use your password.", provider)
            }
            Self::Over => t!("This was begun too long ago, in another browser, or twice. Start again.").to_owned(),
            Self::NotBelieved => t!(
                "What {provider} answered cannot be relied on. Start again; if that does not help, tell whoever runs Sluice here.",
                provider
            ),
            Self::NotVerified => t!(
                "{provider} does not say that your e-mail address is verified. Verify it there and start again, or use your password.",
                provider
            ),
            Self::NoAccount => t!(
                "No account here has the e-mail address that {provider} knows of you. If you were invited, open the link of the invitation first; otherwise ask an admin of your organisation to invite you.",
                provider
            ),
            Self::SomeoneElses => t!(
                "The account with your e-mail address belongs to another sign-in at {provider}. Ask whoever runs Sluice here to unlink it.",
                provider
            ),
            Self::SomeoneElse => {
                t!(
                    "At {provider} you are somebody else than here. Sign in there as yourself, or use your password.",
                    provider
                )
            }
            Self::NotAgain => {
                t!("{provider} did not ask you to sign in again, so it does not count. Use your password.", provider)
            }
        }
    }

    /// The words for an address that has one.
    fn told(query: &Fields, provider: &Provider) -> Option<String> {
        let id = query.get("problem")?;
        Self::ALL.into_iter().find(|trouble| trouble.id() == id).map(|trouble| trouble.says(provider.name()))
    }

    /// Back to where it can be tried again.
    fn lead(self, way: &Way) -> Response {
        let problem = self.id();
        if way.again {
            let join = if way.back.contains('?') { '&' } else { '?' };
            return Redirect::to(&format!("{}{join}problem={problem}", way.back)).into_response();
        }
        let query = [("problem", problem.to_owned()), ("next", way.back.clone())];
        Redirect::to(&urls::with_query(urls::SIGN_IN, &query)).into_response()
    }
}

impl From<OidcError> for Trouble {
    fn from(error: OidcError) -> Self {
        tracing::warn!(%error, "the sign-in provider was of no use");
        match error {
            OidcError::Unreachable(_) => Self::Unreachable,
            _ => Self::NotBelieved,
        }
    }
}

/// The provider as a page offers it that is come back to at `next`, with why it was of no use before.
pub(crate) fn offered(state: &AppState, query: &Fields, next: String) -> Option<Offered> {
    let provider = state.oidc.as_deref()?;
    Some(Offered { name: provider.name().to_owned(), next, problem: Trouble::told(query, provider) })
}

pub(crate) async fn begin(
    State(state): State<AppState>,
    session: Session,
    client: Client,
    shell: Shell,
    fields: Fields,
) -> Result<Response, PageError> {
    go(&state, &session, client, shell, &fields, None).await
}

pub(crate) async fn again(
    State(state): State<AppState>,
    SignedIn(who): SignedIn,
    session: Session,
    client: Client,
    shell: Shell,
    fields: Fields,
) -> Result<Response, PageError> {
    go(&state, &session, client, shell, &fields, Some(&who.account)).await
}

/// Leads to the provider. By a page, not by a redirect: browsers that hold a form to `form-action` hold every redirect after
/// it to it as well, and where the provider sends people on to, only the provider knows.
async fn go(
    state: &AppState,
    session: &Session,
    client: Client,
    shell: Shell,
    fields: &Fields,
    account: Option<&Account>,
) -> Result<Response, PageError> {
    let provider = state.oidc.as_deref().ok_or(PageError::NotFound)?;
    let now = state.sluice.now();
    if let Err(retry) = state.limits.sign_in_elsewhere(client, now) {
        state.metrics.count(SIGN_INS, "limited");
        state.metrics.count(RATE_LIMITED, "sign_in");
        return Err(retry.into());
    }
    let back = fields.get("next").filter(|next| is_path_below(next, "/") && next.len() <= LONGEST_BACK);
    let way = Way { again: account.is_some(), back: back.unwrap_or("/").to_owned() };
    let (url, question) = match provider.ask(way.again, now).await {
        Ok(asked) => asked,
        Err(error) => return Ok(Trouble::from(error).lead(&way)),
    };
    session.insert(ERRAND, Errand { question, way }).await?;
    let refresh = HeaderValue::from_str(&format!("0;url={url}"));
    let refresh = refresh.map_err(|error| PageError::Internal(error.to_string()))?;
    let name = provider.name().to_owned();
    let title = t!("Going to {name}", name);
    let page = shell.page(account, None, &title, Place::Elsewhere, || going(&name, url)).await?;
    Ok(([(HeaderName::from_static("refresh"), refresh)], page).into_response())
}

/// Where the provider sends people back to. Looking at this address changes something, as at no other: that it was asked for
/// here is shown by the state, which the session gives away once.
pub(crate) async fn callback(
    State(state): State<AppState>,
    MaybeAccount(account): MaybeAccount,
    session: Session,
    arrival: Arrival,
    OriginalUri(uri): OriginalUri,
) -> Result<Response, PageError> {
    let provider = state.oidc.as_deref().ok_or(PageError::NotFound)?;
    let Some(Errand { question, way }) = session.remove(ERRAND).await? else {
        let way = Way { again: account.is_some(), back: "/".to_owned() };
        return Ok(if way.again { Redirect::to("/").into_response() } else { Trouble::Over.lead(&way) });
    };
    // Written at once, so that the same address opened twice finds nothing the second time.
    session.save().await?;
    let via = session::via_web(arrival.request.clone(), &session);
    let came = match answered(&state, provider, &question, &via, &Fields::of_query(&uri)).await {
        Ok((vouched, whose)) if way.again => {
            show_again(&state, &session, account, via, &question, &vouched, &whose).await
        }
        Ok((vouched, whose)) => {
            // Whoever was signed in at the provider already has shown nothing just now: it counts from when they did.
            let proved = vouched.authenticated_at.map(|at| at.min(state.sluice.now()));
            sign_in::begin(&state, &session, arrival, whose, proved).await.map_err(Failed::Page)
        }
        Err(failed) => Err(failed),
    };
    if !way.again {
        state.metrics.count(SIGN_INS, result(&came));
    }
    match came {
        Ok(()) => Ok(Redirect::to(&way.back).into_response()),
        Err(Failed::Trouble(trouble)) => Ok(trouble.lead(&way)),
        Err(Failed::Page(error)) => Err(error),
    }
}

/// Somebody came back with nothing, or something failed here.
enum Failed {
    Trouble(Trouble),
    Page(PageError),
}

impl From<Trouble> for Failed {
    fn from(trouble: Trouble) -> Self {
        Self::Trouble(trouble)
    }
}

impl From<IdentityError> for Failed {
    fn from(error: IdentityError) -> Self {
        Self::Trouble(match error {
            IdentityError::NotVerified => Trouble::NotVerified,
            IdentityError::NoAccount => Trouble::NoAccount,
            IdentityError::SomeoneElses => Trouble::SomeoneElses,
            IdentityError::Store(error) => return Self::Page(error.into()),
        })
    }
}

fn result(came: &Result<(), Failed>) -> &'static str {
    match came {
        Ok(()) => "signed_in",
        Err(Failed::Trouble(Trouble::Unreachable) | Failed::Page(_)) => "failed",
        Err(Failed::Trouble(_)) => "wrong",
    }
}

/// Whom the provider vouches for, and whose account that is.
async fn answered(
    state: &AppState,
    provider: &Provider,
    question: &Question,
    via: &Via,
    query: &Fields,
) -> Result<(Vouched, Account), Failed> {
    let now = state.sluice.now();
    if !question.is_answered_by(&query.text("state"), now) {
        return Err(Trouble::Over.into());
    }
    let Some(code) = query.get("code") else {
        return Err(Failed::Trouble(match query.get("error") {
            Some("access_denied") => Trouble::Cancelled,
            Some("server_error" | "temporarily_unavailable") => Trouble::Unreachable,
            _ => Trouble::NotBelieved,
        }));
    };
    let vouched = provider.vouched(question, code, now).await.map_err(Trouble::from)?;
    let account = account_of(&state.sluice, via, &vouched).await?;
    Ok((vouched, account))
}

/// Notes that whoever is signed in has just shown who they are, if the provider says that they did, and that it is they.
async fn show_again(
    state: &AppState,
    session: &Session,
    account: Option<Account>,
    via: Via,
    question: &Question,
    vouched: &Vouched,
    whose: &Account,
) -> Result<(), Failed> {
    let account = account.ok_or(Trouble::Over)?;
    if account.id != whose.id {
        let because = kept!("The provider vouched for another person than the one who is signed in.");
        let failed = audit_log::sign_in_failed(&state.sluice, &account.email, &via.request, because).await;
        failed.map_err(|error| Failed::Page(error.into()))?;
        return Err(Trouble::SomeoneElse.into());
    }
    let at = vouched.authenticated_at.filter(|at| question.was_before(*at)).ok_or(Trouble::NotAgain)?;
    // What a session could do before, an id that was known before cannot.
    session.cycle_id().await.map_err(|error| Failed::Page(error.into()))?;
    session::prove(session, at.min(state.sluice.now())).await.map_err(Failed::Page)
}
