//! What customers say about themselves.

use jiff::Timestamp;
use souk_base::Lang;

use super::{Contact, Customer, CustomerId, Door, NAME_LENGTH_MAX, codes, ops, sql};
use crate::password::{self, fits};
use crate::writes::Write;
use crate::{Db, Error, Result, db, token};

/// What customers can say in words of their own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// How they want to be called.
    pub name: String,
    /// The language they are written to in.
    pub lang: Lang,
}

/// Says it.
///
/// # Errors
/// [`Error::Invalid`] for a name that is too long; [`Error::NotFound`].
pub async fn change_profile(
    write: &mut Write,
    customer: CustomerId,
    profile: &Profile,
) -> Result<()> {
    if !fits(&profile.name, NAME_LENGTH_MAX) {
        let reason = format!("a name has at most {NAME_LENGTH_MAX} characters");
        return Err(Error::invalid("name", reason));
    }
    let (name, lang) = (profile.name.trim(), profile.lang.code());
    let found = sql::set_profile(write, customer.get(), name, lang).await?;
    if found { Ok(()) } else { Err(Error::NotFound) }
}

/// Sets a password, and ends every session but the one with this token. Who has one shows it.
///
/// # Errors
/// [`Error::WrongProof`] for another current password; [`Error::TooManyAttempts`]; [`Error::PasswordTooShort`],
/// [`Error::PasswordUnusable`].
pub async fn set_password(
    db: &Db,
    customer: &Customer,
    token: &str,
    current: Option<&str>,
    new: String,
    now: Timestamp,
) -> Result<()> {
    password::check(&new)?;
    if customer.has_password {
        ops::check_password(db, customer, current.unwrap_or_default(), now).await?;
    }
    let hash = password::hash(new).await?;
    let mut tx = db::begin(db).await?;
    sql::amend(&mut tx, customer.id.get(), "", Some(&hash)).await?;
    sql::delete_other_sessions(&mut tx, customer.id.get(), &token::digest(token)).await?;
    Ok(tx.commit().await?)
}

/// Gives a customer another address or number, with the code that was sent there.
///
/// # Errors
/// [`Error::WrongProof`] for a wrong code; [`Error::Conflict`] when another customer has it, which only its owner learns.
pub async fn change_contact(
    db: &Db,
    door: &Door,
    customer: CustomerId,
    contact: &Contact,
    code: &str,
    now: Timestamp,
) -> Result<()> {
    if !codes::redeem(db, &door.key, contact, code, now).await? {
        return Err(Error::WrongProof);
    }
    let mut connection = db.acquire().await?;
    sql::set_contact(&mut connection, customer.get(), contact.email(), contact.phone()).await?;
    Ok(())
}
