//! `/v1/admin/promotions`: what makes purchases cheaper, and the coupons that unlock it.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use souk_base::{CityId, Lang, MarketCode, ProductId, SellerId};
use souk_commerce::promotions::{
    self, Effect, Managed, NewCoupon, NewPromotion, PromotionId, PromotionState,
};
use souk_commerce::writes::Write;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use super::fields::{given, or_null};
use super::paging::{LIMIT_DEFAULT, LIMIT_MAX, more, page};
use crate::AppState;
use crate::answer::{Listed, Written};
use crate::cursor;
use crate::error::Result;
use crate::extract::{Path, Query};
use crate::params::Reader;
use crate::policy::{Permission, Policy, Route, route};
use crate::writing::{self, Asked, Change, Tagged, created, shown, tagged};

pub(super) fn routes() -> Vec<Route> {
    let (read, write) = (Permission::PromotionsRead, Permission::PromotionsWrite);
    vec![
        route(Policy::Staff(read), routes!(get_promotions)),
        route(Policy::Staff(write), routes!(post_promotion)),
        route(Policy::Staff(read), routes!(get_promotion)),
        route(Policy::Staff(write), routes!(patch_promotion)),
        route(Policy::Staff(write), routes!(post_end)),
    ]
}

/// Which promotions, and how many.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct PromotionsParams {
    /// Code of a market.
    market: Option<String>,
    /// Promotions of the answer.
    #[param(value_type = Option<u8>, minimum = 1, maximum = 100, default = 50)]
    limit: Option<String>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// A promotion.
#[derive(Debug, Serialize, ToSchema)]
struct AdminPromotion {
    /// Key of the promotion.
    #[schema(value_type = String)]
    id: PromotionId,
    /// Where it stands now: `live`, `scheduled`, `ended` or `off`.
    state: &'static str,
    /// What the staff calls it.
    name: String,
    /// What shoppers read, by language.
    #[schema(value_type = Object, example = json!({"en": "10 % off roses"}))]
    label: BTreeMap<Lang, String>,
    /// What it does, amounts in minor units of the market's currency. Kinds: `percentage` (`rate_bp`, `max_minor`),
    /// `amount` (`minor`), `free_delivery`, `gift` (`offer_id`, `quantity`), `buy_get` (`buy`, `get`, `rate_bp`).
    #[schema(value_type = Object, example = json!({"kind": "percentage", "rate_bp": 1000}))]
    effect: Effect,
    /// Whether it can take part at all.
    enabled: bool,
    /// The higher first, then the older.
    priority: i32,
    /// Whether no other promotion holds beside it.
    exclusive: bool,
    /// Where it holds.
    #[schema(value_type = String, example = "KW")]
    market: MarketCode,
    /// In which cities; in all of them when empty.
    #[schema(value_type = Vec<String>)]
    cities: Vec<CityId>,
    /// For which products; for everything when empty.
    #[schema(value_type = Vec<String>)]
    products: Vec<ProductId>,
    /// For whose goods; for everyone's when empty.
    #[schema(value_type = Vec<String>)]
    sellers: Vec<SellerId>,
    /// What the goods it is for must come to, in minor units.
    min_goods_minor: i64,
    /// Whether it is only for who buys for the first time.
    first_order: bool,
    /// From when on; null for ever since.
    #[schema(value_type = Option<String>, format = DateTime)]
    starts_at: Option<Timestamp>,
    /// Until right before when; null for ever after.
    #[schema(value_type = Option<String>, format = DateTime)]
    ends_at: Option<Timestamp>,
    /// How often it can be used in all; null for as often as it fits.
    uses_max: Option<i32>,
    /// How often it was used, where it has a limit.
    uses: i32,
    /// How often one customer can use it.
    uses_per_customer: Option<i32>,
    /// How much it may take off in all, in minor units.
    budget_minor: Option<i64>,
    /// How much it took off, where it has a limit.
    spent_minor: i64,
    /// What unlocks it; it needs none when there are none.
    coupons: Vec<CouponAnswer>,
}

/// A coupon.
#[derive(Debug, Serialize, ToSchema)]
struct CouponAnswer {
    /// The code.
    code: String,
    /// How often it can be used in all.
    uses_max: Option<i32>,
    /// How often it was used, where it has a limit.
    uses: i32,
}

impl From<Managed> for AdminPromotion {
    fn from(found: Managed) -> Self {
        let state = PromotionState::of(&found.terms, Timestamp::now()).code();
        let terms = found.terms;
        let coupon = |(coupon, uses): (NewCoupon, i32)| {
            let NewCoupon { code, uses_max } = coupon;
            CouponAnswer { code, uses_max, uses }
        };
        AdminPromotion {
            id: found.id,
            state,
            name: terms.name,
            label: terms.label,
            effect: terms.effect,
            enabled: terms.enabled,
            priority: terms.priority,
            exclusive: terms.exclusive,
            market: terms.market,
            cities: terms.cities,
            products: terms.products,
            sellers: terms.sellers,
            min_goods_minor: terms.min_goods_minor,
            first_order: terms.first_order,
            starts_at: terms.starts_at,
            ends_at: terms.ends_at,
            uses_max: terms.uses_max,
            uses: found.uses,
            uses_per_customer: terms.uses_per_customer,
            budget_minor: terms.budget_minor,
            spent_minor: found.spent_minor,
            coupons: terms.coupons.into_iter().zip(found.coupon_uses).map(coupon).collect(),
        }
    }
}

/// A coupon to be handed out.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CouponBody {
    /// 3 to 40 letters, digits and hyphens; capitals do not matter.
    code: String,
    /// How often it can be used in all.
    #[serde(default)]
    uses_max: Option<i32>,
}

impl From<CouponBody> for NewCoupon {
    fn from(body: CouponBody) -> Self {
        NewCoupon { code: body.code.trim().to_uppercase(), uses_max: body.uses_max }
    }
}

/// A promotion to be added.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewPromotionBody {
    /// What the staff calls it; no two promotions have the same name.
    #[schema(max_length = 200)]
    name: String,
    /// What shoppers read, by language.
    #[schema(value_type = Object, example = json!({"en": "10 % off roses"}))]
    label: BTreeMap<Lang, String>,
    /// What it does, as it is read.
    #[schema(value_type = Object, example = json!({"kind": "percentage", "rate_bp": 1000}))]
    effect: Effect,
    /// Whether it can take part at all; true when not given.
    enabled: Option<bool>,
    /// 0 when not given.
    #[serde(default)]
    priority: i32,
    /// Whether no other promotion holds beside it.
    #[serde(default)]
    exclusive: bool,
    /// Where it holds.
    #[schema(value_type = String, example = "KW")]
    market: MarketCode,
    /// In which cities; in all of them when not given.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    cities: Vec<CityId>,
    /// For which products; for everything when not given.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    products: Vec<ProductId>,
    /// For whose goods; for everyone's when not given.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    sellers: Vec<SellerId>,
    /// What the goods it is for must come to, in minor units.
    #[serde(default)]
    min_goods_minor: i64,
    /// Whether it is only for who buys for the first time.
    #[serde(default)]
    first_order: bool,
    /// From when on.
    #[schema(value_type = Option<String>, format = DateTime)]
    starts_at: Option<Timestamp>,
    /// Until right before when.
    #[schema(value_type = Option<String>, format = DateTime)]
    ends_at: Option<Timestamp>,
    /// How often it can be used in all.
    uses_max: Option<i32>,
    /// How often one customer can use it.
    uses_per_customer: Option<i32>,
    /// How much it may take off in all, in minor units.
    budget_minor: Option<i64>,
    /// What unlocks it; it needs none when there are none.
    #[serde(default)]
    coupons: Vec<CouponBody>,
}

impl From<NewPromotionBody> for NewPromotion {
    fn from(body: NewPromotionBody) -> Self {
        NewPromotion {
            name: body.name,
            label: body.label,
            effect: body.effect,
            enabled: body.enabled.unwrap_or(true),
            priority: body.priority,
            exclusive: body.exclusive,
            market: body.market,
            cities: body.cities,
            products: body.products,
            sellers: body.sellers,
            min_goods_minor: body.min_goods_minor,
            first_order: body.first_order,
            starts_at: body.starts_at,
            ends_at: body.ends_at,
            uses_max: body.uses_max,
            uses_per_customer: body.uses_per_customer,
            budget_minor: body.budget_minor,
            coupons: body.coupons.into_iter().map(NewCoupon::from).collect(),
        }
    }
}

/// What is to change of a promotion; what is not there stays. Its market stays in any case.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(clippy::option_option, reason = "not there, taken away and changed are three things")]
struct PromotionPatch {
    /// What the staff calls it.
    #[serde(default, deserialize_with = "given")]
    name: Option<String>,
    /// What shoppers read, in all languages.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Object>)]
    label: Option<BTreeMap<Lang, String>>,
    /// What it does.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Object>)]
    effect: Option<Effect>,
    /// Whether it can take part at all.
    #[serde(default, deserialize_with = "given")]
    enabled: Option<bool>,
    /// The higher first.
    #[serde(default, deserialize_with = "given")]
    priority: Option<i32>,
    /// Whether no other promotion holds beside it.
    #[serde(default, deserialize_with = "given")]
    exclusive: Option<bool>,
    /// All of its cities.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Vec<String>>)]
    cities: Option<Vec<CityId>>,
    /// All of its products.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Vec<String>>)]
    products: Option<Vec<ProductId>>,
    /// All of its sellers.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Vec<String>>)]
    sellers: Option<Vec<SellerId>>,
    /// What the goods it is for must come to.
    #[serde(default, deserialize_with = "given")]
    min_goods_minor: Option<i64>,
    /// Whether it is only for who buys for the first time.
    #[serde(default, deserialize_with = "given")]
    first_order: Option<bool>,
    /// From when on; null for ever since.
    #[serde(default, deserialize_with = "or_null")]
    #[schema(value_type = Option<String>, format = DateTime)]
    starts_at: Option<Option<Timestamp>>,
    /// Until right before when; null for ever after.
    #[serde(default, deserialize_with = "or_null")]
    #[schema(value_type = Option<String>, format = DateTime)]
    ends_at: Option<Option<Timestamp>>,
    /// How often it can be used in all; null for no limit.
    #[serde(default, deserialize_with = "or_null")]
    #[schema(value_type = Option<i32>)]
    uses_max: Option<Option<i32>>,
    /// How often one customer can use it; null for no limit.
    #[serde(default, deserialize_with = "or_null")]
    #[schema(value_type = Option<i32>)]
    uses_per_customer: Option<Option<i32>>,
    /// How much it may take off in all; null for no limit.
    #[serde(default, deserialize_with = "or_null")]
    #[schema(value_type = Option<i64>)]
    budget_minor: Option<Option<i64>>,
    /// All of its coupons; those that are not among them go.
    #[serde(default, deserialize_with = "given")]
    coupons: Option<Vec<CouponBody>>,
}

impl PromotionPatch {
    /// The promotion as it is to be.
    fn onto(self, terms: NewPromotion) -> NewPromotion {
        let coupons = self.coupons.map(|it| it.into_iter().map(NewCoupon::from).collect());
        NewPromotion {
            name: self.name.unwrap_or(terms.name),
            label: self.label.unwrap_or(terms.label),
            effect: self.effect.unwrap_or(terms.effect),
            enabled: self.enabled.unwrap_or(terms.enabled),
            priority: self.priority.unwrap_or(terms.priority),
            exclusive: self.exclusive.unwrap_or(terms.exclusive),
            market: terms.market,
            cities: self.cities.unwrap_or(terms.cities),
            products: self.products.unwrap_or(terms.products),
            sellers: self.sellers.unwrap_or(terms.sellers),
            min_goods_minor: self.min_goods_minor.unwrap_or(terms.min_goods_minor),
            first_order: self.first_order.unwrap_or(terms.first_order),
            starts_at: self.starts_at.unwrap_or(terms.starts_at),
            ends_at: self.ends_at.unwrap_or(terms.ends_at),
            uses_max: self.uses_max.unwrap_or(terms.uses_max),
            uses_per_customer: self.uses_per_customer.unwrap_or(terms.uses_per_customer),
            budget_minor: self.budget_minor.unwrap_or(terms.budget_minor),
            coupons: coupons.unwrap_or(terms.coupons),
        }
    }
}

/// Promotions, the newest first.
#[utoipa::path(
    get,
    path = "/v1/admin/promotions",
    tag = "orders",
    params(PromotionsParams),
    responses((status = 200, description = "Promotions", body = Listed<AdminPromotion>))
)]
async fn get_promotions(
    State(app): State<AppState>,
    Query(params): Query<PromotionsParams>,
) -> Result<Json<Listed<AdminPromotion>>> {
    let mut read = Reader::default();
    let market: Option<MarketCode> = read.optional("market", params.market.as_deref());
    let limit = read.number("limit", params.limit.as_deref(), 1..=LIMIT_MAX);
    read.finish()?;
    let limit = limit.unwrap_or(LIMIT_DEFAULT);
    // What the cursor is bound to.
    let list = ("promotions", market);
    let cursor = params.cursor.filter(|cursor| !cursor.is_empty());
    let below = cursor.map(|cursor| cursor::read(&app.keys, &list, &cursor)).transpose()?;
    let mut connection = app.connection().await?;
    let found = promotions::list(&mut connection, market, below, more(limit)).await?;
    let (found, last) = page(found, limit, |promotion| promotion.id);
    let next = last.map(|id: PromotionId| cursor::write(&app.keys, &list, &id));
    Ok(Json(Listed { items: found.into_iter().map(AdminPromotion::from).collect(), next }))
}

/// Add a promotion. Carts follow it at once.
#[utoipa::path(
    post,
    path = "/v1/admin/promotions",
    tag = "orders",
    request_body = NewPromotionBody,
    responses((status = 201, description = "The promotion", body = AdminPromotion))
)]
async fn post_promotion(
    State(app): State<AppState>,
    Change { asked, body }: Change<NewPromotionBody>,
) -> Result<Written<Response>> {
    writing::run(&app, asked, async move |write: &mut Write| {
        let id = promotions::create(write, &body.into()).await?;
        let made = promotions::get(write, id).await?;
        let (tag, location) = (made.version(), format!("/v1/admin/promotions/{id}"));
        Ok(tagged(created(Some(location), &AdminPromotion::from(made)), tag))
    })
    .await
}

/// A promotion.
#[utoipa::path(
    get,
    path = "/v1/admin/promotions/{id}",
    tag = "orders",
    params(("id" = String, Path, description = "Key of the promotion")),
    responses((status = 200, description = "The promotion; its ETag names this version of its terms", body = AdminPromotion))
)]
async fn get_promotion(
    State(app): State<AppState>,
    Path(id): Path<PromotionId>,
) -> Result<Tagged<AdminPromotion>> {
    let mut connection = app.connection().await?;
    let found = promotions::get(&mut connection, id).await?;
    Ok(Tagged { tag: found.version(), body: found.into() })
}

/// Change a promotion. Needs `If-Match`. What was bought with it stays as it is.
#[utoipa::path(
    patch,
    path = "/v1/admin/promotions/{id}",
    tag = "orders",
    params(("id" = String, Path, description = "Key of the promotion")),
    request_body = PromotionPatch,
    responses((status = 200, description = "The promotion", body = AdminPromotion))
)]
async fn patch_promotion(
    State(app): State<AppState>,
    Path(id): Path<PromotionId>,
    Change { asked, body }: Change<PromotionPatch>,
) -> Result<Written<Response>> {
    let version = asked.version()?;
    writing::run(&app, asked, async move |write: &mut Write| {
        let before = promotions::lock(write, id, Some(&version)).await?;
        promotions::update(write, id, &body.onto(before.terms)).await?;
        let changed = promotions::get(write, id).await?;
        let tag = changed.version();
        Ok(tagged(shown(&AdminPromotion::from(changed)), tag))
    })
    .await
}

/// End a promotion now; one that has not begun is switched off.
#[utoipa::path(
    post,
    path = "/v1/admin/promotions/{id}/end",
    tag = "orders",
    params(("id" = String, Path, description = "Key of the promotion")),
    responses((status = 200, description = "The promotion", body = AdminPromotion))
)]
async fn post_end(
    State(app): State<AppState>,
    Path(id): Path<PromotionId>,
    asked: Asked,
) -> Result<Written<Response>> {
    writing::run(&app, asked, async move |write: &mut Write| {
        promotions::end(write, id, Timestamp::now()).await?;
        let ended = promotions::get(write, id).await?;
        let tag = ended.version();
        Ok(tagged(shown(&AdminPromotion::from(ended)), tag))
    })
    .await
}
