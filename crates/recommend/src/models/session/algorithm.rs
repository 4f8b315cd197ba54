//! Keeps the latest sessions of each item and answers what comes next.

use linfa::DatasetBase;
use linfa::traits::Fit;

use super::hyperparams::{SessionParams, SessionValidParams};
use crate::error::{Error, Result};
use crate::event::{DAY_MS, Events};
use crate::models::{ItemScore, best};
use crate::numbers::{count, index, narrow};

/// Successors that are kept of each item.
const SUCCESSORS_MAX: usize = 100;

/// Past sessions, and for each item the latest that had it.
#[derive(Clone, Debug, PartialEq)]
pub struct Session {
    pub(super) params: SessionValidParams,
    /// Items of each session in the order of clicks, without the same twice in a row; the latest session last.
    pub(super) items: Vec<u32>,
    pub(super) starts: Vec<u32>,
    pub(super) ended_ms: Vec<i64>,
    /// Sessions of each item, the latest first, with the item's last place in each.
    pub(super) found: Vec<Vec<(u32, u32)>>,
    /// What followed each item, with its share.
    pub(super) successors: Vec<Vec<ItemScore>>,
    /// 1 + `rarity` · ln(sessions / sessions with the item).
    pub(super) rarity: Vec<f32>,
    /// Items by how often they were clicked, the most first: what is left to say when nothing else speaks.
    pub(super) popular: Vec<u32>,
}

/// Room for one question after another, so that none allocates.
#[derive(Clone, Debug, Default)]
pub struct Scratch {
    similarity: Vec<f32>,
    matched: Vec<(u32, f32)>,
    touched: Vec<u32>,
    scores: Vec<f32>,
    scored: Vec<u32>,
}

impl Fit<Events, (), Error> for SessionValidParams {
    type Object = Session;

    fn fit(&self, dataset: &DatasetBase<Events, ()>) -> Result<Session> {
        let events = dataset.records();
        let mut sessions: Vec<usize> = (0..events.user_count()).collect();
        sessions.retain(|&session| events.of(session).len() > 1);
        if sessions.is_empty() {
            let what = "sessions of two clicks";
            return Err(Error::NotEnough { model: "session", what, least: 1, given: 0 });
        }
        let ended_ms = |&session: &usize| events.of(session).last().map_or(0, |row| row.time_ms);
        sessions.sort_by_key(ended_ms);
        let mut fitted = Session {
            params: self.clone(),
            items: Vec::new(),
            starts: vec![0],
            ended_ms: sessions.iter().map(ended_ms).collect(),
            found: vec![Vec::new(); events.item_count()],
            successors: Vec::new(),
            rarity: Vec::new(),
            popular: Vec::new(),
        };
        for session in sessions {
            let clicks = events.of(session).iter().map(|row| row.item);
            fitted.items.extend(clicks);
            fitted.starts.push(index(fitted.items.len()));
        }
        fitted.count(events.item_count());
        Ok(fitted)
    }
}

impl Session {
    /// Parameters to fit it with.
    #[must_use]
    pub fn params() -> SessionParams {
        SessionParams::default()
    }

    fn clicks(&self, session: u32) -> &[u32] {
        let session = session as usize;
        &self.items[self.starts[session] as usize..self.starts[session + 1] as usize]
    }

    /// Fills the index, the successors and the rarities.
    pub(super) fn count(&mut self, item_count: usize) {
        let sessions = index(self.ended_ms.len());
        let mut followed: Vec<std::collections::HashMap<u32, f32>> =
            vec![Default::default(); item_count];
        let mut clicks_of = vec![0_usize; item_count];
        for session in 0..sessions {
            let range =
                self.starts[session as usize] as usize..self.starts[session as usize + 1] as usize;
            let clicks = self.items[range].to_vec();
            for (place, &item) in clicks.iter().enumerate() {
                clicks_of[item as usize] += 1;
                let found = &mut self.found[item as usize];
                match found.last_mut() {
                    Some((last, at)) if *last == session => *at = index(place),
                    _ => found.push((session, index(place))),
                }
                for (steps, &next) in clicks[place + 1..].iter().take(10).enumerate() {
                    if next != item {
                        *followed[item as usize].entry(next).or_default() += 1.0 / count(steps + 1);
                    }
                }
            }
        }
        let rarity = |found: &Vec<(u32, u32)>| {
            (count(self.ended_ms.len()) / count(found.len().max(1)))
                .ln()
                .max(0.1)
                .powf(self.params.rarity)
        };
        self.rarity = self.found.iter().map(rarity).collect();
        for found in &mut self.found {
            found.reverse();
            found.truncate(self.params.sessions_max);
        }
        self.successors = followed.into_iter().map(shares).collect();
        self.popular = (0..index(item_count)).collect();
        self.popular.sort_by_key(|&item| std::cmp::Reverse(clicks_of[item as usize]));
        self.popular.truncate(SUCCESSORS_MAX);
    }

    /// Whether two items were clicked in one of the latest sessions of both.
    #[must_use]
    pub fn is_seen_with(&self, one: u32, other: u32) -> bool {
        let of = |item: u32| self.found.get(item as usize).map_or(&[][..], Vec::as_slice);
        let (mut ones, mut others) = (of(one).iter().peekable(), of(other).iter().peekable());
        // Both lie from the latest session to the earliest.
        while let (Some((of_one, _)), Some((of_other, _))) = (ones.peek(), others.peek()) {
            match of_one.cmp(of_other) {
                std::cmp::Ordering::Equal => return true,
                std::cmp::Ordering::Greater => drop(ones.next()),
                std::cmp::Ordering::Less => drop(others.next()),
            }
        }
        false
    }

    /// The `k` items that come next with the most evidence, after these clicks, the oldest first.
    ///
    /// Items that the model has never seen among the clicks say nothing.
    #[must_use]
    pub fn next(
        &self,
        clicks: &[u32],
        now_ms: i64,
        k: usize,
        scratch: &mut Scratch,
    ) -> Vec<ItemScore> {
        scratch.similarity.resize(self.ended_ms.len(), 0.0);
        scratch.matched.resize(self.ended_ms.len(), (0, 0.0));
        scratch.scores.resize(self.found.len(), 0.0);
        self.find(clicks, scratch);
        self.weigh(now_ms, scratch);
        self.score(scratch);
        self.follow(clicks, scratch);
        let mut scores: Vec<ItemScore> = scratch
            .scored
            .drain(..)
            .map(|item| ItemScore {
                item,
                score: std::mem::take(&mut scratch.scores[item as usize]),
            })
            .collect();
        for scored in &mut scores {
            if clicks.contains(&scored.item) {
                scored.score *= self.params.again;
            }
        }
        self.complete(best(scores, k), k)
    }

    /// Past sessions that share an item with this one: Σ weight of what they share, and the latest shared item.
    fn find(&self, clicks: &[u32], scratch: &mut Scratch) {
        let latest = clicks.iter().rev().take(self.params.clicks_max).enumerate();
        for (back, &item) in latest {
            let Some(found) = self.found.get(item as usize) else { continue };
            // An item that was clicked twice weighs by its last time.
            if clicks[clicks.len() - back..].contains(&item) {
                continue;
            }
            let weight = (-count(back) / self.params.click_decay).exp();
            let matched = (-count(back) / self.params.match_decay).exp();
            for &(session, place) in found {
                let similarity = &mut scratch.similarity[session as usize];
                if *similarity == 0.0 {
                    scratch.touched.push(session);
                    scratch.matched[session as usize] = (place, matched);
                }
                *similarity += weight;
            }
        }
    }

    /// Leaves the nearest sessions in `touched`, with their similarity.
    fn weigh(&self, now_ms: i64, scratch: &mut Scratch) {
        let Scratch { similarity, touched, .. } = scratch;
        let decay = self.params.age_decay_days * DAY_MS as f64;
        for &session in touched.iter() {
            let age = (now_ms - self.ended_ms[session as usize]).max(0) as f64 / decay;
            let length = count(self.clicks(session).len()).powf(self.params.length_power);
            similarity[session as usize] *= narrow((-age).exp()) / length;
        }
        if touched.len() > self.params.neighbours {
            let order = |one: &u32, other: &u32| {
                let (a, b) = (similarity[*one as usize], similarity[*other as usize]);
                b.total_cmp(&a).then(other.cmp(one))
            };
            touched.select_nth_unstable_by(self.params.neighbours, order);
            for session in touched.drain(self.params.neighbours..) {
                similarity[session as usize] = 0.0;
            }
        }
    }

    /// Items of the neighbours, by their distance from what is shared.
    fn score(&self, scratch: &mut Scratch) {
        let Scratch { similarity, matched, touched, scores, scored } = scratch;
        let step = (-1.0 / self.params.distance_decay).exp();
        // In a fixed order, as sums of floats depend on it.
        touched.sort_unstable();
        for session in touched.drain(..) {
            let (place, weight) = matched[session as usize];
            let similarity = std::mem::take(&mut similarity[session as usize]) * weight;
            let clicks = self.clicks(session);
            let mut add = |item: u32, score: f32| {
                let old = &mut scores[item as usize];
                if *old == 0.0 {
                    scored.push(item);
                }
                *old += score * self.rarity[item as usize];
            };
            let (before, from) = clicks.split_at(place as usize);
            let mut near = similarity;
            // The shared item itself, too: people look at the same thing again.
            for &item in from {
                add(item, near);
                near *= step;
            }
            let mut near = similarity * self.params.backward * step;
            for &item in before.iter().rev() {
                add(item, near);
                near *= step;
            }
        }
    }

    /// Adds what directly followed the last item, as a share of the best score so far.
    fn follow(&self, clicks: &[u32], scratch: &mut Scratch) {
        let Scratch { scores, scored, .. } = scratch;
        let sum: f32 = scored.iter().map(|&item| scores[item as usize]).sum();
        let scale = self.params.successors * if sum > 0.0 { sum } else { 1.0 };
        let successors = clicks.last().and_then(|&last| self.successors.get(last as usize));
        for successor in successors.into_iter().flatten() {
            let old = &mut scores[successor.item as usize];
            if *old == 0.0 {
                scored.push(successor.item);
            }
            *old += scale * successor.score;
        }
    }

    /// Fills a short list with what is popular, below everything else.
    fn complete(&self, mut list: Vec<ItemScore>, k: usize) -> Vec<ItemScore> {
        if list.len() < k {
            let known: Vec<u32> = list.iter().map(|it| it.item).collect();
            let rest =
                self.popular.iter().filter(|item| !known.contains(item)).take(k - known.len());
            list.extend(rest.map(|&item| ItemScore { item, score: 0.0 }));
        }
        list
    }
}

/// The most frequent successors, as shares of all.
fn shares(followed: std::collections::HashMap<u32, f32>) -> Vec<ItemScore> {
    let mut scores: Vec<ItemScore> =
        followed.into_iter().map(|(item, score)| ItemScore { item, score }).collect();
    scores.sort_by_key(|it| it.item);
    let sum: f32 = scores.iter().map(|it| it.score).sum();
    scores.iter_mut().for_each(|it| it.score /= sum);
    best(scores, SUCCESSORS_MAX)
}
