//! Invitations: an admin makes a link and hands it over; whoever it is for accepts it and has the role.
//!
//! No mail is sent. What stands in the link is shown once and kept as a hash only. A link that is wrong, too old, used or
//! withdrawn is one and the same to whoever opens it.

use audit::{Action, Draft, Outcome};
use language::{kept, t};
use thiserror::Error;
use uuid::Uuid;

use crate::Sluice;
use crate::access::{OrgAdmin, ReadsOrg, Via, Who, difference};
use crate::model::{Account, Invitation, OrgRef, Role};
use crate::ports::{Acceptance, Accepted, Inviting, NewInvitation, StoreError};
use crate::sign_in::{Passwords, SignInError, Unacceptable, acceptable};

/// How long an invitation can be accepted.
pub const DAYS: i64 = 7;

/// A name or an address is no longer than this.
const LONGEST: usize = 200;

/// Why nobody was invited, or an invitation was not accepted. Each text says what is wrong and what to do.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum InvitationRefusal {
    #[error("{}", t!("Write an e-mail address, for example name@company.example."))]
    NoEmail,
    #[error("{}", t!("Choose a role."))]
    NoRole,
    #[error("{}", t!("{who} has a role here already. Change it in the list.", who = .0))]
    HasRole(String),
    #[error("{}", t!("{who} was invited already. Withdraw that invitation to make a new link.", who = .0))]
    InvitedAlready(String),
    #[error("{}", t!("Write your name, at most {most} characters.", most = LONGEST))]
    NoName,
    #[error(transparent)]
    Password(#[from] Unacceptable),
    #[error("{}", t!("This invitation is for {invited}, and you are signed in as {signed_in}. Sign out and open the link again.", invited, signed_in))]
    ForSomeoneElse { invited: String, signed_in: String },
    #[error("{}", t!("Accounts of the vendor cannot have a role in an organisation."))]
    Staff,
    #[error("{}", t!("There is an account with this e-mail address. Sign in with it to accept."))]
    HasAccount,
    #[error("{}", t!("You have the role {role} in {org} already, and you keep it. This link is used up; an admin of the organisation can give you another role.", role = .has.name(), org))]
    KeepsRole { org: String, has: Role },
}

#[derive(Debug, Error)]
pub enum InvitationError {
    #[error(transparent)]
    Refused(#[from] InvitationRefusal),
    /// The link is wrong, too old, used or withdrawn.
    #[error("this invitation cannot be accepted")]
    Gone,
    #[error(transparent)]
    SignIn(#[from] SignInError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// An invitation as whoever has its link sees it.
#[derive(Clone, Debug)]
pub struct Invited {
    pub org: OrgRef,
    pub invitation: Invitation,
    /// There is an account with its address.
    pub has_account: bool,
}

/// Invites someone. What stands in the link is returned once and kept nowhere.
///
/// # Errors
/// What is wrong with the address or the role.
pub async fn invite(
    sluice: &Sluice,
    admin: &OrgAdmin,
    email: &str,
    role: Option<Role>,
) -> Result<String, InvitationError> {
    let email = email.trim().to_lowercase();
    if !is_address(&email) {
        return Err(InvitationRefusal::NoEmail.into());
    }
    let role = role.ok_or(InvitationRefusal::NoRole)?;
    let (org, now) = (&admin.org().id, sluice.now());
    // 122 random bits.
    let token = Uuid::new_v4().simple().to_string();
    let new = NewInvitation {
        invitation: Invitation {
            id: Uuid::now_v7().to_string(),
            email: email.clone(),
            role,
            invited_by: admin.account().name.clone(),
            expires_at: now.plus_days(DAYS),
        },
        token_hash: hashed(&token),
        invited_by: admin.account().id.clone(),
        at: now,
    };
    let entry = Draft {
        changes: vec![difference("role", None, Some(role.id()))],
        ..admin.who().did(now, Action::InvitationCreate, "invitation", &new.invitation.id)
    };
    match sluice.store.add_invitation(org, &new, &entry).await? {
        Inviting::Done => Ok(token),
        Inviting::HasRole => Err(InvitationRefusal::HasRole(email).into()),
        Inviting::InvitedAlready => Err(InvitationRefusal::InvitedAlready(email).into()),
    }
}

/// Takes an invitation back; one that is gone already is as good.
///
/// # Errors
/// When the store fails.
pub async fn withdraw(sluice: &Sluice, admin: &OrgAdmin, invitation_id: &str) -> Result<(), StoreError> {
    let entry = admin.who().did(sluice.now(), Action::InvitationWithdraw, "invitation", invitation_id);
    sluice.store.withdraw_invitation(&admin.org().id, invitation_id, &entry).await?;
    Ok(())
}

/// The invitation of a link.
///
/// # Errors
/// [`InvitationError::Gone`] if it cannot be accepted.
pub async fn invited(sluice: &Sluice, token: &str) -> Result<Invited, InvitationError> {
    let found = sluice.store.invitation(&hashed(token), sluice.now()).await?;
    let (org, invitation) = found.ok_or(InvitationError::Gone)?;
    let has_account = sluice.store.account_by_email(&invitation.email).await?.is_some();
    Ok(Invited { org, invitation, has_account })
}

/// Accepts as whoever is signed in. The organisation in which they have a role now.
///
/// # Errors
/// [`InvitationError::Gone`], and [`InvitationRefusal::ForSomeoneElse`] for another account than the one that was invited.
pub async fn accept(sluice: &Sluice, who: &Who, token: &str) -> Result<OrgRef, InvitationError> {
    let Invited { org, invitation, .. } = invited(sluice, token).await?;
    if who.account.email != invitation.email {
        let signed_in = who.account.email.clone();
        return Err(InvitationRefusal::ForSomeoneElse { invited: invitation.email, signed_in }.into());
    }
    if who.account.staff.is_some() {
        return Err(InvitationRefusal::Staff.into());
    }
    let (entries, kept) = (entries(sluice, who, &invitation), kept(sluice, who, &invitation));
    let acceptance =
        Acceptance { account: &who.account, password_hash: None, at: sluice.now(), entries: &entries, kept: &kept };
    match sluice.store.accept_invitation(&hashed(token), &acceptance).await? {
        Accepted::Done => Ok(org),
        Accepted::HasRole(has) => Err(InvitationRefusal::KeepsRole { org: org.name, has }.into()),
        Accepted::Gone | Accepted::EmailTaken => Err(InvitationError::Gone),
    }
}

/// Accepts as someone who has no account yet. The account that they have now, and the organisation.
///
/// # Errors
/// [`InvitationError::Gone`], and what is wrong with the name or the password.
pub async fn accept_as_new(
    sluice: &Sluice,
    passwords: &Passwords,
    via: Via,
    token: &str,
    name: &str,
    password: &str,
) -> Result<(Account, OrgRef), InvitationError> {
    let Invited { org, invitation, has_account } = invited(sluice, token).await?;
    if has_account {
        return Err(InvitationRefusal::HasAccount.into());
    }
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.is_empty() || name.chars().count() > LONGEST {
        return Err(InvitationRefusal::NoName.into());
    }
    acceptable(password, &invitation.email).map_err(InvitationRefusal::from)?;
    let hash = passwords.hash(password).await?;
    let id = Uuid::now_v7().to_string();
    let account = Account { id, email: invitation.email.clone(), name, staff: None, language: None };
    let who = Who { account, via };
    let mut written = vec![who.did(sluice.now(), Action::AccountCreate, "account", &who.account.id)];
    written.extend(entries(sluice, &who, &invitation));
    let kept = kept(sluice, &who, &invitation);
    let (account, at) = (&who.account, sluice.now());
    let acceptance = Acceptance { account, password_hash: Some(&hash), at, entries: &written, kept: &kept };
    match sluice.store.accept_invitation(&hashed(token), &acceptance).await? {
        Accepted::Done => Ok((who.account, org)),
        Accepted::HasRole(has) => Err(InvitationRefusal::KeepsRole { org: org.name, has }.into()),
        Accepted::Gone => Err(InvitationError::Gone),
        Accepted::EmailTaken => Err(InvitationRefusal::HasAccount.into()),
    }
}

fn entries(sluice: &Sluice, who: &Who, invitation: &Invitation) -> Vec<Draft> {
    let now = sluice.now();
    let role = Draft {
        changes: vec![difference("role", None, Some(invitation.role.id()))],
        ..who.did(now, Action::RoleChange, "account", &who.account.id)
    };
    vec![who.did(now, Action::InvitationAccept, "invitation", &invitation.id), role]
}

/// What is written if whoever accepts has a role already: the invitation is used up and gave nothing.
fn kept(sluice: &Sluice, who: &Who, invitation: &Invitation) -> Draft {
    Draft {
        outcome: Outcome::Failed,
        because: Some(kept!("The account has a role here already and keeps it.").to_owned()),
        ..who.did(sluice.now(), Action::InvitationAccept, "invitation", &invitation.id)
    }
}

fn hashed(token: &str) -> String {
    audit::sha256(token.as_bytes())
}

/// Whether a text can be an address: whether it is one, only its owner can show.
fn is_address(text: &str) -> bool {
    let ordinary = text.chars().count() <= LONGEST && !text.chars().any(|c| c.is_whitespace() || c.is_control());
    ordinary
        && text.rsplit_once('@').is_some_and(|(name, host)| {
            !name.is_empty()
                && !name.contains('@')
                && host.contains('.')
                && !host.starts_with('.')
                && !host.ends_with('.')
        })
}

#[cfg(test)]
mod tests {
    use super::is_address;

    #[test]
    fn what_can_be_an_address() {
        for good in ["maud@quay.example", "m.f+console@mail.quay.example", "ø@quay.example"] {
            assert!(is_address(good), "{good}");
        }
        for bad in [
            "",
            "maud",
            "maud@",
            "@quay.example",
            "maud@quay",
            "ma ud@quay.example",
            "a@b@quay.example",
            "maud@.example",
        ] {
            assert!(!is_address(bad), "{bad}");
        }
        assert!(!is_address(&format!("{}@quay.example", "m".repeat(200))));
    }
}
