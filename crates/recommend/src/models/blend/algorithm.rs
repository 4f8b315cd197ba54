//! Learns both heads on windows of the past, and ranks candidates by them.

use linfa::traits::Fit;
use linfa::{Dataset, DatasetBase, ParamGuard};
use ndarray::{Array1, Array2};

use super::candidates::Sources;
use super::features::{FEATURES, rows};
use super::hyperparams::{BlendParams, BlendValidParams};
use super::statistics::Past;
use crate::error::{Error, Result};
use crate::event::{DAY_MS, Event, Events};
use crate::models::ranker::Ranker;
use crate::models::{ItemScore, Visit, best_above_zero, strongest};
use crate::numbers::{Dice, narrow};
use crate::split::{TemporalCase, window};

/// A window needs as many days before it as it is long, and this many users in it.
const USERS_MIN: usize = 20;

/// What a candidate scores, before its place among them, of a kind that hardly anybody ever took.
const UNTAKEN: f32 = 1e-6;

/// Sources of candidates and the two heads that judge them. A kind that hardly anybody took has none: its candidates
/// come last, in their sources' order.
#[derive(Clone, Debug, PartialEq)]
pub struct Blend {
    pub(super) sources: Sources,
    /// For what was had before.
    pub(super) own: Option<Ranker>,
    /// For what was not.
    pub(super) new: Option<Ranker>,
}

/// Rows of one head.
#[derive(Default)]
struct Lessons {
    features: Vec<f32>,
    taken: Vec<bool>,
}

impl Fit<Events, (), Error> for BlendValidParams {
    type Object = Blend;

    fn fit(&self, dataset: &DatasetBase<Events, ()>) -> Result<Blend> {
        let events = dataset.records();
        let Some((first_ms, last_ms)) = events.span_ms() else {
            return Err(Error::NotEnough { model: "blend", what: "rows", least: 1, given: 0 });
        };
        let now_ms = self.now_ms.unwrap_or(last_ms + 1);
        let horizon_ms = self.horizon_days * DAY_MS;
        let (mut own, mut new) = (Vec::new(), Vec::new());
        for window_back in (1..).take(self.windows) {
            let cut_ms = now_ms - window_back * horizon_ms;
            if cut_ms - first_ms < horizon_ms {
                break;
            }
            let (train, cases) = window(events, i64::MIN, cut_ms, cut_ms + horizon_ms);
            if cases.len() >= USERS_MIN {
                let sources = Sources::fit(&train, cut_ms, self)?;
                learn(&sources, &train, &cases, cut_ms, (&mut own, &mut new));
            }
        }
        let sources = Sources::fit(&events.between(i64::MIN, now_ms), now_ms, self)?;
        match (self.head(own), self.head(new)) {
            (Err(error), Err(_)) => Err(error),
            (own, new) => Ok(Blend { sources, own: own.ok(), new: new.ok() }),
        }
    }
}

/// Candidates of one user in one window, with what became of them.
type Lesson = (Vec<f32>, Vec<bool>);

/// Collects what one window teaches each head.
fn learn(
    sources: &Sources,
    train: &Events,
    cases: &[TemporalCase],
    cut_ms: i64,
    (own, new): (&mut Vec<Lesson>, &mut Vec<Lesson>),
) {
    for case in cases {
        let past = Past::of(train.of(case.user as usize), cut_ms);
        let said = sources.say(&past);
        let candidates = sources.candidates(&past, &said);
        let rows = rows(sources, &past, &said, &candidates);
        let (mut of_own, mut of_new) = (Lesson::default(), Lesson::default());
        for (place, item) in candidates.iter().enumerate() {
            let lesson = if rows.own[place] { &mut of_own } else { &mut of_new };
            lesson.0.extend(&rows.features[place * FEATURES..(place + 1) * FEATURES]);
            lesson.1.push(case.relevant.binary_search(item).is_ok());
        }
        own.push(of_own);
        new.push(of_new);
    }
}

impl BlendValidParams {
    /// Fits one head on its lessons, with a part of what was not taken.
    fn head(&self, lessons: Vec<Lesson>) -> Result<Ranker> {
        let outcomes = || lessons.iter().flat_map(|lesson| &lesson.1);
        let positives = outcomes().filter(|&&taken| taken).count();
        let negatives = outcomes().count() - positives;
        let kept = (positives * self.negatives) as f64 / negatives.max(1) as f64;
        let kept = kept.clamp(1e-6, 1.0);
        let mut dice = Dice::new(self.seed);
        let mut learned = Lessons::default();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a share of a million"
        )]
        let share = (kept * 1e6).ceil() as usize;
        for (features, outcomes) in lessons {
            for (row, taken) in features.chunks_exact(FEATURES).zip(outcomes) {
                if taken || dice.below(1_000_000) < share {
                    learned.features.extend(row);
                    learned.taken.push(taken);
                }
            }
        }
        let shape = (learned.taken.len(), FEATURES);
        let features = Array2::from_shape_vec(shape, learned.features);
        let features = features.expect("every row has the same features");
        let dataset = Dataset::new(features, Array1::from_vec(learned.taken));
        Ranker::params().negatives_kept(narrow(kept)).check()?.fit(&dataset)
    }
}

impl Blend {
    /// Parameters to fit it with.
    #[must_use]
    pub fn params() -> BlendParams {
        BlendParams::default()
    }

    /// What buyers of these (item, weight) say of every item.
    #[must_use]
    pub fn taste(&self, of: &[(u32, f32)]) -> Vec<f32> {
        self.sources.users.scores(of)
    }

    /// What buyers of these (item, weight) buy, the best `k` for which something speaks.
    #[must_use]
    pub fn alike(&self, to: &[(u32, f32)], k: usize) -> Vec<ItemScore> {
        best_above_zero(&self.sources.users.scores(to), k)
    }

    /// The one of these items that says most for another; none when none speaks for it.
    #[must_use]
    pub fn because(&self, of: &[u32], item: u32) -> Option<u32> {
        strongest(of, |of| self.sources.weight(of, item))
    }

    /// Candidates for a history, the oldest visit first, each with the probability that it is taken next.
    #[must_use]
    pub fn scores(&self, history: &[Visit], now_ms: i64) -> Vec<ItemScore> {
        let row = |visit: &Visit| Event { user: 0, item: visit.item, time_ms: visit.time_ms };
        let past = Past::of(&history.iter().map(row).collect::<Vec<_>>(), now_ms);
        let said = self.sources.say(&past);
        let candidates = self.sources.candidates(&past, &said);
        let rows = rows(&self.sources, &past, &said, &candidates);
        let mut room = Vec::new();
        let features = rows.features.chunks_exact(FEATURES);
        let judged = candidates.iter().zip(features).zip(rows.own).enumerate();
        let judged = judged.map(|(place, ((&item, row), own))| {
            let score = match if own { &self.own } else { &self.new } {
                Some(head) => head.probability(head.score(row, &mut room)),
                None => UNTAKEN / narrow((place + 1) as f64),
            };
            ItemScore { item, score }
        });
        judged.collect()
    }
}
