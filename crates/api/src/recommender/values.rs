//! What products bring: counted now and then, for the objectives of placements.

use std::collections::HashMap;

use souk_commerce::recommendations::Worth;
use souk_recommend::serve::{Value, conversion};

/// What the products of one market bring, by their places in the columns.
#[derive(Clone, Debug, Default)]
pub(crate) struct Values(HashMap<u32, Known>);

/// As multiples of what is usual.
#[derive(Clone, Copy, Debug)]
struct Known {
    conversion: f32,
    margin: f32,
}

impl Values {
    /// What these counts say.
    pub(super) fn of(worths: &[Worth]) -> Values {
        let sum = |count: fn(&Worth) -> i64| worths.iter().map(count).sum::<i64>();
        let (lookers, buyers) = (sum(|it| it.lookers.max(it.buyers)), sum(|it| it.buyers));
        let usual = number(buyers) / number(lookers).max(1.0);
        let mut margins: Vec<f64> = worths.iter().filter_map(|it| it.margin).collect();
        margins.sort_by(f64::total_cmp);
        let median = margins.get(margins.len() / 2).copied().filter(|&it| it > 0.0).unwrap_or(1.0);
        let known = worths.iter().map(|it| {
            let conversion = conversion(number(it.lookers), number(it.buyers), usual);
            let margin = it.margin.map_or(1.0, |margin| narrow(margin.max(0.0) / median));
            (it.ordinal.0, Known { conversion, margin })
        });
        Values(known.collect())
    }

    /// What a product brings that costs this, among others that cost so much in the mean.
    pub(crate) fn value(&self, item: u32, minor: i64, mean_minor: f32) -> Value {
        let known = self.0.get(&item).copied();
        let Known { conversion, margin } = known.unwrap_or(Known { conversion: 1.0, margin: 1.0 });
        Value { conversion, price: number(minor) / mean_minor.max(1.0), margin }
    }
}

/// A count or a price as a weight; what it loses weighs nothing.
fn number(count: i64) -> f32 {
    count as f32
}

#[expect(clippy::cast_possible_truncation, reason = "only a proportion is made of it")]
fn narrow(share: f64) -> f32 {
    share as f32
}
