//! Kaspi QR, from its side.

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use souk_base::{Currency, Money};
use souk_providers::payments::Phase;
use souk_providers::wire;

use super::{Call, Desk, at};
use crate::bank::Payment;
use crate::json::{object, text};

/// The codes that the real service answers with (u).
const NOT_FOUND: i64 = -1501;
const NOT_POSSIBLE: i64 = -14_000_002;

#[derive(Deserialize)]
struct Priced {
    #[serde(rename = "Amount")]
    amount: Box<RawValue>,
}

fn priced(call: &Call) -> Option<Money> {
    let priced: Priced = serde_json::from_str(&call.body).ok()?;
    wire::amount(&priced.amount, Currency::Kzt).ok()
}

pub(super) fn answer(desk: &mut Desk<'_>, call: &Call, path: &[&str]) -> (u16, String) {
    if call.header("api-key").is_empty() {
        return (401, String::new());
    }
    match path {
        [_, "v01", "qr", "create"] => begin(desk, call, false),
        [_, "v01", "qr", "create-link"] => begin(desk, call, true),
        [_, "v01", "payment", "status", id] => match desk.bank.payments.get(*id) {
            Some(payment) => told(&status(payment)),
            None => refused(NOT_FOUND),
        },
        [_, "v01", "payment", "details"] => {
            let query = wire::fields(&call.query);
            let id = wire::field(&query, "QrPaymentId").unwrap_or_default();
            match desk.bank.payments.get(id).filter(|payment| payment.phase == Phase::Captured) {
                Some(payment) => told(&details(payment)),
                None => refused(NOT_FOUND),
            }
        }
        [_, "v01", "payment", "return"] => give_back(desk, call),
        _ => (404, String::new()),
    }
}

/// Each call makes a code of its own: there is no key.
fn begin(desk: &mut Desk<'_>, call: &Call, link: bool) -> (u16, String) {
    let Some(amount) = priced(call) else { return refused(NOT_POSSIBLE) };
    let id = desk.number().to_string();
    let page = desk.page(&id);
    let reference = at(&call.json(), "/ExternalId").to_owned();
    desk.bank.open(Payment {
        id: id.clone(),
        connector: "kaspi",
        reference,
        amount,
        brand: String::new(),
        phase: Phase::Pending,
        hold_only: false,
        return_url: String::new(),
        webhook_url: String::new(),
        captures: Vec::new(),
        backs: Vec::new(),
    });
    let (code, number, options, wait) = if link {
        ("PaymentLink", "PaymentId", "PaymentBehaviorOptions", "LinkActivationWaitTimeout")
    } else {
        ("QrToken", "QrPaymentId", "QrPaymentBehaviorOptions", "QrCodeScanWaitTimeout")
    };
    let seconds = |seconds: i64| seconds.to_string();
    told(&object(&[
        // The real token is a number that the app reads; here it is a page that any phone opens.
        (code, text(&page)),
        (number, id),
        ("ExpireDate", text("2030-01-01T00:00:00+05:00")),
        ("PaymentMethods", "[\"Gold\",\"Red\",\"Loan\"]".to_owned()),
        (
            options,
            object(&[
                ("StatusPollingInterval", seconds(5)),
                (wait, seconds(180)),
                ("PaymentConfirmationTimeout", seconds(65)),
            ]),
        ),
    ]))
}

fn give_back(desk: &mut Desk<'_>, call: &Call) -> (u16, String) {
    let id = call.json().get("QrPaymentId").and_then(Value::as_i64).unwrap_or_default().to_string();
    let number = desk.number().to_string();
    let done = priced(call).and_then(|amount| desk.bank.give_back(&id, "", amount, number));
    match done {
        Some(number) => told(&object(&[("ReturnOperationId", number)])),
        None => refused(NOT_POSSIBLE),
    }
}

fn status(payment: &Payment) -> String {
    let status = match payment.phase {
        Phase::Pending => "QrTokenCreated",
        Phase::Captured => "Processed",
        Phase::Failed | Phase::Authorised | Phase::Voided => "Error",
    };
    object(&[
        ("Status", text(status)),
        ("Amount", payment.amount.to_decimal()),
        ("ExternalId", text(&payment.reference)),
    ])
}

fn details(payment: &Payment) -> String {
    let left = Money::new(payment.amount.minor - payment.back_minor(), Currency::Kzt);
    object(&[
        ("QrPaymentId", payment.id.clone()),
        ("TotalAmount", payment.amount.to_decimal()),
        ("AvailableReturnAmount", left.to_decimal()),
    ])
}

fn told(data: &str) -> (u16, String) {
    (200, format!("{{\"StatusCode\":0,\"Message\":\"OK\",\"Data\":{data}}}"))
}

fn refused(code: i64) -> (u16, String) {
    (200, format!("{{\"StatusCode\":{code},\"Message\":\"error\",\"Data\":null}}"))
}
