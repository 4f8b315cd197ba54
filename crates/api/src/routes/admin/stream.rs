//! `GET /v1/admin/stream`: what happens to orders, as server-sent events.
//!
//! The id of an event is a mark below which everything has been told: two purchases that are made at the same time may be
//! seen in either order, so the mark stays behind the newest by [`SETTLES`]. Who connects anew with `Last-Event-ID`
//! misses nothing, and may be told again what is above the mark; the `id` in the data tells repetitions.

use std::collections::{BTreeSet, VecDeque};
use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{Event as Told, Sse};
use futures_util::stream::{self, Stream};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use souk_base::MarketCode;
use souk_commerce::orders::{self, Happening, OrderGroupId, State as OrderState};
use utoipa::ToSchema;
use utoipa_axum::routes;

use crate::AppState;
use crate::error::Result;
use crate::policy::{Permission, Policy, Route, route};

/// How often it is looked, and how often before clients connect anew: an open stream would hold up a stop.
const LOOK: Duration = Duration::from_secs(1);
const LOOKS_MAX: u32 = 30;

/// What is older than this has been seen: no transaction that writes an order's log takes as long.
const SETTLES: SignedDuration = SignedDuration::from_secs(30);

/// Events that are read at once.
const BATCH: i64 = 500;

pub(super) fn routes() -> Vec<Route> {
    vec![route(Policy::Staff(Permission::OrdersRead), routes!(get_stream))]
}

/// Something that happened to an order.
#[derive(Debug, Serialize, ToSchema)]
struct OrderHappening {
    /// Names it; what is told twice has the same.
    id: String,
    /// What, such as `order.placed`.
    event: String,
    /// The order; null for what concerns all of its purchase.
    number: Option<String>,
    /// The purchase.
    #[schema(value_type = String)]
    order_group: OrderGroupId,
    /// Where it was made.
    #[schema(value_type = String)]
    market: MarketCode,
    /// Where the order stands since then, where that has changed.
    #[schema(value_type = Option<String>)]
    state: Option<OrderState>,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
}

impl From<Happening> for OrderHappening {
    fn from(happening: Happening) -> Self {
        let Happening { id, number, group, market, topic, state, at } = happening;
        let (id, event) = (id.to_string(), topic);
        OrderHappening { id, event, number, order_group: group, market, state, at }
    }
}

/// A client that listens.
struct Listener {
    app: AppState,
    /// Everything up to here has been told.
    mark: Option<i64>,
    /// What has been told above the mark.
    told: BTreeSet<i64>,
    waiting: VecDeque<Happening>,
    looked: u32,
}

/// What happens to orders from now on, or since `Last-Event-ID`: events of the kind `order`, whose data is an object.
#[utoipa::path(
    get,
    path = "/v1/admin/stream",
    tag = "orders",
    params(("Last-Event-ID" = Option<String>, Header, description = "The last id that was heard")),
    responses((status = 200, description = "Events", body = OrderHappening, content_type = "text/event-stream"))
)]
async fn get_stream(
    State(app): State<AppState>,
    headers: HeaderMap,
) -> Sse<impl Stream<Item = std::result::Result<Told, Infallible>>> {
    let heard = headers.get("last-event-id").and_then(|id| id.to_str().ok()?.parse::<i64>().ok());
    let (told, waiting) = (BTreeSet::new(), VecDeque::new());
    let listener = Listener { app, mark: heard, told, waiting, looked: 0 };
    Sse::new(stream::unfold(listener, async |mut listener| {
        let told = listener.next().await?;
        Some((Ok(told), listener))
    }))
}

impl Listener {
    /// The next event, or a word that keeps the connection open; none once it is time to connect anew.
    async fn next(&mut self) -> Option<Told> {
        if self.waiting.is_empty() {
            if self.looked == LOOKS_MAX {
                return None;
            }
            if self.looked > 0 {
                tokio::time::sleep(LOOK).await;
            }
            self.looked += 1;
            if let Err(error) = self.look().await {
                tracing::warn!(%error, "a listener's look failed");
            }
        }
        let mark = self.mark.unwrap_or_default().to_string();
        let Some(happening) = self.waiting.pop_front() else {
            return Some(Told::default().id(mark).comment("quiet"));
        };
        let told = Told::default().id(mark).event("order");
        told.json_data(OrderHappening::from(happening)).ok()
    }

    async fn look(&mut self) -> Result<()> {
        let mut connection = self.app.connection().await?;
        let Some(mark) = self.mark else {
            // What is being written now is news, though older ids may be seen after newer ones.
            let mark = orders::newest_change(&mut connection).await? - BATCH;
            let before = orders::happened_after(&mut connection, mark, BATCH).await?;
            self.told.extend(before.iter().map(|happening| happening.id));
            self.mark = Some(mark);
            return Ok(());
        };
        let found = orders::happened_after(&mut connection, mark, BATCH).await?;
        let settled = Timestamp::now() - SETTLES;
        let is_old = |happening: &&Happening| happening.at < settled;
        // What is told now is above the mark until the next look.
        let risen =
            found.iter().take_while(is_old).take_while(|it| self.told.contains(&it.id)).last();
        if let Some(risen) = risen {
            self.mark = Some(risen.id);
            self.told = self.told.split_off(&(risen.id + 1));
        }
        let new = found.into_iter().filter(|it| self.told.insert(it.id));
        self.waiting.extend(new.collect::<Vec<_>>());
        Ok(())
    }
}
