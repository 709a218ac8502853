//! Webhooks: Jira says what happened to a work item when it happens, and what contributes of it is stored.
//!
//! Whoever knows the secret of a webhook can send data of its organisation through the gate, and nothing else. A signature is
//! checked with the secret itself and not with a hash of it, so it is kept encrypted under the master key. It is shown once, and
//! must never stand in a log, in an entry of the audit log or in an address. Whoever made a webhook answers for it as for a
//! key: if they are no longer an admin of the organisation, it is worth nothing (see [`crate::access::webhook_holder`]).
//! Nothing is ever fetched from where a message says that it comes from.

use std::fmt;

use audit::{Action, Draft, hex};
use deidentify::{Event, ReadError};
use language::t;
use policy::Timestamp;
use thiserror::Error;
use uuid::Uuid;

use crate::Sluice;
use crate::access::{OrgAdmin, OrgWebhook, ReadsOrg, difference};
use crate::ingest::{self, Answer, Arriving, Batch, HOURS, IngestError};
use crate::keys::{self, LONGEST_NAME, MOST_KEYS};
use crate::ports::StoreError;
use crate::target::target_in;
use crate::vault::{self, VaultError};
use crate::words;

/// Bytes of a secret; its text has two digits for each.
const SECRET_LEN: usize = 32;

/// A webhook as it is kept: everything but its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhook {
    pub id: String,
    pub org_id: String,
    pub name: String,
    /// The id of the account that made it, and its name.
    pub created_by: String,
    pub creator: String,
    pub created_at: Timestamp,
    pub revoked_at: Option<Timestamp>,
    /// To within a few minutes.
    pub last_used_at: Option<Timestamp>,
}

impl Webhook {
    /// Whether it is worth anything, as far as it is up to the webhook.
    pub fn works(&self) -> bool {
        self.revoked_at.is_none()
    }
}

/// The text of a secret, which both sides have: 64 hexadecimal digits.
pub struct Secret(String);

impl fmt::Debug for Secret {
    /// Shows nothing of the secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

impl Secret {
    /// The text, to be shown once.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

/// Why a webhook was not made. Each text says what is wrong and what to do, for a person to read.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum WebhookRefusal {
    #[error("{}", t!("Give the webhook a name that says which Jira sends: 1 to {most} characters.", most = LONGEST_NAME))]
    Name,
    #[error("{}", t!("Type your password: whoever has a webhook's secret can send data in the organisation's name."))]
    PasswordMissing,
    #[error("{}", t!("That is not your password."))]
    PasswordWrong,
    #[error("{}", t!("Your password was not checked, because too many were typed at this moment. Wait a minute and try again."))]
    PasswordUnchecked,
    #[error("{}", t!("{most} webhooks work already. Revoke one that is no longer used.", most = MOST_KEYS))]
    TooMany,
}

#[derive(Debug, Error)]
pub enum WebhookError {
    #[error(transparent)]
    Refused(#[from] WebhookRefusal),
    #[error("there is no such webhook")]
    NotFound,
    #[error(transparent)]
    Vault(#[from] VaultError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why nothing of a message was taken.
#[derive(Debug, Error)]
pub enum ReceiveError {
    #[error("{}", t!("The webhook cannot be read: {why}.", why = words::unreadable(.0)))]
    Unreadable(#[from] ReadError),
    /// It may be a repetition: what was answered then is not kept any more.
    #[error("{}", t!("This happened more than {hours} hours ago, and may have been overtaken. Import the work item instead.", hours = HOURS))]
    TooOld,
    #[error(transparent)]
    Ingest(#[from] IngestError),
}

/// The webhooks of an organisation, newest first, those that no longer work included.
///
/// # Errors
/// When the store fails.
pub async fn list(sluice: &Sluice, admin: &OrgAdmin) -> Result<Vec<Webhook>, StoreError> {
    sluice.store.webhooks(&admin.org().id).await
}

/// Makes a webhook. Its secret is in the answer and nowhere else in clear. `proved` is whether the admin showed a short while
/// ago who they are.
///
/// # Errors
/// A refusal that says what is missing; or the master key cannot be reached.
pub async fn create(
    sluice: &Sluice,
    admin: &OrgAdmin,
    name: &str,
    proved: bool,
) -> Result<(Secret, Webhook), WebhookError> {
    let name = keys::name(name).ok_or(WebhookRefusal::Name)?;
    if !proved {
        return Err(WebhookRefusal::PasswordMissing.into());
    }
    if list(sluice, admin).await?.iter().filter(|webhook| webhook.works()).count() >= MOST_KEYS {
        return Err(WebhookRefusal::TooMany.into());
    }
    let webhook = Webhook {
        id: Uuid::now_v7().to_string(),
        org_id: admin.org().id.clone(),
        name,
        created_by: admin.account().id.clone(),
        creator: admin.account().name.clone(),
        created_at: sluice.now(),
        revoked_at: None,
        last_used_at: None,
    };
    let secret = Secret(hex(&vault::random::<SECRET_LEN>()?));
    let wrapped = sluice.master.wrap(secret.0.as_bytes(), &bound_to(&webhook)).await?;
    let entry = Draft {
        changes: vec![difference("name", None, Some(&webhook.name))],
        ..admin.who().did(webhook.created_at, Action::WebhookCreate, "webhook", &webhook.id)
    };
    sluice.store.add_webhook(&webhook, &wrapped, &entry).await?;
    Ok((secret, webhook))
}

/// What a secret is encrypted for: no other row opens it.
pub(crate) fn bound_to(webhook: &Webhook) -> String {
    format!("sluice webhook 1\0{}\0{}", webhook.org_id, webhook.id)
}

/// Makes a webhook worth nothing from now on, and forgets its secret.
///
/// # Errors
/// [`WebhookError::NotFound`] if the organisation has no such webhook, or it was revoked before.
pub async fn revoke(sluice: &Sluice, admin: &OrgAdmin, id: &str) -> Result<(), WebhookError> {
    let now = sluice.now();
    let entry = admin.who().did(now, Action::WebhookRevoke, "webhook", id);
    let revoked = sluice.store.revoke_webhook(&admin.org().id, id, now, &entry).await?;
    if revoked { Ok(()) } else { Err(WebhookError::NotFound) }
}

/// Takes a message that was signed. None if it says nothing that concerns what is contributed.
///
/// A message that comes again is answered as before and changes nothing: its time is in the body that was signed, so the body
/// tells it from every other one. One that comes late, after something later was told of the same, may still remove something and
/// adds nothing; so does one that is too old for it to be known what was told since.
///
/// # Errors
/// See [`ReceiveError`]. Nothing of the message is stored then.
pub async fn receive(sluice: &Sluice, webhook: &OrgWebhook, body: &[u8]) -> Result<Option<Answer>, ReceiveError> {
    let deidentify::Webhook { event, at } = deidentify::webhook(body)?;
    used(sluice, webhook).await;
    let Some(arriving) = arriving(event) else { return Ok(None) };
    if adds(&arriving) && at.is_some_and(|at| is_old(at, sluice.now())) {
        return Err(ReceiveError::TooOld);
    }
    let body_hash = ingest::body_hash(body);
    // Without a time the same body may be the same change made once more.
    let key = at.map(|_| format!("webhook {body_hash}"));
    // A clock of theirs that is ahead of ours does not keep out what is told after it.
    let told_at = at.map(|at| Timestamp::from_micros(at.saturating_mul(1_000)).min(sluice.now()));
    let batch = Batch { key, body_hash, arriving: vec![arriving], told_at, progress: None };
    Ok(Some(ingest::batch(sluice, webhook, batch).await?))
}

fn arriving(event: Event) -> Option<Arriving> {
    match event {
        Event::Upsert { item, has_comments: true } => Some(Arriving::Item(item)),
        Event::Upsert { item, has_comments: false } => Some(Arriving::WithoutComments(item)),
        Event::Delete { app, id, space } => Some(Arriving::Gone { app: target_in(app, &space).0.to_owned(), id }),
        Event::Comment { item_id, app, space, id, is_new, item } => Some(Arriving::Comment {
            app: target_in(app, &space).0.to_owned(),
            space,
            item: item_id,
            id,
            is_new,
            comment: item,
        }),
        Event::Other => None,
    }
}

fn adds(arriving: &Arriving) -> bool {
    !matches!(arriving, Arriving::Gone { .. } | Arriving::SpaceGone { .. } | Arriving::Comment { comment: None, .. })
}

fn is_old(at: i64, now: Timestamp) -> bool {
    (now.micros() / 1_000).saturating_sub(at) > HOURS * 3_600_000
}

/// Remembers that a webhook is in use. A failure costs nothing but this knowledge.
async fn used(sluice: &Sluice, webhook: &OrgWebhook) {
    let (now, webhook) = (sluice.now(), webhook.webhook());
    if keys::is_recent(webhook.last_used_at, now) {
        return;
    }
    if let Err(error) = sluice.store.webhook_used(&webhook.id, now).await {
        tracing::warn!(%error, "the last use of a webhook was not written");
    }
}
