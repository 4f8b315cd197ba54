//! Checkout: a cart becomes a purchase, exactly once.
//!
//! [`complete`] is one transaction: the idempotency key, the cart under its lock, today's prices, promotions and promises,
//! the purchase with its lines and shares, its answer, and last of all, since others wait for those rows, the stock and the
//! places it takes. Whatever cannot be had undoes all of it and is a [`Refusal`] that names it. Nothing outside the
//! database happens before the commit: the payment is opened in it, and started after it ([`crate::payments::start`]).

mod contact;
#[cfg(test)]
pub(crate) mod fixture;
#[cfg(test)]
mod free;
#[cfg(test)]
mod gifts;
mod ops;
#[cfg(test)]
mod schedules;
mod sql;
#[cfg(test)]
mod tests;

pub use contact::Phone;
use jiff::Timestamp;
pub use ops::{Done, complete};
use souk_base::{DeliveryWindowId, Money, OfferId, StaffId};

use crate::Db;
use crate::carts::{CartId, ProblemKind};
use crate::orders::{GroupState, OrderGroupId};
use crate::payments::{Gateways, Method};

/// What a shopper says to buy a cart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Which.
    pub cart: CartId,
    /// Where to write.
    pub email: Option<String>,
    /// Where to call.
    pub phone: Phone,
    /// How it is paid; not read where it costs nothing.
    pub payment_method: String,
    /// What the shopper was told it costs.
    pub expected_total: Money,
    /// The network address it comes from, where it is known.
    pub network: Option<String>,
    /// Who of the staff takes it down on the telephone; none for the shopper.
    pub staff: Option<StaffId>,
}

/// Where purchases are made.
#[derive(Clone, Copy)]
pub struct Till<'t> {
    /// The shop.
    pub db: &'t Db,
    /// Its accounts at payment providers.
    pub gateways: &'t Gateways,
    /// How much may wait for its money.
    pub limits: Limits,
}

/// How many unpaid purchases there may be at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// With one phone number.
    pub phone: i64,
    /// From one device.
    pub visitor: i64,
    /// To one address.
    pub address: i64,
    /// From one network address.
    pub network: i64,
}

impl Default for Limits {
    /// A family's, and a small office's.
    fn default() -> Limits {
        Limits { phone: 3, visitor: 3, address: 5, network: 20 }
    }
}

/// A purchase that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completed {
    /// Its key.
    pub group: OrderGroupId,
    /// The numbers of its orders, by seller.
    pub numbers: Vec<String>,
    /// Where it stands.
    pub state: GroupState,
    /// What it costs.
    pub total: Money,
    /// How it is paid.
    pub method: Method,
    /// Until when what it needs is held, while it is unpaid.
    pub expires_at: Timestamp,
}

/// Why a cart could not be bought as it was asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It was bought before.
    #[error("this cart was bought before")]
    CartCompleted,
    /// Something is missing or is no longer sold.
    #[error("the cart cannot be bought as it is")]
    CartIncomplete(Vec<ProblemKind>),
    /// It costs something else by now.
    #[error("the total is {0} by now")]
    TotalChanged(Money),
    /// Of these offers there are not as many units.
    #[error("there are not as many units")]
    OutOfStock(Vec<OfferId>),
    /// These windows have as many orders as they take.
    #[error("the delivery slot is full")]
    SlotFull(Vec<DeliveryWindowId>),
    /// Orders for a chosen slot are no longer taken.
    #[error("orders for the delivery slot are no longer taken")]
    SlotClosed,
    /// This coupon has no uses left, or unlocks nothing here.
    #[error("the coupon {0} is no longer valid")]
    CouponNotValid(String),
    /// The method is not offered for this cart.
    #[error("this payment method is not offered here")]
    MethodNotOffered,
    /// More units are to come back than there are.
    #[error("there are not as many units left of this line")]
    NotSoMany,
    /// So many purchases wait for their money already.
    #[error("too many unpaid orders; pay or cancel one of them first")]
    TooManyUnpaid,
}
