//! Parts of a line: keys, values of several kinds, texts of a bounded length.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use souk_base::{Lang, Translated};

use super::Read;
use crate::imports::names;

/// Longest id, SKU, barcode and name.
const NAME_LENGTH_MAX: usize = 200;

/// The keys of a line that have not been read yet.
pub(super) struct Fields(pub(super) Map<String, Value>);

impl Fields {
    /// Takes a key; none when it is absent or null.
    pub(super) fn take<T: DeserializeOwned>(&mut self, key: &str) -> Read<Option<T>> {
        match self.0.remove(key) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => {
                serde_json::from_value(value).map(Some).map_err(|error| format!("{key}: {error}"))
            }
        }
    }

    /// Takes a key that holds one thing or a list of them.
    pub(super) fn take_many(&mut self, key: &str) -> Read<Vec<Scalar>> {
        Ok(self.take::<OneOrMany<Scalar>>(key)?.map(OneOrMany::into_vec).unwrap_or_default())
    }
}

/// A thing, or a list of things.
#[derive(Clone, Deserialize)]
#[serde(untagged, expecting = "a text, a number, true or false, or a list of them")]
pub(super) enum OneOrMany<T> {
    Many(Vec<T>),
    One(T),
}

impl<T> OneOrMany<T> {
    pub(super) fn into_vec(self) -> Vec<T> {
        match self {
            OneOrMany::Many(list) => list,
            OneOrMany::One(one) => vec![one],
        }
    }
}

/// A text, or what stands for one.
#[derive(Clone, Deserialize)]
#[serde(untagged, expecting = "a text, a number, true or false")]
pub(super) enum Scalar {
    Text(String),
    Whole(i64),
    Number(f64),
    Truth(bool),
}

impl Scalar {
    /// As a label in this language; a truth has one in each.
    pub(super) fn label(&self, lang: Lang) -> Translated {
        match self {
            Scalar::Truth(true) => names::yes(),
            Scalar::Truth(false) => names::no(),
            other => Translated::from_iter([(lang, other.text())]),
        }
    }

    pub(super) fn text(&self) -> String {
        match self {
            Scalar::Text(text) => text.trim().to_owned(),
            Scalar::Whole(number) => number.to_string(),
            // `{}` writes 6.0 as 6, which is what a person would have typed.
            Scalar::Number(number) => number.to_string(),
            Scalar::Truth(truth) => truth.to_string(),
        }
    }
}

/// Names that are neither blank nor too long.
pub(super) fn names(place: &str, list: &[Scalar]) -> Read<Vec<String>> {
    list.iter().map(|value| name(place, &value.text())).collect()
}

/// A name that is neither blank nor too long.
pub(super) fn name(place: &str, text: &str) -> Read<String> {
    bounded(place, text, NAME_LENGTH_MAX)
}

/// The text without blanks around it, when it is neither blank nor too long.
pub(super) fn bounded(place: &str, text: &str, length_max: usize) -> Read<String> {
    let text = text.trim();
    if text.is_empty() {
        return Err(format!("{place}: is blank"));
    }
    if text.chars().count() > length_max {
        return Err(format!("{place}: is longer than {length_max} characters"));
    }
    Ok(text.to_owned())
}
