//! `/v1/admin/blocked-words`: words that are never suggested.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use souk_commerce::searches;
use souk_commerce::writes::Write;
use utoipa::ToSchema;
use utoipa_axum::routes;

use crate::AppState;
use crate::answer::{Listed, Written};
use crate::error::Result;
use crate::extract::Path;
use crate::policy::{Permission, Policy, Route, route};
use crate::writing::{self, Asked, gone, shown};

pub(super) fn routes() -> Vec<Route> {
    vec![
        route(Policy::Staff(Permission::AnalyticsRead), routes!(get_blocked_words)),
        route(Policy::Staff(Permission::CatalogWrite), routes!(put_blocked_word)),
        route(Policy::Staff(Permission::CatalogWrite), routes!(delete_blocked_word)),
    ]
}

/// A word that is never suggested.
#[derive(Debug, Serialize, ToSchema)]
struct BlockedWord {
    /// In the spelling that queries are counted in; several words are blocked where they stand together.
    word: String,
}

/// Every blocked word.
#[utoipa::path(
    get,
    path = "/v1/admin/blocked-words",
    tag = "analytics",
    responses((status = 200, description = "Words", body = Listed<BlockedWord>))
)]
async fn get_blocked_words(State(app): State<AppState>) -> Result<Json<Listed<BlockedWord>>> {
    let mut connection = app.connection().await?;
    let words = searches::blocked(&mut connection).await?;
    Ok(Json(Listed::whole(words.into_iter().map(|word| BlockedWord { word }).collect())))
}

/// Block a word, in whatever spelling; queries with it are no longer suggested within ten seconds.
#[utoipa::path(
    put,
    path = "/v1/admin/blocked-words/{word}",
    tag = "analytics",
    params(("word" = String, Path, description = "The word")),
    responses((status = 200, description = "The word as it is kept", body = BlockedWord))
)]
async fn put_blocked_word(
    State(app): State<AppState>,
    Path(word): Path<String>,
    asked: Asked,
) -> Result<Written<Response>> {
    writing::run(&app, asked, async move |write: &mut Write| {
        let word = searches::block(write, &word).await?;
        Ok(shown(&BlockedWord { word }))
    })
    .await
}

/// Let a word be suggested again.
#[utoipa::path(
    delete,
    path = "/v1/admin/blocked-words/{word}",
    tag = "analytics",
    params(("word" = String, Path, description = "The word")),
    responses((status = 204, description = "It may be suggested again"))
)]
async fn delete_blocked_word(
    State(app): State<AppState>,
    Path(word): Path<String>,
    asked: Asked,
) -> Result<Written<Response>> {
    writing::run(&app, asked, async move |write: &mut Write| {
        searches::unblock(write, &word).await?;
        Ok(gone())
    })
    .await
}
