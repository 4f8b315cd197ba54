//! One product as its page shows it: variants with their offers, and all photographs.

use souk_base::{MarketCode, ProductId, VariantId};
use sqlx::PgConnection;

use super::{Product, listed, sql};
use crate::Result;
use crate::offers::{LiveOffer, live};

/// A product of one market with everything its page needs.
#[derive(Clone, Debug, PartialEq)]
pub struct Detail {
    /// The product and its texts.
    pub product: Product,
    /// Its variants that are offered in this market, in the shop's order.
    pub variants: Vec<Variant>,
    /// Its photographs in order.
    pub images: Vec<String>,
}

/// A variant with its offers in one market.
#[derive(Clone, Debug, PartialEq)]
pub struct Variant {
    /// Key of the variant.
    pub id: VariantId,
    /// The shop's code for it.
    pub sku: String,
    /// What tells it from its siblings.
    pub options: serde_json::Value,
    /// Its barcodes.
    pub eans: Vec<String>,
    /// Who sells it, for how much.
    pub offers: Vec<LiveOffer>,
}

/// The product as this market sees it; none when it is not listed or nobody offers it there.
///
/// # Errors
/// [`crate::Error::Database`] when PostgreSQL does not answer.
pub async fn detail(
    connection: &mut PgConnection,
    market: MarketCode,
    id: ProductId,
) -> Result<Option<Detail>> {
    let Some(product) = listed(connection, &[id]).await?.pop() else {
        return Ok(None);
    };
    let mut offers = live(connection, &[id]).await?;
    offers.retain(|offer| offer.market == market);
    let variants = variants(connection, id, &offers).await?;
    if variants.is_empty() {
        return Ok(None);
    }
    let images = sql::images(connection, id.get()).await?;
    Ok(Some(Detail { product, variants, images }))
}

async fn variants(
    connection: &mut PgConnection,
    id: ProductId,
    offers: &[LiveOffer],
) -> Result<Vec<Variant>> {
    let mut variants = Vec::new();
    for row in sql::variants(connection, id.get()).await? {
        let id = VariantId::new(row.id);
        let offers: Vec<_> = offers.iter().filter(|o| o.variant_id == id).cloned().collect();
        if !offers.is_empty() {
            let (sku, options, eans) = (row.sku, row.options, row.eans);
            variants.push(Variant { id, sku, options, eans, offers });
        }
    }
    Ok(variants)
}
