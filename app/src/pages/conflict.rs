//! Two people changed the same setting: both values, and a choice between them.

use language::{Dates as _, t};
use leptos::prelude::*;
use policy::Timestamp;
use service::settings::change::Wish;
use service::settings::{Difference, value_name};

use crate::components::{Tone, message, page_head, wish_fields};
use crate::urls;

/// Who changed it meanwhile, if the history still says so.
#[derive(Clone, Debug)]
pub struct Theirs {
    pub who: String,
    pub at: Timestamp,
}

pub fn conflict(
    org: &str,
    wish: &Wish,
    differences: &[Difference],
    theirs: Option<Theirs>,
    version: i64,
    back: &str,
) -> AnyView {
    let crumb = Some((urls::settings(org), t!("Data contribution").to_owned()));
    let body = match theirs {
        Some(Theirs { who, at }) => {
            let date = at.date_time();
            let told = t!("{who} changed this on {date}, after you had opened the page. Choose one.", who, date);
            view! { <p title=at.rfc3339()>{told}</p> }.into_any()
        }
        None => view! { <p>{t!("Someone changed this after you had opened the page. Choose one.")}</p> }.into_any(),
    };
    let rows = differences
        .iter()
        .map(|difference| {
            view! {
                <tr>
                    <th scope="row">{difference.label.clone()}</th>
                    <td>{value_name(difference.theirs)}</td>
                    <td>{value_name(difference.yours)}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        {page_head(crumb, t!("Two changes met").to_owned(), ())}
        {message(Tone::Error, t!("Nothing was saved").to_owned(), body)}
        <div class="table-frame">
            <table class="plain">
                <thead><tr><th scope="col">{t!("Setting")}</th><th scope="col">{t!("Theirs")}</th><th scope="col">{t!("Yours")}</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        <form class="actions" method="post" action=urls::change(org)>
            <input type="hidden" name="version" value=version.to_string()/>
            <input type="hidden" name="back" value=back.to_owned()/>
            // All that was wished for, not only what met: choosing must not lose the rest.
            {wish_fields(wish)}
            <a class="button primary" href=back.to_owned()>{t!("Keep theirs")}</a>
            <button class="button">{t!("Use mine")}</button>
        </form>
    }
    .into_any()
}
