//! `GET /office/orders`: columns by state, the earliest promise first, with what is late in words and colour.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use jiff::Timestamp;
use souk_api::{AppState, Error, Permission};
use souk_base::{Lang, MarketCode, Tables};
use souk_commerce::orders::{self, BoardOrder, SlotTaken, State as OrderState};

use super::{moves, visit};
use crate::address::Address;
use crate::cart::contents;
use crate::frame::Frame;
use crate::office::desk::{self, Desk, Done};
use crate::office::fields::{Problems, Select};
use crate::office::form::Form;
use crate::office::{Colleague, refuse};
use crate::page;
use crate::refusal::Refusal;
use crate::text::basket::basket;
use crate::text::desk::desk as desk_words;
use crate::text::fill;
use crate::text::orders::{Orders as Words, orders as words_of};
use crate::visit::Visit;

/// The columns, from left to right as work goes.
const COLUMNS: [OrderState; 7] = [
    OrderState::Placed,
    OrderState::Accepted,
    OrderState::Preparing,
    OrderState::Ready,
    OrderState::OutForDelivery,
    OrderState::DeliveryFailed,
    OrderState::Delivered,
];

/// With less than this many minutes left an order is pressing.
const PRESSING_MINUTES: i64 = 120;

#[derive(Template)]
#[template(path = "office/orders.html")]
struct BoardPage {
    frame: Frame,
    desk: Desk,
    words: &'static Words,
    may_write: bool,
    /// Where an order is taken down for somebody on the telephone.
    by_telephone: String,
    market: Select,
    /// The chosen market, for forms.
    chosen: String,
    here: String,
    columns: Vec<Column>,
}

/// Orders that stand alike.
struct Column {
    code: &'static str,
    label: &'static str,
    count: String,
    tiles: Vec<Tile>,
    /// How many are not shown, in words.
    more: Option<String>,
}

/// An order on the board.
struct Tile {
    number: String,
    place: String,
    who: String,
    slot: Option<String>,
    due: Due,
    total: String,
    units: String,
    moves: Vec<Move>,
}

/// How pressing an order is: its class and its words.
struct Due {
    class: &'static str,
    words: String,
}

/// A button that moves it.
pub(super) struct Move {
    pub(super) event: &'static str,
    pub(super) label: String,
}

/// `GET /office/orders`
pub(crate) async fn show(
    State(app): State<AppState>,
    colleague: Colleague,
) -> Result<Response, Refusal> {
    let page = read(&app, &colleague).await.map_err(|error| refuse(&colleague.caller, error))?;
    Ok(page::for_caller(&colleague.caller, &page))
}

async fn read(app: &AppState, colleague: &Colleague) -> Result<BoardPage, Error> {
    let tables = app.view()?.tables.clone();
    let market: Option<MarketCode> =
        colleague.caller.address.get("market").and_then(|market| market.parse().ok());
    let now = Timestamp::now();
    let found = {
        let mut connection = app.connection().await?;
        orders::board(&mut connection, market, now).await?
    };
    Ok(BoardPage::new(colleague, &tables, market, &found, now))
}

impl BoardPage {
    fn new(
        colleague: &Colleague,
        tables: &Arc<Tables>,
        market: Option<MarketCode>,
        found: &[BoardOrder],
        now: Timestamp,
    ) -> BoardPage {
        let lang = colleague.caller.lang();
        let words = words_of(lang);
        let may_write = desk::may(&colleague.staff, Permission::OrdersWrite);
        let mut typed = Form::default();
        typed.put("market", market.map(|market| market.to_string()).unwrap_or_default());
        let chosen = typed.get("market").to_owned();
        let column = |state: OrderState| {
            let its: Vec<&BoardOrder> = found.iter().filter(|order| order.state == state).collect();
            Column::new(colleague, tables, state, &its, now)
        };
        let here = colleague.caller.address.clone().without("done").without("n");
        BoardPage {
            frame: desk::frame(colleague, words.orders),
            desk: Desk::new(colleague, "/office/orders").with_done(done(colleague, words)),
            words,
            may_write,
            by_telephone: Address::new("/office/orders/new").with("market", &chosen).to_string(),
            market: Select::new("market", markets(tables, lang), &typed, &Problems::default()),
            chosen,
            here: here.to_string(),
            columns: COLUMNS.map(column).into(),
        }
    }
}

/// Every market and none.
fn markets(tables: &Tables, lang: Lang) -> Vec<(String, String)> {
    let markets = tables.markets.iter();
    let markets = markets.map(|it| (it.code.to_string(), it.label.get(lang).to_owned()));
    let every = (String::new(), desk_words(lang).every_market.to_owned());
    std::iter::once(every).chain(markets).collect()
}

/// What has just been done, in words.
fn done(colleague: &Colleague, words: &Words) -> Option<Done> {
    let address = &colleague.caller.address;
    let text = match address.get("done")? {
        "moved" => fill(words.moved, "number", address.get("n").unwrap_or_default()),
        "stale" => words.stale.to_owned(),
        _ => return None,
    };
    Some(Done { text, link: None })
}

impl Column {
    fn new(
        colleague: &Colleague,
        tables: &Arc<Tables>,
        state: OrderState,
        its: &[&BoardOrder],
        now: Timestamp,
    ) -> Column {
        let words = words_of(colleague.caller.lang());
        let count = its.first().map_or(0, |order| order.in_state.unsigned_abs());
        let numbers = crate::format::Numbers::of(colleague.caller.lang(), None);
        let rest = count.saturating_sub(its.len() as u64);
        let tiles = its.iter().filter_map(|order| {
            Some(Tile::new(&visit(colleague, tables, order.market)?, words, order, now))
        });
        Column {
            code: state.code(),
            label: words.state(state),
            count: numbers.whole(count),
            tiles: tiles.collect(),
            more: (rest > 0).then(|| fill(words.more, "n", &numbers.whole(rest))),
        }
    }
}

impl Tile {
    fn new(visit: &Visit, words: &'static Words, order: &BoardOrder, now: Timestamp) -> Tile {
        let place = visit.market().city_place(order.city);
        let place =
            place.map(|place| visit.market().cities[place].label.get(visit.lang).to_owned());
        let units = order.units.unsigned_abs();
        let units_words = basket(visit.lang).units.form(units);
        let slot = order.slot.map(|slot| visit.slot_words(slot.date, slot.starts_at, slot.ends_at));
        let to = |(event, to): (orders::Event, OrderState)| Move {
            event: event.code(),
            label: fill(words.move_to, "state", words.state(to)),
        };
        let is_open = order.state != OrderState::Delivered;
        Tile {
            number: order.number.clone(),
            place: place.unwrap_or_default(),
            who: format!(
                "{} · {}",
                order.recipient.as_deref().unwrap_or("—"),
                contents::seller(visit, order.seller_id)
            ),
            due: due(visit, words, order, now),
            slot,
            total: visit.numbers().money(order.total).text(),
            units: fill(units_words, "n", &visit.numbers().whole(units)),
            moves: moves(order.state).filter(|_| is_open).map(to).collect(),
        }
    }
}

/// How much time is left, in words.
fn due(visit: &Visit, words: &Words, order: &BoardOrder, now: Timestamp) -> Due {
    let Some(SlotTaken { ends_at, .. }) = order.slot else {
        let text = if order.waits_for_recipient { words.asks } else { words.no_slot };
        return Due { class: "pressing", words: text.to_owned() };
    };
    let minutes = now.duration_until(ends_at).as_mins();
    let is_late = minutes < 0;
    let (hours, days) = match is_late {
        true => (words.late_hours, words.late_days),
        false => (words.left_hours, words.left_days),
    };
    let numbers = visit.numbers();
    let distance = minutes.unsigned_abs();
    let text = if distance >= 24 * 60 {
        fill(days, "n", &numbers.whole(distance / (24 * 60)))
    } else {
        let text = fill(hours, "h", &numbers.whole(distance / 60));
        fill(&text, "m", &numbers.whole(distance % 60))
    };
    let class = match minutes {
        _ if order.state == OrderState::Delivered => {
            return Due { class: "calm", words: String::new() };
        }
        ..0 => "late",
        0..PRESSING_MINUTES => "pressing",
        _ => "calm",
    };
    Due { class, words: text }
}
