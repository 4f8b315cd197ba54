//! Storefront and office pages: server-rendered, in four languages, usable without JavaScript and at 390 px.
//!
//! A page calls the same pipeline as the API route of its name, turns the answer into a template's fields and
//! renders it. **Invariants**: no text stands outside `text`; nothing inline runs (the content security policy
//! forbids it); nothing is fetched from elsewhere but photographs; styles know start and end, not left and right.

mod account;
mod address;
mod assets;
mod caller;
mod cards;
mod cart;
mod checkout;
mod events;
mod format;
mod frame;
mod gifts;
mod home;
mod markets;
mod office;
mod options;
mod orders;
mod page;
mod pictures;
mod products;
mod promise;
mod recommended;
mod refusal;
mod routes;
#[cfg(test)]
mod sample;
mod search;
mod still;
mod suggest;
mod text;
mod visit;

use axum::Router;
use axum::middleware::map_response;
use axum::routing::{get, post};
use souk_api::{AppState, Error, Policy};
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;

use crate::caller::Caller;
use crate::refusal::Refusal;
use crate::routes::{Route, forms, guarded, route};

/// Every page, without layers: merged with the API, which puts its layers around both.
pub fn router(app: AppState) -> Router {
    let pages = guarded(pages(), &app)
        .merge(forms(buying(), &app))
        .merge(forms(account::pages(), &app))
        .merge(office::router(&app))
        .fallback(nowhere)
        .layer(map_response(page::protect));
    guarded(files(), &app)
        .merge(pages)
        // A drawn bouquet is 20 KB plain and 3 KB packed; the API's short answers are not worth the time.
        .layer(CompressionLayer::new().quality(CompressionLevel::Fastest))
        .with_state(app)
}

/// The storefront's pages.
fn pages() -> Vec<Route> {
    vec![
        route("/", Policy::Public, get(markets::show)),
        route("/{market}", Policy::Public, get(home::show)),
        route("/{market}/search", Policy::Public, get(search::show)),
        route("/{market}/c/{category}", Policy::Public, get(search::show_category)),
        route("/{market}/p/{slug}", Policy::Public, get(products::show)),
        route("/{market}/suggest", Policy::Public, get(suggest::show)),
        route("/{market}/events", Policy::Public, post(events::take)),
    ]
}

/// The pages of those who buy: carts, checkouts and orders of guests, each reached by its secret.
fn buying() -> Vec<Route> {
    vec![
        route("/{market}/cart", Policy::Public, get(cart::show_own).post(cart::add)),
        route("/cart/{id}", Policy::Public, get(cart::show).post(cart::save)),
        route("/checkout/{id}", Policy::Public, get(checkout::show).post(checkout::save)),
        route(
            "/checkout/{id}/payment",
            Policy::Public,
            get(checkout::payment::show).post(checkout::payment::buy),
        ),
        route("/gift/{token}", Policy::Public, get(gifts::show).post(gifts::say)),
        route("/orders/{number}", Policy::Public, get(orders::show)),
        route("/orders/{number}/pay", Policy::Public, get(orders::hand_over)),
        route("/orders/{number}/payments", Policy::Public, post(orders::pay)),
        route("/orders/{number}/cancel", Policy::Public, post(orders::cancel)),
    ]
}

/// What pages are made of besides HTML.
fn files() -> Vec<Route> {
    vec![
        route("/pictures/{still_life}/{colour}/{file}", Policy::Public, get(pictures::show)),
        route("/assets/{name}", Policy::Public, get(assets::show)),
    ]
}

/// The page for addresses that lead nowhere.
async fn nowhere(caller: Caller) -> Refusal {
    Refusal::plain(caller.lang(), &caller.address, Error::NotFound)
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::header::{
        CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, SET_COOKIE,
    };
    use axum::http::{HeaderName, Request, StatusCode, request};
    use axum::response::Response;
    use tower::ServiceExt as _;

    use super::*;

    /// A shop whose catalogue has not been read yet and whose database does not answer.
    fn opening_shop() -> Router {
        let app = sample::opening();
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
    async fn who_is_not_logged_in_is_led_to_the_door_of_their_market() {
        for path in ["/KW/account", "/KW/account/profile", "/KW/account/favourites?x=1"] {
            let response = page(path).await;

            assert_eq!(response.status(), StatusCode::SEE_OTHER, "{path}");
            assert_eq!(header(&response, LOCATION), "/KW/account/login");
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
    async fn forms_of_other_sites_are_refused_with_a_page() {
        for path in
            ["/office/login", "/office/logout", "/KW/cart", "/cart/1", "/orders/KW-1/cancel"]
        {
            let response = ask(Request::post(path).header("sec-fetch-site", "cross-site")).await;

            assert_eq!(response.status(), StatusCode::FORBIDDEN, "{path}");
            assert!(header(&response, CONTENT_TYPE).starts_with("text/html"));
        }
    }

    #[tokio::test]
    async fn addresses_that_cannot_be_read_are_not_found() {
        for path in ["/KW/p/%00", "/KW/c/%00", "/KW/p/%FF", "/KW/c/%FF", "/%FF", "/KW/p/a%00b"] {
            let response = page(path).await;

            assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
            assert!(header(&response, CONTENT_TYPE).starts_with("text/html"), "{path}");
        }
        for path in ["/pictures/%FF/red/1.svg", "/assets/%FF", "/pictures/%00/%00/1.svg%00"] {
            assert_eq!(page(path).await.status(), StatusCode::NOT_FOUND, "{path}");
        }
    }

    #[tokio::test]
    async fn credentials_that_nobody_can_have_are_wrong_ones() {
        let long = format!("email={}&password=x", "a".repeat(255));
        for form in ["email=a%00&password=x", "email=a@b.c", "", &long] {
            let request = Request::post("/office/login")
                .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(Body::from(form.to_owned()))
                .unwrap();
            let response = opening_shop().oneshot(request).await.unwrap();

            assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{form}");
            assert!(header(&response, CONTENT_TYPE).starts_with("text/html"), "{form}");
            assert!(!response.headers().contains_key(SET_COOKIE));
        }
        let response = ask(Request::post("/office/login")).await;
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    }
}
