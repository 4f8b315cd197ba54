//! `GET /office/products/{id}/preview`: a product as the shop would show it, on sale or not.

use axum::extract::State;
use axum::response::Response;
use jiff::Timestamp;
use souk_api::pipeline::products::{
    Named, ProductAnswer, ProductAttribute, ProductAttributeValue, ProductOffer, ProductVariant,
};
use souk_api::{AppState, Error};
use souk_base::{Lang, Market, Money, Tables};
use souk_commerce::media::Size;
use souk_commerce::offers::{EditableOffer, OfferState};

use super::Asked;
use super::line::Current;
use crate::office::{Colleague, refuse};
use crate::page;
use crate::products::ProductPage;
use crate::refusal::Refusal;
use crate::still;
use crate::text::desk::desk;
use crate::visit::Visit;

/// `GET /office/products/{id}/preview?market=KW`
pub(crate) async fn show(
    State(app): State<AppState>,
    colleague: Colleague,
    asked: Asked,
) -> Result<Response, Refusal> {
    let caller = &colleague.caller;
    let fail = |error| refuse(caller, error);
    let (tables, current) = super::read(&app, asked).await.map_err(fail)?;
    let market = market(caller.address.get("market"), &current, &tables);
    let market = market.ok_or_else(|| fail(Error::NotFound))?;
    let visit = Visit::new(caller.clone(), tables.clone(), market.code.as_str());
    let visit = visit.ok_or_else(|| fail(Error::NotFound))?;
    let answer = answer(&current, &tables, market, visit.lang, Timestamp::now());
    let page = ProductPage::new(&visit, &answer, Vec::new()).map_err(fail)?;
    let back = format!("/office/products/{}", current.product.id);
    Ok(page::for_caller(caller, &page.previewed(desk(caller.lang()), back)))
}

/// The market that is asked for, else the first in which there is a price, else the first.
fn market<'a>(code: Option<&str>, current: &Current, tables: &'a Tables) -> Option<&'a Market> {
    let asked = code.and_then(|code| tables.market(code.parse().ok()?));
    let is_priced = |market: &&Market| {
        current.offers.iter().any(|offer| offer.market == market.code && offer.minor.is_some())
    };
    asked.or_else(|| tables.markets.iter().find(is_priced)).or(tables.markets.first())
}

/// The product as the shop's own page would have it, were it on sale. What has no price yet costs nothing here, so
/// that the rest can be looked at.
fn answer(
    current: &Current,
    tables: &Tables,
    market: &Market,
    lang: Lang,
    now: Timestamp,
) -> ProductAnswer {
    let product = &current.product;
    let texts = |lang: Lang| product.texts.iter().find(|text| text.lang == lang);
    let text = std::iter::once(lang).chain(market.languages.iter().copied()).find_map(texts);
    let text = text.or_else(|| texts(Lang::En)).or(product.texts.first());
    let path = tables.ancestry(product.category_id).into_iter().rev();
    let named = |slug: &str, label: &str| Named { slug: slug.to_owned(), label: label.to_owned() };
    let variants = product.variants.iter().map(|variant| {
        let offers = current.offers.iter().filter(|offer| {
            offer.variant_id == variant.id
                && offer.market == market.code
                && offer.state == OfferState::Active
        });
        ProductVariant {
            variant_id: variant.id,
            sku: variant.sku.clone(),
            options: serde_json::Value::Object(variant.options.clone()),
            offers: offers.filter_map(|offer| shown(offer, tables, market, now)).collect(),
        }
    });
    ProductAnswer {
        product_id: product.id,
        external_id: product.external_id.clone(),
        slug: product.slug.clone(),
        title: text.map(|text| text.title.clone()).unwrap_or_default(),
        description: text.map(|text| text.description.clone()).unwrap_or_default(),
        brand: product
            .brand_id
            .and_then(|id| tables.brands.get(&id))
            .map(|brand| named(&brand.slug, &brand.name)),
        categories: path
            .filter_map(|id| tables.categories.get(&id))
            .map(|category| named(&category.slug, category.label.get(lang)))
            .collect(),
        attributes: attributes(current, tables, lang),
        images: images(current),
        variants: variants.filter(|variant| !variant.offers.is_empty()).collect(),
    }
}

fn shown(
    offer: &EditableOffer,
    tables: &Tables,
    market: &Market,
    now: Timestamp,
) -> Option<ProductOffer> {
    let holds = |dated: &&souk_commerce::offers::DatedPrice| {
        dated.from.is_none_or(|from| from <= now) && dated.until.is_none_or(|until| now < until)
    };
    let dated = offer.dated_prices.iter().find(holds);
    let minor = dated.map(|dated| dated.minor).or(offer.minor)?;
    let list = dated.map_or(offer.list_minor, |dated| dated.list_minor);
    let stock: i64 =
        offer.stock.iter().map(|stock| i64::from(stock.on_hand - stock.reserved)).sum();
    Some(ProductOffer {
        offer_id: offer.id,
        seller_id: offer.seller_id,
        seller: tables.sellers.get(&offer.seller_id)?.name.clone(),
        price: Money::new(minor, market.currency),
        list_price: list.map(|minor| Money::new(minor, market.currency)),
        stock,
        in_stock: stock > 0,
        deliverable: None,
    })
}

fn attributes(current: &Current, tables: &Tables, lang: Lang) -> Vec<ProductAttribute> {
    let of = |attribute: &souk_base::Attribute| {
        let values = current.product.values.iter().filter_map(|id| tables.values.get(id));
        let values = values.filter(|value| value.attribute_id == attribute.id);
        let values: Vec<_> = values
            .map(|value| ProductAttributeValue {
                code: value.code.clone(),
                label: value.label.get(lang).to_owned(),
            })
            .collect();
        let (code, label) = (attribute.code.clone(), attribute.label.get(lang).to_owned());
        (!values.is_empty()).then_some(ProductAttribute { code, label, values })
    };
    tables.attributes.iter().filter_map(of).collect()
}

fn images(current: &Current) -> Vec<String> {
    let product = &current.product;
    if product.media.is_empty() {
        return vec![still::address(&product.picture, product.id.get())];
    }
    product.media.iter().map(|picture| picture.address(Size::Medium)).collect()
}
