//! Webhooks: making and revoking them, on the page of API keys.

use app::pages::keys::Said;
use app::pages::webhooks::{Made, Refused};
use app::urls;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use language::kept;
use service::access::ReadsOrg;
use service::hooks::{self, WebhookError, WebhookRefusal};
use tower_sessions::Session;

use super::keys::answer;
use crate::address::Client;
use crate::errors::PageError;
use crate::forms::Fields;
use crate::proof::{Proof, proof};
use crate::router::AppState;
use crate::session::{Admin, OwnOrigin};
use crate::view::Shell;

impl From<WebhookError> for PageError {
    fn from(error: WebhookError) -> Self {
        match error {
            WebhookError::NotFound => Self::NotFound,
            WebhookError::Refused(refusal) => Self::Refused(refusal.to_string()),
            WebhookError::Vault(error) => Self::Internal(error.to_string()),
            WebhookError::Store(error) => Self::Store(error),
        }
    }
}

/// The answer is the page with the secret on it: an address that led to it would be kept by browsers and proxies.
pub(crate) async fn create(
    State(state): State<AppState>,
    Admin(admin): Admin,
    OwnOrigin(origin): OwnOrigin,
    session: Session,
    client: Client,
    shell: Shell,
    fields: Fields,
) -> Result<Response, PageError> {
    let because = kept!("The password was wrong at a new webhook.");
    let proof = proof(&state, &session, client, admin.who(), fields.get("password"), because).await?;
    let (name, proved) = (fields.text("name"), proof == Proof::Given);
    let made = match proof {
        Proof::Given | Proof::Missing => hooks::create(&state.sluice, &admin, &name, proved).await,
        Proof::Wrong => Err(WebhookRefusal::PasswordWrong.into()),
        Proof::Unchecked => Err(WebhookRefusal::PasswordUnchecked.into()),
    };
    let (status, said) = match made {
        Ok((secret, webhook)) => {
            let address = format!("{origin}{}", urls::webhook(&admin.org().slug, &webhook.id));
            let made = Made { name: webhook.name, address, secret: secret.reveal().to_owned() };
            (StatusCode::OK, Said { made_webhook: Some(made), proved, ..Said::default() })
        }
        Err(WebhookError::Refused(refusal)) => {
            let refused = Refused { why: refusal.to_string(), name };
            (StatusCode::UNPROCESSABLE_ENTITY, Said { refused_webhook: Some(refused), proved, ..Said::default() })
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
    hooks::revoke(&state.sluice, &admin, &fields.text("webhook")).await?;
    let back = urls::with_query(&urls::keys(&admin.org().slug), &[("revoked", "webhook".to_owned())]);
    Ok(Redirect::to(&back).into_response())
}
