//! API keys and requests that must not be done twice.

use audit::Entry;
use policy::Timestamp;
use service::access::ReadsOrg as _;
use service::keys::{Scope, Wanted, create, keys_page, revoke};
use service::requests::{Answer, Begun};

use crate::console::Console;

fn wanted(name: &str) -> Wanted {
    Wanted { name: name.to_owned(), scopes: vec![Scope::Audit, Scope::Read], days: 7, proved: true }
}

pub(crate) async fn a_key_is_found_by_its_hash_alone(url: String) {
    let console = Console::demo(&url).await;
    let (admin, store) = (console.admin("large").await, &console.sluice.store);
    let (secret, made) = create(&console.sluice, &admin, &wanted("  Nightly   sync ")).await.unwrap();
    assert_eq!((made.name.as_str(), &made.scopes[..]), ("Nightly sync", &[Scope::Read, Scope::Audit][..]));
    assert_eq!(store.api_key_by_hash(&secret.hash()).await.unwrap(), Some(made.clone()));
    assert_eq!(store.api_key_by_hash(secret.reveal()).await.unwrap(), None);
    assert_eq!(keys_page(&console.sluice, &admin).await.unwrap().keys[..], std::slice::from_ref(&made)[..]);
    let elsewhere = console.admin("enterprise").await;
    assert!(keys_page(&console.sluice, &elsewhere).await.unwrap().keys.is_empty());

    let used = Timestamp::from_micros(console.sluice.now().micros() + 1);
    store.api_key_used(&made.id, used).await.unwrap();
    assert_eq!(store.api_key_by_hash(&secret.hash()).await.unwrap().unwrap().last_used_at, Some(used));
    let names = store.actor_names(&[made.id.clone(), made.created_by.clone()]).await.unwrap();
    assert_eq!((&names[&made.id], &names[&made.created_by]), (&made.name, &made.creator));
}

pub(crate) async fn a_key_is_revoked_once_and_by_its_own_organisation(url: String) {
    let console = Console::demo(&url).await;
    let (admin, elsewhere) = (console.admin("large").await, console.admin("enterprise").await);
    let (_, made) = create(&console.sluice, &admin, &wanted("Sync")).await.unwrap();
    let log = async || {
        let lines = console.sluice.store.audit_lines(&admin.org().id, 0, 1_000).await.unwrap();
        lines.lines().map(|line| Entry::of_line(line).unwrap().0.action.id()).collect::<Vec<_>>()
    };
    let before = log().await;
    assert_eq!(before.last(), Some(&"key.create"));
    assert!(revoke(&console.sluice, &elsewhere, &made.id).await.is_err());
    assert!(revoke(&console.sluice, &admin, "nothing").await.is_err());
    assert_eq!(log().await, before);
    revoke(&console.sluice, &admin, &made.id).await.unwrap();
    assert!(revoke(&console.sluice, &admin, &made.id).await.is_err());
    assert_eq!(log().await, [before, vec!["key.revoke"]].concat());
    let key = &keys_page(&console.sluice, &admin).await.unwrap().keys[0];
    assert_eq!((key.revoked_at, key.works(console.sluice.now())), (Some(console.sluice.now()), false));
}

/// A key whose entry cannot be written is not made, and a revocation whose entry cannot be written did not happen.
pub(crate) async fn a_key_and_its_entry_are_one(url: String) {
    let console = Console::demo(&url).await;
    let admin = console.admin("large").await;
    let (_, made) = create(&console.sluice, &admin, &wanted("First")).await.unwrap();
    console.database.execute_raw("ALTER TABLE audit_resources RENAME TO elsewhere").await.unwrap();
    assert!(create(&console.sluice, &admin, &wanted("Second")).await.is_err());
    assert!(revoke(&console.sluice, &admin, &made.id).await.is_err());
    console.database.execute_raw("ALTER TABLE elsewhere RENAME TO audit_resources").await.unwrap();
    assert_eq!(keys_page(&console.sluice, &admin).await.unwrap().keys, [made]);
}

pub(crate) async fn a_request_is_known_for_as_long_as_it_is_kept(url: String) {
    let console = Console::demo(&url).await;
    let store = &console.sluice.store;
    let at = Timestamp::from_micros;
    let begin =
        async |id: &str, body: &str, now: i64| store.begin_request(id, body, at(now), at(now - 100)).await.unwrap();
    assert_eq!(begin("a", "x", 1_000).await, Begun::New);
    assert_eq!(begin("a", "x", 1_001).await, Begun::Unanswered);
    assert_eq!(begin("a", "y", 1_001).await, Begun::Another);
    let answer = Answer { status: 200, etag: Some("\"7\"".to_owned()), body: "{\"é\": 1}".to_owned() };
    store.answer_request("a", &answer).await.unwrap();
    assert_eq!(begin("a", "x", 1_100).await, Begun::Answered(answer));
    assert_eq!(begin("a", "y", 1_100).await, Begun::Another);
    assert_eq!(begin("a", "y", 1_101).await, Begun::New, "its time is over");
    store.forget_request("a").await.unwrap();
    assert_eq!(begin("a", "z", 1_102).await, Begun::New);
}

pub(crate) async fn of_many_attempts_one_is_new(url: String) {
    let console = Console::demo(&url).await;
    let now = console.sluice.now();
    let attempts: Vec<_> = (0..12)
        .map(|_| {
            let store = console.sluice.store.clone();
            tokio::spawn(async move { store.begin_request("a", "x", now, Timestamp::from_micros(0)).await.unwrap() })
        })
        .collect();
    let mut new = 0;
    for attempt in attempts {
        new += usize::from(attempt.await.unwrap() == Begun::New);
    }
    assert_eq!(new, 1);
}
