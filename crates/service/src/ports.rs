//! What the use cases need from outside: the control plane's store and a clock.
//!
//! Repositories are reached through a capability only (see [`crate::access`]); the methods here take plain ids because
//! the use cases have checked by then who is asking.

use std::collections::BTreeMap;
use std::fmt;

use async_trait::async_trait;
use audit::{Action, ActorKind, Draft, Head, Outcome, Sealed};
use policy::{Setting, Timestamp};
use thiserror::Error;

use crate::identities::Identity;
use crate::keys::ApiKey;
use crate::knowledge::KnowledgeRefusal;
use crate::members::MemberRefusal;
use crate::model::{
    Account, Change, Invitation, Knowledge, KnowledgeChange, KnowledgeCounts, ListedPerson, Member, NewChange,
    NewKnowledge, OpenSession, OrgRef, Review, Role, Snapshot, Space, Term,
};
use crate::requests::{Answer, Begun};
use crate::support::ReviewRefusal;

/// The time now. A port, so that a test can stand at any moment.
pub trait Clock: fmt::Debug + Send + Sync {
    fn now(&self) -> Timestamp;
}

/// The store failed. What it said is for the log only, never for a person.
#[derive(Debug, Error)]
#[error("the database did not do what was asked: {0}")]
pub struct StoreError(#[source] pub Box<dyn std::error::Error + Send + Sync>);

pub type StoreResult<T> = Result<T, StoreError>;

/// Decides, inside the transaction, what to write. `None` writes nothing.
pub type Decide<'a, E> = &'a (dyn Fn(&Snapshot) -> Result<Option<NewChange>, E> + Send + Sync);

/// Why a change was not written.
#[derive(Debug)]
pub enum ChangeError<E> {
    Refused(E),
    Store(StoreError),
}

impl<E> From<StoreError> for ChangeError<E> {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

#[async_trait]
pub trait Accounts: Send + Sync {
    /// The account of an e-mail address and its password hash.
    async fn account_by_email(&self, email: &str) -> StoreResult<Option<(Account, String)>>;

    async fn account(&self, id: &str) -> StoreResult<Option<Account>>;

    async fn all_accounts(&self) -> StoreResult<Vec<Account>>;

    /// The organisations in which an account has a role, by name.
    async fn organisations_of(&self, account_id: &str) -> StoreResult<Vec<(OrgRef, Role)>>;

    async fn all_organisations(&self) -> StoreResult<Vec<OrgRef>>;

    async fn organisation(&self, slug: &str) -> StoreResult<Option<OrgRef>>;
}

/// An organisation's settings and their history.
#[async_trait]
pub trait Settings: Send + Sync {
    /// Everything about an organisation, as of one moment.
    async fn snapshot(&self, org_id: &str) -> StoreResult<Option<Snapshot>>;

    /// The same of many organisations, by id.
    async fn snapshots(&self, org_ids: &[&str]) -> StoreResult<BTreeMap<String, Snapshot>>;

    /// When each of some organisations was last changed, and the name of who did it, by id of the organisation.
    async fn last_changes(&self, org_ids: &[&str]) -> StoreResult<BTreeMap<String, (Timestamp, String)>>;

    /// The last changes, newest first: of one setting or of all, below a version if one is given.
    async fn changes(
        &self,
        org_id: &str,
        setting: Option<&Setting>,
        below: Option<i64>,
        limit: u32,
    ) -> StoreResult<Vec<Change>>;

    async fn change(&self, org_id: &str, change_id: &str) -> StoreResult<Option<Change>>;
}

/// The one way to write a setting.
///
/// Reads the organisation, lets `decide` look at it, and writes the change with its history, all in one transaction that
/// no other change of the same organisation can enter. Either everything is there afterwards or nothing.
#[async_trait]
pub trait ChangeSettings: Send + Sync {
    async fn apply(
        &self,
        org_id: &str,
        decide: Decide<'_, crate::settings::Refusal>,
    ) -> Result<Option<i64>, ChangeError<crate::settings::Refusal>>;
}

/// Decides, inside the transaction, what to write about the terms as they stand at a version. `None` writes nothing.
pub type DecideKnowledge<'a> =
    &'a (dyn Fn(i64, &[Term]) -> Result<Option<NewKnowledge>, KnowledgeRefusal> + Send + Sync);

/// What the wash of an organisation knows, and its history.
#[async_trait]
pub trait KeepKnowledge: Send + Sync {
    async fn knowledge_counts(&self, org_id: &str) -> StoreResult<KnowledgeCounts>;

    /// Everything, as of one moment.
    async fn knowledge(&self, org_id: &str) -> StoreResult<Knowledge>;

    /// In the order of their folded form.
    async fn terms(&self, org_id: &str) -> StoreResult<Vec<Term>>;

    /// Some people in the order of the directory: those whose folded text has `search` in it, after a source and place.
    async fn people(
        &self,
        org_id: &str,
        search: &str,
        after: Option<(&str, i64)>,
        limit: u32,
    ) -> StoreResult<Vec<ListedPerson>>;

    /// The last changes, newest first.
    async fn knowledge_changes(&self, org_id: &str, limit: u32) -> StoreResult<Vec<KnowledgeChange>>;

    /// The one way to write a term or a person: everything and its history in one transaction, or nothing. Returns the
    /// version that it became.
    async fn change_knowledge(
        &self,
        org_id: &str,
        decide: DecideKnowledge<'_>,
    ) -> Result<Option<i64>, ChangeError<KnowledgeRefusal>>;
}

/// Which entries of a log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Any of these; none means all. The same for the others.
    pub actors: Vec<String>,
    pub kinds: Vec<ActorKind>,
    pub actions: Vec<Action>,
    /// A kind (`settings`), a kind and an id (`page:…`), or a setting (`space:jira/WEB`).
    pub resource: Option<String>,
    pub outcome: Option<Outcome>,
    pub from: Option<Timestamp>,
    pub until: Option<Timestamp>,
}

/// The audit log. It can be read and be appended to; there is no way to change it.
#[async_trait]
pub trait AuditLog: Send + Sync {
    /// Appends entries that stand for themselves, each to the log of its scope, all or none. What accompanies a change is
    /// written with the change.
    async fn append(&self, entries: &[(String, Draft)]) -> StoreResult<()>;

    /// The head as the log's own record has it.
    async fn audit_head(&self, scope: &str) -> StoreResult<Head>;

    /// Every log with its head.
    async fn audit_heads(&self) -> StoreResult<Vec<(String, Head)>>;

    /// Some lines of the log as they are exported, in order, each with an end of line; empty after the last entry.
    async fn audit_lines(&self, scope: &str, after: i64, limit: u32) -> StoreResult<String>;

    /// Entries below a number, newest first.
    async fn audit_search(&self, scope: &str, filter: &AuditFilter, below: i64, limit: u32)
    -> StoreResult<Vec<Sealed>>;

    /// The names of accounts and keys, by id, as far as there are such.
    async fn actor_names(&self, ids: &[String]) -> StoreResult<BTreeMap<String, String>>;
}

/// Decides on a review inside the transaction, given it and whether the organisation has to be asked.
pub type DecideReview<'a, E> = &'a (dyn Fn(&Review) -> Result<(Review, Draft), E> + Send + Sync);

/// What support looks at, and what the organisation says to it.
#[async_trait]
pub trait SupportReviews: Send + Sync {
    /// The review of an account that is open now.
    async fn running_review(&self, org_id: &str, account_id: &str, now: Timestamp) -> StoreResult<Option<Review>>;

    async fn review(&self, org_id: &str, review_id: &str) -> StoreResult<Option<Review>>;

    /// The last ones, newest first.
    async fn reviews(&self, org_id: &str, limit: u32) -> StoreResult<Vec<Review>>;

    /// Whether an admin has to allow each review.
    async fn support_must_ask(&self, org_id: &str) -> StoreResult<bool>;

    async fn set_support_must_ask(&self, org_id: &str, must: bool, entry: &Draft) -> StoreResult<()>;

    async fn add_review(&self, org_id: &str, review: &Review, entry: &Draft) -> StoreResult<()>;

    /// Changes the times of a review as `decide` says, which sees it as it is inside the transaction.
    async fn change_review(
        &self,
        org_id: &str,
        review_id: &str,
        decide: DecideReview<'_, ReviewRefusal>,
    ) -> Result<(), ChangeError<ReviewRefusal>>;
}

/// Which sessions of an account. The digits are the first ones of the hash of a session's id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WhichSessions {
    One(String),
    AllBut(String),
    All,
}

/// Decides on someone's role inside the transaction, given everyone with a role by account id. The role that is wanted,
/// or none, with its entry; `None` writes nothing.
pub type DecideRole<'a> =
    &'a (dyn Fn(&[(String, Role)]) -> Result<Option<(Option<Role>, Draft)>, MemberRefusal> + Send + Sync);

/// An invitation that is to be kept, with the hash of what stands in its link.
#[derive(Clone, Debug)]
pub struct NewInvitation {
    pub invitation: Invitation,
    pub token_hash: String,
    /// The id of the account.
    pub invited_by: String,
    pub at: Timestamp,
}

/// Who accepts an invitation. With a password hash it is a new account, otherwise one that there is.
#[derive(Debug)]
pub struct Acceptance<'a> {
    pub account: &'a Account,
    pub password_hash: Option<&'a str>,
    pub at: Timestamp,
    pub entries: &'a [Draft],
}

/// What became of accepting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accepted {
    Done,
    /// It was accepted, withdrawn or too old.
    Gone,
    /// Someone made an account with this address in the meantime.
    EmailTaken,
}

/// People's roles, invitations, passwords and sessions. Each change is in one transaction with its entries of the audit log.
#[async_trait]
pub trait KeepAccounts: Send + Sync {
    /// Everyone with a role, by name.
    async fn members(&self, org_id: &str, now: Timestamp) -> StoreResult<Vec<Member>>;

    async fn change_role(
        &self,
        org_id: &str,
        account_id: &str,
        decide: DecideRole<'_>,
    ) -> Result<(), ChangeError<MemberRefusal>>;

    /// Those that can still be accepted, newest first.
    async fn invitations(&self, org_id: &str, now: Timestamp) -> StoreResult<Vec<Invitation>>;

    async fn add_invitation(&self, org_id: &str, new: &NewInvitation, entry: &Draft) -> StoreResult<()>;

    /// False if there is no such invitation.
    async fn withdraw_invitation(&self, org_id: &str, invitation_id: &str, entry: &Draft) -> StoreResult<bool>;

    /// The invitation of a token, if it can still be accepted.
    async fn invitation(&self, token_hash: &str, now: Timestamp) -> StoreResult<Option<(OrgRef, Invitation)>>;

    /// Gives the role of an invitation to whoever accepts it; whoever has a role already keeps it.
    async fn accept_invitation(&self, token_hash: &str, acceptance: &Acceptance<'_>) -> StoreResult<Accepted>;

    /// The newest first.
    async fn open_sessions(&self, account_id: &str, now: Timestamp) -> StoreResult<Vec<OpenSession>>;

    /// How many were ended; without any, nothing is written.
    async fn end_sessions(
        &self,
        account_id: &str,
        which: &WhichSessions,
        entries: &[(String, Draft)],
    ) -> StoreResult<u64>;

    /// Changes a password and ends sessions.
    async fn set_password(
        &self,
        account_id: &str,
        hash: &str,
        end: &WhichSessions,
        entries: &[(String, Draft)],
    ) -> StoreResult<()>;
}

/// Whom a provider of sign-in vouches for. Each change is in one transaction with its entries of the audit log.
#[async_trait]
pub trait Identities: Send + Sync {
    async fn account_by_identity(&self, identity: &Identity) -> StoreResult<Option<Account>>;

    /// Whether it was written: not if the identity has an account already, or the account another identity of this issuer.
    async fn link_identity(
        &self,
        identity: &Identity,
        account_id: &str,
        at: Timestamp,
        entries: &[(String, Draft)],
    ) -> StoreResult<bool>;

    /// Forgets every identity of an account and ends all of its sessions. Whether there was one; otherwise nothing is written.
    async fn unlink_identities(&self, account_id: &str, entries: &[(String, Draft)]) -> StoreResult<bool>;
}

/// The API keys of organisations, by the hash of each.
#[async_trait]
pub trait ApiKeys: Send + Sync {
    /// Newest first.
    async fn api_keys(&self, org_id: &str) -> StoreResult<Vec<ApiKey>>;

    async fn api_key_by_hash(&self, hash: &str) -> StoreResult<Option<ApiKey>>;

    async fn add_api_key(&self, key: &ApiKey, hash: &str, entry: &Draft) -> StoreResult<()>;

    /// Whether there was such a key that was not revoked before; otherwise nothing is written.
    async fn revoke_api_key(&self, org_id: &str, id: &str, at: Timestamp, entry: &Draft) -> StoreResult<bool>;

    async fn api_key_used(&self, id: &str, at: Timestamp) -> StoreResult<()>;
}

/// Requests that must not be done twice, and their answers.
#[async_trait]
pub trait Requests: Send + Sync {
    /// Remembers that a request begins, unless it is known; forgets what began before `oldest`.
    async fn begin_request(&self, id: &str, body_hash: &str, now: Timestamp, oldest: Timestamp) -> StoreResult<Begun>;

    async fn answer_request(&self, id: &str, answer: &Answer) -> StoreResult<()>;

    async fn forget_request(&self, id: &str) -> StoreResult<()>;
}

/// What setting up an installation needs.
#[async_trait]
pub trait Installation: Send + Sync {
    /// Whether this database holds the demo organisations and nothing else.
    async fn is_demo(&self) -> StoreResult<bool>;

    async fn is_empty(&self) -> StoreResult<bool>;

    /// Writes everything of a demo in one transaction and marks the database as one.
    async fn install_demo(&self, demo: &Demo) -> StoreResult<()>;
}

/// Everything that a demo database holds.
#[derive(Debug, Default)]
pub struct Demo {
    pub accounts: Vec<(Account, String)>,
    pub organisations: Vec<DemoOrganisation>,
}

#[derive(Debug)]
pub struct DemoOrganisation {
    pub org: OrgRef,
    pub state: policy::OrgState,
    pub spaces: Vec<Space>,
    pub connector_names: Vec<(String, String)>,
    pub people: Vec<(String, Role)>,
    pub changes: Vec<NewChange>,
    pub knowledge: Vec<NewKnowledge>,
}

/// The control plane as the server holds it.
pub trait ControlPlane:
    Accounts
    + Settings
    + ChangeSettings
    + KeepKnowledge
    + AuditLog
    + SupportReviews
    + KeepAccounts
    + Identities
    + ApiKeys
    + Requests
    + Installation
    + fmt::Debug
{
}

impl<T> ControlPlane for T where
    T: Accounts
        + Settings
        + ChangeSettings
        + KeepKnowledge
        + AuditLog
        + SupportReviews
        + KeepAccounts
        + Identities
        + ApiKeys
        + Requests
        + Installation
        + fmt::Debug
{
}
