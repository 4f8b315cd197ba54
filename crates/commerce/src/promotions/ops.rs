//! Reading what is in force, and counting who used it.

use jiff::Timestamp;
use souk_base::{MarketCode, OfferId};
use sqlx::PgConnection;

use super::{Effect, Promotion, Redemption, sql};
use crate::checkout::Refusal;
use crate::uuid::OrderGroupId;
use crate::{Conflict, Error, Result, markets};

/// Promotions of a market that are in force now and have uses left, in their order, as this customer meets them; those
/// that need a coupon only with one of these, and those for a first order unless this customer has bought before.
///
/// # Errors
/// [`Error::Unreadable`] for a language, [`Error::Invalid`] for an effect this version does not know.
pub async fn offered(
    connection: &mut PgConnection,
    market: MarketCode,
    coupons: &[String],
    customer: Option<&str>,
    now: Timestamp,
) -> Result<Vec<Promotion>> {
    let rows = sql::offered(connection, market.as_str(), coupons, customer, now.into()).await?;
    rows.into_iter().map(Promotion::try_from).collect()
}

/// What these promotions may put into a basket.
#[must_use]
pub fn gift_offers(promotions: &[Promotion]) -> Vec<OfferId> {
    let gift = |promotion: &Promotion| match promotion.effect {
        Effect::Gift { offer_id, .. } => Some(offer_id),
        _ => None,
    };
    promotions.iter().filter_map(gift).collect()
}

/// Counts these uses, promotions in the order of their keys, then coupons, and keeps them for the purchase.
///
/// # Errors
/// [`Error::Refused`] when a coupon has no use left, [`Error::Conflict`] when a promotion or this customer has none, or a
/// budget is spent; then the purchase must be undone.
pub async fn redeem(
    connection: &mut PgConnection,
    group: OrderGroupId,
    customer: &str,
    redemptions: &[Redemption],
) -> Result<()> {
    if redemptions.is_empty() {
        return Ok(());
    }
    let used = sql::redeem(connection, &group.to_string(), customer, redemptions).await?;
    let is_lacking = |it: &&Redemption| it.is_counted && !used.contains(&it.promotion_id.get());
    match redemptions.iter().find(is_lacking) {
        None => Ok(()),
        Some(Redemption { coupon: Some(code), .. }) => {
            Err(Refusal::CouponNotValid(code.clone()).into())
        }
        Some(_) => Err(Conflict::PromotionUsedUp.into()),
    }
}

/// Gives back the uses of a purchase that came to nothing.
///
/// # Errors
/// [`Error::Database`] when PostgreSQL does not answer.
pub async fn release(connection: &mut PgConnection, group: OrderGroupId) -> Result<()> {
    Ok(sql::release(connection, &group.to_string()).await?)
}

/// Keeps the uses of a purchase again whose money came late, beyond any limit: the shopper has paid what was agreed.
///
/// # Errors
/// [`Error::Database`] when PostgreSQL does not answer.
pub async fn redeem_again(connection: &mut PgConnection, group: OrderGroupId) -> Result<()> {
    Ok(sql::redeem_again(connection, &group.to_string()).await?)
}

impl TryFrom<sql::OfferedRow> for Promotion {
    type Error = Error;

    fn try_from(row: sql::OfferedRow) -> Result<Promotion> {
        let effect = serde_json::from_value(row.effect)
            .map_err(|error| Error::invalid("effect", error.to_string()))?;
        let labels = row.labels.0.into_iter().collect();
        Ok(Promotion {
            id: row.id.into(),
            label: markets::translated(Some(labels))?,
            effect,
            exclusive: row.exclusive,
            cities: row.city_ids.into_iter().map(Into::into).collect(),
            products: row.product_ids.into_iter().map(Into::into).collect(),
            sellers: row.seller_ids.into_iter().map(Into::into).collect(),
            min_goods_minor: row.min_goods_minor,
            coupon: row.coupon,
            is_counted: row.is_counted,
            budget_left_minor: row.budget_left_minor,
            used_by_customer: row.used_by_customer,
            uses_per_customer: row.uses_per_customer,
        })
    }
}
