//! The control plane's statements. This file is compiled twice, as a module of `sqlite` and of `postgres`; it may use only
//! SQL that both understand: `$1` parameters, text, bigint and boolean columns, `ON CONFLICT`, `RETURNING`. Times are
//! passed in.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use policy::{Chosen, Connector, ExemptionPeriod, OrgState, Setting, Subscription, Timestamp};
use service::model::{Account, Change, ChangeItem, NewChange, OrgRef, Role, Snapshot, Space, StaffRole};
use service::ports::{
    Accounts, ChangeError, ChangeSettings, Decide, Demo, Installation, Settings, StoreError, StoreResult,
};
use service::settings::Refusal;
use sqlx::migrate::{Migrate, MigrateError, Migrator};

use super::{BEGIN_READ, BEGIN_WRITE, Connection, Pool};
use crate::{store_error, unreadable};

#[derive(Clone, Debug)]
pub(crate) struct Control {
    pub(super) read: Pool,
    pub(super) write: Pool,
    /// Every page asks, and a demo never becomes anything else.
    known_demo: Arc<AtomicBool>,
}

type OrgRow = (String, String, String);
type AccountRow = (String, String, String, Option<String>);

impl Control {
    pub(super) fn new(read: Pool, write: Pool) -> Self {
        Self { read, write, known_demo: Arc::default() }
    }

    pub(crate) async fn migrate(&self, migrations: &Migrator) -> Result<(), MigrateError> {
        migrations.run(&self.write).await
    }

    pub(crate) async fn is_current(&self, migrations: &Migrator) -> bool {
        let Ok(mut connection) = self.read.acquire().await else {
            return false;
        };
        let applied = connection.list_applied_migrations(&migrations.table_name).await;
        let applied = applied.map(|applied| applied.iter().map(|migration| migration.version).collect::<Vec<_>>());
        applied.is_ok_and(|applied| migrations.iter().all(|migration| applied.contains(&migration.version)))
    }

    pub(crate) async fn close(&self) {
        self.read.close().await;
        self.write.close().await;
    }

    pub(crate) async fn execute_raw(&self, sql: &'static str) -> StoreResult<()> {
        sqlx::raw_sql(sql).execute(&self.write).await.map_err(store_error)?;
        Ok(())
    }
}

#[async_trait]
impl Accounts for Control {
    async fn account_by_email(&self, email: &str) -> StoreResult<Option<(Account, String)>> {
        let row: Option<(String, String, String, Option<String>, String)> =
            sqlx::query_as("SELECT id, email, name, staff_role, password_hash FROM accounts WHERE email = $1")
                .bind(email)
                .fetch_optional(&self.read)
                .await
                .map_err(store_error)?;
        row.map(|(id, email, name, staff, hash)| Ok((account((id, email, name, staff))?, hash))).transpose()
    }

    async fn account(&self, id: &str) -> StoreResult<Option<Account>> {
        let row: Option<AccountRow> = sqlx::query_as("SELECT id, email, name, staff_role FROM accounts WHERE id = $1")
            .bind(id)
            .fetch_optional(&self.read)
            .await
            .map_err(store_error)?;
        row.map(account).transpose()
    }

    async fn all_accounts(&self) -> StoreResult<Vec<Account>> {
        let rows: Vec<AccountRow> = sqlx::query_as("SELECT id, email, name, staff_role FROM accounts ORDER BY id")
            .fetch_all(&self.read)
            .await
            .map_err(store_error)?;
        rows.into_iter().map(account).collect()
    }

    async fn organisations_of(&self, account_id: &str) -> StoreResult<Vec<(OrgRef, Role)>> {
        let rows: Vec<(String, String, String, String)> = sqlx::query_as(
            "SELECT o.id, o.slug, o.name, m.role FROM memberships m JOIN organisations o ON o.id = m.org_id \
             WHERE m.account_id = $1 ORDER BY o.name",
        )
        .bind(account_id)
        .fetch_all(&self.read)
        .await
        .map_err(store_error)?;
        rows.into_iter()
            .map(|(id, slug, name, role)| {
                let role = Role::parse(&role).ok_or_else(|| unreadable("role", &role))?;
                Ok((OrgRef { id, slug, name }, role))
            })
            .collect()
    }

    async fn all_organisations(&self) -> StoreResult<Vec<OrgRef>> {
        let rows: Vec<OrgRow> = sqlx::query_as("SELECT id, slug, name FROM organisations ORDER BY name")
            .fetch_all(&self.read)
            .await
            .map_err(store_error)?;
        Ok(rows.into_iter().map(org).collect())
    }

    async fn organisation(&self, slug: &str) -> StoreResult<Option<OrgRef>> {
        let row: Option<OrgRow> = sqlx::query_as("SELECT id, slug, name FROM organisations WHERE slug = $1")
            .bind(slug)
            .fetch_optional(&self.read)
            .await
            .map_err(store_error)?;
        Ok(row.map(org))
    }
}

#[async_trait]
impl Settings for Control {
    async fn snapshot(&self, org_id: &str) -> StoreResult<Option<Snapshot>> {
        let mut transaction = self.read.begin_with(BEGIN_READ).await.map_err(store_error)?;
        let snapshot = read_snapshot(&mut transaction, org_id).await?;
        transaction.rollback().await.map_err(store_error)?;
        Ok(snapshot)
    }

    async fn changes(
        &self,
        org_id: &str,
        setting: Option<&Setting>,
        below: Option<i64>,
        limit: u32,
    ) -> StoreResult<Vec<Change>> {
        let setting = setting.map(Setting::to_string).unwrap_or_default();
        let rows: Vec<ChangeRow> = sqlx::query_as(
            "SELECT c.id, c.version, c.account_id, a.name, c.changed_at, c.reason, c.reverts \
             FROM changes c JOIN accounts a ON a.id = c.account_id \
             WHERE c.org_id = $1 AND c.version < $2 AND ($3 = '' OR EXISTS (\
                 SELECT 1 FROM change_items i WHERE i.change_id = c.id AND i.org_id = $1 AND i.setting = $3)) \
             ORDER BY c.version DESC LIMIT $4",
        )
        .bind(org_id)
        .bind(below.unwrap_or(i64::MAX))
        .bind(&setting)
        .bind(i64::from(limit))
        .fetch_all(&self.read)
        .await
        .map_err(store_error)?;
        self.with_items(org_id, &setting, rows).await
    }

    async fn change(&self, org_id: &str, change_id: &str) -> StoreResult<Option<Change>> {
        let rows: Vec<ChangeRow> = sqlx::query_as(
            "SELECT c.id, c.version, c.account_id, a.name, c.changed_at, c.reason, c.reverts \
             FROM changes c JOIN accounts a ON a.id = c.account_id WHERE c.org_id = $1 AND c.id = $2",
        )
        .bind(org_id)
        .bind(change_id)
        .fetch_all(&self.read)
        .await
        .map_err(store_error)?;
        Ok(self.with_items(org_id, "", rows).await?.pop())
    }
}

type ChangeRow = (String, i64, String, String, i64, String, Option<String>);
type ItemRow = (String, String, Option<bool>, Option<i64>, Option<bool>, Option<i64>);

impl Control {
    /// `setting` is the filter that the rows were found with.
    async fn with_items(&self, org_id: &str, setting: &str, rows: Vec<ChangeRow>) -> StoreResult<Vec<Change>> {
        let (Some(first), Some(last)) = (rows.first(), rows.last()) else {
            return Ok(Vec::new());
        };
        let items: Vec<ItemRow> = sqlx::query_as(
            "SELECT i.change_id, i.setting, i.old_on, i.old_chosen_at, i.new_on, i.new_chosen_at \
             FROM change_items i JOIN changes c ON c.id = i.change_id \
             WHERE c.org_id = $1 AND c.version BETWEEN $2 AND $3 AND ($4 = '' OR EXISTS (\
                 SELECT 1 FROM change_items x WHERE x.change_id = c.id AND x.org_id = $1 AND x.setting = $4)) \
             ORDER BY i.setting",
        )
        .bind(org_id)
        .bind(last.1)
        .bind(first.1)
        .bind(setting)
        .fetch_all(&self.read)
        .await
        .map_err(store_error)?;
        let mut by_change: BTreeMap<String, Vec<ChangeItem>> = BTreeMap::new();
        for (change_id, setting, old_on, old_at, new_on, new_at) in items {
            by_change.entry(change_id).or_default().push(ChangeItem {
                setting: setting.parse().map_err(|_| unreadable("setting", &setting))?,
                old: chosen(old_on, old_at),
                new: chosen(new_on, new_at),
            });
        }
        Ok(rows
            .into_iter()
            .map(|(id, version, account_id, account_name, at, reason, reverts)| Change {
                items: by_change.remove(&id).unwrap_or_default(),
                at: Timestamp::from_micros(at),
                id,
                version,
                account_id,
                account_name,
                reason,
                reverts,
            })
            .collect())
    }
}

#[async_trait]
impl ChangeSettings for Control {
    async fn apply(&self, org_id: &str, decide: Decide<'_, Refusal>) -> Result<Option<i64>, ChangeError<Refusal>> {
        let mut transaction = self.write.begin_with(BEGIN_WRITE).await.map_err(store_error)?;
        // Taking the next version first makes every other change of this organisation wait for this one.
        let version: Option<(i64,)> =
            sqlx::query_as("UPDATE organisations SET version = version + 1 WHERE id = $1 RETURNING version")
                .bind(org_id)
                .fetch_optional(&mut *transaction)
                .await
                .map_err(store_error)?;
        let snapshot = read_snapshot(&mut transaction, org_id).await?;
        let (Some((version,)), Some(mut snapshot)) = (version, snapshot) else {
            return Err(ChangeError::Store(unreadable("change of an unknown organisation", org_id)));
        };
        snapshot.version = version - 1;
        match decide(&snapshot) {
            Ok(Some(change)) => {
                write_change(&mut transaction, org_id, version, &change).await?;
                transaction.commit().await.map_err(store_error)?;
                Ok(Some(version))
            }
            Ok(None) => {
                transaction.rollback().await.map_err(store_error)?;
                Ok(None)
            }
            Err(refusal) => {
                transaction.rollback().await.map_err(store_error)?;
                Err(ChangeError::Refused(refusal))
            }
        }
    }
}

#[async_trait]
impl Installation for Control {
    async fn is_demo(&self) -> StoreResult<bool> {
        if self.known_demo.load(Ordering::Relaxed) {
            return Ok(true);
        }
        let row: Option<(String,)> = sqlx::query_as("SELECT value FROM installation WHERE name = 'demo'")
            .fetch_optional(&self.read)
            .await
            .map_err(store_error)?;
        let demo = row.is_some_and(|(value,)| value == "yes");
        self.known_demo.store(demo, Ordering::Relaxed);
        Ok(demo)
    }

    async fn is_empty(&self) -> StoreResult<bool> {
        let row: Option<(String,)> =
            sqlx::query_as("SELECT id FROM organisations UNION ALL SELECT id FROM accounts LIMIT 1")
                .fetch_optional(&self.read)
                .await
                .map_err(store_error)?;
        Ok(row.is_none())
    }

    async fn install_demo(&self, demo: &Demo) -> StoreResult<()> {
        let mut transaction = self.write.begin_with(BEGIN_WRITE).await.map_err(store_error)?;
        write_demo(&mut transaction, demo).await.map_err(store_error)?;
        transaction.commit().await.map_err(store_error)
    }
}

fn account((id, email, name, staff): AccountRow) -> StoreResult<Account> {
    let staff = match staff {
        Some(role) => Some(StaffRole::parse(&role).ok_or_else(|| unreadable("staff role", &role))?),
        None => None,
    };
    Ok(Account { id, email, name, staff })
}

fn org((id, slug, name): OrgRow) -> OrgRef {
    OrgRef { id, slug, name }
}

fn chosen(on: Option<bool>, at: Option<i64>) -> Option<Chosen> {
    Some(Chosen { on: on?, at: Timestamp::from_micros(at?) })
}

/// Everything about an organisation, read on one connection.
async fn read_snapshot(connection: &mut Connection, org_id: &str) -> Result<Option<Snapshot>, StoreError> {
    let org: Option<(String, String, String, i64, i64)> =
        sqlx::query_as("SELECT id, slug, name, created_at, version FROM organisations WHERE id = $1")
            .bind(org_id)
            .fetch_optional(&mut *connection)
            .await
            .map_err(store_error)?;
    let Some((id, slug, name, created, version)) = org else {
        return Ok(None);
    };

    let subscriptions: Vec<(String, String, bool, i64, Option<i64>)> = sqlx::query_as(
        "SELECT app, plan, trial, starts_at, ends_at FROM subscriptions WHERE org_id = $1 ORDER BY starts_at, app",
    )
    .bind(org_id)
    .fetch_all(&mut *connection)
    .await
    .map_err(store_error)?;

    let exemptions: Vec<(String, i64, Option<i64>)> =
        sqlx::query_as("SELECT exemption, starts_at, ends_at FROM exemptions WHERE org_id = $1 ORDER BY starts_at")
            .bind(org_id)
            .fetch_all(&mut *connection)
            .await
            .map_err(store_error)?;

    let connectors: Vec<(String, String, String, i64)> =
        sqlx::query_as("SELECT id, name, kind, added_at FROM connectors WHERE org_id = $1 ORDER BY id")
            .bind(org_id)
            .fetch_all(&mut *connection)
            .await
            .map_err(store_error)?;

    let spaces: Vec<(String, String, String)> = sqlx::query_as("SELECT app, key, name FROM spaces WHERE org_id = $1")
        .bind(org_id)
        .fetch_all(&mut *connection)
        .await
        .map_err(store_error)?;

    let rows: Vec<(String, Option<bool>, i64, i64)> =
        sqlx::query_as("SELECT setting, is_on, chosen_at, version FROM settings WHERE org_id = $1")
            .bind(org_id)
            .fetch_all(&mut *connection)
            .await
            .map_err(store_error)?;

    let mut settings = BTreeMap::new();
    let mut changed_at = BTreeMap::new();
    for (text, on, at, version) in rows {
        let setting: Setting = text.parse().map_err(|_| unreadable("setting", &text))?;
        if let Some(chosen) = chosen(on, Some(at)) {
            settings.insert(setting.clone(), chosen);
        }
        changed_at.insert(setting, version);
    }
    let mut connector_names = BTreeMap::new();
    let mut by_id = BTreeMap::new();
    for (id, name, kind, added) in connectors {
        connector_names.insert(id.clone(), name);
        by_id.insert(id, Connector { kind, added: Timestamp::from_micros(added) });
    }
    let mut spaces: Vec<Space> = spaces.into_iter().map(|(app, key, name)| Space { app, key, name }).collect();
    // Sorted here and not by the database, whose collation the lookups do not share.
    spaces.sort_by(|a, b| (&a.app, &a.key).cmp(&(&b.app, &b.key)));

    Ok(Some(Snapshot {
        org: OrgRef { id, slug, name },
        version,
        state: OrgState {
            created: Timestamp::from_micros(created),
            subscriptions: subscriptions
                .into_iter()
                .map(|(app, plan, trial, from, until)| Subscription {
                    app,
                    plan,
                    trial,
                    from: Timestamp::from_micros(from),
                    until: until.map(Timestamp::from_micros),
                })
                .collect(),
            exemptions: exemptions
                .into_iter()
                .map(|(exemption, from, until)| ExemptionPeriod {
                    exemption,
                    from: Timestamp::from_micros(from),
                    until: until.map(Timestamp::from_micros),
                })
                .collect(),
            connectors: by_id,
            settings,
        },
        changed_at,
        spaces,
        connector_names,
    }))
}

/// Writes a change, its items and the settings it sets.
async fn write_change(
    connection: &mut Connection,
    org_id: &str,
    version: i64,
    change: &NewChange,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO changes (id, org_id, version, account_id, changed_at, reason, reverts) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(&change.id)
    .bind(org_id)
    .bind(version)
    .bind(&change.account_id)
    .bind(change.at.micros())
    .bind(&change.reason)
    .bind(&change.reverts)
    .execute(&mut *connection)
    .await
    .map_err(store_error)?;
    for item in &change.items {
        let setting = item.setting.to_string();
        sqlx::query(
            "INSERT INTO change_items (change_id, org_id, setting, old_on, old_chosen_at, new_on, new_chosen_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(&change.id)
        .bind(org_id)
        .bind(&setting)
        .bind(item.old.map(|chosen| chosen.on))
        .bind(item.old.map(|chosen| chosen.at.micros()))
        .bind(item.new.map(|chosen| chosen.on))
        .bind(item.new.map(|chosen| chosen.at.micros()))
        .execute(&mut *connection)
        .await
        .map_err(store_error)?;
        sqlx::query(
            "INSERT INTO settings (org_id, setting, is_on, chosen_at, version) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (org_id, setting) DO UPDATE \
             SET is_on = excluded.is_on, chosen_at = excluded.chosen_at, version = excluded.version",
        )
        .bind(org_id)
        .bind(&setting)
        .bind(item.new.map(|chosen| chosen.on))
        .bind(item.new.map_or(change.at, |chosen| chosen.at).micros())
        .bind(version)
        .execute(&mut *connection)
        .await
        .map_err(store_error)?;
    }
    Ok(())
}

async fn write_demo(connection: &mut Connection, demo: &Demo) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO installation (name, value) VALUES ('demo', 'yes')").execute(&mut *connection).await?;
    for (account, password_hash) in &demo.accounts {
        sqlx::query("INSERT INTO accounts (id, email, name, password_hash, staff_role) VALUES ($1, $2, $3, $4, $5)")
            .bind(&account.id)
            .bind(&account.email)
            .bind(&account.name)
            .bind(password_hash)
            .bind(account.staff.map(StaffRole::id))
            .execute(&mut *connection)
            .await?;
    }
    for organisation in &demo.organisations {
        let org = &organisation.org;
        let state = &organisation.state;
        let version = i64::try_from(organisation.changes.len()).unwrap_or(i64::MAX);
        sqlx::query("INSERT INTO organisations (id, slug, name, created_at, version) VALUES ($1, $2, $3, $4, $5)")
            .bind(&org.id)
            .bind(&org.slug)
            .bind(&org.name)
            .bind(state.created.micros())
            .bind(version)
            .execute(&mut *connection)
            .await?;
        for account_id in &organisation.admins {
            sqlx::query("INSERT INTO memberships (account_id, org_id, role) VALUES ($1, $2, $3)")
                .bind(account_id)
                .bind(&org.id)
                .bind(Role::Admin.id())
                .execute(&mut *connection)
                .await?;
        }
        for subscription in &state.subscriptions {
            sqlx::query(
                "INSERT INTO subscriptions (org_id, app, plan, trial, starts_at, ends_at) \
                 VALUES ($1, $2, $3, $4, $5, $6)",
            )
            .bind(&org.id)
            .bind(&subscription.app)
            .bind(&subscription.plan)
            .bind(subscription.trial)
            .bind(subscription.from.micros())
            .bind(subscription.until.map(Timestamp::micros))
            .execute(&mut *connection)
            .await?;
        }
        for period in &state.exemptions {
            sqlx::query("INSERT INTO exemptions (org_id, exemption, starts_at, ends_at) VALUES ($1, $2, $3, $4)")
                .bind(&org.id)
                .bind(&period.exemption)
                .bind(period.from.micros())
                .bind(period.until.map(Timestamp::micros))
                .execute(&mut *connection)
                .await?;
        }
        for (id, name) in &organisation.connector_names {
            let Some(connector) = state.connectors.get(id) else {
                continue;
            };
            sqlx::query("INSERT INTO connectors (org_id, id, name, kind, added_at) VALUES ($1, $2, $3, $4, $5)")
                .bind(&org.id)
                .bind(id)
                .bind(name)
                .bind(&connector.kind)
                .bind(connector.added.micros())
                .execute(&mut *connection)
                .await?;
        }
        for space in &organisation.spaces {
            sqlx::query("INSERT INTO spaces (org_id, app, key, name) VALUES ($1, $2, $3, $4)")
                .bind(&org.id)
                .bind(&space.app)
                .bind(&space.key)
                .bind(&space.name)
                .execute(&mut *connection)
                .await?;
        }
        for (version, change) in (1..).zip(&organisation.changes) {
            write_change(connection, &org.id, version, change)
                .await
                .map_err(|StoreError(source)| sqlx::Error::AnyDriverError(source))?;
        }
    }
    Ok(())
}
