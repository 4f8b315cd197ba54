//! A cart as it is read: lines, deliveries, price, problems.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use souk_base::{
    CityId, Currency, DeliveryWindowId, Lang, MarketCode, OfferId, ParseError, ProductId, SellerId,
    Slot, StaffId, Translated, VariantId, WarehouseId,
};

use super::pricing::Amounts;
use super::{CartId, CartLineId};
use crate::deliveries::SlotOption;
use crate::promotions::Redemption;

/// A cart with what it costs now.
#[derive(Clone, Debug)]
pub struct Cart {
    /// Its key.
    pub id: CartId,
    /// Where it buys.
    pub market: MarketCode,
    /// The currency of every amount.
    pub currency: Currency,
    /// Whether prices contain the tax.
    pub tax_inclusive: bool,
    /// Basis points.
    pub tax_rate_bp: i32,
    /// Whether the market takes cash at the door.
    pub takes_cash: bool,
    /// The shopper's language.
    pub lang: Lang,
    /// The device, as its client calls it.
    pub visitor: Option<String>,
    /// Who of the staff fills it, for somebody on the telephone.
    pub staff: Option<StaffId>,
    /// Whether it was bought.
    pub is_completed: bool,
    /// Grows with every change.
    pub version: i32,
    /// For whom.
    pub recipient: Recipient,
    /// What is written on the card, and what is wrapped.
    pub gift: Gift,
    /// The day that is wished for.
    pub date: Option<Date>,
    /// The coupons that were typed in, and those of them that unlock something.
    pub coupons: Vec<(String, bool)>,
    /// What is in it; what promotions put in comes last.
    pub lines: Vec<CartLine>,
    /// How each seller's part gets there.
    pub deliveries: Vec<Delivery>,
    /// What promotions take off.
    pub discounts: Vec<CartDiscount>,
    /// What it costs.
    pub amounts: Amounts,
    /// What stands against buying it.
    pub problems: Vec<Problem>,
    /// The uses of promotions that buying it makes.
    pub(crate) redemptions: Vec<Redemption>,
}

/// For whom a cart is and where it goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recipient {
    /// Name.
    pub name: Option<String>,
    /// Telephone.
    pub phone: Option<String>,
    /// Where.
    pub address: Option<Address>,
    /// Millionths of a degree, north and east.
    pub location: Option<(i32, i32)>,
    /// The city.
    pub city: Option<CityId>,
    /// Whether the recipient is asked, by a link, where exactly in the city and when.
    pub is_asked: bool,
}

/// An address: a text, or an object of the market's address fields.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Address {
    /// In one's own words.
    Text(String),
    /// By field.
    Fields(serde_json::Map<String, Value>),
}

/// What is written on the card, and what is wrapped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gift {
    /// The message.
    pub message: Option<String>,
    /// Who it says it is from.
    pub from: Option<String>,
    /// Whether the recipient is not told who sent it.
    pub anonymous: bool,
    /// Sellers whose parts are to be wrapped.
    pub wrapped: Vec<SellerId>,
}

/// So much of an offer.
#[derive(Clone, Debug, PartialEq)]
pub struct CartLine {
    /// Its key; none for what a promotion puts in.
    pub id: Option<CartLineId>,
    /// What.
    pub offer_id: OfferId,
    /// The product it belongs to.
    pub product_id: ProductId,
    /// The variant.
    pub variant_id: VariantId,
    /// The variant's number.
    pub sku: String,
    /// What tells it from its siblings.
    pub options: Value,
    /// What it is called, by language.
    pub titles: Value,
    /// Who sells it.
    pub seller_id: SellerId,
    /// How many.
    pub quantity: i32,
    /// What one costs now.
    pub unit_minor: i64,
    /// The old price, when it is reduced.
    pub list_minor: Option<i64>,
    /// Units that can be bought now: in the city, where one is chosen.
    pub left: i64,
    /// Its share in everything.
    pub amounts: Amounts,
    /// Minutes from order to hand-over.
    pub preparation_minutes: i32,
    /// The last day it can be delivered on.
    pub until: Option<Date>,
    /// Where its units lie in the city.
    pub(crate) warehouse_id: Option<WarehouseId>,
}

/// How one seller's part gets there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Whose part; it names the delivery as well.
    pub seller_id: SellerId,
    /// Slots of the wished day that can still be chosen.
    pub options: Vec<SlotOption>,
    /// The slot that is chosen, if it can still be had.
    pub chosen: Option<SlotOption>,
    /// The first day it can arrive.
    pub earliest: Option<Date>,
    /// What the seller takes for wrapping it; none where it does not wrap.
    pub wrapping_minor: Option<i64>,
    /// What wrapping it comes to with tax and rounding, where it is wrapped.
    pub wrapped: Option<Amounts>,
}

/// A window on a day, as clients name it: `12:2026-02-14`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlotId {
    /// The window.
    pub window_id: DeliveryWindowId,
    /// The day.
    pub date: Date,
}

impl SlotId {
    /// The name of a slot.
    #[must_use]
    pub fn of(slot: &Slot) -> SlotId {
        SlotId { window_id: slot.window_id, date: slot.date }
    }
}

impl fmt::Display for SlotId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.window_id, self.date)
    }
}

impl FromStr for SlotId {
    type Err = crate::Error;

    fn from_str(text: &str) -> Result<SlotId, crate::Error> {
        let refuse =
            || crate::Error::invalid("slot_id", "a slot_id is one that slots are listed with");
        let (window, date) = text.split_once(':').ok_or_else(refuse)?;
        let window_id = window.parse().map_err(|_: ParseError| refuse())?;
        let date = date.parse().map_err(|_: jiff::Error| refuse())?;
        Ok(SlotId { window_id, date })
    }
}

/// What a promotion takes off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CartDiscount {
    /// What shoppers read.
    pub label: Translated,
    /// The coupon that unlocked it.
    pub coupon: Option<String>,
    /// What it takes off.
    pub minor: i64,
}

/// Something that stands against buying a cart, or that its owner should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What.
    pub kind: ProblemKind,
    /// The line it is about.
    pub line: Option<CartLineId>,
    /// The seller whose delivery it is about.
    pub seller_id: Option<SellerId>,
}

/// Kinds of problems. Those with a slot come also while a slot is only wished for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProblemKind {
    /// Nothing is in it.
    Empty,
    /// The offer is no longer sold.
    NotSold,
    /// There are not so many units.
    OutOfStock {
        /// How many there are.
        left: i64,
    },
    /// It costs another price than when it was put in; this alone does not prevent buying it.
    PriceChanged {
        /// The price then.
        from: i64,
        /// The price now.
        to: i64,
    },
    /// Nobody knows yet for whom and where to; the field says what is missing.
    Missing(&'static str),
    /// No slot is chosen for a delivery.
    NoSlot,
    /// Orders for the chosen slot are no longer taken, or it cannot be made in time.
    SlotClosed,
    /// The chosen slot has as many orders as it takes.
    SlotFull {
        /// Which.
        window: DeliveryWindowId,
    },
    /// A part is to be wrapped whose seller does not wrap, or no longer does.
    NotWrapped,
    /// A coupon unlocks nothing, or has no uses left; it does not prevent buying the cart.
    Coupon(String),
}

impl ProblemKind {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            ProblemKind::Empty => "empty",
            ProblemKind::NotSold => "not_sold",
            ProblemKind::OutOfStock { .. } => "out_of_stock",
            ProblemKind::PriceChanged { .. } => "price_changed",
            ProblemKind::Missing(_) => "missing",
            ProblemKind::NoSlot => "no_slot",
            ProblemKind::SlotClosed => "slot_closed",
            ProblemKind::SlotFull { .. } => "slot_full",
            ProblemKind::NotWrapped => "not_wrapped",
            ProblemKind::Coupon(_) => "coupon_not_valid",
        }
    }

    /// Whether a cart with it cannot be bought.
    #[must_use]
    pub const fn prevents(&self) -> bool {
        !matches!(self, ProblemKind::PriceChanged { .. } | ProblemKind::Coupon(_))
    }
}

impl Delivery {
    /// A delivery of which nothing is known yet.
    pub(super) const fn unknown(seller_id: SellerId) -> Delivery {
        Delivery {
            seller_id,
            options: Vec::new(),
            chosen: None,
            earliest: None,
            wrapping_minor: None,
            wrapped: None,
        }
    }
}

impl Cart {
    /// The instant until which orders for all chosen slots are taken.
    #[must_use]
    pub fn cut_off_at(&self) -> Option<Timestamp> {
        let chosen = self.deliveries.iter().filter_map(|delivery| delivery.chosen.as_ref());
        chosen.map(|option| option.slot.cut_off_at).min()
    }
}
