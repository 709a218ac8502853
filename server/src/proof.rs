//! Proving again who one is, before something that must not be done by whoever finds an open browser.

use service::access::Who;
use service::audit_log;
use service::sign_in::SignInError;
use tower_sessions::Session;

use crate::address::Client;
use crate::errors::PageError;
use crate::metrics::RATE_LIMITED;
use crate::router::AppState;
use crate::session;

/// What a session and a typed password prove.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Proof {
    /// It is the person: the password was right, now or a short while ago.
    Given,
    Missing,
    Wrong,
    /// Too many passwords are being tried; nothing is known about this one.
    Unchecked,
}

/// Checks a typed password, unless the session proves enough. A wrong one counts towards the limit of sign-ins and is written
/// to the audit log with `because`.
pub(crate) async fn proof(
    state: &AppState,
    session: &Session,
    client: Client,
    who: &Who,
    password: Option<&str>,
    because: &str,
) -> Result<Proof, PageError> {
    let now = state.sluice.now();
    if session::has_proved(session, now).await? {
        return Ok(Proof::Given);
    }
    let Some(password) = password.filter(|password| !password.is_empty()) else {
        return Ok(Proof::Missing);
    };
    let email = &who.account.email;
    if state.limits.sign_in(email, client, now).is_err() {
        state.metrics.count(RATE_LIMITED, "sign_in");
        return Ok(Proof::Unchecked);
    }
    match state.passwords.sign_in(state.sluice.store.as_ref(), email, password).await {
        Ok(_) => {
            session::prove(session, now).await?;
            Ok(Proof::Given)
        }
        Err(SignInError::Wrong) => {
            audit_log::sign_in_failed(&state.sluice, email, &who.via.request, because).await?;
            Ok(Proof::Wrong)
        }
        Err(SignInError::Busy) => Ok(Proof::Unchecked),
        Err(error) => Err(error.into()),
    }
}
