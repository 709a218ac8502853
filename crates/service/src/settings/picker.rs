//! The picker: choosing spaces, apps and connectors for the include or the exclude list.

use std::collections::BTreeSet;

use language::t;
use policy::Setting;

use crate::Sluice;
use crate::access::{OrgAdmin, ReadsOrg};
use crate::model::{OrgRef, Snapshot};
use crate::settings::SettingsError;
use crate::settings::rows::{Control, Row, row};

/// Rows on one page of the picker.
pub const PAGE: usize = 25;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tab {
    #[default]
    Spaces,
    Apps,
    Connectors,
}

impl Tab {
    pub const ALL: [Self; 3] = [Self::Spaces, Self::Apps, Self::Connectors];

    pub fn id(self) -> &'static str {
        match self {
            Self::Spaces => "spaces",
            Self::Apps => "apps",
            Self::Connectors => "connectors",
        }
    }

    pub fn parse(id: &str) -> Self {
        Self::ALL.into_iter().find(|tab| tab.id() == id).unwrap_or_default()
    }
}

/// What the picker was asked for. Everything is in the URL, the choices included, so that searching loses none.
#[derive(Clone, Debug, Default)]
pub struct PickerQuery {
    /// For the include list (on) or the exclude list (off).
    pub to: bool,
    pub tab: Tab,
    pub search: String,
    pub app: Option<String>,
    pub page: usize,
    pub chosen: Vec<Setting>,
    /// Choose everything that the search finds on this tab.
    pub choose_all: bool,
}

#[derive(Clone, Debug)]
pub struct Picker {
    pub org: OrgRef,
    pub version: i64,
    pub query: PickerQuery,
    /// What is chosen so far, on every tab.
    pub chosen: Vec<Row>,
    pub rows: Vec<PickerRow>,
    pub matching: usize,
    pub pages: usize,
    /// The apps to filter spaces by: id, name.
    pub apps: Vec<(String, String)>,
    /// What the vendor calls its apps and its connectors.
    pub apps_name: String,
    pub connectors_name: String,
}

#[derive(Clone, Debug)]
pub struct PickerRow {
    pub row: Row,
    pub app_name: String,
    pub chosen: bool,
    /// Why it cannot be chosen: it is on the list already or cannot contribute.
    pub unavailable: Option<String>,
}

/// What can be put on a list.
///
/// # Errors
/// When the organisation is gone or the store fails.
pub async fn picker(sluice: &Sluice, admin: &OrgAdmin, mut query: PickerQuery) -> Result<Picker, SettingsError> {
    let snapshot = sluice.store.snapshot(&admin.org().id).await?.ok_or(SettingsError::NotFound)?;
    let at = sluice.shown_at();
    let catalogue = sluice.catalogue();
    let mut chosen: BTreeSet<Setting> = query.chosen.drain(..).collect();

    let candidates: Vec<(String, Setting)> = candidates(sluice, &snapshot, &query);
    let matching = candidates.len();
    let pages = matching.div_ceil(PAGE).max(1);
    query.page = query.page.clamp(1, pages);
    let unavailable = |row: &Row| match &row.control {
        Control::Locked(why) => Some(why.clone()),
        _ if row.chosen == Some(query.to) => Some(t!("Already on this list.").to_owned()),
        _ => None,
    };
    if query.choose_all {
        chosen.extend(
            candidates
                .iter()
                .filter(|(_, setting)| unavailable(&row(catalogue, &snapshot, setting, at)).is_none())
                .map(|(_, setting)| setting.clone()),
        );
    }
    let rows = candidates
        .into_iter()
        .skip((query.page - 1) * PAGE)
        .take(PAGE)
        .map(|(app_name, setting)| {
            let row = row(catalogue, &snapshot, &setting, at);
            PickerRow { unavailable: unavailable(&row), chosen: chosen.contains(&setting), app_name, row }
        })
        .collect();
    query.chosen = chosen.iter().cloned().collect();
    Ok(Picker {
        version: snapshot.version,
        chosen: chosen.iter().map(|setting| row(catalogue, &snapshot, setting, at)).collect(),
        rows,
        matching,
        pages,
        apps: catalogue.apps.iter().map(|app| (app.id.clone(), app.name.clone())).collect(),
        apps_name: catalogue.programme.apps_name.clone(),
        connectors_name: catalogue.programme.connectors_name.clone(),
        query,
        org: snapshot.org,
    })
}

/// The settings on a tab that a search finds, with the name of their app, by name.
fn candidates(sluice: &Sluice, snapshot: &Snapshot, query: &PickerQuery) -> Vec<(String, Setting)> {
    let needle = query.search.trim().to_lowercase();
    let found = |text: &str| needle.is_empty() || text.to_lowercase().contains(&needle);
    let mut named: Vec<(String, String, Setting)> = match query.tab {
        Tab::Spaces => snapshot
            .spaces
            .iter()
            .filter(|space| query.app.as_ref().is_none_or(|app| *app == space.app))
            .filter(|space| found(&space.name) || found(&space.key))
            .map(|space| {
                let app_name = super::app_name(sluice.catalogue(), &space.app).to_owned();
                let setting = Setting::Space { app: space.app.clone(), key: space.key.clone() };
                (space.name.to_lowercase(), app_name, setting)
            })
            .collect(),
        Tab::Apps => sluice
            .catalogue()
            .apps
            .iter()
            .filter(|app| found(&app.name))
            .map(|app| (app.name.to_lowercase(), app.name.clone(), Setting::App(app.id.clone())))
            .collect(),
        Tab::Connectors => snapshot
            .connector_names
            .iter()
            .filter(|(_, name)| found(name))
            .map(|(id, name)| {
                let kind = snapshot.state.connectors.get(id).and_then(|c| sluice.catalogue().connector_kind(&c.kind));
                let kind = kind.map(|kind| kind.name.clone()).unwrap_or_default();
                (name.to_lowercase(), kind, Setting::Connector(id.clone()))
            })
            .collect(),
    };
    named.sort();
    named.into_iter().map(|(_, app_name, setting)| (app_name, setting)).collect()
}
