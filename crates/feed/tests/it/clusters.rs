//! Another history: a restored copy, a promoted standby.

use crate::cluster::Cluster;
use crate::instances::{NEVER, Registration};
use crate::shop::{Shop, document, title};

#[tokio::test]
async fn an_older_copy_of_the_cluster_means_a_new_index() {
    let mut cluster = Cluster::new().await;
    let mut shop = Shop::at(cluster.url()).await;
    let rose = shop.product("rose").await;
    shop.start().await;
    shop.stop().await;
    cluster.stop().await;
    cluster.copy();
    cluster.start().await;
    shop.start().await;
    let tulip = shop.product("tulip").await;
    shop.sql("update product_translations set title = 'Of the lost history'").await;
    shop.caught_up().await;
    shop.stop().await;
    shop.mark_index();
    cluster.stop().await;

    cluster.put_copy_back();
    cluster.start().await;
    shop.begin();
    shop.until("the older title", |view| title(view, rose).as_deref() == Some("A rose")).await;

    assert_eq!(document(&shop.view(), tulip), None);
    assert!(!shop.index_is_marked(), "the index is a new one");
    shop.assert_verified().await;
    shop.stop().await;
    cluster.stop().await;
}

#[tokio::test]
async fn an_older_copy_that_comes_back_while_it_is_followed_means_a_new_index() {
    let mut cluster = Cluster::new().await;
    let mut shop = Shop::at(cluster.url()).await;
    let rose = shop.product("rose").await;
    shop.start().await;
    shop.stop().await;
    cluster.stop().await;
    cluster.copy();
    cluster.start().await;
    shop.start().await;
    shop.mark_index();
    shop.sql("update product_translations set title = 'Of the lost history'").await;
    shop.caught_up().await;

    cluster.stop().await;
    cluster.put_copy_back();
    cluster.start().await;
    shop.until("the older title", |view| title(view, rose).as_deref() == Some("A rose")).await;

    assert!(!shop.index_is_marked(), "the index is a new one");
    shop.assert_verified().await;
    shop.stop().await;
    cluster.stop().await;
}

#[tokio::test]
async fn an_older_copy_that_has_outgrown_the_index_means_a_new_index() {
    let mut cluster = Cluster::new().await;
    let mut shop = Shop::at(cluster.url()).await;
    let rose = shop.product("rose").await;
    let registration = Registration::begin(&shop, &shop.config.instance, NEVER);
    registration.heard_of(&shop).await;
    shop.start().await;
    shop.stop().await;
    registration.end().await;
    cluster.stop().await;
    cluster.copy();
    cluster.start().await;
    shop.start().await;
    shop.sql("update product_translations set title = 'Of the lost history'").await;
    shop.caught_up().await;
    shop.stop().await;
    let end = shop.end().await;
    cluster.stop().await;

    cluster.put_copy_back();
    cluster.start().await;
    while shop.end().await <= end {
        shop.sql("select pg_logical_emit_message(false, 'test', repeat('x', 100000))").await;
    }
    shop.begin();
    shop.until("the older title", |view| title(view, rose).as_deref() == Some("A rose")).await;

    shop.assert_verified().await;
    shop.stop().await;
    cluster.stop().await;
}

#[tokio::test]
async fn a_promoted_standby_is_another_timeline_and_means_a_new_index() {
    let mut cluster = Cluster::new().await;
    let mut shop = Shop::at(cluster.url()).await;
    let rose = shop.product("rose").await;
    shop.start().await;
    shop.mark_index();
    shop.stop().await;
    cluster.stop().await;

    cluster.promote().await;
    cluster.start().await;
    shop.sql("update product_translations set title = 'After the fail-over'").await;
    shop.begin();
    shop.until("the title of the new timeline", |view| {
        title(view, rose).as_deref() == Some("After the fail-over")
    })
    .await;

    assert!(!shop.index_is_marked(), "the index is a new one");
    shop.assert_verified().await;
    shop.stop().await;
    cluster.stop().await;
}
