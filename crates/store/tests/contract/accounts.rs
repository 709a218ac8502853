//! Roles, invitations, passwords and sessions: whole or not at all, each with its entry, whoever else writes at once.

use std::collections::HashMap;

use audit::{Action, Draft, Entry, Outcome};
use policy::Timestamp;
use serde_json::json;
use service::access::{By, OrgAdmin, Via, Who, key_holder};
use service::hooks;
use service::invitations::{self, InvitationError, InvitationRefusal};
use service::keys::{self, Scope, Secret, Wanted};
use service::members::{self, MemberError, MemberRefusal};
use service::model::{Account, Role};
use service::ports::{Acceptance, Accepted, WhichSessions};
use service::sign_in::Passwords;
use time::OffsetDateTime;
use tower_sessions_core::SessionStore as _;
use tower_sessions_core::session::{Id, Record};

use crate::console::Console;

async fn entries(console: &Console, slug: &str) -> i64 {
    let org = console.org(slug).await;
    console.sluice.store.audit_head(&org.id).await.unwrap().sequence
}

async fn roles(console: &Console, slug: &str) -> Vec<(String, Role)> {
    let org = console.org(slug).await;
    let members = console.sluice.store.members(&org.id, console.sluice.now()).await.unwrap();
    members.into_iter().map(|member| (member.account.name, member.role)).collect()
}

fn entry(admin: &OrgAdmin, console: &Console) -> Draft {
    admin.who().did(console.sluice.now(), Action::RoleChange, "account", "x")
}

pub(crate) async fn two_admins_never_remove_each_other(url: String) {
    let console = Console::demo(&url).await;
    let (first, second) = (console.admin("enterprise").await, console.second_admin("enterprise").await);
    let before = entries(&console, "enterprise").await;
    let [one, other] = [(&first, &second), (&second, &first)].map(|(admin, of)| {
        let (console, admin, of) = (console.clone(), admin.clone(), of.account().id.clone());
        tokio::spawn(async move { members::change_role(&console.sluice, &admin, &of, None).await })
    });
    let done = [one.await.unwrap(), other.await.unwrap()];
    let refused = done.iter().filter(|done| matches!(done, Err(MemberError::Refused(MemberRefusal::LastAdmin))));
    assert_eq!(refused.count(), 1, "{done:?}");
    assert_eq!(done.iter().filter(|done| done.is_ok()).count(), 1, "{done:?}");
    let left = roles(&console, "enterprise").await;
    assert!(matches!(&left[..], [(_, Role::Admin)]), "{left:?}");
    assert_eq!(entries(&console, "enterprise").await, before + 1);
}

pub(crate) async fn an_invitation_is_accepted_once(url: String) {
    let console = Console::demo(&url).await;
    let admin = console.admin("large").await;
    let token = invitations::invite(&console.sluice, &admin, "maud@quay.example", Some(Role::Auditor)).await.unwrap();
    let before = entries(&console, "large").await;
    let passwords = Passwords::new(2).unwrap();
    let tries = [0, 1, 2].map(|_| {
        let (console, passwords, token) = (console.clone(), passwords.clone(), token.clone());
        tokio::spawn(async move {
            let via = Via::command_line();
            invitations::accept_as_new(&console.sluice, &passwords, via, &token, "Maud Ferreira", "a plank is a plank")
                .await
        })
    });
    let mut accepted = 0;
    for one in tries {
        match one.await.unwrap() {
            Ok((account, org)) => {
                accepted += 1;
                assert_eq!((account.name.as_str(), org.slug.as_str()), ("Maud Ferreira", "large"));
            }
            Err(error) => assert!(matches!(error, InvitationError::Gone | InvitationError::Refused(_)), "{error:?}"),
        }
    }
    assert_eq!(accepted, 1);
    assert!(roles(&console, "large").await.contains(&("Maud Ferreira".to_owned(), Role::Auditor)));
    assert_eq!(entries(&console, "large").await, before + 3);
    let store = &console.sluice.store;
    let open = store.invitations(&console.org("large").await.id, console.sluice.now()).await.unwrap();
    assert!(open.is_empty());

    // An address that somebody has is not given twice.
    let token = invitations::invite(&console.sluice, &admin, "new@quay.example", Some(Role::Member)).await.unwrap();
    let hash = audit::sha256(token.as_bytes());
    let maud = store.account_by_email("maud@quay.example").await.unwrap().unwrap().0;
    let taken = Account { id: "another".to_owned(), ..maud.clone() };
    let kept = entry(&admin, &console);
    let mut acceptance =
        Acceptance { account: &taken, password_hash: Some("x"), at: console.sluice.now(), entries: &[], kept: &kept };
    assert_eq!(store.accept_invitation(&hash, &acceptance).await.unwrap(), Accepted::EmailTaken);
    assert!(store.account("another").await.unwrap().is_none());
    acceptance = Acceptance { account: &maud, password_hash: None, ..acceptance };
    assert_eq!(store.accept_invitation(&hash, &acceptance).await.unwrap(), Accepted::HasRole(Role::Auditor));
    assert_eq!(store.accept_invitation(&hash, &acceptance).await.unwrap(), Accepted::Gone);
    assert!(roles(&console, "large").await.contains(&("Maud Ferreira".to_owned(), Role::Auditor)));
}

/// Two admins, or two tabs, invite the same person at once: one link is made.
pub(crate) async fn of_many_invitations_at_once_one_is_made(url: String) {
    let console = Console::demo(&url).await;
    let admins = [console.admin("large").await, console.second_admin("large").await];
    let tabs: Vec<_> = (0..8)
        .map(|tab| {
            let (console, admin) = (console.clone(), admins[tab % 2].clone());
            let role = if tab % 3 == 0 { Role::Auditor } else { Role::Member };
            tokio::spawn(
                async move { invitations::invite(&console.sluice, &admin, "maud@quay.example", Some(role)).await },
            )
        })
        .collect();
    let mut made = 0;
    for tab in tabs {
        match tab.await.unwrap() {
            Ok(_) => made += 1,
            Err(error) => {
                assert!(matches!(error, InvitationError::Refused(InvitationRefusal::InvitedAlready(_))), "{error:?}")
            }
        }
    }
    let open = console.sluice.store.invitations(&console.org("large").await.id, console.sluice.now()).await.unwrap();
    assert_eq!((made, open.len()), (1, 1));
    let members = invitations::invite(&console.sluice, &admins[0], "femke.bos@large.example", Some(Role::Admin)).await;
    assert!(matches!(members, Err(InvitationError::Refused(InvitationRefusal::HasRole(_)))), "{members:?}");
}

/// Someone was given a role in another way before they open their link: they keep it, and the log says what happened.
pub(crate) async fn whoever_has_a_role_keeps_it(url: String) {
    let console = Console::demo(&url).await;
    let admin = console.admin("large").await;
    let store = &console.sluice.store;
    let account =
        store.all_accounts().await.unwrap().into_iter().find(|one| one.email.ends_with("@held.example")).unwrap();
    let who = Who { account, via: Via::command_line() };
    let token = invitations::invite(&console.sluice, &admin, &who.account.email, Some(Role::Member)).await.unwrap();
    let meanwhile = "INSERT INTO memberships (account_id, org_id, role) SELECT a.id, o.id, 'auditor' \
                     FROM accounts a, organisations o WHERE a.email LIKE '%@held.example' AND o.slug = 'large'";
    console.database.execute_raw(meanwhile).await.unwrap();
    let accepted = invitations::accept(&console.sluice, &who, &token).await;
    let kept = InvitationRefusal::KeepsRole { org: console.org("large").await.name, has: Role::Auditor };
    assert!(matches!(&accepted, Err(InvitationError::Refused(why)) if *why == kept), "{accepted:?}");
    assert!(roles(&console, "large").await.contains(&(who.account.name.clone(), Role::Auditor)));
    let last = Entry::of_line(console.log("large").await.lines().last().unwrap()).unwrap().0;
    assert_eq!((last.action, last.outcome), (Action::InvitationAccept, Outcome::Failed));
    assert!(last.changes.is_empty(), "no role was given: {last:?}");
    let again = invitations::accept(&console.sluice, &who, &token).await;
    assert!(matches!(again, Err(InvitationError::Gone)), "{again:?}");
}

/// With the role goes what hangs on it, all at once, and it does not come back with the role.
pub(crate) async fn what_an_admin_made_ends_with_the_role(url: String) {
    let console = Console::demo(&url).await;
    let (admin, other) = (console.admin("large").await, console.second_admin("large").await);
    let wanted = |name: &str| Wanted { name: name.to_owned(), scopes: vec![Scope::Read], days: 7, proved: true };
    let mut secrets = Vec::new();
    for (maker, name) in [(&other, "theirs"), (&other, "theirs too"), (&admin, "ours")] {
        secrets.push(keys::create(&console.sluice, maker, &wanted(name)).await.unwrap().0);
    }
    let (_, webhook) = hooks::create(&console.sluice, &other, "theirs", true).await.unwrap();
    for (maker, email) in [(&other, "theirs@quay.example"), (&admin, "ours@quay.example")] {
        invitations::invite(&console.sluice, maker, email, Some(Role::Member)).await.unwrap();
    }
    let elsewhere = console.second_admin("enterprise").await;
    let kept = keys::create(&console.sluice, &elsewhere, &wanted("elsewhere")).await.unwrap().0;
    let before = entries(&console, "large").await;

    members::change_role(&console.sluice, &admin, &other.account().id, Some(Role::Auditor)).await.unwrap();
    let log = console.log("large").await;
    let written: Vec<_> =
        log.lines().map(|line| Entry::of_line(line).unwrap().0).filter(|e| e.sequence > before).collect();
    let actions: Vec<_> = written.iter().map(|entry| entry.action).collect();
    use Action::{InvitationWithdraw, KeyRevoke, RoleChange, WebhookRevoke};
    assert_eq!(actions, [RoleChange, KeyRevoke, KeyRevoke, WebhookRevoke, InvitationWithdraw]);
    assert!(written[1].because.as_deref().unwrap().contains("no admin any more"));
    members::change_role(&console.sluice, &admin, &other.account().id, Some(Role::Admin)).await.unwrap();
    let store = console.sluice.store.as_ref();
    let now = console.sluice.now();
    let works = async |secret: &Secret| key_holder(store, secret, "", now).await.unwrap().is_some();
    assert!(!works(&secrets[0]).await && !works(&secrets[1]).await, "they do not come back with the role");
    assert!(works(&secrets[2]).await && works(&kept).await);
    assert!(store.webhook(&webhook.id).await.unwrap().is_none());
    let open = store.invitations(&console.org("large").await.id, now).await.unwrap();
    assert_eq!(open.iter().map(|one| one.email.as_str()).collect::<Vec<_>>(), ["ours@quay.example"]);
}

pub(crate) async fn sessions_are_ended_by_their_digits(url: String) {
    let console = Console::demo(&url).await;
    let store = &console.sluice.store;
    let (own, other) = (console.admin("large").await, console.admin("free").await);
    let now = console.sluice.now();
    let expires = OffsetDateTime::from_unix_timestamp_nanos(i128::from(now.plus_days(1).micros()) * 1_000).unwrap();
    for (account, browser) in [(&own, "Firefox"), (&own, "Edge"), (&own, "Safari"), (&other, "Chrome")] {
        let data = [("account", account.account().id.as_str()), ("browser", browser)];
        let data: HashMap<_, _> = data.into_iter().map(|(name, value)| (name.to_owned(), json!(value))).collect();
        console.database.sessions.create(&mut Record { id: Id::default(), data, expiry_date: expires }).await.unwrap();
    }
    let id = &own.account().id;
    let open = async || store.open_sessions(id, console.sluice.now()).await.unwrap();
    let listed = open().await;
    assert_eq!(listed.len(), 3);
    let of = |browser: &str| listed.iter().find(|one| one.browser.as_deref() == Some(browser)).unwrap().digits.clone();
    assert_eq!((of("Edge").len(), listed[0].begun_at), (12, now));

    let logs = [(console.org("large").await.id, entry(&own, &console))];
    let before = entries(&console, "large").await;
    let end = async |which: WhichSessions| store.end_sessions(id, &which, &logs).await.unwrap();
    assert_eq!(end(WhichSessions::One("nothing".to_owned())).await, 0);
    assert_eq!(end(WhichSessions::One(String::new())).await, 0);
    assert_eq!(entries(&console, "large").await, before, "what ends nothing is not told");
    assert_eq!(end(WhichSessions::One(of("Edge"))).await, 1);
    assert_eq!(end(WhichSessions::AllBut(of("Safari"))).await, 1);
    assert_eq!(open().await.iter().map(|one| one.digits.clone()).collect::<Vec<_>>(), [of("Safari")]);
    assert_eq!(entries(&console, "large").await, before + 2);
    store.set_password(id, "new hash", &WhichSessions::All, &logs).await.unwrap();
    assert!(open().await.is_empty());
    assert_eq!(store.account_by_email(&own.account().email).await.unwrap().unwrap().1, "new hash");
    assert_eq!(store.open_sessions(&other.account().id, now).await.unwrap().len(), 1);
    console.clock.set(now.plus_days(1));
    assert!(store.open_sessions(&other.account().id, console.sluice.now()).await.unwrap().is_empty());
}

/// The log cannot take the entry, so nothing of the change stays.
pub(crate) async fn what_cannot_be_logged_is_not_done(url: String) {
    let console = Console::demo(&url).await;
    let admin = console.admin("large").await;
    let token = invitations::invite(&console.sluice, &admin, "maud@quay.example", Some(Role::Member)).await.unwrap();
    console.database.execute_raw("ALTER TABLE audit_resources RENAME TO audit_resources_elsewhere").await.unwrap();
    let store = &console.sluice.store;
    let org = console.org("large").await;
    let before = roles(&console, "large").await;
    let auditor = store.account_by_email("femke.bos@large.example").await.unwrap().unwrap().0;
    let hash = store.account_by_email(&admin.account().email).await.unwrap().unwrap().1;

    assert!(members::change_role(&console.sluice, &admin, &auditor.id, None).await.is_err());
    let passwords = Passwords::new(1).unwrap();
    let accepted = invitations::accept_as_new(
        &console.sluice,
        &passwords,
        Via::command_line(),
        &token,
        "Maud Ferreira",
        "a plank is a plank",
    );
    assert!(accepted.await.is_err());
    assert!(invitations::invite(&console.sluice, &admin, "x@quay.example", Some(Role::Member)).await.is_err());
    let logs = [(org.id.clone(), entry(&admin, &console))];
    assert!(store.set_password(&admin.account().id, "new hash", &WhichSessions::All, &logs).await.is_err());
    let open = store.invitations(&org.id, console.sluice.now()).await.unwrap();
    assert!(invitations::withdraw(&console.sluice, &admin, &open[0].id).await.is_err());

    assert_eq!(roles(&console, "large").await, before);
    assert_eq!(store.invitations(&org.id, console.sluice.now()).await.unwrap(), open);
    assert!(store.account_by_email("maud@quay.example").await.unwrap().is_none());
    assert_eq!(store.account_by_email(&admin.account().email).await.unwrap().unwrap().1, hash);
}

pub(crate) async fn many_snapshots_are_those_of_each(url: String) {
    let console = Console::demo(&url).await;
    let store = &console.sluice.store;
    let orgs = store.all_organisations().await.unwrap();
    let ids: Vec<&str> = orgs.iter().map(|org| org.id.as_str()).chain(["nobody's"]).collect();
    let many = store.snapshots(&ids).await.unwrap();
    let last = store.last_changes(&ids).await.unwrap();
    assert_eq!(many.len(), orgs.len());
    for org in &orgs {
        let one = store.snapshot(&org.id).await.unwrap().unwrap();
        assert_eq!(format!("{:?}", many[&org.id]), format!("{one:?}"));
        assert_eq!(&one.org, org);
        let newest = store.changes(&org.id, None, None, 1).await.unwrap().pop();
        assert_eq!(last.get(&org.id).cloned(), newest.map(|change| (change.at, change.account_name)), "{}", org.slug);
    }
    assert!(store.snapshots(&[]).await.unwrap().is_empty() && store.last_changes(&[]).await.unwrap().is_empty());
}

/// What the list of people says of the last sign-in is what the organisation's own log says.
pub(crate) async fn the_last_sign_in_is_that_of_the_log(url: String) {
    let console = Console::demo(&url).await;
    let admin = console.admin("large").await;
    let seen = async || -> Option<Timestamp> {
        let members = members::members_page(&console.sluice, &admin).await.unwrap().members;
        members.into_iter().find(|member| member.account.id == admin.account().id).unwrap().signed_in_at
    };
    assert_eq!(seen().await, None);
    let who = Who {
        account: admin.account().clone(),
        via: Via { by: By::Session("0123456789ab".to_owned()), ..Via::command_line() },
    };
    for _ in 0..2 {
        console.clock.pass_minutes(1);
        service::audit_log::session(&console.sluice, &who, Action::SignIn).await.unwrap();
        assert_eq!(seen().await, Some(console.sluice.now()));
    }
    let then = console.sluice.now();
    console.clock.pass_minutes(1);
    service::audit_log::session(&console.sluice, &who, Action::SignOut).await.unwrap();
    assert_eq!(seen().await, Some(then));
}
