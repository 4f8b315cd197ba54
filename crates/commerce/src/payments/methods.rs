//! Ways to pay, as data.

use jiff::SignedDuration;
use souk_base::{CityId, MarketCode, Money, Translated};
use sqlx::PgConnection;

use super::Method;
use super::sql::methods::{self as sql, MethodRow};
use crate::{Error, Result};

/// The ways to pay in a market, in the order in which they are offered. A city narrows them to those for it, a payer's
/// country to those for payers from there.
///
/// # Errors
/// [`Error::Database`] when PostgreSQL does not answer.
pub async fn methods(
    connection: &mut PgConnection,
    market: MarketCode,
    city: Option<CityId>,
    country: Option<&str>,
) -> Result<Vec<Method>> {
    let city = city.map(CityId::get);
    let rows = sql::enabled(connection, Some(market.as_str()), city, country, None).await?;
    rows.into_iter().map(Method::try_from).collect()
}

/// The ways to pay in every market, in the order in which they are offered there.
///
/// # Errors
/// [`Error::Database`] when PostgreSQL does not answer.
pub async fn everywhere(connection: &mut PgConnection) -> Result<Vec<(MarketCode, Method)>> {
    let rows = sql::enabled(connection, None, None, None, None).await?;
    rows.into_iter().map(|row| Ok((row.market.parse()?, row.try_into()?))).collect()
}

/// One way to pay, if it is for this market and city.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn method(
    connection: &mut PgConnection,
    market: MarketCode,
    city: Option<CityId>,
    code: &str,
) -> Result<Method> {
    let city = city.map(CityId::get);
    let rows = sql::enabled(connection, Some(market.as_str()), city, None, Some(code)).await?;
    rows.into_iter().next().ok_or(Error::NotFound)?.try_into()
}

impl TryFrom<MethodRow> for Method {
    type Error = Error;

    fn try_from(row: MethodRow) -> Result<Method> {
        let currency = row.currency.parse()?;
        let (mut label, mut instructions) = (Translated::default(), Translated::default());
        for ((lang, text), told) in row.langs.iter().zip(row.labels).zip(row.instructions) {
            label.set(lang.parse()?, text);
            if !told.is_empty() {
                instructions.set(lang.parse()?, told);
            }
        }
        Ok(Method {
            code: row.code,
            kind: row.kind,
            connector: row.connector,
            brand: row.brand,
            label,
            instructions,
            min: Money::new(row.min_minor, currency),
            max: Money::new(row.max_minor, currency),
            hold: SignedDuration::from_secs(i64::from(row.hold_s)),
        })
    }
}
