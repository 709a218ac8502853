//! Signing in and out.

use app::document::Place;
use app::pages::sign_in::SignIn;
use app::{pages, urls};
use audit::Action;
use axum::extract::{OriginalUri, State};
use axum::http::{HeaderName, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use language::{kept, t};
use policy::Timestamp;
use service::access::Who;
use service::audit_log;
use service::model::Account;
use service::sign_in::SignInError;
use tower_sessions::Session;

use crate::address::Client;
use crate::errors::PageError;
use crate::forms::{Fields, is_path_below};
use crate::handlers::oidc;
use crate::metrics::{RATE_LIMITED, SIGN_INS};
use crate::router::AppState;
use crate::session::{self, Arrival, MaybeAccount, RequestId};
use crate::view::Shell;

pub(crate) async fn page(
    State(state): State<AppState>,
    MaybeAccount(account): MaybeAccount,
    OriginalUri(uri): OriginalUri,
    shell: Shell,
) -> Result<Response, PageError> {
    if account.is_some() {
        return Ok(Redirect::to("/").into_response());
    }
    let query = Fields::of_query(&uri);
    show(&state, shell, StatusCode::OK, &query, SignIn { next: query.text("next"), ..SignIn::default() }).await
}

pub(crate) async fn submit(
    State(state): State<AppState>,
    session: Session,
    client: Client,
    arrival: Arrival,
    shell: Shell,
    fields: Fields,
) -> Result<Response, PageError> {
    let (email, password) = (fields.text("email"), fields.text("password"));
    if let Err(retry) = state.limits.sign_in(&email, client, state.sluice.now()) {
        state.metrics.count(SIGN_INS, "limited");
        state.metrics.count(RATE_LIMITED, "sign_in");
        return Err(retry.into());
    }
    let tried = state.passwords.sign_in(state.sluice.store.as_ref(), &email, &password).await;
    state.metrics.count(SIGN_INS, result(&tried));
    let problem = match tried {
        Ok(account) => return enter(&state, &session, arrival, account, &fields).await,
        Err(error @ SignInError::Wrong) => {
            audit_log::sign_in_failed(&state.sluice, &email, &arrival.request, kept!("The password was wrong."))
                .await?;
            (StatusCode::UNPROCESSABLE_ENTITY, error.to_string())
        }
        Err(error @ SignInError::Busy) => (StatusCode::SERVICE_UNAVAILABLE, error.to_string()),
        Err(error) => return Err(error.into()),
    };
    let page = SignIn { email, problem: Some(problem.1), next: fields.text("next"), ..SignIn::default() };
    show(&state, shell, problem.0, &Fields::default(), page).await
}

fn result(tried: &Result<Account, SignInError>) -> &'static str {
    match tried {
        Ok(_) => "signed_in",
        Err(SignInError::Wrong) => "wrong",
        Err(SignInError::Busy) => "busy",
        Err(_) => "failed",
    }
}

/// One click on the demo database; on any other there is no such account to enter.
pub(crate) async fn demo(
    State(state): State<AppState>,
    session: Session,
    arrival: Arrival,
    fields: Fields,
) -> Result<Response, PageError> {
    let account = service::demo::account(&state.sluice, &fields.text("account")).await?.ok_or(PageError::NotFound)?;
    enter(&state, &session, arrival, account, &fields).await
}

pub(crate) async fn sign_out(
    State(state): State<AppState>,
    MaybeAccount(account): MaybeAccount,
    session: Session,
    RequestId(request): RequestId,
) -> Result<Response, PageError> {
    if let Some(account) = account {
        let who = Who { account, via: session::via_web(request, &session) };
        audit_log::session(&state.sluice, &who, Action::SignOut).await?;
    }
    session::end(&session).await?;
    let clear = [(HeaderName::from_static("clear-site-data"), "\"cache\", \"cookies\", \"storage\"")];
    Ok((clear, Redirect::to(urls::SIGN_IN)).into_response())
}

/// Signs an account in and says so in the log. `proved` is when its person last showed who they are, if that is known.
pub(crate) async fn begin(
    state: &AppState,
    session: &Session,
    arrival: Arrival,
    account: Account,
    proved: Option<Timestamp>,
) -> Result<(), PageError> {
    session::begin(session, &account, state.sluice.now(), arrival.browser, proved).await?;
    let who = Who { account, via: session::via_web(arrival.request, session) };
    Ok(audit_log::session(&state.sluice, &who, Action::SignIn).await?)
}

async fn enter(
    state: &AppState,
    session: &Session,
    arrival: Arrival,
    account: Account,
    fields: &Fields,
) -> Result<Response, PageError> {
    begin(state, session, arrival, account, Some(state.sluice.now())).await?;
    let next = fields.get("next").filter(|next| is_path_below(next, "/")).unwrap_or("/");
    Ok(Redirect::to(next).into_response())
}

async fn show(
    state: &AppState,
    shell: Shell,
    status: StatusCode,
    query: &Fields,
    page: SignIn,
) -> Result<Response, PageError> {
    let demo = service::demo::accounts(&state.sluice).await?;
    let offered = oidc::offered(state, query, page.next.clone());
    let page = SignIn { demo, offered, ..page };
    shell.with_status(status, None, None, t!("Sign in"), Place::Elsewhere, || pages::sign_in::sign_in(page)).await
}
