//! The texts of a catalogue in another language: a file beside it, each text with what it is in that language.
//!
//! Rules, ids, numbers and dates stand in the catalogue only, so a translation cannot change what is decided.

use std::collections::HashMap;

use crate::catalogue::{BuiltIn, CatalogueError, fault};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Translation(HashMap<String, String>);

impl Translation {
    /// Reads `"English" = "Deutsch"`, a line for each text.
    ///
    /// # Errors
    /// The first fault, with its line and column: not TOML, a text twice, something that is no text.
    pub fn parse(text: &str) -> Result<Self, CatalogueError> {
        toml::from_str(text).map(Self).map_err(|error| {
            let span = error.span().unwrap_or(0..0);
            fault(text, &span, error.message().trim())
        })
    }

    /// The German of the catalogue that ships with Sluice.
    ///
    /// # Errors
    /// None in a build whose tests pass.
    pub fn built_in() -> Result<Self, CatalogueError> {
        Self::parse(BuiltIn::GERMAN)
    }

    pub(crate) fn get(&self, text: &str) -> Option<&str> {
        self.0.get(text).map(String::as_str)
    }

    /// Every text that has a translation.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Catalogue;

    #[test]
    fn a_translation_changes_words_and_nothing_else() {
        let catalogue = Catalogue::built_in().unwrap();
        let text = "\"Free\" = \"Gratis\"\n\"European Union\" = \"Europäische Union\"";
        let german = catalogue.translated(&Translation::parse(text).unwrap());
        assert_eq!(german.plan("free").unwrap().name, "Gratis");
        assert_eq!(german.region("eu").unwrap().name, "Europäische Union");
        assert_eq!(german.plan("premium"), catalogue.plan("premium"));
        assert_eq!(german.clocks, catalogue.clocks);
        assert!(german.field("jira", "summary").is_some());
        let back = Translation::parse("\"Gratis\" = \"Free\"\n\"Europäische Union\" = \"European Union\"").unwrap();
        assert_eq!(german.translated(&back), catalogue);
    }

    #[test]
    fn a_wrong_translation_is_refused_with_its_line() {
        assert_eq!(Translation::parse("\"a\" = \"b\"\n\"a\" = \"c\"").unwrap_err().line, 2);
        assert_eq!(Translation::parse("\n\n\"a\" = 3").unwrap_err().line, 3);
    }

    /// Texts of the shipped catalogue that have no German yet. There is nothing to be added to this number.
    const WITHOUT_GERMAN: usize = 0;

    #[test]
    fn the_shipped_catalogue_is_complete_in_german() {
        let (catalogue, german) = (Catalogue::built_in().unwrap(), Translation::built_in().unwrap());
        let missing = catalogue.missing(&german);
        assert_eq!(missing.len(), WITHOUT_GERMAN, "without German: {missing:#?}");
        let asked = catalogue.missing(&Translation::default());
        let unused: Vec<_> = german.texts().filter(|text| !asked.contains(*text)).collect();
        assert!(unused.is_empty(), "in no catalogue: {unused:#?}");
    }
}
