//! What every request passes on its way in, outermost first: name, log line and metrics, panic guard,
//! load shedding, timeout, body limit.

use std::any::Any;
use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request, State};
use axum::http::header::{ALLOW, CONTENT_LENGTH, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use tokio::sync::Semaphore;
use tower_http::catch_panic::CatchPanicLayer;
use tracing::Instrument as _;

use crate::AppState;
use crate::allowance::Allowance;
use crate::error::{Error, Result};
use crate::policy;
use crate::request_id::{self, X_REQUEST_ID};

/// Requests worked on at once; more are refused, not queued, so that a crowd does not slow everybody.
const CONCURRENT_MAX: usize = 512;

/// Paths that are answered even under overload, or an orchestrator would restart a busy server.
const NEVER_SHED: [&str; 2] = ["/livez", "/readyz"];

/// Puts the layers around a complete router: API, pages or both.
pub fn with_layers(router: Router, app: &AppState) -> Router {
    let slots = Arc::new(Semaphore::new(CONCURRENT_MAX));
    router
        .layer(from_fn(name_what_is_missing))
        .layer(from_fn_with_state(app.clone(), policy::guard_staff_root))
        .layer(from_fn(limit_body))
        .layer(from_fn(limit_time))
        .layer(from_fn_with_state(slots, shed_load))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn(observe))
        .layer(from_fn(name))
}

/// Gives the request its name, for the log, the problem documents and the client.
async fn name(request: Request, next: Next) -> Response {
    let id = request_id::choose(request.headers());
    let span = tracing::info_span!("request", request_id = %id);
    let value = HeaderValue::from_str(&id).expect("a request id is a plain token");
    let mut response = request_id::scope(id, next.run(request).instrument(span)).await;
    let headers = response.headers_mut();
    headers.insert(HeaderName::from_static(X_REQUEST_ID), value);
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// Writes one log line and the metrics. The route is named, never the path: paths and queries can
/// hold what shoppers typed, order numbers and secrets.
async fn observe(request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = method_label(request.method());
    let matched = request.extensions().get::<MatchedPath>().cloned();
    let route = matched.as_ref().map_or("unmatched", MatchedPath::as_str).to_owned();
    let response = next.run(request).await;
    let status = response.status().as_u16();
    let elapsed = started.elapsed();
    tracing::info!(method, route, status, duration_ms = elapsed.as_secs_f64() * 1e3, "answered");
    crate::metrics::record_request(method, route, status, elapsed);
    response
}

/// A method as a label; a client cannot make up new ones.
fn method_label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

/// What a client gets instead of a closed connection when a handler panics.
#[expect(clippy::needless_pass_by_value, reason = "the layer gives the payload away")]
fn panicked(payload: Box<dyn Any + Send + 'static>) -> Response {
    Error::Internal(format!("a handler panicked: {}", panic_text(&*payload))).into_response()
}

/// What a panic says, for the log.
pub(crate) fn panic_text(payload: &(dyn Any + Send)) -> &str {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("the panic carries no text")
}

async fn shed_load(
    State(slots): State<Arc<Semaphore>>,
    request: Request,
    next: Next,
) -> Result<Response> {
    if NEVER_SHED.contains(&request.uri().path()) {
        return Ok(next.run(request).await);
    }
    let _slot = slots.try_acquire().map_err(|_| Error::Overloaded)?;
    Ok(next.run(request).await)
}

async fn limit_time(request: Request, next: Next) -> Result<Response> {
    let timeout = allowance(&request).timeout;
    tokio::time::timeout(timeout, next.run(request)).await.map_err(|_| Error::TimedOut)
}

/// Refuses a body that says it is too large before any of it is read; one that lies is cut off by
/// [`DefaultBodyLimit`] while it is read.
async fn limit_body(mut request: Request, next: Next) -> Result<Response> {
    let bytes_max = allowance(&request).body_bytes_max;
    if announced_length(request.headers()).is_some_and(|length| length > bytes_max as u64) {
        return Err(Error::BodyTooLarge(bytes_max));
    }
    DefaultBodyLimit::max(bytes_max).apply(&mut request);
    Ok(next.run(request).await)
}

/// What the request's route may take.
pub(crate) fn allowance(request: &Request) -> Allowance {
    Allowance::of(request.extensions().get::<MatchedPath>().map(MatchedPath::as_str))
}

fn announced_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Answers with a problem document where no route is: always below the API's root, elsewhere when the
/// pages have nothing to say either.
async fn name_what_is_missing(request: Request, next: Next) -> Response {
    let unmatched = request.extensions().get::<MatchedPath>().is_none();
    if unmatched && policy::is_below(request.uri().path(), policy::API_ROOT) {
        return Error::NotFound.into_response();
    }
    let response = next.run(request).await;
    if response.headers().contains_key(CONTENT_TYPE) {
        return response;
    }
    let error = match response.status() {
        status if status == Error::NotFound.status() => Error::NotFound,
        status if status == Error::MethodNotAllowed.status() => Error::MethodNotAllowed,
        _ => return response,
    };
    let mut problem = error.into_response();
    if let Some(allow) = response.headers().get(ALLOW) {
        problem.headers_mut().insert(ALLOW, allow.clone());
    }
    problem
}
