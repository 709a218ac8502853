//! What the wash does to a whole file, in numbers.

use language::{decimal, t, tn};
use leptos::prelude::*;
use service::preview::scorecard::Scorecard;
use service::terms::Wanted;
use service::words;

use crate::components::page_head;
use crate::pages::preview::upload_bar;
use crate::urls;

/// Which file, and how it is looked at.
#[derive(Clone, Debug)]
pub struct Of {
    pub id: String,
    pub name: String,
    pub as_if_on: bool,
    pub drafts: Vec<Wanted>,
}

pub fn scorecard(org: &str, of: &Of, score: &Scorecard) -> AnyView {
    let crumb = Some((urls::preview(org), t!("Preview").to_owned()));
    let clean = score.items - score.held_back_count;
    let sentence = if score.leaving == 0 {
        tn!(count = score.items, "Nothing of {count} item would leave.", "Nothing of {count} items would leave.")
    } else if score.with_text == 0 {
        tn!(
            count = score.leaving,
            "Of {count} item metadata would leave, and no text.",
            "Of {count} items metadata would leave, and no text."
        )
    } else {
        t!(
            "The text of {count} of {items} would leave, with {identifiers} replaced.",
            count = language::count(score.with_text),
            items = tn!(total = score.items, "{total} item", "{total} items"),
            identifiers = tn!(found = score.found(), "{found} identifier", "{found} identifiers")
        )
    };
    let drafts = (!of.drafts.is_empty()).then(|| {
        let back = urls::upload(org, &of.id);
        view! {
            <p class="facts">
                {tn!(
                    count = of.drafts.len(),
                    "With {count} draft term that is not saved yet.",
                    "With {count} draft terms that are not saved yet."
                )}
                " "<a href=format!("{back}#drafts")>{t!("Save or discard")}</a>
            </p>
        }
    });
    #[allow(clippy::cast_precision_loss, reason = "at most 1000")]
    let share = decimal(score.share_removed() as f64 / 10.0, 1);
    view! {
        {page_head(crumb, t!("Scorecard").to_owned(), ())}
        {upload_bar(org, &of.id, &of.name, of.as_if_on, true, "")}
        <div class="statement">
            <p class="sentence">{sentence}</p>
            <p class="facts">
                {t!(
                    "Proof pass: {clean} of {items} clean.",
                    clean = language::count(clean),
                    items = tn!(total = score.items, "{total} item", "{total} items")
                )}
                " "{t!("{share} % of the words in these texts are removed.", share)}
            </p>
            {drafts}
        </div>
        <dl class="figures">
            {figure(language::count(score.items), t!("items in the file"))}
            {figure(language::count(score.leaving), t!("would leave, in part"))}
            {figure(language::count(score.found()), t!("identifiers replaced"))}
            {figure(language::count(score.held_back_count), t!("held back by the proof pass"))}
            {figure(language::count(score.known.people), t!("people known"))}
            {figure(took(score.milliseconds), t!("to wash it all"))}
        </dl>
        {held_back(score)}
        <div class="score-columns">
            {kinds(score)}
            {unknown(org, of, score)}
        </div>
    }
    .into_any()
}

fn figure(value: String, what: &'static str) -> AnyView {
    view! { <div class="figure"><dt>{what}</dt><dd>{value}</dd></div> }.into_any()
}

fn took(milliseconds: u64) -> String {
    if milliseconds < 1_000 {
        format!("{milliseconds} ms")
    } else {
        #[allow(clippy::cast_precision_loss, reason = "a time that somebody waited")]
        let seconds = milliseconds as f64 / 1_000.0;
        format!("{} s", decimal(seconds, 1))
    }
}

fn held_back(score: &Scorecard) -> Option<AnyView> {
    if score.held_back_count == 0 {
        return None;
    }
    let rows = score
        .held_back
        .iter()
        .map(|(key, rules)| view! { <li translate="no"><strong>{key.clone()}</strong>" · "{rules.join(", ")}</li> })
        .collect_view();
    let more = score.held_back_count - score.held_back.len();
    let more = (more > 0).then(|| t!("and {more} more.", more = language::count(more)));
    Some(
        view! {
            <section class="group" aria-labelledby="held-back">
                <h2 id="held-back">{t!("Held back")}</h2>
                <p class="help">{t!("In these items the proof pass found something again. Nothing of them leaves.")}</p>
                <ul class="card held-list">{rows}</ul>
                {more}
            </section>
        }
        .into_any(),
    )
}

fn kinds(score: &Scorecard) -> AnyView {
    let most = score.kinds.first().map_or(1, |(_, count)| *count);
    let rows = score
        .kinds
        .iter()
        .map(|(kind, count)| {
            let label = format!("{}: {}", words::finding(*kind), language::count(*count));
            view! {
                <tr>
                    <th scope="row">
                        <span class=format!("found found-{}", kind.id())><span class="tag" aria-hidden="true">{kind.letter().to_string()}</span>{words::finding(*kind)}</span>
                    </th>
                    <td class="bar"><meter min="0" max=most.to_string() value=count.to_string() aria-label=label></meter></td>
                    <td class="number">{language::count(*count)}</td>
                </tr>
            }
        })
        .collect_view();
    let body = if score.kinds.is_empty() {
        let why = t!("Nothing was found, or no text leaves. Look at the file as if in-app data were on.");
        view! { <p class="empty">{why}</p> }.into_any()
    } else {
        view! {
            <div class="table-frame">
                <table class="plain score-kinds">
                    <thead><tr><th scope="col">{t!("Kind")}</th><th scope="col"><span class="sr-only">{t!("Share of the most frequent")}</span></th><th scope="col" class="number">{t!("Found")}</th></tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        }
        .into_any()
    };
    view! { <section aria-labelledby="kinds"><h2 id="kinds">{t!("Replaced, by kind")}</h2><p class="help">{t!("Each is replaced by a placeholder; nothing of it leaves.")}</p>{body}</section> }.into_any()
}

fn unknown(org: &str, of: &Of, score: &Scorecard) -> AnyView {
    let rows = score
        .unknown
        .iter()
        .map(|(word, count)| {
            view! {
                <tr>
                    <th scope="row" translate="no">{word.clone()}</th>
                    <td class="number">{language::count(*count)}</td>
                    <td class="cell-menu">
                        <button class="button small" name="remove" value=word.clone()>{t!("Always remove")}<span class="sr-only" translate="no">" "{word.clone()}</span></button>
                        <button class="button small quiet" name="keep" value=word.clone() aria-label=t!("Never remove {word}", word)>{t!("Never")}</button>
                    </td>
                </tr>
            }
        })
        .collect_view();
    let body = if score.unknown.is_empty() {
        view! { <p class="empty">{t!("No capitalised word is left that no list knows.")}</p> }.into_any()
    } else {
        view! {
            <form method="post" action=urls::drafts(org)>
                <input type="hidden" name="upload" value=of.id.clone()/>
                <input type="hidden" name="back" value="scorecard"/>
                {of.as_if_on.then(|| view! { <input type="hidden" name="as" value="on"/> })}
                <div class="table-frame">
                    <table class="plain">
                        <thead><tr><th scope="col">{t!("Word")}</th><th scope="col" class="number">{t!("Times")}</th><th scope="col"><span class="sr-only">{t!("What to do")}</span></th></tr></thead>
                        <tbody>{rows}</tbody>
                    </table>
                </div>
            </form>
        }
        .into_any()
    };
    let more = score.unknown_count.saturating_sub(score.unknown.len());
    let more = (more > 0).then(|| t!("The most frequent of {count}.", count = language::count(score.unknown_count)));
    view! {
        <section aria-labelledby="unknown">
            <h2 id="unknown">{t!("Where to look")}</h2>
            <p class="help">{t!("Capitalised words that would leave and that no list knows: a name here was missed.")}" "{more}</p>
            {body}
        </section>
    }
    .into_any()
}
