//! `/office/orders`: the board of what is under way, the page of one order, and orders by telephone.
//!
//! The board is looked at again by its script whenever something happens to an order, which the stream of events tells
//! ([`mod@stream`]); without scripts there is a link that does.

pub(crate) mod board;
mod page;
pub(crate) mod telephone;

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::sse::{Event as Told, Sse};
use axum::response::{IntoResponse as _, Redirect, Response};
use futures_util::stream::{self, Stream};
use jiff::Timestamp;
use page::OrderPage;
use souk_api::{AppState, Error};
use souk_base::{MarketCode, Tables};
use souk_commerce::Error as ShopError;
use souk_commerce::orders::{self, Event, OrderId, Return, State as OrderState};
use souk_commerce::payments;

use super::form::Form;
use super::writes::{commit, open};
use super::{Colleague, refuse};
use crate::format::read_count;
use crate::page as pages;
use crate::refusal::Refusal;
use crate::visit::Visit;

/// What staff can do with an order, besides giving it up.
const MOVES: [Event; 7] = [
    Event::Accept,
    Event::Prepare,
    Event::Ready,
    Event::Dispatch,
    Event::Deliver,
    Event::FailDelivery,
    Event::Close,
];

/// How often the stream looks, and how often before the browser connects anew: an open stream would hold up a stop.
const LOOK: Duration = Duration::from_secs(1);
const LOOKS_MAX: u32 = 20;

/// Words for days and money of a market, in the colleague's language.
fn visit(
    colleague: &Colleague,
    tables: &std::sync::Arc<Tables>,
    market: MarketCode,
) -> Option<Visit> {
    let visit = Visit::new(colleague.caller.clone(), tables.clone(), market.as_str())?;
    Some(Visit { lang: colleague.caller.lang(), ..visit })
}

/// Where an order can be moved to from where it stands.
fn moves(state: OrderState) -> impl Iterator<Item = (Event, OrderState)> {
    MOVES.into_iter().filter_map(move |event| Some((event, state.next(event).ok()?)))
}

/// `GET /office/orders/stream`: says that something has happened to an order, as server-sent events. A browser that connects
/// anew says what it has heard last, so that nothing is missed between.
pub(crate) async fn stream(
    State(app): State<AppState>,
    headers: HeaderMap,
) -> Sse<impl Stream<Item = Result<Told, Infallible>>> {
    let heard = headers.get("last-event-id").and_then(|id| id.to_str().ok()?.parse::<i64>().ok());
    let looks = stream::unfold((app, heard, 0), |(app, heard, looked)| async move {
        if looked == LOOKS_MAX {
            return None;
        }
        if looked > 0 {
            tokio::time::sleep(LOOK).await;
        }
        let newest = newest(&app).await.or(heard).unwrap_or_default();
        let told = Told::default().id(newest.to_string());
        let told = match heard {
            // An event without data is none to a browser.
            Some(heard) if newest > heard => told.event("order").data("changed"),
            _ => told.comment("quiet"),
        };
        Some((Ok(told), (app, Some(newest), looked + 1)))
    });
    Sse::new(looks)
}

async fn newest(app: &AppState) -> Option<i64> {
    let mut connection = app.connection().await.ok()?;
    orders::newest_change(&mut connection).await.ok()
}

/// `GET /office/orders/{number}`
pub(crate) async fn show(
    State(app): State<AppState>,
    Path(number): Path<String>,
    colleague: Colleague,
) -> Result<Response, Refusal> {
    let page = OrderPage::read(&app, &colleague, &number).await;
    let page = page.map_err(|error| refuse(&colleague.caller, error))?;
    Ok(pages::for_caller(&colleague.caller, &page))
}

/// `POST /office/orders/{number}/move`
pub(crate) async fn shift(
    State(app): State<AppState>,
    Path(number): Path<String>,
    colleague: Colleague,
    form: Form,
) -> Result<Response, Refusal> {
    let done = match shifted(&app, &colleague, &number, &form).await {
        Ok(()) => "moved",
        Err(Error::Commerce(ShopError::IllegalMove(_) | ShopError::Stale)) => "stale",
        Err(error) => return Err(refuse(&colleague.caller, error)),
    };
    Ok(back(&form, &number, done))
}

async fn shifted(
    app: &AppState,
    colleague: &Colleague,
    number: &str,
    form: &Form,
) -> Result<(), Error> {
    let wanted = form.get("event");
    let event = MOVES.into_iter().chain([Event::Cancel, Event::Reject]);
    let event = event.into_iter().find(|event| event.code() == wanted).ok_or(Error::NotFound)?;
    let mut write = open(app, colleague).await?;
    let id = order_id(&mut write, number).await?;
    orders::move_by_staff(&mut write, id, event, form.get("reason"), Timestamp::now()).await?;
    commit(app, write).await
}

async fn order_id(
    connection: &mut souk_commerce::PgConnection,
    number: &str,
) -> Result<OrderId, Error> {
    let purchase = orders::of_number(connection, number).await?;
    let order = purchase.orders.iter().find(|order| order.number == number);
    Ok(order.ok_or(Error::NotFound)?.id)
}

/// `POST /office/orders/{number}/return`
pub(crate) async fn take_back(
    State(app): State<AppState>,
    Path(number): Path<String>,
    colleague: Colleague,
    form: Form,
) -> Result<Response, Refusal> {
    let done = match taken_back(&app, &colleague, &number, &form).await {
        Ok(()) => "taken",
        Err(Error::Commerce(ShopError::Refused(_) | ShopError::IllegalMove(_))) => "bad-return",
        Err(error) => return Err(refuse(&colleague.caller, error)),
    };
    Ok(back(&form, &number, done))
}

async fn taken_back(
    app: &AppState,
    colleague: &Colleague,
    number: &str,
    form: &Form,
) -> Result<(), Error> {
    let mut write = open(app, colleague).await?;
    let purchase = orders::of_number(&mut write, number).await?;
    let order = purchase.orders.iter().find(|order| order.number == number);
    let order = order.ok_or(Error::NotFound)?;
    let back = order.lines.iter().filter_map(|line| {
        let quantity = read_count(form.get(&format!("back-{}", line.id)))?;
        (quantity > 0).then_some(Return { line: line.id, quantity })
    });
    let back: Vec<Return> = back.collect();
    if back.is_empty() {
        return Err(ShopError::from(souk_commerce::checkout::Refusal::NotSoMany).into());
    }
    orders::take_back_by_staff(&mut write, order.id, &back, Timestamp::now()).await?;
    commit(app, write).await
}

/// `POST /office/orders/{number}/received`: the money of a transfer is there.
pub(crate) async fn received(
    State(app): State<AppState>,
    Path(number): Path<String>,
    colleague: Colleague,
    form: Form,
) -> Result<Response, Refusal> {
    let fail = |error: Error| refuse(&colleague.caller, error);
    let attempt = form.get("attempt").parse().map_err(|_| fail(Error::NotFound))?;
    let noted = async {
        payments::received(&app.db, &app.gateways, attempt, Timestamp::now()).await?;
        let mut write = open(&app, &colleague).await?;
        payments::note_received(&mut write, attempt).await?;
        commit(&app, write).await
    };
    noted.await.map_err(fail)?;
    Ok(back(&form, &number, "moved"))
}

/// Back to where the form was: the board, or the order.
fn back(form: &Form, number: &str, done: &str) -> Response {
    let market = form.get("market");
    let to = match form.get("back") {
        "board" if market.parse::<MarketCode>().is_ok() => {
            format!("/office/orders?market={market}&done={done}&n={number}")
        }
        "board" => format!("/office/orders?done={done}&n={number}"),
        _ => format!("/office/orders/{number}?done={done}"),
    };
    Redirect::to(&to).into_response()
}
