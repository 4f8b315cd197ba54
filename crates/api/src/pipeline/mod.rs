//! What the routes and the pages both ask for: requests as typed values, answers as data.
//!
//! The synchronous part of a pipeline runs off the async threads, behind a semaphore.

pub mod accounts;
pub mod analytics;
pub mod categories;
pub mod checkout;
mod deliverable;
pub mod events;
pub mod experiments;
pub mod facet_values;
pub mod models;
pub mod near;
pub mod payments;
mod personal;
pub mod preview;
pub mod products;
mod ranked;
mod reasons;
pub mod recommendations;
pub mod search;
pub mod suggest;
pub mod window;

use serde::Serialize;
use souk_base::{Market, Money, OfferId, Ordinal, ProductId, SellerId, Tables, VariantId};
use souk_search::Hit;
use utoipa::ToSchema;

use crate::answer::MoneySchema;
use deliverable::Wish;
pub use deliverable::{Deliverable, DeliverySlot};

/// A product as lists show it, with the offer a shopper is shown.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SearchHit {
    /// Key of the product.
    #[schema(value_type = String)]
    pub product_id: ProductId,
    /// The id it had where it was imported from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// Readable name for its address.
    pub slug: String,
    /// The variant of the offer.
    #[schema(value_type = String)]
    pub variant_id: VariantId,
    /// The offer a shopper is shown.
    #[schema(value_type = String)]
    pub offer_id: OfferId,
    /// Who makes it.
    #[schema(value_type = String)]
    pub seller_id: SellerId,
    /// Title in the asked language, else in another.
    pub title: String,
    /// The part of the description that fits the query best.
    pub snippet: String,
    /// Title and description with the found words marked.
    pub highlights: Highlights,
    /// Address of a photograph, or of a picture drawn by the shop.
    pub image: String,
    /// Price of the offer.
    #[schema(value_type = MoneySchema)]
    pub price: Money,
    /// The price before, when it is reduced.
    #[schema(value_type = Option<MoneySchema>)]
    pub list_price: Option<Money>,
    /// Whether at least one unit can be bought: in the city when one is given, for the day when one is.
    pub in_stock: bool,
    /// Delivery to the given city; absent without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deliverable: Option<Deliverable>,
    /// Whether a rule put it in its place; absent when none did.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub pinned: bool,
    /// How the hit was ranked; only with `explain=true`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rank: Option<Rank>,
}

/// HTML-escaped texts in which `<mark>` stands around each found word.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Highlights {
    /// The title.
    pub title: String,
    /// The best part of the description, or its beginning where no word was found in it; absent without a
    /// description.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// How a hit was ranked: by the first three, then by the score, which is the sum of the rest times the factor.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct Rank {
    /// Words of the query it has.
    pub matched_words: u8,
    /// How far they are from what was typed.
    pub typo_cost: u8,
    /// 2 when its title has the words one behind the other, 1 when it has them all, else 0.
    pub exactness: u8,
    /// What decides within these; without a text the popularity.
    pub score: f32,
    /// The match of the words as a share of the best possible (BM25).
    pub text: f32,
    /// Positive when the words name it, negative when they only describe it.
    pub kind: f32,
    /// Words that follow each other in the title.
    pub together: f32,
    /// Negative when it costs a fraction of the others.
    pub price: f32,
    /// How often it was bought.
    pub popularity: f32,
    /// Negative when it cannot be had.
    pub availability: f32,
    /// How lately it came.
    pub newness: f32,
    /// What rules multiply the score by.
    pub factor: f32,
}

impl Rank {
    fn of(hit: &Hit) -> Rank {
        let rank = hit.rank;
        Rank {
            matched_words: rank.matched_words,
            typo_cost: rank.typo_cost,
            exactness: rank.exactness,
            score: hit.score,
            text: rank.text,
            kind: rank.kind,
            together: rank.together,
            price: rank.price,
            popularity: rank.popularity,
            availability: rank.availability,
            newness: rank.newness,
            factor: rank.factor,
        }
    }
}

/// The address of the picture that is drawn for a product without a photograph. `picture` is
/// `<still life>/<colour code>`.
#[must_use]
pub fn picture_url(picture: &str, ordinal: Ordinal) -> String {
    format!("/pictures/{picture}/{}.svg", ordinal.0)
}

/// How a list of hits is shown.
#[derive(Clone, Copy)]
struct Shown<'a> {
    market: &'a Market,
    tables: &'a Tables,
    wish: Option<Wish>,
    explain: bool,
}

impl Shown<'_> {
    fn hit(self, hit: Hit) -> SearchHit {
        let money = |minor| Money::new(minor, self.market.currency);
        let deliverable = self.wish.and_then(|wish| {
            let terms = hit.offer.terms(self.market.city_place(wish.city)?);
            Some(Deliverable::of(wish, &terms, self.tables))
        });
        let rank = self.explain.then(|| Rank::of(&hit));
        SearchHit {
            product_id: hit.product_id,
            external_id: hit.external_id,
            slug: hit.slug,
            variant_id: hit.offer.variant_id,
            offer_id: hit.offer.id,
            seller_id: hit.offer.seller_id,
            title: hit.title,
            snippet: hit.snippet,
            highlights: Highlights {
                title: hit.highlights.title,
                description: hit.highlights.description,
            },
            image: hit.image.unwrap_or_else(|| picture_url(&hit.picture, hit.ordinal)),
            price: money(hit.offer.minor),
            list_price: hit.offer.list_minor.map(money),
            in_stock: hit.in_stock,
            deliverable,
            pinned: hit.pinned,
            rank,
        }
    }
}
