//! Carts: what somebody means to buy, for whom, and what that would cost now.
//!
//! A cart holds nothing: prices, stock, promotions and promises are read anew each time ([`read`]), and whatever stands
//! against buying it is one of its [`Problem`]s. Changes go one after the other under the lock of the cart's row.
//! Whether a caller may have a cart is decided before, by its secret.
//!
//! Tables owned: `carts`, `cart_lines`.

mod cart;
mod ops;
mod owners;
mod owners_sql;
pub mod pricing;
mod sql;
mod view;
mod wrapping;

pub use crate::deliveries::SlotOption;
pub use cart::{
    Address, Cart, CartDiscount, CartLine, Delivery, Gift, Problem, ProblemKind, Recipient, SlotId,
};
pub(crate) use ops::lock;
pub use ops::{
    NewCart, add_coupon, add_line, ahead, choose_slot, create, first_language, forget_old,
    market_of, read, remove_coupon, remove_line, set_gift, set_lang, set_quantity, set_recipient,
    slots,
};
pub use owners::{Kept, adopt, filled_by, is_of_customer, of_customer, own};
use souk_base::Id;

pub use crate::uuid::CartId;

/// Kinds of rows; never constructed.
#[derive(Debug)]
pub enum CartLineKind {}

/// Key of `cart_lines`.
pub type CartLineId = Id<CartLineKind>;

/// Most lines of a cart.
pub const LINES_MAX: usize = 100;

/// Most units of a line.
pub const QUANTITY_MAX: i32 = 1_000;

/// Most sellers whose parts of a cart are wrapped.
pub const WRAPPED_MAX: usize = 100;

/// Most coupons of a cart.
pub const COUPONS_MAX: usize = 5;

/// Days whose slots are offered at once.
pub const DAYS_AHEAD: usize = 7;

/// Days after its last change that a cart is kept.
pub const DAYS: i32 = 90;
