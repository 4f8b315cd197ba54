//! Trained models as files: `<model>/<market>/<version>/{manifest.json, weights}`.
//!
//! *Invariants*: a version is complete or not there (written beside, then renamed); its name comes from its content, so
//! the same data give the same version; what is damaged, cut, of the wrong shape or not a number is refused when read.

mod manifest;
mod model;
mod shelf;
mod weights;

pub use manifest::{Called, Manifest, Window};
pub use model::Artefact;
pub(crate) use model::{all_below, all_once, item_count, of_length, only, starts};
pub use shelf::Shelf;
pub use weights::{Values, Weights};
