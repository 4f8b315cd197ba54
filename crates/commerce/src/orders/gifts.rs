//! Address by link: the recipient of a purchase says where exactly in its city it goes, and when.
//!
//! The sender has paid for the goods and the dearest delivery; whatever the recipient chooses costs nothing more. It is said
//! once, for all orders of the purchase together; places in windows are taken in the same transaction.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};
use serde_json::Value;
use souk_base::{CityId, Lang, MarketCode, ProductId, SellerId, Slot, promise};
use sqlx::PgConnection;

use super::gifts_sql::{self as sql, PartRow};
use super::{GroupState, OrderGroupId, OrderId, SlotTaken, State, moves_sql, unpaid};
use crate::carts::{Address, DAYS_AHEAD, SlotId, SlotOption};
use crate::checkout::Refusal;
use crate::deliveries::{self, CityDeliveries};
use crate::writes::Write;
use crate::{Error, Result, reservations};

/// A purchase as its recipient sees it: no prices, and nothing about a sender who is not to be told.
#[derive(Clone, Debug)]
pub struct Gift {
    /// The purchase.
    pub group: OrderGroupId,
    /// Where it was made.
    pub market: MarketCode,
    /// The sender's language.
    pub lang: Lang,
    /// The city it goes to.
    pub city: CityId,
    /// Whom it is for.
    pub name: Option<String>,
    /// What is written on the card.
    pub message: Option<String>,
    /// Who sends it; none for a sender who is not to be told.
    pub from: Option<String>,
    /// Whether it is paid and under way, so that it can be said where to.
    pub is_placed: bool,
    /// Where it goes, once it was said.
    pub address: Option<Address>,
    /// What each seller brings.
    pub parts: Vec<GiftPart>,
}

/// What one seller brings.
#[derive(Clone, Debug)]
pub struct GiftPart {
    /// The order.
    pub order: OrderId,
    /// Whose.
    pub seller_id: SellerId,
    /// Where it stands.
    pub state: State,
    /// When it comes, once it was said.
    pub slot: Option<SlotTaken>,
    /// Slots that can be chosen until then.
    pub options: Vec<SlotOption>,
    /// What is in it.
    pub lines: Vec<GiftLine>,
}

/// So many units of something.
#[derive(Clone, Debug)]
pub struct GiftLine {
    /// The product.
    pub product_id: ProductId,
    /// What it was called, by language.
    pub titles: Value,
    /// What told it from its siblings.
    pub options: Value,
    /// How many.
    pub quantity: i32,
}

/// Where to and when.
#[derive(Clone, Debug)]
pub struct GiftChoice {
    /// Where.
    pub address: Address,
    /// Millionths of a degree, north and east.
    pub location: Option<(i32, i32)>,
    /// The slot of each order that is under way.
    pub slots: Vec<(OrderId, SlotId)>,
}

/// The purchase as its recipient sees it.
///
/// # Errors
/// [`Error::NotFound`] for one whose recipient is not asked.
pub async fn gift(
    connection: &mut PgConnection,
    group: OrderGroupId,
    now: Timestamp,
) -> Result<Gift> {
    let row = sql::gift(connection, &group.to_string()).await?;
    let city: CityId = row.city_id.into();
    let deliveries = deliveries::of_city(connection, city, now).await?;
    let mut lines = sql::lines(connection, &group.to_string()).await?;
    let waits = row.said_at.is_none();
    let parts = sql::parts(connection, &group.to_string()).await?.into_iter().map(|part| {
        let its = lines.extract_if(.., |line| line.order_id == part.id).map(Into::into).collect();
        let options = if waits { options(&deliveries, &part, now) } else { Vec::new() };
        part.with(its, options)
    });
    let parts = parts.collect::<Result<_>>()?;
    let state = GroupState::of_code(&row.state).ok_or(Error::UnknownState(row.state))?;
    Ok(Gift {
        group,
        market: row.market.parse()?,
        lang: row.lang.parse()?,
        city,
        name: row.name,
        message: row.gift_message,
        from: row.gift_from.filter(|_| !row.anonymous),
        is_placed: state == GroupState::Placed,
        address: row.address.and_then(|address| serde_json::from_value(address).ok()),
        parts,
    })
}

/// The seller's slots of the next days in which everything of the order can be delivered.
fn options(city: &CityDeliveries, part: &PartRow, now: Timestamp) -> Vec<SlotOption> {
    let seller: SellerId = part.seller_id.into();
    let minutes = u32::try_from(part.preparation_minutes).unwrap_or_default();
    let until = part.until.map(jiff_sqlx::Date::to_jiff);
    let fits = |slot: &Slot| {
        until.is_none_or(|until| slot.date <= until) && promise(1, minutes, slot, now)
    };
    let today = city.deliveries.day_of(now);
    let days = today.series(1.day()).take(DAYS_AHEAD);
    let slots = days.flat_map(|date: Date| city.deliveries.offered_on(seller, date, now));
    slots.filter(fits).filter_map(|slot| city.option(slot)).collect()
}

/// The recipient says where to and when.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Invalid`] for a purchase that does not wait for it, and for an order without a slot;
/// [`Error::Refused`] for a slot that cannot be had.
pub async fn choose_place(
    write: &mut Write,
    group: OrderGroupId,
    choice: &GiftChoice,
    now: Timestamp,
) -> Result<()> {
    // Locks the purchase, so that it is said once.
    unpaid(write, group).await?;
    let gift = gift(write, group, now).await?;
    if !gift.is_open() {
        return Err(Error::invalid("address", "this gift does not wait for an address"));
    }
    let mut taken = Vec::new();
    for part in gift.parts.iter().filter(|part| !part.state.is_final()) {
        let wanted = choice.slots.iter().find(|(order, _)| *order == part.order);
        let (_, wanted) = wanted.ok_or_else(|| Error::invalid("slots", "choose a time"))?;
        let option = part.options.iter().find(|option| SlotId::of(&option.slot) == *wanted);
        taken.push((part.order, option.ok_or(Refusal::SlotClosed)?.slot));
    }
    // In the order of the counters, as everybody takes them.
    taken.sort_by_key(|(_, slot)| (slot.window_id, slot.date));
    for (order, slot) in &taken {
        if !reservations::seat(write, *order, slot).await? {
            return Err(Refusal::SlotFull(vec![slot.window_id]).into());
        }
        sql::set_slot(write, order.get(), slot).await?;
    }
    let address = serde_json::to_value(&choice.address)
        .map_err(|error| Error::invalid("address", error.to_string()))?;
    sql::set_address(write, &group.to_string(), &address, choice.location, now.into()).await?;
    for (order, _) in &taken {
        let detail = serde_json::json!({});
        let (topic, actor) = ("order.addressed", "recipient");
        moves_sql::note(write, order.get(), topic, actor, &detail, now.into()).await?;
    }
    Ok(())
}

impl Gift {
    /// Whether it waits for being told where to and when.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.is_placed && self.address.is_none()
    }
}

impl PartRow {
    fn with(self, lines: Vec<GiftLine>, options: Vec<SlotOption>) -> Result<GiftPart> {
        let times = self.starts_at.zip(self.ends_at);
        let slot = self.date.zip(times).map(|(date, (starts_at, ends_at))| SlotTaken {
            date: date.to_jiff(),
            starts_at: starts_at.to_jiff(),
            ends_at: ends_at.to_jiff(),
        });
        Ok(GiftPart {
            order: self.id.into(),
            seller_id: self.seller_id.into(),
            state: State::of_code(&self.state).ok_or(Error::UnknownState(self.state))?,
            slot,
            options,
            lines,
        })
    }
}

impl From<sql::LineRow> for GiftLine {
    fn from(row: sql::LineRow) -> GiftLine {
        let sql::LineRow { product_id, titles, options, quantity, .. } = row;
        GiftLine { product_id: product_id.into(), titles, options, quantity }
    }
}
