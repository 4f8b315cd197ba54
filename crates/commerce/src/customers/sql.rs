//! SQL of customers, their sessions, codes and attempts.

use jiff_sqlx::Timestamp;
use sqlx::PgConnection;

/// A row of `customers` that is active.
pub(super) struct CustomerRow {
    pub(super) id: i64,
    pub(super) email: Option<String>,
    pub(super) phone: Option<String>,
    pub(super) name: String,
    pub(super) lang: String,
    pub(super) password_hash: Option<String>,
}

/// Somebody whose address or number was shown to be theirs.
pub(super) struct NewCustomer<'a> {
    pub(super) email: Option<&'a str>,
    pub(super) phone: Option<&'a str>,
    pub(super) name: &'a str,
    pub(super) lang: &'a str,
    pub(super) password_hash: Option<&'a str>,
}

/// None when the address or number is a customer's.
pub(super) async fn insert(
    connection: &mut PgConnection,
    new: &NewCustomer<'_>,
) -> sqlx::Result<Option<CustomerRow>> {
    sqlx::query_as!(
        CustomerRow,
        "insert into customers (email, phone, name, lang, password_hash) values ($1, $2, $3, $4, $5)
         on conflict do nothing
         returning id, email, phone, name, lang, password_hash",
        new.email,
        new.phone,
        new.name,
        new.lang,
        new.password_hash
    )
    .fetch_optional(connection)
    .await
}

pub(super) async fn by_contact(
    connection: &mut PgConnection,
    email: Option<&str>,
    phone: Option<&str>,
) -> sqlx::Result<Option<CustomerRow>> {
    sqlx::query_as!(
        CustomerRow,
        "select id, email, phone, name, lang, password_hash from customers
         where (email = $1 or phone = $2) and active",
        email,
        phone
    )
    .fetch_optional(connection)
    .await
}

/// A password replaces the one before, a name only an empty one.
pub(super) async fn amend(
    connection: &mut PgConnection,
    id: i64,
    name: &str,
    password_hash: Option<&str>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update customers
         set name = case when name = '' then $2 else name end,
             password_hash = coalesce($3, password_hash)
         where id = $1 and ($3::text is not null or (name = '' and $2 <> ''))",
        id,
        name,
        password_hash
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn password_hash(
    connection: &mut PgConnection,
    id: i64,
) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar!("select password_hash from customers where id = $1", id)
        .fetch_one(connection)
        .await
}

/// Whether there is such a customer.
pub(super) async fn set_profile(
    connection: &mut PgConnection,
    id: i64,
    name: &str,
    lang: &str,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "update customers set name = $2, lang = $3 where id = $1 and active",
        id,
        name,
        lang
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

pub(super) async fn set_contact(
    connection: &mut PgConnection,
    id: i64,
    email: Option<&str>,
    phone: Option<&str>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update customers set email = coalesce($2, email), phone = coalesce($3, phone) where id = $1",
        id,
        email,
        phone
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn insert_session(
    connection: &mut PgConnection,
    token_hash: &[u8],
    customer: i64,
    now: Timestamp,
    expires_at: Timestamp,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into customer_sessions (token_hash, customer_id, created_at, expires_at)
         values ($1, $2, $3, $4)",
        token_hash,
        customer,
        now as Timestamp,
        expires_at as Timestamp
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn by_session(
    connection: &mut PgConnection,
    token_hash: &[u8],
    now: Timestamp,
) -> sqlx::Result<Option<CustomerRow>> {
    sqlx::query_as!(
        CustomerRow,
        "select customers.id, email, phone, name, lang, password_hash
         from customer_sessions join customers on customers.id = customer_sessions.customer_id
         where token_hash = $1 and expires_at > $2 and active",
        token_hash,
        now as Timestamp
    )
    .fetch_optional(connection)
    .await
}

pub(super) async fn delete_session(
    connection: &mut PgConnection,
    token_hash: &[u8],
) -> sqlx::Result<()> {
    sqlx::query!("delete from customer_sessions where token_hash = $1", token_hash)
        .execute(connection)
        .await?;
    Ok(())
}

pub(super) async fn delete_sessions(
    connection: &mut PgConnection,
    customer: i64,
) -> sqlx::Result<()> {
    sqlx::query!("delete from customer_sessions where customer_id = $1", customer)
        .execute(connection)
        .await?;
    Ok(())
}

pub(super) async fn delete_other_sessions(
    connection: &mut PgConnection,
    customer: i64,
    token_hash: &[u8],
) -> sqlx::Result<()> {
    sqlx::query!(
        "delete from customer_sessions where customer_id = $1 and token_hash <> $2",
        customer,
        token_hash
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// A code to be sent.
pub(super) struct NewCode<'a> {
    pub(super) contact: &'a str,
    pub(super) nonce: &'a [u8],
    pub(super) lang: &'a str,
    pub(super) now: Timestamp,
    pub(super) expires_at: Timestamp,
}

/// None when there is one for the address or number.
pub(super) async fn insert_code(
    connection: &mut PgConnection,
    new: &NewCode<'_>,
) -> sqlx::Result<Option<i64>> {
    sqlx::query_scalar!(
        "insert into customer_codes (contact, nonce, lang, created_at, expires_at)
         values ($1, $2, $3, $4, $5)
         on conflict (contact) do nothing returning id",
        new.contact,
        new.nonce,
        new.lang,
        new.now as Timestamp,
        new.expires_at as Timestamp
    )
    .fetch_optional(connection)
    .await
}

pub(super) async fn code_sent_at(
    connection: &mut PgConnection,
    contact: &str,
) -> sqlx::Result<Option<Timestamp>> {
    sqlx::query_scalar!(
        r#"select created_at as "created_at: Timestamp" from customer_codes where contact = $1"#,
        contact
    )
    .fetch_optional(connection)
    .await
}

pub(super) async fn forget_code_before(
    connection: &mut PgConnection,
    contact: &str,
    before: Timestamp,
) -> sqlx::Result<()> {
    sqlx::query!(
        "delete from customer_codes where contact = $1 and created_at <= $2",
        contact,
        before as Timestamp
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// A row of `customer_codes`.
pub(super) struct CodeRow {
    pub(super) contact: String,
    pub(super) nonce: Vec<u8>,
    pub(super) lang: String,
    pub(super) expires_at: Timestamp,
}

pub(super) async fn code(connection: &mut PgConnection, id: i64) -> sqlx::Result<Option<CodeRow>> {
    sqlx::query_as!(
        CodeRow,
        r#"select contact, nonce, lang, expires_at as "expires_at: Timestamp"
           from customer_codes where id = $1"#,
        id
    )
    .fetch_optional(connection)
    .await
}

/// What a guess is compared with.
pub(super) struct TriedCode {
    pub(super) id: i64,
    pub(super) nonce: Vec<u8>,
}

/// Counts a guess at the code of an address or number; none where there is none that may be guessed at.
pub(super) async fn try_code(
    connection: &mut PgConnection,
    contact: &str,
    attempts_max: i32,
    now: Timestamp,
) -> sqlx::Result<Option<TriedCode>> {
    sqlx::query_as!(
        TriedCode,
        "update customer_codes set attempts = attempts + 1
         where contact = $1 and attempts < $2 and expires_at > $3
         returning id, nonce",
        contact,
        attempts_max,
        now as Timestamp
    )
    .fetch_optional(connection)
    .await
}

/// Whether it was there: of two who show it at the same time one is let in.
pub(super) async fn delete_code(connection: &mut PgConnection, id: i64) -> sqlx::Result<bool> {
    let done =
        sqlx::query!("delete from customer_codes where id = $1", id).execute(connection).await?;
    Ok(done.rows_affected() == 1)
}

/// The attempts that were counted together, since the first of them.
pub(super) struct Attempts {
    pub(super) started_at: Timestamp,
    pub(super) attempts: i32,
}

pub(super) async fn count_attempt(
    connection: &mut PgConnection,
    key: &str,
    now: Timestamp,
    expired: Timestamp,
) -> sqlx::Result<Attempts> {
    sqlx::query_as!(
        Attempts,
        r#"insert into customer_attempts as seen (key, started_at, attempts) values ($1, $2, 1)
           on conflict (key) do update set
               started_at = case when seen.started_at <= $3 then $2 else seen.started_at end,
               attempts = case when seen.started_at <= $3 then 1 else seen.attempts + 1 end
           returning started_at as "started_at: Timestamp", attempts"#,
        key,
        now as Timestamp,
        expired as Timestamp
    )
    .fetch_one(connection)
    .await
}

/// Removes more rows than an attempt adds, passing over those that others are counting on.
pub(super) async fn forget_attempts_before(
    connection: &mut PgConnection,
    before: Timestamp,
) -> sqlx::Result<()> {
    sqlx::query!(
        "delete from customer_attempts where key in (
             select key from customer_attempts where started_at <= $1
             order by started_at limit 100 for update skip locked)",
        before as Timestamp
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn forget_attempts(connection: &mut PgConnection, key: &str) -> sqlx::Result<()> {
    sqlx::query!("delete from customer_attempts where key = $1", key).execute(connection).await?;
    Ok(())
}

/// Codes and sessions, a thousand of each at a time.
pub(super) async fn forget_expired(
    connection: &mut PgConnection,
    now: Timestamp,
) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        "with codes as (
             delete from customer_codes where id in (
                 select id from customer_codes where expires_at <= $1
                 order by expires_at limit 1000 for update skip locked))
         delete from customer_sessions where token_hash in (
             select token_hash from customer_sessions where expires_at <= $1
             order by expires_at limit 1000 for update skip locked)",
        now as Timestamp
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}
