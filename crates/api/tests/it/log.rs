//! What the log says of a request, and what it never says.

use std::io;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::routing::get;
use serde_json::Value;
use souk_api::with_layers;
use tracing::subscriber::DefaultGuard;

use crate::fixture::Shop;

/// Keeps the lines logged by this thread while it lives.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    fn start() -> (Log, DefaultGuard) {
        let log = Log::default();
        let writer = log.clone();
        let subscriber =
            tracing_subscriber::fmt().json().with_writer(move || writer.clone()).finish();
        (log, tracing::subscriber::set_default(subscriber))
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    /// The lines with this message.
    fn lines(&self, message: &str) -> Vec<Value> {
        let text = self.text();
        let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        lines.filter(|line| line["fields"]["message"] == message).collect()
    }
}

#[tokio::test]
async fn each_request_has_one_line_that_names_its_route_and_nothing_that_was_typed() {
    let shop = Shop::open().await;
    let (log, _guard) = Log::start();

    let answer = shop.get("/v1/KW/search?q=hunter2").await;
    shop.get("/track/hunter2").await;

    let lines = log.lines("answered");
    assert_eq!(lines.len(), 2, "{}", log.text());
    assert_eq!(lines[0]["fields"]["route"], "/v1/{market}/search");
    assert_eq!(lines[0]["fields"]["status"], 200);
    assert!(lines[0]["fields"]["duration_ms"].is_number());
    assert_eq!(lines[0]["span"]["request_id"], answer.header("x-request-id"));
    assert_eq!(lines[1]["fields"]["route"], "unmatched");
    assert!(!log.text().contains("hunter2"));
}

#[tokio::test]
async fn a_fault_is_logged_whole_under_the_name_its_client_was_given() {
    let shop = Shop::closed().await;
    let router = with_layers(Router::new().route("/panic", get(panics)), &shop.app);
    let (log, _guard) = Log::start();

    let answer = shop.serving(router).get("/panic").await;

    let lines = log.lines("request failed");
    assert_eq!(lines.len(), 1, "{}", log.text());
    assert_eq!(lines[0]["level"], "ERROR");
    assert_eq!(lines[0]["fields"]["error"], "a handler panicked: the shelf broke");
    assert_eq!(lines[0]["span"]["request_id"], answer.json()["trace_id"]);
}

async fn panics() -> &'static str {
    panic!("the shelf broke")
}
