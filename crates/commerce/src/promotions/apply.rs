//! Which promotions hold for a basket, and what each takes off which item. Pure.
//!
//! Promotions come in their order and each works on what the ones before have left, so no item ever costs less than
//! nothing. The first exclusive one that holds stands alone.

use souk_base::{CityId, OfferId, ProductId, SellerId};

use super::{Effect, Promotion};
use crate::money;

/// What a basket is, as promotions see it.
#[derive(Clone, Copy, Debug)]
pub struct Basket<'a> {
    /// What is in it.
    pub items: &'a [Item],
    /// Where it goes, where that is known.
    pub city: Option<CityId>,
}

/// So many units of an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item {
    /// The product it belongs to.
    pub product_id: ProductId,
    /// Who sells it.
    pub seller_id: SellerId,
    /// How many.
    pub quantity: i32,
    /// What one costs.
    pub unit_minor: i64,
}

/// What a promotion does for a basket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied<'a> {
    /// Which.
    pub promotion: &'a Promotion,
    /// What it takes off each item, in their order.
    pub shares: Vec<i64>,
    /// Whether delivery costs nothing.
    pub free_delivery: bool,
    /// What it puts in.
    pub gift: Option<(OfferId, i32)>,
}

impl Applied<'_> {
    /// What it takes off in all.
    #[must_use]
    pub fn minor(&self) -> i64 {
        self.shares.iter().sum()
    }
}

impl Item {
    fn goods_minor(&self) -> i64 {
        self.unit_minor.saturating_mul(i64::from(self.quantity))
    }
}

/// What holds for this basket, in order; `promotions` are those in force, in theirs.
#[must_use]
pub fn apply<'a>(promotions: &'a [Promotion], basket: Basket<'_>) -> Vec<Applied<'a>> {
    let whole: Vec<i64> = basket.items.iter().map(Item::goods_minor).collect();
    let holds = |promotion: &&Promotion| promotion.holds_for(basket, &whole);
    let alone = promotions
        .iter()
        .filter(holds)
        .filter(|promotion| promotion.exclusive)
        .find_map(|promotion| promotion.on(basket.items, &whole));
    if let Some(alone) = alone {
        return vec![alone];
    }
    let mut left = whole.clone();
    let mut applied = Vec::new();
    for promotion in promotions.iter().filter(holds).filter(|promotion| !promotion.exclusive) {
        let Some(one) = promotion.on(basket.items, &left) else { continue };
        for (left, share) in left.iter_mut().zip(&one.shares) {
            *left -= share;
        }
        applied.push(one);
    }
    applied
}

impl Promotion {
    fn is_for(&self, item: &Item) -> bool {
        (self.products.is_empty() || self.products.contains(&item.product_id))
            && (self.sellers.is_empty() || self.sellers.contains(&item.seller_id))
    }

    fn holds_for(&self, basket: Basket<'_>, goods: &[i64]) -> bool {
        let its_goods: i64 = self.sum_of_its(basket.items, goods);
        let is_here =
            self.cities.is_empty() || basket.city.is_some_and(|city| self.cities.contains(&city));
        let is_left = self.uses_per_customer.is_none_or(|max| self.used_by_customer < max);
        let has_goods = basket.items.iter().any(|item| self.is_for(item));
        is_here && is_left && has_goods && its_goods >= self.min_goods_minor
    }

    fn sum_of_its(&self, items: &[Item], minor: &[i64]) -> i64 {
        items.iter().zip(minor).filter(|(item, _)| self.is_for(item)).map(|(_, minor)| minor).sum()
    }

    /// What it does, where `left` is what each item still costs; nothing where it would do nothing, or more than its
    /// budget allows.
    fn on(&self, items: &[Item], left: &[i64]) -> Option<Applied<'_>> {
        let shares = self.shares(items, left);
        let minor: i64 = shares.iter().sum();
        let free_delivery = self.effect == Effect::FreeDelivery;
        let gift = match self.effect {
            Effect::Gift { offer_id, quantity } if quantity > 0 => Some((offer_id, quantity)),
            _ => None,
        };
        let does_something = minor > 0 || free_delivery || gift.is_some();
        let is_in_budget = self.budget_left_minor.is_none_or(|budget| minor <= budget);
        let applied = Applied { promotion: self, shares, free_delivery, gift };
        (does_something && is_in_budget).then_some(applied)
    }

    fn shares(&self, items: &[Item], left: &[i64]) -> Vec<i64> {
        let its = |(item, &left): (&Item, &i64)| if self.is_for(item) { left.max(0) } else { 0 };
        let weights: Vec<i64> = items.iter().zip(left).map(its).collect();
        let base: i64 = weights.iter().sum();
        match self.effect {
            Effect::Percentage { rate_bp, max_minor } => {
                let off = money::part(base, rate_bp.clamp(0, money::WHOLE_BP));
                money::allocate(off.min(max_minor.unwrap_or(off)).max(0), &weights)
            }
            Effect::Amount { minor } => money::allocate(minor.clamp(0, base), &weights),
            Effect::BuyGet { buy, get, rate_bp } => {
                self.cheapest_off(items, &weights, buy, get, rate_bp)
            }
            Effect::FreeDelivery | Effect::Gift { .. } => vec![0; items.len()],
        }
    }

    /// Takes a part off the cheapest units: of each `buy + get` units, `get` of them.
    fn cheapest_off(
        &self,
        items: &[Item],
        left: &[i64],
        buy: i32,
        get: i32,
        rate_bp: i64,
    ) -> Vec<i64> {
        let mut shares = vec![0; items.len()];
        if buy < 1 || get < 1 {
            return shares;
        }
        let mut its: Vec<usize> = (0..items.len()).filter(|&at| self.is_for(&items[at])).collect();
        let units: i64 = its.iter().map(|&at| i64::from(items[at].quantity)).sum();
        let (buy, get) = (i64::from(buy), i64::from(get));
        let mut free = units / (buy + get) * get;
        its.sort_by_key(|&at| (items[at].unit_minor, at));
        for at in its {
            let here = free.min(i64::from(items[at].quantity));
            free -= here;
            let off = money::part(items[at].unit_minor, rate_bp.clamp(0, money::WHOLE_BP));
            shares[at] = off.saturating_mul(here).min(left[at]);
        }
        shares
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::option;
    use proptest::prelude::{Just, Strategy, any, prop_oneof, proptest};
    use souk_base::Translated;

    use super::*;

    fn promotion(effect: Effect) -> Promotion {
        Promotion {
            id: 1.into(),
            label: Translated::default(),
            effect,
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

    fn item(product: i64, quantity: i32, unit_minor: i64) -> Item {
        Item { product_id: product.into(), seller_id: 1.into(), quantity, unit_minor }
    }

    fn shares(promotions: &[Promotion], items: &[Item]) -> Vec<Vec<i64>> {
        let basket = Basket { items, city: Some(7.into()) };
        apply(promotions, basket).into_iter().map(|applied| applied.shares).collect()
    }

    fn any_promotion() -> impl Strategy<Value = Promotion> {
        let effect =
            prop_oneof![
                (0_i64..12_000, option::of(0_i64..5_000))
                    .prop_map(|(rate_bp, max_minor)| Effect::Percentage { rate_bp, max_minor }),
                (0_i64..100_000).prop_map(|minor| Effect::Amount { minor }),
                Just(Effect::FreeDelivery),
                (0_i32..4, 0_i32..4, 0_i64..12_000)
                    .prop_map(|(buy, get, rate_bp)| Effect::BuyGet { buy, get, rate_bp }),
            ];
        (effect, any::<bool>(), vec(1_i64..5, 0..3), option::of(0_i64..10_000)).prop_map(
            |(effect, exclusive, products, budget_left_minor)| Promotion {
                exclusive,
                products: products.into_iter().map(Into::into).collect(),
                budget_left_minor,
                ..promotion(effect)
            },
        )
    }

    proptest! {
        #[test]
        fn no_promotions_together_take_more_than_an_item_costs(
            promotions in vec(any_promotion(), 0..6),
            items in vec((1_i64..5, 1_i32..20, 1_i64..10_000), 1..6),
        ) {
            let items: Vec<_> =
                items.into_iter().map(|(product, units, minor)| item(product, units, minor)).collect();

            let basket = Basket { items: &items, city: None };
            let applied = apply(&promotions, basket);

            for (at, item) in items.iter().enumerate() {
                let off: i64 = applied.iter().map(|applied| applied.shares[at]).sum();
                assert!((0..=item.goods_minor()).contains(&off));
            }
            for one in &applied {
                assert!(one.promotion.budget_left_minor.is_none_or(|budget| one.minor() <= budget));
                assert!(!one.promotion.exclusive || applied.len() == 1);
            }
        }
    }

    #[test]
    fn a_part_and_an_amount_stack_in_order_and_a_part_has_a_most() {
        let part = promotion(Effect::Percentage { rate_bp: 5_000, max_minor: None });
        let capped = promotion(Effect::Percentage { rate_bp: 5_000, max_minor: Some(100) });
        let amount = promotion(Effect::Amount { minor: 300 });
        let items = [item(1, 1, 1_000), item(2, 2, 500)];

        let stacked = shares(&[part.clone(), amount.clone(), amount], &items);

        assert_eq!(stacked, [vec![500, 500], vec![150, 150], vec![150, 150]]);
        assert_eq!(shares(&[capped], &items), [vec![50, 50]]);
        let alone = Promotion { exclusive: true, ..part.clone() };
        assert_eq!(shares(&[part, alone], &items), [vec![500, 500]]);
    }

    #[test]
    fn of_three_units_the_cheapest_is_free() {
        let free = promotion(Effect::BuyGet { buy: 2, get: 1, rate_bp: 10_000 });

        assert_eq!(
            shares(std::slice::from_ref(&free), &[item(1, 2, 900), item(2, 1, 400)]),
            [vec![0, 400]]
        );
        assert_eq!(shares(std::slice::from_ref(&free), &[item(1, 7, 100)]), [vec![200]]);
        assert!(shares(&[free], &[item(1, 2, 900)]).is_empty());
    }

    #[test]
    fn what_does_not_fit_the_basket_does_not_hold() {
        let base = promotion(Effect::Amount { minor: 100 });
        let items = [item(1, 1, 1_000)];
        let misfits = [
            Promotion { cities: vec![8.into()], ..base.clone() },
            Promotion { products: vec![2.into()], ..base.clone() },
            Promotion { sellers: vec![2.into()], ..base.clone() },
            Promotion { min_goods_minor: 1_001, ..base.clone() },
            Promotion { uses_per_customer: Some(1), used_by_customer: 1, ..base.clone() },
            Promotion { budget_left_minor: Some(99), ..base.clone() },
        ];
        for misfit in misfits {
            assert!(shares(std::slice::from_ref(&misfit), &items).is_empty(), "{misfit:?}");
        }
        let fits = Promotion { cities: vec![7.into()], min_goods_minor: 1_000, ..base };
        assert_eq!(shares(&[fits], &items), [vec![100]]);
    }
}
