//! Support's looks at an organisation: asked for with a purpose and a case, allowed if the organisation wants to be asked,
//! over after a while, and written to the organisation's own audit log throughout.
//!
//! Nothing here gives support a way to change anything of the organisation. What support itself writes is this: that it
//! looks, why, and that it has stopped.

use audit::{Action, Draft};
use language::t;
use policy::{Setting, Timestamp};
use thiserror::Error;

use crate::Sluice;
use crate::access::{AuditsOrg, NoAccess, OrgAdmin, ReadsOrg, SupportReview, Who, difference};
use crate::audit_log::kept_path;
use crate::evidence::{StateOn, state_on};
use crate::model::{OrgRef, Purpose, Review, StaffRole};
use crate::ports::{ChangeError, NewLooks, OpenLooks, StoreError};
use crate::removal;
use crate::settings::SettingsError;
use crate::settings::clocks::{self, RunningClock};
use crate::settings::rows::{Control, row};

/// A case number is a few characters at every vendor's desk.
const LONGEST_CASE: usize = 40;

/// Reviews that are over, on a page.
const SHOWN: u32 = 50;

/// Why a review was not begun or changed. Each text says what is wrong and what to do.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ReviewRefusal {
    #[error("{}", t!("Choose what you are looking for."))]
    NoPurpose,
    #[error("{}", t!("Write the number of the case, for example CS-10482: letters, digits and dashes, at most {most}.", most = LONGEST_CASE))]
    NoCase,
    #[error("{}", t!("You asked already; an admin of the organisation has still to answer."))]
    AskedAlready,
    #[error("{}", t!("This request was answered already."))]
    Answered,
    #[error("{}", t!("This look is over already."))]
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

    fn has(&self, review: &Review) -> bool {
        review.account_id == self.0.account.id
    }
}

/// What support sees of an organisation before it has said what for.
#[derive(Clone, Debug)]
pub struct Entry {
    pub org: OrgRef,
    pub must_ask: bool,
    /// What this account has asked or is looking at now.
    pub review: Option<Review>,
    /// How long one look lasts.
    pub minutes: u32,
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
    let reviews = sluice.store.reviews(&org.id, now, 0).await?;
    Ok(Entry {
        must_ask: sluice.store.support_must_ask(&org.id).await?,
        review: reviews.into_iter().find(|review| support.has(review)),
        minutes: minutes(sluice),
        now,
        org,
    })
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
    /// Removals that are under way, as far as the region answers.
    pub removals: usize,
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
        match row(sluice.catalogue(), &snapshot, &decision.setting, at).control {
            Control::Held(why) => Some((decision.setting.clone(), decision.label.clone(), why)),
            _ => None,
        }
    });
    let org = &support.org().id;
    let removals = removal::under_way(sluice, Some(org)).await.remove(org).unwrap_or_default();
    Ok(Summary { held: held.collect(), state, clocks, removals })
}

/// Begins a look, or asks for one where the organisation wants to be asked. Whoever has one open goes on with it: nobody has
/// two at once.
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
    let org = sluice.store.organisation(slug).await?.ok_or(SupportError::NotFound)?;
    let now = sluice.now();
    let id = uuid::Uuid::now_v7().to_string();
    let decide = |looks: &OpenLooks| {
        match looks.reviews.iter().find(|review| support.has(review)) {
            Some(review) if review.is_asked() => return Err(ReviewRefusal::AskedAlready),
            Some(review) => return Ok(NewLooks { reviews: vec![review.clone()], ..NewLooks::default() }),
            None => {}
        }
        let (purpose, case) = (purpose.ok_or(ReviewRefusal::NoPurpose)?, case_number(case)?);
        let account = &support.0.account;
        let review = Review {
            id: id.clone(),
            account_id: account.id.clone(),
            by: account.name.clone(),
            purpose,
            case,
            asked_at: now,
            starts_at: None,
            ends_at: None,
            ended_at: None,
            ended_by: None,
        };
        let action = if looks.must_ask { Action::SupportRequest } else { Action::SupportEnter };
        let entry = said(&support.0, now, action, &review);
        let review = if looks.must_ask { review } else { begun(sluice, now, review) };
        Ok(NewLooks { reviews: vec![review], entries: vec![entry], ..NewLooks::default() })
    };
    let written = sluice.store.change_looks(&org.id, now, &decide).await?;
    written.reviews.into_iter().next().ok_or(SupportError::NotFound)
}

fn case_number(typed: &str) -> Result<String, ReviewRefusal> {
    let case = typed.trim();
    let fits = |c: char| c.is_ascii_alphanumeric() || "-_#/.".contains(c);
    let whole = !case.is_empty() && case.len() <= LONGEST_CASE && case.chars().all(fits);
    if whole { Ok(case.to_owned()) } else { Err(ReviewRefusal::NoCase) }
}

/// Support stops looking, or takes its request back. Without either this does nothing.
///
/// # Errors
/// [`SupportError::NotFound`] if there is no such organisation.
pub async fn leave(sluice: &Sluice, support: &Support, slug: &str) -> Result<(), SupportError> {
    let org = sluice.store.organisation(slug).await?.ok_or(SupportError::NotFound)?;
    let now = sluice.now();
    let decide = |looks: &OpenLooks| {
        let own = looks.reviews.iter().filter(|review| support.has(review));
        Ok(ended(&support.0, now, own, Action::SupportWithdraw))
    };
    sluice.store.change_looks(&org.id, now, &decide).await?;
    Ok(())
}

/// Writes that support looks at a page, if its look is still open at that moment.
///
/// # Errors
/// [`NoAccess::NoReview`] if it was ended in the meantime, and when the store fails; then the page must not be shown.
pub async fn looked(sluice: &Sluice, support: &SupportReview, page: &str) -> Result<(), NoAccess> {
    let now = sluice.now();
    let decide = |looks: &OpenLooks| {
        let open = |review: &&Review| review.id == support.review().id && review.is_running(now);
        let review = looks.reviews.iter().find(open).ok_or(ReviewRefusal::Over)?;
        let entry = Draft {
            reason: Some(review.case.clone()),
            ..support.who().did(now, Action::SupportView, "page", &kept_path(page))
        };
        Ok(NewLooks { entries: vec![entry], ..NewLooks::default() })
    };
    match sluice.store.change_looks(&support.org().id, now, &decide).await {
        Ok(_) => Ok(()),
        Err(ChangeError::Refused(_)) => Err(NoAccess::NoReview { org: support.org().clone() }),
        Err(ChangeError::Store(error)) => Err(error.into()),
    }
}

/// What an organisation sees of support's looks.
#[derive(Clone, Debug)]
pub struct SupportAccess {
    pub org: OrgRef,
    pub must_ask: bool,
    /// All that are open, and then the last of those that are over; each newest first.
    pub reviews: Vec<Review>,
    /// How long one look lasts.
    pub minutes: u32,
    pub now: Timestamp,
}

/// What support has looked at, is looking at and asks to look at.
///
/// # Errors
/// When the store fails.
pub async fn access(sluice: &Sluice, cap: &impl AuditsOrg) -> Result<SupportAccess, StoreError> {
    let (org, now) = (cap.org().clone(), sluice.now());
    Ok(SupportAccess {
        must_ask: sluice.store.support_must_ask(&org.id).await?,
        reviews: sluice.store.reviews(&org.id, now, SHOWN).await?,
        minutes: minutes(sluice),
        now,
        org,
    })
}

/// Whether each look has to be allowed from now on. If so, those that nobody allowed end at once.
///
/// # Errors
/// When the store fails.
pub async fn set_must_ask(sluice: &Sluice, admin: &OrgAdmin, must: bool) -> Result<(), SupportError> {
    let (who, now) = (admin.who(), sluice.now());
    let word = |must| if must { "must ask" } else { "may enter" };
    let decide = |looks: &OpenLooks| {
        if looks.must_ask == must {
            return Ok(NewLooks::default());
        }
        let rule = Draft {
            changes: vec![difference("support", Some(word(looks.must_ask)), Some(word(must)))],
            ..who.did(now, Action::SupportRule, "support", "")
        };
        let running = looks.reviews.iter().filter(|review| must && review.is_running(now));
        let mut new = ended(who, now, running, Action::SupportRefuse);
        new.entries.insert(0, rule);
        Ok(NewLooks { must_ask: Some(must), ..new })
    };
    sluice.store.change_looks(&admin.org().id, now, &decide).await?;
    Ok(())
}

/// Allows a look that support asked for; its time begins now.
///
/// # Errors
/// [`ReviewRefusal::Answered`] if it was answered already.
pub async fn approve(sluice: &Sluice, admin: &OrgAdmin, review_id: &str) -> Result<(), SupportError> {
    let now = sluice.now();
    change(sluice, admin, review_id, now, |review| {
        let review = review.filter(|review| review.is_asked()).ok_or(ReviewRefusal::Answered)?;
        let entry = said(admin.who(), now, Action::SupportApprove, review);
        let allowed = begun(sluice, now, review.clone());
        Ok(NewLooks { reviews: vec![allowed], entries: vec![entry], ..NewLooks::default() })
    })
    .await
}

/// Refuses a look that was asked for, or ends one that is open.
///
/// # Errors
/// [`ReviewRefusal::Over`] if it is over.
pub async fn stop(sluice: &Sluice, admin: &OrgAdmin, review_id: &str) -> Result<(), SupportError> {
    let now = sluice.now();
    change(sluice, admin, review_id, now, |review| {
        let review = review.ok_or(ReviewRefusal::Over)?;
        Ok(ended(admin.who(), now, [review], Action::SupportRefuse))
    })
    .await
}

/// Changes one look of the organisation; `decide` gets it if it is open.
async fn change(
    sluice: &Sluice,
    admin: &OrgAdmin,
    review_id: &str,
    now: Timestamp,
    decide: impl Fn(Option<&Review>) -> Result<NewLooks, ReviewRefusal> + Send + Sync,
) -> Result<(), SupportError> {
    let org_id = &admin.org().id;
    sluice.store.review(org_id, review_id).await?.ok_or(SupportError::NotFound)?;
    let decide = |looks: &OpenLooks| decide(looks.reviews.iter().find(|review| review.id == review_id));
    sluice.store.change_looks(org_id, now, &decide).await?;
    Ok(())
}

/// Open looks ended by someone. `unanswered` is what it means that one ends which nobody has allowed.
fn ended<'a>(who: &Who, now: Timestamp, open: impl IntoIterator<Item = &'a Review>, unanswered: Action) -> NewLooks {
    let mut new = NewLooks::default();
    for review in open {
        let action = if review.is_asked() { unanswered } else { Action::SupportEnd };
        new.entries.push(said(who, now, action, review));
        new.reviews.push(Review { ended_at: Some(now), ended_by: Some(who.account.id.clone()), ..review.clone() });
    }
    new
}

fn begun(sluice: &Sluice, now: Timestamp, review: Review) -> Review {
    let end = Timestamp::from_micros(now.micros() + i64::from(minutes(sluice)) * 60_000_000);
    Review { starts_at: Some(now), ends_at: Some(end), ..review }
}

/// How long one look lasts.
fn minutes(sluice: &Sluice) -> u32 {
    sluice.catalogue().support.review_minutes
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
