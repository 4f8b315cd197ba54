//! Facet counts and totals equal SQL's `group by`, for random filter sets over the flower shop.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use souk_base::{CityId, MarketCode};
use souk_search::{Query, Request, Sort, View};
use sqlx::PgPool;

use crate::shop;

/// Filter sets compared in one run.
const FILTER_SETS: usize = 1_200;

/// One random question. `None` is a field without a filter.
#[derive(Clone, Debug, Default)]
struct Filters {
    city: Option<i64>,
    category: Option<String>,
    categories: Option<Vec<String>>,
    colours: Option<Vec<String>>,
    occasions: Option<Vec<String>>,
    brands: Option<Vec<String>>,
    price_from: Option<i64>,
    price_to: Option<i64>,
    in_stock: Option<bool>,
}

/// What each shopper could be shown: a row per market, chosen city (or none) and product, with its best offer
/// as `base::best_offer` chooses it, and every product's way up the category tree. Made once, as only the
/// filters differ from question to question.
const SHELVES: &str = "
create table paths as
with recursive path as (
    select id as leaf, id, parent_id from categories
    union all
    select path.leaf, categories.id, categories.parent_id
    from path join categories on categories.id = path.parent_id
)
select path.leaf, categories.slug from path join categories on categories.id = path.id;
create index on paths (leaf);

create table shelves as
with units as (
    select stock.offer_id, warehouses.city_id
    from stock join warehouses on warehouses.id = stock.warehouse_id
    join cities on cities.id = warehouses.city_id and cities.active
    group by 1, 2 having sum(on_hand - reserved) > 0
),
places as (
    select code as market, null::bigint as city_id from markets
    union all select market, id from cities
),
available as (
    select places.market, places.city_id, offers.id, offers.product_id, prices.minor,
           exists (select from units where units.offer_id = offers.id
                   and (places.city_id is null or units.city_id = places.city_id)) as available
    from places join offers on offers.market = places.market and offers.state = 'active'
    join prices on prices.offer_id = offers.id
)
select distinct on (market, city_id, product_id)
       market, city_id, product_id, minor, available, category_id, brands.slug as brand
from available join products on products.id = product_id and products.state = 'active'
left join brands on brands.id = brand_id
order by market, city_id, product_id, available desc, minor, available.id;
create index on shelves (market, city_id);
analyze";

/// Products that pass.
macro_rules! matching {
    ($select:literal) => {
        concat!(
            r#"
with matching as (
    select product_id as id, category_id, brand, available
    from shelves
    where market = $1 and city_id is not distinct from $2::bigint
    and ($2 is null or available)
    and ($3::text is null or exists (
         select from paths where leaf = category_id and slug = $3))
    and ($4::text[] is null or exists (
         select from paths where leaf = category_id and slug = any($4)))
    and ($5::text[] is null or exists (select from product_attribute_values linked
         join attribute_values value on value.id = linked.value_id
         join attributes on attributes.id = value.attribute_id and attributes.code = 'colour'
         where linked.product_id = shelves.product_id and value.code = any($5)))
    and ($6::text[] is null or exists (select from product_attribute_values linked
         join attribute_values value on value.id = linked.value_id
         join attributes on attributes.id = value.attribute_id and attributes.code = 'occasion'
         where linked.product_id = shelves.product_id and value.code = any($6)))
    and ($7::text[] is null or brand = any($7))
    and ($8::bigint is null or minor >= $8)
    and ($9::bigint is null or minor <= $9)
    and ($10::boolean is null or available = $10)
)
"#,
            $select
        )
    };
}

const TOTAL: &str = matching!("select 'total', count(*) from matching");
const CATEGORY: &str =
    matching!("select slug, count(*) from matching join paths on leaf = category_id group by 1");
const BRAND: &str =
    matching!("select brand, count(*) from matching where brand is not null group by 1");
const IN_STOCK: &str = matching!("select available::text, count(*) from matching group by 1");
const COLOUR: &str = matching!(
    "select value.code, count(*) from matching
     join product_attribute_values linked on linked.product_id = matching.id
     join attribute_values value on value.id = linked.value_id
     join attributes on attributes.id = value.attribute_id and attributes.code = 'colour'
     group by 1"
);
const OCCASION: &str = matching!(
    "select value.code, count(*) from matching
     join product_attribute_values linked on linked.product_id = matching.id
     join attribute_values value on value.id = linked.value_id
     join attributes on attributes.id = value.attribute_id and attributes.code = 'occasion'
     group by 1"
);

type Counts = BTreeMap<String, i64>;

async fn count(pool: &PgPool, sql: &'static str, market: &str, filters: &Filters) -> Counts {
    let rows: Vec<(String, i64)> = sqlx::query_as(sql)
        .bind(market)
        .bind(filters.city)
        .bind(&filters.category)
        .bind(&filters.categories)
        .bind(&filters.colours)
        .bind(&filters.occasions)
        .bind(&filters.brands)
        .bind(filters.price_from)
        .bind(filters.price_to)
        .bind(filters.in_stock)
        .fetch_all(pool)
        .await
        .unwrap();
    rows.into_iter().collect()
}

/// What PostgreSQL counts: the total, and each facet with its own field's filter lifted.
async fn counted(pool: &PgPool, market: &str, filters: &Filters) -> BTreeMap<&'static str, Counts> {
    let without = |lift: fn(&mut Filters)| {
        let mut lifted = filters.clone();
        lift(&mut lifted);
        lifted
    };
    BTreeMap::from([
        ("total", count(pool, TOTAL, market, filters).await),
        ("category", count(pool, CATEGORY, market, &without(|f| f.categories = None)).await),
        ("colour", count(pool, COLOUR, market, &without(|f| f.colours = None)).await),
        ("occasion", count(pool, OCCASION, market, &without(|f| f.occasions = None)).await),
        ("brand", count(pool, BRAND, market, &without(|f| f.brands = None)).await),
        ("in_stock", count(pool, IN_STOCK, market, &without(|f| f.in_stock = None)).await),
    ])
}

/// What the search says to the same question.
fn searched(view: &View, market: &str, filters: &Filters) -> BTreeMap<&'static str, Counts> {
    let mut typed = Vec::new();
    let fields = [
        ("category", &filters.categories),
        ("colour", &filters.colours),
        ("occasion", &filters.occasions),
        ("brand", &filters.brands),
    ];
    for (field, values) in fields {
        typed.extend(values.iter().flatten().map(|value| format!("{field}:{value}")));
    }
    if filters.price_from.is_some() || filters.price_to.is_some() {
        let end = |end: Option<i64>| end.map(|minor| minor.to_string()).unwrap_or_default();
        typed.push(format!("price:{}..{}", end(filters.price_from), end(filters.price_to)));
    }
    typed.extend(filters.in_stock.map(|in_stock| format!("in_stock:{in_stock}")));
    let names = ["category", "colour", "occasion", "brand", "in_stock"];
    let request = Request {
        market: market.parse::<MarketCode>().unwrap(),
        text: "",
        lang: None,
        city: filters.city.map(CityId::new),
        date: None,
        now: jiff::Timestamp::UNIX_EPOCH,
        category: filters.category.as_deref(),
        filters: &typed,
        facets: &names.map(str::to_owned),
        sort: Sort::Relevance,
        limit: 10,
        after: None,
        prefix: false,
    };
    let query = Query::parse(&request, &view.tables).unwrap();
    let found = view.candidates(&query).unwrap();
    let total = i64::try_from(found.total).unwrap();
    let mut counts = BTreeMap::from([("total", Counts::from([("total".to_owned(), total)]))]);
    for name in names {
        let facet = found.facets.iter().find(|facet| facet.field == name);
        let values = facet.map(|facet| facet.values.as_slice()).unwrap_or_default();
        let pairs = values.iter().filter(|value| value.count > 0);
        let pairs = pairs.map(|v| (v.value.clone(), i64::try_from(v.count).unwrap()));
        counts.insert(name, pairs.collect());
    }
    counts
}

/// Random values of the shop to filter by.
struct Choices {
    cities: BTreeMap<String, Vec<i64>>,
    categories: Vec<String>,
    colours: Vec<String>,
    occasions: Vec<String>,
    brands: Vec<String>,
}

impl Choices {
    fn of(view: &View) -> Choices {
        let tables = &view.tables;
        let values = |code: &str| {
            let id = tables.attribute(code).unwrap().id;
            let values = tables.values.values().filter(|value| value.attribute_id == id);
            values.map(|value| value.code.clone()).collect::<BTreeSet<_>>().into_iter().collect()
        };
        let sorted = |slugs: BTreeSet<String>| slugs.into_iter().collect::<Vec<_>>();
        Choices {
            cities: tables
                .markets
                .iter()
                .map(|m| (m.code.to_string(), m.cities.iter().map(|c| c.id.get()).collect()))
                .collect(),
            categories: sorted(tables.categories.values().map(|c| c.slug.clone()).collect()),
            colours: values("colour"),
            occasions: values("occasion"),
            brands: sorted(tables.brands.values().map(|brand| brand.slug.clone()).collect()),
        }
    }

    fn filters(&self, random: &mut StdRng, market: &str) -> Filters {
        let some = |from: &[String], random: &mut StdRng| {
            let chosen = random.random_range(1..=3);
            random.random_bool(0.4).then(|| from.sample(random, chosen).cloned().collect())
        };
        let price = |random: &mut StdRng| {
            random.random_bool(0.3).then(|| 10_i64.pow(random.random_range(3..7)))
        };
        Filters {
            city: random.random_bool(0.5).then(|| *self.cities[market].choose(random).unwrap()),
            category: random
                .random_bool(0.3)
                .then(|| self.categories.choose(random).unwrap().clone()),
            categories: some(&self.categories, random),
            colours: some(&self.colours, random),
            occasions: some(&self.occasions, random),
            brands: some(&self.brands, random),
            price_from: price(random),
            price_to: price(random),
            in_stock: random.random_bool(0.2).then(|| random.random_bool(0.7)),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn counts_equal_group_by_for_random_filter_sets() {
    let shop = shop::flower_shop().await;
    let view: Arc<View> = shop.view();
    sqlx::raw_sql(SHELVES).execute(&shop.pool).await.unwrap();
    let choices = Choices::of(&view);
    let seed = rand::random();
    let mut random = StdRng::seed_from_u64(seed);

    let mut found_something = 0;
    for round in 0..FILTER_SETS {
        let market = ["KW", "SA", "AE", "GB", "KZ"].choose(&mut random).unwrap();
        let filters = choices.filters(&mut random, market);

        let counted = counted(&shop.pool, market, &filters).await;

        assert_eq!(
            searched(&view, market, &filters),
            counted,
            "seed {seed}, round {round}: {market} {filters:?}"
        );
        found_something += usize::from(counted["total"]["total"] > 0);
    }
    assert!(found_something > FILTER_SETS / 5, "only {found_something} sets found anything");
    shop.close().await;
}
