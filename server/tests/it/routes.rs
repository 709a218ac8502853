//! Every route, who may use it, and what every answer carries.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use server::router::routes;

use service::uploads::Purpose;

use crate::html;
use crate::provider::Provider;
use crate::site::{Answer, Browser, FORM, HOST, OWN_PAGE, Site, filled, multipart};

/// Whom a route is for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum For {
    /// The route has no such method.
    Nobody,
    Anyone,
    SignedIn,
    /// Whoever has a role in the organisation.
    Members,
    /// Whoever has a role in it, and support while it reviews: it leads on to what they see.
    Arriving,
    /// Its admins and auditors, and support while it reviews.
    Readers,
    /// Its admins and auditors.
    Insiders,
    /// Its admins.
    Admins,
    /// The vendor's support.
    Desk,
    /// The same while it reviews the organisation.
    Reviewers,
    /// Whoever has the link and is signed in as nobody else.
    Invited,
}
use For::{Admins, Anyone, Arriving, Desk, Insiders, Invited, Members, Nobody, Readers, Reviewers, SignedIn};

/// Each route with whom its GET and its POST are for, and the fields of its query or its form that make it work.
/// `{version}` stands for the organisation's version, `{knowledge}` for that of its people and terms, `{change}` for a change
/// made just now, `{key}` for a key made just now, `{webhook}` for a webhook, `{account}` for an account, `{upload}` for a file that is held for the
/// organisation's admin, `{review}` for a look that support has open, `{token}` for an invitation made just now, `{address}`
/// for an e-mail address of nobody. What ends the sessions of others stands last.
const TABLE: &str = "
    /                                              signed-in  -
    /healthz                                       anyone     -
    /readyz                                        anyone     -
    /sign-in                                       anyone     anyone   email=sanne.de.wit@large.example&password=let+the+water+through
    /sign-in/demo                                  -          anyone   account={account}
    /sign-in/oidc                                  -          anyone   next=/orgs
    /sign-in/oidc/again                            -          signed-in  next=/orgs
    /sign-in/oidc/callback                         anyone     -        code=0&state=0
    /sign-out                                      -          anyone
    /preferences/theme                             -          anyone   theme=dark
    /preferences/language                          -          anyone   language=en
    /api                                           anyone     -
    /api/actions                                   anyone     -
    /orgs                                          signed-in  -
    /orgs/{org}                                    arriving   -
    /orgs/{org}/spaces                             members    -        q=web
    /orgs/{org}/security/access                    admins     -
    /orgs/{org}/security/access/role               -          admins   account={account}&role=admin
    /orgs/{org}/security/access/invitations        -          admins   email={address}&role=member
    /orgs/{org}/security/access/invitations/withdraw  -       admins   invitation=none
    /orgs/{org}/security/data-contribution         readers    -        app=jira
    /orgs/{org}/security/data-contribution/change  -          admins   to=off&target=space:jira/OPS&version={version}
    /orgs/{org}/security/data-contribution/undo    -          admins   change={change}
    /orgs/{org}/security/data-contribution/review  admins     admins   to=on&target=space:jira/SEC&version={version}&reason=Agreed
    /orgs/{org}/security/data-contribution/add     admins     -        list=include
    /orgs/{org}/security/data-contribution/history readers    -
    /orgs/{org}/security/data-contribution/why     readers    -        target=organisation
    /orgs/{org}/security/data-types                readers    -
    /orgs/{org}/security/preview                   insiders   admins   sample=page
    /orgs/{org}/security/preview/drafts            -          admins   sample=page&do=remove&term=Otter
    /orgs/{org}/security/preview/uploads/{upload}            admins - first=1
    /orgs/{org}/security/preview/uploads/{upload}/scorecard  admins - as=on
    /orgs/{org}/security/preview/uploads/{upload}/download   admins - form=json
    /orgs/{org}/security/preview/uploads/{upload}/discard    -      admins
    /orgs/{org}/security/keys                      admins     admins   name=Sync&scope=read&days=9
    /orgs/{org}/security/keys/revoke               -          admins   key={key}
    /orgs/{org}/security/keys/webhooks             -          admins   name=Jira
    /orgs/{org}/security/keys/webhooks/revoke      -          admins   webhook={webhook}
    /orgs/{org}/security/terms                     insiders   admins   list=kept&terms=Otter
    /orgs/{org}/security/terms/delete              -          admins   term=Marlow
    /orgs/{org}/security/people                    insiders   admins   q=sarpong
    /orgs/{org}/security/people/imports/{upload}   admins     admins   version={knowledge}
    /orgs/{org}/security/people/imports/{upload}/discard     -      admins
    /orgs/{org}/security/people/delete             -          admins   sure=yes
    /orgs/{org}/security/audit                     insiders   -        q=action:settings
    /orgs/{org}/security/audit/verify              -          insiders
    /orgs/{org}/security/audit/checkpoint          insiders   -
    /orgs/{org}/security/audit/export              insiders   -        form=jsonl
    /orgs/{org}/security/evidence                  insiders   -        on=2026-09-30
    /orgs/{org}/security/evidence/pack             insiders   -
    /orgs/{org}/ledger                             readers    -        from=2026-11-01&to=2026-11-20
    /orgs/{org}/ledger/export                      readers    -        form=csv
    /orgs/{org}/ledger/records                     -          admins   purpose=own-review
    /orgs/{org}/removal                            readers    -
    /orgs/{org}/removal/{id}/receipt               readers    -
    /orgs/{org}/security/support                   insiders   -
    /orgs/{org}/security/support/rule              -          admins   ask=no
    /orgs/{org}/security/support/answer            -          admins   review={review}&do=stop
    /orgs/{org}/review                             reviewers  -
    /support                                       desk       -        q=polder
    /support/orgs/{org}                            desk       desk     purpose=question&case=CS-10482
    /support/orgs/{org}/leave                      -          desk
    /invitations/{token}                           anyone     invited  name=Maud&new=a+heron+on+the+gate
    /account                                       signed-in  -
    /account/password                              -          signed-in  current=let+the+water+through&new=a+heron+on+the+gate
    /account/sessions/end                          -          signed-in  others=yes
    /orgs/{org}/security/access/sessions           -          admins   account={account}";

#[derive(Clone, Copy, Debug)]
pub(crate) struct Route {
    pub(crate) path: &'static str,
    pub(crate) look: For,
    write: For,
    fields: &'static str,
}

pub(crate) fn table() -> Vec<Route> {
    let whom = |word: &str| match word {
        "-" => Nobody,
        "anyone" => Anyone,
        "signed-in" => SignedIn,
        "members" => Members,
        "readers" => Readers,
        "insiders" => Insiders,
        "desk" => Desk,
        "invited" => Invited,
        "arriving" => Arriving,
        "reviewers" => Reviewers,
        "admins" => Admins,
        _ => panic!("{word}"),
    };
    let line = |line: &'static str| {
        let mut cells = line.split_whitespace();
        let mut cell = || cells.next().unwrap_or_default();
        Route { path: cell(), look: whom(cell()), write: whom(cell()), fields: cell() }
    };
    TABLE.lines().skip(1).map(line).collect()
}

impl Route {
    /// The address in an organisation.
    fn of(self, org: &str) -> String {
        self.path.replace("{org}", org).replace("{upload}", "0").replace("{token}", "0").replace("{id}", "0")
    }

    async fn filled(self, site: &Site) -> String {
        let mut fields = self.fields.to_owned();
        if fields.contains("{change}") {
            fields = fields.replace("{change}", &site.fresh_change(ORG).await);
        }
        if fields.contains("{key}") {
            fields = fields.replace("{key}", &site.fresh_key(ORG).await);
        }
        if fields.contains("{webhook}") {
            fields = fields.replace("{webhook}", &site.fresh_webhook(ORG).await);
        }
        if fields.contains("{review}") {
            fields = fields.replace("{review}", &site.open_review(ORG).await);
        }
        let account = site.account("@large.example").await.id;
        let address = format!("{}@quay.example", uuid::Uuid::now_v7().simple());
        fields
            .replace("{address}", &address)
            .replace("{version}", &site.snapshot(ORG).await.version.to_string())
            .replace("{knowledge}", &site.knowledge(ORG).await.version.to_string())
            .replace("{account}", &account)
    }

    /// The id of a file that is held for the admin: the same one for as long as it is.
    async fn upload(self, site: &Site) -> String {
        let (purpose, file, held) = if self.path.contains("/imports/") {
            (Purpose::People, COLLEAGUES, &site.import)
        } else {
            (Purpose::Export, EXPORT, &site.upload)
        };
        held.get_or_init(async || site.held(ORG, purpose, file).await).await.clone()
    }

    /// The address in an organisation, with what has to be made for it.
    async fn path(self, site: &Site, org: &str) -> String {
        let path = self.path.replace("{org}", org).replace("{upload}", &self.upload(site).await);
        let path = match path.contains("{id}") {
            true => path.replace("{id}", &site.finished_removal(ORG).await),
            false => path,
        };
        if path.contains("{token}") { path.replace("{token}", &site.invitation(ORG).await) } else { path }
    }

    /// The address of its page, with its query.
    pub(crate) async fn page(self, site: &Site, org: &str) -> String {
        let fields = self.filled(site).await;
        let path = self.path(site, org).await;
        if fields.is_empty() { path } else { format!("{path}?{fields}") }
    }

    async fn post(self, site: &Site, browser: &mut Browser, org: &str, headers: &[(&str, &str)]) -> Answer {
        let (content_type, body) = match self.path.rsplit('/').next() {
            Some("preview") => multipart("one.json", EXPORT, &[]),
            Some("people") => multipart("people.csv", COLLEAGUES, &[]),
            _ => (FORM.1, self.filled(site).await.into()),
        };
        let path = self.path(site, org).await;
        let headers = [headers, &[("content-type", content_type)]].concat();
        browser.post_raw(&path, &headers, body).await
    }
}

const EXPORT: &[u8] = br#"{"key": "A-1", "fields": {"summary": "One"}}"#;
const COLLEAGUES: &[u8] = b"username,display_name\nada,Ada Byron\n";

pub(crate) const ORG: &str = "large";
/// An organisation in which none of them has a role.
const OTHER_ORG: &str = "trial";
/// As long as the others, so that nothing in an answer differs for that.
const NO_ORG: &str = "ghost";

/// Who comes, as what they are to the organisation of the path.
const PEOPLE: [&str; 8] = [
    "nobody",
    "its admin",
    "its auditor",
    "its member",
    "another's admin",
    "support in review",
    "support at the door",
    "operator",
];

/// What someone gets.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Gets {
    It,
    /// The sign-in page.
    SignIn,
    /// A page that says which role it takes; in one's own organisation only.
    Refusal,
    /// The page on which support says what for.
    Door,
    /// The form again, with what is wrong.
    SomeoneElses,
    /// The very page that there is for what does not exist.
    Nothing,
}

/// `own` is whether the organisation of the path is the one of which the person is said to be something.
fn gets(person: &str, whom: For, own: bool) -> Gets {
    let of_org = matches!(whom, Members | Arriving | Readers | Insiders | Admins);
    match (person, whom) {
        (_, Nobody) => Gets::Nothing,
        (_, Anyone) | ("nobody", Invited) => Gets::It,
        (_, Invited) => Gets::SomeoneElses,
        ("nobody", _) => Gets::SignIn,
        (_, SignedIn) => Gets::It,
        ("support in review" | "support at the door", Desk) => Gets::It,
        // Of the organisation that it has not said anything about, the one in review knows as little as the other.
        ("support in review", Readers | Reviewers | Arriving) if own => Gets::It,
        ("support in review" | "support at the door", Readers | Reviewers | Arriving) => Gets::Door,
        _ if !own || !of_org => Gets::Nothing,
        ("its admin", _) => Gets::It,
        ("its auditor", Admins) | ("its member", Readers | Insiders | Admins) => Gets::Refusal,
        ("its auditor" | "its member", _) => Gets::It,
        _ => Gets::Nothing,
    }
}

pub(crate) async fn browser(site: &Site, person: &str) -> Browser {
    match person {
        "nobody" => site.anonymous(),
        "its admin" => site.admin(ORG).await,
        "its auditor" => site.signed_in("femke.bos@large.example").await,
        "its member" => site.signed_in("joris.kuipers@large.example").await,
        "another's admin" => site.signed_in("amara.nwosu@premium.example").await,
        "support in review" => {
            site.open_review(ORG).await;
            site.support().await
        }
        "support at the door" => site.signed_in("mara.lindholm@vendor.example").await,
        "operator" => site.signed_in("ada.brennan@vendor.example").await,
        _ => panic!("{person}"),
    }
}

/// An answer without what is new each time and without its own address, to compare with another.
fn comparable(answer: &Answer, org: &str) -> (StatusCode, Vec<(String, String)>, String) {
    let here = answer.field("back").unwrap().replace('&', "&amp;");
    let same = |text: &str| {
        let text = text.replace(answer.nonce(), "NONCE");
        text.replace(&format!("name=\"back\" value=\"{here}\""), &format!("HERE {}", here.replace(org, "ORG")))
    };
    let headers = answer
        .headers
        .iter()
        .filter(|(name, _)| name.as_str() != "x-request-id")
        .map(|(name, value)| (name.to_string(), same(value.to_str().unwrap())))
        .collect();
    (answer.status, headers, same(&answer.body))
}

#[test]
fn the_table_has_every_route() {
    let listed: BTreeSet<&str> = table().iter().map(|route| route.path).collect();
    let routed: BTreeSet<&str> = routes().iter().map(|(path, _)| *path).collect();
    assert_eq!(listed, routed);
}

/// Every route and method × everyone × their own organisation, another, and one that does not exist.
#[tokio::test]
async fn each_route_is_open_to_whom_it_is_for() {
    let provider = Provider::start().await;
    let site = provider.site().await;
    let mut cells = 0;
    let mut visitors = Vec::new();
    for person in PEOPLE {
        visitors.push((person, browser(&site, person).await));
    }
    for route in table() {
        let tenants: &[&str] = if route.path.contains("{org}") { &[ORG, OTHER_ORG, NO_ORG] } else { &[ORG] };
        for (person, visitor) in &visitors {
            for (method, whom) in [(Method::GET, route.look), (Method::POST, route.write)] {
                for tenant in tenants {
                    cells += 1;
                    // Some routes end a session or a look.
                    let ends = ["/leave", "/answer"].iter().any(|end| route.path.ends_with(end))
                        || ["/sign-", "/account/"].iter().any(|start| route.path.starts_with(start))
                        || route.path.ends_with("/access/sessions");
                    let visitor = if ends { browser(&site, person).await } else { visitor.clone() };
                    if *person == "support in review" {
                        site.open_review(ORG).await;
                    }
                    cell(&site, route, person, visitor, &method, whom, tenant).await;
                }
            }
        }
    }
    #[allow(clippy::print_stdout, reason = "how much was walked is what the test has to show")]
    {
        println!("walked {cells} cells: route and method × role × tenant");
    }
    assert!(cells > 1_500, "only {cells} cells were walked");
}

/// One cell of the table: what is answered, and that nothing was written by whoever may not.
async fn cell(site: &Site, route: Route, person: &str, mut visitor: Browser, method: &Method, whom: For, tenant: &str) {
    let case = format!("{method} {} of {tenant} by {person}", route.path);
    let page = route.page(site, ORG).await;
    let before = written(site).await;
    let mut ask = async |org: &str| match *method {
        Method::GET => visitor.get(&page.replace(ORG, org)).await,
        _ => route.post(site, &mut visitor, org, &[OWN_PAGE]).await,
    };
    let answer = ask(tenant).await;
    let wrote = written(site).await != before;
    // What a person sees must not depend on whether an organisation that is not theirs exists, except for support.
    let nothing_there = tenant == NO_ORG && !matches!(whom, Anyone | SignedIn | Invited | Nobody);
    let expected = match gets(person, whom, tenant == ORG) {
        Gets::It | Gets::Door if nothing_there && route.path.contains("{org}") => Gets::Nothing,
        other => other,
    };
    match expected {
        Gets::It => {
            let leads_on = match *method {
                Method::GET => {
                    ["/", "/orgs/{org}", "/sign-in/oidc/callback"].contains(&route.path)
                        || route.path == "/sign-in" && person != "nobody"
                }
                // What was found, a new key or secret, a new link and records that were opened are shown at once: no address leads to
                // them. A page leads to the provider of sign-in.
                _ => {
                    let shown = [
                        "/verify",
                        "/keys",
                        "/webhooks",
                        "/access/invitations",
                        "/ledger/records",
                        "/oidc",
                        "/oidc/again",
                    ];
                    !shown.iter().any(|end| route.path.ends_with(end))
                }
            };
            let expected = if leads_on { StatusCode::SEE_OTHER } else { StatusCode::OK };
            assert_eq!(answer.status, expected, "{case}: {}", html::text(&answer.body));
            assert!(!answer.location().starts_with("/sign-in?next="), "{case}");
            return;
        }
        Gets::SignIn => {
            let at = page.replace(ORG, tenant);
            let next = if method == Method::GET { at.as_str() } else { "" };
            let sign_in = format!("/sign-in?{}", filled("next={next}", &[("next", next)]));
            assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, sign_in.as_str()), "{case}");
        }
        Gets::Door => {
            assert_eq!(answer.location(), format!("/support/orgs/{tenant}"), "{case}");
        }
        Gets::SomeoneElses => {
            assert!(answer.is_refusal() && answer.says("and you are signed in as"), "{case}");
        }
        Gets::Refusal => {
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{case}");
            assert!(answer.is_page() && answer.says("This needs the role"), "{case}");
        }
        Gets::Nothing => {
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{case}: {}", html::text(&answer.body));
            assert!(answer.is_page() && answer.says("There is nothing here, or nothing that you may see."), "{case}");
            let ghost = ask(NO_ORG).await;
            assert_eq!(comparable(&answer, tenant), comparable(&ghost, NO_ORG), "{case}: as if it did not exist");
        }
    }
    // Undoing needs a change to undo, which is written past the pages; so are the looks of support and invitations.
    let made =
        ["{change}", "{review}"].iter().any(|made| route.fields.contains(made)) || route.path.contains("{token}");
    if !made {
        assert!(!wrote, "{case} wrote something");
    }
}

/// Everything that a page can change, of both organisations. The audit log is not in it: a refusal is written there.
async fn written(site: &Site) -> String {
    let mut all = String::new();
    for org in [ORG, OTHER_ORG] {
        let snapshot = site.snapshot(org).await;
        let store = &site.sluice.store;
        let reviews = store.reviews(&snapshot.org.id, site.sluice.now(), 100).await.unwrap();
        let must_ask = store.support_must_ask(&snapshot.org.id).await.unwrap();
        let knowledge = site.knowledge(org).await.version;
        let members = store.members(&snapshot.org.id, site.sluice.now()).await.unwrap();
        let roles: Vec<_> = members.into_iter().map(|member| (member.account.id, member.role)).collect();
        let invitations = store.invitations(&snapshot.org.id, site.sluice.now()).await.unwrap();
        all += &format!("{} {knowledge} {reviews:?} {must_ask} {roles:?} {invitations:?} ", snapshot.version);
    }
    all
}

/// The signed-out visitor of a page comes back to it.
#[tokio::test]
async fn signing_in_leads_back_to_the_page() {
    let site = Site::demo().await;
    let account = site.account("@large.example").await.id;
    for route in table().into_iter().filter(|route| matches!(route.look, Readers | Insiders | Admins)) {
        let mut visitor = site.anonymous();
        let page = route.page(&site, ORG).await;
        let sign_in = visitor.get(&page).await.location().to_owned();
        let next = visitor.get(&sign_in).await.field("next").unwrap();
        let blanks = [("account", account.as_str()), ("next", &next)];
        let answer = visitor.post("/sign-in/demo", &filled("account={account}&next={next}", &blanks)).await;
        assert_eq!(answer.location(), page);
    }
}

#[tokio::test]
async fn no_other_method_is_answered() {
    let site = Site::demo().await;
    let mut admin = site.admin(ORG).await;
    for route in table() {
        for method in [Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS, Method::TRACE] {
            let request = Request::builder().method(&method).uri(route.of(ORG)).header(OWN_PAGE.0, OWN_PAGE.1);
            let answer = admin.send(request.body(Body::empty()).unwrap()).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{method} {}", route.path);
            assert!(answer.is_page(), "{method} {}", route.path);
        }
    }
}

/// A form is taken from the site's own pages only.
#[tokio::test]
async fn a_form_of_another_site_changes_nothing() {
    let provider = Provider::start().await;
    let site = provider.site().await;
    let own = format!("http://{HOST}");
    let foreign: [&[(&str, &str)]; 9] = [
        &[],
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
        &[("sec-fetch-site", "none")],
        &[("sec-fetch-site", "")],
        &[("origin", "https://evil.example")],
        &[("origin", "null")],
        &[("origin", "http://sluice.example.evil.example")],
        &[("sec-fetch-site", "cross-site"), ("origin", &own)],
    ];
    for route in table().into_iter().filter(|route| ![Nobody, Invited].contains(&route.write)) {
        let mut admin = if route.write == Desk { site.support().await } else { site.admin(ORG).await };
        let settings = format!("{:?}", site.snapshot(ORG).await.state.settings);
        for from in foreign {
            let case = format!("{} from {from:?}", route.path);
            let cookies = admin.cookies.clone();
            let answer = route.post(&site, &mut admin, ORG, from).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{case}");
            assert!(answer.is_refusal() && answer.says("Not from this site"), "{case}");
            assert_eq!(admin.cookies, cookies, "{case}");
            assert_eq!(admin.get("/orgs").await.status, StatusCode::OK, "{case}: still signed in");
        }
        if !route.fields.contains("{change}") {
            assert_eq!(format!("{:?}", site.snapshot(ORG).await.state.settings), settings, "{}", route.path);
        }
        // An older browser says only where the form stood.
        let answer = route.post(&site, &mut admin, ORG, &[("origin", &own)]).await;
        assert!(matches!(answer.status, StatusCode::OK | StatusCode::SEE_OTHER), "{}: {}", route.path, answer.status);
    }
}

const POLICY: &str = "default-src 'none'; script-src 'self' 'nonce-NONCE' 'wasm-unsafe-eval'; style-src 'self'; \
                      img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// On a page, on a redirect, on a refusal alike.
#[tokio::test]
async fn every_answer_carries_its_headers() {
    let provider = Provider::start().await;
    let site = provider.site().await;
    let mut admin = site.admin(ORG).await;
    let mut nonces = BTreeSet::new();
    let mut answers = vec![
        ("nothing there".to_owned(), admin.get("/nowhere").await),
        ("another organisation".to_owned(), admin.get("/orgs/enterprise").await),
        ("a foreign form".to_owned(), admin.post_raw("/sign-out", &[FORM], "").await),
        ("signed out".to_owned(), site.anonymous().get("/orgs").await),
    ];
    for route in table().into_iter().filter(|route| route.look != Nobody) {
        for _ in 0..2 {
            answers.push((route.path.to_owned(), admin.get(&route.page(&site, ORG).await).await));
        }
    }
    let expected = [
        ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=()"),
    ];
    for (case, answer) in &answers {
        for (name, value) in expected {
            assert_eq!(answer.header(name), value, "{case}");
        }
        let nonce = answer.nonce();
        assert_eq!(answer.header("content-security-policy"), POLICY.replace("NONCE", nonce), "{case}");
        assert!(nonce.len() >= 22 && nonces.insert(nonce.to_owned()), "{case}: a nonce is new and cannot be guessed");
        assert!(!answer.header("x-request-id").is_empty(), "{case}");
        for tag in html::tags(&answer.body).into_iter().filter(|_| answer.is_page()) {
            match tag.name.as_str() {
                "script" => assert_eq!(tag.attribute("nonce"), Some(nonce), "{case}: {tag:?}"),
                "style" => panic!("{case}: the policy does not allow {tag:?}"),
                _ => {
                    assert!(tag.attribute("style").is_none(), "{case}: the policy does not allow the style of {tag:?}")
                }
            }
        }
    }
    let pages = answers.iter().filter(|(_, answer)| answer.is_page() && answer.body.contains("<script")).count();
    assert!(pages > 15, "{pages} pages had a script to compare");
}

/// What support sees is the admin's page without a way to change anything.
#[tokio::test]
async fn support_finds_nothing_to_press() {
    let site = Site::demo().await;
    site.open_review(ORG).await;
    let (mut support, mut admin) = (site.support().await, site.admin(ORG).await);
    let change = site.fresh_change(ORG).await;
    let more = format!("?app=jira&changed={change}&target=space:jira/HR");
    let forms = |answer: &Answer| -> BTreeSet<String> {
        let forms = html::tags(&answer.body).into_iter().filter(|tag| tag.attribute("method") == Some("post"));
        forms.map(|tag| tag.attribute("action").unwrap_or_default().to_owned()).collect()
    };
    let of_every_page = ["/preferences/theme", "/preferences/language", "/sign-out", "/support/orgs/large/leave"];
    for route in
        table().into_iter().filter(|route| matches!(route.look, Readers | Reviewers) && route.path != "/orgs/{org}")
    {
        for page in [route.page(&site, ORG).await, route.of(ORG) + &more] {
            let [seen, own] = [support.get(&page).await, admin.get(&page).await];
            assert_eq!(seen.status, StatusCode::OK, "{page}");
            if !seen.is_page() {
                assert!(html::tags(&seen.body).is_empty(), "{page}: a file to take away has nothing to press");
                break;
            }
            let beyond: Vec<_> = forms(&seen).into_iter().filter(|to| !of_every_page.contains(&to.as_str())).collect();
            assert!(beyond.is_empty(), "{page}: {beyond:?}");
            let elsewhere = html::tags(&seen.body).into_iter().find(|tag| tag.attribute("formaction").is_some());
            assert!(elsewhere.is_none(), "{page}: {elsewhere:?}");
            let main = seen.body.split_once("<main").unwrap().1.split_once("</main>").unwrap().0;
            for control in ["form", "input", "button", "select", "textarea"] {
                assert!(!html::tags(main).iter().any(|tag| tag.name == control), "{page} has a {control}");
            }
            if ["data-contribution", "history"].iter().any(|of| route.path.ends_with(of)) {
                assert!(forms(&own).len() > 2, "{page}: the admin does find something");
            }
        }
    }
    let page = support.get("/orgs/large/security/data-contribution").await;
    assert!(page.says("You are reviewing Polder Logistics") && page.says("minutes left"));
}

/// What is served from the folder of the front end stays in that folder.
#[tokio::test]
async fn files_outside_the_site_are_not_served() {
    let site = Site::demo().await;
    let mut visitor = site.anonymous();
    let icon = visitor.get("/favicon.svg").await;
    assert_eq!((icon.status, icon.header("content-type")), (StatusCode::OK, "image/svg+xml"));
    assert_eq!((icon.header("cache-control"), icon.header("x-content-type-options")), ("no-cache", "nosniff"));
    for up in ["..", "%2e%2e", "..%2f..", "%2e%2e%2f..", "..%5c..", "."] {
        for path in
            [format!("/pkg/{up}/Cargo.toml"), format!("/pkg/{up}/{up}/Cargo.toml"), format!("/pkg/{up}/favicon.svg")]
        {
            let answer = visitor.get(&path).await;
            assert!(!answer.body.contains("[package]"), "{path}");
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        }
    }
    assert_eq!(visitor.get("/pkg//etc/hostname").await.status, StatusCode::NOT_FOUND);
}
