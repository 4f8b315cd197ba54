//! A cart as clients see it.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;
use serde_json::Value;
use souk_base::{CityId, Lang, MarketCode, Money, OfferId, ProductId, SellerId, VariantId};
use souk_commerce::carts::{
    Cart, CartId, CartLine, CartLineId, Delivery, Problem, ProblemKind, SlotId, SlotOption,
};
use utoipa::ToSchema;

use crate::AppState;
use crate::answer::MoneySchema;
use crate::error::{Error, Result};
use crate::pipeline::DeliverySlot;

/// A cart with today's prices.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CartAnswer {
    /// Its key.
    #[schema(value_type = String)]
    id: CartId,
    /// Where it buys.
    #[schema(value_type = String)]
    market: MarketCode,
    /// Language of its texts.
    #[schema(value_type = String)]
    lang: Lang,
    /// Whether it was bought.
    completed: bool,
    /// What is in it.
    lines: Vec<LineAnswer>,
    /// Who receives it.
    recipient: Option<String>,
    /// Their telephone.
    phone: Option<String>,
    /// Where.
    #[schema(value_type = Object)]
    address: Option<Value>,
    /// Key of the city.
    #[schema(value_type = Option<String>)]
    city: Option<CityId>,
    /// Whether the recipient is asked where exactly and when.
    ask_recipient: bool,
    /// The wished day.
    #[schema(value_type = Option<String>, format = Date)]
    date: Option<Date>,
    /// What is written on the card, and what is wrapped.
    gift: GiftAnswer,
    /// How each seller's part gets there.
    deliveries: Vec<DeliveryAnswer>,
    /// The coupons that were added.
    coupons: Vec<CouponAnswer>,
    /// What promotions take off.
    discounts: Vec<DiscountAnswer>,
    /// Units times prices.
    #[schema(value_type = MoneySchema)]
    goods: Money,
    /// What all promotions take off.
    #[schema(value_type = MoneySchema)]
    discount: Money,
    /// What delivery costs.
    #[schema(value_type = MoneySchema)]
    delivery: Money,
    /// What wrapping costs.
    #[schema(value_type = MoneySchema)]
    wrapping: Money,
    /// Tax: contained in the other amounts or on top of them.
    #[schema(value_type = MoneySchema)]
    tax: Money,
    /// Whether the other amounts contain the tax.
    tax_inclusive: bool,
    /// What rounding to the payable step adds.
    #[schema(value_type = MoneySchema)]
    rounding: Money,
    /// What is to be paid.
    #[schema(value_type = MoneySchema)]
    total: Money,
    /// What stands against buying it, or should be known.
    problems: Vec<ProblemAnswer>,
    /// What reaches it, in the header `X-Cart-Secret`; told when the cart is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
}

/// So much of an offer.
#[derive(Debug, Serialize, ToSchema)]
struct LineAnswer {
    /// Its key; null for what a promotion puts in.
    #[schema(value_type = Option<String>)]
    id: Option<CartLineId>,
    /// What.
    #[schema(value_type = String)]
    offer_id: OfferId,
    /// The product it belongs to.
    #[schema(value_type = String)]
    product_id: ProductId,
    /// The variant.
    #[schema(value_type = String)]
    variant_id: VariantId,
    /// Who sells it.
    #[schema(value_type = String)]
    seller_id: SellerId,
    /// The variant's number.
    sku: String,
    /// What it is called.
    title: String,
    /// What tells it from its siblings.
    #[schema(value_type = Object)]
    options: Value,
    /// How many.
    quantity: i32,
    /// What one costs now.
    #[schema(value_type = MoneySchema)]
    price: Money,
    /// The old price, when it is reduced.
    #[schema(value_type = Option<MoneySchema>)]
    list_price: Option<Money>,
    /// What promotions take off the line.
    #[schema(value_type = MoneySchema)]
    discount: Money,
    /// Units times price, less the discount.
    #[schema(value_type = MoneySchema)]
    total: Money,
    /// Units that can be bought now: in the city, where one is chosen.
    stock: i64,
}

/// What is written on the card, and what is wrapped.
#[derive(Debug, Serialize, ToSchema)]
struct GiftAnswer {
    /// The message.
    message: Option<String>,
    /// Who it says it is from.
    from: Option<String>,
    /// Whether the recipient is not told who sent it.
    anonymous: bool,
    /// Keys of the deliveries that are to be wrapped.
    #[schema(value_type = Vec<String>)]
    wrapped: Vec<SellerId>,
}

/// How one seller's part gets there.
#[derive(Debug, Serialize, ToSchema)]
struct DeliveryAnswer {
    /// Its key.
    #[schema(value_type = String)]
    id: SellerId,
    /// Whose goods.
    #[schema(value_type = Vec<String>)]
    seller_ids: Vec<SellerId>,
    /// How: `courier`.
    kind: &'static str,
    /// Slots of the wished day that can be chosen.
    options: Vec<SlotAnswer>,
    /// The slot that is chosen, if it can still be had.
    chosen: Option<SlotAnswer>,
    /// The first day it can arrive.
    #[schema(value_type = Option<String>, format = Date)]
    earliest: Option<Date>,
    /// What wrapping it as a gift costs; null where its seller does not wrap.
    #[schema(value_type = Option<MoneySchema>)]
    wrapping: Option<Money>,
}

/// A slot with what it costs.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SlotAnswer {
    /// Its key.
    id: String,
    #[serde(flatten)]
    slot: DeliverySlot,
    /// What delivery in it costs.
    #[schema(value_type = MoneySchema)]
    price: Money,
    /// How many more orders it takes; null for as many as come.
    left: Option<i32>,
}

/// A coupon that was added.
#[derive(Debug, Serialize, ToSchema)]
struct CouponAnswer {
    /// The code.
    code: String,
    /// Whether it makes this cart cheaper.
    applied: bool,
}

/// What a promotion takes off.
#[derive(Debug, Serialize, ToSchema)]
struct DiscountAnswer {
    /// What it is called.
    label: String,
    /// The coupon that unlocked it.
    coupon: Option<String>,
    /// What it takes off.
    #[schema(value_type = MoneySchema)]
    amount: Money,
}

/// Something that stands against buying the cart, or should be known.
#[derive(Debug, Serialize, ToSchema)]
struct ProblemAnswer {
    /// What: `empty`, `missing`, `not_sold`, `out_of_stock`, `no_slot`, `slot_closed`, `slot_full`, `not_wrapped`; and for information
    /// `price_changed`, `coupon_not_valid`.
    code: &'static str,
    /// The line it is about.
    #[schema(value_type = Option<String>)]
    line: Option<CartLineId>,
    /// The delivery it is about.
    #[schema(value_type = Option<String>)]
    delivery: Option<SellerId>,
    /// The field that is missing, or the coupon.
    field: Option<String>,
    /// Units there are.
    left: Option<i64>,
}

impl CartAnswer {
    /// The cart, with slots in its city's time.
    pub(super) fn of(cart: &Cart, app: &AppState) -> Result<CartAnswer> {
        let zone = time_zone(app, cart.market)?;
        let money = |minor| Money::new(minor, cart.currency);
        let amounts = &cart.amounts;
        Ok(CartAnswer {
            id: cart.id,
            market: cart.market,
            lang: cart.lang,
            completed: cart.is_completed,
            lines: cart.lines.iter().map(|line| LineAnswer::of(line, cart)).collect(),
            recipient: cart.recipient.name.clone(),
            phone: cart.recipient.phone.clone(),
            address: cart.recipient.address.as_ref().and_then(|it| serde_json::to_value(it).ok()),
            city: cart.recipient.city,
            ask_recipient: cart.recipient.is_asked,
            date: cart.date,
            gift: GiftAnswer {
                message: cart.gift.message.clone(),
                from: cart.gift.from.clone(),
                anonymous: cart.gift.anonymous,
                wrapped: cart.gift.wrapped.clone(),
            },
            deliveries: cart
                .deliveries
                .iter()
                .map(|delivery| DeliveryAnswer::of(delivery, cart, &zone))
                .collect(),
            coupons: cart
                .coupons
                .iter()
                .map(|(code, applied)| CouponAnswer { code: code.clone(), applied: *applied })
                .collect(),
            discounts: cart
                .discounts
                .iter()
                .map(|discount| DiscountAnswer {
                    label: discount.label.get(cart.lang).to_owned(),
                    coupon: discount.coupon.clone(),
                    amount: money(discount.minor),
                })
                .collect(),
            goods: money(amounts.goods),
            discount: money(amounts.discount),
            delivery: money(amounts.delivery),
            wrapping: money(amounts.wrapping),
            tax: money(amounts.tax),
            tax_inclusive: cart.tax_inclusive,
            rounding: money(amounts.rounding),
            total: money(amounts.total),
            problems: cart.problems.iter().map(ProblemAnswer::of).collect(),
            secret: None,
        })
    }
}

/// The time zone of a market's cities.
pub(crate) fn time_zone(app: &AppState, market: MarketCode) -> Result<TimeZone> {
    let view = app.view()?;
    let market = view.tables.market(market).ok_or(Error::NotFound)?;
    TimeZone::get(&market.time_zone).map_err(|error| Error::Internal(error.to_string()))
}

impl LineAnswer {
    fn of(line: &CartLine, cart: &Cart) -> LineAnswer {
        let money = |minor| Money::new(minor, cart.currency);
        let title = |lang: Lang| line.titles.get(lang.code()).and_then(Value::as_str);
        let any = || line.titles.as_object()?.values().next()?.as_str();
        let title = title(cart.lang).or_else(|| title(Lang::En)).or_else(any);
        LineAnswer {
            id: line.id,
            offer_id: line.offer_id,
            product_id: line.product_id,
            variant_id: line.variant_id,
            seller_id: line.seller_id,
            sku: line.sku.clone(),
            title: title.unwrap_or(&line.sku).to_owned(),
            options: line.options.clone(),
            quantity: line.quantity,
            price: money(line.unit_minor),
            list_price: line.list_minor.map(money),
            discount: money(line.amounts.discount),
            total: money(line.amounts.goods - line.amounts.discount),
            stock: line.left,
        }
    }
}

impl DeliveryAnswer {
    fn of(delivery: &Delivery, cart: &Cart, zone: &TimeZone) -> DeliveryAnswer {
        let slot = |option: &SlotOption| SlotAnswer::of(option, cart.currency, zone);
        DeliveryAnswer {
            id: delivery.seller_id,
            seller_ids: vec![delivery.seller_id],
            kind: "courier",
            options: delivery.options.iter().map(slot).collect(),
            chosen: delivery.chosen.as_ref().map(slot),
            earliest: delivery.earliest,
            wrapping: delivery.wrapping_minor.map(|minor| Money::new(minor, cart.currency)),
        }
    }
}

impl SlotAnswer {
    /// The slot in local time.
    pub(crate) fn of(
        option: &SlotOption,
        currency: souk_base::Currency,
        zone: &TimeZone,
    ) -> SlotAnswer {
        SlotAnswer {
            id: SlotId::of(&option.slot).to_string(),
            slot: DeliverySlot::local(&option.slot, zone),
            price: Money::new(option.fee_minor, currency),
            left: option.left,
        }
    }
}

impl ProblemAnswer {
    fn of(problem: &Problem) -> ProblemAnswer {
        let (field, left) = match &problem.kind {
            ProblemKind::Missing(field) => (Some((*field).to_owned()), None),
            ProblemKind::Coupon(code) => (Some(code.clone()), None),
            ProblemKind::OutOfStock { left } => (None, Some(*left)),
            _ => (None, None),
        };
        let code = problem.kind.code();
        ProblemAnswer { code, line: problem.line, delivery: problem.seller_id, field, left }
    }
}
