//! Search in Algolia's shape, as its clients ask.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{Method, Request};
use serde_json::{Value, json};
use souk_api::{App, router, with_layers};

use crate::fixture::{Answer, Shop};

/// Sends as their lite client does: plain text, with what it believes to be credentials in the query.
async fn post(shop: &Shop, path: &str, body: &Value) -> Answer {
    let path = format!("/1/indexes/{path}?x-algolia-api-key=any&x-algolia-application-id=any");
    let request =
        Request::post(path).header("content-type", "text/plain").header("host", "shop.example");
    shop.send(request.body(Body::from(body.to_string())).unwrap()).await
}

/// The answers to several queries of one request.
async fn queries<const N: usize>(shop: &Shop, queries: [Value; N]) -> [Value; N] {
    let answer = post(shop, "*/queries", &json!({ "requests": queries.to_vec() })).await;
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.text);
    let results = answer.json()["results"].as_array().unwrap().clone();
    results.try_into().unwrap()
}

async fn query(shop: &Shop, query: Value) -> Value {
    let [answer] = queries(shop, [query]).await;
    answer
}

fn titles(answer: &Value) -> Vec<&str> {
    let hits = answer["hits"].as_array().unwrap();
    hits.iter().map(|hit| hit["title"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_hit_has_what_a_page_shows() {
    let shop = Shop::open().await;

    let answer = query(
        &shop,
        json!({
            "indexName": "products_kw_en", "query": "red rose", "facetFilters": ["colour:Red"],
            "highlightPreTag": "__ais-highlight__", "highlightPostTag": "__/ais-highlight__",
        }),
    )
    .await;

    for (name, value) in [("nbHits", 1), ("nbPages", 1), ("page", 0), ("hitsPerPage", 20)] {
        assert_eq!(answer[name], value, "{name}");
    }
    assert_eq!(
        (&answer["index"], &answer["query"]),
        (&json!("products_kw_en"), &json!("red rose"))
    );
    assert_eq!(answer["exhaustiveNbHits"], true);
    assert!(answer["queryID"].as_str().unwrap().len() >= 16);
    assert!(answer["processingTimeMS"].is_u64());
    let hit = &answer["hits"][0];
    for (name, value) in [
        ("objectID", json!("1")),
        ("title", json!("Red Rose")),
        ("price", json!(12.5)),
        ("list_price", json!(15.0)),
        ("currency", json!("KWD")),
        ("in_stock", json!(true)),
        ("url", json!("//shop.example/KW/p/red-rose?lang=en")),
    ] {
        assert_eq!(hit[name], value, "{name}");
    }
    assert!(hit["image"].as_str().unwrap().starts_with("//shop.example/pictures/rose/red/"));
    assert_eq!(
        hit["_highlightResult"]["title"],
        json!({
            "value": "__ais-highlight__Red__/ais-highlight__ __ais-highlight__Rose__/ais-highlight__",
            "matchLevel": "full", "matchedWords": ["red", "rose"], "fullyHighlighted": true,
        })
    );
}

#[tokio::test]
async fn facets_count_by_the_names_that_shoppers_read_and_are_filtered_by_them() {
    let shop = Shop::open().await;
    let facets =
        json!(["category", "colour", "categories.lvl0", "categories.lvl1", "price", "in_stock"]);
    let all = json!({ "indexName": "products_kw_en", "facets": facets });
    let red = json!({ "indexName": "products_kw_en", "facets": "colour", "facetFilters": [["colour:Red"]] });
    let roses = json!({
        "indexName": "products_kw_en", "facets": facets, "facetFilters": [["categories.lvl1:Flowers > Roses"]],
    });
    let both =
        json!({ "indexName": "products_kw_en", "facetFilters": [["colour:Red", "colour:white"]] });

    let [all, red, roses, both] = queries(&shop, [all, red, roses, both]).await;

    assert_eq!(all["nbHits"], 3);
    assert_eq!(all["facets"]["category"], json!({ "Flowers": 2, "Roses": 2, "Home": 1 }));
    assert_eq!(all["facets"]["categories.lvl0"], json!({ "Flowers": 2, "Home": 1 }));
    assert_eq!(all["facets"]["categories.lvl1"], json!({ "Flowers > Roses": 2 }));
    assert_eq!(all["facets"]["colour"], json!({ "Red": 1, "White": 1 }));
    assert_eq!(all["facets"]["in_stock"], json!({ "true": 2, "false": 1 }));
    assert_eq!(all["facets"]["price"], json!({}));
    assert_eq!(all["facets_stats"]["price"], json!({ "min": 9.0, "max": 30.0 }));
    assert_eq!(
        (titles(&red), &red["facets"]["colour"]),
        (vec!["Red Rose"], &json!({ "Red": 1, "White": 1 }))
    );
    assert_eq!(
        (&roses["nbHits"], &roses["facets"]["categories.lvl0"]),
        (&json!(2), &json!({ "Flowers": 2 }))
    );
    assert_eq!(both["nbHits"], 2);
}

#[tokio::test]
async fn every_facet_can_be_asked_for_and_values_are_cut_to_the_most_frequent() {
    let shop = Shop::open().await;

    let answer = query(&shop, json!({
        "indexName": "products_kw", "params": "facets=%5B%22*%22%5D&maxValuesPerFacet=1&hitsPerPage=0&query=",
    }))
    .await;

    let names: Vec<_> = answer["facets"].as_object().unwrap().keys().map(String::as_str).collect();
    for name in [
        "brand",
        "categories.lvl0",
        "categories.lvl1",
        "category",
        "colour",
        "in_stock",
        "price",
        "seller",
    ] {
        assert!(names.contains(&name), "{name} is not among {names:?}");
    }
    assert_eq!(answer["facets"]["categories.lvl0"], json!({ "زهور": 2 }));
    assert_eq!(
        (titles(&answer), &answer["nbHits"], &answer["nbPages"]),
        (vec![], &json!(3), &json!(0))
    );
}

#[tokio::test]
async fn pages_are_reached_by_number_and_orders_by_the_name_of_the_index() {
    let shop = Shop::open().await;
    let page =
        |index: &str, page: u32| json!({ "indexName": index, "page": page, "hitsPerPage": 2 });

    let pages = [page("products_kw_en_price_asc", 0), page("products_kw_en_price_asc", 1)];
    let [first, second] = queries(&shop, pages).await;
    let others = [page("products_kw_en_price_asc", 2), page("products_kw_en_price_desc", 0)];
    let [behind, dearest] = queries(&shop, others).await;

    assert_eq!(titles(&first), ["White Rose", "Red Rose"]);
    assert_eq!(titles(&second), ["Desk Lamp"]);
    assert_eq!(titles(&behind), Vec::<&str>::new());
    assert_eq!(titles(&dearest), ["Desk Lamp", "Red Rose"]);
    for answer in [first, second, behind] {
        assert_eq!((&answer["nbHits"], &answer["nbPages"]), (&json!(3), &json!(2)));
    }
}

#[tokio::test]
async fn prices_narrow_in_the_main_unit_of_the_currency() {
    let shop = Shop::open().await;
    let priced = |numeric: Value| {
        json!({
            "indexName": "products_kw_en_price_asc", "numericFilters": numeric, "facets": ["price"],
        })
    };

    let narrowed = [priced(json!(["price>=9", "price<=12.5"])), priced(json!(["price>30"]))];
    let [some, none] = queries(&shop, narrowed).await;

    assert_eq!(titles(&some), ["White Rose", "Red Rose"]);
    assert_eq!(some["facets_stats"]["price"], json!({ "min": 9.0, "max": 12.5 }));
    assert_eq!((&none["nbHits"], &none["facets_stats"]), (&json!(0), &json!({})));
}

#[tokio::test]
async fn a_page_says_which_members_of_a_hit_it_wants() {
    let shop = Shop::open().await;

    let answer = query(
        &shop,
        json!({
            "indexName": "products_kw_en", "query": "red rose", "attributesToRetrieve": ["title"],
            "attributesToHighlight": [], "attributesToSnippet": ["description:10"],
        }),
    )
    .await;

    let hit = &answer["hits"][0];
    let names: Vec<_> = hit.as_object().unwrap().keys().collect();
    assert_eq!(names, ["_snippetResult", "objectID", "title"]);
    assert_eq!(hit["_snippetResult"]["description"]["matchLevel"], "full");
}

#[tokio::test]
async fn values_of_a_facet_are_searched() {
    let shop = Shop::open().await;
    let facet = json!({ "indexName": "products_kw_en", "type": "facet", "facet": "colour", "facetQuery": "re" });

    let among = query(&shop, facet).await;
    let alone =
        post(&shop, "products_kw_en/facets/category/query", &json!({ "params": "facetQuery=" }))
            .await;
    let one = post(&shop, "products_kw_en/query", &json!({ "params": "query=lamp" })).await;

    let hit = json!({ "value": "Red", "highlighted": "<em>Re</em>d", "count": 1 });
    assert_eq!(among["facetHits"], json!([hit]));
    assert_eq!(alone.json()["facetHits"].as_array().unwrap().len(), 3);
    assert_eq!(titles(&one.json()), ["Desk Lamp"]);
}

#[tokio::test]
async fn finished_queries_are_an_index_of_their_own() {
    let shop = Shop::open().await;

    let answer =
        query(&shop, json!({ "indexName": "products_kw_en_suggestions", "query": "whi" })).await;

    let hit = &answer["hits"][0];
    assert_eq!(hit["query"], "white");
    assert_eq!(hit["_highlightResult"]["query"]["value"], "<em>whi</em>te");
}

#[tokio::test]
async fn errors_are_a_message_and_the_status() {
    let shop = Shop::open().await;
    let cases = [
        (json!({ "indexName": "products_xx" }), 404, "Index products_xx does not exist"),
        (json!({ "indexName": "products_kw", "facets": ["mood"] }), 400, "mood"),
        (json!({ "indexName": "products_kw", "facetFilters": ["brand:-x"] }), 400, "missing"),
        (json!({ "indexName": "products_kw", "hitsPerPage": 1001 }), 400, "from 0 to 1000"),
        (json!({ "indexName": "products_kw", "query": "x".repeat(513) }), 400, "512"),
        (json!({ "query": "rose" }), 400, "indexName"),
    ];

    for (case, status, message) in cases {
        let answer = post(&shop, "*/queries", &json!({ "requests": [case] })).await;

        assert_eq!((answer.status.as_u16(), &answer.json()["status"]), (status, &json!(status)));
        assert_eq!(answer.header("content-type"), "application/json");
        assert!(answer.json()["message"].as_str().unwrap().contains(message), "{}", answer.text);
    }
    for body in [
        json!([]),
        json!({}),
        json!({ "requests": [1] }),
        json!({ "requests": vec![json!({}); 51] }),
    ] {
        assert_eq!(post(&shop, "*/queries", &body).await.status.as_u16(), 400, "{body}");
    }
    let deep = json!({ "indexName": "products_kw", "page": 1, "hitsPerPage": 500 });
    assert_eq!(
        post(&shop, "*/queries", &json!({ "requests": vec![deep; 11] })).await.status.as_u16(),
        400
    );
    assert_eq!(
        post(&shop, "products_kw/queries", &json!({ "requests": [] })).await.status.as_u16(),
        404
    );
}

#[tokio::test]
async fn what_a_page_sends_to_show_one_search_is_logged_as_one() {
    let shop = Shop::open().await;
    let count = json!({ "indexName": "products_kw_en", "query": "rose", "hitsPerPage": 0, "analytics": false });
    let search = json!({ "indexName": "products_kw_en", "query": "rose", "userToken": "a" });

    queries(&shop, [count.clone(), search.clone(), search, count.clone()]).await;
    queries(&shop, [count]).await;
    shop.app.flush().await.unwrap();

    let logged =
        "select count(*) from searches where query = 'rose' and visitor = 'a' and total = 2";
    assert_eq!(shop.db.count(logged).await, 1);
    assert_eq!(shop.db.count("select count(*) from searches").await, 1);
}

#[tokio::test]
async fn pages_of_the_sites_that_are_named_may_ask() {
    let shop = Shop::open().await;
    let app = App::new(shop.app.db.clone(), shop.app.engine.clone(), "secret");
    let app = Arc::new(app.with_origins("https://flowers.example".parse().unwrap()));
    let router = with_layers(router(app.clone()), &app);
    let shop = shop.serving(router);
    let ask = async |method: Method, origin: &str, index: &str| {
        let body = json!({ "requests": [{ "indexName": index }] }).to_string();
        let request =
            Request::builder().method(method).uri("/1/indexes/*/queries").header("origin", origin);
        let request =
            request.header("access-control-request-method", "POST").body(Body::from(body));
        let answer = shop.send(request.unwrap()).await;
        answer.header("access-control-allow-origin").to_owned()
    };

    for method in [Method::POST, Method::OPTIONS] {
        assert_eq!(
            ask(method.clone(), "https://flowers.example", "products_kw").await,
            "https://flowers.example"
        );
        assert_eq!(ask(method, "https://other.example", "products_kw").await, "");
    }
    assert_eq!(
        ask(Method::POST, "https://flowers.example", "nothing").await,
        "https://flowers.example"
    );
}
