//! Carts, checkout and orders as a guest's client meets them.

use axum::body::Body;
use axum::http::request::Builder;
use axum::http::{Method, Request};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::desk::Desk;
use crate::fixture::{Answer, KUWAIT_CITY, Shop};

/// A guest with a cart.
struct Guest<'a> {
    shop: &'a Shop,
    cart: String,
    secret: String,
}

fn request(method: Method, path: &str, headers: &[(&str, &str)], body: &Value) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.header("content-type", "application/json").body(Body::from(body.to_string())).unwrap()
}

impl<'a> Guest<'a> {
    async fn new(shop: &'a Shop) -> Guest<'a> {
        Guest::with(shop, Request::post("/v1/KW/carts")).await
    }

    async fn with(shop: &'a Shop, post: Builder) -> Guest<'a> {
        let made = shop.send(post.body(Body::empty()).unwrap()).await;
        assert_eq!(made.status, 201, "{}", made.text);
        let cart = made.json();
        let text = |name: &str| cart[name].as_str().unwrap().to_owned();
        assert_eq!(made.header("location"), format!("/v1/carts/{}", text("id")));
        Guest { shop, cart: text("id"), secret: text("secret") }
    }

    async fn ask(&self, method: Method, path: &str, body: &Value) -> Answer {
        let path = format!("/v1/carts/{}{path}", self.cart);
        let headers = [("x-cart-secret", self.secret.as_str())];
        self.shop.send(request(method, &path, &headers, body)).await
    }

    /// Two red roses to Kuwait City, in the first slot there is tomorrow; the cart as it is then.
    async fn fill(&self) -> Value {
        let line = json!({"offer_id": "1", "quantity": 2});
        assert_eq!(self.ask(Method::POST, "/lines", &line).await.status, 200);
        let tomorrow = jiff::Zoned::now().in_tz("Asia/Kuwait").unwrap().tomorrow().unwrap().date();
        let path =
            format!("/v1/KW/delivery/slots?city={KUWAIT_CITY}&date={tomorrow}&cart={}", self.cart);
        let get = Request::get(path).header("x-cart-secret", &self.secret);
        let slots = self.shop.send(get.body(Body::empty()).unwrap()).await.json();
        let delivery = json!({
            "recipient": "Noor", "phone": "+96511111111", "address": {"area": "Salmiya", "block": "1"},
            "city": KUWAIT_CITY.to_string(), "slot_id": slots["items"][0]["id"],
        });
        let cart = self.ask(Method::PUT, "/delivery", &delivery).await;
        assert_eq!(cart.status, 200, "{}", cart.text);
        cart.json()
    }

    async fn buy(&self, key: &str, total: &Value) -> Answer {
        self.buy_by("cash", key, total).await
    }

    async fn buy_by(&self, method: &str, key: &str, total: &Value) -> Answer {
        let path = format!("/v1/carts/{}/checkout", self.cart);
        let body = json!({
            "email": "a@example.com", "phone": "+965 2222 2222", "payment_method": method,
            "expected_total": total,
        });
        let headers = [("x-cart-secret", self.secret.as_str()), ("idempotency-key", key)];
        self.shop.send(request(Method::POST, &path, &headers, &body)).await
    }
}

#[tokio::test]
async fn a_guest_buys_and_reads_the_order_with_its_secret_alone() {
    let shop = Shop::open().await;
    let guest = Guest::new(&shop).await;
    let cart = guest.fill().await;
    assert_eq!((&cart["problems"], &cart["total"]["minor"]), (&json!([]), &json!(25_000)));
    assert_eq!(cart["lines"][0]["title"], "وردة حمراء");

    let bought = guest.buy("k", &cart["total"]).await;

    assert_eq!(bought.status, 201, "{}", bought.text);
    let bought = bought.json();
    assert_eq!(bought["payment"]["state"], "due");
    assert_eq!(bought["payment"]["next_action"]["type"], "none");
    let path = format!("/v1/orders/{}", bought["orders"][0]["number"].as_str().unwrap());
    let secret = bought["order_secret"].as_str().unwrap();
    let read = async |secret: &str| {
        shop.send(Request::get(&path).header("x-order-secret", secret).body(Body::empty()).unwrap())
            .await
    };
    let order = read(secret).await.json();
    assert_eq!((&order["state"], &order["total"]["minor"]), (&json!("placed"), &json!(25_000)));
    assert_eq!(order["timeline"][0]["event"], "order.placed");
    for wrong in ["", "x", &guest.secret] {
        assert_eq!(read(wrong).await.code(), "not_found");
    }
    let cancel =
        request(Method::POST, &format!("{path}/cancel"), &[("x-order-secret", secret)], &json!({}));
    let cancelled = shop.send(cancel).await;
    assert_eq!((cancelled.status.as_u16(), &cancelled.json()["state"]), (200, &json!("cancelled")));
    assert_eq!(shop.db.count("select sum(reserved) from stock").await, 0);
}

#[tokio::test]
async fn an_unpaid_order_can_be_paid_again_once_for_each_key() {
    let shop = Shop::open().await;
    let guest = Guest::new(&shop).await;
    let total = guest.fill().await["total"].clone();
    let bought = guest.buy_by("transfer", "k", &total).await.json();
    let number = bought["orders"][0]["number"].as_str().unwrap();
    let secret = bought["order_secret"].as_str().unwrap();
    let pay = async |method: &str, headers: &[(&str, &str)]| {
        let path = format!("/v1/orders/{number}/payments");
        let body = json!({ "payment_method": method });
        shop.send(request(Method::POST, &path, headers, &body)).await
    };
    let key = ("idempotency-key", "again");

    let paid = pay("transfer", &[("x-order-secret", secret), key]).await;
    let repeated = pay("transfer", &[("x-order-secret", secret), key]).await;

    assert_eq!((paid.status.as_u16(), &paid.text), (201, &repeated.text), "{}", paid.text);
    assert_eq!(paid.json()["state"], "requires_action");
    assert_eq!(shop.db.count("select count(*) from payment_attempts").await, 2);
    assert_eq!(pay("transfer", &[key]).await.code(), "not_found");
    assert_eq!(pay("transfer", &[("x-order-secret", secret)]).await.code(), "missing_field");
    let unknown = pay("shells", &[("x-order-secret", secret), ("idempotency-key", "2")]).await;
    assert_eq!(unknown.code(), "method_not_offered");
    let cash = pay("cash", &[("x-order-secret", secret), ("idempotency-key", "3")]).await;
    assert_eq!(cash.status.as_u16(), 400, "cash is chosen before");
}

#[tokio::test]
async fn a_repetition_gets_the_same_answer_though_the_money_has_come_meanwhile() {
    let shop = Shop::open().await;
    let guest = Guest::new(&shop).await;
    let total = guest.fill().await["total"].clone();

    let first = guest.buy_by("transfer", "k", &total).await;
    let paid = "update payment_intents set state = 'succeeded'";
    shop.db.run(paid).await;
    let again = guest.buy_by("transfer", "k", &total).await;

    assert_eq!(first.status, 201, "{}", first.text);
    assert_eq!(first.json()["payment"]["state"], "requires_action");
    assert_eq!((first.status, first.text), (again.status, again.text));
}

#[tokio::test]
async fn a_repeated_checkout_gets_the_same_answer_and_a_second_one_none() {
    let shop = Shop::open().await;
    let guest = Guest::new(&shop).await;
    let total = guest.fill().await["total"].clone();

    let first = guest.buy("k", &total).await;
    let again = guest.buy("k", &total).await;
    let other = guest.buy("k", &json!({"minor": 1, "currency": "KWD"})).await;
    let second = guest.buy("l", &total).await;

    assert_eq!((first.status.as_u16(), &first.text), (201, &again.text));
    assert_eq!((other.status.as_u16(), other.code().as_str()), (422, "idempotency_key_reused"));
    assert_eq!((second.status.as_u16(), second.code().as_str()), (409, "cart_completed"));
    assert_eq!(shop.db.count("select count(*) from order_groups").await, 1);
    let late = guest.ask(Method::POST, "/lines", &json!({"offer_id": "1", "quantity": 1})).await;
    assert_eq!(late.code(), "cart_completed");
}

#[tokio::test]
async fn what_runs_out_or_changes_is_a_conflict_with_its_own_code() {
    let shop = Shop::open().await;
    let guest = Guest::new(&shop).await;
    let total = guest.fill().await["total"].clone();

    let wrong = guest.buy("a", &json!({"minor": 1, "currency": "KWD"})).await;
    assert_eq!((wrong.code().as_str(), &wrong.json()["total"]), ("total_changed", &total));
    shop.db.run("update stock set on_hand = 1 where offer_id = 1").await;
    let short = guest.buy("b", &total).await;
    assert_eq!(short.code(), "out_of_stock");
    assert_eq!(short.json()["errors"][0]["pointer"], "/offers/1");
    shop.db.run("update stock set on_hand = 9; update delivery_windows set capacity = 0").await;
    let full = guest.buy("c", &total).await;
    assert_eq!(full.code(), "slot_full");
    let pointer = full.json()["errors"][0]["pointer"].as_str().unwrap().to_owned();
    assert!(pointer.starts_with("/windows/"), "{pointer}");
    shop.db
        .run("update delivery_windows set capacity = null, cut_off_at = '00:00', cut_off_days = 9")
        .await;
    assert_eq!(guest.buy("d", &total).await.code(), "slot_closed");
    assert_eq!(shop.db.count("select count(*) from order_groups").await, 0);
}

#[tokio::test]
async fn a_cart_is_reached_with_its_own_secret_and_prices_are_never_believed() {
    let shop = Shop::open().await;
    let guest = Guest::new(&shop).await;
    let stranger = Guest { secret: Guest::new(&shop).await.secret, ..Guest::new(&shop).await };
    assert_eq!(stranger.ask(Method::POST, "/lines", &json!({})).await.code(), "not_found");

    for (body, code) in [
        (json!({"offer_id": "1", "quantity": -1}), "invalid_value"),
        (json!({"offer_id": "1", "quantity": 0}), "invalid_value"),
        (json!({"offer_id": "1", "quantity": 1001}), "invalid_value"),
        (json!({"offer_id": "1", "quantity": 1.5}), "invalid_value"),
        (json!({"offer_id": "1", "quantity": 1, "price": {"minor": 1}}), "unknown_field"),
        (json!({"offer_id": "13", "quantity": 1}), "invalid_value"),
        (json!({"offer_id": "999", "quantity": 1}), "invalid_value"),
    ] {
        assert_eq!(guest.ask(Method::POST, "/lines", &body).await.code(), code, "{body}");
    }
    let total = guest.fill().await["total"].clone();
    let path = format!("/v1/carts/{}/checkout", guest.cart);
    let body = json!({"phone": "+96522222222", "payment_method": "cash", "expected_total": total});
    let headers = [("x-cart-secret", guest.secret.as_str())];
    let keyless = shop.send(request(Method::POST, &path, &headers, &body)).await;
    assert_eq!((keyless.status.as_u16(), keyless.code().as_str()), (400, "missing_field"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_parallel_checkouts_with_one_key_are_one_purchase_and_equal_answers() {
    let shop = std::sync::Arc::new(Shop::open().await);
    let guest = Guest::new(&shop).await;
    let total = guest.fill().await["total"].clone();
    let mut requests = JoinSet::new();
    let (cart, secret) = (guest.cart.clone(), guest.secret.clone());
    for _ in 0..100 {
        let (shop, total) = (shop.clone(), total.clone());
        let (cart, secret) = (cart.clone(), secret.clone());
        requests.spawn(async move {
            let guest = Guest { shop: &shop, cart, secret };
            loop {
                let answer = guest.buy("once", &total).await;
                if !["idempotency_key_in_use", "overloaded"]
                    .iter()
                    .any(|code| answer.status != 201 && answer.code() == *code)
                {
                    return answer.text;
                }
            }
        });
    }
    let texts = requests.join_all().await;

    assert!(
        texts.iter().all(|text| *text == texts[0] && text.contains("order_secret")),
        "{texts:?}"
    );
    assert_eq!(shop.db.count("select count(*) from order_groups").await, 1);
}

#[tokio::test]
async fn a_gift_is_wrapped_for_what_its_seller_takes_and_the_order_says_so() {
    let shop = Shop::open().await;
    shop.db
        .run("insert into wrappings (seller_id, market, minor) select id, 'KW', 750 from sellers")
        .await;
    let guest = Guest::new(&shop).await;
    let cart = guest.fill().await;
    let delivery = &cart["deliveries"][0];
    assert_eq!(delivery["wrapping"], json!({"minor": 750, "currency": "KWD"}));

    let gift = json!({"message": "For you", "wrapped": [delivery["id"]]});
    let wrapped = guest.ask(Method::PUT, "/gift", &gift).await.json();

    assert_eq!(wrapped["gift"]["wrapped"], json!([delivery["id"]]));
    assert_eq!(
        (&wrapped["wrapping"]["minor"], &wrapped["total"]["minor"]),
        (&json!(750), &json!(25_750))
    );
    let bought = guest.buy("k", &wrapped["total"]).await.json();
    let number = bought["orders"][0]["number"].as_str().unwrap();
    let secret = bought["order_secret"].as_str().unwrap();
    let get = Request::get(format!("/v1/orders/{number}")).header("x-order-secret", secret);
    let order = shop.send(get.body(Body::empty()).unwrap()).await.json();
    assert_eq!((&order["wrapped"], &order["wrapping"]["minor"]), (&json!(true), &json!(750)));
}

#[tokio::test]
async fn what_is_bought_counts_for_the_search_that_led_to_it_within_a_day() {
    let desk = Desk::open().await;
    let found = desk.shop.get_as("a", "/v1/KW/search?q=Rose&lang=en").await.json();
    desk.shop.get_as("b", "/v1/KW/search?q=Rose&lang=en").await;
    desk.shop.get_as("c", "/v1/KW/search?q=Rose&lang=en&filter=price:900000..").await;
    desk.shop.get_as("d", "/v1/KW/search?q=Rose&lang=en").await;
    let event = |kind: &str| {
        json!({
            "id": kind, "type": kind, "visitor_id": "a", "market": "KW", "query_id": found["query_id"],
            "time": jiff::Timestamp::now().to_string(), "items": [{"product_id": "1"}],
        })
    };
    let told = json!({"events": [event("add-to-cart")]});
    assert_eq!(desk.shop.send(request(Method::POST, "/v1/events", &[], &told)).await.status, 202);
    let post = Request::post("/v1/KW/carts").header("x-visitor-id", "a");
    let guest = Guest::with(&desk.shop, post).await;
    let total = &guest.fill().await["total"];

    assert_eq!(guest.buy("k", total).await.status, 201);

    let first = async |list: &str| {
        let report = desk.get("analytics/searches?market=KW").await.json();
        let first = &report[list][0];
        let names = ["intents", "add_to_cart_rate", "conversion_rate"];
        let [intents, carted, ordered] = names.map(|name| first[name].clone());
        [intents, carted, ordered, first["revenue"]["minor"].clone()]
    };
    assert_eq!(first("top").await, [json!(4), json!(0.25), json!(0.25), json!(25_000)]);
    assert_eq!(first("without_results").await, [json!(1), json!(0.0), json!(0.0), json!(0)]);
    desk.shop.db.run("update order_groups set placed_at = placed_at + interval '25 hours'").await;
    assert_eq!(first("top").await, [json!(4), json!(0.25), json!(0.0), json!(0)]);
}

#[tokio::test]
async fn what_is_to_be_wrapped_and_cannot_be_is_a_problem_of_its_delivery() {
    let shop = Shop::open().await;
    let guest = Guest::new(&shop).await;
    let cart = guest.fill().await;
    let delivery = &cart["deliveries"][0]["id"];

    let cart = guest.ask(Method::PUT, "/gift", &json!({"wrapped": [delivery]})).await.json();

    let problem = &cart["problems"][0];
    assert_eq!((&problem["code"], &problem["delivery"]), (&json!("not_wrapped"), delivery));
    let refused = guest.buy("k", &cart["total"]).await;
    assert_eq!(
        (refused.status.as_u16(), &refused.json()["code"]),
        (409, &json!("cart_incomplete"))
    );
}

#[tokio::test]
async fn what_costs_nothing_is_bought_without_a_way_to_pay_and_answered_the_same_again() {
    let shop = Shop::open().await;
    shop.db
        .run(
            "insert into promotions (name, effect, market)
             values ('all', '{\"kind\": \"percentage\", \"rate_bp\": 10000}', 'KW')",
        )
        .await;
    let guest = Guest::new(&shop).await;
    let cart = guest.fill().await;
    assert_eq!(cart["total"]["minor"], 0);
    let body = json!({"phone": "+965 2222 2222", "expected_total": cart["total"]});
    let path = format!("/v1/carts/{}/checkout", guest.cart);
    let headers = [("x-cart-secret", guest.secret.as_str()), ("idempotency-key", "k")];

    let bought = shop.send(request(Method::POST, &path, &headers, &body)).await;
    let again = shop.send(request(Method::POST, &path, &headers, &body)).await;

    assert_eq!((bought.status.as_u16(), &bought.text), (201, &again.text));
    let payment = &bought.json()["payment"];
    assert_eq!((&payment["state"], &payment["method"]), (&json!("succeeded"), &json!("free")));
    assert_eq!(payment["next_action"]["type"], "none");
    assert_eq!(shop.db.count("select count(*) from payment_attempts").await, 0);
}
