//! A build without the feature `oidc`: there can be no provider, so nothing here is ever called.

use policy::Timestamp;
use service::identities::Vouched;

use super::{OidcError, Question};
use crate::config::OidcSettings;

/// There is none.
#[derive(Debug)]
pub enum Provider {}

impl Provider {
    /// # Errors
    /// Always: a setting that does nothing must not look as if it did.
    pub fn new(_: OidcSettings) -> Result<Self, OidcError> {
        Err(OidcError::NotBuilt)
    }

    pub(crate) fn name(&self) -> &str {
        match *self {}
    }

    #[allow(clippy::unused_async, reason = "the same shape as with the feature")]
    pub(crate) async fn ask(&self, _: bool, _: Timestamp) -> Result<(String, Question), OidcError> {
        match *self {}
    }

    #[allow(clippy::unused_async, reason = "the same shape as with the feature")]
    pub(crate) async fn vouched(&self, _: &Question, _: &str, _: Timestamp) -> Result<Vouched, OidcError> {
        match *self {}
    }
}
