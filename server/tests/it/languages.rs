//! Every page in both languages; whose language it is; and that nothing which is kept depends on it.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use language::Language;
use serde_json::Value;

use crate::html::told;
use crate::provider::Provider;
use crate::routes::{For, ORG, browser, table};
use crate::site::{Browser, Site};

const COOKIE: &str = "sluice-language";

/// What is written the same in both languages.
const SAME: &[&str] = &[
    "Apps",
    "CSV",
    "JSON",
    "HIPAA",
    "Support · Sluice",
    "Jira",
    "Confluence",
    "Jira Service Management",
    "Enterprise",
    "0 ms",
    "API",
    "Admin",
    "App",
    "Browser",
    "Code",
    "Name",
    "Organisation",
    "Parameter",
    "Region",
    "Status",
    "Support",
];

/// The reference is rendered from the API's document, which is in English as its names are; the page around it is not.
const IN_ENGLISH: &[&str] = &["/api"];

/// Those who between them see every page.
fn sees(whom: For, path: &str) -> Option<&'static str> {
    match whom {
        For::Nobody => None,
        For::Anyone | For::Invited => Some("nobody"),
        For::Desk | For::Reviewers => Some("support in review"),
        _ if path == "/orgs/{org}/spaces" => Some("its member"),
        _ => Some("its admin"),
    }
}

fn speaking(visitor: &Browser, language: Language) -> Browser {
    let mut visitor = visitor.clone();
    visitor.cookies.insert(COOKIE.to_owned(), language.id().to_owned());
    visitor
}

/// Pages that say more than those of the routes: further steps, and an organisation that took something back.
const MORE: [(&str, &str); 9] = [
    ("nobody", "/walkthrough?step=2"),
    ("nobody", "/walkthrough?step=3"),
    ("nobody", "/walkthrough?step=4"),
    ("nobody", "/walkthrough?step=5"),
    ("nobody", "/walkthrough?edit=on"),
    ("nobody", "/walkthrough?step=3&plan=premium"),
    (TOOK_BACK, "/orgs/standard/safeguards"),
    (TOOK_BACK, "/orgs/standard/removal"),
    (TOOK_BACK, "/orgs/standard/security/audit"),
];

const TOOK_BACK: &str = "an admin of standard";

/// What a page says the same in both languages and should not. None if there is no such page.
async fn untold(visitor: &Browser, page: &str) -> Option<BTreeSet<String>> {
    let english = speaking(visitor, Language::English).get(page).await;
    if english.status != StatusCode::OK || !english.is_page() {
        return None;
    }
    let german = speaking(visitor, Language::German).get(page).await;
    assert_eq!((german.status, german.header("content-language")), (StatusCode::OK, "de"), "{page}");
    let english: BTreeSet<String> = told(&english.body).into_iter().collect();
    let same = told(&german.body)
        .into_iter()
        .filter(|text| english.contains(text) && !SAME.contains(&text.as_str()))
        // Letters that mark a finding.
        .filter(|text| text.chars().count() > 1)
        // As machines write it: times, paths and ids.
        .filter(|text| policy::Timestamp::parse(text).is_none())
        .filter(|text| !is_written_by_a_machine(text));
    Some(same.collect())
}

/// A path, a version or an id: without a space, and with a sign inside that no word of a sentence has there.
fn is_written_by_a_machine(text: &str) -> bool {
    let text = text.trim_start_matches(": ").trim_end_matches(['.', '…']);
    !text.contains(' ') && text.contains(['.', '_', '/'])
}

#[tokio::test]
async fn every_page_is_told_in_german() {
    let provider = Provider::start().await;
    let site = provider.site().await;
    service::demo::contribute(&site.sluice).await.unwrap();
    let (mut walked, mut found) = (0, Vec::new());
    for route in table().into_iter().filter(|route| !IN_ENGLISH.contains(&route.path)) {
        let Some(person) = sees(route.look, route.path) else { continue };
        let page = route.page(&site, ORG).await;
        if let Some(same) = untold(&browser(&site, person).await, &page).await {
            walked += 1;
            found.push((page, same));
        }
    }
    for (person, page) in MORE {
        let visitor = if person == TOOK_BACK { site.admin("standard").await } else { browser(&site, person).await };
        found.push((page.to_owned(), untold(&visitor, page).await.expect(page)));
    }
    found.retain(|(_, same)| !same.is_empty());
    assert!(walked > 25, "only {walked} pages were walked");
    assert!(found.is_empty(), "the same in both languages: {found:#?}");
}

#[test]
fn a_word_at_the_end_of_a_sentence_is_no_path() {
    for path in ["security/terms", "2026.1", ": space_key", "0190a.example"] {
        assert!(is_written_by_a_machine(path), "{path}");
    }
    for word in ["None.", "Revoke…", "published", "Read it/leave it"] {
        assert!(!is_written_by_a_machine(word), "{word}");
    }
}

#[tokio::test]
async fn the_account_decides_then_this_browser_then_what_it_asks_for() {
    let site = Site::demo().await;
    let language = async |visitor: &mut Browser, asks: &str| {
        let request = Request::get("/account").header(header::ACCEPT_LANGUAGE, asks).body(Body::empty()).unwrap();
        let answer = visitor.send(request).await;
        let language = answer.header("content-language").to_owned();
        assert!(answer.body.contains(&format!("<html lang=\"{language}\"")), "{}", answer.body);
        assert!(answer.says(if language == "de" { "Ihr Konto" } else { "Your account" }));
        let vary =
            answer.headers.get_all("vary").iter().map(|value| value.to_str().unwrap()).collect::<Vec<_>>().join(", ");
        assert!(vary.contains("accept-language") && vary.contains("cookie"), "{vary}");
        language
    };
    let mut visitor = site.admin("large").await;
    assert_eq!(language(&mut visitor, "nl").await, "en");
    assert_eq!(language(&mut visitor, "de-CH, en;q=0.5").await, "de");
    visitor.cookies.insert(COOKIE.to_owned(), "de".to_owned());
    assert_eq!(language(&mut visitor, "en").await, "de");
    visitor.cookies.insert(COOKIE.to_owned(), "\"><script>".to_owned());
    assert_eq!(language(&mut visitor, "en").await, "en");

    let answer = visitor.post("/preferences/language", "language=en&back=/account").await;
    assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, "/account"));
    assert_eq!(language(&mut visitor, "de").await, "en");
    // Another browser of the same person, whatever it asks for.
    let mut other = site.admin("large").await;
    assert_eq!(language(&mut other, "de").await, "en");
    visitor.post("/preferences/language", "language=browser").await;
    for visitor in [&mut visitor, &mut other] {
        assert_eq!(language(visitor, "de").await, "de");
    }
    let mut anonymous = site.anonymous();
    anonymous.post("/preferences/language", "language=de&back=/sign-in").await;
    assert!(anonymous.get("/sign-in").await.says("Anmelden"));
    let refused = anonymous.post("/preferences/language", "language=fr").await;
    assert!(refused.status.is_client_error() && refused.says("Sprachen sind Englisch, Deutsch"), "{}", refused.body);
    assert_eq!(site.account("@large.example").await.language, None);
}

#[tokio::test]
async fn refusals_and_problems_are_told_to_who_asks() {
    let site = Site::demo().await;
    let mut admin = speaking(&site.admin(ORG).await, Language::German);
    let terms = admin.post(&format!("/orgs/{ORG}/security/terms"), "list=kept&terms=x").await;
    assert!(terms.status.is_client_error() && terms.says("Nichts wurde gespeichert"));
    assert!(terms.says("Zeile 1 hat 1 Buchstaben oder Ziffer"), "{}", terms.body);
    let version = site.snapshot(ORG).await.version;
    let review = format!("/orgs/{ORG}/security/data-contribution/review");
    let form = format!("to=on&target=space:jira/SEC&reason=&version={version}");
    assert!(admin.post(&review, &form).await.says("Sagen Sie in wenigen Worten, warum."));
    assert!(admin.post(&review, "to=maybe").await.says("Das Formular sagt nicht"));
    // The file is read on a thread that knows nothing of who asks.
    let people = format!("/orgs/{ORG}/security/people");
    let bad = b"username,email\nada,ada@a.example\nbo\n";
    let refused = admin.upload(&people, "people.csv", bad, &[]).await;
    assert!(refused.status.is_client_error() && refused.says("Das Verzeichnis ist, wie es war."));
    assert!(refused.says("Zeile 3 hat") && !refused.says("Line 3 has"), "{}", crate::html::text(&refused.body));
    for (asks, title) in [("de", "Kein gültiger Schlüssel"), ("en", "No key that works")] {
        let request = Request::get("/api/v1/me").header(header::ACCEPT_LANGUAGE, asks).body(Body::empty()).unwrap();
        let answer = site.anonymous().send(request).await;
        let problem: Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!((&problem["title"], &problem["code"]), (&Value::from(title), &Value::from("unauthenticated")));
    }
    let request =
        Request::get("/api/v1/openapi.json").header(header::ACCEPT_LANGUAGE, "de").body(Body::empty()).unwrap();
    let document = site.anonymous().send(request).await;
    assert!(document.body.contains("No key that works"), "the document is in English");
}

/// What is kept of the same acts by somebody who reads in this language, without what is new each time.
async fn kept(language: Language) -> Vec<String> {
    let site = Site::demo().await;
    let mut admin = speaking(&site.admin(ORG).await, language);
    let settings = format!("/orgs/{ORG}/security/data-contribution");
    site.contribute(ORG, "MOBILE", 2).await;
    let version = async || site.snapshot(ORG).await.version;
    for form in [
        format!("to=off&target=space:jira/MOBILE&version={}", version().await),
        // Refused: no version that there was, nothing of that name, a name that does not match.
        "to=on&target=space:jira/NONE&version=1".to_owned(),
    ] {
        admin.post(&format!("{settings}/change"), &form).await;
    }
    for form in [
        "to=on&target=space:jira/SEC&reason=",
        "to=on&target=in-app&reason=Because&name=wrong",
        // Locked, with a reason in the words of the catalogue.
        "to=on&target=connector:design&reason=Because",
    ] {
        admin.post(&format!("{settings}/review"), &format!("{form}&version={}", version().await)).await;
    }
    let mut auditor = speaking(&site.signed_in("femke.bos@large.example").await, language);
    auditor.post(&format!("{settings}/change"), "to=off&target=space:jira/HR&version=1").await;
    speaking(&site.anonymous(), language).post("/sign-in", "email=femke.bos@large.example&password=wrong").await;
    admin.post(&format!("/orgs/{ORG}/security/terms"), "list=kept&terms=Otter").await;
    admin.post(&format!("/orgs/{ORG}/security/audit/verify"), "").await;
    admin.post(&format!("/orgs/{ORG}/ledger/records"), "purpose=own-review").await;
    language.within(site.remove(ORG)).await;

    let org = site.sluice.store.organisation(ORG).await.unwrap().unwrap();
    let withdrawals = site.sluice.regions.get("eu").unwrap().plane.withdrawals(&org.id, 10).await.unwrap();
    assert!(!withdrawals.is_empty());
    let mut told: Vec<String> = withdrawals.into_iter().map(|one| one.because).collect();
    let log = site.admin(ORG).await.get(&format!("/orgs/{ORG}/security/audit/export?form=jsonl")).await;
    for line in log.body.lines() {
        let mut line: Value = serde_json::from_str(line).unwrap();
        let Some(entry) = line["entry"].as_object_mut() else { continue };
        for new in ["at", "previous", "request", "scope", "actor", "on_behalf_of", "reverts"] {
            entry.remove(new);
        }
        entry["resource"]["id"].take();
        told.push(line["entry"].to_string());
    }
    assert!(told.len() > 8, "{told:#?}");
    told
}

#[tokio::test]
async fn what_is_kept_does_not_depend_on_who_reads() {
    let (english, german) = (kept(Language::English).await, kept(Language::German).await);
    let differ: Vec<_> = english.iter().zip(&german).filter(|(english, german)| english != german).collect();
    assert!(differ.is_empty() && english.len() == german.len(), "{differ:#?}");
}
