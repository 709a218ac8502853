//! Any text in any format, which the first byte picks: as for plain text, and JSON stays JSON.
#![no_main]

use deidentify::Format;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some((first, rest)) = bytes.split_first() else { return };
    let Ok(text) = std::str::from_utf8(rest) else { return };
    let format = Format::ALL[usize::from(*first) % Format::ALL.len()];
    let Some(done) = fuzz::check(&fuzz::ENGINE, text, format) else { return };
    let is_json = |text: &str| serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok();
    if format == Format::Adf && is_json(text) {
        assert!(is_json(&done.text), "{text:?} became {:?}", done.text);
    }
});
