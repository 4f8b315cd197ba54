//! A keep-alive HTTP/1.1 client for one server: just enough of it to measure without costing much itself.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context as _, bail};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// An answer that takes longer is an error.
const PATIENCE: Duration = Duration::from_secs(15);
/// Longest body that is read.
const BODY_BYTES_MAX: usize = 64 << 20;

/// One connection at a time, made anew when the server has closed it.
#[derive(Debug)]
pub(super) struct Client {
    address: SocketAddr,
    stream: Option<BufReader<TcpStream>>,
}

/// What the server answered.
#[derive(Debug)]
pub(super) struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Bytes of the body.
    pub body: Vec<u8>,
}

impl Answer {
    /// The body as JSON; null when it is none.
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

impl Client {
    /// Connects with the first request.
    pub(super) const fn new(address: SocketAddr) -> Client {
        Client { address, stream: None }
    }

    /// The answer to a GET.
    ///
    /// # Errors
    /// When the server cannot be reached, answers in another way than expected, or not in time.
    pub(super) async fn get(&mut self, path: &str) -> anyhow::Result<Answer> {
        self.get_as(path, "bench").await
    }

    /// The answer to a GET of this visitor.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub(super) async fn get_as(&mut self, path: &str, visitor: &str) -> anyhow::Result<Answer> {
        self.get_with(path, &[("x-visitor-id", visitor)]).await
    }

    /// The answer to a GET with these headers.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub(super) async fn get_with(
        &mut self,
        path: &str,
        headers: &[(&str, &str)],
    ) -> anyhow::Result<Answer> {
        let request = format!("GET {path} HTTP/1.1\r\nhost: bench\r\n{}\r\n", lines(headers));
        self.answer(path, &request).await
    }

    /// The answer to a POST of this JSON.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub(super) async fn post(
        &mut self,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> anyhow::Result<Answer> {
        self.send("POST", path, headers, body).await
    }

    /// The answer to a PUT of this JSON.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub(super) async fn put(
        &mut self,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> anyhow::Result<Answer> {
        self.send("PUT", path, headers, body).await
    }

    async fn send(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> anyhow::Result<Answer> {
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n{}\r\n{body}",
            body.len(),
            lines(headers)
        );
        self.answer(path, &request).await
    }

    async fn answer(&mut self, path: &str, request: &str) -> anyhow::Result<Answer> {
        let answered = timeout(PATIENCE, self.ask(request)).await;
        let answered = answered.with_context(|| format!("no answer within {PATIENCE:?}: {path}"));
        if !matches!(answered, Ok(Ok(_))) {
            self.stream = None;
        }
        answered?
    }

    async fn ask(&mut self, request: &str) -> anyhow::Result<Answer> {
        if let Some(stream) = &mut self.stream {
            // A server closes connections that were idle for long; one that fails at once is made anew.
            if let Ok(answer) = exchange(stream, request).await {
                return Ok(answer);
            }
        }
        let stream = TcpStream::connect(self.address).await?;
        stream.set_nodelay(true)?;
        exchange(self.stream.insert(BufReader::new(stream)), request).await
    }
}

/// Headers as they are sent.
fn lines(headers: &[(&str, &str)]) -> String {
    headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect()
}

async fn exchange(stream: &mut BufReader<TcpStream>, request: &str) -> anyhow::Result<Answer> {
    stream.write_all(request.as_bytes()).await?;
    let mut line = String::new();
    stream.read_line(&mut line).await?;
    let status = line.split(' ').nth(1).and_then(|code| code.parse().ok());
    let status = status.context("the connection was closed before an answer")?;
    let mut length = None;
    loop {
        line.clear();
        if stream.read_line(&mut line).await? == 0 {
            bail!("the connection was closed within an answer's head");
        }
        let Some((name, value)) = line.split_once(':') else { break };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse::<usize>().ok();
        }
    }
    let length = length.filter(|&length| length <= BODY_BYTES_MAX);
    let mut body = vec![0; length.context("the answer does not say how long it is")?];
    stream.read_exact(&mut body).await?;
    Ok(Answer { status, body })
}

/// Text as a value in a query string.
pub(super) fn encoded(text: &str) -> String {
    use std::fmt::Write as _;

    let mut encoded = String::with_capacity(text.len() * 3);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a text cannot fail.
            let _written = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn a_connection_is_used_again_and_made_anew_when_the_server_closed_it() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut client = Client::new(listener.local_addr().unwrap());
        let server = tokio::spawn(async move {
            for answers in [2, 1] {
                let mut stream = BufReader::new(listener.accept().await.unwrap().0);
                for _ in 0..answers {
                    let mut line = String::new();
                    while stream.read_line(&mut line).await.unwrap() > 2 {}
                    let answer = "HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\n{\"a\": 1}";
                    stream.write_all(answer.as_bytes()).await.unwrap();
                }
            }
        });

        for _ in 0..3 {
            let answer = client.get("/").await.unwrap();
            assert_eq!((answer.status, answer.json()["a"].as_i64()), (200, Some(1)));
        }
        server.await.unwrap();
    }

    #[test]
    fn a_query_string_takes_every_text() {
        assert_eq!(encoded("B-01 é&"), "B-01%20%C3%A9%26");
    }
}
