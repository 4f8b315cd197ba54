//! A product as schema.org JSON-LD, for search engines.

use serde_json::{Value, json};
use souk_api::pipeline::products::{ProductAnswer, ProductOffer};

use crate::visit::Visit;

/// The product as JSON that may stand in a `script` element: without `<`, nothing can end it early.
pub(super) fn json(visit: &Visit, product: &ProductAnswer) -> String {
    let origin = &visit.caller.origin;
    let page = format!("{origin}{}", visit.path(&format!("/p/{}", product.slug)));
    let whole = |image: &String| match image.starts_with('/') {
        true => format!("{origin}{image}"),
        false => image.clone(),
    };
    let variants = product.variants.iter();
    let offers = variants.flat_map(|variant| variant.offers.iter().map(move |o| (variant, o)));
    let offers: Vec<Value> =
        offers.map(|(variant, offer)| offer_json(&page, &variant.sku, offer)).collect();
    let mut value = json!({
        "@context": "https://schema.org",
        "@type": "Product",
        "name": product.title,
        "description": product.description,
        "image": product.images.iter().map(whole).collect::<Vec<_>>(),
        "sku": product.variants.first().map(|variant| &variant.sku),
        "category": product.categories.last().map(|category| &category.label),
        "offers": offers,
    });
    if let Some(brand) = &product.brand {
        value["brand"] = json!({ "@type": "Brand", "name": brand.label });
    }
    value.to_string().replace('<', "\\u003c")
}

fn offer_json(page: &str, sku: &str, offer: &ProductOffer) -> Value {
    let availability = if offer.in_stock { "InStock" } else { "OutOfStock" };
    json!({
        "@type": "Offer",
        "sku": sku,
        "price": offer.price.to_decimal(),
        "priceCurrency": offer.price.currency.code(),
        "availability": format!("https://schema.org/{availability}"),
        "seller": { "@type": "Organization", "name": offer.seller },
        "url": page,
    })
}
