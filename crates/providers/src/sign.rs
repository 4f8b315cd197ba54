//! What providers prove themselves with: HMAC over bytes, and payloads encrypted with AES-128-CBC.

use aes::Aes128;
use aes::cipher::{BlockCipherDecrypt, BlockCipherEncrypt, KeyInit};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// Bytes of an AES block, and of the key that is used here.
const BLOCK: usize = 16;

/// Hexadecimal HMAC-SHA256 of the parts, one after the other.
#[must_use]
pub fn hmac_sha256(key: &str, parts: &[&[u8]]) -> String {
    let mut mac =
        <Hmac<Sha256>>::new_from_slice(key.as_bytes()).expect("HMAC takes keys of every length");
    for part in parts {
        mac.update(part);
    }
    hexadecimal(&mac.finalize().into_bytes())
}

/// Whether two texts are equal, in a time that does not tell where they differ.
#[must_use]
pub fn same(given: &str, expected: &str) -> bool {
    given.as_bytes().ct_eq(expected.as_bytes()).into()
}

/// Encrypts with AES-128 in CBC mode with PKCS#7 padding, as hexadecimal; none for a key that has not 16 bytes.
#[must_use]
pub fn encrypt(key: &str, iv: &str, text: &str) -> Option<String> {
    let cipher = Aes128::new_from_slice(key.as_bytes()).ok()?;
    let mut before: [u8; BLOCK] = iv.as_bytes().try_into().ok()?;
    let padding = BLOCK - text.len() % BLOCK;
    let mut bytes = text.as_bytes().to_vec();
    bytes.resize(text.len() + padding, u8::try_from(padding).ok()?);
    let mut encrypted = Vec::with_capacity(bytes.len());
    for chunk in bytes.chunks_exact(BLOCK) {
        let mut block: [u8; BLOCK] = chunk.try_into().ok()?;
        block.iter_mut().zip(before).for_each(|(byte, other)| *byte ^= other);
        let mut block = block.into();
        cipher.encrypt_block(&mut block);
        before = block.into();
        encrypted.extend_from_slice(&before);
    }
    Some(hexadecimal(&encrypted))
}

/// Decrypts what [`encrypt`] made; none for anything else.
#[must_use]
pub fn decrypt(key: &str, iv: &str, hexadecimal: &str) -> Option<String> {
    let cipher = Aes128::new_from_slice(key.as_bytes()).ok()?;
    let mut before: [u8; BLOCK] = iv.as_bytes().try_into().ok()?;
    let bytes = bytes_of(hexadecimal)?;
    if bytes.is_empty() || bytes.len() % BLOCK != 0 {
        return None;
    }
    let mut text = Vec::with_capacity(bytes.len());
    for chunk in bytes.chunks_exact(BLOCK) {
        let encrypted: [u8; BLOCK] = chunk.try_into().ok()?;
        let mut block = encrypted.into();
        cipher.decrypt_block(&mut block);
        let block: [u8; BLOCK] = block.into();
        text.extend(block.iter().zip(before).map(|(byte, other)| byte ^ other));
        before = encrypted;
    }
    let padding = usize::from(*text.last()?);
    let padded = (1..=BLOCK).contains(&padding)
        && text[text.len() - padding..].iter().all(|byte| usize::from(*byte) == padding);
    text.truncate(text.len() - if padded { padding } else { return None });
    String::from_utf8(text).ok()
}

/// Lower-case hexadecimal digits of bytes.
#[must_use]
pub fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bytes_of(hexadecimal: &str) -> Option<Vec<u8>> {
    if !hexadecimal.len().is_multiple_of(2) || !hexadecimal.is_ascii() {
        return None;
    }
    let pairs = (0..hexadecimal.len()).step_by(2).map(|at| &hexadecimal[at..at + 2]);
    pairs.map(|pair| u8::from_str_radix(pair, 16).ok()).collect()
}
