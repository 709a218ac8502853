//! What people see of the data path: the ledger, the newest records, removals and their receipts.

use std::sync::Arc;

use axum::http::StatusCode;
use policy::Setting;
use server::router::AppState;
use service::data_plane::Regions;
use service::settings::change::{Wish, change};
use service::{Sluice, demo};

use crate::site::Site;

const LEDGER: &str = "/orgs/large/ledger";
const REMOVAL: &str = "/orgs/large/removal";

#[tokio::test]
async fn an_empty_ledger_says_what_to_do() {
    let site = Site::demo().await;
    let page = site.admin("large").await.get(LEDGER).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(
        page.says("Nothing was contributed in the last 30 days, and nothing is kept in the region European Union.")
    );
    assert!(page.says("key with the scope ingest") && page.says("sluice ingest --org large --jira FILE"));
    assert!(page.says("Nobody has read contributed data"));
    assert!(!page.offers("/orgs/large/ledger/records"), "there is nothing to open");
    let removal = site.admin("large").await.get(REMOVAL).await;
    assert!(removal.says("Nothing is being removed.") && removal.says("Nothing was ever taken back."));
}

#[tokio::test]
async fn what_was_contributed_is_counted_and_shown() {
    let site = Site::demo().await;
    let said = site.contribute("large", "WEB", 3).await;
    assert_eq!(said.items.len(), 3);
    let mut admin = site.admin("large").await;
    let page = admin.get(LEDGER).await;
    assert!(page.says(
        "Metadata of 3 items and in-app data of 3 items were contributed in the last 30 days; 6 records are kept"
    ));
    assert_eq!(page.body.matches("role=\"img\"").count(), 3, "days, spaces, kinds");
    assert!(page.says("Jira › Website (WEB)") && page.says("AES-256-GCM, key 1"));
    assert!(page.says("21 Nov 2026: 3 metadata, 3 in-app data"));
    assert!(
        page.body.contains("found-person") && page.body.contains("found-email"),
        "{}",
        crate::html::text(&page.body)
    );
    let earlier = admin.get("/orgs/large/ledger?from=2026-10-01&to=2026-10-31").await;
    assert!(earlier.says("Nothing was contributed in the time from 1 Oct 2026 to 31 Oct 2026; 6 records are kept"));
    let wrong = admin.get("/orgs/large/ledger?from=yesterday").await;
    assert!(wrong.says("“yesterday” is no day.") && wrong.says("The last 30 days are shown."));

    let csv = admin.get("/orgs/large/ledger/export?form=csv").await;
    assert_eq!(csv.header("content-disposition"), "attachment; filename=\"large-ledger-2026-11-21.csv\"");
    let lines: Vec<&str> = csv.body.lines().collect();
    assert_eq!(lines[0], "day,app,space,kind,settings version,contributed,fields,removed");
    assert!(lines[1..].iter().all(|line| line.starts_with("\"2026-11-21\",\"jira\",\"WEB\",")), "{lines:?}");
    assert_eq!(lines.len(), 3, "{lines:?}");
    let json = admin.get("/orgs/large/ledger/export?form=json").await;
    let json: serde_json::Value = serde_json::from_str(&json.body).unwrap();
    assert_eq!((&json["contributed"]["in_app"], &json["kept"]["metadata"]), (&3.into(), &3.into()));
    assert_eq!(json["region"], "eu");
    assert_eq!(admin.get("/orgs/large/ledger/export?form=xml").await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn the_newest_records_are_opened_for_a_purpose_and_that_is_logged() {
    let site = Site::demo().await;
    site.contribute("large", "WEB", 1).await;
    let mut admin = site.admin("large").await;
    assert!(admin.get(LEDGER).await.offers("/orgs/large/ledger/records"));
    let refused = admin.post("/orgs/large/ledger/records", "purpose=").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.says("Nothing was opened") && refused.says("Choose what it is read for."));
    let opened = admin.post("/orgs/large/ledger/records", "purpose=own-review").await;
    assert_eq!(opened.status, StatusCode::OK);
    assert!(opened.says("2 records were opened for: The organisation looks at its own."));
    assert!(opened.says("about heron 0") && opened.says("[PERSON_1]"), "{}", crate::html::text(&opened.body));
    assert!(!opened.says("Sarpong") && !opened.says("quay.example"), "nobody of it is shown");
    let ledger = admin.get(LEDGER).await;
    assert!(ledger.says("Who read it, and what for") && ledger.says("· records: 2"));
    let auditor = site.signed_in("femke.bos@large.example").await.get(LEDGER).await;
    assert!(!auditor.offers("/orgs/large/ledger/records") && auditor.says("· records: 2"));
}

#[tokio::test]
async fn support_sees_sums_and_nothing_to_type_into() {
    let site = Site::demo().await;
    site.contribute("large", "WEB", 1).await;
    site.open_review("large").await;
    let mut support = site.support().await;
    let page = support.get(LEDGER).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.says("Metadata of 1 item and in-app data of 1 item were contributed"));
    assert!(page.field("from").is_none() && !page.offers("/orgs/large/ledger/records"));
    assert!(!page.says("Who read it"));
    assert_eq!(support.get(REMOVAL).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_removal_counts_down_and_ends_with_a_receipt() {
    let site = Site::demo().await;
    site.contribute("large", "WEB", 4).await;
    site.contribute("large", "MOBILE", 2).await;
    let mut admin = site.admin("large").await;
    let web: Setting = "space:jira/WEB".parse().unwrap();
    let off = Wish::Set { to: Some(false), settings: vec![web] };
    change(&site.sluice, &site.org_admin("large").await, &off, i64::MAX).await.unwrap();
    let org = site.sluice.store.organisation("large").await.unwrap().unwrap();
    let region = site.sluice.regions.get("eu").unwrap();
    assert!(service::withdrawal::reconcile(&site.sluice, region, &org).await.unwrap());

    let running = admin.get(REMOVAL).await;
    assert!(
        running
            .says("1 removal is under way: 4 records are still to be removed, the next by 21 Dec 2026 (30 days left).")
    );
    assert!(running.says("Jira › Website (WEB), in-app data: 0 of 4") && running.says("Waiting"));
    assert!(running.body.contains("data-refresh") && !running.body.contains("http-equiv"));
    assert!(running.body.contains("href=\"/orgs/large/security/data-contribution/history?below="));
    // Whoever may see it finds it from afar.
    let counted = async |person: &str, page: &str| {
        let page = site.signed_in(person).await.get(page).await;
        assert_eq!(page.status, StatusCode::OK);
        page.says("1 removal is under way.") && page.body.contains("href=\"/orgs/large/removal\"")
    };
    assert!(counted("@large.example", "/orgs").await && counted("femke.bos@large.example", "/orgs").await);
    assert!(!counted("joris.kuipers@large.example", "/orgs").await && !counted("@free.example", "/orgs").await);
    site.open_review("large").await;
    assert!(counted("robin.castellan@vendor.example", "/orgs/large/review").await);
    site.clock.pass_minutes(31 * 24 * 60);
    let late = site.admin("large").await.get(REMOVAL).await;
    assert!(late.says("1 removal is late") && late.says("1 day late"));

    while service::jobs::work_one(&site.sluice, region, "test").await.unwrap() {}
    assert!(!counted("@large.example", "/orgs").await);
    let mut admin = site.admin("large").await;
    let done = admin.get(REMOVAL).await;
    assert!(done.says("Nothing is being removed; 1 removal is finished, with its receipt.") && done.says("too late"));
    assert!(!done.body.contains("data-refresh"), "nothing moves any more");
    let id = region.plane.withdrawals(&org.id, 1).await.unwrap().remove(0).id;
    let receipt = admin.get(&format!("{REMOVAL}/{id}/receipt")).await;
    assert_eq!(receipt.header("content-disposition"), "attachment; filename=\"large-receipt.txt\"");
    let checked = service::withdrawal::receipt::check(&receipt.body, site.sluice.signer.public()).unwrap();
    assert_eq!((checked.records_removed, checked.records_left), (4, 0));
    assert_eq!(admin.get("/orgs/large/removal/none/receipt").await.status, StatusCode::NOT_FOUND);
    assert_eq!(
        site.admin("free").await.get(&format!("/orgs/free/removal/{id}/receipt")).await.status,
        StatusCode::NOT_FOUND
    );
    let ledger = admin.get(LEDGER).await;
    assert!(ledger.says("Jira › Mobile apps (MOBILE)"));
}

#[tokio::test]
async fn a_region_that_does_not_answer_is_said_plainly() {
    let nowhere = |state: AppState| {
        let sluice = Sluice { regions: Regions(Arc::default()), ..state.sluice.clone() };
        AppState { sluice, ..state }
    };
    let site = Site::demo_with(nowhere).await;
    let mut admin = site.admin("large").await;
    for page in [LEDGER, REMOVAL] {
        let page = admin.get(page).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.says("The region European Union does not answer"));
        assert!(!page.says("Nothing was contributed") && !page.says("Nothing is being removed"), "nobody knows");
    }
    assert!(!admin.get("/orgs").await.says("under way"), "the overview is not about it");
    let export = admin.get("/orgs/large/ledger/export?form=csv").await;
    assert_eq!(export.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(export.says("The region does not answer"));
    let opened = admin.post("/orgs/large/ledger/records", "purpose=own-review").await;
    assert_eq!(opened.status, StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn the_demo_has_contributed_through_the_gate() {
    let site = Site::demo().await;
    demo::contribute(&site.sluice).await.unwrap();
    for slug in ["large", "standard", "free"] {
        let page = site.admin(slug).await.get(&format!("/orgs/{slug}/ledger")).await;
        assert!(page.says("Metadata of ") && page.says(" records are kept in the region"), "{slug}");
    }
    let removal = site.admin("standard").await.get("/orgs/standard/removal").await;
    assert!(removal.says("1 removal is finished") && removal.says("Jira › Human Resources (HR), in-app data"));
}
