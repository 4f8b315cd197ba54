//! The blend as weights: its sources and its heads.

use super::algorithm::Blend;
use super::candidates::Sources;
use super::features::FEATURES;
use super::statistics::ItemStatistics;
use crate::artifact::{Artefact, Weights, all_below, all_once, of_length};
use crate::error::{Error, Result};
use crate::models::ease::Ease;
use crate::models::ranker::Ranker;

impl Artefact for Blend {
    const NAME: &'static str = "blend";

    fn to_weights(&self) -> Weights {
        let heads = [("own", &self.own), ("new", &self.new)];
        let heads = heads.into_iter().filter_map(|(part, head)| Some((part, head.as_ref()?)));
        heads.fold(self.sources.to_weights(), |weights, (part, head)| {
            weights.with_part(part, head.to_weights())
        })
    }

    fn from_weights(weights: &Weights) -> Result<Blend> {
        let head = |part: &str| {
            let head = weights.part(part).map(|part| Ranker::from_weights(&part)).transpose()?;
            match &head {
                Some(head) if head.features() != FEATURES => {
                    let given = head.features();
                    Err(Error::damaged(format!("has a head of {given} features, not {FEATURES}")))
                }
                _ => Ok(head),
            }
        };
        let (own, new) = (head("own")?, head("new")?);
        if own.is_none() && new.is_none() {
            return Err(Error::damaged("has no head"));
        }
        Ok(Blend { sources: Sources::from_weights(weights)?, own, new })
    }

    fn item_count(&self) -> usize {
        self.sources.items.len()
    }
}

impl Sources {
    fn to_weights(&self) -> Weights {
        let items = self.items.iter().flat_map(|item| item.to_floats());
        Weights::default()
            .with_floats("items", items.collect())
            .with_numbers("selling", self.selling.clone())
            .with_numbers("spreading", self.spreading.clone())
            .with_part("users", self.users.to_weights())
            .with_part("lately", self.lately.to_weights())
            .with_part("visits", self.visits.to_weights())
    }

    fn from_weights(weights: &Weights) -> Result<Sources> {
        let floats = weights.floats("items")?;
        let (items, rest) = floats.as_chunks::<{ ItemStatistics::FLOATS }>();
        of_length("items", rest, 0)?;
        let numbers = |name: &str| {
            all_below(name, weights.numbers(name)?, items.len())?;
            all_once(name, weights.numbers(name)?)?;
            weights.numbers(name).map(<[u32]>::to_vec)
        };
        let ease = |part: &str| {
            let ease = Ease::from_weights(&weights.needed(part)?)?;
            if ease.item_count() != items.len() {
                let (given, items) = (ease.item_count(), items.len());
                return Err(Error::damaged(format!(
                    "has {given} items in \"{part}\", not {items}"
                )));
            }
            Ok(ease)
        };
        Ok(Sources {
            selling: numbers("selling")?,
            spreading: numbers("spreading")?,
            users: ease("users")?,
            lately: ease("lately")?,
            visits: ease("visits")?,
            items: items.iter().map(ItemStatistics::of_floats).collect(),
        })
    }
}
