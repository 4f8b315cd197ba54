//! What sellers take for wrapping their part of a purchase as a gift, in each market.
//!
//! **Invariant**: a seller without a row for a market does not wrap there. Carts and checkouts read the price in their own
//! statements.
//!
//! Tables owned: `wrappings`.

mod ops;
mod sql;

pub use ops::{all, put, remove, set};
use souk_base::{MarketCode, SellerId};

/// Most that wrapping may cost, in minor units, as for prices.
pub const MINOR_MAX: i64 = 1_000_000_000_000;

/// What a seller takes in a market.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wrapping {
    /// Who wraps.
    pub seller_id: SellerId,
    /// Where.
    pub market: MarketCode,
    /// For its part of a purchase, in minor units of the market's currency; 0 for nothing.
    pub minor: i64,
}
