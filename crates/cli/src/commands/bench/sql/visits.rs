//! What the visitors of the recommendation bench did: customers with tastes, so that there is something to learn.

use sqlx::PgPool;

/// Writes sales of the last year and the clicks and purchases of visitors, unless they are there. A customer's taste is
/// one of a hundred runs of products; two purchases of three are within it, and so are most clicks of a visitor.
pub(in crate::commands::bench) async fn write(
    db: &PgPool,
    market: &str,
    products: i64,
    customers: i64,
    visitors: u64,
) -> sqlx::Result<()> {
    let there: bool = sqlx::query_scalar("select exists (select from sales where market = $1)")
        .bind(market)
        .fetch_one(db)
        .await?;
    if !there {
        add_sales(db, market, products, customers).await?;
    }
    add_events(db, market, products, i64::try_from(visitors).unwrap_or(i64::MAX)).await
}

async fn add_sales(db: &PgPool, market: &str, products: i64, customers: i64) -> sqlx::Result<()> {
    sqlx::query(
        "insert into sales (market, order_number, line, product_id, quantity, unit_minor, sold_at, customer)
         select $1, 'S' || customer || '-' || visit, line,
                1 + case when bench_hash(customer * 64 + visit * 8 + line, 61) % 3 < 2
                    then (customer % 100) * ($2 / 100)
                        + (bench_hash(customer * 64 + visit * 8 + line, 62) * bench_hash(customer * 64 + visit * 8 + line, 65)
                           / 2147483647) % ($2 / 100)
                    else bench_hash(customer * 64 + visit * 8 + line, 63) % $2 end,
                1, 1000, now() - make_interval(hours => (bench_hash(customer * 8 + visit, 64) % 8760)::integer),
                customer
         from generate_series(1, $3) customer,
              lateral generate_series(1, 1 + (customer % 5)) visit,
              lateral generate_series(1, 4) line",
    )
    .bind(market)
    .bind(products)
    .bind(customers)
    .execute(db)
    .await
    .map(drop)
}

async fn add_events(db: &PgPool, market: &str, products: i64, visitors: i64) -> sqlx::Result<()> {
    sqlx::query(
        "select add_day_partition('events', day::date)
         from generate_series((now() - interval '2 days')::date, now()::date + 1, interval '1 day') day",
    )
    .execute(db)
    .await?;
    sqlx::query(
        "with told as (
             select visitor, step, now() - make_interval(mins => (visitor % 1000 + 30 - step)::integer) as at,
                    1 + ((visitor % 100) * ($2 / 100) + bench_hash(visitor * 32 + step, 71) % ($2 / 100)) % $2 as product
             from generate_series(0, $3 - 1) visitor,
                  lateral generate_series(1, 5 + visitor % 24) step)
         insert into events (id, day, time, type, visitor, market, product_id)
         select 'bench-' || visitor || '-' || step, (at at time zone 'UTC')::date, at,
                case when step > 20 then 'purchase-complete' else 'detail-page-view' end,
                'visitor-' || visitor, $1, product
         from told
         on conflict do nothing",
    )
    .bind(market)
    .bind(products)
    .bind(visitors)
    .execute(db)
    .await
    .map(drop)
}

/// A city of the market.
pub(in crate::commands::bench) async fn city(db: &PgPool, market: &str) -> sqlx::Result<i64> {
    sqlx::query_scalar("select id from cities where market = $1 order by position limit 1")
        .bind(market)
        .fetch_one(db)
        .await
}
