//! `/v1/admin/products/{id}/texts/{lang}`: title and description of a product in one language.

use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use souk_base::{Lang, ProductId};
use souk_commerce::products::{self, ProductText};
use souk_commerce::writes::Write;
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::products::{AdminProduct, answer};
use crate::AppState;
use crate::answer::Written;
use crate::error::Result;
use crate::extract::Path;
use crate::policy::{Permission, Policy, Route, route};
use crate::writing::{self, Asked, Change};

pub(super) fn routes() -> Vec<Route> {
    vec![route(Policy::Staff(Permission::CatalogWrite), routes!(put_text, delete_text))]
}

/// Title and description in one language.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AdminText {
    /// ar, en, ru or kk.
    #[schema(value_type = String, example = "en")]
    lang: Lang,
    /// At most 300 characters.
    #[schema(max_length = 300)]
    title: String,
    /// At most 20,000 characters.
    #[serde(default)]
    #[schema(max_length = 20_000)]
    description: String,
}

impl From<ProductText> for AdminText {
    fn from(text: ProductText) -> Self {
        AdminText { lang: text.lang, title: text.title, description: text.description }
    }
}

impl From<AdminText> for ProductText {
    fn from(text: AdminText) -> Self {
        ProductText { lang: text.lang, title: text.title, description: text.description }
    }
}

/// Title and description, the language being in the path.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TextBody {
    /// At most 300 characters.
    #[schema(max_length = 300)]
    title: String,
    /// At most 20,000 characters.
    #[serde(default)]
    #[schema(max_length = 20_000)]
    description: String,
}

/// Write the text of one language. Needs the product's `ETag` as `If-Match`.
#[utoipa::path(
    put,
    path = "/v1/admin/products/{id}/texts/{lang}",
    tag = "catalogue",
    params(
        ("id" = String, Path, description = "Key of the product"),
        ("lang" = String, Path, description = "ar, en, ru or kk"),
    ),
    request_body = TextBody,
    responses((status = 200, description = "The product", body = AdminProduct))
)]
async fn put_text(
    State(app): State<AppState>,
    Path((id, lang)): Path<(ProductId, Lang)>,
    Change { asked, body }: Change<TextBody>,
) -> Result<Written<Response>> {
    let version = asked.version()?;
    writing::run(&app, asked, async move |write: &mut Write| {
        products::lock(write, id, Some(&version)).await?;
        let text = ProductText { lang, title: body.title, description: body.description };
        products::put_text(write, id, text).await?;
        answer(write, id).await
    })
    .await
}

/// Remove the text of one language; the last one stays. Needs the product's `ETag` as `If-Match`.
#[utoipa::path(
    delete,
    path = "/v1/admin/products/{id}/texts/{lang}",
    tag = "catalogue",
    params(
        ("id" = String, Path, description = "Key of the product"),
        ("lang" = String, Path, description = "ar, en, ru or kk"),
    ),
    responses((status = 200, description = "The product", body = AdminProduct))
)]
async fn delete_text(
    State(app): State<AppState>,
    Path((id, lang)): Path<(ProductId, Lang)>,
    asked: Asked,
) -> Result<Written<Response>> {
    let version = asked.version()?;
    writing::run(&app, asked, async move |write: &mut Write| {
        products::lock(write, id, Some(&version)).await?;
        products::remove_text(write, id, lang).await?;
        answer(write, id).await
    })
    .await
}
