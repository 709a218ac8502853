//! Who may come in: keys, webhooks, roles, invitations, sessions and support. A key sees them and closes them.
//!
//! Nothing here may open access to anybody: a key that could make keys or webhooks, give roles, invite, or let support in would outlive
//! its own end and its own scopes.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use service::access::OrgAdmin;
use service::hooks::{self, Webhook};
use service::keys::{self, ApiKey};
use service::model::{Invitation, Member, Review};
use service::{invitations, members, support};
use utoipa::ToSchema;

use super::caller::{Audits, OfOrg, Writes};
use super::document::{NoBody, Once, SentOnce};
use super::input::{Body, text};
use super::problem::Problem;
use crate::router::AppState;

/// The organisation's keys, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Keys {
    keys: Vec<Key>,
}

/// A key: everything but the key itself, which nobody can read again.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Key {
    id: String,
    name: String,
    /// `read`, `write`, `preview`, `ingest`, `audit`.
    scopes: Vec<&'static str>,
    /// The name of the admin who made it.
    created_by: String,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    expires_at: String,
    #[schema(format = DateTime)]
    revoked_at: Option<String>,
    /// To within a few minutes; null if it was never used.
    #[schema(format = DateTime)]
    last_used_at: Option<String>,
}

impl From<ApiKey> for Key {
    fn from(key: ApiKey) -> Self {
        Self {
            scopes: key.scopes.iter().map(|scope| scope.id()).collect(),
            created_at: key.created_at.rfc3339(),
            expires_at: key.expires_at.rfc3339(),
            revoked_at: key.revoked_at.map(policy::Timestamp::rfc3339),
            last_used_at: key.last_used_at.map(policy::Timestamp::rfc3339),
            id: key.id,
            name: key.name,
            created_by: key.creator,
        }
    }
}

/// List the keys
///
/// Those that no longer work included.
#[utoipa::path(get, path = "/orgs/{org}/keys", tag = "Access", operation_id = "listKeys", params(OfOrg),
    responses((status = 200, description = "The keys.", body = Keys), NoBody))]
pub(crate) async fn keys(State(state): State<AppState>, Writes(admin): Writes) -> Result<Json<Keys>, Problem> {
    let page = keys::keys_page(&state.sluice, &admin).await?;
    Ok(Json(Keys { keys: page.keys.into_iter().map(Key::from).collect() }))
}

/// Which key.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RevokeIn {
    /// Its id, as in the list.
    #[serde(deserialize_with = "text")]
    key: String,
}

/// Revoke a key
///
/// From now on it is worth nothing, also if it is the one that asks. It cannot be taken back.
#[utoipa::path(post, path = "/orgs/{org}/keys/revoke", tag = "Access", operation_id = "revokeKey", params(OfOrg, Once),
    request_body = RevokeIn,
    responses((status = 200, description = "The keys now.", body = Keys), SentOnce))]
pub(crate) async fn revoke_key(
    State(state): State<AppState>,
    Writes(admin): Writes,
    Body(RevokeIn { key }): Body<RevokeIn>,
) -> Result<Json<Keys>, Problem> {
    keys::revoke(&state.sluice, &admin, &key).await?;
    self::keys(State(state), Writes(admin)).await
}

/// The organisation's webhooks, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Webhooks {
    webhooks: Vec<JiraWebhook>,
}

/// A webhook through which Jira sends: everything but its secret, which nobody can read again.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct JiraWebhook {
    id: String,
    name: String,
    /// The name of the admin who made it.
    created_by: String,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    revoked_at: Option<String>,
    /// To within a few minutes; null if it was never used.
    #[schema(format = DateTime)]
    last_used_at: Option<String>,
}

impl From<Webhook> for JiraWebhook {
    fn from(webhook: Webhook) -> Self {
        Self {
            created_at: webhook.created_at.rfc3339(),
            revoked_at: webhook.revoked_at.map(policy::Timestamp::rfc3339),
            last_used_at: webhook.last_used_at.map(policy::Timestamp::rfc3339),
            id: webhook.id,
            name: webhook.name,
            created_by: webhook.creator,
        }
    }
}

/// List the webhooks
///
/// Those that no longer work included. Admins who are signed in make them.
#[utoipa::path(get, path = "/orgs/{org}/webhooks", tag = "Access", operation_id = "listWebhooks", params(OfOrg),
    responses((status = 200, description = "The webhooks.", body = Webhooks), NoBody))]
pub(crate) async fn webhooks(State(state): State<AppState>, Writes(admin): Writes) -> Result<Json<Webhooks>, Problem> {
    let webhooks = hooks::list(&state.sluice, &admin).await?;
    Ok(Json(Webhooks { webhooks: webhooks.into_iter().map(JiraWebhook::from).collect() }))
}

/// Which webhook.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RevokeWebhookIn {
    /// Its id, as in the list.
    #[serde(deserialize_with = "text")]
    webhook: String,
}

/// Revoke a webhook
///
/// From now on what comes through it is refused, deletions too. It cannot be taken back.
#[utoipa::path(post, path = "/orgs/{org}/webhooks/revoke", tag = "Access", operation_id = "revokeWebhook",
    params(OfOrg, Once), request_body = RevokeWebhookIn,
    responses((status = 200, description = "The webhooks now.", body = Webhooks), SentOnce))]
pub(crate) async fn revoke_webhook(
    State(state): State<AppState>,
    Writes(admin): Writes,
    Body(RevokeWebhookIn { webhook }): Body<RevokeWebhookIn>,
) -> Result<Json<Webhooks>, Problem> {
    hooks::revoke(&state.sluice, &admin, &webhook).await?;
    webhooks(State(state), Writes(admin)).await
}

/// Who has a role in the organisation.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Roles {
    people: Vec<RoleHolder>,
}

/// A person with a role.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RoleHolder {
    /// The id of the account.
    account: String,
    name: String,
    email: String,
    /// `admin`, `auditor` or `member`.
    role: &'static str,
    /// The last sign-in that the organisation's audit log knows of.
    #[schema(format = DateTime)]
    signed_in_at: Option<String>,
    /// Browsers that are signed in.
    sessions: u64,
}

impl From<Member> for RoleHolder {
    fn from(member: Member) -> Self {
        Self {
            account: member.account.id,
            name: member.account.name,
            email: member.account.email,
            role: member.role.id(),
            signed_in_at: member.signed_in_at.map(policy::Timestamp::rfc3339),
            sessions: member.sessions,
        }
    }
}

/// List the roles
///
/// Who has which. Roles are given, changed and taken by admins who are signed in.
#[utoipa::path(get, path = "/orgs/{org}/roles", tag = "Access", operation_id = "listRoles", params(OfOrg),
    responses((status = 200, description = "Everyone with a role.", body = Roles), NoBody))]
pub(crate) async fn roles(State(state): State<AppState>, Writes(admin): Writes) -> Result<Json<Roles>, Problem> {
    let page = members::members_page(&state.sluice, &admin).await?;
    Ok(Json(Roles { people: page.members.into_iter().map(RoleHolder::from).collect() }))
}

/// Whose sessions.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SessionsIn {
    /// The id of an account with a role in the organisation.
    #[serde(deserialize_with = "text")]
    account: String,
}

/// How many sessions ended.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SessionsEnded {
    ended: u64,
}

/// Sign somebody out everywhere
///
/// Every browser of a person with a role in the organisation. Keys go on working.
#[utoipa::path(post, path = "/orgs/{org}/sessions/end", tag = "Access", operation_id = "endSessions", params(OfOrg, Once),
    request_body = SessionsIn,
    responses((status = 200, description = "How many there were.", body = SessionsEnded), SentOnce))]
pub(crate) async fn end_sessions(
    State(state): State<AppState>,
    Writes(admin): Writes,
    Body(SessionsIn { account }): Body<SessionsIn>,
) -> Result<Json<SessionsEnded>, Problem> {
    Ok(Json(SessionsEnded { ended: members::end_sessions(&state.sluice, &admin, &account).await? }))
}

/// Invitations that nobody has accepted yet.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Invitations {
    invitations: Vec<OpenInvitation>,
}

/// An invitation; its link was shown once.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OpenInvitation {
    id: String,
    email: String,
    /// `admin`, `auditor` or `member`.
    role: &'static str,
    /// The name of whoever invited.
    invited_by: String,
    #[schema(format = DateTime)]
    expires_at: String,
}

impl From<Invitation> for OpenInvitation {
    fn from(invitation: Invitation) -> Self {
        Self {
            role: invitation.role.id(),
            expires_at: invitation.expires_at.rfc3339(),
            id: invitation.id,
            email: invitation.email,
            invited_by: invitation.invited_by,
        }
    }
}

async fn open_invitations(state: &AppState, admin: &OrgAdmin) -> Result<Json<Invitations>, Problem> {
    let page = members::members_page(&state.sluice, admin).await?;
    Ok(Json(Invitations { invitations: page.invitations.into_iter().map(OpenInvitation::from).collect() }))
}

/// List the invitations
///
/// Those that can still be accepted. Admins who are signed in make them.
#[utoipa::path(get, path = "/orgs/{org}/invitations", tag = "Access", operation_id = "listInvitations", params(OfOrg),
    responses((status = 200, description = "The invitations.", body = Invitations), NoBody))]
pub(crate) async fn invitations(
    State(state): State<AppState>,
    Writes(admin): Writes,
) -> Result<Json<Invitations>, Problem> {
    open_invitations(&state, &admin).await
}

/// Which invitation.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WithdrawIn {
    /// Its id, as in the list.
    #[serde(deserialize_with = "text")]
    invitation: String,
}

/// Withdraw an invitation
///
/// Its link leads nowhere from now on. One that is gone already is as good.
#[utoipa::path(post, path = "/orgs/{org}/invitations/withdraw", tag = "Access", operation_id = "withdrawInvitation",
    params(OfOrg, Once), request_body = WithdrawIn,
    responses((status = 200, description = "The invitations now.", body = Invitations), SentOnce))]
pub(crate) async fn withdraw_invitation(
    State(state): State<AppState>,
    Writes(admin): Writes,
    Body(WithdrawIn { invitation }): Body<WithdrawIn>,
) -> Result<Json<Invitations>, Problem> {
    invitations::withdraw(&state.sluice, &admin, &invitation).await?;
    open_invitations(&state, &admin).await
}

/// What the vendor's support may do and did.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SupportAccess {
    /// An admin has to allow each look.
    must_ask: bool,
    /// The last ones, newest first.
    looks: Vec<SupportLook>,
}

/// One look of support at the organisation.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SupportLook {
    id: String,
    /// The name of whoever looks.
    by: String,
    /// What for: `question`, `incident`, `billing` or `rights`.
    purpose: &'static str,
    /// The number of the case at the vendor's desk.
    case: String,
    #[schema(format = DateTime)]
    asked_at: String,
    /// When it began; null if nobody has allowed it.
    #[schema(format = DateTime)]
    starts_at: Option<String>,
    /// When its time is over.
    #[schema(format = DateTime)]
    ends_at: Option<String>,
    /// When it was ended before its time, or refused.
    #[schema(format = DateTime)]
    ended_at: Option<String>,
    /// It is open now.
    running: bool,
}

/// List support's looks
///
/// Who of the vendor's support looked, looks or asks to look at the organisation, and what for.
#[utoipa::path(get, path = "/orgs/{org}/support", tag = "Access", operation_id = "listLooks", params(OfOrg),
    responses((status = 200, description = "The rule and the looks.", body = SupportAccess), NoBody))]
pub(crate) async fn looks(
    State(state): State<AppState>,
    Audits(auditor): Audits,
) -> Result<Json<SupportAccess>, Problem> {
    let access = support::access(&state.sluice, &auditor).await?;
    let look = |review: Review| SupportLook {
        running: review.is_running(access.now),
        purpose: review.purpose.id(),
        asked_at: review.asked_at.rfc3339(),
        starts_at: review.starts_at.map(policy::Timestamp::rfc3339),
        ends_at: review.ends_at.map(policy::Timestamp::rfc3339),
        ended_at: review.ended_at.map(policy::Timestamp::rfc3339),
        id: review.id,
        by: review.by,
        case: review.case,
    };
    Ok(Json(SupportAccess { must_ask: access.must_ask, looks: access.reviews.into_iter().map(look).collect() }))
}

/// Which look.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EndIn {
    /// Its id, as in the list.
    #[serde(deserialize_with = "text")]
    look: String,
}

/// What became of a look.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LookEnded {
    ended: bool,
}

/// End a look of support
///
/// Ends one that is open, or refuses one that was asked for. Allowing one is for admins who are signed in.
#[utoipa::path(post, path = "/orgs/{org}/support/end", tag = "Access", operation_id = "endLook", params(OfOrg, Once),
    request_body = EndIn,
    responses((status = 200, description = "It is over.", body = LookEnded), SentOnce))]
pub(crate) async fn end_look(
    State(state): State<AppState>,
    Writes(admin): Writes,
    Body(EndIn { look }): Body<EndIn>,
) -> Result<Json<LookEnded>, Problem> {
    support::stop(&state.sluice, &admin, &look).await?;
    Ok(Json(LookEnded { ended: true }))
}

/// What holds for support.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SupportRule {
    must_ask: bool,
}

/// Make support ask
///
/// From now on an admin has to allow each look. Letting support in without asking is for admins who are signed in.
#[utoipa::path(post, path = "/orgs/{org}/support/must-ask", tag = "Access", operation_id = "makeSupportAsk",
    params(OfOrg, Once),
    responses((status = 200, description = "Support has to ask.", body = SupportRule), SentOnce))]
pub(crate) async fn make_support_ask(
    State(state): State<AppState>,
    Writes(admin): Writes,
) -> Result<Json<SupportRule>, Problem> {
    support::set_must_ask(&state.sluice, &admin, true).await?;
    Ok(Json(SupportRule { must_ask: true }))
}
