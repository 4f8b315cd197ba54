//! A transaction far larger than what is kept of it.

use crate::shop::{Shop, kw, price};

/// Memory that a transaction of 300,000 rows may take: 30,000 products by key, and re-read in batches.
const GROWTH_MAX_KB: u64 = 96 * 1_024;

#[tokio::test]
async fn three_hundred_thousand_rows_at_once_take_little_memory_and_let_others_follow() {
    let mut shop = Shop::new().await;
    let rose = shop.product("rose").await;
    shop.sql(
        "insert into products (slug, category_id, state)
         select 'p-' || number, 101, 'draft' from generate_series(1, 30000) as number",
    )
    .await;
    shop.start().await;
    shop.sql("update prices set minor = 700").await;
    shop.caught_up().await;
    let before = anonymous_memory_kb();

    shop.sql(
        "insert into popularity
         select products.id, markets.code, 1 from products cross join markets",
    )
    .await;
    shop.sql("update prices set minor = 777").await;
    let mut peak = before;
    shop.until("the price after it", |view| {
        peak = peak.max(anonymous_memory_kb());
        price(view, kw(), rose) == Some(777)
    })
    .await;

    let rows: i64 =
        sqlx::query_scalar("select count(*) from popularity").fetch_one(shop.pool()).await.unwrap();
    let growth = peak - before;
    println!("{rows} rows: {before} kB before, {growth} kB more at the peak");
    assert!(rows >= 300_000, "{rows}");
    assert!(growth < GROWTH_MAX_KB, "{growth} kB");
    shop.assert_verified().await;
}

/// Memory of this process that no file stands behind.
fn anonymous_memory_kb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}
