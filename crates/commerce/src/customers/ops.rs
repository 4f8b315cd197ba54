//! Coming in and going out.

use jiff::{SignedDuration, Timestamp};

use super::attempts::{self, Limit};
use super::sql::{self, CustomerRow, NewCustomer};
use super::{Caller, Customer, Door, NAME_LENGTH_MAX, Proof, Registration, Session, codes};
use crate::password::{self, fits};
use crate::{Db, Error, Result, db, token};

/// How long a session lasts.
const SESSION_LENGTH: SignedDuration = SignedDuration::from_hours(60 * 24);

/// Passwords that may be wrong for one address or number.
const PASSWORDS: Limit = Limit { attempts: 10, window: SignedDuration::from_mins(15) };

/// Opens a session for whoever shows that the address or number is theirs; a right code makes a stranger a customer.
///
/// # Errors
/// [`Error::WrongProof`], the same for an unknown customer and a wrong code or password; [`Error::TooManyAttempts`].
pub async fn log_in(
    db: &Db,
    door: &Door,
    caller: &Caller,
    proof: Proof<'_>,
    now: Timestamp,
) -> Result<Session> {
    check(db, door, caller, proof, now).await?;
    enter(db, caller, "", None, now).await
}

/// Opens a session for whoever shows a code, under a name and with a password if they want one: a new customer, or one who
/// has forgotten their password. A new password ends every other session.
///
/// # Errors
/// As [`log_in`]; [`Error::PasswordTooShort`], [`Error::PasswordUnusable`].
pub async fn register(
    db: &Db,
    door: &Door,
    caller: &Caller,
    new: Registration<'_>,
    now: Timestamp,
) -> Result<Session> {
    let Registration { code, name, password } = new;
    if !fits(name, NAME_LENGTH_MAX) {
        let reason = format!("a name has at most {NAME_LENGTH_MAX} characters");
        return Err(Error::invalid("name", reason));
    }
    password.as_deref().map_or(Ok(()), password::check)?;
    check(db, door, caller, Proof::Code(code), now).await?;
    let hash = match password {
        Some(password) => Some(password::hash(password).await?),
        None => None,
    };
    enter(db, caller, name.trim(), hash, now).await
}

/// Refuses what does not show that the address or number is the caller's.
async fn check(
    db: &Db,
    door: &Door,
    caller: &Caller,
    proof: Proof<'_>,
    now: Timestamp,
) -> Result<()> {
    if let Some(network) = caller.network {
        let limit = Limit { attempts: door.limits.log_ins_network, ..PASSWORDS };
        within(db, &format!("network:{network}"), &limit, now).await?;
    }
    let contact = &caller.contact;
    let is_right = match proof {
        Proof::Code(code) => codes::redeem(db, &door.key, contact, code, now).await?,
        Proof::Password(password) => {
            within(db, &format!("password:{}", contact.as_str()), &PASSWORDS, now).await?;
            is_password(db, caller, password).await?
        }
    };
    if is_right { Ok(()) } else { Err(Error::WrongProof) }
}

async fn within(db: &Db, key: &str, limit: &Limit, now: Timestamp) -> Result<()> {
    match attempts::count(db, key, limit, now).await? {
        None => Ok(()),
        Some(retry_after_s) => Err(Error::TooManyAttempts { retry_after_s }),
    }
}

/// Whether the account with this address or number has this password. Nobody's is never right but costs the same.
async fn is_password(db: &Db, caller: &Caller, password: &str) -> Result<bool> {
    if !fits(password, password::LENGTH_MAX) {
        return Ok(false);
    }
    let (email, phone) = (caller.contact.email(), caller.contact.phone());
    let found = sql::by_contact(&mut *db.acquire().await?, email, phone).await?;
    password::verify(password.to_owned(), found.and_then(|row| row.password_hash)).await
}

/// Opens a session for who has shown that the address or number is theirs.
async fn enter(
    db: &Db,
    caller: &Caller,
    name: &str,
    password_hash: Option<String>,
    now: Timestamp,
) -> Result<Session> {
    let new = NewCustomer {
        email: caller.contact.email(),
        phone: caller.contact.phone(),
        name,
        lang: caller.lang.code(),
        password_hash: password_hash.as_deref(),
    };
    let token = token::new();
    let expires_at = now + SESSION_LENGTH;
    let mut tx = db::begin(db).await?;
    // Two at once with the same address: the second waits here, then finds the first one's row.
    let made = sql::insert(&mut tx, &new).await?;
    let is_new = made.is_some();
    let row = match made {
        Some(row) => row,
        None => sql::by_contact(&mut tx, new.email, new.phone).await?.ok_or(Error::WrongProof)?,
    };
    if !is_new {
        sql::amend(&mut tx, row.id, name, new.password_hash).await?;
        if new.password_hash.is_some() {
            sql::delete_sessions(&mut tx, row.id).await?;
        }
    }
    sql::forget_attempts(&mut tx, &format!("password:{}", caller.contact.as_str())).await?;
    let digest = token::digest(&token);
    sql::insert_session(&mut tx, &digest, row.id, now.into(), expires_at.into()).await?;
    let row = sql::by_session(&mut tx, &digest, now.into()).await?.ok_or(Error::WrongProof)?;
    tx.commit().await?;
    Ok(Session { token, expires_at, customer: row.try_into()?, is_new })
}

/// Whose session this is; none when it has ended, was never opened or its owner is deactivated.
///
/// # Errors
/// [`Error::Database`] when PostgreSQL does not answer.
pub async fn by_token(db: &Db, token: &str, now: Timestamp) -> Result<Option<Customer>> {
    let mut connection = db.acquire().await?;
    let row = sql::by_session(&mut connection, &token::digest(token), now.into()).await?;
    row.map(Customer::try_from).transpose()
}

/// Ends a session; ending one that is not there changes nothing.
///
/// # Errors
/// [`Error::Database`] when PostgreSQL does not answer.
pub async fn log_out(db: &Db, token: &str) -> Result<()> {
    Ok(sql::delete_session(&mut *db.acquire().await?, &token::digest(token)).await?)
}

/// Ends every session of a customer.
///
/// # Errors
/// [`Error::Database`] when PostgreSQL does not answer.
pub async fn log_out_everywhere(db: &Db, customer: super::CustomerId) -> Result<()> {
    Ok(sql::delete_sessions(&mut *db.acquire().await?, customer.get()).await?)
}

impl TryFrom<CustomerRow> for Customer {
    type Error = Error;

    fn try_from(row: CustomerRow) -> Result<Customer> {
        Ok(Customer {
            id: row.id.into(),
            email: row.email.as_deref().map(str::parse).transpose()?,
            phone: row.phone.as_deref().map(str::parse).transpose()?,
            name: row.name,
            lang: row.lang.parse()?,
            has_password: row.password_hash.is_some(),
        })
    }
}

/// Refuses a password that is not the customer's, counting like a log-in.
pub(super) async fn check_password(
    db: &Db,
    customer: &Customer,
    given: &str,
    now: Timestamp,
) -> Result<()> {
    within(db, &format!("current:{}", customer.id), &PASSWORDS, now).await?;
    let hash = sql::password_hash(&mut *db.acquire().await?, customer.id.get()).await?;
    let is_right =
        fits(given, password::LENGTH_MAX) && password::verify(given.to_owned(), hash).await?;
    if is_right { Ok(()) } else { Err(Error::WrongProof) }
}
