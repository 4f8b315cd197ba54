//! Orders: what was bought, of whom, for how much, and what became of it.
//!
//! A purchase is a *group* with one payment; in it each seller has an *order*, whose *lines* are snapshots with their
//! shares in everything: discounts, delivery, tax, rounding and so the payment. It is made by checkout and
//! nowhere else, with its cart's id once for ever. States move by compare-and-set through [`State::next`]; each move
//! writes a row of the log, which is only ever appended to, and an event into the outbox, in the same transaction.
//!
//! ```text
//! group   pending_payment ──► placed ──► completed          order   pending_payment ──► placed ──► accepted ──► preparing
//!           │      └──► cancelled                                     │        │            │            │          │
//!           └──► expired ──► placed (late money)                   expired  cancelled   rejected         └──► ready ◄┘
//!                                                                   delivered ◄── out_for_delivery ◄── ready, delivery_failed
//!                                                                       └──► closed, returned
//! ```
//!
//! Before it is delivered an order can lose units that cannot be had ([`take_back`]); with the last one it is cancelled.
//!
//! [`paid`], [`payment_failed`] and [`hold_expired`] are what payments tell it, in their own transactions.
//!
//! Tables owned: `order_groups`, `orders`, `order_lines`, `order_recipients`, `order_events`.

mod accounts;
mod board;
mod board_sql;
mod gifts;
mod gifts_sql;
mod list;
mod list_sql;
mod moves;
mod moves_sql;
mod notices;
mod notices_sql;
mod number;
mod ops;
mod owners;
mod owners_sql;
mod reading;
mod reading_sql;
mod refunds;
mod sql;
mod state;
#[cfg(test)]
mod tests;
mod verify;
mod verify_sql;

pub(crate) use accounts::postings;
pub use board::{
    BoardOrder, Buyer, COLUMN_MAX, Deed, board, buyer, move_by_staff, newest_change,
    take_back_by_staff,
};
pub use gifts::{Gift, GiftChoice, GiftLine, GiftPart, choose_place, gift};
use jiff::Timestamp;
pub use list::{Filter, Happening, Listed, happened_after, list};
pub use moves::{Refund, Return, advance, cancel, reject, take_back};
pub use notices::{Notice, Unasked, notice};
pub(crate) use number::number;
pub use ops::{due_holds, extend_hold, hold_expired, paid, payment_failed, unpaid};
pub use owners::{Bought, claim, is_of_customer, of_customer};
pub use reading::{Line, Moment, Order, Purchase, SlotTaken, group_of, of_cart, of_number};
use souk_base::{Id, Money};
pub use state::{Event, GroupState, IllegalMove, State};
pub use verify::{Finding, verify};

use crate::reservations::Scarce;
pub use crate::uuid::OrderGroupId;

/// Kinds of rows; never constructed.
#[derive(Debug)]
pub enum OrderKind {}
/// Kinds of rows; never constructed.
#[derive(Debug)]
pub enum OrderLineKind {}

/// Key of `orders`.
pub type OrderId = Id<OrderKind>;
/// Key of `order_lines`.
pub type OrderLineId = Id<OrderLineKind>;

/// A purchase as its payment needs to know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unpaid {
    /// Its key.
    pub id: OrderGroupId,
    /// Where it stands.
    pub state: GroupState,
    /// What is to be paid.
    pub total: Money,
    /// Until when what it needs is held for it.
    pub expires_at: Timestamp,
}

/// Money that came for a purchase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paid {
    /// How much; only the exact total pays a purchase.
    pub amount: Money,
    /// The account that has it now, such as `provider:tap` or `cash:due`.
    pub account: String,
}

/// What became of money that came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// The purchase is placed by it.
    Placed,
    /// The purchase was placed before; where this is the same money told again, nothing is to be done, else it goes back.
    Before,
    /// Nothing can be had for it any more: it is to go back, and the shopper to be told why.
    GoesBack(Reason),
}

/// Why money goes back at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It came after the hold ended, and meanwhile somebody else has it.
    SoldOut(Scarce),
    /// It came after orders for the slot were taken.
    SlotClosed,
    /// The purchase was given up.
    Cancelled,
    /// It is not the total of the purchase.
    OtherAmount,
}
