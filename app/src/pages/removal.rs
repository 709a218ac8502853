//! What is being taken back: why, by when, how far, and the receipt of what is gone.

use language::Dates as _;
use leptos::prelude::*;
use policy::Timestamp;
use service::jobs::{Job, JobState, Task};
use service::removal::{Clock, Removal, RemovalPage, Work};

use crate::components::{Tone, message, moment, moment_exact, page_head};
use crate::curl::{Request, as_curl};
use crate::icons::{Icon, icon};
use crate::urls;

/// Groups of a removal that are shown before the rest is a number.
const SHOWN: usize = 6;

pub fn removal(page: RemovalPage) -> AnyView {
    let slug = page.org.slug.clone();
    let ledger = view! { <a class="button" href=urls::ledger(&slug)>{icon(Icon::Bars)}"Ledger"</a> };
    let body = match &page.work {
        None => {
            let heading = format!("The region {} does not answer", page.region);
            let body = view! {
                <p>
                    "What is kept and removed there cannot be shown just now. Removals go on as soon as it answers; nothing is forgotten. "
                    <a href=urls::removal(&slug)>"Try again"</a>
                </p>
            };
            message(Tone::Held, heading, body)
        }
        Some(work) => shown(&page, work),
    };
    view! {
        {page_head(Some((urls::settings(&slug), "Data contribution".to_owned())), "Removal".to_owned(), ledger)}
        <p class="lead">
            "What ceases to contribute is removed from what was contributed before. It begins at once; the day shown is the latest by which it is done. A signed receipt says what was removed, and that a query found nothing left."
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
        let heading = if late == 1 { "1 removal is late".to_owned() } else { format!("{late} removals are late") };
        let body = "The day by which it had to be done has passed. Ask whoever runs Sluice to look at the job of this removal and at the region's database; it goes on by itself as soon as it can.";
        message(Tone::Error, heading, view! { <p>{body}</p> })
    });
    let removals = if work.removals.is_empty() {
        view! {
            <p class="empty">
                "Nothing was ever taken back. When something is turned off or excluded, what it had contributed shows here with its clocks, and its receipt when it is gone. "
                <a href=urls::settings(slug)>"Go to the settings"</a>
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
            <section class="statement" aria-label="What is being removed">
                <p class="sentence">{sentence(page, work)}</p>
                <p class="facts">"Updated "{page.now.clock_time()}" · "<a id="refresh" href=urls::removal(slug)>"Refresh"</a></p>
            </section>
            {late}
            <section class="group" aria-labelledby="removals"><h2 id="removals">"Removals"</h2>{removals}</section>
            {jobs(&work.jobs)}
        </div>
        {as_curl("Ask for the same over the API", &api)}
    }
    .into_any()
}

fn sentence(page: &RemovalPage, work: &Work) -> String {
    let open: Vec<&Removal> = work.open().collect();
    let left: i64 = open.iter().map(|removal| (removal.withdrawal.total - removal.withdrawal.removed).max(0)).sum();
    let next = open.iter().map(|removal| removal.withdrawal.next_due()).min();
    match (open.len(), next) {
        (0, _) | (_, None) => match work.removals.len() {
            0 => "Nothing is being removed.".to_owned(),
            1 => "Nothing is being removed; 1 removal is finished, with its receipt.".to_owned(),
            done => format!("Nothing is being removed; {done} removals are finished, each with its receipt."),
        },
        (running, Some(next)) => {
            let what = if running == 1 { "1 removal is".to_owned() } else { format!("{running} removals are") };
            let records =
                if left == 1 { "1 record is".to_owned() } else { format!("{} records are", language::count(left)) };
            format!(
                "{what} under way: {records} still to be removed, the next by {} ({}).",
                next.date(),
                countdown(next, page.now)
            )
        }
    }
}

/// `28 days left`, `today`, `2 days late`
fn countdown(due: Timestamp, now: Timestamp) -> String {
    let days = |days: i64| if days == 1 { "1 day".to_owned() } else { format!("{days} days") };
    if due > now {
        format!("{} left", days(due.days_since(now)))
    } else {
        format!("{} late", days(now.days_since(due).max(1)))
    }
}

fn card(org: &str, removal: &Removal, now: Timestamp) -> AnyView {
    let withdrawal = &removal.withdrawal;
    let late = withdrawal.is_late(now);
    let state = match (withdrawal.finished_at, late, removal.job) {
        (Some(_), ..) => view! { <span class="lozenge lozenge-accent">{icon(Icon::Check)}"Removed"</span> }.into_any(),
        (None, true, _) => view! { <span class="lozenge lozenge-danger">{icon(Icon::Alert)}"Late"</span> }.into_any(),
        (None, false, Some(JobState::Running)) => {
            view! { <span class="lozenge">{icon(Icon::History)}"Being removed"</span> }.into_any()
        }
        (None, false, _) => view! { <span class="lozenge">{icon(Icon::Pause)}"Waiting"</span> }.into_any(),
    };
    let change = (withdrawal.version > 0).then(|| {
        let href = urls::with_query(&urls::history(org), &[("below", (withdrawal.version + 1).to_string())]);
        view! { " · "<a href=href>"Change "{withdrawal.version}</a> }
    });
    let groups = removal.groups.iter().take(SHOWN);
    let groups = groups
        .map(|group| view! { <li>{group.name.clone()}": "{language::count(group.removed)}" of "{language::count(group.total)}</li> })
        .collect_view();
    let more = removal.groups.len().saturating_sub(SHOWN);
    let more = (more > 0).then(|| view! { <li>{format!("and {more} more, all in the receipt")}</li> });
    let total = withdrawal.total.max(withdrawal.removed);
    let label = format!("{} of {} records removed", language::count(withdrawal.removed), language::count(total));
    let keys = match removal.keys_destroyed.as_slice() {
        [] => None,
        [one] => Some(format!("Key {one} was destroyed: no copy of what it sealed can be read any more.")),
        many => {
            let many: Vec<String> = many.iter().map(ToString::to_string).collect();
            Some(format!("Keys {} were destroyed: no copy of what they sealed can be read any more.", many.join(", ")))
        }
    };
    let receipt = withdrawal.receipt.is_some().then(|| {
        view! {
            <a class="button small" href=urls::receipt(org, &withdrawal.id) download>
                {icon(Icon::Download)}"Receipt"<span class="sr-only">" of the removal that began "{withdrawal.since.date()}</span>
            </a>
        }
    });
    let clocks = removal.clocks.iter().map(|of| clock(of, withdrawal.finished_at, now)).collect_view();
    view! {
        <li class="card history-entry">
            <div class="history-head"><p>{state}" "<strong>{what(removal)}</strong></p>{receipt}</div>
            <p>{withdrawal.because.clone()}</p>
            <p class="help">"Since "{moment_exact(withdrawal.since)}{change}</p>
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
        return "Everything that was contributed".to_owned();
    }
    match removal.groups.as_slice() {
        [] => "Nothing that was kept".to_owned(),
        [one] => one.name.clone(),
        [first, rest @ ..] => format!("{} and {} more", first.name, rest.len()),
    }
}

fn clock(clock: &Clock, finished: Option<Timestamp>, now: Timestamp) -> AnyView {
    let what = clock.what;
    match (finished, clock.kept) {
        (Some(done), _) => {
            let in_time = if done <= clock.due { "in time" } else { "too late" };
            view! { <li>"The "{what}" had to be gone by "{moment(clock.due)}": gone "{moment_exact(done)}", "{in_time}"."</li> }.into_any()
        }
        (None, true) => view! { <li>"The "{what}" has to be gone by "{moment(clock.due)}": it is."</li> }.into_any(),
        (None, false) => {
            let class = (clock.due <= now).then_some("removal-late");
            view! { <li>"The "{what}" has to be gone by "{moment(clock.due)}": "<strong class=class>{countdown(clock.due, now)}</strong></li> }.into_any()
        }
    }
}

fn jobs(jobs: &[Job]) -> Option<AnyView> {
    let rows = jobs
        .iter()
        .map(|job| {
            let progress = if job.total > 0 {
                let label = format!("{}: {} of {}", job.task.name(), language::count(job.done), language::count(job.total));
                view! {
                    <progress max=job.total.to_string() value=job.done.min(job.total).to_string() aria-label=label></progress>
                    <span class="help">{language::count(job.done)}" of "{language::count(job.total)}</span>
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
                <h2 id="jobs">"Jobs"</h2>
                <p class="help">"Work that goes on behind the pages: removals, imports and new keys. It goes on whether anybody looks or not."</p>
                <div class="table-frame" tabindex="0" role="region" aria-label="Jobs, as a table">
                    <table class="plain">
                        <thead><tr><th scope="col">"Job"</th><th scope="col">"State"</th><th scope="col">"Progress"</th><th scope="col">"Last heard of"</th></tr></thead>
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
        JobState::Waiting if job.attempts > 0 => format!("Waiting to be tried again, after {} tries", job.attempts),
        JobState::Waiting => "Waiting".to_owned(),
        JobState::Running => "Running".to_owned(),
        JobState::Done => "Done".to_owned(),
        JobState::GivenUp => format!("Given up after {} tries", job.attempts),
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
