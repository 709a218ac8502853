//! Sign-in with e-mail and password, and what a password has to be.
//!
//! Hashing is slow on purpose, so only as many hashes run at once as there are permits, and whoever would have to wait
//! long is turned away instead of piling up. An unknown address costs the same work as a wrong password.

use std::sync::Arc;
use std::time::Duration;

use argon2::Argon2;
use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use language::t;
use thiserror::Error;
use tokio::sync::Semaphore;

use crate::blocking::Stopped;
use crate::model::Account;
use crate::ports::{Accounts, StoreError};

/// Shorter passwords are guessed, however they are composed.
pub const MIN_PASSWORD_CHARS: usize = 8;

/// Longer passwords are refused before they are hashed.
pub const MAX_PASSWORD_CHARS: usize = 128;

/// The name of an address that is shorter than this stands in too many words to be forbidden in a password.
const SHORTEST_NAME: usize = 3;

/// In small letters, sorted; `lists/README.md` says where from.
const COMMON: &str = include_str!("../lists/common_passwords.txt");

const LONGEST_WAIT: Duration = Duration::from_secs(3);

#[derive(Debug, Error)]
pub enum SignInError {
    #[error("{}", t!("That e-mail address and password do not belong together."))]
    Wrong,
    #[error("{}", t!("Many people are signing in at this moment. Nothing is wrong with your password; try again in a few seconds."))]
    Busy,
    #[error("password hashing failed: {0}")]
    Hash(String),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a password cannot be taken. Each text says what is wrong and what to do.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum Unacceptable {
    #[error("{}", t!("The password has fewer than {least} characters. Take a longer one; a few words are easy to keep in mind.", least = MIN_PASSWORD_CHARS))]
    TooShort,
    #[error("{}", t!("The password has more than {most} characters. Take a shorter one.", most = MAX_PASSWORD_CHARS))]
    TooLong,
    #[error("{}", t!("This password is among those that are tried first, because many people have it. Take another."))]
    Common,
    #[error("{}", t!("The password has the name of your e-mail address in it, which is easy to guess. Take another."))]
    HasName,
}

/// Whether a password may be that of the account with an e-mail address.
///
/// # Errors
/// What is wrong with it.
pub fn acceptable(password: &str, email: &str) -> Result<(), Unacceptable> {
    let count = password.chars().count();
    if count < MIN_PASSWORD_CHARS {
        return Err(Unacceptable::TooShort);
    }
    if count > MAX_PASSWORD_CHARS {
        return Err(Unacceptable::TooLong);
    }
    let password = password.to_lowercase();
    if COMMON.lines().any(|common| common == password) {
        return Err(Unacceptable::Common);
    }
    let name = email.split('@').next().unwrap_or_default().trim().to_lowercase();
    if name.chars().count() >= SHORTEST_NAME && password.contains(&name) {
        return Err(Unacceptable::HasName);
    }
    Ok(())
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

    /// The hash of a new password.
    ///
    /// # Errors
    /// [`SignInError::Busy`] when too many people sign in at once.
    pub async fn hash(&self, password: &str) -> Result<String, SignInError> {
        let password = password.to_owned();
        self.permitted(move || hash(&password)).await?
    }

    async fn matches(&self, password: String, stored: String) -> Result<bool, SignInError> {
        self.permitted(move || {
            PasswordHash::new(&stored)
                .is_ok_and(|stored| Argon2::default().verify_password(password.as_bytes(), &stored).is_ok())
        })
        .await
    }

    /// Runs slow work on a thread of its own, once there is a permit for it.
    async fn permitted<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, SignInError> {
        let permit = tokio::time::timeout(LONGEST_WAIT, Arc::clone(&self.permits).acquire_owned())
            .await
            .map_err(|_| SignInError::Busy)?
            .map_err(|error| SignInError::Hash(error.to_string()))?;
        tokio::task::spawn_blocking(move || {
            let _permit = permit;
            work()
        })
        .await
        .map_err(|error| SignInError::Hash(Stopped::from(error).to_string()))
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
        for fine in ["eight ch", "93571846", "ÄÖÜäöüß€", "a plank is a plank", &"🚰".repeat(128)] {
            assert_eq!(acceptable(fine, "maud@quay.example"), Ok(()), "{fine}");
        }
        for short in ["", "seven c", "ÄÖÜäöüß"] {
            assert_eq!(acceptable(short, "maud@quay.example"), Err(Unacceptable::TooShort), "{short}");
        }
        assert_eq!(acceptable(&"x".repeat(129), "maud@quay.example"), Err(Unacceptable::TooLong));
    }

    #[test]
    fn a_password_is_neither_a_common_one_nor_the_name_of_the_address() {
        for common in ["password", "PassWord1", "qwertyuiop", "12345678"] {
            assert_eq!(acceptable(common, "maud@quay.example"), Err(Unacceptable::Common), "{common}");
        }
        assert_eq!(acceptable("Maud and the planks", "maud@quay.example"), Err(Unacceptable::HasName));
        assert_eq!(acceptable("join the jumble", "jo@quay.example"), Ok(()), "a short name is in too many words");
    }
}
