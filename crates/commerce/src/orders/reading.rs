//! Orders as they are read.

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::Value;
use souk_base::{Currency, MarketCode, OfferId, ProductId, SellerId};
use sqlx::PgConnection;

use super::{GroupState, OrderGroupId, OrderId, OrderLineId, State, reading_sql as sql};
use crate::carts::pricing::Amounts;
use crate::carts::{Address, CartId};
use crate::{Error, Result};

/// A purchase with one or all of its orders.
#[derive(Clone, Debug)]
pub struct Purchase {
    /// Its key.
    pub id: OrderGroupId,
    /// Where it was made.
    pub market: MarketCode,
    /// Where it stands.
    pub state: GroupState,
    /// The currency of every amount.
    pub currency: Currency,
    /// What it costs.
    pub amounts: Amounts,
    /// Whether the other amounts contain the tax.
    pub tax_inclusive: bool,
    /// How it is paid.
    pub payment_method: String,
    /// Until when what it needs is held, while it is unpaid.
    pub expires_at: Timestamp,
    /// When it was made.
    pub created_at: Timestamp,
    /// Who receives it.
    pub recipient: Option<String>,
    /// Their telephone.
    pub recipient_phone: Option<String>,
    /// Where.
    pub address: Option<Address>,
    /// What is written on the card.
    pub gift_message: Option<String>,
    /// Who it says it is from.
    pub gift_from: Option<String>,
    /// Whether the recipient is not told who sent it.
    pub anonymous: bool,
    /// Whether the recipient is asked where exactly and when, and has not said it yet.
    pub waits_for_recipient: bool,
    /// Its orders.
    pub orders: Vec<Order>,
    /// What happened, the oldest first.
    pub moments: Vec<Moment>,
}

/// What one seller is to deliver.
#[derive(Clone, Debug)]
pub struct Order {
    /// Its key.
    pub id: OrderId,
    /// What people call it.
    pub number: String,
    /// Whose it is.
    pub seller_id: SellerId,
    /// Where it stands.
    pub state: State,
    /// When it is to be delivered.
    pub slot: Option<SlotTaken>,
    /// What it costs.
    pub amounts: Amounts,
    /// What of that went back.
    pub refunded_minor: i64,
    /// What wrapping it as a gift comes to in that, where it is wrapped.
    pub wrapping: Option<Amounts>,
    /// What is in it.
    pub lines: Vec<Line>,
}

/// The slot an order was promised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlotTaken {
    /// The day.
    pub date: Date,
    /// When it begins.
    pub starts_at: Timestamp,
    /// When it ends.
    pub ends_at: Timestamp,
}

/// So many units as they were bought.
#[derive(Clone, Debug)]
pub struct Line {
    /// Its key.
    pub id: OrderLineId,
    /// The product.
    pub product_id: ProductId,
    /// The offer.
    pub offer_id: OfferId,
    /// The variant's number.
    pub sku: String,
    /// What it was called, by language.
    pub titles: Value,
    /// What told it from its siblings.
    pub options: Value,
    /// How many.
    pub quantity: i32,
    /// What one cost.
    pub unit_minor: i64,
    /// Its share in everything.
    pub amounts: Amounts,
    /// Units that went back.
    pub returned_quantity: i32,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// To which order; none for all.
    pub order_id: Option<OrderId>,
    /// What, such as `order.placed`.
    pub topic: String,
    /// When.
    pub at: Timestamp,
}

/// The group of the order with this number, if there is one.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn group_of(connection: &mut PgConnection, number: &str) -> Result<OrderGroupId> {
    let id = sql::group_of(connection, number).await?;
    id.parse().map_err(|_| Error::NotFound)
}

/// The first order that a cart was bought with, and its group.
///
/// # Errors
/// [`Error::NotFound`] for a cart that was not bought.
pub async fn of_cart(
    connection: &mut PgConnection,
    cart: CartId,
) -> Result<(OrderGroupId, String)> {
    let row = sql::of_cart(connection, &cart.to_string()).await?;
    Ok((row.group_id.parse().map_err(|_| Error::NotFound)?, row.number))
}

/// The purchase of the order with this number.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Unreadable`] or [`Error::UnknownState`] for values this version does not know.
pub async fn of_number(connection: &mut PgConnection, number: &str) -> Result<Purchase> {
    let row = sql::group(connection, number).await?;
    let mut lines = sql::lines(connection, &row.id).await?;
    let orders = sql::orders(connection, &row.id).await?;
    let orders = orders.into_iter().map(|order| {
        let its = lines.extract_if(.., |line| line.order_id == order.id).map(Line::from).collect();
        order.with_lines(its)
    });
    let orders = orders.collect::<Result<_>>()?;
    let moments = sql::moments(connection, &row.id).await?;
    Ok(Purchase {
        id: row.id.parse().map_err(|_| Error::NotFound)?,
        market: row.market.parse()?,
        amounts: row.amounts(),
        state: GroupState::of_code(&row.state).ok_or(Error::UnknownState(row.state))?,
        currency: row.currency.parse()?,
        tax_inclusive: row.tax_inclusive,
        payment_method: row.payment_method,
        expires_at: row.expires_at.to_jiff(),
        created_at: row.created_at.to_jiff(),
        recipient: row.name,
        recipient_phone: row.recipient_phone,
        address: row.address.and_then(|address| serde_json::from_value(address).ok()),
        gift_message: row.gift_message,
        gift_from: row.gift_from,
        anonymous: row.anonymous.unwrap_or_default(),
        waits_for_recipient: row.asked == Some(true) && row.said_at.is_none(),
        orders,
        moments: moments.into_iter().map(Moment::from).collect(),
    })
}

impl sql::OrderRow {
    fn with_lines(self, lines: Vec<Line>) -> Result<Order> {
        let amounts = self.amounts();
        let wrapping = self.wrapped.then(|| self.wrapping());
        let times = self.starts_at.zip(self.ends_at);
        let slot = self.date.zip(times).map(|(date, (starts_at, ends_at))| SlotTaken {
            date: date.to_jiff(),
            starts_at: starts_at.to_jiff(),
            ends_at: ends_at.to_jiff(),
        });
        Ok(Order {
            id: self.id.into(),
            number: self.number,
            seller_id: self.seller_id.into(),
            state: State::of_code(&self.state).ok_or(Error::UnknownState(self.state))?,
            slot,
            amounts,
            refunded_minor: self.refunded_minor,
            wrapping,
            lines,
        })
    }
}

impl From<sql::LineRow> for Line {
    fn from(row: sql::LineRow) -> Line {
        Line {
            id: row.id.into(),
            product_id: row.product_id.into(),
            offer_id: row.offer_id.into(),
            amounts: row.amounts(),
            sku: row.sku,
            titles: row.titles,
            options: row.options,
            quantity: row.quantity,
            unit_minor: row.unit_minor,
            returned_quantity: row.returned_quantity,
        }
    }
}

impl From<sql::MomentRow> for Moment {
    fn from(row: sql::MomentRow) -> Moment {
        let order_id = row.order_id.map(Into::into);
        Moment { order_id, topic: row.topic, at: row.at.to_jiff() }
    }
}
