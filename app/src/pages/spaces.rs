//! Does my space contribute? For members: an answer and its reason, and no controls.

use language::{count, t};
use leptos::prelude::*;
use service::settings::spaces::{Answer, SHOWN, SpaceAnswer, SpacesPage};

use crate::components::page_head;
use crate::icons::{Icon, icon};
use crate::urls;

pub fn spaces(page: SpacesPage) -> AnyView {
    let rows = page.spaces.iter().map(row).collect_view();
    let shown = if page.spaces.is_empty() {
        let what = if page.search.is_empty() {
            t!("The organisation has no spaces.").to_owned()
        } else {
            t!("No space matches “{search}”. Search for a part of its name or its key.", search = page.search)
        };
        view! { <p class="empty">{what}</p> }.into_any()
    } else {
        view! {
            <div class="table-frame" tabindex="0" role="region" aria-label=t!("Spaces")>
                <table class="plain">
                    <thead>
                        <tr><th scope="col">{t!("Space")}</th><th scope="col">{t!("Metadata")}</th><th scope="col">{t!("In-app data")}</th></tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        }
        .into_any()
    };
    let more = (page.found > SHOWN).then(|| {
        let (shown, found) = (count(SHOWN), count(page.found));
        view! { <p class="help">{t!("The first {shown} of {found} spaces. Search to see the others.", shown, found)}</p> }
    });
    view! {
        {page_head(None, t!("Does my space contribute?").to_owned(), ())}
        <p class="lead">
            {t!(
                "What of your space leaves {organisation} to improve the products for all customers. Its admins decide that.",
                organisation = page.org.name
            )}
        </p>
        <form method="get" action=urls::spaces(&page.org.slug) class="filter" role="search">
            <label>
                <span>{t!("Name or key of a space")}</span>
                <input type="search" name="q" value=page.search.clone() autocomplete="off"/>
            </label>
            <button class="button">{icon(Icon::Search)}{t!("Search")}</button>
        </form>
        {shown}
        {more}
    }
    .into_any()
}

fn row(space: &SpaceAnswer) -> AnyView {
    view! {
        <tr>
            <th scope="row" translate="no">{space.name.clone()}<p class="help">{space.app.clone()}" · "{space.key.clone()}</p></th>
            {space.answers.iter().map(answer).collect_view()}
        </tr>
    }
    .into_any()
}

fn answer(answer: &Answer) -> AnyView {
    let (class, symbol, word) = if answer.contributes {
        ("state state-on", Icon::Check, t!("Contributes"))
    } else {
        ("state state-off", Icon::Cross, t!("Does not contribute"))
    };
    view! {
        <td><span class=class>{icon(symbol)}{word}</span><p class="help">{answer.because.clone()}</p></td>
    }
    .into_any()
}
