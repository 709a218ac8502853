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

/// A text without its personal data. Nothing that anyone writes may be held back: no output may still show something.
pub fn washed(engine: &Deidentifier, text: &str, format: Format) -> Deidentified {
    let mut texts =
        engine.item(&[Text { text, format }]).unwrap_or_else(|error| panic!("{format:?} {text:?}: {error}"));
    assert_eq!(texts.len(), 1);
    texts.remove(0)
}

/// Findings stand in order at character boundaries and the output comes back unchanged. In plain text every byte outside
/// the findings stays; elsewhere mark-up inside a finding may stay beside the placeholder.
pub fn check(engine: &Deidentifier, text: &str, format: Format) -> Deidentified {
    let done = washed(engine, text, format);
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
    let again = washed(engine, &done.text, format);
    assert_eq!(again.text, done.text, "washed again, {format:?} of {text:?}");
    done
}
