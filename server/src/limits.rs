//! How often somebody may do something. In memory, of bounded size, and only as exact as that needs to be: a restart
//! forgets, and several processes count each for itself. Never keeps an e-mail address.

use std::collections::HashMap;
use std::fmt::Debug;
use std::hash::{BuildHasher as _, Hash, RandomState};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use language::tn;
use policy::Timestamp;
use thiserror::Error;

use crate::address::Client;
use crate::errors::PageError;
use crate::metrics::RATE_LIMITED;
use crate::router::AppState;

/// So many at once, and then one more each time that `every` has passed.
#[derive(Clone, Copy, Debug)]
pub struct Quota {
    pub at_once: u32,
    pub every: Duration,
}

/// Too many: how long to wait for the next.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("too many for now; the next one may come in {} s", .0.as_secs())]
pub struct RetryAfter(Duration);

impl RetryAfter {
    pub const fn after(wait: Duration) -> Self {
        Self(wait)
    }

    /// In whole seconds, as the header of that name has it.
    pub fn seconds(self) -> u64 {
        self.0.as_millis().div_ceil(1_000).try_into().unwrap_or(u64::MAX)
    }

    /// For a person: `40 seconds`, `3 minutes`.
    pub fn in_words(self) -> String {
        match self.seconds() {
            seconds @ 0..=90 => tn!(seconds = seconds.max(1), "{seconds} second", "{seconds} seconds"),
            seconds => tn!(minutes = seconds.div_ceil(60), "{minutes} minute", "{minutes} minutes"),
        }
    }
}

/// More keys than this are not told apart at the same time.
const MOST_KEYS: usize = 50_000;

/// Counts by key, with one number for each: the moment at which all of its quota is there again.
#[derive(Debug)]
pub struct Limiter<K> {
    every: i64,
    at_once: i64,
    whole_at: Mutex<HashMap<K, i64>>,
}

impl<K: Clone + Eq + Hash> Limiter<K> {
    pub fn new(quota: Quota) -> Self {
        let every = i64::try_from(quota.every.as_micros()).unwrap_or(i64::MAX).max(1);
        Self { every, at_once: i64::from(quota.at_once.max(1)), whole_at: Mutex::default() }
    }

    /// Takes one of the key's quota.
    ///
    /// # Errors
    /// When nothing is left of it. Asking in vain costs nothing.
    pub fn check(&self, key: &K, now: Timestamp) -> Result<(), RetryAfter> {
        let now = now.micros();
        let spent = self.every.saturating_mul(self.at_once);
        let mut whole_at = self.whole_at.lock().unwrap_or_else(PoisonError::into_inner);
        let at = match whole_at.get_mut(key) {
            Some(at) => {
                // A clock that was set back makes nobody wait for longer than everything spent is worth.
                *at = (*at).clamp(now, now.saturating_add(spent));
                *at
            }
            None => now,
        };
        let wait = at.saturating_add(self.every).saturating_sub(now.saturating_add(spent));
        if wait > 0 {
            return Err(RetryAfter(Duration::from_micros(wait.unsigned_abs())));
        }
        if whole_at.len() >= MOST_KEYS && !whole_at.contains_key(key) {
            make_room(&mut whole_at, now);
        }
        whole_at.insert(key.clone(), at.saturating_add(self.every));
        Ok(())
    }
}

/// Forgets whoever has all of their quota again; if that is nobody, the half that has most of it.
fn make_room<K: Eq + Hash>(whole_at: &mut HashMap<K, i64>, now: i64) {
    whole_at.retain(|_, at| *at > now);
    if whole_at.len() >= MOST_KEYS {
        let mut all: Vec<i64> = whole_at.values().copied().collect();
        let middle = all.len() / 2;
        let (_, median, _) = all.select_nth_unstable(middle);
        let median = *median;
        let mut to_forget = middle;
        whole_at.retain(|_, at| {
            let forgotten = *at <= median && to_forget > 0;
            to_forget -= usize::from(forgotten);
            !forgotten
        });
    }
}

/// How often each kind of thing may be done.
#[derive(Clone, Copy, Debug)]
pub struct Quotas {
    pub sign_ins_of_account: Quota,
    pub sign_ins_of_client: Quota,
    pub changes_of_client: Quota,
    pub requests_of_key: Quota,
    pub refused_of_client: Quota,
    pub shows_of_client: Quota,
}

impl Default for Quotas {
    fn default() -> Self {
        let quota = |at_once, every| Quota { at_once, every };
        Self {
            // Guessing on at this pace tries 1,440 passwords a day.
            sign_ins_of_account: quota(10, Duration::from_secs(60)),
            // An office may stand behind one address.
            sign_ins_of_client: quota(60, Duration::from_secs(5)),
            // More than people with a mouse do; a program that goes on for longer is slowed down.
            changes_of_client: quota(1_500, Duration::from_millis(50)),
            // A program that reads everything once is let be; one that asks without end is slowed down to 100 a second.
            requests_of_key: quota(2_000, Duration::from_millis(10)),
            // A program whose key is over learns it and stops; whoever guesses keys is slowed down to 5 a second.
            refused_of_client: quota(300, Duration::from_millis(200)),
            // Whoever presents presses a key now and then; each press washes a text under the permits that all share.
            shows_of_client: quota(300, Duration::from_millis(200)),
        }
    }
}

/// Long tasks at a time, and those of one organisation: each walks a whole log, or holds a pack of evidence in memory.
const LONG_TASKS: usize = 4;
const LONG_TASKS_OF_ONE: usize = 2;

/// Batches of items at a time, and those of one organisation: each may hold some tens of megabytes, and they are washed one after
/// the other.
const BATCHES: usize = 16;
const BATCHES_OF_ONE: usize = 6;

/// Messages of webhooks at a time, and those of one organisation: most are small, and Jira sends several at once. They have places of
/// their own, because whoever knows an address can begin a message without a signature and never end it.
const MESSAGES: usize = 32;
const MESSAGES_OF_ONE: usize = 10;

/// As many tasks as may be are under way. How long one takes nobody knows; most are done in seconds.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("as many tasks of this kind as may be are under way")]
pub struct Busy;

impl Busy {
    /// When to ask again.
    pub const RETRY_AFTER: RetryAfter = RetryAfter(Duration::from_secs(10));
}

/// Tasks of which only so many may be under way at once, by their organisations.
#[derive(Debug)]
struct Tasks {
    most: usize,
    most_of_one: usize,
    running: Arc<Mutex<Vec<String>>>,
}

impl Tasks {
    fn new(most: usize, most_of_one: usize) -> Self {
        Self { most, most_of_one, running: Arc::default() }
    }

    fn begin(&self, org: &str) -> Result<Task, Busy> {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let own = running.iter().filter(|of| *of == org).count();
        if running.len() >= self.most || own >= self.most_of_one {
            return Err(Busy);
        }
        running.push(org.to_owned());
        Ok(Task { org: org.to_owned(), running: Arc::clone(&self.running) })
    }
}

/// One of [`Tasks`]. It counts until it is dropped.
#[derive(Debug)]
pub struct Task {
    org: String,
    running: Arc<Mutex<Vec<String>>>,
}

impl Drop for Task {
    fn drop(&mut self) {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = running.iter().position(|org| *org == self.org) {
            running.swap_remove(at);
        }
    }
}

/// The limits of the console.
#[derive(Debug)]
pub struct Limits {
    /// Makes numbers of e-mail addresses that mean nothing outside this process.
    names: RandomState,
    sign_ins_of_account: Limiter<u64>,
    sign_ins_of_client: Limiter<Client>,
    changes_of_client: Limiter<Client>,
    requests_of_key: Limiter<String>,
    refused_of_client: Limiter<Client>,
    shows_of_client: Limiter<Client>,
    /// What verifies a whole log or takes one away.
    long_tasks: Tasks,
    /// Batches of items that were read or wait for those before them.
    batches: Tasks,
    /// Messages of webhooks, from before they are read.
    messages: Tasks,
}

impl Limits {
    pub fn new(quotas: Quotas) -> Self {
        Self {
            names: RandomState::new(),
            sign_ins_of_account: Limiter::new(quotas.sign_ins_of_account),
            sign_ins_of_client: Limiter::new(quotas.sign_ins_of_client),
            changes_of_client: Limiter::new(quotas.changes_of_client),
            requests_of_key: Limiter::new(quotas.requests_of_key),
            refused_of_client: Limiter::new(quotas.refused_of_client),
            shows_of_client: Limiter::new(quotas.shows_of_client),
            long_tasks: Tasks::new(LONG_TASKS, LONG_TASKS_OF_ONE),
            batches: Tasks::new(BATCHES, BATCHES_OF_ONE),
            messages: Tasks::new(MESSAGES, MESSAGES_OF_ONE),
        }
    }

    /// One attempt to sign in. Whether there is such an account makes no difference.
    ///
    /// # Errors
    /// When the account or the client has tried too often.
    pub fn sign_in(&self, email: &str, client: Client, now: Timestamp) -> Result<(), RetryAfter> {
        self.sign_ins_of_client.check(&client, now)?;
        self.sign_ins_of_account.check(&self.names.hash_one(email.trim().to_lowercase()), now)
    }

    /// Begins a long task of an organisation, by its id. Whoever streams an answer keeps the task until the answer's end.
    ///
    /// # Errors
    /// When there are enough under way, of this organisation or of all.
    pub fn long_task(&self, org: &str) -> Result<Task, Busy> {
        self.long_tasks.begin(org)
    }

    /// Takes a batch of items of an organisation, by its id.
    ///
    /// # Errors
    /// When there are enough in memory, of this organisation or of all.
    pub fn batch(&self, org: &str) -> Result<Task, Busy> {
        self.batches.begin(org)
    }

    /// Takes a message of a webhook of an organisation, by the organisation's id.
    ///
    /// # Errors
    /// When there are enough in memory, of this organisation or of all.
    pub fn message(&self, org: &str) -> Result<Task, Busy> {
        self.messages.begin(org)
    }

    /// One attempt to sign in at the provider, before it is known whose account it is.
    ///
    /// # Errors
    /// When the client has tried too often.
    pub fn sign_in_elsewhere(&self, client: Client, now: Timestamp) -> Result<(), RetryAfter> {
        self.sign_ins_of_client.check(&client, now)
    }

    /// One request under a key, by its id.
    ///
    /// # Errors
    /// When the key was used too often.
    pub fn request(&self, key: &str, now: Timestamp) -> Result<(), RetryAfter> {
        self.requests_of_key.check(&key.to_owned(), now)
    }

    /// One request of the API without a key that works. Keys that work from the same address do not suffer for it.
    ///
    /// # Errors
    /// When there were too many from the client.
    pub fn refused(&self, client: Client, now: Timestamp) -> Result<(), RetryAfter> {
        self.refused_of_client.check(&client, now)
    }
}

/// Slows down whoever changes things without end.
pub(crate) async fn changes(State(state): State<AppState>, client: Client, request: Request, next: Next) -> Response {
    if !request.method().is_safe()
        && let Err(retry) = state.limits.changes_of_client.check(&client, state.sluice.now())
    {
        state.metrics.count(RATE_LIMITED, "changes");
        return PageError::TooMany(retry).into_response();
    }
    next.run(request).await
}

/// A look at a page that washes a text for whoever comes, signed in or not. It slows down whoever looks without end.
pub(crate) struct Show;

impl FromRequestParts<AppState> for Show {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, PageError> {
        let Ok(client) = Client::from_request_parts(parts, state).await;
        state.limits.shows_of_client.check(&client, state.sluice.now()).map_err(|retry| {
            state.metrics.count(RATE_LIMITED, "shows");
            PageError::TooMany(retry)
        })?;
        Ok(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(1_700_000_000_000_000 + seconds * 1_000_000)
    }

    fn three_a_minute<K: Clone + Eq + Hash>() -> Limiter<K> {
        Limiter::new(Quota { at_once: 3, every: Duration::from_secs(20) })
    }

    fn seconds(limiter: &Limiter<&str>, key: &'static str, now: i64) -> Option<u64> {
        limiter.check(&key, at(now)).err().map(RetryAfter::seconds)
    }

    #[test]
    fn so_many_at_once_and_then_one_at_a_time() {
        let limiter = three_a_minute();
        for (now, wait) in [
            (0, None),
            (0, None),
            (0, None),
            (0, Some(20)),
            (1, Some(19)),
            (19, Some(1)),
            (20, None),
            (20, Some(20)),
            (41, None),
            // Everything is there again.
            (100, None),
            (100, None),
            (100, None),
            (100, Some(20)),
        ] {
            assert_eq!(seconds(&limiter, "a", now), wait, "at {now} s");
        }
        assert_eq!(seconds(&limiter, "b", 0), None, "another key has its own");
    }

    #[test]
    fn a_clock_set_back_locks_nobody_out() {
        let limiter = three_a_minute();
        for _ in 0..3 {
            assert_eq!(seconds(&limiter, "a", 1_000_000), None);
        }
        assert_eq!(seconds(&limiter, "a", 0), Some(20));
        assert_eq!(seconds(&limiter, "a", 20), None);
    }

    #[test]
    fn memory_is_bounded_and_the_busiest_are_remembered() {
        let limiter = three_a_minute::<usize>();
        for _ in 0..3 {
            limiter.check(&0, at(0)).unwrap();
        }
        for key in 1..3 * MOST_KEYS {
            limiter.check(&key, at(0)).unwrap();
            assert!(limiter.whole_at.lock().unwrap().len() <= MOST_KEYS);
        }
        assert!(limiter.check(&0, at(0)).is_err(), "whoever spent most is not forgotten for others");
    }

    #[test]
    fn a_wait_reads_well() {
        let words = |seconds| RetryAfter(Duration::from_millis(seconds)).in_words();
        assert_eq!(words(1), "1 second");
        assert_eq!(words(59_001), "60 seconds");
        assert_eq!(words(91_000), "2 minutes");
        assert_eq!(words(600_000), "10 minutes");
    }

    #[test]
    fn long_tasks_are_few_and_no_organisation_has_them_all() {
        let limits = Limits::new(Quotas::default());
        let first = limits.long_task("a").unwrap();
        let _second = limits.long_task("a").unwrap();
        assert_eq!(limits.long_task("a").unwrap_err(), Busy);
        let _others = [limits.long_task("b").unwrap(), limits.long_task("c").unwrap()];
        assert_eq!(limits.long_task("d").unwrap_err(), Busy);
        drop(first);
        let _again = limits.long_task("a").unwrap();
        assert_eq!(limits.long_task("d").unwrap_err(), Busy);
    }

    #[test]
    fn an_account_is_the_same_however_it_is_written() {
        let limits = Limits::new(Quotas::default());
        assert_eq!(limits.names.hash_one("a@b.example"), limits.names.hash_one(String::from("a@b.example")));
        assert!(!format!("{limits:?}").contains("example"));
    }
}
