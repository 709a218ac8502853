//! Who may do what: the capabilities.
//!
//! A capability can only be made here, from an account and an organisation that belong together, and a use case asks for
//! the one it needs. [`SupportReview`] has no way to a use case that writes, so support staff cannot change anything
//! whatever the handlers do. An organisation that an account has nothing to do with is [`NoAccess::NotFound`], exactly as
//! if it did not exist.

use thiserror::Error;

use crate::model::{Account, OrgRef, Role, StaffRole};
use crate::ports::{Accounts, StoreError};

/// May read and change the settings of one organisation.
#[derive(Clone, Debug)]
pub struct OrgAdmin {
    account: Account,
    org: OrgRef,
}

/// May read the settings of one organisation, as the vendor's support.
#[derive(Clone, Debug)]
pub struct SupportReview {
    account: Account,
    org: OrgRef,
}

/// May read one organisation from the machine that runs Sluice.
#[derive(Clone, Debug)]
pub struct Operator {
    org: OrgRef,
}

/// Whoever may read: what a page with no changes asks for.
#[derive(Clone, Debug)]
pub enum Viewer {
    Admin(OrgAdmin),
    Support(SupportReview),
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::OrgAdmin {}
    impl Sealed for super::SupportReview {}
    impl Sealed for super::Operator {}
    impl Sealed for super::Viewer {}
}

/// A capability to read one organisation. Nothing outside this file can be one.
pub trait ReadsOrg: sealed::Sealed + Send + Sync {
    fn org(&self) -> &OrgRef;
}

/// A capability to read an organisation's people and terms: its admins, and whoever runs the machine that holds them. The
/// vendor's support sees how many there are and nobody of them.
pub trait KnowsOrg: ReadsOrg {}

impl KnowsOrg for OrgAdmin {}
impl KnowsOrg for Operator {}

impl OrgAdmin {
    pub fn account(&self) -> &Account {
        &self.account
    }
}

impl Viewer {
    pub fn account(&self) -> &Account {
        match self {
            Self::Admin(admin) => &admin.account,
            Self::Support(support) => &support.account,
        }
    }

    /// Whether controls that change something are of any use to this person.
    pub fn can_change(&self) -> bool {
        matches!(self, Self::Admin(_))
    }
}

impl ReadsOrg for OrgAdmin {
    fn org(&self) -> &OrgRef {
        &self.org
    }
}

impl ReadsOrg for SupportReview {
    fn org(&self) -> &OrgRef {
        &self.org
    }
}

impl ReadsOrg for Operator {
    fn org(&self) -> &OrgRef {
        &self.org
    }
}

impl ReadsOrg for Viewer {
    fn org(&self) -> &OrgRef {
        match self {
            Self::Admin(admin) => admin.org(),
            Self::Support(support) => support.org(),
        }
    }
}

/// Why there is no capability.
#[derive(Debug, Error)]
pub enum NoAccess {
    #[error("there is no such organisation for this account")]
    NotFound,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The capability to change an organisation's settings.
///
/// # Errors
/// [`NoAccess::NotFound`] if the account is not an admin of an organisation with this slug. The vendor's own people never
/// are, whatever a membership says.
pub async fn org_admin(accounts: &dyn Accounts, account: Account, slug: &str) -> Result<OrgAdmin, NoAccess> {
    if account.staff.is_some() {
        return Err(NoAccess::NotFound);
    }
    accounts
        .organisations_of(&account.id)
        .await?
        .into_iter()
        .find(|(org, role)| org.slug == slug && *role == Role::Admin)
        .map(|(org, _)| OrgAdmin { account, org })
        .ok_or(NoAccess::NotFound)
}

/// The widest capability that an account has to look at an organisation.
///
/// # Errors
/// [`NoAccess::NotFound`] if the account may not see it.
pub async fn viewer(accounts: &dyn Accounts, account: Account, slug: &str) -> Result<Viewer, NoAccess> {
    if account.staff == Some(StaffRole::Support) {
        let org = accounts.organisation(slug).await?.ok_or(NoAccess::NotFound)?;
        return Ok(Viewer::Support(SupportReview { account, org }));
    }
    org_admin(accounts, account, slug).await.map(Viewer::Admin)
}

/// The capability of whoever runs the binary on the machine that holds the database.
///
/// # Errors
/// [`NoAccess::NotFound`] if there is no organisation with this slug.
pub async fn operator(accounts: &dyn Accounts, slug: &str) -> Result<Operator, NoAccess> {
    let org = accounts.organisation(slug).await?.ok_or(NoAccess::NotFound)?;
    Ok(Operator { org })
}
