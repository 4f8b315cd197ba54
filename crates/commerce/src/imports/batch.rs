//! One batch of items written, in a transaction of the caller's.

use std::collections::{BTreeSet, HashMap, HashSet};

use serde_json::{Map, Value};
use souk_base::slug;
use sqlx::PgConnection;

use super::codes::{code_of, short_hash};
use super::dictionary::Resolved;
use super::sql::offers::{self as offers_sql, NewOffer, OfferRow, StockRow, WarehouseRow};
use super::sql::products::{self as sql, Image, KnownProduct, Link, NewProduct, Text, VariantRow};
use super::stock::{Assortment, units};
use super::{Item, ItemVariant};
use crate::Result;

/// The still life of a product whose file names none, as the table has it.
const PICTURE: &str = "box";

/// Items with the keys of what they point at.
#[derive(Clone, Copy)]
pub(super) struct Batch<'a> {
    pub(super) items: &'a [Item],
    pub(super) resolved: &'a [Resolved],
    /// Where new products stand that name no category; there when one of them names none.
    pub(super) other_category_id: Option<i64>,
    pub(super) warehouses: &'a [WarehouseRow],
    /// What stock is invented for; none when nothing is invented.
    pub(super) assortment: Option<Assortment>,
}

/// How many products a batch made and how many it changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Written {
    pub(super) imported: u64,
    pub(super) changed: u64,
}

impl<'a> Batch<'a> {
    /// The part of the batch at these places.
    pub(super) fn part(self, places: std::ops::Range<usize>) -> Batch<'a> {
        Batch { items: &self.items[places.clone()], resolved: &self.resolved[places], ..self }
    }

    /// Writes the products and everything that hangs from them.
    pub(super) async fn write(self, connection: &mut PgConnection) -> Result<Written> {
        let external_ids: Vec<_> = self.items.iter().map(|item| item.external_id.clone()).collect();
        let known = sql::ids_by_external_id(connection, &external_ids).await?;
        let made = self.add_products(connection, &known).await?;
        let mut changed: BTreeSet<i64> = self.update_products(connection, &known).await?;
        let ids: Vec<i64> = external_ids
            .iter()
            .filter_map(|id| known.get(id).or_else(|| made.get(id)).copied())
            .collect();
        changed.extend(self.write_texts(connection, &ids).await?);
        changed.extend(self.write_values(connection, &ids).await?);
        changed.extend(self.write_images(connection, &ids).await?);
        changed.extend(self.write_variants(connection, &ids).await?);
        let new: HashSet<i64> = made.values().copied().collect();
        let changed: Vec<i64> = changed.into_iter().filter(|id| !new.contains(id)).collect();
        if !changed.is_empty() {
            sql::touch(connection, &changed).await?;
        }
        Ok(Written { imported: new.len() as u64, changed: changed.len() as u64 })
    }

    async fn add_products(
        self,
        connection: &mut PgConnection,
        known: &HashMap<String, i64>,
    ) -> Result<HashMap<String, i64>> {
        let new: Vec<_> = self
            .items
            .iter()
            .zip(self.resolved)
            .filter(|(item, _)| !known.contains_key(&item.external_id))
            .collect();
        if new.is_empty() {
            return Ok(HashMap::new());
        }
        let slugs = free_slugs(connection, new.iter().map(|(item, _)| *item)).await?;
        let rows: Vec<_> = new
            .iter()
            .zip(slugs)
            .map(|((item, resolved), slug)| NewProduct {
                external_id: &item.external_id,
                slug,
                category_id: resolved.category_id.or(self.other_category_id),
                brand_id: resolved.brand_id,
                picture: item.picture.as_deref().unwrap_or(PICTURE),
            })
            .collect();
        Ok(sql::insert(connection, &rows).await?)
    }

    async fn update_products(
        self,
        connection: &mut PgConnection,
        known: &HashMap<String, i64>,
    ) -> Result<BTreeSet<i64>> {
        let rows: Vec<_> = self
            .items
            .iter()
            .zip(self.resolved)
            .filter_map(|(item, resolved)| {
                Some(KnownProduct {
                    id: *known.get(&item.external_id)?,
                    category_id: resolved.category_id,
                    brand_id: resolved.brand_id,
                    picture: item.picture.as_deref(),
                })
            })
            .collect();
        Ok(sql::update(connection, &rows).await?.into_iter().collect())
    }

    async fn write_texts(self, connection: &mut PgConnection, ids: &[i64]) -> Result<Vec<i64>> {
        let rows: Vec<_> = self
            .items
            .iter()
            .zip(ids)
            .flat_map(|(item, id)| item.texts.iter().map(move |text| (id, text)))
            .map(|(id, text)| Text {
                product_id: *id,
                lang: text.lang.code(),
                title: &text.title,
                description: &text.description,
            })
            .collect();
        Ok(sql::set_texts(connection, &rows).await?)
    }

    async fn write_values(self, connection: &mut PgConnection, ids: &[i64]) -> Result<Vec<i64>> {
        let mut product_ids = Vec::new();
        let mut links = Vec::new();
        for (resolved, &product_id) in self.resolved.iter().zip(ids) {
            let Some(value_ids) = &resolved.value_ids else { continue };
            product_ids.push(product_id);
            links.extend(value_ids.iter().map(|&value_id| Link { product_id, value_id }));
        }
        Ok(sql::set_values(connection, &product_ids, &links).await?)
    }

    async fn write_images(self, connection: &mut PgConnection, ids: &[i64]) -> Result<Vec<i64>> {
        let rows: Vec<_> = self
            .items
            .iter()
            .zip(ids)
            .flat_map(|(item, id)| item.images.iter().enumerate().map(move |image| (id, image)))
            .map(|(id, (position, url))| Image { product_id: *id, url, position })
            .collect();
        Ok(sql::add_images(connection, &rows).await?)
    }

    /// Writes variants, then what the house asks for them and has of them.
    async fn write_variants(self, connection: &mut PgConnection, ids: &[i64]) -> Result<Vec<i64>> {
        let rows: Vec<_> = self
            .items
            .iter()
            .zip(ids)
            .flat_map(|(item, id)| item.variants.iter().enumerate().map(move |v| (id, v)))
            .map(|(id, (position, variant))| VariantRow {
                product_id: *id,
                sku: &variant.sku,
                options: options(variant),
                eans: &variant.eans,
                position,
            })
            .collect();
        let mut changed = sql::set_variants(connection, &rows).await?;
        let skus: Vec<String> = rows.iter().map(|row| row.sku.to_owned()).collect();
        let variant_ids = sql::variant_ids(connection, &skus).await?;
        changed.extend(self.write_offers(connection, &variant_ids).await?);
        Ok(changed)
    }

    async fn write_offers(
        self,
        connection: &mut PgConnection,
        variant_ids: &HashMap<String, i64>,
    ) -> Result<Vec<i64>> {
        let rows: Vec<_> = self
            .variants()
            .flat_map(|variant| variant.prices.iter().map(move |price| (variant, price)))
            .filter_map(|(variant, price)| {
                Some(OfferRow {
                    variant_id: *variant_ids.get(&variant.sku)?,
                    market: price.market.as_str(),
                    minor: price.minor,
                    list_minor: price.list_minor,
                    preparation_minutes: price.preparation_minutes,
                })
            })
            .collect();
        let new = offers_sql::add(connection, &rows).await?;
        let mut changed: Vec<i64> = new.iter().map(|offer| offer.product_id).collect();
        changed.extend(offers_sql::set_preparation(connection, &rows).await?);
        changed.extend(offers_sql::set_prices(connection, &rows).await?);
        self.write_given_stock(connection, variant_ids).await?;
        self.write_invented_stock(connection, variant_ids, &new).await?;
        Ok(changed)
    }

    async fn write_given_stock(
        self,
        connection: &mut PgConnection,
        variant_ids: &HashMap<String, i64>,
    ) -> Result<()> {
        let stocked: HashMap<i64, &ItemVariant> = self
            .variants()
            .filter(|variant| !variant.stock.is_empty())
            .filter_map(|variant| Some((*variant_ids.get(&variant.sku)?, variant)))
            .collect();
        if stocked.is_empty() {
            return Ok(());
        }
        let ids: Vec<i64> = stocked.keys().copied().collect();
        let mut rows = Vec::new();
        for (offer_id, variant_id, market) in offers_sql::of_variants(connection, &ids).await? {
            for warehouse in self.warehouses.iter().filter(|house| house.market == market) {
                if let Some(&units) = stocked[&variant_id].stock.get(&warehouse.city) {
                    rows.push(StockRow { offer_id, warehouse_id: warehouse.id, units });
                }
            }
        }
        Ok(offers_sql::add_stock(connection, &rows).await?)
    }

    async fn write_invented_stock(
        self,
        connection: &mut PgConnection,
        variant_ids: &HashMap<String, i64>,
        new: &[NewOffer],
    ) -> Result<()> {
        let Some(assortment) = self.assortment else { return Ok(()) };
        let skus: HashMap<i64, &str> = self
            .variants()
            .filter(|variant| variant.stock.is_empty())
            .filter_map(|variant| Some((*variant_ids.get(&variant.sku)?, variant.sku.as_str())))
            .collect();
        let mut rows = Vec::new();
        for offer in new {
            let Some(sku) = skus.get(&offer.variant_id) else { continue };
            let houses: Vec<_> =
                self.warehouses.iter().filter(|house| house.market == offer.market).collect();
            let cities: Vec<_> = houses.iter().map(|house| house.city.as_str()).collect();
            let units = units(assortment, sku, offer.market.parse()?, &cities);
            rows.extend(houses.iter().zip(units).map(|(house, units)| StockRow {
                offer_id: offer.id,
                warehouse_id: house.id,
                units,
            }));
        }
        Ok(offers_sql::add_stock(connection, &rows).await?)
    }

    fn variants(self) -> impl Iterator<Item = &'a ItemVariant> {
        self.items.iter().flat_map(|item| &item.variants)
    }
}

/// A slug for each new item: that of its title, with its id behind it where the title's is taken.
async fn free_slugs<'a>(
    connection: &mut PgConnection,
    items: impl Iterator<Item = &'a Item>,
) -> Result<Vec<String>> {
    let candidates: Vec<[String; 3]> = items.map(slug_candidates).collect();
    let taken = sql::taken_slugs(connection, &candidates.concat()).await?;
    let mut taken: HashSet<String> = taken.into_iter().collect();
    let mut slugs = Vec::new();
    for candidates in candidates {
        let [.., last] = &candidates;
        let free = candidates.iter().find(|slug| !taken.contains(*slug)).unwrap_or(last).clone();
        taken.insert(free.clone());
        slugs.push(free);
    }
    Ok(slugs)
}

fn slug_candidates(item: &Item) -> [String; 3] {
    let title = slug(item.title());
    let id = code_of(&item.external_id);
    let title = if title.is_empty() { format!("p-{id}") } else { title };
    let with_hash = format!("{title}-{}", short_hash(&item.external_id));
    [title.clone(), format!("{title}-{id}"), with_hash]
}

/// `{"size": {"en": "12 stems", "ru": "12 стеблей"}}`.
fn options(variant: &ItemVariant) -> Value {
    let options = variant.options.iter().map(|(key, label)| {
        let texts = label.iter().map(|(lang, text)| (lang.code().to_owned(), text.into()));
        (key.clone(), Value::Object(texts.collect()))
    });
    Value::Object(options.collect::<Map<_, _>>())
}
