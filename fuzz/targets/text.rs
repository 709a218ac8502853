//! Any text: findings in order, the rest untouched, and nothing left to find in the output.
#![no_main]

use deidentify::Format;

libfuzzer_sys::fuzz_target!(|text: &str| {
    fuzz::check(&fuzz::ENGINE, text, Format::Text);
});
