//! The statements about people's roles, invitations, passwords and sessions. Compiled twice, like `control.rs`. Each change is
//! in one transaction with its entries of the audit log.

use async_trait::async_trait;
use audit::Draft;
use language::Language;
use policy::Timestamp;
use service::access::SESSION_DIGITS;
use service::members::MemberRefusal;
use service::model::{Invitation, Member, OpenSession, OrgRef, Role};
use service::ports::{
    Acceptance, Accepted, ChangeError, DecideRole, Inviting, KeepAccounts, NewInvitation, Standing, StoreError,
    StoreResult, WhichSessions,
};

use super::audit_log::append;
use super::control::{Control, account, count_of, lock_organisation};
use super::{BEGIN_WRITE, Connection, keys, webhooks};
use crate::{store_error, unreadable};

/// Where the handlers put the name of the browser in a session's data.
const BROWSER: &str = "browser";

type MemberRow = (String, String, String, Option<String>, Option<String>, String, Option<i64>, i64);
type InvitationRow = (String, String, String, String, i64);

fn role(text: &str) -> StoreResult<Role> {
    Role::parse(text).ok_or_else(|| unreadable("role", text))
}

fn invitation((id, email, given, invited_by, expires_at): InvitationRow) -> StoreResult<Invitation> {
    Ok(Invitation { id, email, role: role(&given)?, invited_by, expires_at: Timestamp::from_micros(expires_at) })
}

#[async_trait]
impl KeepAccounts for Control {
    async fn members(&self, org_id: &str, now: Timestamp) -> StoreResult<Vec<Member>> {
        let rows: Vec<MemberRow> = sqlx::query_as(
            "SELECT a.id, a.email, a.name, a.staff_role, a.language, m.role, \
                 (SELECT e.at FROM audit_entries e WHERE e.scope = $1 AND e.actor = a.id \
                  AND e.action = 'session.sign-in' AND e.outcome = 'done' ORDER BY e.sequence DESC LIMIT 1), \
                 (SELECT COUNT(*) FROM sessions s WHERE s.account_id = a.id AND s.expires_at > $2) \
             FROM memberships m JOIN accounts a ON a.id = m.account_id WHERE m.org_id = $1 ORDER BY a.name, a.id",
        )
        .bind(org_id)
        .bind(now.micros())
        .fetch_all(&self.read)
        .await
        .map_err(store_error)?;
        rows.into_iter()
            .map(|(id, email, name, staff, language, given, signed_in_at, sessions)| {
                Ok(Member {
                    account: account((id, email, name, staff, language))?,
                    role: role(&given)?,
                    signed_in_at: signed_in_at.map(Timestamp::from_micros),
                    sessions: count_of(sessions),
                })
            })
            .collect()
    }

    async fn change_role(
        &self,
        org_id: &str,
        account_id: &str,
        now: Timestamp,
        decide: DecideRole<'_>,
    ) -> Result<(), ChangeError<MemberRefusal>> {
        let mut transaction = self.write.begin_with(BEGIN_WRITE).await.map_err(store_error)?;
        // Two admins never remove each other at once.
        lock_organisation(&mut transaction, org_id).await?;
        let standing = standing(&mut transaction, org_id, account_id, now).await?;
        let Some(new) = decide(&standing).map_err(ChangeError::Refused)? else {
            return Ok(());
        };
        match new.role {
            Some(to) => sqlx::query("UPDATE memberships SET role = $3 WHERE org_id = $1 AND account_id = $2")
                .bind(org_id)
                .bind(account_id)
                .bind(to.id()),
            None => sqlx::query("DELETE FROM memberships WHERE org_id = $1 AND account_id = $2")
                .bind(org_id)
                .bind(account_id),
        }
        .execute(&mut *transaction)
        .await
        .map_err(store_error)?;
        for key in &new.keys {
            keys::close(&mut transaction, org_id, key, now).await?;
        }
        for webhook in &new.webhooks {
            webhooks::close(&mut transaction, org_id, webhook, now).await?;
        }
        for invitation in &new.invitations {
            sqlx::query("DELETE FROM invitations WHERE org_id = $1 AND id = $2")
                .bind(org_id)
                .bind(invitation)
                .execute(&mut *transaction)
                .await
                .map_err(store_error)?;
        }
        for entry in &new.entries {
            append(&mut transaction, org_id, entry).await?;
        }
        Ok(transaction.commit().await.map_err(store_error)?)
    }

    async fn invitations(&self, org_id: &str, now: Timestamp) -> StoreResult<Vec<Invitation>> {
        let rows: Vec<InvitationRow> = sqlx::query_as(
            "SELECT i.id, i.email, i.role, a.name, i.expires_at FROM invitations i \
             JOIN accounts a ON a.id = i.invited_by \
             JOIN memberships m ON m.account_id = i.invited_by AND m.org_id = i.org_id AND m.role = 'admin' \
             WHERE i.org_id = $1 AND i.expires_at > $2 \
             ORDER BY i.invited_at DESC, i.id DESC",
        )
        .bind(org_id)
        .bind(now.micros())
        .fetch_all(&self.read)
        .await
        .map_err(store_error)?;
        rows.into_iter().map(invitation).collect()
    }

    async fn add_invitation(&self, org_id: &str, new: &NewInvitation, entry: &Draft) -> StoreResult<Inviting> {
        let mut transaction = self.write.begin_with(BEGIN_WRITE).await.map_err(store_error)?;
        let NewInvitation { invitation, token_hash, invited_by, at } = new;
        // Nobody else invites the same address at once.
        lock_organisation(&mut transaction, org_id).await?;
        // Those that nobody accepted in time are of no use to anyone.
        sqlx::query("DELETE FROM invitations WHERE expires_at <= $1")
            .bind(at.micros())
            .execute(&mut *transaction)
            .await
            .map_err(store_error)?;
        let (members, open): (i64, i64) = sqlx::query_as(
            "SELECT \
                 (SELECT COUNT(*) FROM memberships m JOIN accounts a ON a.id = m.account_id \
                  WHERE m.org_id = $1 AND a.email = $2), \
                 (SELECT COUNT(*) FROM invitations i \
                  JOIN memberships m ON m.account_id = i.invited_by AND m.org_id = i.org_id AND m.role = 'admin' \
                  WHERE i.org_id = $1 AND i.email = $2)",
        )
        .bind(org_id)
        .bind(&invitation.email)
        .fetch_one(&mut *transaction)
        .await
        .map_err(store_error)?;
        if members > 0 {
            return Ok(Inviting::HasRole);
        }
        if open > 0 {
            return Ok(Inviting::InvitedAlready);
        }
        sqlx::query(
            "INSERT INTO invitations (id, org_id, token_hash, email, role, invited_by, invited_at, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(&invitation.id)
        .bind(org_id)
        .bind(token_hash)
        .bind(&invitation.email)
        .bind(invitation.role.id())
        .bind(invited_by)
        .bind(at.micros())
        .bind(invitation.expires_at.micros())
        .execute(&mut *transaction)
        .await
        .map_err(store_error)?;
        append(&mut transaction, org_id, entry).await?;
        transaction.commit().await.map_err(store_error)?;
        Ok(Inviting::Done)
    }

    async fn withdraw_invitation(&self, org_id: &str, invitation_id: &str, entry: &Draft) -> StoreResult<bool> {
        let mut transaction = self.write.begin_with(BEGIN_WRITE).await.map_err(store_error)?;
        let deleted = sqlx::query("DELETE FROM invitations WHERE org_id = $1 AND id = $2")
            .bind(org_id)
            .bind(invitation_id)
            .execute(&mut *transaction)
            .await
            .map_err(store_error)?;
        if deleted.rows_affected() == 0 {
            return Ok(false);
        }
        append(&mut transaction, org_id, entry).await?;
        transaction.commit().await.map_err(store_error)?;
        Ok(true)
    }

    async fn invitation(&self, token_hash: &str, now: Timestamp) -> StoreResult<Option<(OrgRef, Invitation)>> {
        let row: Option<(String, String, String, String, String, String, String, i64)> = sqlx::query_as(
            "SELECT o.id, o.slug, o.name, i.id, i.email, i.role, a.name, i.expires_at FROM invitations i \
             JOIN organisations o ON o.id = i.org_id JOIN accounts a ON a.id = i.invited_by \
             JOIN memberships m ON m.account_id = i.invited_by AND m.org_id = i.org_id AND m.role = 'admin' \
             WHERE i.token_hash = $1 AND i.expires_at > $2",
        )
        .bind(token_hash)
        .bind(now.micros())
        .fetch_optional(&self.read)
        .await
        .map_err(store_error)?;
        row.map(|(org_id, slug, org_name, id, email, given, invited_by, expires_at)| {
            let org = OrgRef { id: org_id, slug, name: org_name };
            Ok((org, invitation((id, email, given, invited_by, expires_at))?))
        })
        .transpose()
    }

    async fn accept_invitation(&self, token_hash: &str, acceptance: &Acceptance<'_>) -> StoreResult<Accepted> {
        let Acceptance { account, password_hash, at, entries, kept } = acceptance;
        let mut transaction = self.write.begin_with(BEGIN_WRITE).await.map_err(store_error)?;
        // Deleting it first makes a second use of the same link wait, and then find nothing.
        let row: Option<(String, String)> =
            // It is worth what its maker is: nothing once they are no admin any more.
            sqlx::query_as(
                "DELETE FROM invitations WHERE token_hash = $1 AND expires_at > $2 AND EXISTS (\
                     SELECT 1 FROM memberships m WHERE m.account_id = invitations.invited_by \
                     AND m.org_id = invitations.org_id AND m.role = 'admin') RETURNING org_id, role",
            )
                .bind(token_hash)
                .bind(at.micros())
                .fetch_optional(&mut *transaction)
                .await
                .map_err(store_error)?;
        let Some((org_id, given)) = row else { return Ok(Accepted::Gone) };
        if let Some(password_hash) = password_hash {
            let made = sqlx::query(
                "INSERT INTO accounts (id, email, name, password_hash) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
            )
            .bind(&account.id)
            .bind(&account.email)
            .bind(&account.name)
            .bind(password_hash)
            .execute(&mut *transaction)
            .await
            .map_err(store_error)?;
            if made.rows_affected() == 0 {
                return Ok(Accepted::EmailTaken);
            }
        }
        let added = sqlx::query(
            "INSERT INTO memberships (account_id, org_id, role) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        )
        .bind(&account.id)
        .bind(&org_id)
        .bind(given)
        .execute(&mut *transaction)
        .await
        .map_err(store_error)?;
        if added.rows_affected() == 0 {
            let (has,): (String,) =
                sqlx::query_as("SELECT role FROM memberships WHERE account_id = $1 AND org_id = $2")
                    .bind(&account.id)
                    .bind(&org_id)
                    .fetch_one(&mut *transaction)
                    .await
                    .map_err(store_error)?;
            append(&mut transaction, &org_id, kept).await?;
            transaction.commit().await.map_err(store_error)?;
            return Ok(Accepted::HasRole(role(&has)?));
        }
        for entry in *entries {
            append(&mut transaction, &org_id, entry).await?;
        }
        transaction.commit().await.map_err(store_error)?;
        Ok(Accepted::Done)
    }

    async fn open_sessions(&self, account_id: &str, now: Timestamp) -> StoreResult<Vec<OpenSession>> {
        let rows: Vec<(String, String, i64, i64)> = sqlx::query_as(
            "SELECT id_hash, data, created_at, seen_at FROM sessions WHERE account_id = $1 AND expires_at > $2 \
             ORDER BY created_at DESC, id_hash",
        )
        .bind(account_id)
        .bind(now.micros())
        .fetch_all(&self.read)
        .await
        .map_err(store_error)?;
        rows.into_iter()
            .map(|(id_hash, data, begun, seen)| {
                let data: serde_json::Value =
                    serde_json::from_str(&data).map_err(|error| StoreError(Box::new(error)))?;
                Ok(OpenSession {
                    digits: id_hash.chars().take(SESSION_DIGITS).collect(),
                    begun_at: Timestamp::from_micros(begun),
                    seen_at: Timestamp::from_micros(seen),
                    browser: data.get(BROWSER).and_then(|name| name.as_str()).map(str::to_owned),
                })
            })
            .collect()
    }

    async fn end_sessions(
        &self,
        account_id: &str,
        which: &WhichSessions,
        entries: &[(String, Draft)],
    ) -> StoreResult<u64> {
        let mut transaction = self.write.begin_with(BEGIN_WRITE).await.map_err(store_error)?;
        let ended = end(&mut transaction, account_id, which).await?;
        if ended > 0 {
            append_all(&mut transaction, entries).await?;
            transaction.commit().await.map_err(store_error)?;
        }
        Ok(ended)
    }

    async fn set_language(&self, account_id: &str, language: Option<Language>) -> StoreResult<()> {
        sqlx::query("UPDATE accounts SET language = $2 WHERE id = $1")
            .bind(account_id)
            .bind(language.map(Language::id))
            .execute(&self.write)
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn set_password(
        &self,
        account_id: &str,
        hash: &str,
        which: &WhichSessions,
        entries: &[(String, Draft)],
    ) -> StoreResult<()> {
        let mut transaction = self.write.begin_with(BEGIN_WRITE).await.map_err(store_error)?;
        sqlx::query("UPDATE accounts SET password_hash = $2 WHERE id = $1")
            .bind(account_id)
            .bind(hash)
            .execute(&mut *transaction)
            .await
            .map_err(store_error)?;
        end(&mut transaction, account_id, which).await?;
        append_all(&mut transaction, entries).await?;
        transaction.commit().await.map_err(store_error)
    }
}

async fn standing(
    connection: &mut Connection,
    org_id: &str,
    account_id: &str,
    now: Timestamp,
) -> StoreResult<Standing> {
    let members: Vec<(String, String)> =
        sqlx::query_as("SELECT account_id, role FROM memberships WHERE org_id = $1 ORDER BY account_id")
            .bind(org_id)
            .fetch_all(&mut *connection)
            .await
            .map_err(store_error)?;
    let webhooks: Vec<(String,)> = sqlx::query_as(
        "SELECT id FROM webhooks WHERE org_id = $1 AND created_by = $2 AND revoked_at IS NULL ORDER BY id",
    )
    .bind(org_id)
    .bind(account_id)
    .fetch_all(&mut *connection)
    .await
    .map_err(store_error)?;
    let mut made = async |statement: &'static str| -> StoreResult<Vec<String>> {
        let ids: Vec<(String,)> = sqlx::query_as(statement)
            .bind(org_id)
            .bind(account_id)
            .bind(now.micros())
            .fetch_all(&mut *connection)
            .await
            .map_err(store_error)?;
        Ok(ids.into_iter().map(|(id,)| id).collect())
    };
    let keys = made(
        "SELECT id FROM api_keys \
         WHERE org_id = $1 AND created_by = $2 AND expires_at > $3 AND revoked_at IS NULL ORDER BY id",
    )
    .await?;
    let invitations =
        made("SELECT id FROM invitations WHERE org_id = $1 AND invited_by = $2 AND expires_at > $3 ORDER BY id")
            .await?;
    Ok(Standing {
        members: members.into_iter().map(|(id, given)| Ok((id, role(&given)?))).collect::<StoreResult<_>>()?,
        keys,
        webhooks: webhooks.into_iter().map(|(id,)| id).collect(),
        invitations,
    })
}

pub(super) async fn end(connection: &mut Connection, account_id: &str, which: &WhichSessions) -> StoreResult<u64> {
    // No session's hash begins with an empty text of digits, so all but that one are all.
    let (one, digits) = match which {
        WhichSessions::One(digits) => (true, digits.as_str()),
        WhichSessions::AllBut(digits) => (false, digits.as_str()),
        WhichSessions::All => (false, ""),
    };
    let ended = sqlx::query("DELETE FROM sessions WHERE account_id = $1 AND (substr(id_hash, 1, $2) = $3) = $4")
        .bind(account_id)
        .bind(i32::try_from(SESSION_DIGITS).unwrap_or(i32::MAX))
        .bind(digits)
        .bind(one)
        .execute(connection)
        .await
        .map_err(store_error)?;
    Ok(ended.rows_affected())
}

/// In one order everywhere, so that two of these never wait for each other.
pub(super) async fn append_all(connection: &mut Connection, entries: &[(String, Draft)]) -> StoreResult<()> {
    let mut entries: Vec<&(String, Draft)> = entries.iter().collect();
    entries.sort_by(|a, b| a.0.cmp(&b.0));
    for (scope, entry) in entries {
        append(connection, scope, entry).await?;
    }
    Ok(())
}
