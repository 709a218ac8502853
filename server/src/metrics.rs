//! What is counted, in the text format of Prometheus. Served on an address of its own, because it tells about the
//! installation; labels come from fixed lists, so nothing that a person typed can get here and memory stays bounded.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use store::Database;

use crate::regions::OpenRegions;

/// Attempts to sign in, by what came of them.
pub(crate) const SIGN_INS: &str = "sluice_sign_ins_total";
/// Requests that were refused because there were too many, by what there was too much of.
pub(crate) const RATE_LIMITED: &str = "sluice_rate_limited_total";

/// Denied attempts that the audit log did not take any more, by where they were made.
pub(crate) const UNWRITTEN: &str = "sluice_denied_unwritten_total";

/// Every counter with a label of its own, what it counts, and every value of its label.
const COUNTERS: [(&str, &str, &str, &[&str]); 3] = [
    (SIGN_INS, "Attempts to sign in.", "result", &["signed_in", "wrong", "busy", "limited", "failed"]),
    (RATE_LIMITED, "Requests refused because there were too many.", "limit", &["sign_in", "changes", "shows", "api"]),
    (UNWRITTEN, "Denied attempts beyond those that the audit log takes in an hour.", "through", &["page", "api"]),
];

/// Upper ends of the classes of duration, in seconds.
const CLASSES: [f64; 11] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// A region that does not answer for so long is not reached.
const LONGEST_WAIT: Duration = Duration::from_secs(2);

#[derive(Clone, Debug, Default)]
struct Durations {
    /// By class; what took longer than the last is in none.
    classes: [u64; CLASSES.len()],
    count: u64,
    seconds: f64,
}

#[derive(Debug, Default)]
struct Counted {
    /// By route, method and class of status.
    requests: BTreeMap<String, BTreeMap<(&'static str, &'static str), u64>>,
    durations: BTreeMap<String, Durations>,
    /// By counter and the value of its label.
    others: BTreeMap<(&'static str, &'static str), u64>,
    /// Withdrawals that are late, by region.
    late: BTreeMap<String, usize>,
}

#[derive(Debug, Default)]
pub struct Metrics(Mutex<Counted>);

impl Metrics {
    fn counted(&self) -> MutexGuard<'_, Counted> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A finished request, by its route as it is written in the list of routes.
    pub(crate) fn request(&self, route: &str, method: &'static str, status: StatusCode, took: Duration) {
        let seconds = took.as_secs_f64();
        let mut counted = self.counted();
        let requests = counted.requests.entry(route.to_owned()).or_default();
        *requests.entry((method, class_of(status))).or_default() += 1;
        let durations = counted.durations.entry(route.to_owned()).or_default();
        if let Some(class) = CLASSES.iter().position(|end| seconds <= *end) {
            durations.classes[class] += 1;
        }
        durations.count += 1;
        durations.seconds += seconds;
    }

    /// One more of a counter in [`COUNTERS`], with a value of its label.
    pub(crate) fn count(&self, counter: &'static str, value: &'static str) {
        *self.counted().others.entry((counter, value)).or_default() += 1;
    }

    /// How many withdrawals of a region are late.
    pub(crate) fn late(&self, region: &str, withdrawals: usize) {
        self.counted().late.insert(region.to_owned(), withdrawals);
    }

    /// Everything counted so far.
    fn text(&self) -> String {
        let counted = self.counted();
        let mut text = String::new();
        head(&mut text, "sluice_requests_total", "counter", "Finished requests.");
        for (route, requests) in &counted.requests {
            for ((method, status), count) in requests {
                let labels = format!("route=\"{route}\",method=\"{method}\",status=\"{status}\"");
                line(&mut text, "sluice_requests_total", &labels, count);
            }
        }
        head(
            &mut text,
            "sluice_request_seconds",
            "histogram",
            "Time from the head of a request to that of its answer.",
        );
        for (route, durations) in &counted.durations {
            let route = format!("route=\"{route}\"");
            let mut so_far = 0;
            for (end, count) in CLASSES.iter().zip(durations.classes) {
                so_far += count;
                line(&mut text, "sluice_request_seconds_bucket", &format!("{route},le=\"{end}\""), &so_far);
            }
            line(&mut text, "sluice_request_seconds_bucket", &format!("{route},le=\"+Inf\""), &durations.count);
            line(&mut text, "sluice_request_seconds_sum", &route, &durations.seconds);
            line(&mut text, "sluice_request_seconds_count", &route, &durations.count);
        }
        for (name, help, label, values) in COUNTERS {
            head(&mut text, name, "counter", help);
            for value in values {
                let count = counted.others.get(&(name, value)).unwrap_or(&0);
                line(&mut text, name, &format!("{label}=\"{value}\""), count);
            }
        }
        head(
            &mut text,
            "sluice_withdrawals_late",
            "gauge",
            "Withdrawals whose time is over and that are not finished.",
        );
        for (region, late) in &counted.late {
            line(&mut text, "sluice_withdrawals_late", &format!("region=\"{region}\""), late);
        }
        text
    }
}

fn class_of(status: StatusCode) -> &'static str {
    match status.as_u16() / 100 {
        1 => "1xx",
        2 => "2xx",
        3 => "3xx",
        4 => "4xx",
        _ => "5xx",
    }
}

fn head(text: &mut String, name: &str, kind: &str, help: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}");
}

fn line(text: &mut String, name: &str, labels: &str, value: &impl std::fmt::Display) {
    let _ = writeln!(text, "{name}{{{labels}}} {value}");
}

/// The one page of the address for metrics.
pub(crate) fn router(metrics: Arc<Metrics>, database: Database, regions: Arc<OpenRegions>) -> Router {
    Router::new().route("/metrics", get(show)).with_state((metrics, database, regions))
}

type Shown = (Arc<Metrics>, Database, Arc<OpenRegions>);

async fn show(State((metrics, database, regions)): State<Shown>) -> impl IntoResponse {
    let mut text = metrics.text();
    head(&mut text, "sluice_database_up", "gauge", "Whether the database answers and is up to date.");
    let _ = writeln!(text, "sluice_database_up {}", u8::from(database.is_current().await));
    // A database that does not answer has no number of sessions, rather than none.
    if let Ok(sessions) = database.sessions.count().await {
        head(&mut text, "sluice_sessions", "gauge", "People who are signed in, counted by browser.");
        let _ = writeln!(text, "sluice_sessions {sessions}");
    }
    head(&mut text, "sluice_region_up", "gauge", "Whether a region's data and keys answer and are up to date.");
    let asked = regions.0.iter().map(async |(id, of)| (id, tokio::time::timeout(LONGEST_WAIT, of.is_reached()).await));
    for (id, reached) in futures_util::future::join_all(asked).await {
        let label = format!("region=\"{id}\"");
        line(&mut text, "sluice_region_up", &label, &u8::from(reached.unwrap_or(false)));
    }
    head(&mut text, "sluice_build_info", "gauge", "Which version this is.");
    line(&mut text, "sluice_build_info", concat!("version=\"", env!("CARGO_PKG_VERSION"), "\""), &1);
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_counted_by_route_method_and_status() {
        let metrics = Metrics::default();
        for (status, ms) in [(200, 3), (204, 10), (404, 11), (200, 60_000)] {
            let status = StatusCode::from_u16(status).unwrap();
            metrics.request("/orgs/{org}", "GET", status, Duration::from_millis(ms));
        }
        metrics.count(SIGN_INS, "wrong");
        let text = metrics.text();
        for line in [
            "# TYPE sluice_requests_total counter",
            "sluice_requests_total{route=\"/orgs/{org}\",method=\"GET\",status=\"2xx\"} 3",
            "sluice_requests_total{route=\"/orgs/{org}\",method=\"GET\",status=\"4xx\"} 1",
            "# TYPE sluice_request_seconds histogram",
            "sluice_request_seconds_bucket{route=\"/orgs/{org}\",le=\"0.005\"} 1",
            "sluice_request_seconds_bucket{route=\"/orgs/{org}\",le=\"0.01\"} 2",
            "sluice_request_seconds_bucket{route=\"/orgs/{org}\",le=\"0.025\"} 3",
            "sluice_request_seconds_bucket{route=\"/orgs/{org}\",le=\"10\"} 3",
            "sluice_request_seconds_bucket{route=\"/orgs/{org}\",le=\"+Inf\"} 4",
            "sluice_request_seconds_sum{route=\"/orgs/{org}\"} 60.024",
            "sluice_request_seconds_count{route=\"/orgs/{org}\"} 4",
            "sluice_sign_ins_total{result=\"wrong\"} 1",
            "sluice_sign_ins_total{result=\"signed_in\"} 0",
        ] {
            assert!(text.lines().any(|of| of == line), "{line} is not in\n{text}");
        }
    }
}
