//! The experiments that run in a market, as an answer needs them: which variant a visitor gets, and what that changes.

use std::sync::Arc;

use jiff::Timestamp;
use souk_base::MarketCode;
use souk_commerce::experiments::{Experiment, Exposure, Kind, SEARCH, Variant};
use souk_commerce::recommendation_settings::Goals;
use souk_recommend::experiments::assign;
use souk_recommend::serve::Shop;

use super::Stand;

/// An experiment that runs in a market.
#[derive(Clone, Debug)]
pub(crate) struct Running {
    pub(super) experiment: Arc<Experiment>,
    /// What each variant is answered by.
    pub(super) shops: Vec<Arc<Shop>>,
}

/// How a list is made.
#[derive(Clone, Debug)]
pub(crate) struct Way {
    /// What the placement is for.
    pub(crate) goals: Goals,
    /// Models and lists.
    pub(crate) shop: Arc<Shop>,
    /// Whether what the visitor did counts.
    pub(crate) personalise: bool,
}

/// What a visitor gets at a place.
#[derive(Clone, Debug)]
pub(crate) struct Treatment {
    /// One way, or two that are to be mixed.
    pub(crate) ways: Vec<Way>,
    /// The experiment that decided so; none where nothing is tried on this visitor.
    pub(crate) seen: Option<Seen>,
}

/// That an experiment decided what a visitor gets.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// Which.
    pub(crate) experiment: Arc<Experiment>,
    /// To be written down.
    pub(crate) exposure: Exposure,
}

impl Seen {
    /// The variant; none where two are mixed.
    pub(crate) fn variant(&self) -> Option<&Variant> {
        self.experiment.variants.get(usize::from(self.exposure.variant?))
    }
}

impl Treatment {
    /// Whether what the visitor did counts.
    pub(crate) fn personalise(&self) -> bool {
        self.ways.iter().all(|way| way.personalise)
    }
}

impl Stand {
    /// What a visitor gets at a placement, or in search ([`SEARCH`]). Who is not known by a name gets what everybody gets,
    /// since nothing could be said of them later.
    pub(crate) fn treatment(
        &self,
        market: MarketCode,
        place: &str,
        visitor: Option<&str>,
        now: Timestamp,
    ) -> Treatment {
        let goals =
            if place == SEARCH { Goals::default() } else { self.settings.goals(market, place) };
        let plain = Way { goals, shop: self.shop.clone(), personalise: true };
        let running = self.running(place).zip(visitor.filter(|visitor| !visitor.is_empty()));
        let Some((running, visitor)) = running else {
            return Treatment { ways: vec![plain], seen: None };
        };
        let experiment = running.experiment.clone();
        let ways = experiment.variants.iter().zip(&running.shops).map(|(variant, shop)| Way {
            goals: variant.goals.or(goals),
            shop: shop.clone(),
            personalise: variant.personalise.unwrap_or(true),
        });
        let mut ways: Vec<Way> = ways.collect();
        let variant = match experiment.kind {
            Kind::Interleaving => None,
            Kind::Split => {
                let place = assign(experiment.id.get(), visitor, &experiment.weights());
                ways = ways.drain(place..=place).collect();
                u8::try_from(place).ok()
            }
        };
        let (visitor, time) = (visitor.to_owned(), now);
        let exposure = Exposure { experiment: experiment.id, visitor, market, variant, time };
        Treatment { ways, seen: Some(Seen { experiment, exposure }) }
    }

    /// What is tried at a place.
    fn running(&self, place: &str) -> Option<&Running> {
        self.experiments.iter().find(|it| it.experiment.place == place)
    }
}

#[cfg(test)]
mod tests {
    use souk_commerce::experiments::State;
    use souk_commerce::recommendation_settings::Objective;

    use super::*;

    fn experiment(id: i64, market: Option<&str>, place: &str, kind: Kind) -> Running {
        let margin = Goals { objective: Some(Objective::Margin), ..Goals::default() };
        let tried = Variant { goals: margin, personalise: Some(false), ..Variant::of("b", 1) };
        let experiment = Experiment {
            id: id.into(),
            name: "x".to_owned(),
            market: market.map(|market| market.parse().unwrap()),
            kind,
            place: place.to_owned(),
            variants: vec![Variant::of("a", 1), tried],
            state: State::Running,
            note: String::new(),
            created_at: Timestamp::UNIX_EPOCH,
            started_at: None,
            stopped_at: None,
        };
        let shops = vec![Arc::default(), Arc::default()];
        Running { experiment: Arc::new(experiment), shops }
    }

    fn stand(experiments: Vec<Running>) -> Stand {
        Stand { experiments: Arc::new(experiments), ..Stand::default() }
    }

    fn treated(stand: &Stand, place: &str, visitor: Option<&str>) -> Treatment {
        stand.treatment("KW".parse().unwrap(), place, visitor, Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn a_visitor_keeps_a_variant_and_who_is_unknown_gets_none() {
        let stand = stand(vec![experiment(1, None, "home", Kind::Split)]);

        let mut got = [0, 0];
        for visitor in 0..200 {
            let visitor = visitor.to_string();
            let first = treated(&stand, "home", Some(&visitor));
            let again = treated(&stand, "home", Some(&visitor));
            let variant = first.seen.as_ref().unwrap().exposure.variant.unwrap();
            assert_eq!(again.seen.unwrap().exposure.variant, Some(variant));
            assert_eq!(first.personalise(), variant == 0);
            assert_eq!(first.ways[0].goals.objective.is_some(), variant == 1);
            got[usize::from(variant)] += 1;
        }
        assert!(got[0] > 60 && got[1] > 60, "{got:?}");
        for (place, visitor) in [("home", None), ("home", Some("")), ("cart", Some("v"))] {
            let plain = treated(&stand, place, visitor);
            assert!(plain.seen.is_none() && plain.ways.len() == 1 && plain.personalise());
        }
    }

    #[test]
    fn who_gets_two_rankings_mixed_has_no_variant() {
        let elsewhere = experiment(1, None, "cart", Kind::Split);
        let stand = stand(vec![elsewhere, experiment(2, Some("KW"), "home", Kind::Interleaving)]);

        let treatment = treated(&stand, "home", Some("v"));

        let seen = treatment.seen.unwrap();
        assert_eq!(seen.experiment.id.get(), 2);
        assert_eq!((treatment.ways.len(), seen.exposure.variant), (2, None));
        assert!(seen.variant().is_none());
    }
}
