//! Slots that are lost, remade by somebody, or would keep PostgreSQL from forgetting.

use crate::cluster::Cluster;
use crate::shop::{Shop, kw, price, title};

/// Writes this much log that is of no interest to any slot.
async fn write_log(shop: &Shop, megabytes: usize) {
    for _ in 0..megabytes {
        shop.sql("select pg_logical_emit_message(false, 'test', repeat('x', 1000000))").await;
    }
}

async fn of_slot<T>(shop: &Shop, query: &'static str) -> T
where
    T: Send + Unpin + for<'r> sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres>,
{
    let slot = shop.config.slot_name().unwrap();
    sqlx::query_scalar(query).bind(slot).fetch_one(shop.pool()).await.unwrap()
}

#[tokio::test]
async fn a_slot_that_lost_its_log_means_a_new_index() {
    let mut cluster = Cluster::new().await;
    let mut shop = Shop::at(cluster.url()).await;
    let rose = shop.product("rose").await;
    shop.start().await;
    shop.mark_index();
    shop.stop().await;

    shop.sql("update product_translations set title = 'In the lost log'").await;
    write_log(&shop, 80).await;
    shop.sql("checkpoint").await;
    let status: String =
        of_slot(&shop, "select wal_status from pg_replication_slots where slot_name = $1").await;
    assert_eq!(status, "lost");
    shop.begin();
    shop.until("the change that the slot lost", |view| {
        title(view, rose).as_deref() == Some("In the lost log")
    })
    .await;

    assert!(!shop.index_is_marked(), "the index is a new one");
    shop.sql("update prices set minor = 777").await;
    shop.until("the next price", |view| price(view, kw(), rose) == Some(777)).await;
    shop.assert_verified().await;
    shop.stop().await;
    cluster.stop().await;
}

#[tokio::test]
async fn a_slot_made_again_under_its_name_means_a_new_index() {
    let mut shop = Shop::new().await;
    let rose = shop.product("rose").await;
    shop.start().await;
    shop.stop().await;
    shop.mark_index();

    shop.drop_slot().await;
    shop.sql("update product_translations set title = 'Between the two slots'").await;
    let slot = shop.config.slot_name().unwrap();
    sqlx::query("select pg_create_logical_replication_slot($1, 'pgoutput')")
        .bind(&slot)
        .execute(shop.pool())
        .await
        .unwrap();
    shop.sql("update prices set minor = 777").await;
    shop.begin();
    shop.until("the change between the slots", |view| {
        title(view, rose).as_deref() == Some("Between the two slots")
    })
    .await;

    assert!(!shop.index_is_marked(), "the index is a new one");
    assert_eq!(price(&shop.view(), kw(), rose), Some(777));
    shop.assert_verified().await;
}
