//! The dictionary: what is always removed and what never is.

use language::{count, t, tn};
use leptos::prelude::*;
use service::model::{KnowledgeChange, Term};
use service::terms::{MOST_TERMS, TermLists, TermsPage, list_name};

use crate::components::{Tone, message, moment_exact, page_head};
use crate::icons::{Icon, icon};
use crate::urls;

/// What a form of this page came to.
#[derive(Clone, Debug, Default)]
pub struct Said {
    /// What was done, in a sentence.
    pub done: Option<String>,
    /// Why the terms that were typed for a list were not added, and what was typed.
    pub refused: Option<Refused>,
}

#[derive(Clone, Debug)]
pub struct Refused {
    pub faults: Vec<String>,
    pub removed: bool,
    pub typed: String,
}

pub fn terms(page: TermsPage, said: Said) -> AnyView {
    let org = page.org.slug.clone();
    let crumb = Some((urls::preview(&org), t!("Preview").to_owned()));
    let body = match page.lists {
        Some(lists) => lists_of(&org, lists, said.refused.as_ref()),
        None => {
            let counts = &page.counts;
            let said = tn!(
                removed = counts.removed_terms,
                "{removed} term is always removed, {kept} never removed.",
                "{removed} terms are always removed, {kept} never removed.",
                kept = count(counts.kept_terms)
            );
            message(Tone::Info, t!("You are looking as an auditor").to_owned(), view! { <p>{said}</p> })
        }
    };
    let refused = said.refused.map(|refused| {
        let faults = refused.faults.into_iter().map(|fault| view! { <li>{fault}</li> }).collect_view();
        message(Tone::Error, t!("Nothing was saved").to_owned(), view! { <ul>{faults}</ul> })
    });
    view! {
        {page_head(crumb, t!("Terms").to_owned(), ())}
        <p class="lead">
            {t!(
                "Words that no rule can know. A client or a code name is removed wherever it stands, because you say so; a \
                 product that looks like a person's name stays readable. Terms are compared without case and accents, and \
                 hold from the moment they are added."
            )}
        </p>
        {flag(said.done)}
        {refused}
        {body}
    }
    .into_any()
}

/// What was done, where the eye and a screen reader find it.
pub(crate) fn flag(done: Option<String>) -> Option<AnyView> {
    done.map(|done| {
        view! { <div class="flag" id="flag" role="status" tabindex="-1">{icon(Icon::Check)}<p>{done}</p></div> }
            .into_any()
    })
}

fn lists_of(org: &str, lists: TermLists, refused: Option<&Refused>) -> AnyView {
    let full = lists.removed.len() + lists.kept.len();
    view! {
        <div class="term-lists">
            {list(org, true, &lists.removed, refused)}
            {list(org, false, &lists.kept, refused)}
        </div>
        <p class="help">{t!("{used} of {most} terms are used.", used = count(full), most = count(MOST_TERMS))}</p>
        {changes(&lists.changes)}
    }
    .into_any()
}

fn list(org: &str, removed: bool, terms: &[Term], refused: Option<&Refused>) -> AnyView {
    let (id, name, help, empty, label, button) = if removed {
        (
            "removed",
            t!("Always removed"),
            t!("Clients, projects, places, anything that tells who you are. Each leaves as [TERM_1]."),
            t!("No term yet. Type a client or a code name below; from then on it never leaves."),
            t!("Add to always removed, one a line"),
            t!("Add to always removed"),
        )
    } else {
        (
            "kept",
            t!("Never removed"),
            t!("Products, libraries and teams that are named like people. They stay readable."),
            t!("No term yet. Add one here, or on the preview with “Not personal data”."),
            t!("Add to never removed, one a line"),
            t!("Add to never removed"),
        )
    };
    let rows = terms.iter().map(|term| row(removed, term)).collect_view();
    let shown = if terms.is_empty() {
        view! { <p class="empty">{empty}</p> }.into_any()
    } else {
        view! { <form method="post" action=urls::delete_terms(org)><ul class="card terms">{rows}</ul></form> }
            .into_any()
    };
    let mine = refused.filter(|refused| refused.removed == removed);
    let typed = mine.map(|refused| refused.typed.clone()).unwrap_or_default();
    let field = format!("add-{id}");
    view! {
        <section class="term-list" aria-labelledby=id>
            <h2 id=id>{name}" "<span class="count">{count(terms.len())}</span></h2>
            <p class="help">{help}</p>
            <form method="post" action=urls::terms(org) class="term-add">
                <input type="hidden" name="list" value=id/>
                <label for=field.clone()>{label}</label>
                <textarea id=field name="terms" rows="3" aria-invalid=mine.map(|_| "true")>{typed}</textarea>
                <button class="button">{button}</button>
            </form>
            {shown}
        </section>
    }
    .into_any()
}

fn row(removed: bool, term: &Term) -> AnyView {
    let delete = if removed {
        t!("Delete {term} from always removed", term = term.term)
    } else {
        t!("Delete {term} from never removed", term = term.term)
    };
    view! {
        <li class="term">
            <span class="entry-name" translate="no">{term.term.clone()}</span>
            <span class="help">{moment_exact(term.added_at)}" · "<span translate="no">{term.added_by.clone()}</span></span>
            <button class="button small quiet" name="term" value=term.term.clone()>
                {icon(Icon::Cross)}<span class="sr-only">{delete}</span>
            </button>
        </li>
    }
    .into_any()
}

/// The last changes of terms and people. Of people it has counts only.
pub(crate) fn changes(changes: &[KnowledgeChange]) -> Option<AnyView> {
    if changes.is_empty() {
        return None;
    }
    let entries = changes
        .iter()
        .map(|change| {
            let terms = change
                .terms
                .iter()
                .map(|item| {
                    let list = |value: Option<bool>| value.map_or(t!("no term"), list_name);
                    view! {
                        <li>
                            <span translate="no">{item.term.clone()}</span>
                            <span class="old">{list(item.old)}</span>
                            <span aria-hidden="true">"→"</span><span class="sr-only">" "{t!("becomes" | "to")}" "</span>
                            <span class="new">{list(item.new)}</span>
                        </li>
                    }
                })
                .collect_view();
            let people = change.people;
            let people = (people != service::model::PeopleDifference::default()).then(|| {
                view! { <li><span>{t!("People")}</span><span class="new">{difference(people)}</span></li> }
            });
            view! {
                <li class="card history-entry">
                    <p><strong translate="no">{change.account_name.clone()}</strong>" · "{moment_exact(change.at)}</p>
                    <ul class="diff">{terms}{people}</ul>
                </li>
            }
        })
        .collect_view();
    Some(
        view! {
            <details class="dormant">
                <summary>{icon(Icon::ChevronRight)}<strong>{t!("Last changes of terms and people")}</strong></summary>
                <ol class="history">{entries}</ol>
            </details>
        }
        .into_any(),
    )
}

/// `412 new, 31 changed, 9 gone`
pub(crate) fn difference(people: service::model::PeopleDifference) -> String {
    t!(
        "{added} new, {changed} changed, {gone} gone",
        added = count(people.added),
        changed = count(people.changed),
        gone = count(people.removed)
    )
}
