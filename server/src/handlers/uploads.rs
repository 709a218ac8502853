//! A file that is held: its items, its scorecard, what would leave of it as a file, and forgetting it.

use app::document::Place;
use app::pages::preview::Context;
use app::pages::scorecard::{Of, scorecard as show};
use app::urls;
use axum::extract::{OriginalUri, State};
use axum::response::{IntoResponse, Redirect, Response};
use language::t;
use service::access::ReadsOrg;
use service::preview::{Form, held};
use service::preview::{Look, PreviewError};

use crate::download::attachment;
use crate::errors::PageError;
use crate::forms::Fields;
use crate::handlers::preview::{kind, saved, show_gone, show_upload};
use crate::router::AppState;
use crate::session::{Admin, UploadId};
use crate::view::Shell;

pub(crate) async fn items(
    State(state): State<AppState>,
    Admin(admin): Admin,
    UploadId(id): UploadId,
    OriginalUri(uri): OriginalUri,
    shell: Shell,
) -> Result<Response, PageError> {
    let query = Fields::of_query(&uri);
    let look = Look {
        as_if_on: query.get("as") == Some("on"),
        first: query.number("first").unwrap_or(1),
        find: query.text("find"),
    };
    let context = Context { kind: kind(&query), done: saved(&query), ..Context::default() };
    show_upload(&state, admin, shell, &id, look, context).await
}

pub(crate) async fn scorecard(
    State(state): State<AppState>,
    Admin(admin): Admin,
    UploadId(id): UploadId,
    OriginalUri(uri): OriginalUri,
    shell: Shell,
) -> Result<Response, PageError> {
    let as_if_on = Fields::of_query(&uri).get("as") == Some("on");
    let (held, score) = match held::score(&state.sluice, &admin, &id, as_if_on).await {
        Ok(scored) => scored,
        Err(PreviewError::Gone(drafts)) => return show_gone(&admin, shell, &id, &drafts, None).await,
        Err(error) => return Err(error.into()),
    };
    let of = Of { id: held.id, name: held.name, as_if_on, drafts: held.drafts };
    let org = admin.org();
    let body = || show(&org.slug, &of, &score);
    shell.page(Some(admin.account()), Some(org), t!("Scorecard"), Place::Preview, body).await
}

/// Only admins come here: what is in the file is their organisation's own.
pub(crate) async fn download(
    State(state): State<AppState>,
    Admin(admin): Admin,
    UploadId(id): UploadId,
    OriginalUri(uri): OriginalUri,
    shell: Shell,
) -> Result<Response, PageError> {
    let query = Fields::of_query(&uri);
    let as_if_on = query.get("as") == Some("on");
    let form = query.get("form").and_then(Form::parse).unwrap_or(Form::JsonLines);
    let download = match held::download(&state.sluice, &admin, &id, as_if_on, form).await {
        Ok(download) => download,
        Err(PreviewError::Gone(drafts)) => return show_gone(&admin, shell, &id, &drafts, None).await,
        Err(error) => return Err(error.into()),
    };
    attachment(form.media_type(), &file_name(&download.name, as_if_on, form), download.bytes)
}

/// `export.csv` as `export-would-leave.jsonl`, in letters that every system takes.
fn file_name(of: &str, as_if_on: bool, form: Form) -> String {
    let stem = of.rsplit_once('.').map_or(of, |(stem, _)| stem);
    let plain: String = stem.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '-' }).collect();
    let plain = plain.trim_matches('-');
    let stem = if plain.is_empty() { "items" } else { plain };
    let fate = if as_if_on { "would-leave-if-on" } else { "would-leave" };
    format!("{stem}-{fate}.{}", form.id())
}

pub(crate) async fn discard(
    State(state): State<AppState>,
    Admin(admin): Admin,
    UploadId(id): UploadId,
) -> Result<Response, PageError> {
    held::discard(&state.sluice, &admin, &id);
    Ok(Redirect::to(&urls::preview(&admin.org().slug)).into_response())
}

#[cfg(test)]
mod tests {
    use super::{Form, file_name};

    #[test]
    fn a_download_is_named_after_its_file_in_plain_letters() {
        assert_eq!(file_name("export.csv", false, Form::JsonLines), "export-would-leave.jsonl");
        assert_eq!(file_name("a\"; evil\r\n.x.json", true, Form::Json), "a---evil---x-would-leave-if-on.json");
        assert_eq!(file_name("李.json", false, Form::Json), "items-would-leave.json");
        assert_eq!(file_name("", false, Form::Json), "items-would-leave.json");
    }
}
