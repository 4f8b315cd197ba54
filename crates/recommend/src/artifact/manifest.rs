//! What a version says of itself.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::weights::Weights;
use crate::error::{Error, Result};
use crate::train::Settings;

/// Beside the weights, for people and for whoever loads them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// Which model.
    pub model: String,
    /// The market that it was trained for.
    pub market: String,
    /// Its name among those of this model and market: the last day of its data and the start of its checksum.
    pub version: String,
    /// The data that it was trained on.
    pub window: Window,
    /// What its items are called by.
    #[serde(default)]
    pub items: Called,
    /// Rows of that data.
    pub rows: usize,
    /// Its parameters.
    pub parameters: Value,
    /// Those of them that a search has chosen; later trainings take them over.
    #[serde(default, skip_serializing_if = "Settings::is_empty")]
    pub tuned: Settings,
    /// What an evaluation said, with intervals; null before one.
    pub metrics: Value,
    /// The version of souk that trained it.
    pub code_version: String,
    /// Length of the weights' file.
    pub weights_bytes: u64,
    /// SHA-256 of the weights' file, in hexadecimal.
    pub weights_sha256: String,
}

/// What the items of a model are called by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Called {
    /// The shop's own keys.
    #[default]
    ProductId,
    /// The ids of the system that they were imported from.
    ExternalId,
}

/// Instants between which data was taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// The first row's.
    pub from: String,
    /// The last row's.
    pub to: String,
}

impl Manifest {
    /// Reads the weights' file that this is about.
    ///
    /// # Errors
    /// [`Error::Damaged`] when it has another length or checksum, or holds what is not a number.
    pub fn open(&self, file: &[u8]) -> Result<Weights> {
        if file.len() as u64 != self.weights_bytes {
            let (given, said) = (file.len(), self.weights_bytes);
            return Err(Error::damaged(format!(
                "has {given} bytes where its manifest says {said}"
            )));
        }
        if checksum(file) != self.weights_sha256 {
            return Err(Error::damaged("does not have the checksum of its manifest"));
        }
        Weights::from_bytes(file)
    }
}

/// SHA-256 in hexadecimal.
pub(super) fn checksum(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
