//! The API as a program meets it: keys, versions, problems, repetitions.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use audit::Entry;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use serde_json::{Value, json};
use server::limits::{Limits, Quota, Quotas};
use server::router::AppState;
use service::keys::{self, Scope, Wanted};
use service::settings::change::{MOST_AT_ONCE, Wish, change};

use crate::database::{on_postgres, on_sqlite};
use crate::site::{Answer, OWN_PAGE, Site};

const ORG: &str = "large";
const SETTINGS: &str = "/api/v1/orgs/large/settings";
const CHANGES: &str = "/api/v1/orgs/large/settings/changes";
const EXPORT: &str = r#"{"key": "WEB-1", "fields": {"summary": "Ask Ines Okafor", "project": {"key": "WEB"}}}"#;

/// A program with a key.
#[derive(Debug)]
struct Program<'a> {
    site: &'a Site,
    key: String,
}

impl<'a> Program<'a> {
    async fn new(site: &'a Site, scopes: &[Scope]) -> Self {
        let wanted = Wanted { name: "Nightly sync".to_owned(), scopes: scopes.to_vec(), days: 30, proved: true };
        let (secret, _) = keys::create(&site.sluice, &site.org_admin(ORG).await, &wanted).await.unwrap();
        Self { site, key: secret.reveal().to_owned() }
    }

    async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> Answer {
        let request =
            Request::builder().method(method).uri(path).header("authorization", format!("Bearer {}", self.key));
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        self.site.anonymous().send(request.body(body.into()).unwrap()).await
    }

    async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], Body::empty()).await
    }

    async fn post(&self, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
        let headers = [headers, &[JSON]].concat();
        self.send(Method::POST, path, &headers, body.to_string()).await
    }
}

const JSON: (&str, &str) = ("content-type", "application/json");

fn body(answer: &Answer) -> Value {
    serde_json::from_str(&answer.body).unwrap_or_else(|error| panic!("{error}: {}", answer.body))
}

/// The code of a problem, after a look at everything that each of them must have.
fn problem(answer: &Answer) -> String {
    assert_eq!(answer.header("content-type"), "application/problem+json", "{}", answer.body);
    let problem = body(answer);
    let code = problem["code"].as_str().unwrap();
    assert_eq!(problem["type"], format!("/api#{code}"));
    assert_eq!(problem["status"], answer.status.as_u16());
    assert_eq!(problem["request_id"], answer.header("x-request-id"));
    assert!(!problem["title"].as_str().unwrap().is_empty() && !problem["detail"].as_str().unwrap().is_empty());
    assert_eq!(answer.header("cache-control"), "no-store");
    code.to_owned()
}

fn refused(answer: &Answer, status: StatusCode, code: &str) {
    assert_eq!((answer.status, problem(answer).as_str()), (status, code), "{}", answer.body);
}

/// The entries of an organisation's audit log, oldest first.
async fn log(site: &Site) -> Vec<Entry> {
    let org = site.sluice.store.organisation(ORG).await.unwrap().unwrap();
    let lines = site.sluice.store.audit_lines(&org.id, 0, 10_000).await.unwrap();
    lines.lines().map(|line| Entry::of_line(line).unwrap().0).collect()
}

fn state<'a>(settings: &'a Value, setting: &str) -> &'a Value {
    settings["settings"].as_array().unwrap().iter().find(|one| one["setting"] == setting).unwrap()
}

#[tokio::test]
async fn the_kept_document_is_the_one_of_the_code() {
    let kept = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/openapi.json");
    let made = server::api::document_text().unwrap();
    #[allow(clippy::disallowed_methods, reason = "a variable of the tests, not of the product")]
    if std::env::var("SLUICE_UPDATE_OPENAPI").is_ok() {
        std::fs::write(kept, &made).unwrap();
    }
    let kept = std::fs::read_to_string(kept).unwrap_or_default();
    assert!(
        kept == made,
        "the API changed; look at it with SLUICE_UPDATE_OPENAPI=1 cargo test -p server api && git diff docs"
    );
    let site = Site::demo().await;
    let served = site.anonymous().get("/api/v1/openapi.json").await;
    assert_eq!(body(&served), serde_json::from_str::<Value>(&made).unwrap());
}

#[tokio::test]
async fn only_a_key_that_works_is_let_in() {
    let site = Site::demo().await;
    let program = Program::new(&site, &[Scope::Read]).await;
    assert_eq!(program.get(SETTINGS).await.status, StatusCode::OK);
    let [good, other] = [program.key.clone(), format!("{}x", &program.key[..39])];
    for wrong in ["", "slc_", "Bearer", &other, "é", &good.to_uppercase(), &format!("{good} {good}")] {
        let answer = Program { site: &site, key: wrong.to_owned() }.get(SETTINGS).await;
        refused(&answer, StatusCode::UNAUTHORIZED, "unauthenticated");
        assert_eq!(answer.header("www-authenticate"), "Bearer realm=\"sluice\"");
    }
    let basic = Request::get(SETTINGS).header("authorization", format!("Basic {good}")).body(Body::empty()).unwrap();
    refused(&site.anonymous().send(basic).await, StatusCode::UNAUTHORIZED, "unauthenticated");
}

/// A browser that is signed in sends its cookie along wherever another site makes it; that must be worth nothing here.
#[tokio::test]
async fn a_cookie_is_worth_nothing() {
    let site = Site::demo().await;
    let mut admin = site.admin(ORG).await;
    refused(&admin.get(SETTINGS).await, StatusCode::UNAUTHORIZED, "unauthenticated");
    let change = json!({"changes": [{"setting": "in-app", "on": false}]}).to_string();
    for path in [CHANGES, "/api/v1/orgs/large/terms", "/api/v1/orgs/large/preview"] {
        let answer = admin.post_raw(path, &[OWN_PAGE, JSON, ("if-match", "\"1\"")], change.clone()).await;
        refused(&answer, StatusCode::UNAUTHORIZED, "unauthenticated");
    }
    assert!(site.anonymous().get(SETTINGS).await.headers.get("set-cookie").is_none());
}

#[tokio::test]
async fn a_key_ends_with_its_day_its_revocation_and_its_maker() {
    let site = Site::demo().await;
    let program = Program::new(&site, &[Scope::Read]).await;
    let start = site.sluice.now();
    site.clock.set(policy::Timestamp::from_micros(start.plus_days(30).micros() - 1));
    assert_eq!(program.get(SETTINGS).await.status, StatusCode::OK);
    site.clock.set(start.plus_days(30));
    refused(&program.get(SETTINGS).await, StatusCode::UNAUTHORIZED, "unauthenticated");

    let program = Program::new(&site, &[Scope::Read]).await;
    assert_eq!(program.get(SETTINGS).await.status, StatusCode::OK);
    let admin = site.org_admin(ORG).await;
    let made = keys::keys_page(&site.sluice, &admin).await.unwrap().keys;
    keys::revoke(&site.sluice, &admin, &made[0].id).await.unwrap();
    refused(&program.get(SETTINGS).await, StatusCode::UNAUTHORIZED, "unauthenticated");
    assert!(keys::revoke(&site.sluice, &admin, &made[0].id).await.is_err(), "it is revoked once");

    let program = Program::new(&site, &[Scope::Read, Scope::Write]).await;
    site.database.execute_raw("UPDATE memberships SET role = 'auditor'").await.unwrap();
    refused(&program.get(SETTINGS).await, StatusCode::UNAUTHORIZED, "unauthenticated");
}

#[tokio::test]
async fn the_key_itself_is_nowhere() {
    let site = Site::demo().await;
    let program = Program::new(&site, &[Scope::Read]).await;
    program.get(SETTINGS).await;
    let everything = std::fs::read(site.folder().join("sluice.db")).unwrap();
    let log = std::fs::read(site.folder().join("sluice.db-wal")).unwrap_or_default();
    let bytes = [everything, log].concat();
    let has = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(has("Nightly sync"), "the search finds what is there");
    assert!(!has(&program.key) && !has(&program.key[4..34]));
}

/// Every operation with a scope: what it asks for, and nothing else will do.
const OPERATIONS: &str = "
    GET  settings                       read
    GET  spaces                         read
    POST settings/changes               write
    POST settings/impact                write
    POST settings/undo                  write
    POST settings/revert                write
    GET  state                          read
    GET  clocks                         read
    GET  decisions?target=organisation  read
    GET  history                        read
    POST items                          ingest
    POST preview                        preview
    POST preview/findings               preview
    GET  preview/samples/page           preview
    GET  terms                          preview
    POST terms                          write
    GET  people                         read
    GET  people/list                    write
    GET  people/history                 preview
    POST people/impact                  write
    POST people/import                  write
    POST people/delete                  write
    GET  keys                           write
    POST keys/revoke                    write
    GET  webhooks                       write
    POST webhooks/revoke                write
    GET  roles                          write
    POST sessions/end                   write
    GET  invitations                    write
    POST invitations/withdraw           write
    GET  support                        audit
    POST support/end                    write
    POST support/must-ask               write
    GET  ledger                         read
    GET  ledger/csv                     read
    GET  removals                       read
    GET  removals/{id}/receipt          read
    GET  jobs                           read
    GET  audit                          audit
    GET  audit/lines                    audit
    GET  audit/csv                      audit
    POST audit/verify                   audit
    GET  audit/checkpoint               audit
    GET  evidence/pack                  audit";

#[tokio::test]
async fn each_operation_asks_for_its_scope() {
    let site = Site::demo().await;
    let mut documented = BTreeSet::new();
    let removal = site.finished_removal(ORG).await;
    let mut programs = Vec::new();
    for scope in Scope::ALL {
        programs.push((scope, Program::new(&site, &[scope]).await));
    }
    for line in OPERATIONS.trim().lines() {
        let [method, path, needs] = line.split_whitespace().collect::<Vec<_>>()[..] else { panic!("{line}") };
        let operation = path.split('?').next().unwrap().replace("samples/page", "samples/{sample}");
        documented.insert(format!("{method} /orgs/{{org}}/{operation}"));
        let path = &path.replace("{id}", &removal);
        for (scope, program) in &programs {
            let before = log(&site).await.len();
            let ask = async |org: &str| {
                let path = format!("/api/v1/orgs/{org}/{path}");
                if method == "GET" { program.get(&path).await } else { program.post(&path, &[], &json!({})).await }
            };
            let answer = ask(ORG).await;
            if scope.id() == needs {
                assert!(!matches!(answer.status.as_u16(), 401 | 403 | 404), "{line}: {}", answer.body);
            } else {
                refused(&answer, StatusCode::FORBIDDEN, "scope-missing");
                let challenge = answer.header("www-authenticate");
                assert!(challenge.ends_with(&format!("scope=\"{needs}\"")), "{challenge}");
                let log = log(&site).await;
                let denied = &log[before..];
                assert_eq!(denied.len(), 1, "{line} with {scope:?}");
                assert_eq!(denied[0].action, audit::Action::AccessDenied);
                assert!(denied[0].resource.id.starts_with("/api/v1/orgs/large/"), "{:?}", denied[0]);
            }
            for elsewhere in ["enterprise", "ghost"] {
                refused(&ask(elsewhere).await, StatusCode::NOT_FOUND, "not-found");
            }
        }
    }
    let document: Value = serde_json::from_str(&server::api::document_text().unwrap()).unwrap();
    let paths = document["paths"].as_object().unwrap();
    let operations = paths.iter().flat_map(|(path, methods)| {
        methods.as_object().unwrap().keys().map(move |method| format!("{} {path}", method.to_uppercase()))
    });
    let operations: BTreeSet<String> = operations.filter(|operation| operation != "GET /me").collect();
    assert_eq!(documented, operations, "every operation is in the table above");
}

#[tokio::test]
async fn a_key_tells_what_it_is() {
    let site = Site::demo().await;
    let program = Program::new(&site, &[Scope::Preview, Scope::Read]).await;
    let me = body(&program.get("/api/v1/me").await);
    assert_eq!(me["scopes"], json!(["read", "preview"]));
    assert_eq!(me["organisation"]["slug"], ORG);
    assert_eq!((&me["name"], &me["expires_at"]), (&json!("Nightly sync"), &json!("2026-12-21T00:00:00.000000Z")));
}

#[tokio::test]
async fn the_last_use_is_known_and_seldom_written() {
    let site = Site::demo().await;
    let program = Program::new(&site, &[Scope::Read]).await;
    let last = async || {
        let page = keys::keys_page(&site.sluice, &site.org_admin(ORG).await).await.unwrap();
        page.keys[0].last_used_at
    };
    assert_eq!(last().await, None);
    let start = site.sluice.now();
    let minutes = |minutes: i64| policy::Timestamp::from_micros(start.micros() + minutes * 60_000_000);
    for (now, expected) in [(0, 0), (4, 0), (5, 5), (9, 5), (11, 11)] {
        site.clock.set(minutes(now));
        program.get("/api/v1/me").await;
        assert_eq!(last().await, Some(minutes(expected)), "after {now} minutes");
    }
}

#[tokio::test]
async fn a_change_protects_at_once_and_is_in_both_histories() {
    let site = Site::demo().await;
    let program = Program::new(&site, &[Scope::Read, Scope::Write]).await;
    let read = program.get(SETTINGS).await;
    let (version, tag) = (body(&read)["version"].as_i64().unwrap(), read.header("etag").to_owned());
    assert_eq!(tag, format!("\"{version}\""));
    let wish = json!({"changes": [{"setting": "space:jira/OPS", "on": false}], "reason": "Too much in there"});
    let answer = program.post(CHANGES, &[("if-match", &tag)], &wish).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let changed = body(&answer);
    assert_eq!((&changed["changed"], &changed["version"]), (&json!(true), &json!(version + 1)));
    assert_eq!(answer.header("etag"), format!("\"{}\"", version + 1));
    assert_eq!(site.chosen(ORG, "space:jira/OPS").await, Some(false));

    let settings = program.get(SETTINGS).await;
    assert_eq!(settings.header("etag"), answer.header("etag"));
    let settings = body(&settings);
    let ops = state(&settings, "space:jira/OPS");
    assert_eq!((&ops["value"], &ops["contributes"], &ops["rule"]), (&json!(false), &json!(false), &json!("entry")));

    let history = body(&program.get("/api/v1/orgs/large/history?limit=1").await);
    let last = &history["changes"][0];
    assert_eq!((&last["id"], &last["reason"]), (&changed["change"], &json!("Too much in there")));
    assert_eq!(last["items"][0]["setting"], "space:jira/OPS");

    let entry = log(&site).await.pop().unwrap();
    let key = &keys::keys_page(&site.sluice, &site.org_admin(ORG).await).await.unwrap().keys[0];
    assert_eq!((entry.action, entry.interface), (audit::Action::SettingsChange, audit::Interface::Api));
    assert_eq!((entry.actor.kind, &entry.actor.id), (audit::ActorKind::Key, &key.id));
    assert_eq!(entry.on_behalf_of.as_ref(), Some(&key.created_by));
    assert_eq!(entry.request, answer.header("x-request-id"));
    let names = site.sluice.store.actor_names(&[key.id.clone(), key.created_by.clone()]).await.unwrap();
    assert_eq!((&names[&key.id], &names[&key.created_by]), (&"Nightly sync".to_owned(), &key.creator));

    let again = program.post(CHANGES, &[("if-match", answer.header("etag"))], &wish).await;
    assert_eq!(body(&again), json!({"changed": false, "change": null, "version": version + 1}));
}

#[tokio::test]
async fn a_change_of_an_unseen_version_is_not_made() {
    let site = Site::demo().await;
    let program = Program::new(&site, &[Scope::Write]).await;
    let wish = json!({"changes": [{"setting": "space:jira/OPS", "on": false}]});
    let before = site.snapshot(ORG).await.version;
    refused(&program.post(CHANGES, &[], &wish).await, StatusCode::PRECONDITION_REQUIRED, "version-missing");
    refused(
        &program.post(CHANGES, &[("if-match", "*")], &wish).await,
        StatusCode::PRECONDITION_REQUIRED,
        "version-missing",
    );
    let stale = format!("\"{}\"", before - 1);
    for tag in [&stale, "W/\"1\"", "1", "\"one\"", &format!("\"{}\"", before + 1)] {
        let answer = program.post(CHANGES, &[("if-match", tag)], &wish).await;
        refused(&answer, StatusCode::PRECONDITION_FAILED, "stale-version");
    }
    assert_eq!(site.snapshot(ORG).await.version, before);
}

/// What starts to leave is a decision of a person: it takes their reason, over the API as well.
#[tokio::test]
async fn sharing_takes_a_reason_and_everything_takes_the_name() {
    let site = Site::demo().await;
    let program = Program::new(&site, &[Scope::Write]).await;
    let version = site.snapshot(ORG).await.version;
    let tag = format!("\"{version}\"");
    let off = json!({"changes": [{"setting": "space:jira/OPS", "on": false}, {"setting": "in-app", "on": false}]});
    assert_eq!(program.post(CHANGES, &[("if-match", &tag)], &off).await.status, StatusCode::OK);
    let tag = format!("\"{}\"", version + 1);

    let mut on = json!({"changes": [{"setting": "in-app", "on": true}, {"setting": "space:jira/OPS", "on": null}]});
    let tried =
        body(&program.post("/api/v1/orgs/large/settings/impact", &[], &json!({"changes": on["changes"]})).await);
    assert_eq!((&tried["needs_reason"], &tried["needs_organisation_name"]), (&json!(true), &json!(true)), "{tried}");
    assert_eq!((tried["version"].as_i64(), tried["changes"].as_array().unwrap().len()), (Some(version + 1), 2));
    let unprocessable = StatusCode::UNPROCESSABLE_ENTITY;
    refused(&program.post(CHANGES, &[("if-match", &tag)], &on).await, unprocessable, "reason-missing");
    on["reason"] = json!("  ");
    refused(&program.post(CHANGES, &[("if-match", &tag)], &on).await, unprocessable, "reason-missing");
    on["reason"] = json!("Agreed in the council");
    refused(&program.post(CHANGES, &[("if-match", &tag)], &on).await, unprocessable, "name-missing");
    assert_eq!(site.snapshot(ORG).await.version, version + 1, "nothing was changed");
    on["organisation_name"] = json!(site.snapshot(ORG).await.org.name);
    assert_eq!(program.post(CHANGES, &[("if-match", &tag)], &on).await.status, StatusCode::OK);
    assert_eq!(site.chosen(ORG, "in-app").await, Some(true));
    assert_eq!(site.chosen(ORG, "space:jira/OPS").await, None);
}

#[tokio::test]
async fn what_is_wrong_with_a_body_is_named() {
    let site = Site::demo().await;
    let program = Program::new(&site, &[Scope::Write, Scope::Preview]).await;
    let version = site.snapshot(ORG).await.version;
    let tag = format!("\"{version}\"");
    let many: Vec<Value> =
        (0..=MOST_AT_ONCE).map(|n| json!({"setting": format!("space:jira/N{n}"), "on": false})).collect();
    let many = json!({"changes": many}).to_string();
    let long = json!({"changes": [{"setting": "in-app", "on": false}], "reason": "x".repeat(501)}).to_string();
    let [bad, invalid] = [(400, "bad-request"), (422, "invalid")];
    let cases: [(&str, (u16, &str), Option<&str>); 17] = [
        ("", bad, None),
        ("{", bad, None),
        (r#"{"changes": []}x"#, bad, None),
        ("[]", invalid, None),
        ("{}", invalid, None),
        (r#"{"changes": {}}"#, invalid, Some("changes")),
        (r#"{"changes": []}"#, invalid, Some("changes")),
        (r#"{"changes": [{"setting": "in-app"}]}"#, invalid, Some("changes[0]")),
        (r#"{"changes": [{"setting": "in-app", "on": "yes"}]}"#, invalid, Some("changes[0].on")),
        (r#"{"changes": [{"setting": "user:maud", "on": true}]}"#, invalid, Some("changes[0].setting")),
        (r#"{"changes": [{"setting": "in-app", "on": false, "by": "me"}]}"#, invalid, Some("changes[0].by")),
        (r#"{"changes": [{"setting": "in-app", "on": false}], "reson": ""}"#, invalid, Some("reson")),
        (r#"{"changes": [{"setting": "in-app", "on": false}], "reason": "\u0000"}"#, invalid, Some("reason")),
        (
            r#"{"changes": [{"setting": "in-app", "on": false}, {"setting": "in-app", "on": true}]}"#,
            invalid,
            Some("changes[1].setting"),
        ),
        (r#"{"changes": [{"setting": "space:jira/NOWHERE", "on": false}]}"#, (422, "refused"), None),
        (&many, invalid, Some("changes")),
        (&long, invalid, Some("reason")),
    ];
    for (sent, (status, code), field) in cases {
        let answer = program.send(Method::POST, CHANGES, &[JSON, ("if-match", &tag)], sent.to_owned()).await;
        refused(&answer, StatusCode::from_u16(status).unwrap(), code);
        assert_eq!(body(&answer).get("field").and_then(Value::as_str), field, "{sent:.80}: {}", answer.body);
    }
    let answer = program.send(Method::POST, CHANGES, &[("if-match", &tag)], "{}").await;
    refused(&answer, StatusCode::UNSUPPORTED_MEDIA_TYPE, "not-json");
    let huge = format!("\"{}\"", "x".repeat(300 * 1024));
    let answer = program.send(Method::POST, CHANGES, &[JSON, ("if-match", &tag)], huge.clone()).await;
    refused(&answer, StatusCode::PAYLOAD_TOO_LARGE, "too-large");
    let answer = program.send(Method::POST, CHANGES, &[JSON, ("if-match", &tag), ("idempotency-key", "a")], huge).await;
    refused(&answer, StatusCode::PAYLOAD_TOO_LARGE, "too-large");
    let huge = "x".repeat(5 * 1024 * 1024 + 1);
    let answer = program.send(Method::POST, "/api/v1/orgs/large/preview", &[JSON], huge).await;
    refused(&answer, StatusCode::PAYLOAD_TOO_LARGE, "too-large");
    for text in ["x", "\"x\"", "a,b\n1,2", "[", "[]", "{\"issues\": 7}"] {
        let answer = program.send(Method::POST, "/api/v1/orgs/large/preview", &[JSON], text).await;
        refused(&answer, StatusCode::UNPROCESSABLE_ENTITY, "invalid");
    }
    assert_eq!(site.snapshot(ORG).await.version, version);
}

#[tokio::test]
async fn what_is_wrong_with_a_query_is_named() {
    let site = Site::demo().await;
    let program = Program::new(&site, &[Scope::Read, Scope::Preview, Scope::Audit]).await;
    for (query, field) in [
        ("history?limit=0", "limit"),
        ("history?limit=101", "limit"),
        ("history?limit=x", "limit"),
        ("history?cursor=x", "cursor"),
        ("history?setting=user:maud", "setting"),
        ("history?setting=space:jira/%00", "setting"),
        ("spaces?cursor=aGlzdG9yeTox", "cursor"),
        ("audit?q=who:me", "q"),
        ("audit?cursor=x", "cursor"),
        ("decisions?target=nothing", "target"),
        ("decisions?target=organisation&kind=none", "kind"),
        ("decisions?target=organisation&at=soon", "at"),
        ("preview/samples/page?as_if_on=maybe", "as_if_on"),
    ] {
        let answer = program.get(&format!("/api/v1/orgs/large/{query}")).await;
        refused(&answer, StatusCode::UNPROCESSABLE_ENTITY, "invalid");
        assert_eq!(body(&answer)["field"], field, "{query}: {}", answer.body);
    }
    for query in ["history?limt=3", "decisions", "decisions?kind=in-app"] {
        let answer = program.get(&format!("/api/v1/orgs/large/{query}")).await;
        refused(&answer, StatusCode::UNPROCESSABLE_ENTITY, "invalid");
    }
}

#[tokio::test]
async fn an_address_and_a_method_that_are_not_there_are_problems_too() {
    let site = Site::demo().await;
    let program = Program::new(&site, &[Scope::Read]).await;
    for path in ["/api/v1", "/api/v1/nowhere", "/api/v1/orgs/large", "/api/v1/orgs/large/preview/samples/x"] {
        let answer = program.get(path).await;
        assert!(matches!(answer.status, StatusCode::NOT_FOUND | StatusCode::FORBIDDEN), "{path}: {}", answer.status);
        problem(&answer);
    }
    let answer = program.send(Method::DELETE, SETTINGS, &[], Body::empty()).await;
    refused(&answer, StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed");
    assert!(answer.header("allow").contains("GET"), "{:?}", answer.headers);
}

#[tokio::test]
async fn the_history_is_read_page_by_page() {
    let site = Site::demo().await;
    let program = Program::new(&site, &[Scope::Read]).await;
    for _ in 0..7 {
        site.fresh_change(ORG).await;
    }
    let all = body(&program.get("/api/v1/orgs/large/history?limit=100").await);
    let mut pages = Vec::new();
    let mut path = "/api/v1/orgs/large/history?limit=3".to_owned();
    loop {
        let page = body(&program.get(&path).await);
        // What is added meanwhile shifts nothing.
        site.fresh_change(ORG).await;
        pages.extend(page["changes"].as_array().unwrap().clone());
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/api/v1/orgs/large/history?limit=3&cursor={next}");
    }
    assert!(pages.len() > 7 && Value::Array(pages) == all["changes"]);

    let mut spaces = BTreeSet::new();
    let mut path = "/api/v1/orgs/large/spaces?app=jira&limit=100".to_owned();
    loop {
        let page = body(&program.get(&path).await);
        for space in page["spaces"].as_array().unwrap() {
            assert!(spaces.insert(space["setting"].as_str().unwrap().to_owned()), "{space} stands there twice");
        }
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/api/v1/orgs/large/spaces?app=jira&limit=100&cursor={next}");
    }
    let snapshot = site.snapshot(ORG).await;
    assert_eq!(spaces.len(), snapshot.spaces.iter().filter(|space| space.app == "jira").count());
}

#[tokio::test]
async fn a_decision_comes_with_its_reasons() {
    let site = Site::demo().await;
    let program = Program::new(&site, &[Scope::Read]).await;
    let path = "/api/v1/orgs/large/decisions?target=space:jira/HR&kind=in-app&at=2026-12-01";
    let answer = body(&program.get(path).await);
    assert_eq!((&answer["target"], &answer["at"]), (&json!("space:jira/HR"), &json!("2026-12-01T23:59:59.999999Z")));
    let [decision] = &answer["decisions"].as_array().unwrap()[..] else { panic!("{answer}") };
    let steps = decision["because"].as_array().unwrap();
    assert_eq!(steps.iter().filter(|step| step["decides"] == true).count(), 1);
    assert_eq!(steps.last().unwrap()["decides"], true);
    let unknown = program.get("/api/v1/orgs/large/decisions?target=space:jira/NOWHERE").await;
    refused(&unknown, StatusCode::NOT_FOUND, "not-found");
}

#[tokio::test]
async fn an_export_is_washed_with_what_the_organisation_knows() {
    let site = Site::demo().await;
    let program = Program::new(&site, &[Scope::Preview, Scope::Write, Scope::Read]).await;
    let term = json!({"terms": [{"term": "Otter", "list": "removed"}]});
    let added = program.post("/api/v1/orgs/large/terms", &[], &term).await;
    assert_eq!(body(&added), json!({"changed": 1, "unchanged": 0}));
    let terms = body(&program.get("/api/v1/orgs/large/terms").await);
    assert!(terms["terms"].as_array().unwrap().iter().any(|term| term["term"] == "Otter" && term["list"] == "removed"));
    let counts = body(&program.get("/api/v1/orgs/large/people").await);
    assert!(counts["people"].as_u64().unwrap() > 0 && counts["removed_terms"].as_u64().unwrap() > 0);

    let export = EXPORT.replace("Ines Okafor", "Ines Okafor about Otter");
    let path = "/api/v1/orgs/large/preview?as_if_on=true";
    let answer = program.send(Method::POST, path, &[JSON], export).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert!(!answer.body.contains("Okafor") && !answer.body.contains("Otter"), "{}", answer.body);
    assert!(answer.body.contains("[TERM_1]") && body(&answer)["items"][0]["item"] == "WEB-1");
    for sample in ["work-item", "page", "service-request"] {
        let answer = program.get(&format!("/api/v1/orgs/large/preview/samples/{sample}")).await;
        assert_eq!(body(&answer)["items"].as_array().unwrap().len(), 1, "{sample}");
    }
    for (term, field) in [("x", "terms[0].term"), ("a\u{7}bc", "terms[0].term")] {
        let answer =
            program.post("/api/v1/orgs/large/terms", &[], &json!({"terms": [{"term": term, "list": null}]})).await;
        refused(&answer, StatusCode::UNPROCESSABLE_ENTITY, "invalid");
        assert_eq!(body(&answer)["field"], field);
    }
    for list in [json!(7), json!("both"), json!({})] {
        let wrong = json!({"terms": [{"term": "Fjord", "list": list}]});
        let answer = program.post("/api/v1/orgs/large/terms", &[], &wrong).await;
        refused(&answer, StatusCode::UNPROCESSABLE_ENTITY, "invalid");
        assert_eq!(body(&answer)["field"], "terms[0].list", "{}", answer.body);
    }
    let both = json!({"terms": [{"term": "Fjord", "list": "kept"}, {"term": "fjord", "list": "removed"}]});
    let answer = program.post("/api/v1/orgs/large/terms", &[], &both).await;
    refused(&answer, StatusCode::UNPROCESSABLE_ENTITY, "refused");
}

#[tokio::test]
async fn the_audit_log_is_read_as_it_was_written() {
    let site = Site::demo().await;
    let program = Program::new(&site, &[Scope::Audit]).await;
    for _ in 0..4 {
        site.fresh_change(ORG).await;
    }
    let org = site.sluice.store.organisation(ORG).await.unwrap().unwrap();
    let written = site.sluice.store.audit_lines(&org.id, 0, 10_000).await.unwrap();
    let mut entries = Vec::new();
    let mut path = "/api/v1/orgs/large/audit?limit=2".to_owned();
    loop {
        let page = body(&program.get(&path).await);
        entries.extend(page["entries"].as_array().unwrap().clone());
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/api/v1/orgs/large/audit?limit=2&cursor={next}");
    }
    entries.reverse();
    let lines: Vec<Value> = written.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(entries, lines);
    let found = body(&program.get("/api/v1/orgs/large/audit?q=action:key.create").await);
    assert_eq!(found["entries"].as_array().unwrap().len(), 1, "{found}");

    let export = program.get("/api/v1/orgs/large/audit/lines").await;
    assert_eq!(export.header("content-type"), "application/x-ndjson");
    assert!(export.body.starts_with(&written), "the very bytes that were hashed");
    let mut chain = audit::Chain::new(&org.id, Vec::new());
    export.body.lines().for_each(|line| chain.next(line).unwrap());
    assert_eq!(log(&site).await.pop().unwrap().action, audit::Action::AuditExport);
}

/// The page says what programs read, without scripts and for everyone.
#[tokio::test]
async fn the_reference_has_every_operation_schema_and_code() {
    let site = Site::demo().await;
    let page = site.anonymous().get("/api").await;
    assert!(page.is_page() && page.status == StatusCode::OK);
    let document: Value = serde_json::from_str(&server::api::document_text().unwrap()).unwrap();
    let mut ids: Vec<String> =
        crate::html::tags(&page.body).into_iter().filter_map(|tag| tag.attribute("id").map(str::to_owned)).collect();
    for methods in document["paths"].as_object().unwrap().values() {
        for operation in methods.as_object().unwrap().values() {
            assert!(ids.contains(&operation["operationId"].as_str().unwrap().to_owned()), "{operation}");
        }
    }
    for schema in document["components"]["schemas"].as_object().unwrap().keys() {
        assert!(ids.contains(&format!("schema-{schema}")), "{schema}");
    }
    for code in ["stale-version", "version-missing", "outcome-unknown", "internal"] {
        assert!(ids.contains(&code.to_owned()), "a problem's type leads to {code}");
    }
    let all = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), all, "an id stands once");
    assert!(page.says("curl -sS -H \"Authorization: Bearer $SLUICE_KEY\""));
}

/// What the page of the keys shows once it never shows again.
#[tokio::test]
async fn a_key_is_shown_once_and_works() {
    let site = Site::demo().await;
    let mut admin = site.admin(ORG).await;
    let page = "/orgs/large/security/keys";
    let made = admin.post(page, "name=Nightly+sync&scope=write&scope=read&days=7").await;
    let text: String =
        made.body.split("slc_").nth(1).unwrap().chars().take_while(char::is_ascii_alphanumeric).collect();
    let program = Program { site: &site, key: format!("slc_{text}") };
    assert_eq!(body(&program.get("/api/v1/me").await)["scopes"], json!(["read", "write"]));
    let list = admin.get(page).await;
    assert!(list.says("Nightly sync") && !list.body.contains("slc_"));
    assert!(list.offers("/orgs/large/security/keys/revoke"));

    let key = list.field("key").unwrap();
    assert_eq!(site.signed_in("amara.nwosu@premium.example").await.get(page).await.status, StatusCode::NOT_FOUND);
    let revoked = admin.post(&format!("{page}/revoke"), &format!("key={key}")).await;
    assert!(admin.get(revoked.location()).await.says("The key was revoked."));
    refused(&program.get("/api/v1/me").await, StatusCode::UNAUTHORIZED, "unauthenticated");
    let again = admin.post(&format!("{page}/revoke"), &format!("key={key}")).await;
    assert_eq!(again.status, StatusCode::NOT_FOUND);
    let actions: Vec<_> = log(&site).await.iter().map(|entry| entry.action).collect();
    assert!(actions.ends_with(&[audit::Action::KeyCreate, audit::Action::KeyRevoke]), "{actions:?}");

    for (form, said) in [
        ("", "Give the key a name"),
        ("name=+&scope=read&days=7", "Give the key a name"),
        ("name=a&days=7", "Choose at least one thing"),
        ("name=a&scope=everything&days=7", "Choose at least one thing"),
        ("name=a&scope=read&days=0", "A key lasts from 1 to 365 days."),
        ("name=a&scope=read&days=366", "A key lasts from 1 to 365 days."),
    ] {
        let answer = admin.post(page, form).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{form}");
        assert!(answer.says(said), "{form}");
    }
}

/// The same request twice is one change and one answer. On both databases.
async fn a_repetition_is_done_once(url: String) {
    let site = Site::open(&url, false).await;
    service::demo::seed(&site.sluice).await.unwrap();
    let program = Program::new(&site, &[Scope::Write]).await;
    let version = site.snapshot(ORG).await.version;
    let tag = format!("\"{version}\"");
    let wish = json!({"changes": [{"setting": "space:jira/OPS", "on": false}]});
    let headers = [("if-match", tag.as_str()), ("idempotency-key", "6f1c")];
    let first = program.post(CHANGES, &headers, &wish).await;
    let again = program.post(CHANGES, &headers, &wish).await;
    assert_eq!((first.status, &first.body), (again.status, &again.body));
    assert_eq!((again.header("idempotency-replayed"), first.header("idempotency-replayed")), ("true", ""));
    assert_eq!(again.header("etag"), format!("\"{}\"", version + 1));
    assert_eq!(site.snapshot(ORG).await.version, version + 1);

    let other = json!({"changes": [{"setting": "space:jira/SEC", "on": false}]});
    refused(&program.post(CHANGES, &headers, &other).await, StatusCode::UNPROCESSABLE_ENTITY, "key-reused");
    let newer = format!("\"{}\"", version + 1);
    let headers = [("if-match", newer.as_str()), ("idempotency-key", "6f1c")];
    refused(&program.post(CHANGES, &headers, &wish).await, StatusCode::UNPROCESSABLE_ENTITY, "key-reused");
    // Another program and another day know nothing of it.
    let neighbour = Program::new(&site, &[Scope::Write]).await;
    assert_eq!(neighbour.post(CHANGES, &headers, &other).await.status, StatusCode::OK);
    site.clock.set(site.sluice.now().plus_days(2));
    let newest = format!("\"{}\"", version + 2);
    let headers = [("if-match", newest.as_str()), ("idempotency-key", "6f1c")];
    assert_eq!(body(&program.post(CHANGES, &headers, &wish).await)["changed"], false);

    // What was refused may be corrected and sent again.
    let headers = [("if-match", newest.as_str()), ("idempotency-key", "second")];
    refused(&program.post(CHANGES, &headers, &json!({})).await, StatusCode::UNPROCESSABLE_ENTITY, "invalid");
    let back = json!({"changes": [{"setting": "space:jira/OPS", "on": null}], "reason": "Back"});
    assert_eq!(body(&program.post(CHANGES, &headers, &back).await)["changed"], true);

    // What was cut off is not done a second time.
    site.database.execute_raw("UPDATE api_requests SET status = NULL, body = NULL").await.unwrap();
    refused(&program.post(CHANGES, &headers, &back).await, StatusCode::CONFLICT, "outcome-unknown");
    assert_eq!(site.snapshot(ORG).await.version, version + 3);
    let empty = program.post(CHANGES, &[("if-match", &newest), ("idempotency-key", "")], &back).await;
    refused(&empty, StatusCode::BAD_REQUEST, "bad-request");
}

#[tokio::test]
async fn a_repetition_is_done_once_on_sqlite() {
    on_sqlite(a_repetition_is_done_once).await;
}

#[tokio::test]
async fn a_repetition_is_done_once_on_postgres() {
    on_postgres(a_repetition_is_done_once).await;
}

/// Many attempts at once: one change, and the others are told.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn attempts_at_once_are_done_once() {
    let site = Site::demo().await;
    let program = Program::new(&site, &[Scope::Write]).await;
    let wish = json!({"terms": [{"term": "Otter", "list": "removed"}]});
    let before = log(&site).await.len();
    let mut attempts = Vec::new();
    for _ in 0..8 {
        attempts.push(program.post("/api/v1/orgs/large/terms", &[("idempotency-key", "one")], &wish));
    }
    let mut done = 0;
    for answer in futures_all(attempts).await {
        match answer.status {
            StatusCode::OK => {
                assert_eq!(body(&answer), json!({"changed": 1, "unchanged": 0}));
                done += 1;
            }
            StatusCode::CONFLICT => refused(&answer, StatusCode::CONFLICT, "outcome-unknown"),
            other => panic!("{other}: {}", answer.body),
        }
    }
    assert!(done >= 1);
    assert_eq!(log(&site).await.len(), before + 1);
}

/// Polls all of them in turn until each is done.
async fn futures_all<T>(futures: Vec<impl Future<Output = T>>) -> Vec<T> {
    let mut futures: Vec<_> = futures.into_iter().map(|future| (Box::pin(future), None)).collect();
    std::future::poll_fn(|context| {
        let mut pending = false;
        for (future, done) in futures.iter_mut().filter(|(_, done)| done.is_none()) {
            match future.as_mut().poll(context) {
                std::task::Poll::Ready(value) => *done = Some(value),
                std::task::Poll::Pending => pending = true,
            }
        }
        if pending { std::task::Poll::Pending } else { std::task::Poll::Ready(()) }
    })
    .await;
    futures.into_iter().filter_map(|(_, done)| done).collect()
}

#[tokio::test]
async fn a_key_that_asks_without_end_is_slowed_down() {
    on_sqlite(async |url: String| {
        let three = Quota { at_once: 3, every: Duration::from_secs(2) };
        let quotas = Quotas { requests_of_key: three, refused_of_client: three, ..Quotas::default() };
        let slow = |state: AppState| AppState { limits: Arc::new(Limits::new(quotas)), ..state };
        let site = Site::with(&url, false, slow).await;
        service::demo::seed(&site.sluice).await.unwrap();
        let (program, other) = (Program::new(&site, &[Scope::Read]).await, Program::new(&site, &[Scope::Read]).await);
        for _ in 0..3 {
            assert_eq!(program.get("/api/v1/me").await.status, StatusCode::OK);
        }
        let answer = program.get("/api/v1/me").await;
        refused(&answer, StatusCode::TOO_MANY_REQUESTS, "too-many-requests");
        assert_eq!(answer.header("retry-after"), "2");
        assert_eq!(other.get("/api/v1/me").await.status, StatusCode::OK, "another key has its own");

        for key in ["", "slc_0", &format!("{}x", &program.key[..39])] {
            let wrong = Program { site: &site, key: key.to_owned() }.get("/api/v1/me").await;
            refused(&wrong, StatusCode::UNAUTHORIZED, "unauthenticated");
        }
        let answer = site.anonymous().get("/api/v1/me").await;
        refused(&answer, StatusCode::TOO_MANY_REQUESTS, "too-many-requests");
        assert_eq!(answer.header("retry-after"), "2");
        assert_eq!(other.get("/api/v1/me").await.status, StatusCode::OK, "a key that works does not suffer for it");
    })
    .await;
}

/// What the database says stays in the log of the server.
#[tokio::test]
async fn a_failure_inside_says_nothing_of_the_inside() {
    let site = Site::demo().await;
    let program = Program::new(&site, &[Scope::Read]).await;
    site.database.execute_raw("DROP TABLE connectors").await.unwrap();
    let answer = program.get(SETTINGS).await;
    refused(&answer, StatusCode::INTERNAL_SERVER_ERROR, "internal");
    for inside in ["connectors", "table", "sql", "database"] {
        assert!(!answer.body.to_lowercase().contains(inside), "{}", answer.body);
    }
}

/// A change past the API makes the version that a program saw stale.
#[tokio::test]
async fn the_page_and_the_api_see_each_other() {
    let site = Site::demo().await;
    let program = Program::new(&site, &[Scope::Read, Scope::Write]).await;
    let tag = program.get(SETTINGS).await.header("etag").to_owned();
    let wish = Wish::Set { to: Some(false), settings: vec!["space:jira/OPS".parse().unwrap()] };
    change(&site.sluice, &site.org_admin(ORG).await, &wish, i64::MAX).await.unwrap();
    let sent = json!({"changes": [{"setting": "space:jira/SEC", "on": false}]});
    refused(
        &program.post(CHANGES, &[("if-match", &tag)], &sent).await,
        StatusCode::PRECONDITION_FAILED,
        "stale-version",
    );
    let mut admin = site.admin(ORG).await;
    let tag = program.get(SETTINGS).await.header("etag").to_owned();
    assert_eq!(program.post(CHANGES, &[("if-match", &tag)], &sent).await.status, StatusCode::OK);
    assert!(admin.get("/orgs/large/security/data-contribution/history").await.says("SEC"));
}

const ORGS: &str = "/api/v1/orgs/large";

/// A version as an entity tag.
fn on(version: i64) -> String {
    format!("\"{version}\"")
}

#[tokio::test]
async fn settings_that_were_seen_are_not_sent_again() {
    let site = Site::demo().await;
    let program = Program::new(&site, &[Scope::Read]).await;
    let tag = program.get(SETTINGS).await.header("etag").to_owned();
    let known = async |tag: &str| program.send(Method::GET, SETTINGS, &[("if-none-match", tag)], Body::empty()).await;
    let same = known(&tag).await;
    assert_eq!((same.status, same.body.as_str(), same.header("etag")), (StatusCode::NOT_MODIFIED, "", tag.as_str()));
    site.fresh_change(ORG).await;
    let other = known(&tag).await;
    assert_eq!(other.status, StatusCode::OK);
    assert_ne!(other.header("etag"), tag);
}

/// One click on the page, one request here: both take back the same change, and neither a second time.
#[tokio::test]
async fn the_last_change_is_undone_as_on_the_page() {
    let site = Site::demo().await;
    let program = Program::new(&site, &[Scope::Write]).await;
    let undo = format!("{ORGS}/settings/undo");
    let before = site.chosen(ORG, "space:jira/HR").await;
    let change = site.fresh_change(ORG).await;
    let version = site.snapshot(ORG).await.version;
    let wish = json!({"change": change});
    refused(&program.post(&undo, &[], &wish).await, StatusCode::PRECONDITION_REQUIRED, "version-missing");
    let stale = program.post(&undo, &[("if-match", &on(version - 1))], &wish).await;
    refused(&stale, StatusCode::PRECONDITION_FAILED, "stale-version");
    let nobodys = program.post(&undo, &[("if-match", &on(version))], &json!({"change": "none"})).await;
    refused(&nobodys, StatusCode::NOT_FOUND, "not-found");
    assert_ne!(site.chosen(ORG, "space:jira/HR").await, before);

    let undone = program.post(&undo, &[("if-match", &on(version))], &wish).await;
    assert_eq!((undone.status, undone.header("etag")), (StatusCode::OK, on(version + 1).as_str()), "{}", undone.body);
    assert_eq!(site.chosen(ORG, "space:jira/HR").await, before);
    let entry = log(&site).await.pop().unwrap();
    assert_eq!((entry.reverts.as_ref(), entry.interface), (Some(&change), audit::Interface::Api));
    let again = program.post(&undo, &[("if-match", &on(version + 1))], &wish).await;
    refused(&again, StatusCode::UNPROCESSABLE_ENTITY, "refused");
    // Of another organisation there is no such change.
    let elsewhere = site.fresh_change("trial").await;
    let answer = program.post(&undo, &[("if-match", &on(version + 1))], &json!({"change": elsewhere})).await;
    refused(&answer, StatusCode::NOT_FOUND, "not-found");
}

#[tokio::test]
async fn an_old_change_is_reverted_and_the_history_connects_both() {
    let site = Site::demo().await;
    let program = Program::new(&site, &[Scope::Read, Scope::Write]).await;
    let revert = format!("{ORGS}/settings/revert");
    let snapshot = site.snapshot(ORG).await;
    let wide = json!({"changes": [{"setting": "in-app", "on": true}], "reason": "Agreed", "organisation_name": snapshot.org.name});
    assert_eq!(program.post(CHANGES, &[("if-match", &on(snapshot.version))], &wide).await.status, StatusCode::OK);
    let off = json!({"changes": [{"setting": "in-app", "on": false}]});
    let change = program.post(CHANGES, &[("if-match", &on(snapshot.version + 1))], &off).await;
    let change = body(&change)["change"].clone();
    let mut wish = json!({"change": change});
    let tag = on(snapshot.version + 2);
    let answer = program.post(&revert, &[("if-match", &tag)], &wish).await;
    refused(&answer, StatusCode::UNPROCESSABLE_ENTITY, "reason-missing");
    wish["reason"] = json!("It was a mistake");
    let answer = program.post(&revert, &[("if-match", &tag)], &wish).await;
    refused(&answer, StatusCode::UNPROCESSABLE_ENTITY, "name-missing");
    wish["organisation_name"] = json!(site.snapshot(ORG).await.org.name);
    let reverted = program.post(&revert, &[("if-match", &tag)], &wish).await;
    assert_eq!(reverted.status, StatusCode::OK, "{}", reverted.body);
    let clocks = body(&program.get(&format!("{ORGS}/clocks")).await);
    let of_it = clocks["clocks"].as_array().unwrap().iter().filter(|clock| clock["version"] == snapshot.version + 2);
    assert!(of_it.count() > 0, "turning it off started them: {clocks}");
    assert_eq!(site.chosen(ORG, "in-app").await, Some(true));
    let history = body(&program.get(&format!("{ORGS}/history?limit=1")).await);
    assert_eq!(history["changes"][0]["reverts"], true);
    assert_eq!(log(&site).await.pop().unwrap().reverts.as_deref(), change.as_str());
}

#[tokio::test]
async fn a_state_that_is_past_is_read_as_it_was() {
    let site = Site::demo().await;
    let program = Program::new(&site, &[Scope::Read]).await;
    let start = site.sluice.now();
    let before = site.snapshot(ORG).await.version;
    site.clock.set(start.plus_days(2));
    site.fresh_change(ORG).await;
    let path = |on: &str| format!("{ORGS}/state?on={on}");
    let past = body(&program.get(&path(&start.rfc3339()[..10])).await);
    let now = body(&program.get(&format!("{ORGS}/state")).await);
    assert_eq!((past["version"].as_i64(), now["version"].as_i64()), (Some(before), Some(before + 1)));
    assert!(past["at"].as_str().unwrap().ends_with("T23:59:59.999999Z"), "a day means its end: {}", past["at"]);
    let decision = |state: &Value| {
        let all = state["decisions"].as_array().unwrap();
        all.iter().find(|one| one["setting"] == "space:jira/HR").map(|one| one["value"].clone())
    };
    assert_ne!(decision(&past), decision(&now));
    assert!(!past["plan"].as_str().unwrap().is_empty() && !past["subscriptions"].as_array().unwrap().is_empty());
    let wrong = program.get(&path("soon")).await;
    refused(&wrong, StatusCode::UNPROCESSABLE_ENTITY, "invalid");
    assert_eq!(body(&wrong)["field"], "on");
}

const PEOPLE_CSV: &str = "username,display_name\nada,Ada Byron\ngrace,Grace Murray\n";
const CSV: (&str, &str) = ("content-type", "text/csv; charset=utf-8");

#[tokio::test]
async fn people_are_tried_imported_listed_and_deleted() {
    let site = Site::demo().await;
    let program = Program::new(&site, &[Scope::Read, Scope::Write, Scope::Preview]).await;
    let (impact, import) = (format!("{ORGS}/people/impact"), format!("{ORGS}/people/import"));
    let elsewhere = site.knowledge("trial").await;
    let counts = program.get(&format!("{ORGS}/people")).await;
    let tag = counts.header("etag").to_owned();
    let before = body(&counts)["people"].as_u64().unwrap();
    let send = async |path: &str, headers: &[(&str, &str)], file: &str| {
        program.send(Method::POST, path, headers, file.to_owned()).await
    };

    let tried = send(&impact, &[CSV], PEOPLE_CSV).await;
    assert_eq!(tried.header("etag"), tag);
    let expected = json!({"added": 2, "changed": 0, "removed": before});
    let tried = body(&tried);
    assert_eq!((&tried["difference"], &tried["people"], &tried["before"]), (&expected, &json!(2), &json!(before)));
    assert!(!tried.to_string().contains("Ada"), "nobody is named");
    assert_eq!(body(&program.get(&format!("{ORGS}/people")).await)["people"], before, "nothing was changed");

    let unprocessable = StatusCode::UNPROCESSABLE_ENTITY;
    refused(&send(&import, &[CSV], PEOPLE_CSV).await, StatusCode::PRECONDITION_REQUIRED, "version-missing");
    refused(
        &send(&import, &[CSV, ("if-match", "\"0\"")], PEOPLE_CSV).await,
        StatusCode::PRECONDITION_FAILED,
        "stale-version",
    );
    let other = send(&import, &[JSON, ("if-match", &tag)], PEOPLE_CSV).await;
    refused(&other, StatusCode::UNSUPPORTED_MEDIA_TYPE, "not-csv");
    refused(&send(&import, &[CSV, ("if-match", &tag)], "colour\nred\n").await, unprocessable, "invalid");
    refused(&send(&impact, &[CSV], "").await, unprocessable, "invalid");
    let huge = "x".repeat(service::people::MAX_BYTES + 1);
    refused(&send(&impact, &[CSV], &huge).await, StatusCode::PAYLOAD_TOO_LARGE, "too-large");
    let once = [CSV, ("if-match", tag.as_str()), ("idempotency-key", "people-1")];
    refused(&send(&import, &once, &huge).await, StatusCode::PAYLOAD_TOO_LARGE, "too-large");

    let done = send(&import, &once, PEOPLE_CSV).await;
    assert_eq!((done.status, body(&done)), (StatusCode::OK, expected), "{}", done.body);
    let again = send(&import, &once, PEOPLE_CSV).await;
    assert_eq!((&again.body, again.header("idempotency-replayed")), (&done.body, "true"));
    let entry = log(&site).await.pop().unwrap();
    assert_eq!((entry.action, entry.actor.kind), (audit::Action::PeopleImport, audit::ActorKind::Key));

    let page = body(&program.get(&format!("{ORGS}/people/list?limit=1")).await);
    assert_eq!(page["people"][0]["names"], json!(["Ada Byron"]));
    let next = page["next"].as_str().unwrap();
    let page = body(&program.get(&format!("{ORGS}/people/list?limit=1&cursor={next}")).await);
    assert_eq!((&page["people"][0]["user_names"], &page["next"]), (&json!(["grace"]), &json!(null)));
    let found = body(&program.get(&format!("{ORGS}/people/list?q=murr")).await);
    assert_eq!(found["people"].as_array().unwrap().len(), 1);
    let wrong = program.get(&format!("{ORGS}/people/list?cursor=aGlzdG9yeTox")).await;
    refused(&wrong, unprocessable, "invalid");
    let history = body(&program.get(&format!("{ORGS}/people/history")).await);
    assert_eq!(history["changes"][0]["people"], json!({"added": 2, "changed": 0, "removed": before}));

    let delete = format!("{ORGS}/people/delete");
    refused(&program.post(&delete, &[], &json!({"everyone": false})).await, unprocessable, "invalid");
    refused(&program.post(&delete, &[], &json!({})).await, unprocessable, "invalid");
    let gone = body(&program.post(&delete, &[], &json!({"everyone": true})).await);
    assert_eq!(gone, json!({"added": 0, "changed": 0, "removed": 2}));
    assert_eq!(body(&program.get(&format!("{ORGS}/people")).await)["people"], 0);
    assert!(site.knowledge("trial").await == elsewhere, "of another organisation nobody is deleted");
}

#[tokio::test]
async fn the_log_is_verified_and_taken_away_over_the_api() {
    let site = Site::demo().await;
    let program = Program::new(&site, &[Scope::Audit]).await;
    let verify = async || program.send(Method::POST, &format!("{ORGS}/audit/verify"), &[], Body::empty()).await;
    let whole = body(&verify().await);
    assert_eq!((&whole["whole"], &whole["broken"]), (&json!(true), &json!(null)));
    let entries = log(&site).await;
    assert_eq!(whole["head"]["sequence"], entries.len() - 1, "what verifying wrote came after it");
    assert_eq!(entries.last().unwrap().action, audit::Action::AuditVerify);

    let note = program.get(&format!("{ORGS}/audit/checkpoint")).await;
    assert!(note.header("content-type").starts_with("text/plain"));
    let checkpoint = audit::Checkpoint::verify(&note.body, site.sluice.signer.public()).unwrap();
    let head = site.sluice.store.audit_head(&checkpoint.scope).await.unwrap();
    assert_eq!(checkpoint.head, head);

    let csv = program.get(&format!("{ORGS}/audit/csv")).await;
    assert!(csv.header("content-type").starts_with("text/csv"));
    assert_eq!(csv.body.lines().count(), log(&site).await.len() + 1);

    site.database.execute_raw("DROP TRIGGER audit_entries_stay").await.unwrap();
    let bend = "UPDATE audit_entries SET body = replace(body, 'key.create', 'key.revoke')";
    site.database.execute_raw(bend).await.unwrap();
    let broken = body(&verify().await);
    assert_eq!((&broken["whole"], &broken["head"]), (&json!(false), &json!(null)));
    assert!(!broken["broken"]["fault"].as_str().unwrap().is_empty());
}

/// A key sees who may come in, and closes doors.
#[tokio::test]
async fn a_key_closes_access_and_opens_none() {
    let site = Site::demo().await;
    let program = Program::new(&site, &[Scope::Write, Scope::Audit]).await;
    let list = async |what: &str| body(&program.get(&format!("{ORGS}/{what}")).await);
    let close = async |what: &str, sent: Value| program.post(&format!("{ORGS}/{what}"), &[], &sent).await;

    let other = site.fresh_key(ORG).await;
    let keys = list("keys").await;
    assert_eq!(keys["keys"].as_array().unwrap().len(), 2);
    assert!(!keys.to_string().contains("slc_") && !keys.to_string().contains(&program.key[4..]));
    let after = close("keys/revoke", json!({"key": other})).await;
    let revoked = |keys: &Value| {
        let keys = keys["keys"].as_array().unwrap();
        keys.iter().find(|key| key["id"] == other.as_str()).map(|key| !key["revoked_at"].is_null())
    };
    assert_eq!((revoked(&keys), revoked(&body(&after))), (Some(false), Some(true)));
    let elsewhere = site.fresh_key("trial").await;
    for unknown in [&other, &elsewhere, "none"] {
        refused(&close("keys/revoke", json!({"key": unknown})).await, StatusCode::NOT_FOUND, "not-found");
    }

    let roles = list("roles").await;
    let auditor = roles["people"].as_array().unwrap().iter().find(|person| person["role"] == "auditor").unwrap();
    let mut browser = site.signed_in(auditor["email"].as_str().unwrap()).await;
    let ended = close("sessions/end", json!({"account": auditor["account"]})).await;
    assert_eq!((ended.status, body(&ended)["ended"].as_u64()), (StatusCode::OK, Some(1)), "{}", ended.body);
    assert_eq!(
        browser.get("/orgs/large/security/audit").await.location(),
        "/sign-in?next=%2Forgs%2Flarge%2Fsecurity%2Faudit"
    );
    let stranger = site.account("amara.nwosu@premium.example").await.id;
    refused(&close("sessions/end", json!({"account": stranger})).await, StatusCode::NOT_FOUND, "not-found");

    let token = site.invitation(ORG).await;
    let open = list("invitations").await;
    assert!(!open.to_string().contains(&token), "the link was shown once");
    let id = &open["invitations"][0]["id"];
    let left = body(&close("invitations/withdraw", json!({"invitation": id})).await);
    assert_eq!(left["invitations"], json!([]));

    let look = site.open_review(ORG).await;
    let support = list("support").await;
    assert_eq!((&support["must_ask"], &support["looks"][0]["running"]), (&json!(false), &json!(true)));
    assert_eq!(close("support/end", json!({"look": look})).await.status, StatusCode::OK);
    refused(&close("support/end", json!({"look": look})).await, StatusCode::UNPROCESSABLE_ENTITY, "refused");
    let elsewhere = site.open_review("trial").await;
    refused(&close("support/end", json!({"look": elsewhere})).await, StatusCode::NOT_FOUND, "not-found");
    assert_eq!(body(&close("support/must-ask", json!({})).await), json!({"must_ask": true}));
    let support = list("support").await;
    assert_eq!((&support["must_ask"], &support["looks"][0]["running"]), (&json!(true), &json!(false)));
    let actions: Vec<_> = log(&site).await.iter().map(|entry| entry.action).collect();
    for action in [audit::Action::KeyRevoke, audit::Action::SessionsEndAll, audit::Action::InvitationWithdraw] {
        assert!(actions.contains(&action), "{action}");
    }
}

/// Whoever steals a key must not get more than the key: nothing here makes keys, gives roles, invites or lets support in.
#[tokio::test]
async fn no_operation_widens_what_a_key_may_do() {
    let site = Site::demo().await;
    let program = Program::new(&site, &Scope::ALL).await;
    let members = body(&program.get(&format!("{ORGS}/roles")).await);
    let open = site.open_review(ORG).await;
    let everything = json!({
        "name": "More", "scopes": ["write"], "days": 365, "email": "maud@quay.example", "role": "admin",
        "account": members["people"][0]["account"], "review": open, "look": open, "must_ask": false, "ask": "no",
    });
    let before = log(&site).await.len();
    for path in [
        "keys",
        "keys/create",
        "webhooks",
        "webhooks/create",
        "roles",
        "roles/change",
        "roles/give",
        "members",
        "invitations",
        "invitations/create",
        "support",
        "support/approve",
        "support/allow",
        "support/rule",
        "sessions",
    ] {
        let answer = program.post(&format!("{ORGS}/{path}"), &[], &everything).await;
        let nothing = [StatusCode::NOT_FOUND, StatusCode::METHOD_NOT_ALLOWED];
        assert!(nothing.contains(&answer.status), "{path}: {}", answer.status);
    }
    assert_eq!(log(&site).await.len(), before);
    let about = server::api::document_text().unwrap();
    assert!(about.contains("A key opens access to nobody"), "it is said in the document");
}

/// What the preview and its scorecard show, without a file that is held.
#[tokio::test]
async fn findings_come_with_their_reasons_and_with_what_is_tried() {
    let site = Site::demo().await;
    let program = Program::new(&site, &[Scope::Preview]).await;
    let path = format!("{ORGS}/preview/findings");
    let export: Value = serde_json::from_str(&EXPORT.replace("Ines Okafor", "Ines Okafor about Walrus")).unwrap();
    let look = async |terms: Value| {
        program.post(&path, &[], &json!({"export": export, "as_if_on": true, "terms": terms})).await
    };
    let written = |answer: &Value| -> Vec<Value> {
        let fields = answer["items"][0]["fields"].as_array().unwrap().iter();
        let pairs =
            fields.flat_map(|field| field["values"].as_array().unwrap()).flat_map(|value| value.as_array().unwrap());
        pairs
            .flat_map(|pair| pair["written"].as_array().unwrap())
            .filter(|part| !part["found"].is_null())
            .cloned()
            .collect()
    };
    let answer = look(json!([])).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let plain = body(&answer);
    assert_eq!((&plain["total"], &plain["first"], &plain["items"][0]["item"]), (&json!(1), &json!(1), &json!("WEB-1")));
    let found = written(&plain);
    let ines = found.iter().find(|part| part["text"].as_str().unwrap().contains("Okafor")).unwrap();
    assert_eq!((&ines["found"]["kind"], &ines["found"]["tried"]), (&json!("person"), &json!(false)));
    assert!(!ines["found"]["evidence"].as_str().unwrap().is_empty());
    assert_eq!((&plain["scorecard"]["items"], &plain["scorecard"]["with_text"]), (&json!(1), &json!(1)));

    let tried = body(&look(json!([{"term": "Walrus", "list": "removed"}])).await);
    let walrus = written(&tried).into_iter().find(|part| part["text"] == "Walrus").unwrap();
    assert_eq!((&walrus["found"]["kind"], &walrus["found"]["tried"]), (&json!("term"), &json!(true)));
    assert_eq!(site.knowledge(ORG).await.terms.iter().find(|term| term.term == "Walrus"), None, "nothing is saved");

    let unprocessable = StatusCode::UNPROCESSABLE_ENTITY;
    refused(&look(json!([{"term": "x", "list": "removed"}])).await, unprocessable, "refused");
    refused(&look(json!([{"term": "Walrus", "list": null}])).await, unprocessable, "invalid");
    for wrong in [json!({}), json!({"export": []}), json!({"export": "x"}), json!({"export": {}, "first": -1})] {
        refused(&program.post(&path, &[], &wrong).await, unprocessable, "invalid");
    }
}

#[tokio::test]
async fn every_action_of_the_log_stands_in_the_reference() {
    let site = Site::demo().await;
    let page = site.anonymous().get("/api/actions").await;
    for action in audit::Action::ALL {
        assert!(page.says(action.id()) && page.says(action.says()), "{action}");
    }
}
