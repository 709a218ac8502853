use std::io::Write;

use flate2::Compression;
use flate2::write::DeflateEncoder;

use super::{FILE, HEADS, Held, MOST_HELD, OVERHEAD, Objects, Pages, archive};
use crate::{App, Export, Format, Item, Value};

fn two(number: usize) -> [u8; 2] {
    (number as u16).to_le_bytes()
}

fn four(number: usize) -> [u8; 4] {
    (number as u32).to_le_bytes()
}

/// One file of an archive, and what its list says of it.
struct Packed {
    name: &'static str,
    flags: usize,
    method: usize,
    crc: usize,
    size: usize,
    bytes: Vec<u8>,
}

fn deflated(name: &'static str, content: &[u8]) -> Packed {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(content).unwrap();
    let bytes = encoder.finish().unwrap();
    Packed { name, flags: 0, method: 8, crc: crc32fast::hash(content) as usize, size: content.len(), bytes }
}

fn plain(xml: &str) -> Packed {
    let (crc, bytes) = (crc32fast::hash(xml.as_bytes()) as usize, xml.as_bytes().to_vec());
    Packed { name: "entities.xml", flags: 0, method: 0, crc, size: xml.len(), bytes }
}

fn zip(files: &[Packed]) -> Vec<u8> {
    let (mut archive, mut list) = (Vec::new(), Vec::new());
    for file in files {
        let start = archive.len();
        let common = [
            &two(20)[..],
            &two(file.flags),
            &two(file.method),
            &[0; 4],
            &four(file.crc),
            &four(file.bytes.len()),
            &four(file.size),
            &two(file.name.len()),
            &two(0),
        ]
        .concat();
        archive.extend([&b"PK\x03\x04"[..], &common, file.name.as_bytes(), &file.bytes].concat());
        list.extend([&b"PK\x01\x02"[..], &two(20), &common, &[0; 10], &four(start), file.name.as_bytes()].concat());
    }
    let (count, start) = (two(files.len()), four(archive.len()));
    archive.extend(&list);
    archive.extend([&b"PK\x05\x06\0\0\0\0"[..], &count, &count, &four(list.len()), &start, &two(0)].concat());
    archive
}

fn export(xml: &str) -> Vec<u8> {
    zip(&[
        deflated("exportDescriptor.properties", b"exportType=space\n"),
        deflated("entities.xml", xml.as_bytes()),
        deflated("attachments/100/900/1", &[0xFF; 40]),
    ])
}

fn hibernate(objects: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<hibernate-generic datetime=\"2026-08-17 12:00:00\">\n{objects}\n</hibernate-generic>\n"
    )
}

fn object(class: &str, id: &str, properties: &str) -> String {
    format!(
        "<object class=\"{class}\" package=\"com.atlassian.confluence\">\n<id name=\"id\">{id}</id>\n{properties}</object>\n"
    )
}

fn text(name: &str, value: &str) -> String {
    format!("<property name=\"{name}\"><![CDATA[{value}]]></property>")
}

fn refers(name: &str, class: &str, id: &str) -> String {
    format!(
        "<property name=\"{name}\" class=\"{class}\" package=\"com.atlassian.confluence\"><id name=\"id\">{id}</id>\n</property>"
    )
}

fn body(id: &str, class: &str, content: &str, storage: &str) -> String {
    let properties =
        text("body", storage) + &refers("content", class, content) + "<property name=\"bodyType\">2</property>";
    object("BodyContent", id, &properties)
}

const INES: &str = "8a7f8082015e2f6e01015e2f7a000001";
const BRAM: &str = "712020:f58131cb-b67d-43c7-b30d-6b58d40bd077";

/// A space with one current page, one blog post, and of everything else that is no item: the bodies come first, which is as
/// good an order as any.
fn space() -> String {
    let space = refers("space", "Space", "1");
    let status = |status: &str| text("contentStatus", status);
    let page = [
        text("title", "Runbook: R&D"),
        space.clone(),
        "<property name=\"version\">14</property>".into(),
        refers("creator", "ConfluenceUserImpl", INES),
        "<property name=\"creationDate\">2025-02-11 09:05:00.000</property>".into(),
        refers("lastModifier", "ConfluenceUserImpl", BRAM),
        "<property name=\"lastModificationDate\">2026-08-29 13:20:44.118</property>".into(),
        "<property name=\"originalVersion\"/><property name=\"originalVersionId\"/>".into(),
        status("current"),
        "<collection name=\"bodyContents\" class=\"java.util.Collection\"><element class=\"BodyContent\"><id name=\"id\">901</id></element></collection>".into(),
    ]
    .concat();
    let in_page = refers("containerContent", "Page", "100");
    let mut objects = vec![
        body(
            "901",
            "Page",
            "100",
            "<p>Ask <ac:link><ri:user ri:userkey=\"8a7f8082015e2f6e01015e2f7a000002\"/></ac:link></p><ac:plain-text-body><![CDATA[x > 1]] ></ac:plain-text-body>",
        ),
        body("902", "Page", "101", "<p>old version</p>"),
        body("903", "Comment", "200", "<p>Looks right</p>"),
        body("904", "Comment", "201", "<p>deleted comment</p>"),
        body("905", "Page", "103", "<p>draft</p>"),
        body("906", "SpaceDescription", "3", "<p>not a page</p>"),
        object(
            "Comment",
            "200",
            &(in_page.clone() + &refers("creator", "ConfluenceUserImpl", "unknown7") + &status("current")),
        ),
        object("Comment", "201", &(in_page.clone() + &status("deleted"))),
        object("Comment", "202", &refers("containerContent", "Page", "999")),
        object("Page", "100", &page),
        object("Page", "101", &(text("title", "old") + &refers("originalVersion", "Page", "100") + &status("current"))),
        object("Page", "102", &(text("title", "gone") + &space + &status("deleted"))),
        object("Page", "103", &(text("title", "draft") + &space + &status("draft"))),
        object("BlogPost", "110", &(text("title", "News") + &space)),
        object("Space", "1", &(text("key", "OPS") + "<property name=\"name\">R &amp; D &#x2014; Ops</property>")),
        object("Label", "5", &(text("name", "runbook") + &text("namespace", "global"))),
        object("Label", "6", &(text("name", "favourite") + &text("namespace", "my"))),
        object("Labelling", "50", &(refers("label", "Label", "5") + &refers("content", "Page", "100"))),
        object("Labelling", "51", &(refers("label", "Label", "6") + &refers("content", "Page", "100"))),
    ];
    for (key, properties) in [
        (INES, text("name", "iokafor") + &text("lowerName", "iokafor") + &text("email", "ines@example.org")),
        ("8a7f8082015e2f6e01015e2f7a000002", text("name", "li.hua")),
        (BRAM, "<property name=\"name\"/>".to_owned() + &text("email", "bram@example.org")),
    ] {
        let user = object("ConfluenceUserImpl", "KEY", &properties);
        objects.push(user.replace("<id name=\"id\">KEY</id>", &format!("<id name=\"key\"><![CDATA[{key}]]></id>")));
    }
    hibernate(&objects.concat())
}

fn items(archive: &[u8]) -> Vec<Item> {
    let export = Export::read(archive).unwrap();
    let items: Vec<Item> = export.items().map(Result::unwrap).collect();
    assert_eq!(items.len(), export.len());
    items
}

fn error(archive: &[u8]) -> String {
    Export::read(archive).unwrap_err().to_string()
}

/// The paths of which anything may leave by the dictionary.
const LEAVE: &[&str] = &[
    "type",
    "status",
    "title",
    "version.when",
    "version.number",
    "history.createdDate",
    "metadata.labels.results.name",
    "body.storage.value",
    "children.comment.results.body.storage.value",
];

#[test]
fn a_page_has_the_leaves_of_the_rest_api() {
    let rest = r#"{"id": "100", "type": "page", "status": "current", "title": "Runbook: R&D",
        "space": {"key": "OPS", "name": "R & D — Ops"},
        "version": {"by": {"accountId": "9", "displayName": "Bram Visser"}, "when": "2026-08-29T13:20:44.118Z", "number": 14},
        "history": {"createdDate": "2025-02-11T09:05:00.000Z"},
        "metadata": {"labels": {"results": [{"prefix": "global", "name": "runbook", "id": "5"}]}},
        "body": {"storage": {"value": "<p>Ask <ac:link><ri:user ri:userkey=\"8a7f8082015e2f6e01015e2f7a000002\"/></ac:link></p><ac:plain-text-body><![CDATA[x > 1]]></ac:plain-text-body>", "representation": "storage"}},
        "children": {"comment": {"results": [{"id": "200", "body": {"storage": {"value": "<p>Looks right</p>"}}}]}}}"#;
    let rest = crate::item(rest).unwrap();
    let exported = &items(&export(&space()))[0];
    let leaving = |item: &Item| -> Vec<_> {
        item.leaves.iter().filter(|leaf| LEAVE.contains(&leaf.path.as_str())).cloned().collect()
    };
    assert_eq!(leaving(exported), leaving(&rest));
    assert_eq!(leaving(exported).len(), LEAVE.len(), "each path is tried");
    assert_eq!(
        (&exported.id, &exported.key, exported.app, &exported.space),
        (&rest.id, &rest.key, rest.app, &rest.space)
    );
    let of = |item: &Item, path: &str| item.leaves.iter().find(|leaf| leaf.path == path).unwrap().value.clone();
    assert_eq!(of(exported, "space.name"), of(&rest, "space.name"), "references are written out");
}

#[test]
fn only_current_pages_are_items() {
    let items = items(&export(&space()));
    let heads: Vec<_> = items.iter().map(|item| (item.id.as_str(), item.app, item.space.as_str())).collect();
    assert_eq!(heads, [("100", App::Confluence, "OPS"), ("110", App::Confluence, "OPS")]);
    let all = format!("{items:?}");
    for gone in ["old version", "deleted comment", "draft", "not a page", "favourite"] {
        assert!(!all.contains(gone), "{gone}");
    }
    let leaf = items[1].leaves.iter().find(|leaf| leaf.path == "type").unwrap();
    assert_eq!(leaf.value, Value::Text("blogpost".into()));
}

#[test]
fn a_page_names_its_authors_commenters_and_whom_it_mentions() {
    let items = items(&export(&space()));
    let people = &items[0].people;
    let handles: Vec<_> = people.iter().map(|person| person.handles.clone()).collect();
    let key = |end: char| format!("8a7f8082015e2f6e01015e2f7a00000{end}");
    assert_eq!(
        handles,
        [vec!["iokafor".to_owned(), key('1')], vec![], vec!["unknown7".into()], vec!["li.hua".into(), key('2')]]
    );
    assert_eq!(people[0].emails, ["ines@example.org"]);
    assert_eq!(
        (&people[1].account_ids[..], &people[1].emails[..]),
        (&[BRAM.to_owned()][..], &["bram@example.org".to_owned()][..])
    );
    assert_eq!(items[1].people, []);
}

#[test]
fn wiki_mark_up_of_old_is_not_taken_for_storage_format() {
    let old = space().replace("<property name=\"bodyType\">2<", "<property name=\"bodyType\">0<");
    let item = &items(&export(&old))[0];
    let body = item.leaves.iter().find(|leaf| leaf.path == "body.wiki.value").unwrap();
    assert_eq!(body.format, Format::Text);
    assert!(item.leaves.iter().all(|leaf| leaf.path != "body.storage.value"));
}

#[test]
fn other_archives_are_refused() {
    let xml = space();
    let foreign = "this ZIP file has no entities.xml; of ZIP files only Confluence's XML export is read";
    assert_eq!(error(&zip(&[deflated("page.html", b"private")])), foreign);
    assert_eq!(error(&zip(&[])), foreign);
    let whole = export(&xml);
    for cut in [4, 30, 100, whole.len() / 2, whole.len() - 1] {
        assert_eq!(error(&whole[..cut]), "the ZIP file is damaged or not whole", "after {cut} bytes");
    }
    let entities = || deflated("entities.xml", xml.as_bytes());
    assert!(error(&zip(&[entities(), entities()])).ends_with("two files of the same name"));
    assert!(error(&zip(&[Packed { flags: 1, ..entities() }])).starts_with("the ZIP file is encrypted"));
    assert!(error(&zip(&[Packed { method: 12, ..entities() }])).contains("packed in a way that is not read"));
    assert!(error(&zip(&[Packed { crc: 1, ..entities() }])).ends_with("the ZIP file is damaged or not whole"));
    let size = xml.len();
    assert!(error(&zip(&[Packed { size: size - 1, ..entities() }])).ends_with("more than the ZIP file says"));
    assert!(error(&zip(&[Packed { size: size + 1, ..entities() }])).ends_with("damaged or not whole"));
    assert_eq!(items(&zip(&[plain(&xml)])).len(), 2, "not packed at all");
}

#[test]
fn what_unpacks_to_too_much_is_refused() {
    let bomb = deflated("entities.xml", &vec![b' '; 40 * 1024 * 1024]);
    assert!(bomb.bytes.len() < 400_000);
    assert!(error(&zip(&[bomb])).contains("more than 200 times its size"));
    let large = Packed { size: 1024 * 1024 * 1024 + 1, ..deflated("entities.xml", b"x") };
    assert!(error(&zip(&[large])).contains("more than 1 GB"));
    let long = hibernate(&object("Page", "1", &text("title", &"x".repeat(33 * 1024 * 1024))));
    assert_eq!(error(&zip(&[plain(&long)])), "entities.xml, line 5: one value is larger than 32 MB");
    let pieces = "<![CDATA[]]>".repeat(3) + &format!("<![CDATA[{}]]>", "x".repeat(12 * 1024 * 1024)).repeat(3);
    let long = hibernate(&object("Page", "1", &format!("<property name=\"title\">{pieces}</property>")));
    let larger = "entities.xml, line 5: the object that this belongs to is larger than 32 MB";
    assert_eq!(error(&zip(&[plain(&long)])), larger);
    let mut held = Held(MOST_HELD - OVERHEAD);
    let archive = zip(&[plain(&space())]);
    let file = archive::entry(&archive, FILE).unwrap().unwrap();
    let refused = Pages::heads(Objects::new(file, HEADS), &mut held).err().unwrap().to_string();
    assert!(refused.contains("more than 512 MB of text"), "{refused}");
}

#[test]
fn wrong_xml_is_refused_with_its_line() {
    let page = object("Page", "1", &refers("space", "Space", "private"));
    for (xml, expected) in [
        (hibernate("<object>\n</private>"), "line 4: this is not valid XML"),
        (hibernate("<object><![CDATA[private"), "line 3: this is not valid XML"),
        (
            hibernate(&object("Page", "1", "<property name=\"title\">&private;</property>")),
            "line 5: an entity stands here that XML does not have",
        ),
        ("<hibernate-generic>\n<object>".to_owned(), "line 2: the file ends in the middle of an element"),
        ("<rss/>".to_owned(), "line 1: this is not the XML of a Confluence space export"),
        (
            "<!DOCTYPE x [<!ENTITY a \"&b;&b;\">]>\n<hibernate-generic/>".to_owned(),
            "line 1: a document type stands here, which no Confluence export has",
        ),
        (hibernate(&"<a>".repeat(10_000)), "line 3: elements are nested too deeply"),
        (hibernate("<object class=\"Page\"></object>"), "line 3: the object that begins here has no id"),
        (hibernate(&page), "line 3 (item 1): the page that begins here does not say which space it belongs to"),
    ] {
        assert_eq!(error(&export(&xml)), format!("entities.xml, {expected}"), "{xml:.200}");
    }
    assert!(Export::read(&export("<hibernate-generic/>")).unwrap().is_empty());
    let latin = zip(&[deflated("entities.xml", b"<hibernate-generic>\n\xE9</hibernate-generic>")]);
    assert_eq!(error(&latin), "entities.xml, line 1: this is not valid XML");
}

#[test]
fn an_archive_with_any_bytes_changed_is_read_or_refused() {
    let whole = zip(&[plain(&space())]);
    let mut state = 1_u32;
    let mut below = |end: usize| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as usize % end
    };
    for _ in 0..3_000 {
        let mut archive = whole.clone();
        for _ in 0..=below(3) {
            // The list at the end is where most can go wrong.
            let at = if below(2) == 0 { below(whole.len()) } else { whole.len() - 1 - below(150) };
            archive[at] = below(256) as u8;
        }
        if let Ok(export) = Export::read(&archive) {
            assert_eq!(export.items().count(), export.len());
        }
    }
}

#[test]
fn the_large_form_of_an_archive_is_read() {
    let xml = space();
    let archive = zip(&[plain(&xml)]);
    // The same archive with its numbers where the large form has them.
    let (list, end) = (archive.len() - 22 - 46 - 12, archive.len() - 22);
    let mut large = archive[..end].to_vec();
    for at in [20, 24, 42] {
        large[list + at..list + at + 4].fill(0xFF);
    }
    large[list + 30..list + 32].copy_from_slice(&two(28));
    let eight = |number: usize| (number as u64).to_le_bytes();
    large.extend([&two(1)[..], &two(24), &eight(xml.len()), &eight(xml.len()), &eight(0)].concat());
    let record = large.len();
    large.extend([&b"PK\x06\x06"[..], &[0; 28], &eight(1), &eight(0), &eight(list)].concat());
    large.extend([&b"PK\x06\x07\0\0\0\0"[..], &eight(record), &[0; 4]].concat());
    large.extend([&b"PK\x05\x06"[..], &[0xFF; 16], &two(0)].concat());
    assert_eq!(items(&large), items(&archive));
}
