//! What a cart comes to, from its rows. Pure: the same rows and instant give the same cart.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};
use souk_base::{CityId, Currency, OfferId, SellerId, Slot, promise};

use super::pricing::{Asked, Fee, Priced, PricedLine, Terms, Unpriced, price};
use super::sql::{CartRow, LineRow};
use super::{
    Cart, CartDiscount, CartLine, DAYS_AHEAD, Delivery, Gift, Problem, ProblemKind, Recipient,
    SlotId, SlotOption, wrapping,
};
use crate::deliveries::{CityDeliveries, WindowTerms};
use crate::promotions::{Promotion, Redemption};
use crate::{Error, Result};

/// The cart of these rows.
pub(super) fn cart(
    row: CartRow,
    rows: Vec<LineRow>,
    promotions: &[Promotion],
    city: Option<&CityDeliveries>,
    now: Timestamp,
) -> Result<Cart> {
    let currency: Currency = row.currency.parse()?;
    let (gifts, rows): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.id.is_none());
    let mut problems = Vec::new();
    let mut lines: Vec<CartLine> = rows.iter().map(line).collect();
    for row in &rows {
        problems.extend(problem_of_line(row, &rows));
    }
    let wanted = Wanted::of(&row)?;
    let mut deliveries = deliveries(&lines, &wanted, city, now, &mut problems);
    let fees = fees(&deliveries, city, wanted.by_recipient);
    let wrappings = wrapping::prices(&mut deliveries, &rows, &row.wrapped, &mut problems);
    let sold: Vec<Unpriced> =
        rows.iter().filter(|row| row.is_live && row.minor.is_some()).map(unpriced).collect();
    let gift = |offer: OfferId| {
        let row = gifts.iter().find(|row| row.offer_id == offer.get());
        let row = row.filter(|row| row.is_live && row.left > 0)?;
        // A gift comes with what its seller delivers anyhow.
        let seller: SellerId = row.seller_id.into();
        deliveries
            .iter()
            .any(|delivery| delivery.seller_id == seller)
            .then(|| (row.product_id.into(), seller))
    };
    let city = row.city_id.map(CityId::new);
    let asked = Asked { lines: &sold, fees: &fees, wrappings: &wrappings, city };
    let terms = Terms {
        tax_rate_bp: row.tax_rate_bp.into(),
        tax_inclusive: row.tax_inclusive,
        payable_step: row.payable_step,
    };
    let priced = price(&asked, promotions, gift, terms);
    take_amounts(&mut lines, &priced, &rows, &gifts);
    wrapping::take_amounts(&mut deliveries, &priced);
    problems.extend(missing(&row, lines.is_empty()));
    deliveries.sort_by_key(|delivery| delivery.seller_id);
    let coupons = coupons(&row.coupons, &priced, &mut problems);
    Ok(Cart {
        id: row.id.parse().map_err(|_| Error::NotFound)?,
        market: row.market.parse()?,
        currency,
        tax_inclusive: row.tax_inclusive,
        tax_rate_bp: row.tax_rate_bp,
        takes_cash: row.takes_cash,
        lang: row.lang.parse()?,
        visitor: row.visitor,
        staff: row.staff_id.map(Into::into),
        is_completed: row.state == "completed",
        version: row.version,
        recipient: Recipient {
            name: row.recipient,
            phone: row.phone,
            address: row.address.and_then(|address| serde_json::from_value(address).ok()),
            location: row.latitude_e6.zip(row.longitude_e6),
            city: row.city_id.map(CityId::new),
            is_asked: row.asks_recipient,
        },
        gift: Gift {
            message: row.gift_message,
            from: row.gift_from,
            anonymous: row.anonymous,
            wrapped: row.wrapped.into_iter().map(SellerId::new).collect(),
        },
        date: wanted.date,
        coupons,
        deliveries,
        discounts: discounts(&priced),
        amounts: priced.amounts,
        redemptions: redemptions(&priced),
        lines,
        problems,
    })
}

fn line(row: &LineRow) -> CartLine {
    CartLine {
        id: row.id.map(Into::into),
        offer_id: row.offer_id.into(),
        product_id: row.product_id.into(),
        variant_id: row.variant_id.into(),
        sku: row.sku.clone(),
        options: row.options.clone(),
        titles: row.titles.clone(),
        seller_id: row.seller_id.into(),
        quantity: row.quantity,
        unit_minor: row.minor.unwrap_or_default(),
        list_minor: row.list_minor,
        left: if row.is_live { row.left } else { 0 },
        amounts: super::pricing::Amounts::default(),
        preparation_minutes: row.preparation_minutes,
        until: row.until.map(jiff_sqlx::Date::to_jiff),
        warehouse_id: row.warehouse_id.map(Into::into),
    }
}

fn unpriced(row: &LineRow) -> Unpriced {
    Unpriced {
        offer_id: row.offer_id.into(),
        product_id: row.product_id.into(),
        seller_id: row.seller_id.into(),
        quantity: row.quantity,
        unit_minor: row.minor.unwrap_or_default(),
    }
}

/// What is wrong with a line. Lines of one offer share its stock.
fn problem_of_line(row: &LineRow, rows: &[LineRow]) -> Vec<Problem> {
    let about = |kind| Problem { kind, line: row.id.map(Into::into), seller_id: None };
    let Some(minor) = row.minor.filter(|_| row.is_live) else {
        return vec![about(ProblemKind::NotSold)];
    };
    let mut problems = Vec::new();
    let of_offer = rows.iter().filter(|other| other.offer_id == row.offer_id);
    let units: i64 = of_offer.map(|other| i64::from(other.quantity)).sum();
    if units > row.left {
        problems.push(about(ProblemKind::OutOfStock { left: row.left }));
    }
    if minor != row.added_minor {
        problems.push(about(ProblemKind::PriceChanged { from: row.added_minor, to: minor }));
    }
    problems
}

/// When the cart is wished for.
struct Wanted {
    date: Option<Date>,
    slot: Option<SlotId>,
    apart: BTreeMap<SellerId, SlotId>,
    /// Whether the recipient will say it.
    by_recipient: bool,
}

impl Wanted {
    fn of(row: &CartRow) -> Result<Wanted> {
        let date = row.date.map(jiff_sqlx::Date::to_jiff);
        let slot = row.window_id.zip(date);
        let apart: BTreeMap<String, String> = serde_json::from_value(row.slots.clone())
            .map_err(|error| Error::invalid("slots", error.to_string()))?;
        let apart = apart.iter().map(|(seller, slot)| Ok((seller.parse()?, slot.parse()?)));
        Ok(Wanted {
            date,
            slot: slot.map(|(window, date)| SlotId { window_id: window.into(), date }),
            apart: apart.collect::<Result<_>>()?,
            by_recipient: row.asks_recipient,
        })
    }
}

/// How each seller's part gets there. Whether a slot can still be had is asked of the same functions as in search.
fn deliveries(
    lines: &[CartLine],
    wanted: &Wanted,
    city: Option<&CityDeliveries>,
    now: Timestamp,
    problems: &mut Vec<Problem>,
) -> Vec<Delivery> {
    let sellers: BTreeSet<SellerId> = lines.iter().map(|line| line.seller_id).collect();
    let delivery = |seller: SellerId| {
        let part: Vec<&CartLine> = lines.iter().filter(|line| line.seller_id == seller).collect();
        let Some(city) = city else { return Delivery::unknown(seller) };
        let slot = wanted.apart.get(&seller).copied().or(wanted.slot);
        let date = slot.map(|slot| slot.date).or(wanted.date);
        let options = date.map(|date| options(city, &part, seller, date, now)).unwrap_or_default();
        let earliest = earliest(city, &part, seller, now);
        let chosen = match slot.filter(|_| !wanted.by_recipient) {
            Some(slot) => choice(city, &options, seller, slot).map(Some),
            // There only has to be something to choose from.
            None if wanted.by_recipient && earliest.is_some() => Ok(None),
            None => Err(ProblemKind::NoSlot),
        };
        if let Err(kind) = &chosen {
            problems.push(Problem { kind: kind.clone(), line: None, seller_id: Some(seller) });
        }
        let chosen = chosen.ok().flatten();
        Delivery { options, chosen, earliest, ..Delivery::unknown(seller) }
    };
    sellers.into_iter().map(delivery).collect()
}

/// The seller's slots of a day in which everything of this part can be delivered.
fn options(
    city: &CityDeliveries,
    part: &[&CartLine],
    seller: SellerId,
    date: Date,
    now: Timestamp,
) -> Vec<SlotOption> {
    let slots = city.deliveries.offered_on(seller, date, now);
    let fits = |slot: &Slot| {
        part.iter().all(|line| {
            let minutes = u32::try_from(line.preparation_minutes).unwrap_or_default();
            line.until.is_none_or(|until| date <= until) && promise(1, minutes, slot, now)
        })
    };
    slots.into_iter().filter(fits).filter_map(|slot| city.option(slot)).collect()
}

/// Each seller's slots of the days from `first` on, with what delivery in them would cost this cart.
pub(super) fn ahead(
    cart: &Cart,
    city: &CityDeliveries,
    first: Date,
    now: Timestamp,
) -> Vec<(SellerId, Vec<SlotOption>)> {
    let of = |delivery: &Delivery| {
        let seller = delivery.seller_id;
        let is_its = |line: &&CartLine| line.seller_id == seller && line.id.is_some();
        let part: Vec<&CartLine> = cart.lines.iter().filter(is_its).collect();
        let goods: i64 = part.iter().map(|line| line.amounts.goods).sum();
        let days = first.series(1.day()).take(DAYS_AHEAD);
        let options = days.flat_map(|date| options(city, &part, seller, date, now));
        let priced = options.map(|option| {
            let terms = city.windows.get(&option.slot.window_id);
            let free = terms.and_then(|terms| terms.free_from_minor);
            match free.is_some_and(|from| goods >= from) {
                true => SlotOption { fee_minor: 0, ..option },
                false => option,
            }
        });
        (seller, priced.collect())
    };
    cart.deliveries.iter().map(of).collect()
}

/// The chosen slot, or why it cannot be had.
fn choice(
    city: &CityDeliveries,
    options: &[SlotOption],
    seller: SellerId,
    wanted: SlotId,
) -> std::result::Result<SlotOption, ProblemKind> {
    match options.iter().find(|option| SlotId::of(&option.slot) == wanted) {
        Some(option) if option.left == Some(0) => {
            Err(ProblemKind::SlotFull { window: option.slot.window_id })
        }
        Some(option) => Ok(*option),
        None => {
            // A window of somebody else was never a choice; one of this seller is too late.
            let slots = city.deliveries.slots_on(seller, wanted.date);
            let is_its = slots.iter().any(|slot| SlotId::of(slot) == wanted);
            Err(if is_its { ProblemKind::SlotClosed } else { ProblemKind::NoSlot })
        }
    }
}

/// The first day on which everything of this part can arrive.
fn earliest(
    city: &CityDeliveries,
    part: &[&CartLine],
    seller: SellerId,
    now: Timestamp,
) -> Option<Date> {
    let terms = souk_base::Terms {
        seller_id: seller,
        stock: u32::from(part.iter().all(|line| line.left > 0)),
        preparation_minutes: part
            .iter()
            .map(|line| u32::try_from(line.preparation_minutes).unwrap_or_default())
            .max()
            .unwrap_or_default(),
        until: part.iter().filter_map(|line| line.until).min(),
    };
    city.deliveries.earliest(&terms, now).map(|slot| slot.date)
}

/// What each delivery costs in its slot. Where the recipient chooses the slot it costs what the dearest does, so that nothing is
/// left to be paid whichever it will be.
fn fees(
    deliveries: &[Delivery],
    city: Option<&CityDeliveries>,
    by_recipient: bool,
) -> BTreeMap<SellerId, Fee> {
    let fee = |delivery: &Delivery| {
        let terms = match delivery.chosen {
            Some(chosen) => city?.windows.get(&chosen.slot.window_id)?,
            None if by_recipient => dearest(city?, delivery.seller_id)?,
            None => return None,
        };
        let fee = Fee { minor: terms.fee_minor, free_from: terms.free_from_minor };
        Some((delivery.seller_id, fee))
    };
    deliveries.iter().filter_map(fee).collect()
}

/// The terms of the dearest window in which a seller delivers.
fn dearest(city: &CityDeliveries, seller: SellerId) -> Option<&WindowTerms> {
    let windows = &city.deliveries.windows;
    let own = windows.iter().any(|window| window.seller_id == Some(seller)).then_some(seller);
    let its = windows.iter().filter(|window| window.seller_id == own);
    its.filter_map(|window| city.windows.get(&window.id)).max_by_key(|terms| terms.fee_minor)
}

/// Gives each line its share, and adds what promotions put in.
fn take_amounts(
    lines: &mut Vec<CartLine>,
    priced: &Priced<'_>,
    rows: &[LineRow],
    gifts: &[LineRow],
) {
    let mut shares = priced.lines.iter();
    for (line, row) in lines.iter_mut().zip(rows) {
        // Lines that are not sold were left out of the price.
        if row.is_live && row.minor.is_some() {
            line.amounts = shares.next().map(|line| line.amounts).unwrap_or_default();
        }
    }
    let gift = |priced: &PricedLine| {
        let row = gifts.iter().find(|row| row.offer_id == priced.line.offer_id.get())?;
        let quantity = priced.line.quantity;
        Some(CartLine {
            quantity,
            unit_minor: 0,
            list_minor: None,
            amounts: priced.amounts,
            ..line(row)
        })
    };
    lines.extend(shares.filter_map(gift));
}

fn missing(row: &CartRow, is_empty: bool) -> Vec<Problem> {
    let fields = [
        ("city", row.city_id.is_none()),
        ("recipient", row.recipient.is_none()),
        ("phone", row.phone.is_none()),
        ("address", row.address.is_none() && !row.asks_recipient),
    ];
    let missing = fields.into_iter().filter(|(_, is_missing)| *is_missing);
    let kinds = missing.map(|(field, _)| ProblemKind::Missing(field));
    let kinds = is_empty.then_some(ProblemKind::Empty).into_iter().chain(kinds);
    kinds.map(|kind| Problem { kind, line: None, seller_id: None }).collect()
}

/// The coupons with whether each takes part in the price.
fn coupons(
    typed: &[String],
    priced: &Priced<'_>,
    problems: &mut Vec<Problem>,
) -> Vec<(String, bool)> {
    let counts = |code: &String| {
        priced.discounts.iter().any(|discount| discount.promotion.coupon.as_ref() == Some(code))
    };
    let coupons: Vec<_> = typed.iter().map(|code| (code.clone(), counts(code))).collect();
    for (code, _) in coupons.iter().filter(|(_, counts)| !counts) {
        let kind = ProblemKind::Coupon(code.clone());
        problems.push(Problem { kind, line: None, seller_id: None });
    }
    coupons
}

fn discounts(priced: &Priced<'_>) -> Vec<CartDiscount> {
    let discount = |discount: &super::pricing::Discount<'_>| CartDiscount {
        label: discount.promotion.label.clone(),
        coupon: discount.promotion.coupon.clone(),
        minor: discount.minor,
    };
    priced.discounts.iter().map(discount).collect()
}

fn redemptions(priced: &Priced<'_>) -> Vec<Redemption> {
    let redemption = |discount: &super::pricing::Discount<'_>| Redemption {
        promotion_id: discount.promotion.id,
        coupon: discount.promotion.coupon.clone(),
        nth: discount.promotion.used_by_customer + 1,
        minor: discount.minor,
        is_counted: discount.promotion.is_counted,
    };
    let mut all: Vec<_> = priced.discounts.iter().map(redemption).collect();
    all.sort_by_key(|redemption| redemption.promotion_id);
    all
}
