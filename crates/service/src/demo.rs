//! The demo: one organisation for every situation an admin can be in, with made-up people.
//!
//! Nothing here is special to the product: a demo organisation is an ordinary one that happens to be written at once. All
//! dates are counted from the programme's own, so the demo stays true under another catalogue.

mod contributions;
mod neighbours;

use language::t;
use std::collections::BTreeMap;

use policy::{Catalogue, Chosen, Connector, ExemptionPeriod, Kind, OrgState, Setting, Subscription, Timestamp};
use thiserror::Error;
use uuid::Uuid;

use crate::Sluice;
use crate::access::{Via, Who};
use crate::model::{
    Account, NewChange, NewItem, NewKnowledge, NewTerm, OrgRef, PeopleDifference, Role, Space, StaffRole,
};
use crate::overview::OverviewQuery;
use crate::people::{Person, new_people};
use crate::ports::{Demo, DemoOrganisation, StoreError};
use crate::sign_in::{self, SignInError};

pub use contributions::contribute;

/// The password of every demo account. It opens a demo database only: nothing else is ever seeded.
pub const PASSWORD: &str = "let the water through";

#[derive(Debug, Error)]
pub enum SeedError {
    #[error(
        "this database holds organisations that are not a demo, so it was left alone; name an empty one with \
         SLUICE_DATABASE_URL"
    )]
    NotADemo,
    #[error("the demo organisations were written, but not what they contributed: {0}")]
    Contributions(String),
    #[error(transparent)]
    SignIn(#[from] SignInError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What seeding found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seeded {
    Now,
    Before,
}

/// Writes the demo into an empty database; leaves a demo database as it is.
///
/// # Errors
/// [`SeedError::NotADemo`] if the database holds anything else.
pub async fn seed(sluice: &Sluice) -> Result<Seeded, SeedError> {
    if sluice.store.is_demo().await? {
        return Ok(Seeded::Before);
    }
    if !sluice.store.is_empty().await? {
        return Err(SeedError::NotADemo);
    }
    let password_hash = sign_in::hash(PASSWORD)?;
    sluice.store.install_demo(&demo(sluice.catalogue(), sluice.now(), &password_hash)).await?;
    Ok(Seeded::Now)
}

/// The accounts for one-click sign-in, each with what it is for. Empty on any database but a demo.
///
/// # Errors
/// When the store fails.
pub async fn accounts(sluice: &Sluice) -> Result<Vec<(Account, String)>, StoreError> {
    if !sluice.store.is_demo().await? {
        return Ok(Vec::new());
    }
    let mut listed = Vec::new();
    for account in sluice.store.all_accounts().await? {
        let what = match account.staff {
            Some(StaffRole::Support) => t!("Support: may look at every organisation and change nothing").to_owned(),
            Some(StaffRole::Operator) => t!("Operator: runs the installation").to_owned(),
            None => {
                let overview = crate::overview::overview(sluice, &account, OverviewQuery::default()).await?;
                let orgs: Vec<_> = overview
                    .rows
                    .into_iter()
                    .map(|row| {
                        let role = row.role.name();
                        let held = row.standing.as_ref().is_some_and(|standing| standing.held);
                        let of = t!("{role} of {organisation}", role, organisation = row.org.name);
                        let plan = row.standing.map(|standing| format!(" · {}", standing.plan)).unwrap_or_default();
                        let held = if held { t!(", needs a decision") } else { "" };
                        format!("{of}{plan}{held}")
                    })
                    .collect();
                orgs.join("; ")
            }
        };
        listed.push((account, what));
    }
    // Organisations first, in the order in which they were written; the vendor's own people after them.
    listed.sort_by_key(|(account, _)| (account.staff.is_some(), account.id.clone()));
    Ok(listed)
}

/// The account for one-click sign-in; none on any database but a demo.
///
/// # Errors
/// When the store fails.
pub async fn account(sluice: &Sluice, id: &str) -> Result<Option<Account>, StoreError> {
    if !sluice.store.is_demo().await? {
        return Ok(None);
    }
    sluice.store.account(id).await
}

fn failed(error: impl std::fmt::Display) -> SeedError {
    SeedError::Contributions(error.to_string())
}

fn seeded(account: &Account) -> Who {
    Who { account: account.clone(), via: Via::command_line() }
}

struct Draft<'a> {
    catalogue: &'a Catalogue,
    now: Timestamp,
    password_hash: &'a str,
    demo: Demo,
}

fn demo(catalogue: &Catalogue, now: Timestamp, password_hash: &str) -> Demo {
    let mut draft = Draft { catalogue, now, password_hash, demo: Demo::default() };
    let long_ago = catalogue.programme.announced.plus_days(-700);
    let app = |app: &str, plan: &str| paid(app, plan, long_ago);

    draft.organisation("free", "Free Harbour Press", "Ines Falk", vec![app("jira", "free"), app("confluence", "free")]);
    draft.organisation(
        "standard",
        "Northlight Bakery",
        "Tomasz Lindqvist",
        vec![app("jira", "standard"), app("confluence", "standard")],
    );
    draft.organisation(
        "premium",
        "Kestrel Rail",
        "Amara Nwosu",
        vec![app("jira", "premium"), app("confluence", "standard"), app("jira-service-management", "standard")],
    );
    draft.organisation(
        "enterprise",
        "Meridian Instruments",
        "Yuki Tanabe",
        vec![app("jira", "enterprise"), app("confluence", "enterprise"), app("jira-service-management", "premium")],
    );
    draft.connector("drive", "Drive", "synced", long_ago);
    draft.connector("chat", "Team chat", "direct", long_ago);
    draft.choose(
        &[(Setting::App("confluence".to_owned()), true)],
        "Our handbook may help others; it names nobody.",
        40,
    );
    draft.choose(&[(space("confluence", "PEOPLE"), false)], "", 39);

    draft.organisation(
        "trial",
        "Orchard Clinic Supplies",
        "Liam Okafor",
        vec![
            app("jira", "standard"),
            app("confluence", "standard"),
            Subscription {
                trial: true,
                until: Some(now.plus_days(16)),
                ..paid("jira", "enterprise", now.plus_days(-14))
            },
        ],
    );
    draft.organisation(
        "exempt",
        "St. Brigid Hospital Group",
        "Noor Haddad",
        vec![app("jira", "enterprise"), app("confluence", "enterprise")],
    );
    draft.exempt("hipaa", long_ago, None);

    let catalogue_start = catalogue.programme.in_force;
    draft.organisation(
        "large",
        "Polder Logistics",
        "Sanne de Wit",
        vec![app("jira", "enterprise"), app("confluence", "enterprise"), app("jira-service-management", "enterprise")],
    );
    draft.many_spaces();
    for (id, name, kind) in [
        ("drive", "Drive", "synced"),
        ("crm", "Customer records", "synced"),
        ("wiki", "Old wiki", "synced"),
        ("chat", "Team chat", "direct"),
        ("design", "Design boards", "smart-link"),
        ("video", "Video calls", "smart-link"),
    ] {
        draft.connector(id, name, kind, long_ago);
    }
    draft.choose(
        &[
            (space("jira", "MOBILE"), true),
            (space("jira", "WEB"), true),
            (space("jira", "API"), true),
            (space("confluence", "HANDBOOK"), true),
            (Setting::Connector("wiki".to_owned()), true),
        ],
        "Agreed in the data council on the engineering spaces and the handbook.",
        31,
    );
    draft.choose(&[(space("jira", "API"), false)], "", 12);
    let auditor = draft.account("Femke Bos", "large", None);
    draft.role(&auditor, Role::Auditor);
    let member = draft.account("Joris Kuipers", "large", None);
    draft.role(&member, Role::Member);

    // Two widenings that nobody decided: the trial made in-app data off and let an admin turn metadata off.
    let trial_end = catalogue_start.plus_days(47);
    draft.organisation(
        "held",
        "Fernweh Travel",
        "Clara Weiss",
        vec![
            app("jira", "standard"),
            app("confluence", "standard"),
            Subscription {
                trial: true,
                until: Some(trial_end),
                ..paid("jira", "enterprise", trial_end.plus_days(-30))
            },
        ],
    );
    draft.choose_at(
        &[(Setting::Organisation(Kind::Metadata), false)],
        "Off while legal reads the new terms.",
        trial_end.plus_days(-20),
    );
    draft.connector("drive", "Drive", "synced", catalogue_start.plus_days(60));

    draft.account("Robin Castellan", "vendor", Some(StaffRole::Support));
    draft.account("Mara Lindholm", "vendor", Some(StaffRole::Support));
    draft.account("Ada Brennan", "vendor", Some(StaffRole::Operator));
    draft.demo
}

impl Draft<'_> {
    fn organisation(&mut self, slug: &str, name: &str, admin: &str, subscriptions: Vec<Subscription>) {
        let account = self.account(admin, slug, None);
        let spaces = SPACES
            .iter()
            .filter(|(app, _, _)| subscriptions.iter().any(|subscription| subscription.app == *app))
            .map(|(app, key, name)| Space { app: (*app).to_owned(), key: (*key).to_owned(), name: (*name).to_owned() })
            .collect();
        let created = subscriptions.iter().map(|subscription| subscription.from).min().unwrap_or(self.now);
        let by = seeded(&account);
        let knowledge = vec![self.directory(by.clone(), slug), self.dictionary(by)];
        self.demo.organisations.push(DemoOrganisation {
            org: OrgRef { id: Uuid::now_v7().to_string(), slug: slug.to_owned(), name: name.to_owned() },
            state: OrgState {
                created,
                subscriptions,
                exemptions: Vec::new(),
                connectors: BTreeMap::new(),
                settings: BTreeMap::new(),
            },
            spaces,
            connector_names: Vec::new(),
            people: vec![(account.id, Role::Admin)],
            changes: Vec::new(),
            knowledge,
        });
    }

    /// A few colleagues, none of whom any sample mentions.
    fn directory(&self, by: Who, domain: &str) -> NewKnowledge {
        let people: Vec<Person> = COLLEAGUES
            .iter()
            .enumerate()
            .map(|(at, (name, handle))| Person {
                names: vec![(*name).to_owned()],
                handles: vec![(*handle).to_owned()],
                account_ids: vec![format!("5f{:022x}", 0x51_u64 * 7_919 + at as u64)],
                emails: vec![format!("{handle}@{domain}.example")],
            })
            .collect();
        let difference = PeopleDifference { added: people.len() as u64, ..PeopleDifference::default() };
        NewKnowledge {
            by,
            at: self.now.plus_days(-45),
            terms: Vec::new(),
            people: Some(new_people(people, difference)),
        }
    }

    fn dictionary(&self, by: Who) -> NewKnowledge {
        let term = |(term, removed): &(&str, bool)| NewTerm {
            term: (*term).to_owned(),
            folded: deidentify::term_key(term),
            old: None,
            new: Some(*removed),
        };
        NewKnowledge { by, at: self.now.plus_days(-38), terms: TERMS.iter().map(term).collect(), people: None }
    }

    fn account(&mut self, name: &str, domain: &str, staff: Option<StaffRole>) -> Account {
        let local = name.to_lowercase().replace(' ', ".");
        let account = Account {
            id: Uuid::now_v7().to_string(),
            email: format!("{local}@{domain}.example"),
            name: name.to_owned(),
            staff,
            language: None,
        };
        self.demo.accounts.push((account.clone(), self.password_hash.to_owned()));
        account
    }

    /// Gives someone a role in the organisation that was added last.
    fn role(&mut self, account: &Account, role: Role) {
        if let Some(organisation) = self.last() {
            organisation.people.push((account.id.clone(), role));
        }
    }

    fn last(&mut self) -> Option<&mut DemoOrganisation> {
        self.demo.organisations.last_mut()
    }

    fn exempt(&mut self, exemption: &str, from: Timestamp, until: Option<Timestamp>) {
        let period = ExemptionPeriod { exemption: exemption.to_owned(), from, until };
        if let Some(organisation) = self.last() {
            organisation.state.exemptions.push(period);
        }
    }

    fn connector(&mut self, id: &str, name: &str, kind: &str, added: Timestamp) {
        if let Some(organisation) = self.last() {
            organisation.state.connectors.insert(id.to_owned(), Connector { kind: kind.to_owned(), added });
            organisation.connector_names.push((id.to_owned(), name.to_owned()));
        }
    }

    fn choose(&mut self, choices: &[(Setting, bool)], reason: &str, days_ago: i64) {
        let at = self.now.plus_days(-days_ago);
        self.choose_at(choices, reason, at);
    }

    fn choose_at(&mut self, choices: &[(Setting, bool)], reason: &str, at: Timestamp) {
        let admin = self.demo.organisations.last().and_then(|organisation| organisation.people.first());
        let accounts = self.demo.accounts.iter().map(|(account, _)| account);
        let by = accounts.clone().find(|account| admin.is_some_and(|(id, _)| *id == account.id)).map(seeded);
        let (Some(organisation), Some(by)) = (self.last(), by) else { return };
        let items = choices
            .iter()
            .map(|(setting, on)| {
                let new = Some(Chosen { on: *on, at });
                let old = new.and_then(|new| organisation.state.settings.insert(setting.clone(), new));
                NewItem { setting: setting.clone(), old, new }
            })
            .collect();
        organisation.changes.push(NewChange {
            id: Uuid::now_v7().to_string(),
            by,
            at,
            reason: reason.to_owned(),
            reverts: None,
            items,
        });
    }

    /// Fills the organisation up to 400 spaces with the names that a company of that size has.
    fn many_spaces(&mut self) {
        let apps: Vec<String> = self.catalogue.apps.iter().map(|app| app.id.clone()).collect();
        let Some(organisation) = self.last() else { return };
        let shares = [180, 150, 70];
        for (app, share) in apps.iter().zip(shares) {
            let already = organisation.spaces.iter().filter(|space| space.app == *app).count();
            let names = TEAMS.iter().flat_map(|(team, key)| {
                SITES.iter().map(move |(site, suffix)| (format!("{team} {site}"), format!("{key}{suffix}")))
            });
            organisation.spaces.extend(names.take(share - already).map(|(name, key)| Space {
                app: app.clone(),
                key,
                name,
            }));
        }
    }
}

fn paid(app: &str, plan: &str, from: Timestamp) -> Subscription {
    Subscription { app: app.to_owned(), plan: plan.to_owned(), trial: false, from, until: None }
}

fn space(app: &str, key: &str) -> Setting {
    Setting::Space { app: app.to_owned(), key: key.to_owned() }
}

/// Name and user name.
const COLLEAGUES: &[(&str, &str)] = &[
    ("Abena Sarpong", "asarpong"),
    ("Benedikt Rauscher", "brauscher"),
    ("Chiara Montefusco", "chiara.m"),
    ("Dmitri Volkonsky", "dvolkonsky"),
    ("Eilidh MacTavish", "emactavish"),
    ("Farid Benhaddou", "fbenhaddou"),
    ("Guðrún Jónsdóttir", "gudrunj"),
    ("Hyun-woo Seo", "hwseo"),
    ("Ilse Vandenbroucke", "ivdb"),
    ("Jorge Echeverría", "jecheverria"),
    ("Kamala Krishnamurthy", "kkrish"),
    ("Lucie Desrochers", "ldesrochers"),
    ("Małgorzata Wójcik", "mwojcik"),
    ("Nils Bergqvist", "nbergqvist"),
];

/// Terms, and whether each is always removed or never.
const TERMS: &[(&str, bool)] =
    &[("Heron pilot", true), ("Project Falcon", true), ("Marlow", false), ("Jackson serializer", false)];

const SPACES: &[(&str, &str, &str)] = &[
    ("jira", "API", "Public API"),
    ("jira", "HR", "Human Resources"),
    ("jira", "LEGAL", "Legal requests"),
    ("jira", "MOBILE", "Mobile apps"),
    ("jira", "OPS", "Operations"),
    ("jira", "SEC", "Security findings"),
    ("jira", "WEB", "Website"),
    ("confluence", "BOARD", "Board papers"),
    ("confluence", "HANDBOOK", "Company handbook"),
    ("confluence", "PEOPLE", "People and pay"),
    ("confluence", "RUNBOOK", "Runbooks"),
    ("jira-service-management", "HELP", "Employee help desk"),
    ("jira-service-management", "CUST", "Customer requests"),
];

const TEAMS: &[(&str, &str)] = &[
    ("Warehouse", "WH"),
    ("Fleet", "FL"),
    ("Customs", "CU"),
    ("Planning", "PL"),
    ("Billing", "BI"),
    ("Procurement", "PR"),
    ("Quality", "QU"),
    ("Training", "TR"),
    ("Facilities", "FA"),
    ("Sales", "SA"),
    ("Support", "SU"),
    ("Data platform", "DP"),
];

const SITES: &[(&str, &str)] = &[
    ("Antwerp", "ANR"),
    ("Bremen", "BRE"),
    ("Cork", "ORK"),
    ("Dublin", "DUB"),
    ("Eindhoven", "EIN"),
    ("Felixstowe", "FXT"),
    ("Gdansk", "GDN"),
    ("Hamburg", "HAM"),
    ("Izmir", "IZM"),
    ("Jeddah", "JED"),
    ("Koper", "KOP"),
    ("Lisbon", "LIS"),
    ("Malmo", "MMX"),
    ("Nantes", "NTE"),
    ("Oslo", "OSL"),
];
