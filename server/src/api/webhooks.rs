//! What Jira says comes in here. It carries no key: the secret of a webhook signs each message, and without its signature
//! nothing of a message is read. Nothing that was written is repeated in an answer, an error or the log, and nothing is fetched
//! from anywhere.

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use service::access::webhook_holder;
use service::hooks;

use super::input::bytes;
use super::items::BatchAnswer;
use super::problem::{Code, Problem};
use crate::address::Client;
use crate::metrics::RATE_LIMITED;
use crate::request_log::note;
use crate::router::AppState;

/// Where Jira sends to: the organisation and the id of its webhook.
pub(crate) const PATH: &str = "/hooks/jira/{org}/{webhook}";

const SIGNATURE: &str = "x-hub-signature";

/// The answer to what says nothing that concerns what is contributed.
#[derive(Debug, Serialize)]
struct Nothing {
    detail: &'static str,
}

/// Takes one message. An unknown webhook, one of another organisation and a revoked one are all the same.
pub(crate) async fn receive(
    State(state): State<AppState>,
    path: Result<Path<(String, String)>, PathRejection>,
    client: Client,
    request: Request,
) -> Result<Response, Problem> {
    let Path((org, id)) = path.map_err(|_| Problem::of(Code::NotFound))?;
    let (store, master) = (state.sluice.store.as_ref(), state.sluice.master.as_ref());
    let Some(holder) = webhook_holder(store, master, &org, &id).await? else {
        return Err(refused(&state, client, Code::NotFound));
    };
    // Before its body: until then nobody has shown that they know the secret.
    let _reading = state.limits.message(&holder.webhook().org_id)?;
    let (parts, body) = request.into_parts();
    let signature = parts.headers.get(SIGNATURE).and_then(|signature| signature.to_str().ok()).unwrap_or_default();
    let body = bytes(Request::from_parts(parts.clone(), body), &state).await?;
    let Some(webhook) = holder.signed(&body, signature) else {
        return Err(refused(&state, client, Code::SignatureWrong));
    };
    note(&parts, "webhook");
    let taken = state.limits.request(&webhook.webhook().id, state.sluice.now());
    taken.map_err(|retry| {
        state.metrics.count(RATE_LIMITED, "api");
        Problem::too_many("The webhook sent too often.", retry)
    })?;
    Ok(match hooks::receive(&state.sluice, &webhook, &body).await? {
        Some(answer) => Json(BatchAnswer::from(answer)).into_response(),
        None => (StatusCode::ACCEPTED, Json(Nothing { detail: "Nothing is taken from this event." })).into_response(),
    })
}

/// Whoever guesses is slowed down as with keys.
fn refused(state: &AppState, client: Client, code: Code) -> Problem {
    match state.limits.refused(client, state.sluice.now()) {
        Ok(()) => Problem::of(code),
        Err(retry) => {
            state.metrics.count(RATE_LIMITED, "api");
            Problem::too_many("Too many webhooks that do not work came from here.", retry)
        }
    }
}
