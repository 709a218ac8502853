//! Files that people look at: in memory only, for a quarter of an hour after the last look, for whoever sent them alone.
//!
//! Another account, another organisation and an id that never was are the same thing here: not held.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use policy::Timestamp;
use uuid::Uuid;

use crate::access::{OrgAdmin, ReadsOrg};
use crate::preview::scorecard::{ScoreKey, Scorecard};
use crate::terms::Wanted;

/// How long a file is held after it was last looked at.
pub const MINUTES: i64 = 15;

/// What all files together may take, in bytes. The oldest goes first.
pub const MOST_BYTES: usize = 64 * 1024 * 1024;

/// How long drafts outlive their file: they are small, and someone's work.
const DRAFT_HOURS: i64 = 12;

/// Files and left-over drafts together; the oldest goes first.
const MOST_ENTRIES: usize = 1_000;

/// What a file is for: one is not taken for the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Items to preview.
    Export,
    /// People for the directory.
    People,
}

/// A file that is held.
#[derive(Clone)]
pub struct Held {
    pub id: String,
    pub name: String,
    pub bytes: Arc<Vec<u8>>,
    /// Terms that were tried on it and not saved yet.
    pub drafts: Vec<Wanted>,
}

impl fmt::Debug for Held {
    /// Shows nothing of the file.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Held").field("id", &self.id).field("bytes", &self.bytes.len()).finish_non_exhaustive()
    }
}

/// A file that is not held any more, and the drafts that are left of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gone {
    pub drafts: Vec<Wanted>,
}

/// Every file that is held, oldest first.
#[derive(Clone, Default)]
pub struct Uploads(Arc<Mutex<Vec<Entry>>>);

struct Entry {
    id: String,
    purpose: Purpose,
    account_id: String,
    org_id: String,
    name: String,
    /// None once its time is over.
    bytes: Option<Arc<Vec<u8>>>,
    drafts: Vec<Wanted>,
    scored: Option<(ScoreKey, Arc<Scorecard>)>,
    seen_at: Timestamp,
}

impl Entry {
    fn size(&self) -> usize {
        self.bytes.as_ref().map_or(0, |bytes| bytes.len())
    }

    fn drop_bytes(&mut self) {
        self.bytes = None;
        self.scored = None;
    }
}

impl fmt::Debug for Uploads {
    /// Shows nothing of any file.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Uploads").field("held", &self.entries().len()).finish_non_exhaustive()
    }
}

impl Uploads {
    fn entries(&self) -> MutexGuard<'_, Vec<Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Holds a file and returns its id, which nobody can guess.
    pub fn hold(&self, now: Timestamp, admin: &OrgAdmin, purpose: Purpose, name: String, bytes: Vec<u8>) -> String {
        self.sweep(now);
        let id = Uuid::new_v4().simple().to_string();
        let mut entries = self.entries();
        let mut total: usize = bytes.len() + entries.iter().map(Entry::size).sum::<usize>();
        for entry in entries.iter_mut() {
            if total <= MOST_BYTES {
                break;
            }
            total -= entry.size();
            entry.drop_bytes();
        }
        entries.retain(|entry| entry.bytes.is_some() || !entry.drafts.is_empty());
        if entries.len() >= MOST_ENTRIES {
            entries.remove(0);
        }
        entries.push(Entry {
            id: id.clone(),
            purpose,
            account_id: admin.account().id.clone(),
            org_id: admin.org().id.clone(),
            name,
            bytes: Some(Arc::new(bytes)),
            drafts: Vec::new(),
            scored: None,
            seen_at: now,
        });
        id
    }

    /// A file, which is held for another while.
    ///
    /// # Errors
    /// [`Gone`] with the drafts that are left of it.
    pub fn open(&self, now: Timestamp, admin: &OrgAdmin, purpose: Purpose, id: &str) -> Result<Held, Gone> {
        self.sweep(now);
        let mut entries = self.entries();
        let entry = find(&mut entries, admin, purpose, id).ok_or_else(Gone::default)?;
        let Some(bytes) = entry.bytes.clone() else {
            return Err(Gone { drafts: entry.drafts.clone() });
        };
        entry.seen_at = now;
        Ok(Held { id: entry.id.clone(), name: entry.name.clone(), bytes, drafts: entry.drafts.clone() })
    }

    /// Keeps drafts with their file, also when the file itself is gone.
    pub fn keep_drafts(&self, admin: &OrgAdmin, id: &str, drafts: Vec<Wanted>) {
        if let Some(entry) = find(&mut self.entries(), admin, Purpose::Export, id) {
            entry.drafts = drafts;
        }
    }

    pub fn discard(&self, admin: &OrgAdmin, purpose: Purpose, id: &str) {
        let mut entries = self.entries();
        if let Some(entry) = find(&mut entries, admin, purpose, id) {
            entry.drop_bytes();
            entry.drafts.clear();
        }
        entries.retain(|entry| entry.bytes.is_some() || !entry.drafts.is_empty());
    }

    pub(crate) fn scored(&self, admin: &OrgAdmin, id: &str, key: &ScoreKey) -> Option<Arc<Scorecard>> {
        let mut entries = self.entries();
        let (of, scorecard) = find(&mut entries, admin, Purpose::Export, id)?.scored.as_ref()?;
        (of == key).then(|| Arc::clone(scorecard))
    }

    pub(crate) fn keep_scored(&self, admin: &OrgAdmin, id: &str, key: ScoreKey, scorecard: &Arc<Scorecard>) {
        if let Some(entry) = find(&mut self.entries(), admin, Purpose::Export, id) {
            entry.scored = Some((key, Arc::clone(scorecard)));
        }
    }

    /// Forgets what nobody looked at for too long.
    pub fn sweep(&self, now: Timestamp) {
        let minutes = |since: Timestamp| (now.micros() - since.micros()) / 60_000_000;
        let mut entries = self.entries();
        for entry in entries.iter_mut().filter(|entry| minutes(entry.seen_at) >= MINUTES) {
            entry.drop_bytes();
        }
        entries.retain(|entry| {
            entry.bytes.is_some() || !entry.drafts.is_empty() && minutes(entry.seen_at) < DRAFT_HOURS * 60
        });
    }
}

fn find<'a>(entries: &'a mut [Entry], admin: &OrgAdmin, purpose: Purpose, id: &str) -> Option<&'a mut Entry> {
    entries.iter_mut().find(|entry| {
        entry.id == id
            && entry.purpose == purpose
            && entry.account_id == admin.account().id
            && entry.org_id == admin.org().id
    })
}
