//! Ids: the keys of PostgreSQL, typed by what they point at, and text at the outside.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::ParseError;

/// A key of PostgreSQL, typed by the kind of row it points at. JSON shows it as text.
pub struct Id<K> {
    value: i64,
    kind: PhantomData<fn() -> K>,
}

/// Kinds of rows; never constructed.
mod kind {
    #[derive(Debug)]
    pub enum Product {}
    #[derive(Debug)]
    pub enum Variant {}
    #[derive(Debug)]
    pub enum Offer {}
    #[derive(Debug)]
    pub enum Seller {}
    #[derive(Debug)]
    pub enum Category {}
    #[derive(Debug)]
    pub enum Brand {}
    #[derive(Debug)]
    pub enum Attribute {}
    #[derive(Debug)]
    pub enum AttributeValue {}
    #[derive(Debug)]
    pub enum City {}
    #[derive(Debug)]
    pub enum Warehouse {}
    #[derive(Debug)]
    pub enum DeliveryWindow {}
    #[derive(Debug)]
    pub enum Staff {}
    #[derive(Debug)]
    pub enum Media {}
    #[derive(Debug)]
    pub enum DatedPrice {}
    #[derive(Debug)]
    pub enum Rule {}
    #[derive(Debug)]
    pub enum Synonym {}
}

/// Key of `products`.
pub type ProductId = Id<kind::Product>;
/// Key of `variants`.
pub type VariantId = Id<kind::Variant>;
/// Key of `offers`.
pub type OfferId = Id<kind::Offer>;
/// Key of `sellers`.
pub type SellerId = Id<kind::Seller>;
/// Key of `categories`.
pub type CategoryId = Id<kind::Category>;
/// Key of `brands`.
pub type BrandId = Id<kind::Brand>;
/// Key of `attributes`.
pub type AttributeId = Id<kind::Attribute>;
/// Key of `attribute_values`.
pub type AttributeValueId = Id<kind::AttributeValue>;
/// Key of `cities`.
pub type CityId = Id<kind::City>;
/// Key of `warehouses`.
pub type WarehouseId = Id<kind::Warehouse>;
/// Key of `delivery_windows`.
pub type DeliveryWindowId = Id<kind::DeliveryWindow>;
/// Key of `staff`.
pub type StaffId = Id<kind::Staff>;
/// Key of `media`.
pub type MediaId = Id<kind::Media>;
/// Key of `price_exceptions`.
pub type DatedPriceId = Id<kind::DatedPrice>;
/// Key of `rules`.
pub type RuleId = Id<kind::Rule>;
/// Key of `synonyms`.
pub type SynonymId = Id<kind::Synonym>;

impl<K> Id<K> {
    /// The id with this key.
    #[must_use]
    pub const fn new(value: i64) -> Self {
        Id { value, kind: PhantomData }
    }

    /// The key as PostgreSQL holds it.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.value
    }
}

// Written by hand: a derive would ask the same of `K`, which is never constructed.
impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<K> Copy for Id<K> {}
impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}
impl<K> Eq for Id<K> {}
impl<K> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<K> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.value.cmp(&other.value)
    }
}
impl<K> Hash for Id<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.value.hash(state);
    }
}
impl<K> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.value)
    }
}
impl<K> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.value)
    }
}
impl<K> From<i64> for Id<K> {
    fn from(value: i64) -> Self {
        Id::new(value)
    }
}
impl<K> FromStr for Id<K> {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let value = text.parse().map_err(|_| ParseError::new("id", "a whole number", text))?;
        Ok(Id::new(value))
    }
}
impl<K> Serialize for Id<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.value)
    }
}
impl<'de, K> Deserialize<'de> for Id<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// The dense number of a product: the index into every in-memory column. Given once, never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Ordinal(pub u32);

impl Ordinal {
    /// The ordinal as an index.
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_text_in_json_and_reads_back() {
        let id = ProductId::new(42);

        let json = serde_json::to_string(&id).unwrap();

        assert_eq!(json, "\"42\"");
        assert_eq!(serde_json::from_str::<ProductId>(&json).unwrap(), id);
        assert!("4x".parse::<ProductId>().is_err());
    }
}
