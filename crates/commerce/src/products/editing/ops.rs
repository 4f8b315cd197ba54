//! Adding, changing and removing products and what belongs to them.

use serde_json::json;
use souk_base::{AttributeValueId, BrandId, Lang, ProductId, slug};
use sqlx::PgConnection;

use super::sql::Columns;
use super::{
    EditableProduct, EditableVariant, NewProduct, NewVariant, ProductChange, State, sql, variants,
};
use crate::products::{ProductText, by_slug, sql as readers};
use crate::writes::{Write, expect};
use crate::{Conflict, Error, Result, media};

/// The still life of a product that names none, as the table has it.
const PICTURE: &str = "box";

/// Most attribute values of a product.
const VALUES_MAX: usize = 200;

/// The product, listed or not.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn get(connection: &mut PgConnection, id: ProductId) -> Result<EditableProduct> {
    let row = sql::product(connection, id.get()).await?;
    Ok(EditableProduct {
        id,
        external_id: row.external_id,
        slug: row.slug,
        state: State::read(&row.state)?,
        publish_at: row.publish_at.map(jiff_sqlx::Timestamp::to_jiff),
        category_id: row.category_id.into(),
        brand_id: row.brand_id.map(BrandId::new),
        picture: row.picture,
        values: row.value_ids.into_iter().map(AttributeValueId::new).collect(),
        texts: texts(connection, id).await?,
        variants: sql::variants(connection, id.get()).await?.into_iter().map(Into::into).collect(),
        media: media::of_product(connection, id).await?,
        created_at: row.created_at.to_jiff(),
        updated_at: row.updated_at.to_jiff(),
    })
}

async fn texts(connection: &mut PgConnection, id: ProductId) -> Result<Vec<ProductText>> {
    let rows = readers::texts(connection, &[id.get()]).await?;
    rows.into_iter()
        .map(|row| {
            let lang = row.lang.parse()?;
            Ok(ProductText { lang, title: row.title, description: row.description })
        })
        .collect()
}

impl From<sql::VariantRow> for EditableVariant {
    fn from(row: sql::VariantRow) -> EditableVariant {
        EditableVariant {
            id: row.id.into(),
            sku: row.sku,
            options: row.options.0,
            eans: row.eans,
            position: row.position,
        }
    }
}

/// The product, locked against other writers until the write ends; `expected` is the `If-Match` of the caller.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Stale`] when it has changed since.
pub async fn lock(
    write: &mut Write,
    id: ProductId,
    expected: Option<&str>,
) -> Result<EditableProduct> {
    sql::lock(write, id.get()).await?;
    let product = get(write, id).await?;
    expect(expected, &product)?;
    Ok(product)
}

/// Adds a product.
///
/// # Errors
/// [`Error::Invalid`]; [`Error::Conflict`] when slug, SKU or external id are taken, or the category, brand or a
/// value does not exist.
pub async fn create(write: &mut Write, mut new: NewProduct) -> Result<ProductId> {
    if new.texts.is_empty() {
        return Err(Error::invalid("texts", "a product needs a title in at least one language"));
    }
    let id = sql::next_id(write).await?;
    let slug = slug_of(write, &new, id).await?;
    let columns = Columns {
        external_id: new.external_id.as_deref().map(str::trim).filter(|given| !given.is_empty()),
        slug: &slug,
        state: new.state.code(),
        publish_at: new.publish_at.map(Into::into),
        category_id: new.category_id.get(),
        brand_id: new.brand_id.map(BrandId::get),
        picture: new.picture.as_deref().unwrap_or(PICTURE),
    };
    sql::insert(write, id, &columns).await?;
    let id = ProductId::new(id);
    for text in &new.texts {
        write_text(write, id, text).await?;
    }
    write_values(write, id, &new.values).await?;
    if new.variants.is_empty() {
        new.variants.push(NewVariant::default());
    }
    for variant in std::mem::take(&mut new.variants) {
        variants::insert(write, id, variant).await?;
    }
    let detail = json!({"slug": slug, "state": new.state, "category_id": new.category_id});
    write.note("products.create", &id.to_string(), detail).await?;
    Ok(id)
}

/// The given slug, else that of the title, with the id behind it where it is taken or empty.
async fn slug_of(write: &mut Write, new: &NewProduct, id: i64) -> Result<String> {
    if let Some(slug) = &new.slug {
        return Ok(slug.clone());
    }
    let english = new.texts.iter().find(|text| text.lang == Lang::En);
    let title = english.or(new.texts.first()).map_or("", |text| &text.title);
    let slug = slug(title);
    if slug.is_empty() {
        return Ok(format!("product-{id}"));
    }
    let taken = by_slug(write, &slug).await?.is_some();
    Ok(if taken { format!("{slug}-{id}") } else { slug })
}

/// Changes a product.
///
/// # Errors
/// As [`create`]; [`Error::NotFound`].
pub async fn update(write: &mut Write, id: ProductId, change: ProductChange) -> Result<()> {
    sql::lock(write, id.get()).await?;
    let row = sql::product(write, id.get()).await?;
    let detail = detail(&change);
    let external_id = change.external_id.unwrap_or(row.external_id);
    let slug = change.slug.unwrap_or(row.slug);
    let picture = change.picture.unwrap_or(row.picture);
    let columns = Columns {
        external_id: external_id.as_deref().map(str::trim).filter(|given| !given.is_empty()),
        slug: &slug,
        state: change.state.map_or_else(|| State::read(&row.state), Ok)?.code(),
        publish_at: change.publish_at.map_or(row.publish_at, |at| at.map(Into::into)),
        category_id: change.category_id.map_or(row.category_id, |category| category.get()),
        brand_id: change.brand_id.map_or(row.brand_id, |brand| brand.map(BrandId::get)),
        picture: &picture,
    };
    sql::update(write, id.get(), &columns).await?;
    write.note("products.update", &id.to_string(), detail).await
}

/// What the audit says of a change: the fields that it names.
fn detail(change: &ProductChange) -> serde_json::Value {
    let all = json!({
        "external_id": change.external_id,
        "slug": change.slug,
        "state": change.state,
        "publish_at": change.publish_at,
        "category_id": change.category_id,
        "brand_id": change.brand_id,
        "picture": change.picture,
    });
    let named = [
        ("external_id", change.external_id.is_some()),
        ("slug", change.slug.is_some()),
        ("state", change.state.is_some()),
        ("publish_at", change.publish_at.is_some()),
        ("category_id", change.category_id.is_some()),
        ("brand_id", change.brand_id.is_some()),
        ("picture", change.picture.is_some()),
    ];
    named
        .into_iter()
        .filter(|(_, named)| *named)
        .map(|(name, _)| (name.to_owned(), all[name].clone()))
        .collect()
}

/// Writes the text of one language.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Conflict`] for a blank title or a text that is too long.
pub async fn put_text(write: &mut Write, id: ProductId, text: ProductText) -> Result<()> {
    sql::touch(write, id.get()).await?;
    write_text(write, id, &text).await?;
    let detail = json!({"lang": text.lang, "title": text.title.trim()});
    write.note("products.put_text", &id.to_string(), detail).await
}

async fn write_text(write: &mut Write, id: ProductId, text: &ProductText) -> Result<()> {
    let (title, description) = (text.title.trim(), text.description.trim());
    Ok(sql::set_text(write, id.get(), text.lang.code(), title, description).await?)
}

/// Removes the text of one language.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Conflict`] for the last text.
pub async fn remove_text(write: &mut Write, id: ProductId, lang: Lang) -> Result<()> {
    sql::touch(write, id.get()).await?;
    sql::delete_text(write, id.get(), lang.code()).await?;
    if texts(write, id).await?.is_empty() {
        return Err(Conflict::LastText.into());
    }
    write.note("products.remove_text", &id.to_string(), json!({"lang": lang})).await
}

/// Gives the product these attribute values and no others.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Conflict`] for a value that does not exist.
pub async fn set_values(
    write: &mut Write,
    id: ProductId,
    values: &[AttributeValueId],
) -> Result<()> {
    sql::touch(write, id.get()).await?;
    write_values(write, id, values).await?;
    write.note("products.set_values", &id.to_string(), json!({"values": values})).await
}

async fn write_values(write: &mut Write, id: ProductId, values: &[AttributeValueId]) -> Result<()> {
    if values.len() > VALUES_MAX {
        let reason = format!("a product has at most {VALUES_MAX} attribute values");
        return Err(Error::invalid("values", reason));
    }
    let keys: Vec<i64> = values.iter().map(|value| value.get()).collect();
    Ok(sql::set_values(write, id.get(), &keys).await?)
}

/// Deletes a product that was never sold, with its texts, variants, offers and stock.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Conflict`] when it was sold or some of it is reserved.
pub async fn delete(write: &mut Write, id: ProductId) -> Result<()> {
    sql::lock(write, id.get()).await?;
    if sql::is_sold(write, id.get()).await? {
        return Err(Conflict::ProductSold.into());
    }
    if sql::is_reserved(write, id.get(), None).await? {
        return Err(Conflict::StockReserved.into());
    }
    sql::delete(write, id.get()).await?;
    write.note("products.delete", &id.to_string(), json!({})).await
}
