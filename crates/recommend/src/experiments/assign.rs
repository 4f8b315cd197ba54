//! Which variant of an experiment a visitor gets.

use sha2::{Digest as _, Sha256};

/// The place of a visitor's variant among these weights: the same for the same experiment, visitor and weights, on every
/// machine and forever; each variant for its share of all visitors, and independent of any other experiment's choice.
///
/// A variant that weighs nothing is nobody's; where nothing weighs anything it is the first.
#[must_use]
pub fn assign(experiment: i64, visitor: &str, weights: &[u32]) -> usize {
    let total: u64 = weights.iter().map(|&weight| u64::from(weight)).sum();
    let mut place = point(experiment, visitor, total);
    for (variant, &weight) in weights.iter().enumerate() {
        if place < u64::from(weight) {
            return variant;
        }
        place -= u64::from(weight);
    }
    0
}

/// A number from 0 to `below` − 1; a multiplication keeps it even, where a remainder would favour the small ones.
fn point(experiment: i64, visitor: &str, below: u64) -> u64 {
    let hash =
        Sha256::new().chain_update(experiment.to_be_bytes()).chain_update(visitor).finalize();
    let bits = hash[..8].iter().fold(0, |bits, byte| bits << 8 | u64::from(*byte));
    u64::try_from((u128::from(bits) * u128::from(below)) >> 64).unwrap_or(0)
}
