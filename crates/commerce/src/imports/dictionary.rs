//! What products point at, by name: categories, brands, attributes and their values, made where missing.
//!
//! Loaded once per import. The first row of a file that uses a category or a value sets its labels; later rows
//! do not, so that the outcome does not depend on how often an import is run.

use std::collections::{HashMap, HashSet};

use souk_base::{CategoryId, Lang, Tables, Translated};
use sqlx::PgConnection;

use super::codes::{code_of, code_of_label};
use super::sql::dictionary::{self as sql, Label, NewAttribute, NewBrand, NewValue};
use super::{Item, names};
use crate::Result;

/// Keys of everything the products of an import point at.
pub(super) struct Dictionary {
    categories: HashMap<String, Node>,
    brands: HashMap<String, i64>,
    attributes: HashMap<String, i64>,
    values: HashMap<(i64, String), Value>,
    labelled_categories: HashSet<i64>,
    labelled_values: HashSet<i64>,
}

struct Node {
    id: i64,
    parent_id: Option<i64>,
    label: Translated,
}

struct Value {
    id: i64,
    label: Translated,
}

/// The keys of what one item points at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Resolved {
    /// None when the item names no category.
    pub(super) category_id: Option<i64>,
    pub(super) brand_id: Option<i64>,
    /// None when the item does not speak of attributes.
    pub(super) value_ids: Option<Vec<i64>>,
}

impl Dictionary {
    /// What is there now.
    pub(super) fn of(tables: &Tables) -> Dictionary {
        let code_of_attribute: HashMap<_, _> =
            tables.attributes.iter().map(|attribute| (attribute.id.get(), attribute)).collect();
        Dictionary {
            categories: tables.categories.values().map(node).collect(),
            brands: tables.brands.values().map(|b| (b.slug.clone(), b.id.get())).collect(),
            attributes: code_of_attribute.iter().map(|(id, a)| (a.code.clone(), *id)).collect(),
            values: tables
                .values
                .values()
                .map(|v| {
                    let value = Value { id: v.id.get(), label: v.label.clone() };
                    ((v.attribute_id.get(), v.code.clone()), value)
                })
                .collect(),
            labelled_categories: HashSet::new(),
            labelled_values: HashSet::new(),
        }
    }

    /// Makes what these items point at and is missing, and sets labels; then every key is known.
    pub(super) async fn resolve(
        &mut self,
        connection: &mut PgConnection,
        items: &[Item],
    ) -> Result<Vec<Resolved>> {
        self.make_brands(connection, items).await?;
        self.make_attributes(connection, items).await?;
        self.make_values(connection, items).await?;
        self.label_values(connection, items).await?;
        let mut resolved = Vec::new();
        for item in items {
            let category_id = match item.category.as_slice() {
                [] => None,
                path => Some(self.category(connection, path).await?),
            };
            resolved.push(Resolved {
                category_id,
                brand_id: item
                    .brand
                    .as_ref()
                    .and_then(|name| self.brands.get(&code_of(name)).copied()),
                value_ids: self.value_ids(item),
            });
        }
        Ok(resolved)
    }

    /// Where those of these products stand that name no category; none when each names one.
    pub(super) async fn other_category(
        &mut self,
        connection: &mut PgConnection,
        resolved: &[Resolved],
    ) -> Result<Option<i64>> {
        if resolved.iter().all(|product| product.category_id.is_some()) {
            return Ok(None);
        }
        self.category(connection, &[names::other()]).await.map(Some)
    }

    /// The category at the end of this path, made where missing.
    pub(super) async fn category(
        &mut self,
        connection: &mut PgConnection,
        path: &[Translated],
    ) -> Result<i64> {
        let mut parent: Option<(i64, String)> = None;
        for label in path {
            let slug = self.category_slug(label, parent.as_ref());
            let parent_id = parent.map(|(id, _)| id);
            let id = match self.categories.get(&slug) {
                Some(node) => node.id,
                None => self.make_category(connection, parent_id, &slug).await?,
            };
            self.label_category(connection, &slug, label).await?;
            parent = Some((id, slug));
        }
        Ok(parent.map(|(id, _)| id).expect("a path has at least one node"))
    }

    /// The slug under which this node is, or would be made: that of its name, with the parent's in front when
    /// a node elsewhere in the tree has it.
    fn category_slug(&self, label: &Translated, parent: Option<&(i64, String)>) -> String {
        let own = code_of_label(label);
        let parent_id = parent.map(|(id, _)| *id);
        let is_free = |slug: &String| {
            self.categories.get(slug).is_none_or(|node| node.parent_id == parent_id)
        };
        let joined = parent.map(|(_, slug)| format!("{slug}-{own}"));
        let numbered = (2..).map(|number| format!("{own}-{number}"));
        std::iter::once(own.clone())
            .chain(joined)
            .chain(numbered)
            .find(is_free)
            .expect("numbers do not end")
    }

    async fn make_category(
        &mut self,
        connection: &mut PgConnection,
        parent_id: Option<i64>,
        slug: &str,
    ) -> Result<i64> {
        let siblings = self.categories.values().filter(|node| node.parent_id == parent_id).count();
        let position = i32::try_from(siblings + 1).unwrap_or(i32::MAX);
        let id = sql::insert_category(connection, parent_id, slug, position).await?;
        let node = Node { id, parent_id, label: Translated::default() };
        self.categories.insert(slug.to_owned(), node);
        Ok(id)
    }

    async fn label_category(
        &mut self,
        connection: &mut PgConnection,
        slug: &str,
        label: &Translated,
    ) -> Result<()> {
        let Some(node) = self.categories.get_mut(slug) else { return Ok(()) };
        if !self.labelled_categories.insert(node.id) {
            return Ok(());
        }
        let labels = take_over(node.id, &mut node.label, label);
        if !labels.is_empty() {
            sql::set_category_labels(connection, &labels).await?;
        }
        Ok(())
    }

    async fn make_brands(&mut self, connection: &mut PgConnection, items: &[Item]) -> Result<()> {
        let mut missing: Vec<NewBrand> = Vec::new();
        let mut seen = HashSet::new();
        for name in items.iter().filter_map(|item| item.brand.as_ref()) {
            let slug = code_of(name);
            if !self.brands.contains_key(&slug) && seen.insert(slug.clone()) {
                missing.push(NewBrand { slug, name: name.clone() });
            }
        }
        if !missing.is_empty() {
            let made = sql::insert_brands(connection, &missing).await?;
            self.brands.extend(made.into_iter().map(|(id, slug)| (slug, id)));
        }
        Ok(())
    }

    async fn make_attributes(
        &mut self,
        connection: &mut PgConnection,
        items: &[Item],
    ) -> Result<()> {
        let mut missing: HashMap<&str, Translated> = HashMap::new();
        for (item, attribute) in attributes(items) {
            if !self.attributes.contains_key(&attribute.code) {
                missing.entry(&attribute.code).or_insert_with(|| {
                    names::attribute(&attribute.code, &attribute.name, item.lang)
                });
            }
        }
        if missing.is_empty() {
            return Ok(());
        }
        let mut new: Vec<_> = missing
            .keys()
            .map(|code| NewAttribute {
                code: (*code).to_owned(),
                position: names::attribute_position(code),
            })
            .collect();
        new.sort_by(|a, b| (a.position, &a.code).cmp(&(b.position, &b.code)));
        let made = sql::insert_attributes(connection, &new).await?;
        let labels: Vec<Label> =
            made.iter().flat_map(|(id, code)| labels(*id, &missing[code.as_str()])).collect();
        sql::set_attribute_labels(connection, &labels).await?;
        self.attributes.extend(made.into_iter().map(|(id, code)| (code, id)));
        Ok(())
    }

    async fn make_values(&mut self, connection: &mut PgConnection, items: &[Item]) -> Result<()> {
        let mut missing: Vec<NewValue> = Vec::new();
        let mut seen = HashSet::new();
        for (_, attribute) in attributes(items) {
            let attribute_id = self.attributes[&attribute.code];
            for label in &attribute.values {
                let key = (attribute_id, code_of_label(label));
                if !self.values.contains_key(&key) && seen.insert(key.clone()) {
                    missing.push(NewValue { attribute_id, code: key.1 });
                }
            }
        }
        if !missing.is_empty() {
            for (id, attribute_id, code) in sql::insert_values(connection, &missing).await? {
                let value = Value { id, label: Translated::default() };
                self.values.insert((attribute_id, code), value);
            }
        }
        Ok(())
    }

    async fn label_values(&mut self, connection: &mut PgConnection, items: &[Item]) -> Result<()> {
        let mut changed = Vec::new();
        for (_, attribute) in attributes(items) {
            let attribute_id = self.attributes[&attribute.code];
            for label in &attribute.values {
                let known = self.values.get_mut(&(attribute_id, code_of_label(label)));
                let Some(value) = known else { continue };
                if self.labelled_values.insert(value.id) {
                    changed.extend(take_over(value.id, &mut value.label, label));
                }
            }
        }
        if !changed.is_empty() {
            sql::set_value_labels(connection, &changed).await?;
        }
        Ok(())
    }

    fn value_ids(&self, item: &Item) -> Option<Vec<i64>> {
        let attributes = item.attributes.as_ref()?;
        let mut ids = Vec::new();
        for attribute in attributes {
            let attribute_id = self.attributes[&attribute.code];
            let codes = attribute.values.iter().map(code_of_label);
            ids.extend(codes.filter_map(|code| Some(self.values.get(&(attribute_id, code))?.id)));
        }
        Some(ids)
    }
}

fn node(category: &souk_base::Category) -> (String, Node) {
    let node = Node {
        id: category.id.get(),
        parent_id: category.parent_id.map(CategoryId::get),
        label: category.label.clone(),
    };
    (category.slug.clone(), node)
}

/// Every attribute of every item, with its item.
fn attributes(items: &[Item]) -> impl Iterator<Item = (&Item, &super::ItemAttribute)> {
    items.iter().flat_map(|item| item.attributes.iter().flatten().map(move |a| (item, a)))
}

/// Sets the given texts in `known`; answers those that differed, as labels of the row with this id.
fn take_over(id: i64, known: &mut Translated, given: &Translated) -> Vec<Label> {
    let differing: Vec<(Lang, String)> = given
        .iter()
        .filter(|(lang, text)| known.exact(*lang) != Some(text))
        .map(|(lang, text)| (lang, text.to_owned()))
        .collect();
    for (lang, text) in &differing {
        known.set(*lang, text.as_str());
    }
    differing.into_iter().map(|(lang, label)| Label { id, lang: lang.code(), label }).collect()
}

fn labels(id: i64, label: &Translated) -> Vec<Label> {
    take_over(id, &mut Translated::default(), label)
}
