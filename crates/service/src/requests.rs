//! Requests that must not be done twice: a program that got no answer sends the same request again, under the same key.
//!
//! A request is remembered before it takes effect, and its answer after it did, each in a transaction of its own. If the
//! process is killed in between, what became of the request is not known: the record stays without an answer, and a
//! repetition is told so instead of being done a second time. The program then has to look.

use audit::sha256;
use policy::Timestamp;

use crate::Sluice;
use crate::access::KeyHolder;
use crate::ports::StoreError;

/// How long an answer is kept.
pub const HOURS: i64 = 24;

/// An answer as it was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub etag: Option<String>,
    pub body: String,
}

/// What is known of a request that comes in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Begun {
    /// Nothing: it may be done now.
    New,
    /// It was answered before.
    Answered(Answer),
    /// It began, and has no answer: it is under way, or it was cut off.
    Unanswered,
    /// Another request was sent under the same key.
    Another,
}

/// A request by the hash of who sent it, where to, and under which key.
#[derive(Clone, Debug)]
pub struct Request {
    id: String,
}

impl Request {
    pub fn new(holder: &KeyHolder, method: &str, path: &str, key: &str) -> Self {
        // No part but the last can hold a line break.
        Self { id: sha256([&holder.key().id, method, path, key].join("\n").as_bytes()) }
    }
}

/// Remembers a request that begins.
///
/// # Errors
/// When the store fails; then the request must not be done.
pub async fn begin(sluice: &Sluice, request: &Request, body: &[u8]) -> Result<Begun, StoreError> {
    let now = sluice.now();
    let oldest = Timestamp::from_micros(now.micros() - HOURS * 3_600_000_000);
    sluice.store.begin_request(&request.id, &sha256(body), now, oldest).await
}

/// Keeps the answer of a request that was done.
///
/// # Errors
/// When the store fails: a repetition is told then that the outcome is not known.
pub async fn answered(sluice: &Sluice, request: &Request, answer: &Answer) -> Result<(), StoreError> {
    sluice.store.answer_request(&request.id, answer).await
}

/// Forgets a request that changed nothing, so that it can be corrected and sent again.
///
/// # Errors
/// When the store fails.
pub async fn refused(sluice: &Sluice, request: &Request) -> Result<(), StoreError> {
    sluice.store.forget_request(&request.id).await
}
