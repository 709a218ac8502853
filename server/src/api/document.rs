//! What the API says of itself: an OpenAPI 3.1 document, made from the code of the operations.
//!
//! A copy stands in `docs/openapi.json`, so that every change of the API is seen in review; a test compares the two.

use std::collections::BTreeMap;

use axum::Json;
use language::Language;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Content, OpenApi, Ref, RefOr, Response, ResponseBuilder};
use utoipa::{IntoParams, IntoResponses, Modify, OpenApi as _};

use super::problem::{Code, ProblemBody};

/// The frame of the document; the operations put themselves in.
#[derive(Debug, utoipa::OpenApi)]
#[openapi(
    info(
        title = "Sluice",
        version = "1",
        description = "Decide what leaves, and see that nothing else does. Each operation does what a page of the console \
                       does, through the same rules.\n\nEvery request carries a key: `Authorization: Bearer slc_…`. An \
                       admin makes keys in the console under Security, API keys. A key belongs to one organisation and \
                       acts on behalf of the admin who made it; any other organisation is not found.\n\nA key opens access to \
                       nobody, whatever its scopes: making keys and webhooks, giving, changing and taking roles, inviting, allowing a look \
                       of support, and letting support in without asking are for admins who are signed in. So are their own \
                       account, password and sessions. A key can see all of that, and close it.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    servers((url = "/api/v1")),
    tags(
        (name = "Key", description = "What a key is."),
        (name = "Settings", description = "Who contributes what, and why. Reading needs the scope `read`, changing and trying `write`."),
        (name = "Preview", description = "What would leave of an export. It needs the scope `preview`."),
        (name = "Items", description = "Work arrives here. It needs the scope `ingest`."),
        (name = "Ledger", description = "What was contributed, what is taken back, and the receipts. It needs the scope `read`."),
        (name = "Patterns", description = "What many organisations share, and suggestions from it. Suggesting needs the scope `preview`, the impact of one's own organisation `audit`."),
        (name = "People and terms", description = "What the wash knows. Counting needs the scope `read`, reading terms `preview`, reading people and changing either `write`."),
        (name = "Access", description = "Who may come in: seeing and closing it, never opening it. It needs the scope `write`; reading support's looks `audit`."),
        (name = "Audit log", description = "Who did what. It needs the scope `audit`."),
    ),
    components(schemas(ProblemBody)),
    security(("key" = [])),
    modifiers(&Key),
)]
struct Frame;

struct Key;

impl Modify for Key {
    fn modify(&self, document: &mut OpenApi) {
        let key = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("slc_…").build();
        document.components.get_or_insert_default().add_security_scheme("key", SecurityScheme::Http(key));
    }
}

/// The document.
pub(crate) fn document() -> OpenApi {
    Language::English.scope(in_english)
}

fn in_english() -> OpenApi {
    let mut document = Frame::openapi();
    document.merge(super::operations(|changing| changing).into_openapi());
    document
}

/// The document as text, as it is served and kept.
pub fn text() -> Result<String, serde_json::Error> {
    document().to_pretty_json().map(|text| text + "\n")
}

pub(crate) async fn answer() -> Json<OpenApi> {
    Json(document())
}

/// The problems of an operation by status; a status may stand for several codes.
fn problems(codes: &[Code]) -> BTreeMap<String, RefOr<Response>> {
    let mut by_status: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for code in codes {
        let said = format!("`{}`: {}.", code.id(), code.title());
        by_status.entry(code.status().as_str().to_owned()).or_default().push(said);
    }
    let schema = || Content::new(Some(Ref::from_schema_name("Problem")));
    let response = |said: Vec<String>| {
        ResponseBuilder::new().description(said.join(" ")).content("application/problem+json", schema()).build()
    };
    by_status.into_iter().map(|(status, said)| (status, RefOr::T(response(said)))).collect()
}

macro_rules! problem_sets {
    ($($(#[$doc:meta])* $name:ident: $($code:ident)*;)*) => {
        $(
            $(#[$doc])*
            pub(crate) struct $name;

            impl IntoResponses for $name {
                fn responses() -> BTreeMap<String, RefOr<Response>> {
                    problems(&[
                        Code::BadRequest, Code::Invalid, Code::Unauthenticated, Code::ScopeMissing, Code::NotFound,
                        Code::TooManyRequests, Code::Internal, Code::Unavailable, $(Code::$code),*
                    ])
                }
            }
        )*
    };
}

/// The header of a change that may be sent again.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "it is described here and read by `repeat`")]
pub(crate) struct Once {
    /// A new random text for each change. Sent again with the same text, the request is answered as before instead of done
    /// twice.
    #[param(rename = "Idempotency-Key", min_length = 1, max_length = 200)]
    key: Option<String>,
}

/// The header of a change of one version.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "it is described here and read by `input::if_match`")]
pub(crate) struct Seen {
    /// The `ETag` of what you have seen.
    #[param(rename = "If-Match", example = "\"7\"")]
    version: String,
}

problem_sets! {
    /// What every operation can answer.
    NoBody: ;
    /// An operation with a body.
    WithBody: TooLarge NotJson Refused Locked;
    /// An operation with an export.
    Exported: TooLarge NotJson;
    /// The same with terms that are tried.
    ExportedAndTried: TooLarge NotJson Refused;
    /// A file of people to try.
    WithFile: TooLarge NotCsv Refused;
    /// A file of people that takes the place of those of one version.
    FileOnce: TooLarge NotCsv Refused OutcomeUnknown KeyReused VersionMissing StaleVersion;
    /// A batch of items.
    Arrived: TooLarge NotJson KeyReused RegionUnavailable;
    /// A change that may be sent again under the same key.
    SentOnce: TooLarge NotJson Refused OutcomeUnknown KeyReused;
    /// A deletion, which may meet another change.
    DeletedOnce: TooLarge NotJson OutcomeUnknown KeyReused StaleVersion;
    /// The same of one version.
    ChangedOnce: TooLarge NotJson Refused Locked ReasonMissing NameMissing OutcomeUnknown KeyReused
        VersionMissing StaleVersion;
}
