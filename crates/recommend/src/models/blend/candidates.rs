//! The models that name candidates, and what each says of every item.

use linfa::traits::Fit;
use linfa::{DatasetBase, ParamGuard};

use super::hyperparams::BlendValidParams;
use super::statistics::{ItemStatistics, Past, of_items, visits};
use crate::error::Result;
use crate::event::{DAY_MS, Event, Events};
use crate::interactions::Interactions;
use crate::models::ease::Ease;
use crate::models::{ItemScore, best, best_above_zero};
use crate::numbers::index;
use crate::split::LINES;

/// Days that count for what goes together lately.
const LATELY_DAYS: i64 = 120;
/// Days after which an own item says half of what is wanted next.
const TASTE_DAYS: f32 = 60.0;
/// How many each source names.
const NAMED: usize = 120;

/// Item-side models at one instant.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sources {
    pub items: Vec<ItemStatistics>,
    pub(super) users: Ease,
    pub(super) lately: Ease,
    pub(super) visits: Ease,
    /// Items by recent buyers, and by recent first-time buyers.
    pub(super) selling: Vec<u32>,
    pub(super) spreading: Vec<u32>,
}

/// What the sources say of every item for one history.
#[derive(Clone, Debug)]
pub(super) struct Said {
    /// EASE over users: of all own items, and of them with a half-life.
    pub users: Vec<f32>,
    /// See `users`.
    pub taste: Vec<f32>,
    /// EASE over the users of the last months.
    pub lately: Vec<f32>,
    /// EASE over visits: of the last visit, and of all own items.
    pub last_visit: Vec<f32>,
    /// See `last_visit`.
    pub visits: Vec<f32>,
}

impl Sources {
    /// Fits all of them on what was before `now_ms`.
    pub(super) fn fit(events: &Events, now_ms: i64, params: &BlendValidParams) -> Result<Sources> {
        let ease = |interactions: Interactions, l2: f32| {
            let ease = Ease::params().l2(l2).items_max(params.items_max).check()?;
            ease.fit(&DatasetBase::new(interactions, ()))
        };
        let lately = events.between(now_ms - LATELY_DAYS * DAY_MS, now_ms);
        let items = of_items(events, now_ms);
        let ranked = |score: &dyn Fn(&ItemStatistics) -> f32| {
            let scores =
                items.iter().zip(0..).map(|(it, item)| ItemScore { item, score: score(it) });
            best(scores, NAMED).into_iter().map(|it| it.item).collect()
        };
        Ok(Sources {
            users: ease(Interactions::once(events), 100.0)?,
            // A quiet shop has too little of late to say anything: then everything counts as lately.
            lately: ease(
                Interactions::once(if lately.rows().len() < 1_000 { events } else { &lately }),
                50.0,
            )?,
            visits: ease(by_visit(events), 50.0)?,
            selling: ranked(&|it| it.buyers[3] + 1e-3 * it.buyers[5]),
            spreading: ranked(&|it| it.first_buyers[0] + 1e-3 * it.buyers[3]),
            items,
        })
    }

    /// The most that one item says of another: to all buyers, lately, or in one visit.
    pub(super) fn weight(&self, of: u32, item: u32) -> f32 {
        let weights = [&self.users, &self.lately, &self.visits].map(|ease| ease.weight(of, item));
        weights.into_iter().fold(0.0, f32::max)
    }

    /// Scores every item for one history.
    pub(super) fn say(&self, past: &Past) -> Said {
        let own: Vec<(u32, f32)> = past.had.keys().map(|&item| (item, 1.0)).collect();
        let faded = past.had.iter().map(|(&item, had)| {
            let ages = had.visits.min(1.0) * 0.5_f32.powf(had.last_days / TASTE_DAYS);
            (item, ages)
        });
        let last: Vec<(u32, f32)> = past.last_visit.iter().map(|&item| (item, 1.0)).collect();
        Said {
            users: self.users.scores(&own),
            taste: self.users.scores(&faded.collect::<Vec<_>>()),
            lately: self.lately.scores(&own),
            last_visit: self.visits.scores(&last),
            visits: self.visits.scores(&own),
        }
    }

    /// Own items and what each source names, ascending, each once; without what nobody had so far.
    pub(super) fn candidates(&self, past: &Past, said: &Said) -> Vec<u32> {
        let mut items: Vec<u32> = past.had.keys().copied().collect();
        items.extend(self.selling.iter().chain(&self.spreading));
        for scores in [&said.taste, &said.lately, &said.last_visit, &said.users] {
            items.extend(best_above_zero(scores, NAMED).into_iter().map(|it| it.item));
        }
        items.sort_unstable();
        items.dedup();
        items.retain(|&item| self.items[item as usize].age_days > 0.0);
        items
    }
}

/// Visits as rows, those of 2–100 items.
fn by_visit(events: &Events) -> Interactions {
    let mut rows: Vec<Event> = Vec::new();
    let mut count = 0;
    for user in 0..events.user_count() {
        for visit in visits(events.of(user)).filter(|visit| visit.len() <= *LINES.end()) {
            rows.extend(visit.iter().map(|row| Event { user: index(count), ..*row }));
            count += 1;
        }
    }
    Interactions::once(&Events::new(rows, count, events.item_count()))
}
