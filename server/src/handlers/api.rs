//! The reference for programs: the API, and what can stand in an audit log. It is open: what an API takes is no secret, and
//! whoever writes a program may not be an admin.

use app::document::Place;
use app::pages;
use axum::response::Response;
use language::t;

use crate::api::{document, reference};
use crate::errors::PageError;
use crate::session::MaybeAccount;
use crate::view::Shell;

pub(crate) async fn page(MaybeAccount(account): MaybeAccount, shell: Shell) -> Result<Response, PageError> {
    let model = reference(&document()).map_err(|error| PageError::Internal(error.to_string()))?;
    shell.page(account.as_ref(), None, t!("API"), Place::Elsewhere, || pages::api::api(model)).await
}

pub(crate) async fn actions(MaybeAccount(account): MaybeAccount, shell: Shell) -> Result<Response, PageError> {
    let title = t!("Actions in the audit log");
    shell.page(account.as_ref(), None, title, Place::Elsewhere, pages::actions::actions).await
}
