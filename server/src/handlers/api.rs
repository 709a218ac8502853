//! The page of the API. It is open: what an API takes is no secret, and whoever writes a program may not be an admin.

use app::document::Place;
use app::pages::api::api;
use axum::response::Response;

use crate::api::{document, reference};
use crate::errors::PageError;
use crate::session::MaybeAccount;
use crate::view::Shell;

pub(crate) async fn page(MaybeAccount(account): MaybeAccount, shell: Shell) -> Result<Response, PageError> {
    let model = reference(&document()).map_err(|error| PageError::Internal(error.to_string()))?;
    shell.page(account.as_ref(), None, "API", Place::Elsewhere, || api(model)).await
}
