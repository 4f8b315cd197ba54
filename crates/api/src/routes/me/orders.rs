//! `/v1/me/orders`: what a customer has bought.

use axum::Json;
use axum::extract::State;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use souk_base::{MarketCode, Money};
use souk_commerce::orders::{self, Bought, OrderGroupId, State as OrderState};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use crate::answer::{Listed, MoneySchema};
use crate::cursor;
use crate::error::Result;
use crate::extract::Query;
use crate::params::Reader;
use crate::policy::{CustomerSession, Policy, Route, route};
use crate::{App, AppState, secrets};

/// Entries of an answer when the request does not say.
const LIMIT_DEFAULT: usize = 20;
/// Most entries of one answer.
const LIMIT_MAX: usize = 100;

pub(super) fn routes() -> Vec<Route> {
    vec![route(Policy::Customer, routes!(get_orders))]
}

/// How many orders.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct OrdersParams {
    /// Orders of the answer.
    #[param(value_type = Option<u8>, minimum = 1, maximum = 100, default = 20)]
    limit: Option<String>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// An order in the list.
#[derive(Serialize, ToSchema)]
struct BoughtAnswer {
    /// What people call it; the rest of it is at `/v1/orders/{number}`.
    number: String,
    /// The purchase it is part of.
    #[schema(value_type = String)]
    order_group: OrderGroupId,
    /// What reaches it without a session, in the header `X-Order-Secret`.
    order_secret: String,
    /// Where it was bought.
    #[schema(value_type = String)]
    market: MarketCode,
    /// Where it stands.
    #[schema(value_type = String, example = "placed")]
    state: OrderState,
    /// What it cost.
    #[schema(value_type = MoneySchema)]
    total: Money,
    /// When it was bought.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// The day it is delivered.
    #[schema(value_type = Option<String>, format = Date)]
    date: Option<Date>,
    /// What its first line was called, by language.
    #[schema(value_type = Object)]
    titles: Value,
    /// How many lines it has.
    lines: i64,
}

impl BoughtAnswer {
    fn of(bought: Bought, app: &App) -> BoughtAnswer {
        BoughtAnswer {
            number: bought.number,
            order_group: bought.group,
            order_secret: secrets::of_group(&app.keys, bought.group),
            market: bought.market,
            state: bought.state,
            total: bought.total,
            created_at: bought.created_at,
            date: bought.date,
            titles: bought.titles,
            lines: bought.lines,
        }
    }
}

/// My orders, the newest first, also those that were bought as a guest with my address or number.
#[utoipa::path(
    get,
    path = "/v1/me/orders",
    tag = "account",
    params(OrdersParams),
    responses((status = 200, description = "The orders", body = Listed<BoughtAnswer>))
)]
async fn get_orders(
    State(app): State<AppState>,
    CustomerSession { customer, .. }: CustomerSession,
    Query(params): Query<OrdersParams>,
) -> Result<Json<Listed<BoughtAnswer>>> {
    let mut read = Reader::default();
    let limit = read.number("limit", params.limit.as_deref(), 1..=LIMIT_MAX);
    read.finish()?;
    let limit = limit.unwrap_or(LIMIT_DEFAULT);
    // What the cursor is bound to.
    let list = ("orders of", customer.id);
    let cursor = params.cursor.filter(|cursor| !cursor.is_empty());
    let below = cursor.map(|cursor| cursor::read(&app.keys, &list, &cursor)).transpose()?;
    let mut connection = app.connection().await?;
    orders::claim(&mut connection, &customer).await?;
    let wanted = i64::try_from(limit + 1).unwrap_or(i64::MAX);
    let mut found = orders::of_customer(&mut connection, customer.id, below, wanted).await?;
    let has_more = found.len() > limit;
    found.truncate(limit);
    let last = found.last().map(|order| order.id).filter(|_| has_more);
    let next = last.map(|id| cursor::write(&app.keys, &list, &id));
    let items = found.into_iter().map(|order| BoughtAnswer::of(order, &app)).collect();
    Ok(Json(Listed { items, next }))
}
