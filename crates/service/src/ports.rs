//! What the use cases need from outside: the control plane's store and a clock.
//!
//! Repositories are reached through a capability only (see [`crate::access`]); the methods here take plain ids because
//! the use cases have checked by then who is asking.

use language::Language;
use std::collections::BTreeMap;
use std::fmt;

use async_trait::async_trait;
use audit::{Action, ActorKind, Draft, Head, Outcome, Sealed};
use policy::{Setting, Timestamp};
use thiserror::Error;

use crate::hooks::Webhook;
use crate::identities::Identity;
use crate::keys::ApiKey;
use crate::knowledge::KnowledgeRefusal;
use crate::members::MemberRefusal;
use crate::model::{
    Account, Change, Invitation, Knowledge, KnowledgeChange, KnowledgeCounts, ListedPerson, Member, NewChange,
    NewKnowledge, OpenSession, OrgRef, Review, Role, Snapshot, Space, Term,
};
use crate::moves::Move;
use crate::releases::run::{NewRun, Progress, Run};
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
    /// Whoever acted is one of these or of one of these kinds; neither means all.
    pub actors: Vec<String>,
    pub kinds: Vec<ActorKind>,
    /// Any of these; none means all.
    pub actions: Vec<Action>,
    /// A kind (`settings`), a kind and an id (`page:…`), or a setting (`space:jira/WEB`).
    pub resource: Option<String>,
    pub outcome: Option<Outcome>,
    pub from: Option<Timestamp>,
    pub until: Option<Timestamp>,
}

/// An account or a key that acted in a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownActor {
    pub id: String,
    pub name: String,
    /// Of an account.
    pub email: Option<String>,
}

/// Decides whether a denied attempt is written, given how many of the actor's there are in the log since a moment.
pub type DecideDenied<'a> = &'a (dyn Fn(i64) -> Option<Draft> + Send + Sync);

/// The audit log. It can be read and be appended to; there is no way to change it.
#[async_trait]
pub trait AuditLog: Send + Sync {
    /// Appends entries that stand for themselves, each to the log of its scope, all or none. What accompanies a change is
    /// written with the change.
    async fn append(&self, entries: &[(String, Draft)]) -> StoreResult<()>;

    /// Appends an entry unless the log has one of the same action about the same thing. Whether it was written: of many at
    /// once one is.
    async fn append_once(&self, scope: &str, entry: &Draft) -> StoreResult<bool>;

    /// Appends a denied attempt of an actor as `decide` says. Whether it was written.
    async fn append_denied(
        &self,
        scope: &str,
        actor: &str,
        since: Timestamp,
        decide: DecideDenied<'_>,
    ) -> StoreResult<bool>;

    /// The head as the log's own record has it.
    async fn audit_head(&self, scope: &str) -> StoreResult<Head>;

    /// Every log with its head.
    async fn audit_heads(&self) -> StoreResult<Vec<(String, Head)>>;

    /// Some lines of the log as they are exported, in order, each with an end of line; empty after the last entry.
    async fn audit_lines(&self, scope: &str, after: i64, limit: u32) -> StoreResult<String>;

    /// Entries below a number, newest first.
    async fn audit_search(&self, scope: &str, filter: &AuditFilter, below: i64, limit: u32)
    -> StoreResult<Vec<Sealed>>;

    /// Everyone who acted in a log, as far as their account or key is still there.
    async fn audit_actors(&self, scope: &str) -> StoreResult<Vec<KnownActor>>;

    /// The names of accounts and keys, by id, as far as there are such.
    async fn actor_names(&self, ids: &[String]) -> StoreResult<BTreeMap<String, String>>;
}

/// Support's looks at an organisation that are open, and the organisation's rule, as they stand inside a transaction.
#[derive(Clone, Debug)]
pub struct OpenLooks {
    pub must_ask: bool,
    pub reviews: Vec<Review>,
}

/// What becomes of them; what is left out stays as it is.
#[derive(Clone, Debug, Default)]
pub struct NewLooks {
    pub must_ask: Option<bool>,
    /// New ones, and others as they are from now on.
    pub reviews: Vec<Review>,
    pub entries: Vec<Draft>,
}

/// Decides on an organisation's looks inside the transaction.
pub type DecideLooks<'a> = &'a (dyn Fn(&OpenLooks) -> Result<NewLooks, ReviewRefusal> + Send + Sync);

/// What support looks at, and what the organisation says to it.
#[async_trait]
pub trait SupportReviews: Send + Sync {
    /// The review of an account that is running now.
    async fn running_review(&self, org_id: &str, account_id: &str, now: Timestamp) -> StoreResult<Option<Review>>;

    async fn review(&self, org_id: &str, review_id: &str) -> StoreResult<Option<Review>>;

    /// All that are open, and then so many of those that are over; each newest first.
    async fn reviews(&self, org_id: &str, now: Timestamp, over: u32) -> StoreResult<Vec<Review>>;

    /// Whether an admin has to allow each review.
    async fn support_must_ask(&self, org_id: &str) -> StoreResult<bool>;

    /// The one way to write a look: what `decide` makes of the open ones, with its entries, in one transaction that no
    /// other change of the organisation's looks can enter. Returns what was written.
    async fn change_looks(
        &self,
        org_id: &str,
        now: Timestamp,
        decide: DecideLooks<'_>,
    ) -> Result<NewLooks, ChangeError<ReviewRefusal>>;
}

/// Which sessions of an account. The digits are the first ones of the hash of a session's id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WhichSessions {
    One(String),
    AllBut(String),
    All,
}

/// What someone's role is decided on, as it stands inside the transaction.
#[derive(Clone, Debug)]
pub struct Standing {
    /// Everyone with a role, by account id.
    pub members: Vec<(String, Role)>,
    /// The ids of the keys that the account made and that work.
    pub keys: Vec<String>,
    /// Those of the webhooks.
    pub webhooks: Vec<String>,
    /// The ids of the invitations that it made and that are open.
    pub invitations: Vec<String>,
}

/// A role that was decided on, and what ends with the one before.
#[derive(Clone, Debug)]
pub struct NewRole {
    /// None takes it away.
    pub role: Option<Role>,
    /// Ids of keys that are revoked.
    pub keys: Vec<String>,
    /// Ids of webhooks that are revoked.
    pub webhooks: Vec<String>,
    /// Ids of invitations that are withdrawn.
    pub invitations: Vec<String>,
    pub entries: Vec<Draft>,
}

/// Decides on someone's role inside the transaction. `None` writes nothing.
pub type DecideRole<'a> = &'a (dyn Fn(&Standing) -> Result<Option<NewRole>, MemberRefusal> + Send + Sync);

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
    /// What is written instead if the account has a role already.
    pub kept: &'a Draft,
}

/// What became of inviting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inviting {
    Done,
    /// Whoever has the address has a role in the organisation.
    HasRole,
    /// The organisation has an open invitation for the address.
    InvitedAlready,
}

/// What became of accepting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accepted {
    Done,
    /// The account has this role already and keeps it; the invitation is used up.
    HasRole(Role),
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
        now: Timestamp,
        decide: DecideRole<'_>,
    ) -> Result<(), ChangeError<MemberRefusal>>;

    /// Those that can still be accepted, newest first.
    async fn invitations(&self, org_id: &str, now: Timestamp) -> StoreResult<Vec<Invitation>>;

    /// Writes an invitation, unless there is no need for it: an organisation has one open for an address, and none for
    /// whoever has a role.
    async fn add_invitation(&self, org_id: &str, new: &NewInvitation, entry: &Draft) -> StoreResult<Inviting>;

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

    /// Writes down in which language somebody wants to be told things; none is as the browser says. Nobody's right to anything
    /// depends on it, so it is not in the audit log.
    async fn set_language(&self, account_id: &str, language: Option<Language>) -> StoreResult<()>;

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

/// The webhooks of organisations. The secret of each comes and goes as it is kept: encrypted.
#[async_trait]
pub trait Webhooks: Send + Sync {
    /// Newest first.
    async fn webhooks(&self, org_id: &str) -> StoreResult<Vec<Webhook>>;

    /// One that was not revoked, with its secret.
    async fn webhook(&self, id: &str) -> StoreResult<Option<(Webhook, Vec<u8>)>>;

    async fn add_webhook(&self, webhook: &Webhook, secret: &[u8], entry: &Draft) -> StoreResult<()>;

    /// Whether there was such a webhook that was not revoked before; otherwise nothing is written. Its secret is forgotten.
    async fn revoke_webhook(&self, org_id: &str, id: &str, at: Timestamp, entry: &Draft) -> StoreResult<bool>;

    async fn webhook_used(&self, id: &str, at: Timestamp) -> StoreResult<()>;
}

/// Requests that must not be done twice, and their answers.
#[async_trait]
pub trait Requests: Send + Sync {
    /// Remembers that a request begins, unless it is known; forgets what began before `oldest`.
    async fn begin_request(&self, id: &str, body_hash: &str, now: Timestamp, oldest: Timestamp) -> StoreResult<Begun>;

    async fn answer_request(&self, id: &str, answer: &Answer) -> StoreResult<()>;

    async fn forget_request(&self, id: &str) -> StoreResult<()>;
}

/// An organisation of a region and the version of its settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resident {
    pub org: OrgRef,
    pub version: i64,
}

/// Which organisation belongs to which region.
#[async_trait]
pub trait Residency: Send + Sync {
    /// The region of an organisation.
    async fn residence(&self, org_id: &str) -> StoreResult<Option<String>>;

    /// Everyone in a region, by id.
    async fn residents(&self, region: &str) -> StoreResult<Vec<Resident>>;

    async fn organisation_by_id(&self, org_id: &str) -> StoreResult<Option<OrgRef>>;

    /// Whether a region is that of an organisation, and the organisation does not move away from it.
    async fn settled(&self, org_id: &str, region: &str) -> StoreResult<bool>;

    /// The move of an organisation that is not finished.
    async fn open_move(&self, org_id: &str) -> StoreResult<Option<Move>>;

    /// Those away from a region.
    async fn open_moves(&self, source: &str) -> StoreResult<Vec<Move>>;

    /// False if the organisation moves already, or is not in the source.
    async fn begin_move(&self, new: &Move, entry: &Draft) -> StoreResult<bool>;

    /// Makes the target the region of the organisation, if its settings are of a version and it is still in the source.
    async fn switch_region(&self, open: &Move, version: i64, at: Timestamp, entry: &Draft) -> StoreResult<bool>;

    async fn finish_move(&self, id: &str, at: Timestamp) -> StoreResult<()>;
}

/// A release as it is kept. What is JSON is written and read by [`crate::releases`] alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptRelease {
    /// From 1.
    pub version: i64,
    /// `2026-11`, or `2026-Q4`.
    pub period: String,
    pub made_at: Timestamp,
    pub catalogue: String,
    /// JSON, as the two after it.
    pub head: String,
    pub report: String,
    pub measure: String,
    /// Organisations that it was computed with and that took something back since.
    pub withdrawn: i64,
}

/// What is published of one cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptCell {
    /// `type+priority=Bug|High`
    pub id: String,
    pub organisations: i64,
    pub people: i64,
}

/// A release that is to be published.
#[derive(Debug)]
pub struct NewRelease {
    /// One more than the last.
    pub version: i64,
    pub period: String,
    pub at: Timestamp,
    pub catalogue: String,
    pub head: String,
    pub report: String,
    pub measure: String,
    pub cells: Vec<KeptCell>,
    /// The ids of those whose data it was computed with.
    pub organisations: Vec<String>,
}

/// Patterns as they were published, and the work that makes them. There is no way to change what was published.
#[async_trait]
pub trait KeepReleases: Send + Sync {
    /// The key of a period, encrypted under the master key; nothing in it if it was dropped.
    async fn pattern_key(&self, period: &str) -> StoreResult<Option<Option<Vec<u8>>>>;

    /// Keeps a key unless the period has one.
    async fn add_pattern_key(&self, period: &str, wrapped: &[u8], at: Timestamp) -> StoreResult<()>;

    /// The periods whose keys are not dropped.
    async fn pattern_periods(&self) -> StoreResult<Vec<String>>;

    /// Overwrites the key of a period for good.
    async fn drop_pattern_key(&self, period: &str, at: Timestamp) -> StoreResult<()>;

    /// False if another run is not finished.
    async fn add_run(&self, new: &NewRun) -> StoreResult<bool>;

    /// Takes the open run, if it waits and is due or nothing was heard of its worker until its lease ran out. It begins at the first
    /// step.
    async fn lease_run(&self, worker: &str, now: Timestamp, until: Timestamp) -> StoreResult<Option<Run>>;

    /// Keeps a run for longer and says how far it is. False if it is another worker's by now.
    async fn keep_run(
        &self,
        id: &str,
        worker: &str,
        now: Timestamp,
        until: Timestamp,
        progress: &Progress,
    ) -> StoreResult<bool>;

    /// Puts a run back until `again`. Does nothing if it is another worker's by now.
    async fn put_run_back(&self, id: &str, worker: &str, now: Timestamp, again: Timestamp) -> StoreResult<()>;

    /// Ends a run that publishes nothing, whoever has it, or only if a worker still does. False if it did not.
    async fn close_run(&self, id: &str, worker: Option<&str>, at: Timestamp) -> StoreResult<bool>;

    /// Newest first.
    async fn runs(&self, limit: u32) -> StoreResult<Vec<Run>>;

    /// Publishes what a run made and ends it, with an entry in the installation's log, in one transaction. False if the run is
    /// another worker's by now; then nothing is written.
    async fn publish(&self, run: &str, worker: &str, new: &NewRelease, entry: &Draft) -> StoreResult<bool>;

    /// Newest first, below a version if one is given.
    async fn releases(&self, below: Option<i64>, limit: u32) -> StoreResult<Vec<KeptRelease>>;

    async fn release(&self, version: i64) -> StoreResult<Option<KeptRelease>>;

    /// In the order of their ids.
    async fn release_cells(&self, version: i64) -> StoreResult<Vec<KeptCell>>;

    /// The versions that were computed with an organisation's data, in order.
    async fn releases_with(&self, org_id: &str) -> StoreResult<Vec<i64>>;

    /// Notes at each of them that the organisation took something back since, if it is not noted; those that were.
    async fn note_withdrawal(&self, org_id: &str, at: Timestamp) -> StoreResult<Vec<i64>>;
}

/// What setting up an installation needs.
#[async_trait]
pub trait Installation: Send + Sync {
    /// Whether this database holds the demo organisations and nothing else.
    async fn is_demo(&self) -> StoreResult<bool>;

    async fn is_empty(&self) -> StoreResult<bool>;

    /// Writes everything of a demo in one transaction and marks the database as one.
    async fn install_demo(&self, demo: &Demo) -> StoreResult<()>;

    /// Adds organisations in a region to a demo, in one transaction. Fails on any other database.
    async fn extend_demo(&self, region: &str, organisations: &[DemoOrganisation]) -> StoreResult<()>;
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
    + Webhooks
    + Requests
    + Residency
    + KeepReleases
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
        + Webhooks
        + Requests
        + Residency
        + KeepReleases
        + Installation
        + fmt::Debug
{
}
