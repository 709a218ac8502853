//! The settings page: everything on it, as of one moment, from one read.

use language::{Dates as _, t};
use policy::{Kind, Setting, Target, Timestamp, decide, standing};

use crate::Sluice;
use crate::access::{ReadsOrg, Viewer};
use crate::model::{OrgRef, Snapshot};
use crate::settings::rows::{Control, Row, row};
use crate::settings::{SettingsError, app_name, change, clocks, summary};

/// Spaces on one page of an app.
pub const SPACES_PER_PAGE: usize = 25;

/// Entries of one app that a list shows before it points to the app's own table.
pub const ENTRIES_SHOWN: usize = 10;

#[derive(Clone, Debug)]
pub struct SettingsPage {
    pub org: OrgRef,
    pub version: i64,
    pub can_change: bool,
    /// Whether anything is rendered that can be typed into; for support nothing is.
    pub can_search: bool,
    pub now: Timestamp,
    pub summary: String,
    pub in_force: InForce,
    pub plan: PlanLine,
    /// The exemption, in a sentence.
    pub exempt: Option<String>,
    /// How many things wait for a decision.
    pub held: usize,
    pub metadata: Row,
    pub in_app: Row,
    pub apps: Vec<AppRow>,
    pub platform_apps: Vec<PlatformRow>,
    pub connectors: Vec<ConnectorRow>,
    /// What the vendor calls its connectors.
    pub connectors_name: String,
    pub include: List,
    pub exclude: List,
    /// Entries of the dormant list that are at work all the same: spaces that differ from the entry of their app.
    pub within_apps: List,
    /// The app whose spaces are unfolded.
    pub spaces: Option<SpacesPage>,
    pub changed: Option<Changed>,
}

#[derive(Clone, Copy, Debug)]
pub struct InForce {
    pub from: Timestamp,
    /// Days left; none once it is in force.
    pub days_left: Option<i64>,
}

/// The plan that sets the defaults, and what makes it the highest.
#[derive(Clone, Debug, Default)]
pub struct PlanLine {
    pub name: String,
    pub made_by: String,
    pub means: String,
}

#[derive(Clone, Debug)]
pub struct AppRow {
    pub row: Row,
    pub id: String,
    pub items: String,
    pub in_use: bool,
    pub metadata: bool,
    pub contributing: usize,
    pub spaces: usize,
    /// Spaces whose own entry says something else than the app.
    pub exceptions: usize,
}

#[derive(Clone, Debug)]
pub struct PlatformRow {
    pub id: String,
    pub name: String,
    pub metadata: bool,
    pub in_app: bool,
    pub metadata_held: bool,
    pub in_app_held: bool,
}

#[derive(Clone, Debug)]
pub struct ConnectorRow {
    pub row: Row,
    pub kind: String,
    pub eligible: bool,
}

/// The include list (entries that are on) or the exclude list (entries that are off).
#[derive(Clone, Debug)]
pub struct List {
    /// It is the one that matters while the organisation's switch stands as it does.
    pub active: bool,
    pub groups: Vec<ListGroup>,
    pub entries: usize,
}

/// The entries of one app, or of the connectors.
#[derive(Clone, Debug)]
pub struct ListGroup {
    pub name: String,
    /// The app's id; none for connectors.
    pub app: Option<String>,
    /// The app as a whole is listed.
    pub whole: Option<Row>,
    pub rows: Vec<Row>,
    /// How many there are; `rows` holds the first few.
    pub total: usize,
    /// Out of how many spaces or connectors.
    pub of: usize,
}

/// Which spaces of an app to show. Everything is in the URL.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SpacesQuery {
    pub app: String,
    /// Part of the name or key, any case.
    pub search: String,
    pub show: Show,
    pub sort: Sort,
    pub descending: bool,
    /// From 1.
    pub page: usize,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Show {
    #[default]
    All,
    On,
    Off,
    Exceptions,
}

impl Show {
    pub const ALL: [Self; 4] = [Self::All, Self::On, Self::Off, Self::Exceptions];

    pub fn id(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::On => "on",
            Self::Off => "off",
            Self::Exceptions => "exceptions",
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::All => t!("of spaces" | "All"),
            Self::On => t!("of spaces" | "Contributing"),
            Self::Off => t!("of spaces" | "Not contributing"),
            Self::Exceptions => t!("of spaces" | "With an entry"),
        }
    }

    pub fn parse(id: &str) -> Self {
        Self::ALL.into_iter().find(|show| show.id() == id).unwrap_or_default()
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    #[default]
    Name,
    Key,
    State,
}

impl Sort {
    pub const ALL: [Self; 3] = [Self::Name, Self::Key, Self::State];

    pub fn id(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Key => "key",
            Self::State => "state",
        }
    }

    pub fn parse(id: &str) -> Self {
        Self::ALL.into_iter().find(|sort| sort.id() == id).unwrap_or_default()
    }
}

#[derive(Clone, Debug)]
pub struct SpacesPage {
    pub query: SpacesQuery,
    pub app_name: String,
    pub rows: Vec<Row>,
    pub matching: usize,
    pub total: usize,
    pub pages: usize,
}

/// The change that was just made, told on the page with its way back.
#[derive(Clone, Debug)]
pub struct Changed {
    pub change_id: String,
    pub told: String,
    pub undoable: bool,
    /// What it made stop contributing is due for removal: the clock's name and the day. Empty if nothing stopped.
    pub clocks: Vec<(String, Timestamp)>,
}

/// The settings page for whoever may look.
///
/// # Errors
/// When the organisation is gone or the store fails.
pub async fn settings_page(
    sluice: &Sluice,
    viewer: &Viewer,
    spaces: Option<SpacesQuery>,
    changed: Option<&str>,
) -> Result<SettingsPage, SettingsError> {
    let snapshot = sluice.store.snapshot(&viewer.org().id).await?.ok_or(SettingsError::NotFound)?;
    let catalogue = sluice.catalogue();
    let now = sluice.now();
    let at = sluice.shown_at();
    let row = |setting: &Setting| row(catalogue, &snapshot, setting, at);
    let contributes = |target: &Target, kind| decide(catalogue, &snapshot.state, target, kind, at).contributes;

    let metadata = row(&Setting::Organisation(Kind::Metadata));
    let in_app = row(&Setting::Organisation(Kind::InApp));
    let apps: Vec<AppRow> = catalogue.apps.iter().map(|app| app_row(sluice, &snapshot, &app.id, at)).collect();
    let connectors: Vec<ConnectorRow> = snapshot
        .state
        .connectors
        .iter()
        .map(|(id, connector)| {
            let kind = catalogue.connector_kind(&connector.kind);
            ConnectorRow {
                row: row(&Setting::Connector(id.clone())),
                kind: kind.map_or_else(|| connector.kind.clone(), |kind| kind.name.clone()),
                eligible: kind.is_some_and(|kind| kind.eligible),
            }
        })
        .collect();
    let held = [&metadata, &in_app]
        .into_iter()
        .chain(apps.iter().map(|app| &app.row))
        .chain(connectors.iter().map(|connector| &connector.row))
        .filter(|row| matches!(row.control, Control::Held(_)))
        .count();
    let standing = standing(catalogue, &snapshot.state, at);
    let changed = match changed {
        Some(id) => tell_changed(sluice, viewer, &snapshot, id, now).await?,
        None => None,
    };

    Ok(SettingsPage {
        version: snapshot.version,
        can_change: viewer.can_change(),
        can_search: viewer.review().is_none(),
        now,
        summary: summary::sentence(catalogue, &snapshot, now),
        in_force: InForce {
            from: catalogue.programme.in_force,
            days_left: (now < catalogue.programme.in_force).then(|| catalogue.programme.in_force.days_since(now)),
        },
        plan: plan_line(sluice, &snapshot, at),
        exempt: standing.exempt.map(|_| metadata.because.clone()),
        held,
        platform_apps: catalogue
            .platform_apps
            .iter()
            .map(|app| {
                let target = Target::PlatformApp(app.id.clone());
                PlatformRow {
                    id: app.id.clone(),
                    name: app.name.clone(),
                    metadata: contributes(&target, Kind::Metadata),
                    in_app: contributes(&target, Kind::InApp),
                    // They follow the organisation in this as well.
                    metadata_held: metadata.held(),
                    in_app_held: in_app.held(),
                }
            })
            .collect(),
        include: list(sluice, &snapshot, true, !in_app.on, at, |s| !in_app.on || !differs_from_app(&snapshot, s, true)),
        exclude: list(sluice, &snapshot, false, in_app.on, at, |s| in_app.on || !differs_from_app(&snapshot, s, false)),
        within_apps: list(sluice, &snapshot, in_app.on, true, at, |s| differs_from_app(&snapshot, s, in_app.on)),
        spaces: spaces.and_then(|query| spaces_page(sluice, &snapshot, query, at)),
        metadata,
        in_app,
        apps,
        connectors,
        connectors_name: catalogue.programme.connectors_name.clone(),
        changed,
        org: snapshot.org,
    })
}

fn app_row(sluice: &Sluice, snapshot: &Snapshot, id: &str, at: Timestamp) -> AppRow {
    let catalogue = sluice.catalogue();
    let of_app = || snapshot.spaces.iter().filter(|space| space.app == id);
    let app_row = row(catalogue, snapshot, &Setting::App(id.to_owned()), at);
    let mut contributing = 0;
    let mut exceptions = 0;
    for space in of_app() {
        let target = Target::Space { app: space.app.clone(), key: space.key.clone() };
        let decision = decide(catalogue, &snapshot.state, &target, Kind::InApp, at);
        contributing += usize::from(decision.contributes);
        exceptions += usize::from(decision.contributes != app_row.on);
    }
    AppRow {
        items: catalogue.app(id).map(|app| app.items.clone()).unwrap_or_default(),
        in_use: snapshot.state.subscriptions.iter().any(|s| s.app == id && s.active(at)),
        metadata: decide(catalogue, &snapshot.state, &Target::App(id.to_owned()), Kind::Metadata, at).contributes,
        contributing,
        spaces: of_app().count(),
        exceptions,
        row: app_row,
        id: id.to_owned(),
    }
}

pub(super) fn plan_line(sluice: &Sluice, snapshot: &Snapshot, at: Timestamp) -> PlanLine {
    let catalogue = sluice.catalogue();
    let Some((plan, subscription)) = standing(catalogue, &snapshot.state, at).plan else {
        return PlanLine {
            name: t!("No active plan").to_owned(),
            made_by: t!("No app has an active subscription.").to_owned(),
            means: t!("Nothing contributes without a plan.").to_owned(),
        };
    };
    let app = app_name(catalogue, &subscription.app);
    let all_equal = snapshot.state.subscriptions.iter().filter(|s| s.active(at)).all(|s| s.plan == plan.id);
    let trial_until = subscription.until.filter(|_| subscription.trial);
    let made_by = match (subscription.trial, trial_until) {
        (true, Some(until)) => t!(
            "The {plan} trial of {app} makes it the highest active plan until {date}. When it ends, nothing turns on by itself.",
            plan = plan.name,
            app,
            date = until.date()
        ),
        (true, None) => t!("The {plan} trial of {app} makes it the highest active plan.", plan = plan.name, app),
        (false, _) if all_equal => t!("Every app is on it.").to_owned(),
        (false, _) => t!("{app} makes it the highest active plan.", app),
    };
    let [metadata, in_app] = Kind::ALL.map(|kind| {
        let rule = plan.rule(kind);
        match (kind, rule.fixed, rule.default_on) {
            (Kind::Metadata, true, true) => t!("metadata is fixed on"),
            (Kind::Metadata, true, false) => t!("metadata is fixed off"),
            (Kind::Metadata, false, true) => t!("metadata is on unless you turn it off"),
            (Kind::Metadata, false, false) => t!("metadata is off unless you turn it on"),
            (Kind::InApp, true, true) => t!("in-app data is fixed on"),
            (Kind::InApp, true, false) => t!("in-app data is fixed off"),
            (Kind::InApp, false, true) => t!("in-app data is on unless you turn it off"),
            (Kind::InApp, false, false) => t!("in-app data is off unless you turn it on"),
        }
    });
    let means = t!("On {plan}, {metadata}; {in_app}.", plan = plan.name, metadata, in_app);
    PlanLine { name: plan.name.clone(), made_by, means }
}

/// Whether an entry is for a space whose app has an entry that says the opposite.
fn differs_from_app(snapshot: &Snapshot, setting: &Setting, on: bool) -> bool {
    let Setting::Space { app, .. } = setting else {
        return false;
    };
    snapshot.state.chosen(&Setting::App(app.clone())).is_some_and(|chosen| chosen.on != on)
}

/// The entries that say `on` and are to be kept, grouped by app, connectors last.
fn list(
    sluice: &Sluice,
    snapshot: &Snapshot,
    on: bool,
    active: bool,
    at: Timestamp,
    keep: impl Fn(&Setting) -> bool,
) -> List {
    let catalogue = sluice.catalogue();
    let entries: Vec<&Setting> = snapshot
        .state
        .settings
        .iter()
        .filter(|(setting, chosen)| chosen.on == on && !matches!(setting, Setting::Organisation(_)))
        .map(|(setting, _)| setting)
        .filter(|setting| keep(setting))
        .collect();
    let row = |setting: &Setting| row(catalogue, snapshot, setting, at);
    let mut groups = Vec::new();
    for app in &catalogue.apps {
        let whole = entries.iter().find(|s| matches!(s, Setting::App(id) if *id == app.id)).map(|s| row(s));
        let spaces: Vec<_> =
            entries.iter().filter(|s| matches!(s, Setting::Space { app: id, .. } if *id == app.id)).collect();
        if whole.is_some() || !spaces.is_empty() {
            groups.push(ListGroup {
                name: app.name.clone(),
                app: Some(app.id.clone()),
                whole,
                total: spaces.len(),
                of: snapshot.spaces.iter().filter(|space| space.app == app.id).count(),
                rows: spaces.into_iter().take(ENTRIES_SHOWN).map(|s| row(s)).collect(),
            });
        }
    }
    let connectors: Vec<_> = entries.iter().filter(|s| matches!(s, Setting::Connector(_))).collect();
    if !connectors.is_empty() {
        groups.push(ListGroup {
            name: t!("Connectors").to_owned(),
            app: None,
            whole: None,
            total: connectors.len(),
            of: snapshot.state.connectors.len(),
            rows: connectors.into_iter().map(|s| row(s)).collect(),
        });
    }
    List { active, groups, entries: entries.len() }
}

fn spaces_page(sluice: &Sluice, snapshot: &Snapshot, query: SpacesQuery, at: Timestamp) -> Option<SpacesPage> {
    let catalogue = sluice.catalogue();
    let app = catalogue.app(&query.app)?;
    let needle = query.search.trim().to_lowercase();
    let mut total = 0;
    let mut rows: Vec<(String, Row)> = Vec::new();
    for space in snapshot.spaces.iter().filter(|space| space.app == app.id) {
        total += 1;
        let found = needle.is_empty()
            || space.name.to_lowercase().contains(&needle)
            || space.key.to_lowercase().contains(&needle);
        if !found {
            continue;
        }
        let row = row(catalogue, snapshot, &Setting::Space { app: app.id.clone(), key: space.key.clone() }, at);
        let shown = match query.show {
            Show::All => true,
            Show::On => row.on,
            Show::Off => !row.on,
            Show::Exceptions => row.chosen.is_some(),
        };
        if shown {
            rows.push((space.key.clone(), row));
        }
    }
    // Each order ends in the name, so that a page is the same every time.
    rows.sort_by(|(key_a, a), (key_b, b)| {
        let by_name = a.label.to_lowercase().cmp(&b.label.to_lowercase());
        let order = match query.sort {
            Sort::Name => by_name,
            Sort::Key => key_a.cmp(key_b),
            Sort::State => b.on.cmp(&a.on).then(by_name),
        };
        if query.descending { order.reverse() } else { order }
    });
    let matching = rows.len();
    let pages = matching.div_ceil(SPACES_PER_PAGE).max(1);
    let page = query.page.clamp(1, pages);
    let rows = rows.into_iter().map(|(_, row)| row).skip((page - 1) * SPACES_PER_PAGE).take(SPACES_PER_PAGE).collect();
    Some(SpacesPage { query: SpacesQuery { page, ..query }, app_name: app.name.clone(), rows, matching, total, pages })
}

/// The change that the address names, while it is the last one.
pub(crate) async fn tell_changed(
    sluice: &Sluice,
    viewer: &Viewer,
    snapshot: &Snapshot,
    change_id: &str,
    now: Timestamp,
) -> Result<Option<Changed>, SettingsError> {
    let Some(change) = sluice.store.change(&snapshot.org.id, change_id).await? else {
        return Ok(None);
    };
    // Once something else was changed, this is no longer what the page shows.
    if change.version != snapshot.version {
        return Ok(None);
    }
    let undoable = match viewer {
        Viewer::Admin(admin) => change::undoable(snapshot, admin, &change, now).is_ok(),
        Viewer::Auditor(_) | Viewer::Support(_) => false,
    };
    Ok(Some(Changed {
        clocks: clocks::of_last_change(sluice.catalogue(), snapshot, &change)
            .into_iter()
            .map(|clock| (clock.name, clock.due))
            .collect(),
        told: change::told(sluice.catalogue(), snapshot, &change),
        change_id: change.id,
        undoable,
    }))
}

/// The id of the plan that sets an organisation's defaults.
///
/// # Errors
/// When the organisation is gone or the store fails.
pub async fn plan(sluice: &Sluice, cap: &impl ReadsOrg) -> Result<Option<String>, SettingsError> {
    let snapshot = sluice.store.snapshot(&cap.org().id).await?.ok_or(SettingsError::NotFound)?;
    let standing = standing(sluice.catalogue(), &snapshot.state, sluice.shown_at());
    Ok(standing.plan.map(|(plan, _)| plan.id.clone()))
}
