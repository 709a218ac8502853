//! What a person prefers: kept in a cookie, so that it holds before anyone signs in; the language with the account as well.

use app::document::Theme;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};
use language::{Language, t};

use crate::errors::PageError;
use crate::forms::{Fields, is_path_below};
use crate::reader::LANGUAGE_COOKIE;
use crate::router::AppState;
use crate::session::MaybeAccount;
use crate::view::THEME_COOKIE;

const A_YEAR: u32 = 365 * 24 * 60 * 60;

pub(crate) async fn theme(fields: Fields) -> Result<Response, PageError> {
    let theme = fields
        .get("theme")
        .and_then(Theme::parse)
        .ok_or_else(|| PageError::BadRequest(t!("Colours are light, dark, or as the system says.").to_owned()))?;
    Ok(kept(THEME_COOKIE, theme.id(), &fields))
}

/// The language of this browser and of whoever is signed in with it. `browser` is as the browser says.
pub(crate) async fn language(
    State(state): State<AppState>,
    MaybeAccount(account): MaybeAccount,
    fields: Fields,
) -> Result<Response, PageError> {
    let chosen = match fields.get("language") {
        Some("browser") => None,
        Some(id) => Some(Language::parse(id).ok_or_else(no_language)?),
        None => return Err(no_language()),
    };
    if let Some(account) = account {
        state.sluice.store.set_language(&account.id, chosen).await?;
    }
    Ok(kept(LANGUAGE_COOKIE, chosen.map_or("", Language::id), &fields))
}

fn no_language() -> PageError {
    PageError::BadRequest(t!("Languages are English, German, or as the browser says.").to_owned())
}

/// Keeps a preference in the browser and goes back to where the form stood.
fn kept(name: &str, value: &str, fields: &Fields) -> Response {
    let back = fields.get("back").filter(|back| is_path_below(back, "/")).unwrap_or("/");
    let cookie = format!("{name}={value}; Path=/; Max-Age={A_YEAR}; SameSite=Lax; HttpOnly");
    ([(header::SET_COOKIE, cookie)], Redirect::to(back)).into_response()
}
