//! Every setting of an organisation, for a machine: what the settings page shows, without its lists and counts.

use policy::{Kind, Setting, Timestamp};

use crate::Sluice;
use crate::access::ReadsOrg;
use crate::model::{OrgRef, Snapshot};
use crate::settings::page::{PlanLine, plan_line};
use crate::settings::rows::{Row, row};
use crate::settings::{SettingsError, summary};

#[derive(Clone, Debug)]
pub struct AllSettings {
    pub org: OrgRef,
    pub version: i64,
    /// The moment that the rows are of: see [`Sluice::shown_at`].
    pub at: Timestamp,
    pub in_force: Timestamp,
    pub summary: String,
    pub plan: PlanLine,
    /// The organisation's switches, every app, every connector, and the spaces that have an entry.
    pub rows: Vec<Row>,
}

/// Everything that is set, with what it comes to.
///
/// # Errors
/// When the organisation is gone or the store fails.
pub async fn all(sluice: &Sluice, cap: &impl ReadsOrg) -> Result<AllSettings, SettingsError> {
    let snapshot = snapshot(sluice, cap).await?;
    let (catalogue, at) = (sluice.catalogue(), sluice.shown_at());
    let organisation = Kind::ALL.map(Setting::Organisation).into_iter();
    let apps = catalogue.apps.iter().map(|app| Setting::App(app.id.clone()));
    let spaces = spaces_of(&snapshot).filter(|setting| snapshot.state.chosen(setting).is_some());
    let connectors = snapshot.state.connectors.keys().map(|id| Setting::Connector(id.clone()));
    let rows = organisation
        .chain(apps)
        .chain(spaces)
        .chain(connectors)
        .map(|setting| row(catalogue, &snapshot, &setting, at))
        .collect();
    Ok(AllSettings {
        version: snapshot.version,
        at,
        in_force: catalogue.programme.in_force,
        summary: summary::sentence(catalogue, &snapshot, sluice.now()),
        plan: plan_line(sluice, &snapshot, at),
        rows,
        org: snapshot.org,
    })
}

/// Some spaces in the order of app and key, with an entry or without, and the last of them if there are more.
#[derive(Clone, Debug)]
pub struct Spaces {
    pub version: i64,
    pub rows: Vec<Row>,
    pub next: Option<Setting>,
}

/// The spaces after one, or from the first.
///
/// # Errors
/// When the organisation is gone or the store fails.
pub async fn spaces(
    sluice: &Sluice,
    cap: &impl ReadsOrg,
    app: Option<&str>,
    after: Option<&Setting>,
    limit: usize,
) -> Result<Spaces, SettingsError> {
    let snapshot = snapshot(sluice, cap).await?;
    let at = sluice.shown_at();
    let of_app = |setting: &Setting| match setting {
        Setting::Space { app: of, .. } => app.is_none_or(|app| of == app),
        _ => false,
    };
    let mut rest = spaces_of(&snapshot).filter(of_app).filter(|setting| after.is_none_or(|after| setting > after));
    let page: Vec<Setting> = rest.by_ref().take(limit).collect();
    let next = page.last().filter(|_| rest.next().is_some()).cloned();
    let rows = page.iter().map(|setting| row(sluice.catalogue(), &snapshot, setting, at)).collect();
    Ok(Spaces { version: snapshot.version, rows, next })
}

async fn snapshot(sluice: &Sluice, cap: &impl ReadsOrg) -> Result<Snapshot, SettingsError> {
    sluice.store.snapshot(&cap.org().id).await?.ok_or(SettingsError::NotFound)
}

fn spaces_of(snapshot: &Snapshot) -> impl Iterator<Item = Setting> {
    snapshot.spaces.iter().map(|space| Setting::Space { app: space.app.clone(), key: space.key.clone() })
}
