//! Sign-in with e-mail and password.
//!
//! Hashing is slow on purpose, so only as many hashes run at once as there are permits, and whoever would have to wait
//! long is turned away instead of piling up. An unknown address costs the same work as a wrong password.

use std::sync::Arc;
use std::time::Duration;

use argon2::Argon2;
use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use thiserror::Error;
use tokio::sync::Semaphore;

use crate::model::Account;
use crate::ports::{Accounts, StoreError};

/// Longer passwords are refused before they are hashed.
pub const MAX_PASSWORD_CHARS: usize = 128;
const MIN_PASSWORD_CHARS: usize = 8;

const LONGEST_WAIT: Duration = Duration::from_secs(3);

#[derive(Debug, Error)]
pub enum SignInError {
    #[error("That e-mail address and password do not belong together.")]
    Wrong,
    #[error(
        "Many people are signing in at this moment. Nothing is wrong with your password; try again in a few seconds."
    )]
    Busy,
    #[error("password hashing failed: {0}")]
    Hash(String),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a password cannot be chosen.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum Unacceptable {
    #[error("A password has at least {MIN_PASSWORD_CHARS} characters.")]
    TooShort,
    #[error("A password has at most {MAX_PASSWORD_CHARS} characters.")]
    TooLong,
}

/// Whether somebody may choose a password: the one rule for every way to set one. What it is made of is up to them.
///
/// # Errors
/// What is wrong with it.
pub fn acceptable(password: &str) -> Result<(), Unacceptable> {
    match password.chars().count() {
        0..MIN_PASSWORD_CHARS => Err(Unacceptable::TooShort),
        MIN_PASSWORD_CHARS..=MAX_PASSWORD_CHARS => Ok(()),
        _ => Err(Unacceptable::TooLong),
    }
}

/// Hashes and checks passwords, a few at a time.
#[derive(Clone, Debug)]
pub struct Passwords {
    permits: Arc<Semaphore>,
    /// Of no account: what an unknown address is checked against.
    decoy: Arc<str>,
}

impl Passwords {
    /// # Errors
    /// When the machine has no randomness for a salt.
    pub fn new(at_once: usize) -> Result<Self, SignInError> {
        let decoy = hash("no account has this password")?;
        Ok(Self { permits: Arc::new(Semaphore::new(at_once.max(1))), decoy: decoy.into() })
    }

    /// The account that an e-mail address and a password belong to.
    ///
    /// # Errors
    /// [`SignInError::Wrong`] for an unknown address and for a wrong password alike, [`SignInError::Busy`] when too many
    /// people sign in at once.
    pub async fn sign_in(&self, accounts: &dyn Accounts, email: &str, password: &str) -> Result<Account, SignInError> {
        let known = accounts.account_by_email(&email.trim().to_lowercase()).await?;
        let (account, stored) = match known {
            Some((account, stored)) => (Some(account), stored),
            None => (None, self.decoy.to_string()),
        };
        if password.chars().count() > MAX_PASSWORD_CHARS {
            return Err(SignInError::Wrong);
        }
        let matches = self.matches(password.to_owned(), stored).await?;
        account.filter(|_| matches).ok_or(SignInError::Wrong)
    }

    async fn matches(&self, password: String, stored: String) -> Result<bool, SignInError> {
        let permit = tokio::time::timeout(LONGEST_WAIT, Arc::clone(&self.permits).acquire_owned())
            .await
            .map_err(|_| SignInError::Busy)?
            .map_err(|error| SignInError::Hash(error.to_string()))?;
        tokio::task::spawn_blocking(move || {
            let _permit = permit;
            PasswordHash::new(&stored)
                .is_ok_and(|stored| Argon2::default().verify_password(password.as_bytes(), &stored).is_ok())
        })
        .await
        .map_err(|error| SignInError::Hash(error.to_string()))
    }
}

/// An argon2id hash in PHC form, with a fresh salt.
///
/// # Errors
/// When the machine has no randomness for a salt.
pub fn hash(password: &str) -> Result<String, SignInError> {
    Argon2::default()
        .hash_password(password.as_bytes())
        .map(|hash| hash.to_string())
        .map_err(|error| SignInError::Hash(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_has_eight_to_128_characters_of_any_kind() {
        for fine in ["12345678", "pass word", "ÄÖÜäöüß€", &"🚰".repeat(128)] {
            assert_eq!(acceptable(fine), Ok(()), "{fine}");
        }
        assert_eq!(acceptable("1234567"), Err(Unacceptable::TooShort));
        assert_eq!(acceptable(""), Err(Unacceptable::TooShort));
        assert_eq!(acceptable(&"x".repeat(129)), Err(Unacceptable::TooLong));
    }
}
