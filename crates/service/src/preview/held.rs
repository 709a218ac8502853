//! The preview of an uploaded file, which is held for whoever sent it.

use language::Dates as _;
use std::fmt;
use std::sync::Arc;

use deidentify::Export;

use super::scorecard::{self, ScoreKey, Scorecard};
use super::{Form, Look, MAX_BYTES, Preview, PreviewError, Source, drafts, page, snapshot, washing, would_leave};
use audit::Action;

use crate::Sluice;
use crate::access::{OrgAdmin, ReadsOrg};
use crate::knowledge::knowledge;
use crate::terms::{self, Wanted, Written};
use crate::uploads::{Gone, Held, Purpose};

impl From<Gone> for PreviewError {
    fn from(gone: Gone) -> Self {
        Self::Gone(gone.drafts)
    }
}

impl From<crate::knowledge::KnowledgeError> for PreviewError {
    fn from(error: crate::knowledge::KnowledgeError) -> Self {
        use crate::knowledge::KnowledgeError::{Failed, Refused, Store};
        match error {
            Refused(refusal) => Self::Refused(refusal),
            Store(error) => Self::Store(error),
            Failed(what) => Self::Failed(what),
            crate::knowledge::KnowledgeError::Gone => Self::Gone(Vec::new()),
        }
    }
}

/// Holds a file that can be read and has items. Returns its id.
///
/// # Errors
/// A file that is too large, cannot be read, or is empty: with the place and what is wrong there. Then nothing is held.
pub async fn hold(sluice: &Sluice, admin: &OrgAdmin, name: String, bytes: Vec<u8>) -> Result<String, PreviewError> {
    if bytes.len() > MAX_BYTES {
        return Err(PreviewError::TooLarge);
    }
    if bytes.is_empty() {
        return Err(PreviewError::Empty);
    }
    let bytes = washing(move || {
        let export = Export::read(&bytes)?;
        if export.is_empty() {
            return Err(PreviewError::Empty);
        }
        // An item that cannot be read is told now, not on the page that it would stand on.
        for item in export.items() {
            item?;
        }
        Ok(bytes)
    })
    .await?;
    let now = sluice.now();
    let id = sluice.uploads.hold(now, admin, Purpose::Export, name, bytes);
    // The name of the file may say what is in it; the log has the id only.
    let entry = admin.who().did(now, Action::PreviewUpload, "upload", &id);
    sluice.store.append(&[(admin.org().id.clone(), entry)]).await?;
    Ok(id)
}

fn open(sluice: &Sluice, admin: &OrgAdmin, id: &str) -> Result<Held, PreviewError> {
    Ok(sluice.uploads.open(sluice.now(), admin, Purpose::Export, id)?)
}

/// Some items of a file that is held.
///
/// # Errors
/// [`PreviewError::Gone`] with the drafts that are left of it.
pub async fn items(sluice: &Sluice, admin: &OrgAdmin, id: &str, look: Look) -> Result<Preview, PreviewError> {
    let held = open(sluice, admin, id)?;
    let known = knowledge(sluice, admin).await?;
    let source = Source::File { id: held.id, name: held.name };
    page(sluice, admin, Some(known), source, held.bytes, look, held.drafts).await
}

/// What the wash does to the whole file. It is computed once for each state of the settings, the terms and the people.
///
/// # Errors
/// As [`items`].
pub async fn score(
    sluice: &Sluice,
    admin: &OrgAdmin,
    id: &str,
    as_if_on: bool,
) -> Result<(Held, Arc<Scorecard>), PreviewError> {
    let held = open(sluice, admin, id)?;
    let snapshot = snapshot(sluice, admin, as_if_on).await?;
    let known = knowledge(sluice, admin).await?;
    let tried = drafts::sensible(held.drafts.clone(), &known.terms);
    let key = ScoreKey {
        as_if_on,
        day: sluice.shown_at().date(),
        settings: snapshot.version,
        knowledge: known.version,
        drafts: tried.clone(),
    };
    if let Some(scorecard) = sluice.uploads.scored(admin, id, &key) {
        return Ok((held, scorecard));
    }
    let (catalogue, at) = (Arc::clone(sluice.catalogue()), sluice.shown_at());
    let (uploads, admin, of, bytes) = (sluice.uploads.clone(), admin.clone(), id.to_owned(), Arc::clone(&held.bytes));
    let scorecard = washing(move || {
        let scorecard = Arc::new(scorecard::of_file(&catalogue, &snapshot, &known, &tried, &bytes, at)?);
        uploads.keep_scored(&admin, &of, key, &scorecard);
        Ok(scorecard)
    })
    .await?;
    Ok((held, scorecard))
}

/// What would leave of a file, for its admin to keep.
pub struct Download {
    /// Of the file that was uploaded.
    pub name: String,
    pub bytes: Vec<u8>,
}

impl fmt::Debug for Download {
    /// Shows nothing of the file.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Download").field("bytes", &self.bytes.len()).finish_non_exhaustive()
    }
}

/// Exactly what would leave of every item, as `sluice preview` prints it. Drafts have no part in it: they do not hold yet.
///
/// # Errors
/// As [`items`].
pub async fn download(
    sluice: &Sluice,
    admin: &OrgAdmin,
    id: &str,
    as_if_on: bool,
    form: Form,
) -> Result<Download, PreviewError> {
    let held = open(sluice, admin, id)?;
    let bytes = would_leave(sluice, admin, held.bytes, as_if_on, form).await?;
    let entry = admin.who().did(sluice.now(), Action::PreviewDownload, "upload", id);
    sluice.store.append(&[(admin.org().id.clone(), entry)]).await?;
    Ok(Download { name: held.name, bytes })
}

/// Forgets a file and its drafts at once.
pub fn discard(sluice: &Sluice, admin: &OrgAdmin, id: &str) {
    sluice.uploads.discard(admin, Purpose::Export, id);
}

/// The drafts of a file, also of one that is gone.
pub fn drafts_of(sluice: &Sluice, admin: &OrgAdmin, id: &str) -> Vec<Wanted> {
    match sluice.uploads.open(sluice.now(), admin, Purpose::Export, id) {
        Ok(held) => held.drafts,
        Err(gone) => gone.drafts,
    }
}

/// Drafts with one more.
///
/// # Errors
/// A refusal that says why it cannot be a term.
pub async fn try_term(
    sluice: &Sluice,
    admin: &OrgAdmin,
    tried: &[Wanted],
    term: &str,
    removed: bool,
) -> Result<Vec<Wanted>, PreviewError> {
    let terms = sluice.store.terms(&admin.org().id).await?;
    Ok(drafts::with(tried, &terms, Wanted { term: terms::tidy(term), to: Some(removed) })?)
}

/// Makes drafts real.
///
/// # Errors
/// A refusal that says which of them cannot be a term; then none is.
pub async fn save_drafts(sluice: &Sluice, admin: &OrgAdmin, tried: &[Wanted]) -> Result<Written, PreviewError> {
    Ok(terms::set(sluice, admin, tried).await?)
}
