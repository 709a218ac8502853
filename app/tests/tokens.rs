//! The contrast of the colours in `style/tokens.css`, for every pair that is named there, in light and in dark.

use std::collections::BTreeMap;

const TOKENS: &str = include_str!("../../style/tokens.css");

/// The custom properties of the block that a selector opens, and the text of that block.
fn block(selector: &str) -> BTreeMap<&'static str, &'static str> {
    let opening = format!("{selector} {{");
    // Without such a block there is nothing to check, and every look-up below fails.
    let from = TOKENS.find(&opening).unwrap_or(TOKENS.len() - opening.len());
    TOKENS[from + opening.len()..]
        .lines()
        .take_while(|line| !line.trim_start().starts_with('}'))
        .filter_map(|line| line.trim().strip_prefix("--")?.split_once(':'))
        .map(|(name, value)| (name, value.split(';').next().unwrap_or_default().trim()))
        .collect()
}

/// Colour, ground and least contrast of each `--colour: …; /* on --ground 4.5 */`.
fn pairs() -> Vec<(&'static str, &'static str, f64)> {
    TOKENS
        .lines()
        .filter_map(|line| {
            let (colour, rest) = line.trim().strip_prefix("--")?.split_once(':')?;
            let (ground, least) = rest.split_once("/* on --")?.1.trim_end_matches("*/").trim().split_once(' ')?;
            Some((colour, ground, least.trim().parse().ok()?))
        })
        .collect()
}

/// Relative luminance of `#rrggbb`, as WCAG defines it.
fn luminance(colour: &str) -> f64 {
    let channel = |at: usize| {
        let value = u8::from_str_radix(&colour[at..at + 2], 16).map_or(f64::NAN, f64::from) / 255.0;
        if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
}

fn contrast(a: &str, b: &str) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[test]
fn every_named_pair_has_its_contrast_in_light_and_dark() {
    assert!(contrast("#000000", "#ffffff") > 20.9, "the formula is the one of WCAG");
    let pairs = pairs();
    assert!(pairs.len() >= 9, "the pairs were not found: {pairs:?}");
    for theme in [":root", "[data-theme=\"dark\"]", "[data-theme=\"system\"]"] {
        let tokens = block(theme);
        for (colour, ground, least) in &pairs {
            let found = contrast(tokens[colour], tokens[ground]);
            assert!(found >= *least, "{theme}: --{colour} on --{ground} has {found:.2}, {least} is needed");
        }
    }
}

#[test]
fn the_system_theme_is_the_dark_one() {
    assert_eq!(block("[data-theme=\"system\"]"), block("[data-theme=\"dark\"]"));
}
