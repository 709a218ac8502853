//! One's own account: the password and the browsers that are signed in.

use app::document::Place;
use app::pages::account::{Refused, Said, account as show};
use app::urls;
use axum::extract::{OriginalUri, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use language::{kept, t, tn};
use service::access::Who;
use service::accounts::{self, PasswordError};
use service::sign_in::SignInError;
use tower_sessions::Session;

use crate::address::Client;
use crate::errors::PageError;
use crate::forms::Fields;
use crate::metrics::RATE_LIMITED;
use crate::router::AppState;
use crate::session::{self, SignedIn};
use crate::view::Shell;

pub(crate) async fn page(
    State(state): State<AppState>,
    SignedIn(who): SignedIn,
    OriginalUri(uri): OriginalUri,
    shell: Shell,
) -> Result<Response, PageError> {
    let query = Fields::of_query(&uri);
    let done = match (query.get("password"), query.number::<usize>("ended")) {
        (Some(_), _) => Some(t!("The password was changed, and every other browser was signed out.").to_owned()),
        (None, Some(ended)) => Some(tn!(ended, "Signed out: {ended} browser.", "Signed out: {ended} browsers.")),
        (None, None) => None,
    };
    answer(&state, &who, shell, StatusCode::OK, Said { done, refused: None }).await
}

async fn answer(
    state: &AppState,
    who: &Who,
    shell: Shell,
    status: StatusCode,
    said: Said,
) -> Result<Response, PageError> {
    let model = accounts::account_page(&state.sluice, who).await?;
    shell
        .with_status(status, Some(&who.account), None, t!("Your account"), Place::Elsewhere, || show(model, said))
        .await
}

pub(crate) async fn change_password(
    State(state): State<AppState>,
    SignedIn(who): SignedIn,
    session: Session,
    client: Client,
    shell: Shell,
    fields: Fields,
) -> Result<Response, PageError> {
    if let Err(retry) = state.limits.sign_in(&who.account.email, client, state.sluice.now()) {
        state.metrics.count(RATE_LIMITED, "sign_in");
        return Err(retry.into());
    }
    let (current, new) = (fields.text("current"), fields.text("new"));
    let refused = match accounts::change_password(&state.sluice, &state.passwords, &who, &current, &new).await {
        Ok(()) => {
            // What a session could do before, an id that was known before cannot.
            session.cycle_id().await?;
            session::prove(&session, state.sluice.now()).await?;
            let address = urls::with_query(urls::ACCOUNT, &[("password", "changed".to_owned())]);
            return Ok(Redirect::to(&address).into_response());
        }
        Err(error @ PasswordError::CurrentWrong) => {
            let (email, request) = (&who.account.email, &who.via.request);
            let because = kept!("The password was wrong at a change of the password.");
            service::audit_log::sign_in_failed(&state.sluice, email, request, because).await?;
            Refused { why: error.to_string(), current: true }
        }
        Err(error @ (PasswordError::New(_) | PasswordError::SignIn(SignInError::Busy))) => {
            Refused { why: error.to_string(), current: false }
        }
        Err(PasswordError::SignIn(error)) => return Err(error.into()),
        Err(PasswordError::Store(error)) => return Err(error.into()),
    };
    let said = Said { done: None, refused: Some(refused) };
    answer(&state, &who, shell, StatusCode::UNPROCESSABLE_ENTITY, said).await
}

pub(crate) async fn end_sessions(
    State(state): State<AppState>,
    SignedIn(who): SignedIn,
    fields: Fields,
) -> Result<Response, PageError> {
    let ended = match fields.get("session") {
        Some(digits) => u64::from(accounts::end_session(&state.sluice, &who, digits).await?),
        None if fields.get("others").is_some() => accounts::end_other_sessions(&state.sluice, &who).await?,
        None => return Err(PageError::BadRequest(t!("The form does not say which session to end.").to_owned())),
    };
    Ok(Redirect::to(&urls::with_query(urls::ACCOUNT, &[("ended", ended.to_string())])).into_response())
}
