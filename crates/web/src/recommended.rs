//! Rows of recommendations, looking like the other rows. A card's link names the list it stands on, for whom the shop knows;
//! the page of the product tells that it was followed ([`followed`]), so that no script is needed.

use axum::http::HeaderMap;
use souk_api::pipeline::events;
use souk_api::pipeline::recommendations::{self, RecommendationsRequest, RecommendedItem};
use souk_api::{AppState, Attribution, Error, Placement};
use souk_base::ProductId;
use souk_commerce::carts::CartId;
use souk_commerce::events::{Event, Kind};

use crate::address::Address;
use crate::cards::Card;
use crate::home::{ROW, Row};
use crate::visit::{LIST, Visit};

/// Products of a row beside something else.
const BESIDES: usize = 5;

/// What is shown for what this visitor did; none for who did nothing yet.
///
/// # Errors
/// Before the first fill of the index.
pub(crate) async fn for_you(app: &AppState, visit: &Visit) -> Result<Option<Row>, Error> {
    if visit.visitor.is_none() {
        return Ok(None);
    }
    let list = list(app, visit, Placement::Home, About::Nothing, ROW).await?;
    let personal = ["bought_before", "because_bought", "because_viewed", "similar_to"];
    let is_personal = list.items.iter().any(|item| personal.contains(&item.reason.code));
    Ok(list.row(visit, visit.text().for_you).filter(|_| is_personal))
}

/// What more people buy than lately; none where nobody knows.
///
/// # Errors
/// As [`for_you`].
pub(crate) async fn trending(app: &AppState, visit: &Visit) -> Result<Option<Row>, Error> {
    let list = list(app, visit, Placement::Trending, About::Nothing, ROW).await?;
    Ok(list.only("trending").row(visit, visit.text().trending))
}

/// What is bought with a product, and what is like it.
///
/// # Errors
/// As [`for_you`].
pub(crate) async fn of_product(
    app: &AppState,
    visit: &Visit,
    product: ProductId,
) -> Result<Vec<Row>, Error> {
    let about = About::Product(product);
    let together = list(app, visit, Placement::Together, about, BESIDES).await?;
    let similar = list(app, visit, Placement::Similar, about, BESIDES).await?.because();
    let text = visit.text();
    let together = together.only("bought_together").row(visit, text.together);
    Ok(together.into_iter().chain(similar.row(visit, text.similar)).collect())
}

/// What goes with what is in a cart; none of that, and none where nobody knows.
///
/// # Errors
/// As [`for_you`].
pub(crate) async fn of_cart(
    app: &AppState,
    visit: &Visit,
    cart: CartId,
) -> Result<Option<Row>, Error> {
    let list = list(app, visit, Placement::Cart, About::Cart(cart), BESIDES).await?;
    Ok(list.because().row(visit, visit.text().with_cart))
}

/// What more people buy in a category than lately; none where nobody knows.
///
/// # Errors
/// As [`for_you`].
pub(crate) async fn of_category(
    app: &AppState,
    visit: &Visit,
    category: &str,
) -> Result<Option<Row>, Error> {
    let about = About::Category(category);
    let list = list(app, visit, Placement::Trending, about, BESIDES).await?;
    Ok(list.only("trending").row(visit, visit.text().trending))
}

/// What a customer bought before and may want again.
///
/// # Errors
/// As [`for_you`].
pub(crate) async fn again(app: &AppState, visit: &Visit) -> Result<Option<Row>, Error> {
    let list = list(app, visit, Placement::BuyAgain, About::Nothing, BESIDES).await?;
    Ok(list.only("bought_before").row(visit, visit.text().buy_again))
}

/// What a list is about.
#[derive(Clone, Copy)]
enum About<'a> {
    Nothing,
    Product(ProductId),
    Cart(CartId),
    Category(&'a str),
}

/// A served list.
struct List {
    token: String,
    items: Vec<RecommendedItem>,
}

impl List {
    /// What of it is there for one reason; the rest fills it up elsewhere.
    fn only(mut self, code: &str) -> List {
        self.items.retain(|item| item.reason.code == code);
        self
    }

    /// What of it is there because of something.
    fn because(mut self) -> List {
        self.items.retain(|item| item.reason.because.is_some());
        self
    }

    /// It as a row; none without products.
    fn row(&self, visit: &Visit, title: &str) -> Option<Row> {
        (!self.items.is_empty()).then(|| Row {
            title: title.to_owned(),
            href: visit.path("/search?sort=popular"),
            cards: self.items.iter().map(|item| self.card(visit, item)).collect(),
        })
    }

    /// A product whose link names the list. Robots, who are nobody, are not led to an address for each list.
    fn card(&self, visit: &Visit, item: &RecommendedItem) -> Card {
        let card = Card::new(visit, &item.hit);
        if visit.visitor.is_none() {
            return card;
        }
        let href = Address::new(card.href).with(LIST, &self.token).to_string();
        Card { href, ..card }
    }
}

async fn list(
    app: &AppState,
    visit: &Visit,
    placement: Placement,
    about: About<'_>,
    limit: usize,
) -> Result<List, Error> {
    let (mut product, mut cart, mut category) = (None, None, None);
    match about {
        About::Nothing => {}
        About::Product(id) => product = Some(id),
        About::Cart(id) => cart = Some(id),
        About::Category(slug) => category = Some(slug.to_owned()),
    }
    let request = RecommendationsRequest {
        visitor: visit.visitor.clone(),
        customer: visit.customer,
        product,
        cart,
        category,
        lang: Some(visit.lang),
        city: visit.city,
        date: visit.date,
        now: visit.now,
        limit,
        ..RecommendationsRequest::of(visit.market, placement)
    };
    match recommendations::run(app, &request).await {
        Ok(answer) => Ok(List { token: answer.token, items: answer.items }),
        // A product that the index does not have yet has nothing beside it.
        Err(Error::NotFound) => Ok(List { token: String::new(), items: Vec::new() }),
        Err(error) => Err(error),
    }
}

/// Tells that a recommended product's link was followed, beside the answer: the page does not wait. Each visitor follows a
/// link once, however often the page is read again.
pub(crate) fn followed(app: &AppState, visit: &Visit, product: ProductId, headers: &HeaderMap) {
    // A browser that only looks ahead says so.
    let is_ahead = headers.contains_key("sec-purpose") || headers.contains_key("purpose");
    if let Some(event) = click(app, visit, product).filter(|_| !is_ahead) {
        let app = app.clone();
        tokio::spawn(async move {
            if let Err(error) = events::write(&app, vec![event]).await {
                tracing::warn!(%error, "a followed recommendation could not be kept");
            }
        });
    }
}

fn click(app: &AppState, visit: &Visit, product: ProductId) -> Option<Event> {
    let (visitor, token) = (visit.visitor.as_deref()?, visit.list.as_deref()?);
    let shown = Attribution::read(&app.keys, token)?;
    let id = format!("followed {} {product} {visitor}", shown.list);
    let kind = Kind::RecommendationClick;
    Some(Event {
        product_id: Some(product),
        customer: visit.customer,
        token: Some(token.to_owned()),
        ..Event::of(&id, kind, visitor, visit.market, visit.now)
    })
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use souk_base::Lang;
    use souk_commerce::searches::QueryId;

    use super::*;
    use crate::sample;

    fn known(uri: &str) -> Visit {
        let visitor = Some("0123456789abcdef0123456789abcdef".to_owned());
        Visit { visitor, ..sample::visit(uri, Lang::En) }
    }

    #[tokio::test]
    async fn a_followed_link_is_a_click_of_its_list_once_and_only_of_a_genuine_one() {
        let (app, id) = (sample::opening(), QueryId::new(Timestamp::now(), 7));
        let token = Attribution::of(id, "KW".parse().unwrap(), "home").token(&app.keys);
        let uri = format!("/KW/p/rose?list={token}");
        let product = ProductId::new(7);

        let followed = |visit: &Visit| click(&app, visit, product);
        let event = followed(&known(&uri)).unwrap();
        assert_eq!(event.kind, Kind::RecommendationClick);
        assert_eq!(event.product_id, Some(product));
        assert_eq!(followed(&known(&uri)).unwrap().id, event.id, "read again");
        assert!(known(&uri).caller.address.get(LIST).is_none(), "other links do not carry it on");
        assert!(followed(&known("/KW/p/rose?list=t")).is_none());
        assert!(followed(&known("/KW/p/rose")).is_none());
        assert!(followed(&sample::visit(&uri, Lang::En)).is_none(), "who is unknown tells nothing");
    }
}
