//! The part of the page of API keys that is about webhooks: which Jira sends, making one, taking one away.

use language::{count, t};
use leptos::prelude::*;
use service::hooks::Webhook;
use service::keys::LONGEST_NAME;

use crate::components::{Tone, message, moment};
use crate::pages::keys::{Revoke, over, password, revoked, used, working};
use crate::pages::sign_in::{Offered, again};
use crate::sentence::sentence;
use crate::urls;

/// A webhook that was just made, with what is shown this once.
#[derive(Clone, Debug)]
pub struct Made {
    pub name: String,
    /// With the origin.
    pub address: String,
    pub secret: String,
}

/// Why no webhook was made, and the name that was wanted.
#[derive(Clone, Debug)]
pub struct Refused {
    pub why: String,
    pub name: String,
}

/// The one time that a secret is shown.
pub(crate) fn made(Made { name, address, secret }: Made) -> AnyView {
    let body = view! {
        <p>{t!("Copy the secret now: it is shown this once. As an administrator of Jira, open System, WebHooks, and create one:")}</p>
        <p class="link"><label for="made-address" translate="no">"URL"</label>
            <input id="made-address" type="text" readonly value=address autocomplete="off" spellcheck="false"/>
        </p>
        <p class="link"><label for="made-secret">{t!("Secret")}</label>
            <input id="made-secret" type="text" readonly value=secret autocomplete="off" spellcheck="false"/>
        </p>
        <p>
            {t!(
                "Tick “created”, “updated” and “deleted” under Issue and under Comment, and nothing else. Leave the body in. A \
                 JQL filter may name the projects; what leaves of them is decided here all the same."
            )}
        </p>
    };
    message(Tone::Info, t!("The webhook {name} was made", name), body)
}

pub(crate) fn refused(Refused { why, .. }: &Refused) -> AnyView {
    message(Tone::Error, t!("No webhook was made").to_owned(), view! { <p>{why.clone()}</p> })
}

/// `wanted` is the name that was typed before.
pub(crate) fn section(
    org: &str,
    webhooks: Vec<Webhook>,
    wanted: String,
    proved: bool,
    offered: Option<Offered>,
) -> AnyView {
    let (working, over): (Vec<Webhook>, Vec<Webhook>) = webhooks.into_iter().partition(Webhook::works);
    view! {
        {list(org, &working)}
        {form(org, wanted, proved, offered)}
        {ended(&over)}
    }
    .into_any()
}

fn list(org: &str, webhooks: &[Webhook]) -> AnyView {
    let shown = if webhooks.is_empty() {
        let none = t!("No webhook works now. Make one below when Jira is to say what happens.");
        view! { <p class="empty">{none}</p> }.into_any()
    } else {
        let rows = webhooks.iter().map(|webhook| row(org, webhook)).collect_view();
        view! { <ul class="rows">{rows}</ul> }.into_any()
    };
    view! {
        <section class="group" aria-labelledby="webhooks">
            <h2 id="webhooks">{t!("Webhooks that work")}" "<span class="count">{count(webhooks.len())}</span></h2>
            <p class="help">
                {t!(
                    "Through a webhook Jira says which work item or comment was made, changed or deleted. What contributes of it \
                     is stored at once, what is deleted is taken back; nothing is asked of Jira."
                )}
            </p>
            {shown}
        </section>
    }
    .into_any()
}

fn row(org: &str, webhook: &Webhook) -> AnyView {
    let made = sentence(
        t!("Made {date} by {name} · {used}"),
        [
            ("date", moment(webhook.created_at).into_any()),
            ("name", view! { <span translate="no">{webhook.creator.clone()}</span> }.into_any()),
            ("used", used(webhook.last_used_at)),
        ],
    );
    let revoke = Revoke {
        address: urls::revoke_webhook(org),
        field: "webhook",
        id: webhook.id.clone(),
        means: t!(
            "What Jira sends is refused from this moment on, deletions too. A revoked webhook cannot be brought back."
        ),
    };
    working(&webhook.name, view! { <p class="help">{made}</p> }.into_any(), revoke)
}

fn form(org: &str, wanted: String, proved: bool, offered: Option<Offered>) -> AnyView {
    let password = (!proved).then(|| {
        password(
            "webhook-password",
            t!("Whoever has the secret can send data in the organisation's name. Asked because you have not typed it for a while."),
        )
    });
    view! {
        <section class="group" aria-labelledby="make-webhook">
            <h2 id="make-webhook">{t!("Make a webhook")}</h2>
            {offered.map(|offered| again(offered, t!("A webhook takes your password")))}
            <form method="post" action=urls::webhooks(org) class="card key-form">
                <div class="field">
                    <label for="webhook-name">{t!("Name: which Jira sends")}</label>
                    <input id="webhook-name" name="name" type="text" required maxlength=LONGEST_NAME.to_string() value=wanted autocomplete="off"/>
                </div>
                {password}
                <button class="button primary">{t!("Make the webhook")}</button>
            </form>
        </section>
    }
    .into_any()
}

fn ended(webhooks: &[Webhook]) -> Option<AnyView> {
    let ends = webhooks
        .iter()
        .map(|webhook| (webhook.name.as_str(), webhook.creator.as_str(), webhook.revoked_at.map(revoked).into_any()));
    over(t!("Webhooks that no longer work"), ends)
}
