//! Synonyms over HTTP.

use axum::http::Method;
use serde_json::{Value, json};

use crate::desk::Desk;

#[tokio::test]
async fn a_synonym_is_added_changed_and_removed() {
    let desk = Desk::open().await;
    let body = json!({"kind": "two_way", "words": ["bunch", "bouquet of flowers"]});

    let added = desk.ask(Method::POST, "synonyms").key("one").json(&body).send().await;
    let again = desk.ask(Method::POST, "synonyms").key("one").json(&body).send().await;
    let path = added.header("location").trim_start_matches("/v1/admin/").to_owned();
    let change =
        json!({"market": "KW", "lang": "ar", "kind": "one_way", "words": ["باقة", "بوكيه"]});
    let changed = desk.change(Method::PATCH, &path, &change).await;
    let removed = desk.ask(Method::DELETE, &path).tag(changed.header("etag")).send().await;

    assert_eq!((added.status.as_u16(), &again.text), (201, &added.text));
    assert_eq!(changed.status, 200, "{}", changed.text);
    for (field, value) in change.as_object().unwrap() {
        assert_eq!(&changed.json()[field], value);
    }
    assert_eq!(removed.status, 204);
    assert_eq!(desk.get("synonyms").await.json()["items"], json!([]));
    let audit = desk.last_audit().await;
    assert_eq!((&*audit.0, &*audit.2), ("synonyms.remove", "Noor"));
}

#[tokio::test]
async fn synonyms_are_listed_from_the_newest_and_narrowed() {
    let desk = Desk::open().await;
    for (market, words) in [("KW", ["a", "b"]), ("GB", ["c", "d"]), ("KW", ["e", "bb"])] {
        let body = json!({"market": market, "kind": "two_way", "words": words});
        assert_eq!(desk.post("synonyms", &body).await.status, 201);
    }

    let firsts = |page: &Value| -> Vec<Value> {
        let items = page["items"].as_array().unwrap().iter();
        items.map(|synonym| synonym["words"][0].clone()).collect()
    };
    let first = desk.get("synonyms?limit=2").await.json();
    let next = first["next"].as_str().unwrap();
    let rest = desk.get(&format!("synonyms?limit=2&cursor={next}")).await.json();

    assert_eq!(firsts(&first), ["e", "c"]);
    assert_eq!(firsts(&rest), ["a"]);
    assert_eq!(firsts(&desk.get("synonyms?market=KW&q=b").await.json()), ["e", "a"]);
    let twice = json!({"market": "GB", "kind": "two_way", "words": ["c", "d"]});
    assert_eq!(desk.post("synonyms", &twice).await.code(), "conflict");
    let alone = json!({"kind": "two_way", "words": ["c"]});
    assert_eq!(desk.post("synonyms", &alone).await.json()["errors"][0]["pointer"], "/words");
}

#[tokio::test]
async fn a_synonym_that_is_not_saved_shows_what_it_would_find() {
    let desk = Desk::open().await;
    let synonym = json!({"kind": "one_way", "words": ["blossom", "rose"]});
    let search = json!({"market": "KW", "q": "blossom", "lang": "en"});

    let body = json!({"synonym": synonym, "search": search});
    let tried = desk.post("synonyms/preview", &body).await;
    let saved = desk.get("synonyms").await.json();
    let alone = json!({"synonym": {"kind": "one_way", "words": ["blossom"]}, "search": search});

    let (before, after) = (&tried.json()["before"], &tried.json()["after"]);
    assert_eq!((&before["total"], &after["total"]), (&json!(0), &json!(2)), "{}", tried.text);
    assert_eq!(after["hits"][0]["mark"], "new");
    assert_eq!(saved["items"], json!([]));
    assert_eq!(desk.post("synonyms/preview", &alone).await.code(), "invalid_value");
}
