//! The bodies of valid requests, each with another one that can be read just as well.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::fixture::KUWAIT_CITY;
use crate::operations::{Operation, text};

/// A body.
#[derive(Clone, Debug)]
pub(crate) enum Sent {
    Nothing,
    Json(Value),
    Table(String),
}

type Bodies = (Sent, Sent);

/// The bodies of an operation; `told` is what the thing of its path is known by.
pub(crate) fn bodies(operation: &Operation, told: &Value) -> Bodies {
    let name = operation.to_string();
    let name = name.replacen("/v1/admin/", "", 1).replacen("/v1/", "", 1);
    let name = name.replacen("carts/{id}/", "cart/", 1);
    let nothing = [
        "PUT blocked-words/{word}",
        "POST payments/{id}/received",
        "POST promotions/{id}/end",
        "PUT me/favourites/{product}",
        "POST orders/{number}/cancel",
    ];
    if nothing.contains(&name.as_str()) {
        return (Sent::Nothing, Sent::Json(json!({"state": "paid"})));
    }
    let found = of_catalogue(&name, told).or_else(|| of_office(&name, told));
    let found = found.or_else(|| of_shop(&name, told)).or_else(|| of_customer(&name, told));
    found.unwrap_or_else(|| panic!("{operation} has no valid request in requests.rs"))
}

fn json(one: Value, other: Value) -> Bodies {
    (Sent::Json(one), Sent::Json(other))
}

fn kwd(minor: i64) -> Value {
    json!({"minor": minor, "currency": "KWD"})
}

fn of_catalogue(name: &str, told: &Value) -> Option<Bodies> {
    Some(match name {
        "POST categories" => json(
            json!({"labels": {"en": format!("Cat {told}")}}),
            json!({"labels": {"en": format!("Dog {told}")}}),
        ),
        "PATCH categories/{id}" => {
            json(json!({"slug": format!("c-{told}")}), json!({"slug": format!("d-{told}")}))
        }
        "POST offers" => {
            let body = |minor| json!({"variant_id": told["variants"][0]["id"], "market": "KW", "price": kwd(minor)});
            json(body(900), body(800))
        }
        "PATCH offers/{id}" => json(json!({"price": kwd(700)}), json!({"price": kwd(600)})),
        "POST offers/{id}/dated-prices" => {
            let body = |minor| json!({"price": kwd(minor), "from": "2030-01-01T00:00:00Z"});
            json(body(500), body(400))
        }
        "POST products" => {
            let body = |letter| {
                let texts = json!([{"lang": "en", "title": "Tulips"}]);
                json!({"category_id": "1", "slug": format!("{letter}-{told}"), "texts": texts})
            };
            json(body("p"), body("q"))
        }
        "POST products/bulk" => {
            let body = |state| json!({"ids": [told["id"]], "state": state});
            json(body("draft"), body("archived"))
        }
        "POST products/import" => {
            let table = |fraction| {
                let price = format!("{}.{fraction}", told[0]);
                Sent::Table(text(&told[1]).replace("12.500", &price))
            };
            (table("250"), table("750"))
        }
        "PATCH products/{id}" => {
            json(json!({"slug": format!("u-{told}")}), json!({"slug": format!("v-{told}")}))
        }
        "PUT products/{id}/texts/{lang}" => {
            json(json!({"title": "وردة"}), json!({"title": "زهرة"}))
        }
        "POST products/{id}/variants" | "PATCH products/{id}/variants/{variant_id}" => {
            json(json!({"sku": format!("S-{told}")}), json!({"sku": format!("T-{told}")}))
        }
        "PUT stock/{offer_id}/{warehouse_id}" => json(json!({"on_hand": 7}), json!({"on_hand": 8})),
        "POST stock/{offer_id}/{warehouse_id}/adjust" => {
            json(json!({"delta": 1}), json!({"delta": 2}))
        }
        "POST warehouses" => {
            let body =
                |name| json!({"city_id": KUWAIT_CITY.to_string(), "seller_id": told, "name": name});
            json(body("one"), body("two"))
        }
        "PUT wrappings/{seller_id}/{market}" => {
            json(json!({"price": kwd(750)}), json!({"price": kwd(0)}))
        }
        _ => return None,
    })
}

fn of_office(name: &str, told: &Value) -> Option<Bodies> {
    Some(match name {
        "POST experiments" => {
            json(experiment(&format!("A {told}")), experiment(&format!("B {told}")))
        }
        "PATCH experiments/{id}" => json(json!({"note": "one"}), json!({"note": "two"})),
        "POST experiments/{id}/moves" => json(json!({"move": "start"}), json!({"move": "stop"})),
        "POST models/{model}/promote" => json(
            json!({"market": "KW", "version": told[0]}),
            json!({"market": "KW", "version": told[1]}),
        ),
        "POST models/{model}/rollback" => json(json!({"market": "KW"}), json!({"market": "GB"})),
        "POST orders" => {
            let body = |phone| {
                json!({
                    "cart": told["id"], "cart_secret": told["secret"], "phone": phone,
                    "payment_method": "cash", "expected_total": told["total"],
                })
            };
            let n = told["n"].as_u64().unwrap_or_default();
            json(body(format!("+9654{n:07}")), body(format!("+9655{n:07}")))
        }
        "POST orders/{number}/moves" => {
            json(json!({"event": "accept"}), json!({"event": "cancel"}))
        }
        "POST orders/{number}/returns" => {
            let body = |quantity| json!({"lines": [{"id": told, "quantity": quantity}]});
            json(body(1), body(2))
        }
        "POST promotions" => json(promotion(&format!("A{told}")), promotion(&format!("B{told}"))),
        "PATCH promotions/{id}" => json(json!({"uses_max": 7}), json!({"uses_max": 8})),
        "POST recommendation-settings" => {
            let body = |objective| json!({"placements": {"home": {"objective": objective}}});
            json(body("revenue"), body("clicks"))
        }
        "POST refunds" => {
            let body = |minor| json!({"order_group": told, "amount": kwd(minor), "reason": "a broken stem"});
            json(body(1_000), body(2_000))
        }
        "POST rules" => {
            let body =
                |letter| json!({"name": format!("{letter} {told}"), "actions": [{"hide": "2"}]});
            json(body("A"), body("B"))
        }
        "PATCH rules/{id}" => json(json!({"priority": 5}), json!({"priority": 6})),
        "POST search-settings" => {
            json(json!({"weights": {"popularity": 0.5}}), json!({"weights": {"popularity": 0.25}}))
        }
        "POST synonyms" => {
            let body = |letter| json!({"kind": "two_way", "words": [format!("{letter}{told}"), format!("{letter}{letter}{told}")]});
            json(body("x"), body("y"))
        }
        "PATCH synonyms/{id}" => json(
            json!({"words": [format!("a{told}"), format!("c{told}")]}),
            json!({"words": [format!("a{told}"), format!("d{told}")]}),
        ),
        _ => return None,
    })
}

fn of_shop(name: &str, told: &Value) -> Option<Bodies> {
    let slot = &told["deliveries"][0]["options"][0]["id"];
    Some(match name {
        "POST {market}/carts" => json(json!({"lang": "en"}), json!({"lang": "ar"})),
        "POST cart/checkout" => (checkout(told, 2), checkout(told, 3)),
        "POST cart/coupons" => json(json!({"code": "TEN"}), json!({"code": "ZEHN"})),
        "POST cart/lines" => {
            json(json!({"offer_id": "1", "quantity": 3}), json!({"offer_id": "1", "quantity": 4}))
        }
        "PATCH cart/lines/{line}" => json(json!({"quantity": 5}), json!({"quantity": 6})),
        "PUT cart/delivery" => {
            let body = |name| json!({"recipient": name, "city": KUWAIT_CITY.to_string()});
            json(body("Sara"), body("Omar"))
        }
        "PUT cart/deliveries/{delivery}" => json(
            json!({"slot_id": slot}),
            json!({"slot_id": told["deliveries"][0]["options"][1]["id"]}),
        ),
        "PUT cart/gift" => json(json!({"message": "For you"}), json!({"message": "For me"})),
        "POST orders/{number}/payments" => {
            json(json!({"payment_method": "transfer"}), json!({"payment_method": "cash"}))
        }
        "PUT gifts/{token}" => {
            let slots = json!([{"id": told["deliveries"][0]["id"], "slot_id": slot}]);
            json(
                json!({"address": "Block 4", "deliveries": slots}),
                json!({"address": "Block 5", "deliveries": slots}),
            )
        }
        "POST events" => {
            let time = Timestamp::now().to_string();
            let body = |product| {
                json!({"events": [{
                    "id": told, "type": "detail-page-view", "market": "KW", "time": time,
                    "product_id": product, "visitor_id": "v",
                }]})
            };
            json(body("1"), body("2"))
        }
        _ => return None,
    })
}

fn of_customer(name: &str, told: &Value) -> Option<Bodies> {
    Some(match name {
        "POST media" => json(
            json!({"url": "https://pictures.example/1.jpg"}),
            json!({"url": "https://pictures.example/2.jpg"}),
        ),
        "PATCH media/{id}" => {
            json(json!({"alt": {"en": "A rose"}}), json!({"alt": {"en": "A lamp"}}))
        }
        "PATCH me" => {
            json(json!({"name": format!("N {told}")}), json!({"name": format!("M {told}")}))
        }
        "POST me/addresses" | "PUT me/addresses/{id}" => json(address(1), address(2)),
        "POST me/recipients" | "PUT me/recipients/{id}" => {
            json(json!({"name": "Sara"}), json!({"name": "Omar"}))
        }
        "POST me/occasions" | "PUT me/occasions/{id}" => json(
            json!({"title": "Birthday", "date": "2026-02-14"}),
            json!({"title": "Wedding", "date": "2026-02-14"}),
        ),
        _ => return None,
    })
}

/// One of recommendations that nobody sees yet.
pub(crate) fn experiment(name: &str) -> Value {
    let variants = json!([
        {"name": "as ever", "weight": 1},
        {"name": "margin", "weight": 1, "goals": {"objective": "margin"}},
    ]);
    json!({"name": name, "market": "KW", "place": "home", "variants": variants})
}

/// One that a coupon of this name unlocks, so that it changes no other cart.
pub(crate) fn promotion(code: &str) -> Value {
    json!({
        "name": code, "label": {"en": "10 % off"}, "market": "KW",
        "effect": {"kind": "percentage", "rate_bp": 1000}, "coupons": [{"code": code}],
    })
}

pub(crate) fn checkout(cart: &Value, digit: u8) -> Sent {
    let n = cart["n"].as_u64().unwrap_or_default();
    Sent::Json(json!({
        "phone": format!("+965{digit}{n:07}"), "payment_method": "cash", "expected_total": cart["total"],
    }))
}

pub(crate) fn address(n: usize) -> Value {
    json!({"city": KUWAIT_CITY.to_string(), "address": format!("Block {n}")})
}
