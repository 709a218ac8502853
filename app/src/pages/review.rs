//! The review before anything is shared: old and new, what starts to flow, which clocks start, and why.

use language::{Dates as _, t};
use leptos::prelude::*;
use service::model::OrgRef;
use service::settings::Refusal;
use service::settings::change::{Confirmation, LONGEST_REASON, Review, Wish};
use service::settings::value_name;

use crate::components::{Tone, message, page_head, state, wish_fields};
use crate::islands::ConfirmName;
use crate::pages::sign_in::{Offered, again};
use crate::urls;

/// Lines of a review that are shown before the rest is folded.
const SHOWN: usize = 20;

/// `typed` is what the person entered before, so that a mistake loses nothing; `refusal` says what is missing; `offered` can show
/// who it is instead of a password.
pub fn review(
    org: &OrgRef,
    wish: &Wish,
    review: Review,
    back: &str,
    typed: &Confirmation,
    refusal: Option<&Refusal>,
    offered: Option<Offered>,
) -> AnyView {
    let (org, org_name) = (org.slug.as_str(), org.name.as_str());
    let crumb = Some((urls::settings(org), t!("Data contribution").to_owned()));
    if review.lines.is_empty() {
        return view! {
            {page_head(crumb, t!("Review changes").to_owned(), ())}
            <p class="empty">
                {t!("Everything is already as you wished; there is nothing to confirm.")}" "
                <a href=back.to_owned()>{t!("Back to the settings")}</a>
            </p>
        }
        .into_any();
    }
    let failed = refusal.map(|refusal| {
        message(Tone::Error, t!("Nothing was saved").to_owned(), view! { <p id="refusal">{refusal.to_string()}</p> })
    });
    let reason_wrong = matches!(refusal, Some(Refusal::ReasonMissing | Refusal::ReasonTooLong { .. }));
    let name_wrong = matches!(refusal, Some(Refusal::NameMissing(_)));
    let confirm = review.confirm_name.then(|| {
        view! {
            <div class="field">
                <label for="name">{t!("This is for the whole organisation. Type its name to confirm:")}" "<strong translate="no">{org_name.to_owned()}</strong></label>
                <input
                    id="name" name="name" type="text" autocomplete="off" required value=typed.name.clone()
                    aria-invalid=name_wrong.then_some("true") aria-describedby=name_wrong.then_some("refusal")
                />
                <ConfirmName
                    input="name".to_owned() expected=org_name.to_owned()
                    matching=t!("It matches.").to_owned() differing=t!("It does not match yet.").to_owned()
                />
            </div>
        }
    });
    let password_wrong = matches!(refusal, Some(Refusal::PasswordMissing | Refusal::PasswordWrong));
    let password = (review.confirm_name && !typed.proved).then(|| {
        view! {
            <div class="field">
                <label for="password">{t!("Your password")}</label>
                <p class="help" id="password-help">{t!("Asked because this is for the whole organisation and you have not typed it for a while.")}</p>
                <input
                    id="password" name="password" type="password" autocomplete="current-password" required
                    aria-invalid=password_wrong.then_some("true")
                    aria-describedby=if password_wrong { "refusal password-help" } else { "password-help" }
                />
            </div>
        }
    });
    // Before the form: what is typed in it would not come back from there.
    let offered = offered
        .filter(|_| password.is_some())
        .map(|offered| again(offered, t!("This is for the whole organisation and takes your password")));
    view! {
        {page_head(crumb, t!("Review changes").to_owned(), ())}
        <p class="lead">{t!("Nothing has been changed yet. It is changed when you confirm here.")}</p>
        {failed}
        {changes(&review)}
        {consequences(&review)}
        {offered}
        <form class="review-form" method="post" action=urls::review(org)>
            {wish_fields(wish)}
            <input type="hidden" name="version" value=review.version.to_string()/>
            <input type="hidden" name="back" value=back.to_owned()/>
            <div class="field">
                <label for="reason">{t!("Reason")}</label>
                <p class="help" id="reason-help">
                    {t!("Kept in the history beside your name, at most {most} characters. A ticket number is a good start.", most = LONGEST_REASON)}
                </p>
                <input
                    id="reason" name="reason" type="text" required autocomplete="off" value=typed.reason.clone()
                    aria-invalid=reason_wrong.then_some("true")
                    aria-describedby=if reason_wrong { "refusal reason-help" } else { "reason-help" }
                />
            </div>
            {confirm}
            {password}
            <div class="actions">
                <button class="button primary">{t!("Confirm")}</button>
                <a class="button" href=back.to_owned()>{t!("Cancel")}</a>
            </div>
        </form>
    }
    .into_any()
}

fn changes(review: &Review) -> AnyView {
    let line = |line: &service::settings::change::ReviewLine| {
        view! {
            <tr>
                <th scope="row" translate="no">{line.label.clone()}</th>
                <td>{value_name(line.old)}</td>
                <td><strong>{value_name(line.new)}</strong></td>
                <td>{state(line.contributed, false)}<span aria-hidden="true">" → "</span><span class="sr-only">" "{t!("of time" | "then")}" "</span>{state(line.contributes, false)}</td>
            </tr>
        }
    };
    let (shown, folded) = review.lines.split_at(review.lines.len().min(SHOWN));
    let rest = (!folded.is_empty()).then(|| {
        let names = folded.iter().map(|line| line.label.as_str()).collect::<Vec<_>>().join(", ");
        view! { <details class="more"><summary>{t!("and {count} more", count = folded.len())}</summary><p>{names}</p></details> }
    });
    view! {
        <div class="table-frame">
            <table class="plain">
                <caption class="sr-only">{t!("What changes")}</caption>
                <thead>
                    <tr>
                        <th scope="col">{t!("Setting")}</th><th scope="col">{t!("Now")}</th><th scope="col">{t!("of a value" | "New")}</th>
                        <th scope="col">{t!("Contributes")}</th>
                    </tr>
                </thead>
                <tbody>{shown.iter().map(line).collect_view()}</tbody>
            </table>
        </div>
        {rest}
    }
    .into_any()
}

fn consequences(review: &Review) -> AnyView {
    let lines = |lines: &[String]| lines.iter().map(|line| view! { <li>{line.clone()}</li> }).collect_view();
    let starts = if review.starts.is_empty() {
        view! { <p>{t!("Nothing starts to leave by this at the moment.")}</p> }.into_any()
    } else {
        let when = match review.not_before {
            Some(from) => view! { <p>{t!("Nothing leaves before {date}.", date = from.date())}</p> }.into_any(),
            None if review.starts_text => view! {
                <p>{t!("It leaves from the moment you confirm, after names and e‑mail addresses are removed.")}</p>
            }
            .into_any(),
            None => {
                view! { <p>{t!("Numbers, dates, types and states leave from the moment you confirm.")}</p> }.into_any()
            }
        };
        view! { <ul>{lines(&review.starts)}</ul>{when} }.into_any()
    };
    let stops =
        (!review.stops.is_empty()).then(|| view! { <h3>{t!("Stops leaving")}</h3><ul>{lines(&review.stops)}</ul> });
    let clocks = (!review.clocks.is_empty()).then(|| {
        let clocks = review
            .clocks
            .iter()
            .map(|clock| view! { <li>{t!("{what}: within {days} days", what = clock.name, days = clock.days)}</li> })
            .collect_view();
        view! {
            <section class="card" aria-labelledby="clocks">
                <h2 id="clocks">{t!("If you turn it off again")}</h2>
                <p>{t!("Turning off is instant. From then on:")}</p>
                <ul>{clocks}</ul>
                <p>{t!("While it contributes, data is kept for up to {years} years.", years = review.retention_years)}</p>
            </section>
        }
    });
    view! {
        <div class="columns">
            <section class="card" aria-labelledby="starts"><h2 id="starts">{t!("Starts to leave")}</h2>{starts}{stops}</section>
            {clocks}
        </div>
    }
    .into_any()
}
