//! Whole purchases of guests, one after the other: every call from the empty cart to the placed order, as a shop front makes them.

use std::collections::BTreeMap;
use std::time::Instant;

use anyhow::bail;
use serde_json::{Value, json};

use super::child::Child;
use super::client::{Answer, Client};
use super::figures::Times;
use super::sql::carts::Deliverable;

/// Purchases.
const PURCHASES: usize = 200;
/// Items of each.
const ITEMS: usize = 3;

/// Buys three items each time and says how long all calls of a purchase took together.
///
/// # Errors
/// When a call is refused, or no city has three items.
pub(super) async fn buy(child: &Child, offers: &[Deliverable]) -> anyhow::Result<Times> {
    let mut by_city: BTreeMap<(&str, i64), Vec<&Deliverable>> = BTreeMap::new();
    for offer in offers {
        by_city.entry((&offer.market, offer.city_id)).or_default().push(offer);
    }
    let baskets: Vec<&[&Deliverable]> =
        by_city.values().flat_map(|city| city.chunks_exact(ITEMS)).collect();
    if baskets.is_empty() {
        bail!("no city of the bench has {ITEMS} items");
    }
    let mut client = Client::new(child.address);
    let mut times = Times::default();
    for basket in baskets.iter().cycle().take(PURCHASES) {
        let began = Instant::now();
        purchase(&mut client, basket).await?;
        times.push(began.elapsed());
    }
    Ok(times)
}

/// Seven calls: a cart, its three lines, the slots, for whom and when, and the purchase.
async fn purchase(client: &mut Client, basket: &[&Deliverable]) -> anyhow::Result<()> {
    let Deliverable { market, city_id, .. } = basket[0];
    let cart = done(&client.post(&format!("/v1/{market}/carts"), &[], "{}").await?)?;
    let id = text(&cart["id"]);
    let secret = text(&cart["secret"]);
    let headers = [("x-cart-secret", secret), ("idempotency-key", id)];
    let secret = &headers[..1];
    let path = format!("/v1/carts/{id}");
    for offer in basket {
        let line = json!({"offer_id": offer.offer_id.to_string(), "quantity": 1}).to_string();
        done(&client.post(&format!("{path}/lines"), secret, &line).await?)?;
    }
    let date = jiff::Zoned::now().date().checked_add(jiff::Span::new().days(3))?;
    let slots = format!("/v1/{market}/delivery/slots?city={city_id}&date={date}&cart={id}");
    let slots = done(&client.get_with(&slots, secret).await?)?;
    let delivery = json!({
        "recipient": "Bench", "phone": "+96511111111", "address": "Block 1",
        "city": city_id.to_string(), "slot_id": slots["items"][0]["id"],
    });
    let ready = client.put(&format!("{path}/delivery"), secret, &delivery.to_string()).await?;
    let ready = done(&ready)?;
    let phone = format!("+965{:08}", rand::random::<u32>() % 100_000_000);
    let body = json!({"phone": phone, "payment_method": "cash", "expected_total": ready["total"]});
    done(&client.post(&format!("{path}/checkout"), &headers, &body.to_string()).await?)?;
    Ok(())
}

fn done(answer: &Answer) -> anyhow::Result<Value> {
    let body = answer.json();
    if !(200..300).contains(&answer.status) {
        bail!("a call of a purchase was answered with {}: {body}", answer.status);
    }
    Ok(body)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
