//! SQL of the outbox slice.

use serde_json::Value;
use sqlx::PgConnection;

/// An event that is being passed on.
pub(super) struct EventRow {
    pub(super) id: i64,
    pub(super) topic: String,
    pub(super) subject: String,
    pub(super) payload: Value,
}

pub(super) async fn insert(
    connection: &mut PgConnection,
    topic: &str,
    subject: &str,
    payload: &Value,
) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        "insert into outbox (topic, subject, payload) values ($1, $2, $3) returning id",
        topic,
        subject,
        payload
    )
    .fetch_one(connection)
    .await
}

pub(super) async fn insert_all(
    connection: &mut PgConnection,
    topics: &[String],
    subjects: &[String],
    payloads: &[Value],
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into outbox (topic, subject, payload)
         select topic, subject, payload
         from unnest($1::text[], $2::text[], $3::jsonb[]) with ordinality
             as given (topic, subject, payload, place)
         order by place",
        topics,
        subjects,
        payloads
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Marks the oldest unsent events as sent, passing over those that others are at.
pub(super) async fn take(connection: &mut PgConnection, limit: i64) -> sqlx::Result<Vec<EventRow>> {
    sqlx::query_as!(
        EventRow,
        "with taken as (
             update outbox set sent_at = now()
             where id in (select id from outbox where sent_at is null
                          order by id limit $1 for update skip locked)
             returning id, topic, subject, payload)
         select id, topic, subject, payload from taken order by id",
        limit
    )
    .fetch_all(connection)
    .await
}

pub(super) async fn forget_sent(connection: &mut PgConnection, days: i32) -> sqlx::Result<u64> {
    let done =
        sqlx::query!("delete from outbox where sent_at < now() - make_interval(days => $1)", days)
            .execute(connection)
            .await?;
    Ok(done.rows_affected())
}
