//! SQL of what providers told: transactions and callbacks.

use jiff_sqlx::Timestamp;
use sqlx::PgConnection;

/// Something a provider told.
pub(in super::super) struct NewTransaction<'a> {
    pub(in super::super) attempt: i64,
    pub(in super::super) kind: &'a str,
    pub(in super::super) state: &'a str,
    pub(in super::super) amount_minor: i64,
    pub(in super::super) key: &'a str,
    pub(in super::super) provider_ref: Option<&'a str>,
    pub(in super::super) source: &'a str,
    pub(in super::super) detail: Option<&'a str>,
}

/// The same thing told twice stays one row.
pub(in super::super) async fn note(
    connection: &mut PgConnection,
    new: &NewTransaction<'_>,
    now: Timestamp,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into payment_transactions
             (attempt_id, kind, state, amount_minor, key, provider_ref, source, detail, at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         on conflict do nothing",
        new.attempt,
        new.kind,
        new.state,
        new.amount_minor,
        new.key,
        new.provider_ref,
        new.source,
        new.detail,
        now as _
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// A callback.
pub(in super::super) struct NewCallback<'a> {
    pub(in super::super) connector: &'a str,
    pub(in super::super) event_key: Option<&'a str>,
    pub(in super::super) attempt: Option<i64>,
    pub(in super::super) verified: bool,
    pub(in super::super) outcome: &'a str,
    pub(in super::super) body: &'a [u8],
}

/// Keeps a callback; says whether its event was not used before.
pub(in super::super) async fn keep(
    connection: &mut PgConnection,
    new: &NewCallback<'_>,
    now: Timestamp,
) -> sqlx::Result<bool> {
    let kept = sqlx::query_scalar!(
        "insert into webhook_events (connector, event_key, attempt_id, verified, outcome, body, received_at)
         values ($1, $2, $3, $4, $5, $6, $7)
         on conflict do nothing
         returning id",
        new.connector,
        new.event_key,
        new.attempt,
        new.verified,
        new.outcome,
        new.body,
        now as _
    )
    .fetch_optional(connection)
    .await?;
    Ok(kept.is_some())
}

/// Forgets what callbacks said, some at a time; their events stay used.
pub(in super::super) async fn forget(
    connection: &mut PgConnection,
    before: Timestamp,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update webhook_events set body = ''
         where id in (
             select id from webhook_events where received_at < $1 and body <> ''
             order by received_at limit 500 for update skip locked)",
        before as _
    )
    .execute(connection)
    .await?;
    Ok(())
}
