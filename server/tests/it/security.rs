//! What stands between the console and the network: how long a sign-in lasts, how often things may be tried, which host is
//! answered, and every header of every kind of answer.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use policy::Timestamp;
use server::limits::{Limits, Quota, Quotas};
use server::router::AppState;
use service::demo::PASSWORD;
use tempfile::TempDir;

use crate::database::sqlite_url;
use crate::provider::Provider;
use crate::site::{Answer, Browser, FORM, OWN_PAGE, Site, filled};

const SANNE: &str = "sanne.de.wit@large.example";

/// The demo behind a server that is set up in another way.
async fn demo(folder: &TempDir, secure: bool, adjust: impl FnOnce(AppState) -> AppState) -> Site {
    let site = Site::with(&sqlite_url(folder), secure, adjust).await;
    service::demo::seed(&site.sluice).await.unwrap();
    site
}

/// With the limits of the product, and a proxy in front that says who comes.
fn limited(state: AppState) -> AppState {
    AppState {
        limits: Arc::new(Limits::new(Quotas::default())),
        proxies: Arc::new(serde_json::from_str("[\"::\"]").unwrap()),
        ..state
    }
}

fn pass_seconds(site: &Site, seconds: i64) {
    site.clock.set(Timestamp::from_micros(site.sluice.now().micros() + seconds * 1_000_000));
}

async fn is_signed_in(browser: &mut Browser) -> bool {
    browser.get("/orgs").await.status == StatusCode::OK
}

#[tokio::test]
async fn a_sign_in_that_nobody_uses_ends() {
    let site = Site::demo().await;
    let mut admin = site.admin("large").await;
    pass_seconds(&site, 2 * 3_600 - 1);
    assert!(is_signed_in(&mut admin.clone()).await, "using it is what keeps it");
    pass_seconds(&site, 2 * 3_600 - 1);
    assert!(is_signed_in(&mut admin.clone()).await);
    let copy = admin.clone();
    pass_seconds(&site, 2 * 3_600);
    let answer = admin.get("/orgs").await;
    assert_eq!(answer.location(), "/sign-in?next=%2Forgs");
    assert!(admin.cookies.is_empty(), "the browser forgets it");
    // Not even by a clock that is set back: the server has forgotten it as well.
    pass_seconds(&site, -3_600);
    assert!(!is_signed_in(&mut copy.clone()).await);
    assert_eq!(
        copy.clone().post("/orgs/large/security/data-contribution/change", "").await.location(),
        "/sign-in?next="
    );
}

#[tokio::test]
async fn a_sign_in_ends_after_twelve_hours_of_use() {
    let site = Site::demo().await;
    let mut admin = site.admin("large").await;
    for _ in 0..11 {
        pass_seconds(&site, 3_600);
        assert!(is_signed_in(&mut admin).await);
    }
    pass_seconds(&site, 3_599);
    assert!(is_signed_in(&mut admin).await);
    pass_seconds(&site, 1);
    assert!(!is_signed_in(&mut admin).await);
}

/// Looking at pages does not write to the database each time.
#[tokio::test]
async fn use_is_noted_every_five_minutes_at_most() {
    let site = Site::demo().await;
    let mut admin = site.admin("large").await;
    let mut noted = Vec::new();
    for _ in 0..21 {
        let answer = admin.get("/orgs").await;
        noted.push(answer.header("set-cookie").contains("Max-Age=7200"));
        pass_seconds(&site, 60);
    }
    let expected: Vec<bool> = (0..21).map(|minute| minute > 0 && minute % 5 == 0).collect();
    assert_eq!(noted, expected);
}

async fn try_sign_in(site: &Site, from: &str, email: &str, password: &str) -> Answer {
    let form = filled("email={email}&password={password}", &[("email", email), ("password", password)]);
    site.anonymous().post_raw("/sign-in", &[OWN_PAGE, FORM, ("x-forwarded-for", from)], form).await
}

#[tokio::test]
async fn guessing_a_password_is_slowed_down() {
    let folder = TempDir::new().unwrap();
    let site = demo(&folder, false, limited).await;
    for guess in 0..10 {
        // Whoever has many addresses is no better off.
        let answer = try_sign_in(&site, &format!("203.0.113.{guess}"), SANNE, "guess").await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    for (email, password) in [(SANNE, "guess"), (SANNE, PASSWORD), (" SANNE.de.wit@large.example", PASSWORD)] {
        let answer = try_sign_in(&site, "203.0.113.99", email, password).await;
        assert_eq!((answer.status, answer.header("retry-after")), (StatusCode::TOO_MANY_REQUESTS, "60"), "{email}");
        assert!(answer.is_refusal() && answer.says("Wait 60 seconds and try again."), "{}", answer.body);
    }
    let other = try_sign_in(&site, "203.0.113.99", "liam@free.example", "guess").await;
    assert_eq!(other.status, StatusCode::UNPROCESSABLE_ENTITY, "others are not kept out");
    pass_seconds(&site, 60);
    assert_eq!(try_sign_in(&site, "203.0.113.99", SANNE, PASSWORD).await.status, StatusCode::SEE_OTHER);
}

/// Whether there is such an account is not told by its limit either.
#[tokio::test]
async fn an_unknown_account_is_limited_as_a_known_one() {
    let folder = TempDir::new().unwrap();
    let site = demo(&folder, false, limited).await;
    for email in [SANNE, "nobody@large.example"] {
        let mut answers = Vec::new();
        for _ in 0..11 {
            answers.push(try_sign_in(&site, "203.0.113.5", email, "guess").await.status.as_u16());
        }
        assert_eq!(answers, [[422; 10].as_slice(), &[429]].concat(), "{email}");
    }
}

#[tokio::test]
async fn one_client_cannot_try_many_accounts() {
    let folder = TempDir::new().unwrap();
    let site = demo(&folder, false, limited).await;
    let mut refused = 0;
    for guess in 0..61 {
        // All of them within one /64: one household.
        let from = format!("2001:db8::{guess:x}");
        let answer = try_sign_in(&site, &from, &format!("nobody{guess}@large.example"), "").await;
        refused += usize::from(answer.status == StatusCode::TOO_MANY_REQUESTS);
    }
    assert_eq!(refused, 1);
    let elsewhere = try_sign_in(&site, "2001:db8:0:1::1", "nobody@large.example", "guess").await;
    assert_eq!(elsewhere.status, StatusCode::UNPROCESSABLE_ENTITY);
}

/// A client's own header makes it nobody else.
#[tokio::test]
async fn a_forwarded_address_is_believed_from_a_proxy_only() {
    let folder = TempDir::new().unwrap();
    let site = demo(&folder, false, |state| AppState { proxies: Arc::default(), ..limited(state) }).await;
    let mut refused = 0;
    for guess in 0..61 {
        let answer = try_sign_in(&site, &format!("203.0.113.{guess}"), &format!("{guess}@large.example"), "").await;
        refused += usize::from(answer.status == StatusCode::TOO_MANY_REQUESTS);
    }
    assert_eq!(refused, 1);
}

#[tokio::test]
async fn changes_without_end_are_slowed_down() {
    let folder = TempDir::new().unwrap();
    let site = demo(&folder, false, limited).await;
    let mut visitor = site.anonymous();
    let headers = |from| [OWN_PAGE, FORM, ("x-forwarded-for", from)];
    for _ in 0..1_500 {
        let answer = visitor.post_raw("/preferences/theme", &headers("203.0.113.5"), "theme=dark").await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
    }
    let answer = visitor.post_raw("/preferences/theme", &headers("203.0.113.5"), "theme=dark").await;
    assert_eq!((answer.status, answer.header("retry-after")), (StatusCode::TOO_MANY_REQUESTS, "1"));
    assert!(answer.is_refusal());
    let look = Request::get("/sign-in").header("x-forwarded-for", "203.0.113.5").body(Body::empty()).unwrap();
    assert_eq!(visitor.send(look).await.status, StatusCode::OK, "looking is not limited");
    let other = visitor.post_raw("/preferences/theme", &headers("203.0.113.6"), "theme=dark").await;
    assert_eq!(other.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn washes_for_everyone_are_slowed_down() {
    let folder = TempDir::new().unwrap();
    let few = |state: AppState| {
        let quotas =
            Quotas { shows_of_client: Quota { at_once: 3, every: Duration::from_secs(5) }, ..Quotas::default() };
        AppState { limits: Arc::new(Limits::new(quotas)), ..limited(state) }
    };
    let site = demo(&folder, false, few).await;
    let visitor = site.anonymous();
    let look = async |path: &str, from: &str| {
        let request = Request::get(path).header("x-forwarded-for", from).body(Body::empty()).unwrap();
        visitor.clone().send(request).await
    };
    for path in ["/safeguards", "/walkthrough", "/walkthrough?step=3"] {
        assert_eq!(look(path, "203.0.113.5").await.status, StatusCode::OK, "{path}");
    }
    let form = [OWN_PAGE, FORM, ("x-forwarded-for", "203.0.113.5")];
    let typed = visitor.clone().post_raw("/walkthrough", &form, "title=Printer&to=%3Fstep%3D3").await;
    for answer in [look("/safeguards", "203.0.113.5").await, look("/walkthrough", "203.0.113.5").await, typed] {
        assert_eq!((answer.status, answer.header("retry-after")), (StatusCode::TOO_MANY_REQUESTS, "5"));
        assert!(answer.is_page() && answer.says("Wait 5 seconds"), "{}", answer.body);
    }
    assert_eq!(look("/patterns", "203.0.113.5").await.status, StatusCode::OK, "nothing is washed there");
    assert_eq!(look("/safeguards", "203.0.113.6").await.status, StatusCode::OK);
}

/// Tests ask for `sluice.example`.
#[tokio::test]
async fn another_host_is_not_answered() {
    let folder = TempDir::new().unwrap();
    for (origin, answered) in [("http://sluice.example", true), ("https://elsewhere.example", false)] {
        let site = demo(&folder, false, |state| AppState { origin: Some(origin.into()), ..state }).await;
        let mut visitor = site.anonymous();
        for path in ["/sign-in", "/favicon.svg", "/nowhere"] {
            let answer = visitor.get(path).await;
            assert_eq!(answer.status != StatusCode::MISDIRECTED_REQUEST, answered, "{path}");
            assert_eq!(answer.body.contains("Open https://elsewhere.example"), !answered, "{path}");
        }
        let absolute = Request::get("http://evil.example/sign-in").body(Body::empty()).unwrap();
        assert_eq!(visitor.send(absolute).await.status, StatusCode::MISDIRECTED_REQUEST);
        for path in ["/healthz", "/readyz"] {
            assert_eq!(visitor.get(path).await.status, StatusCode::OK, "a probe knows no name");
        }
    }
}

/// What the database said stays in the log.
#[tokio::test]
async fn a_failing_database_is_told_without_its_words() {
    let site = Site::demo().await;
    let mut admin = site.admin("large").await;
    assert_eq!(admin.get("/readyz").await.status, StatusCode::OK);
    site.database.execute_raw("ALTER TABLE settings RENAME TO elsewhere").await.unwrap();
    let change = "to=off&target=space:jira/OPS&version=1";
    let answers = [
        admin.get("/orgs/large/security/data-contribution").await,
        admin.post("/orgs/large/security/data-contribution/change", change).await,
    ];
    for answer in answers {
        assert!(answer.status == StatusCode::SERVICE_UNAVAILABLE && answer.is_page(), "{}", answer.body);
        assert!(answer.says("The server could not do this just now"), "{}", answer.body);
        for inner in ["settings WHERE", "no such table", "sqlx", "SELECT", "elsewhere"] {
            assert!(!answer.body.contains(inner), "{inner}: {}", answer.body);
        }
    }
}

/// Every header of each kind of answer. A header that is new, changed or gone has to be written down here.
#[tokio::test]
async fn each_kind_of_answer_has_exactly_these_headers() {
    let folder = TempDir::new().unwrap();
    let mut seen = String::new();
    let provider = Provider::start().await;
    for secure in [false, true] {
        let site = demo(&folder, secure, |state| limited(provider.hand(state))).await;
        let scheme = if secure { "https" } else { "http" };
        let mut admin = site.admin("large").await;
        let mut answers = vec![
            ("page", admin.get("/orgs").await),
            ("asset", admin.get("/favicon.svg").await),
            ("probe", admin.get("/healthz").await),
            ("error", admin.get("/nowhere").await),
            ("to the provider", site.anonymous().post("/sign-in/oidc", "").await),
            ("foreign form", admin.post_raw("/sign-out", &[FORM], "").await),
        ];
        for _ in 0..10 {
            try_sign_in(&site, "203.0.113.5", SANNE, "").await;
        }
        answers.push(("too many", try_sign_in(&site, "203.0.113.5", SANNE, "").await));
        answers.push(("sign-in", try_sign_in(&site, "203.0.113.5", "maud.ferreira@enterprise.example", "").await));
        answers.push(("sign-out", admin.post("/sign-out", "").await));
        for (kind, answer) in answers {
            seen += &format!("{scheme} {kind}: {}\n{}\n", answer.status.as_u16(), headers(&answer));
        }
    }
    let expected = include_str!("headers.txt");
    assert!(seen == expected, "the headers are now:\n{seen}");
}

/// One a line, in order, without what is new each time.
fn headers(answer: &Answer) -> String {
    let lines = answer.headers.iter().map(|(name, value)| {
        let mut value = value.to_str().unwrap().to_owned();
        if *name == header::CONTENT_SECURITY_POLICY && value.contains("'nonce-") {
            value = value.replace(answer.nonce(), "NONCE");
        }
        if let Some((cookie, attributes)) = value.split_once("; ").filter(|_| *name == header::SET_COOKIE) {
            let name = cookie.split('=').next().unwrap();
            let attributes = attributes.split("; ").filter(|attribute| !attribute.starts_with("Expires="));
            value = format!("{name}=…; {}", attributes.collect::<Vec<_>>().join("; "));
        }
        if let Some((when, _)) = value.split_once(";url=http://127.0.0.1:").filter(|_| *name == "refresh") {
            value = format!("{when};url=…");
        }
        if ["x-request-id", "last-modified", "etag", "content-length"].contains(&name.as_str()) {
            value = "…".to_owned();
        }
        format!("  {name}: {value}\n")
    });
    let mut lines: Vec<String> = lines.collect();
    lines.sort();
    lines.concat()
}
