//! Work arrives: items in, what became of each out. What was written is repeated in no answer, no error and no log.
//!
//! The key of a batch is kept by the region in the transaction that stores the batch, so this operation has no part in what
//! the API remembers of other changes.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use deidentify::ReadError;
use language::t;
use policy::Catalogue;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use service::access::ReadsOrg as _;
use service::ingest::{self, Arriving, Batch, MOST_ITEMS};
use service::words;
use utoipa::ToSchema;

use super::caller::{Ingests, OfOrg};
use super::document::Arrived;
use super::input::json_bytes;
use super::problem::{Code, Problem};
use super::repeat;
use crate::router::AppState;

/// Longer ids and keys of spaces no product has.
const LONGEST_ID: usize = 255;

/// A batch as it is sent. The items stay the bytes that they are until they are read.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct BatchIn<'a> {
    #[serde(borrow)]
    items: Vec<ArrivingIn<'a>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ArrivingIn<'a> {
    #[serde(borrow, default)]
    item: Option<&'a RawValue>,
    #[serde(default)]
    delete: Option<Delete>,
}

/// A batch: all of it is stored or nothing.
#[derive(ToSchema)]
#[schema(as = Batch)]
#[expect(dead_code, reason = "it says what is read as BatchIn")]
pub(crate) struct BatchShape {
    #[schema(min_items = 1, max_items = 1000)]
    items: Vec<ArrivingShape>,
}

/// Either an item as it is now, or something that is gone at its source.
#[derive(ToSchema)]
#[schema(as = Arriving)]
#[expect(dead_code, reason = "it says what is read as ArrivingIn")]
pub(crate) struct ArrivingShape {
    /// A work item, page, search or chat prompt as its product's REST API gives it. It takes the place of what was stored of
    /// it.
    #[schema(value_type = Option<Object>, nullable = false)]
    item: Option<()>,
    #[schema(nullable = false)]
    delete: Option<Delete>,
}

/// What is gone: one item by its id, or everything of a space by its key.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Delete {
    #[schema(example = "jira")]
    app: String,
    #[serde(default)]
    #[schema(nullable = false, max_length = 255)]
    id: Option<String>,
    #[serde(default)]
    #[schema(nullable = false, max_length = 255)]
    space: Option<String>,
}

/// What became of a batch. It says nothing of what was written.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BatchAnswer {
    /// The version of the settings under which it was decided.
    settings_version: i64,
    /// Where it is stored.
    region: String,
    /// Nothing is stored before this day.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    not_before: Option<String>,
    /// Why items contribute or not: each sentence once.
    decisions: Vec<BatchDecision>,
    /// In the order in which they came.
    items: Vec<ItemAnswer>,
}

/// Whether one kind of data contributes, and why.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BatchDecision {
    /// `metadata` or `in-app`.
    kind: String,
    contributes: bool,
    because: String,
}

/// What became of one item.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ItemAnswer {
    /// As its sender calls it.
    item: String,
    outcome: ItemOutcome,
    /// The decisions for metadata and for in-app data, as places in the list of decisions, from 0.
    decisions: Vec<usize>,
    /// Fields that were stored.
    fields: i64,
    /// How often each kind of personal data was found and replaced.
    found: BTreeMap<String, i64>,
    /// The proof pass held the item back.
    held_back: bool,
}

#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ItemOutcome {
    /// Metadata and in-app data.
    Contributed,
    /// One of the two.
    Partly,
    Not,
    /// What was stored of it is removed.
    Removed,
    /// Nothing was done: something later was told of it before. Only what a webhook brings can be.
    Outdated,
}

impl From<ingest::Answer> for BatchAnswer {
    fn from(answer: ingest::Answer) -> Self {
        let ingest::Answer { settings_version, region, not_before, decisions, items } = answer;
        let decision =
            |ingest::KindDecision { kind, contributes, because }| BatchDecision { kind, contributes, because };
        let item = |ingest::ItemAnswer { item, outcome, decisions, fields, found, held_back }| ItemAnswer {
            item,
            outcome: match outcome {
                ingest::ItemOutcome::Contributed => ItemOutcome::Contributed,
                ingest::ItemOutcome::Partly => ItemOutcome::Partly,
                ingest::ItemOutcome::Not => ItemOutcome::Not,
                ingest::ItemOutcome::Removed => ItemOutcome::Removed,
                ingest::ItemOutcome::Outdated => ItemOutcome::Outdated,
            },
            decisions,
            fields,
            found,
            held_back,
        };
        Self {
            settings_version,
            region,
            not_before,
            decisions: decisions.into_iter().map(decision).collect(),
            items: items.into_iter().map(item).collect(),
        }
    }
}

/// Send items
///
/// Decides of each item what leaves, de-identifies that and stores it encrypted in the organisation's region; the rest is
/// forgotten. At most 1,000 items and 10 MB; all of them or none. An item that comes again takes the place of what was stored
/// of it, so a batch can be sent again without harm; with an `Idempotency-Key` the first answer is given again for 24 hours.
#[utoipa::path(post, path = "/orgs/{org}/items", tag = "Items", operation_id = "sendItems",
    params(
        OfOrg,
        ("Idempotency-Key" = Option<String>, Header, description =
            "A new random text for each batch. Sent again with the same text, the batch is answered as before instead of decided anew.",
            min_length = 1, max_length = 200),
    ),
    request_body = BatchShape,
    responses((status = 200, description = "What became of each item.", body = BatchAnswer), Arrived))]
pub(crate) async fn send(
    State(state): State<AppState>,
    Ingests(ingester): Ingests,
    headers: HeaderMap,
    request: Request,
) -> Result<Json<BatchAnswer>, Problem> {
    let key = match headers.contains_key(repeat::KEY) {
        true => Some(repeat::key(&headers)?),
        // What stands there already is left as it is, so a batch without a key needs no memory.
        false => None,
    };
    // Before its body: batches wait for each other, and those that wait are in memory.
    let _waiting = state.limits.batch(&ingester.org().id)?;
    let body = json_bytes(request, &state).await?;
    let arriving = read(&body, state.sluice.catalogue())?;
    let batch = Batch { key, body_hash: ingest::body_hash(&body), arriving, told_at: None, progress: None };
    Ok(Json(ingest::batch(&state.sluice, &ingester, batch).await?.into()))
}

/// Reads a batch. What is wrong is said with its place, and never with what stands there.
fn read(body: &[u8], catalogue: &Catalogue) -> Result<Vec<Arriving>, Problem> {
    let mut json = serde_json::Deserializer::from_slice(body);
    let batch: BatchIn<'_> = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let (path, fault) = (error.path().to_string(), error.inner());
        match (fault.is_data(), path.as_str()) {
            (false, _) => Problem::bad_request(None, t!("The body is not JSON: {fault}.", fault)),
            (true, path) => {
                let field = known_part(path);
                let (line, column) = (fault.line(), fault.column());
                match field.as_str() {
                    "" => Problem::new(
                        Code::Invalid,
                        t!(
                            "The body is no object with a list of items; see line {line}, column {column}.",
                            line,
                            column
                        ),
                    ),
                    _ => Problem::invalid(
                        field.clone(),
                        t!("`{field}` does not fit; see line {line}, column {column}.", field, line, column),
                    ),
                }
            }
        }
    })?;
    json.end().map_err(|error| Problem::bad_request(None, t!("The body is not JSON: {fault}.", fault = error)))?;
    if batch.items.is_empty() || batch.items.len() > MOST_ITEMS {
        return Err(Problem::invalid("items", t!("Send 1 to {most} items at once.", most = MOST_ITEMS)));
    }
    batch.items.iter().enumerate().map(|(place, arriving)| read_one(place, arriving, catalogue)).collect()
}

/// A path as far as its names are ours: what else is named there was written by the sender.
fn known_part(path: &str) -> String {
    let is_ours = |part: &&str| {
        let name = part.split('[').next().unwrap_or(part);
        ["items", "item", "delete", "app", "id", "space"].contains(&name)
    };
    path.split('.').take_while(is_ours).collect::<Vec<_>>().join(".")
}

fn read_one(place: usize, arriving: &ArrivingIn<'_>, catalogue: &Catalogue) -> Result<Arriving, Problem> {
    match (arriving.item, &arriving.delete) {
        (Some(item), None) => {
            deidentify::item(item.get()).map(Arriving::Item).map_err(|error| unreadable(place, &error))
        }
        (None, Some(delete)) => gone(place, delete, catalogue),
        _ => Err(Problem::invalid(format!("items[{place}]"), t!("Send either `item` or `delete`."))),
    }
}

/// With the line and column within the item.
fn unreadable(place: usize, error: &ReadError) -> Problem {
    Problem::invalid(
        format!("items[{place}].item"),
        t!("The item cannot be read: {why}.", why = words::unreadable(error)),
    )
}

fn gone(place: usize, Delete { app, id, space }: &Delete, catalogue: &Catalogue) -> Result<Arriving, Problem> {
    let field = |of: &str| format!("items[{place}].delete{of}");
    if catalogue.app(app).is_none() && catalogue.platform_app(app).is_none() {
        return Err(Problem::invalid(field(".app"), t!("There is no such app in the catalogue.")));
    }
    let fits = |name: &String| !name.is_empty() && name.len() <= LONGEST_ID && !name.contains('\0');
    match (id, space) {
        (Some(id), None) if fits(id) => Ok(Arriving::Gone { app: app.clone(), id: id.clone() }),
        (None, Some(space)) if fits(space) => Ok(Arriving::SpaceGone { app: app.clone(), space: space.clone() }),
        _ => Err(Problem::invalid(
            field(""),
            t!("Name one `id` or one `space`, of 1 to {most} bytes.", most = LONGEST_ID),
        )),
    }
}
