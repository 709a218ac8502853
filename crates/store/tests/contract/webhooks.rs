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

pub(crate) async fn made(console: &Console, admin: &OrgAdmin) -> (Secret, Webhook) {
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

pub(crate) fn issue(number: usize, comments: usize) -> String {
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

/// Says something as Jira does.
pub(crate) async fn say(
    console: &Console,
    slug: &str,
    hook: &(Secret, Webhook),
    body: &str,
) -> Result<Option<Answer>, ReceiveError> {
    let cap = signed(console, slug, hook, body).await;
    receive(&console.sluice, &cap, body.as_bytes()).await
}

pub(crate) fn told(at: i64, event: &str, members: &str) -> String {
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
        let batch_of = Batch {
            key: Some(key.to_owned()),
            body_hash: body_hash(key.as_bytes()),
            arriving,
            told_at: None,
            progress: None,
        };
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
    // What was told before a space ended would be late.
    console.clock.pass_minutes(1);
    let hook = made(console, &console.admin(slug).await).await;
    let now = console.sluice.now().micros() / 1_000;
    for issue in &issues {
        let body = told(now, "jira:issue_created", &format!("\"issue\": {issue}"));
        say(console, slug, &hook, &body).await.unwrap().unwrap();
    }
    assert_eq!(kept(console, slug).await, by_api);
}

pub(crate) async fn what_jira_says_is_done_once(url: String) {
    let console = Console::demo(&url).await;
    let hook = made(&console, &console.admin("free").await).await;
    let now = console.sluice.now().micros() / 1_000;
    let say = async |body: &str| say(&console, "free", &hook, body).await;
    let about = |number: usize| format!("\"issue\": {}", issue(number, 0));
    // Jira says of a comment without its work item's other comments which one it is.
    let comment = |text: &str| comment(1, "9", text);
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
    let say = async |body: &str| say(&console, "free", &hook, body).await;
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

/// An issue as Jira Cloud sends it: without the list of its comments.
fn bare(number: usize) -> String {
    let bare = issue(number, 0).replace(r#""comment":{"comments":[],"total":0},"#, "");
    assert!(!bare.contains("comment"));
    bare
}

/// One of its comments.
fn comment(number: usize, id: &str, text: &str) -> String {
    format!("\"issue\": {}, \"comment\": {{\"id\": \"{id}\", \"body\": \"{text}\"}}", bare(number))
}

/// Jira sends again what did not get through, when other things have happened since.
pub(crate) async fn what_comes_late_brings_nothing_back(url: String) {
    let console = Console::demo(&url).await;
    let hook = made(&console, &console.admin("free").await).await;
    let now = console.sluice.now().micros() / 1_000;
    let outcome = async |body: &str| {
        let said = say(&console, "free", &hook, body).await.unwrap().unwrap();
        let [item] = &said.items[..] else { panic!("{said:?}") };
        if item.outcome == ItemOutcome::Outdated {
            assert!(
                item.fields == 0 && item.found.is_empty() && item.decisions.is_empty() && said.decisions.is_empty()
            );
        }
        item.outcome
    };
    let updated = |at: i64, number: usize, summary: &str| {
        let issue = bare(number).replace(&format!("Heron {number}"), summary);
        told(now + at, "jira:issue_updated", &format!("\"issue\": {issue}"))
    };
    let deleted =
        |at: i64, number: usize| told(now + at, "jira:issue_deleted", &format!("\"issue\": {}", bare(number)));
    use ItemOutcome::{Contributed, Outdated, Removed};

    // After an update.
    assert_eq!(outcome(&updated(-50, 1, "A crane")).await, Contributed);
    let newer = kept(&console, "free").await;
    assert_eq!(outcome(&updated(-60, 1, "A secret heron")).await, Outdated);
    assert_eq!(outcome(&updated(-60, 1, "A secret heron")).await, Outdated, "it is answered so again");
    assert_eq!(kept(&console, "free").await, newer);
    // Of two of the same moment the last to come is taken; each again changes nothing.
    assert_eq!(outcome(&updated(-50, 1, "A stork")).await, Contributed);
    let stork = kept(&console, "free").await;
    assert_ne!(stork, newer);
    assert_eq!(outcome(&updated(-50, 1, "A crane")).await, Contributed);
    assert_eq!(kept(&console, "free").await, stork);

    // A comment that is late for another one is late, and one that is late for its work item is not: that said nothing of it.
    assert_eq!(outcome(&told(now - 55, "comment_created", &comment(1, "9", "A heron"))).await, Contributed);
    assert_eq!(outcome(&told(now - 40, "comment_updated", &comment(1, "9", "A crane"))).await, Contributed);
    let newer = kept(&console, "free").await;
    assert_eq!(outcome(&told(now - 45, "comment_updated", &comment(1, "9", "A heron"))).await, Outdated);
    assert_eq!(kept(&console, "free").await, newer);
    assert_eq!(outcome(&told(now - 30, "comment_deleted", &comment(1, "9", ""))).await, Removed);
    assert_eq!(outcome(&told(now - 35, "comment_updated", &comment(1, "9", "A heron"))).await, Outdated);
    assert!(kept(&console, "free").await.iter().all(|(_, part, ..)| part.is_empty()));

    // After the end of all of it; what ends is also done late.
    assert_eq!(outcome(&deleted(-20, 1)).await, Removed);
    for late in [-21, -20] {
        assert_eq!(outcome(&updated(late, 1, "A heron")).await, Outdated, "of the same moment the removal wins");
        assert_eq!(outcome(&told(now + late, "comment_updated", &comment(1, "9", "x"))).await, Outdated);
        assert_eq!(outcome(&told(now + late, "comment_created", &comment(1, "10", "x"))).await, Outdated);
    }
    assert!(kept(&console, "free").await.is_empty());
    assert_eq!(outcome(&updated(-10, 2, "A heron")).await, Contributed);
    assert_eq!(outcome(&deleted(-15, 2)).await, Removed);
    assert!(kept(&console, "free").await.is_empty());

    // What a program deletes stays deleted for what was told before.
    let operator = access::operator(console.sluice.store.as_ref(), "free").await.unwrap();
    let by_program = async |arriving: Arriving| {
        let arriving = vec![arriving];
        let batch_of = Batch { key: None, body_hash: String::new(), arriving, told_at: None, progress: None };
        batch(&console.sluice, &operator, batch_of).await.unwrap().items.remove(0).outcome
    };
    assert_eq!(outcome(&updated(-9, 5, "A heron")).await, Contributed);
    assert_eq!(by_program(Arriving::Gone { app: "jira".to_owned(), id: "5".to_owned() }).await, Removed);
    assert_eq!(outcome(&updated(-8, 5, "A heron")).await, Outdated);
    assert_eq!(outcome(&updated(-9, 11, "A heron")).await, Contributed);
    let space_gone = Arriving::SpaceGone { app: "jira".to_owned(), space: "WEB".to_owned() };
    assert_eq!(by_program(space_gone).await, Removed);
    assert_eq!(outcome(&updated(-8, 11, "A heron")).await, Outdated);
    assert!(kept(&console, "free").await.is_empty());
    console.clock.pass_minutes(1);
    let now = now + 60_000;
    let updated = |at: i64, number: usize, summary: &str| {
        let issue = bare(number).replace(&format!("Heron {number}"), summary);
        told(now + at, "jira:issue_updated", &format!("\"issue\": {issue}"))
    };
    let deleted =
        |at: i64, number: usize| told(now + at, "jira:issue_deleted", &format!("\"issue\": {}", bare(number)));

    // The first of many comments are not the comments: a deleted one does not come back with them.
    let first_of_many = issue(10, 1).replace("\"total\":1", "\"total\":2");
    assert!(first_of_many.contains("\"total\":2"));
    let deletion = format!("\"issue\": {}, \"comment\": {{\"id\": \"100\"}}", bare(10));
    assert_eq!(outcome(&told(now - 5, "comment_deleted", &deletion)).await, Removed);
    assert_eq!(
        outcome(&told(now - 7, "jira:issue_updated", &format!("\"issue\": {first_of_many}"))).await,
        Contributed
    );
    let texts = async || kept(&console, "free").await.into_iter().find(|(_, _, kind, _)| kind == "in-app").unwrap();
    let with_some = texts().await;
    by_program(Arriving::Item(item(&bare(10)).unwrap())).await;
    assert_eq!(texts().await, with_some);
    assert_eq!(outcome(&deleted(-3, 10)).await, Removed);

    // Where an item is no more, nothing is stored of it, in whatever order it is told.
    let elsewhere = |text: &str| text.replace("WEB", "OPS");
    assert_eq!(outcome(&elsewhere(&updated(-20, 7, "A heron"))).await, Contributed);
    assert_eq!(outcome(&told(now - 21, "comment_created", &comment(7, "70", "A heron"))).await, Outdated);
    assert_eq!(
        outcome(&elsewhere(&told(now - 21, "comment_created", &comment(7, "70", "A heron")))).await,
        Contributed
    );
    assert_eq!(
        outcome(&elsewhere(&told(now - 20, "comment_created", &comment(8, "80", "A heron")))).await,
        Contributed
    );
    assert_eq!(outcome(&updated(-21, 8, "A heron")).await, Outdated);
    for number in [7, 8] {
        assert_eq!(outcome(&deleted(-2, number)).await, Removed);
    }
    assert!(kept(&console, "free").await.is_empty());

    // A clock that is ahead keeps out nothing that comes later.
    assert_eq!(outcome(&updated(86_400_000, 4, "A heron")).await, Contributed);
    console.clock.pass_minutes(1);
    assert_eq!(outcome(&updated(59_000, 4, "A crane")).await, Contributed);
    // What an admin or a program sends is what they mean now.
    assert_eq!(by_program(Arriving::Item(item(&bare(1)).unwrap())).await, Contributed);

    // After a day it is not known any more what was told, and nothing so old is taken.
    let before = console.sluice.now();
    console.clock.pass_minutes(24 * 60 + 1);
    console.region().plane.forget_batches(before).await.unwrap();
    assert!(matches!(say(&console, "free", &hook, &updated(59_000, 4, "A heron")).await, Err(ReceiveError::TooOld)));
}

pub(crate) async fn comments_stay_where_nothing_is_said_of_them(url: String) {
    let console = Console::demo(&url).await;
    let hook = made(&console, &console.admin("free").await).await;
    let now = console.sluice.now().micros() / 1_000;
    let say = async |at: i64, event: &str, members: &str| {
        say(&console, "free", &hook, &told(now + at, event, members)).await.unwrap().unwrap()
    };
    let comments = async || {
        let kept = kept(&console, "free").await;
        kept.into_iter().filter(|(_, part, ..)| !part.is_empty()).collect::<Vec<_>>()
    };
    let update = |issue: &str| format!("\"issue\": {issue}");
    say(-90, "jira:issue_created", &update(&bare(1))).await;
    say(-80, "comment_created", &comment(1, "9", "A heron")).await;
    let one = comments().await;
    assert!(!one.is_empty());
    say(-70, "jira:issue_updated", &update(&bare(1).replace("Heron 1", "A crane"))).await;
    assert_eq!(comments().await, one, "an update without them says nothing of them");
    say(-60, "jira:issue_updated", &update(&issue(1, 1))).await;
    assert!(comments().await.is_empty(), "they came with it");
    // In another space they would be decided otherwise.
    say(-50, "comment_created", &comment(1, "9", "A heron")).await;
    assert!(!comments().await.is_empty());
    say(-40, "jira:issue_updated", &update(&bare(1).replace("WEB", "OPS"))).await;
    assert!(comments().await.is_empty());
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
