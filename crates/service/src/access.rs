//! Who may do what: the capabilities.
//!
//! A capability can only be made here, from an account, a key or a webhook and an organisation that belong together, and a use
//! case asks for the one it needs. What changes settings, knowledge or access asks for [`OrgAdmin`], so neither support nor an
//! auditor nor a member can change any of it whatever the handlers do. Sending items and taking them back asks for
//! [`IngestsOrg`]: a key with the scope for it, a signed message of a webhook, or the machine's operator. An organisation that an
//! account has nothing to do with is [`NoAccess::NotFound`], exactly as if it did not exist; in one's own, what a role does not
//! reach is [`NoAccess::Forbidden`], and that is logged.
//!
//! With the capability of an admin, settings are changed:
//!
//! ```
//! # use service::{Sluice, access::OrgAdmin, settings::change::{Wish, change}};
//! async fn turn_off(sluice: &Sluice, admin: &OrgAdmin, wish: &Wish) {
//!     let _ = change(sluice, admin, wish, 0).await;
//! }
//! ```
//!
//! With that of support, an auditor or a member, it does not compile:
//!
//! ```compile_fail,E0308
//! # use service::{Sluice, access::SupportReview, settings::change::{Wish, change}};
//! async fn turn_off(sluice: &Sluice, support: &SupportReview, wish: &Wish) {
//!     let _ = change(sluice, support, wish, 0).await;
//! }
//! ```
//!
//! ```compile_fail,E0308
//! # use service::{Sluice, access::OrgAuditor, settings::change::{Wish, change}};
//! async fn turn_off(sluice: &Sluice, auditor: &OrgAuditor, wish: &Wish) {
//!     let _ = change(sluice, auditor, wish, 0).await;
//! }
//! ```
//!
//! ```compile_fail,E0308
//! # use service::{Sluice, access::OrgMember, terms};
//! async fn add(sluice: &Sluice, member: &OrgMember) {
//!     let _ = terms::add(sluice, member, true, "Otter").await;
//! }
//! ```
//!
//! Nor does making one outside this file:
//!
//! ```compile_fail,E0451
//! # use service::access::{OrgAdmin, Who};
//! # use service::model::OrgRef;
//! fn forge(who: Who, org: OrgRef) -> OrgAdmin {
//!     OrgAdmin { who, org }
//! }
//! ```

use audit::{Action, Actor, ActorKind, Difference, Draft, Interface, unhex};
use policy::Timestamp;
use ring::hmac;
use thiserror::Error;

use crate::hooks::{self, Webhook};
use crate::keys::{ApiKey, Scope, Secret};
use crate::model::{Account, OrgRef, Review, Role, StaffRole};
use crate::ports::{Accounts, ControlPlane, StoreError};
use crate::vault::{VaultError, WrapKeys};

/// Who acts, and through what. Every capability carries it, and every entry of the audit log is made from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Who {
    pub account: Account,
    pub via: Via,
}

/// Through what someone acts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Via {
    pub interface: Interface,
    /// The id of the request, as the answer and the server's log have it.
    pub request: String,
    pub by: By,
}

/// Of the hash of a session's id, in the audit log and in lists: enough to tell sessions apart, and of no use otherwise.
pub const SESSION_DIGITS: usize = 12;

/// What proved who it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum By {
    /// A session in the browser; the first digits of the hash of its id.
    Session(String),
    /// An API key, by id.
    Key(String),
    /// Access to the machine.
    Machine,
}

impl Via {
    /// The command line.
    pub fn command_line() -> Self {
        Self { interface: Interface::Cli, request: String::new(), by: By::Machine }
    }
}

impl Who {
    fn actor(&self) -> Actor {
        let of = |kind, id: &str| Actor { id: id.to_owned(), kind, session: None };
        match &self.via.by {
            By::Key(key) => of(ActorKind::Key, key),
            By::Machine => Actor::nobody(ActorKind::System),
            By::Session(session) => {
                let kind = match self.account.staff {
                    None => ActorKind::Person,
                    Some(StaffRole::Support) => ActorKind::Support,
                    Some(StaffRole::Operator) => ActorKind::Operator,
                };
                Actor { session: Some(session.clone()), ..of(kind, &self.account.id) }
            }
        }
    }

    /// An entry of the audit log that says that this was done; the rest is filled in by whoever knows more.
    pub fn did(&self, at: Timestamp, action: Action, kind: &str, id: &str) -> Draft {
        Draft {
            on_behalf_of: (!matches!(self.via.by, By::Session(_))).then(|| self.account.id.clone()),
            request: self.via.request.clone(),
            ..Draft::new(at.micros(), self.actor(), self.via.interface, action, kind, id)
        }
    }
}

/// An entry of what was done by whoever has the machine, on nobody's behalf.
pub(crate) fn at_the_machine(at: Timestamp, action: Action, kind: &str, id: &str) -> Draft {
    Draft::new(at.micros(), Actor::nobody(ActorKind::System), Interface::Cli, action, kind, id)
}

/// An entry of what a job did: it follows from what was decided before.
pub(crate) fn by_itself(at: Timestamp, action: Action, kind: &str, id: &str) -> Draft {
    Draft { interface: Interface::Job, ..at_the_machine(at, action, kind, id) }
}

/// A value before and after, for an entry of the audit log.
pub fn difference(what: impl ToString, old: Option<&str>, new: Option<&str>) -> Difference {
    Difference { what: what.to_string(), old: old.map(str::to_owned), new: new.map(str::to_owned) }
}

macro_rules! of_org {
    ($($(#[$doc:meta])* $name:ident;)*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Debug)]
            pub struct $name {
                who: Who,
                org: OrgRef,
            }

            impl $name {
                pub fn who(&self) -> &Who {
                    &self.who
                }

                pub fn account(&self) -> &Account {
                    &self.who.account
                }
            }

            impl sealed::Sealed for $name {}

            impl ReadsOrg for $name {
                fn org(&self) -> &OrgRef {
                    &self.org
                }
            }
        )*
    };
}

of_org! {
    /// May read and change everything of one organisation.
    OrgAdmin;
    /// May read one organisation's settings, its audit log and its evidence.
    OrgAuditor;
    /// May ask whether a space of one organisation contributes.
    OrgMember;
    /// May read one organisation's settings, as a program does: not its audit log.
    OrgReader;
    /// May wash exports with what one organisation knows.
    OrgPreviewer;
    /// May send what one organisation contributes. It sees nothing of what is stored.
    OrgIngester;
}

/// May read the settings of one organisation, as the vendor's support, for the purpose and the time of one review.
#[derive(Clone, Debug)]
pub struct SupportReview {
    who: Who,
    org: OrgRef,
    review: Review,
}

/// May read one organisation from the machine that runs Sluice.
#[derive(Clone, Debug)]
pub struct Operator {
    org: OrgRef,
}

/// May send what one organisation contributes, as one of its webhooks does.
#[derive(Clone, Debug)]
pub struct OrgWebhook {
    org: OrgRef,
    webhook: Webhook,
}

/// Whoever may read the settings: what a page with no changes asks for.
#[derive(Clone, Debug)]
pub enum Viewer {
    Admin(OrgAdmin),
    Auditor(OrgAuditor),
    Support(SupportReview),
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::SupportReview {}
    impl Sealed for super::Operator {}
    impl Sealed for super::OrgWebhook {}
    impl Sealed for super::Viewer {}
}

/// A capability to read one organisation. Nothing outside this file can be one.
pub trait ReadsOrg: sealed::Sealed + Send + Sync {
    fn org(&self) -> &OrgRef;
}

/// A capability to read an organisation's people and terms: its admins, the programs to which they gave that, and whoever
/// runs the machine that holds them. Its auditors and the vendor's support see how many there are and nobody of them.
pub trait KnowsOrg: ReadsOrg {}

impl KnowsOrg for OrgAdmin {}
impl KnowsOrg for OrgPreviewer {}
impl KnowsOrg for Operator {}

/// A capability to read an organisation's audit log and take evidence away: its auditors, its admins, and the machine's
/// operator.
pub trait AuditsOrg: ReadsOrg {}

impl AuditsOrg for OrgAuditor {}
impl AuditsOrg for Operator {}

/// A capability to send data of an organisation through the gate: the programs and webhooks to which its admins gave that, and
/// whoever runs the machine.
pub trait IngestsOrg: ReadsOrg {}

impl IngestsOrg for OrgIngester {}
impl IngestsOrg for Operator {}
impl IngestsOrg for OrgWebhook {}

/// A capability to open what an organisation contributed, for a purpose: its admins, and whoever runs the machine. Each opening
/// stands in the organisation's log under their name.
pub trait OpensRecords: ReadsOrg {
    /// An entry of the audit log that says that this was done.
    fn did(&self, at: Timestamp, action: Action, kind: &str, id: &str) -> Draft;
}

impl OpensRecords for OrgAdmin {
    fn did(&self, at: Timestamp, action: Action, kind: &str, id: &str) -> Draft {
        self.who.did(at, action, kind, id)
    }
}

impl OpensRecords for Operator {
    fn did(&self, at: Timestamp, action: Action, kind: &str, id: &str) -> Draft {
        at_the_machine(at, action, kind, id)
    }
}

impl From<OrgAdmin> for OrgAuditor {
    fn from(OrgAdmin { who, org }: OrgAdmin) -> Self {
        Self { who, org }
    }
}

impl SupportReview {
    pub fn who(&self) -> &Who {
        &self.who
    }

    /// The purpose, the case and the time that it has.
    pub fn review(&self) -> &Review {
        &self.review
    }
}

impl Viewer {
    pub fn who(&self) -> &Who {
        match self {
            Self::Admin(admin) => &admin.who,
            Self::Auditor(auditor) => &auditor.who,
            Self::Support(support) => &support.who,
        }
    }

    pub fn account(&self) -> &Account {
        &self.who().account
    }

    /// Whether controls that change something are of any use to this person.
    pub fn can_change(&self) -> bool {
        matches!(self, Self::Admin(_))
    }

    /// The review that this is, for support.
    pub fn review(&self) -> Option<&Review> {
        match self {
            Self::Support(support) => Some(&support.review),
            Self::Admin(_) | Self::Auditor(_) => None,
        }
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

impl OrgWebhook {
    pub fn webhook(&self) -> &Webhook {
        &self.webhook
    }
}

impl ReadsOrg for OrgWebhook {
    fn org(&self) -> &OrgRef {
        &self.org
    }
}

impl ReadsOrg for Viewer {
    fn org(&self) -> &OrgRef {
        match self {
            Self::Admin(admin) => admin.org(),
            Self::Auditor(auditor) => auditor.org(),
            Self::Support(support) => support.org(),
        }
    }
}

/// Why there is no capability.
#[derive(Debug, Error)]
pub enum NoAccess {
    #[error("there is no such organisation for this account")]
    NotFound,
    /// It is the account's own organisation, but its role does not reach that far.
    #[error("this needs another role in the organisation")]
    Forbidden { org: OrgRef, needs: Role },
    /// Support has to say first what for.
    #[error("support has not begun to review this organisation")]
    NoReview { org: OrgRef },
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The organisation of a slug with the role that the account has in it. The vendor's own people never have one, whatever
/// a membership says.
async fn membership(accounts: &dyn Accounts, account: &Account, slug: &str) -> Result<(OrgRef, Role), NoAccess> {
    if account.staff.is_some() {
        return Err(NoAccess::NotFound);
    }
    let all = accounts.organisations_of(&account.id).await?;
    all.into_iter().find(|(org, _)| org.slug == slug).ok_or(NoAccess::NotFound)
}

/// The capability to change an organisation's settings.
///
/// # Errors
/// [`NoAccess::NotFound`] if the account has no role in an organisation with this slug, [`NoAccess::Forbidden`] if it is
/// not that of an admin.
pub async fn org_admin(accounts: &dyn Accounts, who: Who, slug: &str) -> Result<OrgAdmin, NoAccess> {
    match membership(accounts, &who.account, slug).await? {
        (org, Role::Admin) => Ok(OrgAdmin { who, org }),
        (org, _) => Err(NoAccess::Forbidden { org, needs: Role::Admin }),
    }
}

/// The capability to audit an organisation: its auditors, and its admins.
///
/// # Errors
/// As [`org_admin`].
pub async fn org_auditor(accounts: &dyn Accounts, who: Who, slug: &str) -> Result<OrgAuditor, NoAccess> {
    match membership(accounts, &who.account, slug).await? {
        (org, Role::Admin | Role::Auditor) => Ok(OrgAuditor { who, org }),
        (org, Role::Member) => Err(NoAccess::Forbidden { org, needs: Role::Auditor }),
    }
}

/// The capability to ask about a space: whoever has any role in the organisation.
///
/// # Errors
/// [`NoAccess::NotFound`] for everyone else.
pub async fn org_member(accounts: &dyn Accounts, who: Who, slug: &str) -> Result<OrgMember, NoAccess> {
    let (org, _) = membership(accounts, &who.account, slug).await?;
    Ok(OrgMember { who, org })
}

/// The widest capability that an account has to look at an organisation's settings.
///
/// # Errors
/// [`NoAccess::NotFound`] if the account may not see it, [`NoAccess::Forbidden`] for a member, [`NoAccess::NoReview`] for
/// support that has not said what for.
pub async fn viewer(store: &dyn ControlPlane, who: Who, slug: &str, now: Timestamp) -> Result<Viewer, NoAccess> {
    if who.account.staff == Some(StaffRole::Support) {
        let org = store.organisation(slug).await?.ok_or(NoAccess::NotFound)?;
        return match store.running_review(&org.id, &who.account.id, now).await? {
            Some(review) => Ok(Viewer::Support(SupportReview { who, org, review })),
            None => Err(NoAccess::NoReview { org }),
        };
    }
    match membership(store, &who.account, slug).await? {
        (org, Role::Admin) => Ok(Viewer::Admin(OrgAdmin { who, org })),
        (org, Role::Auditor) => Ok(Viewer::Auditor(OrgAuditor { who, org })),
        (org, Role::Member) => Err(NoAccess::Forbidden { org, needs: Role::Auditor }),
    }
}

/// The capability of whoever runs the binary on the machine that holds the database.
///
/// # Errors
/// [`NoAccess::NotFound`] if there is no organisation with this slug.
pub async fn operator(accounts: &dyn Accounts, slug: &str) -> Result<Operator, NoAccess> {
    let org = accounts.organisation(slug).await?.ok_or(NoAccess::NotFound)?;
    Ok(Operator { org })
}

/// A key that is worth something now: who made it, for which organisation, and what it may do.
#[derive(Clone, Debug)]
pub struct KeyHolder {
    who: Who,
    org: OrgRef,
    key: ApiKey,
}

/// Why a key gives no capability.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum NoScope {
    #[error("there is no such organisation for this key")]
    NotFound,
    #[error("the key does not have the scope {}", .0.id())]
    Missing(Scope),
}

impl KeyHolder {
    pub fn who(&self) -> &Who {
        &self.who
    }

    pub fn org(&self) -> &OrgRef {
        &self.org
    }

    pub fn key(&self) -> &ApiKey {
        &self.key
    }

    fn with(&self, slug: &str, needs: Scope) -> Result<(Who, OrgRef), NoScope> {
        if self.org.slug != slug {
            return Err(NoScope::NotFound);
        }
        if !self.key.scopes.contains(&needs) {
            return Err(NoScope::Missing(needs));
        }
        Ok((self.who.clone(), self.org.clone()))
    }

    /// # Errors
    /// Without the scope read, and for another organisation. The same for the others below.
    pub fn reader(&self, slug: &str) -> Result<OrgReader, NoScope> {
        self.with(slug, Scope::Read).map(|(who, org)| OrgReader { who, org })
    }

    /// # Errors
    /// Without the scope write.
    pub fn admin(&self, slug: &str) -> Result<OrgAdmin, NoScope> {
        self.with(slug, Scope::Write).map(|(who, org)| OrgAdmin { who, org })
    }

    /// # Errors
    /// Without the scope preview.
    pub fn previewer(&self, slug: &str) -> Result<OrgPreviewer, NoScope> {
        self.with(slug, Scope::Preview).map(|(who, org)| OrgPreviewer { who, org })
    }

    /// # Errors
    /// Without the scope ingest.
    pub fn ingester(&self, slug: &str) -> Result<OrgIngester, NoScope> {
        self.with(slug, Scope::Ingest).map(|(who, org)| OrgIngester { who, org })
    }

    /// # Errors
    /// Without the scope audit.
    pub fn auditor(&self, slug: &str) -> Result<OrgAuditor, NoScope> {
        self.with(slug, Scope::Audit).map(|(who, org)| OrgAuditor { who, org })
    }
}

/// What a key is worth now; none if it is unknown, over or revoked, or whoever made it is no longer an admin of its
/// organisation.
///
/// # Errors
/// When the store fails.
pub async fn key_holder(
    store: &dyn ControlPlane,
    secret: &Secret,
    request: &str,
    now: Timestamp,
) -> Result<Option<KeyHolder>, StoreError> {
    let Some(key) = store.api_key_by_hash(&secret.hash()).await?.filter(|key| key.works(now)) else {
        return Ok(None);
    };
    let Some((account, org)) = maker(store, &key.created_by, &key.org_id).await? else { return Ok(None) };
    let via = Via { interface: Interface::Api, request: request.to_owned(), by: By::Key(key.id.clone()) };
    Ok(Some(KeyHolder { who: Who { account, via }, org, key }))
}

/// Whoever made something for an organisation, if they are still an admin of it.
async fn maker(
    accounts: &dyn Accounts,
    account_id: &str,
    org_id: &str,
) -> Result<Option<(Account, OrgRef)>, StoreError> {
    let Some(account) = accounts.account(account_id).await?.filter(|account| account.staff.is_none()) else {
        return Ok(None);
    };
    let orgs = accounts.organisations_of(&account.id).await?;
    let is_admin_of = |(org, role): &(OrgRef, Role)| org.id == org_id && *role == Role::Admin;
    Ok(orgs.into_iter().find(is_admin_of).map(|(org, _)| (account, org)))
}

/// A webhook that works now. Whether a message is its sender's is known by the signature only.
#[derive(Debug)]
pub struct WebhookHolder {
    sender: OrgWebhook,
    secret: hmac::Key,
}

impl WebhookHolder {
    pub fn webhook(&self) -> &Webhook {
        &self.sender.webhook
    }

    /// The capability for one message. `signature` is `sha256=` and the HMAC-SHA-256 of the message in hexadecimal digits.
    pub fn signed(self, message: &[u8], signature: &str) -> Option<OrgWebhook> {
        let digits = signature.strip_prefix("sha256=").filter(|digits| digits.len() == 64)?;
        hmac::verify(&self.secret, message, &unhex(digits)).ok().map(|()| self.sender)
    }
}

/// The webhook of an address; none if it is unknown, of another organisation or revoked, or whoever made it is no longer an
/// admin of its organisation.
///
/// # Errors
/// When the store fails, or the secret cannot be opened.
pub async fn webhook_holder(
    store: &dyn ControlPlane,
    master: &dyn WrapKeys,
    slug: &str,
    id: &str,
) -> Result<Option<WebhookHolder>, VaultError> {
    if uuid::Uuid::try_parse(id).is_err() {
        return Ok(None);
    }
    let Some((webhook, secret)) = store.webhook(id).await? else { return Ok(None) };
    let maker = maker(store, &webhook.created_by, &webhook.org_id).await?;
    let Some((_, org)) = maker.filter(|(_, org)| org.slug == slug) else { return Ok(None) };
    let secret = master.unwrap(&secret, &hooks::bound_to(&webhook)).await?;
    let secret = hmac::Key::new(hmac::HMAC_SHA256, &secret);
    Ok(Some(WebhookHolder { sender: OrgWebhook { org, webhook }, secret }))
}
