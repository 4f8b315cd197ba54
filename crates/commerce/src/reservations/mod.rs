//! Reservations: what a purchase holds of things there are only so many of, units of stock and places in a delivery
//! window alike.
//!
//! Each thing has a counter (`stock.reserved`, `delivery_loads.reserved`) that one guarded update raises only as far as
//! there is room, targets in the order of their keys, so that two purchases never wait for each other in a circle. A row
//! says for whom. **Invariant**: a counter is the sum of its rows that are held or committed.
//!
//! ```text
//! held ──► committed ──► consumed
//!   │          └──────► released
//!   ├─────────────────► released
//!   └─────────────────► expired ──► committed    (money that came late, while there is still room)
//! ```
//!
//! A row is lessened by units that are taken out of an order; goods that had left the shelf are back on it then.
//!
//! Tables owned: `reservations`, `delivery_loads`; it also counts in `stock`.

mod ops;
mod sql;

pub use ops::{commit, commit_late, consume, expire, lessen, release, seat};
use serde::Serialize;
use souk_base::{DeliveryWindowId, OfferId};

/// Something there is not enough of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Scarce {
    /// Units of an offer.
    Stock(OfferId),
    /// Places in a window on a day.
    Slot(DeliveryWindowId),
}
