//! The audit log: who did what, when and why, and that nobody bent it.

use audit::{Action, Difference, Entry, Outcome};
use language::{count, t, tn};
use leptos::prelude::*;
use serde_json::{Value, json};
use service::audit_log::{AuditPage, AuditRow, Verified, qualifiers, told_because};
use service::words;

use crate::components::{Tone, kept, message, moment_exact, page_head};
use crate::curl::{Payload, Request, as_curl};
use crate::icons::{Icon, icon};
use crate::sentence::sentence;
use crate::urls;

pub fn audit(page: AuditPage, verified: Option<Verified>) -> AnyView {
    let slug = page.org.slug.clone();
    let crumb = Some((urls::settings(&slug), t!("Data contribution").to_owned()));
    let evidence =
        view! { <a class="button" href=urls::evidence(&slug)>{icon(Icon::Document)}{t!("Evidence on a date")}</a> };
    let faults = (!page.faults.is_empty()).then(|| {
        let faults = page.faults.iter().map(|fault| view! { <p>{fault.clone()}</p> }).collect_view();
        message(Tone::Error, t!("This cannot be searched for").to_owned(), faults)
    });
    let unreadable = (!page.unreadable.is_empty()).then(|| {
        let numbers: Vec<String> = page.unreadable.iter().map(ToString::to_string).collect();
        let what = t!(
            "Number {numbers}: somebody changed it. Verify the log to see where it begins.",
            numbers = numbers.join(", ")
        );
        message(Tone::Error, t!("An entry cannot be read any more").to_owned(), view! { <p>{what}</p> })
    });
    let older = page.older.map(|below| {
        let href = urls::with_query(&urls::audit(&slug), &[("q", page.query.clone()), ("below", below.to_string())]);
        view! { <nav class="paging" aria-label=t!("Pages of the log")><a class="button" href=href>{t!("Older entries")}</a></nav> }
    });
    let entries = if page.rows.is_empty() && page.faults.is_empty() {
        let what = if page.query.is_empty() {
            t!("Nothing was done here yet. Each sign-in, change, export and look of support will show here.")
        } else {
            t!("No entry fits this search.")
        };
        view! { <p class="empty">{what}</p> }.into_any()
    } else {
        let rows = page.rows.iter().map(|row| entry(&slug, row)).collect_view();
        view! { <ol class="audit card">{rows}</ol> }.into_any()
    };
    view! {
        {page_head(crumb, t!("Audit log").to_owned(), evidence)}
        {verified.map(told)}
        {head(&page)}
        {search(&page)}
        {faults}
        {unreadable}
        {entries}
        {older}
    }
    .into_any()
}

fn told(verified: Verified) -> AnyView {
    match verified.outcome {
        Ok(head) => message(
            Tone::Info,
            t!("Nothing was changed").to_owned(),
            view! {
                <p>
                    {sentence(
                        t!("All {count} entries are as they were written, and each follows from the one before. Verified {moment}."),
                        [("count", count(head.sequence).into_any()), ("moment", moment_exact(verified.at).into_any())],
                    )}
                </p>
            },
        ),
        Err(broken) => message(
            Tone::Error,
            t!("The log was changed").to_owned(),
            view! {
                <p>
                    {t!(
                        "The first entry that is not as it was written is number {number}: {fault}.",
                        number = broken.sequence,
                        fault = words::log_fault(&broken.fault)
                    )}
                    " "{t!("Keep the database as it is and tell whoever runs this installation.")}
                </p>
            },
        ),
    }
}

fn head(page: &AuditPage) -> AnyView {
    let slug = &page.org.slug;
    let entries = tn!(
        entries = page.head.sequence,
        "{entries} entry, each sealed with the one before it.",
        "{entries} entries, each sealed with the one before it."
    );
    let export = |form: &'static str| urls::with_query(&urls::audit_export(slug), &[("form", form.to_owned())]);
    view! {
        <section class="statement" aria-label=t!("The log as a whole")>
            <p class="sentence">{entries}</p>
            <p class="facts">
                {t!(
                    "Whoever changes, drops or adds one breaks the seal of every later one. Take a signed checkpoint from \
                     time to time and keep it elsewhere: it shows even a log that was written anew as a whole."
                )}
            </p>
            <div class="button-row audit-do">
                <form method="post" action=urls::audit_verify(slug)>
                    <button class="button primary">{icon(Icon::Shield)}{t!("Verify now")}</button>
                </form>
                <a class="button" href=urls::audit_checkpoint(slug) download>{icon(Icon::Download)}{t!("Signed checkpoint")}</a>
                <a class="button" href=export("jsonl") download translate="no">{icon(Icon::Download)}"JSON Lines"</a>
                <a class="button" href=export("csv") download translate="no">{icon(Icon::Download)}"CSV"</a>
            </div>
            <details class="more">
                <summary>{t!("Seal and key")}</summary>
                <dl class="seal">
                    <dt>{t!("Last entry's hash")}</dt><dd><code>{page.head.hash.clone()}</code></dd>
                    <dt>{t!("Public key of this installation")}</dt><dd><code>{page.public_key.clone()}</code></dd>
                    <dt>{t!("Check an export elsewhere")}</dt>
                    <dd><code>"sluice verify-audit --file audit.jsonl --checkpoint checkpoint.txt --key KEY"</code></dd>
                </dl>
            </details>
        </section>
    }
    .into_any()
}

fn search(page: &AuditPage) -> AnyView {
    let slug = &page.org.slug;
    let qualifiers = qualifiers()
        .iter()
        .map(|(name, what)| view! { <dt><code>{*name}":"</code></dt><dd>{*what}</dd> })
        .collect_view();
    let clear =
        (!page.query.is_empty()).then(|| view! { <a class="button quiet" href=urls::audit(slug)>{t!("Clear")}</a> });
    view! {
        <form class="filter audit-search" method="get" action=urls::audit(slug) role="search">
            <div class="grow">
                <label for="q">{t!("Search")}</label>
                <input id="q" name="q" type="search" value=page.query.clone() placeholder="action:settings after:2026-08-17" autocomplete="off" translate="no"/>
            </div>
            <button class="button">{icon(Icon::Search)}{t!("Search")}</button>
            {clear}
        </form>
        <details class="dictionary audit-help">
            <summary>{t!("What can be searched for")}</summary>
            <dl class="qualifiers">{qualifiers}</dl>
            <p class="help">
                {t!("Several conditions stand side by side; all of them have to fit. A value with spaces stands in quotes:")}" "
                <code>"actor:\"Sanne de Wit\""</code>
            </p>
            <p class="help"><a href=urls::ACTIONS>{t!("Every action that can stand in the log")}</a></p>
        </details>
    }
    .into_any()
}

/// What contributed data was read for.
pub(crate) fn purpose(row: &AuditRow) -> Option<AnyView> {
    row.purpose.as_deref().map(|purpose| kept(purpose, row.entry.reason.as_deref().unwrap_or_default()))
}

fn entry(org: &str, row: &AuditRow) -> AnyView {
    let entry = &row.entry;
    let result = match entry.outcome {
        Outcome::Done => None,
        Outcome::Denied => Some(view! { <span class="lozenge lozenge-held">{icon(Icon::Lock)}{t!("Denied")}</span> }),
        Outcome::Failed => Some(view! { <span class="lozenge lozenge-held">{icon(Icon::Alert)}{t!("Failed")}</span> }),
    };
    let behalf = row.on_behalf_of.as_ref().filter(|name| **name != row.who);
    let behalf = behalf.map(|name| view! { " "{t!("for {name}", name)} });
    // Why it came about was kept in English; what somebody gave as a reason is theirs.
    let because =
        entry.because.as_ref().map(|because| view! { <p class="reason">{kept(&told_because(because), because)}</p> });
    let reason = match (purpose(row), entry.reason.clone()) {
        (Some(purpose), _) => Some(view! { <p class="reason">{purpose}</p> }.into_any()),
        (None, reason) => reason.map(|reason| view! { <p class="reason" translate="no">{reason}</p> }.into_any()),
    };
    view! {
        <li class="audit-entry">
            <details>
                <summary>
                    {icon(Icon::ChevronRight)}
                    <span class="audit-what">
                        <span>{words::action(entry.action)}{about(entry)}" "{result}</span>
                        <span class="help"><strong translate="no">{row.who.clone()}</strong>{behalf}" · "{moment_exact(row.at)}" · "<span translate="no">{entry.interface.id()}</span></span>
                    </span>
                    <span class="help audit-number">{count(entry.sequence)}</span>
                </summary>
                <div class="audit-more">
                    {changes(entry)}
                    {because}
                    {reason}
                    {details(row)}
                    {over_api(org, entry)}
                </div>
            </details>
        </li>
    }
    .into_any()
}

/// What it was about, where a person can read it.
fn about(entry: &Entry) -> Option<AnyView> {
    let code = |what: &str| view! { ": "<span translate="no">{what.to_owned()}</span> }.into_any();
    match entry.changes.as_slice() {
        [one] => Some(code(&one.what)),
        [_, ..] if entry.resource.kind == "settings" || entry.resource.kind == "terms" => {
            Some(format!(": {}", t!("{count} of them", count = count(entry.changes.len()))).into_any())
        }
        _ if entry.resource.kind == "page" => Some(code(&entry.resource.id)),
        _ => None,
    }
}

fn changes(entry: &Entry) -> Option<AnyView> {
    let items = entry
        .changes
        .iter()
        .map(|change| {
            let value = |value: &Option<String>| value.clone().unwrap_or_else(|| t!("none").to_owned());
            view! {
                <li>
                    <span translate="no">{change.what.clone()}</span>
                    <span class="old" translate="no">{value(&change.old)}</span>
                    <span aria-hidden="true">"→"</span><span class="sr-only">" "{t!("becomes" | "to")}" "</span>
                    <span class="new" translate="no">{value(&change.new)}</span>
                </li>
            }
        })
        .collect_view();
    (!entry.changes.is_empty()).then(|| view! { <ul class="diff">{items}</ul> }.into_any())
}

/// A change of settings as the request that would make it; anything else as the search that finds its like.
fn over_api(org: &str, entry: &Entry) -> AnyView {
    if entry.action == Action::SettingsChange && !entry.changes.is_empty() {
        let change = Request {
            path: format!("/api/v1/orgs/{org}/settings/changes"),
            headers: vec![("If-Match".to_owned(), "\"VERSION\"".to_owned())],
            payload: Payload::Json(same_change(&entry.changes).to_string()),
        };
        return as_curl(t!("Make the same change; VERSION is the ETag of the settings"), &change);
    }
    let query = [("q", format!("action:{}", entry.action))];
    let path = urls::with_query(&format!("/api/v1/orgs/{org}/audit"), &query);
    as_curl(t!("Find entries like this one"), &Request { path, ..Request::default() })
}

fn same_change(changes: &[Difference]) -> Value {
    let edit =
        |change: &Difference| json!({"setting": change.what, "on": change.new.as_deref().map(|new| new == "on")});
    json!({"changes": changes.iter().map(edit).collect::<Vec<_>>(), "reason": "…"})
}

fn details(row: &AuditRow) -> AnyView {
    let entry = &row.entry;
    let resource = format!("{} {}", entry.resource.kind, entry.resource.id);
    let actor = format!("{} {}", entry.actor.kind.id(), entry.actor.id);
    let lines = [
        (t!("Action"), entry.action.id().to_owned()),
        (t!("Actor"), actor),
        (t!("Session"), entry.actor.session.clone().unwrap_or_default()),
        (t!("Resource"), resource),
        (t!("Request"), entry.request.clone()),
        (t!("Takes back"), entry.reverts.clone().unwrap_or_default()),
        (t!("Hash"), row.hash.clone()),
        (t!("Hash before"), entry.previous.clone()),
    ];
    let lines = lines
        .into_iter()
        .filter(|(_, value)| !value.trim().is_empty())
        .map(|(name, value)| view! { <dt>{name}</dt><dd><code>{value}</code></dd> })
        .collect_view();
    view! { <dl class="seal">{lines}</dl> }.into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What Rust writes of a text for debugging is no JSON: `\u{200b}`, `\'`.
    #[test]
    fn the_same_change_is_json_whatever_a_setting_is_called() {
        let named = "space:jira/\u{200b}O'Br\"ien\u{7f}é";
        let change = |new: Option<&str>| Difference { what: named.to_owned(), old: None, new: new.map(str::to_owned) };
        let body = same_change(&[change(Some("on")), change(Some("off")), change(None)]).to_string();
        let read: Value = serde_json::from_str(&body).unwrap();
        let values: Vec<&Value> = read["changes"].as_array().unwrap().iter().map(|edit| &edit["on"]).collect();
        assert_eq!(values, [&json!(true), &json!(false), &json!(null)]);
        assert_eq!(read["changes"][0]["setting"], named);
    }
}
