//! The routes, one file a slice. Every one of them stands under a policy.

#![expect(unused_qualifications, reason = "the code that utoipa's macros write has full paths")]

mod admin;
mod audit;
mod auth;
mod carts;
mod categories;
mod checkout;
mod deliveries;
mod events;
mod gifts;
mod indexes;
mod markets;
mod me;
mod media;
mod operations;
mod orders;
mod payments;
mod products;
mod recommendations;
mod search;
mod session;
mod suggest;

use crate::policy::Route;

/// Every route of the HTTP interface.
pub(crate) fn all() -> Vec<Route> {
    [
        operations::routes(),
        markets::routes(),
        search::routes(),
        suggest::routes(),
        products::routes(),
        recommendations::routes(),
        categories::routes(),
        carts::routes(),
        deliveries::routes(),
        checkout::routes(),
        orders::routes(),
        gifts::routes(),
        events::routes(),
        indexes::routes(),
        payments::routes(),
        auth::routes(),
        me::routes(),
        session::routes(),
        audit::routes(),
        admin::routes(),
        media::routes(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
