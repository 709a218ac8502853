//! The one place where an error of the API becomes an answer: `application/problem+json` (RFC 9457) with a code that never
//! changes its meaning. What a database or another part inside said goes to the log only.

use std::time::Duration;

use axum::Json;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use language::t;
use serde::Serialize;
use service::access::NoScope;
use service::hooks::{ReceiveError, WebhookError};
use service::impact::ImpactError;
use service::ingest::IngestError;
use service::keys::{KeyError, Scope};
use service::knowledge::{KnowledgeError, KnowledgeRefusal};
use service::ledger::LedgerError;
use service::members::{MemberError, MemberRefusal};
use service::ports::StoreError;
use service::preview::PreviewError;
use service::releases::ReleaseError;
use service::settings::{Refusal, SettingsError};
use service::suggestions::SuggestionError;
use service::support::SupportError;
use service::vault::VaultError;
use utoipa::ToSchema;

use crate::limits::{Busy, RetryAfter};
use crate::request_log::REQUEST_ID;

/// What is told of a value that came in: enough to find it, whatever was sent.
const LONGEST_DETAIL: usize = 400;

macro_rules! codes {
    ($($variant:ident, $id:literal, $status:ident, $title:expr, $help:expr;)*) => {
        /// What went wrong, for a program.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Code {
            $($variant,)*
        }

        impl Code {
            pub(crate) const ALL: &'static [Self] = &[$(Self::$variant),*];

            pub(crate) fn id(self) -> &'static str {
                match self { $(Self::$variant => $id,)* }
            }

            pub(crate) fn status(self) -> StatusCode {
                match self { $(Self::$variant => StatusCode::$status,)* }
            }

            pub(crate) fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)* }
            }

            /// What to do about it.
            pub(crate) fn help(self) -> &'static str {
                match self { $(Self::$variant => $help,)* }
            }
        }
    };
}

codes! {
    BadRequest, "bad-request", BAD_REQUEST, t!("The request cannot be read"),
        t!("A part of the request is not what the operation takes; `field` names it where it can be named.");
    Unauthenticated, "unauthenticated", UNAUTHORIZED, t!("No key that works"),
        t!("Send `Authorization: Bearer` with a key that is neither over nor revoked, and whose maker is still an admin.");
    SignatureWrong, "signature-wrong", UNAUTHORIZED, t!("No signature that fits"),
        t!("Sign the body as it is sent with the webhook's secret: `X-Hub-Signature: sha256=` and the HMAC-SHA-256 in hexadecimal digits. In Jira, type the secret into the webhook's settings.");
    ScopeMissing, "scope-missing", FORBIDDEN, t!("The key may not do this"),
        t!("Make a key that has the scope. The attempt stands in the organisation's audit log.");
    NotFound, "not-found", NOT_FOUND, t!("There is nothing here"),
        t!("There is no such address, organisation or thing, or the key belongs to another organisation.");
    MethodNotAllowed, "method-not-allowed", METHOD_NOT_ALLOWED, t!("This cannot be done here"),
        t!("The header `Allow` of the answer says which methods there are.");
    OutcomeUnknown, "outcome-unknown", CONFLICT, t!("It is not known what became of this request"),
        t!("A request with this `Idempotency-Key` began and has no answer: it is under way or was cut off. Read the state before you go on.");
    StaleVersion, "stale-version", PRECONDITION_FAILED, t!("What you have seen has changed"),
        t!("Read it again, decide again, and send the change with the new `ETag` in `If-Match`.");
    TooLarge, "too-large", PAYLOAD_TOO_LARGE, t!("The body is too large"),
        t!("Send less at once.");
    NotJson, "not-json", UNSUPPORTED_MEDIA_TYPE, t!("The body is not JSON"),
        t!("Send the body as `Content-Type: application/json`.");
    NotCsv, "not-csv", UNSUPPORTED_MEDIA_TYPE, t!("The body is not CSV"),
        t!("Send the file as `Content-Type: text/csv`.");
    Invalid, "invalid", UNPROCESSABLE_ENTITY, t!("A value does not fit"),
        t!("`field` names the value.");
    Refused, "refused", UNPROCESSABLE_ENTITY, t!("A rule forbids this"),
        t!("`detail` says which one. Nothing was changed.");
    Locked, "locked", UNPROCESSABLE_ENTITY, t!("The setting is locked"),
        t!("A plan or an exemption decides it; `detail` says what would unlock it. Nothing was changed.");
    ReasonMissing, "reason-missing", UNPROCESSABLE_ENTITY, t!("A reason is needed"),
        t!("The change makes something start to leave. Send a `reason`; it is kept in the history.");
    NameMissing, "name-missing", UNPROCESSABLE_ENTITY, t!("The organisation's name is needed"),
        t!("The change turns on a whole kind of data for the organisation. Send its name as `organisation_name`.");
    KeyReused, "key-reused", UNPROCESSABLE_ENTITY, t!("Another request was sent under this key"),
        t!("Choose a new `Idempotency-Key` for each request.");
    VersionMissing, "version-missing", PRECONDITION_REQUIRED, t!("The version is missing"),
        t!("Send the `ETag` of what you have seen in `If-Match`.");
    TooManyRequests, "too-many-requests", TOO_MANY_REQUESTS, t!("Too many requests"),
        t!("Wait for as many seconds as `Retry-After` says.");
    Internal, "internal", INTERNAL_SERVER_ERROR, t!("Something failed here"),
        t!("Read the state before you try again. The server's log has more under `request_id`.");
    Unavailable, "unavailable", SERVICE_UNAVAILABLE, t!("The server cannot answer now"),
        t!("Try again in a while.");
    RegionUnavailable, "region-unavailable", SERVICE_UNAVAILABLE, t!("The organisation's region cannot be reached"),
        t!("Nothing was stored, here or anywhere else. Send the batch again after as many seconds as `Retry-After` says.");
}

/// An error as it is answered.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    code: Code,
    detail: String,
    field: Option<String>,
    scope: Option<Scope>,
    retry: Option<RetryAfter>,
}

/// The body of every answer that is not a success.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemBody {
    /// About the code, on the page of the API.
    #[serde(rename = "type")]
    about: String,
    /// What went wrong, the same for every problem with this code.
    title: &'static str,
    status: u16,
    /// What went wrong this time and what to do.
    detail: String,
    /// What went wrong, for a program: it never changes its meaning.
    code: &'static str,
    /// The id of the request, as the server's log has it.
    request_id: String,
    /// The value that is wrong: `changes[2].setting`, `limit`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    field: Option<String>,
}

impl Problem {
    pub(crate) fn new(code: Code, detail: impl Into<String>) -> Self {
        let mut detail: String = detail.into();
        if let Some((end, _)) = detail.char_indices().nth(LONGEST_DETAIL) {
            detail.truncate(end);
            detail.push('…');
        }
        Self { code, detail, field: None, scope: None, retry: None }
    }

    /// Says what is to be done, where there is nothing more to say.
    pub(crate) fn of(code: Code) -> Self {
        Self::new(code, code.help())
    }

    /// A value that is wrong.
    pub(crate) fn invalid(field: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { field: Some(field.into()), ..Self::new(Code::Invalid, detail) }
    }

    pub(crate) fn bad_request(field: Option<String>, detail: impl Into<String>) -> Self {
        Self { field, ..Self::new(Code::BadRequest, detail) }
    }

    pub(crate) fn too_many(what: &str, retry: RetryAfter) -> Self {
        let detail = t!("{what} Wait for {time}.", what, time = retry.in_words());
        Self { retry: Some(retry), ..Self::new(Code::TooManyRequests, detail) }
    }

    fn body(&self, request_id: &str) -> ProblemBody {
        ProblemBody {
            about: format!("{}#{}", app::urls::API, self.code.id()),
            title: self.code.title(),
            status: self.code.status().as_u16(),
            detail: self.detail.clone(),
            code: self.code.id(),
            request_id: request_id.to_owned(),
            field: self.field.clone(),
        }
    }

    /// What a client learns about keys from the header that is made for it.
    fn challenge(&self) -> Option<HeaderValue> {
        match (self.code, self.scope) {
            (Code::Unauthenticated, _) => Some(HeaderValue::from_static("Bearer realm=\"sluice\"")),
            (Code::SignatureWrong, _) => Some(HeaderValue::from_static("X-Hub-Signature realm=\"sluice\"")),
            (_, Some(scope)) => {
                let text = format!("Bearer realm=\"sluice\", error=\"insufficient_scope\", scope=\"{}\"", scope.id());
                HeaderValue::from_str(&text).ok()
            }
            _ => None,
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        internal(&error)
    }
}

impl From<Busy> for Problem {
    fn from(_: Busy) -> Self {
        let detail = t!(
            "As many batches, exports and evidence packs as can be at once are under way. Nothing was changed; try again in a moment."
        );
        Self { retry: Some(Busy::RETRY_AFTER), ..Self::new(Code::Unavailable, detail) }
    }
}

impl From<NoScope> for Problem {
    fn from(error: NoScope) -> Self {
        match error {
            NoScope::NotFound => Self::of(Code::NotFound),
            NoScope::Missing(scope) => {
                let detail = t!("The key does not have the scope {scope}.", scope = scope.id());
                Self { scope: Some(scope), ..Self::new(Code::ScopeMissing, detail) }
            }
        }
    }
}

impl From<SettingsError> for Problem {
    fn from(error: SettingsError) -> Self {
        match error {
            SettingsError::NotFound => Self::of(Code::NotFound),
            SettingsError::Store(error) => internal(&error),
            SettingsError::Refused(refusal) => {
                let code = match &refusal {
                    Refusal::Moved | Refusal::Conflict(_) => return Self::of(Code::StaleVersion),
                    Refusal::Locked(_) => Code::Locked,
                    Refusal::ReasonMissing | Refusal::NeedsReview => Code::ReasonMissing,
                    Refusal::NameMissing(_) => Code::NameMissing,
                    _ => Code::Refused,
                };
                Self::new(code, refusal.to_string())
            }
        }
    }
}

/// A region that is down is asked again after this.
const REGION_RETRY: RetryAfter = RetryAfter::after(Duration::from_secs(30));

impl From<IngestError> for Problem {
    fn from(error: IngestError) -> Self {
        match &error {
            IngestError::TooMany(_) => Self::invalid("items", error.to_string()),
            IngestError::AnotherBatch => Self::of(Code::KeyReused),
            IngestError::NotFound => Self::of(Code::NotFound),
            IngestError::Moving => {
                let detail = "The organisation is moving to another region, and takes nothing in until it is there. Nothing was \
                              stored. Send the batch again after as many seconds as `Retry-After` says.";
                Self { retry: Some(REGION_RETRY), ..Self::new(Code::RegionUnavailable, detail) }
            }
            IngestError::NoRegion(_)
            | IngestError::Overtaken
            | IngestError::Store(_)
            | IngestError::Vault(VaultError::Unreachable(_) | VaultError::Store(_)) => {
                tracing::warn!(%error, "a batch was refused");
                Self { retry: Some(REGION_RETRY), ..Self::of(Code::RegionUnavailable) }
            }
            IngestError::Failed(_) | IngestError::Vault(_) => internal(&error),
        }
    }
}

impl From<VaultError> for Problem {
    fn from(error: VaultError) -> Self {
        match &error {
            VaultError::Unreachable(_) => {
                tracing::warn!(%error, "the master key was not reached");
                Self { retry: Some(REGION_RETRY), ..Self::of(Code::Unavailable) }
            }
            _ => internal(&error),
        }
    }
}

impl From<WebhookError> for Problem {
    fn from(error: WebhookError) -> Self {
        match error {
            WebhookError::NotFound => Self::of(Code::NotFound),
            WebhookError::Refused(refusal) => Self::new(Code::Refused, refusal.to_string()),
            WebhookError::Vault(error) => error.into(),
            WebhookError::Store(error) => internal(&error),
        }
    }
}

impl From<ReceiveError> for Problem {
    fn from(error: ReceiveError) -> Self {
        match error {
            ReceiveError::Unreadable(_) => Self::bad_request(None, error.to_string()),
            ReceiveError::TooOld => Self::invalid("timestamp", error.to_string()),
            ReceiveError::Ingest(error) => error.into(),
        }
    }
}

impl From<LedgerError> for Problem {
    fn from(error: LedgerError) -> Self {
        match error {
            LedgerError::NotFound => Self::of(Code::NotFound),
            LedgerError::Unreachable { .. } => {
                tracing::warn!(%error, "a region was not reached");
                Self { retry: Some(REGION_RETRY), ..Self::of(Code::RegionUnavailable) }
            }
            LedgerError::Store(error) => internal(&error),
        }
    }
}

impl From<KnowledgeError> for Problem {
    fn from(error: KnowledgeError) -> Self {
        match error {
            KnowledgeError::Gone => Self::of(Code::NotFound),
            KnowledgeError::Refused(refusal) => Self::from(refusal),
            KnowledgeError::Failed(_) => internal(&error),
            KnowledgeError::Store(error) => internal(&error),
        }
    }
}

impl From<KnowledgeRefusal> for Problem {
    fn from(refusal: KnowledgeRefusal) -> Self {
        let code = match &refusal {
            KnowledgeRefusal::Moved => return Self::of(Code::StaleVersion),
            KnowledgeRefusal::File(_) => Code::Invalid,
            _ => Code::Refused,
        };
        Self::new(code, refusal.to_string())
    }
}

impl From<KeyError> for Problem {
    fn from(error: KeyError) -> Self {
        match error {
            KeyError::NotFound => Self::of(Code::NotFound),
            KeyError::Refused(refusal) => Self::new(Code::Refused, refusal.to_string()),
            KeyError::NoRandomness => internal(&error),
            KeyError::Store(error) => internal(&error),
        }
    }
}

impl From<MemberError> for Problem {
    fn from(error: MemberError) -> Self {
        match error {
            MemberError::Refused(MemberRefusal::NoMember) => Self::of(Code::NotFound),
            MemberError::Refused(refusal) => Self::new(Code::Refused, refusal.to_string()),
            MemberError::Store(error) => internal(&error),
        }
    }
}

impl From<SupportError> for Problem {
    fn from(error: SupportError) -> Self {
        match error {
            SupportError::NotFound => Self::of(Code::NotFound),
            SupportError::Refused(refusal) => Self::new(Code::Refused, refusal.to_string()),
            SupportError::Store(error) => internal(&error),
        }
    }
}

impl From<PreviewError> for Problem {
    fn from(error: PreviewError) -> Self {
        match error {
            PreviewError::NotFound | PreviewError::Gone(_) => Self::of(Code::NotFound),
            PreviewError::Refused(refusal) => Self::from(refusal),
            PreviewError::TooLarge => Self::of(Code::TooLarge),
            PreviewError::Unreadable(_) | PreviewError::Empty => Self::new(Code::Invalid, error.to_string()),
            PreviewError::Failed(_) => internal(&error),
            PreviewError::Store(error) => internal(&error),
        }
    }
}

impl From<ReleaseError> for Problem {
    fn from(error: ReleaseError) -> Self {
        match error {
            ReleaseError::NotFound => Self::of(Code::NotFound),
            error => internal(&error),
        }
    }
}

impl From<SuggestionError> for Problem {
    fn from(error: SuggestionError) -> Self {
        internal(&error)
    }
}

impl From<ImpactError> for Problem {
    fn from(error: ImpactError) -> Self {
        match error {
            ImpactError::Region(error) => error.into(),
            error => internal(&error),
        }
    }
}

/// A fault on our side. The request's span around the line in the log has its id.
pub(crate) fn internal(error: &dyn std::fmt::Display) -> Problem {
    tracing::error!(%error, "a request of the API failed");
    Problem::of(Code::Internal)
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        // The body is put there by `answer_problems`, which knows the request's id.
        let mut response = self.code.status().into_response();
        if let Some(challenge) = self.challenge() {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        if let Some(retry) = self.retry {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(retry.seconds()));
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// Gives every answer that is not a success its body, also those that no handler of ours made.
pub(crate) async fn answer_problems(request: Request, next: Next) -> Response {
    let request_id = request_id(request.headers());
    let response = next.run(request).await;
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return response;
    }
    let problem = response.extensions().get::<Problem>().cloned().unwrap_or_else(|| {
        let same_status = Code::ALL.iter().find(|code| code.status() == status);
        let other = if status.is_server_error() { Code::Internal } else { Code::BadRequest };
        Problem::of(same_status.copied().unwrap_or(other))
    });
    let (mut parts, _) = response.into_parts();
    parts.status = problem.code.status();
    parts.headers.remove(header::CONTENT_LENGTH);
    let mut response = Json(problem.body(&request_id)).into_response();
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    *response.headers_mut() = parts.headers;
    *response.status_mut() = parts.status;
    response
}

pub(crate) fn request_id(headers: &HeaderMap) -> String {
    headers.get(REQUEST_ID).and_then(|id| id.to_str().ok()).unwrap_or_default().to_owned()
}

/// The answer to a panic in a handler.
pub(crate) fn panicked(_: Box<dyn std::any::Any + Send + 'static>) -> Response {
    tracing::error!("a handler of the API panicked");
    Problem::of(Code::Internal).into_response()
}
