//! What holds for every text, every file and every list of people, tried on many of each.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

use std::collections::HashSet;
use std::sync::LazyLock;

use deidentify::{
    Deidentified, Deidentifier, Directory, Event, Export, Finding, Format, Kind, Person, Text, item, webhook,
};
use proptest::prelude::*;

fn person(name: &str, handle: &str) -> Person {
    Person { names: vec![name.to_owned()], handles: vec![handle.to_owned()], ..Person::default() }
}

/// Knows people with every awkward thing that people are called.
static ENGINE: LazyLock<Deidentifier> = LazyLock::new(|| {
    let people = [
        person("Ines Okafor", "iokafor"),
        person("Visser, Bram (Acme)", "bram.visser"),
        person("Anne-Marie O'Neill", "amo_7"),
        person("Łukasz van den Berg", "l-berg"),
        person("Grace Page", "v2x9"),
        person("李华", "lihua88"),
        person("Person Email", "person_1"),
        person("nightjar", "a.b.c.d"),
    ];
    Deidentifier::new(&people.into_iter().collect(), &Default::default())
});

fn washed(engine: &Deidentifier, text: &str, format: Format) -> Deidentified {
    engine.item(&[Text { text, format }]).unwrap().remove(0)
}

fn run(text: &str) -> Deidentified {
    washed(&ENGINE, text, Format::Text)
}

/// Texts made of pieces that detectors look for, so that they meet in every order.
fn tricky_text() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "Ines",
        "Okafor",
        "ines okafor",
        "Okafor, Ines",
        "Bram",
        "bram.visser",
        "iokafor",
        "Anne-Marie",
        "O'Neill",
        "amo_7",
        "李华",
        "v2x9",
        "Grace",
        "Page",
        "person_1",
        "a.b.c.d",
        "[PERSON_1]",
        "[EMAIL_2]",
        "[IP_",
        "[~",
        "]",
        "accountid:",
        "@",
        "a@b.example",
        "@zoe",
        "mailto:",
        "https://",
        "/people/",
        "/~",
        "?user=",
        "x.example",
        "+49 30 5550 1234",
        "phone",
        "call",
        "0049 ",
        "(030) ",
        "5550123",
        "10.0.4.17",
        "192.168.1.2",
        "version",
        "v",
        "fe80::1:2",
        "::",
        ":",
        "557058:f58131cb-b67d-43c7-b30d-6b58d40bd077",
        "5b10ac8d82e05b22cc7d4ef5",
        "/Users/",
        "C:\\Users\\",
        " ",
        " ",
        " ",
        ".",
        ",",
        "_",
        "-",
        "'s",
        "\n",
        "<b>",
        "</b>",
        "\"",
        "&lt;",
        "|",
        "\u{202E}",
        "\u{200B}",
        "é",
        "7",
        "text",
    ]);
    prop::collection::vec(pieces, 0..24).prop_map(|pieces| pieces.concat())
}

fn check(text: &str) -> Result<(), TestCaseError> {
    let done = run(text);
    let mut rebuilt = String::new();
    let mut end = 0;
    for finding in &done.findings {
        prop_assert!(finding.start >= end, "findings overlap or are out of order");
        prop_assert!(finding.start < finding.end);
        prop_assert!(text.is_char_boundary(finding.start) && text.is_char_boundary(finding.end));
        let word = finding.kind.word();
        prop_assert!(finding.placeholder.starts_with('[') && finding.placeholder.contains(word));
        rebuilt += &text[end..finding.start];
        rebuilt += &finding.placeholder;
        end = finding.end;
    }
    rebuilt += &text[end..];
    prop_assert_eq!(&done.text, &rebuilt, "text outside the findings changed");
    let again = run(&done.text);
    prop_assert_eq!(again.findings, [], "the output {:?} still holds something", done.text);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_replaced_once_and_for_all(text in "\\PC{0,80}|[\\s\\S]{0,40}") {
        check(&text)?;
    }

    #[test]
    fn texts_full_of_identifiers_are_replaced_once_and_for_all(text in tricky_text()) {
        check(&text)?;
    }

    #[test]
    fn a_listed_person_never_survives(
        first in "[A-Z][a-z]{2,8}zq",
        last in "[A-ZÀÉÖ][a-zàéö]{2,8}xj",
        handle in "zq[a-z]{1,4}[0-9]{1,3}",
        open in "[ \n\\[<\"'*>:;,]{1,3}",
        close in "[ \n)\\]<\"'*>:;,.!]{1,3}",
        // Neither the ending of a program file nor a word in front of other names.
        filler in "(zz[yz ]{0,28})?",
    ) {
        let people: Directory = [person(&format!("{first} {last}"), &handle)].into_iter().collect();
        let engine = Deidentifier::new(&people, &Default::default());
        for called in [format!("{first} {last}"), format!("{last}, {first}"), format!("{first} {last}").to_lowercase(), first, last, handle] {
            let text = format!("{filler}{open}{called}{close}{filler}{open}{called}'s");
            let done = washed(&engine, &text, Format::Text);
            prop_assert!(!done.text.to_lowercase().contains(&called.to_lowercase()), "{:?} is left in {:?}", called, done.text);
            // What stands around the name may be taken for somebody as well; the name itself is one person.
            let is_called = |finding: &&Finding| text[finding.start..finding.end].to_lowercase().contains(&called.to_lowercase());
            let number = |finding: &Finding| finding.placeholder.trim_matches(|c: char| !c.is_ascii_digit()).to_owned();
            let numbers: HashSet<String> = done.findings.iter().filter(is_called).map(number).collect();
            prop_assert_eq!(numbers.len(), 1, "{:?} in {:?}", done.findings, text);
        }
    }

    #[test]
    fn addresses_and_numbers_never_survive(
        local in "[a-z][a-z0-9._-]{0,8}[a-z0-9]",
        domain in "[a-z0-9-]{1,8}[a-z]",
        top in "org|example|museum|de",
        digits in "[1-9][0-9]{9,12}",
        octets in (11u8..127, any::<u8>(), any::<u8>(), any::<u8>()),
        open in "[ \n(<\"'*>]{1,3}",
        close in "[ \n)<\"'*>,]{1,3}",
    ) {
        let email = format!("{local}@x{domain}.{top}");
        let ip = format!("{}.{}.{}.{}", octets.0, octets.1, octets.2, octets.3);
        for (called, kind) in [(email, Kind::Email), (format!("+{digits}"), Kind::Phone), (ip, Kind::Ip)] {
            let text = format!("x{open}{called}{close}y");
            let done = run(&text);
            prop_assert!(!done.text.contains(&called), "{:?}", done.text);
            prop_assert!(done.findings.iter().any(|finding| finding.kind == kind), "{:?}", done);
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        read_all(&bytes);
    }

    #[test]
    fn anything_like_an_export_is_read_or_refused(
        text in "(\\{\"(issues|webhookEvent)\":)?[\\[\\]{}\",:0-9a-ekyfilds \\\\-]{0,60}|Issue key[;,]b\n[a-c\",;\n\r-]{0,40}",
    ) {
        read_all(text.as_bytes());
    }
}

fn read_all(bytes: &[u8]) {
    if let Ok(export) = Export::read(bytes) {
        let items = export.items().count();
        assert_eq!(items, export.len());
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = item(text);
    }
    let _ = webhook(bytes);
}

/// One value of a work item.
fn json_value() -> impl Strategy<Value = serde_json::Value> {
    use serde_json::Value;
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[a-zA-Z@ ]{0,12}".prop_map(Value::from),
    ];
    let name =
        prop::sample::select(vec!["displayName", "accountId", "name", "key", "text", "id", "attrs", "body", "x.y"]);
    leaf.prop_recursive(4, 24, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(name.clone(), inner, 0..4)
                .prop_map(|map| map.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_item_is_the_same_whichever_way_it_comes(values in prop::collection::vec(json_value(), 1..4)) {
        let issues: Vec<serde_json::Value> = values
            .into_iter()
            .enumerate()
            .map(|(at, value)| serde_json::json!({"id": at.to_string(), "key": format!("A-{at}"), "fields": {"x": value}}))
            .collect();
        let file = serde_json::json!({ "issues": issues }).to_string();
        let export = Export::read(file.as_bytes()).unwrap();
        for (issue, in_file) in issues.iter().zip(export.items()) {
            let in_file = in_file.unwrap();
            prop_assert_eq!(&item(&issue.to_string()).unwrap(), &in_file);
            let sent = serde_json::json!({"webhookEvent": "jira:issue_updated", "issue": issue, "user": {"displayName": "Zoe Kay"}});
            let expected = Event::Upsert { item: in_file, has_comments: false };
            prop_assert_eq!(webhook(sent.to_string().as_bytes()).unwrap().event, expected);
        }
    }
}

/// A person in every format, beside marks that cut the name, and the same texts again in the other formats.
fn in_every_format(name: &str, handle: &str, email: &str) -> Vec<(Format, String)> {
    let (first, last) = name.split_once(' ').unwrap();
    let doc = |content: &str| {
        format!("{{\"type\":\"doc\",\"version\":1,\"content\":[{{\"type\":\"paragraph\",\"content\":[{content}]}}]}}")
    };
    let node = |text: &str| format!("{{\"type\":\"text\",\"text\":{}}}", serde_json::to_string(text).unwrap());
    let half = first.char_indices().nth(1).unwrap().0;
    vec![
        (Format::Text, format!("cc {name}, [~{handle}] <{email}>")),
        (Format::Wiki, format!("*{first}* _{last}_ and [~{handle}], [mail|mailto:{email}]")),
        (Format::Markdown, format!("**{first}** {last} @{handle} [mail](mailto:{email})")),
        (
            Format::Html,
            format!(
                "<p>{}<b>{}</b> {last}</p><ri:user ri:userkey=\"{handle}\"/><a href='mailto:{email}'>x</a>",
                &first[..half],
                &first[half..]
            ),
        ),
        (
            Format::Adf,
            doc(&format!(
                "{},{},{{\"type\":\"mention\",\"attrs\":{{\"text\":\"@{name}\",\"id\":\"{handle}\"}}}},{}",
                node(&first[..half]),
                node(&format!("{} {last}", &first[half..])),
                node(email)
            )),
        ),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nobody_of_the_directory_survives_in_any_format(
        first in "[A-Z][a-z]{2,8}zq",
        last in "[A-ZÀÉÖ][a-zàéö]{2,8}xj",
        handle in "zq[a-z]{1,4}[0-9]{1,3}",
    ) {
        let name = format!("{first} {last}");
        let email = format!("{}@example.org", first.to_lowercase());
        let people: Directory = [Person { emails: vec![email.clone()], ..person(&name, &handle) }].into_iter().collect();
        let engine = Deidentifier::new(&people, &Default::default());
        for (format, text) in in_every_format(&name, &handle, &email) {
            let done = washed(&engine, &text, format);
            let left = done.text.to_lowercase();
            for part in [&first, &last, &handle, &email] {
                prop_assert!(!left.contains(&part.to_lowercase()), "{:?} is left of {:?} in {:?}", part, text, done.text);
            }
            if format == Format::Adf {
                prop_assert!(serde_json::from_str::<serde_json::Value>(&done.text).is_ok(), "{:?}", done.text);
            }
        }
    }

    #[test]
    fn any_text_in_any_format_is_read(text in "[\\s\\S]{0,60}|[<>/a-z\"'=&;#!\\[\\]{}:,\\\\ -]{0,60}", format in prop::sample::select(Format::ALL.to_vec())) {
        let done = washed(&ENGINE, &text, format);
        let again = washed(&ENGINE, &done.text, format);
        prop_assert_eq!(&again.text, &done.text);
    }
}

/// Long texts of one kind take a time that grows with their length only; a quadratic detector would take minutes.
#[test]
fn one_thing_over_and_over_is_no_trouble() {
    let pieces = [
        "a",
        " ",
        "@",
        "[~",
        "://",
        "http://a",
        "+",
        "(",
        "1",
        "1.",
        ":",
        "::",
        "a.",
        "@a",
        "a@",
        "Ines ",
        "ines",
        "_",
        "\u{200B}",
        "李",
        "[PERSON_1]",
        "[",
        "é",
        "/home/",
        "\\Users\\",
        "1 ",
        "(1)",
        "call ",
        "5b10ac8d82e05b22cc7d4ef5",
        "a@b.example ",
        "ri:userkey=\"",
        "1:",
        "a\u{200B}",
        "a@b.example_Ines",
        "/people/x",
    ];
    for piece in pieces {
        let text = piece.repeat(200_000 / piece.len());
        run(&text);
    }
}
