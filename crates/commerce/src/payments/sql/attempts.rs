//! SQL of attempts.

use jiff_sqlx::Timestamp;
use serde_json::Value;
use sqlx::PgConnection;

/// An attempt with what its intent says.
pub(in super::super) struct AttemptRow {
    pub(in super::super) id: i64,
    pub(in super::super) intent_id: i64,
    pub(in super::super) group_id: String,
    pub(in super::super) market: String,
    pub(in super::super) reference: String,
    pub(in super::super) method: String,
    pub(in super::super) connector: String,
    pub(in super::super) brand: String,
    pub(in super::super) merchant: String,
    pub(in super::super) amount_minor: i64,
    pub(in super::super) currency: String,
    pub(in super::super) phase: String,
    pub(in super::super) unknown: bool,
    pub(in super::super) provider_ref: Option<String>,
    pub(in super::super) next_action: Option<Value>,
    /// What has gone back.
    pub(in super::super) refunded_minor: i64,
    pub(in super::super) reason: Option<String>,
    pub(in super::super) suspect: Option<String>,
    pub(in super::super) return_to: Option<String>,
    pub(in super::super) sent_at: Option<Timestamp>,
    pub(in super::super) checks: i32,
    pub(in super::super) created_at: Timestamp,
    pub(in super::super) paid_attempt_id: Option<i64>,
}

pub(in super::super) async fn one(
    connection: &mut PgConnection,
    id: i64,
) -> sqlx::Result<AttemptRow> {
    sqlx::query_as!(
        AttemptRow,
        r#"select attempts.id, intent_id, group_id::text as "group_id!", market, reference, method,
                  connector, brand, merchant, attempts.amount_minor, attempts.currency, phase, unknown,
                  provider_ref, next_action, reason, suspect, return_to,
                  (select coalesce(sum(back.amount_minor), 0)::bigint from payment_operations back
                   where back.attempt_id = attempts.id and back.kind = 'refund' and back.state = 'success')
                      as "refunded_minor!",
                  sent_at as "sent_at: Timestamp", checks,
                  attempts.created_at as "created_at: Timestamp", paid_attempt_id
           from payment_attempts attempts join payment_intents on payment_intents.id = intent_id
           where attempts.id = $1"#,
        id
    )
    .fetch_one(connection)
    .await
}

/// Every attempt of an intent, the newest first.
pub(in super::super) async fn of_intent(
    connection: &mut PgConnection,
    intent: i64,
) -> sqlx::Result<Vec<AttemptRow>> {
    sqlx::query_as!(
        AttemptRow,
        r#"select attempts.id, intent_id, group_id::text as "group_id!", market, reference, method,
                  connector, brand, merchant, attempts.amount_minor, attempts.currency, phase, unknown,
                  provider_ref, next_action, reason, suspect, return_to,
                  (select coalesce(sum(back.amount_minor), 0)::bigint from payment_operations back
                   where back.attempt_id = attempts.id and back.kind = 'refund' and back.state = 'success')
                      as "refunded_minor!",
                  sent_at as "sent_at: Timestamp", checks,
                  attempts.created_at as "created_at: Timestamp", paid_attempt_id
           from payment_attempts attempts join payment_intents on payment_intents.id = intent_id
           where intent_id = $1
           order by attempts.id desc"#,
        intent
    )
    .fetch_all(connection)
    .await
}

/// The newest attempts below an id; `suspect` narrows them to those that somebody has to look at.
pub(in super::super) async fn recent(
    connection: &mut PgConnection,
    below: i64,
    suspect: bool,
    limit: i64,
) -> sqlx::Result<Vec<AttemptRow>> {
    sqlx::query_as!(
        AttemptRow,
        r#"select attempts.id, intent_id, group_id::text as "group_id!", market, reference, method,
                  connector, brand, merchant, attempts.amount_minor, attempts.currency, phase, unknown,
                  provider_ref, next_action, reason, suspect, return_to,
                  (select coalesce(sum(back.amount_minor), 0)::bigint from payment_operations back
                   where back.attempt_id = attempts.id and back.kind = 'refund' and back.state = 'success')
                      as "refunded_minor!",
                  sent_at as "sent_at: Timestamp", checks,
                  attempts.created_at as "created_at: Timestamp", paid_attempt_id
           from payment_attempts attempts join payment_intents on payment_intents.id = intent_id
           where attempts.id < $1 and (not $2 or suspect is not null)
           order by attempts.id desc
           limit $3"#,
        below,
        suspect,
        limit
    )
    .fetch_all(connection)
    .await
}

/// The attempt that a report is about: by our name, else by the provider's.
pub(in super::super) async fn named(
    connection: &mut PgConnection,
    connector: &str,
    reference: Option<&str>,
    provider_ref: Option<&str>,
) -> sqlx::Result<Option<i64>> {
    sqlx::query_scalar!(
        "select id from payment_attempts
         where connector = $1 and (reference = $2 or ($2 is null and provider_ref = $3))",
        connector,
        reference,
        provider_ref
    )
    .fetch_optional(connection)
    .await
}

/// Takes it upon oneself to make the first call; says whether nobody else has.
pub(in super::super) async fn claim_start(
    connection: &mut PgConnection,
    id: i64,
    now: Timestamp,
    check_at: Timestamp,
) -> sqlx::Result<bool> {
    let claimed = sqlx::query_scalar!(
        "update payment_attempts
         set sent_at = $2, unknown = true, check_at = $3, updated_at = now()
         where id = $1 and sent_at is null and phase = 'pending'
         returning id",
        id,
        now as _,
        check_at as _
    )
    .fetch_optional(connection)
    .await?;
    Ok(claimed.is_some())
}

/// Takes due looks upon oneself, until the lease ends.
pub(in super::super) async fn claim_checks(
    connection: &mut PgConnection,
    now: Timestamp,
    lease: Timestamp,
    limit: i64,
) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar!(
        "update payment_attempts set check_at = $2, checks = checks + 1
         where id in (
             select id from payment_attempts where check_at <= $1
             order by check_at limit $3 for update skip locked)
         returning id",
        now as _,
        lease as _,
        limit
    )
    .fetch_all(connection)
    .await
}

/// Takes a look upon oneself, unless somebody looked after `before`.
pub(in super::super) async fn claim_watch(
    connection: &mut PgConnection,
    id: i64,
    before: Timestamp,
    now: Timestamp,
) -> sqlx::Result<bool> {
    let claimed = sqlx::query!(
        "update payment_attempts set updated_at = $3
         where id = $1 and phase = 'pending' and updated_at < $2",
        id,
        before as _,
        now as _
    )
    .execute(connection)
    .await?;
    Ok(claimed.rows_affected() == 1)
}

pub(in super::super) async fn set_check(
    connection: &mut PgConnection,
    id: i64,
    check_at: Option<Timestamp>,
) -> sqlx::Result<()> {
    sqlx::query!("update payment_attempts set check_at = $2 where id = $1", id, check_at as _)
        .execute(connection)
        .await?;
    Ok(())
}

/// What is known after a report.
pub(in super::super) struct Saved<'a> {
    pub(in super::super) id: i64,
    pub(in super::super) phase: &'a str,
    pub(in super::super) unknown: bool,
    pub(in super::super) provider_ref: Option<&'a str>,
    pub(in super::super) next_action: Option<&'a Value>,
    pub(in super::super) reason: Option<&'a str>,
    pub(in super::super) suspect: Option<&'a str>,
    /// Whether nothing is left to look for.
    pub(in super::super) over: bool,
}

pub(in super::super) async fn save(
    connection: &mut PgConnection,
    saved: &Saved<'_>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update payment_attempts
         set phase = $2, unknown = $3, provider_ref = $4, next_action = coalesce($5, next_action),
             reason = coalesce($6, reason), suspect = $7,
             check_at = case when $8 then null else check_at end, updated_at = now()
         where id = $1",
        saved.id,
        saved.phase,
        saved.unknown,
        saved.provider_ref,
        saved.next_action,
        saved.reason,
        saved.suspect,
        saved.over
    )
    .execute(connection)
    .await?;
    Ok(())
}
