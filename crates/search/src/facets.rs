//! Facet counts with names for people.

use std::cmp::Reverse;

use souk_base::{AttributeId, Lang, Tables};

use crate::collect::{Counts, Outcome, merged};
use crate::query::{Field, Query};
use crate::segment::Key;
use crate::view::{Facet, FacetValue};

/// The facets that were asked for, in that order.
pub(crate) fn facets(query: &Query, outcome: Outcome, tables: &Tables) -> Vec<Facet> {
    let lang = query.languages.first().copied().unwrap_or(Lang::En);
    let Outcome { counts, mut lifted, .. } = outcome;
    let mut facets = Vec::new();
    for &field in &query.facets {
        let own = query.groups.iter().position(|group| group.field == field);
        // Each field is counted once, so its lifted counts can be taken.
        let own = own.map(|group| std::mem::take(&mut lifted[group])).unwrap_or_default();
        let labels = Labels { tables, lang };
        let mut values = labels.values(field, &counts, &own);
        values.sort_unstable_by(|one, other| {
            let key = |value: &FacetValue| Reverse(value.count);
            key(one)
                .cmp(&key(other))
                .then_with(|| one.label.cmp(&other.label))
                .then_with(|| one.value.cmp(&other.value))
        });
        let (name, label) = labels.field(field);
        facets.push(Facet { field: name, label, values });
    }
    facets
}

/// Names from the small tables, in one language.
struct Labels<'t> {
    tables: &'t Tables,
    lang: Lang,
}

impl Labels<'_> {
    /// Every value of a field that is counted at all; what the tables no longer know is left out.
    fn values(&self, field: Field, counts: &Counts, own: &Counts) -> Vec<FacetValue> {
        match field {
            Field::Seller => self.sellers(counts, own),
            Field::InStock => self.in_stock(counts, own),
            Field::Price => Vec::new(),
            Field::Category | Field::Brand | Field::Attribute(_) => {
                let counts = merged(of(field, counts), of(field, own)).into_iter();
                counts.filter_map(|(key, count)| self.value(field, key, count)).collect()
            }
        }
    }

    /// One value, if the key belongs to the field.
    fn value(&self, field: Field, key: Key, count: u64) -> Option<FacetValue> {
        match (field, key) {
            (Field::Category, Key::Category(id)) => {
                let category = self.tables.categories.get(&id)?;
                let parent = category.parent_id.and_then(|id| self.tables.categories.get(&id));
                Some(FacetValue {
                    value: category.slug.clone(),
                    label: category.label.get(self.lang).to_owned(),
                    count,
                    parent: parent.map(|parent| parent.slug.clone()),
                })
            }
            (Field::Brand, Key::Brand(id)) => {
                let brand = self.tables.brands.get(&id)?;
                Some(plain(&brand.slug, &brand.name, count))
            }
            (Field::Attribute(attribute), Key::Value(id)) => {
                let value = self.tables.values.get(&id)?;
                let label = value.label.get(self.lang);
                (value.attribute_id == attribute).then(|| plain(&value.code, label, count))
            }
            _ => None,
        }
    }

    fn sellers(&self, counts: &Counts, own: &Counts) -> Vec<FacetValue> {
        let counted = self.tables.sellers.values().filter_map(|seller| {
            let of = |counts: &Counts| counts.sellers().get(&seller.id).copied().unwrap_or(0);
            let count = of(counts) + of(own);
            (count > 0).then(|| plain(&seller.slug, &seller.name, count))
        });
        counted.collect()
    }

    fn in_stock(&self, counts: &Counts, own: &Counts) -> Vec<FacetValue> {
        let named = [(true, self.of(IN_STOCK)), (false, self.of(SOLD_OUT))];
        let counted = named.into_iter().filter_map(|(value, label)| {
            let count = counts.in_stock(value) + own.in_stock(value);
            (count > 0).then(|| plain(&value.to_string(), label, count))
        });
        counted.collect()
    }

    /// The field's name in requests, and for people.
    fn field(&self, field: Field) -> (String, String) {
        let (name, label) = match field {
            Field::Category => ("category", self.of(["الفئة", "Category", "Категория", "Санат"])),
            Field::Brand => ("brand", self.of(["العلامة التجارية", "Brand", "Бренд", "Бренд"])),
            Field::Seller => ("seller", self.of(["البائع", "Seller", "Продавец", "Сатушы"])),
            Field::InStock => {
                ("in_stock", self.of(["التوفر", "Availability", "Наличие", "Қолжетімділік"]))
            }
            Field::Price => ("price", self.of(["السعر", "Price", "Цена", "Баға"])),
            Field::Attribute(id) => self.attribute(id),
        };
        (name.to_owned(), label.to_owned())
    }

    fn attribute(&self, id: AttributeId) -> (&str, &str) {
        let mut attributes = self.tables.attributes.iter();
        attributes
            .find(|attribute| attribute.id == id)
            .map_or(("", ""), |it| (&it.code, it.label.get(self.lang)))
    }

    const fn of(&self, labels: [&'static str; 4]) -> &'static str {
        labels[self.lang.index()]
    }
}

/// The counts of keys that may be values of the field, in order of the keys.
fn of(field: Field, counts: &Counts) -> Vec<(Key, u64)> {
    let may_be = |&&(key, _): &&(Key, u64)| {
        matches!(
            (field, key),
            (Field::Category, Key::Category(_))
                | (Field::Brand, Key::Brand(_))
                | (Field::Attribute(_), Key::Value(_))
        )
    };
    counts.keys().iter().filter(may_be).copied().collect()
}

/// By [`Lang::index`].
const IN_STOCK: [&str; 4] = ["متوفر", "In stock", "В наличии", "Қоймада бар"];
const SOLD_OUT: [&str; 4] = ["نفد", "Sold out", "Нет в наличии", "Таусылды"];

fn plain(value: &str, label: &str, count: u64) -> FacetValue {
    FacetValue { value: value.to_owned(), label: label.to_owned(), count, parent: None }
}
