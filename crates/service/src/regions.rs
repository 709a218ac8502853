//! Where an organisation's data is: in one region, and nowhere else.
//!
//! The region is chosen when the organisation is made. A region that cannot be reached takes nothing and gives nothing; no
//! other one stands in for it.

use crate::Sluice;
use crate::data_plane::Region;
use crate::ingest::IngestError;
use crate::model::OrgRef;

/// The region in which an organisation stands.
///
/// # Errors
/// While it is being moved, and where no store is set up for its region.
pub(crate) async fn of<'a>(sluice: &'a Sluice, org: &OrgRef) -> Result<&'a Region, IngestError> {
    let residence = sluice.store.residence(&org.id).await?.ok_or(IngestError::NotFound)?;
    if residence.moving_to.is_some() {
        return Err(IngestError::Moving);
    }
    sluice.regions.get(&residence.region).ok_or(IngestError::NoRegion(residence.region))
}
