//! Orders as the staff's programs meet them.

use axum::body::Body;
use axum::http::{Method, Request};
use futures_util::StreamExt as _;
use serde_json::{Value, json};
use souk_commerce::staff::Role;
use tower::ServiceExt as _;

use crate::desk::Desk;
use crate::fixture::{Answer, KUWAIT_CITY, Shop};

/// A cart with two red roses to Kuwait City, in the first slot there is tomorrow, as a program fills it: key, secret, total.
async fn cart(shop: &Shop) -> (String, String, Value) {
    let made = shop.send(Request::post("/v1/KW/carts").body(Body::empty()).unwrap()).await.json();
    let text = |name: &str| made[name].as_str().unwrap().to_owned();
    let (cart, secret) = (text("id"), text("secret"));
    let ask = async |method: Method, path: &str, body: &Value| {
        let request = Request::builder().method(method).uri(format!("/v1/carts/{cart}{path}"));
        let request = request.header("x-cart-secret", &secret);
        let request = request.header("content-type", "application/json");
        let answer = shop.send(request.body(Body::from(body.to_string())).unwrap()).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()
    };
    ask(Method::POST, "/lines", &json!({"offer_id": "1", "quantity": 2})).await;
    let tomorrow = jiff::Zoned::now().in_tz("Asia/Kuwait").unwrap().tomorrow().unwrap().date();
    let slots = format!("/v1/KW/delivery/slots?city={KUWAIT_CITY}&date={tomorrow}&cart={cart}");
    let slots = Request::get(slots).header("x-cart-secret", &secret).body(Body::empty()).unwrap();
    let slots = shop.send(slots).await.json();
    let delivery = json!({
        "recipient": "Noor", "phone": "+96511111111", "address": "Block 1",
        "city": KUWAIT_CITY.to_string(), "slot_id": slots["items"][0]["id"],
    });
    let total = ask(Method::PUT, "/delivery", &delivery).await["total"].clone();
    (cart, secret, total)
}

/// Places such a cart for somebody on the telephone.
async fn place(desk: &Desk, key: &str) -> (Value, Answer) {
    let (cart, secret, total) = cart(&desk.shop).await;
    let body = json!({
        "cart": cart, "cart_secret": secret, "phone": "+965 2222 2222", "payment_method": "cash",
        "expected_total": total,
    });
    let answer = desk.ask(Method::POST, "orders").key(key).json(&body).send().await;
    (body, answer)
}

fn number(bought: &Answer) -> String {
    bought.json()["orders"][0]["number"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn an_order_by_telephone_is_the_shops_own_and_says_who_placed_it() {
    let desk = Desk::of(Shop::open().await, Role::OrderManager).await;

    let (body, bought) = place(&desk, "k").await;
    assert_eq!(bought.status, 201, "{}", bought.text);
    let again = desk.ask(Method::POST, "orders").key("k").json(&body).send().await;
    let mut stolen = body.clone();
    stolen["cart_secret"] = json!("x");
    let stolen = desk.ask(Method::POST, "orders").key("s").json(&stolen).send().await;

    assert_eq!((again.status.as_u16(), &again.text), (201, &bought.text));
    assert_eq!(stolen.code(), "not_found");
    let order = desk.get(&format!("orders/{}", number(&bought))).await.json();
    let placed = &order["history"][0];
    assert_eq!(placed["event"], "order.placed");
    assert!(placed["by"].as_str().unwrap().starts_with("staff:"), "{placed}");
    assert!(!placed["staff"].as_str().unwrap().is_empty());
    assert_eq!(order["buyer"]["phone"], "+96522222222");
    assert_eq!(desk.last_audit().await.0, "orders.place");
    assert_eq!(desk.shop.db.count("select count(*) from orders").await, 1);
}

#[tokio::test]
async fn orders_are_found_moved_and_taken_back() {
    let desk = Desk::of(Shop::open().await, Role::OrderManager).await;
    let (_, bought) = place(&desk, "k").await;
    let number = number(&bought);
    let found = async |query: &str| {
        desk.get(&format!("orders?{query}")).await.json()["items"].as_array().unwrap().len()
    };

    for query in
        ["", "market=KW&state=placed", "q=%2B96522222222", "q=noor", &format!("q={number}")]
    {
        assert_eq!(found(query).await, 1, "{query}");
    }
    for query in ["market=GB", "state=ready", "q=%2B96533333333", "date=2020-01-01"] {
        assert_eq!(found(query).await, 0, "{query}");
    }
    assert_eq!(desk.get("orders?state=lost").await.status, 400);
    let moves = format!("orders/{number}/moves");
    for event in ["accept", "ready", "dispatch", "deliver"] {
        let moved = desk.post(&moves, &json!({"event": event})).await;
        assert_eq!(moved.status, 200, "{event}: {}", moved.text);
    }
    for event in ["accept", "paid", "expired"] {
        assert_eq!(desk.post(&moves, &json!({"event": event})).await.status, 409, "{event}");
    }
    let order = desk.get(&format!("orders/{number}")).await.json();
    assert_eq!(order["state"], "delivered");
    let line = json!({"lines": [{"id": order["lines"][0]["id"], "quantity": 1}]});
    let path = format!("orders/{number}/returns");
    let back = desk.ask(Method::POST, &path).key("r").json(&line).send().await;
    assert_eq!((back.status.as_u16(), &back.json()["lines"][0]["returned"]), (200, &json!(1)));
    assert_eq!(desk.post(&path, &line).await.status, 400, "money goes back once for each key");
}

#[tokio::test]
async fn units_are_taken_out_of_what_is_not_delivered_yet_and_with_the_last_it_is_cancelled() {
    let desk = Desk::of(Shop::open().await, Role::OrderManager).await;
    let (_, bought) = place(&desk, "k").await;
    let number = number(&bought);
    let order = desk.get(&format!("orders/{number}")).await.json();
    let line = json!({"lines": [{"id": order["lines"][0]["id"], "quantity": 1}]});
    let path = format!("orders/{number}/returns");

    let one = desk.ask(Method::POST, &path).key("a").json(&line).send().await.json();
    let both = desk.ask(Method::POST, &path).key("b").json(&line).send().await.json();

    assert_eq!((&one["state"], &one["lines"][0]["returned"]), (&json!("placed"), &json!(1)));
    assert_eq!(one["timeline"][1]["event"], "order.partly_cancelled");
    assert_eq!((&both["state"], &both["refunded"]), (&json!("cancelled"), &order["total"]));
}

#[tokio::test]
async fn who_may_only_look_moves_nothing() {
    let desk = Desk::of(Shop::open().await, Role::OrderManager).await;
    let (_, bought) = place(&desk, "k").await;
    let number = number(&bought);
    let support = Desk::of(desk.shop, Role::Support).await;

    assert_eq!(support.get(&format!("orders/{number}")).await.status, 200);
    let moved = support.post(&format!("orders/{number}/moves"), &json!({"event": "accept"})).await;
    assert_eq!(moved.status, 403);
    assert_eq!(support.get("orders/KW-NOTHING").await.status, 404);
}

#[tokio::test]
async fn a_listener_is_told_what_it_missed() {
    let desk = Desk::of(Shop::open().await, Role::OrderManager).await;
    let (_, bought) = place(&desk, "k").await;
    let request = desk.ask(Method::GET, "stream").header("last-event-id", "0").request();

    let answer = desk.shop.router.clone().oneshot(request).await.unwrap();

    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    let mut told = String::new();
    let mut body = answer.into_body().into_data_stream();
    while !told.contains("\n\n") {
        told.push_str(std::str::from_utf8(&body.next().await.unwrap().unwrap()).unwrap());
    }
    assert!(told.contains("event: order\n") && told.contains("id: 0\n"), "{told}");
    assert!(
        told.contains("\"event\":\"order.placed\"") && told.contains(&number(&bought)),
        "{told}"
    );
}
