//! What one market recommends now: candidates of all models for one shopper, joined into one order, each with what
//! speaks for it.
//!
//! *Invariants*: items here are the shop's dense numbers, whatever a model calls them; a [`Shop`] never changes, a newer
//! one takes its place; a person comes with the question and leaves no trace
//! outside their own history; a reason is one that holds, found by
//! asking the models for it ([`Shop::holds`] asks again).

mod expected;
mod neighbours;
mod objective;
mod personal;
mod reason;
mod served;
mod shop;
#[cfg(test)]
mod tests;

use std::str::FromStr;

pub use expected::Remembered;
pub use neighbours::Neighbours;
pub use objective::{Objective, Value, conversion};
pub use personal::reordered;
pub use reason::Reason;
pub use served::Served;
pub use shop::{Candidate, Shop};

use crate::error::{Error, Result};
use crate::models::Visit;

/// Where recommendations are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Placement {
    /// The home page.
    Home,
    /// Instead of a product.
    Similar,
    /// With a product.
    Together,
    /// With what is in the cart.
    Cart,
    /// What was bought before.
    BuyAgain,
    /// What more people want than lately.
    Trending,
    /// A category's page.
    Category,
    /// For a day to celebrate.
    Occasion,
}

impl Placement {
    /// All of them, by name.
    pub const NAMES: [(&'static str, Placement); 8] = [
        ("home", Placement::Home),
        ("similar", Placement::Similar),
        ("together", Placement::Together),
        ("cart", Placement::Cart),
        ("buy-again", Placement::BuyAgain),
        ("trending", Placement::Trending),
        ("category", Placement::Category),
        ("occasion", Placement::Occasion),
    ];

    /// Its name at the outside.
    #[must_use]
    pub fn name(self) -> &'static str {
        Placement::NAMES.iter().find(|it| it.1 == self).map_or("", |it| it.0)
    }
}

impl FromStr for Placement {
    type Err = Error;

    fn from_str(name: &str) -> Result<Placement> {
        crate::evaluate::named(name, &Placement::NAMES)
    }
}

/// What speaks for an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// The ranking of everything that is known of a customer.
    Blend,
    /// What others looked at next.
    Session,
    /// What buyers of the same things bought.
    Alike,
    /// What lies in baskets together.
    Together,
    /// What was bought before.
    Repeat,
    /// What products say of themselves.
    Content,
    /// What more buy than lately.
    Trending,
    /// What is wanted in this market.
    Wanted,
    /// What came last.
    Newest,
}

impl Source {
    /// Its name in explanations.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Source::Blend => "blend",
            Source::Session => "session",
            Source::Alike => "alike",
            Source::Together => "together",
            Source::Repeat => "repeat",
            Source::Content => "content",
            Source::Trending => "trending",
            Source::Wanted => "popularity",
            Source::Newest => "newest",
        }
    }
}

/// What one shopper did, the oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// Products that were looked at or put into a cart.
    pub clicks: Vec<Visit>,
    /// Products that were bought.
    pub purchases: Vec<Visit>,
    /// What the purchases make expect.
    pub expected: Remembered,
}

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub struct Question<'q> {
    /// Where the answer is shown.
    pub placement: Placement,
    /// Who asks.
    pub history: &'q History,
    /// The product, or what is in the cart.
    pub about: &'q [u32],
    /// The present, in milliseconds since 1970.
    pub now_ms: i64,
}
