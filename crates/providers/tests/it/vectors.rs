//! Every connector against the files in `tests/vectors`.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;
use souk_base::{Currency, Lang, Money};
use souk_providers::http::Answer;
use souk_providers::payments::{
    Action, Ask, CONNECTORS, Callback, Customer, Error, Gateway, Payment, Purchase, Report, Result,
    Settings, Step, Verdict, connect,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vectors {
    settings: BTreeMap<String, String>,
    requests: Vec<RequestVector>,
    answers: Vec<AnswerVector>,
    callbacks: Vec<CallbackVector>,
}

#[derive(Deserialize)]
struct AskVector {
    op: String,
    minor: i64,
    currency: Currency,
    #[serde(default)]
    brand: String,
    lang: Option<String>,
    #[serde(default)]
    hold_only: bool,
    provider_ref: Option<String>,
    action_minor: Option<i64>,
}

#[derive(Deserialize)]
struct RequestVector {
    ask: AskVector,
    method: String,
    url: String,
    headers: BTreeMap<String, String>,
    body: String,
}

#[derive(Deserialize)]
struct AnswerVector {
    ask: AskVector,
    /// None for what needs no call.
    body: Option<String>,
    report: Option<BTreeMap<String, Value>>,
    error: Option<String>,
}

#[derive(Deserialize)]
struct CallbackVector {
    name: String,
    headers: BTreeMap<String, String>,
    query: String,
    body: String,
    at: i64,
    verified: Option<BTreeMap<String, Value>>,
    unverified: Option<BTreeMap<String, Value>>,
}

fn read(connector: &str) -> (Arc<dyn Gateway>, Vectors) {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/vectors/{connector}.json"));
    let vectors: Vectors = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let settings = Settings::new(vectors.settings.clone());
    (connect(connector, &settings).unwrap(), vectors)
}

pub(crate) fn purchase(connector: &str, amount: Money, brand: &str) -> Purchase {
    Purchase {
        reference: "pa42x9k3m7q2".to_owned(),
        amount,
        brand: brand.to_owned(),
        lang: Lang::Ar,
        customer: Customer {
            name: "Noura".to_owned(),
            email: Some("noura@example.com".to_owned()),
            phone: Some("+96551234567".to_owned()),
        },
        description: "Souk 1001".to_owned(),
        return_url: format!(
            "https://souk.example/v1/payments/return/{connector}?attempt=pa42x9k3m7q2"
        ),
        webhook_url: format!("https://souk.example/v1/payments/webhooks/{connector}"),
        hold_only: false,
    }
}

/// Calls `with` with the operation that a vector describes.
fn ask<T>(connector: &str, vector: &AskVector, with: impl FnOnce(&Ask<'_>) -> T) -> T {
    let amount = Money::new(vector.minor, vector.currency);
    let payment = Payment {
        reference: "pa42x9k3m7q2".to_owned(),
        provider_ref: vector.provider_ref.clone(),
        amount,
        hold_only: vector.hold_only,
        captured: false,
    };
    let action = Action {
        key: "pr7hh2m4c9d1".to_owned(),
        amount: Money::new(vector.action_minor.unwrap_or(vector.minor), vector.currency),
        provider_ref: None,
    };
    let lang = vector.lang.as_deref().unwrap_or("ar").parse().unwrap();
    let begun = purchase(connector, amount, &vector.brand);
    let begun = Purchase { lang, hold_only: vector.hold_only, ..begun };
    with(&match vector.op.as_str() {
        "authorise" => Ask::Authorise(&begun),
        "capture" => Ask::Capture(&payment, &action),
        "void" => Ask::Void(&payment, &action),
        "refund" => Ask::Refund(&payment, &action),
        "find_refund" => Ask::FindRefund(&payment, &action),
        "sync" => Ask::Sync(&payment),
        other => panic!("{other}"),
    })
}

pub(crate) fn step(gateway: &dyn Gateway, ask: &Ask<'_>) -> Result<Step> {
    match ask {
        Ask::Authorise(purchase) => gateway.authorise(purchase),
        Ask::Capture(payment, action) => gateway.capture(payment, action),
        Ask::Void(payment, action) => gateway.void(payment, action),
        Ask::Refund(payment, action) => gateway.refund(payment, action),
        Ask::FindRefund(payment, action) => gateway.find_refund(payment, action),
        Ask::Sync(payment) => gateway.sync(payment),
    }
}

/// Only what the vector names is compared; a key with null must be none.
fn assert_fits(place: &str, told: &Report, expected: &BTreeMap<String, Value>) {
    let told = serde_json::to_value(told).unwrap();
    for (name, value) in expected {
        assert_eq!(told[name], *value, "{place}: {name}");
    }
}

#[test]
fn requests_are_byte_for_byte_what_the_providers_take() {
    for connector in CONNECTORS {
        let (gateway, vectors) = read(connector);
        assert!(!vectors.requests.is_empty(), "{connector}");
        for vector in vectors.requests {
            let place = format!("{connector} {} {}", vector.ask.op, vector.url);
            let made = ask(connector, &vector.ask, |ask| step(&*gateway, ask)).unwrap();
            let Step::Call(request) = made else { panic!("{place} makes no call") };
            assert_eq!(request.method.name(), vector.method, "{place}");
            assert_eq!(request.url, vector.url, "{place}");
            assert_eq!(request.body, vector.body, "{place}");
            let headers: BTreeMap<String, String> =
                request.headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
            assert_eq!(headers, vector.headers, "{place}");
        }
    }
}

#[test]
fn answers_are_read_as_what_they_say() {
    for connector in CONNECTORS {
        let (gateway, vectors) = read(connector);
        for (place, vector) in vectors.answers.into_iter().enumerate() {
            let place = format!("{connector}, answer {place}");
            let told = ask(connector, &vector.ask, |ask| match &vector.body {
                Some(body) => {
                    let body = body.clone().into_bytes();
                    gateway.read(ask, &Answer { status: 200, body })
                }
                None => step(&*gateway, ask).map(|step| match step {
                    Step::Done(report) => *report,
                    Step::Call(request) => panic!("{place}: {request:?}"),
                }),
            });
            let kind = |error: &Error| match error {
                Error::Unsupported(_) => "unsupported",
                Error::Declined(_) => "declined",
                Error::Unreadable(_) => "unreadable",
                Error::Settings(_) => "settings",
            };
            match told {
                Ok(told) => assert_fits(&place, &told, &vector.report.expect(&place)),
                Err(error) => assert_eq!(Some(kind(&error)), vector.error.as_deref(), "{place}"),
            }
        }
    }
}

#[test]
fn callbacks_are_believed_only_with_the_providers_proof() {
    for connector in CONNECTORS {
        let (gateway, vectors) = read(connector);
        for vector in vectors.callbacks {
            let place = format!("{connector}, {}", vector.name);
            let callback = Callback {
                headers: vector.headers.into_iter().collect(),
                query: vector.query,
                body: vector.body.into_bytes(),
                received_at_s: vector.at,
            };
            match gateway.verify(&callback) {
                Verdict::Verified(told) => {
                    assert_fits(&place, &told, &vector.verified.expect(&place));
                }
                Verdict::Unverified { reference, provider_ref } => {
                    let expected = vector.unverified.expect(&place);
                    assert_eq!(Value::from(reference), expected["reference"], "{place}");
                    assert_eq!(Value::from(provider_ref), expected["provider_ref"], "{place}");
                }
            }
        }
    }
}

#[test]
fn secrets_are_not_printed() {
    for connector in CONNECTORS {
        let (gateway, vectors) = read(connector);
        let mut printed = format!("{gateway:?}");
        for vector in &vectors.requests {
            let made = ask(connector, &vector.ask, |ask| step(&*gateway, ask)).unwrap();
            printed.push_str(&format!("{made:?}"));
        }
        let open = ["merchant", "terminal", "merchant_code", "processing_channel"];
        for (name, value) in vectors.settings {
            let secret = !open.contains(&name.as_str());
            assert!(!secret || !printed.contains(&value), "{connector} prints {name}: {printed}");
        }
    }
}

#[test]
fn unknown_and_missing_settings_are_named() {
    let settings = Settings::new([("merchnat", "1".to_owned())]);

    let unknown = connect("tap", &settings).unwrap_err().to_string();
    let missing = connect("stripe", &Settings::default()).unwrap_err().to_string();
    let nobody = connect("paypal", &Settings::default()).unwrap_err().to_string();

    assert!(unknown.contains("merchnat"), "{unknown}");
    assert!(missing.contains("secret_key"), "{missing}");
    assert!(nobody.contains("paypal"), "{nobody}");
}
