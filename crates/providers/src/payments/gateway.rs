//! What every connector can be asked.

use std::fmt::Debug;

use souk_base::{Currency, Lang, Money};

use super::{Report, Result};
use crate::http::{Answer, Request};
use crate::wire;

/// How a shopper pays, as the shop's pages need to know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A card on the provider's page.
    Card,
    /// A wallet.
    Wallet,
    /// A bank's or scheme's page.
    Redirect,
    /// A code to scan.
    Qr,
    /// Parts over months.
    Instalments,
    /// A code to pay at a kiosk.
    Code,
}

/// When a payment can be called off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VoidWhen {
    /// Never: it ends by itself.
    Never,
    /// Once it is authorised.
    Authorised,
    /// Until it is captured.
    Open,
}

/// How to find out about an operation whose answer was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lost {
    /// Repeat it: the key makes it happen once.
    Repeat,
    /// Ask for the payment by our key.
    Ask,
    /// A payment whose page nobody was sent to cannot be paid; it ends by itself.
    Forget,
}

/// What a provider can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// How shoppers pay there.
    pub kinds: &'static [Kind],
    /// Whether money can be held without being taken.
    pub authorise_only: bool,
    /// Whether money is always held first, and taken by a call of its own.
    pub captures_apart: bool,
    /// Whether a part of a payment can be given back.
    pub partial_refund: bool,
    /// When a payment can be called off.
    pub void: VoidWhen,
    /// Seconds that a shopper has to pay; stock is held as long.
    pub hold_s: u32,
    /// What heals an authorisation without an answer.
    pub lost_authorise: Lost,
    /// What heals a refund without an answer.
    pub lost_refund: Lost,
}

/// Who pays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Customer {
    /// Their name, possibly empty.
    pub name: String,
    /// Their e-mail address.
    pub email: Option<String>,
    /// Their phone, `+` and digits.
    pub phone: Option<String>,
}

/// A payment to be begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Purchase {
    /// Our attempt's key: the merchant's reference and idempotency key at the provider.
    pub reference: String,
    /// What is to be paid.
    pub amount: Money,
    /// The provider's name of the method, such as `src_kw.knet`.
    pub brand: String,
    /// Language of the provider's page.
    pub lang: Lang,
    /// Who pays.
    pub customer: Customer,
    /// What it is for, as the shopper's statement may show it.
    pub description: String,
    /// Where the shopper comes back to.
    pub return_url: String,
    /// Where the provider reports to.
    pub webhook_url: String,
    /// Whether to hold the money only.
    pub hold_only: bool,
}

/// A payment that was begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// Our attempt's key.
    pub reference: String,
    /// The provider's id, if we have heard it.
    pub provider_ref: Option<String>,
    /// What it is for.
    pub amount: Money,
    /// Whether the money was to be held only.
    pub hold_only: bool,
    /// Whether the money was taken, as far as we know.
    pub captured: bool,
}

impl Payment {
    /// The provider's id, without which most providers cannot be asked.
    ///
    /// # Errors
    /// [`super::Error::Unsupported`] before it is known.
    pub fn id(&self) -> Result<&str> {
        self.provider_ref.as_deref().ok_or(super::Error::Unsupported("be asked without its id"))
    }
}

/// Money to be taken or given back, under a key of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// Our key of this operation: the idempotency key at the provider.
    pub key: String,
    /// How much.
    pub amount: Money,
    /// The provider's id of it, if we have heard it.
    pub provider_ref: Option<String>,
}

/// One operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask<'a> {
    /// Begin a payment.
    Authorise(&'a Purchase),
    /// Take held money.
    Capture(&'a Payment, &'a Action),
    /// Call a payment off.
    Void(&'a Payment, &'a Action),
    /// Give money back.
    Refund(&'a Payment, &'a Action),
    /// Find out about a refund whose answer was lost.
    FindRefund(&'a Payment, &'a Action),
    /// Ask how far it is: the only source of truth.
    Sync(&'a Payment),
}

/// What an operation takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// One call.
    Call(Request),
    /// No call: this is known already.
    Done(Box<Report>),
}

/// A callback as it came in.
#[derive(Clone, Debug, Default)]
pub struct Callback {
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The query, as sent.
    pub query: String,
    /// The body, as sent.
    pub body: Vec<u8>,
    /// When it came, in seconds of Unix time.
    pub received_at_s: i64,
}

impl Callback {
    /// A header's value.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        wire::field(&self.headers, name)
    }

    /// The fields of the query and, if it is a form, of the body.
    #[must_use]
    pub fn fields(&self) -> Vec<(String, String)> {
        let mut fields = wire::fields(&self.query);
        if let Ok(body) = std::str::from_utf8(&self.body) {
            fields.extend(wire::fields(body));
        }
        fields
    }
}

/// What a callback is worth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The provider sent it; it still has to fit the payment.
    Verified(Box<Report>),
    /// Anybody could have sent it: a reason to ask the provider, no more.
    Unverified {
        /// Our attempt's key, as the callback has it.
        reference: Option<String>,
        /// The provider's id of the payment, as the callback has it.
        provider_ref: Option<String>,
    },
}

impl Verdict {
    /// A callback that says nothing.
    #[must_use]
    pub const fn nothing() -> Verdict {
        Verdict::Unverified { reference: None, provider_ref: None }
    }

    /// A callback that anybody could have sent, about this attempt.
    #[must_use]
    pub fn about(reference: Option<&str>) -> Verdict {
        Verdict::Unverified { reference: reference.map(str::to_owned), provider_ref: None }
    }
}

/// A payment provider's wire format, with the settings of one account.
pub trait Gateway: Debug + Send + Sync {
    /// Its name, as in [`super::CONNECTORS`].
    fn name(&self) -> &'static str;
    /// The account that is paid, as the provider calls it in reports.
    fn merchant(&self) -> &str;
    /// Where it is called.
    fn base(&self) -> &str;
    /// What it can do.
    fn capabilities(&self) -> Capabilities;
    /// The smallest step of a payable amount for this method and currency, in minor units; none where it cannot be paid.
    fn min_step(&self, brand: &str, currency: Currency) -> Option<i64>;
    /// Begins a payment.
    ///
    /// # Errors
    /// [`super::Error::Unsupported`] for what the provider cannot do.
    fn authorise(&self, purchase: &Purchase) -> Result<Step>;
    /// Takes held money.
    ///
    /// # Errors
    /// As [`Gateway::authorise`].
    fn capture(&self, payment: &Payment, action: &Action) -> Result<Step>;
    /// Calls a payment off.
    ///
    /// # Errors
    /// As [`Gateway::authorise`].
    fn void(&self, payment: &Payment, action: &Action) -> Result<Step>;
    /// Gives money back.
    ///
    /// # Errors
    /// As [`Gateway::authorise`].
    fn refund(&self, payment: &Payment, action: &Action) -> Result<Step>;
    /// Finds out about a refund whose answer was lost: by its id, or by its key, which makes a repetition
    /// harmless.
    ///
    /// # Errors
    /// As [`Gateway::authorise`].
    fn find_refund(&self, payment: &Payment, action: &Action) -> Result<Step> {
        self.refund(payment, action)
    }
    /// Asks how far a payment is.
    ///
    /// # Errors
    /// As [`Gateway::authorise`].
    fn sync(&self, payment: &Payment) -> Result<Step>;
    /// Reads the answer to an operation; its status is a success.
    ///
    /// # Errors
    /// [`super::Error::Unreadable`]; [`super::Error::Declined`] where the provider says no with a success status.
    fn read(&self, ask: &Ask<'_>, answer: &Answer) -> Result<Report>;
    /// Says what a callback is worth.
    fn verify(&self, callback: &Callback) -> Verdict;
}
