//! The catalogue of what can stand in an audit log. It is open, like the reference of the API: whoever writes a program that
//! reads a log may not be able to sign in.

use audit::{Action, Group};
use language::t;
use leptos::prelude::*;
use service::words;

use crate::components::page_head;
use crate::sentence::sentence;
use crate::urls;

pub fn actions() -> AnyView {
    let groups = Group::ALL.map(group).collect_view();
    let code = |text: &'static str| view! { <code>{text}</code> }.into_any();
    view! {
        {page_head(None, t!("Actions in the audit log").to_owned(), ())}
        <p class="lead">
            {t!("Every entry of an audit log has one of these actions; nothing else can be written.")}" "
            {sentence(
                t!("A search for {one} finds one of them, {all} all that begin so."),
                [("one", code("action:settings.change")), ("all", code("action:settings"))],
            )}
        </p>
        <p class="help">
            {sentence(
                t!("Programs read the log over the {api}."),
                [("api", view! { <a href=urls::API>{t!("API")}</a> }.into_any())],
            )}
        </p>
        {groups}
    }
    .into_any()
}

fn group(group: Group) -> AnyView {
    let id = format!("group-{}", group.name().to_lowercase().replace([' ', ','], "-"));
    let rows = Action::ALL
        .iter()
        .filter(|action| action.group() == group)
        .map(|action| {
            view! {
                <tr id=action.id()>
                    <th scope="row"><code>{action.id()}</code></th>
                    <td>{words::action(*action)}"."</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <section class="group" aria-labelledby=id.clone()>
            <h2 id=id.clone()>{words::action_group(group)}</h2>
            <div class="table-frame" tabindex="0" role="region" aria-label=t!("Actions: {group}", group = words::action_group(group))>
                <table class="plain">
                    <thead><tr><th scope="col">{t!("Action")}</th><th scope="col">{t!("What happened")}</th></tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </section>
    }
    .into_any()
}
