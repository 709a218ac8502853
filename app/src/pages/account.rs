//! One's own account: who one is here, the password, and the browsers that are signed in.

use language::{Language, t};
use leptos::prelude::*;
use service::accounts::AccountPage;
use service::model::OpenSession;
use service::sign_in::{MAX_PASSWORD_CHARS, MIN_PASSWORD_CHARS};

use crate::components::{Tone, message, moment_exact, page_head};
use crate::pages::terms::flag;
use crate::urls;

/// What a form of this page came to.
#[derive(Clone, Debug, Default)]
pub struct Said {
    /// What was done, in a sentence.
    pub done: Option<String>,
    /// Why the password was not changed.
    pub refused: Option<Refused>,
}

#[derive(Clone, Debug)]
pub struct Refused {
    pub why: String,
    /// It is the current password that was wrong, not the new one.
    pub current: bool,
}

pub fn account(page: AccountPage, said: Said) -> AnyView {
    let refused = said.refused.as_ref().map(|refused| {
        message(Tone::Error, t!("Nothing was saved").to_owned(), view! { <p id="refusal">{refused.why.clone()}</p> })
    });
    view! {
        {page_head(None, t!("Your account").to_owned(), ())}
        {flag(said.done)}
        {refused}
        <dl class="facts-list" aria-label=t!("Your account")>
            <div><dt>{t!("Name")}</dt><dd translate="no">{page.account.name.clone()}</dd></div>
            <div><dt>{t!("E-mail address")}</dt><dd translate="no">{page.account.email.clone()}</dd></div>
        </dl>
        {language(page.account.language)}
        {password(&page.account.email, said.refused.as_ref())}
        {sessions(&page.sessions)}
    }
    .into_any()
}

/// Each language by its own name, so that whoever does not read this page finds theirs.
fn language(chosen: Option<Language>) -> AnyView {
    let choice = |id: &'static str, name: &'static str, own: bool, is_chosen: bool| {
        let shown = own.then_some("no");
        view! {
            <button
                class="button" name="language" value=id aria-pressed=is_chosen.to_string() lang=own.then_some(id)
                translate=shown
            >
                {name}
            </button>
        }
    };
    let languages =
        Language::ALL.map(|language| choice(language.id(), language.own_name(), true, chosen == Some(language)));
    view! {
        <section class="group" aria-labelledby="language">
            <h2 id="language">{t!("Language")}</h2>
            <p class="help">{t!("What is kept and what you take away for machines is the same in every language.")}</p>
            <form method="post" action=urls::LANGUAGE class="button-row">
                <input type="hidden" name="back" value=urls::ACCOUNT/>
                {languages.into_iter().collect_view()}
                {choice("browser", t!("As the browser says"), false, chosen.is_none())}
            </form>
        </section>
    }
    .into_any()
}

fn password(email: &str, refused: Option<&Refused>) -> AnyView {
    let wrong = |current: bool| refused.is_some_and(|refused| refused.current == current);
    view! {
        <section class="group" aria-labelledby="password">
            <h2 id="password">{t!("Password")}</h2>
            <p class="help">{t!("Changing it signs out every other browser.")}</p>
            <form method="post" action=urls::PASSWORD>
                <input type="hidden" name="username" value=email.to_owned() autocomplete="username"/>
                <div class="field">
                    <label for="current">{t!("Current password")}</label>
                    <input
                        id="current" name="current" type="password" autocomplete="current-password" required
                        aria-invalid=wrong(true).then_some("true") aria-describedby=wrong(true).then_some("refusal")
                    />
                </div>
                {new_password(t!("New password"), wrong(false))}
                <button class="button">{t!("Change password")}</button>
            </form>
        </section>
    }
    .into_any()
}

/// The field for a new password, with what it has to be.
pub(crate) fn new_password(label: &'static str, wrong: bool) -> AnyView {
    view! {
        <div class="field">
            <label for="new">{label}</label>
            <p class="help" id="new-help">
                {t!(
                    "{least} to {most} characters of any kind. A few words are long and easy to keep in mind.",
                    least = MIN_PASSWORD_CHARS,
                    most = MAX_PASSWORD_CHARS
                )}
            </p>
            <input
                id="new" name="new" type="password" autocomplete="new-password" required
                minlength=MIN_PASSWORD_CHARS.to_string() aria-invalid=wrong.then_some("true")
                aria-describedby=if wrong { "refusal new-help" } else { "new-help" }
            />
        </div>
    }
    .into_any()
}

fn sessions(sessions: &[(OpenSession, bool)]) -> AnyView {
    let rows = sessions.iter().map(|(session, own)| row(session, *own)).collect_view();
    let others = sessions.iter().any(|(_, own)| !own).then(|| {
        view! {
            <form method="post" action=urls::END_SESSIONS class="button-row">
                <button class="button" name="others" value="yes">{t!("End all others")}</button>
            </form>
        }
    });
    view! {
        <section class="group" aria-labelledby="sessions">
            <h2 id="sessions">{t!("Where you are signed in")}</h2>
            <p class="help">{t!("The digits are those that the audit log shows.")}</p>
            <div class="table-frame" tabindex="0" role="region" aria-label=t!("Table of sessions")>
                <table class="plain">
                    <thead>
                        <tr>
                            <th scope="col">{t!("Browser")}</th><th scope="col">{t!("Begun")}</th><th scope="col">{t!("Last seen")}</th>
                            <th scope="col">{t!("Session")}</th><th scope="col"><span class="sr-only">{t!("End a session" | "End")}</span></th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
            {others}
        </section>
    }
    .into_any()
}

fn row(session: &OpenSession, own: bool) -> AnyView {
    let browser =
        session.browser.clone().filter(|name| !name.is_empty()).unwrap_or_else(|| t!("Another browser").to_owned());
    let end = if own {
        view! { <span class="lozenge lozenge-accent">{t!("This one")}</span> }.into_any()
    } else {
        view! {
            <form method="post" action=urls::END_SESSIONS>
                <button class="button small" name="session" value=session.digits.clone()>
                    {t!("End a session" | "End")}<span class="sr-only">" "{t!("session {digits}", digits = session.digits)}</span>
                </button>
            </form>
        }
        .into_any()
    };
    view! {
        <tr>
            <th scope="row">{browser}</th>
            <td>{moment_exact(session.begun_at)}</td>
            <td>{moment_exact(session.seen_at)}</td>
            <td><code>{session.digits.clone()}</code></td>
            <td>{end}</td>
        </tr>
    }
    .into_any()
}
