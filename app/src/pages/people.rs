//! The directory: whom the wash looks for.

use leptos::prelude::*;
use service::model::{ListedPerson, PeopleSource};
use service::people::{FILE, ImportSummary, MOST_PEOPLE, PeopleList, PeoplePage};
use service::settings::summary::number;

use crate::components::{Tone, message, moment_exact, page_head, upload_check};
use crate::icons::{Icon, icon};
use crate::pages::terms::{changes, difference, flag};
use crate::urls;

pub fn people(page: PeoplePage, done: Option<String>, faults: Vec<String>) -> AnyView {
    let org = page.org.slug.clone();
    let crumb = Some((urls::preview(&org), "Preview".to_owned()));
    let total = count(page.counts.people());
    let refused = (!faults.is_empty()).then(|| {
        let faults = faults.into_iter().map(|fault| view! { <li>{fault}</li> }).collect_view();
        let body = view! { <ul>{faults}</ul><p>"The directory is as it was."</p> };
        message(Tone::Error, "Nothing was saved".to_owned(), body)
    });
    let body = match page.list {
        Some(list) => admin_part(&org, total, list),
        None => message(
            Tone::Info,
            "You are looking as an auditor".to_owned(),
            view! { <p>"You see how many people the directory has. Who they are, only the organisation's admins see."</p> },
        ),
    };
    view! {
        {page_head(crumb, "People".to_owned(), ())}
        <p class="lead">
            "The wash finds someone surely when it knows who they are: then every spelling of the name, the user name and the addresses
            is looked for in every text. Nobody on this list ever leaves; it is used for finding and for nothing else."
        </p>
        {flag(done)}
        {refused}
        {sources(total, &page.counts.sources)}
        {body}
    }
    .into_any()
}

fn count(people: u64) -> usize {
    usize::try_from(people).unwrap_or(usize::MAX)
}

fn sources(total: usize, sources: &[PeopleSource]) -> AnyView {
    if sources.is_empty() {
        return view! {
            <p class="empty">
                "The directory is empty: the wash knows only the people that a file itself names. Export your users from Jira or from
                Atlassian Administration as CSV, and import them here."
            </p>
        }
        .into_any();
    }
    let rows = sources
        .iter()
        .map(|source| {
            let name = if source.source == FILE { "From a file" } else { "From elsewhere" };
            view! {
                <div>
                    <dt>{name}</dt>
                    <dd>
                        <strong>{number(count(source.people), "person", "people")}</strong>
                        <span class="help">" · imported "{moment_exact(source.imported_at)}" by "{source.imported_by.clone()}</span>
                    </dd>
                </div>
            }
        })
        .collect_view();
    view! {
        <section aria-label="Where people come from">
            <dl class="facts-list" aria-label=number(total, "person", "people")>{rows}</dl>
        </section>
    }
    .into_any()
}

fn admin_part(org: &str, total: usize, list: PeopleList) -> AnyView {
    let delete = (total > 0).then(|| {
        view! {
            <details class="dormant">
                <summary>{icon(Icon::ChevronRight)}<strong>"Delete everyone"</strong></summary>
                <form method="post" action=urls::delete_people(org) class="button-row">
                    <label class="check">
                        <input type="checkbox" name="sure" value="yes" required/>
                        {format!("Delete {} from the directory", number(total, "person", "people"))}
                    </label>
                    <button class="button danger">"Delete everyone"</button>
                </form>
            </details>
        }
    });
    view! {
        <section class="group" aria-labelledby="import">
            <h2 id="import">"Import from a file"</h2>
            <p class="help">
                {format!(
                    "CSV with any of the columns username, display_name, email and account_id, in any order; exports of Jira and of \
                     Atlassian Administration work as they are. At most {} people and 20 MB. It replaces everyone who came \
                     from a file before; you see what changes first.",
                    language::count(MOST_PEOPLE),
                )}
            </p>
            <form method="post" action=urls::people(org) enctype="multipart/form-data" class="upload card">
                <div class="field">
                    <label for="file">"CSV file of people"</label>
                    <input id="file" name="file" type="file" accept=".csv,text/csv" required/>
                    {upload_check("file")}
                </div>
                <button class="button">"See what changes"</button>
            </form>
        </section>
        {(total > 0).then(|| listing(org, &list))}
        {delete}
        {changes(&list.changes)}
    }
    .into_any()
}

fn listing(org: &str, list: &PeopleList) -> AnyView {
    let search = list.search.clone();
    let rows = list.people.iter().map(row).collect_view();
    let shown = if list.people.is_empty() {
        view! { <p class="empty">{format!("Nobody matches “{search}”. Search for a part of a name, a user name or an address.")}</p> }
            .into_any()
    } else {
        view! {
            <div class="table-frame" tabindex="0" role="region" aria-label="People">
                <table class="plain people">
                    <thead>
                        <tr>
                            <th scope="col">"Name"</th><th scope="col">"User name"</th><th scope="col">"E-mail address"</th>
                            <th scope="col">"Account id"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        }
        .into_any()
    };
    let query = |after: Option<&(String, i64)>| {
        let mut pairs = Vec::new();
        if !search.is_empty() {
            pairs.push(("q", search.clone()));
        }
        if let Some((source, place)) = after {
            pairs.push(("after", format!("{source}:{place}")));
        }
        urls::with_query(&urls::people(org), &pairs)
    };
    let first = list.later.then(|| view! { <a class="button small" href=query(None)>"First page"</a> });
    let next = list.next.as_ref().map(|next| view! { <a class="button small" href=query(Some(next))>"Next"</a> });
    let paging = (first.is_some() || next.is_some())
        .then(|| view! { <nav class="paging" aria-label="Pages of people">{first}{next}</nav> });
    view! {
        <section class="group" aria-labelledby="listed">
            <h2 id="listed">"Who is listed"</h2>
            <form method="get" action=urls::people(org) class="filter" role="search">
                <label>
                    <span>"Search people"</span>
                    <input type="search" name="q" value=list.search.clone() autocomplete="off"/>
                </label>
                <button class="button">{icon(Icon::Search)}"Search"</button>
            </form>
            {shown}
            {paging}
        </section>
    }
    .into_any()
}

fn row(listed: &ListedPerson) -> AnyView {
    let person = &listed.person;
    let cell = |values: &[String]| values.join(", ");
    view! {
        <tr>
            <th scope="row">{cell(&person.names)}</th>
            <td>{cell(&person.handles)}</td>
            <td>{cell(&person.emails)}</td>
            <td class="help">{cell(&person.account_ids)}</td>
        </tr>
    }
    .into_any()
}

/// What an import would change, before it does.
pub fn import(id: &str, summary: &ImportSummary, problem: Option<String>) -> AnyView {
    let org = &summary.org.slug;
    let crumb = Some((urls::people(org), "People".to_owned()));
    let problem = problem.map(|what| message(Tone::Error, "Nothing was saved".to_owned(), view! { <p>{what}</p> }));
    let change = summary.difference;
    let nothing = change == service::model::PeopleDifference::default();
    let sentence = if nothing {
        format!("{} says what the directory has already.", summary.file)
    } else {
        format!("{}: {}.", summary.file, difference(change))
    };
    let replace = (!nothing).then(|| {
        view! {
            <form method="post" action=urls::import(org, id)>
                <input type="hidden" name="version" value=summary.version.to_string()/>
                <button class="button primary">{format!("Replace by {}", number(summary.people, "person", "people"))}</button>
            </form>
        }
    });
    view! {
        {page_head(crumb, "Review the import".to_owned(), ())}
        {problem}
        <div class="statement">
            <p class="sentence">{sentence}</p>
            <p class="facts">
                {format!(
                    "The directory has {} now and would have {}. Terms and settings stay as they are.",
                    number(summary.before, "person", "people"),
                    language::count(summary.people),
                )}
            </p>
        </div>
        <div class="button-row">
            {replace}
            <form method="post" action=urls::discard_import(org, id)><button class="button">"Discard the file"</button></form>
        </div>
        <p class="help">"Until then the file is held in memory, for you alone, and nothing has changed."</p>
    }
    .into_any()
}

/// The file is not held any more.
pub fn import_gone(org: &str) -> AnyView {
    let crumb = Some((urls::people(org), "People".to_owned()));
    let body = view! {
        <p>"A file is held in memory for 15 minutes. Nothing was saved and the directory is as it was."</p>
        <p><a href=urls::people(org)>"Choose the file again"</a></p>
    };
    view! {
        {page_head(crumb, "Review the import".to_owned(), ())}
        {message(Tone::Error, "This file is not held any more".to_owned(), body)}
    }
    .into_any()
}
