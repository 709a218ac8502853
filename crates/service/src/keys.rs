//! API keys: a program acts for one organisation, on behalf of the admin who made its key.
//!
//! The text of a key is shown once and never again: what is kept is its SHA-256. It must never stand in a log, in an entry
//! of the audit log or in an address. Whoever made the key answers for it: if they are no longer an admin of the
//! organisation, the key is worth nothing (see [`crate::access::key_holder`]).

use std::fmt;

use audit::{Action, Draft, sha256};
use language::t;
use policy::Timestamp;
use ring::rand::{SecureRandom, SystemRandom};
use thiserror::Error;

use crate::Sluice;
use crate::access::{KeyHolder, OrgAdmin, ReadsOrg, difference};
use crate::audit_log::{append_denied, kept_path};
use crate::model::OrgRef;
use crate::ports::StoreError;

/// By this a scanner of texts knows a key.
pub const PREFIX: &str = "slc_";
const RANDOM_LEN: usize = 30;
const CHECKSUM_LEN: usize = 6;
const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

pub const LONGEST_NAME: usize = 60;
/// How long a key may last.
pub const MOST_DAYS: i64 = 365;
/// Keys of one organisation that work at the same time.
pub const MOST_KEYS: usize = 100;

/// How exactly the last use of a key is known: a write for each request would cost more than the request.
const USE_MINUTES: i64 = 5;

/// What a key may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    Read,
    Write,
    Preview,
    Ingest,
    Audit,
}

impl Scope {
    pub const ALL: [Self; 5] = [Self::Read, Self::Write, Self::Preview, Self::Ingest, Self::Audit];

    pub fn id(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Preview => "preview",
            Self::Ingest => "ingest",
            Self::Audit => "audit",
        }
    }

    /// What it allows, in a sentence.
    pub fn says(self) -> &'static str {
        match self {
            Self::Read => t!("See settings, decisions and their history, and how many people and terms there are."),
            Self::Write => {
                t!(
                    "Change settings, people and terms, see who has access and close it, as you could. It opens access to nobody."
                )
            }
            Self::Preview => t!("See the terms, and wash exports with the organisation's people and terms."),
            Self::Ingest => {
                t!("Send data through the gate: it sees what became of each item, and nothing that is stored.")
            }
            Self::Audit => t!("Read the audit log."),
        }
    }

    pub fn parse(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.id() == id)
    }
}

/// Scopes as they are kept and shown: in one order, with a space between them.
pub fn scope_list(scopes: &[Scope]) -> String {
    scopes.iter().map(|scope| scope.id()).collect::<Vec<_>>().join(" ")
}

/// A key as it is kept: everything but the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    pub id: String,
    pub org_id: String,
    pub name: String,
    /// In the order of [`Scope::ALL`].
    pub scopes: Vec<Scope>,
    /// The id of the account that made it, and its name.
    pub created_by: String,
    pub creator: String,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub revoked_at: Option<Timestamp>,
    /// To within a few minutes.
    pub last_used_at: Option<Timestamp>,
}

impl ApiKey {
    /// Whether it is worth anything at a time, as far as it is up to the key.
    pub fn works(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && now < self.expires_at
    }
}

/// The text of a key.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl fmt::Debug for Secret {
    /// Shows nothing of the key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

impl Secret {
    fn new() -> Result<Self, KeyError> {
        let random = SystemRandom::new();
        let mut text = String::from(PREFIX);
        let mut bytes = [0_u8; 64];
        while text.len() < PREFIX.len() + RANDOM_LEN {
            random.fill(&mut bytes).map_err(|_| KeyError::NoRandomness)?;
            // 248 is the largest multiple of 62 in a byte: above it some digits would be more frequent than others.
            let digits = bytes.iter().filter(|byte| **byte < 248).map(|byte| digit(u32::from(*byte)));
            text.extend(digits.take(PREFIX.len() + RANDOM_LEN - text.len()));
        }
        text.push_str(&checksum(&text));
        Ok(Self(text))
    }

    /// Reads a key. None if it is mistyped, or no key at all: that is seen without asking the store.
    pub fn parse(text: &str) -> Option<Self> {
        let random = text.strip_prefix(PREFIX)?;
        let plain = random.len() == RANDOM_LEN + CHECKSUM_LEN && random.bytes().all(|byte| DIGITS.contains(&byte));
        if !plain {
            return None;
        }
        let (body, sum) = text.split_at_checked(PREFIX.len() + RANDOM_LEN)?;
        (checksum(body) == sum).then(|| Self(text.to_owned()))
    }

    /// What is kept of it.
    pub fn hash(&self) -> String {
        sha256(self.0.as_bytes())
    }

    /// The text, to be shown once.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

fn digit(number: u32) -> char {
    char::from(DIGITS[(number % 62) as usize])
}

/// CRC32 in base 62: not for safety, but so that a scanner and a person who mistypes learn at once that it is no key.
fn checksum(text: &str) -> String {
    let mut rest = crc32fast::hash(text.as_bytes());
    let mut digits = [' '; CHECKSUM_LEN];
    for place in digits.iter_mut().rev() {
        *place = digit(rest);
        rest /= 62;
    }
    digits.iter().collect()
}

/// Why a key was not made. Each text says what is wrong and what to do, for a person to read.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum KeyRefusal {
    #[error("{}", t!("Give the key a name that says which program uses it: 1 to {most} characters.", most = LONGEST_NAME))]
    Name,
    #[error("{}", t!("Choose at least one thing that the key may do."))]
    NoScope,
    #[error("{}", t!("Type your password: a key that writes can turn on what you can turn on."))]
    PasswordMissing,
    #[error("{}", t!("That is not your password."))]
    PasswordWrong,
    #[error("{}", t!("Your password was not checked, because too many were typed at this moment. Wait a minute and try again."))]
    PasswordUnchecked,
    #[error("{}", t!("A key lasts from 1 to {most} days.", most = MOST_DAYS))]
    Days,
    #[error("{}", t!("{most} keys work already. Revoke one that is no longer used.", most = MOST_KEYS))]
    TooMany,
}

#[derive(Debug, Error)]
pub enum KeyError {
    #[error(transparent)]
    Refused(#[from] KeyRefusal),
    #[error("there is no such key")]
    NotFound,
    #[error("the system gave no random numbers")]
    NoRandomness,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a person wants of a new key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    pub name: String,
    pub scopes: Vec<Scope>,
    pub days: i64,
    /// Whoever asks showed a short while ago who they are; a key that writes needs it.
    pub proved: bool,
}

/// What the page of the keys shows.
#[derive(Clone, Debug)]
pub struct KeysPage {
    pub org: OrgRef,
    /// Newest first, those that no longer work included.
    pub keys: Vec<ApiKey>,
    pub now: Timestamp,
}

/// The keys of an organisation.
///
/// # Errors
/// When the store fails.
pub async fn keys_page(sluice: &Sluice, admin: &OrgAdmin) -> Result<KeysPage, StoreError> {
    let org = admin.org().clone();
    Ok(KeysPage { keys: sluice.store.api_keys(&org.id).await?, now: sluice.now(), org })
}

/// Makes a key. Its text is in the answer and nowhere else.
///
/// # Errors
/// A refusal that says what is missing.
pub async fn create(sluice: &Sluice, admin: &OrgAdmin, wanted: &Wanted) -> Result<(Secret, ApiKey), KeyError> {
    let now = sluice.now();
    let name = name(&wanted.name).ok_or(KeyRefusal::Name)?;
    let scopes: Vec<Scope> = Scope::ALL.into_iter().filter(|scope| wanted.scopes.contains(scope)).collect();
    if scopes.is_empty() {
        return Err(KeyRefusal::NoScope.into());
    }
    if !(1..=MOST_DAYS).contains(&wanted.days) {
        return Err(KeyRefusal::Days.into());
    }
    if scopes.contains(&Scope::Write) && !wanted.proved {
        return Err(KeyRefusal::PasswordMissing.into());
    }
    let there = sluice.store.api_keys(&admin.org().id).await?;
    if there.iter().filter(|key| key.works(now)).count() >= MOST_KEYS {
        return Err(KeyRefusal::TooMany.into());
    }
    let secret = Secret::new()?;
    let key = ApiKey {
        id: uuid::Uuid::now_v7().to_string(),
        org_id: admin.org().id.clone(),
        name,
        scopes,
        created_by: admin.account().id.clone(),
        creator: admin.account().name.clone(),
        created_at: now,
        expires_at: now.plus_days(wanted.days),
        revoked_at: None,
        last_used_at: None,
    };
    let entry = Draft {
        changes: vec![
            difference("name", None, Some(&key.name)),
            difference("scopes", None, Some(&scope_list(&key.scopes))),
            difference("expires", None, Some(&key.expires_at.rfc3339())),
        ],
        ..admin.who().did(now, Action::KeyCreate, "key", &key.id)
    };
    sluice.store.add_api_key(&key, &secret.hash(), &entry).await?;
    Ok((secret, key))
}

/// A name as it is kept; none if it is too long or says nothing.
pub(crate) fn name(typed: &str) -> Option<String> {
    let name = crate::terms::tidy(typed);
    let fits = (1..=LONGEST_NAME).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    fits.then_some(name)
}

/// Makes a key worth nothing from now on.
///
/// # Errors
/// [`KeyError::NotFound`] if the organisation has no such key, or it was revoked before.
pub async fn revoke(sluice: &Sluice, admin: &OrgAdmin, id: &str) -> Result<(), KeyError> {
    let now = sluice.now();
    let entry = admin.who().did(now, Action::KeyRevoke, "key", id);
    let revoked = sluice.store.revoke_api_key(&admin.org().id, id, now, &entry).await?;
    if revoked { Ok(()) } else { Err(KeyError::NotFound) }
}

/// Remembers that a key is in use. A failure costs nothing but this knowledge.
pub async fn used(sluice: &Sluice, holder: &KeyHolder) {
    let (now, key) = (sluice.now(), holder.key());
    if is_recent(key.last_used_at, now) {
        return;
    }
    if let Err(error) = sluice.store.api_key_used(&key.id, now).await {
        tracing::warn!(%error, "the last use of a key was not written");
    }
}

/// Whether a use is known well enough.
pub(crate) fn is_recent(last: Option<Timestamp>, now: Timestamp) -> bool {
    last.is_some_and(|at| now.micros() - at.micros() < USE_MINUTES * 60_000_000)
}

/// Writes that a key was used for what it is not for. `what` is the path of the request, without a query. Whether it was
/// written: a log takes so many of a key in an hour.
///
/// # Errors
/// When the store fails.
pub async fn denied(sluice: &Sluice, holder: &KeyHolder, needs: Scope, what: &str) -> Result<bool, StoreError> {
    let entry = holder.who().did(sluice.now(), Action::AccessDenied, "api", &kept_path(what));
    let because = format!("The key does not have the scope {}.", needs.id());
    append_denied(sluice, &holder.org().id, entry, &because).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_known_by_its_form_and_its_checksum() {
        let secret = Secret::new().unwrap();
        let text = secret.reveal().to_owned();
        assert_eq!(text.len(), 40, "{text}");
        assert_eq!(Secret::parse(&text), Some(secret.clone()));
        assert_ne!(Secret::new().unwrap(), secret);
        for (place, digit) in text.char_indices().skip(PREFIX.len()) {
            let other = if digit == 'x' { "y" } else { "x" };
            let mut mistyped = text.clone();
            mistyped.replace_range(place..=place, other);
            assert_eq!(Secret::parse(&mistyped), None, "{mistyped}");
        }
        for wrong in ["", "slc_", &text[4..], &format!("{text}0"), &text.replace("slc_", "SLC_"), &"é".repeat(20)] {
            assert_eq!(Secret::parse(wrong), None, "{wrong}");
        }
    }

    /// As other programs compute it: Python's `zlib.crc32(b"slc_" + b"0" * 30)`, written in base 62.
    #[test]
    fn the_checksum_is_crc32_in_base_62() {
        assert_eq!(checksum(&format!("{PREFIX}{}", "0".repeat(30))), "2jPU6y");
    }

    #[test]
    fn nothing_shows_the_key() {
        let secret = Secret::new().unwrap();
        assert!(!format!("{secret:?}").contains(&secret.reveal()[4..12]));
    }

    #[test]
    fn scopes_are_read_back() {
        for scope in Scope::ALL {
            assert_eq!(Scope::parse(scope.id()), Some(scope));
        }
        assert_eq!(Scope::parse("admin"), None);
    }
}
