//! Facet counts and totals equal SQL's `group by`, for random filter sets over the flower shop.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use souk_base::{CityId, MarketCode};
use souk_search::{Found, Query, Request, Sort, View};
use sqlx::PgPool;

use crate::shop;

/// Filter sets compared in one run, in so many tasks.
const FILTER_SETS: usize = 10_000;
const TASKS: usize = 2;

const MARKETS: [&str; 5] = ["KW", "SA", "AE", "GB", "KZ"];
/// Texts of searches, with slips, unfinished words and several words among them.
const TEXTS: [&str; 14] = [
    "rose",
    "roses",
    "red",
    "chocolate",
    "cake",
    "bouquet",
    "gift",
    "perfume",
    "white roses",
    "red bouquet",
    "chocolat",
    "ورد",
    "розы",
    "birthday cake",
];
/// Days after today for which deliveries are asked.
const DAYS: [i64; 2] = [1, 3];

/// One random question. `None` is a field without a filter.
#[derive(Clone, Debug, Default)]
struct Filters {
    text: Option<String>,
    city: Option<i64>,
    day: Option<Date>,
    category: Option<String>,
    categories: Option<Vec<String>>,
    colours: Option<Vec<String>>,
    occasions: Option<Vec<String>>,
    brands: Option<Vec<String>>,
    sellers: Option<Vec<String>>,
    /// From and to, both included.
    prices: Option<Vec<(i64, i64)>>,
    in_stock: Option<bool>,
}

/// What each shopper could be shown: a row per market, chosen city and day (or none) and product, with its best offer as
/// `base::best_offer` chooses it. Made once, as only the filters differ from question to question. `reached` has the
/// offers that `base::Deliveries` promises, `matched` the products that a text finds without filters.
const TABLES: &str = "
create table reached (city_id bigint, day date, offer_id bigint);
create table matched (market text, query text, product_id bigint, primary key (market, query, product_id))";

const SHELVES: &str = "
create table shelves as
with recursive path as (
    select id as leaf, slug, parent_id from categories
    union all
    select path.leaf, categories.slug, categories.parent_id
    from path join categories on categories.id = path.parent_id
),
units as (
    select stock.offer_id, warehouses.city_id
    from stock join warehouses on warehouses.id = stock.warehouse_id
    join cities on cities.id = warehouses.city_id and cities.active
    group by 1, 2 having sum(on_hand - reserved) > 0
),
places as (
    select code as market, null::bigint as city_id, null::date as day from markets
    union all select market, id, null from cities
    union all select market, id, day from cities join (select distinct city_id, day from reached) days on city_id = id
),
available as (
    select places.market, places.city_id, places.day, offers.id, offers.product_id, offers.seller_id, prices.minor,
           case when places.day is null
                then exists (select from units where units.offer_id = offers.id
                             and (places.city_id is null or units.city_id = places.city_id))
                else exists (select from reached where reached.offer_id = offers.id
                             and reached.city_id = places.city_id and reached.day = places.day)
           end as available
    from places join offers on offers.market = places.market and offers.state = 'active'
    join prices on prices.offer_id = offers.id
),
best as (
    select distinct on (market, city_id, day, product_id) *
    from available
    order by market, city_id, day, product_id, available desc, minor, id
)
select best.market, best.city_id, best.day, best.product_id, best.minor, best.available, brands.slug as brand,
       sellers.slug as seller,
       array(select path.slug from path where leaf = products.category_id) as categories,
       array(select value.code from product_attribute_values linked
             join attribute_values value on value.id = linked.value_id
             join attributes on attributes.id = value.attribute_id and attributes.code = 'colour'
             where linked.product_id = best.product_id) as colours,
       array(select value.code from product_attribute_values linked
             join attribute_values value on value.id = linked.value_id
             join attributes on attributes.id = value.attribute_id and attributes.code = 'occasion'
             where linked.product_id = best.product_id) as occasions
from best join products on products.id = best.product_id and products.state = 'active'
join sellers on sellers.id = best.seller_id
left join brands on brands.id = products.brand_id;
create index on shelves (market, city_id, day);
analyze";

/// The total, and each facet with its own field's filter lifted: `but` is what a product fails besides.
const COUNTED: &str = "
with judged as (
    select *,
        ($5::text[] is null or categories && $5) as in_categories,
        ($6::text[] is null or colours && $6) as in_colours,
        ($7::text[] is null or occasions && $7) as in_occasions,
        ($8::text[] is null or coalesce(brand = any($8), false)) as in_brands,
        ($9::text[] is null or seller = any($9)) as in_sellers,
        ($10::bigint[] is null or exists (
            select from unnest($10, $11::bigint[]) as range (low, high) where minor between low and high)) as in_prices,
        ($12::boolean is null or available = $12) as in_stocks
    from shelves
    where market = $1 and city_id is not distinct from $2::bigint and day is not distinct from $3::text::date
    and ($2 is null or available)
    and ($4::text is null or $4 = any(categories))
    and ($13::text is null or exists (
        select from matched where matched.market = $1 and query = $13 and matched.product_id = shelves.product_id))
),
failed as (
    select *, array_remove(array[
        case when not in_categories then 'category' end, case when not in_colours then 'colour' end,
        case when not in_occasions then 'occasion' end, case when not in_brands then 'brand' end,
        case when not in_sellers then 'seller' end, case when not in_prices then 'price' end,
        case when not in_stocks then 'in_stock' end], null) as but
    from judged
)
select 'total', 'total', count(*) from failed where but = '{}'
union all select 'category', slug, count(*) from failed, unnest(categories) slug where but <@ '{category}' group by 2
union all select 'colour', code, count(*) from failed, unnest(colours) code where but <@ '{colour}' group by 2
union all select 'occasion', code, count(*) from failed, unnest(occasions) code where but <@ '{occasion}' group by 2
union all select 'brand', brand, count(*) from failed where but <@ '{brand}' and brand is not null group by 2
union all select 'seller', seller, count(*) from failed where but <@ '{seller}' group by 2
union all select 'in_stock', available::text, count(*) from failed where but <@ '{in_stock}' group by 2
union all select 'price', minor::text, count(*) from failed where but <@ '{price}' group by 2";

type Counts = BTreeMap<String, i64>;
type CountsByField = BTreeMap<String, Counts>;

/// What PostgreSQL counts.
async fn counted(pool: &PgPool, market: &str, filters: &Filters) -> CountsByField {
    let ends = |end: fn(&(i64, i64)) -> i64| -> Option<Vec<i64>> {
        filters.prices.as_ref().map(|ranges| ranges.iter().map(end).collect())
    };
    let rows: Vec<(String, String, i64)> = sqlx::query_as(COUNTED)
        .bind(market)
        .bind(filters.city)
        .bind(filters.day.map(|day| day.to_string()))
        .bind(&filters.category)
        .bind(&filters.categories)
        .bind(&filters.colours)
        .bind(&filters.occasions)
        .bind(&filters.brands)
        .bind(&filters.sellers)
        .bind(ends(|range| range.0))
        .bind(ends(|range| range.1))
        .bind(filters.in_stock)
        .bind(&filters.text)
        .fetch_all(pool)
        .await
        .unwrap();
    let mut counts = CountsByField::new();
    for (field, value, count) in rows {
        counts.entry(field).or_default().insert(value, count);
    }
    counts
}

fn request<'r>(market: &str, text: &'r str, now: Timestamp) -> Request<'r> {
    Request {
        market: market.parse::<MarketCode>().unwrap(),
        text,
        lang: None,
        city: None,
        date: None,
        segment: None,
        now,
        category: None,
        filters: &[],
        facets: &[],
        sort: Sort::Relevance,
        limit: 10,
        after: None,
        prefix: false,
    }
}

fn find(view: &View, request: &Request<'_>) -> Found {
    view.candidates(&Query::parse(request, &view.tables).unwrap()).unwrap()
}

/// What the search says to the same question.
fn searched(view: &View, market: &str, filters: &Filters, now: Timestamp) -> CountsByField {
    let mut typed = Vec::new();
    let fields = [
        ("category", &filters.categories),
        ("colour", &filters.colours),
        ("occasion", &filters.occasions),
        ("brand", &filters.brands),
        ("seller", &filters.sellers),
    ];
    for (field, values) in fields {
        typed.extend(values.iter().flatten().map(|value| format!("{field}:{value}")));
    }
    let prices = filters.prices.iter().flatten();
    typed.extend(prices.map(|(from, to)| format!("price:{from}..{to}")));
    typed.extend(filters.in_stock.map(|in_stock| format!("in_stock:{in_stock}")));
    let names = ["category", "colour", "occasion", "brand", "seller", "in_stock", "price"];
    let found = find(
        view,
        &Request {
            city: filters.city.map(CityId::new),
            date: filters.day,
            category: filters.category.as_deref(),
            filters: &typed,
            facets: &names.map(str::to_owned),
            ..request(market, filters.text.as_deref().unwrap_or_default(), now)
        },
    );
    let total = i64::try_from(found.total).unwrap();
    let mut counts = CountsByField::new();
    counts.entry("total".to_owned()).or_default().insert("total".to_owned(), total);
    for facet in found.facets {
        for value in facet.values {
            let count = i64::try_from(value.count).unwrap();
            counts.entry(facet.field.clone()).or_default().insert(value.value, count);
        }
    }
    counts
}

/// The counts of single prices as counts of these ranges. Prices that all fall into one have no ranges.
fn in_ranges<'r>(prices: &Counts, ranges: impl Iterator<Item = &'r String>) -> Counts {
    let within = |range: &str, price: &str| {
        let (from, to) = range.split_once("..").unwrap();
        let end = |end: &str, missing: i64| end.parse().unwrap_or(missing);
        (end(from, i64::MIN)..=end(to, i64::MAX)).contains(&price.parse().unwrap())
    };
    let count = |range: &String| {
        prices.iter().filter(|(price, _)| within(range, price)).map(|(_, count)| count).sum()
    };
    ranges.map(|range| (range.clone(), count(range))).collect()
}

/// Random values of the shop to filter by.
struct Choices {
    cities: BTreeMap<String, Vec<i64>>,
    days: Vec<Date>,
    categories: Vec<String>,
    colours: Vec<String>,
    occasions: Vec<String>,
    brands: Vec<String>,
    sellers: Vec<String>,
}

impl Choices {
    fn of(view: &View, days: Vec<Date>) -> Choices {
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
            days,
            categories: sorted(tables.categories.values().map(|c| c.slug.clone()).collect()),
            colours: values("colour"),
            occasions: values("occasion"),
            brands: sorted(tables.brands.values().map(|brand| brand.slug.clone()).collect()),
            sellers: sorted(tables.sellers.values().map(|it| it.slug.clone()).collect()),
        }
    }

    fn filters(&self, random: &mut StdRng, market: &str) -> Filters {
        let some = |from: &[String], random: &mut StdRng| {
            let chosen = random.random_range(1..=3);
            random.random_bool(0.3).then(|| from.sample(random, chosen).cloned().collect())
        };
        let range = |random: &mut StdRng| {
            let from = random.random_range(0..20_000);
            (from, from + 10_i64.pow(random.random_range(2..6)))
        };
        let city = random.random_bool(0.5).then(|| *self.cities[market].choose(random).unwrap());
        Filters {
            text: random.random_bool(0.5).then(|| (*TEXTS.choose(random).unwrap()).to_owned()),
            city,
            day: city
                .filter(|_| random.random_bool(0.4))
                .map(|_| *self.days.choose(random).unwrap()),
            category: random
                .random_bool(0.3)
                .then(|| self.categories.choose(random).unwrap().clone()),
            categories: some(&self.categories, random),
            colours: some(&self.colours, random),
            occasions: some(&self.occasions, random),
            brands: some(&self.brands, random),
            sellers: some(&self.sellers, random),
            prices: random
                .random_bool(0.3)
                .then(|| (0..random.random_range(1..3)).map(|_| range(random)).collect()),
            in_stock: random.random_bool(0.2).then(|| random.random_bool(0.7)),
        }
    }
}

/// Writes down what each text finds without filters: which products those are is another test's matter.
async fn write_matched(pool: &PgPool, view: &View, now: Timestamp) {
    for market in MARKETS {
        for text in TEXTS {
            let (mut after, mut ids) = (None, Vec::new());
            loop {
                let found =
                    find(view, &Request { limit: 100, after, ..request(market, text, now) });
                ids.extend(found.hits.iter().map(|hit| hit.product_id.get()));
                after = found.next;
                if after.is_none() {
                    break;
                }
            }
            sqlx::query("insert into matched select $1, $2, unnest($3::bigint[])")
                .bind(market)
                .bind(text)
                .bind(ids)
                .execute(pool)
                .await
                .unwrap();
        }
    }
}

/// Writes down which offers are promised in which city on which day.
async fn write_reached(pool: &PgPool, view: &View, days: &[Date], now: Timestamp) {
    for market in &view.tables.markets {
        for (place, city) in market.cities.iter().enumerate() {
            let Some(deliveries) = view.tables.deliveries.get(&city.id) else { continue };
            for &day in days {
                let reach = deliveries.reach(place, day, now);
                let products = view.columns.iter(market.code);
                let offers = products.flat_map(|(_, column)| column.offers);
                let reached = offers.filter(|offer| reach.allows(offer));
                let ids: Vec<i64> = reached.map(|offer| offer.id.get()).collect();
                sqlx::query("insert into reached select $1, $2::text::date, unnest($3::bigint[])")
                    .bind(city.id.get())
                    .bind(day.to_string())
                    .bind(ids)
                    .execute(pool)
                    .await
                    .unwrap();
            }
        }
    }
}

/// Compares so many random questions; answers how many of them found anything.
async fn compare(
    pool: PgPool,
    view: Arc<View>,
    choices: Arc<Choices>,
    now: Timestamp,
    seed: u64,
) -> usize {
    let mut random = StdRng::seed_from_u64(seed);
    let mut found_something = 0;
    for round in 0..FILTER_SETS / TASKS {
        let market = MARKETS.choose(&mut random).unwrap();
        let filters = choices.filters(&mut random, market);

        let mut counted = counted(&pool, market, &filters).await;
        let searched = searched(&view, market, &filters, now);

        found_something += usize::from(counted["total"]["total"] > 0);
        let ranges = searched.get("price").map(|ranges| ranges.keys()).into_iter().flatten();
        let prices = counted.remove("price").unwrap_or_default();
        let priced = in_ranges(&prices, ranges);
        if !priced.is_empty() {
            assert_eq!(priced.values().sum::<i64>(), prices.values().sum::<i64>());
            counted.insert("price".to_owned(), priced);
        }
        assert_eq!(searched, counted, "seed {seed}, round {round}: {market} {filters:?}");
    }
    found_something
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn counts_equal_group_by_for_random_filter_sets() {
    let shop = shop::flower_shop().await;
    let view: Arc<View> = shop.view();
    let now = Timestamp::now();
    let today = now.in_tz("Asia/Riyadh").unwrap().date();
    let days = DAYS.map(|days| today.checked_add(days.days()).unwrap()).to_vec();
    sqlx::raw_sql(TABLES).execute(&shop.pool).await.unwrap();
    write_matched(&shop.pool, &view, now).await;
    write_reached(&shop.pool, &view, &days, now).await;
    sqlx::raw_sql(SHELVES).execute(&shop.pool).await.unwrap();
    let choices = Arc::new(Choices::of(&view, days));

    let seed: u64 = rand::random();
    let tasks = (0..TASKS as u64).map(|task| {
        let (pool, view, choices) = (shop.pool.clone(), Arc::clone(&view), Arc::clone(&choices));
        tokio::spawn(compare(pool, view, choices, now, seed.wrapping_add(task)))
    });
    let mut found_something = 0;
    for task in tasks.collect::<Vec<_>>() {
        found_something += task.await.unwrap();
    }

    assert!(found_something > FILTER_SETS / 5, "only {found_something} sets found anything");
    shop.close().await;
}
