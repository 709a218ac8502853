//! The dictionary: what the wash always removes and what it never does.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use deidentify::term_key;
use language::{t, tn};

use crate::Sluice;
use crate::access::{KnowsOrg, OrgAdmin, ReadsOrg, Viewer};
use crate::knowledge::{KnowledgeError, KnowledgeRefusal, changes, counts, write};
use crate::model::{KnowledgeChange, KnowledgeCounts, NewKnowledge, NewTerm, OrgRef, Term};
use crate::ports::StoreError;

/// Terms of one organisation, on both lists together.
pub const MOST_TERMS: usize = 2_000;

/// Characters of a term.
pub const SHORTEST: usize = 2;
pub const LONGEST: usize = 100;

/// Faults that are told at once.
const FAULTS_SHOWN: usize = 10;

/// What the page of the terms shows.
#[derive(Clone, Debug)]
pub struct TermsPage {
    pub org: OrgRef,
    pub counts: KnowledgeCounts,
    /// For an admin only.
    pub lists: Option<TermLists>,
}

#[derive(Clone, Debug)]
pub struct TermLists {
    pub removed: Vec<Term>,
    pub kept: Vec<Term>,
    pub changes: Vec<KnowledgeChange>,
}

/// A term and the list it is to stand on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    pub term: String,
    /// Always removed, never removed, or on neither list.
    pub to: Option<bool>,
}

/// What became of the terms that were typed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    pub changed: usize,
    /// They stood there already.
    pub unchanged: usize,
}

/// A term as it is kept: without spaces around it, one space between words.
pub fn tidy(term: &str) -> String {
    term.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What is wrong with a term, if anything is. The sentence goes on after the term or its line.
pub fn fault(term: &str) -> Option<String> {
    let count = term.chars().count();
    // Signs are not compared: `C#` would match every C.
    let compared = term_key(term).chars().count();
    if compared == 0 {
        return Some(t!("has no letter or digit.").to_owned());
    }
    if compared < SHORTEST {
        return Some(t!(
            "has {compared} letter or digit; a term needs at least {least}, or it would match almost anywhere.",
            compared,
            least = SHORTEST
        ));
    }
    if count > LONGEST {
        return Some(t!("has {count} characters; {most} fit.", count, most = LONGEST));
    }
    term.chars().any(char::is_control).then(|| t!("holds a control character. Type the term again.").to_owned())
}

/// The page of the terms. Only an admin sees which they are.
///
/// # Errors
/// When the store fails.
pub async fn terms_page(sluice: &Sluice, viewer: &Viewer) -> Result<TermsPage, StoreError> {
    let lists = match viewer {
        Viewer::Admin(admin) => Some(lists(sluice, admin).await?),
        Viewer::Auditor(_) | Viewer::Support(_) => None,
    };
    Ok(TermsPage { org: viewer.org().clone(), counts: counts(sluice, viewer).await?, lists })
}

async fn lists(sluice: &Sluice, admin: &OrgAdmin) -> Result<TermLists, StoreError> {
    let (removed, kept) = all(sluice, admin).await?.into_iter().partition(|term| term.removed);
    Ok(TermLists { removed, kept, changes: changes(sluice, admin).await? })
}

/// Every term, in the order of their folded form.
///
/// # Errors
/// When the store fails.
pub async fn all(sluice: &Sluice, cap: &impl KnowsOrg) -> Result<Vec<Term>, StoreError> {
    sluice.store.terms(&cap.org().id).await
}

/// Adds terms to a list, one a line. A term that stands on it already stays as it is.
///
/// # Errors
/// A refusal that says which lines are wrong; then none was added.
pub async fn add(sluice: &Sluice, admin: &OrgAdmin, removed: bool, lines: &str) -> Result<Written, KnowledgeError> {
    let mut faults = Vec::new();
    let mut wanted = Vec::new();
    for (line, text) in (1..).zip(lines.lines()) {
        let term = tidy(text);
        if term.is_empty() {
            continue;
        }
        match fault(&term) {
            Some(fault) => faults.push(t!("Line {line} {fault}", line, fault)),
            None => wanted.push(Wanted { term, to: Some(removed) }),
        }
    }
    if !faults.is_empty() {
        return Err(KnowledgeRefusal::Terms(first(faults)).into());
    }
    set(sluice, admin, &wanted).await
}

/// Puts each term on its list, or takes it off both, all in one change.
///
/// # Errors
/// A refusal that says which terms are wrong; then nothing was changed.
pub async fn set(sluice: &Sluice, admin: &OrgAdmin, wanted: &[Wanted]) -> Result<Written, KnowledgeError> {
    if wanted.is_empty() {
        return Err(KnowledgeRefusal::NothingTyped.into());
    }
    let faults: Vec<String> = wanted
        .iter()
        .filter_map(|wanted| fault(&wanted.term).map(|fault| t!("“{term}” {fault}", term = wanted.term, fault)))
        .collect();
    if !faults.is_empty() {
        return Err(KnowledgeRefusal::Terms(first(faults)).into());
    }
    let now = sluice.now();
    let changed = AtomicUsize::new(0);
    write(sluice, admin, |_, terms| {
        let items = differences(terms, wanted)?;
        let after = terms.len() + items.iter().filter(|item| item.old.is_none()).count()
            - items.iter().filter(|item| item.new.is_none()).count();
        if after > MOST_TERMS && after > terms.len() {
            return Err(KnowledgeRefusal::TooManyTerms { count: after, limit: MOST_TERMS });
        }
        changed.store(items.len(), Ordering::Relaxed);
        Ok((!items.is_empty()).then(|| NewKnowledge { by: admin.who().clone(), at: now, terms: items, people: None }))
    })
    .await?;
    let changed = changed.into_inner();
    Ok(Written { changed, unchanged: wanted.len().saturating_sub(changed) })
}

/// What would change, in the order wanted; each term once.
pub(crate) fn differences(terms: &[Term], wanted: &[Wanted]) -> Result<Vec<NewTerm>, KnowledgeRefusal> {
    let stand: BTreeMap<&str, &Term> = terms.iter().map(|term| (term.folded.as_str(), term)).collect();
    let mut asked: BTreeMap<String, Option<bool>> = BTreeMap::new();
    let mut items = Vec::new();
    let mut faults = Vec::new();
    for Wanted { term, to } in wanted {
        let folded = term_key(term);
        let stands = stand.get(folded.as_str());
        match (asked.insert(folded.clone(), *to), to, stands.map(|term| term.removed)) {
            (Some(before), _, _) if before == *to => {}
            (Some(_), _, _) => {
                faults.push(t!("“{term}” cannot be always removed and never removed at once. Choose one.", term));
            }
            (None, Some(to), Some(removed)) if *to != removed => {
                faults.push(if removed {
                    t!("“{term}” is always removed. Delete it there before you add it to the other list.", term)
                } else {
                    t!("“{term}” is never removed. Delete it there before you add it to the other list.", term)
                });
            }
            (None, to, old) if *to != old => items.push(NewTerm {
                term: stands.map_or_else(|| term.clone(), |stands| stands.term.clone()),
                folded,
                old,
                new: *to,
            }),
            (None, _, _) => {}
        }
    }
    if faults.is_empty() { Ok(items) } else { Err(KnowledgeRefusal::Terms(first(faults))) }
}

/// What the lists are called.
pub fn list_name(removed: bool) -> &'static str {
    if removed { t!("always removed") } else { t!("never removed") }
}

fn first(mut faults: Vec<String>) -> Vec<String> {
    let more = faults.len().saturating_sub(FAULTS_SHOWN);
    faults.truncate(FAULTS_SHOWN);
    if more > 0 {
        faults.push(tn!(more, "There is {more} more.", "There are {more} more."));
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_are_compared_without_case_accents_and_spaces() {
        assert_eq!(term_key("  Projet\tÉTÉ  42 "), "projet ete 42");
        assert_eq!(term_key("Blue-Falcon"), term_key("BLUE falcon"));
        assert_eq!(tidy("  Projet\tÉTÉ  42 "), "Projet ÉTÉ 42");
    }

    #[test]
    fn a_term_that_says_nothing_is_refused() {
        for good in ["QX", "李雷", "Project Falcon", "4711", &"x".repeat(100)] {
            assert_eq!(fault(good), None, "{good}");
        }
        for bad in ["", " ", "-", "--", "x", "李", "C#", "x++", "a\u{7}b", &"x".repeat(101)] {
            assert!(fault(bad).is_some(), "{bad:?}");
        }
    }

    #[test]
    fn a_term_is_on_one_list_only() {
        let at = policy::Timestamp::from_micros(0);
        let term = |term: &str, removed| Term {
            term: term.to_owned(),
            folded: term_key(term),
            removed,
            added_at: at,
            added_by: String::new(),
        };
        let stand = [term("Falcon", true), term("Jackson", false)];
        let wanted = |pairs: &[(&str, Option<bool>)]| -> Vec<Wanted> {
            pairs.iter().map(|(term, to)| Wanted { term: (*term).to_owned(), to: *to }).collect()
        };
        let (remove, keep) = (Some(true), Some(false));
        let fine =
            differences(&stand, &wanted(&[("FALCON", remove), ("Otter", keep), ("otter", keep), ("jackson", None)]));
        let fine: Vec<_> = fine.unwrap().into_iter().map(|item| (item.term, item.old, item.new)).collect();
        assert_eq!(fine, [("Otter".to_owned(), None, keep), ("Jackson".to_owned(), keep, None)]);
        for (pairs, said) in [
            (vec![("falcón", keep)], "“falcón” is always removed."),
            (vec![("Otter", keep), ("OTTER", remove)], "cannot be always removed and never removed at once"),
        ] {
            let refused = differences(&stand, &wanted(&pairs)).unwrap_err().to_string();
            assert!(refused.contains(said), "{refused}");
        }
    }
}
