//! Which organisations a person can go to, and where each of them stands.

use policy::{Catalogue, Standing};

use crate::Sluice;
use crate::model::{Account, OrgRef};
use crate::ports::StoreResult;
use crate::settings::summary;

/// One line of the overview.
#[derive(Clone, Debug)]
pub struct OverviewRow {
    pub org: OrgRef,
    pub plan: String,
    /// What leaves now, in one sentence.
    pub summary: String,
    /// Something waits for a decision.
    pub held: bool,
}

/// The organisations in which an account has a role. Support finds one by searching for it.
///
/// # Errors
/// When the store fails.
pub async fn organisations(sluice: &Sluice, account: &Account) -> StoreResult<Vec<OrgRef>> {
    if account.staff.is_some() {
        return Ok(Vec::new());
    }
    Ok(sluice.store.organisations_of(&account.id).await?.into_iter().map(|(org, _)| org).collect())
}

/// The overview of those organisations.
///
/// # Errors
/// When the store fails.
pub async fn overview(sluice: &Sluice, account: &Account) -> StoreResult<Vec<OverviewRow>> {
    let catalogue = &sluice.catalogue;
    let now = sluice.now();
    let mut rows = Vec::new();
    for org in organisations(sluice, account).await? {
        let Some(snapshot) = sluice.store.snapshot(&org.id).await? else {
            continue;
        };
        let standing = policy::standing(catalogue, &snapshot.state, sluice.shown_at());
        rows.push(OverviewRow {
            plan: plan_name(catalogue, &standing),
            summary: summary::sentence(catalogue, &snapshot, now),
            held: summary::anything_held(catalogue, &snapshot, now),
            org,
        });
    }
    Ok(rows)
}

/// The plan that sets the defaults, or what stands in its place.
pub(crate) fn plan_name(catalogue: &Catalogue, standing: &Standing<'_>) -> String {
    match (standing.exempt, standing.plan) {
        (Some((exemption, _)), _) => {
            format!("Exempt: {}", catalogue.exemption(exemption).map_or(exemption, |e| e.name.as_str()))
        }
        (None, Some((plan, subscription))) if subscription.trial => format!("{} (trial)", plan.name),
        (None, Some((plan, _))) => plan.name.clone(),
        (None, None) => "No active plan".to_owned(),
    }
}
