//! Adding, changing and removing variants.

use serde_json::json;
use souk_base::{ProductId, VariantId};
use sqlx::types::Json;

use super::{NewVariant, VariantChange, sql};
use crate::writes::Write;
use crate::{Conflict, Error, Result};

/// Most variants of a product.
const VARIANTS_MAX: usize = 200;
/// Longest SKU or barcode, in characters.
const CODE_LENGTH_MAX: usize = 100;

/// Adds a variant behind the others.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Invalid`]; [`Error::Conflict`] when the SKU is taken or blank.
pub async fn add_variant(
    write: &mut Write,
    product_id: ProductId,
    new: NewVariant,
) -> Result<VariantId> {
    sql::touch(write, product_id.get()).await?;
    let id = insert(write, product_id, new).await?;
    let detail = json!({"variant_id": id});
    write.note("products.add_variant", &product_id.to_string(), detail).await?;
    Ok(id)
}

pub(super) async fn insert(
    write: &mut Write,
    product_id: ProductId,
    new: NewVariant,
) -> Result<VariantId> {
    let siblings = sql::variants(write, product_id.get()).await?;
    if siblings.len() >= VARIANTS_MAX {
        let reason = format!("a product has at most {VARIANTS_MAX} variants");
        return Err(Error::invalid("variants", reason));
    }
    let eans = codes("eans", new.eans)?;
    let sku = match new.sku {
        Some(sku) => code("sku", &sku)?,
        None => free_sku(product_id, &siblings),
    };
    let position = siblings.last().map_or(0, |last| last.position.saturating_add(1));
    let id = sql::insert_variant(write, product_id.get(), &sku, &new.options, &eans, position);
    Ok(id.await?.into())
}

/// `P7` for the first variant of product 7, then `P7-2` and so on.
fn free_sku(product_id: ProductId, siblings: &[sql::VariantRow]) -> String {
    let numbered = (2..).map(|number| format!("P{product_id}-{number}"));
    std::iter::once(format!("P{product_id}"))
        .chain(numbered)
        .find(|sku| siblings.iter().all(|sibling| sibling.sku != *sku))
        .expect("there are more numbers than siblings")
}

fn code(field: &'static str, text: &str) -> Result<String> {
    let text = text.trim();
    if text.chars().count() > CODE_LENGTH_MAX {
        let reason = format!("a code has at most {CODE_LENGTH_MAX} characters");
        return Err(Error::invalid(field, reason));
    }
    Ok(text.to_owned())
}

/// The codes without blanks, and without those that are given twice.
fn codes(field: &'static str, texts: Vec<String>) -> Result<Vec<String>> {
    let mut codes = Vec::new();
    for text in texts {
        let code = code(field, &text)?;
        if !code.is_empty() && !codes.contains(&code) {
            codes.push(code);
        }
    }
    Ok(codes)
}

/// Changes a variant.
///
/// # Errors
/// As [`add_variant`].
pub async fn update_variant(
    write: &mut Write,
    product_id: ProductId,
    id: VariantId,
    change: VariantChange,
) -> Result<()> {
    sql::touch(write, product_id.get()).await?;
    let siblings = sql::variants(write, product_id.get()).await?;
    let mut variant = siblings.into_iter().find(|row| row.id == id.get()).ok_or(Error::NotFound)?;
    if let Some(sku) = change.sku {
        variant.sku = code("sku", &sku)?;
    }
    if let Some(options) = change.options {
        variant.options = Json(options);
    }
    if let Some(eans) = change.eans {
        variant.eans = codes("eans", eans)?;
    }
    variant.position = change.position.unwrap_or(variant.position);
    sql::update_variant(write, &variant).await?;
    let detail = json!({"variant_id": id, "sku": variant.sku, "position": variant.position});
    write.note("products.update_variant", &product_id.to_string(), detail).await
}

/// Removes a variant with its offers and their stock.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Conflict`] for the last variant, or when some of it is reserved.
pub async fn remove_variant(write: &mut Write, product_id: ProductId, id: VariantId) -> Result<()> {
    sql::touch(write, product_id.get()).await?;
    let siblings = sql::variants(write, product_id.get()).await?;
    let variant = siblings.iter().find(|row| row.id == id.get()).ok_or(Error::NotFound)?;
    if siblings.len() == 1 {
        return Err(Conflict::LastVariant.into());
    }
    if sql::is_reserved(write, product_id.get(), Some(id.get())).await? {
        return Err(Conflict::StockReserved.into());
    }
    sql::delete_variant(write, id.get()).await?;
    let detail = json!({"variant_id": id, "sku": variant.sku});
    write.note("products.remove_variant", &product_id.to_string(), detail).await
}
