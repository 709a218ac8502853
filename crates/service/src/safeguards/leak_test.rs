//! The leak test: marks of people that were planted in a text are looked for in what would leave of it.
//!
//! It is run anew for each page that shows it, in memory, through the very wash of the data path. Everybody in it is made up.
//! What stays where it is proves nothing: a mark counts as removed only where its text leaves without it.

use std::time::Instant;

use deidentify::Kind;
use policy::Timestamp;
use serde_json::json;

use crate::Sluice;
use crate::model::{Knowledge, Term};
use crate::preview::{self, Part, PreviewError, PreviewField, PreviewItem, PreviewValue};
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
    pub fate: Fate,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Wherever it stands it was found as what it is, and nothing of it is in what would leave.
    Removed,
    /// It was not found as what it is, or something of it would leave.
    Left,
    /// It stands in a text that stays where it is, so nothing is known of it.
    Untested,
}

impl LeakTest {
    pub fn count(&self, fate: Fate) -> usize {
        self.planted.iter().filter(|planted| planted.fate == fate).count()
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

/// Each planted mark, and what became of it.
fn looked_for(item: &PreviewItem) -> Vec<Planted> {
    let leaves = |field: &&PreviewField| field.leaves && item.held_back.is_none();
    let values = item.fields.iter().filter(leaves).flat_map(|field| &field.values);
    let leaving: Vec<String> = values.filter_map(|value| Some(value.leaving.as_ref()?.to_lowercase())).collect();
    let fate = |kind, text: &str| {
        let places = stands_in(item, text);
        let mut that_leave = places.iter().filter(|place| place.leaves);
        // A leak is one wherever else the mark stands; without one, every place of it has to have been tried.
        if is_in(&leaving, text) || !that_leave.all(|place| place.covers(kind, text)) {
            Fate::Left
        } else if places.is_empty() || !places.iter().all(|place| place.leaves) {
            Fate::Untested
        } else {
            Fate::Removed
        }
    };
    PLANTED.into_iter().map(|(kind, text)| Planted { kind, text, fate: fate(kind, text) }).collect()
}

/// A text that a mark stands in.
struct Standing<'a> {
    value: &'a PreviewValue,
    leaves: bool,
}

impl Standing<'_> {
    fn covers(&self, kind: Kind, text: &str) -> bool {
        self.parts().any(|part| match part {
            Part::Found(found) => found.kind == kind && (found.text.contains(text) || text.contains(&found.text)),
            Part::Text(_) | Part::Freed(_) => false,
        })
    }

    fn written(&self) -> String {
        let text = |part| match part {
            &Part::Text(ref text) | &Part::Freed(ref text) => text.as_str(),
            Part::Found(found) => &found.text,
        };
        self.parts().map(text).collect()
    }

    fn parts(&self) -> impl Iterator<Item = &Part> {
        self.value.pairs.iter().flat_map(|pair| &pair.written)
    }
}

fn stands_in<'a>(item: &'a PreviewItem, text: &str) -> Vec<Standing<'a>> {
    let leaves = |field: &PreviewField| field.leaves && item.held_back.is_none();
    let places = |field: &'a PreviewField| {
        let leaves = leaves(field);
        field.values.iter().map(move |value| Standing { value, leaves })
    };
    item.fields.iter().flat_map(places).filter(|place| place.written().contains(text)).collect()
}

/// Letters or digits from which on a part of a mark is looked for by itself: a first name is as much as the whole.
const SHORTEST_PART: usize = 4;

/// Whether a mark, or a part of it, is in texts in small letters.
fn is_in(leaving: &[String], text: &str) -> bool {
    let text = text.to_lowercase();
    let words = |text: &str| text.split(|c: char| !c.is_alphanumeric()).map(str::to_owned).collect::<Vec<_>>();
    let parts: Vec<String> = words(&text).into_iter().filter(|part| part.chars().count() >= SHORTEST_PART).collect();
    leaving.iter().any(|leaving| leaving.contains(&text) || words(leaving).iter().any(|word| parts.contains(word)))
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

    fn washed(catalogue: &Catalogue, tried: &Tried) -> PreviewItem {
        let at = catalogue.programme.in_force.plus_days(90);
        let snapshot = organisation(catalogue, &plan_with_all(catalogue), tried, at);
        preview::previewed(catalogue, &snapshot, Some(&knowledge(at)), deidentify::item(&text()).unwrap(), at)
    }

    fn with_all() -> PreviewItem {
        washed(&Catalogue::built_in().unwrap(), &ALL_ON)
    }

    /// What would leave of the first text that does, as if it were this.
    fn leaks(text: &str) -> PreviewItem {
        let mut item = with_all();
        let value = item.fields.iter_mut().flat_map(|field| &mut field.values).find(|value| value.leaving.is_some());
        value.unwrap().leaving = Some(text.to_owned());
        item
    }

    fn of(item: &PreviewItem, fate: Fate) -> Vec<Kind> {
        looked_for(item).iter().filter(|planted| planted.fate == fate).map(|planted| planted.kind).collect()
    }

    #[test]
    fn every_kind_is_planted_and_found_as_what_it_is() {
        let item = with_all();
        assert_eq!(item.held_back, None);
        for (_, text) in PLANTED {
            assert!([TITLE, DESCRIPTION, COMMENT].iter().any(|part| part.contains(text)), "{text} is not planted");
        }
        let kept: Vec<Planted> = looked_for(&item).into_iter().filter(|of| of.fate != Fate::Removed).collect();
        assert_eq!(kept, []);
        let kinds: std::collections::BTreeSet<Kind> = PLANTED.into_iter().map(|(kind, _)| kind).collect();
        assert_eq!(kinds.len(), Kind::ALL.len());
    }

    #[test]
    fn what_leaks_is_said() {
        let item = leaks("call +31 20 555 0142, says PROJECT BITTERN");
        assert_eq!(of(&item, Fate::Left), [Kind::Phone, Kind::Term]);
    }

    #[test]
    fn a_lone_first_name_is_a_leak() {
        assert_eq!(of(&leaks("told by marguerite"), Fate::Left), [Kind::Person, Kind::Email]);
        assert_eq!(of(&leaks("told by somebody else"), Fate::Left), []);
    }

    #[test]
    fn what_is_found_as_something_else_is_not_removed() {
        let mut item = with_all();
        let parts = item.fields.iter_mut().flat_map(|field| &mut field.values).flat_map(|value| &mut value.pairs);
        for part in parts.flat_map(|pair| &mut pair.written) {
            if let Part::Found(found) = part
                && found.kind == Kind::Iban
            {
                found.kind = Kind::Phone;
            }
        }
        assert_eq!(of(&item, Fate::Left), [Kind::Iban]);
    }

    #[test]
    fn what_stays_where_it_is_proves_nothing() {
        let all: Vec<Kind> = PLANTED.into_iter().map(|(kind, _)| kind).collect();
        let in_app_off = Tried { in_app: Some(false), ..ALL_ON };
        assert_eq!(of(&washed(&Catalogue::built_in().unwrap(), &in_app_off), Fate::Untested), all);
        let mut catalogue = Catalogue::built_in().unwrap();
        catalogue.plans.last_mut().unwrap().in_app = policy::PlanRule { default_on: false, fixed: true };
        assert_eq!(of(&washed(&catalogue, &ALL_ON), Fate::Untested), all);
        let held_back = PreviewItem { held_back: Some(vec!["email"]), ..with_all() };
        assert_eq!(of(&held_back, Fate::Untested), all);
    }

    #[test]
    fn a_leak_is_said_also_where_another_text_stays() {
        let without = |path: &str| {
            let mut catalogue = Catalogue::built_in().unwrap();
            let mut fields = catalogue.fields.iter_mut();
            fields.find(|field| field.app == "jira" && field.path == path).unwrap().category = policy::Category::Never;
            washed(&catalogue, &ALL_ON)
        };
        let mut item = without("summary");
        assert_eq!((of(&item, Fate::Left), of(&item, Fate::Untested).contains(&Kind::Person)), (vec![], true));
        let mut leaving =
            item.fields.iter_mut().flat_map(|field| &mut field.values).filter_map(|value| value.leaving.as_mut());
        leaving.next().unwrap().push_str(" says Okonjo-Bell");
        assert!(of(&item, Fate::Left).contains(&Kind::Person));
    }
}
