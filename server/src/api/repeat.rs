//! A request with an `Idempotency-Key` is done once, however often it is sent.
//!
//! It is remembered before it begins and its answer when it is done (see [`service::requests`]). It is finished also when
//! the caller gives up waiting, so that the next attempt finds the answer. Only a success is kept: a refusal changed
//! nothing, so the request may be corrected and sent again. After a failure of the server, or if it was killed in between,
//! what became of the request is not known, and a repetition is told so.

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use language::t;
use service::Sluice;
use service::requests::{self, Answer, Begun};

use super::caller::Caller;
use super::input::bytes;
use super::problem::{Code, Problem, internal};
use crate::router::AppState;

pub(crate) const KEY: HeaderName = HeaderName::from_static("idempotency-key");
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
const LONGEST_KEY: usize = 200;

pub(crate) async fn once(State(state): State<AppState>, caller: Caller, request: Request, next: Next) -> Response {
    if !request.headers().contains_key(KEY) {
        return next.run(request).await;
    }
    once_under_key(state.sluice, caller, request, next).await.unwrap_or_else(IntoResponse::into_response)
}

async fn once_under_key(
    sluice: Sluice,
    Caller(holder): Caller,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let key = key(request.headers())?;
    let known = requests::Request::new(&holder, request.method().as_str(), request.uri().path(), &key);
    let (parts, body) = request.into_parts();
    let body = bytes(Request::from_parts(parts.clone(), body), &()).await?;
    // With another version it is another request.
    let version = parts.headers.get(header::IF_MATCH).map(HeaderValue::as_bytes).unwrap_or_default();
    match requests::begin(&sluice, &known, &[version, b"\n", &body].concat()).await? {
        Begun::Answered(answer) => return replayed(answer),
        Begun::Unanswered => return Err(Problem::of(Code::OutcomeUnknown)),
        Begun::Another => return Err(Problem::of(Code::KeyReused)),
        Begun::New => {}
    }
    let request = Request::from_parts(parts, Body::from(body));
    // What is kept is the same whoever asks again, so it is told in English: the language of this request ends here.
    let done = async move { keep(&sluice, &known, next.run(request).await).await };
    tokio::spawn(done).await.map_err(|error| internal(&error))?
}

pub(crate) fn key(headers: &HeaderMap) -> Result<String, Problem> {
    let key = headers.get(KEY).and_then(|key| key.to_str().ok()).unwrap_or_default();
    if key.is_empty() || key.len() > LONGEST_KEY {
        let detail = t!(
            "`Idempotency-Key` has 1 to {most} letters, digits and signs; a random UUID will do.",
            most = LONGEST_KEY
        );
        return Err(Problem::bad_request(Some(KEY.to_string()), detail));
    }
    Ok(key.to_owned())
}

async fn keep(sluice: &Sluice, known: &requests::Request, response: Response) -> Result<Response, Problem> {
    let status = response.status();
    if status.is_server_error() {
        return Ok(response);
    }
    if !status.is_success() {
        requests::refused(sluice, known).await?;
        return Ok(response);
    }
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.map_err(|error| internal(&error))?;
    let answer = Answer {
        status: status.as_u16(),
        etag: parts.headers.get(header::ETAG).and_then(|tag| tag.to_str().ok()).map(str::to_owned),
        body: String::from_utf8_lossy(&body).into_owned(),
    };
    requests::answered(sluice, known, &answer).await?;
    Ok(Response::from_parts(parts, Body::from(body)))
}

fn replayed(answer: Answer) -> Result<Response, Problem> {
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() = axum::http::StatusCode::from_u16(answer.status).map_err(|error| internal(&error))?;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(REPLAYED, HeaderValue::from_static("true"));
    if let Some(tag) = answer.etag.and_then(|tag| HeaderValue::from_str(&tag).ok()) {
        headers.insert(header::ETAG, tag);
    }
    Ok(response)
}
