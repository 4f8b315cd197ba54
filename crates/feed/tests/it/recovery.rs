//! What happens when something breaks, and when the feed comes back.

use std::time::Duration;

use souk_base::Position;
use souk_feed::{Error, Phase};
use sqlx::{AssertSqlSafe, PgPool};
use tokio::time::{Instant, sleep};

use crate::shop::{Shop, document, kw, price, title};

#[tokio::test]
async fn a_restart_resumes_from_the_checkpoint_and_catches_up() {
    let mut shop = Shop::new().await;
    let rose = shop.product("rose").await;
    shop.start().await;
    shop.sql("update product_translations set title = 'Before'").await;
    shop.caught_up().await;
    shop.stop().await;
    shop.mark_index();

    shop.sql("update product_translations set title = 'Meanwhile'").await;
    shop.sql("update prices set minor = 777").await;
    let tulip = shop.product("tulip").await;
    shop.start().await;
    shop.caught_up().await;

    let view = shop.view();
    assert!(shop.index_is_marked(), "the index was kept");
    assert_eq!(title(&view, rose).as_deref(), Some("Meanwhile"));
    assert_eq!(price(&view, kw(), rose), Some(777));
    assert!(document(&view, tulip).is_some());
    shop.assert_verified().await;
}

#[tokio::test]
async fn a_slot_dropped_while_stopped_means_a_new_index_while_the_old_view_serves() {
    let mut shop = Shop::new().await;
    let rose = shop.product("rose").await;
    shop.start().await;
    shop.stop().await;
    shop.mark_index();
    let old = shop.view();

    shop.drop_slot().await;
    shop.sql("update product_translations set title = 'Missed by the slot'").await;
    shop.begin();
    shop.until("the change that no slot kept", |view| {
        title(view, rose).as_deref() == Some("Missed by the slot")
    })
    .await;

    assert!(!shop.index_is_marked(), "the index is a new one");
    assert_eq!(title(&old, rose).as_deref(), Some("A rose"), "the old view can still be read");
    shop.stop().await;
    assert_eq!(
        shop.index_neighbours(),
        ["schema", "schema.beats", "schema.columns"],
        "no other index is left beside it"
    );
    shop.start().await;
    shop.assert_verified().await;
}

#[tokio::test]
async fn a_slot_dropped_while_followed_is_made_again() {
    let mut shop = Shop::new().await;
    let rose = shop.product("rose").await;
    shop.start().await;
    shop.mark_index();
    let slot = shop.config.slot_name().unwrap();

    // The feed reconnects, so it takes some tries to find the slot unused.
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let dropped = sqlx::query(
            "select pg_terminate_backend(active_pid, 1000) from pg_replication_slots
             where slot_name = $1 and active_pid is not null",
        );
        dropped.bind(&slot).execute(shop.pool()).await.unwrap();
        let dropped = sqlx::query("select pg_drop_replication_slot($1)");
        if dropped.bind(&slot).execute(shop.pool()).await.is_ok() {
            break;
        }
        assert!(Instant::now() < deadline, "the slot was never free");
    }
    shop.sql("update product_translations set title = 'Missed by the slot'").await;

    shop.until("the change that no slot kept", |view| {
        title(view, rose).as_deref() == Some("Missed by the slot")
    })
    .await;
    assert!(!shop.index_is_marked(), "the index is a new one");
    shop.assert_verified().await;
}

#[tokio::test]
async fn saved_columns_are_taken_up_and_caught_up_with() {
    let mut shop = Shop::new().await;
    let rose = shop.product("rose").await;
    let tulip = shop.product("tulip").await;
    shop.start().await;
    shop.sql("update prices set minor = 500").await;
    shop.caught_up().await;
    shop.stop().await;

    // A price, a dated price that begins while nobody follows, and a product that goes.
    let variant = "select variants.id from variants join products on products.id = product_id";
    shop.sql("update prices set minor = 600").await;
    shop.sql(&format!(
        "insert into price_exceptions (offer_id, minor, during)
         select id, 99, tstzrange(now() + interval '50 ms', null) from offers
         where variant_id = ({variant} where slug = 'rose')"
    ))
    .await;
    shop.sql("select pg_sleep(0.1)").await;
    shop.start().await;
    shop.caught_up().await;

    let view = shop.view();
    assert_eq!(price(&view, kw(), rose), Some(99));
    assert_eq!(price(&view, kw(), tulip), Some(600));
    shop.assert_verified().await;
}

#[tokio::test]
async fn a_damaged_or_foreign_file_of_columns_is_as_good_as_none() {
    let mut shop = Shop::new().await;
    let rose = shop.product("rose").await;
    shop.start().await;
    shop.stop().await;
    let file = shop.config.index_dir.with_file_name("schema.columns");
    let whole = std::fs::read(&file).unwrap();
    for damaged in [whole[..whole.len() / 2].to_vec(), b"nonsense".to_vec(), Vec::new()] {
        std::fs::write(&file, damaged).unwrap();
        shop.sql("update prices set minor = minor + 1").await;

        shop.start().await;
        shop.caught_up().await;

        assert!(price(&shop.view(), kw(), rose).is_some());
        shop.assert_verified().await;
        shop.stop().await;
    }
}

#[tokio::test]
async fn a_city_that_moved_every_bit_while_nobody_followed_makes_saved_columns_useless() {
    let mut shop = Shop::new().await;
    shop.product("rose").await;
    shop.start().await;
    shop.stop().await;

    shop.sql(
        "insert into cities (market, position, id, slug, latitude, longitude)
         values ('KW', 99, 1, 'new-city', 29, 48)",
    )
    .await;
    shop.start().await;
    shop.caught_up().await;

    shop.assert_verified().await;
}

#[tokio::test]
async fn once_following_has_ended_nobody_writes_the_index() {
    let mut shop = Shop::new().await;
    for number in 0..20 {
        shop.product(&format!("p-{number}")).await;
    }
    let writer = tokio::spawn(write(shop.pool().clone()));
    // A different moment of its work each time, the first ones while it still fills.
    for round in 0..12 {
        shop.begin();
        sleep(Duration::from_millis(20 * round)).await;
        shop.stop().await;

        let opened = souk_search::Writer::open(&shop.config.index_dir);
        assert!(opened.is_ok(), "{:?}", opened.err());
        drop(opened);
        std::fs::remove_dir_all(&shop.config.index_dir).unwrap();
    }
    writer.await.unwrap();
}

#[tokio::test]
async fn a_broken_connection_is_reported_and_mended_without_a_new_index() {
    let mut shop = Shop::new().await;
    let rose = shop.product("rose").await;
    shop.start().await;
    shop.mark_index();

    sqlx::query(
        "select pg_terminate_backend(active_pid) from pg_replication_slots where slot_name = $1",
    )
    .bind(shop.config.slot_name().unwrap())
    .execute(shop.pool())
    .await
    .unwrap();
    shop.sql("update product_translations set title = 'After the break'").await;

    shop.until("the change after the break", |view| {
        title(view, rose).as_deref() == Some("After the break")
    })
    .await;
    assert!(shop.index_is_marked(), "the index was kept");
    shop.assert_verified().await;
}

#[tokio::test]
async fn a_damaged_index_is_built_anew() {
    let mut shop = Shop::new().await;
    let rose = shop.product("rose").await;
    shop.start().await;
    shop.stop().await;
    std::fs::write(shop.config.index_dir.join("meta.json"), "{").unwrap();

    shop.sql("update product_translations set title = 'After the damage'").await;
    shop.begin();

    shop.until("the new index", |view| title(view, rose).as_deref() == Some("After the damage"))
        .await;
    shop.assert_verified().await;
}

#[tokio::test]
async fn a_truncated_table_means_a_new_index() {
    let mut shop = Shop::new().await;
    let rose = shop.product("rose").await;
    shop.start().await;
    assert_eq!(document(&shop.view(), rose).unwrap().values.len(), 1);
    shop.mark_index();

    shop.sql("truncate product_attribute_values").await;

    shop.until("the values are gone", |view| document(view, rose).unwrap().values.is_empty()).await;
    assert!(!shop.index_is_marked(), "the index is a new one");
    shop.assert_verified().await;
}

#[tokio::test]
async fn a_feed_killed_anywhere_converges_to_the_database() {
    let mut shop = Shop::new().await;
    for number in 0..20 {
        shop.product(&format!("p-{number}")).await;
    }
    let writer = tokio::spawn(write(shop.pool().clone()));
    shop.begin();
    // A different moment of its work each time, the first ones while it still fills.
    for round in 0..16 {
        sleep(Duration::from_millis(12 * round)).await;
        shop.kill().await;
        shop.begin();
    }
    writer.await.unwrap();
    shop.until("a view", |_| true).await;
    shop.caught_up().await;

    shop.assert_verified().await;
}

/// Some two seconds of a shop's life.
async fn write(pool: PgPool) {
    for step in 0..400 {
        let statements = format!(
            "update product_translations set title = 'Step {step}' where product_id % 7 = {step} % 7;
             update prices set minor = 1 + {step} where product_id % 3 = {step} % 3;
             update stock set reserved = {step} % 6 where product_id % 5 = {step} % 5;
             update products set state = case state when 'draft' then 'active' else 'draft' end
             where id % 11 = {step} % 11;
             delete from products where slug = 'new-' || ({step} - 20);
             insert into products (slug, category_id) values ('new-{step}', 101)"
        );
        sqlx::raw_sql(AssertSqlSafe(statements)).execute(&pool).await.unwrap();
        sleep(Duration::from_millis(4)).await;
    }
}

#[tokio::test]
async fn an_idle_shop_lets_postgresql_forget_its_log() {
    let shop = Shop::followed().await;
    shop.sql(
        "insert into staff (email, name, password_hash, roles)
         values ('a@b', 'A', 'x', '{admin}')",
    )
    .await;
    let end = shop.end().await;
    // Nothing of this is of interest, but it fills the log.
    shop.sql("select pg_logical_emit_message(false, 'noise', repeat('x', 20000000))").await;

    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let confirmed: String = sqlx::query_scalar(
            "select confirmed_flush_lsn::text from pg_replication_slots where slot_name = $1",
        )
        .bind(shop.config.slot_name().unwrap())
        .fetch_one(shop.pool())
        .await
        .unwrap();
        if confirmed.parse::<Position>().unwrap() >= end {
            break;
        }
        assert!(Instant::now() < deadline, "the slot stays at {confirmed}, before {end}");
        sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(shop.status().phase, Phase::Following);
}

#[tokio::test]
async fn a_database_that_is_not_there_is_reported_and_tried_again() {
    let mut shop = Shop::new().await;
    let url = shop.config.database_url.clone();
    shop.config.database_url = url.replace("/souk_test_", "/nowhere_");
    shop.begin();

    let deadline = Instant::now() + Duration::from_secs(60);
    while !matches!(shop.status().phase, Phase::Reconnecting { .. }) {
        assert!(Instant::now() < deadline, "still {:?}", shop.status());
        sleep(Duration::from_millis(10)).await;
    }
    shop.stop().await;
}

#[tokio::test]
async fn a_url_that_demands_tls_is_refused_at_once() {
    let shop = Shop::new().await;
    let mut config = shop.config.clone();
    config.database_url.push_str(if config.database_url.contains('?') { "&" } else { "?" });
    config.database_url.push_str("sslmode=require");

    let (progress, _status) = tokio::sync::watch::channel(souk_feed::Status::default());
    let engine = std::sync::Arc::clone(&shop.engine);
    let refused =
        souk_feed::follow(config, shop.pool().clone(), engine, progress, Default::default()).await;

    assert!(matches!(refused, Err(Error::StreamTls)));
}
