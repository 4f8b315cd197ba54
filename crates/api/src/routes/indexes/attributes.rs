//! The attributes of products under the names that pages use, and their values under the names that shoppers read.
//!
//! Algolia knows a value only as it is shown, so a facet's values are labels in the index's language here. Where two
//! values have one label, each carries its own code behind it; a filter may name a value by its code as well.

use std::collections::HashMap;

use souk_base::{CategoryId, Lang, Tables};

use crate::error::{Code, FieldError};

/// Between the names of a path of categories.
const SEPARATOR: &str = " > ";

/// What the levels of the category tree are called, before their number from 0.
const LEVEL: &str = "categories.lvl";

/// An attribute that is counted or filtered by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Attribute {
    /// A field of search under its own name.
    Field(String),
    /// Categories of one level, each as its path: `Flowers > Roses`.
    Level(usize),
    /// The price; counted as smallest and largest only.
    Price,
}

impl Attribute {
    /// The field of search that it is read from.
    pub(super) fn field(&self) -> Option<&str> {
        match self {
            Attribute::Field(name) => Some(name),
            Attribute::Level(_) => Some("category"),
            Attribute::Price => None,
        }
    }

    /// Its name in requests and answers.
    pub(super) fn name(&self) -> String {
        match self {
            Attribute::Field(name) => name.clone(),
            Attribute::Level(level) => format!("{LEVEL}{level}"),
            Attribute::Price => "price".to_owned(),
        }
    }
}

/// The attributes of a shop, in one language.
#[derive(Clone, Copy)]
pub(super) struct Attributes<'t> {
    pub(super) tables: &'t Tables,
    pub(super) lang: Lang,
}

impl<'t> Attributes<'t> {
    /// Every attribute.
    pub(super) fn all(self) -> Vec<Attribute> {
        let depths = self.tables.categories.keys().map(|&id| self.tables.ancestry(id).len());
        let levels = (0..depths.max().unwrap_or(0)).map(Attribute::Level);
        let fixed = ["category", "brand", "seller", "in_stock"].map(str::to_owned);
        let own = self.tables.attributes.iter().map(|attribute| attribute.code.clone());
        let fields = fixed.into_iter().chain(own).map(Attribute::Field);
        fields.chain([Attribute::Price]).chain(levels).collect()
    }

    /// The attribute of this name.
    ///
    /// # Errors
    /// There is none; says which there are.
    pub(super) fn named(self, name: &str, parameter: &str) -> Result<Attribute, FieldError> {
        let level = name.strip_prefix(LEVEL).and_then(|level| level.parse::<u8>().ok());
        if let Some(level) = level {
            return Ok(Attribute::Level(level.into()));
        }
        let all = self.all();
        all.iter().find(|attribute| attribute.name() == name).cloned().ok_or_else(|| {
            let given: String = name.chars().take(64).collect();
            let known: Vec<_> = all.iter().map(Attribute::name).collect();
            let detail =
                format!("attribute \"{given}\" is unknown; known are {}", known.join(", "));
            FieldError::new(format!("/{parameter}"), Code::UnknownField, detail)
        })
    }

    /// What each value of an attribute is called, by its code.
    pub(super) fn names(self, attribute: &Attribute) -> HashMap<&'t str, String> {
        let tables = self.tables;
        match attribute {
            Attribute::Price => HashMap::new(),
            Attribute::Level(level) => self.paths(*level),
            Attribute::Field(field) => match field.as_str() {
                "category" => told_apart(
                    tables.categories.values().map(|it| (&*it.slug, it.label.get(self.lang))),
                ),
                "brand" => told_apart(tables.brands.values().map(|it| (&*it.slug, &*it.name))),
                "seller" => told_apart(tables.sellers.values().map(|it| (&*it.slug, &*it.name))),
                "in_stock" => told_apart([("true", "true"), ("false", "false")].into_iter()),
                code => {
                    let id = tables.attribute(code).map(|attribute| attribute.id);
                    let values = tables.values.values().filter(|it| Some(it.attribute_id) == id);
                    told_apart(values.map(|it| (&*it.code, it.label.get(self.lang))))
                }
            },
        }
    }

    /// The categories of a level as their paths, by slug.
    fn paths(self, level: usize) -> HashMap<&'t str, String> {
        let mut siblings: HashMap<Option<CategoryId>, Vec<(&'t str, &'t str)>> = HashMap::new();
        for category in self.tables.categories.values() {
            let own = (&*category.slug, category.label.get(self.lang));
            siblings.entry(category.parent_id).or_default().push(own);
        }
        let names: HashMap<&'t str, String> =
            siblings.into_values().flat_map(|them| told_apart(them.into_iter())).collect();
        let paths = self.tables.categories.values().filter_map(|category| {
            let mut path = self.tables.ancestry(category.id);
            path.reverse();
            let slugs = path.iter().map(|id| &*self.tables.categories[id].slug);
            let path: Vec<&str> = slugs.map(|slug| names[slug].as_str()).collect();
            (path.len() == level + 1).then(|| (&*category.slug, path.join(SEPARATOR)))
        });
        paths.collect()
    }
}

/// Names by code: the label, with the code behind it where several have that label.
fn told_apart<'t>(
    values: impl Iterator<Item = (&'t str, &'t str)> + Clone,
) -> HashMap<&'t str, String> {
    let mut bearers: HashMap<&str, u32> = HashMap::new();
    for (_, label) in values.clone() {
        *bearers.entry(label).or_default() += 1;
    }
    let name = |(code, label)| match bearers[label] {
        1 => (code, str::to_owned(label)),
        _ => (code, format!("{label} ({code})")),
    };
    values.map(name).collect()
}

#[cfg(test)]
pub(super) mod tests {
    use souk_base::{Category, Translated};

    use super::*;

    /// Flowers with roses and gifts in it, and a home with gifts in it.
    pub(in super::super) fn tables() -> Tables {
        let rows = [
            (1, None, "flowers", "Flowers"),
            (2, Some(1), "roses", "Roses"),
            (3, Some(1), "flower-gifts", "Gifts"),
            (4, None, "home", "Home"),
            (5, Some(4), "gifts", "Gifts"),
        ];
        let categories = rows.map(|(id, parent, slug, label)| {
            let label = Translated::from_iter([(Lang::En, label.to_owned())]);
            let (id, parent_id) = (CategoryId::new(id), parent.map(CategoryId::new));
            (id, Category { id, parent_id, slug: slug.to_owned(), label, position: 0 })
        });
        Tables { categories: HashMap::from(categories), ..Tables::default() }
    }

    #[test]
    fn values_with_one_label_are_told_apart_by_their_codes() {
        let tables = tables();
        let attributes = Attributes { tables: &tables, lang: Lang::En };

        let flat = attributes.names(&Attribute::Field("category".to_owned()));
        let level = attributes.names(&Attribute::Level(1));

        assert_eq!(flat["roses"], "Roses");
        assert_eq!(flat["gifts"], "Gifts (gifts)");
        assert_eq!(level["flower-gifts"], "Flowers > Gifts");
        assert_eq!(level["gifts"], "Home > Gifts");
        assert_eq!(level.len(), 3);
        assert!(attributes.names(&Attribute::Level(2)).is_empty());
    }

    #[test]
    fn attributes_are_known_by_name_and_others_are_refused_with_those() {
        let tables = tables();
        let attributes = Attributes { tables: &tables, lang: Lang::En };

        for attribute in attributes.all() {
            assert_eq!(attributes.named(&attribute.name(), "facets").unwrap(), attribute);
        }
        let refused = attributes.named("colour", "facets").unwrap_err();
        assert!(refused.detail.contains("categories.lvl1"), "{}", refused.detail);
        assert!(attributes.named("categories.lvl-1", "facets").is_err());
    }
}
