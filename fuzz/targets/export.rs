//! Any file: it is read from end to end or refused, as a file, as one item and as what a webhook sends, and every text of its
//! items can be washed.
#![no_main]

use deidentify::{Event, Export, Item, Text, Value, item, webhook};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(export) = Export::read(bytes) {
        let items: Vec<_> = export.items().collect();
        assert_eq!(items.len(), export.len());
        items.into_iter().flatten().for_each(wash);
    }
    if let Ok(item) = std::str::from_utf8(bytes).map_err(|_| ()).and_then(|text| item(text).map_err(|_| ())) {
        wash(item);
    }
    if let Ok(Event::Upsert { item, .. } | Event::Comment { item: Some(item), .. }) = webhook(bytes).map(|sent| sent.event) {
        wash(item);
    }
});

fn wash(item: Item) {
    let texts: Vec<Text<'_>> = item
        .leaves
        .iter()
        .filter_map(|leaf| match &leaf.value {
            Value::Text(text) => Some(Text { text, format: leaf.format }),
            Value::Number(_) | Value::Bool(_) => None,
        })
        .collect();
    fuzz::washed(&fuzz::ENGINE, &texts, &item.people);
}
