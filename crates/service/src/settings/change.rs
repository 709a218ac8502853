//! Changing settings. Protecting is instant; sharing is reviewed.
//!
//! A change that makes nothing start is written at once. One that makes anything start, or turns anything on, is written
//! only through [`apply_review`], with the version that was reviewed and a reason. Every rule is checked inside the
//! transaction that writes, against the settings as they are there.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use audit::{Action, Draft};
use language::{Language, t, tn};
use policy::{Catalogue, Chosen, Edit, Impact, Kind, Rule, Setting, Timestamp, impact};

use crate::Sluice;
use crate::access::{OrgAdmin, ReadsOrg};
use crate::model::{Change, NewChange, NewItem, Snapshot};
use crate::ports::{ChangeError, StoreError};
use crate::settings::rows::{Control, row};
use crate::settings::summary::{inventory, touched, widens_everything};
use crate::settings::{Difference, Refusal, SettingsError, full_label, label};

/// More than this at once is an app, not a list of spaces.
pub const MOST_AT_ONCE: usize = 1_000;
pub const LONGEST_REASON: usize = 500;
/// How long a change can be undone in one click by whoever made it.
pub const UNDO_MINUTES: i64 = 10;

/// The reason that stands in the history where somebody took a change back in one click.
pub(super) const UNDONE: &str = "Undone";

/// What a person wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// The same value for some settings: on, off, or no entry any more.
    Set { to: Option<bool>, settings: Vec<Setting> },
    /// What stood before an earlier change.
    Revert { change_id: String },
}

/// What became of a wish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Changed {
        change_id: String,
    },
    /// Everything already was as wished.
    Unchanged,
}

/// What a review page shows.
#[derive(Clone, Debug)]
pub struct Review {
    pub version: i64,
    pub lines: Vec<ReviewLine>,
    /// It turns something on or makes something start, so it needs a reason.
    pub shares: bool,
    /// What starts to flow, in words, and how many targets that is.
    pub starts: Vec<String>,
    /// Some of what starts is text that people wrote.
    pub starts_text: bool,
    pub stops: Vec<String>,
    pub clocks: Vec<ReviewClock>,
    /// The organisation's name has to be typed.
    pub confirm_name: bool,
    /// The first day on which any of it leaves, if that is still ahead.
    pub not_before: Option<Timestamp>,
    pub retention_years: u32,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReviewLine {
    pub setting: Setting,
    pub label: String,
    pub old: Option<bool>,
    pub new: Option<bool>,
    /// Whether it contributes before and after, which an entry alone does not tell.
    pub contributed: bool,
    pub contributes: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReviewClock {
    pub name: String,
    pub days: u32,
}

/// Writes a wish at once if it makes nothing start.
///
/// `seen` is the organisation's version on the page that the wish came from.
///
/// # Errors
/// [`Refusal::NeedsReview`] if it shares something, [`Refusal::Conflict`] if someone else changed one of the same
/// settings since, or what makes the wish impossible.
pub async fn change(sluice: &Sluice, admin: &OrgAdmin, wish: &Wish, seen: i64) -> Result<Outcome, SettingsError> {
    let (edits, reverts) = edits(sluice, admin, wish).await?;
    let now = sluice.now();
    write(sluice, admin, |snapshot, id| {
        let edits = checked(sluice.catalogue(), snapshot, &edits, now)?;
        if edits.is_empty() {
            return Ok(None);
        }
        unseen(sluice.catalogue(), snapshot, &edits, seen)?;
        if shares(&edits, &effect(sluice.catalogue(), snapshot, &edits, now)) {
            return Err(Refusal::NeedsReview);
        }
        Ok(Some(new_change(admin, snapshot, id, now, String::new(), reverts.clone(), &edits)))
    })
    .await
}

/// Whether edits turn anything on or make anything start, which only a person's reason allows.
fn shares(edits: &[Edit], effect: &Impact) -> bool {
    edits.iter().any(|edit| edit.on == Some(true)) || !effect.starts.is_empty()
}

/// What a wish would do, for a person to look at before confirming it.
///
/// # Errors
/// What makes the wish impossible; a wish that changes nothing is a review without lines.
pub async fn review(sluice: &Sluice, admin: &OrgAdmin, wish: &Wish) -> Result<Review, SettingsError> {
    let (edits, _) = edits(sluice, admin, wish).await?;
    review_edits(sluice, admin, &edits).await
}

/// What edits would do: the same for a program that tries before it sends them.
///
/// # Errors
/// As [`review`].
pub async fn review_edits(sluice: &Sluice, admin: &OrgAdmin, edits: &[Edit]) -> Result<Review, SettingsError> {
    let catalogue = sluice.catalogue();
    let snapshot = sluice.store.snapshot(&admin.org().id).await?.ok_or(SettingsError::NotFound)?;
    let now = sluice.now();
    let at = sluice.shown_at();
    let edits = checked(catalogue, &snapshot, edits, now)?;
    let effect = effect(catalogue, &snapshot, &edits, now);
    let after = Snapshot { state: snapshot.state.with(&edits, now), ..snapshot.clone() };
    let lines = edits
        .iter()
        .map(|edit| ReviewLine {
            setting: edit.setting.clone(),
            label: full_label(catalogue, &snapshot, &edit.setting),
            old: snapshot.state.chosen(&edit.setting).map(|chosen| chosen.on),
            new: edit.on,
            contributed: row(catalogue, &snapshot, &edit.setting, at).on,
            contributes: row(catalogue, &after, &edit.setting, at).on,
        })
        .collect();
    Ok(Review {
        version: snapshot.version,
        lines,
        shares: shares(&edits, &effect),
        confirm_name: widens_everything(&effect),
        starts: touched(catalogue, &effect.starts),
        starts_text: effect.starts.iter().any(|(_, kind)| *kind == Kind::InApp),
        stops: touched(catalogue, &effect.stops),
        clocks: catalogue
            .clocks
            .iter()
            .filter(|clock| effect.starts.iter().any(|(_, kind)| clock.kinds.contains(kind)))
            .map(|clock| ReviewClock { name: clock.name.clone(), days: clock.days })
            .collect(),
        not_before: (now < catalogue.programme.in_force).then_some(catalogue.programme.in_force),
        retention_years: catalogue.programme.retention_years,
    })
}

/// What a person typed into the review.
#[derive(Clone, Debug, Default)]
pub struct Confirmation {
    /// The version that the review showed.
    pub version: i64,
    pub reason: String,
    /// The organisation's name, where it has to be typed.
    pub name: String,
    /// Whether the person showed a short while ago that it is them; the whole organisation is not widened without.
    pub proved: bool,
}

/// Writes what was reviewed.
///
/// # Errors
/// [`Refusal::Moved`] or [`Refusal::Conflict`] if the settings are no longer those that were reviewed, and what is missing
/// from the confirmation. Nothing is written then.
pub async fn apply_review(
    sluice: &Sluice,
    admin: &OrgAdmin,
    wish: &Wish,
    confirmation: &Confirmation,
) -> Result<Outcome, SettingsError> {
    let (edits, reverts) = edits(sluice, admin, wish).await?;
    let now = sluice.now();
    write(sluice, admin, |snapshot, id| {
        let edits = checked(sluice.catalogue(), snapshot, &edits, now)?;
        if edits.is_empty() {
            return Ok(None);
        }
        unseen(sluice.catalogue(), snapshot, &edits, confirmation.version)?;
        if snapshot.version != confirmation.version {
            return Err(Refusal::Moved);
        }
        let reason = confirmed(sluice.catalogue(), snapshot, &edits, now, confirmation)?;
        Ok(Some(new_change(admin, snapshot, id, now, reason, reverts.clone(), &edits)))
    })
    .await
}

/// Writes edits that a program sends, all or none. They hold for exactly the version that it has seen; what makes something
/// start needs the same confirmation as a person's review, what only protects needs none.
///
/// # Errors
/// [`Refusal::Moved`] if the settings have another version, and whatever else refuses a change.
pub async fn set(
    sluice: &Sluice,
    admin: &OrgAdmin,
    edits: &[Edit],
    confirmation: &Confirmation,
) -> Result<Outcome, SettingsError> {
    switches_stay(edits)?;
    set_exactly(sluice, admin, edits, None, confirmation).await
}

/// Puts back what stood before an earlier change, as a program asks for it: as [`set`] would, and the history says what was
/// taken back.
///
/// # Errors
/// As [`set`], and [`SettingsError::NotFound`] if there is no such change.
pub async fn revert(
    sluice: &Sluice,
    admin: &OrgAdmin,
    change_id: &str,
    confirmation: &Confirmation,
) -> Result<Outcome, SettingsError> {
    let (edits, reverts) = edits(sluice, admin, &Wish::Revert { change_id: change_id.to_owned() }).await?;
    set_exactly(sluice, admin, &edits, reverts, confirmation).await
}

async fn set_exactly(
    sluice: &Sluice,
    admin: &OrgAdmin,
    edits: &[Edit],
    reverts: Option<String>,
    confirmation: &Confirmation,
) -> Result<Outcome, SettingsError> {
    let now = sluice.now();
    write(sluice, admin, |snapshot, id| {
        if snapshot.version != confirmation.version {
            return Err(Refusal::Moved);
        }
        let edits = checked(sluice.catalogue(), snapshot, edits, now)?;
        if edits.is_empty() {
            return Ok(None);
        }
        let reason = if shares(&edits, &effect(sluice.catalogue(), snapshot, &edits, now)) {
            confirmed(sluice.catalogue(), snapshot, &edits, now, confirmation)?
        } else {
            fitting(&confirmation.reason)?
        };
        Ok(Some(new_change(admin, snapshot, id, now, reason, reverts.clone(), &edits)))
    })
    .await
}

/// The reason, if everything that has to be confirmed was.
fn confirmed(
    catalogue: &Catalogue,
    snapshot: &Snapshot,
    edits: &[Edit],
    now: Timestamp,
    confirmation: &Confirmation,
) -> Result<String, Refusal> {
    let reason = fitting(&confirmation.reason)?;
    if reason.is_empty() {
        return Err(Refusal::ReasonMissing);
    }
    let confirm_name = widens_everything(&effect(catalogue, snapshot, edits, now));
    if confirm_name && confirmation.name.trim() != snapshot.org.name {
        return Err(Refusal::NameMissing(snapshot.org.name.clone()));
    }
    if confirm_name && !confirmation.proved {
        return Err(Refusal::PasswordMissing);
    }
    Ok(reason)
}

fn fitting(reason: &str) -> Result<String, Refusal> {
    let reason = reason.trim();
    let count = reason.chars().count();
    if count > LONGEST_REASON {
        return Err(Refusal::ReasonTooLong { count, limit: LONGEST_REASON });
    }
    Ok(reason.to_owned())
}

/// Refuses to take away the organisation's switch, which is on or off.
fn switches_stay(edits: &[Edit]) -> Result<(), Refusal> {
    if edits.iter().any(|edit| edit.on.is_none() && matches!(edit.setting, Setting::Organisation(_))) {
        let what = t!("The organisation's switch is on or off; it has no entry that could be removed.");
        return Err(Refusal::Locked(what.to_owned()));
    }
    Ok(())
}

/// Takes the last change back in one click: the same person, soon after, and only if nothing was changed since.
///
/// It restores exactly the settings of a moment ago, with their times, so it starts nothing that did not flow then. `seen` is
/// the version that a program has seen; the click of a person needs none, because nothing can have changed since.
///
/// # Errors
/// [`Refusal::CannotUndo`] with the reason, [`Refusal::Moved`] if the settings have another version than the one seen.
pub async fn undo(
    sluice: &Sluice,
    admin: &OrgAdmin,
    change_id: &str,
    seen: Option<i64>,
) -> Result<Outcome, SettingsError> {
    let undone = find_change(sluice, admin, change_id).await?;
    let now = sluice.now();
    write(sluice, admin, |snapshot, id| {
        if seen.is_some_and(|seen| snapshot.version != seen) {
            return Err(Refusal::Moved);
        }
        undoable(snapshot, admin, &undone, now)?;
        let items =
            undone.items.iter().map(|item| NewItem { setting: item.setting.clone(), old: item.new, new: item.old });
        Ok(Some(NewChange {
            id: id.to_owned(),
            by: admin.who().clone(),
            at: now,
            reason: UNDONE.to_owned(),
            reverts: Some(undone.id.clone()),
            items: items.collect(),
        }))
    })
    .await
}

/// Whether a change can still be undone in one click.
///
/// # Errors
/// [`Refusal::CannotUndo`] with the reason why not.
pub fn undoable(snapshot: &Snapshot, admin: &OrgAdmin, change: &Change, now: Timestamp) -> Result<(), Refusal> {
    let refuse = |why: &str| Err(Refusal::CannotUndo(format!("{why} {}", t!("Use Revert in the history instead."))));
    if change.account_id != admin.account().id {
        return refuse(t!("Only the person who made a change can undo it in one click."));
    }
    if change.reverts.is_some() {
        return refuse(t!("This change took back an earlier one."));
    }
    if now.micros() - change.at.micros() > UNDO_MINUTES * 60_000_000 {
        return refuse(&t!("A change can be undone in one click for {minutes} minutes.", minutes = UNDO_MINUTES));
    }
    // Not only the same settings: what a later change removed may be what kept this one from starting something.
    if snapshot.version != change.version {
        return refuse(t!("The settings were changed again since."));
    }
    Ok(())
}

async fn find_change(sluice: &Sluice, admin: &OrgAdmin, change_id: &str) -> Result<Change, SettingsError> {
    sluice.store.change(&admin.org().id, change_id).await?.ok_or(SettingsError::NotFound)
}

/// The edits that a wish means, and the change that it takes back.
async fn edits(sluice: &Sluice, admin: &OrgAdmin, wish: &Wish) -> Result<(Vec<Edit>, Option<String>), SettingsError> {
    Ok(match wish {
        Wish::Set { to, settings } => {
            let edits: Vec<Edit> = settings.iter().map(|setting| Edit { setting: setting.clone(), on: *to }).collect();
            switches_stay(&edits)?;
            (edits, None)
        }
        Wish::Revert { change_id } => {
            let change = find_change(sluice, admin, change_id).await?;
            let edits = change
                .items
                .into_iter()
                .map(|item| Edit { setting: item.setting, on: item.old.map(|chosen| chosen.on) })
                .collect();
            (edits, Some(change.id))
        }
    })
}

async fn write(
    sluice: &Sluice,
    admin: &OrgAdmin,
    decide: impl Fn(&Snapshot, &str) -> Result<Option<NewChange>, Refusal> + Send + Sync,
) -> Result<Outcome, SettingsError> {
    let change_id = uuid::Uuid::now_v7().to_string();
    // What the audit log keeps of a refusal is English, whoever reads now.
    let kept = Mutex::new(None);
    let decide = |snapshot: &Snapshot| {
        decide(snapshot, &change_id).inspect_err(|_| {
            let refusal = Language::English.scope(|| decide(snapshot, &change_id).err().map(|it| it.to_string()));
            *kept.lock().unwrap_or_else(PoisonError::into_inner) = refusal;
        })
    };
    let written = sluice.store.apply(&admin.org().id, &decide).await;
    match written {
        Ok(Some(_)) => Ok(Outcome::Changed { change_id }),
        Ok(None) => Ok(Outcome::Unchanged),
        Err(ChangeError::Refused(refusal)) => {
            // To be led to the review is no failure.
            if refusal != Refusal::NeedsReview {
                let because = kept.into_inner().unwrap_or_else(PoisonError::into_inner);
                failed(sluice, admin, because).await?;
            }
            Err(refusal.into())
        }
        Err(ChangeError::Store(error)) => Err(error.into()),
    }
}

/// Writes to the audit log that a change was tried and refused.
async fn failed(sluice: &Sluice, admin: &OrgAdmin, because: Option<String>) -> Result<(), StoreError> {
    let entry = Draft {
        outcome: audit::Outcome::Failed,
        because,
        ..admin.who().did(sluice.now(), Action::SettingsChange, "settings", "")
    };
    sluice.store.append(&[(admin.org().id.clone(), entry)]).await
}

/// The edits that make a difference, each of a setting that exists here and may be changed.
fn checked(catalogue: &Catalogue, snapshot: &Snapshot, edits: &[Edit], now: Timestamp) -> Result<Vec<Edit>, Refusal> {
    if edits.is_empty() {
        return Err(Refusal::NothingChosen);
    }
    if edits.len() > MOST_AT_ONCE {
        return Err(Refusal::TooMany { count: edits.len(), limit: MOST_AT_ONCE });
    }
    let at = now.max(catalogue.programme.in_force);
    let mut kept: Vec<Edit> = Vec::new();
    let mut seen = BTreeSet::new();
    for edit in edits {
        let setting = &edit.setting;
        let exists = match setting {
            Setting::Organisation(_) => true,
            Setting::App(app) => catalogue.app(app).is_some(),
            Setting::Space { app, key } => snapshot
                .spaces
                .binary_search_by(|space| (space.app.as_str(), space.key.as_str()).cmp(&(app.as_str(), key.as_str())))
                .is_ok(),
            Setting::Connector(id) => snapshot.state.connectors.contains_key(id),
        };
        if !exists {
            return Err(Refusal::Unknown(label(catalogue, snapshot, setting)));
        }
        let row = row(catalogue, snapshot, setting, at);
        let fixed = row.rule == Some(Rule::FixedByPlan);
        if let Control::Locked(why) = &row.control
            // Protecting stays possible where nothing contributes anyway: it holds for the day when something could.
            && (fixed || edit.on == Some(true))
        {
            let what = label(catalogue, snapshot, setting);
            return Err(Refusal::Locked(t!("{what} was not changed. {why}", what, why)));
        }
        let already = snapshot.state.chosen(setting).map(|chosen| chosen.on);
        // On and off both decide about what is held, also where the same was chosen before it arose.
        let decides_held = row.held() && edit.on.is_some();
        if seen.insert(setting) && (already != edit.on || decides_held) {
            kept.push(edit.clone());
        }
    }
    Ok(kept)
}

/// Refuses edits of settings that someone changed after `seen`.
fn unseen(catalogue: &Catalogue, snapshot: &Snapshot, edits: &[Edit], seen: i64) -> Result<(), Refusal> {
    let differences: Vec<Difference> = edits
        .iter()
        .filter(|edit| snapshot.changed_at.get(&edit.setting).is_some_and(|changed| *changed > seen))
        .map(|edit| Difference {
            setting: edit.setting.clone(),
            label: full_label(catalogue, snapshot, &edit.setting),
            theirs: snapshot.state.chosen(&edit.setting).map(|chosen| chosen.on),
            yours: edit.on,
        })
        .collect();
    if differences.is_empty() { Ok(()) } else { Err(Refusal::Conflict(differences)) }
}

fn effect(catalogue: &Catalogue, snapshot: &Snapshot, edits: &[Edit], now: Timestamp) -> Impact {
    impact(catalogue, &snapshot.state, &snapshot.state.with(edits, now), &inventory(snapshot), now)
}

fn new_change(
    admin: &OrgAdmin,
    snapshot: &Snapshot,
    id: &str,
    now: Timestamp,
    reason: String,
    reverts: Option<String>,
    edits: &[Edit],
) -> NewChange {
    let items = edits.iter().map(|edit| NewItem {
        setting: edit.setting.clone(),
        old: snapshot.state.chosen(&edit.setting),
        new: edit.on.map(|on| Chosen { on, at: now }),
    });
    NewChange { id: id.to_owned(), by: admin.who().clone(), at: now, reason, reverts, items: items.collect() }
}

/// A finished change in one sentence: `Turned off: In-app data.`
pub fn told(catalogue: &Catalogue, snapshot: &Snapshot, change: &Change) -> String {
    let what = match change.items.as_slice() {
        [one] => full_label(catalogue, snapshot, &one.setting),
        many => tn!(count = many.len(), "{count} setting", "{count} settings"),
    };
    match change.items.first().and_then(|item| item.new) {
        _ if change.reverts.is_some() => t!("Put back: {what}.", what),
        Some(chosen) if chosen.on => t!("Turned on: {what}.", what),
        Some(_) => t!("Turned off: {what}.", what),
        None => t!("Entry removed: {what}.", what),
    }
}
