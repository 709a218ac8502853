//! What whoever runs the machine does about organisations and accounts, from the command line. Never reached by a page: the
//! right to do this is the right to open the database.

use std::fmt;

use async_trait::async_trait;
use audit::{Action, Draft};
use policy::{Subscription, Timestamp};
use thiserror::Error;
use uuid::Uuid;

use crate::Sluice;
use crate::access::{at_the_machine, difference};
use crate::audit_log::{INSTALLATION, entries_for};
use crate::model::{Account, OrgRef, Role, StaffRole};
use crate::ports::{StoreError, StoreResult, WhichSessions};
use crate::sign_in::{SignInError, Unacceptable, acceptable, hash};

/// Longer names than this are a mistake.
const LONGEST_NAME: usize = 200;
const LONGEST_SLUG: usize = 63;

/// What the store does for it. Each is written as a whole, with its entry in the audit log, or not at all.
#[async_trait]
pub trait Administration: fmt::Debug + Send + Sync {
    /// Whether it was written: not if another account has the e-mail address.
    async fn add_account(
        &self,
        account: &Account,
        password_hash: &str,
        member: Option<(&OrgRef, Role)>,
        entry: (&str, &Draft),
    ) -> StoreResult<bool>;

    /// Whether it was written: not if another organisation has the slug.
    async fn add_organisation(
        &self,
        org: &OrgRef,
        region: &str,
        created: Timestamp,
        subscriptions: &[Subscription],
        entry: (&str, &Draft),
    ) -> StoreResult<bool>;
}

/// Why nothing was done. The text is for the terminal.
#[derive(Debug, Error)]
pub enum AdministrationError {
    #[error(
        "this is the demo's database, which anyone may enter; set SLUICE_DATABASE_URL to another for people who exist"
    )]
    Demo,
    #[error("`{0}` is not an e-mail address")]
    Email(String),
    #[error("a name has 1 to {LONGEST_NAME} characters")]
    Name,
    #[error("`{0}` cannot be a slug; use a–z, 0–9 and -, at most {LONGEST_SLUG}, as in `quay-timber`")]
    Slug(String),
    #[error("the catalogue has no {what} `{id}`; it has {known}")]
    Unknown { what: &'static str, id: String, known: String },
    #[error("no database is set up for the region `{0}`; there is one for {1}")]
    NoRegion(String, String),
    #[error("`{0}` is the name of the installation's own audit log; choose another slug")]
    Reserved(String),
    #[error("there is an organisation `{0}` already; nothing was changed")]
    SlugTaken(String),
    #[error(
        "there is an account with this e-mail address already; nothing was changed. `sluice user reset` gives it another password"
    )]
    EmailTaken,
    #[error("there is no organisation `{0}`")]
    NoOrganisation(String),
    #[error("there is no account with this e-mail address")]
    NoAccount,
    #[error("this account is linked to no provider; nothing was changed")]
    NotLinked,
    #[error(transparent)]
    Password(#[from] Unacceptable),
    #[error(transparent)]
    Hash(#[from] SignInError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a new account is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Belongs {
    /// To the vendor's own people.
    Staff(StaffRole),
    /// To an organisation, by its slug.
    Member(String, Role),
}

/// Writes an account that can sign in at once.
///
/// # Errors
/// When something about it is wrong, its address is taken, or the store fails. Nothing was written then.
pub async fn create_account(
    sluice: &Sluice,
    administration: &dyn Administration,
    email: &str,
    name: &str,
    belongs: &Belongs,
    password: &str,
) -> Result<Account, AdministrationError> {
    if sluice.store.is_demo().await? {
        return Err(AdministrationError::Demo);
    }
    let (staff, member) = match belongs {
        Belongs::Staff(staff) => (Some(*staff), None),
        Belongs::Member(slug, role) => {
            let org = sluice.store.organisation(slug).await?;
            (None, Some((org.ok_or_else(|| AdministrationError::NoOrganisation(slug.clone()))?, *role)))
        }
    };
    let id = Uuid::now_v7().to_string();
    let account = Account { id, email: address(email)?, name: tidy_name(name)?, staff, language: None };
    acceptable(password, &account.email)?;
    let member = member.as_ref().map(|(org, role)| (org, *role));
    let scope = member.map_or(INSTALLATION, |(org, _)| org.id.as_str());
    let role = member.map(|(_, role)| role.id()).or(staff.map(StaffRole::id));
    let entry = Draft {
        changes: vec![difference("role", None, role)],
        ..at_the_machine(sluice.now(), Action::AccountCreate, "account", &account.id)
    };
    if administration.add_account(&account, &hash(password)?, member, (scope, &entry)).await? {
        Ok(account)
    } else {
        Err(AdministrationError::EmailTaken)
    }
}

/// Gives an account another password. Whoever is signed in as it has to sign in again.
///
/// # Errors
/// When there is no such account, the password is not acceptable, or the store fails.
pub async fn reset_password(sluice: &Sluice, email: &str, password: &str) -> Result<(), AdministrationError> {
    let known = sluice.store.account_by_email(&address(email)?).await?;
    let (account, _) = known.ok_or(AdministrationError::NoAccount)?;
    acceptable(password, &account.email)?;
    let entry = at_the_machine(sluice.now(), Action::PasswordChange, "account", &account.id);
    let entries = entries_for(sluice, &account, &entry).await?;
    Ok(sluice.store.set_password(&account.id, &hash(password)?, &WhichSessions::All, &entries).await?)
}

/// Unlinks an account from the sign-in at the provider: whoever has its verified address there next is linked instead.
/// Whoever is signed in as it has to sign in again.
///
/// # Errors
/// When there is no such account, it is not linked, or the store fails.
pub async fn unlink(sluice: &Sluice, email: &str) -> Result<(), AdministrationError> {
    let known = sluice.store.account_by_email(&address(email)?).await?;
    let (account, _) = known.ok_or(AdministrationError::NoAccount)?;
    let entry = at_the_machine(sluice.now(), Action::IdentityUnlink, "account", &account.id);
    let entries = entries_for(sluice, &account, &entry).await?;
    let was_linked = sluice.store.unlink_identities(&account.id, &entries).await?;
    was_linked.then_some(()).ok_or(AdministrationError::NotLinked)
}

/// Writes an organisation with the apps that it subscribes to from now on, each by its id with its plan.
///
/// # Errors
/// When something about it is wrong, its slug is taken, or the store fails. Nothing was written then.
pub async fn create_organisation(
    sluice: &Sluice,
    administration: &dyn Administration,
    slug: &str,
    name: &str,
    region: &str,
    apps: &[(String, String)],
) -> Result<OrgRef, AdministrationError> {
    if sluice.store.is_demo().await? {
        return Err(AdministrationError::Demo);
    }
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if slug.is_empty() || slug.len() > LONGEST_SLUG || !slug.bytes().all(fits) || slug.starts_with('-') {
        return Err(AdministrationError::Slug(slug.to_owned()));
    }
    if slug == INSTALLATION {
        return Err(AdministrationError::Reserved(slug.to_owned()));
    }
    if sluice.regions.get(region).is_none() {
        let known: Vec<&str> = sluice.regions.all().map(|region| region.id.as_str()).collect();
        return Err(AdministrationError::NoRegion(region.to_owned(), known.join(", ")));
    }
    let now = sluice.now();
    let mut subscriptions = Vec::new();
    for (app, plan) in apps {
        let catalogue = sluice.catalogue();
        if catalogue.app(app).is_none() {
            let known = catalogue.apps.iter().map(|app| app.id.as_str());
            return Err(unknown("app", app, known));
        }
        if catalogue.plan(plan).is_none() {
            let known = catalogue.plans.iter().map(|plan| plan.id.as_str());
            return Err(unknown("plan", plan, known));
        }
        let (app, plan) = (app.clone(), plan.clone());
        subscriptions.push(Subscription { app, plan, trial: false, from: now, until: None });
    }
    let org = OrgRef { id: Uuid::now_v7().to_string(), slug: slug.to_owned(), name: tidy_name(name)? };
    let plans = subscriptions.iter().map(|s| difference(&s.app, None, Some(&s.plan)));
    let entry = Draft {
        changes: plans.chain([difference("region", None, Some(region))]).collect(),
        ..at_the_machine(now, Action::OrganisationCreate, "organisation", &org.id)
    };
    if administration.add_organisation(&org, region, now, &subscriptions, (&org.id, &entry)).await? {
        Ok(org)
    } else {
        Err(AdministrationError::SlugTaken(slug.to_owned()))
    }
}

/// What the installation's log says of a backup that was written, or restored: where it stands, and what it says.
pub fn saved(action: Action, now: Timestamp) -> (&'static str, Draft) {
    (INSTALLATION, at_the_machine(now, action, "installation", ""))
}

fn unknown<'a>(what: &'static str, id: &str, known: impl Iterator<Item = &'a str>) -> AdministrationError {
    AdministrationError::Unknown { what, id: id.to_owned(), known: known.collect::<Vec<_>>().join(", ") }
}

/// An address as it is kept: what sign-in makes of what is typed there. Whether it is anyone's, only a message could tell.
fn address(email: &str) -> Result<String, AdministrationError> {
    let email = email.trim().to_lowercase();
    let whole = email.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty() && !domain.is_empty() && !domain.contains('@') && email.len() <= 254
    });
    if whole && !email.contains(|sign: char| sign.is_whitespace() || sign.is_control()) {
        Ok(email)
    } else {
        Err(AdministrationError::Email(email))
    }
}

fn tidy_name(name: &str) -> Result<String, AdministrationError> {
    let name = name.trim();
    let fits = (1..=LONGEST_NAME).contains(&name.chars().count()) && !name.contains(char::is_control);
    if fits { Ok(name.to_owned()) } else { Err(AdministrationError::Name) }
}
