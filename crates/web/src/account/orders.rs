//! `/{market}/account`: what a customer has bought, the newest first.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use jiff::tz::TimeZone;
use souk_api::{AppState, Error, secrets};
use souk_base::Lang;
use souk_commerce::orders::{self, Bought, OrderId};

use super::{Member, Rail};
use crate::format::{Numbers, Price};
use crate::frame::Frame;
use crate::home::Row;
use crate::page;
use crate::recommended;
use crate::refusal::Refusal;
use crate::text::account::{Account, account};
use crate::text::fill;
use crate::visit::Visit;

/// Orders of a page.
const PAGE: usize = 20;

#[derive(Template)]
#[template(path = "account/orders.html")]
pub(crate) struct OrdersPage {
    frame: Frame,
    rail: Rail,
    words: &'static Account,
    orders: Vec<OrderLine>,
    older: Option<String>,
    /// What may be wanted again.
    again: Option<Row>,
}

/// An order in the list.
pub(crate) struct OrderLine {
    href: String,
    number: String,
    title: String,
    /// What else is in it.
    more: Option<String>,
    state: &'static str,
    total: Price,
    ordered: String,
    delivered: Option<String>,
}

impl OrderLine {
    fn of(visit: &Visit, app: &AppState, order: Bought) -> OrderLine {
        let words = account(visit.lang);
        let secret = secrets::of_group(&app.keys, order.group);
        let zone = visit.tables.market(order.market).map(|market| market.time_zone.as_str());
        let zone = TimeZone::get(zone.unwrap_or("UTC")).unwrap_or(TimeZone::UTC);
        let ordered = visit.day_words(order.created_at.to_zoned(zone).date());
        let title = |lang: Lang| order.titles[lang.code()].as_str().map(str::to_owned);
        let others = || Lang::ALL.into_iter().find_map(title);
        let more = order.lines - 1;
        let numbers = Numbers::of(visit.lang, Some(order.market));
        OrderLine {
            href: format!("/orders/{}?secret={secret}", order.number),
            title: title(visit.lang).or_else(others).unwrap_or_default(),
            more: (more > 0).then(|| format!("+ {}", numbers.whole(more.unsigned_abs()))),
            state: words.state(order.state),
            total: numbers.money(order.total),
            ordered: fill(words.ordered_on, "date", &ordered),
            delivered: order
                .date
                .map(|date| fill(words.delivered_on, "date", &visit.day_words(date))),
            number: order.number,
        }
    }
}

/// `GET /{market}/account`
pub(crate) async fn show(
    State(app): State<AppState>,
    visit: Visit,
    member: Member,
) -> Result<Response, Refusal> {
    let below = visit.caller.address.get("below").and_then(|id| id.parse::<OrderId>().ok());
    let page = read(&app, &visit, &member, below).await;
    let page = page.map_err(|error| Refusal::of(&visit, error))?;
    Ok(page::for_caller(&visit.caller, &page))
}

async fn read(
    app: &AppState,
    visit: &Visit,
    member: &Member,
    below: Option<OrderId>,
) -> Result<OrdersPage, Error> {
    let mut connection = app.connection().await?;
    orders::claim(&mut connection, &member.customer).await?;
    let wanted = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
    let id = member.customer.id;
    let mut found = orders::of_customer(&mut connection, id, below, wanted).await?;
    let has_more = found.len() > PAGE;
    found.truncate(PAGE);
    let last = found.last().map(|order| order.id).filter(|_| has_more);
    drop(connection);
    let is_first = below.is_none();
    let again = if is_first { recommended::again(app, visit).await? } else { None };
    let words = account(visit.lang);
    Ok(OrdersPage {
        again,
        frame: Frame::of(visit, words.orders),
        rail: Rail::of(visit, &member.customer, ""),
        words,
        older: last.map(|id| visit.path(&format!("/account?below={id}"))),
        orders: found.into_iter().map(|order| OrderLine::of(visit, app, order)).collect(),
    })
}
