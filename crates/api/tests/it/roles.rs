//! Who may ask for what: every operation of the document, asked by everybody, and by those whose thing it is not.

use axum::http::Method;
use serde_json::{Value, json};
use souk_api::{Policy, policies};
use souk_commerce::staff::Role;

use crate::auth::enter;
use crate::fixture::Answer;
use crate::operations::{Floor, Operation, operations, session};
use crate::requests::Sent;

/// What ends the session it is asked with.
const ENDING: [&str; 3] =
    ["POST /v1/auth/logout", "DELETE /v1/me/sessions", "DELETE /v1/auth/staff/session"];

const EVERYBODY: [&str; 10] = [
    "nobody",
    "customer",
    "admin",
    "merchandiser",
    "order_manager",
    "buyer",
    "warehouse",
    "dispatcher",
    "support",
    "accountant",
];

async fn session_of(floor: &Floor, person: &str) -> Option<String> {
    match person {
        "nobody" => None,
        "customer" => {
            floor.shop.db.run("delete from customer_codes").await;
            let entered =
                enter(&floor.shop, &json!({"email": "noor@example.com"}), &json!({})).await;
            entered["token"].as_str().map(str::to_owned)
        }
        role => Some(session(&floor.shop, &format!("{role}@example.com")).await),
    }
}

/// Asks for nothing in particular.
async fn ask(floor: &Floor, operation: &Operation, token: Option<&str>) -> Answer {
    let mut path = operation.template.clone();
    for (name, value) in [
        ("{market}", "KW"),
        ("{placement}", "home"),
        ("{lang}", "en"),
        ("{connector}", "tap"),
        ("{field}", "colour"),
    ] {
        path = path.replace(name, value);
    }
    let named = path.split('/').map(|part| if part.starts_with('{') { "999999" } else { part });
    let path = named.collect::<Vec<_>>().join("/");
    let headers = token.map(|token| ("authorization", format!("Bearer {token}")));
    let headers: Vec<_> = headers.into_iter().collect();
    let method: Method = operation.method.parse().unwrap();
    let body = if method == Method::GET { Sent::Nothing } else { Sent::Json(json!({})) };
    floor.send(&method, &path, &headers, &body).await
}

/// Whether the policy lets somebody pass.
fn may(policy: Policy, person: &str) -> bool {
    let role = person.parse::<Role>().ok();
    match policy {
        Policy::Public => true,
        Policy::Customer => person == "customer",
        Policy::SignedIn => role.is_some(),
        Policy::Staff(permission) => role.is_some_and(|role| permission.is_granted(&[role])),
    }
}

#[tokio::test]
async fn every_operation_is_open_to_exactly_those_whom_its_policy_names() {
    let floor = Floor::open().await;
    let mut sessions = Vec::new();
    for person in EVERYBODY {
        if let Some(role) = person.parse::<Role>().ok().filter(|role| *role != Role::Admin) {
            floor.shop.hire(&format!("{person}@example.com"), role).await;
        }
        sessions.push((person, session_of(&floor, person).await));
    }
    let policies = policies();
    let mut table = Vec::new();
    for operation in operations() {
        let is_its = |row: &&(String, String, Policy)| {
            (&row.0, &row.1) == (&operation.method, &operation.template)
        };
        let policy = policies.iter().find(is_its).expect("every operation has a policy").2;
        let name = operation.to_string();
        let mut let_in = Vec::new();
        for (person, token) in &sessions {
            let own = if ENDING.contains(&name.as_str()) {
                session_of(&floor, person).await
            } else {
                token.clone()
            };
            let answer = ask(&floor, &operation, own.as_deref()).await;
            let is_let_in = match answer.status.as_u16() {
                401 => answer.code() != "unauthenticated",
                403 => false,
                status => {
                    assert!(status < 500, "{name} by {person}: {}", answer.text);
                    true
                }
            };
            assert_eq!(is_let_in, may(policy, person), "{name} by {person}");
            let_in.extend(is_let_in.then_some(*person));
        }
        let who = match let_in.as_slice() {
            all if all.len() == EVERYBODY.len() => "everybody".to_owned(),
            staff if staff == &EVERYBODY[2..] => "all staff".to_owned(),
            some => some.join(", "),
        };
        table.push(format!("{name}: {who}"));
    }

    insta::assert_json_snapshot!(table);
}

/// What belongs to somebody.
fn is_owned(operation: &Operation) -> bool {
    ["/v1/carts/{id}", "/v1/orders/{number}", "/v1/gifts/{token}", "/v1/me/"].iter().any(|root| {
        let below = operation.template.strip_prefix(root);
        // Products are everybody's.
        below.is_some_and(|rest| !root.ends_with('/') || rest.contains("{id}"))
    })
}

/// The path with an id that nothing has.
fn unknown(path: &str) -> String {
    let place = if path.starts_with("/v1/me/") { 4 } else { 3 };
    let mut parts: Vec<&str> = path.split('/').collect();
    parts[place] = match parts[2] {
        "me" => "999999",
        "orders" => "KW-22222222",
        _ => "0190c0de-0000-7000-8000-000000000000",
    };
    parts.join("/")
}

#[tokio::test]
async fn what_is_anothers_answers_as_if_it_were_not_there() {
    let floor = Floor::open().await;
    let thief = enter(&floor.shop, &json!({"email": "thief@example.com"}), &json!({})).await;
    let thief = format!("Bearer {}", thief["token"].as_str().unwrap());
    let mut asked = 0;
    for operation in operations().into_iter().filter(is_owned) {
        let own = floor.thing(&operation.template).await;
        let (method, mut path, body) = if operation.writes() {
            let valid = floor.valid(&operation).await;
            (valid.method, valid.path, valid.body)
        } else {
            let method = operation.method.parse().unwrap();
            (method, floor.thing(&operation.template).await.path, Sent::Nothing)
        };
        // The thief shows what opens something of the same kind, and who they are.
        let mut headers = vec![("authorization", thief.clone())];
        headers.extend(own.headers.into_iter().filter(|(name, _)| *name != "authorization"));
        if operation.template.starts_with("/v1/gifts/") {
            let secret = own.path.split_once('.').unwrap().1;
            path = format!("{}.{secret}", path.split_once('.').unwrap().0);
        }

        let foreign = floor.send(&method, &path, &headers, &body).await;
        let nothing = floor.send(&method, &unknown(&path), &headers, &body).await;

        for answer in [&foreign, &nothing] {
            let told = (answer.status.as_u16(), answer.code());
            assert_eq!(told, (404, "not_found".to_owned()), "{operation}");
        }
        assert_eq!(without_trace(&foreign), without_trace(&nothing), "{operation}");
        asked += 1;
    }
    assert!(asked >= 21, "only {asked} operations are about somebody's own");
}

#[tokio::test]
async fn a_line_of_another_cart_is_none_of_this_one() {
    let floor = Floor::open().await;
    let template = "/v1/carts/{id}/lines/{line}";
    let (own, other) = (floor.thing(template).await, floor.thing(template).await);
    let cart = own.path.split("/lines/").next().unwrap();
    let path = format!("{cart}/lines/{}", other.path.split("/lines/").nth(1).unwrap());

    let change = Sent::Json(json!({"quantity": 9}));
    let changed = floor.send(&Method::PATCH, &path, &own.headers, &change).await;
    let removed = floor.send(&Method::DELETE, &path, &own.headers, &Sent::Nothing).await;

    assert_eq!((changed.code(), removed.code()), ("not_found".to_owned(), "not_found".to_owned()));
}

#[tokio::test]
async fn what_staff_ask_for_that_is_nowhere_is_not_found() {
    let floor = Floor::open().await;
    let is_of_staff =
        |it: &Operation| it.template.starts_with("/v1/admin/") && it.template.contains("id}");
    for operation in operations().into_iter().filter(is_of_staff) {
        let valid = if operation.writes() { Some(floor.valid(&operation).await) } else { None };
        let path = operation.template.split('/').map(|part| match part {
            "{lang}" => "en",
            part if part.starts_with('{') => "999999",
            part => part,
        });
        let path = path.collect::<Vec<_>>().join("/");
        let headers =
            [("authorization", format!("Bearer {}", floor.staff)), ("if-match", "*".to_owned())];
        let body = valid.map_or(Sent::Nothing, |valid| valid.body);

        let answer = floor.send(&operation.method.parse().unwrap(), &path, &headers, &body).await;

        assert_eq!(answer.status, 404, "{operation}: {}", answer.text);
    }
}

fn without_trace(answer: &Answer) -> Value {
    let mut body = answer.json();
    body["trace_id"] = Value::Null;
    body
}
