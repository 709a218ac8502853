//! Any file: it is read from end to end or refused, and every text of its items can be washed.
#![no_main]

use deidentify::{Deidentifier, Dictionary, Export, Text, Value};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Ok(export) = Export::read(bytes) else { return };
    let items: Vec<_> = export.items().collect();
    assert_eq!(items.len(), export.len());
    let Ok(people) = export.people() else { return };
    let engine = Deidentifier::new(&people, &Dictionary::default());
    for item in items.into_iter().flatten() {
        let texts: Vec<Text<'_>> = item
            .leaves
            .iter()
            .filter_map(|leaf| match &leaf.value {
                Value::Text(text) => Some(Text { text, format: leaf.format }),
                Value::Number(_) | Value::Bool(_) => None,
            })
            .collect();
        fuzz::washed(&engine, &texts);
    }
});
