//! From what happened to a model that can be kept: fit on the past, ask about the last days, fit on everything.
//!
//! *Invariants*: the figures of a version come from a fit that saw nothing of what it was asked about; the version
//! itself is fitted on everything; whoever compares two models asks both the same.

mod data;
mod judge;
mod kept;
mod settings;
mod tune;

use linfa::traits::Fit;
use linfa::{DatasetBase, ParamGuard};
use serde_json::{Value, json};

pub use data::{Data, Gathering};
pub use judge::{Comparison, Judged, compare, is_below, judge};
pub use kept::{Kept, Kind};
pub use settings::Settings;
pub use tune::{Search, Trial, is_tunable, tune};

use crate::error::{Error, Result};
use crate::event::{DAY_MS, Events};
use crate::interactions::Interactions;
use crate::models::als::Als;
use crate::models::blend::Blend;
use crate::models::ease::Ease;
use crate::models::popularity::Popularity;
use crate::models::repeat::Repeat;
use crate::models::segments::Segments;
use crate::models::session::Session;
use crate::models::together::Together;
use crate::models::trending::Trending;

/// Longest time that is held back to be asked about.
const HORIZON_MAX_DAYS: i64 = 30;
/// Share of the data's time that is held back, where that is less.
const HORIZON_SHARE: i64 = 5;
/// Days after which a buyer counts half for what is popular.
const POPULAR_DAYS: f64 = 30.0;

/// How large models may become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// The most-used items that the models with a cubic cost are fitted on.
    pub items_max: usize,
    /// Windows of the past that the blend's heads learn on.
    pub windows: usize,
    /// Whether parameters are chosen on the shop's own data, where the model can.
    pub tuned: bool,
}

impl Size {
    /// What a demonstration needs: fitted in seconds.
    pub const SMALL: Size = Size { items_max: 1_000, windows: 1, tuned: false };
}

impl Default for Size {
    fn default() -> Size {
        Size { items_max: 5_000, windows: 3, tuned: true }
    }
}

/// A fitted model and how good its like was.
#[derive(Clone, Debug)]
pub struct Trained {
    /// The model, of all data.
    pub kept: Kept,
    /// What the held-back days said of a fit without them; none where nobody could be asked.
    pub judged: Option<Judged>,
    /// Rows of the data.
    pub rows: usize,
    /// The first and the last instant of the data.
    pub span_ms: (i64, i64),
    /// Parameters, by name.
    pub parameters: Value,
}

/// Fits a model with these parameters on everything before `now_ms`, and says how one without the last days would have answered for them.
///
/// # Errors
/// [`Error::NotEnough`] when the data says too little for this model.
pub fn train(
    kind: Kind,
    data: &Data,
    now_ms: i64,
    size: Size,
    settings: &Settings,
) -> Result<Trained> {
    let events = data.of(kind);
    let Some(span_ms) = events.span_ms() else {
        let (what, least) = (kind.rows(), 1);
        return Err(Error::NotEnough { model: kind.name(), what, least, given: 0 });
    };
    let cut_ms = cut(span_ms);
    // Too little before the cut is no reason not to fit on everything.
    let judged = match fit(kind, &before(data, kind, cut_ms), cut_ms, size, settings) {
        Ok((kept, _)) => Some(judge(&kept, None, data, cut_ms)).filter(|it| !it.values.is_empty()),
        Err(Error::NotEnough { .. }) => None,
        Err(error) => return Err(error),
    };
    let (kept, parameters) = fit(kind, events, now_ms, size, settings)?;
    Ok(Trained { kept, judged, rows: events.rows().len(), span_ms, parameters })
}

/// The instant from which on a model is asked: a fifth of the time before the end, at most thirty days.
#[must_use]
pub fn cut((first_ms, last_ms): (i64, i64)) -> i64 {
    last_ms + 1 - ((last_ms - first_ms) / HORIZON_SHARE).min(HORIZON_MAX_DAYS * DAY_MS)
}

/// Fits a model on these rows; gives its parameters besides, those that were not set included where they follow from
/// more than the model.
///
/// # Errors
/// [`Error::NotEnough`] when the rows say too little for this model.
pub fn fit(
    kind: Kind,
    events: &Events,
    now_ms: i64,
    size: Size,
    settings: &Settings,
) -> Result<(Kept, Value)> {
    let dataset = DatasetBase::new(events.clone(), ());
    let users = || DatasetBase::new(Interactions::once(events), ());
    let (kept, parameters) = match kind {
        Kind::Popularity => {
            let params = Popularity::params().half_life_days(POPULAR_DAYS).now_ms(now_ms);
            let fitted = settings.popularity(params).fit(&dataset)?;
            (Kept::Popularity(fitted), json!({ "half_life_days": POPULAR_DAYS }))
        }
        Kind::Trending => {
            let trending = Trending::params().now_ms(now_ms).check()?.fit(&dataset)?;
            (Kept::Trending(trending), json!({}))
        }
        Kind::Repeat => (Kept::Repeat(settings.repeat(Repeat::params()).fit(&dataset)?), json!({})),
        Kind::Ease => {
            let params = settings.ease(Ease::params().items_max(size.items_max)).check()?;
            (Kept::Ease(params.fit(&users())?), json!({ "items_max": size.items_max }))
        }
        Kind::Als => (Kept::Als(settings.als(Als::params()).check()?.fit(&users())?), json!({})),
        Kind::Together => {
            let params = settings.together(Together::params().items_max(size.items_max)).check()?;
            (Kept::Together(params.fit(&dataset)?), json!({ "items_max": size.items_max }))
        }
        Kind::Session => {
            let tuned = size.tuned && settings.is_empty();
            let params = settings.session(Session::params());
            let params = if tuned { params.tuned(events)? } else { params };
            (Kept::Session(Box::new(params.fit(&dataset)?)), json!({ "tuned": tuned }))
        }
        Kind::Blend => {
            let params = Blend::params().now_ms(now_ms).items_max(size.items_max);
            let params = settings.blend(params.windows(size.windows)).check()?;
            (Kept::Blend(Box::new(params.fit(&dataset)?)), json!({ "items_max": size.items_max }))
        }
        Kind::Segments => {
            let segments = Segments::params().now_ms(now_ms).check()?.fit(&dataset)?;
            let parameters = json!({ "segments": segments.len() });
            (Kept::Segments(segments), parameters)
        }
    };
    Ok((kept, settings.told(parameters)))
}

/// A model's rows before an instant; of sessions and baskets those that began before it, whole.
#[must_use]
pub fn before(data: &Data, kind: Kind, cut_ms: i64) -> Events {
    let events = data.of(kind);
    if !kind.is_of_groups() {
        return events.between(i64::MIN, cut_ms);
    }
    let groups = (0..events.user_count()).map(|group| events.of(group));
    let earlier = groups.filter(|rows| rows.first().is_some_and(|row| row.time_ms < cut_ms));
    let rows = earlier.flatten().copied().collect();
    Events::new(rows, events.user_count(), events.item_count())
}

#[cfg(test)]
mod tests;
