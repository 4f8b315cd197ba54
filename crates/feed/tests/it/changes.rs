//! What a committed change does to the View.

use std::collections::HashMap;

use souk_base::{Lang, ProductId};
use souk_search::View;

use crate::shop::{Item, Shop, document, found, kw, offer, price, sa, title};

#[tokio::test]
async fn the_first_fill_shows_what_was_there_before() {
    let mut shop = Shop::new().await;
    let rose = shop.product("rose").await;
    let draft = shop.product("secret").await;
    shop.sql("update products set state = 'draft' where slug = 'secret'").await;

    shop.start().await;

    let view = shop.view();
    assert_eq!(document(&view, rose).unwrap().picture, "rose/red");
    assert_eq!(found(&view, kw(), "flowers"), 1);
    assert_eq!(price(&view, kw(), rose), Some(10_000));
    assert!(offer(&view, sa(), rose).unwrap().cities.contains(4), "Riyadh is fifth by id");
    assert_eq!((document(&view, draft), offer(&view, kw(), draft)), (None, None));
    shop.assert_verified().await;
}

#[tokio::test]
async fn a_price_changes_in_its_market_only_and_without_an_index_commit() {
    let mut shop = Shop::new().await;
    let rose = shop.product("rose").await;
    shop.start().await;
    let before = shop.view();

    set_price(&shop, "KW", 12_500).await;
    shop.until("the price in Kuwait", |view| price(view, kw(), rose) == Some(12_500)).await;

    let view = shop.view();
    assert_eq!(price(&view, sa(), rose), Some(10_000));
    assert_eq!(price(&before, kw(), rose), Some(10_000), "a view never changes");
    assert_eq!(title(&view, rose).as_deref(), Some("A rose"));
    shop.assert_verified().await;
}

async fn set_price(shop: &Shop, market: &str, minor: i64) {
    shop.sql(&format!(
        "update prices set minor = {minor} from offers
         where offers.id = offer_id and market = '{market}'"
    ))
    .await;
}

#[tokio::test]
async fn a_view_at_a_writers_position_holds_what_it_wrote() {
    let mut shop = Shop::new().await;
    let rose = shop.product("rose").await;
    shop.start().await;

    for round in 0..20 {
        set_price(&shop, "KW", 20_000 + round).await;
        shop.sql(&format!("update product_translations set title = 'Round {round}'")).await;
        shop.caught_up().await;

        let view = shop.view();
        assert_eq!(price(&view, kw(), rose), Some(20_000 + round));
        assert_eq!(title(&view, rose), Some(format!("Round {round}")));
    }
}

#[tokio::test]
async fn a_new_title_replaces_the_old_one() {
    let mut shop = Shop::new().await;
    let rose = shop.product("rose").await;
    shop.start().await;

    shop.sql("update product_translations set title = 'Desert rose'").await;

    shop.until("the new title", |view| title(view, rose).as_deref() == Some("Desert rose")).await;
    assert_eq!(shop.view().searcher.document_count(), 1);
    shop.assert_verified().await;
}

#[tokio::test]
async fn a_new_product_appears_and_a_deleted_one_is_gone() {
    let shop = Shop::followed().await;

    let rose = shop.product("rose").await;
    shop.until("the new product", |view| {
        price(view, kw(), rose).is_some() && document(view, rose).is_some()
    })
    .await;

    shop.sql("delete from products where slug = 'rose'").await;
    shop.until("the deletion", |view| is_gone(view, rose)).await;
    shop.assert_verified().await;
}

fn is_gone(view: &View, item: Item) -> bool {
    let shown = [kw(), sa()].iter().any(|&market| offer(view, market, item).is_some());
    !shown && document(view, item).is_none()
}

#[tokio::test]
async fn a_product_that_becomes_a_draft_disappears_and_comes_back() {
    let mut shop = Shop::new().await;
    let rose = shop.product("rose").await;
    shop.start().await;

    shop.sql("update products set state = 'draft'").await;
    shop.until("the product is gone", |view| is_gone(view, rose)).await;

    shop.sql("update products set state = 'active'").await;
    shop.until("it is back", |view| !is_gone(view, rose) && document(view, rose).is_some()).await;
    shop.assert_verified().await;
}

#[tokio::test]
async fn the_last_unit_in_a_city_clears_its_bit() {
    let mut shop = Shop::new().await;
    let rose = shop.product("rose").await;
    shop.start().await;
    let before = offer(&shop.view(), kw(), rose).unwrap();
    assert_eq!((before.stock, before.cities.is_empty()), (5, false));

    shop.sql("update stock set reserved = 5 where warehouse_id = 100").await;

    shop.until("nothing is left", |view| {
        offer(view, kw(), rose).is_some_and(|offer| offer.stock == 0 && offer.cities.is_empty())
    })
    .await;
    assert_eq!(offer(&shop.view(), sa(), rose).unwrap().stock, 5);
    shop.assert_verified().await;
}

#[tokio::test]
async fn a_city_that_is_no_longer_served_takes_its_stock_along() {
    let mut shop = Shop::new().await;
    let rose = shop.product("rose").await;
    shop.start().await;

    shop.sql("update cities set active = false where slug = 'kuwait-city'").await;
    shop.until("no stock in Kuwait", |view| {
        offer(view, kw(), rose).is_some_and(|offer| offer.stock == 0)
    })
    .await;

    let market = shop.view().tables.market(kw()).unwrap().clone();
    assert!(market.cities.iter().any(|city| city.slug == "kuwait-city" && !city.active));
    shop.assert_verified().await;
}

#[tokio::test]
async fn a_renamed_category_is_relabelled_and_found_by_its_new_name() {
    let mut shop = Shop::new().await;
    shop.product("rose").await;
    shop.start().await;

    shop.sql(
        "update category_translations set label = 'Blossoms' where category_id = 100 and lang = 'en'",
    )
    .await;
    shop.until("the new name is searchable", |view| found(view, kw(), "blossoms") == 1).await;

    let view = shop.view();
    let category = view.tables.category_by_slug("flowers").unwrap();
    assert_eq!(category.label.get(Lang::En), "Blossoms");
    shop.assert_verified().await;
}

#[tokio::test]
async fn an_attribute_of_another_code_changes_the_pictures_of_what_has_its_values() {
    let mut shop = Shop::new().await;
    let rose = shop.product("rose").await;
    shop.start().await;
    assert_eq!(document(&shop.view(), rose).unwrap().picture, "rose/red");

    shop.sql("update attributes set code = 'shade' where code = 'colour'").await;
    shop.until("the colour is none any more", |view| {
        document(view, rose).unwrap().picture == "rose/mixed"
    })
    .await;
    shop.assert_verified().await;
}

#[tokio::test]
async fn a_rename_of_thousands_never_delays_a_price() {
    let mut shop = Shop::new().await;
    let rose = shop.product("rose").await;
    shop.sql(
        "insert into products (slug, category_id)
         select 'p-' || number, 101 from generate_series(1, 5000) as number;
         insert into product_translations (product_id, lang, title)
         select id, 'en', slug from products where slug like 'p-%'",
    )
    .await;
    shop.start().await;
    let names = |view: &View| -> HashMap<ProductId, u32> {
        let documents = view.searcher.documents().unwrap().map(Result::unwrap);
        documents.map(|document| (document.product_id, document.names)).collect()
    };
    let before = names(&shop.view());

    shop.sql("update category_translations set label = 'Blossoms' where category_id = 100").await;
    set_price(&shop, "KW", 11_000).await;
    shop.caught_up().await;
    assert_eq!(price(&shop.view(), kw(), rose), Some(11_000));

    let end = shop.end().await;
    shop.until("everything is found by the new name", |view| {
        view.position >= end && names(view).iter().all(|(id, names)| before[id] != *names)
    })
    .await;
    shop.assert_verified().await;
}

#[tokio::test]
async fn a_rolled_back_change_leaves_nothing() {
    let mut shop = Shop::new().await;
    let rose = shop.product("rose").await;
    shop.start().await;

    let mut transaction = shop.pool().begin().await.unwrap();
    for statement in [
        "update prices set minor = 1",
        "update product_translations set title = 'Never'",
        "delete from stock",
    ] {
        sqlx::query(statement).execute(&mut *transaction).await.unwrap();
    }
    transaction.rollback().await.unwrap();
    shop.sql("update products set brand_id = null").await;
    shop.caught_up().await;

    let view = shop.view();
    assert_eq!(title(&view, rose).as_deref(), Some("A rose"));
    let shown = offer(&view, kw(), rose).unwrap();
    assert_eq!((shown.minor, shown.stock), (10_000, 5));
}

#[tokio::test]
async fn a_dated_price_begins_and_ends_by_the_clock() {
    let mut shop = Shop::new().await;
    let rose = shop.product("rose").await;
    shop.start().await;

    shop.sql(
        "insert into price_exceptions (offer_id, minor, during)
         select id, 7000, tstzrange(now() + interval '300 ms', null)
         from offers where market = 'KW'",
    )
    .await;

    shop.until("the dated price begins", |view| price(view, kw(), rose) == Some(7_000)).await;
    assert_eq!(price(&shop.view(), sa(), rose), Some(10_000));
    shop.sql(
        "update price_exceptions
         set during = tstzrange(lower(during), now() + interval '300 ms')",
    )
    .await;
    shop.until("it ends", |view| price(view, kw(), rose) == Some(10_000)).await;
    shop.assert_verified().await;
}

#[tokio::test]
async fn popularity_and_a_paused_offer_reach_the_columns() {
    let mut shop = Shop::new().await;
    let rose = shop.product("rose").await;
    shop.start().await;

    shop.sql("insert into popularity select id, 'KW', 2.5 from products").await;
    shop.until("the popularity", |view| {
        view.columns.get(kw(), rose.ordinal).is_some_and(|column| column.popularity == 2.5)
    })
    .await;

    shop.sql("update offers set state = 'paused' where market = 'KW'").await;
    shop.until("the offer is gone", |view| view.columns.get(kw(), rose.ordinal).is_none()).await;
    assert!(offer(&shop.view(), sa(), rose).is_some());
    shop.assert_verified().await;
}
