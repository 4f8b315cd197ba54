//! Queries that many shoppers mean, to be suggested to others.

use std::collections::HashMap;

use crate::{CityId, Lang, MarketCode};

/// A query that several visitors mean.
#[derive(Clone, Debug, PartialEq)]
pub struct PopularQuery {
    /// As the last of them typed it.
    pub text: String,
    /// The one spelling that it is counted in, to compare with.
    pub folded: String,
    /// How often it is meant, lately and with a choice counting more.
    pub weight: f64,
}

/// Popular queries by market, language and city. Immutable: a newer one replaces it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PopularQueries {
    /// The heaviest first; without a city those of the whole market.
    pub lists: HashMap<(MarketCode, Lang, Option<CityId>), Vec<PopularQuery>>,
}

impl PopularQueries {
    /// Those of a city, the heaviest first, then those of the whole market; a query may come in both.
    pub fn of(
        &self,
        market: MarketCode,
        lang: Lang,
        city: Option<CityId>,
    ) -> impl Iterator<Item = &PopularQuery> {
        let of = move |city| self.lists.get(&(market, lang, city)).into_iter().flatten();
        city.into_iter().flat_map(move |city| of(Some(city))).chain(of(None))
    }
}
