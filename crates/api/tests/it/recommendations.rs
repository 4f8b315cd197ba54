//! Recommendations over HTTP: what is on a list and why, and how soon it knows.

use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::{Method, Request};
use jiff::Timestamp;
use serde_json::{Value, json};
use souk_commerce::models::{self, NewVersion};
use souk_recommend::artifact::{Manifest, Shelf, Window};
use souk_recommend::train::{Data, Gathering, Kind, Settings, Size, fit};
use tokio_util::sync::CancellationToken;

use crate::auth::{EMAIL, ask, enter};
use crate::fixture::{Answer, KUWAIT_CITY, Shop};

const HOME: &str = "/v1/KW/recommendations/home";

/// A pink rose, which nobody has bought yet.
const PINK_ROSE: &str = "
    insert into products (id, slug, category_id, picture) values (5, 'pink-rose', 2, 'rose');
    insert into product_translations values (5, 'en', 'Pink Rose', '');
    insert into variants (id, product_id, sku) values (5, 5, 'PR-1');
    insert into offers (id, variant_id, seller_id, market) select 5, 5, (select id from sellers), 'KW';
    insert into prices (offer_id, minor) values (5, 11000);
    insert into stock (offer_id, warehouse_id, on_hand) values (5, 1, 5);
";

/// Products of an answer and the codes of their reasons.
pub(crate) fn items(answer: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let item = |item: &Value| (text(&item["product_id"]), text(&item["reason"]["code"]));
    answer["items"].as_array().unwrap().iter().map(item).collect()
}

/// Asks until the answer is as wanted.
pub(crate) async fn until(
    shop: &Shop,
    path: &str,
    wanted: impl Fn(&Value) -> bool,
) -> (Value, Duration) {
    let asked = Instant::now();
    loop {
        let answer = shop.get(path).await.json();
        if wanted(&answer) {
            return (answer, asked.elapsed());
        }
        assert!(asked.elapsed() < Duration::from_secs(20), "{path}: {answer}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

pub(crate) async fn tell(shop: &Shop, body: &Value) -> Answer {
    let request = Request::post("/v1/events").header("content-type", "application/json");
    shop.send(request.body(Body::from(body.to_string())).unwrap()).await
}

/// The shop, kept up as a serving process does; until the guard is dropped.
pub(crate) fn kept(shop: &Shop) -> impl Drop + use<> {
    let stop = CancellationToken::new();
    tokio::spawn(souk_api::background(shop.app.clone(), stop.clone()));
    stop.drop_guard()
}

#[tokio::test]
async fn a_list_has_all_that_can_be_had_and_nothing_else() {
    let shop = Shop::open().await;

    for placement in ["home", "buy-again", "trending", "occasion"] {
        let answer = shop.get(&format!("/v1/KW/recommendations/{placement}")).await.json();
        let mut products: Vec<_> = items(&answer).into_iter().map(|it| it.0).collect();
        products.sort();
        assert_eq!(products, ["1", "3"], "{placement}: the white rose is sold out");
        assert_eq!(answer["model"], "live");
    }
    let in_salmiya = shop.get(&format!("{HOME}?city=285704")).await.json();
    assert_eq!(items(&in_salmiya).len(), 1, "the lamp stands in Kuwait City");
    let similar = shop.get("/v1/KW/recommendations/similar?product=1").await.json();
    assert_eq!(items(&similar).into_iter().map(|it| it.0).collect::<Vec<_>>(), ["3"]);
    let roses = shop.get("/v1/KW/recommendations/category?category=roses").await.json();
    assert_eq!(items(&roses).into_iter().map(|it| it.0).collect::<Vec<_>>(), ["1"]);
    let explained = shop.get(&format!("{HOME}?explain=true&city={KUWAIT_CITY}")).await.json();
    assert!(explained["items"][0]["scores"].is_object(), "{explained}");
    assert_eq!(shop.get("/v1/KW/recommendations/sofa").await.status.as_u16(), 404);
    assert_eq!(shop.get("/v1/XX/recommendations/home").await.status.as_u16(), 404);
    assert_eq!(shop.get("/v1/KW/recommendations/similar?product=99").await.status.as_u16(), 404);
    assert_eq!(shop.get("/v1/KW/recommendations/similar").await.status.as_u16(), 400);
    assert_eq!(shop.get("/v1/KW/recommendations/cart?cart=x").await.status.as_u16(), 404);
    shop.app.flush().await.unwrap();
    let lists = shop.db.count("select count(*) from recommendation_lists").await;
    assert_eq!(lists, 8, "each served list is a row");
}

#[tokio::test]
async fn a_new_product_is_recommended_by_what_it_says_of_itself() {
    let shop = Shop::open().await;
    let _kept = kept(&shop);
    shop.db.run(PINK_ROSE).await;
    shop.publish().await;

    let path = "/v1/KW/recommendations/similar?product=1&lang=ru";
    let (answer, took) = until(&shop, path, |answer| {
        items(answer).contains(&("5".to_owned(), "similar_to".to_owned()))
    })
    .await;

    assert!(took < Duration::from_secs(5), "{took:?}");
    let reason = &answer["items"][0]["reason"];
    assert_eq!(reason["because"], "1");
    assert_eq!(reason["text"], "Похоже на «وردة حمراء»");
}

#[tokio::test]
async fn what_somebody_did_is_in_the_very_next_answer() {
    let shop = Shop::open().await;
    let _kept = kept(&shop);
    shop.db.run(PINK_ROSE).await;
    shop.publish().await;
    let path = format!("{HOME}?visitor=v");
    let (before, _) = until(&shop, &path, |answer| items(answer).len() == 3).await;
    until(&shop, "/v1/KW/recommendations/similar?product=5", |answer| {
        items(answer).contains(&("1".to_owned(), "similar_to".to_owned()))
    })
    .await;
    assert!(items(&before).iter().all(|it| it.1 != "similar_to"), "{before}");

    let event = json!({ "events": [{
        "id": "e", "type": "detail-page-view", "visitor_id": "v", "market": "KW",
        "time": Timestamp::now().to_string(), "product_id": "5",
    }] });
    assert_eq!(tell(&shop, &event).await.status.as_u16(), 202);
    let after = shop.get(&path).await.json();

    assert_eq!(items(&after)[0], ("1".to_owned(), "similar_to".to_owned()), "{after}");
    let other = shop.get(&format!("{HOME}?visitor=w")).await.json();
    assert!(items(&other).iter().all(|it| it.1 != "similar_to"));
}

#[tokio::test]
async fn what_a_customer_did_is_known_on_another_device_after_they_log_in() {
    let shop = Shop::open().await;
    let _kept = kept(&shop);
    shop.db.run(PINK_ROSE).await;
    shop.publish().await;
    until(&shop, "/v1/KW/recommendations/similar?product=5", |answer| {
        items(answer).contains(&("1".to_owned(), "similar_to".to_owned()))
    })
    .await;
    let entered = enter(&shop, &json!({ "email": EMAIL }), &json!({})).await;
    let token = entered["token"].as_str();
    let event = json!({ "events": [{
        "id": "e", "type": "detail-page-view", "visitor_id": "phone", "market": "KW",
        "time": Timestamp::now().to_string(), "product_id": "5",
    }] });
    let told = ask(&shop, token, Method::POST, "/v1/events", &event).await;
    assert_eq!(told.status.as_u16(), 202);

    let path = format!("{HOME}?visitor=laptop");
    let known = ask(&shop, token, Method::GET, &path, &json!({})).await.json();
    assert_eq!(items(&known)[0], ("1".to_owned(), "similar_to".to_owned()), "{known}");
    let stranger = shop.get(&path).await.json();
    assert!(items(&stranger).iter().all(|it| it.1 != "similar_to"), "{stranger}");
    let search = ask(&shop, token, Method::GET, "/v1/KW/search", &json!({})).await.json();
    assert_eq!(search["hits"][0]["product_id"], "5", "searches, too");
}

#[tokio::test]
async fn an_event_counts_for_a_list_only_with_its_genuine_token() {
    let shop = Shop::open().await;
    let answer = shop.get(HOME).await.json();
    let event = |id: &str, market: &str, token: &Value| {
        json!({
            "id": id, "type": "recommendation-click", "visitor_id": "v", "market": market,
            "time": Timestamp::now().to_string(), "product_id": "1", "token": token,
        })
    };
    let token = &answer["token"];
    let told = [event("a", "KW", token), event("b", "KW", &json!("t")), event("c", "GB", token)];
    assert_eq!(tell(&shop, &json!({ "events": told })).await.status.as_u16(), 202);
    shop.app.flush().await.unwrap();

    let of_list =
        "select count(*) from events join recommendation_lists on list_id = recommendation_lists.id
        where events.placement = 'home' and events.id = 'a'";
    assert_eq!(shop.db.count(of_list).await, 1);
    assert_eq!(shop.db.count("select count(*) from events where list_id is null").await, 2);
}

/// When models are trained.
const NOW_MS: i64 = 1_795_000_000_000;

/// A rose was bought two months ago, and of late so many customers bought the lamp.
pub(crate) fn lamps(customers: i64) -> Data {
    let mut gathering = Gathering::default();
    gathering.bought(Some("first"), "first", "1", NOW_MS - 60 * 86_400_000);
    for customer in 0..customers {
        let (who, time_ms) = (customer.to_string(), NOW_MS - 1 - customer * 1_000);
        gathering.bought(Some(&who), &who, "3", time_ms);
    }
    gathering.data()
}

/// A version that is trained on this, kept and promoted.
pub(crate) async fn promote(shop: &Shop, kind: Kind, data: &Data, damaged: bool) -> String {
    let version = keep(shop, kind, data, damaged).await;
    let market = "KW".parse().unwrap();
    models::promote(shop.db.pool(), kind.name(), market, &version).await.unwrap();
    format!("{} {version}", kind.name())
}

/// A trained trend that is kept: so many customers bought the lamp.
pub(crate) async fn trained(shop: &Shop, customers: i64, damaged: bool) -> String {
    keep(shop, Kind::Trending, &lamps(customers), damaged).await
}

/// A version that is trained on this and kept.
async fn keep(shop: &Shop, kind: Kind, data: &Data, damaged: bool) -> String {
    let (kept, parameters) =
        fit(kind, &data.purchases, NOW_MS, Size::default(), &Settings::default()).unwrap();
    let weights = kept.to_weights(&data.items);
    let folder = tempfile::tempdir().unwrap();
    let manifest = Shelf::at(folder.path()).save(
        Manifest {
            model: kind.name().to_owned(),
            market: "KW".to_owned(),
            version: String::new(),
            window: Window {
                from: "2026-11-01T00:00:00Z".to_owned(),
                to: "2026-11-22T00:00:00Z".to_owned(),
            },
            items: Default::default(),
            rows: 1,
            parameters,
            tuned: Default::default(),
            metrics: Value::Null,
            code_version: "0".to_owned(),
            weights_bytes: 0,
            weights_sha256: String::new(),
        },
        &weights,
    );
    let manifest = manifest.unwrap();
    let mut file = weights.to_bytes();
    if damaged {
        *file.last_mut().unwrap() ^= 1;
    }
    let (model, market) = (kind.name(), "KW".parse().unwrap());
    let (version, manifest) = (&manifest.version, &serde_json::to_value(&manifest).unwrap());
    let new = NewVersion { model, market, version, manifest, verdict: Some("first"), file: &file };
    models::save(shop.db.pool(), new).await.unwrap();
    version.clone()
}

#[tokio::test]
async fn a_promoted_model_serves_within_a_second_and_a_damaged_one_never() {
    let shop = Shop::open().await;
    let _kept = kept(&shop);
    let path = "/v1/KW/recommendations/trending";
    until(&shop, path, |answer| !items(answer).is_empty()).await;

    let first = promote(&shop, Kind::Trending, &lamps(1), false).await;
    let (answer, took) = until(&shop, path, |answer| answer["model"] == first.as_str()).await;
    assert!(took < Duration::from_secs(1), "{took:?}");
    assert_eq!(items(&answer)[0], ("3".to_owned(), "trending".to_owned()));

    promote(&shop, Kind::Trending, &lamps(2), true).await;
    let third = promote(&shop, Kind::Trending, &lamps(3), false).await;
    let good =
        |answer: &Value| [first.as_str(), third.as_str()].iter().any(|it| answer["model"] == *it);
    let (_, took) = until(&shop, path, |answer| {
        assert!(good(answer), "{answer}");
        answer["model"] == third.as_str()
    })
    .await;
    assert!(took < Duration::from_secs(1), "{took:?}");
    models::roll_back(shop.db.pool(), "trending", "KW".parse().unwrap()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    let after = shop.get(path).await.json();
    assert_eq!(
        after["model"],
        third.as_str(),
        "the damaged one before is refused, the last good one serves"
    );
}

#[tokio::test]
async fn an_explained_list_says_which_kind_of_customer_asks() {
    let shop = Shop::open().await;
    let _kept = kept(&shop);
    promote(&shop, Kind::Segments, &lamps(60), false).await;
    let event = json!({ "events": [{
        "id": "e", "type": "purchase-complete", "visitor_id": "v", "market": "KW",
        "time": Timestamp::now().to_string(), "product_id": "3",
    }] });
    assert_eq!(tell(&shop, &event).await.status.as_u16(), 202);

    let deadline = Instant::now() + Duration::from_secs(10);
    let explained = format!("{HOME}?explain=true");
    loop {
        let answer = shop.get_as("v", &explained).await.json();
        if answer["segment"] == 1 {
            break;
        }
        assert!(Instant::now() < deadline, "{answer}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(shop.get_as("v", HOME).await.json()["segment"], Value::Null);
    assert_eq!(shop.get_as("w", &explained).await.json()["segment"], Value::Null, "bought nothing");
}

/// Products of a search in their order, and where the next page begins.
async fn found(shop: &Shop, visitor: &str, path: &str) -> (Vec<String>, Option<String>) {
    let answer = shop.get_as(visitor, path).await.json();
    let hits = answer["hits"].as_array().unwrap().iter();
    let products = hits.map(|hit| hit["product_id"].as_str().unwrap().to_owned()).collect();
    (products, answer["next"].as_str().map(str::to_owned))
}

#[tokio::test]
async fn a_search_comes_in_the_order_of_who_asks_and_its_pages_neither_repeat_nor_skip() {
    let shop = Shop::open().await;
    let all = "/v1/KW/search?limit=3";
    let (plain, _) = found(&shop, "w", all).await;
    let last = plain.last().unwrap().clone();
    let event = json!({ "events": [{
        "id": "e", "type": "detail-page-view", "visitor_id": "v", "market": "KW",
        "time": Timestamp::now().to_string(), "product_id": last,
    }] });
    assert_eq!(tell(&shop, &event).await.status.as_u16(), 202);

    let (own, _) = found(&shop, "v", all).await;
    assert_eq!(own[0], last, "what was looked at comes first");
    assert_eq!(found(&shop, "w", all).await.0, plain, "nobody else is told");
    assert_eq!(found(&shop, "v", &format!("{all}&personalise=false")).await.0, plain);
    assert_eq!(
        found(&shop, "v", &format!("{all}&sort=price")).await.0,
        found(&shop, "w", &format!("{all}&sort=price")).await.0
    );

    let (mut pages, mut next) = found(&shop, "v", "/v1/KW/search?limit=1").await;
    while let Some(cursor) = next {
        let page;
        (page, next) = found(&shop, "v", &format!("/v1/KW/search?limit=1&cursor={cursor}")).await;
        pages.extend(page);
    }
    assert_eq!(pages, own);
}
