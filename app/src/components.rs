//! The parts that pages share: rows, switches, states, messages, paging.

use language::{Dates as _, Language, t};
use leptos::prelude::*;
use policy::{Setting, Timestamp};
use service::settings::change::Wish;
use service::settings::rows::{Control, Row};

use crate::icons::{Icon, icon};
use crate::islands::{Selection, UploadCheck};
use crate::sentence::sentence;
use crate::urls;
use service::words;

/// What a form on the settings page needs to know about the page it stands on.
#[derive(Clone, Debug)]
pub(crate) struct FormContext {
    pub org: String,
    pub version: i64,
    pub can_change: bool,
    /// Support sees text and links only; not even a search field is rendered for it.
    pub can_search: bool,
    /// Where to come back to.
    pub back: String,
}

/// A moment for people, and exactly for machines and on hover.
pub(crate) fn moment(at: Timestamp) -> impl IntoView {
    view! { <time datetime=at.rfc3339() title=at.date_time()>{at.date()}</time> }
}

pub(crate) fn moment_exact(at: Timestamp) -> impl IntoView {
    view! { <time datetime=at.rfc3339() title=at.rfc3339()>{at.date_time()}</time> }
}

/// What was kept in English, as it is told now. What nobody translated says that it is English.
pub(crate) fn kept(told: &str, kept: &str) -> AnyView {
    let untold = Language::current() != Language::English && told == kept;
    let lang = untold.then(|| Language::English.id());
    view! { <span lang=lang>{told.to_owned()}</span> }.into_any()
}

/// On, off or held: an icon and a word, not only a colour.
pub(crate) fn state(on: bool, held: bool) -> impl IntoView {
    let (class, symbol, word) = match (held, on) {
        (true, _) => ("state state-held", Icon::Pause, t!("Held")),
        (false, true) => ("state state-on", Icon::Check, t!("On")),
        (false, false) => ("state state-off", Icon::Cross, t!("Off")),
    };
    view! { <span class=class>{icon(symbol)}{word}</span> }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    Info,
    Held,
    Error,
}

/// A message in the flow of a page. Errors interrupt a screen reader, everything else waits.
pub(crate) fn message(tone: Tone, heading: String, body: impl IntoView + 'static) -> AnyView {
    let (class, symbol, role) = match tone {
        Tone::Info => ("message", Icon::Info, "status"),
        Tone::Held => ("message message-held", Icon::Pause, "status"),
        Tone::Error => ("message message-error", Icon::Alert, "alert"),
    };
    view! {
        <section class=class role=role>
            {icon(symbol)}
            <div><h2>{heading}</h2>{body}</div>
        </section>
    }
    .into_any()
}

/// A switch that posts the state that is wanted. What it does is decided by the server: turning off happens at once,
/// turning on leads to a review.
pub(crate) fn switch(row: &Row, context: &FormContext, describedby: &str) -> AnyView {
    let label = format!("switch-{}", dom_id(&row.setting));
    let name = accessible_name(row);
    let described = format!("{label}-state {describedby}");
    let knob = view! { <span class="switch-track" aria-hidden="true"><span class="switch-knob"></span></span> };
    if !context.can_change {
        return view! { <span class="switch-form" id=label>{state(row.on, row.held())}</span> }.into_any();
    }
    if let Control::Locked(why) = &row.control {
        let why = why.clone();
        // Focusable and explained, but not operable: an admin reads why, instead of guessing at a grey control.
        return view! {
            <span class="switch-form">
                <span
                    class="switch" role="switch" tabindex="0" id=label.clone() aria-checked=row.on.to_string()
                    aria-disabled="true" aria-label=name aria-describedby=described title=why
                >
                    {knob}{icon(Icon::Lock)}
                </span>
                <span id=format!("{label}-state")>{state(row.on, false)}</span>
            </span>
        }
        .into_any();
    }
    let held = row.held();
    let to = if row.on { "off" } else { "on" };
    view! {
        <form class="switch-form" method="post" action=urls::change(&context.org)>
            {change_fields(context, std::slice::from_ref(&row.setting))}
            <button
                class="switch" role="switch" id=label.clone() aria-checked=row.on.to_string() aria-label=name
                aria-describedby=described name="to" value=to
            >
                {knob}
            </button>
            <span id=format!("{label}-state")>{state(row.on, held)}</span>
        </form>
    }
    .into_any()
}

/// The hidden fields of a form that changes settings.
pub(crate) fn change_fields(context: &FormContext, settings: &[Setting]) -> impl IntoView {
    let targets = settings
        .iter()
        .map(|setting| view! { <input type="hidden" name="target" value=setting.to_string()/> })
        .collect_view();
    view! {
        <input type="hidden" name="version" value=context.version.to_string()/>
        <input type="hidden" name="back" value=context.back.clone()/>
        {targets}
    }
}

/// A whole wish as hidden fields.
pub(crate) fn wish_fields(wish: &Wish) -> AnyView {
    match wish {
        Wish::Set { to, settings } => {
            let targets = settings
                .iter()
                .map(|setting| view! { <input type="hidden" name="target" value=setting.to_string()/> })
                .collect_view();
            view! { <input type="hidden" name="to" value=wish_value(*to)/>{targets} }.into_any()
        }
        Wish::Revert { change_id } => view! { <input type="hidden" name="revert" value=change_id.clone()/> }.into_any(),
    }
}

/// `on`, `off` or `remove`, as forms say it.
fn wish_value(to: Option<bool>) -> &'static str {
    match to {
        Some(true) => "on",
        Some(false) => "off",
        None => "remove",
    }
}

fn accessible_name(row: &Row) -> String {
    match &row.setting {
        Setting::Organisation(kind) => t!("{what} of the organisation", what = words::kind(*kind)),
        _ => t!("In-app data of {what}", what = row.label),
    }
}

/// “of WEB”, for whoever hears a link without what stands around it.
pub(crate) fn of_what(name: String) -> AnyView {
    sentence(t!("of {what}"), [("what", view! { <span translate="no">{name}</span> }.into_any())])
}

/// Why?, History and, where there is an entry, Remove.
pub(crate) fn row_links(row: &Row, context: &FormContext) -> AnyView {
    let why = urls::why(&context.org, &row.setting.target());
    let history = urls::history_of(&context.org, &row.setting);
    let of = row.label.clone();
    view! {
        <span class="row-links">
            <a href=why>{t!("Why?")}<span class="sr-only" translate="no">" "{of.clone()}</span></a>
            <a href=history>{t!("History")}" "<span class="sr-only">{of_what(of)}</span></a>
        </span>
    }
    .into_any()
}

/// The menu of a row: everything that can be asked or done about one entry.
pub(crate) fn row_menu(row: &Row, context: &FormContext) -> AnyView {
    let why = urls::why(&context.org, &row.setting.target());
    let history = urls::history_of(&context.org, &row.setting);
    let remove = (context.can_change && row.chosen.is_some()).then(|| {
        view! {
            <li>
                <form method="post" action=urls::change(&context.org)>
                    {change_fields(context, std::slice::from_ref(&row.setting))}
                    <button name="to" value="remove">{t!("Remove entry")}</button>
                </form>
            </li>
        }
    });
    view! {
        <details class="menu menu-right">
            <summary>{icon(Icon::More)}<span class="sr-only">{t!("More about {what}", what = row.label)}</span></summary>
            <ul class="menu-body">
                <li><a href=why>{t!("Why?")}</a></li>
                <li><a href=history>{t!("History")}</a></li>
                {remove}
            </ul>
        </details>
    }
    .into_any()
}

/// The two ways out of a held widening. What is held for the whole organisation is decided there, so a row below it only
/// points up.
pub(crate) fn held_actions(row: &Row, context: &FormContext) -> Option<AnyView> {
    let why = match &row.control {
        Control::Held(why) => why,
        Control::HeldAbove => {
            return Some(view! { <p class="because">{t!("Held with the organisation's switch.")}</p> }.into_any());
        }
        Control::Open | Control::Locked(_) => return None,
    };
    let actions = context.can_change.then(|| {
        view! {
            <form method="post" action=urls::change(&context.org) class="button-row">
                {change_fields(context, std::slice::from_ref(&row.setting))}
                <button class="button small" name="to" value="on">{t!("Review turning on")}</button>
                <button class="button small" name="to" value="off">{t!("Keep off")}</button>
            </form>
        }
    });
    Some(view! { <div class="held"><p>{icon(Icon::Pause)}{why.clone()}</p>{actions}</div> }.into_any())
}

/// Counts what is chosen in a form, and chooses all.
pub(crate) fn selection(form: String) -> AnyView {
    let counted = t!("{count} chosen", count = "{count}");
    let (clear, all) = (t!("Clear").to_owned(), t!("Choose all shown").to_owned());
    view! { <Selection form=form clear=clear all=all counted=counted/> }.into_any()
}

/// Says at once that a file is too large.
pub(crate) fn upload_check(input: &str) -> AnyView {
    let too_large = t!("{size} MB is more than 20 MB. Export less at a time.", size = "{size}");
    view! { <UploadCheck input=input.to_owned() too_large=too_large/> }.into_any()
}

/// Links to the pages of a table.
pub(crate) fn paging(page: usize, pages: usize, href: impl Fn(usize) -> String, of: &str) -> Option<AnyView> {
    (pages > 1).then(|| {
        let earlier =
            (page > 1).then(|| view! { <a class="button small" href=href(page - 1)>{t!("of pages" | "Previous")}</a> });
        let later =
            (page < pages).then(|| view! { <a class="button small" href=href(page + 1)>{t!("of pages" | "Next")}</a> });
        view! {
            <nav class="paging" aria-label=of.to_owned()>
                {earlier}<span>{t!("Page {page} of {pages}", page, pages)}</span>{later}
            </nav>
        }
        .into_any()
    })
}

/// The heading of a page with the way back above it and actions beside it.
pub(crate) fn page_head(crumb: Option<(String, String)>, title: String, actions: impl IntoView + 'static) -> AnyView {
    let crumb = crumb.map(|(href, name)| view! { <p class="crumb"><a href=href>{name}</a></p> });
    view! {
        <div class="page-head">
            <div>{crumb}<h1>{title}</h1></div>
            <div class="actions">{actions}</div>
        </div>
    }
    .into_any()
}

/// A setting as an id in the document: letters, digits and hyphens.
pub(crate) fn dom_id(setting: &Setting) -> String {
    setting.to_string().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect()
}
