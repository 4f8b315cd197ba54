//! Adding staff, logging in and out.

use jiff::{SignedDuration, Timestamp};
use souk_base::StaffId;

use super::sql::StaffRow;
use super::{EMAIL_LENGTH_MAX, NewStaff, Session, Staff, sql, throttle};
use crate::audit::{self, Entry};
use crate::db::begin;
use crate::password::{self, fits};
use crate::{Conflict, Db, Error, Result, token};

/// How long a session lasts.
const SESSION_LENGTH: SignedDuration = SignedDuration::from_hours(12);

/// Adds somebody to the staff; `actor` is who does it, none for the command line.
///
/// # Errors
/// [`Error::PasswordTooShort`]; [`Error::PasswordUnusable`]; [`Error::Conflict`] when the address is
/// taken or is none.
pub async fn add(db: &Db, new: NewStaff, actor: Option<StaffId>) -> Result<Staff> {
    let email = new.email.trim().to_lowercase();
    password::check(&new.password)?;
    if !fits(&email, EMAIL_LENGTH_MAX) {
        return Err(Conflict::StaffEmailInvalid.into());
    }
    let hash = password::hash(new.password).await?;
    let roles: Vec<String> = new.roles.iter().map(ToString::to_string).collect();
    let mut tx = begin(db).await?;
    let id = sql::insert(&mut tx, &email, new.name.trim(), &hash, &roles).await?.into();
    audit::append(&mut tx, Entry::of(actor, "staff.add", &email)).await?;
    tx.commit().await?;
    Ok(Staff { id, email, name: new.name, roles: new.roles })
}

/// Opens a session for whoever knows the password.
///
/// # Errors
/// [`Error::WrongCredentials`], the same for an unknown address, a wrong password, a deactivated account
/// and what cannot be an address or a password; [`Error::TooManyAttempts`] when too many failed of late.
pub async fn log_in(db: &Db, email: &str, password: &str, now: Timestamp) -> Result<Session> {
    let email = email.trim().to_lowercase();
    if !fits(&email, EMAIL_LENGTH_MAX) || !fits(password, password::LENGTH_MAX) {
        return Err(Error::WrongCredentials);
    }
    throttle::count(db, &email, now).await?;
    let row = verified(db, &email, password).await?.ok_or(Error::WrongCredentials)?;
    open_session(db, row.try_into()?, now).await
}

/// Whose address and password these are.
async fn verified(db: &Db, email: &str, password: &str) -> Result<Option<StaffRow>> {
    let found = sql::credentials(&mut *db.acquire().await?, email).await?;
    let hash = found.as_ref().map(|row| row.password_hash.clone());
    let right = password::verify(password.to_owned(), hash).await?;
    Ok(found.filter(|_| right))
}

async fn open_session(db: &Db, staff: Staff, now: Timestamp) -> Result<Session> {
    let token = token::new();
    let expires_at = now + SESSION_LENGTH;
    let mut tx = begin(db).await?;
    sql::forget_attempts(&mut tx, &staff.email).await?;
    sql::insert_session(&mut tx, &token::digest(&token), staff.id.get(), expires_at.into()).await?;
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
    let row = sql::by_session(&mut connection, &token::digest(token), now.into()).await?;
    row.map(Staff::try_from).transpose()
}

/// Ends a session; ending one that is not there changes nothing.
///
/// # Errors
/// [`Error::Database`] when PostgreSQL does not answer.
pub async fn log_out(db: &Db, token: &str) -> Result<()> {
    let mut tx = begin(db).await?;
    if let Some(ended) = sql::delete_session(&mut tx, &token::digest(token)).await? {
        let entry = Entry::of(Some(ended.id.into()), "staff.log_out", &ended.email);
        audit::append(&mut tx, entry).await?;
    }
    tx.commit().await?;
    Ok(())
}
