//! What was changed, by whom, when and why; each change can be taken back.

use language::t;
use leptos::prelude::*;
use service::settings::history::{Entry, EntryItem, History};
use service::settings::value_name;

use crate::components::{FormContext, moment_exact, page_head};
use crate::icons::{Icon, icon};
use crate::pages::settings::changed;
use crate::urls;

/// Items of one change that are shown before the rest is folded.
const SHOWN: usize = 5;

pub fn history(org: &str, can_change: bool, history: History) -> AnyView {
    let crumb = Some((urls::settings(org), t!("Data contribution").to_owned()));
    let title = history
        .of
        .as_ref()
        .map_or_else(|| t!("History").to_owned(), |(_, label)| t!("History of {what}", what = label));
    let everything = history.of.as_ref().map(|_| {
        view! { <a class="button" href=urls::history(org)>{t!("All settings")}</a> }
    });
    let older = history.older.map(|below| {
        let mut pairs = vec![("below", below.to_string())];
        if let Some((setting, _)) = &history.of {
            pairs.push(("setting", setting.to_string()));
        }
        let href = urls::with_query(&urls::history(org), &pairs);
        view! { <nav class="paging" aria-label=t!("Pages of the history")><a class="button" href=href>{t!("Older changes")}</a></nav> }
    });
    let entries = if history.entries.is_empty() {
        view! {
            <p class="empty">
                {t!("Nothing was changed yet; what stands is the plan's default. Each change will show here with who made it, when and why.")}" "
                <a href=urls::settings(org)>{t!("Go to the settings")}</a>
            </p>
        }
        .into_any()
    } else {
        let version = history.version;
        let entries = history.entries.iter().map(|one| entry(org, can_change, version, one)).collect_view();
        view! { <ol class="history">{entries}</ol> }.into_any()
    };
    let context = FormContext {
        org: org.to_owned(),
        version: history.version,
        can_change,
        can_search: can_change,
        back: urls::history(org),
    };
    view! {
        {page_head(crumb, title, everything)}
        {changed(history.changed.as_ref(), &context)}
        {entries}
        {older}
    }
    .into_any()
}

fn entry(org: &str, can_change: bool, version: i64, entry: &Entry) -> AnyView {
    let (shown, folded) = entry.items.split_at(entry.items.len().min(SHOWN));
    let rest = (!folded.is_empty()).then(|| {
        view! {
            <details>
                <summary>{t!("and {count} more", count = folded.len())}</summary>
                <ul class="diff">{folded.iter().map(item).collect_view()}</ul>
            </details>
        }
    });
    let note = entry.reverts.then_some(t!("Takes back an earlier change."));
    let given =
        (!entry.reason.is_empty()).then(|| view! { <p class="reason" translate="no">{entry.reason.clone()}</p> });
    let revert = can_change.then(|| {
        view! {
            <form method="post" action=urls::change(org)>
                <input type="hidden" name="version" value=version.to_string()/>
                <input type="hidden" name="back" value=urls::history(org)/>
                <button class="button small" name="revert" value=entry.change_id.clone()>
                    {icon(Icon::Undo)}{t!("of a change" | "Revert")}" "<span class="sr-only">{t!("change {number}", number = entry.version)}</span>
                </button>
            </form>
        }
    });
    view! {
        <li class="card history-entry">
            <div class="history-head">
                <p><strong translate="no">{entry.who.clone()}</strong>" · "{moment_exact(entry.at)}" · "{t!("change {number}", number = entry.version)}</p>
                {revert}
            </div>
            <ul class="diff">{shown.iter().map(item).collect_view()}</ul>
            {rest}
            {given}
            {note.map(|note| view! { <p class="reason">{note}</p> })}
        </li>
    }
    .into_any()
}

fn item(item: &EntryItem) -> AnyView {
    view! {
        <li>
            <span translate="no">{item.label.clone()}</span>
            <span class="old">{value_name(item.old)}</span>
            <span aria-hidden="true">"→"</span><span class="sr-only">" "{t!("from one value to another" | "to")}" "</span>
            <span class="new">{value_name(item.new)}</span>
        </li>
    }
    .into_any()
}
