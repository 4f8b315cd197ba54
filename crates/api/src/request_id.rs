//! The name of the request being answered, known to everything that runs in its task.

use std::future::Future;

use axum::http::HeaderMap;

/// The header that carries the name in both directions.
pub(crate) const X_REQUEST_ID: &str = "x-request-id";

/// Longest name taken from a client.
const LENGTH_MAX: usize = 64;

tokio::task_local! {
    static CURRENT: String;
}

/// The current request's name; empty outside of a request.
#[must_use]
pub fn current() -> String {
    CURRENT.try_with(Clone::clone).unwrap_or_default()
}

/// Runs a future under a name.
pub(crate) async fn scope<F: Future>(id: String, future: F) -> F::Output {
    CURRENT.scope(id, future).await
}

/// The client's name for the request when it is a plain token, else a fresh one.
pub(crate) fn choose(headers: &HeaderMap) -> String {
    let given = headers.get(X_REQUEST_ID).and_then(|value| value.to_str().ok());
    match given {
        Some(id) if is_token(id) => id.to_owned(),
        _ => format!("{:032x}", rand::random::<u128>()),
    }
}

/// Only plain tokens are taken over, so that a client cannot write its own lines into the log.
fn is_token(text: &str) -> bool {
    (1..=LENGTH_MAX).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clients_token_is_kept_and_anything_else_is_replaced() {
        let mut headers = HeaderMap::new();
        headers.insert(X_REQUEST_ID, "abc-1".parse().unwrap());

        assert_eq!(choose(&headers), "abc-1");

        for bad in ["", "a b", "{\"x\":1}", &"a".repeat(65)] {
            headers.insert(X_REQUEST_ID, bad.parse().unwrap());
            assert_ne!(choose(&headers), bad);
            assert_eq!(choose(&headers).len(), 32);
        }
    }
}
