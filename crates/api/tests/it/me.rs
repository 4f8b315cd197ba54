//! What belongs to a customer, and to nobody else.

use axum::http::Method;
use serde_json::{Value, json};

use crate::auth::{EMAIL, PHONE, ask, ask_with, code, enter, post};
use crate::fixture::{Answer, KUWAIT_CITY, Shop};

/// A customer with a session.
struct Member<'a> {
    shop: &'a Shop,
    token: String,
}

impl<'a> Member<'a> {
    async fn of(shop: &'a Shop, contact: &Value) -> Member<'a> {
        let entered = enter(shop, contact, &json!({})).await;
        Member { shop, token: entered["token"].as_str().unwrap().to_owned() }
    }

    async fn ask(&self, method: Method, path: &str, body: &Value) -> Answer {
        ask(self.shop, Some(&self.token), method, path, body).await
    }

    async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path, &json!({})).await
    }
}

fn home() -> Value {
    json!({
        "label": "Home", "city": KUWAIT_CITY.to_string(), "address": {"area": "Salmiya", "block": "1"},
        "location": {"lat": 29.33, "lon": 48.08},
    })
}

#[tokio::test]
async fn a_name_a_language_and_a_number_are_changed_by_their_owner() {
    let shop = Shop::closed().await;
    let noor = Member::of(&shop, &json!({"email": EMAIL})).await;

    let named = noor.ask(Method::PATCH, "/v1/me", &json!({"name": " Noor ", "lang": "kk"})).await;
    post(&shop, "/v1/auth/codes", &json!({"phone": PHONE})).await;
    let code = code(&shop).await;
    let wrong = noor.ask(Method::PUT, "/v1/me/phone", &json!({"phone": PHONE, "code": "x"})).await;
    let right = noor.ask(Method::PUT, "/v1/me/phone", &json!({"phone": PHONE, "code": code})).await;

    assert_eq!((&named.json()["name"], &named.json()["lang"]), (&json!("Noor"), &json!("kk")));
    assert_eq!((wrong.status.as_u16(), wrong.code().as_str()), (401, "wrong_credentials"));
    assert_eq!(right.json()["phone"], PHONE);
    assert_eq!(noor.get("/v1/me").await.json(), right.json());
}

#[tokio::test]
async fn a_password_is_set_and_every_session_can_be_ended() {
    let shop = Shop::closed().await;
    let noor = Member::of(&shop, &json!({"email": EMAIL})).await;
    let put = async |body: Value| noor.ask(Method::PUT, "/v1/me/password", &body).await;

    assert_eq!(put(json!({"password": "short"})).await.code(), "invalid_value");
    assert_eq!(put(json!({"password": "correct horse"})).await.status, 204);
    assert_eq!(put(json!({"password": "another horse"})).await.code(), "wrong_credentials");
    let body = json!({"email": EMAIL, "password": "correct horse"});
    let phone = post(&shop, "/v1/auth/login", &body).await.json();
    assert_eq!(noor.ask(Method::DELETE, "/v1/me/sessions", &json!({})).await.status, 204);

    let after = ask(&shop, phone["token"].as_str(), Method::GET, "/v1/me", &json!({})).await;
    assert_eq!((after.status.as_u16(), noor.get("/v1/me").await.status.as_u16()), (401, 401));
}

#[tokio::test]
async fn an_address_book_is_kept_changed_and_emptied() {
    let shop = Shop::closed().await;
    let noor = Member::of(&shop, &json!({"email": EMAIL})).await;

    let address = noor.ask(Method::POST, "/v1/me/addresses", &home()).await;
    assert_eq!(address.status, 201, "{}", address.text);
    let address = address.json();
    assert_eq!((&address["market"], &address["location"]["lat"]), (&json!("KW"), &json!(29.33)));
    let mama = json!({"name": "Mama", "phone": "+965 1111 1111", "address_id": address["id"]});
    let mama = noor.ask(Method::POST, "/v1/me/recipients", &mama).await.json();
    let day = json!({"title": "Birthday", "date": "1960-02-29", "recipient_id": mama["id"]});
    let day = noor.ask(Method::POST, "/v1/me/occasions", &day).await.json();
    assert_eq!((&day["yearly"], &day["remind_days"]), (&json!(true), &json!(7)));
    assert!(day["next"].as_str().unwrap() > "2026", "{day}");

    let id = |entry: &Value| entry["id"].as_str().unwrap().to_owned();
    let path = format!("/v1/me/addresses/{}", id(&address));
    let moved = json!({"city": KUWAIT_CITY.to_string(), "address": "Block 2"});
    let moved = noor.ask(Method::PUT, &path, &moved).await.json();
    assert_eq!((&moved["address"], &moved["label"]), (&json!("Block 2"), &json!("")));
    assert_eq!(noor.get("/v1/me/addresses").await.json()["items"], json!([moved]));
    assert_eq!(noor.ask(Method::DELETE, &path, &json!({})).await.status, 204);
    let recipients = noor.get("/v1/me/recipients").await.json();
    assert_eq!(recipients["items"][0]["address_id"], Value::Null);
    let path = format!("/v1/me/occasions/{}", id(&day));
    let changed = json!({"title": "Name day", "date": "2026-03-01", "yearly": false});
    assert_eq!(noor.ask(Method::PUT, &path, &changed).await.json()["title"], "Name day");
    assert_eq!(noor.ask(Method::DELETE, &path, &json!({})).await.status, 204);
    let path = format!("/v1/me/recipients/{}", id(&mama));
    let renamed = noor.ask(Method::PUT, &path, &json!({"name": "Mother"})).await.json();
    assert_eq!((&renamed["name"], &renamed["phone"]), (&json!("Mother"), &Value::Null));
    assert_eq!(noor.ask(Method::DELETE, &path, &json!({})).await.status, 204);
    assert_eq!(noor.get("/v1/me/recipients").await.json()["items"], json!([]));
}

#[tokio::test]
async fn what_cannot_be_kept_is_refused_by_its_field() {
    let shop = Shop::closed().await;
    let noor = Member::of(&shop, &json!({"email": EMAIL})).await;
    let with = |name: &str, value: Value| {
        let mut body = home();
        body[name] = value;
        body
    };

    for (path, body, status, code) in [
        ("addresses", with("city", json!("1")), 409, "conflict"),
        ("addresses", with("address", json!("")), 400, "missing_field"),
        ("addresses", with("label", json!("a".repeat(101))), 400, "invalid_value"),
        ("addresses", with("owner", json!("1")), 400, "unknown_field"),
        ("recipients", json!({"name": " "}), 400, "invalid_value"),
        ("recipients", json!({"name": "a", "phone": "1"}), 400, "invalid_value"),
        ("recipients", json!({"name": "a", "address_id": "999"}), 400, "invalid_value"),
        ("occasions", json!({"title": "a", "date": "29.02.1960"}), 400, "invalid_value"),
        ("occasions", json!({"title": "a", "date": ""}), 400, "missing_field"),
        (
            "occasions",
            json!({"title": "a", "date": "2026-01-01", "remind_days": 61}),
            400,
            "invalid_value",
        ),
    ] {
        let refused = noor.ask(Method::POST, &format!("/v1/me/{path}"), &body).await;
        assert_eq!((refused.status.as_u16(), refused.code().as_str()), (status, code), "{body}");
    }
}

#[tokio::test]
async fn another_customers_entries_are_not_there() {
    let shop = Shop::open().await;
    let noor = Member::of(&shop, &json!({"email": EMAIL})).await;
    let sara = Member::of(&shop, &json!({"email": "sara@example.com"})).await;
    let address = noor.ask(Method::POST, "/v1/me/addresses", &home()).await.json();
    let person = json!({"name": "Mama"});
    let mama = noor.ask(Method::POST, "/v1/me/recipients", &person).await.json();
    let birthday = json!({"title": "Birthday", "date": "1960-02-29"});
    let day = noor.ask(Method::POST, "/v1/me/occasions", &birthday).await.json();

    for (kind, entry, body) in [
        ("addresses", &address, home()),
        ("recipients", &mama, person),
        ("occasions", &day, birthday),
    ] {
        let path = format!("/v1/me/{kind}/{}", entry["id"].as_str().unwrap());
        for (method, body) in [(Method::PUT, &body), (Method::DELETE, &json!({}))] {
            let foreign = sara.ask(method.clone(), &path, body).await;
            let path = format!("/v1/me/{kind}/999999");
            let unknown = sara.ask(method, &path, body).await;
            assert_eq!((foreign.status.as_u16(), foreign.code().as_str()), (404, "not_found"));
            assert_eq!(foreign.json()["detail"], unknown.json()["detail"]);
        }
        let list = sara.get(&format!("/v1/me/{kind}")).await.json();
        assert_eq!(list["items"], json!([]));
        let list = noor.get(&format!("/v1/me/{kind}")).await.json();
        assert_eq!(list["items"], json!([entry]));
    }
    let stolen = json!({"name": "Thief", "address_id": address["id"]});
    let stolen = sara.ask(Method::POST, "/v1/me/recipients", &stolen).await;
    assert_eq!((stolen.status.as_u16(), stolen.code().as_str()), (400, "invalid_value"));
}

#[tokio::test]
async fn without_a_session_nothing_of_anybodys_is_shown() {
    let shop = Shop::closed().await;

    for (method, path, policy) in souk_api::policies() {
        if path.starts_with("/v1/me") {
            assert_eq!(policy, souk_api::Policy::Customer, "{path}");
            let path = path.replace("{id}", "1").replace("{product}", "1");
            let method: Method = method.parse().unwrap();
            let refused = ask(&shop, Some("made-up"), method.clone(), &path, &json!({})).await;
            assert_eq!(refused.status, 401, "{method} {path}");
        }
    }
}

#[tokio::test]
async fn favourites_are_added_once_and_taken_out() {
    let shop = Shop::open().await;
    let noor = Member::of(&shop, &json!({"email": EMAIL})).await;

    for path in ["1", "3", "1"] {
        let put = noor.ask(Method::PUT, &format!("/v1/me/favourites/{path}"), &json!({})).await;
        assert_eq!(put.status, 204, "{}", put.text);
    }
    let unknown = noor.ask(Method::PUT, "/v1/me/favourites/999", &json!({})).await;
    let archived = noor.ask(Method::PUT, "/v1/me/favourites/4", &json!({})).await;
    noor.ask(Method::DELETE, "/v1/me/favourites/1", &json!({})).await;

    assert_eq!((unknown.code().as_str(), archived.code().as_str()), ("not_found", "not_found"));
    let kept = noor.get("/v1/me/favourites").await.json();
    assert_eq!(kept["items"].as_array().unwrap().len(), 1);
    assert_eq!(kept["items"][0]["product_id"], "3");
}

#[tokio::test]
async fn a_repeated_post_with_its_key_has_one_effect_and_the_same_answer() {
    let shop = Shop::closed().await;
    let noor = Member::of(&shop, &json!({"email": EMAIL})).await;
    let sara = Member::of(&shop, &json!({"email": "sara@example.com"})).await;
    let post = async |member: &Member<'_>, body: &Value| {
        let (token, headers) = (Some(member.token.as_str()), [("idempotency-key", "k")]);
        ask_with(&shop, token, Method::POST, "/v1/me/addresses", body, &headers).await
    };

    let first = post(&noor, &home()).await;
    let again = post(&noor, &home()).await;
    let hers = post(&sara, &home()).await;
    let mut other = home();
    other["label"] = "Work".into();
    let reused = post(&noor, &other).await;

    assert_eq!((first.status.as_u16(), &first.text), (201, &again.text));
    assert_ne!(hers.json()["id"], first.json()["id"]);
    assert_eq!((reused.status.as_u16(), reused.code().as_str()), (422, "idempotency_key_reused"));
    assert_eq!(shop.db.count("select count(*) from customer_addresses").await, 2);
}

#[tokio::test]
async fn a_guests_orders_are_in_the_list_of_who_has_their_number() {
    let shop = Shop::open().await;
    shop.db
        .run(
            "insert into order_groups (id, market, state, currency, lang, phone, payment_method, tax_inclusive,
                 goods_minor, discount_minor, delivery_minor, tax_minor, rounding_minor, total_minor, expires_at)
             select ('0190c0de-0000-7000-8000-00000000000' || n)::uuid, 'KW', 'placed', 'KWD', 'en',
                 '+96522222222', 'cash', true, 5, 0, 0, 0, 0, 5, now() from generate_series(1, 3) as n;
             insert into orders (number, group_id, market, seller_id, state, city_id, goods_minor, discount_minor,
                 delivery_minor, tax_minor, rounding_minor, total_minor)
             select 'KW-' || right(id::text, 1), id, 'KW', (select min(id) from sellers), 'placed', 285787,
                 5, 0, 0, 0, 0, 5 from order_groups",
        )
        .await;
    let noor = Member::of(&shop, &json!({"phone": PHONE})).await;
    let sara = Member::of(&shop, &json!({"email": EMAIL})).await;

    let page = noor.get("/v1/me/orders?limit=2").await.json();
    let next = page["next"].as_str().unwrap();
    let rest = noor.get(&format!("/v1/me/orders?limit=2&cursor={next}")).await.json();
    let numbers = |page: &Value| {
        page["items"].as_array().unwrap().iter().map(|o| o["number"].clone()).collect::<Vec<_>>()
    };

    assert_eq!(numbers(&page), ["KW-3", "KW-2"]);
    assert_eq!((numbers(&rest), &rest["next"]), (vec![json!("KW-1")], &Value::Null));
    assert_eq!(sara.get("/v1/me/orders").await.json()["items"], json!([]));
    let stolen = sara.get(&format!("/v1/me/orders?cursor={next}")).await;
    assert_eq!(stolen.code(), "invalid_cursor");
    assert_eq!(noor.get("/v1/orders/KW-1").await.json()["state"], "placed");
    assert_eq!(sara.get("/v1/orders/KW-1").await.code(), "not_found");
    let secret = page["items"][0]["order_secret"].as_str().unwrap();
    let headers = [("x-order-secret", secret)];
    let read = ask_with(&shop, None, Method::GET, "/v1/orders/KW-3", &json!({}), &headers).await;
    assert_eq!(read.json()["number"], "KW-3");
}
