//! All organisations of whoever is signed in, each with what leaves it now.

use leptos::prelude::*;
use service::overview::OverviewRow;

use crate::components::page_head;
use crate::icons::{Icon, icon};
use crate::urls;

pub fn organisations(rows: Vec<OverviewRow>, operator: bool) -> AnyView {
    if rows.is_empty() {
        return view! {
            {page_head(None, "Organisations".to_owned(), ())}
            <p class="empty">
                {if operator {
                    "You run this installation; the settings of organisations are for their admins. On the server, `sluice decide` and `sluice preview` answer for any of them."
                } else {
                    "Your account belongs to no organisation yet."
                }}
            </p>
        }
        .into_any();
    }
    let rows = rows
        .into_iter()
        .map(|row| {
            let held = row.held.then(|| {
                view! { <span class="lozenge lozenge-held">{icon(Icon::Pause)}"Needs a decision"</span> }
            });
            view! {
                <li class="card org">
                    <div class="org-head">
                        <h2><a href=urls::settings(&row.org.slug)>{row.org.name.clone()}</a></h2>
                        <span class="lozenge">{row.plan.clone()}</span>
                        {held}
                    </div>
                    <p>{row.summary}</p>
                </li>
            }
        })
        .collect_view();
    view! {
        {page_head(None, "Organisations".to_owned(), ())}
        <ul class="orgs">{rows}</ul>
    }
    .into_any()
}
