//! One's own account: its password, and the browsers that are signed in with it. Nobody else's can be reached from here.

use audit::Action;
use language::t;
use thiserror::Error;

use crate::Sluice;
use crate::access::{By, Who};
use crate::audit_log::entries_for;
use crate::model::{Account, OpenSession};
use crate::ports::{StoreError, WhichSessions};
use crate::sign_in::{Passwords, SignInError, Unacceptable, acceptable};

/// What the account page shows.
#[derive(Clone, Debug)]
pub struct AccountPage {
    pub account: Account,
    /// The newest first, each with whether it is the one that looks.
    pub sessions: Vec<(OpenSession, bool)>,
}

/// Why a password was not changed.
#[derive(Debug, Error)]
pub enum PasswordError {
    #[error("{}", t!("The current password is not right."))]
    CurrentWrong,
    #[error(transparent)]
    New(#[from] Unacceptable),
    #[error(transparent)]
    SignIn(SignInError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// # Errors
/// When the store fails.
pub async fn account_page(sluice: &Sluice, who: &Who) -> Result<AccountPage, StoreError> {
    let own = own_digits(who);
    let sessions = sluice.store.open_sessions(&who.account.id, sluice.now()).await?;
    let sessions = sessions
        .into_iter()
        .map(|session| {
            let is_own = session.digits == own;
            (session, is_own)
        })
        .collect();
    Ok(AccountPage { account: who.account.clone(), sessions })
}

/// Changes the password and signs out every other browser.
///
/// # Errors
/// What is wrong with the current or the new password.
pub async fn change_password(
    sluice: &Sluice,
    passwords: &Passwords,
    who: &Who,
    current: &str,
    new: &str,
) -> Result<(), PasswordError> {
    passwords.sign_in(sluice.store.as_ref(), &who.account.email, current).await.map_err(|error| match error {
        SignInError::Wrong => PasswordError::CurrentWrong,
        other => PasswordError::SignIn(other),
    })?;
    acceptable(new, &who.account.email)?;
    let hash = passwords.hash(new).await.map_err(PasswordError::SignIn)?;
    let entry = who.did(sluice.now(), Action::PasswordChange, "account", &who.account.id);
    let entries = entries_for(sluice, &who.account, &entry).await?;
    let others = WhichSessions::AllBut(own_digits(who));
    Ok(sluice.store.set_password(&who.account.id, &hash, &others, &entries).await?)
}

/// Signs one browser out, by the digits of its session. Whether there was such a one.
///
/// # Errors
/// When the store fails.
pub async fn end_session(sluice: &Sluice, who: &Who, digits: &str) -> Result<bool, StoreError> {
    let entry = who.did(sluice.now(), Action::SessionEnd, "session", digits);
    let entries = entries_for(sluice, &who.account, &entry).await?;
    let which = WhichSessions::One(digits.to_owned());
    Ok(sluice.store.end_sessions(&who.account.id, &which, &entries).await? > 0)
}

/// Signs every other browser out. How many that were.
///
/// # Errors
/// When the store fails.
pub async fn end_other_sessions(sluice: &Sluice, who: &Who) -> Result<u64, StoreError> {
    let entry = who.did(sluice.now(), Action::SessionsEndAll, "account", &who.account.id);
    let entries = entries_for(sluice, &who.account, &entry).await?;
    sluice.store.end_sessions(&who.account.id, &WhichSessions::AllBut(own_digits(who)), &entries).await
}

/// The digits of the session that acts.
fn own_digits(who: &Who) -> String {
    match &who.via.by {
        By::Session(digits) => digits.clone(),
        By::Key(_) | By::Machine => String::new(),
    }
}
