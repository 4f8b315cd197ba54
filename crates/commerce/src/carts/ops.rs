//! Reading and changing carts.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use souk_base::{CityId, Lang, MarketCode, OfferId, SellerId};
use sqlx::PgConnection;

use super::sql::{self, CartRow, NewRecipient};
use super::{
    Address, COUPONS_MAX, Cart, CartId, CartLineId, DAYS, DAYS_AHEAD, Gift, LINES_MAX,
    QUANTITY_MAX, Recipient, SlotId, SlotOption, WRAPPED_MAX, view,
};
use crate::checkout::Refusal;
use crate::writes::Write;
use crate::{Error, Result, deliveries, promotions};

/// A cart to be made.
#[derive(Clone, Debug)]
pub struct NewCart {
    /// Where it buys.
    pub market: MarketCode,
    /// The shopper's language.
    pub lang: Lang,
    /// The device, as its client calls it.
    pub visitor: Option<String>,
}

/// The language a cart of a market has where none is asked for.
///
/// # Errors
/// [`Error::NotFound`] for a market the shop does not serve.
pub async fn first_language(connection: &mut PgConnection, market: MarketCode) -> Result<Lang> {
    Ok(sql::first_language(connection, market.as_str()).await?.parse()?)
}

/// Makes an empty cart.
///
/// # Errors
/// [`Error::Conflict`] for a market the shop does not serve.
pub async fn create(write: &mut Write, new: &NewCart, now: Timestamp) -> Result<CartId> {
    let id = CartId::new(now);
    let (market, lang) = (new.market.as_str(), new.lang.code());
    sql::insert(write, &id.to_string(), market, lang, new.visitor.as_deref(), now.into()).await?;
    Ok(id)
}

/// The cart as it is now.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Unreadable`] for values this version does not know.
pub async fn read(connection: &mut PgConnection, id: CartId, now: Timestamp) -> Result<Cart> {
    let row = sql::cart(connection, &id.to_string()).await?;
    contents(connection, row, None, now).await
}

/// The slots of a day in which some or all of the cart could be delivered to a city, the first to begin first.
///
/// # Errors
/// As [`read`].
pub async fn slots(
    connection: &mut PgConnection,
    id: CartId,
    city: CityId,
    date: Date,
    now: Timestamp,
) -> Result<Vec<SlotOption>> {
    let mut row = sql::cart(connection, &id.to_string()).await?;
    row.city_id = Some(city.get());
    row.date = Some(date.into());
    row.window_id = None;
    row.slots = Value::Object(serde_json::Map::new());
    let cart = contents(connection, row, None, now).await?;
    let mut options: Vec<SlotOption> =
        cart.deliveries.into_iter().flat_map(|delivery| delivery.options).collect();
    options.sort_by_key(|option| (option.slot.starts_at, option.slot.window_id));
    options.dedup();
    Ok(options)
}

/// Each seller's slots in which their part of the cart could be delivered to its city, for [`DAYS_AHEAD`] days from
/// the wished one or, where none is wished for or it is that near, from today. Nothing without a city.
///
/// # Errors
/// [`Error::NotFound`] for a city that is gone.
pub async fn ahead(
    connection: &mut PgConnection,
    cart: &Cart,
    now: Timestamp,
) -> Result<Vec<(SellerId, Vec<SlotOption>)>> {
    let Some(city) = cart.recipient.city else { return Ok(Vec::new()) };
    let city = deliveries::of_city(connection, city, now).await?;
    let today = city.deliveries.day_of(now);
    let is_far = |date: &Date| {
        usize::try_from((*date - today).get_days()).is_ok_and(|days| days >= DAYS_AHEAD)
    };
    let first = cart.date.filter(is_far).unwrap_or(today);
    Ok(view::ahead(cart, &city, first, now))
}

/// Where the cart buys.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn market_of(connection: &mut PgConnection, id: CartId) -> Result<MarketCode> {
    Ok(sql::cart(connection, &id.to_string()).await?.market.parse()?)
}

/// A cart that is locked until the transaction ends.
pub(crate) struct Locked(CartRow);

/// Locks a cart for somebody who is about to buy it.
///
/// # Errors
/// [`Error::NotFound`].
pub(crate) async fn lock(connection: &mut PgConnection, id: CartId) -> Result<Locked> {
    Ok(Locked(sql::lock_cart(connection, &id.to_string()).await?))
}

impl Locked {
    /// The cart as it is for this customer.
    ///
    /// # Errors
    /// [`Error::Refused`] when it was bought.
    pub(crate) async fn read(
        self,
        connection: &mut PgConnection,
        customer: &str,
        now: Timestamp,
    ) -> Result<Cart> {
        open(&self.0.state)?;
        contents(connection, self.0, Some(customer), now).await
    }
}

async fn contents(
    connection: &mut PgConnection,
    row: CartRow,
    customer: Option<&str>,
    now: Timestamp,
) -> Result<Cart> {
    let market: MarketCode = row.market.parse()?;
    let offered = promotions::offered(connection, market, &row.coupons, customer, now).await?;
    let gifts: Vec<i64> = promotions::gift_offers(&offered).into_iter().map(OfferId::get).collect();
    let lines = sql::lines(connection, &row.id, row.city_id, &gifts, now.into()).await?;
    let city = match row.city_id {
        Some(city) => Some(deliveries::of_city(connection, city.into(), now).await?),
        None => None,
    };
    view::cart(row, lines, &offered, city.as_ref(), now)
}

/// Refuses a cart that was bought.
fn open(state: &str) -> Result<()> {
    match state {
        "active" => Ok(()),
        "completed" => Err(Refusal::CartCompleted.into()),
        other => Err(Error::UnknownState(other.to_owned())),
    }
}

/// Locks the cart for a change; whatever holds its lock has counted the change.
async fn change(write: &mut Write, id: CartId, now: Timestamp) -> Result<String> {
    let key = id.to_string();
    open(&sql::lock(write, &key).await?)?;
    sql::touch(write, &key, now.into()).await?;
    Ok(key)
}

/// Puts units of an offer in.
///
/// # Errors
/// [`Error::NotFound`] for the cart; [`Error::Invalid`] for an offer that is not sold here, or more than fit a line or a
/// cart.
pub async fn add_line(
    write: &mut Write,
    id: CartId,
    offer: OfferId,
    quantity: i32,
    now: Timestamp,
) -> Result<CartLineId> {
    possible(quantity)?;
    let key = change(write, id, now).await?;
    let minor = sql::price(write, &key, offer.get(), now.into()).await?;
    let minor =
        minor.ok_or_else(|| Error::invalid("offer_id", "this offer is not sold in this market"))?;
    let (line, units) = sql::add_line(write, &key, offer.get(), quantity, minor).await?;
    possible(units)?;
    let lines = sql::count_lines(write, &key).await?;
    if usize::try_from(lines).unwrap_or_default() > LINES_MAX {
        return Err(Error::invalid("offer_id", format!("a cart has at most {LINES_MAX} lines")));
    }
    Ok(line.into())
}

/// Says how many units a line has.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Invalid`] for a quantity that cannot be.
pub async fn set_quantity(
    write: &mut Write,
    id: CartId,
    line: CartLineId,
    quantity: i32,
    now: Timestamp,
) -> Result<()> {
    possible(quantity)?;
    let key = change(write, id, now).await?;
    let found = sql::set_quantity(write, &key, line.get(), quantity).await?;
    if found { Ok(()) } else { Err(Error::NotFound) }
}

fn possible(quantity: i32) -> Result<()> {
    if (1..=QUANTITY_MAX).contains(&quantity) {
        return Ok(());
    }
    Err(Error::invalid("quantity", format!("a line has from 1 to {QUANTITY_MAX} units")))
}

/// Takes a line out.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn remove_line(
    write: &mut Write,
    id: CartId,
    line: CartLineId,
    now: Timestamp,
) -> Result<()> {
    let key = change(write, id, now).await?;
    let found = sql::delete_line(write, &key, line.get()).await?;
    if found { Ok(()) } else { Err(Error::NotFound) }
}

/// Says for whom it is, where it goes and when. The slot is taken wherever it fits; slots chosen apart are forgotten.
///
/// # Errors
/// [`Error::NotFound`] for the cart; [`Error::Invalid`] for a city its market does not serve.
pub async fn set_recipient(
    write: &mut Write,
    id: CartId,
    recipient: &Recipient,
    date: Option<Date>,
    slot: Option<SlotId>,
    now: Timestamp,
) -> Result<()> {
    let key = change(write, id, now).await?;
    let address = recipient.address.as_ref().map(|address| match address {
        Address::Text(text) => Value::from(text.as_str()),
        Address::Fields(fields) => Value::Object(fields.clone()),
    });
    let new = NewRecipient {
        name: recipient.name.as_deref(),
        phone: recipient.phone.as_deref(),
        address,
        latitude_e6: recipient.location.map(|location| location.0),
        longitude_e6: recipient.location.map(|location| location.1),
        city: recipient.city.map(CityId::get),
        date: slot.map(|slot| slot.date).or(date).map(jiff_sqlx::Date::from),
        window: slot.map(|slot| slot.window_id.get()),
        is_asked: recipient.is_asked,
    };
    let found = sql::set_recipient(write, &key, new).await?;
    if found { Ok(()) } else { Err(Error::invalid("city", "this market does not serve this city")) }
}

/// Chooses the slot of one seller's part.
///
/// # Errors
/// [`Error::NotFound`] for the cart, or a seller who has no part in it.
pub async fn choose_slot(
    write: &mut Write,
    id: CartId,
    seller: SellerId,
    slot: SlotId,
    now: Timestamp,
) -> Result<()> {
    let key = change(write, id, now).await?;
    let cart = read(write, id, now).await?;
    if !cart.deliveries.iter().any(|delivery| delivery.seller_id == seller) {
        return Err(Error::NotFound);
    }
    Ok(sql::choose_slot(write, &key, &seller.to_string(), &slot.to_string()).await?)
}

/// Says in which language its shopper is spoken to.
///
/// # Errors
/// [`Error::NotFound`] for the cart.
pub async fn set_lang(write: &mut Write, id: CartId, lang: Lang, now: Timestamp) -> Result<()> {
    let key = change(write, id, now).await?;
    Ok(sql::set_lang(write, &key, lang.code()).await?)
}

/// Says what is written on the card, and which sellers' parts are wrapped.
///
/// # Errors
/// [`Error::NotFound`] for the cart; [`Error::Invalid`] for too many sellers.
pub async fn set_gift(write: &mut Write, id: CartId, gift: &Gift, now: Timestamp) -> Result<()> {
    if gift.wrapped.len() > WRAPPED_MAX {
        let detail = format!("at most {WRAPPED_MAX} parts of a cart are wrapped");
        return Err(Error::invalid("wrapped", detail));
    }
    let key = change(write, id, now).await?;
    let (message, from) = (gift.message.as_deref(), gift.from.as_deref());
    let wrapped: Vec<i64> = gift.wrapped.iter().map(|seller| seller.get()).collect();
    Ok(sql::set_gift(write, &key, message, from, gift.anonymous, &wrapped).await?)
}

/// Adds a coupon.
///
/// # Errors
/// [`Error::NotFound`] for the cart; [`Error::Invalid`] for a code that unlocks nothing here and now, for whatever
/// reason, so that codes cannot be told apart by trying; or one too many.
pub async fn add_coupon(write: &mut Write, id: CartId, code: &str, now: Timestamp) -> Result<()> {
    let key = change(write, id, now).await?;
    let code = code.trim().to_uppercase();
    let mut coupons = sql::coupons(write, &key).await?;
    if coupons.contains(&code) {
        return Ok(());
    }
    if coupons.len() >= COUPONS_MAX {
        return Err(Error::invalid("code", format!("a cart takes at most {COUPONS_MAX} coupons")));
    }
    if !sql::coupon_is_good(write, &key, &code, now.into()).await? {
        return Err(Error::invalid("code", "this coupon is not valid here and now"));
    }
    coupons.push(code);
    Ok(sql::set_coupons(write, &key, &coupons).await?)
}

/// Takes a coupon back.
///
/// # Errors
/// [`Error::NotFound`] for the cart, or a coupon it does not have.
pub async fn remove_coupon(
    write: &mut Write,
    id: CartId,
    code: &str,
    now: Timestamp,
) -> Result<()> {
    let key = change(write, id, now).await?;
    let code = code.trim().to_uppercase();
    let mut coupons = sql::coupons(write, &key).await?;
    let before = coupons.len();
    coupons.retain(|coupon| *coupon != code);
    if coupons.len() == before {
        return Err(Error::NotFound);
    }
    Ok(sql::set_coupons(write, &key, &coupons).await?)
}

/// Forgets carts that nobody has touched for [`DAYS`] days, a thousand at a time; says how many.
///
/// # Errors
/// [`Error::Database`] when PostgreSQL does not answer.
pub async fn forget_old(connection: &mut PgConnection, now: Timestamp) -> Result<u64> {
    let before = now - SignedDuration::from_hours(24 * i64::from(DAYS));
    Ok(sql::forget_old(connection, before.into()).await?)
}
