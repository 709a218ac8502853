//! Files that are held: for whom, for how long, and what can be done with them.

use std::fmt::Write as _;

use axum::http::StatusCode;
use serde_json::Value;
use service::uploads::Purpose;

use crate::html;
use crate::site::Site;

const PREVIEW: &str = "/orgs/free/security/preview";

/// Items APP-1 and so on, each with a person, an address and a word that no list knows.
fn export(items: usize) -> Vec<u8> {
    let mut issues = String::new();
    for n in 1..=items {
        let comma = if n == 1 { "" } else { "," };
        write!(
            issues,
            r#"{comma}{{"key": "APP-{n}", "fields": {{"project": {{"key": "APP"}}, "summary": "Pump {n} stops",
            "reporter": {{"accountId": "5b10ac8d82e05b22cc7d4ef5", "displayName": "Ines Okafor"}},
            "description": "Ines Okafor saw it on 10.0.4.{n}.\n\nThe Skerrow unit fails too."}}}}"#
        )
        .unwrap();
    }
    format!("{{\"issues\": [{issues}]}}").into_bytes()
}

const SPACE: &[u8] = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../end2end/files/space.zip"));

#[tokio::test]
async fn an_export_of_a_space_is_previewed() {
    let site = Site::demo().await;
    let mut admin = site.admin("free").await;
    let form = html::tags(&admin.get(PREVIEW).await.body);
    let field = form.into_iter().find(|tag| tag.attribute("id") == Some("file")).unwrap();
    assert!(field.attribute("accept").unwrap().split(',').any(|kind| kind == ".zip"));
    let page = admin.upload_shown(PREVIEW, "space.zip", SPACE, &[("as", "on")]).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(
        page.says("Runbook of the gate") && page.says("[PERSON_1] restarts the gate"),
        "{}",
        html::text(&page.body)
    );
    let broken = admin.upload(PREVIEW, "space.zip", &SPACE[..SPACE.len() / 2], &[]).await;
    assert_eq!(broken.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_file_is_paged_searched_and_discarded() {
    let site = Site::demo().await;
    let mut admin = site.admin("free").await;
    let held = admin.upload(PREVIEW, "all items.json", &export(24), &[]).await;
    assert_eq!(held.status, StatusCode::SEE_OTHER);
    let at = held.location().to_owned();
    let id = at.rsplit('/').next().unwrap();
    assert!(id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit()), "{id}");

    for (query, says, not) in [
        ("", "Of items 1 to 10 of 24", "APP-11"),
        ("?first=11", "Of items 11 to 20 of 24", "APP-21"),
        ("?first=21", "Of items 21 to 24 of 24", "APP-20"),
        ("?first=999", "Of item 24 of 24", "APP-23"),
        ("?first=x&kind=nothing", "Of items 1 to 10 of 24", "APP-11"),
        ("?find=app-23", "Of items 23 to 24 of 24", "APP-22"),
        ("?find=APP-99", "No item of this file has the key “APP-99”.", "APP-11"),
        ("?kind=ip", "Only fields with “IP address” are shown.", "Title"),
    ] {
        let page = admin.get(&format!("{at}{query}")).await;
        assert_eq!(page.status, StatusCode::OK, "{query}");
        assert!(page.says(says), "{query}: {}", html::text(&page.body));
        assert!(!page.says(not), "{query} says {not}");
    }
    let page = admin.get(&at).await;
    assert!(page.says("[PERSON_1] saw it on [IP_1].") && page.says("all items.json"));

    let done = admin.post(&format!("{at}/discard"), "").await;
    assert_eq!(done.location(), PREVIEW);
    for path in [at.clone(), format!("{at}/scorecard"), format!("{at}/download")] {
        let gone = admin.get(&path).await;
        assert!(gone.status == StatusCode::NOT_FOUND && gone.says("This file is not held any more"), "{path}");
    }
    assert_eq!(admin.post(&format!("{at}/discard"), "").await.status, StatusCode::SEE_OTHER, "twice is no harm");
}

#[tokio::test]
async fn a_file_is_held_for_whoever_sent_it_and_for_its_purpose() {
    let site = Site::demo().await;
    let second = "INSERT INTO memberships (account_id, org_id, role) SELECT a.id, o.id, 'admin' FROM accounts a, \
                  organisations o WHERE a.email LIKE '%@large.example' AND o.slug = 'free'";
    site.database.execute_raw(second).await.unwrap();
    let id = site.held("free", Purpose::Export, &export(1)).await;
    let people = site.held("free", Purpose::People, b"username\nada\n").await;
    let (mut admin, mut other) = (site.admin("free").await, site.admin("large").await);
    assert_eq!(admin.get(&format!("{PREVIEW}/uploads/{id}")).await.status, StatusCode::OK);
    // Another admin of the same organisation, and the same admin in another organisation.
    for path in [format!("{PREVIEW}/uploads/{id}"), format!("/orgs/large/security/preview/uploads/{id}")] {
        for page in ["", "/scorecard", "/download"] {
            let gone = other.get(&format!("{path}{page}")).await;
            assert!(gone.status == StatusCode::NOT_FOUND && !gone.says("APP-1"), "{path}{page}");
        }
        other.post(&format!("{path}/discard"), "").await;
        let form = format!("upload={id}&do=remove&term=Otter");
        other.post(&path.replace(&format!("/uploads/{id}"), "/drafts"), &form).await;
    }
    let page = admin.get(&format!("{PREVIEW}/uploads/{id}")).await;
    assert!(
        page.status == StatusCode::OK && !page.says("draft term"),
        "nobody else discarded it or tried a term on it"
    );
    // A file of people is no file of items, and the other way round.
    assert_eq!(admin.get(&format!("{PREVIEW}/uploads/{people}")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(admin.get(&format!("/orgs/free/security/people/imports/{id}")).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_file_is_forgotten_after_a_quarter_of_an_hour_and_its_drafts_are_not() {
    let site = Site::demo().await;
    let mut admin = site.admin("free").await;
    let at = admin.upload(PREVIEW, "items.json", &export(2), &[]).await.location().to_owned();
    let id = at.rsplit('/').next().unwrap().to_owned();
    let drafts = format!("{PREVIEW}/drafts");
    for minutes in [14, 14] {
        site.clock.pass_minutes(minutes);
        assert_eq!(admin.get(&at).await.status, StatusCode::OK, "a look holds it for another while");
    }
    let tried = admin.post(&drafts, &format!("upload={id}&first=1&do=remove&term=Skerrow")).await;
    assert_eq!(tried.location(), format!("{at}?first=1"));
    let page = admin.get(tried.location()).await;
    assert!(page.says("1 draft term") && page.says("2 more replaced here") && page.says("The [TERM_1] unit"));
    let refused = admin.post(&drafts, &format!("upload={id}&first=2&do=remove&term=-")).await;
    assert!(refused.status == StatusCode::UNPROCESSABLE_ENTITY && refused.says("has no letter or digit"));
    assert!(refused.says("1 draft term") && refused.says("Of item 2 of 2"), "{}", html::text(&refused.body));

    site.clock.pass_minutes(15);
    let gone = admin.get(&at).await;
    assert!(gone.status == StatusCode::NOT_FOUND && gone.says("This file is not held any more"));
    assert!(gone.says("1 draft term: still here."), "{}", html::text(&gone.body));
    let saved = admin.post(&drafts, &format!("upload={id}&do=save")).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER);
    assert!(site.knowledge("free").await.terms.iter().any(|term| term.term == "Skerrow" && term.removed));
    assert!(!admin.get(&at).await.says("draft term"));
}

#[tokio::test]
async fn all_files_together_have_a_limit() {
    let site = Site::demo().await;
    let mut large = export(1);
    large.resize(20 * 1024 * 1024, b' ');
    let mut ids = Vec::new();
    for _ in 0..4 {
        ids.push(site.held("free", Purpose::Export, &large).await);
    }
    let mut admin = site.admin("free").await;
    let mut held = Vec::new();
    for id in &ids {
        held.push(admin.get(&format!("{PREVIEW}/uploads/{id}")).await.status == StatusCode::OK);
    }
    assert_eq!(held, [false, true, true, true], "the oldest went first");
}

#[tokio::test]
async fn a_download_is_what_would_leave() {
    let site = Site::demo().await;
    let mut admin = site.admin("free").await;
    let name = "über \"quartal\".json";
    let at = admin.upload(PREVIEW, name, &export(3), &[]).await.location().to_owned();
    let id = at.rsplit('/').next().unwrap().to_owned();
    // A draft does not hold yet, so it has no part in it.
    admin.post(&format!("{PREVIEW}/drafts"), &format!("upload={id}&do=remove&term=Skerrow")).await;
    let lines = admin.get(&format!("{at}/download?form=jsonl")).await;
    let whole = admin.get(&format!("{at}/download?form=json")).await;
    assert_eq!(lines.header("content-type"), "application/x-ndjson");
    assert_eq!(whole.header("content-type"), "application/json");
    assert!(lines.header("content-disposition").starts_with("attachment; filename=\""));
    assert!(lines.header("content-disposition").ends_with("-would-leave.jsonl\""));
    assert_eq!((lines.header("cache-control"), lines.header("x-content-type-options")), ("no-store", "nosniff"));
    let one_by_one: Vec<Value> = lines.body.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(serde_json::from_str::<Vec<Value>>(&whole.body).unwrap(), one_by_one);
    assert_eq!(one_by_one.len(), 3);
    assert_eq!(one_by_one[2]["item"], "APP-3");
    let description = one_by_one[0]["leaves"]["in-app"]
        .as_array()
        .unwrap()
        .iter()
        .find(|field| field["field"] == "description")
        .unwrap();
    assert_eq!(description["values"][0], "[PERSON_1] saw it on [IP_1].\n\nThe Skerrow unit fails too.");
    assert!(!lines.body.contains("Okafor") && !lines.body.contains("10.0.4"));

    // On Enterprise in-app data is off: only as if it were on does text leave, and the name of the file says so.
    let mut other = site.admin("large").await;
    let at = other.upload("/orgs/large/security/preview", "a.json", &export(1), &[]).await.location().to_owned();
    let off = other.get(&format!("{at}/download")).await;
    assert!(!off.body.contains("Skerrow"), "{}", off.body.split("stays").next().unwrap());
    let on = other.get(&format!("{at}/download?as=on")).await;
    assert!(on.body.contains("Skerrow") && on.header("content-disposition").contains("would-leave-if-on"));
}

#[tokio::test]
async fn a_scorecard_counts_the_whole_file() {
    let site = Site::demo().await;
    let mut admin = site.admin("free").await;
    let at = admin.upload(PREVIEW, "items.json", &export(24), &[]).await.location().to_owned();
    let page = admin.get(&format!("{at}/scorecard")).await;
    assert_eq!(page.status, StatusCode::OK);
    for text in ["The text of 24 of 24 items would leave", "Proof pass: 24 of 24 items clean.", "people known"] {
        assert!(page.says(text), "{text}: {}", html::text(&page.body));
    }
    // A word that no list knows is one press away from being a draft, which leads back here.
    assert!(page.says("Skerrow") && page.offers(&format!("{PREVIEW}/drafts")), "{}", html::text(&page.body));
    let id = at.rsplit('/').next().unwrap();
    for wish in ["remove", "keep"] {
        let form = format!("upload={id}&back=scorecard&{wish}=Skerrow");
        let tried = admin.post(&format!("{PREVIEW}/drafts"), &form).await;
        assert_eq!(tried.location(), format!("{at}/scorecard"));
        let after = admin.get(tried.location()).await;
        assert!(after.says("With 1 draft term that is not saved yet.") && !after.says("Skerrow"), "{wish}");
    }
    admin.post(&format!("{PREVIEW}/drafts"), &format!("upload={id}&do=discard")).await;
    // The same again comes from what was computed, with the time that it took.
    let page = admin.get(&format!("{at}/scorecard")).await;
    assert_eq!(html::text(&admin.get(&format!("{at}/scorecard")).await.body), html::text(&page.body));
    let mut other = site.admin("large").await;
    let at = other.upload("/orgs/large/security/preview", "a.json", &export(2), &[]).await.location().to_owned();
    assert!(other.get(&format!("{at}/scorecard")).await.says("Of 2 items metadata would leave, and no text."));
    assert!(other.get(&format!("{at}/scorecard?as=on")).await.says("The text of 2 of 2 items would leave"));
}
