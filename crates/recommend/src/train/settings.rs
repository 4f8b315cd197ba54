//! Parameters by name: what a manifest says of them, and what a search may choose from.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::kept::Kind;
use crate::models::als::AlsParams;
use crate::models::blend::BlendParams;
use crate::models::ease::EaseParams;
use crate::models::popularity::PopularityParams;
use crate::models::repeat::RepeatParams;
use crate::models::session::{self, SessionParams};
use crate::models::together::TogetherParams;
use crate::numbers::{Dice, narrow};

/// Parameters of one model by name; what is not named stays as the model has it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Settings(BTreeMap<String, f64>);

/// A parameter: its name, how it is set, and the values that are worth a try.
type Knob<P> = (&'static str, fn(P, f64) -> P, &'static [f64]);

const POPULARITY: [Knob<PopularityParams>; 1] = [(
    "half_life_days",
    PopularityParams::half_life_days,
    &[3.0, 5.0, 7.0, 10.0, 14.0, 21.0, 30.0, 45.0, 60.0, 90.0, 180.0],
)];
const REPEAT: [Knob<RepeatParams>; 1] = [(
    "half_life_days",
    RepeatParams::half_life_days,
    &[15.0, 30.0, 60.0, 90.0, 120.0, 180.0, 365.0, 1_000.0],
)];
const EASE: [Knob<EaseParams>; 1] = [(
    "l2",
    |params, value| params.l2(narrow(value)),
    &[10.0, 20.0, 50.0, 100.0, 200.0, 300.0, 500.0, 1_000.0],
)];
const ALS: [Knob<AlsParams>; 3] = [
    ("factors", |params, value| params.factors(whole(value)), &[32.0, 64.0, 96.0, 128.0]),
    ("alpha", |params, value| params.alpha(narrow(value)), &[1.0, 2.0, 5.0, 10.0, 20.0, 40.0]),
    ("l2", |params, value| params.l2(narrow(value)), &[0.005, 0.01, 0.02, 0.05, 0.1, 0.2]),
];
const TOGETHER: [Knob<TogetherParams>; 2] = [
    ("l2", |params, value| params.l2(narrow(value)), &[2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0]),
    (
        "length_power",
        |params, value| params.length_power(narrow(value)),
        &[0.0, 0.25, 0.5, 0.75, 1.0],
    ),
];
const BLEND: [Knob<BlendParams>; 2] = [
    (
        "horizon_days",
        |params, value| params.horizon_days(i64::try_from(whole(value)).unwrap_or(i64::MAX)),
        &[14.0, 21.0, 30.0, 45.0],
    ),
    ("negatives", |params, value| params.negatives(whole(value)), &[5.0, 10.0, 15.0, 30.0]),
];

impl Settings {
    /// Whether nothing is named.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Names and values, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, f64)> {
        self.0.iter().map(|(name, &value)| (name.as_str(), value))
    }

    /// What a model was fitted with: these, and what it would have had without them.
    pub(super) fn told(&self, mut parameters: Value) -> Value {
        self.iter().for_each(|(name, value)| parameters[name] = value.into());
        parameters
    }

    pub(super) fn popularity(&self, params: PopularityParams) -> PopularityParams {
        self.set(params, &POPULARITY)
    }

    pub(super) fn repeat(&self, params: RepeatParams) -> RepeatParams {
        self.set(params, &REPEAT)
    }

    pub(super) fn ease(&self, params: EaseParams) -> EaseParams {
        self.set(params, &EASE)
    }

    pub(super) fn als(&self, params: AlsParams) -> AlsParams {
        self.set(params, &ALS)
    }

    pub(super) fn together(&self, params: TogetherParams) -> TogetherParams {
        self.set(params, &TOGETHER)
    }

    pub(super) fn session(&self, params: SessionParams) -> SessionParams {
        self.iter().fold(params, |params, (name, value)| params.with(name, value))
    }

    pub(super) fn blend(&self, params: BlendParams) -> BlendParams {
        self.set(params, &BLEND)
    }

    fn set<P>(&self, params: P, knobs: &[Knob<P>]) -> P {
        knobs.iter().fold(params, |params, (name, set, _)| match self.0.get(*name) {
            Some(&value) => set(params, value),
            None => params,
        })
    }

    /// One of the values that are worth a try for each parameter of a model.
    pub(super) fn drawn(kind: Kind, dice: &mut Dice) -> Settings {
        let choices = choices(kind).into_iter();
        let drawn =
            choices.map(|(name, values)| (name.to_owned(), values[dice.below(values.len())]));
        Settings(drawn.collect())
    }
}

/// A parameter as a count; the values above are.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float's cast saturates"
)]
const fn whole(value: f64) -> usize {
    value as usize
}

/// The parameters of a model that can be searched for, with the values that are worth a try; none where what the model is
/// judged by would make it another: a trend that answers best for everything is what is popular, and more segments always explain more.
pub(super) fn choices(kind: Kind) -> Vec<(&'static str, &'static [f64])> {
    fn of<P>(knobs: &[Knob<P>]) -> Vec<(&'static str, &'static [f64])> {
        knobs.iter().map(|&(name, _, values)| (name, values)).collect()
    }
    match kind {
        Kind::Popularity => of(&POPULARITY),
        Kind::Trending | Kind::Segments => Vec::new(),
        Kind::Repeat => of(&REPEAT),
        Kind::Ease => of(&EASE),
        Kind::Als => of(&ALS),
        Kind::Together => of(&TOGETHER),
        Kind::Session => session::choices().collect(),
        Kind::Blend => of(&BLEND),
    }
}
