//! Clocks: what stopped leaving, and by when what had left before is gone.

use policy::{Catalogue, OrgState, Timestamp, impact};

use crate::Sluice;
use crate::access::ReadsOrg;
use crate::model::{Change, Snapshot};
use crate::settings::SettingsError;
use crate::settings::summary::{inventory, touched};

/// Changes that are read at once.
const CHANGES_AT_ONCE: u32 = 100;

/// A clock that a change started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunningClock {
    pub name: String,
    pub due: Timestamp,
    /// The number of the change, and who made it.
    pub version: i64,
    pub who: String,
    pub at: Timestamp,
    /// What it made stop, in words.
    pub stopped: Vec<String>,
}

/// The clocks that run now, the next one due first.
///
/// # Errors
/// When the organisation is gone or the store fails.
pub async fn running(sluice: &Sluice, cap: &impl ReadsOrg) -> Result<Vec<RunningClock>, SettingsError> {
    let catalogue = sluice.catalogue();
    let now = sluice.now();
    let mut snapshot = sluice.store.snapshot(&cap.org().id).await?.ok_or(SettingsError::NotFound)?;
    let longest = catalogue.clocks.iter().map(|clock| i64::from(clock.days)).max().unwrap_or_default();
    let mut clocks = Vec::new();
    let mut below = snapshot.version + 1;
    loop {
        let changes = sluice.store.changes(&snapshot.org.id, None, Some(below), CHANGES_AT_ONCE).await?;
        let Some(last) = changes.last() else { break };
        below = last.version;
        let over = last.at.plus_days(longest) <= now;
        for change in changes {
            let before = taken_back(&snapshot.state, &change);
            clocks.extend(started(catalogue, &snapshot, &before, &change).into_iter().filter(|clock| clock.due > now));
            snapshot.state = before;
        }
        if over {
            break;
        }
    }
    clocks.sort_by_key(|clock| clock.due);
    Ok(clocks)
}

/// The clocks that the last change of an organisation started.
pub fn of_last_change(catalogue: &Catalogue, snapshot: &Snapshot, change: &Change) -> Vec<RunningClock> {
    if snapshot.version != change.version {
        return Vec::new();
    }
    started(catalogue, snapshot, &taken_back(&snapshot.state, change), change)
}

/// `snapshot` is what the change led to, `before` what it found.
fn started(catalogue: &Catalogue, snapshot: &Snapshot, before: &OrgState, change: &Change) -> Vec<RunningClock> {
    if change.at < catalogue.programme.in_force {
        return Vec::new();
    }
    let stops = impact(catalogue, before, &snapshot.state, &inventory(snapshot), change.at).stops;
    let due = catalogue.clocks.iter().filter(|clock| stops.iter().any(|(_, kind)| clock.kinds.contains(kind)));
    due.map(|clock| RunningClock {
        name: clock.name.clone(),
        due: change.at.plus_days(i64::from(clock.days)),
        version: change.version,
        who: change.account_name.clone(),
        at: change.at,
        stopped: touched(catalogue, &stops),
    })
    .collect()
}

/// The state that a change found.
pub(crate) fn taken_back(state: &OrgState, change: &Change) -> OrgState {
    let mut before = state.clone();
    for item in &change.items {
        match item.old {
            Some(old) => before.settings.insert(item.setting.clone(), old),
            None => before.settings.remove(&item.setting),
        };
    }
    before
}
