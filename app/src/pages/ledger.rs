//! The ledger: what was contributed and removed, where it is, and what the last of it looked like.

use language::{Dates as _, t, tn};
use leptos::prelude::*;
use policy::{Kind, Purpose};
use service::audit_log::AuditRow;
use service::contributed::Opened;
use service::ledger::{ByKind, DAYS, KeyState, Ledger, LedgerPage, Part, Sum};

use service::words;

use crate::charts::{self, Bar, Words, legend};
use crate::components::{Tone, message, moment_exact, page_head};
use crate::curl::{Request, as_curl};
use crate::icons::{Icon, icon};
use crate::pages::audit::purpose;
use crate::urls;

/// Bars beside each other before the rest is in the table only.
const BARS: usize = 10;

/// Days of a chart in which each has a column; in a longer one a column is a week.
const DAY_COLUMNS: usize = 62;

/// What each value of a column or bar is.
fn series() -> [&'static str; 2] {
    [t!("in a chart" | "metadata"), t!("in a chart" | "in-app data")]
}

pub fn ledger(page: LedgerPage, purposes: &[Purpose]) -> AnyView {
    let slug = page.org.slug.clone();
    let fault = page.fault.clone().map(|fault| {
        message(
            Tone::Error,
            t!("This period cannot be shown").to_owned(),
            view! { <p>{fault}" "{t!("The last {days} days are shown.", days = DAYS)}</p> },
        )
    });
    let body = match &page.ledger {
        None => unreachable(&page),
        Some(ledger) if ledger.lines.is_empty() && ledger.total.kept.total() == 0 => empty(&page, ledger),
        Some(ledger) => full(&page, ledger, purposes),
    };
    let removal = view! { <a class="button" href=urls::removal(&slug)>{icon(Icon::Bin)}{t!("Removal")}</a> };
    view! {
        {page_head(Some((urls::settings(&slug), t!("Data contribution").to_owned())), t!("Ledger").to_owned(), removal)}
        {fault}
        {body}
        {page.reads.as_deref().map(|rows| reads(&slug, rows))}
    }
    .into_any()
}

fn unreachable(page: &LedgerPage) -> AnyView {
    let again = urls::ledger(&page.org.slug);
    let heading = t!("The region {region} does not answer", region = page.region);
    let body = view! {
        <p>
            {t!("What was contributed is kept there and nowhere else, so it cannot be shown just now. Nothing is lost, and nothing is taken in meanwhile: whoever sends is told to try again.")}" "
            <a href=again>{t!("Try again")}</a>
        </p>
    };
    message(Tone::Held, heading, body)
}

fn empty(page: &LedgerPage, ledger: &Ledger) -> AnyView {
    let slug = &page.org.slug;
    let (sentence, next) = match page.not_before {
        Some(from) => (
            t!("Nothing was contributed, and nothing will be before {date}.", date = from.date()),
            t!("From that day on, this page shows what was contributed, by day, app and space."),
        ),
        None => (
            t!(
                "Nothing was contributed in {time}, and nothing is kept in the region {region}.",
                time = span(page),
                region = page.region
            ),
            t!("This page will show what was contributed, by day, app and space."),
        ),
    };
    let how = page.can_search.then(|| {
        let keys = page.may_send.then(|| view! { " "<a href=urls::keys(slug)>{t!("API keys")}</a> });
        view! {
            <p class="empty">
                {next}" "{t!("To send work, an admin makes a key with the scope ingest; or whoever runs Sluice reads a file in:")}
                " "<code>{format!("sluice ingest --org {slug} --jira FILE")}</code>{keys}
            </p>
        }
    });
    view! {
        <section class="statement" aria-label=t!("What was contributed")><p class="sentence">{sentence}</p>{facts(page, &ledger.key)}</section>
        {period(page)}
        {how}
    }
    .into_any()
}

/// `the last 30 days`, or the days themselves.
fn span(page: &LedgerPage) -> String {
    let days = page.period.days();
    if page.period == service::ledger::Period::last(days, page.now) {
        return if days == 1 { t!("the last day").to_owned() } else { t!("the last {days} days", days) };
    }
    t!("the time from {from} to {to}", from = page.period.from.date(), to = page.period.to.date())
}

/// `1 item`, `1,204 items`
fn items(items: i64) -> String {
    tn!(items, "{items} item", "{items} items")
}

fn sentence(page: &LedgerPage, total: &Sum) -> String {
    let Sum { contributed, kept, .. } = total;
    let (time, region) = (span(page), &page.region);
    let what = match contributed {
        ByKind { metadata: 0, in_app: 0 } => t!("Nothing was contributed in {time}", time),
        ByKind { metadata, in_app: 0 } => {
            t!("Metadata of {items}, and no in-app data, was contributed in {time}", items = items(*metadata), time)
        }
        ByKind { metadata: 0, in_app } => {
            t!("In-app data of {items}, and no metadata, was contributed in {time}", items = items(*in_app), time)
        }
        ByKind { metadata, in_app } => t!(
            "Metadata of {metadata} and in-app data of {in_app} were contributed in {time}",
            metadata = items(*metadata),
            in_app = items(*in_app),
            time
        ),
    };
    let stands = match kept.total() {
        0 => t!("nothing is kept in the region {region}", region),
        records => tn!(
            records,
            "{records} record is kept in the region {region}",
            "{records} records are kept in the region {region}",
            region
        ),
    };
    format!("{what}; {stands}.")
}

/// The region and the key.
fn facts(page: &LedgerPage, key: &KeyState) -> AnyView {
    let algorithm = key.algorithm;
    let seal = match key.current {
        Some((generation, since)) => {
            let since = since.date();
            t!(
                "encrypted with {algorithm}, key {generation} of this organisation, since {since}",
                algorithm,
                generation,
                since
            )
        }
        None => t!("encrypted with {algorithm}; the next contribution makes a key", algorithm),
    };
    let destroyed = match key.destroyed {
        0 => None,
        keys => Some(tn!(
            keys,
            "{keys} earlier key destroyed: what it sealed can be read by nobody",
            "{keys} earlier keys destroyed: what they sealed can be read by nobody"
        )),
    };
    let destroyed = destroyed.map(|destroyed| format!(" · {destroyed}"));
    let moving = page.moving_to.as_ref();
    let moving = moving.map(|to| t!("moving to {region}: until it is there, nothing is taken in", region = to));
    let moving = moving.map(|moving| format!(" · {moving}"));
    view! { <p class="facts">{t!("Region: {region}", region = page.region)}{moving}" · "{seal}{destroyed}</p> }
        .into_any()
}

fn full(page: &LedgerPage, ledger: &Ledger, purposes: &[Purpose]) -> AnyView {
    let slug = page.org.slug.clone();
    let total = &ledger.total;
    let days = [("from", ledger.period.from.day()), ("to", ledger.period.to.day())];
    let export = |form: &str| {
        let query = [&days[..], &[("form", form.to_owned())]].concat();
        urls::with_query(&urls::ledger_export(&slug), &query)
    };
    let api = Request { path: urls::with_query(&format!("/api/v1/orgs/{slug}/ledger"), &days), ..Request::default() };
    view! {
        <section class="statement" aria-label=t!("What was contributed")>
            <p class="sentence">{sentence(page, total)}</p>
            {facts(page, &ledger.key)}
        </section>
        {period(page)}
        <dl class="figures">
            {figure(total.contributed.total(), t!("records contributed, new or changed"))}
            {figure(total.fields, t!("fields in them"))}
            {figure(total.kept.total(), t!("records kept now"))}
            {figure(total.removed, t!("records removed"))}
        </dl>
        <p class="help ledger-note">
            {t!("An item has one record of its metadata and one of its in-app data, and counts again each time it changes. A comment that comes by itself counts as one.")}
        </p>
        {by_day(ledger)}
        <div class="score-columns">
            {by_space(ledger)}
            {found(ledger)}
        </div>
        {by_app(ledger)}
        {by_version(&slug, ledger)}
        <section class="group" aria-labelledby="take">
            <h2 id="take">{t!("Take it away")}</h2>
            <div class="button-row">
                <a class="button" href=export("csv") download>{icon(Icon::Download)}"CSV"</a>
                <a class="button" href=export("json") download>{icon(Icon::Download)}"JSON"</a>
            </div>
            {as_curl(t!("Ask for the same over the API"), &api)}
        </section>
        {page.may_open.then(|| open_form(&slug, purposes, None))}
    }
    .into_any()
}

fn figure(value: i64, what: &'static str) -> AnyView {
    view! { <div class="figure"><dt>{what}</dt><dd>{language::count(value)}</dd></div> }.into_any()
}

/// Links to the usual periods, and a form for any other. Support has the links.
fn period(page: &LedgerPage) -> AnyView {
    let slug = &page.org.slug;
    let links = [7, 30, 90, 366]
        .map(|days| {
            let period = service::ledger::Period::last(days, page.now);
            let query = [("from", period.from.day()), ("to", period.to.day())];
            let current = (page.period == period).then_some("page");
            let name = if days == 366 { t!("Year").to_owned() } else { t!("{days} days", days) };
            view! { <a class="button small" aria-current=current href=urls::with_query(&urls::ledger(slug), &query)>{name}</a> }
        })
        .collect_view();
    let form = page.can_search.then(|| {
        view! {
            <form class="filter" method="get" action=urls::ledger(slug)>
                <div><label for="from"><span>{t!("of a period" | "From")}</span></label><input id="from" name="from" type="text" inputmode="numeric" value=page.period.from.day() placeholder="2026-09-01" autocomplete="off"/></div>
                <div><label for="to"><span>{t!("To, that day included")}</span></label><input id="to" name="to" type="text" inputmode="numeric" value=page.period.to.day() placeholder="2026-09-30" autocomplete="off"/></div>
                <button class="button" id="ledger-show">{t!("Show")}</button>
            </form>
        }
    });
    view! { <div class="ledger-period"><nav class="button-row" aria-label=t!("Period")>{links}</nav>{form}</div> }
        .into_any()
}

/// The table that says what the chart above it shows.
fn table(summary: &'static str, heads: &[&'static str], rows: Vec<(AnyView, Vec<i64>)>) -> AnyView {
    view! {
        <details class="dictionary"><summary>{summary}</summary>{open_table(summary, heads, rows)}</details>
    }
    .into_any()
}

fn of_kinds(contributed: ByKind) -> Vec<i64> {
    vec![contributed.metadata, contributed.in_app]
}

fn by_day(ledger: &Ledger) -> AnyView {
    let weeks = ledger.by_day.len() > DAY_COLUMNS;
    let bars: Vec<Bar> = ledger
        .by_day
        .chunks(if weeks { 7 } else { 1 })
        .filter_map(|days| {
            let (first, _) = days.first()?;
            let sum = |of: fn(&ByKind) -> i64| days.iter().map(|(_, sum)| of(&sum.contributed)).sum();
            Some(Bar { label: first.date(), values: vec![sum(|of| of.metadata), sum(|of| of.in_app)] })
        })
        .collect();
    let most = ledger.by_day.iter().max_by_key(|(_, sum)| sum.contributed.total());
    let description = match most {
        Some((day, sum)) if sum.contributed.total() > 0 => {
            let (date, records) = (day.date(), language::count(sum.contributed.total()));
            t!("Most on {date}: {records} records. The table below has every day.", date, records)
        }
        _ => t!("Nothing was contributed in this time.").to_owned(),
    };
    let title = if weeks { t!("Records contributed by week") } else { t!("Records contributed by day") };
    let words = Words { id: "by-day", title, description, series: &series(), of_names: false };
    let rows = ledger.by_day.iter().rev().filter(|(_, sum)| sum.contributed.total() + sum.removed > 0);
    let rows = rows.map(|(day, sum)| {
        let ByKind { metadata, in_app } = sum.contributed;
        (day.date().into_any(), vec![metadata, in_app, sum.fields, sum.removed])
    });
    let heads = [t!("Day"), t!("Metadata"), t!("In-app data"), t!("Fields"), t!("Removed")];
    view! {
        <section class="group" aria-labelledby="days">
            <div class="group-head"><h2 id="days">{if weeks { t!("By week") } else { t!("By day") }}</h2>{legend(&series())}</div>
            <div class="card chart-card">{charts::columns(&words, &bars)}</div>
            {table(t!("By day, as a table"), &heads, rows.collect())}
        </section>
    }
    .into_any()
}

fn by_space(ledger: &Ledger) -> AnyView {
    let named = |part: &Part| Bar { label: part.name.clone(), values: of_kinds(part.sum.contributed) };
    let contributing = ledger.by_space.iter().filter(|part| part.sum.contributed.total() > 0);
    let bars: Vec<Bar> = contributing.take(BARS).map(named).collect();
    let description = match ledger.by_space.first() {
        Some(first) if first.sum.contributed.total() > 0 => {
            t!("Most from {space}. The table below has every space.", space = first.name)
        }
        _ => t!("Nothing was contributed in this time.").to_owned(),
    };
    let title = t!("Records contributed by space");
    let words = Words { id: "by-space", title, description, series: &series(), of_names: true };
    view! {
        <section aria-labelledby="spaces">
            <h2 id="spaces">{t!("By space")}</h2>
            {chart(&words, &bars)}
            {table(t!("By space, as a table"), &part_heads(t!("Space")), ledger.by_space.iter().map(part_row).collect())}
        </section>
    }
    .into_any()
}

/// Of a table whose first column is this.
fn part_heads(what: &'static str) -> [&'static str; 5] {
    [what, t!("Metadata"), t!("In-app data"), t!("Removed"), t!("Kept now")]
}

fn part_row(part: &Part) -> (AnyView, Vec<i64>) {
    let ByKind { metadata, in_app } = part.sum.contributed;
    let name = view! { <span translate="no">{part.name.clone()}</span> }.into_any();
    (name, vec![metadata, in_app, part.sum.removed, part.sum.kept.total()])
}

fn chart(words: &Words<'_>, bars: &[Bar]) -> AnyView {
    if bars.is_empty() {
        return view! { <p class="empty">{words.description.clone()}</p> }.into_any();
    }
    view! { <div class="card chart-card">{charts::bars(words, bars)}</div> }.into_any()
}

fn found(ledger: &Ledger) -> AnyView {
    let bars: Vec<Bar> = ledger
        .found
        .iter()
        .map(|(kind, count)| Bar { label: words::finding(*kind).to_owned(), values: vec![*count] })
        .collect();
    let description = match ledger.found.first() {
        Some((kind, most)) => {
            let (kind, times) = (words::finding(*kind), language::count(*most));
            t!("Most often: {kind}, {times} times. The table below has every kind.", kind, times)
        }
        None => t!("No personal data was found in what was contributed.").to_owned(),
    };
    let words = Words {
        id: "found",
        title: t!("Personal data found and replaced, by kind"),
        description,
        series: &[t!("found")],
        of_names: false,
    };
    let rows = ledger.found.iter().map(|(kind, count)| {
        let name = view! {
            <span class=format!("found found-{}", kind.id())><span class="tag" aria-hidden="true">{kind.letter().to_string()}</span>{words::finding(*kind)}</span>
        };
        (name.into_any(), vec![*count])
    });
    view! {
        <section aria-labelledby="kinds">
            <h2 id="kinds">{t!("Personal data replaced before it left")}</h2>
            {chart(&words, &bars)}
            {(!bars.is_empty()).then(|| table(t!("By kind, as a table"), &[t!("Kind"), t!("Replaced")], rows.collect()))}
        </section>
    }
    .into_any()
}

fn by_app(ledger: &Ledger) -> AnyView {
    view! {
        <section class="group" aria-labelledby="apps">
            <h2 id="apps">{t!("By app")}</h2>
            {open_table(t!("By app, as a table"), &part_heads(t!("App")), ledger.by_app.iter().map(part_row).collect())}
        </section>
    }
    .into_any()
}

/// A table that stands for itself.
fn open_table(label: &'static str, heads: &[&'static str], rows: Vec<(AnyView, Vec<i64>)>) -> AnyView {
    let heads = heads
        .iter()
        .enumerate()
        .map(|(at, head)| view! { <th scope="col" class=(at > 0).then_some("number")>{*head}</th> })
        .collect_view();
    let rows = rows
        .into_iter()
        .map(|(name, values)| {
            let cells = values
                .into_iter()
                .map(|value| view! { <td class="number">{language::count(value)}</td> })
                .collect_view();
            view! { <tr><th scope="row">{name}</th>{cells}</tr> }
        })
        .collect_view();
    view! {
        <div class="table-frame" tabindex="0" role="region" aria-label=label>
            <table class="plain"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>
        </div>
    }
    .into_any()
}

fn by_version(org: &str, ledger: &Ledger) -> AnyView {
    let rows = ledger.by_version.iter().map(|(version, sum)| {
        let name = if *version == 0 {
            t!("Before anybody changed anything").into_any()
        } else {
            let href = urls::with_query(&urls::history(org), &[("below", (version + 1).to_string())]);
            view! { <a href=href>{t!("Change {number}", number = *version)}</a> }.into_any()
        };
        let ByKind { metadata, in_app } = sum.contributed;
        (name, vec![metadata, in_app, sum.removed])
    });
    let heads = [t!("Settings as of"), t!("Metadata"), t!("In-app data"), t!("Removed")];
    view! {
        <section class="group" aria-labelledby="versions">
            <h2 id="versions">{t!("By the settings under which it was decided")}</h2>
            {open_table(t!("By settings"), &heads, rows.collect())}
        </section>
    }
    .into_any()
}

/// Asks for the newest records. It is a form that posts, because each look is written to the audit log.
fn open_form(org: &str, purposes: &[Purpose], chosen: Option<&str>) -> AnyView {
    let options = purposes
        .iter()
        .map(|purpose| {
            view! { <option value=purpose.id.clone() selected=chosen == Some(purpose.id.as_str())>{purpose.name.clone()}</option> }
        })
        .collect_view();
    view! {
        <section class="group" aria-labelledby="look">
            <h2 id="look">{t!("What the last contribution looked like")}</h2>
            <p class="help">{t!("The newest records, as they are kept: after everything personal was replaced. Reading contributed data needs a purpose, and each look is written to your audit log first.")}</p>
            <form class="filter" method="post" action=urls::ledger_records(org)>
                <div class="grow">
                    <label for="purpose"><span>{t!("What for")}</span></label>
                    <select id="purpose" name="purpose" required><option value="">{t!("Choose")}</option>{options}</select>
                </div>
                <button class="button" id="ledger-open">{t!("Open the newest records")}</button>
            </form>
        </section>
    }
    .into_any()
}

/// The newest records, opened for a purpose. `refused` is why none were.
pub fn records(org: &str, purposes: &[Purpose], chosen: &str, opened: Result<Vec<Opened>, String>) -> AnyView {
    let crumb = Some((urls::ledger(org), t!("Ledger").to_owned()));
    let body = match opened {
        Err(refused) => message(Tone::Error, t!("Nothing was opened").to_owned(), view! { <p>{refused}</p> }),
        Ok(opened) if opened.is_empty() => {
            view! { <p class="empty">{t!("Nothing is kept, so there is nothing to open.")}</p> }.into_any()
        }
        Ok(opened) => {
            let purpose = purposes.iter().find(|purpose| purpose.id == chosen).map(|purpose| purpose.name.clone());
            let log = urls::with_query(&urls::audit(org), &[("q", "action:data.read".to_owned())]);
            let told = tn!(
                records = opened.len(),
                "{records} record was opened for: {purpose}. Your audit log says so.",
                "{records} records were opened for: {purpose}. Your audit log says so.",
                purpose = purpose.unwrap_or_default()
            );
            let records = opened.iter().map(record).collect_view();
            view! {
                <section class="message" role="status" id="flag" tabindex="-1">
                    {icon(Icon::Shield)}
                    <div><p>{told}" "<a href=log>{t!("Every look")}</a></p></div>
                </section>
                <ol class="ledger-records">{records}</ol>
            }
            .into_any()
        }
    };
    view! {
        {page_head(crumb, t!("What the last contribution looked like").to_owned(), ())}
        {body}
        {open_form(org, purposes, Some(chosen))}
    }
    .into_any()
}

fn record(opened: &Opened) -> AnyView {
    let record = &opened.record;
    let place =
        if record.space.is_empty() { record.app.clone() } else { format!("{} · {}", record.app, record.space) };
    let kind = match record.place.kind {
        Kind::Metadata => ("lozenge lozenge-metadata", t!("Metadata")),
        Kind::InApp => ("lozenge lozenge-in-app", t!("In-app data")),
    };
    let stored = t!(
        "stored {at} · settings after change {change} · catalogue {catalogue} · key {key}",
        at = record.stored_at.date_time(),
        change = record.version,
        catalogue = record.catalogue,
        key = record.generation
    );
    let fields = opened
        .fields
        .iter()
        .map(|field| {
            let values = field
                .values
                .iter()
                .map(|value| view! { <dd><pre translate="no">{value.clone()}</pre></dd> })
                .collect_view();
            view! { <div><dt><code>{field.field.clone()}</code></dt>{values}</div> }
        })
        .collect_view();
    view! {
        <li class="card ledger-record">
            <p class="item-head">
                <strong>{place}</strong><span class=kind.0>{kind.1}</span>
                <span class="help">{stored}</span>
            </p>
            <dl class="ledger-fields">{fields}</dl>
        </li>
    }
    .into_any()
}

fn reads(org: &str, rows: &[AuditRow]) -> AnyView {
    let log = urls::with_query(&urls::audit(org), &[("q", "action:data.read".to_owned())]);
    let list = if rows.is_empty() {
        view! { <p class="empty">{t!("Nobody has read contributed data of this organisation. Each time somebody does, it will show here with the purpose.")}</p> }
            .into_any()
    } else {
        let rows = rows
            .iter()
            .map(|row| {
                let purpose = purpose(row);
                let records = row.entry.changes.iter().find(|change| change.what == "records");
                let records = records.and_then(|change| change.new.clone()).map(|records| format!(" · {}", t!("records: {records}", records)));
                view! {
                    <li class="entry">
                        <span class="entry-name">{purpose}<span class="help block"><strong>{row.who.clone()}</strong>" · "{moment_exact(row.at)}{records}</span></span>
                    </li>
                }
            })
            .collect_view();
        view! { <ul class="card reviews">{rows}</ul> }.into_any()
    };
    view! {
        <section class="group" aria-labelledby="reads">
            <div class="group-head"><h2 id="reads">{t!("Who read it, and what for")}</h2><a href=log>{t!("Every look")}</a></div>
            {list}
        </section>
    }
    .into_any()
}
