//! Chooses parameters for a shop's own sessions: on an inner split in time, so that no test is touched.

use linfa::traits::Fit;
use linfa::{DatasetBase, ParamGuard};

use super::algorithm::{Scratch, Session};
use super::hyperparams::{SessionParams, SessionValidParams};
use crate::error::Result;
use crate::event::Events;
use crate::metrics;
use crate::numbers::narrow;

/// Of all sessions, the latest share that is asked about.
const ASKED: f64 = 0.1;
/// Questions that are asked of one setting.
const QUESTIONS_MAX: usize = 4_000;
/// Times that all parameters are gone through.
const ROUNDS: usize = 2;

/// Name of one parameter, how it is set, and values.
type Choice = (&'static str, fn(&mut SessionValidParams, f32), &'static [f64]);

/// What is tried, one parameter after the other.
const CHOICES: [Choice; 9] = [
    ("distance_decay", |it, value| it.distance_decay = value, &[1.0, 1.8, 2.5, 4.0, 8.0]),
    ("click_decay", |it, value| it.click_decay = value, &[1.0, 2.0, 4.0, 8.0]),
    ("match_decay", |it, value| it.match_decay = value, &[0.5, 1.0, 2.0, 4.0]),
    ("length_power", |it, value| it.length_power = value, &[0.0, 0.25, 0.5]),
    (
        "age_decay_days",
        |it, value| it.age_decay_days = f64::from(value),
        &[2.5, 5.0, 15.0, 40.0, 120.0],
    ),
    ("again", |it, value| it.again = value, &[0.1, 0.3, 0.6, 1.0, 1.5]),
    ("backward", |it, value| it.backward = value, &[0.5, 0.75, 1.0]),
    ("rarity", |it, value| it.rarity = value, &[0.0, 0.5, 2.0, 5.0]),
    ("successors", |it, value| it.successors = value, &[0.0, 0.08, 0.15, 0.3, 0.6]),
];

/// Parameters that can be searched for, with the values that are worth a try.
pub(crate) fn choices() -> impl Iterator<Item = (&'static str, &'static [f64])> {
    CHOICES.into_iter().map(|(name, _, values)| (name, values))
}

impl SessionParams {
    /// One parameter set by its name; a name that none has changes nothing.
    #[must_use]
    pub(crate) fn with(mut self, name: &str, value: f64) -> SessionParams {
        if let Some((_, set, _)) = CHOICES.iter().find(|choice| choice.0 == name) {
            set(&mut self.0, narrow(value));
        }
        self
    }

    /// The parameters that answer the latest of these sessions best, fitted on the earlier ones.
    ///
    /// Best is HR@20 + MRR@20; each parameter is varied in turn, twice. Costs some 80 fits and questions.
    ///
    /// # Errors
    /// When there are no sessions of two clicks on both sides of the split.
    pub fn tuned(self, events: &Events) -> Result<SessionParams> {
        let mut ended: Vec<i64> = (0..events.user_count())
            .filter_map(|session| events.of(session).last().map(|row| row.time_ms))
            .collect();
        ended.sort_unstable();
        #[expect(clippy::cast_possible_truncation, reason = "a share of a length")]
        let place = (ended.len() as f64 * (1.0 - ASKED)) as usize;
        let Some(&cut_ms) = ended.get(place) else { return Ok(self) };
        let (earlier, later) = halves(events, cut_ms);
        let dataset = DatasetBase::new(earlier, ());
        let mut chosen = self;
        let mut quality = quality_of(&chosen, &dataset, &later)?;
        for (name, _, values) in std::iter::repeat_n(CHOICES, ROUNDS).flatten() {
            for &value in values {
                let tried = chosen.clone().with(name, value);
                let reached = quality_of(&tried, &dataset, &later)?;
                if tried != chosen && reached > quality {
                    (chosen, quality) = (tried, reached);
                }
            }
        }
        Ok(chosen)
    }
}

/// Sessions that ended before the instant, and those that ended later.
fn halves(events: &Events, cut_ms: i64) -> (Events, Events) {
    let (mut earlier, mut later) = (Vec::new(), Vec::new());
    for session in 0..events.user_count() {
        let rows = events.of(session);
        let is_earlier = rows.last().is_some_and(|row| row.time_ms < cut_ms);
        if is_earlier { &mut earlier } else { &mut later }.extend_from_slice(rows);
    }
    let of = |rows| Events::new(rows, events.user_count(), events.item_count());
    (of(earlier), of(later))
}

/// HR@20 + MRR@20 over at most [`QUESTIONS_MAX`] next clicks.
fn quality_of(
    params: &SessionParams,
    earlier: &DatasetBase<Events, ()>,
    later: &Events,
) -> Result<f64> {
    let model: Session = params.check_ref()?.fit(earlier)?;
    let mut scratch = Scratch::default();
    let (mut sum, mut asked) = (0.0, 0_usize);
    'all: for session in 0..later.user_count() {
        let rows = later.of(session);
        let clicks: Vec<u32> = rows.iter().map(|row| row.item).collect();
        for next in 1..clicks.len() {
            let list = model.next(&clicks[..next], rows[next - 1].time_ms, 20, &mut scratch);
            let list: Vec<u32> = list.iter().map(|it| it.item).collect();
            let wanted = [clicks[next]];
            sum += metrics::hit(&list, &wanted, 20) + metrics::reciprocal_rank(&list, &wanted, 20);
            asked += 1;
            if asked == QUESTIONS_MAX {
                break 'all;
            }
        }
    }
    Ok(sum / asked.max(1) as f64)
}
