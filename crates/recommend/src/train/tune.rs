//! Chooses parameters by trying them: random search, which finds in few trials what a grid of the same length passes by
//! (Bergstra, Bengio, "Random search for hyper-parameter optimization", JMLR 2012).
//!
//! *Invariants*: the days that a version is judged by are never seen: the training time has its own last days to be asked
//! about; the same data, seed and number of trials choose the same.

use serde::Serialize;

use super::data::Data;
use super::judge::{Judged, judge};
use super::kept::Kind;
use super::settings::{Settings, choices};
use super::{Size, before, cut, fit};
use crate::error::{Error, Result};
use crate::event::Events;
use crate::metrics::mean;
use crate::numbers::Dice;

/// Draws of something new before the values are taken to be used up.
const DRAWS_MAX: usize = 100;

/// One setting, tried.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Trial {
    /// What was tried.
    pub parameters: Settings,
    /// What the held-back part of the training time said; none where nothing could be fitted.
    pub value: Option<f64>,
}

/// A search that has ended.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Search {
    /// What is measured.
    pub metric: &'static str,
    /// What was tried, in order; the first is what would have been used without a search.
    pub trials: Vec<Trial>,
    /// Place of the best; of several the first.
    pub best: usize,
}

impl Search {
    /// The parameters to train with.
    #[must_use]
    pub fn chosen(&self) -> &Settings {
        &self.trials[self.best].parameters
    }
}

/// Whether there is anything to choose for a model.
#[must_use]
pub fn is_tunable(kind: Kind) -> bool {
    !choices(kind).is_empty()
}

/// Tries `present` and then others as long as `goes_on` says so of what was tried, and there is something new to try.
///
/// # Errors
/// [`Error::NotEnough`] when the training time says too little for this model, or nobody can be asked at its end.
pub fn tune(
    kind: Kind,
    data: &Data,
    size: Size,
    present: &Settings,
    seed: u64,
    goes_on: &mut dyn FnMut(&[Trial]) -> bool,
) -> Result<Search> {
    let training = training(kind, data)?;
    let Some(span_ms) = training.of(kind).span_ms() else { return Err(too_little(kind)) };
    let cut_ms = cut(span_ms);
    let earlier = before(&training, kind, cut_ms);
    let (mut dice, mut trials) = (Dice::new(seed), Vec::new());
    let mut metric = "";
    let mut next = Some(present.clone());
    while let Some(parameters) = next {
        let judged = try_out(kind, &training, &earlier, cut_ms, size, &parameters)?;
        metric = judged.as_ref().map_or(metric, |judged| judged.metric);
        let value = judged.map(|judged| mean(&judged.values));
        trials.push(Trial { parameters, value });
        next = if goes_on(&trials) { untried(kind, &trials, &mut dice) } else { None };
    }
    Ok(Search { metric, best: best(&trials), trials })
}

/// Everything before the days that a version is judged by.
fn training(kind: Kind, data: &Data) -> Result<Data> {
    let span_ms = data.of(kind).span_ms().ok_or_else(|| too_little(kind))?;
    let cut_ms = cut(span_ms);
    Ok(Data {
        purchases: before(data, Kind::Popularity, cut_ms),
        baskets: before(data, Kind::Together, cut_ms),
        sessions: before(data, Kind::Session, cut_ms),
        items: data.items.clone(),
    })
}

/// What the last days of the training time say of a fit without them; none where the arithmetic broke down.
fn try_out(
    kind: Kind,
    training: &Data,
    earlier: &Events,
    cut_ms: i64,
    size: Size,
    parameters: &Settings,
) -> Result<Option<Judged>> {
    let kept = match fit(kind, earlier, cut_ms, size, parameters) {
        Ok((kept, _)) => kept,
        Err(Error::Numbers { .. }) => return Ok(None),
        Err(error) => return Err(error),
    };
    let judged = judge(&kept, None, training, cut_ms);
    if judged.values.is_empty() { Err(too_little(kind)) } else { Ok(Some(judged)) }
}

fn untried(kind: Kind, trials: &[Trial], dice: &mut Dice) -> Option<Settings> {
    let mut drawn = (0..DRAWS_MAX).map(|_| Settings::drawn(kind, dice));
    drawn.find(|drawn| trials.iter().all(|trial| trial.parameters != *drawn))
}

fn best(trials: &[Trial]) -> usize {
    let value = |place: usize| trials[place].value.unwrap_or(f64::NEG_INFINITY);
    let places = 0..trials.len();
    places.reduce(|best, place| if value(place) > value(best) { place } else { best }).unwrap_or(0)
}

const fn too_little(kind: Kind) -> Error {
    let what = "days to ask about within the training time";
    Error::NotEnough { model: kind.name(), what, least: 1, given: 0 }
}
