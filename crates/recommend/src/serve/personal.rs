//! How much a shopper is likely to mean each product, and an order of hits that follows it within limits.
//!
//! What an unknown visitor would be shown is never changed: without a history every affinity is 0 and every hit stays.

use rustc_hash::FxHashMap;

use super::History;
use super::shop::Shop;
use crate::event::DAY_MS;
use crate::models::Visit;
use crate::numbers::narrow;
use crate::train::{Kept, Kind};

/// Days after which a purchase says half as much of what is meant.
const OWN_DAYS: f64 = 90.0;
/// What a purchase, the ranker, buyers of the same things, and likeness to what was looked at can say at most. Chosen on a year
/// of a gift shop, for purchases of a month before those that `souk evaluate personal` is reported on.
const OWN: f32 = 0.95;
/// See [`OWN`].
const EXPECTED: f32 = 0.9;
/// See [`OWN`].
const CLICKED: f32 = 0.6;
/// See [`OWN`].
const TASTE: f32 = 0.6;
/// See [`OWN`].
const LIKENESS: f32 = 0.3;
/// Latest clicks and purchases that are asked about.
const LATEST: usize = 40;
/// Latest clicks that likeness is asked of.
const LIKE: usize = 5;

impl Shop {
    /// How likely a shopper means each of these items, from 0 to 1; 0 for all without a history.
    #[must_use]
    pub fn affinities(&self, history: &History, items: &[u32], now_ms: i64) -> Vec<f32> {
        if history.clicks.is_empty() && history.purchases.is_empty() {
            return vec![0.0; items.len()];
        }
        let taste = self.taste(history);
        let expected = self.expected_among(items, history, now_ms);
        let clicks = &history.clicks[history.clicks.len().saturating_sub(LIKE)..];
        let affinity = |(&item, expected): (&u32, f32)| {
            let own = OWN * had(&history.purchases, item, now_ms);
            let clicked = CLICKED * had(&history.clicks, item, now_ms);
            let alike = clicks.iter().map(|it| self.content.likeness(it.item, item));
            let likeness = LIKENESS * alike.fold(0.0, f32::max);
            let parts = [own, EXPECTED * expected, clicked, TASTE * taste(item), likeness];
            1.0 - parts.iter().map(|part| 1.0 - part).product::<f32>()
        };
        items.iter().zip(expected).map(affinity).collect()
    }

    /// How probable the ranker finds each of these items, of the one that it finds most probable.
    fn expected_among(&self, items: &[u32], history: &History, now_ms: i64) -> Vec<f32> {
        let expected = self.expected(history, now_ms);
        let known: FxHashMap<u32, f32> = expected.iter().map(|it| (it.item, it.score)).collect();
        let probabilities = items.iter().map(|item| known.get(item).copied().unwrap_or(0.0));
        let most = probabilities.clone().fold(f32::MIN_POSITIVE, f32::max);
        probabilities.map(|probability| probability / most).collect()
    }

    /// What buyers of the same things say of an item, of the most that they say of any.
    fn taste(&self, history: &History) -> impl Fn(u32) -> f32 + '_ {
        let model = match self.model(Kind::Blend) {
            Some((served, Kept::Blend(blend))) => Some((served, blend)),
            _ => None,
        };
        let scores = model.map(|(served, blend)| {
            let latest = |visits: &[Visit]| visits[visits.len().saturating_sub(LATEST)..].to_vec();
            let mut had = [latest(&history.purchases), latest(&history.clicks)].concat();
            had.sort_unstable_by_key(|visit| visit.item);
            had.dedup_by_key(|visit| visit.item);
            let known = had.iter().filter_map(|visit| Some((served.number(visit.item)?, 1.0)));
            blend.taste(&known.collect::<Vec<_>>())
        });
        let most = scores.iter().flatten().copied().fold(f32::MIN_POSITIVE, f32::max);
        move |item| {
            let number = model.and_then(|(served, _)| served.number(item));
            let score = number.and_then(|number| scores.as_ref()?.get(number as usize).copied());
            (score.unwrap_or(0.0) / most).max(0.0)
        }
    }
}

/// 1 − e^−Σ of how lately an item was had.
fn had(visits: &[Visit], item: u32, now_ms: i64) -> f32 {
    let own = visits.iter().filter(|visit| visit.item == item);
    let ages = own.map(|visit| (now_ms - visit.time_ms).max(0) as f64 / DAY_MS as f64);
    let sum: f64 = ages.map(|days| 0.5_f64.powf(days / OWN_DAYS)).sum();
    narrow(1.0 - (-sum).exp())
}

/// The order of hits by their places and affinities: a hit goes up by at most `places`, and never past one of a higher
/// bucket; `buckets` fall from hit to hit. Gives old places.
#[must_use]
pub fn reordered(buckets: &[u64], affinities: &[f32], places: f32) -> Vec<usize> {
    let mut order: Vec<usize> = (0..buckets.len()).collect();
    let key = |place: usize| crate::numbers::count(place) - places * affinities[place];
    order.sort_by(|&one, &other| {
        buckets[other].cmp(&buckets[one]).then(key(one).total_cmp(&key(other)))
    });
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hit_goes_up_by_what_speaks_for_it_and_stays_in_its_bucket() {
        let buckets = [2, 2, 2, 1, 1];

        assert_eq!(reordered(&buckets, &[0.0; 5], 10.0), [0, 1, 2, 3, 4], "nobody is known");
        assert_eq!(reordered(&buckets, &[0.0, 0.0, 0.9, 0.0, 1.0], 10.0), [2, 0, 1, 4, 3]);
        assert_eq!(reordered(&[1; 20], &[vec![0.0; 19], vec![1.0]].concat(), 10.0)[10], 19);
    }

    #[test]
    fn who_did_nothing_means_nothing_in_particular() {
        let affinities = Shop::default().affinities(&History::default(), &[1, 2], 0);

        assert_eq!(affinities, [0.0, 0.0]);
    }
}
