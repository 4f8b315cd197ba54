//! Where a price of a file holds, and where its stock can lie.

use std::collections::HashSet;

use souk_base::{Currency, Market, MarketCode};

use crate::{Error, Result};

/// The served markets and cities, and the market that a plain price is meant for.
pub(super) struct Pricing {
    currencies: Vec<(MarketCode, Currency)>,
    cities: HashSet<String>,
    market: Option<MarketCode>,
    /// Every market, currency and city of a file is taken as it stands, where no shop is at hand.
    anywhere: bool,
}

impl Pricing {
    /// Prices in these markets; plain ones in `market`.
    pub(super) fn new(markets: &[Market], market: Option<MarketCode>) -> Result<Pricing> {
        let currencies: Vec<_> =
            markets.iter().map(|served| (served.code, served.currency)).collect();
        match market {
            Some(code) if !currencies.iter().any(|(served, _)| *served == code) => {
                Err(Error::UnknownMarket(code))
            }
            _ => {
                let cities = markets.iter().flat_map(|served| &served.cities);
                let cities = cities.filter(|city| city.active).map(|city| city.slug.clone());
                Ok(Pricing { currencies, cities: cities.collect(), market, anywhere: false })
            }
        }
    }

    /// Prices and stock wherever a file says; plain ones in `market`.
    pub(super) fn anywhere(market: MarketCode) -> Pricing {
        let (currencies, cities) = (Vec::new(), HashSet::new());
        Pricing { currencies, cities, market: Some(market), anywhere: true }
    }

    #[cfg(test)]
    pub(super) fn of(
        currencies: Vec<(MarketCode, Currency)>,
        market: Option<MarketCode>,
    ) -> Pricing {
        let cities = HashSet::from(["london".to_owned()]);
        Pricing { currencies, cities, market, anywhere: false }
    }

    /// Whether a served city has this slug.
    pub(super) fn serves_city(&self, slug: &str) -> bool {
        self.anywhere || self.cities.contains(slug)
    }

    /// The market with this code, or why there is none.
    pub(super) fn market(&self, code: &str) -> std::result::Result<MarketCode, String> {
        if self.anywhere {
            return code.parse().map_err(|error| format!("{error}"));
        }
        let served = self.currencies.iter().find(|(market, _)| market.as_str() == code);
        served.map(|(market, _)| *market).ok_or_else(|| format!("no market \"{code}\""))
    }

    /// Where a plain price in this currency holds: the market the caller named, else the one with the
    /// currency; nowhere when neither is known.
    pub(super) fn market_of_plain(
        &self,
        currency: Option<&str>,
    ) -> std::result::Result<Option<MarketCode>, String> {
        let Some(currency) = currency.filter(|_| !self.anywhere) else {
            return Ok(self.market);
        };
        let currency: Currency = currency.parse().map_err(|error| format!("{error}"))?;
        let mut in_currency = self.currencies.iter().filter(|(_, served)| *served == currency);
        match self.market {
            None => Ok(in_currency.next().map(|(market, _)| *market)),
            Some(market) if in_currency.any(|(served, _)| *served == market) => Ok(Some(market)),
            Some(market) => Err(format!("currency: {currency} is not the currency of {market}")),
        }
    }
}
