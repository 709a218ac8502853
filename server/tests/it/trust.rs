//! The audit log, evidence and support, through the pages.

use audit::{Action, Chain, Checkpoint, Entry, Head, Outcome};
use axum::http::StatusCode;
use service::evidence::check;

use crate::site::{Browser, Site};

const AUDIT: &str = "/orgs/large/security/audit";
const SUPPORT: &str = "/orgs/large/security/support";

async fn log(site: &Site, slug: &str) -> Vec<Entry> {
    let scope = match site.sluice.store.organisation(slug).await.unwrap() {
        Some(org) => org.id,
        None => slug.to_owned(),
    };
    let lines = site.sluice.store.audit_lines(&scope, 0, u32::MAX).await.unwrap();
    lines.lines().map(|line| Entry::of_line(line).unwrap().0).collect()
}

#[tokio::test]
async fn the_log_is_searched_and_verified() {
    let site = Site::demo().await;
    let mut admin = site.admin("large").await;
    let page = admin.get(AUDIT).await;
    assert!(page.says("Someone signed in") && page.says("People were read into the directory"));
    let found = admin.get(&format!("{AUDIT}?q=action:settings+resource:space:jira/API")).await;
    assert_eq!(found.body.matches("audit-entry").count(), 2, "in the include list, and out of it again");
    let none = admin.get(&format!("{AUDIT}?q=result:denied")).await;
    assert!(none.says("No entry fits this search."));
    let wrong = admin.get(&format!("{AUDIT}?q=colour:red+after:soon")).await;
    assert_eq!(wrong.status, StatusCode::OK);
    assert!(wrong.says("“colour:” cannot be searched for.") && wrong.says("“soon” is no day."));
    assert!(wrong.body.contains("value=\"colour:red after:soon\""), "what was typed is still there");
    let verified = admin.post(&format!("{AUDIT}/verify"), "").await;
    assert!(verified.says("Nothing was changed") && verified.says("are as they were written"));
    assert_eq!(log(&site, "large").await.pop().unwrap().action, Action::AuditVerify);

    site.database.execute_raw("DROP TRIGGER audit_entries_stay").await.unwrap();
    let bend = "UPDATE audit_entries SET body = replace(body, 'settings.change', 'settings.chance') WHERE sequence = 3";
    site.database.execute_raw("DROP INDEX audit_by_action").await.unwrap();
    site.database.execute_raw(bend).await.unwrap();
    let verified = admin.post(&format!("{AUDIT}/verify"), "").await;
    assert!(verified.says("The log was changed") && verified.says("Number 3: somebody changed it."));
}

#[tokio::test]
async fn a_changed_entry_is_named_on_the_page() {
    let site = Site::demo().await;
    let mut admin = site.admin("large").await;
    site.database.execute_raw("DROP TRIGGER audit_entries_stay").await.unwrap();
    let bend = "UPDATE audit_entries SET body = replace(body, 'data council', 'date council')";
    site.database.execute_raw(bend).await.unwrap();
    let verified = admin.post(&format!("{AUDIT}/verify"), "").await;
    assert!(verified.says("The log was changed") && verified.says("is number 3: its content is not what was hashed"));
    assert_eq!(log(&site, "large").await.pop().unwrap().outcome, Outcome::Failed);
}

#[tokio::test]
async fn an_export_and_a_checkpoint_are_checked_elsewhere() {
    let site = Site::demo().await;
    let mut auditor = site.signed_in("femke.bos@large.example").await;
    let note = auditor.get(&format!("{AUDIT}/checkpoint")).await;
    assert!(note.header("content-disposition").contains("large-checkpoint.txt"));
    let checkpoint = Checkpoint::verify(&note.body, site.sluice.signer.public()).unwrap();
    let export = auditor.get(&format!("{AUDIT}/export?form=jsonl")).await;
    assert_eq!(export.header("content-type"), "application/x-ndjson");
    let mut chain = Chain::new(&checkpoint.scope, vec![checkpoint.head.clone()]);
    export.body.lines().try_for_each(|line| chain.next(line)).unwrap();
    let Head { sequence, .. } = chain.end().unwrap();
    assert!(sequence > checkpoint.head.sequence, "the export itself is in it");
    let csv = auditor.get(&format!("{AUDIT}/export?form=csv")).await;
    assert_eq!(csv.body.lines().count() as i64, sequence + 2, "a head, and the entry of this export");
    assert_eq!(auditor.get(&format!("{AUDIT}/export")).await.status, StatusCode::BAD_REQUEST);
    let actions: Vec<Action> = log(&site, "large").await.iter().rev().take(3).map(|entry| entry.action).collect();
    assert_eq!(actions, [Action::AuditExport, Action::AuditExport, Action::AuditCheckpoint]);
}

#[tokio::test]
async fn evidence_is_of_the_day_that_was_asked_for() {
    let site = Site::demo().await;
    let mut auditor = site.signed_in("femke.bos@large.example").await;
    let page = auditor.get("/orgs/large/security/evidence").await;
    assert!(page.says("At that time, metadata leaves") && page.says("Agreed in the data council"));
    let before = auditor.get("/orgs/large/security/evidence?on=2020-01-01").await;
    assert!(before.says("No subscription was active then.") && before.says("nobody had changed anything"));
    let wrong = auditor.get("/orgs/large/security/evidence?on=soon").await;
    assert!(wrong.says("“soon” is no day.") && wrong.body.contains("value=\"soon\""));
    let pack = auditor.get_bytes("/orgs/large/security/evidence/pack?on=2026-10-01").await;
    let checked = check(&pack, Some(site.sluice.signer.public())).unwrap();
    assert!(checked.title.contains("Evidence of large on 2026-10-01T23:59:59"), "{}", checked.title);
    let pack = String::from_utf8_lossy(&pack);
    // Whoever takes it: what people read is in it in each language, what programs read in English.
    for told in [
        "<h1>Data contribution of Polder Logistics on 1 Oct 2026</h1>",
        "<h1>Datenbeitrag von Polder Logistics am 1. Oktober 2026</h1>",
        "to read and to print",
        "zum Lesen und Drucken",
    ] {
        assert_eq!(pack.matches(told).count(), 1, "{told}");
    }
    assert!(pack.contains(r#""in_one_sentence": "At that time, metadata leaves"#));
    assert_eq!(auditor.get("/orgs/large/security/evidence/pack?on=soon").await.status, StatusCode::BAD_REQUEST);
}

async fn knock(support: &mut Browser, form: &str) -> crate::site::Answer {
    support.post("/support/orgs/large", form).await
}

#[tokio::test]
async fn support_says_what_for_and_leaves_a_trace() {
    let site = Site::demo().await;
    let mut support = site.support().await;
    assert_eq!(support.get("/").await.location(), "/support");
    let found = support.get("/support?q=POLDER").await;
    assert!(found.says("Polder Logistics") && !found.says("Kestrel Rail"));
    let settings = "/orgs/large/security/data-contribution";
    assert_eq!(support.get(settings).await.location(), "/support/orgs/large");
    for (form, said) in [
        ("", "Choose what you are looking for."),
        ("purpose=curiosity&case=CS-1", "Choose what you are looking for."),
        ("purpose=incident&case=", "Write the number of the case"),
        ("purpose=incident&case=%3Cscript%3E", "Write the number of the case"),
    ] {
        let refused = knock(&mut support, form).await;
        assert!(refused.status == StatusCode::UNPROCESSABLE_ENTITY && refused.says(said), "{form}");
    }
    let entered = knock(&mut support, "purpose=incident&case=CS-10482").await;
    assert_eq!(entered.location(), "/orgs/large/review");
    let glance = support.get("/orgs/large/review").await;
    assert!(glance.says("You are reviewing Polder Logistics for case CS-10482") && glance.says("30 minutes left"));
    assert!(glance.says("Subscriptions") && glance.says("Held") && glance.says("Clocks"));
    assert!(support.get(settings).await.says("30 minutes left"));

    let mut admin = site.admin("large").await;
    let seen = admin.get(SUPPORT).await;
    assert!(seen.says("Robin Castellan is looking, until"));
    let review = seen.field("review").unwrap();
    let ended = admin.post(&format!("{SUPPORT}/answer"), &format!("review={review}&do=stop")).await;
    assert_eq!(ended.location(), SUPPORT);
    assert!(admin.get(SUPPORT).await.says("was stopped by you"));
    assert_eq!(support.get(settings).await.location(), "/support/orgs/large");
    let pages: Vec<String> = log(&site, "large")
        .await
        .into_iter()
        .filter(|entry| entry.action == Action::SupportView)
        .map(|entry| entry.resource.id)
        .collect();
    assert_eq!(pages, ["/orgs/large/review", settings]);
}

#[tokio::test]
async fn an_organisation_can_make_support_ask() {
    let site = Site::demo().await;
    let (mut admin, mut support) = (site.admin("large").await, site.support().await);
    admin.post(&format!("{SUPPORT}/rule"), "ask=yes").await;
    assert!(admin.get(SUPPORT).await.says("Support has to ask"));
    assert_eq!(knock(&mut support, "purpose=question&case=CS-1").await.location(), "/support/orgs/large");
    assert!(support.get("/support/orgs/large").await.says("An admin has to allow it"));
    assert_eq!(support.get("/orgs/large/review").await.location(), "/support/orgs/large");
    let asks = admin.get(SUPPORT).await;
    assert!(asks.says("Robin Castellan asks to look"));
    let allow = format!("review={}&do=allow", asks.field("review").unwrap());
    admin.post(&format!("{SUPPORT}/answer"), &allow).await;
    assert_eq!(support.get("/orgs/large/review").await.status, StatusCode::OK);
    let again = admin.post(&format!("{SUPPORT}/answer"), &allow).await;
    assert!(again.status == StatusCode::UNPROCESSABLE_ENTITY && again.says("This request was answered already."));
    for wrong in ["", "review=nothing&do=stop", "do=else"] {
        let answer = admin.post(&format!("{SUPPORT}/answer"), wrong).await;
        assert!(answer.status.is_client_error(), "{wrong}");
    }
}

/// An auditor reads; what is tried beyond that is refused and can be found.
#[tokio::test]
async fn what_a_role_may_not_do_is_refused_and_written() {
    let site = Site::demo().await;
    let mut auditor = site.signed_in("femke.bos@large.example").await;
    let change = "/orgs/large/security/data-contribution/change";
    let refused = auditor.post(change, "to=off&target=space:jira/OPS&version=0").await;
    assert!(refused.status == StatusCode::FORBIDDEN && refused.says("This needs the role Admin"));
    let last = log(&site, "large").await.pop().unwrap();
    assert_eq!((last.action, last.outcome, last.resource.id.as_str()), (Action::AccessDenied, Outcome::Denied, change));
    assert!(auditor.get(&format!("{AUDIT}?q=result:denied")).await.says("Something was tried without the right to it"));
}

/// Sign-ins of people are in their organisations' logs, of the vendor's own people in the installation's; nothing typed is.
#[tokio::test]
async fn sign_ins_are_written_and_never_what_was_typed() {
    let site = Site::demo().await;
    let mut visitor = site.anonymous();
    for form in [
        "email=sanne.de.wit@large.example&password=planted-secret-1",
        "email=planted.person@nowhere.example&password=planted-secret-2",
    ] {
        visitor.post("/sign-in", form).await;
    }
    let last = log(&site, "large").await.pop().unwrap();
    assert_eq!((last.action, last.outcome), (Action::SignIn, Outcome::Failed));
    let mut ada = site.signed_in("ada.brennan@vendor.example").await;
    ada.post("/sign-out", "").await;
    let installation = log(&site, "installation").await;
    let actions: Vec<_> = installation.iter().map(|entry| (entry.action, entry.outcome)).collect();
    let expected =
        [(Action::SignIn, Outcome::Failed), (Action::SignIn, Outcome::Done), (Action::SignOut, Outcome::Done)];
    assert_eq!(actions, expected);
    for log in [installation, log(&site, "large").await] {
        assert!(!format!("{log:?}").contains("planted"));
    }
}

/// A key that writes takes the password, unless it was typed a short while ago.
#[tokio::test]
async fn a_key_that_writes_takes_the_password() {
    const KEYS: &str = "/orgs/large/security/keys";
    let site = Site::demo().await;
    let mut admin = site.admin("large").await;
    let form = |name: &str, scope: &str, more: &str| format!("name={name}&scope={scope}&days=3{more}");
    assert!(admin.post(KEYS, &form("one", "write", "")).await.says("The key one was made"));
    site.clock.pass_minutes(11);
    assert!(admin.post(KEYS, &form("two", "read", "")).await.says("The key two was made"));
    let refused = admin.post(KEYS, &form("three", "write", "")).await;
    assert!(refused.status == StatusCode::UNPROCESSABLE_ENTITY && refused.says("Type your password"));
    assert!(refused.body.contains("value=\"three\""), "what was typed is still there");
    let wrong = admin.post(KEYS, &form("three", "write", "&password=nonsense")).await;
    assert!(wrong.says("That is not your password."));
    let failed = log(&site, "large").await.pop().unwrap();
    assert_eq!((failed.action, failed.outcome), (Action::SignIn, Outcome::Failed));
    let right = admin.post(KEYS, &form("three", "write", "&password=let+the+water+through")).await;
    assert!(right.says("The key three was made"));
}

/// What takes long is bounded, and whoever comes in between is told when to come again.
#[tokio::test]
async fn exports_beyond_what_can_be_at_once_are_told_to_wait() {
    let site = Site::demo().await;
    let org = site.sluice.store.organisation("large").await.unwrap().unwrap().id;
    let mut auditor = site.signed_in("femke.bos@large.example").await;
    let held = [site.limits.long_task(&org).unwrap(), site.limits.long_task(&org).unwrap()];
    let start = log(&site, "large").await.len();
    for path in [format!("{AUDIT}/export?form=csv"), "/orgs/large/security/evidence/pack".to_owned()] {
        let busy = auditor.get(&path).await;
        assert!(busy.status == StatusCode::SERVICE_UNAVAILABLE && busy.says("Busy for a moment"), "{path}");
        assert_eq!(busy.header("retry-after"), "10");
    }
    let busy = auditor.post(&format!("{AUDIT}/verify"), "").await;
    assert_eq!(busy.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(log(&site, "large").await.len(), start, "what was not done is not told");
    drop(held);
    for _ in 0..3 {
        let export = auditor.get(&format!("{AUDIT}/export?form=csv")).await;
        assert_eq!(export.status, StatusCode::OK, "one that has ended makes room");
    }
}
