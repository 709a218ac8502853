//! The preview: samples, and files as people send them.

use axum::http::StatusCode;

use crate::site::{FORM, OWN_PAGE, Site, filled};

const PREVIEW: &str = "/orgs/large/security/preview";

#[tokio::test]
async fn each_sample_is_shown() {
    let site = Site::demo().await;
    let mut admin = site.admin("large").await;
    // On Enterprise metadata leaves, in-app data stays, identities never leave.
    let samples = [
        ("work-item", "Jira", "MOB-482"),
        ("page", "Confluence", ""),
        ("service-request", "Jira Service Management", ""),
    ];
    for (sample, app, key) in samples {
        let page = admin.get(&format!("{PREVIEW}?sample={sample}")).await;
        assert_eq!(page.status, StatusCode::OK, "{sample}");
        for text in [app, key, "Would leave", "Stays, because of the settings", "Never leaves"] {
            assert!(page.says(text), "{sample} does not say {text}");
        }
        assert!(!page.says("[PERSON_1]"), "{sample}: no text leaves while in-app data is off");
        let as_if = admin.get(&format!("{PREVIEW}?sample={sample}&as=on")).await;
        assert!(as_if.status == StatusCode::OK && as_if.says("[PERSON_1]"), "{sample} as if it were on");
    }
    assert_eq!(site.snapshot("large").await.version, 2, "looking changes nothing");
    for odd in ["", "?sample=", "?sample=nothing", "?sample=work-item&sample=page", "?as=maybe"] {
        let page = admin.get(&format!("{PREVIEW}{odd}")).await;
        assert!(page.status == StatusCode::OK && page.says("MOB-482"), "{odd}");
    }
}

#[tokio::test]
async fn a_file_is_shown_or_the_page_says_what_is_wrong_with_it() {
    let site = Site::demo().await;
    let mut admin = site.admin("large").await;
    let json = br#"{"issues": [
        {"key": "HL-1", "fields": {"summary": "Pump fails", "created": "2026-09-01T08:00:00.000+0000"}},
        {"key": "HL-2", "fields": {"summary": "Valve stuck", "created": "2026-09-02T08:00:00.000+0000"}}]}"#;
    let csv = b"Issue key,Summary,Created\nHL-3,\"Gasket, worn\",01/Sep/26 8:00 AM\nHL-4,Leak,02/Sep/26 8:00 AM\n";
    let broken = b"{\"issues\": [\n  {\"key\": \"HL-1\",\n   \"fields\": {\"summary\": oops}}\n]}";
    let big = vec![b' '; 20 * 1024 * 1024 + 1];
    let far_too_big = vec![b'x'; 25 * 1024 * 1024];
    let (ok, unreadable, large) = (StatusCode::OK, StatusCode::UNPROCESSABLE_ENTITY, StatusCode::PAYLOAD_TOO_LARGE);
    // File name, content, the item to start from, the status, what the page says and what it does not.
    type Case<'a> = (&'a str, &'a [u8], &'a str, StatusCode, &'a [&'a str], &'a [&'a str]);
    let cases: [Case<'_>; 13] = [
        ("two.json", json, "1", ok, &["items 1 to 2 of 2", "two.json", "HL-1", "HL-2", "Pump fails"], &[]),
        ("two.json", json, "2", ok, &["item 2 of 2", "HL-2"], &["HL-1"]),
        ("two.json", json, "99", ok, &["HL-2"], &[]),
        ("two.json", json, "0", ok, &["HL-1"], &[]),
        ("two.json", json, "-1 or so", ok, &["HL-1"], &[]),
        ("two.csv", csv, "1", ok, &["two.csv", "HL-3", "Gasket, worn", "HL-4"], &[]),
        ("broken.json", broken, "1", unreadable, &["line 3"], &["Pump"]),
        ("empty.json", b"", "1", unreadable, &["no items"], &[]),
        ("blank.csv", b" \n\n ", "1", unreadable, &[], &[]),
        ("none.json", br#"{"issues": []}"#, "1", unreadable, &["no items"], &[]),
        ("picture.json", b"\x89PNG\r\n\x1a\n\x00\x00\xff\xfe", "1", unreadable, &["cannot be read"], &[]),
        ("big.json", &big, "1", large, &["20 MB"], &[]),
        ("far-too-big.json", &far_too_big, "1", large, &["20 MB"], &[]),
    ];
    for (name, file, first, status, says, not) in cases {
        let mut page = admin.upload(PREVIEW, name, file, &[]).await;
        if page.status == StatusCode::SEE_OTHER {
            page = admin.get(&filled(&format!("{}?first={{first}}", page.location()), &[("first", first)])).await;
        }
        assert_eq!(page.status, status, "{name} from {first}");
        assert!(page.is_page(), "{name}");
        assert_eq!(page.says("The file was not shown") && page.says("Nothing of it was kept."), status != ok, "{name}");
        for text in says {
            assert!(page.says(text), "{name} from {first} does not say {text}: {}", crate::html::text(&page.body));
        }
        for text in not {
            assert!(!page.says(text), "{name} from {first} says {text}");
        }
    }
    let page = admin.upload_shown(PREVIEW, "two.json", json, &[("as", "on")]).await;
    assert!(page.status == ok && page.says("As if in-app data were on"));
}

#[tokio::test]
async fn what_is_no_file_is_refused_with_a_page() {
    let site = Site::demo().await;
    let mut admin = site.admin("large").await;
    let edge = ("content-type", "multipart/form-data; boundary=edge");
    // What comes, and as what it says it is.
    let cases: [(&str, (&str, &str), &str); 8] = [
        ("an ordinary form", FORM, "file=HL-1"),
        ("nothing said", ("accept", "text/html"), "{}"),
        ("JSON", ("content-type", "application/json"), "{\"issues\": []}"),
        ("no boundary", ("content-type", "multipart/form-data"), "--edge\r\n"),
        ("no parts", edge, ""),
        ("cut off", edge, "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.json\"\r\n\r\n{\"iss"),
        ("no file", edge, "--edge\r\nContent-Disposition: form-data; name=\"first\"\r\n\r\n1\r\n--edge--\r\n"),
        ("a part without a name", edge, "--edge\r\nContent-Disposition: form-data\r\n\r\n1\r\n--edge--\r\n"),
    ];
    for (what, content_type, body) in cases {
        let page = admin.post_raw(PREVIEW, &[OWN_PAGE, content_type], body.to_owned()).await;
        assert!(page.status.is_client_error(), "{what}: {}", page.status);
        assert!(page.is_page(), "{what}: {} {:?}", page.status, page.body);
    }
}
