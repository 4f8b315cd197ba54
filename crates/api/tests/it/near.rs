//! What a search that finds nothing offers.

use serde_json::{Value, json};

use crate::fixture::{KUWAIT_CITY, Shop};

/// What the products of an answer have of the search, and which these are.
fn near(answer: &Value) -> (Value, Vec<String>) {
    let hits = answer["near"]["hits"].as_array().into_iter().flatten();
    let mut products: Vec<String> =
        hits.map(|hit| hit["product_id"].as_str().unwrap().to_owned()).collect();
    products.sort();
    (answer["near"]["by"].clone(), products)
}

#[tokio::test]
async fn what_is_not_sold_is_said_and_the_nearest_is_offered() {
    let shop = Shop::open().await;
    let found =
        async |query: &str| shop.get(&format!("/v1/KW/search?lang=en&{query}")).await.json();

    let unknown = found("q=xylophone").await;
    assert_eq!((&unknown["total"], &unknown["hits"]), (&json!(0), &json!([])));
    assert_eq!(unknown["not_sold"], json!(["xylophone"]));
    let (by, popular) = near(&unknown);
    assert_eq!(by, "popular");
    assert!(popular.contains(&"1".to_owned()) && popular.contains(&"3".to_owned()), "{popular:?}");

    let elsewhere = found("q=lamp&category=roses").await;
    assert_eq!(near(&elsewhere), (json!("words"), vec!["3".to_owned()]));
    assert_eq!(elsewhere["not_sold"], json!([]), "there are lamps, but not among roses");
    let (by, roses) = near(&found("q=xylophone&category=roses").await);
    assert_eq!(by, "category");
    assert!(roses.contains(&"1".to_owned()) && !roses.contains(&"3".to_owned()), "{roses:?}");
    let (by, _) = near(&found("category=roses&filter=price:..1").await);
    assert_eq!(by, "category");

    let some = found("q=red%20rose%20xylophone").await;
    assert!(some["total"] != 0 && some.get("near").is_none(), "its hits are near already: {some}");
    assert_eq!(found("q=rose").await.get("near"), None);
}

#[tokio::test]
async fn what_is_offered_can_be_had_in_the_city_that_was_chosen() {
    let shop = Shop::open().await;

    for (city, products) in [(KUWAIT_CITY, vec!["1", "3"]), (285_704, vec!["1"])] {
        let answer = shop.get(&format!("/v1/KW/search?q=xylophone&city={city}")).await.json();
        assert_eq!(near(&answer).1, products, "{city}");
    }
}
