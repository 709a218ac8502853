//! The wash over the API: an export in, what would leave out. Nothing of it is held or stored.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Request, State};
use language::t;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use service::preview::scorecard::Scorecard;
use service::preview::{self, Form, Leaving, Look, Pair, Part, PreviewField, PreviewItem, PreviewValue, Sample};
use service::terms::{Wanted, tidy};
use utoipa::{IntoParams, ToSchema};

use super::caller::{OfOrg, Previews};
use super::document::{Exported, ExportedAndTried, NoBody};
use super::input::{Body, Query, json_bytes, text};
use super::knowledge::List;
use super::problem::{Code, Problem, internal};
use crate::router::AppState;

/// How it is looked at.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PreviewQuery {
    /// As if the organisation's in-app data were on.
    #[serde(default)]
    as_if_on: bool,
}

/// What would leave of each item, in the order of the export.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Preview {
    as_if_on: bool,
    #[schema(value_type = Vec<WashedItem>)]
    items: Box<RawValue>,
}

/// What would leave of an item and what stays.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WashedItem {
    /// Which item this is about. It does not leave.
    item: String,
    leaves: Leaves,
    stays: Vec<StayingField>,
}

/// What would leave: each list is a record as it would be stored.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Leaves {
    metadata: Vec<LeavingField>,
    in_app: Vec<LeavingField>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LeavingField {
    field: String,
    /// Exactly what would leave.
    values: Vec<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StayingField {
    field: String,
    category: String,
    because: String,
}

/// Wash an export
///
/// What would leave of a Jira or Confluence export under the settings as they are, field by field, with the organisation's
/// people and terms. At most 5 MB; nothing of it is kept.
#[utoipa::path(post, path = "/orgs/{org}/preview", tag = "Preview", operation_id = "washExport",
    params(OfOrg, PreviewQuery),
    request_body(content = Object, description =
        "An answer of the product's own API: `{\"issues\": […]}`, `{\"results\": […]}`, or one item."),
    responses((status = 200, description = "What would leave.", body = Preview), Exported))]
pub(crate) async fn export(
    State(state): State<AppState>,
    Previews(previewer): Previews,
    Query(query): Query<PreviewQuery>,
    request: Request,
) -> Result<Json<Preview>, Problem> {
    let bytes = json_bytes(request, &state).await?;
    // The reader knows other forms as well, which this operation does not take.
    if bytes.trim_ascii_start().first() != Some(&b'{') {
        return Err(Problem::new(Code::Invalid, t!("The body is no object.")));
    }
    let file = Arc::new(bytes.to_vec());
    let items = preview::would_leave(&state.sluice, &previewer, file, query.as_if_on, Form::Json).await?;
    washed(items, query.as_if_on)
}

/// Wash a sample
///
/// The same with an item that ships with the product.
#[utoipa::path(get, path = "/orgs/{org}/preview/samples/{sample}", tag = "Preview", operation_id = "washSample",
    params(
        OfOrg,
        ("sample" = String, Path, description = "`work-item`, `page` or `service-request`.", example = "page",
            pattern = "^(work-item|page|service-request)$"),
        PreviewQuery,
    ),
    responses((status = 200, description = "What would leave.", body = Preview), NoBody))]
pub(crate) async fn sample(
    State(state): State<AppState>,
    Previews(previewer): Previews,
    Path((_, sample)): Path<(String, String)>,
    Query(query): Query<PreviewQuery>,
) -> Result<Json<Preview>, Problem> {
    let sample = Sample::parse(&sample).ok_or_else(|| Problem::of(Code::NotFound))?;
    washed(preview::sample_would_leave(&state.sluice, &previewer, sample, query.as_if_on).await?, query.as_if_on)
}

fn washed(items: Vec<u8>, as_if_on: bool) -> Result<Json<Preview>, Problem> {
    let items = String::from_utf8(items).map_err(|error| internal(&error))?;
    let items = RawValue::from_string(items).map_err(|error| internal(&error))?;
    Ok(Json(Preview { as_if_on, items }))
}

/// An export to look into.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FindingsIn {
    /// An answer of the product's own API: `{"issues": […]}`, `{"results": […]}`, or one item.
    #[schema(value_type = Object)]
    export: Box<RawValue>,
    /// As if the organisation's in-app data were on.
    #[serde(default)]
    as_if_on: bool,
    /// The first item that is shown, from 1; there are ten in an answer.
    #[serde(default = "first")]
    #[schema(minimum = 1)]
    first: u32,
    /// Terms to try, which are not saved.
    #[serde(default)]
    #[schema(max_items = 50)]
    terms: Vec<TriedTerm>,
}

fn first() -> u32 {
    1
}

/// A term to try.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TriedTerm {
    #[serde(deserialize_with = "text")]
    #[schema(min_length = 2, max_length = 100, example = "Otter")]
    term: String,
    list: List,
}

/// What was found in an export.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Findings {
    as_if_on: bool,
    /// Items in the export.
    total: usize,
    /// The number of the first one here.
    first: usize,
    items: Vec<ItemFindings>,
    /// Of the whole export.
    scorecard: Score,
    /// The first day on which any of it would leave, if that is ahead.
    #[schema(format = DateTime)]
    not_before: Option<String>,
}

/// An item as it was written beside what would leave of it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ItemFindings {
    item: String,
    app: String,
    space: String,
    /// The detectors that found something again in the output: then nothing of the item leaves. Null if it may leave.
    held_back: Option<Vec<&'static str>>,
    fields: Vec<FieldFindings>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FieldFindings {
    field: String,
    /// What the field counts as.
    #[schema(value_type = String)]
    category: policy::Category,
    leaves: bool,
    because: String,
    /// The paragraphs of each value.
    values: Vec<Vec<TextPair>>,
}

/// A paragraph as it was written beside what leaves of it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TextPair {
    written: Vec<WrittenPart>,
    /// Null if the field stays.
    leaves: Option<String>,
}

/// A stretch of text.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WrittenPart {
    text: String,
    /// Null if nothing was found here.
    found: Option<Finding>,
}

/// Why a stretch does not leave as it was written.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Finding {
    kind: &'static str,
    placeholder: String,
    detector: &'static str,
    /// What speaks for it, in a sentence.
    evidence: String,
    /// How sure the detector is, in percent.
    score: u8,
    /// Found only because of a term that is tried.
    tried: bool,
}

impl From<Part> for WrittenPart {
    fn from(part: Part) -> Self {
        match part {
            Part::Text(text) | Part::Freed(text) => Self { text, found: None },
            Part::Found(found) => Self {
                text: found.text,
                found: Some(Finding {
                    kind: found.kind.id(),
                    placeholder: found.placeholder,
                    detector: found.detector,
                    evidence: found.evidence,
                    score: found.score,
                    tried: found.drafted,
                }),
            },
        }
    }
}

fn pair(of: Pair, leaves: bool) -> TextPair {
    let text = |leaving: Leaving| match leaving {
        Leaving::Text(text) | Leaving::Freed(text) | Leaving::Placeholder { text, .. } => text,
    };
    TextPair {
        written: of.written.into_iter().map(WrittenPart::from).collect(),
        leaves: leaves.then(|| of.leaving.into_iter().map(text).collect()),
    }
}

impl From<PreviewItem> for ItemFindings {
    fn from(item: PreviewItem) -> Self {
        let field = |field: PreviewField| {
            let pairs = |value: PreviewValue| value.pairs.into_iter().map(|of| pair(of, field.leaves)).collect();
            FieldFindings {
                field: field.path,
                category: field.category,
                leaves: field.leaves,
                because: field.because,
                values: field.values.into_iter().map(pairs).collect(),
            }
        };
        Self {
            item: item.key,
            app: item.app_name,
            space: item.space,
            held_back: item.held_back,
            fields: item.fields.into_iter().map(field).collect(),
        }
    }
}

/// What the wash does to a whole export, in numbers.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Score {
    items: usize,
    /// Items of which anything would leave.
    leaving: usize,
    /// Items whose text would leave, not their metadata alone.
    with_text: usize,
    /// Items of which nothing leaves because something was found again in the output.
    held_back: usize,
    /// How often each kind was found, most frequent first.
    found: Vec<KindCount>,
    /// In the texts that leave.
    words: usize,
    words_removed: usize,
    /// People and terms that the wash knew.
    known_people: usize,
    known_terms: usize,
    /// Capitalised words that no list knows and that would leave, most frequent first; the first of them.
    unknown: Vec<WordCount>,
    /// How many different ones there are.
    unknown_words: usize,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct KindCount {
    kind: &'static str,
    times: usize,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WordCount {
    word: String,
    times: usize,
}

impl From<Scorecard> for Score {
    fn from(of: Scorecard) -> Self {
        Self {
            items: of.items,
            leaving: of.leaving,
            with_text: of.with_text,
            held_back: of.held_back_count,
            found: of.kinds.into_iter().map(|(kind, times)| KindCount { kind: kind.id(), times }).collect(),
            words: of.words,
            words_removed: of.words_removed,
            known_people: of.known.people,
            known_terms: of.known.terms,
            unknown: of.unknown.into_iter().map(|(word, times)| WordCount { word, times }).collect(),
            unknown_words: of.unknown_count,
        }
    }
}

/// Look into an export
///
/// What the preview and its scorecard show: what was found, by which detector and why, ten items at a time, and the numbers
/// of the whole. A page holds a file for a while; here it is sent along each time, and nothing of it is kept. At most 5 MB.
#[utoipa::path(post, path = "/orgs/{org}/preview/findings", tag = "Preview", operation_id = "lookIntoExport",
    params(OfOrg), request_body = FindingsIn,
    responses((status = 200, description = "What was found.", body = Findings), ExportedAndTried))]
pub(crate) async fn findings(
    State(state): State<AppState>,
    Previews(previewer): Previews,
    Body(sent): Body<FindingsIn>,
) -> Result<Json<Findings>, Problem> {
    let export = sent.export.get();
    if !export.starts_with('{') {
        return Err(Problem::invalid("export", t!("`export` is no object.")));
    }
    let look = Look { as_if_on: sent.as_if_on, first: sent.first.try_into().unwrap_or(usize::MAX), ..Look::default() };
    let tried = |term: TriedTerm| Wanted { term: tidy(&term.term), to: Some(term.list == List::Removed) };
    let terms = sent.terms.into_iter().map(tried).collect();
    let file = Arc::new(export.as_bytes().to_vec());
    let (preview, score) = preview::findings(&state.sluice, &previewer, file, look, terms).await?;
    Ok(Json(Findings {
        as_if_on: preview.look.as_if_on,
        total: preview.total,
        first: preview.look.first,
        items: preview.items.into_iter().map(ItemFindings::from).collect(),
        scorecard: score.into(),
        not_before: preview.not_before.map(policy::Timestamp::rfc3339),
    }))
}
