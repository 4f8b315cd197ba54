//! Products over HTTP, as a merchandiser's program edits them.

use axum::http::Method;
use serde_json::{Value, json};

use crate::desk::Desk;

/// The ids of a list's page.
fn ids(page: &Value) -> Vec<&str> {
    page["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_product_is_added_whole_and_read_back() {
    let desk = Desk::open().await;
    let body = json!({
        "external_id": "T-1", "category_id": "2", "brand_id": "1", "picture": "tulip", "state": "draft",
        "publish_at": "2030-02-14T08:00:00+03:00",
        "texts": [
            {"lang": "en", "title": "Yellow Tulips", "description": "Ten of them."},
            {"lang": "ar", "title": "توليب أصفر"},
        ],
        "variants": [{"sku": "YT-10", "options": {"stems": "10"}, "eans": ["4006381333931"]}, {"sku": "YT-20"}],
        "values": ["1"],
    });

    let added = desk.post("products", &body).await;
    let path = added.header("location").trim_start_matches("/v1/admin/").to_owned();
    let read = desk.get(&path).await;

    assert_eq!(added.status, 201, "{}", added.text);
    assert_eq!(read.json(), added.json());
    assert_eq!(read.header("etag"), added.header("etag"));
    let product = read.json();
    assert_eq!(product["slug"], "yellow-tulips");
    assert_eq!(product["publish_at"], "2030-02-14T05:00:00Z");
    for key in ["external_id", "category_id", "brand_id", "picture", "state", "values"] {
        assert_eq!(product[key], body[key], "{key}");
    }
    assert_eq!(product["texts"].as_array().unwrap().len(), 2);
    assert_eq!(product["variants"][0]["eans"], json!(["4006381333931"]));
    assert_eq!(product["variants"][1]["position"], 1);
}

#[tokio::test]
async fn a_change_touches_only_what_it_names() {
    let desk = Desk::open().await;
    let before = desk.get("products/3").await.json();

    let changed = desk.change(Method::PATCH, "products/3", &json!({"state": "archived"})).await;
    let unbranded = desk.change(Method::PATCH, "products/3", &json!({"brand_id": null})).await;

    let mut expected = before;
    expected["state"] = json!("archived");
    expected["updated_at"] = changed.json()["updated_at"].clone();
    assert_eq!(changed.json(), expected);
    assert_eq!(unbranded.json()["brand_id"], Value::Null);
    assert_eq!(unbranded.json()["state"], "archived");
}

#[tokio::test]
async fn each_bad_product_is_refused_with_its_field() {
    let desk = Desk::open().await;
    let texts = json!([{"lang": "en", "title": "X"}]);
    let cases = [
        (
            json!({"category_id": "1", "texts": texts, "colour": "red"}),
            400,
            "unknown_field",
            "/colour",
        ),
        (json!({"texts": texts}), 400, "missing_field", "/category_id"),
        (json!({"category_id": 1, "texts": texts}), 400, "invalid_value", "/category_id"),
        (
            json!({"category_id": "1", "texts": texts, "state": "gone"}),
            400,
            "invalid_value",
            "/state",
        ),
        (
            json!({"category_id": "1", "texts": texts, "state": null}),
            400,
            "invalid_value",
            "/state",
        ),
        (
            json!({"category_id": "1", "texts": texts, "publish_at": "tomorrow"}),
            400,
            "invalid_value",
            "/publish_at",
        ),
        (
            json!({"category_id": "1", "texts": [{"lang": "de", "title": "X"}]}),
            400,
            "invalid_value",
            "/texts/0/lang",
        ),
        (json!({"category_id": "1", "texts": []}), 400, "invalid_value", "/texts"),
    ];

    for (body, status, code, pointer) in cases {
        let answer = desk.post("products", &body).await;

        assert_eq!((answer.status.as_u16(), &*answer.code()), (status, code), "{body}");
        assert_eq!(answer.json()["errors"][0]["pointer"], pointer, "{body}");
    }
}

#[tokio::test]
async fn what_would_break_the_data_is_a_conflict_that_says_why() {
    let desk = Desk::open().await;
    let product = |change: Value| {
        let mut body = json!({"category_id": "1", "texts": [{"lang": "en", "title": "X"}]});
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        body
    };
    let cases = [
        (product(json!({"slug": "red-rose"})), "slug"),
        (product(json!({"external_id": "R-1"})), "external id"),
        (product(json!({"variants": [{"sku": "RR-1"}]})), "sku"),
        (product(json!({"category_id": "99"})), "category"),
        (product(json!({"brand_id": "99"})), "brand"),
        (product(json!({"values": ["99"]})), "value"),
    ];

    for (body, word) in cases {
        let answer = desk.post("products", &body).await;

        assert_eq!((answer.status.as_u16(), &*answer.code()), (409, "conflict"), "{body}");
        let detail = answer.json()["detail"].as_str().unwrap().to_lowercase();
        assert!(detail.contains(word), "{body}: {detail}");
    }
}

#[tokio::test]
async fn the_list_is_narrowed_by_each_filter() {
    let desk = Desk::open().await;
    let cases: [(&str, &[&str]); 12] = [
        ("", &["4", "3", "2", "1"]),
        ("state=active", &["3", "2", "1"]),
        ("state=archived", &["4"]),
        ("category=flowers", &["2", "1"]),
        ("category=empty", &[]),
        ("missing_lang=ar", &["4", "3", "2"]),
        ("without_picture=true", &["4", "3", "2", "1"]),
        ("q=rose", &["2", "1"]),
        ("q=WR-1", &["2"]),
        ("q=R-1", &["1"]),
        ("q=desk-lamp", &["3"]),
        ("q=rose&missing_lang=ar", &["2"]),
    ];

    for (query, expected) in cases {
        let page = desk.get(&format!("products?{query}")).await;

        assert_eq!(page.status, 200, "{query}: {}", page.text);
        assert_eq!(ids(&page.json()), expected, "{query}");
    }
    let line = &desk.get("products?q=desk-lamp").await.json()["items"][0];
    assert_eq!((&line["title"], &line["offers"]), (&json!("Desk Lamp"), &json!(2)));
}

#[tokio::test]
async fn the_pages_of_the_list_follow_each_other() {
    let desk = Desk::open().await;
    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = desk.get(&format!("products?limit=3&cursor={cursor}")).await.json();
        seen.extend(ids(&page).into_iter().map(str::to_owned));
        match page["next"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => break,
        }
    }

    assert_eq!(seen, ["4", "3", "2", "1"]);
    let elsewhere = desk.get(&format!("products?state=active&limit=3&cursor={cursor}")).await;
    assert_eq!(elsewhere.code(), "invalid_cursor");
}

#[tokio::test]
async fn a_bad_list_is_refused() {
    let desk = Desk::open().await;
    let long = format!("q={}", "a".repeat(513));
    let cases = [
        ("state=gone", "invalid_value"),
        ("category=nowhere", "unknown_category"),
        ("missing_lang=de", "invalid_value"),
        ("without_picture=yes", "invalid_value"),
        ("limit=101", "out_of_range"),
        ("sort=price", "unknown_field"),
        (&*long, "too_long"),
    ];

    for (query, code) in cases {
        let answer = desk.get(&format!("products?{query}")).await;

        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (400, code), "{query}");
    }
}

#[tokio::test]
async fn texts_are_written_and_removed_one_language_at_a_time() {
    let desk = Desk::open().await;
    let tag = desk.get("products/2").await.header("etag").to_owned();
    let text = json!({"title": "Белая роза", "description": "Из Эквадора."});

    let written = desk.ask(Method::PUT, "products/2/texts/ru").tag(&tag).json(&text).send().await;
    let tag = written.header("etag").to_owned();
    let removed = desk.ask(Method::DELETE, "products/2/texts/en").tag(&tag).send().await;
    let tag = removed.header("etag").to_owned();
    let last = desk.ask(Method::DELETE, "products/2/texts/ru").tag(&tag).send().await;
    let unknown = desk.ask(Method::PUT, "products/2/texts/de").tag(&tag).json(&text).send().await;
    let blank = json!({"title": " "});
    let blank = desk.ask(Method::PUT, "products/2/texts/ru").tag(&tag).json(&blank).send().await;

    let langs = |product: Value| -> Vec<Value> {
        product["texts"].as_array().unwrap().iter().map(|text| text["lang"].clone()).collect()
    };
    assert_eq!(langs(written.json()), ["en", "ru"]);
    assert_eq!(langs(removed.json()), ["ru"]);
    assert_eq!((last.status.as_u16(), last.code().as_str()), (409, "conflict"));
    assert_eq!(unknown.status, 404);
    assert!([400, 409].contains(&blank.status.as_u16()), "{}", blank.text);
}

#[tokio::test]
async fn variants_are_added_changed_and_removed() {
    let desk = Desk::open().await;
    let body = json!({"sku": "RR-50", "options": {"stems": "50"}});

    let added = desk.post("products/1/variants", &body).await;
    let id = added.json()["variants"][1]["id"].as_str().unwrap().to_owned();
    let path = format!("products/1/variants/{id}");
    let tag = added.header("etag");
    let change = json!({"sku": "RR-51"});
    let changed = desk.ask(Method::PATCH, &path).tag(tag).json(&change).send().await;
    let tag = changed.header("etag");
    let foreign = desk.ask(Method::DELETE, "products/1/variants/2").tag(tag).send().await;
    let removed = desk.ask(Method::DELETE, &path).tag(tag).send().await;
    let tag = removed.header("etag");
    let last = desk.ask(Method::DELETE, "products/1/variants/1").tag(tag).send().await;

    assert_eq!(added.status, 201, "{}", added.text);
    assert_eq!(changed.json()["variants"][1]["sku"], "RR-51");
    assert_eq!(changed.json()["variants"][1]["options"], json!({"stems": "50"}));
    assert_eq!(foreign.status, 404);
    assert_eq!(removed.json()["variants"].as_array().unwrap().len(), 1);
    assert_eq!((last.status.as_u16(), last.code().as_str()), (409, "conflict"));
    assert_eq!(desk.post("products/99/variants", &body).await.status, 404);
}

#[tokio::test]
async fn a_product_that_was_never_sold_can_be_deleted() {
    let desk = Desk::open().await;
    let tag = desk.get("products/2").await.header("etag").to_owned();

    let deleted = desk.ask(Method::DELETE, "products/2").tag(&tag).send().await;

    assert_eq!((deleted.status.as_u16(), deleted.text.as_str()), (204, ""));
    assert_eq!(desk.get("products/2").await.status, 404);
    assert_eq!(desk.ask(Method::DELETE, "products/2").tag(&tag).send().await.status, 404);
}

#[tokio::test]
async fn many_products_are_changed_at_once() {
    let desk = Desk::open().await;
    let body = json!({
        "ids": ["1", "3", "99"], "category_id": "4", "state": "active", "publish_at": null,
        "price": {"market": "KW", "basis_points": -1000},
        "stock": {"city_id": "285787", "on_hand": 9},
    });

    let answer = desk.post("products/bulk", &body).await;

    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.json()["products"], 2);
    assert_eq!(answer.json()["prices"], 2);
    assert_eq!(desk.get("products/3").await.json()["category_id"], "4");
    let lamps = desk.get("offers?product=3").await.json();
    let price = |market: &str| {
        let offers = lamps["items"].as_array().unwrap();
        offers.iter().find(|offer| offer["market"] == market).unwrap()["price"].clone()
    };
    assert_eq!(price("KW"), json!({"minor": 27000, "currency": "KWD"}));
    assert_eq!(price("GB"), json!({"minor": 4999, "currency": "GBP"}));
}

#[tokio::test]
async fn a_bad_change_of_many_is_refused() {
    let desk = Desk::open().await;
    let crowd: Vec<_> = (0..10_001).map(|id| id.to_string()).collect();
    let kwd = json!({"minor": 500, "currency": "KWD"});
    let cases = [
        (json!({"ids": crowd}), "too_many", "/ids"),
        (json!({"ids": [1]}), "invalid_value", "/ids/0"),
        (json!({"ids": ["1"], "price": {}}), "invalid_value", "/price"),
        (json!({"ids": ["1"], "price": {"amount": kwd}}), "missing_field", "/price/market"),
        (
            json!({"ids": ["1"], "price": {"amount": kwd, "market": "GB"}}),
            "invalid_value",
            "/price/amount/currency",
        ),
        (
            json!({"ids": ["1"], "price": {"amount": kwd, "market": "XX"}}),
            "invalid_value",
            "/market",
        ),
        (json!({"ids": ["1"], "colour": "red"}), "unknown_field", "/colour"),
    ];

    for (body, code, pointer) in cases {
        let answer = desk.post("products/bulk", &body).await;

        assert_eq!((answer.status.as_u16(), &*answer.code()), (400, code), "{pointer}");
        assert_eq!(answer.json()["errors"][0]["pointer"], pointer);
    }
}
