//! `google-retail-jsonl`, read: a user event of Google's retail search a line, as its exports have it.
//!
//! Products are named by the shop's own ids there, and an event has no name: it gets one that follows from what it says, so
//! that the same line is the same event. Keys that mean nothing here are counted.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use souk_base::MarketCode;

use crate::events::{Told, ToldItem};

/// Bytes of the hash that names an event.
const NAME_BYTES: usize = 16;

/// A user event.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct UserEvent {
    event_type: String,
    event_time: String,
    visitor_id: Option<String>,
    session_id: Option<String>,
    #[serde(default)]
    product_details: Vec<ProductDetail>,
    cart_id: Option<String>,
    purchase_transaction: Option<Purchase>,
    attribution_token: Option<String>,
    #[serde(flatten)]
    others: BTreeMap<String, Value>,
}

#[derive(Debug, Deserialize)]
struct ProductDetail {
    product: Product,
    quantity: Option<i64>,
}

#[derive(Debug, Deserialize)]
struct Product {
    id: String,
}

#[derive(Debug, Deserialize)]
struct Purchase {
    id: Option<String>,
    revenue: Option<f64>,
}

/// Reads a line of a market; gives the event, its products by the shop's own ids, and the keys without meaning.
pub(super) fn parse(line: &str, market: MarketCode) -> Result<(Told, Vec<String>), String> {
    let unreadable = |error: serde_json::Error| format!("not a user event: {error}");
    let value: Value = serde_json::from_str(line).map_err(unreadable)?;
    let name = name(&value, market);
    let event: UserEvent = serde_json::from_value(value).map_err(unreadable)?;
    let items = event.product_details.into_iter().map(|detail| ToldItem {
        product_id: detail.product.id,
        quantity: detail.quantity,
        price: None,
    });
    let items: Vec<_> = items.collect();
    let purchase = event.purchase_transaction.unwrap_or(Purchase { id: None, revenue: None });
    let told = Told {
        id: name,
        kind: event.event_type,
        visitor: event.visitor_id,
        session: event.session_id,
        market: market.to_string(),
        time: event.event_time,
        product_id: match items.as_slice() {
            [only] => Some(only.product_id.clone()),
            _ => None,
        },
        items: Some(items).filter(|items| !items.is_empty()),
        query_id: None,
        position: None,
        cart_id: event.cart_id,
        order_id: purchase.id,
        placement: None,
        token: event.attribution_token,
        value: purchase.revenue,
    };
    Ok((told, event.others.into_keys().collect()))
}

/// What an event is called; the order of its keys does not matter.
fn name(event: &Value, market: MarketCode) -> String {
    let mut hash = Sha256::new();
    hash.update(market.as_str());
    hash.update(event.to_string());
    let bytes = hash.finalize();
    let digits = bytes.iter().take(NAME_BYTES).map(|byte| format!("{byte:02x}"));
    std::iter::once("google-".to_owned()).chain(digits).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> (Told, Vec<String>) {
        parse(line, "GB".parse().unwrap()).unwrap()
    }

    #[test]
    fn a_purchase_is_read_with_its_products_and_its_worth() {
        let (told, ignored) = read(
            r#"{"eventType":"purchase-complete","visitorId":"v","eventTime":"2026-11-01T10:00:00Z",
                "productDetails":[{"product":{"id":"A"},"quantity":2},{"product":{"id":"B"}}],
                "purchaseTransaction":{"id":"n1","revenue":12.5,"currencyCode":"GBP"},"uri":"https://shop"}"#,
        );

        let items = told.items.unwrap();
        let items: Vec<_> = items.iter().map(|it| (it.product_id.as_str(), it.quantity)).collect();
        assert_eq!(items, [("A", Some(2)), ("B", None)]);
        assert_eq!((told.order_id.as_deref(), told.value), (Some("n1"), Some(12.5)));
        assert_eq!(told.product_id, None, "it is about several");
        assert_eq!(ignored, ["uri"]);
    }

    #[test]
    fn an_event_is_named_by_what_it_says() {
        let line =
            r#"{"eventType":"home-page-view","visitorId":"v","eventTime":"2026-11-01T10:00:00Z"}"#;
        let mixed =
            r#"{"visitorId":"v","eventTime":"2026-11-01T10:00:00Z","eventType":"home-page-view"}"#;
        let other = line.replace("\"v\"", "\"w\"");

        assert_eq!(read(line).0.id, read(mixed).0.id);
        assert_ne!(read(line).0.id, read(&other).0.id);
        assert_ne!(read(line).0.id, parse(line, "KW".parse().unwrap()).unwrap().0.id);
    }

    #[test]
    fn a_line_that_is_no_user_event_says_what_it_lacks() {
        let lacks = |line| parse(line, "GB".parse().unwrap()).unwrap_err();

        assert!(lacks(r#"{"eventType":"search"}"#).contains("eventTime"));
        assert!(lacks("[1]").contains("not a user event"));
    }
}
