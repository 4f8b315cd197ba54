//! A valid request for every operation of the document that writes, each about a thing of its own, so that what must hold
//! for all of them is asked of all of them. An operation that has none here fails whatever walks the document.

use std::sync::atomic::{AtomicUsize, Ordering};

use axum::body::Body;
use axum::http::{Method, Request};
use serde_json::{Value, json};
use souk_api::openapi;
use souk_commerce::models;
use souk_commerce::staff::Role;

use crate::auth::{enter, post};
use crate::fixture::{Answer, KUWAIT_CITY, PASSWORD, Shop};
use crate::recommendations::trained;
use crate::requests::{Sent, address, bodies, checkout, experiment, promotion};

/// As much as anybody buys, a coupon more than one, and sellers to be.
const ROWS: &str = "
    update stock set on_hand = 1000000 where offer_id = 1;
    with ten as (
        insert into promotions (name, effect, market, needs_coupon)
        values ('ten', '{\"kind\": \"percentage\", \"rate_bp\": 1000}', 'KW', true) returning id)
    insert into coupons (code, promotion_id) select code, id from ten, unnest(array['TEN', 'ZEHN']) as code";

/// An operation of the document.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Operation {
    pub(crate) method: String,
    pub(crate) template: String,
    /// Whether it takes an `Idempotency-Key`.
    pub(crate) takes_key: bool,
    /// Whether it takes a JSON body.
    pub(crate) takes_json: bool,
}

impl Operation {
    pub(crate) fn writes(&self) -> bool {
        ["POST", "PUT", "PATCH"].contains(&self.method.as_str())
    }
}

impl std::fmt::Display for Operation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.method, self.template)
    }
}

/// Every operation of the document.
pub(crate) fn operations() -> Vec<Operation> {
    let document = serde_json::to_value(openapi()).unwrap();
    let mut found = Vec::new();
    for (template, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let named = operation["parameters"].as_array().into_iter().flatten();
            found.push(Operation {
                method: method.to_uppercase(),
                template: template.clone(),
                takes_key: named.into_iter().any(|it| it["name"] == "Idempotency-Key"),
                takes_json: operation["requestBody"]["content"]["application/json"].is_object(),
            });
        }
    }
    found
}

/// Where a request goes and who asks.
#[derive(Clone, Debug)]
pub(crate) struct Thing {
    pub(crate) path: String,
    pub(crate) headers: Vec<(&'static str, String)>,
    /// What its body is made of.
    told: Value,
}

/// A request that succeeds.
#[derive(Clone, Debug)]
pub(crate) struct Valid {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Sent,
    /// Another body that can be read just as well.
    pub(crate) other: Sent,
}

/// A shop with somebody of each kind in it.
pub(crate) struct Floor {
    pub(crate) shop: Shop,
    pub(crate) staff: String,
    pub(crate) customer: String,
    count: AtomicUsize,
}

fn thing(path: impl Into<String>, headers: &[(&'static str, &str)], told: Value) -> Thing {
    let headers = headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    Thing { path: path.into(), headers, told }
}

pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text"))
}

impl Floor {
    pub(crate) async fn open() -> Floor {
        let shop = Shop::open().await;
        shop.db.run(ROWS).await;
        shop.hire("admin@example.com", Role::Admin).await;
        let staff = session(&shop, "admin@example.com").await;
        let entered = enter(&shop, &json!({"email": "noor@example.com"}), &json!({})).await;
        let customer = text(&entered["token"]).to_owned();
        Floor { shop, staff, customer, count: AtomicUsize::new(0) }
    }

    /// A number that nobody had.
    fn next(&self) -> usize {
        self.count.fetch_add(1, Ordering::Relaxed) + 1
    }

    pub(crate) async fn send(
        &self,
        method: &Method,
        path: &str,
        headers: &[(&'static str, String)],
        body: &Sent,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let (media_type, bytes) = match body {
            Sent::Nothing => (None, String::new()),
            Sent::Json(value) => (Some("application/json"), value.to_string()),
            Sent::Table(text) => (Some("text/csv"), text.clone()),
        };
        if let Some(media_type) = media_type {
            request = request.header("content-type", media_type);
        }
        self.shop.send(request.body(Body::from(bytes)).unwrap()).await
    }

    /// The answer of a request that must succeed.
    async fn made(
        &self,
        method: Method,
        path: &str,
        headers: &[(&'static str, String)],
        body: Value,
    ) -> Value {
        let body = if body.is_null() { Sent::Nothing } else { Sent::Json(body) };
        let answer = self.send(&method, path, headers, &body).await;
        assert!(answer.status.is_success(), "{method} {path}: {} {}", answer.status, answer.text);
        answer.json()
    }

    /// A valid request of this operation, about a thing that is new.
    pub(crate) async fn valid(&self, operation: &Operation) -> Valid {
        let thing = self.thing(&operation.template).await;
        let (body, other) = bodies(operation, &thing.told);
        Valid {
            method: operation.method.parse().unwrap(),
            path: thing.path,
            headers: thing.headers,
            body,
            other,
        }
    }

    /// Something new for the paths of this template.
    pub(crate) async fn thing(&self, template: &str) -> Thing {
        if let Some(rest) = template.strip_prefix("/v1/admin/") {
            return self.of_staff(rest).await;
        }
        if let Some(rest) = template.strip_prefix("/v1/me") {
            return self.of_customer(rest.trim_start_matches('/')).await;
        }
        if let Some(rest) = template.strip_prefix("/v1/carts/{id}") {
            return self.of_cart(rest).await;
        }
        match template {
            "/v1/events" | "/v1/{market}/carts" => {
                let n = self.next();
                let visitor = format!("v{n}");
                thing(
                    template.replace("{market}", "KW"),
                    &[("x-visitor-id", &visitor)],
                    json!(format!("e{n}")),
                )
            }
            "/v1/gifts/{token}" => self.of_gift().await,
            _ => match template.strip_prefix("/v1/orders/{number}") {
                Some(rest) => self.of_order(rest).await,
                None => panic!("{template} has no valid request in operations.rs"),
            },
        }
    }

    async fn of_staff(&self, template: &str) -> Thing {
        let found = match self.of_catalogue(template).await {
            Some(found) => found,
            None => self.of_office(template).await,
        };
        let (path, told) = found;
        let session = self.session();
        let mut thing = thing(format!("/v1/admin/{path}"), &[], told);
        thing.headers.extend(session.clone());
        // What was read before it is changed.
        let read = thing.path.split("/texts/").next().unwrap_or_default();
        let read = read.split("/variants/").next().unwrap_or_default();
        if template.contains("{id}") {
            let read = self.send(&Method::GET, read, &session, &Sent::Nothing).await;
            if read.status == 200 {
                thing.headers.push(("if-match", read.header("etag").to_owned()));
            }
        }
        thing
    }

    fn session(&self) -> [(&'static str, String); 1] {
        [("authorization", format!("Bearer {}", self.staff))]
    }

    /// What staff have made.
    async fn kept(&self, path: &str, body: Value) -> Value {
        self.made(Method::POST, &format!("/v1/admin/{path}"), &self.session(), body).await
    }

    async fn product(&self) -> Value {
        let texts = json!([{"lang": "en", "title": "Thing"}, {"lang": "ar", "title": "شيء"}]);
        let slug = format!("t-{}", self.next());
        self.kept("products", json!({"category_id": "1", "slug": slug, "texts": texts})).await
    }

    async fn offer(&self) -> Value {
        let product = self.product().await;
        let price = json!({"minor": 900, "currency": "KWD"});
        let variant = &product["variants"][0]["id"];
        self.kept("offers", json!({"variant_id": variant, "market": "KW", "price": price})).await
    }

    /// Path and what its body is made of, below the office's root.
    async fn of_catalogue(&self, template: &str) -> Option<(String, Value)> {
        let n = self.next();
        let with = |name: &str, made: &Value| template.replacen(name, text(&made["id"]), 1);
        let found = match template {
            "products" | "categories" => (template.to_owned(), json!(n)),
            "categories/{id}" => {
                let made =
                    self.kept("categories", json!({"labels": {"en": format!("C {n}")}})).await;
                (with("{id}", &made), json!(n))
            }
            "media" => {
                (format!("media?product={}", text(&self.product().await["id"])), Value::Null)
            }
            "media/{id}" => {
                let path = format!("media?product={}", text(&self.product().await["id"]));
                let made = self.kept(&path, json!({"url": "https://pictures.example/1.jpg"})).await;
                (with("{id}", &made), Value::Null)
            }
            "offers" | "products/bulk" => (template.to_owned(), self.product().await),
            "offers/{id}" | "offers/{id}/dated-prices" => {
                (with("{id}", &self.offer().await), Value::Null)
            }
            "products/import" => {
                self.shop.db.run("update prices set minor = 12500 where offer_id = 1").await;
                let path = "/v1/admin/products/export.csv";
                let table =
                    self.send(&Method::GET, path, &self.session(), &Sent::Nothing).await.text;
                (template.to_owned(), json!([n, table]))
            }
            "products/{id}" | "products/{id}/variants" => {
                (with("{id}", &self.product().await), json!(n))
            }
            "products/{id}/texts/{lang}" => {
                (with("{id}", &self.product().await).replace("{lang}", "ar"), Value::Null)
            }
            "products/{id}/variants/{variant_id}" => {
                let product = self.product().await;
                let variant = text(&product["variants"][0]["id"]);
                (with("{id}", &product).replace("{variant_id}", variant), json!(n))
            }
            "stock/{offer_id}/{warehouse_id}" | "stock/{offer_id}/{warehouse_id}/adjust" => {
                let path = with("{offer_id}", &self.offer().await).replace("{warehouse_id}", "1");
                let kept = format!("/v1/admin/{}", path.trim_end_matches("/adjust"));
                self.made(Method::PUT, &kept, &self.session(), json!({"on_hand": 5})).await;
                (path, Value::Null)
            }
            "warehouses" | "wrappings/{seller_id}/{market}" => {
                let id = 1_000 + n;
                let rows =
                    format!("insert into sellers (id, slug, name) values ({id}, 's{n}', 'S')");
                self.shop.db.run(&rows).await;
                let path = with("{seller_id}", &json!({"id": id.to_string()}));
                (path.replace("{market}", "KW"), json!(id.to_string()))
            }
            _ => return None,
        };
        Some(found)
    }

    /// Two versions of a model; what served before serves no more, the first and then the second do.
    async fn trained(&self, n: usize) -> [String; 2] {
        let customers = i64::try_from(n).unwrap() * 2;
        let first = trained(&self.shop, customers, false).await;
        let second = trained(&self.shop, customers + 1, false).await;
        for version in [&first, &second] {
            let market = "KW".parse().unwrap();
            models::promote(self.shop.db.pool(), "trending", market, version).await.unwrap();
        }
        [first, second]
    }

    async fn of_office(&self, template: &str) -> (String, Value) {
        let n = self.next();
        let with = |made: &Value| template.replacen("{id}", text(&made["id"]), 1);
        match template {
            "experiments"
            | "promotions"
            | "recommendation-settings"
            | "rules"
            | "search-settings"
            | "synonyms" => (template.to_owned(), json!(n)),
            "experiments/{id}" | "experiments/{id}/moves" | "experiments/{id}/report" => {
                // A place has one that runs.
                self.shop.db.run("delete from experiments where state <> 'draft'").await;
                (with(&self.kept("experiments", experiment(&format!("E{n}"))).await), Value::Null)
            }
            "models/{model}/promote" | "models/{model}/rollback" => {
                let path = template.replacen("{model}", "trending", 1);
                (path, json!(self.trained(n).await))
            }
            "orders" => (template.to_owned(), self.cart(&json!({})).await),
            "orders/{number}" | "orders/{number}/moves" | "orders/{number}/returns" => {
                self.of_desk(template).await
            }
            "promotions/{id}" | "promotions/{id}/end" => {
                let promotion = promotion(&format!("P{n}"));
                (with(&self.kept("promotions", promotion).await), Value::Null)
            }
            "blocked-words/{word}" => (format!("blocked-words/w{n}"), Value::Null),
            "payments/{id}/received" => {
                let (_, attempt) = self.transfer().await;
                (format!("payments/{attempt}/received"), Value::Null)
            }
            "refunds" => {
                let (group, attempt) = self.transfer().await;
                self.kept(&format!("payments/{attempt}/received"), Value::Null).await;
                (template.to_owned(), group)
            }
            "rules/{id}" => {
                let rule = json!({"name": format!("R {n}"), "actions": [{"hide": "2"}]});
                (with(&self.kept("rules", rule).await), Value::Null)
            }
            "synonyms/{id}" => {
                let words = json!([format!("a{n}"), format!("b{n}")]);
                let made = self.kept("synonyms", json!({"kind": "two_way", "words": words})).await;
                (with(&made), json!(n))
            }
            _ => panic!("/v1/admin/{template} has no valid request in operations.rs"),
        }
    }

    /// An order that was paid at the door; one that goods come back from was handed over before.
    async fn of_desk(&self, template: &str) -> (String, Value) {
        let bought = self.bought(&self.cart(&json!({})).await, "cash").await;
        let number = text(&bought["orders"][0]["number"]);
        let order = format!("/v1/admin/orders/{number}");
        let read = self.made(Method::GET, &order, &self.session(), Value::Null).await;
        if template.ends_with("/returns") {
            for event in ["accept", "ready", "dispatch", "deliver"] {
                self.kept(&format!("orders/{number}/moves"), json!({"event": event})).await;
            }
        }
        (template.replacen("{number}", number, 1), read["lines"][0]["id"].clone())
    }

    async fn of_customer(&self, template: &str) -> Thing {
        let session = [("authorization", format!("Bearer {}", self.customer))];
        let n = self.next();
        let kept = async |kind: &str, body: Value| {
            let path = format!("/v1/me/{kind}");
            let made = self.made(Method::POST, &path, &session, body).await;
            format!("{kind}/{}", text(&made["id"]))
        };
        let path = match template {
            "" | "addresses" | "recipients" | "occasions" => template.to_owned(),
            "addresses/{id}" => kept("addresses", address(n)).await,
            "recipients/{id}" => kept("recipients", json!({"name": "Mama"})).await,
            "occasions/{id}" => {
                kept("occasions", json!({"title": "Day", "date": "2026-01-01"})).await
            }
            "favourites/{product}" => {
                let rows = format!(
                    "insert into products (id, slug, category_id) values ({}, 'f{n}', 1)",
                    10_000 + n
                );
                self.shop.db.run(&rows).await;
                format!("favourites/{}", 10_000 + n)
            }
            _ => panic!("/v1/me/{template} has no valid request in operations.rs"),
        };
        let path = format!("/v1/me/{path}");
        let mut thing = thing(path.trim_end_matches('/'), &[], json!(n));
        thing.headers.extend(session);
        thing
    }

    async fn of_cart(&self, template: &str) -> Thing {
        let cart = self.cart(&json!({})).await;
        let path = format!("/v1/carts/{}", text(&cart["id"]));
        let secret = text(&cart["secret"]).to_owned();
        let rest = match template {
            "/lines/{line}" => format!("/lines/{}", text(&cart["lines"][0]["id"])),
            "/deliveries/{delivery}" => {
                format!("/deliveries/{}", text(&cart["deliveries"][0]["id"]))
            }
            "/coupons/{code}" => "/coupons/TEN".to_owned(),
            "" | "/lines" | "/coupons" | "/delivery" | "/gift" | "/checkout" => template.to_owned(),
            _ => panic!("/v1/carts/{{id}}{template} has no valid request in operations.rs"),
        };
        thing(format!("{path}{rest}"), &[("x-cart-secret", &secret)], cart)
    }

    async fn of_order(&self, template: &str) -> Thing {
        let cart = self.cart(&json!({})).await;
        let bought = self.bought(&cart, "transfer").await;
        let path = format!("/v1/orders/{}{template}", text(&bought["orders"][0]["number"]));
        let secret = text(&bought["order_secret"]).to_owned();
        thing(path, &[("x-order-secret", &secret)], Value::Null)
    }

    async fn of_gift(&self) -> Thing {
        let cart = self.cart(&json!({"ask_recipient": true, "slot_id": null})).await;
        let bought = self.bought(&cart, "cash").await;
        let path = format!("/v1/orders/{}", text(&bought["orders"][0]["number"]));
        let secret = [("x-order-secret", text(&bought["order_secret"]).to_owned())];
        let order = self.made(Method::GET, &path, &secret, Value::Null).await;
        let path = format!("/v1/gifts/{}", text(&order["delivery"]["gift_token"]));
        let gift = self.made(Method::GET, &path, &[], Value::Null).await;
        thing(path, &[], gift)
    }

    /// A guest's cart with two red roses, for tomorrow's first slot, with its secret.
    async fn cart(&self, delivery: &Value) -> Value {
        let n = self.next();
        let cart = self.made(Method::POST, "/v1/KW/carts", &[], Value::Null).await;
        let path = format!("/v1/carts/{}", text(&cart["id"]));
        let secret = [("x-cart-secret", text(&cart["secret"]).to_owned())];
        let line = json!({"offer_id": "1", "quantity": 2});
        self.made(Method::POST, &format!("{path}/lines"), &secret, line).await;
        let tomorrow = jiff::Zoned::now().in_tz("Asia/Kuwait").unwrap().tomorrow().unwrap().date();
        let id = text(&cart["id"]);
        let slots = format!("/v1/KW/delivery/slots?city={KUWAIT_CITY}&date={tomorrow}&cart={id}");
        let slots = self.made(Method::GET, &slots, &secret, Value::Null).await;
        let mut body = json!({
            "recipient": "Noor", "phone": "+96511111111", "address": {"area": "Salmiya", "block": n.to_string()},
            "city": KUWAIT_CITY.to_string(), "slot_id": slots["items"][0]["id"],
        });
        body.as_object_mut().unwrap().extend(delivery.as_object().unwrap().clone());
        let mut filled = self.made(Method::PUT, &format!("{path}/delivery"), &secret, body).await;
        filled["secret"] = cart["secret"].clone();
        filled["n"] = n.into();
        filled
    }

    async fn bought(&self, cart: &Value, method: &str) -> Value {
        let path = format!("/v1/carts/{}/checkout", text(&cart["id"]));
        let headers = [
            ("x-cart-secret", text(&cart["secret"]).to_owned()),
            ("idempotency-key", "bought".to_owned()),
        ];
        let Sent::Json(mut body) = checkout(cart, 2) else { panic!("it is JSON") };
        body["payment_method"] = method.into();
        self.made(Method::POST, &path, &headers, body).await
    }

    /// A purchase that waits for a transfer, and the attempt to pay it.
    async fn transfer(&self) -> (Value, i64) {
        let bought = self.bought(&self.cart(&json!({})).await, "transfer").await;
        let attempt = self.shop.db.count("select max(id) from payment_attempts").await;
        (bought["order_group"].clone(), attempt)
    }
}

/// A session of somebody of the staff.
pub(crate) async fn session(shop: &Shop, email: &str) -> String {
    let body = json!({"email": email, "password": PASSWORD});
    text(&post(shop, "/v1/auth/staff/session", &body).await.json()["token"]).to_owned()
}
