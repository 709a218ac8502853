//! The console on a test's database: its people, its settings, and what its history must always say.

use std::sync::Arc;

use policy::Setting;
use service::access::{OrgAdmin, Via, Who, org_admin};
use service::data_plane::Region;
use service::model::{Change, OrgRef, Snapshot};
use service::settings::SettingsError;
use service::settings::change::{Outcome, Wish};
use service::vault::MasterKey;
use service::{Sluice, demo};
use store::Database;

use crate::database::{FakeClock, regions};
use crate::history::whole_history;

#[derive(Clone, Debug)]
pub(crate) struct Console {
    pub(crate) database: Database,
    pub(crate) sluice: Sluice,
    pub(crate) clock: FakeClock,
}

impl Console {
    /// Up to date and empty.
    pub(crate) async fn empty(url: &str) -> Self {
        let console = Self::reopen(url).await;
        console.database.migrate().await.unwrap();
        console
    }

    /// As it is.
    pub(crate) async fn reopen(url: &str) -> Self {
        let clock = FakeClock::default();
        let database = Database::open(url, Arc::new(clock.clone())).await.unwrap();
        let sluice = Sluice {
            store: Arc::clone(&database.control_plane),
            catalogues: service::Catalogues::built_in().unwrap(),
            clock: Arc::new(clock.clone()),
            uploads: Default::default(),
            signer: Arc::new(
                audit::SigningKey::of_seed("sluice", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=").unwrap(),
            ),
            regions: regions(url),
            master: Arc::new(MasterKey::parse("8PHy8/T19vf4+fr7/P3+/wABAgMEBQYHCAkKCwwNDg8=").unwrap()),
            engines: Default::default(),
            reading: Default::default(),
        };
        Self { database, sluice, clock }
    }

    /// With the demo organisations; the admin of `free` is a second admin of `enterprise` and `large`.
    pub(crate) async fn demo(url: &str) -> Self {
        let console = Self::empty(url).await;
        demo::seed(&console.sluice).await.unwrap();
        console
            .database
            .execute_raw(
                "INSERT INTO memberships (account_id, org_id, role) SELECT a.id, o.id, 'admin' \
                 FROM accounts a, organisations o WHERE a.email LIKE '%@free.example' AND o.slug IN ('enterprise', 'large')",
            )
            .await
            .unwrap();
        console
    }

    /// Where the demo's organisations are.
    pub(crate) fn region(&self) -> &Region {
        self.sluice.regions.get("eu").unwrap()
    }

    pub(crate) async fn org(&self, slug: &str) -> OrgRef {
        self.sluice.store.organisation(slug).await.unwrap().unwrap()
    }

    /// The demo's admin of an organisation.
    pub(crate) async fn admin(&self, slug: &str) -> OrgAdmin {
        self.admin_from(slug, slug).await
    }

    /// The other admin of `enterprise` or `large`.
    pub(crate) async fn second_admin(&self, slug: &str) -> OrgAdmin {
        self.admin_from("free", slug).await
    }

    async fn admin_from(&self, home: &str, slug: &str) -> OrgAdmin {
        let accounts = self.sluice.store.all_accounts().await.unwrap();
        let account =
            accounts.into_iter().find(|account| account.email.ends_with(&format!("@{home}.example"))).unwrap();
        org_admin(self.sluice.store.as_ref(), Who { account, via: Via::command_line() }, slug).await.unwrap()
    }

    pub(crate) async fn snapshot(&self, slug: &str) -> Snapshot {
        let org = self.org(slug).await;
        self.sluice.store.snapshot(&org.id).await.unwrap().unwrap()
    }

    /// Writes at once, as from a page that is up to date.
    pub(crate) async fn set(
        &self,
        admin: &OrgAdmin,
        to: Option<bool>,
        setting: &Setting,
    ) -> Result<Outcome, SettingsError> {
        let wish = Wish::Set { to, settings: vec![setting.clone()] };
        service::settings::change::change(&self.sluice, admin, &wish, i64::MAX).await
    }

    /// Every change of an organisation, oldest first, checked as a whole.
    pub(crate) async fn history(&self, slug: &str) -> Vec<Change> {
        let org = self.org(slug).await;
        whole_history(self.sluice.store.as_ref(), &org.id).await
    }

    /// The audit log of an organisation, as it is exported.
    pub(crate) async fn log(&self, slug: &str) -> String {
        let org = self.org(slug).await;
        self.sluice.store.audit_lines(&org.id, 0, u32::MAX).await.unwrap()
    }

    /// An organisation as one text, to see whether anything of it changed.
    pub(crate) async fn everything(&self, slug: &str) -> String {
        format!("{:#?}\n{:#?}", self.snapshot(slug).await, self.history(slug).await)
    }

    /// The same with its audit log.
    pub(crate) async fn everything_and_log(&self, slug: &str) -> String {
        self.everything(slug).await + &self.log(slug).await
    }
}

pub(crate) fn setting(text: &str) -> Setting {
    text.parse().unwrap()
}
