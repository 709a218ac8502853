//! Every text in the sources has its German, with the same holes, and no German is left that nothing asks for.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops at the first surprise")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use language::{Language, german};
use proc_macro2::{TokenStream, TokenTree};

/// Whose texts people read.
const CRATES: [&str; 3] = ["app", "crates/service", "server"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Every text that the sources tell, with the file that does.
fn texts() -> BTreeMap<String, PathBuf> {
    let mut files = Vec::new();
    for of in CRATES {
        sources(&root().join(of).join("src"), &mut files);
    }
    let mut texts = of_the_engine();
    for file in files {
        let source = std::fs::read_to_string(&file).unwrap();
        let mut found = Vec::new();
        collect(source.parse().unwrap(), &mut found);
        texts.extend(found.into_iter().map(|text| (text, file.clone())));
    }
    // What a pure crate calls things, which `service::words` tells.
    let actions = audit::Action::ALL.iter().map(|action| action.says());
    let groups = audit::Group::ALL.map(audit::Group::name);
    texts.extend(actions.chain(groups).map(|text| (text.to_owned(), "crates/audit/src/action.rs".into())));
    texts
}

/// What the pure engine says to people and `service::words` tells them: what it calls a kind of finding, why it took something
/// for one, what it misses, and why a file cannot be read.
fn of_the_engine() -> BTreeMap<String, PathBuf> {
    let folder = root().join("crates/deidentify/src");
    let mut files = Vec::new();
    sources(&folder, &mut files);
    let mut texts: BTreeMap<String, PathBuf> =
        deidentify::Kind::ALL.map(|kind| (kind.name().to_owned(), folder.join("kind.rs"))).into();
    for file in files.into_iter().filter(|file| !file.ends_with("tests.rs")) {
        let mut found = Vec::new();
        literals(std::fs::read_to_string(&file).unwrap().parse().unwrap(), &mut found);
        let is_sentence = |text: &String| text.starts_with(char::is_uppercase) && text.ends_with('.');
        // What is wrong with a file begins small, as it follows the place; one with numbers in it is told by `service::words`.
        let is_fault = |text: &String| {
            file.components().any(|part| part.as_os_str().to_string_lossy().starts_with("export"))
                && text.split(' ').count() > 3
                && !text.contains('{')
        };
        let told = found.into_iter().filter(|text| text.contains(' ') && (is_sentence(text) || is_fault(text)));
        texts.extend(told.map(|text| (text, file.clone())));
    }
    texts
}

/// The texts that stand in a source outside its tests.
fn literals(tokens: TokenStream, found: &mut Vec<String>) {
    let mut tokens = tokens.into_iter();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Group(group) if group.to_string().replace(' ', "") == "[cfg(test)]" => {
                let _ = tokens.find(|token| matches!(token, TokenTree::Group(_)));
            }
            // A comment of the documentation.
            TokenTree::Group(group) if group.to_string().starts_with("[doc") => {}
            TokenTree::Group(group) => literals(group.stream(), found),
            TokenTree::Literal(literal) => {
                found.extend(syn::parse_str::<syn::LitStr>(&literal.to_string()).ok().map(|text| text.value()));
            }
            _ => {}
        }
    }
}

/// The texts of `t!` and `tn!`, wherever in a file and within whatever other macro they stand.
fn collect(tokens: TokenStream, found: &mut Vec<String>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    for (at, token) in tokens.iter().enumerate() {
        let TokenTree::Group(group) = token else { continue };
        collect(group.stream(), found);
        let name =
            match (at.checked_sub(2).map(|before| &tokens[before]), at.checked_sub(1).map(|before| &tokens[before])) {
                (Some(TokenTree::Ident(name)), Some(TokenTree::Punct(mark))) if mark.as_char() == '!' => {
                    name.to_string()
                }
                _ => continue,
            };
        let arguments = arguments(group.stream());
        match name.as_str() {
            "t" | "kept" => found.push(arguments[0].clone().expect("`t!` begins with its text")),
            "tn" => found.extend([1, 2].map(|at| arguments[at].clone().expect("`tn!` has two texts"))),
            _ => {}
        }
    }
}

/// The arguments of a macro: the text of each that is one, `"context" | "text"` as `context|text`.
fn arguments(tokens: TokenStream) -> Vec<Option<String>> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let is_comma = |token: &TokenTree| matches!(token, TokenTree::Punct(mark) if mark.as_char() == ',');
    let literal = |token: &TokenTree| {
        let TokenTree::Literal(literal) = token else { return None };
        Some(syn::parse_str::<syn::LitStr>(&literal.to_string()).ok()?.value())
    };
    let text = |argument: &[TokenTree]| match argument {
        [text] => literal(text),
        [context, TokenTree::Punct(_), text] => Some(format!("{}|{}", literal(context)?, literal(text)?)),
        _ => None,
    };
    tokens.split(is_comma).map(text).collect()
}

/// The names of the holes of a text.
fn holes(text: &str) -> BTreeSet<&str> {
    text.split('{')
        .skip(1)
        .map(|rest| rest.split_once('}').unwrap_or_else(|| panic!("a hole is open in {text:?}")).0)
        .collect()
}

fn tables() -> Vec<(String, BTreeMap<String, String>)> {
    let mut tables = Vec::new();
    for entry in std::fs::read_dir(root().join("crates/language/german")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            let text = std::fs::read_to_string(&path).unwrap();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let table = toml::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
            tables.push((name, table));
        }
    }
    tables
}

#[test]
fn every_text_has_its_german() {
    let texts = texts();
    assert!(texts.len() > 50, "{} texts were found", texts.len());
    let missing: Vec<_> = texts.iter().filter(|(text, _)| Language::German.scope(|| german(text)).is_none()).collect();
    assert!(missing.is_empty(), "without German: {missing:#?}");
}

#[test]
fn german_has_the_holes_of_its_english() {
    let of = |text: &'static str| holes(text.rsplit_once('|').map_or(text, |(_, text)| text));
    for (file, table) in tables() {
        for (english, german) in table {
            let english: &'static str = english.leak();
            assert_eq!(of(english), holes(&german), "{file}: {english:?} and {german:?}");
            assert!(!german.trim().is_empty(), "{file}: {english:?}");
        }
    }
}

#[test]
fn no_german_is_left_over_or_told_in_two_ways() {
    let texts = texts();
    let mut seen: BTreeMap<String, (String, String)> = BTreeMap::new();
    for (file, table) in tables() {
        for (english, german) in table {
            let shown = Language::German.scope(|| language::german(&english));
            assert!(shown.is_some(), "{file} is not in the list of files in src/table.rs");
            assert!(texts.contains_key(&english), "{file}: nothing says {english:?}");
            if let Some((other, before)) = seen.insert(english.clone(), (german.clone(), file.clone())) {
                assert_eq!(german, other, "{english:?} in {before} and {file}");
            }
        }
    }
}
