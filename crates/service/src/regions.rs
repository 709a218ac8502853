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
/// Where no store is set up for its region.
pub(crate) async fn of<'a>(sluice: &'a Sluice, org: &OrgRef) -> Result<&'a Region, IngestError> {
    let region = sluice.store.residence(&org.id).await?.ok_or(IngestError::NotFound)?;
    sluice.regions.get(&region).ok_or(IngestError::NoRegion(region))
}
