//! What would leave: an item as written beside what is left of it under the settings as they are, and terms tried on it.

use language::{t, tn};
use leptos::prelude::*;
use policy::Category;
use service::preview::{Found, Kind, Leaving, Look, Pair, Part, Preview, PreviewField, PreviewItem, Sample, Source};
use service::terms::Wanted;

use crate::components::{Tone, message, moment, page_head, upload_check};
use crate::icons::{Icon, icon};
use crate::islands::Finder;
use crate::pages::terms::flag;
use crate::sentence::sentence;
use crate::urls;
use service::words;

/// Paragraphs of one field that are shown before the rest is folded: of one that leaves, and of one that stays.
const SHOWN_LEAVING: usize = 60;
const SHOWN_STAYING: usize = 4;

/// The form whose buttons stand at the findings.
const MARK_FORM: &str = "mark";

/// What the page shows besides its items.
#[derive(Clone, Debug, Default)]
pub struct Context {
    /// Terms can be tried and files looked at.
    pub admin: bool,
    /// Why a file could not be shown.
    pub file_problem: Option<String>,
    /// Why a term could not be tried or saved, and what was typed.
    pub term_problem: Option<String>,
    pub typed: String,
    /// What was done, in a sentence.
    pub done: Option<String>,
    /// Only findings of this kind are shown.
    pub kind: Option<Kind>,
}

pub fn preview(org: &str, chosen: Option<Sample>, preview: Option<Preview>, context: &Context) -> AnyView {
    let crumb = Some((urls::settings(org), t!("Data contribution").to_owned()));
    let problem = context.file_problem.clone().map(|what| {
        let body = view! { <p>{what}" "{t!("Nothing of it was kept.")}</p> };
        message(Tone::Error, t!("The file was not shown").to_owned(), body)
    });
    let shown = preview.map(|preview| shown(org, &preview, context));
    view! {
        {page_head(crumb, t!("Preview").to_owned(), ())}
        <p class="lead">
            {t!("Left what people wrote, right what would leave of it under the settings as they are now. Nothing leaves by looking.")}
        </p>
        {sources(org, chosen, context)}
        {problem}
        {shown}
    }
    .into_any()
}

fn sources(org: &str, chosen: Option<Sample>, context: &Context) -> AnyView {
    let samples = Sample::ALL
        .map(|sample| {
            let current = (chosen == Some(sample)).then_some("true");
            let href = urls::with_query(&urls::preview(org), &[("sample", sample.id().to_owned())]);
            view! { <li><a class="button" href=href aria-current=current>{sample.name()}</a></li> }
        })
        .into_iter()
        .collect_view();
    let upload = if context.admin {
        view! {
            <form method="post" action=urls::preview(org) enctype="multipart/form-data" class="upload">
                <div class="field">
                    <label for="file">{t!("Export: JSON (an answer of the REST API), CSV of Jira, or ZIP of a Confluence space (XML), at most 20 MB")}</label>
                    <input id="file" name="file" type="file" accept=".json,.csv,.zip,application/json,text/csv,application/zip" required/>
                    {upload_check("file")}
                </div>
                <label class="check"><input type="checkbox" name="as" value="on"/>{t!("As if in-app data were on")}</label>
                <button class="button">{t!("Show")}</button>
            </form>
        }
        .into_any()
    } else {
        let why =
            t!("Only the organisation's admins upload its data. The samples are made up and ship with the product.");
        view! { <p class="help">{why}</p> }.into_any()
    };
    view! {
        <div class="sources">
            <section aria-labelledby="samples">
                <h2 id="samples">{t!("A sample")}</h2>
                <ul class="samples">{samples}</ul>
            </section>
            <section aria-labelledby="upload">
                <h2 id="upload">{t!("Your own export")}</h2>
                {upload}
            </section>
        </div>
    }
    .into_any()
}

/// The address of a preview, looked at in some way.
fn address(org: &str, preview: &Preview, look: &Look, kind: Option<Kind>) -> String {
    let (path, mut pairs) = match &preview.source {
        Source::Sample(sample) => {
            let mut pairs = vec![("sample", sample.id().to_owned())];
            pairs.extend(drafts_in_address(&preview.drafts));
            (urls::preview(org), pairs)
        }
        Source::File { id, .. } => (urls::upload(org, id), vec![("first", look.first.to_string())]),
    };
    if look.as_if_on {
        pairs.push(("as", "on".to_owned()));
    }
    if let Some(kind) = kind {
        pairs.push(("kind", kind.id().to_owned()));
    }
    urls::with_query(&path, &pairs)
}

/// Drafts of a sample live in its address.
pub fn drafts_in_address(drafts: &[Wanted]) -> Vec<(&'static str, String)> {
    drafts.iter().map(|draft| (list_field(draft.to == Some(true)), draft.term.clone())).collect()
}

/// The field of a form or an address that names a draft.
fn list_field(removed: bool) -> &'static str {
    if removed { "removed" } else { "kept" }
}

fn shown(org: &str, preview: &Preview, context: &Context) -> AnyView {
    let here = |look: &Look, kind: Option<Kind>| address(org, preview, look, kind);
    let later = preview.not_before.map(|from| {
        let text = t!("Nothing leaves before {date}. This is what would leave from then on.");
        let body = view! { <p>{sentence(text, [("date", moment(from).into_any())])}</p> };
        message(Tone::Info, t!("Not in force yet").to_owned(), body)
    });
    let missing = (!preview.found).then(|| {
        let what = t!(
            "No item of this file has the key “{key}”. Keys are compared as a whole, without case.",
            key = preview.look.find.trim()
        );
        message(Tone::Error, t!("Not in this file").to_owned(), view! { <p>{what}</p> })
    });
    let term_problem = context.term_problem.clone().map(|what| {
        let body = view! { <p>{what}" "{t!("Your drafts are still here.")}</p> };
        message(Tone::Error, t!("Nothing was saved").to_owned(), body)
    });
    let limits = preview.limits.iter().map(|limit| view! { <li>{*limit}</li> }).collect_view();
    let mut cards = Cards::new(org, context.admin, preview.known.is_some());
    let items = preview.items.iter().map(|one| item(one, context.kind, &mut cards)).collect_view();
    view! {
        <section aria-labelledby="shown" class="preview">
            {flag(context.done.clone())}
            {term_problem}
            {file_bar(org, preview)}
            {verdict(org, preview, &here)}
            {later}
            {missing}
            {legend(preview, context.kind, &here)}
            {items}
            {paging(preview, &here, context.kind)}
            <details class="limits">
                <summary>{icon(Icon::Info)}{t!("What is not found yet")}</summary>
                <ul>{limits}</ul>
            </details>
            {context.admin.then(|| mark_form(org, preview))}
            {context.admin.then(|| draft_bar(org, preview, context))}
        </section>
    }
    .into_any()
}

/// What can be done with a file that is held.
fn file_bar(org: &str, preview: &Preview) -> Option<AnyView> {
    let Source::File { id, name } = &preview.source else {
        return None;
    };
    let look = &preview.look;
    Some(upload_bar(org, id, name, look.as_if_on, false, &look.find))
}

/// The head of a held file on each of its pages.
pub(crate) fn upload_bar(org: &str, id: &str, name: &str, as_if_on: bool, scorecard: bool, find: &str) -> AnyView {
    let as_if = if as_if_on { vec![("as", "on".to_owned())] } else { Vec::new() };
    let tab = |current: bool, path: String, name: &'static str| {
        let class = if current { "tab tab-current" } else { "tab" };
        view! { <a class=class href=urls::with_query(&path, &as_if) aria-current=current.then_some("page")>{name}</a> }
    };
    let download = |form: &'static str, name: &'static str| {
        let pairs = [as_if.clone(), vec![("form", form.to_owned())]].concat();
        view! { <a class="button small" href=urls::with_query(&urls::download(org, id), &pairs) download="" translate="no">{icon(Icon::Download)}{name}</a> }
    };
    let to = if scorecard { urls::scorecard(org, id) } else { urls::upload(org, id) };
    let switch = if as_if_on {
        view! { <a class="button small" href=to>{t!("Show it as the settings are")}</a> }
    } else {
        view! { <a class="button small" href=urls::with_query(&to, &[("as", "on".to_owned())])>{t!("As if in-app data were on")}</a> }
    };
    view! {
        <div class="file-bar">
            <div class="file-name">
                <h2 class="clip" translate="no">{name.to_owned()}</h2>
                <p class="help">{t!("Held in memory for you alone, until 15 minutes after your last look.")}</p>
            </div>
            <form method="post" action=urls::discard_upload(org, id)>
                <button class="button small">{icon(Icon::Cross)}{t!("Discard")}</button>
            </form>
        </div>
        <nav class="tabs" aria-label=t!("This file")>
            {tab(!scorecard, urls::upload(org, id), t!("Items"))}
            {tab(scorecard, urls::scorecard(org, id), t!("Scorecard"))}
        </nav>
        <div class="file-tools">
            <form method="get" action=urls::upload(org, id) role="search" class="find">
                <label class="sr-only" for="find">{t!("Find an item by its key")}</label>
                <input id="find" type="search" name="find" value=find.to_owned() placeholder=t!("Key, such as APP-12") autocomplete="off"/>
                {as_if_on.then(|| view! { <input type="hidden" name="as" value="on"/> })}
                <button class="button small">{icon(Icon::Search)}{t!("Find")}</button>
            </form>
            {switch}
            {download("jsonl", "JSON Lines")}
            {download("json", "JSON")}
        </div>
    }
    .into_any()
}

/// The page in one line: what leaves, and the way to stop it.
fn verdict(org: &str, preview: &Preview, here: &impl Fn(&Look, Option<Kind>) -> String) -> AnyView {
    let fields = || preview.items.iter().flat_map(|item| &item.fields);
    let leaving = fields().filter(|field| field.leaves).count();
    let staying = fields().count() - leaving;
    let text = fields().any(|field| field.leaves && field.category == Category::InApp);
    let found: usize = preview.items.iter().map(|item| item.found().count()).sum();
    let what = match &preview.source {
        Source::Sample(_) => t!("what is looked at" | "this item").to_owned(),
        Source::File { .. } if preview.items.len() == 1 => {
            t!("what is looked at" | "item {first} of {total}", first = preview.look.first, total = preview.total)
        }
        Source::File { .. } => t!(
            "what is looked at" | "items {first} to {last} of {total}",
            first = preview.look.first,
            last = preview.look.first + preview.items.len().saturating_sub(1),
            total = preview.total
        ),
    };
    let fields = tn!(leaving, "{leaving} field", "{leaving} fields");
    let said = match (leaving, text) {
        (0, _) => t!("Nothing of {what} leaves.", what),
        (_, false) => t!("Of {what}, only metadata leaves: {fields}, no text. {staying} stay.", what, fields, staying),
        (_, true) => t!(
            "Of {what}, {fields} would leave, with {identifiers} replaced. {staying} stay.",
            what,
            fields,
            identifiers = tn!(found, "{found} identifier", "{found} identifiers"),
            staying
        ),
    };
    let other = Look { as_if_on: !preview.look.as_if_on, find: String::new(), ..preview.look.clone() };
    let stays = preview.items.iter().any(|item| item.count(Category::InApp, false) > 0);
    let sample = matches!(preview.source, Source::Sample(_));
    let switch = match (preview.look.as_if_on, sample && stays) {
        (true, _) if sample => {
            Some(view! { <a href=here(&other, None)>{t!("Show it as the settings are")}</a> }.into_any())
        }
        (false, true) => {
            Some(view! { <a href=here(&other, None)>{t!("Show it as if in-app data were on")}</a> }.into_any())
        }
        _ => None,
    };
    let as_if = preview.look.as_if_on.then(|| {
        view! { <strong>{t!("As if in-app data were on: nothing was changed.")}</strong>" " }
    });
    let known = preview.known.map(|known| {
        let people = tn!(people = known.people, "{people} person", "{people} people");
        let terms = tn!(terms = known.terms, "{terms} term", "{terms} terms");
        let said = sentence(
            t!("It knows {people} of your directory and {terms}, and in each item whoever it names itself."),
            [
                ("people", view! { <a href=urls::people(org)>{people}</a> }.into_any()),
                ("terms", view! { <a href=urls::terms(org)>{terms}</a> }.into_any()),
            ],
        );
        view! { <p class="facts">{said}</p> }
    });
    let unknown = preview.known.is_none().then(|| {
        let why = t!("Shown without the organisation's own people and terms, which only its admins see.");
        view! { <p class="facts">{why}</p> }
    });
    let stop = view! { <a href=urls::settings(org)>{t!("Turn it off in the settings")}</a> }.into_any();
    let stop = sentence(t!("Too much? {link}: for everything, an app or a space, at once."), [("link", stop)]);
    view! {
        <div class="statement">
            <h2 id="shown" class="sentence">{said}</h2>
            <p class="facts">{as_if}{switch}</p>
            {known}
            {unknown}
            <p class="facts">{stop}</p>
        </div>
    }
    .into_any()
}

/// The kinds that were found, each as it is marked in the text, with its count. Each is a link that shows only its own.
fn legend(preview: &Preview, chosen: Option<Kind>, here: &impl Fn(&Look, Option<Kind>) -> String) -> Option<AnyView> {
    let look = Look { find: String::new(), ..preview.look.clone() };
    let counted = Kind::ALL
        .into_iter()
        .map(|kind| (kind, preview.items.iter().flat_map(PreviewItem::found).filter(|one| one.kind == kind).count()))
        .filter(|(kind, count)| *count > 0 || chosen == Some(*kind));
    let kinds: Vec<AnyView> = counted
        .map(|(kind, count)| {
            let current = (chosen == Some(kind)).then_some("true");
            let to = if current.is_some() { None } else { Some(kind) };
            view! {
                <li>
                    <a class="legend-kind" href=here(&look, to) aria-current=current id=format!("kind-{}", kind.id())>
                        <span class=format!("found found-{}", kind.id())><span class="tag" aria-hidden="true">{kind.letter().to_string()}</span>{words::finding(kind)}</span>
                        <span class="count">{language::count(count)}</span>
                    </a>
                </li>
            }
            .into_any()
        })
        .collect();
    if kinds.is_empty() {
        return None;
    }
    let all = chosen.map(|kind| {
        view! {
            <p class="help">
                {t!("Only fields with “{kind}” are shown.", kind = words::finding(kind))}" "<a href=here(&look, None)>{t!("Show every field")}</a>
            </p>
        }
    });
    Some(
        view! {
            <section class="legend-block" aria-label=t!("What was found, by kind")>
                <ul class="legend">{kinds}</ul>
                {all}
            </section>
        }
        .into_any(),
    )
}

fn paging(preview: &Preview, here: &impl Fn(&Look, Option<Kind>) -> String, kind: Option<Kind>) -> Option<AnyView> {
    if preview.total <= service::preview::ITEMS_SHOWN {
        return None;
    }
    let first = preview.look.first;
    let to = |first: usize| Look { first, find: String::new(), ..preview.look.clone() };
    let earlier = (first > 1).then(|| {
        let href = here(&to(first.saturating_sub(service::preview::ITEMS_SHOWN).max(1)), kind);
        view! { <a class="button small" href=href>{t!("Previous")}</a> }
    });
    let next = first + preview.items.len();
    let later =
        (next <= preview.total).then(|| view! { <a class="button small" href=here(&to(next), kind)>{t!("Next")}</a> });
    Some(
        view! {
            <nav class="paging" aria-label=t!("Pages of items")>
                {earlier}<span>{t!("Items {first} to {last} of {total}", first, last = next - 1, total = preview.total)}</span>{later}
            </nav>
        }
        .into_any(),
    )
}

fn item(item: &PreviewItem, kind: Option<Kind>, cards: &mut Cards) -> AnyView {
    let shown = |field: &&PreviewField| kind.is_none_or(|kind| field.found().any(|found| found.kind == kind));
    let of = |fate: &dyn Fn(&PreviewField) -> bool| -> Vec<&PreviewField> {
        item.fields.iter().filter(|field| fate(field)).filter(shown).collect()
    };
    // What people wrote comes first: it is what an admin looks for.
    let text = of(&|field| field.leaves && field.category == Category::InApp);
    let metadata = of(&|field| field.leaves && field.category == Category::Metadata);
    let by_settings = of(&|field| !field.leaves && field.category != Category::Never);
    let never = of(&|field| field.category == Category::Never);
    if kind.is_some() && text.is_empty() && metadata.is_empty() {
        return ().into_any();
    }
    let only_metadata = text.is_empty();
    let held_back = item.held_back.as_ref().map(|rules| {
        let what = t!(
            "The proof pass found something again in what would leave ({rules}), so nothing of this item leaves.",
            rules = rules.join(", ")
        );
        view! { <p class="held">{icon(Icon::Pause)}<strong>{t!("Held back.")}</strong>" "{what}</p> }
    });
    let stays = if item.held_back.is_some() {
        t!("Held back, or stays because of the settings")
    } else {
        t!("Stays, because of the settings")
    };
    view! {
        <article class="card item">
            <header class="item-head">
                <h3 translate="no">{item.key.clone()}</h3>
                <p class="help">{t!("{app} · space {space}", app = item.app_name, space = item.space)}</p>
            </header>
            {held_back}
            {group(t!("Would leave: in-app data"), text, true, cards)}
            {group(t!("Would leave: metadata"), metadata, only_metadata || kind.is_some(), cards)}
            {group(stays, by_settings, item.held_back.is_none(), cards)}
            {group(t!("Never leaves"), never, false, cards)}
        </article>
    }
    .into_any()
}

/// Fields with the same fate, folded where they matter least.
fn group(name: &'static str, fields: Vec<&PreviewField>, open: bool, cards: &mut Cards) -> Option<AnyView> {
    if fields.is_empty() {
        return None;
    }
    let count = fields.len();
    let rows: Vec<AnyView> = fields.into_iter().map(|one| field(one, cards)).collect();
    Some(
        view! {
            <details class="fate" open=open>
                <summary>{icon(Icon::ChevronRight)}<strong>{name}</strong><span class="help">{tn!(count, "{count} field", "{count} fields")}</span></summary>
                <div class="compare-head" aria-hidden="true">
                    <span>{t!("Field")}</span><span>{t!("As written")}</span><span>{t!("What would leave")}</span>
                </div>
                {rows}
            </details>
        }
        .into_any(),
    )
}

fn field(field: &PreviewField, cards: &mut Cards) -> AnyView {
    let class = if field.leaves { "field-block" } else { "field-block field-stays" };
    let mut pairs: Vec<AnyView> = field
        .values
        .iter()
        .flat_map(|value| value.pairs.iter().enumerate())
        .map(|(at, one)| pair(one, field.leaves, at == 0, cards))
        .collect();
    let shown = if field.leaves { SHOWN_LEAVING } else { SHOWN_STAYING };
    let rest = pairs.split_off(pairs.len().min(shown));
    let more = (!rest.is_empty()).then(|| {
        let count = tn!(count = rest.len(), "{count} more paragraph", "{count} more paragraphs");
        view! { <details class="more"><summary>{count}</summary>{rest}</details> }
    });
    view! {
        <div class=class role="group" aria-label=field.name.clone()>
            <div class="field-head">
                <strong>{field.name.clone()}</strong>
                <span class=format!("lozenge lozenge-{}", category_id(field.category))>{words::category(field.category)}</span>
                <details class="because-fold"><summary>{t!("Why?")}</summary><p>{field.because.clone()}</p></details>
            </div>
            <div class="pairs">{pairs}{more}</div>
        </div>
    }
    .into_any()
}

fn pair(pair: &Pair, leaves: bool, first: bool, cards: &mut Cards) -> AnyView {
    let same = leaves && pair.is_same();
    let class = match (same, first) {
        (true, true) => "pair pair-same pair-first",
        (true, false) => "pair pair-same",
        (false, true) => "pair pair-first",
        (false, false) => "pair",
    };
    let written: Vec<AnyView> = pair.written.iter().map(|part| written(part, cards)).collect();
    let right = if leaves {
        let leaving = pair.leaving.iter().map(leaving).collect_view();
        view! { <div class="as-leaving"><span class="sr-only">{t!("What would leave:")}" "</span>{leaving}</div> }
            .into_any()
    } else if first {
        view! { <div class="as-leaving"><span class="stays">{icon(Icon::Cross)}{t!("Stays.")}</span></div> }.into_any()
    } else {
        view! { <div class="as-leaving"></div> }.into_any()
    };
    view! {
        <div class=class>
            <div class="as-written"><span class="sr-only">{t!("As written:")}" "</span>{written}</div>
            {right}
        </div>
    }
    .into_any()
}

fn written(part: &Part, cards: &mut Cards) -> AnyView {
    match part {
        Part::Text(text) => verbatim(text),
        Part::Freed(text) => freed(text),
        Part::Found(found) => cards.finding(found),
    }
}

fn leaving(part: &Leaving) -> AnyView {
    match part {
        Leaving::Text(text) => verbatim(text),
        Leaving::Freed(text) => freed(text),
        Leaving::Placeholder { text, kind, drafted } => {
            let class = format!("placeholder found-{kind}{}", if *drafted { " drafted" } else { "" });
            view! { <span class=class translate="no">{text.clone()}</span> }.into_any()
        }
    }
}

/// What somebody wrote.
fn verbatim(text: &str) -> AnyView {
    view! { <span translate="no">{text.to_owned()}</span> }.into_any()
}

/// A text that a draft lets through.
fn freed(text: &str) -> AnyView {
    view! { <ins class="freed">{verbatim(text)}<span class="sr-only">" "{t!("(leaves because of a draft)")}</span></ins> }
        .into_any()
}

/// Gives each finding its card, which its button opens. Without scripts as well: it is the browser that does it.
struct Cards {
    terms: String,
    admin: bool,
    knows: bool,
    count: usize,
}

impl Cards {
    fn new(org: &str, admin: bool, knows: bool) -> Self {
        Self { terms: urls::terms(org), admin, knows, count: 0 }
    }

    fn finding(&mut self, found: &Found) -> AnyView {
        self.count += 1;
        let id = format!("finding-{}", self.count);
        let kind = found.kind;
        let drafted = if found.drafted { " drafted" } else { "" };
        let class = format!("finding found found-{}{drafted}", kind.id());
        let because =
            found.drafted.then(|| view! { <span class="draft-note">{t!("Found because of a draft.")}</span> });
        view! {
            <button type="button" class=class popovertarget=id.clone()>
                <span class="tag" aria-hidden="true">{kind.letter().to_string()}</span>{verbatim(&found.text)}<span class="sr-only">" "{t!("({kind}, replaced)", kind = words::finding(kind))}</span>
            </button>
            <span popover="auto" id=id class="finding-card" role="group" aria-label=t!("About this {kind}", kind = words::finding(kind))>
                <span class="card-title">
                    <span class=format!("found found-{}", kind.id())><span class="tag" aria-hidden="true">{kind.letter().to_string()}</span>{words::finding(kind)}</span>
                    " → "<code>{found.placeholder.clone()}</code>
                </span>
                <span class="card-line">{found.evidence.clone()}</span>
                <span class="card-line"><strong>{sureness(found.score)}</strong>", "{t!("{score} of 100", score = found.score)}</span>
                <span class="card-line help">{t!("Rule")}" "<code>{found.detector}</code></span>
                {because}
                {self.action(found)}
            </span>
        }
        .into_any()
    }

    fn action(&self, found: &Found) -> Option<AnyView> {
        if !self.admin || !self.knows {
            return None;
        }
        if found.kind == Kind::Term {
            return Some(view! { <a href=self.terms.clone()>{t!("Change your terms")}</a> }.into_any());
        }
        Some(
            view! {
                <button class="button small" form=MARK_FORM name="keep" value=found.text.clone()>{t!("Not personal data")}</button>
                <span class="card-line help">{t!("Tries it as a draft; you save it below.")}</span>
            }
            .into_any(),
        )
    }
}

fn sureness(score: u8) -> &'static str {
    match score {
        95.. => t!("Certain"),
        75..=94 => t!("Likely"),
        _ => t!("Possible"),
    }
}

/// What every form that tries a term has to bring along.
fn draft_fields(preview: &Preview) -> AnyView {
    let of = match &preview.source {
        Source::Sample(sample) => {
            let drafts = drafts_in_address(&preview.drafts)
                .into_iter()
                .map(|(name, term)| view! { <input type="hidden" name=name value=term/> })
                .collect_view();
            view! { <input type="hidden" name="sample" value=sample.id()/>{drafts} }.into_any()
        }
        Source::File { id, .. } => view! {
            <input type="hidden" name="upload" value=id.clone()/>
            <input type="hidden" name="first" value=preview.look.first.to_string()/>
        }
        .into_any(),
    };
    view! { {of}{preview.look.as_if_on.then(|| view! { <input type="hidden" name="as" value="on"/> })} }.into_any()
}

/// The form of the buttons at the findings. Apart from the bar's own, so that Enter there never presses one of them.
fn mark_form(org: &str, preview: &Preview) -> AnyView {
    view! { <form method="post" action=urls::drafts(org) id=MARK_FORM hidden>{draft_fields(preview)}</form> }.into_any()
}

/// Where terms are tried and saved, at the lower edge of the window.
fn draft_bar(org: &str, preview: &Preview, context: &Context) -> AnyView {
    let drafts = preview.drafts.iter().map(draft_chip).collect_view();
    let count = preview.drafts.len();
    let actions = (count > 0).then(|| {
        let all = || preview.items.iter().flat_map(|item| &item.fields).flat_map(|field| &field.values);
        let pairs = || all().flat_map(|value| &value.pairs).flat_map(|pair| &pair.written);
        let added = pairs().filter(|part| matches!(part, Part::Found(found) if found.drafted)).count();
        let freed = pairs().filter(|part| matches!(part, Part::Freed(_))).count();
        let difference = match (added, freed) {
            (0, 0) => t!("no difference on this page").to_owned(),
            (added, 0) => t!("{added} more replaced here", added),
            (0, freed) => t!("{freed} fewer replaced here", freed),
            (added, freed) => t!("{added} more and {freed} fewer replaced here", added, freed),
        };
        view! {
            <div class="draft-list">
                <span><strong>{drafted(count)}</strong>": "{difference}</span>
                <ul>{drafts}</ul>
                <button class="button primary small" name="do" value="save">{tn!(count, "Save {count} term", "Save {count} terms")}</button>
                <button class="button small" name="do" value="discard">{t!("Discard")}</button>
            </div>
        }
    });
    view! {
        <form method="post" action=urls::drafts(org) class="draft-bar" id="drafts" aria-label=t!("Terms to try")>
            {draft_fields(preview)}
            <div class="draft-add">
                <label for="term">{t!("Missed a word? Select it in the text, or type it")}</label>
                <input id="term" type="text" name="term" value=context.typed.clone() maxlength="200" autocomplete="off"/>
                <button class="button small" name="do" value="remove">{t!("Always remove")}</button>
                <Finder input="term".to_owned() taken=t!("“{word}” is taken from the text. Press Always remove to try it.", word = "{word}")/>
            </div>
            {actions}
        </form>
    }
    .into_any()
}

fn drafted(count: usize) -> String {
    tn!(count, "{count} draft term", "{count} draft terms")
}

fn draft_chip(draft: &Wanted) -> AnyView {
    let removed = draft.to == Some(true);
    let (sign, said) = if removed { ("+", t!("always remove")) } else { ("−", t!("never remove")) };
    view! {
        <li class="chip">
            <span aria-hidden="true">{sign}" "</span><span class="sr-only">{said}" "</span><span translate="no">{draft.term.clone()}</span>
            <button name="drop" value=draft.term.clone()>
                {icon(Icon::Cross)}<span class="sr-only">{t!("Take back {term}", term = draft.term)}</span>
            </button>
        </li>
    }
    .into_any()
}

/// A file that is not held any more, and what is left of the work on it.
pub fn gone(org: &str, id: &str, drafts: &[Wanted], problem: Option<String>) -> AnyView {
    let crumb = Some((urls::preview(org), t!("Preview").to_owned()));
    let body = view! {
        <p>
            {t!(
                "A file is held in memory until 15 minutes after your last look, and all files together may take 64 MB. \
                 Nothing of it was stored, so it cannot be brought back."
            )}
        </p>
        <p><a href=urls::preview(org)>{t!("Choose the file again")}</a></p>
    };
    let problem = problem.map(|what| message(Tone::Error, t!("Nothing was saved").to_owned(), view! { <p>{what}</p> }));
    let left = (!drafts.is_empty()).then(|| {
        view! {
            <form method="post" action=urls::drafts(org) class="draft-bar" id="drafts" aria-label=t!("Terms to try")>
                <input type="hidden" name="upload" value=id.to_owned()/>
                <div class="draft-list">
                    <span><strong>{drafted(drafts.len())}</strong>": "{t!("still here.")}</span>
                    <ul>{drafts.iter().map(draft_chip).collect_view()}</ul>
                    <button class="button primary small" name="do" value="save">{tn!(count = drafts.len(), "Save {count} term", "Save {count} terms")}</button>
                    <button class="button small" name="do" value="discard">{t!("Discard")}</button>
                </div>
            </form>
        }
    });
    view! {
        {page_head(crumb, t!("Preview").to_owned(), ())}
        {problem}
        {message(Tone::Held, t!("This file is not held any more").to_owned(), body)}
        {left}
    }
    .into_any()
}

fn category_id(category: Category) -> &'static str {
    match category {
        Category::Metadata => "metadata",
        Category::InApp => "in-app",
        Category::Never => "never",
    }
}
