//! What comes in: bodies, queries, versions and cursors. Whatever is wrong with them is answered with the name of the field.

use std::str::FromStr;

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use language::t;
use serde::de::{DeserializeOwned, Error as _, IgnoredAny};
use serde::{Deserialize, Deserializer};
use service::settings::change::LONGEST_REASON;

use super::problem::{Code, Problem};

/// Things on one page of a list, if the caller does not say how many.
const PAGE: u32 = 25;
pub(crate) const LONGEST_PAGE: u32 = 100;

/// A body of JSON that is exactly what the operation takes.
#[derive(Clone, Debug)]
pub(crate) struct Body<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let bytes = json_bytes(request, state).await?;
        let mut json = serde_json::Deserializer::from_slice(&bytes);
        let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
            let (path, fault) = (error.path().to_string(), error.inner());
            // The wrong kind of value where a word is expected is told like broken JSON.
            let is_json = fault.is_data() || serde_json::from_slice::<IgnoredAny>(&bytes).is_ok();
            match (is_json, path.as_str()) {
                (false, _) => Problem::bad_request(None, t!("The body is not JSON: {fault}.", fault)),
                (true, ".") => Problem::new(Code::Invalid, t!("The body does not fit: {fault}.", fault)),
                (true, _) => Problem::invalid(path.clone(), t!("`{path}` does not fit: {fault}.", path, fault)),
            }
        })?;
        json.end().map_err(|error| Problem::bad_request(None, t!("The body is not JSON: {fault}.", fault = error)))?;
        Ok(Self(value))
    }
}

/// A body that says that it is JSON, as it came.
pub(crate) async fn json_bytes<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Problem> {
    if !says(request.headers(), "application/json") {
        return Err(Problem::of(Code::NotJson));
    }
    bytes(request, state).await
}

/// A file of people, as it came.
#[derive(Clone, Debug)]
pub(crate) struct Csv(pub(crate) Bytes);

impl<S: Send + Sync> FromRequest<S> for Csv {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if !says(request.headers(), "text/csv") {
            return Err(Problem::of(Code::NotCsv));
        }
        bytes(request, state).await.map(Self)
    }
}

fn says(headers: &HeaderMap, media_type: &str) -> bool {
    let said = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    said.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(media_type)
}

/// A body that is not longer than the operation takes.
pub(crate) async fn bytes<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Problem> {
    Bytes::from_request(request, state).await.map_err(|error| match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Problem::of(Code::TooLarge),
        _ => Problem::bad_request(None, t!("The body broke off.")),
    })
}

/// A query with nothing in it that the operation does not know.
#[derive(Clone, Debug)]
pub(crate) struct Query<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        match axum::extract::Query::<T>::try_from_uri(&parts.uri) {
            Ok(query) => Ok(Self(query.0)),
            Err(error) => {
                let text = error.body_text();
                // `Failed to deserialize query string: limit: invalid digit found in string`
                let said = text.split_once(": ").map_or(text.as_str(), |(_, said)| said);
                let detail = t!("The query does not fit: {said}.", said);
                Err(match said.split_once(": ") {
                    Some((field, _)) => Problem::invalid(field, detail),
                    None => Problem::new(Code::Invalid, detail),
                })
            }
        }
    }
}

/// A text that both databases can hold: U+0000 is in none that anyone means.
pub(crate) fn text<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let text = String::deserialize(from)?;
    if text.contains('\0') { Err(D::Error::custom("it holds the character U+0000")) } else { Ok(text) }
}

/// The same where it may be left out.
pub(crate) fn optional_text<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    Option::<String>::deserialize(from)?
        .map(|text| if text.contains('\0') { Err(D::Error::custom("it holds the character U+0000")) } else { Ok(text) })
        .transpose()
}

/// A value that is written as a text.
pub(crate) fn parsed<'de, D: Deserializer<'de>, T: FromStr<Err: std::fmt::Display>>(from: D) -> Result<T, D::Error> {
    text(from)?.parse().map_err(D::Error::custom)
}

/// The same where it may be left out.
pub(crate) fn optional_parsed<'de, D: Deserializer<'de>, T: FromStr<Err: std::fmt::Display>>(
    from: D,
) -> Result<Option<T>, D::Error> {
    optional_text(from)?.map(|text| text.parse().map_err(D::Error::custom)).transpose()
}

/// A value that may be null, but not be forgotten.
pub(crate) fn null_or<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Option<T>, D::Error> {
    Option::deserialize(from)
}

/// A reason, if it is not too long. The use case asks again; here the field is known.
pub(crate) fn reason(reason: Option<String>) -> Result<String, Problem> {
    let reason = reason.unwrap_or_default();
    if reason.trim().chars().count() > LONGEST_REASON {
        return Err(Problem::invalid("reason", t!("A reason has at most {most} characters.", most = LONGEST_REASON)));
    }
    Ok(reason)
}

/// How many things the caller wants on a page.
pub(crate) fn limit(asked: Option<u32>) -> Result<u32, Problem> {
    match asked {
        None => Ok(PAGE),
        Some(limit) if (1..=LONGEST_PAGE).contains(&limit) => Ok(limit),
        Some(_) => Err(Problem::invalid("limit", t!("`limit` is a number from 1 to {most}.", most = LONGEST_PAGE))),
    }
}

/// A version as an entity tag.
pub(crate) fn etag(version: i64) -> String {
    format!("\"{version}\"")
}

/// The version that the caller has seen. A star would change what nobody has looked at.
pub(crate) fn if_match(headers: &HeaderMap) -> Result<i64, Problem> {
    let tag = headers.get(header::IF_MATCH).and_then(|tag| tag.to_str().ok()).map(str::trim);
    let tag = tag.filter(|tag| !tag.is_empty() && *tag != "*").ok_or_else(|| Problem::of(Code::VersionMissing))?;
    let version = tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"')).and_then(|tag| tag.parse().ok());
    version.ok_or_else(|| Problem::of(Code::StaleVersion))
}

/// Whether the caller has this version already.
pub(crate) fn has_seen(headers: &HeaderMap, version: i64) -> bool {
    let tags = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|tags| tags.to_str().ok());
    let mut tags = tags.flat_map(|tags| tags.split(',')).map(str::trim);
    tags.any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag(version))
}

/// Where the next page of a list starts. What it is made of is nobody's business, so it can change.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cursor(pub(crate) &'static str);

impl Cursor {
    pub(crate) fn write(self, place: &impl ToString) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(format!("{}:{}", self.0, place.to_string()))
    }

    pub(crate) fn read<T: FromStr>(self, cursor: Option<&str>) -> Result<Option<T>, Problem> {
        let Some(cursor) = cursor else { return Ok(None) };
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(cursor).ok();
        let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
        let place = text.as_deref().and_then(|text| text.strip_prefix(self.0)?.strip_prefix(':')?.parse().ok());
        place.map(Some).ok_or_else(|| {
            let detail = t!("`cursor` is the `next` of an earlier page of this list; leave it out for the first page.");
            Problem::invalid("cursor", detail)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_of_one_list() {
        let (history, audit) = (Cursor("history"), Cursor("audit"));
        let cursor = history.write(&-7_i64);
        assert_eq!(history.read::<i64>(Some(&cursor)).unwrap(), Some(-7));
        assert_eq!(history.read::<i64>(None).unwrap(), None);
        assert!(audit.read::<i64>(Some(&cursor)).is_err());
        for wrong in ["", "7", "aGlzdG9yeTo", "%", "aGlzdG9yeTp4"] {
            assert!(history.read::<i64>(Some(wrong)).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_version_is_a_strong_tag() {
        let of = |tag: &str| if_match(&[(header::IF_MATCH, tag.parse().unwrap())].into_iter().collect());
        assert_eq!(of(&etag(12)).unwrap(), 12);
        for missing in ["", "*"] {
            assert!(format!("{:?}", of(missing).unwrap_err()).contains("VersionMissing"), "{missing}");
        }
        for stale in ["12", "W/\"12\"", "\"x\"", "\"1\", \"2\""] {
            assert!(format!("{:?}", of(stale).unwrap_err()).contains("StaleVersion"), "{stale}");
        }
    }

    #[test]
    fn a_version_that_was_seen_is_known_in_any_list() {
        let seen = |tags: &str| has_seen(&[(header::IF_NONE_MATCH, tags.parse().unwrap())].into_iter().collect(), 12);
        for tags in ["\"12\"", "W/\"12\"", "\"7\", \"12\"", "*"] {
            assert!(seen(tags), "{tags}");
        }
        for tags in ["", "12", "\"1\"", "\"123\"", "\"7\",\"8\""] {
            assert!(!seen(tags), "{tags}");
        }
        assert!(!has_seen(&HeaderMap::new(), 12));
    }
}
