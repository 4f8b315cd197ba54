//! The simulators over HTTP: the providers' interfaces, pages where a tester pays, and an admin path.

use std::time::Duration;

use axum::Json;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::header::{CONTENT_TYPE, LOCATION};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{any, get, post};
use serde::Deserialize;
use souk_providers::http::{Client, Request};
use tokio::net::TcpListener;

use crate::bank::{Deed, Payment, Shown};
use crate::moods::Moods;
use crate::simulator::{Came, Hook, Simulator};
use crate::wire::{Back, Call};

/// How long a call whose answer is lost is kept waiting; longer than a shop's patience.
const SILENCE: Duration = Duration::from_secs(25);

/// Serves until `stop` is ready. `now_s` says the second of Unix time, which callbacks are signed with.
pub async fn serve(
    listener: TcpListener,
    simulator: Simulator,
    now_s: fn() -> i64,
    stop: impl Future<Output = ()> + Send + 'static,
) {
    let served = axum::serve(listener, router(simulator, now_s)).with_graceful_shutdown(stop);
    if let Err(error) = served.await {
        tracing::warn!(%error, "the simulators ended");
    }
}

fn router(simulator: Simulator, now_s: fn() -> i64) -> Router {
    Router::new()
        .route("/", get(payments))
        .route("/pay/{id}", get(page))
        .route("/pay/{id}/{deed}", post(act))
        .route("/admin/moods", post(moods))
        .route("/admin/payments", get(payments))
        .route("/admin/payments/{id}/{deed}", post(steer))
        .fallback(any(call))
        .with_state(Desk { simulator, now_s })
}

#[derive(Clone)]
struct Desk {
    simulator: Simulator,
    now_s: fn() -> i64,
}

impl Desk {
    /// Makes the callbacks that are due, beside the answer that caused them.
    fn deliver(&self) {
        for hook in self.simulator.hooks((self.now_s)()) {
            tokio::spawn(send(hook));
        }
    }
}

/// Tries a callback three times, as providers do.
async fn send(hook: Hook) {
    const PAUSES_S: [u64; 3] = [0, 2, 10];
    let Ok(client) = Client::new([hook.url.as_str()]) else { return };
    let mut request = Request::post(hook.url.clone(), "application/json", hook.body);
    request.headers = hook.headers;
    for pause in PAUSES_S {
        tokio::time::sleep(Duration::from_secs(pause)).await;
        match client.send(&request).await {
            Ok(answer) if answer.status < 300 => return,
            Ok(answer) => tracing::info!(answer.status, "{} was not taken", hook.connector),
            Err(error) => tracing::info!(%error, "{} could not be told", hook.connector),
        }
    }
}

async fn call(State(desk): State<Desk>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let texts = headers.iter().filter_map(|(name, value)| {
        Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
    });
    let call = Call {
        path: uri.path().to_owned(),
        query: uri.query().unwrap_or_default().to_owned(),
        headers: texts.collect(),
        body: String::from_utf8_lossy(&body).into_owned(),
    };
    let came = desk.simulator.call(&call);
    desk.deliver();
    match came {
        // KNET's entrance, which a browser comes through.
        Came::Answer(302, page) => (StatusCode::FOUND, [(LOCATION, page)]).into_response(),
        Came::Answer(status, body) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            (status, [(CONTENT_TYPE, "application/json")], body).into_response()
        }
        Came::Nowhere => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        Came::Silence => {
            tokio::time::sleep(SILENCE).await;
            StatusCode::GATEWAY_TIMEOUT.into_response()
        }
    }
}

async fn page(State(desk): State<Desk>, Path(id): Path<String>) -> Response {
    let Some(payment) = desk.simulator.payment(&id) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    Html(html(&payment)).into_response()
}

fn html(payment: &Payment) -> String {
    let Payment { id, connector, amount, reference, .. } = payment;
    let button = |deed: &str, label: &str| {
        format!(
            "<form method=post action=\"/pay/{id}/{deed}\"><button id={deed}>{label}</button></form>"
        )
    };
    document(&format!(
        "<h1>{connector}</h1><p>A simulated provider: no money moves.</p><p id=amount>{amount}</p><p>{}</p>{}{}{}",
        escaped(reference),
        button("pay", "Pay"),
        button("fail", "Be declined"),
        button("cancel", "Cancel"),
    ))
}

async fn act(State(desk): State<Desk>, Path((id, deed)): Path<(String, String)>) -> Response {
    let Some(deed) = Deed::named(&deed) else { return StatusCode::NOT_FOUND.into_response() };
    let Some(back) = desk.simulator.act(&id, deed, false) else {
        return Html(document("<p>This was decided before.</p>")).into_response();
    };
    desk.deliver();
    match back {
        Back::Get(url) if url.is_empty() => {
            Html(document("<p>Done. The shop will notice.</p>")).into_response()
        }
        Back::Get(url) => Redirect::to(&url).into_response(),
        Back::Post(url, fields) => {
            let fields: String = fields
                .iter()
                .map(|(name, value)| {
                    format!("<input type=hidden name=\"{name}\" value=\"{}\">", escaped(value))
                })
                .collect();
            let form = format!(
                "<form id=back method=post action=\"{}\">{fields}<button>Back to the shop</button></form>\
                 <script>document.getElementById('back').submit()</script>",
                escaped(&url)
            );
            Html(document(&form)).into_response()
        }
    }
}

fn document(body: &str) -> String {
    format!(
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content=\"width=device-width\">\
         <title>Simulated payment</title><link rel=icon href=\"data:,\"><style>body{{font:1.1rem system-ui;max-width:24rem;margin:3rem auto;padding:0 1rem}}\
         button{{font:inherit;width:100%;padding:.8rem;margin:.3rem 0}}</style>{body}"
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

async fn payments(State(desk): State<Desk>) -> Json<Vec<Shown>> {
    Json(desk.simulator.payments())
}

async fn moods(State(desk): State<Desk>, Json(moods): Json<Moods>) -> Json<Moods> {
    desk.simulator.set_moods(moods);
    Json(moods)
}

/// How a payment is steered.
#[derive(Deserialize)]
struct Steering {
    /// Whether money may come after the end.
    #[serde(default)]
    late: bool,
}

async fn steer(
    State(desk): State<Desk>,
    Path((id, deed)): Path<(String, String)>,
    Query(steering): Query<Steering>,
) -> StatusCode {
    let Some(deed) = Deed::named(&deed) else { return StatusCode::NOT_FOUND };
    let changed = desk.simulator.act(&id, deed, steering.late).is_some();
    desk.deliver();
    if changed { StatusCode::NO_CONTENT } else { StatusCode::CONFLICT }
}
