//! SQL of the notifications slice.

use jiff_sqlx::Timestamp;
use serde_json::Value;
use sqlx::PgConnection;

/// A message to be sent.
pub(super) struct NewRow<'a> {
    pub(super) event: &'a str,
    pub(super) kind: &'a str,
    pub(super) channel: &'a str,
    pub(super) receiver: &'a str,
    pub(super) payload: &'a Value,
}

/// None when it was told before.
pub(super) async fn insert(
    connection: &mut PgConnection,
    new: &NewRow<'_>,
) -> sqlx::Result<Option<i64>> {
    sqlx::query_scalar!(
        "insert into notifications (event, kind, channel, receiver, payload)
         values ($1, $2, $3, $4, $5)
         on conflict on constraint notifications_once do nothing returning id",
        new.event,
        new.kind,
        new.channel,
        new.receiver,
        new.payload
    )
    .fetch_optional(connection)
    .await
}

/// A message that is being sent.
pub(super) struct Row {
    pub(super) kind: String,
    pub(super) channel: String,
    pub(super) receiver: String,
    pub(super) payload: Value,
}

/// None when it is not waiting.
pub(super) async fn claim(connection: &mut PgConnection, id: i64) -> sqlx::Result<Option<Row>> {
    sqlx::query_as!(
        Row,
        "update notifications set state = 'sending' where id = $1 and state = 'waiting'
         returning kind, channel, receiver, payload",
        id
    )
    .fetch_optional(connection)
    .await
}

/// What became of a message.
pub(super) struct Fate<'a> {
    pub(super) state: &'static str,
    /// The provider's name for it.
    pub(super) name: Option<&'a str>,
    pub(super) reason: Option<&'a str>,
}

impl Fate<'_> {
    /// One without more to say.
    pub(super) fn of(state: &'static str) -> Self {
        Fate { state, name: None, reason: None }
    }
}

/// Writes down what became of a message that was being sent.
pub(super) async fn settle(
    connection: &mut PgConnection,
    id: i64,
    fate: &Fate<'_>,
    now: Timestamp,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update notifications
         set state = $2, provider_ref = $3, reason = $4,
             sent_at = case when $2 = 'sent' then $5::timestamptz end
         where id = $1 and state = 'sending'",
        id,
        fate.state,
        fate.name,
        fate.reason,
        now as _
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn forget_before(
    connection: &mut PgConnection,
    before: Timestamp,
) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        "delete from notifications where id in (
             select id from notifications where created_at < $1
             order by created_at limit 1000 for update skip locked)",
        before as _
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}
