//! Taste as a point: items as vectors that a history's point is near to.
//!
//! Fitted on [`Interactions`](crate::Interactions), rows × items, weights w ≥ 0: alternating least squares over every pair,
//! a pair that happened with confidence 1 + α·w, one that did not with 1. Each row's system is solved by three steps of
//! conjugate gradients from its last solution; the part that all rows share, a product with `factors` × `factors`, is
//! done for a block of rows at once. The model keeps the items' vectors (items × `factors`, f32); a history is folded in
//! when it is asked about. Cost of a sweep: O((pairs + rows · factors) · factors · steps).
//!
//! Sources: Hu, Koren, Volinsky, "Collaborative filtering for implicit feedback datasets", ICDM 2008; Takács, Pilászy, Tikk,
//! "Applications of the conjugate gradient method for implicit feedback collaborative filtering", 2011.

mod algorithm;
mod hyperparams;
#[cfg(test)]
mod tests;
mod weights;

pub use algorithm::Als;
pub use hyperparams::{AlsParams, AlsValidParams};
