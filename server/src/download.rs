//! Files to take away: an answer that a browser keeps, and a log that may be longer than memory.

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use service::audit_log::Export;

use crate::errors::PageError;
use crate::limits::Task;

/// A file to keep. Its name has plain letters only.
pub(crate) fn attachment(media_type: &'static str, name: &str, body: impl Into<Body>) -> Result<Response, PageError> {
    let disposition = HeaderValue::from_str(&format!("attachment; filename=\"{name}\""))
        .map_err(|error| PageError::Internal(error.to_string()))?;
    let media_type = HeaderValue::from_static(media_type);
    let headers = [(header::CONTENT_TYPE, media_type), (header::CONTENT_DISPOSITION, disposition)];
    Ok((headers, body.into()).into_response())
}

/// An export, piece by piece; its task is under way until the last one. If it breaks off, the connection does as well: half a
/// file never looks whole.
pub(crate) fn in_pieces(export: Export, task: Task) -> Body {
    Body::from_stream(futures_util::stream::try_unfold((export, task), |(mut export, task)| async move {
        let piece = export.next().await.map_err(|error| {
            tracing::error!(%error, "an export broke off");
            std::io::Error::other("the export broke off")
        })?;
        Ok::<_, std::io::Error>(piece.map(|piece| (Bytes::from(piece), (export, task))))
    }))
}
