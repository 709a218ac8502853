//! Why something contributes or does not: the rules in the order in which they were asked.

use language::t;
use leptos::prelude::*;
use service::settings::why::{Explanation, Why};

use crate::components::{moment_exact, page_head, state};
use crate::icons::{Icon, icon};
use crate::urls;
use service::words;

pub fn why(org: &str, explanation: Explanation) -> AnyView {
    let crumb = Some((urls::settings(org), t!("Data contribution").to_owned()));
    let history = explanation.setting.as_ref().map(|setting| {
        view! { <a class="button" href=urls::history_of(org, setting)>{icon(Icon::History)}{t!("History")}</a> }
    });
    let decisions = explanation.decisions.iter().map(decision).collect_view();
    view! {
        {page_head(crumb, t!("Why? {what}", what = explanation.label), history)}
        <p class="lead">
            {t!("Each rule is tried from top to bottom; the first one with an answer decides. As of")}" "{moment_exact(explanation.at)}"."
        </p>
        <div class="columns">{decisions}</div>
    }
    .into_any()
}

fn decision(why: &Why) -> AnyView {
    let id = format!("why-{}", why.kind.id());
    let steps = why
        .because
        .iter()
        .map(|step| {
            let class = if step.decides { "step step-decides" } else { "step" };
            view! {
                <li class=class>
                    <p class="step-question">{step.question}</p>
                    <p>{step.answer.clone()}</p>
                    {step.decides.then(|| view! { <span class="lozenge lozenge-accent">{t!("This decided")}</span> })}
                </li>
            }
        })
        .collect_view();
    let held = why.because.last().is_some_and(|step| step.rule == "held");
    view! {
        <section class="card decision" aria-labelledby=id.clone()>
            <h2 id=id.clone()>{words::kind(why.kind)}</h2>
            {state(why.contributes, held)}
            <ol class="steps">{steps}</ol>
        </section>
    }
    .into_any()
}
