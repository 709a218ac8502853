//! The audit log's statements. Compiled twice, like `control.rs`. There is one that writes an entry, [`append`], and none
//! that changes one.

use std::collections::BTreeMap;

use async_trait::async_trait;
use audit::{Draft, Head, Outcome, Sealed};
use policy::Timestamp;
use service::ports::{AuditFilter, AuditLog, DecideDenied, KnownActor, StoreError, StoreResult};

use super::control::Control;
use super::{BEGIN_WRITE, Connection, Kind, by_index};
use crate::store_error;

type EntryRow = (i64, String, String);

/// Locks a log until the transaction ends, whether it is new or not. Its last entry's number, hash and time.
async fn lock(connection: &mut Connection, scope: &str) -> StoreResult<(i64, String, i64)> {
    sqlx::query_as(
        "INSERT INTO audit_heads (scope, sequence, hash, at) VALUES ($1, 0, $2, $3) \
         ON CONFLICT (scope) DO UPDATE SET scope = excluded.scope RETURNING sequence, hash, at",
    )
    .bind(scope)
    .bind(audit::START)
    .bind(i64::MIN)
    .fetch_one(connection)
    .await
    .map_err(store_error)
}

/// Puts an entry at the end of a log, on the connection whose transaction makes the change that it tells of.
pub(crate) async fn append(connection: &mut Connection, scope: &str, draft: &Draft) -> Result<(), StoreError> {
    let (sequence, hash, at) = lock(connection, scope).await?;
    let draft = Draft { at: draft.at.max(at), ..draft.clone() };
    let sealed = draft.seal(scope, &Head { sequence, hash }).map_err(|error| StoreError(Box::new(error)))?;
    sqlx::query("INSERT INTO audit_entries (scope, sequence, body, hash) VALUES ($1, $2, $3, $4)")
        .bind(scope)
        .bind(sealed.sequence)
        .bind(&sealed.body)
        .bind(&sealed.hash)
        .execute(&mut *connection)
        .await
        .map_err(store_error)?;
    sqlx::query("UPDATE audit_heads SET sequence = $2, hash = $3, at = $4 WHERE scope = $1")
        .bind(scope)
        .bind(sealed.sequence)
        .bind(&sealed.hash)
        .bind(draft.at)
        .execute(&mut *connection)
        .await
        .map_err(store_error)?;
    let mut resources = vec![draft.resource.kind.clone()];
    if !draft.resource.id.is_empty() {
        resources.push(named(&draft));
    }
    if draft.resource.kind == "settings" {
        resources.extend(draft.changes.iter().map(|change| change.what.clone()));
    }
    for some in resources.chunks(1_000) {
        let mut insert: sqlx::QueryBuilder<Kind> =
            sqlx::QueryBuilder::new("INSERT INTO audit_resources (scope, resource, sequence) ");
        insert.push_values(some, |mut row, resource| {
            row.push_bind(scope).push_bind(resource).push_bind(sealed.sequence);
        });
        insert.push(" ON CONFLICT DO NOTHING");
        insert.build().execute(&mut *connection).await.map_err(store_error)?;
    }
    Ok(())
}

/// What an entry is about, as the search knows it.
fn named(draft: &Draft) -> String {
    format!("{}:{}", draft.resource.kind, draft.resource.id)
}

#[async_trait]
impl AuditLog for Control {
    async fn append(&self, entries: &[(String, Draft)]) -> StoreResult<()> {
        let mut transaction = self.write.begin_with(BEGIN_WRITE).await.map_err(store_error)?;
        // In one order everywhere, so that two of these never wait for each other.
        let mut entries: Vec<&(String, Draft)> = entries.iter().collect();
        entries.sort_by(|a, b| a.0.cmp(&b.0));
        for (scope, draft) in entries {
            append(&mut transaction, scope, draft).await?;
        }
        transaction.commit().await.map_err(store_error)
    }

    async fn append_once(&self, scope: &str, entry: &Draft) -> StoreResult<bool> {
        let mut transaction = self.write.begin_with(BEGIN_WRITE).await.map_err(store_error)?;
        // The log is locked before it is searched, so of two at once the second finds what the first wrote.
        lock(&mut transaction, scope).await?;
        let (before,): (i64,) = sqlx::query_as(
            "SELECT COUNT(*) FROM audit_resources r CROSS JOIN audit_entries e WHERE r.scope = $1 AND r.resource = $2 \
             AND e.scope = r.scope AND e.sequence = r.sequence AND e.action = $3",
        )
        .bind(scope)
        .bind(named(entry))
        .bind(entry.action.id())
        .fetch_one(&mut *transaction)
        .await
        .map_err(store_error)?;
        if before > 0 {
            transaction.rollback().await.map_err(store_error)?;
            return Ok(false);
        }
        append(&mut transaction, scope, entry).await?;
        transaction.commit().await.map_err(store_error)?;
        Ok(true)
    }

    async fn append_denied(
        &self,
        scope: &str,
        actor: &str,
        since: Timestamp,
        decide: DecideDenied<'_>,
    ) -> StoreResult<bool> {
        let mut transaction = self.write.begin_with(BEGIN_WRITE).await.map_err(store_error)?;
        // The log is locked before anything is counted, so many attempts at once are counted as well.
        lock(&mut transaction, scope).await?;
        let (before,): (i64,) = sqlx::query_as(
            "SELECT COUNT(*) FROM audit_entries WHERE scope = $1 AND actor = $2 AND outcome = 'denied' AND sequence >= \
                 (SELECT sequence FROM audit_entries WHERE scope = $1 AND at >= $3 ORDER BY at, sequence LIMIT 1)",
        )
        .bind(scope)
        .bind(actor)
        .bind(since.micros())
        .fetch_one(&mut *transaction)
        .await
        .map_err(store_error)?;
        let Some(entry) = decide(before) else { return Ok(false) };
        append(&mut transaction, scope, &entry).await?;
        transaction.commit().await.map_err(store_error)?;
        Ok(true)
    }

    async fn audit_head(&self, scope: &str) -> StoreResult<Head> {
        let row: Option<(i64, String)> = sqlx::query_as("SELECT sequence, hash FROM audit_heads WHERE scope = $1")
            .bind(scope)
            .fetch_optional(&self.read)
            .await
            .map_err(store_error)?;
        Ok(row.map_or_else(Head::start, |(sequence, hash)| Head { sequence, hash }))
    }

    async fn audit_heads(&self) -> StoreResult<Vec<(String, Head)>> {
        let rows: Vec<(String, i64, String)> =
            sqlx::query_as("SELECT scope, sequence, hash FROM audit_heads ORDER BY scope")
                .fetch_all(&self.read)
                .await
                .map_err(store_error)?;
        Ok(rows.into_iter().map(|(scope, sequence, hash)| (scope, Head { sequence, hash })).collect())
    }

    async fn audit_lines(&self, scope: &str, after: i64, limit: u32) -> StoreResult<String> {
        // One row of many lines: a row for each entry costs more than its hash.
        let (lines,): (Option<String>,) = sqlx::query_as(
            "SELECT string_agg('{\"entry\":' || body || ',\"hash\":\"' || hash || '\"}', $4 ORDER BY sequence) FROM (\
                 SELECT sequence, body, hash FROM audit_entries WHERE scope = $1 AND sequence > $2 \
                 ORDER BY sequence LIMIT $3) AS page",
        )
        .bind(scope)
        .bind(after)
        .bind(i64::from(limit))
        .bind("\n")
        .fetch_one(&self.read)
        .await
        .map_err(store_error)?;
        Ok(lines.map(|lines| lines + "\n").unwrap_or_default())
    }

    async fn audit_search(
        &self,
        scope: &str,
        filter: &AuditFilter,
        below: i64,
        limit: u32,
    ) -> StoreResult<Vec<Sealed>> {
        let Some((first, last)) = self.span(scope, filter, below).await? else { return Ok(Vec::new()) };
        let mut query = Search { filter, scope, first, last, limit }.statement();
        let rows: Vec<EntryRow> = query.build_query_as().fetch_all(&self.read).await.map_err(store_error)?;
        Ok(rows.into_iter().map(|(sequence, body, hash)| Sealed { sequence, body, hash }).collect())
    }

    async fn audit_actors(&self, scope: &str) -> StoreResult<Vec<KnownActor>> {
        // From one actor to the next in the index: as many steps as there are actors, however long the log is.
        let rows: Vec<(String, String, Option<String>)> = sqlx::query_as(
            "WITH RECURSIVE acted(id) AS (\
                 SELECT MIN(actor) FROM audit_entries WHERE scope = $1 UNION ALL \
                 SELECT (SELECT MIN(e.actor) FROM audit_entries e WHERE e.scope = $1 AND e.actor > acted.id) \
                 FROM acted WHERE acted.id IS NOT NULL) \
             SELECT known.id, known.name, known.email FROM acted JOIN \
                 (SELECT id, name, email FROM accounts UNION ALL SELECT id, name, NULL AS email FROM api_keys) AS known \
                 ON known.id = acted.id",
        )
        .bind(scope)
        .fetch_all(&self.read)
        .await
        .map_err(store_error)?;
        Ok(rows.into_iter().map(|(id, name, email)| KnownActor { id, name, email }).collect())
    }

    async fn actor_names(&self, ids: &[String]) -> StoreResult<BTreeMap<String, String>> {
        if ids.is_empty() {
            return Ok(BTreeMap::new());
        }
        let mut query: sqlx::QueryBuilder<Kind> = sqlx::QueryBuilder::new(
            "SELECT id, name FROM (SELECT id, name FROM accounts UNION ALL SELECT id, name FROM api_keys) AS actors \
             WHERE id IN (",
        );
        let mut list = query.separated(", ");
        for id in ids {
            list.push_bind(id);
        }
        query.push(")");
        let rows: Vec<(String, String)> = query.build_query_as().fetch_all(&self.read).await.map_err(store_error)?;
        Ok(rows.into_iter().collect())
    }
}

impl Control {
    /// The numbers between which a search looks; none if nothing can fit. The time in a log never goes back.
    async fn span(&self, scope: &str, filter: &AuditFilter, below: i64) -> StoreResult<Option<(i64, i64)>> {
        let mut span = (1, below.saturating_sub(1));
        if let Some(from) = filter.from {
            let row: Option<(i64,)> = sqlx::query_as(
                "SELECT sequence FROM audit_entries WHERE scope = $1 AND at >= $2 ORDER BY at, sequence LIMIT 1",
            )
            .bind(scope)
            .bind(from.micros())
            .fetch_optional(&self.read)
            .await
            .map_err(store_error)?;
            let Some((first,)) = row else { return Ok(None) };
            span.0 = first;
        }
        if let Some(until) = filter.until {
            let row: Option<(i64,)> = sqlx::query_as(
                "SELECT sequence FROM audit_entries WHERE scope = $1 AND at < $2 \
                 ORDER BY at DESC, sequence DESC LIMIT 1",
            )
            .bind(scope)
            .bind(until.micros())
            .fetch_optional(&self.read)
            .await
            .map_err(store_error)?;
            let Some((last,)) = row else { return Ok(None) };
            span.1 = span.1.min(last);
        }
        Ok((span.0 <= span.1).then_some(span))
    }
}

/// Columns with a value each, of which one has to fit. Not empty.
type Condition = Vec<(&'static str, String)>;

struct Search<'a> {
    filter: &'a AuditFilter,
    scope: &'a str,
    first: i64,
    last: i64,
    limit: u32,
}

impl Search<'_> {
    /// Each value of the narrowest condition is looked up in an index of its own that holds what the other conditions ask,
    /// newest first; so no search reads more than an index, and the usual one reads a page.
    fn statement(&self) -> sqlx::QueryBuilder<Kind> {
        let filter = self.filter;
        let one_of = |column: &'static str, ids: Vec<&str>| -> Condition {
            ids.into_iter().map(|id| (column, id.to_owned())).collect()
        };
        let mut who = one_of("actor", filter.actors.iter().map(String::as_str).collect());
        who.extend(one_of("actor_kind", filter.kinds.iter().map(|kind| kind.id()).collect()));
        let action = one_of("action", filter.actions.iter().map(|action| action.id()).collect());
        let outcome = one_of("outcome", filter.outcome.iter().map(|outcome| outcome.id()).collect());
        // Nearly everything in a log was done; what was denied or failed is rare.
        let is_rare = filter.outcome.is_some_and(|outcome| outcome != Outcome::Done);
        let conditions = if is_rare { [outcome, who, action] } else { [who, action, outcome] };
        let asked: Vec<Condition> = conditions.into_iter().filter(|condition| !condition.is_empty()).collect();
        // One thing has few entries; everything of one kind has many.
        let names_one = |resource: &&String| asked.is_empty() || resource.contains(':') && !is_rare;

        let mut query: sqlx::QueryBuilder<Kind> = sqlx::QueryBuilder::new("SELECT e.sequence, e.body, e.hash FROM (");
        if let Some(resource) = filter.resource.as_ref().filter(names_one) {
            query.push("SELECT * FROM (SELECT r.sequence FROM audit_resources r WHERE r.scope = ");
            query.push_bind(self.scope).push(" AND r.resource = ").push_bind(resource.clone());
            self.push_span(&mut query, "r.sequence");
            if !asked.is_empty() {
                // The sum keeps SQLite from taking the span of numbers for one of these entries too, and walking all of it.
                query.push(
                    " AND EXISTS (SELECT 1 FROM audit_entries x WHERE x.scope = r.scope AND x.sequence = r.sequence + 0",
                );
                for condition in &asked {
                    push_any(&mut query, condition);
                }
                query.push(")");
            }
            self.push_end(&mut query, "r.sequence");
        } else if let Some((lead, rest)) = asked.split_first() {
            for (at, (column, value)) in lead.iter().enumerate() {
                // An entry may be found by its actor and by the actor's kind: once is enough.
                query.push(if at == 0 { "" } else { " UNION " });
                query.push("SELECT * FROM (SELECT x.sequence FROM audit_entries x");
                query.push(by_index(&format!("audit_by_{column}"))).push(" WHERE x.scope = ");
                query.push_bind(self.scope).push(format!(" AND x.{column} = ")).push_bind(value.clone());
                self.push_span(&mut query, "x.sequence");
                for condition in rest {
                    push_any(&mut query, condition);
                }
                if let Some(resource) = &filter.resource {
                    query.push(" AND EXISTS (SELECT 1 FROM audit_resources r WHERE r.scope = ").push_bind(self.scope);
                    query.push(" AND r.resource = ").push_bind(resource.clone());
                    query.push(" AND r.sequence = x.sequence)");
                }
                self.push_end(&mut query, "x.sequence");
            }
        } else {
            query.push("SELECT * FROM (SELECT x.sequence FROM audit_entries x WHERE x.scope = ").push_bind(self.scope);
            self.push_span(&mut query, "x.sequence");
            self.push_end(&mut query, "x.sequence");
        }
        // What was found comes first: by itself SQLite would walk the whole log for the sake of the order, and join the few.
        query.push(") AS found CROSS JOIN audit_entries e WHERE e.sequence = found.sequence AND e.scope = ");
        query.push_bind(self.scope);
        query.push(" ORDER BY found.sequence DESC LIMIT ").push_bind(i64::from(self.limit));
        query
    }

    fn push_span(&self, query: &mut sqlx::QueryBuilder<Kind>, column: &str) {
        query.push(format!(" AND {column} >= ")).push_bind(self.first);
        query.push(format!(" AND {column} <= ")).push_bind(self.last);
    }

    fn push_end(&self, query: &mut sqlx::QueryBuilder<Kind>, column: &str) {
        query.push(format!(" ORDER BY {column} DESC LIMIT ")).push_bind(i64::from(self.limit)).push(") AS part");
    }
}

fn push_any(query: &mut sqlx::QueryBuilder<Kind>, condition: &Condition) {
    for (at, (column, value)) in condition.iter().enumerate() {
        query.push(if at == 0 { " AND (" } else { " OR " });
        query.push(format!("x.{column} = ")).push_bind(value.clone());
    }
    query.push(")");
}
