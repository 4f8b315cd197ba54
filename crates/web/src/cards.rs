//! Products as lists show them.

use souk_api::pipeline::SearchHit;

use crate::format::Price;
use crate::visit::Visit;

/// A product in a list.
pub(crate) struct Card {
    pub(crate) href: String,
    /// Key of the product.
    pub(crate) product: String,
    pub(crate) image: String,
    /// The title as safe HTML, found words marked.
    pub(crate) title: String,
    pub(crate) price: Price,
    pub(crate) before: Option<Price>,
    pub(crate) in_stock: bool,
    pub(crate) stock: String,
}

impl Card {
    /// A hit as this visit sees it.
    pub(crate) fn new(visit: &Visit, hit: &SearchHit) -> Card {
        let numbers = visit.numbers();
        Card {
            href: visit.path(&format!("/p/{}", hit.slug)),
            product: hit.product_id.to_string(),
            image: hit.image.clone(),
            title: hit.highlights.title.clone(),
            price: numbers.money(hit.price),
            before: hit.list_price.map(|price| numbers.money(price)),
            in_stock: hit.in_stock,
            stock: stock(visit, hit),
        }
    }

    /// Every hit of a list.
    pub(crate) fn all(visit: &Visit, hits: &[SearchHit]) -> Vec<Card> {
        hits.iter().map(|hit| Card::new(visit, hit)).collect()
    }
}

/// When it is delivered, where that can be said; else whether there is one.
fn stock(visit: &Visit, hit: &SearchHit) -> String {
    match (visit.promise_words(hit.deliverable.as_ref()), &hit.deliverable) {
        (Some(promise), _) => promise,
        (None, Some(_)) if hit.in_stock => visit.text().no_delivery.to_owned(),
        _ => visit.stock_words(hit.in_stock),
    }
}
