//! Which organisations a person can go to, and where each of them stands.

use std::cmp::Reverse;

use language::t;
use policy::{Catalogue, Timestamp};

use crate::Sluice;
use crate::model::{Account, OrgRef, Role};
use crate::ports::StoreResult;
use crate::removal;
use crate::settings::summary;

/// What the overview was asked for. Everything is in the URL.
#[derive(Clone, Debug, Default)]
pub struct OverviewQuery {
    pub search: String,
    /// Only what waits for a decision.
    pub only_waiting: bool,
    pub sort: OverviewSort,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OverviewSort {
    #[default]
    Name,
    Plan,
    /// The newest first; what was never changed is last.
    LastChange,
}

impl OverviewSort {
    pub const ALL: [Self; 3] = [Self::Name, Self::Plan, Self::LastChange];

    pub fn id(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Plan => "plan",
            Self::LastChange => "change",
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Name => t!("of organisations" | "Name"),
            Self::Plan => t!("of organisations" | "Plan"),
            Self::LastChange => t!("of organisations" | "Last change"),
        }
    }

    pub fn parse(id: &str) -> Self {
        Self::ALL.into_iter().find(|sort| sort.id() == id).unwrap_or_default()
    }
}

#[derive(Clone, Debug)]
pub struct Overview {
    pub query: OverviewQuery,
    /// How many there are without the filter.
    pub all: usize,
    pub rows: Vec<OverviewRow>,
}

/// One line of the overview.
#[derive(Clone, Debug)]
pub struct OverviewRow {
    pub org: OrgRef,
    pub role: Role,
    /// Where it stands; none for whoever sees its spaces only.
    pub standing: Option<Standing>,
}

#[derive(Clone, Debug)]
pub struct Standing {
    pub plan: String,
    /// What leaves now, in one sentence.
    pub summary: String,
    /// Something waits for a decision.
    pub held: bool,
    /// Nobody has ever decided anything.
    pub unreviewed: bool,
    /// When, and the name of who.
    pub last_change: Option<(Timestamp, String)>,
    /// Removals that are under way, once they were counted.
    pub removals: usize,
}

impl OverviewRow {
    fn waits(&self) -> bool {
        self.standing.as_ref().is_some_and(|standing| standing.held || standing.unreviewed)
    }

    fn plan(&self) -> &str {
        self.standing.as_ref().map_or("", |standing| &standing.plan)
    }

    fn changed_at(&self) -> Option<Timestamp> {
        Some(self.standing.as_ref()?.last_change.as_ref()?.0)
    }
}

/// The organisations in which an account has a role, each with it. Support finds one by searching for it.
///
/// # Errors
/// When the store fails.
pub async fn organisations(sluice: &Sluice, account: &Account) -> StoreResult<Vec<(OrgRef, Role)>> {
    if account.staff.is_some() {
        return Ok(Vec::new());
    }
    sluice.store.organisations_of(&account.id).await
}

/// The overview of those organisations: the ones that the filter leaves, sorted.
///
/// # Errors
/// When the store fails.
pub async fn overview(sluice: &Sluice, account: &Account, query: OverviewQuery) -> StoreResult<Overview> {
    let now = sluice.now();
    let own = organisations(sluice, account).await?;
    let all = own.len();
    let sought = query.search.trim().to_lowercase();
    let fits = |text: &str| text.to_lowercase().contains(&sought);
    let found: Vec<_> = own.into_iter().filter(|(org, _)| fits(&org.name) || fits(&org.slug)).collect();
    let seen: Vec<&str> =
        found.iter().filter(|(_, role)| *role != Role::Member).map(|(org, _)| org.id.as_str()).collect();
    let mut snapshots = sluice.store.snapshots(&seen).await?;
    let mut last_changes = sluice.store.last_changes(&seen).await?;
    let mut rows: Vec<OverviewRow> = found
        .into_iter()
        .map(|(org, role)| {
            let standing = snapshots.remove(&org.id).map(|snapshot| Standing {
                plan: plan_name(
                    sluice.catalogue(),
                    &policy::standing(sluice.catalogue(), &snapshot.state, sluice.shown_at()),
                ),
                summary: summary::sentence(sluice.catalogue(), &snapshot, now),
                held: summary::anything_held(sluice.catalogue(), &snapshot, now),
                unreviewed: snapshot.version == 0,
                last_change: last_changes.remove(&org.id),
                removals: 0,
            });
            OverviewRow { org, role, standing }
        })
        .filter(|row| !query.only_waiting || row.waits())
        .collect();
    rows.sort_by_cached_key(|row| row.org.name.to_lowercase());
    match query.sort {
        OverviewSort::Name => {}
        OverviewSort::Plan => rows.sort_by_cached_key(|row| row.plan().to_lowercase()),
        OverviewSort::LastChange => rows.sort_by_key(|row| Reverse(row.changed_at())),
    }
    Ok(Overview { query, all, rows })
}

/// Counts the removals that are under way: one question for each region, however many organisations there are.
pub async fn count_removals(sluice: &Sluice, overview: &mut Overview) {
    let counts = removal::under_way(sluice, None).await;
    for row in &mut overview.rows {
        if let (Some(standing), Some(count)) = (&mut row.standing, counts.get(&row.org.id)) {
            standing.removals = *count;
        }
    }
}

/// The plan that sets the defaults, or what stands in its place.
pub(crate) fn plan_name(catalogue: &Catalogue, standing: &policy::Standing<'_>) -> String {
    match (standing.exempt, standing.plan) {
        (Some((exemption, _)), _) => {
            t!("Exempt: {name}", name = catalogue.exemption(exemption).map_or(exemption, |e| e.name.as_str()))
        }
        (None, Some((plan, subscription))) if subscription.trial => t!("{plan} (trial)", plan = plan.name),
        (None, Some((plan, _))) => plan.name.clone(),
        (None, None) => t!("No active plan").to_owned(),
    }
}
