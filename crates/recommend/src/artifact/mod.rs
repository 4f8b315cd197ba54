//! Trained models as files: `<model>/<market>/<version>/{manifest.json, weights}`.
//!
//! *Invariants*: a version is complete or not there (written beside, then renamed); its name comes from its content, so
//! the same data give the same version; what is damaged, cut, of the wrong shape or not a number is refused when read.

mod manifest;
mod shelf;
mod weights;

pub use manifest::{Manifest, Window};
pub use shelf::Shelf;
pub use weights::{Values, Weights};
