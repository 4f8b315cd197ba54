//! The guarded client: whom it calls, and what it says when nobody answers.

use souk_providers::http::{CallError, Client, Request};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// Answers one connection with these bytes, after the request's head has come.
async fn answering(bytes: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut head = [0; 1024];
        let _ = stream.read(&mut head).await;
        let _ = stream.write_all(&bytes).await;
    });
    base
}

#[tokio::test]
async fn only_configured_origins_are_called() {
    let client = Client::new(["https://api.stripe.com"]).unwrap();

    let other =
        client.send(&Request::get("https://api.stripe.com.evil.example/x".to_owned())).await;
    let plain = Client::new(["http://api.stripe.com"]);
    let inside = client.send(&Request::get("http://169.254.169.254/latest".to_owned())).await;

    assert!(matches!(other, Err(CallError::NotSent(_))), "{other:?}");
    assert!(matches!(inside, Err(CallError::NotSent(_))), "{inside:?}");
    assert!(plain.is_err(), "nothing goes to another machine in the clear");
}

#[tokio::test]
async fn a_refused_connection_was_not_sent_and_a_broken_answer_is_unknown() {
    let silent = answering(Vec::new()).await;
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let closed = format!("http://{closed}");
    let client = Client::new([silent.as_str(), closed.as_str()]).unwrap();

    let unknown = client.send(&Request::get(format!("{silent}/x"))).await;
    let unsent = client.send(&Request::get(format!("{closed}/x"))).await;

    assert!(matches!(unknown, Err(CallError::NoAnswer(_))), "{unknown:?}");
    assert!(matches!(unsent, Err(CallError::NotSent(_))), "{unsent:?}");
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let base = answering(
        b"HTTP/1.1 302 Found\r\nlocation: http://169.254.169.254/\r\ncontent-length: 0\r\n\r\n"
            .to_vec(),
    )
    .await;
    let client = Client::new([base.as_str()]).unwrap();

    let answer = client.send(&Request::get(format!("{base}/x"))).await.unwrap();

    assert_eq!(answer.status, 302);
}

#[tokio::test]
async fn an_endless_answer_is_cut_off() {
    let mut bytes = b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n".to_vec();
    bytes.resize(1_000_000, b'x');
    let base = answering(bytes).await;
    let client = Client::new([base.as_str()]).unwrap();

    let answer = client.send(&Request::get(format!("{base}/x"))).await;

    assert!(matches!(answer, Err(CallError::NoAnswer(_))), "{answer:?}");
}
