//! Rules as files, the API and the database have them.

use serde_json::{from_value, json, to_value};
use souk_base::{Action, Condition, Weights};

#[test]
fn conditions_and_actions_are_written_in_words_and_read_back() {
    let conditions = json!([
        {"query_is": "red roses"}, {"query_begins": "ورد"}, {"query_contains": "роз"}, "query_empty",
        {"category": "2"}, {"city": "285787"}
    ]);
    let actions = json!([
        {"pin": {"product": "7", "position": 1}}, {"hide": "8"},
        {"boost": {"what": {"brand": "3"}, "percent": 50}},
        {"bury": {"what": {"value": "4"}, "percent": 20}}, {"filter": "colour:red"}, {"redirect": "/KW/c/roses"},
        {"banner": {"text": {"ar": "ورد", "en": "Roses"}, "link": null}}, {"replace": "roses"},
        {"synonym": ["bunch", "bouquet"]}
    ]);

    let read: Vec<Condition> = from_value(conditions.clone()).unwrap();
    assert_eq!(to_value(read).unwrap(), conditions);
    let read: Vec<Action> = from_value(actions.clone()).unwrap();
    assert_eq!(to_value(read).unwrap(), actions);
}

#[test]
fn what_is_not_known_is_refused() {
    for unknown in [json!({"query_like": "x"}), json!({"city": 285787}), json!("query_is")] {
        assert!(from_value::<Condition>(unknown.clone()).is_err(), "{unknown}");
    }
    for unknown in [
        json!({"pin": {"product": "7"}}),
        json!({"pin": {"product": "7", "position": -1}}),
        json!({"pin": {"product": "7", "position": 1, "for": "ever"}}),
        json!({"boost": {"what": {"seller": "1"}, "percent": 5}}),
        json!({"banner": {"text": {"fr": "Roses"}, "link": null}}),
    ] {
        assert!(from_value::<Action>(unknown.clone()).is_err(), "{unknown}");
    }
    assert!(from_value::<Weights>(json!({"txet": 1.0})).is_err());
}

#[test]
fn a_weight_that_is_not_said_has_its_default() {
    let weights: Weights = from_value(json!({"newness": 3.0})).unwrap();

    assert_eq!(weights, Weights { newness: 3.0, ..Weights::default() });
}
