//! The walk-through and the safeguards over HTTP: what is typed is shown, and kept nowhere.

use axum::http::StatusCode;
use service::settings::change::{Wish, change};

use crate::site::{FORM, OWN_PAGE, Site, filled};

const WALK: &str = "/walkthrough";

#[tokio::test]
async fn an_example_goes_through_every_step_without_anyone_signed_in() {
    let site = Site::demo().await;
    let mut visitor = site.anonymous();
    for (step, says) in [
        (1, "An admin decides what may leave"),
        (2, "Each field is sorted"),
        (3, "[PERSON_1]"),
        (4, "Only what many share is learned"),
        (5, "What was learned helps with the next item"),
    ] {
        let page = visitor.get(&format!("{WALK}?step={step}")).await;
        assert!(page.status == StatusCode::OK && page.says(says), "step {step} does not say {says}");
    }
    for odd in ["?step=0", "?step=6", "?step=x", "?plan=none&item=none", "?metadata=maybe"] {
        let page = visitor.get(&format!("{WALK}{odd}")).await;
        assert!(page.status == StatusCode::OK && page.says("An admin decides what may leave"), "{odd}");
    }
    let stays = visitor.get(&format!("{WALK}?step=3&plan=premium")).await;
    assert!(stays.says("the text stays where it is") && !stays.says("[PERSON_1]"));
}

#[tokio::test]
async fn what_is_typed_is_washed_and_carried_in_the_form_alone() {
    let site = Site::demo().await;
    let mut visitor = site.anonymous();
    let form = [
        ("title", "Ask Marguerite Okonjo-Bell"),
        ("description", "Her address is marguerite@northquay.example"),
        ("points", "5"),
        ("to", "?step=3&names=hidden"),
    ];
    let body = filled("title={title}&description={description}&points={points}&to={to}", &form);
    let page = visitor.post_raw(WALK, &[OWN_PAGE, FORM], body.clone()).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(
        page.says("[EMAIL_1]") && page.says("marguerite@northquay.example"),
        "beside what leaves stands what was typed"
    );
    let addresses = page.body.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    for address in addresses {
        assert!(!address.to_lowercase().contains("marguerite"), "{address}");
    }
    let foreign = visitor.post_raw(WALK, &[("sec-fetch-site", "cross-site"), FORM], body).await;
    assert_eq!(foreign.status, StatusCode::FORBIDDEN);
    let refused = visitor.post_raw(WALK, &[OWN_PAGE, FORM], "title=+&points=many&to=%3Fstep%3D5").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.says("The title is empty") && refused.says("Story points are a whole number"));
}

#[tokio::test]
async fn the_safeguards_show_what_holds_and_an_organisation_its_own() {
    let site = Site::demo().await;
    let public = site.anonymous().get("/safeguards").await;
    assert!(public.status == StatusCode::OK && public.says("14 planted, 14 removed."));
    assert!(public.says("Data: SQLite, answers") && public.says("set up without TLS"));
    assert!(!public.says("Polder Logistics"), "nothing of any organisation");
    site.contribute("large", "MOBILE", 1).await;
    let own = site.admin("large").await.get("/orgs/large/safeguards").await;
    for text in ["AES-256-GCM", "European Union", "Yours"] {
        assert!(own.says(text), "{text}");
    }
    // Its removal is begun, and nobody works on it.
    site.contribute("standard", "MOBILE", 1).await;
    let off = Wish::Set { to: Some(false), settings: vec!["space:jira/MOBILE".parse().unwrap()] };
    change(&site.sluice, &site.org_admin("standard").await, &off, i64::MAX).await.unwrap();
    site.begin_removal("standard").await;
    let removing = site.admin("standard").await.get("/orgs/standard/safeguards").await;
    assert!(removing.says("Contributed in-app data is gone by this day."), "{}", crate::html::text(&removing.body));
}

#[tokio::test]
async fn whoever_demonstrates_can_hide_their_organisations() {
    let site = Site::demo().await;
    let mut admin = site.admin("large").await;
    assert!(admin.get(WALK).await.says("Polder Logistics"));
    let hidden = admin.get(&format!("{WALK}?names=hidden")).await;
    assert!(hidden.says("Show my organisations") && !hidden.says("Polder Logistics"));
}
