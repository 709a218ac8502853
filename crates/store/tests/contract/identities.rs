//! Whom a provider vouches for: one account for each, whole or not at all, with its entry.

use std::collections::HashMap;

use audit::{Action, Draft};
use serde_json::json;
use service::administration::{AdministrationError, unlink};
use service::identities::Identity;
use service::model::Account;
use time::OffsetDateTime;
use tower_sessions_core::SessionStore as _;
use tower_sessions_core::session::{Id, Record};

use crate::console::Console;

fn identity(issuer: &str, subject: &str) -> Identity {
    Identity { issuer: issuer.to_owned(), subject: subject.to_owned() }
}

async fn entries(console: &Console) -> i64 {
    let org = console.org("large").await;
    console.sluice.store.audit_head(&org.id).await.unwrap().sequence
}

/// Links an account, with an entry in the log of the organisation `large`.
async fn link(console: &Console, identity: &Identity, account: &Account) -> Result<bool, service::ports::StoreError> {
    let admin = console.admin("large").await;
    let now = console.sluice.now();
    let entry: Draft = admin.who().did(now, Action::IdentityLink, "account", &account.id);
    let entries = [(console.org("large").await.id, entry)];
    console.sluice.store.link_identity(identity, &account.id, now, &entries).await
}

pub(crate) async fn an_identity_is_linked_once_and_unlinked_with_its_sessions(url: String) {
    let console = Console::demo(&url).await;
    let store = &console.sluice.store;
    let [one, other] = ["large", "free"].map(|slug| console.admin(slug));
    let (one, other) = (one.await.account().clone(), other.await.account().clone());
    let of = async |identity: &Identity| store.account_by_identity(identity).await.unwrap().map(|account| account.id);
    let (here, there) = (identity("https://login.example", "p-1"), identity("https://elsewhere.example", "p-1"));
    let before = entries(&console).await;
    assert_eq!(of(&here).await, None);
    assert!(link(&console, &here, &one).await.unwrap());
    assert_eq!(of(&here).await.as_ref(), Some(&one.id));
    assert_eq!(entries(&console).await, before + 1);

    // Neither the same person as another account, nor another person as the same account.
    assert!(!link(&console, &here, &one).await.unwrap());
    assert!(!link(&console, &here, &other).await.unwrap());
    assert!(!link(&console, &identity("https://login.example", "p-2"), &one).await.unwrap());
    assert_eq!(of(&identity("https://login.example", "p-2")).await, None);
    assert_eq!(entries(&console).await, before + 1, "what is not linked is not told");
    // The same words of another provider are somebody else.
    assert_eq!(of(&there).await, None);
    assert!(link(&console, &there, &other).await.unwrap());
    assert_eq!(of(&there).await.as_ref(), Some(&other.id));

    let data = HashMap::from([("account".to_owned(), json!(one.id))]);
    let until = i128::from(console.sluice.now().plus_days(1).micros()) * 1_000;
    let expiry_date = OffsetDateTime::from_unix_timestamp_nanos(until).unwrap();
    console.database.sessions.create(&mut Record { id: Id::default(), data, expiry_date }).await.unwrap();
    let before = entries(&console).await;
    unlink(&console.sluice, &one.email).await.unwrap();
    assert_eq!((of(&here).await, of(&there).await), (None, Some(other.id)));
    assert!(store.open_sessions(&one.id, console.sluice.now()).await.unwrap().is_empty());
    assert_eq!(entries(&console).await, before + 1);
    assert!(matches!(unlink(&console.sluice, &one.email).await, Err(AdministrationError::NotLinked)));
    assert!(matches!(unlink(&console.sluice, "nobody@quay.example").await, Err(AdministrationError::NoAccount)));
    assert_eq!(entries(&console).await, before + 1);
    assert!(link(&console, &identity("https://login.example", "p-2"), &one).await.unwrap(), "and can be linked anew");
}

pub(crate) async fn an_identity_and_its_entry_are_one(url: String) {
    let console = Console::demo(&url).await;
    let one = console.admin("large").await.account().clone();
    let (linked, new) = (identity("https://login.example", "p-1"), identity("https://elsewhere.example", "p-1"));
    assert!(link(&console, &linked, &one).await.unwrap());
    console.database.execute_raw("ALTER TABLE audit_resources RENAME TO audit_resources_elsewhere").await.unwrap();
    assert!(link(&console, &new, &one).await.is_err());
    assert!(unlink(&console.sluice, &one.email).await.is_err());
    let store = &console.sluice.store;
    assert!(store.account_by_identity(&new).await.unwrap().is_none());
    assert!(store.account_by_identity(&linked).await.unwrap().is_some());
}
