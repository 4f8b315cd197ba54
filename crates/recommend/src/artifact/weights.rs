//! Numbers by name in one file: a header in JSON, then each array in little-endian order.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// First bytes of the file; the last one is the form's version.
const MAGIC: &[u8; 8] = b"soukmdl1";

/// One array.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// Weights and scores; always finite.
    Floats(Vec<f32>),
    /// Items and places.
    Numbers(Vec<u32>),
    /// Instants in milliseconds.
    Times(Vec<i64>),
    /// Ids.
    Names(Vec<String>),
}

/// All arrays of a model.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Weights(BTreeMap<String, Values>);

/// What the header says of an array.
#[derive(Serialize, Deserialize)]
struct Entry {
    name: String,
    kind: Kind,
    /// Elements; bytes for names.
    length: usize,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Floats,
    Numbers,
    Times,
    Names,
}

impl Kind {
    const fn width(self) -> usize {
        match self {
            Kind::Floats | Kind::Numbers => 4,
            Kind::Times => 8,
            Kind::Names => 1,
        }
    }
}

impl Weights {
    /// Adds an array.
    #[must_use]
    pub fn with(mut self, name: &str, values: Values) -> Weights {
        self.0.insert(name.to_owned(), values);
        self
    }

    pub(crate) fn with_floats(self, name: &str, values: Vec<f32>) -> Weights {
        self.with(name, Values::Floats(values))
    }

    pub(crate) fn with_numbers(self, name: &str, values: Vec<u32>) -> Weights {
        self.with(name, Values::Numbers(values))
    }

    /// Adds all arrays of a part, named `part.array`.
    #[must_use]
    pub(crate) fn with_part(mut self, part: &str, weights: Weights) -> Weights {
        let named = weights.0.into_iter().map(|(name, values)| (format!("{part}.{name}"), values));
        self.0.extend(named);
        self
    }

    /// The arrays of a part; none when it is not there.
    #[must_use]
    pub(crate) fn part(&self, part: &str) -> Option<Weights> {
        let arrays = self.0.iter().filter_map(|(name, values)| {
            let name = name.strip_prefix(part)?.strip_prefix('.')?;
            Some((name.to_owned(), values.clone()))
        });
        let arrays = Weights(arrays.collect());
        (!arrays.0.is_empty()).then_some(arrays)
    }

    /// The arrays of a part that must be there.
    pub(crate) fn needed(&self, part: &str) -> Result<Weights> {
        self.part(part).ok_or_else(|| Error::damaged(format!("has no part \"{part}\"")))
    }

    /// Floats of this name.
    ///
    /// # Errors
    /// When there are none.
    pub fn floats(&self, name: &str) -> Result<&[f32]> {
        match self.0.get(name) {
            Some(Values::Floats(values)) => Ok(values),
            _ => Err(Error::damaged(format!("has no floats \"{name}\""))),
        }
    }

    /// Numbers of this name.
    ///
    /// # Errors
    /// When there are none.
    pub fn numbers(&self, name: &str) -> Result<&[u32]> {
        match self.0.get(name) {
            Some(Values::Numbers(values)) => Ok(values),
            _ => Err(Error::damaged(format!("has no numbers \"{name}\""))),
        }
    }

    /// Instants of this name.
    ///
    /// # Errors
    /// When there are none.
    pub fn times(&self, name: &str) -> Result<&[i64]> {
        match self.0.get(name) {
            Some(Values::Times(values)) => Ok(values),
            _ => Err(Error::damaged(format!("has no times \"{name}\""))),
        }
    }

    /// Ids of this name.
    ///
    /// # Errors
    /// When there are none.
    pub fn names(&self, name: &str) -> Result<&[String]> {
        match self.0.get(name) {
            Some(Values::Names(values)) => Ok(values),
            _ => Err(Error::damaged(format!("has no names \"{name}\""))),
        }
    }

    /// The file's bytes; the same weights give the same bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let (mut entries, mut data) = (Vec::new(), Vec::new());
        for (name, values) in &self.0 {
            let start = data.len();
            let kind = match values {
                Values::Floats(values) => {
                    values.iter().for_each(|value| data.extend(value.to_le_bytes()));
                    Kind::Floats
                }
                Values::Numbers(values) => {
                    values.iter().for_each(|value| data.extend(value.to_le_bytes()));
                    Kind::Numbers
                }
                Values::Times(values) => {
                    values.iter().for_each(|value| data.extend(value.to_le_bytes()));
                    Kind::Times
                }
                Values::Names(values) => {
                    data.extend(serde_json::to_vec(values).expect("text is plain data"));
                    Kind::Names
                }
            };
            let length = (data.len() - start) / kind.width();
            entries.push(Entry { name: name.clone(), kind, length });
        }
        let header = serde_json::to_vec(&entries).expect("entries are plain data");
        let mut bytes = MAGIC.to_vec();
        bytes.extend((header.len() as u64).to_le_bytes());
        bytes.extend(header);
        bytes.extend(data);
        bytes
    }

    /// Reads a file's bytes.
    ///
    /// # Errors
    /// When they are no weights, cut short, too long, or hold what is not a number.
    pub fn from_bytes(bytes: &[u8]) -> Result<Weights> {
        let rest =
            bytes.strip_prefix(MAGIC).ok_or_else(|| Error::damaged("is no file of weights"))?;
        let (length, rest) = split(rest, 8)?;
        let length = length.try_into().map(u64::from_le_bytes).unwrap_or(u64::MAX);
        let (header, mut data) = split(rest, usize::try_from(length).unwrap_or(usize::MAX))?;
        let entries: Vec<Entry> = serde_json::from_slice(header)
            .map_err(|_| Error::damaged("has a header that means nothing"))?;
        let mut weights = Weights::default();
        for entry in entries {
            let (array, rest) = split(data, entry.length.saturating_mul(entry.kind.width()))?;
            weights.0.insert(entry.name.clone(), values(&entry, array)?);
            data = rest;
        }
        if data.is_empty() {
            Ok(weights)
        } else {
            Err(Error::damaged("is longer than its header says"))
        }
    }
}

fn split(bytes: &[u8], at: usize) -> Result<(&[u8], &[u8])> {
    bytes.split_at_checked(at).ok_or_else(|| Error::damaged("is cut short"))
}

fn values(entry: &Entry, bytes: &[u8]) -> Result<Values> {
    Ok(match entry.kind {
        Kind::Floats => {
            let floats: Vec<f32> =
                bytes.as_chunks().0.iter().map(|it| f32::from_le_bytes(*it)).collect();
            if floats.iter().any(|value| !value.is_finite()) {
                return Err(Error::damaged(format!(
                    "holds what is not a number in \"{}\"",
                    entry.name
                )));
            }
            Values::Floats(floats)
        }
        Kind::Numbers => {
            Values::Numbers(bytes.as_chunks().0.iter().map(|it| u32::from_le_bytes(*it)).collect())
        }
        Kind::Times => {
            Values::Times(bytes.as_chunks().0.iter().map(|it| i64::from_le_bytes(*it)).collect())
        }
        Kind::Names => {
            let names = serde_json::from_slice(bytes);
            Values::Names(names.map_err(|_| Error::damaged("has names that cannot be read"))?)
        }
    })
}

#[cfg(test)]
impl Weights {
    /// What the arrays are called.
    pub(crate) fn array_names(&self) -> Vec<String> {
        self.0.keys().cloned().collect()
    }

    /// The same weights with one array missing, a value longer, and with numbers that are too large.
    pub(crate) fn broken(&self, name: &str) -> Vec<(&'static str, Weights)> {
        let mut missing = self.clone();
        let values = missing.0.remove(name).unwrap();
        let with = |values: Values| self.clone().with(name, values);
        let mut broken = vec![("missing", missing)];
        broken.push((
            "longer",
            with(match values.clone() {
                Values::Floats(values) => Values::Floats([&values[..], &[0.5]].concat()),
                Values::Numbers(values) => Values::Numbers([&values[..], &[0]].concat()),
                Values::Times(values) => Values::Times([&values[..], &[0]].concat()),
                Values::Names(values) => Values::Names([&values[..], &["x".to_owned()]].concat()),
            }),
        ));
        if let Values::Numbers(values) = values
            && !values.is_empty()
        {
            broken.push(("beyond", with(Values::Numbers(vec![u32::MAX; values.len()]))));
        }
        broken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weights() -> Weights {
        let names = vec!["85123A".to_owned(), "وردة".to_owned()];
        Weights::default()
            .with("scores", Values::Floats(vec![0.5, -1.25]))
            .with("items", Values::Numbers(vec![7]))
            .with("ended", Values::Times(vec![1_289_293_200_000]))
            .with("names", Values::Names(names))
    }

    #[test]
    fn what_is_written_is_read_back() {
        let read = Weights::from_bytes(&weights().to_bytes()).unwrap();

        assert_eq!(read, weights());
        assert_eq!(read.to_bytes(), weights().to_bytes());
        assert!(read.floats("items").is_err(), "of another kind");
    }

    #[test]
    fn every_cut_and_what_is_not_a_number_are_refused() {
        let bytes = weights().to_bytes();
        for length in 0..bytes.len() {
            assert!(Weights::from_bytes(&bytes[..length]).is_err(), "{length} of {}", bytes.len());
        }
        assert!(Weights::from_bytes(&[&bytes[..], &[0]].concat()).is_err());

        let broken = weights().with("scores", Values::Floats(vec![0.5, f32::NAN]));
        let error = Weights::from_bytes(&broken.to_bytes()).unwrap_err().to_string();
        assert!(error.contains("not a number in \"scores\""), "{error}");
    }
}
