//! Signing in and out.

use axum::http::StatusCode;
use service::demo::PASSWORD;
use service::sign_in::hash;
use tempfile::TempDir;

use crate::database::sqlite_url;
use crate::site::{Answer, Browser, Site, filled};

const SANNE: &str = "sanne.de.wit@large.example";

async fn sign_in(browser: &mut Browser, email: &str, password: &str) -> Answer {
    let blanks = [("email", email), ("password", password)];
    browser.post("/sign-in", &filled("email={email}&password={password}", &blanks)).await
}

#[tokio::test]
async fn a_password_opens_the_console() {
    let site = Site::demo().await;
    for email in [SANNE, " Sanne.de.Wit@LARGE.example "] {
        let mut browser = site.anonymous();
        let answer = sign_in(&mut browser, email, PASSWORD).await;
        assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, "/"), "{email}");
        // Someone with one organisation goes straight to its settings.
        assert_eq!(browser.get("/").await.location(), "/orgs/large/security/data-contribution");
        assert_eq!(browser.get("/sign-in").await.location(), "/");
    }
    assert_eq!(site.support().await.get("/").await.location(), "/support");
}

/// Whether an address is known is not told.
#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_look_the_same() {
    let site = Site::demo().await;
    let unknown = "nobody.at.all@large.example";
    let long = "x".repeat(129);
    let comparable =
        |answer: &Answer, email: &str| answer.body.replace(answer.nonce(), "NONCE").replace(email, "EMAIL");
    for password in ["", "wrong", long.as_str()] {
        let mut browser = site.anonymous();
        let [known_page, unknown_page] =
            [sign_in(&mut browser, SANNE, password).await, sign_in(&mut browser, unknown, password).await];
        for (page, email) in [(&known_page, SANNE), (&unknown_page, unknown)] {
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{password:?}");
            assert!(page.is_page() && page.says("do not belong together"), "{password:?}");
            assert_eq!(page.field("email").as_deref(), Some(email), "what was typed stays");
            assert_eq!(page.field("password").as_deref(), Some(""), "but not the password");
        }
        assert_eq!(comparable(&known_page, SANNE), comparable(&unknown_page, unknown), "{password:?}");
        assert!(browser.cookies.is_empty(), "{:?}", browser.cookies);
        assert_eq!(browser.get("/orgs").await.status, StatusCode::SEE_OTHER);
    }
}

#[tokio::test]
async fn an_id_from_before_is_worth_nothing_after() {
    let site = Site::demo().await;
    let id = |browser: &Browser| browser.cookies["sluice"].clone();

    // An id that someone else planted, in the form that ids have.
    let mut planted = site.anonymous();
    planted.cookies.insert("sluice".to_owned(), "AAAAAAAAAAAAAAAAAAAAAA".to_owned());
    let attacker = planted.clone();
    assert_eq!(sign_in(&mut planted, SANNE, PASSWORD).await.status, StatusCode::SEE_OTHER);
    assert_ne!(id(&planted), id(&attacker));
    assert_eq!(attacker.clone().get("/orgs").await.status, StatusCode::SEE_OTHER, "the planted id is signed out");

    // The id of an earlier sign-in, of the same person or another.
    for account in ["@large.example", "@enterprise.example"] {
        let mut browser = site.admin("large").await;
        let before = browser.clone();
        let account = site.account(account).await;
        browser.post("/sign-in/demo", &format!("account={}", account.id)).await;
        assert_ne!(id(&browser), id(&before));
        assert_eq!(before.clone().get("/orgs").await.status, StatusCode::SEE_OTHER, "the earlier id is signed out");
        let page = browser.get("/orgs").await;
        assert!(page.status == StatusCode::OK && page.says(&account.name));
    }
}

#[tokio::test]
async fn signing_out_ends_the_session_on_the_server() {
    let site = Site::demo().await;
    let mut browser = site.admin("large").await;
    let (copy, mut elsewhere) = (browser.clone(), site.admin("large").await);
    let answer = browser.post("/sign-out", "").await;
    assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, "/sign-in"));
    assert!(!browser.cookies.contains_key("sluice"), "the browser forgets it");
    assert!(answer.header("clear-site-data").contains("cache"));
    for mut signed_out in [browser, copy] {
        assert!(signed_out.get("/orgs").await.location().starts_with("/sign-in"));
    }
    assert_eq!(elsewhere.get("/orgs").await.status, StatusCode::OK, "another browser stays signed in");
    // Signing out twice, or without ever having been signed in, is no mistake.
    assert_eq!(site.anonymous().post("/sign-out", "").await.location(), "/sign-in");
}

#[tokio::test]
async fn the_cookie_is_kept_from_scripts_and_other_sites() {
    let folder = TempDir::new().unwrap();
    for (secure, name) in [(false, "sluice"), (true, "__Host-sluice")] {
        let site = Site::open(&sqlite_url(&folder), secure).await;
        service::demo::seed(&site.sluice).await.unwrap();
        let account = site.account("@large.example").await.id;
        let answer = site.anonymous().post("/sign-in/demo", &format!("account={account}")).await;
        let cookie = answer.header("set-cookie");
        let mut attributes = cookie.split("; ");
        assert!(attributes.next().unwrap().starts_with(&format!("{name}=")), "{cookie}");
        let attributes: Vec<&str> = attributes.collect();
        for attribute in ["HttpOnly", "SameSite=Lax", "Path=/"] {
            assert!(attributes.contains(&attribute), "{cookie}");
        }
        assert_eq!(attributes.contains(&"Secure"), secure, "{cookie}");
        assert!(!cookie.contains("Domain"), "{cookie}");
    }
}

#[tokio::test]
async fn an_account_that_is_gone_is_signed_out() {
    let site = Site::demo().await;
    let mut browser = site.signed_in("ada.brennan@vendor.example").await;
    assert_eq!(browser.get("/orgs").await.status, StatusCode::OK);
    let gone = "DELETE FROM sessions WHERE account_id = (SELECT id FROM accounts WHERE name = 'Ada Brennan')";
    site.database.execute_raw(gone).await.unwrap();
    assert!(browser.get("/orgs").await.location().starts_with("/sign-in"));
}

/// One click is for the demo: a database of real people lists nobody and lets nobody in without a password.
#[tokio::test]
async fn one_click_opens_nothing_but_a_demo() {
    let folder = TempDir::new().unwrap();
    let site = Site::open(&sqlite_url(&folder), false).await;
    let rows = format!(
        "INSERT INTO organisations (id, slug, name, created_at) VALUES ('o-1', 'quay', 'Quay Timber', 0); \
         INSERT INTO accounts (id, email, name, password_hash) VALUES ('a-1', 'maud@quay.example', 'Maud Ferreira', '{}'); \
         INSERT INTO memberships (account_id, org_id, role) VALUES ('a-1', 'o-1', 'admin')",
        hash("a plank is a plank").unwrap()
    );
    site.database.execute_raw(rows.leak()).await.unwrap();
    let mut browser = site.anonymous();
    let page = browser.get("/sign-in").await;
    assert!(page.status == StatusCode::OK && !page.says("Demo accounts") && !page.says("Maud"), "{}", page.body);
    for account in ["a-1", "", "nobody"] {
        let answer = browser.post("/sign-in/demo", &format!("account={account}")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{account:?}");
        assert!(browser.cookies.is_empty());
    }
    // The demo's password opens nothing here.
    assert_eq!(sign_in(&mut browser, "maud@quay.example", PASSWORD).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(sign_in(&mut browser, "maud@quay.example", "a plank is a plank").await.location(), "/");
    let page = browser.get("/orgs/quay/security/data-contribution").await;
    assert!(page.status == StatusCode::OK && !page.says("Demo data"));

    let site = Site::demo().await;
    let page = site.anonymous().get("/sign-in").await;
    assert!(page.says("Demo accounts") && page.says("Sanne de Wit") && page.says("Admin of Polder Logistics"));
    let unknown = site.anonymous().post("/sign-in/demo", "account=nobody").await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn colours_are_remembered_in_a_cookie() {
    let site = Site::demo().await;
    let mut browser = site.anonymous();
    for theme in ["dark", "light", "system"] {
        let answer = browser.post("/preferences/theme", &format!("theme={theme}&back=/sign-in")).await;
        assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, "/sign-in"));
        assert!(browser.get("/sign-in").await.body.contains(&format!("data-theme=\"{theme}\"")), "{theme}");
    }
    browser.cookies.insert("sluice-theme".to_owned(), "\"><script>".to_owned());
    assert!(browser.get("/sign-in").await.body.contains("data-theme=\"system\""));
}
