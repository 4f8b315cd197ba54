//! Tables change while they are followed.

use std::time::Duration;

use souk_feed::Phase;
use tokio::time::{Instant, sleep};

use crate::shop::{Shop, kw, price, title};

#[tokio::test]
async fn columns_that_nobody_follows_come_and_go() {
    let mut shop = Shop::new().await;
    let rose = shop.product("rose").await;
    shop.start().await;
    shop.mark_index();

    for (step, alter) in [
        "alter table prices add column note text default 'x'",
        "alter table prices rename column note to remark",
        "alter table prices alter column remark type varchar(10)",
        "alter table prices drop column remark",
        "alter table products add column weight integer; update products set weight = 5",
        "alter table products drop column weight",
    ]
    .into_iter()
    .enumerate()
    {
        shop.sql(alter).await;
        shop.sql(&format!("update prices set minor = {step} + 100")).await;
        shop.sql(&format!("update product_translations set title = 'Step {step}'")).await;
        shop.caught_up().await;

        let view = shop.view();
        assert_eq!(price(&view, kw(), rose), i64::try_from(step).ok().map(|step| step + 100));
        assert_eq!(title(&view, rose), Some(format!("Step {step}")), "{alter}");
    }
    assert!(shop.index_is_marked(), "the index was kept");
    shop.assert_verified().await;
}

#[tokio::test]
async fn columns_that_come_into_the_publication_and_leave_it_change_nothing() {
    let mut shop = Shop::new().await;
    let rose = shop.product("rose").await;
    shop.start().await;
    shop.mark_index();

    for (step, alter) in [
        "alter publication souk_feed drop table prices;
         alter publication souk_feed add table prices (minor, offer_id, product_id)",
        "alter publication souk_feed drop table prices;
         alter publication souk_feed add table prices",
        "alter publication souk_feed drop table prices;
         alter publication souk_feed add table prices (product_id, offer_id)",
    ]
    .into_iter()
    .enumerate()
    {
        shop.sql(alter).await;
        shop.sql(&format!("update prices set minor = {step} + 100")).await;
        shop.caught_up().await;

        let expected = i64::try_from(step).ok().map(|step| step + 100);
        assert_eq!(price(&shop.view(), kw(), rose), expected, "{alter}");
    }
    assert!(shop.index_is_marked(), "the index was kept");
    shop.assert_verified().await;
}

#[tokio::test]
async fn a_renamed_key_is_reported_and_followed_again_when_it_is_back() {
    let mut shop = Shop::new().await;
    let rose = shop.product("rose").await;
    shop.start().await;

    shop.sql("alter table popularity rename column product_id to item_id").await;
    shop.sql("insert into popularity select id, 'KW', 2.5 from products").await;
    let deadline = Instant::now() + Duration::from_secs(60);
    while !matches!(shop.status().phase, Phase::Reconnecting { .. }) {
        assert!(Instant::now() < deadline, "still {:?}", shop.status());
        sleep(Duration::from_millis(10)).await;
    }
    shop.sql("alter table popularity rename column item_id to product_id").await;
    for (minor, title_now) in [(777, "After the renames"), (778, "And on")] {
        shop.sql(&format!("update prices set minor = {minor}")).await;
        shop.sql(&format!("update product_translations set title = '{title_now}'")).await;
        shop.until("what came after the renames", |view| {
            price(view, kw(), rose) == Some(minor)
                && title(view, rose).as_deref() == Some(title_now)
        })
        .await;
    }
    shop.assert_verified().await;
}

#[tokio::test]
async fn a_table_that_a_newer_version_published_is_passed_over() {
    let mut shop = Shop::new().await;
    let rose = shop.product("rose").await;
    shop.start().await;
    shop.mark_index();

    shop.sql(
        "create table ribbons (id bigint primary key, product_id bigint, colour text);
         alter publication souk_feed add table ribbons (id)",
    )
    .await;
    shop.sql(
        "insert into ribbons select id, id, 'red' from products;
         update prices set minor = 777",
    )
    .await;
    shop.sql("update ribbons set colour = 'blue'; truncate ribbons").await;
    shop.caught_up().await;

    assert_eq!(price(&shop.view(), kw(), rose), Some(777));
    assert!(shop.index_is_marked(), "the index was kept");
    shop.assert_verified().await;
}
