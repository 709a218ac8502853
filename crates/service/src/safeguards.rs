//! The six safeguards with what shows right now that they hold.
//!
//! The public half reads nothing of any organisation: the rules, whether each store answers, and a test on planted text. An
//! organisation's own half is read with its capability. What cannot be reached is said to be unreachable; nothing here is a
//! promise that was not just looked at.

mod leak_test;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use policy::{Catalogue, Category, Timestamp};
use tokio::task::JoinSet;

use crate::Sluice;
use crate::access::{OrgAuditor, ReadsOrg as _, Viewer};
use crate::audit_log::{self, AuditRow};
use crate::blocking::Stopped;
use crate::data_plane::{DataPlane, KeyStore, Region};
use crate::ledger::{KeyState, LedgerError, cannot_reach, region, region_name};
use crate::model::OrgRef;
use crate::overview::plan_name;
use crate::ports::StoreResult;
use crate::preview::PreviewError;
use crate::removal::{self, Clock};
use crate::settings::summary;
pub use leak_test::{Fate, LeakTest, Planted};

/// A store that has not answered for so long is said not to answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// Accesses that are listed.
const READS_SHOWN: u32 = 3;

/// What everyone may see.
#[derive(Clone, Debug)]
pub struct Safeguards {
    pub now: Timestamp,
    pub catalogue: Arc<Catalogue>,
    pub dictionary: Dictionary,
    /// In the order of the catalogue.
    pub regions: Vec<RegionState>,
    pub leak_test: LeakTest,
}

/// How many fields of each category the field dictionary lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dictionary {
    pub metadata: usize,
    pub in_app: usize,
    pub never: usize,
}

impl Dictionary {
    fn of(catalogue: &Catalogue) -> Self {
        let count = |category| catalogue.fields.iter().filter(|field| field.category == category).count();
        Self { metadata: count(Category::Metadata), in_app: count(Category::InApp), never: count(Category::Never) }
    }

    pub fn total(self) -> usize {
        self.metadata + self.in_app + self.never
    }
}

/// A region of the catalogue, and its two stores if it has any here.
#[derive(Clone, Debug)]
pub struct RegionState {
    pub id: String,
    pub name: String,
    pub stores: Option<Stores>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stores {
    pub data: StoreState,
    pub keys: StoreState,
}

/// What a store is, and whether it answered just now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoreState {
    pub engine: &'static str,
    pub answers: bool,
}

/// What an organisation sees of itself besides.
#[derive(Clone, Debug)]
pub struct Own {
    pub org: OrgRef,
    /// What leaves now, in a sentence.
    pub sentence: String,
    pub plan: String,
    /// Of the plan that sets the defaults, if one does.
    pub plan_id: Option<String>,
    pub region_id: String,
    pub region: String,
    /// None if the region cannot be reached.
    pub kept: Option<Kept>,
    /// The last times that contributed data was read, newest first; none for whoever does not see the audit log.
    pub reads: Option<Vec<AuditRow>>,
    pub last_change: Option<Timestamp>,
    /// Whether whoever looks may see what the organisation keeps for itself.
    pub inside: bool,
}

/// What its region says.
#[derive(Clone, Debug)]
pub struct Kept {
    pub key: KeyState,
    /// What is being removed, and by when.
    pub clocks: Vec<Clock>,
}

/// The public half.
///
/// # Errors
/// Only where the leak test itself cannot be run.
pub async fn safeguards(sluice: &Sluice) -> Result<Safeguards, PreviewError> {
    let catalogue = Arc::clone(sluice.catalogue());
    let stores = stores_of_all(sluice).await?;
    let regions = catalogue.regions.iter().map(|of| RegionState {
        id: of.id.clone(),
        name: of.name.clone(),
        stores: stores.get(&of.id).copied(),
    });
    Ok(Safeguards {
        regions: regions.collect(),
        now: sluice.now(),
        dictionary: Dictionary::of(&catalogue),
        catalogue,
        leak_test: leak_test::run(sluice).await?,
    })
}

/// The stores of every region that has some here, by its id. All are asked at once: however many are silent, a page waits for
/// one.
async fn stores_of_all(sluice: &Sluice) -> Result<BTreeMap<String, Stores>, PreviewError> {
    let mut asked = JoinSet::new();
    for id in sluice.regions.all().map(|region| region.id.clone()) {
        let regions = sluice.regions.clone();
        asked.spawn(async move {
            let stores = stores(regions.get(&id)?).await;
            Some((id, stores))
        });
    }
    let mut found = BTreeMap::new();
    while let Some(answer) = asked.join_next().await {
        found.extend(answer.map_err(|error| PreviewError::Failed(Stopped::from(error).to_string()))?);
    }
    Ok(found)
}

async fn stores(region: &Region) -> Stores {
    let (plane, keys): (&dyn DataPlane, &dyn KeyStore) = (region.plane.as_ref(), region.keys.as_ref());
    let (data_answers, keys_answer) = tokio::join!(answers(plane.reach()), answers(keys.reach()));
    Stores {
        data: StoreState { engine: plane.engine(), answers: data_answers },
        keys: StoreState { engine: keys.engine(), answers: keys_answer },
    }
}

async fn answers(reaching: impl Future<Output = StoreResult<()>>) -> bool {
    matches!(tokio::time::timeout(PATIENCE, reaching).await, Ok(Ok(())))
}

/// An organisation's own half.
///
/// # Errors
/// When the organisation is gone or the control plane fails. A region that cannot be reached is no error of the page.
pub async fn own(sluice: &Sluice, viewer: &Viewer) -> Result<Own, LedgerError> {
    let (org, now) = (viewer.org().clone(), sluice.now());
    let snapshot = sluice.store.snapshot(&org.id).await?.ok_or(LedgerError::NotFound)?;
    let region_id = sluice.store.residence(&org.id).await?.ok_or(LedgerError::NotFound)?;
    let kept = match kept(sluice, viewer).await {
        Ok(kept) => Some(kept),
        Err(error @ LedgerError::Unreachable { .. }) => {
            tracing::warn!(%error, "the safeguards of a region cannot be shown");
            None
        }
        Err(error) => return Err(error),
    };
    let auditor: Option<OrgAuditor> = match viewer {
        Viewer::Admin(admin) => Some(admin.clone().into()),
        Viewer::Auditor(auditor) => Some(auditor.clone()),
        Viewer::Support(_) => None,
    };
    let reads = match &auditor {
        Some(auditor) => {
            let found = audit_log::search(sluice, auditor, "action:data.read", i64::MAX, READS_SHOWN).await?;
            Some(found.map(|found| found.rows).unwrap_or_default())
        }
        None => None,
    };
    let changes = sluice.store.changes(&org.id, None, None, 1).await?;
    let standing = policy::standing(sluice.catalogue(), &snapshot.state, now);
    Ok(Own {
        sentence: summary::sentence(sluice.catalogue(), &snapshot, now),
        plan: plan_name(sluice.catalogue(), &standing),
        plan_id: standing.plan.map(|(plan, _)| plan.id.clone()),
        region: region_name(sluice, &org).await?,
        region_id,
        kept,
        reads,
        last_change: changes.first().map(|change| change.at),
        inside: auditor.is_some(),
        org,
    })
}

async fn kept(sluice: &Sluice, viewer: &Viewer) -> Result<Kept, LedgerError> {
    let org = viewer.org();
    let region = region(sluice, org).await?;
    let keys = region.keys.keys(&org.id).await.map_err(|error| cannot_reach(sluice, &region.id, &error))?;
    let work = removal::read(sluice, viewer).await?;
    let clocks = work.open().flat_map(|removal| &removal.clocks).filter(|clock| !clock.kept).cloned().collect();
    Ok(Kept { key: KeyState::of(&keys), clocks })
}
