//! `/v1/admin/search-settings`: how much each part of the ranking weighs. Versions are only ever added.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use souk_base::{MarketCode, Weights};
use souk_commerce::search_settings::{self, NewSettings, Version};
use souk_commerce::writes::Write;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use super::preview::PreviewSearch;
use crate::AppState;
use crate::answer::{Listed, Written};
use crate::cursor;
use crate::error::Result;
use crate::extract::{self, Query};
use crate::params::Reader;
use crate::pipeline::preview::{self, Draft, Preview};
use crate::policy::{Permission, Policy, Route, route};
use crate::writing::{self, Change, created};

/// Versions of an answer when the request does not say.
const LIMIT_DEFAULT: usize = 20;
/// Most versions of one answer.
const LIMIT_MAX: usize = 100;

pub(super) fn routes() -> Vec<Route> {
    vec![
        route(Policy::Staff(Permission::SearchRead), routes!(get_search_settings)),
        route(Policy::Staff(Permission::SearchWrite), routes!(post_search_settings)),
        route(Policy::Staff(Permission::SearchRead), routes!(post_search_settings_preview))
            .without_key(),
    ]
}

/// Which versions, and how many.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct SettingsParams {
    /// Code of a market; those for all of them count.
    market: Option<String>,
    /// Versions of the answer.
    #[param(value_type = Option<u8>, minimum = 1, maximum = 100, default = 20)]
    limit: Option<String>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// A version of the settings.
#[derive(Debug, Serialize, ToSchema)]
struct AdminSettings {
    /// The greater, the newer; the newest of a market counts, else the newest for all.
    version: i64,
    /// The market it is for; null for those without settings of their own.
    #[schema(value_type = Option<String>, example = "KW")]
    market: Option<MarketCode>,
    /// Each from 0 to 100; null for what a script wrote wrongly, which counts for nothing.
    #[schema(value_type = Option<Object>, example = json!({"text": 1.0, "popularity": 0.2}))]
    weights: Option<Weights>,
    /// Why.
    note: String,
    /// Who set it; null for the command line.
    staff: Option<String>,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

impl From<Version> for AdminSettings {
    fn from(version: Version) -> Self {
        let Version { version, market, weights, note, staff_name, created_at } = version;
        AdminSettings { version, market, weights, note, staff: staff_name, created_at }
    }
}

/// Settings to be set.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewSettingsBody {
    /// The market they are for; those without settings of their own when not given.
    #[schema(value_type = Option<String>, example = "KW")]
    market: Option<MarketCode>,
    /// Each from 0 to 100; what is not there has its default.
    #[schema(value_type = Object, example = json!({"text": 1.0, "popularity": 0.2}))]
    weights: Weights,
    /// Why.
    #[serde(default)]
    #[schema(max_length = 500)]
    note: String,
    /// The version they were made from, 0 for none; refused when there is a newer one. Not compared when not given.
    from_version: Option<i64>,
}

/// Versions of the settings, the newest first.
#[utoipa::path(
    get,
    path = "/v1/admin/search-settings",
    tag = "search",
    params(SettingsParams),
    responses((status = 200, description = "Versions", body = Listed<AdminSettings>))
)]
async fn get_search_settings(
    State(app): State<AppState>,
    Query(params): Query<SettingsParams>,
) -> Result<Json<Listed<AdminSettings>>> {
    let mut read = Reader::default();
    let market: Option<MarketCode> = read.optional("market", params.market.as_deref());
    let limit = read.number("limit", params.limit.as_deref(), 1..=LIMIT_MAX);
    read.finish()?;
    let limit = limit.unwrap_or(LIMIT_DEFAULT);
    let list = ("search-settings", market);
    let cursor = params.cursor.filter(|cursor| !cursor.is_empty());
    let below = cursor.map(|cursor| cursor::read(&app.keys, &list, &cursor)).transpose()?;
    let mut connection = app.connection().await?;
    // One more than is shown tells whether there is a next page.
    let asked = i64::try_from(limit + 1).expect("a limit has at most three digits");
    let mut found = search_settings::find(&mut connection, market, below, asked).await?;
    let more = found.len() > limit;
    found.truncate(limit);
    let last = found.last().filter(|_| more);
    let next = last.map(|version| cursor::write(&app.keys, &list, &version.version));
    Ok(Json(Listed { items: found.into_iter().map(AdminSettings::from).collect(), next }))
}

/// Set a new version. Search follows it within a second.
#[utoipa::path(
    post,
    path = "/v1/admin/search-settings",
    tag = "search",
    request_body = NewSettingsBody,
    responses((status = 201, description = "The version", body = AdminSettings))
)]
async fn post_search_settings(
    State(app): State<AppState>,
    Change { asked, body }: Change<NewSettingsBody>,
) -> Result<Written<Response>> {
    writing::run(&app, asked, async move |write: &mut Write| {
        let NewSettingsBody { market, weights, note, from_version } = body;
        let new = NewSettings { market, weights, note };
        let version = search_settings::set(write, &new, from_version).await?;
        Ok(created(None, &AdminSettings::from(version)))
    })
    .await
}

/// Weights and a search to try it out on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SettingsPreviewBody {
    /// The market they are for; those without settings of their own when not given.
    #[schema(value_type = Option<String>, example = "KW")]
    market: Option<MarketCode>,
    /// Each from 0 to 100; what is not there has its default.
    #[schema(value_type = Object, example = json!({"text": 1.0, "popularity": 0.2}))]
    weights: Weights,
    /// The search.
    search: PreviewSearch,
}

/// A search before and after. Saves nothing.
#[utoipa::path(
    post,
    path = "/v1/admin/search-settings/preview",
    tag = "search",
    request_body = SettingsPreviewBody,
    responses((status = 200, description = "Both answers", body = Preview))
)]
async fn post_search_settings_preview(
    State(app): State<AppState>,
    extract::Json(body): extract::Json<SettingsPreviewBody>,
) -> Result<Json<Preview>> {
    let draft = Draft::Weights { market: body.market, weights: body.weights };
    preview::examine(&app, &draft).await?;
    preview::run(&app, &draft, &body.search.request()?).await.map(Json)
}
