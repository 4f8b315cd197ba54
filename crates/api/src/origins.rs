//! Which pages of other sites may read the public API from a browser (CORS). None unless the shop names them; only
//! public routes that change nothing, searches among them that are posted, and the one that takes events are opened,
//! and never with a cookie.

use std::str::FromStr;
use std::time::Duration;

use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::uri::Authority;
use axum::http::{HeaderName, HeaderValue, Method};
use tower_http::cors::{AllowOrigin, CorsLayer};

use crate::request_id::X_REQUEST_ID;
use crate::visitor::X_VISITOR_ID;

/// What clients of `/1/indexes` that cannot name themselves in the address say; nobody reads it.
const CLIENT_NAMES: [&str; 2] = ["x-algolia-application-id", "x-algolia-api-key"];

/// Time a browser may keep what it was told.
const AGE_MAX: Duration = Duration::from_secs(600);

/// The sites whose pages may read; the default is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origins {
    listed: Vec<HeaderValue>,
    any: bool,
}

/// A text that is no origin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an origin must be of the form https://example.com, but is \"{0}\"")]
pub struct BadOrigin(String);

impl Origins {
    /// The layer that says so to browsers, for routes that are read or posted to; none when no site may.
    pub(crate) fn layer(&self, posted: bool) -> Option<CorsLayer> {
        let origin = match (self.any, self.listed.as_slice()) {
            (true, _) => AllowOrigin::any(),
            (false, []) => return None,
            (false, listed) => AllowOrigin::list(listed.to_vec()),
        };
        let request_id = HeaderName::from_static(X_REQUEST_ID);
        let layer = CorsLayer::new()
            .allow_origin(origin)
            .allow_methods(if posted {
                vec![Method::POST]
            } else {
                vec![Method::GET, Method::HEAD]
            })
            .allow_headers(
                CLIENT_NAMES
                    .map(HeaderName::from_static)
                    .into_iter()
                    .chain([
                        request_id.clone(),
                        HeaderName::from_static(X_VISITOR_ID),
                        CONTENT_TYPE,
                    ])
                    .collect::<Vec<_>>(),
            )
            .expose_headers([request_id, RETRY_AFTER])
            .max_age(AGE_MAX);
        Some(layer)
    }
}

/// Reads a list with commas, such as `https://example.com, http://localhost:3000`; `*` is every site.
impl FromStr for Origins {
    type Err = BadOrigin;

    fn from_str(text: &str) -> Result<Self, BadOrigin> {
        let mut origins = Origins::default();
        for origin in text.split(',').map(str::trim).filter(|origin| !origin.is_empty()) {
            if origin == "*" {
                origins.any = true;
            } else {
                origins.listed.push(read(origin)?);
            }
        }
        Ok(origins)
    }
}

/// An origin exactly as browsers write it: scheme, host in lower case, port if it is not the scheme's.
fn read(origin: &str) -> Result<HeaderValue, BadOrigin> {
    let refuse = || BadOrigin(origin.to_owned());
    let rest = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
    let authority = rest.ok_or_else(refuse)?;
    let plain = authority.parse::<Authority>().is_ok()
        && !authority.contains('@')
        && authority.to_lowercase() == authority;
    if !plain {
        return Err(refuse());
    }
    HeaderValue::from_str(origin).map_err(|_| refuse())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_read_as_browsers_write_them_and_anything_else_is_quoted() {
        let read = |text: &str| text.parse::<Origins>();

        assert_eq!(read("").unwrap(), Origins::default());
        assert_eq!(read("https://a.example, http://localhost:3000").unwrap().listed.len(), 2);
        assert!(read("*").unwrap().any);
        for bad in [
            "example.com",
            "https://",
            "https://a.example/",
            "https://A.example",
            "ftp://a",
            "https://u@a",
        ] {
            let refused = read(bad).unwrap_err().to_string();
            assert!(refused.contains(bad), "{refused}");
        }
    }
}
