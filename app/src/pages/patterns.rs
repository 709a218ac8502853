//! Releases of patterns: what many organisations have in common, and what was left out because too few have it.
//!
//! No page here knows an organisation by name. Whatever a demonstration shows with lower thresholds says so.

use language::{Dates as _, count, decimal, t};
use leptos::prelude::*;
use service::impact::{OrgImpact, TakesPart};
use service::releases::{Dimension, ReleaseView, ReleasesPage, Score, group_of};

use crate::charts::{self, Bar};
use crate::components::{Tone, message, moment, page_head};
use crate::icons::{Icon, icon};
use crate::urls;

/// `81 %` of so many thousandths.
pub(crate) fn per_cent(thousandths: u16) -> String {
    format!("{} %", (thousandths + 5) / 10)
}

pub(crate) fn dimension_name(dimension: Dimension) -> &'static str {
    match dimension {
        Dimension::Type => t!("Type"),
        Dimension::Status => t!("Status"),
        Dimension::Priority => t!("Priority"),
        Dimension::Duration => t!("Time to resolve"),
        Dimension::Sla => t!("Service level"),
        Dimension::Points => t!("Story points"),
        Dimension::Length => t!("Length of text"),
        Dimension::Readability => t!("Readability"),
        Dimension::Complexity => t!("Complexity"),
        Dimension::Task => t!("Kind of task"),
        Dimension::Phrase => t!("Phrase"),
        Dimension::Cause => t!("Root cause"),
    }
}

/// A value as people read it; a group of values by its name. What people wrote, or the vendor listed, stays as it is.
pub(crate) fn value_name(dimension: Dimension, value: &str) -> String {
    if let Some(group) = group_of(value) {
        return t!("{group} (group)", group);
    }
    computed(dimension, value).unwrap_or(value).to_owned()
}

/// For `translate`: what people wrote, or the vendor listed, is nobody's to translate.
pub(crate) fn as_written(dimension: Dimension, value: &str) -> Option<&'static str> {
    (group_of(value).is_none() && computed(dimension, value).is_none()).then_some("no")
}

/// A range that the product computes, or a class of its own.
fn computed(dimension: Dimension, value: &str) -> Option<&'static str> {
    match dimension {
        Dimension::Length | Dimension::Complexity | Dimension::Task => class(value),
        _ => range(value),
    }
}

/// A content attribute.
fn class(value: &str) -> Option<&'static str> {
    Some(match value {
        "line" => t!("of a text" | "a line"),
        "paragraph" => t!("of a text" | "a paragraph"),
        "page" => t!("of a text" | "a page"),
        "document" => t!("of a text" | "a document"),
        "low" => t!("of a text" | "low"),
        "medium" => t!("of a text" | "medium"),
        "high" => t!("of a text" | "high"),
        "defect" => t!("of a text" | "defect"),
        "feature" => t!("of a text" | "feature"),
        "question" => t!("of a text" | "question"),
        "access" => t!("of a text" | "access"),
        "documentation" => t!("of a text" | "documentation"),
        "change" => t!("of a text" | "change"),
        "other" => t!("of a text" | "other"),
        _ => return None,
    })
}

fn range(value: &str) -> Option<&'static str> {
    Some(match value {
        "Under 1 day" => t!("Under 1 day"),
        "1 to 3 days" => t!("1 to 3 days"),
        "3 to 7 days" => t!("3 to 7 days"),
        "1 to 2 weeks" => t!("1 to 2 weeks"),
        "2 to 4 weeks" => t!("2 to 4 weeks"),
        "1 to 3 months" => t!("1 to 3 months"),
        "Over 3 months" => t!("Over 3 months"),
        "Up to 1" => t!("Up to 1"),
        "2 to 3" => t!("2 to 3"),
        "4 to 5" => t!("4 to 5"),
        "6 to 8" => t!("6 to 8"),
        "9 to 13" => t!("9 to 13"),
        "Over 13" => t!("Over 13"),
        "Very hard (under 30)" => t!("Very hard (under 30)"),
        "Hard (30 to 49)" => t!("Hard (30 to 49)"),
        "Plain (50 to 69)" => t!("Plain (50 to 69)"),
        "Easy (70 and more)" => t!("Easy (70 and more)"),
        "Met" => t!("Met"),
        "Breached" => t!("Breached"),
        "Other" => t!("Other"),
        _ => return None,
    })
}

/// Said wherever anything of a demonstration's release is shown.
pub(crate) fn demonstration(release: &ReleaseView) -> Option<AnyView> {
    let (organisations, people) = (release.rules.k_organisations, release.rules.k_people);
    release.demonstration.then(|| {
        let told = t!("The organisations here are made up and few, so a pattern shows from {organisations} of them and {people} people on. Where people are real it takes more: the catalogue says how many, and never fewer than 10.", organisations, people
        );
        message(Tone::Held, t!("Demonstration").to_owned(), view! { <p>{told}</p> })
    })
}

pub fn releases(page: &ReleasesPage) -> AnyView {
    let body = match page.releases.split_first() {
        None => view! {
            <p class="empty">{t!("There is no release yet. One is made for each period as soon as organisations have contributed; it will show here with what it left out.")}</p>
        }
        .into_any(),
        Some((current, earlier)) => view! { {current_release(current)}{earlier_releases(earlier)} }.into_any(),
    };
    let walk = format!("{}?step=4", urls::WALKTHROUGH);
    view! {
        {page_head(
            Some((urls::SAFEGUARDS.to_owned(), t!("Safeguards").to_owned())),
            t!("Patterns").to_owned(),
            view! { <a class="button" href=walk>{icon(Icon::ChevronRight)}{t!("See an item meet them")}</a> },
        )}
        <p class="lead">
            {t!("A pattern is what many organisations have in common. What too few share is left out, and nobody can see what it was.")}
        </p>
        {body}
    }
    .into_any()
}

fn current_release(release: &ReleaseView) -> AnyView {
    let ReleaseView { version, period, report, rules, .. } = release;
    let published = count(report.published);
    let (organisations, people) = (rules.k_organisations, rules.k_people);
    let sentence = t!(
        "Release {version} publishes {published} patterns. Each is shared by at least {organisations} organisations and {people} people.",
        version,
        published,
        organisations,
        people
    );
    let withdrawn = (release.withdrawn_since > 0).then(|| {
        let since = release.withdrawn_since;
        view! { <p class="facts">{t!("Organisations that took something back since: {since}. The next release is computed without that.", since)}</p> }
    });
    let share = thousandths(report.contributions_published, report.contributions);
    let share = share.map_or_else(|| t!("of a share" | "none").to_owned(), per_cent);
    view! {
        <section class="statement" aria-label=t!("The current release")>
            <p class="sentence">{sentence}</p>
            <p class="facts">{t!("Period {period}, made {made}, catalogue {catalogue}", period, made = release.made_at.date_time(), catalogue = release.catalogue)}</p>
            {withdrawn}
        </section>
        {demonstration(release)}
        <dl class="figures">
            {figure(count(u64::from(report.organisations)), t!("organisations in"))}
            {figure(count(report.cells), t!("patterns looked at"))}
            {figure(count(report.published), t!("published"))}
            {figure(count(report.folded), t!("counted in a group"))}
            {figure(count(report.suppressed), t!("left out"))}
            {figure(share, t!("of all contributions in what is published"))}
        </dl>
        <div class="score-columns">{families(release)}{limits(release)}</div>
        {measure(release)}
    }
    .into_any()
}

fn thousandths(part: u64, of: u64) -> Option<u16> {
    u16::try_from(part.saturating_mul(1_000).checked_div(of)?).ok()
}

fn figure(value: String, what: &'static str) -> AnyView {
    view! { <div class="figure"><dt>{what}</dt><dd>{value}</dd></div> }.into_any()
}

fn families(release: &ReleaseView) -> AnyView {
    let mut families: Vec<_> = release.report.families.iter().filter(|family| family.published > 0).collect();
    families.sort_by_key(|family| std::cmp::Reverse(family.published));
    let rows = families
        .into_iter()
        .map(|family| {
            let name = family.family.dimensions().map(dimension_name).collect::<Vec<_>>().join(" + ");
            let name = if name.is_empty() { t!("Every item").to_owned() } else { name };
            let hidden = family.hidden.map_or_else(|| t!("not known").to_owned(), count);
            view! {
                <tr><th scope="row">{name}</th><td class="number">{count(family.published)}</td><td class="number">{hidden}</td></tr>
            }
        })
        .collect_view();
    view! {
        <section aria-labelledby="families">
            <h2 id="families">{t!("What is counted")}</h2>
            <p class="help">{t!("Of phrases that are hidden only digests are kept, so nobody knows how many there are of a sort.")}</p>
            <div class="table-frame" tabindex="0" role="region" aria-label=t!("What is counted, as a table")>
                <table class="plain">
                    <thead><tr><th scope="col">{t!("Of")}</th><th scope="col" class="number">{t!("Published")}</th><th scope="col" class="number">{t!("Left out")}</th></tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </section>
    }
    .into_any()
}

fn limits(release: &ReleaseView) -> AnyView {
    let rules = &release.rules;
    let noise = match release.report.epsilon_spent {
        0 => t!("none: the thresholds alone protect these numbers").to_owned(),
        spent => t!("epsilon {epsilon} of the year's budget", epsilon = decimal(f64::from(spent) / 1_000.0, 3)),
    };
    let rows = [
        (t!("Organisations"), t!("at least {least}", least = rules.k_organisations)),
        (t!("People"), t!("at least {least}", least = rules.k_people)),
        (t!("The largest organisation"), t!("at most {most} % of a pattern", most = rules.largest_share)),
        (t!("The two largest"), t!("at most {most} %", most = rules.two_largest_share)),
        (
            t!("One organisation adds"),
            t!("one to each number of organisations, and at most {people} people", people = rules.people_a_cell),
        ),
        (t!("Noise"), noise),
        (t!("Left out so that nothing can be worked out"), count(release.report.complementary)),
    ]
    .map(|(what, is)| view! { <div><dt>{what}</dt><dd>{is}</dd></div> })
    .into_iter()
    .collect_view();
    view! {
        <section aria-labelledby="limits">
            <h2 id="limits">{t!("The rules that held")}</h2>
            <p class="help">{t!("They stand in the catalogue and in the release itself.")}</p>
            <dl class="facts-list">{rows}</dl>
        </section>
    }
    .into_any()
}

/// How good suggestions are, on a tenth of the items that was held back, beside always naming the most common value.
pub(crate) fn measure(release: &ReleaseView) -> AnyView {
    let measure = &release.measure;
    let row = |name: &'static str, score: &Score| {
        let share = |thousandths: Option<u16>| thousandths.map_or_else(|| t!("nothing suggested").to_owned(), per_cent);
        view! {
            <tr>
                <th scope="row">{name}</th>
                <td class="number"><strong>{share(score.right_share())}</strong></td>
                <td class="number">{share(score.baseline_share())}</td>
                <td class="number">{t!("{suggested} of {items}", suggested = count(score.suggested), items = count(score.items))}</td>
            </tr>
        }
    };
    view! {
        <section class="group" aria-labelledby="measure">
            <h2 id="measure">{t!("How often a suggestion is right")}</h2>
            <p class="help">{t!("Tried on items that were held back: a tenth of all, which no pattern was computed from. Beside it, always naming the most common value on the same items.")}</p>
            <div class="table-frame" tabindex="0" role="region" aria-label=t!("How often a suggestion is right, as a table")>
                <table class="plain">
                    <thead>
                        <tr>
                            <th scope="col">{t!("Suggested")}</th><th scope="col" class="number">{t!("Right")}</th>
                            <th scope="col" class="number">{t!("Most common value")}</th><th scope="col" class="number">{t!("Items with a suggestion")}</th>
                        </tr>
                    </thead>
                    <tbody>
                        {row(t!("Type"), &measure.types)}
                        {row(t!("Priority"), &measure.priorities)}
                        {row(t!("Time to resolve"), &measure.durations)}
                    </tbody>
                </table>
            </div>
        </section>
    }
    .into_any()
}

fn earlier_releases(earlier: &[ReleaseView]) -> Option<AnyView> {
    if earlier.is_empty() {
        return None;
    }
    let rows = earlier
        .iter()
        .map(|release| {
            view! {
                <tr>
                    <th scope="row">{release.version}</th>
                    <td>{release.period.clone()}</td>
                    <td>{moment(release.made_at)}</td>
                    <td class="number">{count(u64::from(release.report.organisations))}</td>
                    <td class="number">{count(release.report.published)}</td>
                    <td class="number">{count(release.report.suppressed)}</td>
                </tr>
            }
        })
        .collect_view();
    Some(
        view! {
            <section class="group" aria-labelledby="earlier">
                <h2 id="earlier">{t!("Earlier releases")}</h2>
                <p class="help">{t!("They stand as they were published; nothing is suggested from them.")}</p>
                <div class="table-frame" tabindex="0" role="region" aria-label=t!("Earlier releases, as a table")>
                    <table class="plain">
                        <thead>
                            <tr>
                                <th scope="col">{t!("Release")}</th><th scope="col">{t!("Period")}</th><th scope="col">{t!("Made")}</th>
                                <th scope="col" class="number">{t!("Organisations")}</th><th scope="col" class="number">{t!("Published")}</th>
                                <th scope="col" class="number">{t!("Left out")}</th>
                            </tr>
                        </thead>
                        <tbody>{rows}</tbody>
                    </table>
                </div>
            </section>
        }
        .into_any(),
    )
}

/// What would be different without one organisation, for that organisation. None if its region cannot be reached.
pub fn impact(slug: &str, impact: Option<&OrgImpact>) -> AnyView {
    let body = match impact {
        None => message(
            Tone::Held,
            t!("Your region does not answer").to_owned(),
            view! { <p>{t!("What you added is kept there, sealed under your key, so it cannot be compared just now.")}" "<a href=urls::impact(slug)>{t!("Try again")}</a></p> },
        ),
        Some(impact) => took_part(impact),
    };
    view! {
        {page_head(
            Some((urls::safeguards(slug), t!("Safeguards").to_owned())),
            t!("Without us").to_owned(),
            view! { <a class="button" href=urls::PATTERNS>{t!("The current release")}</a> },
        )}
        <p class="lead">{t!("What would be different in the published patterns if your organisation had contributed nothing.")}</p>
        {body}
    }
    .into_any()
}

fn took_part(model: &OrgImpact) -> AnyView {
    let Some(release) = &model.release else {
        return view! { <p class="empty">{t!("There is no release yet, so nothing was learned from anyone. This page will show what your part in it is.")}</p> }.into_any();
    };
    let version = release.version;
    let versions = (!model.versions.is_empty()).then(|| {
        let versions = model.versions.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        view! { <p class="facts">{t!("Releases that were computed with you: {versions}.", versions)}</p> }
    });
    match model.part {
        TakesPart::No => statement(t!("Nothing would be different: release {version} was computed without you.", version), versions),
        TakesPart::Forgotten => view! {
            {statement(t!("Release {version} was computed with you; what you had added is forgotten since.", version), versions)}
            <p class="lead">{t!("What your part was can be opened by nobody any more: it is forgotten when you take something back, when you move to another region, when your key is renewed and when its period is over. The release stands as it was published; the next one is computed without what you took back.")}</p>
        }
        .into_any(),
        TakesPart::Yes(part) => {
            let takes = count(part.takes_part);
            let published = count(part.published);
            let sentence = t!("You share {takes} of the {published} patterns of release {version}, each with enough others that you could not be told from them.", takes, published, version);
            let bars = [
                Bar { label: t!("Published patterns").to_owned(), values: vec![whole(part.published)] },
                Bar { label: t!("Shared by you").to_owned(), values: vec![whole(part.takes_part)] },
                Bar { label: t!("Would fall without you").to_owned(), values: vec![whole(part.would_fall)] },
            ];
            let words = charts::Words {
                id: "impact",
                title: t!("Published patterns and your part in them"),
                description: t!("{published} are published, {takes} are shared by you, {fall} would not be published without you.", published, takes, fall = count(part.would_fall)),
                series: &[t!("patterns")],
                of_names: false,
            };
            let rows = [
                (t!("Organisations behind a pattern"), count(part.organisations_at_most)),
                (t!("People behind a pattern"), count(part.people_at_most)),
            ]
            .map(|(what, most)| view! { <div><dt>{what}</dt><dd>{t!("lower by at most {most}", most)}</dd></div> })
            .into_iter()
            .collect_view();
            view! {
                {statement(sentence, versions)}
                {demonstration(release)}
                <div class="score-columns">
                    <section aria-labelledby="part">
                        <h2 id="part">{t!("Your part")}</h2>
                        <div class="card chart-card">{charts::bars(&words, &bars)}</div>
                    </section>
                    <section aria-labelledby="bounds">
                        <h2 id="bounds">{t!("The most that could be different")}</h2>
                        <p class="help">{t!("Not an estimate: a larger difference is impossible, because what one organisation adds is cut off before anything is counted.")}</p>
                        <dl class="facts-list">
                            {rows}
                            <div><dt>{t!("Most of your people in one pattern")}</dt><dd>{count(part.people)}</dd></div>
                            <div><dt>{t!("Patterns that would not be published")}</dt><dd>{count(part.would_fall)}</dd></div>
                        </dl>
                    </section>
                </div>
            }
            .into_any()
        }
    }
}

fn statement(sentence: String, facts: Option<impl IntoView + 'static>) -> AnyView {
    view! { <section class="statement" aria-label=t!("In one sentence")><p class="sentence">{sentence}</p>{facts}</section> }
        .into_any()
}

fn whole(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
