//! Roles, invitations, passwords and sessions, as people meet them.

use axum::http::StatusCode;
use service::demo::PASSWORD;
use service::ports::Clock as _;

use crate::html;
use crate::site::{Answer, Browser, Site, filled};

const OK: StatusCode = StatusCode::OK;
const DONE: StatusCode = StatusCode::SEE_OTHER;
const REFUSED: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;

const ACCESS: &str = "/orgs/large/security/access";
const SANNE: &str = "sanne.de.wit@large.example";
const FEMKE: &str = "femke.bos@large.example";
const JORIS: &str = "joris.kuipers@large.example";
const LONG_WORDS: &str = "a heron on the sluice gate";

/// The demo at the time of the machine, which is that of sessions.
async fn site() -> Site {
    let site = Site::demo().await;
    site.clock.set(server::clock::SystemClock.now());
    site
}

/// The actions in an organisation's audit log after a place in it, oldest first.
async fn logged(site: &Site, slug: &str, after: i64) -> Vec<String> {
    let org = site.sluice.store.organisation(slug).await.unwrap().unwrap();
    let lines = site.sluice.store.audit_lines(&org.id, after, 1_000).await.unwrap();
    lines.lines().map(|line| audit::Entry::of_line(line).unwrap().0.action.id().to_owned()).collect()
}

async fn end_of_log(site: &Site, slug: &str) -> i64 {
    let org = site.sluice.store.organisation(slug).await.unwrap().unwrap();
    site.sluice.store.audit_head(&org.id).await.unwrap().sequence
}

/// What was logged apart from signing in, which is told elsewhere.
async fn changes_logged(site: &Site, slug: &str, after: i64) -> Vec<String> {
    let all = logged(site, slug, after).await;
    all.into_iter().filter(|action| action != "session.sign-in" && action != "session.sign-out").collect()
}

async fn change_role(browser: &mut Browser, account: &str, role: &str) -> Answer {
    browser.post(&format!("{ACCESS}/role"), &format!("account={account}&role={role}")).await
}

async fn sign_in(site: &Site, email: &str, password: &str) -> (Browser, Answer) {
    let mut browser = site.anonymous();
    let form = filled("email={email}&password={password}", &[("email", email), ("password", password)]);
    let answer = browser.post("/sign-in", &form).await;
    (browser, answer)
}

/// Invites and returns the path of the link.
async fn invite(admin: &mut Browser, email: &str, role: &str) -> String {
    let form = filled("email={email}&role={role}", &[("email", email), ("role", role)]);
    let answer = admin.post(&format!("{ACCESS}/invitations"), &form).await;
    assert_eq!(answer.status, OK, "{}", html::text(&answer.body));
    let link = html::tags(&answer.body)
        .into_iter()
        .filter_map(|tag| tag.attribute("value").map(str::to_owned))
        .find(|value| value.contains("/invitations/"))
        .unwrap();
    let path = link.strip_prefix("http://sluice.example").unwrap();
    assert!(path.len() >= "/invitations/".len() + 32, "{path} cannot be guessed");
    path.to_owned()
}

#[tokio::test]
async fn an_admin_changes_roles_and_one_admin_remains() {
    let site = site().await;
    let mut admin = site.admin("large").await;
    let [sanne, femke] = [site.account(SANNE).await, site.account(FEMKE).await];
    let page = admin.get(ACCESS).await;
    for shown in ["Sanne de Wit", "Femke Bos", FEMKE, "Joris Kuipers", "Signed in now"] {
        assert!(page.says(shown), "{shown}");
    }
    // The auditor may not look at it, and still may not after trying.
    let mut auditor = site.signed_in(FEMKE).await;
    assert_eq!(auditor.get(ACCESS).await.status, StatusCode::FORBIDDEN);

    for role in ["auditor", "member", "none"] {
        let refused = change_role(&mut admin, &sanne.id, role).await;
        assert_eq!(refused.status, REFUSED, "{role}");
        assert!(refused.is_refusal() && refused.says("This is the last admin of the organisation."), "{role}");
    }
    let start = end_of_log(&site, "large").await;
    let done = change_role(&mut admin, &femke.id, "admin").await;
    assert_eq!(done.status, DONE);
    assert!(admin.get(done.location()).await.says("The role was changed."));
    assert_eq!(auditor.get(ACCESS).await.status, OK);
    assert_eq!(change_role(&mut admin, &femke.id, "admin").await.status, DONE, "what is so already is no mistake");
    assert_eq!(changes_logged(&site, "large", start).await, ["role.change"]);

    // Now Sanne may go, and Femke may not.
    assert_eq!(change_role(&mut admin, &sanne.id, "none").await.location(), "/");
    assert_eq!(admin.get(ACCESS).await.status, StatusCode::NOT_FOUND, "as if it did not exist");
    assert_eq!(change_role(&mut auditor, &femke.id, "member").await.status, REFUSED);
    assert_eq!(changes_logged(&site, "large", start).await, ["role.change", "role.change"]);

    let stranger = site.account("@free.example").await.id;
    for nobody in [stranger.as_str(), "", "nobody"] {
        let refused = change_role(&mut auditor, nobody, "admin").await;
        assert!(refused.status == REFUSED && refused.says("This person has no role here"), "{nobody:?}");
    }
    assert_eq!(change_role(&mut auditor, &femke.id, "owner").await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn someone_new_accepts_an_invitation_once() {
    let site = site().await;
    let mut admin = site.admin("large").await;
    let start = end_of_log(&site, "large").await;
    let link = invite(&mut admin, " Maud.Ferreira@Quay.example ", "auditor").await;
    let page = admin.get(ACCESS).await;
    assert!(page.says("maud.ferreira@quay.example") && !page.body.contains(&link), "the link is shown once");
    let again = admin.post(&format!("{ACCESS}/invitations"), "email=maud.ferreira%40quay.example&role=member").await;
    assert!(again.status == REFUSED && again.says("was invited already"));
    assert_eq!(again.field("email").as_deref(), Some("maud.ferreira@quay.example"), "what was typed stays");

    let mut maud = site.anonymous();
    let page = maud.get(&link).await;
    assert!(page.status == OK && page.says("Sanne de Wit invites maud.ferreira@quay.example as auditor"));
    for (name, password, wrong) in [
        ("", LONG_WORDS, "Write your name"),
        ("Maud Ferreira", "short", "fewer than 8 characters"),
        ("Maud Ferreira", "password1", "tried first"),
        ("Maud Ferreira", "I am maud.ferreira", "the name of your e-mail address"),
    ] {
        let form = filled("name={name}&new={password}", &[("name", name), ("password", password)]);
        let refused = maud.post(&link, &form).await;
        assert!(refused.is_refusal() && refused.says(wrong), "{name} {password}: {}", html::text(&refused.body));
        assert_eq!(refused.field("name").as_deref(), Some(name), "what was typed stays");
        assert!(maud.cookies.is_empty());
    }
    let form = filled("name={name}&new={password}", &[("name", "Maud  Ferreira"), ("password", LONG_WORDS)]);
    let accepted = maud.post(&link, &form).await;
    assert_eq!((accepted.status, accepted.location()), (DONE, "/orgs/large"), "{}", html::text(&accepted.body));
    assert_eq!(maud.get("/orgs/large").await.location(), "/orgs/large/security/data-contribution");
    assert_eq!(
        changes_logged(&site, "large", start).await,
        ["invitation.create", "account.create", "invitation.accept", "role.change"]
    );
    let org = site.sluice.store.organisation("large").await.unwrap().unwrap();
    let log = site.sluice.store.audit_lines(&org.id, start, 1_000).await.unwrap();
    assert!(!log.to_lowercase().contains("maud"), "people are in the log by id only: {log}");

    let (_, answer) = sign_in(&site, "maud.ferreira@quay.example", LONG_WORDS).await;
    assert_eq!(answer.status, DONE);
    let gone = site.anonymous().post(&link, &form).await;
    assert!(gone.status == StatusCode::NOT_FOUND && gone.says("This link cannot be used"));
}

#[tokio::test]
async fn every_link_that_cannot_be_used_looks_the_same() {
    let site = site().await;
    let mut admin = site.admin("large").await;
    let used = invite(&mut admin, "used@quay.example", "member").await;
    let form = filled("name=Used&new={password}", &[("password", LONG_WORDS)]);
    assert_eq!(site.anonymous().post(&used, &form).await.status, DONE);

    let withdrawn = invite(&mut admin, "withdrawn@quay.example", "member").await;
    let page = admin.get(ACCESS).await;
    let invitation = html::tags(&page.body)
        .into_iter()
        .find(|tag| tag.attribute("name") == Some("invitation"))
        .and_then(|tag| tag.attribute("value").map(str::to_owned))
        .unwrap();
    // Another organisation's admin cannot withdraw it.
    let mut other = site.admin("free").await;
    let form_of = format!("invitation={invitation}");
    assert_eq!(other.post("/orgs/free/security/access/invitations/withdraw", &form_of).await.status, DONE);
    assert_eq!(site.anonymous().get(&withdrawn).await.status, OK);
    let done = admin.post(&format!("{ACCESS}/invitations/withdraw"), &form_of).await;
    assert!(admin.get(done.location()).await.says("The invitation was withdrawn."));

    let old = invite(&mut admin, "old@quay.example", "member").await;
    site.clock.pass_minutes(7 * 24 * 60 - 1);
    assert_eq!(site.anonymous().get(&old).await.status, OK);
    site.clock.pass_minutes(1);

    let comparable = |answer: &Answer, link: &str| {
        let body = answer.body.replace(answer.nonce(), "NONCE").replace(link, "LINK");
        (answer.status, body)
    };
    let wrong = "/invitations/00000000000000000000000000000000";
    let expected = comparable(&site.anonymous().get(wrong).await, wrong);
    assert_eq!(expected.0, StatusCode::NOT_FOUND);
    assert!(html::text(&expected.1).contains("Nothing was saved. Ask whoever invited you for a new link."));
    for link in [&used, &withdrawn, &old] {
        assert_eq!(comparable(&site.anonymous().get(link).await, link), expected);
        assert_eq!(comparable(&site.anonymous().post(link, &form).await, link), expected);
    }
}

#[tokio::test]
async fn someone_with_an_account_accepts_with_one_click() {
    let site = site().await;
    let mut admin = site.admin("large").await;
    let ines = "ines.falk@free.example";
    let link = invite(&mut admin, ines, "member").await;

    // Not as a new account, and not as anyone else.
    let mut nobody = site.anonymous();
    let page = nobody.get(&link).await;
    assert!(page.says("There is an account with the address ines.falk@free.example") && page.field("name").is_none());
    let form = filled("name=Ines&new={password}", &[("password", LONG_WORDS)]);
    assert!(nobody.post(&link, &form).await.is_refusal());
    for other in ["@enterprise.example", "robin.castellan@vendor.example"] {
        let mut other = site.signed_in(other).await;
        let page = other.get(&link).await;
        assert!(page.says("Sign out and open the link again") && !page.offers(&link));
        assert!(other.post(&link, "").await.is_refusal());
        assert_eq!(other.get("/orgs/large/spaces").await.status, StatusCode::NOT_FOUND);
    }

    let sign_in = html::tags(&page.body)
        .into_iter()
        .find(|tag| tag.name == "a" && tag.attribute("href").is_some_and(|href| href.starts_with("/sign-in?next")));
    let next = nobody.get(sign_in.unwrap().attribute("href").unwrap()).await.field("next").unwrap();
    let blanks = [("email", ines), ("password", PASSWORD), ("next", &next)];
    let signed_in = nobody.post("/sign-in", &filled("email={email}&password={password}&next={next}", &blanks)).await;
    assert_eq!(signed_in.location(), link);
    let start = end_of_log(&site, "large").await;
    assert!(nobody.get(&link).await.offers(&link));
    assert_eq!(nobody.post(&link, "").await.location(), "/orgs/large");
    assert_eq!(nobody.get("/orgs/large").await.location(), "/orgs/large/spaces");
    assert_eq!(changes_logged(&site, "large", start).await, ["invitation.accept", "role.change"]);
    let again = admin.post(&format!("{ACCESS}/invitations"), "email=ines.falk%40free.example&role=admin").await;
    assert!(again.is_refusal() && again.says("has a role here already"));
    for (email, role) in [("", "member"), ("ines", "member"), ("x@y.example", ""), ("x@y.example", "owner")] {
        let refused = admin
            .post(&format!("{ACCESS}/invitations"), &filled("email={e}&role={r}", &[("e", email), ("r", role)]))
            .await;
        assert!(refused.is_refusal(), "{email} {role}");
        assert_eq!(refused.field("email").as_deref(), Some(email), "what was typed stays");
    }
}

#[tokio::test]
async fn a_new_password_signs_every_other_browser_out() {
    let site = site().await;
    let (mut here, mut there) = (site.admin("large").await, site.admin("large").await);
    let page = here.get("/account").await;
    assert!(page.status == OK && page.says("Sanne de Wit") && page.says(SANNE));
    let start = end_of_log(&site, "large").await;
    for (current, new, wrong) in [
        ("not this", LONG_WORDS, "The current password is not right."),
        ("", LONG_WORDS, "The current password is not right."),
        (PASSWORD, "short", "fewer than 8 characters"),
        (PASSWORD, "iloveyou", "tried first"),
        (PASSWORD, "Sanne.de.Wit works here", "the name of your e-mail address"),
    ] {
        let form = filled("current={current}&new={new}", &[("current", current), ("new", new)]);
        let refused = here.post("/account/password", &form).await;
        assert!(refused.is_refusal() && refused.says(wrong), "{new}: {}", html::text(&refused.body));
        assert_eq!(there.get("/account").await.status, OK);
    }
    assert!(changes_logged(&site, "large", start).await.is_empty());

    let before = here.cookies["sluice"].clone();
    let form = filled("current={current}&new={new}", &[("current", PASSWORD), ("new", LONG_WORDS)]);
    let done = here.post("/account/password", &form).await;
    assert_eq!(done.status, DONE, "{}", html::text(&done.body));
    assert!(here.get(done.location()).await.says("The password was changed"));
    assert_ne!(here.cookies["sluice"], before, "the session goes on under another id");
    assert!(there.get("/account").await.location().starts_with("/sign-in"));
    assert_eq!(changes_logged(&site, "large", start).await, ["account.password"]);
    assert_eq!(sign_in(&site, SANNE, PASSWORD).await.1.status, REFUSED);
    assert_eq!(sign_in(&site, SANNE, LONG_WORDS).await.1.status, DONE);
}

#[tokio::test]
async fn sessions_are_listed_and_ended() {
    let site = site().await;
    let mut here = site.admin("large").await;
    let mut others = [site.admin("large").await, site.admin("large").await, site.admin("large").await];
    let mut stranger = site.admin("free").await;
    let start = end_of_log(&site, "large").await;
    let listed = |page: &Answer| -> Vec<String> {
        let tags = html::tags(&page.body).into_iter().filter(|tag| tag.attribute("name") == Some("session"));
        tags.filter_map(|tag| tag.attribute("value").map(str::to_owned)).collect()
    };
    let page = here.get("/account").await;
    assert_eq!(page.body.matches("This one").count(), 1);
    let digits = listed(&page);
    assert_eq!(digits.len(), 3, "all but this one can be ended");
    assert!(digits.iter().all(|digits| digits.len() == 12));

    // Nobody else's.
    assert_eq!(listed(&stranger.get("/account").await), Vec::<String>::new());
    let form = format!("session={}", digits[0]);
    let ended = stranger.post("/account/sessions/end", &form).await;
    assert!(stranger.get(ended.location()).await.says("Signed out: 0 browsers."));
    assert_eq!(listed(&here.get("/account").await).len(), 3);

    let ended = here.post("/account/sessions/end", &form).await;
    assert!(here.get(ended.location()).await.says("Signed out: 1 browser."));
    let mut signed_in = 0;
    for other in &mut others {
        signed_in += usize::from(other.get("/account").await.status == OK);
    }
    assert_eq!(signed_in, 2);
    let ended = here.post("/account/sessions/end", "others=yes").await;
    assert!(here.get(ended.location()).await.says("Signed out: 2 browsers."));
    for other in &mut others {
        assert_eq!(other.get("/account").await.status, DONE);
    }
    assert_eq!(changes_logged(&site, "large", start).await, ["session.end", "session.end-all"]);
    assert_eq!(here.post("/account/sessions/end", "").await.status, StatusCode::BAD_REQUEST);

    // An admin ends those of a person, and of nobody outside the organisation.
    let mut femke = site.signed_in(FEMKE).await;
    let femke_id = site.account(FEMKE).await.id;
    let ended = here.post(&format!("{ACCESS}/sessions"), &format!("account={femke_id}")).await;
    assert!(here.get(ended.location()).await.says("Signed out: 1 browser."));
    assert!(femke.get("/account").await.location().starts_with("/sign-in"));
    let stranger_id = site.account("@free.example").await.id;
    assert_eq!(here.post(&format!("{ACCESS}/sessions"), &format!("account={stranger_id}")).await.status, REFUSED);
    assert_eq!(stranger.get("/account").await.status, OK);
}

#[tokio::test]
async fn a_whole_organisation_widens_with_the_password_only() {
    let site = Site::demo().await;
    let mut admin = site.admin("enterprise").await;
    let review = "/orgs/enterprise/security/data-contribution/review";
    let wish = format!("{review}?to=on&target=in-app");
    let asks = |answer: &Answer| answer.field("password").is_some();
    assert!(!asks(&admin.get(&wish).await), "signing in counts for a while");
    site.clock.pass_minutes(9);
    assert!(!asks(&admin.get(&wish).await));
    site.clock.pass_minutes(1);
    assert!(asks(&admin.get(&wish).await));
    assert!(!asks(&admin.get(&format!("{review}?to=on&target=space:jira/OPS")).await), "one space is not everything");

    let version = site.snapshot("enterprise").await.version.to_string();
    let form = |password: &str| {
        let blanks = [("version", version.as_str()), ("name", "Meridian Instruments"), ("password", password)];
        filled("to=on&target=in-app&version={version}&reason=Agreed&name={name}&password={password}", &blanks)
    };
    let start = end_of_log(&site, "enterprise").await;
    for (password, wrong) in [("", "Type your password"), ("not this", "That is not your password.")] {
        let refused = admin.post(review, &form(password)).await;
        assert!(refused.status == REFUSED && refused.is_refusal() && refused.says(wrong), "{password}");
        assert_eq!(refused.field("reason").as_deref(), Some("Agreed"), "what was typed stays");
        assert_eq!(refused.field("name").as_deref(), Some("Meridian Instruments"));
        assert_eq!(refused.field("password").as_deref(), Some(""), "but not the password");
        assert_eq!(site.chosen("enterprise", "in-app").await, None);
    }
    let said = logged(&site, "enterprise", start).await;
    assert!(said.contains(&"session.sign-in".to_owned()), "a wrong password is in the log: {said:?}");
    assert_eq!(admin.post(review, &form(PASSWORD)).await.status, DONE);
    assert_eq!(site.chosen("enterprise", "in-app").await, Some(true));
    // It was typed just now.
    assert!(!asks(&admin.get(&format!("{review}?to=remove&target=in-app")).await));
}

/// Another admin can do all that takes the password.
#[tokio::test]
async fn an_admin_is_made_with_the_password_only() {
    let site = site().await;
    let mut admin = site.admin("large").await;
    let femke = site.account(FEMKE).await.id;
    site.clock.pass_minutes(11);
    let start = end_of_log(&site, "large").await;
    let asked = change_role(&mut admin, &femke, "admin").await;
    assert!(asked.status == REFUSED && asked.is_refusal() && asked.says("Type your password"));
    assert_eq!(asked.field("account").as_deref(), Some(femke.as_str()), "the form is there to be sent again");
    let form = |password: &str| format!("account={femke}&role=admin&password={password}");
    let wrong = admin.post(&format!("{ACCESS}/role"), &form("nonsense")).await;
    assert!(wrong.status == REFUSED && wrong.says("That is not your password."));
    assert_eq!(changes_logged(&site, "large", start).await, Vec::<String>::new());
    let invited = admin.post(&format!("{ACCESS}/invitations"), "email=maud%40quay.example&role=admin").await;
    assert!(invited.status == REFUSED && invited.field("email").as_deref() == Some("maud@quay.example"));
    assert_eq!(change_role(&mut admin, &femke, "member").await.status, DONE, "another role takes none");
    assert_eq!(admin.post(&format!("{ACCESS}/role"), &form(&filled("{p}", &[("p", PASSWORD)]))).await.status, DONE);
    // It was typed just now.
    let invited = admin.post(&format!("{ACCESS}/invitations"), "email=maud%40quay.example&role=admin").await;
    assert_eq!(invited.status, OK);
}

#[tokio::test]
async fn a_member_sees_spaces_and_nothing_else() {
    let site = Site::demo().await;
    let mut joris = site.signed_in(JORIS).await;
    assert_eq!(joris.get("/").await.location(), "/orgs/large/spaces");
    assert_eq!(joris.get("/orgs/large").await.location(), "/orgs/large/spaces");
    let page = joris.get("/orgs/large/spaces").await;
    assert!(page.status == OK && page.says("Does my space contribute?") && page.says("The first 50 of 400 spaces."));
    let links: Vec<String> = html::tags(&page.body)
        .into_iter()
        .filter_map(|tag| tag.attribute("href").map(str::to_owned))
        .filter(|href| href.contains("/security/"))
        .collect();
    assert!(links.is_empty(), "{links:?}");
    for (search, name, metadata, in_app) in [
        ("MOBILE", "Mobile apps", true, true),
        ("public api", "Public API", true, false),
        ("hr", "Human Resources", true, false),
    ] {
        let page = joris.get(&format!("/orgs/large/spaces?{}", filled("q={q}", &[("q", search)]))).await;
        let text = html::text(&page.body.replace("</", " </"));
        let words = |on: bool| if on { "Contributes" } else { "Does not contribute" };
        let row = text.split(name).nth(1).unwrap();
        assert!(row.find(words(metadata)).is_some_and(|at| at < 120), "{search}: {row}");
        let (_, rest) = row.split_once(words(metadata)).unwrap();
        assert!(rest.contains(words(in_app)), "{search}: {row}");
    }
    assert!(joris.get("/orgs/large/spaces?q=nowhere").await.says("No space matches “nowhere”."));
    for path in ["data-contribution", "preview", "terms", "people", "access", "data-types", "data-contribution/history"]
    {
        let answer = joris.get(&format!("/orgs/large/security/{path}")).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
        assert!(answer.is_page() && answer.says("Not with your role"), "{path}");
    }
}

#[tokio::test]
async fn an_auditor_reads_and_presses_nothing() {
    let site = Site::demo().await;
    let mut femke = site.signed_in(FEMKE).await;
    assert_eq!(femke.get("/").await.location(), "/orgs/large/security/data-contribution");
    let change = site.fresh_change("large").await;
    for path in [
        "data-contribution?app=jira",
        &format!("data-contribution?changed={change}"),
        "data-contribution/history",
        "data-contribution/why?target=organisation",
        "preview?sample=page",
        "terms",
        "people",
        "data-types",
    ] {
        let page = femke.get(&format!("/orgs/large/security/{path}")).await;
        assert_eq!(page.status, OK, "{path}");
        let forms: Vec<String> = html::tags(&page.body)
            .into_iter()
            .filter(|tag| tag.attribute("method") == Some("post"))
            .map(|tag| tag.attribute("action").unwrap_or_default().to_owned())
            .filter(|action| action.starts_with("/orgs"))
            .collect();
        assert!(forms.is_empty(), "{path}: {forms:?}");
        assert!(!page.says("You are looking as support"), "{path}");
        assert!(!page.body.contains(ACCESS), "{path}: it leads to no page that is not for auditors");
    }
}

#[tokio::test]
async fn the_overview_is_filtered_and_sorted() {
    let site = Site::demo().await;
    // Sanne becomes an admin of every organisation, as an integrator's admin is.
    let everywhere = "INSERT INTO memberships (account_id, org_id, role) SELECT a.id, o.id, 'admin' \
                      FROM accounts a, organisations o WHERE a.email LIKE 'sanne%' AND o.slug <> 'large'";
    site.database.execute_raw(everywhere).await.unwrap();
    let mut sanne = site.admin("large").await;
    let names = |page: &Answer| -> Vec<String> {
        let tags = html::tags(&page.body).into_iter().filter(|tag| tag.name == "a");
        let links = tags.filter_map(|tag| tag.attribute("href").map(str::to_owned));
        // The list of the page comes after the one in the top bar.
        let all: Vec<String> = links.filter_map(|href| href.strip_prefix("/orgs/").map(str::to_owned)).collect();
        let orgs: Vec<String> = all.into_iter().filter(|rest| !rest.contains('/')).collect();
        orgs[8..].to_vec()
    };
    let page = sanne.get("/orgs").await;
    assert_eq!(page.status, OK);
    assert_eq!(names(&page), ["held", "free", "premium", "enterprise", "standard", "trial", "large", "exempt"]);
    assert!(page.says("Last changed on") && page.says("by Sanne de Wit") && page.says("Never reviewed"));
    assert!(page.says("Exempt: ") && page.says("Nobody has decided anything yet"));
    let found = sanne.get("/orgs?q=RAIL").await;
    assert_eq!(names(&found), ["premium"]);
    assert!(found.says("1 of 8 organisations") && found.field("q").as_deref() == Some("RAIL"));
    let waiting = names(&sanne.get("/orgs?waiting=yes").await);
    assert!(waiting.contains(&"held".to_owned()) && !waiting.contains(&"large".to_owned()), "{waiting:?}");
    assert_eq!(names(&sanne.get("/orgs?sort=change").await)[..2], ["large", "enterprise"], "the newest first");
    let by_plan = names(&sanne.get("/orgs?sort=plan&q=%20").await);
    assert_eq!(by_plan, ["enterprise", "large", "trial", "exempt", "free", "premium", "held", "standard"]);
    assert!(sanne.get("/orgs?q=nowhere").await.says("None of your organisations is like that."));
}

#[tokio::test]
async fn a_session_that_is_over_is_not_listed() {
    let site = site().await;
    let _other = site.admin("large").await;
    let mut here = site.admin("large").await;
    assert_eq!(here.get("/account").await.body.matches("name=\"session\"").count(), 1);
    let over = "UPDATE sessions SET expires_at = 1 WHERE id_hash = (SELECT MAX(id_hash) FROM sessions)";
    site.database.execute_raw(over).await.unwrap();
    let page = site.admin("large").await.get("/account").await;
    assert_eq!(page.body.matches("name=\"session\"").count(), 1);
}
