//! The one place where an error becomes an answer.
//!
//! Handlers return [`PageError`]; inside, each crate has its own enum. What a person reads says what is wrong, that
//! nothing was saved, and what to do next. What a database said goes to the log only.

use std::any::Any;

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use language::t;
use service::access::NoAccess;
use service::contributed::ContributedError;
use service::ingest::IngestError;
use service::invitations::InvitationError;
use service::knowledge::KnowledgeError;
use service::ledger::LedgerError;
use service::model::Role;
use service::ports::StoreError;
use service::preview::PreviewError;
use service::releases::ReleaseError;
use service::settings::SettingsError;
use service::sign_in::SignInError;
use service::suggestions::SuggestionError;
use service::support::SupportError;
use thiserror::Error;

use crate::limits::{Busy, RetryAfter};

/// What a handler can fail with.
#[derive(Debug, Error)]
pub(crate) enum PageError {
    #[error("nobody is signed in")]
    SignedOut { next: String },
    #[error("there is nothing here for this account")]
    NotFound,
    /// It is the account's own organisation, but this takes another role.
    #[error("this needs the role {}", .0.name())]
    Forbidden(Role),
    /// Support has to say first what it looks for.
    #[error("support has not begun to review this organisation")]
    NoReview { slug: String },
    #[error("the form came from another site")]
    ForeignOrigin,
    #[error(transparent)]
    TooMany(#[from] RetryAfter),
    #[error(transparent)]
    Busy(#[from] Busy),
    /// The request makes no sense; the text says what is wrong.
    #[error("{0}")]
    BadRequest(String),
    /// A rule forbids it; the text says which.
    #[error("{0}")]
    Refused(String),
    #[error("the session could not be read or kept: {0}")]
    Session(#[from] tower_sessions::session::Error),
    /// Nothing stands in for it.
    #[error("the region {region} cannot be reached: {why}")]
    Unreachable { region: String, why: String },
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{0}")]
    Internal(String),
}

impl From<NoAccess> for PageError {
    fn from(error: NoAccess) -> Self {
        match error {
            NoAccess::NotFound => Self::NotFound,
            NoAccess::Forbidden { needs, .. } => Self::Forbidden(needs),
            NoAccess::NoReview { org } => Self::NoReview { slug: org.slug },
            NoAccess::Store(error) => Self::Store(error),
        }
    }
}

impl From<SettingsError> for PageError {
    fn from(error: SettingsError) -> Self {
        match error {
            SettingsError::NotFound => Self::NotFound,
            SettingsError::Refused(refusal) => Self::Refused(refusal.to_string()),
            SettingsError::Store(error) => Self::Store(error),
        }
    }
}

impl From<KnowledgeError> for PageError {
    fn from(error: KnowledgeError) -> Self {
        match error {
            KnowledgeError::Gone => Self::NotFound,
            KnowledgeError::Refused(refusal) => Self::Refused(refusal.to_string()),
            KnowledgeError::Failed(what) => Self::Internal(what),
            KnowledgeError::Store(error) => Self::Store(error),
        }
    }
}

impl From<PreviewError> for PageError {
    fn from(error: PreviewError) -> Self {
        match error {
            PreviewError::NotFound | PreviewError::Gone(_) => Self::NotFound,
            PreviewError::Failed(what) => Self::Internal(what),
            PreviewError::Store(error) => Self::Store(error),
            other => Self::Refused(other.to_string()),
        }
    }
}

impl From<ReleaseError> for PageError {
    fn from(error: ReleaseError) -> Self {
        match error {
            ReleaseError::NotFound => Self::NotFound,
            ReleaseError::Unreadable => Self::Internal(error.to_string()),
            ReleaseError::Store(error) => Self::Store(error),
        }
    }
}

impl From<SuggestionError> for PageError {
    fn from(error: SuggestionError) -> Self {
        match error {
            SuggestionError::Stopped(how) => Self::Internal(how.to_string()),
            SuggestionError::Release(error) => error.into(),
            SuggestionError::Store(error) => Self::Store(error),
        }
    }
}

impl From<SupportError> for PageError {
    fn from(error: SupportError) -> Self {
        match error {
            SupportError::NotFound => Self::NotFound,
            SupportError::Refused(refusal) => Self::Refused(refusal.to_string()),
            SupportError::Store(error) => Self::Store(error),
        }
    }
}

impl From<LedgerError> for PageError {
    fn from(error: LedgerError) -> Self {
        match error {
            LedgerError::NotFound => Self::NotFound,
            LedgerError::Unreachable { region, why } => Self::Unreachable { region, why },
            LedgerError::Store(error) => Self::Store(error),
        }
    }
}

impl From<ContributedError> for PageError {
    fn from(error: ContributedError) -> Self {
        match error {
            ContributedError::NoPurpose => Self::BadRequest(error.to_string()),
            ContributedError::Region(IngestError::NotFound) => Self::NotFound,
            ContributedError::Region(IngestError::NoRegion(region)) => {
                Self::Unreachable { region, why: "no store is set up for it".to_owned() }
            }
            ContributedError::Store(error) => Self::Store(error),
            other => Self::Internal(other.to_string()),
        }
    }
}

impl From<InvitationError> for PageError {
    fn from(error: InvitationError) -> Self {
        match error {
            InvitationError::Gone => Self::NotFound,
            InvitationError::Refused(refusal) => Self::Refused(refusal.to_string()),
            InvitationError::SignIn(error) => error.into(),
            InvitationError::Store(error) => Self::Store(error),
        }
    }
}

impl From<SignInError> for PageError {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::Store(error) => Self::Store(error),
            other => Self::Internal(other.to_string()),
        }
    }
}

/// What a failed request shows: filled into the frame by [`crate::view::show_errors`], which knows who is signed in.
#[derive(Clone, Debug)]
pub(crate) struct ErrorPage {
    pub(crate) status: StatusCode,
    pub(crate) title: &'static str,
    pub(crate) what: String,
}

impl PageError {
    pub(crate) fn page(&self) -> ErrorPage {
        let (status, title, what) = match self {
            Self::SignedOut { .. } => (StatusCode::UNAUTHORIZED, t!("Sign in"), t!("Sign in to see this.").to_owned()),
            Self::NotFound => (StatusCode::NOT_FOUND, t!("Not found"), String::new()),
            Self::Forbidden(needs) => (
                StatusCode::FORBIDDEN,
                t!("Not with your role"),
                t!(
                    "This needs the role {role} in the organisation. Ask one of its admins to do it, or to give you the role.",
                    role = needs.name()
                ),
            ),
            Self::NoReview { .. } => {
                (StatusCode::FORBIDDEN, t!("Say first what for"), t!("Say first what you are looking for.").to_owned())
            }
            Self::ForeignOrigin => (
                StatusCode::FORBIDDEN,
                t!("Not from this site"),
                t!(
                    "This was asked for by a page of another site, or by a program that does not say where it comes from. Open the page here and try again."
                )
                .to_owned(),
            ),
            Self::TooMany(retry) => (
                StatusCode::TOO_MANY_REQUESTS,
                t!("Too many tries"),
                t!("This was tried very often in a short time. Wait {time} and try again.", time = retry.in_words()),
            ),
            Self::Busy(_) => (
                StatusCode::SERVICE_UNAVAILABLE,
                t!("Busy for a moment"),
                t!(
                    "Exports, evidence packs and verifications take a while, and as many as can be at once are under way. Wait {time} and try again.",
                    time = Busy::RETRY_AFTER.in_words()
                ),
            ),
            Self::BadRequest(what) => (StatusCode::BAD_REQUEST, t!("That did not work"), what.clone()),
            Self::Refused(what) => (StatusCode::UNPROCESSABLE_ENTITY, t!("That did not work"), what.clone()),
            Self::Unreachable { region, .. } => (
                StatusCode::SERVICE_UNAVAILABLE,
                t!("The region does not answer"),
                t!(
                    "What was contributed is kept in the region {region} and nowhere else. Try again in a minute.",
                    region
                ),
            ),
            Self::Session(_) | Self::Store(_) | Self::Internal(_) => (
                StatusCode::SERVICE_UNAVAILABLE,
                t!("Something failed here"),
                t!("The server could not do this just now. Load the settings again to see how they stand, and try again in a minute.").to_owned(),
            ),
        };
        ErrorPage { status, title, what }
    }
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        if let Self::SignedOut { next } = &self {
            let query = [("next", next.clone())];
            return Redirect::to(&app::urls::with_query(app::urls::SIGN_IN, &query)).into_response();
        }
        if let Self::NoReview { slug } = &self {
            return Redirect::to(&app::urls::support_entry(slug)).into_response();
        }
        let page = self.page();
        let retry = match &self {
            Self::TooMany(retry) => Some(*retry),
            Self::Busy(_) => Some(Busy::RETRY_AFTER),
            _ => None,
        };
        if page.status.is_server_error() && retry.is_none() {
            tracing::error!(error = %self, "a request failed");
        }
        // The page around it is put there by `view::show_errors`, where the account and the theme are known.
        let mut response = page.status.into_response();
        response.extensions_mut().insert(page);
        if let Some(retry) = retry {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(retry.seconds()));
        }
        response
    }
}

/// The answer to a panic: the connection lives on and the log has the rest.
pub(crate) fn panicked(_: Box<dyn Any + Send + 'static>) -> Response<Body> {
    tracing::error!("a handler panicked");
    let mut response =
        Response::new(Body::from(t!("Something failed here. Nothing was saved. Try again in a minute.")));
    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    response
}
