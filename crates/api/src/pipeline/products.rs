//! One product as its page shows it, read from PostgreSQL, with labels from the small tables.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use souk_base::{
    AttributeValue, CityId, Lang, Market, MarketCode, Money, OfferId, ProductId, SellerId, Tables,
    VariantId,
};
use souk_commerce::offers::LiveOffer;
use souk_commerce::products::{self, Detail, Product, Variant};
use utoipa::ToSchema;

use super::{Deliverable, Wish, picture_url};
use crate::AppState;
use crate::answer::MoneySchema;
use crate::error::{Code, Error, FieldError, Result};

/// Which product.
#[derive(Clone, Copy, Debug)]
pub struct ProductRequest {
    /// Where.
    pub market: MarketCode,
    /// Key of the product.
    pub id: ProductId,
    /// Language of the texts; the market's first when not given.
    pub lang: Option<Lang>,
    /// Stock and delivery for this city.
    pub city: Option<CityId>,
    /// The wished day of delivery to that city, in its own time zone.
    pub date: Option<Date>,
    /// The instant that cut-offs are judged by.
    pub now: Timestamp,
}

/// A product with everything its page needs.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ProductAnswer {
    /// Key of the product.
    #[schema(value_type = String)]
    pub product_id: ProductId,
    /// The id it had where it was imported from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// Readable name for its address.
    pub slug: String,
    /// Title in the asked language, else in another.
    pub title: String,
    /// What it is; may be empty.
    pub description: String,
    /// Its maker.
    pub brand: Option<Named>,
    /// Where it stands in the tree, the root first.
    pub categories: Vec<Named>,
    /// What it is like, in the shop's order.
    pub attributes: Vec<ProductAttribute>,
    /// Addresses of its photographs, or of the one picture drawn by the shop.
    pub images: Vec<String>,
    /// What can be chosen, in the shop's order; never empty.
    pub variants: Vec<ProductVariant>,
}

/// Something with a readable name and a label.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Named {
    /// Readable name, as filters take it.
    pub slug: String,
    /// Name for people.
    pub label: String,
}

/// A property of a product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ProductAttribute {
    /// Name in filters and facets.
    pub code: String,
    /// Name for people.
    pub label: String,
    /// Its values, in the shop's order.
    pub values: Vec<ProductAttributeValue>,
}

/// A value of a property.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ProductAttributeValue {
    /// Name in filters.
    pub code: String,
    /// Name for people.
    pub label: String,
}

/// Something that can be chosen, such as a size.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ProductVariant {
    /// Key of the variant.
    #[schema(value_type = String)]
    pub variant_id: VariantId,
    /// The shop's code for it.
    pub sku: String,
    /// What tells it from its siblings.
    #[schema(value_type = Object)]
    pub options: serde_json::Value,
    /// Who sells it, for how much; never empty.
    pub offers: Vec<ProductOffer>,
}

/// What one seller asks for a variant.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ProductOffer {
    /// Key of the offer.
    #[schema(value_type = String)]
    pub offer_id: OfferId,
    /// Key of the seller.
    #[schema(value_type = String)]
    pub seller_id: SellerId,
    /// The seller's name.
    pub seller: String,
    /// The price that holds now.
    #[schema(value_type = MoneySchema)]
    pub price: Money,
    /// The price before, when it is reduced.
    #[schema(value_type = Option<MoneySchema>)]
    pub list_price: Option<Money>,
    /// Units that can be bought now: for the given city, else in the whole market.
    pub stock: i64,
    /// Whether there is at least one of them.
    pub in_stock: bool,
    /// Delivery to the given city; absent without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deliverable: Option<Deliverable>,
}

/// Reads a product.
///
/// # Errors
/// [`Error::NotFound`] when the market is unknown or does not show the product, [`Error::Invalid`] for a city
/// of another market, [`Error::Search`] for a day without a city, [`Error::NotReady`] before the first fill.
pub async fn run(app: &AppState, request: &ProductRequest) -> Result<ProductAnswer> {
    let view = app.view()?;
    let market = view.tables.market(request.market).ok_or(Error::NotFound)?;
    check_place(market, request)?;
    let detail = {
        let mut connection = app.connection().await?;
        products::detail(&mut connection, request.market, request.id).await?
    };
    let lang = request.lang.unwrap_or(market.languages[0]);
    let wish = Wish::new(request.city, request.date, request.now);
    let page = Page { tables: &view.tables, market, lang, wish };
    Ok(page.answer(detail.ok_or(Error::NotFound)?))
}

fn check_place(market: &Market, request: &ProductRequest) -> Result<()> {
    match request.city {
        None if request.date.is_some() => Err(souk_search::Error::MissingCity.into()),
        Some(id) if market.city_place(id).is_none() => {
            let detail = format!("city {id} is unknown in market \"{}\"", market.code);
            Err(FieldError::new("/city", Code::UnknownCity, detail).into())
        }
        _ => Ok(()),
    }
}

/// The product's first photograph, or the picture that is drawn.
#[must_use]
pub fn image(tables: &Tables, product: &Product) -> String {
    product.image.clone().unwrap_or_else(|| drawn(tables, product))
}

/// The picture drawn in the product's first colour.
fn drawn(tables: &Tables, product: &Product) -> String {
    let colour = tables.attribute("colour").and_then(|colour| {
        let mut values = product.values.iter().filter_map(|id| tables.values.get(id));
        values.find(|value| value.attribute_id == colour.id)
    });
    let colour = colour.map_or("mixed", |value| value.code.as_str());
    picture_url(&format!("{}/{colour}", product.picture), product.ordinal)
}

/// What turns rows into an answer.
struct Page<'a> {
    tables: &'a Tables,
    market: &'a Market,
    lang: Lang,
    wish: Option<Wish>,
}

impl Page<'_> {
    fn answer(&self, detail: Detail) -> ProductAnswer {
        let product = detail.product;
        let (title, description) = self.texts(&product);
        ProductAnswer {
            product_id: product.id,
            title,
            description,
            brand: self.brand(&product),
            categories: self.breadcrumbs(&product),
            images: self.images(&product, detail.images),
            attributes: self.attributes(&product),
            variants: detail.variants.into_iter().map(|variant| self.variant(variant)).collect(),
            external_id: product.external_id,
            slug: product.slug,
        }
    }

    fn texts(&self, product: &Product) -> (String, String) {
        let languages = std::iter::once(&self.lang).chain(&self.market.languages);
        let text = languages
            .filter_map(|lang| product.texts.iter().find(|text| text.lang == *lang))
            .next()
            .or_else(|| product.text(self.lang));
        text.map(|text| (text.title.clone(), text.description.clone())).unwrap_or_default()
    }

    /// The photographs, or the picture that is drawn.
    fn images(&self, product: &Product, photographs: Vec<String>) -> Vec<String> {
        if photographs.is_empty() { vec![drawn(self.tables, product)] } else { photographs }
    }

    fn brand(&self, product: &Product) -> Option<Named> {
        let brand = self.tables.brands.get(&product.brand_id?)?;
        Some(Named { slug: brand.slug.clone(), label: brand.name.clone() })
    }

    fn breadcrumbs(&self, product: &Product) -> Vec<Named> {
        let path = self.tables.ancestry(product.category_id).into_iter().rev();
        path.filter_map(|id| self.tables.categories.get(&id))
            .map(|category| Named {
                slug: category.slug.clone(),
                label: category.label.get(self.lang).to_owned(),
            })
            .collect()
    }

    fn attributes(&self, product: &Product) -> Vec<ProductAttribute> {
        let mut values: Vec<&AttributeValue> =
            product.values.iter().filter_map(|id| self.tables.values.get(id)).collect();
        values.sort_by_key(|value| (value.position, value.id));
        let attributes = self.tables.attributes.iter().map(|attribute| ProductAttribute {
            code: attribute.code.clone(),
            label: attribute.label.get(self.lang).to_owned(),
            values: values
                .iter()
                .filter(|value| value.attribute_id == attribute.id)
                .map(|value| ProductAttributeValue {
                    code: value.code.clone(),
                    label: value.label.get(self.lang).to_owned(),
                })
                .collect(),
        });
        attributes.filter(|attribute| !attribute.values.is_empty()).collect()
    }

    fn variant(&self, variant: Variant) -> ProductVariant {
        ProductVariant {
            variant_id: variant.id,
            sku: variant.sku,
            options: variant.options,
            offers: variant.offers.iter().map(|offer| self.offer(offer)).collect(),
        }
    }

    fn offer(&self, offer: &LiveOffer) -> ProductOffer {
        let money = |minor| Money::new(minor, self.market.currency);
        let seller = self.tables.sellers.get(&offer.seller_id);
        let stock = offer.stock_in(self.wish.map(|wish| wish.city));
        ProductOffer {
            offer_id: offer.id,
            seller_id: offer.seller_id,
            seller: seller.map(|seller| seller.name.clone()).unwrap_or_default(),
            price: money(offer.minor),
            list_price: offer.list_minor.map(money),
            stock,
            in_stock: stock > 0,
            deliverable: self
                .wish
                .map(|wish| Deliverable::of(wish, &offer.terms(wish.city), self.tables)),
        }
    }
}
