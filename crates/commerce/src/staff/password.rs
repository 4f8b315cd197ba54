//! Password hashes: argon2id with the crate's defaults (19 MiB, 2 passes; OWASP's minimum).

use argon2::Argon2;
use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};

use crate::{Error, Result};

/// Hashes a password with a random salt. Costs tens of milliseconds: keep it off the async threads.
pub(super) fn hash(password: &str) -> Result<String> {
    Argon2::default()
        .hash_password(password.as_bytes())
        .map(|hash| hash.to_string())
        .map_err(|error| Error::PasswordHash(error.to_string()))
}

/// Whether the password is the one that was hashed; costs the same whatever the answer.
pub(super) fn verify(password: &str, hash: &str) -> Result<bool> {
    let parsed = PasswordHash::new(hash).map_err(|error| Error::PasswordHash(error.to_string()))?;
    Ok(Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok())
}
