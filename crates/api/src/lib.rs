//! The HTTP interface: routes under policies, answers and problem documents, and the accept loop.
//!
//! **Invariants**: every route stands under exactly one policy; status codes of errors are known to
//! `error.rs` alone; whatever a client sends, malformed input is answered with a 4xx problem document.
//! A request reads one [`souk_search::View`]. [`pipeline`] is what pages call too.

mod allowance;
mod answer;
mod app;
mod attribution;
mod background;
mod cursor;
mod error;
mod event_log;
mod extract;
mod layers;
mod metrics;
mod openapi;
mod origins;
mod params;
pub mod pipeline;
mod policy;
mod recommender;
mod refusal;
mod request_id;
mod routes;
mod search_log;
mod searchers;
pub mod secrets;
mod serve;
mod visitor;
mod writing;

pub use allowance::{BODY_BYTES_MAX, IMPORT_BYTES_MAX, PICTURE_BYTES_MAX};
pub use app::{App, AppState};
pub use attribution::Attribution;
use axum::Router;
pub use background::background;
pub use cursor::Keys;
pub use error::{Code, Error, FieldError, PROBLEM_JSON, Problem, Result};
pub use layers::with_layers;
pub use openapi::openapi;
pub use origins::{BadOrigin, Origins};
pub use pipeline::picture_url;
pub use policy::{Permission, Policy};
pub use request_id::current as request_id;
pub use serve::{Limits, serve};
pub use souk_recommend::serve::Placement;
use utoipa_axum::router::OpenApiRouter;

/// Every route of the HTTP interface, without the layers: merge the pages in, then [`with_layers`].
pub fn router(app: AppState) -> Router {
    let guarded = routes::all()
        .into_iter()
        .fold(OpenApiRouter::default(), |router, route| router.routes(route.guarded(&app)));
    Router::from(guarded).merge(openapi::docs()).with_state(app)
}

/// `/metrics`, for a port of its own.
pub fn metrics_router(app: &AppState) -> Router {
    with_layers(metrics::router(app.clone(), metrics::install()), app)
}

/// The policy of every route: method, path, policy, in the order of the `OpenAPI` document.
#[must_use]
pub fn policies() -> Vec<(String, String, Policy)> {
    openapi::policies(routes::all())
}
