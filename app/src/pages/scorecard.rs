//! What the wash does to a whole file, in numbers.

use leptos::prelude::*;
use service::preview::scorecard::Scorecard;
use service::settings::summary::number;
use service::terms::Wanted;

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
    let crumb = Some((urls::preview(org), "Preview".to_owned()));
    let clean = score.items - score.held_back_count;
    let sentence = if score.leaving == 0 {
        format!("Nothing of {} would leave.", number(score.items, "item", "items"))
    } else if score.with_text == 0 {
        format!("Of {} metadata would leave, and no text.", number(score.leaving, "item", "items"))
    } else {
        format!(
            "The text of {} of {} would leave, with {} replaced.",
            language::count(score.with_text),
            number(score.items, "item", "items"),
            number(score.found(), "identifier", "identifiers")
        )
    };
    let drafts = (!of.drafts.is_empty()).then(|| {
        let back = urls::upload(org, &of.id);
        view! {
            <p class="facts">
                {format!("With {} that {} not saved yet. ", number(of.drafts.len(), "draft term", "draft terms"), if of.drafts.len() == 1 { "is" } else { "are" })}
                <a href=format!("{back}#drafts")>"Save or discard"</a>
            </p>
        }
    });
    let share = score.share_removed();
    view! {
        {page_head(crumb, "Scorecard".to_owned(), ())}
        {upload_bar(org, &of.id, &of.name, of.as_if_on, true, "")}
        <div class="statement">
            <p class="sentence">{sentence}</p>
            <p class="facts">
                {format!("Proof pass: {} of {} clean. ", language::count(clean), number(score.items, "item", "items"))}
                {format!("{}.{} % of the words in these texts are removed.", share / 10, share % 10)}
            </p>
            {drafts}
        </div>
        <dl class="figures">
            {figure(language::count(score.items), "items in the file")}
            {figure(language::count(score.leaving), "would leave, in part")}
            {figure(language::count(score.found()), "identifiers replaced")}
            {figure(language::count(score.held_back_count), "held back by the proof pass")}
            {figure(language::count(score.known.people), "people known")}
            {figure(took(score.milliseconds), "to wash it all")}
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
        format!("{}.{} s", milliseconds / 1_000, milliseconds % 1_000 / 100)
    }
}

fn held_back(score: &Scorecard) -> Option<AnyView> {
    if score.held_back_count == 0 {
        return None;
    }
    let rows = score
        .held_back
        .iter()
        .map(|(key, rules)| view! { <li><strong>{key.clone()}</strong>" · "{rules.join(", ")}</li> })
        .collect_view();
    let more = score.held_back_count - score.held_back.len();
    let more = (more > 0).then(|| format!("and {more} more."));
    Some(
        view! {
            <section class="group" aria-labelledby="held-back">
                <h2 id="held-back">"Held back"</h2>
                <p class="help">"In these items the proof pass found something again. Nothing of them leaves."</p>
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
            let label = format!("{}: {count}", kind.name());
            view! {
                <tr>
                    <th scope="row">
                        <span class=format!("found found-{}", kind.id())><span class="tag" aria-hidden="true">{kind.letter().to_string()}</span>{kind.name()}</span>
                    </th>
                    <td class="bar"><meter min="0" max=most.to_string() value=count.to_string() aria-label=label></meter></td>
                    <td class="number">{language::count(*count)}</td>
                </tr>
            }
        })
        .collect_view();
    let body = if score.kinds.is_empty() {
        view! { <p class="empty">"Nothing was found, or no text leaves. Look at the file as if in-app data were on."</p> }
            .into_any()
    } else {
        view! {
            <div class="table-frame">
                <table class="plain score-kinds">
                    <thead><tr><th scope="col">"Kind"</th><th scope="col"><span class="sr-only">"Share of the most frequent"</span></th><th scope="col" class="number">"Found"</th></tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        }
        .into_any()
    };
    view! { <section aria-labelledby="kinds"><h2 id="kinds">"Replaced, by kind"</h2><p class="help">"Each is replaced by a placeholder; nothing of it leaves."</p>{body}</section> }.into_any()
}

fn unknown(org: &str, of: &Of, score: &Scorecard) -> AnyView {
    let rows = score
        .unknown
        .iter()
        .map(|(word, count)| {
            view! {
                <tr>
                    <th scope="row">{word.clone()}</th>
                    <td class="number">{language::count(*count)}</td>
                    <td class="cell-menu">
                        <button class="button small" name="remove" value=word.clone()>"Always remove"<span class="sr-only">" "{word.clone()}</span></button>
                        <button class="button small quiet" name="keep" value=word.clone()>"Never"<span class="sr-only">" remove "{word.clone()}</span></button>
                    </td>
                </tr>
            }
        })
        .collect_view();
    let body = if score.unknown.is_empty() {
        view! { <p class="empty">"No capitalised word is left that no list knows."</p> }.into_any()
    } else {
        view! {
            <form method="post" action=urls::drafts(org)>
                <input type="hidden" name="upload" value=of.id.clone()/>
                <input type="hidden" name="back" value="scorecard"/>
                {of.as_if_on.then(|| view! { <input type="hidden" name="as" value="on"/> })}
                <div class="table-frame">
                    <table class="plain">
                        <thead><tr><th scope="col">"Word"</th><th scope="col" class="number">"Times"</th><th scope="col"><span class="sr-only">"What to do"</span></th></tr></thead>
                        <tbody>{rows}</tbody>
                    </table>
                </div>
            </form>
        }
        .into_any()
    };
    let more = score.unknown_count.saturating_sub(score.unknown.len());
    let more = (more > 0).then(|| format!(" The most frequent of {}.", score.unknown_count));
    view! {
        <section aria-labelledby="unknown">
            <h2 id="unknown">"Where to look"</h2>
            <p class="help">"Capitalised words that would leave and that no list knows: a name here was missed."{more}</p>
            {body}
        </section>
    }
    .into_any()
}
