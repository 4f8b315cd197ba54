//! Writes of the office and of integrators: effect, audit row and saved answer in one transaction.
//!
//! A [`Write`] is the only way to the verbs that change the catalogue, so none of them forgets who did it.
//! With an idempotency key the answer is saved in the same transaction: the same key and request get the same
//! answer byte for byte, however often and however late (7 days) they come; what failed is not saved and can be
//! tried again. Dropping a `Write` undoes it.
//!
//! Table owned: `idempotency_keys`.

#[cfg(test)]
pub(crate) mod fixture;
mod ops;
mod sql;
#[cfg(test)]
mod tests;

use std::ops::{Deref, DerefMut};

pub(crate) use ops::open;
pub use ops::{begin, complete, forget_expired};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use souk_base::StaffId;
use sqlx::{PgConnection, Postgres, Transaction};

use crate::audit::{self, Entry};
use crate::{Error, Result};

/// Longest idempotency key, in characters.
pub const KEY_LENGTH_MAX: usize = 255;

/// A client's name for one request, by which a repetition is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey {
    scope: String,
    key: String,
    request_hash: String,
}

impl IdempotencyKey {
    /// The key of a request; `scope` says whose keys these are (`staff:7`), `request` is everything that makes
    /// it this request: method, path with query, body.
    #[must_use]
    pub fn new(scope: &str, key: &str, request: &[&[u8]]) -> IdempotencyKey {
        let mut hash = Sha256::new();
        for part in request {
            // With its length before it, no part can pass for the end of its neighbour.
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        let request_hash = hexadecimal(&hash.finalize());
        IdempotencyKey { scope: scope.to_owned(), key: key.to_owned(), request_hash }
    }
}

/// An answer as it was sent, kept for repetitions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Its HTTP status.
    pub status: u16,
    /// Headers that belong to it, such as `etag` and `location`.
    pub headers: Vec<(String, String)>,
    /// Its body, byte for byte.
    pub body: String,
}

/// What became of the beginning of a write.
pub enum Begun {
    /// The write is open.
    New(Write),
    /// This request was answered before, like this.
    Before(Answer),
}

/// An open transaction of a known actor. Reads as a connection, so that readers take it too.
pub struct Write {
    transaction: Transaction<'static, Postgres>,
    actor: Option<StaffId>,
    key: Option<IdempotencyKey>,
}

impl Write {
    /// Who writes; none for the command line.
    #[must_use]
    pub fn actor(&self) -> Option<StaffId> {
        self.actor
    }

    /// Writes down what was done to what.
    pub(crate) async fn note(&mut self, action: &str, subject: &str, detail: Value) -> Result<()> {
        let entry = Entry { detail, ..Entry::of(self.actor, action, subject) };
        audit::append(&mut self.transaction, entry).await
    }
}

impl Deref for Write {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.transaction
    }
}

impl DerefMut for Write {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.transaction
    }
}

/// The entity tag of a representation: its JSON hashed, in quotation marks as HTTP has it.
#[must_use]
pub fn etag(representation: &impl Serialize) -> String {
    let json = serde_json::to_vec(representation).expect("representations have text keys only");
    let mut tag = hexadecimal(&Sha256::digest(json));
    tag.truncate(32);
    format!("\"{tag}\"")
}

/// Refuses a write to a thing that has changed since the caller read it; `expected` is an `If-Match` value: a tag,
/// several, or `*`.
pub(crate) fn expect(expected: Option<&str>, representation: &impl Serialize) -> Result<()> {
    let Some(expected) = expected else { return Ok(()) };
    let tag = etag(representation);
    let matches = expected.split(',').map(str::trim).any(|given| given == "*" || given == tag);
    if matches { Ok(()) } else { Err(Error::Stale) }
}

pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
