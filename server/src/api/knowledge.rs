//! What the wash knows: the terms, and how many people.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use service::knowledge;
use service::model::{PeopleSource, Term};
use service::terms::{self, Wanted};
use utoipa::ToSchema;

use super::caller::{Previews, Reads, Writes};
use super::document::{NoBody, SentOnce};
use super::input::{Body, null_or, text};
use super::problem::Problem;
use crate::router::AppState;

/// Terms that are changed at once.
const MOST_AT_ONCE: usize = 500;

/// On which list a term stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum List {
    /// Always removed.
    Removed,
    /// Never removed.
    Kept,
}

/// The dictionary.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Terms {
    terms: Vec<TermOut>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TermOut {
    term: String,
    list: List,
    #[schema(format = DateTime)]
    added_at: String,
    /// The name of whoever added it.
    added_by: String,
}

impl From<Term> for TermOut {
    fn from(term: Term) -> Self {
        Self {
            list: if term.removed { List::Removed } else { List::Kept },
            added_at: term.added_at.rfc3339(),
            added_by: term.added_by,
            term: term.term,
        }
    }
}

/// Read the terms
///
/// What the wash always removes and what it never does.
#[utoipa::path(get, path = "/orgs/{org}/terms", tag = "People and terms", operation_id = "readTerms",
    params(("org" = String, Path, description = "The organisation of the key, as it stands in addresses.")),
    responses((status = 200, description = "Every term.", body = Terms), NoBody))]
pub(crate) async fn terms(
    State(state): State<AppState>,
    Previews(previewer): Previews,
) -> Result<Json<Terms>, Problem> {
    let terms = terms::all(&state.sluice, &previewer).await?;
    Ok(Json(Terms { terms: terms.into_iter().map(TermOut::from).collect() }))
}

/// Terms and where they are to stand.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TermsIn {
    #[schema(min_items = 1, max_items = 500)]
    terms: Vec<TermIn>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TermIn {
    /// Compared without case and accents.
    #[serde(deserialize_with = "text")]
    #[schema(min_length = 2, max_length = 100, example = "Otter")]
    term: String,
    /// The list, or null to take the term off both.
    #[serde(deserialize_with = "null_or")]
    #[schema(required = true)]
    list: Option<List>,
}

/// What became of the terms.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TermsChanged {
    changed: usize,
    /// They stood so already.
    unchanged: usize,
}

/// Change terms
///
/// Puts each term on its list or takes it off both: all of them or none. They hold from this moment on.
#[utoipa::path(post, path = "/orgs/{org}/terms", tag = "People and terms", operation_id = "changeTerms",
    params(
        ("org" = String, Path, description = "The organisation of the key, as it stands in addresses."),
        ("Idempotency-Key" = Option<String>, Header, description =
            "A new random text for each change. Sent again with the same text, the request is answered as before instead of done twice.",
            min_length = 1, max_length = 200),
    ),
    request_body = TermsIn,
    responses((status = 200, description = "What became of them.", body = TermsChanged), SentOnce))]
pub(crate) async fn add_terms(
    State(state): State<AppState>,
    Writes(admin): Writes,
    Body(sent): Body<TermsIn>,
) -> Result<Json<TermsChanged>, Problem> {
    if sent.terms.is_empty() || sent.terms.len() > MOST_AT_ONCE {
        return Err(Problem::invalid("terms", format!("Send 1 to {MOST_AT_ONCE} terms.")));
    }
    let mut wanted = Vec::with_capacity(sent.terms.len());
    for (place, TermIn { term, list }) in sent.terms.into_iter().enumerate() {
        let term = terms::tidy(&term);
        if let Some(fault) = terms::fault(&term) {
            return Err(Problem::invalid(format!("terms[{place}].term"), format!("“{term}” {fault}")));
        }
        wanted.push(Wanted { term, to: list.map(|list| list == List::Removed) });
    }
    let written = terms::set(&state.sluice, &admin, &wanted).await?;
    Ok(Json(TermsChanged { changed: written.changed, unchanged: written.unchanged }))
}

/// How many people the wash knows. Who they are, no key can read.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct People {
    people: u64,
    sources: Vec<Source>,
    removed_terms: u64,
    kept_terms: u64,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Source {
    source: String,
    people: u64,
    #[schema(format = DateTime)]
    imported_at: String,
}

/// Count people and terms
///
/// How many people the directory has, and where they came from. Nobody of them is named.
#[utoipa::path(get, path = "/orgs/{org}/people", tag = "People and terms", operation_id = "countPeople",
    params(("org" = String, Path, description = "The organisation of the key, as it stands in addresses.")),
    responses((status = 200, description = "The counts.", body = People), NoBody))]
pub(crate) async fn people(State(state): State<AppState>, Reads(reader): Reads) -> Result<Json<People>, Problem> {
    let counts = knowledge::counts(&state.sluice, &reader).await?;
    let source = |source: &PeopleSource| Source {
        source: source.source.clone(),
        people: source.people,
        imported_at: source.imported_at.rfc3339(),
    };
    Ok(Json(People {
        people: counts.people(),
        sources: counts.sources.iter().map(source).collect(),
        removed_terms: counts.removed_terms,
        kept_terms: counts.kept_terms,
    }))
}
