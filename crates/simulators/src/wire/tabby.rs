//! Tabby, from its side.

use souk_base::Money;
use souk_providers::payments::Phase;
use souk_providers::wire;

use super::{Call, Desk, at};
use crate::bank::Payment;
use crate::json::{list, object, text};
use crate::simulator::Hook;

pub(super) fn answer(desk: &mut Desk<'_>, call: &Call, path: &[&str]) -> (u16, String) {
    let json = call.json();
    let key = at(&json, "/reference_id").to_owned();
    match path {
        ["api", "v2", "checkout"] => begin(desk, call),
        ["api", "v2", "payments", id] => show(desk, id, true),
        ["api", "v2", "payments", id, "captures"] => {
            let done = desk.bank.capture(id, &key);
            show(desk, id, done)
        }
        ["api", "v2", "payments", id, "close"] => {
            let done = desk.bank.void(id, false);
            show(desk, id, done)
        }
        ["api", "v2", "payments", id, "refunds"] => {
            let known = desk.bank.payments.get(*id);
            if known.is_some_and(|payment| payment.backs.iter().any(|back| back.key == key)) {
                return show(desk, id, true);
            }
            let currency = known.map(|payment| payment.amount.currency);
            let amount =
                currency.and_then(|currency| wire::decimal(at(&json, "/amount"), currency).ok());
            let name = format!("rf-{}", desk.number());
            let done = amount.and_then(|amount| desk.bank.give_back(id, &key, amount, name));
            show(desk, id, done.is_some())
        }
        _ => (404, String::new()),
    }
}

/// Each call makes a session of its own: there is no key.
fn begin(desk: &mut Desk<'_>, call: &Call) -> (u16, String) {
    let json = call.json();
    let currency = wire::currency(at(&json, "/payment/currency"));
    let amount =
        currency.and_then(|currency| wire::decimal(at(&json, "/payment/amount"), currency));
    let Ok(amount) = amount else { return (400, error("bad_request")) };
    let id = format!("tabby-{:020}", desk.number());
    let page = desk.page(&id);
    let back = at(&json, "/merchant_urls/success");
    let id = desk.bank.open(payment(id, at(&json, "/payment/order/reference_id"), amount, back));
    let product = object(&[("web_url", text(&page))]);
    let products = object(&[("installments", list(&[product]))]);
    let session = object(&[
        ("id", text(&format!("session-{id}"))),
        ("status", text("created")),
        ("payment", shown(&desk.bank.payments[&id])),
        ("configuration", object(&[("available_products", products)])),
    ]);
    (200, session)
}

fn payment(id: String, reference: &str, amount: Money, back: &str) -> Payment {
    Payment {
        id,
        connector: "tabby",
        reference: reference.to_owned(),
        amount,
        brand: "installments".to_owned(),
        phase: Phase::Pending,
        hold_only: true,
        return_url: back.to_owned(),
        // Registered once at the provider; here it follows from where the shopper returns to.
        webhook_url: back.split('?').next().unwrap_or_default().replace("/return/", "/webhooks/"),
        captures: Vec::new(),
        backs: Vec::new(),
    }
}

fn show(desk: &Desk<'_>, id: &str, done: bool) -> (u16, String) {
    match desk.bank.payments.get(id) {
        Some(payment) if done => (200, shown(payment)),
        Some(_) => (400, error("not_possible")),
        None => (404, error("not_found")),
    }
}

fn shown(payment: &Payment) -> String {
    let status = match payment.phase {
        Phase::Pending => "CREATED",
        Phase::Failed => "REJECTED",
        Phase::Authorised => "AUTHORIZED",
        Phase::Voided | Phase::Captured => "CLOSED",
    };
    let part = |id: &str, key: &str, amount: Money| {
        object(&[
            ("id", text(id)),
            ("amount", text(&amount.to_decimal())),
            ("reference_id", text(key)),
        ])
    };
    let captures: Vec<String> =
        payment.captures.iter().map(|key| part("capture-1", key, payment.amount)).collect();
    let refunds: Vec<String> =
        payment.backs.iter().map(|back| part(&back.id, &back.key, back.amount)).collect();
    object(&[
        ("id", text(&payment.id)),
        ("amount", text(&payment.amount.to_decimal())),
        ("currency", text(payment.amount.currency.code())),
        ("status", text(status)),
        ("order", object(&[("reference_id", text(&payment.reference))])),
        ("captures", list(&captures)),
        ("refunds", list(&refunds)),
    ])
}

pub(super) fn hook(payment: &Payment) -> Hook {
    Hook {
        connector: "tabby",
        url: payment.webhook_url.clone(),
        headers: vec![("content-type", "application/json".to_owned())],
        body: shown(payment),
    }
}

fn error(code: &str) -> String {
    object(&[("status", text("error")), ("errorType", text(code))])
}
