//! The reference of the API, made from the very document that programs read. It works without scripts and loads nothing
//! from elsewhere.

use language::t;
use leptos::prelude::*;

use crate::components::page_head;
pub use crate::curl::Payload;
use crate::curl::{Request, command};
use crate::icons::{Icon, icon};
use crate::sentence::sentence;
use crate::urls;

/// What the page shows.
#[derive(Clone, Debug, Default)]
pub struct Reference {
    pub about: Vec<String>,
    pub groups: Vec<Group>,
    pub schemas: Vec<Schema>,
    pub problems: Vec<Problem>,
}

/// Operations that belong together.
#[derive(Clone, Debug)]
pub struct Group {
    pub name: String,
    pub about: String,
    pub operations: Vec<Operation>,
}

#[derive(Clone, Debug)]
pub struct Operation {
    pub id: String,
    pub method: String,
    pub path: String,
    pub title: String,
    pub about: Vec<String>,
    pub parameters: Vec<Field>,
    /// The schema of the body and of a success, by name.
    pub body: Option<Kind>,
    pub answer: Option<Kind>,
    /// Status and codes of what can go wrong.
    pub problems: Vec<(String, String)>,
    /// The address with its query, and what an example sends.
    pub example: (String, Payload),
    /// Headers of the example.
    pub headers: Vec<(String, String)>,
}

/// A type: the words around the schema that it is made of.
#[derive(Clone, Debug, Default)]
pub struct Kind {
    pub words: String,
    pub schema: Option<String>,
}

#[derive(Clone, Debug)]
pub struct Field {
    pub name: String,
    /// `path`, `query`, `header`; empty for a member of a schema.
    pub place: String,
    pub kind: Kind,
    pub needed: bool,
    pub about: String,
}

#[derive(Clone, Debug)]
pub struct Schema {
    pub name: String,
    pub about: String,
    pub fields: Vec<Field>,
    /// The words of which it is one.
    pub choices: Vec<String>,
}

#[derive(Clone, Debug)]
pub struct Problem {
    pub code: &'static str,
    pub status: u16,
    pub title: &'static str,
    pub help: &'static str,
}

pub fn api(reference: Reference) -> AnyView {
    let actions = view! {
        <a class="button" href=urls::API_DOCUMENT download="openapi.json">{icon(Icon::Download)}{t!("OpenAPI document")}</a>
    };
    let contents = reference
        .groups
        .iter()
        .map(|group| {
            let operations = group
                .operations
                .iter()
                .map(|operation| view! { <li><a href=format!("#{}", operation.id)>{operation.title.clone()}</a></li> })
                .collect_view();
            view! { <li>{group.name.clone()}<ul>{operations}</ul></li> }
        })
        .collect_view();
    let about = reference.about.iter().map(|text| view! { <p class="lead">{prose(text)}</p> }).collect_view();
    view! {
        <div class="api">
            {page_head(None, t!("API").to_owned(), actions)}
            {about}
            <nav class="card api-contents" aria-label=t!("On this page")>
                <ul>
                    {contents}
                    <li><a href="#problems">{t!("Problems")}</a></li>
                    <li><a href="#schemas">{t!("Schemas")}</a></li>
                </ul>
            </nav>
            {reference.groups.iter().map(group).collect_view()}
            {problems(&reference.problems)}
            {schemas(&reference.schemas)}
        </div>
    }
    .into_any()
}

/// A text with its words of code marked.
fn prose(text: &str) -> AnyView {
    text.split('`')
        .enumerate()
        .map(|(place, part)| {
            let part = part.to_owned();
            if place % 2 == 1 { view! { <code>{part}</code> }.into_any() } else { part.into_any() }
        })
        .collect_view()
        .into_any()
}

fn kind(kind: &Kind) -> AnyView {
    let schema = kind.schema.as_ref().map(|name| view! { <a href=format!("#schema-{name}")>{name.clone()}</a> });
    view! { <span class="api-kind" translate="no">{kind.words.clone()}{schema}</span> }.into_any()
}

fn group(group: &Group) -> AnyView {
    let id = format!("group-{}", group.name.to_lowercase().replace(' ', "-"));
    let operations = group.operations.iter().map(operation).collect_view();
    view! {
        <section class="group" aria-labelledby=id.clone()>
            <h2 id=id.clone()>{group.name.clone()}</h2>
            <p class="help">{prose(&group.about)}</p>
            {operations}
        </section>
    }
    .into_any()
}

fn operation(operation: &Operation) -> AnyView {
    let id = operation.id.clone();
    let about = operation.about.iter().map(|text| view! { <p>{prose(text)}</p> }).collect_view();
    let parameters = (!operation.parameters.is_empty())
        .then(|| fields(&t!("Parameters of {name}", name = operation.title), t!("Parameter"), &operation.parameters));
    let body = operation.body.as_ref().map(|body| view! { <p>{t!("Body:")}" "{kind(body)}</p> });
    let answer = operation.answer.as_ref().map(|answer| view! { <p>{t!("Answer:")}" "{kind(answer)}</p> });
    let wrong = operation
        .problems
        .iter()
        .map(|(status, codes)| view! { <li><strong>{status.clone()}</strong>" "{prose(codes)}</li> })
        .collect_view();
    let (path, payload) = operation.example.clone();
    let example = Request { path, headers: operation.headers.clone(), payload };
    view! {
        <article class="card api-operation" aria-labelledby=id.clone()>
            <h3 id=id.clone()>{operation.title.clone()}</h3>
            <p class="api-path"><span class="lozenge" translate="no">{operation.method.clone()}</span>" "<code>{operation.path.clone()}</code></p>
            {about}
            {parameters}
            {body}
            {answer}
            {command(&example)}
            <details>
                <summary>{icon(Icon::ChevronRight)}{t!("What can go wrong")}</summary>
                <ul class="help">{wrong}</ul>
            </details>
        </article>
    }
    .into_any()
}

fn fields(label: &str, of: &'static str, fields: &[Field]) -> AnyView {
    let rows = fields
        .iter()
        .map(|field| {
            let place = match field.place.as_str() {
                "path" => Some(t!("in the path")),
                "query" => Some(t!("in the query")),
                "header" => Some(t!("in the header")),
                _ => None,
            };
            let place = place.map(|place| format!(" {place}"));
            let needed = field.needed.then(|| format!(", {}", t!("needed")));
            view! {
                <tr>
                    <th scope="row"><code>{field.name.clone()}</code></th>
                    <td>{kind(&field.kind)}{place}{needed}</td>
                    <td>{prose(&field.about)}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="table-frame" tabindex="0" role="region" aria-label=label.to_owned()>
            <table class="plain">
                <thead><tr><th scope="col">{of}</th><th scope="col">{t!("Type")}</th><th scope="col">{t!("Meaning")}</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn problems(problems: &[Problem]) -> AnyView {
    let rows = problems
        .iter()
        .map(|problem| {
            view! {
                <tr id=problem.code>
                    <th scope="row"><code>{problem.code}</code></th>
                    <td>{problem.status}</td>
                    <td><strong>{problem.title}</strong><br/>{prose(problem.help)}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <section class="group" aria-labelledby="problems">
            <h2 id="problems">{t!("Problems")}</h2>
            <p class="help">
                {sentence(
                    t!("Every answer that is not a success is {type} with one of these codes, which never change their meaning."),
                    [("type", view! { <code>"application/problem+json"</code> }.into_any())],
                )}
            </p>
            <div class="table-frame" tabindex="0" role="region" aria-label=t!("Codes of problems")>
                <table class="plain">
                    <thead><tr><th scope="col">{t!("Code")}</th><th scope="col">{t!("Status")}</th><th scope="col">{t!("Meaning")}</th></tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </section>
    }
    .into_any()
}

fn schemas(schemas: &[Schema]) -> AnyView {
    let all = schemas
        .iter()
        .map(|schema| {
            let id = format!("schema-{}", schema.name);
            let choices = (!schema.choices.is_empty()).then(|| {
                let words = schema.choices.iter().map(|word| view! { <code>{word.clone()}</code>" " }).collect_view();
                view! { <p>{t!("One of")}" "{words}</p> }
            });
            let members = (!schema.fields.is_empty()).then(|| {
                fields(&t!("Members of {name}", name = schema.name), t!("of a schema" | "Member"), &schema.fields)
            });
            view! {
                <article class="card api-operation" aria-labelledby=id.clone()>
                    <h3 id=id.clone() translate="no">{schema.name.clone()}</h3>
                    <p>{prose(&schema.about)}</p>
                    {choices}
                    {members}
                </article>
            }
        })
        .collect_view();
    view! {
        <section class="group" aria-labelledby="schemas">
            <h2 id="schemas">{t!("Schemas")}</h2>
            {all}
        </section>
    }
    .into_any()
}
