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
    let used = match key.last_used_at {
        Some(at) => sentence(t!("last used about {moment}"), [("moment", moment_exact(at).into_any())]),
        None => t!("never used").into_any(),
    };
    let made = sentence(
        t!("Made {date} by {name} · works until {end} · {used}"),
        [
            ("date", moment(key.created_at).into_any()),
            ("name", view! { <span translate="no">{key.creator.clone()}</span> }.into_any()),
            ("end", moment(key.expires_at).into_any()),
            ("used", used),
        ],
    );
    view! {
        <li class="row">
            <div class="row-text">
                <h3 translate="no">{key.name.clone()}</h3>
                <p>{scopes(key)}</p>
                <p class="help">{made}</p>
            </div>
            <details class="menu menu-right">
                <summary class="button small">{t!("Revoke…")}<span class="sr-only" translate="no">" "{key.name.clone()}</span></summary>
                <form class="menu-body" method="post" action=urls::revoke_key(org)>
                    <p>{t!("Every program with this key is refused from this moment on. A revoked key cannot be brought back.")}</p>
                    <input type="hidden" name="key" value=key.id.clone()/>
                    <button class="button danger">{t!("Revoke {name}", name = key.name)}</button>
                </form>
            </details>
        </li>
    }
    .into_any()
}

fn form(org: &str, wanted: Wanted, proved: bool, offered: Option<Offered>) -> AnyView {
    let password = (!proved).then(|| {
        view! {
            <div class="field">
                <label for="key-password">{t!("Your password")}</label>
                <p class="help" id="key-password-help">{t!("For a key that writes: it can turn on what you can turn on. Asked because you have not typed it for a while.")}</p>
                <input id="key-password" name="password" type="password" autocomplete="current-password" aria-describedby="key-password-help"/>
            </div>
        }
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
    if keys.is_empty() {
        return None;
    }
    let rows = keys
        .iter()
        .map(|key| {
            let end = match key.revoked_at.filter(|at| *at <= now) {
                Some(at) => sentence(t!("revoked {moment}"), [("moment", moment_exact(at).into_any())]),
                None => sentence(t!("over since {date}"), [("date", moment(key.expires_at).into_any())]),
            };
            view! {
                <li class="entry">
                    <span class="entry-name" translate="no">{key.name.clone()}</span>
                    <span class="help">{t!("Made by {name}", name = key.creator)}" · "{end}</span>
                </li>
            }
        })
        .collect_view();
    Some(
        view! {
            <details class="dormant">
                <summary>{icon(Icon::ChevronRight)}<strong>{t!("Keys that no longer work")}</strong></summary>
                <ul class="card">{rows}</ul>
            </details>
        }
        .into_any(),
    )
}
