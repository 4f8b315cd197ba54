//! What a provider says about a payment.

use serde::{Deserialize, Serialize};
use souk_base::Money;

/// How far a payment has come. The order is the rule by which two reports are merged: the higher one holds, whichever
/// came first. A card that was declined may be tried again and succeed; money that was taken is taken, whatever else
/// was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// The shopper has to act, or the provider is at work.
    Pending,
    /// It came to nothing: declined, expired, given up.
    Failed,
    /// The money is held for us.
    Authorised,
    /// The hold was given back.
    Voided,
    /// The money was taken.
    Captured,
}

/// How far a refund has come; merged like [`Phase`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundPhase {
    /// On its way.
    Pending,
    /// The provider gave up.
    Failed,
    /// The money is back.
    Done,
}

/// What the shopper has to do next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum NextAction {
    /// Go to a page of the provider.
    Redirect {
        /// Its address.
        url: String,
    },
    /// Scan a code with the provider's app.
    Qr {
        /// What the code says.
        code: String,
        /// How often to ask for the state.
        #[serde(skip_serializing_if = "Option::is_none")]
        poll_s: Option<u32>,
    },
    /// Pay this code at a kiosk or in a bank's app.
    ShowCode {
        /// The code.
        code: String,
    },
    /// Nothing.
    None,
}

/// One refund as a provider reports it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundReport {
    /// Our key of it, where the provider repeats it.
    pub reference: Option<String>,
    /// The provider's id of it.
    pub provider_ref: Option<String>,
    /// How much, where the provider says so.
    pub amount: Option<Money>,
    /// How far it has come.
    pub phase: RefundPhase,
}

/// What a provider says about a payment, by answer or callback. What it does not say is none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Our attempt's key, as the provider repeats it.
    pub reference: Option<String>,
    /// The provider's id of the payment.
    pub provider_ref: Option<String>,
    /// The account that is paid.
    pub merchant: Option<String>,
    /// The provider's id of this event; the same event is used once.
    pub event: Option<String>,
    /// What the payment is for.
    pub amount: Option<Money>,
    /// How far it has come; none where the report is about something else.
    pub phase: Option<Phase>,
    /// What the shopper has to do.
    pub next: Option<NextAction>,
    /// Refunds of it.
    pub refunds: Vec<RefundReport>,
    /// All that was given back so far, where the provider counts it.
    pub refunded: Option<Money>,
    /// Why it failed, in the provider's codes.
    pub reason: Option<String>,
}
