//! Releases of patterns, for everyone, and what would be different without an organisation, for its own people.

use app::document::Place;
use app::pages;
use axum::extract::State;
use axum::response::Response;
use language::t;
use service::access::{OrgAuditor, ReadsOrg as _, Viewer};
use service::impact::{ImpactError, impact};
use service::releases::{self, MOST};

use crate::errors::PageError;
use crate::router::AppState;
use crate::session::{Inside, MaybeAccount};
use crate::view::Shell;

pub(crate) async fn page(
    State(state): State<AppState>,
    MaybeAccount(account): MaybeAccount,
    shell: Shell,
) -> Result<Response, PageError> {
    let model = releases::page(&state.sluice, None, MOST).await?;
    shell.page(account.as_ref(), None, t!("Patterns"), Place::Safeguards, || pages::patterns::releases(&model)).await
}

pub(crate) async fn without_us(
    State(state): State<AppState>,
    Inside(viewer): Inside,
    shell: Shell,
) -> Result<Response, PageError> {
    let auditor: OrgAuditor = match &viewer {
        Viewer::Admin(admin) => admin.clone().into(),
        Viewer::Auditor(auditor) => auditor.clone(),
        Viewer::Support(_) => return Err(PageError::NotFound),
    };
    let model = match impact(&state.sluice, &auditor).await {
        Ok(model) => Some(model),
        Err(error @ (ImpactError::Region(_) | ImpactError::Vault(_))) => {
            tracing::warn!(%error, "the impact of an organisation cannot be shown");
            None
        }
        Err(ImpactError::Release(error)) => return Err(error.into()),
        Err(ImpactError::Store(error)) => return Err(error.into()),
    };
    let body = || pages::patterns::impact(&viewer.org().slug, model.as_ref());
    shell.page(Some(viewer.account()), Some(viewer.org()), t!("Without us"), Place::Impact, body).await
}
