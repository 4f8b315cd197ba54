//! Ways to pay that need no provider: cash at the door, and a bank transfer that the staff confirms.

use jiff::SignedDuration;
use serde::Serialize;
use souk_base::Market;

/// A way to pay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Method {
    /// Its name.
    pub id: &'static str,
    /// What a shopper does.
    pub kind: MethodKind,
    /// How long a purchase may wait for its money; it holds what it needs meanwhile.
    pub hold: SignedDuration,
}

/// What a shopper does to pay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MethodKind {
    /// Pays at the door.
    Cash,
    /// Sends money from a bank.
    Transfer,
}

impl MethodKind {
    /// The account that has the money of a purchase that is placed before it is paid.
    #[must_use]
    pub const fn due_account(self) -> Option<&'static str> {
        match self {
            MethodKind::Cash => Some("cash:due"),
            MethodKind::Transfer => None,
        }
    }
}

const CASH: Method =
    Method { id: "cash", kind: MethodKind::Cash, hold: SignedDuration::from_hours(24) };
const TRANSFER: Method =
    Method { id: "transfer", kind: MethodKind::Transfer, hold: SignedDuration::from_hours(48) };

/// The ways to pay in a market.
#[must_use]
pub fn methods(market: &Market) -> Vec<Method> {
    let takes_cash = market.flags.get("cash_on_delivery").is_some_and(|flag| flag == true);
    takes_cash.then_some(CASH).into_iter().chain([TRANSFER]).collect()
}

/// The way to pay with this name, where it is offered.
pub(super) fn method(id: &str, takes_cash: bool) -> Option<Method> {
    [CASH, TRANSFER]
        .into_iter()
        .find(|method| method.id == id && (takes_cash || method.kind != MethodKind::Cash))
}
