//! Choosing what goes on the include or the exclude list: three tabs, search, and choices that survive both.

use language::t;
use leptos::prelude::*;
use service::settings::picker::{Picker, PickerRow, Tab};

use crate::components::{page_head, selection, state};
use crate::icons::{Icon, icon};
use crate::urls;

pub fn picker(page: Picker) -> AnyView {
    let org = page.org.slug.clone();
    let query = &page.query;
    let crumb = Some((urls::settings(&org), t!("Data contribution").to_owned()));
    let (title, verb, lead) = if query.to {
        (
            t!("Include in-app data"),
            t!("Review including chosen"),
            t!(
                "What you choose contributes, whatever the organisation's switch says. You review it before anything leaves."
            ),
        )
    } else {
        (
            t!("Exclude in-app data"),
            t!("Exclude chosen"),
            t!("What you choose is held back, whatever the organisation's switch says. It applies at once."),
        )
    };
    let tab_name = |tab: Tab| match tab {
        Tab::Spaces => t!("Spaces").to_owned(),
        Tab::Apps => page.apps_name.clone(),
        Tab::Connectors => page.connectors_name.clone(),
    };
    let tabs = Tab::ALL
        .map(|tab| {
            let class = if tab == query.tab { "tab tab-current" } else { "tab" };
            let current = (tab == query.tab).then_some("true");
            view! { <button class=class name="tab" value=tab.id() aria-current=current formnovalidate>{tab_name(tab)}</button> }
        })
        .into_iter()
        .collect_view();
    let on_page: Vec<_> = page.rows.iter().map(|row| row.row.setting.clone()).collect();
    let elsewhere: Vec<_> = page.chosen.iter().filter(|row| !on_page.contains(&row.setting)).collect();
    let chosen_elsewhere = (!elsewhere.is_empty()).then(|| {
        let rows = elsewhere
            .iter()
            .map(|row| {
                view! {
                    <li>
                        <label>
                            <input type="checkbox" name="target" value=row.setting.to_string() checked/>
                            {row.label.clone()}
                        </label>
                    </li>
                }
            })
            .collect_view();
        view! {
            <fieldset class="chosen">
                <legend>{t!("Chosen elsewhere: {count}", count = elsewhere.len())}</legend>
                <ul>{rows}</ul>
            </fieldset>
        }
    });
    let app_filter = (query.tab == Tab::Spaces).then(|| {
        let options = page
            .apps
            .iter()
            .map(|(id, name)| {
                view! { <option translate="no" value=id.clone() selected=query.app.as_ref() == Some(id)>{name.clone()}</option> }
            })
            .collect_view();
        view! {
            <label>
                <span>{t!("App")}</span>
                <select name="app"><option value="">{t!("Every app")}</option>{options}</select>
            </label>
        }
    });
    let rows = if page.rows.is_empty() {
        let what = match (query.tab, query.search.trim().is_empty()) {
            (Tab::Connectors, true) => t!("No connector is set up.").to_owned(),
            (Tab::Spaces, true) => t!("This organisation has no spaces yet.").to_owned(),
            _ => t!(
                "Nothing matches “{search}”. Search for a part of the name or the key.",
                search = query.search.trim()
            ),
        };
        view! { <p class="empty">{what}</p> }.into_any()
    } else {
        view! { <ul class="card picker-rows">{page.rows.iter().map(|row| picker_row(row, query.to)).collect_view()}</ul> }
            .into_any()
    };
    let turn = |to: usize, name: &'static str| view! { <button class="button small" name="page" value=to.to_string()>{name}</button> };
    let paging = (page.pages > 1).then(|| {
        view! {
            <div class="paging">
                {(query.page > 1).then(|| turn(query.page - 1, t!("of pages" | "Previous")))}
                <span>{t!("Page {page} of {pages}", page = query.page, pages = page.pages)}</span>
                {(query.page < page.pages).then(|| turn(query.page + 1, t!("of pages" | "Next")))}
            </div>
        }
    });
    let list = if query.to { "include" } else { "exclude" };
    let post = urls::change(&org);
    view! {
        {page_head(crumb, title.to_owned(), ())}
        <p class="lead">{lead}</p>
        // One form: searching, turning the page and changing the tab are GETs that carry the choices; the last button posts.
        <form class="picker" method="get" action=urls::picker(&org) id="picker">
            <input type="hidden" name="list" value=list/>
            <input type="hidden" name="version" value=page.version.to_string()/>
            <input type="hidden" name="back" value=urls::settings(&org)/>
            // The first button is what Enter presses: a search, never a change.
            <button class="sr-only" tabindex="-1" aria-hidden="true" name="tab" value=query.tab.id()>{t!("Search")}</button>
            <div class="tabs" role="group" aria-label=t!("What to choose from")>{tabs}</div>
            <div class="filter">
                <label>
                    <span>{t!("Search")}</span>
                    <input type="search" name="q" value=query.search.clone() autocomplete="off"/>
                </label>
                {app_filter}
                <button class="button" name="tab" value=query.tab.id()>{icon(Icon::Search)}{t!("Search")}</button>
                <button class="button" name="all" value=query.tab.id()>{t!("Choose all {count}", count = language::count(page.matching))}</button>
            </div>
            {chosen_elsewhere}
            {rows}
            {paging}
            <div class="save-bar">
                {selection("picker".to_owned())}
                <button class="button primary" formmethod="post" formaction=post name="to" value=if query.to { "on" } else { "off" }>
                    {verb}
                </button>
                <a class="button" href=urls::settings(&org)>{t!("Cancel")}</a>
            </div>
        </form>
    }
    .into_any()
}

fn picker_row(picked: &PickerRow, to: bool) -> AnyView {
    let row = &picked.row;
    let id = format!("pick-{}", crate::components::dom_id(&row.setting));
    let note = picked.unavailable.clone().unwrap_or_else(|| {
        match (row.on, to) {
            (true, true) => t!("Contributes already."),
            _ => "",
        }
        .to_owned()
    });
    view! {
        <li class="picker-row">
            <input
                type="checkbox" id=id.clone() name="target" value=row.setting.to_string() checked=picked.chosen
                disabled=picked.unavailable.is_some()
            />
            <label for=id>
                <span class="entry-name" translate="no">{row.label.clone()}</span>
                <span class="help"><span translate="no">{picked.app_name.clone()}</span>{(!note.is_empty()).then(|| format!(" · {note}"))}</span>
            </label>
            {state(row.on, false)}
        </li>
    }
    .into_any()
}
