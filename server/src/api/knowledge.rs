//! What the wash knows: the terms and the people.

use std::fmt;
use std::str::FromStr;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, header};
use language::t;
use serde::{Deserialize, Serialize};
use service::model::{KnowledgeChange, ListedPerson, NewTerm, PeopleDifference, PeopleSource, Term};
use service::terms::{self, Wanted};
use service::{knowledge, people};
use utoipa::{IntoParams, ToSchema};

use super::caller::{OfOrg, Previews, Reads, Writes};
use super::document::{DeletedOnce, FileOnce, NoBody, Once, Seen, SentOnce, WithFile};
use super::input::{Body, Csv, Cursor, Query, etag, if_match, limit, null_or, optional_text, text};
use super::problem::Problem;
use crate::router::AppState;

const PEOPLE: Cursor = Cursor("people");

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

impl List {
    fn of(removed: bool) -> Self {
        if removed { Self::Removed } else { Self::Kept }
    }
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
            list: List::of(term.removed),
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
    params(OfOrg),
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
        OfOrg,
        Once,
    ),
    request_body = TermsIn,
    responses((status = 200, description = "What became of them.", body = TermsChanged), SentOnce))]
pub(crate) async fn add_terms(
    State(state): State<AppState>,
    Writes(admin): Writes,
    Body(sent): Body<TermsIn>,
) -> Result<Json<TermsChanged>, Problem> {
    if sent.terms.is_empty() || sent.terms.len() > MOST_AT_ONCE {
        return Err(Problem::invalid("terms", t!("Send 1 to {most} terms.", most = MOST_AT_ONCE)));
    }
    let mut wanted = Vec::with_capacity(sent.terms.len());
    for (place, TermIn { term, list }) in sent.terms.into_iter().enumerate() {
        let term = terms::tidy(&term);
        if let Some(fault) = terms::fault(&term) {
            return Err(Problem::invalid(format!("terms[{place}].term"), t!("“{term}” {fault}", term, fault)));
        }
        wanted.push(Wanted { term, to: list.map(|list| list == List::Removed) });
    }
    let written = terms::set(&state.sluice, &admin, &wanted).await?;
    Ok(Json(TermsChanged { changed: written.changed, unchanged: written.unchanged }))
}

/// What the wash knows, in numbers.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct People {
    /// Counts the changes of people and terms; the same as the `ETag`.
    version: i64,
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
    params(OfOrg),
    responses(
        (status = 200, description = "The counts.", body = People,
            headers(("ETag" = String, description = "The version of people and terms."))),
        NoBody,
    ))]
pub(crate) async fn people(
    State(state): State<AppState>,
    Reads(reader): Reads,
) -> Result<([(HeaderName, String); 1], Json<People>), Problem> {
    let counts = knowledge::counts(&state.sluice, &reader).await?;
    let source = |source: &PeopleSource| Source {
        source: source.source.clone(),
        people: source.people,
        imported_at: source.imported_at.rfc3339(),
    };
    let people = People {
        version: counts.version,
        people: counts.people(),
        sources: counts.sources.iter().map(source).collect(),
        removed_terms: counts.removed_terms,
        kept_terms: counts.kept_terms,
    };
    Ok(([(header::ETAG, etag(counts.version))], Json(people)))
}

/// Which people.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PeopleQuery {
    /// A part of a name, a user name, an address or an account id.
    #[serde(default, deserialize_with = "optional_text")]
    q: Option<String>,
    /// The `next` of the page before.
    #[serde(default, deserialize_with = "optional_text")]
    cursor: Option<String>,
    /// How many on a page; 25 if it is left out.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
}

/// A page of the directory, in the order of the names.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Directory {
    people: Vec<KnownPerson>,
    /// The `cursor` of the next page; null on the last one.
    next: Option<String>,
}

/// A person whom the wash looks for.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct KnownPerson {
    names: Vec<String>,
    user_names: Vec<String>,
    email_addresses: Vec<String>,
    account_ids: Vec<String>,
}

impl From<ListedPerson> for KnownPerson {
    fn from(ListedPerson { person, .. }: ListedPerson) -> Self {
        Self {
            names: person.names,
            user_names: person.handles,
            email_addresses: person.emails,
            account_ids: person.account_ids,
        }
    }
}

/// List the people
///
/// Whom the wash looks for. As on the page, that is for whoever may change them.
#[utoipa::path(get, path = "/orgs/{org}/people/list", tag = "People and terms", operation_id = "listPeople",
    params(OfOrg, PeopleQuery),
    responses((status = 200, description = "A page of people.", body = Directory), NoBody))]
pub(crate) async fn list_people(
    State(state): State<AppState>,
    Writes(admin): Writes,
    Query(query): Query<PeopleQuery>,
) -> Result<Json<Directory>, Problem> {
    let after: Option<Place> = PEOPLE.read(query.cursor.as_deref())?;
    let limit = limit(query.limit)?;
    let search = query.q.unwrap_or_default();
    let (found, next) = people::found(&state.sluice, &admin, &search, after.map(|Place(place)| place), limit).await?;
    Ok(Json(Directory {
        people: found.into_iter().map(KnownPerson::from).collect(),
        next: next.map(|place| PEOPLE.write(&Place(place))),
    }))
}

/// A source and a place in it.
struct Place((String, i64));

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self((source, place)) = self;
        write!(f, "{place}:{source}")
    }
}

impl FromStr for Place {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (place, source) = text.split_once(':').ok_or(())?;
        let fits = !source.contains('\0');
        let place = place.parse().ok().filter(|_| fits).ok_or(())?;
        Ok(Self((source.to_owned(), place)))
    }
}

/// How many people come, change and go.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PeopleChanged {
    added: u64,
    changed: u64,
    removed: u64,
}

impl From<PeopleDifference> for PeopleChanged {
    fn from(PeopleDifference { added, changed, removed }: PeopleDifference) -> Self {
        Self { added, changed, removed }
    }
}

/// What an import would do. Nobody is named.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ImportImpact {
    /// The version that the file was compared with; the same as the `ETag`.
    version: i64,
    /// In the file.
    people: usize,
    /// In the directory now.
    before: usize,
    difference: PeopleChanged,
}

/// Try an import of people
///
/// What a file would change, without changing it.
#[utoipa::path(post, path = "/orgs/{org}/people/impact", tag = "People and terms", operation_id = "tryImport",
    params(OfOrg),
    request_body(content = String, content_type = "text/csv", description =
        "Any of the columns username, display_name, email and account_id, in any order; at most 20 MB."),
    responses(
        (status = 200, description = "What it would do.", body = ImportImpact,
            headers(("ETag" = String, description = "The version of people and terms."))),
        WithFile,
    ))]
pub(crate) async fn try_import(
    State(state): State<AppState>,
    Writes(admin): Writes,
    Csv(file): Csv,
) -> Result<([(HeaderName, String); 1], Json<ImportImpact>), Problem> {
    let summary = people::import_summary(&state.sluice, &admin, String::new(), file.to_vec()).await?;
    let impact = ImportImpact {
        version: summary.version,
        people: summary.people,
        before: summary.before,
        difference: summary.difference.into(),
    };
    Ok(([(header::ETAG, etag(impact.version))], Json(impact)))
}

/// Import people
///
/// The people of the file take the place of everyone who came from a file before: all of them or none. `If-Match` names the
/// version that you have seen; if people or terms changed since, nothing is done.
#[utoipa::path(post, path = "/orgs/{org}/people/import", tag = "People and terms", operation_id = "importPeople",
    params(OfOrg, Seen, Once),
    request_body(content = String, content_type = "text/csv", description =
        "Any of the columns username, display_name, email and account_id, in any order; at most 20 MB."),
    responses((status = 200, description = "What became of it.", body = PeopleChanged), FileOnce))]
pub(crate) async fn import(
    State(state): State<AppState>,
    Writes(admin): Writes,
    headers: HeaderMap,
    Csv(file): Csv,
) -> Result<Json<PeopleChanged>, Problem> {
    let version = if_match(&headers)?;
    Ok(Json(people::import(&state.sluice, &admin, version, file.to_vec()).await?.into()))
}

/// That everyone is meant.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeleteIn {
    /// `true`; anything else deletes nobody.
    everyone: bool,
}

/// Delete the people
///
/// Everyone in the directory. The terms stay.
#[utoipa::path(post, path = "/orgs/{org}/people/delete", tag = "People and terms", operation_id = "deletePeople",
    params(OfOrg, Once), request_body = DeleteIn,
    responses((status = 200, description = "What became of it.", body = PeopleChanged), DeletedOnce))]
pub(crate) async fn delete_people(
    State(state): State<AppState>,
    Writes(admin): Writes,
    Body(DeleteIn { everyone }): Body<DeleteIn>,
) -> Result<Json<PeopleChanged>, Problem> {
    if !everyone {
        return Err(Problem::invalid("everyone", t!("Send `true` if everyone is to be deleted.")));
    }
    Ok(Json(people::delete_all(&state.sluice, &admin, everyone).await?.into()))
}

/// The last changes of people and terms, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct KnowledgeHistory {
    changes: Vec<PastKnowledge>,
}

/// A change of people or terms.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PastKnowledge {
    /// The version that they had after it.
    version: i64,
    #[schema(format = DateTime)]
    at: String,
    /// The name of whoever made it, or on whose behalf it was made.
    by: String,
    terms: Vec<PastTerm>,
    /// How many people; nobody is named.
    people: PeopleChanged,
}

/// On which list a term stood before and after; null for neither.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PastTerm {
    term: String,
    old: Option<List>,
    new: Option<List>,
}

/// Read the last changes of people and terms
///
/// Who changed them, when, and what; of people only how many. What is older stands in the audit log.
#[utoipa::path(get, path = "/orgs/{org}/people/history", tag = "People and terms", operation_id = "readKnowledgeHistory",
    params(OfOrg),
    responses((status = 200, description = "The changes.", body = KnowledgeHistory), NoBody))]
pub(crate) async fn history(
    State(state): State<AppState>,
    Previews(previewer): Previews,
) -> Result<Json<KnowledgeHistory>, Problem> {
    let change = |change: KnowledgeChange| PastKnowledge {
        version: change.version,
        at: change.at.rfc3339(),
        by: change.account_name,
        terms: change.terms.into_iter().map(PastTerm::from).collect(),
        people: change.people.into(),
    };
    let changes = knowledge::changes(&state.sluice, &previewer).await?;
    Ok(Json(KnowledgeHistory { changes: changes.into_iter().map(change).collect() }))
}

impl From<NewTerm> for PastTerm {
    fn from(NewTerm { term, old, new, .. }: NewTerm) -> Self {
        Self { term, old: old.map(List::of), new: new.map(List::of) }
    }
}
