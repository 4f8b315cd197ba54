//! `/v1/admin/experiments`: what is tried on visitors, and what came of it.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use souk_base::MarketCode;
use souk_commerce::experiments::{
    self, Experiment, ExperimentId, Kind, Move, NewExperiment, State as Stage, Variant,
};
use souk_commerce::writes::{Write, etag};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use super::fields::{given, or_null};
use super::paging::{LIMIT_DEFAULT, LIMIT_MAX, more, page};
use crate::AppState;
use crate::answer::{Listed, Written};
use crate::cursor;
use crate::error::Result;
use crate::extract::{Path, Query};
use crate::params::Reader;
use crate::pipeline::experiments::{Report, report};
use crate::policy::{Permission, Policy, Route, route};
use crate::writing::{self, Asked, Change, Tagged, created, gone, shown, tagged};

pub(super) fn routes() -> Vec<Route> {
    let (read, write) = (Permission::SearchRead, Permission::SearchWrite);
    vec![
        route(Policy::Staff(read), routes!(get_experiments)),
        route(Policy::Staff(write), routes!(post_experiment)),
        route(Policy::Staff(read), routes!(get_experiment)),
        route(Policy::Staff(write), routes!(patch_experiment, delete_experiment)),
        route(Policy::Staff(write), routes!(post_move)),
        route(Policy::Staff(Permission::AnalyticsRead), routes!(get_report)),
    ]
}

/// Which experiments, and how many.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ExperimentsParams {
    /// Code of a market; those for all of them count.
    market: Option<String>,
    /// Experiments of the answer.
    #[param(value_type = Option<u8>, minimum = 1, maximum = 100, default = 50)]
    limit: Option<String>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// An experiment.
#[derive(Debug, Serialize, ToSchema)]
struct AdminExperiment {
    /// Key of the experiment.
    #[schema(value_type = String)]
    id: ExperimentId,
    /// What people call it.
    name: String,
    /// The market it is for; null for all.
    #[schema(value_type = Option<String>, example = "KW")]
    market: Option<MarketCode>,
    /// `split`: each visitor gets one variant; `interleaving`: each gets the lists of two mixed.
    #[schema(value_type = String, example = "split")]
    kind: Kind,
    /// A placement of recommendations, or `search`.
    #[schema(example = "home")]
    place: String,
    /// The first is what the others are compared with.
    #[schema(value_type = Vec<Object>)]
    variants: Vec<Variant>,
    /// `draft`, `running` or `stopped`.
    #[schema(value_type = String, example = "running")]
    state: Stage,
    /// Why, and what came of it.
    note: String,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// Since when it runs, or ran.
    #[schema(value_type = Option<String>, format = DateTime)]
    started_at: Option<Timestamp>,
    /// When it ended.
    #[schema(value_type = Option<String>, format = DateTime)]
    stopped_at: Option<Timestamp>,
}

impl From<Experiment> for AdminExperiment {
    fn from(experiment: Experiment) -> Self {
        let Experiment { id, name, market, kind, place, variants, .. } = experiment;
        let Experiment { state, note, created_at, started_at, stopped_at, .. } = experiment;
        AdminExperiment {
            id,
            name,
            market,
            kind,
            place,
            variants,
            state,
            note,
            created_at,
            started_at,
            stopped_at,
        }
    }
}

/// An experiment to be added.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewExperimentBody {
    /// What people call it; each has another name.
    #[schema(max_length = 200)]
    name: String,
    /// The market it is for; all when not given.
    #[schema(value_type = Option<String>, example = "KW")]
    market: Option<MarketCode>,
    /// `split`: each visitor gets one variant; `interleaving`: each gets the lists of two mixed.
    #[serde(default)]
    #[schema(value_type = String, example = "split")]
    kind: Kind,
    /// A placement of recommendations, or `search`.
    #[schema(example = "home")]
    place: String,
    /// From 2 to 8, each with `name` and `weight`, and what it changes: `goals` as in the settings of recommendations,
    /// `personalise`, `models` (a version by model). The first is what the others are compared with.
    #[schema(value_type = Vec<Object>, example = json!([{"name": "as ever", "weight": 1}, {"name": "margin", "weight": 1, "goals": {"objective": "margin"}}]))]
    variants: Vec<Variant>,
    /// Why.
    #[serde(default)]
    #[schema(max_length = 500)]
    note: String,
}

impl From<NewExperimentBody> for NewExperiment {
    fn from(body: NewExperimentBody) -> Self {
        let NewExperimentBody { name, market, kind, place, variants, note } = body;
        NewExperiment { name, market, kind, place, variants, note }
    }
}

/// What is to change of an experiment; what is not there stays. Of one that has begun only `name` and `note` can.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(clippy::option_option, reason = "not there, taken away and changed are three things")]
struct ExperimentPatch {
    /// What people call it.
    #[serde(default, deserialize_with = "given")]
    name: Option<String>,
    /// The market it is for; null for all.
    #[serde(default, deserialize_with = "or_null")]
    #[schema(value_type = Option<String>)]
    market: Option<Option<MarketCode>>,
    /// `split` or `interleaving`.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    kind: Option<Kind>,
    /// A placement of recommendations, or `search`.
    #[serde(default, deserialize_with = "given")]
    place: Option<String>,
    /// All of its variants.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Vec<Object>>)]
    variants: Option<Vec<Variant>>,
    /// Why, and what came of it.
    #[serde(default, deserialize_with = "given")]
    note: Option<String>,
}

impl ExperimentPatch {
    /// The experiment as it is to be.
    fn onto(self, before: Experiment) -> NewExperiment {
        let before = NewExperiment::from(before);
        NewExperiment {
            name: self.name.unwrap_or(before.name),
            market: self.market.unwrap_or(before.market),
            kind: self.kind.unwrap_or(before.kind),
            place: self.place.unwrap_or(before.place),
            variants: self.variants.unwrap_or(before.variants),
            note: self.note.unwrap_or(before.note),
        }
    }
}

/// What is to be done to an experiment.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ExperimentMove {
    /// `start` or `stop`.
    #[serde(rename = "move")]
    #[schema(value_type = String, example = "start")]
    wanted: Move,
}

/// Experiments, the newest first.
#[utoipa::path(
    get,
    path = "/v1/admin/experiments",
    tag = "search",
    params(ExperimentsParams),
    responses((status = 200, description = "Experiments", body = Listed<AdminExperiment>))
)]
async fn get_experiments(
    State(app): State<AppState>,
    Query(params): Query<ExperimentsParams>,
) -> Result<Json<Listed<AdminExperiment>>> {
    let mut read = Reader::default();
    let market: Option<MarketCode> = read.optional("market", params.market.as_deref());
    let limit = read.number("limit", params.limit.as_deref(), 1..=LIMIT_MAX);
    read.finish()?;
    let limit = limit.unwrap_or(LIMIT_DEFAULT);
    // What the cursor is bound to.
    let list = ("experiments", market);
    let cursor = params.cursor.filter(|cursor| !cursor.is_empty());
    let below = cursor.map(|cursor| cursor::read(&app.keys, &list, &cursor)).transpose()?;
    let mut connection = app.connection().await?;
    let found = experiments::find(&mut connection, market, below, more(limit)).await?;
    let (found, last) = page(found, limit, |experiment| experiment.id);
    let next = last.map(|id: ExperimentId| cursor::write(&app.keys, &list, &id));
    Ok(Json(Listed { items: found.into_iter().map(AdminExperiment::from).collect(), next }))
}

/// Add an experiment. Nobody sees it before it is started.
#[utoipa::path(
    post,
    path = "/v1/admin/experiments",
    tag = "search",
    request_body = NewExperimentBody,
    responses((status = 201, description = "The experiment", body = AdminExperiment))
)]
async fn post_experiment(
    State(app): State<AppState>,
    Change { asked, body }: Change<NewExperimentBody>,
) -> Result<Written<Response>> {
    writing::run(&app, asked, async move |write: &mut Write| {
        let id = experiments::create(write, &body.into()).await?;
        let made = experiments::get(write, id).await?;
        let (tag, location) = (etag(&made), format!("/v1/admin/experiments/{id}"));
        Ok(tagged(created(Some(location), &AdminExperiment::from(made)), tag))
    })
    .await
}

/// An experiment.
#[utoipa::path(
    get,
    path = "/v1/admin/experiments/{id}",
    tag = "search",
    params(("id" = String, Path, description = "Key of the experiment")),
    responses((status = 200, description = "The experiment; its ETag names this version", body = AdminExperiment))
)]
async fn get_experiment(
    State(app): State<AppState>,
    Path(id): Path<ExperimentId>,
) -> Result<Tagged<AdminExperiment>> {
    let mut connection = app.connection().await?;
    let found = experiments::get(&mut connection, id).await?;
    Ok(Tagged { tag: etag(&found), body: found.into() })
}

/// Change an experiment. Needs `If-Match`. What visitors have seen stays as it is.
#[utoipa::path(
    patch,
    path = "/v1/admin/experiments/{id}",
    tag = "search",
    params(("id" = String, Path, description = "Key of the experiment")),
    request_body = ExperimentPatch,
    responses((status = 200, description = "The experiment", body = AdminExperiment))
)]
async fn patch_experiment(
    State(app): State<AppState>,
    Path(id): Path<ExperimentId>,
    Change { asked, body }: Change<ExperimentPatch>,
) -> Result<Written<Response>> {
    let version = asked.version()?;
    writing::run(&app, asked, async move |write: &mut Write| {
        let before = experiments::lock(write, id, Some(&version)).await?;
        experiments::update(write, id, &body.onto(before)).await?;
        let changed = experiments::get(write, id).await?;
        let tag = etag(&changed);
        Ok(tagged(shown(&AdminExperiment::from(changed)), tag))
    })
    .await
}

/// Remove an experiment that never began. Needs `If-Match`.
#[utoipa::path(
    delete,
    path = "/v1/admin/experiments/{id}",
    tag = "search",
    params(("id" = String, Path, description = "Key of the experiment")),
    responses((status = 204, description = "It is gone"))
)]
async fn delete_experiment(
    State(app): State<AppState>,
    Path(id): Path<ExperimentId>,
    asked: Asked,
) -> Result<Written<Response>> {
    let version = asked.version()?;
    writing::run(&app, asked, async move |write: &mut Write| {
        experiments::lock(write, id, Some(&version)).await?;
        experiments::remove(write, id).await?;
        Ok(gone())
    })
    .await
}

/// Start an experiment, or end it for good. Visitors get its variants within a second.
#[utoipa::path(
    post,
    path = "/v1/admin/experiments/{id}/moves",
    tag = "search",
    params(("id" = String, Path, description = "Key of the experiment")),
    request_body = ExperimentMove,
    responses((status = 200, description = "The experiment as it stands then", body = AdminExperiment))
)]
async fn post_move(
    State(app): State<AppState>,
    Path(id): Path<ExperimentId>,
    Change { asked, body }: Change<ExperimentMove>,
) -> Result<Written<Response>> {
    writing::run(&app, asked, async move |write: &mut Write| {
        let moved = experiments::shift(write, id, body.wanted, Timestamp::now()).await?;
        let tag = etag(&moved);
        Ok(tagged(shown(&AdminExperiment::from(moved)), tag))
    })
    .await
}

/// What came of an experiment: visitors, purchases and revenue by variant, and what that says however often it is looked at.
#[utoipa::path(
    get,
    path = "/v1/admin/experiments/{id}/report",
    tag = "search",
    params(("id" = String, Path, description = "Key of the experiment")),
    responses((status = 200, description = "Figures", body = Report))
)]
async fn get_report(
    State(app): State<AppState>,
    Path(id): Path<ExperimentId>,
) -> Result<Json<Report>> {
    let mut connection = app.connection().await?;
    let experiment = experiments::get(&mut connection, id).await?;
    report(&mut connection, &experiment).await.map(Json)
}
