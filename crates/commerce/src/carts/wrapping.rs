//! Which parts of a cart are wrapped as gifts, and what that costs. Pure.

use std::collections::BTreeMap;

use souk_base::SellerId;

use super::pricing::Priced;
use super::sql::LineRow;
use super::{Delivery, Problem, ProblemKind};

/// Says of each delivery what wrapping it costs; gives the prices of those that are to be wrapped.
pub(super) fn prices(
    deliveries: &mut [Delivery],
    rows: &[LineRow],
    wrapped: &[i64],
    problems: &mut Vec<Problem>,
) -> BTreeMap<SellerId, i64> {
    let mut prices = BTreeMap::new();
    for delivery in deliveries {
        let seller = delivery.seller_id;
        let its = rows.iter().find(|row| row.seller_id == seller.get());
        delivery.wrapping_minor = its.and_then(|row| row.wrapping_minor);
        if !wrapped.contains(&seller.get()) {
            continue;
        }
        if let Some(minor) = delivery.wrapping_minor {
            prices.insert(seller, minor);
        } else {
            let kind = ProblemKind::NotWrapped;
            problems.push(Problem { kind, line: None, seller_id: Some(seller) });
        }
    }
    prices
}

/// Gives each wrapped delivery what its wrapping comes to.
pub(super) fn take_amounts(deliveries: &mut [Delivery], priced: &Priced<'_>) {
    for delivery in deliveries {
        delivery.wrapped = priced.wrappings.get(&delivery.seller_id).copied();
    }
}
