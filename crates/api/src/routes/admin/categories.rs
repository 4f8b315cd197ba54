//! `/v1/admin/categories`: the category tree as it is edited.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use souk_base::{CategoryId, Lang};
use souk_commerce::categories::{
    self, CategoryChange, CategoryLine, EditableCategory, NewCategory,
};
use souk_commerce::writes::{Write, etag};
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::fields::{Labels, given, labels, or_null, translated};
use crate::AppState;
use crate::answer::{Listed, Written};
use crate::error::Result;
use crate::extract::Path;
use crate::policy::{Permission, Policy, Route, route};
use crate::writing::{self, Asked, Change, Tagged, created, gone, shown, tagged};

pub(super) fn routes() -> Vec<Route> {
    let (read, write) = (Permission::CatalogRead, Permission::CatalogWrite);
    vec![
        route(Policy::Staff(read), routes!(get_categories)),
        route(Policy::Staff(write), routes!(post_category)),
        route(Policy::Staff(read), routes!(get_category)),
        route(Policy::Staff(write), routes!(patch_category, delete_category)),
    ]
}

/// A category.
#[derive(Debug, Serialize, ToSchema)]
struct AdminCategory {
    /// Key of the category.
    #[schema(value_type = String)]
    id: CategoryId,
    /// The one above; null at the top.
    #[schema(value_type = Option<String>)]
    parent_id: Option<CategoryId>,
    /// Readable name for its address.
    slug: String,
    /// Its name, by language.
    #[schema(value_type = Object, example = json!({"en": "Roses", "ar": "ورود"}))]
    labels: Labels,
    /// Its place among its siblings.
    position: i32,
}

/// A category of the tree.
#[derive(Debug, Serialize, ToSchema)]
struct AdminCategoryLine {
    #[serde(flatten)]
    category: AdminCategory,
    /// How many steps it is below the top.
    depth: usize,
    /// Products that stand in it itself, listed or not.
    products: i64,
}

impl From<EditableCategory> for AdminCategory {
    fn from(category: EditableCategory) -> Self {
        AdminCategory {
            id: category.id,
            parent_id: category.parent_id,
            slug: category.slug,
            labels: labels(&category.labels),
            position: category.position,
        }
    }
}

impl From<CategoryLine> for AdminCategoryLine {
    fn from(line: CategoryLine) -> Self {
        let CategoryLine { category, depth, products } = line;
        AdminCategoryLine { category: category.into(), depth, products }
    }
}

/// A category to be added.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewCategoryBody {
    /// The one above; none at the top.
    #[schema(value_type = Option<String>)]
    parent_id: Option<CategoryId>,
    /// Readable name for its address; made from the label when not given.
    slug: Option<String>,
    /// Its name, at least in one language.
    #[schema(value_type = Object, example = json!({"en": "Roses", "ar": "ورود"}))]
    labels: Labels,
    /// Its place among its siblings; behind them when not given.
    position: Option<i32>,
}

/// What is to change of a category; what is not there stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(clippy::option_option, reason = "not there, taken away and changed are three things")]
struct CategoryPatch {
    /// The one above; null for the top.
    #[serde(default, deserialize_with = "or_null")]
    #[schema(value_type = Option<String>)]
    parent_id: Option<Option<CategoryId>>,
    /// Readable name for its address.
    #[serde(default, deserialize_with = "given")]
    slug: Option<String>,
    /// Its name in the languages that are named; null takes one away.
    #[serde(default)]
    #[schema(value_type = Object, example = json!({"en": "Roses", "ru": null}))]
    labels: BTreeMap<Lang, Option<String>>,
    /// Its place among its siblings.
    #[serde(default, deserialize_with = "given")]
    position: Option<i32>,
}

/// Every category, each before those below it.
#[utoipa::path(
    get,
    path = "/v1/admin/categories",
    tag = "catalogue",
    responses((status = 200, description = "The tree", body = Listed<AdminCategoryLine>))
)]
async fn get_categories(State(app): State<AppState>) -> Result<Json<Listed<AdminCategoryLine>>> {
    let mut connection = app.connection().await?;
    let lines = categories::tree(&mut connection).await?;
    Ok(Json(Listed::whole(lines.into_iter().map(AdminCategoryLine::from).collect())))
}

/// Add a category.
#[utoipa::path(
    post,
    path = "/v1/admin/categories",
    tag = "catalogue",
    request_body = NewCategoryBody,
    responses((status = 201, description = "The category", body = AdminCategory))
)]
async fn post_category(
    State(app): State<AppState>,
    Change { asked, body }: Change<NewCategoryBody>,
) -> Result<Written<Response>> {
    writing::run(&app, asked, async move |write: &mut Write| {
        let NewCategoryBody { parent_id, slug, labels, position } = body;
        let new = NewCategory { parent_id, slug, labels: translated(labels), position };
        let id = categories::create(write, new).await?;
        let category = categories::get(write, id).await?;
        let tag = etag(&category);
        let location = format!("/v1/admin/categories/{id}");
        Ok(tagged(created(Some(location), &AdminCategory::from(category)), tag))
    })
    .await
}

/// A category.
#[utoipa::path(
    get,
    path = "/v1/admin/categories/{id}",
    tag = "catalogue",
    params(("id" = String, Path, description = "Key of the category")),
    responses((status = 200, description = "The category; its ETag names this version", body = AdminCategory))
)]
async fn get_category(
    State(app): State<AppState>,
    Path(id): Path<CategoryId>,
) -> Result<Tagged<AdminCategory>> {
    let mut connection = app.connection().await?;
    let category = categories::get(&mut connection, id).await?;
    let tag = etag(&category);
    Ok(Tagged { tag, body: category.into() })
}

/// Change a category; moving it takes along what is below it. Needs `If-Match`.
#[utoipa::path(
    patch,
    path = "/v1/admin/categories/{id}",
    tag = "catalogue",
    params(("id" = String, Path, description = "Key of the category")),
    request_body = CategoryPatch,
    responses((status = 200, description = "The category", body = AdminCategory))
)]
async fn patch_category(
    State(app): State<AppState>,
    Path(id): Path<CategoryId>,
    Change { asked, body }: Change<CategoryPatch>,
) -> Result<Written<Response>> {
    let version = asked.version()?;
    writing::run(&app, asked, async move |write: &mut Write| {
        categories::lock(write, id, Some(&version)).await?;
        let CategoryPatch { parent_id, slug, labels, position } = body;
        // New names first, so that none is the last while another one comes.
        let mut labels: Vec<_> = labels.into_iter().collect();
        labels.sort_by_key(|(_, label)| label.is_none());
        for (lang, label) in labels {
            categories::put_label(write, id, lang, label.as_deref()).await?;
        }
        categories::update(write, id, CategoryChange { parent_id, slug, position }).await?;
        let category = categories::get(write, id).await?;
        let tag = etag(&category);
        Ok(tagged(shown(&AdminCategory::from(category)), tag))
    })
    .await
}

/// Remove an empty category. Needs `If-Match`.
#[utoipa::path(
    delete,
    path = "/v1/admin/categories/{id}",
    tag = "catalogue",
    params(("id" = String, Path, description = "Key of the category")),
    responses((status = 204, description = "It is gone"))
)]
async fn delete_category(
    State(app): State<AppState>,
    Path(id): Path<CategoryId>,
    asked: Asked,
) -> Result<Written<Response>> {
    let version = asked.version()?;
    writing::run(&app, asked, async move |write: &mut Write| {
        categories::lock(write, id, Some(&version)).await?;
        categories::remove(write, id).await?;
        Ok(gone())
    })
    .await
}
