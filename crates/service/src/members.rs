//! Who has which role in an organisation. Only its admins see and change that, and one of them always remains.

use audit::{Action, Draft};
use language::{kept, t};
use thiserror::Error;

use crate::Sluice;
use crate::access::{OrgAdmin, ReadsOrg, difference};
use crate::model::{Invitation, Member, OrgRef, Role};
use crate::ports::{ChangeError, NewRole, Standing, StoreError, WhichSessions};

/// Why a role was not changed. Each text says what is wrong and what to do.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum MemberRefusal {
    #[error("{}", t!("This is the last admin of the organisation. Make someone else an admin first, so that somebody can decide."))]
    LastAdmin,
    #[error("{}", t!("This person has no role here any more."))]
    NoMember,
    #[error("{}", t!("Another admin can do all that you can. Type your password, because you have not typed it for a while."))]
    PasswordMissing,
    #[error("{}", t!("That is not your password."))]
    PasswordWrong,
    #[error("{}", t!("Your password was not checked, because too many were typed at this moment. Wait a minute and try again."))]
    PasswordUnchecked,
}

#[derive(Debug, Error)]
pub enum MemberError {
    #[error(transparent)]
    Refused(#[from] MemberRefusal),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<ChangeError<MemberRefusal>> for MemberError {
    fn from(error: ChangeError<MemberRefusal>) -> Self {
        match error {
            ChangeError::Refused(refusal) => Self::Refused(refusal),
            ChangeError::Store(error) => Self::Store(error),
        }
    }
}

/// What the page of people and roles shows.
#[derive(Clone, Debug)]
pub struct MembersPage {
    pub org: OrgRef,
    pub members: Vec<Member>,
    pub invitations: Vec<Invitation>,
    /// The account of whoever looks.
    pub own: String,
}

/// # Errors
/// When the store fails.
pub async fn members_page(sluice: &Sluice, admin: &OrgAdmin) -> Result<MembersPage, StoreError> {
    let org = admin.org().clone();
    let now = sluice.now();
    Ok(MembersPage {
        members: sluice.store.members(&org.id, now).await?,
        invitations: sluice.store.invitations(&org.id, now).await?,
        own: admin.account().id.clone(),
        org,
    })
}

/// Gives a person another role, or takes it away. With the role of an admin, what hangs on it ends: the keys and
/// webhooks that they made for the organisation, and the invitations that nobody has accepted yet.
///
/// # Errors
/// [`MemberRefusal::LastAdmin`] if nobody could decide afterwards.
pub async fn change_role(
    sluice: &Sluice,
    admin: &OrgAdmin,
    account_id: &str,
    to: Option<Role>,
) -> Result<(), MemberError> {
    let (who, now) = (admin.who(), sluice.now());
    let decide = |standing: &Standing| {
        let from = standing.members.iter().find(|(id, _)| id == account_id).map(|(_, role)| *role);
        let from = from.ok_or(MemberRefusal::NoMember)?;
        if to == Some(from) {
            return Ok(None);
        }
        let admins = standing.members.iter().filter(|(_, role)| *role == Role::Admin).count();
        if from == Role::Admin && admins == 1 {
            return Err(MemberRefusal::LastAdmin);
        }
        let role = Draft {
            changes: vec![difference("role", Some(from.id()), to.map(Role::id))],
            ..who.did(now, Action::RoleChange, "account", account_id)
        };
        let made = |ids: &[String]| if from == Role::Admin { ids.to_vec() } else { Vec::new() };
        let (keys, webhooks) = (made(&standing.keys), made(&standing.webhooks));
        let invitations = made(&standing.invitations);
        let ended = |action, kind: &str, id: &String| Draft {
            because: Some(kept!("Whoever made it is no admin any more.").to_owned()),
            ..who.did(now, action, kind, id)
        };
        let revoked = keys.iter().map(|id| ended(Action::KeyRevoke, "key", id));
        let closed = webhooks.iter().map(|id| ended(Action::WebhookRevoke, "webhook", id));
        let withdrawn = invitations.iter().map(|id| ended(Action::InvitationWithdraw, "invitation", id));
        let entries = std::iter::once(role).chain(revoked).chain(closed).chain(withdrawn).collect();
        Ok(Some(NewRole { role: to, keys, webhooks, invitations, entries }))
    };
    Ok(sluice.store.change_role(&admin.org().id, account_id, now, &decide).await?)
}

/// Signs a person out everywhere. How many browsers that were.
///
/// # Errors
/// [`MemberRefusal::NoMember`] for whoever has no role in the organisation.
pub async fn end_sessions(sluice: &Sluice, admin: &OrgAdmin, account_id: &str) -> Result<u64, MemberError> {
    let org = &admin.org().id;
    let members = sluice.store.members(org, sluice.now()).await?;
    if !members.iter().any(|member| member.account.id == account_id) {
        return Err(MemberRefusal::NoMember.into());
    }
    let entry = admin.who().did(sluice.now(), Action::SessionsEndAll, "account", account_id);
    Ok(sluice.store.end_sessions(account_id, &WhichSessions::All, &[(org.clone(), entry)]).await?)
}
