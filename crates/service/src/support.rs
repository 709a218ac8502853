//! Support's looks at an organisation: asked for with a purpose and a case, allowed if the organisation wants to be asked,
//! over after a while, and written to the organisation's own audit log throughout.
//!
//! Nothing here gives support a way to change anything of the organisation. What support itself writes is this: that it
//! looks, why, and that it has stopped.

use audit::{Action, Draft};
use policy::{Setting, Timestamp};
use thiserror::Error;

use crate::Sluice;
use crate::access::{AuditsOrg, OrgAdmin, ReadsOrg, SupportReview, Who, difference};
use crate::audit_log::kept_path;
use crate::evidence::{StateOn, state_on};
use crate::model::{OrgRef, Purpose, Review, StaffRole};
use crate::ports::{ChangeError, StoreError};
use crate::settings::SettingsError;
use crate::settings::clocks::{self, RunningClock};
use crate::settings::rows::{Control, row};

/// How long one look lasts.
pub const REVIEW_MINUTES: i64 = 30;

/// A case number is a few characters at every vendor's desk.
const LONGEST_CASE: usize = 40;

/// Reviews that a page shows.
const SHOWN: u32 = 50;

/// Why a review was not begun or changed. Each text says what is wrong and what to do.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ReviewRefusal {
    #[error("Choose what you are looking for.")]
    NoPurpose,
    #[error("Write the number of the case, for example CS-10482: letters, digits and dashes, at most {LONGEST_CASE}.")]
    NoCase,
    #[error("You asked already; an admin of the organisation has still to answer.")]
    AskedAlready,
    #[error("This request was answered already.")]
    Answered,
    #[error("This look is over already.")]
    Over,
}

#[derive(Debug, Error)]
pub enum SupportError {
    #[error(transparent)]
    Refused(#[from] ReviewRefusal),
    #[error("there is no such organisation or review")]
    NotFound,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<ChangeError<ReviewRefusal>> for SupportError {
    fn from(error: ChangeError<ReviewRefusal>) -> Self {
        match error {
            ChangeError::Refused(refusal) => Self::Refused(refusal),
            ChangeError::Store(error) => Self::Store(error),
        }
    }
}

/// The capability to ask for a look: an account of the vendor's support.
#[derive(Clone, Debug)]
pub struct Support(Who);

impl Support {
    /// None for everyone else.
    pub fn of(who: Who) -> Option<Self> {
        (who.account.staff == Some(StaffRole::Support)).then_some(Self(who))
    }

    pub fn who(&self) -> &Who {
        &self.0
    }
}

/// What support sees of an organisation before it has said what for.
#[derive(Clone, Debug)]
pub struct Entry {
    pub org: OrgRef,
    pub must_ask: bool,
    /// What this account has asked or is looking at now.
    pub review: Option<Review>,
    pub now: Timestamp,
}

/// Organisations whose name, slug or id has a text in it.
///
/// # Errors
/// When the store fails.
pub async fn search(sluice: &Sluice, _: &Support, text: &str) -> Result<Vec<OrgRef>, StoreError> {
    let sought = text.trim().to_lowercase();
    let fits = |value: &str| value.to_lowercase().contains(&sought);
    let all = sluice.store.all_organisations().await?;
    Ok(all.into_iter().filter(|org| fits(&org.name) || fits(&org.slug) || org.id == sought).collect())
}

/// The door of an organisation.
///
/// # Errors
/// [`SupportError::NotFound`] if there is none with this slug.
pub async fn entry(sluice: &Sluice, support: &Support, slug: &str) -> Result<Entry, SupportError> {
    let org = sluice.store.organisation(slug).await?.ok_or(SupportError::NotFound)?;
    let now = sluice.now();
    let mine = |review: &Review| review.account_id == support.0.account.id;
    let reviews = sluice.store.reviews(&org.id, SHOWN).await?;
    let review = reviews.into_iter().find(|review| mine(review) && (review.is_asked() || review.is_running(now)));
    Ok(Entry { must_ask: sluice.store.support_must_ask(&org.id).await?, review, now, org })
}

/// Changes that the summary of a review shows.
const CHANGES_SHOWN: usize = 10;

/// An organisation at a glance, for support that reviews it.
#[derive(Clone, Debug)]
pub struct Summary {
    pub state: StateOn,
    /// What waits for a decision, with the reason.
    pub held: Vec<(Setting, String, String)>,
    pub clocks: Vec<RunningClock>,
}

/// What a case usually needs: the plan, what leaves, what is held, which clocks run, what was changed last.
///
/// # Errors
/// When the organisation is gone or the store fails.
pub async fn summary(sluice: &Sluice, support: &SupportReview) -> Result<Summary, SettingsError> {
    let mut state = state_on(sluice, support, sluice.now()).await?;
    state.changes.truncate(CHANGES_SHOWN);
    let clocks = clocks::running(sluice, support).await?;
    let snapshot = sluice.store.snapshot(&support.org().id).await?.ok_or(SettingsError::NotFound)?;
    let at = sluice.shown_at();
    let held = state.decisions.iter().filter_map(|decision| {
        match row(&sluice.catalogue, &snapshot, &decision.setting, at).control {
            Control::Held(why) => Some((decision.setting.clone(), decision.label.clone(), why)),
            _ => None,
        }
    });
    Ok(Summary { held: held.collect(), state, clocks })
}

/// Begins a look, or asks for one where the organisation wants to be asked.
///
/// # Errors
/// What is missing, and [`SupportError::NotFound`].
pub async fn enter(
    sluice: &Sluice,
    support: &Support,
    slug: &str,
    purpose: Option<Purpose>,
    case: &str,
) -> Result<Review, SupportError> {
    let Entry { org, must_ask, review: open, now } = entry(sluice, support, slug).await?;
    match open {
        Some(review) if review.is_asked() => return Err(ReviewRefusal::AskedAlready.into()),
        Some(review) => return Ok(review),
        None => {}
    }
    let purpose = purpose.ok_or(ReviewRefusal::NoPurpose)?;
    let case = case.trim();
    let fits = |c: char| c.is_ascii_alphanumeric() || "-_#/.".contains(c);
    if case.is_empty() || case.len() > LONGEST_CASE || !case.chars().all(fits) {
        return Err(ReviewRefusal::NoCase.into());
    }
    let account = &support.0.account;
    let review = Review {
        id: uuid::Uuid::now_v7().to_string(),
        account_id: account.id.clone(),
        by: account.name.clone(),
        purpose,
        case: case.to_owned(),
        asked_at: now,
        starts_at: (!must_ask).then_some(now),
        ends_at: (!must_ask).then(|| end_of(now)),
        ended_at: None,
        ended_by: None,
    };
    let action = if must_ask { Action::SupportRequest } else { Action::SupportEnter };
    sluice.store.add_review(&org.id, &review, &said(&support.0, now, action, &review)).await?;
    Ok(review)
}

/// Support stops looking, or takes its request back. Without either this does nothing.
///
/// # Errors
/// [`SupportError::NotFound`] if there is no such organisation.
pub async fn leave(sluice: &Sluice, support: &Support, slug: &str) -> Result<(), SupportError> {
    let Entry { org, review, .. } = entry(sluice, support, slug).await?;
    match review {
        Some(review) => end(sluice, &org, &support.0, &review.id, Action::SupportWithdraw).await,
        None => Ok(()),
    }
}

/// Writes that support looked at a page.
///
/// # Errors
/// When the store fails; then the page must not be shown.
pub async fn looked(sluice: &Sluice, support: &SupportReview, page: &str) -> Result<(), StoreError> {
    let entry = Draft {
        reason: Some(support.review().case.clone()),
        ..support.who().did(sluice.now(), Action::SupportView, "page", &kept_path(page))
    };
    sluice.store.append(&[(support.org().id.clone(), entry)]).await
}

/// What an organisation sees of support's looks.
#[derive(Clone, Debug)]
pub struct SupportAccess {
    pub org: OrgRef,
    pub must_ask: bool,
    /// Newest first.
    pub reviews: Vec<Review>,
    pub now: Timestamp,
}

/// What support has looked at, is looking at and asks to look at.
///
/// # Errors
/// When the store fails.
pub async fn access(sluice: &Sluice, cap: &impl AuditsOrg) -> Result<SupportAccess, StoreError> {
    let org = cap.org().clone();
    Ok(SupportAccess {
        must_ask: sluice.store.support_must_ask(&org.id).await?,
        reviews: sluice.store.reviews(&org.id, SHOWN).await?,
        now: sluice.now(),
        org,
    })
}

/// Whether each look has to be allowed from now on.
///
/// # Errors
/// When the store fails.
pub async fn set_must_ask(sluice: &Sluice, admin: &OrgAdmin, must: bool) -> Result<(), StoreError> {
    let word = |must| if must { "must ask" } else { "may enter" };
    let was = sluice.store.support_must_ask(&admin.org().id).await?;
    if was == must {
        return Ok(());
    }
    let entry = Draft {
        changes: vec![difference("support", Some(word(was)), Some(word(must)))],
        ..admin.who().did(sluice.now(), Action::SupportRule, "support", "")
    };
    sluice.store.set_support_must_ask(&admin.org().id, must, &entry).await
}

/// Allows a look that support asked for; its time begins now.
///
/// # Errors
/// [`ReviewRefusal::Answered`] if it was answered already.
pub async fn approve(sluice: &Sluice, admin: &OrgAdmin, review_id: &str) -> Result<(), SupportError> {
    let now = sluice.now();
    decide(sluice, admin, review_id, |review| {
        if !review.is_asked() {
            return Err(ReviewRefusal::Answered);
        }
        let allowed = Review { starts_at: Some(now), ends_at: Some(end_of(now)), ..review.clone() };
        Ok((allowed, said(admin.who(), now, Action::SupportApprove, review)))
    })
    .await
}

/// Refuses a look that was asked for, or ends one that is open.
///
/// # Errors
/// [`ReviewRefusal::Over`] if it is over.
pub async fn stop(sluice: &Sluice, admin: &OrgAdmin, review_id: &str) -> Result<(), SupportError> {
    end(sluice, admin.org(), admin.who(), review_id, Action::SupportRefuse).await
}

async fn decide(
    sluice: &Sluice,
    admin: &OrgAdmin,
    review_id: &str,
    decide: impl Fn(&Review) -> Result<(Review, Draft), ReviewRefusal> + Send + Sync,
) -> Result<(), SupportError> {
    let org_id = &admin.org().id;
    sluice.store.review(org_id, review_id).await?.ok_or(SupportError::NotFound)?;
    Ok(sluice.store.change_review(org_id, review_id, &decide).await?)
}

/// `unanswered` is what it means that a look ends which nobody has allowed.
async fn end(
    sluice: &Sluice,
    org: &OrgRef,
    who: &Who,
    review_id: &str,
    unanswered: Action,
) -> Result<(), SupportError> {
    let now = sluice.now();
    sluice.store.review(&org.id, review_id).await?.ok_or(SupportError::NotFound)?;
    let decide = |review: &Review| {
        if !review.is_asked() && !review.is_running(now) {
            return Err(ReviewRefusal::Over);
        }
        let action = if review.is_asked() { unanswered } else { Action::SupportEnd };
        let ended = Review { ended_at: Some(now), ended_by: Some(who.account.id.clone()), ..review.clone() };
        Ok((ended, said(who, now, action, review)))
    };
    Ok(sluice.store.change_review(&org.id, review_id, &decide).await?)
}

fn end_of(start: Timestamp) -> Timestamp {
    Timestamp::from_micros(start.micros() + REVIEW_MINUTES * 60_000_000)
}

fn said(who: &Who, now: Timestamp, action: Action, review: &Review) -> Draft {
    Draft {
        changes: vec![
            difference("purpose", None, Some(review.purpose.name())),
            difference("case", None, Some(&review.case)),
        ],
        ..who.did(now, action, "review", &review.id)
    }
}
