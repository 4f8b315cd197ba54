//! Which pages of other sites may read.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{Method, Request};
use souk_api::{App, router, with_layers};

use crate::fixture::{Answer, Shop};

/// A shop that lets the pages of these sites read.
async fn shop(origins: &str) -> Shop {
    let shop = Shop::open().await;
    let app = App::new(shop.app.db.clone(), shop.app.engine.clone(), "secret");
    let app = Arc::new(app.with_origins(origins.parse().unwrap()));
    let router = with_layers(router(app.clone()), &app);
    shop.serving(router)
}

async fn from(shop: &Shop, origin: &str, method: Method, path: &str) -> Answer {
    let request = Request::builder().method(method).uri(path).header("origin", origin);
    let request = request.header("access-control-request-method", "GET");
    shop.send(request.body(Body::empty()).unwrap()).await
}

const ALLOWED: &str = "access-control-allow-origin";

#[tokio::test]
async fn the_sites_that_are_named_may_read_and_no_others() {
    let shop = shop("https://flowers.example, http://localhost:3000").await;

    for origin in ["https://flowers.example", "http://localhost:3000"] {
        let read = from(&shop, origin, Method::GET, "/v1/KW/search?q=rose").await;
        let asked = from(&shop, origin, Method::OPTIONS, "/v1/KW/search").await;

        assert_eq!((read.status.as_u16(), read.header(ALLOWED)), (200, origin));
        assert_eq!((asked.status.as_u16(), asked.header(ALLOWED)), (200, origin));
        assert_eq!(asked.header("access-control-allow-methods"), "GET,HEAD");
        assert_eq!(asked.header("access-control-allow-credentials"), "");
    }
    let stranger = from(&shop, "https://other.example", Method::GET, "/v1/markets").await;
    assert_eq!((stranger.status.as_u16(), stranger.header(ALLOWED)), (200, ""));
}

#[tokio::test]
async fn what_changes_something_or_needs_a_session_is_never_opened() {
    let shop = shop("*").await;

    assert_eq!(
        from(&shop, "https://a.example", Method::GET, "/v1/markets").await.header(ALLOWED),
        "*"
    );
    for path in ["/v1/auth/staff/session", "/v1/admin/products", "/livez"] {
        for method in [Method::GET, Method::POST, Method::OPTIONS] {
            let answer = from(&shop, "https://a.example", method, path).await;
            assert_eq!(answer.header(ALLOWED), "", "{path}");
        }
    }
}

#[tokio::test]
async fn without_the_setting_no_site_may_read() {
    let shop = Shop::open().await;

    let answer = from(&shop, "https://a.example", Method::GET, "/v1/markets").await;

    assert_eq!((answer.status.as_u16(), answer.header(ALLOWED)), (200, ""));
}

#[tokio::test]
async fn the_sites_that_are_named_may_tell_events() {
    let shop = shop("https://flowers.example").await;
    let ask = async |origin| from(&shop, origin, Method::OPTIONS, "/v1/events").await;

    let named = ask("https://flowers.example").await;
    assert_eq!(named.header(ALLOWED), "https://flowers.example");
    assert_eq!(named.header("access-control-allow-methods"), "POST");
    assert!(named.header("access-control-allow-headers").contains("content-type"));
    assert_eq!(ask("https://other.example").await.header(ALLOWED), "");
}
