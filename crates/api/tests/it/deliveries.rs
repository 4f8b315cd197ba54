//! Promises in answers: the day, the slot and the cut-off, as of a given instant.

use jiff::Timestamp;
use jiff::civil::date;
use serde_json::{Value, json};
use souk_api::pipeline::products::{self, ProductRequest};
use souk_api::pipeline::search::{self, SearchRequest};
use souk_api::pipeline::suggest::{self, SuggestRequest};
use souk_base::{CityId, MarketCode, ProductId};

use crate::fixture::{KUWAIT_CITY, Shop};

/// A Saturday; the seeded windows are 10 to 14, 14 to 18 and 18 to 22.
const SATURDAY: jiff::civil::Date = date(2026, 2, 14);

fn kw() -> MarketCode {
    "KW".parse().unwrap()
}

fn at(now: &str) -> SearchRequest {
    let now: Timestamp = now.parse().unwrap();
    SearchRequest {
        q: "red rose".to_owned(),
        city: Some(CityId::new(KUWAIT_CITY)),
        now,
        ..SearchRequest::of(kw())
    }
}

async fn found(shop: &Shop, request: &SearchRequest) -> Value {
    serde_json::to_value(search::run(&shop.app, request).await.unwrap()).unwrap()
}

async fn product(shop: &Shop, request: &SearchRequest) -> Value {
    let SearchRequest { market, lang, city, date, now, .. } = *request;
    let request = ProductRequest { market, id: ProductId::new(1), lang, city, date, now };
    let answer = products::run(&shop.app, &request).await.unwrap();
    serde_json::to_value(&answer.variants[0].offers[0].deliverable).unwrap()
}

#[tokio::test]
async fn the_earliest_slot_moves_on_at_its_cut_off_and_the_product_says_the_same() {
    let shop = Shop::open().await;
    let deliverable = async |now| {
        let request = at(now);
        let hit = found(&shop, &request).await["hits"][0]["deliverable"].clone();
        assert_eq!(product(&shop, &request).await, hit);
        hit
    };

    let afternoon = json!({
        "city": KUWAIT_CITY.to_string(),
        "available": true,
        "earliest": "2026-02-14",
        "slot": {
            "date": "2026-02-14",
            "starts_at": "2026-02-14T14:00:00+03:00",
            "ends_at": "2026-02-14T18:00:00+03:00",
            "cut_off_at": "2026-02-14T13:00:00+03:00",
        },
    });
    assert_eq!(deliverable("2026-02-14T12:59:59+03:00").await, afternoon);
    let evening = deliverable("2026-02-14T13:00:00+03:00").await;
    assert_eq!(evening["slot"]["starts_at"], "2026-02-14T18:00:00+03:00");
    let tomorrow = deliverable("2026-02-14T19:00:00+03:00").await;
    assert_eq!(tomorrow["earliest"], "2026-02-15");
    assert_eq!(tomorrow["slot"]["starts_at"], "2026-02-15T10:00:00+03:00");
}

#[tokio::test]
async fn a_day_leaves_only_what_is_delivered_on_it() {
    let shop = Shop::open().await;
    shop.db
        .run("insert into delivery_closures (city_id, date) values (285787, '2026-02-16')")
        .await;
    shop.publish().await;
    let on = |date| SearchRequest { date: Some(date), ..at("2026-02-14T19:30:00+03:00") };

    assert_eq!(found(&shop, &on(SATURDAY)).await["total"], 0);
    assert_eq!(product(&shop, &on(SATURDAY)).await["available"], false);
    assert_eq!(product(&shop, &on(SATURDAY)).await["earliest"], "2026-02-15");
    let monday = found(&shop, &on(date(2026, 2, 16))).await;
    assert_eq!(monday["total"], 0);
    let tuesday = found(&shop, &on(date(2026, 2, 17))).await;
    assert_eq!(tuesday["total"], 1);
    let deliverable = &tuesday["hits"][0]["deliverable"];
    assert_eq!(deliverable["earliest"], "2026-02-15");
    assert_eq!(deliverable["slot"]["date"], "2026-02-17");
    let SearchRequest { market, city, now, .. } = on(SATURDAY);
    let suggested = async |date| {
        let q = "red".to_owned();
        let (lang, visitor) = (None, None);
        let (customer, personalise, limit) = (None, true, 5);
        let request = SuggestRequest {
            market,
            q,
            lang,
            city,
            date,
            now,
            limit,
            visitor,
            customer,
            personalise,
        };
        suggest::run(&shop.app, &request).await.unwrap().products.len()
    };
    assert_eq!((suggested(Some(SATURDAY)).await, suggested(None).await), (0, 1));
}

#[tokio::test]
async fn a_city_without_windows_promises_nothing_but_still_has_stock() {
    let shop = Shop::open().await;
    shop.db.run("delete from delivery_windows where city_id = 285787").await;
    shop.publish().await;

    let request = at("2026-02-14T12:00:00+03:00");
    let answer = found(&shop, &request).await;

    let nothing = json!({"city": KUWAIT_CITY.to_string(), "available": false, "earliest": null});
    assert_eq!(answer["hits"][0]["deliverable"], nothing);
    assert_eq!(answer["hits"][0]["in_stock"], true);
    assert_eq!(product(&shop, &request).await, nothing);
}

#[tokio::test]
async fn every_public_question_takes_a_day_and_needs_a_city_for_it() {
    let shop = Shop::open().await;
    for path in ["search", "suggest", "categories", "products/1"] {
        let homeless = shop.get(&format!("/v1/KW/{path}?date=2026-02-14")).await;
        let past = shop.get(&format!("/v1/KW/{path}?date=2026-02-14&city={KUWAIT_CITY}")).await;

        assert_eq!((homeless.status.as_u16(), homeless.code()), (400, "missing_field".to_owned()));
        assert_eq!(homeless.json()["errors"][0]["pointer"], "/city", "{path}");
        assert_eq!(past.status.as_u16(), 200, "{}", past.text);
    }
    let past = shop.get(&format!("/v1/KW/categories?date=2026-02-14&city={KUWAIT_CITY}")).await;
    assert_eq!(past.json()["items"], json!([]));
}
