//! `/v1/admin/products`: products as they are edited, listed or not.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use souk_base::{AttributeValueId, BrandId, CategoryId, Lang, ProductId};
use souk_commerce::products::{
    self, EditableProduct, Filter, Found, NewProduct, ProductChange, State as ProductState,
};
use souk_commerce::writes::{Answer, Write, etag};
use souk_commerce::{PgConnection, categories};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use super::fields::{given, or_null};
use super::media::AdminPicture;
use super::texts::AdminText;
use super::variants::{AdminVariant, NewVariantBody};
use crate::AppState;
use crate::answer::{Listed, Written};
use crate::cursor;
use crate::error::{Code, FieldError, Result};
use crate::extract::{Path, Query};
use crate::params::Reader;
use crate::policy::{Permission, Policy, Route, route};
use crate::writing::{self, Asked, Change, Tagged, created, gone, shown, tagged};

/// Products of an answer when the request does not say.
const LIMIT_DEFAULT: usize = 50;
/// Most products of one answer.
const LIMIT_MAX: usize = 100;
/// Longest text that is looked for, in characters.
const TEXT_LENGTH_MAX: usize = 512;

pub(super) fn routes() -> Vec<Route> {
    let (read, write) = (Permission::CatalogRead, Permission::CatalogWrite);
    vec![
        route(Policy::Staff(read), routes!(get_products)),
        route(Policy::Staff(write), routes!(post_product)),
        route(Policy::Staff(read), routes!(get_product)),
        route(Policy::Staff(write), routes!(patch_product, delete_product)),
    ]
}

/// Which products, and how many.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ProductsParams {
    /// Words of a title in any language, or a whole SKU, EAN, slug, external id or id.
    #[param(max_length = 512)]
    q: Option<String>,
    /// `draft`, `active` or `archived`.
    state: Option<String>,
    /// Slug of a category; those below it count.
    category: Option<String>,
    /// Only those without a text in this language: ar, en, ru or kk.
    missing_lang: Option<String>,
    /// Only those without a photograph.
    #[param(value_type = Option<bool>)]
    without_picture: Option<String>,
    /// Language of the titles: ar, en, ru or kk; English when not given.
    lang: Option<String>,
    /// Products of the answer.
    #[param(value_type = Option<u8>, minimum = 1, maximum = 100, default = 50)]
    limit: Option<String>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// The parameters, read.
struct ProductsRequest {
    filter: Filter,
    category: Option<String>,
    lang: Lang,
    limit: usize,
    cursor: Option<String>,
}

impl ProductsParams {
    fn request(self) -> Result<ProductsRequest> {
        let mut read = Reader::default();
        let state = read.optional::<StateName>("state", self.state.as_deref());
        let text = self.q.map(|q| q.trim().to_owned()).filter(|q| !q.is_empty());
        let filter = Filter {
            state: state.map(|StateName(state)| state),
            category_id: None,
            missing_lang: read.optional("missing_lang", self.missing_lang.as_deref()),
            without_picture: read
                .optional("without_picture", self.without_picture.as_deref())
                .unwrap_or(false),
            text,
        };
        let lang = read.optional("lang", self.lang.as_deref()).unwrap_or(Lang::En);
        let limit = read.number("limit", self.limit.as_deref(), 1..=LIMIT_MAX);
        read.length("q", filter.text.as_deref(), TEXT_LENGTH_MAX);
        read.finish()?;
        Ok(ProductsRequest {
            filter,
            category: self.category.filter(|slug| !slug.is_empty()),
            lang,
            limit: limit.unwrap_or(LIMIT_DEFAULT),
            cursor: self.cursor.filter(|cursor| !cursor.is_empty()),
        })
    }
}

/// A state by its name in an address.
struct StateName(ProductState);

impl std::str::FromStr for StateName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let state = ProductState::of_code(text).map(StateName);
        state.ok_or_else(|| format!("state must be draft, active or archived, but is \"{text}\""))
    }
}

/// A product in a list.
#[derive(Debug, Serialize, ToSchema)]
struct AdminProductLine {
    /// Key of the product.
    #[schema(value_type = String)]
    id: ProductId,
    /// The id it has in another system.
    external_id: Option<String>,
    /// Readable name for its address.
    slug: String,
    /// Its title in the asked language, else in English, else in any.
    title: String,
    /// `draft`, `active` or `archived`.
    #[schema(value_type = String, example = "active")]
    state: ProductState,
    /// From when on it is listed, if active; null for at once.
    #[schema(value_type = Option<String>, format = DateTime)]
    publish_at: Option<Timestamp>,
    /// Where it stands in the tree.
    #[schema(value_type = String)]
    category_id: CategoryId,
    /// The languages it has a text in.
    #[schema(value_type = Vec<String>)]
    langs: Vec<Lang>,
    /// Address of its first photograph; null while it has none.
    image: Option<String>,
    /// How many variants it has.
    variants: i64,
    /// How many offers, in all markets.
    offers: i64,
    /// Units that can be bought, in all markets.
    stock: i64,
    /// When it was last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

impl From<Found> for AdminProductLine {
    fn from(found: Found) -> Self {
        AdminProductLine {
            id: found.id,
            external_id: found.external_id,
            slug: found.slug,
            title: found.title,
            state: found.state,
            publish_at: found.publish_at,
            category_id: found.category_id,
            langs: found.langs,
            image: found.image,
            variants: found.variants,
            offers: found.offers,
            stock: found.stock,
            updated_at: found.updated_at,
        }
    }
}

/// A product with everything but offers and stock.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AdminProduct {
    /// Key of the product.
    #[schema(value_type = String)]
    id: ProductId,
    /// The id it has in another system.
    external_id: Option<String>,
    /// Readable name for its address.
    slug: String,
    /// `draft`, `active` or `archived`.
    #[schema(value_type = String, example = "active")]
    state: ProductState,
    /// From when on it is listed, if active; null for at once.
    #[schema(value_type = Option<String>, format = DateTime)]
    publish_at: Option<Timestamp>,
    /// Where it stands in the tree.
    #[schema(value_type = String)]
    category_id: CategoryId,
    /// Its maker.
    #[schema(value_type = Option<String>)]
    brand_id: Option<BrandId>,
    /// Which still life is drawn while it has no photograph.
    picture: String,
    /// Its attribute values.
    #[schema(value_type = Vec<String>)]
    values: Vec<AttributeValueId>,
    /// Its texts, one a language.
    texts: Vec<AdminText>,
    /// Its variants in the shop's order.
    variants: Vec<AdminVariant>,
    /// Its photographs in order.
    media: Vec<AdminPicture>,
    /// When it was added.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it was last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

impl From<EditableProduct> for AdminProduct {
    fn from(product: EditableProduct) -> Self {
        AdminProduct {
            id: product.id,
            external_id: product.external_id,
            slug: product.slug,
            state: product.state,
            publish_at: product.publish_at,
            category_id: product.category_id,
            brand_id: product.brand_id,
            picture: product.picture,
            values: product.values,
            texts: product.texts.into_iter().map(AdminText::from).collect(),
            variants: product.variants.into_iter().map(AdminVariant::from).collect(),
            media: product.media.iter().map(AdminPicture::from).collect(),
            created_at: product.created_at,
            updated_at: product.updated_at,
        }
    }
}

/// A product to be added.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewProductBody {
    /// The id it has in another system.
    external_id: Option<String>,
    /// Readable name for its address; made from the title when not given.
    slug: Option<String>,
    /// `draft`, `active` or `archived`; `active` when not given.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, example = "active")]
    state: Option<ProductState>,
    /// From when on it is listed, if active; at once when not given.
    #[schema(value_type = Option<String>, format = DateTime)]
    publish_at: Option<Timestamp>,
    /// Where it stands in the tree.
    #[schema(value_type = String)]
    category_id: CategoryId,
    /// Its maker.
    #[schema(value_type = Option<String>)]
    brand_id: Option<BrandId>,
    /// Which still life is drawn while it has no photograph.
    picture: Option<String>,
    /// At least one text, one a language.
    texts: Vec<AdminText>,
    /// Its variants; a single one when none is given.
    #[serde(default)]
    variants: Vec<NewVariantBody>,
    /// Its attribute values.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    values: Vec<AttributeValueId>,
}

impl From<NewProductBody> for NewProduct {
    fn from(body: NewProductBody) -> Self {
        NewProduct {
            external_id: body.external_id,
            slug: body.slug,
            state: body.state.unwrap_or(ProductState::Active),
            publish_at: body.publish_at,
            category_id: body.category_id,
            brand_id: body.brand_id,
            picture: body.picture,
            texts: body.texts.into_iter().map(Into::into).collect(),
            variants: body.variants.into_iter().map(Into::into).collect(),
            values: body.values,
        }
    }
}

/// What is to change of a product; what is not there stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(clippy::option_option, reason = "not there, taken away and changed are three things")]
struct ProductPatch {
    /// The id it has in another system; null for none.
    #[serde(default, deserialize_with = "or_null")]
    #[schema(value_type = Option<String>)]
    external_id: Option<Option<String>>,
    /// Readable name for its address.
    #[serde(default, deserialize_with = "given")]
    slug: Option<String>,
    /// `draft`, `active` or `archived`.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, example = "archived")]
    state: Option<ProductState>,
    /// From when on it is listed, if active; null for at once.
    #[serde(default, deserialize_with = "or_null")]
    #[schema(value_type = Option<String>, format = DateTime)]
    publish_at: Option<Option<Timestamp>>,
    /// Where it stands in the tree.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    category_id: Option<CategoryId>,
    /// Its maker; null for none.
    #[serde(default, deserialize_with = "or_null")]
    #[schema(value_type = Option<String>)]
    brand_id: Option<Option<BrandId>>,
    /// Which still life is drawn while it has no photograph.
    #[serde(default, deserialize_with = "given")]
    picture: Option<String>,
    /// Its attribute values, all of them.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Vec<String>>)]
    values: Option<Vec<AttributeValueId>>,
}

/// Products, the newest first.
#[utoipa::path(
    get,
    path = "/v1/admin/products",
    tag = "catalogue",
    params(ProductsParams),
    responses((status = 200, description = "Products", body = Listed<AdminProductLine>))
)]
async fn get_products(
    State(app): State<AppState>,
    Query(params): Query<ProductsParams>,
) -> Result<Json<Listed<AdminProductLine>>> {
    let ProductsRequest { mut filter, category, lang, limit, cursor } = params.request()?;
    // What the cursor is bound to.
    let state = filter.state.map(ProductState::code);
    let list = (
        "products",
        (&filter.text, state, &category),
        (filter.missing_lang, filter.without_picture),
    );
    let list = serde_json::to_string(&list).expect("texts, languages and booleans are JSON");
    let below = cursor.map(|cursor| cursor::read(&app.keys, &list, &cursor)).transpose()?;
    let mut connection = app.connection().await?;
    if let Some(slug) = category {
        filter.category_id = Some(category_of(&mut connection, &slug).await?);
    }
    // One more than is shown tells whether there is a next page.
    let asked = i64::try_from(limit + 1).expect("a limit has at most three digits");
    let mut found = products::find(&mut connection, &filter, lang, below, asked).await?;
    let more = found.len() > limit;
    found.truncate(limit);
    let last = found.last().filter(|_| more);
    let next = last.map(|product| cursor::write(&app.keys, &list, &product.id));
    Ok(Json(Listed { items: found.into_iter().map(AdminProductLine::from).collect(), next }))
}

async fn category_of(connection: &mut PgConnection, slug: &str) -> Result<CategoryId> {
    let categories = categories::list(connection).await?;
    let found = categories.values().find(|category| category.slug == slug);
    found.map(|category| category.id).ok_or_else(|| {
        let detail = format!("no category has the slug \"{slug}\"");
        FieldError::new("/category", Code::UnknownCategory, detail).into()
    })
}

/// Add a product. It is shown once an offer of it has a price.
#[utoipa::path(
    post,
    path = "/v1/admin/products",
    tag = "catalogue",
    request_body = NewProductBody,
    responses((status = 201, description = "The product", body = AdminProduct))
)]
async fn post_product(
    State(app): State<AppState>,
    Change { asked, body }: Change<NewProductBody>,
) -> Result<Written<Response>> {
    writing::run(&app, asked, async move |write: &mut Write| {
        let id = products::create(write, body.into()).await?;
        let product = products::get(write, id).await?;
        let tag = etag(&product);
        let location = format!("/v1/admin/products/{id}");
        Ok(tagged(created(Some(location), &AdminProduct::from(product)), tag))
    })
    .await
}

/// A product as it is edited.
#[utoipa::path(
    get,
    path = "/v1/admin/products/{id}",
    tag = "catalogue",
    params(("id" = String, Path, description = "Key of the product")),
    responses((status = 200, description = "The product; its ETag names this version", body = AdminProduct))
)]
async fn get_product(
    State(app): State<AppState>,
    Path(id): Path<ProductId>,
) -> Result<Tagged<AdminProduct>> {
    let mut connection = app.connection().await?;
    let product = products::get(&mut connection, id).await?;
    let tag = etag(&product);
    Ok(Tagged { tag, body: product.into() })
}

/// Change a product. Needs `If-Match`.
#[utoipa::path(
    patch,
    path = "/v1/admin/products/{id}",
    tag = "catalogue",
    params(("id" = String, Path, description = "Key of the product")),
    request_body = ProductPatch,
    responses((status = 200, description = "The product", body = AdminProduct))
)]
async fn patch_product(
    State(app): State<AppState>,
    Path(id): Path<ProductId>,
    Change { asked, body }: Change<ProductPatch>,
) -> Result<Written<Response>> {
    let version = asked.version()?;
    writing::run(&app, asked, async move |write: &mut Write| {
        products::lock(write, id, Some(&version)).await?;
        if let Some(values) = &body.values {
            products::set_values(write, id, values).await?;
        }
        let change = ProductChange {
            external_id: body.external_id,
            slug: body.slug,
            state: body.state,
            publish_at: body.publish_at,
            category_id: body.category_id,
            brand_id: body.brand_id,
            picture: body.picture,
        };
        products::update(write, id, change).await?;
        answer(write, id).await
    })
    .await
}

/// Delete a product that was never sold; archive it otherwise. Needs `If-Match`.
#[utoipa::path(
    delete,
    path = "/v1/admin/products/{id}",
    tag = "catalogue",
    params(("id" = String, Path, description = "Key of the product")),
    responses((status = 204, description = "It is gone"))
)]
async fn delete_product(
    State(app): State<AppState>,
    Path(id): Path<ProductId>,
    asked: Asked,
) -> Result<Written<Response>> {
    let version = asked.version()?;
    writing::run(&app, asked, async move |write: &mut Write| {
        products::lock(write, id, Some(&version)).await?;
        products::delete(write, id).await?;
        Ok(gone())
    })
    .await
}

/// The product as it is after a change.
pub(super) async fn answer(write: &mut Write, id: ProductId) -> Result<Answer> {
    let product = products::get(write, id).await?;
    let tag = etag(&product);
    Ok(tagged(shown(&AdminProduct::from(product)), tag))
}
