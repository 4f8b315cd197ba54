//! The models of one market, and how their lists become one.
//!
//! Lists are joined by their places, not their scores, which mean something else in each model: an item gets
//! weight / (8 + place) of each list that has it (Cormack, Clarke, Büttcher, "Reciprocal rank fusion", SIGIR 2009, whose
//! 60 suits lists that are equally good; here a few strong ones lead).

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::expected::Expected;
use super::neighbours::Neighbours;
use super::served::Served;
use super::{History, Placement, Question, Source};
use crate::models::session::Scratch;
use crate::models::{ItemScore, best};
use crate::numbers::count;
use crate::train::{Kept, Kind};

/// Length of one model's list.
const LIST: usize = 100;
/// Length of what the ranker expects.
const EXPECTED: usize = 200;
/// Latest clicks that are asked about.
const CLICKS: usize = 20;
/// Latest purchases that are asked about.
const PURCHASES: usize = 400;
/// Places of a list that weigh about the same.
const FLAT: f32 = 8.0;
/// What a new item's likeness weighs more: nobody has had the time to say anything else of it.
const UNKNOWN: f32 = 2.0;
/// What each click back takes of a click's weight.
const FADING: f32 = 0.85;

/// Everything that one market recommends by.
#[derive(Clone, Debug, Default)]
pub struct Shop {
    /// Trained models.
    pub models: BTreeMap<Kind, Arc<Served>>,
    /// What products say of themselves.
    pub content: Arc<Neighbours>,
    /// What is wanted most, the first first.
    pub wanted: Vec<u32>,
    /// What came last, the newest first.
    pub newest: Vec<u32>,
}

/// An item and what speaks for it.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// Which.
    pub item: u32,
    /// The sum of its parts.
    pub score: f32,
    /// What each source gives it, the most first.
    pub parts: Vec<(Source, f32)>,
}

/// A source's list, the best first, and what it weighs.
type Named = (Source, f32, Vec<u32>);

impl Shop {
    /// Everything that speaks for something, the best first; nothing is left out here that cannot be had.
    #[must_use]
    pub fn candidates(&self, question: &Question<'_>, scratch: &mut Scratch) -> Vec<Candidate> {
        let mut lists = match question.placement {
            Placement::Similar => self.instead(question, scratch),
            Placement::Together | Placement::Cart => self.besides(question),
            Placement::BuyAgain => vec![(Source::Repeat, 1.0, self.again(question))],
            Placement::Trending => vec![(Source::Trending, 1.0, self.trending())],
            Placement::Home | Placement::Category | Placement::Occasion => {
                self.personal(question, scratch)
            }
        };
        // What is left to say when nothing else speaks.
        let is_known = lists.iter().any(|(_, _, items)| !items.is_empty());
        let weight = if is_known { 0.02 } else { 1.0 };
        let wanted = if is_known { self.wanted.len().min(LIST) } else { self.wanted.len() };
        lists.push((Source::Wanted, weight, self.wanted[..wanted].to_vec()));
        lists.push((Source::Newest, weight / 2.0, self.newest.clone()));
        self.joined(lists, question.about)
    }

    /// The kind of customer that a shopper is by their purchases, from 1, the most valuable; none without the model or
    /// without purchases.
    #[must_use]
    pub fn segment(&self, history: &History, now_ms: i64) -> Option<usize> {
        let (_, Kept::Segments(segments)) = self.model(Kind::Segments)? else { return None };
        segments.of(&history.purchases, now_ms)
    }

    /// For this shopper: purchases say more than clicks.
    fn personal(&self, question: &Question<'_>, scratch: &mut Scratch) -> Vec<Named> {
        let clicks: Vec<u32> = question.history.clicks.iter().map(|visit| visit.item).collect();
        let clicks = &clicks[clicks.len().saturating_sub(CLICKS)..];
        let (faded, now_ms) = (faded(clicks), question.now_ms);
        vec![
            (Source::Blend, 1.0, self.of_customer(question.history, now_ms)),
            (Source::Session, 1.0, self.next(clicks, now_ms, scratch)),
            (Source::Alike, 0.6, self.alike(&faded)),
            (Source::Content, 0.5, self.content(&faded)),
        ]
    }

    fn instead(&self, question: &Question<'_>, scratch: &mut Scratch) -> Vec<Named> {
        let about = faded(question.about);
        vec![
            (Source::Content, 1.0, self.content(&about)),
            (Source::Session, 0.8, self.next(question.about, question.now_ms, scratch)),
            (Source::Alike, 0.6, self.alike(&about)),
        ]
    }

    fn besides(&self, question: &Question<'_>) -> Vec<Named> {
        vec![
            (Source::Together, 1.0, self.together(question.about)),
            (Source::Content, 0.1, self.content(&faded(question.about))),
        ]
    }

    fn of_customer(&self, history: &History, now_ms: i64) -> Vec<u32> {
        let expected = self.expected(history, now_ms);
        expected.iter().take(LIST).map(|it| it.item).collect()
    }

    /// What the ranker expects of a shopper's purchases, the best first; nothing of who bought nothing.
    pub(super) fn expected(&self, history: &History, now_ms: i64) -> Expected {
        let Some((served, Kept::Blend(blend))) = self.model(Kind::Blend) else {
            return Expected::default();
        };
        let purchases = &history.purchases;
        let latest = &purchases[purchases.len().saturating_sub(PURCHASES)..];
        history.expected.or_judge(served.id, latest, now_ms, || {
            let visits = served.visits(latest);
            if visits.is_empty() {
                return Vec::new();
            }
            served.items(best(blend.scores(&visits, now_ms), EXPECTED))
        })
    }

    fn next(&self, clicks: &[u32], now_ms: i64, scratch: &mut Scratch) -> Vec<u32> {
        let Some((served, Kept::Session(session))) = self.model(Kind::Session) else {
            return Vec::new();
        };
        let clicks = served.numbers(clicks);
        if clicks.is_empty() {
            return Vec::new();
        }
        let mut next = session.next(&clicks, now_ms, LIST, scratch);
        next.retain(|it| it.score > 0.0);
        named(served, next)
    }

    fn alike(&self, to: &[(u32, f32)]) -> Vec<u32> {
        let Some((served, Kept::Blend(blend))) = self.model(Kind::Blend) else { return Vec::new() };
        let to = to.iter().filter_map(|&(item, times)| Some((served.number(item)?, times)));
        let to: Vec<(u32, f32)> = to.collect();
        if to.is_empty() { Vec::new() } else { named(served, blend.alike(&to, LIST)) }
    }

    fn together(&self, basket: &[u32]) -> Vec<u32> {
        let Some((served, Kept::Together(together))) = self.model(Kind::Together) else {
            return Vec::new();
        };
        let basket = served.numbers(basket);
        if basket.is_empty() {
            return Vec::new();
        }
        let mut scores = together.scores(&basket);
        scores.retain(|it| it.score > 0.0);
        named(served, best(scores, LIST))
    }

    fn again(&self, question: &Question<'_>) -> Vec<u32> {
        let Some((served, Kept::Repeat(repeat))) = self.model(Kind::Repeat) else {
            return Vec::new();
        };
        let visits = served.visits(&question.history.purchases);
        named(served, best(repeat.scores(&visits, question.now_ms), LIST))
    }

    fn trending(&self) -> Vec<u32> {
        let Some((served, Kept::Trending(trending))) = self.model(Kind::Trending) else {
            return Vec::new();
        };
        let mut scores = trending.scores();
        scores.retain(|it| it.score > 0.0);
        named(served, best(scores, LIST))
    }

    fn content(&self, to: &[(u32, f32)]) -> Vec<u32> {
        if to.is_empty() {
            return Vec::new();
        }
        self.content.similar(to, LIST).into_iter().map(|it| it.item).collect()
    }

    /// One order of all lists, without what was asked about.
    fn joined(&self, lists: Vec<Named>, about: &[u32]) -> Vec<Candidate> {
        let length = lists.iter().map(|(_, _, items)| items.len()).sum();
        let mut places: FxHashMap<u32, usize> = FxHashMap::default();
        places.reserve(length);
        let mut candidates: Vec<Candidate> = Vec::with_capacity(length);
        for (source, weight, items) in lists {
            for (rank, item) in items.into_iter().enumerate() {
                if about.contains(&item) {
                    continue;
                }
                let more =
                    if source == Source::Content && self.is_unknown(item) { UNKNOWN } else { 1.0 };
                let part = more * weight / (FLAT + count(rank));
                let place = *places.entry(item).or_insert_with(|| {
                    let parts = Vec::with_capacity(2);
                    candidates.push(Candidate { item, score: 0.0, parts });
                    candidates.len() - 1
                });
                candidates[place].score += part;
                candidates[place].parts.push((source, part));
            }
        }
        for candidate in &mut candidates {
            candidate
                .parts
                .sort_by(|one, other| other.1.total_cmp(&one.1).then(one.0.cmp(&other.0)));
        }
        candidates.sort_unstable_by(|one, other| {
            other.score.total_cmp(&one.score).then(one.item.cmp(&other.item))
        });
        candidates
    }

    /// Whether no model that people taught has met the item.
    fn is_unknown(&self, item: u32) -> bool {
        self.models.values().all(|served| served.number(item).is_none())
    }

    pub(super) fn model(&self, kind: Kind) -> Option<(&Served, &Kept)> {
        let served = self.models.get(&kind)?;
        Some((served, &served.kept))
    }
}

/// The latest weighs 1, each before it less; the same item weighs by its latest time.
fn faded(items: &[u32]) -> Vec<(u32, f32)> {
    let mut faded: Vec<(u32, f32)> = Vec::new();
    let mut weight = 1.0;
    for &item in items.iter().rev() {
        if faded.iter().all(|&(known, _)| known != item) {
            faded.push((item, weight));
        }
        weight *= FADING;
    }
    faded
}

fn named(served: &Served, list: Vec<ItemScore>) -> Vec<u32> {
    served.items(list).into_iter().map(|it| it.item).collect()
}
