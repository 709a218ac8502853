//! All organisations of whoever is signed in, each with what leaves it now and who last decided.

use leptos::prelude::*;
use service::overview::{Overview, OverviewQuery, OverviewRow, OverviewSort, Standing};
use service::settings::summary::number;

use crate::components::{moment, page_head};
use crate::icons::{Icon, icon};
use crate::urls;

/// As many are looked over without a filter.
const FEW: usize = 3;

pub fn organisations(overview: Overview, operator: bool) -> AnyView {
    if overview.all == 0 {
        return view! {
            {page_head(None, "Organisations".to_owned(), ())}
            <p class="empty">
                {if operator {
                    "You run this installation; the settings of organisations are for their admins. On the server, `sluice decide` and `sluice preview` answer for any of them."
                } else {
                    "Your account belongs to no organisation yet. Ask an admin of yours for an invitation."
                }}
            </p>
        }
        .into_any();
    }
    let Overview { query, all, rows } = overview;
    let count = if rows.len() == all {
        number(all, "organisation", "organisations")
    } else {
        format!("{} of {}", rows.len(), number(all, "organisation", "organisations"))
    };
    let shown = if rows.is_empty() {
        view! { <p class="empty">"None of your organisations is like that. "<a href=urls::ORGANISATIONS>"Show all"</a></p> }
            .into_any()
    } else {
        view! { <ul class="orgs">{rows.into_iter().map(row).collect_view()}</ul> }.into_any()
    };
    view! {
        {page_head(None, "Organisations".to_owned(), ())}
        {(all > FEW).then(|| filter(&query, count))}
        {shown}
    }
    .into_any()
}

fn filter(query: &OverviewQuery, count: String) -> AnyView {
    let sorts = OverviewSort::ALL
        .map(|sort| view! { <option value=sort.id() selected=sort == query.sort>{sort.name()}</option> })
        .into_iter()
        .collect_view();
    view! {
        <form method="get" action=urls::ORGANISATIONS class="filter" role="search">
            <label>
                <span>"Name"</span>
                <input type="search" name="q" value=query.search.clone() autocomplete="off"/>
            </label>
            <label><span>"Sort by"</span><select name="sort">{sorts}</select></label>
            <div class="check">
                <input id="waiting" type="checkbox" name="waiting" value="yes" checked=query.only_waiting/>
                <label for="waiting">"Only those that need a decision"</label>
            </div>
            <button class="button">{icon(Icon::Search)}"Show"</button>
            <span class="help">{count}</span>
        </form>
    }
    .into_any()
}

fn row(row: OverviewRow) -> AnyView {
    let (lozenges, body) = match row.standing {
        Some(standing) => (Some(lozenges(&standing)), standing_of(&row.org.slug, standing)),
        None => (None, view! { <p>"You can see which of its spaces contribute."</p> }.into_any()),
    };
    view! {
        <li class="card org">
            <div class="org-head">
                <h2><a href=urls::organisation(&row.org.slug)>{row.org.name.clone()}</a></h2>
                {lozenges}
                <span class="help">{row.role.name()}</span>
            </div>
            {body}
        </li>
    }
    .into_any()
}

fn lozenges(standing: &Standing) -> AnyView {
    let held = standing
        .held
        .then(|| view! { <span class="lozenge lozenge-held">{icon(Icon::Pause)}"Needs a decision"</span> });
    let unreviewed = (standing.unreviewed && !standing.held)
        .then(|| view! { <span class="lozenge lozenge-held">{icon(Icon::Info)}"Never reviewed"</span> });
    view! { <span class="lozenge">{standing.plan.clone()}</span>{held}{unreviewed} }.into_any()
}

fn standing_of(slug: &str, standing: Standing) -> AnyView {
    let last = match standing.last_change {
        Some((at, who)) => view! { "Last changed on "{moment(at)}" by "{who}"." }.into_any(),
        None => view! { "Nobody has decided anything yet: the plan's defaults hold." }.into_any(),
    };
    view! { <p>{standing.summary}</p>{removals(slug, standing.removals)}<p class="help">{last}</p> }.into_any()
}

/// How many removals are under way, with the way to them; nothing if none is.
pub(crate) fn removals(slug: &str, count: usize) -> Option<AnyView> {
    let verb = if count == 1 { "is" } else { "are" };
    let told = format!("{} {verb} under way", number(count, "removal", "removals"));
    (count > 0).then(|| view! { <p><a href=urls::removal(slug)>{told}</a>"."</p> }.into_any())
}
