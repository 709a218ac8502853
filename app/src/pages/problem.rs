//! A page that says what went wrong, whether anything was saved, and what to do next.

use language::t;
use leptos::prelude::*;

use crate::components::{Tone, message, page_head};
use crate::sentence::sentence;

#[derive(Clone, Debug)]
pub struct Problem {
    pub title: String,
    /// Whether anything was saved, in a few words.
    pub heading: &'static str,
    pub what: String,
    /// The next step: where it leads and what it is called.
    pub next: (String, String),
    /// To quote when asking for help.
    pub request_id: Option<String>,
}

pub fn problem(problem: Problem) -> AnyView {
    let request = problem.request_id.map(|id| {
        let text = t!("If you ask for help, quote request {id}.");
        view! { <p class="help">{sentence(text, [("id", view! { <code>{id}</code> }.into_any())])}</p> }
    });
    view! {
        {page_head(None, problem.title.clone(), ())}
        {message(Tone::Error, problem.heading.to_owned(), view! { <p>{problem.what}</p> })}
        <p class="actions"><a class="button primary" href=problem.next.0>{problem.next.1}</a></p>
        {request}
    }
    .into_any()
}

/// For a page that does not exist, or not for this account: which of the two is not said.
pub fn not_found(next: (String, String)) -> AnyView {
    view! {
        {page_head(None, t!("Not found").to_owned(), ())}
        <p class="lead">{t!("There is nothing here, or nothing that you may see.")}</p>
        <p class="actions"><a class="button primary" href=next.0>{next.1}</a></p>
    }
    .into_any()
}
