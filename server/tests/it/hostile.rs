//! Requests that no page of ours would send: garbage, hostile text, ways out of the site.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use url::Url;

use crate::database::{on_postgres, on_sqlite};
use crate::html;
use crate::site::{Answer, FORM, HOST, OWN_PAGE, Site, filled};

const SETTINGS: &str = "/orgs/large/security/data-contribution";
const BAD_REQUEST: StatusCode = StatusCode::BAD_REQUEST;
const REFUSED: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;
const NOT_FOUND: StatusCode = StatusCode::NOT_FOUND;

#[tokio::test]
async fn an_odd_form_is_answered_with_what_is_wrong() {
    let site = Site::demo().await;
    let mut admin = site.admin("large").await;
    let before = format!("{:?}", site.snapshot("large").await);
    let many: String = (0..1_001).map(|n| format!("&target=space:jira/N{n}")).collect();
    let cases = [
        ("", BAD_REQUEST),
        ("a=b", BAD_REQUEST),
        ("&&==&;%", BAD_REQUEST),
        ("to=off&target=in-app", BAD_REQUEST),
        ("to=off&target=in-app&version=", BAD_REQUEST),
        ("to=off&target=in-app&version=two", BAD_REQUEST),
        ("to=off&target=in-app&version=99999999999999999999", BAD_REQUEST),
        ("version=2&target=in-app", BAD_REQUEST),
        ("version=2&to=maybe&target=in-app", BAD_REQUEST),
        ("version=2&to=OFF&target=in-app", BAD_REQUEST),
        ("version=2&to=off&target=", BAD_REQUEST),
        ("version=2&to=off&target=user:maud", BAD_REQUEST),
        ("version=2&to=off&target=platform:rovo", BAD_REQUEST),
        ("version=2&to=off&target=space:jira", BAD_REQUEST),
        ("version=2&to=off", REFUSED),
        ("version=2&to=off&target=space:jira/NOWHERE", REFUSED),
        ("version=2&to=off&target=in-app&target=app:nowhere", REFUSED),
        ("version=2&to=off&target=connector:%F0%9F%9A%B0", REFUSED),
        ("version=2&to=off{many}", REFUSED),
    ];
    for (form, status) in cases {
        for route in ["change", "review"] {
            let body = form.replace("{many}", &many);
            let answer = admin.post(&format!("{SETTINGS}/{route}"), &body).await;
            assert_eq!(answer.status, status, "{route} {form:?}");
            assert!(answer.is_refusal(), "{route} {form:?}: {}", answer.body);
        }
    }
    for id in ["nothing", "", "00000000-0000-0000-0000-000000000000", &"9".repeat(10_000)] {
        for (route, field) in [("change", "revert"), ("review", "revert"), ("undo", "change")] {
            let form = format!("{field}={id}&version=2&reason=x");
            let answer = admin.post(&format!("{SETTINGS}/{route}"), &form).await;
            assert_eq!(answer.status, NOT_FOUND, "{route} of a change that is not there");
        }
    }
    assert_eq!(format!("{:?}", site.snapshot("large").await), before);
}

/// What takes a form, by path.
const FORMS: [&str; 14] = [
    "/sign-in",
    "/sign-in/demo",
    "/sign-out",
    "/preferences/theme",
    "/preferences/language",
    "/orgs/large/security/preview",
    "/orgs/large/security/preview/drafts",
    "/orgs/large/security/terms",
    "/orgs/large/security/terms/delete",
    "/orgs/large/security/people",
    "/orgs/large/security/people/imports/0",
    "/orgs/large/security/data-contribution/change",
    "/orgs/large/security/data-contribution/undo",
    "/orgs/large/security/data-contribution/review",
];

/// What takes a query, by path and the start of the query.
const QUERIES: &str = "
    /sign-in                                        next=
    /orgs/large/security/data-contribution          changed= app= app=jira&q= app=jira&show= app=jira&sort= app=jira&page=
    /orgs/large/security/data-contribution/review   revert= to= to=on&target= to=on&target=in-app&back=
    /orgs/large/security/data-contribution/add      list= tab= q= app= page= all= target=
    /orgs/large/security/data-contribution/history  setting= below=
    /orgs/large/security/data-contribution/why      target=
    /orgs/large/security/preview                    sample= as= kind= saved= removed= kept= as=on&removed= as=on&kept=
    /orgs/large/security/preview/uploads/0          first= find= kind=
    /orgs/large/security/terms                      added= deleted= already=
    /orgs/large/security/people                     q= after= after=file: new= gone=";

const VALUES: &str = "%00 a%00b %ff %zz -1 0 99999999999999999999 ' %22%3E %E2%80%AE \
                      space:jira/%00 platform:%00 connector:%00";

const ODD_PATHS: &str = "/orgs/%ff /orgs/%00 /orgs/.. /orgs//security/data-contribution /% /orgs/large/ /ORGS";

/// Whatever is sent, the answer is a page of the site, and never a failure of the server. On both databases, because
/// they differ in what they take as text.
async fn garbage_is_never_a_failure(url: String) {
    let site = Site::open(&url, false).await;
    service::demo::seed(&site.sluice).await.unwrap();
    let (mut admin, support) = (site.admin("large").await, site.support().await);
    let nul = b"email=a%00&password=b%00&account=c%00&theme=%00&version=2&change=%00&revert=%00".to_vec();
    let reason = b"to=on&target=space:jira/OPS&version=2&reason=".to_vec();
    let bodies = [
        ("nothing", Vec::new()),
        ("no UTF-8", b"\xff\xfe\x00\x80=\xc3\x28".to_vec()),
        ("broken escapes", b"to=%zz&target=%f&version=%".to_vec()),
        ("escapes of no UTF-8", b"email=%ff&password=%c3%28&account=%ff&theme=%ff&to=%ff&change=%ff".to_vec()),
        ("NUL everywhere", nul),
        ("NUL in a setting", b"to=off&target=space:jira/H%00R&version=2&reason=x".to_vec()),
        ("NUL in a reason", [&reason[..], b"a%00b"].concat()),
        ("marks of direction in a reason", [&reason[..], b"%E2%80%AEabc%0D%0A%1B%5B31m"].concat()),
        ("JSON", b"{\"to\": \"on\"}".to_vec()),
        ("very many fields", b"a=b&".repeat(50_000)),
        ("300 KB", [&reason[..], &[b'x'; 300 * 1024]].concat()),
        ("5 MB", vec![b'%'; 5 * 1024 * 1024]),
    ];
    let types = ["application/x-www-form-urlencoded", "application/json", "multipart/form-data; boundary=x", ""];
    let mut wrong = BTreeSet::new();
    for path in FORMS {
        for (what, body) in &bodies {
            for content_type in types {
                let headers = [OWN_PAGE, ("content-type", content_type)];
                let answer = admin.clone().post_raw(path, &headers, body.clone()).await;
                let went_on = answer.status == StatusCode::SEE_OTHER;
                if !(went_on || answer.status.is_client_error() && answer.is_page()) {
                    wrong.insert(format!("POST {path}: {what}: {}", answer.status));
                }
                if went_on && path.starts_with("/sign") {
                    admin = site.admin("large").await;
                }
            }
        }
    }

    let long = "x".repeat(30_000);
    let values: Vec<&str> = VALUES.split(' ').chain(["", long.as_str()]).collect();
    let mut asked: Vec<String> = ODD_PATHS.split(' ').map(str::to_owned).collect();
    for line in QUERIES.lines().skip(1) {
        let (path, starts) = line.trim().split_once(' ').unwrap();
        for start in starts.split_whitespace() {
            asked.extend(values.iter().map(|value| format!("{path}?{start}{value}")));
        }
    }
    for path in asked {
        for mut visitor in [admin.clone(), support.clone(), site.anonymous()] {
            let answer = visitor.get(&path).await;
            let fine = answer.status == StatusCode::OK || answer.status.is_client_error();
            if !(answer.status == StatusCode::SEE_OTHER || fine && answer.is_page()) {
                wrong.insert(format!("GET {path:.100}: {}", answer.status));
            }
        }
    }
    let wrong: Vec<String> = wrong.into_iter().collect();
    assert!(wrong.is_empty(), "{} answers are wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[tokio::test]
async fn garbage_is_never_a_failure_on_sqlite() {
    on_sqlite(garbage_is_never_a_failure).await;
}

#[tokio::test]
async fn garbage_is_never_a_failure_on_postgres() {
    on_postgres(garbage_is_never_a_failure).await;
}

/// Where an attacker would have people go.
const WAYS: [&str; 27] = [
    "https://evil.example",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "\u{1}//evil.example",
    " //evil.example",
    "javascript:alert(1)",
    "data:text/html,hello",
    "http:evil.example",
    "/orgs/large/security/data-contribution@evil.example",
    "/orgs/large/security/data-contribution/../../../../\\evil.example",
    "/orgs/large/security/data-contribution/%2e%2e/%2e%2e/%2e%2e/%2e%2e//evil.example",
    "/orgs/large/security/data-contribution/..//evil.example",
    "/orgs/large/security/data-contribution\r\nset-cookie: evil=1",
    "/orgs/large/security/data-contribution?x=\r\nlocation: https://evil.example",
    "/%0d%0alocation:https://evil.example",
    "/。/evil.example",
    "https:evil.example",
    "/%2f%2fevil.example",
    "/%5cevil.example",
    "/orgs/large/security/data-contribution/..;/..;//evil.example",
    "/.//evil.example",
    "\u{ff0f}\u{ff0f}evil.example",
    "/orgs/enterprise/security/data-contribution",
];

/// Every request that says where to go on from there, and its form if it is posted.
const GOING_ON: [(&str, &str); 13] = [
    ("{settings}/review?to=on&target=space:jira/SEC&back={way}", ""),
    ("{settings}/change", "to=on&target=space:jira/SEC&version={version}&back={way}"),
    ("{settings}/change", "to=on&target=space:jira/API&version=0&back={way}"),
    ("{settings}/review", "to=on&target=space:jira/SEC&version={version}&back={way}"),
    ("{settings}/review", "to=on&target=space:jira/SEC&version={version}&reason=x&back={way}"),
    ("{settings}/change", "to=remove&target=space:jira/SEC&version=1000&back={way}"),
    ("{settings}/undo", "change={change}&back={way}"),
    ("/preferences/theme", "theme=dark&back={way}"),
    ("/preferences/language", "language=en&back={way}"),
    ("/sign-in?next={way}", ""),
    ("/sign-in", "email=sanne.de.wit@large.example&password=wrong&next={way}"),
    ("/sign-in", "email=sanne.de.wit@large.example&password=let the water through&next={way}"),
    ("/sign-in/demo", "account={account}&next={way}"),
];

/// Where a browser that follows an address comes to.
fn followed(address: &str) -> Option<Url> {
    Url::parse(&format!("http://{HOST}{SETTINGS}/change")).unwrap().join(address).ok()
}

fn stays(address: &str) -> bool {
    followed(address).is_some_and(|to| to.scheme() == "http" && to.host_str() == Some(HOST))
}

/// Every address that an answer leads to: links, forms, and where it redirects.
fn leads_to(answer: &Answer) -> Vec<String> {
    let mut to = vec![answer.location().to_owned()];
    for tag in html::tags(&answer.body) {
        let leads = |(name, _): &(String, String)| ["href", "action", "formaction", "src"].contains(&name.as_str());
        to.extend(tag.attributes.into_iter().filter(leads).map(|(_, address)| address));
    }
    to
}

/// What some proxies and frameworks let a header say means nothing here.
#[tokio::test]
async fn no_header_changes_where_a_request_or_an_answer_goes() {
    let site = Site::demo().await;
    let account = site.account("@large.example").await.id;
    for header in [
        ("x-forwarded-host", "evil.example"),
        ("forwarded", "host=evil.example;proto=https"),
        ("x-host", "evil.example"),
        ("x-original-url", "/nowhere"),
        ("x-rewrite-url", "/nowhere"),
        ("x-http-method-override", "GET"),
        ("x-forwarded-proto", "https"),
    ] {
        let mut visitor = site.anonymous();
        let form = format!("account={account}");
        let answer = visitor.post_raw("/sign-in/demo", &[OWN_PAGE, FORM, header], form).await;
        assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, "/"), "{header:?}");
        let look = Request::get("/orgs").header(header.0, header.1).body(Body::empty()).unwrap();
        let answer = visitor.send(look).await;
        assert!(answer.status == StatusCode::OK && !answer.body.contains("evil.example"), "{header:?}");
    }
}

#[tokio::test]
async fn no_way_back_leads_off_the_site() {
    assert!(stays("/orgs#x") && !stays("//evil.example") && !stays("/\\evil.example") && !stays("javascript:alert(1)"));
    let site = Site::demo().await;
    let account = site.account("@large.example").await.id;
    let (mut admin, mut met) = (site.admin("large").await, BTreeSet::new());
    for way in WAYS {
        for (path, form) in GOING_ON {
            let change = if form.contains("{change}") { site.fresh_change("large").await } else { String::new() };
            let version = site.snapshot("large").await.version.to_string();
            let blanks = [("way", way), ("version", &version), ("change", &change), ("account", &account)];
            let path = filled(&path.replace("{settings}", SETTINGS), &blanks);
            let mut visitor = if path.starts_with("/sign-in") { site.anonymous() } else { admin.clone() };
            let answer = match form {
                "" => visitor.get(&path).await,
                form => visitor.post(&path, &filled(form, &blanks)).await,
            };
            let case = format!("{path} {form} with {way:?}");
            met.insert(answer.status.as_u16());
            assert!(!answer.header("set-cookie").contains("evil"), "{case}");
            for to in leads_to(&answer) {
                assert!(stays(&to), "{case} leads to {to}");
            }
            // The way back from a change is to where changes are made, not into another organisation.
            if answer.location().contains("changed=") {
                let path = followed(answer.location()).unwrap().path().to_owned();
                assert!(path.starts_with(SETTINGS), "{case} leads to {path}");
            }
        }
    }
    // Each kind of answer that goes on somewhere was among them.
    assert_eq!(met.into_iter().collect::<Vec<_>>(), [200, 303, 409, 422]);
    assert_eq!(admin.get("/orgs").await.status, StatusCode::OK);
}

const SCRIPT: &str = "</textarea><script>alert(1)</script>";
const HANDLER: &str = "\" onfocus=\"alert(2)\" x='\" autofocus ";

/// Pages that show hostile text, by the letters before it: of the organisation, the account, a space, a space's key, a
/// connector, a reason, what was typed, and what is in a file.
const SHOWING: [(&str, &str, &str); 22] = [
    ("O", "/orgs", ""),
    ("AOCS", "{settings}?changed={change}", ""),
    ("AOS", "{settings}?app=jira&q=hr", ""),
    ("K", "{settings}?app=jira&q=K{text}", ""),
    ("T", "{settings}?app=jira&q=T{text}", ""),
    ("SKCR", "{settings}/history", ""),
    ("K", "{settings}/history?setting=space:jira/K{text}", ""),
    ("O", "{settings}/why?target=organisation", ""),
    ("K", "{settings}/why?target=space:jira/K{text}", ""),
    ("C", "{settings}/why?target=connector:chat", ""),
    ("SO", "{settings}/review?to=on&target=space:jira/OPS&target=in-app", ""),
    ("K", "{settings}/review?to=remove&target=space:jira/K{text}", ""),
    ("T", "{settings}/review?to=on&target=space:jira/T{text}", ""),
    ("T", "{settings}/review?to=on&target=T{text}", ""),
    ("OT", "{settings}/review", "to=on&target=in-app&version={version}&reason=T{text}&name=T{text}"),
    ("AS", "{settings}/change", "to=off&target=space:jira/HR&version=0"),
    ("S", "{settings}/add?target=space:jira/OPS&tab=apps", ""),
    ("T", "{settings}/add?q=T{text}", ""),
    ("C", "{settings}/add?tab=connectors", ""),
    ("T", "/sign-in", "email=T{text}&password={text}&next={text}"),
    ("AO", "/sign-in?next={text}", ""),
    ("", "/nowhere/{text}?{text}={text}", ""),
];

/// Names and texts that are markup are shown as the letters that they are, on every page.
#[tokio::test]
async fn hostile_text_stays_text() {
    let site = Site::demo().await;
    let text = format!("{SCRIPT}{HANDLER}");
    let rows = "UPDATE spaces SET name = 'S{text}' WHERE key IN ('HR', 'OPS'); \
                INSERT INTO spaces SELECT id, 'jira', 'K{text}', 'Key' FROM organisations WHERE slug = 'large'; \
                UPDATE connectors SET name = 'C{text}' WHERE id IN ('drive', 'chat'); \
                UPDATE accounts SET name = 'A{text}' WHERE email LIKE '%@large.example'; \
                UPDATE organisations SET name = 'O{text}' WHERE slug = 'large'";
    site.database.execute_raw(rows.replace("{text}", &text.replace('\'', "''")).leak()).await.unwrap();
    let mut admin = site.admin("large").await;
    let form = "to=on&target=space:jira/HR&target=space:jira/K{text}&target=connector:drive&version=2&reason=R{text}";
    let written = admin.post(&format!("{SETTINGS}/review"), &filled(form, &[("text", &text)])).await;
    let (_, change) = written.location().split_once("changed=").unwrap();

    let mut answers = Vec::new();
    for (marks, path, form) in SHOWING {
        let version = site.snapshot("large").await.version.to_string();
        let blanks = [("text", text.as_str()), ("version", &version), ("change", change)];
        let path = filled(&path.replace("{settings}", SETTINGS), &blanks);
        let mut visitor = if path.starts_with("/sign-in") { site.anonymous() } else { admin.clone() };
        answers.push((
            marks,
            match form {
                "" => visitor.get(&path).await,
                form => visitor.post(&path, &filled(form, &blanks)).await,
            },
        ));
    }
    let (preview, file) = ("/orgs/large/security/preview", format!("N{text}"));
    let export = r#"{"key": "I{text}", "fields": {"project": {"key": "P{text}"}, "summary": "F{text}"}}"#;
    let export = export.replace("{text}", &text.replace('"', "\\\""));
    answers.push(("NIPF", admin.upload_shown(preview, &file, export.as_bytes(), &[("as", "on")]).await));
    answers.push(("", admin.upload(preview, &file, text.as_bytes(), &[]).await));

    for (place, (marks, answer)) in answers.iter().enumerate() {
        assert!(answer.is_page(), "answer {place}: {} {}", answer.status, answer.body);
        let shown = html::text(&answer.body);
        let page = format!("answer {place}, {shown:.60}…");
        let mut values = String::new();
        for tag in html::tags(&answer.body) {
            let scripted = tag.name == "script" && tag.attribute("nonce") != Some(answer.nonce());
            assert!(tag.name != "textarea" && !scripted, "{page}: {tag:?}");
            for (name, value) in tag.attributes {
                assert!(!name.starts_with("on") && name != "autofocus" && !name.contains('"'), "{page}: {name}");
                values += &value;
            }
        }
        // It is there, as text or as a value: otherwise this would prove nothing.
        for mark in marks.chars() {
            let hostile = format!("{mark}{SCRIPT}");
            assert!(shown.contains(&hostile) || values.contains(&hostile), "{page} does not show {hostile}: {shown}");
        }
    }
}
