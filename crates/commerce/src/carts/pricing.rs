//! What a basket costs: one pure function that cart and checkout share, so that they cannot disagree.
//!
//! Goods, less what promotions take off, plus delivery and wrapping, plus tax where prices are without it; the sum is rounded
//! to the market's payable step once. Everything but wrapping is then shared out to the lines, and each line adds up by
//! itself. What a seller's wrapping costs stays a part of its own, with its own share in tax and rounding, so that lines can
//! go back without it.

use std::collections::BTreeMap;

use serde::Serialize;
use souk_base::{CityId, OfferId, ProductId, SellerId};

use crate::money;
use crate::promotions::{Applied, Basket, Item, Promotion, apply};

/// Parts of a price in minor units of one currency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Amounts {
    /// Units times prices.
    pub goods: i64,
    /// What promotions take off.
    pub discount: i64,
    /// What delivery costs.
    pub delivery: i64,
    /// What wrapping it as a gift costs; no line has a share in it.
    pub wrapping: i64,
    /// Tax: contained in the rest, or on top of it.
    pub tax: i64,
    /// What rounding to the payable step adds.
    pub rounding: i64,
    /// What is to be paid.
    pub total: i64,
}

impl Amounts {
    /// The sum of several, part by part.
    #[must_use]
    pub fn sum(all: impl IntoIterator<Item = Amounts>) -> Amounts {
        all.into_iter().fold(Amounts::default(), |sum, one| Amounts {
            goods: sum.goods + one.goods,
            discount: sum.discount + one.discount,
            delivery: sum.delivery + one.delivery,
            wrapping: sum.wrapping + one.wrapping,
            tax: sum.tax + one.tax,
            rounding: sum.rounding + one.rounding,
            total: sum.total + one.total,
        })
    }
}

/// How a market taxes and rounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Basis points.
    pub tax_rate_bp: i64,
    /// Whether prices contain the tax.
    pub tax_inclusive: bool,
    /// Totals are whole numbers of this.
    pub payable_step: i64,
}

/// So many units of an offer at today's price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unpriced {
    /// What.
    pub offer_id: OfferId,
    /// The product it belongs to.
    pub product_id: ProductId,
    /// Who sells it.
    pub seller_id: SellerId,
    /// How many.
    pub quantity: i32,
    /// What one costs.
    pub unit_minor: i64,
}

/// What delivery by one seller costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fee {
    /// The window's fee.
    pub minor: i64,
    /// Goods from which on it is free.
    pub free_from: Option<i64>,
}

/// A line with its share in everything; what promotions put in comes after what was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PricedLine {
    /// What and how many; a gift costs nothing.
    pub line: Unpriced,
    /// Whether a promotion put it in.
    pub is_gift: bool,
    /// Its share.
    pub amounts: Amounts,
}

/// A promotion's part in a price.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Discount<'a> {
    /// Which.
    pub promotion: &'a Promotion,
    /// What it takes off.
    pub minor: i64,
}

/// What a basket costs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Priced<'a> {
    /// Each line.
    pub lines: Vec<PricedLine>,
    /// What wrapping each seller's part comes to, where it is wrapped.
    pub wrappings: BTreeMap<SellerId, Amounts>,
    /// What each seller's part comes to.
    pub sellers: BTreeMap<SellerId, Amounts>,
    /// The whole.
    pub amounts: Amounts,
    /// Which promotions took part.
    pub discounts: Vec<Discount<'a>>,
}

/// What is asked for and where it goes.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The lines.
    pub lines: &'a [Unpriced],
    /// What delivery by each seller costs; nothing where it is not known yet.
    pub fees: &'a BTreeMap<SellerId, Fee>,
    /// What wrapping costs, of each seller who wraps its part.
    pub wrappings: &'a BTreeMap<SellerId, i64>,
    /// Where it goes.
    pub city: Option<CityId>,
}

/// Works out what a basket costs. `gift` tells what a promotion may put in; none where it cannot be had.
#[must_use]
pub fn price<'a>(
    asked: &Asked<'_>,
    promotions: &'a [Promotion],
    gift: impl Fn(OfferId) -> Option<(ProductId, SellerId)>,
    terms: Terms,
) -> Priced<'a> {
    let items: Vec<Item> = asked.lines.iter().map(item).collect();
    let mut applied = apply(promotions, Basket { items: &items, city: asked.city });
    // A gift that cannot be had is none.
    applied.retain(|applied| applied.gift.is_none_or(|(offer, _)| gift(offer).is_some()));
    let mut lines = discounted(asked.lines, &applied);
    lines.extend(applied.iter().filter_map(|applied| gift_line(applied, &gift)));
    let free_delivery = applied.iter().any(|applied| applied.free_delivery);
    share_fees(&mut lines, asked.fees, free_delivery);
    let mut wrappings = wrapped(&lines, asked.wrappings);
    let parts = lines.iter_mut().map(|line| &mut line.amounts).chain(wrappings.values_mut());
    let mut parts: Vec<&mut Amounts> = parts.collect();
    tax(&mut parts, terms);
    round(&mut parts, terms);
    let discounts = applied
        .iter()
        .map(|applied| Discount { promotion: applied.promotion, minor: applied.minor() })
        .collect();
    Priced {
        sellers: by_seller(&lines, &wrappings),
        amounts: Amounts::sum(
            lines.iter().map(|line| line.amounts).chain(wrappings.values().copied()),
        ),
        lines,
        wrappings,
        discounts,
    }
}

fn item(line: &Unpriced) -> Item {
    let Unpriced { product_id, seller_id, quantity, unit_minor, .. } = *line;
    Item { product_id, seller_id, quantity, unit_minor }
}

fn discounted(lines: &[Unpriced], applied: &[Applied<'_>]) -> Vec<PricedLine> {
    let line = |(at, &line): (usize, &Unpriced)| {
        let goods = line.unit_minor.saturating_mul(i64::from(line.quantity));
        let discount = applied.iter().map(|applied| applied.shares[at]).sum();
        let amounts = Amounts { goods, discount, ..Amounts::default() };
        PricedLine { line, is_gift: false, amounts }
    };
    lines.iter().enumerate().map(line).collect()
}

fn gift_line(
    applied: &Applied<'_>,
    gift: impl Fn(OfferId) -> Option<(ProductId, SellerId)>,
) -> Option<PricedLine> {
    let (offer_id, quantity) = applied.gift?;
    let (product_id, seller_id) = gift(offer_id)?;
    let line = Unpriced { offer_id, product_id, seller_id, quantity, unit_minor: 0 };
    Some(PricedLine { line, is_gift: true, amounts: Amounts::default() })
}

/// Shares each seller's fee among its lines by what they cost.
fn share_fees(lines: &mut [PricedLine], fees: &BTreeMap<SellerId, Fee>, free_delivery: bool) {
    for (&seller, fee) in fees {
        let its: Vec<usize> =
            (0..lines.len()).filter(|&at| lines[at].line.seller_id == seller).collect();
        let goods: i64 = its.iter().map(|&at| lines[at].amounts.goods).sum();
        if free_delivery || fee.free_from.is_some_and(|from| goods >= from) {
            continue;
        }
        let weights: Vec<i64> =
            its.iter().map(|&at| lines[at].amounts.goods - lines[at].amounts.discount).collect();
        for (at, share) in its.into_iter().zip(money::allocate(fee.minor, &weights)) {
            lines[at].amounts.delivery = share;
        }
    }
}

/// What each wrapping costs; where nothing of a seller is bought, nothing is wrapped.
fn wrapped(lines: &[PricedLine], prices: &BTreeMap<SellerId, i64>) -> BTreeMap<SellerId, Amounts> {
    let is_bought = |seller| lines.iter().any(|line| line.line.seller_id == seller);
    let prices = prices.iter().filter(|(seller, _)| is_bought(**seller));
    prices
        .map(|(&seller, &wrapping)| (seller, Amounts { wrapping, ..Amounts::default() }))
        .collect()
}

fn tax(parts: &mut [&mut Amounts], terms: Terms) {
    for amounts in parts {
        let taxed = amounts.goods - amounts.discount + amounts.delivery + amounts.wrapping;
        if terms.tax_inclusive {
            amounts.tax = money::contained_tax(taxed, terms.tax_rate_bp);
            amounts.total = taxed;
        } else {
            amounts.tax = money::part(taxed, terms.tax_rate_bp);
            amounts.total = taxed + amounts.tax;
        }
    }
}

/// Rounds the sum of all parts once, and shares what that adds among them.
fn round(parts: &mut [&mut Amounts], terms: Terms) {
    let weights: Vec<i64> = parts.iter().map(|amounts| amounts.total).collect();
    let added = money::rounding(weights.iter().sum(), terms.payable_step);
    for (amounts, share) in parts.iter_mut().zip(money::allocate(added, &weights)) {
        amounts.rounding = share;
        amounts.total += share;
    }
}

fn by_seller(
    lines: &[PricedLine],
    wrappings: &BTreeMap<SellerId, Amounts>,
) -> BTreeMap<SellerId, Amounts> {
    let lines = lines.iter().map(|line| (line.line.seller_id, line.amounts));
    let wrappings = wrappings.iter().map(|(&seller, &amounts)| (seller, amounts));
    let mut sellers: BTreeMap<SellerId, Amounts> = BTreeMap::new();
    for (seller, amounts) in lines.chain(wrappings) {
        let seller = sellers.entry(seller).or_default();
        *seller = Amounts::sum([*seller, amounts]);
    }
    sellers
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::{any, proptest};
    use souk_base::Translated;

    use super::*;
    use crate::promotions::Effect;

    fn line(seller: i64, quantity: i32, unit_minor: i64) -> Unpriced {
        Unpriced {
            offer_id: 1.into(),
            product_id: 1.into(),
            seller_id: seller.into(),
            quantity,
            unit_minor,
        }
    }

    fn off(minor: i64) -> Promotion {
        Promotion {
            id: 1.into(),
            label: Translated::default(),
            effect: Effect::Amount { minor },
            exclusive: false,
            cities: vec![],
            products: vec![],
            sellers: vec![],
            min_goods_minor: 0,
            coupon: None,
            is_counted: false,
            budget_left_minor: None,
            used_by_customer: 0,
            uses_per_customer: None,
        }
    }

    proptest! {
        #[test]
        fn every_line_every_seller_and_the_whole_add_up_and_nothing_is_below_zero(
            lines in vec((1_i64..4, 1_i32..50, 1_i64..100_000), 1..12),
            fee in 0_i64..5_000,
            discount in 0_i64..300_000,
            rate in 0_i64..2_500,
            tax_inclusive: bool,
            step in 1_i64..200,
            free in any::<bool>(),
            wrapped in vec((1_i64..5, 0_i64..9_000), 0..4),
        ) {
            let lines: Vec<_> = lines.into_iter().map(|(s, q, u)| line(s, q, u)).collect();
            let fees = (1..4).map(|seller| (seller.into(), Fee { minor: fee, free_from: free.then_some(10) }));
            let fees = fees.filter(|(id, _)| lines.iter().any(|line| line.seller_id == *id)).collect();
            let promotions = [off(discount)];
            let wrapped = wrapped.into_iter().map(|(seller, minor)| (seller.into(), minor)).collect();
            let asked = Asked { lines: &lines, fees: &fees, wrappings: &wrapped, city: None };
            let terms = Terms { tax_rate_bp: rate, tax_inclusive, payable_step: step };

            let priced = price(&asked, &promotions, |_| None, terms);

            let adds_up = |it: &Amounts| {
                let tax = if tax_inclusive { 0 } else { it.tax };
                it.total == it.goods - it.discount + it.delivery + it.wrapping + tax + it.rounding
            };
            assert!(priced.lines.iter().all(|line| adds_up(&line.amounts) && line.amounts.total >= 0));
            assert!(adds_up(&priced.amounts) && priced.sellers.values().all(adds_up));
            assert_eq!(priced.amounts.total % step, 0);
            let sellers: i64 = priced.sellers.values().map(|seller| seller.total).sum();
            assert_eq!(sellers, priced.amounts.total);
            let delivery: i64 = if free { 0 } else { fee * i64::try_from(priced.sellers.len()).unwrap() };
            assert!(free || priced.amounts.delivery == delivery);
            let bought = wrapped.iter().filter(|(seller, _)| priced.sellers.contains_key(*seller));
            assert_eq!(priced.amounts.wrapping, bought.map(|(_, minor)| minor).sum::<i64>());
            assert!(priced.wrappings.values().all(|it| adds_up(it) && it.total >= 0 && it.tax >= 0));
            assert!(priced.lines.iter().all(|line| line.amounts.wrapping == 0));
        }
    }

    #[test]
    fn a_gift_costs_nothing_and_delivery_is_free_from_an_amount_on() {
        let gift = Promotion { effect: Effect::Gift { offer_id: 9.into(), quantity: 2 }, ..off(0) };
        let fees = BTreeMap::from([
            (1.into(), Fee { minor: 500, free_from: Some(2_000) }),
            (2.into(), Fee { minor: 500, free_from: Some(2_001) }),
        ]);
        let lines = [line(1, 2, 1_000), line(2, 1, 2_000)];
        let wrapped = BTreeMap::new();
        let asked = Asked { lines: &lines, fees: &fees, wrappings: &wrapped, city: None };
        let terms = Terms { tax_rate_bp: 1_500, tax_inclusive: false, payable_step: 1 };
        let promotions = [gift];

        let priced = price(&asked, &promotions, |_| Some((9.into(), 2.into())), terms);

        assert_eq!((priced.amounts.delivery, priced.amounts.tax), (500, 675));
        assert!(priced.lines[2].is_gift && priced.lines[2].amounts.total == 0);
    }
}
