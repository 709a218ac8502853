//! The statements about support's looks at organisations. Compiled twice, like `control.rs`.

use async_trait::async_trait;
use policy::Timestamp;
use service::model::{Purpose, Review};
use service::ports::{ChangeError, DecideLooks, NewLooks, OpenLooks, StoreResult, SupportReviews};
use service::support::ReviewRefusal;

use super::audit_log::append;
use super::control::{Control, lock_organisation};
use super::{BEGIN_WRITE, Connection};
use crate::{store_error, unreadable};

type ReviewRow = (String, String, String, String, String, i64, Option<i64>, Option<i64>, Option<i64>, Option<String>);

const COLUMNS: &str = "SELECT r.id, r.account_id, a.name, r.purpose, r.case_number, r.asked_at, r.starts_at, r.ends_at, \
     r.ended_at, r.ended_by FROM support_reviews r JOIN accounts a ON a.id = r.account_id WHERE r.org_id = $1";

/// Those that are asked for or running at `$2`: what [`Review::is_open`] says.
const OPEN: &str = "(r.ended_at IS NULL AND (r.starts_at IS NULL OR r.ends_at > $2))";

fn review(row: ReviewRow) -> StoreResult<Review> {
    let (id, account_id, by, purpose, case, asked_at, starts_at, ends_at, ended_at, ended_by) = row;
    Ok(Review {
        purpose: Purpose::parse(&purpose).ok_or_else(|| unreadable("purpose", &purpose))?,
        asked_at: Timestamp::from_micros(asked_at),
        starts_at: starts_at.map(Timestamp::from_micros),
        ends_at: ends_at.map(Timestamp::from_micros),
        ended_at: ended_at.map(Timestamp::from_micros),
        id,
        account_id,
        by,
        case,
        ended_by,
    })
}

#[async_trait]
impl SupportReviews for Control {
    async fn running_review(&self, org_id: &str, account_id: &str, now: Timestamp) -> StoreResult<Option<Review>> {
        let statement = format!(
            "{COLUMNS} AND r.account_id = $2 AND r.starts_at <= $3 AND r.ends_at > $3 AND r.ended_at IS NULL \
             ORDER BY r.starts_at DESC LIMIT 1"
        );
        let row: Option<ReviewRow> = sqlx::query_as(sqlx::AssertSqlSafe(statement))
            .bind(org_id)
            .bind(account_id)
            .bind(now.micros())
            .fetch_optional(&self.read)
            .await
            .map_err(store_error)?;
        row.map(review).transpose()
    }

    async fn review(&self, org_id: &str, review_id: &str) -> StoreResult<Option<Review>> {
        let row: Option<ReviewRow> = sqlx::query_as(sqlx::AssertSqlSafe(format!("{COLUMNS} AND r.id = $2")))
            .bind(org_id)
            .bind(review_id)
            .fetch_optional(&self.read)
            .await
            .map_err(store_error)?;
        row.map(review).transpose()
    }

    async fn reviews(&self, org_id: &str, now: Timestamp, over: u32) -> StoreResult<Vec<Review>> {
        let mut connection = self.read.acquire().await.map_err(store_error)?;
        let mut reviews = open(&mut connection, org_id, now).await?;
        let statement = format!("{COLUMNS} AND NOT {OPEN} ORDER BY r.asked_at DESC, r.id DESC LIMIT $3");
        let rows: Vec<ReviewRow> = sqlx::query_as(sqlx::AssertSqlSafe(statement))
            .bind(org_id)
            .bind(now.micros())
            .bind(i64::from(over))
            .fetch_all(&mut *connection)
            .await
            .map_err(store_error)?;
        for row in rows {
            reviews.push(review(row)?);
        }
        Ok(reviews)
    }

    async fn support_must_ask(&self, org_id: &str) -> StoreResult<bool> {
        must_ask(&mut *self.read.acquire().await.map_err(store_error)?, org_id).await
    }

    async fn change_looks(
        &self,
        org_id: &str,
        now: Timestamp,
        decide: DecideLooks<'_>,
    ) -> Result<NewLooks, ChangeError<ReviewRefusal>> {
        let mut transaction = self.write.begin_with(BEGIN_WRITE).await.map_err(store_error)?;
        lock_organisation(&mut transaction, org_id).await?;
        let looks = OpenLooks {
            must_ask: must_ask(&mut transaction, org_id).await?,
            reviews: open(&mut transaction, org_id, now).await?,
        };
        let new = decide(&looks).map_err(ChangeError::Refused)?;
        if let Some(must) = new.must_ask {
            sqlx::query("UPDATE organisations SET support_must_ask = $2 WHERE id = $1")
                .bind(org_id)
                .bind(must)
                .execute(&mut *transaction)
                .await
                .map_err(store_error)?;
        }
        for review in &new.reviews {
            keep(&mut transaction, org_id, review).await?;
        }
        for entry in &new.entries {
            append(&mut transaction, org_id, entry).await?;
        }
        transaction.commit().await.map_err(store_error)?;
        Ok(new)
    }
}

async fn must_ask(connection: &mut Connection, org_id: &str) -> StoreResult<bool> {
    let row: Option<(bool,)> = sqlx::query_as("SELECT support_must_ask FROM organisations WHERE id = $1")
        .bind(org_id)
        .fetch_optional(connection)
        .await
        .map_err(store_error)?;
    // Of an organisation that is not there, nothing is open.
    Ok(row.is_none_or(|(must,)| must))
}

async fn open(connection: &mut Connection, org_id: &str, now: Timestamp) -> StoreResult<Vec<Review>> {
    let statement = format!("{COLUMNS} AND {OPEN} ORDER BY r.asked_at DESC, r.id DESC");
    let rows: Vec<ReviewRow> = sqlx::query_as(sqlx::AssertSqlSafe(statement))
        .bind(org_id)
        .bind(now.micros())
        .fetch_all(connection)
        .await
        .map_err(store_error)?;
    rows.into_iter().map(review).collect()
}

/// Writes a review, or the times of one that there is.
async fn keep(connection: &mut Connection, org_id: &str, review: &Review) -> StoreResult<()> {
    sqlx::query(
        "INSERT INTO support_reviews \
             (id, org_id, account_id, purpose, case_number, asked_at, starts_at, ends_at, ended_at, ended_by) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
         ON CONFLICT (id) DO UPDATE SET starts_at = excluded.starts_at, ends_at = excluded.ends_at, \
             ended_at = excluded.ended_at, ended_by = excluded.ended_by",
    )
    .bind(&review.id)
    .bind(org_id)
    .bind(&review.account_id)
    .bind(review.purpose.id())
    .bind(&review.case)
    .bind(review.asked_at.micros())
    .bind(review.starts_at.map(Timestamp::micros))
    .bind(review.ends_at.map(Timestamp::micros))
    .bind(review.ended_at.map(Timestamp::micros))
    .bind(&review.ended_by)
    .execute(connection)
    .await
    .map_err(store_error)?;
    Ok(())
}
