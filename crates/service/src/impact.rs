//! What would be different without one organisation: for the organisation itself, from what it added to the current release.

use patterns::Impact;
use thiserror::Error;

use crate::Sluice;
use crate::access::AuditsOrg;
use crate::ingest::IngestError;
use crate::model::OrgRef;
use crate::ports::StoreError;
use crate::releases::{self, ReleaseError, ReleaseView};
use crate::vault::VaultError;

#[derive(Debug, Error)]
pub enum ImpactError {
    #[error(transparent)]
    Release(#[from] ReleaseError),
    #[error(transparent)]
    Region(#[from] IngestError),
    #[error(transparent)]
    Vault(#[from] VaultError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What the page of an organisation's impact shows.
#[derive(Clone, Debug)]
pub struct OrgImpact {
    pub org: OrgRef,
    /// None before the first release.
    pub release: Option<ReleaseView>,
    pub part: TakesPart,
    /// The versions that were computed with it, the current one included.
    pub versions: Vec<i64>,
}

/// What an organisation has to do with the current release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TakesPart {
    /// Nothing: it was computed without it.
    No,
    /// It was computed with it, and what the organisation added is forgotten since: it took something back, moved to another
    /// region, its key is gone, or the period is over. The next release is without what was taken back.
    Forgotten,
    /// What would be different without it.
    Yes(Impact),
}

/// What would be different without the organisation, by numbers that hold by construction.
///
/// # Errors
/// When the organisation's region or its keys cannot be reached, or the store fails.
pub async fn impact(sluice: &Sluice, cap: &impl AuditsOrg) -> Result<OrgImpact, ImpactError> {
    let org = cap.org();
    let versions = sluice.store.releases_with(&org.id).await?;
    let current = releases::current(sluice).await?;
    let part = match &current {
        Some(current) if versions.contains(&current.view.version) => {
            let region = crate::regions::of(sluice, org).await?;
            match releases::open_part(sluice, region, &org.id, &current.view.period).await? {
                Some(own) => TakesPart::Yes(patterns::impact(&current.published, &own.part)),
                None => TakesPart::Forgotten,
            }
        }
        _ => TakesPart::No,
    };
    Ok(OrgImpact { org: org.clone(), release: current.map(|current| current.view.clone()), part, versions })
}
