//! `/v1/admin/offers`: who sells what where, for how much.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use souk_base::{
    Currency, DatedPriceId, MarketCode, Money, OfferId, ProductId, SellerId, VariantId,
};
use souk_commerce::offers::{self, DatedPrice, EditableOffer, NewOffer, OfferChange, OfferState};
use souk_commerce::writes::{Answer, Write, etag};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use super::fields::{Currencies, given, minor, or_null};
use super::stock::AdminStock;
use crate::AppState;
use crate::answer::{Listed, MoneySchema, Written};
use crate::error::Result;
use crate::extract::{Path, Query};
use crate::params::Reader;
use crate::policy::{Permission, Policy, Route, route};
use crate::writing::{self, Change, Tagged, created, shown, tagged};

pub(super) fn routes() -> Vec<Route> {
    let (read, write) = (Permission::CatalogRead, Permission::CatalogWrite);
    vec![
        route(Policy::Staff(read), routes!(get_offers)),
        route(Policy::Staff(write), routes!(post_offer)),
        route(Policy::Staff(read), routes!(get_offer)),
        route(Policy::Staff(write), routes!(patch_offer)),
    ]
}

/// Whose.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct OfProductParams {
    /// Key of the product.
    #[param(required = true)]
    product: Option<String>,
}

impl OfProductParams {
    /// The product; it must be named.
    pub(super) fn product(&self) -> Result<ProductId> {
        let mut read = Reader::default();
        let product = read.required("product", self.product.as_deref());
        read.finish()?;
        Ok(product.expect("without it, finish refuses"))
    }
}

/// An offer.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AdminOffer {
    /// Key of the offer.
    #[schema(value_type = String)]
    id: OfferId,
    /// The product it belongs to.
    #[schema(value_type = String)]
    product_id: ProductId,
    /// What is offered.
    #[schema(value_type = String)]
    variant_id: VariantId,
    /// The shop's code for that.
    sku: String,
    /// Who offers it.
    #[schema(value_type = String)]
    seller_id: SellerId,
    /// Where it is sold.
    #[schema(value_type = String, example = "KW")]
    market: MarketCode,
    /// `active` or `paused`.
    #[schema(value_type = String, example = "active")]
    state: OfferState,
    /// Minutes from order to hand-over.
    preparation_minutes: i32,
    /// The base price; null while it has none.
    #[schema(value_type = Option<MoneySchema>)]
    price: Option<Money>,
    /// The old price, when the base price is reduced.
    #[schema(value_type = Option<MoneySchema>)]
    list_price: Option<Money>,
    /// Prices that replace it for a time, in the order of time.
    dated_prices: Vec<AdminDatedPrice>,
    /// What it has, by warehouse.
    stock: Vec<AdminStock>,
}

/// A price that holds for a time.
#[derive(Debug, Serialize, ToSchema)]
struct AdminDatedPrice {
    /// Key of the dated price.
    #[schema(value_type = String)]
    id: DatedPriceId,
    /// The price.
    #[schema(value_type = MoneySchema)]
    price: Money,
    /// The old price shown beside it.
    #[schema(value_type = Option<MoneySchema>)]
    list_price: Option<Money>,
    /// When it begins; null when it always has held.
    #[schema(value_type = Option<String>, format = DateTime)]
    from: Option<Timestamp>,
    /// When it ends; null when it does not.
    #[schema(value_type = Option<String>, format = DateTime)]
    until: Option<Timestamp>,
}

impl AdminDatedPrice {
    fn new(dated: &DatedPrice, currency: Currency) -> Self {
        AdminDatedPrice {
            id: dated.id,
            price: Money::new(dated.minor, currency),
            list_price: dated.list_minor.map(|minor| Money::new(minor, currency)),
            from: dated.from,
            until: dated.until,
        }
    }
}

impl AdminOffer {
    fn new(offer: EditableOffer, currency: Currency) -> Self {
        let money = |minor| Money::new(minor, currency);
        AdminOffer {
            id: offer.id,
            product_id: offer.product_id,
            variant_id: offer.variant_id,
            sku: offer.sku,
            seller_id: offer.seller_id,
            market: offer.market,
            state: offer.state,
            preparation_minutes: offer.preparation_minutes,
            price: offer.minor.map(money),
            list_price: offer.list_minor.map(money),
            dated_prices: offer
                .dated_prices
                .iter()
                .map(|dated| AdminDatedPrice::new(dated, currency))
                .collect(),
            stock: offer.stock.into_iter().map(AdminStock::from).collect(),
        }
    }
}

/// An offer to be added.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewOfferBody {
    /// What is offered.
    #[schema(value_type = String)]
    variant_id: VariantId,
    /// Who offers it; the house when not given.
    #[schema(value_type = Option<String>)]
    seller_id: Option<SellerId>,
    /// Where.
    #[schema(value_type = String, example = "KW")]
    market: MarketCode,
    /// The base price, in the market's currency.
    #[schema(value_type = MoneySchema)]
    price: Money,
    /// The old price, when the price is reduced.
    #[schema(value_type = Option<MoneySchema>)]
    list_price: Option<Money>,
    /// Minutes from order to hand-over; 60 when not given.
    preparation_minutes: Option<i32>,
}

/// What is to change of an offer; what is not there stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(clippy::option_option, reason = "not there, taken away and changed are three things")]
struct OfferPatch {
    /// `active` or `paused`.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, example = "paused")]
    state: Option<OfferState>,
    /// Minutes from order to hand-over.
    #[serde(default, deserialize_with = "given")]
    preparation_minutes: Option<i32>,
    /// The base price, in the market's currency.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<MoneySchema>)]
    price: Option<Money>,
    /// The old price; null for none.
    #[serde(default, deserialize_with = "or_null")]
    #[schema(value_type = Option<MoneySchema>)]
    list_price: Option<Option<Money>>,
}

impl OfferPatch {
    fn change(self, currency: Currency) -> Result<OfferChange> {
        let list_minor = match self.list_price {
            Some(Some(list_price)) => Some(Some(minor("list_price", list_price, currency)?)),
            Some(None) => Some(None),
            None => None,
        };
        Ok(OfferChange {
            state: self.state,
            preparation_minutes: self.preparation_minutes,
            minor: self.price.map(|price| minor("price", price, currency)).transpose()?,
            list_minor,
        })
    }
}

/// Every offer of a product, shown or not.
#[utoipa::path(
    get,
    path = "/v1/admin/offers",
    tag = "catalogue",
    params(OfProductParams),
    responses((status = 200, description = "Offers", body = Listed<AdminOffer>))
)]
async fn get_offers(
    State(app): State<AppState>,
    Query(params): Query<OfProductParams>,
) -> Result<Json<Listed<AdminOffer>>> {
    let product = params.product()?;
    let mut connection = app.connection().await?;
    let currencies = Currencies::read(&mut connection).await?;
    let offers = offers::of_product(&mut connection, product).await?;
    let shown = offers.into_iter().map(|offer| {
        let currency = currencies.of(offer.market)?;
        Ok(AdminOffer::new(offer, currency))
    });
    Ok(Json(Listed::whole(shown.collect::<Result<_>>()?)))
}

/// Offer a variant in a market.
#[utoipa::path(
    post,
    path = "/v1/admin/offers",
    tag = "catalogue",
    request_body = NewOfferBody,
    responses((status = 201, description = "The offer", body = AdminOffer))
)]
async fn post_offer(
    State(app): State<AppState>,
    Change { asked, body }: Change<NewOfferBody>,
) -> Result<Written<Response>> {
    writing::run(&app, asked, async move |write: &mut Write| {
        let currency = Currencies::read(write).await?.of_named(body.market)?;
        let list_price = body.list_price;
        let new = NewOffer {
            variant_id: body.variant_id,
            seller_id: body.seller_id,
            market: body.market,
            minor: minor("price", body.price, currency)?,
            list_minor: list_price.map(|money| minor("list_price", money, currency)).transpose()?,
            preparation_minutes: body.preparation_minutes,
        };
        let id = offers::create(write, new).await?;
        let offer = offers::get(write, id).await?;
        let tag = etag(&offer);
        let location = format!("/v1/admin/offers/{id}");
        Ok(tagged(created(Some(location), &AdminOffer::new(offer, currency)), tag))
    })
    .await
}

/// An offer.
#[utoipa::path(
    get,
    path = "/v1/admin/offers/{id}",
    tag = "catalogue",
    params(("id" = String, Path, description = "Key of the offer")),
    responses((status = 200, description = "The offer; its ETag names this version", body = AdminOffer))
)]
async fn get_offer(
    State(app): State<AppState>,
    Path(id): Path<OfferId>,
) -> Result<Tagged<AdminOffer>> {
    let mut connection = app.connection().await?;
    let offer = offers::get(&mut connection, id).await?;
    let currency = Currencies::read(&mut connection).await?.of(offer.market)?;
    let tag = etag(&offer);
    Ok(Tagged { tag, body: AdminOffer::new(offer, currency) })
}

/// Change an offer and its base price. Needs `If-Match`.
#[utoipa::path(
    patch,
    path = "/v1/admin/offers/{id}",
    tag = "catalogue",
    params(("id" = String, Path, description = "Key of the offer")),
    request_body = OfferPatch,
    responses((status = 200, description = "The offer", body = AdminOffer))
)]
async fn patch_offer(
    State(app): State<AppState>,
    Path(id): Path<OfferId>,
    Change { asked, body }: Change<OfferPatch>,
) -> Result<Written<Response>> {
    let version = asked.version()?;
    writing::run(&app, asked, async move |write: &mut Write| {
        let offer = offers::lock(write, id, Some(&version)).await?;
        let currency = Currencies::read(write).await?.of(offer.market)?;
        offers::update(write, id, body.change(currency)?).await?;
        answer(write, id, currency).await
    })
    .await
}

/// The offer as it is after a change.
pub(super) async fn answer(write: &mut Write, id: OfferId, currency: Currency) -> Result<Answer> {
    let offer = offers::get(write, id).await?;
    let tag = etag(&offer);
    Ok(tagged(shown(&AdminOffer::new(offer, currency)), tag))
}
