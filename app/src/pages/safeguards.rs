//! The six safeguards: what each means, what is promised, and what shows right now that it holds.
//!
//! One page for everyone and, with an organisation's own state, for its people. Every figure on it was looked at for this very
//! page; what could not be looked at says so.

use language::{Dates as _, t, tn};
use leptos::prelude::*;
use policy::{Catalogue, Timestamp};
use service::preview::Kind;
use service::safeguards::{Fate, LeakTest, Own, RegionState, Safeguards, StoreState, Stores};
use service::words;

use crate::components::{Tone, message, moment, moment_exact, page_head};
use crate::icons::{Icon, icon};
use crate::marks;
use crate::pages::audit::purpose;
use crate::pages::data_types::plans;
use crate::urls;

pub fn safeguards(page: &Safeguards, own: Option<&Own>, encrypted: bool) -> AnyView {
    let crumb = own.map(|own| (urls::settings(&own.org.slug), t!("Data contribution").to_owned()));
    let walk = view! { <a class="button" href=urls::WALKTHROUGH>{icon(Icon::ChevronRight)}{t!("Walk through the five steps")}</a> };
    let plan = own.and_then(|own| own.plan_id.as_deref());
    view! {
        {page_head(crumb, t!("Safeguards").to_owned(), walk)}
        {statement(page, own)}
        {contents()}
        <div class="safeguards">
            {security(own, encrypted)}
            {transparency(page, own)}
            {residency(page, own)}
            {access(page, own)}
            {deidentification(page, own)}
            {control(own)}
        </div>
        {leak_test(&page.leak_test)}
        {timeline(page, own)}
        {plans(&page.catalogue, plan)}
        {questions(&page.catalogue)}
        {glossary()}
    }
    .into_any()
}

fn statement(page: &Safeguards, own: Option<&Own>) -> AnyView {
    let sentence = own.map_or_else(
        || t!("Six safeguards stand between what an organisation writes and what is learned from it.").to_owned(),
        |own| own.sentence.clone(),
    );
    let whose = own.map(|own| {
        let change = own.last_change.map(|at| view! { " · "{t!("Settings last changed:")}" "{moment(at)} });
        view! { <p class="facts">{t!("Plan:")}" "<strong class="plan" translate="no">{own.plan.clone()}</strong>{change}</p> }
    });
    view! {
        <section class="statement" aria-label=t!("In one sentence")>
            <p class="sentence">{sentence}</p>
            {whose}
            <p class="facts">{t!("Everything below was looked at for this page, and nothing on it is a stored claim:")}" "{moment_exact(page.now)}</p>
        </section>
    }
    .into_any()
}

fn contents() -> AnyView {
    view! {
        <nav class="on-page" aria-label=t!("On this page")>
            <a href="#six">{t!("Six safeguards")}</a>
            <a href="#leak-test">{t!("Leak test")}</a>
            <a href="#timeline">{t!("Timeline")}</a>
            <a href="#plans">{t!("Plans")}</a>
            <a href="#questions">{t!("Questions")}</a>
            <a href="#words">{t!("Words")}</a>
        </nav>
    }
    .into_any()
}

/// One safeguard.
struct Card {
    id: &'static str,
    symbol: Icon,
    name: &'static str,
    means: &'static str,
    promised: &'static str,
    /// What was just looked at: what, and how it is.
    now: Vec<(&'static str, AnyView)>,
    /// The pages that prove it.
    links: Vec<(String, &'static str)>,
}

impl Card {
    fn view(self) -> AnyView {
        let now =
            self.now.into_iter().map(|(what, is)| view! { <div><dt>{what}</dt><dd>{is}</dd></div> }).collect_view();
        let links = self.links.into_iter().map(|(href, name)| view! { <a href=href>{name}</a> }).collect_view();
        view! {
            <section class="card safeguard" aria-labelledby=self.id>
                <h2 id=self.id>{icon(self.symbol)}{self.name}</h2>
                <p>{self.means}</p>
                <p class="promise"><span class="sr-only">{t!("Promised:")}" "</span>{self.promised}</p>
                <dl class="evidence">{now}</dl>
                <p class="proof">{links}</p>
            </section>
        }
        .into_any()
    }
}

fn security(own: Option<&Own>, encrypted: bool) -> AnyView {
    let mut now = Vec::new();
    if let Some(own) = own {
        let key = match own.kept.as_ref().map(|kept| &kept.key) {
            None => t!("The region does not answer just now.").into_any(),
            Some(key) => match key.current {
                Some((generation, made)) => {
                    let algorithm = key.algorithm;
                    view! { {t!("{algorithm}, generation {generation}, made on {made}", algorithm, generation, made = made.date())} }.into_any()
                }
                None => t!("None yet: the first contribution makes it.").into_any(),
            },
        };
        now.push((t!("Key"), key));
        if let Some(destroyed) = own.kept.as_ref().map(|kept| kept.key.destroyed).filter(|count| *count > 0) {
            now.push((t!("Keys destroyed"), destroyed.into_any()));
        }
    } else {
        let algorithm = service::vault::ALGORITHM;
        now.push((t!("Keys"), t!("{algorithm}, one for each organisation and region", algorithm).into_any()));
    }
    let connection = if encrypted {
        t!("Encrypted (TLS); browsers are told to use nothing else")
    } else {
        t!("This installation is set up without TLS: for trying it on one machine")
    };
    now.push((t!("Connection"), connection.into_any()));
    now.push((t!("This page"), t!("runs no script of any other site and loads nothing from one").into_any()));
    let links = match own {
        Some(own) => vec![(urls::ledger(&own.org.slug), t!("Ledger: the key and what it keeps"))],
        None => vec![(urls::API.to_owned(), t!("API: every answer and its limits"))],
    };
    Card {
        id: "security",
        symbol: Icon::Lock,
        name: t!("Security"),
        means: t!("What is contributed is encrypted under keys of its organisation. The key that opens those keys is in no database."),
        promised: t!("A copy of a region's database shows nothing that was contributed. Where all of it has to go, its key is destroyed first."),
        now,
        links,
    }
    .view()
}

fn transparency(page: &Safeguards, own: Option<&Own>) -> AnyView {
    let dictionary = page.dictionary;
    let (metadata, in_app, never) = (dictionary.metadata, dictionary.in_app, dictionary.never);
    let fields = tn!(fields = dictionary.total(), "{fields} field", "{fields} fields");
    let now = vec![
        (t!("Catalogue"), page.catalogue.version.clone().into_any()),
        (
            t!("Field dictionary"),
            t!(
                "{fields}: {metadata} metadata, {in_app} in-app data, {never} never leave",
                fields,
                metadata,
                in_app,
                never
            )
            .into_any(),
        ),
        (t!("Not listed"), t!("Such a field never leaves; a custom field counts as in-app data.").into_any()),
    ];
    let links = match own {
        Some(own) => {
            let slug = &own.org.slug;
            let mut links = vec![
                (urls::data_types(slug), t!("Which field is what")),
                (urls::ledger(slug), t!("Ledger: what left")),
            ];
            if own.inside {
                links.push((urls::audit(slug), t!("Audit log: who changed what")));
            }
            links
        }
        None => vec![
            (format!("{}?step=2", urls::WALKTHROUGH), t!("See a work item sorted")),
            (urls::ACTIONS.to_owned(), t!("What an audit log records")),
        ],
    };
    Card {
        id: "transparency",
        symbol: Icon::Search,
        name: t!("Transparency"),
        means: t!("One catalogue says what each field is and why. The decision, the pages and the API read that same catalogue."),
        promised: t!("What left stands in the ledger, who changed what in the audit log, and what would leave can be seen before it does."),
        now,
        links,
    }
    .view()
}

fn residency(page: &Safeguards, own: Option<&Own>) -> AnyView {
    let mut now = Vec::new();
    for region in &page.regions {
        let is_own = own.is_some_and(|own| own.region_id == region.id);
        if own.is_none() || is_own {
            now.push((t!("Region"), stores(region)));
        }
    }
    now.push((t!("Leaves a region"), t!("only what many organisations have in common").into_any()));
    let links = own.map_or_else(
        || vec![("#words".to_owned(), t!("What a region is"))],
        |own| vec![(urls::ledger(&own.org.slug), t!("Ledger: what is kept there"))],
    );
    Card {
        id: "residency",
        symbol: Icon::Home,
        name: t!("Data residency"),
        means: t!("Contributed data is kept in the region of its organisation, in a store of that region, with the keys apart from it."),
        promised: t!("A region that cannot be reached takes nothing and gives nothing. No other region stands in for it."),
        now,
        links,
    }
    .view()
}

/// `European Union: data in SQLite, answers; keys in SQLite, answers`
fn stores(region: &RegionState) -> AnyView {
    let name = region.name.clone();
    let of = |what: &'static str, store: StoreState| {
        let (symbol, word) =
            if store.answers { (Icon::Check, t!("answers")) } else { (Icon::Pause, t!("does not answer")) };
        let class = if store.answers { "store" } else { "store store-silent" };
        let engine = store.engine;
        view! { <span class=class>{icon(symbol)}{format!("{what}: {engine}, {word}")}</span> }
    };
    match region.stores {
        Some(Stores { data, keys }) => {
            view! { <strong>{name}</strong>{of(t!("Data"), data)}{of(t!("Keys"), keys)} }.into_any()
        }
        None => view! { <strong>{name}</strong><span class="store store-silent">{t!("no store here: nothing is taken for it")}</span> }
            .into_any(),
    }
}

fn access(page: &Safeguards, own: Option<&Own>) -> AnyView {
    let purposes = page.catalogue.purposes.iter().map(|purpose| purpose.name.as_str()).collect::<Vec<_>>().join(", ");
    let minutes = page.catalogue.support.review_minutes;
    let mut now = vec![
        (t!("Purposes"), purposes.into_any()),
        (
            t!("Support"),
            t!("looks for {minutes} minutes at a time, with a case, and never at contributed data", minutes).into_any(),
        ),
    ];
    if let Some(reads) = own.and_then(|own| own.reads.as_ref()) {
        let told = if reads.is_empty() {
            t!("Nobody has opened a record of this organisation.").into_any()
        } else {
            let rows = reads
                .iter()
                .map(|read| {
                    view! { <li>{moment(read.at)}": "{purpose(read)}", "<span translate="no">{read.who.clone()}</span></li> }
                })
                .collect_view();
            view! { <ul>{rows}</ul> }.into_any()
        };
        now.push((t!("Last reads"), told));
    }
    let links = match own {
        Some(own) if own.inside => {
            let slug = &own.org.slug;
            let reads = urls::with_query(&urls::audit(slug), &[("q", "action:data.read".to_owned())]);
            vec![(reads, t!("Audit log: every read")), (urls::support_access(slug), t!("Support access"))]
        }
        _ => vec![(urls::ACTIONS.to_owned(), t!("What an audit log records"))],
    };
    Card {
        id: "access",
        symbol: Icon::Person,
        name: t!("Restricted access"),
        means: t!("Contributed data is read for a purpose of the catalogue, by somebody with a name. The entry in the organisation's audit log is written first."),
        promised: t!("If the entry cannot be written, nothing is read. The organisation sees who read, when and what for."),
        now,
        links,
    }
    .view()
}

fn deidentification(page: &Safeguards, own: Option<&Own>) -> AnyView {
    let test = &page.leak_test;
    let (planted, removed) = (test.planted.len(), test.count(Fate::Removed));
    let now = vec![
        (t!("Leak test"), t!("{planted} planted, {removed} removed", planted, removed).into_any()),
        (
            t!("Proof pass"),
            t!("What would leave is searched once more; if anything is found, nothing of the item leaves.").into_any(),
        ),
        (t!("Raw text"), t!("is in memory between decision and de-identification, and stored nowhere").into_any()),
    ];
    let mut links = vec![("#leak-test".to_owned(), t!("See the leak test"))];
    match own {
        Some(own) if own.inside => links.push((urls::preview(&own.org.slug), t!("Preview your own items"))),
        _ => links.push((format!("{}?step=3", urls::WALKTHROUGH), t!("See a text before and after"))),
    }
    links.push((urls::PATTERNS.to_owned(), t!("Patterns: what was learned and left out")));
    Card {
        id: "deidentification",
        symbol: Icon::Tag,
        name: t!("De-identification"),
        means: t!("Names, addresses, numbers, passwords and an organisation's own terms are replaced by numbered placeholders before anything is stored."),
        promised: t!("Nobody can undo a placeholder: what stood there is not kept."),
        now,
        links,
    }
    .view()
}

fn control(own: Option<&Own>) -> AnyView {
    let settings = match own {
        None => t!("The plan sets a default; what an admin chooses stays through every change of plan.").into_any(),
        Some(own) => {
            let plan = t!("Defaults of {plan}", plan = own.plan);
            let change = own.last_change.map(|at| view! { " · "{t!("Last change:")}" "{moment(at)} });
            view! { {plan}{change} }.into_any()
        }
    };
    let now = vec![
        (t!("Settings"), settings),
        (t!("Turning off"), t!("holds at once, and starts the clocks of removal").into_any()),
        (t!("Turning on"), t!("is reviewed, with a reason that is kept").into_any()),
    ];
    let links = match own {
        Some(own) => {
            let slug = &own.org.slug;
            let mut links = vec![(urls::settings(slug), t!("Settings")), (urls::removal(slug), t!("Removal"))];
            if own.inside {
                links.push((urls::evidence(slug), t!("Evidence on a date")));
            }
            links
        }
        None => vec![
            ("#plans".to_owned(), t!("What each plan sets")),
            (urls::WALKTHROUGH.to_owned(), t!("Try the switches")),
        ],
    };
    Card {
        id: "control",
        symbol: Icon::Gate,
        name: t!("Data contribution settings"),
        means: t!("An organisation's admins decide, for metadata and for in-app data, and for each app, space and connector."),
        promised: t!("Nothing starts to leave because a trial began, a plan changed or an app was added: that is held until an admin decides."),
        now,
        links,
    }
    .view()
}

fn leak_test(test: &LeakTest) -> AnyView {
    let (planted, removed) = (test.planted.len(), test.count(Fate::Removed));
    let marks = test
        .planted
        .iter()
        .map(|planted| {
            let (class, symbol, word) = match planted.fate {
                Fate::Removed => ("planted", Icon::Check, t!("removed")),
                Fate::Left => ("planted planted-left", Icon::Alert, t!("not removed")),
                Fate::Untested => ("planted planted-untested", Icon::Pause, t!("not tested")),
            };
            view! {
                <li class=class>
                    {kind_mark(planted.kind)}<span class="planted-text" translate="no">{planted.text}</span>
                    <span class="planted-fate">{icon(symbol)}{word}</span>
                </li>
            }
        })
        .collect_view();
    let left = test.count(Fate::Left);
    let leaked = (left > 0).then(|| {
        message(
            Tone::Error,
            t!("{left} of {planted} were not removed", left, planted),
            view! { <p>{t!("The marked ones were not found as what they are, or something of them is in what would leave. Whoever runs Sluice has to look at this before anything else is contributed.")}</p> },
        )
    });
    let untested = (test.count(Fate::Untested) > 0).then(|| untested(test));
    let pairs = test
        .item
        .fields
        .iter()
        .filter(|field| field.leaves)
        .flat_map(|field| &field.values)
        .flat_map(|value| &value.pairs)
        .filter(|pair| !pair.is_same())
        .map(|pair| {
            let written = pair.written.iter().map(marks::written).collect_view();
            let leaving = pair.leaving.iter().map(marks::leaving).collect_view();
            view! {
                <div class="pair pair-first">
                    <div class="as-written" translate="no"><span class="sr-only">{t!("As written:")}" "</span>{written}</div>
                    <div class="as-leaving" translate="no"><span class="sr-only">{t!("What would leave:")}" "</span>{leaving}</div>
                </div>
            }
        })
        .collect_view();
    let milliseconds = test.microseconds.div_ceil(1_000);
    view! {
        <section class="group" aria-labelledby="leak-test">
            <h2 id="leak-test">{t!("Leak test, run for this page")}</h2>
            <p class="help">
                {t!("One mark of a person of each kind is planted in a text, everybody in it made up. The text goes through the very code that washes what is contributed, in memory. Then each mark is looked for in what would leave.")}" "
                {t!("Run at {time} in {milliseconds} ms.", time = test.at.clock_time(), milliseconds)}
            </p>
            {leaked}
            {untested}
            <p class="score"><strong>{t!("{planted} planted, {removed} removed.", planted, removed)}</strong></p>
            <ul class="planted-list">{marks}</ul>
            <details class="leak-text">
                <summary>{icon(Icon::ChevronRight)}{t!("The text, and what would leave of it")}</summary>
                <div class="card leak-pairs">
                    <div class="pair leak-head" aria-hidden="true"><span>{t!("As written")}</span><span>{t!("What would leave")}</span></div>
                    {pairs}
                </div>
            </details>
            <p class="help">
                {t!("It shows that each rule works, not that nothing can ever be missed: a name that no list knows and nobody told of can be. That is what the directory of people, the terms and the proof pass are for, and the preview shows it on an organisation's own items.")}
            </p>
        </section>
    }
    .into_any()
}

/// Said where the test has nothing to look in.
fn untested(test: &LeakTest) -> AnyView {
    let (heading, why) = match &test.item.held_back {
        Some(rules) => (
            t!("The test proved nothing: its text was held back"),
            t!(
                "The proof pass found something again in what would leave ({rules}), so nothing of the text leaves, and no mark counts as removed.",
                rules = rules.join(", ")
            ),
        ),
        None if test.count(Fate::Untested) < test.planted.len() => (
            t!("The test did not try everything: some of its text stays where it is"),
            t!("What is marked as not tested stands in a field of which the field dictionary says that it never leaves, so nothing is known of it.")
                .to_owned(),
        ),
        None => (
            t!("The test proved nothing: its text stays where it is"),
            t!("Even the highest plan of the catalogue lets no text of this kind leave, so no mark counts as removed.")
                .to_owned(),
        ),
    };
    message(Tone::Held, heading.to_owned(), view! { <p>{why}</p> })
}

fn kind_mark(kind: Kind) -> AnyView {
    view! {
        <span class=format!("found found-{}", kind.id())><span class="tag" aria-hidden="true">{kind.letter().to_string()}</span>{words::finding(kind)}</span>
    }
    .into_any()
}

/// The dates of the programme and of the organisation, in order, with today between them.
fn timeline(page: &Safeguards, own: Option<&Own>) -> AnyView {
    let programme = &page.catalogue.programme;
    let mut dates: Vec<(Timestamp, String, bool)> = vec![
        (programme.announced, t!("The programme was announced.").to_owned(), false),
        (programme.rollout_complete, t!("Every organisation has the settings.").to_owned(), false),
        (
            programme.in_force,
            t!("In force: before this day nothing leaves, whatever the settings say.").to_owned(),
            false,
        ),
    ];
    if let Some(own) = own {
        let last = own.last_change.map(|at| (at, t!("The settings were last changed.").to_owned(), true));
        dates.extend(last);
        if let Some(kept) = &own.kept {
            if let Some((generation, made)) = kept.key.current {
                dates.push((made, t!("Key generation {generation} was made.", generation), true));
            }
            dates.extend(kept.clocks.iter().map(|clock| (clock.due, gone(clock.kind).to_owned(), true)));
        }
        dates.extend(
            own.reads
                .iter()
                .flatten()
                .take(1)
                .map(|read| (read.at, t!("Contributed data was last read.").to_owned(), true)),
        );
    }
    let today = page.now;
    dates.push((today, t!("Today.").to_owned(), false));
    for clock in &page.catalogue.clocks {
        let name = &clock.name;
        let days = i64::from(clock.days);
        dates.push((
            today.plus_days(days),
            t!("{name}, at the latest, if it were turned off today ({days} days).", name, days),
            false,
        ));
    }
    dates.sort_by_key(|(at, _, _)| *at);
    let rows = dates
        .into_iter()
        .map(|(at, what, is_own)| {
            let class = match at.cmp(&today) {
                std::cmp::Ordering::Less => "when when-past",
                std::cmp::Ordering::Equal => "when when-now",
                std::cmp::Ordering::Greater => "when when-ahead",
            };
            let own =
                is_own.then(|| view! { <span class="lozenge lozenge-accent">{t!("of a safeguard" | "Yours")}</span> });
            view! { <li class=class>{moment(at)}<span>{what}" "{own}</span></li> }
        })
        .collect_view();
    view! {
        <section class="group" aria-labelledby="timeline">
            <h2 id="timeline">{t!("Timeline")}</h2>
            <ol class="timeline">{rows}</ol>
        </section>
    }
    .into_any()
}

/// What has happened when the clock of a kind of data is over.
fn gone(kind: policy::Kind) -> &'static str {
    match kind {
        policy::Kind::Metadata => t!("Contributed metadata is gone by this day."),
        policy::Kind::InApp => t!("Contributed in-app data is gone by this day."),
    }
}

fn questions(catalogue: &Catalogue) -> AnyView {
    let years = catalogue.programme.retention_years;
    let kept = t!(
        "Up to {years} years, and no longer than its organisation lets it: what ceases to contribute is taken back, and the removal page shows the days that are left.",
        years
    );
    let exemptions = catalogue.exemptions.iter().map(|of| of.name.as_str()).collect::<Vec<_>>().join(", ");
    let exempt = t!(
        "An organisation under one of these contributes nothing, whatever its plan and settings: {exemptions}.",
        exemptions
    );
    let all: Vec<(&str, String)> = vec![
        (
            t!("Does anything leave that nobody decided on?"),
            t!("Where a plan's default is on, it counts from the day the programme is in force until an admin turns it off, and the settings page says so from the first day. After that nothing turns on by itself: what a trial, another plan or a new app would turn on is held.")
                .to_owned(),
        ),
        (
            t!("What leaves as metadata?"),
            t!("Numbers, dates, types and states, and attributes that are computed from a text, such as its length. Words and phrases only where many organisations use the same ones.")
                .to_owned(),
        ),
        (
            t!("What never leaves?"),
            t!("Who reported, works on or watches an item, files, links into the system, keys and ids, and every field that the dictionary does not list. No setting changes that.")
                .to_owned(),
        ),
        (
            t!("Is the original text kept anywhere?"),
            t!("No. It is in memory while it is washed. What is stored is what is left after that, encrypted.").to_owned(),
        ),
        (
            t!("Can a name still slip through?"),
            t!("A name that no list knows and that nothing around it gives away can. Admins make that rarer with a directory of people and with terms; the scorecard of the preview lists the capitalised words that nobody knows, so that they can be looked at.")
                .to_owned(),
        ),
        (t!("How long is it kept?"), kept),
        (
            t!("What happens when it is turned off?"),
            t!("From that moment nothing more of it leaves. What was contributed is removed within the days that the timeline shows, patterns are computed again without it, and a signed receipt says so when a query finds nothing left. Patterns that were published before stand as they are.")
                .to_owned(),
        ),
        (
            t!("Can anyone tell from a pattern what one organisation wrote?"),
            t!("A pattern is published only if enough organisations and enough people share it, and no single one makes up most of it. What is below that is never stored in clear.")
                .to_owned(),
        ),
        (
            t!("Does it cost functions not to contribute?"),
            t!("No function of Sluice depends on contributing. What the vendor's other products do is for the vendor to say.").to_owned(),
        ),
        (t!("Who is left out from the start?"), exempt),
        (
            t!("How is all this checked without believing it?"),
            t!("The audit log is a chain of hashes with signed checkpoints, an evidence pack and each receipt are signed, and the program that verifies them needs nothing but the file and the public key. The source is open.")
                .to_owned(),
        ),
    ];
    let rows = all
        .into_iter()
        .map(|(question, answer)| {
            view! {
                <details class="question">
                    <summary>{icon(Icon::ChevronRight)}<h3>{question}</h3></summary>
                    <p>{answer}</p>
                </details>
            }
        })
        .collect_view();
    view! {
        <section class="group" aria-labelledby="questions">
            <h2 id="questions">{t!("Questions and answers")}</h2>
            <div class="rows questions">{rows}</div>
        </section>
    }
    .into_any()
}

fn glossary() -> AnyView {
    let words = [
        (t!("Organisation"), t!("A customer of the vendor, with its own admins, settings, keys and log.")),
        (t!("Metadata"), t!("Content attributes (numbers, dates, types, states) and common patterns.")),
        (t!("In-app data"), t!("What people write inside the apps: titles, descriptions, comments, pages, and the names that they give.")),
        (t!("Contribution"), t!("What an organisation lets leave to improve the products for all.")),
        (t!("Decision"), t!("Whether something contributes at a moment, with the rules that were asked, in order.")),
        (t!("Held"), t!("A widening that would have happened by itself and waits for an admin.")),
        (t!("De-identify"), t!("To replace what points at a person by a placeholder.")),
        (t!("Placeholder"), t!("What stands in place of a finding, such as [PERSON_1]: the same person has the same number within one item.")),
        (t!("Pattern"), t!("What at least as many organisations as the threshold asks for have in common.")),
        (t!("Threshold"), t!("How many organisations and people have to share something before it is learned.")),
        (t!("Ledger"), t!("What left, when, and under which version of the settings.")),
        (t!("Audit log"), t!("Who changed, tried or looked at what, when and why.")),
        (t!("Clock"), t!("The days within which something is gone after it ceased to contribute.")),
        (t!("Receipt"), t!("Signed proof of a removal.")),
        (t!("Region"), t!("Where an organisation's contributed data is, with its keys; it is nowhere else.")),
        (t!("Purpose"), t!("What contributed data is read for; without one of the catalogue nothing is read.")),
    ]
    .map(|(word, meaning)| view! { <div><dt>{word}</dt><dd>{meaning}</dd></div> })
    .into_iter()
    .collect_view();
    view! {
        <section class="group" aria-labelledby="words">
            <h2 id="words">{t!("Words")}</h2>
            <dl class="glossary">{words}</dl>
        </section>
    }
    .into_any()
}
