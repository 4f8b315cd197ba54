//! Metrics: one recorder per process, and what the HTTP interface records in it.

use std::sync::OnceLock;
use std::time::Duration;

use axum::routing::get;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

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
    metrics::describe_counter!("souk_http_requests_total", "Requests answered");
    metrics::describe_histogram!(
        "souk_http_request_seconds",
        metrics::Unit::Seconds,
        "Time from a request's head to its answer's"
    );
}

/// Counts one answered request under its route.
pub(crate) fn record_request(method: &'static str, route: String, status: u16, elapsed: Duration) {
    let labels = [("method", method.to_owned()), ("route", route)];
    metrics::histogram!("souk_http_request_seconds", &labels).record(elapsed.as_secs_f64());
    let [method, route] = labels;
    let labels = [method, route, ("status", status.to_string())];
    metrics::counter!("souk_http_requests_total", &labels).increment(1);
}

/// `/metrics` in Prometheus's text format, for a port of its own.
pub(crate) fn router(handle: PrometheusHandle) -> axum::Router {
    let metrics = get(move || std::future::ready(handle.render()));
    axum::Router::new().route("/metrics", metrics)
}
