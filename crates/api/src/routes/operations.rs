//! What operators ask: `/livez`, `/readyz`, `/version`, `/openapi.json`.

use std::sync::LazyLock;
use std::sync::atomic::Ordering;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use jiff::Timestamp;
use serde::Serialize;
use souk_search::{Query, Request, Sort, View};
use utoipa::ToSchema;
use utoipa::openapi::OpenApi;
use utoipa_axum::routes;

use crate::error::{Error, Result, not_now};
use crate::policy::{Policy, Route, route};
use crate::{App, AppState};

pub(super) fn routes() -> Vec<Route> {
    vec![
        route(Policy::Public, routes!(get_livez)),
        route(Policy::Public, routes!(get_readyz)),
        route(Policy::Public, routes!(get_version)),
        route(Policy::Public, routes!(get_openapi)),
    ]
}

/// Whether the process lives.
#[derive(Debug, Serialize, ToSchema)]
struct Live {
    /// Always true.
    ok: bool,
}

/// Whether the server can do its work.
#[derive(Debug, Serialize, ToSchema)]
struct Readiness {
    /// Whether the server can do its work: at first every check must pass, later only the search must.
    ok: bool,
    /// The checks.
    checks: Vec<Check>,
}

/// One thing that must be true before shoppers come.
#[derive(Debug, Serialize, ToSchema)]
struct Check {
    /// What is checked.
    name: &'static str,
    /// Whether it is true.
    ok: bool,
    /// What was seen.
    detail: String,
}

/// What is running.
#[derive(Debug, Serialize, ToSchema)]
struct Version {
    /// Version of the program.
    version: &'static str,
    /// Identity of the index's schema and analysis.
    index_schema: String,
}

/// Whether the process lives.
#[utoipa::path(
    get,
    path = "/livez",
    tag = "operations",
    responses((status = 200, description = "It lives", body = Live))
)]
async fn get_livez() -> Json<Live> {
    Json(Live { ok: true })
}

/// Whether the server can do its work: at first database, migrations, first fill of the index and search.
/// Once it was ready it stays so as long as search answers, since pages and search go on without the
/// database; taking the instance out would only turn slow writes into no shop at all.
#[utoipa::path(
    get,
    path = "/readyz",
    tag = "operations",
    responses(
        (status = 200, description = "Ready", body = Readiness),
        (status = 503, description = "Not ready yet", body = Readiness),
    )
)]
async fn get_readyz(State(app): State<AppState>) -> Response {
    let migrated = souk_commerce::migrated(&app.db).await.inspect_err(|error| {
        tracing::warn!(%error, "the database does not answer /readyz");
    });
    let migrated = migrated.ok();
    let database = migrated.map(|_| "answers".to_owned()).ok_or("does not answer".to_owned());
    let search = check("search", search(&app).await);
    let searches = search.ok;
    let checks = vec![
        check("database", database),
        check("migrations", migrations(migrated)),
        check("index", index(&app)),
        search,
    ];
    if checks.iter().all(|check| check.ok) {
        app.was_ready.store(true, Ordering::Relaxed);
    }
    let ok = searches && app.was_ready.load(Ordering::Relaxed);
    let readiness = Readiness { ok, checks };
    if ok { Json(readiness).into_response() } else { not_now(readiness) }
}

fn check(name: &'static str, result: Result<String, String>) -> Check {
    let ok = result.is_ok();
    Check { name, ok, detail: result.unwrap_or_else(|detail| detail) }
}

fn migrations(migrated: Option<bool>) -> Result<String, String> {
    match migrated {
        Some(true) => Ok("all applied".to_owned()),
        Some(false) => Err("run `souk migrate`".to_owned()),
        None => Err("unknown while the database does not answer".to_owned()),
    }
}

fn index(app: &App) -> Result<String, String> {
    match app.engine.view() {
        Some(view) => Ok(format!("filled up to {}", view.position)),
        None => Err("the first fill has not finished".to_owned()),
    }
}

async fn search(app: &AppState) -> Result<String, String> {
    let Some(view) = app.engine.view() else {
        return Err("nothing to search yet".to_owned());
    };
    let found = app.compute(move || probe(&view)).await;
    found.map(|total| format!("finds {total} products")).map_err(|error| {
        tracing::error!(%error, "the search of /readyz failed");
        "fails, see the log".to_owned()
    })
}

/// Searches everything of the first market.
fn probe(view: &View) -> Result<u64> {
    let market = view.tables.markets.first().ok_or(Error::NotReady)?.code;
    let request = Request {
        market,
        text: "",
        lang: None,
        city: None,
        date: None,
        segment: None,
        now: Timestamp::now(),
        category: None,
        filters: &[],
        facets: &[],
        sort: Sort::Relevance,
        limit: 1,
        after: None,
        prefix: false,
    };
    Ok(view.candidates(&Query::parse(&request, &view.tables)?)?.total)
}

/// What is running.
#[utoipa::path(
    get,
    path = "/version",
    tag = "operations",
    responses((status = 200, description = "Versions", body = Version))
)]
async fn get_version() -> Json<Version> {
    let index_schema = souk_search::schema_hash();
    Json(Version { version: env!("CARGO_PKG_VERSION"), index_schema })
}

/// This document.
#[utoipa::path(
    get,
    path = "/openapi.json",
    tag = "operations",
    responses((status = 200, description = "OpenAPI document", body = Object))
)]
async fn get_openapi() -> Json<&'static OpenApi> {
    static DOCUMENT: LazyLock<OpenApi> = LazyLock::new(crate::openapi);
    Json(&DOCUMENT)
}
