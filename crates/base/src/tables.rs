//! The small tables: what is shown by id and changes rarely. Each fits in memory whole.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::{
    AttributeId, AttributeValueId, BrandId, CategoryId, CityId, Currency, Deliveries, Lang,
    MarketCode, Rule, SearchSettings, SellerId, Synonym, Translated, Weights,
};

/// A country the shop serves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Market {
    /// ISO 3166 code.
    pub code: MarketCode,
    /// The country's name.
    pub label: Translated,
    /// The one currency of its prices.
    pub currency: Currency,
    /// Totals are rounded to this many minor units.
    pub payable_step: i64,
    /// Languages of its pages and its search, the preferred one first; never empty.
    pub languages: Vec<Lang>,
    /// IANA time zone.
    pub time_zone: String,
    /// ISO weekday numbers, Monday = 1.
    pub weekend: Vec<i16>,
    /// Basis points: 1500 is 15 %.
    pub tax_rate_bp: i32,
    /// Whether prices contain the tax.
    pub tax_inclusive: bool,
    /// The parts of an address, in the order they are asked for.
    pub address_fields: Vec<String>,
    /// Features that are on or off in this market.
    pub flags: serde_json::Map<String, serde_json::Value>,
    /// Served cities in id order; a city's index here is its bit in a [`crate::CitySet`].
    pub cities: Vec<City>,
}

impl Market {
    /// The place of a city in this market's list, and so its bit in a [`crate::CitySet`].
    #[must_use]
    pub fn city_place(&self, id: CityId) -> Option<usize> {
        self.cities.binary_search_by_key(&id, |city| city.id).ok()
    }
}

/// A city that is delivered to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct City {
    /// Key of `cities`.
    pub id: CityId,
    /// Readable name for addresses.
    pub slug: String,
    /// Name.
    pub label: Translated,
    /// Order in lists: the largest city first.
    pub position: i32,
    /// Whether shoppers can choose it.
    pub active: bool,
}

/// A node of the category tree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Category {
    /// Key of `categories`.
    pub id: CategoryId,
    /// The node above; none for a root.
    pub parent_id: Option<CategoryId>,
    /// Readable name for addresses and filters.
    pub slug: String,
    /// Name.
    pub label: Translated,
    /// Order among its siblings.
    pub position: i32,
}

/// A property that products are filtered by, such as `colour`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attribute {
    /// Key of `attributes`.
    pub id: AttributeId,
    /// Name in filters and facets.
    pub code: String,
    /// Name for people.
    pub label: Translated,
    /// Order among the facets.
    pub position: i32,
}

/// A value of an [`Attribute`], such as `red`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttributeValue {
    /// Key of `attribute_values`.
    pub id: AttributeValueId,
    /// The attribute it belongs to.
    pub attribute_id: AttributeId,
    /// Name in filters.
    pub code: String,
    /// Name for people.
    pub label: Translated,
    /// Order among its siblings.
    pub position: i32,
}

/// A maker's name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Brand {
    /// Key of `brands`.
    pub id: BrandId,
    /// Name in filters.
    pub slug: String,
    /// Name for people, the same in every language.
    pub name: String,
}

/// Who sells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seller {
    /// Key of `sellers`.
    pub id: SellerId,
    /// Name in filters.
    pub slug: String,
    /// Name for people.
    pub name: String,
    /// Whether these are the shop's own goods.
    pub house: bool,
}

/// All small tables, read together and replaced together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tables {
    /// Markets in the order pages list them.
    pub markets: Vec<Market>,
    /// Every category by id.
    pub categories: HashMap<CategoryId, Category>,
    /// Attributes in facet order.
    pub attributes: Vec<Attribute>,
    /// Every attribute value by id.
    pub values: HashMap<AttributeValueId, AttributeValue>,
    /// Every brand by id.
    pub brands: HashMap<BrandId, Brand>,
    /// Every seller by id.
    pub sellers: HashMap<SellerId, Seller>,
    /// How each city is delivered to; cities without windows are left out.
    pub deliveries: HashMap<CityId, Deliveries>,
    /// Rules that are enabled, in id order, whatever their time.
    pub rules: Vec<Rule>,
    /// Every synonym, in id order.
    pub synonyms: Vec<Synonym>,
    /// The newest settings of each market that has some, and of all.
    pub settings: Vec<SearchSettings>,
}

impl Tables {
    /// The market with this code.
    #[must_use]
    pub fn market(&self, code: MarketCode) -> Option<&Market> {
        self.markets.iter().find(|market| market.code == code)
    }

    /// The attribute with this code.
    #[must_use]
    pub fn attribute(&self, code: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| attribute.code == code)
    }

    /// The category with this slug.
    #[must_use]
    pub fn category_by_slug(&self, slug: &str) -> Option<&Category> {
        self.categories.values().find(|category| category.slug == slug)
    }

    /// How a market's ranking is weighed: by settings of its own, else by those for all, else as ever.
    #[must_use]
    pub fn weights(&self, market: MarketCode) -> Weights {
        let newest = |market| self.settings.iter().find(|settings| settings.market == market);
        newest(Some(market)).or_else(|| newest(None)).map(|it| it.weights).unwrap_or_default()
    }

    /// A category and its ancestors, the leaf first. Ends at an unknown parent and never loops.
    #[must_use]
    pub fn ancestry(&self, leaf: CategoryId) -> Vec<CategoryId> {
        let mut path = Vec::new();
        let mut next = Some(leaf);
        while let Some(category) = next.and_then(|id| self.categories.get(&id)) {
            if path.contains(&category.id) {
                break;
            }
            path.push(category.id);
            next = category.parent_id;
        }
        path
    }
}
