//! Markets: the countries the shop serves, and their cities.
//!
//! A market has one currency, one payable step, its languages, time zone, weekend, tax and address
//! fields; what else differs is a flag. A city's place in the market's list (by id) is its bit in the
//! live columns.
//!
//! Tables owned: `currencies`, `markets`, `market_translations`, `cities`, `city_translations`.

mod sql;

use std::collections::HashMap;

use souk_base::{City, Lang, Market, MarketCode, Translated};
use sqlx::PgConnection;

use crate::Result;

/// Every market with its cities, in the order pages list them.
///
/// # Errors
/// [`crate::Error::Unreadable`] for a currency or language this version does not know.
pub async fn list(connection: &mut PgConnection) -> Result<Vec<Market>> {
    let mut labels = sql::market_labels(connection).await?;
    let mut cities = cities(connection).await?;
    let mut markets = Vec::new();
    for row in sql::markets(connection).await? {
        let code: MarketCode = row.code.parse()?;
        markets.push(Market {
            code,
            label: translated(labels.remove(&row.code))?,
            currency: row.currency.parse()?,
            payable_step: row.payable_step,
            languages: languages(&row.languages)?,
            time_zone: row.time_zone,
            weekend: row.weekend,
            tax_rate_bp: row.tax_rate_bp,
            tax_inclusive: row.tax_inclusive,
            address_fields: row.address_fields,
            flags: row.flags.0,
            cities: cities.remove(&row.code).unwrap_or_default(),
        });
    }
    Ok(markets)
}

fn languages(codes: &[String]) -> Result<Vec<Lang>> {
    codes.iter().map(|code| Ok(code.parse()?)).collect()
}

/// Cities by market, each list in id order.
async fn cities(connection: &mut PgConnection) -> Result<HashMap<String, Vec<City>>> {
    let mut labels = sql::city_labels(connection).await?;
    let mut cities: HashMap<String, Vec<City>> = HashMap::new();
    for row in sql::cities(connection).await? {
        cities.entry(row.market).or_default().push(City {
            id: row.id.into(),
            slug: row.slug,
            label: translated(labels.remove(&row.id))?,
            position: row.position,
            active: row.active,
        });
    }
    Ok(cities)
}

/// Labels as rows of (language, text), read into a [`Translated`].
pub(crate) fn translated(labels: Option<Vec<(String, String)>>) -> Result<Translated> {
    let mut translated = Translated::default();
    for (lang, label) in labels.unwrap_or_default() {
        translated.set(lang.parse::<Lang>()?, label);
    }
    Ok(translated)
}
