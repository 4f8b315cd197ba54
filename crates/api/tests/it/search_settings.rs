//! The ranking's weights over HTTP.

use serde_json::{Value, json};

use crate::desk::Desk;

#[tokio::test]
async fn a_new_version_is_set_and_the_older_ones_stay_in_the_list() {
    let desk = Desk::open().await;
    let body = json!({"weights": {"newness": 2.0}, "note": "spring", "from_version": 0});

    let first = desk.post("search-settings", &body).await;
    let stale = desk.post("search-settings", &body).await;
    let kuwait = json!({"market": "KW", "weights": {}});
    let kuwait = desk.post("search-settings", &kuwait).await;

    assert_eq!(first.status, 201, "{}", first.text);
    let (weights, staff) = (first.json()["weights"].clone(), first.json()["staff"].clone());
    assert_eq!(
        (&weights["newness"], &weights["text"], staff),
        (&json!(2.0), &json!(1.0), json!("Noor"))
    );
    assert_eq!((stale.status.as_u16(), &*stale.code()), (412, "precondition_failed"));
    let page = desk.get("search-settings?limit=1").await.json();
    assert_eq!(page["items"][0]["version"], kuwait.json()["version"]);
    let next = page["next"].as_str().unwrap();
    let rest = desk.get(&format!("search-settings?limit=1&cursor={next}")).await.json();
    assert_eq!(rest["items"], json!([first.json()]));
    assert_eq!(desk.get("search-settings?market=GB").await.json()["items"], json!([first.json()]));
}

#[tokio::test]
async fn what_is_no_weight_is_refused() {
    let desk = Desk::open().await;
    for weights in [json!({"newness": 101}), json!({"newness": -1}), json!({"beauty": 1}), json!(1)]
    {
        let answer = desk.post("search-settings", &json!({"weights": weights})).await;

        assert_eq!(answer.status, 400, "{weights}: {}", answer.text);
        let pointer = answer.json()["errors"][0]["pointer"].clone();
        assert!(pointer.as_str().unwrap().starts_with("/weights"), "{pointer}");
    }
}

#[tokio::test]
async fn weights_that_are_not_saved_show_how_they_would_order() {
    let desk = Desk::open().await;
    let search = json!({"market": "KW", "q": "rose", "lang": "en", "limit": 1});
    let first = async |weights: Value| {
        let body = json!({"market": "KW", "weights": weights, "search": search});
        let tried = desk.post("search-settings/preview", &body).await;
        assert_eq!(tried.status, 200, "{}", tried.text);
        let hit = &tried.json()["after"]["hits"][0];
        (hit["product_id"].clone(), hit["mark"].clone())
    };

    // The white rose is sold out.
    assert_eq!(first(json!({})).await, (json!("1"), Value::Null));
    let careless = json!({"text": 0, "availability": 0, "popularity": 0, "cheap": 0, "newness": 0});
    first(careless).await;
    let body = json!({"weights": {"text": -1}, "search": search});
    assert_eq!(desk.post("search-settings/preview", &body).await.code(), "invalid_value");
    assert_eq!(desk.get("search-settings").await.json()["items"], json!([]));
}
