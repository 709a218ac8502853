//! The German of every text. English to German, in one file for each area of the console.

/// Fills the named holes of a text. Values are put in as they are: what looks like a hole in one stays.
pub fn fill(text: &str, values: &[(&str, &dyn std::fmt::Display)]) -> String {
    let mut filled = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some((before, from)) = rest.split_once('{') {
        let (name, after) = from.split_once('}').unwrap_or((from, ""));
        filled.push_str(before);
        if let Some((_, value)) = values.iter().find(|(of, _)| *of == name) {
            filled.push_str(&value.to_string());
        }
        rest = after;
    }
    filled.push_str(rest);
    filled
}

/// The text of a key as it is told now. A text without German is told in English.
pub fn text(key: &'static str, english: &'static str) -> &'static str {
    german(key).unwrap_or(english)
}

/// A sentence that was kept in English, or stands in English in the pure crates, as it is told now.
pub fn told(english: &str) -> &str {
    german(english).unwrap_or(english)
}

/// The German of a key, if German is spoken and there is one.
#[cfg(not(target_arch = "wasm32"))]
pub fn german(key: &str) -> Option<&'static str> {
    (super::Language::current() == super::Language::German).then(|| of_german::TABLE.get(key).copied()).flatten()
}

/// In the browser every text comes with the page.
#[cfg(target_arch = "wasm32")]
pub fn german(_: &str) -> Option<&'static str> {
    None
}

#[cfg(not(target_arch = "wasm32"))]
mod of_german {
    use std::collections::HashMap;
    use std::sync::LazyLock;

    macro_rules! files {
        ($($name:literal),+ $(,)?) => {
            [$(include_str!(concat!("../german/", $name, ".toml"))),+]
        };
    }

    const FILES: &[&str] = &files!(
        "account",
        "actions",
        "api",
        "audit",
        "charts",
        "components",
        "conflict",
        "data_types",
        "documents",
        "engine",
        "evidence",
        "frame",
        "history",
        "islands",
        "keys",
        "ledger",
        "members",
        "organisations",
        "people",
        "patterns",
        "picker",
        "preview",
        "problem",
        "removal",
        "review",
        "safeguards",
        "scorecard",
        "server_api",
        "server_commands",
        "server_messages",
        "service_access",
        "service_audit",
        "service_data",
        "service_demo",
        "service_people",
        "service_preview",
        "service_settings",
        "service_support",
        "settings",
        "sign_in",
        "spaces",
        "support",
        "terms",
        "walkthrough",
        "why",
        "words",
    );

    /// A file that cannot be read has no texts; a test reads them all.
    pub(super) static TABLE: LazyLock<HashMap<&'static str, &'static str>> = LazyLock::new(|| {
        let tables = FILES.iter().filter_map(|file| toml::from_str::<HashMap<String, String>>(file).ok());
        // Once for the process, which reads them to its end.
        tables.flatten().map(|(english, german)| (&*english.leak(), &*german.leak())).collect()
    });
}
