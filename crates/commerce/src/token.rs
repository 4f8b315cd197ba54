//! Tokens of sessions: 256 random bits that only their cookie or client holds; the tables have the SHA-256.

use sha2::{Digest, Sha256};

/// A new one, as hexadecimal.
pub(crate) fn new() -> String {
    let bytes: [u8; 32] = rand::random();
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What a table has of it.
pub(crate) fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}
