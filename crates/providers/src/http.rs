//! The one client for outgoing calls: time-outs, no redirects, a size limit, and only to origins that are configured.
//!
//! A failed call says whether the provider may have seen it: [`CallError::NotSent`] can be repeated as it is, after
//! [`CallError::NoAnswer`] the outcome is unknown.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Url;
use reqwest::redirect::Policy;

/// Longest wait for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Longest wait for a whole answer; Checkout.com and Tabby themselves speak of up to a minute, shoppers do not wait that long.
const CALL_TIMEOUT: Duration = Duration::from_secs(20);
/// Largest answer that is read.
const ANSWER_BYTES_MAX: usize = 256 * 1024;

/// How a call asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Changes something.
    Post,
}

impl Method {
    /// Its name on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
        }
    }
}

/// A call to be made. `Debug` leaves out the query, headers and the body, which hold secrets and people's data.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    /// How it asks.
    pub method: Method,
    /// Whom.
    pub url: String,
    /// Headers, names in lower case.
    pub headers: Vec<(&'static str, String)>,
    /// The body, empty for none.
    pub body: String,
}

impl Request {
    /// A request without a body.
    #[must_use]
    pub fn get(url: String) -> Request {
        Request { method: Method::Get, url, headers: Vec::new(), body: String::new() }
    }

    /// A request with a body of this type.
    #[must_use]
    pub fn post(url: String, content_type: &str, body: String) -> Request {
        let headers = vec![("content-type", content_type.to_owned())];
        Request { method: Method::Post, url, headers, body }
    }

    /// The same with one header more.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Request {
        self.headers.push((name, value.into()));
        self
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.url.split('?').next().unwrap_or_default();
        write!(f, "{} {path}", self.method.name())
    }
}

/// What came back.
#[derive(Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body, whole.
    pub body: Vec<u8>,
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} with {} bytes", self.status, self.body.len())
    }
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// Nobody has seen the call.
    #[error("not sent: {0}")]
    NotSent(String),
    /// The call went out; what it did is not known.
    #[error("sent, but no answer: {0}")]
    NoAnswer(String),
}

/// A client that calls only the origins it was made for.
#[derive(Clone, Debug)]
pub struct Client {
    way: Way,
}

/// Answers calls in this process.
pub type Handler = Arc<dyn Fn(&Request) -> Result<Answer, CallError> + Send + Sync>;

/// Where calls go.
#[derive(Clone)]
enum Way {
    Network { inner: reqwest::Client, origins: Vec<String> },
    Here(Handler),
}

impl fmt::Debug for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Way::Network { origins, .. } => f.debug_tuple("Network").field(origins).finish(),
            Way::Here(_) => f.write_str("Here"),
        }
    }
}

impl Client {
    /// A client for these addresses; plain HTTP is for simulators on this machine only.
    ///
    /// # Errors
    /// [`CallError::NotSent`] for an address that cannot be called.
    pub fn new<'a>(bases: impl IntoIterator<Item = &'a str>) -> Result<Client, CallError> {
        let origins = bases.into_iter().map(origin).collect::<Result<_, _>>()?;
        let refuse = |error: reqwest::Error| CallError::NotSent(error.to_string());
        let inner = builder().redirect(Policy::none()).timeout(CALL_TIMEOUT).build();
        let inner = inner.map_err(refuse)?;
        Ok(Client { way: Way::Network { inner, origins } })
    }

    /// A client whose calls end in this process: for tests without a network.
    #[must_use]
    pub fn here(handler: Handler) -> Client {
        Client { way: Way::Here(handler) }
    }

    /// Makes the call.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn send(&self, request: &Request) -> Result<Answer, CallError> {
        let (inner, origins) = match &self.way {
            Way::Network { inner, origins } => (inner, origins),
            Way::Here(handler) => return handler(request),
        };
        let place = origin(&request.url)?;
        if !origins.contains(&place) {
            return Err(CallError::NotSent(format!("{place} is not among the configured origins")));
        }
        let mut call = match request.method {
            Method::Get => inner.get(&request.url),
            Method::Post => inner.post(&request.url).body(request.body.clone()),
        };
        for (name, value) in &request.headers {
            call = call.header(*name, value);
        }
        read(call.send().await.map_err(failure)?).await
    }
}

/// A plain client with the TLS library that the database driver has, for stores of files.
///
/// # Errors
/// When the TLS library cannot be set up.
pub fn plain(connect: Duration, whole: Duration) -> Result<reqwest::Client, reqwest::Error> {
    builder().connect_timeout(connect).timeout(whole).build()
}

fn builder() -> reqwest::ClientBuilder {
    // Refused when there is one already, which does as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().connect_timeout(CONNECT_TIMEOUT)
}

/// Scheme, host and port of an address that may be called.
fn origin(address: &str) -> Result<String, CallError> {
    let url: Url = address.parse().map_err(|_| CallError::NotSent("not an address".to_owned()))?;
    let local = matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
    match url.scheme() {
        "https" => Ok(url.origin().ascii_serialization()),
        "http" if local => Ok(url.origin().ascii_serialization()),
        other => Err(CallError::NotSent(format!("{other} is not a safe way to another machine"))),
    }
}

fn failure(error: reqwest::Error) -> CallError {
    let sent = !(error.is_connect() || error.is_builder());
    // Addresses hold payment ids, and KNET's hold the encrypted order.
    let text = error.without_url().to_string();
    if sent { CallError::NoAnswer(text) } else { CallError::NotSent(text) }
}

async fn read(mut response: reqwest::Response) -> Result<Answer, CallError> {
    let status = response.status().as_u16();
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(failure)? {
        body.extend_from_slice(&chunk);
        if body.len() > ANSWER_BYTES_MAX {
            return Err(CallError::NoAnswer(format!("more than {ANSWER_BYTES_MAX} bytes")));
        }
    }
    Ok(Answer { status, body })
}
