//! Keys that are given before a row exists: UUIDs of version 7 (RFC 9562), which carry their time and sort by it.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A UUID, typed by the kind of row it names. JSON shows it as text.
pub struct Uuid<K> {
    value: u128,
    kind: PhantomData<fn() -> K>,
}

/// Kinds of rows; never constructed.
#[derive(Debug)]
pub enum OrderGroupKind {}
/// Kinds of rows; never constructed.
#[derive(Debug)]
pub enum CartKind {}

/// Key of `order_groups`.
pub type OrderGroupId = Uuid<OrderGroupKind>;
/// Key of `carts`.
pub type CartId = Uuid<CartKind>;

/// A text that is no UUID as they are written here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an id of this kind is a UUID in lower case")]
pub struct NoUuid;

impl<K> Uuid<K> {
    /// A new one, made at this instant.
    #[must_use]
    pub fn new(now: Timestamp) -> Self {
        const RANDOM_BITS: u128 = (0xFFF << 64) | (u128::MAX >> 66);
        let time = u128::from(now.as_millisecond().unsigned_abs() & 0xFFFF_FFFF_FFFF);
        let random: u128 = rand::random();
        let value = (time << 80) | (7 << 76) | (2 << 62) | (random & RANDOM_BITS);
        Uuid { value, kind: PhantomData }
    }

    /// Its sixteen bytes.
    #[must_use]
    pub fn bytes(self) -> [u8; 16] {
        self.value.to_be_bytes()
    }
}

impl<K> fmt::Display for Uuid<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hex = format!("{:032x}", self.value);
        let parts = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]];
        f.write_str(&parts.join("-"))
    }
}

impl<K> FromStr for Uuid<K> {
    type Err = NoUuid;

    /// Reads exactly what [`fmt::Display`] writes, so that an id has one spelling.
    fn from_str(text: &str) -> Result<Self, NoUuid> {
        if text.len() != 36 || text.contains('+') {
            return Err(NoUuid);
        }
        let value = u128::from_str_radix(&text.replace('-', ""), 16).map_err(|_| NoUuid)?;
        let id = Uuid { value, kind: PhantomData };
        if id.to_string() == text { Ok(id) } else { Err(NoUuid) }
    }
}

// Written by hand: a derive would ask the same of `K`, which is never constructed.
impl<K> Clone for Uuid<K> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<K> Copy for Uuid<K> {}
impl<K> PartialEq for Uuid<K> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}
impl<K> Eq for Uuid<K> {}
impl<K> Hash for Uuid<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.value.hash(state);
    }
}
impl<K> fmt::Debug for Uuid<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}
impl<K> Serialize for Uuid<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
impl<'de, K> Deserialize<'de> for Uuid<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_one_spelling_and_sorts_by_time() {
        let early = CartId::new(Timestamp::from_millisecond(1_000).unwrap());
        let late = CartId::new(Timestamp::from_millisecond(2_000).unwrap());

        assert_eq!(early.to_string().parse(), Ok(early));
        assert!(early.to_string() < late.to_string());
        assert_eq!(&early.to_string()[14..15], "7");
        for bad in ["", "1", &early.to_string().to_uppercase(), &early.to_string().replace('-', "")]
        {
            let is_same = bad == early.to_string();
            assert!(is_same || bad.parse::<CartId>().is_err(), "{bad}");
        }
    }
}
