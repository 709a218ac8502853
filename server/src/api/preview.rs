//! The wash over the API: an export in, what would leave out. Nothing of it is held or stored.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Request, State};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use service::preview::{self, Form, Sample};
use utoipa::{IntoParams, ToSchema};

use super::caller::Previews;
use super::document::{Exported, NoBody};
use super::input::{Query, json_bytes};
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
    leaves: Vec<LeavingField>,
    stays: Vec<StayingField>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LeavingField {
    field: String,
    /// What the field counts as.
    category: String,
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
    params(("org" = String, Path, description = "The organisation of the key, as it stands in addresses."), PreviewQuery),
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
        return Err(Problem::new(Code::Invalid, "The body is no object."));
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
        ("org" = String, Path, description = "The organisation of the key, as it stands in addresses."),
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
