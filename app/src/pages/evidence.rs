//! How things stood on a date: on a page, and as the report of an evidence pack, which has to be read without this server.

use audit::Checkpoint;
use language::{Dates as _, Language, count, t, tn};
use leptos::prelude::*;
use policy::Timestamp;
use service::evidence::{ChangeOn, DecisionOn, StateOn};
use service::settings::value_name;

use crate::components::{moment_exact, page_head, state};
use crate::icons::{Icon, icon};
use crate::sentence::sentence;
use crate::urls;
use service::words;

/// Changes on the page; the pack has all of them.
const SHOWN: usize = 20;

pub fn evidence(model: StateOn, asked: String, fault: Option<String>) -> AnyView {
    let slug = model.org.slug.clone();
    let crumb = Some((urls::audit(&slug), t!("Audit log").to_owned()));
    let pack = urls::with_query(&urls::evidence_pack(&slug), &[("on", model.at.rfc3339())]);
    let invalid = fault.is_some().then_some("true");
    let fault = fault.map(|fault| view! { <p class="field-error" id="on-error">{fault}</p> });
    let older = model.changes.len().saturating_sub(SHOWN);
    let older = (older > 0)
        .then(|| tn!(older, "{older} earlier change is in the pack.", "{older} earlier changes are in the pack."));
    let changes = model.changes.iter().take(SHOWN).map(change).collect_view();
    let changes = if model.changes.is_empty() {
        let nothing = t!("Until then nobody had changed anything: what stood was the plan's default.");
        view! { <p class="empty">{nothing}</p> }.into_any()
    } else {
        view! { <ol class="history">{changes}</ol> }.into_any()
    };
    let as_of = sentence(
        t!("As of {moment} · plan: {plan} · settings after change {version} · catalogue {catalogue}"),
        [
            ("moment", moment_exact(model.at).into_any()),
            ("plan", model.plan.clone().into_any()),
            ("version", count(model.version).into_any()),
            ("catalogue", model.catalogue.clone().into_any()),
        ],
    );
    view! {
        {page_head(crumb, t!("Evidence on a date").to_owned(), ())}
        <p class="lead">
            {t!(
                "The settings are your documented instruction. Here is how they stood at any time, and a signed pack of it that \
                 an auditor can check without us."
            )}
        </p>
        <form class="filter" method="get" action=urls::evidence(&slug)>
            <div>
                <label for="on">{t!("Day, or day and time (UTC)")}</label>
                <input id="on" name="on" type="text" value=asked placeholder="2026-09-30" aria-invalid=invalid aria-describedby="on-error" autocomplete="off"/>
            </div>
            <button class="button">{t!("Show")}</button>
            <a class="button primary" href=pack download>{icon(Icon::Download)}{t!("Evidence pack")}</a>
            {fault}
        </form>
        <section class="statement" aria-label=t!("What left then")>
            <p class="sentence">{model.sentence.clone()}</p>
            <p class="facts">{as_of}</p>
        </section>
        <section class="group" aria-labelledby="plan">
            <h2 id="plan">{t!("Subscriptions")}</h2>
            {subscriptions(&model)}
        </section>
        <section class="group" aria-labelledby="decisions">
            <h2 id="decisions">{t!("Decisions")}</h2>
            {decisions(&model.decisions)}
        </section>
        <section class="group" aria-labelledby="changes">
            <h2 id="changes">{t!("Changes until then")}</h2>
            {changes}
            {older.map(|older| view! { <p class="help">{older}</p> })}
        </section>
    }
    .into_any()
}

pub(crate) fn subscriptions(model: &StateOn) -> AnyView {
    if model.subscriptions.is_empty() {
        return view! { <p class="empty">{t!("No subscription was active then.")}</p> }.into_any();
    }
    let rows = model
        .subscriptions
        .iter()
        .map(|subscription| {
            let trial = subscription.trial.then(|| view! { " "{t!("(trial)")} });
            let until = subscription.until.map_or_else(|| t!("without an end" | "open").to_owned(), Timestamp::date);
            view! {
                <tr>
                    <td translate="no">{subscription.app.clone()}</td>
                    <td><span translate="no">{subscription.plan.clone()}</span>{trial}</td>
                    <td>{subscription.from.date()}</td>
                    <td>{until}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="table-frame" tabindex="0" role="region" aria-label=t!("Table of subscriptions")>
            <table>
                <thead><tr><th scope="col">{t!("App")}</th><th scope="col">{t!("Plan")}</th><th scope="col">{t!("since when" | "From")}</th><th scope="col">{t!("Until")}</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn decisions(decisions: &[DecisionOn]) -> AnyView {
    let rows = decisions
        .iter()
        .map(|decision| {
            let chosen = match decision.chosen {
                Some((on, at)) => format!("{}, {}", value_name(Some(on)), at.date()),
                None => t!("Nothing").to_owned(),
            };
            view! {
                <tr>
                    <td translate="no">{decision.label.clone()}</td>
                    <td>{words::kind(decision.kind)}</td>
                    <td>{state(decision.contributes, false)}</td>
                    <td>{chosen}</td>
                    <td>{decision.because.clone()}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="table-frame" tabindex="0" role="region" aria-label=t!("Table of decisions")>
            <table>
                <thead>
                    <tr>
                        <th scope="col">{t!("What")}</th><th scope="col">{t!("Kind")}</th><th scope="col">{t!("Contributed")}</th>
                        <th scope="col">{t!("Chosen")}</th><th scope="col">{t!("Because")}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

pub(crate) fn change(change: &ChangeOn) -> AnyView {
    let items = change
        .items
        .iter()
        .map(|(what, old, new)| {
            view! {
                <li>
                    <span translate="no">{what.clone()}</span><span class="old">{value_name(*old)}</span>
                    <span aria-hidden="true">"→"</span><span class="sr-only">" "{t!("becomes" | "to")}" "</span>
                    <span class="new">{value_name(*new)}</span>
                </li>
            }
        })
        .collect_view();
    let reason =
        (!change.reason.is_empty()).then(|| view! { <p class="reason" translate="no">{change.reason.clone()}</p> });
    view! {
        <li class="card history-entry">
            <div class="history-head">
                <p>
                    <strong translate="no">{change.who.clone()}</strong>" · "{moment_exact(change.at)}" · "
                    {t!("change {version}", version = count(change.version))}
                </p>
            </div>
            <ul class="diff">{items}</ul>
            {reason}
        </li>
    }
    .into_any()
}

/// The report of a pack: one file with everything in it, for a screen and for paper.
pub fn report(model: &StateOn, checkpoint: &Checkpoint, key: &str) -> String {
    let changes = model.changes.iter().map(change).collect_view();
    let title =
        t!("Data contribution of {organisation} on {date}", organisation = model.org.name, date = model.at.date());
    let made = Timestamp::from_micros(checkpoint.at);
    let code = |text: String| view! { <code>{text}</code> }.into_any();
    let view = view! {
        <!DOCTYPE html>
        <html lang=Language::current().id()>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <title>{title.clone()}</title>
                <style>{REPORT_STYLE}</style>
            </head>
            <body>
                <header>
                    <h1>{title}</h1>
                    <p class="sentence">{model.sentence.clone()}</p>
                </header>
                <dl class="facts">
                    <dt>{t!("Organisation")}</dt><dd translate="no">{model.org.name.clone()}" ("{model.org.slug.clone()}", "{model.org.id.clone()}")"</dd>
                    <dt>{t!("As of")}</dt><dd>{model.at.date_time()}</dd>
                    <dt>{t!("Plan")}</dt><dd>{model.plan.clone()}</dd>
                    <dt>{t!("Settings")}</dt><dd>{t!("after change {version}", version = count(model.version))}</dd>
                    <dt>{t!("Rules")}</dt><dd>{t!("catalogue {version}", version = model.catalogue)}</dd>
                    <dt>{t!("Made")}</dt><dd>{made.date_time()}</dd>
                </dl>
                <h2 id="plan">{t!("Subscriptions")}</h2>
                {subscriptions(model)}
                <h2 id="decisions">{t!("Decisions")}</h2>
                {decisions(&model.decisions)}
                <h2 id="changes">{t!("Changes until then")}</h2>
                <ol class="history">{changes}</ol>
                <footer>
                    <p>
                        {sentence(
                            t!("The audit log had {count} entries when this was made; the hash of the last one is {hash}."),
                            [("count", count(checkpoint.head.sequence).into_any()), ("hash", code(checkpoint.head.hash.clone()))],
                        )}
                    </p>
                    <p>
                        {sentence(
                            t!("Signed with the key {key}. The pack is checked with {command}."),
                            [("key", code(key.to_owned())), ("command", code("sluice verify-evidence".to_owned()))],
                        )}
                    </p>
                </footer>
            </body>
        </html>
    };
    view.to_html()
}

const REPORT_STYLE: &str = "
body { max-width: 62rem; margin: 2rem auto; padding: 0 1.5rem; font: 14px/1.5 system-ui, sans-serif; color: #17212b; }
h1 { font-size: 24px; line-height: 1.3; } h2 { font-size: 16px; margin-top: 2rem; break-after: avoid; }
.sentence { font-size: 18px; font-weight: 600; border-left: 4px solid #0b6b75; padding-left: 16px; }
dl.facts { display: grid; grid-template-columns: 9rem 1fr; gap: 2px 16px; } dt { color: #566573; } dd { margin: 0; overflow-wrap: anywhere; }
table { width: 100%; border-collapse: collapse; } th, td { text-align: left; vertical-align: top; padding: 6px 12px 6px 0; border-bottom: 1px solid #d6dde3; }
tr, li.card { break-inside: avoid; } thead { display: table-header-group; }
ol.history, ul { list-style: none; padding: 0; } li.card { border: 1px solid #d6dde3; border-radius: 8px; padding: 8px 16px; margin-bottom: 8px; }
.diff li span { margin-right: 8px; } .old { color: #566573; text-decoration: line-through; } .new { font-weight: 600; }
.reason { border-left: 2px solid #d6dde3; padding-left: 12px; color: #566573; } .icon { width: 12px; height: 12px; fill: none; stroke: currentColor; stroke-width: 1.5; }
.sr-only { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); } code { font-size: 12px; overflow-wrap: anywhere; }
footer { margin-top: 3rem; border-top: 1px solid #d6dde3; color: #566573; } p { margin: 4px 0; }
@page { margin: 18mm; } @media print { body { margin: 0; max-width: none; padding: 0; } }
";
