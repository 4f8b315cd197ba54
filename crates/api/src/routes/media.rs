//! `GET /media/{hash}/{file}`: the shop's own pictures. A name stands for the same bytes for ever.

use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use souk_commerce::media::Size;
use utoipa_axum::routes;

use crate::AppState;
use crate::error::{Error, Result};
use crate::extract::Path;
use crate::policy::{Policy, Route, route};

pub(super) fn routes() -> Vec<Route> {
    vec![route(Policy::Public, routes!(get_picture))]
}

/// A picture in one of its sizes.
#[utoipa::path(
    get,
    path = "/media/{hash}/{file}",
    tag = "shop",
    params(
        ("hash" = String, Path, description = "SHA-256 of what was uploaded"),
        ("file" = String, Path, description = "320.jpg, 800.jpg or 1600.jpg"),
    ),
    responses((status = 200, description = "The picture", body = Vec<u8>, content_type = "image/jpeg"))
)]
async fn get_picture(
    State(app): State<AppState>,
    Path((hash, file)): Path<(String, String)>,
) -> Result<Response> {
    let size = Size::of_file(&file).ok_or(Error::NotFound)?;
    let plain = hash.len() == 64 && hash.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    if !plain {
        return Err(Error::NotFound);
    }
    let bytes = app.media()?.get(&hash, size).await?.ok_or(Error::NotFound)?;
    let headers =
        [(CONTENT_TYPE, "image/jpeg"), (CACHE_CONTROL, "public, max-age=31536000, immutable")];
    Ok((headers, bytes).into_response())
}
