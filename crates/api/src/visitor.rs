//! Whose device a request comes from, as its client says.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use souk_commerce::searches::VISITOR_LENGTH_MAX;

use crate::error::{Code, Error, FieldError};

/// The header by which a client tells one device's requests from another's.
pub(crate) const X_VISITOR_ID: &str = "x-visitor-id";

/// The device, if its client names it; an extractor.
#[derive(Debug)]
pub(crate) struct Visitor(pub(crate) Option<String>);

impl<S: Send + Sync> FromRequestParts<S> for Visitor {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        let Some(given) = parts.headers.get(X_VISITOR_ID).filter(|given| !given.is_empty()) else {
            return Ok(Visitor(None));
        };
        let refuse = |code, detail| FieldError::new(format!("/{X_VISITOR_ID}"), code, detail);
        let Ok(name) = given.to_str() else {
            let detail = "a visitor id must be of visible ASCII characters".to_owned();
            return Err(refuse(Code::InvalidValue, detail).into());
        };
        if name.len() > VISITOR_LENGTH_MAX {
            let detail = format!("a visitor id must have at most {VISITOR_LENGTH_MAX} characters");
            return Err(refuse(Code::TooLong, detail).into());
        }
        Ok(Visitor(Some(name.to_owned())))
    }
}
