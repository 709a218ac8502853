//! What was changed, by whom, when and why.

use language::t;
use policy::{Setting, Timestamp};

use crate::Sluice;
use crate::access::{ReadsOrg, Viewer};
use crate::model::{Change, ChangeItem, Snapshot};
use crate::ports::StoreError;
use crate::settings::change::UNDONE;
use crate::settings::page::{Changed, tell_changed};
use crate::settings::{SettingsError, full_label, label};

/// Changes on one page.
pub const PAGE: u32 = 25;

#[derive(Clone, Debug)]
pub struct History {
    /// The setting whose history this is, and what people call it; none for all settings.
    pub of: Option<(Setting, String)>,
    pub entries: Vec<Entry>,
    /// The version below which the next page starts, if there is one.
    pub older: Option<i64>,
    /// The organisation's version now, for a form that takes a change back.
    pub version: i64,
    pub changed: Option<Changed>,
}

#[derive(Clone, Debug)]
pub struct Entry {
    pub change_id: String,
    pub version: i64,
    pub who: String,
    pub at: Timestamp,
    pub reason: String,
    /// The change took back an earlier one.
    pub reverts: bool,
    pub items: Vec<EntryItem>,
}

#[derive(Clone, Debug)]
pub struct EntryItem {
    pub setting: Setting,
    pub label: String,
    pub old: Option<bool>,
    pub new: Option<bool>,
}

/// The history of one setting or of all, newest first.
///
/// # Errors
/// When the organisation is gone or the store fails.
pub async fn history(
    sluice: &Sluice,
    viewer: &Viewer,
    setting: Option<Setting>,
    below: Option<i64>,
    changed: Option<&str>,
) -> Result<History, SettingsError> {
    let org_id = &viewer.org().id;
    let snapshot = sluice.store.snapshot(org_id).await?.ok_or(SettingsError::NotFound)?;
    let (entries, older) = entries(sluice, &snapshot, setting.as_ref(), below, PAGE).await?;
    let catalogue = sluice.catalogue();
    let changed = match changed {
        Some(id) => tell_changed(sluice, viewer, &snapshot, id, sluice.now()).await?,
        None => None,
    };
    let of = setting.map(|setting| {
        let label = label(catalogue, &snapshot, &setting);
        (setting, label)
    });
    Ok(History { of, entries, older, version: snapshot.version, changed })
}

/// The history in pieces of a length that the caller chooses, and the version below which the next one starts.
///
/// # Errors
/// When the organisation is gone or the store fails.
pub async fn piece(
    sluice: &Sluice,
    cap: &impl ReadsOrg,
    setting: Option<&Setting>,
    below: Option<i64>,
    limit: u32,
) -> Result<(Vec<Entry>, Option<i64>), SettingsError> {
    let snapshot = sluice.store.snapshot(&cap.org().id).await?.ok_or(SettingsError::NotFound)?;
    Ok(entries(sluice, &snapshot, setting, below, limit).await?)
}

async fn entries(
    sluice: &Sluice,
    snapshot: &Snapshot,
    setting: Option<&Setting>,
    below: Option<i64>,
    limit: u32,
) -> Result<(Vec<Entry>, Option<i64>), StoreError> {
    let mut changes = sluice.store.changes(&snapshot.org.id, setting, below, limit.saturating_add(1)).await?;
    let more = changes.len() > limit as usize;
    changes.truncate(limit as usize);
    let older = changes.last().filter(|_| more).map(|change| change.version);
    let item = |item: ChangeItem| EntryItem {
        label: full_label(sluice.catalogue(), snapshot, &item.setting),
        setting: item.setting,
        old: item.old.map(|chosen| chosen.on),
        new: item.new.map(|chosen| chosen.on),
    };
    let entry = |change: Change| Entry {
        items: change.items.into_iter().map(item).collect(),
        change_id: change.id,
        version: change.version,
        who: change.account_name,
        at: change.at,
        reason: told_reason(change.reason),
        reverts: change.reverts.is_some(),
    };
    Ok((changes.into_iter().map(entry).collect(), older))
}

/// People's reasons are as they wrote them; the one that Sluice writes is told in the language of who reads.
fn told_reason(reason: String) -> String {
    if reason == UNDONE { t!("Undone").to_owned() } else { reason }
}
