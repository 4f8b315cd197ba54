//! What shoppers are answered.

use serde_json::{Value, json};

use crate::fixture::{KUWAIT_CITY, Shop};

fn titles(answer: &Value) -> Vec<&str> {
    let hits = answer["hits"].as_array().unwrap();
    hits.iter().map(|hit| hit["title"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn markets_say_what_a_client_must_know() {
    let shop = Shop::open().await;

    let answer = shop.get("/v1/markets?lang=en").await.json();

    assert_eq!(answer["next"], Value::Null);
    let kuwait = answer["items"].as_array().unwrap().iter().find(|item| item["code"] == "KW");
    let kuwait = kuwait.unwrap();
    assert_eq!(kuwait["currency"], "KWD");
    assert_eq!(kuwait["payable_step"], 10);
    assert_eq!(kuwait["languages"], json!(["ar", "en"]));
    assert_eq!(kuwait["cities"][0]["id"], KUWAIT_CITY.to_string());
    assert_eq!(kuwait["cities"][0]["name"], "Kuwait City");
    assert_eq!(kuwait["flags"]["cash_on_delivery"], true);
    // Those whose providers this shop has no accounts with are not open.
    assert_eq!(kuwait["payment_methods"], json!(["cash", "transfer"]));
}

#[tokio::test]
async fn facets_are_chosen_unless_named_and_their_values_can_be_searched() {
    let shop = Shop::open().await;
    let fields = async |query: &str| -> Vec<String> {
        let answer = shop.get(&format!("/v1/KW/search?lang=en{query}")).await.json();
        answer["facets"].as_object().unwrap().keys().cloned().collect()
    };

    assert_eq!(fields("").await, fields("&facets=auto").await);
    assert!(fields("").await.contains(&"category".to_owned()));
    assert_eq!(fields("&facets=none").await, [""; 0]);
    assert_eq!(fields("&facets=price,city").await, ["city", "price"]);

    let values = async |query: &str| {
        shop.get(&format!("/v1/KW/search/facets/category?lang=en{query}")).await.json()
    };
    let roses = json!([{ "value": "roses", "label": "Roses", "count": 2, "parent": "flowers" }]);
    assert_eq!(values("&value=ros").await["items"], roses);
    assert_eq!(values("&value=ros&filter=category:home").await["items"], roses);
    assert_eq!(values("&value=sofa").await["items"], json!([]));
    let refused = shop.get("/v1/KW/search/facets/mood").await;
    assert_eq!(refused.json()["code"], "unknown_field");
}

#[tokio::test]
async fn a_hit_carries_the_offer_that_is_shown() {
    let shop = Shop::open().await;

    let answer = shop.get("/v1/KW/search?q=red+rose&lang=en&facets=category,colour").await.json();

    // Only one has both words; so few that what has one of them comes behind it.
    assert_eq!(answer["total"], 2);
    let hit = &answer["hits"][0];
    assert_eq!(hit["product_id"], "1");
    assert_eq!(hit["external_id"], "R-1");
    assert_eq!(hit["variant_id"], "1");
    assert_eq!(hit["offer_id"], "1");
    assert_eq!(hit["slug"], "red-rose");
    assert_eq!(hit["price"], json!({"minor": 12500, "currency": "KWD"}));
    assert_eq!(hit["list_price"], json!({"minor": 15000, "currency": "KWD"}));
    assert_eq!(hit["in_stock"], true);
    assert_eq!(hit["highlights"]["title"], "<mark>Red</mark> <mark>Rose</mark>");
    assert!(hit["image"].as_str().unwrap().starts_with("/pictures/rose/red/"));
    assert_eq!(hit.get("deliverable"), None);
    assert_eq!(hit.get("rank"), None);
    assert_eq!(answer["facets"]["colour"][0], json!({"value": "red", "label": "Red", "count": 1}));
    assert_eq!(answer["facets"]["category"][1]["parent"], "flowers");
    for (key, value) in
        [("behind", json!(false)), ("relaxed", json!(["red"])), ("rules", json!([]))]
    {
        assert_eq!(answer[key], value);
    }
    assert_eq!(answer["corrected_query"], Value::Null);
    assert!(answer["query_id"].as_str().unwrap().len() >= 16);
    assert!(answer["took_us"].is_u64());
}

#[tokio::test]
async fn a_city_leaves_only_what_it_has() {
    let shop = Shop::open().await;

    let answer = shop.get(&format!("/v1/KW/search?q=rose&lang=en&city={KUWAIT_CITY}")).await.json();

    assert_eq!(titles(&answer), ["Red Rose"]);
    let deliverable = &answer["hits"][0]["deliverable"];
    assert_eq!(deliverable["city"], KUWAIT_CITY.to_string());
    assert_eq!(deliverable["available"], true);
    assert_eq!(deliverable["earliest"], deliverable["slot"]["date"]);
}

#[tokio::test]
async fn repeated_filters_of_one_field_are_alternatives() {
    let shop = Shop::open().await;
    let search =
        async |query: &str| shop.get(&format!("/v1/KW/search?lang=en&{query}")).await.json();

    let both = search("filter=colour:red&filter=colour:white&sort=price").await;
    let cheap = search("filter=colour:red&filter=colour:white&filter=price:..10000").await;

    assert_eq!(titles(&both), ["White Rose", "Red Rose"]);
    assert_eq!(titles(&cheap), ["White Rose"]);
}

#[tokio::test]
async fn a_score_is_told_only_on_request() {
    let shop = Shop::open().await;

    let answer = shop.get("/v1/KW/search?q=rose&lang=en&explain=true").await.json();

    assert!(answer["hits"][0]["rank"]["score"].is_number());
}

#[tokio::test]
async fn a_cursor_pages_through_everything_once_and_only_its_own_query() {
    let shop = Shop::open().await;
    let base = "/v1/KW/search?lang=en&sort=-price&limit=1";
    let mut path = base.to_owned();
    let mut seen = Vec::new();
    let mut first_cursor = None;

    while seen.len() < 4 {
        let answer = shop.get(&path).await.json();
        seen.extend(titles(&answer).into_iter().map(str::to_owned));
        let Some(next) = answer["next"].as_str() else { break };
        first_cursor.get_or_insert(next.to_owned());
        path = format!("{base}&cursor={next}");
    }

    assert_eq!(seen, ["Desk Lamp", "Red Rose", "White Rose"]);
    let cursor = first_cursor.unwrap();
    for other in ["sort=price", "sort=-price&q=rose", "sort=-price&filter=colour:red"] {
        let answer = shop.get(&format!("/v1/KW/search?lang=en&{other}&cursor={cursor}")).await;
        assert_eq!(answer.code(), "invalid_cursor", "{other}");
    }
    let abroad = shop.get(&format!("/v1/GB/search?lang=en&sort=-price&cursor={cursor}")).await;
    assert_eq!(abroad.code(), "invalid_cursor");
}

#[tokio::test]
async fn a_search_says_when_it_is_behind_what_was_written() {
    let shop = Shop::open().await;
    let position = shop.app.view().unwrap().position;

    let now = shop.get(&format!("/v1/KW/search?min_position={position}")).await.json();
    let ahead = shop.get("/v1/KW/search?min_position=FFFFFFFF/0").await.json();

    assert_eq!(now["behind"], false);
    assert_eq!(ahead["behind"], true);
    assert_eq!(ahead["total"], 3);
}

#[tokio::test]
async fn a_search_waits_for_what_was_written() {
    let shop = Shop::open().await;
    let mut view = (*shop.app.view().unwrap()).clone();
    view.position.0 += 1;
    let path = format!("/v1/KW/search?min_position={}", view.position);

    let (answer, ()) = tokio::join!(shop.get(&path), async {
        tokio::task::yield_now().await;
        shop.app.engine.publish(view);
    });

    assert_eq!(answer.json()["behind"], false);
}

#[tokio::test]
async fn suggestions_come_in_kinds() {
    let shop = Shop::open().await;

    let answer = shop.get("/v1/KW/suggest?q=ros&lang=en").await.json();

    let products = answer["products"].as_array().unwrap();
    assert_eq!(products.len(), 2);
    assert!(answer["categories"].as_array().unwrap().iter().any(|c| c["slug"] == "roses"));
    assert!(answer["queries"].is_array());
    assert_eq!(answer["recent"], json!([]));
}

#[tokio::test]
async fn a_product_has_variants_offers_and_labels() {
    let shop = Shop::open().await;

    let answer = shop.get("/v1/KW/products/1?lang=en").await.json();

    assert_eq!(answer["product_id"], "1");
    assert_eq!(answer["title"], "Red Rose");
    let breadcrumbs = json!([
        {"slug": "flowers", "label": "Flowers"}, {"slug": "roses", "label": "Roses"}
    ]);
    assert_eq!(answer["categories"], breadcrumbs);
    let colour = json!([{
        "code": "colour", "label": "Colour", "values": [{"code": "red", "label": "Red"}]
    }]);
    assert_eq!(answer["attributes"], colour);
    assert!(answer["images"][0].as_str().unwrap().starts_with("/pictures/rose/red/"));
    let variant = &answer["variants"][0];
    assert_eq!(variant["sku"], "RR-1");
    assert_eq!(variant["options"], json!({"stems": "25"}));
    let offer = &variant["offers"][0];
    assert_eq!(offer["offer_id"], "1");
    assert_eq!(offer["seller"], "Souk");
    assert_eq!(offer["price"], json!({"minor": 12500, "currency": "KWD"}));
    assert_eq!(offer["stock"], 7);
    assert_eq!(offer["in_stock"], true);
}

#[tokio::test]
async fn a_product_speaks_the_markets_first_language_and_falls_back() {
    let shop = Shop::open().await;

    let title = async |path: &str| shop.get(path).await.json()["title"].clone();

    assert_eq!(title("/v1/KW/products/1").await, "وردة حمراء");
    assert_eq!(title("/v1/KW/products/1?lang=ru").await, "وردة حمراء");
    assert_eq!(title("/v1/KW/products/3").await, "Desk Lamp");
}

#[tokio::test]
async fn stock_is_told_for_the_city_that_is_asked_about() {
    let shop = Shop::open().await;
    let offer = async |city: i64| {
        let answer = shop.get(&format!("/v1/KW/products/1?city={city}")).await.json();
        answer["variants"][0]["offers"][0].clone()
    };

    let here = offer(KUWAIT_CITY).await;
    let elsewhere = offer(285_629).await;

    assert_eq!((&here["stock"], &here["in_stock"]), (&json!(5), &json!(true)));
    assert_eq!((&elsewhere["stock"], &elsewhere["in_stock"]), (&json!(0), &json!(false)));
    let deliverable = json!({"city": "285629", "available": false, "earliest": null});
    assert_eq!(elsewhere["deliverable"], deliverable);
}

#[tokio::test]
async fn the_tree_counts_below_and_leaves_out_what_is_empty() {
    let shop = Shop::open().await;

    let answer = shop.get("/v1/KW/categories?lang=en").await.json();

    let roots = answer["items"].as_array().unwrap();
    let counts: Vec<_> = roots.iter().map(|root| (&root["slug"], &root["count"])).collect();
    assert_eq!(counts, [(&json!("flowers"), &json!(2)), (&json!("home"), &json!(1))]);
    assert_eq!(roots[0]["children"][0]["label"], "Roses");
    let britain = shop.get("/v1/GB/categories").await.json();
    assert_eq!(britain["items"].as_array().unwrap().len(), 1);
}
