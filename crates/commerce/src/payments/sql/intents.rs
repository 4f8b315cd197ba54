//! SQL of intents.

use sqlx::PgConnection;

/// An intent, locked.
pub(in super::super) struct IntentRow {
    pub(in super::super) id: i64,
    pub(in super::super) group_id: String,
    pub(in super::super) market: String,
    pub(in super::super) state: String,
    pub(in super::super) amount_minor: i64,
    pub(in super::super) currency: String,
    pub(in super::super) paid_attempt_id: Option<i64>,
}

/// What an intent is opened with.
pub(in super::super) struct NewIntent<'a> {
    pub(in super::super) group: &'a str,
    pub(in super::super) market: &'a str,
    pub(in super::super) state: &'a str,
    pub(in super::super) amount_minor: i64,
    pub(in super::super) currency: &'a str,
    /// None where nobody is called.
    pub(in super::super) attempt: Option<NewAttempt<'a>>,
}

/// What an attempt is begun with.
#[derive(Clone, Copy, Default)]
pub(in super::super) struct NewAttempt<'a> {
    pub(in super::super) reference: &'a str,
    pub(in super::super) method: &'a str,
    pub(in super::super) connector: &'a str,
    pub(in super::super) brand: &'a str,
    pub(in super::super) merchant: &'a str,
    pub(in super::super) return_to: Option<&'a str>,
}

/// One statement, since it runs while checkout holds its locks. Gives the intent and the attempt.
pub(in super::super) async fn insert(
    connection: &mut PgConnection,
    new: &NewIntent<'_>,
) -> sqlx::Result<(i64, Option<i64>)> {
    let attempt = new.attempt.unwrap_or_default();
    let row = sqlx::query!(
        r#"with intent as (
               insert into payment_intents (group_id, market, state, amount_minor, currency)
               values ($1::text::uuid, $2, $3, $4, $5)
               returning id
           ), attempt as (
               insert into payment_attempts
                   (intent_id, reference, method, connector, brand, merchant, return_to, amount_minor, currency)
               select intent.id, $6, $7, $8, $9, $10, $11, $4, $5 from intent where $12
               returning id
           )
           select intent.id as "intent!", attempt.id as "attempt?"
           from intent left join attempt on true"#,
        new.group,
        new.market,
        new.state,
        new.amount_minor,
        new.currency,
        attempt.reference,
        attempt.method,
        attempt.connector,
        attempt.brand,
        attempt.merchant,
        attempt.return_to,
        new.attempt.is_some()
    )
    .fetch_one(connection)
    .await?;
    Ok((row.intent, row.attempt))
}

/// Another attempt of an intent.
pub(in super::super) async fn insert_attempt(
    connection: &mut PgConnection,
    intent: i64,
    new: &NewAttempt<'_>,
) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        "insert into payment_attempts
             (intent_id, reference, method, connector, brand, merchant, return_to, amount_minor, currency)
         select id, $2, $3, $4, $5, $6, $7, amount_minor, currency from payment_intents where id = $1
         returning id",
        intent,
        new.reference,
        new.method,
        new.connector,
        new.brand,
        new.merchant,
        new.return_to
    )
    .fetch_one(connection)
    .await
}

/// Locks an intent; everything about one payment waits for this row, and takes it before its group's.
pub(in super::super) async fn lock(
    connection: &mut PgConnection,
    id: i64,
) -> sqlx::Result<IntentRow> {
    sqlx::query_as!(
        IntentRow,
        r#"select id, group_id::text as "group_id!", market, state, amount_minor, currency, paid_attempt_id
           from payment_intents where id = $1 for update"#,
        id
    )
    .fetch_one(connection)
    .await
}

pub(in super::super) async fn lock_of_group(
    connection: &mut PgConnection,
    group: &str,
) -> sqlx::Result<IntentRow> {
    sqlx::query_as!(
        IntentRow,
        r#"select id, group_id::text as "group_id!", market, state, amount_minor, currency, paid_attempt_id
           from payment_intents where group_id = $1::text::uuid for update"#,
        group
    )
    .fetch_one(connection)
    .await
}

/// The same without a lock.
pub(in super::super) async fn of_group(
    connection: &mut PgConnection,
    group: &str,
) -> sqlx::Result<IntentRow> {
    sqlx::query_as!(
        IntentRow,
        r#"select id, group_id::text as "group_id!", market, state, amount_minor, currency, paid_attempt_id
           from payment_intents where group_id = $1::text::uuid"#,
        group
    )
    .fetch_one(connection)
    .await
}

/// A paid intent stays so.
pub(in super::super) async fn set_state(
    connection: &mut PgConnection,
    id: i64,
    state: &str,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update payment_intents set state = $2, updated_at = now()
         where id = $1 and state <> 'succeeded' and state <> $2",
        id,
        state
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(in super::super) async fn set_paid(
    connection: &mut PgConnection,
    id: i64,
    attempt: i64,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update payment_intents set state = 'succeeded', paid_attempt_id = $2, updated_at = now() where id = $1",
        id,
        attempt
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Who pays, as the purchase has it.
pub(in super::super) struct PayerRow {
    pub(in super::super) email: Option<String>,
    pub(in super::super) phone: String,
    pub(in super::super) lang: String,
    pub(in super::super) number: Option<String>,
}

pub(in super::super) async fn payer(
    connection: &mut PgConnection,
    group: &str,
) -> sqlx::Result<PayerRow> {
    sqlx::query_as!(
        PayerRow,
        r#"select email, phone, lang,
                  (select min(number) from orders where orders.group_id = order_groups.id) as number
           from order_groups where id = $1::text::uuid"#,
        group
    )
    .fetch_one(connection)
    .await
}
