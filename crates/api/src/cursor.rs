//! Cursors: opaque, signed, and good only for the query they came from.
//!
//! A cursor is `base64url(mac ‖ payload)`. The MAC covers what kind of list it pages, a fingerprint of
//! the query, and the payload, so that a cursor can be neither forged nor carried to another query.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::Sha256;
use souk_commerce::customers::CodeKey;

use crate::error::{Code, FieldError};

/// Bytes of the MAC that a cursor carries; half of SHA-256 is still far beyond guessing.
const MAC_LENGTH: usize = 16;

/// Longest cursor that is looked at.
const LENGTH_MAX: usize = 2_048;

/// Keys for what the server signs, each derived from one secret for one purpose.
#[derive(Clone)]
pub struct Keys {
    cursor: [u8; 32],
    guest: [u8; 32],
    code: [u8; 32],
}

impl Keys {
    /// The keys that follow from a secret. Instances of one shop share the secret.
    #[must_use]
    pub fn new(secret: &[u8]) -> Self {
        Keys {
            cursor: mac(secret, &[b"souk cursor v1"]),
            guest: mac(secret, &[b"souk guest v1"]),
            code: mac(secret, &[b"souk code v1"]),
        }
    }

    /// What customers' one-time codes follow from.
    pub(crate) fn codes(&self) -> CodeKey {
        CodeKey::new(BASE64_URL_SAFE_NO_PAD.encode(self.code))
    }

    /// The secret by which a guest reaches what they made.
    pub(crate) fn secret(&self, kind: &[u8], id: &[u8]) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(mac(&self.guest, &[kind, id]))
    }
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys")
    }
}

/// Writes a cursor: `query` is anything that tells this query from others, serialised the same each time.
pub(crate) fn write(keys: &Keys, query: &impl Serialize, position: &impl Serialize) -> String {
    let payload = json(position);
    let mut bytes = sign(keys, query, &payload).to_vec();
    bytes.extend_from_slice(&payload);
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// Reads a cursor that [`write()`] made for the same query with the same keys.
pub(crate) fn read<P: DeserializeOwned>(
    keys: &Keys,
    query: &impl Serialize,
    cursor: &str,
) -> Result<P, FieldError> {
    open(keys, query, cursor).ok_or_else(|| {
        let detail = "the cursor is damaged or belongs to another query";
        FieldError::new("/cursor", Code::InvalidCursor, detail)
    })
}

fn open<P: DeserializeOwned>(keys: &Keys, query: &impl Serialize, cursor: &str) -> Option<P> {
    if cursor.len() > LENGTH_MAX {
        return None;
    }
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(cursor).ok()?;
    let (given, payload) = bytes.split_at_checked(MAC_LENGTH)?;
    let expected = sign(keys, query, payload);
    let genuine = bool::from(subtle::ConstantTimeEq::ct_eq(given, &expected[..]));
    genuine.then(|| serde_json::from_slice(payload).ok()).flatten()
}

fn sign(keys: &Keys, query: &impl Serialize, payload: &[u8]) -> [u8; MAC_LENGTH] {
    let full = mac(&keys.cursor, &[&json(query), payload]);
    *full.first_chunk().expect("a SHA-256 is longer than the MAC a cursor carries")
}

/// HMAC-SHA-256 over parts, each preceded by its length, so that no two lists of parts collide.
fn mac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    for part in parts {
        mac.update(&part.len().to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

fn json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).expect("queries and page keys have string keys and finite numbers")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back_only_with_its_own_query_and_keys() {
        let keys = Keys::new(b"secret");
        let cursor = write(&keys, &("KW", "rose"), &(7_u64, 42_u32));

        assert_eq!(read::<(u64, u32)>(&keys, &("KW", "rose"), &cursor), Ok((7, 42)));
        assert!(read::<(u64, u32)>(&keys, &("KW", "tulip"), &cursor).is_err());
        assert!(read::<(u64, u32)>(&Keys::new(b"other"), &("KW", "rose"), &cursor).is_err());
    }

    #[test]
    fn a_changed_character_anywhere_breaks_a_cursor() {
        let keys = Keys::new(b"secret");
        let cursor = write(&keys, &"q", &7_u64);

        for at in 0..cursor.len() {
            let mut forged = cursor.clone().into_bytes();
            forged[at] = if forged[at] == b'A' { b'B' } else { b'A' };
            let forged = String::from_utf8(forged).unwrap();
            assert!(read::<u64>(&keys, &"q", &forged).is_err(), "{forged}");
        }
        for broken in ["", "?", "AAAA", &"A".repeat(100_000)] {
            assert!(read::<u64>(&keys, &"q", broken).is_err());
        }
    }
}
