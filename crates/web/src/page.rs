//! Templates as answers.

use askama::Template;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderMap, REFERRER_POLICY, SET_COOKIE,
    VARY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{Html, IntoResponse, Redirect, Response};

use crate::caller::Caller;

/// Nothing but what this server sends, no inline script or style. Photographs may lie elsewhere.
const POLICY: &str = "default-src 'none'; img-src 'self' https:; style-src 'self'; script-src 'self'; \
     connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// What every page says about itself unless it knows better.
const HEADERS: [(HeaderName, &str); 6] = [
    (CONTENT_SECURITY_POLICY, POLICY),
    (REFERRER_POLICY, "same-origin"),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (X_FRAME_OPTIONS, "DENY"),
    (CACHE_CONTROL, "private, no-cache"),
    (VARY, "accept-language, cookie, souk-fragment"),
];

/// A template as a page.
pub(crate) fn html(status: StatusCode, template: &impl Template) -> Response {
    match template.render() {
        Ok(text) => (status, Html(text)).into_response(),
        Err(error) => {
            tracing::error!(%error, "a template cannot be rendered");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// A template as a page for somebody, with what their browser shall remember.
pub(crate) fn for_caller(caller: &Caller, template: &impl Template) -> Response {
    remembered(caller, html(StatusCode::OK, template))
}

/// The way to another page, with what their browser shall remember.
pub(crate) fn lead(caller: &Caller, to: &str) -> Response {
    remembered(caller, Redirect::to(to).into_response())
}

fn remembered(caller: &Caller, mut response: Response) -> Response {
    for cookie in &caller.remember {
        response.headers_mut().append(SET_COOKIE, cookie.clone());
    }
    response
}

/// Adds the headers that protect a page.
pub(crate) async fn protect(mut response: Response) -> Response {
    let headers: &mut HeaderMap = response.headers_mut();
    for (name, value) in HEADERS {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
    debug_assert!(headers.contains_key(CONTENT_TYPE) || response.status() != StatusCode::OK);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_inline_may_run() {
        assert!(!POLICY.contains("unsafe"));
        assert!(POLICY.starts_with("default-src 'none'"));
    }
}
