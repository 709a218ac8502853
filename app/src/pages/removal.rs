//! What is being taken back: why, by when, how far, and the receipt of what is gone.

use language::{Dates as _, t, tn};
use leptos::prelude::*;
use policy::Timestamp;
use service::jobs::{Job, JobState, Task};
use service::removal::{Clock, Removal, RemovalPage, Work};
use service::words;

use crate::components::{Tone, kept, message, moment_exact, page_head};
use crate::curl::{Request, as_curl};
use crate::icons::{Icon, icon};
use crate::urls;

/// Groups of a removal that are shown before the rest is a number.
const SHOWN: usize = 6;

pub fn removal(page: RemovalPage) -> AnyView {
    let slug = page.org.slug.clone();
    let ledger = view! { <a class="button" href=urls::ledger(&slug)>{icon(Icon::Bars)}{t!("Ledger")}</a> };
    let body = match &page.work {
        None => {
            let heading = t!("The region {region} does not answer", region = page.region);
            let body = view! {
                <p>
                    {t!("What is kept and removed there cannot be shown just now. Removals go on as soon as it answers; nothing is forgotten.")}" "
                    <a href=urls::removal(&slug)>{t!("Try again")}</a>
                </p>
            };
            message(Tone::Held, heading, body)
        }
        Some(work) => shown(&page, work),
    };
    view! {
        {page_head(Some((urls::settings(&slug), t!("Data contribution").to_owned())), t!("Removal").to_owned(), ledger)}
        <p class="lead">
            {t!("What ceases to contribute is removed from what was contributed before. It begins at once; the day shown is the latest by which it is done. A signed receipt says what was removed, and that a query found nothing left.")}
        </p>
        {body}
    }
    .into_any()
}

/// As long as a job runs, this part is asked for again by the page's script; without scripts by the link.
fn shown(page: &RemovalPage, work: &Work) -> AnyView {
    let slug = &page.org.slug;
    let refresh = page.follows.then_some("");
    let late = work.open().filter(|removal| removal.withdrawal.is_late(page.now)).count();
    let late = (late > 0).then(|| {
        let heading = tn!(late, "{late} removal is late", "{late} removals are late");
        let body = t!("The day by which it had to be done has passed. Ask whoever runs Sluice to look at the job of this removal and at the region's database; it goes on by itself as soon as it can.");
        message(Tone::Error, heading, view! { <p>{body}</p> })
    });
    let removals = if work.removals.is_empty() {
        view! {
            <p class="empty">
                {t!("Nothing was ever taken back. When something is turned off or excluded, what it had contributed shows here with its clocks, and its receipt when it is gone.")}" "
                <a href=urls::settings(slug)>{t!("Go to the settings")}</a>
            </p>
        }
        .into_any()
    } else {
        let removals = work.removals.iter().map(|removal| card(slug, removal, page.now)).collect_view();
        view! { <ol class="history">{removals}</ol> }.into_any()
    };
    let api = Request { path: format!("/api/v1/orgs/{slug}/removals"), ..Request::default() };
    view! {
        <div id="work" data-refresh=refresh>
            <section class="statement" aria-label=t!("What is being removed")>
                <p class="sentence">{sentence(page, work)}</p>
                <p class="facts">{t!("Updated {time}", time = page.now.clock_time())}" · "<a id="refresh" href=urls::removal(slug)>{t!("Refresh")}</a></p>
            </section>
            {late}
            <section class="group" aria-labelledby="removals"><h2 id="removals">{t!("Removals")}</h2>{removals}</section>
            {jobs(&work.jobs)}
        </div>
        {as_curl(t!("Ask for the same over the API"), &api)}
    }
    .into_any()
}

fn sentence(page: &RemovalPage, work: &Work) -> String {
    let open: Vec<&Removal> = work.open().collect();
    let left: i64 = open.iter().map(|removal| (removal.withdrawal.total - removal.withdrawal.removed).max(0)).sum();
    let next = open.iter().map(|removal| removal.withdrawal.next_due()).min();
    match (open.len(), next) {
        (0, _) | (_, None) => match work.removals.len() {
            0 => t!("Nothing is being removed.").to_owned(),
            done => tn!(
                done,
                "Nothing is being removed; {done} removal is finished, with its receipt.",
                "Nothing is being removed; {done} removals are finished, each with its receipt."
            ),
        },
        (running, Some(next)) => {
            let what = tn!(running, "{running} removal is under way", "{running} removals are under way");
            let records = tn!(left, "{left} record is still to be removed", "{left} records are still to be removed");
            let (date, days) = (next.date(), countdown(next, page.now));
            t!("{what}: {records}, the next by {date} ({days}).", what, records, date, days)
        }
    }
}

/// `3 of 12`
fn of(some: i64, all: i64) -> String {
    t!("{some} of {all}", some = language::count(some), all = language::count(all))
}

/// `28 days left`, `today`, `2 days late`
fn countdown(due: Timestamp, now: Timestamp) -> String {
    if due > now {
        tn!(days = due.days_since(now), "{days} day left", "{days} days left")
    } else {
        tn!(days = now.days_since(due).max(1), "{days} day late", "{days} days late")
    }
}

fn card(org: &str, removal: &Removal, now: Timestamp) -> AnyView {
    let withdrawal = &removal.withdrawal;
    let late = withdrawal.is_late(now);
    let state = match (withdrawal.finished_at, late, removal.job) {
        (Some(_), ..) => {
            view! { <span class="lozenge lozenge-accent">{icon(Icon::Check)}{t!("Removed")}</span> }.into_any()
        }
        (None, true, _) => {
            view! { <span class="lozenge lozenge-danger">{icon(Icon::Alert)}{t!("of a removal" | "Late")}</span> }
                .into_any()
        }
        (None, false, Some(JobState::Running)) => {
            view! { <span class="lozenge">{icon(Icon::History)}{t!("Being removed")}</span> }.into_any()
        }
        (None, false, _) => view! { <span class="lozenge">{icon(Icon::Pause)}{t!("Waiting")}</span> }.into_any(),
    };
    let change = (withdrawal.version > 0).then(|| {
        let href = urls::with_query(&urls::history(org), &[("below", (withdrawal.version + 1).to_string())]);
        view! { " · "<a href=href>{t!("Change {number}", number = withdrawal.version)}</a> }
    });
    let groups = removal.groups.iter().take(SHOWN);
    let groups =
        groups.map(|group| view! { <li>{group.name.clone()}": "{of(group.removed, group.total)}</li> }).collect_view();
    let more = removal.groups.len().saturating_sub(SHOWN);
    let more = (more > 0).then(|| view! { <li>{t!("and {count} more, all in the receipt", count = more)}</li> });
    let total = withdrawal.total.max(withdrawal.removed);
    let (removed, all) = (language::count(withdrawal.removed), language::count(total));
    let label = t!("{removed} of {all} records removed", removed, all);
    let keys = match removal.keys_destroyed.as_slice() {
        [] => None,
        [one] => Some(t!("Key {number} was destroyed: no copy of what it sealed can be read any more.", number = one)),
        many => {
            let many: Vec<String> = many.iter().map(ToString::to_string).collect();
            let numbers = many.join(", ");
            Some(t!("Keys {numbers} were destroyed: no copy of what they sealed can be read any more.", numbers))
        }
    };
    let receipt = withdrawal.receipt.is_some().then(|| {
        view! {
            <a class="button small" href=urls::receipt(org, &withdrawal.id) download>
                {icon(Icon::Download)}{t!("Receipt")}" "<span class="sr-only">{t!("of the removal that began on {date}", date = withdrawal.since.date())}</span>
            </a>
        }
    });
    let clocks = removal.clocks.iter().map(|of| clock(of, withdrawal.finished_at, now)).collect_view();
    view! {
        <li class="card history-entry">
            <div class="history-head"><p>{state}" "<strong>{what(removal)}</strong></p>{receipt}</div>
            <p>{kept(language::told(&withdrawal.because), &withdrawal.because)}</p>
            <p class="help">{t!("of time" | "Since")}" "{moment_exact(withdrawal.since)}{change}</p>
            <ul class="removal-groups">{groups}{more}</ul>
            <progress max=total.max(1).to_string() value=progressed(withdrawal.removed, total, withdrawal.finished_at).to_string() aria-label=label.clone()></progress>
            <p class="help">{label}</p>
            <ul class="help">{clocks}</ul>
            {keys.map(|keys| view! { <p class="help">{icon(Icon::Key)}" "{keys}</p> })}
        </li>
    }
    .into_any()
}

/// Of a removal of nothing the bar is full as well once it is finished.
fn progressed(removed: i64, total: i64, finished: Option<Timestamp>) -> i64 {
    if finished.is_some() { total.max(1) } else { removed }
}

fn what(removal: &Removal) -> String {
    if removal.withdrawal.whole {
        return t!("Everything that was contributed").to_owned();
    }
    match removal.groups.as_slice() {
        [] => t!("Nothing that was kept").to_owned(),
        [one] => one.name.clone(),
        [first, rest @ ..] => t!("{what} and {count} more", what = first.name, count = rest.len()),
    }
}

fn clock(clock: &Clock, finished: Option<Timestamp>, now: Timestamp) -> AnyView {
    let what = words::kind_within(clock.kind);
    match (finished, clock.kept) {
        (Some(done), _) => {
            let (date, done_at) = (clock.due.date(), done.date_time());
            let told = match done <= clock.due {
                true => t!("The {what} had to be gone by {date}: gone on {done_at}, in time.", what, date, done_at),
                false => t!("The {what} had to be gone by {date}: gone on {done_at}, too late.", what, date, done_at),
            };
            view! { <li>{told}</li> }.into_any()
        }
        (None, true) => {
            view! { <li>{t!("The {what} has to be gone by {date}: it is.", what, date = clock.due.date())}</li> }
                .into_any()
        }
        (None, false) => {
            let class = (clock.due <= now).then_some("removal-late");
            view! { <li>{t!("The {what} has to be gone by {date}:", what, date = clock.due.date())}" "<strong class=class>{countdown(clock.due, now)}</strong></li> }.into_any()
        }
    }
}

fn jobs(jobs: &[Job]) -> Option<AnyView> {
    let rows = jobs
        .iter()
        .map(|job| {
            let progress = if job.total > 0 {
                let label = format!("{}: {}", job.task.name(), of(job.done, job.total));
                view! {
                    <progress max=job.total.to_string() value=job.done.min(job.total).to_string() aria-label=label></progress>
                    <span class="help">{of(job.done, job.total)}</span>
                }
                .into_any()
            } else {
                view! { <span class="help">{language::count(job.done)}</span> }.into_any()
            };
            let subject = (job.task != Task::Withdraw).then(|| view! { <span class="help block">{job.subject.clone()}</span> });
            view! {
                <tr>
                    <th scope="row">{job.task.name()}{subject}</th>
                    <td>{state_name(job)}</td>
                    <td class="job-progress">{progress}</td>
                    <td>{moment_exact(job.finished_at.unwrap_or(job.seen_at))}</td>
                </tr>
            }
        })
        .collect_view();
    (!jobs.is_empty()).then(|| {
        view! {
            <section class="group" aria-labelledby="jobs">
                <h2 id="jobs">{t!("Jobs")}</h2>
                <p class="help">{t!("Work that goes on behind the pages: removals, imports and new keys. It goes on whether anybody looks or not.")}</p>
                <div class="table-frame" tabindex="0" role="region" aria-label=t!("Jobs, as a table")>
                    <table class="plain">
                        <thead><tr><th scope="col">{t!("Job")}</th><th scope="col">{t!("State")}</th><th scope="col">{t!("Progress")}</th><th scope="col">{t!("Last heard of")}</th></tr></thead>
                        <tbody>{rows}</tbody>
                    </table>
                </div>
            </section>
        }
        .into_any()
    })
}

fn state_name(job: &Job) -> String {
    match job.state {
        JobState::Waiting if job.attempts > 0 => tn!(
            tries = job.attempts,
            "Waiting to be tried again, after {tries} try",
            "Waiting to be tried again, after {tries} tries"
        ),
        JobState::Waiting => t!("Waiting").to_owned(),
        JobState::Running => t!("Running").to_owned(),
        JobState::Done => t!("Done").to_owned(),
        JobState::GivenUp => tn!(tries = job.attempts, "Given up after {tries} try", "Given up after {tries} tries"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_countdown_is_never_short_of_a_day() {
        let due = Timestamp::parse("2026-12-01").unwrap();
        let of = |now: &str| countdown(due, Timestamp::parse(now).unwrap());
        assert_eq!(of("2026-11-03"), "28 days left");
        assert_eq!(of("2026-11-30T23:59:59Z"), "1 day left");
        assert_eq!(of("2026-12-01"), "1 day late");
        assert_eq!(of("2026-12-03"), "2 days late");
    }
}
