//! What an order is worth in the books. Wrapping is the seller's work, so what it costs is earned by the seller.

use souk_base::{MarketCode, SellerId};

use crate::carts::pricing::Amounts;

/// Entries for amounts that come to `account`: what the seller has earned, and what is the state's, the couriers' and
/// chance's. With every sign turned it is what goes back.
pub(crate) fn postings(
    market: MarketCode,
    seller: SellerId,
    amounts: &Amounts,
    account: &str,
) -> Vec<(String, i64)> {
    let earned = amounts.total - amounts.tax - amounts.delivery - amounts.rounding;
    vec![
        (account.to_owned(), amounts.total),
        (format!("sales:{seller}"), -earned),
        (format!("delivery:{market}"), -amounts.delivery),
        (format!("tax:{market}"), -amounts.tax),
        (format!("rounding:{market}"), -amounts.rounding),
    ]
}
