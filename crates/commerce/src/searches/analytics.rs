//! What was meant in a time: figures by day and by query. Days are those of UTC.

use std::collections::HashMap;

use jiff::civil::Date;
use serde::Serialize;
use souk_base::{CityId, Lang, MarketCode};
use sqlx::PgConnection;

use super::analytics_sql as sql;
use crate::Result;

/// What to report.
#[derive(Clone, Copy, Debug)]
pub struct ReportRequest {
    /// Where.
    pub market: MarketCode,
    /// The first day.
    pub from: Date,
    /// The last day.
    pub to: Date,
    /// Only searches in this language.
    pub lang: Option<Lang>,
    /// Only searches with this city.
    pub city: Option<CityId>,
    /// Queries of each list.
    pub limit: i64,
}

/// The searches of a time.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// Every day in order, days without a search too.
    pub days: Vec<DayFigures>,
    /// The queries that were meant most often.
    pub top: Vec<QueryFigures>,
    /// The queries that found nothing most often.
    pub without_results: Vec<QueryFigures>,
}

/// The intents of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct DayFigures {
    /// The day.
    pub day: Date,
    /// Intents.
    pub intents: i64,
    /// Of these, how many found nothing.
    pub without_results: i64,
    /// Of these, how many led to a click.
    pub clicked: i64,
}

/// The intents of a query.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct QueryFigures {
    /// As it was typed the last time.
    pub query: String,
    /// Intents.
    pub intents: i64,
    /// Distinct visitors, as far as they are known.
    pub searchers: i64,
    /// Intents that found nothing.
    pub without_results: i64,
    /// Intents that led to a click.
    pub clicked: i64,
    /// Mean place of the hits that were clicked, from 1; none without a click.
    pub click_position: Option<f64>,
    /// Where few clicked: the query that at least two visitors went on to and clicked at.
    pub means: Option<String>,
    /// Intents that led into a cart.
    pub carted: i64,
    /// Intents that led to an order that stands: it holds what was opened or put into the cart through them, at most a
    /// day before it was placed.
    pub ordered: i64,
    /// What that brought without what went back, in minor units of the market.
    pub revenue_minor: i64,
}

/// The figures of a time; orders only of searches that are still in the log ([`super::LOG_DAYS`]). On a million intents
/// a week takes some tenths of a second.
///
/// # Errors
/// [`crate::Error::Database`] when PostgreSQL does not answer.
pub async fn report(connection: &mut PgConnection, request: ReportRequest) -> Result<Report> {
    let scope = sql::Scope {
        market: request.market.to_string(),
        from: request.from.into(),
        to: request.to.into(),
        lang: request.lang.map(|lang| lang.code().to_owned()),
        city_id: request.city.map(souk_base::Id::get),
    };
    let days = sql::days(connection, &scope).await?;
    Ok(Report {
        days: days.into_iter().map(DayFigures::from).collect(),
        top: queries(connection, &scope, request.limit, false).await?,
        without_results: queries(connection, &scope, request.limit, true).await?,
    })
}

async fn queries(
    connection: &mut PgConnection,
    scope: &sql::Scope,
    limit: i64,
    without_results: bool,
) -> Result<Vec<QueryFigures>> {
    let rows = sql::top(connection, scope, limit, without_results).await?;
    let sold = sql::sold(connection, scope, without_results).await?;
    let sold: HashMap<_, _> = sold.into_iter().map(|row| (row.text.clone(), row)).collect();
    Ok(rows.into_iter().map(|row| QueryFigures::of(row, &sold)).collect())
}

impl QueryFigures {
    fn of(row: sql::QueryRow, sold: &HashMap<String, sql::SoldRow>) -> QueryFigures {
        let sold = sold.get(&row.text);
        QueryFigures {
            query: row.query,
            intents: row.intents,
            searchers: row.searchers,
            without_results: row.without_results,
            clicked: row.clicked,
            click_position: row.click_position,
            means: row.means,
            carted: row.carted,
            ordered: sold.map_or(0, |sold| sold.ordered),
            revenue_minor: sold.map_or(0, |sold| sold.revenue_minor),
        }
    }
}

impl From<sql::DayRow> for DayFigures {
    fn from(row: sql::DayRow) -> DayFigures {
        DayFigures {
            day: row.day.to_jiff(),
            intents: row.intents,
            without_results: row.without_results,
            clicked: row.clicked,
        }
    }
}
