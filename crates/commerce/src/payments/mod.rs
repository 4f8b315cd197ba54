//! Payments: how a purchase gets paid, exactly once, whatever gets lost on the way.
//!
//! A purchase has one *intent*; each try of the shopper is an *attempt* with a provider, under a reference that is the
//! provider's idempotency key; taking, calling off and giving back are *operations* of an attempt. The intent is opened in the
//! checkout's transaction; the provider is called after its commit ([`start`]). What a provider says, by answer, callback,
//! the shopper's return or a look of ours, goes through one function ([`apply`]), which checks amount, currency,
//! account, order and event, and merges: what is known only ever rises, so order and repetition of reports do not matter.
//!
//! ```text
//! attempt   pending ──► failed ──► authorised ──► voided ──► captured        (any step may be left out; none goes back)
//! operation initiated ──► unknown ──► pending ──► failure ──► success
//! intent    requires_payment_method ◄──► requires_action ──► processing ──► succeeded · cancelled         due (at the door)
//! ```
//!
//! Only one attempt's money pays a purchase (`paid_attempt_id`); any other money goes back by itself. Whatever has no
//! answer is asked again by the janitor ([`tend`]) until it is known.
//!
//! Tables owned: `payment_methods` with `_translations` and `_cities`, `payment_intents`, `payment_attempts`,
//! `payment_operations`, `payment_transactions`, `webhook_events`.

#[cfg(test)]
pub(crate) mod fixture;
mod gateways;
mod methods;
mod ops;
#[cfg(test)]
mod schedules;
mod sql;
mod state;
#[cfg(test)]
mod tests;

pub use gateways::{Account, Gateways};
use jiff::SignedDuration;
pub use methods::{everywhere, method, methods};
pub use ops::{
    Callback, Heard, Told, UNANSWERED, again, apply, callback, gives_back, lock, note_received,
    of_purchase, open, received, recent, refund, refund_by_staff, refunds, start, status, tend,
    watch,
};
use serde::Serialize;
use souk_base::{Currency, Id, Lang, MarketCode, Money, Translated};
pub use souk_providers::payments::{NextAction, Phase, Report, Settings};
pub use state::{OperationState, Source};

use crate::orders::OrderGroupId;

/// Kinds of rows; never constructed.
mod kind {
    #[derive(Debug)]
    pub enum Intent {}
    #[derive(Debug)]
    pub enum Attempt {}
    #[derive(Debug)]
    pub enum Operation {}
}

/// Key of `payment_intents`.
pub type IntentId = Id<kind::Intent>;
/// Key of `payment_attempts`.
pub type AttemptId = Id<kind::Attempt>;
/// Key of `payment_operations`.
pub type OperationId = Id<kind::Operation>;

/// The connector of cash on delivery: nobody is called, and the purchase is placed at once.
pub const CASH: &str = "cash";
/// The connector of bank transfers: staff say when the money is there.
pub const TRANSFER: &str = "transfer";

/// The connector of purchases that cost nothing: nobody pays, and they are placed at once.
pub const FREE: &str = "free";

/// A way to pay in a market.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Method {
    /// What clients call it.
    pub code: String,
    /// How a shopper pays: cash, card, wallet, redirect, qr, instalments, transfer, code.
    pub kind: String,
    /// Who is spoken to.
    pub connector: String,
    /// What the provider calls it.
    pub brand: String,
    /// Its name.
    pub label: Translated,
    /// What a payer is told, such as the account that a transfer goes to; empty for nothing.
    pub instructions: Translated,
    /// Least that can be paid so.
    pub min: Money,
    /// Most that can be paid so.
    pub max: Money,
    /// How long a purchase may stay unpaid.
    pub hold: SignedDuration,
}

impl Method {
    /// Whether it is paid when it is handed over, so that the purchase is placed without money.
    #[must_use]
    pub fn pays_at_door(&self) -> bool {
        self.connector == CASH
    }

    /// The way of what costs nothing.
    #[must_use]
    pub fn free(currency: Currency) -> Method {
        Method {
            code: FREE.to_owned(),
            kind: FREE.to_owned(),
            connector: FREE.to_owned(),
            brand: String::new(),
            label: Translated::default(),
            instructions: Translated::default(),
            min: Money::new(0, currency),
            max: Money::new(0, currency),
            hold: SignedDuration::ZERO,
        }
    }
}

/// A purchase to be paid, as checkout opens it.
#[derive(Clone, Debug)]
pub struct Opening<'a> {
    /// The purchase.
    pub group: OrderGroupId,
    /// Its market.
    pub market: MarketCode,
    /// What is to be paid.
    pub amount: Money,
    /// How.
    pub method: &'a Method,
    /// Where the shopper goes after the provider's page; none for the order's page.
    pub return_to: Option<&'a str>,
}

/// An intent that was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Intent {
    /// Its key.
    pub id: IntentId,
    /// The attempt to be started; none where nobody is called.
    pub attempt: Option<AttemptId>,
}

/// How the payment of a purchase stands, and what the shopper has to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Started {
    /// The intent's state.
    pub state: String,
    /// The way that was chosen last.
    pub method: Option<String>,
    /// What is to be paid.
    pub amount: Money,
    /// What the shopper has to do.
    pub next_action: NextAction,
    /// Why the last attempt failed, in the provider's codes.
    pub reason: Option<String>,
}

/// Money to go back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refund {
    /// The purchase whose payment it is.
    pub group: OrderGroupId,
    /// How much; none for all that is left.
    pub amount: Option<Money>,
    /// Why.
    pub reason: String,
    /// Who asks: staff:7, shopper, system.
    pub actor: String,
}

/// An attempt as staff see it.
#[derive(Clone, Debug, Serialize)]
pub struct Record {
    /// Its key.
    pub id: AttemptId,
    /// The purchase.
    pub order_group: String,
    /// The market.
    pub market: String,
    /// The way.
    pub method: String,
    /// Who is spoken to.
    pub connector: String,
    /// Our name for it there.
    pub reference: String,
    /// Theirs.
    pub provider_ref: Option<String>,
    /// How much.
    pub amount: Money,
    /// How much of it has gone back.
    pub refunded: Money,
    /// How far it is.
    pub phase: String,
    /// Whether that is not known for sure.
    pub unknown: bool,
    /// Whether its money pays the purchase.
    pub pays: bool,
    /// Why it failed.
    pub reason: Option<String>,
    /// Why somebody has to look at it.
    pub suspect: Option<String>,
    /// When it was begun.
    pub created_at: jiff::Timestamp,
}

/// A refund as staff see it.
#[derive(Clone, Debug, Serialize)]
pub struct RefundRecord {
    /// Its key.
    pub id: OperationId,
    /// The attempt whose money goes back.
    pub payment: AttemptId,
    /// The purchase.
    pub order_group: String,
    /// How much.
    pub amount: Money,
    /// initiated, pending, unknown, success, failure.
    pub state: String,
    /// Why it was asked for.
    pub reason: String,
    /// Why it failed.
    pub failure: Option<String>,
    /// Who asked.
    pub actor: String,
    /// When.
    pub created_at: jiff::Timestamp,
}

/// The language of a provider's page, from what the purchase was made in.
fn lang(code: &str) -> Lang {
    code.parse().unwrap_or(Lang::En)
}
