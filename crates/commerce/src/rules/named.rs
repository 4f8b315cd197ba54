//! What rules name by its key, and what of that is gone.

use std::fmt;

use souk_base::{Action, Condition, Target};
use sqlx::PgConnection;

use super::sql;
use crate::Result;

/// Fields that a filter can name besides the attributes.
const FILTER_FIELDS: [&str; 5] = ["category", "brand", "seller", "in_stock", "price"];

/// Something that a rule names and that is not there; shown as rules are typed, such as `product:7`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lost {
    /// Key of a product.
    Product(i64),
    /// Key of a brand.
    Brand(i64),
    /// Key of a category whose products are meant.
    Category(i64),
    /// Key of a category that is looked around in.
    Browsed(i64),
    /// Key of an attribute value.
    Value(i64),
    /// Key of a city.
    City(i64),
    /// Code of an attribute.
    Attribute(String),
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Lost::Product(id) => write!(f, "product:{id}"),
            Lost::Brand(id) => write!(f, "brand:{id}"),
            Lost::Category(id) | Lost::Browsed(id) => write!(f, "category:{id}"),
            Lost::Value(id) => write!(f, "value:{id}"),
            Lost::City(id) => write!(f, "city:{id}"),
            Lost::Attribute(code) => write!(f, "{code}:"),
        }
    }
}

impl Lost {
    /// The part of a rule that names it.
    pub(super) const fn field(&self) -> &'static str {
        match self {
            Lost::Browsed(_) | Lost::City(_) => "conditions",
            _ => "actions",
        }
    }

    /// Why a rule that names it is refused.
    pub(super) fn told(&self) -> String {
        let (kind, id) = match self {
            Lost::Product(id) => ("product", id),
            Lost::Brand(id) => ("brand", id),
            Lost::Category(id) | Lost::Browsed(id) => ("category", id),
            Lost::Value(id) => ("attribute value", id),
            Lost::City(id) => ("city", id),
            Lost::Attribute(code) => return format!("there is nothing to filter by \"{code}\""),
        };
        format!("there is no {kind} {id}")
    }
}

/// Everything that rules name by its key.
#[derive(Default)]
pub(super) struct Named {
    products: Vec<i64>,
    brands: Vec<i64>,
    categories: Vec<i64>,
    browsed: Vec<i64>,
    values: Vec<i64>,
    cities: Vec<i64>,
    attributes: Vec<String>,
}

impl Named {
    /// Adds what a rule names.
    pub(super) fn add(&mut self, conditions: &[Condition], actions: &[Action]) {
        conditions.iter().for_each(|condition| self.add_condition(condition));
        actions.iter().for_each(|action| self.add_action(action));
    }

    /// What of it is not there, each once.
    pub(super) async fn lost(&self, connection: &mut PgConnection) -> Result<Vec<Lost>> {
        let products = sql::missing_products(connection, &self.products).await?;
        let brands = sql::missing_brands(connection, &self.brands).await?;
        let categories = sql::missing_categories(connection, &self.categories).await?;
        let browsed = sql::missing_categories(connection, &self.browsed).await?;
        let values = sql::missing_values(connection, &self.values).await?;
        let cities = sql::missing_cities(connection, &self.cities).await?;
        let attributes = sql::missing_attributes(connection, &self.attributes).await?;
        let products = products.into_iter().map(Lost::Product);
        let brands = brands.into_iter().map(Lost::Brand);
        let categories = categories.into_iter().map(Lost::Category);
        let browsed = browsed.into_iter().map(Lost::Browsed);
        let values = values.into_iter().map(Lost::Value);
        let cities = cities.into_iter().map(Lost::City);
        let attributes = attributes.into_iter().map(Lost::Attribute);
        let named = products.chain(brands).chain(categories).chain(browsed);
        Ok(named.chain(values).chain(cities).chain(attributes).collect())
    }

    /// Whether this is among it.
    pub(super) fn has(&self, lost: &Lost) -> bool {
        match lost {
            Lost::Product(id) => self.products.contains(id),
            Lost::Brand(id) => self.brands.contains(id),
            Lost::Category(id) => self.categories.contains(id),
            Lost::Browsed(id) => self.browsed.contains(id),
            Lost::Value(id) => self.values.contains(id),
            Lost::City(id) => self.cities.contains(id),
            Lost::Attribute(code) => self.attributes.contains(code),
        }
    }

    fn add_condition(&mut self, condition: &Condition) {
        match condition {
            Condition::Category(id) => self.browsed.push(id.get()),
            Condition::City(id) => self.cities.push(id.get()),
            _ => {}
        }
    }

    fn add_action(&mut self, action: &Action) {
        match action {
            Action::Pin { product, .. } | Action::Hide(product) => {
                self.products.push(product.get());
            }
            Action::Boost { what, .. } | Action::Bury { what, .. } => match what {
                Target::Product(id) => self.products.push(id.get()),
                Target::Brand(id) => self.brands.push(id.get()),
                Target::Category(id) => self.categories.push(id.get()),
                Target::Value(id) => self.values.push(id.get()),
            },
            Action::Filter(filter) => {
                let field = filter.split(':').next().unwrap_or_default();
                if !FILTER_FIELDS.contains(&field) {
                    self.attributes.push(field.to_owned());
                }
            }
            _ => {}
        }
    }
}
