//! The accept loop, over real sockets.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use souk_api::{Limits, serve};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::fixture::Shop;

/// Far more than anything here takes; only a server that never answers reaches it.
const PATIENCE: Duration = Duration::from_secs(60);

/// Never reached by a test that does not want to.
const NEVER: Duration = Duration::from_secs(3_600);

struct Server {
    address: SocketAddr,
    stop: CancellationToken,
    task: JoinHandle<std::io::Result<()>>,
    /// A request is in its handler.
    entered: Arc<Notify>,
    /// Lets the handler go on.
    released: Arc<Notify>,
}

async fn start(limits: Limits) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (entered, released) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (entering, release) = (entered.clone(), released.clone());
    let slow = get(async move || {
        entering.notify_one();
        release.notified().await;
        "finished"
    });
    let router = Router::new().route("/slow", slow).route("/quick", get(async || "quick"));
    let stop = CancellationToken::new();
    let task = tokio::spawn(serve(listener, router, limits, stop.clone()));
    Server { address, stop, task, entered, released }
}

fn limits() -> Limits {
    Limits { header_read: NEVER, shutdown: NEVER, ..Limits::default() }
}

async fn send(address: SocketAddr, bytes: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(bytes.as_bytes()).await.unwrap();
    stream
}

/// Everything until the server closes; a reset counts as closed.
async fn read_to_end(mut stream: TcpStream) -> String {
    let mut bytes = Vec::new();
    let read = stream.read_to_end(&mut bytes);
    drop(tokio::time::timeout(PATIENCE, read).await.expect("the server must close the connection"));
    String::from_utf8_lossy(&bytes).into_owned()
}

async fn ended(server: Server) {
    let ended = tokio::time::timeout(PATIENCE, server.task).await;
    ended.expect("the server must end").unwrap().unwrap();
}

#[tokio::test]
async fn a_client_that_never_ends_its_head_is_cut_off() {
    let server = start(Limits { header_read: Duration::from_millis(50), ..limits() }).await;

    let half = send(server.address, "GET /quick HTTP/1.1\r\nhost: a\r\n").await;
    let silent = send(server.address, "").await;

    assert!(!read_to_end(half).await.contains("quick"));
    assert_eq!(read_to_end(silent).await, "");
}

#[tokio::test]
async fn a_head_beyond_the_limit_is_refused() {
    let server = start(Limits { head_bytes: 8 * 1024, ..limits() }).await;
    let request = format!("GET /quick HTTP/1.1\r\nhost: a\r\nx: {}\r\n\r\n", "a".repeat(9_000));

    let answer = read_to_end(send(server.address, &request).await).await;

    assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
}

#[tokio::test]
async fn a_stop_lets_an_open_request_end() {
    let server = start(limits()).await;
    let stream = send(server.address, "GET /slow HTTP/1.1\r\nhost: a\r\n\r\n").await;
    server.entered.notified().await;

    server.stop.cancel();
    server.released.notify_one();

    let answer = read_to_end(stream).await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("finished"), "{answer}");
    ended(server).await;
}

#[tokio::test]
async fn a_stop_closes_idle_connections_and_takes_no_new_ones() {
    let server = start(limits()).await;
    let address = server.address;
    let idle = send(address, "").await;

    server.stop.cancel();

    assert_eq!(read_to_end(idle).await, "");
    ended(server).await;
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn a_request_that_never_ends_cannot_hold_up_a_stop() {
    let server = start(Limits { shutdown: Duration::from_millis(50), ..limits() }).await;
    let stream = send(server.address, "GET /slow HTTP/1.1\r\nhost: a\r\n\r\n").await;
    server.entered.notified().await;

    server.stop.cancel();

    assert_eq!(read_to_end(stream).await, "");
    ended(server).await;
}

#[tokio::test]
async fn a_connection_beyond_the_limit_waits_for_a_place() {
    let server = start(Limits { connections: 1, ..limits() }).await;
    let first =
        send(server.address, "GET /slow HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await;
    server.entered.notified().await;
    let close = "GET /quick HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
    let mut second = send(server.address, close).await;

    let early = tokio::time::timeout(Duration::from_millis(50), second.read_u8()).await;
    server.released.notify_one();

    assert!(early.is_err(), "the second connection was served beside the first");
    assert!(read_to_end(first).await.ends_with("finished"));
    assert!(read_to_end(second).await.ends_with("quick"));
}

#[tokio::test]
async fn no_method_makes_the_server_fail() {
    let shop = Shop::open().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = CancellationToken::new();
    let server = tokio::spawn(serve(listener, shop.router.clone(), limits(), stop.clone()));
    let ask = async |method: &str, target: &str| {
        let head = format!("{method} {target} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
        read_to_end(send(address, &head).await).await
    };
    let status = |answer: &str| answer.split(' ').nth(1).unwrap_or_default().to_owned();
    let cases = [
        ("/livez", "200", "405"),
        ("/v1/markets", "200", "405"),
        ("/v1/KW/search?q=rose", "200", "405"),
        ("/v1/KW/products/99", "404", "405"),
        ("/v1/auth/staff/session", "401", "405"),
        ("/v1/admin/audit", "401", "401"),
        ("/docs/", "200", "405"),
        ("/nothing", "404", "404"),
        ("*", "404", "404"),
    ];

    for (target, head, options) in cases {
        let answer = ask("HEAD", target).await;
        assert_eq!(status(&answer), head, "HEAD {target}");
        assert!(answer.ends_with("\r\n\r\n"), "an answer to HEAD has no body: {answer}");
        assert_eq!(status(&ask("OPTIONS", target).await), options, "OPTIONS {target}");
    }
    for (method, target) in [("TRACE", "/livez"), ("CONNECT", "a:80"), ("ROSE", "/v1/markets")] {
        assert!(status(&ask(method, target).await).starts_with('4'), "{method} {target}");
    }
    stop.cancel();
    server.await.unwrap().unwrap();
}
