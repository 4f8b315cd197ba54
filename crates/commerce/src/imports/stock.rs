//! Invented stock: amounts that look like a shop's and are the same on every run and machine.

use souk_base::MarketCode;

use super::codes::stable_hash;

/// What kind of goods an invented stock is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Assortment {
    /// Gifts that keep: 21 to 1,000 units in a city; one product in eight is scarce with 21 to 60.
    Lasting,
    /// Flowers and cakes: 3 to 120 units; one in a hundred is sold out in one city. Where the gifts are
    /// sold as well it has 21 or more, so that nothing of that market runs short in a trial.
    Fresh,
}

/// The market that the gift catalogue is for.
const GIFT_MARKET: &str = "GB";

/// Units of a variant in each of these cities of a market.
pub(super) fn units(
    assortment: Assortment,
    sku: &str,
    market: MarketCode,
    cities: &[&str],
) -> Vec<i32> {
    let of_city = |city: &&str| stable_hash(&format!("{sku} {market} {city}"));
    match assortment {
        Assortment::Lasting => {
            let most = if stable_hash(sku).is_multiple_of(8) { 60 } else { 1_000 };
            cities.iter().map(|city| between(21, most, of_city(city))).collect()
        }
        Assortment::Fresh if market.as_str() == GIFT_MARKET => {
            cities.iter().map(|city| between(21, 120, of_city(city))).collect()
        }
        Assortment::Fresh => {
            let mut units: Vec<i32> =
                cities.iter().map(|city| between(3, 120, of_city(city))).collect();
            let chance = stable_hash(&format!("{sku} {market}"));
            if chance.is_multiple_of(100) && !cities.is_empty() {
                let sold_out = usize::try_from(chance / 100 % cities.len() as u64);
                units[sold_out.expect("it is below the number of cities")] = 0;
            }
            units
        }
    }
}

fn between(least: i32, most: i32, hash: u64) -> i32 {
    let span = u64::from((most - least + 1).unsigned_abs());
    least + i32::try_from(hash % span).expect("it is below the span")
}

#[cfg(test)]
mod tests {
    use super::*;

    const CITIES: [&str; 3] = ["london", "leeds", "bristol"];

    fn all(assortment: Assortment, market: &str) -> Vec<Vec<i32>> {
        let market = market.parse().unwrap();
        (0..800).map(|sku| units(assortment, &sku.to_string(), market, &CITIES)).collect()
    }

    #[test]
    fn gifts_never_run_short_and_some_are_scarce() {
        let stock = all(Assortment::Lasting, "GB");

        assert!(stock.iter().flatten().all(|units| (21..=1_000).contains(units)));
        let scarce = stock.iter().filter(|units| units.iter().all(|units| *units <= 60)).count();
        assert!((60..=150).contains(&scarce), "{scarce}");
    }

    #[test]
    fn a_few_flowers_are_sold_out_in_one_city_but_not_beside_the_gifts() {
        let kuwait = all(Assortment::Fresh, "KW");
        let britain = all(Assortment::Fresh, "GB");

        let sold_out = kuwait.iter().filter(|units| units.contains(&0)).count();
        assert!((2..=20).contains(&sold_out), "{sold_out}");
        assert!(kuwait.iter().flatten().all(|units| *units == 0 || (3..=120).contains(units)));
        assert!(britain.iter().flatten().all(|units| (21..=120).contains(units)));
    }

    #[test]
    fn the_amounts_are_the_same_every_time() {
        assert_eq!(all(Assortment::Fresh, "KW"), all(Assortment::Fresh, "KW"));
        let one = units(Assortment::Lasting, "85048", "GB".parse().unwrap(), &CITIES);
        assert_eq!(one.len(), 3);
        assert!(units(Assortment::Fresh, "85048", "KW".parse().unwrap(), &[]).is_empty());
    }
}
