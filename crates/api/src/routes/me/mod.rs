//! `/v1/me/…`: what belongs to a customer. Another customer's things are not there.

mod addresses;
mod favourites;
mod occasions;
mod orders;
mod profile;
mod recipients;

use crate::policy::Route;

pub(super) fn routes() -> Vec<Route> {
    [
        profile::routes(),
        addresses::routes(),
        recipients::routes(),
        occasions::routes(),
        favourites::routes(),
        orders::routes(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
