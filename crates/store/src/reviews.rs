//! The statements about support's looks at organisations. Compiled twice, like `control.rs`.

use async_trait::async_trait;
use audit::Draft;
use policy::Timestamp;
use service::model::{Purpose, Review};
use service::ports::{ChangeError, DecideReview, StoreError, StoreResult, SupportReviews};
use service::support::ReviewRefusal;

use super::audit_log::append;
use super::control::Control;
use super::{BEGIN_WRITE, Connection};
use crate::{store_error, unreadable};

type ReviewRow = (String, String, String, String, String, i64, Option<i64>, Option<i64>, Option<i64>, Option<String>);

const COLUMNS: &str = "SELECT r.id, r.account_id, a.name, r.purpose, r.case_number, r.asked_at, r.starts_at, r.ends_at, \
     r.ended_at, r.ended_by FROM support_reviews r JOIN accounts a ON a.id = r.account_id WHERE r.org_id = $1";

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

    async fn reviews(&self, org_id: &str, limit: u32) -> StoreResult<Vec<Review>> {
        let statement = format!("{COLUMNS} ORDER BY r.asked_at DESC, r.id DESC LIMIT $2");
        let rows: Vec<ReviewRow> = sqlx::query_as(sqlx::AssertSqlSafe(statement))
            .bind(org_id)
            .bind(i64::from(limit))
            .fetch_all(&self.read)
            .await
            .map_err(store_error)?;
        rows.into_iter().map(review).collect()
    }

    async fn support_must_ask(&self, org_id: &str) -> StoreResult<bool> {
        let row: Option<(bool,)> = sqlx::query_as("SELECT support_must_ask FROM organisations WHERE id = $1")
            .bind(org_id)
            .fetch_optional(&self.read)
            .await
            .map_err(store_error)?;
        // Of an organisation that is not there, nothing is open.
        Ok(row.is_none_or(|(must,)| must))
    }

    async fn set_support_must_ask(&self, org_id: &str, must: bool, entry: &Draft) -> StoreResult<()> {
        let mut transaction = self.write.begin_with(BEGIN_WRITE).await.map_err(store_error)?;
        sqlx::query("UPDATE organisations SET support_must_ask = $2 WHERE id = $1")
            .bind(org_id)
            .bind(must)
            .execute(&mut *transaction)
            .await
            .map_err(store_error)?;
        append(&mut transaction, org_id, entry).await?;
        transaction.commit().await.map_err(store_error)
    }

    async fn add_review(&self, org_id: &str, review: &Review, entry: &Draft) -> StoreResult<()> {
        let mut transaction = self.write.begin_with(BEGIN_WRITE).await.map_err(store_error)?;
        sqlx::query(
            "INSERT INTO support_reviews (id, org_id, account_id, purpose, case_number, asked_at, starts_at, ends_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(&review.id)
        .bind(org_id)
        .bind(&review.account_id)
        .bind(review.purpose.id())
        .bind(&review.case)
        .bind(review.asked_at.micros())
        .bind(review.starts_at.map(Timestamp::micros))
        .bind(review.ends_at.map(Timestamp::micros))
        .execute(&mut *transaction)
        .await
        .map_err(store_error)?;
        append(&mut transaction, org_id, entry).await?;
        transaction.commit().await.map_err(store_error)
    }

    async fn change_review(
        &self,
        org_id: &str,
        review_id: &str,
        decide: DecideReview<'_, ReviewRefusal>,
    ) -> Result<(), ChangeError<ReviewRefusal>> {
        let mut transaction = self.write.begin_with(BEGIN_WRITE).await.map_err(store_error)?;
        let Some(before) = locked(&mut transaction, org_id, review_id).await? else {
            return Err(ChangeError::Refused(ReviewRefusal::Over));
        };
        let (after, entry) = decide(&before).map_err(ChangeError::Refused)?;
        sqlx::query(
            "UPDATE support_reviews SET starts_at = $3, ends_at = $4, ended_at = $5, ended_by = $6 \
             WHERE org_id = $1 AND id = $2",
        )
        .bind(org_id)
        .bind(review_id)
        .bind(after.starts_at.map(Timestamp::micros))
        .bind(after.ends_at.map(Timestamp::micros))
        .bind(after.ended_at.map(Timestamp::micros))
        .bind(&after.ended_by)
        .execute(&mut *transaction)
        .await
        .map_err(store_error)?;
        append(&mut transaction, org_id, &entry).await?;
        Ok(transaction.commit().await.map_err(store_error)?)
    }
}

/// The review as it stands, with every other change of it waiting.
async fn locked(connection: &mut Connection, org_id: &str, review_id: &str) -> Result<Option<Review>, StoreError> {
    sqlx::query("UPDATE support_reviews SET case_number = case_number WHERE org_id = $1 AND id = $2")
        .bind(org_id)
        .bind(review_id)
        .execute(&mut *connection)
        .await
        .map_err(store_error)?;
    let row: Option<ReviewRow> = sqlx::query_as(sqlx::AssertSqlSafe(format!("{COLUMNS} AND r.id = $2")))
        .bind(org_id)
        .bind(review_id)
        .fetch_optional(connection)
        .await
        .map_err(store_error)?;
    row.map(review).transpose()
}
