//! The catalogue of what can stand in an audit log. It is open, like the reference of the API: whoever writes a program that
//! reads a log may not be able to sign in.

use audit::{Action, Group};
use leptos::prelude::*;

use crate::components::page_head;
use crate::urls;

pub fn actions() -> AnyView {
    let groups = Group::ALL.map(group).collect_view();
    view! {
        {page_head(None, "Actions in the audit log".to_owned(), ())}
        <p class="lead">
            "Every entry of an audit log has one of these actions; nothing else can be written. A search for "<code>"action:settings.change"</code>
            " finds one of them, "<code>"action:settings"</code>" all that begin so."
        </p>
        <p class="help">"Programs read the log over the "<a href=urls::API>"API"</a>"."</p>
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
                    <td>{action.says()}"."</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <section class="group" aria-labelledby=id.clone()>
            <h2 id=id.clone()>{group.name()}</h2>
            <div class="table-frame" tabindex="0" role="region" aria-label=format!("Actions: {}", group.name())>
                <table class="plain">
                    <thead><tr><th scope="col">"Action"</th><th scope="col">"What happened"</th></tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </section>
    }
    .into_any()
}
