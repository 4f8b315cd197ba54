//! `/v1/admin/media`: photographs of products.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use souk_base::{Lang, MediaId, ProductId};
use souk_commerce::PgConnection;
use souk_commerce::media::{self, Picture, Size};
use souk_commerce::writes::Write;
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::fields::{Labels, given, labels};
use super::offers::OfProductParams;
use crate::AppState;
use crate::answer::Written;
use crate::error::{Error, Result};
use crate::extract::{Path, Query, is_json, parse_json};
use crate::policy::{Permission, Policy, Route, route};
use crate::writing::{self, Asked, Change, Upload, created, gone, shown};

pub(super) fn routes() -> Vec<Route> {
    vec![
        route(Policy::Staff(Permission::CatalogWrite), routes!(post_picture)),
        route(Policy::Staff(Permission::CatalogWrite), routes!(patch_picture, delete_picture)),
    ]
}

/// A photograph of a product.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AdminPicture {
    /// Key of the picture.
    #[schema(value_type = String)]
    id: MediaId,
    /// Address of its largest size.
    image: String,
    /// Address of its smallest size.
    thumbnail: String,
    /// SHA-256 of what was uploaded; null for a picture at an outside address.
    hash: Option<String>,
    /// Width of the upload in pixels; null for a picture at an outside address.
    width: Option<i32>,
    /// Height of the upload in pixels; null for a picture at an outside address.
    height: Option<i32>,
    /// Its place among the product's pictures, from 0.
    position: i32,
    /// What it shows, by language, for those who cannot see it.
    #[schema(value_type = Object, example = json!({"en": "Red roses in a vase"}))]
    alt: Labels,
}

impl From<&Picture> for AdminPicture {
    fn from(picture: &Picture) -> Self {
        AdminPicture {
            id: picture.id,
            image: picture.address(Size::Large),
            thumbnail: picture.address(Size::Small),
            hash: picture.hash.clone(),
            width: picture.width,
            height: picture.height,
            position: picture.position,
            alt: labels(&picture.alt),
        }
    }
}

/// A picture that stays where it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AddressBody {
    /// Its `http` or `https` address.
    url: String,
}

/// What is to change of a picture; what is not there stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PicturePatch {
    /// Its place among the product's pictures, from 0; the others move up.
    #[serde(default, deserialize_with = "given")]
    position: Option<u32>,
    /// What it shows, in the languages that are named; null takes a text away.
    #[serde(default)]
    #[schema(value_type = Object, example = json!({"en": "Red roses in a vase", "ru": null}))]
    alt: BTreeMap<Lang, Option<String>>,
}

/// Hang a picture behind a product's others: the file itself (JPEG, PNG or WebP, at most 15 MB and 40
/// megapixels), or as JSON the address of one that stays where it is.
#[utoipa::path(
    post,
    path = "/v1/admin/media",
    tag = "catalogue",
    params(OfProductParams),
    request_body(content(
        (Vec<u8> = "image/jpeg"),
        (Vec<u8> = "image/png"),
        (Vec<u8> = "image/webp"),
        (AddressBody = "application/json"),
    )),
    responses((status = 201, description = "The picture", body = AdminPicture))
)]
async fn post_picture(
    State(app): State<AppState>,
    Query(params): Query<OfProductParams>,
    Upload { asked, headers, bytes }: Upload,
) -> Result<Written<Response>> {
    let product = params.product()?;
    if is_json(&headers) {
        let AddressBody { url } = parse_json(&bytes)?;
        return writing::run(&app, asked, async move |write: &mut Write| {
            let picture = media::attach_address(write, product, &url).await?;
            Ok(created(None, &AdminPicture::from(&picture)))
        })
        .await;
    }
    // Outside the transaction: preparing takes a second, and the place may be across a network.
    let stored = app.media()?.put(bytes).await?;
    writing::run(&app, asked, async move |write: &mut Write| {
        let picture = media::attach(write, product, &stored).await?;
        Ok(created(None, &AdminPicture::from(&picture)))
    })
    .await
}

/// Move a picture among its product's, and say what it shows.
#[utoipa::path(
    patch,
    path = "/v1/admin/media/{id}",
    tag = "catalogue",
    params(("id" = String, Path, description = "Key of the picture")),
    request_body = PicturePatch,
    responses((status = 200, description = "The picture", body = AdminPicture))
)]
async fn patch_picture(
    State(app): State<AppState>,
    Path(id): Path<MediaId>,
    Change { asked, body }: Change<PicturePatch>,
) -> Result<Written<Response>> {
    writing::run(&app, asked, async move |write: &mut Write| {
        let mut product = None;
        if let Some(position) = body.position {
            let place = usize::try_from(position).expect("an address space has 32 bits at least");
            product = Some(media::place(write, id, place).await?);
        }
        for (lang, alt) in &body.alt {
            product = Some(media::put_alt(write, id, *lang, alt.as_deref()).await?);
        }
        let picture = match product {
            Some(product) => picture(write, product, id).await?,
            None => return Err(nothing_to_change()),
        };
        Ok(shown(&AdminPicture::from(&picture)))
    })
    .await
}

/// Take a picture off its product.
#[utoipa::path(
    delete,
    path = "/v1/admin/media/{id}",
    tag = "catalogue",
    params(("id" = String, Path, description = "Key of the picture")),
    responses((status = 204, description = "It is gone"))
)]
async fn delete_picture(
    State(app): State<AppState>,
    Path(id): Path<MediaId>,
    asked: Asked,
) -> Result<Written<Response>> {
    writing::run(&app, asked, async move |write: &mut Write| {
        media::remove(write, id).await?;
        Ok(gone())
    })
    .await
}

/// One of a product's pictures.
async fn picture(
    connection: &mut PgConnection,
    product: ProductId,
    id: MediaId,
) -> Result<Picture> {
    let pictures = media::of_product(connection, product).await?;
    pictures.into_iter().find(|picture| picture.id == id).ok_or(Error::NotFound)
}

fn nothing_to_change() -> Error {
    use crate::error::{Code, FieldError};
    FieldError::new("", Code::MissingField, "give a position, alt, or both").into()
}
