//! Sign-in, here or through the provider. On a demo database it lists the accounts, each one click away.

use language::t;
use leptos::prelude::*;
use service::model::Account;

use crate::components::{Tone, message};
use crate::icons::{Icon, icon};
use crate::urls;

#[derive(Clone, Debug, Default)]
pub struct SignIn {
    /// The address that was typed before.
    pub email: String,
    pub problem: Option<String>,
    /// Where to go afterwards.
    pub next: String,
    /// The provider, if there is one.
    pub offered: Option<Offered>,
    /// Accounts of a demo, each with what it is for.
    pub demo: Vec<(Account, String)>,
}

/// A provider to which sign-in can be handed.
#[derive(Clone, Debug)]
pub struct Offered {
    /// What people call it.
    pub name: String,
    /// Where to come back to.
    pub next: String,
    /// Why it was of no use just now.
    pub problem: Option<String>,
}

/// The form that leads to the provider. It has a target, so that the browser itself sends it and can leave this site.
fn leave(offered: &Offered, to: &'static str, class: &'static str, label: String) -> AnyView {
    view! {
        <form method="post" action=to target="_self">
            <input type="hidden" name="next" value=offered.next.clone()/>
            <button class=class>{label}</button>
        </form>
    }
    .into_any()
}

/// Where a password is asked for again: the way for whoever signs in through the provider. `why` says for what.
pub(crate) fn again(offered: Offered, why: &str) -> AnyView {
    let failed = offered
        .problem
        .clone()
        .map(|what| message(Tone::Error, t!("You are not confirmed").to_owned(), view! { <p>{what}</p> }));
    let label = t!("Sign in again with {provider}", provider = offered.name);
    view! {
        {failed}
        <div class="again">
            <p class="help">
                {t!(
                    "{why}, or that you sign in again with {provider}. Do that first: you come back here.",
                    why,
                    provider = offered.name
                )}
            </p>
            {leave(&offered, urls::SIGN_IN_AGAIN, "button small", label)}
        </div>
    }
    .into_any()
}

/// The page on the way to the provider. The browser goes on by itself; the link is for one that does not.
pub fn going(name: &str, url: String) -> AnyView {
    view! {
        <h1>{t!("Going to {name}", name)}</h1>
        <p class="lead">{t!("You sign in there and come back.")}</p>
        <p><a class="button" href=url rel="external">{t!("Go on to {name}", name)}</a></p>
    }
    .into_any()
}

pub fn sign_in(page: SignIn) -> AnyView {
    let wrong = page.problem.is_some();
    let problem = page
        .problem
        .or_else(|| page.offered.as_ref()?.problem.clone())
        .map(|what| message(Tone::Error, t!("You are not signed in").to_owned(), view! { <p id="problem">{what}</p> }));
    let demo = (!page.demo.is_empty()).then(|| {
        let accounts = page
            .demo
            .iter()
            .map(|(account, what)| {
                view! {
                    <li>
                        <button class="account" name="account" value=account.id.clone()>
                            {icon(Icon::Person)}
                            <span><strong translate="no">{account.name.clone()}</strong><span class="help">{what.clone()}</span></span>
                        </button>
                    </li>
                }
            })
            .collect_view();
        view! {
            <section class="demo" aria-labelledby="demo">
                <h2 id="demo">{t!("Demo accounts")}</h2>
                <p class="help">{t!("This database holds made-up organisations and people. One click signs you in as:")}</p>
                <form method="post" action=urls::SIGN_IN_DEMO>
                    <input type="hidden" name="next" value=page.next.clone()/>
                    <ul class="accounts">{accounts}</ul>
                </form>
            </section>
        }
    });
    let offered = page.offered.map(|offered| {
        let label = t!("Sign in with {provider}", provider = offered.name);
        view! {
            <p class="or">{t!("or")}</p>
            {leave(&offered, urls::SIGN_IN_OIDC, "button", label)}
        }
    });
    view! {
        <div class="sign-in">
            <section aria-labelledby="sign-in">
                <h1 id="sign-in">{t!("Sign in")}</h1>
                <p class="lead">{t!("Decide which of your organisation's data may leave, and see exactly what does.")}</p>
                <p class="open-to-all">
                    {t!("Open to everyone:")}" "<a href=urls::SAFEGUARDS>{t!("Safeguards")}</a>" "<a href=urls::WALKTHROUGH>{t!("A work item in five steps")}</a>
                </p>
                {problem}
                <form method="post" action=urls::SIGN_IN>
                    <input type="hidden" name="next" value=page.next.clone()/>
                    <div class="field">
                        <label for="email">{t!("E-mail address")}</label>
                        <input
                            id="email" name="email" type="email" autocomplete="username" required value=page.email
                            aria-invalid=wrong.then_some("true") aria-describedby=wrong.then_some("problem")
                        />
                    </div>
                    <div class="field">
                        <label for="password">{t!("Password")}</label>
                        <input
                            id="password" name="password" type="password" autocomplete="current-password" required
                            aria-invalid=wrong.then_some("true") aria-describedby=wrong.then_some("problem")
                        />
                    </div>
                    <button class="button primary">{t!("Sign in")}</button>
                </form>
                {offered}
            </section>
            {demo}
        </div>
    }
    .into_any()
}
