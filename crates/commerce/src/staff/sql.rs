//! SQL of the staff slice.

use jiff_sqlx::Timestamp;
use sqlx::PgConnection;

use super::Staff;
use crate::{Error, Result};

/// A row of `staff` that is active.
pub(super) struct StaffRow {
    pub(super) id: i64,
    pub(super) email: String,
    pub(super) name: String,
    pub(super) roles: Vec<String>,
    pub(super) password_hash: String,
}

impl TryFrom<StaffRow> for Staff {
    type Error = Error;

    fn try_from(row: StaffRow) -> Result<Staff> {
        let roles =
            row.roles.iter().map(|role| role.parse()).collect::<std::result::Result<_, _>>();
        Ok(Staff {
            id: row.id.into(),
            email: row.email,
            name: row.name,
            roles: roles.map_err(Error::UnknownRole)?,
        })
    }
}

pub(super) async fn insert(
    connection: &mut PgConnection,
    email: &str,
    name: &str,
    password_hash: &str,
    roles: &[String],
) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        "insert into staff (email, name, password_hash, roles) values ($1, $2, $3, $4) returning id",
        email,
        name,
        password_hash,
        roles
    )
    .fetch_one(connection)
    .await
}

pub(super) async fn credentials(
    connection: &mut PgConnection,
    email: &str,
) -> sqlx::Result<Option<StaffRow>> {
    sqlx::query_as!(
        StaffRow,
        "select id, email, name, roles, password_hash from staff where email = $1 and active",
        email
    )
    .fetch_optional(connection)
    .await
}

pub(super) async fn insert_session(
    connection: &mut PgConnection,
    token_hash: &[u8],
    staff_id: i64,
    expires_at: Timestamp,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into staff_sessions (token_hash, staff_id, expires_at) values ($1, $2, $3)",
        token_hash,
        staff_id,
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
) -> sqlx::Result<Option<StaffRow>> {
    sqlx::query_as!(
        StaffRow,
        "select staff.id, email, name, roles, password_hash
         from staff_sessions join staff on staff.id = staff_sessions.staff_id
         where token_hash = $1 and expires_at > $2 and active",
        token_hash,
        now as Timestamp
    )
    .fetch_optional(connection)
    .await
}

/// The address of whose session it was, and their key.
pub(super) struct Ended {
    pub(super) id: i64,
    pub(super) email: String,
}

pub(super) async fn delete_session(
    connection: &mut PgConnection,
    token_hash: &[u8],
) -> sqlx::Result<Option<Ended>> {
    sqlx::query_as!(
        Ended,
        "delete from staff_sessions using staff
         where token_hash = $1 and staff.id = staff_sessions.staff_id
         returning staff.id, staff.email",
        token_hash
    )
    .fetch_optional(connection)
    .await
}

/// The attempts of one address since the first of them.
pub(super) struct Attempts {
    pub(super) started_at: Timestamp,
    pub(super) attempts: i32,
}

pub(super) async fn count_attempt(
    connection: &mut PgConnection,
    email: &str,
    now: Timestamp,
    expired: Timestamp,
) -> sqlx::Result<Attempts> {
    sqlx::query_as!(
        Attempts,
        r#"insert into staff_attempts as seen (email, started_at, attempts) values ($1, $2, 1)
           on conflict (email) do update set
               started_at = case when seen.started_at <= $3 then $2 else seen.started_at end,
               attempts = case when seen.started_at <= $3 then 1 else seen.attempts + 1 end
           returning started_at as "started_at: Timestamp", attempts"#,
        email,
        now as Timestamp,
        expired as Timestamp
    )
    .fetch_one(connection)
    .await
}

/// Removes more rows than an attempt adds, passing over those that others are counting on.
pub(super) async fn forget_expired_attempts(
    connection: &mut PgConnection,
    expired: Timestamp,
) -> sqlx::Result<()> {
    sqlx::query!(
        "delete from staff_attempts where email in (
             select email from staff_attempts where started_at <= $1
             order by started_at limit 100 for update skip locked)",
        expired as Timestamp
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn forget_attempts(
    connection: &mut PgConnection,
    email: &str,
) -> sqlx::Result<()> {
    sqlx::query!("delete from staff_attempts where email = $1", email).execute(connection).await?;
    Ok(())
}
