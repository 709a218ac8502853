//! What a person prefers: kept in a cookie, so that it holds before anyone signs in.

use app::document::Theme;
use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};

use crate::errors::PageError;
use crate::forms::{Fields, is_path_below};
use crate::view::THEME_COOKIE;

const A_YEAR: u32 = 365 * 24 * 60 * 60;

pub(crate) async fn theme(fields: Fields) -> Result<Response, PageError> {
    let theme = fields
        .get("theme")
        .and_then(Theme::parse)
        .ok_or_else(|| PageError::BadRequest("Colours are light, dark, or as the system says.".to_owned()))?;
    let back = fields.get("back").filter(|back| is_path_below(back, "/")).unwrap_or("/");
    let cookie = format!("{THEME_COOKIE}={}; Path=/; Max-Age={A_YEAR}; SameSite=Lax; HttpOnly", theme.id());
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to(back)).into_response())
}
