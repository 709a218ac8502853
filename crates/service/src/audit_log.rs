//! The audit log of an organisation: searching it, taking it away, and showing that nobody bent it.
//!
//! What accompanies a change is written by the store, in the transaction of the change. What stands for itself (a sign-in, a
//! denied attempt, an export) is written here. There is no way to change or delete an entry.

use audit::{Action, Actor, ActorKind, Draft, Interface, Outcome, Resource};

use crate::Sluice;
use crate::access::Who;
use crate::model::{Account, OrgRef};
use crate::ports::StoreError;

/// The log of what belongs to no organisation.
pub const INSTALLATION: &str = "installation";

/// Writes that something was tried without the right to it. `what` is the path of a page or an operation, without a query.
///
/// # Errors
/// When the store fails.
pub async fn denied(sluice: &Sluice, who: &Who, org: &OrgRef, what: &str) -> Result<(), StoreError> {
    let entry = Draft {
        outcome: Outcome::Denied,
        because: Some("The role does not allow it.".to_owned()),
        ..who.did(sluice.now(), Action::AccessDenied, "page", what)
    };
    sluice.store.append(&[(org.id.clone(), entry)]).await
}

/// Writes that someone signed in or out, in the log of each of their organisations; of the vendor's own people in the
/// installation's.
///
/// # Errors
/// When the store fails.
pub async fn session(sluice: &Sluice, who: &Who, action: Action) -> Result<(), StoreError> {
    let entry = who.did(sluice.now(), action, "account", &who.account.id);
    append_for(sluice, &who.account, &entry).await
}

/// Writes that somebody failed to sign in: for a known account to the logs of its organisations, otherwise to the
/// installation's. What was typed is never written.
///
/// # Errors
/// When the store fails.
pub async fn sign_in_failed(
    sluice: &Sluice,
    account: Option<&Account>,
    request: &str,
    because: &str,
) -> Result<(), StoreError> {
    let id = account.map_or("", |account| account.id.as_str());
    let entry = Draft {
        at: sluice.now().micros(),
        actor: Actor { id: String::new(), kind: ActorKind::Unknown, session: None },
        on_behalf_of: None,
        interface: Interface::Web,
        request: request.to_owned(),
        action: Action::SignIn,
        resource: Resource { id: id.to_owned(), kind: "account".to_owned() },
        changes: Vec::new(),
        outcome: Outcome::Failed,
        because: Some(because.to_owned()),
        reason: None,
        reverts: None,
    };
    match account {
        Some(account) => append_for(sluice, account, &entry).await,
        None => sluice.store.append(&[(INSTALLATION.to_owned(), entry)]).await,
    }
}

/// Appends an entry about an account wherever it belongs.
pub(crate) async fn append_for(sluice: &Sluice, account: &Account, entry: &Draft) -> Result<(), StoreError> {
    sluice.store.append(&entries_for(sluice, account, entry).await?).await
}

/// An entry about an account with each log that it belongs to.
pub(crate) async fn entries_for(
    sluice: &Sluice,
    account: &Account,
    entry: &Draft,
) -> Result<Vec<(String, Draft)>, StoreError> {
    let orgs = sluice.store.organisations_of(&account.id).await?;
    let mut scopes: Vec<String> = orgs.into_iter().map(|(org, _)| org.id).collect();
    if scopes.is_empty() || account.staff.is_some() {
        scopes = vec![INSTALLATION.to_owned()];
    }
    Ok(scopes.into_iter().map(|scope| (scope, entry.clone())).collect())
}
