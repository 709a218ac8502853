//! What counts as what: the two kinds of data, the plans, the clocks and the field dictionary, straight from the
//! catalogue.

use language::{t, tn};
use leptos::prelude::*;
use policy::{Catalogue, Category, Kind, PlanRule};

use crate::components::{moment, page_head};
use crate::urls;
use service::words;

pub fn data_types(org: &str, catalogue: &Catalogue, plan: Option<&str>) -> AnyView {
    let crumb = Some((urls::settings(org), t!("Data contribution").to_owned()));
    let toc = view! {
        <p class="lead">
            {t!("This is the catalogue that decides, version {version}. Every page reads it.", version = catalogue.version)}
        </p>
    };
    view! {
        {page_head(crumb, t!("What counts as what").to_owned(), ())}
        {toc}
        {kinds()}
        {plans(catalogue, plan)}
        {dates(catalogue)}
        {exemptions(catalogue)}
        {fields(catalogue)}
    }
    .into_any()
}

fn kinds() -> AnyView {
    view! {
        <div class="columns">
            <section class="card" aria-labelledby="metadata">
                <h2 id="metadata">{words::kind(Kind::Metadata)}</h2>
                <p>
                    {t!("Content attributes: numbers, dates, types and states, such as story points or the day a sprint ends.")}" "
                    {t!("Common patterns: words and phrases that many organisations share; what is rare is left out.")}
                </p>
                <p>{t!("It says nothing that a person wrote.")}</p>
            </section>
            <section class="card" aria-labelledby="in-app">
                <h2 id="in-app">{words::kind(Kind::InApp)}</h2>
                <p>
                    {t!("What people write inside the apps: titles, descriptions, comments, page bodies, and the names they give to statuses and fields.")}
                </p>
                <p>{t!("Before it leaves, names, e-mail addresses and other marks of a person are replaced by numbered placeholders.")}</p>
            </section>
        </div>
    }
    .into_any()
}

pub(crate) fn plans(catalogue: &Catalogue, current: Option<&str>) -> AnyView {
    let cell = |rule: PlanRule| match (rule.default_on, rule.fixed) {
        (true, true) => t!("Fixed on"),
        (false, true) => t!("Fixed off"),
        (true, false) => t!("On, can be turned off"),
        (false, false) => t!("Off, can be turned on"),
    };
    let rows = catalogue
        .plans
        .iter()
        .map(|plan| {
            let yours = (current == Some(plan.id.as_str()))
                .then(|| view! { <span class="lozenge lozenge-accent">{t!("of the plans" | "Yours")}</span> });
            view! {
                <tr>
                    <th scope="row"><span translate="no">{plan.name.clone()}</span>" "{yours}</th>
                    <td>{cell(plan.metadata)}</td>
                    <td>{cell(plan.in_app)}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <section class="group" aria-labelledby="plans">
            <h2 id="plans">{t!("Plans")}</h2>
            <p class="help">
                {t!(
                    "The highest active plan of an organisation sets its defaults, and a running trial is an active plan. What \
                     an admin chose stays through every change of plan; a default that would turn something on is held until \
                     an admin decides."
                )}
            </p>
            <div class="table-frame">
                <table class="plain">
                    <thead>
                        <tr><th scope="col">{t!("Plan")}</th><th scope="col">{t!("Metadata")}</th><th scope="col">{t!("In-app data")}</th></tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </section>
    }
    .into_any()
}

fn dates(catalogue: &Catalogue) -> AnyView {
    let programme = &catalogue.programme;
    let clocks = catalogue
        .clocks
        .iter()
        .map(|clock| {
            let days = tn!(days = clock.days, "{days} day.", "{days} days.");
            view! { <div><dt>{clock.name.clone()}</dt><dd>{days}" "{clock.why.clone()}</dd></div> }
        })
        .collect_view();
    view! {
        <section class="group" aria-labelledby="dates">
            <h2 id="dates">{t!("Dates and clocks")}</h2>
            <p class="help">{t!("The clocks run from the moment something stops contributing.")}</p>
            <dl class="facts-list">
                <div><dt>{t!("Announced")}</dt><dd>{moment(programme.announced)}</dd></div>
                <div><dt>{t!("Settings in every console")}</dt><dd>{moment(programme.rollout_complete)}</dd></div>
                <div><dt>{t!("In force")}</dt><dd>{moment(programme.in_force)}</dd></div>
                <div><dt>{t!("Kept for")}</dt><dd>{tn!(years = programme.retention_years, "up to {years} year", "up to {years} years")}</dd></div>
                {clocks}
            </dl>
        </section>
    }
    .into_any()
}

fn exemptions(catalogue: &Catalogue) -> AnyView {
    let rows = catalogue
        .exemptions
        .iter()
        .map(|exemption| view! { <div><dt>{exemption.name.clone()}</dt><dd>{exemption.why.clone()}</dd></div> })
        .collect_view();
    view! {
        <section class="group" aria-labelledby="exemptions">
            <h2 id="exemptions">{t!("Exemptions")}</h2>
            <p class="help">{t!("An organisation under one of these contributes nothing, whatever its plan and settings.")}</p>
            <dl class="facts-list">{rows}</dl>
        </section>
    }
    .into_any()
}

fn fields(catalogue: &Catalogue) -> AnyView {
    let apps = catalogue.apps.iter().map(|app| (&app.id, &app.name, app.fields_like.as_ref()));
    let has_fields = |id: &String| catalogue.fields.iter().any(|field| field.app == *id);
    let platform_apps = catalogue.platform_apps.iter().filter(|app| has_fields(&app.id));
    let apps = apps
        .chain(platform_apps.map(|app| (&app.id, &app.name, None)))
        .map(|(id, name, fields_like)| {
            let of_app = |category: Category| {
                catalogue.fields.iter().filter(move |field| field.app == *id && field.category == category)
            };
            let rows = [Category::Metadata, Category::InApp, Category::Never]
                .into_iter()
                .flat_map(of_app)
                .map(|field| {
                    let example = field.example.as_ref().map(|example| view! { <span class="help">" "{t!("e.g. {example}", example)}</span> });
                    view! {
                        <tr>
                            <th scope="row">{field.name.clone()}{example}</th>
                            <td>{words::category(field.category)}</td>
                            <td>{field.why.clone()}</td>
                        </tr>
                    }
                })
                .collect_view();
            let also = fields_like.and_then(|other| catalogue.app(other)).map(|other| {
                view! { <p class="help">{t!("For every other field the list of {app} holds.", app = other.name)}</p> }
            });
            view! {
                <details class="dictionary">
                    <summary translate="no">{name.clone()}</summary>
                    {also}
                    <div class="table-frame">
                        <table class="plain">
                            <thead><tr><th scope="col">{t!("Field")}</th><th scope="col">{t!("Kind")}</th><th scope="col">{t!("Why")}</th></tr></thead>
                            <tbody>{rows}</tbody>
                        </table>
                    </div>
                </details>
            }
        })
        .collect_view();
    view! {
        <section class="group" aria-labelledby="fields">
            <h2 id="fields">{t!("Field dictionary")}</h2>
            <p class="help">
                {t!(
                    "Which field is which, and why. A custom field that is not listed is in-app data. Any other field that is \
                     not listed never leaves."
                )}
            </p>
            {apps}
        </section>
    }
    .into_any()
}
