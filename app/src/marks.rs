//! Text with what was found in it marked, and what leaves of it: for pages that show it and change nothing.

use leptos::prelude::*;
use service::preview::{Found, Leaving, Part};
use service::words;

/// A stretch as written. What was found is marked as in the preview, by letter, line and tint.
pub(crate) fn written(part: &Part) -> AnyView {
    match part {
        Part::Text(text) | Part::Freed(text) => text.clone().into_any(),
        Part::Found(found) => mark(found),
    }
}

fn mark(found: &Found) -> AnyView {
    let kind = found.kind;
    view! {
        <mark class=format!("found found-{}", kind.id()) title=words::finding(kind)>
            <span class="tag" aria-hidden="true">{kind.letter().to_string()}</span>{found.text.clone()}<span class="sr-only">" ("{words::finding(kind)}")"</span>
        </mark>
    }
    .into_any()
}

/// A stretch of what leaves.
pub(crate) fn leaving(part: &Leaving) -> AnyView {
    match part {
        Leaving::Text(text) | Leaving::Freed(text) => text.clone().into_any(),
        Leaving::Placeholder { text, kind, .. } => {
            view! { <span class=format!("placeholder found-{kind}")>{text.clone()}</span> }.into_any()
        }
    }
}
