//! What would leave: an item as written beside what is left of it under the settings as they are.

use leptos::prelude::*;
use policy::Category;
use service::preview::{Found, Part, Preview, PreviewField, PreviewItem, Sample};
use service::settings::summary::number;

use crate::components::{Tone, message, moment, page_head};
use crate::icons::{Icon, icon};
use crate::islands::UploadCheck;
use crate::urls;

/// Values of one field that are shown before the rest is folded.
const SHOWN: usize = 6;

/// `problem` is why a file could not be shown; the choice of another stays in place.
pub fn preview(org: &str, chosen: Option<Sample>, preview: Option<Preview>, problem: Option<String>) -> AnyView {
    let crumb = Some((urls::settings(org), "Data contribution".to_owned()));
    let samples = Sample::ALL
        .map(|sample| {
            let current = (chosen == Some(sample)).then_some("true");
            let href = urls::with_query(&urls::preview(org), &[("sample", sample.id().to_owned())]);
            view! { <li><a class="button" href=href aria-current=current>{sample.name()}</a></li> }
        })
        .into_iter()
        .collect_view();
    let problem = problem.map(|what| {
        message(Tone::Error, "The file was not shown".to_owned(), view! { <p>{what}" Nothing of it was kept."</p> })
    });
    let shown = preview.map(|preview| shown(org, chosen, preview));
    view! {
        {page_head(crumb, "Preview".to_owned(), ())}
        <p class="lead">
            "What would leave of one item under this organisation's settings as they are now. A file is read in memory and never stored."
        </p>
        <div class="sources">
            <section aria-labelledby="samples">
                <h2 id="samples">"A sample"</h2>
                <ul class="samples">{samples}</ul>
            </section>
            <section aria-labelledby="upload">
                <h2 id="upload">"Your own export"</h2>
                <form method="post" action=urls::preview(org) enctype="multipart/form-data" class="upload">
                    <div class="field">
                        <label for="file">"Jira export: JSON (search answer) or CSV, at most 20 MB"</label>
                        <input id="file" name="file" type="file" accept=".json,.csv,application/json,text/csv" required/>
                        <UploadCheck input="file".to_owned()/>
                    </div>
                    <div class="field field-small">
                        <label for="first">"From item"</label>
                        <input id="first" name="first" type="number" min="1" value="1" inputmode="numeric"/>
                    </div>
                    <label class="check"><input type="checkbox" name="as" value="on"/>"As if in-app data were on"</label>
                    <button class="button">"Show"</button>
                </form>
            </section>
        </div>
        {problem}
        {shown}
    }
    .into_any()
}

fn shown(org: &str, chosen: Option<Sample>, preview: Preview) -> AnyView {
    let count = preview.items.len();
    let range = match preview.total {
        1 => preview.source.clone(),
        total => format!(
            "{}: {} to {} of {}",
            preview.source,
            preview.first,
            preview.first + count.saturating_sub(1),
            number(total, "item", "items"),
        ),
    };
    let later = preview.not_before.map(|from| {
        message(
            Tone::Info,
            "Not in force yet".to_owned(),
            view! { <p>"Nothing leaves before "{moment(from)}". This is what would leave from then on."</p> },
        )
    });
    let sample = chosen.map(|sample| ("sample", sample.id().to_owned()));
    let as_if = if preview.as_if_on {
        let back = sample.map(|pair| {
            view! { " "<a href=urls::with_query(&urls::preview(org), &[pair])>"Show it as the settings are"</a> }
        });
        let said =
            view! { <p>"This is what would leave if an admin turned in-app data on. Nothing was changed."{back}</p> };
        Some(message(Tone::Info, "As if in-app data were on".to_owned(), said))
    } else {
        let stays = preview.items.iter().any(|item| item.count(Category::InApp, false) > 0);
        sample.filter(|_| stays).map(|pair| {
            let href = urls::with_query(&urls::preview(org), &[pair, ("as", "on".to_owned())]);
            view! { <p class="as-if"><a href=href>"Show it as if in-app data were on"</a></p> }.into_any()
        })
    };
    let limits = preview.limits.iter().map(|limit| view! { <li>{*limit}</li> }).collect_view();
    let items = preview.items.iter().map(|one| item(org, one)).collect_view();
    view! {
        <section aria-labelledby="shown" class="preview">
            <h2 id="shown">{range}</h2>
            {later}
            {as_if}
            <details class="limits">
                <summary>{icon(Icon::Info)}"What is not found yet"</summary>
                <ul>{limits}</ul>
            </details>
            {items}
        </section>
    }
    .into_any()
}

fn item(org: &str, item: &PreviewItem) -> AnyView {
    let leaving: Vec<_> = item.fields.iter().filter(|field| field.leaves).collect();
    let never: Vec<_> = item.fields.iter().filter(|field| field.category == Category::Never).collect();
    let by_settings: Vec<_> =
        item.fields.iter().filter(|field| !field.leaves && field.category != Category::Never).collect();
    let staying = item.fields.len() - leaving.len();
    let found: Vec<&Found> = item
        .fields
        .iter()
        .flat_map(|field| &field.values)
        .flat_map(|value| &value.written)
        .filter_map(|part| part.found.as_ref())
        .collect();
    view! {
        <article class="card item">
            <header class="item-head">
                <h3>{item.key.clone()}</h3>
                <p class="help">{item.app_name.clone()}" · space "{item.space.clone()}</p>
                <p>
                    {format!("{} would leave, {} stay.", number(leaving.len(), "field", "fields"), staying)}
                    " "{format!("{} replaced.", number(found.len(), "identifier", "identifiers"))}
                </p>
                <a href=urls::settings(org)>"Change the settings"</a>
            </header>
            {legend(&found)}
            {group("Would leave", leaving, true)}
            {group("Stays, because of the settings", by_settings, true)}
            {group("Never leaves", never, false)}
        </article>
    }
    .into_any()
}

/// Fields with the same fate, folded where they matter least.
fn group(name: &'static str, fields: Vec<&PreviewField>, open: bool) -> Option<AnyView> {
    if fields.is_empty() {
        return None;
    }
    let count = fields.len();
    let rows = fields.into_iter().map(field).collect_view();
    Some(
        view! {
            <details class="fate" open=open>
                <summary>{icon(Icon::ChevronRight)}<strong>{name}</strong><span class="help">{number(count, "field", "fields")}</span></summary>
                <div class="compare" role="table" aria-label=name>
                    <div class="compare-row compare-head" role="row">
                        <span role="columnheader">"Field"</span>
                        <span role="columnheader">"As written"</span>
                        <span role="columnheader">"What would leave"</span>
                    </div>
                    {rows}
                </div>
            </details>
        }
        .into_any(),
    )
}

/// The kinds that were found in an item, each as it is marked in the text: letter, underline and tint.
fn legend(found: &[&Found]) -> Option<AnyView> {
    if found.is_empty() {
        return None;
    }
    let mut kinds: Vec<&Found> = Vec::new();
    for one in found {
        if !kinds.iter().any(|kind| kind.kind == one.kind) {
            kinds.push(one);
        }
    }
    let kinds = kinds
        .into_iter()
        .map(|kind| {
            let count = found.iter().filter(|one| one.kind == kind.kind).count();
            view! {
                <li>
                    <span class=format!("found found-{}", kind.kind)><span class="tag">{kind.letter.to_string()}</span>{kind.kind_name}</span>
                    " "{count}
                </li>
            }
        })
        .collect_view();
    Some(view! { <ul class="legend" aria-label="What was found">{kinds}</ul> }.into_any())
}

fn field(field: &PreviewField) -> AnyView {
    let class = if field.leaves { "compare-row" } else { "compare-row compare-stays" };
    let fold = |cells: Vec<AnyView>| {
        let hidden = cells.len().saturating_sub(SHOWN);
        let mut cells = cells;
        let rest = cells.split_off(cells.len().min(SHOWN));
        let more = (hidden > 0)
            .then(|| view! { <details class="more"><summary>"and "{hidden}" more"</summary>{rest}</details> });
        view! { {cells}{more} }.into_any()
    };
    let written = fold(field.values.iter().map(|value| written(&value.written)).collect());
    let leaving = if field.leaves {
        fold(
            field
                .values
                .iter()
                .map(|value| view! { <pre>{marked(value.leaving.as_deref().unwrap_or_default())}</pre> }.into_any())
                .collect(),
        )
    } else {
        view! { <p class="stays">{icon(Icon::Cross)}"Stays."</p> }.into_any()
    };
    view! {
        <div class=class role="row">
            <div role="rowheader">
                <strong>{field.name.clone()}</strong>
                <span class=format!("lozenge lozenge-{}", category_id(field.category))>{field.category.name()}</span>
                <details class="because-fold"><summary>"Why?"</summary><p>{field.because.clone()}</p></details>
            </div>
            <div role="cell" class="as-written">{written}</div>
            <div role="cell" class="as-leaving">{leaving}</div>
        </div>
    }
    .into_any()
}

fn written(parts: &[Part]) -> AnyView {
    let parts = parts
        .iter()
        .map(|part| match &part.found {
            None => part.text.clone().into_any(),
            Some(found) => view! {
                <mark class=format!("found found-{}", found.kind) title=format!("{} → {}. {} ({})", found.kind_name, found.placeholder, found.evidence, found.detector)>
                    <span class="tag" aria-hidden="true">{found.letter.to_string()}</span>
                    {part.text.clone()}
                    <span class="sr-only">" ("{found.kind_name}", replaced)"</span>
                </mark>
            }
            .into_any(),
        })
        .collect_view();
    view! { <pre>{parts}</pre> }.into_any()
}

/// The text that leaves, with its placeholders set apart.
fn marked(text: &str) -> AnyView {
    let mut parts: Vec<AnyView> = Vec::new();
    let mut rest = text;
    while let Some(open) = rest.find('[') {
        let (before, from) = rest.split_at(open);
        let Some(close) = from.find(']').filter(|close| is_placeholder(&from[1..*close])) else {
            let (bracket, after) = from.split_at(1);
            parts.push(format!("{before}{bracket}").into_any());
            rest = after;
            continue;
        };
        parts.push(before.to_owned().into_any());
        parts.push(view! { <span class="placeholder">{from[..=close].to_owned()}</span> }.into_any());
        rest = &from[close + 1..];
    }
    parts.push(rest.to_owned().into_any());
    parts.into_any()
}

/// `PERSON_1`, `ACCOUNT_ID_12`.
fn is_placeholder(text: &str) -> bool {
    text.rsplit_once('_').is_some_and(|(word, digits)| {
        !word.is_empty()
            && word.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
            && !digits.is_empty()
            && digits.bytes().all(|byte| byte.is_ascii_digit())
    })
}

fn category_id(category: Category) -> &'static str {
    match category {
        Category::Metadata => "metadata",
        Category::InApp => "in-app",
        Category::Never => "never",
    }
}
