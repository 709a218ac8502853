//! Sign-in through a provider that speaks OpenID Connect: what is asked of it, and what of its answer is believed.
//!
//! The authorization code flow with state, nonce and PKCE (OpenID Connect Core 1.0, RFC 7636). Knows no account and no
//! session: [`Provider::ask`] makes what the session keeps, and [`Provider::vouched`] what the use cases take. A token never
//! leaves `provider`, and is never logged.

use policy::Timestamp;
use serde::{Deserialize, Serialize};
use thiserror::Error;

#[cfg(not(feature = "oidc"))]
#[path = "oidc/absent.rs"]
mod provider;
#[cfg(feature = "oidc")]
mod provider;

pub use provider::Provider;

/// Where the provider sends people back to.
pub(crate) const CALLBACK: &str = "/sign-in/oidc/callback";

/// For so many microseconds somebody may take their time at the provider.
const LONGEST_AWAY: i64 = 10 * 60_000_000;

/// Two machines' clocks may be so many microseconds apart.
const SKEW: i64 = 60_000_000;

/// What has to fit the answer that comes back, kept in the session meanwhile.
#[derive(Deserialize, Serialize)]
pub(crate) struct Question {
    state: String,
    nonce: String,
    verifier: String,
    asked_at: i64,
}

impl Question {
    /// Whether an answer with this state belongs to it, and comes in time.
    pub(crate) fn is_answered_by(&self, state: &str, now: Timestamp) -> bool {
        let away = now.micros().saturating_sub(self.asked_at);
        self.state == state && (0..LONGEST_AWAY).contains(&away)
    }

    /// Whether somebody showed who they are after this was asked, and not some time before.
    pub(crate) fn was_before(&self, authenticated_at: Timestamp) -> bool {
        authenticated_at.micros() >= self.asked_at.saturating_sub(SKEW)
    }
}

/// Why a provider is of no use. The texts are for the log: they hold no token and nobody's name.
#[derive(Debug, Error)]
pub enum OidcError {
    #[error("the provider cannot be reached: {0}")]
    Unreachable(String),
    #[error("what the provider says is not believed: {0}")]
    NotBelieved(String),
    #[error(
        "this program was built without the feature oidc; remove the settings that begin with oidc_, or use a build that has it"
    )]
    NotBuilt,
    #[error("no connection to a provider can be made: {0}")]
    Client(String),
}
