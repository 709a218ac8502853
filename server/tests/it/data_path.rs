//! The data path as programs and operators meet it: items in over the API and from files, what is stored of them, and what is
//! taken back, also under a hard kill.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::{Request, StatusCode};
use policy::{Kind, Setting, Timestamp};
use serde_json::{Value, json};
use service::Sluice;
use service::access::{OrgAdmin, ReadsOrg as _, operator};
use service::data_plane::{Record, RecordFilter, Region};
use service::jobs::work_one;
use service::keys::{self, Scope, Wanted};
use service::moves;
use service::settings::change::{Confirmation, Wish, apply_review, change};
use service::vault;
use service::withdrawal::receipt;
use tempfile::TempDir;

use crate::crash::{Server, header, request, sluice};
use crate::database::{on_postgres, on_sqlite, sqlite_url};
use crate::process::signed_in;
use crate::site::{Answer, Site, filled, multipart};

pub(crate) const ORG: &str = "enterprise";
pub(crate) const ITEMS: &str = "/api/v1/orgs/enterprise/items";

/// What no file and no log may hold after an item with all of it has come and gone.
pub(crate) const PLANTED: [&str; 5] =
    ["Quillon", "quillon.varga", "planted.example", "ghp_0123456789abcdefghijABCDEFGHIJ456789", "10.98.76.54"];

pub(crate) fn work_item(number: usize) -> Value {
    json!({
        "id": number.to_string(),
        "key": format!("WEB-{number}"),
        "fields": {
            "summary": format!("Login fails for the {number}th time"),
            "description": "Ask Quillon Varga <quillon.varga@planted.example> about it; the token was \
                            ghp_0123456789abcdefghijABCDEFGHIJ456789 on 10.98.76.54.",
            "issuetype": { "name": "Bug" },
            "priority": { "name": "High" },
            "project": { "key": "WEB", "projectTypeKey": "software" },
            "reporter": { "displayName": "Quillon Varga", "emailAddress": "quillon.varga@planted.example" },
        }
    })
}

pub(crate) fn batch(items: impl IntoIterator<Item = Value>) -> String {
    let items: Vec<Value> = items.into_iter().map(|item| json!({ "item": item })).collect();
    json!({ "items": items }).to_string()
}

/// Turns both kinds of data on or off for the whole organisation.
pub(crate) async fn switch(sluice: &Sluice, admin: &OrgAdmin, on: bool) {
    for kind in Kind::ALL {
        let wish = Wish::Set { to: Some(on), settings: vec![Setting::Organisation(kind)] };
        if !on {
            change(sluice, admin, &wish, i64::MAX).await.unwrap();
            continue;
        }
        let version = sluice.store.snapshot(&admin.org().id).await.unwrap().unwrap().version;
        let (reason, name) = ("The contract says so.".to_owned(), admin.org().name.clone());
        apply_review(sluice, admin, &wish, &Confirmation { version, reason, name, proved: true }).await.unwrap();
    }
}

struct Sender<'a> {
    site: &'a Site,
    key: String,
}

impl<'a> Sender<'a> {
    async fn new(site: &'a Site) -> Self {
        let admin = site.org_admin(ORG).await;
        switch(&site.sluice, &admin, true).await;
        let wanted = Wanted { name: "Sender".to_owned(), scopes: vec![Scope::Ingest], days: 30, proved: true };
        let (secret, _) = keys::create(&site.sluice, &admin, &wanted).await.unwrap();
        Self { site, key: secret.reveal().to_owned() }
    }

    async fn send(&self, key: Option<&str>, body: impl Into<Body>) -> Answer {
        let request = Request::post(ITEMS)
            .header("authorization", format!("Bearer {}", self.key))
            .header("content-type", "application/json");
        let request = key.into_iter().fold(request, |request, key| request.header("idempotency-key", key));
        self.site.anonymous().send(request.body(body.into()).unwrap()).await
    }
}

async fn records(region: &Region, org_id: &str) -> Vec<Record> {
    region.plane.records(org_id, &RecordFilter::default(), None, 100_000).await.unwrap()
}

async fn stored(site: &Site) -> Vec<Record> {
    records(site.sluice.regions.get("eu").unwrap(), &site.snapshot(ORG).await.org.id).await
}

fn code(answer: &Answer) -> (u16, String) {
    let problem: Value = serde_json::from_str(&answer.body).unwrap();
    (answer.status.as_u16(), problem["code"].as_str().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn a_batch_that_comes_again_is_answered_as_before() {
    let site = Site::demo().await;
    let sender = Sender::new(&site).await;
    let first = sender.send(Some("one"), batch([work_item(1), work_item(2)])).await;
    assert_eq!(first.status, StatusCode::OK, "{}", first.body);
    let answer: Value = serde_json::from_str(&first.body).unwrap();
    assert_eq!((answer["region"].as_str(), answer["items"][0]["outcome"].as_str()), (Some("eu"), Some("contributed")));
    assert!(answer["items"][0]["found"]["email"].as_i64() >= Some(1), "{answer}");
    let kept = stored(&site).await;
    assert_eq!(kept.len(), 4);
    assert_eq!(sender.send(Some("one"), batch([work_item(1), work_item(2)])).await.body, first.body);
    assert_eq!(code(&sender.send(Some("one"), batch([work_item(3)])).await), (422, "key-reused".to_owned()));
    // Without a key it is decided anew, and changes nothing either.
    assert_eq!(sender.send(None, batch([work_item(1), work_item(2)])).await.status, StatusCode::OK);
    assert_eq!(stored(&site).await, kept);

    let gone = json!({ "items": [{ "delete": { "app": "jira", "id": "1" } }] }).to_string();
    assert_eq!(sender.send(None, gone).await.status, StatusCode::OK);
    assert_eq!(stored(&site).await.len(), 2);
    let gone = json!({ "items": [{ "delete": { "app": "jira", "space": "WEB" } }] }).to_string();
    assert_eq!(sender.send(None, gone).await.status, StatusCode::OK);
    assert!(stored(&site).await.is_empty());
}

#[tokio::test]
async fn nothing_is_stored_before_the_programme_is_in_force() {
    let site = Site::demo().await;
    site.clock.set(Timestamp::parse("2026-07-01").unwrap());
    let sender = Sender::new(&site).await;
    let answer = sender.send(None, batch([work_item(1)])).await;
    let answer: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(answer["not_before"], "2026-08-17", "{answer}");
    assert_eq!(answer["items"][0]["outcome"], "not");
    assert!(stored(&site).await.is_empty());
}

#[tokio::test]
async fn a_region_that_is_down_takes_nothing_and_no_other_one_does() {
    let site = Site::demo_without_region("eu").await;
    let answer = Sender::new(&site).await.send(Some("one"), batch([work_item(1)])).await;
    assert_eq!(code(&answer), (503, "region-unavailable".to_owned()));
    assert!(answer.header("retry-after").parse::<u64>().unwrap() > 0);
    assert!(!answer.body.contains("127.0.0.1"), "{}", answer.body);
    for region in ["eu", "us", "au"] {
        assert!(!site.folder().join(format!("{region}.db")).exists(), "{region}");
    }
    // The pages are not about it.
    assert_eq!(site.admin(ORG).await.get("/orgs/enterprise/security/data-contribution").await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_organisation_that_moves_takes_nothing_in_until_it_is_there() {
    let site = Site::demo().await;
    let sender = Sender::new(&site).await;
    assert_eq!(sender.send(None, batch([work_item(1)])).await.status, StatusCode::OK);
    let operator = operator(site.sluice.store.as_ref(), ORG).await.unwrap();
    moves::begin(&site.sluice, &operator, "us").await.unwrap();
    let refused = sender.send(Some("one"), batch([work_item(2)])).await;
    assert_eq!(code(&refused), (503, "region-unavailable".to_owned()));
    assert!(refused.header("retry-after").parse::<u64>().unwrap() > 0);
    let mut admin = site.admin(ORG).await;
    let ledger = "/orgs/enterprise/ledger";
    assert!(admin.get(ledger).await.body.contains("moving to"));
    while work_one(&site.sluice, site.sluice.regions.get("eu").unwrap(), "test").await.unwrap() {}
    assert!(!admin.get(ledger).await.body.contains("moving to"));
    let answer = sender.send(Some("one"), batch([work_item(2)])).await;
    let answer: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(answer["region"], "us", "{answer}");
    assert!(stored(&site).await.is_empty());
    assert_eq!(records(site.sluice.regions.get("us").unwrap(), &site.snapshot(ORG).await.org.id).await.len(), 4);
}

#[tokio::test]
async fn what_is_wrong_is_said_with_its_place_and_never_repeated() {
    let site = Site::demo().await;
    let sender = Sender::new(&site).await;
    let fine = work_item(1).to_string();
    for (body, status, place) in [
        ("{".to_owned(), 400, ""),
        ("[]".to_owned(), 422, ""),
        (r#"{"items": []}"#.to_owned(), 422, "items"),
        (r#"{"items": [{"item": {"fields": {"summary": "Quillon"}}}]}"#.to_owned(), 422, "items[0].item"),
        (format!(r#"{{"items": [{{"item": {fine}}}, {{"item": ["Quillon"]}}]}}"#), 422, "items[1].item"),
        (r#"{"items": [{"Quillon": 1}]}"#.to_owned(), 422, "items[0]"),
        (format!(r#"{{"items": [{{"item": {fine}, "delete": {{"app": "jira", "id": "1"}}}}]}}"#), 422, "items[0]"),
        (r#"{"items": [{"delete": {"app": "Quillon", "id": "1"}}]}"#.to_owned(), 422, "items[0].delete.app"),
        (r#"{"items": [{"delete": {"app": "jira"}}]}"#.to_owned(), 422, "items[0].delete"),
        (r#"{"items": [{"delete": {"app": "jira", "id": 7}}]}"#.to_owned(), 422, "items[0].delete.id"),
        (batch((0..1_001).map(work_item)), 422, "items"),
    ] {
        let answer = sender.send(None, body.clone()).await;
        let problem: Value = serde_json::from_str(&answer.body).unwrap();
        let start: String = body.chars().take(80).collect();
        assert_eq!(answer.status.as_u16(), status, "{start}: {problem}");
        assert!(problem["field"].as_str().unwrap_or_default().starts_with(place), "{start}: {problem}");
        assert!(!problem["detail"].as_str().unwrap().contains("Quillon"), "{problem}");
    }
    assert_eq!(code(&sender.send(None, " ".repeat(10 * 1024 * 1024 + 1)).await), (413, "too-large".to_owned()));
    assert!(stored(&site).await.is_empty(), "a batch is whole or not at all");
}

#[tokio::test]
async fn a_file_stores_what_the_api_stores() {
    let site = Site::demo().await;
    let sender = Sender::new(&site).await;
    assert_eq!(sender.send(None, batch((1..=30).map(work_item))).await.status, StatusCode::OK);
    let by_api = stored(&site).await;
    assert_eq!(by_api.len(), 60);
    let file = json!({ "issues": (1..=30).map(work_item).collect::<Vec<_>>() }).to_string();
    let operator = operator(site.sluice.store.as_ref(), ORG).await.unwrap();
    let import = async |file: &str| {
        service::imports::import(&site.sluice, &operator, "export.json", file.as_bytes(), |_| {}).await.unwrap()
    };
    let imported = import(&file).await;
    assert_eq!((imported.items, imported.contributed), (30, 30));
    assert_eq!(stored(&site).await, by_api, "not one of them is another record");

    // Of one item that changed in the file, and of no other, what stands is another.
    import(&file.replace("the 7th time", "the seventh time")).await;
    let digests = |records: &[Record]| records.iter().map(|record| record.digest.clone()).collect::<BTreeSet<_>>();
    let changed = stored(&site).await;
    assert_eq!(changed.len(), 60);
    let other = changed.iter().filter(|record| !digests(&by_api).contains(&record.digest));
    let items: BTreeSet<&str> = other.map(|record| record.place.item.as_str()).collect();
    assert_eq!(items.len(), 1);
    // The first file again is no repetition of the first time.
    import(&file).await;
    assert_eq!(digests(&stored(&site).await), digests(&by_api));
    let org = site.snapshot(ORG).await.org.id;
    let jobs = site.sluice.regions.get("eu").unwrap().plane.jobs(&org, 10).await.unwrap();
    assert!(jobs.len() == 3 && jobs.iter().all(|job| (job.done, job.total) == (30, 30)), "{jobs:?}");
}

/// A folder with the demo's database in it, and with the keys that [`keyed`] names.
pub(crate) fn demo(url: &str) -> TempDir {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("master"), MASTER).unwrap();
    std::fs::write(folder.path().join("signing"), SIGNING).unwrap();
    for command in ["migrate", "seed"] {
        let mut command = sluice(folder.path(), url, command);
        assert!(keyed(&mut command).status().unwrap().success(), "{command:?}");
    }
    folder
}

/// With the keys in its folder: a test on Postgres has no database file that others could stand beside.
pub(crate) fn keyed(command: &mut Command) -> &mut Command {
    command.env("SLUICE_MASTER_KEY", "master").env("SLUICE_SIGNING_KEY", "signing")
}

pub(crate) fn printed(command: &mut Command) -> String {
    let output = command.stdout(Stdio::piped()).stderr(Stdio::piped()).output().unwrap();
    let (out, err) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert!(output.status.success(), "{out}{err}");
    out + &err
}

fn ingest(folder: &Path, url: &str, file: &Path) -> Command {
    let mut command = sluice(folder, url, "ingest");
    command.args(["--org", ORG, "--jira"]).arg(file);
    command
}

#[test]
fn what_was_written_is_in_no_file_and_no_log() {
    let elsewhere = TempDir::new().unwrap();
    let folder = TempDir::new().unwrap();
    let url = sqlite_url(&folder);
    for command in ["migrate", "seed"] {
        assert!(sluice(folder.path(), &url, command).status().unwrap().success(), "{command}");
    }
    let mut create = sluice(folder.path(), &url, "key");
    create.args(["create", "--org", ORG, "--name", "Sender", "--scope", "ingest", "--scope", "preview", "--days", "2"]);
    let key = printed(&mut create).trim().to_owned();
    let log = std::fs::File::create(folder.path().join("log.txt")).unwrap();
    let mut serve = sluice(folder.path(), &url, "serve");
    serve.env("SLUICE_LOG", "trace").env("TMPDIR", folder.path()).stderr(log);
    let server = Server::of(&mut serve);
    let post = |path: &str, head: &str, body: &str| {
        let sent = format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{head}\r\nContent-Length: {}\r\n\r\n{body}",
            server.addr,
            body.len()
        );
        crate::crash::raw(server.addr, &sent).unwrap()
    };
    // The doors that store.
    let program = format!("Authorization: Bearer {key}\r\nContent-Type: application/json");
    assert!(post(ITEMS, &program, &batch((1..=20).map(work_item))).starts_with("HTTP/1.1 200"));
    let misshapen = batch([work_item(1)]).replace("\"key\"", "\"Quillon\"");
    assert!(post(ITEMS, &program, &misshapen).starts_with("HTTP/1.1 422"));
    // The doors that show what would leave, and what is learned.
    let one = work_item(50).to_string();
    let shown = post("/api/v1/orgs/enterprise/preview?as_if_on=true", &program, &one);
    assert!(shown.starts_with("HTTP/1.1 200") && shown.contains("[PERSON_1]"), "{shown}");
    let asked = post("/api/v1/suggestions", &program, &json!({ "fields": work_item(51)["fields"] }).to_string());
    assert!(asked.starts_with("HTTP/1.1 200") && !has(asked.as_bytes(), PLANTED[0]), "{asked}");
    let cookie = signed_in(server.addr);
    let browser = format!("Sec-Fetch-Site: same-origin\r\nCookie: {cookie}");
    let (content_type, upload) = multipart("quillon.json", one.as_bytes(), &[]);
    let typed = format!("{browser}\r\nContent-Type: {content_type}");
    let held = post("/orgs/large/security/preview", &typed, &String::from_utf8(upload).unwrap());
    let held = header(&held, "location").unwrap_or_else(|| panic!("{held}")).to_owned();
    for page in [held.clone(), format!("{held}/scorecard")] {
        let shown = request(server.addr, "GET", &page, &cookie, "").unwrap();
        assert!(shown.starts_with("HTTP/1.1 200") && has(shown.as_bytes(), "quillon"), "{shown}");
    }
    let typed = format!("{browser}\r\nContent-Type: application/x-www-form-urlencoded");
    let words = [("title", "Ask Quillon Varga"), ("description", "On 10.98.76.54"), ("to", "?step=3")];
    let walked = post("/walkthrough", &typed, &filled("title={title}&description={description}&to={to}", &words));
    assert!(walked.starts_with("HTTP/1.1 200") && has(walked.as_bytes(), PLANTED[4]), "{walked}");
    let file = elsewhere.path().join("export.json");
    std::fs::write(&file, json!({ "issues": (10..=40).map(work_item).collect::<Vec<_>>() }).to_string()).unwrap();
    let said = printed(ingest(folder.path(), &url, &file).env("SLUICE_LOG", "trace").env("TMPDIR", folder.path()));
    assert!(said.contains("31 items, into the region eu"), "{said}");
    // Killed, so that what was being written lies about as it was.
    drop(server);

    let everything = [said.into_bytes(), files_of(folder.path())].concat();
    assert!(has(&everything, "Sender") && has(&everything, "/api/v1/orgs"), "the search finds what is there");
    for planted in PLANTED.into_iter().chain(["Login fails", "th time"]) {
        assert!(!has(&everything, planted), "{planted}");
    }
}

/// Everything in a folder: databases, what they write ahead, logs, what is temporary.
pub(crate) fn files_of(folder: &Path) -> Vec<u8> {
    let mut everything = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                everything.extend(std::fs::read(&path).unwrap());
            }
        }
    }
    everything
}

pub(crate) fn has(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

/// Whether a command did what was asked, and what it said.
fn said(command: &mut Command) -> (bool, String) {
    let output = command.stdout(Stdio::piped()).stderr(Stdio::piped()).output().unwrap();
    (output.status.success(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
}

/// What is opened at the machine is de-identified, and the organisation reads who opened it, for what and how much.
#[tokio::test(flavor = "multi_thread")]
async fn the_machine_opens_records_for_a_purpose_that_the_log_has() {
    let elsewhere = TempDir::new().unwrap();
    let url = sqlite_url(&elsewhere);
    let folder = demo(&url);
    let file = folder.path().join("export.json");
    std::fs::write(&file, json!({ "issues": [work_item(1), work_item(2)] }).to_string()).unwrap();
    let command = |words: &str| {
        let mut words = words.split(' ');
        let mut command = sluice(folder.path(), &url, words.next().unwrap());
        said(keyed(command.args(words)))
    };
    assert!(command("ingest --org free export.json").0);
    let log = async || {
        let site = Site::open(&url, false).await;
        let org = site.snapshot("free").await.org.id;
        let lines = site.sluice.store.audit_lines(&org, 0, 10_000).await.unwrap();
        let entries = lines.lines().map(|line| audit::Entry::of_line(line).unwrap().0);
        entries.filter(|entry| entry.action == audit::Action::DataRead).collect::<Vec<_>>()
    };
    let before = log().await.len();
    for (wrong, why) in [
        ("contributed --org free --purpose curiosity", "the catalogue has model-improvement,"),
        ("contributed --org ghost --purpose own-review", "there is no organisation"),
        ("contributed --org free --purpose own-review --limit 51", "51"),
        ("contributed --org free --purpose own-review --space WEB", "--app"),
        ("contributed --org free", "--purpose"),
    ] {
        let (done, said) = command(wrong);
        assert!(!done && said.contains(why), "{wrong}: {said}");
    }
    assert_eq!(log().await.len(), before, "nothing was opened");

    let (done, read) = command("contributed --org free --purpose own-review --app jira --space WEB --limit 4 --json");
    assert!(done, "{read}");
    let records: Vec<Value> = read.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(records.len(), 4, "{read}");
    assert!(records.iter().all(|record| record["app"] == "jira" && record["space"] == "WEB"), "{read}");
    assert!(read.contains("Login fails for the 2th time"), "{read}");
    for planted in PLANTED {
        assert!(!read.contains(planted), "{planted}: {read}");
    }
    let (done, read) = command("contributed --org free --purpose own-review --kind in-app --limit 1");
    assert!(done && read.starts_with("jira/WEB in-app data, stored ") && read.contains("summary"), "{read}");
    let entries = log().await;
    let [.., first, second] = &entries[..] else { panic!("{entries:?}") };
    assert_eq!(entries.len(), before + 2);
    assert_eq!((first.actor.kind, first.interface), (audit::ActorKind::System, audit::Interface::Cli));
    assert_eq!((first.resource.id.as_str(), first.changes[0].new.as_deref()), ("own-review", Some("4")));
    assert_eq!(second.changes[0].new.as_deref(), Some("1"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_is_checked_without_a_database() {
    let site = Site::demo().await;
    let id = site.finished_removal("large").await;
    let org = site.snapshot("large").await.org.id;
    let all = site.sluice.regions.get("eu").unwrap().plane.withdrawals(&org, 10).await.unwrap();
    let receipt = all.into_iter().find(|one| one.id == id).unwrap().receipt.unwrap();
    let folder = TempDir::new().unwrap();
    let verify = |text: &[u8], key: &str| {
        std::fs::write(folder.path().join("receipt.txt"), text).unwrap();
        let mut command = sluice(folder.path(), "postgres://nobody@127.0.0.1:1/none", "verify-receipt");
        said(command.args(["receipt.txt", "--key", key]))
    };
    let key = site.sluice.signer.public().to_string();
    let (done, good) = verify(receipt.as_bytes(), &key);
    assert!(done, "{good}");
    // One bit of the text, of the name and of the signature, and one letter too few: the end of the last line is none.
    for place in (0..receipt.len()).step_by(receipt.len() / 24) {
        let mut changed = receipt.clone().into_bytes();
        changed[place] ^= 1;
        let (done, said) = verify(&changed, &key);
        assert!(!done && !said.contains("panicked"), "byte {place}: {said}");
    }
    assert!(!verify(&receipt.as_bytes()[..receipt.len() - 2], &key).0);
    let other = audit::SigningKey::of_seed("sluice", "//////////////////////////////////////////8=").unwrap();
    let (done, said) = verify(receipt.as_bytes(), &other.public().to_string());
    assert!(!done && said.contains("cannot be relied on"), "{said}");
    assert!(!verify(receipt.as_bytes(), "nonsense").0);
}

/// A key that is made at the machine seals at once; a running server seals the rest with it and destroys the older one.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_renewed_at_the_machine() {
    let elsewhere = TempDir::new().unwrap();
    let url = sqlite_url(&elsewhere);
    let folder = demo(&url);
    let renew = |org: &str| said(keyed(sluice(folder.path(), &url, "data-key").args(["renew", "--org", org])));
    let (done, told) = renew("ghost");
    assert!(!done && told.contains("there is no organisation"), "{told}");
    let site = Site::open(&url, false).await;
    let org = site.snapshot("free").await.org.id;
    let region = site.sluice.regions.get("eu").unwrap();
    let before = records(region, &org).await;
    assert!(!before.is_empty() && before.iter().all(|record| record.generation == 1));
    let (done, told) = renew("free");
    assert!(done && told.contains("Key 2 of free seals from now on."), "{told}");

    let server = Server::of(keyed(&mut sluice(folder.path(), &url, "serve")));
    let mut after = Vec::new();
    for _ in 0..600 {
        after = records(region, &org).await;
        let keys = region.keys.keys(&org).await.unwrap();
        if after.iter().all(|record| record.generation == 2) && keys[0].destroyed_at.is_some() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    drop(server);
    let keys = region.keys.keys(&org).await.unwrap();
    assert!(keys[0].wrapped.is_none() && keys[1].wrapped.is_some(), "the older key is gone");
    let contents = |records: &[Record]| {
        records.iter().map(|record| (record.place.clone(), record.digest.clone())).collect::<Vec<_>>()
    };
    let (mut old, mut new) = (contents(&before), contents(&after));
    old.sort_by(|a, b| a.1.cmp(&b.1));
    new.sort_by(|a, b| a.1.cmp(&b.1));
    assert_eq!(old, new, "nothing else changed");
    let mut open = sluice(folder.path(), &url, "contributed");
    let (done, read) = said(keyed(open.args(["--org", "free", "--purpose", "own-review", "--limit", "1"])));
    assert!(done && read.contains("stored"), "{read}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hard_kill_loses_and_doubles_nothing_on_sqlite() {
    on_sqlite(a_hard_kill_loses_and_doubles_nothing).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hard_kill_loses_and_doubles_nothing_on_postgres() {
    on_postgres(a_hard_kill_loses_and_doubles_nothing).await;
}

const MASTER: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const SIGNING: &str = MASTER;
const IN_FILE: usize = 1_300;

/// How many kills of an import and of a withdrawal; `SLUICE_TEST_KILLS` makes them more.
pub(crate) fn kills() -> usize {
    #[allow(clippy::disallowed_methods, reason = "a variable of the tests, not of the product")]
    std::env::var("SLUICE_TEST_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(3)
}

/// Up to a moment that is different each time.
pub(crate) fn some_of(whole: Duration) -> Duration {
    let random = u32::from_le_bytes(uuid::Uuid::new_v4().into_bytes()[..4].try_into().unwrap());
    whole.mul_f64(f64::from(random) / f64::from(u32::MAX))
}

/// Imports and withdrawals are killed at any moment, begun again and finished.
async fn a_hard_kill_loses_and_doubles_nothing(url: String) {
    let folder = demo(&url);
    let file = folder.path().join("export.json");
    std::fs::write(&file, json!({ "issues": (1..=IN_FILE).map(work_item).collect::<Vec<_>>() }).to_string()).unwrap();
    let mut whole = Duration::from_secs(4);
    for round in 0..kills() {
        let site = Site::open(&url, false).await;
        let system = Sluice { clock: Arc::new(server::clock::SystemClock), ..site.sluice.clone() };
        let region = system.regions.get("eu").unwrap().clone();
        let org = site.snapshot(ORG).await.org.id;
        let admin = site.org_admin(ORG).await;
        switch(&system, &admin, true).await;

        let mut import = ingest(folder.path(), &url, &file);
        keyed(&mut import);
        let mut running = import.stderr(Stdio::piped()).spawn().unwrap();
        std::thread::sleep(some_of(whole));
        running.kill().unwrap();
        let said = String::from_utf8(running.wait_with_output().unwrap().stderr).unwrap();
        let acknowledged = if said.contains("1300 of") {
            IN_FILE
        } else if said.contains("1000 of") {
            1_000
        } else {
            0
        };
        let now = records(&region, &org).await;
        assert!(now.len() >= 2 * acknowledged, "{acknowledged} were acknowledged and {} are there", now.len());
        // Two batches are under way at once, so the second may be there without the first.
        let whole_batches = [0, 2_000, 2 * IN_FILE - 2_000, 2 * IN_FILE];
        assert!(whole_batches.contains(&now.len()), "a batch is whole: {}", now.len());
        let began = Instant::now();
        let mut import = ingest(folder.path(), &url, &file);
        keyed(&mut import);
        printed(&mut import);
        if round == 0 {
            whole = began.elapsed().max(Duration::from_millis(500));
        }
        let all = records(&region, &org).await;
        assert_eq!(all.len(), 2 * IN_FILE);
        let held: i64 = region.plane.held(&org).await.unwrap().iter().map(|held| held.records).sum();
        let ledger = region.plane.ledger(&org, "2000-01-01", "9999-12-31").await.unwrap();
        let counted: i64 = ledger.iter().map(|line| line.items - line.removed).sum();
        assert_eq!((held, counted), (2_600, 2_600), "nothing is stored or counted twice");
        let keys = vault::all(&region, system.master.as_ref(), &org).await.unwrap();
        assert!(all.iter().all(|record| keys[&record.generation].open(&record.place, &record.sealed).is_ok()));

        switch(&system, &admin, false).await;
        let done = region.plane.withdrawals(&org, 1_000).await.unwrap().len();
        let ended = loop {
            let mut serve = sluice(folder.path(), &url, "serve");
            keyed(&mut serve);
            let server = Server::of(&mut serve);
            std::thread::sleep(some_of(Duration::from_secs(2)));
            drop(server);
            let left = records(&region, &org).await.len();
            let withdrawals = region.plane.withdrawals(&org, 1_000).await.unwrap();
            let new = &withdrawals[..withdrawals.len() - done];
            let receipts = new.iter().filter(|withdrawal| withdrawal.receipt.is_some()).count();
            assert!(receipts == 0 || left == 0, "a receipt, and {left} records are left");
            if !new.is_empty() && receipts == new.len() {
                break new.to_vec();
            }
        };
        for withdrawal in &ended {
            let receipt = receipt::check(withdrawal.receipt.as_deref().unwrap(), system.signer.public()).unwrap();
            assert_eq!(receipt.records_left, 0);
        }
        let removed: i64 = ended.iter().map(|withdrawal| withdrawal.removed).sum();
        assert_eq!(removed, 2_600, "each record was removed once");
        let kept = region.keys.keys(&org).await.unwrap();
        assert!(kept.iter().all(|key| key.wrapped.is_none() && key.destroyed_at.is_some()), "no key is left");
    }
}
