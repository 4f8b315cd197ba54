//! The rows of the invented shop.
//!
//! Rows follow from their numbers: product, variant and ordinal are counted through, an offer's id from product, market and
//! place, and what looks random comes from `bench_hash`, so that every load is the same.

use sqlx::PgConnection;

use crate::commands::bench::Scale;

/// Loads do not wait for the disk.
pub(in crate::commands::bench) async fn prepare_session(
    connection: &mut PgConnection,
) -> sqlx::Result<()> {
    sqlx::raw_sql(
        "set synchronous_commit = off; set work_mem = '128MB';
         create or replace function bench_hash(number bigint, salt bigint) returns bigint
         language sql immutable parallel safe return hashint8extended(number, salt) & 2147483647",
    )
    .execute(connection)
    .await
    .map(drop)
}

/// Leaves triggers and foreign keys out; only a superuser may.
pub(in crate::commands::bench) async fn skip_triggers(
    connection: &mut PgConnection,
) -> sqlx::Result<()> {
    sqlx::raw_sql("set session_replication_role = replica").execute(connection).await.map(drop)
}

/// The codes of the markets in use.
pub(in crate::commands::bench) async fn markets(
    connection: &mut PgConnection,
    count: i64,
) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar("select code from markets order by position limit $1")
        .bind(count)
        .fetch_all(connection)
        .await
}

/// Brings the cities of the markets in use to this number, taking from or adding to the largest and smallest of them.
pub(in crate::commands::bench) async fn fit_cities(
    connection: &mut PgConnection,
    markets: &[String],
    count: i64,
) -> sqlx::Result<()> {
    sqlx::query(
        "delete from cities where id in (
             select id from cities where market = any($1::text[])
             order by position, array_position($1::text[], market) offset $2)",
    )
    .bind(markets)
    .bind(count)
    .execute(&mut *connection)
    .await?;
    sqlx::query(
        "insert into cities (id, market, slug, latitude, longitude, position)
         select 900000000 + number, ($1::text[])[1 + number % cardinality($1::text[])], 'bench-' || number,
                number % 90, number % 180, 100 + number
         from generate_series(0, $2 - 1 - (select count(*) from cities where market = any($1::text[]))) as number",
    )
    .bind(markets)
    .bind(count)
    .execute(&mut *connection)
    .await?;
    sqlx::raw_sql(
        "delete from city_translations where city_id not in (select id from cities);
         insert into city_translations (city_id, lang, label)
         select id, lang, initcap(slug) from cities cross join unnest(array['en', 'ar', 'ru', 'kk']) as lang
         where id >= 900000000",
    )
    .execute(connection)
    .await
    .map(drop)
}

/// Sellers beside the house's, and two warehouses of each in each market, in different cities where there are two.
pub(in crate::commands::bench) async fn add_sellers(
    connection: &mut PgConnection,
    markets: &[String],
    count: i64,
) -> sqlx::Result<()> {
    sqlx::query(
        "insert into sellers (id, slug, name)
         select number, 'bench-' || number, 'Seller ' || number from generate_series(2, $1) as number",
    )
    .bind(count)
    .execute(&mut *connection)
    .await?;
    sqlx::query(
        "insert into warehouses (city_id, seller_id, name)
         select distinct on (sellers.id, chosen.id) chosen.id, sellers.id, 'Warehouse'
         from sellers
         cross join (select market, array_agg(id order by position, id) as ids from cities
                     where market = any($1) group by market) as places
         cross join generate_series(0, 1) as second
         cross join lateral (select ids[1 + (sellers.id + second) % cardinality(ids)] as id) as chosen
         order by sellers.id, chosen.id",
    )
    .bind(markets)
    .execute(connection)
    .await
    .map(drop)
}

/// A tree of three levels: 10 above 60 above 330. Half of the products stand below the first of the ten.
pub(in crate::commands::bench) async fn add_categories(
    connection: &mut PgConnection,
) -> sqlx::Result<()> {
    sqlx::raw_sql(
        "insert into categories (id, parent_id, slug, position)
         select number,
                case when number <= 10 then null
                     when number <= 70 then 1 + (number - 11) / 6
                     else 11 + (number - 71) % 60 end,
                'c' || number, number
         from generate_series(1, 400) as number",
    )
    .execute(connection)
    .await
    .map(drop)
}

/// Brands, and six attributes of 8 to 16 values.
pub(in crate::commands::bench) async fn add_properties(
    connection: &mut PgConnection,
) -> sqlx::Result<()> {
    sqlx::raw_sql(
        "insert into brands (id, slug, name)
         select number, 'brand-' || number, 'Maison ' || number from generate_series(1, 500) as number;
         insert into attributes (id, code, position)
         select place, code, place
         from unnest(array['colour', 'occasion', 'material', 'size', 'style', 'recipient'])
              with ordinality as attributes (code, place);
         insert into attribute_values (id, attribute_id, code, position)
         select 100 * id + number, id, code || '-' || number, number
         from attributes
         join unnest(array[16, 12, 14, 8, 12, 10]) with ordinality as counts (count, place) on place = id
         cross join generate_series(1, count) as number;
         insert into attribute_translations (attribute_id, lang, label)
         select id, lang, initcap(code) from attributes cross join unnest(array['en', 'ar', 'ru', 'kk']) as lang",
    )
    .execute(connection)
    .await
    .map(drop)
}

pub(in crate::commands::bench) async fn name_categories(
    connection: &mut PgConnection,
    ids: &[i64],
    langs: &[&str],
    labels: &[String],
) -> sqlx::Result<()> {
    sqlx::query(
        "insert into category_translations (category_id, lang, label)
         select * from unnest($1::bigint[], $2::text[], $3::text[])",
    )
    .bind(ids)
    .bind(langs)
    .bind(labels)
    .execute(connection)
    .await
    .map(drop)
}

pub(in crate::commands::bench) async fn value_ids(
    connection: &mut PgConnection,
) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar("select id from attribute_values order by id").fetch_all(connection).await
}

pub(in crate::commands::bench) async fn name_values(
    connection: &mut PgConnection,
    ids: &[i64],
    langs: &[&str],
    labels: &[String],
) -> sqlx::Result<()> {
    sqlx::query(
        "insert into attribute_value_translations (value_id, lang, label)
         select * from unnest($1::bigint[], $2::text[], $3::text[])",
    )
    .bind(ids)
    .bind(langs)
    .bind(labels)
    .execute(connection)
    .await
    .map(drop)
}

/// The texts of some products in one language.
pub(in crate::commands::bench) async fn add_texts(
    connection: &mut PgConnection,
    ids: &[i64],
    lang: &str,
    titles: &[String],
    descriptions: &[String],
) -> sqlx::Result<()> {
    sqlx::query(
        "insert into product_translations (product_id, lang, title, description)
         select id, $2, title, description
         from unnest($1::bigint[], $3::text[], $4::text[]) as texts (id, title, description)",
    )
    .bind(ids)
    .bind(lang)
    .bind(titles)
    .bind(descriptions)
    .execute(connection)
    .await
    .map(drop)
}

/// Products of these numbers with everything that hangs from them but their texts.
pub(in crate::commands::bench) async fn add_products(
    connection: &mut PgConnection,
    (from, to): (i64, i64),
    markets: &[String],
    sellers: i64,
) -> sqlx::Result<()> {
    for statement in [PRODUCTS, VARIANTS, VALUES] {
        sqlx::query(statement).bind(from).bind(to).execute(&mut *connection).await?;
    }
    let offers = sqlx::query(OFFERS).bind(from).bind(to).bind(markets).bind(sellers);
    offers.execute(&mut *connection).await?;
    for statement in [PRICES, EXCEPTIONS, STOCK] {
        sqlx::query(statement).bind(from).bind(to).execute(&mut *connection).await?;
    }
    let popularity = sqlx::query(POPULARITY).bind(from).bind(to).bind(markets);
    popularity.execute(connection).await.map(drop)
}

/// Every second product stands below category 1, in leaves 71, 131, … 76, 136, …; the others in the other leaves.
const PRODUCTS: &str = "
    insert into products (id, ordinal, external_id, slug, category_id, brand_id, created_at, updated_at)
    select id, id - 1, 'bench-' || id, 'bench-' || id,
           case when id % 2 = 0 then 71 + 60 * (bench_hash(id, 1) % 5) + bench_hash(id, 2) % 6
                else 77 + 60 * (bench_hash(id, 1) % 5) + bench_hash(id, 2) % 54 end,
           1 + floor(500 * power(bench_hash(id, 3) / 2147483648.0::float8, 3)),
           now() - bench_hash(id, 4) % 1000 * interval '1 day', now()
    from generate_series($1::bigint, $2::bigint) as id";

const VARIANTS: &str = "
    insert into variants (id, product_id, sku)
    select id, id, 'B-' || lpad(id::text, 7, '0') from generate_series($1::bigint, $2::bigint) as id";

/// One value of each attribute for four products of five.
const VALUES: &str = "
    insert into product_attribute_values (product_id, value_id)
    select product_id, 100 * place + 1 + bench_hash(product_id, 20 + place) % count
    from generate_series($1::bigint, $2::bigint) as product_id
    cross join unnest(array[16, 12, 14, 8, 12, 10]) with ordinality as counts (count, place)
    where bench_hash(product_id, 10 + place) % 5 <> 0";

/// Three offers in each market, of sellers a third of them all apart.
const OFFERS: &str = "
    insert into offers (id, product_id, variant_id, seller_id, market, preparation_minutes)
    select ((product_id - 1) * cardinality($3) + place - 1) * 3 + third + 1, product_id, product_id,
           1 + (bench_hash(product_id * 16 + place, 30) + third * ($4 / 3)) % $4, market, 30 + 30 * third
    from generate_series($1::bigint, $2::bigint) as product_id
    cross join unnest($3::text[]) with ordinality as markets (market, place)
    cross join generate_series(0, 2) as third
    order by 1";

/// A product costs much the same everywhere and with everybody; one offer in four is reduced.
const PRICES: &str = "
    insert into prices (offer_id, product_id, minor, list_minor)
    select id, product_id, minor, case when bench_hash(id, 42) % 4 = 0 then minor + minor / 4 end
    from (select offers.id, product_id,
                 (500 + bench_hash(product_id, 40) % 20000 + bench_hash(offers.id, 41) % 2000) * payable_step as minor
          from offers join markets on markets.code = market
          where product_id between $1 and $2) as priced
    order by id";

/// Dated prices for one offer in a hundred, a third of them gone, a third now, a third to come.
const EXCEPTIONS: &str = "
    insert into price_exceptions (offer_id, product_id, minor, during)
    select offer_id, product_id, minor * 9 / 10,
           tstzrange(today + days * interval '1 day', today + (days + 20) * interval '1 day')
    from prices
    cross join (select date_trunc('day', now()) as today) as clock
    cross join lateral (select 30 * (bench_hash(offer_id, 51) % 3) - 40 as days) as beginning
    where product_id between $1 and $2 and product_id % 50 = 0 and bench_hash(offer_id, 50) % 2 = 0
    order by offer_id";

/// In the seller's first warehouse of the market, and for half of the offers in the second; one row in twenty is sold out.
const STOCK: &str = "
    insert into stock (offer_id, warehouse_id, product_id, on_hand, reserved)
    select offers.id, warehouses.id, product_id, on_hand, least(on_hand, bench_hash(offers.id, 62) % 3)
    from offers
    join (select warehouses.id, seller_id, market,
                 row_number() over (partition by seller_id, market order by warehouses.id) as place
          from warehouses join cities on cities.id = city_id) as warehouses
      on warehouses.seller_id = offers.seller_id and warehouses.market = offers.market
    cross join lateral (select case when bench_hash(offers.id, 60 + place) % 20 = 0 then 0
                                    else 1 + bench_hash(offers.id, 63 + place) % 200 end as on_hand) as amount
    where product_id between $1 and $2 and (place = 1 or bench_hash(offers.id, 61) % 2 = 0)
    order by offers.id, warehouses.id";

/// For four products of ten in each market, few of them very popular.
const POPULARITY: &str = "
    insert into popularity (product_id, market, score)
    select product_id, market, 1000.0 / (1 + bench_hash(product_id * 16 + place, 71) % 1000)
    from generate_series($1::bigint, $2::bigint) as product_id
    cross join unnest($3::text[]) with ordinality as markets (market, place)
    where bench_hash(product_id * 16 + place, 70) % 10 < 4";

/// Sequences go on behind the rows, and the planner knows them.
pub(in crate::commands::bench) async fn finish(connection: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::raw_sql(
        "select setval('products_ordinal', (select max(ordinal) from products));
         select setval(pg_get_serial_sequence('products', 'id'), (select max(id) from products));
         select setval(pg_get_serial_sequence('variants', 'id'), (select max(id) from variants));
         select setval(pg_get_serial_sequence('offers', 'id'), (select max(id) from offers));
         select setval(pg_get_serial_sequence('sellers', 'id'), (select max(id) from sellers));
         select setval(pg_get_serial_sequence('brands', 'id'), (select max(id) from brands));
         select setval(pg_get_serial_sequence('categories', 'id'), (select max(id) from categories));
         select setval(pg_get_serial_sequence('attributes', 'id'), (select max(id) from attributes));
         select setval(pg_get_serial_sequence('attribute_values', 'id'), (select max(id) from attribute_values))",
    )
    .execute(&mut *connection)
    .await?;
    sqlx::raw_sql("vacuum analyze").execute(connection).await.map(drop)
}

/// What is wrong with the rows by the rules that the load left out: counts, foreign keys, the triggers' checks.
pub(in crate::commands::bench) async fn faults(
    connection: &mut PgConnection,
    scale: &Scale,
) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar(FAULTS)
        .bind(scale.products)
        .bind(scale.markets)
        .bind(scale.sellers)
        .bind(scale.cities)
        .fetch_all(connection)
        .await
}

/// Whole joins are counted instead of looking row by row, which takes minutes on millions of rows.
const FAULTS: &str = "
    select format('%s: %s', what, rows) from (
        select 'products missing' as what, $1 - count(*) as rows from products
        union all select 'offers missing', $1 * $2 * 3 - count(*) from offers
        union all select 'sellers missing', $3 - count(*) from sellers
        union all select 'cities missing', $4 - count(*) from cities
            where market in (select distinct market from offers)
        union all select 'products without category, brand or variant',
            (select count(*) from products)
            - (select count(*) from products
               join categories on categories.id = category_id
               join brands on brands.id = brand_id
               join variants on variants.product_id = products.id)
        union all select 'categories without parent', count(*) from categories
            where parent_id is not null and not exists (select from categories above where above.id = categories.parent_id)
        union all select 'values of nothing',
            (select count(*) from product_attribute_values)
            - (select count(*) from product_attribute_values
               join attribute_values on id = value_id join products on products.id = product_id)
        union all select 'texts of nothing',
            (select count(*) from product_translations)
            - (select count(*) from product_translations join products on products.id = product_id)
        union all select 'offers of nothing',
            (select count(*) from offers)
            - (select count(*) from offers
               join variants on variants.product_id = offers.product_id and variants.id = variant_id
               join sellers on sellers.id = seller_id
               join markets on markets.code = market)
        union all select 'offers without price, prices without offer',
            (select count(*) from offers) + (select count(*) from prices)
            - 2 * (select count(*) from prices
                   join offers on offers.id = offer_id and offers.product_id = prices.product_id)
        union all select 'dated prices of nothing',
            (select count(*) from price_exceptions)
            - (select count(*) from price_exceptions dated
               join offers on offers.id = offer_id and offers.product_id = dated.product_id)
        union all select 'offers without stock row', count(*) from offers
            where not exists (select from stock where offer_id = offers.id)
        union all select 'stock of nothing or in another market',
            (select count(*) from stock)
            - (select count(*) from stock
               join offers on offers.id = offer_id and offers.product_id = stock.product_id
               join warehouses on warehouses.id = warehouse_id
               join cities on cities.id = city_id and cities.market = offers.market)
        union all select 'warehouses of nobody or nowhere',
            (select count(*) from warehouses)
            - (select count(*) from warehouses join sellers on sellers.id = seller_id join cities on cities.id = city_id)
        union all select 'popularity of nothing',
            (select count(*) from popularity)
            - (select count(*) from popularity join products on products.id = product_id)
    ) as checks
    where rows <> 0";
