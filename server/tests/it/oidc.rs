//! Signing in through a provider, and showing again there who one is.

use std::sync::Arc;

use axum::http::StatusCode;
use policy::Timestamp;
use serde_json::{Value, json};
use server::limits::{Limits, Quota, Quotas};
use server::router::AppState;
use service::demo::PASSWORD;

use crate::html;
use crate::provider::{Provider, at_the_provider, come_back, leads_to, visit};
use crate::site::{Answer, Browser, Site, filled};

const SANNE: &str = "sanne.de.wit@large.example";
const SIGN_IN: &str = "/sign-in/oidc";
const AGAIN: &str = "/sign-in/oidc/again";

/// The actions of an organisation's log after an entry, each with its outcome.
async fn logged(site: &Site, scope: &str, after: i64) -> Vec<String> {
    let scope = match site.sluice.store.organisation(scope).await.unwrap() {
        Some(org) => org.id,
        None => scope.to_owned(),
    };
    let lines = site.sluice.store.audit_lines(&scope, after, 100).await.unwrap();
    let entries = lines.lines().map(|line| audit::Entry::of_line(line).unwrap().0);
    entries.map(|entry| format!("{} {}", entry.action, entry.outcome.id())).collect()
}

async fn end_of_log(site: &Site, slug: &str) -> i64 {
    let org = site.sluice.store.organisation(slug).await.unwrap().unwrap();
    site.sluice.store.audit_head(&org.id).await.unwrap().sequence
}

async fn is_signed_in(browser: &Browser) -> bool {
    browser.clone().get("/account").await.status == StatusCode::OK
}

fn micros(at: Timestamp) -> i64 {
    at.micros() / 1_000_000
}

/// The problem that the sign-in page tells, and that nobody is signed in.
async fn told(browser: &mut Browser, answer: &Answer) -> String {
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", html::text(&answer.body));
    assert!(answer.location().starts_with("/sign-in?problem="), "{}", answer.location());
    assert!(!is_signed_in(browser).await);
    let page = browser.get(answer.location()).await;
    assert_eq!(page.status, StatusCode::OK);
    let text = html::text(&page.body);
    let (_, said) = text.split_once("You are not signed in").unwrap();
    said.split_once("E-mail address").unwrap().0.trim().to_owned()
}

#[tokio::test]
async fn whoever_the_provider_knows_is_linked_once_and_then_known_by_it() {
    let provider = Provider::start().await;
    let site = provider.site().await;
    let start = end_of_log(&site, "large").await;
    provider.knows("p-1", " Sanne.de.Wit@LARGE.example ");
    let mut browser = site.anonymous();
    let page = browser.get("/sign-in?next=/orgs/large/security/audit").await;
    assert!(page.says("Sign in with Example") && page.offers(SIGN_IN));

    let going = browser.post(SIGN_IN, "next=/orgs/large/security/audit").await;
    assert!(going.is_page() && going.says("Go on to Example"));
    let planted = browser.clone();
    let back = at_the_provider(&leads_to(&going)).await;
    let answer = come_back(&mut browser, &back).await;
    assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, "/orgs/large/security/audit"));
    assert!(is_signed_in(&browser).await && browser.get("/account").await.says(SANNE));
    assert!(!is_signed_in(&planted).await, "the id from before is worth nothing");
    assert_eq!(logged(&site, "large", start).await, ["identity.link done", "session.sign-in done"]);

    // By what the provider calls the person, whatever their address is there now, and whether it is verified.
    for claims in [
        json!({ "sub": "p-1", "email": "sanne@elsewhere.example", "email_verified": true }),
        json!({ "sub": "p-1", "email": "femke.bos@large.example", "email_verified": false }),
        json!({ "sub": "p-1" }),
    ] {
        provider.claims(claims);
        let mut browser = site.anonymous();
        let answer = visit(&mut browser, SIGN_IN, "").await;
        assert_eq!(answer.location(), "/");
        assert!(browser.get("/account").await.says(SANNE));
    }
    let said = logged(&site, "large", start + 2).await;
    assert_eq!(said, ["session.sign-in done"; 3], "linked once");

    // Whoever has the address later is somebody else.
    provider.knows("p-2", SANNE);
    let mut browser = site.anonymous();
    let answer = visit(&mut browser, SIGN_IN, "").await;
    assert!(told(&mut browser, &answer).await.contains("belongs to another sign-in at Example"));
    assert_eq!(logged(&site, "large", start + 5).await, ["session.sign-in failed"]);
    // The password still works.
    let form = filled("email={email}&password={password}", &[("email", SANNE), ("password", PASSWORD)]);
    assert_eq!(browser.post("/sign-in", &form).await.location(), "/");
}

#[tokio::test]
async fn a_token_that_is_not_as_it_has_to_be_signs_nobody_in() {
    let provider = Provider::start().await;
    let site = provider.site().await;
    let now = micros(site.sluice.now());
    let wrong = [
        ("another nonce", json!({ "nonce": "another" })),
        ("no nonce", json!({ "nonce": null })),
        ("expired", json!({ "exp": now })),
        ("for another client", json!({ "aud": "another" })),
        ("for others as well", json!({ "aud": ["sluice", "another"] })),
        ("of another issuer", json!({ "iss": "https://login.example" })),
        ("nobody", json!({ "sub": "" })),
        ("no text", json!({ "sub": "p\u{0}1" })),
    ];
    let refused = async |case: &str, claims: Value| {
        let mut whole = json!({ "sub": "p-1", "email": SANNE, "email_verified": true });
        for (name, value) in claims.as_object().unwrap() {
            whole[name] = value.clone();
        }
        provider.claims(whole);
        let mut browser = site.anonymous();
        let answer = visit(&mut browser, SIGN_IN, "").await;
        let said = told(&mut browser, &answer).await;
        assert!(said.starts_with("What Example answered cannot be relied on. Start again;"), "{case}: {said}");
    };
    for (case, claims) in wrong {
        refused(case, claims).await;
    }
    for header in [json!({ "alg": "none" }), json!({ "alg": "HS256" }), json!({ "alg": "ES256", "kid": "9" })] {
        let case = header.to_string();
        provider.does.lock().unwrap().header = Some(header);
        refused(&case, json!({})).await;
    }
    provider.does.lock().unwrap().header = None;
    provider.does.lock().unwrap().forges = true;
    refused("signed by somebody else", json!({})).await;
    provider.does.lock().unwrap().forges = false;
    provider.knows("p-1", SANNE);
    let mut browser = site.anonymous();
    assert_eq!(visit(&mut browser, SIGN_IN, "").await.location(), "/", "and without any of it, it works");
}

#[tokio::test]
async fn an_answer_is_taken_once_in_time_and_where_it_was_asked_for() {
    let provider = Provider::start().await;
    let site = provider.site().await;
    provider.knows("p-1", SANNE);
    let over = "This was begun too long ago, in another browser, or twice. Start again.";

    let mut browser = site.anonymous();
    let back = at_the_provider(&leads_to(&browser.post(SIGN_IN, "").await)).await;
    let (path, state) = back.split_once("&state=").unwrap();
    // Whoever is made to open the answer of somebody else does not become them.
    let mut other = site.anonymous();
    let answer = come_back(&mut other, &back).await;
    assert_eq!(told(&mut other, &answer).await, over);
    assert!(other.cookies.is_empty());
    for wrong in [path.to_owned(), format!("{path}&state="), format!("{path}&state={state}x")] {
        let mut browser = browser.clone();
        let back = at_the_provider(&leads_to(&browser.post(SIGN_IN, "").await)).await;
        let answer = come_back(&mut browser, &wrong).await;
        assert_eq!(told(&mut browser, &answer).await, over, "{wrong}");
        // The question is gone with the first answer, whatever it was.
        let answer = come_back(&mut browser, &back).await;
        assert_eq!(told(&mut browser, &answer).await, over, "{wrong}");
    }
    let mut browser = site.anonymous();
    let back = at_the_provider(&leads_to(&browser.post(SIGN_IN, "").await)).await;
    let copy = browser.clone();
    assert_eq!(come_back(&mut browser, &back).await.location(), "/");
    assert!(is_signed_in(&browser).await);
    assert_eq!(come_back(&mut browser, &back).await.location(), "/", "the second time leads on");
    let mut copy = copy;
    let answer = come_back(&mut copy, &back).await;
    assert_eq!(told(&mut copy, &answer).await, over, "and signs nobody else in");

    let mut browser = site.anonymous();
    let back = at_the_provider(&leads_to(&browser.post(SIGN_IN, "").await)).await;
    site.clock.pass_minutes(10);
    let answer = come_back(&mut browser, &back).await;
    assert_eq!(told(&mut browser, &answer).await, over);
}

/// A code is worth something only to the browser that asked for it: the provider compares what the challenge was made from.
#[tokio::test]
async fn a_code_of_another_sign_in_is_worth_nothing() {
    let provider = Provider::start().await;
    let site = provider.site().await;
    provider.knows("p-1", SANNE);
    let mut thief = site.anonymous();
    let stolen = at_the_provider(&leads_to(&site.anonymous().post(SIGN_IN, "").await)).await;
    let own = at_the_provider(&leads_to(&thief.post(SIGN_IN, "").await)).await;
    let asked = provider.last_asked();
    assert_eq!(asked["code_challenge_method"], "S256");
    assert!(asked["code_challenge"].len() >= 43 && asked["state"].len() >= 22 && asked["nonce"].len() >= 22);
    let (stolen_code, _) = stolen.split_once("&state=").unwrap();
    let (_, state) = own.split_once("&state=").unwrap();
    let answer = come_back(&mut thief, &format!("{stolen_code}&state={state}")).await;
    assert!(told(&mut thief, &answer).await.starts_with("What Example answered cannot be relied on."));
}

#[tokio::test]
async fn whoever_has_no_account_is_told_and_none_is_made() {
    let provider = Provider::start().await;
    let site = provider.site().await;
    let accounts = site.sluice.store.all_accounts().await.unwrap();
    let start = end_of_log(&site, "large").await;
    for (claims, says) in [
        (json!({ "email": SANNE, "email_verified": false }), "does not say that your e-mail address is verified"),
        (json!({ "email": SANNE }), "does not say that your e-mail address is verified"),
        (
            json!({ "email": format!("{SANNE}\0"), "email_verified": true }),
            "does not say that your e-mail address is verified",
        ),
        (json!({ "email_verified": true }), "does not say that your e-mail address is verified"),
        (json!({ "email": "maud@quay.example", "email_verified": true }), "open the link of the invitation first"),
    ] {
        let mut claims = claims;
        claims["sub"] = json!("p-9");
        provider.claims(claims.clone());
        let mut browser = site.anonymous();
        let answer = visit(&mut browser, SIGN_IN, "next=/orgs/large").await;
        assert!(answer.location().contains("next=%2Forgs%2Flarge"), "{}", answer.location());
        let said = told(&mut browser, &answer).await;
        assert!(said.contains(says), "{claims}: {said}");
    }
    assert_eq!(site.sluice.store.all_accounts().await.unwrap(), accounts);
    assert!(logged(&site, "large", start).await.is_empty());
    assert_eq!(logged(&site, "installation", 0).await.last().unwrap(), "session.sign-in failed");

    // With an invitation that was accepted there is an account, and it is linked as any other.
    let admin = site.org_admin("large").await;
    let role = Some(service::model::Role::Member);
    let token = service::invitations::invite(&site.sluice, &admin, "maud@quay.example", role).await.unwrap();
    let form = "name=Maud+Ferreira&new=a+heron+on+the+gate";
    let accepted = site.anonymous().post(&format!("/invitations/{token}"), form).await;
    assert_eq!(accepted.location(), "/orgs/large");
    provider.knows("p-9", "maud@quay.example");
    assert_eq!(visit(&mut site.anonymous(), SIGN_IN, "").await.location(), "/");
}

#[tokio::test]
async fn a_provider_that_is_down_keeps_nobody_from_a_password() {
    let mut provider = Provider::start().await;
    let site = provider.site().await;
    for (error, says) in [
        ("access_denied", "Example says that you stopped there. Start again, or use your password."),
        ("temporarily_unavailable", "Example cannot be reached just now."),
        ("invalid_request", "What Example answered cannot be relied on."),
    ] {
        provider.does.lock().unwrap().refuses = Some(error);
        let mut browser = site.anonymous();
        let answer = visit(&mut browser, SIGN_IN, "").await;
        let said = told(&mut browser, &answer).await;
        assert!(said.starts_with(says) && !said.contains("Not today"), "{error}: {said}");
    }
    provider.does.lock().unwrap().refuses = None;
    provider.knows("p-1", SANNE);
    // It goes down while somebody is on the way back.
    let mut browser = site.anonymous();
    let back = at_the_provider(&leads_to(&browser.post(SIGN_IN, "").await)).await;
    provider.stops().await;
    let answer = come_back(&mut browser, &back).await;
    assert!(told(&mut browser, &answer).await.starts_with("Example cannot be reached just now."));

    // Another server, which has never reached it, starts and serves all the same.
    let site = provider.site().await;
    let mut browser = site.anonymous();
    assert!(browser.get("/sign-in").await.says("Sign in with Example"));
    let answer = browser.post(SIGN_IN, "next=/orgs").await;
    assert_eq!(answer.location(), "/sign-in?problem=unreachable&next=%2Forgs");
    assert!(told(&mut browser, &answer).await.starts_with("Example cannot be reached just now."));
    let form = filled("email={email}&password={password}", &[("email", SANNE), ("password", PASSWORD)]);
    assert_eq!(browser.post("/sign-in", &form).await.location(), "/");
}

#[tokio::test]
async fn a_provider_that_calls_itself_something_else_is_not_believed() {
    let provider = Provider::start().await;
    let site = provider.site().await;
    provider.does.lock().unwrap().calls_itself = Some("http://127.0.0.1:1");
    let mut browser = site.anonymous();
    let answer = browser.post(SIGN_IN, "").await;
    assert!(told(&mut browser, &answer).await.starts_with("What Example answered cannot be relied on."));
}

#[tokio::test]
async fn a_new_key_of_the_provider_is_found() {
    let provider = Provider::start().await;
    let site = provider.site().await;
    provider.knows("p-1", SANNE);
    assert_eq!(visit(&mut site.anonymous(), SIGN_IN, "").await.location(), "/");
    provider.changes_its_key();
    site.clock.pass_minutes(2);
    assert_eq!(visit(&mut site.anonymous(), SIGN_IN, "").await.location(), "/");
}

#[tokio::test]
async fn without_a_provider_there_is_no_such_way() {
    let site = Site::demo().await;
    let page = site.anonymous().get("/sign-in?problem=over").await;
    assert!(page.status == StatusCode::OK && !page.offers(SIGN_IN) && !page.says("You are not signed in"));
    for (path, mut browser) in [(SIGN_IN, site.anonymous()), (AGAIN, site.admin("large").await)] {
        assert_eq!(browser.post(path, "").await.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(site.anonymous().get("/sign-in/oidc/callback").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn no_way_back_from_the_provider_leads_off_the_site() {
    let provider = Provider::start().await;
    let site = provider.site().await;
    provider.knows("p-1", SANNE);
    let long = format!("/{}", "x".repeat(20_000));
    for next in ["https://evil.example", "//evil.example", "/\\evil.example", "orgs", long.as_str()] {
        let answer = visit(&mut site.anonymous(), SIGN_IN, &filled("next={next}", &[("next", next)])).await;
        assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, "/"), "{next:.40}");
    }
}

#[tokio::test]
async fn going_to_the_provider_without_end_is_slowed_down() {
    let provider = Provider::start().await;
    let three = Quota { at_once: 3, every: std::time::Duration::from_secs(60) };
    let limits = Arc::new(Limits::new(Quotas { sign_ins_of_client: three, ..Quotas::default() }));
    let site = Site::demo_with(|state| AppState { limits, ..provider.hand(state) }).await;
    for _ in 0..3 {
        assert_eq!(site.anonymous().post(SIGN_IN, "").await.status, StatusCode::OK);
    }
    assert_eq!(site.anonymous().post(SIGN_IN, "").await.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn signing_in_again_at_the_provider_counts_as_the_password() {
    let provider = Provider::start().await;
    let site = provider.site().await;
    let review = "/orgs/enterprise/security/data-contribution/review";
    let email = site.account("@enterprise.example").await.email;
    provider.knows("p-1", &email);
    let asks = |answer: &Answer| answer.field("password").is_some();
    let wish = format!("{review}?to=on&target=in-app");

    // Whoever was signed in there already has shown nothing by coming here.
    let mut admin = site.anonymous();
    assert_eq!(visit(&mut admin, SIGN_IN, "").await.location(), "/");
    assert!(!provider.last_asked().contains_key("prompt"));
    let page = admin.get(&wish).await;
    assert!(asks(&page) && page.offers(AGAIN) && page.says("Sign in again with Example"));
    assert!(admin.get("/orgs/enterprise/security/keys").await.offers(AGAIN));
    // When they last did, the provider may say; it counts from then.
    let earlier = |minutes: i64| micros(site.sluice.now()) - minutes * 60;
    for (minutes, counts) in [(9, true), (10, false)] {
        provider.claims(json!({ "sub": "p-1", "auth_time": earlier(minutes) }));
        let mut admin = site.anonymous();
        visit(&mut admin, SIGN_IN, "").await;
        assert_eq!(asks(&admin.get(&wish).await), !counts, "{minutes} minutes ago");
    }

    let start = end_of_log(&site, "enterprise").await;
    let form = format!("next={}", admin.get(&wish).await.field("next").unwrap().replace('&', "%26"));
    let refused = async |claims: Value, problem: &str, says: &str| {
        provider.claims(claims);
        let mut admin = admin.clone();
        let answer = visit(&mut admin, AGAIN, &form).await;
        assert!(answer.location().starts_with(review), "{}", answer.location());
        assert!(answer.location().ends_with(&format!("&problem={problem}")), "{}", answer.location());
        let page = admin.get(answer.location()).await;
        assert!(asks(&page) && page.says("You are not confirmed") && page.says(says), "{problem}");
    };
    refused(json!({ "sub": "p-1", "auth_time": null }), "not-again", "did not ask you to sign in again").await;
    refused(json!({ "sub": "p-1", "auth_time": earlier(2) }), "not-again", "did not ask you to sign in again").await;
    refused(json!({ "sub": "p-2", "email": SANNE, "email_verified": true }), "someone-else", "somebody else").await;
    refused(json!({ "sub": "p-3" }), "not-verified", "Verify it there").await;
    assert_eq!(
        logged(&site, "enterprise", start).await,
        ["session.sign-in failed"],
        "somebody else's proof is written"
    );

    provider.claims(json!({ "sub": "p-1" }));
    let before = admin.clone();
    let answer = visit(&mut admin, AGAIN, &form).await;
    let asked = provider.last_asked();
    assert_eq!((asked["prompt"].as_str(), asked["max_age"].as_str()), ("login", "0"));
    assert!(answer.location().starts_with(review), "{}", answer.location());
    assert!(!is_signed_in(&before).await, "the id from before is worth nothing");
    let page = admin.get(answer.location()).await;
    assert!(!asks(&page) && !page.offers(AGAIN));
    let version = site.snapshot("enterprise").await.version.to_string();
    let blanks = [("version", version.as_str()), ("name", "Meridian Instruments")];
    let form = filled("to=on&target=in-app&version={version}&reason=Agreed&name={name}", &blanks);
    assert_eq!(admin.post(review, &form).await.status, StatusCode::SEE_OTHER);
    assert_eq!(site.chosen("enterprise", "in-app").await, Some(true));
    site.clock.pass_minutes(10);
    assert!(admin.get("/orgs/enterprise/security/keys").await.offers(AGAIN), "for as long as a password does");

    // Whoever signed out meanwhile is not signed in by it.
    let mut gone = site.admin("enterprise").await;
    let back = at_the_provider(&leads_to(&gone.post(AGAIN, "").await)).await;
    gone.post("/sign-out", "").await;
    let answer = come_back(&mut gone, &back).await;
    told(&mut gone, &answer).await;
}
