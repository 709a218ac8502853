//! How the writes of a batch are stored: in few statements, because each of them waits for the database. Compiled twice, like
//! `control.rs`.

use std::collections::{BTreeMap, BTreeSet};

use service::data_plane::{Effect, Group, NewBatch, NewRecord, Write};
use service::ports::StoreResult;
use sqlx::QueryBuilder;

use super::ledger::Sums;
use super::{Connection, Kind, heard};
use crate::{parsed, store_error};

/// Each record has nine values; a database takes some ten thousand in a statement.
const RECORDS_AT_ONCE: usize = 1_000;
const ITEMS_AT_ONCE: usize = 1_000;

/// What is looked at of a record that stands.
#[derive(Debug, sqlx::FromRow)]
struct Known {
    item: String,
    part: String,
    kind: String,
    app: String,
    space: String,
    author: String,
    generation: i64,
    digest: String,
    version: i64,
    epoch: i64,
}

impl Known {
    fn within(&self) -> Within<'_> {
        (&self.part, &self.kind)
    }

    fn space(&self) -> Space<'_> {
        (&self.app, &self.space)
    }

    fn group(&self) -> StoreResult<Group> {
        Ok(Group { app: self.app.clone(), space: self.space.clone(), kind: parsed("kind", &self.kind)? })
    }

    fn is_where(&self, new: &NewRecord) -> bool {
        self.space() == space_of(new)
    }

    fn is_same(&self, new: &NewRecord) -> bool {
        self.is_where(new)
            && (&self.author, &self.digest, self.generation) == (&new.author, &new.digest, new.generation)
    }
}

/// The part and the kind of a record.
type Within<'a> = (&'a str, &'a str);

/// The app and the space of a record.
type Space<'a> = (&'a str, &'a str);

fn space_of(new: &NewRecord) -> Space<'_> {
    (&new.app, &new.space)
}

/// By item, and within it: so that what an item has is found at once.
type ByPlace<'a, T> = BTreeMap<&'a str, BTreeMap<Within<'a>, T>>;

/// A batch that is being stored, in a transaction that holds the organisation's lock.
#[derive(Debug)]
pub(super) struct Storing<'a> {
    connection: &'a mut Connection,
    org_id: &'a str,
    epoch: i64,
    batch: &'a NewBatch<'a>,
    effect: Effect,
    sums: Sums,
}

impl<'a> Storing<'a> {
    pub(super) fn new(connection: &'a mut Connection, org_id: &'a str, epoch: i64, batch: &'a NewBatch<'a>) -> Self {
        Self { connection, org_id, epoch, batch, effect: Effect::default(), sums: Sums::default() }
    }

    pub(super) async fn run(mut self) -> StoreResult<Effect> {
        let is_space = |write: &Write| matches!(write, Write::RemoveSpace { .. });
        for writes in self.batch.writes.chunk_by(|a, b| !is_space(a) && !is_space(b)) {
            match writes {
                [Write::RemoveSpace { app, space }] => self.remove_space(app, space).await?,
                _ => self.write_places(writes).await?,
            }
        }
        self.sums.write(self.connection, self.org_id, self.batch.day).await?;
        if let Some(key) = self.batch.key {
            sqlx::query("INSERT INTO batches (org_id, key, body_hash, answer, stored_at) VALUES ($1, $2, $3, $4, $5)")
                .bind(self.org_id)
                .bind(key)
                .bind(self.batch.body_hash)
                .bind(self.batch.answer)
                .bind(self.batch.at.micros())
                .execute(&mut *self.connection)
                .await
                .map_err(store_error)?;
        }
        heard::keep(self.connection, self.org_id, self.batch.told.iter().map(|told| &told.heard)).await?;
        if let Some((job, done)) = self.batch.progress {
            // Of two batches that are under way the second one may be stored first.
            sqlx::query(
                "UPDATE jobs SET done = CASE WHEN done < $3 THEN $3 ELSE done END, seen_at = $4 \
                 WHERE org_id = $1 AND id = $2",
            )
            .bind(self.org_id)
            .bind(job)
            .bind(done)
            .bind(self.batch.at.micros())
            .execute(&mut *self.connection)
            .await
            .map_err(store_error)?;
        }
        Ok(self.effect)
    }

    /// Removes what may be many records without reading them.
    async fn remove_space(&mut self, app: &str, space: &str) -> StoreResult<()> {
        let counts: Vec<(String, i64, i64)> = sqlx::query_as(
            "SELECT kind, version, COUNT(*) FROM records WHERE org_id = $1 AND app = $2 AND space = $3 \
             GROUP BY kind, version",
        )
        .bind(self.org_id)
        .bind(app)
        .bind(space)
        .fetch_all(&mut *self.connection)
        .await
        .map_err(store_error)?;
        for (kind, version, records) in counts {
            let group = Group { app: app.to_owned(), space: space.to_owned(), kind: parsed("kind", &kind)? };
            self.sums.remove(group, version, records);
            self.effect.removed += records;
        }
        sqlx::query("DELETE FROM records WHERE org_id = $1 AND app = $2 AND space = $3")
            .bind(self.org_id)
            .bind(app)
            .bind(space)
            .execute(&mut *self.connection)
            .await
            .map_err(store_error)?;
        Ok(())
    }

    /// Compares what is to stand in the end with what stands, and writes the difference.
    async fn write_places(&mut self, writes: &[Write]) -> StoreResult<()> {
        let known = self.known(&items_of(writes)).await?;
        let mut standing: ByPlace<'_, &Known> = BTreeMap::new();
        for record in &known {
            standing.entry(&record.item).or_default().insert(record.within(), record);
        }
        let (mut gone, mut renewed, mut put) = (Vec::new(), Vec::new(), Vec::new());
        for (item, within) in wanted(writes, &standing) {
            for ((part, kind), new) in within {
                let old = standing.get(item).and_then(|within| within.get(&(part, kind)));
                match (old, new) {
                    (Some(old), Some(new)) if old.is_same(new) => {
                        self.effect.same += 1;
                        if old.epoch < self.epoch {
                            renewed.push((item, part, kind));
                        }
                    }
                    (old, Some(new)) => {
                        if let Some(old) = old.filter(|old| !old.is_where(new)) {
                            self.sums.remove(old.group()?, old.version, 1);
                            self.effect.removed += 1;
                        }
                        self.sums.put(new, self.batch.version);
                        self.effect.put += 1;
                        put.push(new);
                    }
                    (Some(old), None) => {
                        self.sums.remove(old.group()?, old.version, 1);
                        self.effect.removed += 1;
                        gone.push((item, part, kind));
                    }
                    (None, None) => {}
                }
            }
        }
        self.at_places("DELETE FROM records", &gone).await?;
        self.at_places(&format!("UPDATE records SET epoch = {}", self.epoch), &renewed).await?;
        self.put(&put).await
    }

    /// What stands of some items.
    async fn known(&mut self, items: &[&str]) -> StoreResult<Vec<Known>> {
        let mut known = Vec::new();
        for some in items.chunks(ITEMS_AT_ONCE) {
            let mut select: QueryBuilder<Kind> = QueryBuilder::new(
                "SELECT item, part, kind, app, space, author, generation, digest, version, epoch FROM records WHERE org_id = ",
            );
            select.push_bind(self.org_id).push(" AND item IN (");
            let mut list = select.separated(", ");
            for item in some {
                list.push_bind(*item);
            }
            select.push(")");
            let rows = select.build_query_as().persistent(false).fetch_all(&mut *self.connection).await;
            known.extend(rows.map_err(store_error)?);
        }
        Ok(known)
    }

    async fn at_places(&mut self, statement: &str, places: &[(&str, &str, &str)]) -> StoreResult<()> {
        for some in places.chunks(RECORDS_AT_ONCE) {
            let mut query: QueryBuilder<Kind> = QueryBuilder::new(statement);
            query.push(" WHERE org_id = ").push_bind(self.org_id).push(" AND (item, part, kind) IN (");
            // Named columns: with the bare list SQLite would walk every record of the organisation.
            query.push("SELECT column1, column2, column3 FROM (");
            query.push_values(some, |mut row, (item, part, kind)| {
                row.push_bind(*item).push_bind(*part).push_bind(*kind);
            });
            query.push(") AS v)");
            query.build().persistent(false).execute(&mut *self.connection).await.map_err(store_error)?;
        }
        Ok(())
    }

    async fn put(&mut self, records: &[&NewRecord]) -> StoreResult<()> {
        for some in records.chunks(RECORDS_AT_ONCE) {
            // What all have in common is sent once.
            let mut insert: QueryBuilder<Kind> = QueryBuilder::new(
                "INSERT INTO records (item, part, kind, app, space, author, generation, digest, sealed, \
                 org_id, version, catalogue, epoch, stored_at) \
                 SELECT column1, column2, column3, column4, column5, column6, column7, column8, column9, ",
            );
            insert.push_bind(self.org_id).push(", ").push_bind(self.batch.version).push(", ");
            insert.push_bind(self.batch.catalogue).push(", ").push_bind(self.epoch).push(", ");
            insert.push_bind(self.batch.at.micros()).push(" FROM (");
            insert.push_values(some, |mut row, record| {
                row.push_bind(&record.place.item).push_bind(&record.place.part).push_bind(record.place.kind.id());
                row.push_bind(&record.app).push_bind(&record.space).push_bind(&record.author);
                row.push_bind(record.generation).push_bind(&record.digest).push_bind(&record.sealed);
            });
            insert.push(
                // SQLite would take a bare ON for that of a join.
                ") AS v WHERE TRUE ON CONFLICT (org_id, item, part, kind) DO UPDATE SET app = excluded.app, space = excluded.space, \
                 author = excluded.author, generation = excluded.generation, digest = excluded.digest, version = excluded.version, \
                 catalogue = excluded.catalogue, epoch = excluded.epoch, stored_at = excluded.stored_at, \
                 sealed = excluded.sealed",
            );
            insert.build().persistent(false).execute(&mut *self.connection).await.map_err(store_error)?;
        }
        Ok(())
    }
}

fn items_of(writes: &[Write]) -> Vec<&str> {
    let items: BTreeSet<&str> = writes
        .iter()
        .filter_map(|write| match write {
            Write::Put(NewRecord { place, .. }) | Write::Remove(place) => Some(place.item.as_str()),
            Write::RemoveItem(item) | Write::RemoveParts(item) | Write::RemovePartsElsewhere { item, .. } => {
                Some(item.as_str())
            }
            Write::RemoveSpace { .. } => None,
        })
        .collect();
    items.into_iter().collect()
}

/// What is to stand at each place in the end; nothing, where something is to be removed.
fn wanted<'a>(writes: &'a [Write], standing: &ByPlace<'a, &'a Known>) -> ByPlace<'a, Option<&'a NewRecord>> {
    let mut wanted: ByPlace<'_, Option<&NewRecord>> = BTreeMap::new();
    for write in writes {
        match write {
            Write::Put(record) => {
                let within = (record.place.part.as_str(), record.place.kind.id());
                wanted.entry(&record.place.item).or_default().insert(within, Some(record));
            }
            Write::Remove(place) => {
                wanted.entry(&place.item).or_default().insert((&place.part, place.kind.id()), None);
            }
            Write::RemoveItem(item) => remove_within(&mut wanted, standing, item, |_, _| true),
            Write::RemoveParts(item) => remove_within(&mut wanted, standing, item, |part, _| !part.is_empty()),
            Write::RemovePartsElsewhere { item, app, space } => {
                let here = (app.as_str(), space.as_str());
                remove_within(&mut wanted, standing, item, |part, of| !part.is_empty() && of != here);
            }
            Write::RemoveSpace { .. } => {}
        }
    }
    wanted
}

/// Of an item what fits goes, by its part and its space: of what stands, and of what was to stand.
fn remove_within<'a>(
    wanted: &mut ByPlace<'a, Option<&'a NewRecord>>,
    standing: &ByPlace<'a, &'a Known>,
    item: &'a str,
    fits: impl Fn(&str, Space<'_>) -> bool,
) {
    let here = wanted.entry(item).or_default();
    let mut spaces: BTreeMap<Within<'a>, Space<'a>> = BTreeMap::new();
    let stood = standing.get(item).into_iter().flatten();
    spaces.extend(stood.map(|(within, known)| (*within, known.space())));
    spaces.extend(here.iter().filter_map(|(within, new)| new.map(|new| (*within, space_of(new)))));
    let gone = spaces.into_iter().filter(|((part, _), space)| fits(part, *space));
    here.extend(gone.map(|(within, _)| (within, None)));
}
