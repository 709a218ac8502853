//! Webhooks as Jira and admins meet them: the door, what it takes, and the page on which one is made.

use std::sync::Arc;
use std::time::Duration;

use audit::{Action, hex};
use axum::body::{Body, Bytes};
use axum::http::{Request, StatusCode};
use futures_util::stream;
use ring::hmac;
use serde_json::{Value, json};
use server::limits::{Limits, Quota, Quotas};
use service::data_plane::{Record, RecordFilter};
use service::hooks;
use service::keys::{self, Scope, Wanted};
use tokio::task::JoinSet;

use crate::html;
use crate::site::{Answer, Site};

const ORG: &str = "free";
const KEYS: &str = "/orgs/free/security/keys";
const WEBHOOKS: &str = "/orgs/free/security/keys/webhooks";

struct Jira<'a> {
    site: &'a Site,
    org: String,
    id: String,
    secret: String,
}

impl<'a> Jira<'a> {
    async fn new(site: &'a Site, org: &str) -> Self {
        let (secret, webhook) = hooks::create(&site.sluice, &site.org_admin(org).await, "Jira", true).await.unwrap();
        Self { site, org: org.to_owned(), id: webhook.id, secret: secret.reveal().to_owned() }
    }

    fn address(&self) -> String {
        format!("/hooks/jira/{}/{}", self.org, self.id)
    }

    /// What has just happened.
    fn event(&self, event: &str, members: &Value) -> String {
        let mut body = json!({ "timestamp": self.site.sluice.now().micros() / 1_000, "webhookEvent": event });
        body.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        body.to_string()
    }

    async fn send(&self, body: &str) -> Answer {
        post(self.site, &self.address(), Some(&signature(&self.secret, body)), body).await
    }
}

fn signature(secret: &str, body: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    format!("sha256={}", hex(hmac::sign(&key, body.as_bytes()).as_ref()))
}

async fn post(site: &Site, address: &str, signature: Option<&str>, body: &str) -> Answer {
    let request = Request::post(address).header("content-type", "application/json; charset=UTF-8");
    let request = signature.into_iter().fold(request, |request, text| request.header("x-hub-signature", text));
    site.anonymous().send(request.body(Body::from(body.to_owned())).unwrap()).await
}

fn issue(number: usize, summary: &str) -> Value {
    json!({
        "id": number.to_string(),
        "key": format!("WEB-{number}"),
        "fields": {
            "summary": summary,
            "description": "Ask Quillon Varga <quillon.varga@planted.example> about it.",
            "issuetype": { "name": "Bug" },
            "project": { "key": "WEB", "projectTypeKey": "software" },
        }
    })
}

async fn stored(site: &Site) -> Vec<Record> {
    let (region, org) = (site.sluice.regions.get("eu").unwrap(), site.snapshot(ORG).await.org.id);
    region.plane.records(&org, &RecordFilter::default(), None, 1_000).await.unwrap()
}

fn refused(answer: &Answer, status: u16, code: &str) {
    let problem: Value = serde_json::from_str(&answer.body).unwrap_or_else(|error| panic!("{error}: {}", answer.body));
    let said = (answer.status.as_u16(), problem["code"].as_str().unwrap_or_default().to_owned());
    assert_eq!(said, (status, code.to_owned()), "{problem}");
    assert_eq!(answer.header("content-type"), "application/problem+json");
    assert_eq!((answer.header("cache-control"), answer.header("set-cookie")), ("no-store", ""));
}

#[tokio::test]
async fn what_jira_signed_is_stored_once_and_taken_back() {
    let site = Site::demo().await;
    let jira = Jira::new(&site, ORG).await;
    let created = jira.event("jira:issue_created", &json!({ "issue": issue(1, "Login fails") }));
    let first = jira.send(&created).await;
    assert_eq!(first.status, StatusCode::OK, "{}", first.body);
    let answer: Value = serde_json::from_str(&first.body).unwrap();
    assert_eq!((&answer["items"][0]["item"], &answer["items"][0]["outcome"]), (&json!("WEB-1"), &json!("contributed")));
    assert_eq!(answer["items"][0]["found"]["email"], 1);
    assert!(!first.body.contains("Login") && !first.body.contains("Quillon"), "{}", first.body);
    let kept = stored(&site).await;
    assert_eq!(kept.len(), 2);
    assert_eq!(jira.send(&created).await.body, first.body);
    assert_eq!(stored(&site).await, kept);

    let comment = json!({ "issue": issue(1, "Login fails"), "comment": { "id": "7", "body": "On it" } });
    assert_eq!(jira.send(&jira.event("comment_created", &comment)).await.status, StatusCode::OK);
    assert!(stored(&site).await.len() > 2);
    let deleted = jira.event("jira:issue_deleted", &json!({ "issue": issue(1, "Login fails") }));
    let answer: Value = serde_json::from_str(&jira.send(&deleted).await.body).unwrap();
    assert_eq!(answer["items"][0]["outcome"], "removed");
    assert!(stored(&site).await.is_empty());

    let other = jira.send(&jira.event("sprint_started", &json!({ "sprint": { "id": 1 } }))).await;
    assert_eq!(
        (other.status, other.body.as_str()),
        (StatusCode::ACCEPTED, r#"{"detail":"Nothing is taken from this event."}"#)
    );
    let page = site.admin(ORG).await.get(KEYS).await;
    assert!(page.says("last used about"), "{}", html::text(&page.body));
}

#[tokio::test]
async fn nothing_of_it_is_in_a_file() {
    let site = Site::demo().await;
    let jira = Jira::new(&site, ORG).await;
    let body = jira.event("jira:issue_created", &json!({ "issue": issue(1, "Login fails") }));
    assert_eq!(jira.send(&body).await.status, StatusCode::OK);
    let mut everything = Vec::new();
    for file in std::fs::read_dir(site.folder()).unwrap() {
        everything.extend(std::fs::read(file.unwrap().path()).unwrap());
    }
    let has = |text: &str| everything.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(has("webhook.create") && has(&jira.id), "the search finds what is there");
    for planted in [jira.secret.as_str(), &jira.secret[..32], "Quillon", "planted.example", "Login fails"] {
        assert!(!has(planted), "{planted}");
    }
}

#[tokio::test]
async fn without_the_right_signature_nothing_is_read() {
    let site = Site::demo().await;
    let (jira, other) = (Jira::new(&site, ORG).await, Jira::new(&site, ORG).await);
    let body = jira.event("jira:issue_created", &json!({ "issue": issue(1, "Login fails") }));
    let right = signature(&jira.secret, &body);
    for wrong in [
        None,
        Some(String::new()),
        Some(right[7..].to_owned()),
        Some(right.to_uppercase()),
        Some(format!("{}0", &right[..right.len() - 1])).filter(|wrong| *wrong != right),
        Some(signature(&other.secret, &body)),
        Some(signature(&jira.secret, &format!("{body} "))),
    ] {
        let answer = post(&site, &jira.address(), wrong.as_deref(), &body).await;
        refused(&answer, 401, "signature-wrong");
        assert!(answer.body.contains("X-Hub-Signature") && answer.header("www-authenticate").starts_with("X-Hub"));
    }
    // Not even whether it is one.
    refused(&post(&site, &jira.address(), Some(&right), "{").await, 401, "signature-wrong");
    // A signed-in browser, or a program with a key, is nobody here.
    let mut admin = site.admin(ORG).await;
    let answer = admin.post_raw(&jira.address(), &[("content-type", "application/json")], body.clone()).await;
    refused(&answer, 401, "signature-wrong");
    assert!(stored(&site).await.is_empty());
    let get = Request::get(jira.address()).body(Body::empty()).unwrap();
    refused(&site.anonymous().send(get).await, 405, "method-not-allowed");
}

/// Unknown, revoked, of another organisation, of somebody who may no longer: nobody learns which.
#[tokio::test]
async fn every_door_that_does_not_open_looks_the_same() {
    let site = Site::demo().await;
    let jira = Jira::new(&site, ORG).await;
    let revoked = Jira::new(&site, ORG).await;
    hooks::revoke(&site.sluice, &site.org_admin(ORG).await, &revoked.id).await.unwrap();
    let elsewhere = Jira::new(&site, "standard").await;
    site.database.execute_raw("DELETE FROM memberships WHERE account_id IN (SELECT created_by FROM webhooks WHERE org_id = (SELECT id FROM organisations WHERE slug = 'standard'))").await.unwrap();
    let body = jira.event("jira:issue_created", &json!({ "issue": issue(1, "Login fails") }));
    let mut bodies = Vec::new();
    for (address, secret) in [
        (revoked.address(), &revoked.secret),
        (elsewhere.address(), &elsewhere.secret),
        (jira.address().replace("/free/", "/standard/"), &jira.secret),
        (jira.address().replace("/free/", "/ghost/"), &jira.secret),
        (format!("/hooks/jira/free/{}", uuid::Uuid::now_v7()), &jira.secret),
        ("/hooks/jira/free/nothing".to_owned(), &jira.secret),
        ("/hooks/jira/free/%00".to_owned(), &jira.secret),
        ("/hooks/jira/%FF/nothing".to_owned(), &jira.secret),
    ] {
        let answer = post(&site, &address, Some(&signature(secret, &body)), &body).await;
        refused(&answer, 404, "not-found");
        bodies.push(answer.body.replace(answer.header("x-request-id"), ""));
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1, "{bodies:?}");
    assert!(stored(&site).await.is_empty());
    assert_eq!(jira.send(&body).await.status, StatusCode::OK, "it is the door that was wrong");
}

#[tokio::test]
async fn what_is_wrong_is_said_and_never_repeated() {
    let site = Site::demo().await;
    let jira = Jira::new(&site, ORG).await;
    for body in [
        String::new(),
        "{".to_owned(),
        "[\"Quillon\"]".to_owned(),
        "{\"webhookEvent\": \"Quillon\"".to_owned(),
        jira.event("jira:issue_created", &json!({ "issue": { "Quillon": 1 } })),
        jira.event("comment_created", &json!({ "issue": issue(1, "Quillon"), "comment": "Quillon" })),
    ] {
        let answer = jira.send(&body).await;
        refused(&answer, 400, "bad-request");
        assert!(!answer.body.contains("Quillon"), "{}", answer.body);
    }
    refused(&jira.send(&" ".repeat(10 * 1024 * 1024 + 1)).await, 413, "too-large");
    let old = json!({ "timestamp": 1, "webhookEvent": "jira:issue_created", "issue": issue(1, "Login fails") });
    refused(&jira.send(&old.to_string()).await, 422, "invalid");
    assert!(stored(&site).await.is_empty());
}

#[tokio::test]
async fn a_region_that_is_down_makes_jira_come_again() {
    let site = Site::demo_without_region("eu").await;
    let jira = Jira::new(&site, ORG).await;
    let answer = jira.send(&jira.event("jira:issue_created", &json!({ "issue": issue(1, "Login fails") }))).await;
    refused(&answer, 503, "region-unavailable");
    assert!(answer.header("retry-after").parse::<u64>().unwrap() > 0);
}

/// Guessing is slowed down, and does not keep Jira out.
#[tokio::test]
async fn there_is_a_limit_for_each_webhook_and_for_whoever_guesses() {
    let three = Quota { at_once: 3, every: Duration::from_secs(60) };
    let site = Site::demo_with(|mut state| {
        let quotas = Quotas { requests_of_key: three, refused_of_client: three, ..Quotas::default() };
        state.limits = Arc::new(Limits::new(quotas));
        state
    })
    .await;
    let jira = Jira::new(&site, ORG).await;
    let body = jira.event("sprint_started", &json!({}));
    for status in [401, 401, 401, 429] {
        assert_eq!(post(&site, &jira.address(), None, &body).await.status.as_u16(), status);
    }
    refused(&post(&site, "/hooks/jira/free/nothing", None, &body).await, 429, "too-many-requests");
    for status in [202, 202, 202, 429] {
        assert_eq!(jira.send(&body).await.status.as_u16(), status);
    }
    assert!(!jira.send(&body).await.header("retry-after").is_empty());
}

/// Whoever knows an address can begin messages that never end: they hold up the webhooks of one organisation, and nothing else.
#[tokio::test]
async fn messages_that_never_end_hold_up_little() {
    let site = Site::demo().await;
    let (jira, elsewhere) = (Jira::new(&site, ORG).await, Jira::new(&site, "standard").await);
    let (nothing, org) = (jira.event("sprint_started", &json!({})), site.snapshot(ORG).await.org.id);
    let mut endless = JoinSet::new();
    let mut busy = None;
    for _ in 0..40 {
        let answer = jira.send(&nothing).await;
        if answer.status != StatusCode::ACCEPTED {
            busy = Some(answer);
            break;
        }
        let body = Body::from_stream(stream::pending::<Result<Bytes, std::io::Error>>());
        let (request, mut browser) = (Request::post(jira.address()).body(body).unwrap(), site.anonymous());
        endless.spawn(async move { browser.send(request).await.status });
        let settled = tokio::time::timeout(Duration::from_millis(200), endless.join_next()).await;
        assert!(settled.is_err(), "it waits for the rest of its body: {settled:?}");
    }
    let busy = busy.expect("so many are never read at once");
    refused(&busy, 503, "unavailable");
    assert!(busy.header("retry-after").parse::<u64>().unwrap() > 0);
    assert_eq!(elsewhere.send(&nothing).await.status, StatusCode::ACCEPTED);
    assert!(site.limits.batch(&org).is_ok(), "batches have places of their own");
    endless.shutdown().await;
    assert_eq!(jira.send(&nothing).await.status, StatusCode::ACCEPTED);
}

/// What stands in a field to copy, by the id of the field.
fn copied(answer: &Answer, id: &str) -> String {
    let tags = html::tags(&answer.body);
    let field = tags.iter().find(|tag| tag.attribute("id") == Some(id)).unwrap_or_else(|| panic!("{id}"));
    field.attribute("value").unwrap().to_owned()
}

#[tokio::test]
async fn an_admin_makes_one_on_the_page_and_takes_it_away() {
    let site = Site::demo().await;
    let mut admin = site.admin(ORG).await;
    let page = admin.get(KEYS).await;
    assert!(page.says("No webhook works now.") && page.offers(WEBHOOKS));
    let made = admin.post(WEBHOOKS, "name=Jira+in+Utrecht").await;
    assert!(made.status == StatusCode::OK && made.says("The webhook Jira in Utrecht was made"));
    let (address, secret) = (copied(&made, "made-address"), copied(&made, "made-secret"));
    let (origin, path) = address.split_at(address.find("/hooks/").unwrap());
    assert_eq!((origin, secret.len()), ("http://sluice.example", 64));
    let id = path.rsplit('/').next().unwrap().to_owned();
    let jira = Jira { site: &site, org: ORG.to_owned(), id: id.clone(), secret: secret.clone() };
    let body = jira.event("jira:issue_created", &json!({ "issue": issue(1, "Login fails") }));
    let answer = post(&site, path, Some(&signature(&secret, &body)), &body).await;
    assert_eq!(answer.status, StatusCode::OK);
    let page = admin.get(KEYS).await;
    assert!(page.says("Jira in Utrecht") && !page.body.contains(&secret), "it is shown once");

    // It takes the password, unless it was typed a short while ago.
    site.clock.pass_minutes(11);
    let missing = admin.post(WEBHOOKS, "name=Second").await;
    assert!(missing.status == StatusCode::UNPROCESSABLE_ENTITY && missing.says("Type your password"));
    assert_eq!(missing.body.matches("value=\"Second\"").count(), 1, "what was typed is still there");
    assert!(admin.post(WEBHOOKS, "name=Second&password=nonsense").await.says("That is not your password."));
    assert!(
        admin.post(WEBHOOKS, "name=Second&password=let+the+water+through").await.says("The webhook Second was made")
    );

    let mut other = site.admin("standard").await;
    let theirs = "/orgs/standard/security/keys/webhooks/revoke";
    assert_eq!(other.post(theirs, &format!("webhook={id}")).await.status, StatusCode::NOT_FOUND);
    let revoked = admin.post(&format!("{WEBHOOKS}/revoke"), &format!("webhook={id}")).await;
    let page = admin.get(revoked.location()).await;
    assert!(page.says("The webhook was revoked.") && page.says("Webhooks that no longer work"));
    refused(&jira.send(&body).await, 404, "not-found");
    let org = site.snapshot(ORG).await.org.id;
    let log = site.sluice.store.audit_lines(&org, 0, 1_000).await.unwrap();
    let actions: Vec<_> = log.lines().map(|line| audit::Entry::of_line(line).unwrap().0.action).collect();
    assert_eq!(actions.iter().filter(|action| **action == Action::WebhookCreate).count(), 2);
    assert!(actions.contains(&Action::WebhookRevoke) && !log.contains(&secret));
}

/// A key sees webhooks and closes them; it makes none.
#[tokio::test]
async fn a_program_lists_and_revokes() {
    let site = Site::demo().await;
    let (jira, elsewhere) = (Jira::new(&site, ORG).await, Jira::new(&site, "standard").await);
    let wanted = Wanted { name: "Tidy".to_owned(), scopes: vec![Scope::Write], days: 1, proved: true };
    let (key, _) = keys::create(&site.sluice, &site.org_admin(ORG).await, &wanted).await.unwrap();
    let ask = async |request: axum::http::request::Builder, body: Value| {
        let request = request
            .header("authorization", format!("Bearer {}", key.reveal()))
            .header("content-type", "application/json");
        site.anonymous().send(request.body(Body::from(body.to_string())).unwrap()).await
    };
    const LIST: &str = "/api/v1/orgs/free/webhooks";
    let list = ask(Request::get(LIST), json!({})).await;
    assert!(!list.body.contains(&jira.secret));
    let list: Value = serde_json::from_str(&list.body).unwrap();
    let [only] = &list["webhooks"].as_array().unwrap()[..] else { panic!("{list}") };
    assert_eq!((&only["id"], &only["name"], &only["last_used_at"]), (&json!(jira.id), &json!("Jira"), &Value::Null));
    refused(&ask(Request::post(LIST), json!({ "name": "Mine" })).await, 405, "method-not-allowed");
    let revoke = format!("{LIST}/revoke");
    refused(&ask(Request::post(&revoke), json!({ "webhook": elsewhere.id })).await, 404, "not-found");
    let now = ask(Request::post(&revoke), json!({ "webhook": jira.id })).await;
    let now: Value = serde_json::from_str(&now.body).unwrap();
    assert!(now["webhooks"][0]["revoked_at"].is_string(), "{now}");
    refused(&ask(Request::post(&revoke), json!({ "webhook": jira.id })).await, 404, "not-found");
    refused(&jira.send("{}").await, 404, "not-found");
}
