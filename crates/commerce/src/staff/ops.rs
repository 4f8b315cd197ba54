//! Adding staff, logging in and out.

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;

use super::{NewStaff, PASSWORD_LENGTH_MIN, Session, Staff, password, sql};
use crate::audit::{self, Entry};
use crate::db::begin;
use crate::{Db, Error, Result};

/// How long a session lasts.
const SESSION_LENGTH: SignedDuration = SignedDuration::from_hours(12);

/// Password hashes computed at once: each takes 19 MiB and a core.
static HASHING: Semaphore = Semaphore::const_new(2);

/// Adds somebody to the staff.
///
/// # Errors
/// [`Error::PasswordTooShort`]; [`Error::Conflict`] when the address is taken or is none.
pub async fn add(db: &Db, new: NewStaff) -> Result<Staff> {
    if new.password.chars().count() < PASSWORD_LENGTH_MIN {
        return Err(Error::PasswordTooShort(PASSWORD_LENGTH_MIN));
    }
    let password = new.password;
    let hash = hashing(move || password::hash(&password)).await?;
    let roles: Vec<String> = new.roles.iter().map(ToString::to_string).collect();
    let email = new.email.trim().to_lowercase();
    let mut tx = begin(db).await?;
    let id = sql::insert(&mut tx, &email, new.name.trim(), &hash, &roles).await?.into();
    audit::append(&mut tx, Entry::of(Some(id), "staff.add", &email)).await?;
    tx.commit().await?;
    Ok(Staff { id, email, name: new.name, roles: new.roles })
}

/// Opens a session for whoever knows the password.
///
/// # Errors
/// [`Error::WrongCredentials`], the same for an unknown address, a wrong password and a deactivated
/// account.
pub async fn log_in(db: &Db, email: &str, password: &str, now: Timestamp) -> Result<Session> {
    let email = email.trim().to_lowercase();
    let found = sql::credentials(&mut *db.acquire().await?, &email).await?;
    let password = password.to_owned();
    let known = found.as_ref().map(|row| row.password_hash.clone());
    let right = hashing(move || match known {
        Some(hash) => password::verify(&password, &hash),
        // The same work for nobody, so that the time does not tell who exists.
        None => password::hash(&password).map(|_| false),
    })
    .await?;
    let Some(row) = found.filter(|_| right) else {
        return Err(Error::WrongCredentials);
    };
    let staff = Staff::try_from(row)?;
    let token = new_token();
    let expires_at = now + SESSION_LENGTH;
    let mut tx = begin(db).await?;
    sql::insert_session(&mut tx, &digest(&token), staff.id.get(), expires_at.into()).await?;
    audit::append(&mut tx, Entry::of(Some(staff.id), "staff.log_in", &staff.email)).await?;
    tx.commit().await?;
    Ok(Session { token, expires_at, staff })
}

/// Whose session this is; none when it has ended, was never opened or its owner is deactivated.
///
/// # Errors
/// [`Error::Database`] when PostgreSQL does not answer.
pub async fn by_token(db: &Db, token: &str, now: Timestamp) -> Result<Option<Staff>> {
    let mut connection = db.acquire().await?;
    let row = sql::by_session(&mut connection, &digest(token), now.into()).await?;
    row.map(Staff::try_from).transpose()
}

/// Ends a session; ending one that is not there changes nothing.
///
/// # Errors
/// [`Error::Database`] when PostgreSQL does not answer.
pub async fn log_out(db: &Db, token: &str) -> Result<()> {
    let mut tx = begin(db).await?;
    if let Some(staff_id) = sql::delete_session(&mut tx, &digest(token)).await? {
        audit::append(&mut tx, Entry::of(Some(staff_id.into()), "staff.log_out", "")).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Runs password work off the async threads, few at a time.
async fn hashing<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let _turn = HASHING.acquire().await.expect("this semaphore is never closed");
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| Error::PasswordHash(error.to_string()))?
}

/// 256 random bits as hexadecimal.
fn new_token() -> String {
    let bytes: [u8; 32] = rand::random();
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}
