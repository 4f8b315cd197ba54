//! Ledger: where the shop's money is and whose it is, double entry.
//!
//! A transfer moves amounts between accounts and sums to zero in its currency, which the database checks at commit; it is
//! never changed, only reversed by another. Above zero an account has more or owes less: `provider:tap` and `cash:due` grow
//! when a purchase is paid, `sales:7` (what seller 7 has earned), `tax:KW`, `delivery:KW` and `rounding:KW` fall by as much.
//!
//! Tables owned: `ledger_accounts`, `ledger_transfers`, `ledger_entries`.

mod ops;
mod sql;
#[cfg(test)]
mod tests;

pub use ops::{balances, post};
use souk_base::Currency;

use crate::orders::{OrderGroupId, OrderId};

/// Amounts that move between accounts of one currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// Why, such as `order.paid`.
    pub kind: &'static str,
    /// The purchase it is about.
    pub group: Option<OrderGroupId>,
    /// The order it is about, where it is not all of them.
    pub order: Option<OrderId>,
    /// The currency.
    pub currency: Currency,
    /// Account and amount; together zero. Amounts of zero are left out, those of one account may be several.
    pub entries: Vec<(String, i64)>,
}
