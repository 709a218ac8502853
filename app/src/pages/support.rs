//! Support's desk and its door into an organisation, and what the organisation sees of it.

use language::{Dates as _, count, t, tn};
use leptos::prelude::*;
use policy::Timestamp;
use service::model::{OrgRef, Purpose, Review};
use service::support::{Entry, Summary, SupportAccess};

use crate::components::{Tone, message, moment_exact, page_head};
use crate::icons::{Icon, icon};
use crate::pages::evidence::{change, subscriptions};
use crate::pages::organisations::removals;
use crate::sentence::sentence;
use crate::urls;

/// Organisations that one search shows.
const SHOWN: usize = 50;

/// Where support finds an organisation.
pub fn desk(query: String, found: Vec<OrgRef>) -> AnyView {
    let more = found.len().saturating_sub(SHOWN);
    let more = (more > 0).then(|| view! { <p class="help">{tn!(more, "{more} more fits; write more of the name.", "{more} more fit; write more of the name.")}</p> });
    let rows = found
        .into_iter()
        .take(SHOWN)
        .map(|org| {
            view! {
                <li class="entry">
                    <span class="entry-name" translate="no"><a href=urls::support_entry(&org.slug)>{org.name.clone()}</a>" "<span class="help">{org.slug.clone()}</span></span>
                </li>
            }
        })
        .collect_view();
    view! {
        {page_head(None, t!("Support").to_owned(), ())}
        <p class="lead">
            {t!(
                "Find the organisation that your case is about. Before you see anything of it you say what for; the organisation \
                 sees that you looked, and at which pages."
            )}
        </p>
        <form class="filter" method="get" action=urls::SUPPORT role="search">
            <div class="grow">
                <label for="q">{t!("Name, short name or id")}</label>
                <input id="q" name="q" type="search" value=query autocomplete="off"/>
            </div>
            <button class="button">{icon(Icon::Search)}{t!("Search")}</button>
        </form>
        <ul class="card finder">{rows}</ul>
        {more}
    }
    .into_any()
}

/// What was typed into the door, and what is wrong with it.
#[derive(Clone, Debug, Default)]
pub struct Knock {
    pub purpose: Option<Purpose>,
    pub case: String,
    pub refused: Option<String>,
}

/// The door of one organisation.
pub fn door(entry: Entry, knock: Knock) -> AnyView {
    let crumb = Some((urls::SUPPORT.to_owned(), t!("Support").to_owned()));
    let slug = entry.org.slug.clone();
    let refused = knock
        .refused
        .clone()
        .map(|what| message(Tone::Error, t!("You are not in yet").to_owned(), view! { <p>{what}</p> }));
    let body = match &entry.review {
        Some(review) if review.is_asked() => view! {
            <section class="message message-held" role="status">
                {icon(Icon::Pause)}
                <div>
                    <h2>{t!("An admin has to allow it")}</h2>
                    <p>
                        {sentence(
                            t!("You asked {moment} for case {case}. The admins of the organisation see the request. Load this page again later."),
                            [
                                ("moment", moment_exact(review.asked_at).into_any()),
                                ("case", view! { <span translate="no">{review.case.clone()}</span> }.into_any()),
                            ],
                        )}
                    </p>
                </div>
            </section>
        }
        .into_any(),
        Some(_) => view! {
            <p><a class="button primary" href=urls::support_summary(&slug)>{t!("Go on reviewing")}</a></p>
        }
        .into_any(),
        None => form(&entry, &knock),
    };
    view! {
        {page_head(crumb, t!("Review {organisation}", organisation = entry.org.name), ())}
        {refused}
        {body}
    }
    .into_any()
}

/// An organisation at a glance, for whoever reviews it.
pub fn summary(model: Summary) -> AnyView {
    let slug = model.state.org.slug.clone();
    let held = model
        .held
        .iter()
        .map(|(setting, label, why)| {
            let href = urls::why(&slug, &setting.target());
            view! { <li class="entry"><span class="entry-name"><strong translate="no">{label.clone()}</strong><span class="help block">{why.clone()}</span></span><a href=href>{t!("Why?")}</a></li> }
        })
        .collect_view();
    let held = if model.held.is_empty() {
        view! { <p class="empty">{t!("Nothing waits for a decision.")}</p> }.into_any()
    } else {
        view! { <ul class="card reviews">{held}</ul> }.into_any()
    };
    let now = model.state.at;
    let clocks = model
        .clocks
        .iter()
        .map(|clock| {
            let left = clock.due.days_since(now);
            let stopped = clock.stopped.join(", ");
            let left = tn!(days = left, "in {days} day", "in {days} days");
            let due = sentence(
                t!("due {moment}, {left}"),
                [("moment", moment_exact(clock.due).into_any()), ("left", left.into_any())],
            );
            let by = sentence(
                t!("change {version} by {name}, {moment}"),
                [
                    ("version", count(clock.version).into_any()),
                    ("name", view! { <span translate="no">{clock.who.clone()}</span> }.into_any()),
                    ("moment", moment_exact(clock.at).into_any()),
                ],
            );
            view! {
                <li class="entry">
                    <span class="entry-name">
                        <strong>{clock.name.clone()}</strong>" · "{due}
                        <span class="help block"><span translate="no">{stopped}</span>" · "{by}</span>
                    </span>
                </li>
            }
        })
        .collect_view();
    let clocks = if model.clocks.is_empty() {
        view! { <p class="empty">{t!("No clock runs: nothing stopped leaving lately.")}</p> }.into_any()
    } else {
        view! { <ul class="card reviews">{clocks}</ul> }.into_any()
    };
    let changes = model.state.changes.iter().map(change).collect_view();
    let changes = if model.state.changes.is_empty() {
        view! { <p class="empty">{t!("Nobody has changed anything yet.")}</p> }.into_any()
    } else {
        view! { <ol class="history">{changes}</ol> }.into_any()
    };
    let all = urls::settings(&slug);
    let history = urls::history(&slug);
    view! {
        {page_head(Some((urls::SUPPORT.to_owned(), t!("Support").to_owned())), t!("Review of {organisation}", organisation = model.state.org.name), ())}
        <section class="statement" aria-label=t!("What leaves")>
            <p class="sentence">{model.state.sentence.clone()}</p>
            <p class="facts">{t!("Plan: {plan}", plan = model.state.plan)}" · "<code>{model.state.org.id.clone()}</code>" · "<a href=all>{t!("All settings, with reasons")}</a></p>
        </section>
        {removals(&slug, model.removals)}
        <section class="group" aria-labelledby="plan"><h2 id="plan">{t!("Subscriptions")}</h2>{subscriptions(&model.state)}</section>
        <section class="group" aria-labelledby="held"><h2 id="held">{t!("Held")}</h2>{held}</section>
        <section class="group" aria-labelledby="clocks"><h2 id="clocks">{t!("Clocks")}</h2>{clocks}</section>
        <section class="group" aria-labelledby="last">
            <div class="group-head"><h2 id="last">{t!("Last changes")}</h2><a href=history>{t!("All changes")}</a></div>
            {changes}
        </section>
    }
    .into_any()
}

fn form(entry: &Entry, knock: &Knock) -> AnyView {
    let purposes = Purpose::ALL
        .into_iter()
        .map(|purpose| {
            view! { <option value=purpose.id() selected=knock.purpose == Some(purpose)>{purpose.name()}</option> }
        })
        .collect_view();
    let (verb, what) = if entry.must_ask {
        (
            t!("Ask to review"),
            t!("This organisation wants to be asked: one of its admins has to allow it first.").to_owned(),
        )
    } else {
        (
            t!("Begin the review"),
            tn!(
                minutes = entry.minutes,
                "You can look for {minutes} minute. The organisation's admins can end it at any time.",
                "You can look for {minutes} minutes. The organisation's admins can end it at any time."
            ),
        )
    };
    let invalid = knock.refused.is_some().then_some("true");
    view! {
        <form class="card door" method="post" action=urls::support_entry(&entry.org.slug)>
            <div class="field">
                <label for="purpose">{t!("What are you looking for?")}</label>
                <select id="purpose" name="purpose" required>
                    <option value="">{t!("Choose")}</option>
                    {purposes}
                </select>
            </div>
            <div class="field">
                <label for="case">{t!("Case number")}</label>
                <input id="case" name="case" type="text" value=knock.case.clone() required maxlength="40" aria-invalid=invalid autocomplete="off"/>
            </div>
            <p class="help">
                {what}" "
                {t!(
                    "Purpose, case number and every page that you open are written to the organisation's own audit log. You see \
                     settings and reasons; never content, and nobody of its directory."
                )}
            </p>
            <div class="button-row"><button class="button primary">{verb}</button></div>
        </form>
    }
    .into_any()
}

/// The strip over every page that support looks at.
pub(crate) fn banner(org: &OrgRef, review: &Review, now: Timestamp) -> AnyView {
    let left = review.ends_at.map_or(0, |end| ((end.micros() - now.micros()).max(0) + 59_999_999) / 60_000_000);
    let minutes = if left <= 1 {
        t!("less than a minute left").to_owned()
    } else {
        t!("{minutes} minutes left", minutes = count(left))
    };
    let reviewing = t!("You are reviewing {organisation}", organisation = org.name);
    view! {
        <section class="support-banner" aria-label=t!("Support review")>
            {icon(Icon::Shield)}
            <p>
                {sentence(
                    t!("{reviewing} for case {case} · {purpose} · {minutes}. You can change nothing; the organisation sees each page that you open."),
                    [
                        ("reviewing", view! { <strong>{reviewing}</strong> }.into_any()),
                        ("case", view! { <span translate="no">{review.case.clone()}</span> }.into_any()),
                        ("purpose", review.purpose.name().into_any()),
                        ("minutes", minutes.into_any()),
                    ],
                )}
            </p>
            <form method="post" action=urls::support_leave(&org.slug)><button class="button small">{t!("Stop reviewing")}</button></form>
        </section>
    }
    .into_any()
}

/// What an organisation sees: who looks, who looked, who asks.
pub fn access(model: SupportAccess, can_change: bool) -> AnyView {
    let slug = model.org.slug.clone();
    let rule = rule(&model, can_change);
    let now = model.now;
    let (open, past): (Vec<&Review>, Vec<&Review>) = model.reviews.iter().partition(|review| review.is_open(now));
    let open_rows = open.iter().map(|review| row(&slug, review, now, can_change)).collect_view();
    let past_rows = past.iter().map(|review| row(&slug, review, now, false)).collect_view();
    let open_list = if open.is_empty() {
        view! { <p class="empty">{t!("Nobody of the vendor's support is looking at your organisation.")}</p> }
            .into_any()
    } else {
        view! { <ul class="card reviews">{open_rows}</ul> }.into_any()
    };
    let past_list = if past.is_empty() {
        view! { <p class="empty">{t!("Nobody has looked yet.")}</p> }.into_any()
    } else {
        view! { <ul class="card reviews">{past_rows}</ul> }.into_any()
    };
    let log = urls::with_query(&urls::audit(&slug), &[("q", "action:support".to_owned())]);
    view! {
        {page_head(Some((urls::settings(&slug), t!("Data contribution").to_owned())), t!("Support access").to_owned(), ())}
        <p class="lead">
            {tn!(
                minutes = model.minutes,
                "The vendor's support can look at your settings to help you, with a purpose and a case number, for {minutes} minute at a time. It can change nothing and sees neither your content nor your people.",
                "The vendor's support can look at your settings to help you, with a purpose and a case number, for {minutes} minutes at a time. It can change nothing and sees neither your content nor your people."
            )}
        </p>
        {rule}
        <section class="group" aria-labelledby="open"><h2 id="open">{t!("Now")}</h2>{open_list}</section>
        <section class="group" aria-labelledby="past">
            <div class="group-head"><h2 id="past">{t!("Before")}</h2><a href=log>{t!("Every page that was looked at")}</a></div>
            {past_list}
        </section>
    }
    .into_any()
}

fn rule(model: &SupportAccess, can_change: bool) -> AnyView {
    let (now, button, to) = if model.must_ask {
        (t!("Support has to ask, and an admin has to allow each look."), t!("Let support enter without asking"), "no")
    } else {
        (
            t!("Support can enter without asking; you see it at once and can end it."),
            t!("Make support ask first"),
            "yes",
        )
    };
    let form = can_change.then(|| {
        view! {
            <form method="post" action=urls::support_rule(&model.org.slug)>
                <button class="button" name="ask" value=to>{button}</button>
            </form>
        }
    });
    view! { <section class="card support-rule" aria-label=t!("Rule")><p>{now}</p>{form}</section> }.into_any()
}

fn row(slug: &str, review: &Review, now: Timestamp, can_change: bool) -> AnyView {
    let state = if review.is_asked() {
        t!("asks to look").to_owned()
    } else if review.is_running(now) {
        t!("is looking, until {moment}", moment = review.ends_at.unwrap_or(now).date_time())
    } else {
        match (review.starts_at, review.ended_at, review.ended_by.as_deref()) {
            (None, _, Some(by)) if by == review.account_id => t!("withdrew the request").to_owned(),
            (None, ..) => t!("was refused").to_owned(),
            (_, Some(end), Some(by)) if by == review.account_id => t!("stopped {moment}", moment = end.date_time()),
            (_, Some(end), _) => t!("was stopped by you {moment}", moment = end.date_time()),
            _ => t!("the time was over").to_owned(),
        }
    };
    let action = |to: &'static str, name: &'static str, class: &'static str| {
        view! {
            <form method="post" action=urls::support_answer(slug)>
                <input type="hidden" name="review" value=review.id.clone()/>
                <button class=class name="do" value=to>{name}</button>
            </form>
        }
    };
    let actions = can_change.then(|| {
        let approve = review.is_asked().then(|| action("allow", t!("Allow"), "button primary small"));
        let end = if review.is_asked() { t!("Refuse") } else { t!("End now") };
        view! { <span class="button-row">{approve}{action("stop", end, "button small")}</span> }
    });
    let asked = sentence(
        t!("Case {case} · {purpose} · asked {moment}"),
        [
            ("case", view! { <span translate="no">{review.case.clone()}</span> }.into_any()),
            ("purpose", review.purpose.name().into_any()),
            ("moment", moment_exact(review.asked_at).into_any()),
        ],
    );
    view! {
        <li class="entry">
            <span class="entry-name">
                <strong translate="no">{review.by.clone()}</strong>" "{state}
                <span class="help block">{asked}</span>
            </span>
            {actions}
        </li>
    }
    .into_any()
}
