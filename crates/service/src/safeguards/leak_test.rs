//! The leak test: marks of people that were planted in a text are looked for in what would leave of it.
//!
//! It is run anew for each page that shows it, in memory, through the very wash of the data path. Everybody in it is made up.

use std::time::Instant;

use deidentify::Kind;
use policy::Timestamp;
use serde_json::json;

use crate::Sluice;
use crate::model::{Knowledge, Term};
use crate::preview::{self, PreviewError, PreviewItem};
use crate::walkthrough::{ALL_ON, organisation, plan_with_all};

/// What is planted, one of each kind, each as it stands in the text.
const PLANTED: [(Kind, &str); 14] = [
    (Kind::Person, "Marguerite Okonjo-Bell"),
    (Kind::Handle, "@m.okonjo"),
    (Kind::Email, "marguerite.ob@northquay.example"),
    (Kind::Phone, "+31 20 555 0142"),
    (Kind::AccountId, "5d8f21c09a4b7e3f60c1a2b4"),
    (Kind::Address, "Keizersgracht 421, 1016 EK Amsterdam"),
    (Kind::Url, "https://wiki.northquay.example/~okonjo"),
    (Kind::Ip, "203.0.113.24"),
    (Kind::Mac, "00:1B:44:11:3A:B7"),
    (Kind::Secret, "Heron-Quay-2026!"),
    (Kind::CreditCard, "4111 1111 1111 1111"),
    (Kind::Iban, "NL91 ABNA 0417 1643 00"),
    (Kind::NationalId, "111222333"),
    (Kind::Term, "Project Bittern"),
];

/// The item that they are planted in.
const TITLE: &str = "Session lost after the update, told by Marguerite Okonjo-Bell for Project Bittern";
const DESCRIPTION: &str = "Marguerite Okonjo-Bell (@m.okonjo, marguerite.ob@northquay.example) is sent back to the sign-in page.\n\
    Her account is 5d8f21c09a4b7e3f60c1a2b4, her page https://wiki.northquay.example/~okonjo, her laptop 00:1B:44:11:3A:B7 at \
    203.0.113.24. She lives at Keizersgracht 421, 1016 EK Amsterdam and answers on +31 20 555 0142.";
const COMMENT: &str = "To try it: password: Heron-Quay-2026! and card 4111 1111 1111 1111.\n\
    The refund goes to NL91 ABNA 0417 1643 00 (BSN 111222333). Marguerite knows.";

/// What became of the planted marks.
#[derive(Clone, Debug)]
pub struct LeakTest {
    /// The text that they stand in, as written and as it would leave.
    pub item: PreviewItem,
    pub planted: Vec<Planted>,
    pub at: Timestamp,
    pub microseconds: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planted {
    pub kind: Kind,
    pub text: &'static str,
    /// Whether nothing of it is in what would leave.
    pub removed: bool,
}

impl LeakTest {
    pub fn removed(&self) -> usize {
        self.planted.iter().filter(|planted| planted.removed).count()
    }
}

/// Runs it.
///
/// # Errors
/// Only where the preview itself fails.
pub(super) async fn run(sluice: &Sluice) -> Result<LeakTest, PreviewError> {
    let catalogue = &**sluice.catalogue();
    // Whatever the plans say: the test is about what leaves, so both kinds have to.
    let snapshot = organisation(catalogue, &plan_with_all(catalogue), &ALL_ON, sluice.shown_at());
    let began = Instant::now();
    let item = preview::looked_at(sluice, snapshot, Some(knowledge(sluice.now())), deidentify::item(&text())?).await?;
    let microseconds = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
    Ok(LeakTest { planted: looked_for(&item), item, at: sluice.now(), microseconds })
}

/// Each planted mark, and whether it is in any text that would leave.
fn looked_for(item: &PreviewItem) -> Vec<Planted> {
    let values = item.fields.iter().filter(|field| field.leaves).flat_map(|field| &field.values);
    let leaving: Vec<String> = values.filter_map(|value| Some(value.leaving.as_ref()?.to_lowercase())).collect();
    let is_gone = |text: &str| {
        let text = text.to_lowercase();
        !leaving.iter().any(|leaving| leaving.contains(&text))
    };
    PLANTED.into_iter().map(|(kind, text)| Planted { kind, text, removed: is_gone(text) }).collect()
}

/// A name of a project is nothing that a rule can know: somebody has to have said it.
fn knowledge(now: Timestamp) -> Knowledge {
    let terms = PLANTED.iter().filter(|(kind, _)| *kind == Kind::Term).map(|(_, term)| Term {
        term: (*term).to_owned(),
        folded: deidentify::term_key(term),
        removed: true,
        added_at: now,
        added_by: String::new(),
    });
    Knowledge { version: 0, terms: terms.collect(), people: Vec::new() }
}

fn text() -> String {
    let comments = json!({ "comments": [{ "id": "1", "body": COMMENT }], "total": 1 });
    json!({ "id": "1", "key": "LEAK-1", "fields": {
        "summary": TITLE, "description": DESCRIPTION, "comment": comments,
        "issuetype": { "name": "Bug" }, "project": { "key": "WALK", "projectTypeKey": "software" },
    }})
    .to_string()
}

#[cfg(test)]
mod tests {
    use policy::Catalogue;

    use super::*;
    use crate::walkthrough::Tried;

    fn washed(in_app: bool) -> PreviewItem {
        let catalogue = Catalogue::built_in().unwrap();
        let at = catalogue.programme.in_force.plus_days(90);
        let tried = Tried { plan: None, metadata: Some(true), in_app: Some(in_app) };
        let snapshot = organisation(&catalogue, "enterprise", &tried, at);
        preview::previewed(&catalogue, &snapshot, Some(&knowledge(at)), deidentify::item(&text()).unwrap(), at)
    }

    #[test]
    fn every_kind_is_planted_and_found_as_what_it_is() {
        let item = washed(true);
        assert_eq!(item.held_back, None);
        let found: Vec<(Kind, &str)> = item.found().map(|found| (found.kind, &*found.text)).collect();
        for (kind, text) in PLANTED {
            assert!([TITLE, DESCRIPTION, COMMENT].iter().any(|part| part.contains(text)), "{text} is not planted");
            assert!(found.iter().any(|(of, found)| *of == kind && text.contains(found)), "{kind:?} {text}: {found:?}");
        }
        let left: Vec<Planted> = looked_for(&item).into_iter().filter(|planted| !planted.removed).collect();
        assert_eq!(left, []);
        let kinds: std::collections::BTreeSet<Kind> = PLANTED.into_iter().map(|(kind, _)| kind).collect();
        assert_eq!(kinds.len(), Kind::ALL.len());
    }

    #[test]
    fn what_leaks_is_said() {
        let mut item = washed(true);
        let value = item.fields.iter_mut().flat_map(|field| &mut field.values).find(|value| value.leaving.is_some());
        value.unwrap().leaving = Some("call +31 20 555 0142, says PROJECT BITTERN".to_owned());
        let left: Vec<Kind> = looked_for(&item).iter().filter(|planted| !planted.removed).map(|of| of.kind).collect();
        assert_eq!(left, [Kind::Phone, Kind::Term]);
    }
}
