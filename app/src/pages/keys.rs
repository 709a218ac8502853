//! API keys: which programs act for the organisation, making a key, taking one away.

use language::{count, t};
use leptos::prelude::*;
use policy::Timestamp;
use service::hooks::Webhook;
use service::keys::{ApiKey, KeysPage, LONGEST_NAME, MOST_DAYS, Scope, Wanted};

use crate::components::{Tone, message, moment, moment_exact, page_head};
use crate::curl::{Request, command};
use crate::icons::{Icon, icon};
use crate::pages::sign_in::{Offered, again};
use crate::pages::terms::flag;
use crate::pages::webhooks;
use crate::sentence::sentence;
use crate::urls;

/// What a form of this page came to.
#[derive(Clone, Debug, Default)]
pub struct Said {
    /// A key that was just made: its name, and its text, which is never shown again.
    pub made: Option<(String, String)>,
    /// What was done, in a sentence.
    pub done: Option<String>,
    /// Why no key was made, and what was wanted.
    pub refused: Option<(String, Wanted)>,
    /// A webhook that was just made, with its secret, which is never shown again.
    pub made_webhook: Option<webhooks::Made>,
    pub refused_webhook: Option<webhooks::Refused>,
    /// The password was typed a short while ago.
    pub proved: bool,
    /// The provider that can show it instead of a password.
    pub offered: Option<Offered>,
}

pub fn keys(page: KeysPage, webhooks: Vec<Webhook>, said: Said) -> AnyView {
    let org = page.org.slug.clone();
    let crumb = Some((urls::settings(&org), t!("Security").to_owned()));
    let refused = said
        .refused
        .as_ref()
        .map(|(why, _)| message(Tone::Error, t!("No key was made").to_owned(), view! { <p>{why.clone()}</p> }));
    let refused_webhook = said.refused_webhook.as_ref().map(webhooks::refused);
    let wanted_webhook = said.refused_webhook.map(|refused| refused.name).unwrap_or_default();
    // Why it was of no use is said once.
    let offered_webhook = said.offered.clone().map(|offered| Offered { problem: None, ..offered });
    let wanted = said.refused.map(|(_, wanted)| wanted);
    let (working, over): (Vec<ApiKey>, Vec<ApiKey>) = page.keys.into_iter().partition(|key| key.works(page.now));
    let actions = view! { <a class="button" href=urls::API>{icon(Icon::Document)}{t!("API reference")}</a> };
    view! {
        {page_head(crumb, t!("API keys").to_owned(), actions)}
        <p class="lead">
            {t!(
                "A key lets a program do here what you could do yourself, as far as you allow. What it does stands in the \
                 history and in the audit log under its name and yours. If you are no longer an admin of this organisation, \
                 your keys stop."
            )}
        </p>
        {flag(said.done)}
        {said.made.map(|(name, key)| made(&org, &name, &key))}
        {refused}
        {said.made_webhook.map(webhooks::made)}
        {refused_webhook}
        {list(&org, &working)}
        {form(&org, wanted.unwrap_or_default(), said.proved, said.offered)}
        {ended(&over, page.now)}
        {webhooks::section(&org, webhooks, wanted_webhook, said.proved, offered_webhook)}
    }
    .into_any()
}

/// The one time that a key is shown.
fn made(org: &str, name: &str, key: &str) -> AnyView {
    let body = view! {
        <p>{t!("Copy it now: it is shown this once, and only its fingerprint is kept.")}</p>
        <p><label for="made-key">{t!("The key")}</label>
            <input id="made-key" class="key" type="text" readonly value=key.to_owned() autocomplete="off" spellcheck="false"/>
        </p>
        <p>{t!("Put it where your program keeps its secrets, and try it:")}</p>
        {command(&Request { path: format!("/api/v1/orgs/{org}/settings"), ..Request::default() })}
    };
    message(Tone::Info, t!("The key {name} was made", name), body)
}

fn list(org: &str, keys: &[ApiKey]) -> AnyView {
    let shown = if keys.is_empty() {
        view! { <p class="empty">{t!("No key works now. Make one below when a program needs it.")}</p> }.into_any()
    } else {
        let rows = keys.iter().map(|key| row(org, key)).collect_view();
        view! { <ul class="rows">{rows}</ul> }.into_any()
    };
    view! {
        <section class="group" aria-labelledby="working">
            <h2 id="working">{t!("Keys that work")}" "<span class="count">{count(keys.len())}</span></h2>
            {shown}
        </section>
    }
    .into_any()
}

fn scopes(key: &ApiKey) -> AnyView {
    key.scopes
        .iter()
        .map(|scope| view! { <span class="lozenge" translate="no">{scope.id()}</span>" " })
        .collect_view()
        .into_any()
}

fn row(org: &str, key: &ApiKey) -> AnyView {
    let made = sentence(
        t!("Made {date} by {name} · works until {end} · {used}"),
        [
            ("date", moment(key.created_at).into_any()),
            ("name", view! { <span translate="no">{key.creator.clone()}</span> }.into_any()),
            ("end", moment(key.expires_at).into_any()),
            ("used", used(key.last_used_at)),
        ],
    );
    let text = view! { <p>{scopes(key)}</p><p class="help">{made}</p> }.into_any();
    let revoke = Revoke {
        address: urls::revoke_key(org),
        field: "key",
        id: key.id.clone(),
        means: t!("Every program with this key is refused from this moment on. A revoked key cannot be brought back."),
    };
    working(&key.name, text, revoke)
}

/// When something was last used.
pub(crate) fn used(last: Option<Timestamp>) -> AnyView {
    match last {
        Some(at) => sentence(t!("last used about {moment}"), [("moment", moment_exact(at).into_any())]),
        None => t!("never used").into_any(),
    }
}

/// How a key or a webhook is taken away.
pub(crate) struct Revoke {
    pub(crate) address: String,
    /// The name of the field that says which, and what it says.
    pub(crate) field: &'static str,
    pub(crate) id: String,
    pub(crate) means: &'static str,
}

/// A key or a webhook that works.
pub(crate) fn working(name: &str, text: AnyView, revoke: Revoke) -> AnyView {
    view! {
        <li class="row">
            <div class="row-text"><h3 translate="no">{name.to_owned()}</h3>{text}</div>
            <details class="menu menu-right">
                <summary class="button small">{t!("Revoke…")}<span class="sr-only" translate="no">" "{name.to_owned()}</span></summary>
                <form class="menu-body" method="post" action=revoke.address>
                    <p>{revoke.means}</p>
                    <input type="hidden" name=revoke.field value=revoke.id/>
                    <button class="button danger">{t!("Revoke {name}", name)}</button>
                </form>
            </details>
        </li>
    }
    .into_any()
}

/// Asks for the password again, with why.
pub(crate) fn password(id: &'static str, why: &'static str) -> AnyView {
    let help = format!("{id}-help");
    view! {
        <div class="field">
            <label for=id>{t!("Your password")}</label>
            <p class="help" id=help.clone()>{why}</p>
            <input id=id name="password" type="password" autocomplete="current-password" aria-describedby=help/>
        </div>
    }
    .into_any()
}

fn form(org: &str, wanted: Wanted, proved: bool, offered: Option<Offered>) -> AnyView {
    let password = (!proved).then(|| {
        password(
            "key-password",
            t!("For a key that writes: it can turn on what you can turn on. Asked because you have not typed it for a while."),
        )
    });
    let boxes = Scope::ALL
        .map(|scope| {
            view! {
                <li>
                    <label class="check">
                        <input type="checkbox" name="scope" value=scope.id() checked=wanted.scopes.contains(&scope)/>
                        <span><strong translate="no">{scope.id()}</strong>" "<span class="help">{scope.says()}</span></span>
                    </label>
                </li>
            }
        })
        .into_iter()
        .collect_view();
    let days = if wanted.days == 0 { 90 } else { wanted.days };
    view! {
        <section class="group" aria-labelledby="make">
            <h2 id="make">{t!("Make a key")}</h2>
            {offered.map(|offered| again(offered, t!("A key that writes takes your password")))}
            <form method="post" action=urls::keys(org) class="card key-form">
                <div class="field">
                    <label for="key-name">{t!("Name: which program uses it")}</label>
                    <input id="key-name" name="name" type="text" required maxlength=LONGEST_NAME.to_string() value=wanted.name autocomplete="off"/>
                </div>
                <fieldset>
                    <legend>{t!("What it may do")}</legend>
                    <ul>{boxes}</ul>
                </fieldset>
                <div class="field">
                    <label for="key-days">{t!("Works for how many days, at most {most}", most = MOST_DAYS)}</label>
                    <input id="key-days" name="days" type="number" min="1" max=MOST_DAYS.to_string() value=days.to_string() required/>
                </div>
                {password}
                <button class="button primary">{t!("Make the key")}</button>
            </form>
        </section>
    }
    .into_any()
}

fn ended(keys: &[ApiKey], now: Timestamp) -> Option<AnyView> {
    let ends = keys.iter().map(|key| {
        let end = match key.revoked_at.filter(|at| *at <= now) {
            Some(at) => revoked(at),
            None => sentence(t!("over since {date}"), [("date", moment(key.expires_at).into_any())]),
        };
        (key.name.as_str(), key.creator.as_str(), end)
    });
    over(t!("Keys that no longer work"), ends)
}

pub(crate) fn revoked(at: Timestamp) -> AnyView {
    sentence(t!("revoked {moment}"), [("moment", moment_exact(at).into_any())])
}

/// Keys or webhooks that no longer work, each with its name, who made it and how it ended.
pub(crate) fn over<'a>(
    heading: &'static str,
    ends: impl ExactSizeIterator<Item = (&'a str, &'a str, AnyView)>,
) -> Option<AnyView> {
    if ends.len() == 0 {
        return None;
    }
    let rows = ends
        .map(|(name, creator, end)| {
            view! {
                <li class="entry">
                    <span class="entry-name" translate="no">{name.to_owned()}</span>
                    <span class="help">{t!("Made by {name}", name = creator)}" · "{end}</span>
                </li>
            }
        })
        .collect_view();
    Some(
        view! {
            <details class="dormant">
                <summary>{icon(Icon::ChevronRight)}<strong>{heading}</strong></summary>
                <ul class="card">{rows}</ul>
            </details>
        }
        .into_any(),
    )
}
