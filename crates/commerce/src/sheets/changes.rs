//! What a line changes of what is there.

use std::collections::HashMap;

use souk_base::{Lang, VariantId, WarehouseId};

use super::LineError;
use super::cells::Column;
use super::parse::{Line, error};
use crate::offers::{EditableOffer, NewOffer, OfferChange};
use crate::products::{
    self, EditableProduct, NewProduct, NewVariant, ProductChange, ProductText, State,
};
use crate::writes::Write;
use crate::{Result, offers, stock};

/// A product as it was before the import, with the variants and offers of the house that it has now.
pub(super) struct Known {
    pub(super) product: EditableProduct,
    pub(super) skus: HashMap<String, VariantId>,
    pub(super) offers: Vec<EditableOffer>,
}

/// Cells about the product as a whole that differ from what was there, with what they say.
pub(super) type Said = Vec<(Column, String)>;

/// What a line changes.
#[derive(Default)]
pub(super) struct Changes {
    pub(super) adds_product: bool,
    pub(super) adds_variant: bool,
    pub(super) adds_offer: bool,
    pub(super) said: Said,
    /// The new price and old price.
    pub(super) price: Option<(i64, Option<i64>)>,
    pub(super) stock: Vec<(WarehouseId, i32)>,
}

impl Changes {
    /// What the line changes of this product, or of none yet.
    pub(super) fn of(
        line: &Line,
        known: Option<&Known>,
    ) -> std::result::Result<Changes, LineError> {
        let mut changes = match known {
            Some(known) => Changes { said: said(line, &known.product), ..Changes::default() },
            None => Changes::of_new(line)?,
        };
        if let (Some(known), Some(sku)) = (known, &line.sku) {
            changes.adds_variant = !known.skus.contains_key(sku);
        }
        let offer = known.and_then(|known| known.offer(line));
        changes.adds_offer = line.market.is_some() && offer.is_none() && line.minor.is_some();
        if offer.is_none() && line.market.is_some() && line.minor.is_none() {
            if line.stock.is_empty() && line.list_minor.is_none() {
                return Ok(changes);
            }
            let reason = "nothing is offered here yet, so a price is needed";
            return Err(error(line.number, Some(&Column::Price), reason));
        }
        changes.price = price(line, offer)?;
        let there = |id: &WarehouseId| {
            let stock = offer?.stock.iter().find(|stock| stock.warehouse_id == *id)?;
            Some(stock.on_hand)
        };
        let differs = |(id, units): &&(WarehouseId, i32)| there(id) != Some(*units);
        changes.stock = line.stock.iter().filter(differs).copied().collect();
        Ok(changes)
    }

    fn of_new(line: &Line) -> std::result::Result<Changes, LineError> {
        if line.category_id.is_none() {
            let reason = "a new product needs a category";
            return Err(error(line.number, Some(&Column::Category), reason));
        }
        if line.titles.is_empty() {
            let reason = "a new product needs a title";
            return Err(error(line.number, Some(&Column::Title(Lang::En)), reason));
        }
        Ok(Changes { adds_product: true, ..Changes::default() })
    }

    pub(super) fn is_empty(&self) -> bool {
        let adds = self.adds_product || self.adds_variant || self.adds_offer;
        !adds && self.said.is_empty() && self.price.is_none() && self.stock.is_empty()
    }

    /// Makes the changes; gives the product.
    pub(super) async fn make(
        &self,
        write: &mut Write,
        line: &Line,
        known: Option<&Known>,
    ) -> Result<souk_base::ProductId> {
        let id = match known {
            Some(known) => known.product.id,
            None => products::create(write, new_product(line)).await?,
        };
        if let Some(known) = known {
            self.change_product(write, line, &known.product).await?;
        }
        let variant_id = self.variant(write, id, line, known).await?;
        let (Some(variant_id), Some(market)) = (variant_id, line.market) else { return Ok(id) };
        let offer_id = match (known.and_then(|known| known.offer(line)), self.price) {
            (Some(offer), None) => offer.id,
            (Some(offer), Some((minor, list_minor))) => {
                let list_minor = Some(list_minor);
                let change =
                    OfferChange { minor: Some(minor), list_minor, ..OfferChange::default() };
                offers::update(write, offer.id, change).await?;
                offer.id
            }
            (None, Some((minor, list_minor))) => {
                let (seller_id, preparation_minutes) = (None, None);
                let new = NewOffer {
                    variant_id,
                    seller_id,
                    market,
                    minor,
                    list_minor,
                    preparation_minutes,
                };
                offers::create(write, new).await?
            }
            (None, None) => return Ok(id),
        };
        for (warehouse_id, units) in &self.stock {
            stock::set(write, offer_id, *warehouse_id, *units).await?;
        }
        Ok(id)
    }

    async fn change_product(
        &self,
        write: &mut Write,
        line: &Line,
        product: &EditableProduct,
    ) -> Result<()> {
        let says = |wanted: &Column| self.said.iter().any(|(column, _)| column == wanted);
        let change = ProductChange {
            external_id: line.external_id.clone().filter(|_| says(&Column::ExternalId)).map(Some),
            state: line.state.filter(|_| says(&Column::State)),
            category_id: line.category_id.filter(|_| says(&Column::Category)),
            ..ProductChange::default()
        };
        if change != ProductChange::default() {
            products::update(write, product.id, change).await?;
        }
        // Read anew: another line may have changed the other half of a text.
        let now = products::get(write, product.id).await?;
        for (lang, title, description) in line.texts(|lang| text(&now, lang)) {
            if says(&Column::Title(lang)) || says(&Column::Description(lang)) {
                let (old_title, old_description) = text(&now, lang).unwrap_or_default();
                let title = if says(&Column::Title(lang)) { title } else { old_title };
                let is_said = says(&Column::Description(lang));
                let description = if is_said { description } else { old_description };
                let (title, description) = (title.to_owned(), description.to_owned());
                products::put_text(write, product.id, ProductText { lang, title, description })
                    .await?;
            }
        }
        Ok(())
    }

    async fn variant(
        &self,
        write: &mut Write,
        id: souk_base::ProductId,
        line: &Line,
        known: Option<&Known>,
    ) -> Result<Option<VariantId>> {
        let Some(sku) = &line.sku else { return Ok(None) };
        match known {
            // The product was just made, with this variant alone.
            None => Ok(products::get(write, id).await?.variants.first().map(|first| first.id)),
            Some(known) => match known.skus.get(sku) {
                Some(id) => Ok(Some(*id)),
                None => {
                    let new = NewVariant { sku: Some(sku.clone()), ..NewVariant::default() };
                    Ok(Some(products::add_variant(write, id, new).await?))
                }
            },
        }
    }
}

impl Known {
    fn offer(&self, line: &Line) -> Option<&EditableOffer> {
        let (sku, market) = (line.sku.as_ref()?, line.market?);
        self.offers.iter().find(|offer| offer.sku == *sku && offer.market == market)
    }
}

fn text(product: &EditableProduct, lang: Lang) -> Option<(&str, &str)> {
    let text = product.texts.iter().find(|text| text.lang == lang)?;
    Some((&text.title, &text.description))
}

/// What the line says of the product that differs from what was there.
fn said(line: &Line, product: &EditableProduct) -> Said {
    let mut said = Said::new();
    if line.external_id.is_some() && line.external_id != product.external_id {
        said.push((Column::ExternalId, line.external_id.clone().unwrap_or_default()));
    }
    if let Some(state) = line.state.filter(|state| *state != product.state) {
        said.push((Column::State, state.code().to_owned()));
    }
    if let Some(category_id) = line.category_id.filter(|id| *id != product.category_id) {
        said.push((Column::Category, category_id.to_string()));
    }
    for (lang, title) in &line.titles {
        if text(product, *lang).is_none_or(|(old, _)| old != title) {
            said.push((Column::Title(*lang), title.clone()));
        }
    }
    for (lang, description) in &line.descriptions {
        if text(product, *lang).is_none_or(|(_, old)| old != description) {
            said.push((Column::Description(*lang), description.clone()));
        }
    }
    said
}

/// The new price and old price, if the line changes one of them.
fn price(
    line: &Line,
    offer: Option<&EditableOffer>,
) -> std::result::Result<Option<(i64, Option<i64>)>, LineError> {
    let before = offer.map(|offer| (offer.minor, offer.list_minor));
    let (old_minor, old_list) = before.unwrap_or_default();
    let Some(minor) = line.minor.or(old_minor) else { return Ok(None) };
    let list_minor = line.list_minor.unwrap_or(old_list);
    if list_minor.is_some_and(|list| list <= minor) {
        let reason = "the old price must be above the price";
        return Err(error(line.number, Some(&Column::ListPrice), reason));
    }
    let is_new = line.market.is_some() && before != Some((Some(minor), list_minor));
    Ok(is_new.then_some((minor, list_minor)))
}

fn new_product(line: &Line) -> NewProduct {
    let texts = line.texts(|_| None).map(|(lang, title, description)| {
        let (title, description) = (title.to_owned(), description.to_owned());
        ProductText { lang, title, description }
    });
    NewProduct {
        external_id: line.external_id.clone(),
        slug: line.slug.clone(),
        state: line.state.unwrap_or(State::Draft),
        publish_at: None,
        category_id: line.category_id.expect("a new product's category was asked for"),
        brand_id: None,
        picture: None,
        texts: texts.collect(),
        variants: vec![NewVariant { sku: line.sku.clone(), ..NewVariant::default() }],
        values: Vec::new(),
    }
}
