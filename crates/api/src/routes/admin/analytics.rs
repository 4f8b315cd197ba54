//! `/v1/admin/analytics`: what shoppers searched for.

use axum::Json;
use axum::extract::State;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use souk_base::{Currency, MarketCode, Money};
use souk_commerce::searches::{self, DayFigures, QueryFigures, ReportRequest};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use super::fields::Currencies;
use crate::AppState;
use crate::answer::MoneySchema;
use crate::error::Result;
use crate::extract::Query;
use crate::params::Reader;
use crate::pipeline::analytics;
use crate::policy::{Permission, Policy, Route, route};

/// Queries of each list when the request does not say.
const LIMIT_DEFAULT: usize = 50;
/// Most queries of each list.
const LIMIT_MAX: usize = 100;

pub(super) fn routes() -> Vec<Route> {
    vec![route(Policy::Staff(Permission::AnalyticsRead), routes!(get_searches))]
}

/// Which searches to count.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct SearchesParams {
    /// Where.
    #[param(value_type = String, example = "KW")]
    market: Option<String>,
    /// First day, YYYY-MM-DD in UTC; six days before the last when not given.
    #[param(format = Date)]
    from: Option<String>,
    /// Last day; today when not given. At most 92 days are counted together.
    #[param(format = Date)]
    to: Option<String>,
    /// Only searches in this language.
    lang: Option<String>,
    /// Only searches with this city.
    city: Option<String>,
    /// Queries of each list.
    #[param(value_type = Option<u8>, minimum = 1, maximum = 100, default = 50)]
    limit: Option<String>,
}

impl SearchesParams {
    fn request(&self) -> Result<ReportRequest> {
        let mut read = Reader::default();
        let market: Option<MarketCode> = read.required("market", self.market.as_deref());
        let days = (read.date("from", self.from.as_deref()), read.date("to", self.to.as_deref()));
        let lang = read.optional("lang", self.lang.as_deref());
        let city = read.optional("city", self.city.as_deref());
        let limit = read.number("limit", self.limit.as_deref(), 1..=LIMIT_MAX);
        read.finish()?;
        let (from, to) = analytics::days(days.0, days.1)?;
        let limit = limit.unwrap_or(LIMIT_DEFAULT);
        Ok(ReportRequest {
            market: market.expect("a market that is required was read"),
            from,
            to,
            lang,
            city,
            limit: i64::try_from(limit).expect("a limit has at most three digits"),
        })
    }
}

/// What was searched for. An intent is one thought of a shopper: keystrokes on the way to a query are one with it.
#[derive(Debug, Serialize, ToSchema)]
struct SearchesAnswer {
    /// First day.
    #[schema(value_type = String, format = Date)]
    from: Date,
    /// Last day.
    #[schema(value_type = String, format = Date)]
    to: Date,
    /// Every day of the time.
    days: Vec<DayAnswer>,
    /// The queries that were meant most often.
    top: Vec<QueryAnswer>,
    /// The queries that found nothing most often; only those of their intents are counted.
    without_results: Vec<QueryAnswer>,
}

/// The searches of a day.
#[derive(Debug, Serialize, ToSchema)]
struct DayAnswer {
    /// The day, in UTC.
    #[schema(value_type = String, format = Date)]
    day: Date,
    /// Intents.
    intents: i64,
    /// Of these, how many found nothing.
    without_results: i64,
    /// Of these, how many led to a click.
    clicked: i64,
}

/// The searches for a query.
#[derive(Debug, Serialize, ToSchema)]
struct QueryAnswer {
    /// The query as it was typed the last time.
    query: String,
    /// Intents.
    intents: i64,
    /// Distinct visitors, as far as they are known.
    searchers: i64,
    /// Share of the intents that found nothing, from 0 to 1.
    no_result_rate: f64,
    /// Share of the intents that led to a click, from 0 to 1.
    click_through_rate: f64,
    /// Mean place of the hits that were clicked, from 1; null without a click.
    mean_click_position: Option<f64>,
    /// Where few clicked: the query that at least two visitors went on to and clicked at; a synonym may help.
    #[serde(skip_serializing_if = "Option::is_none")]
    means: Option<String>,
    /// Share of the intents that led into a cart.
    add_to_cart_rate: f64,
    /// Share of the intents that led to an order: of a hit that was opened or put into the cart through them at most a
    /// day before. Searches of the last 30 days.
    conversion_rate: f64,
    /// What these hits brought, without what went back.
    #[schema(value_type = MoneySchema)]
    revenue: Money,
}

impl QueryAnswer {
    fn of(figures: QueryFigures, currency: Currency) -> QueryAnswer {
        QueryAnswer {
            intents: figures.intents,
            searchers: figures.searchers,
            no_result_rate: share(figures.without_results, figures.intents),
            click_through_rate: share(figures.clicked, figures.intents),
            mean_click_position: figures.click_position,
            means: figures.means,
            add_to_cart_rate: share(figures.carted, figures.intents),
            conversion_rate: share(figures.ordered, figures.intents),
            revenue: Money { minor: figures.revenue_minor, currency },
            query: figures.query,
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
fn share(part: i64, whole: i64) -> f64 {
    part as f64 / whole.max(1) as f64
}

impl From<DayFigures> for DayAnswer {
    fn from(DayFigures { day, intents, without_results, clicked }: DayFigures) -> Self {
        DayAnswer { day, intents, without_results, clicked }
    }
}

/// What shoppers of a market searched for: by day, by query, and what found nothing.
#[utoipa::path(
    get,
    path = "/v1/admin/analytics/searches",
    tag = "analytics",
    params(SearchesParams),
    responses((status = 200, description = "Figures", body = SearchesAnswer))
)]
async fn get_searches(
    State(app): State<AppState>,
    Query(params): Query<SearchesParams>,
) -> Result<Json<SearchesAnswer>> {
    let request = params.request()?;
    analytics::known_market(&app, request.market)?;
    let mut connection = app.connection().await?;
    let report = searches::report(&mut connection, request).await?;
    let currency = Currencies::read(&mut connection).await?.of_named(request.market)?;
    let answers = |figures: Vec<QueryFigures>| {
        figures.into_iter().map(|figures| QueryAnswer::of(figures, currency)).collect()
    };
    Ok(Json(SearchesAnswer {
        from: request.from,
        to: request.to,
        days: report.days.into_iter().map(DayAnswer::from).collect(),
        top: answers(report.top),
        without_results: answers(report.without_results),
    }))
}
