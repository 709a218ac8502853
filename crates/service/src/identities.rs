//! Whom a provider of sign-in vouches for, and which account that is.
//!
//! An account is found by its e-mail address once, and only if the provider says that the address was verified; from then
//! on by what the provider calls the person, which stays the same when an address changes hands. Nothing here makes an
//! account or gives a role.

use audit::Action;
use language::kept;
use policy::Timestamp;
use thiserror::Error;

use crate::Sluice;
use crate::access::{Via, Who};
use crate::audit_log::{entries_for, sign_in_failed};
use crate::model::Account;
use crate::ports::StoreError;

/// A person as a provider calls them: never used for anyone else (OpenID Connect Core 1.0, section 2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    pub issuer: String,
    pub subject: String,
}

/// What a provider says of whoever signed in there.
#[derive(Clone, Debug)]
pub struct Vouched {
    pub identity: Identity,
    /// The address that it says was verified.
    pub verified_email: Option<String>,
    /// When the person last showed there who they are, if it says so.
    pub authenticated_at: Option<Timestamp>,
}

/// Why somebody whom the provider vouches for has no account here.
#[derive(Debug, Error)]
pub enum IdentityError {
    #[error("the provider does not say that the address was verified")]
    NotVerified,
    #[error("no account has this address")]
    NoAccount,
    #[error("the account with this address is linked to somebody else")]
    SomeoneElses,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The account of whoever a provider vouches for; the first time it is linked.
///
/// # Errors
/// When there is none, or one that is not theirs. What may be of interest to the account's organisations is in their audit log then.
pub async fn account_of(sluice: &Sluice, via: &Via, vouched: &Vouched) -> Result<Account, IdentityError> {
    let store = sluice.store.as_ref();
    if let Some(account) = store.account_by_identity(&vouched.identity).await? {
        return Ok(account);
    }
    let email = vouched.verified_email.as_deref().map(|email| email.trim().to_lowercase());
    let email = email.ok_or(IdentityError::NotVerified)?;
    let Some((account, _)) = store.account_by_email(&email).await? else {
        sign_in_failed(
            sluice,
            &email,
            &via.request,
            kept!("No account has the address that the provider vouched for."),
        )
        .await?;
        return Err(IdentityError::NoAccount);
    };
    let who = Who { account, via: via.clone() };
    let entry = who.did(sluice.now(), Action::IdentityLink, "account", &who.account.id);
    let entries = entries_for(sluice, &who.account, &entry).await?;
    if store.link_identity(&vouched.identity, &who.account.id, sluice.now(), &entries).await? {
        return Ok(who.account);
    }
    // Someone was quicker: either this very sign-in in another window, or the account is somebody else's.
    if let Some(account) = store.account_by_identity(&vouched.identity).await? {
        return Ok(account);
    }
    let because = kept!("The provider vouched for the address, but for another person than the account is linked to.");
    sign_in_failed(sluice, &email, &via.request, because).await?;
    Err(IdentityError::SomeoneElses)
}
