//! SQL of the writes slice.

use std::collections::BTreeMap;

use sqlx::PgConnection;
use sqlx::types::Json;

use super::{Answer, IdempotencyKey};

/// Whether nobody else runs a request with this key; held until the transaction ends.
pub(super) async fn lock(
    connection: &mut PgConnection,
    key: &IdempotencyKey,
) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select pg_try_advisory_xact_lock(hashtextextended($1 || chr(10) || $2, 0)) as "locked!""#,
        key.scope,
        key.key
    )
    .fetch_one(connection)
    .await
}

/// The answer that was given under this key, after the hash of the request that got it.
pub(super) async fn answer(
    connection: &mut PgConnection,
    key: &IdempotencyKey,
) -> sqlx::Result<Option<(String, Answer)>> {
    let row = sqlx::query!(
        r#"select request_hash, status, headers as "headers: Json<BTreeMap<String, String>>", answer
           from idempotency_keys where scope = $1 and key = $2"#,
        key.scope,
        key.key
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| {
        let headers = row.headers.0.into_iter().collect();
        let status = u16::try_from(row.status).expect("idempotency_keys_status_is_http holds");
        (row.request_hash, Answer { status, headers, body: row.answer })
    }))
}

pub(super) async fn save(
    connection: &mut PgConnection,
    key: &IdempotencyKey,
    answer: &Answer,
) -> sqlx::Result<()> {
    let headers: BTreeMap<_, _> = answer.headers.iter().cloned().collect();
    sqlx::query!(
        "insert into idempotency_keys (scope, key, request_hash, status, headers, answer)
         values ($1, $2, $3, $4, $5, $6)",
        key.scope,
        key.key,
        key.request_hash,
        i32::from(answer.status),
        Json(headers) as _,
        answer.body
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Puts another answer in the place of this one; whether it was there.
pub(super) async fn replace(
    connection: &mut PgConnection,
    key: &IdempotencyKey,
    first: &Answer,
    last: &Answer,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "update idempotency_keys set answer = $3 where scope = $1 and key = $2 and answer = $4",
        key.scope,
        key.key,
        last.body,
        first.body
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Removes some, passing over those that others are removing; says how many.
pub(super) async fn forget_expired(connection: &mut PgConnection) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        "delete from idempotency_keys where (scope, key) in (
             select scope, key from idempotency_keys where created_at < now() - interval '8 days'
             order by created_at limit 500 for update skip locked)"
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}
