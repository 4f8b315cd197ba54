//! Metrics: one recorder per process, what the HTTP interface records in it, and gauges that are read when
//! somebody asks.

use std::sync::OnceLock;
use std::time::Duration;

use axum::extract::State;
use axum::routing::get;
use metrics::{
    Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram,
};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use souk_commerce::Db;
use souk_search::View;

use crate::AppState;

/// Upper bounds of the duration histogram, in seconds.
const DURATION_BUCKETS_S: [f64; 12] =
    [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0];

/// How often histograms are folded together while nobody reads them.
const UPKEEP: Duration = Duration::from_secs(5);

/// The process's recorder, installed on first use.
pub(crate) fn install() -> PrometheusHandle {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    HANDLE.get_or_init(start).clone()
}

fn start() -> PrometheusHandle {
    let builder = PrometheusBuilder::new()
        .set_buckets(&DURATION_BUCKETS_S)
        .expect("the list of buckets is not empty");
    let recorder = builder.build_recorder();
    let handle = recorder.handle();
    if metrics::set_global_recorder(recorder).is_err() {
        tracing::warn!("another metrics recorder is installed, /metrics stays empty");
    }
    describe();
    let upkeep = handle.clone();
    std::thread::spawn(move || {
        loop {
            std::thread::sleep(UPKEEP);
            upkeep.run_upkeep();
        }
    });
    handle
}

fn describe() {
    describe_counter!("souk_http_requests_total", "Requests answered");
    describe_counter!("souk_feed_documents_total", "Documents written to the index");
    describe_counter!("souk_feed_refills_total", "Indexes built from nothing");
    describe_counter!("souk_trainings_total", "Nightly trainings, by how they ended");
    describe_counter!("souk_searches_logged_total", "Searches written into the log");
    describe_counter!("souk_searches_dropped_total", "Searches that the log had no room for");
    for (name, text) in [
        ("souk_http_request_seconds", "Time from a request's head to its answer's"),
        ("souk_feed_commit_seconds", "Time that a commit of the index took"),
    ] {
        describe_histogram!(name, Unit::Seconds, text);
    }
    for (name, text) in GAUGES {
        describe_gauge!(name, text);
    }
}

/// Every gauge, also those that the feed sets.
const GAUGES: [(&str, &str); 14] = [
    ("souk_feed_bytes_behind", "Log that search has not read yet"),
    ("souk_feed_seconds_behind", "Age of the oldest change that search does not have, or 0"),
    ("souk_feed_position", "Position of the log that search has reached, in bytes"),
    ("souk_slot_active", "Whether an instance reads the slot now"),
    ("souk_slot_retained_bytes", "Log that PostgreSQL keeps for the slot"),
    (
        "souk_slot_safe_wal_bytes",
        "Log that may be written before the slot is lost; +Inf without a limit",
    ),
    (
        "souk_slot_wal_status",
        "1 for what PostgreSQL says of the slot's log, 0 for what it does not",
    ),
    ("souk_index_commit_age_seconds", "How long ago the index was committed"),
    ("souk_index_documents", "Documents in the index"),
    ("souk_index_segments", "Segments of the index"),
    ("souk_columns_products", "Products that a market shows"),
    ("souk_db_connections", "Connections to the database that are open"),
    ("souk_db_connections_idle", "Connections to the database that nobody uses"),
    ("souk_db_connections_max", "Connections to the database that may be open at once"),
];

/// Counts one answered request under its route.
pub(crate) fn record_request(method: &'static str, route: String, status: u16, elapsed: Duration) {
    let labels = [("method", method.to_owned()), ("route", route)];
    histogram!("souk_http_request_seconds", &labels).record(elapsed.as_secs_f64());
    let [method, route] = labels;
    let labels = [method, route, ("status", status.to_string())];
    counter!("souk_http_requests_total", &labels).increment(1);
}

/// `/metrics` in Prometheus's text format, for a port of its own.
pub(crate) fn router(app: AppState, handle: PrometheusHandle) -> axum::Router {
    let render = async move |State(app): State<AppState>| {
        read_pool(&app.db);
        let (written, dropped) = app.searches.counts();
        counter!("souk_searches_logged_total").absolute(written);
        counter!("souk_searches_dropped_total").absolute(dropped);
        if let Some(view) = app.engine.view() {
            // Every column of every market is counted, which is nothing for an async thread.
            let read = app.compute(move || {
                read_view(&view);
                Ok(())
            });
            if let Err(error) = read.await {
                tracing::warn!(%error, "the gauges of the index could not be read");
            }
        }
        handle.render()
    };
    axum::Router::new().route("/metrics", get(render)).with_state(app)
}

fn read_pool(db: &Db) {
    gauge!("souk_db_connections").set(db.size());
    gauge!("souk_db_connections_max").set(db.options().get_max_connections());
    gauge!("souk_db_connections_idle").set(number(db.num_idle()));
}

fn read_view(view: &View) {
    gauge!("souk_index_documents").set(number(view.searcher.document_count()));
    gauge!("souk_index_segments").set(number(view.searcher.segment_count()));
    for market in &view.tables.markets {
        let labels = [("market", market.code.to_string())];
        let products = view.columns.iter(market.code).count();
        gauge!("souk_columns_products", &labels).set(number(products));
    }
}

/// A count as a gauge takes it; none of these comes near the limit.
fn number(count: impl TryInto<u32>) -> f64 {
    f64::from(count.try_into().unwrap_or(u32::MAX))
}
