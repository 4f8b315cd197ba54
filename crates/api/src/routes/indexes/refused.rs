//! Errors as Algolia's clients read them: a message and the status.

use axum::body::Body;
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::error::Error;
use crate::extract::JSON;

/// Why a request to these routes was not answered.
#[derive(Debug)]
pub(super) enum Refused {
    /// No index has this name.
    NoIndex(String),
    /// What can go wrong elsewhere too.
    Other(Error),
}

impl<E: Into<Error>> From<E> for Refused {
    fn from(error: E) -> Self {
        Refused::Other(error.into())
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let (message, error) = match self {
            Refused::NoIndex(name) => {
                let name = name.chars().take(64).collect::<String>();
                (Some(format!("Index {name} does not exist")), Error::NotFound)
            }
            Refused::Other(error) => (None, error),
        };
        let problem = error.problem();
        let body =
            json!({ "message": message.unwrap_or(problem.detail), "status": problem.status });
        let (mut parts, _) = error.into_response().into_parts();
        parts.headers.remove(CONTENT_LENGTH);
        parts.headers.insert(CONTENT_TYPE, HeaderValue::from_static(JSON));
        Response::from_parts(parts, Body::from(body.to_string()))
    }
}
