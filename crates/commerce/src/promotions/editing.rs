//! Promotions as staff make, change and end them. One that was used is never removed: its uses refer to it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;
use souk_base::{CityId, Lang, MarketCode, ProductId, SellerId};
use sqlx::PgConnection;

use super::editing_sql::{self as sql, ManagedRow, Written};
use super::{Effect, PromotionId};
use crate::writes::{Write, etag, expect};
use crate::{Conflict, Error, Result};

/// Longest name and label, in characters.
const TEXT_LENGTH_MAX: usize = 200;
/// Most cities, products and sellers that one is for.
const NAMED_MAX: usize = 1_000;
/// Most coupons of one.
const COUPONS_MAX: usize = 1_000;
/// Everything off.
const WHOLE_BP: i64 = 10_000;
/// Most units that are put in, or counted together.
const UNITS_MAX: i32 = 100;

/// A coupon as it is handed out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NewCoupon {
    /// The code, in capitals.
    pub code: String,
    /// How often it can be used in all.
    pub uses_max: Option<i32>,
}

/// What a promotion is to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NewPromotion {
    /// What the staff calls it.
    pub name: String,
    /// What shoppers read.
    pub label: BTreeMap<Lang, String>,
    /// What it does.
    pub effect: Effect,
    /// Whether it can take part at all.
    pub enabled: bool,
    /// The higher first, then the older.
    pub priority: i32,
    /// Whether no other promotion holds beside it.
    pub exclusive: bool,
    /// Where it holds.
    pub market: MarketCode,
    /// In which cities; in all of them when empty.
    pub cities: Vec<CityId>,
    /// For which products; for everything when empty.
    pub products: Vec<ProductId>,
    /// For whose goods; for everyone's when empty.
    pub sellers: Vec<SellerId>,
    /// What the goods it is for must come to.
    pub min_goods_minor: i64,
    /// Whether it is only for who buys for the first time.
    pub first_order: bool,
    /// From when on.
    pub starts_at: Option<Timestamp>,
    /// Until right before when.
    pub ends_at: Option<Timestamp>,
    /// How often it can be used in all.
    pub uses_max: Option<i32>,
    /// How often by one customer.
    pub uses_per_customer: Option<i32>,
    /// How much it may take off in all.
    pub budget_minor: Option<i64>,
    /// What unlocks it; it needs none when there are none.
    pub coupons: Vec<NewCoupon>,
}

/// A promotion with how much it was used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Managed {
    /// Its key.
    pub id: PromotionId,
    /// What it is.
    pub terms: NewPromotion,
    /// How often it was used, where that is counted.
    pub uses: i32,
    /// How much it took off, where that is counted.
    pub spent_minor: i64,
    /// How often each of its coupons was used, in their order.
    pub coupon_uses: Vec<i32>,
}

/// Where a promotion stands in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PromotionState {
    /// It holds now.
    Live,
    /// It will.
    Scheduled,
    /// It did.
    Ended,
    /// It is switched off.
    Off,
}

impl PromotionState {
    /// Every state.
    pub const ALL: [PromotionState; 4] = [
        PromotionState::Live,
        PromotionState::Scheduled,
        PromotionState::Ended,
        PromotionState::Off,
    ];

    /// Its name.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            PromotionState::Live => "live",
            PromotionState::Scheduled => "scheduled",
            PromotionState::Ended => "ended",
            PromotionState::Off => "off",
        }
    }

    /// The state of these terms at this instant.
    #[must_use]
    pub fn of(terms: &NewPromotion, now: Timestamp) -> PromotionState {
        if !terms.enabled {
            PromotionState::Off
        } else if terms.ends_at.is_some_and(|end| end <= now) {
            PromotionState::Ended
        } else if terms.starts_at.is_some_and(|start| start > now) {
            PromotionState::Scheduled
        } else {
            PromotionState::Live
        }
    }
}

impl Managed {
    /// The tag of this version: of what staff decide, not of its uses.
    #[must_use]
    pub fn version(&self) -> String {
        etag(&self.terms)
    }
}

/// The newest promotions of a market or of all, of those below an id where one is given.
///
/// # Errors
/// [`Error::Unreadable`] or [`Error::Invalid`] for values this version does not know.
pub async fn list(
    connection: &mut PgConnection,
    market: Option<MarketCode>,
    below: Option<PromotionId>,
    limit: i64,
) -> Result<Vec<Managed>> {
    let market = market.map(|market| market.to_string());
    let below = below.map_or(i64::MAX, PromotionId::get);
    let rows = sql::list(connection, market.as_deref(), below, limit).await?;
    rows.into_iter().map(Managed::try_from).collect()
}

/// One promotion.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn get(connection: &mut PgConnection, id: PromotionId) -> Result<Managed> {
    sql::one(connection, id.get()).await?.try_into()
}

/// The promotion, locked against other writers until the write ends; `expected` is the `If-Match` of the caller.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Stale`] when it has changed since.
pub async fn lock(write: &mut Write, id: PromotionId, expected: Option<&str>) -> Result<Managed> {
    sql::lock(write, id.get()).await?;
    let found = get(write, id).await?;
    expect(expected, &found.terms)?;
    Ok(found)
}

/// Adds a promotion.
///
/// # Errors
/// [`Error::Invalid`] for what means nothing or names what does not exist; [`Error::Conflict`] when its name or a coupon is
/// taken.
pub async fn create(write: &mut Write, new: &NewPromotion) -> Result<PromotionId> {
    examine(write, new).await?;
    let id = sql::insert(write, &written(new)?).await?;
    set_coupons(write, id, &new.coupons).await?;
    write.note("promotions.create", &id.to_string(), json!({"name": new.name})).await?;
    Ok(id.into())
}

/// Makes a promotion what is given.
///
/// # Errors
/// As [`create`]; [`Error::NotFound`]; [`Error::Conflict`] also for less uses or less money than were used.
pub async fn update(write: &mut Write, id: PromotionId, new: &NewPromotion) -> Result<()> {
    examine(write, new).await?;
    sql::update(write, id.get(), &written(new)?).await?;
    set_coupons(write, id.get(), &new.coupons).await?;
    write.note("promotions.update", &id.to_string(), json!({"name": new.name})).await
}

/// Ends a promotion now; one that has not begun is switched off. What was bought with it stays as it is.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn end(write: &mut Write, id: PromotionId, now: Timestamp) -> Result<()> {
    sql::end(write, id.get(), now.into()).await?;
    write.note("promotions.end", &id.to_string(), json!({})).await
}

/// Coupons that are not among these go; one of another promotion is not taken away from it.
async fn set_coupons(write: &mut Write, id: i64, coupons: &[NewCoupon]) -> Result<()> {
    let codes: Vec<String> = coupons.iter().map(|coupon| coupon.code.clone()).collect();
    let limits: Vec<Option<i32>> = coupons.iter().map(|coupon| coupon.uses_max).collect();
    let kept = sql::set_coupons(write, id, &codes, &limits).await?;
    if usize::try_from(kept).ok() == Some(codes.len()) {
        Ok(())
    } else {
        Err(Conflict::CouponTaken.into())
    }
}

fn written(new: &NewPromotion) -> Result<Written<'_>> {
    let json = |value: serde_json::Result<serde_json::Value>| {
        value.map_err(|error| Error::invalid("effect", error.to_string()))
    };
    Ok(Written {
        name: &new.name,
        labels: json(serde_json::to_value(&new.label))?,
        effect: json(serde_json::to_value(new.effect))?,
        enabled: new.enabled,
        priority: new.priority,
        exclusive: new.exclusive,
        market: new.market.to_string(),
        cities: new.cities.iter().map(|id| id.get()).collect(),
        products: new.products.iter().map(|id| id.get()).collect(),
        sellers: new.sellers.iter().map(|id| id.get()).collect(),
        min_goods_minor: new.min_goods_minor,
        first_order: new.first_order,
        needs_coupon: !new.coupons.is_empty(),
        starts_at: new.starts_at.map(Into::into),
        ends_at: new.ends_at.map(Into::into),
        uses_max: new.uses_max,
        uses_per_customer: new.uses_per_customer,
        budget_minor: new.budget_minor,
    })
}

/// Refuses what means nothing, and what names something that does not exist.
async fn examine(connection: &mut PgConnection, new: &NewPromotion) -> Result<()> {
    check(new)?;
    let gift = match new.effect {
        Effect::Gift { offer_id, .. } => Some(offer_id.get()),
        _ => None,
    };
    let named = written(new)?;
    match sql::missing(connection, &named, gift).await?.as_deref() {
        None => Ok(()),
        Some("market") => Err(Conflict::NoSuchMarket.into()),
        Some("cities") => Err(Error::invalid("cities", "a city is one of the market's")),
        Some("products") => Err(Error::invalid("products", "there is no such product")),
        Some("sellers") => Err(Error::invalid("sellers", "there is no such seller")),
        Some(_) => Err(Error::invalid("effect", "what is put in is an offer of the market")),
    }
}

fn check(new: &NewPromotion) -> Result<()> {
    let is_text = |text: &str| !text.trim().is_empty() && text.chars().count() <= TEXT_LENGTH_MAX;
    let refuse = |field, detail: &str| Err(Error::invalid(field, detail.to_owned()));
    if !is_text(&new.name) || new.name != new.name.trim() {
        return refuse("name", "a name has from 1 to 200 characters, without spaces around them");
    }
    if new.label.is_empty() || !new.label.values().all(|text| is_text(text)) {
        return refuse("label", "shoppers read a label of at most 200 characters");
    }
    if [new.cities.len(), new.products.len(), new.sellers.len()].iter().any(|it| *it > NAMED_MAX) {
        return refuse("products", "a promotion names at most 1,000 cities, products and sellers");
    }
    if new.min_goods_minor < 0 {
        return refuse("min_goods_minor", "an amount is not below zero");
    }
    let is_positive = |number: Option<i64>| number.is_none_or(|number| number > 0);
    if !is_positive(new.uses_max.map(Into::into)) || !is_positive(new.budget_minor) {
        return refuse("uses_max", "a limit is above zero");
    }
    if !is_positive(new.uses_per_customer.map(Into::into)) {
        return refuse("uses_per_customer", "a limit is above zero");
    }
    if new.starts_at.zip(new.ends_at).is_some_and(|(start, end)| end <= start) {
        return refuse("ends_at", "a promotion must end after it starts");
    }
    check_coupons(&new.coupons)?;
    check_effect(new.effect)
}

fn check_coupons(coupons: &[NewCoupon]) -> Result<()> {
    let is_code = |code: &str| {
        (3..=40).contains(&code.len())
            && code.bytes().all(|it| it.is_ascii_uppercase() || it.is_ascii_digit() || it == b'-')
    };
    let is_good =
        |coupon: &NewCoupon| is_code(&coupon.code) && coupon.uses_max.is_none_or(|it| it > 0);
    if coupons.len() > COUPONS_MAX || !coupons.iter().all(is_good) {
        let detail = "a promotion has at most 1,000 coupons, each of 3 to 40 letters from A to Z, digits and hyphens";
        return Err(Error::invalid("coupons", detail));
    }
    let codes: std::collections::BTreeSet<_> = coupons.iter().map(|it| &it.code).collect();
    if codes.len() < coupons.len() {
        return Err(Error::invalid("coupons", "a coupon comes once"));
    }
    Ok(())
}

fn check_effect(effect: Effect) -> Result<()> {
    let is_rate = |rate: i64| (1..=WHOLE_BP).contains(&rate);
    let is_units = |units: i32| (1..=UNITS_MAX).contains(&units);
    let means_something = match effect {
        Effect::Percentage { rate_bp, max_minor } => {
            is_rate(rate_bp) && max_minor.is_none_or(|max| max > 0)
        }
        Effect::Amount { minor } => minor > 0,
        Effect::FreeDelivery => true,
        Effect::Gift { quantity, .. } => is_units(quantity),
        Effect::BuyGet { buy, get, rate_bp } => is_units(buy) && is_units(get) && is_rate(rate_bp),
    };
    if means_something {
        return Ok(());
    }
    let detail = "rates are from 1 to 10000 basis points, units from 1 to 100, amounts above zero";
    Err(Error::invalid("effect", detail))
}

impl TryFrom<ManagedRow> for Managed {
    type Error = Error;

    fn try_from(row: ManagedRow) -> Result<Managed> {
        let label = row.labels.0.into_iter().map(|(lang, text)| Ok((lang.parse()?, text)));
        let effect = serde_json::from_value(row.effect)
            .map_err(|error| Error::invalid("effect", error.to_string()))?;
        let coupons = row.codes.into_iter().zip(row.limits);
        let coupon = |(code, limit): (String, i32)| NewCoupon {
            code,
            uses_max: (limit > 0).then_some(limit),
        };
        Ok(Managed {
            id: row.id.into(),
            terms: NewPromotion {
                name: row.name,
                label: label.collect::<Result<_>>()?,
                effect,
                enabled: row.enabled,
                priority: row.priority,
                exclusive: row.exclusive,
                market: row.market.parse()?,
                cities: row.city_ids.into_iter().map(Into::into).collect(),
                products: row.product_ids.into_iter().map(Into::into).collect(),
                sellers: row.seller_ids.into_iter().map(Into::into).collect(),
                min_goods_minor: row.min_goods_minor,
                first_order: row.first_order,
                starts_at: row.starts_at.map(jiff_sqlx::Timestamp::to_jiff),
                ends_at: row.ends_at.map(jiff_sqlx::Timestamp::to_jiff),
                uses_max: row.uses_max,
                uses_per_customer: row.uses_per_customer,
                budget_minor: row.budget_minor,
                coupons: coupons.map(coupon).collect(),
            },
            uses: row.uses,
            spent_minor: row.spent_minor,
            coupon_uses: row.coupon_uses,
        })
    }
}
