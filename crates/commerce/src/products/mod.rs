//! Products: what is sold, in four languages, with attributes, variants and media.
//!
//! A product is listed while its state is `active` and its `publish_at`, if it has one, is past. Its ordinal is given once and never reused. Every
//! table that hangs from a product carries its id in the replica identity, so that the change stream
//! can name the product of a deleted row.
//!
//! Tables owned: `brands`, `products`, `product_translations`, `attributes`, `attribute_translations`,
//! `attribute_values`, `attribute_value_translations`, `product_attribute_values`, `variants`.

mod detail;
mod editing;
mod sql;

use std::collections::HashMap;

pub use detail::{Detail, Variant, detail};
pub use editing::{
    BULK_PRODUCTS_MAX, BulkChange, BulkReport, EditableProduct, EditableVariant, Filter, Found,
    NewProduct, NewVariant, PriceChange, ProductChange, State, StockChange, VariantChange,
    add_variant, bulk, count_found, create, delete, find, get, lock, put_text, remove_text,
    remove_variant, set_values, update, update_variant,
};
use serde::{Deserialize, Serialize};
use souk_base::{
    Attribute, AttributeValue, AttributeValueId, Brand, BrandId, CategoryId, Lang, Ordinal,
    ProductId,
};
use sqlx::PgConnection;

use crate::Result;
use crate::markets::translated;

/// A listed product with all of its texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Product {
    /// Key of the product.
    pub id: ProductId,
    /// Its dense number.
    pub ordinal: Ordinal,
    /// The id it had where it was imported from.
    pub external_id: Option<String>,
    /// Readable name for its address.
    pub slug: String,
    /// Which still life is drawn while it has no photograph.
    pub picture: String,
    /// Its first photograph.
    pub image: Option<String>,
    /// Its maker.
    pub brand_id: Option<BrandId>,
    /// Where it stands in the tree.
    pub category_id: CategoryId,
    /// Its attribute values, in id order.
    pub values: Vec<AttributeValueId>,
    /// Codes it is found by exactly: SKUs, EANs, the external id.
    pub codes: Vec<String>,
    /// When it was added, unix seconds.
    pub created_at_s: i64,
    /// Its texts, one a language.
    pub texts: Vec<ProductText>,
}

/// Title and description in one language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductText {
    /// The language.
    pub lang: Lang,
    /// What it is called.
    pub title: String,
    /// What it is, in a sentence or more; may be empty.
    pub description: String,
}

impl Product {
    /// The text in this language, else in English, else in any; a product without texts has none.
    #[must_use]
    pub fn text(&self, lang: Lang) -> Option<&ProductText> {
        let exact = |lang| self.texts.iter().find(move |text| text.lang == lang);
        exact(lang).or_else(|| exact(Lang::En)).or_else(|| self.texts.first())
    }
}

/// The listed ones among these products, in id order.
///
/// # Errors
/// [`crate::Error::Unreadable`] for a language this version does not know.
pub async fn listed(connection: &mut PgConnection, ids: &[ProductId]) -> Result<Vec<Product>> {
    let keys: Vec<i64> = ids.iter().map(|id| id.get()).collect();
    let mut texts: HashMap<i64, Vec<ProductText>> = HashMap::new();
    for row in sql::texts(connection, &keys).await? {
        let text =
            ProductText { lang: row.lang.parse()?, title: row.title, description: row.description };
        texts.entry(row.product_id).or_default().push(text);
    }
    let rows = sql::listed(connection, &keys).await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let texts = texts.remove(&row.id).unwrap_or_default();
            product(row, texts)
        })
        .collect())
}

fn product(row: sql::ProductRow, texts: Vec<ProductText>) -> Product {
    let mut codes = row.codes;
    codes.extend(row.external_id.clone());
    Product {
        id: row.id.into(),
        ordinal: Ordinal(row.ordinal.cast_unsigned()),
        external_id: row.external_id,
        slug: row.slug,
        picture: row.picture,
        image: row.image,
        brand_id: row.brand_id.map(BrandId::new),
        category_id: row.category_id.into(),
        values: row.value_ids.into_iter().map(AttributeValueId::new).collect(),
        codes,
        created_at_s: row.created_at_s,
        texts,
    }
}

/// The next `limit` products after this one, listed or not, in id order.
///
/// # Errors
/// [`crate::Error::Database`] when PostgreSQL does not answer.
pub async fn ids_after(
    connection: &mut PgConnection,
    after: ProductId,
    limit: i64,
) -> Result<Vec<ProductId>> {
    Ok(ids(sql::ids_after(connection, after.get(), limit).await?))
}

/// The next `limit` products after this one, in id order, each with its ordinal if it is listed.
///
/// # Errors
/// [`crate::Error::Database`] when PostgreSQL does not answer.
pub async fn places_after(
    connection: &mut PgConnection,
    after: ProductId,
    limit: i64,
) -> Result<Vec<(ProductId, Option<Ordinal>)>> {
    let rows = sql::places_after(connection, after.get(), limit).await?;
    let place = |row: sql::PlaceRow| {
        (row.id.into(), row.listed.then_some(Ordinal(row.ordinal.cast_unsigned())))
    };
    Ok(rows.into_iter().map(place).collect())
}

/// How many products there are, listed or not.
///
/// # Errors
/// [`crate::Error::Database`] when PostgreSQL does not answer.
pub async fn count(connection: &mut PgConnection) -> Result<i64> {
    Ok(sql::count(connection).await?)
}

/// Products that stand in one of these categories themselves.
///
/// # Errors
/// [`crate::Error::Database`] when PostgreSQL does not answer.
pub async fn in_categories(
    connection: &mut PgConnection,
    categories: &[CategoryId],
) -> Result<Vec<ProductId>> {
    let keys: Vec<i64> = categories.iter().map(|id| id.get()).collect();
    Ok(ids(sql::in_categories(connection, &keys).await?))
}

/// Products of one of these brands.
///
/// # Errors
/// [`crate::Error::Database`] when PostgreSQL does not answer.
pub async fn of_brands(
    connection: &mut PgConnection,
    brands: &[BrandId],
) -> Result<Vec<ProductId>> {
    let keys: Vec<i64> = brands.iter().map(|id| id.get()).collect();
    Ok(ids(sql::of_brands(connection, &keys).await?))
}

/// Products that have one of these attribute values.
///
/// # Errors
/// [`crate::Error::Database`] when PostgreSQL does not answer.
pub async fn with_values(
    connection: &mut PgConnection,
    values: &[AttributeValueId],
) -> Result<Vec<ProductId>> {
    let keys: Vec<i64> = values.iter().map(|id| id.get()).collect();
    Ok(ids(sql::with_values(connection, &keys).await?))
}

/// What products are asked for by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// Their own keys, as text.
    Id,
    /// The ids of the system that they were imported from.
    ExternalId,
}

/// The ordinals of products, in the order they are asked for; none for what is not there.
///
/// # Errors
/// [`crate::Error::Database`] when PostgreSQL does not answer.
pub async fn ordinals(
    connection: &mut PgConnection,
    key: Key,
    names: &[String],
) -> Result<Vec<Option<Ordinal>>> {
    let ordinals = match key {
        Key::Id => {
            // No product has this key, so a name that is none stands for nothing.
            let ids: Vec<i64> = names.iter().map(|name| name.parse().unwrap_or(i64::MIN)).collect();
            sql::ordinals_of_ids(connection, &ids).await?
        }
        Key::ExternalId => sql::ordinals_of_external_ids(connection, names).await?,
    };
    let ordinal = |ordinal: Option<i32>| ordinal.and_then(|it| u32::try_from(it).ok());
    Ok(ordinals.into_iter().map(|it| ordinal(it).map(Ordinal)).collect())
}

/// The product with this slug, listed or not.
///
/// # Errors
/// [`crate::Error::Database`] when PostgreSQL does not answer.
pub async fn by_slug(connection: &mut PgConnection, slug: &str) -> Result<Option<ProductId>> {
    Ok(sql::by_slug(connection, slug).await?.map(ProductId::new))
}

fn ids(keys: Vec<i64>) -> Vec<ProductId> {
    keys.into_iter().map(ProductId::new).collect()
}

/// Every attribute in facet order.
///
/// # Errors
/// [`crate::Error::Unreadable`] for a language this version does not know.
pub async fn attributes(connection: &mut PgConnection) -> Result<Vec<Attribute>> {
    let mut labels = sql::attribute_labels(connection).await?;
    let mut attributes = Vec::new();
    for row in sql::attributes(connection).await? {
        attributes.push(Attribute {
            id: row.id.into(),
            code: row.code,
            label: translated(labels.remove(&row.id))?,
            position: row.position,
        });
    }
    Ok(attributes)
}

/// Every attribute value by id.
///
/// # Errors
/// [`crate::Error::Unreadable`] for a language this version does not know.
pub async fn attribute_values(
    connection: &mut PgConnection,
) -> Result<HashMap<AttributeValueId, AttributeValue>> {
    let mut labels = sql::value_labels(connection).await?;
    let mut values = HashMap::new();
    for row in sql::attribute_values(connection).await? {
        let value = AttributeValue {
            id: row.id.into(),
            attribute_id: row.attribute_id.into(),
            code: row.code,
            label: translated(labels.remove(&row.id))?,
            position: row.position,
        };
        values.insert(value.id, value);
    }
    Ok(values)
}

/// Every brand by id.
///
/// # Errors
/// [`crate::Error::Database`] when PostgreSQL does not answer.
pub async fn brands(connection: &mut PgConnection) -> Result<HashMap<BrandId, Brand>> {
    let brands = sql::brands(connection).await?;
    Ok(brands.into_iter().map(|brand| (brand.id, brand)).collect())
}
