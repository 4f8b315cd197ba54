//! Storefront and office pages: server-rendered, in four languages, usable without JavaScript and at 390 px.
//!
//! A page calls the same pipeline as the API route of its name, turns the answer into a template's fields and
//! renders it. **Invariants**: no text stands outside `text`; nothing inline runs (the content security policy
//! forbids it); nothing is fetched from elsewhere but photographs; styles know start and end, not left and right.

mod address;
mod assets;
mod caller;
mod cards;
mod format;
mod frame;
mod home;
mod markets;
mod office;
mod options;
mod page;
mod pictures;
mod products;
mod refusal;
#[cfg(test)]
mod sample;
mod search;
mod still;
mod suggest;
mod text;
mod visit;

use axum::Router;
use axum::middleware::map_response;
use axum::routing::get;
use souk_api::{AppState, Error};
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;

use crate::caller::Caller;
use crate::refusal::Refusal;

/// Every page, without layers: merged with the API, which puts its layers around both.
pub fn router(app: AppState) -> Router {
    let pages = Router::new()
        .route("/", get(markets::show))
        .route("/{market}", get(home::show))
        .route("/{market}/search", get(search::show))
        .route("/{market}/c/{category}", get(search::show_category))
        .route("/{market}/p/{slug}", get(products::show))
        .route("/{market}/suggest", get(suggest::show))
        .merge(office::routes())
        .fallback(nowhere)
        .layer(map_response(page::protect));
    Router::new()
        .route("/pictures/{still_life}/{colour}/{file}", get(pictures::show))
        .route("/assets/{name}", get(assets::show))
        .merge(pages)
        // A drawn bouquet is 20 KB plain and 3 KB packed; the API's short answers are not worth the time.
        .layer(CompressionLayer::new().quality(CompressionLevel::Fastest))
        .with_state(app)
}

/// The page for addresses that lead nowhere.
async fn nowhere(caller: Caller) -> Refusal {
    Refusal::plain(caller.lang(), &caller.address, Error::NotFound)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use axum::body::Body;
    use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION};
    use axum::http::{HeaderName, Request, StatusCode, request};
    use axum::response::Response;
    use souk_api::App;
    use souk_commerce::Db;
    use souk_search::Engine;
    use tower::ServiceExt as _;

    use super::*;

    /// A shop whose catalogue has not been read yet and whose database does not answer.
    fn opening_shop() -> Router {
        let db = Db::connect_lazy("postgres://nobody@127.0.0.1:1/none").unwrap();
        let engine = Arc::new(Engine::new());
        let app = Arc::new(App::new(db, engine, "a secret of thirty-two characters"));
        souk_api::router(app.clone()).merge(router(app))
    }

    async fn ask(request: request::Builder) -> Response {
        opening_shop().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
    }

    async fn page(path: &str) -> Response {
        ask(Request::get(path)).await
    }

    fn header(response: &Response, name: HeaderName) -> &str {
        response.headers()[name].to_str().unwrap()
    }

    #[tokio::test]
    async fn before_the_catalogue_is_read_pages_say_that_the_shop_is_opening() {
        for path in ["/", "/KW", "/KW/search?q=rose", "/KW/c/roses", "/KW/p/rose", "/KW/suggest"] {
            let response = page(path).await;

            assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE, "{path}");
            assert!(header(&response, CONTENT_TYPE).starts_with("text/html"));
            assert!(header(&response, CONTENT_SECURITY_POLICY).contains("default-src 'none'"));
        }
    }

    #[tokio::test]
    async fn an_address_that_leads_nowhere_is_a_page() {
        let response = page("/no/such/page/here").await;

        assert_eq!(response.status(), StatusCode::NOT_FOUND);
        assert!(header(&response, CONTENT_TYPE).starts_with("text/html"));
    }

    #[tokio::test]
    async fn files_and_pictures_are_kept_for_good() {
        for path in [assets::url("site.css"), "/pictures/rose/red/7.svg".to_owned()] {
            let response = page(&path).await;

            assert_eq!(response.status(), StatusCode::OK, "{path}");
            assert!(header(&response, CACHE_CONTROL).contains("immutable"));
        }
        for path in ["/assets/site.css", "/pictures/rose/red/seven.svg", "/pictures/rose/red/7"] {
            assert_eq!(page(path).await.status(), StatusCode::NOT_FOUND, "{path}");
        }
    }

    #[tokio::test]
    async fn strangers_are_led_to_the_login() {
        let response = page("/office").await;

        assert_eq!(response.status(), StatusCode::SEE_OTHER);
        assert_eq!(header(&response, LOCATION), "/office/login");
        assert_eq!(page("/office/login").await.status(), StatusCode::OK);
    }

    #[tokio::test]
    async fn forms_of_other_sites_are_refused() {
        for path in ["/office/login", "/office/logout"] {
            let foreign = Request::post(path).header("sec-fetch-site", "cross-site");

            assert_eq!(ask(foreign).await.status(), StatusCode::FORBIDDEN, "{path}");
        }
    }
}
