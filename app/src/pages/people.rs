//! The directory: whom the wash looks for.

use language::{t, tn};
use leptos::prelude::*;
use service::model::{ListedPerson, PeopleSource};
use service::people::{FILE, ImportSummary, MOST_PEOPLE, PeopleList, PeoplePage};

use crate::components::{Tone, message, moment_exact, page_head, upload_check};
use crate::icons::{Icon, icon};
use crate::pages::terms::{changes, difference, flag};
use crate::sentence::sentence;
use crate::urls;

pub fn people(page: PeoplePage, done: Option<String>, faults: Vec<String>) -> AnyView {
    let org = page.org.slug.clone();
    let crumb = Some((urls::preview(&org), t!("Preview").to_owned()));
    let total = page.counts.people();
    let refused = (!faults.is_empty()).then(|| {
        let faults = faults.into_iter().map(|fault| view! { <li>{fault}</li> }).collect_view();
        let body = view! { <ul>{faults}</ul><p>{t!("The directory is as it was.")}</p> };
        message(Tone::Error, t!("Nothing was saved").to_owned(), body)
    });
    let body = match page.list {
        Some(list) => admin_part(&org, total, list),
        None => message(
            Tone::Info,
            t!("You are looking as an auditor").to_owned(),
            view! {
                <p>{t!("You see how many people the directory has. Who they are, only the organisation's admins see.")}</p>
            },
        ),
    };
    view! {
        {page_head(crumb, t!("People").to_owned(), ())}
        <p class="lead">
            {t!(
                "The wash finds someone surely when it knows who they are: then every spelling of the name, the user name and \
                 the addresses is looked for in every text. Nobody on this list ever leaves; it is used for finding and for \
                 nothing else."
            )}
        </p>
        {flag(done)}
        {refused}
        {sources(total, &page.counts.sources)}
        {body}
    }
    .into_any()
}

fn counted(people: u64) -> String {
    tn!(people, "{people} person", "{people} people")
}

fn sources(total: u64, sources: &[PeopleSource]) -> AnyView {
    if sources.is_empty() {
        return view! {
            <p class="empty">
                {t!(
                    "The directory is empty: the wash knows only the people that a file itself names. Export your users from \
                     Jira or from Atlassian Administration as CSV, and import them here."
                )}
            </p>
        }
        .into_any();
    }
    let rows = sources
        .iter()
        .map(|source| {
            let name = if source.source == FILE { t!("From a file") } else { t!("From elsewhere") };
            let imported = sentence(
                t!("imported {moment} by {name}"),
                [
                    ("moment", moment_exact(source.imported_at).into_any()),
                    ("name", view! { <span translate="no">{source.imported_by.clone()}</span> }.into_any()),
                ],
            );
            view! {
                <div>
                    <dt>{name}</dt>
                    <dd>
                        <strong>{counted(source.people)}</strong>
                        <span class="help">" · "{imported}</span>
                    </dd>
                </div>
            }
        })
        .collect_view();
    view! {
        <section aria-label=t!("Where people come from")>
            <dl class="facts-list" aria-label=counted(total)>{rows}</dl>
        </section>
    }
    .into_any()
}

fn admin_part(org: &str, total: u64, list: PeopleList) -> AnyView {
    let delete = (total > 0).then(|| {
        view! {
            <details class="dormant">
                <summary>{icon(Icon::ChevronRight)}<strong>{t!("Delete everyone")}</strong></summary>
                <form method="post" action=urls::delete_people(org) class="button-row">
                    <label class="check">
                        <input type="checkbox" name="sure" value="yes" required/>
                        {tn!(people = total, "Delete {people} person from the directory", "Delete {people} people from the directory")}
                    </label>
                    <button class="button danger">{t!("Delete everyone")}</button>
                </form>
            </details>
        }
    });
    view! {
        <section class="group" aria-labelledby="import">
            <h2 id="import">{t!("Import from a file")}</h2>
            <p class="help">
                {t!(
                    "CSV with any of the columns username, display_name, email and account_id, in any order; exports of Jira and of \
                     Atlassian Administration work as they are. At most {most} people and 20 MB. It replaces everyone who came \
                     from a file before; you see what changes first.",
                    most = language::count(MOST_PEOPLE)
                )}
            </p>
            <form method="post" action=urls::people(org) enctype="multipart/form-data" class="upload card">
                <div class="field">
                    <label for="file">{t!("CSV file of people")}</label>
                    <input id="file" name="file" type="file" accept=".csv,text/csv" required/>
                    {upload_check("file")}
                </div>
                <button class="button">{t!("See what changes")}</button>
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
        let nobody = t!("Nobody matches “{search}”. Search for a part of a name, a user name or an address.", search);
        view! { <p class="empty">{nobody}</p> }.into_any()
    } else {
        view! {
            <div class="table-frame" tabindex="0" role="region" aria-label=t!("People")>
                <table class="plain people">
                    <thead>
                        <tr>
                            <th scope="col">{t!("Name")}</th><th scope="col">{t!("User name")}</th><th scope="col">{t!("E-mail address")}</th>
                            <th scope="col">{t!("Account id")}</th>
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
    let first = list.later.then(|| view! { <a class="button small" href=query(None)>{t!("First page")}</a> });
    let next = list.next.as_ref().map(|next| view! { <a class="button small" href=query(Some(next))>{t!("Next")}</a> });
    let paging = (first.is_some() || next.is_some())
        .then(|| view! { <nav class="paging" aria-label=t!("Pages of people")>{first}{next}</nav> });
    view! {
        <section class="group" aria-labelledby="listed">
            <h2 id="listed">{t!("Who is listed")}</h2>
            <form method="get" action=urls::people(org) class="filter" role="search">
                <label>
                    <span>{t!("Search people")}</span>
                    <input type="search" name="q" value=list.search.clone() autocomplete="off"/>
                </label>
                <button class="button">{icon(Icon::Search)}{t!("Search")}</button>
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
        <tr translate="no">
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
    let crumb = Some((urls::people(org), t!("People").to_owned()));
    let problem = problem.map(|what| message(Tone::Error, t!("Nothing was saved").to_owned(), view! { <p>{what}</p> }));
    let change = summary.difference;
    let nothing = change == service::model::PeopleDifference::default();
    let sentence = if nothing {
        t!("{file} says what the directory has already.", file = summary.file)
    } else {
        format!("{}: {}.", summary.file, difference(change))
    };
    let replace = (!nothing).then(|| {
        view! {
            <form method="post" action=urls::import(org, id)>
                <input type="hidden" name="version" value=summary.version.to_string()/>
                <button class="button primary">{tn!(people = summary.people, "Replace by {people} person", "Replace by {people} people")}</button>
            </form>
        }
    });
    view! {
        {page_head(crumb, t!("Review the import").to_owned(), ())}
        {problem}
        <div class="statement">
            <p class="sentence">{sentence}</p>
            <p class="facts">
                {tn!(
                    people = summary.before,
                    "The directory has {people} person now and would have {after}. Terms and settings stay as they are.",
                    "The directory has {people} people now and would have {after}. Terms and settings stay as they are.",
                    after = language::count(summary.people)
                )}
            </p>
        </div>
        <div class="button-row">
            {replace}
            <form method="post" action=urls::discard_import(org, id)><button class="button">{t!("Discard the file")}</button></form>
        </div>
        <p class="help">{t!("Until then the file is held in memory, for you alone, and nothing has changed.")}</p>
    }
    .into_any()
}

/// The file is not held any more.
pub fn import_gone(org: &str) -> AnyView {
    let crumb = Some((urls::people(org), t!("People").to_owned()));
    let body = view! {
        <p>{t!("A file is held in memory for 15 minutes. Nothing was saved and the directory is as it was.")}</p>
        <p><a href=urls::people(org)>{t!("Choose the file again")}</a></p>
    };
    view! {
        {page_head(crumb, t!("Review the import").to_owned(), ())}
        {message(Tone::Error, t!("This file is not held any more").to_owned(), body)}
    }
    .into_any()
}
