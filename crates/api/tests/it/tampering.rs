//! Prices, totals and states are the shop's own: no body can say them.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use souk_api::openapi;

use crate::operations::{Floor, Operation, operations};
use crate::requests::Sent;

/// What somebody who means harm would like to say.
const WISHES: [&str; 14] = [
    "currency",
    "customer_id",
    "discount",
    "id",
    "minor",
    "on_hand",
    "paid",
    "price",
    "role",
    "seller_id",
    "state",
    "status",
    "tax",
    "total",
];

/// The fields that a body of this operation may have.
fn fields(document: &Value, operation: &Operation) -> BTreeSet<String> {
    let operation = &document["paths"][&operation.template][operation.method.to_lowercase()];
    let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
    let schema = match schema["$ref"].as_str() {
        Some(reference) => document.pointer(reference.trim_start_matches('#')).unwrap(),
        None => schema,
    };
    schema["properties"].as_object().unwrap().keys().cloned().collect()
}

fn taking_json() -> impl Iterator<Item = Operation> {
    operations().into_iter().filter(|it| it.writes() && it.takes_key && it.takes_json)
}

#[test]
fn shoppers_are_not_asked_for_a_price_a_total_or_a_state() {
    let document = serde_json::to_value(openapi()).unwrap();
    for operation in taking_json().filter(|it| !it.template.starts_with("/v1/admin/")) {
        let taken = fields(&document, &operation);
        let wished: Vec<_> = WISHES.into_iter().filter(|wish| taken.contains(*wish)).collect();
        assert_eq!(wished, [""; 0], "{operation}");
    }
}

#[tokio::test]
async fn what_a_body_says_beyond_its_fields_is_refused_by_name() {
    let floor = Floor::open().await;
    let document = serde_json::to_value(openapi()).unwrap();
    for operation in taking_json() {
        let valid = floor.valid(&operation).await;
        let Sent::Json(body) = &valid.body else { continue };
        let taken = fields(&document, &operation);
        for wish in WISHES.into_iter().filter(|wish| !taken.contains(*wish)) {
            let mut body = body.clone();
            body[wish] = json!(1);

            let answer =
                floor.send(&valid.method, &valid.path, &valid.headers, &Sent::Json(body)).await;

            let told = (answer.status.as_u16(), answer.code());
            assert_eq!(told, (400, "unknown_field".to_owned()), "{operation}: {wish}");
            let pointer = answer.json()["errors"][0]["pointer"].clone();
            assert_eq!(pointer, format!("/{wish}"), "{operation}");
        }
    }
}
