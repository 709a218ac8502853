//! All organisations of whoever is signed in, each with what leaves it now and who last decided.

use language::{t, tn};
use leptos::prelude::*;
use service::overview::{Overview, OverviewQuery, OverviewRow, OverviewSort, Standing};

use crate::components::{moment, page_head};
use crate::icons::{Icon, icon};
use crate::sentence::sentence;
use crate::urls;

/// As many are looked over without a filter.
const FEW: usize = 3;

pub fn organisations(overview: Overview, operator: bool) -> AnyView {
    if overview.all == 0 {
        return view! {
            {page_head(None, t!("Organisations").to_owned(), ())}
            <p class="empty">
                {if operator {
                    t!(
                        "You run this installation; the settings of organisations are for their admins. On the server, \
                         `sluice decide` and `sluice preview` answer for any of them."
                    )
                } else {
                    t!("Your account belongs to no organisation yet. Ask an admin of yours for an invitation.")
                }}
            </p>
        }
        .into_any();
    }
    let Overview { query, all, rows } = overview;
    let count = if rows.len() == all {
        tn!(all, "{all} organisation", "{all} organisations")
    } else {
        let shown = language::count(rows.len());
        tn!(all, "{shown} of {all} organisation", "{shown} of {all} organisations", shown)
    };
    let shown = if rows.is_empty() {
        let none = t!("None of your organisations is like that.");
        view! { <p class="empty">{none}" "<a href=urls::ORGANISATIONS>{t!("Show all")}</a></p> }.into_any()
    } else {
        view! { <ul class="orgs">{rows.into_iter().map(row).collect_view()}</ul> }.into_any()
    };
    view! {
        {page_head(None, t!("Organisations").to_owned(), ())}
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
                <span>{t!("Name")}</span>
                <input type="search" name="q" value=query.search.clone() autocomplete="off"/>
            </label>
            <label><span>{t!("Sort by")}</span><select name="sort">{sorts}</select></label>
            <div class="check">
                <input id="waiting" type="checkbox" name="waiting" value="yes" checked=query.only_waiting/>
                <label for="waiting">{t!("Only those that need a decision")}</label>
            </div>
            <button class="button">{icon(Icon::Search)}{t!("Show")}</button>
            <span class="help">{count}</span>
        </form>
    }
    .into_any()
}

fn row(row: OverviewRow) -> AnyView {
    let (lozenges, body) = match row.standing {
        Some(standing) => (Some(lozenges(&standing)), standing_of(&row.org.slug, standing)),
        None => (None, view! { <p>{t!("You can see which of its spaces contribute.")}</p> }.into_any()),
    };
    view! {
        <li class="card org">
            <div class="org-head">
                <h2><a href=urls::organisation(&row.org.slug) translate="no">{row.org.name.clone()}</a></h2>
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
        .then(|| view! { <span class="lozenge lozenge-held">{icon(Icon::Pause)}{t!("Needs a decision")}</span> });
    let unreviewed = (standing.unreviewed && !standing.held)
        .then(|| view! { <span class="lozenge lozenge-held">{icon(Icon::Info)}{t!("Never reviewed")}</span> });
    view! { <span class="lozenge" translate="no">{standing.plan.clone()}</span>{held}{unreviewed} }.into_any()
}

fn standing_of(slug: &str, standing: Standing) -> AnyView {
    let last = match standing.last_change {
        Some((at, who)) => sentence(
            t!("Last changed on {date} by {name}."),
            [("date", moment(at).into_any()), ("name", view! { <span translate="no">{who}</span> }.into_any())],
        ),
        None => t!("Nobody has decided anything yet: the plan's defaults hold.").into_any(),
    };
    view! { <p>{standing.summary}</p>{removals(slug, standing.removals)}<p class="help">{last}</p> }.into_any()
}

/// How many removals are under way, with the way to them; nothing if none is.
pub(crate) fn removals(slug: &str, count: usize) -> Option<AnyView> {
    let told = tn!(count, "{count} removal is under way", "{count} removals are under way");
    (count > 0).then(|| view! { <p><a href=urls::removal(slug)>{told}</a>"."</p> }.into_any())
}
