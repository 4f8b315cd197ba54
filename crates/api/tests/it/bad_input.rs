//! Whatever is sent, the answer is a problem document with a stable code, and never a 500.

use axum::body::Body;
use axum::http::{Request, header};

use crate::fixture::Shop;

/// Query, the code of its problem, and the pointer of its first field.
const BAD_SEARCHES: [(&str, &str, &str); 32] = [
    ("foo=1", "unknown_field", "/foo"),
    ("Q=rose", "unknown_field", "/Q"),
    ("filter[]=a", "unknown_field", "/filter[]"),
    ("q=a&q=b", "invalid_value", "/q"),
    ("q=%FF", "invalid_encoding", "/q"),
    ("q=%D8%00", "invalid_encoding", "/q"),
    ("q=%", "invalid_encoding", "/q"),
    ("q=%zz", "invalid_encoding", "/q"),
    ("%FF=1", "invalid_encoding", "/%FF"),
    ("limit=-1", "out_of_range", "/limit"),
    ("limit=0", "out_of_range", "/limit"),
    ("limit=101", "out_of_range", "/limit"),
    ("limit=99999999999999999999", "invalid_value", "/limit"),
    ("limit=ten", "invalid_value", "/limit"),
    ("limit=1.5", "invalid_value", "/limit"),
    ("lang=xx", "invalid_value", "/lang"),
    ("lang=AR", "invalid_value", "/lang"),
    ("date=tomorrow", "invalid_value", "/date"),
    ("date=2026-02-30", "invalid_value", "/date"),
    ("date=2026-02-14", "missing_field", "/city"),
    ("city=abc", "invalid_value", "/city"),
    ("city=1", "unknown_city", "/city"),
    ("category=nowhere", "unknown_category", "/category"),
    ("sort=best", "invalid_value", "/sort"),
    ("min_position=now", "invalid_value", "/min_position"),
    ("explain=yes", "invalid_value", "/explain"),
    ("cursor=AAAA", "invalid_cursor", "/cursor"),
    ("cursor=%F0%9F%8C%B9", "invalid_cursor", "/cursor"),
    ("filter=colour", "bad_filter", "/filter"),
    ("filter=price:abc", "bad_filter", "/filter"),
    ("filter=shape:round", "unknown_field", "/filter"),
    ("facets=shape", "unknown_field", "/facets"),
];

#[tokio::test]
async fn each_bad_search_gets_its_code_and_pointer() {
    let shop = Shop::open().await;

    for (query, code, pointer) in BAD_SEARCHES {
        let answer = shop.get(&format!("/v1/KW/search?{query}")).await;

        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (400, code), "{query}");
        assert_eq!(answer.json()["errors"][0]["pointer"], pointer, "{query}");
    }
}

#[tokio::test]
async fn what_is_too_much_is_refused_with_its_limit() {
    let shop = Shop::open().await;
    let long = "a".repeat(10_000);
    let facets = vec!["category"; 21].join(",");
    let filters = vec!["filter=colour:red"; 51].join("&");
    let cases = [
        (format!("q={long}"), "too_long", "/q"),
        (format!("q={}", "%D9%88".repeat(513)), "too_long", "/q"),
        (format!("facets={facets}"), "too_many", "/facets"),
        (filters, "too_many", "/filter"),
        (format!("cursor={long}"), "invalid_cursor", "/cursor"),
    ];

    for (query, code, pointer) in cases {
        for path in ["/v1/KW/search", "/v1/KW/suggest"] {
            if path.ends_with("suggest") && !query.starts_with("q=") {
                continue;
            }
            let answer = shop.get(&format!("{path}?{query}")).await;

            assert_eq!((answer.status.as_u16(), answer.code().as_str()), (400, code), "{pointer}");
            assert_eq!(answer.json()["errors"][0]["pointer"], pointer);
        }
    }
}

#[tokio::test]
async fn an_answer_names_everything_that_is_wrong() {
    let shop = Shop::open().await;

    let answer = shop.get("/v1/KW/search?limit=0&lang=xx&date=x").await;

    assert_eq!(answer.code(), "invalid_request");
    assert_eq!(answer.json()["errors"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn unknown_markets_products_and_paths_are_told_apart_by_nothing() {
    let shop = Shop::open().await;
    let missing = [
        "/v1/XX/search",
        "/v1/kw/search",
        "/v1/kuwait/search",
        "/v1/XX/suggest?q=a",
        "/v1/XX/categories",
        "/v1/XX/products/1",
        "/v1/KW/products/99",
        "/v1/KW/products/abc",
        "/v1/KW/products/99999999999999999999",
        "/v1/KW/products/4",
        "/v1/GB/products/1",
        "/v1/KW/nothing",
        "/v1",
        "/v2/markets",
        "/nothing",
    ];

    for path in missing {
        let answer = shop.get(path).await;

        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (404, "not_found"), "{path}");
        assert_eq!(answer.json()["detail"], "nothing is found here", "{path}");
    }
}

#[tokio::test]
async fn a_path_that_is_not_text_is_refused() {
    let shop = Shop::open().await;

    for path in ["/v1/%FF/search", "/v1/KW/products/%00", "/v1/KW/products/%F0%28"] {
        assert_eq!(shop.get(path).await.code(), "invalid_encoding", "{path}");
    }
}

#[tokio::test]
async fn bad_values_elsewhere_are_refused_alike() {
    let shop = Shop::open().await;
    let cases = [
        ("/v1/markets?lang=xx", "invalid_value"),
        ("/v1/markets?limit=1", "unknown_field"),
        ("/v1/KW/suggest?limit=21", "out_of_range"),
        ("/v1/KW/suggest?city=1", "unknown_city"),
        ("/v1/KW/categories?city=1", "unknown_city"),
        ("/v1/KW/categories?foo", "unknown_field"),
        ("/v1/KW/products/1?city=2643743", "unknown_city"),
        ("/v1/KW/products/1?date=1", "invalid_value"),
    ];

    for (path, code) in cases {
        let answer = shop.get(path).await;

        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (400, code), "{path}");
    }
}

#[tokio::test]
async fn each_bad_body_gets_its_status_and_code() {
    let shop = Shop::closed().await;
    let huge = format!("{{\"email\": \"{}\"}}", "a".repeat(70_000));
    let json = "application/json";
    let cases: [(&str, &str, u16, &str); 9] = [
        ("text/plain", "{}", 415, "unsupported_media_type"),
        (json, "{", 400, "invalid_json"),
        (json, "[]", 400, "invalid_value"),
        (json, "{}", 400, "missing_field"),
        (json, r#"{"email":"a@b.c","password":1}"#, 400, "invalid_value"),
        (json, r#"{"email":"a@b.c","password":"x","admin":true}"#, 400, "unknown_field"),
        (json, r#"{"email":"a\u0000@b.c","password":"x"}"#, 400, "invalid_encoding"),
        (json, r#"{"email":"a@b.c","password":"not it"}"#, 401, "wrong_credentials"),
        (json, &huge, 413, "body_too_large"),
    ];

    for (media_type, body, status, code) in cases {
        let request = Request::post("/v1/auth/staff/session")
            .header(header::CONTENT_TYPE, media_type)
            .body(Body::from(body.to_owned()))
            .unwrap();
        let answer = shop.send(request).await;

        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (status, code));
    }
}

#[tokio::test]
async fn a_body_that_is_no_object_is_refused_in_fixed_words() {
    let shop = Shop::closed().await;

    for body in ["[]", r#" ["noor@example.com","x"]"#, r#""text""#, "1", "null"] {
        let request = Request::post("/v1/auth/staff/session")
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(body))
            .unwrap();
        let answer = shop.send(request).await;

        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (400, "invalid_value"));
        assert_eq!(answer.json()["errors"][0]["detail"], "the body must be a JSON object");
        assert!(!answer.text.contains("struct"), "{}", answer.text);
    }
}

#[tokio::test]
async fn a_large_body_is_refused_by_what_it_announces_too() {
    let shop = Shop::closed().await;
    let request = Request::post("/v1/auth/staff/session")
        .header(header::CONTENT_LENGTH, "1000000")
        .body(Body::empty())
        .unwrap();

    let answer = shop.send(request).await;

    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (413, "body_too_large"));
}
