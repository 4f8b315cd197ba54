//! Verification finds what differs, and only that.

use crate::shop::Shop;

#[tokio::test]
async fn nothing_published_is_not_fine() {
    let shop = Shop::new().await;

    assert!(shop.checks().await.iter().all(|check| !check.ok));
}

#[tokio::test]
async fn verification_counts_and_names_what_differs() {
    let mut shop = Shop::new().await;
    let rose = shop.product("rose").await;
    let tulip = shop.product("tulip").await;
    shop.start().await;
    shop.assert_verified().await;
    shop.stop().await;

    shop.sql(
        "update product_translations set title = 'Unseen' from products
         where products.id = product_id and slug = 'rose';
         update prices set minor = 1;
         delete from products where slug = 'tulip'",
    )
    .await;
    let lily = shop.product("lily").await;
    let checks = shop.checks().await;

    assert_eq!(
        checks[0].detail,
        format!(
            "3 compared: 1 missing, 1 stale, 1 extra; product {} is stale; \
             product {} is extra; product {} is missing",
            rose.id, tulip.id, lily.id
        )
    );
    assert!(checks[1].detail.starts_with("6 compared: 2 missing, 2 stale, 2 extra; "));
    assert!(checks.iter().all(|check| !check.ok));
}
