//! What a version says of itself.

use serde::{Deserialize, Serialize};
use serde_json::Value;

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
    /// Rows of that data.
    pub rows: usize,
    /// Its parameters.
    pub parameters: Value,
    /// What an evaluation said, with intervals; null before one.
    pub metrics: Value,
    /// The version of souk that trained it.
    pub code_version: String,
    /// Length of the weights' file.
    pub weights_bytes: u64,
    /// SHA-256 of the weights' file, in hexadecimal.
    pub weights_sha256: String,
}

/// Instants between which data was taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// The first row's.
    pub from: String,
    /// The last row's.
    pub to: String,
}
