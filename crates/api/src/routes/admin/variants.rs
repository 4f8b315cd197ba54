//! `/v1/admin/products/{id}/variants`: what of a product can be bought.

use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use souk_base::{ProductId, VariantId};
use souk_commerce::products::{self, EditableVariant, NewVariant, VariantChange};
use souk_commerce::writes::{Write, etag};
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::fields::given;
use super::products::{AdminProduct, answer};
use crate::AppState;
use crate::answer::Written;
use crate::error::Result;
use crate::extract::Path;
use crate::policy::{Permission, Policy, Route, route};
use crate::writing::{self, Asked, Change, created, tagged};

pub(super) fn routes() -> Vec<Route> {
    vec![
        route(Policy::Staff(Permission::CatalogWrite), routes!(post_variant)),
        route(Policy::Staff(Permission::CatalogWrite), routes!(patch_variant, delete_variant)),
    ]
}

/// A variant of a product.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AdminVariant {
    /// Key of the variant.
    #[schema(value_type = String)]
    id: VariantId,
    /// The shop's code for it.
    sku: String,
    /// What tells it from its siblings.
    #[schema(value_type = Object, example = json!({"size": "25 stems"}))]
    options: Map<String, Value>,
    /// Its barcodes.
    eans: Vec<String>,
    /// Its place among its siblings, from 0.
    position: i32,
}

impl From<EditableVariant> for AdminVariant {
    fn from(variant: EditableVariant) -> Self {
        let EditableVariant { id, sku, options, eans, position } = variant;
        AdminVariant { id, sku, options, eans, position }
    }
}

/// A variant to be added.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewVariantBody {
    /// The shop's code for it; made from the product's slug when not given.
    sku: Option<String>,
    /// What tells it from its siblings, in one language or, as objects, in several.
    #[serde(default)]
    #[schema(value_type = Object, example = json!({"size": {"en": "25 stems", "ar": "٢٥ ساقًا"}}))]
    options: Map<String, Value>,
    /// Its barcodes.
    #[serde(default)]
    eans: Vec<String>,
}

impl From<NewVariantBody> for NewVariant {
    fn from(body: NewVariantBody) -> Self {
        NewVariant { sku: body.sku, options: body.options, eans: body.eans }
    }
}

/// What is to change of a variant; what is not there stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct VariantPatch {
    /// The shop's code for it.
    #[serde(default, deserialize_with = "given")]
    sku: Option<String>,
    /// What tells it from its siblings.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Object>)]
    options: Option<Map<String, Value>>,
    /// Its barcodes.
    #[serde(default, deserialize_with = "given")]
    eans: Option<Vec<String>>,
    /// Its place among its siblings, from 0.
    #[serde(default, deserialize_with = "given")]
    position: Option<i32>,
}

/// Add a variant behind the others.
#[utoipa::path(
    post,
    path = "/v1/admin/products/{id}/variants",
    tag = "catalogue",
    params(("id" = String, Path, description = "Key of the product")),
    request_body = NewVariantBody,
    responses((status = 201, description = "The product", body = AdminProduct))
)]
async fn post_variant(
    State(app): State<AppState>,
    Path(id): Path<ProductId>,
    Change { asked, body }: Change<NewVariantBody>,
) -> Result<Written<Response>> {
    let version = asked.version_if_said();
    writing::run(&app, asked, async move |write: &mut Write| {
        products::lock(write, id, version.as_deref()).await?;
        let variant = products::add_variant(write, id, body.into()).await?;
        let product = products::get(write, id).await?;
        let tag = etag(&product);
        let location = format!("/v1/admin/products/{id}/variants/{variant}");
        Ok(tagged(created(Some(location), &AdminProduct::from(product)), tag))
    })
    .await
}

/// Change a variant. Needs the product's `ETag` as `If-Match`.
#[utoipa::path(
    patch,
    path = "/v1/admin/products/{id}/variants/{variant_id}",
    tag = "catalogue",
    params(
        ("id" = String, Path, description = "Key of the product"),
        ("variant_id" = String, Path, description = "Key of the variant"),
    ),
    request_body = VariantPatch,
    responses((status = 200, description = "The product", body = AdminProduct))
)]
async fn patch_variant(
    State(app): State<AppState>,
    Path((id, variant_id)): Path<(ProductId, VariantId)>,
    Change { asked, body }: Change<VariantPatch>,
) -> Result<Written<Response>> {
    let version = asked.version()?;
    writing::run(&app, asked, async move |write: &mut Write| {
        products::lock(write, id, Some(&version)).await?;
        let VariantPatch { sku, options, eans, position } = body;
        let change = VariantChange { sku, options, eans, position };
        products::update_variant(write, id, variant_id, change).await?;
        answer(write, id).await
    })
    .await
}

/// Remove a variant with its offers; the last one stays. Needs the product's `ETag` as `If-Match`.
#[utoipa::path(
    delete,
    path = "/v1/admin/products/{id}/variants/{variant_id}",
    tag = "catalogue",
    params(
        ("id" = String, Path, description = "Key of the product"),
        ("variant_id" = String, Path, description = "Key of the variant"),
    ),
    responses((status = 200, description = "The product", body = AdminProduct))
)]
async fn delete_variant(
    State(app): State<AppState>,
    Path((id, variant_id)): Path<(ProductId, VariantId)>,
    asked: Asked,
) -> Result<Written<Response>> {
    let version = asked.version()?;
    writing::run(&app, asked, async move |write: &mut Write| {
        products::lock(write, id, Some(&version)).await?;
        products::remove_variant(write, id, variant_id).await?;
        answer(write, id).await
    })
    .await
}
