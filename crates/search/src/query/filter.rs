//! Filters and the fields they and the facets name.

use souk_base::{AttributeId, AttributeValueId, BrandId, CategoryId, SellerId, Tables};

use crate::error::excerpt;
use crate::segment::Key;
use crate::{Error, Result};

/// A field of filters and facets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Field {
    Category,
    Brand,
    Seller,
    InStock,
    Price,
    City,
    Date,
    Attribute(AttributeId),
}

/// The filters of one field; a product passes when it has any of what they name.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Group {
    pub(crate) field: Field,
    pub(crate) test: Test,
}

/// What a group accepts. Values that do not exist are left out: they match nothing.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Test {
    /// Under one of these.
    Taxonomy(Vec<Key>),
    /// Best offer of one of these.
    Sellers(Vec<SellerId>),
    /// Price of the best offer in one of these ranges, both ends in.
    Prices(Vec<(i64, i64)>),
    /// In stock or not.
    InStock(Vec<bool>),
}

const RANGE: &str = "price:<from>..<to> in whole minor units, where either end may be left out, such as price:1000..2000";

impl Field {
    /// The field with this name.
    pub(crate) fn parse(name: &str, tables: &Tables, parameter: &'static str) -> Result<Field> {
        let is_facet = parameter == "facets";
        match name {
            "category" => Ok(Field::Category),
            "brand" => Ok(Field::Brand),
            "seller" => Ok(Field::Seller),
            "in_stock" => Ok(Field::InStock),
            "price" => Ok(Field::Price),
            "city" if is_facet => Ok(Field::City),
            "date" if is_facet => Ok(Field::Date),
            _ => match tables.attribute(name) {
                Some(attribute) => Ok(Field::Attribute(attribute.id)),
                None => Err(Error::UnknownField {
                    parameter,
                    field: excerpt(name),
                    known: known(tables, is_facet),
                }),
            },
        }
    }

    /// Every field that says something about the products found, in the order in which they are shown.
    pub(crate) fn all(tables: &Tables) -> Vec<Field> {
        let attributes = tables.attributes.iter().map(|attribute| Field::Attribute(attribute.id));
        let others = [Field::Brand, Field::Seller, Field::InStock];
        [Field::Category, Field::Price].into_iter().chain(attributes).chain(others).collect()
    }

    fn empty_test(self) -> Test {
        match self {
            Field::Category | Field::Brand | Field::Attribute(_) => Test::Taxonomy(Vec::new()),
            Field::Seller => Test::Sellers(Vec::new()),
            Field::InStock => Test::InStock(Vec::new()),
            Field::Price | Field::City | Field::Date => Test::Prices(Vec::new()),
        }
    }
}

/// The names of every field, in a fixed order.
fn known(tables: &Tables, is_facet: bool) -> Vec<String> {
    let fixed = ["category", "brand", "seller", "in_stock", "price", "city", "date"];
    // City and day are filtered by the parameters of these names.
    let fixed = &fixed[..if is_facet { 7 } else { 5 }];
    let attributes = tables.attributes.iter().map(|attribute| attribute.code.clone());
    fixed.iter().map(|&name| name.to_owned()).chain(attributes).collect()
}

/// The filters as one group a field, in the order the fields were first named.
pub(super) fn parse(filters: &[String], tables: &Tables) -> Result<Vec<Group>> {
    let mut groups: Vec<Group> = Vec::new();
    for filter in filters {
        let Some((name, value)) = filter.split_once(':') else {
            return Err(bad(filter, "field:value"));
        };
        let field = Field::parse(name, tables, "filter")?;
        let place = groups.iter().position(|group| group.field == field).unwrap_or_else(|| {
            groups.push(Group { field, test: field.empty_test() });
            groups.len() - 1
        });
        add(&mut groups[place], value, filter, tables)?;
    }
    Ok(groups)
}

/// Adds the value to what the group accepts; one that does not exist adds nothing.
fn add(group: &mut Group, value: &str, filter: &str, tables: &Tables) -> Result<()> {
    match &mut group.test {
        Test::Taxonomy(keys) => keys.extend(key(group.field, value, tables)),
        Test::Sellers(sellers) => sellers.extend(seller(value, tables)),
        Test::InStock(accepted) => accepted.extend(value.parse::<bool>()),
        Test::Prices(ranges) => ranges.push(range(value).ok_or_else(|| bad(filter, RANGE))?),
    }
    Ok(())
}

fn key(field: Field, value: &str, tables: &Tables) -> Option<Key> {
    match field {
        Field::Category => tables.category_by_slug(value).map(|it| Key::Category(it.id)),
        Field::Brand => brand(value, tables).map(Key::Brand),
        Field::Attribute(attribute) => attribute_value(attribute, value, tables).map(Key::Value),
        Field::Seller | Field::InStock | Field::Price | Field::City | Field::Date => None,
    }
}

fn brand(slug: &str, tables: &Tables) -> Option<BrandId> {
    tables.brands.values().find(|brand| brand.slug == slug).map(|brand| brand.id)
}

fn seller(slug: &str, tables: &Tables) -> Option<SellerId> {
    tables.sellers.values().find(|seller| seller.slug == slug).map(|seller| seller.id)
}

fn attribute_value(
    attribute: AttributeId,
    code: &str,
    tables: &Tables,
) -> Option<AttributeValueId> {
    let mut values = tables.values.values();
    values.find(|it| it.attribute_id == attribute && it.code == code).map(|it| it.id)
}

/// `1000..2000`, `1000..` or `..2000`.
fn range(value: &str) -> Option<(i64, i64)> {
    let (from, to) = value.split_once("..")?;
    let end = |text: &str, missing: i64| match text {
        "" => Some(missing),
        _ => text.parse().ok(),
    };
    let range = (end(from, i64::MIN)?, end(to, i64::MAX)?);
    (range != (i64::MIN, i64::MAX)).then_some(range)
}

/// The category with this slug.
pub(super) fn category(slug: &str, tables: &Tables) -> Result<CategoryId> {
    let unknown = || Error::UnknownCategory { category: excerpt(slug) };
    tables.category_by_slug(slug).map(|category| category.id).ok_or_else(unknown)
}

fn bad(filter: &str, expected: &'static str) -> Error {
    Error::BadFilter { filter: excerpt(filter), expected }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn groups(filters: &[&str]) -> Result<Vec<Group>> {
        let filters: Vec<String> = filters.iter().map(|&filter| filter.to_owned()).collect();
        parse(&filters, &Tables::default())
    }

    #[test]
    fn the_values_of_one_field_are_alternatives_in_one_group() {
        let groups = groups(&["price:1000..2000", "in_stock:true", "price:..5"]).unwrap();

        assert_eq!(groups.len(), 2);
        assert_eq!(groups[0].test, Test::Prices(vec![(1000, 2000), (i64::MIN, 5)]));
        assert_eq!(groups[1].test, Test::InStock(vec![true]));
    }

    #[test]
    fn an_unknown_value_is_no_error_and_matches_nothing() {
        let groups = groups(&["brand:nobody", "in_stock:maybe"]).unwrap();

        assert_eq!(groups[0].test, Test::Taxonomy(vec![]));
        assert_eq!(groups[1].test, Test::InStock(vec![]));
    }

    #[test]
    fn a_malformed_filter_is_refused_with_the_form_it_must_have() {
        for filter in ["", "brand", "price:", "price:..", "price:1", "price:a..b", "price:1..2..3"]
        {
            let code = groups(&[filter]).unwrap_err().code();
            assert_eq!(code, "bad_filter", "{filter}");
        }
    }

    #[test]
    fn an_unknown_field_is_refused_with_the_known_ones() {
        let Err(Error::UnknownField { field, known, .. }) = groups(&["mood:good"]) else {
            panic!("it was not refused");
        };

        assert_eq!(field, "mood");
        assert_eq!(known, ["category", "brand", "seller", "in_stock", "price"]);
        assert!(Field::parse("price", &Tables::default(), "facets").is_ok());
        assert!(Field::parse("city", &Tables::default(), "filter").is_err());
    }
}
