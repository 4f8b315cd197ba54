//! Counts and totals equal a naive count, whatever the filters.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use proptest::collection::vec;
use proptest::prelude::{ProptestConfig, Strategy, any, prop_oneof, proptest};
use proptest::sample::{select, subsequence};
use souk_base::{AttributeValueId, BrandId, CityId, Lang::En, Offer, best_offer};
use souk_search::{Found, Request};

use crate::shop::{COLOURS, GB, KW, ROSES, Shop, TOYS, TULIPS, offer, owned, path, request};

/// Fields that are counted as values of products; prices and cities are counted in another way.
const FACETS: [&str; 6] = ["category", "brand", "seller", "in_stock", "colour", "size"];

/// A product as the naive count sees it: every field's values, and what is not a facet.
struct Row {
    fields: BTreeMap<&'static str, BTreeSet<String>>,
    offers: Vec<Offer>,
    words: Vec<&'static str>,
}

/// 240 products in three segments, made from their numbers alone; a few are not sold here.
fn shop() -> (Shop, Vec<Row>) {
    let mut shop = Shop::new();
    let mut rows = Vec::new();
    for number in 0..240_i64 {
        let (title, leaf) = ([("Red rose", ROSES), ("Tulip", TULIPS), ("Rose bear", TOYS)])
            [usize::try_from(number % 3).unwrap()];
        let mut product = shop.product().text(En, title, "");
        product.document.categories = path(leaf);
        product.document.brand_id = (number % 4 < 2).then(|| BrandId::new(number % 4 + 1));
        let colours: Vec<i64> = (1..=3).filter(|colour| number * 7 % (colour + 2) == 0).collect();
        let size = 11 + number / 5 % 2;
        product.document.values =
            colours.iter().chain([&size]).map(|&id| AttributeValueId::new(id)).collect();
        let offers = offers(number);
        let code = if number % 10 == 9 { KW } else { GB };
        shop.add(product.column(code, 0.0, &offers));
        if number % 90 == 89 {
            shop.commit();
        }
        if code == GB {
            rows.push(Row {
                fields: fields(number, leaf, &colours, size),
                offers,
                words: title.split(' ').collect(),
            });
        }
    }
    shop.commit();
    (shop, rows)
}

fn offers(number: i64) -> Vec<Offer> {
    let count = 1 + number % 3;
    (0..count)
        .map(|place| {
            let cities = u64::try_from((number / 2 + place) % 4).unwrap();
            offer(
                number * 10 + place,
                100 * ((number * 3 + place * 5) % 13),
                1 + (number + place) % 3,
                cities,
            )
        })
        .collect()
}

fn fields(
    number: i64,
    leaf: i64,
    colours: &[i64],
    size: i64,
) -> BTreeMap<&'static str, BTreeSet<String>> {
    let slug =
        |id: i64| ["gifts", "flowers", "toys", "roses", "tulips"][usize::try_from(id - 1).unwrap()];
    let colour = |id: &i64| COLOURS[usize::try_from(id - 1).unwrap()].to_owned();
    let brand = (number % 4 < 2).then(|| format!("brand-{}", number % 4 + 1));
    [
        ("category", path(leaf).iter().map(|id| slug(id.get()).to_owned()).collect()),
        ("brand", brand.into_iter().collect()),
        ("colour", colours.iter().map(colour).collect()),
        ("size", [["small", "large"][usize::try_from(size - 11).unwrap()].to_owned()].into()),
    ]
    .into()
}

/// The filters of one random request.
#[derive(Clone, Debug)]
struct Filters {
    values: Vec<(&'static str, String)>,
    prices: Vec<(Option<i64>, Option<i64>)>,
    category: Option<&'static str>,
    city: Option<usize>,
    text: &'static str,
}

fn filters() -> impl Strategy<Value = Filters> {
    let value = prop_oneof![
        select(&["gifts", "flowers", "toys", "roses", "tulips", "none"][..])
            .prop_map(|it| ("category", it)),
        select(&["brand-1", "brand-2", "none"][..]).prop_map(|it| ("brand", it)),
        select(&["seller-1", "seller-2", "seller-3", "none"][..]).prop_map(|it| ("seller", it)),
        select(&["true", "false"][..]).prop_map(|it| ("in_stock", it)),
        select(&["red", "white", "blue", "none"][..]).prop_map(|it| ("colour", it)),
        select(&["small", "large"][..]).prop_map(|it| ("size", it)),
    ];
    let value = value.prop_map(|(field, value)| (field, value.to_owned()));
    let end = || proptest::option::of(0..1_300_i64);
    let price =
        (end(), end()).prop_filter("one end at least", |it| it.0.is_some() || it.1.is_some());
    let category = proptest::option::weighted(0.3, select(&["gifts", "flowers", "toys"][..]));
    let city = proptest::option::weighted(0.3, 0..2_usize);
    let text = select(&["", "", "rose", "red rose", "tulip", "rosse"][..]);
    (vec(value, 0..6), vec(price, 0..3), category, city, text).prop_map(
        |(values, prices, category, city, text)| Filters { values, prices, category, city, text },
    )
}

impl Filters {
    fn to_request(&self) -> Vec<String> {
        let end = |end: Option<i64>| end.map(|end| end.to_string()).unwrap_or_default();
        let values = self.values.iter().map(|(field, value)| format!("{field}:{value}"));
        let prices =
            self.prices.iter().map(|&(from, to)| format!("price:{}..{}", end(from), end(to)));
        values.chain(prices).collect()
    }

    /// The row's value of every field, as of its best offer; none when it is out of the question.
    fn considered(&self, row: &Row) -> Option<(BTreeMap<&'static str, BTreeSet<String>>, i64)> {
        let words = self.text.split(' ').map(|word| if word == "rosse" { "rose" } else { word });
        let has = |word: &str| {
            word.is_empty() || row.words.iter().any(|it| it.eq_ignore_ascii_case(word))
        };
        let in_category = self.category.is_none_or(|it| row.fields["category"].contains(it));
        let buyable =
            self.city.is_none_or(|place| row.offers.iter().any(|it| it.cities.contains(place)));
        if !words.into_iter().all(has) || !in_category || !buyable {
            return None;
        }
        let best = best_offer(row.offers.iter().copied(), |offer| offer.has_stock(self.city))?;
        let in_stock = self.city.map_or(best.stock > 0, |place| best.cities.contains(place));
        let mut fields = row.fields.clone();
        fields.insert("seller", [format!("seller-{}", best.seller_id)].into());
        fields.insert("in_stock", [in_stock.to_string()].into());
        Some((fields, best.minor))
    }

    fn passes(
        &self,
        fields: &BTreeMap<&'static str, BTreeSet<String>>,
        minor: i64,
        but: &str,
    ) -> bool {
        let accepted = |field: &str| -> Vec<&String> {
            self.values.iter().filter(|it| it.0 == field).map(|it| &it.1).collect()
        };
        let passes_field = |field: &&str| {
            let accepted = accepted(field);
            accepted.is_empty() || accepted.iter().any(|&value| fields[field].contains(value))
        };
        let in_range = |&(from, to): &(Option<i64>, Option<i64>)| {
            from.is_none_or(|from| from <= minor) && to.is_none_or(|to| minor <= to)
        };
        FACETS.iter().filter(|&&field| field != but).all(passes_field)
            && (but == "price" || self.prices.is_empty() || self.prices.iter().any(in_range))
    }
}

type CountsByField = BTreeMap<String, BTreeMap<String, u64>>;

fn counted(found: &Found) -> CountsByField {
    let values = |facet: &souk_search::Facet| {
        facet.values.iter().map(|value| (value.value.clone(), value.count)).collect()
    };
    found.facets.iter().map(|facet| (facet.field.clone(), values(facet))).collect()
}

fn naive(rows: &[Row], filters: &Filters, facets: &[&str]) -> (u64, CountsByField) {
    let considered: Vec<_> = rows.iter().filter_map(|row| filters.considered(row)).collect();
    let total =
        considered.iter().filter(|(fields, minor)| filters.passes(fields, *minor, "")).count();
    let mut counts = CountsByField::new();
    for &facet in facets {
        let of = counts.entry(facet.to_owned()).or_default();
        for (fields, _) in
            considered.iter().filter(|(fields, minor)| filters.passes(fields, *minor, facet))
        {
            for value in &fields[facet] {
                *of.entry(value.clone()).or_default() += 1;
            }
        }
    }
    (total as u64, counts)
}

#[test]
fn counts_and_totals_equal_a_naive_count_for_any_filters() {
    let (shop, rows) = shop();
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) };
    proptest!(config, |(filters in filters(), facets in subsequence(&FACETS[..], 0..=6), limit in 1..40_usize)| {
        let (texts, names) = (filters.to_request(), owned(&facets));
        let found = shop.find(&Request {
            filters: &texts,
            facets: &names,
            category: filters.category,
            city: filters.city.map(|place| CityId::new(10 + i64::try_from(place).unwrap())),
            limit,
            ..request(GB, filters.text)
        });

        let (total, counts) = naive(&rows, &filters, &facets);

        assert_eq!(found.total, total);
        assert_eq!(counted(&found), counts);
        assert_eq!(found.hits.len() as u64, total.min(limit as u64));
    });
}

/// The price of every row in question that passes what is not about prices.
fn prices(rows: &[Row], filters: &Filters) -> Vec<i64> {
    let considered = rows.iter().filter_map(|row| filters.considered(row));
    considered
        .filter(|(fields, minor)| filters.passes(fields, *minor, "price"))
        .map(|it| it.1)
        .collect()
}

#[test]
fn prices_and_cities_are_counted_exactly_whatever_the_filters() {
    let (shop, rows) = shop();
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) };
    proptest!(config, |(filters in filters())| {
        let texts = filters.to_request();
        let found = shop.find(&Request {
            filters: &texts,
            facets: &owned(&["price", "city"]),
            category: filters.category,
            city: filters.city.map(|place| CityId::new(10 + i64::try_from(place).unwrap())),
            ..request(GB, filters.text)
        });
        let counted = counted(&found);

        let prices = prices(&rows, &filters);
        for (range, &count) in &counted["price"] {
            let (from, to) = range.split_once("..").unwrap();
            let end = |end: &str, missing: i64| end.parse().unwrap_or(missing);
            let range = end(from, i64::MIN)..=end(to, i64::MAX);
            assert_eq!(prices.iter().filter(|price| range.contains(price)).count() as u64, count);
        }
        let sum: u64 = counted["price"].values().sum();
        assert!(sum == prices.len() as u64 || counted["price"].is_empty());
        for place in 0..2 {
            let there = Filters { city: Some(place), ..filters.clone() };
            let total = naive(&rows, &there, &[]).0;
            assert_eq!(counted["city"].get(&(10 + place).to_string()).copied().unwrap_or(0), total);
        }
    });
}

#[test]
fn chosen_facets_are_those_that_tell_something_and_those_filtered_by() {
    let (shop, _) = shop();
    let fields = |text: &str, filters: &[&str]| -> Vec<String> {
        let (filters, facets) = (owned(filters), owned(&["auto"]));
        let found = shop.find(&Request { filters: &filters, facets: &facets, ..request(GB, text) });
        found.facets.into_iter().map(|facet| facet.field).collect()
    };

    let all = fields("", &[]);
    assert_eq!(all[..2], ["category", "price"]);
    assert!(all.contains(&"size".to_owned()) && all.len() <= 8, "{all:?}");
    let tulips = fields("tulip", &[]);
    assert!(!tulips.contains(&"category".to_owned()), "all tulips are in one: {tulips:?}");
    assert!(fields("tulip", &["category:tulips"]).contains(&"category".to_owned()));
    assert_eq!(fields("nothing has this", &[]), [""; 0]);
}

#[test]
fn values_of_a_facet_are_found_by_the_beginnings_of_their_names_and_with_a_slip() {
    let (shop, _) = shop();
    let found = shop.find(&Request { facets: &owned(&["category"]), ..request(GB, "") });
    let fitting = |typed: &str| -> Vec<&str> {
        found.facets[0].matching(typed).into_iter().map(|it| it.value.as_str()).collect()
    };

    assert_eq!(fitting("ros"), ["roses"]);
    assert_eq!(fitting("tulpi"), ["tulips"]);
    assert_eq!(fitting("plants"), ["flowers"]);
    assert_eq!(fitting("").len(), found.facets[0].values.len());
    assert_eq!(fitting("sofa"), [""; 0]);
}

#[test]
fn values_are_ordered_by_count_then_label_and_a_category_names_its_parent() {
    let (shop, _) = shop();
    let facets = owned(&["category", "colour"]);

    let found = shop.find(&Request { facets: &facets, ..request(GB, "") });

    assert_eq!(
        found.facets.iter().map(|facet| facet.label.as_str()).collect::<Vec<_>>(),
        ["Category", "Colour"]
    );
    for facet in &found.facets {
        let ordered = |one: &souk_search::FacetValue, next: &souk_search::FacetValue| {
            one.count > next.count || (one.count == next.count && one.label < next.label)
        };
        assert!(facet.values.is_sorted_by(ordered), "{facet:?}");
    }
    let roses = found.facets[0].values.iter().find(|value| value.value == "roses").unwrap();
    assert_eq!(roses.parent.as_deref(), Some("flowers"));
}

#[test]
fn the_category_counts_are_those_of_the_facet() {
    let (shop, rows) = shop();

    let counts = shop
        .view()
        .category_counts(crate::shop::market(GB), None, None, Timestamp::UNIX_EPOCH)
        .unwrap();

    let toys = rows.iter().filter(|row| row.fields["category"].contains("toys")).count();
    assert_eq!(counts[&souk_base::CategoryId::new(TOYS)], toys as u64);
    assert_eq!(counts[&souk_base::CategoryId::new(1)], rows.len() as u64);
}

proptest! {
    #[test]
    fn any_text_is_answered(text in any::<String>(), prefix in any::<bool>()) {
        thread_local! {
            static SHOP: Shop = Shop::with_titles(GB, &[(En, "Red rose"), (En, "ﷺ ½ Straße")]);
        }
        let text: String = text.chars().take(512).collect();
        SHOP.with(|shop| shop.find(&Request { prefix, ..request(GB, &text) }));
    }
}
