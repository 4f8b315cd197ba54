//! Promotions: what makes a purchase cheaper, and coupons that unlock it.
//!
//! What holds for a basket is decided by [`apply()`], a pure function that cart and checkout share. Uses, budgets and uses
//! per customer are counted like stock: [`redeem`] raises them in the transaction of the purchase as far as there is room,
//! [`release`] lowers them when the purchase comes to nothing.
//!
//! Staff make, change and end them ([`create`], [`update`], [`end`]); what was bought with one stays as it is.
//!
//! Tables owned: `promotions`, `coupons`, `redemptions`.

mod apply;
mod editing;
mod editing_sql;
mod ops;
mod sql;

pub use apply::{Applied, Basket, Item, apply};
pub use editing::{
    Managed, NewCoupon, NewPromotion, PromotionState, create, end, get, list, lock, update,
};
pub use ops::{gift_offers, offered, redeem, redeem_again, release};
use serde::{Deserialize, Serialize};
use souk_base::{CityId, Id, OfferId, ProductId, SellerId, Translated};

/// Kinds of rows; never constructed.
#[derive(Debug)]
pub enum PromotionKind {}

/// Key of `promotions`.
pub type PromotionId = Id<PromotionKind>;

/// What a promotion does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Effect {
    /// Takes a part off.
    Percentage {
        /// Basis points: 1500 is 15 %.
        rate_bp: i64,
        /// At most so much.
        #[serde(default)]
        max_minor: Option<i64>,
    },
    /// Takes an amount off.
    Amount {
        /// How much.
        minor: i64,
    },
    /// Delivery costs nothing.
    FreeDelivery,
    /// Puts something in.
    Gift {
        /// What.
        offer_id: OfferId,
        /// How many.
        quantity: i32,
    },
    /// Of so many units the cheapest cost less.
    BuyGet {
        /// Units to be paid in full …
        buy: i32,
        /// … for each of which so many more …
        get: i32,
        /// … cost this part less: 10000 is free.
        rate_bp: i64,
    },
}

/// A promotion that is in force, as a basket meets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Promotion {
    /// Its key.
    pub id: PromotionId,
    /// What shoppers read.
    pub label: Translated,
    /// What it does.
    pub effect: Effect,
    /// Whether no other promotion holds beside it.
    pub exclusive: bool,
    /// Where it holds; everywhere when empty.
    pub cities: Vec<CityId>,
    /// What it is for; everything when empty.
    pub products: Vec<ProductId>,
    /// Whose goods it is for; everyone's when empty.
    pub sellers: Vec<SellerId>,
    /// What the goods it is for must come to.
    pub min_goods_minor: i64,
    /// The coupon that unlocks it, where it needs one.
    pub coupon: Option<String>,
    /// Whether its uses, or its coupon's, are counted against a limit.
    pub is_counted: bool,
    /// How much it may still take off in all.
    pub budget_left_minor: Option<i64>,
    /// Times this customer has used it.
    pub used_by_customer: i32,
    /// Times a customer may.
    pub uses_per_customer: Option<i32>,
}

/// A use of a promotion that a purchase makes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Redemption {
    /// Of what.
    pub promotion_id: PromotionId,
    /// Unlocked by.
    pub coupon: Option<String>,
    /// Which use of the customer's it is, from 1.
    pub nth: i32,
    /// What it takes off.
    pub minor: i64,
    /// Whether it is counted against a limit.
    pub is_counted: bool,
}
