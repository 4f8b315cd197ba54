//! `/v1/admin/models`: the versions of trained models, and which of them serve.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use souk_base::MarketCode;
use souk_commerce::models::{self, Version};
use souk_commerce::writes::Write;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use crate::AppState;
use crate::answer::Written;
use crate::error::Result;
use crate::extract::{Path, Query};
use crate::params::Reader;
use crate::pipeline::models as pipeline;
use crate::policy::{Permission, Policy, Route, route};
use crate::writing::{self, Change, shown};

pub(super) fn routes() -> Vec<Route> {
    vec![
        route(Policy::Staff(Permission::SearchRead), routes!(get_models)),
        route(Policy::Staff(Permission::SearchWrite), routes!(post_promotion)),
        route(Policy::Staff(Permission::SearchWrite), routes!(post_rollback)),
    ]
}

/// Which versions.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ModelsParams {
    /// Code of a market.
    market: Option<String>,
}

/// Versions of models.
#[derive(Debug, Serialize, ToSchema)]
struct ModelsAnswer {
    /// By model and market, the newest first.
    items: Vec<AdminModel>,
}

/// A version of a model.
#[derive(Debug, Serialize, ToSchema)]
struct AdminModel {
    /// Which model.
    #[schema(example = "blend")]
    model: String,
    /// Where it is to serve.
    #[schema(value_type = String, example = "KW")]
    market: MarketCode,
    /// Its name among those of this model and market.
    #[schema(example = "2026-11-01-3f2a9c01")]
    version: String,
    /// What it was beside the one that served when it was trained: `first`, `better`, `as good` or `worse`; null where nobody
    /// compared them.
    verdict: Option<String>,
    /// What an evaluation on held-back days said, with intervals.
    #[schema(value_type = Object)]
    metrics: Value,
    /// Rows that it was trained on.
    rows: Option<u64>,
    /// When it was kept.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// Since when it serves; null for one that does not.
    #[schema(value_type = Option<String>, format = DateTime)]
    promoted_at: Option<Timestamp>,
}

impl From<Version> for AdminModel {
    fn from(kept: Version) -> Self {
        let Version { model, market, version, mut manifest, verdict, .. } = kept;
        AdminModel {
            model,
            market,
            version,
            verdict,
            metrics: manifest["metrics"].take(),
            rows: manifest["rows"].as_u64(),
            created_at: kept.created_at,
            promoted_at: kept.promoted_at,
        }
    }
}

/// Which version is to serve.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Promotion {
    /// Where.
    #[schema(value_type = String, example = "KW")]
    market: MarketCode,
    /// As the list names it.
    version: String,
}

/// Where the last promotion is to be taken back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Rollback {
    /// Where.
    #[schema(value_type = String, example = "KW")]
    market: MarketCode,
}

/// Every version that is kept.
#[utoipa::path(
    get,
    path = "/v1/admin/models",
    tag = "search",
    params(ModelsParams),
    responses((status = 200, description = "Versions", body = ModelsAnswer))
)]
async fn get_models(
    State(app): State<AppState>,
    Query(params): Query<ModelsParams>,
) -> Result<Json<ModelsAnswer>> {
    let mut read = Reader::default();
    let market: Option<MarketCode> = read.optional("market", params.market.as_deref());
    read.finish()?;
    let mut connection = app.connection().await?;
    let mut found = models::list(&mut connection).await?;
    found.retain(|version| market.is_none_or(|market| version.market == market));
    Ok(Json(ModelsAnswer { items: found.into_iter().map(AdminModel::from).collect() }))
}

/// Make a version serve, everywhere and within a second. It is read first, and refused where it is damaged.
#[utoipa::path(
    post,
    path = "/v1/admin/models/{model}/promote",
    tag = "search",
    params(("model" = String, Path, description = "Which model", example = "blend")),
    request_body = Promotion,
    responses((status = 200, description = "The version", body = AdminModel))
)]
async fn post_promotion(
    State(app): State<AppState>,
    Path(model): Path<String>,
    Change { asked, body }: Change<Promotion>,
) -> Result<Written<Response>> {
    writing::run(&app, asked, async move |write: &mut Write| {
        let Promotion { market, version } = body;
        let serves = pipeline::promote(write, &model, market, &version).await?;
        Ok(shown(&AdminModel::from(serves)))
    })
    .await
}

/// Take the last promotion back: the version before it serves again.
#[utoipa::path(
    post,
    path = "/v1/admin/models/{model}/rollback",
    tag = "search",
    params(("model" = String, Path, description = "Which model", example = "blend")),
    request_body = Rollback,
    responses((status = 200, description = "The version that serves again", body = AdminModel))
)]
async fn post_rollback(
    State(app): State<AppState>,
    Path(model): Path<String>,
    Change { asked, body }: Change<Rollback>,
) -> Result<Written<Response>> {
    writing::run(&app, asked, async move |write: &mut Write| {
        let serves = models::roll_back_by_staff(write, &model, body.market).await?;
        Ok(shown(&AdminModel::from(serves)))
    })
    .await
}
