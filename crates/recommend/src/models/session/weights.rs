//! Sessions as weights: what is found in them is counted again.

use linfa::ParamGuard;

use super::Session;
use super::hyperparams::{SessionParams, SessionValidParams};
use crate::artifact::{Artefact, Values, Weights, all_below, item_count, of_length, starts};
use crate::error::{Error, Result};
use crate::numbers::{index, narrow};

impl Artefact for Session {
    const NAME: &'static str = "session";

    fn to_weights(&self) -> Weights {
        let it = &self.params;
        let limits = [it.sessions_max, it.neighbours, it.clicks_max].map(index);
        let decays = [it.click_decay, it.match_decay, it.length_power, narrow(it.age_decay_days)];
        let shares = [it.distance_decay, it.backward, it.rarity, it.successors, it.again];
        Weights::default()
            .with_numbers("limits", limits.to_vec())
            .with_floats("parameters", [&decays[..], &shares[..]].concat())
            .with_numbers("item_count", vec![index(self.found.len())])
            .with_numbers("items", self.items.clone())
            .with_numbers("starts", self.starts.clone())
            .with("ended_ms", Values::Times(self.ended_ms.clone()))
    }

    fn from_weights(weights: &Weights) -> Result<Session> {
        let item_count = item_count("item_count", weights.numbers("item_count")?)?;
        let (items, ended_ms) = (weights.numbers("items")?, weights.times("ended_ms")?);
        all_below("items", items, item_count)?;
        let starts = starts("starts", weights.numbers("starts")?, items.len())?;
        of_length("ended_ms", ended_ms, starts.len() - 1)?;
        if ended_ms.is_empty() {
            return Err(Error::damaged("has no sessions"));
        }
        let mut session = Session {
            params: params(weights)?,
            items: items.to_vec(),
            starts: starts.into_iter().map(index).collect(),
            ended_ms: ended_ms.to_vec(),
            found: vec![Vec::new(); item_count],
            successors: Vec::new(),
            rarity: Vec::new(),
            popular: Vec::new(),
        };
        session.count(item_count);
        Ok(session)
    }

    fn item_count(&self) -> usize {
        self.found.len()
    }
}

fn params(weights: &Weights) -> Result<SessionValidParams> {
    let (limits, values) = (weights.numbers("limits")?, weights.floats("parameters")?);
    of_length("limits", limits, 3)?;
    of_length("parameters", values, 9)?;
    SessionParams(SessionValidParams {
        sessions_max: limits[0] as usize,
        neighbours: limits[1] as usize,
        clicks_max: limits[2] as usize,
        click_decay: values[0],
        match_decay: values[1],
        length_power: values[2],
        age_decay_days: values[3].into(),
        distance_decay: values[4],
        backward: values[5],
        rarity: values[6],
        successors: values[7],
        again: values[8],
    })
    .check()
}
