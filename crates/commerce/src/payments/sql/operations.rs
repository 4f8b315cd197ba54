//! SQL of operations.

use jiff_sqlx::Timestamp;
use sqlx::PgConnection;

/// An operation.
pub(in super::super) struct OperationRow {
    pub(in super::super) id: i64,
    pub(in super::super) attempt_id: i64,
    pub(in super::super) kind: String,
    pub(in super::super) key: String,
    pub(in super::super) amount_minor: i64,
    pub(in super::super) currency: String,
    pub(in super::super) state: String,
    pub(in super::super) provider_ref: Option<String>,
    pub(in super::super) reason: String,
    pub(in super::super) failure: Option<String>,
    pub(in super::super) actor: String,
    pub(in super::super) checks: i32,
    pub(in super::super) created_at: Timestamp,
}

/// An operation to be done.
pub(in super::super) struct NewOperation<'a> {
    pub(in super::super) attempt: i64,
    pub(in super::super) kind: &'a str,
    pub(in super::super) key: &'a str,
    pub(in super::super) amount_minor: i64,
    pub(in super::super) currency: &'a str,
    pub(in super::super) reason: &'a str,
    pub(in super::super) actor: &'a str,
    /// When it is due; none for what was done without us.
    pub(in super::super) check_at: Option<Timestamp>,
}

/// None where a capture is there already.
pub(in super::super) async fn insert(
    connection: &mut PgConnection,
    new: &NewOperation<'_>,
) -> sqlx::Result<Option<i64>> {
    sqlx::query_scalar!(
        "insert into payment_operations
             (attempt_id, kind, key, amount_minor, currency, reason, actor, check_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)
         on conflict do nothing
         returning id",
        new.attempt,
        new.kind,
        new.key,
        new.amount_minor,
        new.currency,
        new.reason,
        new.actor,
        new.check_at as _
    )
    .fetch_optional(connection)
    .await
}

pub(in super::super) async fn one(
    connection: &mut PgConnection,
    id: i64,
) -> sqlx::Result<OperationRow> {
    sqlx::query_as!(
        OperationRow,
        r#"select id, attempt_id, kind, key, amount_minor, currency, state, provider_ref, reason, failure,
                  actor, checks, created_at as "created_at: Timestamp"
           from payment_operations where id = $1"#,
        id
    )
    .fetch_one(connection)
    .await
}

pub(in super::super) async fn of_attempt(
    connection: &mut PgConnection,
    attempt: i64,
) -> sqlx::Result<Vec<OperationRow>> {
    sqlx::query_as!(
        OperationRow,
        r#"select id, attempt_id, kind, key, amount_minor, currency, state, provider_ref, reason, failure,
                  actor, checks, created_at as "created_at: Timestamp"
           from payment_operations where attempt_id = $1 order by id"#,
        attempt
    )
    .fetch_all(connection)
    .await
}

/// The newest refunds below an id, of one purchase or of all.
pub(in super::super) async fn refunds(
    connection: &mut PgConnection,
    group: Option<&str>,
    below: i64,
    limit: i64,
) -> sqlx::Result<Vec<(OperationRow, String)>> {
    let rows = sqlx::query!(
        r#"select operations.id, attempt_id, kind, key, operations.amount_minor, operations.currency,
                  operations.state, operations.provider_ref, operations.reason, failure, actor,
                  operations.checks, operations.created_at as "created_at: Timestamp",
                  group_id::text as "group_id!"
           from payment_operations operations
           join payment_attempts attempts on attempts.id = attempt_id
           join payment_intents on payment_intents.id = intent_id
           where kind = 'refund' and operations.id < $1
               and ($3::text is null or group_id = $3::text::uuid)
           order by operations.id desc
           limit $2"#,
        below,
        limit,
        group
    )
    .fetch_all(connection)
    .await?;
    let rows = rows.into_iter().map(|row| {
        let operation = OperationRow {
            id: row.id,
            attempt_id: row.attempt_id,
            kind: row.kind,
            key: row.key,
            amount_minor: row.amount_minor,
            currency: row.currency,
            state: row.state,
            provider_ref: row.provider_ref,
            reason: row.reason,
            failure: row.failure,
            actor: row.actor,
            checks: row.checks,
            created_at: row.created_at,
        };
        (operation, row.group_id)
    });
    Ok(rows.collect())
}

/// Takes due operations upon oneself, until the lease ends: all that are due, or those of one attempt.
pub(in super::super) async fn claim(
    connection: &mut PgConnection,
    attempt: Option<i64>,
    now: Timestamp,
    lease: Timestamp,
    limit: i64,
) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar!(
        "update payment_operations set check_at = $3, checks = checks + 1
         where id in (
             select id from payment_operations
             where check_at <= $2 and ($1::bigint is null or attempt_id = $1)
             order by check_at limit $4 for update skip locked)
         returning id",
        attempt,
        now as _,
        lease as _,
        limit
    )
    .fetch_all(connection)
    .await
}

pub(in super::super) async fn save(
    connection: &mut PgConnection,
    operation: &OperationRow,
    check_at: Option<Timestamp>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update payment_operations
         set state = $2, provider_ref = $3, failure = $4, check_at = $5, updated_at = now()
         where id = $1",
        operation.id,
        operation.state,
        operation.provider_ref,
        operation.failure,
        check_at as _
    )
    .execute(connection)
    .await?;
    Ok(())
}
