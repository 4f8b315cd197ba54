//! `/{market}/p/{slug}`: the page of a product.

mod structured;

use askama::Template;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use souk_api::pipeline::products::{
    self, ProductAnswer, ProductAttribute, ProductOffer, ProductRequest, ProductVariant,
};
use souk_api::pipeline::search::{self, SearchRequest};
use souk_api::{AppState, Error};
use souk_base::ProductId;
use souk_search::Sort;

use crate::address::Address;
use crate::cards::Card;
use crate::cart::new_key;
use crate::format::Price;
use crate::frame::{CityLink, Frame};
use crate::home::Row;
use crate::promise::{Countdown, DayField};
use crate::refusal::Refusal;
use crate::search::Crumb;
use crate::text::basket::{Basket, basket};
use crate::text::desk::Desk;
use crate::text::fill;
use crate::visit::Visit;
use crate::{options, page, recommended};

/// With this many or fewer left, the page says how many.
const FEW: i64 = 5;

/// Neighbours of the same category that are shown below.
const NEIGHBOURS: usize = 5;

#[derive(Template)]
#[template(path = "product.html")]
pub(crate) struct ProductPage {
    frame: Frame,
    /// Key of the product, and where it is told that the page was seen; a preview tells nobody.
    product: String,
    told: Option<String>,
    crumbs: Vec<Crumb>,
    title: String,
    paragraphs: Vec<String>,
    images: Vec<String>,
    drawn: bool,
    choice: Choice,
    /// The form that puts it into the cart; none where there is nothing to buy.
    buy: Option<Buy>,
    variants: Vec<VariantLink>,
    cities: Vec<CityLink>,
    action: String,
    fields: Vec<(String, String)>,
    day: Option<DayField>,
    details: Vec<Detail>,
    rows: Vec<Row>,
    structured: String,
    preview: Option<Preview>,
}

/// What the office says above a product that it shows to itself.
struct Preview {
    note: &'static str,
    back: &'static str,
    href: String,
}

/// The offer that is shown.
struct Choice {
    price: Price,
    before: Option<Price>,
    in_stock: bool,
    stock: String,
    /// When it is delivered to the chosen city; or that it is not.
    promise: Option<String>,
    countdown: Option<Countdown>,
    seller: String,
}

/// The form that puts the shown offer into the cart.
struct Buy {
    action: String,
    /// Names this form, so that sending it twice puts it in once.
    key: String,
    offer: String,
    words: &'static Basket,
}

/// A variant as a chip.
struct VariantLink {
    label: String,
    price: Price,
    href: String,
    chosen: bool,
    in_stock: bool,
}

/// A line of the details: a name and values, some of which lead somewhere.
struct Detail {
    label: String,
    values: Vec<DetailValue>,
}

struct DetailValue {
    label: String,
    href: Option<String>,
    colour: Option<String>,
    /// Codes read the same way in every script.
    code: bool,
}

/// `GET /{market}/p/{slug}`
pub(crate) async fn show(
    State(app): State<AppState>,
    visit: Visit,
    headers: HeaderMap,
    path: Result<Path<(String, String)>, PathRejection>,
) -> Result<Response, Refusal> {
    let Ok(Path((_, slug))) = path else { return Err(Refusal::of(&visit, Error::NotFound)) };
    let (id, page) = read(&app, &visit, &slug).await.map_err(|error| Refusal::of(&visit, error))?;
    recommended::followed(&app, &visit, id, &headers);
    Ok(page::for_caller(&visit.caller, &page))
}

async fn read(
    app: &AppState,
    visit: &Visit,
    slug: &str,
) -> Result<(ProductId, ProductPage), Error> {
    let id = {
        let mut connection = app.connection().await?;
        souk_commerce::products::by_slug(&mut connection, slug).await?.ok_or(Error::NotFound)?
    };
    let &Visit { market, lang, city, date, now, .. } = visit;
    let request = ProductRequest { market, id, lang: Some(lang), city, date, now };
    let product = products::run(app, &request).await?;
    let mut rows = recommended::of_product(app, visit, id).await?;
    rows.extend(neighbours(app, visit, &product).await?);
    Ok((id, ProductPage::new(visit, &product, rows)?))
}

/// What else is popular in the category of a product.
async fn neighbours(
    app: &AppState,
    visit: &Visit,
    product: &ProductAnswer,
) -> Result<Option<Row>, Error> {
    let Some(category) = product.categories.last() else { return Ok(None) };
    let request = SearchRequest {
        lang: Some(visit.lang),
        city: visit.city,
        date: visit.date,
        now: visit.now,
        category: Some(category.slug.clone()),
        sort: Sort::Popular,
        limit: NEIGHBOURS + 1,
        ..SearchRequest::of(visit.market)
    };
    let mut hits = search::run(app, &request).await?.hits;
    hits.retain(|hit| hit.product_id != product.product_id);
    hits.truncate(NEIGHBOURS);
    let cards = Card::all(visit, &hits);
    Ok((!cards.is_empty()).then(|| Row {
        title: fill(visit.text().more_of, "category", &category.label),
        href: visit.path(&format!("/c/{}", category.slug)),
        cards,
    }))
}

impl ProductPage {
    /// The page of a product.
    ///
    /// # Errors
    /// [`Error::NotFound`] when nobody offers it.
    pub(crate) fn new(
        visit: &Visit,
        product: &ProductAnswer,
        rows: Vec<Row>,
    ) -> Result<ProductPage, Error> {
        let (variant, offer) = chosen(visit, product).ok_or(Error::NotFound)?;
        let frame = Frame::of(visit, &product.title);
        let cities = Frame::of(visit, "").shop.map(|shop| shop.cities).unwrap_or_default();
        let lines = product.description.lines().map(str::trim).filter(|line| !line.is_empty());
        Ok(ProductPage {
            frame,
            product: product.product_id.to_string(),
            told: Some(visit.path("/events")),
            crumbs: crumbs(visit, product),
            title: product.title.clone(),
            paragraphs: lines.map(str::to_owned).collect(),
            drawn: product.images.iter().all(|image| image.starts_with("/pictures/")),
            images: product.images.clone(),
            choice: Choice::new(visit, offer),
            buy: offer.in_stock.then(|| Buy {
                action: visit.path("/cart"),
                key: new_key(),
                offer: offer.offer_id.to_string(),
                words: basket(visit.lang),
            }),
            variants: variants(visit, product, variant),
            cities,
            action: visit.caller.address.path().to_owned(),
            fields: visit.caller.address.fields().cloned().collect(),
            day: DayField::of(visit),
            details: details(visit, product, variant),
            rows,
            structured: structured::json(visit, product),
            preview: None,
        })
    }

    /// The same, under a note that it is shown to the office alone.
    pub(crate) fn previewed(mut self, words: &'static Desk, href: String) -> ProductPage {
        self.preview =
            Some(Preview { note: words.preview_note, back: words.back_to_product, href });
        self.told = None;
        self.buy = None;
        self
    }
}

/// The variant asked for, else the one with the best offer; with the offer a shopper is shown.
fn chosen<'a>(
    visit: &Visit,
    product: &'a ProductAnswer,
) -> Option<(&'a ProductVariant, &'a ProductOffer)> {
    let asked = visit.caller.address.get("variant");
    let offered = |variant: &'a ProductVariant| Some((variant, best(visit, variant)?));
    let is_asked = |variant: &&ProductVariant| asked == Some(&variant.variant_id.to_string());
    let by_hand = product.variants.iter().find(is_asked).and_then(offered);
    let all = product.variants.iter().filter_map(offered);
    by_hand.or_else(|| all.min_by_key(|(_, offer)| rank(visit, offer)))
}

/// The offer of a variant that a shopper is shown.
fn best<'a>(visit: &Visit, variant: &'a ProductVariant) -> Option<&'a ProductOffer> {
    variant.offers.iter().min_by_key(|offer| rank(visit, offer))
}

/// What can be had (on the day, when one is chosen) first, then the lowest price, then the oldest: as
/// `souk_base::best_offer` has it, so that the page shows what the search showed.
fn rank(visit: &Visit, offer: &ProductOffer) -> impl Ord + use<> {
    let on_day = offer.deliverable.as_ref().filter(|_| visit.date.is_some());
    let is_available = on_day.map_or(offer.in_stock, |deliverable| deliverable.available);
    (!is_available, offer.price.minor, offer.offer_id)
}

impl Choice {
    fn new(visit: &Visit, offer: &ProductOffer) -> Choice {
        let (text, numbers) = (visit.text(), visit.numbers());
        let few = (1..=FEW).contains(&offer.stock).then(|| {
            let count = offer.stock.unsigned_abs();
            fill(text.few_left.form(count), "n", &numbers.whole(count))
        });
        let words = visit.stock_words(offer.in_stock);
        let slot = offer.deliverable.as_ref().and_then(|deliverable| deliverable.slot.as_ref());
        Choice {
            price: numbers.money(offer.price),
            before: offer.list_price.map(|price| numbers.money(price)),
            in_stock: offer.in_stock,
            stock: few.map_or(words.clone(), |few| format!("{words} · {few}")),
            promise: promise(visit, offer),
            countdown: slot.and_then(|slot| visit.countdown(slot)),
            seller: fill(text.sold_by, "seller", &offer.seller),
        }
    }
}

/// When the offer is delivered, or that it is not; nothing without a city and for what is sold out there.
fn promise(visit: &Visit, offer: &ProductOffer) -> Option<String> {
    let deliverable = offer.deliverable.as_ref().filter(|_| offer.in_stock)?;
    let text = visit.text();
    let instead = || match deliverable.earliest {
        Some(day) => fill(text.no_delivery_on, "day", &visit.day_words(day)),
        None => text.no_delivery.to_owned(),
    };
    Some(visit.promise_words(Some(deliverable)).unwrap_or_else(instead))
}

/// The variants as links; none where there is nothing to choose.
fn variants(visit: &Visit, product: &ProductAnswer, chosen: &ProductVariant) -> Vec<VariantLink> {
    if product.variants.len() < 2 {
        return Vec::new();
    }
    let address = Address::new(visit.caller.address.path());
    let link = |variant: &ProductVariant| {
        let offer = best(visit, variant)?;
        Some(VariantLink {
            label: variant_label(visit, variant),
            price: visit.numbers().money(offer.price),
            href: address.clone().with("variant", &variant.variant_id.to_string()).to_string(),
            chosen: variant.variant_id == chosen.variant_id,
            in_stock: offer.in_stock,
        })
    };
    product.variants.iter().filter_map(link).collect()
}

fn variant_label(visit: &Visit, variant: &ProductVariant) -> String {
    let label = options::label(&variant.options, visit.lang, visit.numbers());
    if label.is_empty() { variant.sku.clone() } else { label }
}

fn crumbs(visit: &Visit, product: &ProductAnswer) -> Vec<Crumb> {
    let home = Crumb { href: visit.path(""), label: visit.text().home.to_owned() };
    let path = product.categories.iter().map(|category| Crumb {
        href: visit.path(&format!("/c/{}", category.slug)),
        label: category.label.clone(),
    });
    std::iter::once(home).chain(path).collect()
}

fn details(visit: &Visit, product: &ProductAnswer, variant: &ProductVariant) -> Vec<Detail> {
    let text = visit.text();
    let mut details = Vec::new();
    if let Some(brand) = &product.brand {
        let value = linked(visit, "brand", &brand.slug, &brand.label);
        details.push(Detail { label: text.brand.to_owned(), values: vec![value] });
    }
    let size = options::label(&variant.options, visit.lang, visit.numbers());
    if !size.is_empty() {
        details.push(Detail { label: text.size.to_owned(), values: vec![plain(size, false)] });
    }
    details.extend(product.attributes.iter().map(|attribute| attribute_line(visit, attribute)));
    let article = plain(variant.sku.clone(), true);
    details.push(Detail { label: text.article.to_owned(), values: vec![article] });
    details
}

fn attribute_line(visit: &Visit, attribute: &ProductAttribute) -> Detail {
    let values = attribute.values.iter().map(|value| DetailValue {
        colour: (attribute.code == "colour").then(|| value.code.clone()),
        ..linked(visit, &attribute.code, &value.code, &value.label)
    });
    Detail { label: attribute.label.clone(), values: values.collect() }
}

fn linked(visit: &Visit, field: &str, value: &str, label: &str) -> DetailValue {
    let search = Address::new(visit.path("/search"));
    let href = search.and("filter", &format!("{field}:{value}")).to_string();
    DetailValue { href: Some(href), ..plain(label.to_owned(), false) }
}

fn plain(label: String, code: bool) -> DetailValue {
    DetailValue { label, href: None, colour: None, code }
}

#[cfg(test)]
mod tests;
