//! The control plane's statements. This file is compiled twice, as a module of `sqlite` and of `postgres`; it may use only
//! SQL that both understand: `$1` parameters, text, bigint and boolean columns, `ON CONFLICT`, `RETURNING`. Times are
//! passed in.

use language::Language;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use policy::{Chosen, Connector, ExemptionPeriod, OrgState, Setting, Subscription, Timestamp};
use service::knowledge::KnowledgeRefusal;
use service::model::{
    Account, Change, ChangeItem, Knowledge, KnowledgeChange, KnowledgeCounts, ListedPerson, NewChange, NewKnowledge,
    NewPeople, NewTerm, OrgRef, PeopleDifference, PeopleSource, Role, Snapshot, Space, StaffRole, Term,
};
use service::people::Person;
use service::ports::{
    Accounts, ChangeError, ChangeSettings, Decide, DecideKnowledge, Demo, DemoOrganisation, Installation,
    KeepKnowledge, Settings, StoreError, StoreResult,
};
use service::settings::Refusal;
use sqlx::migrate::{Migrate, MigrateError, Migrator};

use super::audit_log::append;
use super::{BEGIN_READ, BEGIN_WRITE, Connection, Kind, Pool};
use crate::{store_error, unreadable};

#[derive(Clone, Debug)]
pub(crate) struct Control {
    pub(super) read: Pool,
    pub(super) write: Pool,
    /// Every page asks, and a demo never becomes anything else.
    known_demo: Arc<AtomicBool>,
}

type OrgRow = (String, String, String);
pub(super) type AccountRow = (String, String, String, Option<String>, Option<String>);

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
        let row: Option<(String, String, String, Option<String>, Option<String>, String)> = sqlx::query_as(
            "SELECT id, email, name, staff_role, language, password_hash FROM accounts WHERE email = $1",
        )
        .bind(email)
        .fetch_optional(&self.read)
        .await
        .map_err(store_error)?;
        row.map(|(id, email, name, staff, language, hash)| Ok((account((id, email, name, staff, language))?, hash)))
            .transpose()
    }

    async fn account(&self, id: &str) -> StoreResult<Option<Account>> {
        let row: Option<AccountRow> =
            sqlx::query_as("SELECT id, email, name, staff_role, language FROM accounts WHERE id = $1")
                .bind(id)
                .fetch_optional(&self.read)
                .await
                .map_err(store_error)?;
        row.map(account).transpose()
    }

    async fn all_accounts(&self) -> StoreResult<Vec<Account>> {
        let rows: Vec<AccountRow> =
            sqlx::query_as("SELECT id, email, name, staff_role, language FROM accounts ORDER BY id")
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

    async fn snapshots(&self, org_ids: &[&str]) -> StoreResult<BTreeMap<String, Snapshot>> {
        let mut transaction = self.read.begin_with(BEGIN_READ).await.map_err(store_error)?;
        let snapshots = read_snapshots(&mut transaction, org_ids).await?;
        transaction.rollback().await.map_err(store_error)?;
        Ok(snapshots)
    }

    async fn last_changes(&self, org_ids: &[&str]) -> StoreResult<BTreeMap<String, (Timestamp, String)>> {
        let mut connection = self.read.acquire().await.map_err(store_error)?;
        let rows: Vec<(String, i64, String)> = of_each(
            &mut connection,
            org_ids,
            "SELECT c.org_id, c.changed_at, a.name FROM changes c JOIN accounts a ON a.id = c.account_id \
             JOIN organisations o ON o.id = c.org_id AND o.version = c.version WHERE c.org_id IN (",
            ")",
        )
        .await?;
        Ok(rows.into_iter().map(|(id, at, name)| (id, (Timestamp::from_micros(at), name))).collect())
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

/// Ids in one statement; a database takes some thousand values at once.
const IDS_AT_ONCE: usize = 1_000;

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

type TermRow = (String, String, bool, i64, String);
type PersonRow = (String, i64, String, String, String, String);

#[async_trait]
impl KeepKnowledge for Control {
    async fn knowledge_counts(&self, org_id: &str) -> StoreResult<KnowledgeCounts> {
        let mut transaction = self.read.begin_with(BEGIN_READ).await.map_err(store_error)?;
        let version = knowledge_version(&mut transaction, org_id).await?;
        let terms: Vec<(bool, i64)> =
            sqlx::query_as("SELECT removed, COUNT(*) FROM terms WHERE org_id = $1 GROUP BY removed")
                .bind(org_id)
                .fetch_all(&mut *transaction)
                .await
                .map_err(store_error)?;
        let sources: Vec<(String, i64, i64, String)> = sqlx::query_as(
            "SELECT s.source, s.people, s.imported_at, a.name FROM people_sources s \
             JOIN accounts a ON a.id = s.imported_by WHERE s.org_id = $1 ORDER BY s.source",
        )
        .bind(org_id)
        .fetch_all(&mut *transaction)
        .await
        .map_err(store_error)?;
        transaction.rollback().await.map_err(store_error)?;
        let count =
            |of: bool| terms.iter().find(|(removed, _)| *removed == of).map_or(0, |(_, count)| count_of(*count));
        Ok(KnowledgeCounts {
            version,
            removed_terms: count(true),
            kept_terms: count(false),
            sources: sources
                .into_iter()
                .map(|(source, people, at, imported_by)| PeopleSource {
                    source,
                    people: count_of(people),
                    imported_at: Timestamp::from_micros(at),
                    imported_by,
                })
                .collect(),
        })
    }

    async fn knowledge(&self, org_id: &str) -> StoreResult<Knowledge> {
        let mut transaction = self.read.begin_with(BEGIN_READ).await.map_err(store_error)?;
        let version = knowledge_version(&mut transaction, org_id).await?;
        let terms = read_terms(&mut transaction, org_id).await?;
        let people: Vec<PersonRow> = sqlx::query_as(
            "SELECT source, place, names, handles, account_ids, emails FROM people \
             WHERE org_id = $1 ORDER BY source, place",
        )
        .bind(org_id)
        .fetch_all(&mut *transaction)
        .await
        .map_err(store_error)?;
        transaction.rollback().await.map_err(store_error)?;
        Ok(Knowledge { version, terms, people: people.into_iter().map(|row| listed(row).person).collect() })
    }

    async fn terms(&self, org_id: &str) -> StoreResult<Vec<Term>> {
        let mut connection = self.read.acquire().await.map_err(store_error)?;
        read_terms(&mut connection, org_id).await
    }

    async fn people(
        &self,
        org_id: &str,
        search: &str,
        after: Option<(&str, i64)>,
        limit: u32,
    ) -> StoreResult<Vec<ListedPerson>> {
        let (source, place) = after.unwrap_or(("", 0));
        // What was typed is looked for as it is: no sign in it stands for others.
        let pattern = format!("%{}%", search.replace('!', "!!").replace('%', "!%").replace('_', "!_"));
        let rows: Vec<PersonRow> = sqlx::query_as(
            "SELECT source, place, names, handles, account_ids, emails FROM people \
             WHERE org_id = $1 AND (source > $2 OR source = $2 AND place > $3) AND folded LIKE $4 ESCAPE '!' \
             ORDER BY source, place LIMIT $5",
        )
        .bind(org_id)
        .bind(source)
        .bind(place)
        .bind(pattern)
        .bind(i64::from(limit))
        .fetch_all(&self.read)
        .await
        .map_err(store_error)?;
        Ok(rows.into_iter().map(listed).collect())
    }

    async fn knowledge_changes(&self, org_id: &str, limit: u32) -> StoreResult<Vec<KnowledgeChange>> {
        let mut transaction = self.read.begin_with(BEGIN_READ).await.map_err(store_error)?;
        let rows: Vec<(i64, String, i64, i64, i64, i64)> = sqlx::query_as(
            "SELECT c.version, a.name, c.changed_at, c.people_added, c.people_changed, c.people_removed \
             FROM knowledge_changes c JOIN accounts a ON a.id = c.account_id \
             WHERE c.org_id = $1 ORDER BY c.version DESC LIMIT $2",
        )
        .bind(org_id)
        .bind(i64::from(limit))
        .fetch_all(&mut *transaction)
        .await
        .map_err(store_error)?;
        let from = rows.last().map_or(i64::MAX, |row| row.0);
        let terms: Vec<(i64, String, String, Option<bool>, Option<bool>)> = sqlx::query_as(
            "SELECT version, folded, term, old_removed, new_removed FROM knowledge_change_terms \
             WHERE org_id = $1 AND version >= $2 ORDER BY version, folded",
        )
        .bind(org_id)
        .bind(from)
        .fetch_all(&mut *transaction)
        .await
        .map_err(store_error)?;
        transaction.rollback().await.map_err(store_error)?;
        let mut by_version: BTreeMap<i64, Vec<NewTerm>> = BTreeMap::new();
        for (version, folded, term, old, new) in terms {
            by_version.entry(version).or_default().push(NewTerm { term, folded, old, new });
        }
        Ok(rows
            .into_iter()
            .map(|(version, account_name, at, added, changed, removed)| KnowledgeChange {
                version,
                account_name,
                at: Timestamp::from_micros(at),
                terms: by_version.remove(&version).unwrap_or_default(),
                people: PeopleDifference {
                    added: count_of(added),
                    changed: count_of(changed),
                    removed: count_of(removed),
                },
            })
            .collect())
    }

    async fn change_knowledge(
        &self,
        org_id: &str,
        decide: DecideKnowledge<'_>,
    ) -> Result<Option<i64>, ChangeError<KnowledgeRefusal>> {
        let mut transaction = self.write.begin_with(BEGIN_WRITE).await.map_err(store_error)?;
        // Taking the next version first makes every other change of this organisation wait for this one.
        let version: Option<(i64,)> = sqlx::query_as(
            "UPDATE organisations SET knowledge_version = knowledge_version + 1 WHERE id = $1 \
             RETURNING knowledge_version",
        )
        .bind(org_id)
        .fetch_optional(&mut *transaction)
        .await
        .map_err(store_error)?;
        let Some((version,)) = version else {
            return Err(ChangeError::Store(unreadable("change of an unknown organisation", org_id)));
        };
        let terms = read_terms(&mut transaction, org_id).await?;
        match decide(version - 1, &terms) {
            Ok(Some(new)) => {
                write_knowledge(&mut transaction, org_id, version, &new).await?;
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

    async fn extend_demo(&self, region: &str, organisations: &[DemoOrganisation]) -> StoreResult<()> {
        let mut transaction = self.write.begin_with(BEGIN_WRITE).await.map_err(store_error)?;
        // Fails where there is no row: nobody real is ever joined by somebody made up.
        let (_,): (String,) = sqlx::query_as("SELECT value FROM installation WHERE name = 'demo' AND value = 'yes'")
            .fetch_one(&mut *transaction)
            .await
            .map_err(store_error)?;
        for organisation in organisations {
            write_demo_organisation(&mut transaction, region, organisation).await.map_err(store_error)?;
        }
        transaction.commit().await.map_err(store_error)
    }
}

pub(super) fn account((id, email, name, staff, language): AccountRow) -> StoreResult<Account> {
    let staff = match staff {
        Some(role) => Some(StaffRole::parse(&role).ok_or_else(|| unreadable("staff role", &role))?),
        None => None,
    };
    let language = match language {
        Some(id) => Some(Language::parse(&id).ok_or_else(|| unreadable("language", &id))?),
        None => None,
    };
    Ok(Account { id, email, name, staff, language })
}

fn org((id, slug, name): OrgRow) -> OrgRef {
    OrgRef { id, slug, name }
}

fn chosen(on: Option<bool>, at: Option<i64>) -> Option<Chosen> {
    Some(Chosen { on: on?, at: Timestamp::from_micros(at?) })
}

/// A count as the database has it.
pub(super) async fn add_member(
    connection: &mut Connection,
    account_id: &str,
    org_id: &str,
    role: Role,
) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO memberships (account_id, org_id, role) VALUES ($1, $2, $3)")
        .bind(account_id)
        .bind(org_id)
        .bind(role.id())
        .execute(connection)
        .await?;
    Ok(())
}

pub(super) async fn add_subscription(
    connection: &mut Connection,
    org_id: &str,
    subscription: &Subscription,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO subscriptions (org_id, app, plan, trial, starts_at, ends_at) VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(org_id)
    .bind(&subscription.app)
    .bind(&subscription.plan)
    .bind(subscription.trial)
    .bind(subscription.from.micros())
    .bind(subscription.until.map(Timestamp::micros))
    .execute(connection)
    .await?;
    Ok(())
}

/// Makes every other transaction that asks for this wait, or changes the organisation's settings, until this one ends.
pub(super) async fn lock_organisation(connection: &mut Connection, org_id: &str) -> StoreResult<()> {
    sqlx::query("UPDATE organisations SET name = name WHERE id = $1")
        .bind(org_id)
        .execute(connection)
        .await
        .map_err(store_error)?;
    Ok(())
}

pub(super) fn count_of(count: i64) -> u64 {
    u64::try_from(count).unwrap_or_default()
}

fn in_database(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn listed((source, place, names, handles, account_ids, emails): PersonRow) -> ListedPerson {
    let list = |text: String| text.lines().map(str::to_owned).collect();
    let person =
        Person { names: list(names), handles: list(handles), account_ids: list(account_ids), emails: list(emails) };
    ListedPerson { source, place, person }
}

async fn knowledge_version(connection: &mut Connection, org_id: &str) -> Result<i64, StoreError> {
    let row: Option<(i64,)> = sqlx::query_as("SELECT knowledge_version FROM organisations WHERE id = $1")
        .bind(org_id)
        .fetch_optional(connection)
        .await
        .map_err(store_error)?;
    Ok(row.map_or(0, |(version,)| version))
}

async fn read_terms(connection: &mut Connection, org_id: &str) -> Result<Vec<Term>, StoreError> {
    let rows: Vec<TermRow> = sqlx::query_as(
        "SELECT t.term, t.folded, t.removed, t.added_at, a.name FROM terms t JOIN accounts a ON a.id = t.added_by \
         WHERE t.org_id = $1",
    )
    .bind(org_id)
    .fetch_all(connection)
    .await
    .map_err(store_error)?;
    let mut terms: Vec<Term> = rows
        .into_iter()
        .map(|(term, folded, removed, at, added_by)| Term {
            term,
            folded,
            removed,
            added_at: Timestamp::from_micros(at),
            added_by,
        })
        .collect();
    // Sorted here and not by the database, as spaces are.
    terms.sort_by(|a, b| a.folded.cmp(&b.folded));
    Ok(terms)
}

/// People written with one statement; a database takes some thousand values at once.
const PEOPLE_AT_ONCE: usize = 1_000;

/// Writes a change of terms or people and its line of the history.
async fn write_knowledge(
    connection: &mut Connection,
    org_id: &str,
    version: i64,
    new: &NewKnowledge,
) -> Result<(), StoreError> {
    let difference = new.people.as_ref().map(|people| people.difference).unwrap_or_default();
    sqlx::query(
        "INSERT INTO knowledge_changes \
         (org_id, version, account_id, changed_at, people_added, people_changed, people_removed) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(org_id)
    .bind(version)
    .bind(&new.by.account.id)
    .bind(new.at.micros())
    .bind(in_database(difference.added))
    .bind(in_database(difference.changed))
    .bind(in_database(difference.removed))
    .execute(&mut *connection)
    .await
    .map_err(store_error)?;
    for item in &new.terms {
        sqlx::query(
            "INSERT INTO knowledge_change_terms (org_id, version, folded, term, old_removed, new_removed) \
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(org_id)
        .bind(version)
        .bind(&item.folded)
        .bind(&item.term)
        .bind(item.old)
        .bind(item.new)
        .execute(&mut *connection)
        .await
        .map_err(store_error)?;
        write_term(connection, org_id, new, item).await?;
    }
    if let Some(people) = &new.people {
        write_people(connection, org_id, new, people).await?;
    }
    append(connection, org_id, &new.entry()).await
}

async fn write_term(
    connection: &mut Connection,
    org_id: &str,
    new: &NewKnowledge,
    item: &NewTerm,
) -> Result<(), StoreError> {
    let Some(removed) = item.new else {
        sqlx::query("DELETE FROM terms WHERE org_id = $1 AND folded = $2")
            .bind(org_id)
            .bind(&item.folded)
            .execute(connection)
            .await
            .map_err(store_error)?;
        return Ok(());
    };
    sqlx::query(
        "INSERT INTO terms (org_id, folded, term, removed, added_at, added_by) VALUES ($1, $2, $3, $4, $5, $6) \
         ON CONFLICT (org_id, folded) DO UPDATE SET term = excluded.term, removed = excluded.removed, \
         added_at = excluded.added_at, added_by = excluded.added_by",
    )
    .bind(org_id)
    .bind(&item.folded)
    .bind(&item.term)
    .bind(removed)
    .bind(new.at.micros())
    .bind(&new.by.account.id)
    .execute(connection)
    .await
    .map_err(store_error)?;
    Ok(())
}

async fn write_people(
    connection: &mut Connection,
    org_id: &str,
    new: &NewKnowledge,
    people: &NewPeople,
) -> Result<(), StoreError> {
    for table in ["DELETE FROM people", "DELETE FROM people_sources"] {
        sqlx::query(sqlx::AssertSqlSafe(format!("{table} WHERE org_id = $1 AND source = $2")))
            .bind(org_id)
            .bind(&people.source)
            .execute(&mut *connection)
            .await
            .map_err(store_error)?;
    }
    if people.people.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "INSERT INTO people_sources (org_id, source, people, imported_at, imported_by) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(org_id)
    .bind(&people.source)
    .bind(in_database(people.people.len() as u64))
    .bind(new.at.micros())
    .bind(&new.by.account.id)
    .execute(&mut *connection)
    .await
    .map_err(store_error)?;
    let mut places = 1_i64..;
    for some in people.people.chunks(PEOPLE_AT_ONCE) {
        let mut insert: sqlx::QueryBuilder<Kind> = sqlx::QueryBuilder::new(
            "INSERT INTO people (org_id, source, place, names, handles, account_ids, emails, folded) ",
        );
        insert.push_values(some.iter().zip(places.by_ref()), |mut row, ((person, folded), place)| {
            row.push_bind(org_id).push_bind(&people.source).push_bind(place);
            for list in [&person.names, &person.handles, &person.account_ids, &person.emails] {
                row.push_bind(list.join("\n"));
            }
            row.push_bind(folded);
        });
        insert.build().execute(&mut *connection).await.map_err(store_error)?;
    }
    Ok(())
}

/// Everything about an organisation, read on one connection.
async fn read_snapshot(connection: &mut Connection, org_id: &str) -> Result<Option<Snapshot>, StoreError> {
    Ok(read_snapshots(connection, &[org_id]).await?.remove(org_id))
}

/// The rows of some organisations. The statement ends where their ids follow; `rest` begins with the bracket after them.
async fn of_each<Row>(
    connection: &mut Connection,
    org_ids: &[&str],
    statement: &'static str,
    rest: &'static str,
) -> Result<Vec<Row>, StoreError>
where
    Row: for<'row> sqlx::FromRow<'row, <Kind as sqlx::Database>::Row> + Send + Unpin,
{
    let mut rows = Vec::new();
    for some in org_ids.chunks(IDS_AT_ONCE) {
        let mut select: sqlx::QueryBuilder<Kind> = sqlx::QueryBuilder::new(statement);
        let mut ids = select.separated(", ");
        for id in some {
            ids.push_bind(*id);
        }
        select.push(rest);
        rows.extend(select.build_query_as().fetch_all(&mut *connection).await.map_err(store_error)?);
    }
    Ok(rows)
}

/// Everything about some organisations, by id: as many statements for many as for one.
async fn read_snapshots(
    connection: &mut Connection,
    org_ids: &[&str],
) -> Result<BTreeMap<String, Snapshot>, StoreError> {
    let orgs: Vec<(String, String, String, i64, i64)> = of_each(
        connection,
        org_ids,
        "SELECT id, slug, name, created_at, version FROM organisations WHERE id IN (",
        ")",
    )
    .await?;
    let subscriptions: Vec<(String, String, String, bool, i64, Option<i64>)> = of_each(
        connection,
        org_ids,
        "SELECT org_id, app, plan, trial, starts_at, ends_at FROM subscriptions WHERE org_id IN (",
        ") ORDER BY starts_at, app",
    )
    .await?;
    let exemptions: Vec<(String, String, i64, Option<i64>)> = of_each(
        connection,
        org_ids,
        "SELECT org_id, exemption, starts_at, ends_at FROM exemptions WHERE org_id IN (",
        ") ORDER BY starts_at",
    )
    .await?;
    let connectors: Vec<(String, String, String, String, i64)> = of_each(
        connection,
        org_ids,
        "SELECT org_id, id, name, kind, added_at FROM connectors WHERE org_id IN (",
        ") ORDER BY id",
    )
    .await?;
    let spaces: Vec<(String, String, String, String)> =
        of_each(connection, org_ids, "SELECT org_id, app, key, name FROM spaces WHERE org_id IN (", ")").await?;
    let settings: Vec<(String, String, Option<bool>, i64, i64)> = of_each(
        connection,
        org_ids,
        "SELECT org_id, setting, is_on, chosen_at, version FROM settings WHERE org_id IN (",
        ")",
    )
    .await?;

    let mut snapshots: BTreeMap<String, Snapshot> = orgs.into_iter().map(empty_snapshot).collect();
    for (org_id, app, plan, trial, from, until) in subscriptions {
        let Some(snapshot) = snapshots.get_mut(&org_id) else { continue };
        let (from, until) = (Timestamp::from_micros(from), until.map(Timestamp::from_micros));
        snapshot.state.subscriptions.push(Subscription { app, plan, trial, from, until });
    }
    for (org_id, exemption, from, until) in exemptions {
        let Some(snapshot) = snapshots.get_mut(&org_id) else { continue };
        let (from, until) = (Timestamp::from_micros(from), until.map(Timestamp::from_micros));
        snapshot.state.exemptions.push(ExemptionPeriod { exemption, from, until });
    }
    for (org_id, id, name, kind, added) in connectors {
        let Some(snapshot) = snapshots.get_mut(&org_id) else { continue };
        snapshot.connector_names.insert(id.clone(), name);
        snapshot.state.connectors.insert(id, Connector { kind, added: Timestamp::from_micros(added) });
    }
    for (org_id, app, key, name) in spaces {
        let Some(snapshot) = snapshots.get_mut(&org_id) else { continue };
        snapshot.spaces.push(Space { app, key, name });
    }
    for (org_id, text, on, at, version) in settings {
        let Some(snapshot) = snapshots.get_mut(&org_id) else { continue };
        let setting: Setting = text.parse().map_err(|_| unreadable("setting", &text))?;
        if let Some(chosen) = chosen(on, Some(at)) {
            snapshot.state.settings.insert(setting.clone(), chosen);
        }
        snapshot.changed_at.insert(setting, version);
    }
    for snapshot in snapshots.values_mut() {
        // Sorted here and not by the database, whose collation the lookups do not share.
        snapshot.spaces.sort_by(|a, b| (&a.app, &a.key).cmp(&(&b.app, &b.key)));
    }
    Ok(snapshots)
}

/// An organisation before what it has is read, by its id.
fn empty_snapshot((id, slug, name, created, version): (String, String, String, i64, i64)) -> (String, Snapshot) {
    let state = OrgState {
        created: Timestamp::from_micros(created),
        subscriptions: Vec::new(),
        exemptions: Vec::new(),
        connectors: BTreeMap::new(),
        settings: BTreeMap::new(),
    };
    let org = OrgRef { id: id.clone(), slug, name };
    let snapshot = Snapshot {
        org,
        version,
        state,
        changed_at: BTreeMap::new(),
        spaces: Vec::new(),
        connector_names: BTreeMap::new(),
    };
    (id, snapshot)
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
    .bind(&change.by.account.id)
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
    append(connection, org_id, &change.entry()).await
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
        write_demo_organisation(connection, FIRST_REGION, organisation).await?;
    }
    Ok(())
}

/// Where organisations are unless something else is said, as the migration has it.
const FIRST_REGION: &str = "eu";

async fn write_demo_organisation(
    connection: &mut Connection,
    region: &str,
    organisation: &DemoOrganisation,
) -> Result<(), sqlx::Error> {
    let org = &organisation.org;
    let state = &organisation.state;
    let version = i64::try_from(organisation.changes.len()).unwrap_or(i64::MAX);
    sqlx::query(
        "INSERT INTO organisations (id, slug, name, created_at, version, knowledge_version, region) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(&org.id)
    .bind(&org.slug)
    .bind(&org.name)
    .bind(state.created.micros())
    .bind(version)
    .bind(in_database(organisation.knowledge.len() as u64))
    .bind(region)
    .execute(&mut *connection)
    .await?;
    for (account_id, role) in &organisation.people {
        add_member(connection, account_id, &org.id, *role).await?;
    }
    for subscription in &state.subscriptions {
        add_subscription(connection, &org.id, subscription).await?;
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
    // In the order of their times, as the audit log has them.
    let failed = |StoreError(source)| sqlx::Error::AnyDriverError(source);
    let mut knowledge = (1..).zip(&organisation.knowledge).peekable();
    for (version, change) in (1..).zip(&organisation.changes) {
        while let Some((version, new)) = knowledge.next_if(|(_, new)| new.at <= change.at) {
            write_knowledge(connection, &org.id, version, new).await.map_err(failed)?;
        }
        write_change(connection, &org.id, version, change).await.map_err(failed)?;
    }
    for (version, new) in knowledge {
        write_knowledge(connection, &org.id, version, new).await.map_err(failed)?;
    }
    Ok(())
}
