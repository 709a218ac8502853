//! API keys: showing, making and revoking them.

use app::document::Place;
use app::pages::keys::{Said, keys as show};
use app::urls;
use axum::extract::{OriginalUri, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use language::{kept, t};
use service::access::{OrgAdmin, ReadsOrg};
use service::hooks;
use service::keys::{self, KeyError, KeyRefusal, Scope, Wanted};
use tower_sessions::Session;

use crate::address::Client;
use crate::errors::PageError;
use crate::forms::Fields;
use crate::handlers::oidc;
use crate::proof::{Proof, proof};
use crate::router::AppState;
use crate::session::{self, Admin};
use crate::view::Shell;

impl From<KeyError> for PageError {
    fn from(error: KeyError) -> Self {
        match error {
            KeyError::NotFound => Self::NotFound,
            KeyError::Refused(refusal) => Self::Refused(refusal.to_string()),
            KeyError::NoRandomness => Self::Internal(error.to_string()),
            KeyError::Store(error) => Self::Store(error),
        }
    }
}

pub(crate) async fn page(
    State(state): State<AppState>,
    Admin(admin): Admin,
    session: Session,
    OriginalUri(uri): OriginalUri,
    shell: Shell,
) -> Result<Response, PageError> {
    let query = Fields::of_query(&uri);
    let done = query.get("revoked").map(|what| match what {
        "webhook" => t!("The webhook was revoked.").to_owned(),
        _ => t!("The key was revoked.").to_owned(),
    });
    let proved = session::has_proved(&session, state.sluice.now()).await?;
    answer(&state, &admin, shell, StatusCode::OK, &query, Said { done, proved, ..Said::default() }).await
}

pub(super) async fn answer(
    state: &AppState,
    admin: &OrgAdmin,
    shell: Shell,
    status: StatusCode,
    query: &Fields,
    said: Said,
) -> Result<Response, PageError> {
    let model = keys::keys_page(&state.sluice, admin).await?;
    let webhooks = hooks::list(&state.sluice, admin).await?;
    let offered = oidc::offered(state, query, urls::keys(&admin.org().slug)).filter(|_| !said.proved);
    let body = || show(model, webhooks, Said { offered, ..said });
    shell.with_status(status, Some(admin.account()), Some(admin.org()), t!("API keys"), Place::Keys, body).await
}

/// The answer is the page with the key on it: an address that led to it would be kept by browsers and proxies.
pub(crate) async fn create(
    State(state): State<AppState>,
    Admin(admin): Admin,
    session: Session,
    client: Client,
    shell: Shell,
    fields: Fields,
) -> Result<Response, PageError> {
    let password = fields.get("password");
    let proof =
        proof(&state, &session, client, admin.who(), password, kept!("The password was wrong at a new key.")).await?;
    let proved = proof == Proof::Given;
    let wanted = Wanted {
        proved,
        name: fields.text("name"),
        scopes: fields.all("scope").filter_map(Scope::parse).collect(),
        days: fields.number("days").unwrap_or_default(),
    };
    let made = match proof {
        Proof::Given | Proof::Missing => keys::create(&state.sluice, &admin, &wanted).await,
        Proof::Wrong => Err(KeyRefusal::PasswordWrong.into()),
        Proof::Unchecked => Err(KeyRefusal::PasswordUnchecked.into()),
    };
    let (status, said) = match made {
        Ok((secret, key)) => {
            let made = Some((key.name, secret.reveal().to_owned()));
            (StatusCode::OK, Said { made, proved, ..Said::default() })
        }
        Err(KeyError::Refused(refusal)) => {
            let refused = Some((refusal.to_string(), wanted));
            (StatusCode::UNPROCESSABLE_ENTITY, Said { refused, proved, ..Said::default() })
        }
        Err(error) => return Err(error.into()),
    };
    answer(&state, &admin, shell, status, &fields, said).await
}

pub(crate) async fn revoke(
    State(state): State<AppState>,
    Admin(admin): Admin,
    fields: Fields,
) -> Result<Response, PageError> {
    keys::revoke(&state.sluice, &admin, &fields.text("key")).await?;
    let back = urls::with_query(&urls::keys(&admin.org().slug), &[("revoked", "yes".to_owned())]);
    Ok(Redirect::to(&back).into_response())
}
