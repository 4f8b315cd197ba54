//! `/v1/admin/recommendation-settings`: what each placement of recommendations is for. Versions are only ever added.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use souk_base::MarketCode;
use souk_commerce::recommendation_settings::{self, NewSettings, Placements, Version};
use souk_commerce::writes::Write;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use crate::AppState;
use crate::answer::{Listed, Written};
use crate::cursor;
use crate::error::Result;
use crate::extract::Query;
use crate::params::Reader;
use crate::policy::{Permission, Policy, Route, route};
use crate::writing::{self, Change, created};

/// Versions of an answer when the request does not say.
const LIMIT_DEFAULT: usize = 20;
/// Most versions of one answer.
const LIMIT_MAX: usize = 100;

pub(super) fn routes() -> Vec<Route> {
    vec![
        route(Policy::Staff(Permission::SearchRead), routes!(get_recommendation_settings)),
        route(Policy::Staff(Permission::SearchWrite), routes!(post_recommendation_settings)),
    ]
}

/// Which versions, and how many.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct RecommendationSettingsParams {
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
struct AdminRecommendationSettings {
    /// The greater, the newer; the newest of a market counts, else the newest for all.
    version: i64,
    /// The market it is for; null for those without settings of their own.
    #[schema(value_type = Option<String>, example = "KW")]
    market: Option<MarketCode>,
    /// By placement: `objective` (`clicks`, `conversion`, `revenue`, `margin`), `diversity` (0 to 1), `sellers_min` and
    /// `new_places`; null for what a script wrote wrongly, which counts for nothing.
    #[schema(value_type = Option<Object>, example = json!({"home": {"objective": "revenue", "diversity": 0.3}}))]
    placements: Option<Placements>,
    /// Why.
    note: String,
    /// Who set it; null for the command line.
    staff: Option<String>,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

impl From<Version> for AdminRecommendationSettings {
    fn from(version: Version) -> Self {
        let Version { version, market, placements, note, staff_name, created_at } = version;
        AdminRecommendationSettings {
            version,
            market,
            placements,
            note,
            staff: staff_name,
            created_at,
        }
    }
}

/// Settings to be set.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewRecommendationSettings {
    /// The market they are for; those without settings of their own when not given.
    #[schema(value_type = Option<String>, example = "KW")]
    market: Option<MarketCode>,
    /// By placement: `objective` (`clicks`, `conversion`, `revenue`, `margin`), `diversity` (0 to 1), `sellers_min` (to 8) and
    /// `new_places` (to 4); what is not there is as the placement has it by itself.
    #[schema(value_type = Object, example = json!({"home": {"objective": "revenue", "diversity": 0.3}}))]
    placements: Placements,
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
    path = "/v1/admin/recommendation-settings",
    tag = "search",
    params(RecommendationSettingsParams),
    responses((status = 200, description = "Versions", body = Listed<AdminRecommendationSettings>))
)]
async fn get_recommendation_settings(
    State(app): State<AppState>,
    Query(params): Query<RecommendationSettingsParams>,
) -> Result<Json<Listed<AdminRecommendationSettings>>> {
    let mut read = Reader::default();
    let market: Option<MarketCode> = read.optional("market", params.market.as_deref());
    let limit = read.number("limit", params.limit.as_deref(), 1..=LIMIT_MAX);
    read.finish()?;
    let limit = limit.unwrap_or(LIMIT_DEFAULT);
    let list = ("recommendation-settings", market);
    let cursor = params.cursor.filter(|cursor| !cursor.is_empty());
    let below = cursor.map(|cursor| cursor::read(&app.keys, &list, &cursor)).transpose()?;
    let mut connection = app.connection().await?;
    // One more than is shown tells whether there is a next page.
    let asked = i64::try_from(limit + 1).expect("a limit has at most three digits");
    let mut found = recommendation_settings::find(&mut connection, market, below, asked).await?;
    let more = found.len() > limit;
    found.truncate(limit);
    let last = found.last().filter(|_| more);
    let next = last.map(|version| cursor::write(&app.keys, &list, &version.version));
    Ok(Json(Listed {
        items: found.into_iter().map(AdminRecommendationSettings::from).collect(),
        next,
    }))
}

/// Set a new version. Recommendations follow it within a second; no model is trained anew.
#[utoipa::path(
    post,
    path = "/v1/admin/recommendation-settings",
    tag = "search",
    request_body = NewRecommendationSettings,
    responses((status = 201, description = "The version", body = AdminRecommendationSettings))
)]
async fn post_recommendation_settings(
    State(app): State<AppState>,
    Change { asked, body }: Change<NewRecommendationSettings>,
) -> Result<Written<Response>> {
    writing::run(&app, asked, async move |write: &mut Write| {
        let NewRecommendationSettings { market, placements, note, from_version } = body;
        let new = NewSettings { market, placements, note };
        let version = recommendation_settings::set(write, &new, from_version).await?;
        Ok(created(None, &AdminRecommendationSettings::from(version)))
    })
    .await
}
