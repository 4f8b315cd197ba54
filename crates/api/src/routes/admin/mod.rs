//! `/v1/admin`: what staff read and change, one file a slice.
//!
//! Every change of a product, category or offer that exists names the version it was made from.

mod analytics;
mod blocked_words;
mod bulk;
mod categories;
mod dated_prices;
mod experiments;
mod fields;
mod media;
mod models;
mod offers;
mod orders;
mod paging;
mod payments;
mod preview;
mod products;
mod promotions;
mod recommendation_settings;
mod rules;
mod search_settings;
mod sheets;
mod stock;
mod stream;
mod synonyms;
mod texts;
mod variants;
mod warehouses;
mod wrappings;

use crate::policy::Route;

pub(super) fn routes() -> Vec<Route> {
    [
        products::routes(),
        texts::routes(),
        variants::routes(),
        bulk::routes(),
        sheets::routes(),
        categories::routes(),
        offers::routes(),
        dated_prices::routes(),
        stock::routes(),
        warehouses::routes(),
        wrappings::routes(),
        media::routes(),
        rules::routes(),
        synonyms::routes(),
        search_settings::routes(),
        recommendation_settings::routes(),
        experiments::routes(),
        models::routes(),
        analytics::routes(),
        orders::routes(),
        promotions::routes(),
        stream::routes(),
        payments::routes(),
        blocked_words::routes(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
