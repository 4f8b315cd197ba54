//! What came of an experiment: visitors, purchases and what they brought, by variant.

use souk_base::{Currency, Money};
use sqlx::PgConnection;

use super::sql::{self, ResultRow};
use super::{Experiment, ExperimentId};
use crate::Result;

/// What the visitors of one variant did since they saw it first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Results {
    /// How many.
    pub visitors: u64,
    /// Of these, how many bought something.
    pub buyers: u64,
    /// Their purchases.
    pub orders: u64,
    /// What these brought; none where visitors pay in several currencies.
    pub spent: Option<Spent>,
}

/// What visitors spent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spent {
    /// All of it.
    pub total: Money,
    /// The sum of the squares of what each visitor spent, in squares of minor units: how much visitors differ.
    pub squares: f64,
}

/// Visitors by which of two mixed rankings brought more of what they clicked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Preferred {
    /// The first.
    pub one: u64,
    /// The second.
    pub other: u64,
    /// Both as much.
    pub neither: u64,
}

/// What the visitors of each variant did, in the order of the variants. Reads every exposure of the experiment.
///
/// # Errors
/// [`crate::Error::Database`] when PostgreSQL does not answer.
pub async fn results(
    connection: &mut PgConnection,
    experiment: &Experiment,
) -> Result<Vec<Results>> {
    let rows = sql::results(connection, experiment.id.get()).await?;
    let currencies: Vec<Currency> =
        rows.iter().map(|row| row.currency.parse()).collect::<std::result::Result<_, _>>()?;
    let is_one = currencies.windows(2).all(|pair| pair[0] == pair[1]);
    let currency = currencies.first().copied().filter(|_| is_one);
    let none = Spent { total: Money::new(0, currency.unwrap_or(Currency::Kwd)), squares: 0.0 };
    let empty = Results { spent: currency.map(|_| none), ..Results::default() };
    let mut results = vec![empty; experiment.variants.len()];
    for row in rows {
        // Where two are mixed every visitor has both: they are counted with the first.
        let place = row.variant.map_or(Ok(0), usize::try_from);
        let Some(result) = place.ok().and_then(|place| results.get_mut(place)) else { continue };
        add(result, &row);
    }
    Ok(results)
}

fn add(result: &mut Results, row: &ResultRow) {
    result.visitors += row.visitors.unsigned_abs();
    result.buyers += row.buyers.unsigned_abs();
    result.orders += row.orders.unsigned_abs();
    if let Some(spent) = &mut result.spent {
        spent.total = Money::new(spent.total.minor + row.revenue_minor, spent.total.currency);
        spent.squares += row.revenue_squares;
    }
}

/// Which of two mixed rankings visitors liked, of the lists that are still kept.
///
/// # Errors
/// [`crate::Error::Database`] when PostgreSQL does not answer.
pub async fn preferred(connection: &mut PgConnection, id: ExperimentId) -> Result<Preferred> {
    let row = sql::preferred(connection, id.get()).await?;
    let [one, other, neither] = [row.one, row.other, row.neither].map(i64::unsigned_abs);
    Ok(Preferred { one, other, neither })
}
