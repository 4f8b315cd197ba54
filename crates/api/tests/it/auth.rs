//! How customers come in, as their clients meet it.

use axum::body::Body;
use axum::http::{Method, Request};
use serde_json::{Value, json};
use souk_commerce::customers::code_to_send;

use crate::fixture::{Answer, Shop};

pub(crate) const EMAIL: &str = "noor@example.com";
pub(crate) const PHONE: &str = "+96522222222";

/// A request with a JSON body, as somebody with this session where there is one.
pub(crate) async fn ask(
    shop: &Shop,
    session: Option<&str>,
    method: Method,
    path: &str,
    body: &Value,
) -> Answer {
    ask_with(shop, session, method, path, body, &[]).await
}

pub(crate) async fn ask_with(
    shop: &Shop,
    session: Option<&str>,
    method: Method,
    path: &str,
    body: &Value,
    headers: &[(&str, &str)],
) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    request = request.header("content-type", "application/json");
    if let Some(token) = session {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    shop.send(request.body(Body::from(body.to_string())).unwrap()).await
}

pub(crate) async fn post(shop: &Shop, path: &str, body: &Value) -> Answer {
    ask(shop, None, Method::POST, path, body).await
}

/// The one code that is on its way, as its messenger would read it.
pub(crate) async fn code(shop: &Shop) -> String {
    let id = shop.db.count("select max(id) from customer_codes").await;
    let mut connection = shop.app.connection().await.unwrap();
    code_to_send(&mut connection, &shop.app.door.key, id).await.unwrap().unwrap().code
}

/// Comes in with a code; gives the answer of the log-in.
pub(crate) async fn enter(shop: &Shop, contact: &Value, more: &Value) -> Value {
    let sent = post(shop, "/v1/auth/codes", contact).await;
    assert_eq!(sent.status, 202, "{}", sent.text);
    let mut body = contact.clone();
    body["code"] = code(shop).await.into();
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    let entered = post(shop, "/v1/auth/login", &body).await;
    assert_eq!(entered.status, 200, "{}", entered.text);
    entered.json()
}

fn without_trace(answer: &Answer) -> Value {
    let mut body = answer.json();
    body["trace_id"] = Value::Null;
    body
}

#[tokio::test]
async fn a_guest_comes_in_with_a_code_and_goes_out() {
    let shop = Shop::closed().await;

    let entered = enter(&shop, &json!({"phone": "00965 2222 2222"}), &json!({"lang": "ar"})).await;
    let token = entered["token"].as_str();
    let me = ask(&shop, token, Method::GET, "/v1/me", &json!({})).await;
    let out = ask(&shop, token, Method::POST, "/v1/auth/logout", &json!({})).await;
    let after = ask(&shop, token, Method::GET, "/v1/me", &json!({})).await;

    assert_eq!((&entered["new"], &entered["carts"]), (&json!(true), &json!([])));
    assert_eq!(me.json(), entered["customer"]);
    assert_eq!((&me.json()["phone"], &me.json()["lang"]), (&json!(PHONE), &json!("ar")));
    assert_eq!(me.header("cache-control"), "no-store");
    assert_eq!(out.status, 204);
    assert_eq!((after.status.as_u16(), after.code().as_str()), (401, "unauthenticated"));
}

#[tokio::test]
async fn nothing_tells_a_known_customer_from_an_unknown_one() {
    let shop = Shop::closed().await;
    let code = {
        post(&shop, "/v1/auth/codes", &json!({"email": EMAIL})).await;
        code(&shop).await
    };
    let known = json!({"email": EMAIL, "code": code, "password": "correct horse", "name": "Noor"});
    assert_eq!(post(&shop, "/v1/auth/register", &known).await.status, 200);
    shop.db.run("delete from customer_codes").await;

    for (path, more) in [
        ("/v1/auth/codes", json!({})),
        ("/v1/auth/codes", json!({})),
        ("/v1/auth/login", json!({"password": "not the password"})),
        ("/v1/auth/login", json!({"code": "not a code"})),
        ("/v1/auth/register", json!({"code": "not a code", "password": "another horse"})),
        ("/v1/auth/register", json!({"code": "not a code", "password": "short"})),
    ] {
        let with = |email: &str| {
            let mut body = more.clone();
            body["email"] = email.into();
            body
        };
        let known = post(&shop, path, &with(EMAIL)).await;
        let unknown = post(&shop, path, &with("nobody@example.com")).await;

        assert_eq!(known.status, unknown.status, "{path} {more}");
        if known.status == 202 {
            assert_eq!(known.text, unknown.text);
        } else {
            assert_eq!(without_trace(&known), without_trace(&unknown), "{path} {more}");
        }
    }
}

#[tokio::test]
async fn what_is_tried_too_often_has_to_wait() {
    let shop = Shop::closed().await;
    let email = json!({"email": EMAIL});
    let guess = json!({"email": EMAIL, "password": "a guess"});

    post(&shop, "/v1/auth/codes", &email).await;
    let again = post(&shop, "/v1/auth/codes", &email).await;
    for _ in 0..10 {
        assert_eq!(post(&shop, "/v1/auth/login", &guess).await.code(), "wrong_credentials");
    }
    let refused = post(&shop, "/v1/auth/login", &guess).await;

    for (answer, most) in [(again, 60), (refused, 900)] {
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (429, "too_many_requests"));
        let seconds: u32 = answer.header("retry-after").parse().unwrap();
        assert!((1..=most).contains(&seconds), "{seconds}");
    }
}

#[tokio::test]
async fn a_guests_cart_is_the_customers_once_its_secret_is_shown() {
    let shop = Shop::open().await;
    let guest = post(&shop, "/v1/KW/carts", &json!({})).await.json();
    let lines = format!("/v1/carts/{}/lines", guest["id"].as_str().unwrap());
    let secret = guest["secret"].as_str().unwrap();
    let line = json!({"offer_id": "1", "quantity": 2});
    let added =
        ask_with(&shop, None, Method::POST, &lines, &line, &[("x-cart-secret", secret)]).await;
    assert_eq!(added.status, 200, "{}", added.text);

    let forged = json!({"cart": {"id": guest["id"], "secret": "made up"}});
    let nothing = enter(&shop, &json!({"email": "thief@example.com"}), &forged).await;
    let own = json!({"cart": {"id": guest["id"], "secret": secret}});
    let entered = enter(&shop, &json!({"email": EMAIL}), &own).await;

    assert_eq!(nothing["carts"], json!([]));
    assert_eq!(entered["carts"][0]["id"], guest["id"]);
    assert_eq!(entered["carts"][0]["secret"], guest["secret"]);
    let token = entered["token"].as_str();
    let second = ask(&shop, token, Method::POST, "/v1/KW/carts", &json!({})).await.json();
    let carts = ask(&shop, token, Method::GET, "/v1/me/carts", &json!({})).await.json();
    assert_eq!(carts["items"][0]["id"], second["id"], "the last changed is first");
    assert_eq!(carts["items"][1]["id"], guest["id"]);
}

#[tokio::test]
async fn either_an_address_or_a_number_is_asked_for() {
    let shop = Shop::closed().await;

    for (body, code) in [
        (json!({}), "missing_field"),
        (json!({"email": EMAIL, "phone": PHONE}), "missing_field"),
        (json!({"email": "noor"}), "invalid_value"),
        (json!({"email": "noor@example.com\nBcc: all@example.com"}), "invalid_value"),
        (json!({"phone": "22222222"}), "invalid_value"),
        (json!({"email": EMAIL, "lang": "xx"}), "invalid_value"),
        (json!({"email": EMAIL, "admin": true}), "unknown_field"),
    ] {
        let refused = post(&shop, "/v1/auth/codes", &body).await;
        assert_eq!((refused.status.as_u16(), refused.code().as_str()), (400, code), "{body}");
    }
    assert_eq!(shop.db.count("select count(*) from outbox").await, 0);
}

#[tokio::test]
async fn sessions_of_staff_and_of_customers_open_only_their_own_doors() {
    let shop = Shop::closed().await;
    shop.hire("boss@example.com", souk_commerce::staff::Role::Admin).await;
    let boss = json!({"email": "boss@example.com", "password": crate::fixture::PASSWORD});
    let staff = post(&shop, "/v1/auth/staff/session", &boss).await.json();
    let customer = enter(&shop, &json!({"email": EMAIL}), &json!({})).await;

    let as_staff = ask(&shop, staff["token"].as_str(), Method::GET, "/v1/me", &json!({})).await;
    let as_customer =
        ask(&shop, customer["token"].as_str(), Method::GET, "/v1/admin/audit", &json!({})).await;

    assert_eq!((as_staff.status.as_u16(), as_customer.status.as_u16()), (401, 401));
}
