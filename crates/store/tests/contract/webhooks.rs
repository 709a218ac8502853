//! Webhooks: their secrets, who made them, and what comes through them.

use audit::{Entry, hex};
use deidentify::item;
use ring::hmac;
use service::access::{OrgAdmin, OrgWebhook, ReadsOrg as _, WebhookHolder, webhook_holder};
use service::data_plane::RecordFilter;
use service::hooks::{self, ReceiveError, Secret, Webhook, create, list, receive, revoke};
use service::ingest::{Answer, Arriving, Batch, ItemOutcome, batch, body_hash};
use service::vault::VaultError;
use service::{access, imports};

use crate::console::Console;

async fn made(console: &Console, admin: &OrgAdmin) -> (Secret, Webhook) {
    create(&console.sluice, admin, "  Jira   in Utrecht ", true).await.unwrap()
}

async fn opened(console: &Console, slug: &str, id: &str) -> Result<Option<WebhookHolder>, VaultError> {
    webhook_holder(console.sluice.store.as_ref(), console.sluice.master.as_ref(), slug, id).await
}

fn signature(secret: &str, body: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    format!("sha256={}", hex(hmac::sign(&key, body.as_bytes()).as_ref()))
}

/// What a message that Jira signed opens.
async fn signed(console: &Console, slug: &str, (secret, webhook): &(Secret, Webhook), body: &str) -> OrgWebhook {
    let holder = opened(console, slug, &webhook.id).await.unwrap().unwrap();
    holder.signed(body.as_bytes(), &signature(secret.reveal(), body)).unwrap()
}

pub(crate) async fn a_secret_is_kept_encrypted_for_its_own_row(url: String) {
    let console = Console::demo(&url).await;
    let (admin, elsewhere) = (console.admin("large").await, console.admin("enterprise").await);
    let (secret, webhook) = made(&console, &admin).await;
    assert_eq!((webhook.name.as_str(), secret.reveal().len()), ("Jira in Utrecht", 64));
    assert!(!format!("{secret:?}").contains(&secret.reveal()[..8]));
    assert_eq!(list(&console.sluice, &admin).await.unwrap()[..], std::slice::from_ref(&webhook)[..]);
    assert!(list(&console.sluice, &elsewhere).await.unwrap().is_empty());
    let (kept, wrapped) = console.sluice.store.webhook(&webhook.id).await.unwrap().unwrap();
    assert_eq!(kept, webhook);
    let has = |text: &[u8]| wrapped.windows(text.len()).any(|window| window == text);
    assert!(!has(&secret.reveal().as_bytes()[..8]));

    assert!(opened(&console, "large", &webhook.id).await.unwrap().is_some());
    for (slug, id) in
        [("enterprise", webhook.id.as_str()), ("ghost", &webhook.id), ("large", "nothing"), ("large", "\0")]
    {
        assert!(opened(&console, slug, id).await.unwrap().is_none(), "{slug} {id}");
    }
    // Put into another row, it does not open.
    let (_, other) = made(&console, &elsewhere).await;
    let all_as_the_first = "UPDATE webhooks SET secret = (SELECT w.secret FROM webhooks w ORDER BY w.id LIMIT 1)";
    console.database.execute_raw(all_as_the_first).await.unwrap();
    assert!(opened(&console, "large", &webhook.id).await.unwrap().is_some());
    let opened = opened(&console, "enterprise", &other.id).await;
    assert!(matches!(opened, Err(VaultError::Sealed)), "{opened:?}");
}

pub(crate) async fn a_webhook_is_revoked_once_and_by_its_own_organisation(url: String) {
    let console = Console::demo(&url).await;
    let (admin, elsewhere) = (console.admin("large").await, console.admin("enterprise").await);
    let (_, webhook) = made(&console, &admin).await;
    let log = async || {
        let log = console.log("large").await;
        log.lines().map(|line| Entry::of_line(line).unwrap().0.action.id()).collect::<Vec<_>>()
    };
    let before = log().await;
    assert_eq!(before.last(), Some(&"webhook.create"));
    assert!(revoke(&console.sluice, &elsewhere, &webhook.id).await.is_err());
    assert!(revoke(&console.sluice, &admin, "nothing").await.is_err());
    assert_eq!(log().await, before);
    revoke(&console.sluice, &admin, &webhook.id).await.unwrap();
    assert!(revoke(&console.sluice, &admin, &webhook.id).await.is_err());
    assert_eq!(log().await, [before, vec!["webhook.revoke"]].concat());
    assert!(opened(&console, "large", &webhook.id).await.unwrap().is_none());
    assert_eq!(list(&console.sluice, &admin).await.unwrap()[0].revoked_at, Some(console.sluice.now()));
    // Whoever takes the mark away finds no secret behind it.
    console.database.execute_raw("UPDATE webhooks SET revoked_at = NULL").await.unwrap();
    assert!(opened(&console, "large", &webhook.id).await.is_err());
}

/// A webhook whose entry cannot be written is not made, and a revocation whose entry cannot be written did not happen.
pub(crate) async fn a_webhook_and_its_entry_are_one(url: String) {
    let console = Console::demo(&url).await;
    let admin = console.admin("large").await;
    let (_, webhook) = made(&console, &admin).await;
    console.database.execute_raw("ALTER TABLE audit_resources RENAME TO elsewhere").await.unwrap();
    assert!(create(&console.sluice, &admin, "Second", true).await.is_err());
    assert!(revoke(&console.sluice, &admin, &webhook.id).await.is_err());
    console.database.execute_raw("ALTER TABLE elsewhere RENAME TO audit_resources").await.unwrap();
    assert_eq!(list(&console.sluice, &admin).await.unwrap(), [webhook]);
}

pub(crate) async fn only_what_was_signed_opens_anything(url: String) {
    let console = Console::demo(&url).await;
    let admin = console.admin("large").await;
    let (secret, webhook) = made(&console, &admin).await;
    let (other, _) = made(&console, &admin).await;
    let right = signature(secret.reveal(), "{}");
    let opens = async |signature: &str| {
        let holder = opened(&console, "large", &webhook.id).await.unwrap().unwrap();
        holder.signed(b"{}", signature).is_some()
    };
    assert!(opens(&right).await);
    for wrong in [
        "".to_owned(),
        "sha256=".to_owned(),
        right[7..].to_owned(),
        right.replace("sha256=", "sha1="),
        right[..right.len() - 2].to_owned(),
        format!("{right}00"),
        format!("{}zz", &right[..right.len() - 2]),
        signature(secret.reveal(), "{} "),
        signature(other.reveal(), "{}"),
        signature("", "{}"),
    ] {
        assert!(!opens(&wrong).await, "{wrong}");
    }
    assert_eq!(signature("It's a Secret to Everybody", "Hello World!"), GIVEN, "as others compute it");
    console.database.execute_raw("UPDATE memberships SET role = 'auditor'").await.unwrap();
    assert!(opened(&console, "large", &webhook.id).await.unwrap().is_none(), "whoever made it is no admin any more");
}

/// Python: `hmac.new(b"It's a Secret to Everybody", b"Hello World!", "sha256").hexdigest()`.
const GIVEN: &str = "sha256=a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9";

fn issue(number: usize, comments: usize) -> String {
    let comments: Vec<_> = (0..comments)
        .map(|at| {
            let id = format!("{number}{at}");
            let author = serde_json::json!({ "displayName": "Bram Visser", "accountId": "5b10ac8d82e05b22cc7d4ef5" });
            serde_json::json!({ "id": id, "author": author, "body": format!("Bram Visser saw heron {at} as well.") })
        })
        .collect();
    let service_desk = number.is_multiple_of(3);
    let (space, kind) = if service_desk { ("HELP", "service_desk") } else { ("WEB", "software") };
    serde_json::json!({
        "id": number.to_string(),
        "key": format!("{space}-{number}"),
        "fields": {
            "summary": format!("Heron {number} on the gate"),
            "description": format!("Ines Okafor wrote to zed{number}@example.org about it."),
            "issuetype": { "name": "Bug" },
            "project": { "key": space, "projectTypeKey": kind },
            "reporter": { "displayName": "Ines Okafor" },
            "comment": { "total": comments.len(), "comments": comments },
        }
    })
    .to_string()
}

fn told(at: i64, event: &str, members: &str) -> String {
    format!("{{\"timestamp\": {at}, \"webhookEvent\": \"{event}\", {members}}}")
}

/// Each record as it is kept.
async fn kept(console: &Console, slug: &str) -> Vec<(String, String, String, String)> {
    let org = console.org(slug).await.id;
    let records = console.region().plane.records(&org, &RecordFilter::default(), None, 10_000).await.unwrap();
    let mut kept: Vec<_> = records
        .into_iter()
        .map(|record| (record.place.item, record.place.part, record.place.kind.id().to_owned(), record.digest))
        .collect();
    kept.sort();
    kept
}

/// Of the one organisation everything of one app leaves, of the other the metadata of both.
pub(crate) async fn api_import_and_webhook_store_the_same(url: String) {
    let console = Console::demo(&url).await;
    the_same_three_ways(&console, "free", 16).await;
    the_same_three_ways(&console, "premium", 12).await;
}

async fn the_same_three_ways(console: &Console, slug: &str, records: usize) {
    let issues: Vec<String> = (1..=12).map(|number| issue(number, number % 4)).collect();
    let operator = access::operator(console.sluice.store.as_ref(), slug).await.unwrap();
    let take = async |key: &str, arriving: Vec<Arriving>| {
        let batch_of =
            Batch { key: Some(key.to_owned()), body_hash: body_hash(key.as_bytes()), arriving, progress: None };
        batch(&console.sluice, &operator, batch_of).await.unwrap()
    };
    let clear = async |key: &str| {
        let gone = |app: &str, space: &str| Arriving::SpaceGone { app: app.to_owned(), space: space.to_owned() };
        take(key, vec![gone("jira", "WEB"), gone("jira-service-management", "HELP")]).await;
        assert!(kept(console, slug).await.is_empty());
    };
    take("api", issues.iter().map(|text| Arriving::Item(item(text).unwrap())).collect()).await;
    let by_api = kept(console, slug).await;
    assert_eq!(by_api.len(), records);

    clear("one").await;
    let file = format!("{{\"issues\": [{}]}}", issues.join(","));
    tokio::task::block_in_place(|| {
        let import = imports::import(&console.sluice, &operator, "export.json", file.as_bytes(), |_| {});
        tokio::runtime::Handle::current().block_on(import).unwrap();
    });
    assert_eq!(kept(console, slug).await, by_api);

    clear("two").await;
    let hook = made(console, &console.admin(slug).await).await;
    let now = console.sluice.now().micros() / 1_000;
    for issue in &issues {
        let body = told(now, "jira:issue_created", &format!("\"issue\": {issue}"));
        let cap = signed(console, slug, &hook, &body).await;
        receive(&console.sluice, &cap, body.as_bytes()).await.unwrap().unwrap();
    }
    assert_eq!(kept(console, slug).await, by_api);
}

pub(crate) async fn what_jira_says_is_done_once(url: String) {
    let console = Console::demo(&url).await;
    let hook = made(&console, &console.admin("free").await).await;
    let now = console.sluice.now().micros() / 1_000;
    let say = async |body: &str| -> Result<Option<Answer>, ReceiveError> {
        let cap = signed(&console, "free", &hook, body).await;
        receive(&console.sluice, &cap, body.as_bytes()).await
    };
    let about = |number: usize| format!("\"issue\": {}", issue(number, 0));
    // Jira says of a comment without its work item's other comments which one it is.
    let comment = |text: &str| {
        let bare = issue(1, 0).replace(r#""comment":{"comments":[],"total":0},"#, "");
        assert!(!bare.contains("comment"));
        format!("\"issue\": {bare}, \"comment\": {{\"id\": \"9\", \"body\": \"{text}\"}}")
    };
    let created = told(now, "jira:issue_created", &about(1));
    let first = say(&created).await.unwrap().unwrap();
    assert_eq!((first.items[0].item.as_str(), first.items[0].outcome), ("WEB-1", ItemOutcome::Contributed));
    let one = kept(&console, "free").await;
    assert_eq!(one.len(), 2);

    let changed = told(now + 1, "jira:issue_updated", &about(1).replace("Heron 1", "Heron one"));
    say(&changed).await.unwrap().unwrap();
    let two = kept(&console, "free").await;
    assert!(two.len() == 2 && two != one);
    assert_eq!(say(&created).await.unwrap(), Some(first), "a repetition is answered as before");
    assert_eq!(kept(&console, "free").await, two, "and changes nothing");
    // The same content at another time is another event.
    say(&told(now + 2, "jira:issue_updated", &about(1))).await.unwrap().unwrap();
    assert_eq!(kept(&console, "free").await, one);

    say(&told(now + 3, "comment_created", &comment("A heron"))).await.unwrap().unwrap();
    let with_comment = kept(&console, "free").await;
    assert!(with_comment.len() > 2 && one.iter().all(|record| with_comment.contains(record)));
    say(&told(now + 4, "comment_updated", &comment("Two herons"))).await.unwrap().unwrap();
    let changed = kept(&console, "free").await;
    assert!(changed.iter().filter(|(_, part, kind, _)| part.is_empty() && kind == "in-app").count() == 0);
    let said = say(&told(now + 5, "comment_deleted", &comment(""))).await.unwrap().unwrap();
    assert_eq!((said.items[0].item.as_str(), said.items[0].outcome), ("9", ItemOutcome::Removed));
    assert!(kept(&console, "free").await.iter().all(|(_, part, ..)| part.is_empty()));

    say(&told(now + 6, "jira:issue_deleted", &about(1))).await.unwrap().unwrap();
    assert!(kept(&console, "free").await.is_empty());
    for nothing in ["sprint_started", "worklog_created", "jira:version_released"] {
        assert_eq!(say(&told(now, nothing, &about(1))).await.unwrap(), None, "{nothing}");
    }
    for unreadable in ["", "[]", "{", "{\"webhookEvent\": \"jira:issue_updated\"}"] {
        assert!(matches!(say(unreadable).await, Err(ReceiveError::Unreadable(_))), "{unreadable}");
    }
    assert!(kept(&console, "free").await.is_empty());
}

/// After a day the answers are forgotten: a message from before then is no longer known as a repetition.
pub(crate) async fn what_is_old_may_remove_and_adds_nothing(url: String) {
    let console = Console::demo(&url).await;
    let hook = made(&console, &console.admin("free").await).await;
    let now = console.sluice.now().micros() / 1_000;
    let say = async |body: &str| {
        let cap = signed(&console, "free", &hook, body).await;
        receive(&console.sluice, &cap, body.as_bytes()).await
    };
    let about = format!("\"issue\": {}", issue(1, 0));
    let day = 24 * 3_600_000;
    let at = |at: i64, event: &str| told(at, event, &about);
    assert!(matches!(say(&at(now - day - 1, "jira:issue_updated")).await, Err(ReceiveError::TooOld)));
    assert!(matches!(say(&at(i64::MIN, "jira:issue_updated")).await, Err(ReceiveError::TooOld)));
    assert!(kept(&console, "free").await.is_empty());
    say(&at(now - day, "jira:issue_updated")).await.unwrap().unwrap();
    assert_eq!(kept(&console, "free").await.len(), 2);
    say(&at(now - day - 1, "jira:issue_deleted")).await.unwrap().unwrap();
    assert!(kept(&console, "free").await.is_empty());
    // Without a time nothing is taken for a repetition.
    let timeless = format!("{{\"webhookEvent\": \"jira:issue_updated\", {about}}}");
    say(&timeless).await.unwrap().unwrap();
    say(&at(now, "jira:issue_deleted")).await.unwrap().unwrap();
    say(&timeless).await.unwrap().unwrap();
    assert_eq!(kept(&console, "free").await.len(), 2);

    let last = async || list(&console.sluice, &console.admin("free").await).await.unwrap()[0].last_used_at;
    assert_eq!(last().await, Some(console.sluice.now()));
    let before = console.sluice.now();
    console.clock.pass_minutes(4);
    say(&timeless).await.unwrap();
    assert_eq!(last().await, Some(before), "seldom written");
    console.clock.pass_minutes(1);
    say(&timeless).await.unwrap();
    assert_eq!(last().await, Some(console.sluice.now()));
}

pub(crate) async fn making_one_takes_a_name_and_a_proof(url: String) {
    use hooks::{WebhookError, WebhookRefusal};
    let console = Console::demo(&url).await;
    let admin = console.admin("large").await;
    let make = async |name: &str, proved| match create(&console.sluice, &admin, name, proved).await {
        Err(WebhookError::Refused(refusal)) => Some(refusal),
        other => other.map(|_| None).unwrap(),
    };
    for name in ["", "  ", &"x".repeat(61), "a\0b"] {
        assert_eq!(make(name, true).await, Some(WebhookRefusal::Name), "{name}");
    }
    assert_eq!(make("Jira", false).await, Some(WebhookRefusal::PasswordMissing));
    for _ in 0..100 {
        assert_eq!(make("Jira", true).await, None);
    }
    assert_eq!(make("Jira", true).await, Some(WebhookRefusal::TooMany));
    let all = list(&console.sluice, &admin).await.unwrap();
    assert!(all.len() == 100 && all.iter().all(|webhook| webhook.org_id == admin.org().id));
    revoke(&console.sluice, &admin, &all[0].id).await.unwrap();
    assert_eq!(make("Jira", true).await, None);
}
