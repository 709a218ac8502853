//! What the targets share: an organisation with awkwardly named people, and what must hold of every text.

use std::sync::LazyLock;

use deidentify::{Deidentified, Deidentifier, Dictionary, Format, Person, Text};

pub fn person(name: &str, handle: &str, email: &str) -> Person {
    let some = |value: &str| if value.is_empty() { Vec::new() } else { vec![value.to_owned()] };
    Person { names: some(name), handles: some(handle), emails: some(email), ..Person::default() }
}

pub static ENGINE: LazyLock<Deidentifier> = LazyLock::new(|| {
    let mut people = vec![
        person("Ines Okafor", "iokafor", "ines.okafor@corp.example"),
        person("Visser, Bram (Acme)", "bram.visser", ""),
        person("Anne-Marie O'Neill", "amo_7", "amo@corp.example"),
        person("Łukasz van den Berg", "l-berg", ""),
        person("Grace Page", "v2x9", ""),
        person("李华", "lihua88", ""),
        person("Person Email", "person_1", ""),
        person("nightjar", "a.b.c.d", ""),
    ];
    people[0].account_ids.push("712020:f58131cb-b67d-43c7-b30d-6b58d40bd077".into());
    let dictionary =
        Dictionary { always: vec!["Blue Heron".into(), "kestrel".into()], never: vec!["Grace Period".into()] };
    Deidentifier::new(&people.into_iter().collect(), &dictionary)
});

/// Whether it is a failure that the engine holds a text back, because its output showed something again and again. That is
/// safe, but nobody's text should be lost: `HELD_BACK=fail` looks for such texts.
static HELD_BACK_FAILS: LazyLock<bool> =
    LazyLock::new(|| std::env::var("HELD_BACK").is_ok_and(|value| value == "fail"));

/// The texts of an item without their personal data; nothing if the engine holds the item back.
pub fn washed(engine: &Deidentifier, texts: &[Text<'_>], people: &[Person]) -> Option<Vec<Deidentified>> {
    match engine.item_with(texts, people) {
        Ok(done) => {
            assert_eq!(done.len(), texts.len());
            Some(done)
        }
        Err(error) if *HELD_BACK_FAILS => panic!("{texts:?}: {error}"),
        Err(_) => None,
    }
}

/// Findings stand in order at character boundaries and the output comes back unchanged. In plain text every byte outside
/// the findings stays; elsewhere mark-up inside a finding may stay beside the placeholder.
pub fn check(engine: &Deidentifier, text: &str, format: Format) -> Option<Deidentified> {
    let done = washed(engine, &[Text { text, format }], &[])?.remove(0);
    let mut rebuilt = String::new();
    let mut end = 0;
    for finding in &done.findings {
        assert!(finding.start >= end && finding.start < finding.end, "order of {:?} in {text:?}", done.findings);
        assert!(text.is_char_boundary(finding.start) && text.is_char_boundary(finding.end), "{finding:?} in {text:?}");
        rebuilt += &text[end..finding.start];
        rebuilt += &finding.placeholder;
        end = finding.end;
    }
    rebuilt += &text[end..];
    if format == Format::Text {
        assert_eq!(done.text, rebuilt, "outside the findings of {text:?}");
    }
    let again = engine.item(&[Text { text: &done.text, format }]).map(|mut texts| texts.remove(0).text);
    assert_eq!(again.as_ref(), Ok(&done.text), "washed again, {format:?} of {text:?}");
    Some(done)
}
