//! The preview of a sample or an uploaded export. The upload lives in memory for the length of the request.

use app::document::Place;
use app::pages;
use axum::extract::multipart::{MultipartError, MultipartRejection};
use axum::extract::{Multipart, OriginalUri, State};
use axum::http::StatusCode;
use axum::response::Response;
use service::access::{ReadsOrg, Viewer};
use service::preview::{self, Preview, PreviewError, Sample};

use crate::errors::PageError;
use crate::forms::Fields;
use crate::router::AppState;
use crate::session::Looking;
use crate::view::Shell;

pub(crate) async fn page(
    State(state): State<AppState>,
    Looking(viewer): Looking,
    OriginalUri(uri): OriginalUri,
    shell: Shell,
) -> Result<Response, PageError> {
    let query = Fields::of_query(&uri);
    let chosen = Sample::parse(&query.text("sample")).unwrap_or(Sample::WorkItem);
    let shown = preview::sample(&state.sluice, &viewer, chosen, query.get("as") == Some("on")).await;
    show(shell, &viewer, Some(chosen), shown).await
}

pub(crate) async fn upload(
    State(state): State<AppState>,
    Looking(viewer): Looking,
    shell: Shell,
    multipart: Result<Multipart, MultipartRejection>,
) -> Result<Response, PageError> {
    let multipart = multipart.map_err(|_| {
        PageError::BadRequest("The form did not bring a file. Choose one and send it again.".to_owned())
    })?;
    let upload = match read(multipart).await {
        Ok(upload) => upload,
        Err(error) => return show(shell, &viewer, None, Err(error)).await,
    };
    let Upload { name, bytes, first, as_if_on } = upload;
    let shown = preview::upload(&state.sluice, &viewer, name, bytes, first, as_if_on).await;
    show(shell, &viewer, None, shown).await
}

struct Upload {
    name: String,
    bytes: Vec<u8>,
    first: usize,
    as_if_on: bool,
}

/// Reads the form. What is too large is refused while it arrives.
async fn read(mut multipart: Multipart) -> Result<Upload, PreviewError> {
    let mut upload = Upload { name: String::new(), bytes: Vec::new(), first: 1, as_if_on: false };
    while let Some(field) = multipart.next_field().await.map_err(too_large)? {
        match field.name() {
            Some("file") => {
                upload.name = field.file_name().unwrap_or("Your file").chars().take(80).collect();
                upload.bytes = field.bytes().await.map_err(too_large)?.into();
            }
            Some("first") => {
                upload.first = field.text().await.map_err(too_large)?.trim().parse().unwrap_or(1);
            }
            Some("as") => upload.as_if_on = true,
            _ => {}
        }
    }
    if upload.bytes.is_empty() { Err(PreviewError::Empty) } else { Ok(upload) }
}

fn too_large(error: MultipartError) -> PreviewError {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE { PreviewError::TooLarge } else { PreviewError::Empty }
}

async fn show(
    shell: Shell,
    viewer: &Viewer,
    chosen: Option<Sample>,
    shown: Result<Preview, PreviewError>,
) -> Result<Response, PageError> {
    let (status, shown, problem) = match shown {
        Ok(shown) => (StatusCode::OK, Some(shown), None),
        Err(PreviewError::Store(error)) => return Err(error.into()),
        Err(PreviewError::NotFound) => return Err(PageError::NotFound),
        Err(PreviewError::Failed(what)) => return Err(PageError::Internal(what)),
        Err(error @ PreviewError::TooLarge) => (StatusCode::PAYLOAD_TOO_LARGE, None, Some(error.to_string())),
        Err(error) => (StatusCode::UNPROCESSABLE_ENTITY, None, Some(error.to_string())),
    };
    let org = viewer.org();
    let body = || pages::preview::preview(&org.slug, chosen, shown, problem);
    shell.with_status(status, Some(viewer.account()), Some(org), "Preview", Place::Preview, body).await
}
