//! Sign-in. On a demo database it lists the accounts, each one click away.

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
    /// Accounts of a demo, each with what it is for.
    pub demo: Vec<(Account, String)>,
}

pub fn sign_in(page: SignIn) -> AnyView {
    let wrong = page.problem.is_some();
    let problem = page
        .problem
        .map(|what| message(Tone::Error, "You are not signed in".to_owned(), view! { <p id="problem">{what}</p> }));
    let demo = (!page.demo.is_empty()).then(|| {
        let accounts = page
            .demo
            .iter()
            .map(|(account, what)| {
                view! {
                    <li>
                        <button class="account" name="account" value=account.id.clone()>
                            {icon(Icon::Person)}
                            <span><strong>{account.name.clone()}</strong><span class="help">{what.clone()}</span></span>
                        </button>
                    </li>
                }
            })
            .collect_view();
        view! {
            <section class="demo" aria-labelledby="demo">
                <h2 id="demo">"Demo accounts"</h2>
                <p class="help">"This database holds made-up organisations and people. One click signs you in as:"</p>
                <form method="post" action=urls::SIGN_IN_DEMO>
                    <input type="hidden" name="next" value=page.next.clone()/>
                    <ul class="accounts">{accounts}</ul>
                </form>
            </section>
        }
    });
    view! {
        <div class="sign-in">
            <section aria-labelledby="sign-in">
                <h1 id="sign-in">"Sign in"</h1>
                <p class="lead">"Decide which of your organisation's data may leave, and see exactly what does."</p>
                {problem}
                <form method="post" action=urls::SIGN_IN>
                    <input type="hidden" name="next" value=page.next.clone()/>
                    <div class="field">
                        <label for="email">"E-mail address"</label>
                        <input
                            id="email" name="email" type="email" autocomplete="username" required value=page.email
                            aria-invalid=wrong.then_some("true") aria-describedby=wrong.then_some("problem")
                        />
                    </div>
                    <div class="field">
                        <label for="password">"Password"</label>
                        <input
                            id="password" name="password" type="password" autocomplete="current-password" required
                            aria-invalid=wrong.then_some("true") aria-describedby=wrong.then_some("problem")
                        />
                    </div>
                    <button class="button primary">"Sign in"</button>
                </form>
            </section>
            {demo}
        </div>
    }
    .into_any()
}
