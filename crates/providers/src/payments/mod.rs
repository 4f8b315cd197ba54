//! Payments: one trait for every provider, and the providers that speak it.
//!
//! A connector is pure: it builds the request of an operation, reads the answer, and verifies a callback. [`perform()`] puts
//! the HTTP call between the two. What a provider says, by whatever way, is a [`Report`]; who believes it checks
//! amount, currency, merchant and order first.
//!
//! Facts marked (u) come from memory or a single weak source and have not been seen at the provider.

mod accounts;
mod checkout_com;
mod gateway;
mod kaspi;
mod knet;
mod perform;
mod report;
mod stripe;
mod tabby;
mod tap;

pub use accounts::{Settings, connect};
pub use gateway::{
    Action, Ask, Callback, Capabilities, Customer, Gateway, Kind, Lost, Payment, Purchase, Step,
    Verdict, VoidWhen,
};
pub use perform::{Outcome, perform};
pub use report::{NextAction, Phase, RefundPhase, RefundReport, Report};

/// Every connector that speaks to a provider.
pub const CONNECTORS: [&str; 6] = ["tap", "knet", "checkout_com", "stripe", "tabby", "kaspi"];

/// Why a connector could not do its part.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The provider has no such operation, or not for this payment.
    #[error("the provider cannot {0}")]
    Unsupported(&'static str),
    /// The provider answered, and says no.
    #[error("the provider refused: {0}")]
    Declined(String),
    /// The provider answered something else than it promises.
    #[error("the provider's answer cannot be read: {0}")]
    Unreadable(String),
    /// A connector's settings lack something.
    #[error("payment settings: {0}")]
    Settings(String),
}

/// Result of a connector's part.
pub type Result<T> = std::result::Result<T, Error>;
