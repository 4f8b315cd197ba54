//! Which rules a search meets, and what they do to it together.

mod book;
mod effects;
#[cfg(test)]
mod tests;

pub(crate) use book::folded;
pub use book::{RuleBook, Situation};
pub use effects::{Banner, Effects, FACTOR_MAX, FACTOR_MIN};
