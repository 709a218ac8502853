//! Organisation › Security › Data contribution: what leaves now, why, and the switches.

use language::{Dates as _, t, tn};
use leptos::prelude::*;
use policy::{Kind, Setting, Target};
use service::settings::page::{
    AppRow, Changed, ConnectorRow, List, ListGroup, SettingsPage, Show, Sort, SpacesPage, SpacesQuery,
};
use service::settings::rows::{Control, Row};

use crate::components::{
    FormContext, Tone, dom_id, held_actions, message, of_what, page_head, paging, row_links, row_menu, selection,
    state, switch,
};
use crate::curl::{Payload, Request, as_curl};
use crate::icons::{Icon, icon};
use crate::urls;
use service::words;

pub fn settings(page: SettingsPage) -> AnyView {
    let org = page.org.slug.clone();
    let back = page.spaces.as_ref().map_or_else(|| urls::settings(&org), |spaces| spaces_url(&org, &spaces.query));
    let context = FormContext {
        org: org.clone(),
        version: page.version,
        can_change: page.can_change,
        can_search: page.can_search,
        back,
    };
    let actions = view! {
        {page.can_search.then(|| view! { <a class="button" href=urls::preview(&org)>{icon(Icon::Document)}{t!("Preview")}</a> })}
        <a class="button" href=urls::history(&org)>{icon(Icon::History)}{t!("History")}</a>
    };
    view! {
        {page_head(Some((urls::settings(&org), t!("Security").to_owned())), t!("Data contribution").to_owned(), actions)}
        {changed(page.changed.as_ref(), &context)}
        {statement(&page)}
        {notices(&page)}
        {organisation(&page, &context)}
        {lists(&page, &context)}
        {apps(&page, &context)}
        {platform_apps(&page)}
        {connectors(&page, &context)}
    }
    .into_any()
}

/// What was just done, and the way back.
pub(crate) fn changed(changed: Option<&Changed>, context: &FormContext) -> Option<AnyView> {
    let changed = changed?;
    let undo = changed.undoable.then(|| {
        view! {
            <form method="post" action=urls::undo(&context.org)>
                <input type="hidden" name="change" value=changed.change_id.clone()/>
                <input type="hidden" name="back" value=context.back.clone()/>
                <button class="button small">{icon(Icon::Undo)}{t!("Undo")}</button>
            </form>
        }
    });
    let clocks = (!changed.clocks.is_empty()).then(|| {
        let clocks = changed
            .clocks
            .iter()
            .map(|(name, due)| view! { <li>{t!("{what}: by {date}", what = name, date = due.date())}</li> })
            .collect_view();
        let removal = urls::removal(&context.org);
        view! { <p class="help">{t!("For what had contributed until now:")}</p><ul class="help">{clocks}</ul><p class="help"><a href=removal>{t!("How far the removal is")}</a></p> }
    });
    Some(
        view! {
            <section class="flag" role="status" id="flag" tabindex="-1">
                {icon(Icon::Check)}
                <div><p>{changed.told.clone()}</p>{clocks}</div>
                {undo}
            </section>
        }
        .into_any(),
    )
}

/// The page in one sentence, and what makes it so.
fn statement(page: &SettingsPage) -> AnyView {
    let in_force = match page.in_force.days_left {
        Some(days) => tn!(
            days,
            "In force from {date}: {days} day left to decide.",
            "In force from {date}: {days} days left to decide.",
            date = page.in_force.from.date()
        ),
        None => t!("In force since {date}.", date = page.in_force.from.date()),
    };
    let plan = match &page.exempt {
        Some(exempt) => view! { <p>{exempt.clone()}</p> }.into_any(),
        None => view! {
            <p>
                {t!("Plan that sets the defaults:")}" "<strong class="plan" translate="no">{page.plan.name.clone()}</strong>". "{page.plan.made_by.clone()}
            </p>
            <p>{page.plan.means.clone()}" "<a href=urls::data_types(&page.org.slug)>{t!("All plans")}</a></p>
        }
        .into_any(),
    };
    view! {
        <section class="statement" aria-label=t!("What leaves now")>
            <p class="sentence">{page.summary.clone()}</p>
            <div class="facts"><p>{in_force}</p>{plan}</div>
            <a class="why" href=urls::why(&page.org.slug, &Target::Organisation)>
                {t!("Why?")}" "<span class="sr-only">{t!("Why it is so for the organisation")}</span>
            </a>
        </section>
    }
    .into_any()
}

fn notices(page: &SettingsPage) -> AnyView {
    let held = (page.held > 0).then(|| {
        let heading = tn!(held = page.held, "{held} change of default is held", "{held} changes of default are held");
        message(
            Tone::Held,
            heading,
            view! { <p>{t!("Nothing turned on by itself. Each one is marked below and waits until you decide.")}</p> },
        )
    });
    // Over support's pages there is a banner that says so.
    let read_only = (!page.can_change && page.can_search).then(|| {
        message(
            Tone::Info,
            t!("You are looking as an auditor").to_owned(),
            view! { <p>{t!("You see what an admin of this organisation sees. Nothing here can be changed by you.")}</p> },
        )
    });
    view! { {read_only}{held} }.into_any()
}

fn group(id: &'static str, name: &str, help: &'static str, actions: AnyView, body: AnyView) -> AnyView {
    view! {
        <section class="group" aria-labelledby=id>
            <div class="group-head">
                <div><h2 id=id>{name.to_owned()}</h2><p class="help">{help}</p></div>
                <div class="actions">{actions}</div>
            </div>
            {body}
        </section>
    }
    .into_any()
}

/// An address of the API in the organisation of a page.
fn over_api(page: &SettingsPage, what: &str) -> String {
    format!("/api/v1/orgs/{}/{what}", page.org.slug)
}

fn organisation(page: &SettingsPage, context: &FormContext) -> AnyView {
    let row = |row: &Row, help: &'static str| {
        let id = format!("help-{}", dom_id(&row.setting));
        let lock = match &row.control {
            Control::Locked(why) => Some(view! { <p class="locked">{icon(Icon::Lock)}{why.clone()}</p> }.into_any()),
            Control::Open => Some(view! { <p class="because">{row.because.clone()}</p> }.into_any()),
            Control::Held(_) | Control::HeldAbove => None,
        };
        view! {
            <li class="row">
                <div class="row-text" id=id.clone()>
                    <h3>{row.label.clone()}</h3>
                    <p class="help">{help}</p>
                    {lock}
                    {held_actions(row, context)}
                </div>
                {switch(row, context, &id)}
                {row_links(row, context)}
            </li>
        }
    };
    let rows = view! {
        <ul class="rows">
            {row(&page.metadata, t!("Numbers, dates, types and states, and phrases that many organisations share. No text that people wrote."))}
            {row(&page.in_app, t!("What people wrote: titles, descriptions, comments, pages. It leaves after names and e-mail addresses are removed."))}
        </ul>
    }
    .into_any();
    let payload = Payload::Json(r#"{"changes": [{"setting": "in-app", "on": false}]}"#.to_owned());
    let headers = vec![("If-Match".to_owned(), format!("\"{}\"", page.version))];
    let off = Request { path: format!("{}/changes", over_api(page, "settings")), headers, payload };
    let rows = view! { {rows}{as_curl(t!("Turn in-app data off for the organisation"), &off)} }.into_any();
    group("organisation", t!("Organisation"), t!("Protecting is instant. Sharing is reviewed."), ().into_any(), rows)
}

fn lists(page: &SettingsPage, context: &FormContext) -> AnyView {
    let (active, dormant, to) = if page.include.active {
        (&page.include, &page.exclude, "include")
    } else {
        (&page.exclude, &page.include, "exclude")
    };
    let (name, help, empty, dormant_name) = if page.include.active {
        (
            t!("Include list"),
            t!("In-app data is off for the organisation. What is listed here contributes anyway."),
            t!(
                "Nothing is included. Add a space, an app or a connector whose in-app data may leave although the organisation's is off."
            ),
            t!("Exclude list"),
        )
    } else {
        (
            t!("Exclude list"),
            t!("In-app data is on for the organisation. What is listed here is held back."),
            t!("Nothing is excluded. Add a space, an app or a connector whose in-app data must not leave."),
            t!("Include list"),
        )
    };
    let add = (context.can_change && page.exempt.is_none()).then(|| {
        let href = urls::with_query(&urls::picker(&context.org), &[("list", to.to_owned())]);
        view! { <a class="button" href=href>{t!("Add…")}</a> }
    });
    let (help, empty) = match page.exempt {
        Some(_) => (
            t!("Kept, but nothing contributes while the exemption stands."),
            t!("No exceptions while the exemption stands."),
        ),
        None => (help, empty),
    };
    let body = if active.groups.is_empty() {
        view! { <p class="empty">{empty}</p> }.into_any()
    } else {
        list_groups(active, context)
    };
    let within = (!page.within_apps.groups.is_empty()).then(|| {
        let name = if page.include.active {
            t!("Held back inside an included app")
        } else {
            t!("Contributes inside an excluded app")
        };
        view! { <h3 class="sub-head">{name}</h3>{list_groups(&page.within_apps, context)} }
    });
    let dormant = (!dormant.groups.is_empty()).then(|| {
        let count = dormant.entries;
        view! {
            <details class="dormant">
                <summary>
                    {icon(Icon::ChevronRight)}{dormant_name}", "{tn!(count, "{count} entry", "{count} entries")}" "
                    <span class="lozenge">{t!("Dormant")}</span>
                </summary>
                <p class="help">
                    {if page.include.active {
                        t!("Kept for the day the organisation's switch is on. Until then it changes nothing.")
                    } else {
                        t!("Kept for the day the organisation's switch is off. Until then it changes nothing.")
                    }}
                </p>
                {list_groups(dormant, context)}
            </details>
        }
    });
    let read = Request { path: over_api(page, "settings"), ..Request::default() };
    let curl = as_curl(t!("Read every switch and entry, and why each is so"), &read);
    group("exceptions", name, help, add.into_any(), view! { {body}{within}{dormant}{curl} }.into_any())
}

fn list_groups(list: &List, context: &FormContext) -> AnyView {
    let groups = list.groups.iter().map(|group| list_group(group, context)).collect_view();
    view! { <div class="card">{groups}</div> }.into_any()
}

fn list_group(group: &ListGroup, context: &FormContext) -> AnyView {
    let entry = |row: &Row| {
        view! {
            <li class="entry">
                <span class="entry-name" translate="no">{row.label.clone()}</span>
                {state(row.on, row.held())}
                {row_menu(row, context)}
            </li>
        }
    };
    let (total, of) = (group.total, group.of);
    let count = match group.app.is_some() {
        true => t!("{total} of {of} spaces", total, of),
        false => t!("{total} of {of} connectors", total, of),
    };
    let whole = group.whole.as_ref().map(|row| {
        view! {
            <li class="entry">
                <span class="entry-name">{t!("All of {what}", what = row.label)}</span>
                {state(row.on, false)}
                {row_menu(row, context)}
            </li>
        }
    });
    let more = group.app.as_ref().filter(|_| group.total > group.rows.len()).map(|app| {
        let query = SpacesQuery { app: app.clone(), show: Show::Exceptions, page: 1, ..SpacesQuery::default() };
        view! { <p class="help"><a href=spaces_url(&context.org, &query)>{t!("Show all {count}", count = group.total)}</a></p> }
    });
    let note = match (&group.whole, group.total) {
        (Some(_), 0) => t!("the whole app").to_owned(),
        (Some(_), _) => t!("the whole app and {count}", count),
        (None, _) => count,
    };
    view! {
        <details class="list-group" open>
            <summary>
                {icon(Icon::ChevronRight)}<strong translate="no">{group.name.clone()}</strong><span class="help">{note}</span>
            </summary>
            <ul>{whole}{group.rows.iter().map(entry).collect_view()}</ul>
            {more}
        </details>
    }
    .into_any()
}

fn apps(page: &SettingsPage, context: &FormContext) -> AnyView {
    let rows = page.apps.iter().map(|app| app_row(app, page, context)).collect_view();
    let spaces = Request { path: over_api(page, "spaces"), ..Request::default() };
    group(
        "apps",
        t!("Apps"),
        t!("In-app data of each app and its spaces. The most specific entry wins."),
        ().into_any(),
        view! { <ul class="rows">{rows}</ul>{as_curl(t!("List every space"), &spaces)} }.into_any(),
    )
}

fn app_row(app: &AppRow, page: &SettingsPage, context: &FormContext) -> AnyView {
    let open = page.spaces.as_ref().filter(|spaces| spaces.query.app == app.id);
    let help_id = format!("help-app-{}", app.id);
    let counted = match app.spaces {
        0 => t!("No spaces yet.").to_owned(),
        of => {
            t!("In-app data: {some} of {of} spaces contribute {items}.", some = app.contributing, of, items = app.items)
        }
    };
    let metadata = app.in_use.then(|| if app.metadata { t!("Metadata: on.") } else { t!("Metadata: off.") });
    let fold = (app.spaces > 0).then(|| {
        let (href, label) = if open.is_some() {
            (urls::settings(&context.org), t!("Hide spaces"))
        } else {
            let query = SpacesQuery { app: app.id.clone(), page: 1, ..SpacesQuery::default() };
            (spaces_url(&context.org, &query), t!("Show spaces"))
        };
        let symbol = if open.is_some() { Icon::ChevronDown } else { Icon::ChevronRight };
        view! {
            <a class="fold" href=href aria-expanded=open.is_some().to_string()>
                {icon(symbol)}{label}" "<span class="sr-only">{of_what(app.row.label.clone())}</span>
            </a>
        }
    });
    let because = (!app.row.held()).then(|| view! { <p class="because">{app.row.because.clone()}</p> });
    view! {
        <li class="row row-app" id=format!("app-{}", app.id)>
            <div class="row-text" id=help_id.clone()>
                <h3 translate="no">{app.row.label.clone()}</h3>
                <p class="help">{counted}" "{metadata}</p>
                {because}
                {held_actions(&app.row, context)}
                {fold}
            </div>
            {switch(&app.row, context, &help_id)}
            {row_links(&app.row, context)}
            {open.map(|spaces| spaces_table(spaces, context))}
        </li>
    }
    .into_any()
}

fn spaces_table(page: &SpacesPage, context: &FormContext) -> AnyView {
    let query = &page.query;
    let org = &context.org;
    let bulk = format!("bulk-{}", query.app);
    let sort_link = |sort: Sort, name: &'static str| {
        let current = query.sort == sort;
        let flipped = SpacesQuery { sort, descending: current && !query.descending, page: 1, ..query.clone() };
        let order = match (current, query.descending) {
            (false, _) => "none",
            (true, false) => "ascending",
            (true, true) => "descending",
        };
        let arrow = match order {
            "ascending" => " ↑",
            "descending" => " ↓",
            _ => "",
        };
        view! { <th scope="col" aria-sort=order><a href=spaces_url(org, &flipped)>{name}{arrow}</a></th> }
    };
    let rows = page
        .rows
        .iter()
        .map(|row| {
            let Setting::Space { key, .. } = &row.setting else {
                return ().into_any();
            };
            let because_id = format!("because-{}", dom_id(&row.setting));
            let name = row.label.strip_suffix(&format!(" ({key})")).unwrap_or(&row.label).to_owned();
            let select = context.can_change.then(|| {
                view! {
                    <td class="cell-select">
                        <input
                            type="checkbox" name="target" value=row.setting.to_string() form=bulk.clone()
                            aria-label=t!("Select {what}", what = row.label)
                        />
                    </td>
                }
            });
            view! {
                <tr>
                    {select}
                    <td class="cell-name" translate="no">{name}</td>
                    <td class="cell-key" translate="no">{key.clone()}</td>
                    <td class="cell-switch">{switch(row, context, &because_id)}</td>
                    <td class="cell-because" id=because_id>{row.because.clone()}</td>
                    <td class="cell-menu">{row_menu(row, context)}</td>
                </tr>
            }
            .into_any()
        })
        .collect_view();
    let shows = Show::ALL
        .map(|show| view! { <option value=show.id() selected=show == query.show>{show.name()}</option> })
        .into_iter()
        .collect_view();
    let bulk_form = context.can_change.then(|| {
        view! {
            <form class="bulk" method="post" action=urls::change(org) id=bulk.clone()>
                <input type="hidden" name="version" value=context.version.to_string()/>
                <input type="hidden" name="back" value=context.back.clone()/>
                {selection(bulk.clone())}
                <button class="button small" name="to" value="off">{t!("Turn off selected")}</button>
                <button class="button small" name="to" value="on">{t!("Review turning on selected")}</button>
            </form>
        }
    });
    let table = if page.rows.is_empty() {
        view! {
            <p class="empty">
                {t!("No space of {app} matches.", app = page.app_name)}" "
                <a href=spaces_url(org, &SpacesQuery { app: query.app.clone(), page: 1, ..SpacesQuery::default() })>
                    {t!("Show all {count}", count = page.total)}
                </a>
            </p>
        }
        .into_any()
    } else {
        view! {
            <div class="table-frame">
                <table class="spaces">
                    <caption class="sr-only">{t!("Spaces of {app}", app = page.app_name)}</caption>
                    <thead>
                        <tr>
                            {context.can_change.then(|| view! { <th scope="col"><span class="sr-only">{t!("Select")}</span></th> })}
                            {sort_link(Sort::Name, t!("Space"))}
                            {sort_link(Sort::Key, t!("of a space" | "Key"))}
                            {sort_link(Sort::State, t!("In-app data"))}
                            <th scope="col">{t!("Because")}</th>
                            <th scope="col"><span class="sr-only">{t!("More")}</span></th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        }
        .into_any()
    };
    let pages = paging(
        query.page,
        page.pages,
        |page| spaces_url(org, &SpacesQuery { page, ..query.clone() }),
        t!("Pages of the spaces"),
    );
    view! {
        <div class="spaces-block">
            {context.can_search.then(|| view! { <form class="filter" method="get" action=urls::settings(org) role="search" aria-label=t!("Spaces")>
                <input type="hidden" name="app" value=query.app.clone()/>
                <input type="hidden" name="sort" value=query.sort.id()/>
                {query.descending.then(|| view! { <input type="hidden" name="order" value="descending"/> })}
                <label>
                    <span>{t!("Search spaces")}</span>
                    <input type="search" name="q" value=query.search.clone() autocomplete="off"/>
                </label>
                <label><span>{t!("Show")}</span><select name="show">{shows}</select></label>
                <button class="button">{icon(Icon::Search)}{t!("Search")}</button>
                <p class="help" role="status">{t!("{total} of {of} spaces", total = page.matching, of = page.total)}</p>
            </form> })}
            {bulk_form}
            {table}
            {pages}
        </div>
    }
    .into_any()
}

/// The address of the settings page with an app unfolded.
fn spaces_url(org: &str, query: &SpacesQuery) -> String {
    let mut pairs = vec![("app", query.app.clone())];
    if !query.search.trim().is_empty() {
        pairs.push(("q", query.search.clone()));
    }
    if query.show != Show::default() {
        pairs.push(("show", query.show.id().to_owned()));
    }
    if query.sort != Sort::default() {
        pairs.push(("sort", query.sort.id().to_owned()));
    }
    if query.descending {
        pairs.push(("order", "descending".to_owned()));
    }
    if query.page > 1 {
        pairs.push(("page", query.page.to_string()));
    }
    format!("{}#app-{}", urls::with_query(&urls::settings(org), &pairs), query.app)
}

fn platform_apps(page: &SettingsPage) -> AnyView {
    let rows = page
        .platform_apps
        .iter()
        .map(|app| {
            let why = urls::why(&page.org.slug, &Target::PlatformApp(app.id.clone()));
            view! {
                <tr>
                    <th scope="row" translate="no">{app.name.clone()}</th>
                    <td>{state(app.metadata, app.metadata_held)}</td>
                    <td>{state(app.in_app, app.in_app_held)}</td>
                    <td class="cell-menu"><a href=why>{t!("Why?")}<span class="sr-only" translate="no">" "{app.name.clone()}</span></a></td>
                </tr>
            }
        })
        .collect_view();
    let body = view! {
        <div class="table-frame">
            <table class="plain">
                <caption class="sr-only">{t!("Platform apps")}</caption>
                <thead>
                    <tr>
                        <th scope="col">{t!("App")}</th>
                        <th scope="col">{words::kind(Kind::Metadata)}</th>
                        <th scope="col">{words::kind(Kind::InApp)}</th>
                        <th scope="col"><span class="sr-only">{t!("Why?")}</span></th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any();
    group(
        "platform-apps",
        t!("Platform apps"),
        t!(
            "They have no switch of their own: they follow the organisation, and so does content outside every app and space."
        ),
        ().into_any(),
        body,
    )
}

fn connectors(page: &SettingsPage, context: &FormContext) -> AnyView {
    let row = |connector: &ConnectorRow| {
        let row = &connector.row;
        let id = format!("help-{}", dom_id(&row.setting));
        let because = (!row.held()).then(|| view! { <p class="because">{row.because.clone()}</p> });
        let eligible = if connector.eligible { t!("Eligible") } else { t!("Not eligible") };
        view! {
            <li class="row">
                <div class="row-text" id=id.clone()>
                    <h3 translate="no">{row.label.clone()}</h3>
                    <p class="help">{t!("{kind} connector", kind = connector.kind)}" · "{eligible}</p>
                    {because}
                    {held_actions(row, context)}
                </div>
                {switch(row, context, &id)}
                {row_links(row, context)}
            </li>
        }
    };
    let body = if page.connectors.is_empty() {
        view! {
            <p class="empty">
                {t!("No connector is set up. When one is, it shows here, and its data stays off until you decide.")}
            </p>
        }
        .into_any()
    } else {
        view! { <ul class="rows">{page.connectors.iter().map(row).collect_view()}</ul> }.into_any()
    };
    group(
        "connectors",
        &page.connectors_name,
        t!(
            "In-app data that a connector brings in. Only synced connectors store content, so only they can contribute."
        ),
        ().into_any(),
        body,
    )
}
