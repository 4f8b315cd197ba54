//! Changes of unusual shape.

use sqlx::AssertSqlSafe;

use crate::shop::{Shop, document, kw, offer, price, title};

#[tokio::test]
async fn a_truncated_table_means_a_new_index() {
    let mut shop = Shop::new().await;
    let rose = shop.product("rose").await;
    shop.start().await;
    shop.mark_index();

    shop.sql("truncate stock; update product_translations set title = 'With the truncation'").await;
    shop.until("nothing is in stock", |view| {
        offer(view, kw(), rose).is_some_and(|offer| offer.stock == 0)
            && title(view, rose).as_deref() == Some("With the truncation")
    })
    .await;

    assert!(!shop.index_is_marked(), "the index is a new one");
    shop.sql("update prices set minor = 777").await;
    shop.until("the next price", |view| price(view, kw(), rose) == Some(777)).await;
    shop.assert_verified().await;
}

#[tokio::test]
async fn a_long_text_that_is_stored_apart_survives_a_change_of_its_row() {
    let mut shop = Shop::new().await;
    let rose = shop.product("rose").await;
    shop.sql(
        "update product_translations set description =
             (select string_agg(md5(number::text), ' ') from generate_series(1, 400) as number)",
    )
    .await;
    shop.start().await;
    let before = document(&shop.view(), rose).unwrap().texts[0].description.clone();
    assert!(before.len() > 10_000);

    shop.sql("update product_translations set title = 'Another title'").await;
    shop.until("the title", |view| title(view, rose).as_deref() == Some("Another title")).await;

    assert_eq!(document(&shop.view(), rose).unwrap().texts[0].description, before);
    shop.assert_verified().await;
}

#[tokio::test]
async fn a_product_of_another_number_is_shown_once() {
    let mut shop = Shop::new().await;
    let rose = shop.product("rose").await;
    shop.start().await;

    let tables = [
        "product_translations",
        "product_attribute_values",
        "variants",
        "offers",
        "prices",
        "stock",
    ];
    let mut statements = String::from("set local session_replication_role = replica;");
    for table in tables {
        statements.push_str(&format!("update {table} set product_id = 7000000;"));
    }
    statements.push_str("update products set id = 7000000");
    shop.sql(&statements).await;

    let moved = crate::shop::Item { id: 7_000_000, ..rose };
    shop.until("the new number", |view| document(view, moved).is_some()).await;
    shop.caught_up().await;
    assert_eq!(document(&shop.view(), rose), None);
    assert_eq!(price(&shop.view(), kw(), moved), Some(10_000));
    shop.assert_verified().await;
}

#[tokio::test]
async fn what_was_rolled_back_to_a_savepoint_leaves_nothing_and_the_rest_counts() {
    let mut shop = Shop::new().await;
    let rose = shop.product("rose").await;
    shop.start().await;

    // More subtransactions than PostgreSQL keeps at hand (64).
    let mut transaction = shop.pool().begin().await.unwrap();
    for step in 0..100 {
        let undo = if step % 2 == 1 { "rollback to" } else { "release" };
        let statements = format!(
            "savepoint step;
             update prices set minor = {step} + 1;
             insert into products (slug, category_id) values ('p-{step}', 101);
             {undo} step"
        );
        let statements = AssertSqlSafe(statements);
        sqlx::raw_sql(statements).execute(&mut *transaction).await.unwrap();
    }
    let last = "savepoint last; update product_translations set title = 'Never'; rollback to last";
    sqlx::raw_sql(last).execute(&mut *transaction).await.unwrap();
    transaction.commit().await.unwrap();
    shop.caught_up().await;

    let view = shop.view();
    assert_eq!(price(&view, kw(), rose), Some(99));
    assert_eq!(title(&view, rose).as_deref(), Some("A rose"));
    shop.assert_verified().await;
}
