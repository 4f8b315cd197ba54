//! What is known of each item at one instant: how many want it, since when, and whether they come back.

use std::collections::BTreeMap;

use crate::event::{DAY_MS, Event, Events};
use crate::numbers::{count, narrow};

/// Days that buyers are counted over.
pub(super) const POPULARITY_DAYS: [f32; 7] = [3.0, 7.0, 14.0, 30.0, 60.0, 120.0, 1e6];
/// Days that first-time buyers are counted over.
pub(super) const NEW_DAYS: [f32; 2] = [10.0, 30.0];
/// Rows of a user this close together are one visit.
const VISIT_GAP_MS: i64 = 30 * 60 * 1_000;

/// One item's figures.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct ItemStatistics {
    /// Users who had it in the last days, by [`POPULARITY_DAYS`].
    pub buyers: [f32; POPULARITY_DAYS.len()],
    /// Users who had it for the first time in the last days, by [`NEW_DAYS`].
    pub first_buyers: [f32; NEW_DAYS.len()],
    /// Days since anyone had it first.
    pub age_days: f32,
    /// Days since anyone had it last.
    pub idle_days: f32,
    /// Share of its buyers who had it in two visits, a prior of five who did not.
    pub repeated: f32,
}

impl ItemStatistics {
    /// Floats that one takes.
    pub(super) const FLOATS: usize = POPULARITY_DAYS.len() + NEW_DAYS.len() + 3;

    /// All of it in a row.
    pub(super) fn to_floats(self) -> [f32; Self::FLOATS] {
        let mut floats = [0.0; Self::FLOATS];
        let (buyers, rest) = floats.split_at_mut(POPULARITY_DAYS.len());
        let (first_buyers, rest) = rest.split_at_mut(NEW_DAYS.len());
        buyers.copy_from_slice(&self.buyers);
        first_buyers.copy_from_slice(&self.first_buyers);
        rest.copy_from_slice(&[self.age_days, self.idle_days, self.repeated]);
        floats
    }

    /// What [`ItemStatistics::to_floats`] gave.
    pub(super) fn of_floats(floats: &[f32; Self::FLOATS]) -> ItemStatistics {
        let (buyers, rest) = floats.split_at(POPULARITY_DAYS.len());
        let (first_buyers, rest) = rest.split_at(NEW_DAYS.len());
        let mut item = ItemStatistics::default();
        item.buyers.copy_from_slice(buyers);
        item.first_buyers.copy_from_slice(first_buyers);
        [item.age_days, item.idle_days, item.repeated] = [rest[0], rest[1], rest[2]];
        item
    }
}

/// What one user had of one item.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Had {
    /// In how many visits.
    pub visits: f32,
    /// Days since the first and the last of them.
    pub first_days: f32,
    /// See `first_days`.
    pub last_days: f32,
    /// Σ 2^(−age / half-life), by [`Had::HALF_LIVES`].
    pub decayed: [f32; 3],
}

impl Had {
    /// Half-lives in days.
    pub(super) const HALF_LIVES: [f32; 3] = [15.0, 45.0, 120.0];
}

/// One user's rows, grouped.
#[derive(Clone, Debug, Default)]
pub(super) struct Past {
    /// Items, ascending, each once.
    pub had: BTreeMap<u32, Had>,
    /// Days since each visit began, the oldest first.
    pub visit_days: Vec<f32>,
    /// Items of the last visit, ascending.
    pub last_visit: Vec<u32>,
    /// Distinct items summed over visits.
    pub lines: f32,
}

impl Past {
    /// Groups rows that are ordered by time.
    pub(super) fn of(rows: &[Event], now_ms: i64) -> Past {
        let mut past = Past::default();
        for visit in visits(rows) {
            let days = narrow((now_ms - visit[0].time_ms).max(0) as f64 / DAY_MS as f64);
            let mut items: Vec<u32> = visit.iter().map(|row| row.item).collect();
            items.sort_unstable();
            items.dedup();
            for &item in &items {
                let had = past.had.entry(item).or_insert(Had {
                    visits: 0.0,
                    first_days: days,
                    last_days: days,
                    decayed: [0.0; 3],
                });
                had.visits += 1.0;
                had.last_days = days;
                for (decayed, half_life) in had.decayed.iter_mut().zip(Had::HALF_LIVES) {
                    *decayed += 0.5_f32.powf(days / half_life);
                }
            }
            past.visit_days.push(days);
            past.lines += count(items.len());
            past.last_visit = items;
        }
        past
    }
}

/// Rows of one user, cut where half an hour passed between two.
pub(super) fn visits(rows: &[Event]) -> impl Iterator<Item = &[Event]> {
    rows.chunk_by(|one, next| next.time_ms - one.time_ms < VISIT_GAP_MS)
}

/// The figures of every item.
pub(super) fn of_items(events: &Events, now_ms: i64) -> Vec<ItemStatistics> {
    let blank = ItemStatistics { idle_days: 1e3, ..ItemStatistics::default() };
    let mut items = vec![blank; events.item_count()];
    let mut repeaters = vec![0.0; events.item_count()];
    for user in 0..events.user_count() {
        for (item, had) in Past::of(events.of(user), now_ms).had {
            let statistics = &mut items[item as usize];
            for (buyers, days) in statistics.buyers.iter_mut().zip(POPULARITY_DAYS) {
                *buyers += f32::from(u8::from(had.last_days < days));
            }
            for (buyers, days) in statistics.first_buyers.iter_mut().zip(NEW_DAYS) {
                *buyers += f32::from(u8::from(had.first_days < days));
            }
            statistics.age_days = statistics.age_days.max(had.first_days);
            statistics.idle_days = statistics.idle_days.min(had.last_days);
            repeaters[item as usize] += f32::from(u8::from(had.visits > 1.0));
        }
    }
    for (statistics, repeaters) in items.iter_mut().zip(repeaters) {
        statistics.repeated = repeaters / (statistics.buyers[POPULARITY_DAYS.len() - 1] + 5.0);
    }
    items
}
