//! Facets as lists of links: each value adds itself to the address or takes itself out.

use std::collections::BTreeMap;

use souk_api::pipeline::search::{FacetValue, SearchAnswer};
use souk_base::Money;

use super::request::Asked;
use crate::address::Address;
use crate::text::fill;
use crate::visit::Visit;

/// Values of a group that are shown at once; the others unfold.
const SHOWN: usize = 6;

/// Values that unfold; the search field finds the rest.
const MORE_MAX: usize = 30;

/// A field with its values.
pub(crate) struct FacetGroup {
    pub(crate) label: String,
    pub(crate) values: Vec<FacetLink>,
    pub(crate) more: Vec<FacetLink>,
    /// Unfolded from the start.
    pub(crate) open: bool,
}

/// A value that can be chosen or given up.
pub(crate) struct FacetLink {
    pub(crate) label: String,
    pub(crate) count: String,
    pub(crate) href: String,
    pub(crate) chosen: bool,
    /// Code of the colour it shows.
    pub(crate) colour: Option<String>,
    /// Whether it lies below the one before.
    pub(crate) below: bool,
}

/// A chosen filter that can be taken out.
pub(crate) struct Chip {
    pub(crate) label: String,
    pub(crate) remove: String,
    pub(crate) href: String,
}

/// The two fields for the price.
pub(crate) struct PriceFields {
    pub(crate) low: String,
    pub(crate) high: String,
    pub(crate) currency: String,
    pub(crate) ranges: Vec<FacetLink>,
    pub(crate) fields: Vec<(String, String)>,
}

impl PriceFields {
    pub(crate) fn new(visit: &Visit, asked: &Asked, found: &SearchAnswer) -> PriceFields {
        let typed = |end: &Option<(String, Money)>| {
            end.as_ref().map(|(typed, _)| typed.clone()).unwrap_or_default()
        };
        let price = visit.numbers().money(Money::new(0, visit.market().currency));
        let chosen = asked.filters.iter().filter(|filter| filter.starts_with("price:"));
        let untyped = asked.address().without("min").without("max");
        let address = chosen.fold(untyped, |address, it| address.without_value("filter", it));
        let counted = found.facets.get("price").map(Vec::as_slice).unwrap_or_default();
        PriceFields {
            low: typed(&asked.low),
            high: typed(&asked.high),
            currency: format!("{}{}", price.before, price.after).trim().to_owned(),
            ranges: counted.iter().map(|it| link(visit, asked, "price", it, false)).collect(),
            fields: address.fields().cloned().collect(),
        }
    }
}

/// Every field that can narrow these results, in the order of the page.
pub(crate) fn groups(visit: &Visit, asked: &Asked, found: &SearchAnswer) -> Vec<FacetGroup> {
    let text = visit.text();
    let attributes = visit.tables.attributes.iter();
    let named = attributes.map(|a| (a.code.as_str(), a.label.get(visit.lang).to_owned()));
    let fields = std::iter::once(("category", text.category.to_owned()))
        .chain(named)
        .chain([("brand", text.brand.to_owned()), ("seller", text.seller.to_owned())])
        .chain([("in_stock", text.availability.to_owned())]);
    fields
        .filter_map(|(field, label)| group(visit, asked, found.facets.get(field)?, field, label))
        .enumerate()
        .map(|(index, group)| FacetGroup { open: group.open || index < 5, ..group })
        .collect()
}

/// A field as a group; none when choosing in it would change nothing.
fn group(
    visit: &Visit,
    asked: &Asked,
    values: &[FacetValue],
    field: &str,
    label: String,
) -> Option<FacetGroup> {
    let mut links: Vec<FacetLink> = if field == "category" {
        tree(values, asked).map(|(value, below)| link(visit, asked, field, value, below)).collect()
    } else {
        values.iter().map(|value| link(visit, asked, field, value, false)).collect()
    };
    let chosen = links.iter().any(|link| link.chosen);
    if links.len() < 2 && !chosen {
        return None;
    }
    links.truncate(SHOWN + MORE_MAX);
    let more = if field == "category" { Vec::new() } else { fold(&mut links) };
    Some(FacetGroup { label, values: links, more, open: chosen })
}

/// Takes off what does not fit on the first look; chosen values always stay.
fn fold(links: &mut Vec<FacetLink>) -> Vec<FacetLink> {
    // One hidden value is no shorter than the words that unfold it.
    if links.len() <= SHOWN + 1 {
        return Vec::new();
    }
    let rest = links.split_off(SHOWN);
    let (chosen, rest): (Vec<_>, Vec<_>) = rest.into_iter().partition(|link| link.chosen);
    links.extend(chosen);
    rest
}

/// Categories in the order of a tree: roots by count, and below a root its children where one of them or the
/// root itself is chosen, or where there is only one root to choose from.
fn tree<'a>(
    values: &'a [FacetValue],
    asked: &'a Asked,
) -> impl Iterator<Item = (&'a FacetValue, bool)> {
    let known = |slug: &str| values.iter().any(|value| value.value == slug);
    let is_root = move |value: &FacetValue| !value.parent.as_deref().is_some_and(known);
    let roots: Vec<_> = values.iter().filter(|value| is_root(value)).collect();
    let alone = roots.len() == 1;
    roots.into_iter().flat_map(move |root| {
        let children =
            values.iter().filter(|value| value.parent.as_deref() == Some(root.value.as_str()));
        let chosen = |value: &FacetValue| is_chosen(asked, "category", &value.value);
        let open = alone || chosen(root) || children.clone().any(chosen);
        let children = children.filter(move |_| open).map(|child| (child, true));
        std::iter::once((root, false)).chain(children)
    })
}

fn link(visit: &Visit, asked: &Asked, field: &str, value: &FacetValue, below: bool) -> FacetLink {
    let filter = format!("{field}:{}", value.value);
    let chosen = is_chosen(asked, field, &value.value);
    let address = match field {
        "price" => asked.address().without("min").without("max"),
        _ => asked.address(),
    };
    let address = if chosen {
        address.without_value("filter", &filter)
    } else {
        address.and("filter", &filter)
    };
    FacetLink {
        label: value_label(visit, field, value),
        count: visit.numbers().whole(value.count),
        href: address.to_string(),
        chosen,
        colour: (field == "colour").then(|| value.value.clone()),
        below,
    }
}

fn is_chosen(asked: &Asked, field: &str, value: &str) -> bool {
    asked.filters.iter().any(|filter| filter.split_once(':') == Some((field, value)))
}

fn value_label(visit: &Visit, field: &str, value: &FacetValue) -> String {
    match (field, value.value.as_str()) {
        ("in_stock", "true") => visit.stock_words(true),
        ("in_stock", _) => visit.stock_words(false),
        ("price", range) => range_label(visit, range).unwrap_or_else(|| value.label.clone()),
        _ => value.label.clone(),
    }
}

/// Everything that is chosen, each with the way to take it out.
pub(crate) fn chips(
    visit: &Visit,
    asked: &Asked,
    facets: &BTreeMap<String, Vec<FacetValue>>,
) -> Vec<Chip> {
    let text = visit.text();
    let chip = |label: String, href: String| {
        let remove = fill(text.remove_filter, "filter", &label);
        Chip { label, remove, href }
    };
    let mut chips: Vec<Chip> = asked
        .filters
        .iter()
        .map(|filter| {
            let href = asked.address().without_value("filter", filter).to_string();
            chip(filter_label(visit, facets, filter), href)
        })
        .collect();
    if let Some(label) = price_label(visit, asked) {
        chips.push(chip(label, asked.address().without("min").without("max").to_string()));
    }
    if let Some(date) = visit.date {
        let label = fill(text.delivered_on, "day", &visit.day_words(date));
        chips.push(chip(label, address_for_any_day(&asked.address())));
    }
    chips
}

/// An empty day means any, so it is written even though links leave empty parameters out.
fn address_for_any_day(address: &Address) -> String {
    let base = address.to_string();
    let sign = if base.contains('?') { '&' } else { '?' };
    format!("{base}{sign}date=")
}

/// A filter in words: the label of its value where it is counted, else as it stands in the address.
fn filter_label(visit: &Visit, facets: &BTreeMap<String, Vec<FacetValue>>, filter: &str) -> String {
    let (field, wanted) = filter.split_once(':').unwrap_or((filter, ""));
    let values = facets.get(field).map(Vec::as_slice).unwrap_or_default();
    match values.iter().find(|value| value.value == wanted) {
        Some(value) => value_label(visit, field, value),
        None => table_label(visit, field, wanted).unwrap_or_else(|| wanted.to_owned()),
    }
}

/// The label of a value that nothing found has.
fn table_label(visit: &Visit, field: &str, wanted: &str) -> Option<String> {
    let tables = &visit.tables;
    match field {
        "category" => Some(tables.category_by_slug(wanted)?.label.get(visit.lang).to_owned()),
        "in_stock" => Some(visit.stock_words(wanted == "true")),
        "price" => range_label(visit, wanted),
        "brand" => tables.brands.values().find(|b| b.slug == wanted).map(|b| b.name.clone()),
        "seller" => tables.sellers.values().find(|s| s.slug == wanted).map(|s| s.name.clone()),
        _ => {
            let attribute = tables.attribute(field)?.id;
            let mut values = tables.values.values();
            let value = values.find(|v| v.attribute_id == attribute && v.code == wanted)?;
            Some(value.label.get(visit.lang).to_owned())
        }
    }
}

fn price_label(visit: &Visit, asked: &Asked) -> Option<String> {
    let end = |end: &Option<(String, Money)>| end.as_ref().map(|(_, money)| *money);
    price_words(visit, end(&asked.low), end(&asked.high))
}

/// A range as filters take it, in words.
fn range_label(visit: &Visit, range: &str) -> Option<String> {
    let (from, to) = range.split_once("..")?;
    let currency = visit.market().currency;
    let end = |end: &str| end.parse().ok().map(|minor| Money::new(minor, currency));
    price_words(visit, end(from), end(to))
}

fn price_words(visit: &Visit, low: Option<Money>, high: Option<Money>) -> Option<String> {
    let (text, numbers) = (visit.text(), visit.numbers());
    let amount = |end: Option<Money>| end.map(|money| numbers.money(money).text());
    match (amount(low), amount(high)) {
        (Some(low), Some(high)) => Some(fill(&fill(text.price_range, "low", &low), "high", &high)),
        (Some(low), None) => Some(fill(text.price_at_least, "low", &low)),
        (None, Some(high)) => Some(fill(text.price_at_most, "high", &high)),
        (None, None) => None,
    }
}
