//! Facet counts with names for people, and which facets tell most.

use std::cmp::Reverse;

use souk_base::{AttributeId, Currency, Lang, Tables};

use crate::analysis::words;
use crate::collect::{Counts, Outcome, merged};
use crate::price_ranges::{PriceRange, ranges};
use crate::query::{Field, Query};
use crate::segment::Key;
use crate::typos::cost_of_beginning;
use crate::view::{Facet, FacetValue};

/// Facets that are shown when nobody says which.
const CHOSEN_MAX: usize = 8;
/// A facet tells something when so many of a hundred products have it and so many pairs of them differ in it.
const TELLING_MIN: f64 = 0.05;

/// The facets that were asked for, in that order.
pub(crate) fn facets(query: &Query, outcome: Outcome, tables: &Tables) -> Vec<Facet> {
    let lang = query.languages.first().copied().unwrap_or(Lang::En);
    let Outcome { total, counts, mut lifted, cities, days, .. } = outcome;
    let currency = tables.market(query.market).map_or(Currency::Aed, |market| market.currency);
    let mut facets = Vec::new();
    for &field in &query.facets {
        let own = query.groups.iter().position(|group| group.field == field);
        // Each field is counted once, so its lifted counts can be taken.
        let own = own.map(|group| std::mem::take(&mut lifted[group])).unwrap_or_default();
        let labels = Labels { tables, lang };
        let mut values = match field {
            Field::Price => {
                let prices = counts.prices().iter().chain(own.prices()).copied().collect();
                ranges(prices).into_iter().map(|range| priced(range, currency)).collect()
            }
            Field::City => labels.cities(query, &cities),
            Field::Date => days.iter().filter(|day| day.1 > 0).map(dated).collect(),
            _ => labels.values(field, &counts, &own),
        };
        if !matches!(field, Field::Price | Field::Date) {
            values.sort_unstable_by(|one, other| {
                let key = |value: &FacetValue| Reverse(value.count);
                key(one)
                    .cmp(&key(other))
                    .then_with(|| one.label.cmp(&other.label))
                    .then_with(|| one.value.cmp(&other.value))
            });
        }
        let (name, label) = labels.field(field);
        facets.push(Facet { field: name, label, values });
    }
    if query.chooses_facets { chosen(query, facets, total) } else { facets }
}

/// Of these facets, which are those of [`Query::facets`], the ones that tell most about what was found, in the same order:
/// those in which most products have a value and the values differ most. One that is filtered by always stays.
fn chosen(query: &Query, facets: Vec<Facet>, total: u64) -> Vec<Facet> {
    let is_filtered = |field: Field| query.groups.iter().any(|group| group.field == field);
    let told = query.facets.iter().zip(facets).enumerate().map(|(place, (&field, facet))| {
        let telling = if is_filtered(field) { f64::INFINITY } else { telling(&facet, total) };
        (telling, place, facet)
    });
    let mut told: Vec<(f64, usize, Facet)> =
        told.filter(|(telling, ..)| *telling >= TELLING_MIN).collect();
    told.sort_by(|one, other| other.0.total_cmp(&one.0).then(one.1.cmp(&other.1)));
    told.truncate(CHOSEN_MAX);
    told.sort_by_key(|&(_, place, _)| place);
    told.into_iter().map(|(.., facet)| facet).collect()
}

/// How much a facet tells, 0 to 1: the share of the products that have a value, times how likely two of them differ.
#[expect(clippy::cast_precision_loss, reason = "shares")]
fn telling(facet: &Facet, total: u64) -> f64 {
    // Categories above and below each other say the same twice.
    let is_leaf = |value: &&FacetValue| {
        facet.values.iter().all(|other| other.parent.as_ref() != Some(&value.value))
    };
    let counts: Vec<f64> = facet.values.iter().filter(is_leaf).map(|it| it.count as f64).collect();
    let sum: f64 = counts.iter().sum();
    if sum <= 0.0 || total == 0 {
        return 0.0;
    }
    let alike: f64 = counts.iter().map(|count| (count / sum).powi(2)).sum();
    (sum / total as f64).min(1.0) * (1.0 - alike)
}

impl Facet {
    /// The values whose label has words that begin as those of a text, misspelled ones too; the best fitting first,
    /// then as they are.
    #[must_use]
    pub fn matching(&self, text: &str) -> Vec<&FacetValue> {
        let typed: Vec<String> = words(text).map(|word| word.folded).collect();
        let fitting = self.values.iter().filter_map(|value| {
            let label: Vec<String> = words(&value.label).map(|word| word.folded).collect();
            let cost = |typed: &String| {
                label.iter().filter_map(|word| cost_of_beginning(typed, word)).min()
            };
            Some((typed.iter().map(cost).sum::<Option<usize>>()?, value))
        });
        let mut fitting: Vec<(usize, &FacetValue)> = fitting.collect();
        fitting.sort_by_key(|&(cost, _)| cost);
        fitting.into_iter().map(|(_, value)| value).collect()
    }
}

/// A range as filters take it, and in whole units where it is whole.
fn priced(range: PriceRange, currency: Currency) -> FacetValue {
    let PriceRange { from, to, count } = range;
    let minor = |end: Option<i64>| end.map(|minor| minor.to_string()).unwrap_or_default();
    let value = format!("{}..{}", minor(from), minor(to));
    let amount = |minor: i64| {
        let (unit, digits) = (currency.minor_per_major(), currency.digits() as usize);
        match minor % unit {
            0 => (minor / unit).to_string(),
            part => format!("{}.{part:0digits$}", minor / unit),
        }
    };
    let label = match (from, to) {
        (Some(from), Some(to)) => format!("{}–{}", amount(from), amount(to)),
        (Some(from), None) => format!("≥ {}", amount(from)),
        (None, Some(to)) => format!("≤ {}", amount(to)),
        (None, None) => String::new(),
    };
    FacetValue { value, label, count, parent: None }
}

fn dated(&(date, count): &(jiff::civil::Date, u64)) -> FacetValue {
    plain(&date.to_string(), &date.to_string(), count)
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
            Field::Price | Field::City | Field::Date => Vec::new(),
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

    fn cities(&self, query: &Query, counts: &[(souk_base::CityId, u64)]) -> Vec<FacetValue> {
        let Some(market) = self.tables.market(query.market) else { return Vec::new() };
        let counted = market.cities.iter().filter_map(|city| {
            let count = counts.iter().find(|it| it.0 == city.id)?.1;
            let (id, label) = (city.id.get().to_string(), city.label.get(self.lang));
            (count > 0).then(|| plain(&id, label, count))
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
            Field::City => ("city", self.of(["المدينة", "City", "Город", "Қала"])),
            Field::Date => {
                ("date", self.of(["يوم التوصيل", "Delivery day", "День доставки", "Жеткізу күні"]))
            }
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
