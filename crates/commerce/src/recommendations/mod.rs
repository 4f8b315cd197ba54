//! Recommendations: the lists that were served, and what is known of who asks for the next one.
//!
//! A served [`List`] is a row, written in batches off the request's way like the log of searches, and kept for [`DAYS`]
//! days. What a [`Shopper`] did and bought lately ([`history`]) is read once and then kept up in memory by whoever serves:
//! that of a device, and that of an account on whatever device.
//!
//! What products are worth to the shop when they are shown ([`worths`]) is counted anew now and then.
//!
//! Table owned: `recommendation_lists`. Read: `events`, `order_groups`, `orders`, `order_lines`, `offers`, `prices`.

mod ops;
mod sql;
#[cfg(test)]
mod tests;

use jiff::Timestamp;
use souk_base::{MarketCode, Ordinal, ProductId};

pub use ops::{append, forget_old, history, worths};

use crate::customers::CustomerId;
use crate::experiments::ExperimentId;
use crate::searches::QueryId;

/// Days that served lists are kept.
pub const DAYS: i32 = 30;

/// Days back that clicks of a visitor are looked for.
pub const CLICK_DAYS: i64 = 30;

/// Days back that lookers and buyers of a product are counted for.
pub const WORTH_DAYS: i64 = 30;

/// Clicks, and purchased lines, that are remembered of one visitor.
pub const HISTORY_MAX: usize = 50;

/// A list as it was served.
#[derive(Clone, Debug, PartialEq)]
pub struct List {
    /// Its name, which also says when it was.
    pub id: QueryId,
    /// Where.
    pub market: MarketCode,
    /// Where on the pages.
    pub placement: &'static str,
    /// The device, as its client calls it.
    pub visitor: Option<String>,
    /// The model that led, and its version.
    pub model: String,
    /// In their order.
    pub products: Vec<ProductId>,
    /// What mixed two rankings into it, if that was done.
    pub mixed: Option<Mixed>,
}

/// That an experiment mixed two rankings into a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mixed {
    /// Which.
    pub experiment: ExperimentId,
    /// Which of the rankings brought each product, 0 or 1; -1 for what neither brought.
    pub teams: Vec<i8>,
}

/// What is known of what a product brings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Worth {
    /// Which.
    pub ordinal: Ordinal,
    /// Visitors who looked at it lately.
    pub lookers: i64,
    /// Visitors who bought it lately.
    pub buyers: i64,
    /// Share of its price that is left to the shop; none where nobody says what it costs.
    pub margin: Option<f64>,
}

/// Something with a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Touched {
    /// Which.
    pub product_id: ProductId,
    /// When.
    pub time: Timestamp,
}

/// Whose history it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shopper<'s> {
    /// A device, as its client calls it.
    Visitor(&'s str),
    /// An account.
    Customer(CustomerId),
}

impl<'s> Shopper<'s> {
    /// The device and the account, as far as they are known.
    pub fn all(
        visitor: Option<&'s str>,
        customer: Option<CustomerId>,
    ) -> impl Iterator<Item = Shopper<'s>> {
        visitor.map(Shopper::Visitor).into_iter().chain(customer.map(Shopper::Customer))
    }
}

/// What a shopper did lately, the oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// Looked at or put into a cart.
    pub clicks: Vec<Touched>,
    /// Bought.
    pub purchases: Vec<Touched>,
}
