//! Events: what shoppers did, as their clients tell it.
//!
//! An event is named by its client and counts once, whenever and however often it is told: its id is compared with
//! all of the days that an event may still come for. Its own time decides the day it is kept under; more than
//! [`AGE_MAX`] ago or [`AHEAD_MAX`] ahead it is refused ([`is_in_time`]), where it is not brought in as history. [`Reading`]
//! looks at everything that is told, whoever tells it. A `search-click`, and a `detail-page-view` that
//! names its search, is counted at the intent of that search in the same transaction. What follows a recommendation is
//! told with the list's token; `list` is set only for a token that was found genuine. Kept for [`DAYS`] days.
//!
//! Table owned: `events`.

mod ops;
mod sql;
#[cfg(test)]
mod tests;
mod told;

use jiff::{SignedDuration, Timestamp};
pub use ops::{add, append, forget_old, is_in_time, search_before};
use serde_json::Value;
use souk_base::{MarketCode, ProductId};
pub use told::{Fault, Reading, Told, ToldItem, Wrong, is_forgotten};

use crate::customers::CustomerId;
use crate::searches::QueryId;

/// Days that events are kept.
pub const DAYS: i32 = 180;

/// How old an event may be when it is told.
pub const AGE_MAX: SignedDuration = SignedDuration::from_hours(7 * 24);

/// How far the clock of a client may go ahead.
pub const AHEAD_MAX: SignedDuration = SignedDuration::from_mins(5);

/// What can happen; Google Retail's names where it has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The home page was seen.
    HomePageView,
    /// A category was seen.
    CategoryPageView,
    /// Something was searched for.
    Search,
    /// A product's page was seen.
    DetailPageView,
    /// Something was put into a cart.
    AddToCart,
    /// Something was taken out of a cart.
    RemoveFromCart,
    /// A cart was seen.
    ShoppingCartPageView,
    /// An order was placed.
    PurchaseComplete,
    /// Recommendations were seen.
    RecommendationView,
    /// A recommendation was clicked.
    RecommendationClick,
    /// A hit of a search was clicked.
    SearchClick,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 11] = [
        Kind::HomePageView,
        Kind::CategoryPageView,
        Kind::Search,
        Kind::DetailPageView,
        Kind::AddToCart,
        Kind::RemoveFromCart,
        Kind::ShoppingCartPageView,
        Kind::PurchaseComplete,
        Kind::RecommendationView,
        Kind::RecommendationClick,
        Kind::SearchClick,
    ];

    /// What the script of our own pages tells: what nobody else can know of. All of it is about a product.
    pub const OF_PAGES: [Kind; 3] =
        [Kind::SearchClick, Kind::DetailPageView, Kind::RecommendationClick];

    /// Whether it says that somebody looked at a product or wants it.
    #[must_use]
    pub const fn is_interest(self) -> bool {
        matches!(
            self,
            Kind::DetailPageView | Kind::SearchClick | Kind::RecommendationClick | Kind::AddToCart
        )
    }

    /// Its name at the outside and in the table.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Kind::HomePageView => "home-page-view",
            Kind::CategoryPageView => "category-page-view",
            Kind::Search => "search",
            Kind::DetailPageView => "detail-page-view",
            Kind::AddToCart => "add-to-cart",
            Kind::RemoveFromCart => "remove-from-cart",
            Kind::ShoppingCartPageView => "shopping-cart-page-view",
            Kind::PurchaseComplete => "purchase-complete",
            Kind::RecommendationView => "recommendation-view",
            Kind::RecommendationClick => "recommendation-click",
            Kind::SearchClick => "search-click",
        }
    }

    /// The kind of this name.
    #[must_use]
    pub fn of(name: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Whether it says that a hit of a search was opened.
    const fn is_click(self) -> bool {
        matches!(self, Kind::SearchClick | Kind::DetailPageView)
    }
}

/// Something that a shopper did.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// The client's own name for it.
    pub id: String,
    /// When, by the client's clock.
    pub time: Timestamp,
    /// What.
    pub kind: Kind,
    /// The device.
    pub visitor: String,
    /// The client's own name for a visit.
    pub session: Option<String>,
    /// The account that was signed in.
    pub customer: Option<CustomerId>,
    /// Where.
    pub market: MarketCode,
    /// The product it is about.
    pub product_id: Option<ProductId>,
    /// The products it is about, as they came: `[{product_id, quantity, price}]`.
    pub items: Option<Value>,
    /// The search that led to it.
    pub query_id: Option<QueryId>,
    /// Place among the hits, from 1.
    pub position: Option<i32>,
    /// The cart it is about.
    pub cart_id: Option<String>,
    /// The order it is about.
    pub order_id: Option<String>,
    /// Where recommendations were shown.
    pub placement: Option<String>,
    /// What the recommendations were answered with.
    pub token: Option<String>,
    /// The served list that a genuine token names.
    pub list: Option<QueryId>,
    /// What it is worth.
    pub value: Option<f64>,
}

impl Event {
    /// An event that is about nothing yet.
    #[must_use]
    pub fn of(id: &str, kind: Kind, visitor: &str, market: MarketCode, time: Timestamp) -> Event {
        Event {
            id: id.to_owned(),
            time,
            kind,
            visitor: visitor.to_owned(),
            session: None,
            customer: None,
            market,
            product_id: None,
            items: None,
            query_id: None,
            position: None,
            cart_id: None,
            order_id: None,
            placement: None,
            token: None,
            list: None,
            value: None,
        }
    }
}
