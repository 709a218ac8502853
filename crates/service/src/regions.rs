//! Where an organisation's data is: in one region, and nowhere else.
//!
//! The region is chosen when the organisation is made, and changes only by a move (see [`crate::moves`]). A region that cannot be reached takes nothing and gives nothing; no
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

/// Refuses if an organisation moves away from a region or is not in it. Whoever writes there asks after it has read the
/// region's standing: a move that begins later makes that standing another.
///
/// # Errors
/// [`IngestError::Moving`], or what the control plane said.
pub(crate) async fn settled(sluice: &Sluice, org: &OrgRef, region: &Region) -> Result<(), IngestError> {
    let settled = sluice.store.settled(&org.id, &region.id).await?;
    settled.then_some(()).ok_or(IngestError::Moving)
}
