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

pub(super) async fn delete_session(
    connection: &mut PgConnection,
    token_hash: &[u8],
) -> sqlx::Result<Option<i64>> {
    sqlx::query_scalar!(
        "delete from staff_sessions where token_hash = $1 returning staff_id",
        token_hash
    )
    .fetch_optional(connection)
    .await
}
