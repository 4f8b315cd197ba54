//! Adding and changing offers and their prices.

use std::collections::HashMap;

use serde_json::json;
use souk_base::{DatedPriceId, OfferId, ProductId, SellerId};
use sqlx::PgConnection;

use super::{DatedPrice, EditableOffer, NewDatedPrice, NewOffer, OfferChange, OfferState, sql};
use crate::stock::{self, Stock};
use crate::writes::{Write, expect};
use crate::{Error, Result};

/// Minutes from order to hand-over where none are given, as the table has it.
const PREPARATION_MINUTES: i32 = 60;

/// Every offer of a product, shown or not, by variant, market and seller.
///
/// # Errors
/// [`Error::Unreadable`] for a market or [`Error::UnknownState`] for a state this version does not know.
pub async fn of_product(
    connection: &mut PgConnection,
    id: ProductId,
) -> Result<Vec<EditableOffer>> {
    let rows = sql::editable(connection, Some(id.get()), None).await?;
    whole(connection, id, rows).await
}

/// One offer, shown or not.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn get(connection: &mut PgConnection, id: OfferId) -> Result<EditableOffer> {
    let rows = sql::editable(connection, None, Some(id.get())).await?;
    let product_id = rows.first().ok_or(Error::NotFound)?.product_id;
    whole(connection, product_id.into(), rows).await?.pop().ok_or(Error::NotFound)
}

/// These offers of one product, with their dated prices and stock.
async fn whole(
    connection: &mut PgConnection,
    product_id: ProductId,
    rows: Vec<sql::EditableRow>,
) -> Result<Vec<EditableOffer>> {
    let mut dated: HashMap<i64, Vec<DatedPrice>> = HashMap::new();
    for row in sql::dated_prices(connection, product_id.get()).await? {
        dated.entry(row.offer_id).or_default().push(row.into());
    }
    let mut stocks: HashMap<OfferId, Vec<Stock>> = HashMap::new();
    for row in stock::of_product(connection, product_id).await? {
        stocks.entry(row.offer_id).or_default().push(row);
    }
    rows.into_iter()
        .map(|row| {
            let dated_prices = dated.remove(&row.id).unwrap_or_default();
            let stock = stocks.remove(&row.id.into()).unwrap_or_default();
            Ok(EditableOffer { dated_prices, stock, ..row.try_into()? })
        })
        .collect()
}

impl TryFrom<sql::EditableRow> for EditableOffer {
    type Error = Error;

    fn try_from(row: sql::EditableRow) -> Result<EditableOffer> {
        Ok(EditableOffer {
            id: row.id.into(),
            product_id: row.product_id.into(),
            variant_id: row.variant_id.into(),
            sku: row.sku,
            seller_id: row.seller_id.into(),
            market: row.market.parse()?,
            state: OfferState::of_code(&row.state).ok_or(Error::UnknownState(row.state))?,
            preparation_minutes: row.preparation_minutes,
            minor: row.minor,
            list_minor: row.list_minor,
            dated_prices: Vec::new(),
            stock: Vec::new(),
        })
    }
}

impl From<sql::DatedRow> for DatedPrice {
    fn from(row: sql::DatedRow) -> DatedPrice {
        DatedPrice {
            id: row.id.into(),
            minor: row.minor,
            list_minor: row.list_minor,
            from: row.starts_at.map(jiff_sqlx::Timestamp::to_jiff),
            until: row.ends_at.map(jiff_sqlx::Timestamp::to_jiff),
        }
    }
}

/// The offer, locked against other writers until the write ends; `expected` is the `If-Match` of the caller.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Stale`] when it has changed since.
pub async fn lock(write: &mut Write, id: OfferId, expected: Option<&str>) -> Result<EditableOffer> {
    sql::lock(write, id.get()).await?;
    let offer = get(write, id).await?;
    expect(expected, &offer)?;
    Ok(offer)
}

/// Adds an offer with its base price.
///
/// # Errors
/// [`Error::Conflict`] when there is one, variant, seller or market do not exist, or the price cannot be.
pub async fn create(write: &mut Write, new: NewOffer) -> Result<OfferId> {
    let preparation = new.preparation_minutes.unwrap_or(PREPARATION_MINUTES);
    let seller_id = new.seller_id.map(SellerId::get);
    let (variant_id, market) = (new.variant_id.get(), new.market.as_str());
    let id = sql::insert(write, variant_id, seller_id, market, preparation).await?;
    sql::set_price(write, id, new.minor, new.list_minor).await?;
    let id = OfferId::new(id);
    let detail = json!({
        "variant_id": new.variant_id, "market": new.market,
        "minor": new.minor, "list_minor": new.list_minor,
    });
    write.note("offers.create", &id.to_string(), detail).await?;
    Ok(id)
}

/// Changes an offer.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Invalid`] for an old price without a price; [`Error::Conflict`] when the price or
/// the preparation cannot be.
pub async fn update(write: &mut Write, id: OfferId, change: OfferChange) -> Result<()> {
    sql::lock(write, id.get()).await?;
    let offer = get(write, id).await?;
    let state = change.state.unwrap_or(offer.state);
    let preparation = change.preparation_minutes.unwrap_or(offer.preparation_minutes);
    if (state, preparation) != (offer.state, offer.preparation_minutes) {
        sql::update(write, id.get(), state.code(), preparation).await?;
    }
    let list_minor = change.list_minor.unwrap_or(offer.list_minor);
    match change.minor.or(offer.minor) {
        None if list_minor.is_some() => {
            return Err(Error::invalid("list_price", "an old price needs a price"));
        }
        Some(minor) if (Some(minor), list_minor) != (offer.minor, offer.list_minor) => {
            sql::set_price(write, id.get(), minor, list_minor).await?;
        }
        _ => {}
    }
    let before = json!({
        "state": offer.state, "preparation_minutes": offer.preparation_minutes,
        "minor": offer.minor, "list_minor": offer.list_minor,
    });
    let after = json!({
        "state": state, "preparation_minutes": preparation,
        "minor": change.minor.or(offer.minor), "list_minor": list_minor,
    });
    write.note("offers.update", &id.to_string(), json!({"from": before, "to": after})).await
}

/// Gives an offer a price for a time.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Conflict`] when another covers part of the time, the time is empty or the price
/// cannot be.
pub async fn put_dated_price(
    write: &mut Write,
    id: OfferId,
    new: NewDatedPrice,
) -> Result<DatedPriceId> {
    if new.until.is_some_and(|until| until <= new.from) {
        return Err(crate::Conflict::DatedPriceEmpty.into());
    }
    sql::lock(write, id.get()).await?;
    let key = sql::insert_dated_price(write, id.get(), &new).await?;
    let detail = json!({
        "dated_price_id": key.to_string(), "minor": new.minor, "list_minor": new.list_minor,
        "from": new.from, "until": new.until,
    });
    write.note("offers.put_dated_price", &id.to_string(), detail).await?;
    Ok(key.into())
}

/// Takes a dated price away.
///
/// # Errors
/// [`Error::NotFound`] when the offer has no such.
pub async fn remove_dated_price(
    write: &mut Write,
    id: OfferId,
    dated_price_id: DatedPriceId,
) -> Result<()> {
    sql::lock(write, id.get()).await?;
    let minor = sql::delete_dated_price(write, id.get(), dated_price_id.get()).await?;
    let detail = json!({"dated_price_id": dated_price_id, "minor": minor});
    write.note("offers.remove_dated_price", &id.to_string(), detail).await
}
