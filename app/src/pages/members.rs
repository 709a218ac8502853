//! Who has which role: changing it, inviting people, and accepting an invitation.

use language::{t, tn};
use leptos::prelude::*;
use service::invitations::{DAYS, Invited};
use service::members::MembersPage;
use service::model::{Account, Invitation, Member, Role};

use crate::components::{Tone, message, moment_exact, page_head};
use crate::pages::account::new_password;
use crate::pages::sign_in::{Offered, again};
use crate::pages::terms::flag;
use crate::urls;

/// What a form of the page of roles came to.
#[derive(Clone, Debug, Default)]
pub struct Said {
    /// What was done, in a sentence.
    pub done: Option<String>,
    pub refused: Option<String>,
    /// The whole link of an invitation that was made just now.
    pub link: Option<String>,
    /// What takes the password first.
    pub unproved: Option<Unproved>,
    /// The provider that can show it instead of a password.
    pub offered: Option<Offered>,
    /// The address and the role that were typed for an invitation that was refused.
    pub typed: Option<(String, Option<Role>)>,
}

/// A form of the page that is sent again with a password.
#[derive(Clone, Debug)]
pub struct Unproved {
    pub action: String,
    pub fields: Vec<(&'static str, String)>,
}

pub fn members(page: MembersPage, said: Said) -> AnyView {
    let org = page.org.slug.clone();
    let refused = said
        .refused
        .map(|why| message(Tone::Error, t!("Nothing was saved").to_owned(), view! { <p id="refusal">{why}</p> }));
    let link = said.link.map(|link| {
        let body = view! {
            <p>{t!("Hand this link over yourself: no mail is sent. It is shown this once.")}</p>
            <p class="link"><input type="text" readonly value=link aria-label=t!("Link of the invitation")/></p>
            <p>{tn!(days = DAYS, "It can be used once, within {days} day.", "It can be used once, within {days} days.")}</p>
        };
        message(Tone::Info, t!("The invitation was made").to_owned(), body)
    });
    let rows = page.members.iter().map(|member| row(&org, &page.own, member)).collect_view();
    view! {
        {page_head(None, t!("Roles").to_owned(), ())}
        <p class="lead">
            {t!(
                "Admins decide and see everything. Auditors see everything that shows what was decided, and change nothing. \
                 Members see whether a space contributes."
            )}
        </p>
        {flag(said.done)}
        {refused}
        {said.offered.map(|offered| again(offered, t!("Making an admin takes your password")))}
        {said.unproved.map(prove)}
        {link}
        <div class="table-frame" tabindex="0" role="region" aria-label=t!("People with a role")>
            <table class="plain people">
                <thead>
                    <tr>
                        <th scope="col">{t!("Name")}</th><th scope="col">{t!("Role")}</th><th scope="col">{t!("Last sign-in")}</th>
                        <th scope="col">{t!("Signed in now")}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        {invite(&org, said.typed)}
        {open(&org, &page.invitations)}
    }
    .into_any()
}

fn prove(unproved: Unproved) -> AnyView {
    let fields = unproved
        .fields
        .into_iter()
        .map(|(name, value)| view! { <input type="hidden" name=name value=value/> })
        .collect_view();
    view! {
        <form method="post" action=unproved.action class="card door" aria-label=t!("Make an admin")>
            {fields}
            <div class="field">
                <label for="member-password">{t!("Your password")}</label>
                <input
                    id="member-password" name="password" type="password" autocomplete="current-password" required
                    aria-describedby="refusal"
                />
            </div>
            <div class="button-row"><button class="button primary">{t!("Make an admin")}</button></div>
        </form>
    }
    .into_any()
}

fn role_options(chosen: Option<Role>) -> impl IntoView {
    Role::ALL
        .map(|role| view! { <option value=role.id() selected=chosen == Some(role)>{role.name()}</option> })
        .into_iter()
        .collect_view()
}

fn row(org: &str, own: &str, member: &Member) -> AnyView {
    let account = &member.account;
    let you =
        (account.id == own).then(|| view! { " "<span class="lozenge lozenge-accent">{t!("this row" | "You")}</span> });
    let signed_in = match member.signed_in_at {
        Some(at) => moment_exact(at).into_any(),
        None => view! { <span class="help">{t!("Not known")}</span> }.into_any(),
    };
    let sessions = usize::try_from(member.sessions).unwrap_or(usize::MAX);
    let end = (sessions > 0).then(|| {
        view! {
            <form method="post" action=urls::end_sessions_of(org)>
                <input type="hidden" name="account" value=account.id.clone()/>
                <button class="button small" aria-label=t!("End all sessions of {name}", name = account.name)>{t!("End all")}</button>
            </form>
        }
    });
    let field = format!("role-{}", account.id);
    view! {
        <tr>
            <th scope="row"><span translate="no">{account.name.clone()}</span>{you}<p class="help" translate="no">{account.email.clone()}</p></th>
            <td>
                <form method="post" action=urls::change_role(org) class="button-row">
                    <input type="hidden" name="account" value=account.id.clone()/>
                    <label class="sr-only" for=field.clone()>{t!("Role of {name}", name = account.name)}</label>
                    <select id=field name="role" class="role">
                        {role_options(Some(member.role))}
                        <option value="none">{t!("No role")}</option>
                    </select>
                    <button class="button small" aria-label=t!("Change the role of {name}", name = account.name)>{t!("Change")}</button>
                </form>
            </td>
            <td>{signed_in}</td>
            <td><div class="button-row"><span>{tn!(sessions, "{sessions} browser", "{sessions} browsers")}</span>{end}</div></td>
        </tr>
    }
    .into_any()
}

fn invite(org: &str, typed: Option<(String, Option<Role>)>) -> AnyView {
    let wrong = typed.is_some();
    let (email, role) = typed.unwrap_or_default();
    view! {
        <section class="group" aria-labelledby="invite">
            <h2 id="invite">{t!("Invite someone")}</h2>
            <p class="help">{t!(
                    "You get a link to hand over yourself: no mail is sent. Someone new chooses a password; someone with an \
                     account signs in."
                )}</p>
            <form method="post" action=urls::invite(org) class="filter">
                <label>
                    <span>{t!("E-mail address")}</span>
                    <input
                        type="email" name="email" required autocomplete="off" value=email
                        aria-invalid=wrong.then_some("true") aria-describedby=wrong.then_some("refusal")
                    />
                </label>
                <label><span>{t!("Role")}</span><select name="role">{role_options(role.or(Some(Role::Member)))}</select></label>
                <button class="button primary">{t!("Make a link")}</button>
            </form>
        </section>
    }
    .into_any()
}

fn open(org: &str, invitations: &[Invitation]) -> AnyView {
    if invitations.is_empty() {
        let none = t!("No invitation is open. Those that nobody has accepted yet stand here.");
        return view! { <p class="empty">{none}</p> }.into_any();
    }
    let rows = invitations
        .iter()
        .map(|open| {
            view! {
                <tr>
                    <th scope="row" translate="no">{open.email.clone()}</th>
                    <td>{open.role.name()}</td>
                    <td translate="no">{open.invited_by.clone()}</td>
                    <td>{moment_exact(open.expires_at)}</td>
                    <td>
                        <form method="post" action=urls::withdraw_invitation(org)>
                            <button
                                class="button small" name="invitation" value=open.id.clone()
                                aria-label=t!("Withdraw the invitation of {email}", email = open.email)
                            >
                                {t!("Withdraw")}
                            </button>
                        </form>
                    </td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="table-frame" tabindex="0" role="region" aria-label=t!("Open invitations")>
            <table class="plain people">
                <thead>
                    <tr>
                        <th scope="col">{t!("Invited")}</th><th scope="col">{t!("Role")}</th><th scope="col">{t!("By")}</th>
                        <th scope="col">{t!("Ends")}</th><th scope="col"><span class="sr-only">{t!("Withdraw")}</span></th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

/// What whoever opens the link of an invitation has typed, and why it was not accepted.
#[derive(Clone, Debug, Default)]
pub struct Accepting {
    pub name: String,
    pub refused: Option<String>,
}

pub fn invitation(token: &str, invited: &Invited, account: Option<&Account>, typed: Accepting) -> AnyView {
    let Invited { org, invitation, has_account } = invited;
    let wrong = typed.refused.is_some();
    let refused = typed
        .refused
        .map(|why| message(Tone::Error, t!("Nothing was saved").to_owned(), view! { <p id="refusal">{why}</p> }));
    let action = urls::invitation(token);
    let how = match account {
        Some(account) if account.email == invitation.email => view! {
            <form method="post" action=action><button class="button primary">{t!("Accept")}</button></form>
        }
        .into_any(),
        Some(account) => view! {
            <p>{t!("You are signed in as {email}. Sign out and open the link again to accept it.", email = account.email)}</p>
            <form method="post" action=urls::SIGN_OUT><button class="button">{t!("Sign out")}</button></form>
        }
        .into_any(),
        None if *has_account => view! {
            <p>{t!("There is an account with the address {email}.", email = invitation.email)}</p>
            <p class="actions">
                <a class="button primary" href=urls::with_query(urls::SIGN_IN, &[("next", action)])>{t!("Sign in to accept")}</a>
            </p>
        }
        .into_any(),
        None => view! {
            <form method="post" action=action>
                <input type="hidden" name="username" value=invitation.email.clone() autocomplete="username"/>
                <div class="field">
                    <label for="name">{t!("Your name")}</label>
                    <input
                        id="name" name="name" type="text" autocomplete="name" required value=typed.name
                        aria-describedby=wrong.then_some("refusal")
                    />
                </div>
                {new_password(t!("Choose a password"), wrong)}
                <button class="button primary">{t!("Accept")}</button>
            </form>
        }
        .into_any(),
    };
    let (by, email, organisation) = (&invitation.invited_by, &invitation.email, &org.name);
    let invites = match invitation.role {
        Role::Admin => t!("{by} invites {email} as admin of {organisation}.", by, email, organisation),
        Role::Auditor => t!("{by} invites {email} as auditor of {organisation}.", by, email, organisation),
        Role::Member => t!("{by} invites {email} as member of {organisation}.", by, email, organisation),
    };
    view! {
        {page_head(None, t!("Join {organisation}", organisation = org.name), ())}
        <p class="lead">{invites}</p>
        {refused}
        {how}
    }
    .into_any()
}

/// Wrong, too old, used and withdrawn look the same.
pub fn invitation_gone() -> AnyView {
    let body = view! {
        <p>{t!("It is wrong, too old, withdrawn, or was used already. Nothing was saved. Ask whoever invited you for a new link.")}</p>
    };
    view! {
        {page_head(None, t!("Invitation").to_owned(), ())}
        {message(Tone::Error, t!("This link cannot be used").to_owned(), body)}
        <p class="actions"><a class="button" href="/">{t!("Go on")}</a></p>
    }
    .into_any()
}
