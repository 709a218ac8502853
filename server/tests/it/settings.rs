//! Changing settings as an admin does: protecting at once, sharing after a review, and what is refused.

use axum::http::StatusCode;

use crate::html;
use crate::site::{Answer, Browser, Site, filled};

const OK: StatusCode = StatusCode::OK;
const DONE: StatusCode = StatusCode::SEE_OTHER;
const REFUSED: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;

const LARGE: &str = "/orgs/large/security/data-contribution";
const ENTERPRISE: &str = "/orgs/enterprise/security/data-contribution";

fn settings(org: &str) -> String {
    format!("/orgs/{org}/security/data-contribution")
}

/// Posts a change as the form of a page that showed `version` would.
async fn change(admin: &mut Browser, org: &str, to: &str, target: &str, version: &str) -> Answer {
    let form = format!("to={to}&target={target}&version={version}");
    admin.post(&format!("{}/change", settings(org)), &form).await
}

async fn version(site: &Site, org: &str) -> String {
    site.snapshot(org).await.version.to_string()
}

/// Makes the admin of `free` a second admin of `large`.
async fn second_admin(site: &Site) -> Browser {
    let membership = "INSERT INTO memberships (account_id, org_id, role) SELECT a.id, o.id, 'admin' \
                      FROM accounts a, organisations o WHERE a.email LIKE '%@free.example' AND o.slug = 'large'";
    site.database.execute_raw(membership).await.unwrap();
    site.admin("free").await
}

/// The id of the change that an answer tells of.
fn changed(answer: &Answer) -> String {
    answer.location().split_once("changed=").unwrap().1.to_owned()
}

#[tokio::test]
async fn turning_off_is_instant() {
    let site = Site::demo().await;
    // Organisation, setting, its switch, the page that it stands on, and what is told afterwards.
    let cases = [
        ("standard", "in-app", "in-app", "", "Turned off: In-app data."),
        ("free", "app:jira", "app-jira", "", "Turned off: Jira."),
        ("large", "metadata", "metadata", "", "Turned off: Metadata."),
        ("large", "connector:wiki", "connector-wiki", "", "Turned off: Old wiki."),
        ("large", "space:jira/MOBILE", "space-jira-MOBILE", "?app=jira&q=mobile#app-jira", "Mobile apps (MOBILE)."),
    ];
    for (org, setting, switch, query, told) in cases {
        let mut admin = site.admin(org).await;
        let back = format!("{}{query}", settings(org));
        let page = admin.get(&back).await;
        assert_eq!(page.switch(switch), Some(true), "{org} {setting}");
        let version = page.field("version").unwrap();
        let form = filled(
            "to=off&target={of}&version={version}&back={back}",
            &[("of", setting), ("version", &version), ("back", &back)],
        );
        let answer = admin.post(&format!("{}/change", settings(org)), &form).await;
        assert_eq!(answer.status, DONE, "{org} {setting}");
        let (path, fragment) = back.split_once('#').unwrap_or((&back, ""));
        assert!(answer.location().starts_with(path) && answer.location().ends_with(fragment), "{}", answer.location());

        let page = admin.get(answer.location()).await;
        assert_eq!((page.status, page.switch(switch)), (OK, Some(false)), "{org} {setting}");
        assert!(page.says(told) && page.says("Off"), "{org} {setting}: {}", html::text(&page.body));
        assert!(page.offers(&format!("{}/undo", settings(org))), "{org} {setting}");
        assert_eq!(site.chosen(org, setting).await, Some(false));
        let history = admin.get(&format!("{}/history?setting={setting}", settings(org))).await;
        assert!(history.says("→ to Off"), "{org} {setting}");
        // The same again changes nothing and tells nothing.
        let again = admin.post(&format!("{}/change", settings(org)), &form).await;
        assert_eq!((again.status, again.location()), (DONE, back.as_str()), "{org} {setting}");
    }
}

#[tokio::test]
async fn many_are_turned_off_at_once() {
    let site = Site::demo().await;
    let mut admin = site.admin("large").await;
    let mut form = "to=off&version=2".to_owned();
    for space in site.snapshot("large").await.spaces {
        form += &format!("&target=space:{}/{}", space.app, space.key);
    }
    let answer = admin.post(&format!("{LARGE}/change"), &form).await;
    assert_eq!(answer.status, DONE);
    // One of the 400 is off already.
    assert!(admin.get(answer.location()).await.says("Turned off: 399 settings."));
    let settings = site.snapshot("large").await.state.settings;
    assert_eq!(settings.values().filter(|chosen| !chosen.on).count(), 400);
}

#[tokio::test]
async fn sharing_leads_to_a_review_and_changes_nothing() {
    let site = Site::demo().await;
    // Organisation, wish, and what the review says would start.
    let cases = [
        ("enterprise", "on", "in-app", "In-app data outside every app and space"),
        ("enterprise", "on", "space:jira/OPS", "In-app data of 1 space in Jira"),
        ("enterprise", "on", "connector:drive", "In-app data of 1 connector"),
        ("enterprise", "remove", "space:confluence/PEOPLE", "In-app data of 1 space in Confluence"),
        ("large", "on", "app:jira", "In-app data of Jira, with 177 spaces"),
    ];
    for (org, to, setting, starts) in cases {
        let mut admin = site.admin(org).await;
        let before = site.snapshot(org).await;
        let answer = change(&mut admin, org, to, setting, &before.version.to_string()).await;
        assert_eq!(answer.status, DONE, "{org} {to} {setting}");
        let wish = filled("/review?to={to}&target={of}", &[("to", to), ("of", setting)]);
        assert!(answer.location().starts_with(&(settings(org) + &wish)), "{}", answer.location());
        let review = admin.get(answer.location()).await;
        assert_eq!(review.status, OK);
        assert!(review.says("Nothing has been changed yet.") && review.says(starts), "{}", html::text(&review.body));
        assert_eq!(review.field("version"), Some(before.version.to_string()));
        assert_eq!(format!("{:?}", site.snapshot(org).await), format!("{before:?}"), "{org} {to} {setting}");
    }
}

#[tokio::test]
async fn a_review_is_confirmed_with_a_reason_and_a_name() {
    let site = Site::demo().await;
    let mut admin = site.admin("enterprise").await;
    let (longest, too_long) = ("é".repeat(500), "é".repeat(501));
    let quoted = "For R&D: \"agreed\" <today>";
    let name = "Meridian Instruments";
    // Setting, reason, name, and what is missing; nothing if it is written.
    let cases = [
        ("in-app", "", name, "Say why"),
        ("in-app", "  ", name, "Say why"),
        ("in-app", &too_long, name, "501 characters; 500 fit"),
        ("in-app", quoted, "", "Type the organisation's name, Meridian Instruments"),
        ("in-app", quoted, "meridian instruments", "Type the organisation's name"),
        ("space:jira/OPS", "", "", "Say why"),
        ("in-app", quoted, " Meridian Instruments ", ""),
        ("space:jira/OPS", &longest, "", ""),
    ];
    for (setting, reason, name, missing) in cases {
        let case = format!("{setting} {reason:?} {name:?}");
        let version = version(&site, "enterprise").await;
        let blanks = [("of", setting), ("version", &version), ("reason", reason), ("name", name)];
        let form = filled("to=on&target={of}&version={version}&reason={reason}&name={name}", &blanks);
        let answer = admin.post(&format!("{ENTERPRISE}/review"), &form).await;
        if missing.is_empty() {
            assert_eq!(answer.status, DONE, "{case}");
            assert!(admin.get(answer.location()).await.says("Turned on:"), "{case}");
            assert_eq!(site.chosen("enterprise", setting).await, Some(true), "{case}");
            assert!(admin.get(&format!("{ENTERPRISE}/history")).await.says(reason.trim()), "{case}");
            continue;
        }
        assert_eq!(answer.status, REFUSED, "{case}");
        assert!(answer.is_refusal() && answer.says(missing), "{case}: {}", html::text(&answer.body));
        assert_eq!(answer.field("reason").as_deref(), Some(reason), "{case}: what was typed stays");
        if setting == "in-app" {
            assert_eq!(answer.field("name").as_deref(), Some(name), "{case}: what was typed stays");
        }
        assert_eq!(site.snapshot("enterprise").await.version.to_string(), version, "{case}");
    }
    assert_eq!(admin.get(ENTERPRISE).await.switch("in-app"), Some(true));
}

#[tokio::test]
async fn what_was_reviewed_and_moved_is_reviewed_again() {
    let site = Site::demo().await;
    let mut admin = site.admin("large").await;
    let stale = version(&site, "large").await;
    site.fresh_change("large").await;
    let form = format!("to=on&target=space:jira/OPS&version={stale}&reason=Agreed");
    let answer = admin.post(&format!("{LARGE}/review"), &form).await;
    assert_eq!(answer.status, REFUSED);
    assert!(answer.is_refusal() && answer.says("The settings changed while you were reviewing."));
    assert_eq!(answer.field("version"), Some(version(&site, "large").await), "it shows the settings as they are now");
    assert_eq!(answer.field("reason").as_deref(), Some("Agreed"));
    assert_eq!(site.chosen("large", "space:jira/OPS").await, None);
}

#[tokio::test]
async fn two_admins_with_the_same_page_see_what_met() {
    let site = Site::demo().await;
    let (mut first, mut second) = (site.admin("large").await, second_admin(&site).await);
    let hr = "space:jira/HR";
    // What the first does, then what the second wanted, and both as the page tells them.
    let cases = [("off", "remove", "Off", "Not set"), ("remove", "off", "Not set", "Off"), ("off", "on", "Off", "On")];
    for (theirs, yours, theirs_told, yours_told) in cases {
        let before = if theirs == "off" { "remove" } else { "off" };
        change(&mut first, "large", before, hr, &version(&site, "large").await).await;
        let stale = version(&site, "large").await;
        assert_eq!(change(&mut first, "large", theirs, hr, &stale).await.status, DONE);
        let answer = change(&mut second, "large", yours, hr, &stale).await;
        assert_eq!(answer.status, StatusCode::CONFLICT, "{theirs}, then {yours}");
        assert!(answer.is_refusal() && answer.says("Two changes met") && answer.says("Sanne de Wit changed this on"));
        // With a space between the cells of the table.
        let table = html::text(&answer.body.replace("</", " </"));
        let told = format!("Human Resources (HR) {theirs_told} {yours_told}");
        assert!(table.contains("Theirs Yours") && table.contains(&told), "{theirs}, then {yours}: {table}");
        assert_eq!(site.chosen("large", hr).await, if theirs == "off" { Some(false) } else { None });

        // Someone who has seen both may insist; turning on is reviewed even then.
        let again = change(&mut second, "large", yours, hr, &answer.field("version").unwrap()).await;
        assert_eq!((again.status, again.location().contains("/review?")), (DONE, yours == "on"), "{yours} again");
    }
    // A page is stale only for what moved on it.
    let stale = version(&site, "large").await;
    change(&mut first, "large", "off", "space:jira/OPS", &stale).await;
    assert_eq!(change(&mut second, "large", "off", "space:jira/LEGAL", &stale).await.status, DONE);
    // Confirming a review meets the same page.
    let form = format!("to=on&target=space:jira/OPS&version={stale}&reason=Agreed");
    assert_eq!(second.post(&format!("{LARGE}/review"), &form).await.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn undo_works_once_for_whoever_made_the_change() {
    let site = Site::demo().await;
    let (mut admin, mut second) = (site.admin("large").await, second_admin(&site).await);
    let undo = format!("{LARGE}/undo");
    let before = site.snapshot("large").await.state.settings;
    let id = changed(&change(&mut admin, "large", "off", "space:jira/MOBILE", "2").await);
    let form = format!("change={id}");

    // The other admin, and the admin of another organisation through their own.
    let theirs = second.post(&undo, &form).await;
    assert!(theirs.is_refusal() && theirs.says("Only the person who made a change"));
    assert_eq!(second.post("/orgs/free/security/data-contribution/undo", &form).await.status, StatusCode::NOT_FOUND);
    assert_eq!(site.chosen("large", "space:jira/MOBILE").await, Some(false));
    let page = second.get(&format!("{LARGE}?changed={id}")).await;
    assert!(page.says("Mobile apps (MOBILE).") && !page.offers(&undo));

    let undone = admin.post(&undo, &form).await;
    assert_eq!(undone.status, DONE);
    let page = admin.get(undone.location()).await;
    assert!(page.says("Mobile apps (MOBILE).") && !page.offers(&undo), "an undo is not undone");
    assert_eq!(site.snapshot("large").await.state.settings, before, "as it was chosen, and when");

    for (what, id) in [("again", id), ("the undo itself", changed(&undone))] {
        let again = admin.post(&undo, &format!("change={id}")).await;
        assert!(again.is_refusal() && again.says("Use Revert in the history instead."), "{what}");
    }
    assert_eq!(version(&site, "large").await, "4");

    let late = site.fresh_change("large").await;
    site.clock.pass_minutes(11);
    let answer = admin.post(&undo, &format!("change={late}")).await;
    assert!(answer.is_refusal() && answer.says("for 10 minutes"));
    assert!(!admin.get(&format!("{LARGE}?changed={late}")).await.offers(&undo));
}

#[tokio::test]
async fn what_is_locked_says_what_would_unlock_it() {
    let site = Site::demo().await;
    let fixed = "Enterprise can turn this off.";
    let cases = [
        ("free", "off", "metadata", fixed),
        ("standard", "off", "metadata", fixed),
        ("premium", "off", "metadata", fixed),
        ("exempt", "on", "in-app", "Exempt since"),
        ("exempt", "on", "metadata", "Exempt since"),
        ("exempt", "on", "space:jira/HR", "Exempt since"),
        ("large", "on", "connector:chat", "Direct connector: not eligible."),
        ("large", "on", "connector:design", "Smart link connector: not eligible."),
        ("free", "on", "app:jira-service-management", "no active subscription for this app"),
        ("large", "remove", "metadata", "it has no entry that could be removed"),
    ];
    for (org, to, setting, why) in cases {
        let case = format!("{org} {to} {setting}");
        let mut admin = site.admin(org).await;
        let version = version(&site, org).await;
        let review = format!("{}/review", settings(org));
        let wish = format!("to={to}&target={setting}");
        let answers = [
            change(&mut admin, org, to, setting, &version).await,
            admin.get(&format!("{review}?{wish}")).await,
            admin.post(&review, &format!("{wish}&version={version}&reason=Agreed")).await,
        ];
        for answer in &answers {
            let text = html::text(&answer.body);
            assert_eq!(answer.status, REFUSED, "{case}");
            assert!(answer.is_page() && text.contains(why), "{case}: {text}");
        }
        assert!(answers[0].is_refusal() && answers[2].is_refusal(), "{case}: what was posted was not saved");
        assert_eq!(site.snapshot(org).await.version.to_string(), version, "{case}");
        assert_eq!(site.chosen(org, setting).await, None, "{case}");
    }
    let page = site.admin("standard").await.get(&settings("standard")).await;
    assert!(page.says("Fixed on Standard since") && page.says(fixed));
}

/// It holds for the day when something could contribute.
#[tokio::test]
async fn protecting_is_possible_where_nothing_contributes_anyway() {
    let site = Site::demo().await;
    let cases = [
        ("exempt", "in-app"),
        ("exempt", "space:jira/HR"),
        ("large", "connector:chat"),
        ("large", "connector:design"),
        ("free", "app:jira-service-management"),
    ];
    for (org, setting) in cases {
        let mut admin = site.admin(org).await;
        let answer = change(&mut admin, org, "off", setting, &version(&site, org).await).await;
        assert_eq!(answer.status, DONE, "{org} {setting}: {}", html::text(&answer.body));
        assert_eq!(site.chosen(org, setting).await, Some(false), "{org} {setting}");
    }
}

/// A default that would widen waits, and each of the two answers to it is one form.
#[tokio::test]
async fn what_is_held_waits_for_a_decision() {
    let site = Site::demo().await;
    let mut admin = site.admin("held").await;
    let held = settings("held");
    let page = admin.get(&held).await;
    assert!(page.says("changes of default are held") && page.says("Held until you decide."));
    assert_eq!((page.switch("metadata"), page.switch("in-app")), (Some(false), Some(false)));

    let kept = change(&mut admin, "held", "off", "in-app", "1").await;
    assert_eq!(kept.status, DONE);
    assert!(admin.get(kept.location()).await.says("Turned off: In-app data."));

    let asked = change(&mut admin, "held", "on", "metadata", "2").await;
    assert!(asked.status == DONE && asked.location().contains("/review?"));
    let form = "to=on&target=metadata&version=2&reason=Terms+read&name=Fernweh+Travel";
    assert_eq!(admin.post(&format!("{held}/review"), form).await.status, DONE);
    let page = admin.get(&held).await;
    assert_eq!((page.switch("metadata"), page.switch("in-app")), (Some(true), Some(false)));
}

#[tokio::test]
async fn the_history_tells_everything_a_page_at_a_time() {
    let site = Site::demo().await;
    let mut admin = site.admin("large").await;
    for _ in 0..50 {
        site.clock.pass_minutes(1);
        site.fresh_change("large").await;
    }
    for (query, expected) in [("", 1..=52), ("?setting=space:jira/HR", 3..=52), ("?setting=space:jira/API", 1..=2)] {
        let mut next = Some(format!("{LARGE}/history{query}"));
        let mut told = Vec::new();
        while let Some(path) = next {
            let page = admin.get(&path).await;
            let text = html::text(&page.body);
            let number = |rest: &str| rest.split(|c: char| !c.is_ascii_digit()).next().unwrap().parse::<u32>().unwrap();
            let on_page: Vec<u32> = text.split("UTC · change ").skip(1).map(number).collect();
            assert!((1..=25).contains(&on_page.len()), "{path}");
            told.extend(on_page);
            let links = html::tags(&page.body).into_iter().filter_map(|tag| tag.attribute("href").map(str::to_owned));
            next = links.into_iter().find(|href| href.contains("below="));
        }
        told.reverse();
        assert_eq!(told, expected.collect::<Vec<_>>(), "{query}");
    }
}

/// Reverting takes the same two ways as everything else.
#[tokio::test]
async fn a_change_is_taken_back_from_the_history() {
    let site = Site::demo().await;
    let mut admin = site.admin("large").await;
    let org = site.snapshot("large").await.org;
    let history = site.sluice.store.changes(&org.id, None, None, 10).await.unwrap();
    let [later, earlier] = &history[..] else { panic!("the demo has two changes") };
    let revert = async |admin: &mut Browser, id: &str, version: i64| {
        admin.post(&format!("{LARGE}/change"), &format!("revert={id}&version={version}")).await
    };
    // The later one turned a space off: taking that back shares it again.
    let shares = revert(&mut admin, &later.id, 2).await;
    assert!(shares.location().contains(&format!("/review?revert={}", later.id)), "{}", shares.location());
    let review = admin.get(shares.location()).await;
    assert!(review.status == OK && review.says("Public API (API)"));
    // The earlier one turned five on; taking it back protects, but one of them has moved since.
    assert_eq!(revert(&mut admin, &earlier.id, 1).await.status, StatusCode::CONFLICT);
    let protects = revert(&mut admin, &earlier.id, 2).await;
    assert_eq!(protects.status, DONE);
    assert!(admin.get(protects.location()).await.says("Put back: 5 settings."));
    assert_eq!(site.snapshot("large").await.state.settings.len(), 0);
    // Another organisation's change is no change here.
    let other = site.fresh_change("enterprise").await;
    assert_eq!(revert(&mut admin, &other, 3).await.status, StatusCode::NOT_FOUND);
}

/// What people search for and ask is in the dictionary as well.
#[tokio::test]
async fn the_dictionary_has_every_app_with_fields() {
    let site = Site::demo().await;
    let page = site.admin("free").await.get("/orgs/free/security/data-types").await;
    let fields = &site.sluice.catalogue().fields;
    assert!(fields.iter().any(|field| field.app == "rovo"));
    for app in ["Jira", "Confluence", "Jira Service Management", "Rovo"] {
        assert_eq!(page.body.matches(&format!("<summary translate=\"no\">{app}</summary>")).count(), 1, "{app}");
    }
    for field in fields {
        assert!(page.says(&field.name), "{}", field.name);
    }
}
