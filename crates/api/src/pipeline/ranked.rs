//! From what can be had to a list: what each product is worth to the shop, what rules say of it, and how mixed the list is.

use std::collections::{BTreeMap, HashSet};

use rustc_hash::FxHashMap;
use souk_base::{CategoryId, SellerId};
use souk_commerce::recommendation_settings::{self as settings, Goals};
use souk_recommend::serve::{Candidate, Objective, Placement, Source};

/// What each product of the same category before it takes of a product's score.
const SAME_CATEGORY: f32 = 0.8;
/// The same of the same seller.
const SAME_SELLER: f32 = 0.97;

/// A candidate that can be had.
pub(super) struct Choice {
    pub(super) candidate: Candidate,
    pub(super) category: Option<CategoryId>,
    pub(super) seller: SellerId,
    /// Its price in minor units.
    pub(super) minor: i64,
    /// What its score is multiplied by for what it brings to the shop.
    pub(super) objective: f32,
    /// The same for what rules say.
    pub(super) rules: f32,
    /// The same for what is on the list before it.
    pub(super) variety: f32,
    /// What it is on the list for, besides its score.
    pub(super) granted: Option<Granted>,
}

/// Why something is on a list that its score would not have put there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Granted {
    /// Another seller had none.
    Fairness,
    /// Nobody knows it yet.
    Exploration,
}

impl Choice {
    /// A candidate as its models have it.
    pub(super) const fn new(
        candidate: Candidate,
        category: Option<CategoryId>,
        seller: SellerId,
        minor: i64,
    ) -> Choice {
        let (objective, rules, variety) = (1.0, 1.0, 1.0);
        Choice { candidate, category, seller, minor, objective, rules, variety, granted: None }
    }

    /// One that no model speaks for.
    pub(super) fn of(
        item: u32,
        source: Source,
        category: Option<CategoryId>,
        (seller, minor): (SellerId, i64),
    ) -> Choice {
        let candidate = Candidate { item, score: 0.0, parts: vec![(source, 0.0)] };
        Choice::new(candidate, category, seller, minor)
    }

    /// What it is worth before anything else is on the list.
    fn score(&self) -> f32 {
        self.candidate.score * self.objective * self.rules
    }

    /// What each source gave, and what that was multiplied by.
    pub(super) fn explained(&self) -> BTreeMap<&'static str, f32> {
        let parts = self.candidate.parts.iter().map(|&(source, part)| (source.name(), part));
        let factors = [
            ("objective_factor", self.objective),
            ("rules_factor", self.rules),
            ("variety_factor", self.variety),
        ];
        let granted = self.granted.map(|granted| match granted {
            Granted::Fairness => ("fairness", 1.0),
            Granted::Exploration => ("exploration", 1.0),
        });
        parts.chain(factors).chain(granted).collect()
    }
}

/// What a list is to be like: what its placement is set to, else what it is by itself.
#[derive(Clone, Copy, Debug)]
pub(super) struct Taste {
    pub(super) objective: Objective,
    pub(super) new_places: usize,
    same_category: f32,
    sellers_min: usize,
}

impl Taste {
    /// What a placement's goals make of it.
    pub(super) fn of(placement: Placement, goals: Goals) -> Taste {
        // Where likeness is the point, another category is no gain.
        let is_alike =
            matches!(placement, Placement::Similar | Placement::BuyAgain | Placement::Category);
        let by_itself = if is_alike { 1.0 } else { SAME_CATEGORY };
        let new_places = goals.new_places.unwrap_or(u8::from(placement == Placement::Home));
        Taste {
            objective: match goals.objective.unwrap_or_default() {
                settings::Objective::Clicks => Objective::Clicks,
                settings::Objective::Conversion => Objective::Conversion,
                settings::Objective::Revenue => Objective::Revenue,
                settings::Objective::Margin => Objective::Margin,
            },
            new_places: new_places.into(),
            same_category: goals.diversity.map_or(by_itself, |share| 1.0 - share),
            sellers_min: goals.sellers_min.unwrap_or(0).into(),
        }
    }

    /// The best `count`: each category and seller the weaker the more of it there is already, and of as many sellers as are
    /// asked for.
    pub(super) fn choose(&self, mut choices: Vec<Choice>, count: usize) -> Vec<Choice> {
        let mut chosen: Vec<Choice> = Vec::with_capacity(count);
        let mut categories: FxHashMap<CategoryId, f32> = FxHashMap::default();
        let mut sellers: FxHashMap<SellerId, f32> = FxHashMap::default();
        while chosen.len() < count && !choices.is_empty() {
            let variety = |choice: &Choice| {
                let category = choice.category.and_then(|id| categories.get(&id)).unwrap_or(&1.0);
                category * sellers.get(&choice.seller).unwrap_or(&1.0)
            };
            let worth = |choice: &Choice| choice.score() * variety(choice);
            let worths = choices.iter().map(worth).enumerate();
            let best =
                worths.max_by(|one, other| one.1.total_cmp(&other.1).then(other.0.cmp(&one.0)));
            let mut choice = choices.remove(best.map_or(0, |(place, _)| place));
            choice.variety = variety(&choice);
            if let Some(id) = choice.category {
                *categories.entry(id).or_insert(1.0) *= self.same_category;
            }
            *sellers.entry(choice.seller).or_insert(1.0) *= SAME_SELLER;
            chosen.push(choice);
        }
        self.give_sellers_a_place(&mut chosen, choices);
        chosen
    }

    /// Gives the last places of those who have several to sellers who have none, the best of theirs.
    fn give_sellers_a_place(&self, chosen: &mut [Choice], mut rest: Vec<Choice>) {
        rest.sort_by(|one, other| other.score().total_cmp(&one.score()));
        for mut choice in rest {
            let sellers: HashSet<SellerId> = chosen.iter().map(|it| it.seller).collect();
            if sellers.len() >= self.sellers_min.min(chosen.len()) {
                return;
            }
            if sellers.contains(&choice.seller) {
                continue;
            }
            let has_several =
                |it: &Choice| chosen.iter().filter(|of| of.seller == it.seller).count() > 1;
            let Some(place) = chosen.iter().rposition(has_several) else { return };
            choice.granted = Some(Granted::Fairness);
            chosen[place] = choice;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choice(item: u32, score: f32, category: i64, seller: i64) -> Choice {
        let candidate = Candidate { item, score, parts: Vec::new() };
        Choice::new(candidate, Some(category.into()), seller.into(), 100)
    }

    fn items(taste: &Taste, choices: Vec<Choice>, count: usize) -> Vec<u32> {
        taste.choose(choices, count).iter().map(|it| it.candidate.item).collect()
    }

    fn choices() -> Vec<Choice> {
        vec![
            choice(1, 1.0, 1, 1),
            choice(2, 0.9, 1, 1),
            choice(3, 0.8, 1, 1),
            choice(4, 0.5, 2, 1),
            choice(5, 0.1, 2, 2),
        ]
    }

    #[test]
    fn a_list_is_as_mixed_as_its_placement_is_set_to() {
        let of = |diversity| {
            Taste::of(Placement::Home, Goals { diversity: Some(diversity), ..Goals::default() })
        };

        assert_eq!(items(&of(0.0), choices(), 3), [1, 2, 3]);
        assert_eq!(items(&of(0.6), choices(), 3), [1, 4, 2]);
        let similar = Taste::of(Placement::Similar, Goals::default());
        assert_eq!(items(&similar, choices(), 3), [1, 2, 3], "likeness is the point");
    }

    #[test]
    fn a_seller_who_has_none_gets_the_last_place_of_one_who_has_several() {
        let goals = Goals { sellers_min: Some(3), diversity: Some(0.0), ..Goals::default() };

        let chosen = Taste::of(Placement::Home, goals).choose(choices(), 3);

        let items: Vec<u32> = chosen.iter().map(|it| it.candidate.item).collect();
        assert_eq!(items, [1, 2, 5], "there are only two sellers");
        assert_eq!(chosen[2].granted, Some(Granted::Fairness));
        assert!(chosen[2].explained().contains_key("fairness"));
        assert_eq!(items.len(), 3);
    }

    #[test]
    fn what_a_product_brings_and_what_rules_say_move_it() {
        let taste = Taste::of(Placement::Similar, Goals::default());
        let mut choices = choices();
        choices[0].rules = 0.5;
        choices[3].objective = 3.0;

        assert_eq!(items(&taste, choices, 3), [4, 2, 3]);
    }
}
