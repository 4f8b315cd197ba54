//! `POST /{market}/events`: what the pages' script tells, one event a request, as a form.
//!
//! What is put into a cart is told by the page that does it ([`put_in`]), also without a script.
//!
//! Who it was comes from the cookie, which other sites cannot send along. Whatever is told, the answer is empty: nobody
//! reads it.

use axum::body::Bytes;
use axum::extract::State;
use axum::response::NoContent;
use souk_api::AppState;
use souk_api::pipeline::events;
use souk_base::OfferId;
use souk_commerce::carts::Cart;
use souk_commerce::events::{self as shop, Event, Kind};

use crate::address::Address;
use crate::visit::Visit;

/// Furthest place that is believed.
const POSITION_MAX: i32 = 100_000;

/// Longest token that is kept.
const TOKEN_LENGTH_MAX: usize = 512;

/// `POST /{market}/events`
pub(crate) async fn take(State(app): State<AppState>, visit: Visit, body: Bytes) -> NoContent {
    if let Some(event) = read(&visit, &body)
        && let Err(error) = events::write(&app, vec![event]).await
    {
        tracing::warn!(%error, "an event of a page could not be kept");
    }
    NoContent
}

/// Tells that a visitor put units of an offer into a cart, and which search led there; once for each form of this name.
pub(crate) async fn put_in(app: &AppState, visit: &Visit, cart: &Cart, offer: OfferId, form: &str) {
    let line = cart.lines.iter().find(|line| line.offer_id == offer);
    let (Some(line), Some(visitor)) = (line, visit.visitor.as_deref()) else { return };
    let told = async {
        let (product, market, now) = (line.product_id, visit.market, visit.now);
        let mut connection = app.connection().await?;
        let led = shop::search_before(&mut connection, visitor, market, product, now).await?;
        drop(connection);
        let id = format!("cart:{form}");
        let event = Event {
            customer: visit.customer,
            product_id: Some(product),
            query_id: led,
            cart_id: Some(cart.id.to_string()),
            ..Event::of(&id, Kind::AddToCart, visitor, market, now)
        };
        events::write(app, vec![event]).await
    };
    if let Err(error) = told.await {
        tracing::warn!(%error, "what was put into a cart could not be told");
    }
}

/// The event; none when something is missing, or nobody is known to have done it.
fn read(visit: &Visit, body: &[u8]) -> Option<Event> {
    let form = Address::of(&format!("/?{}", std::str::from_utf8(body).ok()?).parse().ok()?);
    let kind = Kind::of(form.get("type")?);
    let position = form.get("position").and_then(|text| text.parse().ok());
    let id = format!("{:032x}", rand::random::<u128>());
    let kind = kind.filter(|kind| Kind::OF_PAGES.contains(kind))?;
    let event = Event::of(&id, kind, visit.visitor.as_deref()?, visit.market, visit.now);
    Some(Event {
        customer: visit.customer,
        product_id: Some(form.get("product_id")?.parse().ok()?),
        query_id: form.get("query_id").and_then(|id| id.parse().ok()),
        position: position.filter(|position| (1..=POSITION_MAX).contains(position)),
        placement: form.get("placement").map(str::to_owned).filter(|text| text.len() <= 64),
        token: form.get("token").map(str::to_owned).filter(|text| text.len() <= TOKEN_LENGTH_MAX),
        ..event
    })
}

#[cfg(test)]
mod tests {
    use souk_base::Lang;

    use super::*;
    use crate::sample;

    #[test]
    fn only_a_known_visitors_clicks_and_views_are_read() {
        let known = Visit {
            visitor: Some("0123456789abcdef0123456789abcdef".to_owned()),
            ..sample::visit("/KW/events", Lang::En)
        };
        let click = "type=search-click&product_id=7&position=3&query_id=x";

        let event = read(&known, click.as_bytes()).unwrap();
        assert_eq!(
            (event.kind, event.position, event.query_id),
            (Kind::SearchClick, Some(3), None)
        );
        assert_eq!(event.product_id, Some(7.into()));
        assert!(read(&sample::visit("/KW/events", Lang::En), click.as_bytes()).is_none());
        for bad in [
            "",
            "type=purchase-complete&product_id=7",
            "type=search-click&product_id=x",
            "%FF",
            "\u{1}",
        ] {
            assert!(read(&known, bad.as_bytes()).is_none(), "{bad}");
        }
    }
}
