//! Staff sessions, and who may see what.

use axum::body::Body;
use axum::http::{Method, Request, header};
use serde_json::json;
use souk_api::Policy;
use souk_base::Position;
use souk_commerce::staff::Role;

use crate::fixture::{Answer, PASSWORD, Shop};

const SESSION: &str = "/v1/auth/staff/session";

async fn log_in(shop: &Shop, email: &str, password: &str) -> Answer {
    let body = json!({"email": email, "password": password}).to_string();
    let request = Request::post(SESSION).header(header::CONTENT_TYPE, "application/json");
    shop.send(request.body(Body::from(body)).unwrap()).await
}

async fn as_staff(shop: &Shop, method: Method, path: &str, token: &str) -> Answer {
    let request = Request::builder().method(method).uri(path);
    let request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    shop.send(request.body(Body::empty()).unwrap()).await
}

async fn token(shop: &Shop, email: &str) -> String {
    log_in(shop, email, PASSWORD).await.json()["token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_session_is_opened_recognised_and_ended() {
    let shop = Shop::closed().await;
    shop.hire("noor@example.com", Role::Support).await;

    let opened = log_in(&shop, "Noor@Example.com", PASSWORD).await;
    let token = opened.json()["token"].as_str().unwrap().to_owned();
    let recognised = as_staff(&shop, Method::GET, SESSION, &token).await;
    let ended = as_staff(&shop, Method::DELETE, SESSION, &token).await;
    let afterwards = as_staff(&shop, Method::GET, SESSION, &token).await;

    assert_eq!(opened.status, 200);
    assert_eq!(recognised.json()["email"], "noor@example.com");
    assert_eq!(recognised.json()["roles"], json!(["support"]));
    assert_eq!(recognised.header("cache-control"), "no-store");
    assert_eq!(ended.status, 204);
    assert_eq!((afterwards.status.as_u16(), afterwards.code().as_str()), (401, "unauthenticated"));
}

#[tokio::test]
async fn every_write_says_from_which_position_on_it_is_seen() {
    let shop = Shop::closed().await;
    let shop = shop.connected(2).await;
    shop.hire("noor@example.com", Role::Support).await;

    let opened = log_in(&shop, "noor@example.com", PASSWORD).await;
    let token = opened.json()["token"].as_str().unwrap().to_owned();
    let ended = as_staff(&shop, Method::DELETE, SESSION, &token).await;

    let position = |answer: &Answer| answer.header("x-souk-position").parse::<Position>().unwrap();
    assert!(position(&opened) < position(&ended));
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_are_answered_alike() {
    let shop = Shop::closed().await;
    shop.hire("noor@example.com", Role::Support).await;

    let wrong = log_in(&shop, "noor@example.com", "not the password").await;
    let unknown = log_in(&shop, "nobody@example.com", PASSWORD).await;

    assert_eq!((wrong.status.as_u16(), wrong.code().as_str()), (401, "wrong_credentials"));
    assert_eq!((unknown.status.as_u16(), unknown.code().as_str()), (401, "wrong_credentials"));
    assert_eq!(wrong.json()["detail"], unknown.json()["detail"]);
}

#[tokio::test]
async fn after_ten_failures_an_address_has_to_wait() {
    let shop = Shop::closed().await;
    shop.hire("noor@example.com", Role::Support).await;
    for _ in 0..10 {
        assert_eq!(log_in(&shop, "noor@example.com", "not it").await.code(), "wrong_credentials");
    }

    let refused = log_in(&shop, "noor@example.com", PASSWORD).await;

    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (429, "too_many_requests"));
    let seconds: u32 = refused.header("retry-after").parse().unwrap();
    assert!((1..=900).contains(&seconds), "{seconds}");
}

#[tokio::test]
async fn what_cannot_be_an_address_or_a_password_is_just_wrong() {
    let shop = Shop::closed().await;
    let (email, password) = (format!("{}@b.c", "a".repeat(251)), "a".repeat(1_025));

    for (email, password) in [(&*email, PASSWORD), ("noor@example.com", &*password)] {
        let refused = log_in(&shop, email, password).await;
        assert_eq!((refused.status.as_u16(), refused.code().as_str()), (401, "wrong_credentials"));
    }
}

#[tokio::test]
async fn strangers_cannot_learn_what_is_below_the_staff_root() {
    let shop = Shop::open().await;
    let paths =
        ["/v1/admin", "/v1/admin/", "/v1/admin/audit", "/v1/admin/nothing", "/v1/admin/search"];

    for path in paths {
        for method in [Method::GET, Method::POST, Method::DELETE] {
            let answer = as_staff(&shop, method.clone(), path, "made-up").await;

            assert_eq!(answer.status, 401, "{method} {path}");
            assert_eq!(answer.code(), "unauthenticated");
            assert_eq!(answer.header("www-authenticate"), "Bearer");
        }
        assert_eq!(shop.get(path).await.code(), "unauthenticated", "{path}");
    }
}

#[tokio::test]
async fn every_policy_of_the_table_is_enforced_on_its_route() {
    let shop = Shop::open().await;

    for (method, path, policy) in souk_api::policies() {
        let path = filled(&path);
        let request = Request::builder().method(method.as_str()).uri(&path);
        let answer = shop.send(request.body(Body::empty()).unwrap()).await;

        let refused = answer.status == 401;
        assert_eq!(refused, policy != Policy::Public, "{method} {path} {policy:?}");
    }
}

/// A path whose placeholders have values.
fn filled(path: &str) -> String {
    let segments = path.split('/').map(|segment| match segment {
        "{market}" => "KW",
        "{lang}" => "en",
        placeholder if placeholder.starts_with('{') => "1",
        name => name,
    });
    segments.collect::<Vec<_>>().join("/")
}

#[tokio::test]
async fn every_role_may_do_what_its_permissions_say_and_nothing_else() {
    let shop = Shop::closed().await;
    for role in Role::ALL {
        let email = format!("{role}@example.com");
        shop.hire(&email, role).await;
        let token = token(&shop, &email).await;
        for (method, path, policy) in souk_api::policies() {
            let Policy::Staff(permission) = policy else { continue };
            let method = method.parse().unwrap();

            let answer = as_staff(&shop, method, &filled(&path), &token).await;

            let allowed = permission.is_granted(&[role]);
            assert_eq!(answer.status != 403, allowed, "{role} {path} {}", answer.status);
            assert!(answer.status.as_u16() < 500, "{role} {path} {}", answer.text);
        }
    }
}

#[tokio::test]
async fn staff_find_nothing_where_nothing_is() {
    let shop = Shop::open().await;
    shop.hire("noor@example.com", Role::Admin).await;
    let token = token(&shop, "noor@example.com").await;

    for path in ["/v1/admin", "/v1/admin/nothing", "/v1/admin/search"] {
        assert_eq!(as_staff(&shop, Method::GET, path, &token).await.code(), "not_found", "{path}");
    }
}

#[tokio::test]
async fn the_audit_is_shown_to_those_who_may_see_it() {
    let shop = Shop::closed().await;
    shop.hire("admin@example.com", Role::Admin).await;
    shop.hire("books@example.com", Role::Accountant).await;
    shop.hire("help@example.com", Role::Support).await;

    let ask = async |email: &str| {
        let token = token(&shop, email).await;
        as_staff(&shop, Method::GET, "/v1/admin/audit?limit=1", &token).await
    };
    let admin = ask("admin@example.com").await;
    let accountant = ask("books@example.com").await;
    let support = ask("help@example.com").await;

    let record = &admin.json()["items"][0];
    assert_eq!(record["action"], "staff.log_in");
    assert_eq!(record["subject"], "admin@example.com");
    assert_eq!(record["staff"], "Noor");
    assert_eq!(accountant.status, 200);
    assert_eq!((support.status.as_u16(), support.code().as_str()), (403, "forbidden"));
}

#[tokio::test]
async fn the_pages_of_the_audit_follow_each_other_to_the_first_record() {
    let shop = Shop::closed().await;
    shop.hire("admin@example.com", Role::Admin).await;
    shop.hire("books@example.com", Role::Accountant).await;
    let token = token(&shop, "admin@example.com").await;
    let ask = async |query: &str| {
        as_staff(&shop, Method::GET, &format!("/v1/admin/audit?{query}"), &token).await
    };
    let page = async |cursor: &str| {
        let page = ask(&format!("limit=1&cursor={cursor}")).await.json();
        (page["items"][0]["subject"].clone(), page["next"].clone())
    };

    let (first, next) = page("").await;
    // What happens meanwhile belongs before the first page and moves nothing.
    shop.hire("help@example.com", Role::Support).await;
    let (second, next) = page(next.as_str().unwrap()).await;
    let (third, end) = page(next.as_str().unwrap()).await;

    let subjects = ["admin@example.com", "books@example.com", "admin@example.com"];
    assert_eq!([first, second, third], subjects.map(|subject| json!(subject)));
    assert!(end.is_null());
    assert!(ask("limit=4").await.json()["next"].is_null());
    assert_eq!(ask("cursor=AAAA").await.code(), "invalid_cursor");
}
