//! Terms and people: what an admin does on their pages, and what support never sees.

use axum::http::StatusCode;

use crate::site::{Answer, Site, filled};

const TERMS: &str = "/orgs/large/security/terms";
const PEOPLE: &str = "/orgs/large/security/people";
const PREVIEW: &str = "/orgs/large/security/preview";

#[tokio::test]
async fn terms_are_added_and_deleted() {
    let site = Site::demo().await;
    let mut admin = site.admin("large").await;
    let page = admin.get(TERMS).await;
    for text in ["Heron pilot", "Project Falcon", "Marlow", "4 of 2,000 terms are used."] {
        assert!(page.says(text), "{text}");
    }
    let form = filled("list=removed&terms={terms}", &[("terms", "Otter\nheron PILOT\n\nQuay 7")]);
    let done = admin.post(TERMS, &form).await;
    assert_eq!(done.location(), "/orgs/large/security/terms?added=2&already=1");
    let page = admin.get(done.location()).await;
    assert!(page.says("Added: 2 terms. 1 stood there already.") && page.says("Otter") && page.says("Quay 7"));

    let form = filled("list=kept&terms={terms}", &[("terms", "Weir\nOTTER\nx")]);
    let refused = admin.post(TERMS, &form).await;
    assert!(refused.is_refusal() && refused.status == StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.says("Line 3 has 1 letter"), "{}", refused.body);
    assert!(refused.body.contains("Weir\nOTTER\nx</textarea>"), "what was typed is still there");
    let form = filled("list=kept&terms={terms}", &[("terms", "Weir\nOTTER")]);
    let refused = admin.post(TERMS, &form).await;
    assert!(refused.says("“OTTER” is always removed. Delete it there"), "{}", refused.body);
    assert!(!site.knowledge("large").await.terms.iter().any(|term| term.term == "Weir"));

    let done = admin.post(&format!("{TERMS}/delete"), "term=Otter").await;
    assert!(admin.get(done.location()).await.says("Deleted: 1 term."));
    for form in ["", "list=other&terms=Otter", "terms=Otter"] {
        assert_eq!(admin.post(TERMS, form).await.status, StatusCode::BAD_REQUEST, "{form}");
    }
    assert!(admin.post(TERMS, "list=kept").await.says("No term was typed."));
    assert!(admin.post(&format!("{TERMS}/delete"), "term=never+there").await.location().ends_with("deleted=0"));
}

#[tokio::test]
async fn people_are_imported_after_a_look() {
    let site = Site::demo().await;
    let mut admin = site.admin("large").await;
    let page = admin.get(PEOPLE).await;
    assert!(page.says("14 people") && page.says("Abena Sarpong") && page.says("imported"));

    let bad = b"username,email\nada,ada@a.example\nbo\ncy,no-at\n";
    let refused = admin.upload(PEOPLE, "people.csv", bad, &[]).await;
    assert!(refused.is_refusal() && refused.says("The directory is as it was."));
    for text in ["Line 3 has 1 values", "Line 4, column 4: the e-mail address has no @."] {
        assert!(refused.says(text), "{text}: {}", crate::html::text(&refused.body));
    }
    let large = vec![b'x'; 25 * 1024 * 1024];
    assert!(admin.upload(PEOPLE, "people.csv", &large, &[]).await.says("more than 20 MB"));

    let good = b"username;display_name\nasarpong;Abena Sarpong\nzoe;Zo\xc3\xab Ash\n";
    let held = admin.upload(PEOPLE, "people.csv", good, &[]).await;
    let review = admin.get(held.location()).await;
    assert!(review.says("people.csv: 2 new, 0 changed, 14 gone."), "{}", crate::html::text(&review.body));
    assert!(!review.body.contains("Zo"), "the summary names nobody");
    assert_eq!(site.knowledge("large").await.people.len(), 14, "looking changes nothing");

    // Someone else changes a term in the meantime: the summary is shown again.
    admin.post(TERMS, "list=kept&terms=Weir").await;
    let moved = admin.post(held.location(), &format!("version={}", review.field("version").unwrap())).await;
    assert!(moved.status == StatusCode::CONFLICT && moved.says("changed while you were looking"), "{}", moved.status);
    let done = admin.post(held.location(), &format!("version={}", moved.field("version").unwrap())).await;
    let page = admin.get(done.location()).await;
    assert!(page.says("The directory was replaced: 2 new, 0 changed, 14 gone.") && page.says("Zoë Ash"));
    let again = admin.get(held.location()).await;
    assert!(again.status == StatusCode::NOT_FOUND && again.says("This file is not held any more"));

    assert!(admin.get(&format!("{PEOPLE}?q=zoe")).await.says("Zoë Ash"));
    assert!(admin.get(&format!("{PEOPLE}?q=nobody")).await.says("Nobody matches “nobody”."));
    let unsure = admin.post(&format!("{PEOPLE}/delete"), "").await;
    assert!(unsure.is_refusal() && unsure.says("Tick the box"));
    let done = admin.post(&format!("{PEOPLE}/delete"), "sure=yes").await;
    let page = admin.get(done.location()).await;
    assert!(page.says("Deleted: 2 people.") && page.says("The directory is empty"));
}

/// Whatever an auditor or support in review opens, it names nobody of the directory and no term.
#[tokio::test]
async fn auditors_and_support_see_nobody() {
    let site = Site::demo().await;
    let known = site.knowledge("large").await;
    let secret: Vec<String> = known
        .people
        .iter()
        .flat_map(|person| [&person.names, &person.handles, &person.account_ids, &person.emails])
        .flatten()
        .cloned()
        .chain(known.terms.iter().filter(|term| term.term != "Heron pilot").map(|term| term.term.clone()))
        .collect();
    assert!(secret.len() > 50);
    site.open_review("large").await;
    let mut auditor = site.signed_in("femke.bos@large.example").await;
    let mut support = site.support().await;
    let own = site.admin("large").await.get(PEOPLE).await;
    assert!(own.says(&secret[0]), "otherwise this would prove nothing");
    for path in [
        TERMS.to_owned(),
        PEOPLE.to_owned(),
        format!("{PEOPLE}?q=sarpong"),
        format!("{PEOPLE}?after=file:3"),
        PREVIEW.to_owned(),
        format!("{PREVIEW}?sample=work-item&as=on"),
        format!("{PREVIEW}?sample=page&as=on&kept=Amara&removed=Rotterdam"),
        format!("{PREVIEW}?sample=service-request&as=on&kind=person"),
        "/orgs/large/security/data-contribution".to_owned(),
        "/orgs/large/security/data-contribution?app=jira".to_owned(),
        "/orgs/large/security/data-contribution/history".to_owned(),
        "/orgs/large/security/data-contribution/why?target=app:jira".to_owned(),
    ] {
        let page = auditor.get(&path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        let seen = support.get(&path).await;
        let open = path.contains("data-contribution");
        let expected = if open { StatusCode::OK } else { StatusCode::NOT_FOUND };
        assert_eq!(seen.status, expected, "{path}");
        assert!(secret.iter().all(|secret| !seen.says(secret)), "{path}");
        for name in &secret {
            assert!(!page.body.contains(name.as_str()), "{path} names {name}");
        }
    }
    assert!(auditor.get(PEOPLE).await.says("14 people"));
    assert!(auditor.get(TERMS).await.says("2 terms are always removed, 2 never removed."));
    let glance = support.get("/orgs/large/review").await;
    assert!(glance.status == StatusCode::OK && secret.iter().all(|secret| !glance.says(secret)));
    // The sample speaks of a term of the organisation: an auditor sees it washed without the organisation's terms.
    let sample = format!("{PREVIEW}?sample=work-item&as=on");
    assert!(site.admin("large").await.get(&sample).await.says("[TERM_1]"));
    let page = auditor.get(&sample).await;
    assert!(!page.says("[TERM_1]") && page.says("Shown without the organisation's own people and terms"));
    assert!(!page.says("draft term"));
}

/// An address with drafts leads to them; a form adds, takes back, saves and discards.
#[tokio::test]
async fn drafts_of_a_sample_live_in_its_address() {
    let site = Site::demo().await;
    let mut admin = site.admin("large").await;
    let drafts = format!("{PREVIEW}/drafts");
    let step = async |admin: &mut crate::site::Browser, form: &str| -> Answer {
        let answer = admin.post(&drafts, form).await;
        if answer.status == StatusCode::SEE_OTHER { admin.get(answer.location()).await } else { answer }
    };
    let answer = admin.post(&drafts, "sample=work-item&as=on&do=remove&term=Rotterdam").await;
    assert_eq!(answer.location(), "/orgs/large/security/preview?sample=work-item&removed=Rotterdam&as=on");
    let page = admin.get(answer.location()).await;
    assert!(page.says("1 draft term") && page.says("1 more replaced here"), "{}", crate::html::text(&page.body));
    let both = "sample=work-item&as=on&removed=Rotterdam";
    let page = step(&mut admin, &format!("{both}&keep=Yusuf+Demir")).await;
    assert!(page.says("2 draft terms") && page.says("leaves because of a draft"), "{}", crate::html::text(&page.body));

    for (form, said) in [
        ("&do=remove&term=x", "has 1 letter"),
        ("&do=remove&term=", "No term was typed."),
        ("&keep=Heron+pilot", "is always removed. Delete it there"),
        ("&do=remove&term=Project+Falcon", "is always removed already."),
    ] {
        let refused = admin.post(&drafts, &format!("{both}{form}")).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{form}");
        assert!(refused.is_refusal() && refused.says(said), "{form}: {}", crate::html::text(&refused.body));
        assert!(refused.says("1 draft term") && refused.says("Rotterdam"), "{form}: no draft is lost");
    }
    assert_eq!(site.knowledge("large").await.terms.len(), 4, "nothing is saved yet");

    let back = step(&mut admin, "sample=work-item&removed=Rotterdam&kept=Demir&drop=ROTTERDAM").await;
    assert!(back.says("1 draft term"));
    let saved = step(&mut admin, "sample=work-item&as=on&removed=Rotterdam&kept=Demir&do=save").await;
    assert!(saved.says("Saved: 2 terms.") && !saved.says("draft term"), "{}", crate::html::text(&saved.body));
    let terms = site.knowledge("large").await.terms;
    assert!(terms.iter().any(|term| term.term == "Rotterdam" && term.removed));
    assert!(terms.iter().any(|term| term.term == "Demir" && !term.removed));
    assert!(step(&mut admin, "sample=page&removed=Weir&do=discard").await.status == StatusCode::OK);
    for form in ["", "sample=page", "sample=nothing&do=save", "do=save", "sample=page&do=else"] {
        assert_eq!(admin.post(&drafts, form).await.status, StatusCode::BAD_REQUEST, "{form}");
    }
    assert!(admin.post(&drafts, "sample=page&do=save").await.says("No term was typed."));
}
