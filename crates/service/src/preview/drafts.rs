//! Terms that are tried before they are saved: they change what the preview shows and nothing else.

use crate::knowledge::KnowledgeRefusal;
use crate::model::{NewTerm, Term};
use crate::terms::{Wanted, differences, fault};
use deidentify::Dictionary;
use deidentify::term_key;
use language::t;

/// Drafts at once. More is no trying any more.
pub const MOST: usize = 50;

/// The drafts with one more. One of the same term that wanted the other list gives way to it.
///
/// # Errors
/// A refusal that says why this cannot be a term.
pub fn with(drafts: &[Wanted], terms: &[Term], new: Wanted) -> Result<Vec<Wanted>, KnowledgeRefusal> {
    if new.term.is_empty() {
        return Err(KnowledgeRefusal::NothingTyped);
    }
    if let Some(fault) = fault(&new.term) {
        return Err(KnowledgeRefusal::Terms(vec![t!("“{term}” {fault}", term = format!("{:.60}", new.term), fault)]));
    }
    if differences(terms, std::slice::from_ref(&new))?.is_empty() {
        let already = if new.to == Some(true) {
            t!("“{term}” is always removed already.", term = new.term)
        } else {
            t!("“{term}” is never removed already.", term = new.term)
        };
        return Err(KnowledgeRefusal::Terms(vec![already]));
    }
    let mut drafts = without(drafts, &new.term);
    if drafts.len() >= MOST {
        return Err(KnowledgeRefusal::TooManyTerms { count: drafts.len() + 1, limit: MOST });
    }
    drafts.push(new);
    Ok(drafts)
}

/// The drafts without those of a term.
pub fn without(drafts: &[Wanted], term: &str) -> Vec<Wanted> {
    let gone = term_key(term);
    drafts.iter().filter(|draft| term_key(&draft.term) != gone).cloned().collect()
}

/// The drafts that would change something: what was typed into an address is not trusted.
pub(crate) fn sensible(drafts: Vec<Wanted>, terms: &[Term]) -> Vec<Wanted> {
    drafts.into_iter().fold(Vec::new(), |drafts, draft| match with(&drafts, terms, draft) {
        Ok(drafts) => drafts,
        Err(_) => drafts,
    })
}

/// The dictionary as it would be with the drafts saved.
pub(crate) fn dictionary(terms: &[Term], drafts: &[Wanted]) -> Dictionary {
    let items: Vec<NewTerm> = differences(terms, drafts).unwrap_or_default();
    let stay = terms.iter().filter(|term| !items.iter().any(|item| item.folded == term.folded));
    let all = stay
        .map(|term| (term.term.clone(), term.removed))
        .chain(items.iter().filter_map(|item| item.new.map(|removed| (item.term.clone(), removed))));
    let mut dictionary = Dictionary::default();
    for (term, removed) in all {
        if removed { &mut dictionary.always } else { &mut dictionary.never }.push(term);
    }
    dictionary
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(term: &str, to: bool) -> Wanted {
        Wanted { term: term.to_owned(), to: Some(to) }
    }

    #[test]
    fn a_draft_is_tried_once_and_the_last_wish_holds() {
        let at = policy::Timestamp::from_micros(0);
        let heron = Term {
            term: "Heron".to_owned(),
            folded: "heron".to_owned(),
            removed: true,
            added_at: at,
            added_by: String::new(),
        };
        let terms = [heron];
        let drafts = with(&[], &terms, wanted("Falcon", true)).unwrap();
        let drafts = with(&drafts, &terms, wanted("FALCON", false)).unwrap();
        assert_eq!(drafts, [wanted("FALCON", false)]);
        for (term, to, said) in [("heron", true, "already"), ("heron", false, "Delete it there"), ("x", true, "letter")]
        {
            let refused = with(&drafts, &terms, wanted(term, to)).unwrap_err().to_string();
            assert!(refused.contains(said), "{refused}");
        }
        let many: Vec<Wanted> =
            (0..90).map(|n| wanted(&format!("term {n}"), true)).chain([wanted("heron", true)]).collect();
        assert_eq!(sensible(many, &terms).len(), MOST);
        let both = dictionary(&terms, &[wanted("Otter", true), wanted("Falcon", false)]);
        assert_eq!(
            (both.always, both.never),
            (vec!["Heron".to_owned(), "Otter".to_owned()], vec!["Falcon".to_owned()])
        );
    }
}
